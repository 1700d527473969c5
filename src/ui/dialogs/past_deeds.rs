//! What was done, newest first, and the way back.

use eframe::egui::{self, RichText, ScrollArea, Ui};

use crate::app::lists::deed_words;
use crate::app::{Action, Slot};
use crate::store::deeds::PastDeed;
use crate::text::Text;
use crate::text::workflow::minute_text;
use crate::ui::ctx::Ctx;
use crate::ui::kit::modal::{buttons, heading};
use crate::ui::kit::theme::bold;
use crate::ui::kit::tokens;
use crate::ui::kit::widgets::{empty_state, hint, primary, theme};

/// Draws the dialog; true when it is done with.
pub(crate) fn past_deeds(ui: &mut Ui, cx: &mut Ctx<'_>) -> bool {
    ui.set_width((ui.content_rect().width() - 160.0).clamp(480.0, 720.0));
    heading(ui, cx.t(Text::PastDeeds).trim_end_matches('…'));
    let session = cx.session;
    match session.deeds.get() {
        None => hint(ui, cx.t(Text::Loading)),
        Some(deeds) if deeds.is_empty() => empty_state(ui, cx.t(Text::PastDeedsEmpty)),
        Some(deeds) => {
            let room = (ui.content_rect().height() - 220.0).clamp(160.0, 420.0);
            let height = tokens::CONTROL_HEIGHT + 12.0;
            ScrollArea::vertical().max_height(room).auto_shrink([false, true]).show_rows(
                ui,
                height,
                deeds.len(),
                |ui, rows| {
                    for deed in &deeds[rows] {
                        line(ui, cx, deed);
                    }
                },
            );
        }
    }
    let mut is_done = false;
    buttons(ui, cx, |ui, cx| is_done |= primary(ui, true, cx.t(Text::Close)).clicked());
    is_done
}

fn line(ui: &mut Ui, cx: &mut Ctx<'_>, deed: &PastDeed) {
    let c = theme(ui);
    let is_undone = deed.undone_at.is_some();
    ui.horizontal(|ui| {
        ui.vertical(|ui| {
            ui.set_width(ui.available_width() - 150.0);
            let ink = if is_undone { c.secondary } else { c.ink };
            let mut name =
                RichText::new(deed_words(deed, cx.lang)).font(bold(tokens::BODY)).color(ink);
            if is_undone {
                name = name.strikethrough();
            }
            ui.add(egui::Label::new(name).truncate());
            hint(ui, &format!("{} · {}", minute_text(deed.at), cx.actor(&deed.actor)));
        });
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let is_free = cx.session.is_free(Slot::Write);
            if is_undone {
                if deed.can_redo {
                    let redo = egui::Button::new(cx.t(Text::RedoIt));
                    if ui.add_enabled(is_free, redo).clicked() {
                        cx.act(Action::RedoImport(deed.deed));
                    }
                } else {
                    hint(ui, cx.t(Text::TakenBack));
                }
            } else if deed.can_undo {
                let undo = egui::Button::new(cx.t(Text::UndoIt));
                if ui.add_enabled(is_free, undo).clicked() {
                    cx.act(Action::UndoImport(deed.deed));
                }
            }
        });
    });
}
