//! Connections to a workspace file, and the ways in which a file is read that may not be written.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::cipher::RawKey;
use super::files::{COMPANIONS, beside, private};
use super::{Result, StoreError, gpkg, schema};

/// How long a connection waits for another one's write, in total.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Page cache of a connection, KiB.
const CACHE_KIB: i64 = 32 * 1024;
/// How much of a plain file a connection maps into memory. Pages that were read stay resident, so
/// a map of the whole file would count twice what a large workspace needs.
const MAPPED_BYTES: i64 = 16 << 20;
/// Prepared statements kept per connection.
const STATEMENT_CACHE: usize = 128;

/// Opens a connection and sets what holds for all of them.
pub(super) fn connect(path: &Path, key: Option<&RawKey>, flags: OpenFlags) -> Result<Connection> {
    let conn = Connection::open_with_flags(path, flags)?;
    unlock(&conn, key)?;
    settle(&conn, key.is_some())?;
    Ok(conn)
}

fn unlock(conn: &Connection, key: Option<&RawKey>) -> Result<()> {
    let Some(key) = key else { return Ok(()) };
    // A wrong passphrase is our message, not a line on stderr.
    conn.execute_batch("PRAGMA cipher_log_level = NONE")?;
    // Hexadecimal digits of a derived key, never user text: safe inside SQL.
    let sql = zeroize::Zeroizing::new(format!("PRAGMA key = \"{}\"", *key.pragma_value()));
    conn.execute_batch(&sql)?;
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(())
}

fn settle(conn: &Connection, is_encrypted: bool) -> Result<()> {
    conn.busy_timeout(BUSY_TIMEOUT)?;
    conn.pragma_update(None, "foreign_keys", true)?;
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.pragma_update(None, "trusted_schema", false)?;
    // What was taken back or deleted is overwritten, and not left readable in the file.
    conn.pragma_update(None, "secure_delete", true)?;
    conn.pragma_update(None, "cache_size", -CACHE_KIB)?;
    conn.pragma_update(None, "mmap_size", if is_encrypted { 0 } else { MAPPED_BYTES })?;
    conn.set_prepared_statement_cache_capacity(STATEMENT_CACHE);
    // A range over an index is planned once, and not anew for every value bound to it.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    gpkg::register_functions(conn)?;
    Ok(())
}

/// Opens a file that nobody else has open, and keeps everybody else out until it is closed. The
/// log beside it is read but neither emptied nor removed.
///
/// # Errors
/// [`StoreError::Busy`] while somebody else has it open; SQLite's errors.
pub(super) fn connect_alone(path: &Path, key: Option<&RawKey>) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    conn.busy_timeout(Duration::ZERO)?;
    unlock(&conn, key)?;
    // Before the first look at the file: the index of the log then stays in this process.
    conn.query_row("PRAGMA locking_mode = EXCLUSIVE", [], |_| Ok(()))?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    conn.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    // In rollback mode reading alone does not keep others out.
    conn.execute_batch("BEGIN EXCLUSIVE; COMMIT")?;
    Ok(conn)
}

/// How the connections that read a workspace reach its content.
#[derive(Debug)]
pub(super) enum Way {
    /// Through the file and the log beside it, as SQLite does it.
    Shared,
    /// Through the file alone: nobody can write to it, and there is no log.
    Still,
    /// Through a copy in a private folder, where the log could be worked into it.
    Copy(tempfile::TempDir),
}

/// A file and how it is reached.
#[derive(Debug)]
pub(super) struct Place {
    /// The file itself.
    pub(super) file: PathBuf,
    /// How it is read.
    pub(super) way: Way,
}

