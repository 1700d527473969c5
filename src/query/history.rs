//! Where a fact comes from: what deeds have said of a record's fields, newest first.

use crate::domain::ids::DeedId;
use crate::domain::object::{Cell, Object};
use crate::store::deed::DeedKind;
use crate::store::{Connection, Result};

/// A change of a field.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldChange {
    /// The deed.
    pub deed_id: DeedId,
    /// What kind it was.
    pub kind: DeedKind,
    /// Its title: of an import, the file.
    pub title: String,
    /// When, UTC seconds.
    pub at: i64,
    /// Who.
    pub actor: String,
    /// Whether it was taken back since.
    pub is_undone: bool,
    /// The table: of a person also `residency`.
    pub table: String,
    /// The column; empty where the deed added the record as a whole.
    pub column: String,
    /// What stood there before.
    pub before: Cell,
    /// What it said then.
    pub after: Cell,
}

fn cell_of(value: &serde_json::Value) -> Cell {
    match value {
        serde_json::Value::Number(n) => match n.as_i64() {
            Some(whole) => Cell::Int(whole),
            None => Cell::Real(n.as_f64().unwrap_or_default()),
        },
        serde_json::Value::String(text) => Cell::Text(text.clone()),
        serde_json::Value::Bool(yes) => Cell::Int(i64::from(*yes)),
        _ => Cell::Empty,
    }
}

/// What deeds have done to the fields of a record, newest first; of a person also to where they live. The
/// deed that added it comes last, with an empty column.
///
/// # Errors
/// SQLite's errors.
pub fn history(conn: &Connection, object: Object) -> Result<Vec<FieldChange>> {
    let mut changes = changes_of(conn, (object.table(), object.row()))?;
    if let Object::Person(person_id) = object {
        let mut select = conn.prepare_cached(
            "SELECT residency_id FROM residency WHERE person_id = ?1 ORDER BY residency_id DESC",
        )?;
        let homes = select
            .query_map([person_id], |row| row.get(0))?
            .collect::<rusqlite::Result<Vec<i64>>>()?;
        for home in homes {
            changes.extend(changes_of(conn, ("residency", home))?);
        }
        changes
            .sort_by_key(|change| std::cmp::Reverse((change.deed_id, !change.column.is_empty())));
    }
    Ok(changes)
}

/// The deed of a row, as a change of no field in particular.
fn change_as_a_whole(row: &rusqlite::Row<'_>, table: &str) -> rusqlite::Result<FieldChange> {
    Ok(FieldChange {
        deed_id: row.get(0)?,
        kind: row.get(1)?,
        title: row.get(2)?,
        at: row.get(3)?,
        actor: row.get(4)?,
        is_undone: row.get(5)?,
        table: table.to_owned(),
        column: String::new(),
        before: Cell::Empty,
        after: Cell::Empty,
    })
}

fn changes_of(conn: &Connection, (table, row): (&str, i64)) -> Result<Vec<FieldChange>> {
    let mut changes = Vec::new();
    let mut select = conn.prepare_cached(
        "SELECT d.deed_id, d.kind, d.title, d.at, d.actor, d.undone_at NOT NULL, c.before, c.after
         FROM deed_change c JOIN deed d USING (deed_id) WHERE c.tbl = ?1 AND c.row_id = ?2
         ORDER BY d.deed_id DESC",
    )?;
    let mut rows = select.query((table, row))?;
    while let Some(row) = rows.next()? {
        let read = |index: usize| -> Result<serde_json::Value> {
            let text: Option<String> = row.get(index)?;
            Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
        };
        let (before, after) = (read(6)?, read(7)?);
        let Some(fields) = before.as_object() else { continue };
        for (column, old) in fields {
            let new = &after[column];
            if old != new
                && !matches!(column.as_str(), "pinyin" | "initials" | "geom" | "match_key")
            {
                changes.push(FieldChange {
                    column: column.clone(),
                    before: cell_of(old),
                    after: cell_of(new),
                    ..change_as_a_whole(row, table)?
                });
            }
        }
    }
    let mut select = conn.prepare_cached(
        "SELECT d.deed_id, d.kind, d.title, d.at, d.actor, d.undone_at NOT NULL
         FROM deed_range r JOIN deed d USING (deed_id)
         WHERE r.tbl = ?1 AND ?2 BETWEEN r.first_id AND r.last_id AND d.kind <> 'undo'",
    )?;
    let added = select.query_map((table, row), |row| change_as_a_whole(row, table))?;
    changes.extend(added.collect::<rusqlite::Result<Vec<_>>>()?);
    Ok(changes)
}
