//! A first look at a file before it is imported: what it seems to be, and its first rows.

use std::path::Path;

use super::geojson::{MappedFile, PropertySlots, read_feature, split_features};
use super::{ImportError, Kind, fields, sheet, table};

/// The first rows of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    /// Field of each shown column; `None` for one that means nothing or is refused.
    pub fields: Vec<Option<String>>,
    /// Headings as they stand.
    pub headings: Vec<String>,
    /// Cells of the first rows; refused columns are blank.
    pub rows: Vec<Vec<String>>,
    /// Features in the file (GeoJSON); `None` where counting would mean reading it all.
    pub total: Option<usize>,
    /// What keeps the file from being imported as this kind.
    pub problem: Option<String>,
}

/// Looks at the first `most` rows of a file as a kind.
///
/// # Errors
/// As for the import of the file as a whole, but a missing column is told in
/// [`Preview::problem`] so that the rows can still be looked at.
pub fn preview(kind: Kind, path: &Path, most: usize) -> Result<Preview, ImportError> {
    if kind.is_geojson() {
        geojson_preview(kind, path, most)
    } else {
        table_preview(kind, path, most)
    }
}

fn geojson_preview(kind: Kind, path: &Path, most: usize) -> Result<Preview, ImportError> {
    let file = MappedFile::open(path)?;
    let raw = split_features(file.bytes())?;
    let mut slots = PropertySlots::default();
    let entries = fields::of_kind(kind);
    for field in &entries {
        slots.add(field.spellings().filter(|s| !s.is_empty()));
    }
    let mut headings: Vec<String> = vec!["#".into(), "id".into()];
    headings.extend(entries.iter().map(|f| f.zh.clone()));
    let mut shown_fields: Vec<Option<String>> = vec![None, None];
    shown_fields.extend(entries.iter().map(|f| Some(f.field.clone())));
    let rows = raw
        .iter()
        .take(most)
        .enumerate()
        .map(|(index, raw)| {
            let mut cells = vec![(index + 1).to_string()];
            match read_feature(raw, &slots) {
                Ok(feature) => {
                    cells.push(feature.id.unwrap_or_default());
                    cells.extend(feature.properties.into_iter().map(Option::unwrap_or_default));
                }
                Err(reason) => cells.push(reason),
            }
            cells.resize(headings.len(), String::new());
            cells
        })
        .collect();
    Ok(Preview { fields: shown_fields, headings, rows, total: Some(raw.len()), problem: None })
}

fn table_preview(kind: Kind, path: &Path, most: usize) -> Result<Preview, ImportError> {
    let sheet = sheet::Sheet::open(kind, &[], path, None)?;
    let headings = sheet.headings;
    let mapped = fields::map_table(kind, &headings, &[], table::needed(kind), &sheet.sample);
    let problem = mapped.as_ref().err().map(ToString::to_string);
    let map = mapped.unwrap_or_default();
    let shown_fields = (0..headings.len())
        .map(|c| map.columns.iter().find(|(_, used)| *used == c).map(|(f, _)| f.clone()))
        .collect();
    let mut rows = Vec::new();
    for row in sheet.sample.iter().take(most) {
        let cells = headings.iter().enumerate().map(|(column, heading)| {
            if fields::is_refused(heading) {
                return String::new();
            }
            row.record.get(column).unwrap_or_default().trim().to_owned()
        });
        rows.push(cells.collect());
    }
    Ok(Preview { fields: shown_fields, headings, rows, total: None, problem })
}
