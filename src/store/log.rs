//! Whether the write-ahead log beside a file belongs to it.
//!
//! SQLite binds a log to its database by the name alone. When a program dies, its log stays; when a
//! copy is then put in the place of the database, the log of the one would be worked into the other.
//! Every write of ours appends to the audit chain, so the chain tells: the file without its log must
//! be a state that the log starts from or leads through.
//!
//! Log format: <https://www.sqlite.org/fileformat2.html#the_write_ahead_log>.

use std::fs::File;
use std::io::{BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension as _};

use super::cipher::RawKey;
use super::connect::{connect_alone, connect_still, is_about_access};
use super::files::{beside, private};
use super::{Result, StoreError};

/// Bytes before the first frame of a log.
const LOG_HEADER: usize = 32;
/// Bytes before the page of a frame.
const FRAME_HEADER: usize = 24;
/// First commits of a log longer than this are not looked at by themselves.
const MOST_FIRST_COMMIT: u64 = 256 << 20;

/// Last entry of an audit chain: number and hash.
type Tail = Option<(i64, Vec<u8>)>;

/// Puts a log aside that belongs to another file. Returns where it lies now; `None` when the log is
/// the file's own, is in use, or there is none.
///
/// # Errors
/// [`StoreError::Io`] when a strange log cannot be renamed.
pub(super) fn set_strange_log_aside(file: &Path, key: Option<&RawKey>) -> Result<Option<PathBuf>> {
    let log = beside(file, "-wal");
    if std::fs::metadata(&log).map_or(0, |meta| meta.len()) <= LOG_HEADER as u64 {
        return Ok(None);
    }
    let base = connect_still(file, key).and_then(|conn| Ok(tail(&conn)?));
    let Ok(base) = base else {
        // The file by itself cannot be read: a checkpoint was cut off, and the log mends it.
        return Ok(None);
    };
    let leads_on = match connect_alone(file, key) {
        Ok(conn) => leads_on(&conn, &base).unwrap_or(false),
        // Somebody lives who uses the log, or nothing can be done about it here.
        Err(StoreError::Busy) => return Ok(None),
        Err(error) if is_about_access(&error) => return Ok(None),
        Err(_) => false,
    };
    if leads_on && starts_from(file, key, &base).unwrap_or(true) {
        return Ok(None);
    }
    let aside = free_name(file);
    std::fs::rename(&log, &aside).map_err(|e| StoreError::Io(log.clone(), e))?;
    let _ = std::fs::remove_file(beside(file, "-shm"));
    Ok(Some(aside))
}

fn free_name(file: &Path) -> PathBuf {
    let mut names = (1u32..).map(|n| beside(file, &format!("-wal.other-{n}")));
    names.find(|name| !name.exists()).unwrap_or_else(|| beside(file, "-wal.other"))
}

fn tail(conn: &Connection) -> rusqlite::Result<Tail> {
    conn.query_row("SELECT seq, hash FROM audit_log ORDER BY seq DESC LIMIT 1", [], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })
    .optional()
}

/// Whether the chain of a database holds the end of another one, and goes on from there unbroken.
fn leads_on(conn: &Connection, base: &Tail) -> rusqlite::Result<bool> {
    let Some((mut seq, mut hash)) = base.clone() else { return Ok(true) };
    let mut select =
        conn.prepare("SELECT seq, prev_hash, hash FROM audit_log WHERE seq >= ?1 ORDER BY seq")?;
    let mut rows = select.query([seq])?;
    let Some(first) = rows.next()? else { return Ok(false) };
    if first.get::<_, i64>(0)? != seq || first.get::<_, Vec<u8>>(2)? != hash {
        return Ok(false);
    }
    while let Some(row) = rows.next()? {
        if row.get::<_, i64>(0)? != seq + 1 || row.get::<_, Vec<u8>>(1)? != hash {
            return Ok(false);
        }
        (seq, hash) = (row.get(0)?, row.get(2)?);
    }
    Ok(true)
}

/// Whether the first commit of the log follows the state of the file, or one before it. A log that
/// starts later lacks what lies between. `None` when that cannot be seen.
fn starts_from(file: &Path, key: Option<&RawKey>, base: &Tail) -> Option<bool> {
    let twin = Twin::make(file)?;
    let conn = connect_alone(&twin.path, key).ok()?;
    let first = tail(&conn).ok()?;
    let (Some((first_seq, first_hash)), Some((base_seq, base_hash))) = (first, base) else {
        return Some(true);
    };
    if first_seq <= *base_seq {
        // The file is at this commit or further, by a checkpoint.
        let known = connect_still(file, key).ok()?.query_row(
            "SELECT hash FROM audit_log WHERE seq = ?1",
            [first_seq],
            |row| row.get::<_, Vec<u8>>(0),
        );
        return Some(known.is_ok_and(|hash| hash == first_hash));
    }
    let before: Vec<u8> = conn
        .query_row("SELECT prev_hash FROM audit_log WHERE seq = ?1", [first_seq], |r| r.get(0))
        .ok()?;
    Some(first_seq == base_seq + 1 && before == *base_hash)
}

/// A second name of a file, with a log of its own that ends with the first commit.
struct Twin {
    path: PathBuf,
}

impl Twin {
    fn make(file: &Path) -> Option<Self> {
        let path = beside(file, ".log-check");
        let _ = std::fs::remove_file(&path);
        std::fs::hard_link(file, &path).ok()?;
        let twin = Self { path };
        let mut target = private().create_new(true).open(beside(&twin.path, "-wal")).ok()?;
        copy_first_commit(&beside(file, "-wal"), &mut target)?;
        Some(twin)
    }
}

impl Drop for Twin {
    fn drop(&mut self) {
        for ending in ["-wal", "-shm", ""] {
            let _ = std::fs::remove_file(beside(&self.path, ending));
        }
    }
}

/// Copies a log up to the end of its first commit; `None` when it has none, or a very long one.
fn copy_first_commit(log: &Path, to: &mut File) -> Option<()> {
    let mut log = BufReader::with_capacity(1 << 18, File::open(log).ok()?);
    let mut header = [0; LOG_HEADER];
    log.read_exact(&mut header).ok()?;
    let word = |bytes: &[u8], at: usize| bytes[at..at + 4].try_into().map(u32::from_be_bytes).ok();
    let page = match word(&header, 8)? {
        1 => 65_536,
        size @ 512..=32_768 => size as usize,
        _ => return None,
    };
    to.write_all(&header).ok()?;
    let mut frame = vec![0; FRAME_HEADER + page];
    let mut copied = 0u64;
    loop {
        log.read_exact(&mut frame).ok()?;
        // Frames of an older log that was overwritten from its beginning have other salts.
        if frame[8..16] != header[16..24] {
            return None;
        }
        to.write_all(&frame).ok()?;
        copied += frame.len() as u64;
        let pages_after_commit = word(&frame, 4)?;
        if pages_after_commit != 0 {
            return Some(());
        }
        if copied > MOST_FIRST_COMMIT {
            return None;
        }
    }
}
