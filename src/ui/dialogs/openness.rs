//! How open rows leave: masked, or in full for a purpose.

use eframe::egui::{self, Ui};

use crate::text::Text;
use crate::ui::ctx::Ctx;
use crate::ui::kit::tokens;
use crate::ui::kit::widgets::hint;

/// The choice, and why.
#[derive(Default)]
pub(crate) struct Openness {
    is_open: bool,
    purpose: String,
}

impl Openness {
    /// Whether it says why, where it must.
    pub(crate) fn says_why(&self) -> bool {
        !self.is_open || crate::access::purpose(&self.purpose).is_some()
    }

    /// Why personal fields are shown in full; nothing where they are masked.
    pub(crate) fn purpose(&self) -> Option<String> {
        self.is_open.then(|| self.purpose.clone())
    }

    pub(crate) fn show(&mut self, ui: &mut Ui, cx: &Ctx<'_>) {
        ui.add_space(tokens::GAP_SMALL);
        ui.checkbox(&mut self.is_open, cx.t(Text::ExtractOpen));
        if self.is_open {
            let edit = egui::TextEdit::singleline(&mut self.purpose)
                .hint_text(cx.t(Text::ExtractPurpose))
                .margin(egui::Margin::symmetric(8, 5))
                .desired_width(f32::INFINITY);
            ui.add(edit).accessible_name(cx.t(Text::ExtractPurpose));
        } else {
            hint(ui, cx.t(Text::ExtractMasked));
        }
    }
}
