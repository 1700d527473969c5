//! Reading GeoJSON as it is met in the wild, from a memory map, feature by feature.
//!
//! The document is split into raw features first (which also proves that it is JSON to the last
//! byte), then each feature is read by itself, so that one bad feature never stops a file.
//! RFC 7946, and on top of it: a byte-order mark, a `crs` member that says WGS 84 or CGCS 2000,
//! members in any order, rings that are not closed, a single Feature or a bare geometry.

use crate::msg;
use crate::text::Message;
use std::borrow::Cow;
use std::fmt;
use std::path::Path;

use ::geo::{Coord, LineString, MultiPolygon, Polygon};
use memmap2::Mmap;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::import::error::ImportError;
use crate::import::formats::property_slots::{PropertySlots, each_leaf, value_text};

/// A file mapped into memory.
pub struct MappedFile {
    map: Option<Mmap>,
    /// What stands in for the file: the same features, made of another format.
    text: Option<String>,
}

impl MappedFile {
    /// Maps a file.
    ///
    /// # Errors
    /// [`ImportError::Io`].
    pub fn open(path: &Path) -> Result<Self, ImportError> {
        let io = |e| ImportError::Io(path.to_owned(), e);
        let file = std::fs::File::open(path).map_err(io)?;
        let meta = file.metadata().map_err(io)?;
        if meta.is_dir() {
            return Err(io(std::io::Error::other(Message::from("it is a folder"))));
        }
        if meta.len() == 0 {
            return Ok(Self { map: None, text: None });
        }
        #[expect(
            unsafe_code,
            reason = "a map is read-only and private to this import; another program that cuts the \
                      file while we read it would kill the import, not the workspace (one \
                      transaction), and the alternative doubles the memory for a 2 GB file"
        )]
        let map = unsafe { Mmap::map(&file) }.map_err(io)?;
        Ok(Self { map: Some(map), text: None })
    }

    /// A text that was made of a file of another format.
    pub(crate) fn of_text(text: String) -> Self {
        Self { map: None, text: Some(text) }
    }

    /// Gives the memory of what was read back to the system; what is looked at again is mapped
    /// again. A large file would otherwise stay resident beside what was made of it.
    pub fn release(&self) {
        #[cfg(unix)]
        if let Some(map) = &self.map {
            #[expect(
                unsafe_code,
                reason = "dropping pages of a read-only map of a file loses nothing: the next look \
                          reads them from the file again"
            )]
            let _ = unsafe { map.unchecked_advise(memmap2::UncheckedAdvice::DontNeed) };
        }
    }

    /// All bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        match &self.text {
            Some(text) => text.as_bytes(),
            None => self.map.as_deref().unwrap_or_default(),
        }
    }
}

/// Splits a document into its features, unread.
///
/// # Errors
/// [`ImportError::BrokenJson`] unless the whole text is JSON; [`ImportError::NotGeoJson`] for
/// JSON without features, or in another coordinate system than WGS 84.
pub fn split_features(bytes: &[u8]) -> Result<Vec<&RawValue>, ImportError> {
    split(bytes, true)
}

/// As [`split_features`], whatever coordinate system the document names.
///
/// # Errors
/// As [`split_features`].
pub(crate) fn split_any(bytes: &[u8]) -> Result<Vec<&RawValue>, ImportError> {
    split(bytes, false)
}

/// The coordinate system a document names at its beginning.
pub(crate) fn declared_crs(bytes: &[u8]) -> Option<String> {
    let head = &bytes[..bytes.len().min(HEAD)];
    let text = String::from_utf8_lossy(head);
    let at = text.find("\"crs\"")?;
    let rest = text[at + 5..].trim_start_matches([':', ' ', '\n', '\r', '\t']);
    let mut values = serde_json::Deserializer::from_str(rest).into_iter::<serde_json::Value>();
    let value = values.next()?.ok()?;
    value.pointer("/properties/name")?.as_str().map(str::to_owned)
}

/// The first position of a document, found without reading it all.
pub(crate) fn first_position(bytes: &[u8]) -> Option<(f64, f64)> {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(HEAD)]);
    let rest = &text[text.find("\"coordinates\"")? + 13..];
    let rest = rest.trim_start_matches([':', '[', ' ', '\n', '\r', '\t']);
    let mut numbers = rest.split([',', ']']).map(|n| n.trim().parse::<f64>());
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

