//! The buttons over the map: nearer, farther, everything.

use eframe::egui::{self, Pos2, Rect, RichText, Ui, Vec2};

use crate::app::UiCommand;
use crate::ui::commands;
use crate::ui::ctx::Ctx;
use crate::ui::kit::theme::bold;
use crate::ui::kit::tokens;
use crate::ui::kit::widgets::theme;

/// Side of a button, points.
const SIDE: f32 = 30.0;
/// Below the north arrow.
const TOP: f32 = 72.0;
/// Maps lower than this have no room for the buttons.
const LEAST_HEIGHT: f32 = 260.0;

/// Shows the buttons at the right edge of a map.
pub(crate) fn show(ui: &mut Ui, cx: &mut Ctx<'_>, map: Rect) {
    if map.height() < LEAST_HEIGHT {
        return;
    }
    let c = theme(ui);
    let commands = [("+", UiCommand::ZoomIn), ("−", UiCommand::ZoomOut), ("⛶", UiCommand::FitAll)];
    let size = Vec2::new(SIDE, SIDE * commands.len() as f32);
    let min = Pos2::new(map.right() - SIDE - 11.0, map.top() + TOP);
    let frame = Rect::from_min_size(min, size);
    crate::ui::map::overlay::plate(ui.painter(), frame, c);
    for (index, (sign, command)) in commands.into_iter().enumerate() {
        let min = frame.min + Vec2::new(0.0, SIDE * index as f32);
        let rect = Rect::from_min_size(min, Vec2::splat(SIDE));
        // The sign for "everything" is drawn: few fonts have it.
        let text = if command == UiCommand::FitAll { "" } else { sign };
        let text = RichText::new(text).font(bold(tokens::SECTION)).color(c.ink);
        let button = egui::Button::new(text).frame_when_inactive(false);
        let name = cx.t(command.describe().0);
        let hover = format!("{name} ({})", commands::words(ui, command));
        let response = ui.put(rect, button).on_hover_text(hover).accessible_name(name);
        if command == UiCommand::FitAll {
            corners(ui, rect.shrink(9.0), c.ink);
        }
        if response.clicked() {
            cx.command(command);
        }
    }
}

/// Four corners of a frame.
fn corners(ui: &Ui, rect: Rect, ink: egui::Color32) {
    let stroke = egui::Stroke::new(1.8, ink);
    let arm = rect.width() * 0.35;
    for (corner, x, y) in [
        (rect.left_top(), 1.0, 1.0),
        (rect.right_top(), -1.0, 1.0),
        (rect.left_bottom(), 1.0, -1.0),
        (rect.right_bottom(), -1.0, -1.0),
    ] {
        let line = vec![corner + Vec2::new(arm * x, 0.0), corner, corner + Vec2::new(0.0, arm * y)];
        ui.painter().add(egui::Shape::line(line, stroke));
    }
}
