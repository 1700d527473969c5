//! Points too close to tell apart on the screen stand as one with a number.
//!
//! Clusters are made per whole zoom level on a grid that is fixed to the world, so that they are
//! worked out once a level and only moved while the map pans, however many points there are.

use std::collections::HashMap;

use crate::geo::mercator::{World, lon_lat_from_world};
use crate::geo::{BBox, LonLat};

/// Points that share a cell.
#[derive(Debug, Clone, PartialEq)]
pub struct Cluster {
    /// Middle of its points.
    pub at: World,
    /// How many points.
    pub count: u32,
    /// Position of its first point in the list that was given.
    pub first: usize,
    /// Whether any of its points is marked.
    pub is_marked: bool,
    low: World,
    high: World,
}

impl Cluster {
    /// Box around its points, degrees.
    #[must_use]
    pub fn bounds(&self) -> BBox {
        let mut bounds = BBox::EMPTY;
        for corner in [self.low, self.high] {
            let LonLat { lon, lat } = lon_lat_from_world(corner);
            bounds.add(lon, lat);
        }
        bounds
    }
}

/// Groups points (position in a list, place, mark) by square cells of the world, in the order of
/// their first points.
#[must_use]
pub fn clusters(points: impl Iterator<Item = (usize, World, bool)>, cell: f64) -> Vec<Cluster> {
    let mut of_cell: HashMap<(i64, i64), usize> = HashMap::new();
    let mut found: Vec<Cluster> = Vec::new();
    for (index, at, is_marked) in points {
        let key = ((at.y / cell).floor() as i64, (at.x / cell).floor() as i64);
        let number = *of_cell.entry(key).or_insert(found.len());
        match found.get_mut(number) {
            None => {
                found.push(Cluster { at, count: 1, first: index, is_marked, low: at, high: at });
            }
            Some(cluster) => {
                cluster.count += 1;
                let part = 1.0 / f64::from(cluster.count);
                cluster.at.x += (at.x - cluster.at.x) * part;
                cluster.at.y += (at.y - cluster.at.y) * part;
                cluster.is_marked |= is_marked;
                cluster.low = World { x: cluster.low.x.min(at.x), y: cluster.low.y.min(at.y) };
                cluster.high = World { x: cluster.high.x.max(at.x), y: cluster.high.y.max(at.y) };
            }
        }
    }
    found
}

/// Clusters of one level, kept until something they depend on changes.
#[derive(Default)]
pub struct ClusterCache<K> {
    made_for: Option<(K, i32)>,
    clusters: Vec<Cluster>,
}

impl<K: PartialEq> ClusterCache<K> {
    /// The clusters for a zoom: cells are `cell_points` to twice as wide on the screen. `make`
    /// gives the points when the key or the level is another one than before.
    pub fn at<I: Iterator<Item = (usize, World, bool)>>(
        &mut self,
        key: K,
        zoom: f64,
        cell_points: f64,
        make: impl FnOnce() -> I,
    ) -> &[Cluster] {
        let level = zoom.floor() as i32;
        let made_for = Some((key, level));
        if self.made_for != made_for {
            let cell = cell_points / (256.0 * f64::from(level).exp2());
            self.clusters = clusters(make(), cell);
            self.made_for = made_for;
        }
        &self.clusters
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_point_is_lost(
            places in prop::collection::vec((0.5..0.50001f64, 0.4..0.40001f64), 1..300),
            zoom in 10.0..20.0f64,
        ) {
            let mut cache = ClusterCache::default();
            let points = || places.iter().enumerate().map(|(i, &(x, y))| (i, World { x, y }, i == 7));
            let found = cache.at(1, zoom, 34.0, points);
            prop_assert_eq!(found.iter().map(|c| c.count as usize).sum::<usize>(), places.len());
            prop_assert_eq!(found.iter().any(|c| c.is_marked), places.len() > 7);
            for c in found {
                prop_assert!(c.low.x <= c.at.x && c.at.x <= c.high.x);
                prop_assert!(c.count > 1 || c.at.x == places[c.first].0);
            }
        }
    }

    #[test]
    fn clusters_are_made_once_a_level() {
        let mut cache = ClusterCache::default();
        let mut made = 0;
        for (key, zoom) in [(1, 12.0), (1, 12.9), (1, 13.0), (2, 13.0), (2, 13.5)] {
            cache.at(key, zoom, 34.0, || {
                made += 1;
                std::iter::empty()
            });
        }
        assert_eq!(made, 3);
    }
}
