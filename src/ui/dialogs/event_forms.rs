//! Forms of events: the report, and an act on one.

use eframe::egui::{self, RichText, Ui};

use crate::app::{Action, Card, Hand};
use crate::domain::clock::instant_as_typed;
use crate::domain::codes::{key, list};
use crate::domain::ids::EventId;
use crate::domain::workflow::Need;
use crate::domain::workflow::event::{MACHINE, act, outcome, state};
use crate::store::events::{EventAct, NewEvent};
use crate::text::workflow::{label, minute_text};
use crate::text::{Lang, Text};
use crate::ui::ctx::{Ctx, ReportPlace};
use crate::ui::kit::modal::{buttons, heading};
use crate::ui::kit::tokens;
use crate::ui::kit::widgets::{focus_once, hint, link, primary, theme};

/// The report's state.
pub(crate) struct ReportForm {
    place: ReportPlace,
    title: String,
    text: String,
    place_text: String,
    called: String,
    category: i64,
    severity: Option<i64>,
    source: Option<i64>,
    asked: Option<i64>,
    sent: Option<u64>,
}

impl ReportForm {
    pub(crate) fn new(place: ReportPlace) -> Self {
        Self {
            place,
            title: String::new(),
            text: String::new(),
            place_text: String::new(),
            called: String::new(),
            category: key::EVENT_OTHER,
            severity: None,
            source: None,
            asked: None,
            sent: None,
        }
    }

    /// Draws the form; true when it is done with.
    pub(crate) fn show(&mut self, ui: &mut Ui, cx: &mut Ctx<'_>) -> bool {
        if self.sent.is_some_and(|sent| cx.session.saved_version > sent) {
            return true;
        }
        heading(ui, cx.t(Text::ReportEvent).trim_end_matches('…'));
        if !self.place.words.is_empty() {
            hint(ui, &self.place.words);
        }
        if self.asked != Some(self.category) {
            self.asked = Some(self.category);
            let category = Some(self.category).filter(|c| *c != key::EVENT_OTHER);
            cx.act(Action::AskSimilar(self.place.building_id, self.place.at, category));
        }
        let title = field(ui, cx.t(Text::EventTitle), &mut self.title, "");
        focus_once(ui, &title);
        egui::Grid::new("report").num_columns(2).spacing([tokens::GAP, 6.0]).show(ui, |ui| {
            let mut category = Some(self.category);
            choice(ui, cx, (Text::Category, list::EVENT_CATEGORY, false), &mut category);
            self.category = category.unwrap_or(key::EVENT_OTHER);
            choice(ui, cx, (Text::Grade, list::EVENT_SEVERITY, true), &mut self.severity);
            choice(ui, cx, (Text::Source, list::EVENT_SOURCE, true), &mut self.source);
        });
        hint(ui, cx.t(Text::EventText));
        let text = egui::TextEdit::multiline(&mut self.text)
            .desired_rows(3)
            .margin(egui::Margin::symmetric(8, 5))
            .desired_width(f32::INFINITY);
        ui.add(text).accessible_name(cx.t(Text::EventText));
        field(ui, cx.t(Text::PlaceWords), &mut self.place_text, "");
        let now = minute_text(cx.session.now());
        field(ui, cx.t(Text::CalledAt), &mut self.called, &now);
        let is_time = self.called.trim().is_empty() || instant_as_typed(&self.called).is_some();
        if !is_time {
            let told = crate::text::translated("a time such as 2026-11-23T14:20", cx.lang);
            ui.label(RichText::new(told).color(theme(ui).danger).size(tokens::SMALL));
        }
        let mut is_done = similar(ui, cx);
        let is_ready = !self.title.trim().is_empty() && is_time;
        let is_free = cx.session.is_free(crate::app::Slot::Write);
        buttons(ui, cx, |ui, cx| {
            let word = cx.t(Text::ReportEvent).trim_end_matches('…');
            if primary(ui, is_ready && is_free, word).clicked() {
                self.sent = Some(cx.session.saved_version);
                let some =
                    |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
                let new = NewEvent {
                    title: self.title.trim().to_owned(),
                    text: some(&self.text),
                    category: self.category,
                    severity: self.severity,
                    source: self.source,
                    called_at: instant_as_typed(&self.called),
                    occurred_at: None,
                    place_text: some(&self.place_text),
                    building_id: self.place.building_id,
                    room_id: self.place.room_id,
                    point: self.place.at,
                };
                cx.act(Action::Hand(Box::new(Hand::Report(new))));
            }
            is_done |= ui.button(cx.t(Text::Cancel)).clicked();
        });
        is_done
    }
}

