//! What is derived of a workspace: brought up to date row by row it is what a scan makes anew, and
//! a small commit costs no scan.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use menpai::access::{Actor, AuditEntry};
use menpai::app::{Action, Card, Session, Settings};
use menpai::derived::{Derived, Vocabulary};
use menpai::domain::ids::QueueRowId;
use menpai::domain::ids::{BuildingId, RoomId};
use menpai::import::Kind;
use menpai::import::kinds::review::{Decision, settle};
use menpai::map::Scene;
use menpai::query::search::{Index, search_in};
use menpai::query::{Filter, FocusAnswer, review};
use menpai::store::changes::{ChangeSet, News};
use menpai::store::{OpenMode, Reader, Workspace, undo};

use super::import::{Fixture, estate};
use super::{NOW, stamp, today};

/// Something derived, kept up to date with a workspace.
struct Kept<'a> {
    workspace: &'a Workspace,
    reader: Reader,
    vocabulary: Vocabulary,
    derived: Derived,
    scene: Scene,
    seen: i64,
}

impl<'a> Kept<'a> {
    fn of(workspace: &'a Workspace) -> Self {
        let reader = workspace.reader().unwrap();
        let vocabulary = Vocabulary::read(&reader).unwrap();
        let derived = Derived::read(&reader, &vocabulary).unwrap();
        let (seen, _) = Workspace::news(&reader, 0).unwrap();
        let scene = Scene::read(workspace).unwrap();
        Self { workspace, reader, vocabulary, derived, scene, seen }
    }

    fn focus(&self, filter: &Filter) -> FocusAnswer {
        self.derived.census.focus(&super::condition(&self.reader, &self.vocabulary, filter))
    }

    fn commits(&mut self) -> Vec<ChangeSet> {
        let (last, news) = Workspace::news(&self.reader, self.seen).unwrap();
        self.seen = last;
        let News::Changes(commits) = news else { panic!("{news:?}") };
        commits
    }

    /// Patches, and holds the result against a scan.
    fn patch(&mut self, what: &str) {
        for commit in self.commits() {
            let (conn, v) = (&self.reader, &self.vocabulary);
            assert!(self.derived.patch(conn, v, &commit).unwrap(), "{what}");
            assert!(self.scene.patch(conn, &commit).unwrap().is_some(), "{what}");
        }
        let anew = Derived::read(&self.reader, &self.vocabulary).unwrap();
        let (kept, made) = (&self.derived.census, &anew.census);
        assert_eq!(kept.rows(), made.rows(), "{what}");
        let tags = self.vocabulary.tags.len();
        assert_eq!(kept.facts(today(), tags), made.facts(today(), tags), "{what}");
        assert_eq!(self.derived.totals, anew.totals, "{what}");
        let scene = Scene::read(self.workspace).unwrap();
        assert_eq!(self.scene.events, scene.events, "{what}");
        assert_eq!(self.scene.estates, scene.estates, "{what}");
    }
}

fn first_held(f: &Fixture) -> QueueRowId {
    review::held_rows(&f.workspace.reader().unwrap(), 1).unwrap()[0].id
}

#[test]
fn what_is_patched_is_what_a_scan_makes() {
    let f = estate();
    let mut kept = Kept::of(&f.workspace);
    let list = "姓名,出生日期,地址,低保,独居老人\n张桂英,1940-03-05,橡树湾3幢2单元501,是,是\n\
                李强,1960-01-01,橡树湾5幢301,否,否\n王五,1990-01-01,橡树湾5幢1801,,\n";
    let first = f.import(Kind::Persons, list);
    kept.patch("persons come");
    // 李强 moves in with 张桂英, who is not alone any more; 王五 loses nothing and gets a tag.
    let list = "姓名,出生日期,地址,残疾\n李强,1960-01-01,橡树湾3幢2单元501,否\n\
                王五,1990-01-01,橡树湾5幢1801,是\n";
    let second = f.import(Kind::Persons, list);
    let held: Vec<QueueRowId> = review::held_rows(&f.workspace.reader().unwrap(), 9)
        .unwrap()
        .into_iter()
        .map(|row| row.id)
        .collect();
    kept.patch("some move");
    for id in held {
        let step = (id, &Decision::Choice(0));
        settle(&f.workspace, &stamp(), today(), step, false).unwrap();
        kept.patch("a row is settled");
    }
    let events = "编号,标题,状态,上报时间,楼栋编码\nE1,井盖丢失,已上报,2026-11-20 08:00,O3\n\
                  E2,路灯不亮,已上报,2026-11-21 08:00,O5\n";
    f.import(Kind::Events, events);
    kept.patch("events come");
    let events = "编号,标题,状态,上报时间,楼栋编码\nE1,井盖丢失,已办结,2026-11-20 08:00,O3\n";
    f.import(Kind::Events, events);
    kept.patch("an event is closed");
    for batch in [second.batch, first.batch] {
        f.workspace.write(&stamp(), |tx| undo::undo(tx, batch)).unwrap();
        kept.patch("an import is taken back");
    }
}

