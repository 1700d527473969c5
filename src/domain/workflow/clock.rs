//! When an event is due: one pure function of its steps, the policy, the calendar and now.
//!
//! The source's promise has three milestones: *arrival* within 5 minutes of the call, for every event;
//! *solution* within 40 minutes (simple), 3 hours (general), 2 days (complex); a *plan* within a day
//! (difficult). The numbers are data ([`Allowance`]) and editable; an event keeps the version of the policy
//! that it was entered under. Suspended time does not count and lateness stands still meanwhile; a regraded
//! event is reckoned anew from the call, all pauses left out; of a reopened one the time it was closed does
//! not count; an extension says the new time itself.

use super::Effect;
use super::calendar::{Calendar, Counting};
use super::event::{is_open, severity, state};
use super::steps::{Course, Stop};

/// What has to be reached in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Milestone {
    /// Somebody is on site.
    Arrival,
    /// It is solved.
    Solution,
    /// A solution is proposed.
    Plan,
}

impl Milestone {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 3] = [Self::Arrival, Self::Solution, Self::Plan];

    /// The word of JSON, of the command line and of the column.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Arrival => "arrival",
            Self::Solution => "solution",
            Self::Plan => "plan",
        }
    }

    /// The milestone of a word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|milestone| milestone.word() == word)
    }
}

/// Stands for "no grade yet" in a policy.
pub const UNGRADED: i64 = 0;

/// How long something may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowance {
    /// Key of `event_severity`, [`UNGRADED`] for events without one.
    pub severity: i64,
    /// What is to be reached.
    pub milestone: Milestone,
    /// Minutes.
    pub minutes: i64,
    /// Whether every minute counts, or those of working time.
    pub counting: Counting,
    /// At how many per cent of the time somebody is to be warned.
    pub warn_percent: Vec<u8>,
}

/// At how many per cent of its time a clock warns, unless the policy says otherwise.
pub const USUAL_WARNINGS: [u8; 3] = [50, 80, 100];

/// A version of the promise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Number of the version, from 1.
    pub version: i64,
    /// What is allowed.
    pub allowances: Vec<Allowance>,
}

impl Default for Policy {
    /// The promise of the source: 5 min – 40 min – 3 h – 2 d – 1 d, every minute counted.
    fn default() -> Self {
        let allowance = |severity, milestone, minutes| Allowance {
            severity,
            milestone,
            minutes,
            counting: Counting::Always,
            warn_percent: USUAL_WARNINGS.to_vec(),
        };
        let arrival = [UNGRADED].into_iter().chain(severity::ALL);
        let mut allowances: Vec<Allowance> =
            arrival.map(|severity| allowance(severity, Milestone::Arrival, 5)).collect();
        allowances.extend([
            allowance(severity::SIMPLE, Milestone::Solution, 40),
            allowance(severity::GENERAL, Milestone::Solution, 180),
            allowance(severity::COMPLEX, Milestone::Solution, 2_880),
            allowance(severity::DIFFICULT, Milestone::Plan, 1_440),
        ]);
        Self { version: 1, allowances }
    }
}

impl Policy {
    /// What is allowed for a milestone of a grade.
    #[must_use]
    pub fn allowance(&self, severity: i64, milestone: Milestone) -> Option<&Allowance> {
        self.allowances.iter().find(|a| a.severity == severity && a.milestone == milestone)
    }
}

/// How a clock stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClockState {
    /// It runs.
    Running,
    /// Reached in time.
    Met,
    /// Reached too late, or not reached and too late already.
    Late,
    /// It stands still.
    Suspended,
}

impl ClockState {
    /// The word of JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Met => "met",
            Self::Late => "late",
            Self::Suspended => "suspended",
        }
    }
}

/// A reason for a due time, in the order in which they are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// It counts from the call.
    Called(i64),
    /// So much is allowed.
    Allowed(Allowance),
    /// The grade is another one since then, and it was reckoned anew.
    Regraded(i64),
    /// This time was left out.
    NotCounted(Stop),
    /// It was extended: when, and until when.
    Extended(i64, i64),
    /// It ended without having reached this.
    EndedBefore(i64),
}

