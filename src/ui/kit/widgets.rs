//! Small widgets used all over the window.

use eframe::egui::{
    self, Align, Align2, Color32, EventFilter, FontId, Layout, Response, RichText, Role, Sense,
    Stroke, StrokeKind, Ui, Vec2, WidgetInfo,
};

use crate::domain::names::typed_part;
use crate::ui::kit::theme::bold;
use crate::ui::kit::tokens::{self, Colours, colours};

/// The colours of the theme in force.
#[must_use]
pub fn theme(ui: &Ui) -> &'static Colours {
    colours(ui.visuals().dark_mode)
}

/// A section heading.
pub fn section(ui: &mut Ui, text: &str) {
    ui.add_space(tokens::GAP_SMALL);
    heading(ui, text);
}

/// A section heading without the space above it, for a line that holds more.
pub fn heading(ui: &mut Ui, text: &str) {
    let c = theme(ui);
    ui.label(RichText::new(text).font(bold(tokens::BODY)).color(c.ink));
}

/// Secondary text, wrapped.
pub fn hint(ui: &mut Ui, text: &str) {
    let c = theme(ui);
    ui.add(egui::Label::new(RichText::new(text).size(tokens::SMALL).color(c.secondary)).wrap());
}

/// An empty state in the middle of what is left: what to do next.
pub fn empty_state(ui: &mut Ui, text: &str) {
    let c = theme(ui);
    ui.add_space(32.0);
    ui.vertical_centered(|ui| {
        ui.set_max_width(ui.available_width().min(280.0));
        let text = RichText::new(text).size(tokens::BODY).color(c.secondary);
        ui.add(egui::Label::new(text).wrap());
    });
}

/// A filled button: the one thing to do here.
pub fn primary(ui: &mut Ui, enabled: bool, text: &str) -> Response {
    let c = theme(ui);
    let button = egui::Button::new(RichText::new(text).font(bold(tokens::BODY)).color(c.on_accent))
        .fill(c.accent)
        .min_size(Vec2::new(72.0, tokens::CONTROL_HEIGHT));
    let response = ui.add_enabled(enabled, button);
    // On its own colour a ring would not be seen.
    focus_ring(ui, &response, response.rect.expand(3.0));
    response
}

/// A quiet text button without a frame.
pub fn link(ui: &mut Ui, text: &str) -> Response {
    let c = theme(ui);
    ui.add(egui::Button::new(RichText::new(text).color(c.accent)).frame_when_inactive(false))
}

/// A link whose text begins where the lines above and below it begin.
pub fn flush_link(ui: &mut Ui, text: &str) -> Response {
    ui.scope(|ui| {
        ui.spacing_mut().button_padding.x = 0.0;
        link(ui, text)
    })
    .inner
}

/// A tag as a chip in its colour.
pub fn chip(ui: &mut Ui, text: &str, colour: Color32) -> Response {
    paint_chip(ui, text, colour, None)
}

/// A tag as a chip that is picked and put down again.
pub fn chip_toggle(ui: &mut Ui, text: &str, colour: Color32, is_on: bool) -> Response {
    paint_chip(ui, text, colour, Some(is_on))
}

fn paint_chip(ui: &mut Ui, text: &str, colour: Color32, is_on: Option<bool>) -> Response {
    let c = theme(ui);
    let (strength, edge) = if is_on == Some(true) { (0.32, 2.0) } else { (0.14, 1.0) };
    let fill = c.panel.lerp_to_gamma(colour, strength);
    let ink = tokens::readable(colour, fill, c.ink);
    let font = FontId::proportional(tokens::SMALL);
    let galley = ui.painter().layout_no_wrap(text.to_owned(), font, ink);
    let size = galley.size() + Vec2::new(12.0, 4.0);
    let sense = if is_on.is_some() { Sense::click() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(size, sense);
    if let Some(is_on) = is_on {
        response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_on, text));
    }
    let line = if response.has_focus() { c.accent } else { ink };
    let edge = if response.has_focus() || response.hovered() { 2.0 } else { edge };
    ui.painter().rect(rect, 9.0, fill, Stroke::new(edge, line), StrokeKind::Inside);
    let at = rect.center() - galley.size() / 2.0;
    ui.painter().galley(at, galley, ink);
    response
}

