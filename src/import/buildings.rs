//! Building footprints and grids: GeoJSON features into records.

use std::collections::HashMap;

use ::geo::MultiPolygon;
use rayon::prelude::*;
use serde_json::value::RawValue;

use super::geojson::{Feature, MappedFile, PropertySlots, read_feature, split_features};
use super::{ImportError, ImportReport, Kind, Request, Severity, Watch, apply, count, fields};
use crate::access::Stamp;
use crate::domain::codes::{CodeLists, list};
use crate::domain::records::{BuildingRecord, GridRecord};
use crate::geo::polygon::{self, Mended};
use crate::store::{StoreError, Workspace, gpkg, lookup, rows};

/// Features above which the R-tree is filled in one pass at the end.
const BULK_FEATURES: usize = 5_000;
/// Height of a storey where only the height of a building is known, metres (GB 50096: 2.8 m
/// dwellings; 3 m with slabs and mixed uses).
const STOREY_M: f64 = 3.0;

/// Features read and mended, with their number in the file.
struct ReadFeatures {
    features: Vec<(u64, Feature, MultiPolygon)>,
    report: ImportReport,
}

enum Checked {
    Good(Box<(Feature, MultiPolygon)>, Option<&'static str>),
    Bad(String),
}

fn read(
    request: &Request,
    slots: &PropertySlots,
    watch: &Watch<'_>,
) -> Result<ReadFeatures, ImportError> {
    let file = MappedFile::open(&request.path)?;
    let raw = split_features(file.bytes())?;
    let mut report = ImportReport::new(
        request.kind.word(),
        super::file_name(&request.path),
        super::sha256_hex(file.bytes()),
    );
    report.counts.read = raw.len() as u64;
    let mut features = Vec::with_capacity(raw.len());
    let total = raw.len() as u64;
    let mut number = 0;
    for block in raw.chunks(4096) {
        let checked: Vec<Checked> = block.par_iter().map(|raw| check(raw, slots)).collect();
        for one in checked {
            number += 1;
            watch.tick(number, total * 2)?;
            match one {
                Checked::Good(good, note) => {
                    let (feature, outline) = *good;
                    if let Some(note) = note {
                        let id = feature.id.clone().unwrap_or_default();
                        report.add(number, "geometry", &id, Severity::Note, note);
                    }
                    features.push((number, feature, outline));
                }
                Checked::Bad(reason) => {
                    report.add(number, "geometry", "", Severity::Rejected, &reason);
                }
            }
        }
    }
    Ok(ReadFeatures { features, report })
}

fn check(raw: &RawValue, slots: &PropertySlots) -> Checked {
    let mut feature = match read_feature(raw, slots) {
        Ok(feature) => feature,
        Err(reason) => return Checked::Bad(reason),
    };
    let Some(outline) = feature.outline.take() else {
        return Checked::Bad("it has no geometry".to_owned());
    };
    match polygon::mend(&outline) {
        Mended::Valid(outline) => Checked::Good(Box::new((feature, outline)), None),
        Mended::Repaired(outline) => Checked::Good(
            Box::new((feature, outline)),
            Some("the outline crossed itself and was repaired (even-odd rule)"),
        ),
        Mended::Hopeless(reason) => Checked::Bad(format!("the outline cannot be used: {reason}")),
    }
}

/// Slots of a kind's fields: `--field` alone when given, else every spelling.
fn slots_of(
    request: &Request,
    extra: &[&[&str]],
) -> Result<(PropertySlots, HashMap<String, usize>), ImportError> {
    fields::check_pairs(request.kind, &request.fields)?;
    let mut slots = PropertySlots::default();
    let mut by_field = HashMap::new();
    for field in fields::of_kind(request.kind) {
        let given = request.fields.iter().find(|(f, _)| *f == field.field);
        let slot = match given {
            Some((_, property)) => slots.add([property.as_str()]),
            None => slots.add(field.spellings().filter(|s| !s.is_empty())),
        };
        by_field.insert(field.field.clone(), slot);
    }
    for spellings in extra {
        by_field.insert(spellings[0].to_owned(), slots.add(spellings.iter().copied()));
    }
    Ok((slots, by_field))
}

/// Address parts and further ids of OpenStreetMap and Tilezen, which no field of ours carries.
const EXTRA: [&[&str]; 6] = [
    &["addr:housenumber", "addr_housenumber"],
    &["addr:street", "addr_street"],
    &["addr:district", "addr:suburb"],
    &["addr:city"],
    &["osm_id", "id", "@id", "OBJECTID", "fid"],
    &["name:en"],
];

pub(super) fn import_buildings(
    workspace: &Workspace,
    request: &Request,
    stamp: &Stamp,
    watch: &Watch<'_>,
) -> Result<ImportReport, ImportError> {
    let (slots, by_field) = slots_of(request, &EXTRA)?;
    let ReadFeatures { features, mut report } = read(request, &slots, watch)?;
    let lists = lookup::code_lists(&*workspace.reader()?)?;
    let mut first_with: HashMap<String, u64> = HashMap::with_capacity(features.len());
    let mut records = Vec::with_capacity(features.len());
    for (number, feature, outline) in features {
        let record = building(&feature, outline, &by_field, &lists, number, &mut report);
        match first_with.get(&record.code) {
            Some(first) => {
                let reason = format!(
                    "feature {first} has the same code; give each building its own, or choose \
                     another property with --field code=…"
                );
                report.add(number, "code", &record.code, Severity::Held, &reason);
            }
            None => {
                first_with.insert(record.code.clone(), number);
                records.push(record);
            }
        }
    }
    report.mapping = used_mapping(request);
    let total = report.counts.read;
    apply(workspace, request, stamp, report, |tx, report| {
        let load = || {
            for (done, record) in records.iter().enumerate() {
                watch.tick(total + done as u64, total * 2)?;
                let (_, outcome) = rows::upsert_building(tx, record)?;
                count(&mut report.counts, outcome);
            }
            Ok(())
        };
        in_bulk(tx, "building", records.len(), load)?;
        let joined = lookup::assign_grids(tx)?;
        note_grids(report, joined);
        report.sort();
        gpkg::refresh_contents(tx, "building", stamp.at)
    })
}

fn note_grids(report: &mut ImportReport, joined: usize) {
    if joined > 0 {
        report.add(0, "grid", &joined.to_string(), Severity::Note, "buildings joined to a grid");
    }
}

fn in_bulk(
    tx: &crate::store::WriteTx<'_>,
    table: &str,
    rows: usize,
    load: impl FnOnce() -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    if rows > BULK_FEATURES { gpkg::without_triggers(tx, table, load) } else { load() }
}

fn used_mapping(request: &Request) -> Vec<(String, String)> {
    if request.fields.is_empty() {
        vec![("*".to_owned(), "guessed from property names".to_owned())]
    } else {
        request.fields.clone()
    }
}

fn building(
    feature: &Feature,
    outline: MultiPolygon,
    by_field: &HashMap<String, usize>,
    lists: &CodeLists,
    number: u64,
    report: &mut ImportReport,
) -> BuildingRecord {
    let get = |field: &str| by_field.get(field).and_then(|&slot| feature.properties[slot].clone());
    let code = get("code")
        .or_else(|| feature.id.clone())
        .or_else(|| get("osm_id"))
        .unwrap_or_else(|| geometry_code(&outline));
    let kind = get("kind").and_then(|text| lists.parse(list::BUILDING_KIND, &text));
    let mut number_of = |field: &str| {
        let text = get(field)?;
        let value = text.parse::<f64>().ok().filter(|v| v.is_finite());
        if value.is_none() {
            report.add(number, field, &text, Severity::Warning, "not a number; left empty");
        }
        value
    };
    let height_m = number_of("height_m").filter(|h| *h > 0.0 && *h < 2_000.0);
    let floors = |value: Option<f64>| {
        value.map(|v| v.round() as i32).filter(|floors| (0..=300).contains(floors))
    };
    let floors_above = floors(number_of("floors_above"))
        .or_else(|| height_m.map(|h| ((h / STOREY_M).round() as i32).max(1)));
    let floors_below = floors(number_of("floors_below"));
    let year_built = number_of("year_built").map(|y| y as i32);
    BuildingRecord {
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
    }
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

/// A code from the outline itself: `g` and 12 hexadecimal digits of its SHA-256.
fn geometry_code(outline: &MultiPolygon) -> String {
    let mut bytes = Vec::new();
    for part in outline {
        for c in &part.exterior().0 {
            bytes.extend_from_slice(&c.x.to_le_bytes());
            bytes.extend_from_slice(&c.y.to_le_bytes());
        }
    }
    format!("g{}", &super::sha256_hex(&bytes)[..12])
}

pub(super) fn import_grids(
    workspace: &Workspace,
    request: &Request,
    stamp: &Stamp,
    watch: &Watch<'_>,
) -> Result<ImportReport, ImportError> {
    debug_assert_eq!(request.kind, Kind::Grids);
    let (slots, by_field) = slots_of(request, &EXTRA)?;
    let ReadFeatures { features, mut report } = read(request, &slots, watch)?;
    let mut first_with: HashMap<String, u64> = HashMap::new();
    let mut records = Vec::new();
    for (number, feature, outline) in features {
        let get =
            |field: &str| by_field.get(field).and_then(|&slot| feature.properties[slot].clone());
        let code = get("code")
            .or_else(|| feature.id.clone())
            .or_else(|| get("osm_id"))
            .unwrap_or_else(|| geometry_code(&outline));
        if let Some(first) = first_with.get(&code) {
            let reason = format!("feature {first} has the same code; give each grid its own");
            report.add(number, "code", &code, Severity::Held, &reason);
            continue;
        }
        first_with.insert(code.clone(), number);
        records.push(GridRecord { code, name: get("name"), leader: get("leader"), outline });
    }
    report.mapping = used_mapping(request);
    apply(workspace, request, stamp, report, |tx, report| {
        for record in &records {
            let (_, outcome) = rows::upsert_grid(tx, record)?;
            count(&mut report.counts, outcome);
        }
        let joined = lookup::assign_grids(tx)?;
        note_grids(report, joined);
        report.sort();
        gpkg::refresh_contents(tx, "grid", stamp.at)
    })
}
