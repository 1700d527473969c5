//! Schema versions and migrations. Released steps are frozen; a new one is appended.

use rusqlite::{Connection, OptionalExtension as _};

use super::{Result, deadlines, gpkg};
use crate::domain::codes::{CodeLists, TagEntry, list, shipped_tags};

/// The steps: step n brings schema n to n + 1. GeoPackage owns `user_version`, so the version
/// stands in `meta`.
const STEPS: [fn(&Connection) -> Result<()>; 8] = [
    create_v1,
    add_basemap_v2,
    add_import_journal_v3,
    add_sums_v4,
    record_deeds_v5,
    keep_matches_v6,
    find_by_tails_v7,
    follow_cases_v8,
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

/// Tables whose rows or columns the steps from a schema to the newest one change, and that may have sums.
pub(super) fn changed_since(from: i64) -> &'static [&'static str] {
    if from < 8 { &CHANGED_IN_V8 } else { &[] }
}

/// Tables that schema 8 adds.
const NEW_IN_V8: [&str; 11] = [
    "event_request",
    "deadline_version",
    "deadline_rule",
    "staff",
    "staff_office",
    "organisation",
    "place_note",
    "visit_fact",
    "visit_task",
    "attachment",
    "alarm",
];
/// Older tables whose rows or columns it changes.
const CHANGED_IN_V8: [&str; 6] =
    ["event", "event_step", "visit", "visit_plan", "code", "deed_change"];

fn follow_cases_v8(conn: &Connection) -> Result<()> {
    conn.execute_batch(include_str!("schema/v8.sql"))?;
    settle_v8(conn)?;
    deadlines::take_over_policy(conn)?;
    deadlines::refresh_all_due(conn)?;
    NEW_IN_V8.iter().try_for_each(|table| gpkg::register_table(conn, table))
}

/// Turns what older schemas say of events into what schema 8 says, and the code lists with it. Does
/// nothing where that is done.
pub(super) fn settle_v8(conn: &Connection) -> Result<()> {
    conn.execute_batch(include_str!("schema/v8_move.sql"))?;
    renew_codes_v8(conn)
}

/// Brings rows that were saved of a damaged file up to date, whatever its schema was.
pub(super) fn settle_older(conn: &Connection) -> Result<()> {
    settle_v8(conn)?;
    if !conn.prepare("SELECT 1 FROM deadline_rule")?.exists([])? {
        deadlines::take_over_policy(conn)?;
    }
    deadlines::refresh_all_due(conn)
}

/// Keys of code lists that schema 8 has no more: the request for an extension, "verified", "on the spot".
const GONE_IN_V8: [(&str, i64); 3] =
    [("event_state", 6), ("event_state", 8), ("event_severity", 1)];

/// Brings the lists of states and grades up to date, and adds the new lists. What an office calls
/// something stays; the old words stay as aliases.
fn renew_codes_v8(conn: &Connection) -> Result<()> {
    for (list, key) in GONE_IN_V8 {
        conn.execute("DELETE FROM code WHERE list = ?1 AND key = ?2", (list, key))?;
    }
    let mut insert = conn.prepare(
        "INSERT OR IGNORE INTO code (list, key, code, zh, en, aliases, ord)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    // What schema 1 was made with: an office that calls it so has called it nothing.
    let was_shipped = |key: i64| match key {
        1 => ("已上报", "Reported"),
        3 => ("不予受理", "Rejected"),
        7 => ("已处置", "Handled"),
        9 => ("已退回", "Returned"),
        11 => ("已挂起", "Suspended"),
        _ => ("", ""),
    };
    let mut update = conn.prepare(
        "UPDATE code SET code = ?3, zh = iif(zh = ?6, ?4, zh), en = iif(en = ?7, ?5, en),
           aliases = ?8, ord = ?9 WHERE list = ?1 AND key = ?2",
    )?;
    for (ord, e) in CodeLists::shipped().all().iter().enumerate() {
        let is_renewed =
            matches!(e.list.as_str(), list::EVENT_STATE | list::EVENT_SEVERITY | list::VISIT_FOUND);
        insert.execute((&e.list, e.key, &e.code, &e.zh, &e.en, &e.aliases, ord as i64))?;
        if is_renewed {
            let (zh, en) = if e.list == list::EVENT_STATE { was_shipped(e.key) } else { ("", "") };
            let values =
                rusqlite::params![e.list, e.key, e.code, e.zh, e.en, zh, en, e.aliases, ord as i64];
            update.execute(values)?;
        }
    }
    Ok(())
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
    if let Some(1..8) = version(conn)? {
        // The new tables, empty: all of the step but what it does to older ones.
        let step = include_str!("schema/v8.sql");
        let (_, tables) = step.split_at(step.find("CREATE TABLE").unwrap_or(step.len()));
        for statement in tables.split(";\n").filter(|s| s.trim_start().starts_with("CREATE TABLE"))
        {
            conn.execute_batch(&statement.replace("main.", "temp."))?;
        }
        conn.execute_batch(include_str!("schema/v8_views.sql"))?;
        conn.execute_batch(
            "CREATE TEMP TABLE code (code_id INTEGER PRIMARY KEY, list TEXT, key INTEGER, code TEXT,
               zh TEXT, en TEXT, aliases TEXT, ord INTEGER, UNIQUE (list, key));
             INSERT INTO temp.code SELECT code_id, list, key, code, zh, en, aliases, ord FROM main.code;",
        )?;
        renew_codes_v8(conn)?;
        deadlines::take_over_policy(conn)?;
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
