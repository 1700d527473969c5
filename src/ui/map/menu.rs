//! The right button's menu.

use eframe::egui;

use crate::app::{Action, Card, UiCommand};
use crate::map::Scene;
use crate::map::select::{self, Combine};
use crate::query::Filter;
use crate::query::filter::Area;
use crate::text::Text;
use crate::ui::ctx::{Ctx, ReportPlace, Wish};
use crate::ui::map::measure::length_text;
use crate::ui::map::overlay::Sign;
use crate::ui::map::view::{MapPanel, Wanted};

impl MapPanel {
    /// The right button's menu: what can be done here.
    pub(crate) fn context_menu(
        &mut self,
        cx: &mut Ctx<'_>,
        response: &egui::Response,
        scene: &Scene,
        sign: Option<Sign>,
    ) {
        if response.secondary_clicked()
            && let Some(at) = response.interact_pointer_pos()
        {
            let place = self.degrees(at);
            let feature = scene.pick(place).filter(|_| cx.session.settings.layers.buildings);
            self.menu_at = Some((place, feature, sign));
        }
        response.context_menu(|ui| {
            let Some((place, feature, sign)) = self.menu_at else { return };
            ui.set_min_width(200.0);
            if let Some(Sign::Event(index)) = sign
                && ui.button(cx.t(Text::ShowEvent)).clicked()
            {
                cx.act(Action::Show(Card::Event(scene.events[index].code.clone())));
            }
            if let Some(feature) = feature {
                if ui.button(cx.t(Text::ShowBuilding)).clicked() {
                    let building_id = scene.building_id(feature);
                    cx.act(Action::Show(Card::Building(building_id)));
                }
                if ui.button(cx.t(Text::CopyAddress)).clicked() {
                    ui.copy_text(crate::ui::map::overlay::building_text(cx, scene, feature));
                }
            }
            let can_write =
                cx.session.workspace.as_ref().is_some_and(|w| w.read_only_reason().is_none());
            let report = egui::Button::new(cx.t(Text::ReportEventHere));
            if ui.add_enabled(can_write, report).clicked() {
                let words = feature.map_or_else(
                    || format!("{:.5}, {:.5}", place.lon, place.lat),
                    |feature| crate::ui::map::overlay::building_text(cx, scene, feature),
                );
                cx.wishes.push(Wish::ReportEvent(ReportPlace {
                    building_id: feature.map(|feature| scene.building_id(feature)),
                    room_id: None,
                    at: Some(place),
                    words,
                }));
            }
            if ui.button(cx.t(Text::ZoomHere)).clicked() {
                let mut to = self.camera;
                let at = to.screen_of(place);
                to.zoom_about(at, 2.0);
                self.wanted = Some(Wanted::Flight(to));
            }
            let radius = length_text(self.select.radius_m());
            if ui.button(format!("{} {radius}", cx.t(Text::SelectAround))).clicked() {
                let around = select::within(scene, place, self.select.radius_m());
                cx.act(Action::Select(around, Combine::Replace));
            }
            if ui.button(format!("{} {radius}", cx.t(Text::FilterAround))).clicked() {
                let radius_m = self.select.radius_m();
                // Around what was clicked, so that it is told by its name; else around the place.
                let area = match (sign, feature) {
                    (Some(Sign::Event(index)), _) => {
                        Area::AroundEvent { no: scene.events[index].code.clone(), radius_m }
                    }
                    (_, Some(feature)) => {
                        let code = scene.footprints().code(feature).to_owned();
                        Area::AroundBuilding { code, radius_m }
                    }
                    _ => Area::Around { lon: place.lon, lat: place.lat, radius_m },
                };
                let filter = Filter { areas: vec![area], ..cx.session.filter.clone() };
                cx.act(Action::Focus(Box::new(filter)));
            }
            if ui.button(cx.t(Text::CopyPosition)).clicked() {
                ui.copy_text(format!("{:.6}, {:.6}", place.lon, place.lat));
            }
            ui.separator();
            if ui.button(cx.t(Text::FitAll)).clicked() {
                cx.command(UiCommand::FitAll);
            }
        });
    }
}
