//! Building footprints and grids: GeoJSON features into records.

use crate::domain::ids::BuildingId;
use crate::msg;
use crate::text::Message;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use ::geo::MultiPolygon;
use rayon::prelude::*;
use serde_json::value::RawValue;

use crate::access::Stamp;
use crate::domain::codes::{CodeLists, list};
use crate::domain::quantity;
use crate::domain::records::BuildingRecord;
use crate::geo::datum::Datum;
use crate::geo::{BBox, LonLat, crs, lon_lat};
use crate::import::error::ImportError;
use crate::import::fields;
use crate::import::formats::geojson::{
    Feature, MappedFile, read_feature, reread_properties, split_features,
};
use crate::import::formats::property_slots::PropertySlots;
use crate::import::formats::{properties, vector};
use crate::import::kind::Kind;
use crate::import::kinds::features::{
    Checked, EXTRA, check, geometry_code, note_grids, slots_of, tell_properties,
};
use crate::import::outcome::apply::{apply, count};
use crate::import::outcome::property::Property;
use crate::import::outcome::report::{ImportReport, Severity};
use crate::import::request::{Request, Watch};
use crate::store::features::{self, BuildingLabel, MapBuildings, MapBuildingsBuilder};
use crate::store::rows::{self, PreparedBuilding};
use crate::store::{StoreError, Workspace, WriteTx, gpkg, lookup};

/// Features above which the R-tree is filled in one pass at the end.
const BULK_FEATURES: usize = 5_000;
/// Blocks of features after which the memory of the file is given back.
const RELEASE_EVERY: usize = 16;
/// Height of a storey where only the height of a building is known, metres (GB 50096: 2.8 m
/// dwellings; 3 m with slabs and mixed uses).
const STOREY_M: f64 = 3.0;

/// The properties of a file of footprints or areas, as a request would use them.
pub(crate) fn properties_of_file(
    request: &Request,
    raw: &[&RawValue],
) -> Result<Vec<Property>, ImportError> {
    let (slots, by_field) = slots_of(request, &[])?;
    let entries = fields::of_kind(request.kind);
    Ok(properties::of_file(raw, &slots, &entries, |field| by_field.get(field).copied()))
}

