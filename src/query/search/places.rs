//! Estates, buildings and rooms, by name, number and address.

use super::{Index, MOST_HITS, PlaceHit, SearchAnswer, part_of_number, range_end};
use crate::domain::address::{self, Address, Reading};
use crate::domain::ids::{BuildingId, EstateId};
use crate::query::place::{ROOM_PLACE_COLUMNS, ROOM_PLACE_JOINS, room_place};
use crate::store::{Connection, Result};

/// The buildings with a number, whichever estate they are of: 30幢.
pub(super) fn numbered(conn: &Connection, text: &str) -> Result<Vec<PlaceHit>> {
    /// Rows of buildings carry their outlines, and are slow to look through.
    const MOST_BUILDINGS: i64 = 300_000;
    let read = address::parse(text);
    let is_alone = read.estate.is_none() && read.road.is_none() && read.room.is_none();
    let Some(number) = read.building.filter(|_| is_alone) else { return Ok(Vec::new()) };
    let last: Option<i64> =
        conn.query_row("SELECT max(building_id) FROM building", [], |row| row.get(0))?;
    if last.is_none_or(|last| last > MOST_BUILDINGS) {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT {BUILDING_COLUMNS} WHERE b.deleted_at IS NULL AND b.building_no = ?1
         ORDER BY e.name, b.zone, b.code LIMIT ?2"
    );
    let mut select = conn.prepare_cached(&sql)?;
    let rows = select.query_map((number, MOST_HITS as i64), building_hit)?;
    Ok(rows.collect::<std::result::Result<_, _>>()?)
}

pub(super) fn estates(conn: &Connection, text: &str) -> Result<Vec<PlaceHit>> {
    let lower = text.to_lowercase();
    let mut select = conn.prepare_cached(
        "SELECT estate_id, name FROM estate WHERE deleted_at IS NULL
           AND (instr(name, ?1) OR instr(aliases, ?1) OR substr(initials, 1, length(?2)) = ?2
             OR substr(pinyin, 1, length(?2)) = ?2)
         ORDER BY name LIMIT ?3",
    )?;
    let rows = select.query_map((text, lower, MOST_HITS as i64), |row| {
        Ok(PlaceHit {
            building_id: None,
            estate_id: row.get(0)?,
            code: None,
            estate: row.get(1)?,
            name: None,
            building_no: None,
            address: None,
        })
    })?;
    Ok(rows.collect::<std::result::Result<_, _>>()?)
}

const BUILDING_COLUMNS: &str = "b.building_id, b.code, e.name, b.name, b.building_no, b.address
     FROM building b LEFT JOIN estate e ON e.estate_id = b.estate_id";

fn building_hit(row: &rusqlite::Row<'_>) -> rusqlite::Result<PlaceHit> {
    Ok(PlaceHit {
        building_id: row.get(0)?,
        estate_id: None,
        code: row.get(1)?,
        estate: row.get(2)?,
        name: row.get(3)?,
        building_no: row.get(4)?,
        address: row.get(5)?,
    })
}

pub(super) fn buildings(conn: &Connection, text: &str) -> Result<Vec<PlaceHit>> {
    let sql = format!(
        "SELECT {BUILDING_COLUMNS} WHERE b.deleted_at IS NULL AND b.code = ?1
         UNION SELECT {BUILDING_COLUMNS}
           WHERE b.deleted_at IS NULL AND b.name >= ?1 AND b.name < ?2
         ORDER BY 3, 4, 2 LIMIT ?3"
    );
    let mut select = conn.prepare_cached(&sql)?;
    let rows = select.query_map((text, range_end(text), MOST_HITS as i64), building_hit)?;
    Ok(rows.collect::<std::result::Result<_, _>>()?)
}

/// An address of which an estate's name is the beginning, in any way of writing: 橡树湾3幢2单元501,
/// 橡树湾 3-2-501, 橡树湾三号楼.
pub(super) fn addresses(
    index: &Index,
    conn: &Connection,
    text: &str,
    answer: &mut SearchAnswer,
) -> Result<()> {
    let mut select = conn.prepare_cached(
        "SELECT estate_id FROM estate WHERE deleted_at IS NULL
           AND substr(?1, 1, length(name)) = name ORDER BY length(name) DESC LIMIT 1",
    )?;
    let read = address::parse(text);
    linked(index, conn, text, &read, answer)?;
    if part_of_number(text).is_none() {
        let missing = MOST_HITS.saturating_sub(answer.buildings.len());
        add_buildings(conn, &index.words.buildings.holding(text, missing), answer)?;
    }
    let mut estate: Option<EstateId> = None;
    for name in [Some(text), read.estate.as_deref()].into_iter().flatten() {
        if estate.is_none() {
            estate = select.query_map([name], |row| row.get(0))?.next().transpose()?;
        }
    }
    let Some(estate_id) = estate else { return Ok(()) };
    let first = Reading { building: read.building, unit: read.unit, room: read.room };
    for reading in std::iter::once(first).chain(read.alternatives) {
        rooms_of_reading(conn, estate_id, &reading, answer)?;
    }
    Ok(())
}

