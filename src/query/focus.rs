//! The focus filter: which current residents match, and how many in each building.
//!
//! The people are held as columns in memory (20 bytes a residency), so that a filter is one scan
//! of a few milliseconds a million people, whatever the combination. The columns are rebuilt
//! after a commit, from plain table scans.

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use jiff::civil::Date;

use super::Vocabulary;
use crate::domain::codes::key;
use crate::store::{Connection, Result};

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
    pub grid_id: Option<i64>,
    /// Only people of 60 and over who are their room's one current resident (derived, 推算).
    pub lives_alone: bool,
    /// Row ids of the buildings to look in, sorted; all, when `None`.
    pub within: Option<Arc<[i64]>>,
}

impl FocusFilter {
    /// Whether nothing is asked for, so that everybody matches.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self { all_tags: self.all_tags, ..Self::default() }
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
    pub buildings: Vec<(i64, u32)>,
    /// Matching rows of the index, one per person and building, by person.
    pub rows: Vec<u32>,
}

/// Bit of [`PeopleIndex`]'s flags for a room's one current resident.
const ALONE: u8 = 0x80;
const ALONE_FROM_AGE: i16 = 60;

/// All current residencies as columns, ordered by person, then building.
#[derive(Default)]
pub struct PeopleIndex {
    person_ids: Vec<u32>,
    room_ids: Vec<u32>,
    /// Position in `building_ids`.
    buildings: Vec<u32>,
    /// Birth date as the number YYYYMMDD; 0 when unknown.
    births: Vec<u32>,
    /// Two bits sex (0 unknown, 1, 2, 3 unstated), two bits population type, [`ALONE`].
    flags: Vec<u8>,
    /// Bit n: tag n of the vocabulary.
    tags: Vec<u64>,
    building_ids: Vec<i64>,
    grid_ids: Vec<i64>,
    /// How many persons carry each tag.
    tag_counts: Vec<u64>,
    persons: u64,
}

fn flags_of(sex: i64, population_type: i64) -> u8 {
    let sex = match sex {
        key::MALE | key::FEMALE => sex as u8,
        9 => 3,
        _ => 0,
    };
    sex | ((population_type.clamp(0, 3) as u8) << 2)
}

fn birth_number(text: &str) -> u32 {
    let digits = text.bytes().filter(u8::is_ascii_digit);
    digits.fold(0u32, |n, b| n.wrapping_mul(10).wrapping_add(u32::from(b - b'0')))
}

fn day_number(day: Date) -> i64 {
    i64::from(day.year()) * 10_000 + i64::from(day.month()) * 100 + i64::from(day.day())
}

impl PeopleIndex {
    /// Reads the columns: four table scans, no join.
    ///
    /// # Errors
    /// SQLite's errors.
    pub fn read(conn: &Connection, vocabulary: &Vocabulary) -> Result<Self> {
        let mut index = Self { tag_counts: vec![0; vocabulary.tags.len()], ..Self::default() };
        index.read_buildings(conn)?;
        let room_building = index.read_rooms(conn)?;
        let persons = read_persons(conn)?;
        let mut rows = read_residencies(conn, &room_building, &persons)?;
        let mut heads: HashMap<u32, u32> = HashMap::new();
        for (_, _, room_id) in &rows {
            *heads.entry(*room_id).or_default() += 1;
        }
        rows.sort_unstable();
        let tags = read_tags(conn, vocabulary, persons.len())?;
        for (person_id, building, room_id) in rows {
            let person = persons[person_id as usize];
            let alone = if heads[&room_id] == 1 { ALONE } else { 0 };
            if index.person_ids.last() != Some(&person_id) {
                index.persons += 1;
                for (bit, count) in index.tag_counts.iter_mut().enumerate() {
                    *count += u64::from(tags[person_id as usize] & tag_bit(bit) != 0);
                }
            }
            index.person_ids.push(person_id);
            index.buildings.push(building);
            index.room_ids.push(room_id);
            index.births.push(person.0);
            index.flags.push(person.1 | alone);
            index.tags.push(tags[person_id as usize]);
        }
        Ok(index)
    }

