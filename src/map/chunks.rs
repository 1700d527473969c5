//! Buildings as vertices: chunks of neighbours with small offsets from an f64 origin.
//!
//! The features of a [`FootprintSet`] stand in Hilbert order; a chunk is a run of some 600 of
//! them, so that what is not on the screen is skipped as a whole. [`ChunkPlan`] is only where the
//! runs begin and which box each fills; the vertices of a chunk are made when it is first seen
//! ([`build_chunk`], a fraction of a millisecond) and need not be kept. A vertex is 8 bytes: two
//! 16-bit offsets and the building's number in the chunk. Positions are exact to 1/65,535 of the
//! chunk (a few centimetres at most).

use std::ops::Range;

use crate::geo::mercator::{World, world_from_lon_lat};
use crate::geo::{BBox, FootprintSet, lon_lat};

/// Buildings in a chunk, at most.
const CHUNK_FEATURES: usize = 600;
/// Vertices in a chunk, at most: indices are 16 bits.
const CHUNK_VERTICES: usize = 60_000;
/// Extent of a chunk of several buildings, at most, in degrees (about 4 km).
const CHUNK_EXTENT_DEG: f64 = 0.036;

/// A corner of an outline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C)]
pub struct Vertex {
    /// Offset from the chunk's origin, in 1/32,767 of its half extent.
    pub offset: [i16; 2],
    /// Building's number within the chunk, and nothing.
    pub feature: [u16; 2],
}

/// A run of features and the box around them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChunkRange {
    /// First feature.
    pub first: u32,
    /// How many features.
    pub count: u32,
    /// Box, world units: x min, y min, x max, y max.
    pub bounds: [f64; 4],
}

impl ChunkRange {
    /// The features.
    #[must_use]
    pub fn features(&self) -> Range<usize> {
        self.first as usize..(self.first + self.count) as usize
    }

    /// Whether the chunk's box and a box in world units share a point.
    #[must_use]
    pub fn meets(&self, b: [f64; 4]) -> bool {
        self.bounds[0] <= b[2]
            && b[0] <= self.bounds[2]
            && self.bounds[1] <= b[3]
            && b[1] <= self.bounds[3]
    }
}

/// Which features make a chunk. Features without an outline are in no chunk.
#[derive(Debug, Clone, Default)]
pub struct ChunkPlan {
    /// Chunks in Hilbert order.
    pub chunks: Vec<ChunkRange>,
}

/// Vertices and indices of a chunk.
#[derive(Debug, Clone, Default)]
pub struct Chunk {
    /// Middle of the chunk, world units.
    pub origin: [f64; 2],
    /// Half of its greater extent, world units.
    pub half_extent: f64,
    /// Corners.
    pub vertices: Vec<Vertex>,
    /// Triangles, three corners each.
    pub triangles: Vec<u16>,
    /// Outline segments, two corners each.
    pub lines: Vec<u16>,
}

/// A box in degrees as one in world units.
pub(super) fn world_box(b: &BBox) -> [f64; 4] {
    let a = world_from_lon_lat(lon_lat(b.west, b.north));
    let c = world_from_lon_lat(lon_lat(b.east, b.south));
    [a.x, a.y, c.x, c.y]
}

impl ChunkPlan {
    /// Cuts the features into runs that fit a chunk.
    #[must_use]
    pub fn of(set: &FootprintSet) -> Self {
        let mut chunks = Vec::with_capacity(set.len() / CHUNK_FEATURES + 1);
        let (mut start, mut bounds, mut vertices) = (0, BBox::EMPTY, 0);
        let mut close = |run: Range<usize>, bounds: &BBox| {
            if !run.is_empty() && !bounds.is_empty() {
                chunks.push(ChunkRange {
                    first: run.start as u32,
                    count: run.len() as u32,
                    bounds: world_box(bounds),
                });
            }
        };
        for feature in 0..set.len() {
            let corners = set.corners(feature);
            let mut grown = bounds;
            grown.merge(&set.bbox(feature));
            let extent = (grown.east - grown.west).max(grown.north - grown.south);
            let is_full = feature - start >= CHUNK_FEATURES
                || vertices + corners > CHUNK_VERTICES
                || extent > CHUNK_EXTENT_DEG;
            if feature > start && is_full {
                close(start..feature, &bounds);
                (start, vertices, grown) = (feature, 0, set.bbox(feature));
            }
            bounds = grown;
            vertices += corners;
        }
        close(start..set.len(), &bounds);
        Self { chunks }
    }

    /// Numbers of the chunks whose box meets a box in world units.
    pub fn visible(&self, b: [f64; 4]) -> impl Iterator<Item = usize> {
        (0..self.chunks.len()).filter(move |chunk| self.chunks[*chunk].meets(b))
    }
}

/// Makes the vertices of a chunk.
#[must_use]
pub fn build_chunk(set: &FootprintSet, range: &ChunkRange) -> Chunk {
    let b = range.bounds;
    let mut chunk = Chunk {
        origin: [f64::midpoint(b[0], b[2]), f64::midpoint(b[1], b[3])],
        half_extent: ((b[2] - b[0]).max(b[3] - b[1]) / 2.0).max(1e-12),
        ..Chunk::default()
    };
    let mut earcut = earcut::Earcut::new();
    for (number, feature) in range.features().enumerate() {
        add_feature(&mut chunk, &mut earcut, set, feature, number as u16);
    }
    chunk
}

