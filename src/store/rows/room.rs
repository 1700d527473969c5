//! Rooms, and the units and floors they bring along.

use std::collections::{BTreeSet, HashMap};

use rusqlite::{Connection, OptionalExtension as _, params};

use super::{Outcome, inserted};
use crate::domain::codes::key;
use crate::domain::ids::{BuildingId, RoomId, UnitId};
use crate::domain::records::{Precedence, RoomRecord};
use crate::domain::{floor, room_key};
use crate::store::Result;

/// Unit row ids already looked up in this transaction.
#[derive(Default)]
pub struct UnitCache {
    ids: HashMap<(BuildingId, String), UnitId>,
}

impl UnitCache {
    /// Row id of a unit of a building, made when it is new. Units are ordered as numbers.
    ///
    /// # Errors
    /// SQLite's errors.
    pub fn unit_id(
        &mut self,
        conn: &Connection,
        building_id: BuildingId,
        unit: &str,
    ) -> Result<UnitId> {
        let unit_no = room_key::token(unit);
        if let Some(&known) = self.ids.get(&(building_id, unit_no.clone())) {
            return Ok(known);
        }
        let found = conn
            .prepare_cached(
                "SELECT unit_id FROM building_unit WHERE building_id = ?1 AND unit_no = ?2",
            )?
            .query_row((building_id, &unit_no), |row| row.get(0))
            .optional()?;
        let unit_id = if let Some(unit_id) = found {
            unit_id
        } else {
            conn.prepare_cached(
                "INSERT INTO building_unit (building_id, unit_no, ord) VALUES (?1, ?2, ?3)",
            )?
            .execute((
                building_id,
                &unit_no,
                unit_no.parse::<i64>().unwrap_or(1_000),
            ))?;
            inserted(conn)
        };
        self.ids.insert((building_id, unit_no), unit_id);
        Ok(unit_id)
    }
}

