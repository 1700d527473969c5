//! One box for everything: estates, buildings, room addresses, persons, enterprises, events.
//!
//! Every look-up is a range or an equality on an index; nothing scans a table of people.

use jiff::civil::Date;
use serde::Serialize;

use super::Vocabulary;
use super::matching::Gazetteer;
use super::place::{ROOM_PLACE_COLUMNS, ROOM_PLACE_JOINS, RoomPlace, room_place};
use super::statistics::{PersonLine, person_lines};
use crate::domain::address::{self, Address, Reading};
use crate::domain::building_name::BuildingName;
use crate::domain::codes::OPEN_EVENT_SQL;
use crate::domain::half_width;
use crate::domain::ids::{BuildingId, EstateId, PersonId, RoomId};
use crate::domain::names;
use crate::store::{Connection, Result};

/// Most hits of one kind.
pub const MOST_HITS: usize = 20;

/// A building, or an estate standing for all of its buildings.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlaceHit {
    /// Row id of the building; `None` for an estate.
    #[serde(skip)]
    pub building_id: Option<BuildingId>,
    /// Row id of the estate, for an estate.
    #[serde(skip)]
    pub estate_id: Option<EstateId>,
    /// Code of the building.
    pub code: Option<String>,
    /// Estate.
    pub estate: Option<String>,
    /// Name of the building.
    pub name: Option<String>,
    /// 3 for 3幢.
    pub building_no: Option<String>,
    /// Address.
    pub address: Option<String>,
}

impl PlaceHit {
    /// What the building is called by.
    #[must_use]
    pub fn building(&self) -> BuildingName<'_> {
        BuildingName {
            estate: self.estate.as_deref(),
            number: self.building_no.as_deref(),
            name: self.name.as_deref(),
            address: self.address.as_deref(),
            code: self.code.as_deref().unwrap_or_default(),
        }
    }
}

/// An enterprise or event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NamedHit {
    /// Credit code or event number.
    pub code: Option<String>,
    /// Name or title.
    pub name: String,
    /// Row id of its building.
    #[serde(skip)]
    pub building_id: Option<BuildingId>,
    /// Row id of its room.
    #[serde(skip)]
    pub room_id: Option<RoomId>,
}

/// What was found, group by group.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SearchAnswer {
    /// Estates by name.
    pub estates: Vec<PlaceHit>,
    /// Buildings.
    pub buildings: Vec<PlaceHit>,
    /// Rooms.
    pub rooms: Vec<RoomPlace>,
    /// Persons, masked.
    pub persons: Vec<PersonLine>,
    /// Enterprises.
    pub enterprises: Vec<NamedHit>,
    /// Events.
    pub events: Vec<NamedHit>,
}

