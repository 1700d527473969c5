//! What a file is by its first bytes, and what to do with one that cannot be read here.
//!
//! Signatures after each format's specification and the list of file signatures of the Library of
//! Congress (<https://www.loc.gov/preservation/digital/formats/>).

/// Bytes that are enough to name a file.
pub const HEAD: usize = 4_096;

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// No bytes at all.
    Empty,
    /// RFC 1952.
    Gzip,
    /// A ZIP archive that is no office document.
    Zip,
    /// 7z, RAR, tar, bzip2, xz.
    OtherArchive,
    /// XLSX, XLSB, XLSM or ODS.
    Workbook,
    /// DOCX or ODT.
    Document,
    /// An OLE compound file: XLS, DOC, or an encrypted office document.
    Compound,
    /// PDF.
    Pdf,
    /// PNG, JPEG, GIF, TIFF, BMP, WebP.
    Picture,
    /// HTML.
    Html,
    /// A web page with its pictures in one file.
    Mhtml,
    /// Excel's XML of 2002 and 2003.
    SpreadsheetXml,
    /// GML and CityGML.
    Gml,
    /// KML.
    Kml,
    /// XML of another vocabulary.
    Xml,
    /// Rich text.
    Rtf,
    /// MapInfo MIF or TAB.
    MapInfo,
    /// AutoCAD's DXF and DWG.
    Drawing,
    /// Shapefile, the main file.
    Shapefile,
    /// dBASE, the table of a Shapefile.
    Dbase,
    /// FlatGeobuf.
    FlatGeobuf,
    /// SQLite, GeoPackage.
    Sqlite,
    /// JSON, whatever it holds.
    Json,
    /// Text in some encoding.
    Text,
    /// Nothing that is known here.
    Unknown,
}

impl FileKind {
    /// The kind of a file that begins with these bytes ([`HEAD`] of them are enough).
    #[must_use]
    pub fn of(head: &[u8]) -> Self {
        const MAGIC: [(&[u8], FileKind); 24] = [
            (b"\x1F\x8B\x08", FileKind::Gzip),
            (b"7z\xBC\xAF\x27\x1C", FileKind::OtherArchive),
            (b"Rar!\x1A\x07", FileKind::OtherArchive),
            (b"\xFD7zXZ\0", FileKind::OtherArchive),
            (b"\xD0\xCF\x11\xE0", FileKind::Compound),
            (b"%PDF", FileKind::Pdf),
            (b"\x89PNG", FileKind::Picture),
            (b"\xFF\xD8\xFF", FileKind::Picture),
            (b"GIF8", FileKind::Picture),
            (b"II*\0", FileKind::Picture),
            (b"MM\0*", FileKind::Picture),
            (b"BM", FileKind::Picture),
            (b"RIFF", FileKind::Picture),
            (b"{\\rtf", FileKind::Rtf),
            (b"AC10", FileKind::Drawing),
            (b"AutoCAD Binary DXF", FileKind::Drawing),
            (b"\0\0\x27\x0A", FileKind::Shapefile),
            (b"fgb\x03fgb", FileKind::FlatGeobuf),
            (b"SQLite format 3\0", FileKind::Sqlite),
            (b"MIME-Version:", FileKind::Mhtml),
            (b"From: <Saved by", FileKind::Mhtml),
            (b"!table", FileKind::MapInfo),
            (b"Version 300", FileKind::MapInfo),
            (b"VERSION 300", FileKind::MapInfo),
        ];
        if head.is_empty() {
            return Self::Empty;
        }
        if head.starts_with(b"PK\x03\x04") {
            return archive(head);
        }
        if let Some((magic, kind)) = MAGIC.iter().find(|(magic, _)| head.starts_with(magic)) {
            // Short signatures are believed only with what must follow them.
            let follows = match *magic {
                b"BM" => head.get(6..10).is_none_or(|reserved| reserved == [0; 4]),
                b"\x1F\x8B\x08" => head.get(3).is_none_or(|flags| *flags <= 0x1F),
                b"\xFF\xD8\xFF" => head.get(3).is_none_or(|marker| *marker >= 0xC0),
                _ => true,
            };
            if follows {
                return *kind;
            }
        }
        if head.starts_with(b"BZh") && head.get(4..10) == Some(b"1AY&SY") {
            return Self::OtherArchive;
        }
        if head.get(257..262) == Some(b"ustar") {
            return Self::OtherArchive;
        }
        if is_dbase(head) {
            return Self::Dbase;
        }
        if !is_text(head) {
            return Self::Unknown;
        }
        of_text(&String::from_utf8_lossy(head))
    }

