//! Whether the tables of a file are what this program made: no trigger of somebody else on them, no view
//! or generated column in their place, no row ids that nothing here has given.
//!
//! What other programs add beside them stays: their own tables and views, GeoPackage's R-tree triggers,
//! and the triggers by which GDAL counts features.

use crate::msg;
use crate::text::Message;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use rusqlite::Connection;

use super::{Result, StoreError, gpkg, schema};

/// Row ids up to here are kept in a saved file without a look at how many rows there are.
const USUAL_IDS: i64 = 50_000_000;
/// Times its rows that a table's ids may reach beyond that.
const MOST_SPREAD: i64 = 4;

/// An index as the schema makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// Its table.
    pub table: String,
    /// The statement that makes it.
    pub sql: String,
}

/// The schema as this program makes it.
struct Reference {
    /// Tables with their columns.
    tables: BTreeMap<String, BTreeSet<String>>,
    /// Statements that make each table without its rules and indexes.
    bare: BTreeMap<String, String>,
    /// The same for tables of older schemas that a migration has moved elsewhere.
    moved: BTreeMap<String, String>,
    /// Triggers with their text, blanks aside.
    triggers: BTreeMap<String, String>,
    /// Indexes that a statement makes.
    indexes: Vec<Index>,
}

fn reference() -> Option<&'static Reference> {
    static REFERENCE: OnceLock<Option<Reference>> = OnceLock::new();
    REFERENCE.get_or_init(|| make_reference().ok()).as_ref()
}

fn make_reference() -> Result<Reference> {
    let conn = Connection::open_in_memory()?;
    gpkg::register_functions(&conn)?;
    schema::take_steps(&conn, 0)?;
    let mut tables = BTreeMap::new();
    for (kind, name) in objects(&conn)? {
        if kind == "table" && is_ours(&name) {
            let columns = columns(&conn, &name)?.into_iter().map(|(column, _)| column).collect();
            tables.insert(name, columns);
        }
    }
    let triggers = triggers(&conn)?.into_iter().map(|t| (t.name, t.sql)).collect();
    let bare = tables
        .keys()
        .map(|table: &String| Ok((table.clone(), make_bare(&conn, table)?)))
        .collect::<Result<_>>()?;
    let older = Connection::open_in_memory()?;
    gpkg::register_functions(&older)?;
    schema::take_steps_to(&older, 0, schema::BEFORE_DEEDS)?;
    let moved = schema::MOVED_TABLES
        .iter()
        .map(|table| Ok(((*table).to_owned(), make_bare(&older, table)?)))
        .collect::<Result<_>>()?;
    let indexes = indexes(&conn)?;
    Ok(Reference { tables, bare, moved, triggers, indexes })
}

