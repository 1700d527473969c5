//! Buildings as vertices: Hilbert-ordered chunks with small offsets from an f64 origin.
//!
//! A chunk holds some 600 buildings that lie together, so that what is not on the screen is
//! skipped as a whole. A vertex is 8 bytes: two 16-bit offsets and the building's number in the
//! chunk. Positions are exact to 1/65,535 of the chunk (a few centimetres at most).

use rayon::prelude::*;

use crate::geo::FootprintSet;
use crate::geo::lon_lat;
use crate::geo::mercator::{World, world_from_lon_lat};

/// Buildings in a chunk, at most.
const CHUNK_FEATURES: usize = 600;
/// Vertices in a chunk, at most: indices are 16 bits.
const CHUNK_VERTICES: usize = 60_000;
/// Extent of a chunk of several buildings, at most, in world units (about 4 km).
const CHUNK_EXTENT: f64 = 1.0e-4;

/// A corner of an outline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C)]
pub struct Vertex {
    /// Offset from the chunk's origin, in 1/32,767 of its half extent.
    pub offset: [i16; 2],
    /// Building's number within the chunk, and nothing.
    pub feature: [u16; 2],
}

/// Buildings that lie together.
#[derive(Debug, Clone, Default)]
pub struct Chunk {
    /// Middle of the chunk, world units.
    pub origin: [f64; 2],
    /// Half of its greater extent, world units.
    pub half_extent: f64,
    /// Box of the chunk, world units: x min, y min, x max, y max.
    pub bounds: [f64; 4],
    /// Position in [`ChunkSet::order`] of its first building.
    pub first: u32,
    /// How many buildings.
    pub count: u32,
    /// Corners.
    pub vertices: Vec<Vertex>,
    /// Triangles, three corners each.
    pub triangles: Vec<u16>,
    /// Outline segments, two corners each.
    pub lines: Vec<u16>,
}

/// All buildings of a city, ready to be uploaded.
#[derive(Debug, Clone, Default)]
pub struct ChunkSet {
    /// Feature of each slot: the order in which state bytes stand.
    pub order: Vec<u32>,
    /// Slot of each feature: the inverse of `order`.
    pub slot_of: Vec<u32>,
    /// Chunks in Hilbert order.
    pub chunks: Vec<Chunk>,
    /// Features that could not be triangulated; they are drawn as outlines.
    pub untriangulated: Vec<u32>,
}

/// Position along a Hilbert curve of order 16 (Warren, *Hacker's Delight*, 16-3).
fn hilbert(x: u32, y: u32) -> u32 {
    let (mut x, mut y, mut d) = (x & 0xFFFF, y & 0xFFFF, 0u32);
    let mut side = 1u32 << 15;
    while side > 0 {
        let (rx, ry) = (u32::from(x & side > 0), u32::from(y & side > 0));
        d = d.wrapping_add(side.wrapping_mul(side).wrapping_mul((3 * rx) ^ ry));
        if ry == 0 {
            if rx == 1 {
                x = 0xFFFF - x;
                y = 0xFFFF - y;
            }
            std::mem::swap(&mut x, &mut y);
        }
        side >>= 1;
    }
    d
}

/// Box of a feature in world units.
fn world_box(set: &FootprintSet, feature: usize) -> [f64; 4] {
    let b = set.bbox(feature);
    let a = world_from_lon_lat(lon_lat(b.west, b.north));
    let c = world_from_lon_lat(lon_lat(b.east, b.south));
    [a.x, a.y, c.x, c.y]
}

fn merged(a: [f64; 4], b: [f64; 4]) -> [f64; 4] {
    [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]
}

const EMPTY: [f64; 4] = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];

