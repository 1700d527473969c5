//! Shapefiles: geometry, index and table, loose or in a ZIP archive with several layers.
//!
//! Read as GDAL reads them: records where the index says, rows marked as deleted together with
//! their shapes, rings by containment (ESRI Shapefile Technical Description, 1998).

use crate::msg;
use std::collections::BTreeMap;
use std::path::Path;

use ::geo::{Coord, Geometry, LineString, MultiLineString, MultiPoint, Point};
use serde_json::Map;

use super::archive::Archive;
use super::dbf;
use crate::geo::rings;
use crate::import::error::ImportError;
use crate::import::formats::layer::{KnownNames, Layer, feature, refused};

/// Bytes of the header of the main file and of the index.
const HEADER: usize = 100;
/// Number at the beginning of both.
const FILE_CODE: i32 = 9994;

/// The files of one layer.
#[derive(Default)]
struct Parts {
    name: String,
    shp: Vec<u8>,
    shx: Vec<u8>,
    dbf: Vec<u8>,
    prj: Option<String>,
    cpg: Option<String>,
}

/// Reads a loose Shapefile with the files beside it.
///
/// # Errors
/// [`ImportError`] for files that are cut off or broken.
pub(crate) fn loose(path: &Path, known: &KnownNames) -> Result<Layer, ImportError> {
    let io = |e| ImportError::Io(path.to_owned(), e);
    // A file beside it, whatever the case of its ending.
    let beside = |ending: &str| {
        let upper = path.with_extension(ending.to_uppercase());
        std::fs::read(path.with_extension(ending)).or_else(|_| std::fs::read(upper)).ok()
    };
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let parts = Parts {
        name: path.file_stem().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default(),
        shp: std::fs::read(path).map_err(io)?,
        shx: beside("shx").unwrap_or_default(),
        dbf: beside("dbf").unwrap_or_default(),
        prj: beside("prj").map(text),
        cpg: beside("cpg").map(text),
    };
    layer(&parts, known)
}

/// Reads a layer of an archive: the one that is named, else the one with most outlines.
///
/// # Errors
/// As [`loose`]; when no layer has the name.
pub(crate) fn zipped(
    archive: &mut Archive,
    wanted: Option<&str>,
    known: &KnownNames,
) -> Result<Layer, ImportError> {
    // By stem, so that a table of something else is not taken for the layer's.
    let mut stems: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
    for (index, name) in archive.names().iter().enumerate() {
        let Some((stem, ending)) = name.rsplit_once('.') else { continue };
        stems.entry(stem.to_lowercase()).or_default().insert(ending.to_lowercase(), index);
    }
    stems.retain(|_, files| files.contains_key("shp"));
    let mut layers: Vec<(String, BTreeMap<String, usize>, i32, usize)> = Vec::new();
    for (_, files) in stems {
        let name = &archive.names()[files["shp"]];
        let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
        let name = name.rsplit_once('.').map_or(name, |(stem, _)| stem).to_owned();
        let head = archive.head(files["shp"], HEADER)?;
        let kind = head.get(32..36).map_or(0, |b| i32::from_le_bytes([b[0], b[1], b[2], b[3]]));
        let size = archive.size(files["shp"]);
        layers.push((name, files, kind, size));
    }
    let all: Vec<String> = layers.iter().map(|(name, ..)| name.clone()).collect();
    let chosen = match wanted {
        Some(wanted) => layers.iter().position(|(name, ..)| name == wanted).ok_or_else(|| {
            ImportError::NotFootprints(msg!(
                "the file has no layer \"{}\"; it has: {}",
                wanted,
                all.join(", ")
            ))
        })?,
        // Areas before lines and points, then the largest.
        None => (0..layers.len())
            .max_by_key(|i| (matches!(layers[*i].2, 5 | 15 | 25 | 31), layers[*i].3))
            .ok_or_else(|| refused("the archive holds no Shapefile (.shp)"))?,
    };
    let (name, files, ..) = layers.swap_remove(chosen);
    let mut part = |ending: &str| files.get(ending).map(|i| archive.read(*i)).transpose();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let parts = Parts {
        shp: part("shp")?.unwrap_or_default(),
        shx: part("shx")?.unwrap_or_default(),
        dbf: part("dbf")?.unwrap_or_default(),
        prj: part("prj")?.map(text),
        cpg: part("cpg")?.map(text),
        name,
    };
    let mut layer = layer(&parts, known)?;
    layer.others = all.into_iter().filter(|other| *other != parts.name).collect();
    Ok(layer)
}

