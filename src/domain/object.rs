//! A record, whichever table it is of: what an edit, a deed and a history speak about.

use super::ids::{
    BuildingId, DeviceId, EnterpriseId, EstateId, EventId, GridId, HouseholdId, OrganisationId,
    PersonId, PersonTagId, PlaceNoteId, ResidencyId, RoomId, StaffId,
};

/// A record that can be changed by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each is the record of its id")]
pub enum Object {
    Building(BuildingId),
    Device(DeviceId),
    Enterprise(EnterpriseId),
    Estate(EstateId),
    Event(EventId),
    Grid(GridId),
    Household(HouseholdId),
    Organisation(OrganisationId),
    Person(PersonId),
    PlaceNote(PlaceNoteId),
    Residency(ResidencyId),
    Room(RoomId),
    Staff(StaffId),
    Tag(PersonTagId),
}

impl Object {
    /// Table, primary key, and the word that a person uses on the command line.
    #[must_use]
    pub const fn names(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Building(_) => ("building", "building_id", "building"),
            Self::Device(_) => ("device", "device_id", "device"),
            Self::Enterprise(_) => ("enterprise", "enterprise_id", "enterprise"),
            Self::Estate(_) => ("estate", "estate_id", "estate"),
            Self::Event(_) => ("event", "event_id", "event"),
            Self::Grid(_) => ("grid", "grid_id", "grid"),
            Self::Household(_) => ("household", "household_id", "household"),
            Self::Organisation(_) => ("organisation", "organisation_id", "organisation"),
            Self::Person(_) => ("person", "person_id", "person"),
            Self::PlaceNote(_) => ("place_note", "place_note_id", "note"),
            Self::Residency(_) => ("residency", "residency_id", "residency"),
            Self::Room(_) => ("room", "room_id", "room"),
            Self::Staff(_) => ("staff", "staff_id", "staff"),
            Self::Tag(_) => ("person_tag", "person_tag_id", "tag"),
        }
    }

    /// The table.
    #[must_use]
    pub const fn table(self) -> &'static str {
        self.names().0
    }

    /// The word on the command line and in `data/edit_fields.csv`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        self.names().2
    }

    /// The row id.
    #[must_use]
    pub const fn row(self) -> i64 {
        match self {
            Self::Building(id) => id.0,
            Self::Device(id) => id.0,
            Self::Enterprise(id) => id.0,
            Self::Estate(id) => id.0,
            Self::Event(id) => id.0,
            Self::Grid(id) => id.0,
            Self::Household(id) => id.0,
            Self::Organisation(id) => id.0,
            Self::Person(id) => id.0,
            Self::PlaceNote(id) => id.0,
            Self::Residency(id) => id.0,
            Self::Room(id) => id.0,
            Self::Staff(id) => id.0,
            Self::Tag(id) => id.0,
        }
    }

    /// How a deed names it: `person/17`.
    #[must_use]
    pub fn key(self) -> String {
        format!("{}/{}", self.word(), self.row())
    }

    /// The record that a deed names.
    ///
    /// ```
    /// use menpai::domain::ids::PersonId;
    /// use menpai::domain::object::Object;
    /// let object = Object::Person(PersonId(17));
    /// assert_eq!(Object::of_key("person/17"), Some(object));
    /// assert_eq!(Object::of_key(&object.key()), Some(object));
    /// assert_eq!(Object::of_key("person"), None);
    /// ```
    #[must_use]
    pub fn of_key(key: &str) -> Option<Self> {
        let (word, row) = key.split_once('/')?;
        let row: i64 = row.parse().ok()?;
        Some(match word {
            "building" => Self::Building(row.into()),
            "device" => Self::Device(row.into()),
            "enterprise" => Self::Enterprise(row.into()),
            "estate" => Self::Estate(row.into()),
            "event" => Self::Event(row.into()),
            "grid" => Self::Grid(row.into()),
            "household" => Self::Household(row.into()),
            "organisation" => Self::Organisation(row.into()),
            "person" => Self::Person(row.into()),
            "note" => Self::PlaceNote(row.into()),
            "residency" => Self::Residency(row.into()),
            "room" => Self::Room(row.into()),
            "staff" => Self::Staff(row.into()),
            "tag" => Self::Tag(row.into()),
            _ => return None,
        })
    }
}

/// What stands in a field.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// A whole number, a key of a code list, an instant.
    Int(i64),
    /// A number.
    Real(f64),
    /// A text, a day.
    Text(String),
}

impl Cell {
    /// A text, or nothing for an empty one.
    #[must_use]
    pub fn of_text(text: &str) -> Self {
        if text.is_empty() { Self::Empty } else { Self::Text(text.to_owned()) }
    }

    /// The whole number.
    #[must_use]
    pub const fn int(&self) -> Option<i64> {
        match self {
            Self::Int(n) => Some(*n),
            _ => None,
        }
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}
