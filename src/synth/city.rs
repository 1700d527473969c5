//! A district: estates of slab and tower blocks facing south, streets, a river, schools, shops
//! along the front, villas, bungalow rows, grids, devices and events.
//!
//! The plan is a chequer of superblocks (about 400 × 340 m) between streets, filled in a spiral
//! from the middle until the wanted number of buildings stands. All lengths are metres on a local
//! plane; the plane touches the earth at [`CENTER`].

use ::geo::LineString;
use jiff::civil::Date;

use super::rng::Rng;
use super::words::Words;
use crate::access::{AuditEntry, Stamp};
use crate::domain::codes::key;
use crate::domain::ids::BuildingId;
use crate::domain::records::{BuildingRecord, DeviceRecord, EventRecord, GridRecord, Place};
use crate::domain::workflow::event;
use crate::geo::mercator::WORLD_WIDTH_M;
use crate::geo::{LonLat, lon_lat};
use crate::store::{Result, Workspace, deadlines, gpkg, lookup, rows};
use crate::synth::City;
use crate::synth::city::plan::{CENTER, degrees, outline};

mod blocks;
pub mod plan;

use blocks::{Block, Use};

/// Width of a superblock and its share of the streets, metres.
const PITCH_X_M: f64 = 430.0;
const PITCH_Y_M: f64 = 370.0;
/// Width of the streets between superblocks, metres.
const STREET_M: f64 = 28.0;
/// Width of the river and its banks, metres.
const RIVER_M: f64 = 90.0;
/// Households one grid worker looks after.
const HOUSEHOLDS_A_GRID: f64 = 420.0;

/// Cells of a chequer in a square spiral from the middle.
fn spiral() -> impl Iterator<Item = (i64, i64)> {
    let (mut x, mut y) = (0i64, 0i64);
    let (mut dx, mut dy) = (1i64, 0i64);
    let (mut left, mut run, mut turns) = (1i64, 1i64, 0);
    std::iter::from_fn(move || {
        let here = (x, y);
        x += dx;
        y += dy;
        left -= 1;
        if left == 0 {
            (dx, dy) = (-dy, dx);
            turns += 1;
            if turns % 2 == 0 {
                run += 1;
            }
            left = run;
        }
        Some(here)
    })
}

/// Makes a district of exactly `buildings` buildings. Events end on the day `on`.
#[must_use]
pub fn city(buildings: usize, seed: u64, on: Date) -> City {
    let words = Words::shipped();
    let mut rng = Rng::new(seed, 1);
    let mut names = blocks::EstateNames::default();
    let mut made = City {
        buildings: Vec::with_capacity(buildings),
        grids: Vec::new(),
        devices: Vec::new(),
        events: Vec::new(),
        roads: Vec::new(),
        water: Vec::new(),
        green: Vec::new(),
    };
    let mut extent = (0i64, 0i64, 0i64, 0i64);
    for (number, (bx, by)) in spiral().enumerate() {
        if made.buildings.len() >= buildings {
            break;
        }
        extent = (extent.0.min(bx), extent.1.min(by), extent.2.max(bx), extent.3.max(by));
        // The river runs from west to east under the middle row of blocks.
        let south_shift = if by < 0 { -RIVER_M } else { 0.0 };
        let block = Block {
            number,
            x: bx as f64 * PITCH_X_M,
            y: by as f64 * PITCH_Y_M + south_shift,
            width: PITCH_X_M - STREET_M,
            depth: PITCH_Y_M - STREET_M,
            land_use: Use::of_block(number, &mut rng),
        };
        let first = made.buildings.len();
        blocks::fill(&block, &words, &mut names, &mut rng, &mut made);
        made.buildings.truncate(buildings);
        add_grids(&block, first, &mut made, &words, &mut rng);
        add_devices(&block, first, &mut made, &words, &mut rng);
    }
    add_streets(extent, &mut made, &words);
    add_events(&mut made, &words, on, &mut Rng::new(seed, 2));
    made
}

