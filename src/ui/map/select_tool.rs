//! Selecting on the map: a rectangle, a polygon, a circle of so many metres, a grid; and the
//! strip of buttons that chooses between them.

use eframe::egui::{
    self, DragValue, Key, Modifiers, PointerButton, Pos2, Rect, Response, Shape, Stroke, Ui, Vec2,
};

use crate::app::{Action, UiCommand};
use crate::geo::LonLat;
use crate::geo::area;
use crate::map::select::{self, Combine};
use crate::map::{Camera, Scene};
use crate::text::Text;
use crate::ui::ctx::Ctx;
use crate::ui::kit::tokens;
use crate::ui::kit::widgets::theme;
use crate::ui::map::measure;
use crate::ui::map::overlay::plate;

/// What is drawn to select.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tool {
    Rectangle,
    Polygon,
    Circle,
    Grid,
}

/// Radius of a circle until somebody chooses another, metres.
const RADIUS_M: f64 = 100.0;
/// The largest circle, metres.
const MOST_RADIUS_M: f64 = 20_000.0;

/// The tool in hand and what is drawn with it so far.
pub(crate) struct SelectTool {
    tool: Option<Tool>,
    from: Option<LonLat>,
    corners: Vec<LonLat>,
    radius_m: f64,
}

impl Default for SelectTool {
    fn default() -> Self {
        Self { tool: None, from: None, corners: Vec::new(), radius_m: RADIUS_M }
    }
}

/// What the keys held say about joining.
pub(crate) fn combine_by(modifiers: Modifiers) -> Combine {
    match (modifiers.shift, modifiers.command) {
        (true, _) => Combine::Add,
        (false, true) => Combine::Remove,
        (false, false) => Combine::Replace,
    }
}

impl SelectTool {
    /// Takes a tool up, or puts it down.
    pub(crate) fn toggle(&mut self, tool: Tool) {
        let wanted = Some(tool).filter(|t| self.tool != Some(*t));
        self.drop_tool();
        self.tool = wanted;
    }

    /// Puts the tool down.
    pub(crate) fn drop_tool(&mut self) {
        (self.tool, self.from) = (None, None);
        self.corners.clear();
    }

    /// Metres of a circle that is not drawn by hand.
    pub(crate) fn radius_m(&self) -> f64 {
        self.radius_m
    }

    /// Whether dragging draws instead of moving the map: with a tool for it, or with Shift.
    pub(crate) fn takes_drag(&self, ui: &Ui) -> bool {
        self.from.is_some()
            || matches!(self.tool, Some(Tool::Rectangle | Tool::Circle))
            || (self.tool.is_none() && ui.input(|i| i.modifiers.shift))
    }

