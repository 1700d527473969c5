//! One incident: what, where, when, and what stands near it.

use rusqlite::OptionalExtension as _;

use super::place::{RoomPlace, place_of_room};
use crate::domain::ids::{BuildingId, DeviceId, EventId, RoomId};
use crate::geo::mercator::WORLD_WIDTH_M;
use crate::geo::{LonLat, lon_lat};
use crate::store::{Connection, Result, gpkg};

/// How far "near" reaches, metres.
pub const NEAR_M: f64 = 150.0;

/// What may be near an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Neighbour {
    /// A building.
    Building(BuildingId),
    /// A device, with its key of `device_kind`.
    Device(DeviceId, i64),
}

/// Something near an incident.
#[derive(Debug, Clone, PartialEq)]
pub struct Near {
    /// What it is.
    pub what: Neighbour,
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Distance, metres.
    pub distance_m: f64,
}

/// An incident. Free text is what the reporter wrote.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the record's own fields; see domain::records::EventRecord")]
pub struct EventCard {
    pub no: String,
    pub category: i64,
    pub severity: Option<i64>,
    pub source: Option<i64>,
    pub title: String,
    pub text: Option<String>,
    pub occurred_at: Option<i64>,
    pub reported_at: Option<i64>,
    pub due_at: Option<i64>,
    pub state: i64,
    pub at: Option<LonLat>,
    pub building_id: Option<BuildingId>,
    pub building_code: Option<String>,
    pub building_name: Option<String>,
    pub room: Option<RoomPlace>,
    pub grid: Option<String>,
    pub grid_leader: Option<String>,
    /// `(time, who, action, state after)`, oldest first.
    pub steps: Vec<(i64, String, String, i64)>,
    /// Devices and buildings within [`NEAR_M`], nearest first, at most 12.
    pub near: Vec<Near>,
}

/// Answers for an event's number; `None` when there is no such event.
///
/// # Errors
/// SQLite's errors; a damaged geometry.
pub fn event(conn: &Connection, no: &str) -> Result<Option<EventCard>> {
    let found = conn
        .prepare_cached(
            "SELECT e.event_id, e.category, e.severity, e.source, e.title, e.text, e.occurred_at,
               e.reported_at, e.due_at, e.state, e.geom, e.building_id, b.code,
               coalesce(b.name, trim(coalesce(s.name, '') || ' ' || coalesce(b.building_no, ''))),
               e.room_id, coalesce(g.name, g.code), g.leader, b.lon, b.lat
             FROM event e LEFT JOIN building b ON b.building_id = e.building_id
               LEFT JOIN estate s ON s.estate_id = b.estate_id
               LEFT JOIN grid g ON g.grid_id = coalesce(e.grid_id, b.grid_id)
             WHERE e.no = ?1",
        )?
        .query_row([no], |row| {
            let blob: Option<Vec<u8>> = row.get(10)?;
            let inside: (Option<f64>, Option<f64>) = (row.get(17)?, row.get(18)?);
            let card = EventCard {
                no: no.to_owned(),
                category: row.get(1)?,
                severity: row.get(2)?,
                source: row.get(3)?,
                title: row.get(4)?,
                text: row.get(5)?,
                occurred_at: row.get(6)?,
                reported_at: row.get(7)?,
                due_at: row.get(8)?,
                state: row.get(9)?,
                at: inside.0.zip(inside.1).map(|(lon, lat)| lon_lat(lon, lat)),
                building_id: row.get(11)?,
                building_code: row.get(12)?,
                building_name: row.get(13)?,
                room: None,
                grid: row.get(15)?,
                grid_leader: row.get(16)?,
                steps: Vec::new(),
                near: Vec::new(),
            };
            Ok((row.get::<_, EventId>(0)?, blob, row.get::<_, Option<RoomId>>(14)?, card))
        })
        .optional()?;
    let Some((event_id, blob, room_id, mut card)) = found else { return Ok(None) };
    if let Some(blob) = blob {
        card.at = Some(gpkg::decode_point(&blob)?);
    }
    if let Some(room_id) = room_id {
        card.room = Some(place_of_room(conn, room_id)?);
    }
    let mut steps = conn.prepare_cached(
        "SELECT at, actor, action, to_state FROM event_step WHERE event_id = ?1
         ORDER BY at, step_id",
    )?;
    card.steps = steps
        .query_map([event_id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?
        .collect::<std::result::Result<_, _>>()?;
    if let Some(at) = card.at {
        card.near = near(conn, at)?;
    }
    Ok(Some(card))
}

fn near(conn: &Connection, at: LonLat) -> Result<Vec<Near>> {
    let north_deg = NEAR_M / WORLD_WIDTH_M * 360.0;
    let east_deg = north_deg / at.lat.to_radians().cos().max(0.01);
    let around = (at.lon - east_deg, at.lat - north_deg, at.lon + east_deg, at.lat + north_deg);
    let mut found = Vec::new();
    let mut devices = conn.prepare_cached(
        "SELECT d.device_id, d.code, coalesce(d.name, d.code), d.kind, d.geom
         FROM rtree_device_geom t JOIN device d ON d.device_id = t.id
         WHERE t.maxx >= ?1 AND t.maxy >= ?2 AND t.minx <= ?3 AND t.miny <= ?4
           AND d.deleted_at IS NULL",
    )?;
    let mut rows = devices.query(around)?;
    while let Some(row) = rows.next()? {
        let p = gpkg::decode_point(row.get_ref(4)?.as_blob().unwrap_or_default())?;
        found.push(Near {
            what: Neighbour::Device(row.get(0)?, row.get(3)?),
            code: row.get(1)?,
            name: row.get(2)?,
            distance_m: at.distance_m(p),
        });
    }
    let mut buildings = conn.prepare_cached(
        "SELECT b.building_id, b.code,
           coalesce(b.name, trim(coalesce(s.name, '') || ' ' || coalesce(b.building_no, ''))),
           b.lon, b.lat
         FROM rtree_building_geom t JOIN building b ON b.building_id = t.id
           LEFT JOIN estate s ON s.estate_id = b.estate_id
         WHERE t.maxx >= ?1 AND t.maxy >= ?2 AND t.minx <= ?3 AND t.miny <= ?4
           AND b.deleted_at IS NULL AND b.lon IS NOT NULL",
    )?;
    let mut rows = buildings.query(around)?;
    while let Some(row) = rows.next()? {
        found.push(Near {
            what: Neighbour::Building(row.get(0)?),
            code: row.get(1)?,
            name: row.get(2)?,
            distance_m: at.distance_m(lon_lat(row.get(3)?, row.get(4)?)),
        });
    }
    found.retain(|n| n.distance_m <= NEAR_M);
    found.sort_by(|a, b| a.distance_m.total_cmp(&b.distance_m).then_with(|| a.code.cmp(&b.code)));
    found.truncate(12);
    Ok(found)
}
