//! Tables of web pages: what many offices' systems save as `.xls` is one.

use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::Path;

use html5gum::{DefaultEmitter, StartTag, Token, Tokenizer};

use crate::domain::cell::MOST_CHARS;
use crate::domain::file_kind::FileKind;
use crate::import::error::ImportError;
use crate::import::sheet_row::{Merge, RowSink, SheetRow};

/// Longest page that is read, bytes: some 500,000 rows.
const MOST_BYTES: u64 = 256 << 20;
/// Rows and columns beyond are no list.
const MOST_ROWS: u64 = 1_048_576;
const MOST_COLUMNS: usize = 1_024;

/// The rows of a page's tables, one under the other.
#[derive(Default)]
pub(crate) struct Page {
    /// Rows, counted from 1; a blank one between tables.
    pub(crate) rows: Vec<SheetRow>,
    /// Cells over several rows.
    pub(crate) merges: Vec<Merge>,
}

impl Page {
    /// Reads a page.
    ///
    /// # Errors
    /// [`ImportError::NotATable`] for one without a table, or a longer one; [`ImportError::Io`].
    pub(crate) fn open(
        path: &Path,
        codec: &'static encoding_rs::Encoding,
    ) -> Result<Self, ImportError> {
        let io = |e| ImportError::Io(path.to_owned(), e);
        let file = File::open(path).map_err(io)?;
        let decoded = encoding_rs_io::DecodeReaderBytesBuilder::new()
            .encoding(Some(codec))
            .bom_override(true)
            .build(BufReader::new(file));
        let mut text = String::new();
        decoded.take(MOST_BYTES + 1).read_to_string(&mut text).map_err(io)?;
        if text.len() as u64 > MOST_BYTES {
            let told = "the page is longer than 256 MB; save the table as XLSX or CSV";
            return Err(ImportError::NotATable(told.into()));
        }
        let page = read(&text);
        if page.rows.iter().all(SheetRow::is_blank) {
            return Err(ImportError::NotATable(FileKind::Html.advice().into()));
        }
        Ok(page)
    }

    /// Hands over the rows.
    ///
    /// # Errors
    /// None: the page was read when it was opened.
    pub(crate) fn scan(&self, sink: RowSink<'_>) -> Result<(), ImportError> {
        let _ = self.rows.iter().try_for_each(|row| sink(row.clone()));
        Ok(())
    }
}

/// A table that is being read.
#[derive(Default)]
struct Reading {
    page: Page,
    /// Tables within tables: those inside are text of their cell.
    depth: u32,
    row: Option<csv::StringRecord>,
    cell: Option<Cell>,
    /// Last row, by column, that a cell from above takes up.
    taken: Vec<u64>,
}

struct Cell {
    text: String,
    columns: usize,
    rows: u64,
}

fn read(text: &str) -> Page {
    let mut emitter = DefaultEmitter::default();
    // What stands in scripts and styles is no text.
    emitter.naively_switch_states(true);
    let mut reading = Reading::default();
    let mut skipped: Option<Vec<u8>> = None;
    for token in Tokenizer::new_with_emitter(text, emitter) {
        let Ok(token) = token;
        match token {
            Token::StartTag(tag) if skipped.is_none() => match tag.name.as_slice() {
                b"script" | b"style" if !tag.self_closing => skipped = Some(tag.name.to_vec()),
                _ => reading.open(&tag),
            },
            Token::EndTag(tag) => match &skipped {
                Some(name) if *name == *tag.name => skipped = None,
                Some(_) => {}
                None => reading.close(&tag.name),
            },
            Token::String(text) if skipped.is_none() => {
                if let Some(cell) = &mut reading.cell {
                    cell.text.push_str(&String::from_utf8_lossy(&text));
                }
            }
            _ => {}
        }
        if reading.page.rows.len() as u64 >= MOST_ROWS {
            break;
        }
    }
    reading.end_row();
    reading.page
}

/// A number of columns or rows that a cell takes up.
fn span(tag: &StartTag<()>, name: &[u8], most: u64) -> u64 {
    let text = tag.attributes.get(name).map(|value| String::from_utf8_lossy(value).into_owned());
    text.and_then(|text| text.trim().parse().ok()).unwrap_or(1).clamp(1, most)
}

