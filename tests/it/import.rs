//! What the joins do, row by row.

use menpai::geo::lon_lat;
use menpai::import::{ImportReport, Kind, Severity};
use menpai::query::{self, Vocabulary};
use menpai::store::{Workspace, lookup};

use super::{request, run_import, stamp, today, write};

const BUILDINGS: &str = r#"{"type":"FeatureCollection","features":[
{"type":"Feature","id":1,"properties":{"code":"A","name":"甲楼","building:levels":6},"geometry":{"type":"Polygon","coordinates":[[[120,33],[120.001,33],[120.001,33.001],[120,33.001],[120,33]]]}},
{"type":"Feature","id":2,"properties":{"name":"in A","height":9.1,"addr:street":"新都路","addr:housenumber":"5"},"geometry":{"type":"Polygon","coordinates":[[[120.0002,33.0002],[120.0004,33.0002],[120.0004,33.0004],[120.0002,33.0004]]]}},
{"type":"Feature","properties":{"建物ID":"13108-bldg-391","measuredHeight":5.6},"geometry":{"type":"Polygon","coordinates":[[[120.01,33,1],[120.011,33,1],[120.011,33.001,1],[120.01,33,1]]]}}]}"#;

pub struct Fixture {
    pub folder: tempfile::TempDir,
    pub workspace: Workspace,
}

impl Fixture {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let workspace = Workspace::create(&folder.path().join("w.gpkg"), None, &stamp()).unwrap();
        let fixture = Self { folder, workspace };
        let report = fixture.import(Kind::Buildings, BUILDINGS);
        assert_eq!(report.counts.added, 3, "{report:?}");
        fixture
    }

    pub fn import(&self, kind: Kind, text: &str) -> ImportReport {
        let path = write(self.folder.path(), "in.txt", text);
        let report = run_import(&self.workspace, &request(kind, &path)).unwrap();
        assert!(report.counts.adds_up());
        super::damage::rows_are_as_written(&self.workspace);
        report
    }

    pub fn overview(&self, code: &str) -> query::Overview {
        let reader = self.workspace.reader().unwrap();
        let vocabulary = Vocabulary::read(&reader).unwrap();
        let building_id = lookup::building_id(&reader, code).unwrap().unwrap();
        query::overview(&reader, &vocabulary, building_id).unwrap().unwrap()
    }
}

pub fn reasons(report: &ImportReport, severity: Severity) -> Vec<String> {
    let wanted = report.issues.iter().filter(|i| i.severity == severity);
    wanted.map(|i| format!("{}:{}:{}", i.row, i.column, i.value)).collect()
}

#[test]
fn guessed_fields_and_codes() {
    let f = Fixture::new();
    let a = f.overview("A").building;
    assert_eq!((a.name.as_deref(), a.floors_above), (Some("甲楼"), Some(6)));
    let b = f.overview("2").building;
    assert_eq!(b.floors_above, Some(3), "from the height");
    assert_eq!(b.address.as_deref(), Some("新都路5号"));
    assert_eq!(f.overview("13108-bldg-391").building.floors_above, Some(2));
}

