//! Making the columns: by scans of whole tables, or of one building.

use std::collections::HashMap;

use super::chunk::{
    Chunk, DayNumber, MOST_BUILDINGS, MOST_ROOMS, PersonFacts, Resident, RoomFacts, Tie,
    day_number, day_of_instant, sex_bits, small_key,
};
use super::{Census, NOBODY};
use crate::derived::vocabulary::Vocabulary;
use crate::domain::age::parse_date;
use crate::domain::ids::{BuildingId, PersonId, RoomId, TagId};
use crate::store::id_column::ById;
use crate::store::{Connection, Result};

/// A room with the position of its building.
struct RoomRow {
    building: u32,
    room_id: RoomId,
    facts: RoomFacts,
}

/// Somebody in a room, by its position among the rooms.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct TieRow {
    room: u32,
    person_id: PersonId,
    /// Among several of one person in one room, the last one counts.
    residency_id: i64,
    tie: Tie,
}

/// The tags of people: sets, each kept once, and the one of each person.
struct TagsOf {
    sets: Vec<Vec<u16>>,
    of_person: ById<PersonId, u32>,
    reviews: ById<PersonId, DayNumber>,
}

fn birth_of(row: &rusqlite::Row<'_>, column: usize) -> Result<DayNumber> {
    let text = row.get_ref(column)?.as_str_or_null().ok().flatten();
    Ok(text.and_then(parse_date).map_or(0, day_number))
}

impl Census {
    /// Reads everything: five scans of tables, no join.
    ///
    /// # Errors
    /// A table that cannot be read.
    pub fn read(conn: &Connection, vocabulary: &Vocabulary) -> Result<Self> {
        let mut census = Self::default();
        census.read_buildings(conn)?;
        let rooms = census.read_rooms(conn)?;
        let persons = read_persons(conn)?;
        let ties = read_ties(conn, &rooms, &persons)?;
        let homes = homes_of(&ties);
        let tags = read_tags(conn, vocabulary)?;
        let mut ties = ties.iter().peekable();
        let mut rooms = rooms.iter().zip(0u32..).peekable();
        let mut chunk = Chunk::default();
        for building in 0..census.building_ids.len() as u32 {
            if chunk.rooms.ids.len() >= MOST_ROOMS || chunk.buildings() >= MOST_BUILDINGS {
                census.push_chunk(&mut chunk);
            }
            chunk.begin_building();
            while let Some((room, at)) = rooms.next_if(|(room, _)| room.building == building) {
                chunk.push_room(room.room_id, room.facts);
                while let Some(tie) = ties.next_if(|tie| tie.room == at) {
                    chunk.push_resident(&Resident {
                        person_id: tie.person_id,
                        person: persons.get(tie.person_id),
                        tie: tie.tie,
                        has_homes: homes.get(tie.person_id) > 1,
                        review: tags.reviews.get(tie.person_id),
                        tags: &tags.sets[tags.of_person.get(tie.person_id) as usize],
                    });
                }
            }
        }
        census.push_chunk(&mut chunk);
        census.count_people();
        Ok(census)
    }

    fn push_chunk(&mut self, chunk: &mut Chunk) {
        chunk.finish();
        let chunk = std::mem::take(chunk);
        self.starts.push(self.chunks_end() as u32);
        self.chunks.push(chunk);
    }

