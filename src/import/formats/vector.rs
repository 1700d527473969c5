//! Coordinate systems of building and grid files: what a file says of itself, what its numbers
//! look like, and the way to WGS-84 GeoJSON. Everything behind this reads GeoJSON alone; the formats
//! before it are in `formats`.

use crate::msg;
use crate::text::Message;
use std::borrow::Cow;

use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::geo::BBox;
use crate::geo::crs::{self, Crs, OldDatum, Reading, ToWgs84, guess};
use crate::geo::datum::Datum;
use crate::import::error::ImportError;
use crate::import::formats::geojson::{self, MappedFile};
use crate::import::formats::layer::{Layer, unreadable};
use crate::import::formats::load::{self, Source};
use crate::import::outcome::report::{ImportReport, Severity};
use crate::import::request::Request;

/// Positions that are looked at before a coordinate system is guessed.
const SAMPLE: usize = 2_000;

/// A file ready to be read as WGS-84 GeoJSON.
pub(crate) struct Opened {
    /// The features' text.
    pub(crate) file: MappedFile,
    /// How the numbers were read, where they were not WGS-84 longitude and latitude already.
    pub(crate) reading: Option<Reading>,
    /// The layer that was read, and the others.
    pub(crate) layers: (Option<String>, Vec<String>),
    /// What is to be told of the file as a whole.
    pub(crate) notes: Vec<Message>,
}

impl Opened {
    /// Tells the report how the file was read.
    pub(crate) fn tell(&self, report: &mut ImportReport) {
        report.tell_crs(self.reading);
        report.sheet.clone_from(&self.layers.0);
        report.other_sheets.clone_from(&self.layers.1);
        for note in &self.notes {
            report.add(0, "", "", Severity::Warning, note.clone());
        }
        let datum = self.reading.and_then(|reading| reading.crs.old_datum());
        let told = match datum {
            None => return,
            Some(OldDatum::Xian80) => {
                "the coordinates are on the datum Xian 1980, for which no public transformation \
                 exists; the outlines lie some 100 m off. Ask for them in CGCS2000"
            }
            Some(OldDatum::Beijing54) => {
                "the coordinates are on the datum Beijing 1954, for which no public transformation \
                 exists; the outlines lie some 100 m off. Ask for them in CGCS2000"
            }
            Some(OldDatum::Tokyo) => {
                "the coordinates are on the Tokyo datum and were moved by its national average; the \
                 outlines may lie some 10 m off"
            }
        };
        report.add(0, "geometry", "", Severity::Warning, told);
    }
}

/// What a file says of its coordinate system.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Declared {
    /// Nothing.
    Nothing,
    /// One that is read here.
    Known(Crs),
    /// One that is not; its name.
    Unknown(String),
}

impl Declared {
    fn of(layer: &Layer) -> Self {
        if let Some(crs) = layer.epsg.and_then(Crs::by_epsg) {
            return Self::Known(crs);
        }
        match (layer.definition.as_deref().map(of_wkt), layer.epsg) {
            (Some(declared @ (Self::Known(_) | Self::Unknown(_))), _) => declared,
            // -1 and 0 mean "undefined" in a GeoPackage.
            (_, Some(code)) if code > 0 => Self::Unknown(format!("EPSG:{code}")),
            _ => Self::Nothing,
        }
    }

    fn known(&self) -> Option<Crs> {
        if let Self::Known(crs) = self { Some(*crs) } else { None }
    }
}

/// Opens a file of footprints or areas. `near` is what is loaded already.
///
/// # Errors
/// [`ImportError`] for a broken file, for a system that is not read here, and for coordinates whose
/// system nothing tells: say it with `--crs`.
pub(crate) fn open(request: &Request, near: Option<&BBox>) -> Result<Opened, ImportError> {
    place(load(request)?, request, near)
}

/// Reads a file, whatever its coordinate system.
///
/// # Errors
/// As [`open`].
pub(crate) fn load(request: &Request) -> Result<Source, ImportError> {
    load::load(&request.path, request.kind, request.sheet.as_deref())
}

