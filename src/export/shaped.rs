//! Rows with their shapes: GeoJSON (RFC 7946), FlatGeobuf, GeoPackage. What the columns are called is their name on
//! the command line, the same in every language.

use std::fs::File;
use std::io::{self, BufWriter, Write};

use flatgeobuf::{ColumnType, FgbCrs, FgbWriter, FgbWriterOptions, GeometryType};
use geo::Geometry;
use geojson::{Feature, JsonObject};
use geozero::{ColumnValue, PropertyProcessor as _};
use sha2::{Digest as _, Sha256};

use crate::query::table::{Cell, Column, ShapeKind};
use crate::store::feature_file::FeatureFile;
use crate::store::{self, StoreError};

/// A row with its shape.
pub(super) type Shaped = (Option<Geometry>, Vec<Cell>);

/// A file of features that is being written.
pub(super) enum ShapedFile {
    GeoJson { file: BufWriter<File>, sum: Sha256, has_rows: bool },
    FlatGeobuf { writer: Box<FgbWriter<'static>>, file: BufWriter<File> },
    GeoPackage(Box<FeatureFile>),
}

/// The beginning of a GeoJSON file, and its end.
const HEAD: &str = "{\"type\":\"FeatureCollection\",\"features\":[";
const TAIL: &str = "\n]}\n";

fn number(cell: &Cell) -> Option<f64> {
    cell.text.parse::<f64>().ok().filter(|n| cell.is_number && n.is_finite())
}

/// A feature as text, after a comma.
fn push_feature(text: &mut String, columns: &[&Column], shape: Option<&Geometry>, cells: &[Cell]) {
    let mut properties = JsonObject::new();
    for (column, cell) in columns.iter().zip(cells) {
        let exact = cell.text.parse::<serde_json::Number>().ok();
        let value = match (cell.text.is_empty(), exact.filter(|_| cell.is_number)) {
            (true, _) => serde_json::Value::Null,
            (_, Some(number)) => number.into(),
            _ => cell.text.as_str().into(),
        };
        properties.insert(column.key.to_owned(), value);
    }
    let feature = Feature {
        geometry: shape.map(|shape| geojson::Geometry::new(shape.into())),
        properties: Some(properties),
        ..Feature::default()
    };
    text.push_str(",\n");
    text.push_str(&feature.to_string());
}

fn fgb_failed(error: flatgeobuf::Error) -> io::Error {
    match error {
        flatgeobuf::Error::IO(error) => error,
        error => io::Error::other(error),
    }
}

fn feature_failed(error: geozero::error::GeozeroError) -> io::Error {
    match error {
        geozero::error::GeozeroError::IoError(error) => error,
        error => io::Error::other(error),
    }
}

impl ShapedFile {
    pub(super) fn geojson(mut file: BufWriter<File>) -> io::Result<Self> {
        file.write_all(HEAD.as_bytes())?;
        let mut sum = Sha256::new();
        sum.update(HEAD);
        Ok(Self::GeoJson { file, sum, has_rows: false })
    }

    pub(super) fn flatgeobuf(
        file: BufWriter<File>,
        name: &str,
        shape: ShapeKind,
        columns: &[&Column],
    ) -> io::Result<Self> {
        let kind = match shape {
            ShapeKind::Outline => GeometryType::MultiPolygon,
            ShapeKind::Point => GeometryType::Point,
        };
        let options = FgbWriterOptions {
            crs: FgbCrs { code: 4326, ..FgbCrs::default() },
            ..FgbWriterOptions::default()
        };
        let mut writer = FgbWriter::create_with_options(name, kind, options).map_err(fgb_failed)?;
        for column in columns {
            let kind = if column.is_number() { ColumnType::Double } else { ColumnType::String };
            writer.add_column(column.key, kind, |_, _| {});
        }
        Ok(Self::FlatGeobuf { writer: Box::new(writer), file })
    }

    /// Takes rows; gives back how many of them have no place in this format.
    pub(super) fn take(&mut self, columns: &[&Column], rows: &[Shaped]) -> Result<u64, StoreError> {
        let mut left_out = 0;
        match self {
            Self::GeoJson { file, sum, has_rows } => {
                let mut text = String::new();
                for (shape, cells) in rows {
                    push_feature(&mut text, columns, shape.as_ref(), cells);
                }
                let bytes = if *has_rows { &text[..] } else { text.get(1..).unwrap_or_default() };
                *has_rows |= !rows.is_empty();
                sum.update(bytes);
                file.write_all(bytes.as_bytes()).map_err(store::file_failed)?;
            }
            Self::FlatGeobuf { writer, .. } => {
                for (shape, cells) in rows {
                    let Some(shape) = shape else {
                        left_out += 1;
                        continue;
                    };
                    let added = writer.add_feature_geom(shape.clone(), |feature| {
                        for (at, (column, cell)) in columns.iter().zip(cells).enumerate() {
                            let value = match number(cell) {
                                Some(number) => ColumnValue::Double(number),
                                None if cell.text.is_empty() || column.is_number() => continue,
                                None => ColumnValue::String(&cell.text),
                            };
                            let _ = feature.property(at, column.key, &value);
                        }
                    });
                    added.map_err(|e| store::file_failed(feature_failed(e)))?;
                }
            }
            Self::GeoPackage(file) => {
                for (shape, cells) in rows {
                    file.add(shape.as_ref(), cells.iter().map(|c| (c.text.as_str(), number(c))))?;
                }
            }
        }
        Ok(left_out)
    }

    /// Ends the file; gives its checksum where it was taken on the way.
    pub(super) fn end(self, at: i64) -> Result<Option<Sha256>, StoreError> {
        match self {
            Self::GeoJson { mut file, mut sum, .. } => {
                sum.update(TAIL);
                file.write_all(TAIL.as_bytes())
                    .and_then(|()| file.flush())
                    .map_err(store::file_failed)?;
                Ok(Some(sum))
            }
            Self::FlatGeobuf { writer, mut file } => {
                writer.write(&mut file).map_err(|e| store::file_failed(fgb_failed(e)))?;
                file.flush().map_err(store::file_failed)?;
                Ok(None)
            }
            Self::GeoPackage(file) => file.end(at).map(|()| None),
        }
    }
}
