//! Rooms made from the shape of a house: for footprints that come without a list of rooms.
//!
//! A preview reads only; making them is one batch, undone like an import.

use crate::domain::ids::{BuildingId, DeedId};
use crate::text::Message;
use std::collections::BTreeSet;

use crate::access::{AuditEntry, Stamp};
use crate::domain::codes::key;
use crate::domain::records::{Precedence, RoomRecord};
use crate::domain::room_key;
use crate::domain::room_plan::{PlannedRoom, RoomPlan};
use crate::import::error::ImportError;
use crate::import::kinds::rooms::RoomWriter;
use crate::store::bulk::RowCounts;
use crate::store::deed::{Deed, DeedKind, DeedList, NewDeed};
use crate::store::rows::Outcome;
use crate::store::{Connection, StoreError, Workspace, lookup};

/// Most rooms that are made at once.
pub const MOST_AT_ONCE: u64 = 500_000;
/// Most houses and rooms that an answer names.
const MOST_NAMED: usize = 12;

/// What a plan makes of some houses, or has made of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct RoomsMade {
    /// Number of the batch that holds them, as an import's; 0 for a preview, and when there was
    /// nothing to make.
    pub batch: DeedId,
    /// Houses that get rooms.
    pub buildings: u64,
    /// Rooms that are made.
    pub added: u64,
    /// Rooms of the plan that are there already; they stay as they are.
    pub known: u64,
    /// The first rooms of the first house, in their order.
    pub sample: Vec<String>,
    /// Houses that get none, and why; the first ones.
    pub left_out: Vec<(String, Message)>,
    /// How many get none.
    pub left_out_count: u64,
}

/// What is asked before a house gets rooms.
struct House {
    units: Vec<String>,
    floors_above: Option<i32>,
    /// `(unit, number)` of rooms and shops, as their keys have them.
    doors: BTreeSet<(String, String)>,
}

fn house(conn: &Connection, building_id: BuildingId) -> Result<House, StoreError> {
    let shape = lookup::building_shape(conn, building_id)?;
    // Parking spaces and cellars have numbers of their own.
    let doors =
        lookup::doors(conn, building_id, [key::ROOM_DWELLING, key::ROOM_SHOP, key::ROOM_OFFICE])?;
    let doors = doors
        .into_iter()
        .map(|(unit, room_no)| (room_key::unit_token(&unit), room_key::token(&room_no)))
        .collect();
    Ok(House { units: shape.units, floors_above: shape.floors_above, doors })
}

/// The rooms a plan makes in a house, or why it makes none; with how many of the plan are there.
fn missing(
    plan: &RoomPlan,
    building_id: BuildingId,
    house: &House,
) -> Result<(Vec<RoomRecord>, u64), &'static str> {
    if plan.units.is_empty() && !house.units.is_empty() {
        return Err("it has units; say which");
    }
    if !plan.units.is_empty() && house.doors.iter().any(|(unit, _)| unit.is_empty()) {
        return Err("it has rooms without a unit, which would be made a second time");
    }
    let Some(planned) = plan.rooms(house.floors_above) else {
        return Err("its number of floors is not known; say the floors");
    };
    let all = planned.len();
    let is_new = |room: &PlannedRoom| {
        let unit = room.unit.as_deref().unwrap_or_default();
        !house.doors.contains(&(room_key::unit_token(unit), room_key::token(&room.room_no)))
    };
    let made: Vec<RoomRecord> = planned
        .into_iter()
        .filter(is_new)
        .map(|room| RoomRecord {
            building_id,
            unit: room.unit.map(|unit| as_known(&house.units, unit)),
            floor: Some(room.floor),
            floor_span: 1,
            room_no: room.room_no,
            kind: key::ROOM_DWELLING,
            status: Some(key::STATUS_UNVERIFIED),
            area_m2: None,
            verified_on: None,
        })
        .collect();
    let known = (all - made.len()) as u64;
    Ok((made, known))
}

/// A unit as the house has it stored.
fn as_known(units: &[String], unit: String) -> String {
    let same = units.iter().find(|known| room_key::unit_token(known) == unit);
    same.cloned().unwrap_or(unit)
}

/// Goes through the houses and hands over the rooms that each is to get.
fn go_through(
    conn: &Connection,
    plan: &RoomPlan,
    buildings: &[BuildingId],
    mut make: impl FnMut(Vec<RoomRecord>) -> Result<(), StoreError>,
) -> Result<RoomsMade, StoreError> {
    let mut told = RoomsMade::default();
    for &building_id in buildings {
        let house = house(conn, building_id)?;
        let rooms = match missing(plan, building_id, &house) {
            Ok((rooms, known)) => {
                told.known += known;
                rooms
            }
            Err(reason) => {
                told.left_out_count += 1;
                if told.left_out.len() < MOST_NAMED {
                    told.left_out.push((lookup::building_title(conn, building_id)?, reason.into()));
                }
                continue;
            }
        };
        if rooms.is_empty() {
            continue;
        }
        if told.sample.is_empty() {
            let title = |room: &RoomRecord| match &room.unit {
                Some(unit) => format!("{unit}-{}", room.room_no),
                None => room.room_no.clone(),
            };
            told.sample = rooms.iter().take(MOST_NAMED).map(title).collect();
        }
        told.buildings += 1;
        told.added += rooms.len() as u64;
        if told.added > MOST_AT_ONCE {
            return Err(StoreError::TooManyRooms);
        }
        make(rooms)?;
    }
    Ok(told)
}

/// What a plan would make of some houses (row ids). Nothing is written.
///
/// # Errors
/// [`StoreError::TooManyRooms`]; SQLite's errors.
pub fn preview(
    conn: &Connection,
    plan: &RoomPlan,
    buildings: &[BuildingId],
) -> Result<RoomsMade, StoreError> {
    go_through(conn, plan, buildings, |_| Ok(()))
}

/// Makes the rooms of a plan in some houses (row ids); rooms that are there stay as they are.
///
/// # Errors
/// Those of [`preview`] and of a workspace that cannot be written; it is then as it was.
pub fn make(
    workspace: &Workspace,
    stamp: &Stamp,
    plan: &RoomPlan,
    buildings: &[BuildingId],
) -> Result<RoomsMade, ImportError> {
    let made = workspace.write_or_drop(stamp, |tx| {
        let title = plan.title();
        let list = DeedList { list: "rooms", sha256: "", encoding: "", mapping: "[]" };
        let new = NewDeed { kind: DeedKind::MakeRooms, title: &title, list: Some(list) };
        let deed = Deed::begin(tx, &new)?;
        let deed_id = deed.deed_id();
        let mut writer = RoomWriter::new(Precedence::Known);
        let mut counts = RowCounts::default();
        let mut told = go_through(tx, plan, buildings, |rooms| {
            for (_, outcome) in writer.write(tx, rooms.iter())? {
                counts.read += 1;
                match outcome {
                    Outcome::Added => counts.added += 1,
                    Outcome::Merged => counts.merged += 1,
                    Outcome::Unchanged => counts.unchanged += 1,
                }
            }
            Ok(())
        })?;
        if told.added == 0 {
            deed.abandon(tx)?;
            return Ok((told, None));
        }
        deed.count(tx, &counts)?;
        deed.finish(tx)?;
        told.batch = deed_id;
        let entry = AuditEntry::done("make_rooms", title)
            .with_fields(format!("building×{} room×{}", told.buildings, told.added));
        Ok((told, Some(entry)))
    })?;
    Ok(made)
}
