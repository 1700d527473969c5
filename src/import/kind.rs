//! What a file holds: the kinds of import, and how a name tells one.

use std::path::Path;

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// GeoJSON building footprints.
    Buildings,
    /// GeoJSON grid areas.
    Grids,
    /// CSV rooms.
    Rooms,
    /// CSV persons with household, residency and tags.
    Persons,
    /// CSV enterprises.
    Enterprises,
    /// CSV events.
    Events,
    /// CSV devices.
    Devices,
    /// GeoJSON roads, water, green, railways.
    Basemap,
}

impl Kind {
    /// All kinds, in the order in which files are best imported.
    pub const ALL: [Self; 8] = [
        Self::Buildings,
        Self::Grids,
        Self::Rooms,
        Self::Persons,
        Self::Enterprises,
        Self::Events,
        Self::Devices,
        Self::Basemap,
    ];

    /// The word used on the command line and in `fields.csv`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Buildings => "buildings",
            Self::Grids => "grids",
            Self::Rooms => "rooms",
            Self::Persons => "persons",
            Self::Enterprises => "enterprises",
            Self::Events => "events",
            Self::Devices => "devices",
            Self::Basemap => "basemap",
        }
    }

    /// The kind a file most likely holds, by its name (`rooms.csv`, `居民名单.csv`) and ending; a
    /// CSV that says nothing is a list of persons.
    #[must_use]
    pub fn guess(path: &Path) -> Option<Self> {
        let stem = path.file_stem()?.to_string_lossy().to_lowercase();
        let ends = |endings: &[&str]| {
            path.extension().is_some_and(|e| endings.iter().any(|x| e.eq_ignore_ascii_case(x)))
        };
        let (is_geojson, is_csv) = (ends(&ALL_ENDINGS[..7]), ends(&ALL_ENDINGS[8..]));
        if !is_geojson && !is_csv {
            return None;
        }
        let has = |words: &[&str]| words.iter().any(|word| stem.contains(word));
        let named = [
            (Self::Buildings, &["building", "楼栋", "建筑"][..]),
            (Self::Grids, &["grid", "网格"]),
            (Self::Rooms, &["room", "房屋", "房间"]),
            (Self::Persons, &["person", "people", "resident", "人员", "居民", "人口"]),
            (Self::Enterprises, &["enterprise", "compan", "企业", "商户"]),
            (Self::Events, &["event", "incident", "事件"]),
            (Self::Devices, &["device", "camera", "设备", "摄像"]),
            (Self::Basemap, &["basemap", "底图"]),
        ]
        .into_iter()
        .find(|(kind, words)| has(words) && kind.is_geojson() == is_geojson)
        .map(|(kind, _)| kind);
        let is_base = is_geojson && crate::domain::basemap::classify_file(&stem).is_some();
        named
            .or_else(|| is_base.then_some(Self::Basemap))
            .or_else(|| is_geojson.then_some(Self::Buildings))
            .or_else(|| is_csv.then_some(Self::Persons))
    }

    /// Whether the file is GeoJSON and not CSV.
    #[must_use]
    pub const fn is_geojson(self) -> bool {
        matches!(self, Self::Buildings | Self::Grids | Self::Basemap)
    }
}

/// Endings of files that can be imported: footprints and areas, then lists.
pub const ALL_ENDINGS: [&str; 17] = [
    "geojson", "json", "shp", "zip", "fgb", "kml", "kmz", "gpkg", "csv", "tsv", "txt", "xlsx",
    "xlsm", "xlsb", "xls", "ods", "et",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_by_file_name() {
        let check = |name: &str, expect| assert_eq!(Kind::guess(Path::new(name)), expect, "{name}");
        check("rooms.csv", Some(Kind::Rooms));
        check("橡树湾居民名单.csv", Some(Kind::Persons));
        check("people.csv", Some(Kind::Persons));
        check("building list.csv", Some(Kind::Persons));
        check("city.geojson", Some(Kind::Buildings));
        check("网格.geojson", Some(Kind::Grids));
        check("roads.geojson", Some(Kind::Basemap));
        check("people.geojson", Some(Kind::Buildings));
        check("village.kmz", Some(Kind::Buildings));
        check("buildings.gpkg", None);
        check("notes.pdf", None);
    }
}
