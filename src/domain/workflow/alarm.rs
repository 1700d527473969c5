//! The machine of device alarms (设备报警): somebody looks, and it is an event, nothing, or known already.

use super::{Effect, Machine, Need, Phase, Rule, State, To, Who};

/// Words of the acts.
#[expect(missing_docs, reason = "each is its own word")]
pub mod act {
    pub const RAISE: &str = "raise";
    pub const CONFIRM: &str = "confirm";
    pub const DISMISS: &str = "dismiss";
    pub const REPEAT: &str = "repeat";
    pub const REOPEN: &str = "reopen";
}

/// Keys of `alarm_state`.
pub mod state {
    /// 待确认
    pub const OPEN: i64 = 1;
    /// 成为事件
    pub const EVENT: i64 = 2;
    /// 误报
    pub const FALSE: i64 = 3;
    /// 重复
    pub const DUPLICATE: i64 = 4;
}
use state::{DUPLICATE, EVENT, FALSE, OPEN};

const fn rule(action: &'static str, from: &'static [i64], to: i64, needs: &'static [Need]) -> Rule {
    Rule { action, from, to: To::State(to), who: Who::Anyone, needs, clock: Effect::None }
}

/// The table.
pub const MACHINE: Machine = Machine {
    name: "alarm",
    states: &[
        State { key: OPEN, word: "open", phase: Phase::Open },
        State { key: EVENT, word: "event", phase: Phase::Ended },
        State { key: FALSE, word: "false", phase: Phase::Ended },
        State { key: DUPLICATE, word: "duplicate", phase: Phase::Ended },
    ],
    rules: &[
        rule(act::RAISE, &[], OPEN, &[]),
        rule(act::CONFIRM, &[OPEN], EVENT, &[]),
        rule(act::DISMISS, &[OPEN], FALSE, &[Need::Opinion]),
        rule(act::REPEAT, &[OPEN], DUPLICATE, &[Need::Other]),
        rule(act::REOPEN, &[FALSE, DUPLICATE], OPEN, &[]),
    ],
    requests: &[],
};
