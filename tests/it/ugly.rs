//! Lists as offices hand them over: cells with dirt, rows that are no persons, places that are only a
//! part of one, and workbooks that hide things.

use std::path::{Path, PathBuf};

use menpai::import::kinds::review;
use menpai::import::kinds::review::Decision;
use menpai::import::{ImportReport, Kind};
use menpai::query::Vocabulary;
use menpai::query::search::search;
use menpai::store::Workspace;
use rust_xlsxwriter::{Format, Workbook};

use super::{request, run_import, stamp, today, write};

struct Desk {
    folder: tempfile::TempDir,
    workspace: Workspace,
}

/// Estates with buildings of two units, three floors and two doors each.
fn desk() -> Desk {
    let folder = tempfile::tempdir().unwrap();
    let workspace = Workspace::create(&folder.path().join("w.gpkg"), None, &stamp()).unwrap();
    let mut features = Vec::new();
    let mut rooms = String::from("building_code,unit,floor,room_no\n");
    for (e, estate) in ["云栖苑", "锦绣新村"].iter().enumerate() {
        for number in 1..=3 {
            let code = format!("B{}0{number}", e + 1);
            let (x, y) = (120.1 + f64::from(number) * 0.001, 33.3 + e as f64 * 0.001);
            features.push(format!(
                r#"{{"type":"Feature","properties":{{"code":"{code}","estate":"{estate}","building_no":"{number}"}},"geometry":{{"type":"Polygon","coordinates":[[[{x},{y}],[{0},{y}],[{0},{1}],[{x},{y}]]]}}}}"#,
                x + 0.0005,
                y + 0.0005
            ));
            for (unit, floor, door) in
                (1..=2).flat_map(|u| (1..=3).flat_map(move |f| (1..=2).map(move |d| (u, f, d))))
            {
                rooms.push_str(&format!("{code},{unit},{floor},{floor}0{door}\n"));
            }
        }
    }
    let map = format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","));
    let desk = Desk { folder, workspace };
    desk.import(Kind::Buildings, &write(desk.folder.path(), "b.geojson", &map));
    desk.import(Kind::Rooms, &write(desk.folder.path(), "r.csv", &rooms));
    desk
}

impl Desk {
    fn import(&self, kind: Kind, path: &Path) -> ImportReport {
        run_import(&self.workspace, &request(kind, path)).unwrap()
    }

    fn persons(&self, text: &str) -> ImportReport {
        self.import(Kind::Persons, &write(self.folder.path(), "p.csv", text))
    }

    fn book(&self, name: &str, make: impl FnOnce(&mut rust_xlsxwriter::Worksheet)) -> PathBuf {
        let mut book = Workbook::new();
        make(book.add_worksheet());
        let path = self.folder.path().join(name);
        book.save(&path).unwrap();
        path
    }

    /// Name and home of everybody, by name.
    fn homes(&self) -> Vec<String> {
        let reader = self.workspace.reader().unwrap();
        let mut rows = reader
            .prepare(
                "SELECT p.name || coalesce(' ' || b.code || '-' || coalesce(u.unit_no, '') || '-' || r.room_no, '')
                 FROM person p LEFT JOIN residency s ON s.person_id = p.person_id AND s.end_date IS NULL
                 LEFT JOIN room r USING (room_id) LEFT JOIN building b USING (building_id)
                 LEFT JOIN building_unit u ON u.unit_id = r.unit_id ORDER BY p.name",
            )
            .unwrap();
        rows.query_map([], |r| r.get(0)).unwrap().map(Result::unwrap).collect()
    }

    fn found(&self, text: &str) -> usize {
        let reader = self.workspace.reader().unwrap();
        let vocabulary = Vocabulary::read(&reader).unwrap();
        search(&reader, &vocabulary, text, today()).unwrap().persons.len()
    }
}

fn reasons(report: &ImportReport) -> String {
    report.issues.iter().map(|i| format!("{} {}", i.row, i.reason)).collect::<Vec<_>>().join("\n")
}

