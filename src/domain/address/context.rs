//! What is known of a place beforehand: its estates, the units of its buildings, floor labels.

use std::collections::BTreeMap;

use super::{Address, Flag};

/// Known facts; keys of buildings are `estate|building`. Everything may be missing.
#[derive(Debug, Clone, Default, PartialEq, serde::Deserialize)]
#[serde(default)]
pub struct Context {
    /// Names of estates.
    pub estates: Vec<String>,
    /// Units of a building.
    pub building_units: BTreeMap<String, Vec<String>>,
    /// Floor labels of a building: label → floor number, or the labels from the lowest up.
    pub floor_labels: BTreeMap<String, FloorLabels>,
    /// Floors above ground of a building.
    pub building_floors: BTreeMap<String, i32>,
}

/// Labels of the floors of a building.
#[derive(Debug, Clone, PartialEq, serde::Deserialize)]
#[serde(untagged)]
pub enum FloorLabels {
    /// `{"3A": 4}`.
    Numbers(BTreeMap<String, i32>),
    /// `["1", "2", "3", "3A", "5"]`, from floor 1 up.
    List(Vec<String>),
}

impl FloorLabels {
    fn floor(&self, label: &str) -> Option<i32> {
        match self {
            Self::Numbers(numbers) => numbers.get(label).copied(),
            Self::List(labels) => {
                let above = labels.iter().filter(|l| !l.starts_with(['B', '-']));
                above.enumerate().find(|(_, l)| *l == label).map(|(i, _)| i as i32 + 1)
            }
        }
    }

    fn highest(&self) -> Option<i32> {
        match self {
            Self::Numbers(numbers) => numbers.values().max().copied(),
            Self::List(labels) => i32::try_from(labels.len()).ok(),
        }
    }
}

impl Context {
    /// Completes a reading: the estate's full name, the only unit, what the floor count decides.
    pub(super) fn complete(&self, a: &mut Address) {
        self.name_estate(a);
        let (Some(estate), Some(building)) = (&a.estate, &a.building) else { return };
        let key = format!("{estate}|{building}");
        if a.unit.is_none()
            && let Some([only]) = self.building_units.get(&key).map(Vec::as_slice)
        {
            a.unit = Some(only.clone());
            a.flags.add(Flag::UnitInferred);
        }
        let labels = self.floor_labels.get(&key);
        let highest =
            self.building_floors.get(&key).copied().or(labels.and_then(FloorLabels::highest));
        let Some(room) = a.room.clone() else { return };
        if a.flags.has(Flag::FloorAlias)
            && let Some(label) = room.get(..room.len().saturating_sub(2))
            && let Some(floor) = labels.and_then(|l| l.floor(label))
        {
            a.floor = Some(floor);
        }
        let is_number = room.bytes().all(|b| b.is_ascii_digit());
        if a.flags.has(Flag::FloorAmbiguous)
            && is_number
            && room.len() == 5
            && let Some(highest) = highest
        {
            // 10101 is door 101 of floor 10, or 0101 of floor 1.
            let possible = [&room[..2], &room[..1]].map(|f| f.parse::<i32>().unwrap_or(0));
            let fits: Vec<i32> =
                possible.into_iter().filter(|f| (1..=highest).contains(f)).collect();
            if let [only] = fits[..] {
                a.floor = Some(only);
                a.flags.remove(Flag::FloorAmbiguous);
            }
        }
    }

    fn name_estate(&self, a: &mut Address) {
        let Some(estate) = &a.estate else { return };
        if self.estates.is_empty() || self.estates.contains(estate) {
            return;
        }
        let only = |test: &dyn Fn(&str) -> bool| {
            let mut found = self.estates.iter().filter(|known| test(known));
            found.next().filter(|_| found.next().is_none())
        };
        let near = only(&|known| known.starts_with(estate.as_str()))
            .or_else(|| only(&|known| estate.contains(known)))
            .or_else(|| only(&|known| known.contains(estate.as_str())))
            .or_else(|| only(&|known| slips(known, estate) == Some(1)));
        if let Some(name) = near {
            a.estate = Some(name.clone());
            a.flags.add(Flag::EstateFuzzy);
        }
    }
}

/// In how many characters two names of equal length differ; `None` for other lengths.
#[must_use]
pub(crate) fn slips(a: &str, b: &str) -> Option<usize> {
    if a.chars().count() != b.chars().count() {
        return None;
    }
    Some(a.chars().zip(b.chars()).filter(|(x, y)| x != y).count())
}
