//! Lists as offices write them: workbooks, values as typed, mapping by values, undo.

use menpai::domain::id_number;
use menpai::import::{Kind, Request, Severity};
use menpai::store::undo;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

use super::import::{Fixture, estate, reasons};
use super::{request, run_import, stamp};

/// An ID number with the right check character; nobody's, the region does not exist.
pub fn id(birth: &str, order: &str) -> String {
    let head = format!("990101{birth}{order}");
    let digits: [u8; 17] = head.as_bytes().try_into().unwrap();
    format!("{head}{}", id_number::check_char(&digits))
}

pub fn text(f: &Fixture, sql: &str) -> String {
    let reader = f.workspace.reader().unwrap();
    let mut rows = reader.prepare(sql).unwrap();
    let columns = rows.column_count();
    let lines = rows
        .query_map([], |row| {
            let cells = (0..columns).map(|c| {
                let value: rusqlite::types::Value = row.get(c)?;
                Ok(match value {
                    rusqlite::types::Value::Null => "-".to_owned(),
                    rusqlite::types::Value::Integer(n) => n.to_string(),
                    rusqlite::types::Value::Real(n) => n.to_string(),
                    rusqlite::types::Value::Text(text) => text,
                    rusqlite::types::Value::Blob(_) => "blob".to_owned(),
                })
            });
            Ok(cells.collect::<rusqlite::Result<Vec<_>>>()?.join(" "))
        })
        .unwrap();
    lines.collect::<rusqlite::Result<Vec<_>>>().unwrap().join("\n")
}

fn book(f: &Fixture, fill: impl FnOnce(&mut Workbook)) -> Request {
    let mut book = Workbook::new();
    fill(&mut book);
    let path = f.folder.path().join("名单.xlsx");
    book.save(&path).unwrap();
    request(Kind::Persons, &path)
}

fn rows(sheet: &mut rust_xlsxwriter::Worksheet, rows: &[&[&str]]) {
    for (row, cells) in rows.iter().enumerate() {
        for (column, cell) in cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
            sheet.write(row as u32, column as u16, *cell).unwrap();
        }
    }
}

#[test]
fn merged_cells_hold_for_the_whole_household() {
    let f = estate();
    let wanted = book(&f, |book| {
        let sheet = book.add_worksheet();
        rows(
            sheet,
            &[
                &["户号", "姓名", "与户主关系", "地址"],
                &["", "张桂英", "户主", ""],
                &["", "李强", "配偶", ""],
                &["", "李小妹", "女儿", ""],
                &["2", "王五", "户主", "橡树湾5幢301"],
            ],
        );
        let plain = Format::new();
        sheet.merge_range(1, 0, 3, 0, "1", &plain).unwrap();
        sheet.merge_range(1, 3, 3, 3, "橡树湾3幢2单元501室", &plain).unwrap();
    });
    let report = run_import(&f.workspace, &wanted).unwrap();
    assert_eq!((report.counts.read, report.counts.added), (4, 4), "{report:#?}");
    assert_eq!(report.links.linked, 4);
    let members = "SELECT r.room_no, count(*), count(DISTINCT household_id)
                   FROM residency JOIN room r USING (room_id) GROUP BY r.room_id ORDER BY 1";
    assert_eq!(text(&f, members), "301 1 1\n501 3 1");
}