/// One clock of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clock {
    /// What is to be reached.
    pub milestone: Milestone,
    /// From when it counts, UTC seconds.
    pub start: i64,
    /// When it is due, UTC seconds; `None` where its working time never comes.
    pub due: Option<i64>,
    /// When it was reached, UTC seconds.
    pub done: Option<i64>,
    /// How it stands.
    pub state: ClockState,
    /// Counted seconds that are left, or were left when it was reached; negative when late.
    pub left_secs: Option<i64>,
    /// Counted seconds that are allowed.
    pub allowed_secs: i64,
    /// Why it is due then.
    pub why: Vec<Why>,
}

impl Clock {
    /// Whole minutes that are left, rounded down: −1 is up to a minute too late.
    #[must_use]
    pub fn minutes_left(&self) -> Option<i64> {
        self.left_secs.map(|secs| secs.div_euclid(60))
    }

    /// Whether it is still to be reached.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.done.is_none() && !self.why.iter().any(|why| matches!(why, Why::EndedBefore(_)))
    }

    /// Whether it is still to be reached and should have been: the one definition of overdue. One that
    /// was late when it was suspended stays so.
    #[must_use]
    pub fn is_overdue(&self) -> bool {
        self.is_open() && self.left_secs.is_some_and(|secs| secs < 0)
    }
}

/// What of a case the clock needs beside its steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Case {
    /// When somebody called, UTC seconds.
    pub called_at: i64,
    /// Key of `event_severity` now; `None` for no grade.
    pub severity: Option<i64>,
}

/// The clocks of an event at an instant, in the order of [`Milestone::ALL`]: those that its grade has.
#[must_use]
pub fn due(
    course: &Course<'_>,
    case: Case,
    policy: &Policy,
    calendar: &Calendar,
    now: i64,
) -> Vec<Clock> {
    let pauses = course.pauses();
    let grade = case.severity.unwrap_or(UNGRADED);
    let reached: Vec<(Milestone, &Allowance)> = Milestone::ALL
        .into_iter()
        .filter_map(|m| policy.allowance(grade, m).map(|allowance| (m, allowance)))
        .collect();
    let reached: Vec<_> =
        reached.into_iter().filter(|(milestone, _)| !is_unknown(course, *milestone)).collect();
    let has_both = reached.iter().filter(|(m, _)| *m != Milestone::Arrival).count() > 1;
    reached
        .into_iter()
        .map(|(milestone, allowance)| {
            let extension = extension(course, milestone, has_both);
            let rules = (allowance, calendar, &pauses[..]);
            one(course, case, rules, extension, (milestone, now))
        })
        .collect()
}

/// Whether a list brought the event when this was reached already: nobody knows when that was, so it has
/// no clock.
fn is_unknown(course: &Course<'_>, milestone: Milestone) -> bool {
    let Some(came_as) = course.came_as() else { return false };
    let is_over = !is_open(came_as);
    let is_undone =
        || [Effect::Unsolves, Effect::Reopens].into_iter().any(|e| course.last_of(e).is_some());
    match milestone {
        Milestone::Arrival => {
            is_over || matches!(came_as, state::HANDLING | state::TO_CHECK | state::REWORK)
        }
        Milestone::Solution | Milestone::Plan => {
            (is_over || came_as == state::TO_CHECK) && !is_undone()
        }
    }
}

/// When something of the event is due next, UTC seconds; `None` when nothing is.
#[must_use]
pub fn next_due(clocks: &[Clock]) -> Option<i64> {
    clocks.iter().filter(|clock| clock.is_open()).filter_map(|clock| clock.due).min()
}

