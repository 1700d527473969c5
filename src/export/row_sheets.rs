//! Rows as sheets of a workbook (XLSX, ECMA-376 part 1, 18.3), however many: a row is packed before the next one
//! comes, and a full sheet is followed by another. Texts stand in their cells, so that nothing waits for the end.
//!
//! `rust_xlsxwriter`, which writes the small sheets, took three times as long for a million rows.

use std::fmt::Write as _;
use std::io::{self, Seek, Write};

use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

use super::packed_xml::{FailsOnce, column_name, failed, push_xml};
use crate::query::table::Cell;

/// Rows of a sheet in Excel.
const MOST_ROWS: u32 = 1_048_576;
/// Characters of a cell in Excel.
const MOST_CHARACTERS: usize = 32_767;
/// Characters of a sheet's name in Excel.
const MOST_NAME: usize = 31;

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";

/// Styles: 0 for numbers, 1 for texts (so that no program makes a number or a day of them), 2 for headings.
const STYLES: &str = r#"<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>"#;

/// A workbook that is being written.
pub(super) struct RowSheets<W: Write + Seek> {
    archive: ZipWriter<FailsOnce<W>>,
    name: String,
    headings: Vec<String>,
    /// Letters of the columns.
    letters: Vec<String>,
    sheets: usize,
    row: u32,
    /// Rows of a sheet at most.
    most_rows: u32,
    line: String,
}

fn packed() -> SimpleFileOptions {
    // Quickly rather than small: the sheet is read once and thrown away.
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(1))
        .large_file(true)
}

impl<W: Write + Seek> RowSheets<W> {
    /// Begins a workbook.
    pub(super) fn new(to: W, name: &str, headings: &[&str]) -> io::Result<Self> {
        let mut sheets = Self {
            archive: ZipWriter::new(FailsOnce::new(to)),
            name: name.chars().take(MOST_NAME - 4).collect(),
            headings: headings.iter().map(|h| (*h).to_owned()).collect(),
            letters: (0..headings.len()).map(column_name).collect(),
            sheets: 0,
            row: 0,
            most_rows: MOST_ROWS,
            line: String::new(),
        };
        sheets.part("xl/styles.xml", &["<styleSheet xmlns=\"", MAIN, "\">", STYLES].concat())?;
        sheets.begin_sheet()?;
        Ok(sheets)
    }

    fn part(&mut self, name: &str, body: &str) -> io::Result<()> {
        self.archive.start_file(name, packed()).map_err(failed)?;
        self.archive.write_all(HEAD.as_bytes())?;
        self.archive.write_all(body.as_bytes())
    }

    fn begin_sheet(&mut self) -> io::Result<()> {
        self.sheets += 1;
        let part = format!("xl/worksheets/sheet{}.xml", self.sheets);
        let columns = self.headings.len().max(1);
        let mut body = String::new();
        for piece in [
            "<worksheet xmlns=\"",
            MAIN,
            "\"><sheetViews><sheetView workbookViewId=\"0\"><pane ySplit=\"1\" topLeftCell=\"A2\"",
            " activePane=\"bottomLeft\" state=\"frozen\"/></sheetView></sheetViews><cols>",
        ] {
            body.push_str(piece);
        }
        let _ = write!(
            body,
            "<col min=\"1\" max=\"{columns}\" width=\"16\" customWidth=\"1\"/></cols>"
        );
        body.push_str("<sheetData>");
        self.part(&part, &body)?;
        self.row = 0;
        let headings = std::mem::take(&mut self.headings);
        self.begin_row();
        for (column, heading) in headings.iter().enumerate() {
            self.push_text(column, heading, '2');
        }
        self.headings = headings;
        self.end_row()
    }

    fn begin_row(&mut self) {
        self.row += 1;
        self.line.clear();
        let _ = write!(self.line, "<row r=\"{}\">", self.row);
    }

    fn end_row(&mut self) -> io::Result<()> {
        self.line.push_str("</row>");
        self.archive.write_all(self.line.as_bytes())
    }

    fn push_place(&mut self, column: usize) {
        self.line.push_str("<c r=\"");
        self.line.push_str(self.letters.get(column).map_or("", String::as_str));
        let _ = write!(self.line, "{}\"", self.row);
    }

