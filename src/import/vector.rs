//! Building and grid files of other formats and coordinate systems, as WGS-84 GeoJSON: Shapefiles
//! (loose or zipped, attributes in UTF-8 or GBK), GeoPackages, FlatGeobuf, KML, and GeoJSON in metres
//! or in a shifted datum. Everything behind this reads GeoJSON alone.

use std::io::{Cursor, Read as _};
use std::path::Path;

use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::geojson::{self, MappedFile};
use super::{ImportError, Request};
use crate::geo::BBox;
use crate::geo::crs::{self, Crs, Reading, ToWgs84, guess};
use crate::store::foreign;

/// Positions that are looked at before a coordinate system is guessed.
const SAMPLE: usize = 2_000;

/// A file ready to be read as WGS-84 GeoJSON.
pub(super) struct Opened {
    /// The features' text.
    pub(super) file: MappedFile,
    /// How the numbers were read, where they were not WGS-84 longitude and latitude already.
    pub(super) reading: Option<Reading>,
}

/// What a file says of itself.
pub(super) struct Layer {
    features: Vec<Value>,
    crs: Option<Crs>,
}

pub(super) fn refused(error: impl std::fmt::Display) -> ImportError {
    ImportError::NotFootprints(format!("the file cannot be read: {error}"))
}

/// A file that was read, its numbers as they stand.
pub(super) enum Source {
    /// GeoJSON.
    Plain(MappedFile),
    /// Another format.
    Foreign(Layer),
}

/// Opens a file of footprints or areas. `near` is what is loaded already.
///
/// # Errors
/// [`ImportError`] for a broken file, and for coordinates whose system nothing tells: say it with
/// `--crs`.
pub(super) fn open(request: &Request, near: Option<&BBox>) -> Result<Opened, ImportError> {
    place(load(&request.path)?, request, near)
}

/// Reads a file, whatever its coordinate system.
///
/// # Errors
/// As [`open`].
pub(super) fn load(path: &Path) -> Result<Source, ImportError> {
    let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
    Ok(Source::Foreign(match ending.as_str() {
        "shp" | "zip" => shapefile_layer(path)?,
        "fgb" => flatgeobuf_layer(path)?,
        "gpkg" => geopackage_layer(path)?,
        "kml" | "kmz" => Layer { features: super::kml::features(path)?, crs: None },
        _ => return Ok(Source::Plain(MappedFile::open(path)?)),
    }))
}

/// Turns what was read into WGS-84 degrees.
///
/// # Errors
/// As [`open`].
pub(super) fn place(
    source: Source,
    request: &Request,
    near: Option<&BBox>,
) -> Result<Opened, ImportError> {
    let layer = match source {
        Source::Foreign(layer) => layer,
        Source::Plain(file) => {
            let Some(reading) = plain_reading(&file, request, near)? else {
                return Ok(Opened { file, reading: None });
            };
            let raw = geojson::split_any(file.bytes())?;
            let features = raw.into_iter().filter_map(|raw| serde_json::from_str(raw.get()).ok());
            return write(features.collect(), reading);
        }
    };
    let sample = sample_of(layer.features.iter());
    let reading = match (request.crs, layer.crs) {
        (Some(crs), _) => said(&sample, crs)?,
        (None, Some(crs)) => Reading { crs, north_first: false },
        (None, None) => guessed(&sample, near)?,
    };
    write(layer.features, reading)
}

/// Numbers in a system that somebody has named.
fn said(sample: &[(f64, f64)], crs: Crs) -> Result<Reading, ImportError> {
    if let Some(found) = wrong_zone(sample, crs) {
        return Err(ImportError::NotFootprints(format!(
            "the eastings begin with zone {found}, and not with that of {}",
            crs.name()
        )));
    }
    Ok(Reading { crs, north_first: is_turned(sample, crs) })
}

/// Every way the numbers of a file can be meant, best first; empty when that is no question.
pub(super) fn readings(source: &Source, near: Option<&BBox>) -> Vec<Reading> {
    let (sample, declared) = match source {
        Source::Foreign(layer) => (sample_of(layer.features.iter()), layer.crs),
        Source::Plain(file) => {
            let Ok(raw) = geojson::split_any(file.bytes()) else { return Vec::new() };
            let head = raw.iter().take(64).filter_map(|raw| serde_json::from_str(raw.get()).ok());
            let head: Vec<Value> = head.collect();
            let named = geojson::declared_crs(file.bytes());
            let code = named.as_deref().and_then(|n| n.rsplit([':', '/']).next()?.parse().ok());
            (sample_of(head.iter()), code.and_then(Crs::by_epsg))
        }
    };
    let mut found = crs::readings(&sample, near);
    if let Some(crs) = declared {
        let reading = Reading { crs, north_first: is_turned(&sample, crs) };
        found.retain(|other| *other != reading);
        found.insert(0, reading);
    }
    found
}

