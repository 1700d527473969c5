//! The search box and its grouped results.

use crate::domain::ids::{BuildingId, EstateId, RoomId};
use crate::text::Message;
use eframe::egui::{self, Id, Key, Modifiers, Pos2, Rect, RichText, Ui, Vec2};

use crate::app::{Action, Card, SearchView};
use crate::geo::{BBox, LonLat};
use crate::map::camera::roomy;
use crate::query::search::PlaceHit;
use crate::text::{Text, room_title};
use crate::ui::ctx::{Ctx, Wish};
use crate::ui::kit::regions::{self, Region};
use crate::ui::kit::tokens;
use crate::ui::kit::widgets::{hint, link, marked_row, theme};

/// The box: what is typed, and which hit the keyboard is on.
#[derive(Default)]
pub(crate) struct SearchBox {
    text: String,
    asked: String,
    rect: Option<Rect>,
    is_open: bool,
    row: usize,
    moved: i32,
    enter: bool,
    had_names: bool,
}

/// What choosing a hit does.
enum Goal {
    Building(BuildingId),
    Estate(EstateId),
    Room(BuildingId, RoomId),
    Event(String, Option<BuildingId>),
    Place(LonLat),
    Bounds(BBox),
}

struct Hit {
    group: Text,
    main: String,
    second: String,
    right: String,
    goal: Goal,
}

impl SearchBox {
    fn id() -> Id {
        Id::unique("search")
    }

    /// Puts the cursor into the box.
    pub(crate) fn focus(&mut self, ctx: &egui::Context) {
        ctx.memory_mut(|m| m.request_focus(Self::id()));
        self.is_open = true;
    }

    /// Takes the keys that move through the results before the field sees them.
    pub(crate) fn listen(&mut self, ui: &mut Ui) {
        (self.moved, self.enter) = (0, false);
        if !ui.memory(|m| m.has_focus(Self::id())) {
            return;
        }
        let mut escaped = false;
        ui.input_mut(|i| {
            self.moved += i32::from(i.consume_key(Modifiers::NONE, Key::ArrowDown));
            self.moved -= i32::from(i.consume_key(Modifiers::NONE, Key::ArrowUp));
            self.enter = i.consume_key(Modifiers::NONE, Key::Enter);
            escaped = i.consume_key(Modifiers::NONE, Key::Escape);
        });
        if escaped {
            self.is_open = false;
            ui.memory_mut(|m| m.surrender_focus(Self::id()));
        }
    }

    pub(crate) fn field(&mut self, ui: &mut Ui, cx: &mut Ctx<'_>, width: f32) {
        let edit = egui::TextEdit::singleline(&mut self.text)
            .id(Self::id())
            .hint_text(format!("{}  Ctrl+F", cx.t(Text::SearchHint)))
            .margin(egui::Margin::symmetric(10, 5))
            .desired_width(width);
        let response = ui.add(edit).accessible_name(cx.t(Text::Search));
        regions::note(ui, Region::Search, Self::id());
        self.rect = Some(response.rect);
        if response.gained_focus() || response.changed() {
            self.is_open = true;
        }
        if self.text != self.asked {
            self.asked.clone_from(&self.text);
            self.row = 0;
            cx.act(Action::Search(self.text.clone()));
        }
    }

