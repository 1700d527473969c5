//! Somebody else's form (XLSX), filled: the rows of one sheet are written below its headings, in the styles that stand
//! there; every other part of the file stays as it is, byte for byte (ECMA-376 part 1, 18.3.1).
//!
//! No library at hand edits a workbook without writing it anew, and with it what it does not understand.

use std::fs::File;
use std::io::{self, BufReader, Read as _, Seek, Write};
use std::ops::Range;
use std::path::Path;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;
use zip::write::{SimpleFileOptions, ZipWriter};

use super::packed_xml::{FailsOnce, column_name, failed, push_xml};
use crate::msg;
use crate::query::table::Cell;
use crate::text::Message;

/// Bytes of a part that is read.
const MOST_BYTES: u64 = 256 << 20;
/// Rows that are looked through for headings.
const MOST_HEAD_ROWS: usize = 60;
/// Headings that a row must hold to be one of headings.
const LEAST_HEADINGS: usize = 2;
/// Rows of a sheet in Excel.
const MOST_ROWS: u64 = 1_048_576;

/// What a heading asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// A running number.
    Number,
    /// A column, by its place among those that rows are given with.
    Column(usize),
}

/// A heading of the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// What stands in it.
    pub text: String,
    /// Its column in the sheet, from 0.
    pub column: usize,
    /// What it asks for; nothing that is known.
    pub asks: Option<Asks>,
}

/// A form that can be filled.
pub struct Form {
    archive: ZipArchive<BufReader<File>>,
    /// The part of the sheet, and its text.
    part: String,
    sheet: Sheet,
    /// Its headings, from left to right.
    pub headings: Vec<Heading>,
    /// The first row below them.
    first: u64,
}

/// A cell as it stands in the form.
#[derive(Debug, Clone, Default)]
struct FormCell {
    column: usize,
    style: Option<String>,
    text: String,
    has_formula: bool,
}

/// A row as it stands in the form.
#[derive(Debug, Clone)]
struct FormRow {
    number: u64,
    at: Range<usize>,
    /// Its attributes but for the number, ready to be written.
    attributes: String,
    cells: Vec<FormCell>,
}

struct Sheet {
    xml: String,
    rows: Vec<FormRow>,
    /// Prefix of the names, with its colon.
    prefix: String,
    /// Where rows stand in the text; an empty `<sheetData/>` is all of it.
    data: Range<usize>,
    is_empty_tag: bool,
    merges: Vec<[u64; 4]>,
}

fn broken(error: impl std::fmt::Display) -> Message {
    msg!("the form cannot be read as an XLSX workbook: {}", error.to_string())
}

fn text_of(archive: &mut ZipArchive<BufReader<File>>, name: &str) -> Result<String, Message> {
    let entry = archive.by_name(name).map_err(broken)?;
    let mut bytes = Vec::new();
    entry.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(broken)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(msg!("the form is too large to be filled"));
    }
    String::from_utf8(bytes).map_err(broken)
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = tag.attributes().filter_map(Result::ok).find(|a| a.key.as_ref() == name)?;
    Some(found.value.into_owned())
}

/// `B12` → column 1, row 12.
fn cell_place(reference: &str) -> Option<(usize, u64)> {
    let letters = reference.bytes().take_while(u8::is_ascii_alphabetic).count();
    let column = reference[..letters].bytes().try_fold(0usize, |column, letter| {
        let digit = usize::from(letter.to_ascii_uppercase() - b'A') + 1;
        Some(column.checked_mul(26)?.checked_add(digit)?).filter(|c| *c <= 16_384)
    })?;
    Some((column.checked_sub(1)?, reference[letters..].parse().ok()?))
}

fn shared_strings(archive: &mut ZipArchive<BufReader<File>>) -> Vec<String> {
    let Ok(xml) = text_of(archive, "xl/sharedStrings.xml") else { return Vec::new() };
    let mut reader = Reader::from_str(&xml);
    let (mut strings, mut in_text, mut in_ruby) = (Vec::new(), false, false);
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) => match tag.local_name().as_ref() {
                "si" => strings.push(String::new()),
                "t" => in_text = true,
                "rPh" => in_ruby = true,
                _ => {}
            },
            Ok(Event::Empty(tag)) if tag.local_name().as_ref() == "si" => {
                strings.push(String::new());
            }
            Ok(Event::End(tag)) => match tag.local_name().as_ref() {
                "t" => in_text = false,
                "rPh" => in_ruby = false,
                _ => {}
            },
            Ok(Event::Text(text)) if in_text && !in_ruby => {
                if let Some(last) = strings.last_mut() {
                    last.push_str(&text.xml10_content());
                }
            }
            Ok(Event::GeneralRef(name)) if in_text && !in_ruby => {
                if let Some(last) = strings.last_mut() {
                    last.push_str(&reference_text(&name));
                }
            }
            Ok(Event::Eof) | Err(_) => return strings,
            Ok(_) => {}
        }
    }
}

