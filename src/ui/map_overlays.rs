//! What is painted over the map: grids, chosen building, events and devices, labels, legend,
//! scale bar, north.

use eframe::egui::{Align2, Color32, FontId, Galley, Painter, Pos2, Rect, Shape, Stroke, Ui, Vec2};
use std::sync::Arc;

use super::Ctx;
use super::map_view::box_around;
use super::theme::bold;
use super::tokens::{self, Colours};
use super::widgets::theme;
use crate::app::settings::Layers;
use crate::domain::codes::{is_event_open, list};
use crate::geo::{BBox, LonLat, lon_lat};
use crate::map::camera::scale_bar;
use crate::map::cluster::clusters;
use crate::map::labels::{Candidate, place};
use crate::map::{Camera, Scene, style};
use crate::text::{Text, building_no_label, thousands};

/// Cell within which signs become one with a number, points.
const CLUSTER_CELL: f64 = 34.0;
/// Radius of a sign, points.
const SIGN_RADIUS: f32 = 8.0;
/// Zoom from which single buildings are labelled.
const LABEL_ZOOM: f64 = 16.0;
/// Buildings in view above which labels are not even tried.
const MOST_LABELLED: usize = 6_000;

/// What the pointer is over, besides buildings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Sign {
    Event(usize),
    Device(usize),
    Cluster(BBox),
}

/// What the overlays are painted from.
pub(super) struct Overlay<'a> {
    pub(super) rect: Rect,
    pub(super) camera: &'a Camera,
    pub(super) scene: &'a Arc<Scene>,
    pub(super) hovered: Option<usize>,
    pub(super) pointer: Option<Pos2>,
}

impl Overlay<'_> {
    fn at(&self, p: LonLat) -> Pos2 {
        let at = self.camera.screen_of(p);
        self.rect.min + Vec2::new(at[0] as f32, at[1] as f32)
    }
}

/// Paints everything and says which sign the pointer is over.
pub(super) fn show(ui: &Ui, cx: &Ctx<'_>, o: &Overlay<'_>) -> Option<Sign> {
    let c = theme(ui);
    let painter = ui.painter().with_clip_rect(o.rect);
    let layers = cx.session.settings.layers;
    if layers.grids {
        grids(&painter, o, c);
    }
    if let Some(feature) = o.hovered {
        outline(&painter, o, feature, Stroke::new(1.5, c.ink));
    }
    let selected = cx.session.building_id.and_then(|id| o.scene.feature_of(id));
    if let Some(feature) = selected {
        outline(&painter, o, feature, Stroke::new(5.0, c.selected_casing));
        outline(&painter, o, feature, Stroke::new(2.5, c.selected));
    }
    if layers.labels {
        labels(&painter, cx, o, c);
    }
    let mut sign = None;
    if layers.devices {
        sign = devices(&painter, cx, o, c).or(sign);
    }
    if layers.events {
        sign = events(&painter, cx, o, c).or(sign);
    }
    legend(&painter, cx, o, c, layers);
    scale(&painter, cx, o, c);
    hover_text(ui, cx, o, sign);
    sign
}

fn hover_text(ui: &Ui, cx: &Ctx<'_>, o: &Overlay<'_>, sign: Option<Sign>) {
    let lists = &cx.session.vocabulary.lists;
    let text = match (sign, o.hovered) {
        (Some(Sign::Event(index)), _) => {
            let e = &o.scene.events[index];
            format!(
                "{} · {}\n{}",
                lists.label(list::EVENT_CATEGORY, e.kind, cx.lang),
                lists.label(list::EVENT_STATE, e.state, cx.lang),
                e.title
            )
        }
        (Some(Sign::Device(index)), _) => {
            let d = &o.scene.devices[index];
            format!(
                "{} {} · {}",
                lists.label(list::DEVICE_KIND, d.kind, cx.lang),
                d.code,
                lists.label(list::DEVICE_STATE, d.state, cx.lang)
            )
        }
        (None, Some(feature)) if o.camera.zoom < LABEL_ZOOM + 1.0 => {
            building_text(cx, o.scene, feature)
        }
        _ => return,
    };
    let Some(at) = o.pointer else { return };
    let c = theme(ui);
    let galley = ui.painter().layout_no_wrap(text, FontId::proportional(tokens::SMALL), c.ink);
    let size = galley.size() + Vec2::new(16.0, 10.0);
    let mut min = at + Vec2::new(14.0, 16.0);
    min.x = min.x.min(o.rect.right() - size.x - 4.0);
    min.y = min.y.min(o.rect.bottom() - size.y - 4.0);
    plate(ui.painter(), Rect::from_min_size(min, size), c);
    ui.painter().galley(min + Vec2::new(8.0, 5.0), galley, c.ink);
}

