//! Damaged and hijacked workspaces: what is found, what is refused, what can be saved.

use std::path::Path;

use menpai::access::{Actor, AuditEntry, Stamp};
use menpai::store::salvage::salvage;
use menpai::store::{OpenMode, StoreError, Workspace, bulk, check};
use rusqlite::Connection;

use super::totals;
use super::{NOW, district, stamp};

fn open(path: &Path) -> Result<Workspace, StoreError> {
    Workspace::open(path, None, OpenMode::ReadWrite)
}

/// Whether every row has the sum it was written with.
pub fn rows_are_as_written(workspace: &Workspace) {
    let found = check::run(&workspace.reader().unwrap()).unwrap();
    let rows = found.iter().find(|r| r.check == "rows").unwrap();
    assert!(rows.findings.is_empty() && rows.looked_at > 0, "{rows:?}");
}

/// Writes as a window does.
fn edit(workspace: &Workspace, sql: &str) {
    let written = workspace.write(&stamp(), |tx| {
        tx.execute(sql, [])?;
        Ok(((), AuditEntry::done("test", "row")))
    });
    written.unwrap();
}

/// A check's findings.
fn findings(path: &Path, check: &str) -> Vec<String> {
    let reading = Workspace::open(path, None, OpenMode::ReadOnly).unwrap();
    let all = check::run(&reading.reader().unwrap()).unwrap();
    all.into_iter()
        .find(|r| r.check == check)
        .map(|r| r.findings.iter().map(ToString::to_string).collect())
        .unwrap_or_default()
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
    for id in ["-5", "0", "4611686018427387905", "9223372036854775807"] {
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
    assert_eq!(found.len(), 8, "one broken page stops no other check");
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
    assert_eq!(after.persons, persons.saved);
}

/// Overwrites the first place in a file where `old` stands.
fn overwrite(path: &Path, old: &[u8], new: &[u8]) {
    let mut bytes = std::fs::read(path).unwrap();
    let at = bytes.windows(old.len()).position(|w| w == old).unwrap();
    bytes[at..at + new.len()].copy_from_slice(new);
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn letters_that_changed_in_the_file_are_found_and_told_when_saved() {
    let (folder, workspace) = district(6);
    let path = workspace.path().to_owned();
    // In no index, so that SQLite's own check has nothing to compare it with.
    edit(&workspace, "UPDATE person SET verified_by = '王小明核实' WHERE person_id = 7");
    drop(workspace);
    assert_eq!(findings(&path, "rows"), Vec::<String>::new());
    overwrite(&path, "王小明核实".as_bytes(), "王小朋".as_bytes());
    assert_eq!(findings(&path, "integrity"), Vec::<String>::new());
    assert_eq!(findings(&path, "rows"), ["row 7 of the table person is not as it was written"]);
    // Writing beside it does not bless it.
    let workspace = open(&path).unwrap();
    edit(&workspace, "UPDATE person SET verified_by = 'x' WHERE person_id = 8");
    drop(workspace);
    assert_eq!(findings(&path, "rows").len(), 1);
    let saved = folder.path().join("saved.gpkg");
    let result = salvage(&path, &saved, None, &stamp()).unwrap();
    let person = result.tables.iter().find(|t| t.table == "person").unwrap();
    assert_eq!((person.changed, person.lost), (1, 0));
    assert_eq!(
        result.findings[0].to_string(),
        "row 7 of the table person is damaged; it was saved as it reads"
    );
    sound(&open(&saved).unwrap());
}

#[test]
fn rows_that_vanish_or_appear_without_a_writer_are_found() {
    let (_folder, workspace) = district(6);
    let path = workspace.path().to_owned();
    drop(workspace);
    let conn = Connection::open(&path).unwrap();
    conn.pragma_update(None, "foreign_keys", false).unwrap();
    conn.execute_batch(
        "DELETE FROM residency WHERE residency_id = 3;
         INSERT INTO estate (estate_id, name, pinyin, initials) VALUES (900, 'x', 'x', 'x')",
    )
    .unwrap();
    drop(conn);
    assert_eq!(
        findings(&path, "rows"),
        [
            "row 900 of the table estate was not written by Menpai",
            "row 3 of the table residency is gone"
        ]
    );
}

#[test]
fn edits_of_another_geopackage_program_are_no_damage_and_are_taken_over() {
    let (_folder, workspace) = district(6);
    let path = workspace.path().to_owned();
    drop(workspace);
    let conn = Connection::open(&path).unwrap();
    menpai::store::gpkg::register_functions(&conn).unwrap();
    // As GDAL does it: the row, and the time of the layer's last change.
    conn.execute_batch(
        "UPDATE building SET name = '外部' WHERE building_id IN (1, 2);
         UPDATE gpkg_contents SET last_change = '2026-11-25T01:02:03.004Z'
         WHERE table_name = 'building'",
    )
    .unwrap();
    drop(conn);
    assert_eq!(findings(&path, "rows"), Vec::<String>::new());
    assert_eq!(findings(&path, check::EDITED), ["2 rows of the table building"]);
    let workspace = open(&path).unwrap();
    edit(&workspace, "UPDATE building SET name = 'y' WHERE building_id = 3");
    sound(&workspace);
    let reader = workspace.reader().unwrap();
    let told: (String, String) = reader
        .query_row(
            "SELECT object, fields FROM audit_log WHERE action = 'edited_elsewhere'",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .unwrap();
    assert_eq!(told, ("building".to_owned(), "row×2".to_owned()));
}

#[test]
fn a_file_whose_list_of_tables_is_broken_is_saved_whole() {
    let (folder, workspace) = district(6);
    let path = workspace.path().to_owned();
    let before = totals(&workspace.reader().unwrap()).unwrap();
    drop(workspace);
    let whole = std::fs::read(&path).unwrap();
    let pages: Vec<usize> = (0..whole.len() / 4096)
        .filter(|n| {
            let page = &whole[n * 4096..(n + 1) * 4096];
            let has = |text: &[u8]| page.windows(text.len()).any(|w| w == text);
            *n == 0 || has(b"CREATE TABLE") || has(b"CREATE INDEX")
        })
        .collect();
    assert!(pages.len() > 2, "the list has a page for its root and some below");
    for broken in [&pages[..1], &pages[1..2], &pages[..]] {
        let mut bytes = whole.clone();
        broken.iter().for_each(|n| bytes[n * 4096..(n + 1) * 4096].fill(0xEE));
        std::fs::write(&path, &bytes).unwrap();
        let saved = folder.path().join("saved.gpkg");
        let result = salvage(&path, &saved, None, &stamp()).unwrap();
        assert_eq!(
            result.findings,
            ["the list of the tables was damaged and was made anew".into()]
        );
        let saved_workspace = open(&saved).unwrap();
        sound(&saved_workspace);
        assert_eq!(totals(&saved_workspace.reader().unwrap()).unwrap(), before);
        drop(saved_workspace);
        std::fs::remove_file(&saved).unwrap();
    }
}

#[test]
fn tables_are_found_where_a_change_of_passphrase_has_put_them() {
    let (folder, workspace) = district(6);
    let path = workspace.path().to_owned();
    let passphrase = menpai::store::Passphrase::new("Correct-Horse-9-batteries").unwrap();
    let rekeyed = |workspace: Workspace, to: Option<&menpai::store::Passphrase>| {
        workspace.rekey(to, &stamp()).map_err(|failure| failure.error).unwrap()
    };
    let workspace = rekeyed(rekeyed(workspace, Some(&passphrase)), None);
    sound(&workspace);
    let before = totals(&workspace.reader().unwrap()).unwrap();
    drop(workspace);
    let break_list = || {
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[100..4096].fill(0xEE);
        std::fs::write(&path, &bytes).unwrap();
    };
    let whole = std::fs::read(&path).unwrap();
    break_list();
    let saved = folder.path().join("saved.gpkg");
    let result = salvage(&path, &saved, None, &stamp()).unwrap();
    assert_eq!(result.findings, ["the list of the tables was damaged and was made anew".into()]);
    assert_eq!(totals(&open(&saved).unwrap().reader().unwrap()).unwrap(), before);
    std::fs::remove_file(&saved).unwrap();
    // Another program has moved the tables: nothing is taken for what it is not.
    std::fs::write(&path, &whole).unwrap();
    let conn = Connection::open(&path).unwrap();
    let root = |table: &str| -> i64 {
        let sql = "SELECT rootpage FROM sqlite_schema WHERE name = ?1";
        conn.query_row(sql, [table], |row| row.get(0)).unwrap()
    };
    let mark = format!("menpai-table:person:{};", root("residency"));
    conn.execute("UPDATE summed_table SET mark = ?1 WHERE tbl = 'person'", [mark]).unwrap();
    drop(conn);
    break_list();
    let result = salvage(&path, &saved, None, &stamp()).unwrap();
    let told = menpai::msg!("where the table {} begins is not known", "person");
    assert!(result.findings.contains(&told), "{:?}", result.findings);
    sound(&open(&saved).unwrap());
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
    assert_eq!(result.findings[0].to_string(), "the end of the file is missing");
    assert_eq!(saved_of("building"), 12, "{result:?}");
    assert!(saved_of("person") > 0, "{result:?}");
    sound(&open(&saved).unwrap());
}

#[test]
fn what_is_derived_from_the_rows_is_made_anew() {
    let (_folder, workspace) = district(12);
    let path = workspace.path().to_owned();
    drop(workspace);
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch(
        "DROP INDEX person_name; DROP INDEX person_id_no;
         DELETE FROM rtree_building_geom WHERE id = (SELECT min(id) FROM rtree_building_geom)",
    )
    .unwrap();
    drop(conn);
    assert_eq!(findings(&path, "indexes").len(), 2);
    assert_eq!(findings(&path, "rtree").len(), 1);
    let workspace = Workspace::open(&path, None, OpenMode::ReadWrite).unwrap();
    let repaired = check::repair(&workspace, &stamp()).unwrap();
    assert_eq!((repaired.made.len(), repaired.left.len()), (3, 0));
    let again = check::repair(&workspace, &stamp()).unwrap();
    assert!(again.made.is_empty(), "nothing is left to make");
    drop(workspace);
    for check in ["indexes", "rtree", "integrity", "audit_chain", "rows"] {
        assert!(findings(&path, check).is_empty(), "{check}");
    }
}
