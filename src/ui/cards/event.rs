//! An incident: what, where, when, and what stands near it.

use eframe::egui::{self, RichText, ScrollArea, Ui};

use crate::app::{Action, Card};
use crate::domain::codes::{is_event_open, list};
use crate::query::event::{EventCard, Neighbour};
use crate::query::instant_text;
use crate::text::{Text, room_title};
use crate::ui::cards::frame::{breadcrumb, waiting};
use crate::ui::ctx::{Ctx, Wish};
use crate::ui::kit::theme::bold;
use crate::ui::kit::tokens;
use crate::ui::kit::widgets::{chip, fact, link, list_row, rule, section, theme};

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
    let lists = &session.vocabulary.lists;
    let lang = cx.lang;
    let label = |list: &str, key: i64| lists.label(list, key, lang).to_owned();
    ui.horizontal(|ui| {
        let colour = if is_event_open(e.state) { c.danger } else { c.ok };
        chip(ui, &label(list::EVENT_STATE, e.state), colour);
        ui.label(RichText::new(label(list::EVENT_CATEGORY, e.category)).color(c.secondary));
    });
    if let Some(text) = &e.text {
        ui.add_space(tokens::GAP_SMALL);
        ui.add(egui::Label::new(text).wrap().selectable(true));
    }
    rule(ui);
    let time =
        |at: Option<i64>| at.map(|s| instant_text(s)[..16].replace('T', " ")).unwrap_or_default();
    fact(ui, cx.t(Text::ReportedAt), &time(e.reported_at));
    fact(ui, cx.t(Text::OccurredAt), &time(e.occurred_at));
    fact(
        ui,
        cx.t(Text::Severity),
        &e.severity.map(|s| label(list::EVENT_SEVERITY, s)).unwrap_or_default(),
    );
    fact(
        ui,
        cx.t(Text::Source),
        &e.source.map(|s| label(list::EVENT_SOURCE, s)).unwrap_or_default(),
    );
    let grid = [e.grid.as_deref(), e.grid_leader.as_deref()];
    fact(ui, cx.t(Text::Grid), &grid.into_iter().flatten().collect::<Vec<_>>().join("  "));
    place(ui, cx, e);
    rule(ui);
    ScrollArea::vertical().id_salt(&e.no).auto_shrink([false, false]).show(ui, |ui| {
        section(ui, cx.t(Text::Nearby));
        for near in &e.near {
            let kind = match near.what {
                Neighbour::Building(_) => String::new(),
                Neighbour::Device(_, kind) => label(list::DEVICE_KIND, kind),
            };
            let name = if near.name.is_empty() { &near.code } else { &near.name };
            let distance = format!("{:.0} m", near.distance_m);
            let row = list_row(ui, false, name, &kind, &distance);
            if let Neighbour::Building(building_id) = near.what
                && row.clicked()
            {
                cx.wishes.push(Wish::Session(Action::Show(Card::Building(building_id))));
                cx.wishes.push(Wish::FlyToBuilding(building_id));
            }
        }
    });
}

fn place(ui: &mut Ui, cx: &mut Ctx<'_>, e: &EventCard) {
    let Some(building_id) = e.building_id else { return };
    let name = e.building_name.clone().filter(|n| !n.is_empty()).or(e.building_code.clone());
    ui.horizontal(|ui| {
        let c = theme(ui);
        ui.label(RichText::new(cx.t(Text::Place)).size(tokens::SMALL).color(c.secondary));
        if link(ui, &name.unwrap_or_default()).clicked() {
            cx.go_to_building(building_id);
        }
        if let Some(room) = &e.room {
            let title = room_title(cx.lang, room.unit.as_deref(), &room.room_no);
            if link(ui, &title).clicked() {
                cx.act(Action::Show(Card::Room(room.room_id)));
            }
        }
    });
}
