//! An incident: what, where, when; its clocks, its course, what can be done; and what stands near it.

use eframe::egui::{self, RichText, ScrollArea, Ui};

use crate::app::{Action, Card};
use crate::domain::codes::list;
use crate::domain::object::Object;
use crate::domain::workflow::calendar::Calendar;
use crate::domain::workflow::clock::{Clock, ClockState};
use crate::domain::workflow::event::{MACHINE, act, is_open, state};
use crate::query::event::{EventCard, Neighbour, StepView};
use crate::query::event_json::why_message;
use crate::text::workflow::{label, minute_text};
use crate::text::{Text, room_title};
use crate::ui::cards::frame::{breadcrumb, waiting};
use crate::ui::cards::work::left_text;
use crate::ui::ctx::{Ctx, Wish};
use crate::ui::kit::theme::bold;
use crate::ui::kit::tokens;
use crate::ui::kit::widgets::{
    chip, fact, fact_label, flush_link, hint, link, list_row, primary, rule, section, theme,
};

/// The acts that are offered as buttons, in the order of the way; the others stand in the menu.
const WAY: [&str; 9] = [
    act::ACCEPT,
    act::DISPATCH,
    act::ARRIVE,
    act::START,
    act::PLAN,
    act::SOLVE,
    act::CLOSE,
    act::RESUME,
    act::REOPEN,
];

pub(crate) fn show(ui: &mut Ui, cx: &mut Ctx<'_>) {
    let session = cx.session;
    if waiting(ui, cx, &session.event) {
        return;
    }
    let Some(Some(e)) = session.event.get() else { return };
    breadcrumb(ui, cx, &e.no);
    let c = theme(ui);
    let title = RichText::new(&e.title).font(bold(tokens::TITLE)).color(c.ink);
    ui.add(egui::Label::new(title).wrap());
    head(ui, cx, e);
    actions(ui, cx, e);
    rule(ui);
    ScrollArea::vertical().id_salt(&e.no).auto_shrink([false, false]).show(ui, |ui| {
        clocks(ui, cx, e);
        requests(ui, cx, e);
        facts(ui, cx, e);
        timeline(ui, cx, e);
        near(ui, cx, e);
    });
}

fn head(ui: &mut Ui, cx: &Ctx<'_>, e: &EventCard) {
    let c = theme(ui);
    let lists = &cx.session.vocabulary.lists;
    let label = |list: &str, key: i64| lists.label(list, key, cx.lang).to_owned();
    ui.horizontal_wrapped(|ui| {
        let colour = if is_open(e.state) { c.danger } else { c.ok };
        chip(ui, &label(list::EVENT_STATE, e.state), colour);
        if let Some(outcome) = e.outcome {
            chip(ui, &label(list::EVENT_OUTCOME, outcome), c.ok);
        }
        if e.is_urgent {
            chip(ui, crate::text::workflow::label("event_action", act::URGE, cx.lang), c.warn);
        }
        if let Some(grade) = e.severity {
            ui.label(RichText::new(label(list::EVENT_SEVERITY, grade)).color(c.ink));
        }
        ui.label(RichText::new(label(list::EVENT_CATEGORY, e.category)).color(c.secondary));
    });
    if let Some(until) = e.paused_until {
        hint(ui, &format!("{} {}", cx.t(Text::Until), minute_text(until)));
    }
}

/// What can be done now: the next step of the way as the one button, the others beside it.
fn actions(ui: &mut Ui, cx: &mut Ctx<'_>, e: &EventCard) {
    let can_write = cx.session.workspace.as_ref().is_some_and(|w| w.read_only_reason().is_none());
    if !can_write {
        return;
    }
    ui.add_space(tokens::GAP_SMALL);
    let way: Vec<&str> = WAY
        .into_iter()
        .filter(|word| e.possible.contains(word))
        // Closing without having solved it stands in the menu.
        .filter(|word| *word != act::CLOSE || e.possible.contains(&act::CHECK))
        .filter(|word| *word != act::PLAN || e.clocks.iter().any(|c| c.milestone.word() == "plan"))
        .filter(|word| *word != act::ARRIVE || !has_taken(e, act::ARRIVE))
        // Sent already; to somebody else by the menu.
        .filter(|word| *word != act::DISPATCH || e.state != state::DISPATCHED)
        .collect();
    ui.horizontal_wrapped(|ui| {
        for (index, word) in way.iter().take(4).enumerate() {
            let name = label("event_action", word, cx.lang);
            let is_clicked = match index {
                0 => primary(ui, true, name).clicked(),
                _ => ui.button(name).clicked(),
            };
            if is_clicked {
                act_on(cx, e, word);
            }
        }
        ui.menu_button(format!("{} ▼", cx.t(Text::More)), |ui| {
            ui.set_min_width(180.0);
            for word in e.possible.iter().filter(|word| !way[..way.len().min(4)].contains(word)) {
                if ui.button(label("event_action", word, cx.lang)).clicked() {
                    act_on(cx, e, word);
                    ui.close();
                }
            }
            ui.separator();
            if ui.button(cx.t(Text::EditRecord)).clicked() {
                cx.wishes.push(Wish::EditRecord(Object::Event(e.event_id), Vec::new()));
                ui.close();
            }
            if is_open(e.state) {
                for request in MACHINE.requests {
                    if ui.button(label("request", request.kind, cx.lang)).clicked() {
                        act_on(cx, e, &format!("ask-{}", request.kind));
                        ui.close();
                    }
                }
            }
        });
    });
}

