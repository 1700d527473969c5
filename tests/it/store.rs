//! The workspace file: keys, copies, two windows, migrations, plans, kill -9.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use menpai::access::AuditEntry;
use menpai::domain::ids::BuildingId;
use menpai::query::{self, Census, Vocabulary};
use menpai::store::{OpenMode, Passphrase, StoreError, Workspace, check};

use super::totals;
use super::{district, stamp, today};

fn sound(workspace: &Workspace) {
    for result in check::run(&workspace.reader().unwrap()).unwrap() {
        assert!(result.findings.is_empty(), "{result:?}");
    }
}

fn open(path: &Path, passphrase: Option<&str>) -> Result<Workspace, StoreError> {
    let passphrase = passphrase.and_then(Passphrase::new);
    Workspace::open(path, passphrase.as_ref(), OpenMode::ReadWrite)
}

#[test]
fn keys_from_plain_to_encrypted_and_back() {
    let (folder, plain) = district(12);
    let path = folder.path().join("w.gpkg");
    let before = totals(&plain.reader().unwrap()).unwrap();
    let weak = Passphrase::new("short").unwrap();
    let first = Passphrase::new("Xindu-2026-grid").unwrap();
    let second = Passphrase::new("another Pass 77").unwrap();
    let encrypted = plain.rekey(Some(&first), &stamp()).unwrap();
    sound(&encrypted);
    assert!(!std::fs::read(&path).unwrap().starts_with(b"SQLite"));
    let again = encrypted.rekey(Some(&second), &stamp()).unwrap();
    assert_eq!(totals(&again.reader().unwrap()).unwrap(), before);
    drop(again);
    assert!(matches!(open(&path, None), Err(StoreError::PassphraseNeeded)));
    assert!(matches!(open(&path, Some("Xindu-2026-grid")), Err(StoreError::PassphraseWrong)));
    let opened = open(&path, Some("another Pass 77")).unwrap();
    assert!(matches!(
        Workspace::create(&folder.path().join("x"), Some(&weak), &stamp()),
        Err(StoreError::PassphraseWeak)
    ));
    let copy = folder.path().join("copy.gpkg");
    opened.save_copy(&copy, &stamp(), |_| true).unwrap();
    assert!(matches!(opened.save_copy(&copy, &stamp(), |_| true), Err(StoreError::Exists(_))));
    sound(&open(&copy, Some("another Pass 77")).unwrap());
    let plain = opened.rekey(None, &stamp()).unwrap();
    sound(&plain);
    assert_eq!(totals(&plain.reader().unwrap()).unwrap(), before);
    assert!(matches!(open(&path, Some("x")), Err(StoreError::NotEncrypted)));
}

#[test]
fn a_copy_while_others_read_and_write() {
    let (folder, workspace) = district(12);
    let reader = workspace.reader().unwrap();
    let before = totals(&reader).unwrap();
    let other = open(&folder.path().join("w.gpkg"), None).unwrap();
    other.write(&stamp(), |_| Ok(((), AuditEntry::done("visit", "x")))).unwrap();
    workspace.save_copy(&folder.path().join("c.gpkg"), &stamp(), |_| true).unwrap();
    let copy = open(&folder.path().join("c.gpkg"), None).unwrap();
    assert_eq!(totals(&copy.reader().unwrap()).unwrap(), before);
    sound(&copy);
}

#[test]
fn two_windows_write_in_turn() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w.gpkg");
    drop(Workspace::create(&path, None, &stamp()).unwrap());
    std::thread::scope(|scope| {
        for window in 0..2 {
            let path = &path;
            scope.spawn(move || {
                let workspace = open(path, None).unwrap();
                for n in 0..40 {
                    let entry = AuditEntry::done("write", format!("{window}/{n}"));
                    workspace.write(&stamp(), |_| Ok(((), entry))).unwrap();
                }
            });
        }
    });
    let workspace = open(&path, None).unwrap();
    let entries: i64 = workspace
        .reader()
        .unwrap()
        .query_row("SELECT count(*) FROM audit_log", [], |row| row.get(0))
        .unwrap();
    assert_eq!(entries, 81);
    sound(&workspace);
}

