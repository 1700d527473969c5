//! Derived data in the file: whatever is edited, what is kept and brought up to date is what a scan makes anew,
//! and what a stranger wrote there is not believed.

use menpai::access::AuditEntry;
use menpai::derived::kept::{self, Kept};
use menpai::derived::{Census, Totals, Vocabulary};
use menpai::store::{OpenMode, Workspace};
use rusqlite::Connection;

use super::{Numbers, district, stamp};

fn edit(workspace: &Workspace, sql: &str) {
    let written = workspace.write(&stamp(), |tx| {
        tx.execute_batch(sql)?;
        Ok(((), AuditEntry::done("test", "row")))
    });
    written.unwrap_or_else(|error| panic!("{sql}: {}", error.message()));
}

/// What the file keeps, brought up to date.
fn loaded(workspace: &Workspace, vocabulary: &Vocabulary) -> Option<(Census, Totals)> {
    let reader = workspace.reader().unwrap();
    let kept = Kept::find(&reader, vocabulary).unwrap()?;
    let (totals, _) = kept.totals(&reader).unwrap()?;
    Some((kept.census(&reader, vocabulary).unwrap()?, totals))
}

/// Keeps what is derived, as a window does: from what it loaded where it can.
fn keep(workspace: &Workspace, vocabulary: &Vocabulary) {
    let Some((census, totals)) = loaded(workspace, vocabulary) else {
        return kept::make(workspace, vocabulary, &stamp()).unwrap();
    };
    let (seq, _) = Workspace::news(&workspace.reader().unwrap(), 0).unwrap();
    kept::keep(workspace, &census, &totals, vocabulary, (seq, &stamp())).unwrap();
}

#[test]
fn a_thousand_random_edits_leave_what_a_scan_makes() {
    let (_folder, workspace) = district(16);
    let reader = workspace.reader().unwrap();
    let vocabulary = Vocabulary::read(&reader).unwrap();
    let last = |table: &str| -> u64 {
        let sql = format!("SELECT max(rowid) FROM {table}");
        reader.query_row(&sql, [], |row| row.get::<_, i64>(0)).unwrap().unsigned_abs()
    };
    kept::make(&workspace, &vocabulary, &stamp()).unwrap();
    let mut numbers = Numbers(11);
    let (mut looked_at, mut replayed, mut counted, mut made_anew) = (0, 0, 0, 0);
    for edits in 0..1_000 {
        let (person, room) = (numbers.below(last("person")) + 1, numbers.below(last("room")) + 1);
        let (building, tag) = (numbers.below(last("building")) + 1, numbers.below(12) + 1);
        let number = numbers.below(9);
        let sql = match numbers.below(14) {
            0 => format!(
                "UPDATE person SET birth_date = '19{}0-03-0{}' WHERE person_id = {person}",
                number,
                number + 1
            ),
            1 => format!(
                "UPDATE person SET sex = {}, population_type = {} WHERE person_id = {person}",
                number % 3,
                number % 4 + 1
            ),
            2 => format!(
                "INSERT OR IGNORE INTO person_tag (person_id, tag_id, review_due) VALUES ({person}, {tag}, '2026-0{}-01')",
                number + 1
            ),
            3 => format!("DELETE FROM person_tag WHERE person_id = {person}"),
            4 => format!(
                "UPDATE person_tag SET until = '2026-01-01' WHERE person_id = {person} AND tag_id = {tag}"
            ),
            5 => format!(
                "UPDATE residency SET end_date = '2026-05-0{}' WHERE person_id = {person}",
                number + 1
            ),
            6 => format!("INSERT INTO residency (person_id, room_id) VALUES ({person}, {room})"),
            7 => format!("DELETE FROM residency WHERE person_id = {person}"),
            8 => format!(
                "UPDATE room SET status = {}, area_m2 = {}.5, verified_at = 17{number}0000000 WHERE room_id = {room}",
                number % 4 + 1,
                60 + number
            ),
            9 => format!(
                "UPDATE residency SET relation = {number}, role = {} WHERE room_id = {room}",
                number % 4 + 1
            ),
            10 => format!("UPDATE building SET grid_id = NULL WHERE building_id = {building}"),
            11 => format!(
                "UPDATE event SET state = {} WHERE event_id = {}",
                number + 1,
                numbers.below(last("event")) + 1
            ),
            12 => format!(
                "INSERT INTO room (building_id, room_no, match_key, kind) VALUES ({building}, 'x{edits}', 'test {edits}', 1)"
            ),
            _ => format!(
                "UPDATE person SET deleted_at = 1, verified_at = NULL WHERE person_id = {person}"
            ),
        };
        edit(&workspace, &sql);
        if Kept::find(&reader, &vocabulary).unwrap().is_none() {
            let chunks: i64 = reader
                .query_row("SELECT count(*) FROM derived_chunk", [], |row| row.get(0))
                .unwrap();
            assert!(sql.starts_with("DELETE") && chunks == 0, "{sql}: {chunks}");
            keep(&workspace, &vocabulary);
            made_anew += 1;
        }
        if edits % 10 == 9 {
            looked_at += 1;
            let anew = Census::read(&reader, &vocabulary).unwrap();
            let found = Kept::find(&reader, &vocabulary).unwrap().expect("edits are small");
            if let Some((totals, _)) = found.totals(&reader).unwrap() {
                counted += 1;
                assert_eq!(totals, Totals::read(&reader).unwrap(), "after {edits}");
            }
            if let Some(census) = found.census(&reader, &vocabulary).unwrap() {
                replayed += 1;
                assert_eq!(census.difference(&anew), None, "after {edits}: {sql}");
                assert_eq!(census.rows(), anew.rows(), "after {edits}");
                assert_eq!(census.persons(), anew.persons());
                let tags = vocabulary.tags.len();
                assert_eq!(census.tag_counts(tags), anew.tag_counts(tags));
            }
        }
        if edits % 37 == 36 {
            keep(&workspace, &vocabulary);
            assert!(loaded(&workspace, &vocabulary).is_some());
        }
    }
    assert_eq!(looked_at, 100);
    assert_eq!(replayed, looked_at);
    assert!(made_anew > 50, "what is deleted is not kept either: {made_anew}");
    // A mark of deletion lets everything be counted anew.
    assert!(counted > 10, "{counted}");
    assert!(kept::check(&reader, &vocabulary).unwrap().1.is_empty());
}

