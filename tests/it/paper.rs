//! Documents on paper: text that can be searched, every row accounted for, written down.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::Path;

use calamine::{Data, Reader as _, open_workbook_auto};
use menpai::derived::kept;
use menpai::export::extract::Extracted;
use menpai::export::roster::{RosterKind, roster};
use menpai::export::taking::{ExtractError, Taking};
use menpai::query::table::{Scope, TableKind};
use menpai::query::{Filter, Vocabulary};
use menpai::store::{OpenMode, StoreError, Workspace};
use menpai::text::Lang;

use super::cli::menpai;
use super::{district, stamp, today};

/// The streams of a PDF, unpacked (ISO 32000-1, 7.3.8).
fn streams(bytes: &[u8]) -> Vec<String> {
    let find = |from: usize, word: &[u8]| {
        bytes[from..].windows(word.len()).position(|part| part == word).map(|at| from + at)
    };
    let (mut found, mut from) = (Vec::new(), 0);
    while let Some(at) = find(from, b"stream\n") {
        let start = at + 7;
        let Some(end) = find(start, b"endstream") else { break };
        let mut text = Vec::new();
        let _ = flate2::read::ZlibDecoder::new(&bytes[start..end]).read_to_end(&mut text);
        found.push(String::from_utf8_lossy(&text).into_owned());
        from = end + 9;
    }
    found
}

/// The signs that a PDF's fonts map their glyphs to: what a search can find (ISO 32000-1, 9.10.3).
pub fn signs(bytes: &[u8]) -> BTreeSet<char> {
    let mut signs = BTreeSet::new();
    for cmap in streams(bytes).iter().filter(|text| text.contains("beginbfchar")) {
        for line in cmap.split("beginbfchar").skip(1) {
            let body = line.split("endbfchar").next().unwrap();
            for pair in body.lines() {
                let Some(hex) = pair.split('<').nth(2).and_then(|t| t.split('>').next()) else {
                    continue;
                };
                let units: Vec<u16> = (0..hex.len() / 4)
                    .map(|at| u16::from_str_radix(&hex[at * 4..at * 4 + 4], 16).unwrap())
                    .collect();
                signs.extend(char::decode_utf16(units).flatten());
            }
        }
    }
    signs
}

fn written(
    w: &Workspace,
    filter: &Filter,
    (kind, is_paper): (RosterKind, bool),
    to: (&Path, Option<&str>),
) -> Result<Extracted, ExtractError> {
    roster_of(w, filter, (kind, is_paper), to, &mut |_| Ok(()))
}

fn roster_of(
    w: &Workspace,
    filter: &Filter,
    how: (RosterKind, bool),
    (to, purpose): (&Path, Option<&str>),
    progress: &mut dyn FnMut(u64) -> Result<(), StoreError>,
) -> Result<Extracted, ExtractError> {
    let reader = w.reader().unwrap();
    let vocabulary = Vocabulary::read(&reader).unwrap();
    let census = kept::census(&reader, &vocabulary).unwrap();
    let condition = super::condition(&reader, &vocabulary, filter);
    let taking = Taking {
        kind: TableKind::Rooms,
        scope: Scope::of(&reader, TableKind::Rooms, &condition, &census).unwrap(),
        filter: filter.clone(),
        to: to.to_owned(),
        replaces: false,
        purpose: purpose.map(str::to_owned),
        vocabulary: &vocabulary,
        lang: Lang::Zh,
        today: today(),
    };
    roster(w, &stamp(), &taking, how, progress)
}

fn rows_of(path: &Path) -> Vec<Vec<String>> {
    let mut book = open_workbook_auto(path).unwrap();
    let range = book.worksheet_range_at(0).unwrap().unwrap();
    let cell = |cell: &Data| cell.to_string();
    range.rows().map(|row| row.iter().map(cell).collect()).collect()
}