/// How a GeoJSON file has to be read; `None` when it is plain WGS-84.
fn plain_reading(
    file: &MappedFile,
    request: &Request,
    near: Option<&BBox>,
) -> Result<Option<Reading>, ImportError> {
    let declared = geojson::declared_crs(file.bytes());
    let is_plain = declared.as_deref().is_none_or(geojson::is_wgs84)
        && request.crs.is_none()
        && geojson::first_position(file.bytes())
            .is_none_or(|(x, y)| x.abs() <= 180.0 && y.abs() <= 90.0);
    if is_plain {
        return Ok(None);
    }
    // What is not even JSON is told by the reader behind this.
    let Ok(raw) = geojson::split_any(file.bytes()) else { return Ok(None) };
    let head = raw.iter().take(64).filter_map(|raw| serde_json::from_str(raw.get()).ok());
    let head: Vec<Value> = head.collect();
    let sample = sample_of(head.iter());
    let reading = match (request.crs, declared) {
        (Some(crs), _) => said(&sample, crs)?,
        (None, Some(name)) if !geojson::is_wgs84(&name) => {
            let code = name.rsplit([':', '/']).next().and_then(|code| code.parse().ok());
            let Some(crs) = code.and_then(Crs::by_epsg) else { return Ok(None) };
            Reading { crs, north_first: is_turned(&sample, crs) }
        }
        // Degrees stand as GeoJSON has them; only metres are a question.
        _ if sample.iter().any(|(x, y)| x.abs() > 180.0 || y.abs() > 90.0) => {
            let is_all = sample.iter().all(|(x, y)| x.abs() > 180.0 || y.abs() > 90.0);
            if !is_all {
                return Ok(None);
            }
            guessed(&sample, near)?
        }
        _ => return Ok(None),
    };
    let is_plain = reading.crs == Crs::Geographic(crate::geo::datum::Datum::Wgs84);
    Ok((!is_plain || reading.north_first).then_some(reading))
}

fn guessed(sample: &[(f64, f64)], near: Option<&BBox>) -> Result<Reading, ImportError> {
    // One position turned round or lost does not hide what the others are.
    let is_degrees = |p: &&(f64, f64)| p.0.abs() <= 180.0 && p.1.abs() <= 90.0;
    let degrees: Vec<(f64, f64)> = sample.iter().filter(is_degrees).copied().collect();
    let sample = if degrees.len() * 10 > sample.len() * 9 { &degrees[..] } else { sample };
    guess(sample, near).first().copied().ok_or_else(|| {
        let at = sample.first().map_or((0.0, 0.0), |p| *p);
        ImportError::NotFootprints(format!(
            "nothing says in which coordinate system ({}, {}) is; say it with --crs: gk:117 (the \
             central meridian), gk-zone:39, web-mercator, wgs84, gcj02 or bd09",
            at.0, at.1
        ))
    })
}

/// The zone that stands before the eastings, where it is another one than was said.
fn wrong_zone(sample: &[(f64, f64)], crs: Crs) -> Option<u32> {
    let Crs::GaussKruger { zone: Some(zone), .. } = crs else { return None };
    let (x, y) = *sample.first()?;
    let east = if is_turned(sample, crs) || y > 10_000_000.0 { y } else { x };
    let found = (east / 1_000_000.0).floor() as u32;
    (found > 0 && found != u32::from(zone)).then_some(found)
}

/// Whether the northing stands first in coordinates of a known system.
fn is_turned(sample: &[(f64, f64)], crs: Crs) -> bool {
    let count = |north_first: bool| {
        let to = ToWgs84::new(Reading { crs, north_first });
        let inside = |x: f64, y: f64| {
            to.apply(x, y)
                .is_some_and(|p| (70.0..=140.0).contains(&p.lon) && (0.0..=56.0).contains(&p.lat))
        };
        sample.iter().filter(|(x, y)| inside(*x, *y)).count()
    };
    count(true) > count(false)
}

fn sample_of<'a>(features: impl Iterator<Item = &'a Value>) -> Vec<(f64, f64)> {
    let mut sample = Vec::new();
    for feature in features {
        positions(&feature["geometry"]["coordinates"], &mut sample);
        if sample.len() >= SAMPLE {
            break;
        }
    }
    sample
}

fn positions(coordinates: &Value, found: &mut Vec<(f64, f64)>) {
    let Some(list) = coordinates.as_array() else { return };
    if let (Some(x), Some(y)) =
        (list.first().and_then(Value::as_f64), list.get(1).and_then(Value::as_f64))
    {
        found.push((x, y));
        return;
    }
    list.iter().take(SAMPLE).for_each(|inner| positions(inner, found));
}

