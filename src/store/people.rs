//! Persons as they are known: whom a row of a list means, and what is known of them.

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::Result;
use crate::domain::ids::{PersonId, RoomId};
use crate::domain::records::PersonRecord;

/// Current residents of a room (?1) who have a name (?2) and nothing against a birth date (?3), or
/// against a month where only that is known (?4). CROSS JOIN keeps the order of the tables.
macro_rules! namesakes {
    (of_room) => {
        concat!("FROM residency r CROSS JOIN person p USING (person_id) ", namesakes!(where))
    };
    (by_name) => {
        concat!("FROM person p CROSS JOIN residency r USING (person_id) ", namesakes!(where))
    };
    (where) => {
        "WHERE r.room_id = ?1 AND r.end_date IS NULL AND p.name = ?2 AND p.deleted_at IS NULL
           AND (p.birth_date IS ?3 OR p.birth_date IS NULL OR ?3 IS NULL
             OR substr(p.birth_date, 1, 7) = substr(?3, 1, 7)
               AND (?4 OR substr(p.birth_date, 9) = '01'))"
    };
}

/// Residents up to whom all of a room are read to find one by name.
const FEW: u32 = 64;

/// Whether a room has so many residents (a dormitory, a collective register) that a name is found
/// sooner among all names. SQLite's planner knows the usual room only, and where there are no
/// statistics yet not even that.
fn is_crowded(conn: &Connection, room_id: RoomId) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM residency WHERE room_id = ?1 LIMIT 1 OFFSET ?2)";
    Ok(conn.prepare_cached(sql)?.query_row((room_id, FEW), |row| row.get(0))?)
}

/// A person that is known already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownPerson {
    /// Row id.
    pub person_id: PersonId,
    /// When a visit last saw them, UTC seconds.
    pub verified_at: Option<i64>,
}

impl KnownPerson {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { person_id: row.get(0)?, verified_at: row.get(1)? })
    }
}

/// Finds the person a record means: by ID number, else by name and birth date among the current
/// residents of a room, a baby that meanwhile has a number among them.
///
/// # Errors
/// SQLite's errors.
pub fn known_person(
    conn: &Connection,
    p: &PersonRecord,
    room_id: Option<RoomId>,
) -> Result<Option<KnownPerson>> {
    if let Some(id_no) = &p.id_no {
        let by_number = conn
            .prepare_cached(
                "SELECT person_id, verified_at FROM person
                 WHERE id_no = ?1 AND id_type = ?2 AND deleted_at IS NULL",
            )?
            .query_row((id_no, p.id_type), KnownPerson::read)
            .optional()?;
        if by_number.is_some() {
            return Ok(by_number);
        }
    }
    let Some(room_id) = room_id else { return Ok(None) };
    macro_rules! sql {
        ($order:ident) => {
            concat!(
                "SELECT p.person_id, p.verified_at ",
                namesakes!($order),
                " AND (p.id_no IS NULL OR ?5 IS NULL) ORDER BY p.person_id LIMIT 1"
            )
        };
    }
    let sql = if is_crowded(conn, room_id)? { sql!(by_name) } else { sql!(of_room) };
    Ok(conn
        .prepare_cached(sql)?
        .query_row(
            params![
                room_id,
                p.name,
                p.birth_date.map(|d| d.to_string()),
                p.is_birth_month,
                p.id_no
            ],
            KnownPerson::read,
        )
        .optional()?)
}

/// When a visit last saw a person.
///
/// # Errors
/// SQLite's errors.
pub fn person_verified(conn: &Connection, person_id: PersonId) -> Result<Option<KnownPerson>> {
    Ok(conn
        .prepare_cached("SELECT person_id, verified_at FROM person WHERE person_id = ?1")?
        .query_row([person_id], KnownPerson::read)
        .optional()?)
}

