//! Lists over time: what is held and settled, who is who, undo, corrected reports.

use menpai::domain::ids::DeedId;
use menpai::import::Kind;
use menpai::import::kinds::review::Decision;
use menpai::query::review;
use menpai::store::{past_imports, undo};

use super::import::{Fixture, estate};
use super::lists::{id, text};
use super::{request, run_import, stamp};

#[test]
fn an_import_is_undone_whole_and_what_came_later_stays() {
    let f = estate();
    let everything = |f: &Fixture| {
        ["person", "residency", "household", "person_tag", "room", "building_unit"]
            .map(|table| text(f, &format!("SELECT * FROM {table}")))
            .join("\n--\n")
    };
    f.import(
        Kind::Persons,
        "姓名,出生日期,电话,地址\n张桂英,1962-03-05,14000000001,橡树湾3幢2单元501\n",
    );
    let before = everything(&f);
    // A move, a new phone, a tag, a new person, a new head.
    let path = super::write(
        f.folder.path(),
        "二月.csv",
        &format!(
            "姓名,证件号码,出生日期,电话,地址,低保,与户主关系\n\
             张桂英,,1962-03-05,14000000009,橡树湾3幢2单元501,是,户主\n\
             李强,{},,14000000003,橡树湾3幢2单元501,,配偶\n王五,,,,橡树湾3幢\n",
            id("19600101", "001")
        ),
    );
    let second = run_import(&f.workspace, &request(Kind::Persons, &path)).unwrap();
    assert_eq!((second.counts.merged, second.counts.added), (1, 1), "{second:#?}");
    assert_ne!(everything(&f), before);
    let take_back = |batch| f.workspace.write(&stamp(), |tx| undo::undo(tx, batch));
    let undone = take_back(second.batch).unwrap();
    assert!(undone.left.is_empty(), "{undone:?}");
    assert_eq!(everything(&f), before);
    assert!(take_back(second.batch).is_err(), "only once");

    // The same again; later somebody else's list says more of both.
    let second = run_import(&f.workspace, &request(Kind::Persons, &path)).unwrap();
    f.import(
        Kind::Persons,
        "姓名,出生日期,电话,地址\n张桂英,1962-03-05,14000000077,橡树湾3幢2单元501\n",
    );
    let undone = take_back(second.batch).unwrap();
    let left: Vec<String> =
        undone.left.iter().map(|l| format!("{} {} {}", l.table, l.column, l.reason)).collect();
    assert_eq!(left, ["person phone changed again later"]);
    assert_eq!(text(&f, "SELECT name, phone FROM person"), "张桂英 14000000077");
    let past = past_imports::past_imports(&f.workspace.reader().unwrap()).unwrap();
    assert_eq!(past.iter().filter(|p| p.undone_at.is_some()).count(), 2);
    assert_eq!(past[0].kind, "persons");
}

#[test]
fn an_undo_keeps_persons_a_later_list_confirms() {
    let f = estate();
    let list =
        "姓名,出生日期,地址\n张桂英,1962-03-05,橡树湾3幢2单元501\n李强,1960-01-01,橡树湾5幢301\n";
    let first = f.import(Kind::Persons, list);
    let second = f.import(Kind::Persons, "姓名,出生日期,地址\n李强,1960-01-01,橡树湾5幢301\n");
    let take_back = |batch| f.workspace.write(&stamp(), |tx| undo::undo(tx, batch)).unwrap();
    let undone = take_back(first.batch);
    // 李强 stays, at home as the second list says.
    let homes = "SELECT p.name, m.room_no FROM person p LEFT JOIN residency r USING (person_id)
                 LEFT JOIN room m USING (room_id)";
    assert_eq!(text(&f, homes), "李强 301");
    assert!(undone.left.iter().any(|l| l.table == "person"), "{undone:?}");
    // With the second list gone as well, nothing holds him.
    take_back(second.batch);
    let left = "SELECT (SELECT count(*) FROM person), (SELECT count(*) FROM residency),
                  (SELECT count(*) FROM household)";
    assert_eq!(text(&f, left), "0 0 0");
}