    /// Esc puts the tool down, Backspace takes the last corner back, Enter closes.
    pub(crate) fn listen(&mut self, ui: &mut Ui, cx: &mut Ctx<'_>) {
        if self.tool.is_none() || ui.text_edit_focused() {
            return;
        }
        if ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Backspace)) {
            self.corners.pop();
        }
        if !self.corners.is_empty()
            && ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Enter))
            && let Some(scene) = cx.session.scene.get().cloned()
        {
            self.close(cx, &scene, combine_by(ui.input(|i| i.modifiers)));
        }
        if ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape)) {
            if self.corners.is_empty() {
                self.drop_tool();
            } else {
                self.corners.clear();
            }
        }
    }

    fn close(&mut self, cx: &mut Ctx<'_>, scene: &Scene, how: Combine) {
        let area = area::area_of(&std::mem::take(&mut self.corners));
        cx.act(Action::Select(select::touching(scene, &area), how));
    }

    /// Follows the mouse. Returns whether a click belonged to the tool.
    pub(crate) fn follow(
        &mut self,
        ui: &Ui,
        cx: &mut Ctx<'_>,
        response: &Response,
        scene: &Scene,
        degrees: impl Fn(Pos2) -> LonLat,
    ) -> bool {
        let how = combine_by(ui.input(|i| i.modifiers));
        let at = response.interact_pointer_pos();
        if response.drag_started_by(PointerButton::Primary) && self.takes_drag(ui) {
            self.from = ui.input(|i| i.pointer.press_origin()).or(at).map(&degrees);
        }
        if response.drag_stopped_by(PointerButton::Primary)
            && let (Some(from), Some(at)) = (self.from.take(), at)
        {
            let to = degrees(at);
            let chosen = if self.tool == Some(Tool::Circle) {
                // In whole metres, as the field shows it: what is told is what is selected.
                self.radius_m = from.geodesic_m(to).round().clamp(1.0, MOST_RADIUS_M);
                select::within(scene, from, self.radius_m)
            } else {
                select::touching(scene, &area::rectangle(from, to))
            };
            cx.act(Action::Select(chosen, how));
            return true;
        }
        let (Some(tool), Some(at)) = (self.tool, at) else { return false };
        if tool == Tool::Polygon && response.double_clicked() {
            self.close(cx, scene, how);
            return true;
        }
        if !response.clicked() {
            return true;
        }
        match tool {
            Tool::Polygon => self.corners.push(degrees(at)),
            Tool::Circle => {
                let chosen = select::within(scene, degrees(at), self.radius_m);
                cx.act(Action::Select(chosen, how));
            }
            Tool::Grid => cx.act(Action::Select(select::in_grid_at(scene, degrees(at)), how)),
            Tool::Rectangle => {}
        }
        true
    }

    /// Paints what is being drawn.
    pub(crate) fn paint(
        &self,
        ui: &Ui,
        camera: &Camera,
        map: Rect,
        pointer: Option<(Pos2, LonLat)>,
    ) {
        let c = theme(ui);
        let painter = ui.painter().with_clip_rect(map);
        let screen = |p: LonLat| {
            let [x, y] = camera.screen_of(p);
            map.min + Vec2::new(x as f32, y as f32)
        };
        let (fill, stroke) = (c.accent.gamma_multiply(0.12), Stroke::new(1.5, c.accent));
        let Some((at, place)) = pointer else { return };
        let mut told = None;
        if self.tool == Some(Tool::Circle) {
            let (center, metres) = match self.from {
                Some(from) => (from, from.geodesic_m(place).round().clamp(1.0, MOST_RADIUS_M)),
                None => (place, self.radius_m),
            };
            let radius = (metres / camera.metres_per_point()) as f32;
            painter.circle(screen(center), radius, fill, stroke);
            told = Some(measure::length_text(metres));
        } else if let Some(from) = self.from {
            let rect = Rect::from_two_pos(screen(from), at);
            painter.rect(rect, 0.0, fill, stroke, egui::StrokeKind::Middle);
        }
        if !self.corners.is_empty() {
            let mut line: Vec<Pos2> = self.corners.iter().map(|p| screen(*p)).collect();
            line.push(at);
            let closing = [at, line[0]];
            crate::ui::kit::widgets::dashed(&painter, &closing, stroke, 5.0);
            painter.add(Shape::line(line, Stroke::new(2.0, c.accent)));
            for corner in &self.corners {
                painter.circle(screen(*corner), 4.0, c.panel, Stroke::new(2.0, c.accent));
            }
        }
        if let Some(told) = told {
            measure::label(&painter, c, at + Vec2::new(14.0, 14.0), &told);
        }
    }

    /// The strip of tools over the map's corner.
    pub(crate) fn strip(&mut self, ui: &mut Ui, cx: &mut Ctx<'_>, map: Rect, measures: bool) {
        let c = theme(ui);
        let min = map.min + Vec2::splat(12.0);
        // Room is left for the north arrow and the buttons below it.
        let most = Rect::from_min_size(min, Vec2::new((map.width() - 72.0).max(96.0), 34.0));
        let background = ui.painter().add(Shape::Noop);
        let mut strip = ui.new_child(
            egui::UiBuilder::new()
                .max_rect(most.shrink2(Vec2::new(4.0, 3.0)))
                .layout(egui::Layout::left_to_right(egui::Align::Center).with_main_wrap(true)),
        );
        strip.spacing_mut().item_spacing = Vec2::splat(2.0);
        let tools = [
            (Some(Tool::Rectangle), Text::ToolRectangle, UiCommand::SelectRectangle),
            (Some(Tool::Polygon), Text::ToolPolygon, UiCommand::SelectPolygon),
            (Some(Tool::Circle), Text::ToolCircle, UiCommand::SelectCircle),
            (Some(Tool::Grid), Text::ToolGrid, UiCommand::SelectGrid),
            (None, Text::ToolMeasure, UiCommand::Measure),
        ];
        for (tool, word, command) in tools {
            let is_on = if tool.is_some() { self.tool == tool } else { measures };
            let text = egui::RichText::new(cx.t(word)).size(tokens::SMALL + 1.0);
            let button = egui::Button::selectable(is_on, text).min_size(Vec2::new(0.0, 26.0));
            let (full, _) = command.describe();
            let hover = format!("{}  {}", cx.t(full), crate::ui::commands::words(&strip, command));
            let response = strip.add(button).on_hover_text(hover.trim_end());
            if response.accessible_name(cx.t(full)).clicked() {
                cx.command(command);
            }
        }
        if self.tool == Some(Tool::Circle) {
            let field = DragValue::new(&mut self.radius_m)
                .range(1.0..=MOST_RADIUS_M)
                .speed(1.0)
                .fixed_decimals(0)
                .suffix(" m");
            strip.add(field).accessible_name(cx.t(Text::Radius));
        }
        let size = strip.min_rect().size() + Vec2::new(8.0, 6.0);
        let frame = Rect::from_min_size(min, size.max(Vec2::new(0.0, 34.0)));
        let shape = egui::epaint::RectShape::new(
            frame,
            f32::from(tokens::RADIUS),
            c.panel,
            Stroke::new(1.0, c.line),
            egui::StrokeKind::Outside,
        );
        ui.painter().set(background, shape);
        let help = match self.tool {
            Some(Tool::Rectangle) => Text::RectangleHelp,
            Some(Tool::Polygon) => Text::PolygonHelp,
            Some(Tool::Circle) => Text::CircleHelp,
            Some(Tool::Grid) => Text::GridHelp,
            None => return,
        };
        let font = egui::FontId::proportional(tokens::SMALL);
        let galley = ui.painter().layout_no_wrap(cx.t(help).to_owned(), font, c.secondary);
        let at = frame.left_bottom() + Vec2::new(0.0, 6.0);
        let behind = Rect::from_min_size(at, galley.size() + Vec2::new(16.0, 8.0));
        plate(ui.painter(), behind, c);
        ui.painter().galley(at + Vec2::new(8.0, 4.0), galley, c.secondary);
    }
}
