//! A filter's answer: which residents and rooms match, and how many in each building.

use std::collections::HashSet;
use std::sync::Arc;

use super::resolve::{Condition, is_key_in};
use super::{CROWDED_M2, Class};
use crate::derived::Census;
use crate::derived::census::{Bits, Chunk};
use crate::domain::ids::{BuildingId, PersonId, RoomId};

/// What an answer counts in buildings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Subject {
    /// People.
    #[default]
    Persons,
    /// Rooms: the filter says something of rooms and nothing of people.
    Rooms,
}

/// The answer to a filter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FocusAnswer {
    /// What is counted in buildings.
    pub subject: Subject,
    /// Distinct persons.
    pub persons: u64,
    /// `(building row id, distinct persons or rooms)`, by row id, none with zero.
    pub buildings: Vec<(BuildingId, u32)>,
    /// The residents that match, or the rooms, by chunk.
    bits: Arc<[Bits]>,
}

/// Answers about buildings: whether each passes.
struct Places(Option<Vec<bool>>);

impl Places {
    fn of(census: &Census, condition: &Condition) -> Self {
        let Condition { grids, estates, buildings, .. } = condition;
        if grids.is_none() && estates.is_none() && buildings.is_none() {
            return Self(None);
        }
        let ids = census.building_ids();
        let mut passes: Vec<bool> = match buildings {
            None => vec![true; ids.len()],
            Some(list) => {
                let mut passes = vec![false; ids.len()];
                for id in list {
                    if let Ok(at) = ids.binary_search(id) {
                        passes[at] = true;
                    }
                }
                passes
            }
        };
        if let Some(grids) = grids {
            let of = passes.iter_mut().zip(census.grid_ids());
            of.for_each(|(passes, grid)| *passes &= grids.contains(grid));
        }
        if let Some(estates) = estates {
            let of = passes.iter_mut().zip(census.estate_ids());
            of.for_each(|(passes, estate)| *passes &= estates.contains(estate));
        }
        Self(Some(passes))
    }
}

/// A condition with what it says of buildings worked out.
pub(in crate::query) struct Scan<'a> {
    condition: &'a Condition,
    places: Places,
    inside: Vec<Scan<'a>>,
    except: Vec<Scan<'a>>,
}

