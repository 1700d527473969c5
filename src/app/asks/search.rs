//! The search box.

use crate::access::{AuditEntry, Reveal, Stamp};
use crate::app::ask::Query;
use crate::app::desk::{Desk, told};
use crate::app::{OpenNames, SearchView};
use crate::domain::ids::PersonId;
use crate::query::search::SearchAnswer;
use crate::store::bulk;
use crate::text::Message;

/// A search; while names are open, they are shown in full.
pub struct AskSearch {
    /// What was typed.
    pub text: String,
    /// Who searches, and when.
    pub stamp: Stamp,
    /// The reason that opens names, if there is one.
    pub names: Option<OpenNames>,
}

impl Query for AskSearch {
    type Answer = SearchView;
    fn answer(self, desk: &mut Desk, _: &dyn Fn(Self::Answer)) -> Result<Self::Answer, Message> {
        let Self { text, stamp, names } = self;
        let found = told(desk.search(&text))?;
        let answer = answer_by_number(desk, &text, found, &stamp)?;
        Ok(with_names(desk, answer, &stamp, names.as_ref()))
    }
}

/// What a search by a part of a number found, once it is written down; refused beyond the limit of
/// reveals. Typing on is one search.
fn answer_by_number(
    desk: &mut Desk,
    text: &str,
    answer: SearchAnswer,
    stamp: &Stamp,
) -> Result<SearchAnswer, Message> {
    let Some(number) = crate::query::search::part_of_number(text) else { return Ok(answer) };
    let goes_on = !desk.shown.number.is_empty() && number.starts_with(&desk.shown.number);
    if answer.persons.is_empty() || goes_on || desk.workspace.read_only_reason().is_some() {
        return Ok(answer);
    }
    let entry = AuditEntry::done(bulk::SEARCH_BY_NUMBER, "person")
        .with_fields(format!("found×{}", answer.persons.len()));
    told(desk.workspace.write_now(stamp, |tx| {
        bulk::check_reveals(tx, stamp)?;
        Ok(((), entry))
    }))?;
    desk.shown.number = number;
    Ok(answer)
}

/// The names of the persons found: in full for a purpose, once that is written down; masked
/// otherwise, and beyond the limit. Who is shown already, in the same search typed on, is not
/// counted again.
fn with_names(
    desk: &mut Desk,
    answer: SearchAnswer,
    stamp: &Stamp,
    names: Option<&OpenNames>,
) -> SearchView {
    let masked: Vec<String> = answer.persons.iter().map(|p| p.name.masked()).collect();
    // What was shown for one reason is not shown for the next one without being written down.
    if names.map(|names| names.until) != desk.shown.until {
        desk.shown.persons.clear();
        desk.shown.until = names.map(|names| names.until);
    }
    let Some(OpenNames { purpose, .. }) = names.filter(|_| !masked.is_empty()) else {
        return SearchView { answer, names: masked, problem: None };
    };
    let mut reveal = Reveal::new("search", purpose);
    let open: Vec<String> =
        answer.persons.iter().map(|p| reveal.open(&p.name).to_owned()).collect();
    let mut shown: Vec<PersonId> = answer.persons.iter().map(|p| p.person_id).collect();
    let is_part = shown.iter().all(|id| desk.shown.persons.contains(id));
    let written = if is_part {
        Ok(())
    } else {
        let count = shown.len() as u64;
        let entry = reveal.finish().called(bulk::SEARCH_NAMES);
        told(desk.workspace.write_now(stamp, |tx| {
            bulk::check_names_shown(tx, stamp, count)?;
            Ok(((), entry))
        }))
    };
    match written {
        Ok(()) => {
            if !is_part {
                std::mem::swap(&mut desk.shown.persons, &mut shown);
            }
            SearchView { answer, names: open, problem: None }
        }
        Err(problem) => SearchView { answer, names: masked, problem: Some(problem) },
    }
}
