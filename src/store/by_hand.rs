//! What stands beside the plain columns of a record and is changed by hand: units and floors of a room, the
//! estate of a building, the tags of a person; and the first row of a new record.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension as _, params};

use super::{Result, StoreError, WriteTx, edit, rows};
use crate::domain::codes::key;
use crate::domain::ids::{
    BuildingId, EnterpriseId, EstateId, OrganisationId, PersonId, PlaceNoteId, RoomId, StaffId,
    TagId,
};
use crate::domain::names::pinyin_and_initials;
use crate::domain::object::{Cell, Object};
use crate::domain::{fold, room_key};
use crate::msg;

/// What stands in a field that is no column: `unit` and `floor` of a room, `estate` of a building.
///
/// # Errors
/// SQLite's errors.
pub fn derived_cell(conn: &Connection, object: Object, field: &str) -> Result<Cell> {
    let sql = match (object, field) {
        (Object::Room(_), "unit") => {
            "SELECT u.unit_no FROM room r JOIN building_unit u USING (unit_id) WHERE r.room_id = ?1"
        }
        (Object::Room(_), "floor") => {
            "SELECT coalesce(f.label, CAST(r.floor_min AS TEXT)) FROM room r
             LEFT JOIN building_floor f ON f.building_id = r.building_id AND f.ord = r.floor_min
             WHERE r.room_id = ?1"
        }
        (Object::Building(_), "estate") => {
            "SELECT s.name FROM building b JOIN estate s USING (estate_id) WHERE b.building_id = ?1"
        }
        _ => return Ok(Cell::Empty),
    };
    let cell = conn.prepare_cached(sql)?.query_row([object.row()], |row| row.get(0)).optional()?;
    Ok(cell.unwrap_or(Cell::Empty))
}

fn building_of(conn: &Connection, room_id: RoomId) -> Result<BuildingId> {
    let sql = "SELECT building_id FROM room WHERE room_id = ?1";
    Ok(conn.prepare_cached(sql)?.query_row([room_id], |row| row.get(0))?)
}

/// Puts a room into a unit of its building, which is made when it is new; into none without one.
///
/// # Errors
/// SQLite's errors.
pub fn set_unit(tx: &WriteTx<'_>, room_id: RoomId, unit: Option<&str>) -> Result<()> {
    let unit_id = match unit {
        Some(unit) => {
            let building_id = building_of(tx, room_id)?;
            Some(rows::UnitCache::default().unit_id(tx, building_id, unit)?)
        }
        None => None,
    };
    tx.execute("UPDATE room SET unit_id = ?2 WHERE room_id = ?1", (room_id, unit_id))?;
    Ok(())
}

/// Puts a room on a floor of its building, which is made when it is new.
///
/// # Errors
/// SQLite's errors.
pub fn set_floor(tx: &WriteTx<'_>, room_id: RoomId, label: Option<&str>) -> Result<()> {
    let ord = match label {
        Some(label) => {
            let labels = BTreeSet::from([label.to_owned()]);
            let floors = rows::assign_floors(tx, building_of(tx, room_id)?, &labels)?;
            floors.get(label).copied()
        }
        None => None,
    };
    tx.execute("UPDATE room SET floor_min = ?2 WHERE room_id = ?1", (room_id, ord))?;
    Ok(())
}

/// Makes the key of a room anew after its unit, number or kind has changed.
///
/// # Errors
/// [`StoreError::Record`] where another room of the building has it; SQLite's errors.
pub fn renew_key(tx: &WriteTx<'_>, room_id: RoomId) -> Result<()> {
    let (building_id, unit, room_no, kind): (BuildingId, Option<String>, String, i64) = tx
        .query_row(
            "SELECT r.building_id, u.unit_no, r.room_no, r.kind FROM room r
             LEFT JOIN building_unit u USING (unit_id) WHERE r.room_id = ?1",
            [room_id],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
        )?;
    let match_key =
        room_key::match_key(building_id, unit.as_deref().unwrap_or_default(), &room_no, kind);
    let object = Object::Room(room_id);
    if edit::is_taken(tx, object, &[("match_key", Cell::Text(match_key.clone()))])? {
        return Err(StoreError::Record(msg!(
            "the building has a room {} of this unit and kind already",
            room_no
        )));
    }
    edit::set_cells(tx, object, &[("match_key", Cell::Text(match_key))])
}

