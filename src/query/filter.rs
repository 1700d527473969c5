//! The filter: whom and what a question is about, as one value that can be kept, shared and read
//! aloud.
//!
//! Words in it are the stable codes of tags, code lists, grids and estates, so that it means the same
//! in every workspace and language; labels in either language are understood as well. Every
//! condition that is given must hold; a list of words holds where one of them does.

mod area;
mod facets;
mod resolve;
mod scan;
mod sentence;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use area::{Area, buildings_touching};
pub use facets::{AGES, Facets, facets};
pub use resolve::{Condition, FilterError};
pub(super) use scan::Scan;
pub use scan::{FocusAnswer, Subject};

/// Both ends included; one that is not given is open.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span<T> {
    /// From here on.
    #[serde(skip_serializing_if = "Option::is_none", default = "Option::default")]
    pub from: Option<T>,
    /// Up to here.
    #[serde(skip_serializing_if = "Option::is_none", default = "Option::default")]
    pub to: Option<T>,
}

impl<T: PartialOrd + Copy> Span<T> {
    /// From one value to another.
    pub const fn new(from: T, to: T) -> Self {
        Self { from: Some(from), to: Some(to) }
    }

    /// Whether a value lies in it.
    pub fn contains(&self, value: T) -> bool {
        self.from.is_none_or(|from| value >= from) && self.to.is_none_or(|to| value <= to)
    }

    /// Whether no value can lie in it.
    pub fn is_empty(&self) -> bool {
        matches!((self.from, self.to), (Some(from), Some(to)) if from > to)
    }
}

/// What is concluded from the records, and never stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// 60 and over, and the room's one current resident.
    Alone,
    /// 80 and over.
    Over80,
    /// Under 18 in a room where nobody is known to be 18 or older.
    MinorAlone,
    /// Registered here, the register and the home differ: on the books, but not living here.
    RegisteredNotLiving,
    /// Living here, registered elsewhere.
    LivingNotRegistered,
    /// A tag was to be reviewed and was not.
    ReviewOverdue,
    /// A room with less than [`CROWDED_M2`] for each resident.
    Crowded,
    /// A room without a current resident.
    Empty,
}

/// Square metres a head below which a room is crowded: the least that most cities allow for let
/// rooms (商品房屋租赁管理办法, art. 8, leaves the figure to them; 5 m² is usual).
pub const CROWDED_M2: f64 = 5.0;
/// From this age on somebody alone counts as [`Class::Alone`].
pub const ALONE_FROM_AGE: i16 = 60;
/// Ages below this are minors (Civil Code, art. 17).
pub const ADULT_FROM_AGE: i16 = 18;

impl Class {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Alone,
        Self::Over80,
        Self::MinorAlone,
        Self::RegisteredNotLiving,
        Self::LivingNotRegistered,
        Self::ReviewOverdue,
        Self::Crowded,
        Self::Empty,
    ];

    /// Its word in files and on the command line.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Alone => "alone",
            Self::Over80 => "over_80",
            Self::MinorAlone => "minor_alone",
            Self::RegisteredNotLiving => "registered_not_living",
            Self::LivingNotRegistered => "living_not_registered",
            Self::ReviewOverdue => "review_overdue",
            Self::Crowded => "crowded",
            Self::Empty => "empty",
        }
    }

    /// The class of a word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.word() == word)
    }

    /// Whether it says something of a room, and not of a person.
    #[must_use]
    pub const fn is_of_rooms(self) -> bool {
        matches!(self, Self::Crowded | Self::Empty)
    }
}

/// Whom or what to look for.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "lists of words, named as what they are of")]
pub struct Filter {
    /// Tags of which a person must carry one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub any_tags: Vec<String>,
    /// Tags that a person must carry, every one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub all_tags: Vec<String>,
    /// Tags that a person must not carry, not one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub no_tags: Vec<String>,
    /// Completed years.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ages: Option<Span<i16>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sexes: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub population_types: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub relations: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// All of them must hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<Class>,
    /// Persons who were not verified since this day, or never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verified_before: Option<Date>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub room_statuses: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub room_kinds: Vec<String>,
    /// Square metres of the room.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub area_m2: Option<Span<f64>>,
    /// Rooms that were not verified since this day, or never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub room_verified_before: Option<Date>,
    /// Codes of grids.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub grids: Vec<String>,
    /// Names of estates.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub estates: Vec<String>,
    /// Codes of buildings; none where nobody chose any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub buildings: Option<Vec<String>>,
    /// Places on the ground, one of which a building must touch.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub areas: Vec<Area>,
    /// Kinds of enterprises, of which one must be in the building.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub enterprise_kinds: Vec<String>,
    /// Categories of events, of which one must be open in the building.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub open_events: Vec<String>,
    /// Filters that must hold as well.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inside: Vec<Filter>,
    /// Filters that must not hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<Filter>,
}

/// Filters may stand in one another so many times.
const MOST_DEPTH: usize = 8;

