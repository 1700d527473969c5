//! The rooms of a workspace and who lives in them, as columns in memory: a filter is one scan of a few
//! milliseconds a million people, whatever it asks for.
//!
//! Buildings stand in the order of their row ids, which is the order of their places in the city;
//! chunks are runs of them with some thousand rooms each. A commit makes the chunks anew in which it
//! has touched a building. Tags are a bit a person, so that most filters are a few words of logic.

mod bits;
mod chunk;
mod codec;
mod patch;
mod read;

use std::collections::{BTreeSet, HashSet};

use jiff::civil::Date;

pub use bits::Bits;
pub use chunk::{Chunk, DayNumber, NO_KEY, Residents, Rooms, day_number, day_of};

use crate::derived::bytes::{put_numbers, take_numbers};
use crate::domain::ids::{BuildingId, EstateId, GridId, PersonId, RoomId};
use crate::store::id_column::IdColumn;
use chunk::PersonFacts;

/// Facts of nobody.
const NOBODY: PersonFacts =
    PersonFacts { birth: 0, verified: 0, sex: NO_KEY, population_type: NO_KEY };

/// Rooms and current residents, by building.
#[derive(Clone, Default)]
pub struct Census {
    building_ids: Vec<BuildingId>,
    grid_ids: Vec<GridId>,
    estate_ids: Vec<EstateId>,
    chunks: Vec<Chunk>,
    /// Position of the first building of each chunk.
    starts: Vec<u32>,
    persons: u64,
    tag_counts: Vec<u64>,
    /// As of which audit entry the file keeps these chunks, if it does (`derived::kept`).
    pub(super) kept: Option<i64>,
    /// Positions of the chunks that have changed since.
    changed: BTreeSet<usize>,
    /// Buildings of the chunks that were taken from the file.
    buildings_taken: usize,
}

/// What is told of all residents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeopleFacts {
    /// Current residents, distinct.
    pub persons: u64,
    /// How many persons carry each tag of the vocabulary.
    pub tag_counts: Vec<u64>,
    /// Persons of each age (index = completed years, the last one = 100 and over).
    pub ages: [u64; 101],
}

/// Everything that is known of a residency.
pub type ResidencyRow =
    (BuildingId, RoomId, PersonId, [DayNumber; 3], [u8; 5], bool, bool, Vec<u16>);
/// Everything that is known of a room.
pub type RoomRow = (BuildingId, RoomId, u8, u8, u32, DayNumber);

impl Census {
    /// Row ids of the buildings, ascending.
    #[must_use]
    pub fn building_ids(&self) -> &[BuildingId] {
        &self.building_ids
    }

    /// The grid of each building, 0 for none.
    #[must_use]
    pub fn grid_ids(&self) -> &[GridId] {
        &self.grid_ids
    }

    /// The estate of each building, 0 for none.
    #[must_use]
    pub fn estate_ids(&self) -> &[EstateId] {
        &self.estate_ids
    }

    /// The chunks, each with the position of its first building.
    pub fn chunks(&self) -> impl Iterator<Item = (usize, &Chunk)> {
        self.starts.iter().map(|start| *start as usize).zip(&self.chunks)
    }

