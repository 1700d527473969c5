//! Rows of earlier lists that wait, and the rows of a list that answer them: the same row again,
//! or the row of a saved report that says which one it was.

use std::collections::HashMap;

use super::Kind;
use super::table::Row;
use crate::domain::fold;
use crate::store::{Connection, StoreError};

/// Headings of the column by which a saved report names its rows.
pub const REFERENCE_HEADINGS: [&str; 2] = ["对应行", "reference"];

/// What a saved report calls a row: number of the import, start of the file's digest, row.
#[must_use]
pub fn reference(batch: i64, sha256: &str, row: u64) -> String {
    format!("{batch}-{}-{row}", sha256.get(..8).unwrap_or_default())
}

/// Rows that wait, by what they say and by what a report calls them.
pub(super) struct WaitingRows {
    by_raw: HashMap<String, Vec<i64>>,
    /// Row id, and whether it still waits for an answer.
    by_reference: HashMap<String, (i64, bool)>,
    column: Option<usize>,
}

/// What a row answers.
pub(super) enum Answers {
    /// These waiting rows; mostly none.
    Rows(Vec<i64>),
    /// A row that has its answer already.
    Settled,
}

impl WaitingRows {
    /// Reads what rows with these headings can answer.
    pub(super) fn read(
        conn: &Connection,
        kind: Kind,
        headings: &[String],
    ) -> Result<Self, StoreError> {
        let is_reference = |h: &String| REFERENCE_HEADINGS.contains(&fold(h).as_str());
        let column = headings.iter().position(is_reference);
        let mut waiting = Self { by_raw: HashMap::new(), by_reference: HashMap::new(), column };
        let mut select = conn.prepare(
            "SELECT r.import_row_id, r.raw, r.action, b.batch_id, b.sha256, r.row_no
             FROM import_row r JOIN import_batch b USING (batch_id)
             WHERE b.kind = ?1 AND b.undone_at IS NULL AND (r.action = 'held' OR ?2)",
        )?;
        let mut rows = select.query((kind.word(), column.is_some()))?;
        while let Some(row) = rows.next()? {
            let (id, action): (i64, String) = (row.get(0)?, row.get(2)?);
            if action == "held" {
                waiting.by_raw.entry(row.get(1)?).or_default().push(id);
            }
            if column.is_some() {
                let (sha256, row_no): (String, i64) = (row.get(4)?, row.get(5)?);
                let name = reference(row.get(3)?, &sha256, row_no as u64);
                let waits = matches!(action.as_str(), "held" | "rejected");
                waiting.by_reference.insert(name, (id, waits));
            }
        }
        Ok(waiting)
    }

    /// What a row answers.
    pub(super) fn answered_by(&self, row: &Row<'_>) -> Answers {
        let named = self.column.and_then(|column| self.by_reference.get(row.cell(column)?));
        match named {
            Some((_, false)) => return Answers::Settled,
            Some((id, true)) => return Answers::Rows(vec![*id]),
            None if self.by_raw.is_empty() => return Answers::Rows(Vec::new()),
            None => {}
        }
        let raw = serde_json::to_string(&row.raw()).unwrap_or_default();
        Answers::Rows(self.by_raw.get(&raw).cloned().unwrap_or_default())
    }
}
