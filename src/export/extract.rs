//! One-click extraction: a table into a file that is complete or not there, with its checksum and the
//! entry of the audit log.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::mpsc::sync_channel;

use sha2::{Digest as _, Sha256};

use super::csv::{self, Encoding};
use super::ods::OdsSheets;
use super::pdf::{List, ListColumn, MOST_ROWS};
use super::row_sheets::RowSheets;
use super::shaped::{Shaped, ShapedFile};
use super::taking::{ExtractError, Taking, check_target, publish};
use crate::access::Stamp;
use crate::domain::digest::hex;
use crate::query::table::{self, Cell, Column, Scope, ShapeKind, Shapes, TableKind, Told};
use crate::store::feature_file::FeatureFile;
use crate::store::files::Partial;
use crate::store::{self, Reader, StoreError, Workspace};
use crate::text::{Lang, thousands};

/// What a file holds its rows as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated text: UTF-8 with a byte-order mark, so that Excel reads it as such.
    Csv,
    /// The same in GB 18030.
    CsvGb18030,
    /// Sheets for Excel, WPS and LibreOffice; a new sheet where one is full.
    Xlsx,
    /// The same as an OpenDocument spreadsheet.
    Ods,
    /// A list on paper.
    Pdf,
    /// Features with outlines or positions (RFC 7946).
    GeoJson,
    /// The same as a GeoPackage, for QGIS and every other GIS.
    GeoPackage,
    /// The same as FlatGeobuf; rows without a place are left out.
    FlatGeobuf,
}

impl Format {
    /// Every format but for encodings, with the ending of its files.
    pub const ENDINGS: [(&'static str, Self); 7] = [
        ("xlsx", Self::Xlsx),
        ("csv", Self::Csv),
        ("ods", Self::Ods),
        ("pdf", Self::Pdf),
        ("geojson", Self::GeoJson),
        ("gpkg", Self::GeoPackage),
        ("fgb", Self::FlatGeobuf),
    ];

    /// The format of files with an ending.
    #[must_use]
    pub fn of_ending(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_string_lossy().to_lowercase();
        Self::ENDINGS.into_iter().find(|(known, _)| *known == ending).map(|(_, format)| format)
    }

    const fn is_shaped(self) -> bool {
        matches!(self, Self::GeoJson | Self::GeoPackage | Self::FlatGeobuf)
    }
}

/// What is to be extracted.
pub struct Extraction<'a> {
    /// Which rows, and where to.
    pub taking: Taking<'a>,
    /// Columns, in their order.
    pub columns: Vec<&'static Column>,
    /// As what.
    pub format: Format,
}

/// What was extracted.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Extracted {
    /// Rows.
    pub rows: u64,
    /// Names of the columns.
    pub columns: Vec<&'static str>,
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
    /// Rows that the format could not take, because they have no place.
    #[serde(skip_serializing_if = "is_none")]
    pub without_place: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
const fn is_none(count: &u64) -> bool {
    *count == 0
}

/// Columns by their names; the usual ones where none is named.
///
/// # Errors
/// The name that is no column of the kind.
pub fn columns_of(kind: TableKind, names: &[String]) -> Result<Vec<&'static Column>, String> {
    let all = kind.columns();
    if names.is_empty() {
        return Ok(all.iter().filter(|column| column.is_usual).collect());
    }
    let found = names.iter().map(|name| {
        let fits = |column: &&Column| {
            column.key == name || [Lang::Zh, Lang::En].iter().any(|l| column.label(*l) == name)
        };
        all.iter().find(fits).ok_or_else(|| name.clone())
    });
    found.collect()
}

/// Rows on their way into a file.
enum Rows {
    /// As they stand in it.
    Text(Vec<u8>),
    /// Cell by cell.
    Cells(Vec<Vec<Cell>>),
    /// With their shapes.
    Shaped(Vec<Shaped>),
}

/// A file that is being written.
enum Sink<'a> {
    Csv(BufWriter<File>, Sha256),
    Xlsx(Box<RowSheets<BufWriter<File>>>),
    Ods(Box<OdsSheets<BufWriter<File>>>),
    Pdf(BufWriter<File>, Box<List<'a>>),
    Shaped(ShapedFile),
}

