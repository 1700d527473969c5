//! Random histories of work by hand, taken back in any order: they end as if they had never been, or say
//! what stays.

use menpai::domain::codes::CodeLists;
use menpai::domain::ids::{DeedId, EventId, PersonId, RoomId};
use menpai::domain::object::Object;
use menpai::domain::workflow::event::MACHINE;
use menpai::edit::{Draft, living, merging, save};
use menpai::import::Kind;
use menpai::store::events::{self, EventAct, NewEvent};
use menpai::store::living::MoveIn;
use menpai::store::visits::{self, NewVisit};
use menpai::store::{Connection, OpenMode, Workspace, deeds, undo};

use super::by_hand::workspace;
use super::{NOW, request, run_import, stamp, today, write};

/// A small generator of its own: the same histories everywhere (Knuth's MMIX constants).
struct Rng(u64);

impl Rng {
    fn next(&mut self, most: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % most.max(1)
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> Option<T> {
        (!from.is_empty()).then(|| from[self.next(from.len())])
    }
}

/// Every record that is not record of what was done: those an undo leaves nothing of.
fn state(conn: &Connection) -> String {
    let mut all = String::new();
    for (table, columns) in [
        ("building", "building_id, code, estate_id, name, deleted_at"),
        ("estate", "*"),
        ("room", "*"),
        ("building_unit", "*"),
        ("building_floor", "*"),
        ("person", "*"),
        ("household", "*"),
        ("residency", "*"),
        ("person_tag", "*"),
        ("staff", "*"),
        ("visit_plan", "*"),
    ] {
        let mut select =
            conn.prepare(&format!("SELECT {columns} FROM {table} ORDER BY 1")).unwrap();
        let count = select.column_count();
        let mut rows = select.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let cells: Vec<String> =
                (0..count).map(|n| format!("{:?}", row.get_ref(n).unwrap())).collect();
            all += &format!("{table} {}\n", cells.join(" "));
        }
    }
    all
}

fn ids<I: From<i64>>(conn: &Connection, sql: &str) -> Vec<I> {
    let mut select = conn.prepare(sql).unwrap();
    let rows = select.query_map([], |row| row.get::<_, i64>(0)).unwrap();
    rows.map(|id| I::from(id.unwrap())).collect()
}

/// Does something at random; what is not possible is not done.
fn step(w: &Workspace, folder: &std::path::Path, rng: &mut Rng, number: usize) {
    let reader = w.reader().unwrap();
    let persons: Vec<PersonId> =
        ids(&reader, "SELECT person_id FROM person WHERE deleted_at IS NULL");
    let rooms: Vec<RoomId> = ids(&reader, "SELECT room_id FROM room WHERE deleted_at IS NULL");
    let events: Vec<EventId> = ids(&reader, "SELECT event_id FROM event");
    let (person, room) = (rng.pick(&persons).unwrap(), rng.pick(&rooms).unwrap());
    let lists = CodeLists::shipped();
    let by = (&lists, today());
    let draft = |word: &str, field: &str, text: String| {
        Draft::of_pairs(word, &[(field.to_owned(), text)]).unwrap()
    };
    match rng.next(12) {
        0 => {
            let phone = format!("1390000{:04}", rng.next(10_000));
            drop(save(w, &stamp(), (Object::Person(person), &draft("person", "phone", phone)), by));
        }
        1 => {
            let status = ["自住", "出租", "空置"][rng.next(3)].to_owned();
            drop(save(w, &stamp(), (Object::Room(room), &draft("room", "status", status)), by));
        }
        2 => {
            let unit = (rng.next(3) + 1).to_string();
            drop(save(w, &stamp(), (Object::Room(room), &draft("room", "unit", unit)), by));
        }
        3 => {
            let tag = ["low_income", "disabled", "living_alone"][rng.next(3)];
            let tags = vec![(tag.to_owned(), rng.next(2) == 0)];
            let draft = Draft { tags, ..Draft::default() };
            drop(save(w, &stamp(), (Object::Person(person), &draft), by));
        }
        4 | 5 => {
            let to = MoveIn {
                room_id: room,
                since: today(),
                household_no: None,
                relation: None,
                role: None,
                is_second_home: rng.next(3) == 0,
            };
            drop(living::move_in(w, &stamp(), person, &to));
        }
        6 => drop(living::move_out(w, &stamp(), (person, None), (today(), Some(2)))),
        7 => drop(living::make_head(w, &stamp(), person, room)),
        8 => {
            let other = rng.pick(&persons).unwrap();
            drop(merging::merge(w, &stamp(), Object::Person(person), Object::Person(other)));
        }
        9 => {
            let no = format!("{}", rng.next(3) + 2);
            drop(living::split_household(w, &stamp(), (room, &[person]), &no));
        }
        10 => {
            let list = format!(
                "姓名,手机,楼栋编码,单元,房号\n来人{number},1380000{:04},B0000002,1,102\n张桂英,,B0000002,1,101\n",
                rng.next(10_000)
            );
            let path = write(folder, &format!("h{number}.csv"), &list);
            drop(run_import(w, &request(Kind::Persons, &path)));
        }
        _ => match (rng.pick(&events), rng.next(4)) {
            (Some(event_id), 1..) => {
                let facts = events::facts(&reader, event_id).unwrap().unwrap();
                let action = rng.pick(&MACHINE.possible(facts.state)).unwrap();
                let act = EventAct {
                    action: action.to_owned(),
                    until: Some(NOW + 3_600 * (rng.next(99) as i64 + 1)),
                    severity: rng.pick(&[2, 3, 4, 5]),
                    ..EventAct::default()
                };
                drop(w.write(&stamp(), |tx| events::act_on(tx, event_id, &act)));
            }
            (_, 0) => {
                let new = NewEvent {
                    title: "随机事件".into(),
                    category: 12,
                    severity: Some(2),
                    ..NewEvent::default()
                };
                drop(w.write(&stamp(), |tx| events::report(tx, &new)));
            }
            _ => {
                let visit = NewVisit {
                    person_id: Some(person),
                    found: rng.next(4) as i64 + 1,
                    ..NewVisit::default()
                };
                drop(w.write(&stamp(), |tx| visits::record(tx, &visit)));
            }
        },
    }
}

