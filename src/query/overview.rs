//! Who and what is in this building: header, counts, tags, matrix, enterprises, events.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Vocabulary, instant_text};
use crate::domain::codes::{key, list};
use crate::domain::floor;
use crate::domain::ids::{BuildingId, HouseholdId, PersonId, RoomId, TagId, UnitId};
use crate::domain::matrix::{self, MatrixRoom};
use crate::domain::workflow::event;
use crate::store::{Connection, Result};
use rusqlite::OptionalExtension as _;

mod answer;

pub use answer::{
    AreaM2, BuildingHeader, Cell, Counts, EnterpriseLine, EventLine, FloorHead, Matrix, Overview,
    TagCount,
};

/// Answers for a building's row id; `None` when there is no such building.
///
/// # Errors
/// SQLite's errors.
pub fn overview(
    conn: &Connection,
    vocabulary: &Vocabulary,
    building_id: BuildingId,
) -> Result<Option<Overview>> {
    let Some(mut building) = header(conn, building_id)? else { return Ok(None) };
    let residents = residents(conn, building_id)?;
    let tags_of_person = person_tags(conn, building_id)?;
    let events = events(conn, vocabulary, building_id)?;
    let enterprises = enterprises(conn, vocabulary, building_id)?;
    let matrix = matrix(conn, vocabulary, &building, &residents, &tags_of_person, &events)?;
    building.units = matrix.units.iter().filter(|u| !u.is_empty()).count();
    let mut counts = Counts {
        rooms: (matrix.cells.len() + matrix.unassigned.len()) as u64,
        enterprises: enterprises.len() as u64,
        open_events: events.iter().filter(|e| event::is_open(e.state_key)).count() as u64,
        devices: devices(conn, building_id)?,
        ..Counts::default()
    };
    count_persons(&mut counts, &residents);
    let tags = count_tags(vocabulary, &tags_of_person);
    Ok(Some(Overview { building, counts, tags, matrix, enterprises, events }))
}

fn count_persons(counts: &mut Counts, residents: &[Resident]) {
    let persons: BTreeMap<PersonId, i64> =
        residents.iter().map(|r| (r.person_id, r.population_type)).collect();
    counts.persons = persons.len() as u64;
    for population_type in persons.values() {
        match *population_type {
            key::FLOATING => counts.floating += 1,
            key::OVERSEAS => counts.overseas += 1,
            _ => counts.registered += 1,
        }
    }
    let households: BTreeSet<HouseholdId> =
        residents.iter().filter_map(|r| r.household_id).collect();
    counts.households = households.len() as u64;
}

fn count_tags(vocabulary: &Vocabulary, tags_of: &HashMap<PersonId, Vec<TagId>>) -> Vec<TagCount> {
    let count = |tag_id| tags_of.values().filter(|tags| tags.contains(&tag_id)).count() as u64;
    vocabulary
        .tags
        .iter()
        .map(|t| TagCount { code: t.code.clone(), label: t.zh.clone(), persons: count(t.tag_id) })
        .filter(|t| t.persons > 0)
        .collect()
}

fn header(conn: &Connection, building_id: BuildingId) -> Result<Option<BuildingHeader>> {
    Ok(conn
        .prepare_cached(
            "SELECT b.building_id, b.code, b.name, e.name, b.zone, b.building_no, b.kind,
               b.address, b.floors_above, b.floors_below, g.code, g.name, g.leader,
               b.leader_name, b.leader_phone, b.lon, b.lat
             FROM building b LEFT JOIN estate e ON e.estate_id = b.estate_id
               LEFT JOIN grid g ON g.grid_id = b.grid_id
             WHERE b.building_id = ?1 AND b.deleted_at IS NULL",
        )?
        .query_row([building_id], |row| {
            Ok(BuildingHeader {
                building_id: row.get(0)?,
                code: row.get(1)?,
                name: row.get(2)?,
                estate: row.get(3)?,
                zone: row.get(4)?,
                building_no: row.get(5)?,
                kind: row.get(6)?,
                address: row.get(7)?,
                floors_above: row.get(8)?,
                floors_below: row.get(9)?,
                units: 0,
                grid: row.get(10)?,
                grid_name: row.get(11)?,
                grid_leader: row.get(12)?,
                leader_name: row.get(13)?,
                leader_phone: row.get(14)?,
                lon: row.get::<_, Option<f64>>(15)?.unwrap_or_default(),
                lat: row.get::<_, Option<f64>>(16)?.unwrap_or_default(),
            })
        })
        .optional()?)
}

