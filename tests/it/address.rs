//! The address parser against collected cases, hostile text, and its own print.

use menpai::domain::address::{Context, canonical, parse, parse_in};
use serde_json::{Value, json};

const FIELDS: [&str; 9] =
    ["admin", "road", "road_no", "estate", "zone", "building", "unit", "floor", "room"];

/// Differences between a case and what was read.
fn differences(case: &Value) -> Vec<String> {
    let context: Context = case
        .get("context")
        .filter(|c| !c.is_null())
        .map(|c| serde_json::from_value(c.clone()).unwrap())
        .unwrap_or_default();
    let input = case["input"].as_str().unwrap();
    let got = serde_json::to_value(parse_in(input, &context)).unwrap();
    let mut wrong = Vec::new();
    let mut compare = |field: &str, expect: &Value, got: &Value| {
        if expect != got {
            wrong.push(format!("{field}: {expect} expected, {got} read"));
        }
    };
    for field in FIELDS {
        compare(field, &case["expect"][field], &got[field]);
    }
    compare("kind", &case["kind"], &got["kind"]);
    compare("match", &case["match"], &got["match"]);
    let rooms = case["expect"].get("extra_rooms").cloned().unwrap_or(json!([]));
    compare("extra_rooms", &rooms, &got["extra_rooms"]);
    let sorted = |flags: &Value| {
        let mut words: Vec<String> =
            flags.as_array().unwrap().iter().map(|f| f.as_str().unwrap().to_owned()).collect();
        words.sort();
        json!(words)
    };
    compare("flags", &sorted(&case["flags"]), &sorted(&got["flags"]));
    if let Some(alternatives) = case.get("alternatives") {
        compare("alternatives", alternatives, &got["alternatives"]);
    }
    wrong
}

#[test]
fn every_collected_case_is_read_as_expected() {
    let file: Value = serde_json::from_str(include_str!("../data/addresses.json")).unwrap();
    let cases = file["cases"].as_array().unwrap();
    assert_eq!(cases.len() as u64, file["count"].as_u64().unwrap());
    let mut failed = 0;
    for case in cases {
        let wrong = differences(case);
        if !wrong.is_empty() {
            failed += 1;
            println!("{} {}: {}", case["id"], case["input"], wrong.join("; "));
        }
    }
    assert_eq!(failed, 0, "of {} cases", cases.len());
}

/// Words of addresses, and nonsense, in any order.
fn jumble() -> impl proptest::strategy::Strategy<Value = String> {
    use proptest::prelude::*;
    let words = prop::sample::select(vec![
        "橡树湾",
        "人民路",
        "88号",
        "3",
        "幢",
        "2",
        "单元",
        "501",
        "室",
        "-",
        "一",
        "二十",
        "东",
        "户",
        "A",
        "B1",
        "层",
        "楼",
        "号",
        "#",
        "区",
        "期",
        "组",
        "村",
        "排",
        "弄",
        "附",
        "负",
        "地下室",
        "商铺",
        "顶楼",
        "门",
        "(",
        ")",
        " ",
        "13800000000",
        "江苏省",
        "南京市",
        "和平街道",
        "别墅",
        "、",
        "/",
        ".",
        "第",
        "甲",
        "号楼",
        "单",
        "市",
        "撞",
        "０５０１",
    ]);
    let mixed = prop_oneof![
        8 => words.prop_map(str::to_owned),
        1 => any::<char>().prop_map(|c| c.to_string()),
        1 => "[0-9]{1,6}",
    ];
    prop::collection::vec(mixed, 0..14).prop_map(|parts| parts.concat())
}