impl ChunkSet {
    /// Orders, cuts and triangulates all buildings, on all cores.
    #[must_use]
    pub fn build(set: &FootprintSet) -> Self {
        let boxes: Vec<[f64; 4]> = (0..set.len()).map(|f| world_box(set, f)).collect();
        let all = boxes.iter().filter(|b| b[0] <= b[2]).fold(EMPTY, |a, b| merged(a, *b));
        let span = (all[2] - all[0]).max(all[3] - all[1]).max(1e-12);
        let mut order: Vec<u32> = (0..set.len() as u32).collect();
        let place = |feature: u32| {
            let b = boxes[feature as usize];
            let unit = |v: f64, low: f64| ((v - low) / span * 65_535.0).clamp(0.0, 65_535.0) as u32;
            hilbert(
                unit(f64::midpoint(b[0], b[2]), all[0]),
                unit(f64::midpoint(b[1], b[3]), all[1]),
            )
        };
        order.par_sort_by_cached_key(|feature| (place(*feature), *feature));
        let runs = cut(set, &order, &boxes);
        let built: Vec<(Chunk, Vec<u32>)> =
            runs.par_iter().map(|run| build_chunk(set, &order, &boxes, run.clone())).collect();
        let mut chunks = Vec::with_capacity(built.len());
        let mut untriangulated = Vec::new();
        for (chunk, failed) in built {
            untriangulated.extend(failed);
            chunks.push(chunk);
        }
        let mut slot_of = vec![0; order.len()];
        for (slot, feature) in order.iter().enumerate() {
            slot_of[*feature as usize] = slot as u32;
        }
        Self { order, slot_of, chunks, untriangulated }
    }
}

/// Cuts the order into runs that fit a chunk.
fn cut(set: &FootprintSet, order: &[u32], boxes: &[[f64; 4]]) -> Vec<std::ops::Range<usize>> {
    let mut runs = Vec::with_capacity(order.len() / CHUNK_FEATURES + 1);
    let (mut start, mut bounds, mut vertices) = (0, EMPTY, 0);
    for (slot, feature) in order.iter().enumerate() {
        let corners: usize = set.rings(*feature as usize).map(|r| r.coords.len()).sum();
        let grown = merged(bounds, boxes[*feature as usize]);
        let extent = (grown[2] - grown[0]).max(grown[3] - grown[1]);
        let is_full = slot - start >= CHUNK_FEATURES
            || vertices + corners > CHUNK_VERTICES
            || extent > CHUNK_EXTENT;
        if slot > start && is_full {
            runs.push(start..slot);
            (start, bounds, vertices) = (slot, EMPTY, 0);
        }
        bounds = merged(bounds, boxes[*feature as usize]);
        vertices += corners;
    }
    if start < order.len() {
        runs.push(start..order.len());
    }
    runs
}

fn build_chunk(
    set: &FootprintSet,
    order: &[u32],
    boxes: &[[f64; 4]],
    run: std::ops::Range<usize>,
) -> (Chunk, Vec<u32>) {
    let bounds = order[run.clone()].iter().fold(EMPTY, |a, f| merged(a, boxes[*f as usize]));
    let half_extent = ((bounds[2] - bounds[0]).max(bounds[3] - bounds[1]) / 2.0).max(1e-12);
    let mut chunk = Chunk {
        origin: [f64::midpoint(bounds[0], bounds[2]), f64::midpoint(bounds[1], bounds[3])],
        half_extent,
        bounds,
        first: run.start as u32,
        count: run.len() as u32,
        ..Chunk::default()
    };
    let mut earcut = earcut::Earcut::new();
    let mut failed = Vec::new();
    for (number, feature) in order[run].iter().enumerate() {
        if !add_feature(&mut chunk, &mut earcut, set, *feature as usize, number as u16) {
            failed.push(*feature);
        }
    }
    (chunk, failed)
}

