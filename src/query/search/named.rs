//! Enterprises, events, grids and devices, by code and by any word of their name.

use super::{MOST_HITS, NamedHit, part_of_number, range_end};
use crate::derived::Words;
use crate::domain::ids::RowId;
use crate::domain::workflow::event;
use crate::geo::BBox;
use crate::store::{Connection, Result};

fn hit(row: &rusqlite::Row<'_>) -> rusqlite::Result<NamedHit> {
    Ok(NamedHit {
        code: row.get(0)?,
        name: row.get::<_, Option<String>>(1)?.unwrap_or_default(),
        building_id: row.get(2)?,
        room_id: row.get(3)?,
        bounds: None,
    })
}

fn begins(conn: &Connection, sql: &str, text: &str) -> Result<Vec<NamedHit>> {
    let mut select = conn.prepare_cached(sql)?;
    let rows = select.query_map((text, range_end(text), MOST_HITS as i64), hit)?;
    Ok(rows.collect::<std::result::Result<_, _>>()?)
}

/// Adds the rows of ids, each hit once.
fn add_rows<I: RowId>(
    conn: &Connection,
    sql: &str,
    ids: &[I],
    hits: &mut Vec<NamedHit>,
) -> Result<()> {
    let mut select = conn.prepare_cached(sql)?;
    for id in ids {
        if hits.len() >= MOST_HITS {
            break;
        }
        for found in select.query_map([Into::<i64>::into(*id)], hit)? {
            let found = found?;
            if !hits.contains(&found) {
                hits.push(found);
            }
        }
    }
    Ok(())
}

pub(super) fn enterprises(conn: &Connection, words: &Words, text: &str) -> Result<Vec<NamedHit>> {
    let by = |column: &str| {
        format!(
            "SELECT uscc, name, building_id, room_id FROM enterprise
             WHERE {column} >= ?1 AND {column} < ?2 AND deleted_at IS NULL
             ORDER BY {column}, enterprise_id LIMIT ?3"
        )
    };
    let mut hits = begins(conn, &by("name"), text)?;
    if text.is_ascii() {
        let more = [
            begins(conn, &by("uscc"), &text.to_uppercase())?,
            begins(conn, &by("initials"), &text.to_lowercase())?,
        ];
        for found in more.into_iter().flatten() {
            if !hits.contains(&found) {
                hits.push(found);
            }
        }
    }
    if hits.len() < MOST_HITS && part_of_number(text).is_none() {
        let sql = "SELECT uscc, name, building_id, room_id FROM enterprise
             WHERE enterprise_id = ?1 AND deleted_at IS NULL";
        add_rows(conn, sql, &words.enterprises.holding(text, MOST_HITS), &mut hits)?;
    }
    hits.truncate(MOST_HITS);
    Ok(hits)
}

/// Events by number or by a word of the title; the open ones first, the newest before.
pub(super) fn events(conn: &Connection, words: &Words, text: &str) -> Result<Vec<NamedHit>> {
    /// Events with a word that are looked at to tell which are open.
    const MOST_LOOKED_AT: usize = 500;
    let by_number = "SELECT no, title, building_id, room_id FROM event WHERE no >= ?1 AND no < ?2
         ORDER BY no LIMIT ?3";
    let mut hits = begins(conn, by_number, text)?;
    if hits.len() < MOST_HITS && part_of_number(text).is_none() {
        let mut select = conn.prepare_cached(
            "SELECT no, title, building_id, room_id, state, reported_at FROM event
             WHERE event_id = ?1",
        )?;
        let mut found: Vec<(bool, i64, NamedHit)> = Vec::new();
        for event_id in words.events.holding(text, MOST_LOOKED_AT) {
            let rows = select.query_map([event_id], |row| {
                let reported: Option<i64> = row.get(5)?;
                Ok((!event::is_open(row.get(4)?), -reported.unwrap_or(0), hit(row)?))
            })?;
            found.extend(rows.collect::<std::result::Result<Vec<_>, _>>()?);
        }
        found.sort_by(|a, b| (a.0, a.1, &a.2.code).cmp(&(b.0, b.1, &b.2.code)));
        for (_, _, found) in found {
            if !hits.contains(&found) {
                hits.push(found);
            }
        }
    }
    hits.truncate(MOST_HITS);
    Ok(hits)
}

/// Rows of a table that lies on the map, by code or by a word of what they are called.
fn located<I: RowId>(conn: &Connection, sql: &str, ids: &[I]) -> Result<Vec<NamedHit>> {
    let mut select = conn.prepare_cached(sql)?;
    let mut hits = Vec::new();
    for id in ids.iter().take(MOST_HITS) {
        for found in select.query_map([Into::<i64>::into(*id)], with_bounds)? {
            hits.push(found?);
        }
    }
    Ok(hits)
}

/// Grids by code, name or who works there.
pub(super) fn grids(conn: &Connection, words: &Words, text: &str) -> Result<Vec<NamedHit>> {
    let sql = "SELECT code, name, NULL, NULL, minx, miny, maxx, maxy
         FROM grid LEFT JOIN rtree_grid_geom ON id = grid_id WHERE grid_id = ?1";
    located(conn, sql, &words.grids.holding(text, MOST_HITS))
}

/// Devices by code or name.
pub(super) fn devices(conn: &Connection, words: &Words, text: &str) -> Result<Vec<NamedHit>> {
    let sql = "SELECT code, name, building_id, NULL, minx, miny, maxx, maxy
         FROM device LEFT JOIN rtree_device_geom ON id = device_id WHERE device_id = ?1";
    located(conn, sql, &words.devices.holding(text, MOST_HITS))
}

fn with_bounds(row: &rusqlite::Row<'_>) -> rusqlite::Result<NamedHit> {
    let mut bounds = BBox::EMPTY;
    if let (Some(west), Some(south)) = (row.get(4)?, row.get(5)?) {
        bounds.add(west, south);
        bounds.add(row.get(6)?, row.get(7)?);
    }
    let bounds = (!bounds.is_empty()).then_some(bounds);
    Ok(NamedHit { bounds, ..hit(row)? })
}