#[test]
fn the_sheet_that_fits_is_taken_and_another_can_be_named() {
    let f = estate();
    let mut wanted = book(&f, |book| {
        let notes = book.add_worksheet().set_name("说明").unwrap();
        rows(notes, &[&["填表要求"], &["姓名必须与身份证一致"]]);
        let list = book.add_worksheet().set_name("花名册").unwrap();
        rows(list, &[&["姓名", "电话"], &["张桂英", "14000000001"]]);
        let gone = book.add_worksheet().set_name("已迁出").unwrap();
        rows(gone, &[&["姓名"], &["赵六"], &["钱七"]]);
        let hidden = book.add_worksheet().set_name("旧").unwrap();
        rows(hidden, &[&["姓名", "电话", "性别"], &["孙八", "14000000009", "男"]]);
        hidden.set_hidden(true);
    });
    wanted.dry_run = true;
    let report = run_import(&f.workspace, &wanted).unwrap();
    assert_eq!(report.sheet.as_deref(), Some("花名册"));
    assert_eq!(report.other_sheets, ["说明", "已迁出"]);
    assert_eq!(report.counts.added, 1);
    wanted.sheet = Some("已迁出".to_owned());
    assert_eq!(run_import(&f.workspace, &wanted).unwrap().counts.added, 2);
    wanted.sheet = Some("第三季度".to_owned());
    let refused = run_import(&f.workspace, &wanted).unwrap_err().to_string();
    assert!(refused.contains("花名册"), "{refused}");
}

#[test]
fn values_are_read_as_people_type_them() {
    let f = estate();
    let report = f.import(
        Kind::Persons,
        "姓　名,性别,出生日期,联系电话,入住日期,低保,残疾,独居老人\n\
         张 桂 英,女,1962.3.5,１４０ ０００ ００００１,二〇二〇年三月五日,是,×,√\n\
         李强,男,620305,14000000002/14000000003,22710,否,0,\n\
         王五,男,不详,,,Y,无,独居老人\n\
         赵六,男,1962-03-05 0:00,,,也许,,\n",
    );
    assert_eq!(report.counts.added, 4, "{report:#?}");
    assert_eq!(
        text(&f, "SELECT name, birth_date, phone FROM person ORDER BY person_id"),
        "张桂英 1962-03-05 14000000001\n李强 1962-03-05 14000000002;14000000003\n王五 - -\n赵六 1962-03-05 -"
    );
    let tags = "SELECT p.name, group_concat(t.zh) FROM person p
                LEFT JOIN person_tag USING (person_id) LEFT JOIN tag t USING (tag_id)
                GROUP BY p.person_id ORDER BY p.person_id";
    assert_eq!(text(&f, tags), "张桂英 低保,独居老人\n李强 -\n王五 低保,独居老人\n赵六 -");
    let told = reasons(&report, Severity::Warning);
    assert!(told.contains(&"4:birth_date:".to_owned()), "{told:?}");
    assert!(told.contains(&"5:tags:也许".to_owned()), "{told:?}");
    assert!(report.ignored_columns.is_empty(), "{report:?}");
}

#[test]
fn sexes_in_either_code_system() {
    let check = |rows: &[(&str, &str)], expect: &str| {
        let f = estate();
        let lines: String =
            rows.iter().enumerate().map(|(i, (id, sex))| format!("人{i},{id},{sex}\n")).collect();
        let report = f.import(Kind::Persons, &format!("姓名,身份证号,性别\n{lines}"));
        assert_eq!(report.counts.added, rows.len() as u64, "{report:#?}");
        let sexes = "SELECT group_concat(sex, '') FROM (SELECT sex FROM person ORDER BY person_id)";
        assert_eq!(text(&f, sexes), expect);
    };
    let (man, woman) = (id("19600101", "001"), id("19600102", "002"));
    // Standard: 1 male, 2 female. Field systems: 0 male, 1 female, as the 17th digit shows.
    check(&[(&man, "1"), (&woman, "2"), ("", "1"), ("", "2")], "1212");
    check(&[(&man, "0"), (&woman, "1"), ("", "0"), ("", "1")], "1212");
    // Nothing shows which: nothing is taken.
    check(&[("", "0"), ("", "1")], "00");
    check(&[("", "1"), ("", "2")], "12");
}

