//! The review queue: what waits, what settles it, reports that are corrected and brought back.

use std::path::{Path, PathBuf};

use menpai::domain::ids::DeedId;
use menpai::import::Kind;
use menpai::import::kinds::review::Decision;
use menpai::query::review;
use menpai::store::undo;

use super::import::{Fixture, estate};
use super::lists::{id, text};
use super::{request, run_import, stamp};

/// A saved report with its column 更正 filled in, row by row, as a list.
fn corrected(f: &Fixture, report: &Path, name: &str, answers: &[&str]) -> PathBuf {
    let mut sheet =
        menpai::import::formats::sheet::Sheet::open(Kind::Persons, &[], report, None).unwrap();
    let mut text = sheet.headings.join("\t") + "\n";
    let mut nth = 0;
    sheet
        .scan(&mut |row| {
            let mut cells: Vec<String> = row.record.iter().map(str::to_owned).collect();
            cells[4] = answers[nth].to_owned();
            nth += 1;
            text += &(cells.join("\t") + "\n");
            std::ops::ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(nth, answers.len(), "rows of the report");
    super::write(f.folder.path(), name, &text)
}

#[test]
fn held_and_rejected_rows_wait_in_the_workspace_without_what_must_not_be_held() {
    let f = estate();
    let report = f.import(
        Kind::Persons,
        "姓名,民族,地址\n张桂英,汉,橡树湾3幢501\n,汉,橡树湾5幢301\n李强,汉,橡树湾5幢301\n",
    );
    assert_eq!((report.counts.held, report.counts.rejected), (1, 1), "{report:#?}");
    let kept = text(&f, "SELECT row_no, came, raw FROM queue_row ORDER BY row_no");
    assert_eq!(
        kept,
        "2 held [[\"姓名\",\"张桂英\"],[\"地址\",\"橡树湾3幢501\"]]\n\
         3 rejected [[\"姓名\",\"\"],[\"地址\",\"橡树湾5幢301\"]]"
    );
}

#[test]
fn held_rows_are_settled_one_by_one_or_all_alike() {
    let f = estate();
    f.import(
        Kind::Persons,
        "姓名,出生日期,地址,是否低保\n张桂英,1962-03-05,橡树湾3幢501,是\n李强,1960-01-01,橡树湾3幢501,\n\
         王五,1970-01-01,橡木湾5幢301,\n赵六,1971-01-01,橡木湾5幢1单元1801,\n钱七,1972-01-01,橡树湾3幢502室或501,\n",
    );
    let queue = || review::held_rows(&f.workspace.reader().unwrap(), 100).unwrap();
    let names =
        || queue().iter().map(|r| r.get("name").unwrap_or_default().to_owned()).collect::<Vec<_>>();
    assert_eq!(names(), ["张桂英", "李强", "王五", "赵六", "钱七"]);
    let settle = |name: &str, decision: Decision, all_alike| {
        let row = queue().into_iter().find(|r| r.get("name") == Some(name)).unwrap();
        let step = (row.id, &decision);
        menpai::import::kinds::review::settle(
            &f.workspace,
            &stamp(),
            super::today(),
            step,
            all_alike,
        )
        .unwrap()
    };
    // Unit 2 for both who write the same address.
    let second = queue()[0].choices.iter().position(|c| c.label == "橡树湾 3-2-501").unwrap();
    let first = settle("张桂英", Decision::Choice(second), true);
    assert_eq!((first.taken, first.learned.as_ref()), (2, None), "{first:?}");
    let tags = "SELECT p.name, t.zh FROM person_tag JOIN person p USING (person_id)
                JOIN tag t USING (tag_id)";
    assert_eq!(text(&f, tags), "张桂英 低保");
    // 橡木湾 is 橡树湾 from now on, for the row beside it too.
    let learned = settle("王五", Decision::Choice(0), true);
    assert_eq!(learned.taken, 2, "{learned:?}");
    assert_eq!(learned.learned, Some(("橡木湾".to_owned(), "橡树湾".to_owned())));
    assert_eq!(text(&f, "SELECT aliases FROM estate"), "橡木湾");
    let again = f.import(Kind::Persons, "姓名,地址\n孙八,橡木湾5幢301\n");
    assert_eq!(again.counts.added, 1, "{again:?}");
    let fields = vec![("address".to_owned(), "橡树湾3幢2单元502".to_owned())];
    assert_eq!(settle("钱七", Decision::Correct(fields), false).taken, 1);
    assert!(names().is_empty());
    let homes = "SELECT p.name, b.code, u.unit_no, m.room_no FROM residency r
                 JOIN person p USING (person_id) JOIN room m USING (room_id)
                 JOIN building b USING (building_id) LEFT JOIN building_unit u USING (unit_id)
                 ORDER BY p.person_id";
    assert_eq!(
        text(&f, homes),
        "张桂英 O3 2 501\n李强 O3 2 501\n王五 O5 1 301\n赵六 O5 1 1801\n孙八 O5 1 301\n钱七 O3 2 502"
    );
    // A settled choice is undone: the rows wait again, and the alias is forgotten.
    let undone = f.workspace.write(&stamp(), |tx| undo::undo(tx, learned.batch)).unwrap();
    // 孙八 lives in the household that 王五 had founded.
    let left: Vec<&str> = undone.left.iter().map(|l| l.table.as_str()).collect();
    assert_eq!(left, ["household"]);
    assert_eq!(names(), ["王五", "赵六"]);
    assert_eq!(text(&f, "SELECT aliases FROM estate"), "");
    settle("王五", Decision::Drop, false);
    assert_eq!(names(), ["赵六"]);
    // The list itself is undone with what was settled from it.
    f.workspace.write(&stamp(), |tx| undo::undo(tx, DeedId(first.batch.0 - 1))).unwrap();
    assert_eq!(text(&f, "SELECT name FROM person"), "孙八");
    assert!(names().is_empty());
}

#[test]
fn a_corrected_report_is_imported_again() {
    use menpai::app::lists;
    use menpai::text::Lang;
    for lang in [Lang::Zh, Lang::En] {
        let f = estate();
        let report = f.import(
            Kind::Persons,
            "姓名,民族,地址\n张桂英,汉,橡树湾3幢501\n李强,汉,水岸里5幢301\n王五,汉,橡树湾5幢301\n",
        );
        assert_eq!((report.counts.held, report.counts.rejected), (1, 1));
        let path = f.folder.path().join("report.xlsx");
        lists::save_report(&report, &path, lang, lists::ReportRows::Full).unwrap();
        // Somebody fills the column 更正 in.
        let sheet =
            menpai::import::formats::sheet::Sheet::open(Kind::Persons, &[], &path, None).unwrap();
        assert_eq!(sheet.headings[6..], ["姓名", "地址"], "民族 is not held");
        let answers = ["橡树湾3幢2单元501", "橡树湾5幢1801"];
        let path = corrected(&f, &path, "corrected.tsv", &answers);
        let again = run_import(&f.workspace, &request(Kind::Persons, &path)).unwrap();
        assert_eq!((again.counts.read, again.counts.added), (2, 2), "{again:#?}");
        // What was corrected does not wait any more, and is not taken a second time.
        let waiting = || review::waiting(&f.workspace.reader().unwrap()).unwrap();
        let third = run_import(&f.workspace, &request(Kind::Persons, &path)).unwrap();
        assert_eq!((waiting(), third.counts.skipped, third.counts.added), (0, 2, 0));
        f.workspace.write(&stamp(), |tx| undo::undo(tx, again.batch)).unwrap();
        assert_eq!(waiting(), 1);
        assert_eq!(
            text(&f, "SELECT row_no, came FROM queue_row WHERE came <> 'ahead' ORDER BY row_no"),
            "2 held\n3 rejected"
        );
    }
}

#[test]
fn a_row_that_comes_again_waits_once_and_is_answered_by_a_later_list() {
    let f = estate();
    let list = "姓名,地址\n张桂英,橡树湾3幢501\n李强,橡树湾5幢1802\n";
    let waiting = || review::waiting(&f.workspace.reader().unwrap()).unwrap();
    assert_eq!(f.import(Kind::Persons, list).counts.held, 2);
    assert_eq!(f.import(Kind::Persons, list).counts.held, 2);
    assert_eq!(waiting(), 2, "the same two rows");
    // The room comes in, then the list again.
    f.import(Kind::Rooms, "楼栋编码,单元,房号\nO5,1,1802\n");
    let third = f.import(Kind::Persons, list);
    assert_eq!((third.counts.added, third.counts.held), (1, 1), "{third:#?}");
    assert_eq!(waiting(), 1);
    f.workspace.write(&stamp(), |tx| undo::undo(tx, third.batch)).unwrap();
    assert_eq!(waiting(), 2);
}

#[test]
fn a_report_is_corrected_in_two_sittings_and_nothing_comes_back() {
    use menpai::app::lists;
    use menpai::text::Lang;
    let f = estate();
    let list = "姓名,地址\n张桂英,橡树湾3幢501\n李强,橡树湾3幢501\n王五,橡树湾3幢501\n";
    let waiting = || review::waiting(&f.workspace.reader().unwrap()).unwrap();
    let path = super::write(f.folder.path(), "名单.csv", list);
    // The report of the check, before anything is written, names the rows too.
    let check = menpai::import::Request { dry_run: true, ..request(Kind::Persons, &path) };
    let report = run_import(&f.workspace, &check).unwrap();
    run_import(&f.workspace, &request(Kind::Persons, &path)).unwrap();
    let sheet = f.folder.path().join("report.xlsx");
    lists::save_report(&report, &sheet, Lang::Zh, lists::ReportRows::Full).unwrap();
    let first = corrected(&f, &sheet, "1.tsv", &["橡树湾3幢2单元501", "", ""]);
    let one = run_import(&f.workspace, &request(Kind::Persons, &first)).unwrap();
    assert_eq!((one.counts.added, one.counts.held, waiting()), (1, 2, 2), "{one:#?}");
    let second = corrected(&f, &sheet, "2.tsv", &["橡树湾3幢2单元501", "橡树湾3幢1单元501", ""]);
    let two = run_import(&f.workspace, &request(Kind::Persons, &second)).unwrap();
    let c = two.counts;
    assert_eq!((c.added, c.held, c.skipped, waiting()), (1, 1, 1, 1), "{two:#?}");
    // The third is dropped by hand. The original list brings none of them back.
    let queue = review::held_rows(&f.workspace.reader().unwrap(), 9).unwrap();
    let step = (queue[0].id, &Decision::Drop);
    menpai::import::kinds::review::settle(&f.workspace, &stamp(), super::today(), step, false)
        .unwrap();
    let again = run_import(&f.workspace, &request(Kind::Persons, &path)).unwrap();
    assert_eq!((again.counts.skipped, waiting()), (3, 0), "{again:#?}");
    assert_eq!(text(&f, "SELECT count(*) FROM person"), "2");
}

#[test]
fn what_waits_is_printed_masked() {
    let f = estate();
    let number = id("19620305", "002");
    f.import(
        Kind::Persons,
        &format!("姓名,证件号码,出生日期,地址\n张桂英,{number},,橡树湾5幢301\n"),
    );
    f.import(
        Kind::Persons,
        &format!(
            "姓名,证件号码,出生日期,地址\n李强,{number},,橡树湾5幢301\n\
             王五,,,橡树湾3幢501 14000000001\n张桂英,,1962-03-05,橡树湾3幢1单元501\n"
        ),
    );
    let queue = review::held_rows(&f.workspace.reader().unwrap(), 9).unwrap();
    assert_eq!(queue.len(), 3);
    let printed: String =
        queue.into_iter().map(|row| serde_json::to_string(&row.masked()).unwrap()).collect();
    for plain in [number.as_str(), "14000000001", "1962-03-05", "李强", "张桂英"] {
        assert!(!printed.contains(plain), "{plain}: {printed}");
    }
}

#[test]
fn a_missing_room_of_a_known_building_is_made_from_the_queue() {
    let f = estate();
    let report =
        f.import(Kind::Persons, "姓名,楼栋编码,单元,房号\n张桂英,O3,2,503\n李强,O3,9,503\n");
    // Unit 9 is no missing room: the house has two units.
    assert_eq!((report.counts.held, report.counts.rejected), (1, 1), "{report:#?}");
    let queue = review::held_rows(&f.workspace.reader().unwrap(), 9).unwrap();
    assert!(queue[0].choices[0].makes_room());
    let step = (queue[0].id, &Decision::Choice(0));
    menpai::import::kinds::review::settle(&f.workspace, &stamp(), super::today(), step, false)
        .unwrap();
    let home = "SELECT name, unit_no, room_no FROM person JOIN residency USING (person_id)
                JOIN room USING (room_id) JOIN building_unit USING (unit_id)";
    assert_eq!(text(&f, home), "张桂英 2 503");
}

#[test]
fn a_report_of_the_check_answers_a_list_that_comes_later() {
    use menpai::app::lists;
    use menpai::text::Lang;
    let f = estate();
    let list = "姓名,地址\n张桂英,橡树湾3幢501\n李强,橡树湾3幢501\n";
    let waiting = || review::waiting(&f.workspace.reader().unwrap()).unwrap();
    let path = super::write(f.folder.path(), "名单.csv", list);
    let check = menpai::import::Request { dry_run: true, ..request(Kind::Persons, &path) };
    let report = run_import(&f.workspace, &check).unwrap();
    let sheet = f.folder.path().join("report.xlsx");
    lists::save_report(&report, &sheet, Lang::En, lists::ReportRows::Full).unwrap();
    let import = |path: &Path| run_import(&f.workspace, &request(Kind::Persons, path));
    // Before the list itself: one is taken, a slip is refused and the row waits on.
    let first = corrected(&f, &sheet, "1.tsv", &["橡树湾3幢2单元501", "橡树湾77幢101"]);
    let one = import(&first).unwrap();
    assert_eq!((one.counts.added, one.counts.rejected), (1, 1), "{one:#?}");
    let all = import(&path).unwrap();
    assert_eq!((all.counts.skipped, all.counts.held, waiting()), (1, 1, 1), "{all:#?}");
    let slip = import(&first).unwrap();
    assert_eq!((slip.counts.rejected, waiting()), (1, 1), "a slip takes nothing out: {slip:#?}");
    let second = corrected(&f, &sheet, "2.tsv", &["橡树湾3幢2单元501", "橡树湾3幢1单元501"]);
    let two = import(&second).unwrap();
    assert_eq!((two.counts.added, two.counts.skipped, waiting()), (1, 1, 0), "{two:#?}");
    for again in [&path, &second, &first] {
        let report = import(again).unwrap();
        assert_eq!((report.counts.skipped, waiting()), (2, 0), "{report:#?}");
    }
}
