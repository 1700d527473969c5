//! KML and KMZ placemarks (OGC 12-007r2) as GeoJSON features.

use std::io::{Cursor, Read as _};
use std::path::Path;

use kml::types::{Element, Geometry};
use kml::{Kml, KmlReader};
use serde_json::{Map, Value, json};

use super::ImportError;
use super::vector::{feature, refused};

/// Most bytes of a document, unpacked: some million outlines.
const MOST: u64 = 1 << 30;
/// Elements within elements: a document is no deeper, and the stack holds them.
const DEEPEST: usize = 128;

/// The placemarks of a document, folders unfolded.
pub(super) fn features(path: &Path) -> Result<Vec<Value>, ImportError> {
    let bytes = std::fs::read(path).map_err(|e| ImportError::Io(path.to_owned(), e))?;
    let bytes = if bytes.starts_with(b"PK") { unpacked(&bytes)? } else { bytes };
    let text = decoded(&bytes);
    if depth(text.as_bytes()) > DEEPEST {
        return Err(refused("its elements are nested too deeply"));
    }
    let document = KmlReader::<_, f64>::from_string(&text).read().map_err(refused)?;
    let mut found = Vec::new();
    collect(document, &mut found);
    Ok(found)
}

/// The document of a KMZ: the first `.kml` in it.
fn unpacked(bytes: &[u8]) -> Result<Vec<u8>, ImportError> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(refused)?;
    let names = archive.file_names().filter_map(|name| Some(name.ok()?.into_owned()));
    let mut names: Vec<String> =
        names.filter(|name| name.to_lowercase().ends_with(".kml")).collect();
    // doc.kml is the main one by custom; others are its parts.
    names.sort_by_key(|name| !name.eq_ignore_ascii_case("doc.kml"));
    let name = names.into_iter().next();
    let Some(name) = name else { return Err(refused("the archive holds no .kml")) };
    let mut document = Vec::new();
    let entry = archive.by_name(&name).map_err(refused)?;
    entry.take(MOST + 1).read_to_end(&mut document).map_err(refused)?;
    if document.len() as u64 > MOST {
        return Err(refused("it would unpack to more than 1 GB"));
    }
    Ok(document)
}

/// The text, in the encoding its declaration names.
fn decoded(bytes: &[u8]) -> String {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]).to_lowercase();
    let label = head.split_once("encoding=").and_then(|(_, rest)| {
        let quote = rest.chars().next()?;
        rest[quote.len_utf8()..].split(quote).next()
    });
    let codec = label.and_then(|label| encoding_rs::Encoding::for_label(label.as_bytes()));
    let (text, ..) = codec.unwrap_or(encoding_rs::UTF_8).decode(bytes);
    // The text is UTF-8 now, whatever it says.
    let end =
        text.find("?>").filter(|_| text.trim_start().starts_with("<?xml")).map_or(0, |i| i + 2);
    text[end..].to_owned()
}

/// How deep elements stand within elements.
fn depth(text: &[u8]) -> usize {
    let (mut depth, mut deepest, mut at) = (0usize, 0usize, 0usize);
    while let Some(open) = text[at..].iter().position(|b| *b == b'<').map(|i| i + at) {
        let rest = &text[open..];
        if rest.starts_with(b"<![CDATA[") {
            let close = rest.windows(3).position(|w| w == b"]]>").unwrap_or(rest.len());
            at = open + close;
            continue;
        }
        let close = rest.iter().position(|b| *b == b'>').unwrap_or(rest.len() - 1);
        match rest.get(1) {
            Some(b'/') => depth = depth.saturating_sub(1),
            Some(b'?' | b'!') => {}
            _ if rest[..close].ends_with(b"/") => {}
            _ => {
                depth += 1;
                deepest = deepest.max(depth);
            }
        }
        at = open + close + 1;
    }
    deepest
}

fn collect(element: Kml, found: &mut Vec<Value>) {
    match element {
        Kml::KmlDocument(document) => {
            document.elements.into_iter().for_each(|e| collect(e, found));
        }
        Kml::Document { elements, .. } => elements.into_iter().for_each(|e| collect(e, found)),
        Kml::Folder(folder) => folder.elements.into_iter().for_each(|e| collect(e, found)),
        Kml::Placemark(placemark) => {
            let mut properties = Map::new();
            if let Some(name) = &placemark.name {
                properties.insert("name".to_owned(), json!(name));
            }
            placemark.children.iter().for_each(|child| data(child, &mut properties));
            let geometry = placemark.geometry.and_then(outline);
            found.push(feature(found.len() as u64 + 1, &properties, geometry.as_ref()));
        }
        _ => {}
    }
}

/// The values of ExtendedData: `<Data name=…><value>`, `<SimpleData name=…>`.
fn data(element: &Element, properties: &mut Map<String, Value>) {
    if let (Some(name), true) =
        (element.attrs.get("name"), matches!(element.name.as_str(), "Data" | "SimpleData"))
    {
        let value = element.children.iter().find(|child| child.name == "value");
        let text = value.map_or(&element.content, |value| &value.content);
        if let Some(text) = text {
            properties.insert(name.clone(), json!(text.trim()));
        }
        return;
    }
    if matches!(element.name.as_str(), "ExtendedData" | "SchemaData") {
        element.children.iter().for_each(|child| data(child, properties));
    }
}

/// A geometry as the others have it; several polygons of one placemark are one outline.
fn outline(geometry: Geometry) -> Option<::geo::Geometry> {
    let read = ::geo::Geometry::<f64>::try_from(geometry).ok()?;
    let ::geo::Geometry::GeometryCollection(parts) = &read else { return Some(read) };
    let polygons: Vec<::geo::Polygon> = parts
        .iter()
        .filter_map(|part| match part {
            ::geo::Geometry::Polygon(polygon) => Some(polygon.clone()),
            _ => None,
        })
        .collect();
    let is_outline = !polygons.is_empty() && polygons.len() == parts.len();
    Some(if is_outline { ::geo::MultiPolygon(polygons).into() } else { read })
}
