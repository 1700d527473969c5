//! Files into rows: GeoJSON footprints and grids, CSV lists; checks, joins, the report.
//!
//! The way in is [`run`]: it reads and checks a file outside the write lock, applies it in one
//! transaction, and accounts for every row. A dry run is the same transaction rolled back, so it
//! tells exactly what would happen.

mod asides;
mod basemap;
mod buildings;
pub mod child;
mod disagree;
pub mod fields;
mod first_look;
mod formats;
pub mod geojson;
mod guard;
mod homes;
mod html;
mod identity;
pub mod make_rooms;
mod merged;
mod persons;
mod places;
pub mod preview;
pub mod properties;
pub mod report;
pub mod review;
mod rooms;
pub mod sheet;
mod stream;
pub mod table;
mod values;
mod vector;
pub mod waiting;
mod workbook;
mod xlsx_facts;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::civil::Date;

use crate::access::{AuditEntry, Stamp};
use crate::domain::records::Precedence;
use crate::geo::crs::Crs;
use crate::store::bulk::RowCounts;
use crate::store::features::MapBuildings;
use crate::store::journal::{Batch, Journal, JournalRow};
use crate::store::rows::Outcome;
use crate::store::{StoreError, Workspace, WriteTx, bulk};

pub use buildings::read_buildings;
pub use guard::is_guarded;
pub use report::{ImportReport, Issue, KeptRow, Severity};

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// GeoJSON building footprints.
    Buildings,
    /// GeoJSON grid areas.
    Grids,
    /// CSV rooms.
    Rooms,
    /// CSV persons with household, residency and tags.
    Persons,
    /// CSV enterprises.
    Enterprises,
    /// CSV events.
    Events,
    /// CSV devices.
    Devices,
    /// GeoJSON roads, water, green, railways.
    Basemap,
}

/// Endings of files that can be imported: footprints and areas, then lists.
pub const ALL_ENDINGS: [&str; 17] = [
    "geojson", "json", "shp", "zip", "fgb", "kml", "kmz", "gpkg", "csv", "tsv", "txt", "xlsx",
    "xlsm", "xlsb", "xls", "ods", "et",
];

impl Kind {
    /// All kinds, in the order in which files are best imported.
    pub const ALL: [Self; 8] = [
        Self::Buildings,
        Self::Grids,
        Self::Rooms,
        Self::Persons,
        Self::Enterprises,
        Self::Events,
        Self::Devices,
        Self::Basemap,
    ];

    /// The word used on the command line and in `fields.csv`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Buildings => "buildings",
            Self::Grids => "grids",
            Self::Rooms => "rooms",
            Self::Persons => "persons",
            Self::Enterprises => "enterprises",
            Self::Events => "events",
            Self::Devices => "devices",
            Self::Basemap => "basemap",
        }
    }

    /// The kind a file most likely holds, by its name (`rooms.csv`, `居民名单.csv`) and ending; a
    /// CSV that says nothing is a list of persons.
    #[must_use]
    pub fn guess(path: &Path) -> Option<Self> {
        let stem = path.file_stem()?.to_string_lossy().to_lowercase();
        let ends = |endings: &[&str]| {
            path.extension().is_some_and(|e| endings.iter().any(|x| e.eq_ignore_ascii_case(x)))
        };
        let (is_geojson, is_csv) = (ends(&ALL_ENDINGS[..7]), ends(&ALL_ENDINGS[8..]));
        if !is_geojson && !is_csv {
            return None;
        }
        let has = |words: &[&str]| words.iter().any(|word| stem.contains(word));
        let named = [
            (Self::Buildings, &["building", "楼栋", "建筑"][..]),
            (Self::Grids, &["grid", "网格"]),
            (Self::Rooms, &["room", "房屋", "房间"]),
            (Self::Persons, &["person", "people", "resident", "人员", "居民", "人口"]),
            (Self::Enterprises, &["enterprise", "compan", "企业", "商户"]),
            (Self::Events, &["event", "incident", "事件"]),
            (Self::Devices, &["device", "camera", "设备", "摄像"]),
            (Self::Basemap, &["basemap", "底图"]),
        ]
        .into_iter()
        .find(|(kind, words)| has(words) && kind.is_geojson() == is_geojson)
        .map(|(kind, _)| kind);
        let is_base = is_geojson && crate::domain::basemap::classify_file(&stem).is_some();
        named
            .or_else(|| is_base.then_some(Self::Basemap))
            .or_else(|| is_geojson.then_some(Self::Buildings))
            .or_else(|| is_csv.then_some(Self::Persons))
    }

    /// Whether the file is GeoJSON and not CSV.
    #[must_use]
    pub const fn is_geojson(self) -> bool {
        matches!(self, Self::Buildings | Self::Grids | Self::Basemap)
    }
}

