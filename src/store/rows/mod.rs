//! Records into tables: each kind's insert-or-merge, by the key that makes two rows the same.
//!
//! A merge overwrites a field only when the new record gives one; a record that changes nothing
//! is [`Outcome::Unchanged`].

mod basemap;
mod building;
mod enterprise;
mod event;
mod merge;
mod person;
mod room;

use rusqlite::Connection;

use crate::domain::ids::RowId;

pub use basemap::upsert_basemap;
pub use building::{
    PreparedBuilding, add_estate_alias, prepare_building, store_building, upsert_building,
    upsert_grid,
};
pub use enterprise::upsert_enterprise;
pub use event::{EventFacts, known_event, upsert_device, upsert_event};
pub use person::{
    Merge, PersonWriter, insert_household, insert_person, insert_residency, insert_tag,
    set_household_head,
};
pub use room::{RoomFacts, UnitCache, assign_floors, insert_room, known_room, upsert_room};

/// Midnight (Asia/Shanghai) of a day, UTC seconds.
pub(crate) fn midnight(day: jiff::civil::Date) -> Option<i64> {
    let zone = crate::domain::clock::shanghai();
    Some(day.at(0, 0, 0, 0).to_zoned(zone).ok()?.timestamp().as_second())
}

/// The row that was inserted last.
fn inserted<I: RowId>(conn: &Connection) -> I {
    I::from(conn.last_insert_rowid())
}

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is new.
    Added,
    /// It was there and has changed.
    Merged,
    /// It was there and says the same.
    Unchanged,
}

impl Outcome {
    fn from_changed_rows(rows: usize) -> Self {
        if rows == 0 { Self::Unchanged } else { Self::Merged }
    }

    /// The stronger of two: added over merged over unchanged.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Added, _) | (_, Self::Added) => Self::Added,
            (Self::Merged, _) | (_, Self::Merged) => Self::Merged,
            _ => Self::Unchanged,
        }
    }
}