#[test]
fn buildings_and_grids_are_undone_too() {
    let f = Fixture::new();
    let before = text(&f, "SELECT code, grid_id FROM building");
    let grid = r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"G1"},
        "geometry":{"type":"Polygon","coordinates":[[[0,0],[179,0],[179,80],[0,80],[0,0]]]}}]}"#;
    let report = f.import(Kind::Grids, grid);
    assert_ne!(text(&f, "SELECT code, grid_id FROM building"), before);
    let undone = f.workspace.write(&stamp(), |tx| undo::undo(tx, report.batch)).unwrap();
    assert_eq!((undone.removed, undone.left.len()), (1, 0), "{undone:?}");
    assert_eq!(text(&f, "SELECT code, grid_id FROM building"), before);
    let undone = f.workspace.write(&stamp(), |tx| undo::undo(tx, DeedId(1))).unwrap();
    assert_eq!(undone.left, [], "{undone:?}");
    assert_eq!(text(&f, "SELECT count(*) FROM building"), "0");
    assert_eq!(text(&f, "SELECT count(*) FROM rtree_building_geom"), "0");
}

#[test]
fn somebody_known_elsewhere_is_asked_about() {
    let f = estate();
    f.import(
        Kind::Persons,
        "姓名,出生日期,电话,地址\n张桂英,1962-03-05,14000000001,橡树湾3幢2单元501\n",
    );
    let again = "姓名,出生日期,电话,地址\n张桂英,1962-03-05,14000000001,橡树湾5幢301\n";
    let report = f.import(Kind::Persons, again);
    assert_eq!(report.counts.held, 1, "{report:#?}");
    let queue = review::held_rows(&f.workspace.reader().unwrap(), 9).unwrap();
    let settle = |decision: Decision| {
        let step = (queue[0].id, &decision);
        menpai::import::kinds::review::settle(&f.workspace, &stamp(), super::today(), step, false)
    };
    let moved = settle(Decision::Choice(0)).unwrap();
    assert_eq!(text(&f, "SELECT count(*) FROM person"), "1");
    let homes = "SELECT room_no, end_date FROM residency JOIN room USING (room_id)
                 ORDER BY residency_id";
    assert_eq!(text(&f, homes), "501 2026-11-23\n301 -");
    assert!(settle(Decision::NewPerson).is_err(), "it does not wait any more");
    f.workspace.write(&stamp(), |tx| undo::undo(tx, moved.batch)).unwrap();
    assert_eq!(text(&f, homes), "501 -");
    settle(Decision::NewPerson).unwrap();
    assert_eq!(text(&f, "SELECT count(*) FROM person"), "2");
}

#[test]
fn a_baby_keeps_its_life_when_it_gets_a_number() {
    let f = estate();
    f.import(Kind::Persons, "姓名,出生日期,地址\n张小宝,2026-05-01,橡树湾5幢301\n");
    let number = id("20260501", "003");
    let list = format!("姓名,证件号码,地址\n张小宝,{number},橡树湾5幢301\n");
    let report = f.import(Kind::Persons, &list);
    assert_eq!(report.counts.merged, 1, "{report:#?}");
    assert_eq!(text(&f, "SELECT name, id_no FROM person"), format!("张小宝 {number}"));
    // The 15 digits of an old list are the same person.
    let old = id("19620305", "003");
    f.import(Kind::Persons, &format!("姓名,证件号码,地址\n李强,{old},橡树湾5幢301\n"));
    let short = format!("{}{}", &old[..6], &old[8..17]);
    let report =
        f.import(Kind::Persons, &format!("姓名,证件号码,地址\n李强,{short},橡树湾5幢301\n"));
    assert_eq!(report.counts.unchanged, 1, "{report:#?}");
}

#[test]
fn a_person_names_the_lists_it_comes_from() {
    let f = estate();
    let path = super::write(
        f.folder.path(),
        "一月.csv",
        "姓名,地址\n张桂英,橡树湾5幢301\n李强,橡树湾5幢301\n",
    );
    run_import(&f.workspace, &request(Kind::Persons, &path)).unwrap();
    let path = super::write(f.folder.path(), "二月.csv", "名单,\n姓名,地址\n李强,橡树湾5幢301\n");
    let second = run_import(&f.workspace, &request(Kind::Persons, &path)).unwrap();
    let sources = || {
        let reader = f.workspace.reader().unwrap();
        let vocabulary = menpai::query::Vocabulary::read(&reader).unwrap();
        let room: menpai::domain::ids::RoomId =
            reader.query_row("SELECT DISTINCT room_id FROM residency", [], |r| r.get(0)).unwrap();
        let card = menpai::query::household(&reader, &vocabulary, room, super::today()).unwrap();
        let members = card.unwrap().members;
        let line = |m: &menpai::query::household::Member| {
            m.sources.iter().map(|(file, row, _)| format!("{file}:{row}")).collect::<Vec<_>>()
        };
        members.iter().map(line).collect::<Vec<_>>()
    };
    assert_eq!(sources(), [vec!["一月.csv:2"], vec!["二月.csv:3", "一月.csv:3"]]);
    f.workspace.write(&stamp(), |tx| undo::undo(tx, second.batch)).unwrap();
    assert_eq!(sources(), [["一月.csv:2"], ["一月.csv:3"]]);
}

