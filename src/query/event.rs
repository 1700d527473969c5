//! One incident: what, where, when, and what stands near it.

use rusqlite::OptionalExtension as _;

use super::place::{
    BUILDING_PLACE_COLUMNS, BuildingPlace, RoomPlace, building_place, place_of_room,
};
use crate::domain::ids::{BuildingId, DeviceId, EventId, RequestId, RoomId, StepId};
use crate::domain::workflow::calendar::Calendar;
use crate::domain::workflow::clock::Clock;
use crate::domain::workflow::event::{MACHINE, state};
use crate::domain::workflow::steps::{self, Step};
use crate::geo::mercator::WORLD_WIDTH_M;
use crate::geo::{LonLat, lon_lat};
use crate::store::deadlines::Deadlines;
use crate::store::events::{self, EventFacts};
use crate::store::{Connection, Result, gpkg};

/// How far "near" reaches, metres.
pub const NEAR_M: f64 = 150.0;

/// What may be near an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Neighbour {
    /// A building.
    Building(BuildingId),
    /// A device, with its key of `device_kind`.
    Device(DeviceId, i64),
}

/// Something near an incident.
#[derive(Debug, Clone, PartialEq)]
pub struct Near {
    /// What it is.
    pub what: Neighbour,
    /// Code.
    pub code: String,
    /// Name of a device.
    pub name: String,
    /// What a building is called by.
    pub building: Option<BuildingPlace>,
    /// Distance, metres.
    pub distance_m: f64,
}

/// A step of an event, as the timeline shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepView {
    /// The step.
    pub step: Step,
    /// Who took it.
    pub actor: String,
    /// What was said about it.
    pub opinion: Option<String>,
    /// Who was to do it.
    pub handler: Option<String>,
    /// Number of the event that it repeats.
    pub other: Option<String>,
    /// How content the reporter was: 1 very, 2 fairly, 3 not.
    pub satisfaction: Option<i64>,
    /// Whether it stands: neither taken back nor a counter-step.
    pub is_live: bool,
}

/// Something that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestView {
    /// Row id.
    pub request_id: RequestId,
    /// `extend`, `suspend`, `return`, `cancel`, `regrade` or `help`.
    pub kind: String,
    /// When it was asked for, UTC seconds.
    pub at: i64,
    /// Who asked.
    pub requester: String,
    /// Why.
    pub reason: Option<String>,
    /// Until when it is wanted, UTC seconds.
    pub until: Option<i64>,
    /// Which grade is wanted: key of `event_severity`.
    pub severity: Option<i64>,
    /// `granted` or `denied`; `None` while it waits.
    pub decision: Option<String>,
    /// When it was decided, UTC seconds.
    pub decided_at: Option<i64>,
    /// Who decided.
    pub decider: Option<String>,
    /// What was said about the decision.
    pub answer: Option<String>,
}

/// An incident. Free text is what the reporter wrote.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the record's own fields; see domain::records::EventRecord")]
pub struct EventCard {
    pub event_id: EventId,
    pub no: String,
    pub category: i64,
    pub severity: Option<i64>,
    pub source: Option<i64>,
    pub title: String,
    pub text: Option<String>,
    pub place_text: Option<String>,
    pub occurred_at: Option<i64>,
    pub reported_at: Option<i64>,
    pub called_at: Option<i64>,
    /// When something is due next, UTC seconds.
    pub due_at: Option<i64>,
    /// The state now: a suspension that is over has ended by itself.
    pub state: i64,
    /// Until when it is suspended, UTC seconds.
    pub paused_until: Option<i64>,
    /// How it came out: key of `event_outcome`.
    pub outcome: Option<i64>,
    pub handler: Option<String>,
    pub is_urgent: bool,
    /// Number of the event that it repeats.
    pub duplicate_of: Option<String>,
    /// Numbers of the events that repeat it.
    pub duplicates: Vec<String>,
    pub at: Option<LonLat>,
    pub building_id: Option<BuildingId>,
    /// What the building is called by.
    pub building: Option<BuildingPlace>,
    pub room: Option<RoomPlace>,
    pub grid: Option<String>,
    pub grid_leader: Option<String>,
    /// Version of the promise that it was entered under.
    pub policy_version: Option<i64>,
    /// The working hours it is measured by.
    pub calendar: Calendar,
    /// What is due when.
    pub clocks: Vec<Clock>,
    /// In the order of entry.
    pub steps: Vec<StepView>,
    /// What was asked for, oldest first.
    pub requests: Vec<RequestView>,
    /// Words of the acts that are possible now.
    pub possible: Vec<&'static str>,
    /// Devices and buildings within [`NEAR_M`], nearest first, at most 12.
    pub near: Vec<Near>,
}