pub(super) fn building_text(cx: &Ctx<'_>, scene: &Scene, feature: usize) -> String {
    let label = scene.label(feature);
    let estate = label
        .estate_id
        .and_then(|id| scene.estates.iter().find(|e| e.estate_id == id))
        .map(|e| e.name.as_str());
    let name = label_text(cx, scene, feature);
    let code = scene.footprints().code(feature);
    let name = if name.is_empty() { code.to_owned() } else { name };
    match estate {
        Some(estate) if !name.contains(estate) => format!("{estate} {name}"),
        _ => name,
    }
}

fn plate(painter: &Painter, rect: Rect, c: &Colours) {
    painter.rect(
        rect,
        f32::from(tokens::RADIUS),
        c.panel,
        Stroke::new(1.0, c.line),
        eframe::egui::StrokeKind::Outside,
    );
}

fn outline(painter: &Painter, o: &Overlay<'_>, feature: usize, stroke: Stroke) {
    for ring in o.scene.footprints().rings(feature) {
        let points: Vec<Pos2> = ring.coords.iter().map(|p| o.at(lon_lat(p.x, p.y))).collect();
        if points.len() > 2 {
            painter.add(Shape::closed_line(points[..points.len() - 1].to_vec(), stroke));
        }
    }
}

fn grids(painter: &Painter, o: &Overlay<'_>, c: &Colours) {
    let visible = o.camera.visible();
    let stroke = Stroke::new(1.2, c.grid_border.gamma_multiply(0.8));
    for grid in &o.scene.grids {
        let bounds = crate::geo::polygon::bbox(&grid.outline);
        if !bounds.intersects(&visible) {
            continue;
        }
        let (a, b) =
            (o.at(lon_lat(bounds.west, bounds.north)), o.at(lon_lat(bounds.east, bounds.south)));
        if (b - a).x.max((b - a).y) < 24.0 {
            continue;
        }
        for part in &grid.outline {
            let points: Vec<Pos2> =
                part.exterior().0.iter().map(|p| o.at(lon_lat(p.x, p.y))).collect();
            painter.extend(Shape::dashed_line(&points, stroke, 6.0, 4.0));
        }
        if (b - a).x > 90.0 && (b - a).y > 40.0 {
            let at = Pos2::new(f32::midpoint(a.x, b.x), a.y + 14.0);
            let font = FontId::proportional(tokens::SMALL);
            haloed(painter, at, &grid.name, font, c.grid_border, c.halo);
        }
    }
}

/// Text with a soft edge, so that it reads on any ground.
fn haloed(painter: &Painter, at: Pos2, text: &str, font: FontId, ink: Color32, halo: Color32) {
    let galley = painter.layout_no_wrap(text.to_owned(), font, ink);
    haloed_galley(painter, at, galley, ink, halo);
}

fn haloed_galley(painter: &Painter, at: Pos2, galley: Arc<Galley>, ink: Color32, halo: Color32) {
    let min = at - galley.size() / 2.0;
    for (x, y) in [(-1.0, -1.0), (1.0, -1.0), (-1.0, 1.0), (1.0, 1.0)] {
        painter.galley_with_override_text_color(min + Vec2::new(x, y), galley.clone(), halo);
    }
    painter.galley(min, galley, ink);
}

/// What is written on a building.
fn label_text(cx: &Ctx<'_>, scene: &Scene, feature: usize) -> String {
    let label = scene.label(feature);
    if label.estate_id.is_some() && label.text.chars().all(|c| c.is_ascii_alphanumeric()) {
        return if label.text.is_empty() {
            String::new()
        } else {
            building_no_label(cx.lang, label.text)
        };
    }
    label.text.to_owned()
}

