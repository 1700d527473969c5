//! KML placemarks (OGC 12-007r2) as features, whatever prefix their elements have.

use ::geo::{Coord, Geometry, LineString, MultiLineString, MultiPolygon, Point, Polygon};
use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};
use serde_json::{Map, Value, json};

use crate::import::error::ImportError;
use crate::import::formats::layer::{Layer, feature, refused, unreadable};

/// Elements within elements: a document is no deeper.
const DEEPEST: usize = 128;

/// The placemarks of a document, folders unfolded.
///
/// # Errors
/// [`ImportError::NotFootprints`] for a document that is cut off, broken or nested too deeply.
pub(crate) fn layer(bytes: &[u8]) -> Result<Layer, ImportError> {
    let text = decoded(bytes);
    let mut reader = Reader::from_str(&text);
    reader.config_mut().expand_empty_elements = true;
    let mut state = State::default();
    loop {
        match reader.read_event() {
            Ok(Event::Start(element)) => {
                if state.stack.len() >= DEEPEST {
                    return Err(refused("its elements are nested too deeply"));
                }
                state.open(&element);
            }
            Ok(Event::End(_)) => state.close(),
            Ok(Event::Text(text)) => state.text.push_str(&text),
            Ok(Event::CData(text)) => state.text.push_str(&text),
            Ok(Event::GeneralRef(reference)) => state.text.push_str(&character(&reference)),
            Ok(Event::Eof) => break,
            Ok(_) => {}
            Err(error) => {
                // Cut within an element, or broken before the end.
                let rest = text.len() as u64 - reader.error_position().min(text.len() as u64);
                return Err(if rest < 4_096 { cut() } else { unreadable(error) });
            }
        }
    }
    if !state.stack.is_empty() || !state.has_root {
        return Err(cut());
    }
    Ok(Layer { features: state.features, ..Layer::default() })
}

fn cut() -> ImportError {
    ImportError::NotFootprints("the file ends too early; copy or export it again".into())
}

/// The text, in the encoding its declaration names.
fn decoded(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]).to_lowercase();
    let label = head.split_once("encoding=").and_then(|(_, rest)| {
        let quote = rest.chars().next()?;
        rest[quote.len_utf8()..].split(quote).next()
    });
    let codec = label.and_then(|label| encoding_rs::Encoding::for_label(label.as_bytes()));
    codec.unwrap_or(encoding_rs::UTF_8).decode(bytes).0
}

/// `&amp;`, `&#26159;` and the like.
fn character(reference: &BytesRef<'_>) -> String {
    if let Ok(Some(c)) = reference.resolve_char_ref() {
        return c.to_string();
    }
    match &**reference {
        "lt" => "<",
        "gt" => ">",
        "amp" => "&",
        "apos" => "'",
        "quot" => "\"",
        _ => "",
    }
    .to_owned()
}

#[derive(Default)]
struct State {
    /// Local names of the open elements.
    stack: Vec<String>,
    has_root: bool,
    text: String,
    /// The placemark that is open: its properties and parts.
    placemark: Option<(Map<String, Value>, Vec<Geometry>)>,
    /// Name of the open `Data` or `SimpleData`.
    data: Option<String>,
    /// Rings of the open polygon: the border, the holes.
    rings: (Option<LineString>, Vec<LineString>),
    features: Vec<Box<str>>,
}

impl State {
    fn open(&mut self, element: &BytesStart<'_>) {
        let name = element.local_name().as_ref().to_owned();
        self.has_root = true;
        self.text.clear();
        match name.as_str() {
            "Placemark" => self.placemark = Some((Map::new(), Vec::new())),
            "Data" | "SimpleData" => {
                let name = element.attributes().flatten().find(|a| a.key.as_ref() == "name");
                self.data = name.map(|a| {
                    let plain = quick_xml::escape::unescape(&a.value);
                    plain.map_or_else(|_| a.value.to_string(), std::borrow::Cow::into_owned)
                });
            }
            "Polygon" => self.rings = (None, Vec::new()),
            _ => {}
        }
        self.stack.push(name);
    }

    fn parent(&self) -> &str {
        self.stack.last().map_or("", String::as_str)
    }

    fn close(&mut self) {
        let Some(name) = self.stack.pop() else { return };
        let text = std::mem::take(&mut self.text);
        let text = text.trim();
        match name.as_str() {
            "Placemark" => {
                if let Some((properties, parts)) = self.placemark.take() {
                    let geometry = joined(parts);
                    let number = self.features.len() as u64 + 1;
                    self.features.push(feature(number, &properties, geometry.as_ref()));
                }
            }
            "name" if self.parent() == "Placemark" => self.property("name", text),
            "address" if self.parent() == "Placemark" => self.property("address", text),
            "value" if self.parent() == "Data" => {
                if let Some(name) = self.data.clone() {
                    self.property(&name, text);
                }
            }
            "SimpleData" => {
                if let Some(name) = self.data.take() {
                    self.property(&name, text);
                }
            }
            "Data" => self.data = None,
            "coordinates" => self.coordinates(text),
            "Polygon" => {
                let (border, holes) = std::mem::take(&mut self.rings);
                if let (Some(border), Some((_, parts))) = (border, &mut self.placemark) {
                    parts.push(Geometry::Polygon(Polygon::new(border, holes)));
                }
            }
            _ => {}
        }
    }