/// Addresses in the many ways in which they are written.
fn written() -> impl proptest::strategy::Strategy<Value = String> {
    use proptest::prelude::*;
    let front = prop::sample::select(vec![
        "",
        "江苏省南京市示范区和平街道",
        "人民路88号",
        "示范区和平街道人民路88号",
        "地址:",
    ]);
    let estate = prop::sample::select(vec![
        "橡树湾",
        "八一新村",
        "阳光花园二期",
        "紫金苑东区",
        "望江公寓A区",
    ]);
    let building = (
        "[1-9][0-9]?[A-C]?|[A-C]|十二|三",
        prop::sample::select(vec!["幢", "号楼", "栋", "座", "#", "撞"]),
    );
    let unit = prop_oneof![
        4 => ("[1-4]", prop::sample::select(vec!["单元", "门", "梯", "单", "-", "单无"])),
        1 => ("[一二三东西甲乙AB]", Just("单元")),
    ];
    let room = prop_oneof![
        "[1-9]0[1-6]",
        "[1-2][0-9]0[1-4]",
        "0[1-9]0[1-4]",
        "[1-9]层东户",
        "五〇一",
        "[1-9]楼[1-4]号"
    ];
    let behind = prop::sample::select(vec!["", "室", "(租户)", " 13800000000"]);
    (front, estate, building, unit, room, behind).prop_map(|(front, estate, b, u, room, behind)| {
        format!("{front}{estate}{}{}{}{}{room}{behind}", b.0, b.1, u.0, u.1)
    })
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 4_000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn the_canonical_print_is_read_as_itself(text in written()) {
        let first = parse(&text);
        let print = canonical(&first);
        let again = parse(&print);
        proptest::prop_assert_eq!(canonical(&again), print, "of {}: {:?} then {:?}", text, first, again);
        proptest::prop_assert_eq!((first.building, first.unit, first.room), (again.building, again.unit, again.room));
    }

    #[test]
    fn nothing_makes_it_panic(text in jumble()) {
        let _ = canonical(&parse(&text));
    }

    #[test]
    fn any_text_is_survived(text in "\\PC{0,60}") {
        let _ = canonical(&parse(&text));
    }
}

/// What stands beside an address and numbers no room; what could be another door is never sure.
#[test]
fn numbers_beside_an_address_are_no_rooms() {
    use menpai::domain::address::{Match, parse};
    for rest in [
        " 2人",
        " 3口人",
        " 78岁",
        " 2条狗",
        " 5月份搬来",
        " 2020年搬入",
        " 1户",
        " 2室1厅",
        " 89㎡",
        " 120平",
        " 共3人",
        " 2023年入住",
        " 电话88886666",
        " 浙A12345",
        " QQ12345",
        "，330106199001011234",
    ] {
        let read = parse(&format!("橡树湾3-2-501{rest}"));
        assert_eq!(
            (read.building.as_deref(), read.unit.as_deref(), read.room.as_deref()),
            (Some("3"), Some("2"), Some("501")),
            "{rest}: {read:?}"
        );
        assert!(read.extra_rooms.is_empty(), "{rest}: {read:?}");
        assert_eq!(read.quality, Match::Full, "{rest}: {read:?}");
        assert!(!read.remark.unwrap_or_default().contains("330106"), "no identity is kept");
    }
    let same = parse("橡树湾3-2-501、3-2-502");
    assert_eq!(
        (same.room.as_deref(), &same.extra_rooms[..]),
        (Some("501"), &["502".to_owned()][..])
    );
    for doubtful in [
        "橡树湾3-2-501、5-1-302",
        "橡树湾3幢2单元301、3幢3单元301",
        "橡树湾3-2-501搬至阳光花园5-1-302",
        "橡树湾5号楼东2单元301",
        "橡树湾3号楼1单元负101",
        "橡树湾3号楼2单元50l",
        "橡树湾3-2-301甲",
        "橡树湾3幢2单元501对面",
        "橡树湾3幢2单元501（已搬到4幢1单元302）",
        "橡树湾3幢1单元-101",
    ] {
        assert_ne!(parse(doubtful).quality, Match::Full, "{doubtful}: {:?}", parse(doubtful));
    }
    let lives = parse("户籍阳光花园5-1-302，现住橡树湾3-2-501");
    assert_eq!((lives.estate.as_deref(), lives.building.as_deref()), (Some("橡树湾"), Some("3")));
    let none = parse("橡树湾3幢0单元501室");
    assert_eq!((none.unit, none.quality), (None, Match::Partial));
    let storey = parse("橡树湾3幢2单元5-6层复式");
    assert_eq!((storey.floor, storey.room), (Some(5), None));
    let road = parse("临园路西段17号4幢2单元11室");
    assert_eq!((road.road.as_deref(), road.road_no.as_deref()), (Some("临园路西段"), Some("17")));
    assert_ne!(
        parse("厦门市思明区前埔北区二里56号602室").kind,
        menpai::domain::address::PlaceKind::Shop
    );
    for nothing in ["外地", "集体户", "N/A", "不在家", "2024-03-02 00:00:00"] {
        assert_ne!(parse(nothing).quality, Match::Full, "{nothing}");
        assert_eq!(parse(nothing).estate, None, "{nothing}");
    }
}

