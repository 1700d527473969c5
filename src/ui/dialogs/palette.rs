//! The command palette: every command by name, found by typing a part of it.

use eframe::egui::{self, Key, Modifiers, Ui, Vec2};

use crate::app::UiCommand;
use crate::text::{Lang, Text};
use crate::ui::commands;
use crate::ui::ctx::Ctx;
use crate::ui::kit::widgets::{focus_once, hint, list_row};

/// What is typed, and which row the keyboard is on.
#[derive(Default)]
pub(crate) struct Palette {
    text: String,
    row: usize,
}

/// Commands whose name, in either language, contains every typed word.
fn found(text: &str) -> Vec<UiCommand> {
    let wanted = text.to_lowercase();
    UiCommand::ALL
        .into_iter()
        .filter(|command| *command != UiCommand::Palette)
        .filter(|command| {
            let name = command.describe().0;
            let names = format!("{} {}", name.get(Lang::Zh), name.get(Lang::En)).to_lowercase();
            wanted.split_whitespace().all(|word| names.contains(word))
        })
        .collect()
}

impl Palette {
    /// Returns whether the palette is done with.
    pub(crate) fn show(&mut self, ui: &mut Ui, cx: &mut Ctx<'_>) -> bool {
        let (down, up, enter) = ui.input_mut(|i| {
            (
                i.consume_key(Modifiers::NONE, Key::ArrowDown),
                i.consume_key(Modifiers::NONE, Key::ArrowUp),
                i.consume_key(Modifiers::NONE, Key::Enter),
            )
        });
        let edit = egui::TextEdit::singleline(&mut self.text)
            .hint_text(cx.t(Text::Palette))
            .margin(egui::Margin::symmetric(10, 6))
            .desired_width(f32::INFINITY);
        let field = ui.add(edit).accessible_name(cx.t(Text::Palette));
        if field.changed() {
            self.row = 0;
        }
        focus_once(ui, &field);
        let commands = found(&self.text);
        let last = commands.len().saturating_sub(1);
        self.row = self.row.saturating_add_signed(isize::from(down) - isize::from(up)).min(last);
        if commands.is_empty() {
            hint(ui, cx.t(Text::PaletteNothing));
        }
        let mut chosen = enter.then_some(self.row);
        egui::ScrollArea::vertical().max_height(400.0).min_scrolled_height(400.0).show(ui, |ui| {
            ui.spacing_mut().item_spacing = Vec2::new(0.0, 1.0);
            for (index, command) in commands.iter().enumerate() {
                let (name, keys) = (cx.t(command.describe().0), commands::words(ui, *command));
                let is_possible = commands::is_possible(cx, *command);
                ui.add_enabled_ui(is_possible, |ui| {
                    let row = list_row(ui, index == self.row, name, "", &keys);
                    if index == self.row && (down || up) {
                        row.scroll_to_me(None);
                    }
                    if row.clicked() {
                        chosen = Some(index);
                    }
                });
            }
        });
        match chosen.and_then(|index| commands.get(index)) {
            Some(command) if commands::is_possible(cx, *command) => {
                cx.command(*command);
                true
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_found_in_both_languages() {
        assert_eq!(found("view png"), [UiCommand::ExportView]);
        assert_eq!(found("口令"), [UiCommand::ChangePassphrase]);
        assert!(found("").len() == UiCommand::ALL.len() - 1);
        assert!(found("no such thing").is_empty());
    }
}
