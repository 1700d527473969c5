//! Rooms made from units × floors × doors, for the chosen building or the selected ones.

use crate::domain::ids::BuildingId;
use crate::msg;
use std::sync::Arc;

use eframe::egui::{self, Label, RichText, Ui};

use crate::app::{Action, Slot, Value};
use crate::domain::room_plan::{PlanError, RoomPlan};
use crate::import::kinds::make_rooms::RoomsMade;
use crate::text::{Text, thousands};
use crate::ui::ctx::{Ctx, RoomsWish};
use crate::ui::kit::modal::{buttons, heading};
use crate::ui::kit::tokens;
use crate::ui::kit::widgets::{focus_once, hint, primary, theme};

/// What is typed so far, and the plan that was asked about last.
pub(crate) struct RoomsDialog {
    buildings: Arc<[BuildingId]>,
    title: String,
    units: String,
    floors: String,
    doors: String,
    counts_on: bool,
    asked: Option<Result<RoomPlan, PlanError>>,
}

impl RoomsDialog {
    /// A plan for these buildings (row ids), called `title`, with as many units as known.
    pub(crate) fn new(wish: RoomsWish) -> Self {
        Self {
            buildings: wish.buildings,
            title: wish.title,
            units: wish.units,
            floors: String::new(),
            doors: String::new(),
            counts_on: false,
            asked: None,
        }
    }

    /// Draws the dialog; true when it is done with.
    pub(crate) fn show(&mut self, ui: &mut Ui, cx: &mut Ctx<'_>) -> bool {
        heading(ui, cx.t(Text::MakeRooms).trim_end_matches('…'));
        ui.add(Label::new(RichText::new(&self.title).strong()).truncate());
        hint(ui, cx.t(Text::MakeRoomsHint));
        ui.add_space(tokens::GAP);
        field(ui, cx, &mut self.units, (Text::MakeRoomsUnits, Text::MakeRoomsUnitsHint));
        field(ui, cx, &mut self.floors, (Text::MakeRoomsFloors, Text::MakeRoomsFloorsHint));
        let doors = (Text::MakeRoomsDoors, Text::MakeRoomsDoorsHint);
        let doors = field(ui, cx, &mut self.doors, doors);
        focus_once(ui, &doors);
        ui.checkbox(&mut self.counts_on, cx.t(Text::MakeRoomsCountsOn));
        ui.add_space(tokens::GAP);
        let plan = RoomPlan::parse(&self.units, &self.floors, &self.doors, self.counts_on);
        if self.asked.as_ref() != Some(&plan) {
            cx.act(Action::PlanRooms(self.buildings.clone(), plan.as_ref().ok().cloned()));
            self.asked = Some(plan.clone());
        }
        // As tall with an answer as without, so that the buttons stay where they are.
        let size = egui::Vec2::new(ui.available_width(), 84.0);
        ui.allocate_ui(size, |ui| {
            ui.set_min_height(size.y);
            match &plan {
                Err(PlanError::NoDoors) => {
                    hint(ui, &PlanError::NoDoors.message().text(cx.lang));
                }
                Err(error) => failed(ui, &error.message().text(cx.lang)),
                Ok(_) => told(ui, cx, &cx.session.rooms_planned),
            }
        });
        let planned =
            cx.session.rooms_planned.get().filter(|_| !cx.session.rooms_planned.is_pending());
        let is_ready =
            cx.session.is_free(Slot::Write) && planned.is_some_and(|made| made.added > 0);
        let mut is_done = false;
        buttons(ui, cx, |ui, cx| {
            let go = primary(ui, plan.is_ok() && is_ready, cx.t(Text::MakeRoomsGo)).clicked();
            let is_entered = ui.input(|i| i.key_pressed(egui::Key::Enter));
            if let Ok(plan) = plan
                && is_ready
                && (go || is_entered)
            {
                cx.act(Action::MakeRooms(self.buildings.clone(), plan));
                is_done = true;
            }
            is_done |= ui.button(cx.t(Text::Cancel)).clicked();
        });
        is_done
    }
}

fn field(ui: &mut Ui, cx: &Ctx<'_>, text: &mut String, words: (Text, Text)) -> egui::Response {
    ui.label(cx.t(words.0));
    let edit = egui::TextEdit::singleline(text)
        .hint_text(cx.t(words.1))
        .margin(egui::Margin::symmetric(8, 5))
        .desired_width(f32::INFINITY);
    let edit = ui.add(edit).accessible_name(cx.t(words.0));
    ui.add_space(tokens::GAP_SMALL);
    edit
}

fn failed(ui: &mut Ui, text: &str) {
    let c = theme(ui);
    ui.add(Label::new(RichText::new(text).color(c.danger)).wrap());
}

/// What the plan makes: how many, the first ones, and which buildings get none.
fn told(ui: &mut Ui, cx: &Ctx<'_>, planned: &Value<RoomsMade>) {
    if let Value::Failed(error, _) = planned {
        failed(ui, &error.text(cx.lang));
        return;
    }
    let Some(made) = planned.get() else {
        hint(ui, cx.t(Text::Loading));
        return;
    };
    let c = theme(ui);
    let line = msg!(
        "{} rooms are made in {} buildings; {} of the plan are there already",
        thousands(made.added),
        thousands(made.buildings),
        thousands(made.known)
    );
    ui.add(Label::new(RichText::new(line.text(cx.lang)).color(c.ink)).wrap());
    if !made.sample.is_empty() {
        let more = if made.added > made.sample.len() as u64 { " …" } else { "" };
        hint(ui, &format!("{}{more}", made.sample.join("  ")));
    }
    if made.left_out_count > 0 {
        let line = msg!("{} buildings get none:", thousands(made.left_out_count));
        let named = made.left_out.iter().take(2);
        let named: Vec<String> =
            named.map(|(title, why)| format!("{title}: {}", why.text(cx.lang))).collect();
        let more = if made.left_out_count > 2 { " …" } else { "" };
        failed(ui, &format!("{} {}{more}", line.text(cx.lang), named.join(" · ")));
    }
}
