//! One-click extraction: what comes out is what SQL counts, masked, harmless, written down.

use std::path::Path;

use menpai::export::extract::{Extracted, Extraction, Format, columns_of, extract};
use menpai::export::taking::{ExtractError, Taking};
use menpai::import::Kind;
use menpai::query::table::{Scope, TableKind};
use menpai::query::{Census, Filter, Vocabulary};
use menpai::store::{StoreError, Workspace};
use menpai::text::Lang;
use sha2::Digest as _;

use super::import::estate;
use super::{stamp, today};

struct Asked<'a> {
    kind: TableKind,
    columns: &'a [&'a str],
    filter: Filter,
    purpose: Option<&'a str>,
    format: Format,
    replaces: bool,
}

impl<'a> Asked<'a> {
    fn of(kind: TableKind, columns: &'a [&'a str]) -> Self {
        let filter = Filter::default();
        Self { kind, columns, filter, purpose: None, format: Format::Csv, replaces: false }
    }

    fn into_file(self, w: &Workspace, to: &Path) -> Result<Extracted, ExtractError> {
        let reader = w.reader().unwrap();
        let vocabulary = Vocabulary::read(&reader).unwrap();
        let census = Census::read(&reader, &vocabulary).unwrap();
        let condition = super::condition(&reader, &vocabulary, &self.filter);
        let names: Vec<String> = self.columns.iter().map(|name| (*name).to_owned()).collect();
        let taking = Taking {
            kind: self.kind,
            scope: Scope::of(&reader, self.kind, &condition, &census).unwrap(),
            filter: self.filter.clone(),
            to: to.to_owned(),
            replaces: self.replaces,
            purpose: self.purpose.map(str::to_owned),
            vocabulary: &vocabulary,
            lang: Lang::Zh,
            today: today(),
        };
        let columns = columns_of(self.kind, &names).unwrap();
        let extraction = Extraction { taking, columns, format: self.format };
        extract(w, &stamp(), &extraction, &mut |_| Ok(()))
    }
}

/// What was extracted comes back by an import as what is known, in both languages.
#[test]
fn what_goes_out_comes_back_unchanged() {
    let (folder, w) = super::district(60);
    let reader = w.reader().unwrap();
    let vocabulary = Vocabulary::read(&reader).unwrap();
    for lang in [Lang::Zh, Lang::En] {
        for (kind, import) in [
            (TableKind::Rooms, Kind::Rooms),
            (TableKind::Persons, Kind::Persons),
            (TableKind::Enterprises, Kind::Enterprises),
            (TableKind::Events, Kind::Events),
        ] {
            let to = folder.path().join(format!("{}-{lang:?}.csv", kind.word()));
            let every: Vec<_> = kind.columns().iter().filter(|c| c.key != "address").collect();
            let taking = Taking {
                kind,
                scope: Scope::All,
                filter: Filter::default(),
                to: to.clone(),
                replaces: false,
                purpose: Some("往返".to_owned()),
                vocabulary: &vocabulary,
                lang,
                today: today(),
            };
            let extraction = Extraction { taking, columns: every, format: Format::Csv };
            let done = extract(&w, &stamp(), &extraction, &mut |_| Ok(())).unwrap();
            let mut request = super::request(import, &to);
            request.dry_run = true;
            let report = super::run_import(&w, &request).unwrap();
            let c = report.counts;
            assert!(done.rows > 0 && c.read == done.rows, "{kind:?} {lang:?}");
            assert_eq!(
                (c.unchanged, c.added, c.merged),
                (c.read, 0, 0),
                "{kind:?} {lang:?} {report:#?}"
            );
        }
    }
}

fn lines(path: &Path) -> Vec<String> {
    let text = String::from_utf8(std::fs::read(path).unwrap()).unwrap();
    text.trim_start_matches('\u{feff}').lines().map(str::to_owned).collect()
}

fn last_entry(w: &Workspace) -> (String, String, String) {
    let sql = "SELECT action || ' ' || object, fields, coalesce(purpose, '') FROM audit_log
               ORDER BY seq DESC LIMIT 1";
    w.reader()
        .unwrap()
        .query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .unwrap()
}