fn layer(parts: &Parts, known: &KnownNames) -> Result<Layer, ImportError> {
    let mut layer = Layer { name: Some(parts.name.clone()), ..Layer::default() };
    let records = records(&parts.shp, &parts.shx)?;
    let table = if parts.dbf.is_empty() {
        None
    } else {
        let table = dbf::Table::open(&parts.dbf, parts.cpg.as_deref());
        Some(table.map_err(ImportError::NotFootprints)?)
    };
    let names = table.as_ref().map(|table| full_names(table, known)).unwrap_or_default();
    if let Some(table) = table.as_ref().filter(|table| table.rows != records.len()) {
        layer.notes.push(msg!(
            "the file has {} shapes and {} rows of attributes; they were taken in their order",
            records.len(),
            table.rows
        ));
    }
    for (index, record) in records.into_iter().enumerate() {
        let mut properties = Map::new();
        if let Some(row) = table.as_ref().and_then(|table| table.row(index)) {
            if row.is_deleted {
                layer.deleted += 1;
                continue;
            }
            properties.extend(names.iter().cloned().zip(row.cells));
        }
        let geometry = record.and_then(shape);
        layer.features.push(feature(index as u64 + 1, &properties, geometry.as_ref()));
    }
    if layer.deleted > 0 {
        layer.notes.push(msg!(
            "{} rows that are marked as deleted were left out with their shapes",
            layer.deleted
        ));
    }
    layer.definition.clone_from(&parts.prj);
    Ok(layer)
}

/// Names of the columns, those that were cut to 10 bytes completed where one known name begins so.
fn full_names(table: &dbf::Table<'_>, known: &KnownNames) -> Vec<String> {
    let all: Vec<(&str, bool)> = table.names().collect();
    // A field that has its column already is not what a cut heading means.
    let is_taken = |field: &String| {
        let has = |name: &str| all.iter().any(|(n, _)| n.eq_ignore_ascii_case(name));
        known.iter().any(|(f, name)| f == field && name.len() < dbf::NAME_BYTES && has(name))
    };
    let is_known = |name: &str| known.iter().any(|(_, k)| k.eq_ignore_ascii_case(name));
    all.iter()
        .map(|(name, is_cut)| {
            // A Chinese name that is cut may read as a shorter known one: 楼栋长电话 as 楼栋长.
            let fills = name.len() == dbf::NAME_BYTES;
            if !is_cut || fills && is_known(name) {
                return (*name).to_owned();
            }
            let lower = name.to_lowercase();
            let mut longer = known.iter().filter(|(field, k)| {
                k.len() > dbf::NAME_BYTES
                    && k.to_lowercase().starts_with(&lower)
                    && !is_taken(field)
            });
            let first = longer.next();
            match first {
                Some((field, full)) if longer.all(|(other, _)| other == field) => full.clone(),
                // Told among the unused ones, and not taken for what it may not be.
                _ if is_known(name) => format!("{name}…"),
                _ => (*name).to_owned(),
            }
        })
        .collect()
}

fn be(bytes: &[u8], at: usize) -> Option<i32> {
    bytes.get(at..at + 4)?.try_into().ok().map(i32::from_be_bytes)
}

fn le(bytes: &[u8], at: usize) -> Option<i32> {
    bytes.get(at..at + 4)?.try_into().ok().map(i32::from_le_bytes)
}

/// The content of each record; `None` for one that is no shape.
fn records<'a>(shp: &'a [u8], shx: &[u8]) -> Result<Vec<Option<&'a [u8]>>, ImportError> {
    let cut = |found: usize| {
        ImportError::NotFootprints(msg!(
            "the .shp ends too early, after {} shapes; copy all files of the Shapefile again",
            found
        ))
    };
    if shp.len() < HEADER || be(shp, 0) != Some(FILE_CODE) {
        return Err(refused("the .shp does not begin like one; copy the files again"));
    }
    if let Some(records) = by_index(shp, shx) {
        return records.map_err(cut);
    }
    let mut found = Vec::new();
    let mut at = HEADER;
    while at < shp.len() {
        let words = be(shp, at + 4).ok_or_else(|| cut(found.len()))?;
        let bytes = usize::try_from(words).unwrap_or(usize::MAX).saturating_mul(2);
        let end = (at + 8).saturating_add(bytes);
        let content = shp.get(at + 8..end).ok_or_else(|| cut(found.len()))?;
        found.push(Some(content));
        at = end;
    }
    Ok(found)
}