/// Forms that lists write, each with estate, zone, building, unit, floor and room.
#[test]
fn forms_of_lists() {
    let forms = [
        // Lanes of villages and towns.
        ("岗厦村8巷12号501", "岗厦村 8巷 12 - 5 501"),
        ("下沙村三巷5号302", "下沙村 3巷 5 - 3 302"),
        ("张家村8巷12号", "张家村 8巷 12 - - -"),
        ("文化路3巷12号2楼东户", "- - 12 - 2 东户"),
        ("五一巷12号3幢501", "- - 3 - 5 501"),
        ("大学街三巷5号之二402房", "- - 5附2 - 4 402"),
        ("涞亭南路99弄101号501", "- - 101 - 5 501"),
        ("控江路1200弄甲5号301室", "- - 甲5 - 3 301"),
        ("金枫花园128号501室", "金枫花园 - 128 - 5 501"),
        // Buildings by letter, side, and slip.
        ("橡树湾3甲号楼501", "橡树湾 - 3甲 - 5 501"),
        ("财富大厦东楼1203", "财富大厦 - 东 - 12 1203"),
        ("环球中心西塔2801", "环球中心 - 西 - 28 2801"),
        ("农行家属院西楼2单元301", "农行家属院 - 西 2 3 301"),
        ("师范学院3舍501", "师范学院 - 3 - 5 501"),
        ("师范学院三号宿舍501", "师范学院 - 3 - 5 501"),
        ("九号公寓3幢501", "九号公寓 - 3 - 5 501"),
        ("橡树湾A12别墅", "橡树湾 - A12 - - -"),
        ("橡树湾3桩2单位501", "橡树湾 - 3 2 5 501"),
        ("橡树湾3好楼501", "橡树湾 - 3 - 5 501"),
        // Doors.
        ("橡树湾3-2-5东", "橡树湾 - 3 2 5 东户"),
        ("橡树湾3幢2单元5楼东南户", "橡树湾 - 3 2 5 东南户"),
        ("橡树湾3幢501室3号房间", "橡树湾 - 3 - 5 501-3"),
        ("橡树湾3栋二门五0一", "橡树湾 - 3 2 5 501"),
        ("橡树湾3-2-501/502/503", "橡树湾 - 3 2 5 501+502+503"),
        ("橡树湾B2-156号车位", "橡树湾 - - - -2 156"),
        // Brackets around parts of the address.
        ("橡树湾【3幢2单元】501", "橡树湾 - 3 2 5 501"),
        ("（橡树湾）3-2-501", "橡树湾 - 3 2 5 501"),
        ("橡树湾(3)幢(2)单元(501)室", "橡树湾 - 3 2 5 501"),
        ("橡树湾3幢2单元(501室)", "橡树湾 - 3 2 5 501"),
        ("橡树湾3幢2单元501(租户)", "橡树湾 - 3 2 5 501"),
        // Divisions that look like zones, and a postal code.
        ("江苏省盐城市橡树湾3幢501", "橡树湾 - 3 - 5 501"),
        ("郑州市二七区橡树湾3幢501", "橡树湾 - 3 - 5 501"),
        ("攀枝花市东区橡树湾3幢501", "橡树湾 - 3 - 5 501"),
        ("厦门市橡树湾3幢501", "橡树湾 - 3 - 5 501"),
        ("新城市花园3幢501", "新城市花园 - 3 - 5 501"),
        ("224000 橡树湾3幢501", "橡树湾 - 3 - 5 501"),
    ];
    for (text, expect) in forms {
        let a = parse(text);
        let part = |value: &Option<String>| value.clone().unwrap_or("-".to_owned());
        let mut rooms = vec![part(&a.room)];
        rooms.extend(a.extra_rooms.clone());
        let floor = a.floor.map_or("-".to_owned(), |floor| floor.to_string());
        let parts = [&a.estate, &a.zone, &a.building, &a.unit].map(part);
        let got = [parts.join(" "), floor, rooms.join("+")].join(" ");
        assert_eq!(got, expect, "{text}: {a:?}");
    }
    // Two houses, or house 5 of part 3: somebody must say.
    let range = parse("橡树湾3-5幢501");
    assert_eq!(range.quality, menpai::domain::address::Match::Ambiguous);
    assert_eq!(range.alternatives.len(), 2);
}

