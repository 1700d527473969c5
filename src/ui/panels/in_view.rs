//! What is on the screen, as a list: the map's twin for the keyboard and for screen readers.

use eframe::egui::{ScrollArea, Ui};

use crate::app::settings::EventFilter;
use crate::app::{Action, Card};
use crate::domain::codes::list;
use crate::domain::ids::BuildingId;
use crate::geo::BBox;
use crate::map::camera::roomy;
use crate::map::{Camera, Scene};
use crate::query::FocusAnswer;
use crate::text::{Lang, Text, thousands};
use crate::ui::ctx::{Ctx, Wish};
use crate::ui::kit::focus_words::filter_unit;
use crate::ui::kit::regions::{self, Region};
use crate::ui::kit::tokens;
use crate::ui::kit::widgets::{hint, list_row, section};
use crate::ui::map::overlay::building_text;

/// More buildings than this are listed by estate.
const MOST_BUILDINGS: usize = 400;
/// More buildings than this are not even counted.
const MOST_COUNTED: usize = 50_000;
/// Events listed at most, the newest first.
const MOST_EVENTS: usize = 50;

enum Entry {
    Building(BuildingId, String),
    Estate(BBox, String),
    Event(String, String),
}

/// What the list depends on.
type Key = (Camera, u64, u64, Lang, EventFilter, bool);

/// The list, kept until the view changes.
#[derive(Default)]
pub(crate) struct InView {
    made_for: Option<Key>,
    seen: Option<Camera>,
    /// How many buildings are in sight, where that is soon counted.
    buildings: Option<usize>,
    entries: Vec<(Entry, String)>,
}

impl InView {
    pub(crate) fn show(&mut self, ui: &mut Ui, cx: &mut Ctx<'_>, camera: &Camera) {
        let Some(scene) = cx.session.scene.get().cloned() else { return };
        if scene.footprints().is_empty() {
            return;
        }
        let (session, settings) = (cx.session, &cx.session.settings);
        let (events, shows_events) = (settings.events, settings.layers.events);
        let versions = (session.scene_version, session.focus_version);
        let key = (*camera, versions.0, versions.1, cx.lang, events, shows_events);
        // A list that changes under the eye says nothing: it follows once the map has come to rest.
        let is_moving = self.seen != Some(*camera);
        self.seen = Some(*camera);
        if is_moving {
            ui.request_repaint();
        }
        if self.made_for != Some(key) && (!is_moving || self.made_for.is_none()) {
            self.make(cx, &scene, camera);
            self.made_for = Some(key);
        }
        section(ui, cx.t(Text::OnScreen));
        if let Some(count) = self.buildings {
            let text = format!("{} {}", thousands(count as u64), cx.t(Text::BuildingsUnit));
            hint(ui, &text);
        }
        ui.spacing_mut().item_spacing.y = 0.0;
        let rows = self.entries.len();
        ScrollArea::vertical().id_salt("on screen").auto_shrink([false, false]).show_rows(
            ui,
            tokens::ROW_HEIGHT,
            rows,
            |ui, range| {
                for (entry, right) in &self.entries[range] {
                    row(ui, cx, entry, right);
                }
            },
        );
    }

    fn make(&mut self, cx: &Ctx<'_>, scene: &Scene, camera: &Camera) {
        let visible = camera.visible();
        self.entries.clear();
        let events = scene.events.iter().filter(|e| {
            let (filter, now) = (cx.session.settings.events, cx.session.now());
            cx.session.settings.layers.events
                && visible.contains(e.at)
                && filter.passes(e.state, e.kind, e.reported_at, now)
        });
        // While somebody is looked for, the list is about them.
        let focus = cx.session.focused().map(|focused| &focused.answer);
        let most_events = if focus.is_some() { 0 } else { MOST_EVENTS };
        for event in events.take(most_events) {
            let kind = cx.session.vocabulary.lists.label(list::EVENT_CATEGORY, event.kind, cx.lang);
            let text = format!("{kind} · {}", event.title);
            let entry = Entry::Event(event.code.clone(), text);
            self.entries.push((entry, cx.t(Text::Event).to_owned()));
        }
        let chunks = scene.chunks.visible(camera.bounds());
        let most: usize = chunks.map(|c| scene.chunks.chunks[c].count as usize).sum();
        let features =
            if most <= MOST_COUNTED { scene.footprints().in_bbox(&visible) } else { Vec::new() };
        self.buildings = (most <= MOST_COUNTED).then_some(features.len());
        let features: Vec<usize> = features
            .into_iter()
            .filter(|feature| {
                let building_id = scene.building_id(*feature);
                let has = |answer: &FocusAnswer| {
                    answer.buildings.binary_search_by_key(&building_id, |(id, _)| *id).is_ok()
                };
                focus.is_none_or(has)
            })
            .collect();
        if most <= MOST_COUNTED && features.len() <= MOST_BUILDINGS {
            let mut rows: Vec<(String, usize)> =
                features.into_iter().map(|f| (building_text(cx, scene, f), f)).collect();
            rows.sort_by_cached_key(|(text, _)| crate::domain::matrix::natural(text));
            self.entries.extend(rows.into_iter().map(|(text, feature)| {
                let building_id = scene.building_id(feature);
                let right = focus.map(|answer| matching(cx, answer, building_id));
                (Entry::Building(building_id, text), right.unwrap_or_default())
            }));
        } else {
            let estates = scene.estates.iter().filter(|e| visible.contains(e.at));
            self.entries.extend(estates.map(|estate| {
                let entry = Entry::Estate(estate.bounds, estate.name.clone());
                let right =
                    format!("{} {}", thousands(estate.buildings as u64), cx.t(Text::BuildingsUnit));
                (entry, right)
            }));
        }
    }
}

fn matching(cx: &Ctx<'_>, answer: &FocusAnswer, building_id: BuildingId) -> String {
    let at = answer.buildings.binary_search_by_key(&building_id, |(id, _)| *id);
    at.map_or_else(
        |_| String::new(),
        |at| format!("{} {}", thousands(answer.buildings[at].1.into()), cx.t(filter_unit(cx))),
    )
}

fn row(ui: &mut Ui, cx: &mut Ctx<'_>, entry: &Entry, right: &str) {
    match entry {
        Entry::Building(building_id, text) => {
            let row = list_row(ui, false, text, "", right);
            regions::note(ui, Region::Right, row.id);
            if row.clicked() {
                cx.act(Action::Show(Card::Building(*building_id)));
            }
        }
        Entry::Estate(bounds, name) => {
            let row = list_row(ui, false, name, "", right);
            regions::note(ui, Region::Right, row.id);
            if row.clicked() {
                cx.wishes.push(Wish::FlyTo(roomy(*bounds)));
            }
        }
        Entry::Event(no, text) => {
            let row = list_row(ui, false, text, "", right);
            regions::note(ui, Region::Right, row.id);
            if row.clicked() {
                cx.act(Action::Show(Card::Event(no.clone())));
            }
        }
    }
}