struct Resident {
    room_id: RoomId,
    person_id: PersonId,
    household_id: Option<HouseholdId>,
    population_type: i64,
}

fn residents(conn: &Connection, building_id: BuildingId) -> Result<Vec<Resident>> {
    let mut select = conn.prepare_cached(
        "SELECT s.room_id, s.person_id, s.household_id, p.population_type
         FROM room r JOIN residency s ON s.room_id = r.room_id
           JOIN person p ON p.person_id = s.person_id
         WHERE r.building_id = ?1 AND r.deleted_at IS NULL AND s.end_date IS NULL
           AND p.deleted_at IS NULL",
    )?;
    let rows = select.query_map([building_id], |row| {
        Ok(Resident {
            room_id: row.get(0)?,
            person_id: row.get(1)?,
            household_id: row.get(2)?,
            population_type: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<std::result::Result<_, _>>()?)
}

/// Person → tag ids, for the current residents of a building who have any.
fn person_tags(
    conn: &Connection,
    building_id: BuildingId,
) -> Result<HashMap<PersonId, Vec<TagId>>> {
    let mut select = conn.prepare_cached(
        "SELECT DISTINCT t.person_id, t.tag_id
         FROM room r JOIN residency s ON s.room_id = r.room_id
           JOIN person_tag t ON t.person_id = s.person_id
           JOIN person p ON p.person_id = s.person_id
         WHERE r.building_id = ?1 AND r.deleted_at IS NULL AND s.end_date IS NULL
           AND t.until IS NULL AND p.deleted_at IS NULL",
    )?;
    let mut tags: HashMap<PersonId, Vec<TagId>> = HashMap::new();
    let mut rows = select.query([building_id])?;
    while let Some(row) = rows.next()? {
        tags.entry(row.get(0)?).or_default().push(row.get(1)?);
    }
    Ok(tags)
}

fn events(
    conn: &Connection,
    vocabulary: &Vocabulary,
    building_id: BuildingId,
) -> Result<Vec<EventLine>> {
    let lists = &vocabulary.lists;
    let mut select = conn.prepare_cached(
        "SELECT no, category, title, state, reported_at, room_id FROM event
         WHERE building_id = ?1 ORDER BY reported_at DESC, no",
    )?;
    let rows = select.query_map([building_id], |row| {
        let (category, state): (i64, i64) = (row.get(1)?, row.get(3)?);
        Ok(EventLine {
            no: row.get(0)?,
            category: lists.code(list::EVENT_CATEGORY, category).to_owned(),
            title: row.get(2)?,
            state: lists.code(list::EVENT_STATE, state).to_owned(),
            reported_at: row.get::<_, Option<i64>>(4)?.map(instant_text),
            category_key: category,
            state_key: state,
            room_id: row.get(5)?,
        })
    })?;
    let mut events: Vec<EventLine> = rows.collect::<std::result::Result<_, _>>()?;
    events.sort_by_key(|e| !event::is_open(e.state_key));
    Ok(events)
}

fn enterprises(
    conn: &Connection,
    vocabulary: &Vocabulary,
    building_id: BuildingId,
) -> Result<Vec<EnterpriseLine>> {
    let mut select = conn.prepare_cached(
        "SELECT e.name, e.uscc, u.unit_no, r.room_no, e.status, e.industry, e.employees, e.room_id
         FROM enterprise e LEFT JOIN room r ON r.room_id = e.room_id
           LEFT JOIN building_unit u ON u.unit_id = r.unit_id
         WHERE e.building_id = ?1 AND e.deleted_at IS NULL",
    )?;
    let rows = select.query_map([building_id], |row| {
        let status: i64 = row.get(4)?;
        Ok(EnterpriseLine {
            name: row.get(0)?,
            uscc: row.get(1)?,
            unit: row.get(2)?,
            room_no: row.get(3)?,
            status: vocabulary.lists.code(list::ENTERPRISE_STATUS, status).to_owned(),
            status_key: status,
            industry: row.get(5)?,
            employees: row.get(6)?,
            room_id: row.get(7)?,
        })
    })?;
    let mut lines: Vec<EnterpriseLine> = rows.collect::<std::result::Result<_, _>>()?;
    lines.sort_by_cached_key(|e| {
        let natural = |text: &Option<String>| matrix::natural(text.as_deref().unwrap_or(""));
        (natural(&e.unit), natural(&e.room_no), e.name.clone(), e.uscc.clone())
    });
    Ok(lines)
}

fn devices(conn: &Connection, building_id: BuildingId) -> Result<u64> {
    let count: i64 = conn
        .prepare_cached(
            "SELECT count(*) FROM device WHERE building_id = ?1 AND deleted_at IS NULL",
        )?
        .query_row([building_id], |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

fn unit_names(conn: &Connection, building_id: BuildingId) -> Result<Vec<(UnitId, String)>> {
    let mut select = conn.prepare_cached(
        "SELECT unit_id, unit_no FROM building_unit WHERE building_id = ?1 ORDER BY ord, unit_no",
    )?;
    let rows = select.query_map([building_id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<std::result::Result<_, _>>()?)
}

fn floor_labels(conn: &Connection, building_id: BuildingId) -> Result<BTreeMap<i32, String>> {
    let mut select =
        conn.prepare_cached("SELECT ord, label FROM building_floor WHERE building_id = ?1")?;
    let rows = select.query_map([building_id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<std::result::Result<_, _>>()?)
}

struct RoomRow {
    room_id: RoomId,
    unit: Option<usize>,
    floor: Option<i32>,
    floor_span: i32,
    col: Option<i32>,
    col_span: i32,
    room_no: String,
    kind: i64,
    status: i64,
    verified_at: Option<i64>,
    area_m2: Option<f64>,
}

fn rooms(
    conn: &Connection,
    building_id: BuildingId,
    units: &[(UnitId, String)],
) -> Result<Vec<RoomRow>> {
    let mut select = conn.prepare_cached(
        "SELECT room_id, unit_id, floor_min, floor_span, col, col_span, room_no, kind, status,
           verified_at, area_m2
         FROM room WHERE building_id = ?1 AND deleted_at IS NULL ORDER BY match_key",
    )?;
    let rows = select.query_map([building_id], |row| {
        let unit_id: Option<UnitId> = row.get(1)?;
        let unit = match unit_id {
            Some(unit_id) => units.iter().position(|(id, _)| *id == unit_id),
            None if units.is_empty() => Some(0),
            None => None,
        };
        Ok(RoomRow {
            room_id: row.get(0)?,
            unit,
            floor: row.get(2)?,
            floor_span: row.get(3)?,
            col: row.get(4)?,
            col_span: row.get(5)?,
            room_no: row.get(6)?,
            kind: row.get(7)?,
            status: row.get(8)?,
            verified_at: row.get(9)?,
            area_m2: row.get(10)?,
        })
    })?;
    Ok(rows.collect::<std::result::Result<_, _>>()?)
}

fn matrix(
    conn: &Connection,
    vocabulary: &Vocabulary,
    building: &BuildingHeader,
    residents: &[Resident],
    tags_of_person: &HashMap<PersonId, Vec<TagId>>,
    events: &[EventLine],
) -> Result<Matrix> {
    let building_id = building.building_id;
    let units = unit_names(conn, building_id)?;
    let rooms = rooms(conn, building_id, &units)?;
    if rooms.is_empty() && units.is_empty() {
        return Ok(Matrix::default());
    }
    let unit_count = units.len().max(1);
    let layout_rooms: Vec<MatrixRoom<'_>> = rooms
        .iter()
        .map(|r| MatrixRoom {
            unit: r.unit,
            floor: r.floor,
            floor_span: r.floor_span,
            fixed_col: r.col,
            col_span: r.col_span,
            room_no: &r.room_no,
        })
        .collect();
    let layout = matrix::layout(unit_count, &layout_rooms);
    let mut people: HashMap<RoomId, BTreeSet<PersonId>> = HashMap::new();
    for resident in residents {
        people.entry(resident.room_id).or_default().insert(resident.person_id);
    }
    let mut out = Matrix {
        units: units.iter().map(|(_, name)| name.clone()).collect(),
        unit_widths: layout.unit_widths,
        floors: floors(building, &rooms, &floor_labels(conn, building_id)?),
        ..Matrix::default()
    };
    if out.units.is_empty() {
        out.units.push(String::new());
    }
    for (room, col) in rooms.into_iter().zip(layout.cols) {
        let inside = people.get(&room.room_id);
        let is_placed = col.is_some();
        let cell = cell(vocabulary, room, col, &units, inside, tags_of_person, events);
        if is_placed { &mut out.cells } else { &mut out.unassigned }.push(cell);
    }
    let unit_order = |cell: &Cell| {
        let name = cell.unit.as_deref().unwrap_or("");
        out.units.iter().position(|u| u == name)
    };
    let order: Vec<Option<usize>> = out.cells.iter().map(unit_order).collect();
    let mut keyed: Vec<(Option<usize>, Cell)> = order.into_iter().zip(out.cells).collect();
    keyed.sort_by(|(a_unit, a), (b_unit, b)| {
        (a_unit, std::cmp::Reverse(a.floor), a.col).cmp(&(
            b_unit,
            std::cmp::Reverse(b.floor),
            b.col,
        ))
    });
    out.cells = keyed.into_iter().map(|(_, cell)| cell).collect();
    out.unassigned.sort_by_cached_key(|c| (matrix::natural(&c.room_no), c.kind.clone()));
    Ok(out)
}

fn cell(
    vocabulary: &Vocabulary,
    room: RoomRow,
    col: Option<i32>,
    units: &[(UnitId, String)],
    inside: Option<&BTreeSet<PersonId>>,
    tags_of_person: &HashMap<PersonId, Vec<TagId>>,
    events: &[EventLine],
) -> Cell {
    let lists = &vocabulary.lists;
    let has_tag = |tag_id: TagId| {
        inside.is_some_and(|people| {
            people.iter().filter_map(|p| tags_of_person.get(p)).any(|tags| tags.contains(&tag_id))
        })
    };
    Cell {
        room_id: room.room_id,
        unit: room.unit.and_then(|u| units.get(u)).map(|(_, name)| name.clone()),
        floor: room.floor,
        room_no: room.room_no,
        kind: lists.code(list::ROOM_KIND, room.kind).to_owned(),
        status: lists.code(list::ROOM_STATUS, room.status).to_owned(),
        status_key: room.status,
        persons: inside.map_or(0, |people| people.len() as u64),
        tags: vocabulary
            .tags
            .iter()
            .filter(|t| has_tag(t.tag_id))
            .map(|t| t.code.clone())
            .collect(),
        open_events: events
            .iter()
            .filter(|e| e.room_id == Some(room.room_id) && event::is_open(e.state_key))
            .count() as u64,
        floor_span: room.floor_span,
        col,
        col_span: room.col_span,
        verified_at: room.verified_at,
        area_m2: room.area_m2.map(AreaM2),
    }
}

/// Every floor the building declares or a room stands on, the top one first.
fn floors(
    building: &BuildingHeader,
    rooms: &[RoomRow],
    labels: &BTreeMap<i32, String>,
) -> Vec<FloorHead> {
    let above = building.floors_above.unwrap_or(0).clamp(0, 300);
    let below = building.floors_below.unwrap_or(0).clamp(0, 30);
    let mut ords: BTreeSet<i32> = (-below..=above).filter(|ord| *ord != 0).collect();
    for room in rooms {
        if let Some(floor) = room.floor {
            let top = floor + room.floor_span.clamp(1, 200) - 1;
            ords.extend((floor..=top).filter(|ord| *ord != 0));
        }
    }
    ords.into_iter()
        .rev()
        .map(|ord| FloorHead {
            ord,
            label: labels.get(&ord).cloned().unwrap_or_else(|| floor::default_label(ord)),
        })
        .collect()
}
