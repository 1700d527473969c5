//! Opening, creating and copying a workspace; the one writer and the readers.

use crate::text::Message;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use super::changes::{self, News, Touched};
use super::cipher::{FileHead, OpenFile, RawKey, file_head};
use super::connect::{BUSY_TIMEOUT, Place, Way, connect};
use super::files::{self, Identity, Partial};
use super::migrate::migrate;
use super::{
    Passphrase, Result, StoreError, beside, bulk, guard, kept_undos, log, schema, share, sums,
};
use crate::access::{AuditEntry, Stamp};

/// How often a file that is replaced while it is being opened is opened anew.
const TRIES: usize = 3;

/// How long a write waits that cannot wait.
const MOMENT: Duration = Duration::from_millis(300);

/// Whether an existing workspace is wanted for writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenMode {
    /// Reading and writing; falls back to reading on a network share.
    ReadWrite,
    /// Reading only: no migration, no audit rows.
    ReadOnly,
    /// Reading what can be read of a damaged file: as reading only, whatever its row numbers are.
    Salvage,
}

/// An open workspace file.
pub struct Workspace {
    /// As it was given.
    pub(super) path: PathBuf,
    /// The file itself, and how it is read.
    pub(super) place: Place,
    pub(super) key: Option<RawKey>,
    pub(super) writer: Mutex<Connection>,
    touched: Arc<Touched>,
    pub(super) read_only: Option<&'static str>,
    /// Which file it was when it was opened.
    pub(super) identity: Option<Identity>,
    /// Where a log was put that lay beside the file and belonged to another one.
    pub(super) set_aside: Option<PathBuf>,
    _open: OpenFile,
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
    /// [`StoreError::Exists`], [`StoreError::PassphraseWeak`], file and SQLite errors. A creation
    /// that fails or is killed leaves no file under this name.
    pub fn create(path: &Path, passphrase: Option<&Passphrase>, stamp: &Stamp) -> Result<Self> {
        if !files::is_free(path) {
            return Err(StoreError::Exists(path.to_owned()));
        }
        if passphrase.is_some_and(|p| !p.is_strong()) {
            return Err(StoreError::PassphraseWeak);
        }
        let key = passphrase.map(RawKey::fresh).transpose()?;
        let partial = Partial::begin(path)?;
        let mut conn = connect(partial.path(), key.as_ref(), OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        migrate(&mut conn, 0)?;
        drop(conn);
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let entry = AuditEntry::done("create", name);
        beside::append_audit_alone(partial.path(), key.as_ref(), stamp, &entry)?;
        partial.publish()?;
        let place = Place { file: files::resolved(path), way: Way::Shared };
        Self::reopen(path, place, key, None)
    }

    /// Opens a file whose key is known, for writing.
    pub(super) fn reopen(
        path: &Path,
        place: Place,
        key: Option<RawKey>,
        set_aside: Option<PathBuf>,
    ) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = connect(&place.file, key.as_ref(), flags)?;
        use_log(&conn)?;
        Self::of(path, place, key, conn, None, set_aside)
    }

    fn of(
        path: &Path,
        place: Place,
        key: Option<RawKey>,
        mut conn: Connection,
        read_only: Option<&'static str>,
        set_aside: Option<PathBuf>,
    ) -> Result<Self> {
        let identity = Identity::of(&place.file);
        let open = OpenFile::note(identity, key.as_ref());
        let touched = changes::watch(&mut conn, sums::is_summed)?;
        if read_only.is_none() {
            changes::watch_deleted(&conn, &touched)?;
        }
        let (path, writer) = (path.to_owned(), Mutex::new(conn));
        Ok(Self { path, place, key, writer, touched, read_only, identity, set_aside, _open: open })
    }

    /// Opens an existing workspace, migrating it to the newest schema when opened for writing.
    ///
    /// # Errors
    /// [`StoreError::Missing`], [`StoreError::PassphraseNeeded`], [`StoreError::PassphraseWrong`],
    /// [`StoreError::NotEncrypted`], [`StoreError::NotAWorkspace`], [`StoreError::NewerSchema`],
    /// file and SQLite errors.
    pub fn open(path: &Path, passphrase: Option<&Passphrase>, mode: OpenMode) -> Result<Self> {
        let mut result = Self::open_once(path, passphrase, mode);
        for _ in 1..TRIES {
            let Err(StoreError::Replaced(_)) = result else { break };
            result = Self::open_once(path, passphrase, mode);
        }
        result
    }