/// Answers for an event's number at an instant; `None` when there is no such event.
///
/// # Errors
/// SQLite's errors; a damaged geometry.
pub fn event(conn: &Connection, no: &str, now: i64) -> Result<Option<EventCard>> {
    let found = conn
        .prepare_cached(&format!(
            "SELECT e.event_id, e.category, e.severity, e.source, e.title, e.text, e.occurred_at,
               e.reported_at, e.due_at, e.state, e.geom, e.building_id,
               e.place_text, e.policy_version, e.room_id, coalesce(g.name, g.code), g.leader, b.lon, b.lat, e.called_at, e.outcome,
               e.handler, coalesce(e.urgent, 0),
               (SELECT d.no FROM event d WHERE d.event_id = e.duplicate_of), {BUILDING_PLACE_COLUMNS}
             FROM event e LEFT JOIN building b ON b.building_id = e.building_id
               LEFT JOIN estate s ON s.estate_id = b.estate_id
               LEFT JOIN grid g ON g.grid_id = coalesce(e.grid_id, b.grid_id)
             WHERE e.no = ?1"
        ))?
        .query_row([no], |row| {
            let blob: Option<Vec<u8>> = row.get(10)?;
            let inside: (Option<f64>, Option<f64>) = (row.get(17)?, row.get(18)?);
            let card = EventCard {
                event_id: row.get(0)?,
                no: no.to_owned(),
                category: row.get(1)?,
                severity: row.get(2)?,
                source: row.get(3)?,
                title: row.get(4)?,
                text: row.get(5)?,
                place_text: row.get(12)?,
                occurred_at: row.get(6)?,
                reported_at: row.get(7)?,
                called_at: row.get(19)?,
                due_at: row.get(8)?,
                state: row.get(9)?,
                paused_until: None,
                outcome: row.get(20)?,
                handler: row.get(21)?,
                is_urgent: row.get(22)?,
                duplicate_of: row.get(23)?,
                duplicates: Vec::new(),
                at: inside.0.zip(inside.1).map(|(lon, lat)| lon_lat(lon, lat)),
                building_id: row.get(11)?,
                building: building_place(row, 24)?,
                room: None,
                grid: row.get(15)?,
                grid_leader: row.get(16)?,
                policy_version: row.get(13)?,
                calendar: Calendar::default(),
                clocks: Vec::new(),
                steps: Vec::new(),
                requests: Vec::new(),
                possible: Vec::new(),
                near: Vec::new(),
            };
            Ok((blob, row.get::<_, Option<RoomId>>(14)?, card))
        })
        .optional()?;
    let Some((blob, room_id, mut card)) = found else { return Ok(None) };
    if let Some(blob) = blob {
        card.at = Some(gpkg::decode_point(&blob)?);
    }
    if let Some(room_id) = room_id {
        card.room = Some(place_of_room(conn, room_id)?);
    }
    follow(conn, &mut card, now)?;
    if let Some(at) = card.at {
        card.near = near(conn, at)?;
    }
    Ok(Some(card))
}

