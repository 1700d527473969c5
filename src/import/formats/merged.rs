//! Merged cells of the workbooks in which calamine does not look for them: XLSB and ODS.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::import::formats::xlsx_facts::{attribute, position, target_of, text_of};
use crate::import::sheet_row::Merge;

/// Most merged areas that are kept: a sheet of people has one a household.
const MOST_MERGES: usize = 1_048_576;
/// Most bytes of the part that names the sheets.
const MOST_NAMES: u64 = 16 << 20;
/// Records of an XLSB part ([MS-XLSB] 2.3.1): a sheet of the workbook, a merged area.
const BUNDLE_SHEET: u32 = 156;
const MERGE_CELL: u32 = 176;

type Archive = zip::ZipArchive<BufReader<File>>;

/// Areas of a sheet that are merged over several rows; none where they cannot be read.
pub(crate) fn of_sheet(path: &Path, sheet: &str) -> Vec<Merge> {
    let open = || Archive::new(BufReader::new(File::open(path).ok()?)).ok();
    let Some(mut archive) = open() else { return Vec::new() };
    if position(&mut archive, "content.xml").is_some() {
        of_ods(&mut archive, sheet).unwrap_or_default()
    } else {
        of_xlsb(&mut archive, sheet).unwrap_or_default()
    }
}

fn of_ods(archive: &mut Archive, sheet: &str) -> Option<Vec<Merge>> {
    let index = position(archive, "content.xml")?;
    let part = BufReader::with_capacity(1 << 16, archive.by_index(index).ok()?);
    let mut reader = Reader::from_reader(part);
    reader.config_mut().expand_empty_elements = true;
    let (mut merges, mut buffer) = (Vec::new(), Vec::new());
    let (mut is_inside, mut depth) = (false, 0u32);
    let (mut row, mut rows, mut column) = (0u64, 1u64, 0usize);
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).ok()? {
            Event::Start(element) => {
                let number = |name: &str| -> u64 {
                    let text = attribute(&element, name);
                    text.and_then(|text| text.parse().ok()).unwrap_or(1).max(1)
                };
                match element.local_name().as_ref() {
                    "table" => {
                        depth += 1;
                        if depth == 1 {
                            is_inside = attribute(&element, "name").as_deref() == Some(sheet);
                            row = 0;
                        }
                    }
                    "table-row" if depth == 1 => {
                        rows = number("number-rows-repeated");
                        column = 0;
                    }
                    "table-cell" | "covered-table-cell" if depth == 1 => {
                        let tall = number("number-rows-spanned");
                        if is_inside && tall > 1 && merges.len() < MOST_MERGES {
                            let first = row + 1;
                            merges.push(Merge { column, first, last: row.saturating_add(tall) });
                        }
                        let cells = number("number-columns-repeated");
                        column = column.saturating_add(cells as usize);
                    }
                    _ => {}
                }
            }
            Event::End(element) => match element.local_name().as_ref() {
                "table" => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 && is_inside {
                        return Some(merges);
                    }
                }
                "table-row" if depth == 1 => row = row.saturating_add(rows),
                _ => {}
            },
            Event::Eof => return Some(merges),
            _ => {}
        }
    }
}

fn of_xlsb(archive: &mut Archive, sheet: &str) -> Option<Vec<Merge>> {
    let relation = {
        let index = position(archive, "xl/workbook.bin")?;
        let mut part = BufReader::new(archive.by_index(index).ok()?.take(MOST_NAMES));
        let mut found = None;
        records(&mut part, |kind, content| {
            if kind == BUNDLE_SHEET && found.is_none() {
                // Its state and number stand before the two texts.
                let (relation, rest) = wide_text(content.get(8..)?)?;
                let (name, _) = wide_text(rest)?;
                found = (name == sheet).then_some(relation);
            }
            Some(())
        });
        found?
    };
    let target = target_of(&text_of(archive, "xl/_rels/workbook.bin.rels")?, &relation)?;
    let part = match target.strip_prefix('/') {
        Some(absolute) => absolute.to_owned(),
        None => format!("xl/{target}"),
    };
    let index = position(archive, &part)?;
    let mut part = BufReader::with_capacity(1 << 16, archive.by_index(index).ok()?);
    let mut merges = Vec::new();
    records(&mut part, |kind, content| {
        if kind == MERGE_CELL && merges.len() < MOST_MERGES {
            let number = |at: usize| -> Option<u32> {
                Some(u32::from_le_bytes(content.get(at..at + 4)?.try_into().ok()?))
            };
            let (first, last, column) = (number(0)?, number(4)?, number(8)?);
            if last > first {
                let (first, last) = (u64::from(first) + 1, u64::from(last) + 1);
                merges.push(Merge { column: column as usize, first, last });
            }
        }
        Some(())
    });
    Some(merges)
}