impl Sink<'_> {
    /// Takes rows; gives back how many of them have no place in this format.
    fn take(&mut self, columns: &[&Column], rows: Rows) -> Result<u64, StoreError> {
        match (self, rows) {
            (Self::Csv(file, sum), Rows::Text(bytes)) => {
                sum.update(&bytes);
                file.write_all(&bytes).map_err(store::file_failed)?;
            }
            (Self::Xlsx(book), Rows::Cells(rows)) => {
                rows.iter().try_for_each(|row| book.row(row)).map_err(store::file_failed)?;
            }
            (Self::Ods(book), Rows::Cells(rows)) => {
                rows.iter().try_for_each(|row| book.row(row)).map_err(store::file_failed)?;
            }
            (Self::Pdf(_, list), Rows::Cells(mut rows)) => list.rows.append(&mut rows),
            (Self::Shaped(file), Rows::Shaped(rows)) => return file.take(columns, &rows),
            _ => {}
        }
        Ok(0)
    }

    /// Ends the file; gives its checksum.
    fn end(self, path: &Path, at: i64) -> Result<Sha256, StoreError> {
        match self {
            Self::Csv(mut file, sum) => {
                file.flush().map_err(store::file_failed)?;
                return Ok(sum);
            }
            Self::Xlsx(book) => book.end().map_err(store::file_failed)?,
            Self::Ods(book) => book.end().map_err(store::file_failed)?,
            Self::Pdf(mut file, mut list) => {
                list.tell_rows();
                let bytes = list.document().map_err(store::file_failed)?;
                file.write_all(&bytes).and_then(|()| file.flush()).map_err(store::file_failed)?;
            }
            Self::Shaped(file) => {
                if let Some(sum) = file.end(at)? {
                    return Ok(sum);
                }
            }
        }
        // What is written back and forth: its sum is taken of the whole.
        let mut sum = Sha256::new();
        let copied = File::open(path).and_then(|mut file| io::copy(&mut file, &mut sum));
        copied.map_err(store::file_failed)?;
        Ok(sum)
    }
}

impl Format {
    const fn encoding(self) -> Option<Encoding> {
        match self {
            Self::Csv => Some(Encoding::Utf8),
            Self::CsvGb18030 => Some(Encoding::Gb18030),
            _ => None,
        }
    }
}

/// Readers that work beside one another.
const READERS: usize = 2;

/// Reads the pieces of a table beside one another and hands them over in their order.
fn in_pieces(
    workspace: &Workspace,
    asked: &Extraction<'_>,
    pieces: &[Scope],
    mut take: impl FnMut(Rows, &Told) -> Result<(), ExtractError>,
) -> Result<(), ExtractError> {
    let read = |reader: &Reader, scope: &Scope| -> Result<(Rows, Told), StoreError> {
        let request = asked.taking.request(&asked.columns, scope);
        Ok(match asked.format.encoding() {
            Some(encoding) => {
                let mut lines = String::new();
                let told = table::each_row(reader, &request, |_, cells| {
                    csv::push_row(&mut lines, cells);
                    Ok::<(), StoreError>(())
                })?;
                (Rows::Text(encoding.bytes(lines)), told)
            }
            None if asked.format.is_shaped() => {
                let mut shapes = Shapes::new(reader, asked.taking.kind)?;
                let mut rows = Vec::new();
                let told = table::each_row(reader, &request, |id, cells| {
                    rows.push((shapes.of(id)?, cells.to_vec()));
                    Ok::<(), StoreError>(())
                })?;
                (Rows::Shaped(rows), told)
            }
            None => {
                let mut rows = Vec::new();
                let told = table::each_row(reader, &request, |_, cells| {
                    rows.push(cells.to_vec());
                    Ok::<(), StoreError>(())
                })?;
                (Rows::Cells(rows), told)
            }
        })
    };
    std::thread::scope(|scope| {
        let workers = READERS.min(pieces.len()).max(1);
        let mut answers = Vec::with_capacity(workers);
        for (worker, reader) in workspace.readers_of_one_state(workers)?.into_iter().enumerate() {
            let (sender, receiver) = sync_channel(1);
            answers.push(receiver);
            let read = &read;
            scope.spawn(move || {
                for piece in pieces.iter().skip(worker).step_by(workers) {
                    // Nobody listens any more: it was stopped, or has failed.
                    if sender.send(read(&reader, piece)).is_err() {
                        return;
                    }
                }
            });
        }
        for piece in 0..pieces.len() {
            let answer = answers[piece % workers].recv();
            let (rows, told) = answer.map_err(|_| ExtractError::from(StoreError::Cancelled))??;
            take(rows, &told)?;
        }
        Ok(())
    })
}

