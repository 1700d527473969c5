//! A list that is matched against the residents: its rows are read as a list of persons is, and nothing
//! of it is written to them.

use std::ops::ControlFlow;

use jiff::civil::Date;

use crate::access::{AuditEntry, Stamp};
use crate::domain::ids::MatchJobId;
use crate::domain::{age, id_number, names, phone};
use crate::import::error::ImportError;
use crate::import::kinds::homes::{self, Home};
use crate::import::kinds::identity;
use crate::import::kinds::known::{Known, SexCodes};
use crate::import::outcome::report::ImportReport;
use crate::import::request::{Request, Watch, file_name};
use crate::import::table::cells::is_nothing;
use crate::import::table::row::Row;
use crate::import::table::rows::Table;
use crate::query::list_match::{Level, Lookup, Wanted, homes_of, judge};
use crate::store::features::last_person_id;
use crate::store::match_jobs::{self, MatchRow, NewJob};
use crate::store::{Reader, Workspace};

/// Why, on what basis and until when a list is kept.
#[derive(Debug, Clone)]
pub struct MatchTerms {
    /// What it is matched for.
    pub purpose: String,
    /// The law or order that allows it.
    pub legal_basis: String,
    /// When it is deleted, UTC seconds.
    pub purge_at: i64,
}

/// A list that was matched.
#[derive(Debug, Clone)]
pub struct Matched {
    /// Row id of the job.
    pub job_id: MatchJobId,
    /// Rows by level, from none to exact.
    pub levels: [u64; 4],
    /// What was not understood of the list.
    pub report: ImportReport,
}

/// Rows that are looked up one by one; for more, everybody is looked through once.
const MOST_LOOKED_UP: u64 = 2_000;

/// So many people are looked through for a short list too.
const FEW_PERSONS: i64 = 300_000;

/// Columns by which an address is said.
const PLACE_FIELDS: [&str; 6] =
    ["building_code", "address", "estate", "building_no", "unit", "room_no"];

/// Connections that look through everybody beside one another.
const SCANNERS: usize = 2;

/// Buildings and rooms as addresses name them, read when they are first needed.
struct Places<'a> {
    known: Option<Known>,
    read: &'a dyn Fn() -> Result<Known, ImportError>,
}

impl Places<'_> {
    fn known(&mut self) -> Result<&Known, ImportError> {
        if self.known.is_none() {
            self.known = Some((self.read)()?);
        }
        self.known.as_ref().ok_or(ImportError::NothingToMatch)
    }
}

