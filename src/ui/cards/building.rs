//! The building's panel: header, figures, tabs 楼盘表 | 人口 | 房屋 | 企业 | 事件.

use eframe::egui::{self, RichText, ScrollArea, Ui};

use crate::app::{Action, Card};
use crate::domain::codes::list;
use crate::domain::ids::BuildingId;
use crate::domain::object::Object;
use crate::domain::workflow::event;
use crate::query::table::TableKind;
use crate::query::{Filter, Overview};
use crate::text::{Text, room_title, thousands};
use crate::ui::cards::frame::{back_button, breadcrumb, waiting};
use crate::ui::cards::matrix::MatrixView;
use crate::ui::cards::no_rooms::{make_rooms_button, no_rooms, title_of};
use crate::ui::cards::roster::{Asked, Roster};
use crate::ui::ctx::{Ctx, Wish};
use crate::ui::kit::theme::bold;
use crate::ui::kit::tokens;
use crate::ui::kit::widgets::{
    chip_toggle, empty_state, fact, figure, hint, in_one_line, link, list_row, rule, segments,
    small_link, theme,
};

/// The tabs in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Tab {
    #[default]
    Matrix,
    People,
    Rooms,
    Enterprises,
    Events,
}

const TABS: [(Tab, Text); 5] = [
    (Tab::Matrix, Text::Matrix),
    (Tab::People, Text::Population),
    (Tab::Rooms, Text::Rooms),
    (Tab::Enterprises, Text::Enterprises),
    (Tab::Events, Text::Events),
];

/// Which tab is open, and the matrix's own state.
#[derive(Default)]
pub(crate) struct BuildingPanel {
    tab: Tab,
    matrix: MatrixView,
    roster: Roster,
    /// Tags (positions in the vocabulary) that are picked in the card.
    tags: Vec<usize>,
    /// The building they were picked for.
    of: Option<BuildingId>,
    /// Whether the head is folded; by the height of the panel, until somebody says.
    is_folded: Option<bool>,
}

/// Height of the panel below which the head is folded, points.
const ROOMY: f32 = 640.0;
/// Height that the tab keeps, whatever stands above it: the panel scrolls instead.
const LEAST_BODY: f32 = 210.0;
/// Room beside the words of the tabs where there is little.
const TIGHT: f32 = 6.0;

impl BuildingPanel {
    pub(crate) fn nothing(&mut self, ui: &mut Ui, cx: &mut Ctx<'_>) {
        self.matrix = MatrixView::default();
        empty_state(ui, cx.t(Text::SelectHint));
        let session = cx.session;
        let Some(view) = session.work.get() else { return };
        let waits: u64 = view.work.events.iter().map(|section| section.count).sum();
        if waits + view.work.visits_due + view.work.visits_missed > 0 {
            ui.vertical_centered(|ui| {
                if link(ui, cx.t(Text::MyWork)).clicked() {
                    cx.command(crate::app::UiCommand::Work);
                }
            });
        }
    }