#[test]
fn a_roster_tells_of_every_door_and_everybody_in_walking_order() {
    let (folder, w) = district(24);
    let reader = w.reader().unwrap();
    let count = |sql: &str| reader.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    let living = "SELECT count(*) FROM residency r JOIN room m USING (room_id)
        JOIN person p USING (person_id)
        WHERE r.end_date IS NULL AND m.deleted_at IS NULL AND p.deleted_at IS NULL";
    let empty = "SELECT count(*) FROM room m WHERE deleted_at IS NULL AND NOT EXISTS
        (SELECT 1 FROM residency r WHERE r.room_id = m.room_id AND r.end_date IS NULL)";
    let to = folder.path().join("r.xlsx");
    let all = Filter::default();
    let done = written(&w, &all, (RosterKind::Residents, false), (&to, None)).unwrap();
    assert_eq!(done.rows as i64, count(living) + count(empty));
    let rows = rows_of(&to);
    assert_eq!(rows.len() as u64, done.rows + 1);
    assert_eq!(rows[0][..5], ["楼栋", "单元", "房号", "房屋状态", "姓名"]);
    // Names are masked, and a building's rows stand together, its floors from below.
    let doors: Vec<(&str, &str, &str)> =
        rows[1..].iter().map(|row| (&*row[0], &*row[1], &*row[2])).collect();
    assert!(rows[1..].iter().all(|row| row[4].is_empty() || row[4].contains('*')));
    let mut seen: Vec<&str> = doors.iter().map(|door| door.0).collect();
    seen.dedup();
    assert_eq!(seen.len(), seen.iter().collect::<BTreeSet<_>>().len());
    for pair in doors.windows(2).filter(|pair| pair[0].0 == pair[1].0 && pair[0].1 == pair[1].1) {
        let number = |door: &str| door.parse::<u32>().ok();
        if let (Some(a), Some(b)) = (number(pair[0].2), number(pair[1].2)) {
            assert!(a <= b, "{a} before {b}");
        }
    }
    // The doors: one row each, with room to write.
    let to = folder.path().join("d.xlsx");
    let done = written(&w, &all, (RosterKind::Doors, false), (&to, Some("走访"))).unwrap();
    assert_eq!(done.rows as i64, count("SELECT count(*) FROM room WHERE deleted_at IS NULL"));
    let rows = rows_of(&to);
    let people: i64 = rows[1..].iter().map(|row| row[6].parse::<i64>().unwrap_or(0)).sum();
    assert_eq!(people, count(living));
    assert!(rows[1..].iter().any(|row| !row[4].is_empty() && !row[4].contains('*')));
    let told: (String, String, String) = reader
        .query_row(
            "SELECT action, fields, coalesce(purpose, '') FROM audit_log ORDER BY seq DESC LIMIT 1",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .unwrap();
    assert!(
        told.0 == "doors" && told.1.contains(&done.sha256) && told.1.contains("name×"),
        "{told:?}"
    );
    assert_eq!(told.2, "走访");
    // What is there is not replaced.
    let again = written(&w, &all, (RosterKind::Doors, false), (&to, None));
    assert!(matches!(again, Err(ExtractError::Store(StoreError::Exists(_)))));
}

#[test]
fn a_stopped_roster_leaves_nothing() {
    let (folder, w) = district(6);
    for (kind, paper) in [(RosterKind::Residents, true), (RosterKind::Doors, false)] {
        let to = folder.path().join("stopped");
        let stop = &mut |rooms: u64| if rooms < 3 { Ok(()) } else { Err(StoreError::Cancelled) };
        let done = roster_of(&w, &Filter::default(), (kind, paper), (&to, None), stop);
        assert!(matches!(done, Err(ExtractError::Store(StoreError::Cancelled))));
        let left = std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name());
        assert!(left.into_iter().all(|name| name.to_string_lossy().starts_with("w.gpkg")));
    }
}

#[test]
fn text_on_paper_can_be_searched_and_shows_no_more_than_it_may() {
    let (folder, w) = district(6);
    let reader = w.reader().unwrap();
    let mut select = reader
        .prepare(
            "SELECT p.name FROM person p JOIN residency r USING (person_id)
             WHERE r.end_date IS NULL AND p.deleted_at IS NULL",
        )
        .unwrap();
    let names: Vec<String> =
        select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let all: BTreeSet<char> = names.iter().flat_map(|name| name.chars()).collect();
    let paper = |name: &str, purpose: Option<&str>| {
        let to = folder.path().join(name);
        written(&w, &Filter::default(), (RosterKind::Residents, true), (&to, purpose)).unwrap();
        std::fs::read(to).unwrap()
    };
    let (masked, open) = (paper("m.pdf", None), paper("o.pdf", Some("走访")));
    assert!(masked.starts_with(b"%PDF-1.7"));
    let (masked, open) = (signs(&masked), signs(&open));
    assert!("花名册单元房号已脱敏".chars().all(|sign| masked.contains(&sign)), "{masked:?}");
    assert!(all.iter().all(|sign| open.contains(sign)), "every name can be found");
    let hidden = all.iter().filter(|sign| !masked.contains(sign)).count();
    assert!(hidden > 5, "given names stand on no masked paper");
}

#[test]
fn lists_and_figures_are_printed_from_the_command_line() {
    let (folder, w) = district(12);
    let path = w.path().to_str().unwrap().to_owned();
    drop(w);
    let to = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let run = |arguments: &[&str], code: i32| {
        let out = menpai(arguments);
        let told = String::from_utf8_lossy(&out.stderr).into_owned();
        assert_eq!(out.status.code(), Some(code), "{arguments:?}: {told}");
        told
    };
    let list = to("list.pdf");
    run(&["extract", &path, "persons", "--age", "60..", "--to", &list, "--lang", "zh"], 0);
    let bytes = std::fs::read(&list).unwrap();
    assert!("姓名性别年龄联系电话地址".chars().all(|sign| signs(&bytes).contains(&sign)));
    let roster = to("roster.pdf");
    run(&["extract", &path, "roster", "--to", &roster], 0);
    let told = run(&["extract", &path, "doors", "--to", &to("doors.csv")], 1);
    assert!(told.contains("xlsx pdf"), "{told}");
    let told =
        run(&["extract", &path, "doors", "--to", &to("doors.pdf"), "--columns", "address"], 1);
    assert!(told.contains("cannot be chosen"), "{told}");
    let report = to("report.pdf");
    run(&["stats", &path, "--report", &report, "--lang", "zh"], 0);
    let bytes = std::fs::read(&report).unwrap();
    assert!("一网总览人口房屋企业口径".chars().all(|sign| signs(&bytes).contains(&sign)));
    let told = run(&["stats", &path, "--report", &report], 1);
    assert!(told.contains("report.pdf"), "{told}");
    run(&["stats", &path, "--report", &report, "--force"], 0);
    let reader =
        Workspace::open(Path::new(&path), None, OpenMode::ReadOnly).unwrap().reader().unwrap();
    let (code, name): (String, String) = reader
        .query_row("SELECT code, name FROM grid ORDER BY code LIMIT 1", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    run(&["stats", &path, "--report", &report, "--force", "--beside", &code, "--lang", "zh"], 0);
    let bytes = std::fs::read(&report).unwrap();
    assert!(name.chars().all(|sign| signs(&bytes).contains(&sign)), "{name}");
    let told = run(&["stats", &path, "--report", &to("r2.pdf"), "--beside", "G99999"], 1);
    assert!(told.contains("G99999") && !Path::new(&to("r2.pdf")).exists(), "{told}");
}
