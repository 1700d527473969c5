//! Records and events by hand: edits, moves, merges, steps, visits, and taking them back.

use std::path::{Path, PathBuf};

use menpai::access::{Actor, Stamp};
use menpai::domain::codes::CodeLists;
use menpai::domain::ids::{DeedId, PersonId, RoomId};
use menpai::domain::object::{Cell, Object};
use menpai::domain::workflow::event::{outcome, severity, state};
use menpai::edit::save::Where;
use menpai::edit::{Draft, EditError, add, delete, living, merging, save, values};
use menpai::import::Kind;
use menpai::query::event::event;
use menpai::query::event_list::{EventQuery, event_list};
use menpai::store::events::{self, EventAct, NewEvent};
use menpai::store::living::MoveIn;
use menpai::store::visits::{self, NewVisit};
use menpai::store::{OpenMode, StoreError, Workspace, deeds, lookup, named, undo};

use super::deeds::records;
use super::{NOW, request, run_import, stamp, today, write};

/// Four houses of rooms, five persons, in the fixture's grid.
pub fn workspace() -> (tempfile::TempDir, Workspace) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w.gpkg");
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/schema7.gpkg");
    std::fs::copy(fixture, &path).unwrap();
    let workspace = Workspace::open(&path, None, OpenMode::ReadWrite).unwrap();
    let list =
        "楼栋编码,单元,房号\nB0000001,1,201\nB0000002,1,101\nB0000002,1,102\nB0000003,,305\n";
    let list = write(folder.path(), "rooms.csv", list);
    run_import(&workspace, &request(Kind::Rooms, &list)).unwrap();
    let list = "姓名,证件号码,手机,楼栋编码,单元,房号,与户主关系,标签\n\
        张桂英,990101196203050023,14000000001,B0000002,1,101,户主,低保\n\
        李建国,99010119510615001X,14000000002,B0000002,1,101,配偶,\n\
        王小明,,14000000003,B0000002,1,102,户主,\n";
    let list = write(folder.path(), "persons.csv", list);
    let report = run_import(&workspace, &request(Kind::Persons, &list)).unwrap();
    assert_eq!(report.counts.rejected, 0, "{report:#?}");
    (folder, workspace)
}

fn person(w: &Workspace, name: &str) -> PersonId {
    named::persons_of_name(&w.reader().unwrap(), name).unwrap()[0]
}

fn room(w: &Workspace, code: &str, unit: Option<&str>, no: &str) -> RoomId {
    let reader = w.reader().unwrap();
    let building = lookup::building_id(&reader, code).unwrap().unwrap();
    match lookup::find_room(&reader, building, unit, no).unwrap() {
        lookup::RoomMatch::One(id) => id,
        other => panic!("{code} {no}: {other:?}"),
    }
}

fn set(w: &Workspace, object: Object, pairs: &[(&str, &str)]) -> Result<DeedId, EditError> {
    let pairs: Vec<(String, String)> =
        pairs.iter().map(|(f, t)| ((*f).to_owned(), (*t).to_owned())).collect();
    let draft = Draft::of_pairs(object.word(), &pairs).unwrap();
    save(w, &stamp(), (object, &draft), (&CodeLists::shipped(), today())).map(|s| s.deed_id)
}

fn cell(w: &Workspace, object: Object, field: &str) -> Cell {
    let all = values(&w.reader().unwrap(), object).unwrap().unwrap();
    all.into_iter().find(|(f, _)| f.field == field).unwrap().1
}

fn undo_last(w: &Workspace) -> undo::Undone {
    let last = deeds::last_undoable(&w.reader().unwrap()).unwrap().unwrap();
    w.write(&stamp(), |tx| undo::undo(tx, last)).unwrap()
}

fn redo_last(w: &Workspace) -> undo::Undone {
    let last = deeds::last_redoable(&w.reader().unwrap()).unwrap().unwrap();
    w.write(&stamp(), |tx| undo::redo(tx, last)).unwrap()
}

fn sound(w: &Workspace) {
    for result in menpai::store::check::run(&w.reader().unwrap()).unwrap() {
        assert!(result.findings.is_empty(), "{result:?}");
    }
}