#[test]
fn many_edits_at_once_are_one_pass() {
    let f = estate();
    let line = |n: usize, place: &str| format!("人{n},19{:02}-01-01,{place}\n", 10 + n % 80);
    let list = |place: &str| {
        let lines: String = (0..60).map(|n| line(n, place)).collect();
        format!("姓名,出生日期,地址\n{lines}")
    };
    let mut kept = Kept::of(&f.workspace);
    let first = f.import(Kind::Persons, &list("橡树湾3幢2单元501"));
    kept.patch("sixty come");
    f.import(Kind::Persons, "姓名,出生日期,地址\n最后,1950-01-01,橡树湾5幢301\n");
    kept.patch("one more comes");
    f.workspace.write(&stamp(), |tx| undo::undo(tx, first.batch)).unwrap();
    kept.patch("sixty go from the middle");
}

#[test]
fn what_another_window_commits_is_patched_too() {
    let f = estate();
    let mut kept = Kept::of(&f.workspace);
    let other = Workspace::open(f.workspace.path(), None, OpenMode::ReadWrite).unwrap();
    assert_eq!(Workspace::news(&kept.reader, kept.seen).unwrap(), (kept.seen, News::Nothing));
    let path = super::write(f.folder.path(), "b.csv", "姓名,地址\n张桂英,橡树湾3幢2单元501\n");
    let report = super::run_import(&other, &super::request(Kind::Persons, &path)).unwrap();
    kept.patch("another window's import");
    other.write(&stamp(), |tx| undo::undo(tx, report.batch)).unwrap();
    other.write(&stamp(), |tx| undo::redo(tx, report.batch)).unwrap();
    kept.patch("taken back and put back there");
    // A commit that is not remembered is no news that can be patched.
    let seen = kept.seen;
    other
        .write(&stamp(), |tx| {
            tx.execute("DELETE FROM recent_commit", [])?;
            Ok(((), AuditEntry::done("undo_import", "x")))
        })
        .unwrap();
    let conn = rusqlite::Connection::open(f.workspace.path()).unwrap();
    conn.execute("DELETE FROM recent_commit", []).unwrap();
    assert_eq!(Workspace::news(&kept.reader, seen).unwrap().1, News::Unknown);
}

/// A workspace of `persons` residents with one row of a list that waits.
fn with_held_row(persons: usize) -> Fixture {
    let f = estate();
    let lines: String = (0..persons).map(|n| format!("人{n},1960-01-01,O5,1801\n")).collect();
    f.import(Kind::Persons, &format!("姓名,出生日期,楼栋编码,房号\n{lines}"));
    f.import(Kind::Persons, "姓名,家庭住址\n赵六,橡树湾3幢501\n");
    f
}

#[test]
fn settling_a_row_reads_as_much_whatever_the_size() {
    let steps_of = |persons: usize| {
        let f = with_held_row(persons);
        let mut kept = Kept::of(&f.workspace);
        let step = (first_held(&f), &Decision::Choice(0));
        settle(&f.workspace, &stamp(), today(), step, false).unwrap();
        let commits = kept.commits();
        // Every step of SQLite's machine while everything is brought up to date.
        let mut conn = rusqlite::Connection::open(f.workspace.path()).unwrap();
        let steps = Arc::new(AtomicU64::new(0));
        let counted = steps.clone();
        let count = move || {
            counted.fetch_add(1, Ordering::Relaxed);
            false
        };
        conn.progress_handler(1, Some(count)).unwrap();
        for commit in commits {
            assert!(kept.derived.patch(&conn, &kept.vocabulary, &commit).unwrap());
            assert_eq!(kept.scene.patch(&conn, &commit).unwrap(), Some(false));
        }
        steps.load(Ordering::Relaxed)
    };
    let (few, many) = (steps_of(20), steps_of(1_500));
    assert!(many < few + few / 2, "{few} steps with few people, {many} with many");
}

