//! The review queue beside the map: one held row at a time, its candidates numbered on the map.

use eframe::egui::{self, Key, Modifiers, RichText, ScrollArea, Ui};

use crate::access::mask::mask_cell;
use crate::app::{Action, Card, Slot};
use crate::domain::ids::QueueRowId;
use crate::geo::BBox;
use crate::import::fields;
use crate::import::kinds::review::Decision;
use crate::query::review::{Choice, HeldRow};
use crate::text::{Text, thousands};
use crate::ui::cards::frame::{back_button, waiting};
use crate::ui::commands;
use crate::ui::ctx::{Ctx, Wish};
use crate::ui::kit::theme::bold;
use crate::ui::kit::tokens;
use crate::ui::kit::widgets::{empty_state, fact, hint, list_row, primary, rule, section, theme};

/// The panel's state.
#[derive(Default)]
pub(crate) struct ReviewPanel {
    /// Place in the queue.
    at: usize,
    all_alike: bool,
    correction: String,
    shown: Option<QueueRowId>,
}

impl ReviewPanel {
    /// Keys while the queue is shown: a digit picks, A widens the choice, Page keys walk.
    pub(crate) fn listen(&mut self, ui: &mut Ui, cx: &mut Ctx<'_>) {
        if cx.session.card != Some(Card::Review) || ui.text_edit_focused() {
            return;
        }
        let key = |ui: &mut Ui, key| ui.input_mut(|i| i.consume_key(Modifiers::NONE, key));
        if key(ui, Key::PageDown) {
            self.at += 1;
        }
        if key(ui, Key::PageUp) {
            self.at = self.at.saturating_sub(1);
        }
        if key(ui, Key::A) {
            self.all_alike = !self.all_alike;
        }
        for (index, digit) in commands::DIGITS.into_iter().enumerate() {
            if key(ui, digit)
                && let Some(row) =
                    cx.session.row_under_review().filter(|row| index < row.choices.len())
                && cx.session.is_free(Slot::Write)
            {
                let settle = Action::Settle(row.id, Decision::Choice(index), self.all_alike);
                cx.act(settle);
            }
        }
    }