/// Puts a building into an estate by its name; a new name makes a new estate.
///
/// # Errors
/// SQLite's errors.
pub fn set_estate(tx: &WriteTx<'_>, building_id: BuildingId, name: Option<&str>) -> Result<()> {
    let estate_id = match name {
        Some(name) => {
            let known: Option<EstateId> = tx
                .query_row(
                    "SELECT estate_id FROM estate WHERE name = ?1 AND deleted_at IS NULL",
                    [name],
                    |row| row.get(0),
                )
                .optional()?;
            match known {
                Some(known) => Some(known),
                None => {
                    let (pinyin, initials) = pinyin_and_initials(name);
                    tx.execute(
                        "INSERT INTO estate (name, pinyin, initials) VALUES (?1, ?2, ?3)",
                        (name, pinyin, initials),
                    )?;
                    Some(EstateId(tx.last_insert_rowid()))
                }
            }
        }
        None => None,
    };
    let sql = "UPDATE building SET estate_id = ?2 WHERE building_id = ?1";
    tx.execute(sql, (building_id, estate_id))?;
    Ok(())
}

/// The tags that change: each to be given or taken, as somebody wrote it, those that are so already left
/// out.
///
/// # Errors
/// [`StoreError::Record`] for a tag that there is not; SQLite's errors.
pub fn tag_changes(
    conn: &Connection,
    person_id: PersonId,
    wanted: &[(String, bool)],
) -> Result<Vec<(TagId, bool)>> {
    let mut changes = Vec::new();
    for (name, gives) in wanted {
        let tag_id = tag_of(conn, name)?;
        let has: bool = conn
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM person_tag WHERE person_id = ?1 AND tag_id = ?2
                   AND until IS NULL)",
            )?
            .query_row((person_id, tag_id), |row| row.get(0))?;
        if has != *gives {
            changes.push((tag_id, *gives));
        }
    }
    Ok(changes)
}

/// The tag of a code, a label or another spelling.
///
/// # Errors
/// [`StoreError::Record`] for one that there is not; SQLite's errors.
pub fn tag_of(conn: &Connection, name: &str) -> Result<TagId> {
    let wanted = fold(name);
    let mut select =
        conn.prepare_cached("SELECT tag_id, code, zh, en, aliases FROM tag ORDER BY ord")?;
    let mut rows = select.query([])?;
    let mut known = Vec::new();
    while let Some(row) = rows.next()? {
        let texts: Vec<String> = (1..5).map(|n| row.get(n)).collect::<rusqlite::Result<_>>()?;
        let spellings = texts[..3].iter().map(String::as_str).chain(texts[3].split(';'));
        if spellings.into_iter().any(|spelling| fold(spelling) == wanted) {
            return Ok(row.get(0)?);
        }
        known.push(texts[0].clone());
    }
    Err(StoreError::Record(msg!("no tag {}; tags: {}", name, known.join(" "))))
}

/// Gives and takes tags; one that is taken ends today and stays in the history.
///
/// # Errors
/// SQLite's errors.
pub fn write_tags(tx: &WriteTx<'_>, person_id: PersonId, changes: &[(TagId, bool)]) -> Result<()> {
    let today = crate::domain::clock::day_of(tx.stamp().at).map(|day| day.to_string());
    for (tag_id, gives) in changes {
        if *gives {
            tx.execute(
                "INSERT INTO person_tag (person_id, tag_id, source, since) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (person_id, tag_id) DO UPDATE SET until = NULL",
                (person_id, tag_id, &tx.stamp().actor.name, &today),
            )?;
        } else {
            tx.execute(
                "UPDATE person_tag SET until = ?3 WHERE person_id = ?1 AND tag_id = ?2",
                (person_id, tag_id, &today),
            )?;
        }
    }
    Ok(())
}

/// What a field of a new record says unless somebody says otherwise.
#[must_use]
pub fn usual_cell(word: &str, field: &str) -> Option<Cell> {
    Some(Cell::Int(match (word, field) {
        ("person", "id_type") => key::ID_CARD,
        ("person", "population_type") => key::REGISTERED,
        ("person", "status") | ("room", "kind" | "floor_span") => 1,
        ("room", "status") => key::STATUS_UNVERIFIED,
        ("enterprise", "status") => key::ENTERPRISE_OPEN,
        ("organisation" | "note", "kind") => 9,
        _ => return None,
    }))
}

