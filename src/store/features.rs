//! Whole layers of geometry out of the workspace, for the map and for point-in-building joins.

use rusqlite::Connection;

use super::{Result, gpkg};
use crate::geo::{BBox, FootprintSet, FootprintSetBuilder, LonLat, lon_lat};

/// All buildings' outlines, in code order, with an R-tree.
///
/// # Errors
/// SQLite's errors; a damaged geometry.
pub fn footprints(conn: &Connection) -> Result<FootprintSet> {
    let mut builder = FootprintSetBuilder::default();
    let mut select = conn.prepare(
        "SELECT building_id, code, geom FROM building WHERE deleted_at IS NULL ORDER BY building_id",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let outline = gpkg::decode_outline(row.get_ref(2)?.as_blob().unwrap_or_default())?;
        let code = row.get_ref(1)?.as_str().unwrap_or_default();
        builder.push(row.get(0)?, code, &outline);
    }
    Ok(builder.build())
}

/// The buildings whose box meets a box, by the file's own R-tree: for questions that are asked
/// once, such as `menpai at`.
///
/// # Errors
/// SQLite's errors; a damaged geometry.
pub fn footprints_in(conn: &Connection, b: &BBox) -> Result<FootprintSet> {
    let mut builder = FootprintSetBuilder::default();
    let mut select = conn.prepare(
        "SELECT b.building_id, b.code, b.geom FROM rtree_building_geom r
         JOIN building b ON b.building_id = r.id
         WHERE r.minx <= ?3 AND r.maxx >= ?1 AND r.miny <= ?4 AND r.maxy >= ?2
           AND b.deleted_at IS NULL ORDER BY b.building_id",
    )?;
    let mut rows = select.query((b.west, b.south, b.east, b.north))?;
    while let Some(row) = rows.next()? {
        let outline = gpkg::decode_outline(row.get_ref(2)?.as_blob().unwrap_or_default())?;
        builder.push(row.get(0)?, &row.get::<_, String>(1)?, &outline);
    }
    Ok(builder.build())
}

/// A grid as the map needs it.
pub struct GridShape {
    /// Row id.
    pub grid_id: i64,
    /// Code.
    pub code: String,
    /// Name, or the code.
    pub name: String,
    /// Rings in degrees.
    pub outline: ::geo::MultiPolygon,
}

/// All grids, by code.
///
/// # Errors
/// SQLite's errors; a damaged geometry.
pub fn grids(conn: &Connection) -> Result<Vec<GridShape>> {
    let mut select = conn.prepare(
        "SELECT grid_id, code, coalesce(name, code), geom FROM grid
         WHERE deleted_at IS NULL ORDER BY code",
    )?;
    let mut rows = select.query([])?;
    let mut grids = Vec::new();
    while let Some(row) = rows.next()? {
        grids.push(GridShape {
            grid_id: row.get(0)?,
            code: row.get(1)?,
            name: row.get(2)?,
            outline: gpkg::decode_outline(row.get_ref(3)?.as_blob().unwrap_or_default())?,
        });
    }
    Ok(grids)
}

/// A building's label data: what is written on it, by row id order as in [`footprints`].
pub struct BuildingLabel {
    /// Row id.
    pub building_id: i64,
    /// Name, else building number, else nothing.
    pub text: String,
    /// A point inside.
    pub at: LonLat,
    /// Key of `building_kind`.
    pub kind: Option<i64>,
    /// Floors above ground.
    pub floors_above: Option<i32>,
    /// Row id of the estate.
    pub estate_id: Option<i64>,
    /// Row id of the grid.
    pub grid_id: Option<i64>,
}

/// Labels and classes of all buildings, in the order of [`footprints`].
///
/// # Errors
/// SQLite's errors.
pub fn building_labels(conn: &Connection) -> Result<Vec<BuildingLabel>> {
    let mut select = conn.prepare(
        "SELECT building_id,
           CASE WHEN building_no IS NOT NULL AND estate_id IS NOT NULL THEN building_no
                ELSE coalesce(name, '') END,
           coalesce(lon, 0), coalesce(lat, 0), kind, floors_above, estate_id, grid_id
         FROM building WHERE deleted_at IS NULL ORDER BY building_id",
    )?;
    let rows = select.query_map([], |row| {
        Ok(BuildingLabel {
            building_id: row.get(0)?,
            text: row.get(1)?,
            at: lon_lat(row.get(2)?, row.get(3)?),
            kind: row.get(4)?,
            floors_above: row.get(5)?,
            estate_id: row.get(6)?,
            grid_id: row.get(7)?,
        })
    })?;
    Ok(rows.collect::<std::result::Result<_, _>>()?)
}

/// Estate row id → name.
///
/// # Errors
/// SQLite's errors.
pub fn estate_names(conn: &Connection) -> Result<Vec<(i64, String)>> {
    let mut select = conn.prepare(
        "SELECT estate_id, name FROM estate WHERE deleted_at IS NULL ORDER BY estate_id",
    )?;
    let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<std::result::Result<_, _>>()?)
}

/// A point layer's feature.
pub struct PointFeature {
    /// Row id in its table.
    pub id: i64,
    /// Number of the event, code of the device.
    pub code: String,
    /// Title or name.
    pub title: String,
    /// Position.
    pub at: LonLat,
    /// Key of its category or kind.
    pub kind: i64,
    /// Key of its state.
    pub state: i64,
    /// When it was reported, UTC seconds (events).
    pub reported_at: Option<i64>,
    /// Row id of its building.
    pub building_id: Option<i64>,
    /// Camera: direction, opening angle (degrees), range (metres).
    pub view: Option<(f64, f64, f64)>,
}

