//! What the cards show: a building, its residents, a household, an event.

use std::sync::Arc;

use crate::access::{HOUSEHOLD_CARD, Reveal, Stamp};
use crate::app::HouseholdView;
use crate::app::ask::Query;
use crate::app::desk::{Desk, told};
use crate::domain::ids::{BuildingId, PersonId, RoomId};
use crate::query::event::EventCard;
use crate::query::statistics::{PersonLine, residents_of};
use crate::query::{self, HouseholdCard, Overview};
use crate::store::bulk;
use crate::text::Message;

/// A building, by row id.
pub struct AskOverview(pub BuildingId);

impl Query for AskOverview {
    type Answer = Option<Overview>;
    fn answer(self, desk: &mut Desk, _: &dyn Fn(Self::Answer)) -> Result<Self::Answer, Message> {
        told(query::overview(&desk.reader, &desk.vocabulary, self.0))
    }
}

/// The residents of a building, by its row id.
pub struct AskRoster(pub BuildingId);

impl Query for AskRoster {
    type Answer = Arc<[PersonLine]>;
    fn answer(self, desk: &mut Desk, _: &dyn Fn(Self::Answer)) -> Result<Self::Answer, Message> {
        told(residents_of(&desk.reader, &desk.vocabulary, self.0, desk.today)).map(Arc::from)
    }
}

/// An event, by number, as it stands at an instant (UTC seconds).
pub struct AskEvent(pub String, pub i64);

impl Query for AskEvent {
    type Answer = Option<EventCard>;
    fn answer(self, desk: &mut Desk, _: &dyn Fn(Self::Answer)) -> Result<Self::Answer, Message> {
        told(query::event(&desk.reader, &self.0, self.1))
    }
}

/// A room's household; opens the members' names and writes that into the audit log.
pub struct AskHousehold {
    /// Row id.
    pub room_id: RoomId,
    /// Who looks, and when.
    pub stamp: Stamp,
}

impl Query for AskHousehold {
    type Answer = Option<HouseholdView>;
    const IS_EACH_ANSWERED: bool = true;

    /// The card with the members' names in full, which the household card is allowed to show;
    /// masked where that cannot be written down, as while an import writes: the thread answers on.
    fn answer(self, desk: &mut Desk, _: &dyn Fn(Self::Answer)) -> Result<Self::Answer, Message> {
        let Self { room_id, stamp } = self;
        let found = query::household(&desk.reader, &desk.vocabulary, room_id, desk.today);
        let Some(card) = told(found)? else { return Ok(None) };
        let masked =
            |card: &HouseholdCard| card.members.iter().map(|m| m.name.masked()).collect::<Vec<_>>();
        let names = if card.members.is_empty() || desk.workspace.read_only_reason().is_some() {
            masked(&card)
        } else {
            let mut reveal = Reveal::new(&format!("room/{room_id}"), HOUSEHOLD_CARD);
            let open: Vec<String> =
                card.members.iter().map(|m| reveal.open(&m.name).to_owned()).collect();
            match desk.workspace.write_now(&stamp, |_| Ok(((), reveal.finish()))) {
                Ok(()) => open,
                Err(_) => masked(&card),
            }
        };
        Ok(Some(HouseholdView { card, names, phones: Vec::new() }))
    }
}

/// One phone number of a household's member, for a purpose.
pub struct RevealPhone {
    /// Row id of the room.
    pub room_id: RoomId,
    /// Row id of the member.
    pub person_id: PersonId,
    /// Why.
    pub purpose: String,
    /// Who asks, and when.
    pub stamp: Stamp,
}

impl Query for RevealPhone {
    /// Person, phone in full.
    type Answer = (PersonId, String);
    const IS_EACH_ANSWERED: bool = true;

    fn answer(self, desk: &mut Desk, _: &dyn Fn(Self::Answer)) -> Result<Self::Answer, Message> {
        let Self { room_id, person_id, purpose, stamp } = self;
        let found = query::household(&desk.reader, &desk.vocabulary, room_id, desk.today);
        let card = told(found)?.ok_or("the room was deleted meanwhile")?;
        let member = card
            .members
            .iter()
            .find(|m| m.person_id == person_id)
            .ok_or("the person has moved meanwhile")?;
        let field = member.phone.as_ref().ok_or("no phone number is recorded")?;
        let mut reveal = Reveal::new(&format!("person/{person_id}"), &purpose);
        let text = reveal.open(field).replace(';', "; ");
        told(desk.workspace.write_now(&stamp, |tx| {
            bulk::check_reveals(tx, &stamp)?;
            Ok(((), reveal.finish()))
        }))?;
        Ok((person_id, text))
    }
}