/// Features of a range whose triangles do not cover their outline: the area that is drawn differs
/// from the outline's own by more than the rounding of vertices explains, or the inside is thinner
/// than that rounding.
#[must_use]
pub fn badly_filled(set: &FootprintSet, range: &ChunkRange) -> Vec<usize> {
    /// Share of the area that may be off.
    const TOLERANCE: f64 = 0.03;
    let chunk = build_chunk(set, range);
    let quantum = chunk.half_extent / 32_767.0;
    let drawn = drawn_areas(&chunk, range.count as usize);
    let features = range.features().zip(drawn);
    let bad = features.filter(|(feature, drawn)| {
        let (area, perimeter) = area_and_perimeter(set, *feature);
        area < quantum * perimeter || (drawn - area).abs() > TOLERANCE * area + quantum * perimeter
    });
    bad.map(|(feature, _)| feature).collect()
}

/// Area of an outline (holes left out) and length of its rings, in world units.
fn area_and_perimeter(set: &FootprintSet, feature: usize) -> (f64, f64) {
    let (mut area, mut perimeter) = (0.0, 0.0);
    for ring in set.rings(feature) {
        let corners: Vec<World> =
            ring.coords.iter().map(|c| world_from_lon_lat(lon_lat(c.x, c.y))).collect();
        let Some(o) = corners.first() else { continue };
        // Relative to a corner: the differences are small, the products exact enough.
        let cross = corners.windows(2).map(|pair| {
            (pair[0].x - o.x) * (pair[1].y - o.y) - (pair[1].x - o.x) * (pair[0].y - o.y)
        });
        let inside = cross.sum::<f64>().abs() / 2.0;
        area += if ring.is_hole { -inside } else { inside };
        perimeter += corners
            .windows(2)
            .map(|pair| (pair[1].x - pair[0].x).hypot(pair[1].y - pair[0].y))
            .sum::<f64>();
    }
    (area, perimeter)
}

/// Area of a chunk's triangles per building, world units².
fn drawn_areas(chunk: &Chunk, count: usize) -> Vec<f64> {
    let mut areas = vec![0.0; count];
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

/// Adds a building's corners, triangles and outline.
fn add_feature(
    chunk: &mut Chunk,
    earcut: &mut earcut::Earcut<f64>,
    set: &FootprintSet,
    feature: usize,
    number: u16,
) {
    let mut part: Vec<[f64; 2]> = Vec::new();
    let mut holes: Vec<u32> = Vec::new();
    let mut first = chunk.vertices.len();
    let mut close = |chunk: &mut Chunk, part: &mut Vec<[f64; 2]>, holes: &mut Vec<u32>, first| {
        if part.is_empty() {
            return;
        }
        let mut triangles: Vec<u32> = Vec::new();
        earcut.earcut(part.iter().copied(), holes, &mut triangles);
        chunk.triangles.extend(triangles.iter().map(|t| (*t as usize + first) as u16));
        part.clear();
        holes.clear();
    };
    for ring in set.rings(feature) {
        if ring.is_hole {
            holes.push(part.len() as u32);
        } else {
            close(chunk, &mut part, &mut holes, first);
            first = chunk.vertices.len();
        }
        let ring_first = chunk.vertices.len();
        let corners = ring.coords.len().saturating_sub(1);
        if ring_first + corners > usize::from(u16::MAX) {
            return;
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
    close(chunk, &mut part, &mut holes, first);
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

    #[test]
    fn every_building_is_drawn_exactly_once_with_its_area() {
        let set = city();
        let plan = ChunkPlan::of(&set);
        let mut seen = vec![0; set.len()];
        for range in &plan.chunks {
            let chunk = build_chunk(&set, range);
            assert!(badly_filled(&set, range).is_empty());
            for (number, area) in drawn_areas(&chunk, range.count as usize).into_iter().enumerate()
            {
                let feature = range.first as usize + number;
                seen[feature] += 1;
                assert!(range.meets(world_box(&set.bbox(feature))));
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
        let set = builder.build();
        let chunk = build_chunk(&set, &ChunkPlan::of(&set).chunks[0]);
        let area = drawn_areas(&chunk, 1)[0];
        let whole = (4e-3f64 / 360.0).powi(2);
        assert!((area / whole - 0.75).abs() < 0.01, "{}", area / whole);
    }

    #[test]
    fn outlines_that_cannot_be_filled_are_named() {
        let mut builder = FootprintSetBuilder::default();
        let line = vec![(120.0, 30.0), (120.001, 30.001), (120.002, 30.002), (120.0, 30.0)];
        let square = vec![(120.0, 30.0), (120.001, 30.0), (120.001, 30.001), (120.0, 30.0)];
        // Never mended, as a foreign program might store it: its halves cancel out.
        let bow_tie =
            vec![(120.0, 30.0), (120.001, 30.001), (120.001, 30.0), (120.0, 30.001), (120.0, 30.0)];
        for (id, name, ring) in [(1, "line", line), (2, "square", square), (3, "bow tie", bow_tie)]
        {
            let outline = ::geo::Polygon::new(ring.into(), Vec::new());
            builder.push(id, name, &::geo::MultiPolygon::new(vec![outline]));
        }
        let set = builder.build();
        let plan = ChunkPlan::of(&set);
        let bad: Vec<usize> =
            plan.chunks.iter().flat_map(|range| badly_filled(&set, range)).collect();
        let mut codes: Vec<&str> = bad.iter().map(|feature| set.code(*feature)).collect();
        codes.sort_unstable();
        assert_eq!(codes, ["bow tie", "line"]);
    }
}
