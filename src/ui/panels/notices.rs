//! Notices: things that happened, to be read, copied and dismissed.

use eframe::egui::{self, Align2, Id, RichText, Ui, Vec2};

use crate::app::{Action, NoticeKind};
use crate::text::{Text, localise};
use crate::ui::ctx::Ctx;
use crate::ui::kit::tokens;
use crate::ui::kit::widgets::{link, theme};

pub(crate) fn show(ui: &mut Ui, cx: &mut Ctx<'_>) {
    if cx.session.notices.is_empty() {
        return;
    }
    let c = theme(ui);
    egui::Area::new(Id::unique("notices"))
        .anchor(Align2::CENTER_BOTTOM, Vec2::new(0.0, -40.0))
        .order(egui::Order::Foreground)
        .show(ui, |ui| {
            for (index, notice) in cx.session.notices.iter().enumerate() {
                let (bar, word) = match notice.kind {
                    NoticeKind::Done => (c.ok, "●"),
                    NoticeKind::Failed => (c.danger, "×"),
                };
                egui::Frame::popup(ui.style()).inner_margin(10).show(ui, |ui| {
                    ui.set_width(520.0);
                    ui.horizontal_top(|ui| {
                        ui.label(RichText::new(word).color(bar));
                        let text = localise(&notice.text, cx.lang);
                        ui.vertical(|ui| {
                            ui.set_width(480.0);
                            let shown = RichText::new(&text).size(tokens::BODY);
                            ui.add(egui::Label::new(shown).wrap().selectable(true));
                            ui.horizontal(|ui| {
                                if link(ui, cx.lang.t(Text::Copy)).clicked() {
                                    ui.copy_text(text.clone());
                                }
                                if link(ui, cx.lang.t(Text::Dismiss)).clicked() {
                                    cx.wishes.push(crate::ui::ctx::Wish::Session(Action::Dismiss(
                                        index,
                                    )));
                                }
                            });
                        });
                    });
                });
                ui.add_space(tokens::GAP_SMALL);
            }
        });
}