/// Gives every floor label of a building its physical order, the labels already known included,
/// and moves the rooms of floors whose order changes. Returns label → order.
///
/// # Errors
/// SQLite's errors.
pub fn assign_floors(
    conn: &Connection,
    building_id: BuildingId,
    labels: &BTreeSet<String>,
) -> Result<HashMap<String, i32>> {
    let mut known = conn
        .prepare_cached("SELECT label, ord FROM building_floor WHERE building_id = ?1")?
        .query_map([building_id], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<std::result::Result<HashMap<String, i32>, _>>()?;
    if labels.iter().all(|l| known.contains_key(l)) {
        return Ok(known);
    }
    let all: BTreeSet<&str> = labels.iter().chain(known.keys()).map(String::as_str).collect();
    let mut order = floor::physical_order(all);
    // From the top when floors move up, so that no two floors meet on one number.
    order.reverse();
    let mut result = HashMap::with_capacity(order.len());
    for (ord, label) in order {
        match known.remove(&label) {
            None => {
                conn.prepare_cached(
                    "INSERT INTO building_floor (building_id, ord, label) VALUES (?1, ?2, ?3)",
                )?
                .execute((building_id, ord, &label))?;
            }
            Some(before) if before != ord => {
                conn.prepare_cached(
                    "UPDATE building_floor SET ord = ?3 WHERE building_id = ?1 AND label = ?2",
                )?
                .execute((building_id, &label, ord))?;
                conn.prepare_cached(
                    "UPDATE room SET floor_min = ?3 WHERE building_id = ?1 AND floor_min = ?2",
                )?
                .execute((building_id, before, ord))?;
            }
            Some(_) => {}
        }
        result.insert(label, ord);
    }
    Ok(result)
}

/// Inserts a room that is known to be new. Returns its row id.
///
/// # Errors
/// SQLite's errors, a second room of the same key among them.
pub fn insert_room(
    conn: &Connection,
    r: &RoomRecord,
    unit_id: Option<UnitId>,
    floor_ord: Option<i32>,
) -> Result<RoomId> {
    let match_key =
        room_key::match_key(r.building_id, r.unit.as_deref().unwrap_or(""), &r.room_no, r.kind);
    let verified_at = r.verified_on.and_then(super::midnight);
    conn.prepare_cached(
        "INSERT INTO room (building_id, unit_id, floor_min, floor_span, room_no, kind, status,
           area_m2, match_key, verified_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?
    .execute(params![
        r.building_id,
        unit_id,
        floor_ord,
        r.floor_span,
        r.room_no,
        r.kind,
        r.status.unwrap_or(key::STATUS_UNVERIFIED),
        r.area_m2,
        match_key,
        verified_at,
    ])?;
    Ok(inserted(conn))
}

/// What is known of a room, as far as a list can say otherwise.
#[derive(Debug, Clone, PartialEq)]
pub struct RoomFacts {
    /// Row id.
    pub room_id: RoomId,
    /// Physical number of its floor.
    pub floor_ord: Option<i32>,
    /// Floors it spans.
    pub floor_span: i32,
    /// Key of `room_status`.
    pub status: i64,
    /// Square metres.
    pub area_m2: Option<f64>,
    /// When a visit last saw it, UTC seconds.
    pub verified_at: Option<i64>,
}

/// The room a record means, by its match key.
///
/// # Errors
/// SQLite's errors.
pub fn known_room(conn: &Connection, r: &RoomRecord) -> Result<Option<RoomFacts>> {
    let match_key =
        room_key::match_key(r.building_id, r.unit.as_deref().unwrap_or(""), &r.room_no, r.kind);
    Ok(conn
        .prepare_cached(
            "SELECT room_id, floor_min, floor_span, status, area_m2, verified_at FROM room
             WHERE match_key = ?1 AND deleted_at IS NULL",
        )?
        .query_row([&match_key], |row| {
            Ok(RoomFacts {
                room_id: row.get(0)?,
                floor_ord: row.get(1)?,
                floor_span: row.get(2)?,
                status: row.get(3)?,
                area_m2: row.get(4)?,
                verified_at: row.get(5)?,
            })
        })
        .optional()?)
}

/// Inserts or merges a room by its match key; where the row disagrees with what is known,
/// `precedence` decides. Returns its row id.
///
/// # Errors
/// SQLite's errors.
pub fn upsert_room(
    conn: &Connection,
    r: &RoomRecord,
    unit_id: Option<UnitId>,
    floor_ord: Option<i32>,
    precedence: Precedence,
) -> Result<(RoomId, Outcome)> {
    let Some(known) = known_room(conn, r)? else {
        return Ok((insert_room(conn, r, unit_id, floor_ord)?, Outcome::Added));
    };
    let verified_at = r.verified_on.and_then(super::midnight);
    let row_wins = precedence.row_wins(verified_at, known.verified_at);
    let is_open = |is_known: bool| row_wins || !is_known;
    let merged = RoomFacts {
        room_id: known.room_id,
        floor_ord: floor_ord.filter(|_| is_open(known.floor_ord.is_some())).or(known.floor_ord),
        floor_span: if row_wins { r.floor_span } else { known.floor_span },
        status: r
            .status
            .filter(|_| is_open(known.status != key::STATUS_UNVERIFIED))
            .unwrap_or(known.status),
        area_m2: r.area_m2.filter(|_| is_open(known.area_m2.is_some())).or(known.area_m2),
        verified_at: verified_at.filter(|_| row_wins).or(known.verified_at),
    };
    if merged == known {
        return Ok((known.room_id, Outcome::Unchanged));
    }
    conn.prepare_cached(
        "UPDATE room SET floor_min = ?2, floor_span = ?3, status = ?4, area_m2 = ?5,
           verified_at = ?6 WHERE room_id = ?1",
    )?
    .execute(params![
        merged.room_id,
        merged.floor_ord,
        merged.floor_span,
        merged.status,
        merged.area_m2,
        merged.verified_at
    ])?;
    Ok((known.room_id, Outcome::Merged))
}
