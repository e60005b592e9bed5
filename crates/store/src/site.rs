//! The file: opened with a lock that lasts the run, read at its start, written at its end.

use crate::codec::{
    Read, at, host, host_out, list, maybe, number, stamp, stamp_out, statement, statement_out, strength, subject,
    subject_out, word,
};
use crate::kept::{Kept, KnownFile};
use crate::schema::{APPLICATION, MIGRATIONS, WRITTEN};
use crate::{Error, rows, words};
use analysis::inventory::{Belief, Inventory, MapKey, MapRow, Sighting, SourceId};
use rusqlite::{Connection, OpenFlags, params};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// How long another run may take to let go: it writes for a moment, or it runs for long and this one is told.
const PATIENCE: Duration = Duration::from_secs(2);

/// A site's state, locked for one run. Dropped without `save`, everything is as it was.
pub struct Site {
    connection: Connection,
}

impl Site {
    /// Opens (or begins) the state in this file, and keeps others out until the run ends.
    pub fn open(file: &Path) -> Result<Site, Error> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(file, flags)?;
        connection.busy_timeout(PATIENCE)?;
        connection.execute_batch("PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF; BEGIN IMMEDIATE;")?;
        let ask = |what: &str| connection.query_row(what, [], |row| row.get::<_, i64>(0));
        let version = ask("PRAGMA user_version")?;
        let tables = ask("SELECT count(*) FROM sqlite_master")?;
        if tables > 0 && ask("PRAGMA application_id")? != APPLICATION {
            return Err(Error::Corrupt("an SQLite file of another program".to_string()));
        }
        let known = MIGRATIONS.len() as i64;
        if version > known {
            return Err(Error::Newer { found: version, known });
        }
        for step in MIGRATIONS.iter().skip(usize::try_from(version).unwrap_or(0)) {
            connection.execute_batch(step)?;
        }
        connection.execute_batch(&format!("PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {known};"))?;
        Ok(Site { connection })
    }

    /// Rows of two text columns.
    fn pairs(&self, sql: &str) -> Result<Vec<(String, String)>, Error> {
        let mut statement = self.connection.prepare(sql)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn each<T>(&self, table: &str, read: impl Fn(&Value) -> Read<T>) -> Result<Vec<T>, Error> {
        let rows = self.pairs(&format!("SELECT '', row FROM {table} ORDER BY n"))?;
        rows.iter().map(|(_, row)| read(&parse(row)?)).collect()
    }

    /// Everything kept.
    pub fn load(&self) -> Result<Kept, Error> {
        let mut kept = Kept::default();
        let mut statement = self.connection.prepare("SELECT sha256, name, size, frames FROM files")?;
        let files = statement.query_map([], |row| {
            let file = KnownFile { name: row.get(1)?, size: unsigned(row.get(2)?), frames: unsigned(row.get(3)?) };
            Ok((row.get::<_, String>(0)?, file))
        })?;
        kept.files = files.collect::<Result<_, _>>()?;
        let mut statement = self.connection.prepare("SELECT name, value FROM numbers")?;
        let numbers = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))?;
        let numbers: BTreeMap<String, i64> = numbers.collect::<Result<_, _>>()?;
        let number_of = |name: &str| numbers.get(name).copied();
        kept.frames = number_of("frames").map_or(0, unsigned);
        let end = |name: &str| {
            Some(model::Stamp {
                time: model::Time(number_of(&format!("{name}_time"))?),
                frame: unsigned(number_of(&format!("{name}_frame"))?),
                index: 0,
            })
        };
        kept.span = end("first").zip(end("last"));
        kept.inventory = self.inventory()?;
        for (id, row) in self.pairs("SELECT id, row FROM alerts")? {
            let id = u64::from_str_radix(&id, 16).map_err(|_| Error::Corrupt(format!("alert {id}")))?;
            kept.alerts.extend(rows::alert(id, &parse(&row)?)?);
        }
        kept.conversations = self.each("conversations", rows::conversation)?;
        kept.unknown = self.each("unknown", rows::unknown)?;
        kept.transfers = self.each("transfers", rows::transfer)?;
        let mut statement = self.connection.prepare("SELECT what, protocol, word, n FROM counts")?;
        let counts = statement.query_map([], |row| {
            Ok(((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?), row.get::<_, i64>(3)?))
        })?;
        for row in counts {
            let ((what, protocol, word), n) = row?;
            kept.counts.insert((words::keep(&what)?, words::keep(&protocol)?, words::keep(&word)?), unsigned(n));
        }
        Ok(kept)
    }

    fn inventory(&self) -> Result<Inventory, Error> {
        let mut inventory = Inventory::new(SourceId(0));
        let mut statement = self.connection.prepare("SELECT key, source, seen FROM beliefs ORDER BY key, source")?;
        let rows = statement
            .query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?)))?;
        for row in rows {
            let (key, source, seen) = row?;
            let (key, seen) = (parse(&key)?, parse(&seen)?);
            let source = u64::from_str_radix(&source, 16).map_err(|_| Error::Corrupt(format!("source {source}")))?;
            let sighting =
                Sighting { first: stamp(at(&seen, 0))?, last: stamp(at(&seen, 1))?, count: number(at(&seen, 2))? };
            inventory.absorb(&Belief {
                about: subject(at(&key, 0))?,
                statement: self::statement(at(&key, 1))?,
                by: maybe(at(&key, 2), host)?,
                protocol: word(at(&key, 3))?,
                strength: strength(at(&key, 4))?,
                seen: BTreeMap::from([(SourceId(source), sighting)]),
            });
        }
        for (key, row) in self.pairs("SELECT key, row FROM maps ORDER BY key")? {
            let (key, row) = (parse(&key)?, parse(&row)?);
            let key = MapKey {
                about: subject(at(&key, 0))?,
                protocol: word(at(&key, 1))?,
                space: word(at(&key, 2))?,
                at: number(at(&key, 3))?,
            };
            let words = list(at(&row, 2))?;
            let row = MapRow {
                answered: at(&row, 0).as_bool().unwrap_or(false),
                refused: at(&row, 1).as_bool().unwrap_or(false),
                words: words.iter().map(|w| Ok((number(at(w, 0))?, number(at(w, 1))?))).collect::<Read<_>>()?,
                first: stamp(at(&row, 3))?,
                last: stamp(at(&row, 4))?,
            };
            inventory.absorb_map(&key, &row);
        }
        Ok(inventory)
    }

    /// Writes everything and lets go of the file. Until this returns, nothing has changed.
    pub fn save(self, kept: &Kept) -> Result<(), Error> {
        self.write(kept)?;
        self.connection.execute_batch("COMMIT")?;
        Ok(())
    }

    pub(crate) fn write(&self, kept: &Kept) -> Result<(), Error> {
        let c = &self.connection;
        for table in WRITTEN {
            c.execute_batch(&format!("DELETE FROM {table}"))?;
        }
        let mut insert = c.prepare("INSERT INTO files VALUES (?1, ?2, ?3, ?4)")?;
        for (hash, file) in &kept.files {
            insert.execute(params![hash, file.name, stored(file.size), stored(file.frames)])?;
        }
        let mut insert = c.prepare("INSERT INTO numbers VALUES (?1, ?2)")?;
        insert.execute(params!["frames", stored(kept.frames)])?;
        if let Some((first, last)) = kept.span {
            for (name, end) in [("first", first), ("last", last)] {
                insert.execute(params![format!("{name}_time"), end.time.0])?;
                insert.execute(params![format!("{name}_frame"), stored(end.frame)])?;
            }
        }
        let mut insert = c.prepare("INSERT INTO beliefs VALUES (?1, ?2, ?3)")?;
        for belief in kept.inventory.snapshot() {
            let key = json!([
                subject_out(belief.about),
                statement_out(&belief.statement),
                belief.by.map(host_out),
                belief.protocol,
                belief.strength.word()
            ])
            .to_string();
            for (source, s) in &belief.seen {
                let seen = json!([stamp_out(s.first), stamp_out(s.last), s.count]).to_string();
                insert.execute(params![key, format!("{:016x}", source.0), seen])?;
            }
        }
        let mut insert = c.prepare("INSERT INTO maps VALUES (?1, ?2)")?;
        for (key, row) in kept.inventory.maps() {
            let key = json!([subject_out(key.about), key.protocol, key.space, key.at]).to_string();
            let row = json!([row.answered, row.refused, row.words, stamp_out(row.first), stamp_out(row.last)]);
            insert.execute(params![key, row.to_string()])?;
        }
        let mut insert = c.prepare("INSERT INTO alerts VALUES (?1, ?2)")?;
        for alert in &kept.alerts {
            insert.execute(params![format!("{:016x}", alert.id), rows::alert_out(alert).to_string()])?;
        }
        self.fill("conversations", kept.conversations.iter().map(rows::conversation_out))?;
        self.fill("unknown", kept.unknown.iter().map(rows::unknown_out))?;
        self.fill("transfers", kept.transfers.iter().map(rows::transfer_out))?;
        let mut insert = c.prepare("INSERT INTO counts VALUES (?1, ?2, ?3, ?4)")?;
        for ((what, protocol, word), n) in &kept.counts {
            insert.execute(params![what, protocol, word, stored(*n)])?;
        }
        Ok(())
    }

    fn fill(&self, table: &str, rows: impl Iterator<Item = Value>) -> Result<(), Error> {
        let mut insert = self.connection.prepare(&format!("INSERT INTO {table} (row) VALUES (?1)"))?;
        for row in rows {
            insert.execute(params![row.to_string()])?;
        }
        Ok(())
    }

    #[cfg(test)]
    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }
}

fn parse(text: &str) -> Read<Value> {
    serde_json::from_str(text).map_err(|e| Error::Corrupt(e.to_string()))
}

/// SQLite's integers are signed; counts keep their bits.
fn stored(n: u64) -> i64 {
    n.cast_signed()
}

fn unsigned(n: i64) -> u64 {
    n.cast_unsigned()
}
