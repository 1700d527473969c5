//! Addresses linked to rooms: 10,000 residents' addresses, ruined in the ways of office lists.

use menpai::domain::address::parse;
use menpai::domain::ids::RoomId;
use menpai::query::matching::Gazetteer;
use menpai::query::matching::Outcome;
use menpai::store::Workspace;

use crate::{stamp, today};

/// A home as the workspace knows it.
#[derive(Debug)]
struct Home {
    room_id: RoomId,
    estate: String,
    zone: Option<String>,
    building: String,
    unit: Option<String>,
    room: String,
    units: i64,
}

/// xorshift64: the same on every machine.
struct Draw(u64);

impl Draw {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % most as u64) as usize
    }

    fn pick<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len())]
    }
}

fn chinese(number: &str) -> String {
    let digit =
        |c: char| "零一二三四五六七八九".chars().nth(c as usize - '0' as usize).unwrap_or(c);
    let Ok(n) = number.parse::<usize>() else { return number.to_owned() };
    match n {
        0..=9 => digit(number.chars().next().unwrap()).to_string(),
        10..=99 => {
            let (tens, ones) = (n / 10, n % 10);
            let tens = if tens == 1 {
                String::new()
            } else {
                digit(char::from(b'0' + tens as u8)).to_string()
            };
            let ones = if ones == 0 {
                String::new()
            } else {
                digit(char::from(b'0' + ones as u8)).to_string()
            };
            format!("{tens}十{ones}")
        }
        _ => number.chars().map(digit).collect(),
    }
}

