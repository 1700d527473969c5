//! What stands in one superblock.

use std::collections::BTreeSet;

use super::super::rng::Rng;
use super::super::words::Words;
use crate::domain::codes::key;
use crate::domain::records::BuildingRecord;
use crate::synth::city::plan::{City, outline, rectangle};

/// A superblock: centre and size in metres.
pub(super) struct Block {
    /// Running number from the middle of the city.
    pub number: usize,
    /// Metres east of the centre.
    pub x: f64,
    /// Metres north of the centre.
    pub y: f64,
    /// West to east, metres.
    pub width: f64,
    /// South to north, metres.
    pub depth: f64,
    /// What it is for.
    pub land_use: Use,
}

/// What a superblock is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// Six-floor slabs of the 1990s.
    Slabs,
    /// Towers of 18 to 33 floors.
    Towers,
    /// Slabs of 11 floors with towers behind.
    Mixed,
    /// Villas.
    Villas,
    /// Rows of one-floor houses.
    Bungalows,
    /// Offices and a mall.
    Centre,
    /// School and other public houses around a park.
    Public,
}

impl Use {
    /// The first blocks make a small sample of everything; later ones are drawn.
    pub(super) fn of_block(number: usize, rng: &mut Rng) -> Self {
        const FIRST: [Use; 7] = [
            Use::Slabs,
            Use::Towers,
            Use::Public,
            Use::Mixed,
            Use::Villas,
            Use::Centre,
            Use::Bungalows,
        ];
        const ALL: [Use; 7] = FIRST;
        match FIRST.get(number) {
            Some(first) => *first,
            None => ALL[rng.weighted(&[30.0, 20.0, 7.0, 20.0, 6.0, 9.0, 8.0])],
        }
    }
}

/// Estate names given out so far.
#[derive(Default)]
pub(super) struct EstateNames {
    used: BTreeSet<String>,
}

impl EstateNames {
    fn next(&mut self, words: &Words, rng: &mut Rng) -> String {
        for round in 0.. {
            let mut name =
                format!("{}{}", words.draw("estate_head", rng), words.draw("estate_tail", rng));
            if round > 40 {
                name = words.phrase("village_again", &[&name, &(round - 39)]);
            }
            if self.used.insert(name.clone()) {
                return name;
            }
        }
        String::new()
    }
}

/// A house to be built.
struct House {
    kind: i64,
    floors: i32,
    below: i32,
    points: Vec<(f64, f64)>,
}

fn house(kind: i64, floors: i64, points: Vec<(f64, f64)>) -> House {
    House { kind, floors: floors as i32, below: 0, points }
}

const MIXED_USE: i64 = 2;
const COMMERCIAL: i64 = 3;
const OFFICE: i64 = 4;
const VILLA: i64 = 6;
const BUNGALOW: i64 = 7;
const PUBLIC: i64 = 8;

pub(super) fn fill(
    block: &Block,
    words: &Words,
    names: &mut EstateNames,
    rng: &mut Rng,
    made: &mut City,
) {
    // Houses face south, give or take what the streets do.
    let tilt = rng.between(-0.05, 0.05);
    match block.land_use {
        Use::Slabs => estate(block, slabs(block, tilt, rng), words, names, rng, made),
        Use::Towers => estate(block, towers(block, tilt, rng), words, names, rng, made),
        Use::Mixed => estate(block, mixed(block, tilt, rng), words, names, rng, made),
        Use::Villas => estate(block, villas(block, rng), words, names, rng, made),
        Use::Bungalows => loose(block, bungalows(block, rng), None, words, rng, made),
        Use::Centre => loose(block, centre(block, rng), Some("company_head"), words, rng, made),
        Use::Public => {
            let (cx, cy) = (block.x + block.width * 0.2, block.y);
            made.green.push(outline(&rectangle(cx, cy, 150.0, 220.0, 0.0)));
            loose(block, public(block, rng), Some("public"), words, rng, made);
        }
    }
}

fn slabs(block: &Block, tilt: f64, rng: &mut Rng) -> Vec<House> {
    let mut houses = shop_front(block, rng);
    let (rows, columns) = (9, 5);
    for row in 0..rows {
        for column in 0..columns {
            if rng.chance(0.04) {
                continue;
            }
            let x = block.x + (f64::from(column) - 2.0) * 72.0 + rng.between(-3.0, 3.0);
            let y = block.y + 14.0 + (f64::from(row) - 4.0) * 30.0;
            let width = *rng.pick(&[42.0, 50.0, 56.0]);
            houses.push(house(1, rng.int(5, 7), rectangle(x, y, width, 11.5, tilt)));
        }
    }
    houses
}

