//! Rows of earlier lists that wait, and the rows of a list that answer them: the same row again,
//! or the row of a saved report that says which one it was.
//!
//! A row keeps its name over all the lists it comes with: a corrected report that is held again
//! waits under the name it came with, so that an older report of it still finds it.

use std::collections::{HashMap, HashSet};

use crate::domain::fold;
use crate::domain::ids::QueueRowId;
use crate::import::kind::Kind;
use crate::import::table::row::Row;
use crate::store::deed::DeedKind;
use crate::store::queue::WAITS_SQL;
use crate::store::{Connection, StoreError};

/// Headings of the column by which a saved report names its rows.
pub const REFERENCE_HEADINGS: [&str; 2] = ["对应行", "reference"];

/// What a saved report calls a row: start of the file's digest, and its row in it.
#[must_use]
pub fn reference(sha256: &str, row: u64) -> String {
    format!("{}-{row}", sha256.get(..8).unwrap_or_default())
}

/// Rows that wait, by what they say and by what a report calls them.
pub(crate) struct WaitingRows {
    by_raw: HashMap<String, Vec<(QueueRowId, String)>>,
    /// What somebody has settled, by what it says and by name: it is not asked about again.
    settled: HashSet<String>,
    settled_names: HashSet<String>,
    /// Rows of a name that still wait for an answer; none where it has one.
    by_reference: HashMap<String, Vec<QueueRowId>>,
    column: Option<usize>,
    /// Digest of the list that is read: its rows have names too.
    sha256: String,
}

/// What a row answers.
pub(crate) enum Answers {
    /// Waiting rows, mostly none; whether by name, and the name the row is known by.
    Rows { ids: Vec<QueueRowId>, is_named: bool, name: Option<String> },
    /// A row that has its answer already.
    Settled,
}

impl WaitingRows {
    /// Reads what rows with these headings can answer.
    pub(crate) fn read(
        conn: &Connection,
        kind: Kind,
        (headings, sha256): (&[String], &str),
    ) -> Result<Self, StoreError> {
        let is_reference = |h: &String| REFERENCE_HEADINGS.contains(&fold(h).as_str());
        let column = headings.iter().position(is_reference);
        let mut waiting = Self {
            by_raw: HashMap::new(),
            settled: HashSet::new(),
            settled_names: HashSet::new(),
            sha256: sha256.to_owned(),
            by_reference: HashMap::new(),
            column,
        };
        let mut select = conn.prepare(&format!(
            "SELECT r.queue_row_id, r.raw, r.came, l.sha256, r.row_no, r.reference, {WAITS_SQL},
               r.settled, s.kind
             FROM queue_row r JOIN deed d USING (deed_id) JOIN deed_list l USING (deed_id)
               LEFT JOIN deed s ON s.deed_id = r.settled_by
             WHERE l.list = ?1 AND d.undone_at IS NULL
               AND (NOT (r.came = 'rejected' AND {WAITS_SQL}) OR ?2)
             ORDER BY r.queue_row_id"
        ))?;
        let mut rows = select.query((kind.word(), column.is_some()))?;
        while let Some(row) = rows.next()? {
            let (id, raw, came): (QueueRowId, String, String) =
                (row.get(0)?, row.get(1)?, row.get(2)?);
            let (sha256, row_no): (String, i64) = (row.get(3)?, row.get(4)?);
            let carried: Option<String> = row.get(5)?;
            let name = carried.unwrap_or_else(|| reference(&sha256, row_no as u64));
            let waits: bool = row.get(6)?;
            let settled: Option<String> = row.get(7)?;
            let is_reviewed = row.get::<_, Option<DeedKind>>(8)? == Some(DeedKind::Review);
            let is_settled = match settled.as_deref() {
                Some("dropped" | "corrected") => true,
                Some("taken") => is_reviewed,
                _ => false,
            };
            if waits && came == "held" {
                waiting.by_raw.entry(raw).or_default().push((id, name.clone()));
            } else if is_settled && !waits {
                waiting.settled.insert(raw);
                waiting.settled_names.insert(name.clone());
            }
            let of_name = waiting.by_reference.entry(name).or_default();
            if waits {
                of_name.push(id);
            }
        }
        Ok(waiting)
    }

    /// What a row answers.
    pub(crate) fn answered_by(&self, row: &Row<'_>) -> Answers {
        let named = self.column.and_then(|column| row.cell(column)).map(str::to_owned);
        let is_named = named.is_some();
        // Without a name it came with, a row is called by its own list and place.
        let name = named.unwrap_or_else(|| reference(&self.sha256, row.line));
        match self.by_reference.get(&name).map(Vec::as_slice) {
            Some([]) if is_named || self.settled_names.contains(&name) => {
                return Answers::Settled;
            }
            Some([]) | None => {}
            Some(ids) => {
                return Answers::Rows { ids: ids.to_vec(), is_named, name: Some(name) };
            }
        }
        // The answer to a row that nobody has brought in yet.
        if is_named {
            return Answers::Rows { ids: Vec::new(), is_named, name: Some(name) };
        }
        if self.by_raw.is_empty() && self.settled.is_empty() {
            return Answers::Rows { ids: Vec::new(), is_named: false, name: None };
        }
        let raw = serde_json::to_string(&row.raw()).unwrap_or_default();
        match self.by_raw.get(&raw) {
            Some(same) => Answers::Rows {
                ids: same.iter().map(|(id, _)| *id).collect(),
                is_named: false,
                name: same.last().map(|(_, name)| name.clone()),
            },
            None if self.settled.contains(&raw) => Answers::Settled,
            None => Answers::Rows { ids: Vec::new(), is_named: false, name: None },
        }
    }
}