/// Why a file as a whole was refused. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be read.
    #[error("{0} could not be read: {1}")]
    Io(PathBuf, std::io::Error),
    /// Not JSON.
    #[error(
        "broken JSON: {0}. Nothing was imported; export the file again from its program, or repair \
         it there"
    )]
    BrokenJson(String),
    /// JSON, but not GeoJSON.
    #[error(
        "this is JSON but not GeoJSON: {0}. Nothing was imported; choose a GeoJSON file with a \
         FeatureCollection"
    )]
    NotGeoJson(String),
    /// No footprints or areas that can be read or placed.
    #[error("{0}. Nothing was imported")]
    NotFootprints(String),
    /// Not a text table.
    #[error("{0}. Nothing was imported")]
    NotATable(String),
    /// Columns that are needed are not there.
    #[error(
        "no column for {missing}. Headings found: {found}. Nothing was imported; rename a heading, \
         or say which it is with --field {example}=HEADING"
    )]
    MissingColumn {
        /// The fields, with their Chinese labels.
        missing: String,
        /// The headings of the file.
        found: String,
        /// The first missing field.
        example: String,
    },
    /// `--field` names something that is no field of this kind.
    #[error("{0} is no field of {1}. Fields: {2}")]
    UnknownField(String, &'static str, String),
    /// The workspace refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Progress and cancel of a running import.
pub struct Watch<'a> {
    /// Set by whoever wants it to stop.
    pub cancel: &'a AtomicBool,
    /// Called with rows done and rows in all (0 while unknown).
    pub progress: &'a (dyn Fn(u64, u64) + Sync),
    /// Called with the buildings of a file as soon as they are read, long before they are stored.
    /// Their row ids are the numbers of their features.
    pub found: &'a dyn Fn(&Arc<MapBuildings>),
}

impl Watch<'_> {
    /// Tells how far it is, every 1,024 rows, and stops when asked to.
    ///
    /// # Errors
    /// [`StoreError::Cancelled`].
    pub fn tick(&self, done: u64, total: u64) -> Result<(), StoreError> {
        if done.is_multiple_of(1024) {
            if self.cancel.load(Ordering::Relaxed) {
                return Err(StoreError::Cancelled);
            }
            (self.progress)(done, total);
        }
        Ok(())
    }
}

/// What to import and how.
#[derive(Debug, Clone)]
pub struct Request {
    /// What the file holds.
    pub kind: Kind,
    /// Where it is.
    pub path: PathBuf,
    /// `field → heading or property` given by the user.
    pub fields: Vec<(String, String)>,
    /// Which sheet of a workbook; `None` takes the one whose headings fit best.
    pub sheet: Option<String>,
    /// In which coordinate system a file of footprints or areas is; `None` when it says so itself
    /// or its numbers do.
    pub crs: Option<Crs>,
    /// Whether rooms that a list of persons names in known buildings are made.
    pub create_rooms: bool,
    /// What wins where persons or rooms of a list disagree with what is known.
    pub precedence: Precedence,
    /// Whether to roll everything back at the end.
    pub dry_run: bool,
    /// The day a move without a date is dated with.
    pub today: Date,
}

impl Request {
    /// A file as it is: nothing said about its columns, everything written.
    #[must_use]
    pub fn new(kind: Kind, path: PathBuf, today: Date) -> Self {
        Self {
            kind,
            path,
            fields: Vec::new(),
            sheet: None,
            crs: None,
            create_rooms: false,
            precedence: Precedence::default(),
            dry_run: false,
            today,
        }
    }
}