/// Moves every position; `false` when one cannot be.
fn shift(coordinates: &mut Value, to: &ToWgs84) -> bool {
    let Some(list) = coordinates.as_array_mut() else { return true };
    let pair = (list.first().and_then(Value::as_f64), list.get(1).and_then(Value::as_f64));
    if let (Some(x), Some(y)) = pair {
        let Some(p) = to.apply(x, y) else { return false };
        *list = vec![json!(p.lon), json!(p.lat)];
        return true;
    }
    list.iter_mut().all(|inner| shift(inner, to))
}

fn write(features: Vec<Value>, reading: Reading) -> Result<Opened, ImportError> {
    let to = ToWgs84::new(reading);
    let mut text = String::from(r#"{"type":"FeatureCollection","features":["#);
    for (index, mut feature) in features.into_iter().enumerate() {
        // One that cannot be moved stays as it is, and is told as any other that is not on earth.
        let mut moved = feature["geometry"]["coordinates"].clone();
        if shift(&mut moved, &to) && !moved.is_null() {
            feature["geometry"]["coordinates"] = moved;
        }
        if index > 0 {
            text.push(',');
        }
        text.push_str(&feature.to_string());
    }
    text.push_str("]}");
    let _: &RawValue = serde_json::from_str(&text).map_err(refused)?;
    Ok(Opened { file: MappedFile::of_text(text), reading: Some(reading) })
}

/// What a field of a table may hold, as JSON.
fn field(value: &shapefile::dbase::FieldValue) -> Value {
    use shapefile::dbase::FieldValue;
    match value {
        FieldValue::Character(Some(text)) => json!(text.trim_end_matches(['\0', ' '])),
        FieldValue::Float(Some(number)) => number_of(f64::from(*number)),
        FieldValue::Numeric(Some(number))
        | FieldValue::Double(number)
        | FieldValue::Currency(number) => number_of(*number),
        FieldValue::Integer(number) => json!(number),
        FieldValue::Logical(Some(yes)) => json!(yes),
        FieldValue::Date(Some(day)) => {
            json!(format!("{:04}-{:02}-{:02}", day.year(), day.month(), day.day()))
        }
        FieldValue::Memo(text) => json!(text),
        _ => Value::Null,
    }
}

fn number_of(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < 1e15 { json!(number as i64) } else { json!(number) }
}

/// The parts of a Shapefile: geometry, attributes, the projection's text, the code page's name.
struct Parts {
    shp: Vec<u8>,
    dbf: Vec<u8>,
    prj: Option<String>,
    cpg: Option<String>,
}

fn shapefile_parts(path: &Path) -> Result<Parts, ImportError> {
    /// Most bytes a part of an archive may unpack to.
    const MOST: u64 = 4 << 30;
    let io = |e| ImportError::Io(path.to_owned(), e);
    let is_archive = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("zip"));
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    if !is_archive {
        // A file beside it, whatever the case of its ending.
        let beside = |ending: &str| {
            let upper = path.with_extension(ending.to_uppercase());
            std::fs::read(path.with_extension(ending)).or_else(|_| std::fs::read(upper)).ok()
        };
        return Ok(Parts {
            shp: std::fs::read(path).map_err(io)?,
            dbf: beside("dbf").unwrap_or_default(),
            prj: beside("prj").map(text),
            cpg: beside("cpg").map(text),
        });
    }
    let file = std::fs::File::open(path).map_err(io)?;
    let mut archive = zip::ZipArchive::new(file).map_err(refused)?;
    let mut part = |ending: &str| -> Result<Option<Vec<u8>>, ImportError> {
        let names: Vec<String> =
            archive.file_names().filter_map(|name| Some(name.ok()?.into_owned())).collect();
        let is_wanted = |name: &&String| {
            let name = name.to_lowercase();
            name.ends_with(ending) && !name.contains("__macosx")
        };
        let Some(name) = names.iter().find(is_wanted) else { return Ok(None) };
        let mut bytes = Vec::new();
        let entry = archive.by_name(name).map_err(refused)?;
        entry.take(MOST).read_to_end(&mut bytes).map_err(refused)?;
        Ok(Some(bytes))
    };
    let Some(shp) = part(".shp")? else {
        return Err(ImportError::NotFootprints(
            "the archive holds no Shapefile (.shp); unpack it and choose the file inside"
                .to_owned(),
        ));
    };
    let dbf = part(".dbf")?.unwrap_or_default();
    Ok(Parts { shp, dbf, prj: part(".prj")?.map(text), cpg: part(".cpg")?.map(text) })
}

