//! Enterprises, by credit code or else by name and place.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::merge::merge_sql;
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
        .prepare_cached(merge_sql!(
            enterprise where "enterprise_id = ?1":
            name always "?2", uscc given "?5", kind given "?6", industry given "?7",
            building_id given "?8", room_id given "?9", lon given "?10", lat given "?11",
            contact given "?12", phone given "?13", employees given "?14",
            status always "coalesce(?15, status, ?16)";
            pinyin always "?3"; initials always "?4"
        ))?
        .execute(values)?;
    Ok((enterprise_id, Outcome::from_changed_rows(changed)))
}
