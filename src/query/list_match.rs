//! Whom a row of somebody else's list means: travellers, children to be called up, people to be warned.
//!
//! Nothing of the list is taken over; the answer says how sure it is and by what. A name alone is no
//! evidence.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use rusqlite::{OptionalExtension as _, Row};

use crate::domain::ids::{BuildingId, MatchJobId, PersonId, RoomId};
use crate::domain::names;
use crate::store::{Connection, Reader, Result};

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

#[derive(Clone)]
struct Found {
    person_id: PersonId,
    name: String,
    id_no: Option<String>,
}

/// Keys of a list, by the place of who has them. Seeded, so that no list can be made to collide.
type Keys<K> = HashMap<K, usize, foldhash::fast::RandomState>;

/// The residents that the rows of a long list may mean: those with its ID numbers are sought in the order of
/// the index, which reads each of its pages once; for everything else everybody is looked through once, since
/// looking each row up by itself reads every namesake in a city.
#[derive(Default)]
pub struct Lookup {
    ids: Keys<String>,
    phones: Keys<String>,
    births: Keys<(String, String)>,
    found: Vec<Vec<Found>>,
}

impl Lookup {
    /// Notes the ID number that a row asks for.
    pub fn want_id(&mut self, wanted: &Wanted) {
        if let Some(id_no) = &wanted.id_no {
            let place = self.found.len();
            if *self.ids.entry(id_no.clone()).or_insert(place) == place {
                self.found.push(Vec::new());
            }
        }
    }

    /// Notes what else a row asks for, if nobody has its ID number.
    pub fn want_more(&mut self, wanted: &Wanted) {
        if wanted.id_no.as_ref().is_some_and(|id_no| !self.of(self.ids.get(id_no)).is_empty()) {
            return;
        }
        for phone in &wanted.phones {
            let place = self.found.len();
            if *self.phones.entry(phone.clone()).or_insert(place) == place {
                self.found.push(Vec::new());
            }
        }
        if let (Some(name), Some(birth)) = (&wanted.name, wanted.birth_date) {
            let place = self.found.len();
            if *self.births.entry((name.clone(), birth.to_string())).or_insert(place) == place {
                self.found.push(Vec::new());
            }
        }
    }

    fn of(&self, place: Option<&usize>) -> &[Found] {
        place.map_or(&[], |place| &self.found[*place])
    }

    /// Seeks the ID numbers.
    ///
    /// # Errors
    /// SQLite's errors.
    pub fn seek_ids(&mut self, conn: &Connection) -> Result<()> {
        let mut keys: Vec<(&String, &usize)> = self.ids.iter().collect();
        keys.sort_unstable();
        // One state of the file for all of them, and one lock.
        let state = conn.unchecked_transaction()?;
        let mut select = state.prepare(
            "SELECT person_id, name, id_no FROM person
             WHERE id_no = ?1 AND deleted_at IS NULL LIMIT 1",
        )?;
        for (id_no, place) in keys {
            self.found[*place].extend(select.query_row([id_no], found).optional()?);
        }
        Ok(())
    }

    /// Looks through everybody for phones, and for names with dates of birth: a part for each connection,
    /// beside one another.
    ///
    /// # Errors
    /// SQLite's errors.
    pub fn scan(&mut self, conns: Vec<Reader>) -> Result<()> {
        if self.phones.is_empty() && self.births.is_empty() {
            return Ok(());
        }
        let Some(first) = conns.first() else { return Ok(()) };
        let last: i64 = crate::store::features::last_person_id(first)?.into();
        let parts = conns.len() as i64;
        let part = |at: i64| last / parts * at + last % parts * at / parts;
        let all = std::thread::scope(|scope| {
            let this = &*self;
            let threads: Vec<_> = conns
                .into_iter()
                .zip(0..)
                .map(|(conn, at)| {
                    let ids = (if at == 0 { i64::MIN } else { part(at) + 1 }, part(at + 1));
                    scope.spawn(move || this.scan_part(&conn, ids))
                })
                .collect();
            let ends = threads.into_iter().map(std::thread::ScopedJoinHandle::join);
            ends.map(|end| end.unwrap_or_else(|cause| std::panic::resume_unwind(cause)))
                .collect::<Result<Vec<_>>>()
        })?;
        for (place, found) in all.into_iter().flatten() {
            self.found[place].push(found);
        }
        Ok(())
    }