/// Turns what was read into WGS-84 degrees.
///
/// # Errors
/// As [`open`].
pub(crate) fn place(
    source: Source,
    request: &Request,
    near: Option<&BBox>,
) -> Result<Opened, ImportError> {
    let layer = match source {
        Source::Foreign(layer) => layer,
        Source::Plain(file, notes) => {
            let Some(reading) = plain_reading(&file, request, near)? else {
                return Ok(Opened { file, reading: None, layers: (None, Vec::new()), notes });
            };
            let raw = geojson::split_any(file.bytes())?;
            let features = raw.into_iter().map(|raw| Cow::Borrowed(raw.get()));
            let file = moved(features, reading)?;
            return Ok(Opened { file, reading: Some(reading), layers: (None, Vec::new()), notes });
        }
    };
    let sample = sample_of(values(&layer));
    let reading = match (request.crs, Declared::of(&layer)) {
        (Some(crs), _) => said(&sample, crs)?,
        (None, Declared::Known(crs)) => Reading { crs, north_first: false },
        (None, Declared::Unknown(name)) => return Err(not_read(&name)),
        (None, Declared::Nothing) => guessed(&sample, near)?,
    };
    let features = layer.features.into_iter().map(|text| Cow::Owned(text.into_string()));
    Ok(Opened {
        file: moved(features, reading)?,
        reading: Some(reading),
        layers: (layer.name, layer.others),
        notes: layer.notes,
    })
}

/// The features of a layer as values, made as they are asked for.
fn values(layer: &Layer) -> impl Iterator<Item = Value> {
    layer.features.iter().filter_map(|text| serde_json::from_str(text).ok())
}

/// A system that is named and not read here.
fn not_read(name: &str) -> ImportError {
    ImportError::NotFootprints(msg!(
        "the file says that its coordinates are in {}, which is not read here; save it in \
         EPSG:4326 (WGS 84) or EPSG:4490 (CGCS2000), or say another system with --crs",
        name
    ))
}

/// Numbers in a system that somebody has named.
fn said(sample: &[(f64, f64)], crs: Crs) -> Result<Reading, ImportError> {
    if let Some(found) = wrong_zone(sample, crs) {
        return Err(ImportError::NotFootprints(msg!(
            "the eastings begin with zone {}, and not with that of {}",
            found,
            crs.name()
        )));
    }
    Ok(Reading { crs, north_first: is_turned(sample, crs) })
}

