//! Speed of the workspace and the questions, as medians and ratios; the map: `menpai bench map`.
//!
//! `cargo bench --bench workspace -- WORKSPACE.gpkg` measures on an existing workspace; without one
//! a synthetic district is made. Figures and how to read them: `docs/BENCHMARKS.md`.
#![allow(missing_docs, reason = "a program")]
#![allow(clippy::pedantic, reason = "a measuring program panics when it cannot measure")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use menpai::access::{Actor, AuditEntry, Stamp};
use menpai::app::{Action, Session, Settings};
use menpai::domain::ids::{BuildingId, EventId, PersonId};
use menpai::domain::object::Object;
use menpai::edit::{self, save::Draft};
use menpai::import;
use menpai::import::kinds::review::{Decision, settle};
use menpai::map::Scene;
use menpai::query::filter::Span;
use menpai::query::{self, Census, Condition, Vocabulary};
use menpai::store::deadlines;
use menpai::store::events::{self, EventAct, NewEvent};
use menpai::store::{Connection, OpenMode, Workspace};
use menpai::synth::{self, PeopleOptions};

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn ms(d: Duration) -> String {
    format!("{:.2} ms", d.as_secs_f64() * 1e3)
}

fn timed<T>(times: usize, mut work: impl FnMut(usize) -> T) -> Vec<Duration> {
    (0..times)
        .map(|n| {
            let start = Instant::now();
            std::hint::black_box(work(n));
            start.elapsed()
        })
        .collect()
}

fn stamp() -> Stamp {
    Stamp { actor: Actor::new("bench"), at: 1_795_406_400 }
}

fn today() -> jiff::civil::Date {
    jiff::civil::date(2026, 11, 23)
}

/// Tables that `synth people` fills, in an order that keeps foreign keys whole.
const FILLED: [&str; 8] = [
    "building_unit",
    "building_floor",
    "room",
    "person",
    "household",
    "residency",
    "person_tag",
    "enterprise",
];

type Rows = Vec<Vec<rusqlite::types::Value>>;

fn rows_of(conn: &Connection, table: &str) -> (usize, Rows) {
    let mut select = conn.prepare(&format!("SELECT * FROM {table}")).unwrap();
    let columns = select.column_count();
    let rows = select
        .query_map([], |row| (0..columns).map(|c| row.get(c)).collect())
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    (columns, rows)
}

/// `synth people` against the bare inserts of the very same rows into the same schema.
fn synth_against_bare_sql(folder: &Path) {
    let city = synth::city(400, 20, today());
    let fresh = |name: String| {
        let workspace = Workspace::create(&folder.join(name), None, &stamp()).unwrap();
        synth::city::store_city(&workspace, &city, &stamp()).unwrap();
        workspace
    };
    let options = PeopleOptions { seed: 20, on: today(), persons: Some(60_000), rooms: None };
    let mut last = None;
    let mut ours = Vec::new();
    for n in 0..5 {
        let workspace = fresh(format!("a{n}.gpkg"));
        let start = Instant::now();
        let totals = synth::make_people(&workspace, &options, &stamp(), |_| Ok(())).unwrap();
        ours.push(start.elapsed());
        last = Some((workspace, totals));
    }
    let (filled, totals) = last.unwrap();
    let reader = filled.reader().unwrap();
    let tables: Vec<(&str, usize, Rows)> = FILLED
        .iter()
        .map(|table| {
            let (columns, rows) = rows_of(&reader, table);
            (*table, columns, rows)
        })
        .collect();
    let mut bare = Vec::new();
    for n in 0..5 {
        let workspace = fresh(format!("b{n}.gpkg"));
        let start = Instant::now();
        workspace
            .write(&stamp(), |tx| {
                for (table, columns, rows) in &tables {
                    let marks = vec!["?"; *columns].join(",");
                    let mut insert =
                        tx.prepare(&format!("INSERT INTO {table} VALUES ({marks})"))?;
                    for row in rows {
                        insert.execute(rusqlite::params_from_iter(row))?;
                    }
                }
                Ok(((), AuditEntry::done("bench", "bare")))
            })
            .unwrap();
        bare.push(start.elapsed());
    }
    let (ours, bare) = (median(ours), median(bare));
    println!(
        "synth people, {} persons: {} · bare SQL of the same rows: {} · ratio {:.2}",
        totals.persons,
        ms(ours),
        ms(bare),
        ours.as_secs_f64() / bare.as_secs_f64()
    );
}