impl Place {
    /// A new connection that only reads.
    ///
    /// # Errors
    /// SQLite's errors.
    pub(super) fn reader(&self, key: Option<&RawKey>) -> Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = match &self.way {
            Way::Shared => connect(&self.file, key, flags)?,
            Way::Still => connect_still(&self.file, key)?,
            Way::Copy(folder) => {
                connect(&folder.path().join("w"), key, OpenFlags::SQLITE_OPEN_READ_WRITE)?
            }
        };
        schema::read_as_newest(&conn)?;
        conn.pragma_update(None, "query_only", true)?;
        Ok(conn)
    }

    /// Finds a way to read a file that can perhaps not be written.
    ///
    /// # Errors
    /// SQLite's errors, [`StoreError::Io`] when even a copy cannot be made.
    pub(super) fn to_read(file: &Path, key: Option<&RawKey>) -> Result<Self> {
        let at = |way| Self { file: file.to_owned(), way };
        let shared = at(Way::Shared);
        let Err(error) = shared.probe(key) else { return Ok(shared) };
        if !is_about_access(&error) {
            return Err(error);
        }
        // What a killed writer left is worked in by whoever may write.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mended = connect(file, key, flags)
            .and_then(|conn| schema::version(&conn))
            .and_then(|_| shared.probe(key));
        if mended.is_ok() {
            return Ok(shared);
        }
        let has_log = ["-wal", "-journal"]
            .iter()
            .any(|ending| std::fs::metadata(beside(file, ending)).is_ok_and(|meta| meta.len() > 0));
        if !has_log {
            let still = at(Way::Still);
            still.probe(key)?;
            return Ok(still);
        }
        let copy = at(Way::Copy(private_copy(file)?));
        copy.probe(key)?;
        Ok(copy)
    }

    fn probe(&self, key: Option<&RawKey>) -> Result<()> {
        schema::version(&self.reader(key)?)?;
        Ok(())
    }
}

/// Opens a file as it stands, without looking at a log or a lock.
pub(super) fn connect_still(path: &Path, key: Option<&RawKey>) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    connect(Path::new(&still_uri(path)), key, flags)
}

/// The URI under which SQLite takes a file as it stands (<https://www.sqlite.org/uri.html>).
fn still_uri(path: &Path) -> String {
    use std::fmt::Write as _;
    let text = path.to_string_lossy().replace('\\', "/");
    let mut uri = String::from("file:");
    // C:/x is /C:/x in a URI.
    if text.as_bytes().get(1) == Some(&b':') {
        uri.push('/');
    }
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.~:".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri.push_str("?immutable=1");
    uri
}

/// Whether an error is about what may be written or created, and not about the content.
pub(super) fn is_about_access(error: &StoreError) -> bool {
    match error {
        StoreError::ReadOnly(_) => true,
        StoreError::Sqlite(e) => matches!(
            e.sqlite_error_code(),
            Some(
                ErrorCode::CannotOpen
                    | ErrorCode::ReadOnly
                    | ErrorCode::PermissionDenied
                    | ErrorCode::SystemIoFailure
            )
        ),
        _ => false,
    }
}

/// A copy of a file and its log that only this user may read.
pub(super) fn private_copy(file: &Path) -> Result<tempfile::TempDir> {
    let io = |e| StoreError::Io(file.to_owned(), e);
    let folder = tempfile::Builder::new().prefix("menpai-").tempdir().map_err(io)?;
    let copy = |ending: &str| -> Result<()> {
        let from = beside(file, ending);
        let to = beside(&folder.path().join("w"), ending);
        let mut source = match std::fs::File::open(&from) {
            Ok(source) => source,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(e) => return Err(StoreError::Io(from, e)),
        };
        let mut target = private().open(&to).map_err(io)?;
        std::io::copy(&mut source, &mut target).map_err(io)?;
        Ok(())
    };
    copy("")?;
    for ending in COMPANIONS.iter().filter(|ending| **ending != "-shm") {
        copy(ending)?;
    }
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_hold_any_path() {
        let check = |path: &str, uri: &str| assert_eq!(still_uri(Path::new(path)), uri);
        check("/a/w.gpkg", "file:/a/w.gpkg?immutable=1");
        check("/网格/a b?#%.gpkg", "file:/%E7%BD%91%E6%A0%BC/a%20b%3F%23%25.gpkg?immutable=1");
        check(r"C:\x\w.gpkg", "file:/C:/x/w.gpkg?immutable=1");
    }
}
