//! The clock of events: written cases, and properties over random ones.

use menpai::domain::ids::StepId;
use menpai::domain::workflow::calendar::{Calendar, Counting, Slot};
use menpai::domain::workflow::clock::{
    Allowance, Case, Clock, ClockState, Milestone, Policy, USUAL_WARNINGS, due,
};
use menpai::domain::workflow::event::{MACHINE, act, severity, state};
use menpai::domain::workflow::steps::{REVOKE, Step, of_event};
use menpai::domain::workflow::{Effect, To};
use proptest::prelude::*;

/// `23T14:15` is a time of November 2026; other months are written out.
fn at(text: &str) -> i64 {
    let text = if text.len() < 10 { format!("2026-11-{text}") } else { text.to_owned() };
    menpai::domain::clock::instant_as_typed(&text).unwrap_or_else(|| panic!("{text}"))
}

/// The source's promise; solutions of complex events and plans in working time where it says `w`.
fn policy(working: bool) -> Policy {
    let mut policy = Policy::default();
    if working {
        let promised = [
            (severity::SIMPLE, Solution, 40),
            (severity::GENERAL, Solution, 180),
            (severity::COMPLEX, Solution, 960),
            (severity::DIFFICULT, Plan, 480),
        ];
        for (severity, milestone, minutes) in promised {
            policy.allowances.retain(|a| (a.severity, a.milestone) != (severity, milestone));
            policy.allowances.push(Allowance {
                severity,
                milestone,
                minutes,
                counting: Counting::Working,
                warn_percent: USUAL_WARNINGS.to_vec(),
            });
        }
    }
    policy
}

/// National Day 2026: 1 and 2 October are free, the Saturday 10 October is worked.
fn calendar() -> Calendar {
    let mut calendar = Calendar::default();
    calendar.days.insert(jiff::civil::date(2026, 10, 1), false);
    calendar.days.insert(jiff::civil::date(2026, 10, 2), false);
    calendar.days.insert(jiff::civil::date(2026, 10, 10), true);
    calendar
}

/// Steps of `call; dispatch 14:20; suspend 15:00 until 16:00; solve 16:10`, by the machine's own table.
fn course(called: &str, text: &str) -> Vec<Step> {
    let mut steps = vec![Step {
        step_id: StepId(1),
        at: at(called),
        entered_at: Some(at(called)),
        action: act::REPORT.to_owned(),
        to_state: state::PENDING,
        ..Step::default()
    }];
    for (number, part) in text.split(';').map(str::trim).filter(|p| !p.is_empty()).enumerate() {
        let words: Vec<&str> = part.split_whitespace().collect();
        let time = at(words[1]);
        let until = words.iter().position(|w| *w == "until").map(|i| at(words[i + 1]));
        let before = of_event(&steps, state::PENDING);
        let from = before.state(time);
        let mut step = Step {
            step_id: StepId(number as i64 + 2),
            at: time,
            entered_at: Some(time),
            action: words[0].to_owned(),
            from_state: Some(from),
            to_state: from,
            until,
            ..Step::default()
        };
        if words[0] == REVOKE {
            let last = before.last().unwrap();
            step.revokes = Some(last.step_id);
            step.to_state = last.from_state.unwrap_or(state::CANCELLED);
        } else {
            let rule = MACHINE.rule(from, words[0]).unwrap_or_else(|e| panic!("{part}: {e:?}"));
            step.to_state = match rule.to {
                To::State(key) => key,
                To::Same => from,
                To::Before => before.before_pause(),
            };
        }
        steps.push(step);
    }
    steps
}

fn clock_of(
    (grade, is_working): (i64, bool),
    (called, steps): (&str, &str),
    milestone: Milestone,
    now: &str,
) -> Option<Clock> {
    let steps = course(called, steps);
    let case = Case { called_at: at(called), severity: (grade > 0).then_some(grade) };
    let all =
        due(&of_event(&steps, state::PENDING), case, &policy(is_working), &calendar(), at(now));
    all.into_iter().find(|clock| clock.milestone == milestone)
}