#[test]
fn a_visit_beats_a_list_and_the_newer_visit_the_older() {
    let f = estate();
    let number = id("19620305", "002");
    let row = |phone: &str, visit: &str, address: &str| {
        format!("姓名,证件号码,电话,走访日期,地址\n张桂英,{number},{phone},{visit},{address}\n")
    };
    let now = "SELECT phone, room_no FROM person JOIN residency USING (person_id)
               JOIN room USING (room_id) WHERE end_date IS NULL";
    let (first, second) = ("橡树湾3幢2单元501", "橡树湾5幢301");
    f.import(Kind::Persons, &row("14000000001", "", first));
    f.import(Kind::Persons, &row("14000000002", "", first));
    assert_eq!(text(&f, now), "14000000002 501", "the newer list");
    f.import(Kind::Persons, &row("14000000003", "2026-11-01", first));
    let list = f.import(Kind::Persons, &row("14000000004", "", first));
    assert_eq!(text(&f, now), "14000000003 501", "the visit");
    assert_eq!(list.issues[0].reason.to_string(), "a visit found 140****0003, which was kept");
    f.import(Kind::Persons, &row("14000000005", "2026-10-01", first));
    assert_eq!(text(&f, now), "14000000003 501", "the newer visit");
    f.import(Kind::Persons, &row("14000000006", "2026-11-02", first));
    assert_eq!(text(&f, now), "14000000006 501");
    // A day to come is no visit.
    let report = f.import(Kind::Persons, &row("14000000007", "2027-01-01", first));
    assert_eq!(report.issues[0].reason.to_string(), "this day is still to come; left empty");

    // A list that says otherwise where somebody lives is asked about.
    let report = f.import(Kind::Persons, &row("14000000008", "", second));
    assert_eq!(report.counts.held, 1, "{report:#?}");
    let queue = review::held_rows(&f.workspace.reader().unwrap(), 9).unwrap();
    let labels: Vec<&str> = queue[0].choices.iter().map(|c| c.label.as_str()).collect();
    assert!(labels[0].ends_with("301") && labels[1].ends_with("2-501"), "{labels:?}");
    let settle = |choice| {
        let step = (queue[0].id, &Decision::Choice(choice));
        menpai::import::kinds::review::settle(&f.workspace, &stamp(), super::today(), step, false)
            .unwrap()
    };
    let stays = settle(1);
    assert_eq!(text(&f, now), "14000000006 501");
    f.workspace.write(&stamp(), |tx| undo::undo(tx, stays.batch)).unwrap();
    settle(0);
    assert_eq!(text(&f, now), "14000000008 301");
    // A newer visit moves without asking.
    f.import(Kind::Persons, &row("14000000009", "2026-11-20", first));
    assert_eq!(text(&f, now), "14000000009 501");
}

#[test]
fn the_user_says_what_wins() {
    use menpai::domain::records::Precedence;
    let f = estate();
    let (first, second) = (id("19620305", "002"), id("19600101", "001"));
    let list = |phones: [&str; 2]| {
        format!(
            "姓名,证件号码,电话,地址\n张桂英,{first},{},橡树湾3幢2单元501\n\
             李强,{second},{},橡树湾3幢2单元501\n",
            phones[0], phones[1]
        )
    };
    let run = |phones, precedence| {
        let path = super::write(f.folder.path(), "名单.csv", &list(phones));
        let request = menpai::import::Request { precedence, ..request(Kind::Persons, &path) };
        run_import(&f.workspace, &request).unwrap()
    };
    let phones = "SELECT coalesce(phone, '') FROM person ORDER BY person_id";
    run(["14000000001", ""], Precedence::Visit);
    let known = run(["14000000003", "14000000004"], Precedence::Known);
    assert_eq!(known.counts.merged, 1);
    assert_eq!(text(&f, phones), "14000000001\n14000000004", "only what was empty");
    let asked = run(["14000000005", "14000000006"], Precedence::Ask);
    assert_eq!((asked.counts.held, asked.counts.unchanged), (2, 0), "{asked:#?}");
    let queue = review::held_rows(&f.workspace.reader().unwrap(), 9).unwrap();
    let step = (queue[0].id, &Decision::Choice(0));
    let settled =
        menpai::import::kinds::review::settle(&f.workspace, &stamp(), super::today(), step, true)
            .unwrap();
    assert_eq!(settled.taken, 2, "the list is right for all of its rows");
    assert_eq!(text(&f, phones), "14000000005\n14000000006");
    // A number that is somebody else's does not rename them.
    let other = format!("姓名,证件号码\n王五,{first}\n");
    assert_eq!(f.import(Kind::Persons, &other).counts.held, 1);
    assert_eq!(text(&f, "SELECT name FROM person LIMIT 1"), "张桂英");
}