/// A text of an XLSB record: its length in UTF-16 units, and these.
fn wide_text(bytes: &[u8]) -> Option<(String, &[u8])> {
    let length = u32::from_le_bytes(bytes.get(..4)?.try_into().ok()?) as usize;
    let end = length.checked_mul(2)?.checked_add(4)?;
    let units: Vec<u16> = bytes
        .get(4..end)?
        .chunks_exact(2)
        .map(|two| u16::from_le_bytes([two[0], two[1]]))
        .collect();
    Some((String::from_utf16_lossy(&units), &bytes[end..]))
}

/// Goes through the records of an XLSB part until it ends or one is odd: a number and a length in
/// bytes of seven bits, and the content.
fn records(part: &mut impl Read, mut see: impl FnMut(u32, &[u8]) -> Option<()>) -> Option<()> {
    /// Longest record that is kept; longer ones are passed over.
    const LONGEST: u64 = 1 << 16;
    let mut content = Vec::new();
    loop {
        let kind = varying(part, 2)?;
        let length = u64::from(varying(part, 4)?);
        content.clear();
        if length <= LONGEST {
            let read = part.by_ref().take(length).read_to_end(&mut content).ok()?;
            if (read as u64) < length {
                return None;
            }
            see(kind, &content)?;
        } else {
            let mut rest = part.by_ref().take(length);
            std::io::copy(&mut rest, &mut std::io::sink()).ok()?;
        }
    }
}

/// A number in bytes of seven bits, whose highest bit says that another follows.
fn varying(part: &mut impl Read, most: u32) -> Option<u32> {
    let mut number = 0;
    for nth in 0..most {
        let mut byte = [0];
        part.read_exact(&mut byte).ok()?;
        number |= u32::from(byte[0] & 0x7F) << (7 * nth);
        if byte[0] & 0x80 == 0 {
            break;
        }
    }
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn archive(parts: &[(&str, &[u8])]) -> tempfile::NamedTempFile {
        let mut zip = zip::ZipWriter::new(tempfile::NamedTempFile::new().unwrap());
        for (name, bytes) in parts {
            zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap()
    }

    fn record(kind: u32, content: &[u8]) -> Vec<u8> {
        let bytes = |number: u32| match number {
            0..0x80 => vec![number as u8],
            _ => vec![number as u8 | 0x80, (number >> 7) as u8],
        };
        [bytes(kind), bytes(content.len() as u32), content.to_vec()].concat()
    }

    #[test]
    fn xlsb() {
        let wide = |text: &str| {
            let units: Vec<u16> = text.encode_utf16().collect();
            let mut bytes = (units.len() as u32).to_le_bytes().to_vec();
            bytes.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
            bytes
        };
        let sheet = |relation: &str, name: &str| {
            record(BUNDLE_SHEET, &[vec![0; 8], wide(relation), wide(name)].concat())
        };
        let book = [sheet("rId1", "别的"), sheet("rId2", "名单")].concat();
        let rels = r#"<Relationships><Relationship Id="rId2" Target="worksheets/sheet2.bin"/></Relationships>"#;
        let area = |numbers: [u32; 4]| {
            let bytes: Vec<u8> = numbers.iter().flat_map(|n| n.to_le_bytes()).collect();
            record(MERGE_CELL, &bytes)
        };
        let cells = [record(5, &[0; 129]), area([1, 3, 2, 2]), area([4, 4, 0, 3])].concat();
        let file = archive(&[
            ("xl/workbook.bin", &book),
            ("xl/_rels/workbook.bin.rels", rels.as_bytes()),
            ("xl/worksheets/sheet2.bin", &cells),
        ]);
        assert_eq!(of_sheet(file.path(), "名单"), [Merge { column: 2, first: 2, last: 4 }]);
        assert_eq!(of_sheet(file.path(), "别的"), []);
        assert_eq!(of_sheet(file.path(), "没有"), []);
    }

    #[test]
    fn ods() {
        let text = "<office:document-content xmlns:table=\"t\" xmlns:office=\"o\"><table:table table:name=\"a\">\
            <table:table-row><table:table-cell table:number-rows-spanned=\"9\"/></table:table-row>\
            </table:table><table:table table:name=\"名单\">\
            <table:table-row table:number-rows-repeated=\"2\"><table:table-cell/></table:table-row>\
            <table:table-row><table:table-cell table:number-columns-repeated=\"3\"/>\
            <table:table-cell table:number-rows-spanned=\"2\" table:number-columns-spanned=\"1\"/>\
            </table:table-row></table:table></office:document-content>";
        let file = archive(&[("content.xml", text.as_bytes())]);
        assert_eq!(of_sheet(file.path(), "名单"), [Merge { column: 3, first: 3, last: 4 }]);
        assert_eq!(of_sheet(file.path(), "a").len(), 1);
    }
}
