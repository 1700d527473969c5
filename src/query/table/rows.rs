//! The rows of a table as a list of ids, for whoever shows a piece of them at a time.

use super::{Scope, TableKind};
use crate::domain::ids::{BuildingId, RoomId};
use crate::store::{Connection, Result};

/// Ids of the first rows of a table, so many at most, in the order in which they stand.
///
/// # Errors
/// SQLite's errors.
pub fn first_ids(
    conn: &Connection,
    kind: TableKind,
    scope: &Scope,
    most: usize,
) -> Result<Vec<i64>> {
    let (from, [pk, building, ..]) = (kind.bare_from(), kind.head());
    let mut ids: Vec<i64> = Vec::new();
    let take = |ids: &mut Vec<i64>, condition: &str, values: (i64, i64)| -> Result<()> {
        let left = most.saturating_sub(ids.len());
        let sql = format!("SELECT {pk} FROM {from} AND {condition} ORDER BY {pk} LIMIT {left}");
        let mut select = conn.prepare(&sql)?;
        for id in select.query_map(values, |row| row.get(0))? {
            ids.push(id?);
        }
        Ok(())
    };
    let within = format!("{pk} BETWEEN ?1 AND ?2");
    match scope {
        Scope::All => take(&mut ids, &within, (i64::MIN, i64::MAX))?,
        Scope::Range(first, last) => take(&mut ids, &within, (*first, *last))?,
        Scope::Rows(rows) => ids.extend(rows.iter().take(most)),
        Scope::Buildings(buildings) => {
            let sql = if kind == TableKind::Persons {
                RESIDENTS.to_owned()
            } else {
                format!("SELECT {pk} FROM {from} AND {building} = ?1 ORDER BY {pk}")
            };
            let mut select = conn.prepare(&sql)?;
            for building_id in buildings {
                for id in select.query_map([building_id], |row| row.get(0))? {
                    ids.push(id?);
                }
                if ids.len() >= most {
                    break;
                }
            }
            ids.truncate(most);
        }
    }
    Ok(ids)
}

/// How many rows a table has.
///
/// # Errors
/// SQLite's errors.
pub fn count(conn: &Connection, kind: TableKind, scope: &Scope) -> Result<u64> {
    let (from, [pk, ..]) = (kind.bare_from(), kind.head());
    let (first, last) = match scope {
        Scope::All => (i64::MIN, i64::MAX),
        Scope::Range(first, last) => (*first, *last),
        Scope::Rows(ids) => return Ok(ids.len() as u64),
        Scope::Buildings(_) => {
            return Ok(first_ids(conn, kind, scope, usize::MAX)?.len() as u64);
        }
    };
    let sql = format!("SELECT count(*) FROM {from} AND {pk} BETWEEN ?1 AND ?2");
    Ok(conn.query_row(&sql, (first, last), |row| row.get::<_, i64>(0))?.unsigned_abs())
}

/// Who lives in a building.
const RESIDENTS: &str = "SELECT DISTINCT r.person_id FROM room m JOIN residency r USING (room_id)
    WHERE m.building_id = ?1 AND m.deleted_at IS NULL AND r.end_date IS NULL ORDER BY r.person_id";

/// Where a row is: its building, room, and number, as far as it has them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowPlace {
    /// The building.
    pub building_id: Option<BuildingId>,
    /// The room.
    pub room_id: Option<RoomId>,
    /// The number of an event.
    pub event_no: Option<String>,
}

/// Where rows are, in their order.
///
/// # Errors
/// SQLite's errors.
pub fn places_of(conn: &Connection, kind: TableKind, ids: &[i64]) -> Result<Vec<RowPlace>> {
    let sql = match kind {
        TableKind::Persons => {
            "SELECT m.building_id, m.room_id, NULL FROM residency r JOIN room m USING (room_id)
             WHERE r.person_id = ?1 AND r.end_date IS NULL ORDER BY r.residency_id DESC LIMIT 1"
        }
        TableKind::Rooms => "SELECT building_id, room_id, NULL FROM room WHERE room_id = ?1",
        TableKind::Households => {
            "SELECT m.building_id, m.room_id, NULL FROM household h JOIN room m USING (room_id)
             WHERE h.household_id = ?1"
        }
        TableKind::Buildings => {
            "SELECT building_id, NULL, NULL FROM building WHERE building_id = ?1"
        }
        TableKind::Enterprises => {
            "SELECT building_id, room_id, NULL FROM enterprise WHERE enterprise_id = ?1"
        }
        TableKind::Events => "SELECT building_id, room_id, no FROM event WHERE event_id = ?1",
        TableKind::Devices => "SELECT building_id, NULL, NULL FROM device WHERE device_id = ?1",
    };
    let mut select = conn.prepare_cached(sql)?;
    let mut places = Vec::with_capacity(ids.len());
    for id in ids {
        let mut found = select.query_map([id], |row| {
            Ok(RowPlace { building_id: row.get(0)?, room_id: row.get(1)?, event_no: row.get(2)? })
        })?;
        places.push(found.next().transpose()?.unwrap_or_default());
    }
    Ok(places)
}
