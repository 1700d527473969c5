//! The rooms of a building, and who and what is in them.

use jiff::civil::Date;

use super::persons::{Household, PersonMaker};
use crate::domain::codes::key;
use crate::domain::records::{EnterpriseRecord, RoomRecord};
use crate::synth::site::Site;

/// Floor area of a flat with its share of stairs, m².
const FLAT_M2: f64 = 100.0;
/// Floor area of a shop, m².
const SHOP_M2: f64 = 70.0;
/// Floor area of an office unit, m².
const OFFICE_M2: f64 = 160.0;
/// Floors from which a house has a lift, one stair a unit and more flats on a landing.
const HIGH_RISE_FLOORS: i32 = 12;

/// A building's rooms, households and enterprises; rooms are referred to by position.
pub(super) struct Homes {
    pub(super) rooms: Vec<RoomRecord>,
    pub(super) households: Vec<Household>,
    pub(super) enterprises: Vec<(Option<usize>, EnterpriseRecord)>,
}

impl Homes {
    /// How many rooms people live in.
    pub(super) fn flats(&self) -> usize {
        self.rooms.iter().filter(|r| r.kind == key::ROOM_DWELLING).count()
    }

    /// Puts people and enterprises into the rooms; `vacant` is the share of flats that stay empty.
    pub(super) fn fill(&mut self, site: &Site, maker: &mut PersonMaker<'_>, on: Date, vacant: f64) {
        for index in 0..self.rooms.len() {
            let kind = self.rooms[index].kind;
            let verified_on = maker.recent_day(on, 330);
            self.rooms[index].verified_on = maker.chance(0.9).then_some(verified_on);
            match kind {
                key::ROOM_DWELLING => self.fill_flat(index, maker, vacant),
                key::ROOM_SHOP => self.fill_business(index, maker, true),
                key::ROOM_OFFICE => self.fill_business(index, maker, false),
                _ => {}
            }
        }
        if site.kind == Some(8) {
            self.enterprises.push((None, maker.public_body()));
        }
    }

    fn fill_flat(&mut self, index: usize, maker: &mut PersonMaker<'_>, vacant: f64) {
        if maker.chance(vacant) {
            self.rooms[index].status = Some(key::STATUS_VACANT);
            return;
        }
        let household = maker.household(index);
        let is_rented = household.residents.iter().any(|r| r.role == 3);
        self.rooms[index].status =
            Some(if is_rented { key::STATUS_RENTED } else { key::STATUS_OWNER_OCCUPIED });
        self.households.push(household);
        if maker.chance(0.01) {
            self.enterprises.push((Some(index), maker.company()));
        }
    }

    fn fill_business(&mut self, index: usize, maker: &mut PersonMaker<'_>, is_shop: bool) {
        if maker.chance(0.15) {
            self.rooms[index].status = Some(key::STATUS_VACANT);
            return;
        }
        self.rooms[index].status = Some(key::STATUS_RENTED);
        let enterprise = if is_shop { maker.shop() } else { maker.company() };
        self.enterprises.push((Some(index), enterprise));
    }
}

/// The kind of a building whose kind is not known, from area and floors.
fn guessed_kind(site: &Site) -> i64 {
    match site.kind {
        Some(kind) if kind != key::BUILDING_OTHER => kind,
        _ if site.area_m2 < 25.0 => key::BUILDING_OTHER,
        _ if site.area_m2 > 3_000.0 => 4,
        _ => key::BUILDING_RESIDENTIAL,
    }
}

fn guessed_floors(site: &Site) -> i32 {
    site.floors_above.unwrap_or(match site.area_m2 {
        a if a < 150.0 => 2,
        a if a < 250.0 => 3,
        a if a < 1_200.0 => 6,
        _ => 4,
    })
}

