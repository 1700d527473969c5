//! Keyboard shortcuts: the commands' own, and the number keys for tags.

use eframe::egui::{Key, KeyboardShortcut, Modifiers, Ui};

use crate::app::command::Shortcut;
use crate::app::{Action, UiCommand};
use crate::ui::ctx::Ctx;
use crate::ui::kit::regions;

/// egui's form of a shortcut.
pub(crate) fn to_egui(shortcut: Shortcut) -> Option<KeyboardShortcut> {
    let name = shortcut.key.strip_prefix("Num").unwrap_or(shortcut.key);
    let mut modifiers = Modifiers::NONE;
    if shortcut.command {
        modifiers |= Modifiers::COMMAND;
    }
    if shortcut.shift {
        modifiers |= Modifiers::SHIFT;
    }
    Key::from_name(name).map(|key| KeyboardShortcut::new(modifiers, key))
}

/// A command's shortcut in words, empty when it has none: `Ctrl+S`, and keys by what stands on them:
/// `[`, `Ctrl + +`.
pub(crate) fn words(ui: &Ui, command: UiCommand) -> String {
    let Some(shortcut) = command.describe().1.and_then(to_egui) else { return String::new() };
    let text = ui.format_shortcut(&shortcut);
    let key = shortcut.logical_key;
    let name = if key == Key::Minus { "-" } else { key.symbol_or_name() };
    match text.strip_suffix(key.name()) {
        Some("") => name.to_owned(),
        Some(before) if matches!(key, Key::Plus | Key::Minus) => {
            format!("{} + {name}", before.trim_end_matches('+'))
        }
        Some(before) => format!("{before}{name}"),
        None => text,
    }
}

/// The keys 1 to 9: tags of the focus, choices of the queue.
pub(crate) const DIGITS: [Key; 9] = [
    Key::Num1,
    Key::Num2,
    Key::Num3,
    Key::Num4,
    Key::Num5,
    Key::Num6,
    Key::Num7,
    Key::Num8,
    Key::Num9,
];

pub(crate) fn listen(ui: &mut Ui, cx: &mut Ctx<'_>) {
    for (modifiers, backwards) in [(Modifiers::SHIFT, true), (Modifiers::NONE, false)] {
        if ui.input_mut(|i| i.consume_key(modifiers, Key::F6)) {
            regions::go(ui.ctx(), backwards);
        }
    }
    let is_typing = ui.text_edit_focused();
    // The most modified first, or Ctrl+S would swallow Ctrl+Shift+S.
    let mut commands: Vec<(UiCommand, Shortcut)> =
        UiCommand::ALL.into_iter().filter_map(|c| c.describe().1.map(|s| (c, s))).collect();
    commands.sort_by_key(|(_, s)| std::cmp::Reverse((s.shift, s.command)));
    for (command, shortcut) in commands {
        if is_typing && !shortcut.command && !shortcut.key.starts_with('F') {
            continue;
        }
        // A field of text takes its own typing back.
        if is_typing && matches!(command, UiCommand::Undo | UiCommand::Redo) {
            continue;
        }
        let Some(shortcut) = to_egui(shortcut) else { continue };
        if ui.input_mut(|i| i.consume_shortcut(&shortcut)) {
            cx.command(command);
        }
    }
    if is_typing {
        return;
    }
    for (key, on) in [(Key::ArrowLeft, false), (Key::ArrowRight, true)] {
        if ui.input_mut(|i| i.consume_key(Modifiers::ALT, key)) {
            cx.act(Action::StepFilter(on));
        }
    }
    if ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape)) {
        if cx.session.card.is_some() {
            cx.act(Action::Back);
        } else if !cx.session.filter.is_empty() {
            cx.command(UiCommand::ClearFocus);
        }
    }
    for (tag, key) in DIGITS.into_iter().enumerate() {
        let code = cx.session.vocabulary.tags.get(tag).map(|tag| tag.code.clone());
        if let Some(code) = code
            && ui.input_mut(|i| i.consume_key(Modifiers::NONE, key))
        {
            let mut filter = cx.session.filter.clone();
            filter.toggle_tag(&code);
            cx.act(Action::Focus(Box::new(filter)));
        }
    }
}

/// Whether a command can be done now.
pub(crate) fn is_possible(cx: &Ctx<'_>, command: UiCommand) -> bool {
    match command {
        UiCommand::Extract | UiCommand::MatchList | UiCommand::FillForm => {
            cx.session.workspace.as_ref().is_some_and(|w| w.read_only_reason().is_none())
        }
        UiCommand::Figures
        | UiCommand::Work
        | UiCommand::PastDeeds
        | UiCommand::SaveCopy
        | UiCommand::ExportView
        | UiCommand::CopyView
        | UiCommand::PastImports
        | UiCommand::Review
        | UiCommand::AddBookmark => cx.session.workspace.is_some(),
        UiCommand::Import
        | UiCommand::ChangePassphrase
        | UiCommand::Undo
        | UiCommand::Redo
        | UiCommand::ReportEvent => {
            cx.session.workspace.as_ref().is_some_and(|w| w.read_only_reason().is_none())
        }
        UiCommand::FitSelection => {
            cx.session.building_id.is_some() || !cx.session.selection.is_empty()
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shortcut_is_a_key_that_egui_knows() {
        for command in UiCommand::ALL {
            if let Some(shortcut) = command.describe().1 {
                assert!(to_egui(shortcut).is_some(), "{command:?}: {}", shortcut.key);
            }
        }
    }
}
