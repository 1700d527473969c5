//! Lists that are matched: whom they mean, what is kept of them, and that nothing is left afterwards.

use std::sync::atomic::AtomicBool;

use menpai::import::kinds::match_list::{MatchTerms, Matched, match_list};
use menpai::import::{Kind, Request, Watch};
use menpai::query::list_match::{Level, Lookup, Wanted, judge};
use menpai::store::match_jobs::{self, MatchRow};

use super::import::{Fixture, estate};
use super::{NOW, stamp, today};

const RESIDENTS: &str = "姓名,证件号码,出生日期,电话,地址\n\
    张桂英,11010519491231002X,,14000000001,橡树湾3幢2单元501\n\
    李强,,1960-01-01,14000000002,橡树湾5幢301\n\
    李强,,1960-01-01,14000000003,橡树湾5幢1801\n\
    王五,440524188001010014,,14000000004,橡树湾5幢1801\n\
    赵六,,1970-05-05,14000000005,橡树湾3幢2单元502\n";

fn matched(f: &Fixture, list: &str) -> (Matched, Vec<MatchRow>) {
    let path = super::write(f.folder.path(), "travellers.csv", list);
    let cancel = AtomicBool::new(false);
    let watch = Watch { cancel: &cancel, progress: &|_, _| {}, found: &|_| {} };
    let request = Request::new(Kind::Persons, path, today());
    let terms = MatchTerms {
        purpose: "返乡人员摸排".to_owned(),
        legal_basis: "防控令12号".to_owned(),
        purge_at: NOW + 14 * 86_400,
    };
    let done = match_list(&f.workspace, &request, &terms, &stamp(), &watch).unwrap();
    let rows = match_jobs::rows_of(&f.workspace.reader().unwrap(), done.job_id).unwrap();
    (done, rows)
}

#[test]
fn a_row_means_somebody_by_what_agrees() {
    let f = estate();
    f.import(Kind::Persons, RESIDENTS);
    let list = "姓名,身份证号,出生日期,手机,住址\n\
        张桂英,11010519491231002x,,,\n\
        张桂芳,11010519491231002X,,,\n\
        ,440524188001010014,,,\n\
        李强,,1960-01-01,,\n\
        李强,,1960-01-01,14000000002,\n\
        李强,,,14000000003,\n\
        赵六,,,,橡树湾3幢2单元502\n\
        赵六,,1970.5.5,14000000005,橡树湾3幢2单元502\n\
        赵六,,,,\n\
        王五,110101199003078515,,14000000004,\n\
        孙七,,1980-01-01,14000000001,\n";
    let (done, rows) = matched(&f, list);
    let told: Vec<(&str, &str, u32)> = rows
        .iter()
        .map(|row| (Level::of_number(row.level).word(), row.evidence.as_str(), row.candidates))
        .collect();
    assert_eq!(
        told,
        [
            ("exact", "id_no name", 1),
            ("likely", "id_no other_name", 1),
            ("exact", "id_no", 1),
            ("ambiguous", "name birth_date", 2),
            ("exact", "name phone birth_date", 1),
            ("likely", "name phone", 1),
            ("likely", "name room", 1),
            ("exact", "name phone birth_date", 1),
            ("none", "", 0),
            ("ambiguous", "name phone other_id_no", 1),
            ("none", "", 0),
        ]
    );
    assert_eq!(done.levels, [2, 2, 3, 4]);
    assert!(rows.iter().all(|row| (row.level >= 2) <= row.room_id.is_some()));
}

#[test]
fn looked_up_and_looked_through_say_the_same() {
    let f = estate();
    f.import(Kind::Persons, RESIDENTS);
    let reader = f.workspace.reader().unwrap();
    let all = |wanted: &Wanted| {
        let mut lookup = Lookup::default();
        lookup.want_id(wanted);
        lookup.seek_ids(&reader).unwrap();
        lookup.want_more(wanted);
        let both = (0..2).map(|_| f.workspace.reader().unwrap());
        lookup.scan(both.collect()).unwrap();
        (judge(&reader, None, wanted).unwrap(), judge(&reader, Some(&lookup), wanted).unwrap())
    };
    let mut found = 0;
    for name in [None, Some("李强"), Some("王五"), Some("张桂英")] {
        for id_no in [None, Some("440524188001010014"), Some("110101199003078515")] {
            for phone in [None, Some("14000000002"), Some("14000000004")] {
                for birth in [None, Some(jiff::civil::date(1960, 1, 1))] {
                    let wanted = Wanted {
                        name: name.map(str::to_owned),
                        id_no: id_no.map(str::to_owned),
                        phones: phone.map(str::to_owned).into_iter().collect(),
                        birth_date: birth,
                        room_id: None,
                    };
                    let (one, other) = all(&wanted);
                    assert_eq!(one, other, "{wanted:?}");
                    found += usize::from(one.level > Level::None);
                }
            }
        }
    }
    assert!(found > 20, "{found}");
}