/// `due state minutes_left` of one clock.
#[track_caller]
fn check(
    grade: (i64, bool),
    course: (&str, &str),
    milestone: Milestone,
    now: &str,
    (expect_due, expect_state, expect_left): (&str, ClockState, i64),
) {
    let clock = clock_of(grade, course, milestone, now).expect("there is no such clock");
    let due = clock.due.map(menpai::query::instant_text).unwrap_or_default();
    assert_eq!(due, menpai::query::instant_text(at(expect_due)), "{course:?} now {now}");
    assert_eq!(
        (clock.state, clock.minutes_left()),
        (expect_state, Some(expect_left)),
        "{course:?} now {now}: {:?}",
        clock.why
    );
}

use ClockState::{Late, Met, Running, Suspended};
use Milestone::{Arrival, Plan, Solution};

const SIMPLE: (i64, bool) = (severity::SIMPLE, false);
const GENERAL: (i64, bool) = (severity::GENERAL, false);
const COMPLEX: (i64, bool) = (severity::COMPLEX, false);
const DIFFICULT: (i64, bool) = (severity::DIFFICULT, false);
const SIMPLE_W: (i64, bool) = (severity::SIMPLE, true);
const GENERAL_W: (i64, bool) = (severity::GENERAL, true);
const COMPLEX_W: (i64, bool) = (severity::COMPLEX, true);

#[test]
fn the_promise_of_the_source() {
    let none = |now: &str, grade, milestone, expect| {
        check(grade, ("23T14:15", ""), milestone, now, expect);
    };
    none("23T14:16", SIMPLE, Arrival, ("23T14:20", Running, 4));
    none("23T14:20", SIMPLE, Arrival, ("23T14:20", Running, 0));
    none("2026-11-23T14:20:30", SIMPLE, Arrival, ("23T14:20", Late, -1));
    none("23T14:25", SIMPLE, Arrival, ("23T14:20", Late, -5));
    none("23T14:16", (0, false), Arrival, ("23T14:20", Running, 4));
    none("23T14:30", SIMPLE, Solution, ("23T14:55", Running, 25));
    none("23T14:30", GENERAL, Solution, ("23T17:15", Running, 165));
    none("23T14:30", COMPLEX, Solution, ("25T14:15", Running, 2_865));
    none("23T14:30", DIFFICULT, Plan, ("24T14:15", Running, 1_425));
    none("25T14:15", DIFFICULT, Plan, ("24T14:15", Late, -1_440));
    // What a grade has no promise for has no clock.
    for (grade, milestone) in [(SIMPLE, Plan), (DIFFICULT, Solution), ((0, false), Solution)] {
        assert!(clock_of(grade, ("23T14:15", ""), milestone, "23T15:00").is_none());
    }
}

#[test]
fn night_holidays_worked_weekends_and_slots() {
    let none = |called: &str, grade, expect: &str| {
        let clock = clock_of(grade, (called, ""), Solution, called).unwrap();
        let due = clock.due.map(menpai::query::instant_text);
        assert_eq!(due, Some(menpai::query::instant_text(at(expect))), "called {called}");
    };
    // Calendar time runs at night and on holidays.
    none("23T23:50", SIMPLE, "24T00:30");
    none("2026-10-01T09:00", GENERAL, "2026-10-01T12:00");
    // Working time: half past eight to noon, two to half past five.
    none("23T09:00", SIMPLE_W, "23T09:40");
    none("23T08:00", SIMPLE_W, "23T09:10");
    none("23T11:20", SIMPLE_W, "23T12:00");
    none("23T11:30", SIMPLE_W, "23T14:10");
    none("23T12:00", SIMPLE_W, "23T14:40");
    none("23T13:00", SIMPLE_W, "23T14:40");
    none("23T16:50", SIMPLE_W, "23T17:30");
    none("23T17:00", SIMPLE_W, "24T08:40");
    none("23T17:30", SIMPLE_W, "24T09:10");
    none("23T23:50", SIMPLE_W, "24T09:10");
    none("27T17:00", SIMPLE_W, "30T08:40");
    none("28T10:00", SIMPLE_W, "30T09:10");
    none("23T09:00", GENERAL_W, "23T12:00");
    none("23T16:00", GENERAL_W, "24T10:00");
    none("23T08:30", COMPLEX_W, "25T10:30");
    none("2026-09-30T17:00", SIMPLE_W, "2026-10-05T08:40");
    none("2026-10-01T10:00", SIMPLE_W, "2026-10-05T09:10");
    none("2026-10-09T17:00", SIMPLE_W, "2026-10-10T08:40");
    none("2026-10-10T17:00", SIMPLE_W, "2026-10-12T08:40");
    none("2026-12-31T17:00", SIMPLE_W, "2027-01-01T08:40");
    none("2028-02-28T17:00", SIMPLE_W, "2028-02-29T08:40");
    none("2028-02-29T17:00", SIMPLE_W, "2028-03-01T08:40");
    none("2028-02-28T14:00", COMPLEX, "2028-03-01T14:00");
    // Nothing counts at night: what is left stays, and what is past is late all the same.
    check(GENERAL_W, ("23T16:00", ""), Solution, "23T17:30", ("24T10:00", Running, 90));
    check(GENERAL_W, ("23T16:00", ""), Solution, "24T03:00", ("24T10:00", Running, 90));
    check(SIMPLE_W, ("23T16:50", ""), Solution, "23T20:00", ("23T17:30", Late, -1));
    check(SIMPLE_W, ("23T16:50", ""), Solution, "24T08:45", ("23T17:30", Late, -15));
}

