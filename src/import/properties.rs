//! The properties of a map file: which of them are used as which field, and which are not.
//!
//! Looked at in features from all over the file, so that a property which only some of them have is
//! seen as well.

use std::collections::{HashMap, HashSet};

use serde::Serialize;
use serde_json::value::RawValue;

use super::fields::{self, FieldEntry};
use super::geojson::properties_of;
use crate::access::mask::mask_example;
use crate::domain::cell;

/// Features that are looked at.
const SAMPLE: usize = 400;
/// Properties that are told.
const MOST: usize = 200;

/// Which properties are wanted, and into which slot each goes. The first spelling of a slot wins
/// over later ones.
#[derive(Default)]
pub struct PropertySlots {
    by_key: HashMap<String, (usize, usize)>,
    /// The same in lower case.
    by_folded: HashMap<String, (usize, usize)>,
    /// Objects in which a spelling with a dot looks: `names` of `names.primary`.
    parents: HashSet<String>,
    pub(super) slots: usize,
}

/// Prefixes of vocabularies whose names are known without them.
const PREFIXES: [&str; 8] = ["bldg", "uro", "gml", "gen", "core", "brid", "ogr", "ms"];

impl PropertySlots {
    /// Adds a slot with its spellings, best first. Returns the slot's number.
    pub fn add<'a>(&mut self, spellings: impl IntoIterator<Item = &'a str>) -> usize {
        let slot = self.slots;
        self.slots += 1;
        for (rank, spelling) in spellings.into_iter().enumerate() {
            for (at, _) in spelling.match_indices('.') {
                self.parents.insert(spelling[..at].to_lowercase());
            }
            self.by_key.entry(spelling.to_owned()).or_insert((slot, rank));
            self.by_folded.entry(spelling.to_lowercase()).or_insert((slot, rank));
        }
        slot
    }

    /// Slot and rank of a property: by its very name, else whatever its case, else without the
    /// prefix of its vocabulary (`bldg:usage`, `gml:name`).
    #[must_use]
    pub fn slot_of(&self, key: &str) -> Option<(usize, usize)> {
        if let Some(found) = self.by_key.get(key) {
            return Some(*found);
        }
        let lower = key.trim().to_lowercase();
        let plain = |key: &str| {
            let bare = key.rsplit_once(':').filter(|(prefix, _)| PREFIXES.contains(prefix));
            bare.and_then(|(_, bare)| self.by_folded.get(bare))
        };
        self.by_folded.get(&lower).or_else(|| plain(&lower)).copied()
    }

    /// Whether properties within this one may be meant.
    pub(super) fn is_parent(&self, key: &str) -> bool {
        !self.parents.is_empty() && self.parents.contains(&key.to_lowercase())
    }
}

/// A property of a file, nested ones with their path (`names.primary`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Property {
    /// Its name.
    pub name: String,
    /// Field it is used as; `None` when it means nothing here.
    #[serde(skip)]
    pub field: Option<String>,
    /// Whether its content is never stored.
    #[serde(skip)]
    pub is_refused: bool,
    /// What stood in it first, masked.
    pub example: String,
}

/// The properties of a file in the order in which they are met.
pub(super) fn of_file(
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

/// A text or a number as a property holds it; nothing for what is empty or no scalar.
pub(super) fn value_text(value: &serde_json::Value) -> Option<String> {
    use serde_json::Value;
    let text = match value {
        Value::String(text) => cell::as_typed(text).into_owned(),
        Value::Number(number) => match number.as_f64() {
            Some(n) if n.fract() == 0.0 && n.abs() < 9e15 => format!("{n:.0}"),
            _ => number.to_string(),
        },
        _ => String::new(),
    };
    (!text.is_empty()).then_some(text)
}

/// Calls `found` with the path and the text of every scalar in an object.
pub(super) fn each_leaf(
    path: &str,
    value: &serde_json::Value,
    found: &mut dyn FnMut(&str, String),
) {
    /// Objects within objects that are looked into.
    const DEEPEST: usize = 6;
    match value.as_object() {
        Some(object) if path.matches('.').count() < DEEPEST => {
            for (key, inner) in object {
                each_leaf(&format!("{path}.{key}"), inner, found);
            }
        }
        Some(_) => {}
        None => {
            if let Some(text) = value_text(value) {
                found(path, text);
            }
        }
    }
}