/// All events with a place: their own point, else a point inside their building. Newest first.
///
/// # Errors
/// SQLite's errors; a damaged geometry.
pub fn event_points(conn: &Connection) -> Result<Vec<PointFeature>> {
    let mut select = conn.prepare(
        "SELECT e.event_id, e.no, e.title, e.geom, b.lon, b.lat, e.category, e.state,
           e.reported_at, e.building_id
         FROM event e LEFT JOIN building b ON b.building_id = e.building_id
         ORDER BY e.reported_at DESC, e.no",
    )?;
    let mut rows = select.query([])?;
    let mut points = Vec::new();
    while let Some(row) = rows.next()? {
        let inside: (Option<f64>, Option<f64>) = (row.get(4)?, row.get(5)?);
        let at = match (row.get_ref(3)?.as_blob_or_null().ok().flatten(), inside) {
            (Some(blob), _) => gpkg::decode_point(blob)?,
            (None, (Some(lon), Some(lat))) => lon_lat(lon, lat),
            _ => continue,
        };
        points.push(PointFeature {
            id: row.get(0)?,
            code: row.get(1)?,
            title: row.get(2)?,
            at,
            kind: row.get(6)?,
            state: row.get(7)?,
            reported_at: row.get(8)?,
            building_id: row.get(9)?,
            view: None,
        });
    }
    Ok(points)
}

/// All devices, by code.
///
/// # Errors
/// SQLite's errors; a damaged geometry.
pub fn device_points(conn: &Connection) -> Result<Vec<PointFeature>> {
    let mut select = conn.prepare(
        "SELECT device_id, code, coalesce(name, code), geom, kind, state, building_id,
           heading_deg, fov_deg, range_m
         FROM device WHERE deleted_at IS NULL ORDER BY code",
    )?;
    let mut rows = select.query([])?;
    let mut points = Vec::new();
    while let Some(row) = rows.next()? {
        let view: (Option<f64>, Option<f64>, Option<f64>) = (row.get(7)?, row.get(8)?, row.get(9)?);
        points.push(PointFeature {
            id: row.get(0)?,
            code: row.get(1)?,
            title: row.get(2)?,
            at: gpkg::decode_point(row.get_ref(3)?.as_blob().unwrap_or_default())?,
            kind: row.get(4)?,
            state: row.get(5)?,
            reported_at: None,
            building_id: row.get(6)?,
            view: match view {
                (Some(heading), Some(fov), Some(range)) => Some((heading, fov, range)),
                _ => None,
            },
        });
    }
    Ok(points)
}

/// The outline of one building; `None` for an unknown one.
///
/// # Errors
/// SQLite's errors; a damaged geometry.
pub fn outline_of(conn: &Connection, building_id: i64) -> Result<Option<::geo::MultiPolygon>> {
    let mut select = conn.prepare_cached(
        "SELECT geom FROM building WHERE building_id = ?1 AND deleted_at IS NULL",
    )?;
    let mut rows = select.query([building_id])?;
    match rows.next()? {
        Some(row) => Ok(Some(gpkg::decode_outline(row.get_ref(0)?.as_blob().unwrap_or_default())?)),
        None => Ok(None),
    }
}

/// What the generator needs of a building.
pub struct EmptyBuilding {
    /// Row id.
    pub building_id: i64,
    /// Code.
    pub code: String,
    /// Key of `building_kind`.
    pub kind: Option<i64>,
    /// Floors above ground.
    pub floors_above: Option<i32>,
    /// Floors below ground.
    pub floors_below: Option<i32>,
    /// Ground area, square metres.
    pub area_m2: f64,
}

/// The buildings without rooms, by code.
///
/// # Errors
/// SQLite's errors; a damaged geometry.
pub fn empty_buildings(conn: &Connection) -> Result<Vec<EmptyBuilding>> {
    let mut select = conn.prepare(
        "SELECT building_id, code, kind, floors_above, floors_below, geom FROM building b
         WHERE deleted_at IS NULL
           AND NOT EXISTS (SELECT 1 FROM room r WHERE r.building_id = b.building_id)
         ORDER BY code",
    )?;
    let mut rows = select.query([])?;
    let mut buildings = Vec::new();
    while let Some(row) = rows.next()? {
        let outline = gpkg::decode_outline(row.get_ref(5)?.as_blob().unwrap_or_default())?;
        buildings.push(EmptyBuilding {
            building_id: row.get(0)?,
            code: row.get(1)?,
            kind: row.get(2)?,
            floors_above: row.get(3)?,
            floors_below: row.get(4)?,
            area_m2: crate::geo::polygon::area_m2(&outline),
        });
    }
    Ok(buildings)
}

/// The highest person row id, 0 when there are none.
///
/// # Errors
/// SQLite's errors.
pub fn last_person_id(conn: &Connection) -> Result<i64> {
    Ok(conn.query_row("SELECT coalesce(max(person_id), 0) FROM person", [], |row| row.get(0))?)
}

/// Tag code → row id, in display order.
///
/// # Errors
/// SQLite's errors.
pub fn tag_codes(conn: &Connection) -> Result<Vec<(String, i64)>> {
    let mut select = conn.prepare("SELECT code, tag_id FROM tag ORDER BY ord")?;
    let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<std::result::Result<_, _>>()?)
}
