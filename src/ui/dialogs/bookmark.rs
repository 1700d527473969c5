//! Names a bookmark of the view.

use eframe::egui::{self, Key, Ui};

use crate::app::Settings;
use crate::app::settings::Bookmark;
use crate::text::Text;
use crate::ui::ctx::{Ctx, Wish};
use crate::ui::kit::modal::{buttons, heading};
use crate::ui::kit::widgets::primary;

pub(crate) fn bookmark_form(ui: &mut Ui, cx: &mut Ctx<'_>, bookmark: &mut Bookmark) -> bool {
    heading(ui, cx.t(Text::AddBookmark).trim_end_matches('…'));
    ui.label(cx.t(Text::BookmarkName));
    let edit = egui::TextEdit::singleline(&mut bookmark.name)
        .margin(egui::Margin::symmetric(8, 5))
        .desired_width(f32::INFINITY);
    let field = ui.add(edit).accessible_name(cx.t(Text::BookmarkName));
    let is_entered = field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
    let is_ready = !bookmark.name.trim().is_empty();
    let mut is_done = false;
    buttons(ui, cx, |ui, cx| {
        let go = primary(ui, is_ready, cx.t(Text::Ok)).clicked() || is_entered;
        if go && is_ready {
            let made = bookmark.clone();
            let add = move |s: &mut Settings| s.bookmarks.push(made);
            cx.wishes.push(Wish::Settings(Box::new(add)));
            is_done = true;
        }
        is_done |= ui.button(cx.t(Text::Cancel)).clicked();
    });
    is_done
}