fn has_taken(e: &EventCard, action: &str) -> bool {
    e.steps.iter().any(|view| view.is_live && view.step.action == action)
}

fn act_on(cx: &mut Ctx<'_>, e: &EventCard, action: &str) {
    cx.wishes.push(Wish::ActOnEvent(e.event_id, e.no.clone(), action.to_owned(), e.state));
}

fn clocks(ui: &mut Ui, cx: &Ctx<'_>, e: &EventCard) {
    if e.clocks.is_empty() {
        return;
    }
    section(ui, cx.t(Text::Clocks));
    for clock in &e.clocks {
        clock_line(ui, cx, (clock, &e.calendar));
    }
}

fn clock_line(ui: &mut Ui, cx: &Ctx<'_>, (clock, calendar): (&Clock, &Calendar)) {
    let c = theme(ui);
    let colour = match clock.state {
        ClockState::Met => c.ok,
        ClockState::Late => c.danger,
        ClockState::Suspended => c.secondary,
        ClockState::Running if is_pressing(clock) => c.warn,
        ClockState::Running => c.ink,
    };
    let line = ui.horizontal(|ui| {
        let name = label("milestone", clock.milestone.word(), cx.lang);
        ui.label(RichText::new(name).color(c.ink));
        let name = label("clock_state", clock.state.word(), cx.lang);
        let state = match clock.state {
            ClockState::Running | ClockState::Late => left_text(cx, clock),
            ClockState::Met => name.to_owned(),
            ClockState::Suspended => format!("{name} · {}", left_text(cx, clock)),
        };
        ui.label(RichText::new(state).color(colour));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            ui.add_space(tokens::GAP);
            let due = clock.due.map(minute_text).unwrap_or_default();
            ui.label(RichText::new(due).size(tokens::SMALL).color(c.secondary));
        });
    });
    // Why then? The reasons, in their order.
    let words = (&*cx.session.vocabulary, cx.lang);
    line.response.interact(egui::Sense::hover()).on_hover_ui(|ui| {
        ui.label(RichText::new(cx.t(Text::WhyThen)).font(bold(tokens::BODY)));
        for why in &clock.why {
            ui.label(why_message(why, words, calendar).text(cx.lang));
        }
    });
}

/// Whether four fifths of the time are over.
fn is_pressing(clock: &Clock) -> bool {
    clock.left_secs.is_some_and(|left| left * 5 < clock.allowed_secs)
}

fn requests(ui: &mut Ui, cx: &mut Ctx<'_>, e: &EventCard) {
    for request in e.requests.iter().filter(|r| r.decision.is_none()) {
        let c = theme(ui);
        ui.horizontal_wrapped(|ui| {
            let kind = label("request", &request.kind, cx.lang);
            let until = request.until.map(minute_text).unwrap_or_default();
            let why = request.reason.as_deref().unwrap_or_default();
            let text = format!("{kind} {until} · {} {why}", request.requester);
            ui.label(RichText::new(text).color(c.warn));
            if link(ui, cx.t(Text::Grant)).clicked() {
                act_on(cx, e, "grant");
            }
            if link(ui, cx.t(Text::Deny)).clicked() {
                act_on(cx, e, "deny");
            }
        });
    }
}

