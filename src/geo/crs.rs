//! Coordinate systems of building files: geographic, Gauss–Krüger, Web Mercator, and the shifted
//! Chinese datums. All of them end as WGS-84 degrees; CGCS2000 is taken as equal to WGS-84 (the two
//! differ by centimetres).
//!
//! Gauss–Krüger zones as in GB/T 13989 and the EPSG registry: 6° zones 13–23 (central meridians
//! 75–135), 3° zones 25–45 (the same, every 3°); false easting 500 km, in front of it the zone's
//! number or nothing.

use proj4rs::Proj;
use proj4rs::transform::transform;

use super::datum::Datum;
use super::{BBox, FootprintSet, LonLat, lon_lat};

/// A coordinate system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crs {
    /// Longitude and latitude in degrees, of a datum.
    Geographic(Datum),
    /// Web Mercator, metres (EPSG:3857).
    WebMercator,
    /// CGCS2000 Gauss–Krüger, metres.
    GaussKruger {
        /// Central meridian, degrees east.
        meridian: u8,
        /// Number of the zone in front of the easting.
        zone: Option<u8>,
    },
    /// Another system of the EPSG registry that is read here: UTM, and the older datums of China and
    /// Japan. See [`Crs::by_epsg`].
    Listed(u32),
}

/// A projection of a system in [`Crs::Listed`].
enum Listed {
    /// Longitude and latitude.
    Degrees,
    /// UTM zone, south of the equator.
    Utm(u32, bool),
    /// Gauss–Krüger: central meridian, false easting in metres.
    GaussKruger(u32, u32),
    /// Japan's plane rectangular system, zone 1–19.
    Japan(u32),
}

/// Origins of Japan's plane rectangular zones, degrees: latitude, longitude (Geospatial Information
/// Authority of Japan, notification 9 of 2002).
const JAPAN_ORIGINS: [(f64, f64); 19] = [
    (33.0, 129.5),
    (33.0, 131.0),
    (36.0, 132.0 + 10.0 / 60.0),
    (33.0, 133.5),
    (36.0, 134.0 + 20.0 / 60.0),
    (36.0, 136.0),
    (36.0, 137.0 + 10.0 / 60.0),
    (36.0, 138.5),
    (36.0, 139.0 + 50.0 / 60.0),
    (40.0, 140.0 + 50.0 / 60.0),
    (44.0, 140.25),
    (44.0, 142.25),
    (44.0, 144.25),
    (26.0, 142.0),
    (26.0, 127.5),
    (26.0, 124.0),
    (26.0, 131.0),
    (20.0, 136.0),
    (26.0, 154.0),
];

/// A datum that is not WGS-84 or its equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OldDatum {
    /// Xian 1980: no public transformation.
    Xian80,
    /// Beijing 1954: no public transformation.
    Beijing54,
    /// Tokyo: moved by the national average.
    Tokyo,
}

/// How the numbers of a file are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// The system.
    pub crs: Crs,
    /// Whether the northing (or latitude) comes first: in Chinese surveying X points north.
    pub north_first: bool,
}

