//! Which properties of a feature are read, and as what: slots by spelling.

use std::collections::HashMap;
use std::collections::HashSet;

use crate::domain::cell;
/// Prefixes of vocabularies whose names are known without them.
const PREFIXES: [&str; 8] = ["bldg", "uro", "gml", "gen", "core", "brid", "ogr", "ms"];

/// Which properties are wanted, and into which slot each goes. The first spelling of a slot wins
/// over later ones.
#[derive(Default)]
pub struct PropertySlots {
    by_key: HashMap<String, (usize, usize)>,
    /// The same in lower case.
    by_folded: HashMap<String, (usize, usize)>,
    /// Objects in which a spelling with a dot looks: `names` of `names.primary`.
    parents: HashSet<String>,
    pub(crate) slots: usize,
}

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
    pub(crate) fn is_parent(&self, key: &str) -> bool {
        !self.parents.is_empty() && self.parents.contains(&key.to_lowercase())
    }
}

/// Calls `found` with the path and the text of every scalar in an object.
pub(crate) fn each_leaf(
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

/// A text or a number as a property holds it; nothing for what is empty or no scalar.
pub(crate) fn value_text(value: &serde_json::Value) -> Option<String> {
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