#[test]
fn columns_are_known_by_their_values() {
    let f = estate();
    let (a, b, c) = (id("19600101", "001"), id("19700102", "002"), id("19800103", "003"));
    let report = f.import(
        Kind::Persons,
        &format!(
            "序号,姓名,证号一栏,联络,在哪里\n\
             1,张桂英,{a},14000000001,橡树湾3幢2单元501室\n\
             2,李强,{b},14000000002,橡树湾3幢1单元501室\n\
             3,王五,{c},13900000003,橡树湾5幢301室\n"
        ),
    );
    assert_eq!((report.counts.added, report.links.linked), (3, 3), "{report:#?}");
    let mapped = |field: &str| {
        report.mapping.iter().find(|(f, _)| f == field).map(|(_, heading)| heading.as_str())
    };
    assert_eq!(mapped("id_no"), Some("证号一栏"));
    assert_eq!(mapped("address"), Some("在哪里"));
    assert_eq!(report.ignored_columns, ["序号"]);
}

#[test]
fn a_door_that_became_a_day_is_read_back() {
    let f = estate();
    f.import(Kind::Rooms, "building_code,unit,room_no\nO5,1,3-2\n");
    let wanted = book(&f, |book| {
        let sheet = book.add_worksheet();
        rows(sheet, &[&["姓名", "楼栋编码", "单元", "房号"], &["张桂英", "O5", "1"]]);
        let day = ExcelDateTime::from_ymd(2026, 3, 2).unwrap();
        let format = Format::new().set_num_format("m\"月\"d\"日\"");
        sheet.write_with_format(1, 3, &day, &format).unwrap();
        rows_at(sheet, 2, &["李强", "O5", "1", "3月2日"]);
    });
    let report = run_import(&f.workspace, &wanted).unwrap();
    assert_eq!(report.counts.added, 2, "{report:#?}");
    assert_eq!(reasons(&report, Severity::Warning).len(), 2);
    let rooms = "SELECT DISTINCT room_no FROM residency JOIN room USING (room_id)";
    assert_eq!(text(&f, rooms), "3-2");
}

fn rows_at(sheet: &mut rust_xlsxwriter::Worksheet, row: u32, cells: &[&str]) {
    for (column, cell) in cells.iter().enumerate() {
        sheet.write(row, column as u16, *cell).unwrap();
    }
}

#[test]
fn hints_repeated_headings_and_signatures_are_no_persons() {
    let f = estate();
    let report = f.import(
        Kind::Persons,
        "橡树湾名单,,\n姓名,电话,地址\n必填,选填,格式：小区+楼号+房号\n张桂英,14000000001,橡树湾5幢301\n\
         姓名,电话,地址\n李强,14000000002,橡树湾5幢301\n合计,2,\n制表人：王芳,,\n",
    );
    let c = report.counts;
    assert_eq!((c.read, c.added, c.skipped), (7, 2, 5), "{report:#?}");
}

#[test]
fn headings_on_two_lines() {
    let f = estate();
    let report = f.import(
        Kind::Persons,
        "姓名,电话,住址,,\n,,楼栋编码,单元,房号\n张桂英,14000000001,O3,2,501\n李强,,O5,1,301\n",
    );
    assert_eq!((report.counts.read, report.links.linked), (2, 2), "{report:#?}");
    // What must not be held is refused below a group too.
    let report = f.import(
        Kind::Persons,
        "姓名,楼栋编码,单元,房号,其他情况,,备注\n,,,,民族,宗教信仰,\n王五,O3,2,502,汉,无,x\n",
    );
    assert_eq!((report.counts.read, report.counts.added), (1, 1), "{report:#?}");
    assert_eq!(report.refused_columns, ["民族", "宗教信仰"]);
}

