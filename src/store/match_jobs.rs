//! Lists that were matched against the residents: kept for a purpose and on a legal basis until a day,
//! outside the journal, and then deleted with their bytes.

use rusqlite::{Connection, OptionalExtension as _, Row};

use super::{Result, Workspace, WriteTx, has_table};
use crate::access::{AuditEntry, Stamp};
use crate::domain::ids::{MatchJobId, PersonId, RoomId};

/// A list that is to be kept with its result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob {
    /// Name of the list's file.
    pub title: String,
    /// SHA-256 of the file.
    pub sha256: String,
    /// What it is matched for.
    pub purpose: String,
    /// The law or order that allows it.
    pub legal_basis: String,
    /// When it is deleted, UTC seconds.
    pub purge_at: i64,
}

/// A list that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Row id.
    pub job_id: MatchJobId,
    /// What was said of it.
    pub job: NewJob,
    /// Who matched it.
    pub requester: String,
    /// When, UTC seconds.
    pub created_at: i64,
    /// Rows by level, from 0 (none) to 3 (exact).
    pub levels: [u64; 4],
}

/// A row of a list, and whom it means.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MatchRow {
    /// Line in the file, from 1.
    pub line: u64,
    /// 0 none, 1 ambiguous, 2 likely, 3 exact.
    pub level: u8,
    /// Whom it means, if that is one person.
    pub person_id: Option<PersonId>,
    /// Where they live.
    pub room_id: Option<RoomId>,
    /// What agrees, words with blanks between.
    pub evidence: String,
    /// How many persons it may mean.
    pub candidates: u32,
    /// Headings and cells.
    pub raw: Vec<(String, String)>,
}

/// Keeps a list.
///
/// # Errors
/// SQLite's errors.
pub fn add(tx: &WriteTx<'_>, job: &NewJob, stamp: &Stamp) -> Result<MatchJobId> {
    tx.prepare_cached(
        "INSERT INTO match_job (purpose, legal_basis, requester, created_at, purge_at, title, sha256)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute((
        &job.purpose,
        &job.legal_basis,
        &stamp.actor.name,
        stamp.at,
        job.purge_at,
        &job.title,
        &job.sha256,
    ))?;
    Ok(tx.last_insert_rowid().into())
}

/// Keeps a row of a list.
///
/// # Errors
/// SQLite's errors.
pub fn add_row(tx: &WriteTx<'_>, job_id: MatchJobId, row: &MatchRow) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO match_row
           (job_id, row_no, level, person_id, room_id, raw, evidence, candidates)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute((
        job_id,
        row.line as i64,
        row.level,
        row.person_id,
        row.room_id,
        serde_json::to_string(&row.raw).unwrap_or_default(),
        &row.evidence,
        row.candidates,
    ))?;
    Ok(())
}

const JOBS: &str = "SELECT j.job_id, j.title, j.sha256, j.purpose, j.legal_basis, j.purge_at,
    j.requester, j.created_at FROM match_job j";

fn job(row: &Row<'_>) -> rusqlite::Result<Job> {
    Ok(Job {
        job_id: row.get(0)?,
        job: NewJob {
            title: row.get(1)?,
            sha256: row.get(2)?,
            purpose: row.get(3)?,
            legal_basis: row.get(4)?,
            purge_at: row.get(5)?,
        },
        requester: row.get(6)?,
        created_at: row.get(7)?,
        levels: [0; 4],
    })
}

