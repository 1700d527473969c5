//! The map from afar: built-up area per cell instead of outlines.
//!
//! Above a budget of visible buildings nobody can tell outlines apart, and drawing them costs
//! time without end. Then each building gives its area and colour to the cells of a square grid
//! that is fixed to the world (so that nothing swims while panning), and the grid is drawn as one
//! picture. A layer covers the screen and a margin; it is made anew when the screen leaves it, or
//! the zoom level or the colours change, in one pass over the buildings that are in sight.

use rayon::prelude::*;

use super::cell_points::{EXTENT_BITS, POSITION_BITS};
use super::{Camera, Scene};
use crate::geo::mercator::world_from_lon_lat;
use crate::geo::{FootprintSet, lon_lat};
use crate::map::cell_points::CellPoint;

/// Side of a cell on the screen, pixels: from this to twice as much.
const LEAST_CELL_PX: f64 = 2.0;
/// What is covered beyond the screen, as a share of its size, on each side.
const MARGIN: f64 = 0.2;
/// How fast a cell's colour rises with the covered share: a half covered cell is two thirds full,
/// so that sparse suburbs still show and dense centres still differ.
const DENSITY: f32 = 2.2;
/// Buildings whose box is larger than this many cells either way are filled by their outline.
const LARGE_CELLS: i64 = 7;

/// A class as cells mix it: its colour, and how much louder than a plain building it is.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct CellClass {
    /// Red, green, blue, 0‥255.
    pub rgb: [u8; 3],
    /// 0 hides it, 1 is a plain building.
    pub weight: f32,
}

/// Which cells a layer covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CellRegion {
    /// The world is 2^level cells wide.
    pub level: u32,
    /// Column and row of the first cell.
    pub origin: [u32; 2],
    /// Columns and rows.
    pub size: [u32; 2],
}

impl CellRegion {
    /// The region for a camera, with or without the margin.
    #[must_use]
    pub fn of(camera: &Camera, pixels_per_point: f32, margin: f64) -> Self {
        let px_per_world = camera.points_per_world() * f64::from(pixels_per_point);
        let level = (px_per_world / LEAST_CELL_PX).log2().floor().clamp(1.0, 30.0) as u32;
        let cells = f64::from(1u32 << level);
        let beyond = camera.size.map(|s| s * margin);
        let low = camera.world([-beyond[0], -beyond[1]]);
        let high = camera.world([camera.size[0] + beyond[0], camera.size[1] + beyond[1]]);
        let cell = |v: f64| (v * cells).floor().clamp(0.0, cells - 1.0) as u32;
        let origin = [cell(low.x), cell(low.y)];
        let end = [cell(high.x), cell(high.y)];
        Self { level, origin, size: [end[0] - origin[0] + 1, end[1] - origin[1] + 1] }
    }

    fn contains(&self, other: &Self) -> bool {
        let inside = |axis: usize| {
            self.origin[axis] <= other.origin[axis]
                && other.origin[axis] + other.size[axis] <= self.origin[axis] + self.size[axis]
        };
        self.level == other.level && inside(0) && inside(1)
    }

    /// The region's box, world units.
    #[must_use]
    pub fn bounds(&self) -> [f64; 4] {
        let cells = f64::from(1u32 << self.level);
        let at = |cell: u32| f64::from(cell) / cells;
        [
            at(self.origin[0]),
            at(self.origin[1]),
            at(self.origin[0] + self.size[0]),
            at(self.origin[1] + self.size[1]),
        ]
    }
}

/// The picture of a region, kept until it does not fit any more.
#[derive(Default)]
pub struct CellLayer {
    region: Option<CellRegion>,
    sums: Vec<[f32; 4]>,
    pixels: Vec<u8>,
}

impl CellLayer {
    /// Forgets the picture: colours or buildings have changed.
    pub fn clear(&mut self) {
        self.region = None;
    }

    /// What the picture shows.
    #[must_use]
    pub fn region(&self) -> Option<CellRegion> {
        self.region
    }

    /// Premultiplied RGBA, row by row from the north, one pixel a cell.
    #[must_use]
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// Makes the picture cover what the camera sees. Returns whether it changed.
    pub fn cover(
        &mut self,
        camera: &Camera,
        pixels_per_point: f32,
        scene: &Scene,
        states: &[u8],
        classes: &[CellClass],
    ) -> bool {
        let wanted = CellRegion::of(camera, pixels_per_point, 0.0);
        if self.region.is_some_and(|region| region.contains(&wanted)) {
            return false;
        }
        let region = CellRegion::of(camera, pixels_per_point, MARGIN);
        self.region = Some(region);
        accumulate(&mut self.sums, &region, scene, states, classes);
        self.resolve(&region);
        true
    }