    fn open_once(path: &Path, passphrase: Option<&Passphrase>, mode: OpenMode) -> Result<Self> {
        let file = files::resolved(path);
        let identity = Identity::of(&file);
        let opened = match (file_head(&file)?, passphrase) {
            (FileHead::Plain, None) => Self::open_keyed(path, &file, None, mode),
            (FileHead::Plain, Some(_)) => return Err(StoreError::NotEncrypted),
            (FileHead::Salt(_), None) => return Err(StoreError::PassphraseNeeded),
            (FileHead::Salt(salt), Some(passphrase)) => {
                let mut opened = Err(StoreError::PassphraseWrong);
                for reading in passphrase.readings() {
                    let key = RawKey::derive(&reading, salt)?;
                    opened = Self::open_keyed(path, &file, Some(key), mode);
                    if !matches!(opened, Err(StoreError::PassphraseWrong)) {
                        break;
                    }
                }
                opened
            }
        };
        // Another file may have taken the place meanwhile: then what was read means nothing.
        if Identity::of(&file) != identity {
            return Err(StoreError::Replaced(file));
        }
        opened
    }

    fn open_keyed(path: &Path, file: &Path, key: Option<RawKey>, mode: OpenMode) -> Result<Self> {
        let set_aside = log::set_strange_log_aside(file, key.as_ref())?;
        let mut read_only = match mode {
            OpenMode::ReadOnly | OpenMode::Salvage => Some("asked for"),
            OpenMode::ReadWrite if share::is_network_path(file) => {
                Some("it lies on a network share; copy it to this computer to work on it")
            }
            OpenMode::ReadWrite if is_write_protected(file) => Some("the file is write-protected"),
            OpenMode::ReadWrite => None,
        };
        let told = |error: StoreError| match error {
            StoreError::Sqlite(e) if is_not_a_database(&e) && key.is_some() => {
                StoreError::PassphraseWrong
            }
            StoreError::Sqlite(e)
                if e.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseCorrupt) =>
            {
                StoreError::Damaged(Message::verbatim(e.to_string()))
            }
            StoreError::Sqlite(e) if is_not_a_database(&e) => {
                StoreError::NotAWorkspace(Message::verbatim(e.to_string()))
            }
            other => other,
        };
        if read_only.is_none() {
            match open_to_write(file, key.as_ref()) {
                Ok(conn) => {
                    let place = Place { file: file.to_owned(), way: Way::Shared };
                    return Self::of(path, place, key, conn, read_only, set_aside);
                }
                Err(StoreError::ReadOnly(_)) => {
                    read_only = Some("the file or its folder is write-protected");
                }
                Err(error) => return Err(told(error)),
            }
        }
        let place = Place::to_read(file, key.as_ref()).map_err(told)?;
        let conn = place.reader(key.as_ref())?;
        known_schema(&conn)?;
        if mode != OpenMode::Salvage {
            guard::refuse_odd_ids(&conn).map_err(told)?;
        }
        Self::of(path, place, key, conn, read_only, set_aside)
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

