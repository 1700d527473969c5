//! The top bar: menus, search, language and theme.

use eframe::egui::{self, Align, Layout, RichText, Ui};

use super::search_box::SearchBox;
use super::theme::bold;
use super::widgets::theme;
use super::{Ctx, shortcuts, tokens};
use crate::app::{Action, UiCommand};
use crate::text::Text;

const FILE: [&[UiCommand]; 4] = [
    &[UiCommand::NewWorkspace, UiCommand::OpenWorkspace, UiCommand::OpenSample],
    &[UiCommand::SaveCopy],
    &[UiCommand::Import, UiCommand::ExportPng],
    &[UiCommand::Quit],
];
const VIEW: [&[UiCommand]; 4] = [
    &[UiCommand::FitAll, UiCommand::FitSelection, UiCommand::ZoomIn, UiCommand::ZoomOut],
    &[UiCommand::TogglePanels, UiCommand::ToggleTable],
    &[UiCommand::ToggleTheme, UiCommand::SwitchLanguage],
    &[UiCommand::UiLarger, UiCommand::UiSmaller, UiCommand::UiReset],
];
const HELP: [&[UiCommand]; 1] = [&[UiCommand::Keys, UiCommand::About]];

/// Whether a command can be done now.
fn is_possible(cx: &Ctx<'_>, command: UiCommand) -> bool {
    match command {
        UiCommand::SaveCopy | UiCommand::ExportPng => cx.session.workspace.is_some(),
        UiCommand::Import => {
            cx.session.workspace.as_ref().is_some_and(|w| w.read_only_reason().is_none())
        }
        UiCommand::FitSelection => cx.session.building_id.is_some(),
        _ => true,
    }
}

fn item(ui: &mut Ui, cx: &mut Ctx<'_>, command: UiCommand) {
    let (text, _) = command.describe();
    let button = egui::Button::new(cx.t(text)).shortcut_text(shortcuts::words(ui, command));
    if ui.add_enabled(is_possible(cx, command), button).clicked() {
        cx.command(command);
    }
}

fn menu(ui: &mut Ui, cx: &mut Ctx<'_>, title: Text, groups: &[&[UiCommand]]) {
    let name = cx.t(title);
    ui.menu_button(name, |ui| {
        ui.set_min_width(220.0);
        for (index, group) in groups.iter().enumerate() {
            if index > 0 {
                ui.separator();
            }
            for command in *group {
                item(ui, cx, *command);
                if *command == UiCommand::OpenSample {
                    recent(ui, cx);
                }
            }
        }
    });
}

fn recent(ui: &mut Ui, cx: &mut Ctx<'_>) {
    let paths = cx.session.settings.recent.clone();
    ui.add_enabled_ui(!paths.is_empty(), |ui| {
        ui.menu_button(cx.t(Text::OpenRecent), |ui| {
            for path in paths {
                let name = path.file_name().map(|n| n.to_string_lossy().into_owned());
                let button = ui.button(name.unwrap_or_default());
                if button.on_hover_text(path.display().to_string()).clicked() {
                    cx.act(Action::Open(path, None));
                }
            }
        });
    });
}

pub(super) fn show(ui: &mut Ui, cx: &mut Ctx<'_>, search: &mut SearchBox) {
    let c = theme(ui);
    ui.horizontal_centered(|ui| {
        ui.label(RichText::new("门牌").font(bold(tokens::SECTION + 1.0)).color(c.accent));
        ui.add_space(tokens::GAP_SMALL);
        egui::MenuBar::new().ui(ui, |ui| {
            menu(ui, cx, Text::MenuFile, &FILE);
            menu(ui, cx, Text::MenuView, &VIEW);
            menu(ui, cx, Text::MenuHelp, &HELP);
        });
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let dark = ui.visuals().dark_mode;
            let theme_word = cx.t(if dark { Text::LightTheme } else { Text::DarkTheme });
            let hover = |ui: &Ui, cx: &Ctx<'_>, command: UiCommand| {
                format!("{} ({})", cx.t(command.describe().0), shortcuts::words(ui, command))
            };
            let text = hover(ui, cx, UiCommand::ToggleTheme);
            if ui.button(theme_word).on_hover_text(text).clicked() {
                cx.command(UiCommand::ToggleTheme);
            }
            let text = hover(ui, cx, UiCommand::SwitchLanguage);
            if ui.button(cx.t(Text::SwitchLanguage)).on_hover_text(text).clicked() {
                cx.command(UiCommand::SwitchLanguage);
            }
            ui.add_space(tokens::GAP);
            let width = (ui.available_width() - 80.0).clamp(160.0, 460.0);
            let side = ((ui.available_width() - width) / 2.0).max(0.0);
            ui.add_space(side.min(160.0));
            search.field(ui, cx, width);
        });
    });
}
