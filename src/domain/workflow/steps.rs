//! A course of steps: which of them stand, which state they lead to, and when the clock stood still.
//!
//! Steps are record: taking one back writes a counter-step that names it, and taking that back another
//! one. Order is the order in which they were entered; the time at which something happened is told by
//! each step, and may lie before the one of the step before.

use super::event::{self, act};
use super::{Effect, Machine, Phase};
use crate::domain::ids::StepId;

/// A step, as far as state and clock depend on it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Step {
    /// Row id; steps are in its order.
    pub step_id: StepId,
    /// When it happened, UTC seconds.
    pub at: i64,
    /// When it was entered, UTC seconds; `None` where older files do not say.
    pub entered_at: Option<i64>,
    /// Word of the act; `revoke` takes back the step it names.
    pub action: String,
    /// State before it; `None` for the first one.
    pub from_state: Option<i64>,
    /// State after it.
    pub to_state: i64,
    /// Until when: of a suspension, or the new time of an extension.
    pub until: Option<i64>,
    /// Grade after it, where it says one.
    pub severity: Option<i64>,
    /// How the case came out, where it says so.
    pub outcome: Option<i64>,
    /// The step that it takes back.
    pub revokes: Option<StepId>,
}

/// Word of the step that takes another one back.
pub const REVOKE: &str = "revoke";

/// Seconds after which a step that is entered counts as entered afterwards.
pub const BACK_DATED_SECS: i64 = 120;

impl Step {
    /// Whether it was entered afterwards, at a desk.
    #[must_use]
    pub fn is_back_dated(&self) -> bool {
        self.entered_at.is_some_and(|entered| entered - self.at > BACK_DATED_SECS)
    }

    fn effect(&self, machine: &Machine) -> Effect {
        machine.rules_of(&self.action).next().map_or(Effect::None, |rule| rule.clock)
    }
}

/// Why a stretch of time does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The case was suspended.
    Suspended,
    /// It was closed, and opened again.
    Closed,
}

/// A stretch of time that does not count: UTC seconds, the end left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stop {
    /// First second.
    pub from: i64,
    /// Second after the last.
    pub to: i64,
    /// Why.
    pub why: Reason,
}

/// The steps of a case that stand.
#[derive(Debug)]
pub struct Course<'a> {
    machine: &'static Machine,
    live: Vec<&'a Step>,
    base: i64,
}

impl<'a> Course<'a> {
    /// Reads the steps of a case in the order of entry. `stored` is the state of a case that has no
    /// steps, as a list brings them.
    #[must_use]
    pub fn of(machine: &'static Machine, steps: &'a [Step], stored: i64) -> Self {
        let mut revoked: Vec<StepId> = Vec::new();
        let mut live = Vec::with_capacity(steps.len());
        for step in steps.iter().rev() {
            if revoked.contains(&step.step_id) {
                continue;
            }
            match step.revokes {
                Some(target) => revoked.push(target),
                None => live.push(step),
            }
        }
        live.reverse();
        let base = steps.first().and_then(|first| first.from_state).unwrap_or(stored);
        Self { machine, live, base }
    }

    /// The steps that stand, in their order.
    #[must_use]
    pub fn live(&self) -> &[&'a Step] {
        &self.live
    }

