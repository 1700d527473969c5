//! Opening, creating, keying and copying a workspace; the one writer and the readers.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use super::cipher::{FileHead, RawKey, file_head};
use super::{Passphrase, Result, StoreError, bulk, gpkg, schema, share};
use crate::access::{AuditEntry, Stamp};

/// How long a connection waits for another one's write, in total.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Page cache of a connection, KiB.
const CACHE_KIB: i64 = 32 * 1024;
/// How much of a plain file a connection maps into memory. Pages that were read stay resident, so
/// a map of the whole file would count twice what a large workspace needs.
const MAPPED_BYTES: i64 = 16 << 20;
/// Prepared statements kept per connection.
const STATEMENT_CACHE: usize = 128;

/// Whether an existing workspace is wanted for writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenMode {
    /// Reading and writing; falls back to reading on a network share.
    ReadWrite,
    /// Reading only: no migration, no audit rows.
    ReadOnly,
}

/// An open workspace file.
pub struct Workspace {
    path: PathBuf,
    key: Option<RawKey>,
    writer: Mutex<Connection>,
    read_only: Option<&'static str>,
}

/// A connection that only reads. One per thread.
pub struct Reader(Connection);

impl std::ops::Deref for Reader {
    type Target = Connection;
    fn deref(&self) -> &Connection {
        &self.0
    }
}

/// The one write transaction. Dropped without a commit, it leaves the file as it was.
pub struct WriteTx<'a> {
    tx: Transaction<'a>,
    stamp: &'a Stamp,
}

impl std::ops::Deref for WriteTx<'_> {
    type Target = Connection;
    fn deref(&self) -> &Connection {
        &self.tx
    }
}

impl WriteTx<'_> {
    /// Who writes, and when.
    #[must_use]
    pub fn stamp(&self) -> &Stamp {
        self.stamp
    }
}

impl Workspace {
    /// Creates a workspace; encrypted when a passphrase is given.
    ///
    /// # Errors
    /// [`StoreError::Exists`], [`StoreError::PassphraseWeak`], file and SQLite errors. A failed
    /// creation leaves no file behind.
    pub fn create(path: &Path, passphrase: Option<&Passphrase>, stamp: &Stamp) -> Result<Self> {
        if path.exists() {
            return Err(StoreError::Exists(path.to_owned()));
        }
        if passphrase.is_some_and(|p| !p.is_strong()) {
            return Err(StoreError::PassphraseWeak);
        }
        let key = passphrase.map(RawKey::fresh).transpose()?;
        let made = Self::create_keyed(path, key, stamp);
        if made.is_err() {
            for suffix in ["", "-wal", "-shm"] {
                let mut name = path.as_os_str().to_owned();
                name.push(suffix);
                let _ = std::fs::remove_file(name);
            }
        }
        made
    }

