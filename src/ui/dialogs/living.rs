//! Forms about who lives where, and of visits.

use eframe::egui::{self, RichText, Ui};

use crate::app::{Action, Hand};
use crate::domain::age::date_as_typed;
use crate::domain::codes::list;
use crate::domain::ids::{PersonId, RoomId};
use crate::domain::workflow::visit::found;
use crate::store::living::MoveIn;
use crate::store::visits::NewVisit;
use crate::text::{Lang, Text, translated};
use crate::ui::ctx::Ctx;
use crate::ui::kit::modal::{buttons, heading};
use crate::ui::kit::tokens;
use crate::ui::kit::widgets::{focus_once, hint, primary, theme};

/// A move: where to, or away.
pub(crate) struct MoveForm {
    person_id: PersonId,
    name: String,
    from: RoomId,
    is_out: bool,
    /// The room as it is typed: code, unit and number.
    code: String,
    unit: String,
    room: String,
    day: String,
    is_second_home: bool,
    is_dead: bool,
    sent: Option<u64>,
}

impl MoveForm {
    pub(crate) fn new(person_id: PersonId, name: String, from: RoomId, is_out: bool) -> Self {
        Self {
            person_id,
            name,
            from,
            is_out,
            code: String::new(),
            unit: String::new(),
            room: String::new(),
            day: String::new(),
            is_second_home: false,
            is_dead: false,
            sent: None,
        }
    }

    /// Draws the form; true when it is done with.
    pub(crate) fn show(&mut self, ui: &mut Ui, cx: &mut Ctx<'_>) -> bool {
        if self.sent.is_some_and(|sent| cx.session.saved_version > sent) {
            return true;
        }
        let title = if self.is_out { Text::MoveOut } else { Text::MoveTo };
        heading(ui, cx.t(title).trim_end_matches('…'));
        hint(ui, &self.name);
        if self.is_out {
            ui.checkbox(&mut self.is_dead, cx.t(Text::Deceased));
        } else {
            let building = Text::BuildingCode;
            egui::Grid::new("to").num_columns(2).spacing([tokens::GAP, 6.0]).show(ui, |ui| {
                let c = theme(ui);
                for (index, (text, value)) in [
                    (building, &mut self.code),
                    (Text::Units, &mut self.unit),
                    (Text::RoomNumber, &mut self.room),
                ]
                .into_iter()
                .enumerate()
                {
                    ui.label(RichText::new(cx.t(text)).color(c.secondary));
                    let edit = egui::TextEdit::singleline(value)
                        .margin(egui::Margin::symmetric(8, 4))
                        .desired_width(220.0);
                    let field = ui.add(edit).accessible_name(cx.t(text));
                    if index == 0 {
                        focus_once(ui, &field);
                    }
                    ui.end_row();
                }
            });
            ui.checkbox(&mut self.is_second_home, cx.t(Text::SecondHome));
        }
        hint(ui, cx.t(Text::OnDay));
        let today = cx.session.today();
        let edit = egui::TextEdit::singleline(&mut self.day)
            .hint_text(today.to_string())
            .margin(egui::Margin::symmetric(8, 5))
            .desired_width(220.0);
        ui.add(edit).accessible_name(cx.t(Text::OnDay));
        let day = match self.day.trim() {
            "" => Some(today),
            text => date_as_typed(text, today),
        };
        if day.is_none() {
            let told = RichText::new(translated("not a date (2026-03-05)", cx.lang));
            ui.label(told.color(theme(ui).danger).size(tokens::SMALL));
        }
        let is_placed =
            self.is_out || (!self.code.trim().is_empty() && !self.room.trim().is_empty());
        let is_free = cx.session.is_free(crate::app::Slot::Write);
        let mut is_done = false;
        buttons(ui, cx, |ui, cx| {
            let go = primary(ui, is_placed && day.is_some() && is_free, cx.t(Text::Save)).clicked();
            if let (true, Some(day)) = (go, day) {
                self.sent = Some(cx.session.saved_version);
                let hand = if self.is_out {
                    // person_status: 2 moved away, 3 deceased.
                    let status = if self.is_dead { 3 } else { 2 };
                    let from = (!self.is_dead).then_some(self.from);
                    Hand::MoveOut(self.person_id, from, day, Some(status))
                } else {
                    let to = MoveIn {
                        room_id: RoomId(0),
                        since: day,
                        household_no: None,
                        relation: None,
                        role: None,
                        is_second_home: self.is_second_home,
                    };
                    let place = [&self.code, &self.unit, &self.room].map(|t| t.trim().to_owned());
                    Hand::MoveIn(self.person_id, to, place)
                };
                cx.act(Action::Hand(Box::new(hand)));
            }
            is_done |= ui.button(cx.t(Text::Cancel)).clicked();
        });
        is_done
    }
}

