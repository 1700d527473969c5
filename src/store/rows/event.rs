//! Events and devices: the feature tables with points.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::Outcome;
use crate::domain::records::{DeviceRecord, EventRecord};
use crate::store::{Result, gpkg};

/// Inserts or merges an event by its number. Returns its row id.
///
/// # Errors
/// SQLite's errors.
pub fn upsert_event(conn: &Connection, e: &EventRecord) -> Result<(i64, Outcome)> {
    let blob = e.place.point.map(gpkg::encode_point).transpose()?;
    let known: Option<i64> = conn
        .prepare_cached("SELECT event_id FROM event WHERE no = ?1")?
        .query_row([&e.no], |row| row.get(0))
        .optional()?;
    let values = params![
        e.no,
        blob,
        e.category,
        e.severity,
        e.source,
        e.title,
        e.text,
        e.occurred_at,
        e.reported_at,
        e.state,
        e.place.building_id,
        e.place.room_id,
    ];
    let Some(event_id) = known else {
        conn.prepare_cached(
            "INSERT INTO event (no, geom, category, severity, source, title, text, occurred_at,
               reported_at, state, building_id, room_id)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        )?
        .execute(values)?;
        return Ok((conn.last_insert_rowid(), Outcome::Added));
    };
    let changed = conn
        .prepare_cached(
            "UPDATE event SET geom = coalesce(?2, geom), category = ?3,
               severity = coalesce(?4, severity), source = coalesce(?5, source), title = ?6,
               text = coalesce(?7, text), occurred_at = coalesce(?8, occurred_at),
               reported_at = coalesce(?9, reported_at), state = ?10,
               building_id = coalesce(?11, building_id), room_id = coalesce(?12, room_id)
             WHERE no = ?1 AND (geom IS NOT coalesce(?2, geom) OR category IS NOT ?3
               OR severity IS NOT coalesce(?4, severity) OR source IS NOT coalesce(?5, source)
               OR title IS NOT ?6 OR text IS NOT coalesce(?7, text)
               OR occurred_at IS NOT coalesce(?8, occurred_at)
               OR reported_at IS NOT coalesce(?9, reported_at) OR state IS NOT ?10
               OR building_id IS NOT coalesce(?11, building_id)
               OR room_id IS NOT coalesce(?12, room_id))",
        )?
        .execute(values)?;
    Ok((event_id, Outcome::from_changed_rows(changed)))
}

/// Inserts or merges a device by its code. Returns its row id.
///
/// # Errors
/// SQLite's errors.
pub fn upsert_device(conn: &Connection, d: &DeviceRecord) -> Result<(i64, Outcome)> {
    let blob = gpkg::encode_point(d.point)?;
    let known: Option<i64> = conn
        .prepare_cached("SELECT device_id FROM device WHERE code = ?1 AND deleted_at IS NULL")?
        .query_row([&d.code], |row| row.get(0))
        .optional()?;
    let values = params![
        d.code,
        blob,
        d.kind,
        d.name,
        d.state,
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
        return Ok((conn.last_insert_rowid(), Outcome::Added));
    };
    let changed = conn
        .prepare_cached(
            "UPDATE device SET geom = ?2, kind = ?3, name = coalesce(?4, name), state = ?5,
               heading_deg = coalesce(?6, heading_deg), fov_deg = coalesce(?7, fov_deg),
               range_m = coalesce(?8, range_m), building_id = coalesce(?9, building_id)
             WHERE code = ?1 AND deleted_at IS NULL AND (geom IS NOT ?2 OR kind IS NOT ?3
               OR name IS NOT coalesce(?4, name) OR state IS NOT ?5
               OR heading_deg IS NOT coalesce(?6, heading_deg)
               OR fov_deg IS NOT coalesce(?7, fov_deg)
               OR range_m IS NOT coalesce(?8, range_m)
               OR building_id IS NOT coalesce(?9, building_id))",
        )?
        .execute(values)?;
    Ok((device_id, Outcome::from_changed_rows(changed)))
}
