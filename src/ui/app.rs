//! The window: what it is made of, how a frame goes, how wishes are granted.

use crate::domain::ids::{BuildingId, RoomId};
use crate::msg;
use crate::store::Passphrase;
use crate::text::Message;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use eframe::egui::{self, Frame, Margin, Panel};
use jiff::civil::Date;

use crate::access::Actor;
use crate::app::start_guard::StartGuard;
use crate::app::{Action, Card, NoticeKind, Session, Settings, UiCommand};
use crate::gpu::setup::Backend;
use crate::gpu::{Budget, MapRenderer};
use crate::query::table::TableKind;
use crate::text::Lang;
use crate::ui::cards::match_list::MatchCard;
use crate::ui::cards::{building, event, figures, household, review, selection};
use crate::ui::commands;
use crate::ui::ctx::{Ctx, Wish};
use crate::ui::dialogs::event_forms::{ActForm, ReportForm};
use crate::ui::dialogs::export::ExportForm;
use crate::ui::dialogs::extract::ExtractForm;
use crate::ui::dialogs::fill_form::FillForm;
use crate::ui::dialogs::host::Dialogs;
use crate::ui::dialogs::living::{MoveForm, VisitForm};
use crate::ui::dialogs::record::RecordForm;
use crate::ui::kit::{theme, tokens};
use crate::ui::map::flight;
use crate::ui::map::select_tool::Tool;
use crate::ui::map::view::MapPanel;
use crate::ui::panels::{focus, in_view, layers, notices, search, status, table, top_bar};

/// How the window is started.
pub struct StartOptions {
    /// Workspace to open; `None` for the last one, or the sample.
    pub workspace: Option<PathBuf>,
    /// The passphrase that was given for it, where it is encrypted.
    pub passphrase: Option<Passphrase>,
    /// Language given on the command line.
    pub lang: Option<Lang>,
    /// Who acts.
    pub actor: Actor,
    /// The day ages are counted on.
    pub today: Date,
    /// UTC seconds.
    pub clock: fn() -> i64,
    /// Graphics driver.
    pub backend: Backend,
    /// The note that a driver is being tried.
    pub guard: Option<StartGuard>,
    /// A flight to measure. The window closes after it.
    pub flight: Option<flight::Plan>,
}

/// The window's application.
pub struct MenpaiApp {
    session: Session,
    map: MapPanel,
    search: search::SearchBox,
    focus: focus::FocusPanel,
    building: building::BuildingPanel,
    in_view: in_view::InView,
    selection: selection::SelectionPanel,
    review: review::ReviewPanel,
    table: table::TablePanel,
    matched: MatchCard,
    /// Whether the table is shown though nothing is filtered.
    shows_all_rows: bool,
    dialogs: Dialogs,
    wishes: Vec<Wish>,
    flight: Option<flight::Flight>,
    guard: Option<StartGuard>,
    frames: u32,
    title: String,
    /// Paints the panel colour under everything: test harnesses ignore the clear colour.
    paints_background: bool,
}

