//! Schema versions and migrations. Released steps are frozen; a new one is appended.

use rusqlite::{Connection, OptionalExtension as _};

use super::{Result, gpkg};
use crate::domain::codes::{CodeLists, TagEntry, shipped_tags};

/// The steps: step n brings schema n to n + 1. GeoPackage owns `user_version`, so the version
/// stands in `meta`.
const STEPS: [fn(&Connection) -> Result<()>; 7] = [
    create_v1,
    add_basemap_v2,
    add_import_journal_v3,
    add_sums_v4,
    record_deeds_v5,
    keep_matches_v6,
    find_by_tails_v7,
];

/// The last schema whose imports and held rows stand in tables of their own.
pub(super) const BEFORE_DEEDS: i64 = 4;
/// These tables; [`move_deeds`] moves them.
pub(super) const MOVED_TABLES: [&str; 5] =
    ["import_batch", "import_row", "import_range", "import_change", "import_source"];

/// The newest schema this program knows.
pub const NEWEST: i64 = STEPS.len() as i64;

fn create_v1(conn: &Connection) -> Result<()> {
    conn.execute_batch(include_str!("schema/v1.sql"))?;
    gpkg::register_all(conn)?;
    seed_codes(conn, &CodeLists::shipped())?;
    seed_tags(conn, &shipped_tags())?;
    let policies = [(1, 5, 0), (2, 40, 0), (3, 180, 0), (4, 960, 1), (5, 1440, 0)];
    for policy in policies {
        conn.execute(
            "INSERT INTO deadline_policy (severity, minutes, working_time) VALUES (?1, ?2, ?3)",
            policy,
        )?;
    }
    Ok(())
}

fn add_basemap_v2(conn: &Connection) -> Result<()> {
    conn.execute_batch(include_str!("schema/v2.sql"))?;
    gpkg::register_table(conn, "basemap")
}

fn add_import_journal_v3(conn: &Connection) -> Result<()> {
    conn.execute_batch(include_str!("schema/v3.sql"))?;
    Ok(())
}

fn add_sums_v4(conn: &Connection) -> Result<()> {
    conn.execute_batch(include_str!("schema/v4.sql"))?;
    Ok(())
}

fn record_deeds_v5(conn: &Connection) -> Result<()> {
    make_deed_tables(conn)?;
    move_deeds(conn)?;
    conn.execute_batch(include_str!("schema/v5_ids.sql"))?;
    Ok(())
}

fn keep_matches_v6(conn: &Connection) -> Result<()> {
    Ok(conn.execute_batch(include_str!("schema/v6.sql"))?)
}

fn find_by_tails_v7(conn: &Connection) -> Result<()> {
    Ok(conn.execute_batch(include_str!("schema/v7.sql"))?)
}

fn make_deed_tables(conn: &Connection) -> Result<()> {
    Ok(conn.execute_batch(include_str!("schema/v5.sql"))?)
}

/// Moves the imports and held rows of schema 4 to the tables of schema 5.
pub(super) fn move_deeds(conn: &Connection) -> Result<()> {
    conn.execute_batch(include_str!("schema/v5_views.sql"))?;
    conn.execute_batch(include_str!("schema/v5_move.sql"))?;
    Ok(())
}

/// Lets a connection that may not migrate an older file ask the questions of the newest schema.
///
/// # Errors
/// SQLite's errors.
pub(super) fn read_as_newest(conn: &Connection) -> Result<()> {
    match version(conn)? {
        Some(1 | 2) => conn.execute_batch(include_str!("schema/v5_views_older.sql"))?,
        Some(3 | 4) => conn.execute_batch(include_str!("schema/v5_views.sql"))?,
        _ => {}
    }
    Ok(())
}

fn seed_codes(conn: &Connection, lists: &CodeLists) -> Result<()> {
    let mut insert = conn.prepare(
        "INSERT INTO code (list, key, code, zh, en, aliases, ord)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    for (ord, e) in lists.all().iter().enumerate() {
        insert.execute((&e.list, e.key, &e.code, &e.zh, &e.en, &e.aliases, ord as i64))?;
    }
    Ok(())
}

fn seed_tags(conn: &Connection, tags: &[TagEntry]) -> Result<()> {
    let mut insert = conn.prepare(
        "INSERT INTO tag (code, zh, en, tag_group, colour, glyph, sensitivity, aliases, ord)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    for (ord, t) in tags.iter().enumerate() {
        insert.execute((
            &t.code,
            &t.zh,
            &t.en,
            &t.group,
            &t.colour,
            &t.glyph,
            t.sensitivity,
            &t.aliases,
            ord as i64,
        ))?;
    }
    Ok(())
}

/// The schema of an open file: `None` when it holds no workspace.
///
/// # Errors
/// SQLite's errors; with a wrong key, "file is not a database".
pub fn version(conn: &Connection) -> Result<Option<i64>> {
    let has_meta: bool = conn.query_row(
        "SELECT count(*) > 0 FROM sqlite_schema WHERE type = 'table' AND name = 'meta'",
        [],
        |row| row.get(0),
    )?;
    if !has_meta {
        return Ok(None);
    }
    let text: Option<String> = conn
        .query_row("SELECT value FROM meta WHERE key = 'schema_version'", [], |row| row.get(0))
        .optional()?;
    Ok(text.and_then(|t| t.parse().ok()))
}

/// Takes the steps from a schema to the newest one, and nothing else.
///
/// # Errors
/// SQLite's errors.
pub(super) fn take_steps(conn: &Connection, from: i64) -> Result<()> {
    take_steps_to(conn, from, NEWEST)
}

/// Takes the steps from a schema to another one.
pub(super) fn take_steps_to(conn: &Connection, from: i64, to: i64) -> Result<()> {
    STEPS[..to as usize].iter().skip(from as usize).try_for_each(|step| step(conn))
}
