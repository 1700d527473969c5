//! The rooms and residents of a run of neighbouring buildings, as columns.

use std::ops::Range;

use jiff::civil::{Date, date};

use super::bits::Bits;
use crate::domain::codes::key;
use crate::domain::ids::{PersonId, RoomId};
use crate::store::id_column::IdColumn;

/// A key that is not there.
pub const NO_KEY: u8 = u8::MAX;
/// The highest key that is told apart; above it stand code lists that nobody has.
const MOST_KEY: i64 = 253;

/// A day in two bytes: days since 1870-01-01, from 1 on; 0 for none. It reaches to June 2049; what
/// lies outside counts as the first or the last day.
pub type DayNumber = u16;

const EPOCH: Date = date(1870, 1, 1);

/// The number of a day.
#[must_use]
pub fn day_number(day: Date) -> DayNumber {
    let days = EPOCH.until(day).map_or(0, |span| span.get_days());
    days.clamp(1, u16::MAX.into()) as DayNumber
}

/// The day of a number; `None` for 0.
#[must_use]
pub fn day_of(number: DayNumber) -> Option<Date> {
    (number > 0)
        .then(|| EPOCH.checked_add(jiff::Span::new().days(i64::from(number))).ok())
        .flatten()
}

/// The local day of a UTC second as a number; 0 for none.
pub(super) fn day_of_instant(secs: Option<i64>) -> DayNumber {
    // Shanghai has kept UTC+8 without summer time since 1991, and nothing was verified before.
    const OFFSET: i64 = 8 * 3_600;
    let Some(secs) = secs else { return 0 };
    let unix = secs.saturating_add(OFFSET).div_euclid(86_400);
    unix.saturating_add(UNIX_DAYS).clamp(1, u16::MAX.into()) as DayNumber
}

/// Days from 1870-01-01 to 1970-01-01.
const UNIX_DAYS: i64 = 36_524;

/// A key of a code list in a byte.
pub(super) fn small_key(key: Option<i64>) -> u8 {
    match key {
        None => NO_KEY,
        Some(key) if (0..=MOST_KEY).contains(&key) => key as u8,
        Some(_) => NO_KEY - 1,
    }
}

/// What is known of a room.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct RoomFacts {
    pub(super) kind: u8,
    pub(super) status: u8,
    /// Square metres; not a number where it is unknown.
    pub(super) area_m2: f32,
    pub(super) verified: DayNumber,
}

/// What is known of a person, wherever they live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct PersonFacts {
    pub(super) birth: DayNumber,
    pub(super) verified: DayNumber,
    /// Key of `sex`: 0, 1, 2, and 3 for "not stated"; [`NO_KEY`] for nobody.
    pub(super) sex: u8,
    pub(super) population_type: u8,
}

/// What is known of somebody in a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Tie {
    pub(super) relation: u8,
    pub(super) role: u8,
    /// Key of `household_match`.
    pub(super) household_match: u8,
}

/// Sex in two bits.
pub(super) fn sex_bits(sex: i64) -> u8 {
    match sex {
        key::MALE | key::FEMALE => sex as u8,
        9 => 3,
        _ => 0,
    }
}

/// Columns of rooms, by building, then by row id.
#[derive(Debug, Clone, Default)]
pub struct Rooms {
    /// Row ids.
    pub ids: IdColumn<RoomId>,
    /// Keys of `room_kind`.
    pub kinds: Vec<u8>,
    /// Keys of `room_status`.
    pub statuses: Vec<u8>,
    /// Square metres, not a number where unknown.
    pub areas_m2: Vec<f32>,
    /// The day each was verified last.
    pub verified: Vec<DayNumber>,
    /// Where the residents of each end.
    pub(super) residents_end: Vec<u32>,
}

/// Columns of current residents, by room, then by row id of the person; somebody who lives in two
/// rooms stands in both.
#[derive(Debug, Clone, Default)]
pub struct Residents {
    /// Row ids.
    pub ids: IdColumn<PersonId>,
    /// Days of birth.
    pub births: Vec<DayNumber>,
    /// The day each was verified last.
    pub verified: Vec<DayNumber>,
    /// Sexes: 0 unknown, 1 male, 2 female, 3 not stated.
    pub sexes: Vec<u8>,
    /// Keys of `population_type`.
    pub population_types: Vec<u8>,
    /// Keys of `relation` to the head of the household.
    pub relations: Vec<u8>,
    /// Keys of `residency_role`.
    pub roles: Vec<u8>,
    /// Keys of `household_match`.
    pub household_matches: Vec<u8>,
    /// The first day on which a tag was to be reviewed; left out while nobody here has one.
    pub reviews: Vec<DayNumber>,
    /// Who is the room's one current resident.
    pub alone: Bits,
    /// Who has another home as well.
    pub has_homes: Bits,
    /// Who carries a tag, by its place in the vocabulary, ascending; tags that nobody here
    /// carries are left out.
    pub tags: Vec<(u16, Bits)>,
}

