//! Events in a list: by state, by handler, overdue; and events that may be the same one.

use rusqlite::{Row, params, params_from_iter};

use crate::domain::ids::{BuildingId, EventId};
use crate::domain::object::Cell;
use crate::domain::workflow::clock::{self, Clock};
use crate::domain::workflow::event::{is_open, open_sql};
use crate::domain::workflow::steps;
use crate::geo::LonLat;
use crate::geo::mercator::WORLD_WIDTH_M;
use crate::store::deadlines::Deadlines;
use crate::store::events::{self, EventFacts};
use crate::store::{Connection, Result, gpkg};

/// How far around an open event counts as the same place, metres.
pub const SIMILAR_M: f64 = 50.0;

/// Which events are listed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EventQuery {
    /// Keys of `event_state`; the open ones where there are none.
    pub states: Vec<i64>,
    /// Ended ones too.
    pub is_all: bool,
    /// Only those whose next due time has passed.
    pub is_overdue: bool,
    /// Only those that somebody has in hand or has reported.
    pub of: Option<String>,
    /// Only those of a category: key of `event_category`.
    pub category: Option<i64>,
    /// At most so many.
    pub most: Option<u32>,
}

/// An event in a list.
#[derive(Debug, Clone, PartialEq)]
pub struct EventLine {
    /// Row id.
    pub event_id: EventId,
    /// Number.
    pub no: String,
    /// One line.
    pub title: String,
    /// Key of `event_category`.
    pub category: i64,
    /// Key of `event_severity`.
    pub severity: Option<i64>,
    /// Key of `event_state` now.
    pub state: i64,
    /// Key of `event_outcome`.
    pub outcome: Option<i64>,
    /// Who has it in hand.
    pub handler: Option<String>,
    /// When somebody called, UTC seconds.
    pub called_at: Option<i64>,
    /// Row id of the building.
    pub building_id: Option<BuildingId>,
    /// Code of the building.
    pub building_code: Option<String>,
    /// Whether somebody presses.
    pub is_urgent: bool,
    /// The clock that is due next, while something is.
    pub next: Option<Clock>,
    /// Whether a request waits for a decision.
    pub has_request: bool,
}

const COLUMNS: &str = "e.event_id, e.no, e.title, e.category, e.severity, e.state, e.outcome,
    e.handler, e.called_at, e.building_id, b.code, coalesce(e.urgent, 0), e.policy_version,
    EXISTS (SELECT 1 FROM event_request q WHERE q.event_id = e.event_id AND q.decision IS NULL)";

fn read(row: &Row<'_>) -> rusqlite::Result<(EventLine, Option<i64>)> {
    let line = EventLine {
        event_id: row.get(0)?,
        no: row.get(1)?,
        title: row.get(2)?,
        category: row.get(3)?,
        severity: row.get(4)?,
        state: row.get(5)?,
        outcome: row.get(6)?,
        handler: row.get(7)?,
        called_at: row.get(8)?,
        building_id: row.get(9)?,
        building_code: row.get(10)?,
        is_urgent: row.get(11)?,
        next: None,
        has_request: row.get(13)?,
    };
    Ok((line, row.get(12)?))
}

/// Fills in what depends on the steps: the state now, and what is due next.
fn follow(
    conn: &Connection,
    deadlines: &Deadlines,
    (mut line, policy_version): (EventLine, Option<i64>),
    now: i64,
) -> Result<EventLine> {
    let taken = events::steps(conn, line.event_id)?;
    let facts = EventFacts {
        event_id: line.event_id,
        no: String::new(),
        called_at: line.called_at,
        severity: line.severity,
        state: line.state,
        policy_version,
        handler: None,
    };
    let clocks = deadlines.clocks(&facts, &taken, now);
    line.state = steps::of_event(&taken, line.state).state(now);
    let due = clock::next_due(&clocks);
    line.next = clocks.into_iter().find(|clock| clock.is_open() && clock.due == due);
    Ok(line)
}

/// Events by what is due first; those with nothing due behind them, the newest first.
///
/// # Errors
/// SQLite's errors.
pub fn event_list(conn: &Connection, query: &EventQuery, now: i64) -> Result<Vec<EventLine>> {
    let states: Vec<String> = query.states.iter().map(i64::to_string).collect();
    let mut conditions = Vec::new();
    if states.is_empty() {
        if !query.is_all {
            conditions.push(format!("e.{}", open_sql()));
        }
    } else {
        // A suspension that is over has ended by itself: its event counts as what it was before.
        conditions.push(format!("e.state IN ({}, {})", states.join(", "), SUSPENDED));
    }
    // Without a bound on what is due, every event has to be looked at; with one, the index on it.
    conditions.push(if query.is_overdue { "e.due_at < ?1" } else { "?1 NOT NULL" }.to_owned());
    conditions.push(
        "(?2 IS NULL OR e.handler = ?2 OR EXISTS (SELECT 1 FROM event_step s
           WHERE s.event_id = e.event_id AND s.action = 'report' AND s.actor = ?2))
         AND (?3 IS NULL OR e.category = ?3)"
            .to_owned(),
    );
    let condition = conditions.join(" AND ");
    let sql = format!(
        "SELECT {COLUMNS} FROM event e LEFT JOIN building b ON b.building_id = e.building_id
         WHERE {condition}
         ORDER BY e.due_at IS NULL, e.due_at, e.called_at DESC, e.event_id"
    );
    let deadlines = Deadlines::read(conn)?;
    let mut select = conn.prepare_cached(&sql)?;
    let mut rows = select.query(params![now, query.of, query.category])?;
    let mut lines = Vec::new();
    let most = query.most.map_or(usize::MAX, |most| most as usize);
    while let Some(row) = rows.next()? {
        let line = follow(conn, &deadlines, read(row)?, now)?;
        let is_asked = query.states.is_empty() || query.states.contains(&line.state);
        let is_late = !query.is_overdue || line.next.as_ref().is_some_and(Clock::is_overdue);
        if is_asked && is_late {
            lines.push(line);
        }
        if lines.len() == most {
            break;
        }
    }
    Ok(lines)
}