/// The records where the index says; `None` when there is no index that can be followed. The error
/// is the number of records that are there.
type Indexed<'a> = Result<Vec<Option<&'a [u8]>>, usize>;

fn by_index<'a>(shp: &'a [u8], shx: &[u8]) -> Option<Indexed<'a>> {
    if shx.len() < HEADER || be(shx, 0) != Some(FILE_CODE) {
        return None;
    }
    let entries = shx[HEADER..].chunks_exact(8);
    let mut found = Vec::with_capacity(entries.len());
    let mut total = 0usize;
    for entry in entries {
        let (offset, words) = (be(entry, 0)?, be(entry, 4)?);
        let at = usize::try_from(offset).ok()?.checked_mul(2)?;
        let bytes = usize::try_from(words).ok()?.checked_mul(2)?;
        if bytes == 0 {
            found.push(None);
            continue;
        }
        // Entries that share a record belong to another file.
        total = total.saturating_add(bytes).saturating_add(8);
        if at < HEADER || total > shp.len().max(HEADER) {
            return None;
        }
        let Some(content) = shp.get(at + 8..at.checked_add(8)?.checked_add(bytes)?) else {
            // Beyond the end: the main file is cut off, unless the index means nothing at all.
            return (!found.is_empty()).then_some(Err(found.len()));
        };
        // The length stands before the record as well; an index of another file says otherwise.
        if be(shp, at + 4) != Some(words) {
            return None;
        }
        found.push(Some(content));
    }
    Some(Ok(found))
}

fn shape(content: &[u8]) -> Option<Geometry> {
    let point = |at: usize| -> Option<Coord> {
        let number = |at: usize| content.get(at..at + 8)?.try_into().ok().map(f64::from_le_bytes);
        Some(Coord { x: number(at)?, y: number(at + 8)? })
    };
    match le(content, 0)? {
        1 | 11 | 21 => Some(Geometry::Point(Point(point(4)?))),
        8 | 18 | 28 => {
            let count = usize::try_from(le(content, 36)?).ok()?;
            let points = (0..count).map(|n| point(40 + n * 16).map(Point));
            Some(Geometry::MultiPoint(MultiPoint(points.collect::<Option<_>>()?)))
        }
        3 | 13 | 23 => {
            Some(Geometry::MultiLineString(MultiLineString(lines(content, 44, &point)?)))
        }
        5 | 15 | 25 => {
            let outline = rings::outline(lines(content, 44, &point)?);
            (!outline.0.is_empty()).then_some(Geometry::MultiPolygon(outline))
        }
        // A MultiPatch has a type for each part; parts 2 to 5 are rings.
        31 => {
            let parts = usize::try_from(le(content, 36)?).ok()?;
            let all = lines(content, 44usize.checked_add(parts.checked_mul(4)?)?, &point)?;
            let is_ring = |part: usize| {
                le(content, 44 + (parts + part) * 4).is_some_and(|kind| (2..=5).contains(&kind))
            };
            let found = all.into_iter().enumerate().filter(|(part, _)| is_ring(*part));
            let outline = rings::outline(found.map(|(_, line)| line).collect());
            (!outline.0.is_empty()).then_some(Geometry::MultiPolygon(outline))
        }
        _ => None,
    }
}

/// The parts of a line or an area. Their starts stand at byte 44; `after_starts` is where the
/// points begin without them.
fn lines(
    content: &[u8],
    after_starts: usize,
    point: &impl Fn(usize) -> Option<Coord>,
) -> Option<Vec<LineString>> {
    let parts = usize::try_from(le(content, 36)?).ok()?;
    let points = usize::try_from(le(content, 40)?).ok()?;
    // Numbers that the record cannot hold are no reason to make room for them.
    let first = after_starts.checked_add(parts.checked_mul(4)?)?;
    if first.checked_add(points.checked_mul(16)?)? > content.len() {
        return None;
    }
    let start = |part: usize| {
        if part == parts { Some(points) } else { usize::try_from(le(content, 44 + part * 4)?).ok() }
    };
    let mut lines = Vec::with_capacity(parts);
    for part in 0..parts {
        let (from, to) = (start(part)?, start(part + 1)?);
        if from > to || to > points {
            return None;
        }
        let corners = (from..to).map(|n| point(first + n * 16));
        lines.push(LineString(corners.collect::<Option<_>>()?));
    }
    Some(lines)
}