impl Crs {
    /// A system by its name: `wgs84`, `cgcs2000`, `gcj02`, `bd09`, `web-mercator`, `gk:117` (a
    /// central meridian), `gk-zone:39` (a zone that stands before the easting), `epsg:4547`.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        let name = name.trim().to_lowercase();
        if let Some(code) = name.strip_prefix("epsg:") {
            return Self::by_epsg(code.parse().ok()?);
        }
        if let Some(meridian) = name.strip_prefix("gk:") {
            let meridian: u8 = meridian.parse().ok()?;
            let is_one = (75..=135).contains(&meridian) && meridian.is_multiple_of(3);
            return is_one.then_some(Self::GaussKruger { meridian, zone: None });
        }
        if let Some(zone) = name.strip_prefix("gk-zone:") {
            return Self::of_zone(zone.parse().ok()?);
        }
        Some(match name.as_str() {
            "wgs84" | "cgcs2000" => Self::Geographic(Datum::Wgs84),
            "gcj02" => Self::Geographic(Datum::Gcj02),
            "bd09" => Self::Geographic(Datum::Bd09),
            "web-mercator" => Self::WebMercator,
            _ => return None,
        })
    }

    /// A system by its number in the EPSG registry.
    #[must_use]
    pub fn by_epsg(code: u32) -> Option<Self> {
        let plain = |meridian: u32| Self::GaussKruger { meridian: meridian as u8, zone: None };
        match code {
            // JGD2000 and JGD2011 equal WGS-84 here, as CGCS2000 does.
            4326 | 4490 | 4979 | 4612 | 6668 | 6697 => Some(Self::Geographic(Datum::Wgs84)),
            3857 | 900_913 | 3785 => Some(Self::WebMercator),
            4491..=4501 => Self::of_zone((code - 4491 + 13) as u8),
            4502..=4512 => Some(plain(75 + (code - 4502) * 6)),
            4513..=4533 => Self::of_zone((code - 4513 + 25) as u8),
            4534..=4554 => Some(plain(75 + (code - 4534) * 3)),
            _ => Self::Listed(code).listed().map(|_| Self::Listed(code)),
        }
    }

    /// The projection of a listed system, and its datum where it is an old one.
    fn listed(self) -> Option<(Listed, Option<OldDatum>)> {
        use Listed::{Degrees, GaussKruger, Japan, Utm};
        use OldDatum::{Beijing54, Tokyo, Xian80};
        let Self::Listed(code) = self else { return None };
        let by_zone6 = |zone: u32| GaussKruger(zone * 6 - 3, zone * 1_000_000 + 500_000);
        let by_zone3 = |zone: u32| GaussKruger(zone * 3, zone * 1_000_000 + 500_000);
        let plain = |meridian: u32| GaussKruger(meridian, 500_000);
        Some(match code {
            32601..=32660 => (Utm(code - 32600, false), None),
            32701..=32760 => (Utm(code - 32700, true), None),
            3097..=3101 => (Utm(code - 3097 + 51, false), None),
            6688..=6692 => (Utm(code - 6688 + 51, false), None),
            4610 => (Degrees, Some(Xian80)),
            2327..=2337 => (by_zone6(code - 2327 + 13), Some(Xian80)),
            2338..=2348 => (plain(75 + (code - 2338) * 6), Some(Xian80)),
            2349..=2369 => (by_zone3(code - 2349 + 25), Some(Xian80)),
            2370..=2390 => (plain(75 + (code - 2370) * 3), Some(Xian80)),
            4214 => (Degrees, Some(Beijing54)),
            21413..=21423 => (by_zone6(code - 21400), Some(Beijing54)),
            21453..=21463 => (plain(75 + (code - 21453) * 6), Some(Beijing54)),
            2401..=2421 => (by_zone3(code - 2401 + 25), Some(Beijing54)),
            2422..=2442 => (plain(75 + (code - 2422) * 3), Some(Beijing54)),
            4301 => (Degrees, Some(Tokyo)),
            30161..=30179 => (Japan(code - 30160), Some(Tokyo)),
            2443..=2461 => (Japan(code - 2442), None),
            6669..=6687 => (Japan(code - 6668), None),
            _ => return None,
        })
    }

    /// The old datum of a system, if it has one: its positions are some 100 to 450 m off.
    #[must_use]
    pub fn old_datum(self) -> Option<OldDatum> {
        self.listed().and_then(|(_, datum)| datum)
    }

    /// Gauss–Krüger with a zone's number before the easting: 13–23 (6°) or 25–45 (3°).
    #[must_use]
    pub fn of_zone(zone: u8) -> Option<Self> {
        let meridian = match zone {
            13..=23 => zone * 6 - 3,
            25..=45 => zone * 3,
            _ => return None,
        };
        Some(Self::GaussKruger { meridian, zone: Some(zone) })
    }

    /// Its name, as [`Crs::by_name`] reads it.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Geographic(Datum::Wgs84) => "wgs84".to_owned(),
            Self::Geographic(Datum::Gcj02) => "gcj02".to_owned(),
            Self::Geographic(Datum::Bd09) => "bd09".to_owned(),
            Self::WebMercator => "web-mercator".to_owned(),
            Self::GaussKruger { zone: Some(zone), .. } => format!("gk-zone:{zone}"),
            Self::GaussKruger { meridian, zone: None } => format!("gk:{meridian}"),
            Self::Listed(code) => format!("epsg:{code}"),
        }
    }

    fn proj(self) -> Option<Proj> {
        let text = match self {
            Self::Geographic(_) => return None,
            Self::Listed(_) => {
                let (listed, datum) = self.listed()?;
                // IAG 1975, Krassovsky 1940, Bessel 1841 with Tokyo's national average (EPSG 15484).
                let figure = match datum {
                    None => "+ellps=GRS80",
                    Some(OldDatum::Xian80) => "+a=6378140 +rf=298.257",
                    Some(OldDatum::Beijing54) => "+a=6378245 +rf=298.3",
                    Some(OldDatum::Tokyo) => {
                        "+a=6377397.155 +rf=299.1528128 +towgs84=-146.414,507.337,680.507"
                    }
                };
                let projection = match listed {
                    Listed::Degrees => "+proj=longlat".to_owned(),
                    Listed::Utm(zone, is_south) => {
                        let (meridian, north) =
                            (i64::from(zone) * 6 - 183, if is_south { 10_000_000 } else { 0 });
                        format!(
                            "+proj=tmerc +lat_0=0 +lon_0={meridian} +k=0.9996 +x_0=500000 \
                             +y_0={north} +units=m"
                        )
                    }
                    Listed::GaussKruger(meridian, easting) => format!(
                        "+proj=tmerc +lat_0=0 +lon_0={meridian} +k=1 +x_0={easting} +y_0=0 +units=m"
                    ),
                    Listed::Japan(zone) => {
                        let (lat, lon) = JAPAN_ORIGINS[zone as usize - 1];
                        format!(
                            "+proj=tmerc +lat_0={lat} +lon_0={lon} +k=0.9999 +x_0=0 +y_0=0 +units=m"
                        )
                    }
                };
                format!("{projection} {figure} +no_defs")
            }
            Self::WebMercator => {
                "+proj=merc +a=6378137 +b=6378137 +lat_ts=0 +lon_0=0 +x_0=0 +y_0=0 +k=1 +units=m \
                 +nadgrids=@null +no_defs"
                    .to_owned()
            }
            Self::GaussKruger { meridian, zone } => {
                let easting = 500_000 + u32::from(zone.unwrap_or(0)) * 1_000_000;
                format!(
                    "+proj=tmerc +lat_0=0 +lon_0={meridian} +k=1 +x_0={easting} +y_0=0 \
                     +ellps=GRS80 +units=m +no_defs"
                )
            }
        };
        Proj::from_proj_string(&text).ok()
    }
}

