//! Files as rows or features: nothing outside this room knows a format.

pub(crate) mod archive;
pub mod child;
pub(crate) mod dbf;
pub(crate) mod esri;
pub(crate) mod first_look;
pub(crate) mod flatgeobuf;
pub mod geojson;
pub(crate) mod html;
pub(crate) mod json_text;
pub(crate) mod kml;
pub(crate) mod layer;
pub(crate) mod load;
pub(crate) mod merged;
pub mod properties;
pub mod property_slots;
pub mod serve;
pub(crate) mod shapefile;
pub mod sheet;
pub(crate) mod vector;
pub(crate) mod workbook;
pub(crate) mod xlsx_facts;
