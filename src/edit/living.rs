//! Who lives where, by hand: each is one deed.

use jiff::civil::Date;

use super::deeds::write;
use crate::access::Stamp;
use crate::domain::ids::{DeedId, HouseholdId, PersonId, RoomId};
use crate::domain::object::{Cell, Object};
use crate::store::deed::DeedKind;
use crate::store::living::{self, MoveIn};
use crate::store::{StoreError, Workspace, edit};

/// Moves somebody into a room. What they have had ends, unless it stays a second home.
///
/// # Errors
/// [`StoreError::Record`] says why not; SQLite's errors.
pub fn move_in(
    workspace: &Workspace,
    stamp: &Stamp,
    person_id: PersonId,
    to: &MoveIn,
) -> Result<DeedId, StoreError> {
    check_day(stamp, to.since)?;
    let fields = if to.is_second_home { "second_home" } else { "move" };
    write(workspace, stamp, DeedKind::Move, (Object::Person(person_id), fields), |tx| {
        living::move_in(tx, person_id, to).map(drop)
    })
}

/// Ends everything that somebody has here: they have moved away, or died.
///
/// # Errors
/// [`StoreError::Record`] for somebody who lives nowhere here; SQLite's errors.
pub fn move_out(
    workspace: &Workspace,
    stamp: &Stamp,
    (person_id, room_id): (PersonId, Option<RoomId>),
    (on, status): (Date, Option<i64>),
) -> Result<DeedId, StoreError> {
    check_day(stamp, on)?;
    write(workspace, stamp, DeedKind::Move, (Object::Person(person_id), "move_out"), |tx| {
        let homes = living::homes(tx, person_id)?;
        let is_meant = |home: &&living::Living| room_id.is_none_or(|room| room == home.room_id);
        let ended: Vec<_> = homes.iter().filter(is_meant).collect();
        if ended.is_empty() && status.is_none() {
            return Err(StoreError::Record("this person does not live there".into()));
        }
        for home in &ended {
            living::end(tx, home.residency_id, on)?;
        }
        if let Some(status) = status.filter(|_| ended.len() == homes.len()) {
            edit::set_cells(tx, Object::Person(person_id), &[("status", Cell::Int(status))])?;
        }
        Ok(())
    })
}

fn check_day(stamp: &Stamp, day: Date) -> Result<(), StoreError> {
    let today = crate::domain::clock::day_of(stamp.at);
    match today.filter(|today| day > *today) {
        Some(_) => Err(StoreError::Record("this day is still to come".into())),
        None => Ok(()),
    }
}

/// Makes a member the head of the household in a room.
///
/// # Errors
/// [`StoreError::Record`] says why not; SQLite's errors.
pub fn make_head(
    workspace: &Workspace,
    stamp: &Stamp,
    person_id: PersonId,
    room_id: RoomId,
) -> Result<DeedId, StoreError> {
    write(workspace, stamp, DeedKind::Edit, (Object::Person(person_id), "head"), |tx| {
        living::make_head(tx, person_id, room_id)
    })
}

/// Takes members of a room into a household of their own.
///
/// # Errors
/// [`StoreError::Record`] says why not; SQLite's errors.
pub fn split_household(
    workspace: &Workspace,
    stamp: &Stamp,
    (room_id, members): (RoomId, &[PersonId]),
    no: &str,
) -> Result<DeedId, StoreError> {
    write(workspace, stamp, DeedKind::Edit, (Object::Room(room_id), "split_household"), |tx| {
        living::split_household(tx, room_id, members, no).map(|_: HouseholdId| ())
    })
}

/// Makes the households of a room one.
///
/// # Errors
/// [`StoreError::Record`] says why not; SQLite's errors.
pub fn join_households(
    workspace: &Workspace,
    stamp: &Stamp,
    room_id: RoomId,
) -> Result<DeedId, StoreError> {
    write(workspace, stamp, DeedKind::Edit, (Object::Room(room_id), "join_households"), |tx| {
        living::join_households(tx, room_id)
    })
}
