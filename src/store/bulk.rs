//! What every write shares: the audit row, the import batch, statistics after large loads.

use rusqlite::{Connection, OptionalExtension as _};

use super::Result;
use crate::access::audit::chain_hash;
use crate::access::{AuditEntry, Stamp};

/// Appends an entry to the hash chain.
///
/// # Errors
/// SQLite's errors.
pub fn append_audit(conn: &Connection, stamp: &Stamp, entry: &AuditEntry) -> Result<()> {
    let last: Option<(i64, Vec<u8>)> = conn
        .query_row("SELECT seq, hash FROM audit_log ORDER BY seq DESC LIMIT 1", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let (seq, prev) = last.unwrap_or((0, Vec::new()));
    let hash = chain_hash(&prev, stamp.at, &stamp.actor.name, entry);
    conn.execute(
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
    Ok(())
}

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