#[test]
fn a_second_feature_with_the_same_code_is_held() {
    let f = Fixture::new();
    let twice =
        BUILDINGS.replace(r#""id":2,"properties":{"#, r#""id":2,"properties":{"code":"A","#);
    let report = f.import(Kind::Buildings, &twice);
    assert_eq!((report.counts.held, report.counts.unchanged), (1, 2));
    assert_eq!(reasons(&report, Severity::Held), ["2:code:A"]);
}

#[test]
fn rooms_floors_and_the_matrix() {
    let f = Fixture::new();
    let report = f.import(
        Kind::Rooms,
        "楼栋编码,单元,楼层,房号,房屋类型,民族\n\
         A,1,3,301,住宅,x\nA,1,3A,3A01,住宅,x\nA,1,4,401,住宅,x\nA,1,B1,1,车位,x\nA,1,1,1,住宅,x\n\
         A,,2,202,住宅,x\nZ,1,1,101,住宅,x\nA,1,,,住宅,x\n,,,,,\nA,1,1,101,城堡,x\n",
    );
    assert_eq!(report.counts.read, 10);
    assert_eq!((report.counts.added, report.counts.rejected, report.counts.skipped), (7, 2, 1));
    assert_eq!(report.refused_columns, ["民族"]);
    assert_eq!(reasons(&report, Severity::Rejected), ["8:building_code:Z", "9:room_no:"]);
    assert_eq!(reasons(&report, Severity::Warning), ["11:kind:城堡"]);
    let m = f.overview("A").matrix;
    let labels: Vec<(i32, &str)> = m.floors.iter().map(|f| (f.ord, f.label.as_str())).collect();
    assert_eq!(labels, [(6, "6"), (5, "4"), (4, "3A"), (3, "3"), (2, "2"), (1, "1"), (-1, "B1")]);
    assert_eq!(m.unassigned.len(), 1, "a room whose unit is unknown is never dropped");
    let ones: Vec<&str> =
        m.cells.iter().filter(|c| c.room_no == "1").map(|c| c.kind.as_str()).collect();
    assert_eq!(ones, ["dwelling", "parking"], "flat 1 is not parking space 1");
}

#[test]
fn persons_join_move_and_stay() {
    let f = Fixture::new();
    f.import(Kind::Rooms, "building_code,unit,room_no\nA,1,101\nA,1,102\nA,2,101\n");
    let head = "id_no,name,building_code,unit,room_no,relation,tags,household_no,since\n";
    let zhang = "000000194912310027,张桂英,A,1,101,户主,独居老人;低保,H1,2020-01-01";
    let report = f.import(
        Kind::Persons,
        &format!(
            "{head}{zhang}\n000000194912310028,李错,A,1,101,,,,\n,王五,A,,101,,,,\n\
             ,无房,,,,,,,\n,赵六,A,1,999,,,,\n"
        ),
    );
    let c = report.counts;
    assert_eq!((c.read, c.added, c.rejected, c.held), (5, 2, 2, 1), "{report:#?}");
    assert!(!format!("{report:?}").contains("桂英"), "names in reports are masked");
    let again = f.import(Kind::Persons, &format!("{head}{zhang}\n"));
    assert_eq!(again.counts.unchanged, 1);
    let o = f.overview("A");
    assert_eq!((o.counts.persons, o.counts.households), (1, 1));
    assert_eq!(
        o.tags.iter().map(|t| t.code.as_str()).collect::<Vec<_>>(),
        ["low_income", "living_alone"]
    );

    let moved = zhang.replace(",1,101,", ",1,102,").replace("2020-01-01", "2026-02-03");
    assert_eq!(f.import(Kind::Persons, &format!("{head}{moved}\n")).counts.merged, 1);
    let reader = f.workspace.reader().unwrap();
    let vocabulary = Vocabulary::read(&reader).unwrap();
    let building_id = lookup::building_id(&reader, "A").unwrap().unwrap();
    let room = |unit: &str, no: &str| match lookup::find_room(&reader, building_id, Some(unit), no)
    {
        Ok(lookup::RoomMatch::One(room_id)) => room_id,
        other => panic!("{other:?}"),
    };
    let card = |room_id| query::household(&reader, &vocabulary, room_id, today()).unwrap().unwrap();
    let (old, new) = (card(room("1", "101")), card(room("01", "102室")));
    assert_eq!((old.members.len(), new.members.len()), (0, 1));
    assert_eq!(old.history[0].end, "2026-02-03", "the history is kept");
    assert_eq!(new.members[0].age, Some(76));
    assert_eq!(card(room("2", "101")).members.len(), 0);
}

#[test]
fn points_join_the_smallest_building_and_the_border_counts() {
    let f = Fixture::new();
    let report = f.import(
        Kind::Events,
        "no,title,category,lon,lat,reported_at,state\n\
         E1,in both,消防隐患,120.0003,33.0003,2026-11-20 08:00,open\n\
         E2,on the border,other,120.001,33.0005,2026-11-20,已结案\n\
         E3,nowhere,other,121,34,,open\nE4,broken,other,x,1,,open\n",
    );
    assert_eq!((report.counts.added, report.counts.rejected), (3, 1));
    assert_eq!(f.overview("2").events[0].no, "E1");
    let a = f.overview("A");
    assert_eq!((a.events[0].no.as_str(), a.counts.open_events), ("E2", 0));
    let shop = f.import(
        Kind::Enterprises,
        "uscc,name,lon,lat\n91110000101623741K,店,120.0005,33.0005\nBAD,店2,120.0005,33.0005\n",
    );
    assert_eq!((shop.counts.added, reasons(&shop, Severity::Warning).len()), (2, 1));
    assert_eq!(f.overview("A").counts.enterprises, 2);
    let reader = f.workspace.reader().unwrap();
    let at = query::place::building_at(&reader, lon_lat(120.0003, 33.0003)).unwrap().unwrap();
    assert_eq!(at, lookup::building_id(&reader, "2").unwrap().unwrap());
}

#[test]
fn grids_take_buildings_by_the_largest_overlap() {
    let f = Fixture::new();
    let grid = |code: &str, west: f64, east: f64| {
        format!(
            r#"{{"type":"Feature","properties":{{"code":"{code}"}},"geometry":{{"type":"Polygon","coordinates":[[[{west},32.9],[{east},32.9],[{east},33.1],[{west},33.1]]]}}}}"#
        )
    };
    let text = format!(
        r#"{{"type":"FeatureCollection","features":[{},{}]}}"#,
        grid("G1", 119.9, 120.0004),
        grid("G2", 120.0004, 120.005)
    );
    let report = f.import(Kind::Grids, &text);
    assert_eq!(report.counts.added, 2);
    assert_eq!(f.overview("A").building.grid.as_deref(), Some("G2"));
    assert_eq!(f.overview("2").building.grid.as_deref(), Some("G1"));
    assert_eq!(f.overview("13108-bldg-391").building.grid, None);
}

#[test]
fn roads_water_and_green_become_the_basemap() {
    let f = Fixture::new();
    let line = r#"{"type":"LineString","coordinates":[[120,33],[120.01,33.002]]}"#;
    let square = r#"{"type":"Polygon","coordinates":[[[120,33],[120.1,33],[120.1,33.1],[120,33.1],[120,33]]]}"#;
    let point = r#"{"type":"Point","coordinates":[120,33]}"#;
    let feature = |properties: &str, geometry: &str| {
        format!(r#"{{"type":"Feature","properties":{{{properties}}},"geometry":{geometry}}}"#)
    };
    let text = format!(
        r#"{{"type":"FeatureCollection","features":[{}]}}"#,
        [
            feature(r#""highway":"primary","name":"解放路""#, line),
            feature(r#""natural":"water""#, square),
            feature(r#""highway":"bus_stop""#, point),
            feature(r#""shop":"kiosk""#, line),
            feature(r#""highway":"path""#, r#"{"type":"LineString","coordinates":[[120,33]]}"#),
            feature(
                r#""highway":"path""#,
                r#"{"type":"LineString","coordinates":[[500000,33],[1,2]]}"#
            ),
        ]
        .join(",")
    );
    let first = f.import(Kind::Basemap, &text);
    let c = first.counts;
    assert_eq!((c.added, c.skipped, c.rejected), (2, 2, 2), "{first:?}");
    let again = f.import(Kind::Basemap, &text).counts;
    assert_eq!((again.added, again.unchanged), (0, 2));
    let shapes = menpai::store::features::basemap(&f.workspace.reader().unwrap()).unwrap();
    assert_eq!(
        shapes.iter().map(|s| (s.rank, s.name.as_str())).collect::<Vec<_>>(),
        [(1, ""), (1, "解放路")]
    );
}

#[test]
fn a_dry_run_tells_the_same_and_writes_nothing() {
    let f = Fixture::new();
    let path = write(f.folder.path(), "r.csv", "building_code,unit,room_no\nA,1,101\nQ,1,1\n");
    let mut wanted = request(Kind::Rooms, &path);
    wanted.dry_run = true;
    let dry = run_import(&f.workspace, &wanted).unwrap();
    assert_eq!(f.overview("A").counts.rooms, 0);
    wanted.dry_run = false;
    let wet = run_import(&f.workspace, &wanted).unwrap();
    assert_eq!(dry.counts, wet.counts);
    assert_eq!(f.overview("A").counts.rooms, 1);
}

#[test]
fn a_cancelled_import_leaves_everything_as_it_was() {
    let f = Fixture::new();
    let rows: String = (0..5_000).map(|i| format!("A,1,{i}\n")).collect();
    let path = write(f.folder.path(), "r.csv", &format!("building_code,unit,room_no\n{rows}"));
    let cancel = std::sync::atomic::AtomicBool::new(false);
    let progress = |done: u64, _| {
        if done > 0 {
            cancel.store(true, std::sync::atomic::Ordering::Relaxed);
        }
    };
    let watch = menpai::import::Watch { cancel: &cancel, progress: &progress, found: &|_| {} };
    let refused = menpai::import::run(&f.workspace, &request(Kind::Rooms, &path), &stamp(), &watch);
    assert!(refused.unwrap_err().to_string().contains("cancelled"));
    assert_eq!(f.overview("A").counts.rooms, 0);
}

/// An estate with two buildings; 3幢 has two units, 5幢 one.
pub fn estate() -> Fixture {
    let f = Fixture::new();
    let square = |code: &str, number: &str, x: f64| {
        format!(
            r#"{{"type":"Feature","properties":{{"code":"{code}","estate":"橡树湾","building_no":"{number}"}},"geometry":{{"type":"Polygon","coordinates":[[[{x},34],[{0},34],[{0},34.001],[{x},34]]]}}}}"#,
            x + 0.001
        )
    };
    let both = [square("O3", "3", 121.0), square("O5", "5", 121.01)].join(",");
    f.import(Kind::Buildings, &format!(r#"{{"type":"FeatureCollection","features":[{both}]}}"#));
    f.import(
        Kind::Rooms,
        "building_code,unit,room_no\nO3,1,501\nO3,2,501\nO3,2,502\nO5,1,301\nO5,1,1801\n",
    );
    f
}

#[test]
fn persons_are_joined_by_address() {
    let f = estate();
    let report = f.import(
        Kind::Persons,
        "姓名,家庭住址\n张桂英,橡树湾3幢2单元501室\n王五,江苏省南京市人民路88号橡樹灣三号楼二单元五〇二(租户)\n\
         李四,橡树弯5栋301 13800000000\n赵六,橡树湾3幢501\n钱七,橡树湾3幢2单元903\n\
         孙八,水岸里1幢101\n周九,同上\n",
    );
    let c = report.counts;
    assert_eq!((c.read, c.added, c.held, c.rejected), (7, 3, 3, 1), "{report:#?}");
    assert_eq!(reasons(&report, Severity::Rejected), ["7:address:水岸里1幢101"]);
    let held: Vec<String> = report
        .issues
        .iter()
        .filter(|i| i.severity == Severity::Held)
        .map(|i| i.reason.to_string())
        .collect();
    assert!(held[0].contains("橡树湾 3-1-501 | 橡树湾 3-2-501"), "{held:?}");
    assert!(held[1].contains("O3 is known, but not this room"), "{held:?}");
    assert_eq!((f.overview("O3").counts.persons, f.overview("O5").counts.persons), (2, 1));
}

#[test]
fn what_could_be_another_place_is_never_linked() {
    use menpai::domain::address::parse;
    use menpai::query::matching::Gazetteer;
    use menpai::query::matching::Outcome;
    let f = estate();
    let square = |code: &str, estate: &str, zone: &str, floors: i32, x: f64| {
        format!(
            r#"{{"type":"Feature","properties":{{"code":"{code}","estate":"{estate}","zone":"{zone}","building_no":"7","floors_above":{floors}}},"geometry":{{"type":"Polygon","coordinates":[[[{x},35],[{0},35],[{0},35.001],[{x},35]]]}}}}"#,
            x + 0.001
        )
    };
    let all = [
        square("S1", "阳光花园", "", 6, 121.0),
        square("S2", "阳光家园", "", 6, 121.01),
        square("Z1", "望江苑", "一期", 6, 121.02),
        square("Z2", "望江苑", "二期", 30, 121.03),
    ];
    let all = all.join(",");
    f.import(Kind::Buildings, &format!(r#"{{"type":"FeatureCollection","features":[{all}]}}"#));
    f.import(
        Kind::Rooms,
        "building_code,unit,room_no\nS1,1,101\nZ1,1,101\nZ1,2,501\nZ2,1,102\nZ2,2,501\nO5,1,12\n",
    );
    let reader = f.workspace.reader().unwrap();
    let gazetteer = Gazetteer::read(&reader).unwrap();
    let check = |text: &str, expect: Outcome| {
        let link = gazetteer.link(&reader, &parse(text)).unwrap();
        assert_eq!(link.outcome, expect, "{text}: {link:?}");
    };
    check("阳光花园7幢1单元101", Outcome::Matched);
    check("阳光7幢1单元101", Outcome::Ambiguous); // two estates begin so
    check("阴光花园7幢1单元101", Outcome::Ambiguous); // one character off
    check("望江苑一期7幢1单元101", Outcome::Matched);
    check("望江苑7幢1单元101", Outcome::Ambiguous); // which 期?
    check("望江苑1期7幢2501", Outcome::Matched); // six floors: unit 2, room 501
    check("望江苑2期7幢2501", Outcome::Ambiguous); // floor 25, or unit 2
    check("橡树湾5幢车位12", Outcome::Ambiguous); // flat 12 is no parking space
    check("橡树湾5幢1单元12室", Outcome::Matched);
    check("水岸里5幢1单元12室", Outcome::None);
}

#[test]
fn a_workbook_with_titles_totals_and_rounded_numbers() {
    use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
    let f = estate();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.merge_range(0, 0, 0, 4, "橡树湾 2026 年度居民花名册", &Format::new()).unwrap();
    sheet.write(1, 0, "填表人:王芳   填表日期:2026年3月").unwrap();
    for (column, heading) in
        ["姓名", "身份证\n号码", "出生日期", "住址", "联系电话"].iter().enumerate()
    {
        sheet.write(2, column as u16, *heading).unwrap();
    }
    sheet.write(3, 0, "张桂英").unwrap();
    sheet.write(3, 1, 1101011949123100.0).unwrap();
    let day = ExcelDateTime::from_ymd(1949, 12, 31).unwrap();
    sheet.write_with_format(3, 2, &day, &Format::new().set_num_format("yyyy-mm-dd")).unwrap();
    sheet.write(3, 3, "橡树湾3-2-501").unwrap();
    sheet.write(3, 4, 14000000001.0).unwrap();
    sheet.write(5, 0, "合计").unwrap();
    sheet.write(5, 1, 1).unwrap();
    let path = f.folder.path().join("名单.xlsx");
    book.save(&path).unwrap();
    let report = run_import(&f.workspace, &request(Kind::Persons, &path)).unwrap();
    let c = report.counts;
    assert!(c.adds_up());
    assert_eq!((c.read, c.added, c.skipped), (5, 1, 4), "{report:#?}");
    assert_eq!(report.encoding, "workbook");
    assert!(
        report
            .issues
            .iter()
            .any(|i| i.column == "id_no" && i.reason.to_string().contains("15 digits"))
    );
    let reader = f.workspace.reader().unwrap();
    let (birth, phone, id): (String, String, Option<String>) = reader
        .query_row("SELECT birth_date, phone, id_no FROM person", [], |r| {
            Ok((r.get(0)?, r.get(1)?, r.get(2)?))
        })
        .unwrap();
    assert_eq!((birth.as_str(), phone.as_str(), id), ("1949-12-31", "14000000001", None));
}

#[test]
fn lists_in_gb18030_and_utf16() {
    let f = estate();
    let text = "橡树湾居民名单,,\n姓名,性别,地址\n张桂英,女,橡树湾3幢2单元501\n";
    let gb = encoding_rs::GB18030.encode(text).0.into_owned();
    let mut utf16 = vec![0xFF, 0xFE];
    utf16.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    for (bytes, encoding) in [(gb, "gb18030"), (utf16, "utf-16")] {
        let path = f.folder.path().join(format!("{encoding}.csv"));
        std::fs::write(&path, bytes).unwrap();
        let report = run_import(&f.workspace, &request(Kind::Persons, &path)).unwrap();
        assert_eq!((report.encoding, report.counts.read, report.counts.skipped), (encoding, 2, 1));
        assert_eq!(report.counts.held + report.counts.rejected, 0, "{report:#?}");
    }
    let reader = f.workspace.reader().unwrap();
    let count: i64 = reader.query_row("SELECT count(*) FROM person", [], |r| r.get(0)).unwrap();
    assert_eq!(count, 1, "the second list says the same");
}

#[test]
fn a_building_answers_to_its_road_and_its_own_name() {
    use menpai::domain::address;
    use menpai::query::matching::Gazetteer;
    use menpai::query::matching::Outcome;
    let f = estate();
    let house = |code: &str, properties: &str, x: f64| {
        format!(
            r#"{{"type":"Feature","properties":{{"code":"{code}",{properties}}},"geometry":{{"type":"Polygon","coordinates":[[[{x},34],[{0},34],[{0},34.001],[{x},34]]]}}}}"#,
            x + 0.001
        )
    };
    let houses = [
        house("R1", r#""address":"示范区盐渎路254号""#, 122.0),
        house("R2", r#""address":"解放路12号2号楼""#, 122.1),
        house("R3", r#""address":"解放路12号3号楼""#, 122.2),
        house("R4", r#""address":"涞亭南路99弄101号""#, 122.3),
        house("R5", r#""name":"新都中学""#, 122.4),
    ];
    let all = houses.join(",");
    f.import(Kind::Buildings, &format!(r#"{{"type":"FeatureCollection","features":[{all}]}}"#));
    f.import(
        Kind::Rooms,
        "building_code,unit,room_no,kind\nR1,,101,\nR2,1,301,\nR3,1,301,\nR4,,501,\nR5,,203,\nO5,1,55,商铺\n",
    );
    let reader = f.workspace.reader().unwrap();
    let gazetteer = Gazetteer::read(&reader).unwrap();
    let check = |text: &str, outcome, buildings: &[&str]| {
        let link = gazetteer.link(&reader, &address::parse(text)).unwrap();
        let found: Vec<&str> = link.candidates.iter().map(|c| c.building.as_str()).collect();
        assert_eq!((link.outcome, &found[..]), (outcome, buildings), "{text}: {link:#?}");
    };
    check("江苏省盐城市盐渎路254号101室", Outcome::Matched, &["R1"]);
    check("盐渎路256号101室", Outcome::None, &[]);
    check("解放路12号3号楼1单元301", Outcome::Matched, &["R3"]);
    check("解放路12号301", Outcome::Ambiguous, &["R2", "R3"]);
    check("涞亭南路99弄101号501室", Outcome::Matched, &["R4"]);
    check("新都中学203", Outcome::Matched, &["R5"]);
    // A building's own name is longer than its estate's, and no number of a house.
    let path = write(
        f.folder.path(),
        "s.geojson",
        &format!(
            r#"{{"type":"FeatureCollection","features":[{}]}}"#,
            house("S3", r#""name":"橡树湾沿街商铺3","estate":"橡树湾""#, 122.6)
        ),
    );
    run_import(&f.workspace, &request(Kind::Buildings, &path)).unwrap();
    f.import(Kind::Rooms, "building_code,room_no,kind\nS3,201,商铺\n");
    let again = f.workspace.reader().unwrap();
    let shops = Gazetteer::read(&again).unwrap();
    for text in ["橡树湾沿街商铺3 201", "示范区橡树湾沿街商铺3-201", "橡树湾沿街商铺3号201室"]
    {
        let link = shops.link_text(&again, text, &address::parse(text)).unwrap();
        let found: Vec<&str> = link.candidates.iter().map(|c| c.building.as_str()).collect();
        assert_eq!(found, ["S3"], "{text}: {link:#?}");
    }
    // Another estate's name at the same number is asked about.
    check("盐渎路254号水岸里101室", Outcome::Ambiguous, &["R1"]);
    // The estate has such a door: offered, not taken.
    check("橡树湾沿街商铺55", Outcome::Ambiguous, &["O5"]);
    check("橡树湾301", Outcome::Ambiguous, &["O5"]);
}