/// Open events that may be the same; true when somebody goes to one.
fn similar(ui: &mut Ui, cx: &mut Ctx<'_>) -> bool {
    let session = cx.session;
    let Some(found) = session.similar.get().filter(|found| !found.is_empty()) else {
        return false;
    };
    ui.add_space(tokens::GAP_SMALL);
    let c = theme(ui);
    ui.label(RichText::new(cx.t(Text::SimilarEvents)).color(c.warn));
    let mut goes = false;
    for line in found.iter().take(3) {
        let state = session.vocabulary.lists.label(list::EVENT_STATE, line.state, cx.lang);
        if link(ui, &format!("{} · {state} · {}", line.title, line.no)).clicked() {
            cx.act(Action::Show(Card::Event(line.no.clone())));
            goes = true;
        }
    }
    goes
}

fn field(ui: &mut Ui, name: &str, text: &mut String, hint_text: &str) -> egui::Response {
    hint(ui, name);
    let edit = egui::TextEdit::singleline(text)
        .hint_text(hint_text)
        .margin(egui::Margin::symmetric(8, 5))
        .desired_width(f32::INFINITY);
    ui.add(edit).accessible_name(name)
}

fn choice(
    ui: &mut Ui,
    cx: &Ctx<'_>,
    (name, of, can_be_open): (Text, &str, bool),
    value: &mut Option<i64>,
) {
    let lists = &cx.session.vocabulary.lists;
    ui.label(RichText::new(cx.t(name)).color(theme(ui).secondary));
    let shown = value.map_or("—", |key| lists.label(of, key, cx.lang));
    let combo = egui::ComboBox::from_id_salt(of).width(220.0).height(320.0).selected_text(shown);
    let shown = combo.show_ui(ui, |ui| {
        if can_be_open && ui.selectable_label(value.is_none(), "—").clicked() {
            *value = None;
        }
        for entry in lists.entries(of) {
            let name = match cx.lang {
                Lang::Zh => &entry.zh,
                Lang::En => &entry.en,
            };
            if ui.selectable_label(*value == Some(entry.key), name).clicked() {
                *value = Some(entry.key);
            }
        }
    });
    shown.response.accessible_name(cx.t(name));
    ui.end_row();
}

/// An act on an event.
pub(crate) struct ActForm {
    event_id: EventId,
    no: String,
    action: String,
    state: i64,
    opinion: String,
    until: String,
    at: String,
    of: String,
    handler: String,
    severity: Option<i64>,
    outcome: Option<i64>,
    sent: Option<u64>,
}

impl ActForm {
    pub(crate) fn new(event_id: EventId, no: String, action: &str, state: i64) -> Self {
        Self {
            event_id,
            no,
            action: action.to_owned(),
            state,
            opinion: String::new(),
            until: String::new(),
            at: String::new(),
            of: String::new(),
            handler: String::new(),
            severity: None,
            outcome: None,
            sent: None,
        }
    }

    /// The act that is meant, without `ask-`.
    fn word(&self) -> &str {
        self.action.strip_prefix("ask-").unwrap_or(&self.action)
    }

    fn needs(&self, need: Need) -> bool {
        let rule = MACHINE.rule(self.state, self.word()).ok();
        let request = MACHINE.request(self.word()).filter(|_| self.action.starts_with("ask-"));
        rule.is_some_and(|rule| rule.needs.contains(&need))
            || request.is_some_and(|request| request.needs.contains(&need))
    }