#[test]
fn suspension() {
    let part = "dispatch 23T14:20; suspend 23T14:30 until 23T15:30";
    let part = format!("accept 23T14:18; {part}");
    let case = ("23T14:15", part.as_str());
    // Before the due time: it moves on, and the clock stands still.
    check(SIMPLE, case, Solution, "23T14:29", ("23T15:55", Running, 26));
    check(SIMPLE, case, Solution, "23T14:30", ("23T15:55", Suspended, 25));
    check(SIMPLE, case, Solution, "23T15:29", ("23T15:55", Suspended, 25));
    // It ends by itself on its date.
    check(SIMPLE, case, Solution, "23T15:30", ("23T15:55", Running, 25));
    check(SIMPLE, case, Solution, "23T16:00", ("23T15:55", Late, -5));
    // Resumed earlier: only what was suspended is left out.
    let resumed = format!("{part}; resume 23T14:50");
    check(SIMPLE, ("23T14:15", &resumed), Solution, "23T15:00", ("23T15:15", Running, 15));
    // Resumed after its date: the date holds.
    let late = format!("{part}; note 23T16:00");
    check(SIMPLE, ("23T14:15", &late), Solution, "23T16:00", ("23T15:55", Late, -5));
    // Prolonged.
    let longer = format!("{part}; suspend 23T15:00 until 23T17:00");
    check(SIMPLE, ("23T14:15", &longer), Solution, "23T15:45", ("23T17:25", Suspended, 25));
    // After the due time: lateness stands still, and the due time stays.
    let after = "suspend 23T15:00 until 23T18:00";
    check(SIMPLE, ("23T14:15", after), Solution, "23T15:00", ("23T14:55", Suspended, -5));
    check(SIMPLE, ("23T14:15", after), Solution, "23T17:59", ("23T14:55", Suspended, -5));
    check(SIMPLE, ("23T14:15", after), Solution, "23T18:10", ("23T14:55", Late, -15));
    // Twice.
    let twice = "suspend 23T14:20 until 23T14:30; suspend 23T14:40 until 23T14:50";
    check(SIMPLE, ("23T14:15", twice), Solution, "23T14:55", ("23T15:15", Running, 20));
    // The arrival's clock stands still too.
    check(
        SIMPLE,
        ("23T14:15", "suspend 23T14:17 until 23T15:00"),
        Arrival,
        "23T14:40",
        ("23T15:03", Suspended, 3),
    );
    // Over night, in working time: what is suspended at night takes nothing away.
    let night = "suspend 23T17:30 until 24T08:30";
    check(SIMPLE_W, ("23T17:10", night), Solution, "24T08:40", ("24T08:50", Running, 10));
    let over = "suspend 23T17:20 until 24T09:00";
    check(SIMPLE_W, ("23T17:10", over), Solution, "24T09:00", ("24T09:30", Running, 30));
}