/// Bytes of a document that are looked at before it is read.
const HEAD: usize = 1 << 18;

fn split(bytes: &[u8], is_checked: bool) -> Result<Vec<&RawValue>, ImportError> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|e| {
        ImportError::BrokenJson(msg!(
            "the text is not UTF-8 at byte {}; save it as UTF-8",
            e.valid_up_to() + 1
        ))
    })?;
    if !text.trim_start().starts_with('{') {
        serde_json::from_str::<&RawValue>(text).map_err(|e| broken(&e))?;
        return Err(ImportError::NotGeoJson("the document is not an object".into()));
    }
    let document: Document<'_> = match serde_json::from_str(text) {
        Ok(document) => document,
        // One feature a line.
        Err(e) if e.to_string().starts_with("trailing characters") => return lines(text),
        Err(e) if e.is_data() => {
            serde_json::from_str::<&RawValue>(text).map_err(|e| broken(&e))?;
            return Err(ImportError::NotGeoJson(Message::verbatim(e.to_string())));
        }
        Err(e) => return Err(broken(&e)),
    };
    if let Some(name) = document.crs.and_then(crs_name)
        && is_checked
        && !is_wgs84(&name)
    {
        return Err(ImportError::NotGeoJson(msg!(
            "its coordinates are in {}, and GeoJSON is WGS 84 longitude and latitude; export \
             it in EPSG:4326",
            name
        )));
    }
    let kind = document.kind.and_then(|k| serde_json::from_str::<Cow<'_, str>>(k.get()).ok());
    match (kind.as_deref(), document.features) {
        (Some("FeatureCollection"), Some(Features::List(features))) => Ok(features),
        (Some("FeatureCollection"), Some(Features::Other)) => {
            Err(ImportError::NotGeoJson("\"features\" is not a list".into()))
        }
        (Some("FeatureCollection"), None) => {
            Err(ImportError::NotGeoJson("the collection has no \"features\"".into()))
        }
        (Some("Feature" | "Polygon" | "MultiPolygon"), _) => {
            Ok(vec![serde_json::from_str(text).map_err(|e| broken(&e))?])
        }
        (Some("Topology"), _) => Err(ImportError::NotGeoJson(
            "it is TopoJSON; convert it to GeoJSON, with mapshaper or QGIS for example".into(),
        )),
        (Some(other), _) => {
            let other = cut_short(other);
            let told = msg!("its type is {}, not \"FeatureCollection\"", format!("{:?}", other));
            Err(ImportError::NotGeoJson(told))
        }
        (None, _) => Err(ImportError::NotGeoJson("it has no \"type\"".into())),
    }
}

/// Documents one after the other (newline-delimited GeoJSON), each a feature or an area.
fn lines(text: &str) -> Result<Vec<&RawValue>, ImportError> {
    let mut found = Vec::new();
    for value in serde_json::Deserializer::from_str(text).into_iter::<&RawValue>() {
        let value = value.map_err(|e| broken(&e))?;
        if !value.get().starts_with('{') {
            return Err(ImportError::NotGeoJson("the document is not an object".into()));
        }
        found.push(value);
    }
    Ok(found)
}

fn broken(e: &serde_json::Error) -> ImportError {
    let what = if e.is_eof() {
        msg!("the file ends too early, in line {}", e.line())
    } else {
        Message::of(e)
    };
    ImportError::BrokenJson(what)
}

#[derive(Deserialize)]
struct Document<'a> {
    #[serde(rename = "type", borrow, default)]
    kind: Option<&'a RawValue>,
    #[serde(borrow, default)]
    features: Option<Features<'a>>,
    #[serde(borrow, default)]
    crs: Option<&'a RawValue>,
}

/// What stands under "features": a list is cut into its members in the same pass that proves the
/// document to be JSON.
enum Features<'a> {
    List(Vec<&'a RawValue>),
    Other,
}

