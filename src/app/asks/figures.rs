//! The overview of everything: what a filter leaves, in figures.

use crate::app::ask::Query;
use crate::app::desk::{Desk, told};
use crate::query::Filter;
use crate::query::figures::{By, Figures, FiguresRequest, Of, figures};
use crate::text::Message;

/// What a filter leaves, as of a UTC second.
pub struct AskFigures(pub Filter, pub i64);

/// Figures of everything.
#[derive(Debug, Clone, Default)]
pub struct AllFigures {
    /// Under which filter.
    pub filter: Filter,
    /// People, told apart by grid.
    pub persons: Figures,
    /// Rooms.
    pub rooms: Figures,
    /// Enterprises.
    pub enterprises: Figures,
    /// Events.
    pub events: Figures,
}

impl Query for AskFigures {
    type Answer = AllFigures;
    fn answer(self, desk: &mut Desk, tell: &dyn Fn(Self::Answer)) -> Result<Self::Answer, Message> {
        let Self(filter, now) = self;
        let condition = desk.condition(&filter)?;
        let of = |of: Of, by: Option<By>| {
            let request = FiguresRequest {
                of,
                condition: &condition,
                by,
                from: None,
                to: None,
                today: desk.today,
                now,
                vocabulary: &desk.vocabulary,
            };
            told(figures(&desk.reader, &desk.derived.census, &request))
        };
        let mut all = AllFigures { filter, ..AllFigures::default() };
        all.persons = of(Of::Persons, Some(By::Grid))?;
        all.rooms = of(Of::Rooms, None)?;
        tell(all.clone());
        all.enterprises = of(Of::Enterprises, None)?;
        all.events = of(Of::Events, None)?;
        Ok(all)
    }
}
