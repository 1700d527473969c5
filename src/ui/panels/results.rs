//! The result table: the matching persons, sortable, virtualised, linked with the map.

use eframe::egui::{self, RichText, Role, Sense, Ui, WidgetInfo};
use egui_table::{CellInfo, Column, HeaderCellInfo, HeaderRow, Table, TableDelegate};

use crate::app::asks::focus::{Focused, MOST_LINES};
use crate::app::{Action, Card};
use crate::domain::Lang;
use crate::domain::codes::list;
use crate::domain::ids::BuildingId;
use crate::query::Subject;
use crate::query::statistics::PersonLine;
use crate::query::table::TableKind;
use crate::text::{Text, room_title, thousands};
use crate::ui::ctx::{Ctx, Wish};
use crate::ui::kit::regions::{self, Region};
use crate::ui::kit::theme::bold;
use crate::ui::kit::tokens;
use crate::ui::kit::widgets::{heading, hint, link, section, theme};

/// Columns in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Name,
    Sex,
    Age,
    Address,
    Tags,
    Population,
    Phone,
}

const COLUMNS: [(By, Text, f32); 7] = [
    (By::Name, Text::Name, 90.0),
    (By::Sex, Text::Sex, 60.0),
    (By::Age, Text::Age, 60.0),
    (By::Address, Text::Address, 260.0),
    (By::Tags, Text::Tags, 170.0),
    (By::Population, Text::Population, 80.0),
    (By::Phone, Text::Phone, 130.0),
];

/// Sort order and what it was made for.
pub(crate) struct ResultTable {
    by: Option<(By, bool)>,
    order: Vec<u32>,
    made_for: (u64, usize, Option<(By, bool)>, Lang),
    shown_building: Option<BuildingId>,
}

impl Default for ResultTable {
    fn default() -> Self {
        Self {
            by: None,
            order: Vec::new(),
            made_for: (u64::MAX, 0, None, Lang::Zh),
            shown_building: None,
        }
    }
}

impl ResultTable {
    pub(crate) fn show(&mut self, ui: &mut Ui, cx: &mut Ctx<'_>) {
        let session = cx.session;
        ui.set_min_height(ui.available_height());
        let Some(Focused { answer, lines, .. }) = session.focused() else {
            section(ui, cx.t(Text::Results));
            hint(ui, cx.t(Text::ResultsHint));
            return;
        };
        ui.add_space(tokens::GAP_SMALL);
        ui.horizontal(|ui| {
            heading(ui, cx.t(Text::Results));
            let (number, word) = match answer.subject {
                Subject::Persons => (answer.persons, Text::People),
                Subject::Rooms => {
                    (answer.buildings.iter().map(|(_, n)| u64::from(*n)).sum(), Text::Rooms)
                }
            };
            let mut text = format!(
                "{} {} · {} {}",
                thousands(number),
                cx.t(word),
                thousands(answer.buildings.len() as u64),
                cx.t(Text::Buildings)
            );
            if lines.len() >= MOST_LINES {
                text.push_str(&format!(" ({} …)", thousands(MOST_LINES as u64)));
            }
            hint(ui, &text);
            let kind = match answer.subject {
                Subject::Persons => TableKind::Persons,
                Subject::Rooms => TableKind::Rooms,
            };
            if link(ui, cx.t(Text::Extract)).clicked() {
                let filter = Box::new(session.filter.clone());
                cx.wishes.push(Wish::Extract(kind, filter));
            }
        });
        let made_for = (session.focus_version, lines.len(), self.by, cx.lang);
        if self.made_for != made_for {
            self.order = order(cx, lines, self.by);
            self.made_for = made_for;
        }
        // The columns fill the width of the table, and begin anew when it changes much.
        let room = ui.available_width();
        let sum: f32 = COLUMNS.iter().map(|(_, _, width)| width).sum();
        let (scale, width_class) = ((room / sum).max(1.0), (room / 40.0) as i32);
        let columns = COLUMNS
            .iter()
            .map(|(by, _, width)| {
                Column::new((*width * scale).floor())
                    .range(40.0..=900.0)
                    .resizable(true)
                    .id(egui::Id::unique(("results", *by as usize, width_class)))
            })
            .collect::<Vec<_>>();
        let mut table = Table::new()
            .id_salt("results")
            .num_rows(self.order.len() as u64)
            .columns(columns)
            .headers([HeaderRow::new(tokens::ROW_HEIGHT)]);
        // Choosing a building on the map brings its first person into view.
        // The lines come after the counts: only then can they be looked through.
        if session.building_id != self.shown_building && !lines.is_empty() {
            self.shown_building = session.building_id;
            let first = self.order.iter().position(|line| {
                lines[*line as usize].place.as_ref().map(|p| p.building_id) == session.building_id
            });
            if let (Some(row), Some(_)) = (first, session.building_id) {
                table = table.scroll_to_row(row as u64, Some(egui::Align::Center));
            }
        }
        let mut delegate = Delegate { cx, lines, order: &self.order, by: &mut self.by };
        table.show(ui, &mut delegate);
    }
}

