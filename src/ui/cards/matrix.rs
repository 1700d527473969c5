//! The floor × unit matrix (楼盘表): unit heading and floor column stay while the body scrolls.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use eframe::egui::{
    self, Align2, Color32, FontId, Key, Pos2, Rect, Role, ScrollArea, Sense, Shape, Stroke,
    StrokeKind, Ui, Vec2, WidgetInfo,
};

use crate::app::settings::MatrixTheme;
use crate::app::{Action, Card};
use crate::domain::Lang;
use crate::domain::codes::list;
use crate::domain::ids::{BuildingId, RoomId};
use crate::domain::verified::is_verified;
use crate::query::Overview;
use crate::query::overview::{Cell, Matrix};
use crate::text::{Text, room_title, unit_label};
use crate::ui::cards::roster::Asked;
use crate::ui::ctx::{Ctx, Wish};
use crate::ui::kit::theme::bold;
use crate::ui::kit::tokens;
use crate::ui::kit::widgets::{hint, in_one_line, keep_arrows, segments, theme};

/// Smallest and usual size of a cell, points.
const CELL_MIN: Vec2 = Vec2::new(52.0, 40.0);
const CELL_MAX_WIDTH: f32 = 108.0;
/// Width of the floor column, height of the unit heading.
const FLOOR_WIDTH: f32 = 34.0;
const HEAD_HEIGHT: f32 = 22.0;
/// Space between units.
const UNIT_GAP: f32 = 10.0;
/// Height of the card's body below which the legend keeps to one line.
const LOW_BODY: f32 = 420.0;
/// The height below which it shares that line with the choice of colours.
const LOWEST_BODY: f32 = 300.0;
/// Height of a cell where the panel is low, so that six floors are seen.
const LOW_CELL: f32 = 27.0;
/// Floors that are seen at once, if need be in lower cells.
const LEAST_FLOORS: f32 = 6.0;

/// Which cell the keyboard is on.
#[derive(Default)]
pub(crate) struct MatrixView {
    building_id: BuildingId,
    focused: Option<usize>,
}

/// Geometry of one matrix.
struct Plan<'a> {
    matrix: &'a Matrix,
    cell: Vec2,
    unit_x: Vec<f32>,
    size: Vec2,
}

impl<'a> Plan<'a> {
    fn new(matrix: &'a Matrix, room: f32, height: f32) -> Self {
        let columns: i32 = matrix.unit_widths.iter().sum();
        let gaps = UNIT_GAP * matrix.units.len().saturating_sub(1) as f32;
        let width =
            ((room - FLOOR_WIDTH - gaps) / columns.max(1) as f32).clamp(CELL_MIN.x, CELL_MAX_WIDTH);
        let cell = Vec2::new(width, (height / LEAST_FLOORS).clamp(LOW_CELL, CELL_MIN.y));
        let mut x = 0.0;
        let unit_x = matrix
            .unit_widths
            .iter()
            .map(|columns| {
                let here = x;
                x += *columns as f32 * cell.x + UNIT_GAP;
                here
            })
            .collect();
        let size = Vec2::new((x - UNIT_GAP).max(0.0), matrix.floors.len() as f32 * cell.y);
        Self { matrix, cell, unit_x, size }
    }

    fn unit_of(&self, cell: &Cell) -> usize {
        let name = cell.unit.as_deref().unwrap_or("");
        self.matrix.units.iter().position(|u| u == name).unwrap_or(0)
    }

    /// Rectangle of a cell, relative to the body's origin.
    fn rect(&self, cell: &Cell) -> Option<Rect> {
        let top_floor = cell.floor? + cell.floor_span.max(1) - 1;
        let mut row = self.matrix.floors.iter().position(|f| f.ord <= top_floor)?;
        // A duplex over the missing ground number (−1 → 1) starts at the first floor there is.
        row = row.min(self.matrix.floors.len() - 1);
        let x = self.unit_x[self.unit_of(cell)] + cell.col? as f32 * self.cell.x;
        let min = Pos2::new(x, row as f32 * self.cell.y);
        let size = Vec2::new(
            self.cell.x * cell.col_span.max(1) as f32,
            self.cell.y * cell.floor_span.max(1) as f32,
        );
        Some(Rect::from_min_size(min, size).shrink(1.5))
    }
}

