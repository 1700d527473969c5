//! The current residents as columns in memory, so that a filter is one scan of a few milliseconds
//! a million people, whatever the combination.
//!
//! Some 25 bytes a residency while row ids fit into four. Sets of tags are kept once and pointed
//! at: a city has a few thousand different ones.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use jiff::civil::Date;

use super::vocabulary::Vocabulary;
use crate::domain::codes::key;
use crate::domain::ids::{BuildingId, GridId, PersonId, RoomId, TagId};
use crate::store::changes::ChangeSet;
use crate::store::id_column::{ById, IdColumn};
use crate::store::{Connection, Result};

/// Most tags of a vocabulary.
pub const MOST_TAGS: usize = 256;

/// Tags by their places in the vocabulary, a bit each.
pub type TagSet = [u64; MOST_TAGS / 64];

/// Adds a tag to a set.
pub fn add_tag(set: &mut TagSet, place: usize) {
    if let Some(word) = set.get_mut(place / 64) {
        *word |= 1 << (place % 64);
    }
}

fn has_tag(set: &TagSet, place: usize) -> bool {
    set.get(place / 64).is_some_and(|word| word >> (place % 64) & 1 == 1)
}

/// Bit of the flags for a room's one current resident.
pub(crate) const ALONE: u8 = 0x80;

/// All current residencies as columns, ordered by person, then building, then room.
#[derive(Default)]
pub struct PeopleIndex {
    pub(crate) person_ids: IdColumn<PersonId>,
    pub(crate) room_ids: IdColumn<RoomId>,
    /// Position in `building_ids`.
    pub(crate) buildings: Vec<u32>,
    /// Birth date as the number YYYYMMDD; 0 when unknown.
    pub(crate) births: Vec<u32>,
    /// Two bits sex (0 unknown, 1, 2, 3 unstated), two bits population type, [`ALONE`].
    pub(crate) flags: Vec<u8>,
    /// Position in `tag_sets`.
    pub(crate) tags: Vec<u32>,
    pub(crate) tag_sets: Vec<TagSet>,
    places_of_sets: HashMap<TagSet, u32>,
    pub(crate) building_ids: Vec<BuildingId>,
    pub(crate) grid_ids: Vec<GridId>,
    /// How many persons carry each tag.
    tag_counts: Vec<u64>,
    persons: u64,
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

/// One residency, as the columns hold it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    building: u32,
    room_id: RoomId,
    birth: u32,
    flags: u8,
    tags: u32,
}

