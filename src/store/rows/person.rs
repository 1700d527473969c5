//! Persons with their residency, household and tags.

use jiff::civil::Date;
use rusqlite::{Connection, params};

use super::merge::merge_sql;
use super::{Outcome, inserted};
use crate::domain::codes::key;
use crate::domain::ids::{HouseholdId, PersonId, ResidencyId, RoomId, TagId};
use crate::domain::names::pinyin_and_initials;
use crate::domain::records::{PersonRecord, Precedence, ResidencyRecord};
use crate::store::{Result, people};

/// Merges persons of one import. A person whom *this* import already placed may get a second
/// home; one placed earlier who now appears elsewhere has moved.
pub struct PersonWriter {
    first_new_residency_id: ResidencyId,
    today: Date,
}

/// How a person's row is merged.
#[derive(Debug, Clone, Copy, Default)]
pub struct Merge {
    /// Row id of the person it is, where somebody has said so.
    pub person_id: Option<PersonId>,
    /// What wins where the row disagrees.
    pub precedence: Precedence,
}

impl PersonWriter {
    /// Starts an import on `today` (the day a move without a date is dated with).
    ///
    /// # Errors
    /// SQLite's errors.
    pub fn new(conn: &Connection, today: Date) -> Result<Self> {
        let last: ResidencyId =
            conn.query_row("SELECT coalesce(max(residency_id), 0) FROM residency", [], |row| {
                row.get(0)
            })?;
        Ok(Self { first_new_residency_id: ResidencyId(last.0 + 1), today })
    }

