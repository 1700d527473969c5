//! Chinese map datums: GCJ-02, by which published maps are shifted, and BD-09 on top of it.
//!
//! Neither shift has a published definition; these are the formulas known from practice, held
//! against the test vectors of eviltransform and coordtransform. Outside China nothing is shifted.

use std::f64::consts::PI;

use super::{LonLat, lon_lat};

/// Semi-major axis and squared eccentricity of the Krasovsky 1940 ellipsoid, which the shift uses.
const AXIS: f64 = 6_378_245.0;
const ECCENTRICITY_2: f64 = 0.006_693_421_622_965_943;
/// BD-09's turn.
const TURN: f64 = PI * 3000.0 / 180.0;

/// Which coordinates a map is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub enum Datum {
    /// WGS-84, and CGCS2000, which is taken as equal.
    #[default]
    Wgs84,
    /// GCJ-02, of most Chinese web maps.
    Gcj02,
    /// BD-09, of Baidu.
    Bd09,
}

fn is_shifted(p: LonLat) -> bool {
    (72.004..=137.8347).contains(&p.lon) && (0.8293..=55.8271).contains(&p.lat)
}

fn wave(x: f64, y: f64) -> (f64, f64) {
    let sway = |v: f64| 20.0 * (6.0 * v * PI).sin() + 20.0 * (2.0 * v * PI).sin();
    let north = -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * x.abs().sqrt()
        + sway(x) * 2.0 / 3.0
        + (20.0 * (y * PI).sin() + 40.0 * (y / 3.0 * PI).sin()) * 2.0 / 3.0
        + (160.0 * (y / 12.0 * PI).sin() + 320.0 * (y * PI / 30.0).sin()) * 2.0 / 3.0;
    let east = 300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * x.abs().sqrt()
        + sway(x) * 2.0 / 3.0
        + (20.0 * (x * PI).sin() + 40.0 * (x / 3.0 * PI).sin()) * 2.0 / 3.0
        + (150.0 * (x / 12.0 * PI).sin() + 300.0 * (x / 30.0 * PI).sin()) * 2.0 / 3.0;
    (north, east)
}

/// Shifts WGS-84 degrees to GCJ-02.
#[must_use]
pub fn gcj02_from_wgs84(p: LonLat) -> LonLat {
    if !is_shifted(p) {
        return p;
    }
    let (north, east) = wave(p.lon - 105.0, p.lat - 35.0);
    let lat = p.lat.to_radians();
    let magic = 1.0 - ECCENTRICITY_2 * lat.sin() * lat.sin();
    let root = magic.sqrt();
    let north = north * 180.0 / ((AXIS * (1.0 - ECCENTRICITY_2)) / (magic * root) * PI);
    let east = east * 180.0 / (AXIS / root * lat.cos() * PI);
    lon_lat(p.lon + east, p.lat + north)
}

/// Shifts GCJ-02 degrees back to WGS-84, by iteration, to less than a millimetre.
#[must_use]
pub fn wgs84_from_gcj02(p: LonLat) -> LonLat {
    let mut guess = p;
    for _ in 0..6 {
        let there = gcj02_from_wgs84(guess);
        guess = lon_lat(guess.lon + p.lon - there.lon, guess.lat + p.lat - there.lat);
    }
    guess
}

/// Shifts GCJ-02 degrees to BD-09.
#[must_use]
pub fn bd09_from_gcj02(p: LonLat) -> LonLat {
    let far = p.lon.hypot(p.lat) + 0.000_02 * (p.lat * TURN).sin();
    let angle = p.lat.atan2(p.lon) + 0.000_003 * (p.lon * TURN).cos();
    lon_lat(far * angle.cos() + 0.0065, far * angle.sin() + 0.006)
}

/// Shifts BD-09 degrees to GCJ-02, by iteration.
#[must_use]
pub fn gcj02_from_bd09(p: LonLat) -> LonLat {
    let mut guess = lon_lat(p.lon - 0.0065, p.lat - 0.006);
    for _ in 0..6 {
        let there = bd09_from_gcj02(guess);
        guess = lon_lat(guess.lon + p.lon - there.lon, guess.lat + p.lat - there.lat);
    }
    guess
}

impl Datum {
    /// WGS-84 degrees of a position in this datum.
    #[must_use]
    pub fn to_wgs84(self, p: LonLat) -> LonLat {
        match self {
            Self::Wgs84 => p,
            Self::Gcj02 => wgs84_from_gcj02(p),
            Self::Bd09 => wgs84_from_gcj02(gcj02_from_bd09(p)),
        }
    }

    /// A position in this datum from WGS-84 degrees.
    #[must_use]
    pub fn of_wgs84(self, p: LonLat) -> LonLat {
        match self {
            Self::Wgs84 => p,
            Self::Gcj02 => gcj02_from_wgs84(p),
            Self::Bd09 => bd09_from_gcj02(gcj02_from_wgs84(p)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reference_points() {
        // eviltransform's own test vectors: Shanghai, Shenzhen, Beijing.
        for (wgs, gcj) in [
            ((121.527_210_6, 31.177_427_6), (121.531_541_859_215, 31.175_303_983_645_97)),
            ((113.912_316, 22.543_847), (113.917_176_480_836_3, 22.540_796_131_694_766)),
            ((116.377_817, 39.911_954), (116.384_047_224_556_57, 39.913_345_455_360_69)),
            // coordtransform's.
            ((116.404, 39.915), (116.410_244_499_169_38, 39.916_404_281_501_64)),
        ] {
            let (there, back) = (lon_lat(gcj.0, gcj.1), lon_lat(wgs.0, wgs.1));
            let off = gcj02_from_wgs84(back).geodesic_m(there);
            assert!(off < 0.5, "{wgs:?}: {off} m off");
            assert!(wgs84_from_gcj02(gcj02_from_wgs84(back)).geodesic_m(back) < 0.001);
        }
        // coordtransform's test vectors of BD-09.
        let bd = bd09_from_gcj02(lon_lat(116.404, 39.915));
        let wanted = lon_lat(116.410_369_493_710_29, 39.921_336_993_510_21);
        assert!(bd.geodesic_m(wanted) < 0.001, "{bd:?}");
        let gcj = gcj02_from_bd09(lon_lat(116.404, 39.915));
        let wanted = lon_lat(116.397_627_291_193_15, 39.908_656_739_576_31);
        // Its inverse is not exact: ours gives the place that maps back.
        assert!(gcj.geodesic_m(wanted) < 1.0, "{gcj:?}");
        let tokyo = lon_lat(139.7, 35.6);
        assert_eq!(gcj02_from_wgs84(tokyo), tokyo);
    }

    proptest! {
        #[test]
        fn there_and_back(lon in 75.0..134.0f64, lat in 4.0..53.0f64) {
            let p = lon_lat(lon, lat);
            for datum in [Datum::Wgs84, Datum::Gcj02, Datum::Bd09] {
                let back = datum.to_wgs84(datum.of_wgs84(p));
                prop_assert!(back.geodesic_m(p) < 0.01, "{datum:?} {back:?}");
                let shift = datum.of_wgs84(p).geodesic_m(p);
                prop_assert!(shift < 2_500.0, "{shift}");
            }
        }
    }
}