#[test]
fn a_list_of_events_reopens_nothing_and_overwrites_no_other() {
    let f = estate();
    let list = |rows: &str| f.import(Kind::Events, &format!("no,title,state,reported_at\n{rows}"));
    list("E1,楼道堆物,处置中,2026-11-01 08:30\n");
    let now = || text(&f, "SELECT title, state FROM event ORDER BY event_id");
    let closed = list("E1,楼道堆物,结案,2026-11-01 08:30\n");
    assert_eq!((closed.counts.merged, now().as_str()), (1, "楼道堆物 10"));
    assert_eq!(text(&f, "SELECT action, from_state, to_state FROM event_step"), "import 5 10");
    let stale = list("E1,楼道堆物,上报,2026-11-01 08:30\n");
    assert_eq!((stale.counts.unchanged, now().as_str()), (1, "楼道堆物 10"));
    assert!(
        stale.issues[1].reason.to_string().starts_with("the event is further already"),
        "{stale:#?}"
    );
    // Nothing said about the state is no news about it.
    f.import(Kind::Events, "no,title,text\nE1,楼道堆物,已清理\n");
    assert_eq!(now(), "楼道堆物 10");
    // Another event under the same number, known or in the list itself.
    let other = list(
        "E1,路灯不亮,上报,2026-11-05 20:00\nE2,井盖破损,上报,2026-11-05 20:00\n\
         E2,噪音扰民,上报,2026-11-06 23:00\n",
    );
    assert_eq!((other.counts.rejected, other.counts.added), (2, 1), "{other:#?}");
    assert_eq!(now(), "楼道堆物 10\n井盖破损 1");
    f.workspace.write(&stamp(), |tx| undo::undo(tx, closed.batch)).unwrap();
    assert_eq!(now(), "楼道堆物 5\n井盖破损 1");
    assert_eq!(text(&f, "SELECT count(*) FROM event_step"), "0");
}

#[test]
fn what_a_word_nobody_knows_becomes_is_told() {
    let f = estate();
    let report = f.import(
        Kind::Persons,
        "姓名,人口类型,与户主关系,地址\n张桂英,本地人,干妈,橡树湾3幢2单元501\n",
    );
    let told: Vec<String> = report.issues.iter().map(|i| i.reason.to_string()).collect();
    assert!(told.iter().any(|t| t.ends_with("new ones count as 户籍")), "{told:?}");
    assert!(told.iter().any(|t| t.ends_with("taken as 其他")), "{told:?}");
    let status = "SELECT status FROM room WHERE room_no = '502'";
    f.import(Kind::Rooms, "楼栋编码,单元,房号,房屋状态\nO3,2,502,出租\n");
    assert_eq!(text(&f, status), "2");
    f.import(Kind::Rooms, "楼栋编码,单元,房号,房屋状态\nO3,2,502,说不清\n");
    assert_eq!(text(&f, status), "2", "an unknown word changes nothing");
}

#[test]
fn a_unit_in_chinese_numerals_is_the_unit() {
    let f = estate();
    let report = f.import(Kind::Persons, "姓名,楼栋编码,单元,房号\n张桂英,o3,二单元,501\n");
    assert_eq!(report.counts.added, 1, "{report:#?}");
    f.import(Kind::Rooms, "楼栋编码,单元,房号\nO3,一单元,501\nO3,三单元,501\n");
    let units = "SELECT unit_no FROM building_unit JOIN building USING (building_id)
                 WHERE code = 'O3' ORDER BY 1";
    assert_eq!(text(&f, units), "1\n2\n3");
}

