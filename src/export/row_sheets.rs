//! Rows as sheets of a workbook (XLSX), however many: a row is on the disk before the next one comes,
//! and a full sheet is followed by another.

use std::io::{self, Seek, Write};
use std::path::Path;

use rust_xlsxwriter::{Format, Workbook, XlsxError};

use crate::query::table::Cell;

/// Rows of a sheet in Excel.
const MOST_ROWS: u32 = 1_048_576;
/// Characters of a cell in Excel.
const MOST_CHARACTERS: usize = 32_767;

/// A workbook that is being written.
pub(super) struct RowSheets<W> {
    to: W,
    book: Workbook,
    name: String,
    headings: Vec<String>,
    sheets: usize,
    row: u32,
    text: Format,
    bold: Format,
}

fn failed(error: XlsxError) -> io::Error {
    match error {
        XlsxError::IoError(error) => error,
        error => io::Error::other(error),
    }
}

impl<W: Write + Seek + Send> RowSheets<W> {
    /// Begins a workbook; what waits for its end is kept in `folder`, beside the file.
    pub(super) fn new(
        to: W,
        folder: Option<&Path>,
        name: &str,
        headings: &[&str],
    ) -> io::Result<Self> {
        let mut book = Workbook::new();
        book.set_tempdir(folder.unwrap_or(Path::new("."))).map_err(failed)?;
        let mut sheets = Self {
            to,
            book,
            name: name.to_owned(),
            headings: headings.iter().map(|h| (*h).to_owned()).collect(),
            sheets: 0,
            row: 0,
            text: Format::new().set_num_format("@"),
            bold: Format::new().set_bold().set_num_format("@"),
        };
        sheets.begin_sheet().map_err(failed)?;
        Ok(sheets)
    }

    fn begin_sheet(&mut self) -> Result<(), XlsxError> {
        self.sheets += 1;
        let name = match self.sheets {
            1 => self.name.clone(),
            number => format!("{} {number}", self.name),
        };
        let sheet = self.book.add_worksheet_with_constant_memory()?;
        sheet.set_name(name)?;
        sheet.set_freeze_panes(1, 0)?;
        for (column, heading) in self.headings.iter().enumerate() {
            sheet.set_column_width(column as u16, 16.0)?;
            sheet.write_string_with_format(0, column as u16, heading, &self.bold)?;
        }
        self.row = 1;
        Ok(())
    }

    fn write_row(&mut self, cells: &[Cell]) -> Result<(), XlsxError> {
        if self.row == MOST_ROWS {
            self.begin_sheet()?;
        }
        let sheet = self.book.worksheet_from_index(self.sheets - 1)?;
        for (column, cell) in cells.iter().enumerate().filter(|(_, cell)| !cell.text.is_empty()) {
            let column = column as u16;
            match cell.text.parse::<f64>() {
                Ok(number) if cell.is_number => {
                    sheet.write_number(self.row, column, number)?;
                }
                _ if cell.text.len() > MOST_CHARACTERS => {
                    let short: String = cell.text.chars().take(MOST_CHARACTERS / 2).collect();
                    sheet.write_string_with_format(self.row, column, short, &self.text)?;
                }
                _ => {
                    sheet.write_string_with_format(self.row, column, &cell.text, &self.text)?;
                }
            }
        }
        self.row += 1;
        Ok(())
    }

    /// Takes a row.
    pub(super) fn row(&mut self, cells: &[Cell]) -> io::Result<()> {
        self.write_row(cells).map_err(failed)
    }

    /// Ends the workbook.
    pub(super) fn end(mut self) -> io::Result<()> {
        self.book.save_to_writer(&mut self.to).map_err(failed)?;
        self.to.flush()
    }
}
