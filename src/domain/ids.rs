//! Row ids that cannot be mistaken for one another.
//!
//! An id is positive, below 2^62, and never given twice. In JSON and SQL it is the bare number (the SQL
//! side stands in `store::ids`).

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The id of a row of one table.
pub trait RowId: Copy + Ord + std::hash::Hash + From<i64> + Into<i64> {
    /// The table.
    const TABLE: &'static str;
}

macro_rules! row_id {
    ($($(#[$doc:meta])* $name:ident of $table:literal;)*) => {
        $(
            $(#[$doc])*
            #[derive(
                Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
            )]
            #[serde(transparent)]
            pub struct $name(pub i64);

            impl RowId for $name {
                const TABLE: &'static str = $table;
            }

            impl From<i64> for $name {
                fn from(id: i64) -> Self {
                    Self(id)
                }
            }

            impl From<$name> for i64 {
                fn from(id: $name) -> Self {
                    id.0
                }
            }

            impl FromStr for $name {
                type Err = ParseIntError;
                fn from_str(text: &str) -> Result<Self, Self::Err> {
                    text.parse().map(Self)
                }
            }

            impl fmt::Display for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    self.0.fmt(f)
                }
            }
        )*
    };
}

row_id! {
    /// A building.
    BuildingId of "building";
    /// A unit (a stairway) of a building.
    UnitId of "building_unit";
    /// A room.
    RoomId of "room";
    /// A household of a room.
    HouseholdId of "household";
    /// A residency: a person in a room from one day to another.
    ResidencyId of "residency";
    /// A person.
    PersonId of "person";
    /// A tag: a focus population.
    TagId of "tag";
    /// An estate.
    EstateId of "estate";
    /// A grid.
    GridId of "grid";
    /// An enterprise.
    EnterpriseId of "enterprise";
    /// An event.
    EventId of "event";
    /// A device.
    DeviceId of "device";
    /// A deed: an import, a settled row, an undo …
    DeedId of "deed";
    /// A row of the review queue.
    QueueRowId of "queue_row";
    /// A list that was matched against the residents.
    MatchJobId of "match_job";
    /// A step of an event.
    StepId of "event_step";
    /// Something that was asked for about an event.
    RequestId of "event_request";
    /// A visit.
    VisitId of "visit";
    /// A plan of visits.
    PlanId of "visit_plan";
    /// Somebody who works here.
    StaffId of "staff";
    /// A floor of a building.
    FloorId of "building_floor";
    /// A tag that a person has.
    PersonTagId of "person_tag";
    /// An organisation.
    OrganisationId of "organisation";
    /// A note on a place.
    PlaceNoteId of "place_note";
}

impl DeedId {
    /// No deed: nothing was written.
    pub const NONE: Self = Self(0);

    /// Whether there is a deed.
    #[must_use]
    pub fn is_some(self) -> bool {
        self != Self::NONE
    }
}
