//! The frame of every dialog: window, title, row of buttons.

use eframe::egui::{self, Id, Modal, RichText, Ui};

use crate::ui::ctx::Ctx;
use crate::ui::kit::theme::bold;
use crate::ui::kit::tokens;
use crate::ui::kit::widgets::theme;

/// A window in front of everything else, with room around what is in it.
pub(crate) fn modal(ui: &Ui, name: &str) -> Modal {
    const MARGIN: i8 = 20;
    Modal::new(Id::unique(name)).frame(egui::Frame::popup(ui.style()).inner_margin(MARGIN))
}

/// The title of a dialog.
pub(crate) fn heading(ui: &mut Ui, text: &str) {
    let c = theme(ui);
    ui.label(RichText::new(text).font(bold(tokens::SECTION + 2.0)).color(c.ink));
    ui.add_space(tokens::GAP);
}

/// The row of buttons at the foot of a dialog, from the right.
pub(crate) fn buttons(ui: &mut Ui, cx: &mut Ctx<'_>, add: impl FnOnce(&mut Ui, &mut Ctx<'_>)) {
    ui.add_space(tokens::GAP * 2.0);
    let size = egui::Vec2::new(ui.available_width(), tokens::CONTROL_HEIGHT);
    let layout = egui::Layout::right_to_left(egui::Align::Center);
    ui.allocate_ui_with_layout(size, layout, |ui| add(ui, cx));
}