    fn read_buildings(&mut self, conn: &Connection) -> Result<()> {
        let mut select = conn.prepare(
            "SELECT building_id, coalesce(grid_id, 0), coalesce(estate_id, 0) FROM building
             WHERE deleted_at IS NULL ORDER BY building_id",
        )?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            self.building_ids.push(row.get(0)?);
            self.grid_ids.push(row.get(1)?);
            self.estate_ids.push(row.get(2)?);
        }
        Ok(())
    }

    /// Rooms by building, then by row id.
    fn read_rooms(&self, conn: &Connection) -> Result<Vec<RoomRow>> {
        let mut positions = ById::new(u32::MAX);
        for (id, position) in self.building_ids.iter().zip(0u32..) {
            positions.set(*id, position);
        }
        let mut found = Vec::new();
        let mut select = conn.prepare(
            "SELECT room_id, building_id, kind, status, area_m2, verified_at FROM room
             WHERE deleted_at IS NULL",
        )?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let building = positions.get(row.get::<_, BuildingId>(1)?);
            if building != u32::MAX {
                let facts = room_facts(row, 2)?;
                found.push(RoomRow { building, room_id: row.get(0)?, facts });
            }
        }
        found.sort_unstable_by_key(|room| (room.building, room.room_id));
        Ok(found)
    }

    /// A building as the workspace has it now, as a chunk of its own.
    pub(super) fn read_building(
        conn: &Connection,
        vocabulary: &Vocabulary,
        building_id: BuildingId,
    ) -> Result<Chunk> {
        let mut chunk = Chunk::default();
        chunk.begin_building();
        let mut rooms = conn.prepare_cached(
            "SELECT room_id, kind, status, area_m2, verified_at FROM room
             WHERE building_id = ?1 AND deleted_at IS NULL ORDER BY room_id",
        )?;
        let mut people = conn.prepare_cached(
            "SELECT r.person_id, r.relation, r.role, r.household_match, p.birth_date, p.sex,
               p.population_type, p.verified_at,
               (SELECT count(DISTINCT o.room_id) FROM residency o JOIN room m USING (room_id)
                  JOIN building b USING (building_id)
                WHERE o.person_id = r.person_id AND o.end_date IS NULL
                  AND m.deleted_at IS NULL AND b.deleted_at IS NULL)
             FROM residency r JOIN person p USING (person_id)
             WHERE r.room_id = ?1 AND r.end_date IS NULL AND p.deleted_at IS NULL
             ORDER BY r.person_id, r.residency_id DESC",
        )?;
        let mut tags = conn.prepare_cached(
            "SELECT tag_id, review_due FROM person_tag WHERE person_id = ?1 AND until IS NULL",
        )?;
        let mut found = rooms.query([building_id])?;
        while let Some(row) = found.next()? {
            let room_id: RoomId = row.get(0)?;
            chunk.push_room(room_id, room_facts(row, 1)?);
            let mut before = None;
            let mut found = people.query([room_id])?;
            while let Some(row) = found.next()? {
                let person_id: PersonId = row.get(0)?;
                if before.replace(person_id) == Some(person_id) {
                    continue;
                }
                let (mut places, mut review) = (Vec::new(), 0);
                let mut found = tags.query([person_id])?;
                while let Some(tag) = found.next()? {
                    if let Some(place) = vocabulary.tag_position(tag.get(0)?) {
                        places.push(place as u16);
                    }
                    review = earlier(review, birth_of(tag, 1)?);
                }
                places.sort_unstable();
                chunk.push_resident(&Resident {
                    person_id,
                    person: PersonFacts {
                        birth: birth_of(row, 4)?,
                        verified: day_of_instant(row.get(7)?),
                        sex: sex_bits(row.get(5)?),
                        population_type: small_key(row.get(6)?),
                    },
                    tie: tie(row, 1)?,
                    has_homes: row.get::<_, i64>(8)? > 1,
                    review,
                    tags: &places,
                });
            }
        }
        chunk.finish();
        Ok(chunk)
    }
}

/// The earlier of two days, either of which may not be there.
fn earlier(a: DayNumber, b: DayNumber) -> DayNumber {
    match (a, b) {
        (0, day) | (day, 0) => day,
        (a, b) => a.min(b),
    }
}

fn room_facts(row: &rusqlite::Row<'_>, column: usize) -> Result<RoomFacts> {
    Ok(RoomFacts {
        kind: small_key(row.get(column)?),
        status: small_key(row.get(column + 1)?),
        area_m2: row.get::<_, Option<f64>>(column + 2)?.map_or(f32::NAN, |area| area as f32),
        verified: day_of_instant(row.get(column + 3)?),
    })
}