fn standing(w: &Workspace) -> Vec<DeedId> {
    let past = deeds::past_deeds(&w.reader().unwrap(), 1_000).unwrap();
    past.iter().filter(|d| d.undone_at.is_none() && d.can_undo).map(|d| d.deed).collect()
}

#[test]
fn random_histories_are_taken_back_in_any_order() {
    let histories: u64 =
        std::env::var("MENPAI_HISTORIES").ok().and_then(|n| n.parse().ok()).unwrap_or(60);
    let (folder, first) = workspace();
    let path = first.path().to_owned();
    let made = standing(&first);
    drop(first);
    for seed in 0..histories {
        let mut rng = Rng(seed * 7_919 + 17);
        let copy = folder.path().join(format!("c{seed}.gpkg"));
        std::fs::copy(&path, &copy).unwrap();
        let w = Workspace::open(&copy, None, OpenMode::ReadWrite).unwrap();
        let before = state(&w.reader().unwrap());
        for number in 0..12 {
            step(&w, folder.path(), &mut rng, number);
            // Now and then something is taken back, or put back, in between.
            if rng.next(4) == 0
                && let Some(deed) = rng.pick(&standing(&w)).filter(|deed| !made.contains(deed))
            {
                drop(w.write(&stamp(), |tx| undo::undo(tx, deed)));
                if rng.next(2) == 0 {
                    let last = deeds::last_redoable(&w.reader().unwrap()).unwrap();
                    if let Some(deed) = last {
                        drop(w.write(&stamp(), |tx| undo::redo(tx, deed)));
                    }
                }
            }
        }
        // Everything is taken back, in any order; steps only from the last one.
        let mut left = Vec::new();
        loop {
            let mut all: Vec<DeedId> =
                standing(&w).into_iter().filter(|deed| !made.contains(deed)).collect();
            let mut progress = false;
            while !all.is_empty() {
                let deed = all.remove(rng.next(all.len()));
                if let Ok(undone) = w.write(&stamp(), |tx| undo::undo(tx, deed)) {
                    left.extend(undone.left);
                    progress = true;
                }
            }
            if !progress {
                break;
            }
        }
        let still = standing(&w).into_iter().filter(|deed| !made.contains(deed)).count();
        assert_eq!(still, 0, "seed {seed}: deeds that nobody can take back");
        let after = state(&w.reader().unwrap());
        if left.is_empty() {
            super::deeds::same(&after, &before, &format!("seed {seed}"));
        } else if after != before {
            // What stays was told: each difference is in a row that was listed.
            for line in after.lines().filter(|line| !before.contains(line)) {
                let mut words = line.split(' ');
                let table = words.next().unwrap();
                let is_told = left.iter().any(|l| l.table == table);
                assert!(is_told, "seed {seed}: {line} was not told of {left:?}");
            }
        }
        for result in menpai::store::check::run(&w.reader().unwrap()).unwrap() {
            assert!(result.findings.is_empty(), "seed {seed}: {result:?}");
        }
        drop(w);
        std::fs::remove_file(&copy).unwrap();
    }
}