/// A figure over its label, as in the head of a building. Clickable figures say so.
pub fn figure(ui: &mut Ui, width: f32, number: &str, label: &str, clickable: bool) -> Response {
    let c = theme(ui);
    let sense = if clickable { Sense::click() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(Vec2::new(width, 44.0), sense);
    let name = format!("{label} {number}");
    response.widget_info(|| {
        WidgetInfo::labeled(if clickable { Role::Button } else { Role::Label }, true, &name)
    });
    if clickable && response.hovered() {
        ui.painter().rect_filled(rect, f32::from(tokens::RADIUS), c.hover);
    }
    focus_ring(ui, &response, rect);
    let painter = ui.painter();
    let top = rect.center_top() + Vec2::new(0.0, 14.0);
    painter.text(top, Align2::CENTER_CENTER, number, bold(tokens::SECTION + 1.0), c.ink);
    let below = rect.center_bottom() - Vec2::new(0.0, 10.0);
    // Long words (English ones, mostly) get smaller rather than into one another.
    let lay = |size: f32| {
        painter.layout_no_wrap(label.to_owned(), FontId::proportional(size), c.secondary)
    };
    let mut galley = lay(tokens::SMALL - 1.0);
    if galley.size().x > width - 6.0 {
        galley = lay(((tokens::SMALL - 1.0) * (width - 6.0) / galley.size().x).max(8.5));
    }
    painter.galley(below - galley.size() / 2.0, galley, c.secondary);
    response
}

/// A list row with a main and a secondary line (or none), clickable, truncated.
pub fn list_row(ui: &mut Ui, selected: bool, main: &str, second: &str, right: &str) -> Response {
    marked_row(ui, selected, [main, second, right], &[])
}

/// A row of a list in which what was typed stands out.
pub fn marked_row(
    ui: &mut Ui,
    selected: bool,
    [main, second, right]: [&str; 3],
    typed: &[&str],
) -> Response {
    let c = theme(ui);
    let height = if second.is_empty() { tokens::ROW_HEIGHT } else { tokens::TWO_LINES_HEIGHT };
    let width = ui.available_width();
    let (rect, response) = ui.allocate_exact_size(Vec2::new(width, height), Sense::click());
    let name = [main, second, right].join(" ");
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, selected, name.trim()));
    if !ui.is_rect_visible(rect) {
        return response;
    }
    let radius = f32::from(tokens::RADIUS);
    if selected {
        ui.painter().rect_filled(rect, radius, c.accent_soft);
    } else if response.hovered() {
        ui.painter().rect_filled(rect, radius, c.hover);
    }
    focus_ring(ui, &response, rect);
    let inner = rect.shrink2(Vec2::new(8.0, 2.0));
    let mut child = ui.new_child(
        egui::UiBuilder::new().max_rect(inner).layout(Layout::right_to_left(Align::Center)),
    );
    if !right.is_empty() {
        child.label(RichText::new(right).size(tokens::SMALL).color(c.secondary));
    }
    child.with_layout(Layout::top_down(Align::Min).with_main_justify(false), |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let free = inner.height() - if second.is_empty() { 20.0 } else { 37.0 };
        ui.add_space((free / 2.0).max(0.0));
        ui.add(egui::Label::new(marked(main, typed, (tokens::BODY, c.ink), c)).truncate());
        if !second.is_empty() {
            let look = (tokens::SMALL, c.secondary);
            ui.add(egui::Label::new(marked(second, typed, look, c)).truncate());
        }
    });
    response
}

/// A text in which what was typed is bold and in the accent's colour.
fn marked(
    text: &str,
    typed: &[&str],
    (size, ink): (f32, Color32),
    c: &Colours,
) -> egui::text::LayoutJob {
    let mut parts: Vec<_> = typed.iter().filter_map(|word| typed_part(text, word)).collect();
    parts.sort_by_key(|part| part.start);
    let mut job = egui::text::LayoutJob::default();
    let plain = egui::TextFormat::simple(FontId::proportional(size), ink);
    let strong = egui::TextFormat::simple(bold(size), c.accent);
    let mut at = 0;
    for part in parts {
        if part.start >= at {
            job.append(&text[at..part.start], 0.0, plain.clone());
            job.append(&text[part.clone()], 0.0, strong.clone());
            at = part.end;
        }
    }
    job.append(&text[at..], 0.0, plain);
    job
}

/// Lets a focused widget have the arrow keys, which would move the focus otherwise.
pub fn keep_arrows(ui: &Ui, response: &Response) {
    let filter =
        EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|m| m.set_focus_lock_filter(response.id, filter));
}

/// A pair of label and value in one line.
pub fn fact(ui: &mut Ui, label: &str, value: &str) {
    if value.is_empty() {
        return;
    }
    let c = theme(ui);
    ui.horizontal(|ui| {
        fact_label(ui, label);
        ui.add(egui::Label::new(RichText::new(value).color(c.ink)).wrap().selectable(true));
    });
}

/// The label at the left of a fact.
pub fn fact_label(ui: &mut Ui, label: &str) {
    let c = theme(ui);
    let (rect, _) = ui.allocate_exact_size(Vec2::new(100.0, 20.0), Sense::hover());
    ui.painter().text(
        rect.left_center(),
        Align2::LEFT_CENTER,
        label,
        FontId::proportional(tokens::SMALL),
        c.secondary,
    );
}

/// A dashed line, cut to what is on the screen first: seen from close by, a line over the city is
/// a thousand million dashes long.
pub fn dashed(painter: &egui::Painter, points: &[egui::Pos2], stroke: Stroke, dash: f32) {
    /// As long as this a line is dashed whole, so that its dashes do not swim while panning.
    const LONG: f32 = 8_000.0;
    if points.windows(2).map(|pair| pair[0].distance(pair[1])).sum::<f32>() <= LONG {
        painter.extend(egui::Shape::dashed_line(points, stroke, dash, 4.0));
        return;
    }
    let seen = painter.clip_rect().expand(8.0);
    for pair in points.windows(2) {
        if let Some(part) = clipped(seen, pair[0], pair[1]) {
            painter.extend(egui::Shape::dashed_line(&part, stroke, dash, 4.0));
        }
    }
}

