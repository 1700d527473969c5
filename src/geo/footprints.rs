//! All building outlines of a city in one compact block, with an R-tree over their boxes.
//!
//! Features stand in Hilbert order, so that neighbours on the ground are neighbours in memory:
//! the map cuts the order into chunks, and the R-tree has one leaf per page of 64 features, whose
//! boxes are then looked through in a row. Such a tree is built in milliseconds where one leaf a
//! feature takes the better part of a second for a million, and answers as quickly.
//!
//! Coordinates stand in one flat array (16 bytes a vertex); a feature is a run of rings, a ring
//! a run of coordinates. The set is immutable: it is built once and shared by reference between
//! the map, picking and the point-in-building join.

use ::geo::{Coord, LineString, MultiPolygon, Polygon};
use rayon::prelude::*;
use rstar::{AABB, RTree, RTreeObject};

use super::{BBox, LonLat, hilbert, polygon};

/// Features of one leaf of the R-tree.
const PAGE: usize = 64;

/// Immutable outlines with ids, codes and a spatial index. Positions are "features": 0‥len, in
/// Hilbert order.
pub struct FootprintSet {
    columns: Columns,
    /// Features by ascending building id.
    by_id: Vec<u32>,
    tree: RTree<Page>,
    bounds: BBox,
}

/// The arrays of a set, in the order of the features.
#[derive(Default)]
struct Columns {
    ids: Vec<i64>,
    code_text: String,
    code_ends: Vec<u32>,
    coords: Vec<Coord>,
    ring_ends: Vec<u32>,
    ring_is_hole: Vec<bool>,
    feature_ring_ends: Vec<u32>,
    boxes: Vec<BBox>,
}

/// Features `first`‥ of a page and the box around them.
struct Page {
    first: u32,
    bounds: BBox,
}

impl RTreeObject for Page {
    type Envelope = AABB<[f64; 2]>;
    fn envelope(&self) -> Self::Envelope {
        envelope(&self.bounds)
    }
}

fn envelope(b: &BBox) -> AABB<[f64; 2]> {
    AABB::from_corners([b.west, b.south], [b.east, b.north])
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
    columns: Columns,
}

fn span(ends: &[u32], index: usize) -> std::ops::Range<usize> {
    let start = if index == 0 { 0 } else { ends[index - 1] };
    start as usize..ends[index] as usize
}

impl Columns {
    fn rings(&self, feature: usize) -> impl Iterator<Item = Ring<'_>> {
        span(&self.feature_ring_ends, feature).map(|ring| Ring {
            coords: &self.coords[span(&self.ring_ends, ring)],
            is_hole: self.ring_is_hole[ring],
        })
    }

    fn code(&self, feature: usize) -> &str {
        &self.code_text[span(&self.code_ends, feature)]
    }

    fn push_ring(&mut self, coords: &[Coord], is_hole: bool) {
        self.coords.extend_from_slice(coords);
        self.ring_ends.push(self.coords.len() as u32);
        self.ring_is_hole.push(is_hole);
    }

    fn end_feature(&mut self, id: i64, code: &str, bounds: BBox) {
        self.ids.push(id);
        self.code_text.push_str(code);
        self.code_ends.push(self.code_text.len() as u32);
        self.feature_ring_ends.push(self.ring_ends.len() as u32);
        self.boxes.push(bounds);
    }

    /// The same features in another order.
    fn reordered(&self, order: &[u32]) -> Self {
        let mut out = Self {
            ids: Vec::with_capacity(order.len()),
            code_text: String::with_capacity(self.code_text.len()),
            code_ends: Vec::with_capacity(order.len()),
            coords: Vec::with_capacity(self.coords.len()),
            ring_ends: Vec::with_capacity(self.ring_ends.len()),
            ring_is_hole: Vec::with_capacity(self.ring_is_hole.len()),
            feature_ring_ends: Vec::with_capacity(order.len()),
            boxes: Vec::with_capacity(order.len()),
        };
        for &feature in order {
            let feature = feature as usize;
            for ring in self.rings(feature) {
                out.push_ring(ring.coords, ring.is_hole);
            }
            out.end_feature(self.ids[feature], self.code(feature), self.boxes[feature]);
        }
        out
    }

    fn append(&mut self, other: &Self) {
        let shift = |ends: &mut Vec<u32>, base: usize, more: &[u32]| {
            ends.extend(more.iter().map(|end| end + base as u32));
        };
        shift(&mut self.code_ends, self.code_text.len(), &other.code_ends);
        shift(&mut self.feature_ring_ends, self.ring_ends.len(), &other.feature_ring_ends);
        shift(&mut self.ring_ends, self.coords.len(), &other.ring_ends);
        self.code_text.push_str(&other.code_text);
        self.coords.extend_from_slice(&other.coords);
        self.ring_is_hole.extend_from_slice(&other.ring_is_hole);
        self.ids.extend_from_slice(&other.ids);
        self.boxes.extend_from_slice(&other.boxes);
    }
}