impl Reading {
    fn open(&mut self, tag: &StartTag<()>) {
        match tag.name.as_slice() {
            b"table" => {
                self.depth += 1;
                if self.depth == 1 && !self.page.rows.is_empty() {
                    self.page.rows.push(SheetRow { line: self.next_line(), ..SheetRow::default() });
                    self.taken.clear();
                }
            }
            b"tr" if self.depth == 1 => {
                self.end_row();
                self.row = Some(csv::StringRecord::new());
            }
            b"td" | b"th" if self.depth == 1 => {
                self.end_cell();
                self.row.get_or_insert_default();
                self.cell = Some(Cell {
                    text: String::new(),
                    columns: span(tag, b"colspan", MOST_COLUMNS as u64) as usize,
                    rows: span(tag, b"rowspan", MOST_ROWS),
                });
            }
            b"br" | b"p" | b"div" | b"td" | b"tr" => {
                if let Some(cell) = &mut self.cell {
                    cell.text.push(' ');
                }
            }
            _ => {}
        }
    }

    fn close(&mut self, name: &[u8]) {
        match name {
            b"table" => {
                if self.depth == 1 {
                    self.end_row();
                }
                self.depth = self.depth.saturating_sub(1);
            }
            b"tr" if self.depth == 1 => self.end_row(),
            b"td" | b"th" if self.depth == 1 => self.end_cell(),
            _ => {}
        }
    }

    fn next_line(&self) -> u64 {
        self.page.rows.len() as u64 + 1
    }

    fn end_cell(&mut self) {
        let line = self.next_line();
        let (Some(cell), Some(row)) = (self.cell.take(), &mut self.row) else { return };
        // Cells from above push it to the right.
        while self.taken.get(row.len()).is_some_and(|last| *last >= line) {
            row.push_field("");
        }
        let column = row.len();
        if column + cell.columns > MOST_COLUMNS {
            return;
        }
        let words: Vec<&str> = cell.text.split_whitespace().collect();
        let text: String = words.join(" ").chars().take(MOST_CHARS).collect();
        row.push_field(&text);
        (1..cell.columns).for_each(|_| row.push_field(""));
        if cell.rows > 1 {
            let last = line + cell.rows - 1;
            self.taken.resize(self.taken.len().max(column + cell.columns), 0);
            self.taken[column..column + cell.columns].fill(last);
            self.page.merges.push(Merge { column, first: line, last });
        }
    }

    fn end_row(&mut self) {
        self.end_cell();
        let line = self.next_line();
        if let Some(record) = self.row.take() {
            self.page.rows.push(SheetRow { line, record, ..SheetRow::default() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn table(text: &str) -> String {
        let rows = read(text).rows;
        let cells = |row: &SheetRow| row.record.iter().collect::<Vec<_>>().join("|");
        rows.iter().map(cells).collect::<Vec<_>>().join("/")
    }

    #[test]
    fn tables_as_systems_save_them() {
        let check = |text: &str, expect: &str| assert_eq!(table(text), expect, "{text}");
        check(
            "<table><tr><td>姓名</td><td>地址</td></tr><tr><td>a</td></tr></table>",
            "姓名|地址/a",
        );
        check("<TABLE><TR><TH>a<TH>b<TR><TD>1<TD>2", "a|b/1|2");
        check("<table><tr><td> a &amp;\n b&nbsp;<br>c</td></tr></table>", "a & b c");
        check(
            "<table><tr><td>a<table><tr><td>b</td></tr></table></td><td>c</td></tr></table>",
            "a b|c",
        );
        check("<style>td{}</style><script>'<td>'</script><table><tr><td>a</table>", "a");
        check("<table><tr><td colspan=2>a</td><td>b</td></tr></table>", "a||b");
        check(
            "<table><tr><td rowspan=2>a</td><td>b</td></tr><tr><td>c</td></tr><tr><td>d</table>",
            "a|b/|c/d",
        );
        check("<table><tr><td>a</table><p>x</p><table><tr><td>b</table>", "a//b");
        check("<p>13800138000</p>", "");
    }

    #[test]
    fn cells_over_rows_are_merges() {
        let page = read("<table><tr><td>a<td rowspan=3>b</tr><tr><td>c</table>");
        assert_eq!(page.merges, [Merge { column: 1, first: 1, last: 3 }]);
        let odd = read("<table><tr><td rowspan=99999999999999999999 colspan=-1>b</table>");
        assert_eq!(odd.merges, []);
    }

    proptest! {
        #[test]
        fn any_page_is_read(parts in prop::collection::vec("<(/?)(table|tr|td|td rowspan=3|script|br|!--)>|[a-z&;<\"]{0,4}", 0..40)) {
            let page = read(&parts.concat());
            for (index, row) in page.rows.iter().enumerate() {
                prop_assert_eq!(row.line, index as u64 + 1);
            }
        }
    }
}