    pub(crate) fn show(&mut self, ui: &mut Ui, cx: &mut Ctx<'_>) {
        let session = cx.session;
        if waiting(ui, cx, &session.overview) {
            return;
        }
        let Some(Some(o)) = session.overview.get() else { return };
        if self.of != cx.session.building_id {
            self.tags.clear();
            self.of = cx.session.building_id;
        }
        let height = ui.available_height();
        let outer = ScrollArea::vertical().id_salt("building").auto_shrink([false, false]);
        outer.show(ui, |ui| {
            let top = ui.cursor().top();
            let is_folded = self.is_folded.unwrap_or(height < ROOMY);
            if head(ui, cx, o, is_folded) {
                self.is_folded = Some(!is_folded);
            }
            if is_folded {
                self.figures_in_a_line(ui, o, cx);
            } else {
                self.figures(ui, o, cx);
            }
            if is_folded {
                in_one_line(ui, "tags", |ui| self.tag_chips(ui, cx, o));
            } else {
                self.tag_chips(ui, cx, o);
            }
            if !is_folded {
                rule(ui);
            }
            let chosen = TABS.iter().position(|(tab, _)| *tab == self.tab).unwrap_or(0);
            let words = TABS.map(|(_, text)| cx.t(text));
            let mut picked = None;
            let mut tabs = |ui: &mut Ui| {
                picked = segments(ui, cx.t(Text::Building), chosen, &words);
            };
            if is_folded {
                in_one_line(ui, "tabs", |ui| {
                    ui.spacing_mut().button_padding.x = TIGHT;
                    tabs(ui);
                });
            } else {
                tabs(ui);
            }
            if let Some(picked) = picked {
                self.tab = TABS[picked].0;
            }
            ui.add_space(tokens::GAP_SMALL);
            let used = ui.cursor().top() - top;
            let size = egui::Vec2::new(ui.available_width(), (height - used).max(LEAST_BODY));
            ui.allocate_ui(size, |ui| {
                ui.set_min_size(size);
                ui.set_max_size(size);
                let tags = self.tags.clone();
                let asked = Asked::of(cx, &tags);
                match self.tab {
                    Tab::Matrix => self.matrix.show(ui, cx, o, asked.as_ref()),
                    Tab::People => self.roster.show(ui, cx, asked.as_ref()),
                    Tab::Rooms => rooms(ui, cx, o),
                    Tab::Enterprises => enterprises(ui, cx, o),
                    Tab::Events => events(ui, cx, o),
                }
            });
        });
    }

    /// The figures of the head, where there is little room: words that lead to the tabs.
    fn figures_in_a_line(&mut self, ui: &mut Ui, o: &Overview, cx: &Ctx<'_>) {
        let counts = o.counts;
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = tokens::GAP;
            for (number, text, tab) in [
                (counts.rooms, Text::Rooms, Tab::Rooms),
                (counts.persons, Text::People, Tab::People),
                (counts.enterprises, Text::Enterprises, Tab::Enterprises),
                (counts.open_events, Text::OpenEvents, Tab::Events),
            ] {
                if small_link(ui, &format!("{} {}", cx.t(text), thousands(number))).clicked() {
                    self.tab = tab;
                }
            }
        });
    }

    /// The tags of the residents; picking one leaves those who have it.
    fn tag_chips(&mut self, ui: &mut Ui, cx: &Ctx<'_>, o: &Overview) {
        if o.tags.is_empty() {
            return;
        }
        let dark = ui.visuals().dark_mode;
        ui.add_space(tokens::GAP_SMALL);
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = egui::Vec2::splat(4.0);
            for tag in &o.tags {
                let tags = &cx.session.vocabulary.tags;
                let Some(place) = tags.iter().position(|t| t.code == tag.code) else { continue };
                let entry = &tags[place];
                let colour = tokens::tag_colour(&entry.colour, dark);
                let text = format!("{} {}", entry.label(cx.lang), tag.persons);
                let is_on = self.tags.contains(&place);
                if chip_toggle(ui, &text, colour, is_on).clicked() {
                    if is_on {
                        self.tags.retain(|tag| *tag != place);
                    } else {
                        self.tags.push(place);
                    }
                }
            }
        });
        ui.add_space(2.0);
    }

    fn figures(&mut self, ui: &mut Ui, o: &Overview, cx: &Ctx<'_>) {
        let counts = o.counts;
        let rows = [
            [
                (counts.rooms, Text::Rooms, Tab::Rooms),
                (counts.households, Text::Households, Tab::Rooms),
                (counts.persons, Text::People, Tab::People),
                (counts.enterprises, Text::Enterprises, Tab::Enterprises),
                (counts.open_events, Text::OpenEvents, Tab::Events),
            ],
            [
                (counts.registered, Text::Registered, Tab::People),
                (counts.floating, Text::Floating, Tab::People),
                (counts.overseas, Text::Overseas, Tab::People),
                (o.building.units as u64, Text::Units, Tab::Matrix),
                (counts.devices, Text::Devices, Tab::Matrix),
            ],
        ];
        ui.add_space(tokens::GAP_SMALL);
        for row in rows {
            let width = ui.available_width() / row.len() as f32;
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = 0.0;
                for (number, text, tab) in row {
                    let shown = figure(ui, width, &thousands(number), cx.t(text), true);
                    if shown.clicked() {
                        self.tab = tab;
                    }
                }
            });
        }
    }
}