/// Steps, requests and clocks of an event, and its state now.
fn follow(conn: &Connection, card: &mut EventCard, now: i64) -> Result<()> {
    let taken = events::steps(conn, card.event_id)?;
    let facts = EventFacts {
        event_id: card.event_id,
        no: card.no.clone(),
        called_at: card.called_at,
        severity: card.severity,
        state: card.state,
        policy_version: card.policy_version,
        handler: card.handler.clone(),
    };
    let course = steps::of_event(&taken, card.state);
    let deadlines = Deadlines::read(conn)?;
    card.clocks = deadlines.clocks(&facts, &taken, now);
    if let Some(deadline) = deadlines.of(card.policy_version) {
        card.calendar = deadline.calendar.clone();
    }
    card.state = course.state(now);
    card.paused_until = course.paused_until().filter(|_| card.state == state::SUSPENDED);
    card.possible = MACHINE.possible(card.state);
    let live: Vec<StepId> = course.live().iter().map(|step| step.step_id).collect();
    let mut said = conn.prepare_cached(
        "SELECT s.actor, s.opinion, s.handler, o.no, s.satisfaction FROM event_step s
         LEFT JOIN event o ON o.event_id = s.other_event_id WHERE s.step_id = ?1",
    )?;
    for step in &taken {
        let view = said.query_row([step.step_id], |row| {
            Ok(StepView {
                step: step.clone(),
                actor: row.get(0)?,
                opinion: row.get(1)?,
                handler: row.get(2)?,
                other: row.get(3)?,
                satisfaction: row.get(4)?,
                is_live: live.contains(&step.step_id),
            })
        })?;
        card.steps.push(view);
    }
    let mut asked = conn.prepare_cached(
        "SELECT request_id, kind, at, requester, reason, until_at, severity, decision, decided_at,
           decider, answer FROM event_request WHERE event_id = ?1 ORDER BY request_id",
    )?;
    let asked = asked.query_map([card.event_id], |row| {
        Ok(RequestView {
            request_id: row.get(0)?,
            kind: row.get(1)?,
            at: row.get(2)?,
            requester: row.get(3)?,
            reason: row.get(4)?,
            until: row.get(5)?,
            severity: row.get(6)?,
            decision: row.get(7)?,
            decided_at: row.get(8)?,
            decider: row.get(9)?,
            answer: row.get(10)?,
        })
    })?;
    card.requests = asked.collect::<rusqlite::Result<_>>()?;
    let mut repeated =
        conn.prepare_cached("SELECT no FROM event WHERE duplicate_of = ?1 ORDER BY no")?;
    card.duplicates =
        repeated.query_map([card.event_id], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    Ok(())
}

fn near(conn: &Connection, at: LonLat) -> Result<Vec<Near>> {
    let north_deg = NEAR_M / WORLD_WIDTH_M * 360.0;
    let east_deg = north_deg / at.lat.to_radians().cos().max(0.01);
    let around = (at.lon - east_deg, at.lat - north_deg, at.lon + east_deg, at.lat + north_deg);
    let mut found = Vec::new();
    let mut devices = conn.prepare_cached(
        "SELECT d.device_id, d.code, coalesce(d.name, d.code), d.kind, d.geom
         FROM rtree_device_geom t JOIN device d ON d.device_id = t.id
         WHERE t.maxx >= ?1 AND t.maxy >= ?2 AND t.minx <= ?3 AND t.miny <= ?4
           AND d.deleted_at IS NULL",
    )?;
    let mut rows = devices.query(around)?;
    while let Some(row) = rows.next()? {
        let p = gpkg::decode_point(row.get_ref(4)?.as_blob().unwrap_or_default())?;
        found.push(Near {
            what: Neighbour::Device(row.get(0)?, row.get(3)?),
            code: row.get(1)?,
            name: row.get(2)?,
            building: None,
            distance_m: at.distance_m(p),
        });
    }
    let mut buildings = conn.prepare_cached(&format!(
        "SELECT b.building_id, b.lon, b.lat, {BUILDING_PLACE_COLUMNS}
         FROM rtree_building_geom t JOIN building b ON b.building_id = t.id
           LEFT JOIN estate s ON s.estate_id = b.estate_id
         WHERE t.maxx >= ?1 AND t.maxy >= ?2 AND t.minx <= ?3 AND t.miny <= ?4
           AND b.deleted_at IS NULL AND b.lon IS NOT NULL"
    ))?;
    let mut rows = buildings.query(around)?;
    while let Some(row) = rows.next()? {
        found.push(Near {
            what: Neighbour::Building(row.get(0)?),
            code: row.get(3)?,
            name: String::new(),
            building: building_place(row, 3)?,
            distance_m: at.distance_m(lon_lat(row.get(1)?, row.get(2)?)),
        });
    }
    found.retain(|n| n.distance_m <= NEAR_M);
    found.sort_by(|a, b| a.distance_m.total_cmp(&b.distance_m).then_with(|| a.code.cmp(&b.code)));
    found.truncate(12);
    Ok(found)
}
