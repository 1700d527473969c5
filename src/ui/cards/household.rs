//! The household card: members with the head first, enterprises, events, history.

use eframe::egui::{self, RichText, ScrollArea, Ui};

use crate::app::{Action, Card, Hand, HouseholdView};
use crate::domain::codes::{key, list};
use crate::domain::ids::PersonId;
use crate::domain::object::Object;
use crate::domain::workflow::event;
use crate::edit::save::Where;
use crate::query::household::Member;
use crate::query::instant_text;
use crate::text::{Text, room_title};
use crate::ui::cards::frame::waiting;
use crate::ui::ctx::{Ctx, Wish};
use crate::ui::kit::theme::bold;
use crate::ui::kit::tokens;
use crate::ui::kit::widgets::{chip, empty_state, hint, link, list_row, rule, section, theme};

pub(crate) fn show(ui: &mut Ui, cx: &mut Ctx<'_>) {
    let session = cx.session;
    if waiting(ui, cx, &session.household) {
        return;
    }
    let Some(Some(view)) = session.household.get() else { return };
    let place = &view.card.place;
    let building = place.building().title(cx.lang);
    ui.horizontal(|ui| {
        crate::ui::cards::frame::back_button(ui, cx);
        crate::ui::cards::building::building_link(ui, cx, &building, place.building_id);
    });
    let c = theme(ui);
    let title = room_title(cx.lang, place.unit.as_deref(), &place.room_no);
    let title = RichText::new(title).font(bold(tokens::TITLE)).color(c.ink);
    ui.add(egui::Label::new(title).wrap());
    ui.label(RichText::new(facts(cx, view)).color(c.secondary));
    actions(ui, cx, view);
    rule(ui);
    ScrollArea::vertical()
        .id_salt((place.building_id, &place.room_no))
        .auto_shrink([false, false])
        .show(ui, |ui| {
            if view.card.members.is_empty() {
                empty_state(ui, cx.t(Text::NobodyRegistered));
            }
            let mut household = None;
            let many = view
                .card
                .members
                .iter()
                .any(|m| m.household_no != view.card.members[0].household_no);
            for (member, name) in view.card.members.iter().zip(&view.names) {
                if many && household != Some(&member.household_no) {
                    household = Some(&member.household_no);
                    let no = member.household_no.as_deref().unwrap_or("");
                    section(ui, &format!("{} {no}", cx.t(Text::Household)));
                }
                member_row(ui, cx, view, member, name);
            }
            more(ui, cx, view);
        });
}

/// Whether anything can be changed by hand.
fn can_write(cx: &Ctx<'_>) -> bool {
    cx.session.workspace.as_ref().is_some_and(|w| w.read_only_reason().is_none())
}

/// What can be done with the room: a visit, an event, its fields, somebody new.
fn actions(ui: &mut Ui, cx: &mut Ctx<'_>, view: &HouseholdView) {
    if !can_write(cx) {
        return;
    }
    let place = &view.card.place;
    ui.add_space(tokens::GAP_SMALL);
    ui.horizontal_wrapped(|ui| {
        if ui.button(cx.t(Text::VisitForm)).clicked() {
            visit(cx, view, None);
        }
        if ui.button(cx.t(Text::ReportEvent)).clicked() {
            cx.command(crate::app::UiCommand::ReportEvent);
        }
        ui.menu_button(format!("{} ▼", cx.t(Text::More)), |ui| {
            ui.set_min_width(160.0);
            let room = Object::Room(place.room_id);
            let edit = cx.t(Text::EditOf).replace("{}", cx.t(Text::Room));
            if ui.button(edit).clicked() {
                cx.wishes.push(Wish::EditRecord(room, Vec::new()));
                ui.close();
            }
            if ui.button(cx.t(Text::AddPerson)).clicked() {
                let here = Where { room_id: Some(place.room_id), building_id: None };
                cx.wishes.push(Wish::AddRecord("person", here));
                ui.close();
            }
            let mut households: Vec<_> =
                view.card.members.iter().map(|m| &m.household_no).collect();
            households.dedup();
            if households.len() > 1 && ui.button(cx.t(Text::JoinHouseholds)).clicked() {
                let join = Hand::JoinHouseholds(place.room_id);
                cx.act(Action::Hand(Box::new(join)));
                ui.close();
            }
        });
    });
}