/// What a feature says, before its outline is stored.
enum Found {
    Good {
        code: String,
        outline: MultiPolygon,
        /// What the map writes on it: building number in an estate, else name.
        text: String,
        kind: Option<i64>,
        floors_above: Option<i32>,
        /// Properties that should be numbers and are not.
        not_numbers: Vec<(&'static str, String)>,
        note: Option<(String, &'static str)>,
    },
    Bad(Message),
}

fn find(
    raw: &RawValue,
    slots: &PropertySlots,
    by_field: &HashMap<String, usize>,
    lists: &CodeLists,
) -> Found {
    match check(raw, slots) {
        Checked::Bad(reason) => Found::Bad(reason),
        Checked::Good(good, note) => {
            let (feature, outline) = *good;
            let note = note.map(|note| (feature.id.clone().unwrap_or_default(), note));
            let (record, not_numbers) = building(&feature, outline, by_field, lists);
            let in_estate = record.estate.is_some();
            Found::Good {
                text: record.building_no.filter(|_| in_estate).or(record.name).unwrap_or_default(),
                code: record.code,
                outline: record.outline,
                kind: record.kind,
                floors_above: record.floors_above,
                not_numbers,
                note,
            }
        }
    }
}

/// Reads every feature once: outlines and labels are kept, in a compact form that the map can
/// show already; other properties are read again when the building is stored, which costs less
/// than to keep them all.
fn find_all(
    file: &MappedFile,
    raw: &[&RawValue],
    find: impl Fn(&RawValue) -> Found + Sync,
    report: &mut ImportReport,
    watch: &Watch<'_>,
) -> Result<MapBuildings, ImportError> {
    let mut builder = MapBuildingsBuilder::default();
    let total = raw.len() as u64;
    let mut number = 0;
    for (block_number, block) in raw.chunks(8192).enumerate() {
        if block_number % RELEASE_EVERY == RELEASE_EVERY - 1 {
            file.release();
        }
        let found: Vec<Found> = block.par_iter().map(|raw| find(raw)).collect();
        for one in found {
            number += 1;
            watch.tick(number, total * 2)?;
            match one {
                Found::Good { code, outline, text, kind, floors_above, not_numbers, note } => {
                    if let Some((id, note)) = note {
                        report.add(number, "geometry", &id, Severity::Note, note);
                    }
                    for (field, text) in not_numbers {
                        let reason = "not a number; left empty";
                        report.add(number, field, &text, Severity::Warning, reason);
                    }
                    let bounds = builder.outlines.push(number as i64, &code, &outline);
                    let label = BuildingLabel {
                        building_id: BuildingId(number as i64),
                        text: &text,
                        at: bounds.center(),
                        kind,
                        floors_above,
                        estate_id: None,
                        grid_id: None,
                    };
                    builder.labels.push(&label, lon_lat(bounds.west, bounds.south));
                }
                Found::Bad(reason) => {
                    report.add(number, "geometry", "", Severity::Rejected, reason);
                }
            }
        }
    }
    Ok(builder.build())
}

/// Positions of the buildings that are taken, in the set's order: of several with one code, the
/// first in the file; the others are held.
fn with_own_code(found: &MapBuildings, report: &mut ImportReport) -> Vec<usize> {
    let set = &found.footprints;
    let mut first_with: HashMap<&str, i64> = HashMap::with_capacity(set.len());
    let mut is_held = vec![false; set.len()];
    for feature in set.by_id_order() {
        let number = set.id(feature);
        let first = *first_with.entry(set.code(feature)).or_insert(number);
        if first != number {
            is_held[feature] = true;
            let reason = msg!(
                "feature {} has the same code; give each building its own, or choose \
                 another property with --field code=…",
                first
            );
            report.add(number as u64, "code", set.code(feature), Severity::Held, reason);
        }
    }
    (0..set.len()).filter(|feature| !is_held[*feature]).collect()
}

/// Reads the buildings of a file without a workspace: what an import shows before it stores
/// anything.
///
/// # Errors
/// Those of [`crate::import::run::run`] that concern the file.
pub fn read_buildings(path: &Path, watch: &Watch<'_>) -> Result<Arc<MapBuildings>, ImportError> {
    let request = Request {
        dry_run: true,
        ..Request::new(Kind::Buildings, path.to_owned(), jiff::civil::Date::ZERO)
    };
    let (slots, by_field) = slots_of(&request, &EXTRA)?;
    let file = vector::open(&request, None)?.file;
    let raw = split_features(file.bytes())?;
    let mut report = ImportReport::new(Kind::Buildings.word(), String::new(), String::new());
    let lists = CodeLists::default();
    let look = |raw: &RawValue| find(raw, &slots, &by_field, &lists);
    Ok(Arc::new(find_all(&file, &raw, look, &mut report, watch)?))
}

/// Tells when degrees fall on what is loaded only under a shifted datum. Nothing is moved: who
/// knows better says so.
fn tell_better_datum(
    outlines: &[Vec<LonLat>],
    near: &BBox,
    workspace: &Workspace,
    report: &mut ImportReport,
) -> Result<(), ImportError> {
    const AROUND_DEG: f64 = 0.02;
    let around = BBox {
        west: near.west - AROUND_DEG,
        south: near.south - AROUND_DEG,
        east: near.east + AROUND_DEG,
        north: near.north + AROUND_DEG,
    };
    let is_near = |ring: &Vec<LonLat>| ring.first().is_some_and(|p| around.contains(*p));
    if !outlines.iter().any(is_near) {
        return Ok(());
    }
    let loaded = features::footprints(&*workspace.reader()?)?;
    let overlaps = crs::overlaps(outlines, &loaded);
    let Some(datum) = crs::better_datum(&overlaps) else { return Ok(()) };
    let percent = |datum| {
        let share = overlaps.iter().find(|(d, _)| *d == datum).map_or(0.0, |(_, share)| *share);
        (share * 100.0).round()
    };
    let reason = msg!(
        "{} % of the outlines would fall on what is loaded if they were {}, {} % do as they are; \
         if so, undo this import and choose that coordinate system",
        percent(datum),
        crs::Crs::Geographic(datum).name(),
        percent(Datum::Wgs84)
    );
    report.add(0, "geometry", "", Severity::Warning, reason);
    Ok(())
}

pub(crate) fn import_buildings(
    workspace: &Workspace,
    request: &Request,
    stamp: &Stamp,
    watch: &Watch<'_>,
) -> Result<ImportReport, ImportError> {
    let (slots, by_field) = slots_of(request, &EXTRA)?;
    let lists = lookup::code_lists(&*workspace.reader()?)?;
    let near = lookup::building_bounds(&*workspace.reader()?)?;
    let opened = vector::open(request, near.as_ref())?;
    let (file, reading) = (&opened.file, opened.reading);
    let raw = split_features(file.bytes())?;
    file.release();
    let name = crate::import::request::file_name(&request.path);
    let mut report = ImportReport::new(request.kind.word(), name, String::new());
    report.counts.read = raw.len() as u64;
    opened.tell(&mut report);
    if let (None, None, Some(near)) = (request.crs, reading, near) {
        tell_better_datum(&outlines_of(&raw, &slots), &near, workspace, &mut report)?;
    }
    let look = |raw: &RawValue| find(raw, &slots, &by_field, &lists);
    let found = Arc::new(find_all(file, &raw, look, &mut report, watch)?);
    (watch.found)(&found);
    report.sha256 = crate::domain::digest::sha256_hex(file.bytes());
    file.release();
    let taken = with_own_code(&found, &mut report);
    tell_properties(&mut report, request.kind, &raw, &slots, &by_field);
    let total = report.counts.read;
    let prepare = |feature: usize| {
        let set = &found.footprints;
        let number = set.id(feature) as usize;
        let properties = reread_properties(raw[number - 1], &slots);
        let (record, _) = building(&properties, set.outline(feature), &by_field, &lists);
        rows::prepare_building(&record)
    };
    apply(workspace, request, stamp, report, |tx, _, report| {
        let mut load = |is_empty: bool| {
            let mut done = 0;
            in_order(&taken, prepare, |prepared| {
                watch.tick(total + done, total * 2)?;
                done += 1;
                if done.is_multiple_of(8192 * RELEASE_EVERY as u64) {
                    file.release();
                }
                let mut prepared = prepared?;
                if !is_empty {
                    keep_apart(tx, &mut prepared, report)?;
                }
                let (_, outcome) = rows::store_building(tx, &prepared, is_empty)?;
                count(&mut report.counts, outcome);
                Ok(())
            })
        };
        if taken.len() > BULK_FEATURES {
            gpkg::in_bulk(tx, "building", load)?;
        } else {
            load(false)?;
        }
        let joined = lookup::assign_grids(tx)?;
        note_grids(report, joined);
        report.sort();
        gpkg::refresh_contents(tx, "building", stamp.at)
    })
}

/// The number of a feature is its own in its file only: where the building of that number stands
/// elsewhere it is another one. Of a code that the file gives it is told.
fn keep_apart(
    tx: &WriteTx<'_>,
    prepared: &mut PreparedBuilding,
    report: &mut ImportReport,
) -> Result<(), StoreError> {
    let code = prepared.code().to_owned();
    if prepared.is_numbered() {
        if !prepared.is_beside_known(tx)? {
            return Ok(());
        }
        let digest = crate::domain::digest::sha256_hex(prepared.blob());
        prepared.rename(format!("{code}-{}", &digest[..6]));
        return Ok(());
    }
    let Some(metres) = prepared.far_from_known(tx)? else { return Ok(()) };
    let reason = msg!(
        "the building of this code stood {} m away and was moved; is it another one's code?",
        format!("{:.0}", metres)
    );
    report.add(0, "code", &code, Severity::Warning, reason);
    Ok(())
}

/// Makes things ready on all cores while those before them, in order, are being put away here.
fn in_order<T: Send>(
    list: &[usize],
    make: impl Fn(usize) -> T + Sync,
    mut put: impl FnMut(T) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    const BLOCK: usize = 1024;
    std::thread::scope(|scope| {
        let (sender, ready) = std::sync::mpsc::sync_channel::<Vec<T>>(2);
        let make = &make;
        scope.spawn(move || {
            for block in list.chunks(BLOCK) {
                let made = block.par_iter().map(|one| make(*one)).collect();
                if sender.send(made).is_err() {
                    return;
                }
            }
        });
        ready.iter().flatten().try_for_each(&mut put)
    })
}

fn building(
    feature: &Feature,
    outline: MultiPolygon,
    by_field: &HashMap<String, usize>,
    lists: &CodeLists,
) -> (BuildingRecord, Vec<(&'static str, String)>) {
    let get = |field: &str| by_field.get(field).and_then(|&slot| feature.properties[slot].clone());
    let code = get("code")
        .or_else(|| feature.id.clone())
        .or_else(|| get("osm_id"))
        .unwrap_or_else(|| geometry_code(&outline));
    let kind = get("kind").and_then(|text| lists.parse(list::BUILDING_KIND, &text));
    let mut not_numbers = Vec::new();
    let mut number_of = |field: &'static str, read: &dyn Fn(&str) -> Option<f64>| {
        let text = get(field)?;
        let value = read(&text);
        // -1 and 9999 are how programs write that nothing is known.
        let is_placeholder = text.parse::<f64>().is_ok_and(|n| n <= 0.0 || n >= 9_999.0);
        if value.is_none() && !is_placeholder {
            not_numbers.push((field, text));
        }
        value
    };
    let storeys = |text: &str| quantity::storeys(text).map(f64::from);
    let height_m = number_of("height_m", &quantity::metres);
    let floors_above = number_of("floors_above", &storeys)
        .map(|floors| floors as i32)
        .or_else(|| height_m.map(|h| ((h / STOREY_M).round() as i32).max(1)));
    let floors_below = number_of("floors_below", &storeys).map(|floors| floors as i32);
    // 1987, 1987年, 1987-06-01.
    let year = |text: &str| {
        let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<f64>().ok().filter(|_| digits.len() == 4)
    };
    let year_built = number_of("year_built", &year).map(|y| y as i32);
    let record = BuildingRecord {
        code,
        feature_id: feature.id.clone(),
        name: get("name").or_else(|| get("name:en")),
        estate: get("estate"),
        zone: get("zone"),
        building_no: get("building_no"),
        kind,
        address: get("address").or_else(|| joined_address(&get)),
        floors_above,
        floors_below,
        height_m,
        year_built: year_built.filter(|y| (1000..=2200).contains(y)),
        leader_name: get("leader_name"),
        leader_phone: get("leader_phone"),
        outline,
    };
    (record, not_numbers)
}

fn joined_address(get: &impl Fn(&str) -> Option<String>) -> Option<String> {
    let street = get("addr:street")?;
    let parts = [get("addr:city"), get("addr:district"), Some(street), get("addr:housenumber")];
    let is_chinese = |text: &str| text.chars().any(|c| c as u32 > 0x2E7F);
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let mut address = parts.join(if parts.iter().any(|p| is_chinese(p)) { "" } else { " " });
    if is_chinese(&address) && address.ends_with(|c: char| c.is_ascii_digit()) {
        address.push('号');
    }
    Some(address)
}

/// Outlines that are shown before an import.
const MOST_OUTLINES: usize = 400;

/// Outer rings of outlines from all over the file.
pub(crate) fn outlines_of(raw: &[&RawValue], slots: &PropertySlots) -> Vec<Vec<LonLat>> {
    let step = raw.len().div_ceil(MOST_OUTLINES).max(1);
    let features = raw.iter().step_by(step).filter_map(|raw| read_feature(raw, slots).ok());
    let largest = |feature: Feature| {
        let outline = feature.outline?;
        let ring =
            outline.0.iter().map(::geo::Polygon::exterior).max_by_key(|ring| ring.0.len())?;
        let ring: Vec<LonLat> = ring.0.iter().map(|c| lon_lat(c.x, c.y)).collect();
        (ring.len() >= 3 && ring.iter().all(|p| p.is_on_earth())).then_some(ring)
    };
    features.filter_map(largest).collect()
}
