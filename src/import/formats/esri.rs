//! ESRI JSON, as ArcGIS servers answer (<https://developers.arcgis.com/rest/services-reference/enterprise/feature-object/>).

use crate::text::Message;
use ::geo::{Coord, Geometry, LineString, MultiLineString, Point};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::geo::rings;
use crate::import::error::ImportError;
use crate::import::formats::layer::{Layer, feature, refused};

/// Bytes that are looked at to know one.
const HEAD: usize = 1 << 16;

/// Whether a document is ESRI JSON and not GeoJSON: rings and attributes, no types.
pub(crate) fn is_one(bytes: &[u8]) -> bool {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(HEAD)]);
    head.contains("\"attributes\"") && (head.contains("\"rings\"") || head.contains("\"paths\""))
        || head.contains("\"esriGeometry")
}

/// The features of a document.
///
/// # Errors
/// [`ImportError::BrokenJson`].
pub(crate) fn layer(bytes: &[u8]) -> Result<Layer, ImportError> {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Document<'a> {
        #[serde(borrow)]
        features: Option<&'a RawValue>,
        #[serde(default)]
        spatial_reference: Value,
    }
    let broken = |e: serde_json::Error| ImportError::BrokenJson(Message::verbatim(e.to_string()));
    let document: Document<'_> = serde_json::from_slice(bytes).map_err(broken)?;
    let list = document.features.map(|list| serde_json::from_str::<Vec<&RawValue>>(list.get()));
    let Some(Ok(list)) = list else {
        return Err(refused("its \"features\" are no list"));
    };
    let mut found = Layer::default();
    for (index, one) in list.into_iter().enumerate() {
        let one: Value = serde_json::from_str(one.get()).map_err(broken)?;
        let properties = one["attributes"].as_object().cloned().unwrap_or_else(Map::new);
        let geometry = geometry(&one["geometry"]);
        found.features.push(feature(index as u64 + 1, &properties, geometry.as_ref()));
    }
    let system = &document.spatial_reference;
    let number = system["latestWkid"].as_u64().or_else(|| system["wkid"].as_u64());
    // ESRI's own number of Web Mercator.
    found.epsg = number.map(|n| if n == 102_100 { 3857 } else { n as u32 });
    found.definition = system["wkt"].as_str().map(str::to_owned);
    Ok(found)
}

fn geometry(value: &Value) -> Option<Geometry> {
    let lines = |value: &Value| -> Option<Vec<LineString>> {
        let line = |line: &Value| {
            let corners: Option<Vec<Coord>> = line.as_array()?.iter().map(corner).collect();
            corners.map(LineString)
        };
        value.as_array()?.iter().map(line).collect()
    };
    if let Some(rings) = lines(&value["rings"]) {
        let outline = rings::outline(rings);
        return (!outline.0.is_empty()).then_some(Geometry::MultiPolygon(outline));
    }
    if let Some(paths) = lines(&value["paths"]) {
        return Some(Geometry::MultiLineString(MultiLineString(paths)));
    }
    let (x, y) = (value["x"].as_f64()?, value["y"].as_f64()?);
    Some(Geometry::Point(Point::new(x, y)))
}

fn corner(value: &Value) -> Option<Coord> {
    Some(Coord { x: value.get(0)?.as_f64()?, y: value.get(1)?.as_f64()? })
}
