//! Sheets for Excel, WPS and LibreOffice (XLSX): templates to fill in, and reports to correct.

use crate::text::Message;
use std::path::Path;

use rust_xlsxwriter::{
    Color, DataValidation, Format, FormatAlign, FormatBorder, Workbook, XlsxError,
};

/// A column of a sheet.
#[derive(Debug, Clone, Default)]
pub struct Column {
    /// What stands above it.
    pub heading: String,
    /// Width in characters.
    pub width: u16,
    /// Values to choose from; empty for free text.
    pub choices: Vec<String>,
    /// Whether cells are to be filled in: they stand out.
    pub is_open: bool,
}

/// A sheet: everything is text, so that no spreadsheet rounds a number or makes a date of a door.
#[derive(Debug, Clone, Default)]
pub struct SheetPage {
    /// Name of the sheet (31 characters at most).
    pub name: String,
    /// Columns.
    pub columns: Vec<Column>,
    /// Rows below the headings that explain, in grey.
    pub hints: Vec<Vec<String>>,
    /// Rows.
    pub rows: Vec<Vec<String>>,
}

/// Characters of a cell in Excel.
const MOST_CHARACTERS: usize = 32_767;
/// Characters of all choices of a validation in Excel.
const MOST_CHOICE_CHARACTERS: usize = 255;

/// Writes a workbook of one sheet. The file is complete or not there.
///
/// # Errors
/// The file system's, as text.
pub fn write_sheet(to: &Path, page: &SheetPage) -> Result<(), Message> {
    let bytes = workbook(page).map_err(Message::of)?;
    crate::store::files::write_private(to, &bytes).map_err(|e| e.message())
}

fn workbook(page: &SheetPage) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name(&page.name)?;
    let text = Format::new().set_num_format("@");
    let open = text.clone().set_background_color(Color::RGB(0x00FF_F8E1));
    let heading = Format::new()
        .set_bold()
        .set_num_format("@")
        .set_background_color(Color::RGB(0x00DD_E7F3))
        .set_border_bottom(FormatBorder::Thin)
        .set_align(FormatAlign::Center);
    let hint = text.clone().set_font_color(Color::RGB(0x0070_7070)).set_italic();
    for (index, column) in page.columns.iter().enumerate() {
        let at = index as u16;
        sheet.set_column_width(at, f64::from(column.width))?;
        sheet.set_column_format(at, if column.is_open { &open } else { &text })?;
        let fits = column.choices.iter().map(|c| c.chars().count() + 1).sum::<usize>()
            <= MOST_CHOICE_CHARACTERS;
        if !column.choices.is_empty() && fits {
            let choices: Vec<&str> = column.choices.iter().map(String::as_str).collect();
            let validation = DataValidation::new().allow_list_strings(&choices)?;
            let first = 1 + page.hints.len() as u32;
            sheet.add_data_validation(first, at, 100_000, at, &validation)?;
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    for (index, column) in page.columns.iter().enumerate() {
        sheet.write_string_with_format(0, index as u16, &column.heading, &heading)?;
    }
    let hints = page.hints.iter().map(|row| (row, true));
    let rows = page.rows.iter().map(|row| (row, false));
    for (line, (cells, is_hint)) in hints.chain(rows).enumerate() {
        for (index, cell) in cells.iter().enumerate() {
            let is_open = page.columns.get(index).is_some_and(|column| column.is_open);
            if cell.is_empty() && !is_open {
                continue;
            }
            let format = match (is_hint, is_open) {
                (true, _) => &hint,
                (false, true) => &open,
                (false, false) => &text,
            };
            let short: String = cell.chars().take(MOST_CHARACTERS).collect();
            sheet.write_string_with_format(1 + line as u32, index as u16, short, format)?;
        }
    }
    book.save_to_buffer()
}
