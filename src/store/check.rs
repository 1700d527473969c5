//! `menpai check`: is the file sound? Integrity, foreign keys, geometry, R-tree, audit chain, and whether
//! every row stands as it was written.

use crate::msg;
use crate::text::Message;
use rusqlite::Connection;

use super::{Result, Workspace, gpkg, indexes, rtree, sums};
use crate::access::audit::chain_hash;
use crate::access::{AuditEntry, Stamp};
use crate::domain::Lang;
use crate::store::feature_table::FeatureTable;

/// One check and what it found; no findings means sound.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct CheckResult {
    /// `integrity`, `schema`, `indexes`, `foreign_keys`, `geometry`, `rtree`, `audit_chain` or `rows`; or
    /// [`EDITED`], whose findings are no damage.
    pub check: &'static str,
    /// How many things were looked at.
    pub looked_at: u64,
    /// What is wrong, at most 20 lines.
    pub findings: Vec<Message>,
}

/// Name of the check that tells what other programs have edited.
pub const EDITED: &str = "edited_elsewhere";

impl CheckResult {
    /// Whether its findings are damage, and not only worth knowing.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        self.check != EDITED && !self.findings.is_empty()
    }
}

/// What of a file that is derived from its rows was made anew.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
pub struct Repaired {
    /// What was made anew, one sentence each; empty where nothing had to be.
    pub made: Vec<Message>,
    /// What stays: damage of the rows or pages themselves.
    pub left: Vec<Message>,
}

/// Makes anew what is derived from the rows and is missing or wrong: indexes and R-trees. Rows and pages
/// stay as they are: what is wrong with them is told.
///
/// # Errors
/// The workspace cannot be written to; SQLite's errors.
pub fn repair(workspace: &Workspace, stamp: &Stamp) -> Result<Repaired> {
    let mut repaired = Repaired::default();
    let lines = integrity(&*workspace.reader()?)?.findings;
    let (of_indexes, of_pages): (Vec<Message>, Vec<Message>) =
        lines.into_iter().partition(|line| is_of_index(&line.text(Lang::En)));
    repaired.left = of_pages;
    if !repaired.left.is_empty() {
        return Ok(repaired);
    }
    workspace.write_or_drop(stamp, |tx| {
        for index in indexes::missing(tx)? {
            indexes::make(tx, &index)?;
            repaired.made.push(msg!("index {}", index.name));
        }
        if !of_indexes.is_empty() {
            tx.execute_batch("REINDEX")?;
            repaired.made.push("all indexes".into());
        }
        for feature in gpkg::FEATURES {
            if !rtree_findings(tx, &feature)?.1.is_empty() {
                rtree::refill(tx, &feature)?;
                repaired.made.push(msg!("R-tree of {}", feature.table));
            }
        }
        let made: Vec<String> = repaired.made.iter().map(|made| made.text(Lang::En)).collect();
        let entry = AuditEntry::done("repair", "workspace").with_fields(made.join("; "));
        Ok(((), (!made.is_empty()).then_some(entry)))
    })?;
    Ok(repaired)
}

/// Whether a line of SQLite's integrity check is about an index, which REINDEX makes anew.
fn is_of_index(line: &str) -> bool {
    ["missing from index", "entries in index", "non-unique entry in index"]
        .iter()
        .any(|words| line.contains(words))
}

/// Whether every index of the schema is there. A file of an older schema has others.
fn missing_indexes(conn: &Connection) -> Result<CheckResult> {
    let is_newest = super::schema::version(conn)? == Some(super::schema::NEWEST);
    let missing = if is_newest { indexes::missing(conn)? } else { Vec::new() };
    let findings = missing.into_iter().map(|i| msg!("the index {} is missing", i.name)).collect();
    Ok(CheckResult { check: "indexes", looked_at: 1, findings })
}

/// One of the checks.
type Check = fn(&Connection) -> Result<CheckResult>;

/// Whether the tables are what this program made.
fn schema(conn: &Connection) -> Result<CheckResult> {
    let findings = super::guard::findings(conn)?;
    Ok(CheckResult { check: "schema", looked_at: 1, findings })
}

const MOST_FINDINGS: usize = 20;