impl<'a> Scan<'a> {
    pub(in crate::query) fn new(census: &Census, condition: &'a Condition) -> Self {
        let nested = |list: &'a [Condition]| {
            list.iter().map(|condition| Self::new(census, condition)).collect()
        };
        Self {
            condition,
            places: Places::of(census, condition),
            inside: nested(&condition.inside),
            except: nested(&condition.except),
        }
    }

    /// Whether each building passes what is said of places; `None` where nothing is said of them.
    pub(super) fn buildings(&self, census: &Census) -> Option<Vec<bool>> {
        let mut passes = self.places.0.clone();
        let all = || vec![true; census.building_ids().len()];
        for (nested, is_except) in
            self.inside.iter().map(|n| (n, false)).chain(self.except.iter().map(|n| (n, true)))
        {
            let of = nested.buildings(census).unwrap_or_else(all);
            let passes = passes.get_or_insert_with(all);
            passes.iter_mut().zip(of).for_each(|(passes, of)| *passes &= of != is_except);
        }
        passes
    }

    /// Rooms of a chunk that pass what is said of rooms and places.
    fn room_bits(&self, start: usize, chunk: &Chunk) -> Bits {
        let c = self.condition;
        let mut bits = match &self.places.0 {
            None => Bits::all(chunk.rooms.ids.len()),
            Some(passes) => {
                let mut bits = Bits::none(chunk.rooms.ids.len());
                for building in 0..chunk.buildings() {
                    if passes[start + building] {
                        bits.insert_range(chunk.rooms_of(building));
                    }
                }
                bits
            }
        };
        let rooms = &chunk.rooms;
        if c.room_statuses.is_some() || c.room_kinds.is_some() {
            bits.retain(|room| {
                is_key_in(c.room_statuses.as_ref(), rooms.statuses[room])
                    && is_key_in(c.room_kinds.as_ref(), rooms.kinds[room])
            });
        }
        if let Some(area) = &c.area_m2 {
            // An area that is not known lies in no span.
            bits.retain(|room| {
                !rooms.areas_m2[room].is_nan() && area.contains(rooms.areas_m2[room])
            });
        }
        if let Some(day) = c.room_verified_before {
            bits.retain(|room| rooms.verified[room] < day);
        }
        for class in &c.classes {
            let residents = |room: usize| chunk.residents_of_room(room).len();
            match class {
                Class::Empty => bits.retain(|room| residents(room) == 0),
                Class::Crowded => bits.retain(|room| {
                    let heads = residents(room) as f64;
                    heads > 0.0 && f64::from(rooms.areas_m2[room]) < heads * CROWDED_M2
                }),
                _ => {}
            }
        }
        bits
    }

    /// Rooms of a chunk that pass, or in which somebody does.
    pub(in crate::query) fn rooms(&self, start: usize, chunk: &Chunk) -> Bits {
        if self.condition.asks_people {
            return rooms_of_people(chunk, &self.people(start, chunk));
        }
        let mut bits = self.room_bits(start, chunk);
        self.inside.iter().for_each(|nested| bits.and(&nested.rooms(start, chunk)));
        self.except.iter().for_each(|nested| bits.and_not(&nested.rooms(start, chunk)));
        bits
    }

    /// Residents of a chunk that pass, or who live in the rooms that do where only rooms are asked
    /// for.
    pub(in crate::query) fn matching(&self, start: usize, chunk: &Chunk) -> Bits {
        if self.condition.asks_people || !self.condition.asks_rooms {
            return self.people(start, chunk);
        }
        residents_of_rooms(chunk, &self.rooms(start, chunk))
    }

    /// Residents of a chunk that pass.
    pub(super) fn people(&self, start: usize, chunk: &Chunk) -> Bits {
        let c = self.condition;
        let people = &chunk.residents;
        let len = people.ids.len();
        let mut bits = if c.asks_rooms || self.places.0.is_some() {
            let mut bits = Bits::none(len);
            let rooms = self.room_bits(start, chunk);
            rooms.rows().for_each(|room| bits.insert_range(chunk.residents_of_room(room)));
            bits
        } else {
            Bits::all(len)
        };
        if !c.any_tags.is_empty() {
            let mut any = Bits::none(len);
            c.any_tags.iter().filter_map(|tag| chunk.tagged(*tag)).for_each(|t| any.or(t));
            bits.and(&any);
        }
        for tag in &c.all_tags {
            match chunk.tagged(*tag) {
                Some(tagged) => bits.and(tagged),
                None => bits = Bits::none(len),
            }
        }
        c.no_tags.iter().filter_map(|tag| chunk.tagged(*tag)).for_each(|t| bits.and_not(t));
        if c.classes.contains(&Class::Alone) {
            bits.and(&people.alone);
        }
        if let Some(births) = &c.births {
            bits.retain(|row| people.births[row] > 0 && births.contains(&people.births[row]));
        }
        for (keys, column) in [
            (&c.sexes, &people.sexes),
            (&c.population_types, &people.population_types),
            (&c.relations, &people.relations),
            (&c.roles, &people.roles),
        ] {
            if keys.is_some() {
                bits.retain(|row| is_key_in(keys.as_ref(), column[row]));
            }
        }
        if let Some(day) = c.verified_before {
            bits.retain(|row| people.verified[row] < day);
        }
        for class in &c.classes {
            self.keep_class(*class, chunk, &mut bits);
        }
        self.inside.iter().for_each(|nested| bits.and(&nested.people(start, chunk)));
        self.except.iter().for_each(|nested| bits.and_not(&nested.people(start, chunk)));
        bits
    }

    fn keep_class(&self, class: Class, chunk: &Chunk, bits: &mut Bits) {
        use crate::domain::codes::key;
        const DIFFERS: u8 = 2;
        let c = self.condition;
        let people = &chunk.residents;
        let is_registered = |row: usize| i64::from(people.population_types[row]) == key::REGISTERED;
        match class {
            Class::MinorAlone => {
                let is_minor = |row: usize| people.births[row] > c.minors_after;
                bits.retain(|row| {
                    is_minor(row) && chunk.residents_of_room(chunk.room_of(row)).all(is_minor)
                });
            }
            Class::RegisteredNotLiving => {
                bits.retain(|row| is_registered(row) && people.household_matches[row] == DIFFERS);
            }
            Class::LivingNotRegistered => bits.retain(|row| !is_registered(row)),
            Class::ReviewOverdue if people.reviews.is_empty() => *bits = Bits::none(bits.len()),
            Class::ReviewOverdue => {
                bits.retain(|row| people.reviews[row] > 0 && people.reviews[row] < c.today);
            }
            // Said by other conditions, or of rooms.
            Class::Alone | Class::Over80 | Class::Crowded | Class::Empty => {}
        }
    }
}

