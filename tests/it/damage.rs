//! Damaged and hijacked workspaces: what is found, what is refused, what can be saved.

use std::path::Path;

use menpai::access::{Actor, AuditEntry, Stamp};
use menpai::query::statistics::totals;
use menpai::store::salvage::salvage;
use menpai::store::{OpenMode, StoreError, Workspace, bulk, check};
use rusqlite::Connection;

use super::{NOW, district, stamp};

fn open(path: &Path) -> Result<Workspace, StoreError> {
    Workspace::open(path, None, OpenMode::ReadWrite)
}

fn sound(workspace: &Workspace) {
    for result in check::run(&workspace.reader().unwrap()).unwrap() {
        assert!(result.findings.is_empty(), "{result:?}");
    }
}

#[test]
fn objects_of_others_in_our_place_are_refused_and_their_own_stay() {
    let hostile = [
        "CREATE TRIGGER x BEFORE INSERT ON audit_log BEGIN SELECT raise(IGNORE); END",
        "CREATE TRIGGER rtree_building_geom_insert9 AFTER INSERT ON building BEGIN
           DELETE FROM audit_log; END",
        "CREATE TRIGGER trigger_insert_feature_count_building AFTER INSERT ON building BEGIN
           DELETE FROM person; END",
        "ALTER TABLE event RENAME TO event2; CREATE VIEW event AS SELECT * FROM event2",
    ];
    for sql in hostile {
        let (_folder, workspace) = district(2);
        let path = workspace.path().to_owned();
        drop(workspace);
        let conn = Connection::open(&path).unwrap();
        conn.execute_batch(sql).unwrap();
        drop(conn);
        assert!(matches!(open(&path), Err(StoreError::Foreign(_))), "{sql}");
        let reading = Workspace::open(&path, None, OpenMode::ReadOnly).unwrap();
        let found = check::run(&reading.reader().unwrap()).unwrap();
        let schema = found.iter().find(|r| r.check == "schema").unwrap();
        assert!(!schema.findings.is_empty(), "{sql}");
    }
    let (_folder, workspace) = district(2);
    let path = workspace.path().to_owned();
    drop(workspace);
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch(
        "CREATE TABLE mine (a); CREATE VIEW my_view AS SELECT code FROM building;
         CREATE TRIGGER mine_too AFTER INSERT ON mine BEGIN SELECT 1; END;
         CREATE TABLE gpkg_ogr_contents (table_name, feature_count);
         ALTER TABLE building ADD COLUMN remark TEXT;
         CREATE TRIGGER trigger_insert_feature_count_building AFTER INSERT ON building BEGIN
           UPDATE gpkg_ogr_contents SET feature_count = feature_count + 1
           WHERE lower(table_name) = lower('building'); END",
    )
    .unwrap();
    drop(conn);
    sound(&open(&path).unwrap());
}

#[test]
fn row_numbers_that_nothing_here_gives_are_refused() {
    for id in ["-5", "1099511627776", "2147483648"] {
        let (_folder, workspace) = district(12);
        let path = workspace.path().to_owned();
        drop(workspace);
        let conn = Connection::open(&path).unwrap();
        // As a program would that knows nothing of the links between the tables.
        conn.pragma_update(None, "foreign_keys", false).unwrap();
        conn.execute_batch(&format!("UPDATE person SET person_id = {id} WHERE person_id = 1"))
            .unwrap();
        drop(conn);
        assert!(matches!(open(&path), Err(StoreError::Foreign(_))), "{id}");
    }
}

#[test]
fn what_can_be_read_of_a_damaged_file_is_saved() {
    let (folder, workspace) = district(12);
    let path = workspace.path().to_owned();
    let before = totals(&workspace.reader().unwrap()).unwrap();
    let pages: Vec<i64> = {
        let reader = workspace.reader().unwrap();
        // A leaf of the persons: found by what stands in it.
        let name: String = reader
            .query_row("SELECT name FROM person WHERE person_id = 100", [], |r| r.get(0))
            .unwrap();
        let root: i64 = reader
            .query_row("SELECT rootpage FROM sqlite_schema WHERE name = 'person'", [], |r| r.get(0))
            .unwrap();
        drop(reader);
        drop(workspace);
        let bytes = std::fs::read(&path).unwrap();
        let holds = |page: &&[u8]| page.windows(name.len()).any(|w| w == name.as_bytes());
        let found = bytes.chunks(4096).enumerate().filter(|(n, page)| {
            // A leaf page of a table begins with 13.
            *n as i64 + 1 != root && page[0] == 13 && holds(page)
        });
        found.map(|(n, _)| n as i64).collect()
    };
    let mut bytes = std::fs::read(&path).unwrap();
    let at = pages[0] as usize * 4096;
    bytes[at..at + 200].fill(0xEE);
    std::fs::write(&path, &bytes).unwrap();
    let reading = Workspace::open(&path, None, OpenMode::ReadOnly).unwrap();
    let found = check::run(&reading.reader().unwrap()).unwrap();
    assert!(found.iter().any(|r| !r.findings.is_empty()), "{found:?}");
    assert_eq!(found.len(), 6, "one broken page stops no other check");
    drop(reading);
    let saved = folder.path().join("saved.gpkg");
    let result = salvage(&path, &saved, None, &stamp()).unwrap();
    let persons = result.tables.iter().find(|t| t.table == "person").unwrap();
    assert!(persons.lost > 0 && persons.saved > 100, "{result:?}");
    assert!(!result.findings.is_empty());
    let saved = open(&saved).unwrap();
    sound(&saved);
    let after = totals(&saved.reader().unwrap()).unwrap();
    assert_eq!((after.buildings, after.rooms), (before.buildings, before.rooms));
    assert_eq!(after.persons as u64, persons.saved);
}

