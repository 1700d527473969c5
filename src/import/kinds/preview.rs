//! A first look at a file before it is imported: what it seems to be, and its first rows.

use crate::text::Message;
use std::collections::HashMap;

use serde_json::value::RawValue;

use crate::geo::crs::Crs;
use crate::geo::datum::Datum;
use crate::geo::{FootprintSet, LonLat};
use crate::import::error::ImportError;
use crate::import::fields;
use crate::import::formats::geojson::{properties_of, split_features};
use crate::import::formats::property_slots::PropertySlots;
use crate::import::formats::{properties, sheet, vector};
use crate::import::kind::Kind;
use crate::import::kinds::buildings::{self, outlines_of};
use crate::import::outcome::property::Property;
use crate::import::request::Request;

/// The first rows of a file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Preview {
    /// Field of each shown column; `None` for one that means nothing or is refused.
    pub fields: Vec<Option<String>>,
    /// Headings as they stand.
    pub headings: Vec<String>,
    /// Cells of the first rows; refused columns are blank.
    pub rows: Vec<Vec<String>>,
    /// Columns whose content is never stored.
    pub refused: Vec<bool>,
    /// Columns that were known by their values and not by their heading.
    pub by_values: Vec<bool>,
    /// The sheet that is shown, and all sheets of the workbook that hold something.
    pub sheet: Option<String>,
    /// See [`Preview::sheet`].
    pub sheets: Vec<String>,
    /// Features in the file (GeoJSON), or about how many rows.
    pub total: usize,
    /// What keeps the file from being imported as this kind.
    pub problem: Option<Message>,
    /// Where the outlines of a file of footprints or areas come to lie.
    pub placing: Option<Placing>,
}

/// Where the outlines of a file come to lie, and where else they could.
#[derive(Debug, Clone, PartialEq)]
pub struct Placing {
    /// How the numbers are read; `None` when nothing tells.
    pub crs: Option<Crs>,
    /// Ways to read them, best first.
    pub choices: Vec<Crs>,
    /// Outer rings of some of the outlines, WGS-84.
    pub outlines: Vec<Vec<LonLat>>,
    /// The share of them that falls on what is loaded, 0 to 1, by datum: for degrees beside
    /// something that is loaded.
    pub overlaps: Option<[(Datum, f64); 3]>,
}

/// Looks at the first `most` rows of a file as a request would take it.
///
/// # Errors
/// As for the import of the file as a whole, but a missing column is told in
/// [`Preview::problem`] so that the rows can still be looked at. `loaded` is what is on the map: it
/// tells which datum and which meridian fits.
pub fn preview(
    request: &Request,
    most: usize,
    loaded: Option<&FootprintSet>,
) -> Result<Preview, ImportError> {
    if request.kind.is_geojson() {
        geojson_preview(request, most, loaded)
    } else {
        table_preview(request, most)
    }
}