#[test]
fn people_come_out_masked_unless_a_purpose_says_why() {
    let f = estate();
    f.import(
        Kind::Persons,
        "姓名,证件号码,出生日期,电话,地址,低保,与户主关系\n\
         张桂英,,1962-03-05,14000000001,橡树湾3幢2单元501,是,户主\n李强,,1990-01-01,,橡树湾5幢301,,\n",
    );
    let to = f.folder.path().join("out.csv");
    let columns = ["name", "birth_date", "age", "phone", "tags", "address", "relation"];
    let done = Asked::of(TableKind::Persons, &columns).into_file(&f.workspace, &to).unwrap();
    assert_eq!(done.rows, 2);
    assert_eq!(
        lines(&to),
        [
            "姓名,出生日期,年龄,联系电话,标签,地址,与户主关系",
            "张**,1962-**-**,64,140****0001,低保,橡树湾 3幢 2单元501室,户主",
            "李*,1990-**-**,36,,,橡树湾 5幢 1单元301室,",
        ]
    );
    let bytes = std::fs::read(&to).unwrap();
    let sum: String = sha2::Sha256::digest(&bytes).iter().map(|b| format!("{b:02x}")).collect();
    assert_eq!(sum, done.sha256);
    let (what, fields, _) = last_entry(&f.workspace);
    assert_eq!(what.trim(), "extract persons");
    assert!(fields.contains("rows×2") && fields.contains("masked") && fields.contains(&sum));

    // A file that is there stays, unless it may be replaced.
    let again = Asked::of(TableKind::Persons, &columns).into_file(&f.workspace, &to);
    assert!(matches!(again, Err(ExtractError::Store(StoreError::Exists(_)))), "{again:?}");
    let open = Asked {
        purpose: Some("走访核实"),
        replaces: true,
        ..Asked::of(TableKind::Persons, &columns)
    };
    open.into_file(&f.workspace, &to).unwrap();
    assert!(lines(&to)[1].starts_with("张桂英,1962-03-05,64,14000000001,"), "{:?}", lines(&to));
    let (_, fields, purpose) = last_entry(&f.workspace);
    assert!(fields.contains("birth_date×2 name×2 phone×1"), "{fields}");
    assert_eq!(purpose, "走访核实");
    assert!(!f.folder.path().join("out.csv.partial").exists());
    // Not even by force is the workspace written over.
    let itself = Asked { replaces: true, ..Asked::of(TableKind::Persons, &columns) };
    let refused = itself.into_file(&f.workspace, f.workspace.path());
    assert!(matches!(refused, Err(ExtractError::File(_))), "{refused:?}");
}

