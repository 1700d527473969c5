//! The household card: who lives in a room, who lived there, which enterprises are in it.

use jiff::civil::Date;
use rusqlite::OptionalExtension as _;

use super::Vocabulary;
use super::overview::EnterpriseLine;
use super::place::{RoomPlace, place_of_room};
use crate::access::Sensitive;
use crate::access::mask::{BirthDate, IdNumber, PersonName, Phone};
use crate::domain::age;
use crate::domain::codes::list;
use crate::domain::ids::{PersonId, RoomId, TagId};
use crate::store::{Connection, Result};

/// A current resident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Row id.
    pub person_id: PersonId,
    /// Register number of the household within the room, when there are several.
    pub household_no: Option<String>,
    /// Name.
    pub name: Sensitive<PersonName>,
    /// Key of `relation`.
    pub relation: Option<i64>,
    /// Key of `residency_role`.
    pub role: Option<i64>,
    /// Key of `sex`.
    pub sex: i64,
    /// Completed years on the asked day.
    pub age: Option<i16>,
    /// Birth date.
    pub birth_date: Option<Sensitive<BirthDate>>,
    /// Phone numbers.
    pub phone: Option<Sensitive<Phone>>,
    /// ID number.
    pub id_no: Option<Sensitive<IdNumber>>,
    /// Key of `population_type`.
    pub population_type: i64,
    /// Positions in the vocabulary's tags, in display order.
    pub tags: Vec<usize>,
    /// First day in the room.
    pub since: Option<String>,
    /// The lists that speak of the person, the newest first: file, row, when (UTC seconds).
    pub sources: Vec<(String, i64, i64)>,
}

/// Somebody who lived there before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormerMember {
    /// Name.
    pub name: Sensitive<PersonName>,
    /// First day.
    pub start: Option<String>,
    /// Last day.
    pub end: String,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HouseholdCard {
    /// Where the room is.
    pub place: RoomPlace,
    /// Key of `room_kind`.
    pub kind: i64,
    /// Key of `room_status`.
    pub status: i64,
    /// Floor area, m², rounded to 0.1.
    pub area_dm2: Option<i64>,
    /// When somebody last checked it, UTC seconds.
    pub verified_at: Option<i64>,
    /// Head first, then by household, relation, age from the oldest.
    pub members: Vec<Member>,
    /// Enterprises in the room.
    pub enterprises: Vec<EnterpriseLine>,
    /// `(number, title, state, reported at)` of events at the room, newest first.
    pub events: Vec<(String, String, i64, Option<i64>)>,
    /// Earlier residents, the latest first.
    pub history: Vec<FormerMember>,
}

/// Answers for a room's row id; `None` when there is no such room.
///
/// # Errors
/// SQLite's errors.
pub fn household(
    conn: &Connection,
    vocabulary: &Vocabulary,
    room_id: RoomId,
    on: Date,
) -> Result<Option<HouseholdCard>> {
    let room = conn
        .prepare_cached(
            "SELECT kind, status, area_m2, verified_at FROM room
             WHERE room_id = ?1 AND deleted_at IS NULL",
        )?
        .query_row([room_id], |row| {
            let area: Option<f64> = row.get(2)?;
            Ok((row.get(0)?, row.get(1)?, area, row.get(3)?))
        })
        .optional()?;
    let Some((kind, status, area_m2, verified_at)) = room else { return Ok(None) };
    Ok(Some(HouseholdCard {
        place: place_of_room(conn, room_id)?,
        kind,
        status,
        area_dm2: area_m2.map(|m2| (m2 * 10.0).round() as i64),
        verified_at,
        members: members(conn, vocabulary, room_id, on)?,
        enterprises: enterprises(conn, vocabulary, room_id)?,
        events: events(conn, room_id)?,
        history: history(conn, room_id)?,
    }))
}

/// Who lives in a room (`?1`): by household, the head first.
pub(super) const LIVING_IN_ROOM: &str =
    "FROM residency s JOIN person p ON p.person_id = s.person_id
       LEFT JOIN household h ON h.household_id = s.household_id
     WHERE s.room_id = ?1 AND s.end_date IS NULL AND p.deleted_at IS NULL
     ORDER BY h.register_no, coalesce(s.relation, 9), p.birth_date, p.person_id";