/// Imports a file. See the module's text.
///
/// # Errors
/// [`ImportError`] when the file as a whole is refused, the workspace is busy or read-only, or
/// the user cancels; the workspace is then as it was.
pub fn run(
    workspace: &Workspace,
    request: &Request,
    stamp: &Stamp,
    watch: &Watch<'_>,
) -> Result<ImportReport, ImportError> {
    match request.kind {
        Kind::Buildings => buildings::import_buildings(workspace, request, stamp, watch),
        Kind::Grids => buildings::import_grids(workspace, request, stamp, watch),
        Kind::Basemap => basemap::import(workspace, request, stamp, watch),
        Kind::Rooms => rooms::import(workspace, request, stamp, watch),
        Kind::Persons => persons::import(workspace, request, stamp, watch),
        Kind::Enterprises | Kind::Events | Kind::Devices => {
            places::import(workspace, request, stamp, watch)
        }
    }
}

/// Applies what was read, in one transaction with its batch and audit rows. The rows that the
/// batch adds and changes are written down, so that it can be undone.
fn apply(
    workspace: &Workspace,
    request: &Request,
    stamp: &Stamp,
    mut report: ImportReport,
    deed: impl FnOnce(&WriteTx<'_>, &Journal, &mut ImportReport) -> Result<(), StoreError>,
) -> Result<ImportReport, ImportError> {
    report.dry_run = request.dry_run;
    let report = workspace.write_or_drop(stamp, |tx| {
        let journal = Journal::begin(
            tx,
            &Batch {
                kind: report.kind,
                file_name: &report.file,
                sha256: &report.sha256,
                encoding: report.encoding,
                mapping: &serde_json::to_string(&report.mapping).unwrap_or_default(),
            },
        )?;
        report.batch = journal.batch();
        deed(tx, &journal, &mut report)?;
        report.sort();
        let c = report.counts;
        debug_assert!(c.adds_up(), "a row vanished: {c:?}");
        if request.dry_run {
            journal.drop_triggers(tx)?;
            report.batch = 0;
            return Ok((report, None));
        }
        journal.finish(tx, &c)?;
        if c.added > 5_000 {
            bulk::analyze(tx)?;
        }
        let entry = AuditEntry::done("import", format!("{} {}", report.kind, report.file))
            .with_fields(format!(
                "read {} added {} merged {} unchanged {} held {} rejected {} skipped {}",
                c.read, c.added, c.merged, c.unchanged, c.held, c.rejected, c.skipped
            ));
        Ok((report, Some(entry)))
    })?;
    Ok(report)
}

/// A held or rejected row as the workspace keeps it.
fn kept_row(row: &KeptRow) -> JournalRow {
    let refusal = &row.refusal;
    JournalRow {
        line: row.line as i64,
        action: if refusal.severity == Severity::Held { "held" } else { "rejected" },
        raw: serde_json::to_string(&row.raw).unwrap_or_default(),
        choices: serde_json::to_string(&refusal.choices).unwrap_or_default(),
        issues: serde_json::to_string(&(refusal.field, &refusal.reason, &row.name))
            .unwrap_or_default(),
    }
}

fn count(counts: &mut RowCounts, outcome: Outcome) {
    match outcome {
        Outcome::Added => counts.added += 1,
        Outcome::Merged => counts.merged += 1,
        Outcome::Unchanged => counts.unchanged += 1,
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
}

fn sha256_hex(bytes: &[u8]) -> String {
    use sha2::{Digest as _, Sha256};
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_by_file_name() {
        let check = |name: &str, expect| assert_eq!(Kind::guess(Path::new(name)), expect, "{name}");
        check("rooms.csv", Some(Kind::Rooms));
        check("橡树湾居民名单.csv", Some(Kind::Persons));
        check("people.csv", Some(Kind::Persons));
        check("building list.csv", Some(Kind::Persons));
        check("city.geojson", Some(Kind::Buildings));
        check("网格.geojson", Some(Kind::Grids));
        check("roads.geojson", Some(Kind::Basemap));
        check("people.geojson", Some(Kind::Buildings));
        check("village.kmz", Some(Kind::Buildings));
        check("buildings.gpkg", None);
        check("notes.pdf", None);
    }
}
