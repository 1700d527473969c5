//! Why a file as a whole was refused.

use std::path::PathBuf;

use crate::store::StoreError;

/// Why a file as a whole was refused. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be read.
    #[error("{0} could not be read: {1}")]
    Io(PathBuf, std::io::Error),
    /// Not JSON.
    #[error(
        "broken JSON: {0}. Nothing was imported; export the file again from its program, or repair \
         it there"
    )]
    BrokenJson(String),
    /// JSON, but not GeoJSON.
    #[error(
        "this is JSON but not GeoJSON: {0}. Nothing was imported; choose a GeoJSON file with a \
         FeatureCollection"
    )]
    NotGeoJson(String),
    /// No footprints or areas that can be read or placed.
    #[error("{0}. Nothing was imported")]
    NotFootprints(String),
    /// Not a text table.
    #[error("{0}. Nothing was imported")]
    NotATable(String),
    /// Columns that are needed are not there.
    #[error(
        "no column for {missing}. Headings found: {found}. Nothing was imported; rename a heading, \
         or say which it is with --field {example}=HEADING"
    )]
    MissingColumn {
        /// The fields, with their Chinese labels.
        missing: String,
        /// The headings of the file.
        found: String,
        /// The first missing field.
        example: String,
    },
    /// `--field` names something that is no field of this kind.
    #[error("{0} is no field of {1}. Fields: {2}")]
    UnknownField(String, &'static str, String),
    /// The workspace refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}
