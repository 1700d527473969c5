//! Raster tiles from files: MBTiles 1.3, and folders of `z/x/y.png|jpg|webp`.

use crate::msg;
use crate::text::Message;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, OptionalExtension as _};

/// Result of this module; the error is a sentence.
type Result<T> = std::result::Result<T, Message>;

/// Endings a folder of tiles is looked through for.
const ENDINGS: [&str; 4] = ["png", "jpg", "jpeg", "webp"];
/// Pixels on a side a tile may have.
const MOST_SIDE: u32 = 2048;

/// What a source says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TileInfo {
    /// Name, or the file's.
    pub name: String,
    /// Zooms it has.
    pub zooms: RangeInclusive<u8>,
    /// Whom to thank, as text.
    pub attribution: String,
}

/// A decoded tile: width, height, straight RGBA.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TileImage {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// Row by row from the top, 4 bytes a pixel.
    pub rgba: Vec<u8>,
}

enum Place {
    MbTiles(Connection),
    Folder(PathBuf),
}

/// An open source of tiles.
pub struct TileSource {
    place: Place,
    info: TileInfo,
}

fn refused(path: &Path, why: &'static str) -> Message {
    msg!("{} holds no raster tiles: {}", path.display(), Message::from(why))
}

fn unreadable(error: impl std::fmt::Display) -> Message {
    msg!("the tiles could not be read: {}", error.to_string())
}

impl TileSource {
    /// Opens an MBTiles file or a folder, for reading only.
    ///
    /// # Errors
    /// A sentence when it is neither, is damaged, or holds vector tiles.
    pub fn open(path: &Path) -> Result<Self> {
        let name = path.file_stem().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        if path.is_dir() { Self::open_folder(path, name) } else { Self::open_mbtiles(path, name) }
    }

    fn open_mbtiles(path: &Path, name: String) -> Result<Self> {
        if !path.is_file() {
            return Err(refused(path, "there is no such file or folder"));
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = Connection::open_with_flags(path, flags).map_err(unreadable)?;
        let metadata = |key: &str| -> Option<String> {
            conn.query_row("SELECT value FROM metadata WHERE name = ?1", [key], |row| row.get(0))
                .optional()
                .ok()
                .flatten()
        };
        if metadata("format").is_some_and(|format| format == "pbf") {
            return Err(refused(path, "it holds vector tiles; export raster tiles instead"));
        }
        let zooms: (Option<u8>, Option<u8>) = conn
            .query_row("SELECT min(zoom_level), max(zoom_level) FROM tiles", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .map_err(|_| refused(path, "it is not an MBTiles file"))?;
        let (Some(least), Some(most)) = zooms else {
            return Err(refused(path, "it is empty"));
        };
        let info = TileInfo {
            name: metadata("name").filter(|n| !n.trim().is_empty()).unwrap_or(name),
            zooms: least..=most,
            attribution: without_markup(&metadata("attribution").unwrap_or_default()),
        };
        Ok(Self { place: Place::MbTiles(conn), info })
    }

    fn open_folder(path: &Path, name: String) -> Result<Self> {
        let numbers = std::fs::read_dir(path)
            .map_err(unreadable)?
            .filter_map(std::result::Result::ok)
            .filter(|entry| entry.path().is_dir())
            .filter_map(|entry| entry.file_name().to_str()?.parse::<u8>().ok());
        let zooms: Vec<u8> = numbers.collect();
        let (Some(least), Some(most)) = (zooms.iter().min(), zooms.iter().max()) else {
            return Err(refused(
                path,
                "there are no folders named by zoom, such as 15/27350/13210.png",
            ));
        };
        let info = TileInfo { name, zooms: *least..=*most, attribution: String::new() };
        Ok(Self { place: Place::Folder(path.to_owned()), info })
    }

    /// What the source says of itself.
    #[must_use]
    pub fn info(&self) -> &TileInfo {
        &self.info
    }

    /// The tile of a zoom, column and row (from the north); `None` where there is none.
    ///
    /// # Errors
    /// SQLite's and the system's; a sentence for a picture that cannot be decoded.
    pub fn tile(&self, z: u8, x: u32, y: u32) -> Result<Option<TileImage>> {
        let bytes: Option<Vec<u8>> = match &self.place {
            Place::MbTiles(conn) => {
                // MBTiles counts rows from the south (TMS).
                let row = (1i64 << z) - 1 - i64::from(y);
                conn.prepare_cached(
                    "SELECT tile_data FROM tiles
                     WHERE zoom_level = ?1 AND tile_column = ?2 AND tile_row = ?3",
                )
                .and_then(|mut select| select.query_row((z, x, row), |row| row.get(0)).optional())
                .map_err(unreadable)?
            }
            Place::Folder(path) => {
                let stem = path.join(z.to_string()).join(x.to_string());
                let files = ENDINGS.iter().map(|ending| stem.join(format!("{y}.{ending}")));
                match files.into_iter().find(|file| file.is_file()) {
                    Some(file) => Some(std::fs::read(file).map_err(unreadable)?),
                    None => None,
                }
            }
        };
        bytes.map(|bytes| decode(&bytes)).transpose()
    }
}

fn decode(bytes: &[u8]) -> Result<TileImage> {
    let broken = |why: String| msg!("a tile cannot be decoded: {}", why);
    let mut reader = image::ImageReader::new(std::io::Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|e| broken(e.to_string()))?;
    let mut limits = image::Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(MOST_SIDE), Some(MOST_SIDE));
    reader.limits(limits);
    let picture = reader.decode().map_err(|e| broken(e.to_string()))?.into_rgba8();
    Ok(TileImage { width: picture.width(), height: picture.height(), rgba: picture.into_raw() })
}

/// Attributions are often HTML.
fn without_markup(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut is_inside = false;
    for c in text.chars() {
        match c {
            '<' => is_inside = true,
            '>' => is_inside = false,
            c if !is_inside => plain.push(c),
            _ => {}
        }
    }
    plain.replace("&copy;", "©").replace("&amp;", "&").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributions_lose_their_markup() {
        assert_eq!(without_markup("<a href='x'>&copy; OpenStreetMap</a> "), "© OpenStreetMap");
    }

    #[test]
    fn broken_pictures_are_told() {
        let error = decode(b"\x89PNG\r\n\x1a\nnot really").unwrap_err();
        assert!(error.to_string().starts_with("a tile cannot be decoded"), "{error}");
    }
}