impl Filter {
    /// Whether nothing is asked for, so that everything matches.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it says anything of people.
    #[must_use]
    pub fn asks_people(&self) -> bool {
        let nested = |list: &[Self]| list.iter().any(Self::asks_people);
        !(self.any_tags.is_empty()
            && self.all_tags.is_empty()
            && self.no_tags.is_empty()
            && self.ages.is_none()
            && self.sexes.is_empty()
            && self.population_types.is_empty()
            && self.relations.is_empty()
            && self.roles.is_empty()
            && self.classes.iter().all(|class| class.is_of_rooms())
            && self.verified_before.is_none())
            || nested(&self.inside)
            || nested(&self.except)
    }

    /// Whether it says anything of rooms.
    #[must_use]
    pub fn asks_rooms(&self) -> bool {
        let nested = |list: &[Self]| list.iter().any(Self::asks_rooms);
        !(self.room_statuses.is_empty()
            && self.room_kinds.is_empty()
            && self.area_m2.is_none()
            && self.room_verified_before.is_none()
            && self.classes.iter().all(|class| !class.is_of_rooms()))
            || nested(&self.inside)
            || nested(&self.except)
    }

    /// Whether it says anything of where.
    #[must_use]
    pub fn asks_places(&self) -> bool {
        let nested = |list: &[Self]| list.iter().any(Self::asks_places);
        !(self.grids.is_empty()
            && self.estates.is_empty()
            && self.buildings.is_none()
            && self.areas.is_empty()
            && self.enterprise_kinds.is_empty()
            && self.open_events.is_empty())
            || nested(&self.inside)
            || nested(&self.except)
    }

    /// Reads a filter from its JSON.
    ///
    /// # Errors
    /// What the reader of JSON says, with the line.
    pub fn of_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The filter as JSON, as a file holds it.
    #[must_use]
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// The tags that are asked for, be it one of them or all.
    pub fn tags(&self) -> impl Iterator<Item = &str> {
        self.any_tags.iter().chain(&self.all_tags).map(String::as_str)
    }

    /// Whether a tag is asked for.
    #[must_use]
    pub fn has_tag(&self, code: &str) -> bool {
        self.tags().any(|tag| tag == code)
    }

    /// Whether all the tags must be carried, and not just one.
    #[must_use]
    pub fn wants_all_tags(&self) -> bool {
        !self.all_tags.is_empty()
    }

    /// Asks for all of the tags, or for one of them.
    pub fn set_all_tags(&mut self, all: bool) {
        let mut tags = std::mem::take(&mut self.any_tags);
        tags.append(&mut self.all_tags);
        *(if all { &mut self.all_tags } else { &mut self.any_tags }) = tags;
    }

    /// Asks for a tag, or no longer.
    pub fn toggle_tag(&mut self, code: &str) {
        self.no_tags.retain(|tag| tag != code);
        let list = if self.all_tags.is_empty() { &mut self.any_tags } else { &mut self.all_tags };
        toggle(list, code);
    }

    /// Asks that a tag is not carried, or no longer.
    pub fn toggle_without_tag(&mut self, code: &str) {
        self.any_tags.retain(|tag| tag != code);
        self.all_tags.retain(|tag| tag != code);
        toggle(&mut self.no_tags, code);
    }

    /// Asks for a class, or no longer.
    pub fn toggle_class(&mut self, class: Class) {
        match self.classes.iter().position(|other| *other == class) {
            Some(at) => drop(self.classes.remove(at)),
            None => self.classes.push(class),
        }
    }

    /// What it says of where, alone.
    #[must_use]
    pub fn place(&self) -> Self {
        Self {
            grids: self.grids.clone(),
            estates: self.estates.clone(),
            buildings: self.buildings.clone(),
            areas: self.areas.clone(),
            enterprise_kinds: self.enterprise_kinds.clone(),
            open_events: self.open_events.clone(),
            ..Self::default()
        }
    }
}

/// Adds a word to a list, or takes it out.
pub fn toggle(list: &mut Vec<String>, word: &str) {
    match list.iter().position(|other| other == word) {
        Some(at) => drop(list.remove(at)),
        None => list.push(word.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_a_small_file() {
        let text = r#"{"any_tags":["low_income"],"ages":{"from":60},"classes":["alone"],
            "areas":[{"around":{"lon":120.0,"lat":33.0,"radius_m":200.0}}],
            "except":[{"grids":["G01"]}]}"#;
        let filter = Filter::of_json(text).unwrap();
        assert_eq!(filter.ages, Some(Span { from: Some(60), to: None }));
        assert_eq!(Filter::of_json(&filter.json()).unwrap(), filter);
        assert!(filter.asks_people() && filter.asks_places() && !filter.asks_rooms());
        assert_eq!(Filter::default().json(), "{}");
        assert!(Filter::of_json(r#"{"religion":["x"]}"#).is_err(), "no such condition");
    }

    #[test]
    fn tags_are_asked_for_in_one_way_at_a_time() {
        let mut filter = Filter::default();
        filter.toggle_tag("a");
        filter.toggle_tag("b");
        filter.set_all_tags(true);
        assert_eq!((filter.any_tags.len(), filter.all_tags.len()), (0, 2));
        filter.toggle_without_tag("a");
        assert_eq!((filter.all_tags, filter.no_tags), (vec!["b".to_owned()], vec!["a".to_owned()]));
    }
}
