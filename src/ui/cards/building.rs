//! The building's panel: header, figures, tabs 楼盘表 | 人口 | 房屋 | 企业 | 事件.

use eframe::egui::{self, RichText, ScrollArea, Ui};

use crate::app::{Action, Card};
use crate::domain::codes::{is_event_open, list};
use crate::query::Overview;
use crate::text::{Text, room_title, thousands};
use crate::ui::cards::frame::{breadcrumb, waiting};
use crate::ui::cards::matrix::MatrixView;
use crate::ui::cards::no_rooms::{make_rooms_button, no_rooms, title_of};
use crate::ui::ctx::{Ctx, Wish};
use crate::ui::kit::theme::bold;
use crate::ui::kit::tokens;
use crate::ui::kit::widgets::{
    chip, empty_state, fact, figure, hint, link, list_row, rule, segments, theme,
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
}

impl BuildingPanel {
    pub(crate) fn nothing(&mut self, ui: &mut Ui, cx: &mut Ctx<'_>) {
        self.matrix = MatrixView::default();
        empty_state(ui, cx.t(Text::SelectHint));
    }

    pub(crate) fn show(&mut self, ui: &mut Ui, cx: &mut Ctx<'_>) {
        let session = cx.session;
        if waiting(ui, cx, &session.overview) {
            return;
        }
        let Some(Some(o)) = session.overview.get() else { return };
        head(ui, cx, o);
        self.figures(ui, o, cx);
        tags(ui, cx, o);
        rule(ui);
        let chosen = TABS.iter().position(|(tab, _)| *tab == self.tab).unwrap_or(0);
        let words = TABS.map(|(_, text)| cx.t(text));
        if let Some(picked) = segments(ui, cx.t(Text::Building), chosen, &words) {
            self.tab = TABS[picked].0;
        }
        ui.add_space(tokens::GAP_SMALL);
        match self.tab {
            Tab::Matrix => self.matrix.show(ui, cx, o),
            Tab::People => people(ui, cx, o),
            Tab::Rooms => rooms(ui, cx, o),
            Tab::Enterprises => enterprises(ui, cx, o),
            Tab::Events => events(ui, cx, o),
        }
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

fn head(ui: &mut Ui, cx: &mut Ctx<'_>, o: &Overview) {
    let c = theme(ui);
    let b = &o.building;
    breadcrumb(
        ui,
        cx,
        &[b.estate.as_deref(), Some(&b.code)].into_iter().flatten().collect::<Vec<_>>().join(" › "),
    );
    let title = RichText::new(title_of(cx.lang, o)).font(bold(tokens::TITLE)).color(c.ink);
    ui.add(egui::Label::new(title).wrap());
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
}

fn tags(ui: &mut Ui, cx: &mut Ctx<'_>, o: &Overview) {
    if o.tags.is_empty() {
        return;
    }
    let dark = ui.visuals().dark_mode;
    ui.add_space(tokens::GAP_SMALL);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::Vec2::new(4.0, 4.0);
        for tag in &o.tags {
            let Some(entry) = cx.session.vocabulary.find_tag(&tag.code) else { continue };
            let label = entry.label(cx.lang);
            let colour = tokens::tag_colour(&entry.colour, dark);
            chip(ui, &format!("{label} {}", tag.persons), colour);
        }
    });
}

fn people(ui: &mut Ui, cx: &mut Ctx<'_>, o: &Overview) {
    if o.counts.persons == 0 {
        empty_state(ui, cx.t(Text::NoResidents));
        return;
    }
    let c = theme(ui);
    let dark = ui.visuals().dark_mode;
    let all = o.counts.persons as f32;
    let parts = [
        (Text::Registered, o.counts.registered),
        (Text::Floating, o.counts.floating),
        (Text::Overseas, o.counts.overseas),
    ];
    for (text, n) in parts {
        share_bar(ui, cx.t(text), n, n as f32 / all, c.accent);
    }
    ui.add_space(tokens::GAP);
    for tag in &o.tags {
        let Some(entry) = cx.session.vocabulary.find_tag(&tag.code) else { continue };
        let label = entry.label(cx.lang);
        let colour = tokens::tag_colour(&entry.colour, dark);
        share_bar(ui, label, tag.persons, tag.persons as f32 / all, colour);
    }
}

fn share_bar(ui: &mut Ui, label: &str, count: u64, share: f32, colour: egui::Color32) {
    let c = theme(ui);
    let size = egui::Vec2::new(ui.available_width(), tokens::ROW_HEIGHT);
    let (rect, response) = ui.allocate_exact_size(size, egui::Sense::hover());
    let name = format!("{label} {count}");
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &name));
    let p = ui.painter();
    let font = egui::FontId::proportional(tokens::BODY);
    let clip = egui::Rect::from_min_size(rect.min, egui::Vec2::new(118.0, rect.height()));
    p.with_clip_rect(clip).text(
        rect.left_center(),
        egui::Align2::LEFT_CENTER,
        label,
        font.clone(),
        c.ink,
    );
    let right = rect.right_center();
    p.text(right, egui::Align2::RIGHT_CENTER, thousands(count), font, c.secondary);
    let track = egui::Rect::from_min_max(
        egui::Pos2::new(rect.left() + 124.0, rect.center().y - 4.0),
        egui::Pos2::new(rect.right() - 56.0, rect.center().y + 4.0),
    );
    p.rect_filled(track, 4.0, c.field);
    let mut bar = track;
    bar.set_width(track.width() * share.clamp(0.0, 1.0));
    p.rect_filled(bar, 4.0, colour);
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
                let mark = if is_event_open(e.state_key) { "● " } else { "" };
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
pub(crate) fn building_link(ui: &mut Ui, cx: &mut Ctx<'_>, text: &str, building_id: i64) {
    if link(ui, text).clicked() {
        cx.go_to_building(building_id);
    }
}