/// Turns positions of a file into WGS-84 degrees.
pub struct ToWgs84 {
    reading: Reading,
    from: Option<Proj>,
    to: Option<Proj>,
}

impl ToWgs84 {
    /// For a reading.
    #[must_use]
    pub fn new(reading: Reading) -> Self {
        // A datum with a shift needs one to shift to.
        let has_shift = reading.crs.old_datum() == Some(OldDatum::Tokyo);
        let target = if has_shift {
            "+proj=longlat +ellps=WGS84 +towgs84=0,0,0 +no_defs"
        } else {
            "+proj=longlat +ellps=GRS80 +no_defs"
        };
        let to = Proj::from_proj_string(target).ok();
        Self { reading, from: reading.crs.proj(), to }
    }

    /// WGS-84 degrees of a position as it stands in the file. `None` when it has none.
    #[must_use]
    pub fn apply(&self, first: f64, second: f64) -> Option<LonLat> {
        let (x, y) = if self.reading.north_first { (second, first) } else { (first, second) };
        let p = match (self.reading.crs, &self.from, &self.to) {
            (Crs::Geographic(datum), ..) => {
                let p = lon_lat(x, y);
                p.is_on_earth().then(|| datum.to_wgs84(p))?
            }
            (_, Some(from), Some(to)) => {
                // Geographic systems are in degrees, which the library takes in radians.
                let is_degrees = matches!(self.reading.crs.listed(), Some((Listed::Degrees, _)));
                let mut at =
                    if is_degrees { (x.to_radians(), y.to_radians(), 0.0) } else { (x, y, 0.0) };
                transform(from, to, &mut at).ok()?;
                lon_lat(at.0.to_degrees(), at.1.to_degrees())
            }
            _ => return None,
        };
        p.is_on_earth().then_some(p)
    }
}

