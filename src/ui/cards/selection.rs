//! The selected buildings: what is in them, and what can be done with them.

use eframe::egui::{RichText, ScrollArea, Ui};

use crate::app::{Action, UiCommand};
use crate::domain::ids::BuildingId;
use crate::domain::matrix::natural;
use crate::map::Scene;
use crate::query::table::TableKind;
use crate::query::{Filter, SelectionSummary};
use crate::text::{Lang, Text, thousands};
use crate::ui::cards::frame::{back_button, waiting};
use crate::ui::ctx::{Ctx, RoomsWish, Wish};
use crate::ui::kit::theme::bold;
use crate::ui::kit::tokens;
use crate::ui::kit::widgets::{chip, figure, hint, link, list_row, rule, section, theme};
use crate::ui::map::overlay::building_text;

/// Buildings that are listed at most.
const MOST_ROWS: usize = 2_000;

/// The buildings in the order of their names, kept until the selection changes.
#[derive(Default)]
pub(crate) struct SelectionPanel {
    made_for: Option<(u64, Lang)>,
    rows: Vec<(BuildingId, String, u32)>,
}

impl SelectionPanel {
    fn order(&mut self, cx: &Ctx<'_>, scene: &Scene, s: &SelectionSummary) {
        let made_for = Some((cx.session.selection_version, cx.lang));
        if self.made_for == made_for {
            return;
        }
        self.made_for = made_for;
        self.rows = s
            .buildings
            .iter()
            .take(MOST_ROWS)
            .filter_map(|(id, persons)| {
                Some((*id, building_text(cx, scene, scene.feature_of(*id)?), *persons))
            })
            .collect();
        self.rows.sort_by_cached_key(|(_, name, _)| natural(name));
    }

    pub(crate) fn show(&mut self, ui: &mut Ui, cx: &mut Ctx<'_>) {
        let session = cx.session;
        let c = theme(ui);
        ui.horizontal(|ui| {
            back_button(ui, cx);
            let title = format!(
                "{} {} {}",
                cx.t(Text::SelectedCount),
                thousands(session.selection.len() as u64),
                cx.t(Text::BuildingsUnit)
            );
            ui.label(RichText::new(title).font(bold(tokens::TITLE)).color(c.ink));
        });
        if waiting(ui, cx, &session.selection_summary) {
            return;
        }
        let Some(summary) = session.selection_summary.get() else { return };
        let Some(scene) = session.scene.get() else { return };
        figures(ui, cx, summary);
        tags(ui, cx, summary);
        actions(ui, cx, scene, summary);
        rule(ui);
        section(ui, cx.t(Text::Buildings));
        if summary.buildings.len() > MOST_ROWS {
            hint(ui, &format!("{} …", thousands(MOST_ROWS as u64)));
        }
        self.order(cx, scene, summary);
        self.list(ui, cx);
    }

    fn list(&self, ui: &mut Ui, cx: &mut Ctx<'_>) {
        ui.spacing_mut().item_spacing.y = 0.0;
        let rows = self.rows.len();
        ScrollArea::vertical().auto_shrink([false, false]).show_rows(
            ui,
            tokens::ROW_HEIGHT,
            rows,
            |ui, range| {
                for (building_id, name, persons) in &self.rows[range] {
                    let right =
                        format!("{} {}", thousands(u64::from(*persons)), cx.t(Text::People));
                    if list_row(ui, false, name, "", &right).clicked() {
                        cx.go_to_building(*building_id);
                    }
                }
            },
        );
    }
}

fn figures(ui: &mut Ui, cx: &mut Ctx<'_>, s: &SelectionSummary) {
    ui.add_space(tokens::GAP_SMALL);
    let width = (ui.available_width() / 4.0).floor();
    let rows = [
        [
            (s.rooms, Text::Rooms),
            (s.persons, Text::Population),
            (s.enterprises, Text::Enterprises),
            (s.open_events, Text::OpenEvents),
        ],
        [
            (s.elderly, Text::Over60),
            (s.alone, Text::LivesAloneShort),
            (s.minors, Text::Under18),
            (s.buildings.iter().filter(|(_, n)| *n == 0).count() as u64, Text::Uninhabited),
        ],
    ];
    for row in rows {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            for (number, label) in row {
                figure(ui, width, &thousands(number), cx.t(label), false);
            }
        });
    }
}

fn tags(ui: &mut Ui, cx: &mut Ctx<'_>, s: &SelectionSummary) {
    let dark = ui.visuals().dark_mode;
    ui.horizontal_wrapped(|ui| {
        for (tag, count) in cx.session.vocabulary.tags.iter().zip(&s.tags) {
            if *count > 0 {
                let text = format!("{} {}", tag.label(cx.lang), thousands(*count));
                chip(ui, &text, tokens::tag_colour(&tag.colour, dark));
            }
        }
    });
}

fn actions(ui: &mut Ui, cx: &mut Ctx<'_>, scene: &Scene, s: &SelectionSummary) {
    ui.add_space(tokens::GAP_SMALL);
    ui.horizontal_wrapped(|ui| {
        let is_within = cx.session.filter.buildings.is_some();
        let word = cx.t(if is_within { Text::ListEverywhere } else { Text::ListPeople });
        if ui.button(word).clicked() {
            let buildings = cx.session.selected_codes().filter(|_| !is_within);
            cx.act(Action::Focus(Box::new(Filter { buildings, ..cx.session.filter.clone() })));
        }
        if ui.button(cx.t(Text::FitSelection)).clicked() {
            cx.command(UiCommand::FitSelection);
        }
        if ui.button(cx.t(Text::CopyBuildings)).clicked() {
            ui.copy_text(table(cx, scene, s));
        }
        if ui.button(cx.t(Text::Extract)).clicked()
            && let Some(buildings) = cx.session.selected_codes()
        {
            let filter = Filter { buildings: Some(buildings), ..Filter::default() };
            cx.wishes.push(Wish::Extract(TableKind::Persons, Box::new(filter)));
        }
        if ui.button(cx.t(Text::MakeRooms)).clicked() {
            let ids = cx.session.selection.clone();
            let count = thousands(ids.len() as u64);
            let title =
                format!("{} {count} {}", cx.t(Text::SelectedCount), cx.t(Text::BuildingsUnit));
            let wish = RoomsWish { buildings: ids, title, units: String::new() };
            cx.wishes.push(Wish::MakeRooms(wish));
        }
        if link(ui, cx.t(Text::ClearAll)).clicked() {
            cx.act(Action::Deselect);
        }
    });
}

/// The buildings as a table for a spreadsheet: no personal data, numbers of people only.
fn table(cx: &Ctx<'_>, scene: &Scene, s: &SelectionSummary) -> String {
    let mut text = [Text::CodeWord, Text::Building, Text::Population].map(|t| cx.t(t)).join("\t");
    text.push('\n');
    for (building_id, persons) in &s.buildings {
        let Some(feature) = scene.feature_of(*building_id) else { continue };
        let code = scene.footprints().code(feature);
        let name = building_text(cx, scene, feature);
        // A cell that begins like a formula would be run by a spreadsheet.
        let safe = |cell: &str| {
            let cell = cell.replace(['\t', '\n', '\r'], " ");
            if cell.starts_with(['=', '+', '-', '@']) { format!("'{cell}") } else { cell }
        };
        text.push_str(&format!("{}\t{}\t{persons}\n", safe(code), safe(&name)));
    }
    text
}