#[test]
fn a_copy_and_a_template_are_saved_beside_each_other_and_no_second_copy() {
    let f = estate();
    let mut session = session_on(&f, || NOW);
    let path = |name: &str| f.folder.path().join(name);
    session.act(Action::SaveCopy(path("copy.gpkg")));
    session.act(Action::SaveTemplate(Kind::Persons, path("t.xlsx"), menpai::text::Lang::Zh));
    session.act(Action::SaveCopy(path("second.gpkg")));
    assert_eq!(session.jobs.len(), 2);
    settled(&mut session);
    assert!(path("copy.gpkg").is_file() && path("t.xlsx").is_file());
    assert!(!path("second.gpkg").exists());
    let told: Vec<&str> = session.notices.iter().map(|n| n.text.code()).collect();
    assert!(told.contains(&"something_still_running"), "{told:?}");
}

#[test]
fn a_late_household_does_not_choose_its_building() {
    let f = estate();
    f.import(Kind::Persons, "姓名,地址\n张桂英,橡树湾3幢2单元501\n");
    let reader = f.workspace.reader().unwrap();
    let id = |sql: &str| -> i64 { reader.query_row(sql, [], |row| row.get(0)).unwrap() };
    let room = id("SELECT room_id FROM residency");
    let other = id("SELECT building_id FROM building WHERE code = 'O5'");
    let mut session = session_on(&f, || NOW);
    session.act(Action::Show(Card::Room(RoomId(room))));
    session.act(Action::Show(Card::Building(BuildingId(other))));
    settled(&mut session);
    let shown = session.overview.get().unwrap().as_ref().unwrap();
    assert_eq!(
        (session.building_id, shown.building.building_id),
        (Some(BuildingId(other)), BuildingId(other))
    );
}

#[test]
fn a_household_is_shown_while_something_is_written_its_names_masked() {
    let f = estate();
    f.import(Kind::Persons, "姓名,地址\n张桂英,橡树湾3幢2单元501\n");
    let reader = f.workspace.reader().unwrap();
    let room: i64 =
        reader.query_row("SELECT room_id FROM residency", [], |row| row.get(0)).unwrap();
    let mut session = session_on(&f, || NOW);
    let own = session.workspace.clone().unwrap();
    // Written by this window, and by another one.
    for workspace in [&*own, &f.workspace] {
        let (begun, has_begun) = std::sync::mpsc::channel();
        let (end, may_end) = std::sync::mpsc::channel::<()>();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                let entry = AuditEntry::done("import", "long");
                let deed = |_: &menpai::store::WriteTx<'_>| {
                    begun.send(()).unwrap();
                    may_end.recv().unwrap();
                    Ok(((), entry))
                };
                workspace.write(&stamp(), deed).unwrap();
            });
            has_begun.recv().unwrap();
            session.act(Action::Show(Card::Room(RoomId(room))));
            let until = Instant::now() + Duration::from_secs(60);
            while session.household.is_pending() && Instant::now() < until {
                session.tick();
                std::thread::sleep(Duration::from_millis(2));
            }
            let names = session.household.get().unwrap().as_ref().unwrap().names.clone();
            end.send(()).unwrap();
            assert_eq!(names, ["张**"]);
        });
        session.act(Action::Show(Card::Room(RoomId(room))));
        settled(&mut session);
        assert_eq!(session.household.get().unwrap().as_ref().unwrap().names, ["张桂英"]);
    }
}

/// A session on a workspace.
fn session_on(f: &Fixture, clock: fn() -> i64) -> Session {
    let wake: Arc<dyn Fn() + Send + Sync> = Arc::new(|| {});
    let mut session = Session::new(Settings::default(), Actor::new("test"), today(), clock, wake);
    session.act(Action::Open(f.workspace.path().to_owned(), None));
    settled(&mut session);
    session
}

