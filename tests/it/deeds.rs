//! The record of deeds: what was done is taken back and put back, in files of every schema.

use std::path::Path;

use menpai::access::{AuditEntry, Stamp};
use menpai::domain::ids::DeedId;
use menpai::import::Kind;
use menpai::import::kinds::review::{Decision, settle};
use menpai::query::review;
use menpai::store::deed::{Deed, DeedKind, NewDeed};
use menpai::store::past_imports::{PastImport, past_imports};
use menpai::store::undo::{Undone, redo, undo};
use menpai::store::{Connection, OpenMode, StoreError, Workspace};

use super::import::estate;
use super::lists::text;
use super::{request, run_import, stamp, today, write};

/// Every record of a workspace, as text.
pub fn records(conn: &Connection) -> String {
    let mut all = String::new();
    for table in [
        "building",
        "estate",
        "room",
        "building_unit",
        "building_floor",
        "person",
        "household",
        "residency",
        "person_tag",
        "enterprise",
        "event",
        "event_step",
        "device",
        "grid",
        "basemap",
        "staff",
        "organisation",
        "place_note",
        "visit_plan",
    ] {
        let mut select = conn.prepare(&format!("SELECT * FROM {table} ORDER BY 1")).unwrap();
        let columns = select.column_count();
        let mut rows = select.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let cells: Vec<String> =
                (0..columns).map(|n| format!("{:?}", row.get_ref(n).unwrap())).collect();
            all += &format!("{table} {}\n", cells.join(" "));
        }
    }
    all
}

/// Holds two states against each other.
pub fn same(is: &str, was: &str, what: &str) {
    let differs: Vec<_> = is.lines().zip(was.lines()).filter(|(a, b)| a != b).take(4).collect();
    assert!(is == was, "{what}: {differs:#?}");
}

fn undo_it(workspace: &Workspace, deed: DeedId) -> Undone {
    workspace.write(&stamp(), |tx| undo(tx, deed)).unwrap()
}

fn redo_it(workspace: &Workspace, deed: DeedId) -> Undone {
    workspace.write(&stamp(), |tx| redo(tx, deed)).unwrap()
}

fn past(workspace: &Workspace, deed: DeedId) -> PastImport {
    let all = past_imports(&workspace.reader().unwrap()).unwrap();
    all.into_iter().find(|p| p.batch == deed).unwrap()
}

#[test]
fn imports_of_every_schema_are_undone_and_redone() {
    for version in 1..=4 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("old.gpkg");
        let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
        std::fs::copy(fixture.join(format!("schema{version}.gpkg")), &path).unwrap();
        let workspace = Workspace::open(&path, None, OpenMode::ReadWrite).unwrap();
        let reader = workspace.reader().unwrap();
        let before = records(&reader);
        // A list in the migrated file: somebody new, and a phone for somebody known.
        let list = "姓名,手机,楼栋编码,房号\n甲一,,B0000002,101\n甲二,13900000001,B0000002,101\n";
        let list = write(folder.path(), "a.csv", list);
        let report = run_import(&workspace, &request(Kind::Persons, &list)).unwrap();
        assert_eq!(report.counts.added, 2, "{version}: {report:#?}");
        let list = write(
            folder.path(),
            "b.csv",
            "姓名,手机,楼栋编码,房号\n甲一,13900000002,B0000002,101\n",
        );
        let second = run_import(&workspace, &request(Kind::Persons, &list)).unwrap();
        assert_eq!(second.counts.merged, 1, "{version}: {second:#?}");
        let after = records(&reader);
        for _ in 0..2 {
            undo_it(&workspace, second.batch);
            undo_it(&workspace, report.batch);
            same(&records(&reader), &before, &version.to_string());
            assert!(past(&workspace, report.batch).can_redo);
            redo_it(&workspace, report.batch);
            redo_it(&workspace, second.batch);
            same(&records(&reader), &after, &version.to_string());
        }
        // What was imported under the older schema too, where it was written down.
        let old: Vec<PastImport> = past_imports(&reader).unwrap();
        let old = old.iter().filter(|p| p.batch < report.batch && p.undone_at.is_none());
        let old: Vec<DeedId> = old.filter(|p| p.can_undo).map(|p| p.batch).collect();
        assert_eq!(old.is_empty(), version < 3, "{version}");
        let after = records(&reader);
        for deed in &old {
            if past(&workspace, *deed).undone_at.is_none() {
                undo_it(&workspace, *deed);
            }
        }
        for deed in old.iter().rev() {
            if past(&workspace, *deed).undone_at.is_some() {
                redo_it(&workspace, *deed);
            }
        }
        same(&records(&reader), &after, &version.to_string());
        for result in menpai::store::check::run(&reader).unwrap() {
            assert!(result.findings.is_empty(), "{version}: {result:?}");
        }
    }
}

