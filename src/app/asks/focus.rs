//! Who is meant: a focus population, and what is in the selected buildings.

use std::sync::Arc;

use crate::app::ask::Query;
use crate::app::desk::{Desk, told};
use crate::domain::ids::{BuildingId, PersonId, RoomId};
use crate::query::statistics::{PersonLine, person_lines};
use crate::query::{FocusAnswer, FocusFilter, SelectionSummary, selection_summary};
use crate::text::Message;

/// Most lines of a result list that are read.
pub const MOST_LINES: usize = 20_000;

/// A focus.
pub struct AskFocus(pub FocusFilter);

impl Query for AskFocus {
    /// Counts, and the first lines.
    type Answer = (FocusAnswer, Vec<PersonLine>);
    fn answer(self, desk: &mut Desk, tell: &dyn Fn(Self::Answer)) -> Result<Self::Answer, Message> {
        let people = &desk.derived.people;
        let answer = people.focus(&self.0, desk.today);
        let pairs: Vec<(PersonId, Option<RoomId>)> = answer
            .rows
            .iter()
            .take(MOST_LINES)
            .map(|row| (people.person_id(*row), Some(people.room_id(*row))))
            .collect();
        // The map first: the lines of a long list take longer than the counts.
        tell((answer.clone(), Vec::new()));
        let lines = told(person_lines(&desk.reader, &desk.vocabulary, &pairs, desk.today))?;
        Ok((answer, lines))
    }
}

/// What is in the selected buildings, by row id.
pub struct AskSelection(pub Arc<[BuildingId]>);

impl Query for AskSelection {
    type Answer = SelectionSummary;
    fn answer(self, desk: &mut Desk, _: &dyn Fn(Self::Answer)) -> Result<Self::Answer, Message> {
        let Desk { reader, vocabulary, derived, today, .. } = desk;
        told(selection_summary(reader, vocabulary, &derived.people, &self.0, *today))
    }
}
