//! FlatGeobuf through its own crate, held back where a file lies about its sizes.

use crate::msg;
use std::io::{Cursor, Read, Seek, SeekFrom};

use flatgeobuf::{FallibleStreamingIterator as _, FeatureProperties as _, FgbReader};
use geozero::error::Result as GeoResult;
use geozero::{ColumnValue, PropertyProcessor, ToGeo as _};
use serde_json::{Map, Value, json};

use super::dbf::number_of;
use crate::import::error::ImportError;
use crate::import::formats::layer::{Layer, feature, refused, unreadable};
use crate::import::guard;

/// A file in memory that does not hand out a length which it cannot hold: the crate would make room
/// for it first.
struct Careful(Cursor<Vec<u8>>);

impl Read for Careful {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        let read = self.0.read(buf)?;
        if let (4, Ok(length)) = (read, <[u8; 4]>::try_from(&buf[..read])) {
            let left = self.0.get_ref().len() as u64 - self.0.position();
            if u64::from(u32::from_le_bytes(length)) > left {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(read)
    }
}

impl Seek for Careful {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.0.seek(to)
    }
}

/// Properties as JSON.
struct Properties(Map<String, Value>);

impl PropertyProcessor for Properties {
    fn property(&mut self, _: usize, name: &str, value: &ColumnValue<'_>) -> GeoResult<bool> {
        let value = match value {
            ColumnValue::Byte(n) => json!(n),
            ColumnValue::UByte(n) => json!(n),
            ColumnValue::Bool(yes) => json!(yes),
            ColumnValue::Short(n) => json!(n),
            ColumnValue::UShort(n) => json!(n),
            ColumnValue::Int(n) => json!(n),
            ColumnValue::UInt(n) => json!(n),
            ColumnValue::Long(n) => json!(n),
            ColumnValue::ULong(n) => json!(n),
            // JSON has no numbers that are not finite.
            ColumnValue::Float(n) if n.is_finite() => number_of(f64::from(*n)),
            ColumnValue::Double(n) if n.is_finite() => number_of(*n),
            ColumnValue::String(text) | ColumnValue::DateTime(text) => json!(text),
            ColumnValue::Json(text) => serde_json::from_str(text).unwrap_or_else(|_| json!(text)),
            _ => Value::Null,
        };
        self.0.insert(name.to_owned(), value);
        Ok(false)
    }
}

/// The features of a file.
///
/// # Errors
/// [`ImportError::NotFootprints`] for a file that is broken or cut off.
pub(crate) fn layer(bytes: Vec<u8>) -> Result<Layer, ImportError> {
    guard::guarded(|| read(bytes)).unwrap_or_else(|| Err(refused("its parts do not fit together")))
}

fn read(bytes: Vec<u8>) -> Result<Layer, ImportError> {
    let reader = FgbReader::open(Careful(Cursor::new(bytes))).map_err(unreadable)?;
    let header = reader.header();
    let mut found = Layer {
        epsg: header.crs().map(|crs| crs.code() as u32).filter(|code| *code > 0),
        definition: header.crs().and_then(|crs| crs.wkt()).map(str::to_owned),
        name: header.name().map(str::to_owned),
        ..Layer::default()
    };
    let promised = header.features_count();
    let mut features = reader.select_all_seq().map_err(unreadable)?;
    while let Some(one) = features.next().map_err(unreadable)? {
        let mut properties = Properties(Map::new());
        one.process_properties(&mut properties).map_err(unreadable)?;
        let geometry = one.to_geo().ok();
        let number = found.features.len() as u64 + 1;
        found.features.push(feature(number, &properties.0, geometry.as_ref()));
    }
    let read = found.features.len() as u64;
    if read < promised {
        return Err(refused(msg!("it ends too early, after {} of {} features", read, promised)));
    }
    Ok(found)
}