/// When a milestone was reached.
fn done(course: &Course<'_>, milestone: Milestone) -> Option<i64> {
    let solved = course.last_of(Effect::Solves).filter(|(at, _)| {
        let undone = [Effect::Unsolves, Effect::Reopens];
        undone.into_iter().filter_map(|e| course.last_of(e)).all(|(later, _)| later < *at)
    });
    let solved = solved.map(|(_, step)| step.at);
    match milestone {
        // A case that was solved was reached at the latest then.
        Milestone::Arrival => course
            .first_of(Effect::Arrives)
            .or_else(|| course.first_of(Effect::Solves))
            .map(|step| step.at),
        Milestone::Solution => solved,
        Milestone::Plan => course.first_of(Effect::Plans).map(|step| step.at).or(solved),
    }
}

/// The extension that holds for a milestone: when it was granted, and until when. A regraded event is
/// reckoned anew, so what was granted before is gone.
fn extension(course: &Course<'_>, milestone: Milestone, has_both: bool) -> Option<(i64, i64)> {
    if milestone == Milestone::Arrival {
        return None;
    }
    let (at, step) = course.last_of(Effect::Extends)?;
    let regraded = course.last_of(Effect::Regrades);
    if regraded.is_some_and(|(later, _)| later > at) {
        return None;
    }
    // With a plan and a solution to come, it is the plan's until there is one.
    let is_of_plan = course.first_of(Effect::Plans).is_none_or(|plan| plan.at > step.at);
    if has_both && is_of_plan != (milestone == Milestone::Plan) {
        return None;
    }
    step.until.map(|until| (step.at, until))
}

fn one(
    course: &Course<'_>,
    case: Case,
    (allowance, calendar, pauses): (&Allowance, &Calendar, &[Stop]),
    extension: Option<(i64, i64)>,
    (milestone, now): (Milestone, i64),
) -> Clock {
    let (start, counting) = (case.called_at, allowance.counting);
    let allowed_secs = allowance.minutes.saturating_mul(60);
    let mut why = vec![Why::Called(start), Why::Allowed(allowance.clone())];
    if let Some((_, step)) = course.last_of(Effect::Regrades) {
        why.push(Why::Regraded(step.at));
    }
    let due = match extension {
        Some((at, until)) => {
            // Whoever granted it knew of the pauses before; only later ones move it on.
            let later: Vec<Stop> = pauses.iter().filter(|p| p.from >= at).copied().collect();
            why.push(Why::Extended(at, until));
            let secs = calendar.between(at, until, counting, &[]);
            let moved = calendar.after(at, secs, counting, &later);
            let is_moved = later.iter().any(|pause| pause.from < until);
            why.extend(later.iter().filter(|p| p.from < until).map(|p| Why::NotCounted(*p)));
            if is_moved { moved.map(|moved| moved.max(until)) } else { Some(until) }
        }
        None => {
            let due = calendar.after(start, allowed_secs, counting, pauses);
            let counts = |pause: &&Stop| pause.to > start && due.is_none_or(|due| pause.from < due);
            why.extend(pauses.iter().filter(counts).map(|pause| Why::NotCounted(*pause)));
            due
        }
    };
    let done = done(course, milestone);
    let ended = course.ended_at().filter(|_| done.is_none());
    why.extend(ended.map(Why::EndedBefore));
    let until = done.or(ended).unwrap_or(now);
    let is_past = due.is_some_and(|due| until > due);
    let left_secs = due.map(|due| {
        let left = calendar.between(until, due, counting, pauses);
        // Nothing counts between half past five and the next morning, but it is past all the same.
        if is_past { left.min(-1) } else { left }
    });
    let is_paused = pauses.iter().any(|pause| pause.from <= now && now < pause.to);
    let is_over = done.or(ended).is_some();
    let state = match (is_over, is_past) {
        (false, _) if is_paused => ClockState::Suspended,
        (_, true) => ClockState::Late,
        (true, false) => ClockState::Met,
        (false, false) => ClockState::Running,
    };
    Clock { milestone, start, due, done, state, left_secs, allowed_secs, why }
}
