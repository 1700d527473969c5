//! All building outlines of a city in one compact block, with an R-tree over their boxes.
//!
//! Coordinates stand in one flat array (16 bytes a vertex); a feature is a run of rings, a ring
//! a run of coordinates. The set is immutable: it is built once and shared by reference between
//! the map, picking and the point-in-building join.

use ::geo::{Coord, LineString, MultiPolygon, Polygon};
use rstar::{AABB, PointDistance, RTree, RTreeObject};

use super::{BBox, LonLat, polygon};

/// Immutable outlines with ids, codes and a spatial index. Positions are "features": 0‥len.
pub struct FootprintSet {
    building_ids: Vec<i64>,
    code_text: String,
    code_ends: Vec<u32>,
    coords: Vec<Coord>,
    ring_ends: Vec<u32>,
    ring_is_hole: Vec<bool>,
    feature_ring_ends: Vec<u32>,
    boxes: Vec<BBox>,
    tree: RTree<Leaf>,
    bounds: BBox,
}

#[derive(Clone, Copy)]
struct Leaf {
    feature: u32,
    min: [f64; 2],
    max: [f64; 2],
}

impl RTreeObject for Leaf {
    type Envelope = AABB<[f64; 2]>;
    fn envelope(&self) -> Self::Envelope {
        AABB::from_corners(self.min, self.max)
    }
}

impl PointDistance for Leaf {
    fn distance_2(&self, point: &[f64; 2]) -> f64 {
        self.envelope().distance_2(point)
    }
}

/// One ring of a feature: its vertices (first = last) and whether it cuts a hole.
pub struct Ring<'a> {
    /// Closed ring, degrees.
    pub coords: &'a [Coord],
    /// Whether it is an interior ring of the outer ring before it.
    pub is_hole: bool,
}

/// Collects outlines; [`FootprintSetBuilder::build`] makes the index.
#[derive(Default)]
pub struct FootprintSetBuilder {
    building_ids: Vec<i64>,
    code_text: String,
    code_ends: Vec<u32>,
    coords: Vec<Coord>,
    ring_ends: Vec<u32>,
    ring_is_hole: Vec<bool>,
    feature_ring_ends: Vec<u32>,
    boxes: Vec<BBox>,
}

impl FootprintSetBuilder {
    /// Adds one building: its row id, its code and its outline in degrees.
    pub fn push(&mut self, building_id: i64, code: &str, outline: &MultiPolygon) {
        for part in outline {
            self.push_ring(part.exterior(), false);
            for hole in part.interiors() {
                self.push_ring(hole, true);
            }
        }
        self.building_ids.push(building_id);
        self.code_text.push_str(code);
        self.code_ends.push(self.code_text.len() as u32);
        self.feature_ring_ends.push(self.ring_ends.len() as u32);
        self.boxes.push(polygon::bbox(outline));
    }

    fn push_ring(&mut self, ring: &LineString, is_hole: bool) {
        self.coords.extend_from_slice(&ring.0);
        self.ring_ends.push(self.coords.len() as u32);
        self.ring_is_hole.push(is_hole);
    }

    /// Builds the R-tree (bulk load) and closes the set.
    #[must_use]
    pub fn build(mut self) -> FootprintSet {
        self.coords.shrink_to_fit();
        self.code_text.shrink_to_fit();
        let mut bounds = BBox::EMPTY;
        let leaves = self
            .boxes
            .iter()
            .enumerate()
            .filter(|(_, b)| !b.is_empty())
            .map(|(feature, b)| {
                bounds.merge(b);
                Leaf { feature: feature as u32, min: [b.west, b.south], max: [b.east, b.north] }
            })
            .collect();
        FootprintSet {
            building_ids: self.building_ids,
            code_text: self.code_text,
            code_ends: self.code_ends,
            coords: self.coords,
            ring_ends: self.ring_ends,
            ring_is_hole: self.ring_is_hole,
            feature_ring_ends: self.feature_ring_ends,
            boxes: self.boxes,
            tree: RTree::bulk_load(leaves),
            bounds,
        }
    }
}

