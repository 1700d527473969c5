//! Answers into files: GeoJSON; finished pixels into PNG.

pub mod geojson;
pub mod image;
pub mod pdf;
pub mod sheets;