    fn create_keyed(path: &Path, key: Option<RawKey>, stamp: &Stamp) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut conn = connect(path, key.as_ref(), flags)?;
        schema::migrate(&mut conn, 0)?;
        conn.pragma_update(None, "journal_mode", "WAL")?;
        let workspace =
            Self { path: path.to_owned(), key, writer: Mutex::new(conn), read_only: None };
        workspace.write(stamp, |_| Ok(((), AuditEntry::done("create", workspace.file_name()))))?;
        Ok(workspace)
    }

    /// Opens an existing workspace, migrating it to the newest schema when opened for writing.
    ///
    /// # Errors
    /// [`StoreError::Missing`], [`StoreError::PassphraseNeeded`], [`StoreError::PassphraseWrong`],
    /// [`StoreError::NotEncrypted`], [`StoreError::NotAWorkspace`], [`StoreError::NewerSchema`],
    /// file and SQLite errors.
    pub fn open(path: &Path, passphrase: Option<&Passphrase>, mode: OpenMode) -> Result<Self> {
        let key = match (file_head(path)?, passphrase) {
            (FileHead::Plain, None) => None,
            (FileHead::Plain, Some(_)) => return Err(StoreError::NotEncrypted),
            (FileHead::Salt(_), None) => return Err(StoreError::PassphraseNeeded),
            (FileHead::Salt(salt), Some(passphrase)) => Some(RawKey::derive(passphrase, salt)?),
        };
        let read_only = match mode {
            OpenMode::ReadOnly => Some("asked for"),
            OpenMode::ReadWrite if share::is_network_path(path) => {
                Some("it lies on a network share; copy it to this computer to work on it")
            }
            OpenMode::ReadWrite if is_write_protected(path) => Some("the file is write-protected"),
            OpenMode::ReadWrite => None,
        };
        let access = if read_only.is_some() {
            OpenFlags::SQLITE_OPEN_READ_ONLY
        } else {
            OpenFlags::SQLITE_OPEN_READ_WRITE
        };
        let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let opened = connect(path, key.as_ref(), flags)
            .and_then(|conn| schema::version(&conn).map(|found| (conn, found)));
        let (mut conn, found) = match opened {
            Ok((conn, Some(found))) => (conn, found),
            Ok((_, None)) => {
                return Err(StoreError::NotAWorkspace("it has no Menpai tables".to_owned()));
            }
            Err(StoreError::Sqlite(e)) if is_not_a_database(&e) => {
                return Err(if key.is_some() {
                    StoreError::PassphraseWrong
                } else {
                    StoreError::NotAWorkspace(e.to_string())
                });
            }
            Err(other) => return Err(other),
        };
        if found > schema::NEWEST {
            return Err(StoreError::NewerSchema { found, known: schema::NEWEST });
        }
        if read_only.is_none() {
            schema::migrate(&mut conn, found)?;
            conn.pragma_update(None, "journal_mode", "WAL")?;
        }
        Ok(Self { path: path.to_owned(), key, writer: Mutex::new(conn), read_only })
    }

    /// Where the file is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file's name, for titles and the audit log.
    #[must_use]
    pub fn file_name(&self) -> String {
        self.path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// Why the workspace cannot be written to, if it cannot.
    #[must_use]
    pub fn read_only_reason(&self) -> Option<&'static str> {
        self.read_only
    }

    /// Whether the file is encrypted.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.key.is_some()
    }

    /// A new reading connection; cheap enough for one per job.
    ///
    /// # Errors
    /// SQLite's errors.
    pub fn reader(&self) -> Result<Reader> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = connect(&self.path, self.key.as_ref(), flags)?;
        conn.pragma_update(None, "query_only", true)?;
        Ok(Reader(conn))
    }

    /// A reading connection for scans of whole tables, to be dropped after them: it maps the whole
    /// plain file, which is several times faster than page by page, and gives the memory back
    /// with it.
    ///
    /// # Errors
    /// SQLite's errors.
    pub fn scanner(&self) -> Result<Reader> {
        let reader = self.reader()?;
        if self.key.is_none() {
            reader.pragma_update(None, "mmap_size", i64::MAX)?;
        }
        Ok(reader)
    }

    /// Runs one write transaction: the deed and its audit row commit together or not at all.
    ///
    /// # Errors
    /// Those of `deed`; [`StoreError::ReadOnly`], [`StoreError::Busy`] and SQLite's errors.
    pub fn write<T>(
        &self,
        stamp: &Stamp,
        deed: impl FnOnce(&WriteTx<'_>) -> Result<(T, AuditEntry)>,
    ) -> Result<T> {
        let (value, ()) = self.write_or_drop(stamp, |tx| {
            let (value, entry) = deed(tx)?;
            Ok(((value, ()), Some(entry)))
        })?;
        Ok(value)
    }

    /// Like [`Workspace::write`], but a deed that returns no entry is rolled back: a dry run.
    ///
    /// # Errors
    /// As [`Workspace::write`].
    pub fn write_or_drop<T>(
        &self,
        stamp: &Stamp,
        deed: impl FnOnce(&WriteTx<'_>) -> Result<(T, Option<AuditEntry>)>,
    ) -> Result<T> {
        if let Some(reason) = self.read_only {
            return Err(StoreError::ReadOnly(reason));
        }
        let mut conn = self.lock();
        let tx =
            WriteTx { tx: conn.transaction_with_behavior(TransactionBehavior::Immediate)?, stamp };
        let (value, entry) = deed(&tx)?;
        match entry {
            Some(entry) => {
                bulk::append_audit(&tx, stamp, &entry)?;
                tx.tx.commit()?;
            }
            None => tx.tx.rollback()?,
        }
        Ok(value)
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        // A panic while writing rolled its transaction back, so the connection is sound.
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Saves a copy by SQLite's online backup, also while others read and write.
    ///
    /// # Errors
    /// [`StoreError::Exists`], file and SQLite errors; a failed copy leaves no file behind.
    pub fn save_copy(&self, to: &Path, mut progress: impl FnMut(f32)) -> Result<()> {
        if to.exists() {
            return Err(StoreError::Exists(to.to_owned()));
        }
        let source = self.reader()?;
        let copied = (|| -> Result<()> {
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
            let mut target = connect(to, self.key.as_ref(), flags)?;
            let backup = rusqlite::backup::Backup::new(&source, &mut target)?;
            loop {
                let step = backup.step(2_000)?;
                let left = backup.progress();
                progress(1.0 - left.remaining as f32 / left.pagecount.max(1) as f32);
                match step {
                    rusqlite::backup::StepResult::Done => return Ok(()),
                    rusqlite::backup::StepResult::More => {}
                    _ => std::thread::sleep(Duration::from_millis(20)),
                }
            }
        })();
        if copied.is_err() {
            let _ = std::fs::remove_file(to);
        }
        copied
    }

    /// Changes the passphrase, encrypts a plain workspace, or (with `None`) makes it plain.
    ///
    /// A new file under the new key is written beside the old one and takes its place in one
    /// rename, so that a power cut leaves the old file or the new one.
    ///
    /// # Errors
    /// A [`RekeyFailure`] that gives the workspace back as it was: [`StoreError::PassphraseWeak`],
    /// [`StoreError::Busy`] while others have it open, file and SQLite errors.
    pub fn rekey(
        self,
        new: Option<&Passphrase>,
        stamp: &Stamp,
    ) -> std::result::Result<Self, Box<RekeyFailure>> {
        let verb = if new.is_some() { "rekey" } else { "decrypt" };
        let prepared = if new.is_some_and(|p| !p.is_strong()) {
            Err(StoreError::PassphraseWeak)
        } else {
            self.write(stamp, |_| Ok(((), AuditEntry::done(verb, self.file_name()))))
                .and_then(|()| new.map(RawKey::fresh).transpose())
        };
        let key = match prepared {
            Ok(key) => key,
            Err(error) => return Err(Box::new(RekeyFailure { error, workspace: Some(self) })),
        };
        let Self { path, key: old_key, writer, .. } = self;
        let conn = writer.into_inner().unwrap_or_else(PoisonError::into_inner);
        let swapped = swap_in(conn, &path, key.as_ref());
        let key_now = if swapped.is_ok() { key } else { old_key };
        let reopened = reopen(path, key_now);
        match (swapped, reopened) {
            (Ok(()), Ok(workspace)) => Ok(workspace),
            (Ok(()), Err(error)) => Err(Box::new(RekeyFailure { error, workspace: None })),
            (Err(error), back) => Err(Box::new(RekeyFailure { error, workspace: back.ok() })),
        }
    }

    /// A number that changes whenever another connection commits; to be polled on one `Reader`.
    ///
    /// # Errors
    /// SQLite's errors.
    pub fn data_version(reader: &Reader) -> Result<i64> {
        Ok(reader.pragma_query_value(None, "data_version", |row| row.get(0))?)
    }
}

/// A change of passphrase that did not happen.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct RekeyFailure {
    /// Why.
    pub error: StoreError,
    /// The workspace as it was, unless even that could not be opened again.
    pub workspace: Option<Workspace>,
}

impl std::fmt::Debug for Workspace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Workspace").field("path", &self.path).finish_non_exhaustive()
    }
}

