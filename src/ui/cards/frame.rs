//! What every card has: the way back, where one is, and what is shown while an answer is awaited.

use eframe::egui::{self, RichText, Ui};

use crate::app::{Action, Card, Session, Value};
use crate::text::{Text, room_title};
use crate::ui::ctx::{Ctx, ReportPlace};
use crate::ui::kit::regions::{self, Region};
use crate::ui::kit::tokens;
use crate::ui::kit::widgets::{empty_state, hint, theme};

/// The button that goes back to the card before.
pub(crate) fn back_button(ui: &mut Ui, cx: &mut Ctx<'_>) {
    let hover = format!("{} (Esc)", cx.t(Text::Back));
    let back = ui.button("‹").on_hover_text(hover).accessible_name(cx.t(Text::Back));
    regions::note(ui, Region::Right, back.id);
    if back.clicked() {
        cx.act(Action::Back);
    }
}

/// Where an event would be that is reported now: in the room or building whose card is shown.
pub(crate) fn report_place(session: &Session) -> ReportPlace {
    let lang = session.settings.language();
    match (&session.card, session.household.get(), session.overview.get()) {
        (Some(Card::Room(_)), Some(Some(view)), _) => {
            let place = &view.card.place;
            let room = room_title(lang, place.unit.as_deref(), &place.room_no);
            ReportPlace {
                building_id: Some(place.building_id),
                room_id: Some(place.room_id),
                at: None,
                words: format!("{} {room}", place.building().title(lang)),
            }
        }
        (Some(Card::Building(building_id)), _, Some(Some(o))) => ReportPlace {
            building_id: Some(*building_id),
            words: o.building.names().title(lang),
            ..ReportPlace::default()
        },
        _ => ReportPlace::default(),
    }
}

/// The line with "back" and where one is.
pub(crate) fn breadcrumb(ui: &mut Ui, cx: &mut Ctx<'_>, text: &str) {
    let c = theme(ui);
    ui.horizontal(|ui| {
        back_button(ui, cx);
        let text = RichText::new(text).size(tokens::SMALL).color(c.secondary);
        ui.add(egui::Label::new(text).truncate());
    });
}

/// What a panel shows while its answer is not there; true when there is nothing more to draw.
pub(crate) fn waiting<T>(ui: &mut Ui, cx: &Ctx<'_>, value: &Value<T>) -> bool {
    match value {
        Value::Failed(error, None) => {
            empty_state(ui, &error.text(cx.lang));
            true
        }
        _ if value.get().is_none() => {
            hint(ui, cx.t(Text::Loading));
            true
        }
        _ => false,
    }
}
