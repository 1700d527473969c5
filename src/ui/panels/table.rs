//! The table: persons, rooms, households … over the filter in force, however many; sorted by headings, linked with
//! the map both ways. Only the rows in sight are read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use eframe::egui::{self, Modifiers, RichText, Role, Sense, Ui, WidgetInfo};
use egui_table::{
    CellInfo, Column as Width, HeaderCellInfo, HeaderRow, PrefetchInfo, Table, TableDelegate,
};

use crate::app::asks::table::{AskPage, TableRows, TableView};
use crate::app::{Action, Card, NoticeKind, UiCommand};
use crate::domain::ids::BuildingId;
use crate::map::select::Combine;
use crate::msg;
use crate::query::Subject;
use crate::query::table::heading::{choices, cleared, toggled};
use crate::query::table::{Cell, Column, RowPlace, TableKind};
use crate::text::{Text, thousands};
use crate::ui::ctx::{Ctx, Wish};
use crate::ui::kit::regions::{self, Region};
use crate::ui::kit::theme::bold;
use crate::ui::kit::tokens;
use crate::ui::kit::widgets::{heading, hint, link, segments, theme};

/// Width under which the head of the table takes two lines, points.
const TWO_LINES: f32 = 760.0;
/// Rows that are read at once around those in sight.
const PAGE: usize = 200;
/// Rows that can be chosen at once.
const MOST_CHOSEN: usize = 20_000;

/// Length of an instant to the minute.
const MINUTE: usize = "2026-11-27T08:30".len();

/// What the table shows, and what was asked for.
#[derive(Default)]
pub(crate) struct TablePanel {
    /// Rows of what, where somebody has chosen; else what the filter is about.
    kind: Option<TableKind>,
    sort: BTreeMap<TableKind, Vec<(usize, bool)>>,
    /// Columns by kind, where somebody has chosen.
    columns: BTreeMap<TableKind, Vec<usize>>,
    asked: Option<(TableView, u64)>,
    asked_page: Option<(Vec<usize>, usize, Arc<[i64]>)>,
    /// Positions of the chosen rows, and of the one that the next run begins with.
    chosen: BTreeSet<usize>,
    anchor: Option<usize>,
    is_copying: bool,
    is_locating: bool,
    shown_building: Option<BuildingId>,
    scroll_to: bool,
}

/// Width of a column at first, points.
fn width_of(key: &str) -> f32 {
    match key {
        "address" | "title" | "text" => 260.0,
        "tags" | "id_no" | "uscc" | "reported_at" | "due_at" | "occurred_at" => 170.0,
        "estate" | "building_name" | "industry" | "phone" | "head_phone" => 130.0,
        "sex" | "age" | "unit" | "persons" | "rooms" | "floor" => 64.0,
        _ => 96.0,
    }
}

impl TablePanel {
    pub(crate) fn show(&mut self, ui: &mut Ui, cx: &mut Ctx<'_>) {
        ui.set_min_height(ui.available_height());
        ui.add_space(tokens::GAP_SMALL);
        let kind = self.kind_of(cx);
        let view = TableView {
            kind,
            filter: cx.session.filter.clone(),
            sort: self.sort.get(&kind).cloned().unwrap_or_default(),
            lang: cx.lang,
        };
        let asked = (view, cx.session.scene_version);
        if self.asked.as_ref() != Some(&asked) {
            // Another table, or the same after a commit: what was chosen may stand elsewhere.
            if self.asked.as_ref().is_none_or(|(before, _)| *before != asked.0) {
                self.chosen.clear();
                self.anchor = None;
            }
            self.asked_page = None;
            cx.act(Action::ShowTable(Box::new(asked.0.clone())));
            self.asked = Some(asked);
        }
        let rows = cx.session.table.get().filter(|rows| rows.view.kind == kind).cloned();
        self.head(ui, cx, kind, rows.as_ref());
        let Some(rows) = rows else {
            if cx.session.table.is_pending() {
                ui.add_space(tokens::GAP);
                ui.spinner();
            }
            return;
        };
        self.finish_chosen(ui, cx);
        if rows.ids.is_empty() {
            ui.add_space(tokens::GAP);
            hint(ui, cx.t(Text::TableEmpty));
            return;
        }
        self.find_building(cx, &rows);
        let columns = self.columns_of(kind);
        let room = ui.available_width();
        let all = kind.columns();
        let sum: f32 = columns.iter().map(|at| width_of(all[*at].key)).sum();
        let (scale, width_class) = ((room / sum).clamp(1.0, 2.0), (room / 40.0) as i32);
        let widths = columns.iter().map(|at| {
            Width::new((width_of(all[*at].key) * scale).floor())
                .range(40.0..=900.0)
                .resizable(true)
                .id(egui::Id::unique(("table", kind.word(), *at, width_class)))
        });
        let mut table = Table::new()
            .id_salt(("table", kind.word()))
            .num_rows(rows.ids.len() as u64)
            .columns(widths.collect::<Vec<_>>())
            .headers([HeaderRow::new(tokens::ROW_HEIGHT)]);
        if self.scroll_to
            && let Some(Some(row)) = cx.session.table_row.get()
            && !cx.session.table_row.is_pending()
        {
            self.scroll_to = false;
            table = table.scroll_to_row(*row as u64, Some(egui::Align::Center));
        }
        let mut delegate = Delegate { panel: self, cx, rows: &rows, columns: &columns };
        table.show(ui, &mut delegate);
    }