/// The rooms and residents of a run of buildings.
#[derive(Debug, Clone, Default)]
pub struct Chunk {
    /// Where the rooms of each building end.
    pub(super) rooms_end: Vec<u32>,
    /// Where the residents of each building end.
    pub(super) residents_end: Vec<u32>,
    /// The rooms.
    pub rooms: Rooms,
    /// Their residents.
    pub residents: Residents,
}

/// Rooms of a chunk, about.
pub(super) const MOST_ROOMS: usize = 8_192;
/// Buildings of a chunk.
pub(super) const MOST_BUILDINGS: usize = 4_096;

fn range(ends: &[u32], nth: usize) -> Range<usize> {
    let start = nth.checked_sub(1).map_or(0, |before| ends[before] as usize);
    start..ends[nth] as usize
}

impl Chunk {
    /// How many buildings it holds.
    #[must_use]
    pub fn buildings(&self) -> usize {
        self.rooms_end.len()
    }

    /// The rooms of a building (counted within the chunk).
    #[must_use]
    pub fn rooms_of(&self, building: usize) -> Range<usize> {
        range(&self.rooms_end, building)
    }

    /// The residents of a room.
    #[must_use]
    pub fn residents_of_room(&self, room: usize) -> Range<usize> {
        range(&self.rooms.residents_end, room)
    }

    /// The residents of a building.
    #[must_use]
    pub fn residents_of(&self, building: usize) -> Range<usize> {
        range(&self.residents_end, building)
    }

    /// The room of a resident.
    #[must_use]
    pub fn room_of(&self, resident: usize) -> usize {
        self.rooms.residents_end.partition_point(|end| *end as usize <= resident)
    }

    /// The building of a room.
    #[must_use]
    pub fn building_of(&self, room: usize) -> usize {
        self.rooms_end.partition_point(|end| *end as usize <= room)
    }

    /// The building of a resident.
    #[must_use]
    pub fn building_of_resident(&self, resident: usize) -> usize {
        self.residents_end.partition_point(|end| *end as usize <= resident)
    }

    /// Where the residents of each building end.
    #[must_use]
    pub fn residents_ends(&self) -> &[u32] {
        &self.residents_end
    }

    /// Who carries a tag.
    #[must_use]
    pub fn tagged(&self, place: usize) -> Option<&Bits> {
        let tags = &self.residents.tags;
        let at = tags.binary_search_by_key(&place, |(tag, _)| usize::from(*tag)).ok()?;
        Some(&tags[at].1)
    }

