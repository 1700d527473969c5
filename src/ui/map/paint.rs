//! What is painted over the map: grids, chosen building, events and devices, labels, legend,
//! scale bar, north.

use eframe::egui::{Align2, Color32, FontId, Painter, Pos2, Rect, Shape, Stroke, Ui, Vec2};

use crate::app::settings::EventFilter;
use crate::domain::codes::list;
use crate::domain::workflow::event;
use crate::geo::lon_lat;
use crate::map::camera::{roomy, scale_bar};
use crate::map::cluster::{Cluster, ClusterCache};
use crate::store::features::GridShape;
use crate::text::{Text, thousands};
use crate::ui::ctx::Ctx;
use crate::ui::kit::theme::bold;
use crate::ui::kit::tokens::{self, Colours};
use crate::ui::kit::widgets::theme;
use crate::ui::map::overlay::{
    LABEL_ZOOM, Overlay, SIGN_RADIUS, Sign, building_text, haloed, haloed_galley, plate,
};

/// Cell within which signs become one with a number, points.
const CLUSTER_CELL: f64 = 72.0;

/// Paints everything and says which sign the pointer is over.
pub(crate) fn show(ui: &Ui, cx: &Ctx<'_>, o: &Overlay<'_>, signs: &mut Signs) -> Option<Sign> {
    let c = theme(ui);
    let painter = ui.painter().with_clip_rect(o.rect);
    let layers = cx.session.settings.layers;
    estate_halos(&painter, o, c);
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
        crate::ui::map::labels::show(&painter, cx, o, c, &sign_boxes(cx, o, signs));
    }
    candidates(&painter, cx, o, c);
    if layers.heat {
        signs.heat.show(&painter, cx, o, c);
    }
    let mut sign = None;
    if layers.devices {
        sign = devices(&painter, cx, o, c, &mut signs.devices).or(sign);
    }
    if layers.events {
        sign = events(&painter, cx, o, c, &mut signs.events).or(sign);
    }
    let legend = crate::ui::map::legend::show(&painter, cx, o, c, layers);
    scale(&painter, cx, o, c, legend);
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

fn outline(painter: &Painter, o: &Overlay<'_>, feature: usize, stroke: Stroke) {
    for ring in o.scene.footprints().rings(feature) {
        let points: Vec<Pos2> = ring.coords.iter().map(|p| o.at(lon_lat(p.x, p.y))).collect();
        if points.len() > 2 {
            painter.add(Shape::closed_line(points[..points.len() - 1].to_vec(), stroke));
        }
    }
}

/// The buildings a held row may mean, with the numbers of its choices.
fn candidates(painter: &Painter, cx: &Ctx<'_>, o: &Overlay<'_>, c: &Colours) {
    const RADIUS: f32 = 11.0;
    let Some(row) = cx.session.row_under_review() else { return };
    let mut numbers: Vec<(usize, String)> = Vec::new();
    for (index, choice) in row.choices.iter().enumerate() {
        let feature = choice.building_id.and_then(|id| o.scene.feature_of(id));
        let Some(feature) = feature else { continue };
        match numbers.iter_mut().find(|(known, _)| *known == feature) {
            Some((_, text)) => *text = format!("{text} {}", index + 1),
            None => numbers.push((feature, (index + 1).to_string())),
        }
    }
    for (feature, text) in numbers {
        outline(painter, o, feature, Stroke::new(5.0, c.selected_casing));
        outline(painter, o, feature, Stroke::new(2.5, c.accent));
        let at = o.at(o.scene.label(feature).at);
        let galley = painter.layout_no_wrap(text, bold(tokens::SMALL), c.on_accent);
        let size = Vec2::new(galley.size().x.max(RADIUS) + RADIUS, RADIUS * 2.0);
        painter.rect_filled(Rect::from_center_size(at, size), RADIUS, c.accent);
        painter.galley(at - galley.size() / 2.0, galley, c.on_accent);
    }
}

