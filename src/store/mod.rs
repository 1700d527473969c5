//! The workspace file: an OGC GeoPackage, plain or encrypted, with one writer and many readers.
//!
//! The way in is [`Workspace`]: [`Workspace::create`], [`Workspace::open`], [`Workspace::write`],
//! [`Workspace::reader`]. Rows go in through [`rows`]; whole tables of geometry come out through
//! [`features`]. Questions about people and buildings are asked in `query`, not here.

mod beside;
pub mod bulk;
pub mod by_hand;
pub mod changes;
pub mod check;
pub mod cipher;
pub mod clock_change;
mod connect;
pub mod copies;
pub mod deadlines;
pub mod deed;
pub mod deeds;
pub mod derived_chunks;
pub mod edit;
pub mod event_facts;
pub mod events;
pub mod feature_file;
mod feature_table;
pub mod features;
pub mod files;
pub mod foreign;
pub mod gpkg;
pub mod grid_of;
pub mod guard;
pub mod id_column;
mod ids;
pub mod indexes;
pub mod kept;
mod kept_record;
mod kept_undos;
pub mod living;
mod log;
pub mod lookup;
pub mod match_jobs;
mod migrate;
pub mod named;
pub mod past_imports;
pub mod people;
pub mod queue;
pub mod rekey;
pub mod rows;
mod rtree;
pub mod salvage;
mod schema;
mod share;
pub mod staff;
mod sums;
pub mod tiles;
pub mod undo;
pub mod visits;
pub mod workspace;

use crate::domain::ids::{DeedId, QueueRowId};
use crate::msg;
use crate::text::{Arg, Message, Say};

pub use cipher::Passphrase;
pub use rusqlite::{Connection, Transaction};
pub use workspace::{OpenMode, Reader, Workspace, WriteTx};

/// A file that cannot be written, whose path the caller knows.
#[must_use]
pub fn file_failed(error: std::io::Error) -> StoreError {
    StoreError::Io(std::path::PathBuf::new(), error)
}

/// What can go wrong with a workspace file.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file is encrypted and no passphrase was given.
    PassphraseNeeded,
    /// The passphrase does not open the file, or the file is no workspace at all.
    PassphraseWrong,
    /// A passphrase was given for a plain workspace.
    NotEncrypted,
    /// The passphrase is too weak to be set.
    PassphraseWeak,
    /// An SQLite file, but not one of ours.
    NotAWorkspace(Message),
    /// Made by a later version.
    NewerSchema {
        /// Schema of the file.
        found: i64,
        /// Newest schema this program knows.
        known: i64,
    },
    /// No room for what was to be written.
    DiskFull,
    /// There is no such import to undo.
    NoSuchImport(DeedId),
    /// There is no such undo to put back.
    NoSuchRedo(DeedId),
    /// More rooms than are made at once.
    TooManyRooms,
    /// There is no such row in the review queue.
    NoSuchHeldRow(QueueRowId),
    /// A file is in the way.
    Exists(std::path::PathBuf),
    /// The file is not there.
    Missing(std::path::PathBuf),
    /// Another window or program has the file open, and may not.
    OpenElsewhere,
    /// The file has hard links.
    OtherName(std::path::PathBuf),
    /// The file was deleted or another one was put in its place while it was open.
    Replaced(std::path::PathBuf),
    /// The file holds something that could change what is written behind our back.
    Foreign(Message),
    /// Too many personal fields were opened in a short time.
    TooManyReveals,
    /// Searches have shown too many names in a short time.
    TooManyNames,
    /// A copy that must be sound is not.
    Damaged(Message),
    /// Another window or program holds the write lock for too long.
    Busy,
    /// The workspace is open for reading only.
    ReadOnly(&'static str),
    /// The user stopped it.
    Cancelled,
    /// A record points to something that is not there or breaks a rule.
    Record(Message),
    /// A stored geometry cannot be read.
    Geometry(Message),
    /// The operating system's random source failed.
    Random(String),
    /// SQLite's own error.
    Sqlite(rusqlite::Error),
    /// The file system's error.
    Io(std::path::PathBuf, std::io::Error),
}

impl StoreError {
    /// What a user reads.
    #[must_use]
    pub fn message(&self) -> Message {
        match self {
            Self::PassphraseNeeded => "the workspace is encrypted: a passphrase is needed".into(),
            Self::PassphraseWrong => "the passphrase is wrong, or the file is not a Menpai workspace; nothing was changed. \
         Try the passphrase again, or choose another file".into(),
            Self::NotEncrypted => "the workspace is not encrypted: open it without a passphrase".into(),
            Self::PassphraseWeak => "the passphrase is too weak: at least 10 characters, and 3 of lower case, upper case, \
         digits, other signs".into(),
            Self::NotAWorkspace(value) => msg!("the file is not a Menpai workspace: {}", value),
            Self::NewerSchema { found, known } => msg!("the workspace was made by a newer Menpai (schema {}; this one knows up to {}); \
         nothing was changed. Install the newer version to open it", found, known),
            Self::DiskFull => "the disk is full; nothing was changed. Make room and try again".into(),
            Self::NoSuchImport(value) => msg!("nothing has the number {} that can be undone: it is not in the list, was undone already, or \
         was made before deeds were written down", value),
            Self::NoSuchRedo(value) => msg!("import {} cannot be put back: it was not undone, or something else was done since. \
         Import the file again", value),
            Self::TooManyRooms => "more than 500,000 rooms would be made at once; choose fewer buildings. Nothing was made".into(),
            Self::NoSuchHeldRow(value) => msg!("row {} does not wait in the queue any more, or has no such choice", value),
            Self::Exists(value) => msg!("{} exists already; it was left as it is. Choose another name", value.display()),
            Self::Missing(value) => msg!("{} does not exist. Choose an existing workspace, or create one with `menpai new`", value.display()),
            Self::OpenElsewhere => "another window or program has the workspace open; nothing was changed. Close it there and \
         try again".into(),
            Self::OtherName(value) => msg!("{} has a second name (a hard link), under which the old content would stay; nothing was \
         changed. Save a copy and change the passphrase of the copy", value.display()),
            Self::Replaced(value) => msg!("{} was deleted, moved or replaced while it was open; nothing was written. Open it again, or \
         save a copy of what this window still shows", value.display()),
            Self::Foreign(value) => msg!("{}; the workspace was not opened for writing and nothing was changed. Remove it with the \
         program that made it, or save the rows with `menpai salvage`", value),
            Self::TooManyReveals => "more than 20 fields were shown within 10 minutes; wait before showing more".into(),
            Self::TooManyNames => "searches have shown 200 names within 10 minutes; they stay masked until some time has \
         passed".into(),
            Self::Damaged(value) => msg!("the file is damaged: {}. Nothing was changed; `menpai salvage` saves what can be read", value),
            Self::Busy => "another window is writing to the workspace; nothing was changed. Try again soon".into(),
            Self::ReadOnly(value) => msg!("the workspace is open for reading only ({}); nothing was changed", Message::from(*value)),
            Self::Cancelled => "cancelled; the workspace is as it was before".into(),
            Self::Record(value) => value.clone(),
            Self::Geometry(value) => msg!("a stored geometry is damaged: {}", value),
            Self::Random(value) => msg!("the operating system gave no random numbers: {}", value),
            Self::Sqlite(value) => msg!("the workspace file could not be used: {}", value.to_string()),
            Self::Io(first, second) => msg!("{}: {}", first.display(), second),
        }
    }
}

impl std::fmt::Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.message().fmt(f)
    }
}

impl Say for StoreError {
    fn arg(&self) -> Arg {
        self.message().arg()
    }
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
