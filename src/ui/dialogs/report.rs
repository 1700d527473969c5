//! The report of an import, or of the check before one: counts, findings, what to do next.

use std::path::PathBuf;

use eframe::egui::{self, RichText, ScrollArea, Ui};

use crate::app::settings::home_folder;
use crate::app::{Action, Card};
use crate::import::{ImportReport, Request, Severity, fields};
use crate::text::{Text, thousands};
use crate::ui::ctx::Ctx;
use crate::ui::kit::modal::{buttons, heading, modal};
use crate::ui::kit::tokens;
use crate::ui::kit::widgets::{figure, hint, primary, theme};

/// Lines of a report that are shown; the saved one has all.
const REPORT_LINES: usize = 2_000;

/// What became of the report of the last import in this frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReportShown {
    /// There is none.
    Nothing,
    /// It is shown, or was closed.
    Shown,
    /// What was looked through is imported now.
    Imports,
}

/// The report of the last import, until it is closed.
pub(crate) fn show(ui: &mut Ui, cx: &mut Ctx<'_>) -> ReportShown {
    let Some(report) = &cx.session.report else { return ReportShown::Nothing };
    let modal = modal(ui, "report").show(ui, |ui| {
        ui.set_width(760.0);
        let title = if report.dry_run { Text::ImportDryTitle } else { Text::ImportDone };
        heading(ui, cx.lang.t(title));
        let name = match &report.sheet {
            Some(sheet) => format!("{} · {sheet}", report.file),
            None => report.file.clone(),
        };
        hint(ui, &name);
        let n = report.counts;
        let figures = [
            (n.read, Text::ImportRowsRead),
            (n.added, Text::ImportAdded),
            (n.merged, Text::ImportMerged),
            (n.unchanged, Text::ImportUnchanged),
            (n.held, Text::ImportHeld),
            (n.rejected, Text::ImportRejected),
            (n.skipped, Text::ImportSkipped),
        ];
        let width = ui.available_width() / figures.len() as f32;
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            for (number, text) in figures {
                figure(ui, width, &thousands(number), cx.lang.t(text), false);
            }
        });
        links(ui, cx, report);
        if !report.issues.is_empty() {
            let count = report.issues.len() as u64 + report.more_warnings;
            let title = format!("{} ({})", cx.lang.t(Text::ImportFindings), thousands(count));
            crate::ui::kit::widgets::section(ui, &title);
            issues(ui, cx, report);
        }
        let mut wish = Vec::new();
        buttons(ui, cx, |ui, cx| report_buttons(ui, cx, report, &mut wish));
        wish
    });
    let close = modal.should_close();
    let imports = modal.inner.iter().any(|action| matches!(action, Action::Import(_)));
    if !modal.inner.is_empty() {
        for action in modal.inner {
            cx.act(action);
        }
    } else if close {
        cx.act(Action::CloseReport);
    }
    if imports { ReportShown::Imports } else { ReportShown::Shown }
}

/// How many of the rows that name a place were linked to it.
fn links(ui: &mut Ui, cx: &Ctx<'_>, report: &ImportReport) {
    let (named, linked) = (report.links.named, report.links.linked);
    if named == 0 {
        return;
    }
    let c = theme(ui);
    let share = linked as f64 * 100.0 / named as f64;
    let mut text = format!(
        "{} {} / {} ({share:.1} %)",
        cx.t(Text::ImportLinks),
        thousands(linked),
        thousands(named)
    );
    if report.missing_rooms > 0 {
        let missing = thousands(report.missing_rooms);
        text = format!("{text} · {} {missing}", cx.t(Text::ImportMissingRooms));
    }
    ui.label(RichText::new(text).color(c.secondary));
}

fn report_buttons(ui: &mut Ui, cx: &mut Ctx<'_>, report: &ImportReport, wish: &mut Vec<Action>) {
    let again = cx.session.request.clone().filter(|_| report.dry_run);
    match again {
        Some(request) => {
            if primary(ui, true, cx.t(Text::ImportGo)).clicked() {
                wish.push(Action::CloseReport);
                wish.push(Action::Import(Request { dry_run: false, ..request }));
            }
            if ui.button(cx.t(Text::BackToColumns)).clicked() {
                wish.push(Action::CloseReport);
            }
        }
        None => {
            if primary(ui, true, cx.t(Text::Close)).clicked() {
                wish.push(Action::CloseReport);
            }
            if report.counts.held > 0 && ui.button(cx.t(Text::ImportReview)).clicked() {
                wish.push(Action::CloseReport);
                wish.push(Action::Show(Card::Review));
            }
        }
    }
    let can_save = !report.issues.is_empty();
    let save = egui::Button::new(cx.t(Text::ImportSaveReport));
    if ui.add_enabled(can_save, save).clicked() {
        wish.push(Action::SaveReport(report_path(report, "-masked"), cx.lang, None));
    }
    if report.kept.is_empty() {
        return;
    }
    // The rows as they stood are a reveal: it asks why.
    let id = egui::Id::unique("report purpose");
    let mut text = ui.data_mut(|d| d.get_temp::<String>(id)).unwrap_or_default();
    let purpose = crate::access::purpose(&text);
    let rows = egui::Button::new(cx.t(Text::ImportSaveRows));
    if ui.add_enabled(purpose.is_some(), rows).clicked() {
        wish.push(Action::SaveReport(report_path(report, ""), cx.lang, purpose));
    }
    let edit = egui::TextEdit::singleline(&mut text)
        .hint_text(cx.t(Text::RevealReason))
        .margin(egui::Margin::symmetric(8, 5))
        .desired_width(200.0);
    if ui.add(edit).accessible_name(cx.t(Text::RevealReason)).changed() {
        ui.data_mut(|d| d.insert_temp(id, text));
    }
}

/// Where a report is saved: in the user's folder, under a name that says what it is.
fn report_path(report: &ImportReport, word: &str) -> PathBuf {
    let name = format!("menpai-report-{}-{}{word}.xlsx", report.kind, &report.sha256[..8]);
    home_folder().join(name)
}

fn issues(ui: &mut Ui, cx: &Ctx<'_>, report: &ImportReport) {
    let c = theme(ui);
    let shown = &report.issues[..report.issues.len().min(REPORT_LINES)];
    let labels = fields::labels(report.kind, cx.lang);
    ScrollArea::vertical().max_height(300.0).auto_shrink([false, true]).show_rows(
        ui,
        tokens::ROW_HEIGHT,
        shown.len(),
        |ui, range| {
            for issue in &shown[range] {
                let colour = match issue.severity {
                    Severity::Rejected => c.danger,
                    Severity::Held => c.warn,
                    _ => c.secondary,
                };
                ui.horizontal(|ui| {
                    ui.set_min_height(tokens::ROW_HEIGHT - 4.0);
                    let row = format!("{} {}", cx.lang.t(Text::Row), issue.row);
                    ui.label(RichText::new(row).size(tokens::SMALL).color(colour));
                    let text = format!(
                        "{} {}  {}",
                        labels.get(&issue.column).unwrap_or(&issue.column),
                        issue.value,
                        issue.reason.text(cx.lang)
                    );
                    let text = RichText::new(text).size(tokens::SMALL).color(c.ink);
                    ui.add(egui::Label::new(text).truncate());
                });
            }
        },
    );
}