fn towers(block: &Block, tilt: f64, rng: &mut Rng) -> Vec<House> {
    let mut houses = shop_front(block, rng);
    for row in 0..5 {
        for column in 0..6 {
            if rng.chance(0.1) {
                continue;
            }
            let shift = if row % 2 == 0 { 0.0 } else { 30.0 };
            let x = block.x + (f64::from(column) - 2.5) * 62.0 + shift - 15.0;
            let y = block.y + 14.0 + (f64::from(row) - 2.0) * 58.0;
            let mut tower = house(1, *rng.pick(&[18, 24, 26, 28, 33]), cross(x, y, tilt));
            tower.below = 1;
            houses.push(tower);
        }
    }
    houses
}

/// A tower's plan: a body with two wings set back.
fn cross(cx: f64, cy: f64, tilt: f64) -> Vec<(f64, f64)> {
    let (sin, cos) = tilt.sin_cos();
    [
        (-17.0, -7.0),
        (-8.0, -7.0),
        (-8.0, -10.0),
        (8.0, -10.0),
        (8.0, -7.0),
        (17.0, -7.0),
        (17.0, 6.0),
        (6.0, 6.0),
        (6.0, 9.0),
        (-6.0, 9.0),
        (-6.0, 6.0),
        (-17.0, 6.0),
    ]
    .iter()
    .map(|(x, y)| (cx + x * cos - y * sin, cy + x * sin + y * cos))
    .collect()
}

fn mixed(block: &Block, tilt: f64, rng: &mut Rng) -> Vec<House> {
    let mut houses = shop_front(block, rng);
    for row in 0..7 {
        for column in 0..5 {
            let x = block.x + (f64::from(column) - 2.0) * 74.0;
            let y = block.y + 16.0 + (f64::from(row) - 3.0) * 40.0;
            if row < 4 {
                houses.push(house(1, *rng.pick(&[9, 11, 11]), rectangle(x, y, 54.0, 13.0, tilt)));
            } else {
                let mut tower = house(1, *rng.pick(&[16, 18, 18]), cross(x, y, tilt));
                tower.below = 1;
                houses.push(tower);
            }
        }
    }
    houses
}

fn villas(block: &Block, rng: &mut Rng) -> Vec<House> {
    let mut houses = Vec::new();
    for row in 0..9 {
        for column in 0..11 {
            if rng.chance(0.06) {
                continue;
            }
            let x = block.x + (f64::from(column) - 5.0) * 34.0 + rng.between(-2.0, 2.0);
            let y = block.y + (f64::from(row) - 4.0) * 34.0 + rng.between(-2.0, 2.0);
            let (w, d) = (rng.between(11.0, 15.0), rng.between(10.0, 13.0));
            let l_shape = vec![
                (x - w / 2.0, y - d / 2.0),
                (x + w / 2.0, y - d / 2.0),
                (x + w / 2.0, y + d / 2.0),
                (x, y + d / 2.0),
                (x, y + d / 5.0),
                (x - w / 2.0, y + d / 5.0),
            ];
            houses.push(house(VILLA, rng.int(2, 3), l_shape));
        }
    }
    houses
}

fn bungalows(block: &Block, rng: &mut Rng) -> Vec<House> {
    let mut houses = Vec::new();
    for row in 0..14 {
        let mut x = block.x - block.width / 2.0 + 12.0;
        let y = block.y - block.depth / 2.0 + 16.0 + f64::from(row) * 23.0;
        while x < block.x + block.width / 2.0 - 24.0 {
            let width = rng.between(9.0, 16.0);
            if rng.chance(0.86) {
                let depth = rng.between(7.0, 10.0);
                houses.push(house(
                    BUNGALOW,
                    rng.int(1, 2),
                    rectangle(x + width / 2.0, y, width - 1.2, depth, 0.0),
                ));
            }
            x += width;
        }
    }
    houses
}

fn centre(block: &Block, rng: &mut Rng) -> Vec<House> {
    let mut houses = Vec::new();
    let mall = rectangle(block.x - 90.0, block.y - 60.0, 150.0, 110.0, 0.0);
    houses.push(House { below: 2, ..house(COMMERCIAL, 5, mall) });
    for row in 0..3 {
        for column in 0..5 {
            let x = block.x + (f64::from(column) - 2.0) * 76.0;
            let y = block.y + (f64::from(row) - 0.6) * 92.0 + 40.0;
            if row == 0 && column < 3 {
                continue;
            }
            let side = rng.between(32.0, 46.0);
            let office = rectangle(x, y, side, side * 0.8, 0.0);
            houses.push(House { below: 2, ..house(OFFICE, rng.int(8, 30), office) });
        }
    }
    houses
}