impl MenpaiApp {
    /// Builds the window on a creation context and opens a workspace.
    #[must_use]
    pub fn new(cc: &eframe::CreationContext<'_>, options: StartOptions) -> Self {
        theme::install(&cc.egui_ctx);
        let stored = cc.storage.and_then(|s| eframe::get_value::<Settings>(s, eframe::APP_KEY));
        let mut settings = stored.unwrap_or_default();
        if options.lang.is_some() {
            settings.lang = options.lang;
        }
        apply_theme(&cc.egui_ctx, &settings);
        let ctx = cc.egui_ctx.clone();
        let wake = Arc::new(move || ctx.request_repaint());
        let mut session = Session::new(settings, options.actor, options.today, options.clock, wake);
        match options.workspace {
            Some(path) => session.act(Action::Open(path, options.passphrase)),
            None => session.open_default(),
        }
        if let Some(failed) = options.guard.as_ref().and_then(|guard| guard.failed().last()) {
            let text = msg!(
                "the graphics driver ({}) broke off at an earlier start; another one is \
                 used. To try it again: menpai --gpu vulkan, gl or dx12",
                failed
            );
            session.act(Action::Tell(NoticeKind::Failed, text));
        }
        if options.backend == Backend::None {
            let text = "the map is drawn without a graphics driver of its own: simply, and up to \
                        12,000 buildings in sight";
            session.act(Action::Tell(NoticeKind::Done, text.into()));
        }
        let state = cc.wgpu_render_state.as_ref();
        let state = state.filter(|_| options.backend != Backend::None);
        let renderer = state.map(|state| {
            let budget = Budget::of(&state.adapter.get_info());
            Arc::new(Mutex::new(MapRenderer::new(&state.device, state.target_format, budget)))
        });
        Self {
            session,
            map: MapPanel::new(renderer),
            search: search::SearchBox::default(),
            focus: focus::FocusPanel::default(),
            building: building::BuildingPanel::default(),
            in_view: in_view::InView::default(),
            selection: selection::SelectionPanel::default(),
            review: review::ReviewPanel::default(),
            table: table::TablePanel::default(),
            matched: MatchCard::default(),
            shows_all_rows: false,
            dialogs: Dialogs::default(),
            wishes: Vec::new(),
            flight: options.flight.map(flight::Flight::new),
            guard: options.guard,
            frames: 0,
            title: String::new(),
            paints_background: cc.storage.is_none(),
        }
    }

    /// The session, for tests.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Shows a building's card, for tests of windows in which the map is narrow.
    pub fn show_building(&mut self, building_id: BuildingId) {
        self.session.act(Action::Show(Card::Building(building_id)));
    }

    /// Shows a room's card, for tests.
    pub fn show_room(&mut self, room_id: RoomId) {
        self.session.act(Action::Show(Card::Room(room_id)));
    }

    /// Where a building is on the screen, for tests.
    #[must_use]
    pub fn screen_position_of(&self, building_id: BuildingId) -> Option<egui::Pos2> {
        self.map.screen_position_of(&self.session, building_id)
    }

    fn grant(&mut self, ctx: &egui::Context, frame: &eframe::Frame) {
        for wish in std::mem::take(&mut self.wishes) {
            match wish {
                Wish::Session(action) => self.session.act(action),
                Wish::Command(command) => self.run_command(ctx, command),
                Wish::FlyToBuilding(building_id) => self.map.fly_to(&self.session, building_id),
                Wish::FlyTo(bounds) => self.map.fly_to_box(&bounds),
                Wish::GoTo(bookmark) => self.map.go_to(&bookmark),
                Wish::Settings(change) => {
                    change(&mut self.session.settings);
                    apply_theme(ctx, &self.session.settings);
                }
                Wish::AskReveal(room_id, person_id) => {
                    self.dialogs.ask_reveal(room_id, person_id);
                }
                Wish::AskNames => self.dialogs.ask_names(),
                Wish::Roster(filter) => self.dialogs.open_extract(ExtractForm::roster(*filter)),
                Wish::Extract(kind, filter) => {
                    self.dialogs.open_extract(ExtractForm::new(kind, *filter));
                }
                Wish::PrintFigures => self.dialogs.open_print_figures(),
                Wish::SaveMatch => self.dialogs.open_save_match(),
                Wish::MakeRooms(wish) => self.dialogs.open_rooms(wish),
                Wish::EditRecord(object, tags) => {
                    self.session.act(Action::AskRecord(object));
                    self.dialogs.open_record(RecordForm::edit(object, tags));
                }
                Wish::AddRecord(word, place) => {
                    self.dialogs.open_record(RecordForm::add(word, place));
                }
                Wish::ReportEvent(place) => self.dialogs.open_report(ReportForm::new(place)),
                Wish::ActOnEvent(event_id, no, action, state) => {
                    self.dialogs.open_act(ActForm::new(event_id, no, &action, state));
                }
                Wish::Move(person_id, name, from, is_out) => {
                    self.dialogs.open_move(MoveForm::new(person_id, name, from, is_out));
                }
                Wish::Visit(room_id, title, members, whom) => {
                    self.dialogs.open_visit(VisitForm::new(room_id, title, members, whom));
                }
            }
        }
        let _ = frame;
    }