/// Does something, takes it back, puts it back and takes it back again: nothing of it is left.
fn there_and_back(w: &Workspace, what: impl FnOnce()) {
    let before = records(&w.reader().unwrap());
    what();
    let after = records(&w.reader().unwrap());
    assert_ne!(before, after, "nothing was done");
    for _ in 0..2 {
        undo_last(w);
        super::deeds::same(&records(&w.reader().unwrap()), &before, "undo");
        redo_last(w);
        super::deeds::same(&records(&w.reader().unwrap()), &after, "redo");
    }
    undo_last(w);
    sound(w);
}

#[test]
fn a_phone_is_changed_and_taken_back() {
    let (_folder, w) = workspace();
    let zhang = Object::Person(person(&w, "张桂英"));
    there_and_back(&w, || {
        assert!(set(&w, zhang, &[("phone", "139 0000 0009")]).unwrap().is_some());
        assert_eq!(cell(&w, zhang, "phone"), Cell::Text("13900000009".into()));
    });
    assert_eq!(cell(&w, zhang, "phone"), Cell::Text("14000000001".into()));
    // What is so already is no deed.
    assert!(!set(&w, zhang, &[("phone", "14000000001")]).unwrap().is_some());
}

#[test]
fn what_an_import_refuses_is_refused_by_hand() {
    let (_folder, w) = workspace();
    let zhang = Object::Person(person(&w, "张桂英"));
    let refused = |pairs: &[(&str, &str)]| match set(&w, zhang, pairs) {
        Err(error @ EditError::Refused(_)) => error.message().to_string(),
        other => panic!("{pairs:?}: {other:?}"),
    };
    let before = records(&w.reader().unwrap());
    assert_eq!(refused(&[("name", "")]), "name: this cannot be left empty");
    assert_eq!(
        refused(&[("id_no", "990101196203050024")]),
        "id_no: the check character of the ID number is wrong"
    );
    assert_eq!(
        refused(&[("id_no", "99010119510615001X")]),
        "id_no: another person has this number"
    );
    assert_eq!(refused(&[("birth_date", "2062-01-01")]), "birth_date: this day is still to come");
    super::deeds::same(&records(&w.reader().unwrap()), &before, "nothing was changed");
    // The ID number says the sex and the day, whatever is typed beside it.
    let wang = Object::Person(person(&w, "王小明"));
    set(&w, wang, &[("id_no", "990101199001010019"), ("sex", "female")]).unwrap();
    assert_eq!(cell(&w, wang, "sex"), Cell::Int(1));
    assert_eq!(cell(&w, wang, "birth_date"), Cell::Text("1990-01-01".into()));
}