fn questions(workspace: &Workspace) {
    let reader = workspace.reader().unwrap();
    let vocabulary = Vocabulary::read(&reader).unwrap();
    let totals = menpai::derived::Totals::read(&reader).unwrap().counts;
    println!("workspace: {} buildings, {} persons", totals.buildings, totals.persons);
    let ids: Vec<BuildingId> = {
        let mut select = reader.prepare("SELECT building_id FROM building").unwrap();
        select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let pick = |n: usize| ids[n * 7919 % ids.len()];
    let times = timed(500, |n| query::overview(&reader, &vocabulary, pick(n)).unwrap());
    println!(
        "overview: median {} · worst {}",
        ms(median(times.clone())),
        ms(times.into_iter().max().unwrap())
    );
    let mut people = Census::default();
    let times = timed(5, |_| people = Census::read(&reader, &vocabulary).unwrap());
    println!("focus columns read: {}", ms(median(times)));
    let filters = [
        Condition::of_tags(vec![3]),
        Condition::of_tags(vec![0, 2]),
        Condition::of_tags(vec![0, 2]).aged(Span::new(60, 79), today()),
        Condition::default().aged(Span::new(60, 79), today()),
    ];
    let times = timed(40, |n| people.focus(&filters[n % 4]));
    println!(
        "focus: median {} · worst {}",
        ms(median(times.clone())),
        ms(times.into_iter().max().unwrap())
    );
    let times = timed(5, |_| Scene::read(workspace).unwrap());
    println!("scene read (outlines, R-tree, cells): {}", ms(median(times)));
    let scene = Scene::read(workspace).unwrap();
    let count = scene.footprints().len();
    let times = timed(2_000, |n| scene.pick(scene.label(n * 7919 % count).at));
    println!("pick: median {:.2} µs", median(times).as_secs_f64() * 1e6);
    let (answer, _) = (people.focus(&filters[0]), ());
    let times =
        timed(20, |_| scene.states(&menpai::map::style::Colouring::Focus(&answer.buildings)));
    println!("state bytes of a focus: {}", ms(median(times)));
}

/// A row of the queue settled in a running session: how long the write takes, and how long it is
/// from the commit until every answer of the session is true again. Works on a copy.
fn settled_rows(workspace: &Workspace, folder: &Path) {
    const ROWS: usize = 9;
    let path = folder.join("settled.gpkg");
    workspace.save_copy(&path, &stamp(), |_| true).unwrap();
    let copy = Workspace::open(&path, None, OpenMode::ReadWrite).unwrap();
    let numbers: Vec<String> = {
        let reader = copy.reader().unwrap();
        let mut select = reader
            .prepare(
                "SELECT id_no FROM person WHERE id_no IS NOT NULL AND person_id % 7 = 0 LIMIT ?1",
            )
            .unwrap();
        let rows = select.query_map([2 * ROWS as i64], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    };
    let lines: String = numbers.iter().map(|number| format!("另一人,{number}\n")).collect();
    let list = folder.join("另一人.csv");
    std::fs::write(&list, format!("姓名,证件号码\n{lines}")).unwrap();
    let cancel = std::sync::atomic::AtomicBool::new(false);
    let watch = import::Watch { cancel: &cancel, progress: &|_, _| {}, found: &|_| {} };
    let request = import::Request::new(import::Kind::Persons, list, today());
    let report = import::run(&copy, &request, &stamp(), &watch).unwrap();
    assert_eq!(report.counts.held as usize, 2 * ROWS, "{:?}", report.counts);
    let held = query::review::held_rows(&copy.reader().unwrap(), usize::MAX).unwrap();
    let side = Decision::Choice(0);
    let alone =
        timed(ROWS, |n| settle(&copy, &stamp(), today(), (held[n].id, &side), false).unwrap());
    drop(copy);
    let wake: std::sync::Arc<dyn Fn() + Send + Sync> = std::sync::Arc::new(|| {});
    let clock = || 1_795_406_400;
    let mut session = Session::new(Settings::default(), Actor::new("bench"), today(), clock, wake);
    session.act(Action::Open(path, None));
    let all_true = |session: &mut Session| {
        while session.is_busy() || session.people.get().is_none() {
            session.tick();
            std::thread::sleep(Duration::from_micros(200));
        }
    };
    all_true(&mut session);
    let whole = timed(ROWS, |n| {
        session.act(Action::Settle(held[ROWS + n].id, side.clone(), false));
        all_true(&mut session);
    });
    let (alone, whole) = (median(alone), median(whole));
    println!(
        "a row of the queue: settling {} · until all answers are true {} · of it after the commit {}",
        ms(alone),
        ms(whole),
        ms(whole.saturating_sub(alone))
    );
}

/// The work by hand: one phone number saved, one step of an event, "My work" and the figures of
/// 100,000 events. Works on a copy.
fn work_by_hand(workspace: &Workspace, folder: &Path) {
    const EVENTS: usize = 100_000;
    let path = folder.join("by_hand.gpkg");
    workspace.save_copy(&path, &stamp(), |_| true).unwrap();
    let copy = Workspace::open(&path, None, OpenMode::ReadWrite).unwrap();
    let vocabulary = Vocabulary::read(&copy.reader().unwrap()).unwrap();
    let persons: Vec<PersonId> = {
        let reader = copy.reader().unwrap();
        let mut select =
            reader.prepare("SELECT person_id FROM person WHERE person_id % 7 = 0").unwrap();
        select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let saved = timed(50, |n| {
        let object = Object::Person(persons[n * 7919 % persons.len()]);
        let pair = ("phone".to_owned(), format!("1400000{:04}", n + 1));
        let draft = Draft::of_pairs("person", &[pair]).unwrap();
        let by = Stamp { at: stamp().at + n as i64, ..stamp() };
        let saved = edit::save(&copy, &by, (object, &draft), (&vocabulary.lists, today())).unwrap();
        assert!(saved.deed_id.is_some());
    });
    println!(
        "one phone number saved: median {} · worst {}",
        ms(median(saved.clone())),
        ms(saved.into_iter().max().unwrap())
    );

    let buildings: Vec<BuildingId> = {
        let reader = copy.reader().unwrap();
        let mut select = reader.prepare("SELECT building_id FROM building").unwrap();
        select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let start = Instant::now();
    // Two years of events as a list brings them, three quarters of them ended.
    copy.write(&stamp(), |tx| {
        let mut insert = tx.prepare(
            "INSERT INTO event (no, title, category, severity, called_at, reported_at, state,
               handler, building_id)
             VALUES (?1, ?2, 1, ?3, ?4, ?4, ?5, ?6, ?7)",
        )?;
        for n in 0..EVENTS {
            let at = stamp().at - 60 - (EVENTS - n) as i64 * 600;
            let state = if n < EVENTS * 3 / 4 { 10 } else { [1, 2, 4, 5][n % 4] };
            let handler = (state > 2).then(|| format!("网格员{}", n % 40));
            insert.execute((
                format!("BENCH-{n:06}"),
                format!("路灯不亮 {n}"),
                2 + n as i64 % 3,
                at,
                state,
                handler,
                buildings[n * 7919 % buildings.len()],
            ))?;
        }
        drop(insert);
        deadlines::settle_new(tx)?;
        Ok(((), AuditEntry::done("bench", "events")))
    })
    .unwrap();
    let reader = copy.reader().unwrap();
    let open: i64 = reader
        .query_row("SELECT count(*) FROM event WHERE due_at NOT NULL", [], |row| row.get(0))
        .unwrap();
    println!("{EVENTS} events entered, {open} due, in {:.1} s", start.elapsed().as_secs_f64());
    let census = Census::read(&reader, &vocabulary).unwrap();
    for of in [None, Some("网格员7")] {
        let times = timed(9, |_| {
            query::work::work(&reader, (&vocabulary, Some(&census)), (stamp().at, today()), of)
                .unwrap()
        });
        println!("my work, {}: {}", of.unwrap_or("everybody"), ms(median(times)));
    }
    drop(reader);
    let pending: Vec<EventId> = {
        let reader = copy.reader().unwrap();
        let mut select = reader
            .prepare("SELECT event_id FROM event WHERE state = 1 AND no LIKE 'BENCH%' LIMIT 50")
            .unwrap();
        select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let stepped = timed(pending.len(), |n| {
        let now = Stamp { at: stamp().at + 3_600, ..stamp() };
        copy.write(&now, |tx| events::act_on(tx, pending[n], &EventAct::of("accept"))).unwrap();
    });
    println!("one step of an event: median {}", ms(median(stepped)));
    let reported = timed(30, |n| {
        let new = NewEvent {
            title: format!("电梯故障 {n}"),
            category: 1,
            building_id: Some(buildings[n]),
            ..NewEvent::default()
        };
        copy.write(&stamp(), |tx| events::report(tx, &new)).unwrap();
    });
    println!("an event reported: median {}", ms(median(reported)));
}

fn main() {
    let path = std::env::args().skip(1).find(|a| !a.starts_with("--")).map(PathBuf::from);
    let folder = tempfile::tempdir().unwrap();
    synth_against_bare_sql(folder.path());
    let workspace = match path {
        Some(path) => Workspace::open(&path, None, OpenMode::ReadWrite).unwrap(),
        None => {
            let workspace =
                Workspace::create(&folder.path().join("w.gpkg"), None, &stamp()).unwrap();
            let city = synth::city(20_000, 1, today());
            synth::city::store_city(&workspace, &city, &stamp()).unwrap();
            let options =
                PeopleOptions { seed: 1, on: today(), persons: Some(100_000), rooms: None };
            synth::make_people(&workspace, &options, &stamp(), |_| Ok(())).unwrap();
            workspace
        }
    };
    questions(&workspace);
    settled_rows(&workspace, folder.path());
    work_by_hand(&workspace, folder.path());
}
