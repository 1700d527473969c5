//! The indexes of the schema: dropped for a load of millions of rows, made in one pass afterwards, and
//! made again where they are missing.

use rusqlite::Connection;

use super::Result;
use super::guard::{self, Index};

/// Indexes of the newest schema that a file does not have.
///
/// # Errors
/// SQLite's errors.
pub fn missing(conn: &Connection) -> Result<Vec<Index>> {
    let mut is_there = conn.prepare_cached(
        "SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = ?1 AND tbl_name = ?2",
    )?;
    let mut missing = Vec::new();
    for index in guard::own_indexes() {
        if !is_there.exists((&index.name, &index.table))? {
            missing.push(index.clone());
        }
    }
    Ok(missing)
}

/// Drops the indexes of tables that are empty, so that filling them need not sort row by row. They are
/// missing until [`make`] has made them: look-ups then scan.
///
/// # Errors
/// SQLite's errors.
pub fn drop_of_empty(conn: &Connection, tables: &[&str]) -> Result<()> {
    for index in guard::own_indexes().iter().filter(|i| tables.contains(&i.table.as_str())) {
        let sql = format!("SELECT NOT EXISTS (SELECT 1 FROM {})", index.table);
        if conn.query_row(&sql, [], |row| row.get(0))? {
            conn.execute_batch(&format!("DROP INDEX IF EXISTS \"{}\"", index.name))?;
        }
    }
    Ok(())
}

/// Makes an index that is missing.
///
/// # Errors
/// SQLite's errors, as when two rows share what only one may have.
pub fn make(conn: &Connection, index: &Index) -> Result<()> {
    Ok(conn.execute_batch(&index.sql)?)
}