impl<'de: 'a, 'a> Deserialize<'de> for Features<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Features<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of features")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut list = Vec::new();
                while let Some(feature) = seq.next_element()? {
                    list.push(feature);
                }
                Ok(Features::List(list))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                use serde::de::IgnoredAny;
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Features::Other)
            }
            fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
                Ok(Features::Other)
            }
            fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
                Ok(Features::Other)
            }
            fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
                Ok(Features::Other)
            }
            fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
                Ok(Features::Other)
            }
            fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
                Ok(Features::Other)
            }
            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Features::Other)
            }
        }
        deserializer.deserialize_any(Any)
    }
}

fn crs_name(raw: &RawValue) -> Option<String> {
    let value: serde_json::Value = serde_json::from_str(raw.get()).ok()?;
    value.pointer("/properties/name")?.as_str().map(str::to_owned)
}

pub(crate) fn is_wgs84(name: &str) -> bool {
    ["CRS84", "4326", "4490", "WGS84", "WGS 84", "CGCS2000"]
        .iter()
        .any(|known| name.contains(known))
}

/// One feature, read.
pub struct Feature {
    /// Feature id as text; numbers without a decimal point.
    pub id: Option<String>,
    /// The wanted properties, by slot; see [`PropertySlots`].
    pub properties: Vec<Option<String>>,
    /// The outline; `None` for a null geometry.
    pub outline: Option<MultiPolygon>,
}

#[derive(Deserialize)]
struct RawFeature<'a> {
    #[serde(rename = "type", borrow, default)]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    geometry: Option<&'a RawValue>,
    #[serde(borrow, default)]
    properties: Option<&'a RawValue>,
}

/// Reads the properties of a feature that was read before; nothing for one that cannot be read.
#[must_use]
pub fn reread_properties(raw: &RawValue, slots: &PropertySlots) -> Feature {
    let feature: Option<RawFeature<'_>> = serde_json::from_str(raw.get()).ok();
    let properties = feature.as_ref().and_then(|f| f.properties);
    Feature {
        id: feature.as_ref().and_then(|f| f.id).and_then(scalar_text),
        properties: read_properties(properties, slots).unwrap_or_else(|_| vec![None; slots.slots]),
        outline: None,
    }
}

/// Reads one feature.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub fn read_feature(raw: &RawValue, slots: &PropertySlots) -> Result<Feature, Message> {
    let feature: RawFeature<'_> =
        serde_json::from_str(raw.get()).map_err(|e| msg!("not a feature: {}", plain(&e)))?;
    let geometry = match feature.kind.as_deref() {
        Some("Feature") => feature.geometry,
        Some("Polygon" | "MultiPolygon") => Some(raw),
        Some(other) => {
            return Err(msg!("its type is {}, not \"Feature\"", format!("{:?}", cut_short(other))));
        }
        None => return Err(Message::from("it has no \"type\"")),
    };
    let outline = match geometry {
        Some(raw) if raw.get() != "null" => Some(read_outline(raw)?),
        _ => None,
    };
    Ok(Feature {
        id: feature.id.and_then(scalar_text),
        properties: read_properties(feature.properties, slots)?,
        outline,
    })
}

/// A word of the file that is told: never more than a word.
fn cut_short(word: &str) -> String {
    word.chars().take(24).collect()
}

fn plain(e: &serde_json::Error) -> String {
    let text = e.to_string();
    text.split(" at line ").next().unwrap_or_default().to_owned()
}

fn scalar_text(raw: &RawValue) -> Option<String> {
    value_text(&serde_json::from_str(raw.get()).ok()?)
}

/// Names and texts of the properties of a feature, nested ones with their path; empty ones too.
pub(crate) fn properties_of(raw: &RawValue) -> Vec<(String, String)> {
    let feature: Option<RawFeature<'_>> = serde_json::from_str(raw.get()).ok();
    let properties = feature.and_then(|f| f.properties).map_or("null", RawValue::get);
    let value: serde_json::Value = serde_json::from_str(properties).unwrap_or_default();
    let mut found = Vec::new();
    for (key, value) in value.as_object().into_iter().flatten() {
        if value.is_object() {
            each_leaf(key, value, &mut |path, text| found.push((path.to_owned(), text)));
        } else {
            found.push((key.clone(), value_text(value).unwrap_or_default()));
        }
    }
    found
}