    /// Draws the form; true when it is done with.
    pub(crate) fn show(&mut self, ui: &mut Ui, cx: &mut Ctx<'_>) -> bool {
        if self.sent.is_some_and(|sent| cx.session.saved_version > sent) {
            return true;
        }
        let word = self.word().to_owned();
        let name = match self.action.as_str() {
            "grant" => cx.t(Text::Grant),
            "deny" => cx.t(Text::Deny),
            action if action.starts_with("ask-") => label("request", &word, cx.lang),
            _ => label("event_action", &word, cx.lang),
        };
        heading(ui, name);
        hint(ui, &self.no);
        if self.needs(Need::Until) {
            field(ui, cx.t(Text::Until), &mut self.until, "2026-11-25 09:00");
        }
        egui::Grid::new("act").num_columns(2).spacing([tokens::GAP, 6.0]).show(ui, |ui| {
            if self.needs(Need::Severity) {
                choice(ui, cx, (Text::Grade, list::EVENT_SEVERITY, false), &mut self.severity);
            }
            if word == act::CLOSE {
                choice(ui, cx, (Text::Outcome, list::EVENT_OUTCOME, true), &mut self.outcome);
            }
            if word == act::DISPATCH {
                self.handler_choice(ui, cx);
            }
        });
        if self.outcome == Some(outcome::DUPLICATE) {
            field(ui, cx.t(Text::OfEvent), &mut self.of, "");
        }
        let opinion = field(ui, cx.t(Text::Opinion), &mut self.opinion, "");
        focus_once(ui, &opinion);
        let is_entered = opinion.lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter));
        let now = minute_text(cx.session.now());
        field(ui, cx.t(Text::HappenedAt), &mut self.at, &now);
        let is_time = |text: &str| text.trim().is_empty() || instant_as_typed(text).is_some();
        let is_ready = is_time(&self.at)
            && is_time(&self.until)
            && (!self.needs(Need::Until) || !self.until.trim().is_empty())
            && (!self.needs(Need::Severity) || self.severity.is_some())
            && (self.outcome.is_some() || word != act::CLOSE || self.state == state::TO_CHECK);
        let is_free = cx.session.is_free(crate::app::Slot::Write);
        let mut is_done = false;
        buttons(ui, cx, |ui, cx| {
            let is_wanted = primary(ui, is_ready && is_free, name).clicked() || is_entered;
            if is_wanted && is_ready && is_free {
                self.send(cx);
            }
            is_done |= ui.button(cx.t(Text::Cancel)).clicked();
        });
        is_done
    }

    fn handler_choice(&mut self, ui: &mut Ui, cx: &Ctx<'_>) {
        ui.label(RichText::new(cx.t(Text::Handler)).color(theme(ui).secondary));
        ui.horizontal(|ui| {
            let edit = egui::TextEdit::singleline(&mut self.handler)
                .margin(egui::Margin::symmetric(8, 4))
                .desired_width(140.0);
            ui.add(edit).accessible_name(cx.t(Text::Handler));
            let staff = cx.session.work.get().map_or(&[][..], |view| &view.staff[..]);
            if !staff.is_empty() {
                ui.menu_button("▼", |ui| {
                    egui::ScrollArea::vertical().max_height(240.0).show(ui, |ui| {
                        for name in staff {
                            if ui.button(name).clicked() {
                                self.handler.clone_from(name);
                                ui.close();
                            }
                        }
                    });
                });
            }
        });
        ui.end_row();
    }

    fn send(&mut self, cx: &mut Ctx<'_>) {
        self.sent = Some(cx.session.saved_version);
        let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let act = EventAct {
            action: self.action.clone(),
            at: instant_as_typed(&self.at),
            opinion: some(&self.opinion),
            until: instant_as_typed(&self.until),
            severity: self.severity,
            outcome: self.outcome,
            handler: some(&self.handler),
            other: None,
            satisfaction: None,
        };
        let other = some(&self.of);
        cx.act(Action::Hand(Box::new(Hand::Act(self.event_id, act, other))));
    }
}