    fn kind_of(&self, cx: &Ctx<'_>) -> TableKind {
        let subject = cx.session.focused().map(|focused| focused.answer.subject);
        self.kind.unwrap_or(match subject {
            Some(Subject::Rooms) => TableKind::Rooms,
            _ => TableKind::Persons,
        })
    }

    fn columns_of(&self, kind: TableKind) -> Vec<usize> {
        self.columns.get(&kind).cloned().unwrap_or_else(|| {
            let place = |first: &Column| kind.columns().iter().position(|c| c.key == first.key);
            kind.first_columns().into_iter().filter_map(place).collect()
        })
    }

    /// Of what, how many, and what can be done with them.
    fn head(&mut self, ui: &mut Ui, cx: &mut Ctx<'_>, kind: TableKind, rows: Option<&TableRows>) {
        // One line where there is room for it; what is clicked stands in the middle of its line either way.
        if ui.available_width() < TWO_LINES {
            ui.horizontal(|ui| self.choose_kind(ui, cx, kind));
            ui.horizontal_wrapped(|ui| self.what_to_do(ui, cx, kind, rows));
        } else {
            ui.horizontal(|ui| {
                self.choose_kind(ui, cx, kind);
                self.what_to_do(ui, cx, kind, rows);
            });
        }
    }

    fn choose_kind(&mut self, ui: &mut Ui, cx: &Ctx<'_>, kind: TableKind) {
        heading(ui, cx.t(Text::Table));
        let words: Vec<&str> = TableKind::ALL.iter().map(|kind| cx.t(kind.text())).collect();
        let at = TableKind::ALL.iter().position(|of| *of == kind).unwrap_or(0);
        if let Some(picked) = segments(ui, cx.t(Text::Table), at, &words) {
            self.kind = Some(TableKind::ALL[picked]);
        }
    }

    fn what_to_do(
        &mut self,
        ui: &mut Ui,
        cx: &mut Ctx<'_>,
        kind: TableKind,
        rows: Option<&TableRows>,
    ) {
        if let Some(rows) = rows {
            let mut text = thousands(rows.total);
            if rows.total > rows.ids.len() as u64 {
                text.push_str(&format!(" ({} …)", thousands(rows.ids.len() as u64)));
            }
            hint(ui, &format!("{text} {}", cx.t(Text::RowsWord)));
            if let Some(problem) = &rows.problem {
                let c = theme(ui);
                ui.label(RichText::new(problem.text(cx.lang)).size(tokens::SMALL).color(c.danger));
            }
        }
        self.choose_columns(ui, cx, kind);
        if link(ui, cx.t(Text::Extract)).clicked() {
            let filter = Box::new(cx.session.filter.clone());
            cx.wishes.push(Wish::Extract(kind, filter));
        }
        if self.chosen.is_empty() {
            return;
        }
        let Some(rows) = rows else { return };
        let chosen = format!("{} {}", thousands(self.chosen.len() as u64), cx.t(Text::RowsChosen));
        hint(ui, &chosen);
        let ids: Vec<i64> =
            self.chosen.iter().filter_map(|at| rows.ids.get(*at).copied()).collect();
        let wants_copy = !ui.text_edit_focused()
            && ui.input(|i| i.events.iter().any(|e| matches!(e, egui::Event::Copy)));
        if link(ui, cx.t(Text::CopyRows)).clicked() || wants_copy {
            self.is_copying = true;
            cx.act(Action::CopyRows(Box::new(AskPage {
                kind,
                columns: self.columns_of(kind),
                ids: ids.clone(),
                first: 0,
                lang: cx.lang,
            })));
        }
        if link(ui, cx.t(Text::ShowOnMap)).clicked() {
            self.is_locating = true;
            cx.act(Action::LocateRows(kind, ids));
        }
    }