impl MatrixView {
    pub(crate) fn show(
        &mut self,
        ui: &mut Ui,
        cx: &mut Ctx<'_>,
        o: &Overview,
        asked: Option<&Asked<'_>>,
    ) {
        if self.building_id != o.building.building_id {
            *self = Self { building_id: o.building.building_id, focused: None };
        }
        let m = &o.matrix;
        if m.cells.is_empty() && m.unassigned.is_empty() {
            crate::ui::cards::no_rooms::no_rooms(ui, cx, o);
            return;
        }
        let height = ui.available_height();
        if height < LOWEST_BODY {
            in_one_line(ui, "matrix legend", |ui| {
                ui.horizontal(|ui| {
                    theme_choice(ui, cx);
                    legend(ui, cx, o);
                });
            });
        } else {
            theme_choice(ui, cx);
            if height < LOW_BODY {
                in_one_line(ui, "matrix legend", |ui| legend(ui, cx, o));
            } else {
                legend(ui, cx, o);
            }
        }
        ui.add_space(tokens::GAP_SMALL);
        let asked = asked.map(Asked::rooms);
        let strip = if m.unassigned.is_empty() { 0.0 } else { 78.0 };
        let area = ui.available_rect_before_wrap();
        let body_height = (area.height() - HEAD_HEIGHT - strip - 4.0).max(80.0);
        let plan = Plan::new(m, area.width() - 12.0, body_height);
        let offset = self.body(ui, cx, &plan, (area, body_height), asked.as_ref());
        frozen(ui, cx, &plan, area, body_height, offset);
        if strip > 0.0 {
            unassigned(ui, cx, m, asked.as_ref());
        }
    }

    /// The scrolling cells; returns how far they are scrolled.
    fn body(
        &mut self,
        ui: &mut Ui,
        cx: &mut Ctx<'_>,
        plan: &Plan<'_>,
        (area, height): (Rect, f32),
        asked: Option<&BTreeMap<RoomId, usize>>,
    ) -> Vec2 {
        let min = area.min + Vec2::new(FLOOR_WIDTH, HEAD_HEIGHT);
        let rect = Rect::from_min_size(min, Vec2::new(area.width() - FLOOR_WIDTH, height));
        let mut offset = Vec2::ZERO;
        let builder = egui::UiBuilder::new().max_rect(rect);
        ui.scope_builder(builder, |ui| {
            let scroll = ScrollArea::both().id_salt(("matrix", cx.session.building_id));
            let scroll = scroll.auto_shrink([false, false]).max_height(height);
            let out = scroll.show_viewport(ui, |ui, viewport| {
                let (response, painter) =
                    ui.allocate_painter(plan.size.max(Vec2::splat(1.0)), Sense::click());
                let origin = response.rect.min;
                let name = format!("{} {}", cx.t(Text::Matrix), cx.t(Text::Rooms));
                response.widget_info(|| WidgetInfo::labeled(Role::Grid, true, &name));
                self.keyboard(ui, cx, plan, &response);
                let pointer = response.hover_pos();
                let mut hovered = None;
                for (index, cell) in plan.matrix.cells.iter().enumerate() {
                    let Some(local) = plan.rect(cell) else { continue };
                    if !local.intersects(viewport) {
                        continue;
                    }
                    let rect = local.translate(origin.to_vec2());
                    let is_hovered = pointer.is_some_and(|p| rect.contains(p));
                    let is_focused = response.has_focus() && self.focused == Some(index);
                    let look = Look::of(cell, asked, is_hovered || is_focused);
                    paint_cell(&painter, cx, cell, rect, look);
                    if is_hovered {
                        hovered = Some(cell);
                        if response.clicked() {
                            response.request_focus();
                            self.focused = Some(index);
                            cx.wishes.push(Wish::Session(Action::Show(Card::Room(cell.room_id))));
                        }
                    }
                }
                if let Some(cell) = hovered {
                    ui.set_cursor_icon(egui::CursorIcon::PointingHand);
                    let text = details(cx, cell);
                    response.on_hover_text_at_pointer(text);
                }
            });
            offset = out.state.clamped_offset();
        });
        offset
    }

