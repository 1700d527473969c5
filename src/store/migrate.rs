//! From the schema a file was found in to the newest one.

use rusqlite::Connection;

use super::schema::{NEWEST, changed_since, take_steps, version};
use super::{Result, StoreError, sums};

/// Brings an open file from `found` to the newest schema, in one transaction.
///
/// # Errors
/// [`StoreError::NewerSchema`] for a file from the future; SQLite's errors.
pub fn migrate(conn: &mut Connection, found: i64) -> Result<()> {
    if found > NEWEST {
        return Err(StoreError::NewerSchema { found, known: NEWEST });
    }
    if found == NEWEST {
        return Ok(());
    }
    let tx = conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let current = version(&tx)?.unwrap_or(0);
    let before = sums::before_steps(&tx, changed_since(current))?;
    take_steps(&tx, current)?;
    sums::after_steps(&tx, before)?;
    sums::make_missing(&tx)?;
    tx.execute(
        "INSERT INTO meta (key, value) VALUES ('schema_version', ?1)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        [NEWEST.to_string()],
    )?;
    tx.commit()?;
    Ok(())
}