/// The lists that are kept, newest first.
///
/// # Errors
/// SQLite's errors.
pub fn jobs(conn: &Connection) -> Result<Vec<Job>> {
    // A file of an older schema that may not be written holds none.
    if !has_table(conn, "saved_filter")? {
        return Ok(Vec::new());
    }
    let mut select = conn.prepare(&format!("{JOBS} ORDER BY j.job_id DESC"))?;
    let mut jobs: Vec<Job> = select.query_map([], job)?.collect::<rusqlite::Result<_>>()?;
    let mut levels =
        conn.prepare("SELECT level, count(*) FROM match_row WHERE job_id = ?1 GROUP BY level")?;
    for job in &mut jobs {
        let mut rows = levels.query([job.job_id])?;
        while let Some(row) = rows.next()? {
            let (level, count): (i64, i64) = (row.get(0)?, row.get(1)?);
            job.levels[level.clamp(0, 3) as usize] += count.unsigned_abs();
        }
    }
    Ok(jobs)
}

/// A list that is kept; `None` for none of this id.
///
/// # Errors
/// SQLite's errors.
pub fn job_of(conn: &Connection, job_id: MatchJobId) -> Result<Option<Job>> {
    Ok(jobs(conn)?.into_iter().find(|job| job.job_id == job_id))
}

/// The rows of a list, in their order.
///
/// # Errors
/// SQLite's errors.
pub fn rows_of(conn: &Connection, job_id: MatchJobId) -> Result<Vec<MatchRow>> {
    let mut select = conn.prepare(
        "SELECT row_no, level, person_id, room_id, raw, evidence, candidates FROM match_row
         WHERE job_id = ?1 ORDER BY row_no, match_row_id",
    )?;
    let rows = select.query_map([job_id], |row| {
        Ok(MatchRow {
            line: row.get::<_, i64>(0)?.unsigned_abs(),
            level: row.get(1)?,
            person_id: row.get(2)?,
            room_id: row.get(3)?,
            raw: serde_json::from_str(&row.get::<_, String>(4)?).unwrap_or_default(),
            evidence: row.get(5)?,
            candidates: row.get(6)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What was deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Purged {
    /// Which list.
    pub job_id: MatchJobId,
    /// Its rows.
    pub rows: u64,
    /// Whether its bytes are gone from the log too; they go when the last window closes the workspace
    /// otherwise.
    pub is_gone: bool,
}

/// Deletes a list with its result and its bytes; `None` for none of this id. Freed pages are
/// overwritten (`secure_delete`), and the log is worked in and cut off.
///
/// # Errors
/// SQLite's errors; [`super::StoreError::ReadOnly`].
pub fn purge(workspace: &Workspace, stamp: &Stamp, job_id: MatchJobId) -> Result<Option<Purged>> {
    let found: Option<i64> = workspace
        .reader()?
        .query_row("SELECT 1 FROM match_job WHERE job_id = ?1", [job_id], |row| row.get(0))
        .optional()?;
    if found.is_none() {
        return Ok(None);
    }
    let rows = workspace.write(stamp, |tx| {
        let rows = tx.execute("DELETE FROM match_row WHERE job_id = ?1", [job_id])? as u64;
        tx.execute("DELETE FROM match_job WHERE job_id = ?1", [job_id])?;
        let entry = AuditEntry::done("purge_match", format!("match/{job_id}"))
            .with_fields(format!("rows×{rows}"));
        Ok((rows, entry))
    })?;
    Ok(Some(Purged { job_id, rows, is_gone: workspace.cut_log()? }))
}

/// Deletes the lists whose day has come.
///
/// # Errors
/// As [`purge`].
pub fn purge_due(workspace: &Workspace, stamp: &Stamp) -> Result<Vec<Purged>> {
    if workspace.read_only_reason().is_some() {
        return Ok(Vec::new());
    }
    let due: Vec<MatchJobId> = {
        let reader = workspace.reader()?;
        let mut select =
            reader.prepare("SELECT job_id FROM match_job WHERE purge_at <= ?1 ORDER BY job_id")?;
        let ids = select.query_map([stamp.at], |row| row.get(0))?;
        ids.collect::<rusqlite::Result<_>>()?
    };
    let mut purged = Vec::new();
    for job_id in due {
        purged.extend(purge(workspace, stamp, job_id)?);
    }
    Ok(purged)
}