fn labels(painter: &Painter, cx: &Ctx<'_>, o: &Overlay<'_>, c: &Colours) {
    let mut galleys: Vec<(Arc<Galley>, Color32)> = Vec::new();
    let mut candidates = Vec::new();
    let screen = o.camera.size;
    let mut add = |at: [f64; 2], text: String, font: FontId, ink: Color32, priority: f64| {
        if text.is_empty() || at[0] < 0.0 || at[1] < 0.0 || at[0] > screen[0] || at[1] > screen[1] {
            return;
        }
        let galley = painter.layout_no_wrap(text, font, ink);
        let size = [f64::from(galley.size().x), f64::from(galley.size().y)];
        candidates.push(Candidate { index: galleys.len(), at, size, priority });
        galleys.push((galley, ink));
    };
    if o.camera.zoom < LABEL_ZOOM + 1.5 {
        for estate in &o.scene.estates {
            let at = o.camera.screen_of(estate.at);
            let font = bold(tokens::BODY);
            add(at, estate.name.clone(), font, c.label, 1_000.0 + estate.buildings as f64);
        }
    }
    if o.camera.zoom >= LABEL_ZOOM {
        let features = o.scene.footprints().in_bbox(&o.camera.visible());
        if features.len() <= MOST_LABELLED {
            let per_world = o.camera.points_per_world();
            for feature in features {
                let b = o.scene.footprints().bbox(feature);
                let width = (b.east - b.west) / 360.0 * per_world;
                let text = label_text(cx, o.scene, feature);
                // A name wider than its house by much says nothing about which house.
                let wanted = text.chars().count() as f64 * 8.0;
                if width < wanted * 1.2 {
                    continue;
                }
                let at = o.camera.screen_of(o.scene.label(feature).at);
                add(at, text, FontId::proportional(tokens::SMALL), c.label, width);
            }
        }
    }
    for placed in place(candidates, 4.0, screen) {
        let (galley, ink) = galleys[placed.index].clone();
        let at = o.rect.min + Vec2::new(placed.at[0] as f32, placed.at[1] as f32);
        haloed_galley(painter, at, galley, ink, c.halo);
    }
}

fn on_screen(o: &Overlay<'_>, p: LonLat) -> Option<[f64; 2]> {
    let at = o.camera.screen_of(p);
    let is_in = at[0] > -20.0
        && at[1] > -20.0
        && at[0] < o.camera.size[0] + 20.0
        && at[1] < o.camera.size[1] + 20.0;
    is_in.then_some(at)
}

fn is_over(o: &Overlay<'_>, center: Pos2, radius: f32) -> bool {
    o.pointer.is_some_and(|p| p.distance(center) <= radius + 2.0)
}

fn count_sign(painter: &Painter, center: Pos2, count: usize, fill: Color32, ink: Color32) -> f32 {
    let text = thousands(count as u64);
    let radius = 10.0 + 2.0 * text.len() as f32;
    painter.circle(center, radius, fill, Stroke::new(1.5, ink));
    painter.text(center, Align2::CENTER_CENTER, text, bold(tokens::SMALL), ink);
    radius
}

fn events(painter: &Painter, cx: &Ctx<'_>, o: &Overlay<'_>, c: &Colours) -> Option<Sign> {
    let (filter, now) = (cx.session.settings.events, cx.session.now());
    let points: Vec<(usize, [f64; 2])> = o
        .scene
        .events
        .iter()
        .enumerate()
        .filter(|(_, e)| filter.passes(e.state, e.kind, e.reported_at, now))
        .filter_map(|(index, e)| on_screen(o, e.at).map(|at| (index, at)))
        .collect();
    let mut sign = None;
    for cluster in clusters(&points, CLUSTER_CELL) {
        let center = o.rect.min + Vec2::new(cluster.at[0] as f32, cluster.at[1] as f32);
        if let [only] = cluster.members[..] {
            let e = &o.scene.events[only];
            let colour = if is_event_open(e.state) { c.danger } else { c.ok };
            event_sign(painter, cx, center, e.kind, colour, c.panel);
            if is_over(o, center, SIGN_RADIUS) {
                sign = Some(Sign::Event(only));
            }
        } else {
            let has_open = cluster.members.iter().any(|i| is_event_open(o.scene.events[*i].state));
            let fill = if has_open { c.danger } else { c.ok };
            let radius = count_sign(painter, center, cluster.members.len(), fill, c.panel);
            if is_over(o, center, radius) {
                let around = box_around(cluster.members.iter().map(|i| o.scene.events[*i].at));
                sign = Some(Sign::Cluster(around));
            }
        }
    }
    sign
}