/// What the numbers of a file look like by their ranges: the readings that put all of them into
/// China or, for degrees, onto the earth; best first. `near` is what is loaded: it chooses among the
/// central meridians of coordinates without a zone.
#[must_use]
pub fn guess(sample: &[(f64, f64)], near: Option<&BBox>) -> Vec<Reading> {
    let all = |test: &dyn Fn(f64, f64) -> bool| {
        !sample.is_empty() && sample.iter().all(|(x, y)| test(*x, *y))
    };
    let geographic = Crs::Geographic(Datum::Wgs84);
    // 31.2, 121.5: the latitude stands first.
    let is_turned = all(&|x, y| (3.0..=54.0).contains(&x) && (73.0..=136.0).contains(&y));
    if is_turned || all(&|x, y| x.abs() <= 180.0 && y.abs() <= 90.0) {
        return vec![Reading { crs: geographic, north_first: is_turned }];
    }
    let mut found = Vec::new();
    for north_first in [false, true] {
        let turn = |x: f64, y: f64| if north_first { (y, x) } else { (x, y) };
        let is_north = |y: f64| (300_000.0..=6_100_000.0).contains(&y);
        let zone_of = |x: f64| (x / 1_000_000.0).floor();
        if all(&|x, y| is_north(turn(x, y).1) && turn(x, y).0 >= 13_000_000.0) {
            let zone = zone_of(turn(sample[0].0, sample[0].1).0);
            let crs = Crs::of_zone(zone as u8).filter(|_| {
                all(&|x, y| {
                    let easting = turn(x, y).0 - zone * 1_000_000.0;
                    (100_000.0..=900_000.0).contains(&easting)
                })
            });
            found.extend(crs.map(|crs| Reading { crs, north_first }));
        }
        let is_east = |x: f64| (100_000.0..=900_000.0).contains(&x);
        if all(&|x, y| is_east(turn(x, y).0) && is_north(turn(x, y).1)) {
            let mut fits: Vec<(f64, Reading)> = (75..=135)
                .step_by(3)
                .filter_map(|meridian| {
                    let crs = Crs::GaussKruger { meridian, zone: None };
                    let reading = Reading { crs, north_first };
                    let p = ToWgs84::new(reading).apply(sample[0].0, sample[0].1)?;
                    Some((distance_deg(near?, p), reading))
                })
                .filter(|(far, _)| *far < 1.0)
                .collect();
            fits.sort_by(|a, b| a.0.total_cmp(&b.0));
            found.extend(fits.into_iter().map(|(_, reading)| reading));
        }
    }
    let is_mercator = |x: f64, y: f64| {
        (8_100_000.0..=15_200_000.0).contains(&x) && (300_000.0..=7_200_000.0).contains(&y)
    };
    if all(&is_mercator) {
        found.push(Reading { crs: Crs::WebMercator, north_first: false });
    }
    found
}

