//! My work: what waits, each with its count and what comes next.

use eframe::egui::{self, RichText, ScrollArea, Ui};

use crate::app::{Action, Card, UiCommand};
use crate::domain::codes::list;
use crate::domain::workflow::clock::Clock;
use crate::query::event_list::EventLine;
use crate::text::workflow::{duration_text, label, minute_text};
use crate::text::{Text, thousands};
use crate::ui::cards::frame::{back_button, waiting};
use crate::ui::ctx::{Ctx, Wish};
use crate::ui::kit::theme::bold;
use crate::ui::kit::tokens;
use crate::ui::kit::widgets::{empty_state, hint, link, list_row, rule, theme};

pub(crate) fn show(ui: &mut Ui, cx: &mut Ctx<'_>) {
    if waiting(ui, cx, &cx.session.work) {
        return;
    }
    let session = cx.session;
    let Some(view) = session.work.get() else { return };
    let c = theme(ui);
    ui.horizontal(|ui| {
        back_button(ui, cx);
        ui.label(RichText::new(cx.t(Text::MyWork)).font(bold(tokens::TITLE)).color(c.ink));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if link(ui, cx.t(Text::ReportEvent)).clicked() {
                cx.command(UiCommand::ReportEvent);
            }
        });
    });
    let (name, is_named) = session.acting();
    let who = if is_named { name } else { cx.t(Text::Everybody) };
    hint(ui, &format!("{who} · {}", minute_text(session.now())));
    rule(ui);
    ScrollArea::vertical().id_salt("work").auto_shrink([false, false]).show(ui, |ui| {
        let work = &view.work;
        let mut is_empty = true;
        // What presses first.
        for word in
            ["overdue", "due_today", "to_accept", "to_dispatch", "to_do", "to_check", "to_decide"]
        {
            let Some(section) = work.section(word).filter(|s| s.count > 0) else { continue };
            is_empty = false;
            let is_late = word == "overdue";
            title(ui, label("work", word, cx.lang), section.count, is_late);
            for line in &section.next {
                event_row(ui, cx, line);
            }
            let more = section.count.saturating_sub(section.next.len() as u64);
            if more > 0 {
                hint(ui, &crate::msg!("and {} more", thousands(more)).text(cx.lang));
            }
        }
        let visits = work.visits_due + work.visits_missed;
        if visits > 0 {
            is_empty = false;
            title(ui, label("work", "visits_due", cx.lang), visits, work.visits_missed > 0);
            for task in &work.visits {
                let name = task.name.masked();
                let day = task.due_on.to_string();
                if list_row(ui, false, &name, &task.plan, &day).clicked()
                    && let Some(room_id) = task.room_id
                {
                    cx.act(Action::Show(Card::Room(room_id)));
                }
            }
        }
        for (word, count, command) in [
            ("suspended", work.section("suspended").map_or(0, |s| s.count), None),
            ("rows_waiting", work.rows, Some(UiCommand::Review)),
            ("tags_to_review", work.tags, None),
        ] {
            if count == 0 {
                continue;
            }
            is_empty = false;
            let row = list_row(ui, false, label("work", word, cx.lang), "", &thousands(count));
            if let (true, Some(command)) = (row.clicked(), command) {
                cx.command(command);
            }
        }
        if is_empty {
            empty_state(ui, cx.t(Text::NothingWaits));
        }
    });
}

fn title(ui: &mut Ui, name: &str, count: u64, is_late: bool) {
    let c = theme(ui);
    ui.add_space(tokens::GAP_SMALL);
    ui.horizontal(|ui| {
        ui.label(RichText::new(name).font(bold(tokens::BODY)).color(c.ink));
        let colour = if is_late { c.danger } else { c.secondary };
        ui.label(RichText::new(thousands(count)).font(bold(tokens::BODY)).color(colour));
    });
}

/// An event in a list: what, in which state, and the time that is left.
pub(crate) fn event_row(ui: &mut Ui, cx: &mut Ctx<'_>, line: &EventLine) {
    let state = cx.session.vocabulary.lists.label(list::EVENT_STATE, line.state, cx.lang);
    let left = line.next.as_ref().map(|clock| left_text(cx, clock)).unwrap_or_default();
    let second = match &line.handler {
        Some(handler) => format!("{state} · {handler}"),
        None => state.to_owned(),
    };
    if list_row(ui, false, &line.title, &second, &left).clicked() {
        if let Some(building_id) = line.building_id {
            cx.wishes.push(Wish::FlyToBuilding(building_id));
        }
        cx.act(Action::Show(Card::Event(line.no.clone())));
    }
}

/// What is left of a clock's time, in words.
pub(crate) fn left_text(cx: &Ctx<'_>, clock: &Clock) -> String {
    let Some(secs) = clock.left_secs else { return String::new() };
    let text = duration_text(secs, cx.lang);
    let message =
        if secs < 0 { crate::msg!("{} late", text) } else { crate::msg!("{} left", text) };
    message.text(cx.lang)
}