fn visit(cx: &mut Ctx<'_>, view: &HouseholdView, whom: Option<PersonId>) {
    let place = &view.card.place;
    let room = room_title(cx.lang, place.unit.as_deref(), &place.room_no);
    let title = format!("{} {room}", place.building().title(cx.lang));
    let ids = view.card.members.iter().map(|m| m.person_id);
    let members = ids.zip(view.names.iter().cloned()).collect();
    cx.wishes.push(Wish::Visit(place.room_id, title, members, whom));
}

/// What can be done with a member.
fn member_menu(ui: &mut Ui, cx: &mut Ctx<'_>, view: &HouseholdView, m: &Member, name: &str) {
    let room_id = view.card.place.room_id;
    let menu = ui.menu_button("…", |ui| {
        ui.set_min_width(140.0);
        if ui.button(cx.t(Text::EditRecord)).clicked() {
            let tags = &cx.session.vocabulary.tags;
            let has = m.tags.iter().map(|t| tags[*t].code.clone()).collect();
            cx.wishes.push(Wish::EditRecord(Object::Person(m.person_id), has));
            ui.close();
        }
        if ui.button(cx.t(Text::VisitForm)).clicked() {
            visit(cx, view, Some(m.person_id));
            ui.close();
        }
        ui.separator();
        for (text, is_out) in [(Text::MoveTo, false), (Text::MoveOut, true)] {
            if ui.button(cx.t(text)).clicked() {
                cx.wishes.push(Wish::Move(m.person_id, name.to_owned(), room_id, is_out));
                ui.close();
            }
        }
        if m.relation != Some(key::HEAD) && ui.button(cx.t(Text::MakeHead)).clicked() {
            cx.act(Action::Hand(Box::new(Hand::MakeHead(m.person_id, room_id))));
            ui.close();
        }
    });
    menu.response.accessible_name(format!("{} {name}", cx.t(Text::More)));
}

fn facts(cx: &Ctx<'_>, view: &HouseholdView) -> String {
    let lists = &cx.session.vocabulary.lists;
    let mut words = vec![
        lists.label(list::ROOM_KIND, view.card.kind, cx.lang).to_owned(),
        lists.label(list::ROOM_STATUS, view.card.status, cx.lang).to_owned(),
    ];
    if let Some(area) = view.card.area_dm2 {
        words.push(format!("{:.1} {}", area as f64 / 10.0, cx.t(Text::SquareMetres)));
    }
    if let Some(at) = view.card.verified_at {
        let day = instant_text(at);
        words.push(format!("{} {}", cx.t(Text::Verified), day.get(..10).unwrap_or("")));
    }
    words.join(" · ")
}

