//! The properties of a map file: which of them are used as which field, and which are not.
//!
//! Looked at in features from all over the file, so that a property which only some of them have is
//! seen as well.

use serde_json::value::RawValue;

use crate::access::mask::mask_example;
use crate::import::fields::{self, FieldEntry};
use crate::import::formats::geojson::properties_of;
use crate::import::formats::property_slots::PropertySlots;
use crate::import::outcome::property::Property;

/// Features that are looked at.
const SAMPLE: usize = 400;
/// Properties that are told.
const MOST: usize = 200;

/// The properties of a file in the order in which they are met.
pub(crate) fn of_file(
    raw: &[&RawValue],
    slots: &PropertySlots,
    entries: &[FieldEntry],
    slot_of_field: impl Fn(&str) -> Option<usize>,
) -> Vec<Property> {
    let mut found: Vec<(Property, Option<(usize, usize)>)> = Vec::new();
    let step = raw.len().div_ceil(SAMPLE).max(1);
    for raw in raw.iter().step_by(step) {
        for (name, text) in properties_of(raw) {
            let position = found.iter().position(|(p, _)| p.name == name);
            if let Some(position) = position {
                let property = &mut found[position].0;
                if property.example.is_empty() {
                    property.example = mask_example(&text);
                }
            } else if found.len() < MOST {
                let slot = slots.slot_of(&name);
                let example = mask_example(&text);
                let is_refused = fields::is_refused(&name);
                found.push((Property { name, field: None, is_refused, example }, slot));
            }
        }
    }
    // Of several spellings of a field the best is used.
    for entry in entries {
        let Some(slot) = slot_of_field(&entry.field) else { continue };
        let best = found
            .iter_mut()
            .filter(|(p, at)| {
                !p.is_refused && !p.example.is_empty() && at.is_some_and(|(s, _)| s == slot)
            })
            .min_by_key(|(_, at)| at.map(|(_, rank)| rank));
        if let Some((property, _)) = best {
            property.field = Some(entry.field.clone());
        }
    }
    found.into_iter().map(|(property, _)| property).collect()
}
