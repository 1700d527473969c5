//! Coordinates and shapes: Web Mercator, polygon measures and repair, the footprint index.
//!
//! Everything here works on WGS-84 longitude/latitude in f64 degrees. Nothing here knows what a
//! building is. The way in: [`FootprintSet`] for "what stands at this point", [`polygon`] for
//! validity and measures, [`mercator`] for the map plane.

pub mod footprints;
pub mod hilbert;
pub mod mercator;
pub mod polygon;

pub use footprints::{FootprintSet, FootprintSetBuilder};

use serde::Serialize;

/// A position: longitude and latitude, WGS-84 degrees, longitude first.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LonLat {
    /// Degrees east.
    pub lon: f64,
    /// Degrees north.
    pub lat: f64,
}

/// A [`LonLat`] from longitude and latitude in degrees, in this order.
#[must_use]
pub const fn lon_lat(lon: f64, lat: f64) -> LonLat {
    LonLat { lon, lat }
}

impl LonLat {
    /// Whether both values are finite and inside ±180° and ±90°.
    #[must_use]
    pub fn is_on_earth(self) -> bool {
        (-180.0..=180.0).contains(&self.lon) && (-90.0..=90.0).contains(&self.lat)
    }

    /// Distance in metres on the mean sphere (haversine); good to 0.5 %.
    #[must_use]
    pub fn distance_m(self, other: Self) -> f64 {
        use ::geo::{Distance as _, Haversine};
        Haversine.distance(
            ::geo::Point::new(self.lon, self.lat),
            ::geo::Point::new(other.lon, other.lat),
        )
    }
}

/// An axis-parallel box in degrees; empty when `west > east`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BBox {
    /// Least longitude.
    pub west: f64,
    /// Least latitude.
    pub south: f64,
    /// Greatest longitude.
    pub east: f64,
    /// Greatest latitude.
    pub north: f64,
}

impl BBox {
    /// The box that contains nothing and grows by [`BBox::add`].
    pub const EMPTY: Self = Self {
        west: f64::INFINITY,
        south: f64::INFINITY,
        east: f64::NEG_INFINITY,
        north: f64::NEG_INFINITY,
    };

    /// Whether nothing was ever added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.west > self.east || self.south > self.north
    }

    /// Grows the box to hold a point.
    pub fn add(&mut self, lon: f64, lat: f64) {
        self.west = self.west.min(lon);
        self.east = self.east.max(lon);
        self.south = self.south.min(lat);
        self.north = self.north.max(lat);
    }

    /// Grows the box to hold another one.
    pub fn merge(&mut self, other: &Self) {
        if !other.is_empty() {
            self.add(other.west, other.south);
            self.add(other.east, other.north);
        }
    }

    /// The middle of the box.
    #[must_use]
    pub fn center(&self) -> LonLat {
        lon_lat(f64::midpoint(self.west, self.east), f64::midpoint(self.south, self.north))
    }

    /// Whether the boxes share at least a point.
    #[must_use]
    pub fn intersects(&self, other: &Self) -> bool {
        self.west <= other.east
            && other.west <= self.east
            && self.south <= other.north
            && other.south <= self.north
    }

    /// Whether a point lies in the box or on its edge.
    #[must_use]
    pub fn contains(&self, p: LonLat) -> bool {
        (self.west..=self.east).contains(&p.lon) && (self.south..=self.north).contains(&p.lat)
    }
}