/// Stores a district in an empty workspace, in one transaction.
///
/// # Errors
/// SQLite's errors.
pub fn store_city(workspace: &Workspace, city: &City, stamp: &Stamp) -> Result<()> {
    workspace.write(stamp, |tx| {
        for grid in &city.grids {
            rows::upsert_grid(tx, grid)?;
        }
        let ids = gpkg::in_bulk(tx, "building", |is_empty| {
            let one = |b: &BuildingRecord| {
                Ok(rows::store_building(tx, &rows::prepare_building(b)?, is_empty)?.0)
            };
            city.buildings.iter().map(one).collect::<Result<Vec<BuildingId>>>()
        })?;
        let building = |index: Option<BuildingId>| index.map(|index| ids[index.0 as usize]);
        for shape in city.basemap() {
            rows::upsert_basemap(tx, &shape)?;
        }
        for device in &city.devices {
            let building_id = building(device.building_id);
            rows::upsert_device(tx, &DeviceRecord { building_id, ..device.clone() })?;
        }
        for event in &city.events {
            let mut event = event.clone();
            event.place.building_id = building(event.place.building_id);
            rows::upsert_event(tx, &event, stamp)?;
        }
        lookup::assign_grids(tx)?;
        deadlines::settle_new(tx)?;
        for feature in gpkg::FEATURES {
            gpkg::refresh_contents(tx, feature.table, stamp.at)?;
        }
        let fields = format!("buildings {}", city.buildings.len());
        Ok(((), AuditEntry::done("synth city", workspace.file_name()).with_fields(fields)))
    })
}

fn households(b: &BuildingRecord) -> f64 {
    let area = crate::geo::polygon::area_m2(&b.outline);
    match b.kind {
        Some(key::BUILDING_RESIDENTIAL) => {
            area * 0.85 / 100.0 * f64::from(b.floors_above.unwrap_or(1))
        }
        Some(6 | 7) => 1.0,
        _ => 0.0,
    }
}

/// Cuts a block into strips of about [`HOUSEHOLDS_A_GRID`] households each.
fn add_grids(block: &Block, first: usize, made: &mut City, words: &Words, rng: &mut Rng) {
    let total: f64 = made.buildings[first.min(made.buildings.len())..].iter().map(households).sum();
    let strips = ((total / HOUSEHOLDS_A_GRID).round() as usize).clamp(1, 8);
    let (width, depth) = (PITCH_X_M, PITCH_Y_M);
    for strip in 0..strips {
        let west = block.x - width / 2.0 + width * strip as f64 / strips as f64;
        let east = block.x - width / 2.0 + width * (strip + 1) as f64 / strips as f64;
        let (south, north) = (block.y - depth / 2.0, block.y + depth / 2.0);
        let number = made.grids.len() + 1;
        let leader = format!("{}{}", words.draw("surname", rng), words.draw("given_m_mid", rng));
        made.grids.push(GridRecord {
            code: format!("G{number:04}"),
            name: Some(words.phrase("grid", &[&number])),
            leader: Some(leader),
            outline: outline(&[(west, south), (east, south), (east, north), (west, north)]),
        });
    }
}

fn add_devices(block: &Block, first: usize, made: &mut City, words: &Words, rng: &mut Rng) {
    let corners = [(-0.5, -0.5, 45.0), (0.5, -0.5, 315.0), (0.5, 0.5, 225.0), (-0.5, 0.5, 135.0)];
    for (u, v, heading_deg) in corners {
        let (x, y) = (block.x + u * (block.width + 8.0), block.y + v * (block.depth + 8.0));
        push_device(made, words, 1, (x, y), None, Some((heading_deg, 80.0, 60.0)), rng);
    }
    let end = made.buildings.len();
    for index in first..end {
        let b = &made.buildings[index];
        let (kind, floors) = (b.kind.unwrap_or(9), b.floors_above.unwrap_or(1));
        let Some(p) = crate::geo::polygon::inside_point(&b.outline) else { continue };
        let (x, y) = metres(p);
        if rng.chance(0.45) {
            let heading_deg = (rng.int(0, 7) * 45) as f64;
            let near = (x + rng.between(-14.0, 14.0), y - 13.0);
            push_device(made, words, 2, near, None, Some((heading_deg, 70.0, 35.0)), rng);
        }
        if kind == key::BUILDING_RESIDENTIAL && floors >= 12 {
            push_device(made, words, 6, (x, y), Some(index), None, rng);
            push_device(made, words, 3, (x + 1.5, y), Some(index), None, rng);
        }
        if kind == 8 {
            push_device(made, words, 5, (x, y), Some(index), None, rng);
        }
        if index % 12 == 0 {
            push_device(made, words, 4, (x + 20.0, y - 12.0), None, None, rng);
        }
    }
}