#[test]
fn nothing_of_a_list_reaches_the_residents_or_the_journal() {
    let f = estate();
    f.import(Kind::Persons, RESIDENTS);
    let reader = f.workspace.reader().unwrap();
    let count = |sql: &str| -> i64 { reader.query_row(sql, [], |row| row.get(0)).unwrap() };
    let all = "SELECT (SELECT count(*) FROM person) * 1000 + (SELECT count(*) FROM deed) * 10
       + (SELECT count(*) FROM person_tag)";
    let before = count(all);
    let list = "姓名,手机,是否感染\n李强,14000000002,是\n";
    let (done, rows) = matched(&f, list);
    assert_eq!(count(all), before);
    assert_eq!(done.report.refused_columns, ["是否感染"]);
    assert!(rows[0].raw.iter().all(|(heading, _)| heading != "是否感染"), "{:?}", rows[0].raw);
    let (what, fields, purpose): (String, String, String) = reader
        .query_row(
            "SELECT action, fields, purpose FROM audit_log ORDER BY seq DESC LIMIT 1",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .unwrap();
    assert_eq!((what.as_str(), purpose.as_str()), ("match_list", "返乡人员摸排"));
    assert!(fields.contains("likely×1") && fields.contains("防控令12号"), "{fields}");
}

#[test]
fn a_list_without_anything_to_match_by_is_refused() {
    let f = estate();
    for list in ["姓名,备注\n李强,x\n", "楼号,房号\n3,501\n"] {
        let path = super::write(f.folder.path(), "l.csv", list);
        let cancel = AtomicBool::new(false);
        let watch = Watch { cancel: &cancel, progress: &|_, _| {}, found: &|_| {} };
        let terms = MatchTerms { purpose: "x".into(), legal_basis: "y".into(), purge_at: NOW + 1 };
        let request = Request::new(Kind::Persons, path, today());
        let refused = match_list(&f.workspace, &request, &terms, &stamp(), &watch).unwrap_err();
        assert!(refused.to_string().contains("match"), "{refused}");
        assert!(match_jobs::jobs(&f.workspace.reader().unwrap()).unwrap().is_empty());
    }
}

/// Whether a text stands anywhere in the workspace's files.
fn stands_in_file(f: &Fixture, text: &str) -> bool {
    let has = |ending: &str| {
        let path = f.workspace.path().with_file_name(format!(
            "{}{ending}",
            f.workspace.path().file_name().unwrap().to_string_lossy()
        ));
        let bytes = std::fs::read(path).unwrap_or_default();
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    };
    has("") || has("-wal") || has("-journal")
}

#[test]
fn what_is_purged_is_nowhere_in_the_file() {
    let f = estate();
    f.import(Kind::Persons, RESIDENTS);
    let rows: String = (0..400).map(|n| format!("欧阳无踪{n},1400{n:07},1990-01-01\n")).collect();
    let (done, _) = matched(&f, &format!("姓名,手机,出生日期\n{rows}李强,14000000002,\n"));
    assert!(stands_in_file(&f, "欧阳无踪77"));
    // Not yet due; then its day comes.
    assert!(match_jobs::purge_due(&f.workspace, &stamp()).unwrap().is_empty());
    let later = menpai::access::Stamp { at: NOW + 15 * 86_400, ..stamp() };
    let purged = match_jobs::purge_due(&f.workspace, &later).unwrap();
    assert_eq!((purged.len(), purged[0].rows, purged[0].is_gone), (1, 401, true));
    assert!(!stands_in_file(&f, "欧阳无踪"), "a name of the list is still in the file");
    assert!(!stands_in_file(&f, "travellers.csv"));
    let reader = f.workspace.reader().unwrap();
    assert!(match_jobs::jobs(&reader).unwrap().is_empty());
    let action: String = reader
        .query_row("SELECT action FROM audit_log ORDER BY seq DESC LIMIT 1", [], |row| row.get(0))
        .unwrap();
    assert_eq!(action, "purge_match");
    assert!(match_jobs::purge(&f.workspace, &later, done.job_id).unwrap().is_none());
    let checks = menpai::store::check::run(&reader).unwrap();
    assert!(!checks.iter().any(|check| check.is_damage()), "{checks:?}");
}