#[test]
fn rooms_that_a_known_building_lacks_are_made_when_asked() {
    let f = estate();
    f.import(Kind::Buildings, r#"{"type":"FeatureCollection","features":[
        {"type":"Feature","properties":{"code":"O9","estate":"橡树湾","building_no":"9","floors_above":6},
         "geometry":{"type":"Polygon","coordinates":[[[121.02,34],[121.021,34],[121.021,34.001],[121.02,34]]]}}]}"#);
    let list = "姓名,地址\n张桂英,橡树湾9幢1单元302室\n李强,橡树湾9幢1单元302室\n\
                王五,橡树湾9幢1单元1802室\n赵六,橡树湾77幢1单元101室\n";
    let path = super::write(f.folder.path(), "p.csv", list);
    let mut wanted = request(Kind::Persons, &path);
    let report = run_import(&f.workspace, &wanted).unwrap();
    assert_eq!((report.counts.added, report.missing_rooms), (0, 2), "{report:#?}");
    wanted.create_rooms = true;
    let report = run_import(&f.workspace, &wanted).unwrap();
    let c = report.counts;
    // Floor 18 of 6 is not made, and a building never is.
    assert_eq!((c.added, c.held, c.rejected), (2, 1, 1), "{report:#?}");
    assert_eq!(f.overview("O9").counts.rooms, 1);
    assert_eq!(f.overview("O9").counts.persons, 2);
}

#[test]
fn workbooks_that_would_fill_the_memory_are_refused_or_read_small() {
    let f = estate();
    // One cell far out: a dense table of this would be 17 thousand million cells.
    let wanted = book(&f, |book| {
        let sheet = book.add_worksheet();
        rows(sheet, &[&["姓名", "地址"], &["张桂英", "橡树湾5幢301"]]);
        sheet.write(1_048_575, 0, "李强").unwrap();
        sheet.write(2, 16_383, "far out").unwrap();
    });
    let report = run_import(&f.workspace, &wanted).unwrap();
    assert!(report.counts.adds_up());
    assert_eq!((report.counts.added, report.counts.read), (2, 1_048_575), "{report:#?}");
    // Zeros that unpack to 3 GB.
    let path = f.folder.path().join("bomb.xlsx");
    let mut bomb = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    let options = zip::write::SimpleFileOptions::default();
    bomb.start_file("xl/workbook.xml", options.large_file(true)).unwrap();
    std::io::copy(&mut std::io::Read::take(std::io::repeat(0), 3 << 30), &mut bomb).unwrap();
    bomb.finish().unwrap();
    let refused = run_import(&f.workspace, &request(Kind::Persons, &path)).unwrap_err();
    assert!(refused.to_string().contains("much more than one of its size holds"), "{refused}");
    // A photograph with a wrong ending, and an archive without a sheet.
    std::fs::write(&path, b"\xFF\xD8\xFF\xE0\x00\x10JFIF\x00").unwrap();
    assert!(run_import(&f.workspace, &request(Kind::Persons, &path)).is_err());
}

#[test]
fn a_quotation_mark_that_is_never_closed_is_told() {
    let f = estate();
    let rows: String = (0..200).map(|i| format!("人{i},橡树湾5幢301\n")).collect();
    let path = super::write(f.folder.path(), "q.csv", &format!("姓名,地址\n\"张桂英,x\n{rows}"));
    let refused = run_import(&f.workspace, &request(Kind::Persons, &path)).unwrap_err();
    assert!(refused.to_string().contains("line 2"), "{refused}");
    for swallowed in [
        "姓名,地址\n张三,\"橡树湾5幢301\n李四,橡树湾5幢301\n王五,橡树湾5幢301\n",
        "姓名,地址\n\"张三,橡树湾5幢301\n李四,橡树湾5幢301\n",
    ] {
        let path = super::write(f.folder.path(), "q.csv", swallowed);
        assert!(run_import(&f.workspace, &request(Kind::Persons, &path)).is_err(), "{swallowed}");
    }
    // A cell on two lines is none.
    let report = f.import(Kind::Persons, "姓名,地址\n张三,\"橡树湾5幢\n301\"\n");
    assert_eq!(report.counts.added, 1, "{report:#?}");
    assert_eq!(text(&f, "SELECT count(*) FROM person"), "1");
    f.workspace.write(&stamp(), |tx| undo::undo(tx, report.batch)).unwrap();
    assert_eq!(text(&f, "SELECT count(*) FROM person"), "0");
}

