//! Totals of a workspace, and the persons of a result list.

use jiff::civil::Date;

use super::Vocabulary;
use super::place::{ROOM_PLACE_COLUMNS, ROOM_PLACE_JOINS, RoomPlace, room_place};
use crate::access::Sensitive;
use crate::access::mask::{PersonName, Phone};
use crate::domain::age;
use crate::domain::codes::key;
use crate::domain::ids::{BuildingId, PersonId, RoomId, TagId};
use crate::domain::workflow::event;
use crate::store::{Connection, Result};

/// Open events per building, by row id.
///
/// # Errors
/// SQLite's errors.
pub fn open_events_per_building(conn: &Connection) -> Result<Vec<(BuildingId, u32)>> {
    per_building(
        conn,
        &format!(
            "SELECT building_id, count(*) FROM event
             WHERE building_id IS NOT NULL AND {}
             GROUP BY building_id ORDER BY building_id",
            event::open_sql()
        ),
        0,
    )
}

/// Percentage of rooms per building that were not verified since a UTC second, by row id.
///
/// # Errors
/// SQLite's errors.
pub fn unverified_percent_per_building(
    conn: &Connection,
    since: i64,
) -> Result<Vec<(BuildingId, u32)>> {
    per_building(
        conn,
        "SELECT building_id, (100 * sum(verified_at IS NULL OR verified_at < ?1) + count(*) - 1)
           / count(*)
         FROM room WHERE deleted_at IS NULL GROUP BY building_id ORDER BY building_id",
        since,
    )
}

/// Percentage of vacant rooms per building (rounded up), by row id.
///
/// # Errors
/// SQLite's errors.
pub fn vacant_percent_per_building(conn: &Connection) -> Result<Vec<(BuildingId, u32)>> {
    per_building(
        conn,
        "SELECT building_id, (100 * sum(status = ?1) + count(*) - 1) / count(*)
         FROM room WHERE deleted_at IS NULL GROUP BY building_id ORDER BY building_id",
        key::STATUS_VACANT,
    )
}

fn per_building(conn: &Connection, sql: &str, value: i64) -> Result<Vec<(BuildingId, u32)>> {
    let mut select = conn.prepare(sql)?;
    let values: &[&dyn rusqlite::ToSql] = if sql.contains("?1") { &[&value] } else { &[] };
    let rows = select
        .query_map(values, |row| Ok((row.get(0)?, row.get::<_, Option<u32>>(1)?.unwrap_or(0))))?;
    Ok(rows.collect::<std::result::Result<_, _>>()?)
}

/// A person as a line of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonLine {
    /// Row id.
    pub person_id: PersonId,
    /// Name.
    pub name: Sensitive<PersonName>,
    /// Key of `sex`.
    pub sex: i64,
    /// Completed years on the asked day.
    pub age: Option<i16>,
    /// Phone numbers.
    pub phone: Option<Sensitive<Phone>>,
    /// Key of `population_type`.
    pub population_type: i64,
    /// Positions in the vocabulary's tags.
    pub tags: Vec<usize>,
    /// Where the person lives.
    pub place: Option<RoomPlace>,
}

/// The current residents of a building, by room and then by row id.
///
/// # Errors
/// A table that cannot be read.
pub fn residents_of(
    conn: &Connection,
    vocabulary: &Vocabulary,
    building_id: BuildingId,
    on: Date,
) -> Result<Vec<PersonLine>> {
    let mut select = conn.prepare_cached(
        "SELECT DISTINCT s.person_id, s.room_id
         FROM room r JOIN residency s ON s.room_id = r.room_id
           JOIN person p ON p.person_id = s.person_id
         WHERE r.building_id = ?1 AND r.deleted_at IS NULL AND s.end_date IS NULL
           AND p.deleted_at IS NULL
         ORDER BY s.room_id, s.person_id",
    )?;
    let pairs = select.query_map([building_id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let pairs: Vec<(PersonId, Option<RoomId>)> = pairs.collect::<rusqlite::Result<_>>()?;
    person_lines(conn, vocabulary, &pairs, on)
}

/// The lines for `(person, room)` pairs, in the order given; unknown pairs are left out.
///
/// # Errors
/// SQLite's errors.
pub fn person_lines(
    conn: &Connection,
    vocabulary: &Vocabulary,
    pairs: &[(PersonId, Option<RoomId>)],
    on: Date,
) -> Result<Vec<PersonLine>> {
    let mut person = conn.prepare_cached(
        "SELECT name, sex, birth_date, phone, population_type FROM person
         WHERE person_id = ?1 AND deleted_at IS NULL",
    )?;
    let mut tags = conn
        .prepare_cached("SELECT tag_id FROM person_tag WHERE person_id = ?1 AND until IS NULL")?;
    let mut place = conn.prepare_cached(&format!(
        "SELECT {ROOM_PLACE_COLUMNS} FROM room r {ROOM_PLACE_JOINS} WHERE r.room_id = ?1"
    ))?;
    let mut lines = Vec::with_capacity(pairs.len());
    for &(person_id, room_id) in pairs {
        let mut rows = person.query([person_id])?;
        let Some(row) = rows.next()? else { continue };
        let birth: Option<String> = row.get(2)?;
        let mut line = PersonLine {
            person_id,
            name: Sensitive::new(PersonName(row.get(0)?)),
            sex: row.get(1)?,
            age: birth.and_then(|text| age::years(age::parse_date(&text)?, on)),
            phone: row.get::<_, Option<String>>(3)?.map(|text| Sensitive::new(Phone(text))),
            population_type: row.get(4)?,
            tags: Vec::new(),
            place: None,
        };
        for tag_id in tags.query_map([person_id], |row| row.get::<_, TagId>(0))? {
            line.tags.extend(vocabulary.tag_position(tag_id?));
        }
        line.tags.sort_unstable();
        if let Some(room_id) = room_id {
            line.place = Some(place.query_row([room_id], |row| room_place(row, 0))?);
        }
        lines.push(line);
    }
    Ok(lines)
}
