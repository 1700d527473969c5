//! What the window can ask of the session, and what it shows.

use crate::domain::ids::{BuildingId, DeedId, EventId, MatchJobId, PersonId, QueueRowId, RoomId};
use crate::domain::object::Object;
use crate::edit::Draft;
use crate::edit::save::Where;
use crate::store::events::{EventAct, NewEvent};
use crate::store::living::MoveIn;
use crate::store::visits::NewVisit;
use crate::text::Message;
use std::path::PathBuf;
use std::sync::Arc;

use super::UiCommand;
use crate::app::asks::extract::ExtractOrder;
use crate::app::asks::form::FormOrder;
use crate::app::asks::matches::MatchOrder;
use crate::app::asks::table::{AskPage, TableView};
use crate::domain::Lang;
use crate::domain::room_plan::RoomPlan;
use crate::geo::LonLat;
use crate::import::kinds::review::Decision;
use crate::import::{Kind, Request};
use crate::map::select::Combine;
use crate::map::style::MapTheme;
use crate::query::search::SearchAnswer;
use crate::query::table::TableKind;
use crate::query::{Filter, HouseholdCard};
use crate::store::Passphrase;
use crate::store::kept::ColumnSet;

/// What the right panel shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Card {
    /// A building, by row id.
    Building(BuildingId),
    /// A room, by row id.
    Room(RoomId),
    /// An event, by number.
    Event(String),
    /// Rows of lists that wait for a choice.
    Review,
    /// The selected buildings.
    Selection,
    /// What the filter leaves, in figures.
    Figures,
    /// A list that was matched.
    Match(MatchJobId),
    /// What waits.
    Work,
}

/// A household with its members' names in full.
pub struct HouseholdView {
    /// The answer.
    pub card: HouseholdCard,
    /// Names of the members, in their order.
    pub names: Vec<String>,
    /// `(person, phone, until when it is open)`.
    pub phones: Vec<(PersonId, String, i64)>,
}

/// What was found, with the names as they are shown: masked, or in full while names are open.
pub struct SearchView {
    /// The answer.
    pub answer: SearchAnswer,
    /// Names of the persons found, in their order.
    pub names: Vec<String>,
    /// Why names are not shown in full though they are open.
    pub problem: Option<Message>,
}

/// Names are shown in searches, as somebody has given a reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenNames {
    /// The reason.
    pub purpose: String,
    /// Until when, UTC seconds.
    pub until: i64,
}

/// Something that is done by hand; each is one deed.
pub enum Hand {
    /// Save a draft of a record.
    Save(Object, Draft),
    /// Add a record of a kind (its word), somewhere.
    Add(&'static str, Draft, Where),
    /// Take a record out, also where others speak of it.
    Delete(Object, bool),
    /// Move a person in: the room by code, unit and number, as it is typed.
    MoveIn(PersonId, MoveIn, [String; 3]),
    /// Move a person out, of one room or of all, on a day; the state they are in then.
    MoveOut(PersonId, Option<RoomId>, jiff::civil::Date, Option<i64>),
    /// Make a person the head of the household in a room.
    MakeHead(PersonId, RoomId),
    /// Make the households of a room one.
    JoinHouseholds(RoomId),
    /// Make the second record a part of the first.
    Merge(Object, Object),
    /// Report an event.
    Report(NewEvent),
    /// Act on an event, ask for something (`ask-extend`), or decide (`grant`, `deny`); the number of the
    /// event that it repeats.
    Act(EventId, EventAct, Option<String>),
    /// Write a visit down.
    Visit(NewVisit),
}

/// How a notice looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeKind {
    /// Good news.
    Done,
    /// Something failed.
    Failed,
}

/// Something to be read, copied and dismissed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// How it looks.
    pub kind: NoticeKind,
    /// The sentence, in English; localised when shown.
    pub text: Message,
    /// When it came, UTC seconds.
    pub at: i64,
    /// What can be done about it.
    pub offer: Option<Offer>,
}

/// What a notice offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offer {
    /// Take a deed back.
    Undo(DeedId),
    /// Put back what was taken back.
    Redo(DeedId),
    /// Open a workspace.
    Open(PathBuf),
}

