//! What an address is linked to, and on what evidence.

use crate::domain::ids::{BuildingId, RoomId};

/// How an estate was recognised, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NameEvidence {
    /// Its name.
    Name,
    /// One of its aliases.
    Alias,
    /// A short form that only this estate has.
    ShortName,
    /// It sounds the same.
    Homophone,
    /// The building's own address: road and number.
    Address,
    /// The building's own name.
    BuildingName,
    /// The estate has such a door; the building is not named.
    Door,
    /// One character differs.
    OneCharacter,
}

impl NameEvidence {
    /// Whether it is enough to link by itself.
    #[must_use]
    pub const fn links(self) -> bool {
        !matches!(self, Self::OneCharacter | Self::Door)
    }
}

/// What became of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// One room.
    Matched,
    /// Candidates; somebody must pick.
    Ambiguous,
    /// Nothing here.
    None,
}

/// A place the address may mean.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Candidate {
    /// Code of the building.
    pub building: String,
    /// Unit, when the room names one.
    pub unit: Option<String>,
    /// Room number; `None` when only the building is there.
    pub room: Option<String>,
    /// How the estate was recognised.
    pub evidence: NameEvidence,
    /// Row id of the building.
    #[serde(skip)]
    pub building_id: BuildingId,
    /// Row id of the room.
    #[serde(skip)]
    pub room_id: Option<RoomId>,
}

/// The link of an address.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Link {
    /// What became of it.
    #[serde(rename = "link")]
    pub outcome: Outcome,
    /// The room, or the rooms (and buildings without such a room) it may be.
    pub candidates: Vec<Candidate>,
    /// Whether estate and building are beyond doubt, whatever the room is.
    #[serde(skip)]
    pub is_sure_of_building: bool,
    /// Whether somebody must choose even where one place alone was found: several readings, a remark
    /// that speaks of elsewhere.
    #[serde(skip)]
    pub needs_choice: bool,
}

impl Link {
    /// The building, when there is no doubt about it.
    #[must_use]
    pub fn building_id(&self) -> Option<BuildingId> {
        let first = self.candidates.first().filter(|_| self.is_sure_of_building)?;
        let same = self.candidates.iter().all(|c| c.building_id == first.building_id);
        (same && first.evidence.links()).then_some(first.building_id)
    }

    /// The room, when there is no doubt.
    #[must_use]
    pub fn room_id(&self) -> Option<RoomId> {
        match (self.outcome, &self.candidates[..]) {
            (Outcome::Matched, [only]) => only.room_id,
            _ => None,
        }
    }
}

#[derive(Clone)]
pub(super) struct Building {
    pub(super) building_id: BuildingId,
    pub(super) code: String,
    pub(super) zone: Option<String>,
    pub(super) floors_above: Option<i32>,
}

impl Building {
    pub(super) fn candidate(
        &self,
        unit: Option<String>,
        (room, room_id): (Option<String>, Option<RoomId>),
        evidence: NameEvidence,
    ) -> Candidate {
        Candidate {
            building: self.code.clone(),
            unit,
            room,
            evidence,
            building_id: self.building_id,
            room_id,
        }
    }
}

/// Doors that are offered where the building is not named.
pub(super) const MOST_DOORS: usize = 12;
