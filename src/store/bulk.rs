//! What every write shares: the audit row, the import batch, statistics after large loads.

use rusqlite::{Connection, OptionalExtension as _};

use super::{Result, StoreError};
use crate::access::audit::chain_hash;
use crate::access::{
    AuditEntry, HOUSEHOLD_CARD, MOST_NAMES, MOST_REVEALS, REVEAL_WINDOW_SECS, Stamp,
};

/// Appends an entry to the hash chain. Returns its number.
///
/// # Errors
/// SQLite's errors.
pub fn append_audit(conn: &Connection, stamp: &Stamp, entry: &AuditEntry) -> Result<i64> {
    let last: Option<(i64, Vec<u8>)> = conn
        .query_row("SELECT seq, hash FROM audit_log ORDER BY seq DESC LIMIT 1", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let (seq, prev) = last.unwrap_or((0, Vec::new()));
    let hash = chain_hash(&prev, stamp.at, &stamp.actor.name, entry);
    let written = conn.execute(
        "INSERT INTO audit_log
           (seq, at, who, action, object, fields, purpose, ok, prev_hash, hash)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        rusqlite::params![
            seq + 1,
            stamp.at,
            stamp.actor.name,
            entry.action,
            entry.object,
            entry.fields,
            entry.purpose,
            entry.ok,
            prev,
            hash.as_slice(),
        ],
    )?;
    if written != 1 {
        return Err(StoreError::Foreign("the audit log does not take entries".into()));
    }
    Ok(seq + 1)
}

/// Refuses a reveal beyond the limit: fields shown for a purpose, and searches by number, of this actor
/// in the last minutes, whichever window or command they came from.
///
/// # Errors
/// [`StoreError::TooManyReveals`]; SQLite's errors.
pub fn check_reveals(conn: &Connection, stamp: &Stamp) -> Result<()> {
    let mut select =
        conn.prepare_cached("SELECT at, who, action, purpose FROM audit_log ORDER BY seq DESC")?;
    let mut rows = select.query([])?;
    let mut count = 0;
    while let Some(row) = rows.next()? {
        if row.get::<_, i64>(0)? <= stamp.at - REVEAL_WINDOW_SECS {
            break;
        }
        let (action, purpose): (String, String) = (row.get(2)?, row.get(3)?);
        let counts = action == SEARCH_BY_NUMBER || action == "reveal" && purpose != HOUSEHOLD_CARD;
        count += usize::from(counts && row.get::<_, String>(1)? == stamp.actor.name);
    }
    if count >= MOST_REVEALS { Err(StoreError::TooManyReveals) } else { Ok(()) }
}

/// Refuses to show more names in searches than one may see in a while, of this actor.
///
/// # Errors
/// [`StoreError::TooManyNames`]; the audit log cannot be read.
pub fn check_names_shown(conn: &Connection, stamp: &Stamp, more: u64) -> Result<()> {
    let mut select =
        conn.prepare_cached("SELECT at, who, action, fields FROM audit_log ORDER BY seq DESC")?;
    let mut rows = select.query([])?;
    let mut shown = more;
    while let Some(row) = rows.next()? {
        if row.get::<_, i64>(0)? <= stamp.at - REVEAL_WINDOW_SECS {
            break;
        }
        let (who, action): (String, String) = (row.get(1)?, row.get(2)?);
        if action == SEARCH_NAMES && who == stamp.actor.name {
            let fields: String = row.get(3)?;
            let count = fields.split_once('×').and_then(|(_, count)| count.parse::<u64>().ok());
            shown += count.unwrap_or(0);
        }
    }
    if shown > MOST_NAMES { Err(StoreError::TooManyNames) } else { Ok(()) }
}

/// What the audit log calls a search by a part of a number.
pub const SEARCH_BY_NUMBER: &str = "search_number";

/// Name of the audit entry of a search that showed names.
pub const SEARCH_NAMES: &str = "search_names";

/// How the rows of a file ended: read = added + merged + unchanged + held + rejected + skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct RowCounts {
    /// Rows (or features) in the file, headings not counted.
    pub read: u64,
    /// New records.
    pub added: u64,
    /// Existing records that changed.
    pub merged: u64,
    /// Existing records that already said the same.
    pub unchanged: u64,
    /// Understood, but waiting for a decision (ambiguous room, say).
    pub held: u64,
    /// Not taken; the report says why.
    pub rejected: u64,
    /// Blank, total and hint rows.
    pub skipped: u64,
}

impl RowCounts {
    /// Whether no row vanished.
    #[must_use]
    pub fn adds_up(&self) -> bool {
        self.read
            == self.added + self.merged + self.unchanged + self.held + self.rejected + self.skipped
    }
}

/// Lets SQLite learn the new sizes, so that it keeps choosing the right index.
///
/// # Errors
/// SQLite's errors.
pub fn analyze(conn: &Connection) -> Result<()> {
    conn.execute_batch("PRAGMA analysis_limit = 400; ANALYZE;")?;
    Ok(())
}
