//! One box for everything: estates, buildings, room addresses, persons, enterprises, events, grids, devices.
//!
//! What begins with the text, the indexes of the file know; what holds it, an [`Index`] in memory does.
//! Nothing scans a table of people.

mod named;
mod people;
mod places;

use std::sync::OnceLock;

use jiff::civil::Date;
use serde::Serialize;

pub use people::part_of_number;

use super::Vocabulary;
use super::matching::Gazetteer;
use super::place::RoomPlace;
use super::statistics::PersonLine;
use crate::derived::Words;
use crate::domain::building_name::BuildingName;
use crate::domain::half_width;
use crate::domain::ids::{BuildingId, EstateId, RoomId};
use crate::geo::BBox;
use crate::store::changes::ChangeSet;
use crate::store::{Connection, Result};

/// Most hits of one kind.
pub const MOST_HITS: usize = 20;

/// A building, or an estate standing for all of its buildings.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlaceHit {
    /// Row id of the building; `None` for an estate.
    #[serde(skip)]
    pub building_id: Option<BuildingId>,
    /// Row id of the estate, for an estate.
    #[serde(skip)]
    pub estate_id: Option<EstateId>,
    /// Code of the building.
    pub code: Option<String>,
    /// Estate.
    pub estate: Option<String>,
    /// Name of the building.
    pub name: Option<String>,
    /// 3 for 3幢.
    pub building_no: Option<String>,
    /// Address.
    pub address: Option<String>,
}

impl PlaceHit {
    /// What the building is called by.
    #[must_use]
    pub fn building(&self) -> BuildingName<'_> {
        BuildingName {
            estate: self.estate.as_deref(),
            number: self.building_no.as_deref(),
            name: self.name.as_deref(),
            address: self.address.as_deref(),
            code: self.code.as_deref().unwrap_or_default(),
        }
    }
}

/// An enterprise, event, grid or device.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NamedHit {
    /// Credit code, event number, or code.
    pub code: Option<String>,
    /// Name or title.
    pub name: String,
    /// Row id of its building.
    #[serde(skip)]
    pub building_id: Option<BuildingId>,
    /// Row id of its room.
    #[serde(skip)]
    pub room_id: Option<RoomId>,
    /// Where it lies, of a grid or a device.
    #[serde(skip)]
    pub bounds: Option<BBox>,
}

/// What was found, group by group.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SearchAnswer {
    /// Estates by name.
    pub estates: Vec<PlaceHit>,
    /// Buildings.
    pub buildings: Vec<PlaceHit>,
    /// Rooms.
    pub rooms: Vec<RoomPlace>,
    /// Persons, masked.
    pub persons: Vec<PersonLine>,
    /// Enterprises.
    pub enterprises: Vec<NamedHit>,
    /// Events.
    pub events: Vec<NamedHit>,
    /// Grids.
    pub grids: Vec<NamedHit>,
    /// Devices.
    pub devices: Vec<NamedHit>,
}

impl SearchAnswer {
    /// Hits in all groups.
    #[must_use]
    pub fn len(&self) -> usize {
        self.estates.len()
            + self.buildings.len()
            + self.rooms.len()
            + self.persons.len()
            + self.enterprises.len()
            + self.events.len()
            + self.grids.len()
            + self.devices.len()
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What searches look through whole: the words of a workspace, and its addresses once one is asked for.
#[derive(Default)]
pub struct Index {
    words: Words,
    addresses: OnceLock<Option<Gazetteer>>,
}

impl Index {
    /// Reads the words of a workspace.
    ///
    /// # Errors
    /// SQLite's errors.
    pub fn read(conn: &Connection) -> Result<Self> {
        Ok(Self { words: Words::read(conn)?, addresses: OnceLock::new() })
    }

    /// Brings it up to date with a commit; `false` when it must be read anew.
    ///
    /// # Errors
    /// SQLite's errors.
    pub fn patch(&mut self, conn: &Connection, changes: &ChangeSet) -> Result<bool> {
        if changes.touches("building") || changes.touches("estate") {
            self.addresses = OnceLock::new();
        }
        self.words.patch(conn, changes)
    }

    /// Bytes of the words in memory, about.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.words.bytes()
    }

    /// Estates and buildings by what addresses call them; `None` where there are too many to be kept.
    fn addresses(&self, conn: &Connection) -> Result<Option<&Gazetteer>> {
        /// Some 200 bytes each.
        const MOST_BUILDINGS: i64 = 100_000;
        if let Some(known) = self.addresses.get() {
            return Ok(known.as_ref());
        }
        let buildings: i64 =
            conn.query_row("SELECT count(*) FROM building", [], |row| row.get(0))?;
        let read = if buildings > MOST_BUILDINGS { None } else { Some(Gazetteer::read(conn)?) };
        Ok(self.addresses.get_or_init(|| read).as_ref())
    }
}

/// Searches for what a person typed, once. Whoever searches often keeps an [`Index`] and asks
/// [`search_in`].
///
/// # Errors
/// SQLite's errors.
pub fn search(
    conn: &Connection,
    vocabulary: &Vocabulary,
    text: &str,
    on: Date,
) -> Result<SearchAnswer> {
    // A number needs no words.
    let is_number = part_of_number(text).is_some_and(|n| n.len() >= people::LEAST_DIGITS);
    let index = if is_number { Index::default() } else { Index::read(conn)? };
    search_in(&index, conn, vocabulary, text, on)
}

/// Searches for what a person typed. Blank text finds nothing.
///
/// # Errors
/// SQLite's errors.
pub fn search_in(
    index: &Index,
    conn: &Connection,
    vocabulary: &Vocabulary,
    text: &str,
    on: Date,
) -> Result<SearchAnswer> {
    let text: String = text.trim().chars().map(half_width).collect();
    if text.is_empty() {
        return Ok(SearchAnswer::default());
    }
    let words = &index.words;
    let mut answer = SearchAnswer {
        buildings: places::buildings(conn, &text)?,
        persons: people::persons(conn, words, vocabulary, &text, on)?,
        enterprises: named::enterprises(conn, words, &text)?,
        events: named::events(conn, words, &text)?,
        ..SearchAnswer::default()
    };
    // A long number is somebody's, a company's or an event's: the indexes know it, or nobody does.
    if part_of_number(&text).is_some_and(|number| number.len() >= people::LEAST_DIGITS) {
        return Ok(answer);
    }
    answer.estates = places::estates(conn, &text)?;
    answer.devices = named::devices(conn, words, &text)?;
    answer.grids = named::grids(conn, words, &text)?;
    places::addresses(index, conn, &text, &mut answer)?;
    if answer.buildings.is_empty() {
        answer.buildings = places::numbered(conn, &text)?;
    }
    Ok(answer)
}

/// End of the range "begins with `text`": no Unicode text sorts after U+10FFFF.
fn range_end(text: &str) -> String {
    format!("{text}\u{10FFFF}")
}