/// The record that would be added next to a table.
///
/// # Errors
/// [`StoreError::Record`] for a kind of record that is not added by hand; SQLite's errors.
pub fn next_object(tx: &WriteTx<'_>, word: &str) -> Result<Object> {
    let table = match word {
        "person" | "room" | "enterprise" | "estate" | "staff" | "organisation" => word,
        "note" => "place_note",
        _ => {
            return Err(StoreError::Record(msg!("a {} is not added by hand", word)));
        }
    };
    let given: Option<i64> = tx
        .query_row("SELECT seq FROM sqlite_sequence WHERE name = ?1", [table], |row| row.get(0))
        .optional()?;
    let key = Object::of_key(&format!("{word}/0")).map_or("rowid", |object| object.names().1);
    let highest: Option<i64> =
        tx.query_row(&format!("SELECT max({key}) FROM {table}"), [], |row| row.get(0))?;
    let next = given.unwrap_or(0).max(highest.unwrap_or(0)) + 1;
    Ok(match word {
        "person" => Object::Person(PersonId(next)),
        "room" => Object::Room(RoomId(next)),
        "enterprise" => Object::Enterprise(EnterpriseId(next)),
        "estate" => Object::Estate(EstateId(next)),
        "staff" => Object::Staff(StaffId(next)),
        "organisation" => Object::Organisation(OrganisationId(next)),
        _ => Object::PlaceNote(PlaceNoteId(next)),
    })
}

/// Inserts the first row of a new record, with what its table cannot do without.
///
/// # Errors
/// [`StoreError::Record`] for a room without a building; SQLite's errors.
pub fn begin(
    tx: &WriteTx<'_>,
    object: Object,
    (building_id, room_id): (Option<BuildingId>, Option<RoomId>),
    cells: &[(&'static str, Cell)],
) -> Result<()> {
    let given = |name: &str| cells.iter().find(|(n, _)| *n == name).map(|(_, cell)| cell.clone());
    let cell =
        |name: &str| given(name).or_else(|| usual_cell(object.word(), name)).unwrap_or(Cell::Empty);
    let name = given("name").and_then(|c| c.text().map(str::to_owned)).unwrap_or_default();
    let (pinyin, initials) = pinyin_and_initials(&name);
    let id = object.row();
    match object {
        Object::Person(_) => tx.execute(
            "INSERT INTO person (person_id, name, pinyin, initials, id_type, population_type, status)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![id, name, pinyin, initials, cell("id_type"), cell("population_type"), cell("status")],
        )?,
        Object::Room(_) => {
            let Some(building_id) = building_id else {
                return Err(StoreError::Record("say in which building the room is".into()));
            };
            // The key is made anew when unit, number and kind are written.
            tx.execute(
                "INSERT INTO room (room_id, building_id, room_no, kind, status, match_key)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![id, building_id, cell("room_no"), cell("kind"), cell("status"), format!("new/{id}")],
            )?;
            if given("unit").is_none() && given("kind").is_none() && given("room_no").is_none() {
                renew_key(tx, RoomId(id))?;
            }
            1
        }
        Object::Enterprise(_) => {
            let of_room = room_id.map(|room_id| building_of(tx, room_id)).transpose()?;
            tx.execute(
                "INSERT INTO enterprise (enterprise_id, name, pinyin, initials, status, building_id,
                   room_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![id, name, pinyin, initials, cell("status"), building_id.or(of_room), room_id],
            )?
        }
        Object::Estate(_) => tx.execute(
            "INSERT INTO estate (estate_id, name, pinyin, initials) VALUES (?1, ?2, ?3, ?4)",
            params![id, name, pinyin, initials],
        )?,
        Object::Staff(_) => {
            tx.execute("INSERT INTO staff (staff_id, name) VALUES (?1, ?2)", params![id, name])?
        }
        Object::Organisation(_) => tx.execute(
            "INSERT INTO organisation (organisation_id, kind, name) VALUES (?1, ?2, ?3)",
            params![id, cell("kind"), name],
        )?,
        Object::PlaceNote(_) => tx.execute(
            "INSERT INTO place_note (place_note_id, kind, text, building_id) VALUES (?1, ?2, ?3, ?4)",
            params![id, cell("kind"), cell("text"), building_id],
        )?,
        _ => return Err(StoreError::Record(msg!("a {} is not added by hand", object.word()))),
    };
    Ok(())
}
