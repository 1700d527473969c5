//! Rows as a spreadsheet in OpenDocument (ISO/IEC 26300), however many: a row is packed before the next one comes,
//! and a full table is followed by another.

use std::fmt::Write as _;
use std::io::{self, Seek, Write};

use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

use super::packed_xml::{FailsOnce, failed, push_xml};
use crate::query::table::Cell;

/// Rows of a sheet in LibreOffice.
const MOST_ROWS: usize = 1_048_576;

const KIND: &str = "application/vnd.oasis.opendocument.spreadsheet";

const MANIFEST: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3">
<manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>
<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>
</manifest:manifest>"#;

const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" office:version="1.3"><office:automatic-styles><style:style style:name="head" style:family="table-cell"><style:text-properties fo:font-weight="bold"/></style:style><style:style style:name="wide" style:family="table-column"><style:table-column-properties style:column-width="3.2cm"/></style:style></office:automatic-styles><office:body><office:spreadsheet>"#;

/// A spreadsheet that is being written.
pub(super) struct OdsSheets<W: Write + Seek> {
    archive: ZipWriter<FailsOnce<W>>,
    name: String,
    headings: Vec<String>,
    sheets: usize,
    rows: usize,
    line: String,
}

fn push_text(out: &mut String, text: &str, style: &str) {
    let _ = write!(out, "<table:table-cell{style} office:value-type=\"string\"><text:p>");
    for (number, line) in text.split('\n').enumerate() {
        if number > 0 {
            out.push_str("</text:p><text:p>");
        }
        push_xml(out, line);
    }
    out.push_str("</text:p></table:table-cell>");
}

impl<W: Write + Seek> OdsSheets<W> {
    pub(super) fn new(to: W, name: &str, headings: &[&str]) -> io::Result<Self> {
        let mut archive = ZipWriter::new(FailsOnce::new(to));
        // The kind comes first and unpacked, so that it can be told from the first bytes.
        let plain = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        archive.start_file("mimetype", plain).map_err(failed)?;
        archive.write_all(KIND.as_bytes())?;
        let packed = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        archive.start_file("META-INF/manifest.xml", packed).map_err(failed)?;
        archive.write_all(MANIFEST.as_bytes())?;
        archive.start_file("content.xml", packed.large_file(true)).map_err(failed)?;
        archive.write_all(HEAD.as_bytes())?;
        let headings = headings.iter().map(|h| (*h).to_owned()).collect();
        let mut sheets = Self {
            archive,
            name: name.to_owned(),
            headings,
            sheets: 0,
            rows: 0,
            line: String::new(),
        };
        sheets.begin_sheet()?;
        Ok(sheets)
    }

    fn begin_sheet(&mut self) -> io::Result<()> {
        self.sheets += 1;
        let number = if self.sheets > 1 { format!(" {}", self.sheets) } else { String::new() };
        self.line.clear();
        let columns = self.headings.len().max(1).to_string();
        for part in [
            "<table:table table:name=\"",
            &self.name,
            &number,
            "\"><table:table-column table:style-name=\"wide\"",
            " table:number-columns-repeated=\"",
            &columns,
            "\"/><table:table-header-rows><table:table-row>",
        ] {
            self.line.push_str(part);
        }
        for heading in &self.headings {
            push_text(&mut self.line, heading, " table:style-name=\"head\"");
        }
        self.line.push_str("</table:table-row></table:table-header-rows>");
        self.rows = 1;
        self.archive.write_all(self.line.as_bytes())
    }

    /// Takes a row.
    pub(super) fn row(&mut self, cells: &[Cell]) -> io::Result<()> {
        if self.rows == MOST_ROWS {
            self.archive.write_all(b"</table:table>")?;
            self.begin_sheet()?;
        }
        self.line.clear();
        self.line.push_str("<table:table-row>");
        for cell in cells {
            let is_number = cell.is_number && cell.text.parse::<f64>().is_ok_and(f64::is_finite);
            if cell.text.is_empty() {
                self.line.push_str("<table:table-cell/>");
            } else if is_number {
                for part in [
                    "<table:table-cell office:value-type=\"float\"",
                    " office:value=\"",
                    &cell.text,
                    "\"><text:p>",
                    &cell.text,
                    "</text:p></table:table-cell>",
                ] {
                    self.line.push_str(part);
                }
            } else {
                push_text(&mut self.line, &cell.text, "");
            }
        }
        self.line.push_str("</table:table-row>");
        self.rows += 1;
        self.archive.write_all(self.line.as_bytes())
    }

    /// Ends the spreadsheet.
    pub(super) fn end(mut self) -> io::Result<()> {
        let tail = "</table:table></office:spreadsheet></office:body></office:document-content>";
        self.archive.write_all(tail.as_bytes())?;
        self.archive.finish().map_err(failed)?.flush()
    }
}
