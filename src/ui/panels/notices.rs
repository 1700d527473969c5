//! Notices: things that happened, to be read, copied, taken back and dismissed. They stand beside
//! the map, not on it, and good news goes by itself.

use std::time::Duration;

use eframe::egui::{self, Align2, Id, RichText, Ui, Vec2};

use crate::app::{Action, NoticeKind, Offer};
use crate::text::Text;
use crate::ui::ctx::{Ctx, Wish};
use crate::ui::kit::tokens;
use crate::ui::kit::widgets::{link, theme};

/// Width of a notice, points.
const WIDTH: f32 = 340.0;

pub(crate) fn show(ui: &mut Ui, cx: &mut Ctx<'_>) {
    if cx.session.notices.is_empty() {
        return;
    }
    // Somebody must look whether one has expired.
    ui.request_repaint_after(Duration::from_secs(1));
    let c = theme(ui);
    let width = WIDTH.min(ui.content_rect().width() - 48.0);
    egui::Area::new(Id::unique("notices"))
        .anchor(Align2::RIGHT_BOTTOM, Vec2::new(-12.0, -36.0))
        .order(egui::Order::Foreground)
        .show(ui, |ui| {
            for (index, notice) in cx.session.notices.iter().enumerate() {
                let (bar, word) = match notice.kind {
                    NoticeKind::Done => (c.ok, "●"),
                    NoticeKind::Failed => (c.danger, "×"),
                };
                egui::Frame::popup(ui.style()).inner_margin(10).show(ui, |ui| {
                    ui.set_width(width);
                    ui.horizontal_top(|ui| {
                        ui.label(RichText::new(word).color(bar));
                        let text = notice.text.text(cx.lang);
                        ui.vertical(|ui| {
                            ui.set_width(width - 40.0);
                            let shown = RichText::new(&text).size(tokens::BODY);
                            ui.add(egui::Label::new(shown).wrap().selectable(true));
                            ui.horizontal(|ui| {
                                if let Some(offer) = &notice.offer {
                                    let (word, action) = match offer {
                                        Offer::Redo(batch) => {
                                            (Text::RedoIt, Action::RedoImport(*batch))
                                        }
                                        Offer::Undo(batch) => {
                                            (Text::UndoIt, Action::UndoImport(*batch))
                                        }
                                        Offer::Open(path) => {
                                            (Text::Open, Action::Open(path.clone(), None))
                                        }
                                    };
                                    if link(ui, cx.lang.t(word)).clicked() {
                                        cx.wishes.push(Wish::Session(action));
                                        cx.wishes.push(Wish::Session(Action::Dismiss(index)));
                                    }
                                }
                                copy_link(ui, cx, index, &text);
                                if link(ui, cx.lang.t(Text::Dismiss)).clicked() {
                                    cx.wishes.push(Wish::Session(Action::Dismiss(index)));
                                }
                            });
                        });
                    });
                });
                ui.add_space(tokens::GAP_SMALL);
            }
        });
}

/// Copies a notice, and says for a moment that it has.
fn copy_link(ui: &mut Ui, cx: &Ctx<'_>, index: usize, text: &str) {
    const SAID_FOR_SECS: f64 = 2.0;
    let id = Id::unique(("copied", index, text));
    let now = ui.input(|i| i.time);
    let said: Option<f64> = ui.data(|d| d.get_temp(id));
    let is_said = said.is_some_and(|at| now - at < SAID_FOR_SECS);
    let word = if is_said { Text::Copied } else { Text::Copy };
    if link(ui, cx.lang.t(word)).clicked() {
        ui.copy_text(text.to_owned());
        ui.data_mut(|d| d.insert_temp(id, now));
    }
}