#[test]
fn what_cannot_be_brought_up_to_date_is_not_used() {
    let (_folder, workspace) = district(16);
    let vocabulary = Vocabulary::read(&workspace.reader().unwrap()).unwrap();
    let is_used = |workspace: &Workspace| loaded(workspace, &vocabulary).is_some();
    assert!(!is_used(&workspace), "nothing is kept yet");
    let make = || kept::make(&workspace, &vocabulary, &stamp()).unwrap();
    make();
    assert!(is_used(&workspace));
    edit(&workspace, "UPDATE person SET sex = 1");
    let persons: i64 = workspace
        .reader()
        .unwrap()
        .query_row("SELECT count(*) FROM person", [], |row| row.get(0))
        .unwrap();
    assert_eq!(is_used(&workspace), persons <= 2_000, "a commit of {persons} rows");
    edit(
        &workspace,
        "UPDATE residency SET role = 1; UPDATE person SET sex = 2; UPDATE room SET kind = 1",
    );
    make();
    // More commits than are remembered.
    for _ in 0..300 {
        edit(&workspace, "UPDATE room SET status = 1 WHERE room_id = 1");
    }
    assert!(!is_used(&workspace));
    make();
    assert!(is_used(&workspace));
    // Another program edits a table, and says so as the standard asks.
    let path = workspace.path().to_owned();
    let other = Connection::open(&path).unwrap();
    other
        .execute_batch(
            "UPDATE person SET sex = 1 - sex WHERE person_id = 1;
             UPDATE gpkg_contents SET last_change = '2030-01-01T00:00:00.000Z'
             WHERE table_name = 'person'",
        )
        .unwrap();
    drop(other);
    assert!(!is_used(&workspace));
    edit(&workspace, "UPDATE room SET status = 1 WHERE room_id = 1");
    assert!(!is_used(&workspace), "the edit is taken over, and everything read anew");
    // A tag that was added moves the others.
    make();
    let mut other = Vocabulary::read(&workspace.reader().unwrap()).unwrap();
    other.tags.remove(0);
    assert!(Kept::find(&workspace.reader().unwrap(), &other).unwrap().is_none());
}

#[test]
fn bytes_of_a_stranger_are_not_believed() {
    let (_folder, workspace) = district(8);
    let vocabulary = Vocabulary::read(&workspace.reader().unwrap()).unwrap();
    kept::make(&workspace, &vocabulary, &stamp()).unwrap();
    let path = workspace.path().to_owned();
    let conn = Connection::open(&path).unwrap();
    let read = |sql: &str| -> Vec<u8> { conn.query_row(sql, [], |row| row.get(0)).unwrap() };
    let chunk = read("SELECT body FROM derived_chunk WHERE derived_chunk_id = 0");
    let head = read("SELECT body FROM derived_state");
    let mut numbers = Numbers(5);
    for round in 0..600 {
        let is_head = round % 3 == 0;
        let mut bytes = if is_head { head.clone() } else { chunk.clone() };
        bytes.truncate(bytes.len() - 4);
        for _ in 0..=numbers.below(3) {
            let at = numbers.below(bytes.len() as u64) as usize;
            match numbers.below(3) {
                0 => bytes[at] = numbers.below(256) as u8,
                1 => bytes.truncate(at.max(1)),
                _ => bytes[at] ^= 1 << numbers.below(8),
            }
        }
        // With a checksum that is right, as somebody who knows the format would write it.
        let sum = crc32fast::hash(&bytes).to_le_bytes();
        bytes.extend_from_slice(&sum);
        let sql = if is_head {
            "UPDATE derived_state SET body = ?1"
        } else {
            "UPDATE derived_chunk SET body = ?1 WHERE derived_chunk_id = 0"
        };
        conn.execute(sql, [&bytes]).unwrap();
        // Refused, or something that can be asked without a panic.
        if let Some((census, _)) = loaded(&workspace, &vocabulary) {
            let _ = (census.rows(), census.facts(super::today(), vocabulary.tags.len()));
        }
        conn.execute("UPDATE derived_state SET body = ?1", [&head]).unwrap();
        conn.execute("UPDATE derived_chunk SET body = ?1", [&chunk]).unwrap();
    }
    assert!(loaded(&workspace, &vocabulary).is_some());
    conn.execute("UPDATE derived_chunk SET body = substr(body, 1, 100)", []).unwrap();
    assert!(loaded(&workspace, &vocabulary).is_none(), "cut off");
    drop(conn);
    drop(workspace);
    let again = Workspace::open(&path, None, OpenMode::ReadWrite).unwrap();
    kept::make(&again, &vocabulary, &stamp()).unwrap();
    assert!(loaded(&again, &vocabulary).is_some(), "made anew");
}