    fn scan_part(&self, conn: &Connection, ids: (i64, i64)) -> Result<Vec<(usize, Found)>> {
        let mut select = conn.prepare(
            "SELECT person_id, name, id_no, birth_date, phone FROM person
             WHERE person_id BETWEEN ?1 AND ?2 AND deleted_at IS NULL",
        )?;
        let mut rows = select.query(ids)?;
        let mut key = (String::new(), String::new());
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            let text = |column: usize| -> Result<&str> {
                Ok(row.get_ref(column)?.as_str_or_null().ok().flatten().unwrap_or_default())
            };
            if !self.phones.is_empty() {
                let numbers = text(4)?.split(';').map(str::trim).filter(|n| !n.is_empty());
                for place in numbers.filter_map(|number| self.phones.get(number)) {
                    all.push((*place, found(row)?));
                }
            }
            let birth = text(3)?;
            if !birth.is_empty() && !self.births.is_empty() {
                key.0.clear();
                key.0.push_str(text(1)?);
                key.1.clear();
                key.1.push_str(birth);
                if let Some(place) = self.births.get(&key) {
                    all.push((*place, found(row)?));
                }
            }
        }
        Ok(all)
    }
}

/// Where residents are looked for: one by one, or among those a scan has found.
struct Residents<'a> {
    conn: &'a Connection,
    lookup: Option<&'a Lookup>,
}

impl Residents<'_> {
    fn by_id(&self, id_no: &String) -> Result<Option<Found>> {
        if let Some(lookup) = self.lookup {
            return Ok(lookup.of(lookup.ids.get(id_no)).first().cloned());
        }
        let sql = "SELECT person_id, name, id_no FROM person
             WHERE id_no = ?1 AND deleted_at IS NULL LIMIT 1";
        Ok(self.conn.prepare_cached(sql)?.query_row([id_no], found).optional()?)
    }

    fn by_phone(&self, phone: &String) -> Result<Vec<Found>> {
        if let Some(lookup) = self.lookup {
            return Ok(lookup.of(lookup.phones.get(phone)).to_vec());
        }
        // Several numbers stand in one cell, the first of them is found by.
        let mut select = self.conn.prepare_cached(
            "SELECT person_id, name, id_no FROM person
             WHERE phone >= ?1 AND phone < ?1 || '<' AND deleted_at IS NULL",
        )?;
        let list = select.query_map([phone], found)?;
        Ok(list.collect::<rusqlite::Result<_>>()?)
    }

    fn by_birth(&self, name: &str, birth: Date) -> Result<Vec<Found>> {
        if let Some(lookup) = self.lookup {
            let key = (name.to_owned(), birth.to_string());
            return Ok(lookup.of(lookup.births.get(&key)).to_vec());
        }
        let mut select = self.conn.prepare_cached(
            "SELECT person_id, name, id_no FROM person
             WHERE name = ?1 AND birth_date = ?2 AND deleted_at IS NULL",
        )?;
        let list = select.query_map((name, birth.to_string()), found)?;
        Ok(list.collect::<rusqlite::Result<_>>()?)
    }
}

fn found(row: &Row<'_>) -> rusqlite::Result<Found> {
    Ok(Found { person_id: row.get(0)?, name: row.get(1)?, id_no: row.get(2)? })
}

/// Finds whom a row means, among what a scan has found where there was one.
///
/// # Errors
/// SQLite's errors.
pub fn judge(conn: &Connection, lookup: Option<&Lookup>, wanted: &Wanted) -> Result<Judged> {
    let residents = Residents { conn, lookup };
    let is_name = |name: &str| {
        wanted.name.as_ref().is_none_or(|wanted| names::folded(wanted) == names::folded(name))
    };
    if let Some(id_no) = &wanted.id_no
        && let Some(found) = residents.by_id(id_no)?
    {
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
        residents.by_phone(phone)?.into_iter().for_each(|of| take(of, "phone"));
    }
    if let Some(birth) = wanted.birth_date {
        residents.by_birth(name, birth)?.into_iter().for_each(|of| take(of, "birth_date"));
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

/// Where people live now: the home each moved into last.
///
/// # Errors
/// SQLite's errors.
pub fn homes_of(
    conn: &Connection,
    persons: impl IntoIterator<Item = PersonId>,
) -> Result<HashMap<PersonId, RoomId>> {
    // In the order of the index, so that its pages are read once.
    let mut persons: Vec<PersonId> = persons.into_iter().collect();
    persons.sort_unstable();
    persons.dedup();
    let state = conn.unchecked_transaction()?;
    let mut select = state.prepare(
        "SELECT room_id FROM residency WHERE person_id = ?1 AND end_date IS NULL
         ORDER BY residency_id DESC LIMIT 1",
    )?;
    let mut homes = HashMap::with_capacity(persons.len());
    for person_id in persons {
        if let Some(room_id) = select.query_row([person_id], |row| row.get(0)).optional()? {
            homes.insert(person_id, room_id);
        }
    }
    Ok(homes)
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