    fn choose_columns(&mut self, ui: &mut Ui, cx: &Ctx<'_>, kind: TableKind) {
        let mut columns = self.columns_of(kind);
        let response = ui.menu_button(cx.t(Text::ExtractColumns), |ui| {
            egui::ScrollArea::vertical().max_height(360.0).show(ui, |ui| {
                let others = (0..kind.columns().len()).filter(|at| !columns.contains(at));
                // Those that are shown first, in their order.
                let listed: Vec<usize> = columns.iter().copied().chain(others).collect();
                for (nth, at) in listed.into_iter().enumerate() {
                    ui.horizontal(|ui| {
                        let mut is_in = columns.contains(&at);
                        let label = kind.columns()[at].label(cx.lang);
                        if ui.checkbox(&mut is_in, label).clicked() {
                            if is_in {
                                columns.push(at);
                            } else if columns.len() > 1 {
                                columns.retain(|other| *other != at);
                            }
                        }
                        let earlier = ui.small_button("↑").on_hover_text(cx.t(Text::Earlier));
                        if earlier.clicked() && nth > 0 && nth < columns.len() {
                            columns.swap(nth - 1, nth);
                        }
                    });
                }
            });
        });
        regions::note(ui, Region::Results, response.response.id);
        if columns != self.columns_of(kind) {
            self.columns.insert(kind, columns);
        }
    }

    /// Takes in what was asked for the chosen rows.
    fn finish_chosen(&mut self, ui: &Ui, cx: &mut Ctx<'_>) {
        if self.is_copying
            && !cx.session.table_copy.is_pending()
            && let Some(text) = cx.session.table_copy.get()
        {
            self.is_copying = false;
            ui.copy_text(text.clone());
            let rows = thousands(text.lines().count().saturating_sub(1) as u64);
            cx.act(Action::Tell(NoticeKind::Done, msg!("{} rows copied as they are shown", rows)));
        }
        if self.is_locating
            && !cx.session.table_places.is_pending()
            && let Some(ids) = cx.session.table_places.get()
        {
            self.is_locating = false;
            if ids.is_empty() {
                let told = "these rows stand in no building";
                cx.act(Action::Tell(NoticeKind::Failed, told.into()));
            } else {
                cx.act(Action::Select(ids.clone(), Combine::Replace));
                cx.command(UiCommand::FitSelection);
            }
        }
    }

    /// A building that was chosen on the map brings its first row into view.
    fn find_building(&mut self, cx: &mut Ctx<'_>, rows: &TableRows) {
        if cx.session.building_id == self.shown_building {
            return;
        }
        self.shown_building = cx.session.building_id;
        if let Some(building_id) = cx.session.building_id {
            self.scroll_to = true;
            cx.act(Action::FindRow(rows.view.kind, Arc::clone(&rows.ids), building_id));
        }
    }

    fn sort_by(&mut self, kind: TableKind, at: usize, adds: bool) {
        let sort = self.sort.entry(kind).or_default();
        let before = sort.iter().find(|(column, _)| *column == at).map(|(_, is_down)| *is_down);
        if adds {
            sort.retain(|(column, _)| *column != at);
        } else {
            sort.clear();
        }
        // Up, down, and as the rows stand.
        match before {
            None => sort.push((at, false)),
            Some(false) => sort.push((at, true)),
            Some(true) => {}
        }
    }