#[test]
fn milestones_are_reached() {
    let way = "accept 23T14:16; dispatch 23T14:17; arrive 23T14:19; start 23T14:21; solve 23T14:50";
    check(SIMPLE, ("23T14:15", way), Arrival, "23T18:00", ("23T14:20", Met, 1));
    check(SIMPLE, ("23T14:15", way), Solution, "23T18:00", ("23T14:55", Met, 5));
    let slow = "accept 23T14:16; start 23T14:17; arrive 23T14:23; solve 23T15:00";
    check(SIMPLE, ("23T14:15", slow), Arrival, "23T18:00", ("23T14:20", Late, -3));
    check(SIMPLE, ("23T14:15", slow), Solution, "23T18:00", ("23T14:55", Late, -5));
    // Solved without a word of the arrival: it was reached at the latest then.
    let short = "start 23T14:16; solve 23T14:19";
    check(SIMPLE, ("23T14:15", short), Arrival, "23T18:00", ("23T14:20", Met, 1));
    check(DIFFICULT, ("23T14:15", "plan 24T10:00"), Plan, "25T10:00", ("24T14:15", Met, 255));
    check(DIFFICULT, ("23T14:15", "plan 24T15:00"), Plan, "25T10:00", ("24T14:15", Late, -45));
    // Not solved after all: the clock goes on as if it had never stopped.
    let rework = "start 23T14:16; solve 23T14:40; rework 23T14:50";
    check(SIMPLE, ("23T14:15", rework), Solution, "23T14:52", ("23T14:55", Running, 3));
    let again = format!("{rework}; start 23T14:52; solve 23T15:05");
    check(SIMPLE, ("23T14:15", &again), Solution, "23T18:00", ("23T14:55", Late, -10));
    // Ended without it: the clock stops there.
    check(SIMPLE, ("23T14:15", "refuse 23T14:18"), Arrival, "23T18:00", ("23T14:20", Met, 2));
    check(SIMPLE, ("23T14:15", "cancel 23T15:00"), Solution, "23T18:00", ("23T14:55", Late, -5));
}

#[test]
fn reopening_regrading_and_extension() {
    // The time it was closed does not count.
    let closed = "start 23T14:16; solve 23T14:35; close 23T14:45; reopen 24T09:00";
    check(SIMPLE, ("23T14:15", closed), Solution, "24T09:05", ("24T09:10", Running, 5));
    let refused = "refuse 23T14:18; reopen 24T09:00";
    check(SIMPLE, ("23T14:15", refused), Arrival, "24T09:01", ("24T09:02", Running, 1));
    // Regraded: reckoned anew from the call, with all pauses.
    let regraded = "suspend 23T14:20 until 23T14:50; regrade 23T15:00";
    check(GENERAL, ("23T14:15", regraded), Solution, "23T15:00", ("23T17:45", Running, 165));
    check(SIMPLE, ("23T14:15", regraded), Solution, "23T15:00", ("23T15:25", Running, 25));
    // Extended: the time that was granted, late or not.
    let extended = "extend 23T14:30 until 23T20:00";
    check(SIMPLE, ("23T14:15", extended), Solution, "23T15:00", ("23T20:00", Running, 300));
    let late = "extend 23T16:00 until 24T09:00";
    check(SIMPLE, ("23T14:15", late), Solution, "23T16:00", ("24T09:00", Running, 1_020));
    check(SIMPLE, ("23T14:15", late), Arrival, "23T16:00", ("23T14:20", Late, -100));
    let twice = "extend 23T14:30 until 23T20:00; extend 23T19:00 until 24T09:00";
    check(SIMPLE, ("23T14:15", twice), Solution, "23T20:00", ("24T09:00", Running, 780));
    // Suspended after it was extended: it moves on; before: whoever granted it knew of that.
    let moved = "extend 23T14:30 until 23T20:00; suspend 23T15:00 until 23T16:00";
    check(SIMPLE, ("23T14:15", moved), Solution, "23T17:00", ("23T21:00", Running, 240));
    let known = "suspend 23T14:20 until 23T16:00; extend 23T14:30 until 23T20:00";
    check(SIMPLE, ("23T14:15", known), Solution, "23T17:00", ("23T20:00", Running, 180));
    // Regraded after it was extended: what was granted is gone.
    let anew = "extend 23T14:30 until 25T20:00; regrade 23T15:00";
    check(GENERAL, ("23T14:15", anew), Solution, "23T15:00", ("23T17:15", Running, 135));
    check(
        DIFFICULT,
        ("23T14:15", "extend 24T10:00 until 26T09:00"),
        Plan,
        "24T10:00",
        ("26T09:00", Running, 2_820),
    );
    // Taken back: as if it had never been.
    let taken = "extend 23T14:30 until 23T20:00; revoke 23T14:31";
    check(SIMPLE, ("23T14:15", taken), Solution, "23T14:45", ("23T14:55", Running, 10));
    let put_back = "start 23T14:16; solve 23T14:40; revoke 23T14:41";
    check(SIMPLE, ("23T14:15", put_back), Solution, "23T14:45", ("23T14:55", Running, 10));
}