/// The head of the card; true when it is to be folded or unfolded.
fn head(ui: &mut Ui, cx: &mut Ctx<'_>, o: &Overview, is_folded: bool) -> bool {
    let c = theme(ui);
    let b = &o.building;
    let mut is_turned = false;
    let title = RichText::new(title_of(cx.lang, o)).color(c.ink);
    ui.horizontal(|ui| {
        let fold = cx.t(if is_folded { Text::Unfold } else { Text::Fold });
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            is_turned = small_link(ui, fold).clicked();
            if small_link(ui, cx.t(Text::Extract)).clicked() {
                let filter = Filter { buildings: Some(vec![b.code.clone()]), ..Filter::default() };
                cx.wishes.push(Wish::Extract(TableKind::Persons, Box::new(filter)));
            }
            if small_link(ui, cx.t(Text::RosterOf)).clicked() {
                let filter = Filter { buildings: Some(vec![b.code.clone()]), ..Filter::default() };
                cx.wishes.push(Wish::Roster(Box::new(filter)));
            }
            let can_write =
                cx.session.workspace.as_ref().is_some_and(|w| w.read_only_reason().is_none());
            if can_write && !is_folded && small_link(ui, cx.t(Text::EditRecord)).clicked() {
                let object = Object::Building(b.building_id);
                cx.wishes.push(Wish::EditRecord(object, Vec::new()));
            }
            ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                if is_folded {
                    back_button(ui, cx);
                    let title = title.clone().font(bold(tokens::SECTION + 2.0));
                    ui.add(egui::Label::new(title).truncate());
                } else {
                    let parts = [b.estate.as_deref(), Some(&b.code)].into_iter().flatten();
                    breadcrumb(ui, cx, &parts.collect::<Vec<_>>().join(" › "));
                }
            });
        });
    });
    if is_folded {
        return is_turned;
    }
    ui.add(egui::Label::new(title.font(bold(tokens::TITLE))).wrap());
    let mut words: Vec<String> = Vec::new();
    if let Some(kind) = b.kind {
        let lists = &cx.session.vocabulary.lists;
        words.push(lists.label(list::BUILDING_KIND, kind, cx.lang).to_owned());
    }
    if let Some(floors) = b.floors_above {
        words.push(format!("{floors} {}", cx.t(Text::Floors)));
    }
    if let Some(below) = b.floors_below.filter(|n| *n > 0) {
        words.push(format!("{} {below}", cx.t(Text::FloorsBelow)));
    }
    if let Some(grid) = b.grid_name.as_deref().or(b.grid.as_deref()) {
        words.push(grid.to_owned());
    }
    let line = RichText::new(words.join(" · ")).color(c.secondary);
    ui.add(egui::Label::new(line).wrap());
    if let Some(address) = &b.address {
        hint(ui, address);
    }
    // Grid and building leaders are published service contacts.
    let leader = [b.leader_name.as_deref(), b.leader_phone.as_deref()];
    let leader: Vec<&str> = leader.into_iter().flatten().collect();
    fact(ui, cx.t(Text::BuildingLeader), &leader.join("  "));
    fact(ui, cx.t(Text::GridLeader), b.grid_leader.as_deref().unwrap_or(""));
    is_turned
}

