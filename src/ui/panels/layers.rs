//! Layers with visibility, and which events are shown.

use eframe::egui::{self, RichText, Ui};

use crate::app::Action;
use crate::app::settings::Layers;
use crate::domain::codes::list;
use crate::map::style::MapTheme;
use crate::text::{Text, thousands};
use crate::ui::ctx::{Ctx, Wish};
use crate::ui::kit::tokens;
use crate::ui::kit::widgets::{section, segments};
use crate::ui::map::legend::theme_name;

pub(crate) fn show(ui: &mut Ui, cx: &mut Ctx<'_>) {
    section(ui, cx.t(Text::Layers));
    let totals = cx.session.totals;
    let rows: [(Text, fn(&mut Layers) -> &mut bool, Option<u64>); 8] = [
        (Text::LayerBuildings, |l| &mut l.buildings, Some(totals.buildings)),
        (Text::LayerLabels, |l| &mut l.labels, None),
        (Text::LayerGrids, |l| &mut l.grids, Some(totals.grids)),
        (Text::LayerEvents, |l| &mut l.events, Some(totals.events)),
        (Text::LayerHeat, |l| &mut l.heat, None),
        (Text::LayerDevices, |l| &mut l.devices, Some(totals.devices)),
        (Text::LayerBasemap, |l| &mut l.basemap, None),
        (Text::LayerInset, |l| &mut l.inset, None),
    ];
    for (text, field, count) in rows {
        let mut layers = cx.session.settings.layers;
        ui.horizontal(|ui| {
            if ui.checkbox(field(&mut layers), cx.t(text)).changed() {
                cx.wishes.push(Wish::Settings(Box::new(move |s| s.layers = layers)));
            }
            if let Some(count) = count {
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    ui.add_space(8.0);
                    let text = RichText::new(thousands(count)).size(tokens::SMALL + 1.0).weak();
                    ui.label(text);
                });
            }
        });
    }
    theme_choice(ui, cx);
    if cx.session.settings.layers.events {
        event_filter(ui, cx);
    }
}

fn theme_choice(ui: &mut Ui, cx: &mut Ctx<'_>) {
    let theme = cx.session.settings.theme;
    let mut wanted = theme;
    ui.add_space(tokens::GAP_SMALL);
    ui.label(RichText::new(cx.t(Text::ThemeLabel)).size(tokens::SMALL + 1.0).weak());
    let width = ui.available_width() - 8.0;
    egui::ComboBox::from_id_salt("map theme")
        .selected_text(cx.t(theme_name(theme)))
        .width(width)
        .show_ui(ui, |ui| {
            for choice in MapTheme::ALL {
                ui.selectable_value(&mut wanted, choice, cx.t(theme_name(choice)));
            }
        })
        .response
        .accessible_name(cx.lang.t(Text::ThemeLabel));
    if wanted != theme {
        cx.act(Action::Theme(wanted));
    }
}

fn event_filter(ui: &mut Ui, cx: &mut Ctx<'_>) {
    let filter = cx.session.settings.events;
    ui.add_space(tokens::GAP_SMALL);
    let words = [cx.t(Text::EventsOpenOnly), cx.t(Text::EventsAll)];
    let chosen = usize::from(filter.closed_too);
    if let Some(picked) = segments(ui, cx.t(Text::Events), chosen, &words) {
        let set = move |s: &mut crate::app::Settings| s.events.closed_too = picked == 1;
        cx.wishes.push(Wish::Settings(Box::new(set)));
    }
    let days = [None, Some(7), Some(30)];
    let words = [cx.t(Text::EventsAnyAge), cx.t(Text::Days7), cx.t(Text::Days30)];
    let chosen = days.iter().position(|d| *d == filter.days).unwrap_or(0);
    if let Some(picked) = segments(ui, cx.t(Text::ReportedAt), chosen, &words) {
        let wanted = days[picked];
        cx.wishes.push(Wish::Settings(Box::new(move |s| s.events.days = wanted)));
    }
    let lists = &cx.session.vocabulary.lists;
    let label = |key: Option<i64>| match key {
        None => cx.lang.t(Text::EventsAnyCategory).to_owned(),
        Some(key) => lists.label(list::EVENT_CATEGORY, key, cx.lang).to_owned(),
    };
    let mut wanted = filter.category;
    let width = ui.available_width() - 8.0;
    egui::ComboBox::from_id_salt("event category")
        .selected_text(label(filter.category))
        .width(width)
        .show_ui(ui, |ui| {
            ui.selectable_value(&mut wanted, None, label(None));
            for entry in lists.entries(list::EVENT_CATEGORY) {
                ui.selectable_value(&mut wanted, Some(entry.key), label(Some(entry.key)));
            }
        })
        .response
        .accessible_name(cx.lang.t(Text::Category));
    if wanted != filter.category {
        cx.wishes.push(Wish::Settings(Box::new(move |s| s.events.category = wanted)));
    }
}