impl FootprintSetBuilder {
    /// Adds one building: its row id, its code and its outline in degrees. Gives its box.
    pub fn push(&mut self, id: impl Into<i64>, code: &str, outline: &MultiPolygon) -> BBox {
        for part in outline {
            self.columns.push_ring(&part.exterior().0, false);
            for hole in part.interiors() {
                self.columns.push_ring(&hole.0, true);
            }
        }
        let bounds = polygon::bbox(outline);
        self.columns.end_feature(id.into(), code, bounds);
        bounds
    }

    /// Adds a ring of the feature that [`FootprintSetBuilder::end_feature`] will end: a closed
    /// ring in degrees.
    pub fn push_ring(&mut self, coords: impl IntoIterator<Item = Coord>, is_hole: bool) {
        self.columns.coords.extend(coords);
        self.columns.ring_ends.push(self.columns.coords.len() as u32);
        self.columns.ring_is_hole.push(is_hole);
    }

    /// Ends the feature whose rings were added; gives its box.
    pub fn end_feature(&mut self, id: impl Into<i64>, code: &str) -> BBox {
        let first_ring = self.columns.feature_ring_ends.last().map_or(0, |end| *end as usize);
        let first = if first_ring == 0 { 0 } else { self.columns.ring_ends[first_ring - 1] };
        let mut bounds = BBox::EMPTY;
        for c in &self.columns.coords[first as usize..] {
            bounds.add(c.x, c.y);
        }
        self.columns.end_feature(id.into(), code, bounds);
        bounds
    }

    /// Drops the rings that were added since the last feature ended.
    pub fn drop_rings(&mut self) {
        let rings = self.columns.feature_ring_ends.last().map_or(0, |end| *end as usize);
        let coords = if rings == 0 { 0 } else { self.columns.ring_ends[rings - 1] as usize };
        self.columns.coords.truncate(coords);
        self.columns.ring_ends.truncate(rings);
        self.columns.ring_is_hole.truncate(rings);
    }

    /// How many buildings were added.
    #[must_use]
    pub fn len(&self) -> usize {
        self.columns.ids.len()
    }

    /// Whether nothing was added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds all buildings of another builder.
    pub fn append(&mut self, other: &Self) {
        self.columns.append(&other.columns);
    }

    /// Puts the features into Hilbert order, builds the R-tree and closes the set. Returns also
    /// which added feature stands at each position, for whoever holds columns of their own.
    #[must_use]
    pub fn build_with_order(self) -> (FootprintSet, Vec<u32>) {
        let mut columns = self.columns;
        let mut bounds = BBox::EMPTY;
        columns.boxes.iter().for_each(|b| bounds.merge(b));
        let order = hilbert_order(&columns.boxes, &bounds);
        if !order.is_sorted() {
            columns = columns.reordered(&order);
        }
        columns.coords.shrink_to_fit();
        columns.code_text.shrink_to_fit();
        let mut by_id: Vec<u32> = (0..columns.ids.len() as u32).collect();
        by_id.par_sort_unstable_by_key(|f| (columns.ids[*f as usize], *f));
        let pages = columns.boxes.chunks(PAGE).enumerate().filter_map(|(page, boxes)| {
            let mut bounds = BBox::EMPTY;
            boxes.iter().for_each(|b| bounds.merge(b));
            (!bounds.is_empty()).then_some(Page { first: (page * PAGE) as u32, bounds })
        });
        let tree = RTree::bulk_load(pages.collect());
        (FootprintSet { columns, by_id, tree, bounds }, order)
    }