    /// What such a file is and what to do, as a sentence; empty for kinds that need none.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self {
            Self::Empty => "the file is empty",
            Self::Gzip => "this is a gzip archive; unpack it and choose the file inside",
            Self::Zip => "this is a ZIP archive; unpack it and choose the file inside",
            Self::OtherArchive => "this is an archive; unpack it and choose the file inside",
            Self::Workbook => "this is a workbook; import it as a list of rooms, persons or others",
            Self::Document | Self::Rtf => {
                "this is a text document; copy its table into Excel and save it as XLSX"
            }
            Self::Compound => "this is an old office document; save it as XLSX and choose that",
            Self::Pdf => "this is a PDF; ask for the file it was made from (Excel, Shapefile)",
            Self::Picture => {
                "this is a picture; ask for the file it was made from (Excel, Shapefile)"
            }
            Self::Html | Self::Mhtml => "this is a web page; open it in Excel and save it as XLSX",
            Self::SpreadsheetXml => {
                "this is an XML spreadsheet of Excel 2003; open it in Excel and save it as XLSX"
            }
            Self::Gml => "this is GML; save it as GeoJSON or Shapefile, with QGIS for example",
            Self::Kml => "this is KML, a map; import it as buildings, grids or basemap",
            Self::Xml => "this is XML of a kind that is not read here; save it as GeoJSON or XLSX",
            Self::MapInfo => {
                "this is a MapInfo file; save it as GeoJSON or Shapefile, with QGIS for example"
            }
            Self::Drawing => {
                "this is an AutoCAD drawing; save its closed outlines as Shapefile or GeoJSON"
            }
            Self::Shapefile => {
                "this is a Shapefile, a map; import it as buildings, grids or basemap"
            }
            Self::Dbase => "this is a dBASE table; choose the .shp beside it, or save it as XLSX",
            Self::FlatGeobuf => {
                "this is FlatGeobuf, a map; import it as buildings, grids or basemap"
            }
            Self::Sqlite => "this is a database; open it as a workspace, or save its table as XLSX",
            Self::Json => {
                "this is JSON; maps in GeoJSON are imported as buildings, grids or basemap"
            }
            Self::Text => "this is a text, a list perhaps; import it with File → Import",
            Self::Unknown => "this is a binary file of an unknown kind",
        }
    }
}

/// Whether the bytes are text in UTF-8 (perhaps cut within a character) or in a double-byte
/// encoding of Chinese: no control characters, and no byte sequences that neither has.
#[must_use]
pub fn is_text(head: &[u8]) -> bool {
    let is_control = |b: &u8| *b < 0x20 && !matches!(*b, b'\t' | b'\r' | b'\n' | 0x0C | 0x1A);
    if head.starts_with(b"\xFF\xFE") || head.starts_with(b"\xFE\xFF") {
        return true;
    }
    if head.iter().any(|b| is_control(b) || *b == 0x7F) {
        return false;
    }
    match std::str::from_utf8(head) {
        Ok(_) => true,
        Err(error) => error.valid_up_to() + 4 > head.len() || is_double_byte(head),
    }
}

/// Pairs as GBK and Big5 have them: a lead byte 81–FE, then 40–FE without 7F; GB18030 has four-byte
/// codes with a digit in the second place as well.
fn is_double_byte(head: &[u8]) -> bool {
    let mut at = 0;
    let mut pairs = 0;
    while at < head.len() {
        if head[at] < 0x80 {
            at += 1;
            continue;
        }
        let Some(next) = head.get(at + 1) else { break };
        if head[at] == 0x80 || head[at] == 0xFF {
            return false;
        }
        match next {
            0x40..=0x7E | 0x80..=0xFE => at += 2,
            0x30..=0x39 => at += 4,
            _ => return false,
        }
        pairs += 1;
    }
    pairs > 0
}

fn archive(head: &[u8]) -> FileKind {
    let holds = |name: &[u8]| head.windows(name.len()).any(|part| part == name);
    let first = head.get(30..).unwrap_or_default();
    if first.starts_with(b"mimetype") {
        return if holds(b"opendocument.spreadsheet") {
            FileKind::Workbook
        } else {
            FileKind::Document
        };
    }
    if holds(b"word/") {
        FileKind::Document
    } else if holds(b"[Content_Types].xml") || holds(b"xl/") || holds(b"xl\\") {
        FileKind::Workbook
    } else {
        FileKind::Zip
    }
}