    /// Bytes in memory, about.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let (rooms, people) = (self.rooms.ids.len(), self.residents.ids.len());
        let tags = self.residents.tags.len() + 2;
        self.rooms_end.len() * 8 + rooms * 16 + people * (4 + 9) + people * tags / 8
    }

    pub(super) fn begin_building(&mut self) {
        self.rooms_end.push(self.rooms.ids.len() as u32);
        self.residents_end.push(self.residents.ids.len() as u32);
    }

    /// Adds a room to the last building.
    pub(super) fn push_room(&mut self, room_id: RoomId, facts: RoomFacts) {
        let rooms = &mut self.rooms;
        rooms.ids.push(room_id);
        rooms.kinds.push(facts.kind);
        rooms.statuses.push(facts.status);
        rooms.areas_m2.push(facts.area_m2);
        rooms.verified.push(facts.verified);
        rooms.residents_end.push(self.residents.ids.len() as u32);
        if let Some(end) = self.rooms_end.last_mut() {
            *end = rooms.ids.len() as u32;
        }
    }

    /// Adds somebody to the last room.
    pub(super) fn push_resident(&mut self, of: &Resident<'_>) {
        let people = &mut self.residents;
        let row = people.ids.len();
        people.ids.push(of.person_id);
        people.births.push(of.person.birth);
        people.verified.push(of.person.verified);
        people.sexes.push(of.person.sex);
        people.population_types.push(of.person.population_type);
        people.relations.push(of.tie.relation);
        people.roles.push(of.tie.role);
        people.household_matches.push(of.tie.household_match);
        people.has_homes.push(of.has_homes);
        if of.review > 0 && people.reviews.is_empty() {
            people.reviews.resize(row, 0);
        }
        if of.review > 0 || !people.reviews.is_empty() {
            people.reviews.push(of.review);
        }
        for tag in of.tags {
            let at = match people.tags.binary_search_by_key(tag, |(tag, _)| *tag) {
                Ok(at) => at,
                Err(at) => {
                    people.tags.insert(at, (*tag, Bits::default()));
                    at
                }
            };
            let bits = &mut people.tags[at].1;
            bits.grow(row + 1);
            bits.insert(row);
        }
        // Somebody alone is known when the next one comes, or the room ends.
        let first = self.rooms.residents_end.len().checked_sub(2);
        let first = first.map_or(0, |room| self.rooms.residents_end[room] as usize);
        people.alone.push(first == row);
        if row == first + 1 {
            people.alone.remove(first);
        }
        for ends in [&mut self.rooms.residents_end, &mut self.residents_end] {
            if let Some(end) = ends.last_mut() {
                *end = people.ids.len() as u32;
            }
        }
    }

    /// Ends the columns: nothing is added any more.
    pub(super) fn finish(&mut self) {
        let (rooms, people) = (&mut self.rooms, &mut self.residents);
        let len = people.ids.len();
        people.tags.iter_mut().for_each(|(_, bits)| bits.grow(len));
        self.rooms_end.shrink_to_fit();
        self.residents_end.shrink_to_fit();
        rooms.ids.shrink_to_fit();
        people.ids.shrink_to_fit();
        for bytes in [&mut rooms.kinds, &mut rooms.statuses] {
            bytes.shrink_to_fit();
        }
        for bytes in [
            &mut people.sexes,
            &mut people.population_types,
            &mut people.relations,
            &mut people.roles,
            &mut people.household_matches,
        ] {
            bytes.shrink_to_fit();
        }
        for days in
            [&mut rooms.verified, &mut people.births, &mut people.verified, &mut people.reviews]
        {
            days.shrink_to_fit();
        }
        rooms.areas_m2.shrink_to_fit();
        rooms.residents_end.shrink_to_fit();
        people.tags.shrink_to_fit();
    }

    /// Adds the buildings of another chunk, as they stand there.
    pub(super) fn push_buildings(&mut self, from: &Self, buildings: Range<usize>) {
        for building in buildings {
            self.begin_building();
            for room in from.rooms_of(building) {
                let facts = RoomFacts {
                    kind: from.rooms.kinds[room],
                    status: from.rooms.statuses[room],
                    area_m2: from.rooms.areas_m2[room],
                    verified: from.rooms.verified[room],
                };
                self.push_room(from.rooms.ids.get(room), facts);
                for row in from.residents_of_room(room) {
                    self.push_copy(from, row);
                }
            }
        }
    }

    fn push_copy(&mut self, from: &Self, row: usize) {
        let people = &from.residents;
        let tags: Vec<u16> = people
            .tags
            .iter()
            .filter(|(_, bits)| bits.contains(row))
            .map(|(tag, _)| *tag)
            .collect();
        self.push_resident(&Resident {
            person_id: people.ids.get(row),
            person: PersonFacts {
                birth: people.births[row],
                verified: people.verified[row],
                sex: people.sexes[row],
                population_type: people.population_types[row],
            },
            tie: Tie {
                relation: people.relations[row],
                role: people.roles[row],
                household_match: people.household_matches[row],
            },
            has_homes: people.has_homes.contains(row),
            review: people.reviews.get(row).copied().unwrap_or_default(),
            tags: &tags,
        });
    }
}

/// Somebody who is added to a room.
#[derive(Debug, Clone, Copy)]
pub(super) struct Resident<'a> {
    pub(super) person_id: PersonId,
    pub(super) person: PersonFacts,
    pub(super) tie: Tie,
    pub(super) has_homes: bool,
    pub(super) review: DayNumber,
    /// Places in the vocabulary.
    pub(super) tags: &'a [u16],
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_numbers() {
        for day in [date(1870, 1, 2), date(1940, 3, 5), date(2026, 11, 27), date(2049, 6, 1)] {
            assert_eq!(day_of(day_number(day)), Some(day));
        }
        assert_eq!(day_number(date(1800, 1, 1)), 1);
        assert_eq!(day_number(date(2100, 1, 1)), u16::MAX);
        // 2026-11-27 00:30 in Shanghai is the day before in London.
        let secs = "2026-11-26T16:30:00Z".parse::<jiff::Timestamp>().unwrap().as_second();
        assert_eq!(day_of(day_of_instant(Some(secs))), Some(date(2026, 11, 27)));
        assert_eq!((day_of_instant(None), day_of(0)), (0, None));
        assert_eq!((small_key(None), small_key(Some(9)), small_key(Some(900))), (255, 9, 254));
    }
}
