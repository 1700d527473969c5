//! Who is meant: a filter's answer, and what is in the selected buildings.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::app::ask::Query;
use crate::app::desk::{Desk, told};
use crate::domain::ids::{BuildingId, PersonId, RoomId};
use crate::map::select::touching;
use crate::query::filter::{Condition, Facets, Filter, FocusAnswer, buildings_touching, facets};
use crate::query::{SelectionSummary, selection_summary};
use crate::text::Message;

/// What a filter leaves.
#[derive(Debug, Clone, Default)]
pub struct Focused {
    /// Counts, and who and what matches.
    pub answer: FocusAnswer,
    /// What every further choice would leave, once it is counted.
    pub facets: Option<Arc<Facets>>,
}

impl Desk {
    /// A filter against the workspace: places by the map where it is there, else by the file's index.
    pub(super) fn condition(&self, filter: &Filter) -> Result<Condition, Message> {
        let find = |area: &geo::MultiPolygon| match &self.scene {
            Some(scene) => Ok(touching(scene, area)),
            None => buildings_touching(&self.reader, area),
        };
        Condition::of(&self.reader, &self.vocabulary, filter, self.today, &find)
            .map_err(|error| error.message())
    }
}

/// A focus.
pub struct AskFocus(pub Filter);

impl Query for AskFocus {
    /// Counts first, then what further choices would leave.
    type Answer = Focused;
    fn answer(self, desk: &mut Desk, tell: &dyn Fn(Self::Answer)) -> Result<Self::Answer, Message> {
        let condition = desk.condition(&self.0)?;
        let census = &desk.derived.census;
        let answer = census.focus(&condition);
        // The map first: the counts of the choices take longer.
        let mut focused = Focused { answer, ..Focused::default() };
        tell(focused.clone());
        let counted = facets(census, &condition, desk.vocabulary.tags.len(), desk.today);
        focused.facets = Some(Arc::new(counted));
        Ok(focused)
    }
}

/// Who and what of one building a filter leaves.
#[derive(Debug, Clone, Default)]
pub struct Matches {
    /// The building.
    pub building_id: BuildingId,
    /// Row ids of the people.
    pub persons: BTreeSet<PersonId>,
    /// How many of them live in each room; rooms that match themselves count one at least.
    pub rooms: BTreeMap<RoomId, usize>,
}

/// Who and what of a building a filter leaves.
pub struct AskMatches(pub BuildingId, pub Filter);

impl Query for AskMatches {
    type Answer = Matches;
    fn answer(self, desk: &mut Desk, _: &dyn Fn(Self::Answer)) -> Result<Self::Answer, Message> {
        let condition = desk.condition(&self.1)?;
        let mut matches = Matches { building_id: self.0, ..Matches::default() };
        let (residents, rooms) = desk.derived.census.in_building(&condition, self.0);
        for (person_id, room_id) in residents {
            matches.persons.insert(person_id);
            *matches.rooms.entry(room_id).or_default() += 1;
        }
        for room_id in rooms {
            matches.rooms.entry(room_id).or_insert(1);
        }
        Ok(matches)
    }
}

/// What is in the selected buildings, by row id.
pub struct AskSelection(pub Arc<[BuildingId]>);

impl Query for AskSelection {
    type Answer = SelectionSummary;
    fn answer(self, desk: &mut Desk, _: &dyn Fn(Self::Answer)) -> Result<Self::Answer, Message> {
        let Desk { reader, vocabulary, derived, today, .. } = desk;
        told(selection_summary(reader, vocabulary, &derived.census, &self.0, *today))
    }
}