#[test]
fn kinds_that_people_write() {
    let check = |text: &str, building: &str, unit: &str, room: &str| {
        let read = parse(text);
        let got = [&read.building, &read.unit, &read.room].map(|p| p.clone().unwrap_or_default());
        assert_eq!(got, [building, unit, room], "{text}: {read:?}");
    };
    check("橡树湾129-1347", "129", "", "1347");
    check("橡树湾8B1304", "8B", "", "1304");
    check("橡树湾12c705", "12C", "", "705");
    check("橡树湾6幢A504", "6", "", "A504");
    check("橡树湾C-56", "C", "", "56");
    check("橡树湾7幢2号-11", "7", "2", "11");
    check("橡树湾16栋9-12号", "16", "9", "12");
    check("橡树湾025-026号", "25", "", "26");
    check("建设2路1423号D栋1138", "D", "", "1138");
    check("锦江南11幢", "11", "", "");
    check("橡树湾4季2区3幢501", "3", "", "501");
    check("长宁路105弄122号14-1399", "122", "14", "1399");
    check("橡树湾3幢33层138号", "3", "", "138");
    check("橡树湾3幢2单元5O1", "3", "2", "501");
    check("莘松路958弄40号甲301室", "40甲", "", "301");
    check("橡树湾14号甲", "14甲", "", "");
    check("幸福社区第二网格橡树湾3幢2单元501", "3", "2", "501");
    check("橡树湾独栋8号", "8", "", "");
    check("橡树湾联排15-2", "15", "", "2");
    check("橡树湾023车位", "", "", "023");
    check("橡树湾3幢2单元5楼左手", "3", "2", "左户");
    check("橡树湾42栋135号1312", "42", "135", "1312");
    // The time of a visit is no door.
    check("海景华庭43号1332_11点-12点左右取件", "43", "", "1332");
    check("橡树湾3幢2单元501 18:30后在家", "3", "2", "501");
    check("橡树湾3幢2单元501,9点前", "3", "2", "501");
    check("橡树湾A830号", "A", "", "830");
    let floor = |text: &str| parse(text).floor;
    assert_eq!(floor("橡树湾3幢18C08"), Some(18));
    assert_eq!(floor("橡树湾3幢12F03"), Some(12));
    assert_eq!(floor("橡树湾3幢3A01"), Some(4));
    let neighbours = parse("橡树湾501-502");
    assert_eq!((neighbours.room.as_deref(), neighbours.building), (Some("501"), None));
    assert_eq!(parse("幸福社区第二网格橡树湾3幢2单元501").estate.as_deref(), Some("橡树湾"));
    assert_eq!(parse("锦江南11幢").estate.as_deref(), Some("锦江南"));
}