#[test]
fn cells_are_read_as_they_were_typed() {
    let desk = desk();
    let report = desk.persons(
        "姓名,联系电话,楼栋编码,单元,房号\n\u{202D}张桂英\u{202C},\u{200B}139\u{A0}12340001,B101,1.0,\"=\"\"101\"\"\"\n\
         李卫东,'13912340002,`B101,1,'102\n欧阳明,+86-13912340003,B101,1,201.0\n",
    );
    assert_eq!(report.counts.added, 3, "{report:#?}");
    assert_eq!(desk.homes(), ["张桂英 B101-1-101", "李卫东 B101-1-102", "欧阳明 B101-1-201"]);
    let reader = desk.workspace.reader().unwrap();
    let phones: String =
        reader.query_row("SELECT group_concat(phone) FROM person", [], |r| r.get(0)).unwrap();
    assert_eq!(phones, "13912340001,13912340002,13912340003");
}

#[test]
fn numbers_that_stand_for_none_and_numbers_that_were_shortened() {
    let desk = desk();
    let report = desk.persons(
        "姓名,身份证号,联系电话,出生日期,楼栋编码,单元,房号\n甲一,111111111111111111,12345678901,1900-01-01,B101,1,101\n\
         乙二,9.90101E+17,,,B101,1,102\n丙三,990101195106150000,,,B101,1,201\n",
    );
    assert_eq!((report.counts.added, report.counts.held), (1, 2), "{report:#?}");
    assert_eq!(reasons(&report).matches("stands for none").count(), 3, "{}", reasons(&report));
    assert_eq!(reasons(&report).matches("Excel has shortened").count(), 2);
}

#[test]
fn one_number_with_several_names_waits() {
    let desk = desk();
    let list = "姓名,身份证号,楼栋编码,单元,房号\n张桂芳,990101195009054018,B101,1,101\n\
        李卫东,990101195009054018,B101,1,102\n张 桂芳,990101195009054018,B101,1,101\n";
    let report = desk.persons(list);
    assert_eq!(report.counts.held, 3, "{report:#?}");
    assert!(desk.homes().is_empty());
}

#[test]
fn names_are_one_whatever_their_dots_and_found_by_every_reading() {
    let desk = desk();
    let mut text = String::from("姓名,身份证号,楼栋编码,单元,房号\n");
    for dot in ["·", "•", "．", "・", ".", "‧", "∙", "●", " "] {
        text.push_str(&format!("阿依古丽{dot}买买提,990101195205251051,B101,1,101\n"));
    }
    text.push_str("任长江,,B101,1,102\n万俟雪,,B101,1,201\n單雄飛,,B101,1,202\n");
    assert_eq!(desk.persons(&text).counts.held, 0);
    assert_eq!(desk.homes().len(), 4);
    for query in ["阿依古丽·买买提", "阿依古丽•买买提", "rcj", "rzj", "mqx", "renchang"]
    {
        assert_eq!(desk.found(query), 1, "{query}");
    }
}

#[test]
fn what_is_no_person_is_none() {
    let desk = desk();
    let report = desk.persons(
        "姓名,联系电话,楼栋编码,单元,房号\n云栖苑1幢,,,,\n段一,13912340001,B101,1,101\n一、低保户,,,,\n\
         第三网格,,,,\n2026年3月15日,,,,\n填报单位：某社区,,,联系人：某某,\n截止目前共3人,,,,\n段二,13912340002,B101,1,102\n\
         马青、李兰,,B101,1,201\n马青（李兰）,,B101,1,202\n马青等3人,,B101,1,301\n",
    );
    let c = report.counts;
    assert_eq!((c.added, c.skipped, c.held, c.rejected), (2, 6, 3, 0), "{report:#?}");
    assert!(c.adds_up());
}

#[test]
fn other_headings_further_down_are_found() {
    let desk = desk();
    let report = desk.persons(
        "姓名,楼栋编码,单元,房号\n段一,B101,1,101\n,,,\n房号,单元,楼栋编码,姓名\n102,1,B101,段二\n",
    );
    assert_eq!(desk.homes(), ["段一 B101-1-101", "段二 B101-1-102"], "{report:#?}");
    assert!(reasons(&report).contains("other headings begin here"));
}

