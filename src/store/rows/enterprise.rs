//! Enterprises, by credit code or else by name and place.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::{Outcome, inserted};
use crate::domain::codes::key;
use crate::domain::ids::EnterpriseId;
use crate::domain::names::pinyin_and_initials;
use crate::domain::records::EnterpriseRecord;
use crate::store::Result;

/// Inserts or merges an enterprise. Returns its row id.
///
/// # Errors
/// SQLite's errors.
pub fn upsert_enterprise(
    conn: &Connection,
    e: &EnterpriseRecord,
) -> Result<(EnterpriseId, Outcome)> {
    let known: Option<EnterpriseId> = match &e.uscc {
        Some(uscc) => conn
            .prepare_cached(
                "SELECT enterprise_id FROM enterprise WHERE uscc = ?1 AND deleted_at IS NULL",
            )?
            .query_row([uscc], |row| row.get(0))
            .optional()?,
        None => conn
            .prepare_cached(
                "SELECT enterprise_id FROM enterprise WHERE name = ?1 AND building_id IS ?2
                   AND room_id IS ?3 AND uscc IS NULL AND deleted_at IS NULL
                 ORDER BY enterprise_id LIMIT 1",
            )?
            .query_row((&e.name, e.place.building_id, e.place.room_id), |row| row.get(0))
            .optional()?,
    };
    let (pinyin, initials) = pinyin_and_initials(&e.name);
    let values = params![
        known,
        e.name,
        pinyin,
        initials,
        e.uscc,
        e.kind,
        e.industry,
        e.place.building_id,
        e.place.room_id,
        e.place.point.map(|p| p.lon),
        e.place.point.map(|p| p.lat),
        e.contact,
        e.phone,
        e.employees,
        e.status,
        key::ENTERPRISE_OPEN,
    ];
    let Some(enterprise_id) = known else {
        conn.prepare_cached(
            "INSERT INTO enterprise (enterprise_id, name, pinyin, initials, uscc, kind, industry,
               building_id, room_id, lon, lat, contact, phone, employees, status)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14,
               coalesce(?15, ?16))",
        )?
        .execute(values)?;
        return Ok((inserted(conn), Outcome::Added));
    };
    let changed = conn
        .prepare_cached(
            "UPDATE enterprise SET name = ?2, pinyin = ?3, initials = ?4,
               uscc = coalesce(?5, uscc), kind = coalesce(?6, kind),
               industry = coalesce(?7, industry), building_id = coalesce(?8, building_id),
               room_id = coalesce(?9, room_id), lon = coalesce(?10, lon),
               lat = coalesce(?11, lat), contact = coalesce(?12, contact),
               phone = coalesce(?13, phone), employees = coalesce(?14, employees),
               status = coalesce(?15, status, ?16)
             WHERE enterprise_id = ?1 AND (name IS NOT ?2 OR uscc IS NOT coalesce(?5, uscc)
               OR kind IS NOT coalesce(?6, kind) OR industry IS NOT coalesce(?7, industry)
               OR building_id IS NOT coalesce(?8, building_id)
               OR room_id IS NOT coalesce(?9, room_id) OR lon IS NOT coalesce(?10, lon)
               OR lat IS NOT coalesce(?11, lat) OR contact IS NOT coalesce(?12, contact)
               OR phone IS NOT coalesce(?13, phone)
               OR employees IS NOT coalesce(?14, employees)
               OR status IS NOT coalesce(?15, status))",
        )?
        .execute(values)?;
    Ok((enterprise_id, Outcome::from_changed_rows(changed)))
}
