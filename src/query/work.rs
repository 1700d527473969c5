//! My work: what waits for somebody, each with its count and what comes next. The window, the status bar
//! and the command line read this one answer.

use jiff::civil::Date;
use rusqlite::params_from_iter;

use super::Vocabulary;
use super::event_list::{EventLine, lines_of};
use super::visits::{VisitTask, visit_tasks};
use crate::derived::Census;
use crate::domain::clock::shanghai;
use crate::domain::object::Cell;
use crate::domain::workflow::event::{open_sql, state};
use crate::domain::workflow::visit;
use crate::store::queue::WAITS_SQL;
use crate::store::visits::plans;
use crate::store::{Connection, Result};

/// Events of a section that are shown.
const MOST_NEXT: usize = 5;

/// A section of the work: events in some condition.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// `to_accept`, `to_dispatch`, `to_do`, `to_check`, `to_decide`, `due_today`, `overdue`, `suspended`.
    pub word: &'static str,
    /// How many.
    pub count: u64,
    /// What is due first.
    pub next: Vec<EventLine>,
}

/// Everything that waits.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Work {
    /// Events.
    pub events: Vec<Section>,
    /// Visits that are due.
    pub visits_due: u64,
    /// Visits that were missed.
    pub visits_missed: u64,
    /// What comes next of both.
    pub visits: Vec<VisitTask>,
    /// Rows of lists that wait for a choice.
    pub rows: u64,
    /// Tags whose review is due.
    pub tags: u64,
}

impl Work {
    /// A section by its word.
    #[must_use]
    pub fn section(&self, word: &str) -> Option<&Section> {
        self.events.iter().find(|section| section.word == word)
    }
}

/// What waits at an instant. With `of`, what is to be done is what that person has in hand, and what nobody
/// has.
///
/// # Errors
/// SQLite's errors; a plan of visits whose filter means nothing here any more.
pub fn work(
    conn: &Connection,
    (vocabulary, census): (&Vocabulary, Option<&Census>),
    (now, today): (i64, Date),
    of: Option<&str>,
) -> Result<Work> {
    let open = open_sql();
    let mine = "(?2 IS NULL OR e.handler = ?2 OR e.handler IS NULL)";
    let tomorrow = today
        .tomorrow()
        .ok()
        .and_then(|day| day.at(0, 0, 0, 0).to_zoned(shanghai()).ok())
        .map_or(now, |midnight| midnight.timestamp().as_second());
    let to_do = format!(
        "e.state IN ({}, {}, {}) AND {mine}",
        state::DISPATCHED,
        state::HANDLING,
        state::REWORK
    );
    let sections: [(&'static str, String); 8] = [
        ("to_accept", format!("e.state = {}", state::PENDING)),
        ("to_dispatch", format!("e.state IN ({}, {})", state::ACCEPTED, state::TO_DISPATCH)),
        ("to_do", to_do),
        ("to_check", format!("e.state = {}", state::TO_CHECK)),
        (
            "to_decide",
            "e.event_id IN (SELECT event_id FROM event_request WHERE decision IS NULL)".to_owned(),
        ),
        ("overdue", format!("e.due_at < ?1 AND {mine}")),
        ("due_today", format!("e.due_at >= ?1 AND e.due_at < {tomorrow} AND {mine}")),
        ("suspended", format!("e.state = {}", state::SUSPENDED)),
    ];
    let mut work = Work::default();
    for (word, condition) in sections {
        let condition = format!("e.{open} AND {condition}");
        let values = [Cell::Int(now), of.map_or(Cell::Empty, |of| Cell::Text(of.to_owned()))];
        let sql = format!(
            "SELECT count(*) FROM event e WHERE {condition} AND ?1 NOT NULL AND (?2 IS NULL OR 1)"
        );
        let count: i64 =
            conn.prepare_cached(&sql)?.query_row(params_from_iter(&values), |row| row.get(0))?;
        let next = match count {
            0 => Vec::new(),
            _ => lines_of(conn, &condition, &values, now, MOST_NEXT)?,
        };
        work.events.push(Section { word, count: count.unsigned_abs(), next });
    }
    let sql = format!("SELECT count(*) FROM queue_row r WHERE r.came = 'held' AND {WAITS_SQL}");
    work.rows = conn.query_row(&sql, [], |row| row.get::<_, i64>(0))?.unsigned_abs();
    work.tags = conn
        .prepare_cached("SELECT count(*) FROM person_tag WHERE until IS NULL AND review_due <= ?1")?
        .query_row([today.to_string()], |row| row.get::<_, i64>(0))?
        .unsigned_abs();
    if let Some(census) = census
        && !plans(conn)?.is_empty()
    {
        let tasks = visit_tasks(conn, (vocabulary, census), today, (None, false))?;
        let is_mine = |task: &&VisitTask| {
            of.is_none() || task.worker.is_none() || task.worker.as_deref() == of
        };
        let tasks: Vec<&VisitTask> = tasks.iter().filter(is_mine).collect();
        let missed = tasks.iter().filter(|t| t.state == visit::state::MISSED).count();
        work.visits_missed = missed as u64;
        work.visits_due = (tasks.len() - missed) as u64;
        work.visits = tasks.into_iter().take(MOST_NEXT).cloned().collect();
    }
    Ok(work)
}