fn members(
    conn: &Connection,
    vocabulary: &Vocabulary,
    room_id: RoomId,
    on: Date,
) -> Result<Vec<Member>> {
    let mut select = conn.prepare_cached(&format!(
        "SELECT p.person_id, h.register_no, p.name, s.relation, s.role, p.sex, p.birth_date,
           p.phone, p.id_no, p.population_type, s.start_date {LIVING_IN_ROOM}"
    ))?;
    let rows = select.query_map([room_id], |row| {
        let birth: Option<String> = row.get(6)?;
        let birth_day = birth.as_deref().and_then(age::parse_date);
        Ok(Member {
            person_id: row.get(0)?,
            household_no: row.get(1)?,
            name: Sensitive::new(PersonName(row.get(2)?)),
            relation: row.get(3)?,
            role: row.get(4)?,
            sex: row.get(5)?,
            age: birth_day.and_then(|day| age::years(day, on)),
            birth_date: birth.map(|text| Sensitive::new(BirthDate(text))),
            phone: row.get::<_, Option<String>>(7)?.map(|text| Sensitive::new(Phone(text))),
            id_no: row.get::<_, Option<String>>(8)?.map(|text| Sensitive::new(IdNumber(text))),
            population_type: row.get(9)?,
            tags: Vec::new(),
            since: row.get(10)?,
            sources: Vec::new(),
        })
    })?;
    let mut members: Vec<Member> = rows.collect::<std::result::Result<_, _>>()?;
    let mut tags = conn
        .prepare_cached("SELECT tag_id FROM person_tag WHERE person_id = ?1 AND until IS NULL")?;
    for member in &mut members {
        let ids = tags.query_map([member.person_id], |row| row.get::<_, TagId>(0))?;
        for tag_id in ids {
            member.tags.extend(vocabulary.tag_position(tag_id?));
        }
        member.tags.sort_unstable();
    }
    // A file of an older schema that is open for reading only has no such table.
    if let Ok(mut sources) = conn.prepare_cached(
        "SELECT d.title, s.first_row + ?1 - s.first_person, d.at
         FROM deed_source s JOIN deed d USING (deed_id)
         WHERE s.first_person <= ?1 AND s.last_person >= ?1 AND d.undone_at IS NULL
         ORDER BY d.deed_id DESC LIMIT 3",
    ) {
        for member in &mut members {
            let rows = sources
                .query_map([member.person_id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            member.sources = rows.collect::<std::result::Result<_, _>>()?;
        }
    }
    // The head of the first household leads; SQL cannot see that NULL register numbers are one.
    members.sort_by_key(|m| m.household_no.is_some());
    Ok(members)
}

fn enterprises(
    conn: &Connection,
    vocabulary: &Vocabulary,
    room_id: RoomId,
) -> Result<Vec<EnterpriseLine>> {
    let mut select = conn.prepare_cached(
        "SELECT name, uscc, status, industry, employees FROM enterprise
         WHERE room_id = ?1 AND deleted_at IS NULL ORDER BY name, uscc",
    )?;
    let rows = select.query_map([room_id], |row| {
        let status: i64 = row.get(2)?;
        Ok(EnterpriseLine {
            name: row.get(0)?,
            uscc: row.get(1)?,
            unit: None,
            room_no: None,
            status: vocabulary.lists.code(list::ENTERPRISE_STATUS, status).to_owned(),
            status_key: status,
            industry: row.get(3)?,
            employees: row.get(4)?,
            room_id: Some(room_id),
        })
    })?;
    Ok(rows.collect::<std::result::Result<_, _>>()?)
}

fn events(conn: &Connection, room_id: RoomId) -> Result<Vec<(String, String, i64, Option<i64>)>> {
    let mut select = conn.prepare_cached(
        "SELECT no, title, state, reported_at FROM event WHERE room_id = ?1
         ORDER BY reported_at DESC, no",
    )?;
    let rows = select
        .query_map([room_id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    Ok(rows.collect::<std::result::Result<_, _>>()?)
}

fn history(conn: &Connection, room_id: RoomId) -> Result<Vec<FormerMember>> {
    let mut select = conn.prepare_cached(
        "SELECT p.name, s.start_date, s.end_date
         FROM residency s JOIN person p ON p.person_id = s.person_id
         WHERE s.room_id = ?1 AND s.end_date IS NOT NULL
         ORDER BY s.end_date DESC, s.residency_id",
    )?;
    let rows = select.query_map([room_id], |row| {
        Ok(FormerMember {
            name: Sensitive::new(PersonName(row.get(0)?)),
            start: row.get(1)?,
            end: row.get(2)?,
        })
    })?;
    Ok(rows.collect::<std::result::Result<_, _>>()?)
}