#[test]
fn every_template_is_understood_and_its_example_is_no_record() {
    use menpai::app::lists;
    use menpai::text::Lang;
    for lang in [Lang::Zh, Lang::En] {
        for kind in Kind::ALL.into_iter().filter(|kind| !kind.is_geojson()) {
            let f = estate();
            let path = f.folder.path().join("template.xlsx");
            lists::save_template(kind, &path, lang).unwrap();
            let report = run_import(&f.workspace, &request(kind, &path)).unwrap();
            let c = report.counts;
            assert_eq!((c.read, c.skipped), (2, 2), "{kind:?} {lang:?} {report:#?}");
            assert_eq!(report.mapping.len(), menpai::import::fields::of_kind(kind).len());
            assert!(report.ignored_columns.is_empty() && report.refused_columns.is_empty());
        }
    }
}

#[test]
fn enterprises_and_events_are_joined_by_address() {
    let f = estate();
    let report = f.import(
        Kind::Enterprises,
        "企业名称,经营地址\n便利店,橡树湾5幢301\n理发店,橡树湾3幢商铺9\n不在这里,水岸里5幢301\n",
    );
    assert_eq!((report.counts.added, report.links.named, report.links.linked), (3, 3, 2));
    let places = "SELECT e.name, b.code, r.room_no FROM enterprise e
                  LEFT JOIN building b USING (building_id) LEFT JOIN room r USING (room_id)
                  ORDER BY enterprise_id";
    assert_eq!(text(&f, places), "便利店 O5 301\n理发店 O3 -\n不在这里 - -");
    let report = f.import(Kind::Events, "标题,地点\n漏水,橡树湾5幢1801室\n噪音,橡树湾3幢\n");
    assert_eq!(report.links.linked, 2, "{report:#?}");
}

#[test]
fn lists_as_windows_writes_them_lose_no_row() {
    for newline in ["\n", "\r\n", "\r"] {
        for mark in ["", "\u{FEFF}"] {
            let f = estate();
            let text = "橡树湾名单,,\n姓名,电话,地址\n张桂英,14000000001,橡树湾5幢301\n\n李强,,橡树湾5幢301\n";
            let path = super::write(
                f.folder.path(),
                "w.csv",
                &format!("{mark}{}", text.replace('\n', newline)),
            );
            let report = run_import(&f.workspace, &request(Kind::Persons, &path)).unwrap();
            assert_eq!(report.counts.added, 2, "{newline:?} {mark:?} {report:#?}");
            let held =
                f.import(Kind::Persons, &"姓名,地址\n张三,橡树湾3幢501\n".replace('\n', newline));
            assert_eq!(reasons(&held, Severity::Held), ["2:address:橡树湾3幢501"], "{newline:?}");
        }
    }
}

#[test]
fn headings_with_marks_and_the_columns_of_grid_tables() {
    let f = estate();
    let rooms = f.import(
        Kind::Rooms,
        "小区名称（必填）,楼栋号*,单元号：,房号\n橡树湾,5幢,1单元,602室\n橡树湾小区,3号楼,2,603\n橡树湾,77,1,101\n",
    );
    assert_eq!((rooms.counts.added, rooms.counts.rejected), (2, 1), "{rooms:#?}");
    let report = f.import(
        Kind::Persons,
        "姓名（必填）,*身份证,小区,楼栋,单元,房号,与户主之关系,是否低保,民族成分,备注\n\
         张桂英,无,橡树湾,3,2,603,户主,是,汉,MZ\n李小宝,—,橡树湾,5幢,1单元,602室,之子,,汉,MZ\n\
         同上,,橡树湾,5幢,1单元,602室,,,汉,MZ\n",
    );
    assert_eq!((report.counts.added, report.links.linked), (2, 2), "{report:#?}");
    assert_eq!(reasons(&report, Severity::Rejected), ["4:name:同*"]);
    assert_eq!(report.refused_columns, ["民族成分"]);
    let raw = text(&f, "SELECT raw FROM queue_row WHERE came = 'rejected' AND row_no = 4");
    assert!(raw.contains("橡树湾") && !raw.contains("MZ") && !raw.contains('汉'), "{raw}");
}