fn rooms_of_people(chunk: &Chunk, people: &Bits) -> Bits {
    let mut rooms = Bits::none(chunk.rooms.ids.len());
    let (mut room, mut end) = (0, 0);
    for row in people.rows() {
        if row >= end {
            // Most who match stand near one another.
            room = (room..room + 8)
                .find(|room| *room < rooms.len() && chunk.residents_of_room(*room).end > row)
                .unwrap_or_else(|| chunk.room_of(row));
            end = chunk.residents_of_room(room).end;
        }
        rooms.insert(room);
    }
    rooms
}

impl Condition {
    /// What an answer counts in buildings.
    #[must_use]
    pub fn subject(&self) -> Subject {
        match (self.asks_people, self.asks_rooms) {
            (false, true) => Subject::Rooms,
            _ => Subject::Persons,
        }
    }
}

/// What some chunks answer.
#[derive(Default)]
struct Part {
    persons: usize,
    /// Who has several homes, one of which matches.
    homes: HashSet<PersonId>,
    buildings: Vec<(BuildingId, u32)>,
    bits: Vec<Bits>,
}

impl Part {
    fn look(
        census: &Census,
        scan: &Scan<'_>,
        subject: Subject,
        starts: &[u32],
        of: &[Chunk],
    ) -> Self {
        let mut part = Self::default();
        for (start, chunk) in starts.iter().map(|start| *start as usize).zip(of) {
            let bits = match subject {
                Subject::Persons => part.count_people(census, scan, start, chunk),
                Subject::Rooms => part.count_rooms(census, scan, start, chunk),
            };
            part.bits.push(bits);
        }
        part
    }

    fn count_distinct(&mut self, chunk: &Chunk, matching: &Bits) -> Option<Bits> {
        let several = matching.count_both(&chunk.residents.has_homes);
        self.persons += matching.count() - several;
        if several == 0 {
            return None;
        }
        let mut bits = matching.clone();
        bits.and(&chunk.residents.has_homes);
        self.homes.extend(bits.rows().map(|row| chunk.residents.ids.get(row)));
        Some(bits)
    }

    fn count_people(
        &mut self,
        census: &Census,
        scan: &Scan<'_>,
        start: usize,
        chunk: &Chunk,
    ) -> Bits {
        let matching = scan.people(start, chunk);
        let ids = &census.building_ids()[start..];
        let first = self.buildings.len();
        let matches = matching.count();
        if matches == 0 {
        } else if matches * 16 < chunk.buildings() {
            // A few: each is looked up.
            let mut rows = matching.rows().peekable();
            while let Some(row) = rows.next() {
                let building = chunk.building_of_resident(row);
                let end = chunk.residents_of(building).end;
                let mut count = 1;
                while rows.next_if(|row| *row < end).is_some() {
                    count += 1;
                }
                self.buildings.push((ids[building], count));
            }
        } else {
            let mut before = 0;
            let ends = chunk.residents_ends();
            for (building, sum) in matching.counts_before(ends).enumerate() {
                if sum > before {
                    self.buildings.push((ids[building], (sum - before) as u32));
                }
                before = sum;
            }
        }
        if let Some(several) = self.count_distinct(chunk, &matching) {
            // Somebody with two rooms in one house counts once.
            let mut here: HashSet<(usize, PersonId)> = HashSet::new();
            for row in several.rows() {
                let building = chunk.building_of_resident(row);
                if !here.insert((building, chunk.residents.ids.get(row))) {
                    let found =
                        self.buildings[first..].binary_search_by_key(&ids[building], |(id, _)| *id);
                    if let Ok(at) = found {
                        self.buildings[first + at].1 -= 1;
                    }
                }
            }
        }
        matching
    }

    fn count_rooms(
        &mut self,
        census: &Census,
        scan: &Scan<'_>,
        start: usize,
        chunk: &Chunk,
    ) -> Bits {
        let rooms = scan.rooms(start, chunk);
        if !rooms.is_empty() {
            for building in 0..chunk.buildings() {
                let count = rooms.count_in(chunk.rooms_of(building));
                if count > 0 {
                    let id = census.building_ids()[start + building];
                    self.buildings.push((id, count as u32));
                }
            }
        }
        self.count_distinct(chunk, &residents_of_rooms(chunk, &rooms));
        rooms
    }
}

