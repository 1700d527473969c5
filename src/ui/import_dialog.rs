//! Import: file → kind → first rows → progress with cancel → report.

use std::path::PathBuf;

use eframe::egui::{self, RichText, ScrollArea, Ui};

use super::dialogs::{PathField, Pick, buttons, heading, modal};
use super::theme::bold;
use super::widgets::{figure, hint, primary, theme};
use super::{Ctx, tokens};
use crate::app::Action;
use crate::app::lists::kind_text;
use crate::import::preview::{Preview, preview};
use crate::import::{Kind, Request, Severity};
use crate::text::{Text, localise, thousands};

/// Rows of a file that are shown before it is imported.
const PREVIEW_ROWS: usize = 8;
/// Lines of a report that are shown; the saved one has all.
const REPORT_LINES: usize = 2_000;

/// The dialog's state.
pub(super) struct ImportDialog {
    path: PathField,
    kind: Kind,
    looked_at: Option<(PathBuf, Kind)>,
    preview: super::still::Inbox<Result<Preview, String>>,
}

impl ImportDialog {
    pub(super) fn new(path: Option<PathBuf>) -> Self {
        let kind = path.as_deref().and_then(Kind::guess).unwrap_or(Kind::Buildings);
        let text = path.map(|p| p.display().to_string()).unwrap_or_default();
        Self {
            path: PathField::of(text),
            kind,
            looked_at: None,
            preview: super::still::Inbox::default(),
        }
    }

    /// Draws the dialog; true when it is done with.
    pub(super) fn show(&mut self, ui: &mut Ui, cx: &mut Ctx<'_>) -> bool {
        let mut is_done = false;
        let modal = modal(ui, "import").show(ui, |ui| {
            ui.set_width((ui.content_rect().width() - 120.0).clamp(480.0, 860.0));
            heading(ui, cx.t(Text::ImportTitle));
            if self.path.show(
                ui,
                cx,
                Text::ImportFileLabel,
                Pick::Open,
                &crate::import::ALL_ENDINGS,
            ) && let Some(guess) = self.path.path().as_deref().and_then(Kind::guess)
            {
                self.kind = guess;
            }
            ui.add_space(tokens::GAP_SMALL);
            ui.label(cx.t(Text::ImportKindLabel));
            ui.horizontal_wrapped(|ui| {
                for kind in Kind::ALL {
                    let text = cx.t(kind_text(kind));
                    ui.selectable_value(&mut self.kind, kind, text);
                }
            });
            ui.add_space(tokens::GAP);
            let is_good = self.look(ui, cx);
            buttons(ui, cx, |ui, cx| {
                if primary(ui, is_good, cx.t(Text::ImportStart)).clicked()
                    && let Some(path) = self.path.path()
                {
                    cx.act(Action::Import(Request {
                        kind: self.kind,
                        path,
                        fields: Vec::new(),
                        sheet: None,
                        create_rooms: false,
                        dry_run: false,
                        today: cx.session.today(),
                    }));
                    is_done = true;
                }
                is_done |= ui.button(cx.t(Text::Cancel)).clicked();
            });
        });
        is_done || modal.should_close()
    }

    /// Shows the first rows, read on a thread; true when the file can be imported.
    fn look(&mut self, ui: &mut Ui, cx: &Ctx<'_>) -> bool {
        let wanted = self.path.path().map(|p| (p, self.kind));
        if self.looked_at != wanted {
            self.looked_at.clone_from(&wanted);
            self.preview = super::still::Inbox::default();
            if let Some((path, kind)) = wanted.clone() {
                let (inbox, ctx) = (self.preview.clone(), ui.ctx().clone());
                let run = move || {
                    let seen = preview(kind, &path, PREVIEW_ROWS).map_err(|e| e.to_string());
                    if let Ok(mut inbox) = inbox.lock() {
                        *inbox = Some(seen);
                    }
                    ctx.request_repaint();
                };
                let _ = std::thread::Builder::new().name("menpai-preview".into()).spawn(run);
            }
        }
        if wanted.is_none() {
            return false;
        }
        let seen = self.preview.lock().ok().and_then(|seen| seen.clone());
        let c = theme(ui);
        match seen {
            None => {
                hint(ui, cx.t(Text::Loading));
                false
            }
            Some(Err(error)) => {
                let text = RichText::new(localise(&error, cx.lang)).color(c.danger);
                ui.add(egui::Label::new(text).wrap());
                false
            }
            Some(Ok(preview)) => {
                rows(ui, cx, self.kind, &preview);
                if let Some(problem) = &preview.problem {
                    let text = RichText::new(localise(problem, cx.lang)).color(c.danger);
                    ui.add(egui::Label::new(text).wrap());
                }
                preview.problem.is_none()
            }
        }
    }
}