/// The first events of a condition of SQL on `event e`, what is due first in front.
pub(super) fn lines_of(
    conn: &Connection,
    condition: &str,
    values: &[Cell],
    now: i64,
    most: usize,
) -> Result<Vec<EventLine>> {
    let deadlines = Deadlines::read(conn)?;
    // Numbers of rows are sorted, not rows: an index says them, and only what is shown is read.
    let sql = format!(
        "SELECT {COLUMNS} FROM event e LEFT JOIN building b ON b.building_id = e.building_id
         WHERE e.event_id IN (
           SELECT e.event_id FROM event e
           WHERE {condition} AND ?1 NOT NULL AND (?2 IS NULL OR 1)
           ORDER BY e.due_at IS NULL, e.due_at, e.event_id LIMIT {most})
         ORDER BY e.due_at IS NULL, e.due_at, e.event_id"
    );
    let mut select = conn.prepare_cached(&sql)?;
    let rows =
        select.query_map(params_from_iter(values), read)?.collect::<rusqlite::Result<Vec<_>>>()?;
    rows.into_iter().map(|row| follow(conn, &deadlines, row, now)).collect()
}

/// Key of the state that ends by itself.
const SUSPENDED: i64 = crate::domain::workflow::event::state::SUSPENDED;

/// Open events of a category that may be the same as one that is being reported: in the same building, or
/// within [`SIMILAR_M`], nearest first, at most ten.
///
/// # Errors
/// SQLite's errors; a damaged geometry.
pub fn similar(
    conn: &Connection,
    (building_id, at): (Option<BuildingId>, Option<LonLat>),
    category: Option<i64>,
    now: i64,
) -> Result<Vec<(EventLine, Option<f64>)>> {
    let mut found: Vec<(EventId, Option<f64>)> = Vec::new();
    if let Some(building_id) = building_id {
        let mut select =
            conn.prepare_cached("SELECT event_id, geom FROM event WHERE building_id = ?1")?;
        let mut rows = select.query([building_id])?;
        while let Some(row) = rows.next()? {
            let point = row.get_ref(1)?.as_blob().ok().and_then(|b| gpkg::decode_point(b).ok());
            found.push((row.get(0)?, point.zip(at).map(|(a, b)| a.distance_m(b))));
        }
    }
    if let Some(at) = at {
        let north_deg = SIMILAR_M / WORLD_WIDTH_M * 360.0;
        let east_deg = north_deg / at.lat.to_radians().cos().max(0.01);
        let mut select = conn.prepare_cached(
            "SELECT e.event_id, e.geom FROM rtree_event_geom t JOIN event e ON e.event_id = t.id
             WHERE t.maxx >= ?1 AND t.maxy >= ?2 AND t.minx <= ?3 AND t.miny <= ?4",
        )?;
        let around = (at.lon - east_deg, at.lat - north_deg, at.lon + east_deg, at.lat + north_deg);
        let mut rows = select.query(around)?;
        while let Some(row) = rows.next()? {
            let point = gpkg::decode_point(row.get_ref(1)?.as_blob().unwrap_or_default())?;
            let distance = at.distance_m(point);
            if distance <= SIMILAR_M {
                found.push((row.get(0)?, Some(distance)));
            }
        }
    }
    found.sort_by(|a, b| {
        let far = |d: Option<f64>| d.unwrap_or(f64::MAX);
        a.0.cmp(&b.0).then(far(a.1).total_cmp(&far(b.1)))
    });
    found.dedup_by_key(|(id, _)| *id);
    let deadlines = Deadlines::read(conn)?;
    let sql = format!(
        "SELECT {COLUMNS} FROM event e LEFT JOIN building b ON b.building_id = e.building_id
         WHERE e.event_id = ?1"
    );
    let mut select = conn.prepare_cached(&sql)?;
    let mut similar = Vec::new();
    for (event_id, distance) in found {
        let line = select.query_row([event_id], read)?;
        if is_open(line.0.state) && category.is_none_or(|category| category == line.0.category) {
            similar.push((follow(conn, &deadlines, line, now)?, distance));
        }
    }
    similar.sort_by(|a, b| a.1.unwrap_or(0.0).total_cmp(&b.1.unwrap_or(0.0)));
    similar.truncate(10);
    Ok(similar)
}