/// What the address links to, as `menpai address --in` tells it: by road and number, by the building's
/// own name, by an alias.
fn linked(
    index: &Index,
    conn: &Connection,
    text: &str,
    read: &Address,
    answer: &mut SearchAnswer,
) -> Result<()> {
    let is_address = read.quality != address::Match::None
        && (read.building.is_some() || read.road_no.is_some() || read.room.is_some());
    if !is_address {
        return Ok(());
    }
    let Some(gazetteer) = index.addresses(conn)? else {
        return by_road(index, conn, read, answer);
    };
    let link = gazetteer.link_text(conn, text, read)?;
    let sql =
        format!("SELECT {ROOM_PLACE_COLUMNS} FROM room r {ROOM_PLACE_JOINS} WHERE r.room_id = ?1");
    let mut room = conn.prepare_cached(&sql)?;
    for candidate in link.candidates.iter().take(MOST_HITS) {
        if let Some(room_id) = candidate.room_id {
            let hit = room.query_row([room_id], |row| room_place(row, 0))?;
            if !answer.rooms.contains(&hit) {
                answer.rooms.push(hit);
            }
        }
        add_buildings(conn, &[candidate.building_id], answer)?;
    }
    Ok(())
}

/// The buildings whose own address has the road and number, where there are too many for being linked.
fn by_road(
    index: &Index,
    conn: &Connection,
    read: &Address,
    answer: &mut SearchAnswer,
) -> Result<()> {
    let (Some(road), Some(road_no)) = (&read.road, &read.road_no) else { return Ok(()) };
    let found = index.words.buildings.holding(&format!("{road}{road_no}号"), MOST_HITS);
    let before = answer.buildings.len();
    add_buildings(conn, &found, answer)?;
    let Some(number) = &read.building else { return Ok(()) };
    let mut found = answer.buildings.split_off(before);
    found.retain(|hit| hit.building_no.as_ref().is_none_or(|known| known == number));
    if let Some(room_no) = &read.room {
        add_rooms(conn, &found, (room_no, read.unit.as_deref()), answer)?;
    }
    answer.buildings.append(&mut found);
    Ok(())
}

/// Adds buildings by row id, each once.
fn add_buildings(conn: &Connection, ids: &[BuildingId], answer: &mut SearchAnswer) -> Result<()> {
    let sql =
        format!("SELECT {BUILDING_COLUMNS} WHERE b.deleted_at IS NULL AND b.building_id = ?1");
    let mut building = conn.prepare_cached(&sql)?;
    for building_id in ids {
        for hit in building.query_map([building_id], building_hit)? {
            let hit = hit?;
            if !answer.buildings.contains(&hit) {
                answer.buildings.push(hit);
            }
        }
    }
    Ok(())
}

/// Adds the rooms of buildings with a number, each once.
fn add_rooms(
    conn: &Connection,
    buildings: &[PlaceHit],
    (room_no, unit): (&str, Option<&str>),
    answer: &mut SearchAnswer,
) -> Result<()> {
    let sql = format!(
        "SELECT {ROOM_PLACE_COLUMNS} FROM room r {ROOM_PLACE_JOINS}
         WHERE r.building_id = ?1 AND r.room_no = ?2 AND (?3 IS NULL OR u.unit_no = ?3)
           AND r.deleted_at IS NULL ORDER BY u.ord, r.kind LIMIT ?4"
    );
    let mut select = conn.prepare_cached(&sql)?;
    for hit in buildings {
        let values = (hit.building_id, room_no, unit, MOST_HITS as i64);
        for row in select.query_map(values, |row| room_place(row, 0))? {
            let row = row?;
            if !answer.rooms.contains(&row) {
                answer.rooms.push(row);
            }
        }
    }
    Ok(())
}

fn rooms_of_reading(
    conn: &Connection,
    estate_id: EstateId,
    reading: &Reading,
    answer: &mut SearchAnswer,
) -> Result<()> {
    let Some(building_no) = &reading.building else { return Ok(()) };
    let sql = format!(
        "SELECT {BUILDING_COLUMNS} WHERE b.deleted_at IS NULL AND b.estate_id = ?1
           AND b.building_no = ?2 ORDER BY b.zone, b.code LIMIT ?3"
    );
    let found: Vec<PlaceHit> = conn
        .prepare_cached(&sql)?
        .query_map((estate_id, building_no, MOST_HITS as i64), building_hit)?
        .collect::<std::result::Result<_, _>>()?;
    if let Some(room_no) = &reading.room {
        add_rooms(conn, &found, (room_no, reading.unit.as_deref()), answer)?;
    }
    for hit in found {
        if !answer.buildings.contains(&hit) {
            answer.buildings.push(hit);
        }
    }
    Ok(())
}