fn grids(painter: &Painter, o: &Overlay<'_>, c: &Colours) {
    /// Grids narrower than this on the screen are not drawn.
    const LEAST_POINTS: f64 = 56.0;
    /// More of them at once get plain lines: dashes of hundreds of borders are noise, and slow.
    const MOST_DASHED: usize = 40;
    let visible = o.camera.visible();
    let stroke = Stroke::new(1.2, c.grid_border.gamma_multiply(0.8));
    let least_deg = LEAST_POINTS * 360.0 / o.camera.points_per_world();
    let is_seen = |grid: &&GridShape| {
        let b = &grid.bounds;
        (b.east - b.west).max(b.north - b.south) >= least_deg && b.intersects(&visible)
    };
    let seen: Vec<&GridShape> = o.scene.grids.iter().filter(is_seen).collect();
    let is_dashed = seen.len() <= MOST_DASHED;
    for grid in seen {
        let bounds = &grid.bounds;
        let (a, b) =
            (o.at(lon_lat(bounds.west, bounds.north)), o.at(lon_lat(bounds.east, bounds.south)));
        for part in &grid.outline {
            let points: Vec<Pos2> =
                part.exterior().0.iter().map(|p| o.at(lon_lat(p.x, p.y))).collect();
            if is_dashed {
                crate::ui::kit::widgets::dashed(painter, &points, stroke, 6.0);
            } else {
                painter.add(Shape::line(points, Stroke::new(0.8, stroke.color)));
            }
        }
        let is_roomy = (b - a).x > 90.0 && (b - a).y > 40.0;
        let sum = o.sums.grids.get(&grid.grid_id).filter(|sum| **sum > 0);
        let text = match (is_roomy, sum) {
            (true, Some(sum)) => format!("{} · {}", grid.name, thousands(*sum)),
            (true, None) => grid.name.clone(),
            (false, Some(sum)) if (b - a).x > 28.0 => thousands(*sum),
            _ => continue,
        };
        let at = Pos2::new(f32::midpoint(a.x, b.x), a.y + 14.0);
        let font = FontId::proportional(tokens::SMALL);
        let galley = painter.layout_no_wrap(text, font, c.grid_border);
        haloed_galley(painter, at, galley, c.grid_border, c.halo, o.is_moving);
    }
}

/// Estates as soft shapes while their buildings are too small to be told apart. Their insides are
/// filled at rest only: painted pixels are what a software driver pays for.
fn estate_halos(painter: &Painter, o: &Overlay<'_>, c: &Colours) {
    /// From this zoom on the buildings speak for themselves.
    const LAST_ZOOM: f64 = 16.0;
    /// Narrower ones would be dots.
    const LEAST_POINTS: f32 = 22.0;
    const MARGIN: f32 = 7.0;
    const MOST: usize = 60;
    if o.camera.zoom >= LAST_ZOOM {
        return;
    }
    let fade = ((LAST_ZOOM - o.camera.zoom) as f32).clamp(0.0, 1.0);
    let least_deg = f64::from(LEAST_POINTS) * 360.0 / o.camera.points_per_world();
    let visible = o.camera.visible();
    let seen = o.scene.estates.iter().filter(|estate| {
        let b = &estate.bounds;
        estate.buildings > 1 && (b.east - b.west) >= least_deg && b.intersects(&visible)
    });
    for estate in seen.take(MOST) {
        let b = &estate.bounds;
        let shape =
            Rect::from_two_pos(o.at(lon_lat(b.west, b.north)), o.at(lon_lat(b.east, b.south)))
                .expand(MARGIN);
        painter.rect(
            shape,
            10.0,
            if o.is_moving { Color32::TRANSPARENT } else { c.label.gamma_multiply(0.05 * fade) },
            Stroke::new(1.0, c.label.gamma_multiply(0.18 * fade)),
            eframe::egui::StrokeKind::Inside,
        );
    }
}

/// What the clusters of events depend on: the scene, the filter, the hour.
type EventKey = (u64, EventFilter, i64);

/// Clusters of the last frame.
#[derive(Default)]
pub(crate) struct Signs {
    events: ClusterCache<EventKey>,
    devices: ClusterCache<(u64, bool)>,
    heat: crate::ui::map::heat::HeatMap,
}

/// The clusters that are in sight, and where.
fn in_sight<'c>(o: &Overlay<'_>, clusters: &'c [Cluster]) -> Vec<(&'c Cluster, Pos2)> {
    const EDGE: f64 = 20.0;
    let [width, height] = o.camera.size;
    let seen = clusters.iter().filter_map(|cluster| {
        let [x, y] = o.camera.screen(cluster.at);
        let is_in = x > -EDGE && y > -EDGE && x < width + EDGE && y < height + EDGE;
        is_in.then(|| (cluster, o.rect.min + Vec2::new(x as f32, y as f32)))
    });
    seen.collect()
}

fn is_over(o: &Overlay<'_>, center: Pos2, radius: f32) -> bool {
    o.pointer.is_some_and(|p| p.distance(center) <= radius + 2.0)
}

/// A disc with a number: calm, because there may be many.
fn count_sign(
    painter: &Painter,
    center: Pos2,
    count: usize,
    colour: Color32,
    paper: Color32,
) -> f32 {
    let text = thousands(count as u64);
    let radius = 8.0 + 2.2 * text.len() as f32;
    painter.circle(center, radius, paper, Stroke::new(1.8, colour));
    painter.text(center, Align2::CENTER_CENTER, text, bold(tokens::CELL), colour);
    radius
}

/// The clusters of events for this view.
fn event_clusters<'c>(
    cx: &Ctx<'_>,
    o: &Overlay<'_>,
    cache: &'c mut ClusterCache<EventKey>,
) -> &'c [Cluster] {
    let (filter, now) = (cx.session.settings.events, cx.session.now());
    let scene = o.scene;
    let key = (cx.session.scene_version, filter, now / 3_600);
    cache.at(key, o.camera.zoom, CLUSTER_CELL, || {
        let passing = scene.events.iter().zip(scene.event_places.iter()).enumerate();
        passing
            .filter(move |(_, (e, _))| filter.passes(e.state, e.kind, e.reported_at, now))
            .map(|(index, (e, place))| (index, *place, event::is_open(e.state)))
    })
}