#[test]
fn two_windows_edit_one_person() {
    let (_folder, w) = workspace();
    let zhang = Object::Person(person(&w, "张桂英"));
    let lists = CodeLists::shipped();
    let seen = values(&w.reader().unwrap(), zhang).unwrap().unwrap();
    let draft = |pairs: &[(&str, &str)]| {
        let pairs: Vec<(String, String)> =
            pairs.iter().map(|(f, t)| ((*f).to_owned(), (*t).to_owned())).collect();
        Draft { seen: seen.clone(), ..Draft::of_pairs("person", &pairs).unwrap() }
    };
    // The other window changes the phone.
    set(&w, zhang, &[("phone", "14000000077")]).unwrap();
    let mine = draft(&[("phone", "14000000088"), ("name", "张桂英")]);
    match save(&w, &stamp(), (zhang, &mine), (&lists, today())) {
        Err(EditError::Conflict(conflicts)) => {
            assert_eq!(conflicts.len(), 1);
            assert_eq!(conflicts[0].seen, Cell::Text("14000000001".into()));
            assert_eq!(conflicts[0].theirs, Cell::Text("14000000077".into()));
            assert_eq!(conflicts[0].yours, Cell::Text("14000000088".into()));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(cell(&w, zhang, "phone"), Cell::Text("14000000077".into()));
    // What I did not touch is not put back to what I saw.
    let mine = draft(&[("phone", "14000000001"), ("status", "moved_out")]);
    save(&w, &stamp(), (zhang, &mine), (&lists, today())).unwrap();
    assert_eq!(cell(&w, zhang, "phone"), Cell::Text("14000000077".into()));
    assert_eq!(cell(&w, zhang, "status"), Cell::Int(2));
}

#[test]
fn people_move_in_out_and_within() {
    let (_folder, w) = workspace();
    let li = person(&w, "李建国");
    let to = MoveIn {
        room_id: room(&w, "B0000003", None, "305"),
        since: jiff::civil::date(2026, 11, 1),
        household_no: None,
        relation: Some(0),
        role: None,
        is_second_home: false,
    };
    there_and_back(&w, || {
        living::move_in(&w, &stamp(), li, &to).unwrap();
        let homes = menpai::store::living::homes(&w.reader().unwrap(), li).unwrap();
        assert_eq!(homes.len(), 1);
        assert_eq!(homes[0].room_id, to.room_id);
    });
    there_and_back(&w, || {
        living::move_in(&w, &stamp(), li, &MoveIn { is_second_home: true, ..to.clone() }).unwrap();
        assert_eq!(menpai::store::living::homes(&w.reader().unwrap(), li).unwrap().len(), 2);
    });
    there_and_back(&w, || {
        let zhang = person(&w, "张桂英");
        living::move_out(&w, &stamp(), (zhang, None), (today(), Some(2))).unwrap();
        assert!(menpai::store::living::homes(&w.reader().unwrap(), zhang).unwrap().is_empty());
    });
    let again = living::move_in(
        &w,
        &stamp(),
        li,
        &MoveIn { room_id: room(&w, "B0000002", Some("1"), "101"), ..to.clone() },
    );
    assert!(matches!(again, Err(StoreError::Record(_))), "{again:?}");
    let late = MoveIn { since: jiff::civil::date(2027, 1, 1), ..to };
    assert!(living::move_in(&w, &stamp(), li, &late).is_err());
}

#[test]
fn households_heads_and_records_are_joined_and_split() {
    let (_folder, w) = workspace();
    let home = room(&w, "B0000002", Some("1"), "101");
    let li = person(&w, "李建国");
    there_and_back(&w, || {
        let _ = living::make_head(&w, &stamp(), li, home).unwrap();
    });
    there_and_back(&w, || {
        living::split_household(&w, &stamp(), (home, &[li]), "2").unwrap();
    });
    living::split_household(&w, &stamp(), (home, &[li]), "2").unwrap();
    there_and_back(&w, || {
        let _ = living::join_households(&w, &stamp(), home).unwrap();
    });
    // 王小明 and a second record of him.
    let twin = Draft::of_pairs(
        "person",
        &[("name".into(), "王小明".into()), ("birth_date".into(), "1990-01-01".into())],
    )
    .unwrap();
    let place = Where { room_id: Some(room(&w, "B0000003", None, "305")), building_id: None };
    let saved =
        add(&w, &stamp(), ("person", &twin, place), (&CodeLists::shipped(), today())).unwrap();
    let first = Object::Person(person(&w, "王小明"));
    there_and_back(&w, || {
        merging::merge(&w, &stamp(), first, saved.object).unwrap();
        assert_eq!(cell(&w, first, "birth_date"), Cell::Text("1990-01-01".into()));
        assert!(values(&w.reader().unwrap(), saved.object).unwrap().is_none());
    });
    let zhang = Object::Person(person(&w, "张桂英"));
    let both = merging::merge(&w, &stamp(), zhang, Object::Person(li));
    assert!(both.unwrap_err().to_string().contains("two different ID numbers"));
}

#[test]
fn rooms_buildings_and_tags_by_hand() {
    let (_folder, w) = workspace();
    let home = Object::Room(room(&w, "B0000002", Some("1"), "101"));
    there_and_back(&w, || {
        set(&w, home, &[("status", "出租"), ("area_m2", "88.5"), ("floor", "3"), ("unit", "2")])
            .unwrap();
        assert_eq!(cell(&w, home, "unit"), Cell::Text("2".into()));
        assert_eq!(cell(&w, home, "floor"), Cell::Text("3".into()));
    });
    assert!(set(&w, home, &[("room_no", "102")]).is_err());
    let reader = w.reader().unwrap();
    let house = Object::Building(lookup::building_id(&reader, "B0000002").unwrap().unwrap());
    there_and_back(&w, || {
        let _ = set(&w, house, &[("estate", "新苑"), ("floors_above", "7")]).unwrap();
    });
    let zhang = Object::Person(person(&w, "张桂英"));
    there_and_back(&w, || {
        let tags = vec![("独居老人".into(), true), ("低保".into(), false)];
        let draft = Draft { tags, ..Draft::default() };
        save(&w, &stamp(), (zhang, &draft), (&CodeLists::shipped(), today())).unwrap();
    });
    let gone = delete(&w, &stamp(), house, false);
    assert!(gone.unwrap_err().message().to_string().contains("room 2"));
    there_and_back(&w, || {
        let _ = delete(&w, &stamp(), house, true).unwrap();
    });
}

/// Reports a simple event in a building.
fn report(w: &Workspace, at: i64) -> (menpai::domain::ids::EventId, String) {
    let reader = w.reader().unwrap();
    let new = NewEvent {
        title: "路灯不亮".into(),
        category: 12,
        severity: Some(severity::SIMPLE),
        called_at: Some(at),
        building_id: lookup::building_id(&reader, "B0000002").unwrap(),
        ..NewEvent::default()
    };
    w.write(&Stamp { at, ..stamp() }, |tx| events::report(tx, &new)).unwrap()
}

fn act(w: &Workspace, no: &str, action: &str, at: i64, more: EventAct) -> Result<(), StoreError> {
    let event_id = events::event_id(&w.reader().unwrap(), no).unwrap().unwrap();
    let act = EventAct { action: action.to_owned(), ..more };
    w.write(&Stamp { at, ..stamp() }, |tx| match action {
        "grant" | "deny" => events::decide(tx, event_id, None, action == "grant", &act),
        _ => match action.strip_prefix("ask-") {
            Some(kind) => {
                let (_, entry) = events::request(tx, event_id, kind, &act)?;
                Ok(((), entry))
            }
            None => events::act_on(tx, event_id, &act),
        },
    })
}

fn state_of(w: &Workspace, no: &str, at: i64) -> i64 {
    event(&w.reader().unwrap(), no, at).unwrap().unwrap().state
}

#[test]
fn an_event_from_report_to_closing_and_back() {
    let (_folder, w) = workspace();
    let (event_id, no) = report(&w, NOW);
    assert_eq!(no, "20261123-G01-0001");
    let none = EventAct::default;
    for (minutes, action, expect) in [
        (1, "accept", state::ACCEPTED),
        (2, "dispatch", state::DISPATCHED),
        (4, "arrive", state::DISPATCHED),
        (5, "start", state::HANDLING),
        (30, "solve", state::TO_CHECK),
        (40, "check", state::TO_CHECK),
        (50, "close", state::CLOSED),
    ] {
        act(&w, &no, action, NOW + minutes * 60, none()).unwrap();
        assert_eq!(state_of(&w, &no, NOW + minutes * 60), expect, "{action}");
    }
    let card = event(&w.reader().unwrap(), &no, NOW + 3_600).unwrap().unwrap();
    assert_eq!(card.outcome, Some(outcome::SOLVED));
    assert_eq!(card.due_at, None);
    assert!(act(&w, &no, "solve", NOW + 3_600, none()).is_err());
    // Taking the closing back writes a counter-step, and nothing goes.
    let steps = card.steps.len();
    undo_last(&w);
    let card = event(&w.reader().unwrap(), &no, NOW + 3_600).unwrap().unwrap();
    assert_eq!((card.state, card.outcome, card.steps.len()), (state::TO_CHECK, None, steps + 1));
    redo_last(&w);
    let card = event(&w.reader().unwrap(), &no, NOW + 3_600).unwrap().unwrap();
    assert_eq!((card.state, card.outcome), (state::CLOSED, Some(outcome::SOLVED)));
    assert_eq!(card.steps.len(), steps + 2);
    // Only its author, only the last one.
    let last = deeds::last_undoable(&w.reader().unwrap()).unwrap().unwrap();
    let other = Stamp { actor: Actor::new("somebody else"), ..stamp() };
    assert!(w.write(&other, |tx| undo::undo(tx, last)).is_err());
    let earlier = DeedId(last.0 - 3);
    assert!(w.write(&stamp(), |tx| undo::undo(tx, earlier)).is_err());
    assert_eq!(events::steps(&w.reader().unwrap(), event_id).unwrap().len(), steps + 2);
    sound(&w);
}

#[test]
fn what_is_typed_about_an_event_is_kept_without_what_is_not_seen() {
    let (_folder, w) = workspace();
    let new = NewEvent {
        title: "路灯\n不亮\u{202E} \u{1B}[31m🚧\u{200B}".into(),
        text: Some("\u{FEFF}第一行\n第二行\u{202E} ".into()),
        category: 12,
        ..NewEvent::default()
    };
    let (_, no) = w.write(&stamp(), |tx| events::report(tx, &new)).unwrap();
    let card = event(&w.reader().unwrap(), &no, NOW).unwrap().unwrap();
    assert_eq!(
        (card.title.as_str(), card.text.as_deref()),
        ("路灯 不亮 [31m🚧", Some("第一行\n第二行"))
    );
    let only_unseen = NewEvent { title: "\u{200B}\u{202E}".into(), ..new };
    w.write(&stamp(), |tx| events::report(tx, &only_unseen)).unwrap_err();
}

#[test]
fn a_report_that_is_taken_back_is_withdrawn() {
    let (_folder, w) = workspace();
    let (_, no) = report(&w, NOW);
    undo_last(&w);
    let card = event(&w.reader().unwrap(), &no, NOW).unwrap().unwrap();
    assert_eq!((card.state, card.outcome), (state::CANCELLED, Some(outcome::WITHDRAWN)));
    redo_last(&w);
    assert_eq!(state_of(&w, &no, NOW), state::PENDING);
    sound(&w);
}

#[test]
fn requests_are_asked_for_and_decided() {
    let (_folder, w) = workspace();
    let (_, no) = report(&w, NOW);
    let until = EventAct { until: Some(NOW + 6 * 3_600), ..EventAct::default() };
    act(&w, &no, "ask-extend", NOW + 60, until.clone()).unwrap();
    assert!(act(&w, &no, "ask-extend", NOW + 70, until.clone()).is_err());
    let due = |w: &Workspace| event(&w.reader().unwrap(), &no, NOW).unwrap().unwrap().clocks[1].due;
    assert_eq!(due(&w), Some(NOW + 40 * 60));
    act(&w, &no, "grant", NOW + 120, EventAct::default()).unwrap();
    assert_eq!(due(&w), Some(NOW + 6 * 3_600));
    // In every open state, pending included; it ends by itself.
    let pause = EventAct { until: Some(NOW + 7_200), ..EventAct::default() };
    act(&w, &no, "suspend", NOW + 180, pause).unwrap();
    assert_eq!(state_of(&w, &no, NOW + 7_199), state::SUSPENDED);
    assert_eq!(state_of(&w, &no, NOW + 7_200), state::PENDING);
    act(&w, &no, "accept", NOW + 7_300, EventAct::default()).unwrap();
    let regrade = EventAct { severity: Some(severity::COMPLEX), ..EventAct::default() };
    act(&w, &no, "ask-regrade", NOW + 7_400, regrade).unwrap();
    act(&w, &no, "deny", NOW + 7_500, EventAct::default()).unwrap();
    let card = event(&w.reader().unwrap(), &no, NOW + 7_600).unwrap().unwrap();
    assert_eq!(card.severity, Some(severity::SIMPLE));
    let decisions: Vec<_> = card.requests.iter().filter_map(|r| r.decision.as_deref()).collect();
    assert_eq!(decisions, ["granted", "denied"]);
    assert!(act(&w, &no, "grant", NOW + 7_700, EventAct::default()).is_err());
}

#[test]
fn duplicates_overdue_and_a_new_promise() {
    let (_folder, w) = workspace();
    let (first, no) = report(&w, NOW);
    let (_, again) = report(&w, NOW + 60);
    assert_eq!(again, "20261123-G01-0002");
    let of =
        EventAct { outcome: Some(outcome::DUPLICATE), other: Some(first), ..EventAct::default() };
    let without = EventAct { outcome: Some(outcome::DUPLICATE), ..EventAct::default() };
    assert!(act(&w, &again, "close", NOW + 120, without).is_err());
    act(&w, &again, "close", NOW + 120, of).unwrap();
    let card = event(&w.reader().unwrap(), &no, NOW + 200).unwrap().unwrap();
    assert_eq!(card.duplicates, [again]);
    let overdue = EventQuery { is_overdue: true, ..EventQuery::default() };
    let late = |at: i64| {
        let lines = event_list(&w.reader().unwrap(), &overdue, at).unwrap();
        lines.iter().filter(|line| line.no == no).count()
    };
    assert_eq!((late(NOW + 299), late(NOW + 301)), (0, 1));
    // A new promise holds for what comes from now on.
    let change = menpai::store::clock_change::ClockChange {
        slots: menpai::domain::workflow::calendar::parse_slots("09:00-10:00").ok(),
        unset: vec![(severity::SIMPLE, menpai::domain::workflow::clock::Milestone::Arrival)],
        ..Default::default()
    };
    let entry = || menpai::access::AuditEntry::done("clock", "deadlines");
    w.write(&stamp(), |tx| {
        menpai::store::clock_change::change(tx, &change).map(|()| ((), entry()))
    })
    .unwrap();
    assert_eq!(event(&w.reader().unwrap(), &no, NOW).unwrap().unwrap().clocks.len(), 2);
    let (_, third) = report(&w, NOW + 300);
    assert_eq!(event(&w.reader().unwrap(), &third, NOW + 300).unwrap().unwrap().clocks.len(), 1);
}

#[test]
fn everything_open_is_handed_over_and_redo_goes_on() {
    let (_folder, w) = workspace();
    let (_, no) = report(&w, NOW);
    let to = |name: &str| EventAct { handler: Some(name.into()), ..EventAct::default() };
    act(&w, &no, "accept", NOW + 60, EventAct::default()).unwrap();
    act(&w, &no, "dispatch", NOW + 120, to("王芳")).unwrap();
    let handler =
        |w: &Workspace| event(&w.reader().unwrap(), &no, NOW + 300).unwrap().unwrap().handler;
    let count = w.write(&stamp(), |tx| events::hand_over(tx, "王芳", "李强")).unwrap();
    assert_eq!((count, handler(&w).as_deref()), (1, Some("李强")));
    assert!(w.write(&stamp(), |tx| events::hand_over(tx, "王芳", "李强")).is_err());
    // Three steps back, and three on again.
    for _ in 0..3 {
        undo_last(&w);
    }
    assert_eq!((state_of(&w, &no, NOW), handler(&w)), (state::PENDING, None));
    for _ in 0..3 {
        redo_last(&w);
    }
    assert_eq!(state_of(&w, &no, NOW), state::DISPATCHED);
    assert_eq!(handler(&w).as_deref(), Some("李强"));
    // What ends something cannot lie before it; what a list brought as handled can be closed as solved.
    let until = EventAct { until: Some(NOW + 9_000), at: Some(NOW + 400), ..EventAct::default() };
    act(&w, &no, "suspend", NOW + 500, until).unwrap();
    let early = EventAct { at: Some(NOW + 300), ..EventAct::default() };
    assert!(act(&w, &no, "resume", NOW + 600, early).is_err());
    let solved = EventAct { outcome: Some(outcome::SOLVED), ..EventAct::default() };
    act(&w, "E5", "close", NOW, solved).unwrap();
    sound(&w);
}

#[test]
fn older_events_keep_their_meaning() {
    let (_folder, w) = workspace();
    let reader = w.reader().unwrap();
    let of = |no: &str| event(&reader, no, NOW).unwrap().unwrap();
    let states: Vec<i64> = (1..=8).map(|n| of(&format!("E{n}")).state).collect();
    assert_eq!(
        states,
        [
            state::PENDING,
            state::HANDLING,
            state::HANDLING,
            state::TO_CHECK,
            state::TO_CHECK,
            state::TO_DISPATCH,
            state::REFUSED,
            state::CLOSED,
        ]
    );
    assert_eq!(of("E1").severity, Some(severity::SIMPLE));
    assert_eq!(of("E3").requests[0].kind, "extend");
    assert_eq!(of("E1").called_at, of("E1").reported_at);
    // An hour of working time was promised for general events; the rest is the source's.
    let deadlines = menpai::store::deadlines::Deadlines::read(&reader).unwrap();
    let policy = &deadlines.of(Some(1)).unwrap().policy;
    use menpai::domain::workflow::calendar::Counting;
    use menpai::domain::workflow::clock::Milestone::Solution;
    let general = policy.allowance(severity::GENERAL, Solution).unwrap();
    assert_eq!((general.minutes, general.counting), (60, Counting::Working));
    let complex = policy.allowance(severity::COMPLEX, Solution).unwrap();
    assert_eq!((complex.minutes, complex.counting), (2_880, Counting::Always));
    sound(&w);
}

#[test]
fn an_older_file_is_read_as_the_newest_without_being_changed() {
    let folder = tempfile::tempdir().unwrap();
    for version in [1, 2, 3, 4, 7] {
        let path: PathBuf = folder.path().join(format!("old{version}.gpkg"));
        let fixture = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join(format!("tests/fixtures/schema{version}.gpkg"));
        std::fs::copy(fixture, &path).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        {
            let w = Workspace::open(&path, None, OpenMode::ReadOnly).unwrap();
            let reader = w.reader().unwrap();
            let all = EventQuery { is_all: true, ..EventQuery::default() };
            for line in event_list(&reader, &all, NOW).unwrap() {
                assert!(event(&reader, &line.no, NOW).unwrap().is_some(), "{version}");
            }
            for result in menpai::store::check::run(&reader).unwrap() {
                assert!(!result.is_damage(), "{version}: {result:?}");
            }
        }
        assert_eq!(std::fs::read(&path).unwrap(), bytes, "{version}");
    }
}

#[test]
fn visits_are_record_and_nobody_at_home_is_an_attempt() {
    let (_folder, w) = workspace();
    let zhang = person(&w, "张桂英");
    let plan = visits::Plan {
        name: "低保月访".into(),
        filter: r#"{"version":1,"tags":{"any":["low_income"]}}"#.into(),
        every_days: 30,
        window_days: 5,
        since: Some("2026-11-01".into()),
        ..visits::Plan::default()
    };
    let vocabulary = menpai::query::Vocabulary::read(&w.reader().unwrap()).unwrap();
    let filter = menpai::query::Filter::of_json(&plan.filter);
    let mut wanted = filter.unwrap_or_default();
    if wanted.is_empty() {
        wanted.toggle_tag("low_income");
    }
    let plan = visits::Plan { filter: wanted.json(), ..plan };
    w.write(&stamp(), |tx| visits::keep_plan(tx, &plan)).unwrap();
    let states = |day: jiff::civil::Date| {
        let reader = w.reader().unwrap();
        let census = menpai::query::Census::read(&reader, &vocabulary).unwrap();
        let tasks =
            menpai::query::visits::visit_tasks(&reader, (&vocabulary, &census), day, (None, true));
        tasks.unwrap().iter().map(|t| (t.person_id, t.state, t.attempts)).collect::<Vec<_>>()
    };
    use menpai::domain::workflow::visit::{found, state};
    let day = jiff::civil::date;
    assert_eq!(states(day(2026, 11, 3)), [(zhang, state::DUE, 0)]);
    assert_eq!(states(today()), [(zhang, state::MISSED, 0)]);
    let visit = |found: i64| NewVisit { person_id: Some(zhang), found, ..NewVisit::default() };
    w.write(&stamp(), |tx| visits::record(tx, &visit(found::ABSENT))).unwrap();
    assert_eq!(states(today()), [(zhang, state::MISSED, 1)]);
    w.write(&stamp(), |tx| visits::record(tx, &visit(found::FOUND))).unwrap();
    assert_eq!(states(today()), [(zhang, state::NOT_DUE, 0)]);
    assert_eq!(states(day(2026, 12, 24)), [(zhang, state::DUE, 0)]);
    assert_ne!(cell(&w, Object::Person(zhang), "verified_at"), Cell::Empty);
    // Taken back, it is marked and counts no more.
    undo_last(&w);
    assert_eq!(states(today()), [(zhang, state::MISSED, 1)]);
    assert_eq!(cell(&w, Object::Person(zhang), "verified_at"), Cell::Empty);
    redo_last(&w);
    assert_eq!(states(today()), [(zhang, state::NOT_DUE, 0)]);
    sound(&w);
}
