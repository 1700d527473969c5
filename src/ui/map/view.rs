//! The map panel: camera, mouse and keyboard; the picture itself is `gpu`'s, labels and signs
//! are [`crate::ui::map::paint`]'.

use std::sync::{Arc, Mutex, PoisonError};

use eframe::egui::{self, Pos2, Rect, Role, Sense, Ui, Vec2, WidgetInfo};
use eframe::{egui_wgpu, wgpu};

use crate::app::settings::Bookmark;
use crate::app::{Action, Card, Session};
use crate::domain::ids::BuildingId;
use crate::geo::{BBox, LonLat};
use crate::gpu::{MapBlit, MapRenderer, MapView};
use crate::map::history::ViewHistory;
use crate::map::scene::AreaSums;
use crate::map::select::Combine;
use crate::map::style::{self, Ramp};
use crate::map::{Camera, Scene};
use crate::text::Text;
use crate::ui::ctx::Ctx;
use crate::ui::kit::regions::{self, Region};
use crate::ui::kit::tokens;
use crate::ui::kit::widgets::theme;
use crate::ui::map::buttons;
use crate::ui::map::first_steps;
use crate::ui::map::inset::Inset;
use crate::ui::map::measure::Measure;
use crate::ui::map::overlay::{Overlay, Sign};
use crate::ui::map::paint::{self, Signs};
use crate::ui::map::plain::PlainMap;
use crate::ui::map::rasters::Rasters;
use crate::ui::map::select_tool::{SelectTool, Tool, combine_by};

/// Length of a flight, seconds.
pub(super) const FLIGHT_SECS: f64 = 0.25;
/// Margin of a fit, points.
pub(super) const FIT_MARGIN: f64 = 40.0;

pub(super) struct Flight {
    pub(super) from: Camera,
    pub(super) to: Camera,
    pub(super) started: f64,
}

/// State of the map panel.
pub(crate) struct MapPanel {
    /// Where the camera looks.
    pub(crate) camera: Camera,
    /// What the pointer is over.
    pub(crate) pointer: Option<LonLat>,
    pub(super) rect: Rect,
    pub(super) flight: Option<Flight>,
    pub(super) wanted: Option<Wanted>,
    pub(super) hovered: Option<usize>,
    /// What the pointer was over when the menu was opened.
    pub(super) menu_at: Option<(LonLat, Option<usize>, Option<Sign>)>,
    pub(super) renderer: Option<Arc<Mutex<MapRenderer>>>,
    pub(super) uploaded: (u64, u64, Option<(bool, Ramp)>),
    /// The scene whose shapes the graphics card has.
    pub(super) shapes: Option<Arc<Scene>>,
    /// Buildings of each class, for the legend.
    pub(super) counts: [u32; 256],
    /// Class of each building, for the labels.
    pub(super) states: Vec<u8>,
    /// What is counted, per grid and estate.
    pub(super) sums: AreaSums,
    pub(super) signs: Signs,
    pub(super) is_ringed: bool,
    pub(super) history: ViewHistory,
    /// The measuring tool.
    pub(crate) measure: Measure,
    /// The selecting tool.
    pub(crate) select: SelectTool,
    /// The city in the corner.
    pub(super) inset: Inset,
    pub(super) plain: PlainMap,
    /// Points a second the map still glides after a drag.
    pub(super) glide: Vec2,
    /// Camera of the frame before.
    pub(super) before: Camera,
    /// Whether the last frame's drag moved the map.
    pub(super) threw: bool,
    /// Raster maps.
    pub(crate) rasters: Rasters,
    /// Size the whole city was last fitted to; `None` once somebody has moved the map.
    pub(super) fitted_to: Option<[f64; 2]>,
}

pub(super) enum Wanted {
    Flight(Camera),
    Zoom(f64),
}

impl MapPanel {
    pub(crate) fn new(renderer: Option<Arc<Mutex<MapRenderer>>>) -> Self {
        Self {
            camera: Camera::default(),
            pointer: None,
            rect: Rect::ZERO,
            flight: None,
            wanted: None,
            hovered: None,
            menu_at: None,
            renderer,
            uploaded: (0, 0, None),
            shapes: None,
            counts: [0; 256],
            states: Vec::new(),
            sums: AreaSums::default(),
            signs: Signs::default(),
            is_ringed: false,
            history: ViewHistory::default(),
            measure: Measure::default(),
            select: SelectTool::default(),
            rasters: Rasters::default(),
            inset: Inset::default(),
            plain: PlainMap::default(),
            glide: Vec2::ZERO,
            before: Camera::default(),
            threw: false,
            fitted_to: Some([0.0, 0.0]),
        }
    }

