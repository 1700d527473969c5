//! Answers into files: tables as CSV and XLSX, GeoJSON; finished pixels into PNG.

pub mod csv;
pub mod extract;
pub mod fill;
pub mod form;
pub mod geojson;
pub mod image;
pub mod matches;
mod ods;
mod packed_xml;
pub mod paper;
pub mod pdf;
pub mod roster;
mod row_sheets;
mod shaped;
pub mod sheets;
pub mod taking;
