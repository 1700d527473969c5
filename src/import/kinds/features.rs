//! Features of outlines, as buildings and grids are read from them.

use crate::msg;
use crate::text::Message;
use std::collections::HashMap;

use geo::MultiPolygon;
use rayon::iter::IntoParallelRefIterator;
use rayon::iter::ParallelIterator;
use serde_json::value::RawValue;

use crate::geo::BBox;
use crate::geo::polygon::{self, Mended};
use crate::import::formats::geojson::{Feature, read_feature, split_features};
use crate::import::formats::property_slots::PropertySlots;
use crate::import::formats::{properties, vector};
use crate::import::{ImportError, ImportReport, Kind, Request, Severity, Watch, fields};
/// Features read and mended, with their number in the file.
pub(super) struct ReadFeatures {
    pub(super) features: Vec<(u64, Feature, MultiPolygon)>,
    pub(super) report: ImportReport,
}

pub(super) enum Checked {
    Good(Box<(Feature, MultiPolygon)>, Option<&'static str>),
    Bad(Message),
}

/// Address parts and further ids of OpenStreetMap and Tilezen, which no field of ours carries.
pub(super) const EXTRA: [&[&str]; 6] = [
    fields::ADDRESS_PARTS[0],
    fields::ADDRESS_PARTS[1],
    fields::ADDRESS_PARTS[2],
    fields::ADDRESS_PARTS[3],
    &["osm_id", "id", "@id", "OBJECTID", "fid"],
    &["name:en"],
];

/// Slots of a kind's fields: the property that somebody named for it alone, else every spelling but
/// those that were given to another field or left out.
pub(super) fn slots_of(
    request: &Request,
    extra: &[&[&str]],
) -> Result<(PropertySlots, HashMap<String, usize>), ImportError> {
    fields::check_pairs(request.kind, &request.fields)?;
    let mut slots = PropertySlots::default();
    let mut by_field = HashMap::new();
    let entries = fields::of_kind(request.kind);
    let given = |field: &str| request.fields.iter().find(|(f, _)| f == field);
    // What was said goes before what is usual, whatever the order of the fields.
    for field in &entries {
        if let Some((_, property)) = given(&field.field) {
            by_field.insert(field.field.clone(), slots.add([property.as_str()]));
        }
    }
    slots.add(request.fields.iter().filter(|(f, _)| f == fields::LEFT_OUT).map(|(_, p)| &p[..]));
    for field in entries.iter().filter(|field| given(&field.field).is_none()) {
        let slot = slots.add(field.spellings().filter(|s| !s.is_empty()));
        by_field.insert(field.field.clone(), slot);
    }
    for spellings in extra {
        by_field.insert(spellings[0].to_owned(), slots.add(spellings.iter().copied()));
    }
    Ok((slots, by_field))
}

pub(super) fn read(
    request: &Request,
    (slots, by_field): (&PropertySlots, &HashMap<String, usize>),
    near: Option<&BBox>,
    watch: &Watch<'_>,
) -> Result<ReadFeatures, ImportError> {
    let opened = vector::open(request, near)?;
    let raw = split_features(opened.file.bytes())?;
    let mut report = ImportReport::new(
        request.kind.word(),
        crate::import::request::file_name(&request.path),
        crate::domain::digest::sha256_hex(opened.file.bytes()),
    );
    opened.tell(&mut report);
    report.counts.read = raw.len() as u64;
    tell_properties(&mut report, request.kind, &raw, slots, by_field);
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
                    report.add(number, "geometry", "", Severity::Rejected, reason);
                }
            }
        }
    }
    Ok(ReadFeatures { features, report })
}

pub(super) fn check(raw: &RawValue, slots: &PropertySlots) -> Checked {
    let mut feature = match read_feature(raw, slots) {
        Ok(feature) => feature,
        Err(reason) => return Checked::Bad(reason),
    };
    let Some(outline) = feature.outline.take() else {
        return Checked::Bad(Message::from("it has no geometry"));
    };
    match polygon::mend(&outline) {
        Mended::Valid(outline) => Checked::Good(Box::new((feature, outline)), None),
        Mended::Repaired(outline) => Checked::Good(
            Box::new((feature, outline)),
            Some("the outline crossed itself and was repaired (even-odd rule)"),
        ),
        Mended::Hopeless(reason) => Checked::Bad(msg!("the outline cannot be used: {}", reason)),
    }
}

/// A code from the outline itself: `g` and 12 hexadecimal digits of its SHA-256.
pub(super) fn geometry_code(outline: &MultiPolygon) -> String {
    let mut bytes = Vec::new();
    for part in outline {
        for c in &part.exterior().0 {
            bytes.extend_from_slice(&c.x.to_le_bytes());
            bytes.extend_from_slice(&c.y.to_le_bytes());
        }
    }
    format!("g{}", &crate::domain::digest::sha256_hex(&bytes)[..12])
}

pub(super) fn note_grids(report: &mut ImportReport, joined: usize) {
    if joined > 0 {
        report.add(0, "grid", &joined.to_string(), Severity::Note, "buildings joined to a grid");
    }
}

/// Tells which properties were used as which field, and which were not.
pub(super) fn tell_properties(
    report: &mut ImportReport,
    kind: Kind,
    raw: &[&RawValue],
    slots: &PropertySlots,
    by_field: &HashMap<String, usize>,
) {
    let entries = fields::of_kind(kind);
    let found = properties::of_file(raw, slots, &entries, |field| by_field.get(field).copied());
    // What serves an address or an identity without being a field of its own.
    let serves = |name: &str| slots.slot_of(name).is_some();
    for property in found {
        match property.field.clone() {
            Some(field) => report.mapping.push((field, property.name)),
            None if property.is_refused => report.refuse_column(property.name),
            None if serves(&property.name) => {}
            None => report.ignore_column(property),
        }
    }
}
