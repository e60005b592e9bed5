//! Why a site cannot be read or written, in words for the person who asked.

use core::fmt;
use rusqlite::ErrorCode;

/// What went wrong.
#[derive(Debug)]
pub enum Error {
    /// Written by a later version of this program.
    Newer {
        /// Version of the file's schema.
        found: i64,
        /// Version this program knows.
        known: i64,
    },
    /// Another run uses the site.
    Locked,
    /// Not a site's file, or damaged.
    Corrupt(String),
    /// No room on the disk.
    Full,
    /// It may not be read or written.
    Denied(String),
    /// Anything else SQLite says.
    Other(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Newer { found, known } => write!(
                f,
                "written by a later version of this program (state {found}, this one knows {known}); use that version"
            ),
            Error::Locked => f.write_str("another run is using this site; wait for it to end"),
            Error::Corrupt(what) => {
                write!(
                    f,
                    "damaged, or not a site's state ({what}); put back a copy, or move the file away to begin anew"
                )
            }
            Error::Full => f.write_str("the disk is full; nothing of this run was kept"),
            Error::Denied(what) => write!(f, "cannot be opened or written ({what})"),
            Error::Other(what) => write!(f, "{what}"),
        }
    }
}

impl std::error::Error for Error {}

impl From<rusqlite::Error> for Error {
    fn from(e: rusqlite::Error) -> Error {
        let text = e.to_string();
        match e.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::Locked,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Error::Corrupt(text),
            Some(ErrorCode::DiskFull) => Error::Full,
            Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Error::Denied(text),
            _ => Error::Other(text),
        }
    }
}
