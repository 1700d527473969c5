//! Which grid a building or an event is in, one at a time: what `lookup::assign_grids` does for all.

use geo::Contains as _;
use rusqlite::{Connection, OptionalExtension as _};

use super::{Result, gpkg};
use crate::domain::ids::{BuildingId, EventId, GridId};
use crate::geo::{LonLat, lon_lat, polygon};

/// A point inside a building, for what happens in it.
///
/// # Errors
/// SQLite's errors.
pub fn inside_point(conn: &Connection, building_id: BuildingId) -> Result<Option<LonLat>> {
    let found: Option<(Option<f64>, Option<f64>)> = conn
        .prepare_cached("SELECT lon, lat FROM building WHERE building_id = ?1")?
        .query_row([building_id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(found.and_then(|(lon, lat)| lon.zip(lat)).map(|(lon, lat)| lon_lat(lon, lat)))
}

/// The grid at a point, the lowest row id where several overlap.
///
/// # Errors
/// SQLite's errors; a damaged geometry.
pub fn grid_at(conn: &Connection, at: LonLat) -> Result<Option<(GridId, String)>> {
    let mut select = conn.prepare_cached(
        "SELECT g.grid_id, g.code, g.geom FROM rtree_grid_geom t JOIN grid g ON g.grid_id = t.id
         WHERE t.minx <= ?1 AND t.maxx >= ?1 AND t.miny <= ?2 AND t.maxy >= ?2
           AND g.deleted_at IS NULL ORDER BY g.grid_id",
    )?;
    let mut rows = select.query((at.lon, at.lat))?;
    while let Some(row) = rows.next()? {
        let outline = gpkg::decode_outline(row.get_ref(2)?.as_blob().unwrap_or_default())?;
        if outline.contains(&geo::Point::new(at.lon, at.lat)) {
            return Ok(Some((row.get(0)?, row.get(1)?)));
        }
    }
    Ok(None)
}

/// The code of the grid that a building is in.
///
/// # Errors
/// SQLite's errors.
pub fn grid_code_of_building(conn: &Connection, building_id: BuildingId) -> Result<Option<String>> {
    Ok(conn
        .prepare_cached(
            "SELECT g.code FROM building b JOIN grid g USING (grid_id) WHERE b.building_id = ?1",
        )?
        .query_row([building_id], |row| row.get(0))
        .optional()?)
}

/// Gives an event the grid of its building, else the one at its point.
///
/// # Errors
/// SQLite's errors; a damaged geometry.
pub fn assign_grid_of_event(conn: &Connection, event_id: EventId) -> Result<()> {
    let (building_id, blob): (Option<BuildingId>, Option<Vec<u8>>) = conn
        .prepare_cached("SELECT building_id, geom FROM event WHERE event_id = ?1")?
        .query_row([event_id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let grid: Option<GridId> = match (building_id, blob) {
        (Some(building_id), _) => conn
            .prepare_cached("SELECT grid_id FROM building WHERE building_id = ?1")?
            .query_row([building_id], |row| row.get(0))?,
        (None, Some(blob)) => grid_at(conn, gpkg::decode_point(&blob)?)?.map(|(id, _)| id),
        (None, None) => None,
    };
    conn.prepare_cached("UPDATE event SET grid_id = ?2 WHERE event_id = ?1 AND grid_id IS NOT ?2")?
        .execute((event_id, grid))?;
    Ok(())
}

/// Gives a building the grid it overlaps most; ties go to the lower row id.
///
/// # Errors
/// SQLite's errors; a damaged geometry.
pub fn assign_grid_of_building(conn: &Connection, building_id: BuildingId) -> Result<()> {
    let blob: Option<Option<Vec<u8>>> = conn
        .prepare_cached("SELECT geom FROM building WHERE building_id = ?1")?
        .query_row([building_id], |row| row.get(0))
        .optional()?;
    let Some(Some(blob)) = blob else { return Ok(()) };
    let outline = gpkg::decode_outline(&blob)?;
    let around = polygon::bbox(&outline);
    let mut select = conn.prepare_cached(
        "SELECT g.grid_id, g.geom FROM rtree_grid_geom t JOIN grid g ON g.grid_id = t.id
         WHERE t.minx <= ?3 AND t.maxx >= ?1 AND t.miny <= ?4 AND t.maxy >= ?2
           AND g.deleted_at IS NULL ORDER BY g.grid_id",
    )?;
    let mut rows = select.query((around.west, around.south, around.east, around.north))?;
    let mut best: Option<(f64, GridId)> = None;
    while let Some(row) = rows.next()? {
        let grid = gpkg::decode_outline(row.get_ref(1)?.as_blob().unwrap_or_default())?;
        let area = polygon::overlap_deg2(&grid, &outline);
        if area > 0.0 && best.is_none_or(|(most, _)| area > most) {
            best = Some((area, row.get(0)?));
        }
    }
    let grid = best.map(|(_, grid_id)| grid_id);
    conn.prepare_cached(
        "UPDATE building SET grid_id = ?2 WHERE building_id = ?1 AND grid_id IS NOT ?2",
    )?
    .execute((building_id, grid))?;
    conn.prepare_cached(
        "UPDATE event SET grid_id = ?2 WHERE building_id = ?1 AND grid_id IS NOT ?2",
    )?
    .execute((building_id, grid))?;
    Ok(())
}