/// `&lt;` and its like.
fn reference_text(name: &quick_xml::events::BytesRef<'_>) -> String {
    match name.as_ref() {
        "lt" => "<".to_owned(),
        "gt" => ">".to_owned(),
        "amp" => "&".to_owned(),
        "quot" => "\"".to_owned(),
        "apos" => "'".to_owned(),
        _ => name.resolve_char_ref().ok().flatten().map(String::from).unwrap_or_default(),
    }
}

/// Names of the parts of the sheets, in the workbook's order.
fn sheet_parts(archive: &mut ZipArchive<BufReader<File>>) -> Result<Vec<String>, Message> {
    let each = |xml: &str, tag_name: &str, keys: [&str; 2]| {
        let mut reader = Reader::from_str(xml);
        let mut found = Vec::new();
        loop {
            match reader.read_event() {
                Ok(Event::Start(tag) | Event::Empty(tag))
                    if tag.local_name().as_ref() == tag_name =>
                {
                    let value = |key: &str| {
                        let mut all = tag.attributes().filter_map(Result::ok);
                        let own = all.find(|a| a.key.local_name().as_ref() == key)?;
                        Some(own.value.into_owned())
                    };
                    found.extend(value(keys[0]).zip(value(keys[1])));
                }
                Ok(Event::Eof) => return Ok(found),
                Ok(_) => {}
                Err(error) => return Err(broken(error)),
            }
        }
    };
    let sheets = each(&text_of(archive, "xl/workbook.xml")?, "sheet", ["name", "id"])?;
    let targets = text_of(archive, "xl/_rels/workbook.xml.rels")?;
    let targets = each(&targets, "Relationship", ["Id", "Target"])?;
    let part = |id: &String| {
        let (_, target) = targets.iter().find(|(known, _)| known == id)?;
        Some(match target.strip_prefix('/') {
            Some(absolute) => absolute.to_owned(),
            None => format!("xl/{target}"),
        })
    };
    Ok(sheets.iter().filter_map(|(_, id)| part(id)).collect())
}

impl Sheet {
    fn read(xml: String, strings: &[String]) -> Result<Self, Message> {
        let mut reader = Reader::from_str(&xml);
        let mut sheet = Self {
            xml: String::new(),
            rows: Vec::new(),
            prefix: String::new(),
            data: 0..0,
            is_empty_tag: false,
            merges: Vec::new(),
        };
        let mut kind = String::new();
        let mut in_value = false;
        loop {
            let before = reader.buffer_position() as usize;
            let event = reader.read_event().map_err(broken)?;
            let after = reader.buffer_position() as usize;
            match event {
                Event::Start(tag) | Event::Empty(tag)
                    if tag.local_name().as_ref() == "mergeCell" =>
                {
                    let range = attribute(&tag, "ref").unwrap_or_default();
                    let (a, b) = range.split_once(':').unwrap_or((&range, &range));
                    if let (Some(a), Some(b)) = (cell_place(a), cell_place(b)) {
                        sheet.merges.push([a.0 as u64, a.1, b.0 as u64, b.1]);
                    }
                }
                Event::Empty(tag) => match tag.local_name().as_ref() {
                    "sheetData" => {
                        (sheet.data, sheet.is_empty_tag) = (before..after, true);
                        sheet.prefix = prefix_of(&tag);
                    }
                    "row" => sheet.begin_row(&tag, before, after),
                    "c" => sheet.begin_cell(&tag, &mut kind),
                    "f" => sheet.note_formula(),
                    _ => {}
                },
                Event::Start(tag) => match tag.local_name().as_ref() {
                    "sheetData" => {
                        sheet.data = after..after;
                        sheet.prefix = prefix_of(&tag);
                    }
                    "row" => sheet.begin_row(&tag, before, after),
                    "c" => sheet.begin_cell(&tag, &mut kind),
                    "f" => sheet.note_formula(),
                    "v" | "t" => in_value = true,
                    _ => {}
                },
                Event::End(tag) => match tag.local_name().as_ref() {
                    "sheetData" => sheet.data.end = before,
                    "row" => {
                        if let Some(row) = sheet.rows.last_mut() {
                            row.at.end = after;
                        }
                    }
                    "v" | "t" => in_value = false,
                    "c" if kind == "s" => {
                        if let Some(cell) = sheet.rows.last_mut().and_then(|r| r.cells.last_mut()) {
                            let at = cell.text.trim().parse::<usize>().ok();
                            cell.text =
                                at.and_then(|at| strings.get(at).cloned()).unwrap_or_default();
                        }
                    }
                    _ => {}
                },
                Event::Text(text) if in_value => {
                    sheet.push_text(&text.xml10_content());
                }
                Event::GeneralRef(name) if in_value => sheet.push_text(&reference_text(&name)),
                Event::Eof => break,
                _ => {}
            }
        }
        if sheet.data.is_empty() && !sheet.is_empty_tag && sheet.data.start == 0 {
            return Err(msg!("the form has no sheet that can be filled"));
        }
        sheet.xml = xml;
        Ok(sheet)
    }

