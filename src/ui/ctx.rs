//! What every panel gets to read, and how it says what it wants done.

use std::sync::Arc;

use crate::app::settings::Bookmark;
use crate::app::{Action, Card, Session, Settings, UiCommand};
use crate::domain::ids::{BuildingId, EventId, PersonId, RoomId};
use crate::domain::object::Object;
use crate::edit::save::Where;
use crate::geo::BBox;
use crate::geo::LonLat;
use crate::query::Filter;
use crate::query::table::TableKind;
use crate::text::workflow::label;
use crate::text::{Lang, Text};

/// What panels get: the session to read, and a list for what they want done.
pub(crate) struct Ctx<'a> {
    pub(crate) session: &'a Session,
    pub(crate) lang: Lang,
    pub(crate) wishes: &'a mut Vec<Wish>,
}

impl Ctx<'_> {
    pub(crate) fn t(&self, text: Text) -> &'static str {
        self.lang.t(text)
    }

    /// The name of whoever acted; of nobody in particular, a word for that.
    pub(crate) fn actor<'b>(&self, name: &'b str) -> &'b str {
        label("actor", name, self.lang)
    }

    pub(crate) fn act(&mut self, action: Action) {
        self.wishes.push(Wish::Session(action));
    }

    pub(crate) fn command(&mut self, command: UiCommand) {
        self.wishes.push(Wish::Command(command));
    }

    /// Shows a building and brings it into view.
    pub(crate) fn go_to_building(&mut self, building_id: BuildingId) {
        self.act(Action::Show(Card::Building(building_id)));
        self.wishes.push(Wish::FlyToBuilding(building_id));
    }
}

/// What a panel wants done.
pub(crate) enum Wish {
    /// By the session.
    Session(Action),
    /// By the window or the session.
    Command(UiCommand),
    /// By the map.
    FlyToBuilding(BuildingId),
    /// By the map.
    FlyTo(BBox),
    /// By the map.
    GoTo(Bookmark),
    /// By the settings.
    Settings(Box<dyn FnOnce(&mut Settings)>),
    /// By the dialogs: show a phone number of `(room, person)`.
    AskReveal(RoomId, PersonId),
    /// By the dialogs: why names are to be shown in searches.
    AskNames,
    /// By the dialogs: extract rows of a kind under a filter.
    Extract(TableKind, Box<Filter>),
    /// By the dialogs: where the figures are printed.
    PrintFigures,
    /// By the dialogs: the people of every door under a filter, on paper.
    Roster(Box<Filter>),
    /// By the dialogs: where the result of a list that was matched is saved.
    SaveMatch,
    /// By the dialogs: make rooms.
    MakeRooms(RoomsWish),
    /// By the dialogs: edit a record; codes of the tags that a person has.
    EditRecord(Object, Vec<String>),
    /// By the dialogs: add a record of a kind somewhere.
    AddRecord(&'static str, Where),
    /// By the dialogs: report an event.
    ReportEvent(ReportPlace),
    /// By the dialogs: act on an event: its number, the act, its state.
    ActOnEvent(EventId, String, String, i64),
    /// By the dialogs: move a person (with their name) out of a room, or elsewhere.
    Move(PersonId, String, RoomId, bool),
    /// By the dialogs: a visit to a room: what it is called, who lives there, whom it is about.
    Visit(RoomId, String, Vec<(PersonId, String)>, Option<PersonId>),
}

/// Where an event is that is to be reported.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ReportPlace {
    pub(crate) building_id: Option<BuildingId>,
    pub(crate) room_id: Option<RoomId>,
    pub(crate) at: Option<LonLat>,
    /// What the place is called.
    pub(crate) words: String,
}

/// Buildings that rooms are to be made in, as the dialog is opened.
pub(crate) struct RoomsWish {
    /// Row ids.
    pub(crate) buildings: Arc<[BuildingId]>,
    /// What they are called.
    pub(crate) title: String,
    /// Their units as far as known, separated by commas.
    pub(crate) units: String,
}