    /// As [`FootprintSetBuilder::build_with_order`], without the order.
    #[must_use]
    pub fn build(self) -> FootprintSet {
        self.build_with_order().0
    }
}

/// The features along Hilbert's curve through the middles of their boxes; empty boxes last.
fn hilbert_order(boxes: &[BBox], all: &BBox) -> Vec<u32> {
    let span = (all.east - all.west).max(all.north - all.south).max(1e-12);
    let unit = |v: f64| (v / span * 65_535.0).clamp(0.0, 65_535.0) as u32;
    let mut keys: Vec<(u32, u32)> = boxes
        .par_iter()
        .enumerate()
        .map(|(feature, b)| {
            if b.is_empty() {
                return (u32::MAX, feature as u32);
            }
            let center = b.center();
            let place =
                hilbert::position(unit(center.lon - all.west), unit(all.north - center.lat));
            (place, feature as u32)
        })
        .collect();
    if !keys.is_sorted() {
        keys.par_sort_unstable();
    }
    keys.into_iter().map(|(_, feature)| feature).collect()
}

impl FootprintSet {
    /// How many buildings there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.columns.ids.len()
    }

    /// Whether there is no building at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.columns.ids.is_empty()
    }

    /// The box around everything.
    #[must_use]
    pub fn bounds(&self) -> BBox {
        self.bounds
    }

    /// Row id of a feature's building.
    #[must_use]
    pub fn id(&self, feature: usize) -> i64 {
        self.columns.ids[feature]
    }

    /// Feature of a building's row id.
    #[must_use]
    pub fn feature_of(&self, id: impl Into<i64>) -> Option<usize> {
        let id = id.into();
        let at = self.by_id.binary_search_by_key(&id, |f| self.columns.ids[*f as usize]).ok()?;
        Some(self.by_id[at] as usize)
    }

    /// All features by ascending row id.
    pub fn by_id_order(&self) -> impl Iterator<Item = usize> {
        self.by_id.iter().map(|feature| *feature as usize)
    }

    /// Features of many buildings at once, each with what comes with its row id; `list` is sorted
    /// by row id. Unknown row ids are passed over.
    pub fn features_of<I, T>(&self, list: &[(I, T)]) -> impl Iterator<Item = (usize, T)>
    where
        I: Copy + Into<i64>,
        T: Copy,
    {
        debug_assert!(list.is_sorted_by_key(|(id, _)| (*id).into()));
        let mut left = list.iter().peekable();
        self.by_id.iter().filter_map(move |feature| {
            let here = self.columns.ids[*feature as usize];
            while left.next_if(|(id, _)| (*id).into() < here).is_some() {}
            left.next_if(|(id, _)| (*id).into() == here)
                .map(|(_, value)| (*feature as usize, *value))
        })
    }

    /// Code of a feature's building.
    #[must_use]
    pub fn code(&self, feature: usize) -> &str {
        self.columns.code(feature)
    }

    /// Box of one feature.
    #[must_use]
    pub fn bbox(&self, feature: usize) -> BBox {
        self.columns.boxes[feature]
    }

    /// How many corners a feature has, closing ones counted.
    #[must_use]
    pub fn corners(&self, feature: usize) -> usize {
        let rings = span(&self.columns.feature_ring_ends, feature);
        let ends = &self.columns.ring_ends;
        let start = if rings.start == 0 { 0 } else { ends[rings.start - 1] };
        rings.end.checked_sub(1).map_or(0, |last| (ends[last] - start) as usize)
    }

    /// The rings of a feature, each outer ring followed by its holes.
    pub fn rings(&self, feature: usize) -> impl Iterator<Item = Ring<'_>> {
        self.columns.rings(feature)
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

    /// Features whose box meets the given one.
    fn candidates(&self, b: &BBox) -> impl Iterator<Item = usize> {
        let b = *b;
        self.tree.locate_in_envelope_intersecting(envelope(&b)).flat_map(move |page| {
            let first = page.first as usize;
            let end = (first + PAGE).min(self.len());
            (first..end).filter(move |f| self.columns.boxes[*f].intersects(&b))
        })
    }

    /// Features that contain the point (border included), smallest first, then by code.
    #[must_use]
    pub fn at(&self, p: LonLat) -> Vec<usize> {
        use ::geo::Area as _;
        let here = BBox { west: p.lon, south: p.lat, east: p.lon, north: p.lat };
        let mut hits: Vec<(f64, usize)> = self
            .candidates(&here)
            .filter_map(|feature| {
                let outline = self.outline(feature);
                polygon::contains_or_touches(&outline, p)
                    .then(|| (outline.unsigned_area(), feature))
            })
            .collect();
        hits.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| self.code(a.1).cmp(self.code(b.1))));
        hits.into_iter().map(|(_, feature)| feature).collect()
    }

    /// Features whose box meets the given one, in ascending order.
    #[must_use]
    pub fn in_bbox(&self, b: &BBox) -> Vec<usize> {
        let mut found: Vec<usize> = self.candidates(b).collect();
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
        let ids = |p| set.at(p).into_iter().map(|f| set.id(f)).collect::<Vec<_>>();
        assert_eq!(ids(lon_lat(1.5, 1.5)), [3, 2, 1]);
        assert_eq!(ids(lon_lat(1.0, 1.0)), [3, 2, 1], "the border counts as inside");
        assert_eq!(set.code(set.feature_of(3).unwrap()), "a");
        assert_eq!(set.feature_of(9), None);
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

    #[test]
    fn builders_join() {
        let (mut whole, mut a, mut b) = <(FootprintSetBuilder, FootprintSetBuilder, _)>::default();
        for i in 0..200 {
            let outline = square(f64::from(i % 20), f64::from(i / 20), 0.5);
            whole.push(i, &i.to_string(), &outline);
            let half: &mut FootprintSetBuilder = if i < 70 { &mut a } else { &mut b };
            for ring in outline.iter().map(Polygon::exterior) {
                half.push_ring(ring.0.iter().copied(), false);
            }
            half.end_feature(i, &i.to_string());
            half.push_ring([Coord { x: 1.0, y: 1.0 }], true);
            half.drop_rings();
        }
        a.append(&b);
        let (whole, joined) = (whole.build(), a.build());
        for feature in 0..200 {
            assert_eq!(whole.id(feature), joined.id(feature));
            assert_eq!(whole.code(feature), joined.code(feature));
            assert_eq!(whole.outline(feature), joined.outline(feature));
            assert_eq!(whole.bbox(feature), joined.bbox(feature));
        }
    }

    proptest! {
        #[test]
        fn index_agrees_with_brute_force(
            squares in prop::collection::vec((0.0..10.0f64, 0.0..10.0f64, 0.1..3.0f64), 1..400),
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
            let every: Vec<(i64, usize)> = (0..squares.len()).map(|i| (i as i64 * 2, i)).collect();
            let even = set.features_of(&every).map(|(f, i)| (set.id(f), i as i64 * 2));
            let even: Vec<(i64, i64)> = even.collect();
            prop_assert!(even.iter().all(|(id, twice)| id == twice));
            prop_assert_eq!(even.len(), squares.len().div_ceil(2));
            for (i, &(sx, sy, side)) in squares.iter().enumerate() {
                let feature = set.feature_of(i as i64).unwrap();
                prop_assert_eq!(set.outline(feature), square(sx, sy, side));
                prop_assert_eq!(set.code(feature), format!("{i:03}"));
                prop_assert_eq!(set.corners(feature), 5);
            }
        }
    }
}