#[test]
fn a_part_of_a_place_waits_and_one_choice_serves_the_list() {
    let desk = desk();
    let path = desk.book("名单.xlsx", |sheet| {
        sheet.write(0, 0, "云栖苑小区业主信息登记表").unwrap();
        for (c, heading) in ["楼号", "单元", "房号", "姓名"].iter().enumerate() {
            sheet.write(1, c as u16, *heading).unwrap();
        }
        for (r, name) in ["标一", "标二"].iter().enumerate() {
            let row = r as u32 + 2;
            sheet.write(row, 0, r as f64 + 1.0).unwrap();
            sheet.write(row, 1, 1.0).unwrap();
            sheet.write(row, 2, "101").unwrap();
            sheet.write(row, 3, *name).unwrap();
        }
    });
    let report = desk.import(Kind::Persons, &path);
    assert_eq!((report.counts.added, report.counts.held), (0, 2), "{report:#?}");
    let reader = desk.workspace.reader().unwrap();
    let held = menpai::query::review::held_rows(&reader, 10).unwrap();
    assert_eq!(held[0].choices.len(), 1, "{held:#?}");
    assert_eq!(held[0].choices[0].evidence.code(), "evidence_list_title");
    drop(reader);
    let settled = review::settle(
        &desk.workspace,
        &stamp(),
        today(),
        (held[0].id, &Decision::Choice(0)),
        true,
    )
    .unwrap();
    assert_eq!((settled.taken, settled.waiting.len()), (2, 0), "{settled:?}");
    assert_eq!(desk.homes(), ["标一 B101-1-101", "标二 B102-1-101"]);
    // 3-2-101 in the column of rooms: no estate anywhere, so both estates are offered.
    let report = desk.persons("姓名,房号\n标三,3-2-101\n");
    assert_eq!((report.counts.added, report.counts.held), (0, 1), "{report:#?}");
}

#[test]
fn words_that_move_the_place_never_link() {
    let desk = desk();
    let words = [
        "对门",
        "斜对门",
        "对面",
        "上面",
        "下面",
        "楼上",
        "楼下",
        "东邻",
        "同层",
        "门口",
        "外",
        "隔壁",
        "（人户分离，实住锦绣新村1幢1单元101）",
        "，现住锦绣新村1幢",
    ];
    let mut text = String::from("姓名,地址\n");
    for (n, word) in words.iter().enumerate() {
        text.push_str(&format!("邻{n},\"云栖苑3-2-101{word}\"\n"));
    }
    let report = desk.persons(&text);
    assert_eq!(report.counts.held as usize, words.len(), "{report:#?}");
    let plain = "姓名,地址\n平一,云栖苑3-2-101室224000\n平二,云栖苑3-2-102 邮编：224000\n平三,云栖苑3幢2单元201（现住）\n";
    assert_eq!(desk.persons(plain).counts.added, 3);
    assert_eq!(desk.homes(), ["平一 B103-2-101", "平三 B103-2-201", "平二 B103-2-102"]);
}