    pub(crate) fn results(&mut self, ui: &mut Ui, cx: &mut Ctx<'_>) {
        let Some(field) = self.rect else { return };
        // The form that asks for the reason closes the list; with the names it opens again.
        let has_names = cx.session.open_names.is_some();
        if has_names && !std::mem::replace(&mut self.had_names, has_names) {
            self.focus(ui.ctx());
        }
        self.had_names = has_names;
        if !self.is_open || self.text.trim().is_empty() {
            return;
        }
        let Some(view) = cx.session.search.get() else { return };
        let (mut hits, problem) = (hits(cx, view), view.problem.clone());
        if let Some(place) = LonLat::parse(&self.text) {
            let hit = Hit {
                group: Text::Position,
                main: format!("{:.6}°  {:.6}°", place.lon, place.lat),
                second: String::new(),
                right: String::new(),
                goal: Goal::Place(place),
            };
            hits.insert(0, hit);
        }
        let typed: Vec<&str> = self.text.split_whitespace().collect();
        let last = hits.len().saturating_sub(1);
        self.row = self.row.saturating_add_signed(self.moved as isize).min(last);
        let width = field.width().max(420.0);
        let at = Pos2::new(field.center().x - width / 2.0, field.bottom() + 6.0);
        let mut chosen = self.enter.then_some(self.row).filter(|_| !hits.is_empty());
        let area = egui::Area::new(Id::unique("search results"))
            .order(egui::Order::Foreground)
            .fixed_pos(at)
            .show(ui, |ui| {
                egui::Frame::popup(ui.style()).inner_margin(8).show(ui, |ui| {
                    ui.set_width(width);
                    if hits.is_empty() && !cx.session.search.is_pending() {
                        hint(ui, cx.t(Text::SearchNothing));
                    }
                    // The popup remembers how tall it was; a list after a short one is taller.
                    let most = (ui.content_rect().bottom() - at.y - 32.0).clamp(120.0, 460.0);
                    let scroll = egui::ScrollArea::vertical()
                        .id_salt(&self.asked)
                        .max_height(most)
                        .min_scrolled_height(most);
                    scroll.show(ui, |ui| {
                        ui.spacing_mut().item_spacing = Vec2::new(0.0, 1.0);
                        let mut group = None;
                        for (index, hit) in hits.iter().enumerate() {
                            if group != Some(hit.group) {
                                group = Some(hit.group);
                                group_head(ui, cx, hit.group, problem.as_ref());
                            }
                            let is_on = index == self.row;
                            let texts = [&*hit.main, &*hit.second, &*hit.right];
                            let row = marked_row(ui, is_on, texts, &typed);
                            if is_on && self.moved != 0 {
                                row.scroll_to_me(None);
                            }
                            if row.clicked() {
                                chosen = Some(index);
                            }
                        }
                    });
                });
            });
        let pressed = ui.input(|i| i.pointer.any_pressed().then(|| i.pointer.interact_pos()));
        if let Some(Some(p)) = pressed
            && !area.response.rect.contains(p)
            && !field.contains(p)
        {
            self.is_open = false;
        }
        if let Some(index) = chosen {
            self.is_open = false;
            ui.memory_mut(|m| m.surrender_focus(Self::id()));
            choose(cx, &hits[index].goal);
        }
    }
}

/// The name of a group; beside that of the persons, the way to their names.
fn group_head(ui: &mut Ui, cx: &mut Ctx<'_>, group: Text, problem: Option<&Message>) {
    let c = theme(ui);
    ui.horizontal(|ui| {
        ui.label(RichText::new(cx.t(group)).size(tokens::SMALL).color(c.secondary));
        if group != Text::Person {
            return;
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            ui.add_space(tokens::GAP);
            match &cx.session.open_names {
                Some(names) => {
                    let at = crate::query::instant_text(names.until);
                    let time = at.get(11..16).unwrap_or_default();
                    let text = format!("{} {time}", cx.t(Text::NamesShownUntil));
                    ui.label(RichText::new(text).size(tokens::SMALL).color(c.secondary));
                }
                None => {
                    if link(ui, cx.t(Text::ShowNames)).clicked() {
                        cx.wishes.push(Wish::AskNames);
                    }
                }
            }
        });
    });
    if let Some(problem) = problem.filter(|_| group == Text::Person) {
        let text = RichText::new(problem.text(cx.lang)).size(tokens::SMALL).color(c.danger);
        ui.add(egui::Label::new(text).wrap());
    }
}