    pub(crate) fn show(&mut self, ui: &mut Ui, cx: &mut Ctx<'_>) {
        let session = cx.session;
        let c = theme(ui);
        let count = session.lists.get().map_or(0, |lists| lists.waiting);
        ui.horizontal(|ui| {
            back_button(ui, cx);
            let title = format!("{} {}", cx.t(Text::Review), thousands(count));
            ui.label(RichText::new(title).font(bold(tokens::TITLE)).color(c.ink));
        });
        if waiting(ui, cx, &session.lists) {
            return;
        }
        let Some(lists) = session.lists.get() else { return };
        if lists.queue.is_empty() {
            empty_state(ui, cx.t(Text::ReviewEmpty));
            return;
        }
        self.at = self.at.min(lists.queue.len() - 1);
        let row = &lists.queue[self.at];
        if self.shown != Some(row.id) || session.reviewed != Some(row.id) {
            self.look_at(cx, row);
        }
        self.walk(ui, lists.queue.len());
        ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
            what(ui, cx, row);
            rule(ui);
            self.choices(ui, cx, row);
            self.others(ui, cx, row);
        });
    }

    /// Shows the candidates of a row on the map.
    fn look_at(&mut self, cx: &mut Ctx<'_>, row: &HeldRow) {
        self.shown = Some(row.id);
        // Said of one row, it is not said of the next.
        self.all_alike = false;
        // What is masked above is not shown plain below: it is typed anew.
        let cell = row.get(&row.field).unwrap_or_default();
        self.correction.clear();
        let shown = mask_cell(&row.field, cell);
        if shown == cell {
            self.correction.push_str(cell);
        } else if row.field == "address" {
            let bare = shown.replace('…', "").replace("()", "").replace("（）", "");
            self.correction.push_str(bare.trim());
        }
        cx.act(Action::LookAt(row.id));
        let Some(scene) = cx.session.scene.get() else { return };
        let features =
            row.choices.iter().filter_map(|choice| scene.feature_of(choice.building_id?));
        let boxes = features.map(|feature| scene.footprints().bbox(feature));
        let bounds = boxes.reduce(|a, b| BBox {
            west: a.west.min(b.west),
            south: a.south.min(b.south),
            east: a.east.max(b.east),
            north: a.north.max(b.north),
        });
        let only = match &row.choices[..] {
            [only] => only.building_id,
            _ => None,
        };
        match (bounds, only) {
            (Some(_), Some(only)) => cx.wishes.push(Wish::FlyToBuilding(only)),
            (Some(bounds), None) => cx.wishes.push(Wish::FlyTo(bounds)),
            (None, _) => {}
        }
    }

    fn walk(&mut self, ui: &mut Ui, count: usize) {
        let c = theme(ui);
        ui.horizontal(|ui| {
            let earlier = egui::Button::new("‹");
            if ui.add_enabled(self.at > 0, earlier).on_hover_text("Page Up").clicked() {
                self.at -= 1;
            }
            let text = format!("{} / {}", thousands(self.at as u64 + 1), thousands(count as u64));
            ui.label(RichText::new(text).color(c.secondary));
            let later = egui::Button::new("›");
            if ui.add_enabled(self.at + 1 < count, later).on_hover_text("Page Down").clicked() {
                self.at += 1;
            }
        });
    }

    fn choices(&mut self, ui: &mut Ui, cx: &mut Ctx<'_>, row: &HeldRow) {
        let is_free = cx.session.is_free(Slot::Write);
        if !row.choices.is_empty() {
            section(ui, cx.t(Text::ReviewMayBe));
        }
        for (index, choice) in row.choices.iter().enumerate() {
            let evidence = choice.evidence.text(cx.lang);
            let second = if choice.makes_room() {
                format!("{evidence} · {}", cx.t(Text::ReviewRoomMissing))
            } else {
                evidence
            };
            let key = if index < 9 { (index + 1).to_string() } else { String::new() };
            let main = format!("{key}   {}", choice.label);
            let line = list_row(ui, false, &main, &second, "");
            if line.clicked() && is_free {
                cx.act(Action::Settle(row.id, Decision::Choice(index), self.all_alike));
            }
        }
        let alias = row.choices.iter().find_map(|choice| choice.alias.as_ref());
        ui.checkbox(&mut self.all_alike, format!("{} (A)", cx.t(Text::ReviewAllAlike)));
        if let Some(alias) = alias.filter(|_| self.all_alike) {
            hint(ui, &cx.t(Text::ReviewLearns).replace("{}", alias));
        }
    }

    fn others(&mut self, ui: &mut Ui, cx: &mut Ctx<'_>, row: &HeldRow) {
        let is_free = cx.session.is_free(Slot::Write);
        if row.field != "name" {
            rule(ui);
            let labels = fields::labels(&row.kind, cx.lang);
            let field = labels.get(&row.field).unwrap_or(&row.field);
            section(ui, &format!("{}: {field}", cx.t(Text::ReportCorrection)));
            let edit = egui::TextEdit::singleline(&mut self.correction)
                .margin(egui::Margin::symmetric(8, 5))
                .desired_width(f32::INFINITY);
            let edit = ui.add(edit).accessible_name(cx.t(Text::ReportCorrection));
            let is_entered = edit.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
            let text = self.correction.trim();
            let is_new = !text.is_empty() && row.get(&row.field) != Some(text);
            ui.add_space(tokens::GAP_SMALL);
            let go = primary(ui, is_free && is_new, cx.t(Text::ReviewTakeSo)).clicked();
            if (go || is_entered) && is_free && is_new {
                let fields = vec![(row.field.clone(), text.to_owned())];
                cx.act(Action::Settle(row.id, Decision::Correct(fields), self.all_alike));
            }
        }
        rule(ui);
        ui.horizontal_wrapped(|ui| {
            ui.add_enabled_ui(is_free, |ui| {
                let can_make = row.choices.iter().any(Choice::makes_room);
                if can_make && ui.button(cx.t(Text::ReviewMakeRoom)).clicked() {
                    cx.act(Action::Settle(row.id, Decision::MakeRoom, self.all_alike));
                }
                if row.field == "name" && ui.button(cx.t(Text::ReviewNewPerson)).clicked() {
                    cx.act(Action::Settle(row.id, Decision::NewPerson, false));
                }
                if ui.button(cx.t(Text::ReviewDrop)).clicked() {
                    cx.act(Action::Settle(row.id, Decision::Drop, self.all_alike));
                }
            });
        });
        hint(ui, cx.t(Text::ReviewUndoHint));
    }
}

/// The row as it came: file, why it waits, what it says. Names and numbers are masked.
fn what(ui: &mut Ui, cx: &Ctx<'_>, row: &HeldRow) {
    let c = theme(ui);
    hint(ui, &format!("{} · {} {}", row.file, cx.t(Text::Row), row.row));
    let reason = RichText::new(row.reason.text(cx.lang)).color(c.warn);
    ui.add(egui::Label::new(reason).wrap());
    ui.add_space(tokens::GAP_SMALL);
    let labels = fields::labels(&row.kind, cx.lang);
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.spacing_mut().interact_size.y = 20.0;
        for (field, heading) in &row.mapping {
            let Some((_, cell)) = row.raw.iter().find(|(h, _)| h == heading) else { continue };
            let text = mask_cell(field, cell);
            // A column named after a tag is one of several of `tags`: its own name says more.
            let label = labels.get(field).filter(|_| field != "tags").unwrap_or(heading);
            fact(ui, label, &text);
        }
    });
}
