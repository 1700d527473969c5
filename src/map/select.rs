//! Choosing many buildings at once: by a drawn area, or by a grid.

use ::geo::Intersects as _;
use ::geo::MultiPolygon;

use super::Scene;
use crate::domain::ids::BuildingId;
use crate::geo::area::circle;
use crate::geo::{BBox, LonLat, polygon};

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
    use crate::geo::area::{area_of, rectangle};
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
