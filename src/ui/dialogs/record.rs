//! The form of a record: its fields, checked as they are saved; what somebody else changed meanwhile side
//! by side, never overwritten.

use std::collections::BTreeMap;

use eframe::egui::{self, RichText, ScrollArea, Ui};

use crate::app::asks::by_hand::is_personal;
use crate::app::{Action, Hand};
use crate::domain::codes::CodeLists;
use crate::domain::object::{Cell, Object};
use crate::edit::save::Where;
use crate::edit::{Draft, Field, Input, of_object};
use crate::text::{Lang, Text, translated};
use crate::ui::ctx::Ctx;
use crate::ui::kit::modal::{buttons, heading};
use crate::ui::kit::tokens;
use crate::ui::kit::widgets::{chip_toggle, hint, link, primary, theme};

/// The form's state: what was typed, by field.
pub(crate) struct RecordForm {
    /// The record; none for one that is new.
    object: Option<Object>,
    /// Word of the kind of record.
    word: &'static str,
    place: Where,
    typed: BTreeMap<String, String>,
    /// Masked fields that are typed anew.
    anew: Vec<String>,
    /// Tags (codes) that are given or taken.
    tags: BTreeMap<String, bool>,
    /// Tags that the person has.
    has_tags: Vec<String>,
    /// Fields of which theirs was taken in a conflict.
    yielded: Vec<String>,
    asks_delete: bool,
    /// The saved version when the form was sent.
    sent: Option<u64>,
}

impl RecordForm {
    pub(crate) fn edit(object: Object, has_tags: Vec<String>) -> Self {
        Self {
            object: Some(object),
            word: object.word(),
            place: Where::default(),
            typed: BTreeMap::new(),
            anew: Vec::new(),
            tags: BTreeMap::new(),
            has_tags,
            yielded: Vec::new(),
            asks_delete: false,
            sent: None,
        }
    }

    pub(crate) fn add(word: &'static str, place: Where) -> Self {
        Self { object: None, word, place, ..Self::edit(Object::Person(0.into()), Vec::new()) }
    }

    /// Draws the form; true when it is done with.
    pub(crate) fn show(&mut self, ui: &mut Ui, cx: &mut Ctx<'_>) -> bool {
        if self.sent.is_some_and(|sent| cx.session.saved_version > sent) {
            return true;
        }
        let noun = crate::app::lists::noun(self.word, cx.lang);
        let title = match self.object {
            Some(_) => cx.t(Text::EditOf).replace("{}", noun),
            None => format!("{} · {noun}", cx.t(Text::Add)),
        };
        heading(ui, &title);
        let session = cx.session;
        let view = match self.object {
            Some(object) => match session.record.get() {
                Some(Some(view)) if view.object == object => Some(view),
                Some(None) => {
                    hint(ui, translated("the record is not there any more", cx.lang));
                    return buttons_close(ui, cx);
                }
                _ => {
                    hint(ui, cx.t(Text::Loading));
                    return false;
                }
            },
            None => None,
        };
        let room = (ui.content_rect().height() - 220.0).max(160.0);
        let mut first = true;
        let area = ScrollArea::vertical().max_height(room).min_scrolled_height(room);
        area.auto_shrink([false, true]).show(ui, |ui| {
            egui::Grid::new("fields").num_columns(2).spacing([tokens::GAP, 6.0]).show(ui, |ui| {
                for field in of_object(self.word) {
                    let shown = view.and_then(|v| v.fields.iter().find(|f| f.field == field));
                    let is_masked = shown.is_some_and(|f| f.is_masked);
                    let shown = shown.map_or("", |f| f.shown.as_str());
                    self.line(ui, cx, (field, shown, is_masked), &mut first);
                    ui.end_row();
                }
            });
            if self.word == "person" {
                self.tag_chips(ui, cx);
            }
            self.conflicts(ui, cx);
            if let Some(view) = view.filter(|view| !view.history.is_empty()) {
                ui.add_space(tokens::GAP);
                ui.collapsing(cx.t(Text::FactsFrom), |ui| {
                    for (at, actor, field, before, after) in &view.history {
                        let change = match (before.is_empty(), after.is_empty()) {
                            (true, true) => String::new(),
                            _ => format!(": {before} → {after}"),
                        };
                        let (time, actor) =
                            (crate::text::workflow::minute_text(*at), cx.actor(actor));
                        hint(ui, &format!("{time}  {actor}  {field}{change}"));
                    }
                });
            }
        });
        self.foot(ui, cx)
    }

