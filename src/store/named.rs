//! Records by what people call them: an ID number, a name, a code.

use rusqlite::Connection;

use super::Result;
use crate::domain::ids::{
    EnterpriseId, EstateId, OrganisationId, PersonId, PersonTagId, RoomId, StaffId, TagId,
};

fn ids<I: From<i64>>(conn: &Connection, sql: &str, text: &str) -> Result<Vec<I>> {
    let mut select = conn.prepare_cached(sql)?;
    let rows = select.query_map([text], |row| row.get::<_, i64>(0))?;
    Ok(rows.map(|id| id.map(I::from)).collect::<rusqlite::Result<_>>()?)
}

/// Persons of an ID number.
///
/// # Errors
/// SQLite's errors.
pub fn persons_of_number(conn: &Connection, number: &str) -> Result<Vec<PersonId>> {
    ids(
        conn,
        "SELECT person_id FROM person WHERE id_no = ?1 AND deleted_at IS NULL ORDER BY 1",
        number,
    )
}

/// Persons of a full name, the first eleven.
///
/// # Errors
/// SQLite's errors.
pub fn persons_of_name(conn: &Connection, name: &str) -> Result<Vec<PersonId>> {
    let sql =
        "SELECT person_id FROM person WHERE name = ?1 AND deleted_at IS NULL ORDER BY 1 LIMIT 11";
    ids(conn, sql, name)
}

/// Persons of a name who live in a room.
///
/// # Errors
/// SQLite's errors.
pub fn persons_in_room(conn: &Connection, room_id: RoomId, name: &str) -> Result<Vec<PersonId>> {
    let mut select = conn.prepare_cached(
        "SELECT DISTINCT p.person_id FROM residency r JOIN person p USING (person_id)
         WHERE r.room_id = ?1 AND p.name = ?2 AND r.end_date IS NULL AND p.deleted_at IS NULL
         ORDER BY 1",
    )?;
    Ok(select.query_map((room_id, name), |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// Enterprises of a credit code or a name.
///
/// # Errors
/// SQLite's errors.
pub fn enterprises(conn: &Connection, text: &str) -> Result<Vec<EnterpriseId>> {
    let sql = "SELECT enterprise_id FROM enterprise WHERE deleted_at IS NULL
        AND (uscc = ?1 OR name = ?1) ORDER BY 1 LIMIT 11";
    ids(conn, sql, text)
}

/// Estates of a name.
///
/// # Errors
/// SQLite's errors.
pub fn estates(conn: &Connection, name: &str) -> Result<Vec<EstateId>> {
    let sql = "SELECT estate_id FROM estate WHERE name = ?1 AND deleted_at IS NULL ORDER BY 1";
    ids(conn, sql, name)
}

/// Somebody of the staff by name.
///
/// # Errors
/// SQLite's errors.
pub fn staff(conn: &Connection, name: &str) -> Result<Vec<StaffId>> {
    ids(conn, "SELECT staff_id FROM staff WHERE name = ?1 AND deleted_at IS NULL ORDER BY 1", name)
}

/// Organisations of a name.
///
/// # Errors
/// SQLite's errors.
pub fn organisations(conn: &Connection, name: &str) -> Result<Vec<OrganisationId>> {
    let sql = "SELECT organisation_id FROM organisation WHERE name = ?1 AND deleted_at IS NULL ORDER BY 1";
    ids(conn, sql, name)
}

/// Devices of a code.
///
/// # Errors
/// SQLite's errors.
pub fn devices(conn: &Connection, code: &str) -> Result<Vec<crate::domain::ids::DeviceId>> {
    ids(
        conn,
        "SELECT device_id FROM device WHERE code = ?1 AND deleted_at IS NULL ORDER BY 1",
        code,
    )
}

/// The tag that a person has.
///
/// # Errors
/// SQLite's errors.
pub fn tag_of_person(
    conn: &Connection,
    person_id: PersonId,
    tag_id: TagId,
) -> Result<Option<PersonTagId>> {
    use rusqlite::OptionalExtension as _;
    Ok(conn
        .prepare_cached(
            "SELECT person_tag_id FROM person_tag WHERE person_id = ?1 AND tag_id = ?2",
        )?
        .query_row((person_id, tag_id), |row| row.get(0))
        .optional()?)
}

/// Living persons who have a tag (its code), by row id.
///
/// # Errors
/// SQLite's errors.
pub fn persons_with_tag(conn: &Connection, code: &str) -> Result<Vec<PersonId>> {
    let sql = "SELECT p.person_id FROM tag t JOIN person_tag g USING (tag_id)
           JOIN person p ON p.person_id = g.person_id
         WHERE t.code = ?1 AND g.until IS NULL AND p.deleted_at IS NULL ORDER BY 1";
    ids(conn, sql, code)
}
