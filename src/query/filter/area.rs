//! Places on the ground that a filter names, and the buildings in them.

use ::geo::{Distance as _, Euclidean, Intersects as _, MapCoords as _, MultiPolygon};
use rusqlite::OptionalExtension as _;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::resolve::FilterError;
use crate::domain::ids::{BuildingId, EventId};
use crate::geo::area::{circle, polygons};
use crate::geo::{BBox, LonLat, lon_lat, polygon};
use crate::msg;
use crate::store::{Connection, Result, features, lookup};

/// A place on the ground, WGS-84 degrees and metres.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Area {
    /// Within so many metres of a point.
    #[expect(missing_docs, reason = "degrees and metres")]
    Around { lon: f64, lat: f64, radius_m: f64 },
    /// Within so many metres of a building, by its code.
    #[expect(missing_docs, reason = "its code, and metres")]
    AroundBuilding { code: String, radius_m: f64 },
    /// Within so many metres of an event, by its number.
    #[expect(missing_docs, reason = "its number, and metres")]
    AroundEvent { no: String, radius_m: f64 },
    /// Inside drawn shapes: the rings of each polygon, the outer one first, as GeoJSON writes them.
    Shapes(Vec<Vec<Vec<[f64; 2]>>>),
}

/// Radii that are understood, metres.
pub const RADII_M: std::ops::RangeInclusive<f64> = 1.0..=100_000.0;

impl Area {
    /// The polygons of a GeoJSON text: geometries, features, collections.
    ///
    /// # Errors
    /// A text that is no GeoJSON, or holds no polygon.
    pub fn of_geojson(text: &str) -> std::result::Result<Self, FilterError> {
        let value: Value = serde_json::from_str(text.trim_start_matches('\u{feff}'))
            .map_err(|e| FilterError::Wrong(msg!("the shapes are not GeoJSON: {}", e)))?;
        let mut shapes = Vec::new();
        collect(&value, &mut shapes, 0);
        if shapes.is_empty() {
            return Err(FilterError::Wrong(msg!("the GeoJSON holds no polygon")));
        }
        Ok(Self::Shapes(shapes))
    }

    /// The buildings that touch it, by row id. `find` finds those that touch an area.
    pub(super) fn buildings(
        &self,
        conn: &Connection,
        find: &dyn Fn(&MultiPolygon) -> Result<Vec<BuildingId>>,
    ) -> std::result::Result<Vec<BuildingId>, FilterError> {
        let checked = |radius: f64| {
            let is_known = RADII_M.contains(&radius);
            is_known.then_some(radius).ok_or_else(|| {
                FilterError::Wrong(msg!("{} is no radius: from 1 to 100000 metres", radius))
            })
        };
        let around = |center: LonLat, radius: f64| Ok(find(&circle(center, checked(radius)?))?);
        match self {
            Self::Around { lon, lat, radius_m } => {
                let center = lon_lat(*lon, *lat);
                if !center.is_on_earth() {
                    return Err(FilterError::Wrong(msg!(
                        "{} is not a longitude,latitude in degrees",
                        format!("{lon},{lat}")
                    )));
                }
                around(center, *radius_m)
            }
            Self::AroundBuilding { code, radius_m } => {
                let building_id = lookup::building_id(conn, code)?.ok_or_else(|| {
                    FilterError::Unknown(msg!("no building has the code {}", code))
                })?;
                let outline = features::outline_of(conn, building_id)?;
                let Some(outline) = outline else { return Ok(vec![building_id]) };
                Ok(near_outline(conn, &outline, checked(*radius_m)?)?)
            }
            Self::AroundEvent { no, radius_m } => {
                let found: Option<EventId> = conn
                    .prepare_cached("SELECT event_id FROM event WHERE no = ?1")?
                    .query_row([no], |row| row.get(0))
                    .optional()?;
                let event_id = found
                    .ok_or_else(|| FilterError::Unknown(msg!("no event has the number {}", no)))?;
                match features::event_point_of(conn, event_id)? {
                    Some(point) => around(point.at, *radius_m),
                    None => Err(FilterError::Unknown(msg!("event {} has no place on the map", no))),
                }
            }
            Self::Shapes(shapes) => {
                let area = polygons(shapes).ok_or_else(|| {
                    FilterError::Wrong(msg!("a shape is no closed area on the earth"))
                })?;
                Ok(find(&area)?)
            }
        }
    }
}

