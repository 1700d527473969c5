//! What a machine is: its states, its rules, and the sets of SQL that they mean.

use std::fmt::Write as _;

/// Whether a case in a state still waits for somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Somebody has to do something.
    Open,
    /// Open, but its clock stands still.
    Paused,
    /// Nothing more is to be done, unless it is opened again.
    Ended,
}

/// A state of a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    /// Key of the machine's code list, as rows store it.
    pub key: i64,
    /// Stable English word.
    pub word: &'static str,
    /// Whether it is an end.
    pub phase: Phase,
}

/// Where an act leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To {
    /// To this state, by its key.
    State(i64),
    /// The state stays.
    Same,
    /// Back to the state before the pause.
    Before,
}

/// Who may act. Until there are accounts everybody is everything, but the one who checks is told when
/// they have handled the case themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Whoever sees it.
    Anyone,
    /// Who takes cases in and sends them on: 网格长, 社区.
    Dispatcher,
    /// Who does the work.
    Handler,
    /// Who looks whether it was done; not the handler.
    Checker,
}

/// What an act cannot do without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// A word that says why.
    Opinion,
    /// A time until which.
    Until,
    /// A grade.
    Severity,
    /// How the case came out.
    Outcome,
    /// The case that it repeats.
    Other,
}

/// What an act does to the clock of its case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Nothing.
    None,
    /// The case begins.
    Starts,
    /// Somebody is on site.
    Arrives,
    /// A solution is proposed.
    Plans,
    /// It is solved.
    Solves,
    /// It was not solved after all.
    Unsolves,
    /// Time does not count from here to the given time.
    Pauses,
    /// Time counts again.
    Resumes,
    /// It is over.
    Ends,
    /// It begins again; the time since it ended does not count.
    Reopens,
    /// It is due at another time.
    Extends,
    /// Its grade is another one: it is reckoned anew from the start.
    Regrades,
}

/// A row of a machine's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Word of the act.
    pub action: &'static str,
    /// Keys of the states it is possible in; none for the act that begins a case.
    pub from: &'static [i64],
    /// Where it leads.
    pub to: To,
    /// Who may.
    pub who: Who,
    /// What it cannot do without.
    pub needs: &'static [Need],
    /// What it does to the clock.
    pub clock: Effect,
}

/// Something that somebody has to grant: it is no state, and its case goes on meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    /// Word of the request.
    pub kind: &'static str,
    /// The act that is done when it is granted; empty where granting it is all.
    pub action: &'static str,
    /// What has to be asked for.
    pub needs: &'static [Need],
}

/// Why an act is not possible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Impossible {
    /// The machine knows no such act.
    NoSuchAction,
    /// Not in this state; possible here are these.
    NotFrom {
        /// Word of the state.
        state: &'static str,
        /// Words of the acts that are possible in it.
        possible: Vec<&'static str>,
    },
    /// Something is missing.
    Missing(Need),
}

/// A machine: its states and its rules.
#[derive(Debug)]
pub struct Machine {
    /// What it is of: `event`, `visit_task`, `alarm`.
    pub name: &'static str,
    /// Its states; the first one is where a case begins.
    pub states: &'static [State],
    /// What can be done where.
    pub rules: &'static [Rule],
    /// What can be asked for.
    pub requests: &'static [Request],
}