    fn keyboard(&mut self, ui: &Ui, cx: &mut Ctx<'_>, plan: &Plan<'_>, response: &egui::Response) {
        if !response.has_focus() || plan.matrix.cells.is_empty() {
            return;
        }
        keep_arrows(ui, response);
        let focused = *self.focused.get_or_insert(0);
        let here = plan.rect(&plan.matrix.cells[focused]).unwrap_or(Rect::ZERO).center();
        let moves = [
            (Key::ArrowLeft, Vec2::new(-1.0, 0.0)),
            (Key::ArrowRight, Vec2::new(1.0, 0.0)),
            (Key::ArrowUp, Vec2::new(0.0, -1.0)),
            (Key::ArrowDown, Vec2::new(0.0, 1.0)),
        ];
        for (key, way) in moves {
            if ui.input(|i| i.key_pressed(key)) {
                let next = nearest(plan, here, way);
                if let Some(next) = next {
                    self.focused = Some(next);
                    if let Some(local) = plan.rect(&plan.matrix.cells[next]) {
                        ui.scroll_to_rect(local.translate(response.rect.min.to_vec2()), None);
                    }
                }
            }
        }
        if ui.input(|i| i.key_pressed(Key::Enter)) {
            let room_id = plan.matrix.cells[self.focused.unwrap_or(focused)].room_id;
            cx.wishes.push(Wish::Session(Action::Show(Card::Room(room_id))));
        }
    }
}

/// The closest cell in a direction.
fn nearest(plan: &Plan<'_>, here: Pos2, way: Vec2) -> Option<usize> {
    let cells = plan.matrix.cells.iter().enumerate();
    cells
        .filter_map(|(index, cell)| {
            let to = plan.rect(cell)?.center() - here;
            let along = to.x * way.x + to.y * way.y;
            let across = (to.x * way.y - to.y * way.x).abs();
            (along > 4.0).then_some((index, along + across * 3.0))
        })
        .min_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(index, _)| index)
}

fn theme_choice(ui: &mut Ui, cx: &mut Ctx<'_>) {
    let themes = [
        (MatrixTheme::Status, Text::ThemeStatus),
        (MatrixTheme::Heads, Text::ThemeHeads),
        (MatrixTheme::Tags, Text::ThemeTag),
    ];
    ui.horizontal(|ui| {
        hint(ui, cx.t(Text::ColourBy));
        let current = cx.session.settings.matrix;
        let chosen = themes.iter().position(|(t, _)| *t == current).unwrap_or(0);
        let words = themes.map(|(_, text)| cx.t(text));
        if let Some(picked) = segments(ui, cx.t(Text::ColourBy), chosen, &words) {
            let wanted = themes[picked].0;
            cx.wishes.push(Wish::Settings(Box::new(move |s| s.matrix = wanted)));
        }
    });
}

/// Unit heading and floor column, which stay while the body scrolls.
fn frozen(ui: &Ui, cx: &Ctx<'_>, plan: &Plan<'_>, area: Rect, height: f32, offset: Vec2) {
    let c = theme(ui);
    let font = FontId::proportional(tokens::SMALL);
    let head = Rect::from_min_size(
        area.min + Vec2::new(FLOOR_WIDTH, 0.0),
        Vec2::new(area.width() - FLOOR_WIDTH, HEAD_HEIGHT),
    );
    let painter = ui.painter().with_clip_rect(head);
    for ((unit, x), columns) in
        plan.matrix.units.iter().zip(&plan.unit_x).zip(&plan.matrix.unit_widths)
    {
        if unit.is_empty() {
            continue;
        }
        let middle = x + *columns as f32 * plan.cell.x / 2.0 - offset.x;
        let at = head.min + Vec2::new(middle, HEAD_HEIGHT / 2.0);
        painter.text(
            at,
            Align2::CENTER_CENTER,
            unit_label(cx.lang, unit),
            font.clone(),
            c.secondary,
        );
    }
    let side =
        Rect::from_min_size(area.min + Vec2::new(0.0, HEAD_HEIGHT), Vec2::new(FLOOR_WIDTH, height));
    let painter = ui.painter().with_clip_rect(side);
    for (row, floor) in plan.matrix.floors.iter().enumerate() {
        let y = (row as f32 + 0.5) * plan.cell.y - offset.y;
        let at = side.min + Vec2::new(FLOOR_WIDTH - 10.0, y);
        painter.text(at, Align2::RIGHT_CENTER, &floor.label, font.clone(), c.secondary);
    }
}

