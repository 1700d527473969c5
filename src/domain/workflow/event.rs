//! The machine of events (事件): from the report to closing, and what can be asked for on the way.
//!
//! 待受理 → 已受理 → (待派遣) → 已派遣 → 处置中 → 待核查 → 已结案, with rework, suspension, refusal and
//! cancellation beside it. A grid worker who does it at once starts it where it stands (自行处置).

use super::{Effect, Machine, Need, Phase, Request, Rule, State, To, Who};

/// Words of the acts.
#[expect(missing_docs, reason = "each is its own word")]
pub mod act {
    pub const REPORT: &str = "report";
    pub const ACCEPT: &str = "accept";
    pub const REFUSE: &str = "refuse";
    pub const DISPATCH: &str = "dispatch";
    pub const ARRIVE: &str = "arrive";
    pub const PLAN: &str = "plan";
    pub const START: &str = "start";
    pub const SOLVE: &str = "solve";
    pub const CHECK: &str = "check";
    pub const CLOSE: &str = "close";
    pub const REWORK: &str = "rework";
    pub const RETURN: &str = "return";
    pub const SUSPEND: &str = "suspend";
    pub const RESUME: &str = "resume";
    pub const CANCEL: &str = "cancel";
    pub const REOPEN: &str = "reopen";
    pub const EXTEND: &str = "extend";
    pub const REGRADE: &str = "regrade";
    pub const HELP: &str = "help";
    pub const URGE: &str = "urge";
    pub const SUPERVISE: &str = "supervise";
    pub const NOTE: &str = "note";
    pub const INFORM: &str = "inform";
}

/// Keys of `event_state`.
pub mod state {
    /// 待受理
    pub const PENDING: i64 = 1;
    /// 已受理 (立案)
    pub const ACCEPTED: i64 = 2;
    /// 不予受理
    pub const REFUSED: i64 = 3;
    /// 已派遣
    pub const DISPATCHED: i64 = 4;
    /// 处置中
    pub const HANDLING: i64 = 5;
    /// 待核查
    pub const TO_CHECK: i64 = 7;
    /// 待派遣
    pub const TO_DISPATCH: i64 = 9;
    /// 已结案
    pub const CLOSED: i64 = 10;
    /// 挂起
    pub const SUSPENDED: i64 = 11;
    /// 返工
    pub const REWORK: i64 = 12;
    /// 作废
    pub const CANCELLED: i64 = 13;
}
use state::{
    ACCEPTED, CANCELLED, CLOSED, DISPATCHED, HANDLING, PENDING, REFUSED, REWORK, SUSPENDED,
    TO_CHECK, TO_DISPATCH,
};

/// Keys of `event_severity`.
pub mod severity {
    /// 简单
    pub const SIMPLE: i64 = 2;
    /// 一般
    pub const GENERAL: i64 = 3;
    /// 复杂
    pub const COMPLEX: i64 = 4;
    /// 疑难
    pub const DIFFICULT: i64 = 5;
    /// All of them, in their order.
    pub const ALL: [i64; 4] = [SIMPLE, GENERAL, COMPLEX, DIFFICULT];
}

/// Keys of `event_outcome`: how a case came out, beside the state it is in.
pub mod outcome {
    /// 已解决
    pub const SOLVED: i64 = 1;
    /// 已答复
    pub const ANSWERED: i64 = 2;
    /// 不属职责
    pub const NOT_OURS: i64 = 3;
    /// 重复
    pub const DUPLICATE: i64 = 4;
    /// 无法解决
    pub const IMPOSSIBLE: i64 = 5;
    /// 撤回
    pub const WITHDRAWN: i64 = 6;
}

const OPEN: &[i64] =
    &[PENDING, ACCEPTED, TO_DISPATCH, DISPATCHED, HANDLING, TO_CHECK, REWORK, SUSPENDED];
const ENDED: &[i64] = &[CLOSED, REFUSED, CANCELLED];
/// What is being done: open, and neither paused nor waiting for a check.
const UNDER_WAY: &[i64] = &[PENDING, ACCEPTED, TO_DISPATCH, DISPATCHED, HANDLING, REWORK];

const fn state(key: i64, word: &'static str, phase: Phase) -> State {
    State { key, word, phase }
}

const fn rule(action: &'static str, from: &'static [i64], to: To, who: Who, clock: Effect) -> Rule {
    Rule { action, from, to, who, needs: &[], clock }
}

const fn needing(rule: Rule, needs: &'static [Need]) -> Rule {
    Rule { needs, ..rule }
}

