//! Sheets that go out to offices: templates to fill in, and what an import could not take.

use crate::msg;
use crate::text::Message;
use std::path::Path;

use crate::domain::Lang;
use crate::domain::cell::spreadsheet_safe;
use crate::domain::codes::CodeLists;
use crate::domain::object::Object;
use crate::edit::of_object;
use crate::export::sheets::{Column, SheetPage, write_sheet};
use crate::import::table::waiting;
use crate::import::{ImportReport, KeptRow, Kind, Severity, fields};
use crate::store::deed::DeedKind;
use crate::store::deeds::PastDeed;
use crate::store::files;
use crate::text::workflow::label;
use crate::text::{Text, say_in};

/// The text of a kind.
#[must_use]
pub const fn kind_text(kind: Kind) -> Text {
    match kind {
        Kind::Buildings => Text::KindBuildings,
        Kind::Grids => Text::KindGrids,
        Kind::Rooms => Text::KindRooms,
        Kind::Persons => Text::KindPersons,
        Kind::Enterprises => Text::KindEnterprises,
        Kind::Events => Text::KindEvents,
        Kind::Devices => Text::KindDevices,
        Kind::Basemap => Text::KindBasemap,
    }
}

fn has_ending(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case(ending))
}

/// What a report shows of the rows that were not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportRows {
    /// Findings with masked values.
    Masked,
    /// The rows as they stood, to be corrected and imported: a reveal, which the caller has written
    /// into the audit log.
    Full,
}

/// Whether a report saved under this name can hold the rows to be corrected.
#[must_use]
pub fn holds_rows(to: &Path) -> bool {
    has_ending(to, "xlsx")
}

/// Saves a report: `.xlsx` with the rows that were not taken and a column to correct them in, so
/// that the corrected sheet can be imported, or with the masked findings; `.json` whole; anything
/// else as CSV. Only its owner may read the file.
///
/// # Errors
/// A sentence with the file's name.
pub fn save_report(
    report: &ImportReport,
    to: &Path,
    lang: Lang,
    rows: ReportRows,
) -> Result<(), Message> {
    let write = |bytes: &[u8]| files::write_private(to, bytes).map_err(|e| e.message());
    let saved = if has_ending(to, "xlsx") {
        let page = match rows {
            ReportRows::Full => report_page(report, lang),
            ReportRows::Masked => findings_page(report, lang),
        };
        write_sheet(to, &page)
    } else if has_ending(to, "json") {
        report_json(report, lang).and_then(|text| write((text + "\n").as_bytes()))
    } else {
        report_csv(report, lang).and_then(|bytes| write(&bytes))
    };
    saved.map_err(|e| msg!("the report could not be saved to {}: {}", to.display(), e))
}

/// A report as JSON, its reasons in a language.
///
/// # Errors
/// The serialiser's.
pub fn report_json(report: &ImportReport, lang: Lang) -> Result<String, Message> {
    let bare = ImportReport { kept: Vec::new(), ..report.clone() };
    let mut value = serde_json::to_value(&bare).map_err(Message::of)?;
    say_in(&mut value, lang);
    serde_json::to_string_pretty(&value).map_err(Message::of)
}

fn report_csv(report: &ImportReport, lang: Lang) -> Result<Vec<u8>, Message> {
    let labels = fields::labels(report.kind, lang);
    // The mark lets Excel read the file as UTF-8.
    let mut out = csv::Writer::from_writer(vec![0xEF, 0xBB, 0xBF]);
    let headings =
        [Text::Row, Text::ReportField, Text::ReportValue, Text::ReportResult, Text::ReportReason];
    out.write_record(headings.map(|heading| lang.t(heading))).map_err(Message::of)?;
    for issue in &report.issues {
        let column = labels.get(&issue.column).unwrap_or(&issue.column);
        out.write_record([
            issue.row.to_string().as_str(),
            &spreadsheet_safe(column),
            &spreadsheet_safe(&issue.value),
            lang.t(severity_text(issue.severity)),
            &issue.reason.text(lang),
        ])
        .map_err(Message::of)?;
    }
    out.into_inner().map_err(Message::of)
}

