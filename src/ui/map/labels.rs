//! Names on the map: estates, buildings, roads and waters, placed by priority around the signs.

use std::sync::Arc;

use eframe::egui::{Color32, FontId, Galley, Painter, Pos2, Rect, Vec2};
use eframe::epaint::TextShape;

use crate::geo::{LonLat, lon_lat};
use crate::map::base::{self, BaseLabel};
use crate::map::labels::{Candidate, OBSTACLE, place};
use crate::map::style::ClassColours;
use crate::text::thousands;
use crate::ui::ctx::Ctx;
use crate::ui::kit::theme::bold;
use crate::ui::kit::tokens::{self, Colours};
use crate::ui::map::overlay::{LABEL_ZOOM, Overlay, haloed_galley, label_text};

/// Height of a building on the screen from which it is labelled, points.
const LEAST_LABEL_HEIGHT: f64 = 11.0;
/// Names of roads and waters that are tried at most, greater roads first.
const MOST_BASE_LABELS: usize = 4_000;
/// Extent of an estate on the screen from which it is named, points.
const LEAST_ESTATE: f64 = 44.0;
/// Estates whose names are tried at most, the largest first.
const MOST_ESTATES: usize = 60;
/// Buildings in view above which labels are not even tried.
const MOST_LABELLED: usize = 6_000;

/// A label that wants a place, and how it is painted.
struct Wanted {
    galley: Arc<Galley>,
    ink: Color32,
    /// Halo, for text that may lie over anything.
    halo: Option<Color32>,
    /// Turn about the middle, radians clockwise.
    angle: f32,
}

pub(crate) fn show(
    painter: &Painter,
    cx: &Ctx<'_>,
    o: &Overlay<'_>,
    c: &Colours,
    occupied: &[Rect],
) {
    let mut wanted: Vec<Wanted> = Vec::new();
    let mut candidates = Vec::new();
    let screen = o.camera.size;
    let mut add = |at: [f64; 2], priority: f64, label: Wanted| {
        let size = [f64::from(label.galley.size().x), f64::from(label.galley.size().y)];
        let (sin, cos) = (f64::from(label.angle.sin().abs()), f64::from(label.angle.cos().abs()));
        let size = [size[0] * cos + size[1] * sin, size[0] * sin + size[1] * cos];
        let index = wanted.len();
        candidates.push(Candidate { index, at, size, priority });
        if label.halo.is_some() && label.angle == 0.0 {
            // A name that may lie over anything may also stand a line lower or higher.
            for (place, dy) in [1.3, -1.3, 2.6].into_iter().enumerate() {
                let at = [at[0], at[1] + dy * size[1]];
                let priority = priority - 0.1 * (place as f64 + 1.0);
                candidates.push(Candidate { index, at, size, priority });
            }
        }
        wanted.push(label);
    };
    if o.camera.zoom < LABEL_ZOOM + 1.5 {
        // Estates stand by size: what does not fit after the largest is not even laid out.
        let least_deg = LEAST_ESTATE * 360.0 / o.camera.points_per_world();
        let in_sight = o.scene.estates.iter().filter_map(|estate| {
            let b = &estate.bounds;
            if (b.east - b.west).max(b.north - b.south) < least_deg {
                return None;
            }
            let at = o.camera.screen(estate.place);
            let is_in = at[0] > 0.0 && at[1] > 0.0 && at[0] < screen[0] && at[1] < screen[1];
            is_in.then_some((estate, at))
        });
        for (estate, at) in in_sight.take(MOST_ESTATES) {
            let sum = o.sums.estates.get(&estate.estate_id).filter(|sum| **sum > 0);
            let text = match sum {
                Some(sum) => format!("{} · {}", estate.name, thousands(*sum)),
                None => estate.name.clone(),
            };
            let galley = painter.layout_no_wrap(text, bold(tokens::BODY), c.label);
            let label = Wanted { galley, ink: c.label, halo: Some(c.halo), angle: 0.0 };
            add(at, 1_000.0 + estate.buildings as f64, label);
        }
    }
    if o.camera.zoom >= LABEL_ZOOM {
        let dark = painter.ctx().theme() == eframe::egui::Theme::Dark;
        let palette = tokens::map_palette(dark, cx.session.colouring().ramp());
        let features = o.scene.footprints().in_bbox(&o.camera.visible());
        if features.len() <= MOST_LABELLED {
            for feature in features {
                if let Some((at, width, label)) =
                    building_label(painter, cx, o, c, feature, &palette)
                {
                    add(at, width, label);
                }
            }
        }
    }
    if cx.session.settings.layers.basemap {
        let labels = o.scene.base.labels.iter().take(MOST_BASE_LABELS);
        for (at, priority, label) in labels.filter_map(|label| base_label(painter, o, c, label)) {
            add(at, priority, label);
        }
    }
    // Names keep clear of what is painted over them.
    candidates.extend(occupied.iter().map(|taken| {
        let at = taken.center() - o.rect.min;
        Candidate {
            index: OBSTACLE,
            at: [f64::from(at.x), f64::from(at.y)],
            size: [f64::from(taken.width()), f64::from(taken.height())],
            priority: f64::INFINITY,
        }
    }));
    // Zoomed out, a few names with air around them say more than a carpet of them.
    let gap = if o.camera.zoom < LABEL_ZOOM - 1.0 { 22.0 } else { 4.0 };
    for placed in place(candidates, gap, screen) {
        let Some(label) = wanted.get(placed.index) else { continue };
        let at = o.rect.min + Vec2::new(placed.at[0] as f32, placed.at[1] as f32);
        match label.halo {
            _ if label.angle != 0.0 => turned(painter, at, label),
            Some(halo) => {
                haloed_galley(painter, at, label.galley.clone(), label.ink, halo, o.is_moving);
            }
            None => {
                painter.galley(at - label.galley.size() / 2.0, label.galley.clone(), label.ink);
            }
        }
    }
}

