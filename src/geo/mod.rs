//! Coordinates and shapes: Web Mercator, polygon measures and repair, the footprint index.
//!
//! Everything here works on WGS-84 longitude/latitude in f64 degrees. Nothing here knows what a
//! building is. The way in: [`FootprintSet`] for "what stands at this point", [`polygon`] for
//! validity and measures, [`mercator`] for the map plane.

pub mod area;
pub mod crossings;
pub mod crs;
pub mod datum;
pub mod footprints;
pub mod hilbert;
pub mod mercator;
pub mod polygon;
pub mod rings;

pub use footprints::{FootprintSet, FootprintSetBuilder};

use serde::Serialize;

/// A position: longitude and latitude, WGS-84 degrees, longitude first.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, serde::Deserialize)]
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

    /// Reads a position as people write it: two numbers in degrees, longitude first unless the
    /// first can only be a latitude (`120.15, 33.34`, `33.34 120.15`, `120.15°E 33.34°N`).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let tidy: String = text
            .chars()
            .map(|c| if c.is_ascii_digit() || matches!(c, '.' | '-') { c } else { ' ' })
            .collect();
        let has_words = text.chars().any(|c| {
            c.is_alphabetic()
                && !matches!(c.to_ascii_uppercase(), 'E' | 'N' | '东' | '北' | '经' | '纬')
        });
        let parts: Vec<&str> = tidy.split_whitespace().collect();
        let [a, b] = parts[..] else { return None };
        if has_words || !(a.contains('.') && b.contains('.')) {
            return None;
        }
        let (a, b): (f64, f64) = (a.parse().ok()?, b.parse().ok()?);
        let read = if a.abs() <= 90.0 && b.abs() > 90.0 { lon_lat(b, a) } else { lon_lat(a, b) };
        read.is_on_earth().then_some(read)
    }

    /// Distance in metres on the WGS-84 ellipsoid (Karney 2013).
    #[must_use]
    pub fn geodesic_m(self, other: Self) -> f64 {
        use ::geo::{Distance as _, Geodesic};
        let point = |p: Self| ::geo::Point::new(p.lon, p.lat);
        Geodesic.distance(point(self), point(other))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_as_people_write_them() {
        let check = |text: &str, expect: Option<(f64, f64)>| {
            assert_eq!(LonLat::parse(text).map(|p| (p.lon, p.lat)), expect, "{text}");
        };
        check("120.1534, 33.3471", Some((120.1534, 33.3471)));
        check("33.3471 120.1534", Some((120.1534, 33.3471)));
        check("120.1534°E，33.3471°N", Some((120.1534, 33.3471)));
        check("东经120.1534 北纬33.3471", Some((120.1534, 33.3471)));
        check("-70.5,-33.4", Some((-70.5, -33.4)));
        check("138 1234 5678", None);
        check("3幢 501", None);
        check("橡树湾 1.5 2.5", None);
        check("200.5, 100.5", None);
    }

    #[test]
    fn a_degree_of_the_meridian() {
        // Vincenty's test of a meridian arc near the equator: 110.574 km a degree (WGS 84).
        let metres = lon_lat(0.0, 0.0).geodesic_m(lon_lat(0.0, 1.0));
        assert!((metres - 110_574.4).abs() < 0.5, "{metres}");
    }
}