#[test]
fn held_rows_of_older_schemas_keep_their_reason() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("old.gpkg");
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/schema4.gpkg");
    std::fs::copy(fixture, &path).unwrap();
    let workspace = Workspace::open(&path, None, OpenMode::ReadWrite).unwrap();
    let rows = review::held_rows(&workspace.reader().unwrap(), 9).unwrap();
    let told: Vec<_> =
        rows.iter().map(|r| (r.get("name").unwrap(), r.row, r.choices.len())).collect();
    assert_eq!(told, [("李强", 3, 0), ("赵六", 5, 3)]);
    let reason = &rows[1].reason;
    assert_eq!(reason.code(), "legacy");
    assert_eq!(reason.to_string(), "3 rooms answer to it; add the unit or tell them apart");
    // Settled as any other; the list it came with takes it back.
    let step = (rows[1].id, &Decision::Choice(0));
    let settled = settle(&workspace, &stamp(), today(), step, false).unwrap();
    assert_eq!(settled.taken, 1, "{settled:?}");
    undo_it(&workspace, rows[1].batch);
    assert_eq!(review::waiting(&workspace.reader().unwrap()).unwrap(), 1);
    redo_it(&workspace, rows[1].batch);
    let waiting = review::held_rows(&workspace.reader().unwrap(), 9).unwrap();
    assert_eq!(waiting.len(), 1, "settled again: {waiting:?}");
}

#[test]
fn row_ids_never_come_back() {
    let f = estate();
    let list = "姓名,出生日期,地址\n张桂英,1962-03-05,橡树湾3幢2单元501\n";
    let ids = "SELECT p.person_id, s.residency_id, h.household_id FROM person p
               JOIN residency s USING (person_id) JOIN household h USING (household_id)";
    let first = f.import(Kind::Persons, list);
    let given = text(&f, ids);
    undo_it(&f.workspace, first.batch);
    f.import(Kind::Persons, list);
    assert_eq!(given, "1 1 1");
    assert_eq!(text(&f, ids), "2 2 2");
}

#[test]
fn deleted_rows_are_written_down_and_come_back() {
    let f = estate();
    f.import(
        Kind::Persons,
        "姓名,出生日期,地址,是否低保\n张桂英,1962-03-05,橡树湾3幢2单元501,是\n李强,1960-01-01,橡树湾5幢301,\n",
    );
    let reader = f.workspace.reader().unwrap();
    let before = records(&reader);
    let deed = f
        .workspace
        .write(&stamp(), |tx| {
            let list = menpai::store::deed::DeedList {
                list: "persons",
                sha256: "",
                encoding: "",
                mapping: "[]",
            };
            let new = NewDeed { kind: DeedKind::Import, title: "t", list: Some(list) };
            let deed = Deed::begin(tx, &new)?;
            let id = deed.deed_id();
            // A field is changed first, and its row deleted after.
            tx.execute("UPDATE person SET phone = '1' WHERE name = '张桂英'", [])?;
            tx.execute("UPDATE person SET phone = '2' WHERE name = '李强'", [])?;
            for table in ["person_tag", "residency"] {
                tx.execute(
                    &format!(
                        "DELETE FROM {table} WHERE person_id IN
                           (SELECT person_id FROM person WHERE name = '张桂英')"
                    ),
                    [],
                )?;
            }
            tx.execute("UPDATE household SET head_person_id = NULL", [])?;
            tx.execute("DELETE FROM person WHERE name = '张桂英'", [])?;
            deed.finish(tx)?;
            Ok((id, AuditEntry::done("import", "t")))
        })
        .unwrap();
    let after = records(&reader);
    let undone = undo_it(&f.workspace, deed);
    assert!(undone.left.is_empty(), "{undone:?}");
    same(&records(&reader), &before, "before");
    redo_it(&f.workspace, deed);
    same(&records(&reader), &after, "after");
}