/// A pin-like disc with the first character of the category.
fn event_sign(
    painter: &Painter,
    cx: &Ctx<'_>,
    center: Pos2,
    category: i64,
    fill: Color32,
    ink: Color32,
) {
    let label = cx.session.vocabulary.lists.label(list::EVENT_CATEGORY, category, cx.lang);
    let first: String = label.chars().take(1).collect();
    painter.circle(center, SIGN_RADIUS + 1.0, fill, Stroke::new(1.5, ink));
    painter.text(center, Align2::CENTER_CENTER, first, bold(tokens::CELL - 1.0), ink);
}

fn devices(painter: &Painter, cx: &Ctx<'_>, o: &Overlay<'_>, c: &Colours) -> Option<Sign> {
    let points: Vec<(usize, [f64; 2])> = o
        .scene
        .devices
        .iter()
        .enumerate()
        .filter_map(|(index, d)| on_screen(o, d.at).map(|at| (index, at)))
        .collect();
    let cell = if o.camera.zoom >= 17.5 { 12.0 } else { CLUSTER_CELL };
    let per_metre = (1.0 / o.camera.metres_per_point()) as f32;
    let mut sign = None;
    for cluster in clusters(&points, cell) {
        let center = o.rect.min + Vec2::new(cluster.at[0] as f32, cluster.at[1] as f32);
        if let [only] = cluster.members[..] {
            let d = &o.scene.devices[only];
            if let Some((heading, fov, range)) = d.view
                && range as f32 * per_metre > 14.0
            {
                view_wedge(painter, center, heading, fov, range as f32 * per_metre, c);
            }
            let fill = if d.state == 1 { c.accent } else { c.warn };
            let first: String = cx
                .session
                .vocabulary
                .lists
                .label(list::DEVICE_KIND, d.kind, cx.lang)
                .chars()
                .take(1)
                .collect();
            let square = Rect::from_center_size(center, Vec2::splat(15.0));
            painter.rect(
                square,
                3.0,
                fill,
                Stroke::new(1.0, c.panel),
                eframe::egui::StrokeKind::Outside,
            );
            painter.text(center, Align2::CENTER_CENTER, first, bold(tokens::CELL - 1.0), c.panel);
            if is_over(o, center, SIGN_RADIUS) {
                sign = Some(Sign::Device(only));
            }
        } else {
            let radius = count_sign(painter, center, cluster.members.len(), c.accent, c.panel);
            if is_over(o, center, radius) {
                let around = box_around(cluster.members.iter().map(|i| o.scene.devices[*i].at));
                sign = Some(Sign::Cluster(around));
            }
        }
    }
    sign
}

/// The field of view of a camera: a wedge from its place, clockwise from north.
fn view_wedge(painter: &Painter, at: Pos2, heading: f64, fov: f64, radius: f32, c: &Colours) {
    const STEPS: usize = 12;
    let mut points = vec![at];
    for step in 0..=STEPS {
        let angle = (heading - fov / 2.0 + fov * step as f64 / STEPS as f64).to_radians();
        points.push(at + radius * Vec2::new(angle.sin() as f32, -angle.cos() as f32));
    }
    let fill = c.accent.gamma_multiply(0.16);
    painter.add(Shape::convex_polygon(
        points,
        fill,
        Stroke::new(1.0, c.accent.gamma_multiply(0.5)),
    ));
}

