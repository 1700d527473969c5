//! How many of everything a workspace holds.

use crate::domain::ids::EventId;
use crate::domain::workflow::event;
use crate::store::changes::ChangeSet;
use crate::store::{Connection, Result};

/// What a workspace holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
#[expect(missing_docs, reason = "each name says what is counted")]
pub struct Counts {
    pub buildings: u64,
    pub rooms: u64,
    pub persons: u64,
    pub enterprises: u64,
    pub events: u64,
    pub open_events: u64,
    pub devices: u64,
    pub grids: u64,
}

/// The counts, and what is needed to keep them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Totals {
    /// The counts.
    pub counts: Counts,
    /// Row ids of the open events, sorted.
    open_events: Vec<EventId>,
}

/// Tables whose rows are counted while they are not marked as deleted, with their key.
const MARKED: [(&str, &str); 6] = [
    ("building", "building_id"),
    ("room", "room_id"),
    ("person", "person_id"),
    ("enterprise", "enterprise_id"),
    ("device", "device_id"),
    ("grid", "grid_id"),
];

impl Counts {
    fn of_table(&mut self, table: &str) -> &mut u64 {
        match table {
            "building" => &mut self.buildings,
            "room" => &mut self.rooms,
            "person" => &mut self.persons,
            "enterprise" => &mut self.enterprises,
            "device" => &mut self.devices,
            "grid" => &mut self.grids,
            _ => &mut self.events,
        }
    }
}

impl Totals {
    /// As numbers: the counts, then the open events.
    pub(super) fn numbers(&self) -> Vec<i64> {
        let c = &self.counts;
        let counts = [
            c.buildings,
            c.rooms,
            c.persons,
            c.enterprises,
            c.events,
            c.open_events,
            c.devices,
            c.grids,
        ];
        let counts = counts.into_iter().map(u64::cast_signed);
        counts.chain(self.open_events.iter().map(|id| id.0)).collect()
    }

    /// What [`Totals::numbers`] has made; `None` for anything else.
    pub(super) fn of_numbers(numbers: &[i64]) -> Option<Self> {
        let (counts, open) = numbers.split_first_chunk::<8>()?;
        let [buildings, rooms, persons, enterprises, events, open_events, devices, grids] =
            counts.map(i64::unsigned_abs);
        let open_ids: Vec<EventId> = open.iter().copied().map(EventId).collect();
        let adds_up = open_events == open_ids.len() as u64 && open_ids.is_sorted_by(|a, b| a < b);
        let counts =
            Counts { buildings, rooms, persons, enterprises, events, open_events, devices, grids };
        adds_up.then_some(Self { counts, open_events: open_ids })
    }
}

fn count(conn: &Connection, sql: &str) -> Result<u64> {
    Ok(conn.query_row(sql, [], |row| row.get::<_, i64>(0))?.unsigned_abs())
}

impl Totals {
    /// Counts every table.
    ///
    /// # Errors
    /// A table that cannot be read.
    pub fn read(conn: &Connection) -> Result<Self> {
        let mut totals = Self::default();
        for (table, _) in MARKED {
            let sql = format!("SELECT count(*) FROM {table} WHERE deleted_at IS NULL");
            *totals.counts.of_table(table) = count(conn, &sql)?;
        }
        totals.counts.events = count(conn, "SELECT count(*) FROM event")?;
        let sql =
            format!("SELECT event_id FROM event WHERE {} ORDER BY event_id", event::open_sql());
        let mut select = conn.prepare(&sql)?;
        let open = select.query_map([], |row| row.get(0))?;
        totals.open_events = open.collect::<rusqlite::Result<_>>()?;
        totals.counts.open_events = totals.open_events.len() as u64;
        Ok(totals)
    }

    /// Brings the counts up to date with a commit; `false` when they must be read anew.
    pub(super) fn patch(&mut self, conn: &Connection, changes: &ChangeSet) -> Result<bool> {
        for (table, _) in MARKED {
            let Some(of) = changes.of(table) else { continue };
            let rows = self.counts.of_table(table);
            *rows =
                (*rows + of.inserted).saturating_sub(of.deleted).saturating_add_signed(-of.marked);
        }
        if let Some(of) = changes.of("event") {
            self.counts.events = (self.counts.events + of.inserted).saturating_sub(of.deleted);
            let mut state = conn.prepare_cached("SELECT state FROM event WHERE event_id = ?1")?;
            for event_id in changes.rows::<EventId>() {
                let mut rows = state.query([event_id])?;
                let is_open = match rows.next()? {
                    Some(row) => event::is_open(row.get(0)?),
                    None => false,
                };
                match (self.open_events.binary_search(&event_id), is_open) {
                    (Err(at), true) => self.open_events.insert(at, event_id),
                    (Ok(at), false) => drop(self.open_events.remove(at)),
                    _ => {}
                }
            }
            self.counts.open_events = self.open_events.len() as u64;
        }
        Ok(true)
    }
}
