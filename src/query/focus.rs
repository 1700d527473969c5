//! The focus filter: which current residents match, and how many in each building. The people are
//! columns in memory ([`PeopleIndex`]), so that a filter is one scan.

use std::ops::RangeInclusive;
use std::sync::Arc;

use jiff::civil::Date;

use super::statistics::PersonLine;
use crate::derived::PeopleIndex;
use crate::derived::people::{ALONE, TagSet, add_tag, day_number, flags_of};
use crate::domain::ids::{BuildingId, GridId, PersonId};

/// What to look for; every condition that is given must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FocusFilter {
    /// Positions in the vocabulary's tags.
    pub tags: Vec<usize>,
    /// Whether a person must carry all of the tags and not just one.
    pub all_tags: bool,
    /// Completed years, inclusive.
    pub ages: Option<RangeInclusive<i16>>,
    /// Key of `population_type`.
    pub population_type: Option<i64>,
    /// Key of `sex`.
    pub sex: Option<i64>,
    /// Row id of a grid.
    pub grid_id: Option<GridId>,
    /// Only people of 60 and over who are their room's one current resident (derived, 推算).
    pub lives_alone: bool,
    /// Row ids of the buildings to look in, sorted; all, when `None`.
    pub within: Option<Arc<[BuildingId]>>,
}

impl FocusFilter {
    /// Whether nothing is asked for, so that everybody matches.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self { all_tags: self.all_tags, ..Self::default() }
    }

    /// Whether a resident passes, who is the room's only one or not: as [`PeopleIndex::focus`]
    /// decides it, but for the place.
    #[must_use]
    pub fn passes(&self, person: &PersonLine, is_alone: bool) -> bool {
        let has = |tag: &usize| person.tags.contains(tag);
        let is_tagged = match (self.tags.is_empty(), self.all_tags) {
            (true, _) => true,
            (false, true) => self.tags.iter().all(has),
            (false, false) => self.tags.iter().any(has),
        };
        let age = person.age;
        is_tagged
            && self.ages.as_ref().is_none_or(|ages| age.is_some_and(|age| ages.contains(&age)))
            && self.population_type.is_none_or(|kind| kind == person.population_type)
            && self.sex.is_none_or(|sex| sex == person.sex)
            && (!self.lives_alone || is_alone && age.is_some_and(|age| age >= ALONE_FROM_AGE))
    }

    /// Asks for a tag (its position in the vocabulary), or no longer.
    pub fn toggle_tag(&mut self, tag: usize) {
        match self.tags.iter().position(|t| *t == tag) {
            Some(at) => {
                self.tags.remove(at);
            }
            None => {
                self.tags.push(tag);
                self.tags.sort_unstable();
            }
        }
    }
}

/// The answer to a filter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FocusAnswer {
    /// Distinct persons.
    pub persons: u64,
    /// `(building row id, distinct persons)`, by row id, none with zero.
    pub buildings: Vec<(BuildingId, u32)>,
    /// Matching rows of the index, one per person and building, by person.
    pub rows: Vec<u32>,
}

const ALONE_FROM_AGE: i16 = 60;

impl PeopleIndex {
    /// Answers a filter, ages as of `on`.
    #[must_use]
    pub fn focus(&self, filter: &FocusFilter, on: Date) -> FocusAnswer {
        let mut wanted = TagSet::default();
        filter.tags.iter().for_each(|place| add_tag(&mut wanted, *place));
        let is_tagged = |set: &TagSet| {
            let mut words = set.iter().zip(&wanted);
            if filter.all_tags {
                words.all(|(has, wanted)| has & wanted == *wanted)
            } else {
                words.any(|(has, wanted)| has & wanted != 0)
            }
        };
        let has_tags: Option<Vec<bool>> =
            (wanted != TagSet::default()).then(|| self.tag_sets.iter().map(is_tagged).collect());
        let today = day_number(on);
        let ages = match (&filter.ages, filter.lives_alone) {
            (Some(ages), true) => Some((*ages.start()).max(ALONE_FROM_AGE)..=*ages.end()),
            (None, true) => Some(ALONE_FROM_AGE..=200),
            (ages, false) => ages.clone(),
        };
        // Age ≥ a ⇔ birth ≤ today − a years; age ≤ b ⇔ birth > today − (b + 1) years.
        let births = ages.map(|ages| {
            let oldest = today - (i64::from(*ages.end()) + 1) * 10_000 + 1;
            oldest.max(1)..=today - i64::from(*ages.start()) * 10_000
        });
        let inside: Option<Vec<bool>> = filter.within.as_ref().map(|within| {
            self.building_ids.iter().map(|id| within.binary_search(id).is_ok()).collect()
        });
        let is_wanted = |row: usize| {
            let flags = self.flags[row];
            has_tags.as_ref().is_none_or(|has| has[self.tags[row] as usize])
                && births.as_ref().is_none_or(|b| b.contains(&i64::from(self.births[row])))
                && filter.population_type.is_none_or(|p| i64::from(flags >> 2 & 3) == p)
                && filter.sex.is_none_or(|sex| flags & 3 == flags_of(sex, 0) & 3)
                && (!filter.lives_alone || flags & ALONE != 0)
                && filter.grid_id.is_none_or(|g| self.grid_ids[self.buildings[row] as usize] == g)
                && inside.as_ref().is_none_or(|inside| inside[self.buildings[row] as usize])
        };
        let mut answer = FocusAnswer::default();
        let mut counts = vec![0u32; self.building_ids.len()];
        let mut last: Option<(PersonId, u32)> = None;
        for row in 0..self.buildings.len() {
            if !is_wanted(row) {
                continue;
            }
            let here = (self.person_ids.get(row), self.buildings[row]);
            if last == Some(here) {
                continue;
            }
            if last.is_none_or(|(person, _)| person != here.0) {
                answer.persons += 1;
            }
            last = Some(here);
            counts[here.1 as usize] += 1;
            answer.rows.push(row as u32);
        }
        answer.buildings = self
            .building_ids
            .iter()
            .zip(counts)
            .filter(|(_, count)| *count > 0)
            .map(|(id, count)| (*id, count))
            .collect();
        answer
    }
}