#[test]
fn acts_entered_afterwards_count_from_when_they_happened() {
    // Everything was entered at 16:00, at the desk.
    let desk =
        "accept 23T16:00; dispatch 23T16:00; arrive 23T14:19; start 23T16:00; solve 23T14:50";
    check(SIMPLE, ("23T14:15", desk), Arrival, "23T18:00", ("23T14:20", Met, 1));
    check(SIMPLE, ("23T14:15", desk), Solution, "23T18:00", ("23T14:55", Met, 5));
    let mut step = course("23T14:15", "arrive 23T14:19").pop().unwrap();
    assert!(!step.is_back_dated());
    step.entered_at = Some(at("23T16:00"));
    assert!(step.is_back_dated());
}

#[test]
fn a_change_of_policy_is_another_policy() {
    let mut stricter = policy(false);
    for allowance in &mut stricter.allowances {
        allowance.minutes = 1;
    }
    let case = Case { called_at: at("23T14:15"), severity: Some(severity::SIMPLE) };
    let steps = course("23T14:15", "");
    let course = of_event(&steps, state::PENDING);
    let dues = |policy: &Policy| -> Vec<i64> {
        let clocks = due(&course, case, policy, &calendar(), at("23T14:15"));
        clocks.iter().filter_map(|clock| clock.due).collect()
    };
    assert_eq!(dues(&policy(false)), [at("23T14:20"), at("23T14:55")]);
    assert_eq!(dues(&stricter), [at("23T14:16"), at("23T14:16")]);
}

#[test]
fn an_event_from_a_list_has_no_clock_for_what_it_had_reached() {
    let case = Case { called_at: at("20T08:30"), severity: Some(severity::SIMPLE) };
    let clocks = |came_as: i64, steps: &[Step]| -> Vec<&'static str> {
        let clocks =
            due(&of_event(steps, came_as), case, &policy(false), &calendar(), at("23T09:00"));
        clocks.iter().map(|clock| clock.milestone.word()).collect()
    };
    assert_eq!(clocks(state::PENDING, &[]), ["arrival", "solution"]);
    assert_eq!(clocks(state::HANDLING, &[]), ["solution"]);
    assert!(clocks(state::TO_CHECK, &[]).is_empty());
    assert!(clocks(state::CLOSED, &[]).is_empty());
}

/// Random courses over the machine's table, with times that go on.
fn random_course(seeds: &[(u8, u16, u16)]) -> Vec<Step> {
    let start = at("23T08:00");
    let mut steps = course("23T08:00", "");
    let mut time = start;
    for (number, (choice, pause, length)) in seeds.iter().enumerate() {
        time += i64::from(*pause) * 60;
        let before = of_event(&steps, state::PENDING);
        let from = before.state(time);
        let possible = MACHINE.possible(from);
        let action = possible[usize::from(*choice) % possible.len()];
        let rule = MACHINE.rule(from, action).unwrap();
        let to = match rule.to {
            To::State(key) => key,
            To::Same => from,
            To::Before => before.before_pause(),
        };
        let lasts = matches!(rule.clock, Effect::Pauses | Effect::Extends);
        steps.push(Step {
            step_id: StepId(number as i64 + 2),
            at: time,
            entered_at: Some(time),
            action: action.to_owned(),
            from_state: Some(from),
            to_state: to,
            until: lasts.then(|| time + i64::from(*length) * 60 + 60),
            ..Step::default()
        });
    }
    steps
}

