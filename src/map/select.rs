//! Choosing many buildings at once: by a drawn area, or by a grid.

use ::geo::{Destination as _, Geodesic, Intersects as _};
use ::geo::{MultiPolygon, Point, Polygon};

use super::Scene;
use crate::domain::ids::BuildingId;
use crate::geo::{BBox, LonLat, polygon};

/// Corners of a circle that is drawn as a polygon: off by less than 0.1 % of its radius.
const CIRCLE_CORNERS: usize = 72;

/// How buildings join those that are selected already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Combine {
    /// In their stead.
    Replace,
    /// As well.
    Add,
    /// Out of the selection.
    Remove,
    /// Out if they are in, in if they are out.
    Toggle,
}

/// The area between two corners.
#[must_use]
pub fn rectangle(a: LonLat, b: LonLat) -> MultiPolygon {
    area_of(&[a, LonLat { lon: b.lon, lat: a.lat }, b, LonLat { lon: a.lon, lat: b.lat }])
}

/// The area inside a closed line; empty below three points.
#[must_use]
pub fn area_of(points: &[LonLat]) -> MultiPolygon {
    if points.len() < 3 {
        return MultiPolygon::new(Vec::new());
    }
    let ring: Vec<(f64, f64)> = points.iter().map(|p| (p.lon, p.lat)).collect();
    let drawn = MultiPolygon::new(vec![Polygon::new(ring.into(), Vec::new())]);
    // A line that crosses itself is a usual slip of the hand.
    match polygon::mend(&drawn) {
        polygon::Mended::Valid(area) | polygon::Mended::Repaired(area) => area,
        polygon::Mended::Hopeless(_) => MultiPolygon::new(Vec::new()),
    }
}

/// The area within so many metres of a point (geodesic, Karney 2013).
#[must_use]
pub fn circle(center: LonLat, metres: f64) -> MultiPolygon {
    let middle = Point::new(center.lon, center.lat);
    let ring: Vec<LonLat> = (0..CIRCLE_CORNERS)
        .map(|corner| {
            let bearing = 360.0 * corner as f64 / CIRCLE_CORNERS as f64;
            let p = Geodesic.destination(middle, bearing, metres);
            LonLat { lon: p.x(), lat: p.y() }
        })
        .collect();
    area_of(&ring)
}

/// Buildings that touch an area, by row id.
#[must_use]
pub fn touching(scene: &Scene, area: &MultiPolygon) -> Vec<BuildingId> {
    let bounds = polygon::bbox(area);
    if bounds.is_empty() {
        return Vec::new();
    }
    let footprints = scene.footprints();
    let is_plain = is_box(area, &bounds);
    let touches = |feature: &usize| {
        let b = footprints.bbox(*feature);
        let is_inside = b.west >= bounds.west
            && b.east <= bounds.east
            && b.south >= bounds.south
            && b.north <= bounds.north;
        (is_plain && is_inside)
            || polygon::contains_or_touches(area, scene.label(*feature).at)
            || footprints.outline(*feature).intersects(area)
    };
    let found = footprints.in_bbox(&bounds).into_iter().filter(touches);
    let mut ids: Vec<BuildingId> = found.map(|feature| scene.building_id(feature)).collect();
    ids.sort_unstable();
    ids
}

/// Buildings within so many metres of a point, by row id.
#[must_use]
pub fn within(scene: &Scene, center: LonLat, metres: f64) -> Vec<BuildingId> {
    touching(scene, &circle(center, metres))
}

/// Buildings of the grid a point lies in, by row id; none outside all grids.
#[must_use]
pub fn in_grid_at(scene: &Scene, p: LonLat) -> Vec<BuildingId> {
    let grid = scene
        .grids
        .iter()
        .find(|grid| grid.bounds.contains(p) && polygon::contains_or_touches(&grid.outline, p));
    let Some(grid) = grid else { return Vec::new() };
    let members = scene.labels().filter(|label| label.grid_id == Some(grid.grid_id));
    let mut ids: Vec<BuildingId> = members.map(|label| label.building_id).collect();
    ids.sort_unstable();
    ids
}

