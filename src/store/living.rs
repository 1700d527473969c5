//! Who lives where, by hand: moving in, out and within, households split and joined, two records of one
//! person made one. History is kept: a move ends one residency and begins another.

use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{Result, StoreError, WriteTx};
use crate::domain::codes::key;
use crate::domain::ids::{HouseholdId, PersonId, ResidencyId, RoomId};
use crate::msg;

/// A current residency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Living {
    /// Row id.
    pub residency_id: ResidencyId,
    /// Where.
    pub room_id: RoomId,
    /// Of which household.
    pub household_id: Option<HouseholdId>,
}

/// Where somebody lives now, the oldest home first.
///
/// # Errors
/// SQLite's errors.
pub fn homes(conn: &Connection, person_id: PersonId) -> Result<Vec<Living>> {
    Ok(conn
        .prepare_cached(
            "SELECT residency_id, room_id, household_id FROM residency
             WHERE person_id = ?1 AND end_date IS NULL ORDER BY residency_id",
        )?
        .query_map([person_id], |row| {
            Ok(Living {
                residency_id: row.get(0)?,
                room_id: row.get(1)?,
                household_id: row.get(2)?,
            })
        })?
        .collect::<rusqlite::Result<_>>()?)
}

/// How somebody moves in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoveIn {
    /// Where to.
    pub room_id: RoomId,
    /// First day.
    pub since: Date,
    /// Register number of the household there; its only one, or a new one, where it is not said.
    pub household_no: Option<String>,
    /// Key of `relation`.
    pub relation: Option<i64>,
    /// Key of `residency_role`.
    pub role: Option<i64>,
    /// Whether what they have had stays their home too.
    pub is_second_home: bool,
}

/// Moves somebody into a room; what they have had ends on that day, unless it is a second home.
///
/// # Errors
/// [`StoreError::Record`] where they live there already, or the day is before they moved into what they
/// have; SQLite's errors.
pub fn move_in(tx: &WriteTx<'_>, person_id: PersonId, to: &MoveIn) -> Result<ResidencyId> {
    let homes = homes(tx, person_id)?;
    if homes.iter().any(|home| home.room_id == to.room_id) {
        return Err(StoreError::Record("this person lives there already".into()));
    }
    let birth: Option<String> =
        tx.query_row("SELECT birth_date FROM person WHERE person_id = ?1", [person_id], |row| {
            row.get(0)
        })?;
    if birth.is_some_and(|birth| birth > to.since.to_string()) {
        return Err(StoreError::Record("nobody moves in before they are born".into()));
    }
    if !to.is_second_home {
        for home in &homes {
            end(tx, home.residency_id, to.since)?;
        }
    }
    let household_id = household_of(tx, to.room_id, to.household_no.as_deref())?;
    let has_head: bool = tx.query_row(
        "SELECT head_person_id NOT NULL FROM household WHERE household_id = ?1",
        [household_id],
        |row| row.get(0),
    )?;
    // Nobody takes the place of a head by moving in.
    let relation = to.relation.filter(|relation| *relation != key::HEAD || !has_head);
    tx.execute(
        "INSERT INTO residency (person_id, room_id, household_id, relation, role, start_date)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![person_id, to.room_id, household_id, relation, to.role, to.since.to_string()],
    )?;
    let residency_id = ResidencyId(tx.last_insert_rowid());
    if relation == Some(key::HEAD) {
        tx.execute(
            "UPDATE household SET head_person_id = ?2 WHERE household_id = ?1",
            (household_id, person_id),
        )?;
    }
    Ok(residency_id)
}

/// Ends a residency on a day; a head who goes leaves the household without one.
///
/// # Errors
/// [`StoreError::Record`] for a day before it began; SQLite's errors.
pub fn end(tx: &WriteTx<'_>, residency_id: ResidencyId, on: Date) -> Result<()> {
    let (start, person_id, household_id): (Option<String>, PersonId, Option<HouseholdId>) = tx
        .query_row(
            "SELECT start_date, person_id, household_id FROM residency WHERE residency_id = ?1",
            [residency_id],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )?;
    let on = on.to_string();
    if let Some(start) = start.filter(|start| *start > on) {
        return Err(StoreError::Record(msg!(
            "that is before the day on which they moved in there: {}",
            start
        )));
    }
    tx.execute("UPDATE residency SET end_date = ?2 WHERE residency_id = ?1", (residency_id, on))?;
    tx.execute(
        "UPDATE household SET head_person_id = NULL WHERE household_id = ?1 AND head_person_id = ?2",
        (household_id, person_id),
    )?;
    Ok(())
}

