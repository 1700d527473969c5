//! The review queue: rows of lists that wait for somebody to choose.

use serde::{Deserialize, Deserializer, Serialize};

use crate::access::mask::mask_cell;
use crate::domain::ids::{BuildingId, DeedId, PersonId, QueueRowId, RoomId};
use crate::domain::records::Precedence;
use crate::store::queue::WAITS_SQL;
use crate::store::{Connection, Result};
use crate::text::Message;

/// One of the things a held row may mean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// Row id of the building; `None` where the person is the question.
    #[serde(deserialize_with = "some_building")]
    pub building_id: Option<BuildingId>,
    /// Row id of the room, where it exists.
    pub room_id: Option<RoomId>,
    /// Row id of a person it may be, where that is the question.
    pub person_id: Option<PersonId>,
    /// Building, unit and room, or the person's masked name, as shown.
    pub label: String,
    /// What speaks for it.
    pub evidence: Message,
    /// How the row writes the estate's name, where that is not how it is known: choosing can teach
    /// it as an alias.
    #[serde(default)]
    pub alias: Option<String>,
    /// Which side it takes, where the row and what is known of the person disagree.
    #[serde(default)]
    pub precedence: Option<Precedence>,
}

/// A building of the queue; 0 stood for none in older workspaces.
fn some_building<'de, D: Deserializer<'de>>(
    from: D,
) -> std::result::Result<Option<BuildingId>, D::Error> {
    let id = Option::<BuildingId>::deserialize(from)?;
    Ok(id.filter(|id| *id != BuildingId(0)))
}

impl Choice {
    /// Whether its room is not there yet and is made when it is chosen.
    #[must_use]
    pub const fn makes_room(&self) -> bool {
        self.room_id.is_none() && self.person_id.is_none()
    }
}

/// A row that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HeldRow {
    /// Its number in the queue.
    pub id: QueueRowId,
    /// Number of the import it came with.
    pub batch: DeedId,
    /// File name without folders.
    pub file: String,
    /// `persons` …
    pub kind: String,
    /// Row in the file.
    pub row: i64,
    /// Headings and cells as they stood, what must not be held left out.
    pub raw: Vec<(String, String)>,
    /// `(field, heading)` pairs of the import.
    pub mapping: Vec<(String, String)>,
    /// The field that is in question.
    pub field: String,
    /// Why it waits.
    #[serde(flatten)]
    pub reason: Message,
    /// What it may mean, best first.
    pub choices: Vec<Choice>,
}

impl HeldRow {
    /// What the row says in a field.
    #[must_use]
    pub fn get(&self, field: &str) -> Option<&str> {
        let (_, heading) = self.mapping.iter().find(|(f, _)| f == field)?;
        let (_, cell) = self.raw.iter().find(|(h, _)| h == heading)?;
        (!cell.is_empty()).then_some(cell.as_str())
    }

    /// The row as it may leave the program: personal cells masked.
    #[must_use]
    pub fn masked(mut self) -> Self {
        for (heading, cell) in &mut self.raw {
            let fields = self.mapping.iter().filter(|(_, h)| h == heading);
            for (field, _) in fields {
                *cell = mask_cell(field, cell);
            }
        }
        self
    }
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<HeldRow> {
    let json = |index| row.get::<_, String>(index);
    let args = serde_json::from_str(&json(9)?).unwrap_or_default();
    let reason = Message::stored(row.get_ref(10)?.as_str().unwrap_or_default(), args);
    Ok(HeldRow {
        id: row.get(0)?,
        batch: row.get(1)?,
        file: row.get(2)?,
        kind: row.get(3)?,
        row: row.get(4)?,
        raw: serde_json::from_str(&json(5)?).unwrap_or_default(),
        choices: serde_json::from_str(&json(6)?).unwrap_or_default(),
        mapping: serde_json::from_str(&json(7)?).unwrap_or_default(),
        field: row.get(8)?,
        reason,
    })
}

fn select(and: &str) -> String {
    format!(
        "SELECT r.queue_row_id, d.deed_id, d.title, l.list, r.row_no, r.raw, r.choices, l.mapping,
           r.field, r.args, r.code
         FROM queue_row r JOIN deed d USING (deed_id) JOIN deed_list l USING (deed_id)
         WHERE r.came = 'held' AND d.undone_at IS NULL AND {WAITS_SQL} {and}"
    )
}

/// The rows that wait, oldest first, at most `most`.
///
/// # Errors
/// SQLite's errors.
pub fn held_rows(conn: &Connection, most: usize) -> Result<Vec<HeldRow>> {
    Ok(conn
        .prepare(&select("ORDER BY r.queue_row_id LIMIT ?1"))?
        .query_map([most as i64], read)?
        .collect::<rusqlite::Result<_>>()?)
}

/// One row that waits; `None` when it does no longer.
///
/// # Errors
/// SQLite's errors.
pub fn held_row(conn: &Connection, id: QueueRowId) -> Result<Option<HeldRow>> {
    let mut select = conn.prepare(&select("AND r.queue_row_id = ?1"))?;
    let row = select.query_map([id], read)?.next().transpose()?;
    Ok(row)
}

/// How many rows wait.
///
/// # Errors
/// SQLite's errors.
pub fn waiting(conn: &Connection) -> Result<u64> {
    let sql = format!(
        "SELECT count(*) FROM queue_row r JOIN deed d USING (deed_id)
         WHERE r.came = 'held' AND d.undone_at IS NULL AND {WAITS_SQL}"
    );
    let count: i64 = conn.query_row(&sql, [], |row| row.get(0))?;
    Ok(count as u64)
}