    fn resolve(&mut self, region: &CellRegion) {
        let side = 2f32.powi(EXTENT_BITS as i32 - region.level as i32);
        let per_area = DENSITY / (side * side);
        self.pixels.resize(self.sums.len() * 4, 0);
        self.pixels.par_chunks_mut(4096 * 4).zip(self.sums.par_chunks(4096)).for_each(
            |(pixels, sums)| {
                for (pixel, sum) in pixels.as_chunks_mut::<4>().0.iter_mut().zip(sums) {
                    if sum[3] <= 0.0 {
                        *pixel = [0; 4];
                        continue;
                    }
                    // 1 − e⁻ˣ by the series of eˣ: monotone, and exact to 2 %.
                    let x = sum[3] * per_area;
                    let alpha = 1.0 - 1.0 / (1.0 + x * (1.0 + x * (0.5 + x / 6.0)));
                    let scale = alpha / sum[3];
                    let part = |v: f32| (v * scale + 0.5) as u8;
                    *pixel =
                        [part(sum[0]), part(sum[1]), part(sum[2]), (alpha * 255.0 + 0.5) as u8];
                }
            },
        );
    }
}

/// A box grown by what the rounding of a point's position and extent may reach beyond its own:
/// a building that ends on the border of two bands has a part in both.
fn with_rounding(b: [f64; 4]) -> [f64; 4] {
    let reach = 4.0 / f64::from(1u32 << EXTENT_BITS);
    [b[0] - reach, b[1] - reach, b[2] + reach, b[3] + reach]
}

/// Adds up area × weight, and the colours weighted with it, per cell: bands of rows side by side.
fn accumulate(
    sums: &mut Vec<[f32; 4]>,
    region: &CellRegion,
    scene: &Scene,
    states: &[u8],
    classes: &[CellClass],
) {
    let [columns, rows] = region.size;
    sums.clear();
    sums.resize(columns as usize * rows as usize, [0.0; 4]);
    let mut weights = [[0.0f32; 4]; 256];
    for (weight, class) in weights.iter_mut().zip(classes) {
        let [r, g, b] = class.rgb.map(|v| f32::from(v) * class.weight);
        *weight = [r, g, b, class.weight];
    }
    let (plan, points) = (&scene.chunks, &scene.points);
    let visible: Vec<usize> = plan.visible(with_rounding(region.bounds())).collect();
    let bands = rayon::current_num_threads().max(1) as u32;
    let band_rows = rows.div_ceil(bands).max(1);
    sums.par_chunks_mut((band_rows * columns) as usize).enumerate().for_each(|(band, sums)| {
        let first_row = region.origin[1] + band as u32 * band_rows;
        let band = CellRegion {
            level: region.level,
            origin: [region.origin[0], first_row],
            size: [columns, sums.len() as u32 / columns],
        };
        let bounds = with_rounding(band.bounds());
        for chunk in visible.iter().map(|c| &plan.chunks[*c]).filter(|c| c.meets(bounds)) {
            let features = chunk.features();
            for (feature, (point, state)) in
                features.clone().zip(points[features.clone()].iter().zip(&states[features]))
            {
                let weight = weights[usize::from(*state)];
                if weight[3] > 0.0 && !spread(sums, &band, point, weight) {
                    fill(sums, &band, scene.footprints(), feature, weight);
                }
            }
        }
    });
}

/// Spreads a building's area evenly over the cells that its box touches. False, with nothing
/// done, for a building that is too large for that.
fn spread(sums: &mut [[f32; 4]], band: &CellRegion, p: &CellPoint, weight: [f32; 4]) -> bool {
    let shift = POSITION_BITS - band.level;
    let half = p.half.map(|h| u32::from(h) << (POSITION_BITS - EXTENT_BITS));
    let column = |x: u32| i64::from(x >> shift) - i64::from(band.origin[0]);
    let row = |y: u32| i64::from(y >> shift) - i64::from(band.origin[1]);
    let (c0, c1) = (column(p.x.saturating_sub(half[0])), column(p.x.saturating_add(half[0])));
    let (r0, r1) = (row(p.y.saturating_sub(half[1])), row(p.y.saturating_add(half[1])));
    if c1 - c0 > LARGE_CELLS || r1 - r0 > LARGE_CELLS {
        return false;
    }
    let share = p.area / ((c1 - c0 + 1) * (r1 - r0 + 1)) as f32;
    let share = weight.map(|w| w * share);
    let (columns, rows) = (i64::from(band.size[0]), i64::from(band.size[1]));
    let (c0, c1) = (c0.max(0), (c1 + 1).min(columns));
    for r in r0.max(0)..(r1 + 1).min(rows) {
        if c0 < c1 {
            let line = (r * columns) as usize;
            add(&mut sums[line + c0 as usize..line + c1 as usize], share);
        }
    }
    true
}