/// Writes a table into a file. `progress` is told how many rows are written, and may stop it. The
/// file appears with its entry in the audit log, or neither does.
///
/// # Errors
/// What the workspace or the file system says; [`StoreError::Exists`] where a file may not be
/// replaced; whatever `progress` gives back.
pub fn extract(
    workspace: &Workspace,
    stamp: &Stamp,
    asked: &Extraction<'_>,
    progress: &mut dyn FnMut(u64) -> Result<(), StoreError>,
) -> Result<Extracted, ExtractError> {
    check_target(workspace, &asked.taking.to, asked.taking.replaces)?;
    let partial = Partial::begin(&asked.taking.to)?;
    let named = |error: StoreError| asked.taking.named(error);
    let headings: Vec<&str> = asked.columns.iter().map(|c| c.label(asked.taking.lang)).collect();
    let reader = workspace.reader()?;
    let pieces = asked.taking.scope.pieces(&reader, asked.taking.kind)?;
    if asked.format == Format::Pdf {
        fits_paper(table::count(&reader, asked.taking.kind, &asked.taking.scope)?)?;
    }
    drop(reader);
    let mut sink = begin(asked, &partial, &headings).map_err(named)?;
    let (mut all, mut without_place) = (Told::default(), 0);
    in_pieces(workspace, asked, &pieces, |rows, told| {
        without_place += sink.take(&asked.columns, rows).map_err(named)?;
        all.rows += told.rows;
        for (field, count) in &told.opened {
            *all.opened.entry(field).or_default() += count;
        }
        Ok(progress(all.rows)?)
    })?;
    let sum = sink.end(partial.path(), stamp.at).map_err(named)?;
    let sha256 = hex(&sum.finalize());
    let columns: Vec<&'static str> = asked.columns.iter().map(|column| column.key).collect();
    let entry = asked.taking.entry("extract", &all, &columns, &sha256);
    publish(workspace, stamp, partial, (&asked.taking.to, asked.taking.replaces), entry)?;
    Ok(Extracted { rows: all.rows - without_place, columns, sha256, without_place })
}

/// Whether so many rows may be a list on paper.
pub(super) fn fits_paper(rows: u64) -> Result<(), ExtractError> {
    if rows <= MOST_ROWS as u64 {
        return Ok(());
    }
    Err(ExtractError::File(crate::msg!(
        "a list on paper holds {} rows, and these are {}: narrow the filter, or choose a spreadsheet",
        thousands(MOST_ROWS as u64),
        thousands(rows)
    )))
}

/// Begins the file of an extraction.
fn begin<'a>(
    asked: &Extraction<'a>,
    partial: &Partial,
    headings: &[&str],
) -> Result<Sink<'a>, StoreError> {
    let (kind, path) = (asked.taking.kind, partial.path());
    if asked.format == Format::GeoPackage {
        let geometry_type = match kind.shape() {
            ShapeKind::Outline => "MULTIPOLYGON",
            ShapeKind::Point => "POINT",
        };
        let columns: Vec<(&str, bool)> =
            asked.columns.iter().map(|column| (column.key, column.is_number())).collect();
        let file = FeatureFile::begin(path, (kind.word(), geometry_type), &columns)?;
        return Ok(Sink::Shaped(ShapedFile::GeoPackage(Box::new(file))));
    }
    let file = File::options().write(true).open(path).map_err(store::file_failed)?;
    let mut file = BufWriter::with_capacity(1 << 18, file);
    let sink = match asked.format {
        Format::Xlsx => {
            RowSheets::new(file, kind.word(), headings).map(|b| Sink::Xlsx(Box::new(b)))
        }
        Format::Pdf => Ok(Sink::Pdf(file, Box::new(list(asked)))),
        Format::Ods => OdsSheets::new(file, kind.word(), headings).map(|b| Sink::Ods(Box::new(b))),
        Format::FlatGeobuf => {
            ShapedFile::flatgeobuf(file, kind.word(), kind.shape(), &asked.columns)
                .map(Sink::Shaped)
        }
        Format::GeoJson => ShapedFile::geojson(file).map(Sink::Shaped),
        Format::Csv | Format::CsvGb18030 | Format::GeoPackage => {
            let head = asked.format.encoding().unwrap_or(Encoding::Utf8).head(headings);
            let mut sum = Sha256::new();
            sum.update(&head);
            file.write_all(&head).map(|()| Sink::Csv(file, sum))
        }
    };
    sink.map_err(store::file_failed)
}

/// An extraction as a list on paper, before its rows come.
fn list<'a>(asked: &Extraction<'a>) -> List<'a> {
    let is_personal = asked.columns.iter().any(|column| column.is_personal());
    let mut list = asked.taking.list(is_personal);
    list.columns = asked
        .columns
        .iter()
        .map(|column| ListColumn {
            heading: column.label(asked.taking.lang).to_owned(),
            is_number: column.is_number(),
            is_blank: false,
        })
        .collect();
    list
}