/// What is known of a person, as far as a list can say otherwise.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonFacts {
    /// Full name.
    pub name: String,
    /// Key of `sex`; 0 where it is not known.
    pub sex: i64,
    /// ISO 8601.
    pub birth_date: Option<String>,
    /// Phone numbers, `;` between.
    pub phone: Option<String>,
    /// Key of `population_type`.
    pub population_type: i64,
    /// Row ids of the rooms they live in now.
    pub room_ids: Vec<RoomId>,
}

/// What is known of a person.
///
/// # Errors
/// SQLite's errors, a missing person among them.
pub fn person_facts(conn: &Connection, person_id: PersonId) -> Result<PersonFacts> {
    let mut facts = conn
        .prepare_cached(
            "SELECT name, sex, birth_date, phone, population_type FROM person WHERE person_id = ?1",
        )?
        .query_row([person_id], |row| {
            Ok(PersonFacts {
                name: row.get(0)?,
                sex: row.get(1)?,
                birth_date: row.get(2)?,
                phone: row.get(3)?,
                population_type: row.get(4)?,
                room_ids: Vec::new(),
            })
        })?;
    facts.room_ids = conn
        .prepare_cached(
            "SELECT room_id FROM residency WHERE person_id = ?1 AND end_date IS NULL
             ORDER BY residency_id DESC",
        )?
        .query_map([person_id], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(facts)
}

/// Somebody who may be the person of a row.
pub struct PersonAlike {
    /// Row id.
    pub person_id: PersonId,
    /// A room they live in now.
    pub room_id: Option<RoomId>,
    /// Whether the phone is the same, too.
    pub has_same_phone: bool,
    /// The last four of the ID number.
    pub id_tail: Option<String>,
}

impl PersonAlike {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            person_id: row.get(0)?,
            room_id: row.get(1)?,
            has_same_phone: row.get(2)?,
            id_tail: row.get(3)?,
        })
    }
}

/// Persons of a record's name who live in a room and may be it, at most five: where there are
/// several, nothing says which.
///
/// # Errors
/// SQLite's errors.
pub fn namesakes_in(
    conn: &Connection,
    p: &PersonRecord,
    room_id: RoomId,
) -> Result<Vec<PersonAlike>> {
    macro_rules! sql {
        ($order:ident) => {
            concat!(
                "SELECT p.person_id, r.room_id, p.phone IS NOT NULL AND p.phone IS ?5,
                   substr(p.id_no, -4) ",
                namesakes!($order),
                " ORDER BY p.person_id LIMIT 5"
            )
        };
    }
    let sql = if is_crowded(conn, room_id)? { sql!(by_name) } else { sql!(of_room) };
    Ok(conn
        .prepare_cached(sql)?
        .query_map(
            params![
                room_id,
                p.name,
                p.birth_date.map(|d| d.to_string()),
                p.is_birth_month,
                p.phone
            ],
            PersonAlike::read,
        )?
        .collect::<std::result::Result<_, _>>()?)
}

/// Persons of a record's name and birth date (or month, where only that is known); at most five.
///
/// # Errors
/// SQLite's errors.
pub fn persons_alike(conn: &Connection, p: &PersonRecord) -> Result<Vec<PersonAlike>> {
    Ok(conn
        .prepare_cached(
            "SELECT p.person_id, r.room_id, p.phone IS NOT NULL AND p.phone IS ?3,
               substr(p.id_no, -4) FROM person p
             LEFT JOIN residency r ON r.person_id = p.person_id AND r.end_date IS NULL
             WHERE p.name = ?1 AND p.deleted_at IS NULL
               AND (p.birth_date = ?2 OR substr(p.birth_date, 1, 7) = substr(?2, 1, 7)
                 AND (?4 OR substr(p.birth_date, 9) = '01'))
             ORDER BY p.person_id LIMIT 5",
        )?
        .query_map(
            params![p.name, p.birth_date.map(|d| d.to_string()), p.phone, p.is_birth_month],
            PersonAlike::read,
        )?
        .collect::<std::result::Result<_, _>>()?)
}