#[test]
fn a_redo_is_over_with_the_next_deed_and_after_a_day() {
    let f = estate();
    let list = |name: &str| {
        f.import(
            Kind::Persons,
            &format!("姓名,出生日期,地址\n{name},1962-03-05,橡树湾3幢2单元501\n"),
        )
    };
    let kept = "SELECT count(*) FROM deed_change WHERE before LIKE '%张桂英%'";
    let first = list("张桂英");
    undo_it(&f.workspace, first.batch);
    assert_ne!(text(&f, kept), "0");
    list("李强");
    assert_eq!(text(&f, kept), "0", "what was taken back is gone from the file");
    assert!(!past(&f.workspace, first.batch).can_redo);
    let refused = f.workspace.write(&stamp(), |tx| redo(tx, first.batch));
    assert!(matches!(refused, Err(StoreError::NoSuchRedo(_))), "{refused:?}");
    let again = list("张桂英");
    undo_it(&f.workspace, again.batch);
    let next_day = Stamp { at: stamp().at + 24 * 3600 + 1, ..stamp() };
    f.workspace.write(&next_day, |_| Ok(((), AuditEntry::done("reveal", "x")))).unwrap();
    assert_eq!(text(&f, kept), "0", "after a day");
    assert!(!past(&f.workspace, again.batch).can_redo);
}

#[test]
fn undoing_below_a_later_change_and_redoing_leaves_both() {
    let f = estate();
    let list = |phone: &str| {
        f.import(
            Kind::Persons,
            &format!("姓名,出生日期,电话,走访日期,地址\n张桂英,1962-03-05,{phone},2026-11-0{},橡树湾3幢2单元501\n",
                &phone[10..]),
        )
    };
    list("14000000001");
    let second = list("14000000002");
    let third = list("14000000003");
    let phone = "SELECT phone FROM person";
    assert_eq!(text(&f, phone), "14000000003");
    undo_it(&f.workspace, second.batch);
    redo_it(&f.workspace, second.batch);
    undo_it(&f.workspace, third.batch);
    assert_eq!(text(&f, phone), "14000000002");
    undo_it(&f.workspace, second.batch);
    assert_eq!(text(&f, phone), "14000000001");
}

#[test]
fn a_salvaged_file_of_an_older_schema_keeps_its_imports_and_its_queue() {
    let folder = tempfile::tempdir().unwrap();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    for (version, imports, waiting) in [(3, 1, 1), (4, 7, 2)] {
        let to = folder.path().join(format!("saved{version}.gpkg"));
        let from = fixtures.join(format!("schema{version}.gpkg"));
        let told = menpai::store::salvage::salvage(&from, &to, None, &stamp()).unwrap();
        assert!(told.findings.is_empty(), "{told:?}");
        let workspace = Workspace::open(&to, None, OpenMode::ReadWrite).unwrap();
        let reader = workspace.reader().unwrap();
        assert_eq!(past_imports(&reader).unwrap().len(), imports, "{version}");
        assert_eq!(review::waiting(&reader).unwrap(), waiting, "{version}");
        for result in menpai::store::check::run(&reader).unwrap() {
            assert!(result.findings.is_empty(), "{version}: {result:?}");
        }
    }
}

#[test]
fn a_migration_takes_no_damage_for_sound() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("old.gpkg");
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/schema4.gpkg");
    std::fs::copy(fixture, &path).unwrap();
    let conn = Connection::open(&path).unwrap();
    conn.execute("UPDATE person SET name = '另一个' WHERE person_id = 7", []).unwrap();
    drop(conn);
    let workspace = Workspace::open(&path, None, OpenMode::ReadWrite).unwrap();
    let results = menpai::store::check::run(&workspace.reader().unwrap()).unwrap();
    let rows = results.iter().find(|r| r.check == "rows").unwrap();
    let told: Vec<String> = rows.findings.iter().map(ToString::to_string).collect();
    assert_eq!(told, ["row 7 of the table person is not as it was written"]);
}