fn tie(row: &rusqlite::Row<'_>, column: usize) -> Result<Tie> {
    Ok(Tie {
        relation: small_key(row.get(column)?),
        role: small_key(row.get(column + 1)?),
        household_match: small_key(row.get(column + 2)?),
    })
}

fn read_persons(conn: &Connection) -> Result<ById<PersonId, PersonFacts>> {
    let mut persons = ById::new(NOBODY);
    let mut select = conn.prepare(
        "SELECT person_id, birth_date, sex, population_type, verified_at FROM person
         WHERE deleted_at IS NULL",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let facts = PersonFacts {
            birth: birth_of(row, 1)?,
            sex: sex_bits(row.get(2)?),
            population_type: small_key(row.get(3)?),
            verified: day_of_instant(row.get(4)?),
        };
        persons.set(row.get(0)?, facts);
    }
    Ok(persons)
}

/// Who lives in the rooms now, by room, then by row id of the person, each once.
fn read_ties(
    conn: &Connection,
    rooms: &[RoomRow],
    persons: &ById<PersonId, PersonFacts>,
) -> Result<Vec<TieRow>> {
    let mut positions = ById::new(u32::MAX);
    for (room, position) in rooms.iter().zip(0u32..) {
        positions.set(room.room_id, position);
    }
    let mut select = conn.prepare(
        "SELECT residency_id, person_id, room_id, relation, role, household_match FROM residency
         WHERE end_date IS NULL",
    )?;
    let mut rows = select.query([])?;
    let mut ties = Vec::new();
    while let Some(row) = rows.next()? {
        let (person_id, room) = (row.get(1)?, positions.get(row.get::<_, RoomId>(2)?));
        if room != u32::MAX && persons.get(person_id) != NOBODY {
            ties.push(TieRow { room, person_id, residency_id: row.get(0)?, tie: tie(row, 3)? });
        }
    }
    ties.sort_unstable_by_key(|t| (t.room, t.person_id, std::cmp::Reverse(t.residency_id)));
    ties.dedup_by_key(|t| (t.room, t.person_id));
    Ok(ties)
}

fn homes_of(ties: &[TieRow]) -> ById<PersonId, u8> {
    let mut homes = ById::new(0u8);
    for tie in ties {
        homes.set(tie.person_id, homes.get(tie.person_id).saturating_add(1));
    }
    homes
}

fn read_tags(conn: &Connection, vocabulary: &Vocabulary) -> Result<TagsOf> {
    let mut places: ById<TagId, u16> = ById::new(u16::MAX);
    for (place, tag) in vocabulary.tags.iter().enumerate() {
        places.set(tag.tag_id, place as u16);
    }
    let mut tags =
        TagsOf { sets: vec![Vec::new()], of_person: ById::new(0), reviews: ById::new(0) };
    let mut place_of: HashMap<Vec<u16>, u32> = HashMap::from([(Vec::new(), 0)]);
    let mut select =
        conn.prepare("SELECT person_id, tag_id, review_due FROM person_tag WHERE until IS NULL")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let (person_id, place): (PersonId, u16) = (row.get(0)?, places.get(row.get(1)?));
        if place != u16::MAX {
            let mut set = tags.sets[tags.of_person.get(person_id) as usize].clone();
            if let Err(at) = set.binary_search(&place) {
                set.insert(at, place);
            }
            let of_set = place_of.entry(set).or_insert_with_key(|set| {
                tags.sets.push(set.clone());
                (tags.sets.len() - 1) as u32
            });
            tags.of_person.set(person_id, *of_set);
        }
        let review = birth_of(row, 2)?;
        if review > 0 {
            tags.reviews.set(person_id, earlier(tags.reviews.get(person_id), review));
        }
    }
    Ok(tags)
}
