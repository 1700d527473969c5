//! Who works here.

use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension as _};

use super::{Result, WriteTx};
use crate::domain::ids::{GridId, StaffId};

/// Names of those who work here on a day, in their order.
///
/// # Errors
/// SQLite's errors.
pub fn names(conn: &Connection, on: Date) -> Result<Vec<String>> {
    Ok(conn
        .prepare_cached(
            "SELECT DISTINCT name FROM staff WHERE deleted_at IS NULL
               AND (since IS NULL OR since <= ?1) AND (until IS NULL OR until >= ?1)
             ORDER BY name",
        )?
        .query_map([on.to_string()], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?)
}

/// Adds somebody to the staff, unless the name is known, with an office of a grid. Returns the row id.
///
/// # Errors
/// SQLite's errors.
pub fn add(
    tx: &WriteTx<'_>,
    (name, duty_phone): (&str, &str),
    office: i64,
    grid_id: Option<GridId>,
) -> Result<StaffId> {
    let known: Option<StaffId> = tx
        .query_row(
            "SELECT staff_id FROM staff WHERE name = ?1 AND deleted_at IS NULL",
            [name],
            |row| row.get(0),
        )
        .optional()?;
    let staff_id = match known {
        Some(known) => known,
        None => {
            let sql = "INSERT INTO staff (name, duty_phone) VALUES (?1, ?2)";
            tx.execute(sql, (name, duty_phone))?;
            StaffId(tx.last_insert_rowid())
        }
    };
    tx.execute(
        "INSERT INTO staff_office (staff_id, office, grid_id) VALUES (?1, ?2, ?3)",
        (staff_id, office, grid_id),
    )?;
    Ok(staff_id)
}
