//! The top bar: menus, search, language and theme.

use eframe::egui::{self, Align, Layout, Pos2, Rect, RichText, Ui, UiBuilder, Vec2};

use crate::app::{Action, UiCommand};
use crate::text::Text;
use crate::ui::commands::{self, is_possible};
use crate::ui::ctx::Ctx;
use crate::ui::kit::theme::bold;
use crate::ui::kit::tokens;
use crate::ui::kit::widgets::theme;
use crate::ui::panels::search::SearchBox;

const EDIT: [&[UiCommand]; 2] = [
    &[UiCommand::Undo, UiCommand::Redo, UiCommand::PastDeeds],
    &[UiCommand::Work, UiCommand::ReportEvent],
];
const FILE: [&[UiCommand]; 6] = [
    &[UiCommand::NewWorkspace, UiCommand::OpenWorkspace, UiCommand::OpenSample],
    &[UiCommand::SaveCopy, UiCommand::ChangePassphrase],
    &[UiCommand::Import, UiCommand::Review, UiCommand::PastImports],
    &[
        UiCommand::MatchList,
        UiCommand::Extract,
        UiCommand::FillForm,
        UiCommand::ExportView,
        UiCommand::CopyView,
    ],
    &[UiCommand::AddRaster],
    &[UiCommand::Quit],
];
const VIEW: [&[UiCommand]; 6] = [
    &[UiCommand::FitAll, UiCommand::FitSelection, UiCommand::ZoomIn, UiCommand::ZoomOut],
    &[UiCommand::PreviousView, UiCommand::NextView, UiCommand::AddBookmark, UiCommand::Measure],
    &[
        UiCommand::SelectRectangle,
        UiCommand::SelectPolygon,
        UiCommand::SelectCircle,
        UiCommand::SelectGrid,
    ],
    &[UiCommand::Figures, UiCommand::TogglePanels, UiCommand::ToggleTable],
    &[UiCommand::ToggleTheme, UiCommand::SwitchLanguage],
    &[UiCommand::UiLarger, UiCommand::UiSmaller, UiCommand::UiReset],
];
const HELP: [&[UiCommand]; 1] = [&[UiCommand::Palette, UiCommand::Keys, UiCommand::About]];

fn item(ui: &mut Ui, cx: &mut Ctx<'_>, command: UiCommand) {
    let (text, _) = command.describe();
    let button = egui::Button::new(cx.t(text)).shortcut_text(commands::words(ui, command));
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
                if *command == UiCommand::AddBookmark {
                    crate::ui::map::bookmarks::menu(ui, cx);
                }
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

/// Room kept for the menus and for the buttons on the right, points.
const SIDE_WIDTH: f32 = 300.0;
const SEARCH_WIDTH: std::ops::RangeInclusive<f32> = 180.0..=480.0;

pub(crate) fn show(ui: &mut Ui, cx: &mut Ctx<'_>, search: &mut SearchBox) {
    let full = ui.max_rect();
    let part = |ui: &mut Ui, rect: Rect, layout: Layout, add: &mut dyn FnMut(&mut Ui)| {
        ui.scope_builder(UiBuilder::new().max_rect(rect).layout(layout), |ui| add(ui));
    };
    let left = Rect::from_min_size(full.min, Vec2::new(SIDE_WIDTH, full.height()));
    part(ui, left, Layout::left_to_right(Align::Center), &mut |ui| {
        let c = theme(ui);
        ui.label(RichText::new("门牌").font(bold(tokens::SECTION + 1.0)).color(c.accent));
        ui.add_space(tokens::GAP_SMALL);
        egui::MenuBar::new().ui(ui, |ui| {
            menu(ui, cx, Text::MenuFile, &FILE);
            menu(ui, cx, Text::MenuEdit, &EDIT);
            menu(ui, cx, Text::MenuView, &VIEW);
            menu(ui, cx, Text::MenuHelp, &HELP);
        });
    });
    let free = full.width() - 2.0 * SIDE_WIDTH;
    let width = free.clamp(*SEARCH_WIDTH.start(), *SEARCH_WIDTH.end());
    let middle = Rect::from_center_size(full.center(), Vec2::new(width, full.height()));
    part(ui, middle, Layout::left_to_right(Align::Center), &mut |ui| {
        search.field(ui, cx, width - 20.0);
    });
    let min = Pos2::new(full.right() - SIDE_WIDTH, full.top());
    let right = Rect::from_min_max(min, full.max);
    part(ui, right, Layout::right_to_left(Align::Center), &mut |ui| {
        let dark = ui.visuals().dark_mode;
        let theme_word = cx.t(if dark { Text::LightTheme } else { Text::DarkTheme });
        button(ui, cx, UiCommand::ToggleTheme, theme_word);
        let language = cx.t(Text::SwitchLanguage);
        button(ui, cx, UiCommand::SwitchLanguage, language);
        acting(ui, cx);
    });
}

/// Who acts: somebody of the staff, or the system's user.
fn acting(ui: &mut Ui, cx: &mut Ctx<'_>) {
    const LONGEST_NAME: usize = 9;
    let Some(view) = cx.session.work.get() else { return };
    if view.staff.is_empty() {
        return;
    }
    let (name, is_named) = cx.session.acting();
    let shown = if is_named { name } else { cx.t(Text::Everybody) };
    let shown = match shown.char_indices().nth(LONGEST_NAME) {
        Some((end, _)) => format!("{}…", &shown[..end]),
        None => shown.to_owned(),
    };
    let menu = ui.menu_button(format!("{shown} ▼"), |ui| {
        ui.set_min_width(160.0);
        egui::ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
            if ui.selectable_label(!is_named, cx.t(Text::Everybody)).clicked() {
                cx.act(Action::ActAs(None));
                ui.close();
            }
            for one in &view.staff {
                if ui.selectable_label(is_named && one == name, one).clicked() {
                    cx.act(Action::ActAs(Some(one.clone())));
                    ui.close();
                }
            }
        });
    });
    menu.response.on_hover_text(cx.t(Text::WhoActs));
}

fn button(ui: &mut Ui, cx: &mut Ctx<'_>, command: UiCommand, word: &str) {
    let hover = format!("{} ({})", cx.t(command.describe().0), commands::words(ui, command));
    if ui.button(word).on_hover_text(hover).clicked() {
        cx.command(command);
    }
}