/// Runs every check.
///
/// # Errors
/// SQLite's errors while asking; what the checks find is in the result.
pub fn run(conn: &Connection) -> Result<Vec<CheckResult>> {
    let checks: [(&'static str, Check); 7] = [
        ("integrity", integrity),
        ("schema", schema),
        ("indexes", missing_indexes),
        ("foreign_keys", foreign_keys),
        ("geometry", geometry),
        ("rtree", rtree),
        ("audit_chain", audit),
    ];
    // What is damaged so far that a check cannot even ask is a finding, and the others go on.
    let one = |(name, check): (&'static str, Check)| match check(conn) {
        Ok(result) => result,
        Err(error) => CheckResult { check: name, looked_at: 0, findings: vec![error.message()] },
    };
    let mut results: Vec<CheckResult> = checks.into_iter().map(one).collect();
    match sums::compare_all(conn, MOST_FINDINGS) {
        Ok(compared) => {
            let (looked_at, findings) = (compared.looked_at, compared.damaged);
            results.push(CheckResult { check: "rows", looked_at, findings });
            if !compared.edited.is_empty() {
                let (looked_at, findings) = (compared.edited.len() as u64, compared.edited);
                results.push(CheckResult { check: EDITED, looked_at, findings });
            }
        }
        Err(error) => {
            let findings = vec![error.message()];
            results.push(CheckResult { check: "rows", looked_at: 0, findings });
        }
    }
    Ok(results)
}

/// The first thing that is wrong with a file: structure, foreign keys, audit chain or rows.
///
/// # Errors
/// SQLite's errors while asking.
pub fn first_damage(conn: &Connection) -> Result<Option<Message>> {
    for check in [integrity, foreign_keys, audit] {
        if let Some(finding) = check(conn)?.findings.into_iter().next() {
            return Ok(Some(finding));
        }
    }
    Ok(sums::compare_all(conn, 1)?.damaged.into_iter().next())
}

fn integrity(conn: &Connection) -> Result<CheckResult> {
    let mut select = conn.prepare(&format!("PRAGMA integrity_check({MOST_FINDINGS})"))?;
    let lines: Vec<String> =
        select.query_map([], |row| row.get(0))?.collect::<std::result::Result<_, _>>()?;
    let findings = lines.into_iter().filter(|line| line != "ok").map(Message::verbatim).collect();
    Ok(CheckResult { check: "integrity", looked_at: 1, findings })
}

fn foreign_keys(conn: &Connection) -> Result<CheckResult> {
    let mut select =
        conn.prepare("SELECT \"table\", rowid, parent FROM pragma_foreign_key_check")?;
    let mut rows = select.query([])?;
    let mut findings = Vec::new();
    let mut broken = 0;
    while let Some(row) = rows.next()? {
        broken += 1;
        if findings.len() < MOST_FINDINGS {
            let table: String = row.get(0)?;
            let rowid: Option<i64> = row.get(1)?;
            let parent: String = row.get(2)?;
            findings.push(msg!("{} row {} points to no {}", table, rowid.unwrap_or(0), parent));
        }
    }
    Ok(CheckResult { check: "foreign_keys", looked_at: broken, findings })
}

fn geometry(conn: &Connection) -> Result<CheckResult> {
    use ::geo::Validation as _;
    let mut result = CheckResult { check: "geometry", looked_at: 0, findings: Vec::new() };
    for (table, code) in [("building", "code"), ("grid", "code")] {
        let mut select = conn.prepare(&format!("SELECT {code}, geom FROM {table}"))?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            result.looked_at += 1;
            let found = match gpkg::decode_outline(row.get_ref(1)?.as_blob().unwrap_or_default()) {
                Ok(outline) => outline.check_validation().err().map(Message::of),
                Err(error) => Some(error.message()),
            };
            if let Some(problem) = found
                && result.findings.len() < MOST_FINDINGS
            {
                let code: String = row.get(0)?;
                result.findings.push(msg!("{} {}: {}", table, code, problem));
            }
        }
    }
    Ok(result)
}

fn rtree(conn: &Connection) -> Result<CheckResult> {
    let mut result = CheckResult { check: "rtree", looked_at: 0, findings: Vec::new() };
    for feature in gpkg::FEATURES {
        let (rows, findings) = rtree_findings(conn, &feature)?;
        result.looked_at += rows;
        result.findings.extend(findings);
    }
    Ok(result)
}

/// Rows with a shape, and what is wrong with their R-tree.
fn rtree_findings(conn: &Connection, feature: &FeatureTable) -> Result<(u64, Vec<Message>)> {
    let FeatureTable { table, pk, .. } = feature;
    let mut findings = Vec::new();
    // A file of an older schema that is open for reading only has no such table yet.
    if !super::has_table(conn, table)? {
        return Ok((0, findings));
    }
    let (rows, missing, stale): (i64, i64, i64) = conn.query_row(
        &format!(
            "SELECT (SELECT count(*) FROM {table} WHERE geom IS NOT NULL),
               (SELECT count(*) FROM {table} t WHERE geom IS NOT NULL
                  AND NOT EXISTS (SELECT 1 FROM rtree_{table}_geom r WHERE r.id = t.{pk})),
               (SELECT count(*) FROM rtree_{table}_geom r
                  WHERE NOT EXISTS (SELECT 1 FROM {table} t WHERE t.{pk} = r.id))"
        ),
        [],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    if missing > 0 {
        findings.push(msg!("{}: {} rows are not in the R-tree", table, missing));
    }
    if stale > 0 {
        findings.push(msg!("{}: {} R-tree entries have no row", table, stale));
    }
    Ok((rows.unsigned_abs(), findings))
}

fn audit(conn: &Connection) -> Result<CheckResult> {
    let mut result = CheckResult { check: "audit_chain", looked_at: 0, findings: Vec::new() };
    let mut select = conn.prepare(
        "SELECT seq, at, who, action, object, fields, purpose, ok, prev_hash, hash
         FROM audit_log ORDER BY seq",
    )?;
    let mut rows = select.query([])?;
    let mut expected_prev: Vec<u8> = Vec::new();
    let mut expected_seq = 1;
    while let Some(row) = rows.next()? {
        result.looked_at += 1;
        let seq: i64 = row.get(0)?;
        let entry = AuditEntry {
            action: row.get(3)?,
            object: row.get(4)?,
            fields: row.get(5)?,
            purpose: row.get(6)?,
            ok: row.get(7)?,
        };
        let prev: Vec<u8> = row.get(8)?;
        let hash: Vec<u8> = row.get(9)?;
        let right = chain_hash(&prev, row.get(1)?, &row.get::<_, String>(2)?, &entry);
        if seq != expected_seq || prev != expected_prev || hash != right {
            result.findings.push(msg!("the log was changed at entry {}", seq));
            break;
        }
        expected_prev = hash;
        expected_seq = seq + 1;
    }
    Ok(result)
}