    /// Looks at every chunk, with the position of its first building, on as many cores as it is
    /// worth; what comes back is in their order, a value for each run of chunks.
    pub fn in_parts<T: Send>(&self, look: impl Fn(&[u32], &[Chunk]) -> T + Sync) -> Vec<T> {
        const LEAST_CHUNKS: usize = 32;
        const MOST_PARTS: usize = 4;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let parts = cores.min(MOST_PARTS).min(self.chunks.len() / LEAST_CHUNKS).max(1);
        let size = self.chunks.len().div_ceil(parts).max(1);
        let mut runs = self.starts.chunks(size).zip(self.chunks.chunks(size));
        let Some(first) = runs.next() else { return Vec::new() };
        std::thread::scope(|scope| {
            let look = &look;
            let others: Vec<_> =
                runs.map(|(starts, chunks)| scope.spawn(move || look(starts, chunks))).collect();
            let mut all = vec![look(first.0, first.1)];
            for other in others {
                match other.join() {
                    Ok(value) => all.push(value),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            all
        })
    }

    /// Current residents, distinct.
    #[must_use]
    pub fn persons(&self) -> u64 {
        self.persons
    }

    /// How many persons carry each of so many tags.
    #[must_use]
    pub fn tag_counts(&self, tags: usize) -> Vec<u64> {
        let mut counts = self.tag_counts.clone();
        counts.resize(tags, 0);
        counts
    }

    /// Bytes in memory, about.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let chunks: usize = self.chunks.iter().map(Chunk::bytes).sum();
        chunks + self.building_ids.len() * 24
    }

    /// As of which audit entry the file keeps these chunks, if it does.
    #[must_use]
    pub fn kept(&self) -> Option<i64> {
        self.kept
    }

    /// Notes that the file keeps them all as they are, as of an audit entry.
    pub fn set_kept(&mut self, seq: i64) {
        self.kept = Some(seq);
        self.changed.clear();
    }

    /// Rooms and residencies.
    #[must_use]
    pub fn row_count(&self) -> usize {
        let rows = |chunk: &Chunk| chunk.rooms.ids.len() + chunk.residents.ids.len();
        self.chunks.iter().map(rows).sum()
    }

    /// Chunks as bytes, with their positions: those that have changed since they were kept, or all.
    pub(super) fn encoded(&self, only_changed: bool) -> impl Iterator<Item = (usize, Vec<u8>)> {
        let is_wanted = move |nth: &usize| !only_changed || self.changed.contains(nth);
        (0..self.chunks.len()).filter(is_wanted).map(|nth| (nth, self.chunks[nth].encode()))
    }

    /// What holds for all chunks, as bytes.
    pub(super) fn encode_head(&self, bytes: &mut Vec<u8>) {
        let mut ids = IdColumn::default();
        self.building_ids.iter().for_each(|id| ids.push(*id));
        let (mut grids, mut estates) = (IdColumn::default(), IdColumn::default());
        self.grid_ids.iter().for_each(|id| grids.push(*id));
        self.estate_ids.iter().for_each(|id| estates.push(*id));
        ids.encode(bytes);
        grids.encode(bytes);
        estates.encode(bytes);
        put_numbers(bytes, self.starts.iter().map(|start| i64::from(*start)));
    }

    /// The columns of buildings, without chunks yet; `None` where they do not add up.
    pub(super) fn decode_head(bytes: &mut &[u8]) -> Option<Self> {
        let ids: IdColumn<BuildingId> = IdColumn::decode(bytes)?;
        let grids: IdColumn<GridId> = IdColumn::decode(bytes)?;
        let estates: IdColumn<EstateId> = IdColumn::decode(bytes)?;
        let starts = take_numbers(bytes)?;
        let census = Self {
            building_ids: ids.iter().collect(),
            grid_ids: grids.iter().collect(),
            estate_ids: estates.iter().collect(),
            starts: starts.into_iter().map_while(|start| u32::try_from(start).ok()).collect(),
            ..Self::default()
        };
        let len = census.building_ids.len();
        let adds_up = census.grid_ids.len() == len
            && census.estate_ids.len() == len
            && census.building_ids.is_sorted_by(|a, b| a < b)
            && census.building_ids.first().is_none_or(|id| id.0 > 0);
        adds_up.then_some(census)
    }

    /// Takes the next chunk; `false` where it is not the one that comes next.
    pub(super) fn take_chunk(&mut self, number: i64, bytes: &[u8], tags: usize) -> bool {
        let nth = self.chunks.len();
        let is_next = usize::try_from(number).is_ok_and(|number| number == nth)
            && self.starts.get(nth).is_some_and(|start| *start as usize == self.buildings_taken);
        let Some(chunk) = Chunk::decode(bytes, tags).filter(|_| is_next) else { return false };
        self.buildings_taken += chunk.buildings();
        self.chunks.push(chunk);
        true
    }

    /// Whether so many chunks are there, for all buildings; counts the people then.
    pub(super) fn is_complete(&mut self, chunks: usize) -> bool {
        let is_complete = self.chunks.len() == chunks
            && self.starts.len() == chunks
            && self.buildings_taken == self.building_ids.len();
        if is_complete {
            self.count_people();
        }
        is_complete
    }

    fn chunks_end(&self) -> usize {
        self.chunks.iter().map(Chunk::buildings).sum()
    }

    fn count_people(&mut self) {
        let mut homes = HashSet::new();
        let mut tagged: HashSet<(u16, PersonId)> = HashSet::new();
        let (mut persons, mut counts) = (0, Vec::new());
        for chunk in &self.chunks {
            let people = &chunk.residents;
            let several = people.has_homes.count();
            persons += people.ids.len() - several;
            if several > 0 {
                homes.extend(people.has_homes.rows().map(|row| people.ids.get(row)));
            }
            for (tag, bits) in &people.tags {
                let at = usize::from(*tag);
                if counts.len() <= at {
                    counts.resize(at + 1, 0);
                }
                counts[at] += (bits.count() - bits.count_both(&people.has_homes)) as u64;
                if several > 0 {
                    let mut both = bits.clone();
                    both.and(&people.has_homes);
                    tagged.extend(both.rows().map(|row| (*tag, people.ids.get(row))));
                }
            }
        }
        for (tag, _) in &tagged {
            counts[usize::from(*tag)] += 1;
        }
        self.persons = (persons + homes.len()) as u64;
        self.tag_counts = counts;
    }

    /// What is told of all residents, ages as of `on`; so many tags are counted.
    #[must_use]
    pub fn facts(&self, on: Date, tags: usize) -> PeopleFacts {
        let mut ages = [0; 101];
        let age_of = ages_by_birth(on);
        let mut seen = HashSet::new();
        for chunk in &self.chunks {
            let people = &chunk.residents;
            for (row, birth) in people.births.iter().enumerate() {
                if *birth == 0
                    || people.has_homes.contains(row) && !seen.insert(people.ids.get(row))
                {
                    continue;
                }
                match age_of[usize::from(*birth)] {
                    NO_AGE => {}
                    years => ages[usize::from(years).min(100)] += 1,
                }
            }
        }
        PeopleFacts { persons: self.persons, tag_counts: self.tag_counts(tags), ages }
    }

    /// Every room and every residency: what was patched holds what is read anew.
    #[must_use]
    pub fn rows(&self) -> (Vec<RoomRow>, Vec<ResidencyRow>) {
        let (mut rooms, mut residencies) = (Vec::new(), Vec::new());
        for (start, chunk) in self.chunks() {
            for building in 0..chunk.buildings() {
                let building_id = self.building_ids[start + building];
                let of_building = chunk.building_rows(building, building_id);
                rooms.extend(of_building.0);
                residencies.extend(of_building.1);
            }
        }
        (rooms, residencies)
    }

    /// The first building of which another census holds something else; the grids and estates count.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Option<BuildingId> {
        let places = |census: &Self, at: usize| {
            (
                census.building_ids.get(at).copied(),
                census.grid_ids.get(at).copied(),
                census.estate_ids.get(at).copied(),
            )
        };
        let (mut mine, mut others) = (self.positions(), other.positions());
        for at in 0..self.building_ids.len().max(other.building_ids.len()) {
            let id = *self.building_ids.get(at).or_else(|| other.building_ids.get(at))?;
            let (Some((a, n)), Some((b, m))) = (mine.next(), others.next()) else {
                return Some(id);
            };
            if places(self, at) != places(other, at)
                || a.building_rows(n, id) != b.building_rows(m, id)
            {
                return Some(id);
            }
        }
        None
    }