    fn line(
        &mut self,
        ui: &mut Ui,
        cx: &Ctx<'_>,
        (field, shown, is_masked): (&'static Field, &str, bool),
        first: &mut bool,
    ) {
        let c = theme(ui);
        let lists = &cx.session.vocabulary.lists;
        let label = field.label(cx.lang);
        let star = if field.is_needed() { " *" } else { "" };
        let name = RichText::new(format!("{label}{star}")).color(c.secondary);
        let size = egui::Vec2::new(150.0, tokens::CONTROL_HEIGHT);
        let layout = egui::Layout::left_to_right(egui::Align::Center);
        ui.allocate_ui_with_layout(size, layout, |ui| {
            ui.set_min_width(150.0);
            ui.add(egui::Label::new(name).truncate());
        });
        ui.vertical(|ui| {
            let is_open = !is_masked || self.anew.contains(&field.field);
            if is_open {
                let start = if is_masked { "" } else { shown };
                let text =
                    self.typed.entry(field.field.clone()).or_insert_with(|| start.to_owned());
                let id = input(ui, (field, label), text, (lists, cx.lang));
                if std::mem::take(first)
                    && let Some(response) = id
                {
                    crate::ui::kit::widgets::focus_once(ui, &response);
                }
            } else {
                ui.horizontal(|ui| {
                    ui.label(RichText::new(shown).color(c.ink));
                    let change = link(ui, cx.t(Text::Change));
                    let hover = change.on_hover_text(cx.t(Text::TypeAnew));
                    if hover.accessible_name(format!("{} {label}", cx.t(Text::Change))).clicked() {
                        self.anew.push(field.field.clone());
                    }
                });
            }
            let refused = cx.session.refused.iter().flatten();
            for (_, reason) in refused.filter(|(f, _)| f.field == field.field) {
                let told = RichText::new(reason.text(cx.lang)).color(c.danger).size(tokens::SMALL);
                ui.add(egui::Label::new(told).wrap());
            }
        });
    }

    fn tag_chips(&mut self, ui: &mut Ui, cx: &Ctx<'_>) {
        ui.add_space(tokens::GAP);
        hint(ui, cx.t(Text::Tags));
        let dark = ui.visuals().dark_mode;
        ui.horizontal_wrapped(|ui| {
            for tag in &cx.session.vocabulary.tags {
                let has = self.has_tags.contains(&tag.code);
                let is_on = self.tags.get(&tag.code).copied().unwrap_or(has);
                let colour = tokens::tag_colour(&tag.colour, dark);
                if chip_toggle(ui, tag.label(cx.lang), colour, is_on).clicked() {
                    if is_on == has {
                        self.tags.insert(tag.code.clone(), !is_on);
                    } else {
                        self.tags.remove(&tag.code);
                    }
                }
            }
        });
    }

    /// What somebody else has changed meanwhile, side by side.
    fn conflicts(&mut self, ui: &mut Ui, cx: &Ctx<'_>) {
        let Some(conflicts) = &cx.session.conflict else { return };
        let (Some(object), c) = (self.object, theme(ui)) else { return };
        let lists = &cx.session.vocabulary.lists;
        ui.add_space(tokens::GAP);
        ui.label(RichText::new(cx.t(Text::ConflictTitle)).color(c.danger));
        egui::Grid::new("conflicts").num_columns(5).spacing([tokens::GAP, 6.0]).show(ui, |ui| {
            ui.label("");
            for text in [Text::Seen, Text::Theirs, Text::Yours] {
                hint(ui, cx.t(text));
            }
            ui.end_row();
            for conflict in conflicts {
                let shown = |cell: &Cell| {
                    let text = conflict.field.shown(cell, lists, cx.lang);
                    if is_personal(object, conflict.field) {
                        crate::access::mask::mask_cell(&conflict.field.field, &text)
                    } else {
                        text
                    }
                };
                ui.label(conflict.field.label(cx.lang));
                ui.label(shown(&conflict.seen));
                ui.label(shown(&conflict.theirs));
                ui.label(shown(&conflict.yours));
                let name = &conflict.field.field;
                let mut yields = self.yielded.contains(name);
                let word = if yields { Text::TakeMine } else { Text::TakeTheirs };
                if ui.toggle_value(&mut yields, cx.t(word)).clicked() {
                    if yields {
                        self.yielded.push(name.clone());
                    } else {
                        self.yielded.retain(|n| n != name);
                    }
                }
                ui.end_row();
            }
        });
    }

    fn foot(&mut self, ui: &mut Ui, cx: &mut Ctx<'_>) -> bool {
        let mut is_done = false;
        let is_free = cx.session.is_free(crate::app::Slot::Write);
        buttons(ui, cx, |ui, cx| {
            if primary(ui, is_free, cx.t(Text::Save)).clicked() {
                self.send(cx);
            }
            is_done |= ui.button(cx.t(Text::Cancel)).clicked();
            let can_go = matches!(
                self.object,
                Some(
                    Object::Staff(_)
                        | Object::Organisation(_)
                        | Object::PlaceNote(_)
                        | Object::Enterprise(_)
                        | Object::Device(_)
                        | Object::Room(_)
                        | Object::Person(_)
                )
            );
            if let (Some(object), true) = (self.object, can_go) {
                ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                    let word = if self.asks_delete { Text::DeleteSure } else { Text::DeleteRecord };
                    let text = RichText::new(cx.t(word)).color(theme(ui).danger);
                    if ui.add_enabled(is_free, egui::Button::new(text)).clicked() {
                        if self.asks_delete {
                            self.sent = Some(cx.session.saved_version);
                            cx.act(Action::Hand(Box::new(Hand::Delete(object, false))));
                        }
                        self.asks_delete = !self.asks_delete;
                    }
                });
            }
        });
        is_done
    }

    fn send(&mut self, cx: &mut Ctx<'_>) {
        let mut draft = Draft::default();
        let session = cx.session;
        let view = session.record.get().and_then(Option::as_ref);
        let view = view.filter(|view| Some(view.object) == self.object);
        for field in of_object(self.word) {
            let Some(text) = self.typed.get(&field.field) else { continue };
            let shown = view.and_then(|v| v.fields.iter().find(|f| f.field == field));
            let is_untouched = match shown {
                Some(shown) if shown.is_masked => text.trim().is_empty(),
                Some(shown) => shown.shown == *text,
                None => text.trim().is_empty(),
            };
            if !is_untouched && !self.yielded.contains(&field.field) {
                draft.fields.push((field, text.clone()));
            }
        }
        draft.tags.extend(self.tags.iter().map(|(tag, gives)| (tag.clone(), *gives)));
        self.sent = Some(session.saved_version);
        let hand = match self.object {
            Some(object) => {
                // After a conflict, mine is meant to stand over what was shown there.
                let conflicts = session.conflict.iter().flatten();
                let theirs: Vec<(&'static Field, Cell)> =
                    conflicts.map(|c| (c.field, c.theirs.clone())).collect();
                draft.seen = view.map(|view| view.seen.clone()).unwrap_or_default();
                for (field, cell) in theirs {
                    draft.seen.retain(|(f, _)| f.field != field.field);
                    draft.seen.push((field, cell));
                }
                Hand::Save(object, draft)
            }
            None => Hand::Add(self.word, draft, self.place),
        };
        cx.act(Action::Hand(Box::new(hand)));
    }
}