fn read_properties(
    raw: Option<&RawValue>,
    slots: &PropertySlots,
) -> Result<Vec<Option<String>>, Message> {
    struct Properties<'s>(&'s PropertySlots);
    impl<'de> Visitor<'de> for Properties<'_> {
        type Value = Vec<Option<String>>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object of properties")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut found: Vec<Option<(usize, String)>> = vec![None; self.0.slots];
            let mut take = |slot: usize, rank: usize, text: Option<String>| {
                if let Some(text) = text
                    && found[slot].as_ref().is_none_or(|(before, _)| rank < *before)
                {
                    found[slot] = Some((rank, text));
                }
            };
            while let Some(key) = map.next_key::<Cow<'de, str>>()? {
                let slot = self.0.slot_of(&key);
                if slot.is_none() && !self.0.is_parent(&key) {
                    map.next_value::<serde::de::IgnoredAny>()?;
                    continue;
                }
                let value = map.next_value::<serde_json::Value>()?;
                if let Some((slot, rank)) = slot {
                    take(slot, rank, value_text(&value));
                }
                if value.is_object() {
                    each_leaf(&key, &value, &mut |path, text| {
                        if let Some((slot, rank)) = self.0.slot_of(path) {
                            take(slot, rank, Some(text));
                        }
                    });
                }
            }
            Ok(found.into_iter().map(|f| f.map(|(_, text)| text)).collect())
        }
    }
    match raw {
        Some(raw) if raw.get() != "null" => serde_json::Deserializer::from_str(raw.get())
            .deserialize_map(Properties(slots))
            .map_err(|e| msg!("its properties cannot be read: {}", plain(&e))),
        _ => Ok(vec![None; slots.slots]),
    }
}

#[derive(Deserialize)]
struct RawGeometry<'a> {
    #[serde(rename = "type", borrow, default)]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    coordinates: Option<&'a RawValue>,
}

/// A position: the first two numbers of two or more.
struct Position(Coord);

impl<'de> Deserialize<'de> for Position {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Numbers;
        impl<'de> Visitor<'de> for Numbers {
            type Value = Position;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a position of two or more numbers")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Position, A::Error> {
                let x = seq.next_element()?;
                let y = seq.next_element()?;
                while seq.next_element::<serde::de::IgnoredAny>()?.is_some() {}
                match (x, y) {
                    (Some(x), Some(y)) => Ok(Position(Coord { x, y })),
                    _ => Err(serde::de::Error::custom("a position has fewer than two numbers")),
                }
            }
        }
        deserializer.deserialize_seq(Numbers)
    }
}

type Rings = Vec<Vec<Position>>;

fn read_outline(raw: &RawValue) -> Result<MultiPolygon, Message> {
    let geometry: RawGeometry<'_> =
        serde_json::from_str(raw.get()).map_err(|e| msg!("not a geometry: {}", plain(&e)))?;
    let coordinates = || geometry.coordinates.ok_or("the geometry has no \"coordinates\"");
    let bad = |e: serde_json::Error| msg!("its coordinates cannot be read: {}", plain(&e));
    let outline = match geometry.kind.as_deref() {
        Some("Polygon") => {
            let rings: Rings = serde_json::from_str(coordinates()?.get()).map_err(bad)?;
            MultiPolygon::new(polygon(rings).into_iter().collect())
        }
        Some("MultiPolygon") => {
            let parts: Vec<Rings> = serde_json::from_str(coordinates()?.get()).map_err(bad)?;
            MultiPolygon::new(parts.into_iter().filter_map(polygon).collect())
        }
        Some(other) => return Err(msg!("its geometry is a {}, not an area", other)),
        None => return Err(Message::from("its geometry has no \"type\"")),
    };
    let coords = outline.iter().flat_map(|p| {
        p.exterior().0.iter().chain(p.interiors().iter().flat_map(|ring| ring.0.iter()))
    });
    for c in coords {
        if !crate::geo::lon_lat(c.x, c.y).is_on_earth() {
            return Err(msg!(
                "({}) is no longitude and latitude; metres or another system? export it in \
                 EPSG:4326",
                format!("{}, {}", c.x, c.y)
            ));
        }
    }
    if outline.0.is_empty() {
        return Err(Message::from("its geometry has no coordinates"));
    }
    Ok(outline)
}