fn is_dbase(head: &[u8]) -> bool {
    let version = matches!(head[0], 0x03 | 0x30 | 0x83 | 0xF5 | 0x8B);
    let date = head.get(2..4).is_some_and(|d| (1..=12).contains(&d[0]) && (1..=31).contains(&d[1]));
    let length = head.get(8..10).map(|l| u16::from_le_bytes([l[0], l[1]]));
    version && date && length.is_some_and(|l| l % 32 <= 1 || l >= 296)
}

fn of_text(text: &str) -> FileKind {
    let text = text.trim_start_matches('\u{FEFF}').trim_start();
    let lower = text.to_lowercase();
    if lower.starts_with(['{', '[']) || lower.starts_with("\u{1e}{") {
        return FileKind::Json;
    }
    if lower.starts_with('<') {
        let has = |word: &str| lower.contains(word);
        return if has("<html") || has("<!doctype html") || has("<table") || has("<meta") {
            FileKind::Html
        } else if has("urn:schemas-microsoft-com:office:spreadsheet") || has("excel.sheet") {
            FileKind::SpreadsheetXml
        } else if has("<kml") || has("/kml/") {
            FileKind::Kml
        } else if has("opengis.net/gml") || has("<gml:") || has("opengis.net/citygml") {
            FileKind::Gml
        } else {
            FileKind::Xml
        };
    }
    let mut lines = lower.lines().map(str::trim);
    if lines.next() == Some("0") && lines.next() == Some("section") || lower.starts_with("999\n") {
        return FileKind::Drawing;
    }
    FileKind::Text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_by_their_first_bytes() {
        let check = |head: &[u8], kind: FileKind| {
            assert_eq!(FileKind::of(head), kind, "{:?}", String::from_utf8_lossy(head));
        };
        check(b"", FileKind::Empty);
        check(b"\x1F\x8B\x08\0", FileKind::Gzip);
        check(b"%PDF-1.7", FileKind::Pdf);
        check(b"\x89PNG\r\n\x1A\n\0\0", FileKind::Picture);
        check(b"BM,name\nBMW,1\n", FileKind::Text);
        check(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", FileKind::Compound);
        check(b"<!DOCTYPE html><html><body><table>", FileKind::Html);
        check(b"MIME-Version: 1.0\r\nContent-Type: multipart/related", FileKind::Mhtml);
        check(
            b"<?xml version=\"1.0\"?><?mso-application progid=\"Excel.Sheet\"?><Workbook>",
            FileKind::SpreadsheetXml,
        );
        check(
            b"<?xml version=\"1.0\"?><kml xmlns=\"http://www.opengis.net/kml/2.2\">",
            FileKind::Kml,
        );
        check(b"<wfs:FeatureCollection xmlns:gml=\"http://www.opengis.net/gml\">", FileKind::Gml);
        check(b"<osm version=\"0.6\">", FileKind::Xml);
        check(b"Version 300\nCharset \"Neutral\"", FileKind::MapInfo);
        check(b"  0\r\nSECTION\r\n  2\r\nHEADER\r\n", FileKind::Drawing);
        check(b"AC1027\0\0\0\0\0\0", FileKind::Drawing);
        check(b"\0\0\x27\x0A\0\0\0\0", FileKind::Shapefile);
        check(b"fgb\x03fgb\0", FileKind::FlatGeobuf);
        check(b"\xEF\xBB\xBF{\"type\":1}", FileKind::Json);
        check("姓名,地址\n张桂英,橡树湾".as_bytes(), FileKind::Text);
        // 姓名,地址 in GBK.
        check(b"\xD0\xD5\xC3\xFB,\xB5\xD8\xD6\xB7\r\n", FileKind::Text);
        check(&[0xA7; 600], FileKind::Text);
        check(&[7, 0xA7, 3, 9, 200, 0xFF, 0x80, 4], FileKind::Unknown);
        check(
            b"PK\x03\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0[Content_Types].xml",
            FileKind::Workbook,
        );
        check(
            b"PK\x03\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0a.shp",
            FileKind::Zip,
        );
    }

    #[test]
    fn noise_is_no_text() {
        // What an encrypted workspace looks like: every byte value.
        let mut state = 1u32;
        let mut noise = vec![0u8; 512];
        for byte in &mut noise {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *byte = (state >> 24) as u8;
        }
        assert!(!is_text(&noise));
    }
}