fn buttons_close(ui: &mut Ui, cx: &mut Ctx<'_>) -> bool {
    let mut is_done = false;
    buttons(ui, cx, |ui, cx| is_done = primary(ui, true, cx.t(Text::Close)).clicked());
    is_done
}

/// The input of a field. Returns the field that takes the keyboard.
fn input(
    ui: &mut Ui,
    (field, label): (&'static Field, &str),
    text: &mut String,
    (lists, lang): (&CodeLists, Lang),
) -> Option<egui::Response> {
    let width = (ui.available_width() - tokens::GAP).clamp(120.0, 260.0);
    if let Input::Code(list, can_be_open) = field.input() {
        let combo = egui::ComboBox::from_id_salt(&field.field).width(width).selected_text(&*text);
        let shown = combo.show_ui(ui, |ui| {
            if can_be_open && ui.selectable_label(text.is_empty(), "—").clicked() {
                text.clear();
            }
            for entry in lists.entries(list) {
                let name = match lang {
                    Lang::Zh => &entry.zh,
                    Lang::En => &entry.en,
                };
                if ui.selectable_label(text == name, name).clicked() {
                    text.clone_from(name);
                }
            }
        });
        shown.response.accessible_name(label);
        return None;
    }
    let hint = match field.input() {
        Input::Day => "2026-03-05",
        _ => "",
    };
    let edit = egui::TextEdit::singleline(text)
        .hint_text(hint)
        .margin(egui::Margin::symmetric(8, 4))
        .desired_width(width);
    let response = ui.add(edit);
    Some(response.accessible_name(label))
}