impl SearchAnswer {
    /// Hits in all groups.
    #[must_use]
    pub fn len(&self) -> usize {
        self.estates.len()
            + self.buildings.len()
            + self.rooms.len()
            + self.persons.len()
            + self.enterprises.len()
            + self.events.len()
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Searches for what a person typed. Blank text finds nothing.
///
/// # Errors
/// SQLite's errors.
pub fn search(
    conn: &Connection,
    vocabulary: &Vocabulary,
    text: &str,
    on: Date,
) -> Result<SearchAnswer> {
    let text: String = text.trim().chars().map(half_width).collect();
    if text.is_empty() {
        return Ok(SearchAnswer::default());
    }
    // A long number is somebody's, a company's or an event's: the indexes know it, or nobody does.
    if part_of_number(&text).is_some_and(|number| number.len() >= LEAST_DIGITS) {
        return Ok(SearchAnswer {
            buildings: buildings(conn, &text)?,
            persons: persons(conn, vocabulary, &text, on)?,
            enterprises: enterprises(conn, &text)?,
            events: events(conn, &text)?,
            ..SearchAnswer::default()
        });
    }
    let mut answer = SearchAnswer {
        estates: estates(conn, &text)?,
        buildings: buildings(conn, &text)?,
        persons: persons(conn, vocabulary, &text, on)?,
        enterprises: enterprises(conn, &text)?,
        events: events(conn, &text)?,
        ..SearchAnswer::default()
    };
    addresses(conn, &text, &mut answer)?;
    if answer.buildings.is_empty() {
        answer.buildings = buildings_numbered(conn, &text)?;
    }
    Ok(answer)
}

/// Rows that are looked through while somebody types, where no index answers.
const MOST_SCANNED: i64 = 5_000_000;

fn is_scannable(conn: &Connection, table: &str, key: &str) -> Result<bool> {
    let last: Option<i64> =
        conn.query_row(&format!("SELECT max({key}) FROM {table}"), [], |row| row.get(0))?;
    Ok(last.is_some_and(|last| last <= MOST_SCANNED))
}

/// The buildings with a number, whichever estate they are of: 30幢.
fn buildings_numbered(conn: &Connection, text: &str) -> Result<Vec<PlaceHit>> {
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

/// End of the range "begins with `text`": no Unicode text sorts after U+10FFFF.
fn range_end(text: &str) -> String {
    format!("{text}\u{10FFFF}")
}

fn estates(conn: &Connection, text: &str) -> Result<Vec<PlaceHit>> {
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

fn buildings(conn: &Connection, text: &str) -> Result<Vec<PlaceHit>> {
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
fn addresses(conn: &Connection, text: &str, answer: &mut SearchAnswer) -> Result<()> {
    let mut select = conn.prepare_cached(
        "SELECT estate_id FROM estate WHERE deleted_at IS NULL
           AND substr(?1, 1, length(name)) = name ORDER BY length(name) DESC LIMIT 1",
    )?;
    let read = address::parse(text);
    linked(conn, text, &read, answer)?;
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
fn linked(conn: &Connection, text: &str, read: &Address, answer: &mut SearchAnswer) -> Result<()> {
    /// More buildings than this are not looked through while somebody types.
    const MOST_BUILDINGS: i64 = 100_000;
    let is_address = read.quality != address::Match::None
        && (read.building.is_some() || read.road_no.is_some() || read.room.is_some());
    let last: Option<i64> =
        conn.query_row("SELECT max(building_id) FROM building", [], |row| row.get(0))?;
    if !is_address || last.is_none_or(|last| last > MOST_BUILDINGS) {
        return Ok(());
    }
    let link = Gazetteer::read(conn)?.link_text(conn, text, read)?;
    let sql =
        format!("SELECT {BUILDING_COLUMNS} WHERE b.deleted_at IS NULL AND b.building_id = ?1");
    let mut building = conn.prepare_cached(&sql)?;
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
        let hit = building.query_row([candidate.building_id], building_hit)?;
        if !answer.buildings.contains(&hit) {
            answer.buildings.push(hit);
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
        let sql = format!(
            "SELECT {ROOM_PLACE_COLUMNS} FROM room r {ROOM_PLACE_JOINS}
             WHERE r.building_id = ?1 AND r.room_no = ?2 AND (?3 IS NULL OR u.unit_no = ?3)
               AND r.deleted_at IS NULL ORDER BY u.ord, r.kind LIMIT ?4"
        );
        let mut select = conn.prepare_cached(&sql)?;
        for hit in &found {
            let rows = select
                .query_map((hit.building_id, room_no, &reading.unit, MOST_HITS as i64), |row| {
                    room_place(row, 0)
                })?;
            for row in rows {
                let row = row?;
                if !answer.rooms.contains(&row) {
                    answer.rooms.push(row);
                }
            }
        }
    }
    for hit in found {
        if !answer.buildings.contains(&hit) {
            answer.buildings.push(hit);
        }
    }
    Ok(())
}

/// Persons whose name can be read as a query in pinyin, though it is not what is stored.
fn by_other_readings(conn: &Connection, query: &str, ids: &mut Vec<PersonId>) -> Result<()> {
    let mut others: Vec<PersonId> = Vec::new();
    for spelling in names::other_spellings(query) {
        for sql in [
            "SELECT person_id FROM person WHERE initials >= ?1 AND initials < ?2
              AND deleted_at IS NULL ORDER BY initials, person_id LIMIT ?3",
            "SELECT person_id FROM person WHERE pinyin >= ?1 AND pinyin < ?2
              AND deleted_at IS NULL ORDER BY pinyin, person_id LIMIT ?3",
        ] {
            let mut select = conn.prepare_cached(sql)?;
            let range = (&spelling, range_end(&spelling), MOST_HITS as i64);
            let found = select.query_map(range, |row| row.get::<_, PersonId>(0))?;
            others.extend(found.collect::<std::result::Result<Vec<_>, _>>()?);
        }
    }
    let mut name_of = conn.prepare_cached("SELECT name FROM person WHERE person_id = ?1")?;
    for person_id in others {
        let name: String = name_of.query_row([person_id], |row| row.get(0))?;
        let is_read_so = names::readings(&name)
            .iter()
            .any(|(full, initials)| full.starts_with(query) || initials.starts_with(query));
        if is_read_so && !ids.contains(&person_id) {
            ids.push(person_id);
        }
    }
    Ok(())
}

/// Persons by their given name, in signs or in pinyin: 桂英, guiying. The names' index is looked
/// through, as no index begins with a given name.
fn by_given_name(
    conn: &Connection,
    text: &str,
    is_latin: bool,
    ids: &mut Vec<PersonId>,
) -> Result<()> {
    /// Fewer letters end too many names.
    const LEAST_LETTERS: usize = 4;
    let (text, sql) = if is_latin {
        (
            text.to_lowercase(),
            "SELECT person_id FROM person WHERE pinyin > '' AND length(pinyin) > length(?1)
               AND substr(pinyin, -length(?1)) = ?1 AND deleted_at IS NULL LIMIT ?2",
        )
    } else {
        (
            names::tidy(text),
            "SELECT person_id FROM person WHERE name > '' AND instr(name, ?1) > 1
               AND deleted_at IS NULL LIMIT ?2",
        )
    };
    let least = if is_latin { LEAST_LETTERS } else { 2 };
    let is_name = text.chars().all(char::is_alphabetic) && text.chars().count() >= least;
    if !is_name || !is_scannable(conn, "person", "person_id")? {
        return Ok(());
    }
    let mut select = conn.prepare_cached(sql)?;
    for person_id in select.query_map((&text, MOST_HITS as i64), |row| row.get::<_, PersonId>(0))? {
        let person_id = person_id?;
        if !ids.contains(&person_id) {
            ids.push(person_id);
        }
    }
    Ok(())
}

/// Digits a part of a number must have to be searched from its beginning.
const LEAST_DIGITS: usize = 6;
/// Digits of its end by which a number is found.
const TAIL_DIGITS: usize = 4;

/// The part of a phone or ID number that a query is, in capitals; `None` for any other query.
/// Searches by one are written down and limited, as reveals are.
#[must_use]
pub fn part_of_number(text: &str) -> Option<String> {
    let text: String =
        text.trim().chars().map(half_width).filter(|c| !c.is_whitespace() && *c != '-').collect();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let is_one =
        digits >= 3 && text.bytes().all(|b| b.is_ascii_alphanumeric()) && digits + 1 >= text.len();
    is_one.then(|| text.to_uppercase())
}

fn persons(
    conn: &Connection,
    vocabulary: &Vocabulary,
    text: &str,
    on: Date,
) -> Result<Vec<PersonLine>> {
    let mut ids: Vec<PersonId> = Vec::new();
    let mut take = |sql: &str, low: &str| -> Result<()> {
        let mut select = conn.prepare_cached(sql)?;
        let found = select
            .query_map((low, range_end(low), MOST_HITS as i64), |row| row.get::<_, PersonId>(0))?;
        for person_id in found {
            let person_id = person_id?;
            if !ids.contains(&person_id) {
                ids.push(person_id);
            }
        }
        Ok(())
    };
    let is_latin = text.bytes().all(|b| b.is_ascii_alphabetic());
    let number = part_of_number(text);
    if is_latin {
        let lower = text.to_lowercase();
        take(
            "SELECT person_id FROM person WHERE initials >= ?1 AND initials < ?2
              AND deleted_at IS NULL ORDER BY initials, person_id LIMIT ?3",
            &lower,
        )?;
        take(
            "SELECT person_id FROM person WHERE pinyin >= ?1 AND pinyin < ?2
              AND deleted_at IS NULL ORDER BY pinyin, person_id LIMIT ?3",
            &lower,
        )?;
    }
    if let Some(number) = number.as_deref().filter(|number| number.len() < LEAST_DIGITS) {
        // A number cannot be felt for digit by digit: below six digits only its end is known.
        if number.len() == TAIL_DIGITS {
            let mut select = conn.prepare_cached(
                "SELECT person_id FROM person WHERE deleted_at IS NULL
                   AND (substr(id_no, -4) = ?1 OR phone LIKE '%' || ?1
                     OR phone LIKE '%' || ?1 || ';%')
                 ORDER BY person_id LIMIT ?2",
            )?;
            let found =
                select.query_map((number, MOST_HITS as i64), |row| row.get::<_, PersonId>(0))?;
            ids.extend(found.collect::<std::result::Result<Vec<_>, _>>()?);
        }
    } else if number.is_some() {
        take(
            "SELECT person_id FROM person WHERE phone >= ?1 AND phone < ?2
              AND deleted_at IS NULL ORDER BY phone, person_id LIMIT ?3",
            text,
        )?;
        take(
            "SELECT person_id FROM person WHERE id_no >= ?1 AND id_no < ?2
              AND deleted_at IS NULL ORDER BY id_no, person_id LIMIT ?3",
            &text.to_uppercase(),
        )?;
    } else {
        take(
            "SELECT person_id FROM person WHERE name >= ?1 AND name < ?2
              AND deleted_at IS NULL ORDER BY name, person_id LIMIT ?3",
            &names::tidy(text),
        )?;
    }
    if is_latin && ids.len() < MOST_HITS {
        by_other_readings(conn, &text.to_lowercase(), &mut ids)?;
    }
    if number.is_none() && ids.len() < MOST_HITS {
        by_given_name(conn, text, is_latin, &mut ids)?;
    }
    ids.truncate(MOST_HITS);
    let mut home = conn.prepare_cached(
        "SELECT room_id FROM residency WHERE person_id = ?1 AND end_date IS NULL
         ORDER BY residency_id LIMIT 1",
    )?;
    let mut pairs = Vec::with_capacity(ids.len());
    for person_id in ids {
        let room_id: Option<RoomId> =
            home.query_map([person_id], |row| row.get(0))?.next().transpose()?;
        pairs.push((person_id, room_id));
    }
    person_lines(conn, vocabulary, &pairs, on)
}

fn named_hits(conn: &Connection, sql: &str, text: &str) -> Result<Vec<NamedHit>> {
    let mut select = conn.prepare_cached(sql)?;
    let rows = select.query_map((text, range_end(text), MOST_HITS as i64), |row| {
        Ok(NamedHit {
            code: row.get(0)?,
            name: row.get(1)?,
            building_id: row.get(2)?,
            room_id: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<std::result::Result<_, _>>()?)
}

fn enterprises(conn: &Connection, text: &str) -> Result<Vec<NamedHit>> {
    let by = |column: &str| {
        format!(
            "SELECT uscc, name, building_id, room_id FROM enterprise
             WHERE {column} >= ?1 AND {column} < ?2 AND deleted_at IS NULL
             ORDER BY {column}, enterprise_id LIMIT ?3"
        )
    };
    let mut hits = named_hits(conn, &by("name"), text)?;
    if text.is_ascii() {
        let more = [
            named_hits(conn, &by("uscc"), &text.to_uppercase())?,
            named_hits(conn, &by("initials"), &text.to_lowercase())?,
        ];
        for hit in more.into_iter().flatten() {
            if !hits.contains(&hit) {
                hits.push(hit);
            }
        }
    }
    if hits.len() < MOST_HITS
        && text.chars().count() >= 2
        && part_of_number(text).is_none()
        && is_scannable(conn, "enterprise", "enterprise_id")?
    {
        let within = "SELECT uscc, name, building_id, room_id FROM enterprise
             WHERE name > '' AND instr(name, ?1) > 1 AND ?2 IS NOT NULL AND deleted_at IS NULL
             LIMIT ?3";
        hits.extend(named_hits(conn, within, text)?);
    }
    hits.truncate(MOST_HITS);
    Ok(hits)
}

fn events(conn: &Connection, text: &str) -> Result<Vec<NamedHit>> {
    let by_number = "SELECT no, title, building_id, room_id FROM event WHERE no >= ?1 AND no < ?2
         ORDER BY no LIMIT ?3";
    let mut hits = named_hits(conn, by_number, text)?;
    if hits.is_empty()
        && text.chars().count() >= 2
        && part_of_number(text).is_none()
        && is_scannable(conn, "event", "event_id")?
    {
        let by_word = format!(
            "SELECT no, title, building_id, room_id FROM event
             WHERE instr(title, ?1) > 0 AND ?2 IS NOT NULL
             ORDER BY NOT ({OPEN_EVENT_SQL}), reported_at DESC, no LIMIT ?3"
        );
        hits = named_hits(conn, &by_word, text)?;
    }
    Ok(hits)
}
