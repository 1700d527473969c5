//! Whom a row of somebody else's list means: travellers, children to be called up, people to be warned.
//!
//! Nothing of the list is taken over; the answer says how sure it is and by what. A name alone is no
//! evidence.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rusqlite::{OptionalExtension as _, Row};

use crate::domain::ids::{BuildingId, MatchJobId, PersonId, RoomId};
use crate::domain::names;
use crate::store::{Connection, Result};

/// How sure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Level {
    /// Nobody.
    #[default]
    None,
    /// Several persons fit, or what fits is contradicted.
    Ambiguous,
    /// One person fits by name and one thing more, or by an ID number with another name.
    Likely,
    /// One person fits by ID number, or by name and two things more.
    Exact,
}

impl Level {
    /// All of them, from none to exact.
    pub const ALL: [Self; 4] = [Self::None, Self::Ambiguous, Self::Likely, Self::Exact];

    /// Its word in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Ambiguous => "ambiguous",
            Self::Likely => "likely",
            Self::Exact => "exact",
        }
    }

    /// The level of a number in the workspace.
    #[must_use]
    pub fn of_number(number: u8) -> Self {
        Self::ALL.get(usize::from(number)).copied().unwrap_or_default()
    }
}

/// What a row says of somebody.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Name, tidied.
    pub name: Option<String>,
    /// ID number of 18 characters, or of another document.
    pub id_no: Option<String>,
    /// Phone numbers.
    pub phones: Vec<String>,
    /// Date of birth.
    pub birth_date: Option<Date>,
    /// The room that the address means.
    pub room_id: Option<RoomId>,
}

impl Wanted {
    /// Whether it can be matched at all: by a number, or by a name with something more.
    #[must_use]
    pub fn says_enough(&self) -> bool {
        let more = !self.phones.is_empty() || self.birth_date.is_some() || self.room_id.is_some();
        self.id_no.is_some() || self.name.is_some() && more
    }
}

/// Whom a row means.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Judged {
    /// How sure it is.
    pub level: Level,
    /// Who, if it is one person.
    pub person_id: Option<PersonId>,
    /// What agrees: `id_no`, `name`, `phone`, `birth_date`, `room`; and what does not: `other_name`,
    /// `other_id_no`.
    pub evidence: Vec<&'static str>,
    /// How many persons it may mean.
    pub candidates: u32,
}

/// Somebody who may be meant.
struct Candidate {
    evidence: Vec<&'static str>,
    id_no: Option<String>,
}

struct Found {
    person_id: PersonId,
    name: String,
    id_no: Option<String>,
}

fn found(row: &Row<'_>) -> rusqlite::Result<Found> {
    Ok(Found { person_id: row.get(0)?, name: row.get(1)?, id_no: row.get(2)? })
}