fn choose(cx: &mut Ctx<'_>, goal: &Goal) {
    match goal {
        Goal::Building(building_id) => cx.go_to_building(*building_id),
        Goal::Estate(estate_id) => {
            let scene = cx.session.scene.get().cloned();
            let estate =
                scene.as_ref().and_then(|s| s.estates.iter().find(|e| e.estate_id == *estate_id));
            if let Some(estate) = estate {
                let bounds = estate.bounds;
                cx.wishes.push(Wish::FlyTo(bounds));
            }
        }
        Goal::Place(place) => {
            let mut bounds = BBox::EMPTY;
            bounds.add(place.lon, place.lat);
            cx.wishes.push(Wish::FlyTo(roomy(bounds)));
        }
        Goal::Bounds(bounds) => cx.wishes.push(Wish::FlyTo(roomy(*bounds))),
        Goal::Room(building_id, room_id) => {
            cx.go_to_building(*building_id);
            cx.act(Action::Show(Card::Room(*room_id)));
        }
        Goal::Event(no, building_id) => {
            if let Some(building_id) = building_id {
                cx.wishes.push(Wish::FlyToBuilding(*building_id));
            }
            cx.act(Action::Show(Card::Event(no.clone())));
        }
    }
}

fn hits(cx: &Ctx<'_>, view: &SearchView) -> Vec<Hit> {
    let (lang, answer) = (cx.lang, &view.answer);
    let mut hits = Vec::with_capacity(answer.len());
    let title = |b: &PlaceHit| b.building().title(lang);
    // Whoever types a whole address means that room.
    let place = |r: &crate::query::place::RoomPlace| {
        let building = r.building().title(lang);
        format!("{building} {}", room_title(lang, r.unit.as_deref(), &r.room_no))
    };
    for r in &answer.rooms {
        hits.push(Hit {
            group: Text::Room,
            main: place(r),
            second: String::new(),
            right: String::new(),
            goal: Goal::Room(r.building_id, r.room_id),
        });
    }
    for e in &answer.estates {
        let Some(estate_id) = e.estate_id else { continue };
        hits.push(Hit {
            group: Text::Estate,
            main: e.estate.clone().unwrap_or_default(),
            second: String::new(),
            right: String::new(),
            goal: Goal::Estate(estate_id),
        });
    }
    for b in &answer.buildings {
        let Some(building_id) = b.building_id else { continue };
        hits.push(Hit {
            group: Text::Building,
            main: title(b),
            second: b.address.clone().unwrap_or_default(),
            right: b.code.clone().unwrap_or_default(),
            goal: Goal::Building(building_id),
        });
    }
    for (p, name) in answer.persons.iter().zip(&view.names) {
        let Some(home) = &p.place else { continue };
        let age = p.age.map(|a| format!("{a} {}", cx.t(Text::Years))).unwrap_or_default();
        hits.push(Hit {
            group: Text::Person,
            main: format!("{name}  {age}"),
            second: place(home),
            right: p.phone.as_ref().map(crate::access::mask::Sensitive::masked).unwrap_or_default(),
            goal: Goal::Room(home.building_id, home.room_id),
        });
    }
    for e in &answer.enterprises {
        let goal = match (e.building_id, e.room_id) {
            (Some(building_id), Some(room_id)) => Goal::Room(building_id, room_id),
            (Some(building_id), None) => Goal::Building(building_id),
            _ => continue,
        };
        hits.push(Hit {
            group: Text::Enterprise,
            main: e.name.clone(),
            second: String::new(),
            right: e.code.clone().unwrap_or_default(),
            goal,
        });
    }
    for e in &answer.events {
        let no = e.code.clone().unwrap_or_default();
        hits.push(Hit {
            group: Text::Event,
            main: e.name.clone(),
            second: String::new(),
            right: no.clone(),
            goal: Goal::Event(no, e.building_id),
        });
    }
    for (group, found) in [(Text::Grid, &answer.grids), (Text::Devices, &answer.devices)] {
        for hit in found {
            let goal = match (hit.building_id, hit.bounds) {
                (_, Some(bounds)) => Goal::Bounds(bounds),
                (Some(building_id), None) => Goal::Building(building_id),
                (None, None) => continue,
            };
            hits.push(Hit {
                group,
                main: hit.name.clone(),
                second: String::new(),
                right: hit.code.clone().unwrap_or_default(),
                goal,
            });
        }
    }
    hits
}
