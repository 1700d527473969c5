//! What an empty map shows: the steps that fill it, each with its button; without a workspace, the
//! ways to one.

use eframe::egui::{self, Align, Layout, Rect, RichText, Ui, UiBuilder, Vec2};

use crate::app::UiCommand;
use crate::text::Text;
use crate::ui::commands::is_possible;
use crate::ui::ctx::Ctx;
use crate::ui::kit::theme::bold;
use crate::ui::kit::tokens;
use crate::ui::kit::widgets::theme;

/// Size of the steps, points.
const SIZE: Vec2 = Vec2::new(400.0, 220.0);

/// Shows the steps in the middle of a map.
pub(crate) fn show(ui: &mut Ui, cx: &mut Ctx<'_>, map: Rect) {
    let size = SIZE.min(map.size() - Vec2::splat(16.0)).max(Vec2::splat(120.0));
    let rect = Rect::from_center_size(map.center(), size);
    let layout = Layout::top_down(Align::Min);
    ui.scope_builder(UiBuilder::new().max_rect(rect).layout(layout), |ui| {
        let c = theme(ui);
        let is_open = cx.session.workspace.is_some();
        let title = if is_open { Text::NoBuildings } else { Text::NoWorkspace };
        let title = RichText::new(cx.t(title)).font(bold(tokens::SECTION));
        ui.add(egui::Label::new(title.color(c.ink)).wrap());
        ui.add_space(tokens::GAP);
        let steps = if is_open {
            [
                (Text::StepOutlines, UiCommand::Import, Text::StepImport),
                (Text::StepLists, UiCommand::Import, Text::StepImport),
                (Text::StepClick, UiCommand::OpenSample, Text::OpenSample),
            ]
        } else {
            [
                (Text::StepSample, UiCommand::OpenSample, Text::OpenSample),
                (Text::StepOpen, UiCommand::OpenWorkspace, Text::OpenWorkspace),
                (Text::StepNew, UiCommand::NewWorkspace, Text::NewWorkspace),
            ]
        };
        for (number, (text, command, word)) in steps.into_iter().enumerate() {
            let height = tokens::CONTROL_HEIGHT + 12.0;
            let line = Vec2::new(ui.available_width(), height);
            ui.allocate_ui_with_layout(line, Layout::right_to_left(Align::Center), |ui| {
                let name = format!("{}: {}", number + 1, cx.t(word));
                let button = egui::Button::new(cx.t(word));
                let button = ui.add_enabled(is_possible(cx, command), button);
                if button.accessible_name(name).clicked() {
                    cx.command(command);
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    let number =
                        RichText::new((number + 1).to_string()).font(bold(tokens::SECTION));
                    ui.label(number.color(c.accent));
                    ui.add(egui::Label::new(RichText::new(cx.t(text)).color(c.ink)).wrap());
                });
            });
        }
    });
}