fn shapefile_layer(path: &Path) -> Result<Layer, ImportError> {
    let parts = shapefile_parts(path)?;
    let mut shapes = shapefile::ShapeReader::new(Cursor::new(&parts.shp)).map_err(refused)?;
    let mut records = Vec::new();
    if !parts.dbf.is_empty() {
        // Many a table says nothing, or the wrong thing: what is UTF-8 is read so, else as GBK.
        let says_utf8 = parts.cpg.as_deref().is_some_and(|cpg| cpg.to_lowercase().contains("utf"));
        let is_utf8 = says_utf8 || std::str::from_utf8(&parts.dbf[32..]).is_ok();
        let codec = if is_utf8 { encoding_rs::UTF_8 } else { encoding_rs::GB18030 };
        let mut table = shapefile::dbase::ReaderBuilder::new()
            .with_encoding(shapefile::dbase::encoding::EncodingRs::from(codec))
            .build(Cursor::new(&parts.dbf))
            .map_err(refused)?;
        for record in table.iter_records() {
            records.push(record.map_err(refused)?);
        }
    }
    let mut features = Vec::new();
    for (index, shape) in shapes.iter_shapes().enumerate() {
        let geometry = match shape.map_err(refused)? {
            shapefile::Shape::NullShape => None,
            shape => ::geo::Geometry::<f64>::try_from(shape).ok(),
        };
        let mut properties = Map::new();
        for (name, value) in records.get(index).iter().flat_map(|record| record.as_ref().iter()) {
            properties.insert(name.clone(), field(value));
        }
        features.push(feature(index as u64 + 1, &properties, geometry.as_ref()));
    }
    Ok(Layer { features, crs: parts.prj.as_deref().and_then(crs_of_wkt) })
}

pub(super) fn feature(
    id: u64,
    properties: &Map<String, Value>,
    geometry: Option<&::geo::Geometry>,
) -> Value {
    let geometry = geometry.map(::geojson::GeometryValue::from).map(::geojson::Geometry::new);
    json!({"type": "Feature", "id": id, "properties": properties, "geometry": geometry})
}

/// The system a well-known text names, by what makes it one: the projection's parameters.
fn crs_of_wkt(text: &str) -> Option<Crs> {
    let lower = text.to_lowercase();
    if lower.contains("mercator_auxiliary_sphere") || lower.contains("pseudo-mercator") {
        return Some(Crs::WebMercator);
    }
    let number = |name: &str| -> Option<f64> {
        let rest = &lower[lower.find(&format!("\"{name}\""))? + name.len() + 2..];
        let digits: String = rest
            .trim_start_matches([',', ' '])
            .chars()
            .take_while(|c| "0123456789.-".contains(*c))
            .collect();
        digits.parse().ok()
    };
    if !lower.contains("projcs") && !lower.contains("projcrs") {
        let is_geographic = ["wgs_1984", "wgs 84", "cgcs_2000", "china_2000", "china geodetic"]
            .iter()
            .any(|datum| lower.contains(datum));
        return is_geographic.then_some(Crs::Geographic(crate::geo::datum::Datum::Wgs84));
    }
    let is_chinese = lower.contains("cgcs") || lower.contains("china") && lower.contains("2000");
    if !is_chinese || !(lower.contains("gauss") || lower.contains("transverse_mercator")) {
        return None;
    }
    let meridian = number("central_meridian")?;
    let zone = (number("false_easting")? / 1_000_000.0).floor() as u8;
    if zone > 0 {
        return Crs::of_zone(zone);
    }
    Crs::by_name(&format!("gk:{meridian:.0}"))
}

fn flatgeobuf_layer(path: &Path) -> Result<Layer, ImportError> {
    let file = std::fs::File::open(path).map_err(|e| ImportError::Io(path.to_owned(), e))?;
    let reader = flatgeobuf::FgbReader::open(std::io::BufReader::new(file)).map_err(refused)?;
    let code = reader.header().crs().map(|crs| crs.code() as u32);
    let mut text = Vec::new();
    let mut writer = geozero::geojson::GeoJsonWriter::new(&mut text);
    let mut features = reader.select_all_seq().map_err(refused)?;
    features.process_features(&mut writer).map_err(refused)?;
    let value: Value = serde_json::from_slice(&text).map_err(refused)?;
    let features = value["features"].as_array().cloned().unwrap_or_default();
    Ok(Layer { features, crs: code.and_then(Crs::by_epsg) })
}

fn geopackage_layer(path: &Path) -> Result<Layer, ImportError> {
    let layer = foreign::area_layer(path)?;
    let features = layer
        .features
        .into_iter()
        .map(|(id, properties, geometry)| {
            feature(id as u64, &properties.into_iter().collect(), geometry.as_ref())
        })
        .collect();
    let crs = layer.epsg.and_then(Crs::by_epsg).or_else(|| crs_of_wkt(&layer.definition));
    Ok(Layer { features, crs })
}
