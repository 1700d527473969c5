//! The workspace file: an OGC GeoPackage, plain or encrypted, with one writer and many readers.
//!
//! The way in is [`Workspace`]: [`Workspace::create`], [`Workspace::open`], [`Workspace::write`],
//! [`Workspace::reader`]. Rows go in through [`rows`]; whole tables of geometry come out through
//! [`features`]. Questions about people and buildings are asked in `query`, not here.

mod beside;
pub mod bulk;
pub mod changes;
pub mod check;
pub mod cipher;
mod connect;
pub mod copies;
pub mod deed;
mod feature_table;
pub mod features;
pub mod files;
pub mod foreign;
pub mod gpkg;
pub mod guard;
pub mod id_column;
mod kept_undos;
mod log;
pub mod lookup;
mod migrate;
pub mod past_imports;
pub mod people;
pub mod queue;
pub mod rekey;
pub mod rows;
mod rtree;
pub mod salvage;
mod schema;
mod share;
mod sums;
pub mod tiles;
pub mod undo;
pub mod workspace;

pub use cipher::Passphrase;
pub use rusqlite::{Connection, Transaction};
pub use workspace::{OpenMode, Reader, Workspace, WriteTx};

/// What can go wrong with a workspace file.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file is encrypted and no passphrase was given.
    #[error("the workspace is encrypted: a passphrase is needed")]
    PassphraseNeeded,
    /// The passphrase does not open the file, or the file is no workspace at all.
    #[error(
        "the passphrase is wrong, or the file is not a Menpai workspace; nothing was changed. \
         Try the passphrase again, or choose another file"
    )]
    PassphraseWrong,
    /// A passphrase was given for a plain workspace.
    #[error("the workspace is not encrypted: open it without a passphrase")]
    NotEncrypted,
    /// The passphrase is too weak to be set.
    #[error(
        "the passphrase is too weak: at least 10 characters, and 3 of lower case, upper case, \
         digits, other signs"
    )]
    PassphraseWeak,
    /// An SQLite file, but not one of ours.
    #[error("the file is not a Menpai workspace: {0}")]
    NotAWorkspace(String),
    /// Made by a later version.
    #[error(
        "the workspace was made by a newer Menpai (schema {found}; this one knows up to {known}); \
         nothing was changed. Install the newer version to open it"
    )]
    NewerSchema {
        /// Schema of the file.
        found: i64,
        /// Newest schema this program knows.
        known: i64,
    },
    /// No room for what was to be written.
    #[error("the disk is full; nothing was changed. Make room and try again")]
    DiskFull,
    /// There is no such import to undo.
    #[error(
        "there is no import {0} that can be undone: it is not in the list, was undone already, or \
         was made before imports were written down"
    )]
    NoSuchImport(i64),
    /// There is no such undo to put back.
    #[error(
        "import {0} cannot be put back: it was not undone, or something else was done since. \
         Import the file again"
    )]
    NoSuchRedo(i64),
    /// More rooms than are made at once.
    #[error(
        "more than 500,000 rooms would be made at once; choose fewer buildings. Nothing was made"
    )]
    TooManyRooms,
    /// There is no such row in the review queue.
    #[error("row {0} does not wait in the queue any more, or has no such choice")]
    NoSuchHeldRow(i64),
    /// A file is in the way.
    #[error("{0} exists already; it was left as it is. Choose another name")]
    Exists(std::path::PathBuf),
    /// The file is not there.
    #[error("{0} does not exist. Choose an existing workspace, or create one with `menpai new`")]
    Missing(std::path::PathBuf),
    /// Another window or program has the file open, and may not.
    #[error(
        "another window or program has the workspace open; nothing was changed. Close it there and \
         try again"
    )]
    OpenElsewhere,
    /// The file has hard links.
    #[error(
        "{0} has a second name (a hard link), under which the old content would stay; nothing was \
         changed. Save a copy and change the passphrase of the copy"
    )]
    OtherName(std::path::PathBuf),
    /// The file was deleted or another one was put in its place while it was open.
    #[error(
        "{0} was deleted, moved or replaced while it was open; nothing was written. Open it again, or \
         save a copy of what this window still shows"
    )]
    Replaced(std::path::PathBuf),
    /// The file holds something that could change what is written behind our back.
    #[error(
        "{0}; the workspace was not opened for writing and nothing was changed. Remove it with the \
         program that made it, or save the rows with `menpai salvage`"
    )]
    Foreign(String),
    /// Too many personal fields were opened in a short time.
    #[error("more than 20 fields were shown within 10 minutes; wait before showing more")]
    TooManyReveals,
    /// Searches have shown too many names in a short time.
    #[error(
        "searches have shown 200 names within 10 minutes; they stay masked until some time has \
         passed"
    )]
    TooManyNames,
    /// A copy that must be sound is not.
    #[error(
        "the file is damaged: {0}. Nothing was changed; `menpai salvage` saves what can be read"
    )]
    Damaged(String),
    /// Another window or program holds the write lock for too long.
    #[error("another window is writing to the workspace; nothing was changed. Try again soon")]
    Busy,
    /// The workspace is open for reading only.
    #[error("the workspace is open for reading only ({0}); nothing was changed")]
    ReadOnly(&'static str),
    /// The user stopped it.
    #[error("cancelled; the workspace is as it was before")]
    Cancelled,
    /// A record points to something that is not there or breaks a rule.
    #[error("{0}")]
    Record(String),
    /// A stored geometry cannot be read.
    #[error("a stored geometry is damaged: {0}")]
    Geometry(String),
    /// The operating system's random source failed.
    #[error("the operating system gave no random numbers: {0}")]
    Random(String),
    /// SQLite's own error.
    #[error("the workspace file could not be used: {0}")]
    Sqlite(rusqlite::Error),
    /// The file system's error.
    #[error("{0}: {1}")]
    Io(std::path::PathBuf, std::io::Error),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::DiskFull) => Self::DiskFull,
            Some(ErrorCode::OperationInterrupted) => Self::Cancelled,
            Some(ErrorCode::ReadOnly) => Self::ReadOnly("the file is write-protected"),
            _ => Self::Sqlite(error),
        }
    }
}

/// Whether a table is there: a file of an older schema that is open for reading only lacks the
/// newer ones.
fn has_table(conn: &Connection, table: &str) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1)";
    Ok(conn.query_row(sql, [table], |row| row.get(0))?)
}

/// Result of this module.
pub type Result<T> = std::result::Result<T, StoreError>;