    fn run_command(&mut self, ctx: &egui::Context, command: UiCommand) {
        let zoom = |factor: f32| ctx.set_zoom_factor((ctx.zoom_factor() * factor).clamp(0.7, 2.0));
        match command {
            UiCommand::NewWorkspace => self.dialogs.open_new(),
            UiCommand::OpenWorkspace => self.dialogs.open_open(),
            UiCommand::SaveCopy => self.dialogs.open_save_copy(),
            UiCommand::Import => self.dialogs.open_import(None),
            UiCommand::PastImports => {
                self.session.ask_lists();
                self.dialogs.open_past_imports();
            }
            UiCommand::PastDeeds => {
                self.session.act(Action::AskDeeds);
                self.dialogs.open_past_deeds();
            }
            UiCommand::Work => self.session.act(Action::Show(Card::Work)),
            UiCommand::ReportEvent => {
                let place = crate::ui::cards::frame::report_place(&self.session);
                self.dialogs.open_report(ReportForm::new(place));
            }
            UiCommand::Figures => self.session.act(Action::Show(Card::Figures)),
            UiCommand::Review => self.session.act(Action::Show(Card::Review)),
            UiCommand::MatchList => {
                self.session.ask_lists();
                self.dialogs.open_match_list();
            }
            UiCommand::FillForm => {
                let filter = self.session.filter.clone();
                self.dialogs.open_fill_form(FillForm::new(filter));
            }
            UiCommand::AddRaster => self.dialogs.open_raster(),
            UiCommand::Extract => {
                let filter = self.session.filter.clone();
                self.dialogs.open_extract(ExtractForm::new(TableKind::Persons, filter));
            }
            UiCommand::ExportView => {
                let workspace = self.session.workspace.as_ref();
                let title = workspace.map(|w| w.file_name()).unwrap_or_default();
                let title = title.trim_end_matches(".gpkg").to_owned();
                let form = ExportForm::new(&self.map, ctx.pixels_per_point(), title);
                self.dialogs.open_export(form);
            }
            UiCommand::CopyView => self.dialogs.copy_view(),
            UiCommand::ChangePassphrase => self.dialogs.open_passphrase(),
            UiCommand::Palette => self.dialogs.open_palette(),
            UiCommand::About => self.dialogs.open_about(),
            UiCommand::Keys => self.dialogs.open_keys(),
            UiCommand::Quit => ctx.send_viewport_cmd(egui::ViewportCommand::Close),
            UiCommand::Search => self.search.focus(ctx),
            UiCommand::FitAll => self.map.fit_all(&self.session),
            UiCommand::FitSelection => match self.session.building_id {
                Some(building_id) => self.map.fly_to(&self.session, building_id),
                None => self.map.fit_selection(&self.session),
            },
            UiCommand::ZoomIn => self.map.zoom_by(1.0),
            UiCommand::ZoomOut => self.map.zoom_by(-1.0),
            UiCommand::PreviousView => self.map.travel(ctx, false),
            UiCommand::NextView => self.map.travel(ctx, true),
            UiCommand::AddBookmark => {
                if let Some(bookmark) = self.map.bookmark(&self.session) {
                    self.dialogs.open_bookmark(bookmark);
                }
            }
            UiCommand::Measure => self.map.toggle_measure(),
            UiCommand::SelectRectangle => self.map.take_up(Tool::Rectangle),
            UiCommand::SelectPolygon => self.map.take_up(Tool::Polygon),
            UiCommand::SelectCircle => self.map.take_up(Tool::Circle),
            UiCommand::SelectGrid => self.map.take_up(Tool::Grid),
            UiCommand::TogglePanels => {
                self.session.settings.panels = !self.session.settings.panels;
            }
            UiCommand::ToggleTable => {
                let is_shown = self.shows_table();
                self.shows_all_rows = !is_shown;
                self.session.settings.table = !is_shown;
            }
            UiCommand::ToggleTheme => {
                self.session.settings.dark = Some(!is_dark(ctx));
                apply_theme(ctx, &self.session.settings);
            }
            UiCommand::SwitchLanguage => {
                let other = match self.session.settings.language() {
                    Lang::Zh => Lang::En,
                    Lang::En => Lang::Zh,
                };
                self.session.settings.lang = Some(other);
            }
            UiCommand::UiLarger => zoom(1.1),
            UiCommand::UiSmaller => zoom(1.0 / 1.1),
            UiCommand::UiReset => ctx.set_zoom_factor(1.0),
            UiCommand::OpenSample
            | UiCommand::Back
            | UiCommand::ClearFocus
            | UiCommand::Undo
            | UiCommand::Redo => {
                self.session.act(Action::Command(command));
            }
        }
    }