#[test]
fn a_failed_write_leaves_nothing() {
    let (_folder, workspace) = district(3);
    let before = totals(&workspace.reader().unwrap()).unwrap();
    let failed: Result<(), _> = workspace.write(&stamp(), |tx| {
        tx.execute("DELETE FROM residency", [])?;
        Err(StoreError::Cancelled)
    });
    assert!(matches!(failed, Err(StoreError::Cancelled)));
    assert_eq!(totals(&workspace.reader().unwrap()).unwrap(), before);
}

#[test]
fn the_audit_log_is_append_only_and_tampering_shows() {
    let (folder, workspace) = district(2);
    let refused = workspace.write(&stamp(), |tx| {
        tx.execute("DELETE FROM audit_log", [])?;
        Ok(((), AuditEntry::done("x", "x")))
    });
    assert!(refused.unwrap_err().to_string().contains("append-only"));
    workspace
        .write(&stamp(), |tx| {
            tx.execute_batch(
                "DROP TRIGGER audit_log_no_update; UPDATE audit_log SET who = 'x' WHERE seq = 2",
            )?;
            Ok(((), AuditEntry::done("x", "x")))
        })
        .unwrap();
    let found = check::run(&workspace.reader().unwrap()).unwrap();
    let audit = found.iter().find(|r| r.check == "audit_chain").unwrap();
    assert_eq!(audit.findings[0].to_string(), "the log was changed at entry 2");
    drop(folder);
}

#[test]
fn foreign_files_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    assert!(matches!(open(&path("a", b"short"), None), Err(StoreError::NotAWorkspace(_))));
    for other in [
        "姓名,地址\n张桂英,橡树湾3幢\n".repeat(40).as_bytes(),
        &[b"PK\x03\x04", &[7; 90][..]].concat(),
    ] {
        let list = path("list", other);
        assert!(matches!(open(&list, None), Err(StoreError::NotAWorkspace(_))));
    }
    let mut state = 7u32;
    let noise: [u8; 5000] = std::array::from_fn(|_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    });
    let noise = path("b", &noise);
    assert!(matches!(open(&noise, None), Err(StoreError::PassphraseNeeded)));
    assert!(matches!(open(&noise, Some("some Passphrase 1")), Err(StoreError::PassphraseWrong)));
    let fake = path("c", &[b"SQLite format 3\0".as_slice(), &[9; 5000]].concat());
    assert!(matches!(open(&fake, None), Err(StoreError::NotAWorkspace(_))));
    assert!(matches!(open(&folder.path().join("none"), None), Err(StoreError::Missing(_))));
}

#[test]
fn a_newer_schema_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w.gpkg");
    let workspace = Workspace::create(&path, None, &stamp()).unwrap();
    workspace
        .write(&stamp(), |tx| {
            tx.execute("UPDATE meta SET value = '99' WHERE key = 'schema_version'", [])?;
            Ok(((), AuditEntry::done("x", "x")))
        })
        .unwrap();
    drop(workspace);
    assert!(matches!(open(&path, None), Err(StoreError::NewerSchema { found: 99, .. })));
}