fn order(cx: &Ctx<'_>, lines: &[PersonLine], by: Option<(By, bool)>) -> Vec<u32> {
    let mut order: Vec<u32> = (0..lines.len() as u32).collect();
    let Some((by, is_down)) = by else { return order };
    let line = |i: &u32| &lines[*i as usize];
    match by {
        By::Age => order.sort_by_key(|i| line(i).age),
        By::Sex => order.sort_by_key(|i| line(i).sex),
        By::Population => order.sort_by_key(|i| line(i).population_type),
        By::Tags => order.sort_by_key(|i| line(i).tags.clone()),
        By::Name => order.sort_by_cached_key(|i| line(i).name.masked()),
        By::Phone => order.sort_by_cached_key(|i| {
            line(i).phone.as_ref().map(crate::access::mask::Sensitive::masked)
        }),
        By::Address => {
            order
                .sort_by_cached_key(|i| crate::domain::matrix::natural(&address(cx.lang, line(i))));
        }
    }
    if is_down {
        order.reverse();
    }
    order
}

fn address(lang: Lang, line: &PersonLine) -> String {
    line.place.as_ref().map_or_else(String::new, |p| {
        let building = p.building().title(lang);
        format!("{building} {}", room_title(lang, p.unit.as_deref(), &p.room_no))
    })
}

struct Delegate<'a, 'b> {
    cx: &'a mut Ctx<'b>,
    lines: &'a [PersonLine],
    order: &'a [u32],
    by: &'a mut Option<(By, bool)>,
}

impl Delegate<'_, '_> {
    fn text(&self, line: &PersonLine, by: By) -> String {
        let v = &self.cx.session.vocabulary;
        let lang = self.cx.lang;
        match by {
            By::Name => line.name.masked(),
            By::Sex => v.lists.label(list::SEX, line.sex, lang).to_owned(),
            By::Age => line.age.map(|a| a.to_string()).unwrap_or_default(),
            By::Address => address(lang, line),
            By::Tags => {
                let tags = line.tags.iter().map(|t| v.tags[*t].label(lang));
                tags.collect::<Vec<_>>().join(" · ")
            }
            By::Population => {
                v.lists.label(list::POPULATION_TYPE, line.population_type, lang).to_owned()
            }
            By::Phone => {
                line.phone.as_ref().map(crate::access::mask::Sensitive::masked).unwrap_or_default()
            }
        }
    }
}

impl TableDelegate for Delegate<'_, '_> {
    fn header_cell_ui(&mut self, ui: &mut Ui, cell: &HeaderCellInfo) {
        let (by, text, _) = COLUMNS[cell.col_range.start];
        let c = theme(ui);
        let arrow = match *self.by {
            Some((sorted, true)) if sorted == by => " ↓",
            Some((sorted, false)) if sorted == by => " ↑",
            _ => "",
        };
        let label = format!("{}{arrow}", self.cx.t(text));
        let label = RichText::new(label).font(bold(tokens::SMALL)).color(c.secondary);
        let button = ui.add(egui::Button::new(label).frame_when_inactive(false));
        regions::note(ui, Region::Results, button.id);
        if button.clicked() {
            *self.by = Some((by, *self.by == Some((by, false))));
        }
    }

    fn default_row_height(&self) -> f32 {
        tokens::ROW_HEIGHT
    }

    fn row_ui(&mut self, ui: &mut Ui, row: u64) {
        let line = &self.lines[self.order[row as usize] as usize];
        let c = theme(ui);
        let rect = ui.max_rect();
        let response = ui.interact(rect, ui.scope_id().with(("row", row)), Sense::click());
        let building_id = line.place.as_ref().map(|p| p.building_id);
        let is_on = building_id.is_some() && building_id == self.cx.session.building_id;
        let name = format!("{} {}", line.name.masked(), address(self.cx.lang, line));
        response.widget_info(|| WidgetInfo::selected(Role::Row, true, is_on, &name));
        if is_on {
            ui.painter().rect_filled(rect, 0.0, c.accent_soft);
        } else if response.hovered() || response.has_focus() {
            ui.painter().rect_filled(rect, 0.0, c.hover);
        }
        if let Some(place) = &line.place
            && response.clicked()
        {
            self.cx.go_to_building(place.building_id);
            self.cx.wishes.push(Wish::Session(Action::Show(Card::Room(place.room_id))));
        }
    }

    fn cell_ui(&mut self, ui: &mut Ui, cell: &CellInfo) {
        let line = &self.lines[self.order[cell.row_nr as usize] as usize];
        let (by, ..) = COLUMNS[cell.col_nr];
        let text = self.text(line, by);
        let c = theme(ui);
        ui.add_space(6.0);
        ui.add(egui::Label::new(RichText::new(text).size(tokens::BODY - 1.0).color(c.ink)));
        ui.add_space(10.0);
    }
}