#[test]
fn companies_without_a_code_stay_apart() {
    let f = estate();
    let report = f.import(
        Kind::Enterprises,
        "企业名称,统一社会信用代码,从业人数\n老王便利店,无,3人\n老李理发店,办理中,2\n老张水果店,123,1\n",
    );
    assert_eq!(report.counts.added, 3, "{report:#?}");
    assert_eq!(
        text(&f, "SELECT name, uscc, employees FROM enterprise ORDER BY enterprise_id"),
        "老王便利店 - 3\n老李理发店 - 2\n老张水果店 - 1"
    );
}

#[test]
fn old_and_other_workbooks() {
    // Made with xlwt and odfpy; WPS's .et is written as XLS is.
    let fixtures = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    for (file, ending) in [("list.xls", "xls"), ("list.ods", "ods"), ("list.xls", "et")] {
        let f = estate();
        let path = f.folder.path().join(format!("名单.{ending}"));
        std::fs::copy(fixtures.join(file), &path).unwrap();
        let report = run_import(&f.workspace, &request(Kind::Persons, &path)).unwrap();
        assert_eq!((report.counts.read, report.counts.added), (2, 2), "{ending} {report:#?}");
        assert_eq!(report.sheet.as_deref(), Some("花名册"));
        assert_eq!(text(&f, "SELECT phone FROM person WHERE name = '张桂英'"), "14000000001");
    }
}

