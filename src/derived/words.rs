//! What is looked through whole while somebody types, because no index of the file begins with it: parts of
//! names, words of titles, addresses.

mod lines;
mod names;

use std::collections::HashSet;

pub use lines::Lines;
pub use names::{Names, Sounding};

use crate::domain::ids::{BuildingId, DeviceId, EnterpriseId, EventId, GridId, PersonId, RowId};
use crate::store::changes::ChangeSet;
use crate::store::{Connection, Result};
use names::Collector;

/// The words of a workspace.
#[derive(Default)]
pub struct Words {
    /// Names of persons.
    pub names: Names,
    /// Names that came after `names` was made.
    newer: Names,
    newer_names: Vec<String>,
    /// Names of enterprises.
    pub enterprises: Lines<EnterpriseId>,
    /// Titles of events.
    pub events: Lines<EventId>,
    /// Names and addresses of buildings.
    pub buildings: Lines<BuildingId>,
    /// Codes and names of devices.
    pub devices: Lines<DeviceId>,
    /// Codes, names and workers of grids.
    pub grids: Lines<GridId>,
}

const ENTERPRISE: &str = "SELECT enterprise_id, name FROM enterprise WHERE deleted_at IS NULL";
const EVENT: &str = "SELECT event_id, title FROM event WHERE true";
const BUILDING: &str = "SELECT building_id, coalesce(name || ' ', '') || coalesce(address, '')
    FROM building WHERE deleted_at IS NULL AND (name IS NOT NULL OR address IS NOT NULL)";
const DEVICE: &str = "SELECT device_id, code || ' ' || coalesce(name, '') FROM device
    WHERE deleted_at IS NULL";
const GRID: &str =
    "SELECT grid_id, code || ' ' || coalesce(name, '') || ' ' || coalesce(leader, '')
      || ' ' || coalesce(staff, '') FROM grid WHERE deleted_at IS NULL";

impl Words {
    /// Reads all words.
    ///
    /// # Errors
    /// A table that cannot be read.
    pub fn read(conn: &Connection) -> Result<Self> {
        let mut words = Self::default();
        let mut names = Collector::default();
        let mut last = String::new();
        let mut select = conn.prepare("SELECT name FROM person ORDER BY name")?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let name = row.get_ref(0)?.as_str().unwrap_or_default();
            if name != last {
                name.clone_into(&mut last);
                names.add(name);
            }
        }
        words.names = names.finish();
        read_lines(conn, ENTERPRISE, &mut words.enterprises)?;
        read_lines(conn, EVENT, &mut words.events)?;
        read_lines(conn, BUILDING, &mut words.buildings)?;
        read_lines(conn, DEVICE, &mut words.devices)?;
        read_lines(conn, GRID, &mut words.grids)?;
        Ok(words)
    }

    /// Brings the words up to date with a commit; `false` when they must be read anew. A name that
    /// nobody has any more stays until then: who bears a name is asked for anyway.
    ///
    /// # Errors
    /// A row that cannot be read.
    pub fn patch(&mut self, conn: &Connection, changes: &ChangeSet) -> Result<bool> {
        const MOST_NEWER: usize = 5_000;
        if !changes.is_small() {
            return Ok(false);
        }
        let mut name_of = conn.prepare_cached("SELECT name FROM person WHERE person_id = ?1")?;
        let before = self.newer_names.len();
        for person_id in changes.rows::<PersonId>() {
            let mut rows = name_of.query([person_id])?;
            if let Some(row) = rows.next()? {
                self.newer_names.push(row.get(0)?);
            }
        }
        if self.newer_names.len() > MOST_NEWER {
            return Ok(false);
        }
        if self.newer_names.len() > before {
            let mut newer = Collector::default();
            self.newer_names.iter().for_each(|name| newer.add(name));
            self.newer = newer.finish();
        }
        patch_lines(conn, ENTERPRISE, "enterprise_id", &mut self.enterprises, changes)?;
        patch_lines(conn, EVENT, "event_id", &mut self.events, changes)?;
        patch_lines(conn, BUILDING, "building_id", &mut self.buildings, changes)?;
        patch_lines(conn, DEVICE, "device_id", &mut self.devices, changes)?;
        patch_lines(conn, GRID, "grid_id", &mut self.grids, changes)?;
        Ok(true)
    }

    /// Names that have a text in them, but do not begin with it; some may come twice.
    #[must_use]
    pub fn names_holding(&self, text: &str) -> Vec<String> {
        let mut found = self.names.holding(text);
        found.extend(self.newer.holding(text));
        found
    }

    /// What a query in pinyin may mean among the names, as [`Names::sounding`] tells it.
    #[must_use]
    pub fn names_sounding(&self, query: &str) -> Sounding {
        let (mut found, newer) = (self.names.sounding(query), self.newer.sounding(query));
        found.names.extend(newer.names);
        found.surnames.extend(newer.surnames);
        found
    }

    /// Bytes in memory, about.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let places = self.buildings.bytes() + self.devices.bytes() + self.grids.bytes();
        self.names.bytes() + self.enterprises.bytes() + self.events.bytes() + places
    }
}

fn read_lines<I: RowId>(conn: &Connection, sql: &str, lines: &mut Lines<I>) -> Result<()> {
    let mut select = conn.prepare(sql)?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        lines.add(I::from(row.get::<_, i64>(0)?), row.get_ref(1)?.as_str().unwrap_or_default());
    }
    Ok(())
}

fn patch_lines<I: RowId>(
    conn: &Connection,
    sql: &str,
    key: &str,
    lines: &mut Lines<I>,
    changes: &ChangeSet,
) -> Result<()> {
    let touched: HashSet<I> = changes.rows::<I>().collect();
    if touched.is_empty() {
        return Ok(());
    }
    lines.forget(&touched);
    let mut select = conn.prepare_cached(&format!("{sql} AND {key} = ?1"))?;
    let mut sorted: Vec<I> = touched.into_iter().collect();
    sorted.sort_unstable();
    for id in sorted {
        let mut rows = select.query([Into::<i64>::into(id)])?;
        if let Some(row) = rows.next()? {
            lines.add(id, row.get_ref(1)?.as_str().unwrap_or_default());
        }
    }
    Ok(())
}