/// Writes the workspace under a new key beside the old file and swaps the two.
fn swap_in(conn: Connection, path: &Path, key: Option<&RawKey>) -> Result<()> {
    // Leaving WAL needs to be alone with the file: nobody else may see two keys at once.
    conn.pragma_update_and_check(None, "journal_mode", "DELETE", |row| row.get::<_, String>(0))?;
    let mut beside = path.as_os_str().to_owned();
    beside.push(".rekey");
    let beside = PathBuf::from(beside);
    let _ = std::fs::remove_file(&beside);
    let exported = export_to(&conn, &beside, key);
    drop(conn);
    let swapped = exported.and_then(|()| {
        std::fs::rename(&beside, path).map_err(|e| StoreError::Io(path.to_owned(), e))
    });
    if swapped.is_err() {
        let _ = std::fs::remove_file(&beside);
    }
    swapped
}

fn reopen(path: PathBuf, key: Option<RawKey>) -> Result<Workspace> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = connect(&path, key.as_ref(), flags)?;
    conn.pragma_update(None, "journal_mode", "WAL")?;
    Ok(Workspace { path, key, writer: Mutex::new(conn), read_only: None })
}

fn export_to(conn: &Connection, to: &Path, key: Option<&RawKey>) -> Result<()> {
    // ATTACH opens as its connection does, without creating: the file must be there.
    std::fs::File::create(to).map_err(|e| StoreError::Io(to.to_owned(), e))?;
    let key_text = key.map(RawKey::pragma_value).unwrap_or_default();
    conn.execute("ATTACH DATABASE ?1 AS target KEY ?2", (to.to_string_lossy(), key_text))?;
    conn.query_row("SELECT sqlcipher_export('target')", [], |_| Ok(()))?;
    conn.pragma_update(
        Some("target"),
        "application_id",
        i64::from(geopackage_core::version::APPLICATION_ID_GPKG),
    )?;
    conn.pragma_update(Some("target"), "user_version", gpkg::USER_VERSION)?;
    conn.execute_batch("DETACH DATABASE target")?;
    Ok(())
}