    /// The next camera of a measured flight.
    fn fly(&mut self, ctx: &egui::Context) {
        let Some(flight) = &mut self.flight else { return };
        match flight.next(&self.session, self.map.camera.size) {
            flight::Step::Wait => {}
            flight::Step::Look(camera) => self.map.look_from(camera),
            flight::Step::Done => {
                self.flight = None;
                ctx.send_viewport_cmd(egui::ViewportCommand::Close);
            }
        }
        ctx.request_repaint();
    }

    fn set_title(&mut self, ctx: &egui::Context) {
        let name = self.session.workspace.as_ref().map(|w| w.file_name());
        let title = name.map_or_else(|| "Menpai 门牌".to_owned(), |n| format!("{n} — Menpai 门牌"));
        if title != self.title {
            ctx.send_viewport_cmd(egui::ViewportCommand::Title(title.clone()));
            self.title = title;
        }
    }
}

impl eframe::App for MenpaiApp {
    fn logic(&mut self, ctx: &egui::Context, frame: &mut eframe::Frame) {
        self.session.tick();
        /// Frames after which a driver has shown that it works.
        const PROVEN_AFTER: u32 = 5;
        self.frames = self.frames.saturating_add(1);
        if self.frames >= PROVEN_AFTER
            && let Some(guard) = self.guard.take()
        {
            guard.done();
        } else if self.guard.is_some() {
            ctx.request_repaint();
        }
        self.fly(ctx);
        self.grant(ctx, frame);
        self.set_title(ctx);
        if let Some(state) = frame.wgpu_render_state() {
            self.map.upload(&self.session, &state.device, &state.queue, is_dark(ctx));
        }
        if !self.session.jobs.is_empty() {
            ctx.request_repaint_after(std::time::Duration::from_millis(200));
        }
        if let Some(Some(view)) = self.session.household.get()
            && !view.phones.is_empty()
        {
            ctx.request_repaint_after(std::time::Duration::from_secs(1));
        }
    }