    fn push_text(&mut self, text: &str) {
        if let Some(cell) = self.rows.last_mut().and_then(|row| row.cells.last_mut()) {
            cell.text.push_str(text);
        }
    }

    fn note_formula(&mut self) {
        if let Some(cell) = self.rows.last_mut().and_then(|row| row.cells.last_mut()) {
            cell.has_formula = true;
        }
    }

    fn begin_row(&mut self, tag: &BytesStart<'_>, before: usize, after: usize) {
        let next = self.rows.last().map_or(1, |row| row.number + 1);
        let number = attribute(tag, "r").and_then(|text| text.parse().ok()).unwrap_or(next);
        let others = tag.attributes().filter_map(Result::ok).filter(|a| {
            // Which columns a row spans is a hint that would be wrong.
            !matches!(a.key.as_ref(), "r" | "spans")
        });
        let attributes = others.map(|a| format!(" {}=\"{}\"", a.key.as_ref(), a.value));
        self.rows.push(FormRow {
            number,
            at: before..after,
            attributes: attributes.collect(),
            cells: Vec::new(),
        });
    }

    fn begin_cell(&mut self, tag: &BytesStart<'_>, kind: &mut String) {
        *kind = attribute(tag, "t").unwrap_or_default();
        let Some(row) = self.rows.last_mut() else { return };
        let next = row.cells.last().map_or(0, |cell| cell.column + 1);
        let place = attribute(tag, "r").and_then(|text| cell_place(&text));
        row.cells.push(FormCell {
            column: place.map_or(next, |(column, _)| column),
            style: attribute(tag, "s"),
            ..FormCell::default()
        });
    }
}

fn prefix_of(tag: &BytesStart<'_>) -> String {
    let name = tag.name();
    let text: &str = name.as_ref();
    text.split_once(':').map(|(prefix, _)| format!("{prefix}:")).unwrap_or_default()
}

impl Form {
    /// Opens a form and finds its headings: the row in which `asks` knows most, of the first sheet that has one.
    ///
    /// # Errors
    /// A file that is no XLSX workbook, or one in which no row of headings is known.
    pub fn open(path: &Path, asks: &dyn Fn(&str) -> Option<Asks>) -> Result<Self, Message> {
        let file =
            File::open(path).map_err(|e| msg!("{} cannot be read: {}", path.display(), e))?;
        let mut archive = ZipArchive::new(BufReader::new(file)).map_err(broken)?;
        let strings = shared_strings(&mut archive);
        for part in sheet_parts(&mut archive)? {
            let sheet = Sheet::read(text_of(&mut archive, &part)?, &strings)?;
            let known =
                |row: &&FormRow| row.cells.iter().filter(|cell| asks(&cell.text).is_some()).count();
            // The first of those that hold most.
            let best = sheet.rows.iter().take(MOST_HEAD_ROWS).rev().max_by_key(known);
            let Some(row) = best.filter(|row| known(row) >= LEAST_HEADINGS) else { continue };
            let headings = row.cells.iter().filter(|cell| !cell.text.trim().is_empty());
            let headings = headings.map(|cell| Heading {
                text: cell.text.trim().to_owned(),
                column: cell.column,
                asks: asks(&cell.text),
            });
            // Headings over two rows end where their merged cells do.
            let merged = sheet.merges.iter().filter(|m| m[1] <= row.number && row.number <= m[3]);
            let last = merged.map(|m| m[3]).max().unwrap_or(row.number).max(row.number);
            let (headings, first) = (headings.collect(), last + 1);
            return Ok(Self { archive, part, sheet, headings, first });
        }
        Err(msg!("no sheet of the form has headings that are known here"))
    }