#[test]
fn a_list_without_household_numbers_leaves_households_alone() {
    let f = estate();
    let (first, second) = (id("19620305", "002"), id("19600101", "001"));
    f.import(
        Kind::Persons,
        &format!(
            "姓名,证件号码,户号,与户主关系,楼栋编码,单元,房号\n张桂英,{first},H1,户主,O3,2,501\n\
             李强,{second},H1,配偶,O3,2,501\n"
        ),
    );
    let households = "SELECT p.name, h.register_no, h.head_person_id FROM residency
                      JOIN household h USING (household_id) JOIN person p USING (person_id)";
    let before = text(&f, households);
    let again = f.import(
        Kind::Persons,
        &format!("姓名,证件号码,楼栋编码,单元,房号\n李强,{second},O3,2,501\n王五,,O3,2,501\n"),
    );
    assert_eq!((again.counts.unchanged, again.counts.added), (1, 1), "{again:#?}");
    assert_eq!(text(&f, households), format!("{before}\n王五 H1 1"));
    assert_eq!(text(&f, "SELECT count(*) FROM household"), "1");
}

#[test]
fn imports_undone_in_any_order_leave_nothing() {
    let number = id("19620305", "002");
    for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2], [0, 2, 1], [1, 2, 0], [2, 0, 1]] {
        let f = estate();
        let list = |phone: &str| {
            f.import(Kind::Persons, &format!("姓名,证件号码,电话\n张桂英,{number},{phone}\n"))
        };
        list("14000000021");
        let batches = ["14000000001", "14000000002", "14000000003"].map(|p| list(p).batch);
        for nth in order {
            f.workspace.write(&stamp(), |tx| undo::undo(tx, batches[nth])).unwrap();
        }
        assert_eq!(text(&f, "SELECT phone FROM person"), "14000000021", "{order:?}");
    }
}

#[test]
fn somebody_with_a_month_of_birth_or_another_phone_is_no_second_person() {
    let f = estate();
    let list = |rows: &str| f.import(Kind::Persons, &format!("姓名,出生日期,电话,地址\n{rows}\n"));
    list("张桂英,1962-03-05,14000000001,橡树湾3幢2单元501");
    let month = list("张桂英,1962年3月,,橡树湾3幢2单元501");
    assert_eq!(month.counts.unchanged, 1, "{month:#?}");
    assert_eq!(text(&f, "SELECT birth_date FROM person"), "1962-03-05");
    for elsewhere in
        ["张桂英,1962年3月,,橡树湾5幢301", "张桂英,1962-03-05,14000000009,橡树湾5幢301"]
    {
        assert_eq!(list(elsewhere).counts.held, 1, "{elsewhere}");
    }
    // After a visit too a month is no word against the day.
    f.import(
        Kind::Persons,
        "姓名,出生日期,走访日期,地址\n张桂英,1962-03-05,2026-11-01,橡树湾3幢2单元501\n",
    );
    let month = list("张桂英,1962年3月,,橡树湾3幢2单元501");
    assert!(
        month.issues.iter().all(|i| !i.reason.to_string().contains("visit")),
        "{:#?}",
        month.issues
    );
    // A month alone fills what is empty, and a later day makes it exact.
    list("李强,1970年1月,,橡树湾5幢301");
    let exact = list("李强,1970-01-20,,橡树湾5幢301");
    assert_eq!(exact.counts.merged, 1, "{exact:#?}");
    assert_eq!(text(&f, "SELECT birth_date FROM person WHERE name = '李强'"), "1970-01-20");
}

#[test]
fn a_name_is_chosen_and_the_rest_of_the_row_is_taken() {
    let f = estate();
    let number = id("19620305", "002");
    f.import(Kind::Persons, &format!("姓名,证件号码,电话\n张桂英,{number},14000000001\n"));
    let list = format!("姓名,证件号码,电话,走访日期\n张桂莹,{number},14000000002,2026-11-01\n");
    assert_eq!(f.import(Kind::Persons, &list).counts.held, 1);
    let queue = review::held_rows(&f.workspace.reader().unwrap(), 9).unwrap();
    let step = (queue[0].id, &Decision::Choice(1));
    menpai::import::kinds::review::settle(&f.workspace, &stamp(), super::today(), step, false)
        .unwrap();
    assert_eq!(text(&f, "SELECT name, phone FROM person"), "张桂英 14000000002");
}