/// Every way the numbers of a file can be meant, best first: what [`guess`] says, then the other
/// datums of degrees, or the other central meridians of metres without a zone.
#[must_use]
pub fn readings(sample: &[(f64, f64)], near: Option<&BBox>) -> Vec<Reading> {
    let mut found = guess(sample, near);
    if let Some(Reading { crs: Crs::Geographic(_), north_first }) = found.first().copied() {
        let datums = [Datum::Wgs84, Datum::Gcj02, Datum::Bd09];
        return datums.map(|d| Reading { crs: Crs::Geographic(d), north_first }).to_vec();
    }
    let is_metric = |x: f64, y: f64| {
        (100_000.0..=900_000.0).contains(&x) && (300_000.0..=6_100_000.0).contains(&y)
    };
    for north_first in [false, true] {
        let turn = |x: f64, y: f64| if north_first { (y, x) } else { (x, y) };
        let fits = |(x, y): &(f64, f64)| is_metric(turn(*x, *y).0, turn(*x, *y).1);
        if sample.is_empty() || !sample.iter().all(fits) {
            continue;
        }
        for meridian in (75..=135).step_by(3) {
            let reading = Reading { crs: Crs::GaussKruger { meridian, zone: None }, north_first };
            if !found.contains(&reading) {
                found.push(reading);
            }
        }
    }
    found
}

/// Which datum makes outlines in degrees fall on what is loaded: the share of outlines whose middle
/// stands in a loaded building, 0 to 1, under each datum. The outlines are as the file has them.
#[must_use]
pub fn overlaps(outlines: &[Vec<LonLat>], loaded: &FootprintSet) -> [(Datum, f64); 3] {
    [Datum::Wgs84, Datum::Gcj02, Datum::Bd09].map(|datum| {
        let falls_on = |ring: &&Vec<LonLat>| {
            let n = ring.len().max(1) as f64;
            let (x, y) = ring.iter().fold((0.0, 0.0), |(x, y), p| (x + p.lon, y + p.lat));
            !loaded.at(datum.to_wgs84(lon_lat(x / n, y / n))).is_empty()
        };
        let count = outlines.iter().filter(falls_on).count();
        (datum, count as f64 / outlines.len().max(1) as f64)
    })
}

/// The datum that fits clearly better than WGS-84, if one does: most outlines fall on what is
/// loaded, and at least twice as many.
#[must_use]
pub fn better_datum(overlaps: &[(Datum, f64); 3]) -> Option<Datum> {
    let plain = overlaps[0].1;
    let best = overlaps.iter().max_by(|a, b| a.1.total_cmp(&b.1))?;
    (best.0 != Datum::Wgs84 && best.1 >= 0.5 && best.1 >= plain * 2.0).then_some(best.0)
}