    /// The first row that holds something of its own below the headings: a signature, a sum, a remark.
    fn first_foot(&self) -> Option<u64> {
        let holds = |row: &&FormRow| {
            row.number >= self.first
                && row.cells.iter().any(|cell| {
                    let text = cell.text.trim();
                    let of = self.headings.iter().find(|heading| heading.column == cell.column);
                    match of.and_then(|heading| heading.asks) {
                        // Numbers that stand there already are counted anew.
                        Some(Asks::Number) => text.parse::<f64>().is_err() && !text.is_empty(),
                        Some(Asks::Column(_)) => !text.is_empty() || cell.has_formula,
                        None => !text.is_empty() && !cell.has_formula,
                    }
                })
        };
        self.sheet.rows.iter().find(holds).map(|row| row.number)
    }

    /// Writes the form with rows below its headings; what stood below them moves down where it must.
    ///
    /// # Errors
    /// More rows than fit above formulas, or into a sheet; inside, what the file system says.
    pub fn fill(
        mut self,
        rows: &[Vec<Cell>],
        to: impl Write + Seek,
    ) -> Result<io::Result<()>, Message> {
        let foot = self.first_foot();
        let room = foot.map(|foot| foot - self.first);
        let shift = room.map_or(0, |room| (rows.len() as u64).saturating_sub(room));
        if self.first + rows.len() as u64 + shift > MOST_ROWS {
            return Err(msg!("a sheet holds at most {} rows", MOST_ROWS));
        }
        let moves = |row: &&FormRow| foot.is_some_and(|foot| row.number >= foot);
        if shift > 0
            && self.sheet.rows.iter().filter(moves).any(|r| r.cells.iter().any(|c| c.has_formula))
        {
            return Err(msg!(
                "the form has room for {} rows above its formulas, and {} are to be filled in: add empty \
                 rows to the form",
                room.unwrap_or_default(),
                rows.len()
            ));
        }
        let xml = self.filled(rows, foot, shift);
        Ok(self.write(&xml, to))
    }

    /// Writes the form with another sheet.
    fn write(&mut self, xml: &str, to: impl Write + Seek) -> io::Result<()> {
        let mut out = ZipWriter::new(FailsOnce::new(to));
        for index in 0..self.archive.len() {
            let entry = self.archive.by_index_raw(index).map_err(failed)?;
            if entry.name().is_ok_and(|name| name == self.part) {
                let options = SimpleFileOptions::default()
                    .last_modified_time(entry.last_modified().unwrap_or_default());
                drop(entry);
                out.start_file(self.part.as_str(), options).map_err(failed)?;
                out.write_all(xml.as_bytes())?;
            } else {
                out.raw_copy_file(entry).map_err(failed)?;
            }
        }
        out.finish().map_err(failed)?.flush()
    }

    fn filled(&self, rows: &[Vec<Cell>], foot: Option<u64>, shift: u64) -> String {
        let sheet = &self.sheet;
        let raw = |row: &FormRow| &sheet.xml[row.at.clone()];
        let last = self.first + rows.len() as u64;
        let mut data = String::new();
        sheet.rows.iter().filter(|r| r.number < self.first).for_each(|r| data.push_str(raw(r)));
        let is_blank =
            |row: &&FormRow| row.number >= self.first && foot.is_none_or(|foot| row.number < foot);
        let blanks: Vec<&FormRow> = sheet.rows.iter().filter(is_blank).collect();
        for (number, cells) in (self.first..).zip(rows) {
            let style = blanks.iter().find(|row| row.number == number).or(blanks.last());
            self.push_row(&mut data, number, style.copied(), cells);
        }
        blanks.iter().filter(|row| row.number >= last).for_each(|row| data.push_str(raw(row)));
        for row in sheet.rows.iter().filter(|row| foot.is_some_and(|foot| row.number >= foot)) {
            data.push_str(&moved(raw(row), &["row", "c"], "r", 0, shift));
        }
        let (before, after) = (&sheet.xml[..sheet.data.start], &sheet.xml[sheet.data.end..]);
        let after = moved(after, &["mergeCell"], "ref", foot.unwrap_or(u64::MAX), shift);
        let p = &sheet.prefix;
        if sheet.is_empty_tag {
            format!("{before}<{p}sheetData>{data}</{p}sheetData>{after}")
        } else {
            format!("{before}{data}{after}")
        }
    }

