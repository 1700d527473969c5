//! Measuring on the map: click by click a line, its length, and the area it encloses.

use eframe::egui::{Align2, Key, Modifiers, Painter, Pos2, Shape, Stroke, Ui, Vec2};

use crate::geo::{LonLat, polygon};
use crate::map::Camera;
use crate::text::{Text, thousands};
use crate::ui::ctx::Ctx;
use crate::ui::kit::theme;
use crate::ui::kit::tokens::{self, Colours};
use crate::ui::map::overlay::plate;

/// The line that is being measured; `None` while nobody measures.
#[derive(Default)]
pub(crate) struct Measure {
    points: Option<Vec<LonLat>>,
}

/// A length in words: centimetres matter below 10 m, metres below 10 km.
pub(crate) fn length_text(metres: f64) -> String {
    if metres < 10.0 {
        format!("{metres:.2} m")
    } else if metres < 10_000.0 {
        format!("{} m", thousands(metres.round() as u64))
    } else {
        format!("{:.2} km", metres / 1_000.0)
    }
}

/// An area in words.
fn area_text(square_metres: f64) -> String {
    if square_metres < 1_000_000.0 {
        format!("{} m²", thousands(square_metres.round() as u64))
    } else {
        format!("{:.3} km²", square_metres / 1e6)
    }
}

/// Length along the points, metres.
fn length_m(points: &[LonLat]) -> f64 {
    points.windows(2).map(|pair| pair[0].geodesic_m(pair[1])).sum()
}

/// Area inside the closed line, square metres; nothing below three points.
fn area_m2(points: &[LonLat]) -> Option<f64> {
    let ring: Vec<(f64, f64)> = points.iter().map(|p| (p.lon, p.lat)).collect();
    let outline = ::geo::Polygon::new(ring.into(), Vec::new());
    (points.len() >= 3).then(|| polygon::area_m2(&::geo::MultiPolygon::new(vec![outline])))
}

impl Measure {
    /// Begins, or ends.
    pub(crate) fn toggle(&mut self) {
        self.points = match self.points {
            Some(_) => None,
            None => Some(Vec::new()),
        };
    }

    /// Ends.
    pub(crate) fn stop(&mut self) {
        self.points = None;
    }

    /// Whether clicks belong to the measuring.
    pub(crate) fn is_on(&self) -> bool {
        self.points.is_some()
    }

    /// Adds a point.
    pub(crate) fn add(&mut self, at: LonLat) {
        if let Some(points) = &mut self.points {
            points.push(at);
        }
    }

    /// Esc ends, Backspace takes the last point back.
    pub(crate) fn listen(&mut self, ui: &mut Ui) {
        let Some(points) = &mut self.points else { return };
        if ui.text_edit_focused() {
            return;
        }
        if ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Backspace)) {
            points.pop();
        }
        if ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape)) {
            self.points = None;
        }
    }

    /// Paints the line to the pointer, and what it measures.
    pub(crate) fn paint(
        &self,
        ui: &Ui,
        cx: &Ctx<'_>,
        camera: &Camera,
        origin: Pos2,
        pointer: Option<LonLat>,
    ) {
        let Some(fixed) = &self.points else { return };
        let c = crate::ui::kit::widgets::theme(ui);
        let mut points = fixed.clone();
        points.extend(pointer);
        let at = |p: &LonLat| {
            let [x, y] = camera.screen_of(*p);
            origin + Vec2::new(x as f32, y as f32)
        };
        let line: Vec<Pos2> = points.iter().map(at).collect();
        let painter = ui.painter();
        if line.len() >= 3 {
            let closing = [line[line.len() - 1], line[0]];
            crate::ui::kit::widgets::dashed(painter, &closing, Stroke::new(1.2, c.accent), 5.0);
        }
        painter.add(Shape::line(line.clone(), Stroke::new(4.0, c.selected_casing)));
        painter.add(Shape::line(line.clone(), Stroke::new(2.0, c.accent)));
        for point in line.iter().take(fixed.len()) {
            painter.circle(*point, 4.0, c.panel, Stroke::new(2.0, c.accent));
        }
        let mut told = vec![cx.t(Text::MeasureHelp).to_owned()];
        if points.len() >= 2 {
            let length = length_text(length_m(&points));
            told[0] = format!("{} {length}", cx.t(Text::MeasureLength));
        }
        if let Some(area) = area_m2(&points) {
            told.push(format!("{} {}", cx.t(Text::MeasureArea), area_text(area)));
        }
        let near = line.last().copied().unwrap_or(origin + Vec2::new(16.0, 16.0));
        label(painter, c, near + Vec2::new(14.0, 14.0), &told.join("  ·  "));
    }
}

/// A line of text on a plate whose corner is at a point, moved so far that all of it is seen.
pub(crate) fn label(painter: &Painter, c: &Colours, at: Pos2, text: &str) {
    let galley = painter.layout_no_wrap(text.to_owned(), theme::bold(tokens::SMALL), c.ink);
    let frame = Align2::LEFT_TOP.anchor_size(at, galley.size() + Vec2::new(16.0, 10.0));
    let seen = painter.clip_rect().shrink(4.0);
    let over = (frame.max - seen.max).max(Vec2::ZERO);
    let frame = frame.translate((-over).max(seen.min - frame.min));
    plate(painter, frame, c);
    painter.galley(frame.min + Vec2::new(8.0, 5.0), galley, c.ink);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::lon_lat;

    #[test]
    fn lengths_and_areas() {
        assert_eq!(length_text(2.5), "2.50 m");
        assert_eq!(length_text(1_234.4), "1,234 m");
        assert_eq!(length_text(12_345.0), "12.35 km");
        assert_eq!(area_text(12_345.6), "12,346 m²");
        let square =
            [lon_lat(0.0, 0.0), lon_lat(0.001, 0.0), lon_lat(0.001, 0.001), lon_lat(0.0, 0.001)];
        assert!((length_m(&square) - (111.319 * 2.0 + 110.574)).abs() < 0.01);
        assert!((area_m2(&square).unwrap() / (111.3195 * 110.5743) - 1.0).abs() < 1e-4);
        assert_eq!(area_m2(&square[..2]), None);
    }
}
