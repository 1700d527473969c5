//! The roster: the residents of a building as a list, masked and sortable; who of them passes what
//! is asked for.

use std::collections::BTreeMap;

use eframe::egui::{
    self, Align2, FontId, Pos2, Rect, Role, ScrollArea, Sense, Ui, Vec2, WidgetInfo,
};

use crate::access::mask::Sensitive;
use crate::app::asks::focus::Matches;
use crate::app::{Action, Card};
use crate::domain::codes::list;
use crate::domain::ids::RoomId;
use crate::domain::matrix::natural;
use crate::query::statistics::PersonLine;
use crate::text::{Text, room_title};
use crate::ui::ctx::{Ctx, Wish};
use crate::ui::kit::theme::bold;
use crate::ui::kit::tokens;
use crate::ui::kit::widgets::{empty_state, focus_ring, theme};

/// What the list is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum By {
    #[default]
    Room,
    Name,
    Age,
    Tags,
}

/// Columns: what they sort by, their heading, their share of the width.
const COLUMNS: [(By, Text, f32); 4] = [
    (By::Room, Text::Room, 0.26),
    (By::Name, Text::Name, 0.20),
    (By::Age, Text::Age, 0.20),
    (By::Tags, Text::Tags, 0.34),
];

/// How the list is sorted.
#[derive(Default)]
pub(crate) struct Roster {
    by: By,
    is_down: bool,
}

/// Who of a building's residents is asked for: by the tags picked in its card, and by the filter.
pub(crate) struct Asked<'a> {
    matches: Option<&'a Matches>,
    tags: &'a [usize],
    people: &'a [PersonLine],
}

impl<'a> Asked<'a> {
    /// `None` while nothing is asked for, or what is asked for is not there yet.
    pub(crate) fn of(cx: &Ctx<'a>, tags: &'a [usize]) -> Option<Self> {
        let session = cx.session;
        let people: &'a [PersonLine] = session.roster.get()?;
        let of_building = |matches: &&Matches| Some(matches.building_id) == session.building_id;
        let matches = if session.filter.is_empty() {
            None
        } else {
            Some(session.matches.get().filter(of_building)?)
        };
        let is_asked = matches.is_some() || !tags.is_empty();
        is_asked.then_some(Self { matches, tags, people })
    }

    /// Whether a resident is one of them.
    pub(crate) fn passes(&self, person: &PersonLine) -> bool {
        self.tags.iter().all(|tag| person.tags.contains(tag))
            && self.matches.is_none_or(|matches| matches.persons.contains(&person.person_id))
    }

    /// How many of them live in each room, by row id; rooms that are asked for themselves count.
    pub(crate) fn rooms(&self) -> BTreeMap<RoomId, usize> {
        if let (Some(matches), []) = (self.matches, self.tags) {
            return matches.rooms.clone();
        }
        let mut rooms = BTreeMap::new();
        for person in self.people.iter().filter(|person| self.passes(person)) {
            *rooms.entry(room_of(person)).or_default() += 1;
        }
        rooms
    }
}

fn room_of(person: &PersonLine) -> RoomId {
    person.place.as_ref().map_or(RoomId::default(), |place| place.room_id)
}

impl Roster {
    pub(crate) fn show(&mut self, ui: &mut Ui, cx: &mut Ctx<'_>, asked: Option<&Asked<'_>>) {
        let Some(people) = cx.session.roster.get().cloned() else { return };
        if people.is_empty() {
            empty_state(ui, cx.t(Text::NoResidents));
            return;
        }
        let passes = |p: &&PersonLine| asked.is_none_or(|asked| asked.passes(p));
        let mut lines: Vec<&PersonLine> = people.iter().filter(passes).collect();
        if lines.is_empty() {
            empty_state(ui, cx.t(Text::NobodyMatches));
            return;
        }
        self.sort(cx, &mut lines);
        self.heading(ui, cx);
        ui.spacing_mut().item_spacing.y = 0.0;
        let rows = ScrollArea::vertical().id_salt(("roster", cx.session.building_id));
        rows.auto_shrink([false, false]).show_rows(
            ui,
            tokens::ROW_HEIGHT,
            lines.len(),
            |ui, range| {
                for line in &lines[range] {
                    row(ui, cx, line);
                }
            },
        );
    }

    fn sort(&self, cx: &Ctx<'_>, lines: &mut [&PersonLine]) {
        match self.by {
            By::Room => lines.sort_by_cached_key(|line| natural(&room_text(cx, line))),
            By::Name => lines.sort_by_cached_key(|line| line.name.masked()),
            By::Age => lines.sort_by_key(|line| line.age),
            By::Tags => {
                lines.sort_by_key(|line| (std::cmp::Reverse(line.tags.len()), line.tags.clone()));
            }
        }
        if self.is_down {
            lines.reverse();
        }
    }