fn metres(p: LonLat) -> (f64, f64) {
    let per_degree = WORLD_WIDTH_M / 360.0;
    (
        (p.lon - CENTER.lon) * per_degree * CENTER.lat.to_radians().cos(),
        (p.lat - CENTER.lat) * per_degree,
    )
}

fn push_device(
    made: &mut City,
    words: &Words,
    kind: i64,
    at: (f64, f64),
    building: Option<usize>,
    view: Option<(f64, f64, f64)>,
    rng: &mut Rng,
) {
    let number = made.devices.len() + 1;
    let c = degrees(at.0, at.1);
    made.devices.push(DeviceRecord {
        code: format!("D{number:06}"),
        kind: Some(kind),
        name: Some(words.phrase(&format!("device_{kind}"), &[&number])),
        state: Some(if rng.chance(0.04) { 2 } else { key::DEVICE_WORKING }),
        point: lon_lat(c.x, c.y),
        building_id: building.map(|index| BuildingId(index as i64)),
        heading_deg: view.map(|v| v.0),
        fov_deg: view.map(|v| v.1),
        range_m: view.map(|v| v.2),
    });
}

fn add_streets(extent: (i64, i64, i64, i64), made: &mut City, words: &Words) {
    let names = words.all("street");
    let (west, south) = (extent.0 as f64 - 0.5, extent.1 as f64 - 0.5);
    let (east, north) = (extent.2 as f64 + 0.5, extent.3 as f64 + 0.5);
    let y_of = |row: f64| row * PITCH_Y_M - if row < -0.5 { RIVER_M } else { 0.0 };
    let name = |n: usize| {
        let round = n / names.len();
        let name = &names[n % names.len()];
        if round == 0 { name.clone() } else { words.phrase("street_again", &[name, &(round + 1)]) }
    };
    let mut number = 0;
    for column in extent.0..=extent.2 + 1 {
        let x = (column as f64 - 0.5) * PITCH_X_M;
        let line = vec![degrees(x, y_of(south)), degrees(x, y_of(north))];
        made.roads.push((name(number), LineString::new(line)));
        number += 1;
    }
    for row in extent.1..=extent.3 + 1 {
        let y = y_of(row as f64 - 0.5);
        let line = vec![degrees(west * PITCH_X_M, y), degrees(east * PITCH_X_M, y)];
        made.roads.push((name(number), LineString::new(line)));
        number += 1;
    }
    if extent.1 < 0 {
        let (top, bottom) = (-0.5 * PITCH_Y_M - 20.0, -0.5 * PITCH_Y_M - RIVER_M + 20.0);
        let (left, right) = (west * PITCH_X_M - 200.0, east * PITCH_X_M + 200.0);
        let bank = |y: f64, phase: f64| {
            (0..=40).map(move |i| {
                let t = f64::from(i) / 40.0;
                (left + (right - left) * t, y + (t * 9.0 + phase).sin() * 7.0)
            })
        };
        let mut ring: Vec<(f64, f64)> = bank(top, 0.0).collect();
        ring.extend(bank(bottom, 0.3).collect::<Vec<_>>().into_iter().rev());
        made.water.push(outline(&ring));
    }
}