#[test]
fn merged_estates_hidden_columns_and_formulas_without_values() {
    let desk = desk();
    let headings = |sheet: &mut rust_xlsxwriter::Worksheet, names: &[&str]| {
        for (c, heading) in names.iter().enumerate() {
            sheet.write(0, c as u16, *heading).unwrap();
        }
    };
    let merged = desk.book("merged.xlsx", |sheet| {
        headings(sheet, &["小区", "楼号", "单元", "房号", "姓名"]);
        let format = Format::new();
        sheet.merge_range(1, 0, 3, 0, "云栖苑", &format).unwrap();
        sheet.merge_range(1, 1, 2, 1, "1", &format).unwrap();
        for (row, building, room, name) in
            [(1, "1", "101", "方一"), (2, "", "102", "方二"), (3, "2", "201", "方三")]
        {
            if row == 3 {
                sheet.write(row, 1, building).unwrap();
            }
            sheet.write(row, 2, "1").unwrap();
            sheet.write(row, 3, room).unwrap();
            sheet.write(row, 4, name).unwrap();
        }
    });
    assert_eq!(desk.import(Kind::Persons, &merged).counts.added, 3);
    assert_eq!(desk.homes(), ["方一 B101-1-101", "方三 B102-1-201", "方二 B101-1-102"]);
    let hidden = desk.book("hidden.xlsx", |sheet| {
        headings(sheet, &["姓名", "房号", "楼栋编码", "单元", "房号"]);
        for (c, cell) in ["隐一", "301", "B101", "1", "302"].iter().enumerate() {
            sheet.write(1, c as u16, *cell).unwrap();
        }
        sheet.set_column_hidden(1).unwrap();
        sheet.write(2, 0, "隐二").unwrap();
        sheet.set_row_hidden(2).unwrap();
    });
    let report = desk.import(Kind::Persons, &hidden);
    assert!(desk.homes().contains(&"隐一 B101-1-302".to_owned()), "{:?}", desk.homes());
    let told = reasons(&report);
    assert!(told.contains("hidden column") && told.contains("1 hidden rows"), "{told}");
    let beside = desk.book("beside.xlsx", |sheet| {
        headings(sheet, &["姓名", "楼栋编码", "单元", "房号", "姓名", "楼栋编码", "单元", "房号"]);
        for (c, cell) in ["左一", "B103", "1", "101", "右一", "B103", "1", "102"].iter().enumerate()
        {
            sheet.write(1, c as u16, *cell).unwrap();
        }
    });
    let told = reasons(&desk.import(Kind::Persons, &beside));
    assert!(
        told.contains("second table stands beside the first (its headings begin in column E)"),
        "{told}"
    );
    let legend = desk.book("legend.xlsx", |sheet| {
        headings(sheet, &["姓名", "楼栋编码", "单元", "房号"]);
        for (c, cell) in ["例一", "B103", "1", "201", "", "说明：住宅"].iter().enumerate() {
            sheet.write(1, c as u16, *cell).unwrap();
        }
    });
    let report = desk.import(Kind::Persons, &legend);
    assert_eq!(report.counts.added, 1);
    assert!(reasons(&report).contains("beyond the headings"));
}

#[test]
fn a_formula_without_its_value_is_told() {
    let desk = desk();
    // No library writes one; the sheet of a workbook is put in its place.
    let whole = desk.book("f.xlsx", |sheet| {
        for (c, heading) in ["姓名", "楼栋编码"].iter().enumerate() {
            sheet.write(0, c as u16, *heading).unwrap();
        }
        sheet.write(1, 0, "公式甲").unwrap();
        sheet.write_formula(1, 1, "=CONCATENATE(\"B\",101)").unwrap();
    });
    let mut archive = zip::ZipArchive::new(std::fs::File::open(&whole).unwrap()).unwrap();
    let path = desk.folder.path().join("g.xlsx");
    let mut target = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).unwrap();
        let name = String::from_utf8_lossy(entry.name_raw()).into_owned();
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut entry, &mut bytes).unwrap();
        if name.ends_with("sheet1.xml") {
            let text = String::from_utf8(bytes).unwrap();
            bytes = text.replace("</f><v>0</v>", "</f>").into_bytes();
        }
        // Some programs on Windows write the names so.
        let name = name.replace('/', "\\");
        target.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut target, &bytes).unwrap();
    }
    target.finish().unwrap();
    let told = run_import(&desk.workspace, &request(Kind::Persons, &path)).unwrap_err().to_string();
    assert!(told.contains("1 cells hold formulas without their values"), "{told}");
}

#[test]
fn a_list_without_headings_repeats_nobody() {
    let desk = desk();
    let path = write(
        desk.folder.path(),
        "p.csv",
        "张桂英,990101196203050023\n李卫东,990101195009054018\n",
    );
    let told = match run_import(&desk.workspace, &request(Kind::Rooms, &path)) {
        Err(error) => error.to_string(),
        Ok(report) => format!("{report:?}"),
    };
    assert!(!told.contains("桂英") && !told.contains("990101"), "{told}");
}