/// The findings of a report as a sheet, values masked as everywhere.
fn findings_page(report: &ImportReport, lang: Lang) -> SheetPage {
    let labels = fields::labels(report.kind, lang);
    let own = [
        (Text::Row, 8),
        (Text::ReportField, 14),
        (Text::ReportValue, 24),
        (Text::ReportResult, 10),
        (Text::ReportReason, 60),
    ];
    let columns = own.into_iter().map(|(heading, width)| Column {
        heading: lang.t(heading).to_owned(),
        width,
        ..Column::default()
    });
    let rows = report.issues.iter().map(|issue| {
        vec![
            issue.row.to_string(),
            labels.get(&issue.column).unwrap_or(&issue.column).clone(),
            issue.value.clone(),
            lang.t(severity_text(issue.severity)).to_owned(),
            issue.reason.text(lang),
        ]
    });
    SheetPage {
        name: lang.t(Text::ReportSheet).to_owned(),
        columns: columns.collect(),
        hints: Vec::new(),
        rows: rows.collect(),
    }
}

/// The word for how a finding bears on its row.
#[must_use]
pub const fn severity_text(severity: Severity) -> Text {
    match severity {
        Severity::Rejected => Text::ImportRejected,
        Severity::Held => Text::ImportHeld,
        Severity::Warning => Text::ImportWarning,
        Severity::Note => Text::ImportNote,
    }
}

/// Headings of a report's own columns. The last three are read again by an import.
fn report_page(report: &ImportReport, lang: Lang) -> SheetPage {
    let labels = fields::labels(report.kind, lang);
    let mut headings: Vec<&str> = Vec::new();
    for (heading, _) in report.kept.iter().flat_map(|row| &row.raw) {
        if !headings.contains(&heading.as_str()) {
            headings.push(heading);
        }
    }
    let own = [
        (lang.t(Text::Row), 8, false),
        (lang.t(Text::ReportResult), 10, false),
        (lang.t(Text::ReportReason), 44, false),
        (lang.t(Text::ReportField), 12, false),
        (lang.t(Text::ReportCorrection), 28, true),
        (lang.t(Text::ReportReference), 14, false),
    ];
    let columns = own
        .into_iter()
        .map(|(heading, width, is_open)| Column {
            heading: heading.to_owned(),
            width,
            choices: Vec::new(),
            is_open,
        })
        .chain(headings.iter().map(|heading| Column {
            heading: (*heading).to_owned(),
            width: 18,
            ..Column::default()
        }))
        .collect();
    let row = |kept: &KeptRow| {
        let refusal = &kept.refusal;
        let result = match refusal.severity {
            Severity::Held => Text::ImportHeld,
            _ => Text::ImportRejected,
        };
        let field = labels.get(refusal.field).map_or(refusal.field, String::as_str);
        let mut cells = vec![
            kept.line.to_string(),
            lang.t(result).to_owned(),
            refusal.reason.text(lang),
            field.to_owned(),
            String::new(),
            kept.name.clone().unwrap_or_else(|| waiting::reference(&report.sha256, kept.line)),
        ];
        cells.extend(headings.iter().map(|heading| {
            let cell = kept.raw.iter().find(|(h, _)| h == heading);
            cell.map(|(_, text)| text.clone()).unwrap_or_default()
        }));
        cells
    };
    SheetPage {
        name: lang.t(Text::ReportSheet).to_owned(),
        columns,
        hints: Vec::new(),
        rows: report.kept.iter().map(row).collect(),
    }
}

