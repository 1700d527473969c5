//! Events and devices: the feature tables with points.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::merge::merge_sql;
use super::{Outcome, inserted};
use crate::access::Stamp;
use crate::domain::codes::key;
use crate::domain::ids::{DeviceId, EventId};
use crate::domain::records::{DeviceRecord, EventRecord};
use crate::domain::workflow::event;
use crate::store::{Result, gpkg};

/// What is known of an event, as far as a list can say otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventFacts {
    /// Row id.
    pub event_id: EventId,
    /// What it is about.
    pub title: String,
    /// When it was reported, UTC seconds.
    pub reported_at: Option<i64>,
    /// Key of `event_state`.
    pub state: i64,
}

/// The event of a number.
///
/// # Errors
/// SQLite's errors.
pub fn known_event(conn: &Connection, no: &str) -> Result<Option<EventFacts>> {
    Ok(conn
        .prepare_cached("SELECT event_id, title, reported_at, state FROM event WHERE no = ?1")?
        .query_row([no], |row| {
            Ok(EventFacts {
                event_id: row.get(0)?,
                title: row.get(1)?,
                reported_at: row.get(2)?,
                state: row.get(3)?,
            })
        })
        .optional()?)
}

/// Inserts or merges an event by its number. Its state never goes back; where it goes on, a step
/// says since when and by whose list. Returns its row id.
///
/// # Errors
/// SQLite's errors.
pub fn upsert_event(conn: &Connection, e: &EventRecord, by: &Stamp) -> Result<(EventId, Outcome)> {
    let blob = e.place.point.map(gpkg::encode_point).transpose()?;
    let known = known_event(conn, &e.no)?;
    let state = match &known {
        Some(known) => e.state.filter(|new| !event::goes_back(known.state, *new)),
        None => Some(e.state.unwrap_or(event::state::PENDING)),
    };
    let category = match &known {
        Some(_) => e.category,
        None => Some(e.category.unwrap_or(key::EVENT_OTHER)),
    };
    let values = params![
        e.no,
        blob,
        category,
        e.severity,
        e.source,
        e.title,
        e.text,
        e.occurred_at,
        e.reported_at,
        state,
        e.place.building_id,
        e.place.room_id,
    ];
    let Some(known) = known else {
        conn.prepare_cached(
            "INSERT INTO event (no, geom, category, severity, source, title, text, occurred_at,
               reported_at, state, building_id, room_id, called_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, coalesce(?9, ?8))",
        )?
        .execute(values)?;
        return Ok((inserted(conn), Outcome::Added));
    };
    let changed = conn
        .prepare_cached(merge_sql!(
            event where "no = ?1":
            geom given "?2", category given "?3", severity given "?4", source given "?5",
            title always "?6", text given "?7", occurred_at given "?8", reported_at given "?9",
            state given "?10", building_id given "?11", room_id given "?12";
            called_at always "coalesce(called_at, ?9, ?8)"
        ))?
        .execute(values)?;
    if let Some(state) = state.filter(|state| *state != known.state) {
        conn.prepare_cached(
            "INSERT INTO event_step (event_id, at, entered_at, actor, action, from_state, to_state)
             VALUES (?1, ?2, ?2, ?3, 'import', ?4, ?5)",
        )?
        .execute((known.event_id, by.at, &by.actor.name, known.state, state))?;
    }
    Ok((known.event_id, Outcome::from_changed_rows(changed)))
}

/// Inserts or merges a device by its code. Returns its row id.
///
/// # Errors
/// SQLite's errors.
pub fn upsert_device(conn: &Connection, d: &DeviceRecord) -> Result<(DeviceId, Outcome)> {
    let blob = gpkg::encode_point(d.point)?;
    let known: Option<DeviceId> = conn
        .prepare_cached("SELECT device_id FROM device WHERE code = ?1 AND deleted_at IS NULL")?
        .query_row([&d.code], |row| row.get(0))
        .optional()?;
    let or_new = |value: Option<i64>, new: i64| value.or(known.is_none().then_some(new));
    let values = params![
        d.code,
        blob,
        or_new(d.kind, key::DEVICE_OTHER),
        d.name,
        or_new(d.state, key::DEVICE_WORKING),
        d.heading_deg,
        d.fov_deg,
        d.range_m,
        d.building_id,
    ];
    let Some(device_id) = known else {
        conn.prepare_cached(
            "INSERT INTO device (code, geom, kind, name, state, heading_deg, fov_deg, range_m,
               building_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(values)?;
        return Ok((inserted(conn), Outcome::Added));
    };
    let changed = conn
        .prepare_cached(merge_sql!(
            device where "code = ?1 AND deleted_at IS NULL":
            geom always "?2", kind given "?3", name given "?4", state given "?5",
            heading_deg given "?6", fov_deg given "?7", range_m given "?8", building_id given "?9"
        ))?
        .execute(values)?;
    Ok((device_id, Outcome::from_changed_rows(changed)))
}