    fn choose(&mut self, at: usize, modifiers: Modifiers) {
        if modifiers.shift
            && let Some(anchor) = self.anchor
        {
            let (first, last) = (anchor.min(at), anchor.max(at));
            let last = last.min(first + MOST_CHOSEN - 1);
            self.chosen = (first..=last).collect();
            return;
        }
        self.anchor = Some(at);
        if modifiers.command {
            if !self.chosen.remove(&at) && self.chosen.len() < MOST_CHOSEN {
                self.chosen.insert(at);
            }
        } else {
            self.chosen = BTreeSet::from([at]);
        }
    }
}

struct Delegate<'a, 'b> {
    panel: &'a mut TablePanel,
    cx: &'a mut Ctx<'b>,
    rows: &'a TableRows,
    columns: &'a [usize],
}

impl Delegate<'_, '_> {
    /// A row in sight, once it is there.
    fn row(&self, at: usize) -> Option<&(i64, Vec<Cell>, RowPlace)> {
        let page = self.cx.session.table_page.get()?;
        let id = *self.rows.ids.get(at)?;
        let near = at.checked_sub(page.first).and_then(|nth| page.rows.get(nth));
        let found = near.filter(|row| row.0 == id);
        found
            .or_else(|| page.rows.iter().find(|row| row.0 == id))
            .filter(|_| page.columns == self.columns)
    }
}

impl Delegate<'_, '_> {
    /// The values that a column can be narrowed to, behind its heading.
    fn narrow(&mut self, ui: &mut Ui, column: &'static Column) {
        let session = self.cx.session;
        let all = choices(column, &session.filter, &session.vocabulary, self.cx.lang);
        if all.is_empty() {
            return;
        }
        let c = theme(ui);
        let is_narrowed = all.iter().any(|choice| choice.is_chosen);
        let ink = if is_narrowed { c.accent } else { c.secondary };
        let button = egui::Button::new(RichText::new("▼").size(8.0).color(ink))
            .frame_when_inactive(false)
            .min_size(egui::Vec2::new(16.0, 20.0));
        let behaviour = egui::containers::menu::MenuConfig::new()
            .close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside);
        let menu = egui::containers::menu::MenuButton::from_button(button).config(behaviour);
        let name = format!("{}: {}", column.label(self.cx.lang), self.cx.t(Text::FilterActive));
        let (response, _) = menu.ui(ui, |ui| {
            egui::ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
                for choice in &all {
                    let row = egui::Button::selectable(choice.is_chosen, &choice.label);
                    if ui.add(row).clicked() {
                        let filter = toggled(column, &session.filter, &choice.code);
                        self.cx.act(Action::Focus(Box::new(filter)));
                    }
                }
            });
            if is_narrowed && ui.button(self.cx.t(Text::ClearAll)).clicked() {
                let filter = cleared(column, &session.filter);
                self.cx.act(Action::Focus(Box::new(filter)));
                ui.close();
            }
        });
        response.accessible_name(&name);
    }
}

impl TableDelegate for Delegate<'_, '_> {
    fn prepare(&mut self, info: &PrefetchInfo) {
        let (from, to) = (info.visible_rows.start as usize, info.visible_rows.end as usize);
        let to = to.min(self.rows.ids.len());
        let first = from.saturating_sub(PAGE / 2) / (PAGE / 4) * (PAGE / 4);
        let last = (to + PAGE / 2).min(self.rows.ids.len());
        let is_there = self.panel.asked_page.as_ref().is_some_and(|(columns, begins, of)| {
            let ends = (begins + PAGE * 2).min(self.rows.ids.len());
            columns == self.columns
                && Arc::ptr_eq(of, &self.rows.ids)
                && *begins <= from
                && to <= ends
        });
        if is_there {
            return;
        }
        let last = last.max((first + PAGE * 2).min(self.rows.ids.len()));
        self.panel.asked_page = Some((self.columns.to_vec(), first, Arc::clone(&self.rows.ids)));
        self.cx.act(Action::ShowRows(Box::new(AskPage {
            kind: self.rows.view.kind,
            columns: self.columns.to_vec(),
            ids: self.rows.ids[first..last].to_vec(),
            first,
            lang: self.cx.lang,
        })));
    }