    /// Where a building is on the screen.
    pub(crate) fn screen_position_of(
        &self,
        session: &Session,
        building_id: BuildingId,
    ) -> Option<Pos2> {
        let scene = session.scene.get()?;
        let at = self.camera.screen_of(scene.label(scene.feature_of(building_id)?).at);
        Some(self.rect.min + Vec2::new(at[0] as f32, at[1] as f32))
    }

    pub(crate) fn fly_to(&mut self, session: &Session, building_id: BuildingId) {
        let Some(scene) = session.scene.get() else { return };
        let Some(feature) = scene.feature_of(building_id) else { return };
        let fitted = self.camera.fitted(&scene.footprints().bbox(feature), 200.0);
        let zoom = fitted.zoom.clamp(16.5, 18.5).max(self.camera.zoom.min(18.5));
        self.wanted = Some(Wanted::Flight(Camera { zoom, ..fitted }));
    }

    pub(crate) fn fly_to_box(&mut self, bounds: &BBox) {
        self.wanted = Some(Wanted::Flight(self.camera.fitted(bounds, FIT_MARGIN * 2.0)));
    }

    pub(crate) fn fit_all(&mut self, session: &Session) {
        if let Some(scene) = session.scene.get() {
            self.fly_to_box(&scene.footprints().bounds());
        }
    }

    /// Shows all selected buildings.
    pub(crate) fn fit_selection(&mut self, session: &Session) {
        let Some(scene) = session.scene.get() else { return };
        let pairs: Vec<(BuildingId, ())> = session.selection.iter().map(|id| (*id, ())).collect();
        let mut bounds = BBox::EMPTY;
        for (feature, ()) in scene.footprints().features_of(&pairs) {
            bounds.merge(&scene.footprints().bbox(feature));
        }
        if !bounds.is_empty() {
            self.fly_to_box(&bounds);
        }
    }

    /// Flies to a bookmark.
    pub(crate) fn go_to(&mut self, bookmark: &Bookmark) {
        self.wanted =
            Some(Wanted::Flight(crate::ui::map::bookmarks::camera(bookmark, &self.camera)));
    }

    /// A bookmark of this view.
    pub(crate) fn bookmark(&self, session: &Session) -> Option<Bookmark> {
        let scene = session.scene.get()?;
        let workspace = session.workspace.as_ref()?;
        Some(crate::ui::map::bookmarks::of_view(&self.camera, scene, workspace.path()))
    }

    /// Begins measuring, or ends it.
    pub(crate) fn toggle_measure(&mut self) {
        self.select.drop_tool();
        self.measure.toggle();
    }

    /// Takes a selecting tool up, or puts it down.
    pub(crate) fn take_up(&mut self, tool: Tool) {
        self.measure.stop();
        self.select.toggle(tool);
    }

    /// Goes to the view before this one, or forward again.
    pub(crate) fn travel(&mut self, ctx: &egui::Context, is_forward: bool) {
        let now = ctx.input(|i| i.time);
        let to = if is_forward {
            self.history.next(&self.camera, now, FLIGHT_SECS)
        } else {
            self.history.previous(&self.camera, now, FLIGHT_SECS)
        };
        if let Some(to) = to {
            self.wanted = Some(Wanted::Flight(to));
        }
    }

    /// Looks from a camera at once.
    pub(crate) fn look_from(&mut self, camera: Camera) {
        (self.camera, self.flight, self.fitted_to) = (camera, None, None);
    }

    pub(crate) fn zoom_by(&mut self, levels: f64) {
        self.wanted = Some(Wanted::Zoom(levels));
    }