    /// The last one that stands.
    #[must_use]
    pub fn last(&self) -> Option<&'a Step> {
        self.live.last().copied()
    }

    /// The state as the steps say it; a suspension that is over by itself still stands in it.
    #[must_use]
    pub fn stored_state(&self) -> i64 {
        self.last().map_or(self.base, |step| step.to_state)
    }

    /// The state at an instant: a suspension ends by itself on its date.
    #[must_use]
    pub fn state(&self, now: i64) -> i64 {
        let state = self.stored_state();
        let is_paused = self.machine.state(state).is_some_and(|s| s.phase == Phase::Paused);
        if is_paused && self.paused_until().is_some_and(|until| until <= now) {
            return self.before_pause();
        }
        state
    }

    /// Until when the suspension lasts that the last steps say.
    #[must_use]
    pub fn paused_until(&self) -> Option<i64> {
        self.live
            .iter()
            .rev()
            .take_while(|step| step.to_state == self.stored_state())
            .find(|step| step.effect(self.machine) == Effect::Pauses)
            .and_then(|step| step.until)
    }

    /// The state before the suspension that the last steps say.
    #[must_use]
    pub fn before_pause(&self) -> i64 {
        let paused = self.stored_state();
        let first = self.live.iter().rev().take_while(|step| step.to_state == paused).last();
        first.and_then(|step| step.from_state).filter(|s| *s != paused).unwrap_or(self.base)
    }

    /// The grade that the steps say, if any says one.
    #[must_use]
    pub fn severity(&self) -> Option<i64> {
        self.live.iter().rev().find_map(|step| step.severity)
    }

    /// How the case came out, as far as it is over.
    #[must_use]
    pub fn outcome(&self) -> Option<i64> {
        let is_over = !self.machine.is_open(self.stored_state());
        self.live.iter().rev().find_map(|step| step.outcome).filter(|_| is_over)
    }

    /// When it ended, if it has and a step says so.
    #[must_use]
    pub fn ended_at(&self) -> Option<i64> {
        if self.machine.is_open(self.stored_state()) {
            return None;
        }
        let ends = |step: &&&Step| {
            !self.machine.is_open(step.to_state)
                && step.from_state.is_none_or(|from| self.machine.is_open(from))
        };
        self.live.iter().rev().find(ends).map(|step| step.at)
    }

    /// The state in which a list brought the case: it says how far it was, but not since when. `None` for a
    /// case that was reported here.
    #[must_use]
    pub fn came_as(&self) -> Option<i64> {
        let is_reported = self.first_of(Effect::Starts).is_some();
        (!is_reported).then_some(self.base)
    }

    /// The last step of an effect that stands, with its place in the order.
    pub(super) fn last_of(&self, effect: Effect) -> Option<(usize, &'a Step)> {
        self.live
            .iter()
            .enumerate()
            .rev()
            .find(|(_, step)| step.effect(self.machine) == effect)
            .map(|(at, step)| (at, *step))
    }

    /// The first step of an effect that stands.
    pub(super) fn first_of(&self, effect: Effect) -> Option<&'a Step> {
        self.live.iter().find(|step| step.effect(self.machine) == effect).copied()
    }

    /// When time did not count, in order and apart.
    #[must_use]
    pub fn pauses(&self) -> Vec<Stop> {
        let mut pauses: Vec<Stop> = Vec::new();
        for (at, step) in self.live.iter().enumerate() {
            let after = &self.live[at + 1..];
            let pause = match step.effect(self.machine) {
                Effect::Pauses => {
                    // It ends with the first act that leaves the suspension, on its date at the latest.
                    let left = after.iter().find(|s| s.to_state != step.to_state).map(|s| s.at);
                    let to = step.until.unwrap_or(i64::MAX).min(left.unwrap_or(i64::MAX));
                    Stop { from: step.at, to, why: Reason::Suspended }
                }
                Effect::Ends => {
                    let again = after.iter().find(|s| s.effect(self.machine) == Effect::Reopens);
                    match again {
                        Some(again) => Stop { from: step.at, to: again.at, why: Reason::Closed },
                        None => continue,
                    }
                }
                _ => continue,
            };
            if pause.to > pause.from {
                pauses.push(pause);
            }
        }
        apart(pauses)
    }
}

/// Sorts pauses and joins those that overlap, so that no second is left out twice.
#[must_use]
pub fn apart(mut pauses: Vec<Stop>) -> Vec<Stop> {
    pauses.sort_by_key(|pause| (pause.from, pause.to));
    let mut out: Vec<Stop> = Vec::with_capacity(pauses.len());
    for pause in pauses {
        match out.last_mut() {
            Some(last) if pause.from < last.to => last.to = last.to.max(pause.to),
            _ => out.push(pause),
        }
    }
    out
}

