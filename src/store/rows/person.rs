//! Persons with their residency, household and tags.

use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::Outcome;
use crate::domain::codes::key;
use crate::domain::names::pinyin_and_initials;
use crate::domain::records::{PersonRecord, ResidencyRecord};
use crate::store::Result;

/// Merges persons of one import. A person whom *this* import already placed may get a second
/// home; one placed earlier who now appears elsewhere has moved.
pub struct PersonWriter {
    first_new_residency_id: i64,
    today: Date,
}

impl PersonWriter {
    /// Starts an import on `today` (the day a move without a date is dated with).
    ///
    /// # Errors
    /// SQLite's errors.
    pub fn new(conn: &Connection, today: Date) -> Result<Self> {
        let last: i64 =
            conn.query_row("SELECT coalesce(max(residency_id), 0) FROM residency", [], |row| {
                row.get(0)
            })?;
        Ok(Self { first_new_residency_id: last + 1, today })
    }

    /// Inserts or merges a person: the one that is given, else by ID number, else by name and birth
    /// date among the current residents of the same room (a baby that meanwhile has a number is the
    /// baby without one).
    ///
    /// # Errors
    /// SQLite's errors.
    pub fn upsert(
        &self,
        conn: &Connection,
        known: Option<i64>,
        p: &PersonRecord,
    ) -> Result<(i64, Outcome)> {
        let known = match known {
            Some(person_id) => Some(person_id),
            None => find_person(conn, p)?,
        };
        let (person_id, mut outcome) = match known {
            Some(person_id) => (person_id, merge_person(conn, person_id, p)?),
            None => (insert_person(conn, p)?, Outcome::Added),
        };
        if let Some(residency) = &p.residency {
            outcome = outcome.and(self.place(conn, person_id, residency)?);
        }
        for &tag_id in &p.tag_ids {
            let changed = conn
                .prepare_cached(
                    "INSERT INTO person_tag (person_id, tag_id) VALUES (?1, ?2)
                     ON CONFLICT (person_id, tag_id) DO UPDATE SET until = NULL
                     WHERE until IS NOT NULL",
                )?
                .execute((person_id, tag_id))?;
            outcome = outcome.and(Outcome::from_changed_rows(changed));
        }
        Ok((person_id, outcome))
    }

    fn place(&self, conn: &Connection, person_id: i64, r: &ResidencyRecord) -> Result<Outcome> {
        let household_id = household_id(conn, r)?;
        let current: Vec<(i64, i64)> = conn
            .prepare_cached(
                "SELECT residency_id, room_id FROM residency
                 WHERE person_id = ?1 AND end_date IS NULL",
            )?
            .query_map([person_id], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<std::result::Result<_, _>>()?;
        let here = current.iter().find(|(_, room_id)| *room_id == r.room_id);
        let outcome = if let Some(&(residency_id, _)) = here {
            let changed = conn
                .prepare_cached(
                    "UPDATE residency SET household_id = ?2, relation = coalesce(?3, relation),
                       role = coalesce(?4, role), start_date = coalesce(?5, start_date)
                     WHERE residency_id = ?1 AND (household_id IS NOT ?2
                       OR relation IS NOT coalesce(?3, relation)
                       OR role IS NOT coalesce(?4, role)
                       OR start_date IS NOT coalesce(?5, start_date))",
                )?
                .execute(params![
                    residency_id,
                    household_id,
                    r.relation,
                    r.role,
                    r.since.map(|d| d.to_string()),
                ])?;
            Outcome::from_changed_rows(changed)
        } else {
            let moved_on = r.since.unwrap_or(self.today).to_string();
            for (residency_id, _) in
                current.iter().filter(|(id, _)| *id < self.first_new_residency_id)
            {
                conn.prepare_cached("UPDATE residency SET end_date = ?2 WHERE residency_id = ?1")?
                    .execute((residency_id, &moved_on))?;
            }
            insert_residency(conn, person_id, household_id, r)?;
            Outcome::Merged
        };
        Ok(outcome.and(set_head(conn, household_id, person_id, r)?))
    }
}

fn find_person(conn: &Connection, p: &PersonRecord) -> Result<Option<i64>> {
    if let Some(id_no) = &p.id_no {
        let by_number = conn
            .prepare_cached(
                "SELECT person_id FROM person
                 WHERE id_no = ?1 AND id_type = ?2 AND deleted_at IS NULL",
            )?
            .query_row((id_no, p.id_type), |row| row.get(0))
            .optional()?;
        if by_number.is_some() {
            return Ok(by_number);
        }
    }
    let Some(room_id) = p.residency.as_ref().map(|r| r.room_id) else { return Ok(None) };
    Ok(conn
        .prepare_cached(
            "SELECT p.person_id FROM residency r JOIN person p USING (person_id)
             WHERE r.room_id = ?1 AND r.end_date IS NULL AND p.name = ?2
               AND p.deleted_at IS NULL
               AND (p.birth_date IS ?3 OR p.birth_date IS NULL OR ?3 IS NULL)
               AND (p.id_no IS NULL OR ?4 IS NULL)
             ORDER BY p.person_id LIMIT 1",
        )?
        .query_row((room_id, &p.name, p.birth_date.map(|d| d.to_string()), &p.id_no), |row| {
            row.get(0)
        })
        .optional()?)
}

fn merge_person(conn: &Connection, person_id: i64, p: &PersonRecord) -> Result<Outcome> {
    let (pinyin, initials) = pinyin_and_initials(&p.name);
    let changed = conn
        .prepare_cached(
            "UPDATE person SET name = ?2, pinyin = ?3, initials = ?4,
               sex = coalesce(?5, sex), birth_date = coalesce(?6, birth_date),
               phone = coalesce(?7, phone), population_type = coalesce(?8, population_type),
               id_no = coalesce(id_no, ?9), id_type = iif(id_no IS NULL AND ?9 NOT NULL, ?10, id_type)
             WHERE person_id = ?1 AND (name IS NOT ?2 OR pinyin IS NOT ?3
               OR sex IS NOT coalesce(?5, sex) OR birth_date IS NOT coalesce(?6, birth_date)
               OR phone IS NOT coalesce(?7, phone)
               OR population_type IS NOT coalesce(?8, population_type)
               OR (id_no IS NULL AND ?9 NOT NULL))",
        )?
        .execute(params![
            person_id,
            p.name,
            pinyin,
            initials,
            p.sex,
            p.birth_date.map(|d| d.to_string()),
            p.phone,
            p.population_type,
            p.id_no,
            p.id_type,
        ])?;
    Ok(Outcome::from_changed_rows(changed))
}

/// Inserts a person known to be new, without residency and tags. Returns the row id.
///
/// # Errors
/// SQLite's errors, a second person with the same ID number among them.
pub fn insert_person(conn: &Connection, p: &PersonRecord) -> Result<i64> {
    let (pinyin, initials) = pinyin_and_initials(&p.name);
    conn.prepare_cached(
        "INSERT INTO person (name, pinyin, initials, id_type, id_no, sex, birth_date, phone,
           population_type) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        p.name,
        pinyin,
        initials,
        p.id_type,
        p.id_no,
        p.sex.unwrap_or(0),
        p.birth_date.map(|d| d.to_string()),
        p.phone,
        p.population_type.unwrap_or(key::REGISTERED),
    ])?;
    Ok(conn.last_insert_rowid())
}

