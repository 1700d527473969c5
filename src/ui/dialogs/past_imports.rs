//! The imports of a workspace: what came in when, what waits, and the way back.

use eframe::egui::{self, RichText, ScrollArea, Ui};

use crate::app::lists::kind_text;
use crate::app::{Action, Card, Slot};
use crate::domain::ids::DeedId;
use crate::import::Kind;
use crate::query::instant_text;
use crate::store::deed::DeedKind;
use crate::store::past_imports::PastImport;
use crate::text::{Text, thousands};
use crate::ui::ctx::Ctx;
use crate::ui::kit::modal::{buttons, heading};
use crate::ui::kit::theme::bold;
use crate::ui::kit::tokens;
use crate::ui::kit::widgets::{empty_state, hint, link, primary, theme};

/// The dialog's state: the import that is about to be undone.
#[derive(Default)]
pub(crate) struct PastImports {
    asked: Option<DeedId>,
}

impl PastImports {
    /// Draws the dialog; true when it is done with.
    pub(crate) fn show(&mut self, ui: &mut Ui, cx: &mut Ctx<'_>) -> bool {
        ui.set_width((ui.content_rect().width() - 160.0).clamp(480.0, 820.0));
        heading(ui, cx.t(Text::PastImports).trim_end_matches('…'));
        let mut is_done = false;
        let session = cx.session;
        match session.lists.get() {
            None => hint(ui, cx.t(Text::Loading)),
            Some(lists) if lists.past.is_empty() => empty_state(ui, cx.t(Text::PastImportsEmpty)),
            Some(lists) => {
                ScrollArea::vertical().max_height(380.0).auto_shrink([false, true]).show(
                    ui,
                    |ui| {
                        for import in &lists.past {
                            is_done |= self.line(ui, cx, import);
                        }
                    },
                );
            }
        }
        buttons(ui, cx, |ui, cx| is_done |= primary(ui, true, cx.t(Text::Close)).clicked());
        is_done
    }

    fn line(&mut self, ui: &mut Ui, cx: &mut Ctx<'_>, import: &PastImport) -> bool {
        let c = theme(ui);
        let mut is_done = false;
        let is_undone = import.undone_at.is_some();
        ui.horizontal(|ui| {
            ui.vertical(|ui| {
                ui.set_width(ui.available_width() - 200.0);
                let ink = if is_undone { c.secondary } else { c.ink };
                let file = match import.deed {
                    DeedKind::MakeRooms => format!("{} · {}", cx.t(Text::MadeRooms), import.file),
                    DeedKind::Review => format!("{} · {}", cx.t(Text::Reviewed), import.file),
                    _ => import.file.clone(),
                };
                let mut name = RichText::new(file).font(bold(tokens::BODY)).color(ink);
                if is_undone {
                    name = name.strikethrough();
                }
                ui.add(egui::Label::new(name).truncate());
                let kind = Kind::ALL.into_iter().find(|kind| kind.word() == import.kind);
                let kind = kind.map_or(import.kind.as_str(), |kind| cx.t(kind_text(kind)));
                let n = import.counts;
                let figures = [
                    (n.read, Text::ImportRowsRead),
                    (n.added, Text::ImportAdded),
                    (n.merged, Text::ImportMerged),
                    (import.waiting, Text::ImportHeld),
                    (n.rejected, Text::ImportRejected),
                ];
                let figures: Vec<String> = figures
                    .into_iter()
                    .filter(|(number, _)| *number > 0)
                    .map(|(number, text)| format!("{} {}", cx.t(text), thousands(number)))
                    .collect();
                let day = instant_text(import.at)[..16].replace('T', " ");
                hint(ui, &format!("{day} · {kind} · {}", figures.join(" · ")));
            });
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let is_free = cx.session.is_free(Slot::Write);
                if is_undone {
                    if import.can_redo {
                        let redo = egui::Button::new(cx.t(Text::RedoIt));
                        if ui.add_enabled(is_free, redo).clicked() {
                            cx.act(Action::RedoImport(import.batch));
                        }
                    }
                    hint(ui, cx.t(Text::ImportUndone));
                } else if self.asked == Some(import.batch) {
                    if ui.button(cx.t(Text::Cancel)).clicked() {
                        self.asked = None;
                    }
                    if primary(ui, is_free, cx.t(Text::UndoImportSure)).clicked() {
                        self.asked = None;
                        cx.act(Action::UndoImport(import.batch));
                    }
                } else {
                    let undo = egui::Button::new(cx.t(Text::UndoImport));
                    if ui.add_enabled(is_free && import.can_undo, undo).clicked() {
                        self.asked = Some(import.batch);
                    }
                    if import.waiting > 0 && link(ui, cx.t(Text::Review)).clicked() {
                        cx.act(Action::Show(Card::Review));
                        is_done = true;
                    }
                }
            });
        });
        if self.asked == Some(import.batch) {
            hint(ui, cx.t(Text::UndoImportHint));
        }
        ui.add_space(tokens::GAP_SMALL);
        is_done
    }
}