/// Saves an empty list of a kind: headings, what may stand below them, an example, and the values
/// to choose from.
///
/// # Errors
/// A sentence with the file's name.
pub fn save_template(kind: Kind, to: &Path, lang: Lang) -> Result<(), Message> {
    let lists = CodeLists::shipped();
    let needed = fields::needed(kind);
    let (mut columns, mut hints, mut examples) = (Vec::new(), Vec::new(), Vec::new());
    for field in fields::of_kind(kind) {
        let choices: Vec<String> = field
            .code_list()
            .map(|list| {
                lists.entries(list).map(|e| lists.label(list, e.key, lang).to_owned()).collect()
            })
            .unwrap_or_default();
        let must = if needed.contains(&field.field.as_str()) {
            Text::TemplateRequired
        } else {
            Text::TemplateOptional
        };
        let mut hint = lang.t(must).to_owned();
        if !choices.is_empty() {
            hint = format!("{hint}: {}", choices.join(" / "));
        }
        let example =
            if choices.is_empty() { field.example().to_owned() } else { choices[0].clone() };
        columns.push(Column {
            heading: field.label(lang).to_owned(),
            width: if matches!(field.field.as_str(), "address" | "id_no" | "uscc" | "text") {
                26
            } else {
                14
            },
            choices,
            is_open: false,
        });
        hints.push(hint);
        examples.push(example);
    }
    if let Some(first) = examples.first_mut() {
        *first = format!("{}{first}", lang.t(Text::TemplateExample));
    }
    let page = SheetPage {
        name: lang.t(kind_text(kind)).to_owned(),
        columns,
        hints: vec![hints, examples],
        rows: Vec::new(),
    };
    write_sheet(to, &page)
        .map_err(|e| msg!("the template could not be saved to {}: {}", to.display(), e))
}
/// What a deed did, in words: the record and its fields, without anything personal.
#[must_use]
pub fn deed_words(deed: &PastDeed, lang: Lang) -> String {
    match deed.kind {
        DeedKind::Import => {
            let kind = Kind::ALL.into_iter().find(|k| Some(k.word()) == deed.list.as_deref());
            let kind = kind.map_or("", |kind| lang.t(kind_text(kind)));
            format!("{} · {kind} · {}", label("deed", "import", lang), deed.title)
        }
        DeedKind::Step => {
            let action = deed.action.as_deref().unwrap_or_default();
            let action = match action.strip_prefix("ask-") {
                Some(kind) => label("request", kind, lang),
                None => label("event_action", action, lang),
            };
            format!("{action} · {}", deed.title)
        }
        kind => {
            let (object, fields) = deed.title.split_once(' ').unwrap_or((&deed.title, ""));
            let Some(object) = Object::of_key(object) else {
                return format!("{} · {}", label("deed", kind.word(), lang), deed.title);
            };
            let fields: Vec<&str> = fields
                .split(',')
                .filter(|field| !field.is_empty())
                .map(|name| {
                    let field = of_object(object.word()).find(|f| f.field == name);
                    field.map_or_else(|| label("deed_field", name, lang), |f| f.label(lang))
                })
                .collect();
            let what = label("deed", kind.word(), lang);
            let comma = if lang == Lang::Zh { "、" } else { ", " };
            let noun = noun(object.word(), lang);
            if fields.is_empty() {
                format!("{what} · {noun}")
            } else {
                format!("{what} · {noun} · {}", fields.join(comma))
            }
        }
    }
}

/// What a kind of record is called.
#[must_use]
pub fn noun(word: &str, lang: Lang) -> &'static str {
    let text = match word {
        "person" => Text::Person,
        "room" => Text::Room,
        "building" => Text::Building,
        "enterprise" => Text::Enterprise,
        "estate" => Text::Estate,
        "grid" => Text::Grid,
        "event" => Text::Event,
        "device" => Text::Devices,
        "staff" => Text::StaffNoun,
        "organisation" => Text::OrganisationNoun,
        _ => Text::Note,
    };
    lang.t(text)
}