impl FootprintSet {
    /// How many buildings there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.building_ids.len()
    }

    /// Whether there is no building at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.building_ids.is_empty()
    }

    /// The box around everything.
    #[must_use]
    pub fn bounds(&self) -> BBox {
        self.bounds
    }

    /// Row id of a feature's building.
    #[must_use]
    pub fn building_id(&self, feature: usize) -> i64 {
        self.building_ids[feature]
    }

    /// Code of a feature's building.
    #[must_use]
    pub fn code(&self, feature: usize) -> &str {
        let start = if feature == 0 { 0 } else { self.code_ends[feature - 1] };
        &self.code_text[start as usize..self.code_ends[feature] as usize]
    }

    /// Box of one feature.
    #[must_use]
    pub fn bbox(&self, feature: usize) -> BBox {
        self.boxes[feature]
    }

    /// The rings of a feature, each outer ring followed by its holes.
    pub fn rings(&self, feature: usize) -> impl Iterator<Item = Ring<'_>> {
        let first = if feature == 0 { 0 } else { self.feature_ring_ends[feature - 1] };
        (first as usize..self.feature_ring_ends[feature] as usize).map(|ring| {
            let start = if ring == 0 { 0 } else { self.ring_ends[ring - 1] };
            Ring {
                coords: &self.coords[start as usize..self.ring_ends[ring] as usize],
                is_hole: self.ring_is_hole[ring],
            }
        })
    }

    /// The outline of a feature as a `geo` shape (a copy).
    #[must_use]
    pub fn outline(&self, feature: usize) -> MultiPolygon {
        let mut parts: Vec<Polygon> = Vec::with_capacity(1);
        for ring in self.rings(feature) {
            let line = LineString::new(ring.coords.to_vec());
            match parts.last_mut() {
                Some(part) if ring.is_hole => part.interiors_push(line),
                _ => parts.push(Polygon::new(line, Vec::new())),
            }
        }
        MultiPolygon::new(parts)
    }

    /// Features that contain the point (border included), smallest first, then by code.
    #[must_use]
    pub fn at(&self, p: LonLat) -> Vec<usize> {
        use ::geo::Area as _;
        let mut hits: Vec<(f64, usize)> = self
            .tree
            .locate_in_envelope_intersecting(AABB::from_point([p.lon, p.lat]))
            .filter_map(|leaf| {
                let outline = self.outline(leaf.feature as usize);
                polygon::contains_or_touches(&outline, p)
                    .then(|| (outline.unsigned_area(), leaf.feature as usize))
            })
            .collect();
        hits.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| self.code(a.1).cmp(self.code(b.1))));
        hits.into_iter().map(|(_, feature)| feature).collect()
    }

    /// Features whose box meets the given one, in ascending order.
    #[must_use]
    pub fn in_bbox(&self, b: &BBox) -> Vec<usize> {
        let query = AABB::from_corners([b.west, b.south], [b.east, b.north]);
        let mut found: Vec<usize> = self
            .tree
            .locate_in_envelope_intersecting(query)
            .map(|leaf| leaf.feature as usize)
            .collect();
        found.sort_unstable();
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::lon_lat;
    use proptest::prelude::*;

    fn square(x: f64, y: f64, side: f64) -> MultiPolygon {
        let ring = vec![(x, y), (x + side, y), (x + side, y + side), (x, y + side), (x, y)];
        MultiPolygon::new(vec![Polygon::new(ring.into(), Vec::new())])
    }

    #[test]
    fn smallest_then_lowest_code() {
        let mut builder = FootprintSetBuilder::default();
        builder.push(1, "big", &square(0.0, 0.0, 4.0));
        builder.push(2, "b", &square(1.0, 1.0, 1.0));
        builder.push(3, "a", &square(1.0, 1.0, 1.0));
        let set = builder.build();
        assert_eq!(set.at(lon_lat(1.5, 1.5)), [2, 1, 0]);
        assert_eq!(set.at(lon_lat(1.0, 1.0)), [2, 1, 0], "the border counts as inside");
        assert_eq!(set.code(2), "a");
        assert!(set.at(lon_lat(9.0, 9.0)).is_empty());
    }

    #[test]
    fn holes_stay_open() {
        let mut outline = square(0.0, 0.0, 4.0);
        outline.0[0].interiors_push(square(1.0, 1.0, 2.0).0[0].exterior().clone());
        let mut builder = FootprintSetBuilder::default();
        builder.push(1, "ring", &outline);
        let set = builder.build();
        assert!(set.at(lon_lat(2.0, 2.0)).is_empty());
        assert_eq!(set.at(lon_lat(0.5, 0.5)), [0]);
        assert_eq!(set.outline(0), outline);
    }

    proptest! {
        #[test]
        fn index_agrees_with_brute_force(
            squares in prop::collection::vec((0.0..10.0f64, 0.0..10.0f64, 0.1..3.0f64), 1..40),
            x in 0.0..12.0f64, y in 0.0..12.0f64,
        ) {
            let mut builder = FootprintSetBuilder::default();
            for (i, &(sx, sy, side)) in squares.iter().enumerate() {
                builder.push(i as i64, &format!("{i:03}"), &square(sx, sy, side));
            }
            let set = builder.build();
            let mut found = set.at(lon_lat(x, y));
            found.sort_unstable();
            let brute: Vec<usize> = (0..squares.len())
                .filter(|&i| polygon::contains_or_touches(&set.outline(i), lon_lat(x, y)))
                .collect();
            prop_assert_eq!(found, brute);
        }
    }
}