/// What the window asks the session to do.
pub enum Action {
    /// A command that concerns the session.
    Command(UiCommand),
    /// Open a workspace.
    Open(PathBuf, Option<Passphrase>),
    /// Create a workspace and open it.
    Create(PathBuf, Option<Passphrase>),
    /// Save a copy.
    SaveCopy(PathBuf),
    /// Import a file.
    Import(Request),
    /// Stop a running job, by its place in the list.
    CancelJob(usize),
    /// Show a card; the one before can be gone back to.
    Show(Card),
    /// Select these buildings (row ids, sorted), or take them out.
    Select(Vec<BuildingId>, Combine),
    /// Choose nothing.
    Deselect,
    /// Go back to the card before.
    Back,
    /// Change the focus.
    Focus(Box<Filter>),
    /// Keep a filter under a name.
    KeepFilter(String, Box<Filter>),
    /// Forget a filter that is kept.
    ForgetFilter(String),
    /// Keep a choice of columns.
    KeepColumns(ColumnSet),
    /// The filter before this one, or after it.
    StepFilter(bool),
    /// Ask how many rows of a kind a filter leaves, for an extraction.
    PlanExtract(TableKind, Box<Filter>),
    /// Write an extraction.
    Extract(Box<ExtractOrder>),
    /// Ask which rows a table has.
    ShowTable(Box<TableView>),
    /// Ask for rows of it.
    ShowRows(Box<AskPage>),
    /// Copy rows of it.
    CopyRows(Box<AskPage>),
    /// Show where rows of it are.
    LocateRows(TableKind, Vec<i64>),
    /// Ask for the first of these rows that is in a building.
    FindRow(TableKind, Arc<[i64]>, BuildingId),
    /// Ask what the headings of a form mean.
    PlanForm(PathBuf, TableKind),
    /// Fill a form.
    FillForm(Box<FormOrder>),
    /// Match a list against the residents.
    MatchList(Box<MatchOrder>),
    /// Delete a list that was matched, with its result.
    PurgeMatch(MatchJobId),
    /// Save the result of the list that is shown.
    SaveMatch(PathBuf),
    /// Set grids (code and name) beside what the figures tell of.
    CompareGrids(Vec<(String, String)>),
    /// Print the figures that are shown.
    PrintFigures(PathBuf),
    /// Colour the buildings by something else.
    Theme(MapTheme),
    /// Search.
    Search(String),
    /// Show names in searches for a while, for a purpose.
    OpenNames(String),
    /// Show a member's phone number for a purpose.
    RevealPhone(RoomId, PersonId, String),
    /// Give up on an encrypted workspace.
    GiveUpLocked,
    /// Change the passphrase; `None` removes the encryption.
    Rekey(Option<Passphrase>),
    /// Look at a row of the queue: its candidates are shown on the map.
    LookAt(QueueRowId),
    /// Do something by hand.
    Hand(Box<Hand>),
    /// Ask for a record to be edited.
    AskRecord(Object),
    /// Ask what was done.
    AskDeeds,
    /// Ask for open events of a category that may be the same as one at a place.
    AskSimilar(Option<BuildingId>, Option<LonLat>, Option<i64>),
    /// Who acts from now on: a name of the staff, or the system's user.
    ActAs(Option<String>),
    /// Take a deed back.
    UndoImport(DeedId),
    /// Put back what was undone last.
    RedoImport(DeedId),
    /// Work out what a plan of rooms would make in these buildings; `None` for no plan yet.
    PlanRooms(Arc<[BuildingId]>, Option<RoomPlan>),
    /// Make the rooms of a plan in these buildings.
    MakeRooms(Arc<[BuildingId]>, RoomPlan),
    /// Settle a held row, or all like it.
    Settle(QueueRowId, Decision, bool),
    /// Save an empty list of a kind.
    SaveTemplate(Kind, PathBuf, Lang),
    /// Keep the columns of a list under a name.
    KeepMapping(Kind, String, Vec<(String, String)>),
    /// Save the import's report.
    SaveReport(PathBuf, Lang, Option<String>),
    /// Put the import's report away.
    CloseReport,
    /// Take a notice away.
    Dismiss(usize),
    /// Show a notice.
    Tell(NoticeKind, Message),
}
