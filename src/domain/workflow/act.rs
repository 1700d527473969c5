//! What an act on an event comes to: the next step, or why there is none.

use super::clock::{Clock, Milestone};
use super::event::{self, MACHINE, act, outcome, severity};
use super::steps::Course;
use super::{Effect, Impossible, Need, Request, Rule, To};

/// Seconds that another machine's clock may be ahead.
const CLOCKS_DIFFER_SECS: i64 = 60;

/// An act as somebody wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Wanted<'a> {
    /// Word of the act.
    pub action: &'a str,
    /// When it happened, UTC seconds.
    pub at: i64,
    /// When it is entered, UTC seconds.
    pub now: i64,
    /// What is said about it.
    pub opinion: Option<&'a str>,
    /// Until when, UTC seconds.
    pub until: Option<i64>,
    /// Key of `event_severity`.
    pub severity: Option<i64>,
    /// Key of `event_outcome`.
    pub outcome: Option<i64>,
    /// Whether the event that it repeats is named.
    pub has_other: bool,
}

/// What an event is like when somebody acts on it.
#[derive(Debug)]
pub struct Standing<'a> {
    /// Its steps.
    pub course: &'a Course<'a>,
    /// When somebody called, UTC seconds.
    pub called_at: i64,
    /// Key of `event_severity`.
    pub severity: Option<i64>,
    /// Its clocks now.
    pub clocks: &'a [Clock],
}

/// The step that an act comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planned {
    /// The rule it goes by.
    pub rule: &'static Rule,
    /// State before it.
    pub from: i64,
    /// State after it.
    pub to: i64,
    /// How the case came out, where that is said.
    pub outcome: Option<i64>,
}

/// Why an act is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// The machine does not allow it.
    Impossible(Impossible),
    /// It is said to have happened before the call.
    BeforeCall,
    /// It is said to have happened before what it ends: when that was, UTC seconds.
    BeforeThat(i64),
    /// It is said to have happened later than now.
    InFuture,
    /// The time it is to last until is not after it.
    UntilPast,
    /// The new due time is not later than the one there is.
    NotLater(i64),
    /// There is no due time that could be moved: the event has no grade.
    NothingToExtend,
    /// The grade is the one it has.
    SameGrade,
    /// It is to be closed as solved, and nobody has solved it.
    NotSolved,
    /// A milestone is reached already.
    Reached(Milestone),
}

impl From<Impossible> for Refused {
    fn from(why: Impossible) -> Self {
        Self::Impossible(why)
    }
}

/// Works out the step that an act comes to.
///
/// # Errors
/// [`Refused`] says why there is none.
pub fn plan(standing: &Standing<'_>, wanted: Wanted<'_>) -> Result<Planned, Refused> {
    let course = standing.course;
    let from = course.state(wanted.now);
    let rule = MACHINE.rule(from, wanted.action)?;
    if rule.from.is_empty() {
        return Err(Impossible::NoSuchAction.into());
    }
    if wanted.at > wanted.now + CLOCKS_DIFFER_SECS {
        return Err(Refused::InFuture);
    }
    if wanted.at < standing.called_at {
        return Err(Refused::BeforeCall);
    }
    // What ends something cannot have happened before it began.
    let begun = match rule.clock {
        Effect::Resumes => course.last_of(Effect::Pauses),
        Effect::Reopens => course.last_of(Effect::Ends),
        Effect::Unsolves | Effect::Ends => course.last_of(Effect::Solves),
        _ => None,
    };
    if let Some((_, step)) = begun.filter(|(_, step)| wanted.at < step.at) {
        return Err(Refused::BeforeThat(step.at));
    }
    let outcome = outcome_of(standing, rule, wanted)?;
    check_needs(standing, rule.needs, wanted)?;
    let to = match rule.to {
        To::State(key) => key,
        To::Same => from,
        To::Before => course.before_pause(),
    };
    Ok(Planned { rule, from, to, outcome })
}

/// Whether something can be asked for now.
///
/// # Errors
/// [`Refused`] says why not.
pub fn plan_request(
    standing: &Standing<'_>,
    request: &Request,
    wanted: Wanted<'_>,
) -> Result<(), Refused> {
    let from = standing.course.state(wanted.now);
    // What can be granted later may be asked for in every open state.
    if !event::is_open(from) {
        MACHINE.rule(from, request.action)?;
    }
    if wanted.at > wanted.now + CLOCKS_DIFFER_SECS {
        return Err(Refused::InFuture);
    }
    if wanted.at < standing.called_at {
        return Err(Refused::BeforeCall);
    }
    check_needs(standing, request.needs, Wanted { action: request.action, ..wanted })
}

fn outcome_of(
    standing: &Standing<'_>,
    rule: &Rule,
    wanted: Wanted<'_>,
) -> Result<Option<i64>, Refused> {
    if rule.clock != Effect::Ends {
        return Ok(wanted.outcome);
    }
    // Only a solve that was not undone since, and not after a reopening.
    let is_solved = {
        let solved = standing.course.last_of(Effect::Solves);
        let undone = [Effect::Unsolves, Effect::Reopens]
            .into_iter()
            .filter_map(|effect| standing.course.last_of(effect))
            .map(|(at, _)| at)
            .max();
        match solved {
            Some((at, _)) => undone.is_none_or(|undone| undone < at),
            // A list brought it as handled.
            None => undone.is_none() && standing.course.came_as() == Some(event::state::TO_CHECK),
        }
    };
    let usual = match wanted.action {
        act::CLOSE => is_solved.then_some(outcome::SOLVED),
        act::CANCEL => Some(outcome::WITHDRAWN),
        _ => None,
    };
    let given = wanted.outcome.or(usual);
    if given == Some(outcome::SOLVED) && !is_solved {
        return Err(Refused::NotSolved);
    }
    if given == Some(outcome::DUPLICATE) && !wanted.has_other {
        return Err(Impossible::Missing(Need::Other).into());
    }
    if given.is_none() && rule.needs.contains(&Need::Outcome) {
        return Err(Impossible::Missing(Need::Outcome).into());
    }
    Ok(given)
}

fn check_needs(standing: &Standing<'_>, needs: &[Need], wanted: Wanted<'_>) -> Result<(), Refused> {
    for need in needs {
        let is_there = match need {
            Need::Opinion => wanted.opinion.is_some_and(|text| !text.trim().is_empty()),
            Need::Until => wanted.until.is_some(),
            Need::Severity => wanted.severity.is_some(),
            Need::Other => wanted.has_other,
            Need::Outcome => true,
        };
        if !is_there {
            return Err(Impossible::Missing(*need).into());
        }
    }
    if let Some(until) = wanted.until {
        if until <= wanted.at {
            return Err(Refused::UntilPast);
        }
        if wanted.action == act::EXTEND {
            let clock = extended(standing.clocks).ok_or(Refused::NothingToExtend)?;
            if clock.due.is_some_and(|due| until <= due) {
                return Err(Refused::NotLater(clock.due.unwrap_or(until)));
            }
        }
    }
    if wanted.action == act::REGRADE && wanted.severity == standing.severity {
        return Err(Refused::SameGrade);
    }
    if wanted.severity.is_some_and(|severity| !severity::ALL.contains(&severity)) {
        return Err(Impossible::Missing(Need::Severity).into());
    }
    Ok(())
}

/// The clock that an extension moves: the plan's or the solution's that is still to be reached.
fn extended(clocks: &[Clock]) -> Option<&Clock> {
    let is_open = |milestone| clocks.iter().find(|c| c.milestone == milestone && c.is_open());
    is_open(Milestone::Plan).or_else(|| is_open(Milestone::Solution))
}