fn unassigned(ui: &mut Ui, cx: &mut Ctx<'_>, m: &Matrix, asked: Option<&BTreeMap<RoomId, usize>>) {
    ui.add_space(tokens::GAP_SMALL);
    hint(ui, &format!("{} ({})", cx.t(Text::UnassignedUnit), m.unassigned.len()));
    ScrollArea::horizontal().id_salt("unassigned").show(ui, |ui| {
        ui.horizontal(|ui| {
            for cell in &m.unassigned {
                let (rect, response) = ui.allocate_exact_size(CELL_MIN, Sense::click());
                let name = room_title(cx.lang, None, &cell.room_no);
                response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
                let is_on = response.hovered() || response.has_focus();
                paint_cell(ui.painter(), cx, cell, rect, Look::of(cell, asked, is_on));
                if response.on_hover_text(details(cx, cell)).clicked() {
                    cx.wishes.push(Wish::Session(Action::Show(Card::Room(cell.room_id))));
                }
            }
        });
    });
}

/// How a cell stands out.
#[derive(Debug, Clone, Copy)]
struct Look {
    /// The pointer or the keyboard is on it.
    is_on: bool,
    /// How many of those asked for live there; `None` while nobody is asked for.
    matching: Option<usize>,
}

impl Look {
    fn of(cell: &Cell, asked: Option<&BTreeMap<RoomId, usize>>, is_on: bool) -> Self {
        let matching = asked.map(|rooms| rooms.get(&cell.room_id).copied().unwrap_or(0));
        Self { is_on, matching }
    }
}

/// What the colours and signs of the cells mean.
fn legend(ui: &mut Ui, cx: &Ctx<'_>, o: &Overview) {
    let dark = ui.visuals().dark_mode;
    let c = theme(ui);
    let cells = || o.matrix.cells.iter().chain(&o.matrix.unassigned);
    let mut entries: Vec<(Color32, String)> = Vec::new();
    match cx.session.settings.matrix {
        MatrixTheme::Status => {
            let lists = &cx.session.vocabulary.lists;
            let used: BTreeSet<i64> = cells().map(|cell| cell.status_key).collect();
            entries.extend(used.into_iter().map(|key| {
                let label = lists.label(list::ROOM_STATUS, key, cx.lang);
                (tokens::status_colour(key, dark), label.to_owned())
            }));
        }
        MatrixTheme::Heads => entries.extend((0..5).map(|step: usize| {
            let more = if step == 4 { "+" } else { "" };
            let text = format!("{}{more} {}", step + 1, cx.t(Text::PersonShort));
            (tokens::ramp(dark, step).gamma_multiply(HEADS_STRENGTH), text)
        })),
        MatrixTheme::Tags => entries.extend(o.tags.iter().filter_map(|tag| {
            let tag = cx.session.vocabulary.find_tag(&tag.code)?;
            let fill = tag_fill(tokens::tag_colour(&tag.colour, dark), dark);
            Some((fill, tag.label(cx.lang).to_owned()))
        })),
    }
    let now = cx.session.now();
    let has_stale = cells().any(|cell| !is_verified(cell.verified_at, now));
    let has_events = cells().any(|cell| cell.open_events > 0);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = Vec2::new(10.0, 2.0);
        let mut entry = |text: &str, paint: &dyn Fn(&egui::Painter, Rect)| {
            let font = FontId::proportional(tokens::CELL);
            let galley = ui.painter().layout_no_wrap(text.to_owned(), font, c.secondary);
            let size = galley.size() + Vec2::new(15.0, 0.0);
            let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
            let at = Pos2::new(rect.left() + 5.5, rect.center().y);
            paint(ui.painter(), Rect::from_center_size(at, Vec2::splat(11.0)));
            ui.painter().galley(rect.min + Vec2::new(15.0, 0.0), galley, c.secondary);
        };
        for (colour, text) in &entries {
            entry(text, &|painter, rect| {
                let edge = Stroke::new(1.0, c.secondary);
                painter.rect(rect, 2.0, *colour, edge, StrokeKind::Inside);
            });
        }
        if has_stale {
            entry(cx.t(Text::NotVerified), &|painter, rect| {
                painter.rect_stroke(rect, 2.0, Stroke::new(1.0, c.secondary), StrokeKind::Inside);
                hatch(painter, rect, c.secondary);
            });
        }
        if has_events {
            entry(cx.t(Text::OpenEvents), &|painter, rect| {
                painter.circle_filled(rect.center(), 3.5, c.danger);
            });
        }
    });
}