/// The clusters of devices for this view.
fn device_clusters<'c>(
    cx: &Ctx<'_>,
    o: &Overlay<'_>,
    cache: &'c mut ClusterCache<(u64, bool)>,
) -> &'c [Cluster] {
    let is_near = o.camera.zoom >= 17.5;
    let cell = if is_near { 12.0 } else { CLUSTER_CELL };
    let scene = o.scene;
    cache.at((cx.session.scene_version, is_near), o.camera.zoom, cell, || {
        scene.device_places.iter().enumerate().map(|(index, place)| (index, *place, false))
    })
}

/// Where the signs and the scale will be painted.
fn sign_boxes(cx: &Ctx<'_>, o: &Overlay<'_>, signs: &mut Signs) -> Vec<Rect> {
    let layers = cx.session.settings.layers;
    let mut middles = Vec::new();
    if layers.events {
        let clusters = event_clusters(cx, o, &mut signs.events);
        middles.extend(in_sight(o, clusters).into_iter().map(|(_, at)| at));
    }
    if layers.devices {
        let clusters = device_clusters(cx, o, &mut signs.devices);
        middles.extend(in_sight(o, clusters).into_iter().map(|(_, at)| at));
    }
    let size = Vec2::splat(SIGN_RADIUS * 2.0);
    let mut boxes: Vec<Rect> =
        middles.into_iter().map(|middle| Rect::from_center_size(middle, size)).collect();
    let corner = o.rect.right_bottom() - Vec2::new(14.0, 12.0);
    boxes.push(Rect::from_min_max(corner - Vec2::new(SCALE_WIDTH as f32, 24.0), corner));
    boxes
}

/// Length of the scale bar at most, points.
const SCALE_WIDTH: f64 = 120.0;

fn events(
    painter: &Painter,
    cx: &Ctx<'_>,
    o: &Overlay<'_>,
    c: &Colours,
    cache: &mut ClusterCache<EventKey>,
) -> Option<Sign> {
    let scene = o.scene;
    let clusters = event_clusters(cx, o, cache);
    let mut sign = None;
    for (cluster, center) in in_sight(o, clusters) {
        let fill = if cluster.is_marked { c.danger } else { c.ok };
        if cluster.count == 1 {
            let e = &scene.events[cluster.first];
            event_sign(painter, cx, center, e.kind, fill, c.panel);
            if is_over(o, center, SIGN_RADIUS) {
                sign = Some(Sign::Event(cluster.first));
            }
        } else {
            let radius = count_sign(painter, center, cluster.count as usize, fill, c.panel);
            if is_over(o, center, radius) {
                sign = Some(Sign::Cluster(roomy(cluster.bounds())));
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

fn devices(
    painter: &Painter,
    cx: &Ctx<'_>,
    o: &Overlay<'_>,
    c: &Colours,
    cache: &mut ClusterCache<(u64, bool)>,
) -> Option<Sign> {
    let clusters = device_clusters(cx, o, cache);
    let per_metre = (1.0 / o.camera.metres_per_point()) as f32;
    let mut sign = None;
    for (cluster, center) in in_sight(o, clusters) {
        if cluster.count == 1 {
            let only = cluster.first;
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
            let radius = count_sign(painter, center, cluster.count as usize, c.accent, c.panel);
            if is_over(o, center, radius) {
                sign = Some(Sign::Cluster(roomy(cluster.bounds())));
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

/// Whom to thank for the map underneath, small in the middle of the lower edge.
pub(crate) fn thanks(ui: &Ui, map: Rect, text: &str) {
    if text.is_empty() {
        return;
    }
    let c = theme(ui);
    let at = map.center_bottom() - Vec2::new(0.0, 10.0);
    let font = FontId::proportional(tokens::SMALL - 2.0);
    let painter = ui.painter().with_clip_rect(map);
    haloed(&painter, at, text, font, c.label, c.halo);
}

fn scale(painter: &Painter, cx: &Ctx<'_>, o: &Overlay<'_>, c: &Colours, legend: Option<Rect>) {
    let (metres, points) = scale_bar(o.camera.metres_per_point(), SCALE_WIDTH);
    let text =
        if metres >= 1_000.0 { format!("{} km", metres / 1_000.0) } else { format!("{metres} m") };
    let mut right = Pos2::new(o.rect.right() - 16.0, o.rect.bottom() - 16.0);
    // Beside the legend, or above it where the map is narrow.
    if let Some(legend) = legend.filter(|l| l.right() + 16.0 > right.x - points as f32) {
        right.y = legend.top() - 10.0;
    }
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