    /// Brings new buildings, states and colours to the graphics card, if there is one for the map.
    pub(crate) fn upload(
        &mut self,
        session: &Session,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        dark: bool,
    ) {
        let renderer = self.renderer.clone();
        let mut renderer =
            renderer.as_ref().map(|r| r.lock().unwrap_or_else(PoisonError::into_inner));
        let colouring = session.colouring();
        let look = Some((dark, colouring.ramp()));
        if self.uploaded.2 != look {
            if let Some(renderer) = &mut renderer {
                let palette = tokens::map_palette(dark, colouring.ramp());
                renderer.set_palette(queue, &palette, tokens::base_colours(dark));
            }
            self.uploaded.2 = look;
        }
        let Some(scene) = session.scene.get() else { return };
        let is_new_scene = self.uploaded.0 != session.scene_version;
        let has_new_shapes =
            is_new_scene && self.shapes.as_ref().is_none_or(|shown| !shown.has_shapes_of(scene));
        if has_new_shapes {
            if let Some(renderer) = &mut renderer {
                renderer.set_scene(device, scene.clone());
            }
            self.shapes = Some(scene.clone());
        }
        if is_new_scene || self.uploaded.1 != session.focus_version {
            let mut states = scene.states(&colouring);
            scene.mark(&mut states, &session.selection);
            self.counts = style::class_counts(&states);
            self.sums = colouring.summable().map(|v| scene.sums(v)).unwrap_or_default();
            self.states.clone_from(&states);
            if let Some(renderer) = &mut renderer {
                renderer.set_states(queue, states);
            }
        }
        (self.uploaded.0, self.uploaded.1) = (session.scene_version, session.focus_version);
    }