    fn heading(&mut self, ui: &mut Ui, cx: &Ctx<'_>) {
        let c = theme(ui);
        let size = Vec2::new(ui.available_width(), tokens::ROW_HEIGHT);
        let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
        let mut x = rect.left();
        for (by, text, share) in COLUMNS {
            let width = rect.width() * share;
            let cell =
                Rect::from_min_size(Pos2::new(x, rect.top()), Vec2::new(width, rect.height()));
            x += width;
            let id = ui.scope_id().with(("roster head", by as usize));
            let response = ui.interact(cell, id, Sense::click());
            let name = format!("{}: {}", cx.t(Text::SortBy), cx.t(text));
            response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
            let is_by = self.by == by;
            let arrow = match (is_by, self.is_down) {
                (true, false) => " ↑",
                (true, true) => " ↓",
                (false, _) => "",
            };
            let ink = if is_by || response.hovered() { c.ink } else { c.secondary };
            let at = cell.left_center() + Vec2::new(8.0, 0.0);
            let label = format!("{}{arrow}", cx.t(text));
            ui.painter().text(at, Align2::LEFT_CENTER, label, bold(tokens::SMALL), ink);
            focus_ring(ui, &response, cell);
            if response.clicked() {
                (self.is_down, self.by) = (is_by && !self.is_down, by);
            }
        }
        ui.painter().hline(rect.x_range(), rect.bottom(), egui::Stroke::new(1.0, c.line));
    }
}

fn room_text(cx: &Ctx<'_>, line: &PersonLine) -> String {
    let place = line.place.as_ref();
    place.map(|p| room_title(cx.lang, p.unit.as_deref(), &p.room_no)).unwrap_or_default()
}

fn row(ui: &mut Ui, cx: &mut Ctx<'_>, line: &PersonLine) {
    let c = theme(ui);
    let dark = ui.visuals().dark_mode;
    let size = Vec2::new(ui.available_width(), tokens::ROW_HEIGHT);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let v = &cx.session.vocabulary;
    let sex = v.lists.label(list::SEX, line.sex, cx.lang);
    let age = line.age.map_or_else(|| sex.to_owned(), |age| format!("{age} {sex}"));
    let cells = [room_text(cx, line), line.name.masked(), age];
    let tags: Vec<&str> = line.tags.iter().map(|tag| v.tags[*tag].label(cx.lang)).collect();
    let name = format!("{} {}", cells.join(" "), tags.join(" "));
    response.widget_info(|| WidgetInfo::labeled(Role::Row, true, name.trim()));
    if !ui.is_rect_visible(rect) {
        return;
    }
    if response.hovered() {
        ui.painter().rect_filled(rect, f32::from(tokens::RADIUS), c.hover);
    }
    focus_ring(ui, &response, rect);
    let font = FontId::proportional(tokens::BODY - 1.0);
    let mut x = rect.left();
    for ((_, _, share), text) in COLUMNS.iter().zip(cells.iter().map(Some).chain([None])) {
        let width = rect.width() * share;
        let cell = Rect::from_min_size(Pos2::new(x, rect.top()), Vec2::new(width, rect.height()));
        x += width;
        let inner = cell.shrink2(Vec2::new(8.0, 0.0));
        let painter = ui.painter().with_clip_rect(inner.intersect(ui.clip_rect()));
        match text {
            Some(text) => {
                painter.text(inner.left_center(), Align2::LEFT_CENTER, text, font.clone(), c.ink);
            }
            None => {
                let mut x = inner.left();
                for (tag, word) in line.tags.iter().zip(&tags) {
                    let colour = tokens::tag_colour(&v.tags[*tag].colour, dark);
                    let colour = tokens::readable(colour, c.panel, c.ink);
                    let at = Pos2::new(x, inner.center().y);
                    let font = FontId::proportional(tokens::SMALL);
                    x = painter.text(at, Align2::LEFT_CENTER, *word, font, colour).right() + 8.0;
                }
            }
        }
    }
    let phone = line.phone.as_ref().map(Sensitive::masked).unwrap_or_default();
    let hover = [name.as_str(), phone.as_str()].join("\n");
    if response.on_hover_text(hover.trim()).clicked() {
        cx.wishes.push(Wish::Session(Action::Show(Card::Room(room_of(line)))));
    }
}