/// Finds whom a row means.
///
/// # Errors
/// SQLite's errors.
pub fn judge(conn: &Connection, wanted: &Wanted) -> Result<Judged> {
    let is_name = |name: &str| {
        wanted.name.as_ref().is_none_or(|wanted| names::folded(wanted) == names::folded(name))
    };
    if let Some(id_no) = &wanted.id_no {
        let sql = "SELECT person_id, name, id_no FROM person
             WHERE id_no = ?1 AND deleted_at IS NULL LIMIT 1";
        let by_number = conn.prepare_cached(sql)?.query_row([id_no], found).optional()?;
        if let Some(found) = by_number {
            let (level, name) = match (is_name(&found.name), wanted.name.is_some()) {
                (true, true) => (Level::Exact, Some("name")),
                (true, false) => (Level::Exact, None),
                (false, _) => (Level::Likely, Some("other_name")),
            };
            return Ok(Judged {
                level,
                person_id: Some(found.person_id),
                evidence: std::iter::once("id_no").chain(name).collect(),
                candidates: 1,
            });
        }
    }
    let Some(name) = &wanted.name else { return Ok(Judged::default()) };
    let mut candidates: BTreeMap<PersonId, Candidate> = BTreeMap::new();
    let mut take = |of: Found, by: &'static str| {
        if is_name(&of.name) {
            let candidate = candidates
                .entry(of.person_id)
                .or_insert(Candidate { evidence: vec!["name"], id_no: of.id_no });
            if !candidate.evidence.contains(&by) {
                candidate.evidence.push(by);
            }
        }
    };
    for phone in &wanted.phones {
        // Several numbers stand in one cell, the first of them is found by.
        let mut select = conn.prepare_cached(
            "SELECT person_id, name, id_no FROM person
             WHERE phone >= ?1 AND phone < ?1 || '<' AND deleted_at IS NULL",
        )?;
        for of in select.query_map([phone], found)? {
            take(of?, "phone");
        }
    }
    if let Some(birth) = wanted.birth_date {
        let mut select = conn.prepare_cached(
            "SELECT person_id, name, id_no FROM person
             WHERE name = ?1 AND birth_date = ?2 AND deleted_at IS NULL",
        )?;
        for of in select.query_map((name, birth.to_string()), found)? {
            take(of?, "birth_date");
        }
    }
    if let Some(room_id) = wanted.room_id {
        let mut select = conn.prepare_cached(
            "SELECT p.person_id, p.name, p.id_no
             FROM residency r CROSS JOIN person p USING (person_id)
             WHERE r.room_id = ?1 AND r.end_date IS NULL AND p.deleted_at IS NULL",
        )?;
        for of in select.query_map([room_id], found)? {
            take(of?, "room");
        }
    }
    // Another number is another person, whatever else agrees.
    let contradicts =
        |c: &Candidate| wanted.id_no.is_some() && c.id_no.is_some() && c.id_no != wanted.id_no;
    let most = |list: &BTreeMap<PersonId, Candidate>| {
        list.values().filter(|c| !contradicts(c)).map(|c| c.evidence.len()).max()
    };
    let Some(most) = most(&candidates) else {
        let Some((person_id, first)) = candidates.iter().next() else {
            return Ok(Judged::default());
        };
        let mut evidence = first.evidence.clone();
        evidence.push("other_id_no");
        return Ok(Judged {
            level: Level::Ambiguous,
            person_id: (candidates.len() == 1).then_some(*person_id),
            evidence,
            candidates: candidates.len() as u32,
        });
    };
    let best: Vec<(&PersonId, &Candidate)> =
        candidates.iter().filter(|(_, c)| !contradicts(c) && c.evidence.len() == most).collect();
    let (person_id, candidate) = best[0];
    let level = match (best.len(), most) {
        (1, 3..) => Level::Exact,
        (1, _) => Level::Likely,
        _ => Level::Ambiguous,
    };
    Ok(Judged {
        level,
        person_id: (best.len() == 1).then_some(*person_id),
        evidence: candidate.evidence.clone(),
        candidates: best.len() as u32,
    })
}

/// Where somebody lives now: the home they moved into last.
///
/// # Errors
/// SQLite's errors.
pub fn home_of(conn: &Connection, person_id: PersonId) -> Result<Option<RoomId>> {
    Ok(conn
        .prepare_cached(
            "SELECT room_id FROM residency WHERE person_id = ?1 AND end_date IS NULL
             ORDER BY residency_id DESC LIMIT 1",
        )?
        .query_row([person_id], |row| row.get(0))
        .optional()?)
}

/// Code of the grid that a building stands in.
///
/// # Errors
/// SQLite's errors.
pub fn grid_code(conn: &Connection, building_id: BuildingId) -> Result<Option<String>> {
    Ok(conn
        .prepare_cached(
            "SELECT g.code FROM building b JOIN grid g USING (grid_id) WHERE b.building_id = ?1",
        )?
        .query_row([building_id], |row| row.get(0))
        .optional()?)
}

/// Rows of a list in each grid, by its code; those in no grid under none.
///
/// # Errors
/// SQLite's errors.
pub fn by_grid(conn: &Connection, job_id: MatchJobId) -> Result<Vec<(Option<String>, u64)>> {
    let mut select = conn.prepare(
        "SELECT g.code, count(*) FROM match_row t JOIN room m ON m.room_id = t.room_id
           JOIN building b USING (building_id) LEFT JOIN grid g ON g.grid_id = b.grid_id
         WHERE t.job_id = ?1 AND t.level >= 2 GROUP BY g.code ORDER BY g.code IS NULL, g.code",
    )?;
    let rows = select.query_map([job_id], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?)))?;
    let rows = rows.map(|row| row.map(|(code, n)| (code, n.unsigned_abs())));
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
