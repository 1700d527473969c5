//! Asks why personal fields are to be shown.

use eframe::egui::{self, Key, Ui};

use crate::app::Action;
use crate::domain::ids::{PersonId, RoomId};
use crate::text::Text;
use crate::ui::ctx::Ctx;
use crate::ui::kit::modal::{buttons, heading};
use crate::ui::kit::widgets::{focus_once, hint, primary};

/// Why the phone number of `(room, person)` is to be shown; true when the form is done with.
pub(crate) fn reveal_form(
    ui: &mut Ui,
    cx: &mut Ctx<'_>,
    who: (RoomId, PersonId),
    purpose: &mut String,
) -> bool {
    heading(ui, cx.t(Text::RevealTitle));
    reason(ui, cx, purpose, |purpose| Action::RevealPhone(who.0, who.1, purpose))
}

/// Why searches are to show names in full; true when the form is done with.
pub(crate) fn names_form(ui: &mut Ui, cx: &mut Ctx<'_>, purpose: &mut String) -> bool {
    heading(ui, cx.t(Text::ShowNames).trim_end_matches('…'));
    hint(ui, cx.t(Text::ShowNamesHint));
    reason(ui, cx, purpose, Action::OpenNames)
}

fn reason(
    ui: &mut Ui,
    cx: &mut Ctx<'_>,
    purpose: &mut String,
    action: impl FnOnce(String) -> Action,
) -> bool {
    ui.label(cx.t(Text::RevealReason));
    let edit = egui::TextEdit::singleline(purpose)
        .margin(egui::Margin::symmetric(8, 5))
        .desired_width(f32::INFINITY);
    let field = ui.add(edit).accessible_name(cx.t(Text::RevealReason));
    focus_once(ui, &field);
    let is_entered = field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
    let is_ready = crate::access::purpose(purpose).is_some();
    let mut is_done = false;
    buttons(ui, cx, |ui, cx| {
        let go = primary(ui, is_ready, cx.t(Text::Reveal)).clicked() || is_entered;
        if go && is_ready {
            cx.act(action(purpose.trim().to_owned()));
            is_done = true;
        }
        is_done |= ui.button(cx.t(Text::Cancel)).clicked();
    });
    is_done
}