fn add_events(made: &mut City, words: &Words, on: Date, rng: &mut Rng) {
    if made.buildings.is_empty() {
        return;
    }
    let count = (made.buildings.len() / 6).max(1);
    let weights = [
        (1, 10.0),
        (2, 4.0),
        (3, 5.0),
        (4, 9.0),
        (5, 1.0),
        (6, 12.0),
        (7, 3.0),
        (8, 3.0),
        (9, 3.0),
        (10, 9.0),
        (11, 4.0),
        (12, 12.0),
        (13, 8.0),
        (14, 8.0),
        (15, 3.0),
        (99, 1.0),
    ];
    let only: Vec<f64> = weights.iter().map(|(_, w)| *w).collect();
    let end = on.at(0, 0, 0, 0).to_zoned(crate::domain::clock::shanghai());
    let midnight = end.map(|z| z.timestamp().as_second()).unwrap_or_default();
    for number in 1..=count {
        let category = weights[rng.weighted(&only)].0;
        let index = rng.int(0, made.buildings.len() as i64 - 1) as usize;
        let days_ago = (rng.unit() * rng.unit() * 60.0) as i64;
        let reported_at = midnight - days_ago * 86_400 + rng.int(7 * 3600, 21 * 3600);
        let closed = if days_ago > 3 { 0.9 } else { 0.3 };
        let state = if rng.chance(closed) {
            event::state::CLOSED
        } else {
            *rng.pick(&{
                use event::state::{ACCEPTED, DISPATCHED, HANDLING, PENDING, TO_CHECK};
                [PENDING, ACCEPTED, DISPATCHED, HANDLING, HANDLING, TO_CHECK, TO_CHECK]
            })
        };
        let inside = crate::geo::polygon::inside_point(&made.buildings[index].outline);
        let day = on.checked_sub(jiff::Span::new().days(days_ago)).unwrap_or(on);
        made.events.push(EventRecord {
            no: format!("{}-{:03}-{number:04}", day.strftime("%Y%m%d"), index % 1000),
            category: Some(category),
            title: words.draw(&format!("event_{category}"), rng).to_owned(),
            text: None,
            severity: Some(
                (rng.weighted(&[2.0, 5.0, 8.0, 2.0, 0.5]) as i64 + 1).max(event::severity::SIMPLE),
            ),
            source: Some(*rng.pick(&[1, 1, 2, 3, 3, 4, 6, 7])),
            state: Some(state),
            occurred_at: Some(reported_at - rng.int(0, 7200)),
            reported_at: Some(reported_at),
            place: Place {
                building_id: Some(BuildingId(index as i64)),
                room_id: None,
                point: inside,
            },
        });
    }
    debug_assert!(made.events.iter().any(|e| e.state.is_some_and(event::is_open)) || count < 10);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day() -> Date {
        jiff::civil::date(2026, 11, 23)
    }

    #[test]
    fn the_number_asked_for() {
        for n in [0, 1, 37, 400, 2_000] {
            assert_eq!(city(n, 3, day()).buildings.len(), n);
        }
    }

    #[test]
    fn same_seed_same_city() {
        let (a, b) = (city(300, 5, day()), city(300, 5, day()));
        assert!(a.buildings == b.buildings && a.grids == b.grids && a.events == b.events);
        assert!(a.buildings != city(300, 6, day()).buildings);
    }

    #[test]
    fn buildings_are_valid_and_do_not_overlap() {
        use ::geo::{Area as _, Validation as _};
        let made = city(600, 11, day());
        let mut builder = crate::geo::FootprintSetBuilder::default();
        for (index, b) in made.buildings.iter().enumerate() {
            assert!(b.outline.is_valid() && b.outline.unsigned_area() > 0.0, "{}", b.code);
            builder.push(index as i64, &b.code, &b.outline);
        }
        let set = builder.build();
        for index in 0..set.len() {
            for other in set.in_bbox(&set.bbox(index)) {
                if other != index {
                    let common =
                        crate::geo::polygon::overlap_deg2(&set.outline(index), &set.outline(other));
                    assert!(common < 1e-12, "{} over {}", set.code(index), set.code(other));
                }
            }
        }
    }

    #[test]
    fn codes_are_unique_and_estates_have_many_buildings() {
        let made = city(1_000, 2, day());
        let codes: std::collections::BTreeSet<_> = made.buildings.iter().map(|b| &b.code).collect();
        assert_eq!(codes.len(), 1_000);
        let in_estates = made.buildings.iter().filter(|b| b.estate.is_some()).count();
        assert!(in_estates > 600, "{in_estates}");
    }
}