fn public(block: &Block, rng: &mut Rng) -> Vec<House> {
    let mut houses = Vec::new();
    let west = block.x - block.width * 0.3;
    for row in 0..4 {
        let y = block.y - 110.0 + f64::from(row) * 64.0;
        // A teaching block around a court: a U open to the south.
        let (w, d) = (78.0, 40.0);
        let u = vec![
            (west - w / 2.0, y - d / 2.0),
            (west - w / 2.0 + 12.0, y - d / 2.0),
            (west - w / 2.0 + 12.0, y + d / 2.0 - 13.0),
            (west + w / 2.0 - 12.0, y + d / 2.0 - 13.0),
            (west + w / 2.0 - 12.0, y - d / 2.0),
            (west + w / 2.0, y - d / 2.0),
            (west + w / 2.0, y + d / 2.0),
            (west - w / 2.0, y + d / 2.0),
        ];
        houses.push(house(PUBLIC, rng.int(3, 5), u));
    }
    for row in 0..3 {
        let y = block.y - 100.0 + f64::from(row) * 100.0;
        let x = block.x - 20.0;
        houses.push(house(PUBLIC, rng.int(2, 4), rectangle(x, y, 46.0, 22.0, 0.0)));
    }
    houses
}

/// Shops along the southern street.
fn shop_front(block: &Block, rng: &mut Rng) -> Vec<House> {
    let mut houses = Vec::new();
    let y = block.y - block.depth / 2.0 + 7.0;
    let mut x = block.x - block.width / 2.0 + 6.0;
    while x < block.x + block.width / 2.0 - 40.0 {
        let width = rng.between(24.0, 48.0);
        // The gate of the estate stays open in the middle.
        if (x + width / 2.0 - block.x).abs() > 30.0 {
            let shape = rectangle(x + width / 2.0, y, width, 12.0, 0.0);
            let (kind, floors) = *rng.pick(&[(COMMERCIAL, 1), (COMMERCIAL, 2), (MIXED_USE, 3)]);
            houses.push(house(kind, floors, shape));
        }
        x += width + 3.0;
    }
    houses
}

fn record(number: usize, h: &House) -> BuildingRecord {
    BuildingRecord {
        code: format!("B{:07}", number + 1),
        feature_id: None,
        name: None,
        estate: None,
        zone: None,
        building_no: None,
        kind: Some(h.kind),
        address: None,
        floors_above: Some(h.floors),
        floors_below: (h.below > 0).then_some(h.below),
        height_m: Some(f64::from(h.floors) * 3.0),
        year_built: None,
        leader_name: None,
        leader_phone: None,
        outline: outline(&h.points),
    }
}

fn estate(
    block: &Block,
    houses: Vec<House>,
    words: &Words,
    names: &mut EstateNames,
    rng: &mut Rng,
    made: &mut City,
) {
    let name = names.next(words, rng);
    let street = words.draw("street", rng).to_owned();
    let gate = rng.int(1, 299);
    let year = match block.land_use {
        Use::Slabs => rng.int(1988, 2004),
        Use::Towers => rng.int(2010, 2023),
        _ => rng.int(2003, 2018),
    };
    let mut number = 0;
    for h in houses {
        let mut b = record(made.buildings.len(), &h);
        b.year_built = Some(year as i32);
        b.estate = Some(name.clone());
        if b.kind == Some(key::BUILDING_RESIDENTIAL) || b.kind == Some(VILLA) {
            number += 1;
            b.building_no = Some(number.to_string());
            b.address = Some(words.phrase("house_address", &[&street, &gate, &name, &number]));
            if rng.chance(0.8) {
                let given = words.draw("given_f_mid", rng);
                b.leader_name = Some(format!("{}{given}", words.draw("surname", rng)));
                b.leader_phone = Some(format!("140{:08}", rng.int(0, 99_999_999)));
            }
        } else {
            b.name = Some(words.phrase("shop_front", &[&name, &(made.buildings.len() % 97 + 1)]));
            b.address = Some(words.phrase("gate_address", &[&street, &(gate + rng.int(1, 40))]));
        }
        made.buildings.push(b);
    }
}

fn loose(
    block: &Block,
    houses: Vec<House>,
    name_list: Option<&str>,
    words: &Words,
    rng: &mut Rng,
    made: &mut City,
) {
    let street = words.draw("street", rng).to_owned();
    for (index, h) in houses.into_iter().enumerate() {
        let kind = h.kind;
        let mut b = record(made.buildings.len(), &h);
        b.address = Some(words.phrase("gate_address", &[&street, &(index * 2 + 1)]));
        b.name = name_list.map(|list| match kind {
            COMMERCIAL => words.phrase("plaza", &[&words.draw("estate_head", rng)]),
            OFFICE => words.phrase("tower", &[&words.draw(list, rng)]),
            _ => {
                let all = words.all(list);
                let phrase = if index >= all.len() { "public_branch" } else { "public" };
                words.phrase(phrase, &[&all[(block.number + index) % all.len()]])
            }
        });
        made.buildings.push(b);
    }
}