/// Lays out the rooms of a building; `scale` multiplies the flats.
pub(super) fn plan(site: &Site, scale: f64) -> Homes {
    let mut rooms = Vec::new();
    let floors = guessed_floors(site).clamp(1, 120);
    match guessed_kind(site) {
        key::BUILDING_RESIDENTIAL => {
            flats(site, 1..=floors, scale, &mut rooms);
            parking(site, &mut rooms);
        }
        2 => {
            grid_of(site, 1..=1, key::ROOM_SHOP, SHOP_M2, &mut rooms);
            if floors > 1 {
                flats(site, 2..=floors, scale, &mut rooms);
            }
        }
        3 => grid_of(site, 1..=floors, key::ROOM_SHOP, SHOP_M2, &mut rooms),
        4 => grid_of(site, 1..=floors, key::ROOM_OFFICE, OFFICE_M2, &mut rooms),
        5 => grid_of(site, 1..=floors.min(4), key::ROOM_OFFICE, 600.0, &mut rooms),
        6 | 7 => {
            let doors = (scale.round() as i32).clamp(1, 60);
            for door in 1..=doors {
                rooms.push(room(site, None, 1, door.to_string(), key::ROOM_DWELLING, site.area_m2));
            }
        }
        8 => grid_of(site, 1..=floors, 9, 400.0, &mut rooms),
        _ => {}
    }
    Homes { rooms, households: Vec::new(), enterprises: Vec::new() }
}

fn flats(
    site: &Site,
    floors: std::ops::RangeInclusive<i32>,
    scale: f64,
    rooms: &mut Vec<RoomRecord>,
) {
    let top = *floors.end();
    let a_floor = (site.area_m2 * 0.9 / FLAT_M2).max(1.0) * scale;
    let landing = if top >= HIGH_RISE_FLOORS { 4.0 } else { 2.0 };
    let units = ((a_floor / landing).round() as i32).clamp(1, 8);
    let a_landing = ((a_floor / f64::from(units)).round() as i32).clamp(1, 30);
    // A house of one or two floors with one flat a floor is one home.
    if top <= 3 && units == 1 && a_landing == 1 && *floors.start() == 1 {
        rooms.push(room(site, None, 1, "1".to_owned(), key::ROOM_DWELLING, site.area_m2));
        return;
    }
    let flat_m2 = site.area_m2 * 0.85 / f64::from(units * a_landing);
    for unit in 1..=units {
        for floor in floors.clone() {
            for door in 1..=a_landing {
                let no = format!("{floor}{door:02}");
                let unit = Some(unit.to_string());
                rooms.push(room(site, unit, floor, no, key::ROOM_DWELLING, flat_m2));
            }
        }
    }
}

fn parking(site: &Site, rooms: &mut Vec<RoomRecord>) {
    for floor in 1..=site.floors_below.unwrap_or(0).clamp(0, 3) {
        for place in 1..=6 {
            let mut space = room(site, None, -floor, place.to_string(), key::ROOM_PARKING, 12.5);
            space.unit = Some("1".to_owned());
            space.room_no = format!("{}{place:02}", -floor).replace('-', "P");
            rooms.push(space);
        }
    }
}

fn grid_of(
    site: &Site,
    floors: std::ops::RangeInclusive<i32>,
    kind: i64,
    room_m2: f64,
    rooms: &mut Vec<RoomRecord>,
) {
    let a_floor = ((site.area_m2 * 0.8 / room_m2).round() as i32).clamp(1, 24);
    let each_m2 = site.area_m2 * 0.8 / f64::from(a_floor);
    for floor in floors {
        for door in 1..=a_floor {
            rooms.push(room(site, None, floor, format!("{floor}{door:02}"), kind, each_m2));
        }
    }
}

fn room(
    site: &Site,
    unit: Option<String>,
    floor: i32,
    room_no: String,
    kind: i64,
    area_m2: f64,
) -> RoomRecord {
    RoomRecord {
        building_id: site.building_id,
        unit,
        floor: Some(crate::domain::floor::default_label(floor)),
        floor_span: 1,
        room_no,
        kind,
        status: None,
        area_m2: Some((area_m2 * 10.0).round() / 10.0),
        verified_on: None,
    }
}