fn rooms(ui: &mut Ui, cx: &mut Ctx<'_>, o: &Overview) {
    let cells: Vec<_> = o.matrix.cells.iter().chain(&o.matrix.unassigned).collect();
    if cells.is_empty() {
        no_rooms(ui, cx, o);
        return;
    }
    make_rooms_button(ui, cx, o);
    ui.add_space(tokens::GAP_SMALL);
    let lists = &cx.session.vocabulary.lists;
    let row_height = tokens::ROW_HEIGHT;
    ui.spacing_mut().item_spacing.y = 0.0;
    ScrollArea::vertical().id_salt(o.building.building_id).auto_shrink([false, false]).show_rows(
        ui,
        row_height,
        cells.len(),
        |ui, range| {
            for cell in &cells[range] {
                let status = lists.label(list::ROOM_STATUS, cell.status_key, cx.lang);
                let area = cell
                    .area_m2
                    .map(|a| format!("{:.0} {} · ", a.0, cx.lang.t(Text::SquareMetres)));
                let right = format!(
                    "{}{status} · {} {}",
                    area.unwrap_or_default(),
                    cell.persons,
                    cx.lang.t(Text::People)
                );
                let title = room_title(cx.lang, cell.unit.as_deref(), &cell.room_no);
                if list_row(ui, false, &title, "", &right).clicked() {
                    cx.wishes.push(Wish::Session(Action::Show(Card::Room(cell.room_id))));
                }
            }
        },
    );
}

fn enterprises(ui: &mut Ui, cx: &mut Ctx<'_>, o: &Overview) {
    if o.enterprises.is_empty() {
        empty_state(ui, cx.t(Text::NoEnterprises));
        return;
    }
    let lists = &cx.session.vocabulary.lists;
    ScrollArea::vertical().id_salt(o.building.building_id).auto_shrink([false, false]).show(
        ui,
        |ui| {
            for e in &o.enterprises {
                let room =
                    e.room_no.as_deref().map(|no| room_title(cx.lang, e.unit.as_deref(), no));
                let second: Vec<&str> = [room.as_deref(), e.industry.as_deref(), e.uscc.as_deref()]
                    .into_iter()
                    .flatten()
                    .collect();
                let status = lists.label(list::ENTERPRISE_STATUS, e.status_key, cx.lang);
                let row = list_row(ui, false, &e.name, &second.join(" · "), status);
                if let Some(room_id) = e.room_id
                    && row.clicked()
                {
                    cx.wishes.push(Wish::Session(Action::Show(Card::Room(room_id))));
                }
            }
        },
    );
}

fn events(ui: &mut Ui, cx: &mut Ctx<'_>, o: &Overview) {
    if o.events.is_empty() {
        empty_state(ui, cx.t(Text::NoEvents));
        return;
    }
    let lists = &cx.session.vocabulary.lists;
    ScrollArea::vertical().id_salt(o.building.building_id).auto_shrink([false, false]).show(
        ui,
        |ui| {
            for e in &o.events {
                let day = e.reported_at.as_deref().map_or("", |at| at.get(..10).unwrap_or(at));
                let second = format!(
                    "{} · {day}",
                    lists.label(list::EVENT_CATEGORY, e.category_key, cx.lang)
                );
                let mark = if event::is_open(e.state_key) { "● " } else { "" };
                let state =
                    format!("{mark}{}", lists.label(list::EVENT_STATE, e.state_key, cx.lang));
                if list_row(ui, false, &e.title, &second, &state).clicked() {
                    cx.wishes.push(Wish::Session(Action::Show(Card::Event(e.no.clone()))));
                }
            }
        },
    );
}

/// A link that opens a building.
pub(crate) fn building_link(ui: &mut Ui, cx: &mut Ctx<'_>, text: &str, building_id: BuildingId) {
    if link(ui, text).clicked() {
        cx.go_to_building(building_id);
    }
}