/// The table.
pub const MACHINE: Machine = Machine {
    name: "event",
    states: &[
        state(PENDING, "pending", Phase::Open),
        state(ACCEPTED, "accepted", Phase::Open),
        state(REFUSED, "refused", Phase::Ended),
        state(TO_DISPATCH, "to_dispatch", Phase::Open),
        state(DISPATCHED, "dispatched", Phase::Open),
        state(HANDLING, "handling", Phase::Open),
        state(TO_CHECK, "to_check", Phase::Open),
        state(CLOSED, "closed", Phase::Ended),
        state(REWORK, "rework", Phase::Open),
        state(SUSPENDED, "suspended", Phase::Paused),
        state(CANCELLED, "cancelled", Phase::Ended),
    ],
    rules: &[
        rule(act::REPORT, &[], To::State(PENDING), Who::Anyone, Effect::Starts),
        rule(act::ACCEPT, &[PENDING], To::State(ACCEPTED), Who::Dispatcher, Effect::None),
        rule(
            act::DISPATCH,
            &[ACCEPTED, TO_DISPATCH, DISPATCHED, REWORK],
            To::State(DISPATCHED),
            Who::Dispatcher,
            Effect::None,
        ),
        rule(act::ARRIVE, UNDER_WAY, To::Same, Who::Handler, Effect::Arrives),
        rule(
            act::START,
            &[PENDING, ACCEPTED, TO_DISPATCH, DISPATCHED, REWORK],
            To::State(HANDLING),
            Who::Handler,
            Effect::None,
        ),
        rule(act::PLAN, UNDER_WAY, To::Same, Who::Handler, Effect::Plans),
        rule(
            act::SOLVE,
            &[ACCEPTED, TO_DISPATCH, DISPATCHED, HANDLING, REWORK],
            To::State(TO_CHECK),
            Who::Handler,
            Effect::Solves,
        ),
        rule(act::CHECK, &[TO_CHECK], To::Same, Who::Checker, Effect::None),
        needing(
            rule(act::CLOSE, OPEN, To::State(CLOSED), Who::Checker, Effect::Ends),
            &[Need::Outcome],
        ),
        rule(act::REWORK, &[TO_CHECK], To::State(REWORK), Who::Checker, Effect::Unsolves),
        rule(
            act::RETURN,
            &[DISPATCHED, HANDLING, REWORK],
            To::State(TO_DISPATCH),
            Who::Handler,
            Effect::None,
        ),
        needing(
            rule(act::EXTEND, OPEN, To::Same, Who::Dispatcher, Effect::Extends),
            &[Need::Until],
        ),
        needing(
            rule(act::SUSPEND, OPEN, To::State(SUSPENDED), Who::Dispatcher, Effect::Pauses),
            &[Need::Until],
        ),
        rule(act::RESUME, &[SUSPENDED], To::Before, Who::Dispatcher, Effect::Resumes),
        needing(
            rule(act::REGRADE, OPEN, To::Same, Who::Dispatcher, Effect::Regrades),
            &[Need::Severity],
        ),
        rule(act::HELP, OPEN, To::Same, Who::Dispatcher, Effect::None),
        rule(act::URGE, OPEN, To::Same, Who::Anyone, Effect::None),
        rule(act::SUPERVISE, OPEN, To::Same, Who::Dispatcher, Effect::None),
        rule(act::REFUSE, &[PENDING], To::State(REFUSED), Who::Dispatcher, Effect::Ends),
        rule(act::CANCEL, OPEN, To::State(CANCELLED), Who::Dispatcher, Effect::Ends),
        rule(act::REOPEN, &[CLOSED], To::State(REWORK), Who::Checker, Effect::Reopens),
        rule(act::REOPEN, &[REFUSED, CANCELLED], To::State(PENDING), Who::Checker, Effect::Reopens),
        needing(rule(act::NOTE, OPEN, To::Same, Who::Anyone, Effect::None), &[Need::Opinion]),
        needing(rule(act::NOTE, ENDED, To::Same, Who::Anyone, Effect::None), &[Need::Opinion]),
        rule(
            act::INFORM,
            &[TO_CHECK, CLOSED, REFUSED, CANCELLED],
            To::Same,
            Who::Anyone,
            Effect::None,
        ),
    ],
    requests: &[
        Request { kind: "extend", action: act::EXTEND, needs: &[Need::Until] },
        Request { kind: "suspend", action: act::SUSPEND, needs: &[Need::Until] },
        Request { kind: "return", action: act::RETURN, needs: &[] },
        Request { kind: "cancel", action: act::CANCEL, needs: &[] },
        Request { kind: "regrade", action: act::REGRADE, needs: &[Need::Severity] },
        Request { kind: "help", action: act::HELP, needs: &[] },
    ],
};

/// Whether an event in this state (a key of `event_state`) still waits for somebody.
#[must_use]
pub fn is_open(state: i64) -> bool {
    MACHINE.is_open(state)
}

/// The same as a condition of SQL on the column `state`.
#[must_use]
pub fn open_sql() -> &'static str {
    static SQL: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    SQL.get_or_init(|| MACHINE.open_sql("state"))
}

/// How far a state is on its way, for comparing two lists: `None` beside the way.
fn place(state: i64) -> Option<usize> {
    const COURSE: [i64; 5] = [PENDING, ACCEPTED, DISPATCHED, HANDLING, TO_CHECK];
    COURSE.iter().position(|step| *step == state)
}

/// Whether a list that says `new` is behind what is known of an event: it would reopen what is
/// closed, or take back a step.
#[must_use]
pub fn goes_back(known: i64, new: i64) -> bool {
    let is_earlier = place(known).zip(place(new)).is_some_and(|(known, new)| new < known);
    is_earlier || (!is_open(known) && is_open(new))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_do_not_go_back() {
        let check = |known, new, expect| {
            assert_eq!(goes_back(known, new), expect, "{known} -> {new}");
        };
        check(CLOSED, PENDING, true);
        check(REFUSED, HANDLING, true);
        check(HANDLING, ACCEPTED, true);
        check(ACCEPTED, HANDLING, false);
        check(TO_CHECK, TO_DISPATCH, false);
        check(HANDLING, SUSPENDED, false);
        check(TO_CHECK, CLOSED, false);
        check(HANDLING, HANDLING, false);
    }

    #[test]
    fn nothing_is_done_to_a_closed_case_but_reopening_it() {
        let possible = MACHINE.possible(CLOSED);
        assert_eq!(possible, [act::REOPEN, act::NOTE, act::INFORM]);
        assert!(MACHINE.rule(CLOSED, act::SOLVE).is_err());
        assert!(MACHINE.rule(PENDING, act::SOLVE).is_err());
        assert!(MACHINE.rule(PENDING, act::RESUME).is_err());
    }
}
