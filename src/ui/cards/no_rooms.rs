//! A building without rooms: where they come from.

use std::sync::Arc;

use eframe::egui::Ui;

use crate::domain::Lang;
use crate::query::Overview;
use crate::text::Text;
use crate::ui::ctx::{Ctx, RoomsWish, Wish};
use crate::ui::kit::widgets::empty_state;

/// What is shown of a building without rooms: where they come from.
pub(crate) fn no_rooms(ui: &mut Ui, cx: &mut Ctx<'_>, o: &Overview) {
    empty_state(ui, cx.t(Text::NoRooms));
    ui.vertical_centered(|ui| make_rooms_button(ui, cx, o));
}

/// The button that makes rooms in a building.
pub(crate) fn make_rooms_button(ui: &mut Ui, cx: &mut Ctx<'_>, o: &Overview) {
    if ui.button(cx.t(Text::MakeRooms)).clicked() {
        let ids = Arc::from([o.building.building_id]);
        let units: Vec<&str> =
            o.matrix.units.iter().map(String::as_str).filter(|unit| !unit.is_empty()).collect();
        let (title, units) = (title_of(cx.lang, o), units.join(", "));
        cx.wishes.push(Wish::MakeRooms(RoomsWish { buildings: ids, title, units }));
    }
}

/// Title of a building from its header.
pub(crate) fn title_of(lang: Lang, o: &Overview) -> String {
    let b = &o.building;
    b.names().title(lang)
}