/// Begins a residency. Returns its row id.
///
/// # Errors
/// SQLite's errors.
pub fn insert_residency(
    conn: &Connection,
    person_id: i64,
    household_id: i64,
    r: &ResidencyRecord,
) -> Result<i64> {
    conn.prepare_cached(
        "INSERT INTO residency (person_id, room_id, household_id, relation, role, start_date)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![
        person_id,
        r.room_id,
        household_id,
        r.relation,
        r.role,
        r.since.map(|d| d.to_string()),
    ])?;
    Ok(conn.last_insert_rowid())
}

/// Gives a person a tag that it does not have yet.
///
/// # Errors
/// SQLite's errors.
pub fn insert_tag(conn: &Connection, person_id: i64, tag_id: i64, basis: &str) -> Result<()> {
    conn.prepare_cached("INSERT INTO person_tag (person_id, tag_id, basis) VALUES (?1, ?2, ?3)")?
        .execute((person_id, tag_id, basis))?;
    Ok(())
}

fn household_id(conn: &Connection, r: &ResidencyRecord) -> Result<i64> {
    let known = conn
        .prepare_cached(
            "SELECT household_id FROM household WHERE room_id = ?1 AND register_no IS ?2",
        )?
        .query_row((r.room_id, &r.household_no), |row| row.get(0))
        .optional()?;
    if let Some(household_id) = known {
        return Ok(household_id);
    }
    insert_household(conn, r.room_id, r.household_no.as_deref())
}

/// Inserts a household known to be new. Returns its row id.
///
/// # Errors
/// SQLite's errors.
pub fn insert_household(conn: &Connection, room_id: i64, register_no: Option<&str>) -> Result<i64> {
    conn.prepare_cached("INSERT INTO household (register_no, room_id) VALUES (?1, ?2)")?
        .execute((register_no, room_id))?;
    Ok(conn.last_insert_rowid())
}

/// Makes a person the head of a household. Returns whether that is news.
///
/// # Errors
/// SQLite's errors.
pub fn set_household_head(conn: &Connection, household_id: i64, person_id: i64) -> Result<bool> {
    let changed = conn
        .prepare_cached(
            "UPDATE household SET head_person_id = ?2
             WHERE household_id = ?1 AND head_person_id IS NOT ?2",
        )?
        .execute((household_id, person_id))?;
    Ok(changed > 0)
}

fn set_head(
    conn: &Connection,
    household_id: i64,
    person_id: i64,
    r: &ResidencyRecord,
) -> Result<Outcome> {
    if r.relation != Some(key::HEAD) {
        return Ok(Outcome::Unchanged);
    }
    let changed = set_household_head(conn, household_id, person_id)?;
    Ok(Outcome::from_changed_rows(usize::from(changed)))
}