    fn read_buildings(&mut self, conn: &Connection) -> Result<()> {
        let mut select = conn.prepare(
            "SELECT building_id, coalesce(grid_id, 0) FROM building
             WHERE deleted_at IS NULL ORDER BY building_id",
        )?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            self.building_ids.push(row.get(0)?);
            self.grid_ids.push(row.get(1)?);
        }
        Ok(())
    }

    /// Room row id → position of its building, `u32::MAX` for none.
    fn read_rooms(&self, conn: &Connection) -> Result<Vec<u32>> {
        let position: HashMap<i64, u32> =
            self.building_ids.iter().zip(0u32..).map(|(id, i)| (*id, i)).collect();
        let last: i64 =
            conn.query_row("SELECT coalesce(max(room_id), 0) FROM room", [], |row| row.get(0))?;
        let mut of_room = vec![u32::MAX; last as usize + 1];
        let mut select =
            conn.prepare("SELECT room_id, building_id FROM room WHERE deleted_at IS NULL")?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let room_id: i64 = row.get(0)?;
            of_room[room_id as usize] = position.get(&row.get(1)?).copied().unwrap_or(u32::MAX);
        }
        Ok(of_room)
    }

    /// Current residents, distinct.
    #[must_use]
    pub fn persons(&self) -> u64 {
        self.persons
    }

    /// How many persons carry each tag of the vocabulary.
    #[must_use]
    pub fn tag_counts(&self) -> &[u64] {
        &self.tag_counts
    }

    /// Row id of the person in a row of the index.
    #[must_use]
    pub fn person_id(&self, row: u32) -> i64 {
        i64::from(self.person_ids[row as usize])
    }

    /// Row id of the room in a row of the index.
    #[must_use]
    pub fn room_id(&self, row: u32) -> i64 {
        i64::from(self.room_ids[row as usize])
    }

    /// Row id of the building in a row of the index.
    #[must_use]
    pub fn building_id(&self, row: u32) -> i64 {
        self.building_ids[self.buildings[row as usize] as usize]
    }

    /// Birth date as the number YYYYMMDD, 0 when unknown.
    #[must_use]
    pub fn birth(&self, row: u32) -> u32 {
        self.births[row as usize]
    }

    /// Persons of each age (index = completed years, the last one = 100 and over).
    #[must_use]
    pub fn age_histogram(&self, on: Date) -> [u64; 101] {
        let mut histogram = [0; 101];
        let today = day_number(on);
        let mut before = None;
        for (person_id, birth) in self.person_ids.iter().zip(&self.births) {
            if before == Some(person_id) {
                continue;
            }
            before = Some(person_id);
            if *birth > 0 && i64::from(*birth) <= today {
                let years = (today - i64::from(*birth)) / 10_000;
                histogram[years.clamp(0, 100) as usize] += 1;
            }
        }
        histogram
    }

    /// Answers a filter, ages as of `on`.
    #[must_use]
    pub fn focus(&self, filter: &FocusFilter, on: Date) -> FocusAnswer {
        let wanted: u64 = filter.tags.iter().map(|bit| tag_bit(*bit)).fold(0, |a, b| a | b);
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
            let tags = self.tags[row];
            (wanted == 0
                || if filter.all_tags { tags & wanted == wanted } else { tags & wanted != 0 })
                && births.as_ref().is_none_or(|b| b.contains(&i64::from(self.births[row])))
                && filter.population_type.is_none_or(|p| i64::from(flags >> 2 & 3) == p)
                && filter.sex.is_none_or(|sex| flags & 3 == flags_of(sex, 0) & 3)
                && (!filter.lives_alone || flags & ALONE != 0)
                && filter.grid_id.is_none_or(|g| self.grid_ids[self.buildings[row] as usize] == g)
                && inside.as_ref().is_none_or(|inside| inside[self.buildings[row] as usize])
        };
        let mut answer = FocusAnswer::default();
        let mut counts = vec![0u32; self.building_ids.len()];
        let mut last: Option<(u32, u32)> = None;
        for row in 0..self.person_ids.len() {
            if !is_wanted(row) {
                continue;
            }
            let here = (self.person_ids[row], self.buildings[row]);
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

/// `(birth number, flags)` by person row id; `(0, u8::MAX)` for none or a deleted one.
fn read_persons(conn: &Connection) -> Result<Vec<(u32, u8)>> {
    let last: i64 =
        conn.query_row("SELECT coalesce(max(person_id), 0) FROM person", [], |row| row.get(0))?;
    let mut persons = vec![(0, u8::MAX); last as usize + 1];
    let mut select = conn.prepare(
        "SELECT person_id, birth_date, sex, population_type FROM person WHERE deleted_at IS NULL",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let person_id: i64 = row.get(0)?;
        let birth = row.get_ref(1)?.as_str_or_null().ok().flatten().map_or(0, birth_number);
        persons[person_id as usize] = (birth, flags_of(row.get(2)?, row.get(3)?));
    }
    Ok(persons)
}

fn read_residencies(
    conn: &Connection,
    room_building: &[u32],
    persons: &[(u32, u8)],
) -> Result<Vec<(u32, u32, u32)>> {
    let mut select =
        conn.prepare("SELECT person_id, room_id FROM residency WHERE end_date IS NULL")?;
    let mut rows = select.query([])?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        let (person_id, room_id): (u32, u32) = (row.get(0)?, row.get(1)?);
        let building = room_building.get(room_id as usize).copied().unwrap_or(u32::MAX);
        let is_known = persons.get(person_id as usize).is_some_and(|p| p.1 != u8::MAX);
        if building != u32::MAX && is_known {
            out.push((person_id, building, room_id));
        }
    }
    Ok(out)
}

/// The bit of a tag by its place in the vocabulary; none beyond 64 tags.
fn tag_bit(place: usize) -> u64 {
    u32::try_from(place).ok().and_then(|place| 1u64.checked_shl(place)).unwrap_or(0)
}

fn read_tags(conn: &Connection, vocabulary: &Vocabulary, persons: usize) -> Result<Vec<u64>> {
    let mut tags = vec![0u64; persons];
    let mut select =
        conn.prepare("SELECT person_id, tag_id FROM person_tag WHERE until IS NULL")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let person_id: i64 = row.get(0)?;
        if let Some(bit) = vocabulary.tag_position(row.get(1)?)
            && let Some(mask) = tags.get_mut(person_id as usize)
        {
            *mask |= tag_bit(bit);
        }
    }
    Ok(tags)
}
