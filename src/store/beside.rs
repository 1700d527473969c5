//! The file that is written beside a workspace whose passphrase changes.

use std::path::Path;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::cipher::RawKey;
use super::connect::connect;
use super::{Result, bulk, files, has_table, sums};
use crate::access::{AuditEntry, Stamp};

/// Appends an audit entry to a file that nobody else knows of yet.
pub(super) fn append_audit_alone(
    path: &Path,
    key: Option<&RawKey>,
    stamp: &Stamp,
    entry: &AuditEntry,
) -> Result<()> {
    let mut conn = connect(path, key, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    bulk::append_audit(&tx, stamp, entry)?;
    // An export puts the tables elsewhere; a file of an older schema has no marks.
    if has_table(&tx, "summed_table")? {
        sums::mark_roots(&tx)?;
    }
    Ok(tx.commit()?)
}

/// Removes the file that a killed change of passphrase has left: it may be a plain copy.
///
/// # Errors
/// [`StoreError::Busy`], file and SQLite errors.
pub(super) fn remove_leftovers(conn: &mut Connection, file: &Path) -> Result<()> {
    let left = files::beside(file, BESIDE);
    if !left.exists() {
        return Ok(());
    }
    // Whoever changes the passphrase just now holds the file alone: having the write lock means
    // that nobody does.
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let removed = files::remove_leftover(&left);
    tx.rollback()?;
    removed
}

/// Ending of the file that is written beside the old one.
pub(super) const BESIDE: &str = ".rekey";