    /// Each building's chunk, and its position there.
    fn positions(&self) -> impl Iterator<Item = (&Chunk, usize)> {
        self.chunks.iter().flat_map(|chunk| (0..chunk.buildings()).map(move |nth| (chunk, nth)))
    }
}

impl Chunk {
    /// The rooms and residencies of a building (counted within the chunk).
    fn building_rows(
        &self,
        building: usize,
        building_id: BuildingId,
    ) -> (Vec<RoomRow>, Vec<ResidencyRow>) {
        let (mut rooms, mut residencies) = (Vec::new(), Vec::new());
        for room in self.rooms_of(building) {
            let r = &self.rooms;
            let area = r.areas_m2[room].to_bits();
            let room_id = r.ids.get(room);
            let (kind, status, verified) = (r.kinds[room], r.statuses[room], r.verified[room]);
            rooms.push((building_id, room_id, kind, status, area, verified));
            for row in self.residents_of_room(room) {
                let p = &self.residents;
                let review = p.reviews.get(row).copied().unwrap_or_default();
                let bytes = [
                    p.sexes[row],
                    p.population_types[row],
                    p.relations[row],
                    p.roles[row],
                    p.household_matches[row],
                ];
                let tags = p.tags.iter().filter(|(_, bits)| bits.contains(row));
                residencies.push((
                    building_id,
                    room_id,
                    p.ids.get(row),
                    [p.births[row], p.verified[row], review],
                    bytes,
                    p.alone.contains(row),
                    p.has_homes.contains(row),
                    tags.map(|(tag, _)| *tag).collect(),
                ));
            }
        }
        (rooms, residencies)
    }
}