/// The part of a segment inside a rectangle (Liang and Barsky 1984); `None` when there is none.
fn clipped(rect: egui::Rect, a: egui::Pos2, b: egui::Pos2) -> Option<[egui::Pos2; 2]> {
    let along = b - a;
    let (mut from, mut to) = (0.0f32, 1.0f32);
    let edges = [
        (-along.x, a.x - rect.left()),
        (along.x, rect.right() - a.x),
        (-along.y, a.y - rect.top()),
        (along.y, rect.bottom() - a.y),
    ];
    for (step, room) in edges {
        if step == 0.0 {
            if room < 0.0 {
                return None;
            }
        } else if step < 0.0 {
            from = from.max(room / step);
        } else {
            to = to.min(room / step);
        }
    }
    (from < to).then(|| [a + along * from, a + along * to])
}

/// Things in one line, which scrolls where it is too long.
pub fn in_one_line(ui: &mut Ui, name: &str, add: impl FnOnce(&mut Ui)) {
    let scroll = egui::ScrollArea::horizontal().id_salt(name).auto_shrink([false, true]);
    let bar = egui::scroll_area::ScrollBarVisibility::AlwaysHidden;
    scroll.scroll_bar_visibility(bar).show(ui, |ui| {
        ui.set_max_width(f32::INFINITY);
        add(ui);
    });
}

/// A ring of two points around what the keyboard is on.
pub fn focus_ring(ui: &Ui, response: &Response, rect: egui::Rect) {
    if response.has_focus() {
        let stroke = Stroke::new(2.0, theme(ui).accent);
        let radius = f32::from(tokens::RADIUS);
        ui.painter().rect_stroke(rect, radius, stroke, StrokeKind::Inside);
    }
}

/// A one-pixel line over the width of a panel.
pub fn rule(ui: &mut Ui) {
    let c = theme(ui);
    ui.add_space(tokens::GAP_SMALL);
    let (rect, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), 1.0), Sense::hover());
    ui.painter().hline(rect.x_range(), rect.center().y, Stroke::new(1.0, c.line));
    ui.add_space(tokens::GAP_SMALL);
}

/// Segmented choice: one of a few words. Returns the newly chosen position.
pub fn segments(ui: &mut Ui, name: &str, chosen: usize, words: &[&str]) -> Option<usize> {
    let c = theme(ui);
    let mut picked = None;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = Vec2::splat(2.0);
        for (index, word) in words.iter().enumerate() {
            let is_chosen = index == chosen;
            let text = RichText::new(*word).size(tokens::SMALL + 1.0).color(if is_chosen {
                c.ink
            } else {
                c.secondary
            });
            let button = egui::Button::selectable(is_chosen, text)
                .min_size(Vec2::new(0.0, tokens::CONTROL_HEIGHT - 4.0));
            let response = ui.add(button).accessible_name(format!("{name}: {word}"));
            if response.clicked() && !is_chosen {
                picked = Some(index);
            }
        }
    });
    picked
}

/// Puts the cursor into a field when it appears, and not again: asking for it in every frame would
/// take the input method away in every frame, and with it every key.
pub(crate) fn focus_once(ui: &Ui, field: &Response) {
    let (id, now) = (field.id.with("appeared"), ui.ctx().cumulative_pass_nr());
    let before = ui.data_mut(|d| d.get_temp_mut_or(id, None).replace(now));
    if before.is_none_or(|before: u64| before + 2 < now) {
        field.request_focus();
    }
}

/// A quiet text button of the secondary size.
pub fn small_link(ui: &mut Ui, text: &str) -> Response {
    let c = theme(ui);
    let text = RichText::new(text).size(tokens::SMALL).color(c.accent);
    ui.scope(|ui| {
        ui.spacing_mut().button_padding = Vec2::new(0.0, 2.0);
        ui.add(egui::Button::new(text).frame_when_inactive(false).min_size(Vec2::ZERO))
    })
    .inner
}

#[cfg(test)]
mod tests {
    use eframe::egui::{Rect, pos2};

    use super::clipped;

    #[test]
    fn segments_are_cut_to_the_screen() {
        let screen = Rect::from_min_max(pos2(0.0, 0.0), pos2(100.0, 50.0));
        let check = |a, b, expect: Option<[(f32, f32); 2]>| {
            let got = clipped(screen, a, b).map(|[a, b]| [(a.x, a.y), (b.x, b.y)]);
            assert_eq!(got, expect);
        };
        check(pos2(10.0, 10.0), pos2(20.0, 20.0), Some([(10.0, 10.0), (20.0, 20.0)]));
        check(pos2(-1e7, 25.0), pos2(1e7, 25.0), Some([(0.0, 25.0), (100.0, 25.0)]));
        check(pos2(-10.0, -10.0), pos2(-5.0, 80.0), None);
        check(pos2(50.0, -50.0), pos2(50.0, 100.0), Some([(50.0, 0.0), (50.0, 50.0)]));
    }
}