#[test]
fn older_schemas_still_open_and_answer() {
    for (file, buildings, persons, base) in
        [("schema1", 6, 38, 0), ("schema2", 6, 44, 4), ("schema3", 6, 50, 4), ("schema4", 6, 52, 4)]
    {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("old.gpkg");
        let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
        std::fs::copy(fixture.join(format!("{file}.gpkg")), &path).unwrap();
        // First for reading only, as it is; then for writing, migrated.
        for mode in [OpenMode::ReadOnly, OpenMode::ReadWrite] {
            let workspace = Workspace::open(&path, None, mode).unwrap();
            let reader = workspace.reader().unwrap();
            let totals = totals(&reader).unwrap();
            assert_eq!((totals.buildings, totals.persons), (buildings, persons), "{file}");
            let shapes = menpai::store::features::basemap(&reader).unwrap();
            assert_eq!(shapes.len(), base, "{file}");
            let vocabulary = Vocabulary::read(&reader).unwrap();
            let home: BuildingId = reader
                .query_row("SELECT building_id FROM room ORDER BY room_id LIMIT 1", [], |r| {
                    r.get(0)
                })
                .unwrap();
            let overview = query::overview(&reader, &vocabulary, home).unwrap().unwrap();
            assert!(overview.counts.rooms > 0);
            assert_eq!(menpai::map::Scene::read(&workspace).unwrap().footprints().len(), 6);
            if ["schema3", "schema4"].contains(&file) {
                let past = menpai::store::past_imports::past_imports(&reader).unwrap();
                let waiting = query::review::waiting(&reader).unwrap();
                assert!(past.iter().any(|p| p.can_undo && p.kind == "persons"), "{past:?}");
                assert_eq!(waiting, if file == "schema3" { 1 } else { 2 });
            }
            drop(reader);
            sound(&workspace);
        }
    }
}

#[test]
fn lookups_use_indexes() {
    let (_folder, workspace) = district(40);
    let reader = workspace.reader().unwrap();
    let plan = |sql: &str| {
        let mut select = reader.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let rows = select.query_map([], |row| row.get::<_, String>(3)).unwrap();
        rows.map(Result::unwrap).collect::<Vec<_>>().join("\n")
    };
    for sql in [
        "SELECT * FROM room WHERE building_id = 1 AND deleted_at IS NULL",
        "SELECT * FROM room WHERE match_key >= '1/' AND match_key < '10' AND deleted_at IS NULL",
        "SELECT s.person_id FROM room r JOIN residency s ON s.room_id = r.room_id
           JOIN person p ON p.person_id = s.person_id WHERE r.building_id = 1
           AND s.end_date IS NULL",
        "SELECT DISTINCT t.person_id, t.tag_id FROM room r JOIN residency s ON s.room_id = r.room_id
           JOIN person_tag t ON t.person_id = s.person_id WHERE r.building_id = 1",
        "SELECT person_id FROM person WHERE id_no = '1' AND id_type = 111 AND deleted_at IS NULL",
        "SELECT person_id FROM person WHERE name >= 'a' AND name < 'b'",
        "SELECT person_id FROM person WHERE substr(id_no, -4) = '1234' AND id_no IS NOT NULL",
        "SELECT person_id FROM person WHERE substr(phone, -4) = '1234' AND phone IS NOT NULL",
        "SELECT person_id FROM person WHERE instr(phone, ';') > 0 AND instr(phone, '1234;') > 0",
        "SELECT person_id FROM person WHERE phone >= '1' AND phone < '2'",
        "SELECT * FROM residency WHERE person_id = 1 AND end_date IS NULL",
        "SELECT * FROM household WHERE room_id = 1 AND register_no IS NULL",
        "SELECT * FROM event WHERE building_id = 1",
        "SELECT * FROM enterprise WHERE building_id = 1 AND deleted_at IS NULL",
        "SELECT * FROM building WHERE code = 'x' AND deleted_at IS NULL",
        "SELECT * FROM device WHERE building_id = 1 AND deleted_at IS NULL",
    ] {
        let plan = plan(sql);
        // The few phones that are several are looked through by an index of their own.
        assert!(!plan.replace("SCAN person USING COVERING INDEX person_phones", "").contains("SCAN"), "{sql}\n{plan}");
    }
}