/// An age that is not known, or of somebody who is not born yet.
pub const NO_AGE: u8 = u8::MAX;
/// Most completed years that are told apart.
const MOST_YEARS: i16 = 180;

/// Completed years as of `on` by day of birth; [`NO_AGE`] where there is none.
#[must_use]
pub fn ages_by_birth(on: Date) -> Vec<u8> {
    let mut ages = vec![NO_AGE; usize::from(DayNumber::MAX) + 1];
    let mut end = usize::from(day_number(on));
    for years in 0..=MOST_YEARS {
        // Who was born on 29 February has the birthday on 1 March in a common year; so the last
        // birth of those aged n on a 28 February is that day, as jiff constrains it.
        let next = on.checked_sub(jiff::Span::new().years(years + 1));
        let start = next.map_or(0, |next| usize::from(day_number(next)));
        ages[start + 1..=end].fill(years as u8);
        end = start.max(1);
        if start <= 1 {
            // Everybody who was born before days were counted.
            ages[1] = years as u8 + 1;
            break;
        }
    }
    ages
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::age::years;
    use jiff::civil::date;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ages_are_completed_years(
            born in 0i32..50_000, on in 20_000i32..58_000,
        ) {
            let day = |days: i32| date(1890, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap();
            let (born, on) = (day(born), day(on));
            let age = ages_by_birth(on)[usize::from(day_number(born))];
            prop_assert_eq!(age, years(born, on).map_or(NO_AGE, |years| years as u8));
        }
    }

    #[test]
    fn leap_days() {
        let of = |born, on| ages_by_birth(on)[usize::from(day_number(born))];
        assert_eq!(of(date(2024, 2, 29), date(2025, 2, 28)), 0);
        assert_eq!(of(date(2024, 2, 29), date(2025, 3, 1)), 1);
        assert_eq!(of(date(2024, 2, 29), date(2028, 2, 29)), 4);
        assert_eq!(of(date(2023, 2, 28), date(2024, 2, 29)), 1);
        assert_eq!(of(date(2023, 3, 1), date(2024, 2, 29)), 0);
        assert_eq!(ages_by_birth(date(2026, 1, 1))[0], NO_AGE);
    }
}