    /// Where a log was put that lay beside the file and belonged to another one.
    #[must_use]
    pub fn log_set_aside(&self) -> Option<&Path> {
        self.set_aside.as_deref()
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
    /// [`StoreError::Replaced`] when another file stands there now; SQLite's errors.
    pub fn reader(&self) -> Result<Reader> {
        self.check_identity()?;
        Ok(Reader(self.place.reader(self.key.as_ref())?))
    }

    /// Reading connections that all see the workspace as it is now, however long they read and
    /// whatever is written meanwhile.
    ///
    /// # Errors
    /// As [`Workspace::reader`]; [`StoreError::Busy`] where it is written to without a pause.
    pub fn readers_of_one_state(&self, count: usize) -> Result<Vec<Reader>> {
        const TRIES: usize = 100;
        for _ in 0..TRIES {
            let mut states = std::collections::BTreeSet::new();
            let mut readers = Vec::with_capacity(count);
            for _ in 0..count {
                let reader = self.reader()?;
                reader.execute_batch("BEGIN")?;
                let sql = "SELECT coalesce(max(seq), 0) FROM audit_log";
                states.insert(reader.query_row(sql, [], |row| row.get::<_, i64>(0))?);
                readers.push(reader);
            }
            if states.len() <= 1 {
                return Ok(readers);
            }
        }
        Err(StoreError::Busy)
    }

    fn check_identity(&self) -> Result<()> {
        if Identity::of(&self.place.file) == self.identity {
            return Ok(());
        }
        Err(StoreError::Replaced(self.path.clone()))
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
        self.write_on((self.lock(), BUSY_TIMEOUT), stamp, deed)
    }

    /// Like [`Workspace::write`], for whoever cannot wait: while an import or another window writes, it
    /// is refused after a moment.
    ///
    /// # Errors
    /// As [`Workspace::write`]; [`StoreError::Busy`] after 0.3 s.
    pub fn write_now<T>(
        &self,
        stamp: &Stamp,
        deed: impl FnOnce(&WriteTx<'_>) -> Result<(T, AuditEntry)>,
    ) -> Result<T> {
        let until = Instant::now() + MOMENT;
        let conn = loop {
            match self.writer.try_lock() {
                Ok(conn) => break conn,
                Err(TryLockError::Poisoned(poisoned)) => break poisoned.into_inner(),
                Err(TryLockError::WouldBlock) if Instant::now() > until => {
                    return Err(StoreError::Busy);
                }
                Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(5)),
            }
        };
        self.write_on((conn, MOMENT), stamp, |tx| {
            let (value, entry) = deed(tx)?;
            Ok((value, Some(entry)))
        })
    }

    fn write_on<T>(
        &self,
        (mut conn, patience): (MutexGuard<'_, Connection>, Duration),
        stamp: &Stamp,
        deed: impl FnOnce(&WriteTx<'_>) -> Result<(T, Option<AuditEntry>)>,
    ) -> Result<T> {
        if let Some(reason) = self.read_only {
            return Err(StoreError::ReadOnly(reason));
        }
        conn.busy_timeout(patience)?;
        let tx =
            WriteTx { tx: conn.transaction_with_behavior(TransactionBehavior::Immediate)?, stamp };
        // Looked at with the lock held: whoever replaces the file holds it while doing so.
        self.check_identity()?;
        // A transaction that was dropped has touched nothing.
        changes::take(&self.touched);
        kept_undos::forget_before(&tx, stamp.at - kept_undos::KEPT_SECS)?;
        for (table, rows) in sums::take_over_edits(&tx)? {
            let entry =
                AuditEntry::done("edited_elsewhere", table).with_fields(format!("row×{rows}"));
            bulk::append_audit(&tx, stamp, &entry)?;
        }
        let (value, entry) = deed(&tx)?;
        match entry {
            Some(entry) => {
                let seq = bulk::append_audit(&tx, stamp, &entry)?;
                let touched = changes::take(&self.touched);
                sums::store(&tx, &touched, stamp.at)?;
                changes::store(&tx, seq, &touched)?;
                tx.tx.commit()?;
            }
            None => tx.tx.rollback()?,
        }
        Ok(value)
    }

    /// Works the log into the file and cuts it off, so that nothing deleted is left in it. Returns
    /// whether that was possible: not while another window reads.
    ///
    /// # Errors
    /// SQLite's errors.
    pub(super) fn cut_log(&self) -> Result<bool> {
        let conn = self.lock();
        conn.busy_timeout(MOMENT)?;
        let is_busy: i64 =
            conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        Ok(is_busy == 0)
    }

    /// What has been committed since the audit entry `seen`: the last entry now, and which rows it
    /// was where that is known.
    ///
    /// # Errors
    /// The audit log cannot be read.
    pub fn news(reader: &Reader, seen: i64) -> Result<(i64, News)> {
        changes::news(reader, seen)
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        // A panic while writing rolled its transaction back, so the connection is sound.
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A number that changes whenever another connection commits; to be polled on one `Reader`.
    ///
    /// # Errors
    /// SQLite's errors.
    pub fn data_version(reader: &Reader) -> Result<i64> {
        Ok(reader.pragma_query_value(None, "data_version", |row| row.get(0))?)
    }
}

impl std::fmt::Debug for Workspace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Workspace").field("path", &self.path).finish_non_exhaustive()
    }
}

/// Opens a file for writing: leftovers are removed, older schemas migrated.
fn open_to_write(file: &Path, key: Option<&RawKey>) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut conn = connect(file, key, flags).map_err(write_refused)?;
    let found = known_schema(&conn).map_err(write_refused)?;
    // SQLite falls back to reading where it may not write.
    if conn.is_readonly(rusqlite::MAIN_DB)? {
        return Err(StoreError::ReadOnly("the file is write-protected"));
    }
    use_log(&conn).map_err(write_refused)?;
    beside::remove_leftovers(&mut conn, file).map_err(write_refused)?;
    guard::refuse_foreign(&conn)?;
    migrate(&mut conn, found)?;
    guard::refuse_odd_ids(&conn)?;
    Ok(conn)
}

/// Turns the write-ahead log on and opens it: a writer that has never looked at the log would leave
/// it behind when it is closed last.
fn use_log(conn: &Connection) -> Result<()> {
    conn.pragma_update(None, "journal_mode", "WAL")?;
    Ok(conn.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?)
}

/// A file or folder that may not be written is told as such.
fn write_refused(error: StoreError) -> StoreError {
    use rusqlite::ErrorCode::{CannotOpen, PermissionDenied, ReadOnly};
    match error {
        StoreError::Sqlite(e)
            if matches!(e.sqlite_error_code(), Some(CannotOpen | PermissionDenied | ReadOnly)) =>
        {
            StoreError::ReadOnly("the file or its folder is write-protected")
        }
        StoreError::Io(_, e) if e.kind() == std::io::ErrorKind::PermissionDenied => {
            StoreError::ReadOnly("the file or its folder is write-protected")
        }
        other => other,
    }
}

/// The schema of an open file, if this program knows it.
fn known_schema(conn: &Connection) -> Result<i64> {
    match schema::version(conn)? {
        None => Err(StoreError::NotAWorkspace("it has no Menpai tables".into())),
        Some(found) if found > schema::NEWEST => {
            Err(StoreError::NewerSchema { found, known: schema::NEWEST })
        }
        Some(found) => Ok(found),
    }
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
