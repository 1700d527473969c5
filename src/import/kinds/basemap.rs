//! Roads, water, green and railways: GeoJSON lines and areas into the basemap.

use crate::msg;
use crate::text::Message;
use ::geo::{Coord, Geometry, LineString, MultiLineString, MultiPolygon, Polygon};
use rayon::prelude::*;
use serde_json::value::RawValue;

use crate::access::Stamp;
use crate::domain::basemap::{BaseKind, classify, classify_file};
use crate::domain::records::BaseRecord;
use crate::geo::polygon::{Mended, mend};
use crate::import::error::ImportError;
use crate::import::formats::geojson::split_features;
use crate::import::formats::vector;
use crate::import::outcome::apply::{apply, count};
use crate::import::outcome::report::{ImportReport, Severity};
use crate::import::request::{Request, Watch};
use crate::store::{Workspace, gpkg, lookup, rows};

/// Properties that say what a feature is, the most telling first.
const TELLING: [&str; 9] =
    ["highway", "railway", "waterway", "natural", "water", "leisure", "landuse", "kind", "class"];

/// What became of a feature.
enum Found {
    Good(BaseRecord),
    /// A point, or something the map does not show.
    Skipped,
    Bad(Message),
}

pub(crate) fn import(
    workspace: &Workspace,
    request: &Request,
    stamp: &Stamp,
    watch: &Watch<'_>,
) -> Result<ImportReport, ImportError> {
    crate::import::fields::check_pairs(request.kind, &request.fields)?;
    let near = lookup::building_bounds(&*workspace.reader()?)?;
    let opened = vector::open(request, near.as_ref())?;
    let file = &opened.file;
    let raw = split_features(file.bytes())?;
    let name = crate::import::request::file_name(&request.path);
    let stem = request.path.file_stem().map(|s| s.to_string_lossy().into_owned());
    let of_file = classify_file(&stem.unwrap_or_default());
    let sha256 = crate::domain::digest::sha256_hex(file.bytes());
    let mut report = ImportReport::new(request.kind.word(), name, sha256);
    report.counts.read = raw.len() as u64;
    opened.tell(&mut report);
    report.mapping = vec![("*".to_owned(), "guessed from property names".to_owned())];
    let total = raw.len() as u64;
    let mut records = Vec::with_capacity(raw.len());
    for (block_number, block) in raw.chunks(4096).enumerate() {
        let found: Vec<Found> = block.par_iter().map(|raw| find(raw, of_file)).collect();
        for (index, one) in found.into_iter().enumerate() {
            let number = (block_number * 4096 + index + 1) as u64;
            watch.tick(number, total * 2)?;
            match one {
                Found::Good(record) => records.push(record),
                Found::Skipped => report.counts.skipped += 1,
                Found::Bad(reason) => {
                    report.add(number, "geometry", "", Severity::Rejected, reason);
                }
            }
        }
    }
    apply(workspace, request, stamp, report, |tx, _, report| {
        for (done, record) in records.iter().enumerate() {
            watch.tick(total + done as u64, total * 2)?;
            count(&mut report.counts, rows::upsert_basemap(tx, record)?);
        }
        gpkg::refresh_contents(tx, "basemap", stamp.at)
    })
}

fn find(raw: &RawValue, of_file: Option<(BaseKind, u8)>) -> Found {
    let value: serde_json::Value = match serde_json::from_str(raw.get()) {
        Ok(value) => value,
        Err(e) => return Found::Bad(msg!("not a feature: {}", e)),
    };
    let text = |key: &str| {
        value.pointer("/properties")?.get(key)?.as_str().map(str::trim).filter(|t| !t.is_empty())
    };
    let told = TELLING.iter().find_map(|key| classify(key, text(key)?));
    let Some((kind, rank)) = told.or(of_file) else { return Found::Skipped };
    let geometry = match shape(&value["geometry"]) {
        Ok(Some(geometry)) => geometry,
        Ok(None) => return Found::Skipped,
        Err(reason) => return Found::Bad(reason),
    };
    let name = text("name").or_else(|| text("名称")).map(str::to_owned);
    Found::Good(BaseRecord { kind, rank, name, geometry })
}

/// A line or an area; `None` for points and null.
fn shape(value: &serde_json::Value) -> Result<Option<Geometry>, Message> {
    let coordinates = &value["coordinates"];
    let geometry = match value["type"].as_str() {
        Some("LineString") => {
            Geometry::MultiLineString(MultiLineString::new(vec![line(coordinates)?]))
        }
        Some("MultiLineString") => Geometry::MultiLineString(MultiLineString::new(
            list(coordinates)?.iter().map(line).collect::<Result<_, _>>()?,
        )),
        Some("Polygon") => area(vec![polygon(coordinates)?])?,
        Some("MultiPolygon") => {
            area(list(coordinates)?.iter().map(polygon).collect::<Result<_, _>>()?)?
        }
        Some("Point" | "MultiPoint") | None => return Ok(None),
        Some(other) => return Err(msg!("its geometry is a {}, not a line or an area", other)),
    };
    Ok(Some(geometry))
}

fn area(parts: Vec<Polygon>) -> Result<Geometry, Message> {
    match mend(&MultiPolygon::new(parts)) {
        Mended::Valid(outline) | Mended::Repaired(outline) => Ok(Geometry::MultiPolygon(outline)),
        Mended::Hopeless(reason) => Err(msg!("the outline cannot be used: {}", reason)),
    }
}

fn list(value: &serde_json::Value) -> Result<&Vec<serde_json::Value>, Message> {
    value.as_array().ok_or_else(|| Message::from("its coordinates cannot be read"))
}

fn polygon(value: &serde_json::Value) -> Result<Polygon, Message> {
    let mut rings = list(value)?.iter().map(coords);
    let exterior = rings.next().unwrap_or_else(|| Ok(Vec::new()))?;
    let holes = rings.map(|r| r.map(LineString::new)).collect::<Result<_, _>>()?;
    Ok(Polygon::new(LineString::new(exterior), holes))
}

fn line(value: &serde_json::Value) -> Result<LineString, Message> {
    let coords = coords(value)?;
    if coords.len() < 2 {
        return Err(Message::from("a line has fewer than two positions"));
    }
    Ok(LineString::new(coords))
}

fn coords(value: &serde_json::Value) -> Result<Vec<Coord>, Message> {
    list(value)?
        .iter()
        .map(|p| {
            let number = |index: usize| p.get(index).and_then(serde_json::Value::as_f64);
            let (Some(x), Some(y)) = (number(0), number(1)) else {
                return Err(Message::from("a position has fewer than two numbers"));
            };
            if crate::geo::lon_lat(x, y).is_on_earth() {
                Ok(Coord { x, y })
            } else {
                Err(msg!(
                    "({}) is no longitude and latitude; metres or another system? export it in \
                     EPSG:4326",
                    format!("{x}, {y}")
                ))
            }
        })
        .collect()
}