fn legend(painter: &Painter, cx: &Ctx<'_>, o: &Overlay<'_>, c: &Colours, layers: Layers) {
    let dark = painter.ctx().theme() == eframe::egui::Theme::Dark;
    let mut rows: Vec<(Color32, bool, String)> = Vec::new();
    let focus = cx.session.focus.get().filter(|_| !cx.session.filter.is_empty());
    if let Some((answer, _)) = focus {
        let breaks = style::focus_breaks(answer.buildings.iter().map(|(_, n)| *n));
        let mut low = 1;
        for end in &breaks {
            let class = style::focus_class(*end, &breaks);
            let colour = tokens::ramp(dark, usize::from(class - style::FOCUS_FIRST));
            let range = if low >= *end { end.to_string() } else { format!("{low}–{end}") };
            rows.push((colour, false, format!("{range} {}", cx.t(Text::LegendPersons))));
            low = end + 1;
        }
        let none = tokens::map_palette(dark)[style::FOCUS_NONE as usize].fill;
        let none = Color32::from_rgb(none[0], none[1], none[2]);
        rows.push((none, false, cx.t(Text::LegendNone).to_owned()));
    }
    if layers.events && !o.scene.events.is_empty() {
        rows.push((c.danger, true, cx.t(Text::OpenEvent).to_owned()));
        if cx.session.settings.events.closed_too {
            rows.push((c.ok, true, cx.t(Text::ClosedEvent).to_owned()));
        }
    }
    if rows.is_empty() {
        return;
    }
    let font = FontId::proportional(tokens::SMALL);
    let galleys: Vec<_> = rows
        .iter()
        .map(|(_, _, text)| painter.layout_no_wrap(text.clone(), font.clone(), c.ink))
        .collect();
    let width = galleys.iter().map(|g| g.size().x).fold(0.0, f32::max) + 44.0;
    let height = rows.len() as f32 * 20.0 + 12.0;
    let min = Pos2::new(o.rect.left() + 12.0, o.rect.bottom() - 12.0 - height);
    plate(painter, Rect::from_min_size(min, Vec2::new(width, height)), c);
    for (index, ((colour, is_round, _), galley)) in rows.iter().zip(galleys).enumerate() {
        let y = min.y + 6.0 + index as f32 * 20.0 + 10.0;
        let square = Rect::from_center_size(Pos2::new(min.x + 18.0, y), Vec2::splat(13.0));
        let edge = Stroke::new(1.0, c.secondary.gamma_multiply(0.5));
        if *is_round {
            painter.circle(square.center(), 6.0, *colour, Stroke::NONE);
        } else {
            painter.rect(square, 2.0, *colour, edge, eframe::egui::StrokeKind::Inside);
        }
        painter.galley(Pos2::new(min.x + 32.0, y - galley.size().y / 2.0), galley, c.ink);
    }
}

fn scale(painter: &Painter, cx: &Ctx<'_>, o: &Overlay<'_>, c: &Colours) {
    let (metres, points) = scale_bar(o.camera.metres_per_point(), 120.0);
    let text =
        if metres >= 1_000.0 { format!("{} km", metres / 1_000.0) } else { format!("{metres} m") };
    let right = Pos2::new(o.rect.right() - 16.0, o.rect.bottom() - 16.0);
    let left = right - Vec2::new(points as f32, 0.0);
    let up = Vec2::new(0.0, -5.0);
    for (width, colour) in [(4.0, c.halo), (1.5, c.label)] {
        let line = vec![left + up, left, right, right + up];
        painter.add(Shape::line(line, Stroke::new(width, colour)));
    }
    let middle = left + (right - left) / 2.0 - Vec2::new(0.0, 11.0);
    haloed(painter, middle, &text, FontId::proportional(tokens::SMALL), c.label, c.halo);
    let north = Pos2::new(o.rect.right() - 26.0, o.rect.top() + 30.0);
    let arrow = |w: f32, h: f32| {
        vec![
            north + Vec2::new(0.0, -h),
            north + Vec2::new(w, h * 0.75),
            north + Vec2::new(0.0, h * 0.4),
            north + Vec2::new(-w, h * 0.75),
        ]
    };
    painter.add(Shape::closed_line(arrow(7.0, 12.0), Stroke::new(3.0, c.halo)));
    let left_half = vec![arrow(7.0, 12.0)[0], arrow(7.0, 12.0)[2], arrow(7.0, 12.0)[3]];
    painter.add(Shape::convex_polygon(left_half, c.label, Stroke::NONE));
    painter.add(Shape::closed_line(arrow(7.0, 12.0), Stroke::new(1.0, c.label)));
    let at = north + Vec2::new(0.0, 20.0);
    haloed(painter, at, cx.t(Text::North), FontId::proportional(tokens::SMALL), c.label, c.halo);
}