fn connect(path: &Path, key: Option<&RawKey>, flags: OpenFlags) -> Result<Connection> {
    let conn = Connection::open_with_flags(path, flags)?;
    if let Some(key) = key {
        // A wrong passphrase is our message, not a line on stderr.
        conn.execute_batch("PRAGMA cipher_log_level = NONE")?;
        // Hexadecimal digits of a derived key, never user text: safe inside SQL.
        conn.execute_batch(&format!("PRAGMA key = \"{}\"", key.pragma_value()))?;
        conn.pragma_update(None, "temp_store", "MEMORY")?;
    }
    conn.busy_timeout(BUSY_TIMEOUT)?;
    conn.pragma_update(None, "foreign_keys", true)?;
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.pragma_update(None, "trusted_schema", false)?;
    // What was taken back or deleted is overwritten, and not left readable in the file.
    conn.pragma_update(None, "secure_delete", true)?;
    conn.pragma_update(None, "cache_size", -CACHE_KIB)?;
    conn.pragma_update(None, "mmap_size", if key.is_some() { 0 } else { MAPPED_BYTES })?;
    conn.set_prepared_statement_cache_capacity(STATEMENT_CACHE);
    // A range over an index is planned once, and not anew for every value bound to it.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    gpkg::register_functions(&conn)?;
    Ok(conn)
}

fn is_not_a_database(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(rusqlite::ErrorCode::NotADatabase | rusqlite::ErrorCode::DatabaseCorrupt)
    )
}

fn is_write_protected(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|m| m.permissions().readonly())
}