fn dues(steps: &[Step], grade: (i64, bool), calendar: &Calendar, called: i64) -> Vec<Option<i64>> {
    let case = Case { called_at: called, severity: Some(grade.0) };
    let now = called + 400 * 86_400;
    let clocks = due(&of_event(steps, state::PENDING), case, &policy(grade.1), calendar, now);
    clocks.into_iter().map(|clock| clock.due).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn suspending_never_shortens(
        seeds in prop::collection::vec((any::<u8>(), 0u16..600, 0u16..3000), 0..8),
        pause in 0u16..600, length in 1u16..3000, is_working: bool, grade in 2i64..6,
    ) {
        let steps = random_course(&seeds);
        let last = steps.last().unwrap().clone();
        let time = last.at + i64::from(pause) * 60;
        let from = of_event(&steps, state::PENDING).state(time);
        prop_assume!(MACHINE.rule(from, act::SUSPEND).is_ok());
        let mut suspended = steps.clone();
        suspended.push(Step {
            step_id: StepId(last.step_id.0 + 1),
            at: time,
            entered_at: Some(time),
            action: act::SUSPEND.to_owned(),
            from_state: Some(from),
            to_state: state::SUSPENDED,
            until: Some(time + i64::from(length) * 60),
            ..Step::default()
        });
        let grade = (grade, is_working);
        let called = steps[0].at;
        let (before, after) =
            (dues(&steps, grade, &calendar(), called), dues(&suspended, grade, &calendar(), called));
        for (before, after) in before.iter().zip(&after) {
            prop_assert!(after.unwrap() >= before.unwrap(), "{before:?} {after:?}");
        }
    }

    #[test]
    fn another_slot_never_lengthens(
        seeds in prop::collection::vec((any::<u8>(), 0u16..600, 0u16..3000), 0..8),
        from in 0i64..1439, length in 1i64..600, grade in 2i64..6,
    ) {
        // An extension says a time, not an amount of work.
        let mut steps = random_course(&seeds);
        steps.retain(|step| step.action != act::EXTEND);
        let usual = calendar();
        let mut more = usual.clone();
        let new = Slot { from: from * 60, to: ((from + length) * 60).min(86_400) };
        // Joined with what it overlaps.
        let mut slots: Vec<Slot> = more.slots.iter().copied().chain([new]).collect();
        slots.sort_unstable();
        let mut joined: Vec<Slot> = Vec::new();
        for slot in slots {
            match joined.last_mut() {
                Some(last) if slot.from <= last.to => last.to = last.to.max(slot.to),
                _ => joined.push(slot),
            }
        }
        more.slots = joined;
        let called = steps[0].at;
        let before = dues(&steps, (grade, true), &usual, called);
        let after = dues(&steps, (grade, true), &more, called);
        for (before, after) in before.iter().zip(&after) {
            prop_assert!(after.unwrap() <= before.unwrap(), "{before:?} {after:?}");
        }
    }

    #[test]
    fn due_is_monotone_in_the_start(
        seeds in prop::collection::vec((any::<u8>(), 0u16..600, 0u16..3000), 0..8),
        later in 0i64..100_000, is_working: bool, grade in 2i64..6,
    ) {
        let steps = random_course(&seeds);
        let called = steps[0].at;
        let grade = (grade, is_working);
        let (before, after) = (
            dues(&steps, grade, &calendar(), called),
            dues(&steps, grade, &calendar(), called + later),
        );
        for (before, after) in before.iter().zip(&after) {
            prop_assert!(after.unwrap() >= before.unwrap(), "{before:?} {after:?}");
        }
    }
}