    fn property(&mut self, name: &str, text: &str) {
        if let Some((properties, _)) = &mut self.placemark
            && !text.is_empty()
        {
            properties.insert(name.to_owned(), json!(text));
        }
    }

    /// Tuples of longitude, latitude and perhaps height, parted by blanks.
    fn coordinates(&mut self, text: &str) {
        let tuple = |tuple: &str| {
            let mut numbers = tuple.split(',').map(|n| n.trim().parse::<f64>());
            Some(Coord { x: numbers.next()?.ok()?, y: numbers.next()?.ok()? })
        };
        // A tuple that is none makes the whole line none: nothing is drawn that is not meant.
        let line: Option<Vec<Coord>> = text.split_whitespace().map(tuple).collect();
        let line = LineString(line.unwrap_or_default());
        let grandparent = self.stack.iter().rev().nth(1).map(String::as_str);
        let holder = self.parent().to_owned();
        let Some((_, parts)) = &mut self.placemark else { return };
        match (holder.as_str(), grandparent) {
            ("LinearRing", Some("outerBoundaryIs")) => self.rings.0 = Some(line),
            ("LinearRing", Some("innerBoundaryIs")) => self.rings.1.push(line),
            ("LineString" | "LinearRing", _) => {
                parts.push(Geometry::LineString(line));
            }
            ("Point", _) => parts.extend(line.0.first().map(|c| Geometry::Point(Point(*c)))),
            _ => {}
        }
    }
}

/// Several polygons of one placemark are one outline, several lines one line.
fn joined(mut parts: Vec<Geometry>) -> Option<Geometry> {
    let polygons: Vec<Polygon> = parts
        .iter()
        .filter_map(|p| if let Geometry::Polygon(p) = p { Some(p.clone()) } else { None })
        .collect();
    if parts.len() == 1 {
        return parts.pop();
    }
    if !polygons.is_empty() {
        return Some(Geometry::MultiPolygon(MultiPolygon::new(polygons)));
    }
    let lines: Vec<LineString> = parts
        .iter()
        .filter_map(|p| if let Geometry::LineString(l) = p { Some(l.clone()) } else { None })
        .collect();
    if lines.is_empty() {
        return parts.into_iter().next();
    }
    Some(Geometry::MultiLineString(MultiLineString::new(lines)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str) {
        let got = match layer(text.as_bytes()) {
            Ok(layer) => layer.features.join(" "),
            Err(error) => error.to_string(),
        };
        assert!(got.contains(expect), "{text}\n→ {got}");
    }

    const POLYGON: &str = "<Polygon><outerBoundaryIs><LinearRing><coordinates>1,1 2,1,0 2,2 1,1\
        </coordinates></LinearRing></outerBoundaryIs></Polygon>";

    #[test]
    fn placemarks() {
        let kml = |inner: &str| format!("<kml><Document>{inner}</Document></kml>");
        let mark = format!("<Placemark><name>甲 &amp; 乙&#33;</name>{POLYGON}</Placemark>");
        check(&kml(&mark), "\"name\":\"甲 & 乙!\"");
        check(&kml(&mark), "\"type\":\"Polygon\"");
        let prefixed =
            kml(&mark).replace("</", "</k:").replace('<', "<k:").replace("<k:/k:", "</k:");
        check(&prefixed, "\"type\":\"Polygon\"");
        let data = "<ExtendedData><Data name=\"层数\"><value>6</value></Data><SchemaData>\
            <SimpleData name=\"楼号\">3</SimpleData></SchemaData></ExtendedData>";
        let several = format!(
            "<Placemark>{data}<MultiGeometry>{POLYGON}{POLYGON}</MultiGeometry></Placemark>"
        );
        check(&kml(&several), "\"type\":\"MultiPolygon\"");
        check(&kml(&several), "\"层数\":\"6\"");
        check(&kml(&several), "\"楼号\":\"3\"");
    }

    #[test]
    fn cut_off_anywhere() {
        let whole = format!("<kml><Document><Placemark>{POLYGON}</Placemark></Document></kml>");
        for end in 0..whole.len() {
            check(&whole[..end], "the file ends too early");
        }
        check("<kml><Document><Placemark><name>a<name", "the file ends too early");
        check(&"<a>".repeat(500), "nested too deeply");
    }
}