fn member_row(ui: &mut Ui, cx: &mut Ctx<'_>, view: &HouseholdView, m: &Member, name: &str) {
    let c = theme(ui);
    let dark = ui.visuals().dark_mode;
    let (v, lang) = (&cx.session.vocabulary, cx.lang);
    let label = |list: &str, key: i64| v.lists.label(list, key, lang).to_owned();
    ui.add_space(tokens::GAP_SMALL);
    ui.horizontal(|ui| {
        ui.label(RichText::new(name).font(bold(tokens::SECTION)).color(c.ink));
        let relation = m.relation.map(|r| label(list::RELATION, r)).unwrap_or_default();
        ui.label(RichText::new(relation).color(c.secondary));
        let age = m.age.map(|a| format!("{a} {}", cx.lang.t(Text::Years))).unwrap_or_default();
        ui.label(RichText::new(format!("{} {age}", label(list::SEX, m.sex))).color(c.ink));
        if can_write(cx) {
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                member_menu(ui, cx, view, m, name);
            });
        }
    });
    let mut second = vec![label(list::POPULATION_TYPE, m.population_type)];
    second.extend(m.role.map(|r| label(list::RESIDENCY_ROLE, r)));
    second.extend(m.since.as_deref().map(|s| format!("{} {s}", cx.lang.t(Text::Since))));
    ui.horizontal(|ui| {
        hint(ui, &second.join(" · "));
    });
    if let Some((file, row, at)) = m.sources.first() {
        let day = instant_text(*at);
        let text = format!(
            "{} {file} · {} {row} · {}",
            cx.lang.t(Text::Source),
            cx.lang.t(Text::Row),
            day.get(..10).unwrap_or("")
        );
        ui.add(
            egui::Label::new(RichText::new(text).size(tokens::SMALL).color(c.secondary)).truncate(),
        );
    }
    if let Some(phone) = &m.phone {
        ui.horizontal(|ui| {
            let open = view.phones.iter().find(|(id, ..)| *id == m.person_id);
            match open {
                Some((_, text, until)) => {
                    let left = (until - cx.session.now()).max(0);
                    ui.add(egui::Label::new(RichText::new(text).color(c.ink)).selectable(true));
                    hint(ui, &format!("{left} s"));
                }
                None => {
                    ui.label(RichText::new(phone.masked()).color(c.ink));
                    let room_id = view.card.place.room_id;
                    let text = cx.lang.t(Text::Reveal);
                    let button = link(ui, text);
                    if button.accessible_name(format!("{text} {}", phone.masked())).clicked() {
                        cx.wishes.push(Wish::AskReveal(room_id, m.person_id));
                    }
                }
            }
        });
    }
    if !m.tags.is_empty() {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            for tag in m.tags.iter().map(|t| &v.tags[*t]) {
                let text = tag.label(cx.lang);
                chip(ui, text, tokens::tag_colour(&tag.colour, dark));
            }
        });
    }
    rule(ui);
}

fn more(ui: &mut Ui, cx: &mut Ctx<'_>, view: &HouseholdView) {
    let lists = &cx.session.vocabulary.lists;
    if !view.card.enterprises.is_empty() {
        section(ui, cx.lang.t(Text::Enterprises));
        for e in &view.card.enterprises {
            let status = lists.label(list::ENTERPRISE_STATUS, e.status_key, cx.lang);
            let second = [e.industry.as_deref(), e.uscc.as_deref()];
            let second: Vec<&str> = second.into_iter().flatten().collect();
            list_row(ui, false, &e.name, &second.join(" · "), status);
        }
    }
    if !view.card.events.is_empty() {
        section(ui, cx.lang.t(Text::Events));
        for (no, title, state, at) in &view.card.events {
            let day = at.map(instant_text).unwrap_or_default();
            let mark = if event::is_open(*state) { "● " } else { "" };
            let state = format!("{mark}{}", lists.label(list::EVENT_STATE, *state, cx.lang));
            if list_row(ui, false, title, day.get(..10).unwrap_or(""), &state).clicked() {
                let card = Card::Event(no.clone());
                cx.wishes.push(Wish::Session(Action::Show(card)));
            }
        }
    }
    visits(ui, cx);
    if !view.card.history.is_empty() {
        section(ui, cx.lang.t(Text::History));
        for f in &view.card.history {
            let time = format!("{} – {}", f.start.as_deref().unwrap_or("?"), f.end);
            list_row(ui, false, &f.name.masked(), "", &time);
        }
    }
}

/// The last visits.
fn visits(ui: &mut Ui, cx: &Ctx<'_>) {
    let Some(visits) = cx.session.visits.get().filter(|visits| !visits.is_empty()) else { return };
    let lists = &cx.session.vocabulary.lists;
    section(ui, cx.lang.t(Text::Visits));
    for visit in visits {
        let found = lists.label(list::VISIT_FOUND, visit.found, cx.lang);
        let note = visit.note.as_deref().unwrap_or(&visit.purpose);
        let second = format!("{} {note}", cx.actor(&visit.actor));
        let day = crate::text::workflow::minute_text(visit.at);
        list_row(ui, false, found, second.trim(), day.get(..10).unwrap_or_default());
    }
}
