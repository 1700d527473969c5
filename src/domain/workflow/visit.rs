//! The machine of visit tasks (走访任务): what a plan asks for, made just in time.
//!
//! 未到期 → 待走访 → 已完成 / 逾期未访 / 已取消. Nobody at home is an attempt and leaves the task as it is.

use super::{Effect, Machine, Need, Phase, Rule, State, To, Who};

/// Words of the acts.
#[expect(missing_docs, reason = "each is its own word")]
pub mod act {
    pub const PLAN: &str = "plan";
    pub const COME_DUE: &str = "come_due";
    pub const ATTEMPT: &str = "attempt";
    pub const VISIT: &str = "visit";
    pub const MISS: &str = "miss";
    pub const CANCEL: &str = "cancel";
    pub const REOPEN: &str = "reopen";
}

/// Keys of `visit_task_state`.
pub mod state {
    /// 未到期
    pub const NOT_DUE: i64 = 1;
    /// 待走访
    pub const DUE: i64 = 2;
    /// 已完成
    pub const DONE: i64 = 3;
    /// 逾期未访
    pub const MISSED: i64 = 4;
    /// 已取消
    pub const CANCELLED: i64 = 5;
}
use state::{CANCELLED, DONE, DUE, MISSED, NOT_DUE};

/// Keys of `visit_found`.
pub mod found {
    /// 有人
    pub const FOUND: i64 = 1;
    /// 无人
    pub const ABSENT: i64 = 2;
    /// 拒访
    pub const REFUSED: i64 = 3;
    /// 已迁
    pub const MOVED: i64 = 4;

    /// Whether somebody was reached: nobody at home is an attempt, not a visit.
    #[must_use]
    pub fn is_visit(found: i64) -> bool {
        found != ABSENT
    }
}

const fn rule(action: &'static str, from: &'static [i64], to: To, who: Who) -> Rule {
    Rule { action, from, to, who, needs: &[], clock: Effect::None }
}

/// The table.
pub const TASK: Machine = Machine {
    name: "visit_task",
    states: &[
        State { key: NOT_DUE, word: "not_due", phase: Phase::Open },
        State { key: DUE, word: "due", phase: Phase::Open },
        State { key: DONE, word: "done", phase: Phase::Ended },
        State { key: MISSED, word: "missed", phase: Phase::Ended },
        State { key: CANCELLED, word: "cancelled", phase: Phase::Ended },
    ],
    rules: &[
        rule(act::PLAN, &[], To::State(NOT_DUE), Who::Dispatcher),
        rule(act::COME_DUE, &[NOT_DUE], To::State(DUE), Who::Anyone),
        rule(act::ATTEMPT, &[NOT_DUE, DUE], To::Same, Who::Handler),
        rule(act::VISIT, &[NOT_DUE, DUE, MISSED], To::State(DONE), Who::Handler),
        rule(act::MISS, &[DUE], To::State(MISSED), Who::Anyone),
        Rule {
            needs: &[Need::Opinion],
            ..rule(act::CANCEL, &[NOT_DUE, DUE], To::State(CANCELLED), Who::Dispatcher)
        },
        rule(act::REOPEN, &[MISSED, CANCELLED], To::State(DUE), Who::Dispatcher),
    ],
    requests: &[],
};
