//! A layer of a map file: features as text, and what the file says about them.

use crate::msg;
use crate::text::Message;
use serde_json::{Map, Value};

use crate::import::error::ImportError;

/// Features of a layer, their numbers as they stand.
#[derive(Default)]
pub(crate) struct Layer {
    /// GeoJSON features, each as its text: a tenth of what they take as values.
    pub(crate) features: Vec<Box<str>>,
    /// Number of the coordinate system in the EPSG registry, where the file says it.
    pub(crate) epsg: Option<u32>,
    /// Well-known text of the coordinate system, where the file has one.
    pub(crate) definition: Option<String>,
    /// Name of the layer, where the file has names.
    pub(crate) name: Option<String>,
    /// The other layers.
    pub(crate) others: Vec<String>,
    /// What is to be told of the file as a whole.
    pub(crate) notes: Vec<Message>,
    /// Rows that are marked as deleted.
    pub(crate) deleted: u64,
}

pub(crate) fn refused(why: impl Into<Message>) -> ImportError {
    ImportError::NotFootprints(msg!("the file cannot be read: {}", why.into()))
}

/// A file of which the system or a library says that it cannot be read.
pub(crate) fn unreadable(error: impl std::fmt::Display) -> ImportError {
    refused(Message::of(error))
}

/// A feature as the text of GeoJSON.
pub(crate) fn feature(
    id: u64,
    properties: &Map<String, Value>,
    geometry: Option<&::geo::Geometry>,
) -> Box<str> {
    #[derive(serde::Serialize)]
    struct Feature<'a> {
        #[serde(rename = "type")]
        kind: &'static str,
        id: u64,
        properties: &'a Map<String, Value>,
        geometry: Option<::geojson::Geometry>,
    }
    let geometry = geometry.map(::geojson::GeometryValue::from).map(::geojson::Geometry::new);
    let whole = Feature { kind: "Feature", id, properties, geometry };
    // Neither its keys nor its numbers can be what JSON does not have: then it is nothing.
    serde_json::to_string(&whole).unwrap_or_else(|_| "null".to_owned()).into_boxed_str()
}

/// Bytes that any archive may unpack to, and times its own size that a larger one may.
pub(crate) const SMALL: u64 = 64 << 20;

pub(crate) const TIMES: u64 = 60;

/// Every name that a field of a kind has, with the field: what cut headings are completed with.
pub(crate) type KnownNames = Vec<(String, String)>;