/// Adds a building's corners, triangles and outline. False when a part has no triangles.
fn add_feature(
    chunk: &mut Chunk,
    earcut: &mut earcut::Earcut<f64>,
    set: &FootprintSet,
    feature: usize,
    number: u16,
) -> bool {
    let mut part: Vec<[f64; 2]> = Vec::new();
    let mut holes: Vec<u32> = Vec::new();
    let mut first = chunk.vertices.len();
    let mut is_whole = true;
    let mut close = |chunk: &mut Chunk, part: &mut Vec<[f64; 2]>, holes: &mut Vec<u32>, first| {
        if part.is_empty() {
            return true;
        }
        let mut triangles: Vec<u32> = Vec::new();
        earcut.earcut(part.iter().copied(), holes, &mut triangles);
        chunk.triangles.extend(triangles.iter().map(|t| (*t as usize + first) as u16));
        part.clear();
        holes.clear();
        !triangles.is_empty()
    };
    for ring in set.rings(feature) {
        if ring.is_hole {
            holes.push(part.len() as u32);
        } else {
            is_whole &= close(chunk, &mut part, &mut holes, first);
            first = chunk.vertices.len();
        }
        let ring_first = chunk.vertices.len();
        let corners = ring.coords.len().saturating_sub(1);
        if ring_first + corners > usize::from(u16::MAX) {
            return false;
        }
        for c in &ring.coords[..corners] {
            let World { x, y } = world_from_lon_lat(lon_lat(c.x, c.y));
            let (dx, dy) = (x - chunk.origin[0], y - chunk.origin[1]);
            let small = |d: f64| (d / chunk.half_extent * 32_767.0).round() as i16;
            chunk.vertices.push(Vertex { offset: [small(dx), small(dy)], feature: [number, 0] });
            part.push([dx, dy]);
        }
        for corner in 0..corners {
            chunk.lines.push((ring_first + corner) as u16);
            chunk.lines.push((ring_first + (corner + 1) % corners) as u16);
        }
    }
    is_whole & close(chunk, &mut part, &mut holes, first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::FootprintSetBuilder;
    use ::geo::{Area as _, LineString, MultiPolygon, Polygon};

    fn city() -> FootprintSet {
        // A chequer of slabs and L-shapes over some 12 km, with one lone building far away.
        let mut builder = FootprintSetBuilder::default();
        for index in 0..2_000u32 {
            let (x, y) = (f64::from(index % 50) * 2e-3, f64::from(index / 50) * 2e-3);
            let (x, y) = if index == 77 { (x + 1.0, y + 1.0) } else { (x + 120.0, y + 33.0) };
            let points = vec![
                (x, y),
                (x + 1e-3, y),
                (x + 1e-3, y + 4e-4),
                (x + 5e-4, y + 4e-4),
                (x + 5e-4, y + 9e-4),
                (x, y + 9e-4),
                (x, y),
            ];
            let outline = MultiPolygon::new(vec![Polygon::new(points.into(), Vec::new())]);
            builder.push(i64::from(index), &index.to_string(), &outline);
        }
        builder.build()
    }

    /// Area of a chunk's triangles per building, world units².
    fn drawn_areas(chunk: &Chunk) -> Vec<f64> {
        let mut areas = vec![0.0; chunk.count as usize];
        let at = |i: u16| {
            let v = chunk.vertices[usize::from(i)];
            v.offset.map(|o| f64::from(o) / 32_767.0 * chunk.half_extent)
        };
        for t in chunk.triangles.chunks_exact(3) {
            let (a, b, c) = (at(t[0]), at(t[1]), at(t[2]));
            let cross = (b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1]);
            areas[usize::from(chunk.vertices[usize::from(t[0])].feature[0])] += cross.abs() / 2.0;
        }
        areas
    }

    #[test]
    fn every_building_is_drawn_exactly_once_with_its_area() {
        let set = city();
        let chunks = ChunkSet::build(&set);
        assert!(chunks.untriangulated.is_empty());
        let mut seen = vec![0; set.len()];
        for chunk in &chunks.chunks {
            for (number, area) in drawn_areas(chunk).into_iter().enumerate() {
                let feature = chunks.order[chunk.first as usize + number] as usize;
                seen[feature] += 1;
                let outline = set.outline(feature);
                let projected = ::geo::MapCoords::map_coords(&outline, |c| {
                    let w = world_from_lon_lat(lon_lat(c.x, c.y));
                    ::geo::Coord { x: w.x, y: w.y }
                });
                let right = projected.unsigned_area();
                assert!((area / right - 1.0).abs() < 0.03, "{feature}: {area} for {right}");
            }
        }
        assert!(seen.iter().all(|n| *n == 1));
        assert!((0..set.len()).all(|f| chunks.order[chunks.slot_of[f] as usize] as usize == f));
    }

    #[test]
    fn holes_stay_open() {
        let ring = |x: f64, side: f64| {
            LineString::from(vec![
                (x, x),
                (x + side, x),
                (x + side, x + side),
                (x, x + side),
                (x, x),
            ])
        };
        let outline =
            MultiPolygon::new(vec![Polygon::new(ring(0.0, 4e-3), vec![ring(1e-3, 2e-3)])]);
        let mut builder = FootprintSetBuilder::default();
        builder.push(1, "ring", &outline);
        let chunks = ChunkSet::build(&builder.build());
        let area = drawn_areas(&chunks.chunks[0])[0];
        let whole = (4e-3f64 / 360.0).powi(2);
        assert!((area / whole - 0.75).abs() < 0.01, "{}", area / whole);
    }
}