/// The address with `count` kinds of noise; and whether a reader could still know the room.
fn ruined(
    home: &Home,
    aliases: &dyn Fn(&str) -> (String, String),
    count: usize,
    draw: &mut Draw,
) -> (String, bool) {
    let mut kinds: Vec<usize> = Vec::new();
    while kinds.len() < count {
        let kind = draw.below(14);
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    let has = |kind: usize| kinds.contains(&kind);
    let mut linkable = true;
    let mut estate = home.estate.clone();
    let zone = home.zone.clone().unwrap_or_default();
    if has(0) {
        estate = aliases(&home.estate).0;
    } else if has(1) {
        estate = aliases(&home.estate).1;
    }
    let number = |n: &str| if has(2) { chinese(n) } else { n.to_owned() };
    let mut building = number(&home.building);
    let mut unit = home.unit.as_deref().map(number);
    let mut room = number(&home.room);
    if has(3) {
        building = format!("0{}", home.building);
        room = if home.room.len() == 3 { format!("0{}", home.room) } else { room };
    }
    if has(4) {
        linkable &= home.units <= 1 || unit.is_none();
        unit = None;
    }
    let floor = if has(5) && home.room.len() >= 3 && home.room.bytes().all(|b| b.is_ascii_digit()) {
        let floor = &home.room[..home.room.len() - 2];
        format!(
            "{}{}",
            if has(2) { chinese(floor) } else { floor.to_owned() },
            draw.pick(&["层", "楼"])
        )
    } else {
        String::new()
    };
    let mut house = draw.pick(&["幢", "号楼", "栋"]);
    if has(6) {
        house = draw.pick(&["幢", "栋", "号楼", "座", "#"]);
    }
    if has(7) && home.building.bytes().all(|b| b.is_ascii_digit()) {
        house = draw.pick(&["撞", "懂", "床"]);
    }
    let unit_word = if has(7) { draw.pick(&["单无", "单元", "单"]) } else { "单元" };
    let dash = has(8) && floor.is_empty();
    let room_word = if has(9) { "" } else { "室" };
    let tail = if dash {
        let mark = draw.pick(&["-", "—", "－", "~"]);
        let unit = unit.and(home.unit.as_ref()).map(|u| format!("{u}{mark}")).unwrap_or_default();
        format!("{}{mark}{unit}{}", home.building, home.room)
    } else {
        let unit = unit.map(|u| format!("{u}{unit_word}")).unwrap_or_default();
        format!("{building}{house}{unit}{floor}{room}{room_word}")
    };
    let mut text = format!("{estate}{zone}{tail}");
    if has(10) && !dash && room_word == "室" {
        text = format!("{tail}{estate}{zone}");
        linkable &= zone.is_empty();
    }
    if has(11) {
        let front = draw.pick(&[
            "江苏省盐城市示范区新都街道",
            "示范区新都街道人民路88号",
            "人民路88号",
            "新都街道",
        ]);
        text = format!("{front}{text}");
    }
    if has(12) {
        text.push_str(draw.pick(&["(租户)", " 13800000000", "（原住户已搬）", " 13912345678"]));
    }
    if has(13) {
        text = text
            .chars()
            .map(|c| {
                if c.is_ascii_graphic() {
                    char::from_u32(c as u32 + 0xFEE0).unwrap_or(c)
                } else {
                    c
                }
            })
            .collect();
    }
    (text, linkable)
}

#[test]
fn ruined_addresses_are_linked_and_never_wrongly() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = Workspace::create(&folder.path().join("w.gpkg"), None, &stamp()).unwrap();
    let city = menpai::synth::city(1_200, 20, today());
    menpai::synth::city::store_city(&workspace, &city, &stamp()).unwrap();
    let options =
        menpai::synth::PeopleOptions { seed: 20, on: today(), persons: None, rooms: None };
    menpai::synth::make_people(&workspace, &options, &stamp(), |_| Ok(())).unwrap();
    // A homophone: another character with the same sound in place of the first that has one.
    let twins = [
        ("花", "华"),
        ("园", "圆"),
        ("苑", "院"),
        ("湾", "弯"),
        ("新", "心"),
        ("阳", "扬"),
        ("城", "成"),
        ("家", "佳"),
        ("福", "服"),
        ("庭", "亭"),
        ("里", "理"),
        ("树", "竖"),
        ("江", "姜"),
        ("居", "局"),
    ];
    workspace
        .write(&stamp(), |tx| {
            tx.execute("UPDATE estate SET aliases = substr(name, 1, 1) || '字小区'", [])?;
            Ok(((), menpai::access::AuditEntry::done("test", "aliases")))
        })
        .unwrap();
    let reader = workspace.reader().unwrap();
    let mut select = reader
        .prepare(
            "SELECT r.room_id, e.name, b.zone, b.building_no, u.unit_no, r.room_no,
               (SELECT count(*) FROM building_unit x WHERE x.building_id = b.building_id)
             FROM room r JOIN building b USING (building_id) JOIN estate e USING (estate_id)
             LEFT JOIN building_unit u ON u.unit_id = r.unit_id
             WHERE r.kind = 1 AND b.building_no IS NOT NULL ORDER BY r.room_id",
        )
        .unwrap();
    let homes: Vec<Home> = select
        .query_map([], |row| {
            Ok(Home {
                room_id: row.get(0)?,
                estate: row.get(1)?,
                zone: row.get(2)?,
                building: row.get(3)?,
                unit: row.get(4)?,
                room: row.get(5)?,
                units: row.get(6)?,
            })
        })
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert!(homes.len() > 1_000, "{}", homes.len());
    let gazetteer = Gazetteer::read(&reader).unwrap();
    let estates: std::collections::BTreeSet<&str> =
        homes.iter().map(|h| h.estate.as_str()).collect();
    let aliases = |name: &str| {
        let alias: String = format!("{}字小区", name.chars().next().unwrap());
        let alias_is_unique =
            estates.iter().filter(|e| e.chars().next() == name.chars().next()).count() == 1;
        let twin =
            twins.iter().find(|(a, _)| name.contains(a)).map(|(a, b)| name.replacen(a, b, 1));
        (
            if alias_is_unique { alias } else { name.to_owned() },
            twin.unwrap_or_else(|| name.to_owned()),
        )
    };
    let mut draw = Draw(0x9E37_79B9_7F4A_7C15);
    let (mut linked, mut right, mut could, mut shown) = (0, 0, 0, 0);
    for _ in 0..10_000 {
        let home = &homes[draw.below(homes.len())];
        let count = match draw.below(100) {
            0..25 => 0,
            25..65 => 1,
            65..90 => 2,
            _ => 3,
        };
        let (text, linkable) = ruined(home, &aliases, count, &mut draw);
        let address = parse(&text);
        let link = gazetteer.link(&reader, &address).unwrap();
        let is_right = link.room_id() == Some(home.room_id);
        could += usize::from(linkable);
        if link.outcome == Outcome::Matched {
            linked += 1;
            right += usize::from(is_right);
        }
        if linkable && !is_right && shown < 40 {
            shown += 1;
            println!("{text} ({home:?}): {address:?} {link:?}");
        }
    }
    let several = homes.iter().filter(|home| home.units > 1).count();
    assert!(several > homes.len() / 10, "{several} of {} homes in houses of units", homes.len());
    println!("{} homes in {} estates", homes.len(), estates.len());
    println!("{linked} linked, {right} right, {could} linkable");
    assert!(right * 1000 >= linked * 995, "{right} of {linked} links are right");
    assert!(right * 100 >= could * 95, "{right} of {could} linkable rows linked");
}
