//! An event as JSON: what `menpai event show` prints, in the words of the machine.

use serde_json::{Value, json};

use super::event::{EventCard, RequestView, StepView};
use super::{Vocabulary, instant_text};
use crate::domain::codes::list;
use crate::domain::workflow::calendar::{Calendar, Counting, slots_text};
use crate::domain::workflow::clock::{Clock, Why};
use crate::domain::workflow::event::MACHINE;
use crate::domain::workflow::steps::Reason;
use crate::msg;
use crate::text::workflow::minute_text;
use crate::text::{Lang, Message};

/// The word of a state, by its key.
#[must_use]
pub fn state_word(key: i64) -> &'static str {
    MACHINE.state(key).map_or("?", |state| state.word)
}

/// A satisfaction as a word: `satisfied`, `fairly` or `dissatisfied`.
#[must_use]
pub const fn satisfaction_word(key: i64) -> &'static str {
    match key {
        1 => "satisfied",
        2 => "fairly",
        _ => "dissatisfied",
    }
}

/// A reason for a due time as a sentence.
#[must_use]
pub fn why_message(
    why: &Why,
    (vocabulary, lang): (&Vocabulary, Lang),
    calendar: &Calendar,
) -> Message {
    let grade = |key: i64| {
        if key == 0 {
            return Message::from("no grade yet");
        }
        Message::verbatim(vocabulary.lists.label(list::EVENT_SEVERITY, key, lang))
    };
    match why {
        Why::Called(at) => msg!("counted from the call at {}", minute_text(*at)),
        Why::Allowed(a) if a.counting == Counting::Working => msg!(
            "{}: {} minutes of working time ({})",
            grade(a.severity),
            a.minutes,
            slots_text(&calendar.slots)
        ),
        Why::Allowed(a) => msg!("{}: {} minutes", grade(a.severity), a.minutes),
        Why::Regraded(at) => msg!("graded anew at {}, reckoned from the call", minute_text(*at)),
        Why::NotCounted(stop) if stop.why == Reason::Suspended => {
            msg!(
                "suspended from {} to {}: not counted",
                minute_text(stop.from),
                minute_text(stop.to)
            )
        }
        Why::NotCounted(stop) => {
            msg!("closed from {} to {}: not counted", minute_text(stop.from), minute_text(stop.to))
        }
        Why::Extended(at, until) => {
            msg!("extended at {} until {}", minute_text(*at), minute_text(*until))
        }
        Why::EndedBefore(at) => msg!("ended at {} without it", minute_text(*at)),
    }
}

/// A clock as JSON.
#[must_use]
pub fn clock_json(clock: &Clock, words: (&Vocabulary, Lang), calendar: &Calendar) -> Value {
    let why: Vec<Message> = clock.why.iter().map(|why| why_message(why, words, calendar)).collect();
    json!({
        "milestone": clock.milestone.word(),
        "start": instant_text(clock.start),
        "due": clock.due.map(instant_text),
        "done": clock.done.map(instant_text),
        "state": clock.state.word(),
        "minutes_left": clock.minutes_left(),
        "why": why,
    })
}

fn step_json(view: &StepView, vocabulary: &Vocabulary) -> Value {
    let step = &view.step;
    let code =
        |list: &str, key: Option<i64>| key.map(|k| vocabulary.lists.code(list, k).to_owned());
    json!({
        "step": step.step_id,
        "at": instant_text(step.at),
        "entered_at": step.entered_at.map(instant_text),
        "back_dated": step.is_back_dated(),
        "actor": view.actor,
        "action": step.action,
        "from": step.from_state.map(state_word),
        "to": state_word(step.to_state),
        "opinion": view.opinion,
        "until": step.until.map(instant_text),
        "severity": code(list::EVENT_SEVERITY, step.severity),
        "outcome": code(list::EVENT_OUTCOME, step.outcome),
        "handler": view.handler,
        "of": view.other,
        "satisfaction": view.satisfaction.map(satisfaction_word),
        "revokes": step.revokes,
        "stands": view.is_live,
    })
}

fn request_json(r: &RequestView, vocabulary: &Vocabulary) -> Value {
    json!({
        "request": r.request_id,
        "kind": r.kind,
        "at": instant_text(r.at),
        "requester": r.requester,
        "reason": r.reason,
        "until": r.until.map(instant_text),
        "severity": r.severity.map(|key| vocabulary.lists.code(list::EVENT_SEVERITY, key)),
        "decision": r.decision,
        "decided_at": r.decided_at.map(instant_text),
        "decider": r.decider,
        "answer": r.answer,
    })
}

/// An event with its clocks, steps and requests.
#[must_use]
pub fn event_json(
    card: &EventCard,
    (vocabulary, lang): (&Vocabulary, Lang),
    calendar: &Calendar,
) -> Value {
    let lists = &vocabulary.lists;
    let code = |list: &str, key: Option<i64>| key.map(|key| lists.code(list, key).to_owned());
    let clocks: Vec<Value> =
        card.clocks.iter().map(|clock| clock_json(clock, (vocabulary, lang), calendar)).collect();
    let steps: Vec<Value> = card.steps.iter().map(|s| step_json(s, vocabulary)).collect();
    let requests: Vec<Value> = card.requests.iter().map(|r| request_json(r, vocabulary)).collect();
    json!({
        "no": card.no,
        "state": state_word(card.state),
        "suspended_until": card.paused_until.map(instant_text),
        "outcome": code(list::EVENT_OUTCOME, card.outcome),
        "severity": code(list::EVENT_SEVERITY, card.severity),
        "category": lists.code(list::EVENT_CATEGORY, card.category),
        "source": code(list::EVENT_SOURCE, card.source),
        "title": card.title,
        "text": card.text,
        "place": card.place_text,
        "called_at": card.called_at.map(instant_text),
        "occurred_at": card.occurred_at.map(instant_text),
        "reported_at": card.reported_at.map(instant_text),
        "handler": card.handler,
        "urgent": card.is_urgent,
        "duplicate_of": card.duplicate_of,
        "duplicates": card.duplicates,
        "building_code": card.building.as_ref().map(|b| &b.code),
        "unit": card.room.as_ref().and_then(|room| room.unit.clone()),
        "room_no": card.room.as_ref().map(|room| room.room_no.clone()),
        "grid": card.grid,
        "position": card.at.map(|at| json!([at.lon, at.lat])),
        "policy_version": card.policy_version,
        "clocks": clocks,
        "steps": steps,
        "requests": requests,
        "possible": card.possible,
    })
}