/// Strength of the ramp in cells.
const HEADS_STRENGTH: f32 = 0.75;

fn tag_fill(colour: Color32, dark: bool) -> Color32 {
    tokens::colours(dark).field.lerp_to_gamma(colour, 0.32)
}

fn fill_of(cx: &Ctx<'_>, cell: &Cell, dark: bool) -> Color32 {
    let plain = tokens::colours(dark).field;
    match cx.session.settings.matrix {
        MatrixTheme::Status => tokens::status_colour(cell.status_key, dark),
        MatrixTheme::Heads if cell.persons == 0 => plain,
        MatrixTheme::Heads => {
            let step = (cell.persons as usize - 1).min(4);
            tokens::ramp(dark, step).gamma_multiply(HEADS_STRENGTH)
        }
        MatrixTheme::Tags => {
            match cell.tags.first().and_then(|t| cx.session.vocabulary.find_tag(t)) {
                Some(tag) => tag_fill(tokens::tag_colour(&tag.colour, dark), dark),
                None => plain,
            }
        }
    }
}

fn paint_cell(painter: &egui::Painter, cx: &Ctx<'_>, cell: &Cell, rect: Rect, look: Look) {
    let dark = painter.ctx().theme() == egui::Theme::Dark;
    let c = tokens::colours(dark);
    // Who is asked for stands out in the colour of the focus on the map; the others step back.
    let is_dim = look.matching == Some(0);
    let fill = match look.matching {
        Some(0) => c.panel,
        Some(matching) => tokens::ramp(dark, (matching - 1).min(4)).gamma_multiply(HEADS_STRENGTH),
        None => fill_of(cx, cell, dark),
    };
    let ground = c.panel.blend(fill);
    let ink = if tokens::contrast(c.ink, ground) >= 4.5 { c.ink } else { c.panel };
    let ink = if is_dim { c.secondary } else { ink };
    painter.rect_filled(rect, 4.0, fill);
    if !is_dim && !is_verified(cell.verified_at, cx.session.now()) {
        hatch(painter, rect, c.secondary.gamma_multiply(0.25));
    }
    let edge = if look.is_on { Stroke::new(2.0, c.accent) } else { Stroke::new(1.0, c.line) };
    painter.rect_stroke(rect, 4.0, edge, StrokeKind::Inside);
    let clipped = painter.with_clip_rect(rect.intersect(painter.clip_rect()));
    let number = bold(tokens::CELL + 0.5);
    // Where cells are low, everything stands in one line.
    let is_low = rect.height() < LOW_CELL + 7.0;
    let (at, anchor) = if is_low {
        (rect.left_center() + Vec2::new(5.0, 0.0), Align2::LEFT_CENTER)
    } else {
        (rect.left_top() + Vec2::new(6.0, 2.0), Align2::LEFT_TOP)
    };
    let mut taken = clipped.text(at, anchor, &cell.room_no, number, ink).right();
    if !is_low {
        taken = rect.left();
    }
    let mut right = rect.right_bottom() + Vec2::new(-6.0, -2.0);
    let mut tags_anchor = Align2::RIGHT_BOTTOM;
    if is_low {
        right = rect.right_center() - Vec2::new(5.0, 0.0);
        tags_anchor = Align2::RIGHT_CENTER;
    }
    let signs = if is_dim { Vec::new() } else { signs_of(painter, cx, cell, (ground, ink)) };
    if cell.persons > 0 {
        let font = FontId::proportional(tokens::CELL);
        let text = |unit: &str| {
            let text = format!("{}{unit}", cell.persons);
            painter.layout_no_wrap(text, font.clone(), ink)
        };
        let mut heads = text(cx.t(Text::PersonShort));
        let at = if is_low { right } else { rect.left_bottom() + Vec2::new(6.0, -2.0) };
        // Between a unit and a sign, the sign says more.
        if !is_low && at.x + heads.size().x + SIGN_GAP + width_of(&signs) > right.x {
            heads = text("");
        }
        let anchor = if is_low { tags_anchor } else { Align2::LEFT_BOTTOM };
        let drawn = anchor.anchor_size(at, heads.size());
        clipped.galley(drawn.min, heads, ink);
        if is_low {
            right.x = drawn.left() - SIGN_GAP;
        } else {
            taken = drawn.right();
        }
    }
    paint_signs(&clipped, signs, (taken + SIGN_GAP, right, tags_anchor), ink);
    if cell.open_events > 0 {
        painter.circle_filled(rect.right_top() + Vec2::new(-7.0, 7.0), 3.5, c.danger);
    }
}

