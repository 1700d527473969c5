//! Fields of records by hand: read, changed, marked as deleted; who holds a value already.

use rusqlite::types::{FromSql, FromSqlResult, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension as _, ToSql, params_from_iter};

use super::{Result, StoreError, WriteTx};
use crate::domain::object::{Cell, Object};

impl ToSql for Cell {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Self::Empty => Ok(rusqlite::types::Null.into()),
            Self::Int(n) => n.to_sql(),
            Self::Real(x) => x.to_sql(),
            Self::Text(text) => text.to_sql(),
        }
    }
}

impl FromSql for Cell {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Ok(match value {
            ValueRef::Null | ValueRef::Blob(_) => Self::Empty,
            ValueRef::Integer(n) => Self::Int(n),
            ValueRef::Real(x) => Self::Real(x),
            ValueRef::Text(text) => Self::Text(String::from_utf8_lossy(text).into_owned()),
        })
    }
}

/// Tables whose rows are marked as deleted instead of being deleted.
fn is_marked(table: &str) -> bool {
    !matches!(table, "event" | "household" | "residency" | "person_tag")
}

/// What a living row of a table satisfies.
fn alive(table: &str) -> &'static str {
    if is_marked(table) { "deleted_at IS NULL" } else { "TRUE" }
}

/// Fields of a record, by column; `None` for one that is not there.
///
/// # Errors
/// SQLite's errors.
pub fn cells(conn: &Connection, object: Object, columns: &[&str]) -> Result<Option<Vec<Cell>>> {
    let (table, key, _) = object.names();
    let list = columns.iter().map(|c| format!("\"{c}\"")).collect::<Vec<_>>().join(", ");
    let sql = format!("SELECT {list} FROM {table} WHERE {key} = ?1 AND {}", alive(table));
    Ok(conn
        .prepare_cached(&sql)?
        .query_row([object.row()], |row| (0..columns.len()).map(|n| row.get(n)).collect())
        .optional()?)
}

/// Changes fields of a record.
///
/// # Errors
/// SQLite's errors, a value that another record has among them.
pub fn set_cells(tx: &WriteTx<'_>, object: Object, fields: &[(&str, Cell)]) -> Result<()> {
    if fields.is_empty() {
        return Ok(());
    }
    let (table, key, _) = object.names();
    let list: Vec<String> =
        fields.iter().enumerate().map(|(n, (c, _))| format!("\"{c}\" = ?{}", n + 2)).collect();
    let sql = format!("UPDATE {table} SET {} WHERE {key} = ?1", list.join(", "));
    let values =
        std::iter::once(Cell::Int(object.row())).chain(fields.iter().map(|(_, cell)| cell.clone()));
    tx.prepare_cached(&sql)?.execute(params_from_iter(values))?;
    Ok(())
}

/// Adds a record with these fields. Returns its row id.
///
/// # Errors
/// SQLite's errors.
pub fn insert(tx: &WriteTx<'_>, table: &str, fields: &[(&str, Cell)]) -> Result<i64> {
    let list: Vec<String> = fields.iter().map(|(c, _)| format!("\"{c}\"")).collect();
    let marks: Vec<String> = (1..=fields.len()).map(|n| format!("?{n}")).collect();
    let sql = format!("INSERT INTO {table} ({}) VALUES ({})", list.join(", "), marks.join(", "));
    tx.prepare_cached(&sql)?.execute(params_from_iter(fields.iter().map(|(_, cell)| cell)))?;
    Ok(tx.last_insert_rowid())
}

/// Takes a record out: marked as deleted where its table has the mark, else deleted.
///
/// # Errors
/// SQLite's errors, records that speak of it among them.
pub fn delete(tx: &WriteTx<'_>, object: Object) -> Result<()> {
    let (table, key, _) = object.names();
    if table == "event" {
        return Err(StoreError::Record("an event is not deleted: cancel it".into()));
    }
    if is_marked(table) {
        let sql = format!("UPDATE {table} SET deleted_at = ?2 WHERE {key} = ?1");
        tx.execute(&sql, (object.row(), tx.stamp().at))?;
    } else {
        tx.execute(&format!("DELETE FROM {table} WHERE {key} = ?1"), [object.row()])?;
    }
    Ok(())
}

/// Whether another living record of the table has these values.
///
/// # Errors
/// SQLite's errors.
pub fn is_taken(conn: &Connection, object: Object, fields: &[(&str, Cell)]) -> Result<bool> {
    let (table, key, _) = object.names();
    let list: Vec<String> =
        fields.iter().enumerate().map(|(n, (c, _))| format!("\"{c}\" = ?{}", n + 2)).collect();
    let sql = format!(
        "SELECT 1 FROM {table} WHERE {key} <> ?1 AND {} AND {} LIMIT 1",
        list.join(" AND "),
        alive(table)
    );
    let values =
        std::iter::once(Cell::Int(object.row())).chain(fields.iter().map(|(_, cell)| cell.clone()));
    Ok(conn.prepare_cached(&sql)?.exists(params_from_iter(values))?)
}

/// How many living records speak of a record, by table: what is lost sight of when it goes.
///
/// # Errors
/// SQLite's errors.
pub fn referrers(conn: &Connection, object: Object) -> Result<Vec<(String, u64)>> {
    let pairs: &[(&str, &str)] = match object {
        Object::Building(_) => &[
            ("room", "building_id = ?1 AND deleted_at IS NULL"),
            ("enterprise", "building_id = ?1 AND deleted_at IS NULL"),
            ("event", "building_id = ?1"),
        ],
        Object::Room(_) => &[
            ("residency", "room_id = ?1 AND end_date IS NULL"),
            ("enterprise", "room_id = ?1 AND deleted_at IS NULL"),
            ("event", "room_id = ?1"),
        ],
        Object::Person(_) => &[("residency", "person_id = ?1 AND end_date IS NULL")],
        Object::Estate(_) => &[("building", "estate_id = ?1 AND deleted_at IS NULL")],
        Object::Grid(_) => &[("building", "grid_id = ?1 AND deleted_at IS NULL")],
        Object::Household(_) => &[("residency", "household_id = ?1 AND end_date IS NULL")],
        _ => &[],
    };
    let mut found = Vec::new();
    for (table, condition) in pairs {
        let sql = format!("SELECT count(*) FROM {table} WHERE {condition}");
        let count: i64 = conn.prepare_cached(&sql)?.query_row([object.row()], |row| row.get(0))?;
        if count > 0 {
            found.push(((*table).to_owned(), count.unsigned_abs()));
        }
    }
    Ok(found)
}