/// A binary workbook of one sheet (MS-XLSB): a number record before each row's cells, text inline,
/// figures as doubles.
fn xlsb(rows: &[&[&str]]) -> Vec<u8> {
    use std::io::Write as _;
    fn record(out: &mut Vec<u8>, id: u16, body: &[u8]) {
        // Identifier and length in groups of seven bits (2.1.4).
        let groups = |out: &mut Vec<u8>, mut value: usize| {
            while value >= 0x80 {
                out.push((value & 0x7F) as u8 | 0x80);
                value >>= 7;
            }
            out.push(value as u8);
        };
        // An identifier of two bytes carries its continuation bit itself.
        match id {
            0..0x80 => out.push(id as u8),
            _ => out.extend([(id & 0xFF) as u8, (id >> 8) as u8]),
        }
        groups(out, body.len());
        out.extend(body);
    }
    let wide = |text: &str| {
        let units: Vec<u16> = text.encode_utf16().collect();
        let mut out = (units.len() as u32).to_le_bytes().to_vec();
        units.iter().for_each(|unit| out.extend(unit.to_le_bytes()));
        out
    };
    let mut book = Vec::new();
    record(&mut book, 0x0183, &[]);
    let mut sheet = [0u32.to_le_bytes(), 1u32.to_le_bytes()].concat();
    sheet.extend(wide("rId1"));
    sheet.extend(wide("花名册"));
    record(&mut book, 0x019C, &sheet);
    record(&mut book, 0x0190, &[]);
    record(&mut book, 0x0184, &[]);
    let mut cells = Vec::new();
    record(&mut cells, 0x0181, &[]);
    let last = [0, rows.len() as u32 - 1, 0, rows[0].len() as u32 - 1];
    record(&mut cells, 0x0194, &last.map(u32::to_le_bytes).concat());
    record(&mut cells, 0x0191, &[]);
    for (number, row) in rows.iter().enumerate() {
        let head = [number as u32, 0, 0, 0, 0].map(u32::to_le_bytes).concat();
        record(&mut cells, 0, &head);
        for (column, text) in row.iter().enumerate() {
            let mut cell = [column as u32, 0].map(u32::to_le_bytes).concat();
            match text.parse::<f64>() {
                Ok(figure) => {
                    cell.extend(figure.to_le_bytes());
                    record(&mut cells, 5, &cell);
                }
                Err(_) => {
                    cell.extend(wide(text));
                    record(&mut cells, 6, &cell);
                }
            }
        }
    }
    record(&mut cells, 0x0192, &[]);
    record(&mut cells, 0x0182, &[]);
    let relations = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="worksheet" Target="worksheets/sheet1.bin"/></Relationships>"#;
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let parts = [
        ("xl/workbook.bin", &book[..]),
        ("xl/worksheets/sheet1.bin", &cells),
        ("xl/_rels/workbook.bin.rels", relations.as_bytes()),
    ];
    for (name, bytes) in parts {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn binary_workbooks() {
    let f = estate();
    let path = f.folder.path().join("名单.xlsb");
    let rows: [&[&str]; 4] = [
        &["橡树湾居民花名册", "", ""],
        &["姓名", "联系电话", "住址"],
        &["张桂英", "14000000001", "橡树湾3幢2单元501"],
        &["李强", "14000000002", "橡树湾5幢301"],
    ];
    let bytes = xlsb(&rows);
    std::fs::write(&path, &bytes).unwrap();
    let report = run_import(&f.workspace, &request(Kind::Persons, &path)).unwrap();
    assert_eq!((report.counts.added, report.links.linked), (2, 2), "{report:#?}");
    assert_eq!(report.sheet.as_deref(), Some("花名册"));
    assert_eq!(text(&f, "SELECT phone FROM person WHERE name = '张桂英'"), "14000000001");
    // Cut off anywhere, or with any byte wrong: a sentence, and nothing half-written.
    for length in (0..bytes.len()).step_by(7) {
        std::fs::write(&path, &bytes[..length]).unwrap();
        assert!(run_import(&f.workspace, &request(Kind::Persons, &path)).is_err());
    }
    for at in (0..bytes.len()).step_by(3) {
        let mut wrong = bytes.clone();
        wrong[at] ^= 0x55;
        std::fs::write(&path, &wrong).unwrap();
        let _ = run_import(&f.workspace, &request(Kind::Persons, &path));
    }
    assert_eq!(text(&f, "SELECT count(*) FROM person"), "2");
}

#[test]
fn a_web_page_with_a_table_is_a_list() {
    let f = estate();
    let report = f.import(
        Kind::Persons,
        "<html><head><meta charset=\"gb2312\"><style>td{color:red}</style></head><body><p>导出</p>\
         <table border=1><tr><th>户号<th>姓名<th>地址</tr>\
         <tr><td rowspan=2>1</td><td>张&middot;桂英</td><td rowspan=2>橡树湾3幢2单元501室</td></tr>\
         <tr><td>李强</td></tr></table></body></html>",
    );
    assert_eq!((report.counts.read, report.counts.added), (2, 2), "{report:#?}");
    assert_eq!(report.links.linked, 2);
    let path = super::write(f.folder.path(), "a.xls", "<html><p>13800138000</p></html>");
    let refused = run_import(&f.workspace, &request(Kind::Persons, &path)).unwrap_err().to_string();
    assert!(refused.contains("web page") && !refused.contains("138"), "{refused}");
}

#[test]
fn very_many_merged_cells_cost_no_more_than_their_rows() {
    let f = estate();
    let wanted = book(&f, |book| {
        let sheet = book.add_worksheet();
        let names: Vec<Vec<String>> =
            (0..2_000).map(|n| vec![format!("张{n}"), "橡树湾5幢301".to_owned()]).collect();
        rows(sheet, &[&["姓名", "地址"]]);
        for (n, row) in names.iter().enumerate() {
            sheet.write(n as u32 + 1, 0, &row[0]).unwrap();
        }
        // Two rows each, all in one column.
        for n in (1..2_000).step_by(2) {
            sheet.merge_range(n, 1, n + 1, 1, "橡树湾5幢301", &Format::new()).unwrap();
        }
    });
    let report = run_import(&f.workspace, &wanted).unwrap();
    assert_eq!((report.counts.added, report.links.linked), (2_000, 2_000));
}