/// Sex and population type as flags.
pub(crate) fn flags_of(sex: i64, population_type: i64) -> u8 {
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

/// A day as the number YYYYMMDD.
pub(crate) fn day_number(day: Date) -> i64 {
    i64::from(day.year()) * 10_000 + i64::from(day.month()) * 100 + i64::from(day.day())
}

impl PeopleIndex {
    /// Reads the columns: four table scans, no join.
    ///
    /// # Errors
    /// A table that cannot be read.
    pub fn read(conn: &Connection, vocabulary: &Vocabulary) -> Result<Self> {
        let mut index = Self { tag_counts: vec![0; vocabulary.tags.len()], ..Self::default() };
        index.place_of_set(TagSet::default());
        index.read_buildings(conn)?;
        let room_building = index.read_rooms(conn)?;
        let persons = read_persons(conn)?;
        let mut rows = read_residencies(conn, &room_building, &persons)?;
        let mut heads = ById::new(0u32);
        for (_, _, room_id) in &rows {
            heads.set(*room_id, heads.get(*room_id) + 1);
        }
        rows.sort_unstable();
        let tags = index.read_tags(conn, vocabulary)?;
        let mut before = None;
        for (person_id, building, room_id) in rows {
            let (birth, flags) = persons.get(person_id);
            let alone = if heads.get(room_id) == 1 { ALONE } else { 0 };
            let tags = tags.get(person_id);
            if before != Some(person_id) {
                index.count(tags, 1);
                before = Some(person_id);
            }
            index.person_ids.push(person_id);
            index.buildings.push(building);
            index.room_ids.push(room_id);
            index.births.push(birth);
            index.flags.push(flags | alone);
            index.tags.push(tags);
        }
        Ok(index)
    }

    fn place_of_set(&mut self, set: TagSet) -> u32 {
        let sets = &mut self.tag_sets;
        *self.places_of_sets.entry(set).or_insert_with(|| {
            sets.push(set);
            (sets.len() - 1) as u32
        })
    }

    /// Counts a person with these tags in, or out.
    fn count(&mut self, tags: u32, by: i64) {
        self.persons = self.persons.saturating_add_signed(by);
        let set = &self.tag_sets[tags as usize];
        if *set != TagSet::default() {
            for (place, count) in self.tag_counts.iter_mut().enumerate() {
                if has_tag(set, place) {
                    *count = count.saturating_add_signed(by);
                }
            }
        }
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
    fn read_rooms(&self, conn: &Connection) -> Result<ById<RoomId, u32>> {
        let mut positions = ById::new(u32::MAX);
        for (id, position) in self.building_ids.iter().zip(0u32..) {
            positions.set(*id, position);
        }
        let mut of_room = ById::new(u32::MAX);
        let mut select =
            conn.prepare("SELECT room_id, building_id FROM room WHERE deleted_at IS NULL")?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            of_room.set(row.get(0)?, positions.get(row.get(1)?));
        }
        Ok(of_room)
    }

    /// Person row id → place of the set of tags.
    fn read_tags(
        &mut self,
        conn: &Connection,
        vocabulary: &Vocabulary,
    ) -> Result<ById<PersonId, u32>> {
        let mut places: ById<TagId, u16> = ById::new(u16::MAX);
        for (place, tag) in vocabulary.tags.iter().enumerate() {
            places.set(tag.tag_id, place as u16);
        }
        let mut of_person = ById::new(0);
        let mut select =
            conn.prepare("SELECT person_id, tag_id FROM person_tag WHERE until IS NULL")?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let (person_id, place) = (row.get(0)?, places.get(row.get(1)?));
            if place != u16::MAX {
                let mut set = self.tag_sets[of_person.get(person_id) as usize];
                add_tag(&mut set, place.into());
                let place = self.place_of_set(set);
                of_person.set(person_id, place);
            }
        }
        Ok(of_person)
    }

    /// Brings the columns up to date with a commit; `false` when they must be read anew.
    ///
    /// # Errors
    /// A row that cannot be read.
    pub fn patch(
        &mut self,
        conn: &Connection,
        vocabulary: &Vocabulary,
        changes: &ChangeSet,
    ) -> Result<bool> {
        if !self.patch_buildings(conn, changes)? {
            return Ok(false);
        }
        let mut rooms = BTreeSet::new();
        let mut edits = Vec::new();
        for person_id in touched_persons(conn, changes)? {
            let rows = self.person_ids.rows_of(person_id);
            if let Some(first) = rows.clone().next() {
                self.count(self.tags[first], -1);
            }
            rooms.extend(rows.clone().map(|row| self.room_ids.get(row)));
            let now = self.read_person(conn, vocabulary, person_id)?;
            if let Some(first) = now.first() {
                self.count(first.tags, 1);
            }
            rooms.extend(now.iter().map(|row| row.room_id));
            edits.push((person_id, rows, now));
        }
        self.replace(&edits);
        for room_id in rooms {
            self.mark_alone(conn, room_id)?;
        }
        Ok(true)
    }

    fn patch_buildings(&mut self, conn: &Connection, changes: &ChangeSet) -> Result<bool> {
        let mut select = conn.prepare_cached(
            "SELECT coalesce(grid_id, 0) FROM building
             WHERE building_id = ?1 AND deleted_at IS NULL",
        )?;
        for building_id in changes.rows::<BuildingId>() {
            let mut rows = select.query([building_id])?;
            let grid_id = rows.next()?.map(|row| row.get(0)).transpose()?;
            match (self.building_ids.binary_search(&building_id), grid_id) {
                (Ok(at), Some(grid_id)) => self.grid_ids[at] = grid_id,
                (Err(at), Some(grid_id)) if at == self.building_ids.len() => {
                    self.building_ids.push(building_id);
                    self.grid_ids.push(grid_id);
                }
                (Err(_), None) => {}
                // Every residency behind it has another position now.
                _ => return Ok(false),
            }
        }
        Ok(true)
    }

    /// A person's residencies as the workspace has them now, in their order.
    fn read_person(
        &mut self,
        conn: &Connection,
        vocabulary: &Vocabulary,
        person_id: PersonId,
    ) -> Result<Vec<Row>> {
        let mut person = conn.prepare_cached(
            "SELECT birth_date, sex, population_type FROM person
             WHERE person_id = ?1 AND deleted_at IS NULL",
        )?;
        let mut found = person.query([person_id])?;
        let Some(row) = found.next()? else { return Ok(Vec::new()) };
        let birth = row.get_ref(0)?.as_str_or_null().ok().flatten().map_or(0, birth_number);
        let flags = flags_of(row.get(1)?, row.get(2)?);
        let mut set = TagSet::default();
        let mut tags = conn.prepare_cached(
            "SELECT tag_id FROM person_tag WHERE person_id = ?1 AND until IS NULL",
        )?;
        let mut found = tags.query([person_id])?;
        while let Some(row) = found.next()? {
            if let Some(place) = vocabulary.tag_position(row.get(0)?) {
                add_tag(&mut set, place);
            }
        }
        let tags = self.place_of_set(set);
        let mut rooms = conn.prepare_cached(
            "SELECT r.room_id, m.building_id FROM residency r JOIN room m USING (room_id)
             WHERE r.person_id = ?1 AND r.end_date IS NULL AND m.deleted_at IS NULL",
        )?;
        let mut found = rooms.query([person_id])?;
        let mut now = Vec::new();
        while let Some(row) = found.next()? {
            if let Ok(building) = self.building_ids.binary_search(&row.get(1)?) {
                let room_id = row.get(0)?;
                now.push(Row { building: building as u32, room_id, birth, flags, tags });
            }
        }
        now.sort_unstable();
        Ok(now)
    }

    /// Puts persons' rows in the place of those they had; edits are by person, ascending.
    fn replace(&mut self, edits: &[(PersonId, Range<usize>, Vec<Row>)]) {
        /// Columns are moved up to so many times; beyond, they are written anew in one pass.
        const MOST_MOVES: usize = 4;
        let len = self.buildings.len();
        let moves = edits.iter().filter(|(_, rows, now)| rows.len() != now.len() && rows.end < len);
        if moves.count() <= MOST_MOVES {
            // From the back, so that the rows of the others stay where they are.
            for (person_id, rows, now) in edits.iter().rev() {
                self.splice(*person_id, rows.clone(), now);
            }
            return;
        }
        let old = std::mem::take(self);
        let mut from = 0;
        for (person_id, rows, now) in edits {
            self.copy(&old, from..rows.start);
            let end = self.buildings.len();
            self.splice(*person_id, end..end, now);
            from = rows.end;
        }
        self.copy(&old, from..len);
        let Self { person_ids, room_ids, buildings, births, flags, tags, .. } =
            std::mem::take(self);
        *self = Self { person_ids, room_ids, buildings, births, flags, tags, ..old };
    }

    fn copy(&mut self, from: &Self, rows: Range<usize>) {
        self.person_ids.extend(&from.person_ids, rows.clone());
        self.room_ids.extend(&from.room_ids, rows.clone());
        self.buildings.extend_from_slice(&from.buildings[rows.clone()]);
        self.births.extend_from_slice(&from.births[rows.clone()]);
        self.flags.extend_from_slice(&from.flags[rows.clone()]);
        self.tags.extend_from_slice(&from.tags[rows]);
    }

    fn splice(&mut self, person_id: PersonId, rows: Range<usize>, now: &[Row]) {
        let rooms: Vec<RoomId> = now.iter().map(|row| row.room_id).collect();
        self.person_ids.splice(rows.clone(), &vec![person_id; now.len()]);
        self.room_ids.splice(rows.clone(), &rooms);
        self.buildings.splice(rows.clone(), now.iter().map(|row| row.building));
        self.births.splice(rows.clone(), now.iter().map(|row| row.birth));
        self.flags.splice(rows.clone(), now.iter().map(|row| row.flags));
        self.tags.splice(rows, now.iter().map(|row| row.tags));
    }

    /// Notes whether a room has one current resident.
    fn mark_alone(&mut self, conn: &Connection, room_id: RoomId) -> Result<()> {
        let mut select = conn.prepare_cached(
            "SELECT DISTINCT person_id FROM residency WHERE room_id = ?1 AND end_date IS NULL",
        )?;
        let persons = select.query_map([room_id], |row| row.get::<_, PersonId>(0))?;
        let mut rows = Vec::new();
        for person_id in persons {
            let of_person = self.person_ids.rows_of(person_id?);
            rows.extend(of_person.filter(|row| self.room_ids.get(*row) == room_id));
        }
        for row in &rows {
            self.flags[*row] = self.flags[*row] & !ALONE | if rows.len() == 1 { ALONE } else { 0 };
        }
        Ok(())
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
    pub fn person_id(&self, row: u32) -> PersonId {
        self.person_ids.get(row as usize)
    }

    /// Row id of the room in a row of the index.
    #[must_use]
    pub fn room_id(&self, row: u32) -> RoomId {
        self.room_ids.get(row as usize)
    }

    /// Row id of the building in a row of the index.
    #[must_use]
    pub fn building_id(&self, row: u32) -> BuildingId {
        self.building_ids[self.buildings[row as usize] as usize]
    }

    /// Birth date as the number YYYYMMDD, 0 when unknown.
    #[must_use]
    pub fn birth(&self, row: u32) -> u32 {
        self.births[row as usize]
    }

    /// What is told of all residents, ages as of `on`.
    #[must_use]
    pub fn facts(&self, on: Date) -> PeopleFacts {
        let mut ages = [0; 101];
        let today = day_number(on);
        let mut before = None;
        for (person_id, birth) in self.person_ids.iter().zip(&self.births) {
            if before == Some(person_id) {
                continue;
            }
            before = Some(person_id);
            if *birth > 0 && i64::from(*birth) <= today {
                let years = (today - i64::from(*birth)) / 10_000;
                ages[years.clamp(0, 100) as usize] += 1;
            }
        }
        PeopleFacts { persons: self.persons, tag_counts: self.tag_counts.clone(), ages }
    }

    /// Every residency as `(person, room, building, birth, flags, tags)`, for tests: what was
    /// patched holds what is read anew.
    #[must_use]
    pub fn rows(&self) -> Vec<(PersonId, RoomId, BuildingId, u32, u8, TagSet)> {
        let row = |row: usize| {
            (
                self.person_ids.get(row),
                self.room_ids.get(row),
                self.building_ids[self.buildings[row] as usize],
                self.births[row],
                self.flags[row],
                self.tag_sets[self.tags[row] as usize],
            )
        };
        (0..self.buildings.len()).map(row).collect()
    }
}

/// Persons of whom a commit has touched anything that the columns hold.
fn touched_persons(conn: &Connection, changes: &ChangeSet) -> Result<BTreeSet<PersonId>> {
    let mut persons: BTreeSet<PersonId> = changes.rows().collect();
    persons.extend(changes.persons());
    for (table, sql) in [
        ("residency", "SELECT person_id FROM residency WHERE residency_id = ?1"),
        ("person_tag", "SELECT person_id FROM person_tag WHERE person_tag_id = ?1"),
        ("room", "SELECT person_id FROM residency WHERE room_id = ?1"),
    ] {
        let mut select = conn.prepare_cached(sql)?;
        for row in changes.rows_of(table) {
            for person_id in select.query_map([row], |row| row.get(0))? {
                persons.insert(person_id?);
            }
        }
    }
    Ok(persons)
}

/// `(birth number, flags)` by person row id; `(0, u8::MAX)` for none or a deleted one.
fn read_persons(conn: &Connection) -> Result<ById<PersonId, (u32, u8)>> {
    let mut persons = ById::new((0, u8::MAX));
    let mut select = conn.prepare(
        "SELECT person_id, birth_date, sex, population_type FROM person WHERE deleted_at IS NULL",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let birth = row.get_ref(1)?.as_str_or_null().ok().flatten().map_or(0, birth_number);
        persons.set(row.get(0)?, (birth, flags_of(row.get(2)?, row.get(3)?)));
    }
    Ok(persons)
}

/// `(person, position of the building, room)` of every current residency.
fn read_residencies(
    conn: &Connection,
    room_building: &ById<RoomId, u32>,
    persons: &ById<PersonId, (u32, u8)>,
) -> Result<Vec<(PersonId, u32, RoomId)>> {
    let mut select =
        conn.prepare("SELECT person_id, room_id FROM residency WHERE end_date IS NULL")?;
    let mut rows = select.query([])?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        let (person_id, room_id): (PersonId, RoomId) = (row.get(0)?, row.get(1)?);
        let building = room_building.get(room_id);
        if building != u32::MAX && persons.get(person_id).1 != u8::MAX {
            out.push((person_id, building, room_id));
        }
    }
    Ok(out)
}