/// Every way the numbers of a file can be meant, best first; empty when that is no question.
pub(crate) fn readings(source: &Source, near: Option<&BBox>) -> Vec<Reading> {
    let (sample, declared) = match source {
        Source::Foreign(layer) => (sample_of(values(layer)), Declared::of(layer).known()),
        Source::Plain(file, _) => {
            let Ok(raw) = geojson::split_any(file.bytes()) else { return Vec::new() };
            let head = raw.iter().take(64).filter_map(|raw| serde_json::from_str(raw.get()).ok());
            let sample = sample_of(head);
            let named = geojson::declared_crs(file.bytes());
            let code = named.as_deref().and_then(|n| n.rsplit([':', '/']).next()?.parse().ok());
            (sample, code.and_then(Crs::by_epsg))
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
    let sample = sample_of(head);
    let reading = match (request.crs, declared) {
        (Some(crs), _) => said(&sample, crs)?,
        (None, Some(name)) if !geojson::is_wgs84(&name) => {
            let code = name.rsplit([':', '/']).next().and_then(|code| code.parse().ok());
            let Some(crs) = code.and_then(Crs::by_epsg) else { return Err(not_read(&name)) };
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
    let is_plain = reading.crs == Crs::Geographic(Datum::Wgs84);
    Ok((!is_plain || reading.north_first).then_some(reading))
}

fn guessed(sample: &[(f64, f64)], near: Option<&BBox>) -> Result<Reading, ImportError> {
    // One position turned round or lost does not hide what the others are.
    let is_degrees = |p: &&(f64, f64)| p.0.abs() <= 180.0 && p.1.abs() <= 90.0;
    let degrees: Vec<(f64, f64)> = sample.iter().filter(is_degrees).copied().collect();
    let sample = if degrees.len() * 10 > sample.len() * 9 { &degrees[..] } else { sample };
    if sample.is_empty() {
        // Without a position there is nothing to ask; each feature is told.
        return Ok(Reading { crs: Crs::Geographic(Datum::Wgs84), north_first: false });
    }
    guess(sample, near).first().copied().ok_or_else(|| {
        let at = sample.first().map_or((0.0, 0.0), |p| *p);
        ImportError::NotFootprints(msg!("nothing says in which coordinate system ({}, {}) is; say it with --crs: gk:117 \
             (the central meridian), gk-zone:39, epsg:32651 (UTM), web-mercator, wgs84, gcj02 or bd09", format!("{:.1}", at.0), format!("{:.1}", at.1)))
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

fn sample_of(features: impl Iterator<Item = Value>) -> Vec<(f64, f64)> {
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

/// The features of a file with every position moved, as a collection.
fn moved<'a>(
    features: impl Iterator<Item = Cow<'a, str>>,
    reading: Reading,
) -> Result<MappedFile, ImportError> {
    let to = ToWgs84::new(reading);
    let mut text = String::from(r#"{"type":"FeatureCollection","features":["#);
    for (index, feature) in features.enumerate() {
        let mut feature: Value = serde_json::from_str(&feature).map_err(unreadable)?;
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
    let _: &RawValue = serde_json::from_str(&text).map_err(unreadable)?;
    Ok(MappedFile::of_text(text))
}

/// The system that a well-known text names: by its number, else by what makes it one (ISO 19162,
/// and ESRI's spelling of it).
fn of_wkt(text: &str) -> Declared {
    let lower = text.to_lowercase();
    let name = text.split('"').nth(1).unwrap_or_default().to_owned();
    let known = |crs: Option<Crs>| crs.map_or(Declared::Unknown(name.clone()), Declared::Known);
    if lower.trim().is_empty() || lower.contains("undefined") {
        return Declared::Nothing;
    }
    // The last number is that of the whole; those before it are of its parts.
    let number = |word: &str| {
        let rest = &lower[lower.rfind(word)? + word.len()..];
        let digits: String = rest
            .chars()
            .skip_while(|c| !c.is_ascii_digit())
            .take_while(char::is_ascii_digit)
            .collect();
        let is_last = rest.chars().filter(|c| matches!(c, ']' | ')')).count() <= 2;
        digits.parse::<u32>().ok().filter(|_| is_last)
    };
    let code = number("authority[\"epsg\"").or_else(|| number("id[\"epsg\""));
    if let Some(crs) = code.and_then(Crs::by_epsg) {
        return Declared::Known(crs);
    }
    if lower.contains("mercator_auxiliary_sphere") || lower.contains("pseudo-mercator") {
        return Declared::Known(Crs::WebMercator);
    }
    let value = |name: &str| -> Option<f64> {
        let rest = &lower[lower.find(&format!("\"{name}\""))? + name.len() + 2..];
        let digits: String = rest
            .trim_start_matches([',', ' '])
            .chars()
            .take_while(|c| "0123456789.-".contains(*c))
            .collect();
        digits.parse().ok()
    };
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let is_wgs84 = has(&["wgs_1984", "wgs 84", "wgs84"]);
    let is_cgcs = has(&["cgcs", "china_2000", "china geodetic"]);
    let is_jgd = has(&["jgd"]);
    let is_xian = has(&["xian"]);
    let is_beijing = has(&["beijing"]);
    let is_tokyo = has(&["d_tokyo", "\"tokyo"]);
    if !has(&["projcs", "projcrs", "projectedcrs"]) {
        return match () {
            () if is_xian => known(Crs::by_epsg(4610)),
            () if is_beijing => known(Crs::by_epsg(4214)),
            () if is_tokyo => known(Crs::by_epsg(4301)),
            () if is_wgs84 || is_cgcs || is_jgd => Declared::Known(Crs::Geographic(Datum::Wgs84)),
            () => Declared::Unknown(name),
        };
    }
    if !has(&["gauss", "transverse_mercator", "transverse mercator"]) {
        return Declared::Unknown(name);
    }
    let meridian = value("central_meridian").or_else(|| value("longitude of natural origin"));
    let easting = value("false_easting").or_else(|| value("false easting"));
    let scale = value("scale_factor").or_else(|| value("scale factor at natural origin"));
    let (Some(meridian), Some(easting)) = (meridian, easting) else {
        return Declared::Unknown(name);
    };
    let zone = (easting / 1_000_000.0).floor() as u32;
    let is_utm = scale.is_some_and(|scale| (scale - 0.9996).abs() < 1e-6);
    let is_full = scale.is_none_or(|scale| (scale - 1.0).abs() < 1e-9);
    if is_utm && (is_wgs84 || is_jgd || is_cgcs) {
        let zone = ((meridian + 183.0) / 6.0).round() as u32;
        let is_south = value("false_northing").is_some_and(|north| north > 0.0);
        return known(Crs::by_epsg(if is_south { 32700 } else { 32600 } + zone));
    }
    if (is_jgd || is_tokyo) && has(&["japan"]) {
        let digits = |part: &str| part.trim_matches(|c: char| !c.is_ascii_digit()).parse::<u32>();
        let zone = name.rsplit(['_', ' ']).find_map(|part| digits(part).ok());
        let base = if is_tokyo { 30160 } else { 6668 };
        return known(zone.filter(|z| (1..=19).contains(z)).and_then(|z| Crs::by_epsg(base + z)));
    }
    if !is_full {
        return Declared::Unknown(name);
    }
    // By zone in front of the easting, or by the meridian alone: 6° and 3° systems.
    let of_old = |by_zone6: u32, by_zone3: u32, by_meridian3: u32| {
        let whole = meridian.round() as u32;
        let six = (whole + 3).is_multiple_of(6);
        match zone {
            0 => {
                whole.checked_sub(75).filter(|d| d.is_multiple_of(3)).map(|d| by_meridian3 + d / 3)
            }
            13..=23 if six => Some(by_zone6 + zone - 13),
            25..=45 => Some(by_zone3 + zone - 25),
            _ => None,
        }
    };
    let code = match () {
        () if is_xian => of_old(2327, 2349, 2370),
        () if is_beijing => of_old(21413, 2401, 2422),
        () if is_cgcs && zone > 0 => {
            return known(u8::try_from(zone).ok().and_then(Crs::of_zone));
        }
        () if is_cgcs => return known(Crs::by_name(&format!("gk:{meridian:.0}"))),
        () => None,
    };
    known(code.and_then(Crs::by_epsg))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systems_by_their_well_known_text() {
        let check = |text: &str, expect: &str| {
            let got = match of_wkt(text) {
                Declared::Nothing => "nothing".to_owned(),
                Declared::Known(crs) => crs.name(),
                Declared::Unknown(name) => format!("? {name}"),
            };
            assert_eq!(got, expect, "{text}");
        };
        let gauss = |name: &str, datum: &str, meridian: f64, easting: f64, scale: f64| {
            format!(
                "PROJCS[\"{name}\",GEOGCS[\"G\",DATUM[\"{datum}\",SPHEROID[\"s\",6378140,298.257]]],\
                 PROJECTION[\"Transverse_Mercator\"],PARAMETER[\"False_Easting\",{easting}],\
                 PARAMETER[\"False_Northing\",0.0],PARAMETER[\"Central_Meridian\",{meridian}],\
                 PARAMETER[\"Scale_Factor\",{scale}],UNIT[\"Meter\",1.0]]"
            )
        };
        check("", "nothing");
        check("GEOGCS[\"GCS_WGS_1984\",DATUM[\"D_WGS_1984\"]]", "wgs84");
        check("GEOGCS[\"GCS_Xian_1980\",DATUM[\"D_Xian_1980\"]]", "epsg:4610");
        check("GEOGCS[\"GCS_Beijing_1954\",DATUM[\"D_Beijing_1954\"]]", "epsg:4214");
        check("GEOGCS[\"GCS_Tokyo\",DATUM[\"D_Tokyo\"]]", "epsg:4301");
        check("GEOGCS[\"GCS_OSGB_1936\",DATUM[\"D_OSGB_1936\"]]", "? GCS_OSGB_1936");
        check(&gauss("WGS_1984_UTM_Zone_51N", "D_WGS_1984", 123.0, 5e5, 0.9996), "epsg:32651");
        check(&gauss("CGCS2000_3_Degree_GK_CM_120E", "D_China_2000", 120.0, 5e5, 1.0), "gk:120");
        check(
            &gauss("CGCS2000_3_Degree_GK_Zone_40", "D_China_2000", 120.0, 4.05e7, 1.0),
            "gk-zone:40",
        );
        check(
            &gauss("Xian_1980_3_Degree_GK_Zone_40", "D_Xian_1980", 120.0, 4.05e7, 1.0),
            "epsg:2364",
        );
        check(&gauss("Xian_1980_3_Degree_GK_CM_120E", "D_Xian_1980", 120.0, 5e5, 1.0), "epsg:2385");
        check(
            &gauss("Beijing_1954_GK_Zone_20", "D_Beijing_1954", 117.0, 2.05e7, 1.0),
            "epsg:21420",
        );
        check(&gauss("JGD_2011_Japan_Zone_9", "D_JGD_2011", 139.833, 0.0, 0.9999), "epsg:6677");
        check(
            &gauss("British_National_Grid", "D_OSGB_1936", -2.0, 4e5, 0.9996),
            "? British_National_Grid",
        );
        check(
            "PROJCRS[\"x\",BASEGEOGCRS[\"y\",DATUM[\"z\"],ID[\"EPSG\",4490]],CONVERSION[\"c\"],ID[\"EPSG\",4549]]",
            "gk:120",
        );
    }
}
