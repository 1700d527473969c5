//! Files of footprints and areas in any format, as features with their numbers as they stand:
//! what a file is decides its content, and its ending only where the content says nothing.
//!
//! The way in is [`load`]. Coordinate systems are not looked at here but in `vector`.

use crate::text::Message;
use std::io::Read as _;
use std::path::Path;

use crate::domain::file_kind::{self, FileKind};
use crate::import::error::ImportError;
use crate::import::formats::archive::Archive;
use crate::import::formats::geojson::MappedFile;
use crate::import::formats::layer::{
    KnownNames, Layer, SMALL, TIMES, feature, refused, unreadable,
};
use crate::import::formats::{esri, flatgeobuf, json_text, kml, shapefile};
use crate::import::kind::Kind;
use crate::import::{fields, guard};
use crate::store::{StoreError, foreign};

/// Reads a file. `wanted` names its layer.
///
/// # Errors
/// [`ImportError`] for a file that is broken, cut off, or of a kind that is not read here; it says
/// which kind that is.
pub(crate) fn load(path: &Path, kind: Kind, wanted: Option<&str>) -> Result<Source, ImportError> {
    guard::guarded(|| read(path, kind, wanted))
        .unwrap_or_else(|| Err(refused("its parts do not fit together")))
}

pub(crate) fn read(path: &Path, kind: Kind, wanted: Option<&str>) -> Result<Source, ImportError> {
    let io = |e| ImportError::Io(path.to_owned(), e);
    let mut head = Vec::new();
    if path.is_dir() {
        return Err(io(std::io::Error::other(Message::from("it is a folder"))));
    }
    let file = std::fs::File::open(path).map_err(io)?;
    file.take(file_kind::HEAD as u64).read_to_end(&mut head).map_err(io)?;
    if !head.is_empty() && head.iter().all(|byte| *byte == 0) {
        return Err(refused("it begins with nothing but zeros; copy or export it again"));
    }
    let known = || known_names(kind);
    let read = || std::fs::read(path).map_err(io);
    Ok(Source::Foreign(match FileKind::of(&head) {
        FileKind::Shapefile => shapefile::loose(path, &known())?,
        FileKind::Dbase => match ["shp", "SHP"].map(|e| path.with_extension(e)) {
            [shp, _] | [_, shp] if shp.is_file() => shapefile::loose(&shp, &known())?,
            _ => return Err(ImportError::NotFootprints(FileKind::Dbase.advice().into())),
        },
        FileKind::Zip | FileKind::Workbook | FileKind::Document => {
            return zipped(path, kind, wanted);
        }
        FileKind::Gzip => {
            let mut bytes = Vec::new();
            let file = std::fs::File::open(path).map_err(io)?;
            let most = guard::most_unpacked(file.metadata().map_err(io)?.len(), SMALL, TIMES);
            let packed = flate2::read::MultiGzDecoder::new(file);
            packed.take(most + 1).read_to_end(&mut bytes).map_err(unreadable)?;
            if bytes.len() as u64 > most {
                return Err(refused(
                    "it would unpack to much more than an archive of its size holds; unpack it and \
                     choose the file inside",
                ));
            }
            return of_bytes(bytes, kind);
        }
        FileKind::FlatGeobuf => flatgeobuf::layer(read()?)?,
        FileKind::Sqlite => geopackage(path, wanted)?,
        FileKind::Kml => kml::layer(&read()?)?,
        FileKind::Xml | FileKind::Text | FileKind::Unknown if has_ending(path, "kml") => {
            kml::layer(&read()?)?
        }
        FileKind::Json | FileKind::Text | FileKind::Empty | FileKind::Unknown => {
            return of_json(MappedFile::open(path)?);
        }
        other => return Err(ImportError::NotFootprints(other.advice().into())),
    }))
}

pub(crate) fn has_ending(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case(ending))
}

pub(crate) fn known_names(kind: Kind) -> KnownNames {
    let mut names = Vec::new();
    for entry in fields::of_kind(kind) {
        let spellings = entry.spellings().filter(|name| !name.is_empty());
        names.extend(spellings.map(|name| (entry.field.clone(), name.to_owned())));
    }
    names
}

pub(crate) fn zipped(path: &Path, kind: Kind, wanted: Option<&str>) -> Result<Source, ImportError> {
    let mut archive = Archive::open(path)?;
    if archive.ending(&[".shp"]).is_some() {
        let known = known_names(kind);
        return Ok(Source::Foreign(shapefile::zipped(&mut archive, wanted, &known)?));
    }
    // doc.kml is the main one by custom; others are its parts.
    let main = archive.names().iter().position(|name| name.eq_ignore_ascii_case("doc.kml"));
    if let Some(index) = main.or_else(|| archive.ending(&[".kml"])) {
        return Ok(Source::Foreign(kml::layer(&archive.read(index)?)?));
    }
    if let Some(index) = archive.ending(&[".geojson", ".geojsonl", ".json"]) {
        return of_bytes(archive.read(index)?, kind);
    }
    let head = archive.names().join(" ");
    let is_office = head.contains("[Content_Types].xml") || head.contains("mimetype");
    let advice = if is_office { FileKind::Workbook.advice() } else { NO_MAP };
    Err(ImportError::NotFootprints(advice.into()))
}

pub(crate) const NO_MAP: &str =
    "the archive holds no map (.shp, .geojson, .kml); unpack it and choose the file inside";

/// What was packed in one piece.
pub(crate) fn of_bytes(bytes: Vec<u8>, _: Kind) -> Result<Source, ImportError> {
    let kind = FileKind::of(&bytes[..bytes.len().min(file_kind::HEAD)]);
    match kind {
        FileKind::Kml => Ok(Source::Foreign(kml::layer(&bytes)?)),
        FileKind::FlatGeobuf => Ok(Source::Foreign(flatgeobuf::layer(bytes)?)),
        FileKind::Json | FileKind::Text | FileKind::Empty => match String::from_utf8(bytes) {
            Ok(text) => of_json(MappedFile::of_text(text)),
            Err(error) => of_json(MappedFile::of_text(json_text::decoded(error.as_bytes())?)),
        },
        FileKind::OtherArchive => {
            Err(refused("it is an archive within an archive; unpack it and choose the file inside"))
        }
        other => Err(ImportError::NotFootprints(other.advice().into())),
    }
}

/// GeoJSON and its relatives.
pub(crate) fn of_json(file: MappedFile) -> Result<Source, ImportError> {
    let mut notes = Vec::new();
    let file = json_text::mended(file, &mut notes)?;
    if esri::is_one(file.bytes()) {
        return Ok(Source::Foreign(esri::layer(file.bytes())?));
    }
    Ok(Source::Plain(file, notes))
}

pub(crate) fn geopackage(path: &Path, wanted: Option<&str>) -> Result<Layer, ImportError> {
    let mut features = Vec::new();
    let layer = foreign::area_layer(path, wanted, &mut |(id, properties, geometry)| {
        features.push(feature(id as u64, &properties.into_iter().collect(), geometry.as_ref()));
    });
    let layer = layer.map_err(|error| match error {
        StoreError::Sqlite(error) => unreadable(error),
        other => other.into(),
    })?;
    Ok(Layer {
        features,
        epsg: layer.epsg,
        definition: Some(layer.definition),
        name: Some(layer.name),
        others: layer.others,
        ..Layer::default()
    })
}

/// A file that was read.
pub(crate) enum Source {
    /// GeoJSON, and what is to be told of it.
    Plain(MappedFile, Vec<Message>),
    /// Another format.
    Foreign(Layer),
}