/// A visit that was made.
pub(crate) struct VisitForm {
    room_id: RoomId,
    title: String,
    /// Who lives there: row id, name, and whether they were seen.
    members: Vec<(PersonId, String)>,
    whom: Option<PersonId>,
    found: i64,
    mode: i64,
    note: String,
    next: String,
    at: String,
    sent: Option<u64>,
}

impl VisitForm {
    pub(crate) fn new(
        room_id: RoomId,
        title: String,
        members: Vec<(PersonId, String)>,
        whom: Option<PersonId>,
    ) -> Self {
        Self {
            room_id,
            title,
            members,
            whom,
            found: found::FOUND,
            mode: 1,
            note: String::new(),
            next: String::new(),
            at: String::new(),
            sent: None,
        }
    }

    /// Draws the form; true when it is done with.
    pub(crate) fn show(&mut self, ui: &mut Ui, cx: &mut Ctx<'_>) -> bool {
        if self.sent.is_some_and(|sent| cx.session.saved_version > sent) {
            return true;
        }
        heading(ui, cx.t(Text::VisitForm).trim_end_matches('…'));
        hint(ui, &self.title);
        let c = theme(ui);
        egui::Grid::new("visit").num_columns(2).spacing([tokens::GAP, 6.0]).show(ui, |ui| {
            ui.label(RichText::new(cx.t(Text::Persons)).color(c.secondary));
            let name = self.members.iter().find(|(id, _)| Some(*id) == self.whom);
            let shown = name.map_or(cx.t(Text::Household), |(_, name)| name);
            egui::ComboBox::from_id_salt("whom").width(220.0).selected_text(shown).show_ui(
                ui,
                |ui| {
                    if ui.selectable_label(self.whom.is_none(), cx.t(Text::Household)).clicked() {
                        self.whom = None;
                    }
                    for (id, name) in &self.members {
                        if ui.selectable_label(self.whom == Some(*id), name).clicked() {
                            self.whom = Some(*id);
                        }
                    }
                },
            );
            ui.end_row();
            codes(ui, cx, (Text::Found, list::VISIT_FOUND), &mut self.found);
            codes(ui, cx, (Text::Mode, list::VISIT_MODE), &mut self.mode);
        });
        let text = |ui: &mut Ui, name: Text, value: &mut String, hint_text: &str| {
            hint(ui, cx.t(name));
            let edit = egui::TextEdit::singleline(value)
                .hint_text(hint_text)
                .margin(egui::Margin::symmetric(8, 5))
                .desired_width(f32::INFINITY);
            ui.add(edit).accessible_name(cx.t(name))
        };
        let note = text(ui, Text::Note, &mut self.note, "");
        focus_once(ui, &note);
        text(ui, Text::NextVisit, &mut self.next, "2026-12-23");
        let now = crate::text::workflow::minute_text(cx.session.now());
        text(ui, Text::HappenedAt, &mut self.at, &now);
        let at = crate::domain::clock::instant_as_typed(&self.at);
        let next = crate::domain::age::parse_date(&self.next);
        let is_ready = (self.at.trim().is_empty() || at.is_some())
            && (self.next.trim().is_empty() || next.is_some())
            && cx.session.is_free(crate::app::Slot::Write);
        let mut is_done = false;
        buttons(ui, cx, |ui, cx| {
            if primary(ui, is_ready, cx.t(Text::Save)).clicked() {
                self.sent = Some(cx.session.saved_version);
                let note = self.note.trim();
                let visit = NewVisit {
                    person_id: self.whom,
                    room_id: Some(self.room_id),
                    at,
                    found: self.found,
                    mode: Some(self.mode),
                    note: (!note.is_empty()).then(|| note.to_owned()),
                    next_due: next.map(|day| day.to_string()),
                    ..NewVisit::default()
                };
                cx.act(Action::Hand(Box::new(Hand::Visit(visit))));
            }
            is_done |= ui.button(cx.t(Text::Cancel)).clicked();
        });
        is_done
    }
}

fn codes(ui: &mut Ui, cx: &Ctx<'_>, (name, of): (Text, &str), value: &mut i64) {
    let lists = &cx.session.vocabulary.lists;
    ui.label(RichText::new(cx.t(name)).color(theme(ui).secondary));
    ui.horizontal(|ui| {
        for entry in lists.entries(of) {
            let word = match cx.lang {
                Lang::Zh => &entry.zh,
                Lang::En => &entry.en,
            };
            ui.selectable_value(value, entry.key, word);
        }
    });
    ui.end_row();
}