/// Closes rings that are not (`Polygon::new` does). `None` without an exterior ring.
fn polygon(rings: Rings) -> Option<Polygon> {
    let mut lines =
        rings.into_iter().map(|ring| LineString::new(ring.into_iter().map(|p| p.0).collect()));
    let exterior = lines.next().filter(|ring| !ring.0.is_empty())?;
    Some(Polygon::new(exterior, lines.filter(|ring| !ring.0.is_empty()).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str) {
        let mut slots = PropertySlots::default();
        slots.add(["name", "title"]);
        let got = match split_features(text.as_bytes()) {
            Err(error) => error.to_string(),
            Ok(features) => features
                .into_iter()
                .map(|raw| match read_feature(raw, &slots) {
                    Err(error) => error.to_string(),
                    Ok(f) => format!(
                        "id={} name={} parts={}",
                        f.id.unwrap_or_default(),
                        f.properties[0].clone().unwrap_or_default(),
                        f.outline.map_or(0, |o| o.0.len())
                    ),
                })
                .collect::<Vec<_>>()
                .join("; "),
        };
        assert!(got.contains(expect), "{text}\n→ {got}");
    }

    const SQUARE: &str = r#"{"type":"Polygon","coordinates":[[[1,1],[2,1],[2,2],[1,2],[1,1]]]}"#;

    #[test]
    fn collections_as_met_in_the_wild() {
        let feature = |head: &str| format!(r#"{{"type":"Feature",{head}"geometry":{SQUARE}}}"#);
        let collection = |head: &str, f: &str| {
            format!(r#"{{{head}"type":"FeatureCollection","features":[{f}]}}"#)
        };
        check(&collection("", ""), "");
        check(&collection(r#""bbox":[1,1,2,2],"#, &feature(r#""id":7,"#)), "id=7 name= parts=1");
        check(&format!("\u{FEFF}{}", collection("", &feature(r#""id":"a","#))), "id=a");
        check(&collection("", &feature(r#""properties":{"title":"t","name":"[n"},"#)), "name=[n");
        check(&collection("", &feature(r#""properties":null,"#)), "parts=1");
        check(
            &collection("", r#"{"type":"Feature","geometry":null,"id":1.0}"#),
            "id=1 name= parts=0",
        );
        check(&feature(r#""id":"one","#), "id=one");
        check(SQUARE, "parts=1");
        let crs = r#""crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::3857"}},"#;
        check(&collection(crs, &feature("")), "its coordinates are in urn:ogc:def:crs:EPSG::3857");
        let crs = r#""crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:OGC:1.3:CRS84"}},"#;
        check(&collection(crs, &feature("")), "parts=1");
    }

    #[test]
    fn broken_and_foreign_files() {
        check("", "broken JSON: the file ends too early");
        check(
            r#"{"type":"FeatureCollection","features":[{"#,
            "broken JSON: the file ends too early",
        );
        check("[1,2]", "not GeoJSON: the document is not an object");
        check("[1,]", "broken JSON");
        check("{}", "not GeoJSON: it has no \"type\"");
        check(r#"{"type":"Topology"}"#, "it is TopoJSON");
        check(r#"{"type":"Other"}"#, "its type is \"Other\"");
        check(r#"{"type":"FeatureCollection","features":{}}"#, "\"features\" is not a list");
        check(r#"{"type":"FeatureCollection"}"#, "has no \"features\"");
        check("\u{0}\u{1}", "broken JSON");
    }

    #[test]
    fn one_bad_feature_does_not_stop_the_others() {
        let bad = r#"{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[["a",1]]]}}"#;
        let metres = r#"{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[500000,4e6],[1,1],[2,2]]]}}"#;
        let point = r#"{"type":"Feature","geometry":{"type":"Point","coordinates":[1,2]}}"#;
        let three_d = r#"{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[1,1,5],[2,1,5],[2,2,5]]]}}"#;
        let all = format!(
            r#"{{"type":"FeatureCollection","features":[{bad},{metres},{point},7,{three_d}]}}"#
        );
        check(&all, "coordinates cannot be read");
        check(&all, "is no longitude and latitude");
        check(&all, "its geometry is a Point, not an area");
        check(&all, "not a feature");
        check(&all, "parts=1");
    }
}