/// Text turned about its middle.
fn turned(painter: &Painter, at: Pos2, label: &Wanted) {
    let half = label.galley.size() / 2.0;
    let turn = eframe::emath::Rot2::from_angle(label.angle);
    let corner = at - turn * half;
    let text = TextShape::new(corner, label.galley.clone(), label.ink).with_angle(label.angle);
    painter.add(text);
}

/// The longest part of a road's course that is on the screen, as points on it.
fn seen_course(o: &Overlay<'_>, course: &[LonLat]) -> Vec<[f64; 2]> {
    let [width, height] = o.camera.size;
    let mut longest: (f64, Vec<[f64; 2]>) = (0.0, Vec::new());
    let mut run: (f64, Vec<[f64; 2]>) = (0.0, Vec::new());
    for pair in course.windows(2) {
        let (a, b) = (o.camera.screen_of(pair[0]), o.camera.screen_of(pair[1]));
        // The piece inside the screen: the parameter range that all four edges leave over.
        let (mut t0, mut t1) = (0.0f64, 1.0f64);
        for (from, to, most) in [(a[0], b[0], width), (a[1], b[1], height)] {
            let d = to - from;
            if d.abs() < 1e-9 {
                if !(0.0..=most).contains(&from) {
                    t1 = -1.0;
                }
                continue;
            }
            let (u, v) = ((0.0 - from) / d, (most - from) / d);
            t0 = t0.max(u.min(v));
            t1 = t1.min(u.max(v));
        }
        if t0 >= t1 {
            run = (0.0, Vec::new());
            continue;
        }
        let at = |t: f64| [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t];
        let (p, q) = (at(t0), at(t1));
        if run.1.is_empty() || t0 > 0.0 {
            run = (0.0, vec![p]);
        }
        run.0 += (q[0] - p[0]).hypot(q[1] - p[1]);
        run.1.push(q);
        if run.0 > longest.0 {
            longest = run.clone();
        }
    }
    longest.1
}

