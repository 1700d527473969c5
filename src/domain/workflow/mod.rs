//! One engine for everything that has states: a machine is a table of rules, and a case is the steps that
//! were taken by them.
//!
//! The way in is [`Machine`]: [`Machine::rule`] says whether an act is possible, [`Machine::open_sql`] makes
//! the condition of SQL that the same table means. [`event`], [`visit`] and [`alarm`] are the tables;
//! [`act`] says what an act on an event comes to, [`steps`] reads a course of steps, [`clock`] works out what is due when. Nothing here knows a database
//! or what time it is.

pub mod act;
pub mod alarm;
pub mod calendar;
pub mod clock;
pub mod event;
mod machine;
pub mod steps;
pub mod visit;

pub use machine::{Effect, Impossible, Machine, Need, Phase, Request, Rule, State, To, Who};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_is_sound() {
        for machine in [&event::MACHINE, &visit::TASK, &alarm::MACHINE] {
            assert_eq!(machine.faults(), Vec::<String>::new());
            let mut keys: Vec<i64> = machine.states.iter().map(|s| s.key).collect();
            keys.sort_unstable();
            keys.dedup();
            assert_eq!(keys.len(), machine.states.len(), "{}: keys are given twice", machine.name);
            // No two rules for one act in one state.
            for state in machine.states {
                for action in machine.possible(state.key) {
                    let rules = machine.rules_of(action).filter(|r| r.from.contains(&state.key));
                    assert_eq!(rules.count(), 1, "{}: {} {action}", machine.name, state.word);
                }
            }
        }
    }

    #[test]
    fn faults_of_a_table_are_found() {
        const BROKEN: Machine = Machine {
            name: "broken",
            states: &[
                State { key: 1, word: "here", phase: Phase::Open },
                State { key: 2, word: "nowhere", phase: Phase::Ended },
            ],
            rules: &[
                Rule {
                    action: "begin",
                    from: &[],
                    to: To::State(1),
                    who: Who::Anyone,
                    needs: &[],
                    clock: Effect::Starts,
                },
                Rule {
                    action: "turn",
                    from: &[1, 7],
                    to: To::Same,
                    who: Who::Anyone,
                    needs: &[],
                    clock: Effect::None,
                },
            ],
            requests: &[Request { kind: "help", action: "dance", needs: &[] }],
        };
        assert_eq!(
            BROKEN.faults(),
            [
                "broken: here never ends",
                "broken: nowhere is never reached",
                "broken: turn names no state 7",
                "broken: help is granted by no act",
            ]
        );
    }

    #[test]
    fn sets_of_sql_are_the_table() {
        assert_eq!(event::MACHINE.open_sql("e.state"), "e.state NOT IN (3, 10, 13)");
        for state in event::MACHINE.states {
            assert_eq!(event::MACHINE.is_open(state.key), state.phase != Phase::Ended);
        }
    }
}