/// Waits until the session's threads have nothing left to do.
fn settled(session: &mut Session) {
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        session.tick();
        if !session.is_busy() && session.people.get().is_some() {
            break;
        }
        assert!(Instant::now() < until, "nothing came");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn a_settled_row_leaves_the_map_as_it_is() {
    let f = with_held_row(20);
    let id = first_held(&f);
    let mut session = session_on(&f, || NOW);
    let (scene, version) = (session.scene.get().unwrap().clone(), session.scene_version);
    let (people, persons) = (session.people.get().unwrap().persons, session.totals.persons);
    session.act(Action::Settle(id, Decision::Choice(0), false));
    settled(&mut session);
    assert!(Arc::ptr_eq(session.scene.get().unwrap(), &scene), "the map was read anew");
    assert_eq!(session.scene_version, version);
    assert_eq!(session.people.get().unwrap().persons, people + 1);
    assert_eq!(session.totals.persons, persons + 1);
}

/// Changes rows behind the program's back, without rules and triggers.
fn behind_its_back(f: &Fixture, sql: &str) {
    let conn = rusqlite::Connection::open(f.workspace.path()).unwrap();
    let triggers: Vec<(String, String)> = {
        let mut select =
            conn.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").unwrap();
        let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.map(Result::unwrap).collect()
    };
    conn.pragma_update(None, "foreign_keys", false).unwrap();
    triggers.iter().for_each(|(name, _)| {
        conn.execute(&format!("DROP TRIGGER \"{name}\""), []).unwrap();
    });
    conn.execute_batch(sql).unwrap();
    triggers.iter().for_each(|(_, sql)| {
        conn.execute(sql, []).unwrap();
    });
}

fn reopened(f: &Fixture) -> Result<Workspace, menpai::store::StoreError> {
    Workspace::open(f.workspace.path(), None, OpenMode::ReadWrite)
}

#[test]
fn row_ids_may_be_anywhere_below_2_to_the_62nd() {
    let f = estate();
    let list = "姓名,出生日期,地址,低保\n张桂英,1940-03-05,橡树湾3幢2单元501,是\n\
                李强,1960-01-01,橡树湾5幢301,是\n";
    f.import(Kind::Persons, list);
    let far = 1_i64 << 61;
    let moved: String = [
        ("person", "person_id", "person residency person_tag"),
        ("room", "room_id", "room residency household"),
        ("building", "building_id", "building room building_unit building_floor"),
        ("estate", "estate_id", "estate building"),
        ("tag", "tag_id", "tag person_tag"),
    ]
    .into_iter()
    .flat_map(|(_, id, tables)| {
        tables
            .split(' ')
            .map(move |table| format!("UPDATE {table} SET {id} = {id} + {far} WHERE {id} % 2 = 0;"))
    })
    .collect();
    behind_its_back(&f, &moved);
    let workspace = reopened(&f).unwrap();
    let mut kept = Kept::of(&workspace);
    let filter = Filter { any_tags: vec!["低保".to_owned()], ..Filter::default() };
    let answer = kept.focus(&filter);
    assert_eq!((answer.persons, answer.buildings.len()), (2, 2));
    let features = kept.scene.footprints();
    let ids: Vec<i64> = (0..features.len()).map(|feature| features.id(feature)).collect();
    assert!(ids.iter().any(|id| *id > far) && ids.iter().any(|id| *id < far), "{ids:?}");
    assert!(kept.scene.labels().any(|label| label.estate_id.is_some()));
    // And a list comes in and is taken up.
    let path = super::write(f.folder.path(), "c.csv", "姓名,地址\n王五,橡树湾3幢2单元502\n");
    super::run_import(&workspace, &super::request(Kind::Persons, &path)).unwrap();
    kept.patch("somebody comes");
    drop(kept);
    drop(workspace);
    behind_its_back(
        &f,
        &format!("UPDATE person SET person_id = {} WHERE name = '张桂英'", 1_i64 << 62 | 1),
    );
    let error = reopened(&f).unwrap_err().to_string();
    assert!(error.contains("above 2^62"), "{error}");
}

#[test]
fn a_vocabulary_may_hold_two_hundred_tags() {
    let f = estate();
    f.import(Kind::Persons, "姓名,地址\n张桂英,橡树湾3幢2单元501\n李强,橡树湾5幢301\n");
    let tags: String = (0..200)
        .map(|n| {
            format!(
                "INSERT INTO tag (code, zh, en, tag_group, colour, glyph, sensitivity, aliases, ord)
                 SELECT 'extra{n}', '额外{n}', 'extra {n}', tag_group, colour, glyph, sensitivity, '',
                   {n} + 1000 FROM tag LIMIT 1;"
            )
        })
        .collect();
    behind_its_back(&f, &tags);
    let workspace = reopened(&f).unwrap();
    let path = super::write(
        f.folder.path(),
        "t.csv",
        "姓名,地址,标签\n张桂英,橡树湾3幢2单元501,额外3；额外180\n李强,橡树湾5幢301,额外199\n",
    );
    super::run_import(&workspace, &super::request(Kind::Persons, &path)).unwrap();
    let kept = Kept::of(&workspace);
    assert!(kept.vocabulary.tags.len() > 200);
    let persons = |zh: &[&str], all_tags: bool| {
        let any_tags = zh.iter().map(|zh| (*zh).to_owned()).collect();
        let mut filter = Filter { any_tags, ..Filter::default() };
        filter.set_all_tags(all_tags);
        kept.focus(&filter).persons
    };
    assert_eq!(persons(&["额外180"], false), 1);
    assert_eq!(persons(&["额外3", "额外180"], true), 1);
    assert_eq!(persons(&["额外180", "额外199"], true), 0);
    assert_eq!(persons(&["额外180", "额外199"], false), 2);
    assert_eq!(persons(&["额外64"], false), 0);
}

#[test]
fn a_search_finds_given_names_words_and_house_numbers() {
    let f = estate();
    f.import(
        Kind::Persons,
        "姓名,电话,地址\n张桂英,14000005678,橡树湾3幢2单元501\n王桂英,,橡树湾5幢301\n",
    );
    f.import(
        Kind::Events,
        "编号,标题,状态,上报时间,楼栋编码\nE1,电梯频繁故障,已上报,2026-11-20 08:00,O3\n",
    );
    f.import(Kind::Enterprises, "企业名称,楼栋编码\n盐城市橡树湾便利店,O3\n");
    let reader = f.workspace.reader().unwrap();
    let vocabulary = Vocabulary::read(&reader).unwrap();
    let search = |text: &str| menpai::query::search(&reader, &vocabulary, text, today()).unwrap();
    assert_eq!(search("桂英").persons.len(), 2);
    assert_eq!(search("guiying").persons.len(), 2);
    assert_eq!(search("5678").persons.len(), 1);
    assert_eq!(search("电梯").events.len(), 1);
    assert_eq!(search("便利店").enterprises.len(), 1);
    assert_eq!(search("5幢").buildings.len(), 1);
    assert_eq!(search("橡树湾3幢2单元501").rooms.len(), 1);
    assert_eq!(search("桂").persons.len(), 2, "one sign of a given name");
    for sound in ["gy", "zgy", "zhang guiying", "zhanggui", "ZGY"] {
        assert!(!search(sound).persons.is_empty(), "{sound}");
    }
    assert!(search("龘").is_empty() && search("qxz").is_empty());
}

#[test]
fn what_is_searched_follows_each_commit() {
    let f = estate();
    let reader = f.workspace.reader().unwrap();
    let vocabulary = Vocabulary::read(&reader).unwrap();
    let mut index = Index::read(&reader).unwrap();
    let mut seen = Workspace::news(&reader, 0).unwrap().0;
    let mut found = |text: &str| {
        let (last, news) = Workspace::news(&reader, seen).unwrap();
        seen = last;
        if let News::Changes(commits) = news {
            for commit in commits {
                assert!(index.patch(&reader, &commit).unwrap());
            }
        }
        search_in(&index, &reader, &vocabulary, text, today()).unwrap()
    };
    assert!(found("桂英").is_empty());
    f.import(Kind::Persons, "姓名,电话,地址\n张桂英,14000005678,橡树湾3幢2单元501\n");
    assert_eq!(found("桂英").persons.len(), 1);
    assert_eq!(found("guiying").persons.len(), 1);
    f.import(
        Kind::Events,
        "编号,标题,状态,上报时间,楼栋编码\nE1,电梯频繁故障,已上报,2026-11-20 08:00,O3\n",
    );
    assert_eq!(found("故障").events.len(), 1);
    f.import(
        Kind::Events,
        "编号,标题,状态,上报时间,楼栋编码\nE1,电梯已经修好,已上报,2026-11-20 08:00,O3\n",
    );
    assert!(found("故障").events.is_empty());
    assert_eq!(found("修好").events.len(), 1);
    f.import(Kind::Enterprises, "企业名称,楼栋编码\n盐城市橡树湾便利店,O3\n");
    assert_eq!(found("便利").enterprises.len(), 1);
}

#[test]
fn today_follows_the_clock_unless_a_day_was_asked_for() {
    use std::sync::atomic::AtomicI64;
    static CLOCK: AtomicI64 = AtomicI64::new(NOW);
    let wake: Arc<dyn Fn() + Send + Sync> = Arc::new(|| {});
    let started = |day| {
        let clock = || CLOCK.load(Ordering::Relaxed);
        Session::new(Settings::default(), Actor::new("test"), day, clock, wake.clone())
    };
    let asked = jiff::civil::date(2020, 2, 29);
    let (mut follows, mut stays) = (started(today()), started(asked));
    CLOCK.store(NOW + 86_400, Ordering::Relaxed);
    follows.tick();
    stays.tick();
    assert_eq!(follows.today(), today().tomorrow().unwrap());
    assert_eq!(stays.today(), asked);
}

#[test]
fn names_are_written_down_for_each_reason_and_limited() {
    use std::sync::atomic::AtomicI64;
    static CLOCK: AtomicI64 = AtomicI64::new(NOW);
    let f = estate();
    f.import(Kind::Persons, "姓名,地址\n张桂英,橡树湾3幢2单元501\n张伟,橡树湾5幢301\n");
    let mut session = session_on(&f, || CLOCK.load(Ordering::Relaxed));
    let names = |session: &Session| session.search.get().unwrap().names.clone();
    let logged = || -> Vec<String> {
        let reader = f.workspace.reader().unwrap();
        let mut select = reader
            .prepare("SELECT purpose || ' ' || fields FROM audit_log WHERE action = 'search_names'")
            .unwrap();
        select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    session.act(Action::Search("张".into()));
    settled(&mut session);
    assert_eq!(names(&session), ["张*", "张**"]);
    session.act(Action::OpenNames("..".into()));
    settled(&mut session);
    assert!(session.open_names.is_none(), "a reason says something");
    session.act(Action::OpenNames("上门".into()));
    settled(&mut session);
    assert_eq!(names(&session), ["张伟", "张桂英"]);
    // Typed on: who is shown already is shown still, and nobody new is.
    session.act(Action::Search("张桂".into()));
    settled(&mut session);
    assert_eq!((names(&session), logged()), (vec!["张桂英".into()], vec!["上门 name×2".into()]));
    // Later they are masked again, and another reason is another entry.
    CLOCK.store(NOW + 601, Ordering::Relaxed);
    settled(&mut session);
    assert_eq!(names(&session), ["张**"]);
    session.act(Action::OpenNames("核对".into()));
    settled(&mut session);
    assert_eq!(names(&session), ["张桂英"]);
    assert_eq!(logged(), ["上门 name×2", "核对 name×1"]);
    // Two hundred names in ten minutes, whoever asks from which window.
    let at = stamp();
    let shown = |count: u64| {
        f.workspace.write(&at, |tx| {
            menpai::store::bulk::check_names_shown(tx, &at, count)?;
            let entry =
                AuditEntry::done("search_names", "search").with_fields(format!("name×{count}"));
            Ok(((), entry))
        })
    };
    shown(150).unwrap();
    assert!(shown(100).unwrap_err().to_string().contains("200 names"));
}

#[test]
fn notices_go_with_the_workspace_and_by_themselves() {
    use std::sync::atomic::AtomicI64;

    use menpai::app::NoticeKind;
    static CLOCK: AtomicI64 = AtomicI64::new(NOW);
    let f = estate();
    let wake: Arc<dyn Fn() + Send + Sync> = Arc::new(|| {});
    let clock = || CLOCK.load(Ordering::Relaxed);
    let mut session = Session::new(Settings::default(), Actor::new("test"), today(), clock, wake);
    session.act(Action::Tell(NoticeKind::Failed, "no driver".into()));
    session.act(Action::Open(f.workspace.path().to_owned(), None));
    settled(&mut session);
    assert_eq!(session.notices.len(), 1, "what was told before the first workspace stays");
    session.act(Action::Tell(NoticeKind::Done, "good news".into()));
    CLOCK.store(NOW + 11, Ordering::Relaxed);
    session.tick();
    let told: Vec<String> = session.notices.iter().map(|n| n.text.to_string()).collect();
    assert_eq!(told, ["no driver"], "good news goes by itself");
    session.act(Action::Open(f.workspace.path().to_owned(), None));
    settled(&mut session);
    assert!(session.notices.is_empty(), "another workspace begins without them");
}