/// The point of a course at a distance from its beginning.
fn along(course: &[[f64; 2]], mut distance: f64) -> Option<[f64; 2]> {
    for pair in course.windows(2) {
        let length = (pair[1][0] - pair[0][0]).hypot(pair[1][1] - pair[0][1]);
        if distance <= length {
            let t = distance / length.max(1e-9);
            return Some([0, 1].map(|axis| pair[0][axis] + (pair[1][axis] - pair[0][axis]) * t));
        }
        distance -= length;
    }
    None
}

/// A road's name along its course, or the name of a water or green; greater roads earlier.
fn base_label(
    painter: &Painter,
    o: &Overlay<'_>,
    c: &Colours,
    label: &BaseLabel,
) -> Option<([f64; 2], f64, Wanted)> {
    let is_road = label.class >= base::class::ROAD;
    let from_zoom = match label.class {
        base::class::ROAD => 17.0,
        5 => 15.5,
        6 => 14.0,
        7 => 12.5,
        _ => 14.5,
    };
    if o.camera.zoom < from_zoom {
        return None;
    }
    let font = FontId::proportional(tokens::SMALL);
    let priority = 20.0 + f64::from(label.class);
    if let ([only], false) = (&label.course[..], is_road) {
        let at = o.camera.screen_of(*only);
        let galley = painter.layout_no_wrap(label.name.clone(), font, c.secondary);
        let halo = Some(c.halo);
        return Some((at, priority, Wanted { galley, ink: c.secondary, halo, angle: 0.0 }));
    }
    let course = seen_course(o, &label.course);
    let length: f64 = course.windows(2).map(|w| (w[1][0] - w[0][0]).hypot(w[1][1] - w[0][1])).sum();
    let likely = label.name.chars().count() as f64 * 12.0;
    if length < likely * 1.6 {
        return None;
    }
    let galley = painter.layout_no_wrap(label.name.clone(), font, c.secondary);
    let half = f64::from(galley.size().x) / 2.0;
    let middle = along(&course, length / 2.0)?;
    let (a, b) = (along(&course, length / 2.0 - half)?, along(&course, length / 2.0 + half)?);
    let mut angle = (b[1] - a[1]).atan2(b[0] - a[0]);
    // Never upside down.
    if angle.abs() > std::f64::consts::FRAC_PI_2 {
        angle -= angle.signum() * std::f64::consts::PI;
    }
    let angle = if angle.abs() < 0.02 { 0.0 } else { angle as f32 };
    Some((middle, priority, Wanted { galley, ink: c.secondary, halo: Some(c.halo), angle }))
}

/// What is written on a building, where it fits inside: dark on light fills, light on dark ones.
fn building_label(
    painter: &Painter,
    cx: &Ctx<'_>,
    o: &Overlay<'_>,
    c: &Colours,
    feature: usize,
    palette: &[ClassColours],
) -> Option<([f64; 2], f64, Wanted)> {
    let b = o.scene.footprints().bbox(feature);
    let (west_north, east_south) = (
        o.camera.screen_of(lon_lat(b.west, b.north)),
        o.camera.screen_of(lon_lat(b.east, b.south)),
    );
    let (width, height) = (east_south[0] - west_north[0], east_south[1] - west_north[1]);
    if height < LEAST_LABEL_HEIGHT {
        return None;
    }
    let text = label_text(cx, o.scene, feature);
    let likely: f64 = text.chars().map(|c| if c.is_ascii() { 6.0 } else { 11.5 }).sum();
    if text.is_empty() || width < likely {
        return None;
    }
    let at = o.camera.screen_of(o.scene.label(feature).at);
    let class = o.states.get(feature).map_or(0, |state| usize::from(*state));
    let [r, g, b, _] = palette.get(class).map_or([128; 4], |class| class.fill);
    let fill = Color32::from_rgb(r, g, b);
    let inks = [c.label, c.halo];
    let ink = inks
        .into_iter()
        .max_by(|x, y| tokens::contrast(*x, fill).total_cmp(&tokens::contrast(*y, fill)))?;
    let galley = painter.layout_no_wrap(text, FontId::proportional(tokens::SMALL), ink);
    Some((at, width, Wanted { galley, ink, halo: None, angle: 0.0 }))
}
