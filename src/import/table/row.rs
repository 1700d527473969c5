//! One row of a list, its columns mapped to fields.

use crate::import::fields::ColumnMap;

/// One row of a table.
pub struct Row<'a> {
    /// Line (or row) in the file, from 1.
    pub line: u64,
    pub(super) map: &'a ColumnMap,
    pub(crate) headings: &'a [String],
    pub(crate) record: &'a csv::StringRecord,
    /// Cells that were put right: column, text.
    pub(crate) mended: Vec<(usize, String)>,
    /// Whether it stands below the first headings and not below others further down.
    pub(super) is_of_first: bool,
}

impl<'a> Row<'a> {
    /// A row that was kept, with some fields corrected.
    pub(crate) fn kept(
        line: u64,
        (map, headings): (&'a ColumnMap, &'a [String]),
        record: &'a csv::StringRecord,
        corrected: &[(String, String)],
    ) -> Self {
        let mended = corrected
            .iter()
            .filter_map(|(field, text)| Some((map.column(field)?, text.clone())))
            .collect();
        Self { line, map, headings, record, mended, is_of_first: true }
    }

    /// Whether the row stands below the headings that the list begins with.
    #[must_use]
    pub fn is_of_first_table(&self) -> bool {
        self.is_of_first
    }

    /// The trimmed text of a field; `None` when the column is missing or the cell is blank.
    #[must_use]
    pub fn get(&self, field: &str) -> Option<&str> {
        self.cell(self.map.column(field)?)
    }

    /// The trimmed text of a column; `None` when the cell is blank.
    #[must_use]
    pub fn cell(&self, column: usize) -> Option<&str> {
        let mended = self.mended.iter().find(|(c, _)| *c == column).map(|(_, text)| text.as_str());
        mended.or_else(|| self.record.get(column).map(str::trim)).filter(|text| !text.is_empty())
    }

    /// As [`Row::get`], owned.
    #[must_use]
    pub fn text(&self, field: &str) -> Option<String> {
        self.get(field).map(str::to_owned)
    }

    /// Headings and cells of the columns that mean something here; what is not understood is not
    /// kept, since it may be what must not be held.
    #[must_use]
    pub fn raw(&self) -> Vec<(String, String)> {
        let columns = self.headings.iter().enumerate();
        columns
            .filter(|(column, heading)| {
                !heading.is_empty()
                    && (self.map.columns.iter().any(|(_, used)| used == column)
                        || self.map.tags.contains(column))
            })
            .map(|(column, heading)| {
                (heading.clone(), self.cell(column).unwrap_or_default().to_owned())
            })
            .collect()
    }
}