/// The household of a room and number; without a number its only one, else a new one.
fn household_of(tx: &WriteTx<'_>, room_id: RoomId, no: Option<&str>) -> Result<HouseholdId> {
    let of_room: Vec<(HouseholdId, Option<String>)> = tx
        .prepare_cached(
            "SELECT household_id, register_no FROM household WHERE room_id = ?1
             ORDER BY household_id",
        )?
        .query_map([room_id], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let found = match (&of_room[..], no) {
        ([(only, _)], None) => Some(*only),
        _ => of_room.iter().find(|(_, of)| of.as_deref() == no).map(|(id, _)| *id),
    };
    if let Some(found) = found {
        return Ok(found);
    }
    tx.execute("INSERT INTO household (register_no, room_id) VALUES (?1, ?2)", (no, room_id))?;
    Ok(HouseholdId(tx.last_insert_rowid()))
}

/// Makes a member the head of their household in a room; who was it becomes another relation.
///
/// # Errors
/// [`StoreError::Record`] for somebody who does not live there; SQLite's errors.
pub fn make_head(tx: &WriteTx<'_>, person_id: PersonId, room_id: RoomId) -> Result<()> {
    let home = homes(tx, person_id)?.into_iter().find(|home| home.room_id == room_id);
    let Some(home) = home else {
        return Err(StoreError::Record("this person does not live there".into()));
    };
    let household_id = match home.household_id {
        Some(household_id) => household_id,
        None => {
            let household_id = household_of(tx, room_id, None)?;
            tx.execute(
                "UPDATE residency SET household_id = ?2 WHERE residency_id = ?1",
                (home.residency_id, household_id),
            )?;
            household_id
        }
    };
    tx.execute(
        "UPDATE residency SET relation = NULL WHERE household_id = ?1 AND relation = ?3
           AND end_date IS NULL AND residency_id <> ?2",
        (household_id, home.residency_id, key::HEAD),
    )?;
    tx.execute(
        "UPDATE residency SET relation = ?2 WHERE residency_id = ?1",
        (home.residency_id, key::HEAD),
    )?;
    tx.execute(
        "UPDATE household SET head_person_id = ?2 WHERE household_id = ?1",
        (household_id, person_id),
    )?;
    Ok(())
}

/// Takes members of a room into a household of their own, under a number. Returns it.
///
/// # Errors
/// [`StoreError::Record`] where a number is taken, nobody is named or nobody would stay; SQLite's errors.
pub fn split_household(
    tx: &WriteTx<'_>,
    room_id: RoomId,
    members: &[PersonId],
    no: &str,
) -> Result<HouseholdId> {
    let is_taken: bool = tx.query_row(
        "SELECT EXISTS (SELECT 1 FROM household WHERE room_id = ?1 AND register_no = ?2)",
        (room_id, no),
        |row| row.get(0),
    )?;
    if is_taken {
        return Err(StoreError::Record("the room has a household of this number already".into()));
    }
    if members.is_empty() {
        return Err(StoreError::Record("say who is to be in the new household".into()));
    }
    tx.execute("INSERT INTO household (register_no, room_id) VALUES (?1, ?2)", (no, room_id))?;
    let household_id = HouseholdId(tx.last_insert_rowid());
    for person_id in members {
        let home = homes(tx, *person_id)?.into_iter().find(|home| home.room_id == room_id);
        let Some(home) = home else {
            return Err(StoreError::Record("this person does not live there".into()));
        };
        tx.execute(
            "UPDATE household SET head_person_id = NULL WHERE household_id = ?1
               AND head_person_id = ?2",
            (home.household_id, person_id),
        )?;
        tx.execute(
            "UPDATE residency SET household_id = ?2, relation = NULL WHERE residency_id = ?1",
            (home.residency_id, household_id),
        )?;
    }
    Ok(household_id)
}

/// Makes all households of a room one: the first stays, with its head.
///
/// # Errors
/// [`StoreError::Record`] where there are not two; SQLite's errors.
pub fn join_households(tx: &WriteTx<'_>, room_id: RoomId) -> Result<()> {
    let all: Vec<HouseholdId> = tx
        .prepare("SELECT household_id FROM household WHERE room_id = ?1 ORDER BY household_id")?
        .query_map([room_id], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let [first, others @ ..] = &all[..] else {
        return Err(StoreError::Record("the room has no household".into()));
    };
    if others.is_empty() {
        return Err(StoreError::Record("the room has one household only".into()));
    }
    for other in others {
        tx.execute(
            "UPDATE residency SET household_id = ?1,
               relation = iif(relation = ?3 AND end_date IS NULL, NULL, relation)
             WHERE household_id = ?2",
            (first, other, key::HEAD),
        )?;
        tx.execute("DELETE FROM household WHERE household_id = ?1", [other])?;
    }
    Ok(())
}

/// Makes two records of one person one: what is known of `gone` alone goes over to `kept`, homes, tags,
/// visits and cases too; where both say something, `kept` stays as it is.
///
/// # Errors
/// [`StoreError::Record`] for one and the same record, or two different ID numbers; SQLite's errors.
pub fn merge_persons(tx: &WriteTx<'_>, kept: PersonId, gone: PersonId) -> Result<()> {
    if kept == gone {
        return Err(StoreError::Record("these are one record already".into()));
    }
    let number = |person_id: PersonId| -> Result<Option<String>> {
        let row = tx
            .query_row(
                "SELECT id_no FROM person WHERE person_id = ?1 AND deleted_at IS NULL",
                [person_id],
                |row| row.get(0),
            )
            .optional()?;
        row.ok_or_else(|| StoreError::Record("the person was deleted meanwhile".into()))
    };
    let numbers = (number(kept)?, number(gone)?);
    if let (Some(a), Some(b)) = &numbers
        && a != b
    {
        return Err(StoreError::Record(
            "they have two different ID numbers; correct one of them first".into(),
        ));
    }
    // Marked first: no two living records have one number.
    tx.execute("UPDATE person SET deleted_at = ?2 WHERE person_id = ?1", (gone, tx.stamp().at))?;
    tx.execute(
        "UPDATE person AS k SET
           id_type = iif(k.id_no IS NULL AND g.id_no NOT NULL, g.id_type, k.id_type),
           id_no = coalesce(k.id_no, g.id_no), sex = iif(k.sex = 0, g.sex, k.sex),
           birth_date = coalesce(k.birth_date, g.birth_date), phone = coalesce(k.phone, g.phone),
           verified_at = max(coalesce(k.verified_at, g.verified_at),
             coalesce(g.verified_at, k.verified_at))
         FROM person AS g WHERE k.person_id = ?1 AND g.person_id = ?2",
        (kept, gone),
    )?;
    // Both live in one room: one of the residencies says so.
    tx.execute(
        "DELETE FROM residency WHERE person_id = ?2 AND end_date IS NULL AND room_id IN
           (SELECT room_id FROM residency WHERE person_id = ?1 AND end_date IS NULL)",
        (kept, gone),
    )?;
    tx.execute("UPDATE household SET head_person_id = ?1 WHERE head_person_id = ?2", (kept, gone))?;
    tx.execute(
        "DELETE FROM person_tag WHERE person_id = ?2 AND tag_id IN
           (SELECT tag_id FROM person_tag WHERE person_id = ?1)",
        (kept, gone),
    )?;
    for table in ["residency", "person_tag", "attention_case", "visit", "visit_fact", "visit_task"]
    {
        let sql = format!("UPDATE {table} SET person_id = ?1 WHERE person_id = ?2");
        tx.execute(&sql, (kept, gone))?;
    }
    Ok(())
}

/// Makes two records of one estate one: its buildings go over, its name becomes another name.
///
/// # Errors
/// [`StoreError::Record`] for one and the same record; SQLite's errors.
pub fn merge_estates(
    tx: &WriteTx<'_>,
    kept: crate::domain::ids::EstateId,
    gone: crate::domain::ids::EstateId,
) -> Result<()> {
    if kept == gone {
        return Err(StoreError::Record("these are one record already".into()));
    }
    tx.execute("UPDATE estate SET deleted_at = ?2 WHERE estate_id = ?1", (gone, tx.stamp().at))?;
    tx.execute(
        "UPDATE estate AS k SET
           aliases = trim(k.aliases || ';' || g.name || ';' || g.aliases, ';'),
           property_company = coalesce(k.property_company, g.property_company),
           phone = coalesce(k.phone, g.phone)
         FROM estate AS g WHERE k.estate_id = ?1 AND g.estate_id = ?2",
        (kept, gone),
    )?;
    for table in ["building", "staff_office", "organisation"] {
        let sql = format!("UPDATE {table} SET estate_id = ?1 WHERE estate_id = ?2");
        tx.execute(&sql, (kept, gone))?;
    }
    Ok(())
}

/// Makes two records of one enterprise one: what is known of `gone` alone goes over to `kept`.
///
/// # Errors
/// [`StoreError::Record`] for one and the same record, or two different credit codes; SQLite's errors.
pub fn merge_enterprises(
    tx: &WriteTx<'_>,
    kept: crate::domain::ids::EnterpriseId,
    gone: crate::domain::ids::EnterpriseId,
) -> Result<()> {
    if kept == gone {
        return Err(StoreError::Record("these are one record already".into()));
    }
    let differ: bool = tx.query_row(
        "SELECT coalesce((SELECT uscc FROM enterprise WHERE enterprise_id = ?1)
           <> (SELECT uscc FROM enterprise WHERE enterprise_id = ?2), 0)",
        (kept, gone),
        |row| row.get(0),
    )?;
    if differ {
        return Err(StoreError::Record("they have two different credit codes".into()));
    }
    tx.execute(
        "UPDATE enterprise SET deleted_at = ?2 WHERE enterprise_id = ?1",
        (gone, tx.stamp().at),
    )?;
    tx.execute(
        "UPDATE enterprise AS k SET uscc = coalesce(k.uscc, g.uscc), kind = coalesce(k.kind, g.kind),
           industry = coalesce(k.industry, g.industry), contact = coalesce(k.contact, g.contact),
           phone = coalesce(k.phone, g.phone), employees = coalesce(k.employees, g.employees),
           fire_check_at = coalesce(k.fire_check_at, g.fire_check_at)
         FROM enterprise AS g WHERE k.enterprise_id = ?1 AND g.enterprise_id = ?2",
        (kept, gone),
    )?;
    Ok(())
}