    fn push_text(&mut self, column: usize, text: &str, style: char) {
        self.push_place(column);
        self.line.push_str(" s=\"");
        self.line.push(style);
        // Blanks at the ends are kept only where that is said.
        let keeps = text.starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace);
        self.line.push_str("\" t=\"inlineStr\"><is>");
        self.line.push_str(if keeps { "<t xml:space=\"preserve\">" } else { "<t>" });
        if text.len() > MOST_CHARACTERS {
            let short: String = text.chars().take(MOST_CHARACTERS / 2).collect();
            push_xml(&mut self.line, &short);
        } else {
            push_xml(&mut self.line, text);
        }
        self.line.push_str("</t></is></c>");
    }

    /// Takes a row.
    pub(super) fn row(&mut self, cells: &[Cell]) -> io::Result<()> {
        if self.row == self.most_rows {
            self.archive.write_all(b"</sheetData></worksheet>")?;
            self.begin_sheet()?;
        }
        self.begin_row();
        for (column, cell) in cells.iter().enumerate().filter(|(_, cell)| !cell.text.is_empty()) {
            if cell.is_number && cell.text.parse::<f64>().is_ok_and(f64::is_finite) {
                self.push_place(column);
                self.line.push_str("><v>");
                self.line.push_str(&cell.text);
                self.line.push_str("</v></c>");
            } else {
                self.push_text(column, &cell.text, '1');
            }
        }
        self.end_row()
    }

    /// Ends the workbook.
    pub(super) fn end(mut self) -> io::Result<()> {
        self.archive.write_all(b"</sheetData></worksheet>")?;
        let (mut list, mut links, mut kinds) = (String::new(), String::new(), String::new());
        let name = self.name.clone();
        for sheet in 1..=self.sheets {
            list.push_str("<sheet name=\"");
            push_xml(&mut list, &name);
            if sheet > 1 {
                let _ = write!(list, " {sheet}");
            }
            let _ = write!(list, "\" sheetId=\"{sheet}\" r:id=\"rId{sheet}\"/>");
            let _ = write!(
                links,
                "<Relationship Id=\"rId{sheet}\" Type=\"{OFFICE}/worksheet\" Target=\"worksheets/sheet{sheet}.xml\"/>"
            );
            let _ = write!(
                kinds,
                "<Override PartName=\"/xl/worksheets/sheet{sheet}.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml\"/>"
            );
        }
        let styles = self.sheets + 1;
        let relations = format!("<Relationships xmlns=\"{PACKAGE}/relationships\">");
        self.part(
            "xl/workbook.xml",
            &format!(
                "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><sheets>{list}</sheets></workbook>"
            ),
        )?;
        self.part(
            "xl/_rels/workbook.xml.rels",
            &format!("{relations}{links}<Relationship Id=\"rId{styles}\" Type=\"{OFFICE}/styles\" Target=\"styles.xml\"/></Relationships>"),
        )?;
        self.part(
            "_rels/.rels",
            &format!("{relations}<Relationship Id=\"rId1\" Type=\"{OFFICE}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"),
        )?;
        self.part(
            "[Content_Types].xml",
            &format!("<Types xmlns=\"{PACKAGE}/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/><Override PartName=\"/xl/workbook.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/><Override PartName=\"/xl/styles.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml\"/>{kinds}</Types>"),
        )?;
        self.archive.finish().map_err(failed)?.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use calamine::{Data, Reader as _, Xlsx};

    use super::*;

    fn cell(text: &str, is_number: bool) -> Cell {
        Cell { text: text.to_owned(), is_number }
    }

    #[test]
    fn cells_are_what_they_were_and_a_full_sheet_is_followed_by_another() {
        let mut bytes = Cursor::new(Vec::new());
        let mut sheets = RowSheets::new(&mut bytes, "花名册", &["<名>", "数"]).unwrap();
        sheets.most_rows = 3;
        let texts = ["=1+1", " a&b<c>\"d\" ", "x\ny\u{1}", "320902198001010013", ""];
        for (at, text) in texts.iter().enumerate() {
            sheets.row(&[cell(text, false), cell(&at.to_string(), true)]).unwrap();
        }
        sheets.row(&[cell("inf", true), cell(&"长".repeat(40_000), false)]).unwrap();
        sheets.end().unwrap();
        let mut book: Xlsx<_> = Xlsx::new(bytes).unwrap();
        assert_eq!(book.sheet_names(), ["花名册", "花名册 2", "花名册 3"]);
        let mut told = Vec::new();
        for name in book.sheet_names() {
            let range = book.worksheet_range(&name).unwrap();
            assert_eq!(range.get((0, 0)), Some(&Data::String("<名>".to_owned())));
            for row in range.rows().skip(1) {
                told.push((row[0].to_string(), row[1].clone()));
            }
        }
        let expected = ["=1+1", " a&b<c>\"d\" ", "x\ny", "320902198001010013", ""];
        for (at, text) in expected.iter().enumerate() {
            assert_eq!(told[at], ((*text).to_owned(), Data::Float(at as f64)));
        }
        assert_eq!(told[5].0, "inf");
        assert!(told[5].1.to_string().chars().count() <= MOST_CHARACTERS);
    }
}
