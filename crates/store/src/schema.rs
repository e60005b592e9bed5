//! Tables, by version. A migration is one text added at the end; those that stand here are never changed.

/// Says that an SQLite file is ours: "Bour".
pub const APPLICATION: i64 = 0x426f_7572;

/// One text per version, from version 0 to the latest.
pub const MIGRATIONS: &[&str] = &["
CREATE TABLE files (sha256 TEXT PRIMARY KEY, name TEXT NOT NULL, size INTEGER NOT NULL, frames INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE numbers (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE beliefs (key TEXT NOT NULL, source TEXT NOT NULL, seen TEXT NOT NULL, PRIMARY KEY (key, source)) WITHOUT ROWID;
CREATE TABLE maps (key TEXT PRIMARY KEY, row TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE alerts (id TEXT PRIMARY KEY, row TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE conversations (n INTEGER PRIMARY KEY, row TEXT NOT NULL);
CREATE TABLE unknown (n INTEGER PRIMARY KEY, row TEXT NOT NULL);
CREATE TABLE transfers (n INTEGER PRIMARY KEY, row TEXT NOT NULL);
CREATE TABLE counts (what TEXT NOT NULL, protocol TEXT NOT NULL, word TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (what, protocol, word)) WITHOUT ROWID;
"];

/// Tables written anew with each run.
pub const WRITTEN: &[&str] =
    &["files", "numbers", "beliefs", "maps", "alerts", "conversations", "unknown", "transfers", "counts"];