fn facts(ui: &mut Ui, cx: &mut Ctx<'_>, e: &EventCard) {
    if let Some(text) = &e.text {
        ui.add_space(tokens::GAP_SMALL);
        ui.add(egui::Label::new(text).wrap().selectable(true));
    }
    ui.add_space(tokens::GAP_SMALL);
    let lists = &cx.session.vocabulary.lists;
    let time = |at: Option<i64>| at.map(minute_text).unwrap_or_default();
    fact(ui, cx.t(Text::CalledAt), &time(e.called_at));
    fact(ui, cx.t(Text::ReportedAt), &time(e.reported_at));
    if e.occurred_at.is_some() {
        fact(ui, cx.t(Text::OccurredAt), &time(e.occurred_at));
    }
    let source = e.source.map(|s| lists.label(list::EVENT_SOURCE, s, cx.lang).to_owned());
    fact(ui, cx.t(Text::Source), &source.unwrap_or_default());
    let handler = e.handler.as_deref().unwrap_or(cx.t(Text::NobodyYet));
    fact(ui, cx.t(Text::Handler), handler);
    let grid = [e.grid.as_deref(), e.grid_leader.as_deref()];
    fact(ui, cx.t(Text::Grid), &grid.into_iter().flatten().collect::<Vec<_>>().join("  "));
    if let Some(words) = &e.place_text {
        fact(ui, cx.t(Text::PlaceWords), words);
    }
    place(ui, cx, e);
    for no in e.duplicate_of.iter().chain(&e.duplicates) {
        ui.horizontal(|ui| {
            let c = theme(ui);
            let name = cx.session.vocabulary.lists.label(
                list::EVENT_OUTCOME,
                crate::domain::workflow::event::outcome::DUPLICATE,
                cx.lang,
            );
            ui.label(RichText::new(name).size(tokens::SMALL).color(c.secondary));
            if link(ui, no).clicked() {
                cx.act(Action::Show(Card::Event(no.clone())));
            }
        });
    }
}

fn timeline(ui: &mut Ui, cx: &Ctx<'_>, e: &EventCard) {
    if e.steps.is_empty() {
        return;
    }
    rule(ui);
    section(ui, cx.t(Text::Timeline));
    for view in e.steps.iter().rev() {
        step(ui, cx, view);
    }
    for r in e.requests.iter().rev().filter(|r| r.decision.is_some()) {
        let decision = r.decision.as_deref().unwrap_or_default();
        let kind = label("request", &r.kind, cx.lang);
        let decision = label("decision", decision, cx.lang);
        let who = r.decider.as_deref().unwrap_or_default();
        hint(ui, &format!("{}  {kind} · {decision} · {who}", minute_text(r.at)));
    }
}

fn step(ui: &mut Ui, cx: &Ctx<'_>, view: &StepView) {
    let c = theme(ui);
    let lists = &cx.session.vocabulary.lists;
    ui.horizontal_wrapped(|ui| {
        let time = minute_text(view.step.at);
        ui.label(RichText::new(time).size(tokens::SMALL).color(c.secondary));
        let name = label("event_action", &view.step.action, cx.lang);
        let ink = if view.is_live { c.ink } else { c.secondary };
        let mut text = RichText::new(name).font(bold(tokens::BODY)).color(ink);
        if !view.is_live && view.step.revokes.is_none() {
            text = text.strikethrough();
        }
        ui.label(text);
        let state = lists.label(list::EVENT_STATE, view.step.to_state, cx.lang);
        if view.step.from_state != Some(view.step.to_state) {
            ui.label(RichText::new(format!("→ {state}")).color(ink));
        }
        ui.label(RichText::new(cx.actor(&view.actor)).color(c.secondary));
        if let Some(handler) = &view.handler {
            ui.label(RichText::new(format!("→ {handler}")).color(c.secondary));
        }
        if view.step.is_back_dated() {
            let entered = view.step.entered_at.map(minute_text).unwrap_or_default();
            chip(ui, cx.t(Text::BackDated), c.warn).on_hover_text(entered);
        }
    });
    if let Some(opinion) = &view.opinion {
        hint(ui, opinion);
    }
}

fn near(ui: &mut Ui, cx: &mut Ctx<'_>, e: &EventCard) {
    rule(ui);
    section(ui, cx.t(Text::Nearby));
    let lists = &cx.session.vocabulary.lists;
    for near in &e.near {
        let kind = match near.what {
            Neighbour::Building(_) => String::new(),
            Neighbour::Device(_, kind) => lists.label(list::DEVICE_KIND, kind, cx.lang).to_owned(),
        };
        let name = match &near.building {
            Some(building) => building.name().title(cx.lang),
            None if near.name.is_empty() => near.code.clone(),
            None => near.name.clone(),
        };
        let distance = format!("{:.0} m", near.distance_m);
        let row = list_row(ui, false, &name, &kind, &distance);
        if let Neighbour::Building(building_id) = near.what
            && row.clicked()
        {
            cx.wishes.push(Wish::Session(Action::Show(Card::Building(building_id))));
            cx.wishes.push(Wish::FlyToBuilding(building_id));
        }
    }
}

fn place(ui: &mut Ui, cx: &mut Ctx<'_>, e: &EventCard) {
    let Some(building_id) = e.building_id else { return };
    let name = e.building.as_ref().map(|building| building.name().title(cx.lang));
    ui.horizontal(|ui| {
        fact_label(ui, cx.t(Text::Place));
        if flush_link(ui, &name.unwrap_or_default()).clicked() {
            cx.go_to_building(building_id);
        }
        if let Some(room) = &e.room {
            let title = room_title(cx.lang, room.unit.as_deref(), &room.room_no);
            if flush_link(ui, &title).clicked() {
                cx.act(Action::Show(Card::Room(room.room_id)));
            }
        }
    });
}
