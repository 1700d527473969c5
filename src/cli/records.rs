//! Records as they are named on the command line: `CODE,UNIT,ROOM`, an ID number, a name.

use anyhow::Result;

use super::asked::{Asked, not_found};
use crate::domain::ids::{BuildingId, PersonId, RoomId};
use crate::domain::object::Object;
use crate::msg;
use crate::store::lookup::{self, RoomMatch};
use crate::store::{by_hand, events, living, named};

/// The building of a code.
pub(super) fn building_of(asked: &Asked, code: &str) -> Result<BuildingId> {
    lookup::building_id(&asked.reader, code)?
        .ok_or_else(|| not_found(msg!("no building has the code {}", code)))
}

/// The room of a unit and a number in a building.
pub(super) fn room_of(
    asked: &Asked,
    (building_id, code): (BuildingId, &str),
    unit: Option<&str>,
    room: &str,
) -> Result<RoomId> {
    match lookup::find_room(&asked.reader, building_id, unit, room)? {
        RoomMatch::One(room_id) => Ok(room_id),
        RoomMatch::None => Err(not_found(match unit {
            Some(unit) => msg!("building {} has no room {} in unit {}", code, room, unit),
            None => msg!("building {} has no room {}", code, room),
        })),
        RoomMatch::Ambiguous(n) => {
            Err(not_found(msg!("{} rooms answer to {}; give the unit", n, room)))
        }
    }
}

/// The room of `CODE,UNIT,ROOM`; the unit is empty or `-` where there is none.
pub(super) fn room_of_text(asked: &Asked, text: &str) -> Result<RoomId> {
    let parts: Vec<&str> = text.split([',', '，']).map(str::trim).collect();
    let [code, unit, room] = parts[..] else {
        return Err(not_found(msg!("{} is no room: write CODE,UNIT,ROOM", text)));
    };
    let building_id = building_of(asked, code)?;
    let unit = Some(unit).filter(|unit| !unit.is_empty() && *unit != "-");
    room_of(asked, (building_id, code), unit, room)
}

/// The only one of several that answer to a name.
fn only<T: Copy>(found: &[T], text: &str) -> Result<T> {
    match found {
        [one] => Ok(*one),
        [] => Err(not_found(msg!("nothing answers to {}", text))),
        several => Err(not_found(msg!(
            "{} records answer to {}; give the ID number, or CODE,UNIT,ROOM,NAME",
            several.len(),
            text
        ))),
    }
}

/// A person: an ID number, `CODE,UNIT,ROOM,NAME`, `#` and a row id, or a name that nobody else has.
pub(super) fn person_of(asked: &Asked, text: &str) -> Result<PersonId> {
    let text = text.trim();
    if let Some(Object::Person(id)) =
        text.strip_prefix('#').and_then(|id| Object::of_key(&format!("person/{id}")))
    {
        return Ok(id);
    }
    let parts: Vec<&str> = text.split([',', '，']).map(str::trim).collect();
    if let [code, unit, room, name] = parts[..] {
        let room_id = room_of_text(asked, &format!("{code},{unit},{room}"))?;
        return only(&named::persons_in_room(&asked.reader, room_id, name)?, text);
    }
    let number = crate::domain::id_number::normalise(text);
    let by_number = named::persons_of_number(&asked.reader, &number)?;
    if !by_number.is_empty() {
        return only(&by_number, text);
    }
    only(&named::persons_of_name(&asked.reader, text)?, text)
}

/// A record by its kind and what it is called.
pub(super) fn object_of(asked: &Asked, word: &str, text: &str) -> Result<Object> {
    let conn = &asked.reader;
    Ok(match word {
        "person" => Object::Person(person_of(asked, text)?),
        "room" => Object::Room(room_of_text(asked, text)?),
        "building" => Object::Building(building_of(asked, text)?),
        "enterprise" => Object::Enterprise(only(&named::enterprises(conn, text)?, text)?),
        "estate" => Object::Estate(only(&named::estates(conn, text)?, text)?),
        "staff" => Object::Staff(only(&named::staff(conn, text)?, text)?),
        "organisation" => Object::Organisation(only(&named::organisations(conn, text)?, text)?),
        "device" => Object::Device(only(&named::devices(conn, text)?, text)?),
        "grid" => {
            let grid_id = lookup::grid_id(conn, text)?;
            Object::Grid(grid_id.ok_or_else(|| not_found(msg!("no grid has the code {}", text)))?)
        }
        "event" => {
            let event_id = events::event_id(conn, text)?;
            let none = || not_found(msg!("no event has the number {}", text));
            Object::Event(event_id.ok_or_else(none)?)
        }
        "tag" => {
            let none = || not_found(msg!("{} is no tag of a person: write PERSON:TAG", text));
            let (person, tag) = text.rsplit_once([':', '：']).ok_or_else(none)?;
            let person_id = person_of(asked, person)?;
            let tag_id = by_hand::tag_of(conn, tag)?;
            Object::Tag(named::tag_of_person(conn, person_id, tag_id)?.ok_or_else(none)?)
        }
        "residency" => {
            let none = || not_found(msg!("{} is no residency: write PERSON@CODE,UNIT,ROOM", text));
            let (person, room) = text.rsplit_once('@').ok_or_else(none)?;
            let (person_id, room_id) = (person_of(asked, person)?, room_of_text(asked, room)?);
            let homes = living::homes(conn, person_id)?;
            let home = homes.iter().find(|home| home.room_id == room_id);
            Object::Residency(home.ok_or_else(none)?.residency_id)
        }
        "note" => {
            let id = Object::of_key(&format!("note/{}", text.trim_start_matches('#')));
            id.ok_or_else(|| not_found(msg!("nothing answers to {}", text)))?
        }
        _ => {
            let known = "person room building enterprise estate staff organisation device grid event \
                         tag residency note";
            return Err(not_found(msg!("{} is not one of {}", word, known)));
        }
    })
}
