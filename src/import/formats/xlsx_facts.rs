//! What a sheet of an XLSX workbook hides from a reader of values: hidden rows and columns, formulas
//! whose values were never saved (ECMA-376 part 1, 18.3.1).

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::import::fields;
use crate::import::kind::Kind;

/// Columns a sheet has.
const MOST_COLUMNS: usize = 16_384;
/// Bytes of the small parts that name the sheets.
const MOST_NAMES: u64 = 16 << 20;

/// What a sheet hides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SheetFacts {
    /// Hidden columns, from 0.
    pub hidden_columns: Vec<usize>,
    /// Number of hidden rows that hold something.
    pub hidden_rows: u64,
    /// Formulas without a value, by column.
    pub empty_formulas: BTreeMap<usize, u64>,
}

impl SheetFacts {
    /// How many cells of the columns that mean something here hold formulas without values.
    pub(crate) fn without_value(
        &self,
        headings: &[String],
        kind: Kind,
        pairs: &[(String, String)],
    ) -> u64 {
        let map = fields::map_columns(kind, headings, pairs, &[]).unwrap_or_default();
        let used = map.columns.iter().filter_map(|(_, column)| self.empty_formulas.get(column));
        used.sum()
    }
}

/// The facts of a sheet; none where the workbook is of another kind or cannot be looked into.
pub(crate) fn of_sheet(path: &Path, sheet: &str) -> SheetFacts {
    look(path, sheet).unwrap_or_default()
}

fn look(path: &Path, sheet: &str) -> Option<SheetFacts> {
    let mut archive = zip::ZipArchive::new(BufReader::new(File::open(path).ok()?)).ok()?;
    let relation = sheet_relation(&text_of(&mut archive, "xl/workbook.xml")?, sheet)?;
    let target = target_of(&text_of(&mut archive, "xl/_rels/workbook.xml.rels")?, &relation)?;
    let part = match target.strip_prefix('/') {
        Some(absolute) => absolute.to_owned(),
        None => format!("xl/{target}"),
    };
    let index = position(&mut archive, &part)?;
    let entry = archive.by_index(index).ok()?;
    let mut facts = SheetFacts::default();
    let _ = read(BufReader::with_capacity(1 << 16, entry), &mut facts);
    Some(facts)
}

pub(crate) fn position(
    archive: &mut zip::ZipArchive<BufReader<File>>,
    name: &str,
) -> Option<usize> {
    (0..archive.len()).find(|index| {
        let entry = archive.by_index_raw(*index);
        entry.is_ok_and(|e| {
            String::from_utf8_lossy(e.name_raw()).replace('\\', "/").eq_ignore_ascii_case(name)
        })
    })
}

pub(crate) fn text_of(
    archive: &mut zip::ZipArchive<BufReader<File>>,
    name: &str,
) -> Option<String> {
    let index = position(archive, name)?;
    let mut text = String::new();
    archive.by_index(index).ok()?.take(MOST_NAMES).read_to_string(&mut text).ok()?;
    Some(text)
}

pub(crate) fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = element.attributes().flatten().find(|a| {
        let key = a.key.as_ref();
        key == name || key.rsplit_once(':').is_some_and(|(_, bare)| bare == name)
    })?;
    quick_xml::escape::unescape(&found.value).ok().map(std::borrow::Cow::into_owned)
}

/// Calls `found` with every element of a text.
fn each_element(text: &str, mut found: impl FnMut(&BytesStart<'_>) -> bool) {
    let mut reader = Reader::from_str(text);
    while let Ok(event) = reader.read_event() {
        match event {
            Event::Start(element) | Event::Empty(element) if found(&element) => return,
            Event::Eof => return,
            _ => {}
        }
    }
}

fn sheet_relation(workbook: &str, sheet: &str) -> Option<String> {
    let mut relation = None;
    each_element(workbook, |element| {
        let is_one = element.local_name().as_ref() == "sheet"
            && attribute(element, "name").as_deref() == Some(sheet);
        if is_one {
            relation = element
                .attributes()
                .flatten()
                .find(|a| a.key.as_ref().ends_with(":id"))
                .map(|a| a.value.to_string());
        }
        is_one
    });
    relation
}

pub(crate) fn target_of(relations: &str, relation: &str) -> Option<String> {
    let mut target = None;
    each_element(relations, |element| {
        let is_one = attribute(element, "Id").as_deref() == Some(relation);
        if is_one {
            target = attribute(element, "Target");
        }
        is_one
    });
    target
}

fn is_set(element: &BytesStart<'_>, name: &str) -> bool {
    attribute(element, name).is_some_and(|value| value == "1" || value == "true")
}

/// Column from 0 of a cell: `AB12` is 27.
fn column_of(reference: &str) -> Option<usize> {
    let letters = reference.bytes().take_while(u8::is_ascii_alphabetic);
    let number = letters
        .fold(0usize, |n, b| n.saturating_mul(26) + usize::from(b.to_ascii_uppercase() - b'A') + 1);
    number.checked_sub(1).filter(|column| *column < MOST_COLUMNS)
}

fn read(part: impl std::io::BufRead, facts: &mut SheetFacts) -> quick_xml::Result<()> {
    let mut reader = Reader::from_reader(part);
    let mut buffer = Vec::new();
    // The open cell: its column, whether it has a formula, whether a value.
    let (mut column, mut has_formula, mut has_value) = (None, false, false);
    let mut is_row_hidden = false;
    loop {
        let event = reader.read_event_into(&mut buffer)?;
        let is_empty = matches!(event, Event::Empty(_));
        match &event {
            Event::Start(element) | Event::Empty(element) => match element.local_name().as_ref() {
                "col" if is_set(element, "hidden") => {
                    let number = |name| attribute(element, name)?.parse::<usize>().ok();
                    if let (Some(min), Some(max)) = (number("min"), number("max")) {
                        let last = max.min(MOST_COLUMNS);
                        facts.hidden_columns.extend((min.max(1)..=last).map(|c| c - 1));
                    }
                }
                "row" => is_row_hidden = is_set(element, "hidden") && !is_empty,
                "c" => {
                    facts.hidden_rows += u64::from(std::mem::take(&mut is_row_hidden));
                    column = attribute(element, "r").as_deref().and_then(column_of);
                    (has_formula, has_value) = (false, false);
                }
                "f" => has_formula = true,
                "v" => has_value = !is_empty,
                "is" => has_value = true,
                _ => {}
            },
            Event::End(element) if element.local_name().as_ref() == "c" => {
                if let (Some(column), true, false) = (column, has_formula, has_value) {
                    *facts.empty_formulas.entry(column).or_default() += 1;
                }
            }
            Event::Eof => return Ok(()),
            _ => {}
        }
        buffer.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_tells_what_it_hides() {
        let text = "<worksheet><cols><col min=\"3\" max=\"4\" hidden=\"1\"/><col min=\"9\" max=\"9\"/></cols>\
            <sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c><c r=\"B1\"><f>A1</f><v>1</v></c></row>\
            <row r=\"2\" hidden=\"1\"><c r=\"B2\"><f>A2</f></c><c r=\"AA2\"><f>A2</f><v/></c></row>\
            <row r=\"3\" hidden=\"1\"/></sheetData></worksheet>";
        let mut facts = SheetFacts::default();
        read(text.as_bytes(), &mut facts).unwrap();
        assert_eq!(facts.hidden_columns, [2, 3]);
        assert_eq!(facts.hidden_rows, 1);
        assert_eq!(facts.empty_formulas, BTreeMap::from([(1, 1), (26, 1)]));
    }
}