/// The course of an event.
#[must_use]
pub fn of_event(steps: &[Step], stored: i64) -> Course<'_> {
    Course::of(&event::MACHINE, steps, stored)
}

/// Whether taking this step back takes the whole case back: it was the report.
#[must_use]
pub fn is_report(step: &Step) -> bool {
    step.action == act::REPORT
}

#[cfg(test)]
mod tests {
    use super::event::state::{ACCEPTED, CLOSED, HANDLING, PENDING, REWORK, SUSPENDED};
    use super::*;

    fn step(id: i64, action: &str, from: i64, to: i64, at: i64) -> Step {
        Step {
            step_id: StepId(id),
            at,
            action: action.to_owned(),
            from_state: (from > 0).then_some(from),
            to_state: to,
            ..Step::default()
        }
    }

    #[test]
    fn counter_steps_take_back_and_put_back() {
        let mut steps = vec![
            step(1, act::REPORT, 0, PENDING, 0),
            step(2, act::ACCEPT, PENDING, ACCEPTED, 10),
            Step { revokes: Some(StepId(2)), ..step(3, REVOKE, ACCEPTED, PENDING, 20) },
        ];
        assert_eq!(of_event(&steps, PENDING).state(99), PENDING);
        steps.push(Step { revokes: Some(StepId(3)), ..step(4, REVOKE, PENDING, ACCEPTED, 30) });
        assert_eq!(of_event(&steps, PENDING).state(99), ACCEPTED);
        assert_eq!(of_event(&steps, PENDING).last().map(|s| s.step_id), Some(StepId(2)));
        // An event from a list, whose only step was taken back, is what the list said.
        let steps = [
            step(1, act::START, ACCEPTED, HANDLING, 0),
            Step { revokes: Some(StepId(1)), ..step(2, REVOKE, HANDLING, ACCEPTED, 5) },
        ];
        assert_eq!(of_event(&steps, HANDLING).state(99), ACCEPTED);
        assert_eq!(of_event(&[], HANDLING).state(99), HANDLING);
    }

    #[test]
    fn a_suspension_ends_by_itself_and_can_be_prolonged() {
        let steps = [
            step(1, act::START, ACCEPTED, HANDLING, 0),
            Step { until: Some(100), ..step(2, act::SUSPEND, HANDLING, SUSPENDED, 50) },
            step(3, act::NOTE, SUSPENDED, SUSPENDED, 60),
        ];
        let course = of_event(&steps, HANDLING);
        assert_eq!((course.state(99), course.state(100)), (SUSPENDED, HANDLING));
        let mut steps = steps.to_vec();
        steps.push(Step { until: Some(200), ..step(4, act::SUSPEND, SUSPENDED, SUSPENDED, 70) });
        let course = of_event(&steps, HANDLING);
        assert_eq!((course.state(199), course.state(200)), (SUSPENDED, HANDLING));
        let whole = Stop { from: 50, to: 200, why: Reason::Suspended };
        assert_eq!(course.pauses(), [whole]);
        steps.push(step(5, act::RESUME, SUSPENDED, HANDLING, 150));
        assert_eq!(of_event(&steps, HANDLING).pauses(), [Stop { to: 150, ..whole }]);
    }

    #[test]
    fn closed_time_counts_only_as_closed() {
        let steps =
            [step(1, act::CLOSE, HANDLING, CLOSED, 100), step(2, act::REOPEN, CLOSED, REWORK, 500)];
        let pauses = of_event(&steps, HANDLING).pauses();
        assert_eq!(pauses, [Stop { from: 100, to: 500, why: Reason::Closed }]);
        assert_eq!(of_event(&steps[..1], HANDLING).ended_at(), Some(100));
        assert_eq!(of_event(&steps, HANDLING).ended_at(), None);
    }
}
