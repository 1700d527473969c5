//! The overview of everything: what a filter leaves, in figures.

use crate::app::ask::Query;
use crate::app::desk::{Desk, told};
use crate::query::Filter;
use crate::query::summary::{AllFigures, AsOf};
use crate::text::Message;

/// What a filter leaves, and beside it what it leaves in each of these grids (code and name), as of a UTC second.
pub struct AskFigures {
    /// The filter.
    pub filter: Filter,
    /// The grids.
    pub beside: Vec<(String, String)>,
    /// UTC second as of which events are overdue.
    pub now: i64,
}

impl Query for AskFigures {
    type Answer = Vec<AllFigures>;
    fn answer(self, desk: &mut Desk, tell: &dyn Fn(Self::Answer)) -> Result<Self::Answer, Message> {
        let Self { filter, beside, now } = self;
        let of = |filter: Filter, tell: &dyn Fn(&AllFigures)| {
            let condition = desk.condition(&filter)?;
            let as_of = AsOf { today: desk.today, now, from: None, to: None };
            let (census, vocabulary) = (&desk.derived.census, &desk.vocabulary);
            let filter = (filter, &condition);
            told(AllFigures::of(&desk.reader, census, vocabulary, filter, as_of, tell))
        };
        let mut all = vec![of(filter.clone(), &|part| tell(vec![part.clone()]))?];
        if !beside.is_empty() {
            tell(all.clone());
        }
        for (code, name) in beside {
            let narrowed = Filter { grids: vec![code], ..filter.clone() };
            all.push(AllFigures { name, ..of(narrowed, &|_| ())? });
        }
        Ok(all)
    }
}