    fn ui(&mut self, ui: &mut egui::Ui, frame: &mut eframe::Frame) {
        if self.paints_background {
            let colour = ui.visuals().panel_fill;
            ui.painter().rect_filled(ui.max_rect(), 0.0, colour);
        }
        let lang = self.session.settings.language();
        let mut wishes = std::mem::take(&mut self.wishes);
        let is_modal = self.dialogs.is_open() || self.session.report.is_some();
        let mut cx = Ctx { session: &self.session, lang, wishes: &mut wishes };
        if !is_modal {
            self.map.measure.listen(ui);
            self.map.select.listen(ui, &mut cx);
            self.review.listen(ui, &mut cx);
            commands::listen(ui, &mut cx);
        }
        self.search.listen(ui);
        let shows_panels = self.session.settings.panels;
        Panel::top("top")
            .exact_size(48.0)
            .frame(Frame::NONE.inner_margin(Margin::symmetric(12, 8)))
            .show(ui, |ui| top_bar::show(ui, &mut cx, &mut self.search));
        Panel::bottom("status")
            .exact_size(28.0)
            .frame(Frame::NONE.inner_margin(Margin::symmetric(12, 2)))
            .show(ui, |ui| status::show(ui, &mut cx, &self.map));
        // In a narrow window the panels give way to the map.
        let width = ui.content_rect().width();
        let (left, right) = (180.0..=(width * 0.24).clamp(180.0, 420.0), {
            let most = (width * 0.40).clamp(280.0, 720.0);
            280.0..=most
        });
        if shows_panels {
            Panel::left("left")
                .resizable(true)
                .default_size(tokens::LEFT_WIDTH)
                .size_range(left)
                .frame(panel_frame())
                .show(ui, |ui| {
                    egui::ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
                        self.focus.show(ui, &mut cx);
                        layers::show(ui, &mut cx);
                        self.map.rasters.rows(ui, &mut cx);
                    });
                });
            Panel::right("right")
                .resizable(true)
                .default_size(tokens::RIGHT_WIDTH)
                .size_range(right)
                .frame(panel_frame())
                .show(ui, |ui| {
                    // The width is the user's, whatever is shown.
                    ui.set_min_width(ui.available_width());
                    match &self.session.card {
                        None => {
                            self.building.nothing(ui, &mut cx);
                            self.in_view.show(ui, &mut cx, &self.map.camera);
                        }
                        Some(Card::Building(_)) => self.building.show(ui, &mut cx),
                        Some(Card::Room(_)) => household::show(ui, &mut cx),
                        Some(Card::Selection) => self.selection.show(ui, &mut cx),
                        Some(Card::Event(_)) => event::show(ui, &mut cx),
                        Some(Card::Figures) => figures::show(ui, &mut cx),
                        Some(Card::Match(_)) => self.matched.show(ui, &mut cx),
                        Some(Card::Work) => crate::ui::cards::work::show(ui, &mut cx),
                        Some(Card::Review) => self.review.show(ui, &mut cx),
                    }
                });
            if self.shows_table() {
                Panel::bottom("results")
                    .resizable(true)
                    .default_size((ui.available_height() * 0.5).max(tokens::TABLE_HEIGHT))
                    .size_range(110.0..=(ui.available_height() - 120.0).max(140.0))
                    .frame(panel_frame())
                    .show(ui, |ui| self.table.show(ui, &mut cx));
            }
        }
        egui::CentralPanel::no_frame().show(ui, |ui| self.map.show(ui, &mut cx));
        notices::show(ui, &mut cx);
        self.dialogs.show(ui, &mut cx, frame, &self.map);
        self.search.results(ui, &mut cx);
        self.wishes = wishes;
        if !self.wishes.is_empty() {
            ui.request_repaint();
        }
    }

    fn save(&mut self, storage: &mut dyn eframe::Storage) {
        eframe::set_value(storage, eframe::APP_KEY, &self.session.settings);
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        visuals.panel_fill.to_normalized_gamma_f32()
    }
}

impl MenpaiApp {
    fn shows_table(&self) -> bool {
        let session = &self.session;
        session.workspace.is_some()
            && (self.shows_all_rows || session.settings.table && !session.filter.is_empty())
    }
}

fn is_dark(ctx: &egui::Context) -> bool {
    ctx.theme() == egui::Theme::Dark
}

fn apply_theme(ctx: &egui::Context, settings: &Settings) {
    ctx.set_theme(match settings.dark {
        Some(true) => egui::ThemePreference::Dark,
        Some(false) => egui::ThemePreference::Light,
        None => egui::ThemePreference::System,
    });
}

/// A panel's frame: padding, no fill (the window's clear colour is the panel colour).
fn panel_frame() -> Frame {
    Frame::NONE.inner_margin(Margin::same(tokens::PANEL_PADDING))
}

/// Opens the window and stays until it is closed.
///
/// # Errors
/// A sentence when there is no display or no graphics driver.
pub fn run(options: StartOptions) -> Result<(), Message> {
    let icon = eframe::icon_data::from_png_bytes(include_bytes!("../../assets/icon.png"));
    let mut native = eframe::NativeOptions {
        viewport: egui::ViewportBuilder::default()
            .with_title("Menpai 门牌")
            .with_app_id("menpai")
            .with_inner_size([1440.0, 900.0])
            .with_min_inner_size([900.0, 560.0])
            .with_icon(icon.unwrap_or_default()),
        ..Default::default()
    };
    if let Some(plan) = &options.flight {
        crate::gpu::setup::without_vsync(&mut native.wgpu_options);
        native.viewport = native.viewport.with_inner_size(plan.window);
    }
    native.wgpu_options.wgpu_setup = crate::gpu::setup::window_setup(options.backend).into();
    eframe::run_native("menpai", native, Box::new(|cc| Ok(Box::new(MenpaiApp::new(cc, options)))))
        .map_err(Message::of)
}
