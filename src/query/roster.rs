//! Rooms in the order in which one walks, and who lives in them.

use std::collections::HashMap;

use super::household::LIVING_IN_ROOM;
use super::table::{Column, SortBy, TableKind, TableRequest, sorted};
use crate::domain::ids::{PersonId, RoomId};
use crate::store::{Connection, Result};

/// What one walks by.
const WAY: [&str; 9] = [
    "estate",
    "zone",
    "building_no",
    "building_name",
    "building_code",
    "unit",
    "floor",
    "room_no",
    "address",
];

/// Rooms by estate, building, unit, floor and number; numbers in names count as numbers.
///
/// # Errors
/// SQLite's errors.
pub fn walk(conn: &Connection, asked: &TableRequest<'_>) -> Result<Vec<RoomId>> {
    let all = TableKind::Rooms.columns();
    let find = |key: &&str| all.iter().find(|column: &&Column| column.key == *key);
    let way = WAY.iter().filter_map(find);
    let by: Vec<SortBy<'_>> = way.map(|column| SortBy { column, is_down: false }).collect();
    let ids = sorted(conn, &TableRequest { kind: TableKind::Rooms, ..*asked }, &by)?;
    Ok(ids.into_iter().map(RoomId).collect())
}

/// Who lives in rooms, with their relation to the head (key of `relation`): by household, the head first.
///
/// # Errors
/// SQLite's errors.
pub fn residents_of(
    conn: &Connection,
    rooms: &[RoomId],
) -> Result<HashMap<RoomId, Vec<(PersonId, Option<i64>)>>> {
    let mut select =
        conn.prepare_cached(&format!("SELECT p.person_id, s.relation {LIVING_IN_ROOM}"))?;
    let mut living = HashMap::new();
    for room_id in rooms {
        let found = select.query_map([room_id], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let found: Vec<_> = found.collect::<rusqlite::Result<_>>()?;
        if !found.is_empty() {
            living.insert(*room_id, found);
        }
    }
    Ok(living)
}