fn residents_of_rooms(chunk: &Chunk, rooms: &Bits) -> Bits {
    let mut bits = Bits::none(chunk.residents.ids.len());
    rooms.rows().for_each(|room| bits.insert_range(chunk.residents_of_room(room)));
    bits
}

impl Census {
    /// Answers a filter.
    #[must_use]
    pub fn focus(&self, condition: &Condition) -> FocusAnswer {
        let scan = Scan::new(self, condition);
        let subject = condition.subject();
        let parts =
            self.in_parts(|starts, chunks| Part::look(self, &scan, subject, starts, chunks));
        let mut answer = FocusAnswer { subject, ..FocusAnswer::default() };
        let mut homes: HashSet<PersonId> = HashSet::new();
        let mut bits = Vec::new();
        for part in parts {
            answer.persons += part.persons as u64;
            homes.extend(part.homes);
            answer.buildings.extend(part.buildings);
            bits.extend(part.bits);
        }
        answer.persons += homes.len() as u64;
        answer.bits = bits.into();
        answer
    }

    /// The buildings that pass what a filter says of places, by row id; all where it says nothing.
    #[must_use]
    pub fn places(&self, condition: &Condition) -> Vec<BuildingId> {
        let ids = self.building_ids();
        match Scan::new(self, condition).buildings(self) {
            None => ids.to_vec(),
            Some(passes) => {
                ids.iter().zip(passes).filter(|(_, passes)| *passes).map(|(id, _)| *id).collect()
            }
        }
    }

    /// Who matches, with their rooms, by building and room; somebody with two homes that match
    /// comes twice.
    pub fn residents<'a>(
        &'a self,
        answer: &'a FocusAnswer,
    ) -> impl Iterator<Item = (PersonId, RoomId)> + 'a {
        self.chunks().zip(answer.bits.iter()).flat_map(|((_, chunk), bits)| {
            let bits = match answer.subject {
                Subject::Persons => bits.clone(),
                Subject::Rooms => residents_of_rooms(chunk, bits),
            };
            let mut room = 0;
            bits.rows().collect::<Vec<_>>().into_iter().map(move |row| {
                if chunk.residents_of_room(room).end <= row {
                    room = chunk.room_of(row);
                }
                (chunk.residents.ids.get(row), chunk.rooms.ids.get(room))
            })
        })
    }

    /// The rooms that match, or in which somebody does, by building.
    pub fn rooms_of<'a>(&'a self, answer: &'a FocusAnswer) -> impl Iterator<Item = RoomId> + 'a {
        self.chunks().zip(answer.bits.iter()).flat_map(|((_, chunk), bits)| {
            let rooms = match answer.subject {
                Subject::Persons => rooms_of_people(chunk, bits),
                Subject::Rooms => bits.clone(),
            };
            rooms.rows().map(|room| chunk.rooms.ids.get(room)).collect::<Vec<_>>()
        })
    }

    /// Who of one building matches, with their rooms, and the rooms that match or in which
    /// somebody does.
    #[must_use]
    pub fn in_building(
        &self,
        condition: &Condition,
        building_id: BuildingId,
    ) -> (Vec<(PersonId, RoomId)>, Vec<RoomId>) {
        let Ok(at) = self.building_ids().binary_search(&building_id) else {
            return (Vec::new(), Vec::new());
        };
        let chunk = self.chunks().take_while(|(start, _)| *start <= at).last();
        let Some((start, chunk)) = chunk else { return (Vec::new(), Vec::new()) };
        let scan = Scan::new(self, condition);
        let (people, rooms) = match condition.subject() {
            Subject::Rooms => (scan.matching(start, chunk), scan.rooms(start, chunk)),
            Subject::Persons => {
                let people = scan.people(start, chunk);
                let rooms = rooms_of_people(chunk, &people);
                (people, rooms)
            }
        };
        let in_building: Vec<usize> =
            chunk.rooms_of(at - start).filter(|room| rooms.contains(*room)).collect();
        let residents = in_building.iter().flat_map(|room| {
            let rows = chunk.residents_of_room(*room);
            let rows = rows.filter(|row| people.contains(*row));
            rows.map(|row| (chunk.residents.ids.get(row), chunk.rooms.ids.get(*room)))
        });
        (residents.collect(), in_building.iter().map(|room| chunk.rooms.ids.get(*room)).collect())
    }
}