fn geojson_preview(
    request: &Request,
    most: usize,
    loaded: Option<&FootprintSet>,
) -> Result<Preview, ImportError> {
    let kind = request.kind;
    let loaded = loaded.filter(|set| !set.is_empty());
    let near = loaded.map(FootprintSet::bounds);
    let mut choices: Vec<Crs> = Vec::new();
    let source = vector::load(request)?;
    for reading in vector::readings(&source, near.as_ref()) {
        if !choices.contains(&reading.crs) {
            choices.push(reading.crs);
        }
    }
    let vector::Opened { file, reading, layers, .. } =
        match vector::place(source, request, near.as_ref()) {
            Ok(opened) => opened,
            // Nothing tells: the user does.
            Err(error) if request.crs.is_none() && !choices.is_empty() => {
                let placing = Placing { crs: None, choices, outlines: Vec::new(), overlaps: None };
                return Ok(Preview {
                    problem: Some(error.message()),
                    placing: Some(placing),
                    ..Preview::default()
                });
            }
            Err(error) => return Err(error),
        };
    let raw = split_features(file.bytes())?;
    let found = match kind {
        // Not mapped: what a line or an area of a basemap is stands in properties of its own.
        Kind::Basemap => properties::of_file(&raw, &PropertySlots::default(), &[], |_| None),
        _ => buildings::properties_of_file(request, &raw)?,
    };
    let rows = raw.iter().take(most).map(|raw| row_of(raw, &found)).collect();
    let plain = Crs::Geographic(Datum::Wgs84);
    let crs = reading.map_or(plain, |reading| reading.crs);
    let outlines = outlines_of(&raw, &PropertySlots::default());
    // Held against what is loaded as the file has them, before a datum moved them.
    let overlaps = match crs {
        Crs::Geographic(datum) if kind == Kind::Buildings && !outlines.is_empty() => {
            let back = |ring: &Vec<LonLat>| ring.iter().map(|p| datum.of_wgs84(*p)).collect();
            let as_written: Vec<Vec<LonLat>> = outlines.iter().map(back).collect();
            loaded.map(|loaded| crate::geo::crs::overlaps(&as_written, loaded))
        }
        _ => None,
    };
    let placing = Placing { crs: Some(crs), choices, outlines, overlaps };
    Ok(Preview {
        placing: (kind != Kind::Basemap).then_some(placing),
        fields: found.iter().map(|property| property.field.clone()).collect(),
        refused: found.iter().map(|property| property.is_refused).collect(),
        by_values: vec![false; found.len()],
        headings: found.into_iter().map(|property| property.name).collect(),
        rows,
        sheets: layers.0.iter().cloned().chain(layers.1).collect(),
        sheet: layers.0,
        total: raw.len(),
        problem: None,
    })
}

/// What a feature has in these properties; nothing of what must not be held.
fn row_of(raw: &RawValue, properties: &[Property]) -> Vec<String> {
    let mut given: HashMap<String, String> = properties_of(raw).into_iter().collect();
    let cell = |property: &Property| {
        given.remove(&property.name).filter(|_| !property.is_refused).unwrap_or_default()
    };
    properties.iter().map(cell).collect()
}

fn table_preview(request: &Request, most: usize) -> Result<Preview, ImportError> {
    let (kind, pairs) = (request.kind, &request.fields[..]);
    let sheet = sheet::Sheet::open(kind, pairs, &request.path, request.sheet.as_deref())?;
    let headings = sheet.headings;
    let needed = fields::needed(kind);
    let mapped = fields::map_table(kind, &headings, pairs, needed, &sheet.sample);
    let problem = mapped.as_ref().err().map(ImportError::message);
    // What is known is shown even where something is missing.
    let map = mapped
        .or_else(|_| fields::map_table(kind, &headings, pairs, &[], &sheet.sample))
        .unwrap_or_default();
    let field_of = |column: usize| map.columns.iter().find(|(_, used)| *used == column);
    let columns = 0..headings.len();
    let shown_fields: Vec<Option<String>> =
        columns.clone().map(|c| field_of(c).map(|(f, _)| f.clone())).collect();
    let by_values = shown_fields
        .iter()
        .map(|field| field.as_ref().is_some_and(|f| map.by_values.contains(f)))
        .collect();
    let refused: Vec<bool> = columns.clone().map(|c| map.refused.contains(&c)).collect();
    let rows = sheet.sample.iter().take(most).map(|row| {
        let cells = columns.clone().map(|column| {
            if refused[column] {
                return String::new();
            }
            row.record.get(column).unwrap_or_default().trim().to_owned()
        });
        cells.collect()
    });
    Ok(Preview {
        fields: shown_fields,
        rows: rows.collect(),
        refused,
        by_values,
        headings,
        sheet: sheet.name,
        sheets: sheet.names,
        total: sheet.expected_rows as usize,
        problem,
        placing: None,
    })
}
