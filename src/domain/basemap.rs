//! What lies under the buildings: water, green, roads, railways.

/// Kind of a basemap feature; the numbers are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum BaseKind {
    /// Rivers, canals, ponds.
    Water = 1,
    /// Parks, lawns, woods.
    Green = 2,
    /// Roads and paths.
    Road = 3,
    /// Railways.
    Railway = 4,
}

impl BaseKind {
    /// The kind a stored number means.
    #[must_use]
    pub fn from_key(key: i64) -> Option<Self> {
        [Self::Water, Self::Green, Self::Road, Self::Railway]
            .into_iter()
            .find(|kind| *kind as i64 == key)
    }
}

/// The least important road.
pub const LEAST_RANK: u8 = 4;

/// What a feature is by the value of a property: our own words, and those of OpenStreetMap
/// (wiki.openstreetmap.org, "Map features"). `None` for a property that says nothing about it.
#[must_use]
pub fn classify(property: &str, value: &str) -> Option<(BaseKind, u8)> {
    let road = |rank| Some((BaseKind::Road, rank));
    match (property, value) {
        (_, "" | "no") => None,
        ("kind" | "highway" | "class", "motorway" | "trunk" | "primary" | "major_road") => road(1),
        ("kind" | "highway" | "class", "motorway_link" | "trunk_link" | "secondary") => road(2),
        ("kind" | "highway" | "class", "primary_link" | "tertiary" | "road" | "minor_road") => {
            road(3)
        }
        (
            "kind" | "highway" | "class",
            "footway" | "path" | "cycleway" | "steps" | "track" | "bridleway" | "service"
            | "pedestrian",
        ) => road(LEAST_RANK),
        ("highway", _) => road(3),
        ("railway", _) | ("kind", "rail" | "railway") => Some((BaseKind::Railway, 1)),
        ("waterway" | "water", _) | ("natural", "water") | ("kind", "water" | "river") => {
            Some((BaseKind::Water, 1))
        }
        ("leisure", "park" | "garden" | "pitch" | "golf_course" | "nature_reserve")
        | (
            "landuse",
            "grass" | "forest" | "meadow" | "recreation_ground" | "village_green" | "cemetery",
        )
        | ("natural", "wood" | "scrub" | "grassland")
        | ("kind", "green" | "park" | "wood" | "forest" | "grass" | "garden") => {
            Some((BaseKind::Green, 1))
        }
        _ => None,
    }
}

/// What the features of a file are, by the file's name: `roads.geojson`.
#[must_use]
pub fn classify_file(stem: &str) -> Option<(BaseKind, u8)> {
    let stem = stem.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| stem.contains(word));
    if has(&["road", "street", "highway", "道路"]) {
        Some((BaseKind::Road, 3))
    } else if has(&["water", "river", "水系", "河"]) {
        Some((BaseKind::Water, 1))
    } else if has(&["green", "park", "绿地", "公园"]) {
        Some((BaseKind::Green, 1))
    } else if has(&["rail", "铁路"]) {
        Some((BaseKind::Railway, 1))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes() {
        let check = |property, value, expect| assert_eq!(classify(property, value), expect);
        check("highway", "primary", Some((BaseKind::Road, 1)));
        check("highway", "residential", Some((BaseKind::Road, 3)));
        check("highway", "footway", Some((BaseKind::Road, 4)));
        check("natural", "water", Some((BaseKind::Water, 1)));
        check("natural", "tree", None);
        check("landuse", "grass", Some((BaseKind::Green, 1)));
        check("highway", "no", None);
        check("name", "river", None);
        assert_eq!(classify_file("Roads_2024"), Some((BaseKind::Road, 3)));
        assert_eq!(classify_file("水系"), Some((BaseKind::Water, 1)));
        assert_eq!(classify_file("buildings"), None);
        assert_eq!(BaseKind::from_key(2), Some(BaseKind::Green));
        assert_eq!(BaseKind::from_key(9), None);
    }
}