#[test]
fn every_table_has_the_rows_that_sql_counts() {
    let (folder, w) = super::district(120);
    let reader = w.reader().unwrap();
    let count = |sql: &str| -> u64 {
        reader.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap().unsigned_abs()
    };
    let low = Vocabulary::read(&reader).unwrap();
    let place = low.tag_position(low.find_tag("低保").unwrap().tag_id).unwrap();
    let low_id = low.tags[place].tag_id.0;
    let low_people = format!(
        "SELECT t.person_id FROM person_tag t JOIN residency r USING (person_id)
         WHERE t.tag_id = {low_id} AND t.until IS NULL AND r.end_date IS NULL"
    );
    let texts = |sql: &str| -> Vec<String> {
        let mut select = reader.prepare(sql).unwrap();
        select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let buildings = texts("SELECT code FROM building WHERE building_id <= 40");
    let grids = texts("SELECT code FROM grid WHERE grid_id = 1");
    let filters = [
        (Filter::default(), "1"),
        (Filter { any_tags: vec!["低保".to_owned()], ..Filter::default() }, "low"),
        (Filter { buildings: Some(buildings), ..Filter::default() }, "building_id <= 40"),
        (Filter { grids, ..Filter::default() }, "grid"),
    ];
    for (filter, what) in filters {
        let of_buildings = match what {
            "1" => "SELECT building_id FROM building".to_owned(),
            "low" => format!(
                "SELECT m.building_id FROM room m JOIN residency r USING (room_id)
                 WHERE r.end_date IS NULL AND r.person_id IN ({low_people})"
            ),
            "grid" => "SELECT building_id FROM building WHERE grid_id = 1".to_owned(),
            condition => format!("SELECT building_id FROM building WHERE {condition}"),
        };
        let lives = "FROM residency r JOIN room m USING (room_id) WHERE r.end_date IS NULL";
        let people = match what {
            "1" => "SELECT count(*) FROM person".to_owned(),
            "low" => format!("SELECT count(DISTINCT person_id) FROM ({low_people})"),
            _ => format!(
                "SELECT count(DISTINCT r.person_id) {lives} AND m.building_id IN ({of_buildings})"
            ),
        };
        let rooms = match what {
            "low" => format!(
                "SELECT count(DISTINCT r.room_id) {lives} AND r.person_id IN ({low_people})"
            ),
            _ => format!("SELECT count(*) FROM room WHERE building_id IN ({of_buildings})"),
        };
        let mut expected = vec![
            (TableKind::Persons, people),
            (TableKind::Rooms, rooms),
            (
                TableKind::Buildings,
                format!("SELECT count(*) FROM building WHERE building_id IN ({of_buildings})"),
            ),
        ];
        for (kind, table) in [
            (TableKind::Enterprises, "enterprise"),
            (TableKind::Events, "event"),
            (TableKind::Devices, "device"),
        ] {
            let condition = if what == "1" {
                "1".to_owned()
            } else if (what, table) == ("grid", "event") {
                "grid_id = 1".to_owned()
            } else {
                format!("building_id IN ({of_buildings})")
            };
            expected.push((kind, format!("SELECT count(*) FROM {table} WHERE {condition}")));
        }
        if what == "1" {
            let all = "SELECT count(*) FROM household".to_owned();
            expected.push((TableKind::Households, all));
        }
        for (kind, sql) in expected {
            let to = folder.path().join("t.csv");
            let asked = Asked { filter: filter.clone(), replaces: true, ..Asked::of(kind, &[]) };
            let done = asked.into_file(&w, &to).unwrap();
            assert_eq!(done.rows, count(&sql), "{kind:?} {what}");
            // Every row has as many cells as there are headings.
            let mut read = csv::ReaderBuilder::new().from_path(&to).unwrap();
            let width = read.headers().unwrap().len();
            assert_eq!(width, done.columns.len());
            assert_eq!(read.records().map(Result::unwrap).count() as u64, done.rows);
        }
    }
}

#[test]
fn a_workbook_and_gb18030_say_the_same() {
    let f = estate();
    f.import(Kind::Persons, "姓名,电话,地址\n=cmd|1,14000000001,橡树湾3幢2单元501\n");
    let columns = ["name", "phone", "age", "room_no"];
    let path = |name: &str| f.folder.path().join(name);
    let asked =
        |format| Asked {
            format, purpose: Some("核对"), ..Asked::of(TableKind::Persons, &columns)
        };
    asked(Format::CsvGb18030).into_file(&f.workspace, &path("a.csv")).unwrap();
    let bytes = std::fs::read(path("a.csv")).unwrap();
    let (text, _, has_errors) = encoding_rs::GB18030.decode(&bytes);
    assert!(!has_errors);
    assert_eq!(text, "姓名,联系电话,年龄,房号\r\n'=cmd|1,14000000001,,501\r\n");
    let done = asked(Format::Xlsx).into_file(&f.workspace, &path("a.xlsx")).unwrap();
    let bytes = std::fs::read(path("a.xlsx")).unwrap();
    let sum: String = sha2::Sha256::digest(&bytes).iter().map(|b| format!("{b:02x}")).collect();
    assert_eq!(sum, done.sha256);
    let mut book: calamine::Xlsx<_> = calamine::open_workbook(path("a.xlsx")).unwrap();
    let sheet = calamine::Reader::worksheet_range(&mut book, "persons").unwrap();
    let cells: Vec<String> = sheet.rows().nth(1).unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(cells, ["=cmd|1", "14000000001", "", "501"], "text, and no formula");
}

#[test]
fn a_stopped_extraction_leaves_nothing() {
    let (folder, w) = super::district(120);
    let reader = w.reader().unwrap();
    let vocabulary = Vocabulary::read(&reader).unwrap();
    for format in [Format::Csv, Format::Xlsx] {
        let to = folder.path().join("cut.out");
        let before = last_entry(&w);
        let taking = Taking {
            kind: TableKind::Persons,
            scope: Scope::All,
            filter: Filter::default(),
            to: to.clone(),
            replaces: false,
            purpose: None,
            vocabulary: &vocabulary,
            lang: Lang::En,
            today: today(),
        };
        let columns = columns_of(TableKind::Persons, &[]).unwrap();
        let extraction = Extraction { taking, columns, format };
        let stopped = extract(&w, &stamp(), &extraction, &mut |_| Err(StoreError::Cancelled));
        assert!(matches!(stopped, Err(ExtractError::Store(StoreError::Cancelled))));
        assert!(!to.exists());
        assert_eq!(last_entry(&w), before);
        let left: Vec<_> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .filter(|name| !name.to_string_lossy().starts_with("w.gpkg"))
            .collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

#[test]
fn unknown_columns_are_named() {
    let wrong = columns_of(TableKind::Rooms, &["room_no".to_owned(), "税号".to_owned()]);
    assert_eq!(wrong.unwrap_err(), "税号");
    let by_heading =
        columns_of(TableKind::Rooms, &["房号".to_owned(), "Room status".to_owned()]).unwrap();
    assert_eq!(by_heading.iter().map(|c| c.key).collect::<Vec<_>>(), ["room_no", "status"]);
}

/// A GIS and LibreOffice read what is written: the same rows, with their shapes.
#[test]
fn features_and_ods_say_the_same_as_csv() {
    let (folder, w) = super::district(30);
    let path = |name: &str| folder.path().join(name);
    let columns = ["code", "estate", "floors_above", "rooms"];
    let write = |kind, columns: &[&str], format, name: &str| {
        let asked = Asked { format, ..Asked::of(kind, columns) };
        asked.into_file(&w, &path(name)).unwrap()
    };
    let csv = write(TableKind::Buildings, &columns, Format::Csv, "b.csv");
    let text = std::fs::read_to_string(path("b.csv")).unwrap();
    let expect: Vec<Vec<String>> =
        text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect();
    assert_eq!(expect.len() as u64, csv.rows);

    let done = write(TableKind::Buildings, &columns, Format::Ods, "b.ods");
    assert_eq!(done.rows, csv.rows);
    let mut book: calamine::Ods<_> = calamine::open_workbook(path("b.ods")).unwrap();
    let sheet = calamine::Reader::worksheet_range(&mut book, "buildings").unwrap();
    let rows: Vec<Vec<String>> =
        sheet.rows().skip(1).map(|row| row.iter().map(ToString::to_string).collect()).collect();
    assert_eq!(rows, expect);

    write(TableKind::Buildings, &columns, Format::GeoJson, "b.geojson");
    let bytes = std::fs::read(path("b.geojson")).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    let features = json["features"].as_array().unwrap();
    assert_eq!(features.len(), expect.len());
    for (feature, row) in features.iter().zip(&expect) {
        assert_eq!(feature["properties"]["code"], row[0].as_str());
        assert_eq!(feature["properties"]["rooms"].to_string(), row[3]);
        assert!(feature["geometry"]["type"].as_str().unwrap().ends_with("Polygon"));
    }

    let done = write(TableKind::Buildings, &columns, Format::GeoPackage, "b.gpkg");
    let sum = sha2::Sha256::digest(std::fs::read(path("b.gpkg")).unwrap());
    let sum: String = sum.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(done.sha256, sum);
    let conn = rusqlite::Connection::open(path("b.gpkg")).unwrap();
    let ask = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(ask("SELECT count(*) FROM buildings WHERE geom IS NOT NULL"), expect.len() as i64);
    assert_eq!(ask("SELECT count(*) FROM rtree_buildings_geom"), expect.len() as i64);
    assert_eq!(ask("SELECT count(*) FROM gpkg_contents WHERE data_type = 'features'"), 1);
    assert_eq!(ask("PRAGMA application_id"), 0x4750_4B47);
    let check: String =
        conn.query_row("SELECT rtreecheck('rtree_buildings_geom')", [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");

    // They come back as buildings that are known: outlines survive.
    for name in ["b.geojson", "b.gpkg"] {
        let report = super::run_import(&w, &super::request(Kind::Buildings, &path(name))).unwrap();
        assert_eq!(report.counts.read, csv.rows, "{name}");
        assert_eq!(report.counts.rejected, 0, "{name}");
    }

    // People stand where their house is; who has none is told where the format needs a place.
    w.write(&stamp(), |tx| {
        tx.execute("UPDATE residency SET end_date = '2026-01-01' WHERE person_id = 1", [])?;
        Ok(((), menpai::access::AuditEntry::done("test", "row")))
    })
    .unwrap();
    let all = write(TableKind::Persons, &["name", "age"], Format::GeoJson, "p.geojson");
    let placed = write(TableKind::Persons, &["name", "age"], Format::FlatGeobuf, "p.fgb");
    assert_eq!((placed.rows + 1, placed.without_place), (all.rows, 1));
    let bytes = std::fs::read(path("p.fgb")).unwrap();
    let mut cursor = std::io::Cursor::new(&bytes);
    let reader = flatgeobuf::FgbReader::open(&mut cursor).unwrap();
    assert_eq!(reader.header().features_count(), placed.rows);
    let events = write(TableKind::Events, &["no", "title"], Format::GeoPackage, "e.gpkg");
    assert!(events.rows > 0);
}