impl Machine {
    /// The state of a key.
    #[must_use]
    pub fn state(&self, key: i64) -> Option<&'static State> {
        self.states.iter().find(|state| state.key == key)
    }

    /// The state of a word.
    #[must_use]
    pub fn state_of(&self, word: &str) -> Option<&'static State> {
        self.states.iter().find(|state| state.word == word)
    }

    /// Whether a case in this state still waits for somebody. What the table does not know does.
    #[must_use]
    pub fn is_open(&self, key: i64) -> bool {
        self.state(key).is_none_or(|state| state.phase != Phase::Ended)
    }

    /// The same as a condition of SQL on a column: `state NOT IN (3, 10)`.
    #[must_use]
    pub fn open_sql(&self, column: &str) -> String {
        self.not_in(column, |phase| phase == Phase::Ended)
    }

    fn not_in(&self, column: &str, out: impl Fn(Phase) -> bool) -> String {
        let mut sql = format!("{column} NOT IN (");
        for (index, state) in self.states.iter().filter(|s| out(s.phase)).enumerate() {
            let _ = write!(sql, "{}{}", if index > 0 { ", " } else { "" }, state.key);
        }
        sql + ")"
    }

    /// Rules of an act, in their order.
    pub fn rules_of<'a>(&'a self, action: &'a str) -> impl Iterator<Item = &'static Rule> + 'a {
        self.rules.iter().filter(move |rule| rule.action == action)
    }

    /// The rule by which an act is done in a state (a key).
    ///
    /// # Errors
    /// [`Impossible::NoSuchAction`] and [`Impossible::NotFrom`].
    pub fn rule(&self, state: i64, action: &str) -> Result<&'static Rule, Impossible> {
        if self.rules_of(action).next().is_none() {
            return Err(Impossible::NoSuchAction);
        }
        self.rules_of(action).find(|rule| rule.from.contains(&state)).ok_or_else(|| {
            Impossible::NotFrom {
                state: self.state(state).map_or("?", |state| state.word),
                possible: self.possible(state),
            }
        })
    }

    /// What can be done in a state, each act once, in the order of the table.
    #[must_use]
    pub fn possible(&self, state: i64) -> Vec<&'static str> {
        let mut words: Vec<&'static str> = Vec::new();
        for rule in self.rules.iter().filter(|rule| rule.from.contains(&state)) {
            if !words.contains(&rule.action) {
                words.push(rule.action);
            }
        }
        words
    }

    /// A kind of request.
    #[must_use]
    pub fn request(&self, kind: &str) -> Option<&'static Request> {
        self.requests.iter().find(|request| request.kind == kind)
    }

    /// What is wrong with the table, for the tests: states that cannot be reached, open ones that cannot
    /// end, acts that lead nowhere.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let leads = |from: i64| {
            self.rules.iter().filter(move |rule| rule.from.contains(&from)).flat_map(|rule| {
                match rule.to {
                    To::State(key) => vec![key],
                    To::Same => Vec::new(),
                    // Back to wherever a pause is possible from.
                    To::Before => self
                        .rules
                        .iter()
                        .filter(|rule| rule.clock == Effect::Pauses)
                        .flat_map(|rule| rule.from.iter().copied())
                        .collect(),
                }
            })
        };
        let reached = |start: &[i64]| {
            let mut seen: Vec<i64> = start.to_vec();
            let mut at = 0;
            while let Some(&from) = seen.get(at) {
                for key in leads(from) {
                    if !seen.contains(&key) {
                        seen.push(key);
                    }
                }
                at += 1;
            }
            seen
        };
        let starts: Vec<i64> = self
            .rules
            .iter()
            .filter(|rule| rule.from.is_empty())
            .filter_map(|rule| match rule.to {
                To::State(key) => Some(key),
                _ => None,
            })
            .collect();
        let from_start = reached(&starts);
        for state in self.states {
            if !from_start.contains(&state.key) {
                faults.push(format!("{}: {} is never reached", self.name, state.word));
            }
            let ends = reached(&[state.key]).into_iter().any(|key| !self.is_open(key));
            if !ends {
                faults.push(format!("{}: {} never ends", self.name, state.word));
            }
        }
        for rule in self.rules {
            let targets = match rule.to {
                To::State(key) => vec![key],
                _ => Vec::new(),
            };
            for key in rule.from.iter().chain(&targets) {
                if self.state(*key).is_none() {
                    faults.push(format!("{}: {} names no state {key}", self.name, rule.action));
                }
            }
        }
        for request in self.requests {
            if !request.action.is_empty() && self.rules_of(request.action).next().is_none() {
                faults.push(format!("{}: {} is granted by no act", self.name, request.kind));
            }
        }
        faults
    }
}