fn is_box(area: &MultiPolygon, bounds: &BBox) -> bool {
    let [part] = area.0.as_slice() else { return false };
    part.interiors().is_empty()
        && part.exterior().0.len() == 5
        && part.exterior().0.iter().all(|p| {
            (p.x == bounds.west || p.x == bounds.east)
                && (p.y == bounds.south || p.y == bounds.north)
        })
}

/// Joins two sorted lists of row ids.
#[must_use]
pub fn combine(old: &[BuildingId], new: &[BuildingId], how: Combine) -> Vec<BuildingId> {
    let is_in = |list: &[BuildingId], id: &BuildingId| list.binary_search(id).is_ok();
    let both = |old: &[BuildingId]| {
        let mut joined: Vec<BuildingId> = old.iter().chain(new).copied().collect();
        joined.sort_unstable();
        joined.dedup();
        joined
    };
    match how {
        Combine::Replace => new.to_vec(),
        Combine::Add => both(old),
        Combine::Remove => old.iter().filter(|id| !is_in(new, id)).copied().collect(),
        Combine::Toggle => {
            both(old).into_iter().filter(|id| is_in(old, id) != is_in(new, id)).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::{FootprintSetBuilder, lon_lat};
    use proptest::prelude::*;

    /// Squares of about 11 m on a raster of about 22 m.
    fn raster() -> Scene {
        let mut builder = FootprintSetBuilder::default();
        for i in 0..400i64 {
            let (x, y) = (120.0 + (i % 20) as f64 * 2e-4, 30.0 + (i / 20) as f64 * 2e-4);
            let outline = rectangle(lon_lat(x, y), lon_lat(x + 1e-4, y + 1e-4));
            builder.push(i + 1, &i.to_string(), &outline);
        }
        Scene::of_footprints(builder)
    }

    proptest! {
        #[test]
        fn areas_agree_with_brute_force(
            points in prop::collection::vec((-2e-4..4.2e-3f64, -2e-4..4.2e-3f64), 3..7),
        ) {
            let scene = raster();
            let points: Vec<LonLat> =
                points.iter().map(|(x, y)| lon_lat(120.0 + x, 30.0 + y)).collect();
            for area in [area_of(&points), rectangle(points[0], points[1])] {
                let found = touching(&scene, &area);
                let mut brute: Vec<BuildingId> = (0..scene.footprints().len())
                    .filter(|f| scene.footprints().outline(*f).intersects(&area))
                    .map(|f| scene.building_id(f))
                    .collect();
                brute.sort_unstable();
                prop_assert_eq!(found, brute);
            }
        }

        #[test]
        fn lists_combine_as_sets(
            a in prop::collection::btree_set((0..40i64).prop_map(BuildingId), 0..20),
            b in prop::collection::btree_set((0..40i64).prop_map(BuildingId), 0..20),
        ) {
            let lists: (Vec<BuildingId>, Vec<BuildingId>) =
                (a.iter().copied().collect(), b.iter().copied().collect());
            let done = |how| combine(&lists.0, &lists.1, how);
            prop_assert_eq!(done(Combine::Replace), lists.1.clone());
            prop_assert_eq!(done(Combine::Add), a.union(&b).copied().collect::<Vec<_>>());
            prop_assert_eq!(done(Combine::Remove), a.difference(&b).copied().collect::<Vec<_>>());
            let odd: Vec<BuildingId> = a.symmetric_difference(&b).copied().collect();
            prop_assert_eq!(done(Combine::Toggle), odd);
        }
    }

    #[test]
    fn circles_are_round_and_measured_in_metres() {
        let center = lon_lat(120.002, 30.002);
        let area = circle(center, 50.0);
        for corner in area.0[0].exterior() {
            assert!((center.geodesic_m(lon_lat(corner.x, corner.y)) - 50.0).abs() < 1e-6);
        }
        let scene = raster();
        let near = within(&scene, center, 30.0);
        assert!(!near.is_empty() && near.len() < within(&scene, center, 60.0).len());
        assert!(area_of(&[center]).0.is_empty());
        assert!(within(&scene, lon_lat(10.0, 10.0), 30.0).is_empty());
    }
}