    fn header_cell_ui(&mut self, ui: &mut Ui, cell: &HeaderCellInfo) {
        let kind = self.rows.view.kind;
        let at = self.columns[cell.col_range.start];
        let column = &kind.columns()[at];
        let c = theme(ui);
        let sort = self.panel.sort.get(&kind).map(Vec::as_slice).unwrap_or_default();
        let place = sort.iter().position(|(of, _)| *of == at);
        let arrow = match place.map(|nth| (sort[nth].1, nth, sort.len())) {
            Some((is_down, nth, len)) => {
                let arrow = if is_down { "↓" } else { "↑" };
                if len > 1 { format!(" {arrow}{}", nth + 1) } else { format!(" {arrow}") }
            }
            None => String::new(),
        };
        let label = format!("{}{arrow}", column.label(self.cx.lang));
        let label = RichText::new(label).font(bold(tokens::SMALL)).color(c.secondary);
        ui.spacing_mut().item_spacing.x = 0.0;
        let button = ui
            .add(egui::Button::new(label).frame_when_inactive(false))
            .on_hover_text(self.cx.t(Text::SortHint));
        regions::note(ui, Region::Results, button.id);
        if button.clicked() {
            let adds = ui.input(|i| i.modifiers.shift);
            self.panel.sort_by(kind, at, adds);
        }
        self.narrow(ui, column);
    }

    fn default_row_height(&self) -> f32 {
        tokens::ROW_HEIGHT
    }

    fn row_ui(&mut self, ui: &mut Ui, row: u64) {
        let at = row as usize;
        let c = theme(ui);
        let rect = ui.max_rect();
        let response = ui.interact(rect, ui.scope_id().with(("row", row)), Sense::click());
        let found = self.row(at);
        let place = found.map(|row| row.2.clone()).unwrap_or_default();
        let is_chosen = self.panel.chosen.contains(&at);
        let is_here =
            place.building_id.is_some() && place.building_id == self.cx.session.building_id;
        let name = found.map_or_else(String::new, |(_, cells, _)| {
            let texts = cells.iter().map(|cell| cell.text.as_str()).filter(|text| !text.is_empty());
            texts.collect::<Vec<_>>().join(" ")
        });
        response.widget_info(|| WidgetInfo::selected(Role::Row, true, is_chosen, &name));
        if is_chosen || is_here {
            ui.painter().rect_filled(rect, 0.0, c.accent_soft);
        } else if response.hovered() || response.has_focus() {
            ui.painter().rect_filled(rect, 0.0, c.hover);
        }
        if !response.clicked() {
            return;
        }
        let modifiers = ui.input(|i| i.modifiers);
        self.panel.choose(at, modifiers);
        if modifiers.shift || modifiers.command {
            return;
        }
        if let Some(building_id) = place.building_id {
            // It was chosen here: the table stays where it is.
            self.panel.shown_building = Some(building_id);
            self.cx.go_to_building(building_id);
        }
        if let Some(no) = place.event_no {
            self.cx.act(Action::Show(Card::Event(no)));
        } else if let Some(room_id) = place.room_id {
            self.cx.act(Action::Show(Card::Room(room_id)));
        }
    }

    fn cell_ui(&mut self, ui: &mut Ui, cell: &CellInfo) {
        let c = theme(ui);
        let found = self.row(cell.row_nr as usize).and_then(|row| row.1.get(cell.col_nr)).cloned();
        let (mut text, is_number) =
            found.map_or_else(|| ("…".to_owned(), false), |cell| (cell.text, cell.is_number));
        let column = &self.rows.view.kind.columns()[self.columns[cell.col_nr]];
        if column.is_instant() && text.len() > MINUTE {
            // To the minute; whoever needs more extracts it.
            text.truncate(MINUTE);
            text = text.replace('T', " ");
        }
        let text = RichText::new(text).size(tokens::BODY - 1.0).color(c.ink);
        if is_number {
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                ui.add_space(14.0);
                ui.add(egui::Label::new(text));
            });
            return;
        }
        ui.add_space(6.0);
        ui.add(egui::Label::new(text));
        ui.add_space(10.0);
    }
}