#[test]
fn units_and_doors_are_not_invented() {
    let f = estate();
    let path = super::write(
        f.folder.path(),
        "名单.csv",
        "姓名,楼栋编码,单元,房号\n甲一,O3,9,101\n甲二,O3,甲,101\n甲三,O3,第二单元,503\n\
         甲四,O3,1#,501\n甲五,O3,1.0,501\n甲六,O3,1,101/102\n甲七,O3,1,101(自住)\n",
    );
    let wanted = menpai::import::Request { create_rooms: true, ..request(Kind::Persons, &path) };
    let report = run_import(&f.workspace, &wanted).unwrap();
    assert_eq!((report.counts.added, report.counts.rejected), (3, 4), "{report:#?}");
    let units = "SELECT unit_no FROM building_unit JOIN building USING (building_id)
                 WHERE code = 'O3' ORDER BY 1";
    assert_eq!(text(&f, units), "1\n2");
    assert_eq!(text(&f, "SELECT count(*) FROM room WHERE room_no = '503'"), "1");
    // Code and address that name different buildings.
    let other =
        f.import(Kind::Persons, "姓名,楼栋编码,地址\n乙一,O3,橡树湾5幢301\n乙二,O5,橡树湾5幢301\n");
    assert_eq!((other.counts.held, other.counts.added), (1, 1), "{other:#?}");
}

#[test]
fn a_head_who_lives_there_stays_the_head() {
    let f = estate();
    let people =
        "姓名,户号,与户主关系,楼栋编码,单元,房号\n张桂英,H1,户主,O3,2,501\n李强,H1,配偶,O3,2,501\n";
    f.import(Kind::Persons, people);
    let heads = "SELECT p.name FROM household h JOIN person p ON p.person_id = h.head_person_id";
    f.import(Kind::Persons, "姓名,与户主关系,楼栋编码,单元,房号\n李强,户主,O3,2,501\n");
    assert_eq!(text(&f, heads), "张桂英");
    assert_eq!(text(&f, "SELECT count(*) FROM residency WHERE relation = 0"), "1");
    // A number says whose household it is, and so who heads it.
    f.import(Kind::Persons, "姓名,户号,与户主关系,楼栋编码,单元,房号\n李强,H1,户主,O3,2,501\n");
    assert_eq!(text(&f, heads), "李强");
}

#[test]
fn namesakes_are_told_apart_before_one_is_taken() {
    let f = estate();
    let (first, second) = (id("19620305", "002"), id("19620306", "002"));
    f.import(
        Kind::Persons,
        &format!(
            "姓名,证件号码,地址\n张伟,{first},橡树湾3幢2单元501\n张伟,{second},橡树湾3幢2单元501\n"
        ),
    );
    let report = f.import(Kind::Persons, "姓名,电话,地址\n张伟,14000000001,橡树湾3幢2单元501\n");
    assert_eq!(report.counts.held, 1, "{report:#?}");
    let queue = review::held_rows(&f.workspace.reader().unwrap(), 9).unwrap();
    let labels: Vec<&str> = queue[0].choices.iter().map(|c| c.label.as_str()).collect();
    assert!(labels[0].ends_with(&first[14..]) && labels[1].ends_with(&second[14..]), "{labels:?}");
    let step = (queue[0].id, &Decision::Choice(1));
    menpai::import::kinds::review::settle(&f.workspace, &stamp(), super::today(), step, false)
        .unwrap();
    assert_eq!(
        text(&f, &format!("SELECT phone FROM person WHERE id_no = '{second}'")),
        "14000000001"
    );
}

#[test]
fn a_dormitory_is_joined_as_a_flat_is() {
    let f = estate();
    let (mut list, mut rows) = ("姓名,出生日期,地址\n".to_owned(), 0);
    // Three hundred live in one room, and a namesake of one of them elsewhere.
    for n in 0..300 {
        let (given, day) = (char::from_u32(0x4e10 + n).unwrap(), n % 28 + 1);
        list.push_str(&format!("王{given},1990-01-{day:02},橡树湾5幢301\n"));
        rows += 1;
    }
    let namesake = char::from_u32(0x4e10 + 7).unwrap();
    list.push_str(&format!("王{namesake},1990-01-08,橡树湾3幢2单元501\n"));
    let first = f.import(Kind::Persons, &list);
    assert_eq!(first.counts.added + first.counts.held, rows + 1, "{first:#?}");
    let report = f.import(
        Kind::Persons,
        &format!("姓名,出生日期,电话,地址\n王{namesake},1990-01-08,14000000005,橡树湾5幢301\n"),
    );
    assert_eq!(report.counts.merged, 1, "{report:#?}");
    let of = format!(
        "SELECT m.room_no FROM person p JOIN residency r USING (person_id)
         JOIN room m USING (room_id) WHERE p.name = '王{namesake}' AND p.phone IS NOT NULL"
    );
    assert_eq!(text(&f, &of), "301");
}
