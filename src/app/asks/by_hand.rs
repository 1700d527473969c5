//! What work by hand asks: a record to be edited, what waits, what was done.

use crate::access::mask::mask_cell;
use crate::app::ask::Query;
use crate::app::desk::{Desk, told};
use crate::domain::Lang;
use crate::domain::object::{Cell, Object};
use crate::edit::{Field, values};
use crate::query::event_list::{EventLine, similar};
use crate::query::history::history;
use crate::query::visits::{VisitLine, last_visits};
use crate::query::work::{Work, work};
use crate::store::deeds::{PastDeed, past_deeds};
use crate::store::{staff, visits};
use crate::text::Message;

/// A field as a form shows it. What is personal beyond the name is masked: whoever changes it types it
/// anew, and nothing has to be revealed for that.
pub struct FieldView {
    /// The field.
    pub field: &'static Field,
    /// What stands in it, in the language that was asked for.
    pub shown: String,
    /// Whether that is masked.
    pub is_masked: bool,
}

/// A record as a form shows it.
pub struct RecordView {
    /// The record.
    pub object: Object,
    /// Its fields, in their order.
    pub fields: Vec<FieldView>,
    /// What was done to it, newest first: when, who, which field, what it said before and after (personal
    /// ones masked).
    pub history: Vec<(i64, String, String, String, String)>,
    /// What stands in them: saving compares it with what stands there then. Not for showing.
    pub seen: Vec<(&'static Field, Cell)>,
}

/// Fields that a form masks.
#[must_use]
pub fn is_personal(object: Object, field: &Field) -> bool {
    matches!(object, Object::Person(_))
        && matches!(field.field.as_str(), "id_no" | "phone" | "birth_date")
}

/// A record to be edited.
pub struct AskRecord(pub Object, pub Lang);

impl Query for AskRecord {
    type Answer = Option<RecordView>;
    fn answer(self, desk: &mut Desk, _: &dyn Fn(Self::Answer)) -> Result<Self::Answer, Message> {
        let Self(object, lang) = self;
        let Some(seen) = told(values(&desk.reader, object))? else { return Ok(None) };
        let lists = &desk.vocabulary.lists;
        let fields = seen
            .iter()
            .map(|(field, cell)| {
                let plain = field.shown(cell, lists, lang);
                let is_masked = is_personal(object, field) && !plain.is_empty();
                let shown = if is_masked { mask_cell(&field.field, &plain) } else { plain };
                FieldView { field, shown, is_masked }
            })
            .collect();
        let changes = told(history(&desk.reader, object))?;
        let history = changes
            .iter()
            .filter(|change| !change.is_undone)
            .map(|change| {
                let is_own = change.table == object.table();
                let own = seen.iter().map(|(f, _)| *f).filter(|_| is_own);
                let of_home = crate::edit::of_object("residency").filter(|_| !is_own);
                let field = own.chain(of_home).find(|f| f.column == change.column);
                let shown = |cell: &Cell| match field {
                    Some(field) => {
                        let plain = field.shown(cell, lists, lang);
                        if is_personal(object, field) {
                            mask_cell(&field.field, &plain)
                        } else {
                            plain
                        }
                    }
                    None => String::new(),
                };
                let name = match field {
                    Some(field) => field.label(lang).to_owned(),
                    // What a deed added as a whole: an import names its file.
                    None if change.column.is_empty() => change.title.clone(),
                    None => change.column.clone(),
                };
                (change.at, change.actor.clone(), name, shown(&change.before), shown(&change.after))
            })
            .collect();
        Ok(Some(RecordView { object, fields, history, seen }))
    }
}

/// What waits, and who works here.
pub struct WorkView {
    /// What waits.
    pub work: Work,
    /// Names of the staff.
    pub staff: Vec<String>,
    /// Names of the plans of visits.
    pub plans: Vec<String>,
}

/// What waits for somebody at an instant (UTC seconds); for everybody without a name.
pub struct AskWork(pub i64, pub Option<String>);

impl Query for AskWork {
    type Answer = WorkView;
    fn answer(self, desk: &mut Desk, _: &dyn Fn(Self::Answer)) -> Result<Self::Answer, Message> {
        let of = (&*desk.vocabulary, Some(&desk.derived.census));
        let work = told(work(&desk.reader, of, (self.0, desk.today), self.1.as_deref()))?;
        let staff = told(staff::names(&desk.reader, desk.today))?;
        let plans = told(visits::plans(&desk.reader))?;
        Ok(WorkView { work, staff, plans: plans.into_iter().map(|plan| plan.name).collect() })
    }
}

/// The last deeds.
pub struct AskDeeds;

impl Query for AskDeeds {
    type Answer = Vec<PastDeed>;
    fn answer(self, desk: &mut Desk, _: &dyn Fn(Self::Answer)) -> Result<Self::Answer, Message> {
        const MOST: u32 = 300;
        told(past_deeds(&desk.reader, MOST))
    }
}

/// Open events that may be the one that is being reported: building, position, category, now.
pub struct AskSimilar(
    pub Option<crate::domain::ids::BuildingId>,
    pub Option<crate::geo::LonLat>,
    pub Option<i64>,
    pub i64,
);

impl Query for AskSimilar {
    type Answer = Vec<EventLine>;
    fn answer(self, desk: &mut Desk, _: &dyn Fn(Self::Answer)) -> Result<Self::Answer, Message> {
        let found = told(similar(&desk.reader, (self.0, self.1), self.2, self.3))?;
        Ok(found.into_iter().map(|(line, _)| line).collect())
    }
}

/// The last visits to a room.
pub struct AskVisits(pub crate::domain::ids::RoomId);

impl Query for AskVisits {
    type Answer = Vec<VisitLine>;
    fn answer(self, desk: &mut Desk, _: &dyn Fn(Self::Answer)) -> Result<Self::Answer, Message> {
        told(last_visits(&desk.reader, None, Some(self.0)))
    }
}