/// Space beside the sign of a tag.
const SIGN_GAP: f32 = 2.0;

/// The signs of a cell's tags, in their colours.
fn signs_of(
    painter: &egui::Painter,
    cx: &Ctx<'_>,
    cell: &Cell,
    (ground, ink): (Color32, Color32),
) -> Vec<Arc<egui::Galley>> {
    let dark = painter.ctx().theme() == egui::Theme::Dark;
    let tags = cell.tags.iter().filter_map(|code| cx.session.vocabulary.find_tag(code));
    tags.map(|tag| {
        let glyph = match cx.lang {
            Lang::Zh => tag.glyph.clone(),
            Lang::En => tag.en.chars().take(1).collect(),
        };
        let colour = tokens::readable(tokens::tag_colour(&tag.colour, dark), ground, ink);
        painter.layout_no_wrap(glyph, bold(tokens::CELL), colour)
    })
    .collect()
}

fn width_of(signs: &[Arc<egui::Galley>]) -> f32 {
    signs.iter().map(|sign| sign.size().x + SIGN_GAP).sum()
}

/// Draws signs up to what stands to their left; a plus says that there was no room for some.
fn paint_signs(
    painter: &egui::Painter,
    mut signs: Vec<Arc<egui::Galley>>,
    (left, right, anchor): (f32, Pos2, Align2),
    ink: Color32,
) {
    let room = right.x - left + SIGN_GAP;
    if width_of(&signs) > room {
        let more = painter.layout_no_wrap("+".to_owned(), bold(tokens::CELL), ink);
        while !signs.is_empty() && width_of(&signs) + more.size().x > room {
            signs.pop();
        }
        signs.push(more);
    }
    let mut x = right.x;
    for sign in signs.into_iter().rev() {
        let at = anchor.anchor_size(Pos2::new(x, right.y), sign.size());
        x = at.left() - SIGN_GAP;
        painter.galley(at.min, sign, ink);
    }
}

/// Diagonal lines: not verified for a long time.
fn hatch(painter: &egui::Painter, rect: Rect, colour: Color32) {
    let clipped = painter.with_clip_rect(rect.shrink(1.0).intersect(painter.clip_rect()));
    let mut x = rect.left() - rect.height();
    let mut lines = Vec::new();
    while x < rect.right() {
        let a = Pos2::new(x, rect.bottom());
        let b = Pos2::new(x + rect.height(), rect.top());
        lines.push(Shape::line_segment([a, b], Stroke::new(1.0, colour)));
        x += 7.0;
    }
    clipped.extend(lines);
}

fn details(cx: &Ctx<'_>, cell: &Cell) -> String {
    let lists = &cx.session.vocabulary.lists;
    let mut lines = vec![
        room_title(cx.lang, cell.unit.as_deref(), &cell.room_no),
        format!(
            "{} · {} {}",
            lists.label(list::ROOM_STATUS, cell.status_key, cx.lang),
            cell.persons,
            cx.lang.t(Text::People)
        ),
    ];
    let tags: Vec<&str> = cell
        .tags
        .iter()
        .filter_map(|code| cx.session.vocabulary.find_tag(code))
        .map(|tag| tag.label(cx.lang))
        .collect();
    if !tags.is_empty() {
        lines.push(tags.join(" · "));
    }
    if cell.open_events > 0 {
        lines.push(format!("{} {}", cx.lang.t(Text::OpenEvents), cell.open_events));
    }
    if !is_verified(cell.verified_at, cx.session.now()) {
        lines.push(cx.lang.t(Text::NotVerified).to_owned());
    }
    lines.join("\n")
}