fn add(cells: &mut [[f32; 4]], share: [f32; 4]) {
    for sum in cells {
        for (total, part) in sum.iter_mut().zip(share) {
            *total += part;
        }
    }
}

/// Fills a large building by its outline: four lines a row of cells, each cell by the share of
/// the line that is inside (even-odd rule; holes stay open).
fn fill(
    sums: &mut [[f32; 4]],
    band: &CellRegion,
    set: &FootprintSet,
    feature: usize,
    weight: [f32; 4],
) {
    const LINES: usize = 4;
    let cells = f64::from(1u32 << band.level);
    let side = 2f32.powi(EXTENT_BITS as i32 - band.level as i32);
    let share = weight.map(|w| w * side * side / LINES as f32);
    let (columns, rows) = (band.size[0] as usize, band.size[1] as usize);
    let mut crossings: Vec<(usize, f64)> = Vec::new();
    for ring in set.rings(feature) {
        let place = |c: &::geo::Coord| {
            let w = world_from_lon_lat(lon_lat(c.x, c.y));
            let y = w.y * cells - f64::from(band.origin[1]);
            (w.x * cells - f64::from(band.origin[0]), y * LINES as f64)
        };
        for edge in ring.coords.windows(2) {
            let (mut a, mut b) = (place(&edge[0]), place(&edge[1]));
            if a.1 > b.1 {
                std::mem::swap(&mut a, &mut b);
            }
            // Lines whose middle lies in [a, b).
            let first = (a.1 - 0.5).ceil().max(0.0) as usize;
            let end = (b.1 - 0.5).ceil().clamp(0.0, (rows * LINES) as f64) as usize;
            for line in first..end {
                let t = (line as f64 + 0.5 - a.1) / (b.1 - a.1);
                crossings.push((line, a.0 + (b.0 - a.0) * t));
            }
        }
    }
    crossings.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    for pair in crossings.chunks_exact(2).filter(|pair| pair[0].0 == pair[1].0) {
        let inside = |x: f64| x.clamp(0.0, columns as f64) as f32;
        let (from, to) = (inside(pair[0].1), inside(pair[1].1));
        let row = &mut sums[pair[0].0 / LINES * columns..][..columns];
        for column in from as usize..(to.ceil() as usize).min(columns) {
            let part = to.min(column as f32 + 1.0) - from.max(column as f32);
            add(&mut row[column..=column], share.map(|s| s * part));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::{BBox, FootprintSetBuilder, lon_lat};
    use ::geo::{MultiPolygon, Polygon};
    use proptest::prelude::*;

    fn scene(places: &[(f64, f64, f64)]) -> Scene {
        let mut builder = FootprintSetBuilder::default();
        for (index, &(x, y, side)) in places.iter().enumerate() {
            let ring = vec![(x, y), (x + side, y), (x + side, y + side), (x, y + side), (x, y)];
            let outline = MultiPolygon::new(vec![Polygon::new(ring.into(), Vec::new())]);
            builder.push(index as i64, &index.to_string(), &outline);
        }
        Scene::of_footprints(builder)
    }

    const WHITE: CellClass = CellClass { rgb: [255; 3], weight: 1.0 };

    proptest! {
        /// However the region is cut into bands and cells, no building is lost or counted twice.
        #[test]
        fn area_is_kept(
            places in prop::collection::vec(
                (120.0..120.2f64, 33.0..33.2f64, 1e-5..2e-3f64), 1..300),
            zoom in 10.0..15.0f64,
        ) {
            let scene = scene(&places);
            let states = vec![1u8; places.len()];
            let bounds = BBox { west: 119.9, south: 32.9, east: 120.3, north: 33.3 };
            let camera = Camera { size: [900.0, 700.0], ..Camera::default() }.fitted(&bounds, 0.0);
            let camera = Camera { zoom: zoom.min(camera.zoom), ..camera };
            let region = CellRegion::of(&camera, 1.0, MARGIN);
            let mut sums = Vec::new();
            let classes = [CellClass::default(), WHITE];
            accumulate(&mut sums, &region, &scene, &states, &classes);
            let total: f64 = sums.iter().map(|s| f64::from(s[3])).sum();
            let right: f64 = scene.points.iter().map(|p| f64::from(p.area)).sum();
            prop_assert!((total / right - 1.0).abs() < 1e-3, "{total} for {right}");
        }
    }

    #[test]
    fn a_building_that_ends_on_the_border_of_two_bands_has_a_part_in_both() {
        // Found by the property test above: the chunk's box ends just short of the second band.
        let places =
            [(120.0, 33.0, 1e-5), (120.0, 33.097_748_723_277_2, 0.001_846_137_079_730_936_1)];
        let scene = scene(&places);
        let bounds = BBox { west: 119.9, south: 32.9, east: 120.3, north: 33.3 };
        let camera = Camera { size: [900.0, 700.0], ..Camera::default() }.fitted(&bounds, 0.0);
        let camera = Camera { zoom: camera.zoom.min(11.420_406_166_883_845), ..camera };
        let region = CellRegion::of(&camera, 1.0, MARGIN);
        let (mut sums, classes) = (Vec::new(), [CellClass::default(), WHITE]);
        accumulate(&mut sums, &region, &scene, &[1, 1], &classes);
        let total: f64 = sums.iter().map(|s| f64::from(s[3])).sum();
        let right: f64 = scene.points.iter().map(|p| f64::from(p.area)).sum();
        assert!((total / right - 1.0).abs() < 1e-3, "{total} for {right}");
    }

    #[test]
    fn a_cell_lies_where_its_building_is() {
        let scene = scene(&[(120.05, 33.07, 1e-4)]);
        let bounds = BBox { west: 120.0, south: 33.0, east: 120.1, north: 33.1 };
        let camera = Camera { size: [800.0, 600.0], ..Camera::default() }.fitted(&bounds, 10.0);
        let mut layer = CellLayer::default();
        let classes = [CellClass::default(), WHITE];
        assert!(layer.cover(&camera, 1.0, &scene, &[1], &classes));
        let region = layer.region().unwrap();
        let at = camera.screen_of(lon_lat(120.050_05, 33.070_05));
        let b = region.bounds();
        let cell = |v: f64, low: f64| ((v - low) * f64::from(1u32 << region.level)) as usize;
        let w = camera.world(at);
        let (column, row) = (cell(w.x, b[0]), cell(w.y, b[1]));
        let alpha = |c: usize, r: usize| layer.pixels()[(r * region.size[0] as usize + c) * 4 + 3];
        assert!(alpha(column, row) > 0);
        let lit = layer.pixels().as_chunks::<4>().0.iter().filter(|p| p[3] > 0).count();
        assert!(lit <= 9, "{lit} cells for one small building");
        // A hidden class leaves nothing; panning within the margin changes nothing.
        assert!(!layer.cover(&camera, 1.0, &scene, &[0], &classes));
        layer.clear();
        assert!(layer.cover(&camera, 1.0, &scene, &[0], &classes));
        assert!(layer.pixels().iter().all(|v| *v == 0));
        let mut moved = camera;
        moved.pan([100.0, 60.0]);
        assert!(!layer.cover(&moved, 1.0, &scene, &[0], &classes));
        moved.pan([400.0, 0.0]);
        assert!(layer.cover(&moved, 1.0, &scene, &[0], &classes));
    }

    #[test]
    fn large_buildings_keep_their_shape_and_their_holes() {
        let ring = |x: f64, side: f64| {
            let (a, b) = (x, x + side);
            vec![
                (120.0 + a, 33.0 + a),
                (120.0 + b, 33.0 + a),
                (120.0 + b, 33.0 + b),
                (120.0 + a, 33.0 + b),
                (120.0 + a, 33.0 + a),
            ]
        };
        let mut builder = FootprintSetBuilder::default();
        let hole = ring(0.01, 0.02).into();
        let outline = MultiPolygon::new(vec![Polygon::new(ring(0.0, 0.04).into(), vec![hole])]);
        builder.push(1, "large", &outline);
        let scene = Scene::of_footprints(builder);
        let bounds = scene.footprints().bounds();
        let camera = Camera { size: [800.0, 600.0], ..Camera::default() }.fitted(&bounds, 10.0);
        let region = CellRegion::of(&camera, 1.0, MARGIN);
        let (mut sums, classes) = (Vec::new(), [CellClass::default(), WHITE]);
        accumulate(&mut sums, &region, &scene, &[1], &classes);
        let total: f64 = sums.iter().map(|s| f64::from(s[3])).sum();
        assert!((total / f64::from(scene.points[0].area) - 1.0).abs() < 0.02, "{total}");
        let low = region.bounds();
        let w = world_from_lon_lat(lon_lat(120.02, 33.02));
        let cell = |v: f64, low: f64| ((v - low) * f64::from(1u32 << region.level)) as usize;
        let middle = cell(w.y, low[1]) * region.size[0] as usize + cell(w.x, low[0]);
        assert_eq!(sums[middle], [0.0; 4], "the hole is open");
    }

    #[test]
    fn cells_stay_between_two_and_four_pixels() {
        for step in 0..200 {
            let camera = Camera { zoom: 4.0 + f64::from(step) * 0.07, ..Camera::default() };
            let region = CellRegion::of(&camera, 1.5, 0.0);
            let px = camera.points_per_world() * 1.5 / f64::from(1u32 << region.level);
            assert!((2.0..4.0).contains(&px), "{px}");
        }
    }
}