    pub(crate) fn show(&mut self, ui: &mut Ui, cx: &mut Ctx<'_>) {
        let rect = ui.available_rect_before_wrap();
        let response = ui.allocate_rect(rect, Sense::click_and_drag());
        regions::note(ui, Region::Map, response.id);
        self.rect = rect;
        self.camera.size = [f64::from(rect.width()), f64::from(rect.height())];
        response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, cx.t(Text::MapHelp)));
        self.first_fit(cx);
        self.fly(ui);
        self.navigate(ui, &response);
        self.history.note(&self.camera, ui.input(|i| i.time));
        let is_moving = self.camera != self.before;
        self.before = self.camera;
        if is_moving {
            // The frame after the last one of a movement shows everything at its best.
            ui.request_repaint();
        }
        self.paint_map(ui, cx, rect);
        let scene = cx.session.scene.get().cloned();
        let Some(scene) = scene else {
            Self::tell_state(ui, cx, rect);
            return;
        };
        if scene.footprints().is_empty() {
            Self::tell_state(ui, cx, rect);
        }
        let at = response.hover_pos().filter(|_| !response.dragged());
        self.pointer = at.map(|p| self.degrees(p));
        self.hovered = at
            .filter(|_| cx.session.settings.layers.buildings)
            .and_then(|p| scene.pick(self.degrees(p)));
        let overlay = Overlay {
            rect,
            camera: &self.camera,
            scene: &scene,
            hovered: self.hovered,
            pointer: at,
            states: &self.states,
            counts: &self.counts,
            sums: &self.sums,
            is_moving,
        };
        let sign = paint::show(ui, cx, &overlay, &mut self.signs);
        if self.measure.is_on() {
            if let Some(at) = response.interact_pointer_pos().filter(|_| response.clicked()) {
                self.measure.add(self.degrees(at));
            }
            self.measure.paint(ui, cx, &self.camera, rect.min, self.pointer);
        } else {
            let (camera, corner) = (self.camera, rect.min);
            let degrees = |p: Pos2| {
                let at = p - corner;
                camera.lon_lat([f64::from(at.x), f64::from(at.y)])
            };
            let is_taken = self.select.follow(ui, cx, &response, &scene, degrees);
            let drawn_to = response.interact_pointer_pos().or(response.hover_pos());
            self.select.paint(ui, &self.camera, rect, drawn_to.map(|p| (p, degrees(p))));
            if !is_taken {
                self.clicks(ui, cx, &response, &scene, sign);
            }
        }
        if cx.session.settings.layers.inset
            && let Some(center) = self.inset.show(ui, cx, &scene, &self.camera, rect)
        {
            self.camera.center = center;
            (self.flight, self.fitted_to) = (None, None);
        }
        self.select.strip(ui, cx, rect, self.measure.is_on());
        buttons::show(ui, cx, rect);
        paint::thanks(ui, rect, &self.rasters.attribution(&cx.session.settings));
        self.context_menu(cx, &response, &scene, sign);
        // The ring is for the keyboard: whoever clicks knows where the focus is.
        if response.gained_focus() {
            self.is_ringed = true;
        }
        if response.is_pointer_button_down_on() || response.clicked() {
            self.is_ringed = false;
        }
        if response.has_focus() && self.is_ringed {
            let c = theme(ui);
            let stroke = egui::Stroke::new(2.0, c.accent);
            ui.painter().rect_stroke(rect, 0.0, stroke, egui::StrokeKind::Inside);
        }
    }

    pub(super) fn degrees(&self, p: Pos2) -> LonLat {
        let at = p - self.rect.min;
        self.camera.lon_lat([f64::from(at.x), f64::from(at.y)])
    }

    fn clicks(
        &mut self,
        ui: &Ui,
        cx: &mut Ctx<'_>,
        response: &egui::Response,
        scene: &Scene,
        sign: Option<Sign>,
    ) {
        if self.hovered.is_some() || sign.is_some() {
            ui.set_cursor_icon(egui::CursorIcon::PointingHand);
        }
        let at = response.interact_pointer_pos();
        if response.double_clicked() {
            if let Some(at) = at {
                let mut to = self.camera;
                let at = at - self.rect.min;
                to.zoom_about([f64::from(at.x), f64::from(at.y)], 1.0);
                self.wanted = Some(Wanted::Flight(to));
                ui.request_repaint();
            }
            return;
        }
        if !response.clicked() || at.is_none() {
            return;
        }
        match (sign, self.hovered) {
            (Some(Sign::Event(index)), _) => {
                let no = scene.events[index].code.clone();
                cx.act(Action::Show(Card::Event(no)));
            }
            (Some(Sign::Cluster(bounds)), _) => self.fly_to_box(&bounds),
            (Some(Sign::Device(index)), hovered) => {
                let building = scene.devices[index].building_id;
                let hovered = hovered.map(|f| scene.building_id(f));
                if let Some(building_id) = building.or(hovered) {
                    cx.act(Action::Show(Card::Building(building_id)));
                }
            }
            (None, Some(feature)) => {
                let building_id = scene.building_id(feature);
                match combine_by(ui.input(|i| i.modifiers)) {
                    Combine::Replace => cx.act(Action::Show(Card::Building(building_id))),
                    Combine::Add => cx.act(Action::Select(vec![building_id], Combine::Toggle)),
                    how => cx.act(Action::Select(vec![building_id], how)),
                }
            }
            (None, None) => cx.act(Action::Deselect),
        }
    }

    fn paint_map(&mut self, ui: &Ui, cx: &Ctx<'_>, rect: Rect) {
        let c = theme(ui);
        let Some(renderer) = &self.renderer else {
            ui.painter().rect_filled(rect, 0.0, c.ground);
            if let Some(scene) = cx.session.scene.get()
                && cx.session.settings.layers.buildings
            {
                let ramp = cx.session.colouring().ramp();
                let palette = tokens::map_palette(ui.visuals().dark_mode, ramp);
                let view = (&**scene, &self.camera);
                self.plain.paint(ui, cx, rect, view, (&self.states, &palette));
            }
            return;
        };
        let ppp = ui.pixels_per_point();
        self.rasters.follow(
            &cx.session.settings,
            &mut renderer.lock().unwrap_or_else(PoisonError::into_inner),
            &self.camera,
            ppp,
            ui.ctx(),
        );
        let blit = MapBlit {
            renderer: renderer.clone(),
            view: MapView {
                camera: self.camera,
                pixels_per_point: ui.pixels_per_point(),
                ground: c.ground.to_array(),
                buildings: cx.session.settings.layers.buildings && cx.session.scene.get().is_some(),
                base: cx.session.settings.layers.basemap,
            },
            origin: [rect.min.x, rect.min.y],
        };
        ui.painter().add(egui_wgpu::Callback::new_paint_callback(rect, blit));
        // Finer while nothing moves: a slice a frame, until the picture is complete.
        if renderer.lock().unwrap_or_else(PoisonError::into_inner).is_refining() {
            ui.request_repaint();
        }
    }

    fn tell_state(ui: &mut Ui, cx: &mut Ctx<'_>, rect: Rect) {
        let text = match (&cx.session.workspace, cx.session.scene.get()) {
            (Some(_), Some(_)) if cx.session.jobs.is_empty() => {
                first_steps::show(ui, cx, rect);
                return;
            }
            _ if cx.session.is_busy() => Text::Loading,
            (None, _) if cx.session.locked.is_none() => {
                first_steps::show(ui, cx, rect);
                return;
            }
            _ => return,
        };
        let c = theme(ui);
        let font = egui::FontId::proportional(tokens::SECTION);
        let galley = ui.painter().layout(cx.t(text).to_owned(), font, c.secondary, 420.0);
        let at = rect.center() - galley.size() / 2.0;
        ui.painter().galley(at, galley, c.secondary);
    }

    /// Box that is shown, degrees.
    pub(crate) fn visible(&self) -> BBox {
        self.camera.visible()
    }
}