/// Matches a list and keeps the result.
///
/// # Errors
/// A list that cannot be read or has no column to match by; what SQLite says.
pub fn match_list(
    workspace: &Workspace,
    request: &Request,
    terms: &MatchTerms,
    stamp: &Stamp,
    watch: &Watch<'_>,
) -> Result<Matched, ImportError> {
    let (mut table, mut report) = Table::open(request, &[])?;
    let has = |field: &str| table.map.column(field).is_some();
    let has_more = ["phone", "birth_date"].into_iter().chain(PLACE_FIELDS).any(has);
    if !(has("id_no") || has("name") && has_more) {
        return Err(ImportError::NothingToMatch);
    }
    let has_place = PLACE_FIELDS.into_iter().any(has);
    let (map, headings) = (table.map.clone(), table.headings.clone());
    // What is known of places is read when the first address needs it.
    let mut places = Places {
        known: None,
        read: &|| Known::read(workspace, request, (&map, &headings[..]), SexCodes::Standard),
    };
    let reader = workspace.reader()?;
    let expected = table.expected_rows;
    let everybody: i64 = last_person_id(&reader)?.into();
    let lookup = if expected > MOST_LOOKED_UP || everybody <= FEW_PERSONS {
        let mut lookup = Lookup::default();
        let mut aside = scratch(&report);
        let mut wanted: Vec<Wanted> = Vec::new();
        table.scan(&mut aside, &mut |row, _| {
            let of = wanted_of(row, request.today);
            lookup.want_id(&of);
            // Rows without another way are not kept until the scan.
            if of.name.is_some() && (!of.phones.is_empty() || of.birth_date.is_some()) {
                wanted.push(of);
            }
            ControlFlow::Continue(())
        })?;
        lookup.seek_ids(&*workspace.scanner()?)?;
        wanted.iter().for_each(|of| lookup.want_more(of));
        drop(wanted);
        let scanners = (0..SCANNERS).map(|_| workspace.scanner());
        lookup.scan(scanners.collect::<Result<_, _>>()?)?;
        Some(lookup)
    } else {
        None
    };
    let mut rows: Vec<MatchRow> = Vec::new();
    let mut failure = None;
    table.scan(&mut report, &mut |row, report| {
        let matched =
            watch.tick(rows.len() as u64, expected).map_err(ImportError::from).and_then(|()| {
                let places = if has_place { Some(&mut places) } else { None };
                matched((&reader, lookup.as_ref(), request.today), places, row, report)
            });
        match matched {
            Ok(matched) => rows.push(matched),
            Err(error) => {
                failure = Some(error);
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    })?;
    if let Some(error) = failure {
        return Err(error);
    }
    let homes = homes_of(&*workspace.scanner()?, rows.iter().filter_map(|row| row.person_id))?;
    for row in &mut rows {
        row.room_id = row.person_id.and_then(|id| homes.get(&id).copied());
    }
    // As the residents stand in the file, so that the pages that refer to them are read once.
    rows.sort_by_key(|row| (row.person_id, row.line));
    let job = NewJob {
        title: file_name(&request.path),
        sha256: report.sha256.clone(),
        purpose: terms.purpose.clone(),
        legal_basis: terms.legal_basis.clone(),
        purge_at: terms.purge_at,
    };
    let mut levels = [0; 4];
    for row in &rows {
        levels[usize::from(row.level).min(3)] += 1;
    }
    let job_id = workspace.write(stamp, |tx| {
        let job_id = match_jobs::add(tx, &job, stamp)?;
        rows.iter().try_for_each(|row| match_jobs::add_row(tx, job_id, row))?;
        let counts: Vec<String> = Level::ALL
            .iter()
            .zip(levels)
            .map(|(level, count)| format!("{}×{count}", level.word()))
            .collect();
        let entry = AuditEntry::done("match_list", format!("match/{job_id}"))
            .with_fields(format!("{} basis={}", counts.join(" "), job.legal_basis))
            .with_purpose(job.purpose.clone());
        Ok((job_id, entry))
    })?;
    Ok(Matched { job_id, levels, report })
}

fn matched(
    (reader, lookup, today): (&Reader, Option<&Lookup>, Date),
    places: Option<&mut Places<'_>>,
    row: &Row<'_>,
    report: &mut ImportReport,
) -> Result<MatchRow, ImportError> {
    let mut wanted = wanted_of(row, today);
    let mut judged = judge(reader, lookup, &wanted)?;
    // An address is read only where nothing shorter has answered.
    if judged.level < Level::Exact
        && let (Some(places), Some(_)) = (places, &wanted.name)
        && PLACE_FIELDS.into_iter().any(|field| row.get(field).is_some_and(|t| !is_nothing(t)))
        && let Ok(Some(Home::Known(room_id))) =
            homes::home(row, places.known()?, &mut scratch(report))?
    {
        wanted.room_id = Some(room_id);
        judged = judge(reader, lookup, &wanted)?;
    }
    Ok(MatchRow {
        line: row.line,
        level: judged.level as u8,
        person_id: judged.person_id,
        room_id: None,
        evidence: judged.evidence.join(" "),
        candidates: judged.candidates,
        raw: row.raw(),
    })
}

/// What a row says of somebody, but for the address.
fn wanted_of(row: &Row<'_>, today: Date) -> Wanted {
    let id_no = row.get("id_no").filter(|text| !is_nothing(text)).map(id_number::normalise);
    let id_no = id_no.filter(|number| !identity::is_placeholder(number));
    let name = row.get("name").filter(|text| !is_nothing(text)).map(names::tidy);
    let birth = row.get("birth_date").and_then(|text| age::date_as_typed(text, today));
    Wanted {
        birth_date: birth.or_else(|| {
            id_no.as_deref().and_then(|number| id_number::check(number).ok()).map(|id| id.birth)
        }),
        phones: row
            .get("phone")
            .map(phone::split)
            .unwrap_or_default()
            .into_iter()
            .filter(|number| !phone::is_placeholder(number))
            .collect(),
        name,
        id_no,
        room_id: None,
    }
}

/// A report that nobody reads: what an address lacks is no fault of the list.
fn scratch(report: &ImportReport) -> ImportReport {
    ImportReport::new(report.kind, report.file.clone(), report.sha256.clone())
}