    fn push_row(&self, out: &mut String, number: u64, style: Option<&FormRow>, cells: &[Cell]) {
        use std::fmt::Write as _;
        let p = &self.sheet.prefix;
        let attributes = style.map_or("", |row| row.attributes.as_str());
        let _ = write!(out, "<{p}row r=\"{number}\"{attributes}>");
        let known = style.map_or(&[][..], |row| &row.cells[..]);
        let mut columns: Vec<usize> = known.iter().map(|cell| cell.column).collect();
        columns.extend(self.headings.iter().filter(|h| h.asks.is_some()).map(|h| h.column));
        columns.sort_unstable();
        columns.dedup();
        for column in columns {
            let place = column_name(column);
            let style = known.iter().find(|cell| cell.column == column);
            let style = style.and_then(|cell| cell.style.as_ref());
            let style = style.map_or_else(String::new, |style| format!(" s=\"{style}\""));
            let heading = self.headings.iter().find(|heading| heading.column == column);
            let running = Cell { text: (number - self.first + 1).to_string(), is_number: true };
            let cell = match heading.and_then(|heading| heading.asks) {
                Some(Asks::Number) => Some(&running),
                Some(Asks::Column(at)) => cells.get(at),
                None => None,
            };
            let _ = match cell.filter(|cell| !cell.text.is_empty()) {
                None => write!(out, "<{p}c r=\"{place}{number}\"{style}/>"),
                Some(cell) if cell.is_number => {
                    write!(
                        out,
                        "<{p}c r=\"{place}{number}\"{style}><{p}v>{}</{p}v></{p}c>",
                        cell.text
                    )
                }
                Some(cell) => {
                    let mut text = String::new();
                    push_xml(&mut text, &cell.text);
                    let (style, space) =
                        (format!("{style} t=\"inlineStr\""), "xml:space=\"preserve\"");
                    write!(out, "<{p}c r=\"{place}{number}\"{style}>").and_then(|()| {
                        write!(out, "<{p}is><{p}t {space}>{text}</{p}t></{p}is></{p}c>")
                    })
                }
            };
        }
        let _ = write!(out, "</{p}row>");
    }
}

/// XML whose tags of some names have the row numbers in an attribute moved down, those from a row on.
fn moved(xml: &str, names: &[&str], key: &str, from: u64, by: u64) -> String {
    if by == 0 {
        return xml.to_owned();
    }
    let mut out = String::with_capacity(xml.len() + 64);
    let mut rest = xml;
    while let Some(start) = rest.find('<') {
        let end = rest[start..].find('>').map_or(rest.len(), |end| start + end + 1);
        out.push_str(&rest[..start]);
        let tag = &rest[start..end];
        let name = tag[1..].split([' ', '>', '/', '\n', '\r', '\t']).next().unwrap_or_default();
        let local = name.split_once(':').map_or(name, |(_, local)| local);
        let needle = format!(" {key}=\"");
        match tag.find(&needle).filter(|_| names.contains(&local)) {
            None => out.push_str(tag),
            Some(at) => {
                let value = at + needle.len();
                let close = tag[value..].find('"').map_or(tag.len(), |close| value + close);
                out.push_str(&tag[..value]);
                let ends: Vec<String> =
                    tag[value..close].split(':').map(|end| moved_place(end, from, by)).collect();
                out.push_str(&ends.join(":"));
                out.push_str(&tag[close..]);
            }
        }
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

/// `B12` or `12`, moved down.
fn moved_place(place: &str, from: u64, by: u64) -> String {
    let letters = place.bytes().take_while(u8::is_ascii_alphabetic).count();
    match place[letters..].parse::<u64>() {
        Ok(row) if row >= from => format!("{}{}", &place[..letters], row + by),
        _ => place.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_have_names() {
        for (column, name) in [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")] {
            assert_eq!(column_name(column), name);
            assert_eq!(cell_place(&format!("{name}7")), Some((column, 7)));
        }
        assert_eq!((cell_place("7"), cell_place("ZZZZ1"), cell_place("A")), (None, None, None));
    }

    #[test]
    fn rows_move_and_nothing_else() {
        let xml = r#"<row r="9" ht="3"><c r="B9" s="1"><v>9</v></c></row>"#;
        let down = r#"<row r="12" ht="3"><c r="B12" s="1"><v>9</v></c></row>"#;
        assert_eq!(moved(xml, &["row", "c"], "r", 0, 3), down);
        let merges = r#"<mergeCell ref="A1:C1"/><mergeCell ref="A9:C9"/><x ref="A9"/>"#;
        let down = r#"<mergeCell ref="A1:C1"/><mergeCell ref="A11:C11"/><x ref="A9"/>"#;
        assert_eq!(moved(merges, &["mergeCell"], "ref", 5, 2), down);
    }
}