fn rows(ui: &mut Ui, cx: &Ctx<'_>, kind: Kind, preview: &Preview) {
    let c = theme(ui);
    let total = preview.total.map(|n| format!(" · {}", thousands(n as u64))).unwrap_or_default();
    hint(ui, &format!("{}{total}", cx.t(Text::ImportPreview)));
    let labels = crate::import::fields::of_kind(kind);
    ScrollArea::both().max_height(260.0).auto_shrink([false, true]).show(ui, |ui| {
        let columns = preview.headings.len();
        egui::Grid::new("preview").num_columns(columns).striped(true).spacing([16.0, 4.0]).show(
            ui,
            |ui| {
                for (heading, field) in preview.headings.iter().zip(&preview.fields) {
                    let label = field
                        .as_ref()
                        .and_then(|f| labels.iter().find(|l| l.field == *f))
                        .map(|l| l.label(cx.lang));
                    let (text, colour) = match label {
                        Some(label) => (label.to_owned(), c.ink),
                        None => (format!("({heading})"), c.secondary),
                    };
                    ui.label(RichText::new(text).font(bold(tokens::SMALL)).color(colour))
                        .on_hover_text(heading);
                }
                ui.end_row();
                for row in &preview.rows {
                    for cell in row {
                        let short: String = cell.chars().take(28).collect();
                        ui.label(RichText::new(short).size(tokens::SMALL));
                    }
                    ui.end_row();
                }
            },
        );
    });
}

/// The report of the last import, until it is closed. True while it is shown.
pub(super) fn report(ui: &mut Ui, cx: &mut Ctx<'_>) -> bool {
    let Some(report) = &cx.session.report else { return false };
    let modal = modal(ui, "report").show(ui, |ui| {
        ui.set_width(720.0);
        heading(ui, cx.lang.t(Text::ImportDone));
        hint(ui, &report.file);
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
        if !report.issues.is_empty() {
            let title = format!(
                "{} ({})",
                cx.lang.t(Text::ImportFindings),
                thousands(report.issues.len() as u64)
            );
            super::widgets::section(ui, &title);
            issues(ui, cx, report);
        }
        let mut wish = None;
        buttons(ui, cx, |ui, cx| {
            if primary(ui, true, cx.t(Text::Close)).clicked() {
                wish = Some(Action::CloseReport);
            }
            let can_save = !report.issues.is_empty();
            let save = egui::Button::new(cx.t(Text::ImportSaveReport));
            if ui.add_enabled(can_save, save).clicked() {
                wish = Some(Action::SaveReport(report_path(report), cx.lang));
            }
        });
        wish
    });
    let close = modal.should_close();
    if let Some(action) = modal.inner {
        cx.act(action);
    } else if close {
        cx.act(Action::CloseReport);
    }
    true
}

/// Where a report is saved: in the user's folder, under a name that says what it is.
fn report_path(report: &crate::import::ImportReport) -> PathBuf {
    use etcetera::BaseStrategy as _;
    let home = etcetera::choose_base_strategy().map(|b| b.home_dir().to_owned());
    let name = format!("menpai-report-{}-{}.xlsx", report.kind, &report.sha256[..8]);
    home.unwrap_or_default().join(name)
}

fn issues(ui: &mut Ui, cx: &Ctx<'_>, report: &crate::import::ImportReport) {
    let c = theme(ui);
    let shown = &report.issues[..report.issues.len().min(REPORT_LINES)];
    let labels = crate::import::fields::labels(report.kind, cx.lang);
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
                        localise(&issue.reason, cx.lang)
                    );
                    let text = RichText::new(text).size(tokens::SMALL).color(c.ink);
                    ui.add(egui::Label::new(text).truncate());
                });
            }
        },
    );
}
