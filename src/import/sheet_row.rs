//! A row of a list as it stands in its file, whatever the format.

use std::ops::ControlFlow;

/// One row as it stands in the file.
#[derive(Debug, Clone, Default)]
pub struct SheetRow {
    /// Line or row, from 1.
    pub line: u64,
    /// Its cells.
    pub record: csv::StringRecord,
    /// Columns whose number has more digits than Excel keeps.
    pub rounded: Vec<usize>,
    /// Whether it goes on over several lines of a text.
    pub is_long: bool,
}

impl SheetRow {
    /// Whether no cell says anything.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.record.iter().all(|cell| cell.trim().is_empty())
    }
}

/// Takes rows until it says stop.
pub type RowSink<'a> = &'a mut dyn FnMut(SheetRow) -> ControlFlow<()>;

/// Cells merged over several rows: what stands in the first holds for all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Merge {
    /// Column from 0.
    pub column: usize,
    /// First row, from 1.
    pub first: u64,
    /// Last row.
    pub last: u64,
}
