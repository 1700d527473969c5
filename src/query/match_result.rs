//! What became of a list that was matched, row by row, as it may be shown: masked.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::Vocabulary;
use super::list_match::{Level, grid_code};
use super::place::{RoomPlace, place_of_room};
use super::statistics::person_lines;
use crate::access::mask::{PersonName, Sensitive};
use crate::domain::ids::{BuildingId, MatchJobId, PersonId, RoomId};
use crate::store::match_jobs::{self, MatchRow};
use crate::store::{Connection, Result};
use crate::text::{Lang, room_title};

/// A row of the result.
#[derive(Debug, Clone)]
pub struct MatchLine {
    /// The row as it is kept.
    pub row: MatchRow,
    /// The name in the list, masked.
    pub listed: String,
    /// The name of whom it means, masked.
    pub resident: String,
    /// Where they live.
    pub place: Option<RoomPlace>,
    /// Code of the grid there.
    pub grid: String,
}

impl MatchLine {
    /// How sure it is.
    #[must_use]
    pub fn level(&self) -> Level {
        Level::of_number(self.row.level)
    }

    /// The building, if there is one.
    #[must_use]
    pub fn building_id(&self) -> Option<BuildingId> {
        self.place.as_ref().map(|place| place.building_id)
    }

    /// Where they live, as it is spoken.
    #[must_use]
    pub fn address(&self, lang: Lang) -> String {
        self.place.as_ref().map_or_else(String::new, |place| {
            let room = room_title(lang, place.unit.as_deref(), &place.room_no);
            format!("{} {room}", place.building().title(lang))
        })
    }
}

/// The rows of a list that was matched, in their order.
///
/// # Errors
/// SQLite's errors.
pub fn match_lines(
    conn: &Connection,
    vocabulary: &Vocabulary,
    job_id: MatchJobId,
    today: Date,
) -> Result<Vec<MatchLine>> {
    let is_name = |heading: &str| {
        let plain = heading.trim().to_lowercase();
        ["name", "姓名", "名字"].iter().any(|name| plain.contains(name))
    };
    let mut lines = Vec::new();
    for row in match_jobs::rows_of(conn, job_id)? {
        let listed = row.raw.iter().find(|(heading, _)| is_name(heading));
        let listed = listed.map(|(_, text)| Sensitive::new(PersonName(text.clone())).masked());
        let pair: Vec<(PersonId, Option<RoomId>)> =
            row.person_id.map(|id| (id, row.room_id)).into_iter().collect();
        let resident = person_lines(conn, vocabulary, &pair, today)?;
        let place = row.room_id.and_then(|id| place_of_room(conn, id).ok());
        let grid = match &place {
            Some(place) => grid_code(conn, place.building_id)?,
            None => None,
        };
        lines.push(MatchLine {
            listed: listed.unwrap_or_default(),
            resident: resident.first().map(|line| line.name.masked()).unwrap_or_default(),
            place,
            grid: grid.unwrap_or_default(),
            row,
        });
    }
    Ok(lines)
}

/// The buildings of whom a list means at least likely, with how many each.
#[must_use]
pub fn matched_buildings(lines: &[MatchLine]) -> BTreeMap<BuildingId, u32> {
    let mut counts = BTreeMap::new();
    for line in lines.iter().filter(|line| line.row.level >= Level::Likely as u8) {
        if let Some(id) = line.building_id() {
            *counts.entry(id).or_default() += 1;
        }
    }
    counts
}