    /// Inserts or merges a person: the one that is given, else by ID number, else by name and birth
    /// date among the current residents of the same room (a baby that meanwhile has a number is the
    /// baby without one). Where the row disagrees with what is known, `merge.precedence` decides.
    ///
    /// # Errors
    /// SQLite's errors.
    pub fn upsert(
        &self,
        conn: &Connection,
        merge: Merge,
        p: &PersonRecord,
    ) -> Result<(PersonId, Outcome)> {
        let known = match merge.person_id {
            Some(person_id) => people::person_verified(conn, person_id)?,
            None => people::known_person(conn, p, p.residency.as_ref().map(|r| r.room_id))?,
        };
        let verified_at = p.verified_on.and_then(super::midnight);
        let mut row_wins = true;
        let (person_id, mut outcome) = match known {
            Some(known) => {
                row_wins = merge.precedence.row_wins(verified_at, known.verified_at);
                let outcome = if row_wins {
                    merge_person(conn, known.person_id, p)?
                } else {
                    fill_person(conn, known.person_id, p)?
                };
                (known.person_id, outcome)
            }
            None => (insert_person(conn, p)?, Outcome::Added),
        };
        if let Some(residency) = &p.residency {
            let seen = p.verified_on.unwrap_or(self.today);
            outcome = outcome.and(self.place(conn, (person_id, row_wins), residency, seen)?);
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

    /// Puts a person into a room; who lives elsewhere moves, unless what is known wins.
    fn place(
        &self,
        conn: &Connection,
        (person_id, row_wins): (PersonId, bool),
        r: &ResidencyRecord,
        seen: Date,
    ) -> Result<Outcome> {
        let current: Vec<(ResidencyId, RoomId, Option<HouseholdId>)> = conn
            .prepare_cached(
                "SELECT residency_id, room_id, household_id FROM residency
                 WHERE person_id = ?1 AND end_date IS NULL",
            )?
            .query_map([person_id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
            .collect::<std::result::Result<_, _>>()?;
        let here = current.iter().find(|(_, room_id, _)| *room_id == r.room_id);
        if !row_wins && !current.is_empty() && here.is_none() {
            return Ok(Outcome::Unchanged);
        }
        let household_id = household_id(conn, r, here.and_then(|(_, _, household)| *household))?;
        // Without a number nobody takes the place of a head who lives there.
        let keeps_head = r.household_no.is_none()
            && r.relation == Some(key::HEAD)
            && has_other_head(conn, household_id, person_id)?;
        let r = &ResidencyRecord { relation: r.relation.filter(|_| !keeps_head), ..r.clone() };
        let outcome = if let Some(&(residency_id, ..)) = here {
            let sql = if row_wins {
                merge_sql!(
                    residency where "residency_id = ?1":
                    household_id always "?2", relation given "?3", role given "?4",
                    start_date given "?5"
                )
            } else {
                merge_sql!(
                    residency where "residency_id = ?1":
                    household_id always "coalesce(household_id, ?2)",
                    relation always "coalesce(relation, ?3)", role always "coalesce(role, ?4)",
                    start_date always "coalesce(start_date, ?5)"
                )
            };
            let since = r.since.map(|d| d.to_string());
            let changed = conn.prepare_cached(sql)?.execute(params![
                residency_id,
                household_id,
                r.relation,
                r.role,
                since,
            ])?;
            Outcome::from_changed_rows(changed)
        } else {
            let moved_on = r.since.unwrap_or(seen).to_string();
            for (residency_id, ..) in
                current.iter().filter(|(id, ..)| *id < self.first_new_residency_id)
            {
                conn.prepare_cached("UPDATE residency SET end_date = ?2 WHERE residency_id = ?1")?
                    .execute((residency_id, &moved_on))?;
                conn.prepare_cached(
                    "UPDATE household SET head_person_id = NULL WHERE head_person_id = ?2
                     AND household_id = (SELECT household_id FROM residency
                       WHERE residency_id = ?1)",
                )?
                .execute((residency_id, person_id))?;
            }
            insert_residency(conn, person_id, household_id, r)?;
            Outcome::Merged
        };
        if !row_wins {
            return Ok(outcome);
        }
        Ok(outcome.and(set_head(conn, household_id, person_id, r)?))
    }
}

fn merge_person(conn: &Connection, person_id: PersonId, p: &PersonRecord) -> Result<Outcome> {
    let (pinyin, initials) = pinyin_and_initials(&p.name);
    // A month says nothing against a day that is known.
    let is_month = p.is_birth_month;
    let changed = conn
        .prepare_cached(merge_sql!(
            person where "person_id = ?1":
            name always "?2", pinyin always "?3", sex given "?5",
            birth_date always "iif(?12, coalesce(birth_date, ?6), coalesce(?6, birth_date))",
            phone given "?7", population_type given "?8", id_no always "coalesce(id_no, ?9)",
            verified_at always "max(coalesce(?11, verified_at), coalesce(verified_at, ?11))";
            initials always "?4";
            id_type always "iif(id_no IS NULL AND ?9 NOT NULL, ?10, id_type)"
        ))?
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
            p.verified_on.and_then(super::midnight),
            is_month,
        ])?;
    Ok(Outcome::from_changed_rows(changed))
}

/// Merges only what is not known yet.
fn fill_person(conn: &Connection, person_id: PersonId, p: &PersonRecord) -> Result<Outcome> {
    let known = people::person_facts(conn, person_id)?;
    let fresh = PersonRecord {
        name: known.name,
        sex: p.sex.filter(|_| known.sex == 0),
        birth_date: p.birth_date.filter(|_| known.birth_date.is_none()),
        phone: p.phone.clone().filter(|_| known.phone.is_none()),
        population_type: None,
        verified_on: None,
        ..p.clone()
    };
    merge_person(conn, person_id, &fresh)
}

/// Inserts a person known to be new, without residency and tags. Returns the row id.
///
/// # Errors
/// SQLite's errors, a second person with the same ID number among them.
pub fn insert_person(conn: &Connection, p: &PersonRecord) -> Result<PersonId> {
    let (pinyin, initials) = pinyin_and_initials(&p.name);
    conn.prepare_cached(
        "INSERT INTO person (name, pinyin, initials, id_type, id_no, sex, birth_date, phone,
           population_type, verified_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
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
        p.verified_on.and_then(super::midnight),
    ])?;
    Ok(inserted(conn))
}

/// Begins a residency. Returns its row id.
///
/// # Errors
/// SQLite's errors.
pub fn insert_residency(
    conn: &Connection,
    person_id: PersonId,
    household_id: HouseholdId,
    r: &ResidencyRecord,
) -> Result<ResidencyId> {
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
    Ok(inserted(conn))
}

/// Gives a person a tag that it does not have yet.
///
/// # Errors
/// SQLite's errors.
pub fn insert_tag(
    conn: &Connection,
    person_id: PersonId,
    tag_id: TagId,
    basis: &str,
) -> Result<()> {
    conn.prepare_cached("INSERT INTO person_tag (person_id, tag_id, basis) VALUES (?1, ?2, ?3)")?
        .execute((person_id, tag_id, basis))?;
    Ok(())
}

/// The household a row means: the one of its number; without a number the one the person is in,
/// else the room's only one, else the one that has no number.
fn household_id(
    conn: &Connection,
    r: &ResidencyRecord,
    here: Option<HouseholdId>,
) -> Result<HouseholdId> {
    if let (None, Some(household_id)) = (&r.household_no, here) {
        return Ok(household_id);
    }
    let of_room: Vec<(HouseholdId, Option<String>)> = conn
        .prepare_cached(
            "SELECT household_id, register_no FROM household WHERE room_id = ?1
             ORDER BY household_id",
        )?
        .query_map([r.room_id], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let same = of_room.iter().find(|(_, register_no)| *register_no == r.household_no);
    let found = match (&of_room[..], &r.household_no) {
        ([only], None) => Some(only),
        _ => same,
    };
    match found {
        Some((household_id, _)) => Ok(*household_id),
        None => insert_household(conn, r.room_id, r.household_no.as_deref()),
    }
}

/// Inserts a household known to be new. Returns its row id.
///
/// # Errors
/// SQLite's errors.
pub fn insert_household(
    conn: &Connection,
    room_id: RoomId,
    register_no: Option<&str>,
) -> Result<HouseholdId> {
    conn.prepare_cached("INSERT INTO household (register_no, room_id) VALUES (?1, ?2)")?
        .execute((register_no, room_id))?;
    Ok(inserted(conn))
}

/// Makes a person the head of a household. Returns whether that is news.
///
/// # Errors
/// SQLite's errors.
pub fn set_household_head(
    conn: &Connection,
    household_id: HouseholdId,
    person_id: PersonId,
) -> Result<bool> {
    let changed = conn
        .prepare_cached(
            "UPDATE household SET head_person_id = ?2
             WHERE household_id = ?1 AND head_person_id IS NOT ?2",
        )?
        .execute((household_id, person_id))?;
    Ok(changed > 0)
}

/// Whether somebody else is the head of a household and lives in it.
fn has_other_head(
    conn: &Connection,
    household_id: HouseholdId,
    person_id: PersonId,
) -> Result<bool> {
    Ok(conn
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM household h JOIN residency r
               ON r.household_id = h.household_id AND r.person_id = h.head_person_id
             WHERE h.household_id = ?1 AND h.head_person_id IS NOT ?2 AND r.end_date IS NULL)",
        )?
        .query_row((household_id, person_id), |row| row.get(0))?)
}

fn set_head(
    conn: &Connection,
    household_id: HouseholdId,
    person_id: PersonId,
    r: &ResidencyRecord,
) -> Result<Outcome> {
    if r.relation != Some(key::HEAD) {
        return Ok(Outcome::Unchanged);
    }
    let changed = set_household_head(conn, household_id, person_id)?;
    Ok(Outcome::from_changed_rows(usize::from(changed)))
}