#[test]
fn positions_in_one_cell_and_in_degrees() {
    let desk = desk();
    let path = write(
        desk.folder.path(),
        "e.csv",
        "name,location,tel\n橡树便利店,\"120.1012,33.3001\",13912340001;13912340002\n幼儿园,[],[]\n",
    );
    let report = desk.import(Kind::Enterprises, &path);
    assert_eq!(report.counts.added, 2);
    let reader = desk.workspace.reader().unwrap();
    let joined: i64 = reader
        .query_row("SELECT count(*) FROM enterprise WHERE building_id IS NOT NULL", [], |r| {
            r.get(0)
        })
        .unwrap();
    assert_eq!(joined, 1, "{report:#?}");
}

#[test]
fn rooms_come_from_nothing_when_they_may_be_made() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = Workspace::create(&folder.path().join("w.gpkg"), None, &stamp()).unwrap();
    let house = |properties: &str, x: f64| {
        format!(
            r#"{{"type":"Feature","properties":{{{properties},"levels":6}},"geometry":{{"type":"Polygon","coordinates":[[[{x},39.9],[{0},39.9],[{0},39.9002],[{x},39.9]]]}}}}"#,
            x + 0.0003
        )
    };
    let houses = [
        house(r#""code":"A","name":"瑞苑公寓""#, 116.30),
        house(r#""code":"B","estate":"橡树湾","building_no":"3""#, 116.31),
    ];
    let text = format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, houses.join(","));
    let path = write(folder.path(), "b.geojson", &text);
    run_import(&workspace, &request(Kind::Buildings, &path)).unwrap();
    let list = "姓名,地址\n张一,瑞苑公寓301室\n李二,橡树湾3号楼2单元501\n\
                赵四,橡树湾3号楼2单元502(已搬走)\n钱五,橡树湾3号楼2单元503/504\n\
                孙六,瑞苑公寓901室\n周七,瑞苑公寓对门302室\n";
    let path = write(folder.path(), "p.csv", list);
    let mut wanted = request(Kind::Persons, &path);
    wanted.create_rooms = true;
    let report = run_import(&workspace, &wanted).unwrap();
    assert_eq!((report.counts.added, report.counts.held), (2, 4), "{report:#?}");
    let homes = || {
        let reader = workspace.reader().unwrap();
        let mut select = reader
            .prepare(
                "SELECT p.name || ' ' || b.code || ' ' || ifnull(u.unit_no, '') || ' ' || r.room_no
                 FROM person p JOIN residency USING (person_id) JOIN room r USING (room_id)
                 JOIN building b ON b.building_id = r.building_id
                 LEFT JOIN building_unit u USING (unit_id) ORDER BY p.person_id",
            )
            .unwrap();
        let rows = select.query_map([], |row| row.get::<_, String>(0)).unwrap();
        rows.map(Result::unwrap).collect::<Vec<_>>()
    };
    assert_eq!(homes(), ["张一 A  301", "李二 B 2 501"]);
    // What the list does not say beyond doubt, somebody says: the room is made then.
    let queue = review_rows(&workspace);
    let across = queue.iter().find(|row| row.get("name") == Some("周七")).unwrap();
    assert!(across.choices[0].makes_room(), "{across:?}");
    let step = (across.id, &Decision::Choice(0));
    let settled = review::settle(&workspace, &stamp(), today(), step, false).unwrap();
    assert_eq!(settled.taken, 1, "{settled:?}");
    assert_eq!(homes().last().unwrap(), "周七 A  302");
    // There is no ninth floor in a house of six.
    let high = queue.iter().find(|row| row.get("name") == Some("孙六")).unwrap();
    assert!(high.choices.is_empty(), "{high:?}");
}

fn review_rows(workspace: &Workspace) -> Vec<menpai::query::review::HeldRow> {
    menpai::query::review::held_rows(&workspace.reader().unwrap(), 99).unwrap()
}
