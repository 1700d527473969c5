//! Rooms, and the units and floors they bring along.

use std::collections::{BTreeSet, HashMap};

use rusqlite::{Connection, OptionalExtension as _, params};

use super::Outcome;
use crate::domain::codes::key;
use crate::domain::records::RoomRecord;
use crate::domain::{floor, room_key};
use crate::store::Result;

/// Unit row ids already looked up in this transaction.
#[derive(Default)]
pub struct UnitCache {
    ids: HashMap<(i64, String), i64>,
}

impl UnitCache {
    /// Row id of a unit of a building, made when it is new. Units are ordered as numbers.
    ///
    /// # Errors
    /// SQLite's errors.
    pub fn unit_id(&mut self, conn: &Connection, building_id: i64, unit: &str) -> Result<i64> {
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
            conn.last_insert_rowid()
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
    building_id: i64,
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

/// Midnight (Asia/Shanghai) of the day the room was checked, UTC seconds.
fn verified_at(r: &RoomRecord) -> Option<i64> {
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(8));
    let midnight = r.verified_on?.at(0, 0, 0, 0).to_zoned(zone).ok()?;
    Some(midnight.timestamp().as_second())
}

/// Inserts a room that is known to be new. Returns its row id.
///
/// # Errors
/// SQLite's errors, a second room of the same key among them.
pub fn insert_room(
    conn: &Connection,
    r: &RoomRecord,
    unit_id: Option<i64>,
    floor_ord: Option<i32>,
) -> Result<i64> {
    let match_key =
        room_key::match_key(r.building_id, r.unit.as_deref().unwrap_or(""), &r.room_no, r.kind);
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
        verified_at(r),
    ])?;
    Ok(conn.last_insert_rowid())
}

/// Inserts or merges a room by its match key. Returns its row id.
///
/// # Errors
/// SQLite's errors.
pub fn upsert_room(
    conn: &Connection,
    r: &RoomRecord,
    unit_id: Option<i64>,
    floor_ord: Option<i32>,
) -> Result<(i64, Outcome)> {
    let match_key =
        room_key::match_key(r.building_id, r.unit.as_deref().unwrap_or(""), &r.room_no, r.kind);
    let known: Option<i64> = conn
        .prepare_cached("SELECT room_id FROM room WHERE match_key = ?1 AND deleted_at IS NULL")?
        .query_row([&match_key], |row| row.get(0))
        .optional()?;
    let Some(room_id) = known else {
        return Ok((insert_room(conn, r, unit_id, floor_ord)?, Outcome::Added));
    };
    let changed = conn
        .prepare_cached(
            "UPDATE room SET floor_min = coalesce(?2, floor_min), floor_span = ?3,
               status = coalesce(?4, status), area_m2 = coalesce(?5, area_m2),
               verified_at = coalesce(?6, verified_at)
             WHERE room_id = ?1 AND (floor_min IS NOT coalesce(?2, floor_min)
               OR floor_span IS NOT ?3 OR status IS NOT coalesce(?4, status)
               OR area_m2 IS NOT coalesce(?5, area_m2)
               OR verified_at IS NOT coalesce(?6, verified_at))",
        )?
        .execute(params![room_id, floor_ord, r.floor_span, r.status, r.area_m2, verified_at(r)])?;
    Ok((room_id, Outcome::from_changed_rows(changed)))
}