fn indexes(conn: &Connection) -> Result<Vec<Index>> {
    let mut select = conn.prepare(
        "SELECT name, tbl_name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL
         ORDER BY rowid",
    )?;
    let rows = select.query_map([], |row| {
        Ok(Index { name: row.get(0)?, table: row.get(1)?, sql: row.get(2)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The indexes of the newest schema, in the order in which it makes them.
pub(super) fn own_indexes() -> &'static [Index] {
    reference().map_or(&[], |reference| &reference.indexes)
}

fn make_bare(conn: &Connection, table: &str) -> Result<String> {
    let mut select = conn.prepare(
        "SELECT name, type, pk, (SELECT wr FROM pragma_table_list(?1)) FROM pragma_table_info(?1)",
    )?;
    let mut rows = select.query([table])?;
    let (mut columns, mut keys, mut is_without_rowid) = (Vec::new(), Vec::new(), false);
    while let Some(row) = rows.next()? {
        let (name, kind, key): (String, String, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        is_without_rowid = row.get(3)?;
        let is_row_id = key == 1 && !is_without_rowid;
        columns.push(format!("\"{name}\" {kind}{}", if is_row_id { " PRIMARY KEY" } else { "" }));
        if key > 0 {
            keys.push((key, format!("\"{name}\"")));
        }
    }
    if is_without_rowid {
        keys.sort();
        let keys: Vec<String> = keys.into_iter().map(|(_, name)| name).collect();
        columns.push(format!("PRIMARY KEY ({})", keys.join(", ")));
    }
    let ending = if is_without_rowid { " WITHOUT ROWID" } else { "" };
    Ok(format!("CREATE TABLE \"{table}\" ({}){ending}", columns.join(", ")))
}

/// The statement that makes a table of ours with its columns alone, for reading it.
pub(super) fn bare_table(table: &str) -> Option<&'static str> {
    let reference = reference()?;
    let statement = reference.bare.get(table).or_else(|| reference.moved.get(table))?;
    Some(statement.as_str())
}

/// Names of the tables of a workspace in the order in which rows can be stored.
pub(super) fn table_names() -> Vec<String> {
    reference().map(|r| r.tables.keys().cloned().collect()).unwrap_or_default()
}

/// Names of the tables of a workspace of a schema.
///
/// # Errors
/// SQLite's errors.
pub(super) fn table_names_of(version: i64) -> Result<Vec<String>> {
    let conn = Connection::open_in_memory()?;
    gpkg::register_functions(&conn)?;
    schema::take_steps_to(&conn, 0, version.clamp(0, schema::NEWEST))?;
    let names = objects(&conn)?.into_iter().filter(|(kind, name)| kind == "table" && is_ours(name));
    Ok(names.map(|(_, name)| name).collect())
}

/// Whether this program made a table of this name.
pub(super) fn is_own_table(table: &str) -> bool {
    reference().is_some_and(|r| r.tables.contains_key(table))
}

/// Columns of a table that this program made, in the order of the file.
///
/// # Errors
/// SQLite's errors.
pub(super) fn own_columns(conn: &Connection, table: &str) -> Result<Vec<String>> {
    let Some(own) = reference().and_then(|r| r.tables.get(table)) else { return Ok(Vec::new()) };
    let mut select = conn.prepare_cached("SELECT name FROM pragma_table_info(?1, 'main')")?;
    let names = select.query_map([table], |row| row.get::<_, String>(0))?;
    let mut names: Vec<String> = names.collect::<rusqlite::Result<_>>()?;
    names.retain(|name| own.contains(name));
    Ok(names)
}

/// Whether a table is a workspace's own, and not SQLite's or GeoPackage's.
fn is_ours(name: &str) -> bool {
    !["sqlite_", "gpkg_", "rtree_"].iter().any(|prefix| name.starts_with(prefix))
}

fn objects(conn: &Connection) -> Result<Vec<(String, String)>> {
    let mut select = conn.prepare("SELECT type, name FROM sqlite_schema ORDER BY name")?;
    let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<std::result::Result<_, _>>()?)
}

/// Columns of a table: name, and whether it is generated.
fn columns(conn: &Connection, table: &str) -> Result<Vec<(String, bool)>> {
    let mut select = conn.prepare("SELECT name, hidden FROM pragma_table_xinfo(?1)")?;
    let rows = select.query_map([table], |row| Ok((row.get(0)?, row.get::<_, i64>(1)? >= 2)))?;
    Ok(rows.collect::<std::result::Result<_, _>>()?)
}

struct Trigger {
    name: String,
    table: String,
    sql: String,
}

fn triggers(conn: &Connection) -> Result<Vec<Trigger>> {
    let mut select =
        conn.prepare("SELECT name, tbl_name, sql FROM sqlite_schema WHERE type = 'trigger'")?;
    let rows = select.query_map([], |row| {
        let sql: String = row.get(2)?;
        let sql = sql.split_whitespace().collect::<Vec<_>>().join(" ");
        Ok(Trigger { name: row.get(0)?, table: row.get(1)?, sql })
    })?;
    Ok(rows.collect::<std::result::Result<_, _>>()?)
}

/// What is not as this program made it, each as a sentence; nothing for a sound file.
///
/// # Errors
/// SQLite's errors.
pub fn findings(conn: &Connection) -> Result<Vec<Message>> {
    let Some(reference) = reference() else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for (kind, name) in objects(conn)? {
        let Some(expected) = reference.tables.get(&name).filter(|_| kind != "trigger") else {
            continue;
        };
        if kind != "table" {
            found.push(msg!("a {} stands in the place of the table {}", kind, name));
            continue;
        }
        let columns = columns(conn, &name)?;
        for (column, is_generated) in &columns {
            if *is_generated && expected.contains(column) {
                found.push(msg!("the column {} of the table {} is generated", column, name));
            }
        }
    }
    for trigger in triggers(conn)? {
        if !reference.tables.contains_key(&trigger.table) {
            continue;
        }
        let is_known = match reference.triggers.get(&trigger.name) {
            Some(sql) => *sql == trigger.sql,
            None => is_of_geopackage(&trigger),
        };
        if !is_known {
            let Trigger { name, table, .. } = trigger;
            found.push(msg!("the trigger {} on the table {} is not Menpai's", name, table));
        }
    }
    Ok(found)
}

/// GDAL's count of features, and R-tree triggers of another version of the specification.
fn is_of_geopackage(trigger: &Trigger) -> bool {
    let sql = trigger.sql.to_lowercase();
    let statements = sql.matches(';').count();
    let counts = ["trigger_insert_feature_count_", "trigger_delete_feature_count_"]
        .iter()
        .any(|prefix| trigger.name.starts_with(prefix));
    let is_rtree = trigger.name.starts_with(&format!("rtree_{}_", trigger.table));
    let touches_others = sql.contains("audit_log") || sql.contains("raise");
    !touches_others
        && (counts && sql.contains("update gpkg_ogr_contents") && statements <= 2
            || is_rtree && sql.contains(&format!("rtree_{}_", trigger.table)) && statements <= 3)
}

/// Refuses a file whose tables could change what is written behind this program's back.
///
/// # Errors
/// [`StoreError::Foreign`] with the first finding; SQLite's errors.
pub(super) fn refuse_foreign(conn: &Connection) -> Result<()> {
    match findings(conn)?.into_iter().next() {
        Some(finding) => Err(StoreError::Foreign(finding)),
        None => Ok(()),
    }
}

/// Tables whose rows are laid out in memory by their number.
const BY_ID: [(&str, &str); 8] = [
    ("building", "building_id"),
    ("room", "room_id"),
    ("person", "person_id"),
    ("estate", "estate_id"),
    ("grid", "grid_id"),
    ("tag", "tag_id"),
    ("event", "event_id"),
    ("device", "device_id"),
];

/// Takes out rows with numbers that nothing here gives: what is left of damage in a saved file.
/// Calls `tell` with each table and how many rows it lost.
///
/// # Errors
/// SQLite's errors.
pub(super) fn drop_odd_ids(conn: &Connection, mut tell: impl FnMut(&str, u64)) -> Result<()> {
    for (table, id) in BY_ID {
        let rows: i64 =
            conn.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))?;
        let most = (rows.saturating_mul(MOST_SPREAD)).max(USUAL_IDS);
        let sql = format!("DELETE FROM {table} WHERE {id} < 1 OR {id} > ?1");
        let dropped = conn.execute(&sql, [most])?;
        if dropped > 0 {
            tell(table, dropped as u64);
        }
    }
    Ok(())
}

/// Highest row id that is taken: there is room above it for any number of rows to come.
const HIGHEST_ID: i64 = 1 << 62;

/// Refuses row ids that nothing here gives: below 1, or above 2⁶².
///
/// # Errors
/// [`StoreError::Foreign`] names the table.
pub(super) fn refuse_odd_ids(conn: &Connection) -> Result<()> {
    for (table, id) in BY_ID {
        let sql =
            format!("SELECT (SELECT min({id}) FROM {table}), (SELECT max({id}) FROM {table})");
        let (least, most): (Option<i64>, Option<i64>) =
            conn.query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        if least.is_some_and(|least| least < 1) || most.is_some_and(|most| most > HIGHEST_ID) {
            return Err(StoreError::Foreign(msg!(
                "the table {} has row numbers below 1 or above 2^62",
                table
            )));
        }
    }
    Ok(())
}