/// How far a position is from a box, degrees; 0 inside.
fn distance_deg(near: &BBox, p: LonLat) -> f64 {
    let x = (near.west - p.lon).max(p.lon - near.east).max(0.0);
    let y = (near.south - p.lat).max(p.lat - near.north).max(0.0);
    x.hypot(y)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, at: (f64, f64), expect: (f64, f64)) {
        let crs = Crs::by_name(name).unwrap();
        let p = ToWgs84::new(Reading { crs, north_first: false }).apply(at.0, at.1).unwrap();
        let off = (p.lon - expect.0).abs().max((p.lat - expect.1).abs());
        // A millimetre on the ground: as exact as the printed arc.
        assert!(off < 1e-8, "{name} {at:?}: {p:?}, not {expect:?}");
    }

    #[test]
    fn reference_points() {
        // The meridian arc of GRS80 to 45° north is 4,984,944.3780 m (Deakin & Hunter, Geometric
        // Geodesy, Part A); on a central meridian it is the northing.
        check("gk:117", (500_000.0, 4_984_944.378), (117.0, 45.0));
        check("gk-zone:39", (39_500_000.0, 4_984_944.378), (117.0, 45.0));
        check("gk-zone:20", (20_500_000.0, 4_984_944.378), (117.0, 45.0));
        check("epsg:4548", (500_000.0, 4_984_944.378), (117.0, 45.0));
        // Where Web Mercator ends: half the equator (EPSG Guidance Note 7-2, 3857).
        // UTM's scale on the central meridian is 0.9996 (EPSG Guidance Note 7-2, 9807).
        check("epsg:32650", (500_000.0, 4_984_944.378 * 0.9996), (117.0, 45.0));
        check("web-mercator", (20_037_508.342_789_244, 0.0), (180.0, 0.0));
        check("epsg:3857", (13_358_338.895_192_83, 0.0), (120.0, 0.0));
    }

    #[test]
    fn names_and_registry_agree() {
        for (epsg, name) in [
            (4490, "wgs84"),
            (4513, "gk-zone:25"),
            (4533, "gk-zone:45"),
            (4534, "gk:75"),
            (4548, "gk:117"),
            (4554, "gk:135"),
            (4491, "gk-zone:13"),
            (4501, "gk-zone:23"),
            (4502, "gk:75"),
            (4508, "gk:111"),
        ] {
            let crs = Crs::by_epsg(epsg).unwrap();
            assert_eq!(crs.name(), name, "{epsg}");
            assert_eq!(Crs::by_name(name), Some(crs), "{epsg}");
        }
        assert_eq!(Crs::by_name("gk:116"), None);
        assert_eq!(Crs::by_epsg(32650).map(Crs::name), Some("epsg:32650".to_owned()));
        assert_eq!(Crs::by_name("epsg:2360"), Some(Crs::Listed(2360)));
        assert_eq!(Crs::by_epsg(27700), None);
    }

    #[test]
    fn guesses() {
        let near = BBox { west: 116.9, south: 39.0, east: 117.2, north: 39.2 };
        let check = |at: (f64, f64), expect: &str| {
            let found = guess(&[at], Some(&near));
            let text = found
                .first()
                .map(|r| format!("{}{}", r.crs.name(), if r.north_first { " turned" } else { "" }))
                .unwrap_or_default();
            assert_eq!(text, expect, "{at:?}");
        };
        check((117.1, 39.1), "wgs84");
        check((39.1, 117.1), "wgs84 turned");
        check((508_645.0, 4_329_683.0), "gk:117");
        check((4_329_683.0, 508_645.0), "gk:117 turned");
        check((39_508_645.0, 4_329_683.0), "gk-zone:39");
        check((20_508_645.0, 4_329_683.0), "gk-zone:20");
        check((4_329_683.0, 39_508_645.0), "gk-zone:39 turned");
        check((13_035_512.0, 4_736_000.0), "web-mercator");
        check((1e12, 5.0), "");
        assert!(guess(&[(508_645.0, 4_329_683.0)], None).is_empty(), "which meridian?");
    }

    #[test]
    fn older_datums() {
        let place = |name: &str, at: (f64, f64)| {
            let crs = Crs::by_name(name).unwrap();
            ToWgs84::new(Reading { crs, north_first: false }).apply(at.0, at.1).unwrap()
        };
        // The datum point of Tokyo, 35°39'17.5148" N 139°44'40.5020" E, is 35°39'29.1572" N
        // 139°44'28.8869" E in JGD2011 (Geospatial Information Authority of Japan, 2011); the
        // national average is some metres off.
        let p = place("epsg:4301", (139.744_584, 35.654_865));
        assert!((p.lon - 139.741_358).abs() < 1e-4 && (p.lat - 35.658_099).abs() < 1e-4, "{p:?}");
        let p = place("epsg:6677", (0.0, 0.0));
        assert!((p.lon - (139.0 + 50.0 / 60.0)).abs() < 1e-9 && (p.lat - 36.0).abs() < 1e-9);
        // On the central meridian whatever the figure of the earth.
        let p = place("epsg:2364", (40_500_000.0, 3_700_000.0));
        assert!((p.lon - 120.0).abs() < 1e-9 && (33.0..34.0).contains(&p.lat), "{p:?}");
        assert_eq!(Crs::by_name("epsg:2364").unwrap().old_datum(), Some(OldDatum::Xian80));
        assert_eq!(Crs::by_name("epsg:4490").unwrap().old_datum(), None);
    }
}
