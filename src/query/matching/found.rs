//! What is found of an address: rooms, houses without such a room, and whether somebody must choose.

use crate::domain::address::Reading;
use crate::query::matching::link::{Building, Candidate, Link, NameEvidence, Outcome};
use crate::store::lookup::{self, RoomMatch};
use crate::store::{Connection, Result};

/// What was found so far.
#[derive(Default)]
pub(super) struct Search {
    pub(super) found: Vec<Candidate>,
    /// Buildings without such a room.
    pub(super) buildings: Vec<Candidate>,
    pub(super) needs_choice: bool,
}

impl Search {
    /// What it comes to.
    pub(super) fn link(self, is_sure_of_building: bool) -> Link {
        let Search { mut found, mut buildings, needs_choice } = self;
        found.sort_by_key(|c| (c.room_id, c.evidence));
        found.dedup_by_key(|c| c.room_id);
        let links = found.len() == 1 && !needs_choice && found[0].evidence.links();
        let outcome = match (links, found.is_empty(), buildings.is_empty()) {
            (true, ..) => Outcome::Matched,
            (_, true, true) => Outcome::None,
            _ => Outcome::Ambiguous,
        };
        if found.is_empty() {
            buildings.sort_by(|a, b| a.building.cmp(&b.building));
            buildings.dedup_by_key(|c| c.building_id);
            found = buildings;
        }
        Link { outcome, candidates: found, is_sure_of_building, needs_choice }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty() && self.buildings.is_empty()
    }

    /// Looks a reading's room up in a building.
    pub(super) fn look(
        &mut self,
        conn: &Connection,
        building: &Building,
        reading: &Reading,
        evidence: NameEvidence,
    ) -> Result<()> {
        let unit = reading.unit.as_deref();
        let without = || building.candidate(unit.map(str::to_owned), (None, None), evidence);
        let Some(room) = &reading.room else {
            self.buildings.push(without());
            return Ok(());
        };
        match lookup::find_room(conn, building.building_id, unit, room)? {
            RoomMatch::One(room_id) => {
                let room = (Some(room.clone()), Some(room_id));
                self.found.push(building.candidate(unit.map(str::to_owned), room, evidence));
            }
            RoomMatch::Ambiguous(_) => {
                self.needs_choice = true;
                for (unit, room_id) in lookup::rooms_numbered(conn, building.building_id, room)? {
                    let room = (Some(room.clone()), Some(room_id));
                    self.found.push(building.candidate(unit, room, evidence));
                }
            }
            RoomMatch::None => self.buildings.push(without()),
        }
        Ok(())
    }
}