#[test]
fn a_whole_file_is_saved_whole() {
    let (folder, workspace) = district(6);
    let before = totals(&workspace.reader().unwrap()).unwrap();
    let saved = folder.path().join("saved.gpkg");
    let result = salvage(workspace.path(), &saved, None, &stamp()).unwrap();
    assert!(result.findings.is_empty(), "{result:?}");
    let saved = open(&saved).unwrap();
    sound(&saved);
    assert_eq!(totals(&saved.reader().unwrap()).unwrap(), before);
}

#[test]
fn reveals_are_limited_across_restarts_and_kinds() {
    let (folder, workspace) = district(2);
    let path = workspace.path().to_owned();
    let reveal = |workspace: &Workspace, stamp: &Stamp| {
        let entry = AuditEntry::done("reveal", "person/1").with_purpose("走访");
        workspace.write(stamp, |tx| {
            bulk::check_reveals(tx, stamp)?;
            Ok(((), entry))
        })
    };
    for _ in 0..12 {
        reveal(&workspace, &stamp()).unwrap();
    }
    drop(workspace);
    let workspace = open(&path).unwrap();
    let by_number = AuditEntry::done(bulk::SEARCH_BY_NUMBER, "person");
    for _ in 0..8 {
        workspace.write(&stamp(), |_| Ok(((), by_number.clone()))).unwrap();
    }
    assert!(matches!(reveal(&workspace, &stamp()), Err(StoreError::TooManyReveals)));
    let other = Stamp { actor: Actor::new("somebody else"), at: NOW };
    reveal(&workspace, &other).unwrap();
    let later = Stamp { at: NOW + 601, ..stamp() };
    reveal(&workspace, &later).unwrap();
    drop(folder);
}

#[test]
fn numbers_are_not_felt_for_digit_by_digit() {
    let (_folder, workspace) = district(12);
    let reader = workspace.reader().unwrap();
    let vocabulary = menpai::query::Vocabulary::read(&reader).unwrap();
    let phone: String = reader
        .query_row("SELECT phone FROM person WHERE length(phone) = 11 LIMIT 1", [], |r| r.get(0))
        .unwrap();
    let found = |text: &str| {
        menpai::query::search(&reader, &vocabulary, text, super::today()).unwrap().persons.len()
    };
    for length in [3, 5] {
        assert_eq!(found(&phone[..length]), 0, "{length} digits");
    }
    assert!(found(&phone[7..]) > 0, "the last four");
    assert!(found(&phone[..7]) > 0);
    assert_eq!(menpai::query::search::part_of_number("zgy"), None);
    assert_eq!(menpai::query::search::part_of_number("3幢2单元"), None);
}

#[test]
fn a_file_that_was_cut_off_gives_what_is_left_of_it() {
    let (folder, workspace) = district(12);
    let path = workspace.path().to_owned();
    drop(workspace);
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() * 9 / 10]).unwrap();
    assert!(matches!(
        Workspace::open(&path, None, OpenMode::ReadOnly),
        Err(StoreError::Damaged(_))
    ));
    let saved = folder.path().join("saved.gpkg");
    let result = salvage(&path, &saved, None, &stamp()).unwrap();
    let saved_of =
        |table: &str| result.tables.iter().find(|t| t.table == table).map_or(0, |t| t.saved);
    assert_eq!(result.findings[0], "the end of the file is missing");
    assert_eq!(saved_of("building"), 12, "{result:?}");
    assert!(saved_of("person") > 0, "{result:?}");
    sound(&open(&saved).unwrap());
}
