//! Words of workflows: what acts, milestones and clocks are called, and why an act is refused.

use std::sync::LazyLock;

use super::{Lang, Message};
use crate::domain::fold;
use crate::domain::workflow::act::Refused;
use crate::domain::workflow::calendar::SlotError;
use crate::domain::workflow::clock::Milestone;
use crate::domain::workflow::{Impossible, Need};
use crate::msg;

#[derive(serde::Deserialize)]
struct Entry {
    list: String,
    word: String,
    zh: String,
    en: String,
}

static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    csv::Reader::from_reader(include_str!("../../data/workflow.csv").as_bytes())
        .into_deserialize()
        .filter_map(Result::ok)
        .collect()
});

/// What a word of a list (`event_action`, `request`, `milestone`, `clock_state` …) is called; the word
/// itself where the list does not know it.
///
/// ```
/// use menpai::text::{Lang, workflow::label};
/// assert_eq!(label("event_action", "dispatch", Lang::Zh), "派遣");
/// assert_eq!(label("milestone", "arrival", Lang::En), "Arrival");
/// ```
#[must_use]
pub fn label<'a>(list: &str, word: &'a str, lang: Lang) -> &'a str {
    let entry = ENTRIES.iter().find(|entry| entry.list == list && entry.word == word);
    entry.map_or(word, |entry| match lang {
        Lang::Zh => &entry.zh,
        Lang::En => &entry.en,
    })
}

/// The word that somebody means by a word or a label in either language.
#[must_use]
pub fn word_of(list: &str, text: &str) -> Option<&'static str> {
    let text = fold(text);
    let is_meant =
        |e: &&Entry| [&e.word, &e.zh, &e.en].into_iter().any(|spelling| fold(spelling) == text);
    ENTRIES.iter().filter(|e| e.list == list).find(is_meant).map(|e| e.word.as_str())
}

/// The words of a list, in their order.
pub fn words(list: &str) -> impl Iterator<Item = &'static str> {
    ENTRIES.iter().filter(move |e| e.list == list).map(|e| e.word.as_str())
}

/// An instant as people read it: `2026-11-23 14:20`, in Asia/Shanghai; empty for one that is none.
#[must_use]
pub fn minute_text(secs: i64) -> String {
    jiff::Timestamp::from_second(secs)
        .map(|at| at.to_zoned(crate::domain::clock::shanghai()))
        .map(|at| at.strftime("%Y-%m-%d %H:%M").to_string())
        .unwrap_or_default()
}

/// How long something takes, in the two largest units: `2 天 3 小时`, `40 min`. Negative as positive.
#[must_use]
pub fn duration_text(secs: i64, lang: Lang) -> String {
    let minutes = secs.unsigned_abs() / 60;
    let (days, hours, minutes) = (minutes / 1_440, minutes / 60 % 24, minutes % 60);
    let parts: Vec<String> = match lang {
        Lang::Zh => [(days, "天"), (hours, "小时"), (minutes, "分钟")],
        Lang::En => [(days, "d"), (hours, "h"), (minutes, "min")],
    }
    .into_iter()
    .filter(|(n, _)| *n > 0)
    .take(2)
    .map(|(n, unit)| format!("{n} {unit}"))
    .collect();
    match (parts.is_empty(), lang) {
        (true, Lang::Zh) => "不到 1 分钟".to_owned(),
        (true, Lang::En) => "under a minute".to_owned(),
        _ => parts.join(" "),
    }
}

impl Impossible {
    /// What a user reads.
    #[must_use]
    pub fn message(&self) -> Message {
        match self {
            Self::NoSuchAction => "there is no such act".into(),
            Self::NotFrom { state, possible } => {
                msg!(
                    "that is not possible in the state {}; possible here: {}",
                    state,
                    possible.join(" ")
                )
            }
            Self::Missing(Need::Opinion) => "say why: this act needs a word of explanation".into(),
            Self::Missing(Need::Until) => "say until when".into(),
            Self::Missing(Need::Severity) => {
                "say which grade: simple, general, complex or difficult".into()
            }
            Self::Missing(Need::Outcome) => {
                "say how it came out: answered, not_ours, duplicate, impossible or withdrawn; \
                 solved only after it was solved"
                    .into()
            }
            Self::Missing(Need::Other) => "say which one it repeats".into(),
        }
    }
}

impl Refused {
    /// What a user reads.
    #[must_use]
    pub fn message(&self) -> Message {
        match self {
            Self::Impossible(why) => why.message(),
            Self::BeforeCall => "that would have happened before the call".into(),
            Self::BeforeThat(at) => {
                msg!("that would have happened before what it ends: {}", minute_text(*at))
            }
            Self::InFuture => "that is still to come; give the time at which it happened".into(),
            Self::UntilPast => "the time until which it lasts has to be later".into(),
            Self::NotLater(due) => {
                msg!(
                    "the new time has to be later than the one it is due at: {}",
                    minute_text(*due)
                )
            }
            Self::NothingToExtend => {
                "nothing is due that could be extended: the event has no grade, or it is reached"
                    .into()
            }
            Self::SameGrade => "it has this grade already".into(),
            Self::NotSolved => {
                "it has not been solved: solve it first, or say another outcome".into()
            }
            Self::Reached(Milestone::Arrival) => "somebody has arrived already".into(),
            Self::Reached(_) => "that is reached already".into(),
        }
    }
}

impl SlotError {
    /// What a user reads.
    #[must_use]
    pub fn message(self) -> Message {
        match self {
            Self::Form => "slots are written 08:30-12:00,14:00-17:30".into(),
            Self::Backwards => "a slot ends before it begins".into(),
            Self::Overlap => "two slots overlap".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::workflow::clock::ClockState;
    use crate::domain::workflow::event::MACHINE;
    use crate::domain::workflow::visit::TASK;

    #[test]
    fn everything_that_is_shown_has_a_name() {
        let named = |list: &str, word: &str| {
            for lang in [Lang::Zh, Lang::En] {
                assert!(label(list, word, lang) != word || word == "Plan", "{list} {word}");
            }
        };
        MACHINE.rules.iter().for_each(|rule| named("event_action", rule.action));
        MACHINE.requests.iter().for_each(|request| named("request", request.kind));
        Milestone::ALL.into_iter().for_each(|milestone| named("milestone", milestone.word()));
        use ClockState::{Late, Met, Running, Suspended};
        [Running, Met, Late, Suspended].iter().for_each(|s| named("clock_state", s.word()));
        TASK.states.iter().for_each(|state| named("visit_task_state", state.word));
    }

    #[test]
    fn durations() {
        assert_eq!(duration_text(-40 * 60, Lang::Zh), "40 分钟");
        assert_eq!(duration_text(2 * 86_400 + 3 * 3600 + 300, Lang::En), "2 d 3 h");
        assert_eq!(duration_text(20, Lang::En), "under a minute");
    }

    #[test]
    fn acts_are_known_by_word_and_label() {
        assert_eq!(word_of("event_action", "派遣"), Some("dispatch"));
        assert_eq!(word_of("event_action", "Solve"), Some("solve"));
        assert_eq!(word_of("event_action", "dance"), None);
    }
}
