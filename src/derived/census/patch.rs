//! Bringing the columns up to date with a commit: the buildings it touches are read again, and their
//! chunks made anew from what is in memory.

use std::collections::{BTreeMap, BTreeSet};

use super::Census;
use super::chunk::{Chunk, MOST_ROOMS};
use crate::derived::vocabulary::Vocabulary;
use crate::domain::ids::{BuildingId, PersonId, RoomId, RowId};
use crate::store::changes::ChangeSet;
use crate::store::id_column::IdColumn;
use crate::store::{Connection, Result};

/// A few row ids that are looked for in a long column.
struct Wanted<I> {
    ids: Vec<I>,
    /// Whether any id has these last bits: most of a column is passed over by this alone.
    bits: Vec<u64>,
}

const FILTER_BITS: i64 = 1 << 16;

impl<I: RowId> Wanted<I> {
    fn new(ids: BTreeSet<I>) -> Self {
        let mut bits = vec![0u64; (FILTER_BITS / 64) as usize];
        for id in &ids {
            let last = (Into::<i64>::into(*id) & (FILTER_BITS - 1)) as usize;
            bits[last / 64] |= 1 << (last % 64);
        }
        Self { ids: ids.into_iter().collect(), bits }
    }

    fn rows<'a>(&'a self, column: &'a IdColumn<I>) -> impl Iterator<Item = usize> + 'a {
        let rows = if self.ids.is_empty() { 0 } else { column.len() };
        (0..rows).filter(|row| {
            let id = column.get(*row);
            let last = (Into::<i64>::into(id) & (FILTER_BITS - 1)) as usize;
            self.bits[last / 64] >> (last % 64) & 1 == 1 && self.ids.binary_search(&id).is_ok()
        })
    }
}

impl Census {
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
        let touched = self.touched(conn, changes)?;
        if touched.is_empty() {
            return Ok(true);
        }
        let mut by_chunk: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for building in touched {
            let chunk = self.starts.partition_point(|start| *start as usize <= building) - 1;
            by_chunk.entry(chunk).or_default().push(building - self.starts[chunk] as usize);
        }
        for (chunk, buildings) in by_chunk {
            let start = self.starts[chunk] as usize;
            let mut anew = Chunk::default();
            let mut from = 0;
            for building in buildings {
                anew.push_buildings(&self.chunks[chunk], from..building);
                let building_id = self.building_ids[start + building];
                let now = Self::read_building(conn, vocabulary, building_id)?;
                anew.push_buildings(&now, 0..1);
                from = building + 1;
            }
            anew.push_buildings(&self.chunks[chunk], from..self.chunks[chunk].buildings());
            anew.finish();
            self.chunks[chunk] = anew;
            self.changed.insert(chunk);
        }
        self.count_people();
        Ok(true)
    }

    fn patch_buildings(&mut self, conn: &Connection, changes: &ChangeSet) -> Result<bool> {
        let mut select = conn.prepare_cached(
            "SELECT coalesce(grid_id, 0), coalesce(estate_id, 0) FROM building
             WHERE building_id = ?1 AND deleted_at IS NULL",
        )?;
        for building_id in changes.rows::<BuildingId>() {
            let mut rows = select.query([building_id])?;
            let now = rows.next()?.map(|row| Ok::<_, rusqlite::Error>((row.get(0)?, row.get(1)?)));
            match (self.building_ids.binary_search(&building_id), now.transpose()?) {
                (Ok(at), Some((grid_id, estate_id))) => {
                    self.grid_ids[at] = grid_id;
                    self.estate_ids[at] = estate_id;
                }
                (Err(at), Some((grid_id, estate_id))) if at == self.building_ids.len() => {
                    self.building_ids.push(building_id);
                    self.grid_ids.push(grid_id);
                    self.estate_ids.push(estate_id);
                    self.add_building();
                }
                (Err(_), None) => {}
                // Every building behind it has another position now.
                _ => return Ok(false),
            }
        }
        Ok(true)
    }

    /// Room for one more building at the end.
    fn add_building(&mut self) {
        let is_full = self.chunks.last().is_none_or(|chunk| chunk.rooms.ids.len() >= MOST_ROOMS);
        if is_full {
            self.starts.push(self.building_ids.len() as u32 - 1);
            self.chunks.push(Chunk::default());
        }
        if let Some(chunk) = self.chunks.last_mut() {
            chunk.begin_building();
            self.changed.insert(self.chunks.len() - 1);
        }
    }

    /// Positions of the buildings of which a commit has touched anything that the columns hold, as
    /// they were before and as they are now.
    fn touched(&self, conn: &Connection, changes: &ChangeSet) -> Result<BTreeSet<usize>> {
        let mut persons: BTreeSet<PersonId> = changes.rows().collect();
        persons.extend(changes.persons());
        for (table, sql) in [
            ("residency", "SELECT person_id FROM residency WHERE residency_id = ?1"),
            ("person_tag", "SELECT person_id FROM person_tag WHERE person_tag_id = ?1"),
        ] {
            let mut select = conn.prepare_cached(sql)?;
            for row in changes.rows_of(table) {
                for person_id in select.query_map([row], |row| row.get(0))? {
                    persons.insert(person_id?);
                }
            }
        }
        let rooms: BTreeSet<RoomId> = changes.rows().collect();
        // Where these people live now; somebody in a room that comes or goes has more homes or fewer.
        let mut places = BTreeSet::new();
        let mut of_room = conn.prepare_cached("SELECT building_id FROM room WHERE room_id = ?1")?;
        let mut in_room = conn.prepare_cached(
            "SELECT person_id FROM residency WHERE room_id = ?1 AND end_date IS NULL",
        )?;
        for room_id in &rooms {
            for building_id in of_room.query_map([room_id], |row| row.get(0))? {
                places.insert(building_id?);
            }
            for person_id in in_room.query_map([room_id], |row| row.get(0))? {
                persons.insert(person_id?);
            }
        }
        let mut of_person = conn.prepare_cached(
            "SELECT m.building_id FROM residency r JOIN room m USING (room_id)
             WHERE r.person_id = ?1 AND r.end_date IS NULL",
        )?;
        for person_id in &persons {
            for building_id in of_person.query_map([person_id], |row| row.get(0))? {
                places.insert(building_id?);
            }
        }
        let mut touched: BTreeSet<usize> = places
            .iter()
            .filter_map(|id: &BuildingId| self.building_ids.binary_search(id).ok())
            .collect();
        // Where they lived before.
        let (persons, rooms) = (Wanted::new(persons), Wanted::new(rooms));
        for (chunk, start) in self.chunks.iter().zip(&self.starts) {
            let start = *start as usize;
            let of_residents = persons.rows(&chunk.residents.ids).map(|row| chunk.room_of(row));
            let of_rooms = rooms.rows(&chunk.rooms.ids);
            touched
                .extend(of_residents.chain(of_rooms).map(|room| start + chunk.building_of(room)));
        }
        Ok(touched)
    }
}
