//! Buildings and grids: the feature tables with areas.

use ::geo::MultiPolygon;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::merge::merge_sql;
use super::{Outcome, inserted};
use crate::domain::ids::{BuildingId, EstateId, GridId};
use crate::domain::names::pinyin_and_initials;
use crate::domain::records::{BuildingRecord, GridRecord};
use crate::geo::{LonLat, polygon};
use crate::store::{Result, gpkg};

/// A building made ready to be stored: what can be done outside the write lock, on all cores.
pub struct PreparedBuilding {
    /// Everything but the outline.
    attributes: BuildingRecord,
    blob: Vec<u8>,
    inside: Option<LonLat>,
}

/// Makes a building ready to be stored.
///
/// # Errors
/// An outline that cannot be encoded.
pub fn prepare_building(b: &BuildingRecord) -> Result<PreparedBuilding> {
    Ok(PreparedBuilding {
        blob: gpkg::encode_outline(&b.outline)?,
        inside: polygon::inside_point(&b.outline),
        attributes: BuildingRecord { outline: MultiPolygon::new(Vec::new()), ..b.clone() },
    })
}

/// Farther than this a building is another one, or was drawn anew.
const FAR_M: f64 = 200.0;

impl PreparedBuilding {
    /// How far the known building of this code stands from this outline, metres, where that is far.
    ///
    /// # Errors
    /// SQLite's errors.
    pub fn far_from_known(&self, conn: &Connection) -> Result<Option<f64>> {
        let known = conn
            .prepare_cached("SELECT lon, lat FROM building WHERE code = ?1 AND deleted_at IS NULL")?
            .query_row([&self.attributes.code], |row| {
                Ok((row.get::<_, Option<f64>>(0)?, row.get::<_, Option<f64>>(1)?))
            })
            .optional()?;
        let (Some((Some(lon), Some(lat))), Some(here)) = (known, self.inside) else {
            return Ok(None);
        };
        let north = (lat - here.lat) * 111_320.0;
        let east = (lon - here.lon) * 111_320.0 * here.lat.to_radians().cos();
        Ok(Some(north.hypot(east)).filter(|metres| *metres > FAR_M))
    }

    /// Whether the known building of this code stands beside this outline and not under it.
    ///
    /// # Errors
    /// SQLite's errors, a damaged geometry.
    pub fn is_beside_known(&self, conn: &Connection) -> Result<bool> {
        use ::geo::{BoundingRect as _, Intersects as _};
        let known: Option<Vec<u8>> = conn
            .prepare_cached("SELECT geom FROM building WHERE code = ?1 AND deleted_at IS NULL")?
            .query_row([&self.attributes.code], |row| row.get(0))
            .optional()?;
        let Some(known) = known else { return Ok(false) };
        let boxes = [&known, &self.blob].map(|blob| gpkg::decode_outline(blob));
        let [a, b] = boxes;
        Ok(match (a?.bounding_rect(), b?.bounding_rect()) {
            (Some(a), Some(b)) => !a.intersects(&b),
            _ => false,
        })
    }

    /// Whether its code is the number of its feature, which means something in one file only.
    #[must_use]
    pub fn is_numbered(&self) -> bool {
        self.attributes.feature_id.as_ref() == Some(&self.attributes.code)
    }

    /// Gives it another code.
    pub fn rename(&mut self, code: String) {
        self.attributes.code = code;
    }

    /// Its code.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.attributes.code
    }

    /// Its outline as the workspace stores it.
    #[must_use]
    pub fn blob(&self) -> &[u8] {
        &self.blob
    }
}

/// Inserts or merges a building by its code. Returns its row id.
///
/// # Errors
/// SQLite's errors; an outline that cannot be encoded.
pub fn upsert_building(conn: &Connection, b: &BuildingRecord) -> Result<(BuildingId, Outcome)> {
    store_building(conn, &prepare_building(b)?, false)
}

