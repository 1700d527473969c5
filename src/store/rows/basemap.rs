//! The basemap: one row a shape; the same shape again changes nothing.

use rusqlite::{Connection, params};
use sha2::{Digest as _, Sha256};

use super::Outcome;
use crate::domain::records::BaseRecord;
use crate::store::{Result, gpkg};

/// Inserts a shape, or brings what is told about a known one up to date.
///
/// # Errors
/// SQLite's errors; a shape that cannot be encoded.
pub fn upsert_basemap(conn: &Connection, record: &BaseRecord) -> Result<Outcome> {
    let blob = gpkg::encode_shape(&record.geometry)?;
    let hash = crate::domain::digest::hex(&Sha256::digest(&blob)[..16]);
    let inserted = conn
        .prepare_cached(
            "INSERT INTO basemap (geom, kind, rank, name, shape_hash) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (shape_hash) DO NOTHING",
        )?
        .execute(params![blob, record.kind as i64, record.rank, record.name, hash])?;
    if inserted > 0 {
        return Ok(Outcome::Added);
    }
    let changed = conn
        .prepare_cached(
            "UPDATE basemap SET kind = ?1, rank = ?2, name = coalesce(?3, name)
             WHERE shape_hash = ?4
               AND (kind IS NOT ?1 OR rank IS NOT ?2 OR name IS NOT coalesce(?3, name))",
        )?
        .execute(params![record.kind as i64, record.rank, record.name, hash])?;
    Ok(Outcome::from_changed_rows(changed))
}