/// Deeper collections are none that a program has written.
const MOST_NESTING: usize = 16;

fn collect(value: &Value, shapes: &mut Vec<Vec<Vec<[f64; 2]>>>, depth: usize) {
    if depth > MOST_NESTING {
        return;
    }
    let coordinates = || value.get("coordinates").cloned().unwrap_or_default();
    match value.get("type").and_then(Value::as_str) {
        Some("Polygon") => shapes.extend(rings(&coordinates())),
        Some("MultiPolygon") => {
            let list = coordinates();
            shapes.extend(list.as_array().into_iter().flatten().filter_map(rings));
        }
        Some("Feature") => {
            if let Some(geometry) = value.get("geometry") {
                collect(geometry, shapes, depth + 1);
            }
        }
        Some("FeatureCollection" | "GeometryCollection") => {
            let lists = ["features", "geometries"].into_iter().filter_map(|key| value.get(key));
            for part in lists.filter_map(Value::as_array).flatten() {
                collect(part, shapes, depth + 1);
            }
        }
        _ => {}
    }
}

fn rings(value: &Value) -> Option<Vec<Vec<[f64; 2]>>> {
    let point = |p: &Value| Some([p.get(0)?.as_f64()?, p.get(1)?.as_f64()?]);
    let ring = |r: &Value| r.as_array()?.iter().map(point).collect::<Option<Vec<_>>>();
    value.as_array()?.iter().map(ring).collect()
}

/// Buildings that touch an area, by row id, found in the workspace's spatial index.
///
/// # Errors
/// SQLite's errors; a damaged geometry.
pub fn buildings_touching(conn: &Connection, area: &MultiPolygon) -> Result<Vec<BuildingId>> {
    let bounds = polygon::bbox(area);
    if bounds.is_empty() {
        return Ok(Vec::new());
    }
    let near = features::footprints_in(conn, &bounds)?;
    let touches = |feature: &usize| near.outline(*feature).intersects(area);
    let mut ids: Vec<BuildingId> =
        (0..near.len()).filter(touches).map(|feature| BuildingId(near.id(feature))).collect();
    ids.sort_unstable();
    Ok(ids)
}

/// Metres a degree of latitude, and of longitude at the equator.
const METRES_A_DEGREE: f64 = 111_320.0;

/// Buildings whose outline comes within so many metres of another outline.
fn near_outline(conn: &Connection, outline: &MultiPolygon, metres: f64) -> Result<Vec<BuildingId>> {
    let b = polygon::bbox(outline);
    let middle = f64::midpoint(b.south, b.north);
    let across = METRES_A_DEGREE * middle.to_radians().cos().max(0.01);
    let (dx, dy) = (1.01 * metres / across, 1.01 * metres / METRES_A_DEGREE);
    let bounds =
        BBox { west: b.west - dx, south: b.south - dy, east: b.east + dx, north: b.north + dy };
    // Metres on a plane that touches the earth at the building: exact enough for a neighbourhood.
    let plane = |shape: &MultiPolygon| {
        shape.map_coords(|p| ::geo::Coord { x: p.x * across, y: p.y * METRES_A_DEGREE })
    };
    let here = plane(outline);
    let near = features::footprints_in(conn, &bounds)?;
    let mut ids: Vec<BuildingId> = (0..near.len())
        .filter(|feature| Euclidean.distance(&plane(&near.outline(*feature)), &here) <= metres)
        .map(|feature| BuildingId(near.id(feature)))
        .collect();
    ids.sort_unstable();
    Ok(ids)
}