#[test]
fn a_selection_agrees_with_sql() {
    let (_folder, workspace) = district(120);
    let reader = workspace.reader().unwrap();
    let vocabulary = Vocabulary::read(&reader).unwrap();
    let index = Census::read(&reader, &vocabulary).unwrap();
    let sum = |sql: &str| -> u64 {
        reader.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap().unsigned_abs()
    };
    // Every third building, none, and one that does not exist.
    let third: Vec<BuildingId> = (1..=120).filter(|id| id % 3 == 0).map(BuildingId).collect();
    for (ids, condition) in [
        (third, "building_id % 3 = 0 AND building_id <= 120"),
        (vec![], "0"),
        (vec![BuildingId(9_999)], "0"),
    ] {
        let s = query::selection_summary(&reader, &vocabulary, &index, &ids, today()).unwrap();
        let rows = |table: &str, more: &str| {
            sum(&format!("SELECT count(*) FROM {table} WHERE {condition} AND {more}"))
        };
        let persons = |more: &str| {
            sum(&format!(
                "SELECT count(DISTINCT p.person_id) FROM person p JOIN residency s USING (person_id)
                 JOIN room r USING (room_id) WHERE s.end_date IS NULL AND ({condition}) AND {more}"
            ))
        };
        assert_eq!(s.rooms, rows("room", "deleted_at IS NULL"));
        assert_eq!(s.enterprises, rows("enterprise", "deleted_at IS NULL"));
        assert_eq!(s.open_events, rows("event", "state NOT IN (3, 10)"));
        assert_eq!(s.persons, persons("1"));
        for (tag, count) in vocabulary.tags.iter().zip(&s.tags) {
            let has = format!(
                "EXISTS (SELECT 1 FROM person_tag t WHERE t.person_id = p.person_id
                   AND t.tag_id = {})",
                tag.tag_id
            );
            assert_eq!(*count, persons(&has), "{}", tag.code);
        }
        // today() is 2026-11-23: born before 1966-11-24 is 60, after 2008-11-23 is a minor.
        assert_eq!(s.elderly, persons("p.birth_date <= '1966-11-23'"));
        assert_eq!(s.minors, persons("p.birth_date > '2008-11-23'"));
        assert_eq!(s.buildings.len(), ids.len());
        let at_home: u64 = s.buildings.iter().map(|(_, n)| u64::from(*n)).sum();
        assert!(at_home >= s.persons && s.alone <= s.elderly);
    }
}

#[test]
fn kill_9_in_the_middle_of_an_import_leaves_the_workspace_as_it_was() {
    if !cfg!(unix) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w.gpkg");
    drop(Workspace::create(&path, None, &stamp()).unwrap());
    let mut file = std::fs::File::create(folder.path().join("big.geojson")).unwrap();
    write!(file, "{{\"type\":\"FeatureCollection\",\"features\":[").unwrap();
    for n in 0..60_000 {
        let (x, y) = (f64::from(n % 300) * 1e-3, f64::from(n / 300) * 1e-3);
        let comma = if n == 0 { "" } else { "," };
        write!(
            file,
            "{comma}{{\"type\":\"Feature\",\"id\":{n},\"geometry\":{{\"type\":\"Polygon\",\"coordinates\":[[[{x},{y}],[{},{y}],[{},{}],[{x},{y}]]]}}}}",
            x + 5e-4, x + 5e-4, y + 5e-4
        )
        .unwrap();
    }
    write!(file, "]}}").unwrap();
    drop(file);
    let wal = folder.path().join("w.gpkg-wal");
    let mut child = Command::new(env!("CARGO_BIN_EXE_menpai"))
        .args(["import", "buildings"])
        .arg(folder.path().join("big.geojson"))
        .arg("--into")
        .arg(&path)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // Wait until it writes (the write-ahead log grows), then pull the plug.
    for _ in 0..2_000 {
        let is_writing = std::fs::metadata(&wal).is_ok_and(|m| m.len() > 200_000);
        if is_writing || child.try_wait().unwrap().is_some() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let workspace = open(&path, None).unwrap();
    let found = totals(&workspace.reader().unwrap()).unwrap().buildings;
    assert!(found == 0 || found == 60_000, "all or nothing, not {found}");
    sound(&workspace);
}
