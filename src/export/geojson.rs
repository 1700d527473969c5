//! GeoJSON out, through the `geojson` crate.

use geojson::{Feature, FeatureCollection, JsonObject};

use crate::domain::ids::BuildingId;
use crate::store::{Connection, Result, features};

/// Buildings with their outline, code and how many match, under `word`; by code.
///
/// # Errors
/// SQLite's errors; a damaged geometry.
pub fn focus_collection(
    conn: &Connection,
    buildings: &[(String, BuildingId, u32)],
    word: &str,
) -> Result<String> {
    let mut list = Vec::with_capacity(buildings.len());
    for (code, building_id, count) in buildings {
        let Some(outline) = features::outline_of(conn, *building_id)? else { continue };
        let mut properties = JsonObject::new();
        properties.insert("code".to_owned(), code.as_str().into());
        properties.insert(word.to_owned(), (*count).into());
        list.push(feature(&outline, properties));
    }
    Ok(FeatureCollection { features: list, ..FeatureCollection::default() }.to_string())
}

/// A feature from an outline and its properties; a multipolygon of one part becomes a polygon.
#[must_use]
pub fn feature(outline: &::geo::MultiPolygon, properties: JsonObject) -> Feature {
    let geometry = match &outline.0[..] {
        [only] => geojson::GeometryValue::from(only),
        _ => geojson::GeometryValue::from(outline),
    };
    Feature {
        geometry: Some(geojson::Geometry::new(geometry)),
        properties: Some(properties),
        ..Feature::default()
    }
}