/// Inserts a building, or merges it by its code unless it `is_known_new`. Returns its row id.
///
/// # Errors
/// SQLite's errors.
pub fn store_building(
    conn: &Connection,
    prepared: &PreparedBuilding,
    is_known_new: bool,
) -> Result<(BuildingId, Outcome)> {
    let PreparedBuilding { attributes: b, blob, inside } = prepared;
    let estate_id = b.estate.as_deref().map(|name| estate_id(conn, name)).transpose()?;
    let known: Option<BuildingId> = if is_known_new {
        None
    } else {
        conn.prepare_cached(
            "SELECT building_id FROM building WHERE code = ?1 AND deleted_at IS NULL",
        )?
        .query_row([&b.code], |row| row.get(0))
        .optional()?
    };
    let values = params![
        b.code,
        blob,
        b.feature_id,
        b.name,
        estate_id,
        b.zone,
        b.building_no,
        b.kind,
        b.address,
        b.floors_above,
        b.floors_below,
        b.height_m,
        b.year_built,
        b.leader_name,
        b.leader_phone,
        inside.map(|p| p.lon),
        inside.map(|p| p.lat),
    ];
    let Some(building_id) = known else {
        conn.prepare_cached(
            "INSERT INTO building (code, geom, feature_id, name, estate_id, zone, building_no,
               kind, address, floors_above, floors_below, height_m, year_built, leader_name,
               leader_phone, lon, lat)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
        )?
        .execute(values)?;
        return Ok((inserted(conn), Outcome::Added));
    };
    let changed = conn
        .prepare_cached(merge_sql!(
            building where "code = ?1 AND deleted_at IS NULL":
            geom always "?2", feature_id given "?3", name given "?4", estate_id given "?5",
            zone given "?6", building_no given "?7", kind given "?8", address given "?9",
            floors_above given "?10", floors_below given "?11", height_m given "?12",
            year_built given "?13", leader_name given "?14", leader_phone given "?15";
            lon always "?16"; lat always "?17"
        ))?
        .execute(values)?;
    Ok((building_id, Outcome::from_changed_rows(changed)))
}

/// Teaches the estate of a building another name.
///
/// # Errors
/// SQLite's errors.
pub fn add_estate_alias(conn: &Connection, building_id: BuildingId, alias: &str) -> Result<()> {
    // A semicolon parts aliases.
    let alias = alias.replace(';', " ");
    conn.execute(
        "UPDATE estate SET aliases = iif(aliases = '', ?2, aliases || ';' || ?2)
         WHERE estate_id = (SELECT estate_id FROM building WHERE building_id = ?1)
           AND instr(';' || aliases || ';', ';' || ?2 || ';') = 0",
        (building_id, alias),
    )?;
    Ok(())
}

/// Row id of an estate by name; a new name makes a new estate.
fn estate_id(conn: &Connection, name: &str) -> Result<EstateId> {
    let known = conn
        .prepare_cached("SELECT estate_id FROM estate WHERE name = ?1 AND deleted_at IS NULL")?
        .query_row([name], |row| row.get(0))
        .optional()?;
    if let Some(estate_id) = known {
        return Ok(estate_id);
    }
    let (pinyin, initials) = pinyin_and_initials(name);
    conn.prepare_cached("INSERT INTO estate (name, pinyin, initials) VALUES (?1, ?2, ?3)")?
        .execute((name, pinyin, initials))?;
    Ok(inserted(conn))
}

/// Inserts or merges a grid by its code. Returns its row id.
///
/// # Errors
/// SQLite's errors; an outline that cannot be encoded.
pub fn upsert_grid(conn: &Connection, g: &GridRecord) -> Result<(GridId, Outcome)> {
    let blob = gpkg::encode_outline(&g.outline)?;
    let known: Option<GridId> = conn
        .prepare_cached("SELECT grid_id FROM grid WHERE code = ?1 AND deleted_at IS NULL")?
        .query_row([&g.code], |row| row.get(0))
        .optional()?;
    let Some(grid_id) = known else {
        conn.prepare_cached("INSERT INTO grid (code, geom, name, leader) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![g.code, blob, g.name, g.leader])?;
        return Ok((inserted(conn), Outcome::Added));
    };
    let changed = conn
        .prepare_cached(merge_sql!(
            grid where "grid_id = ?1": geom always "?2", name given "?3", leader given "?4"
        ))?
        .execute(params![grid_id, blob, g.name, g.leader])?;
    Ok((grid_id, Outcome::from_changed_rows(changed)))
}
