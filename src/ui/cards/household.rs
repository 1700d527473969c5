//! The household card: members with the head first, enterprises, events, history.

use eframe::egui::{self, RichText, ScrollArea, Ui};

use crate::app::{Action, Card, HouseholdView};
use crate::domain::codes::{is_event_open, list};
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
    let v = &cx.session.vocabulary;
    let label = |list: &str, key: i64| v.lists.label(list, key, cx.lang).to_owned();
    ui.add_space(tokens::GAP_SMALL);
    ui.horizontal(|ui| {
        ui.label(RichText::new(name).font(bold(tokens::SECTION)).color(c.ink));
        let relation = m.relation.map(|r| label(list::RELATION, r)).unwrap_or_default();
        ui.label(RichText::new(relation).color(c.secondary));
        let age = m.age.map(|a| format!("{a} {}", cx.lang.t(Text::Years))).unwrap_or_default();
        ui.label(RichText::new(format!("{} {age}", label(list::SEX, m.sex))).color(c.ink));
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
            let mark = if is_event_open(*state) { "● " } else { "" };
            let state = format!("{mark}{}", lists.label(list::EVENT_STATE, *state, cx.lang));
            if list_row(ui, false, title, day.get(..10).unwrap_or(""), &state).clicked() {
                let card = Card::Event(no.clone());
                cx.wishes.push(Wish::Session(Action::Show(card)));
            }
        }
    }
    if !view.card.history.is_empty() {
        section(ui, cx.lang.t(Text::History));
        for f in &view.card.history {
            let time = format!("{} – {}", f.start.as_deref().unwrap_or("?"), f.end);
            list_row(ui, false, &f.name.masked(), "", &time);
        }
    }
}
