//! The focus panel: tags with counts, age, population type, sex; clear all.

use eframe::egui::{
    self, Align2, FontId, Rect, RichText, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo,
};

use crate::app::{Action, UiCommand};
use crate::domain::codes::key;
use crate::query::FocusFilter;
use crate::text::{Text, thousands};
use crate::ui::commands;
use crate::ui::ctx::Ctx;
use crate::ui::kit::regions::{self, Region};
use crate::ui::kit::tokens;
use crate::ui::kit::widgets::{
    focus_ring, heading, hint, link, primary, rule, section, segments, theme,
};

/// Draft of the age fields.
#[derive(Default)]
pub(crate) struct FocusPanel {
    from: Option<i16>,
    to: Option<i16>,
}

/// Ages beyond which a limit means "no limit".
const AGES: std::ops::RangeInclusive<i16> = 0..=120;

impl FocusPanel {
    pub(crate) fn show(&mut self, ui: &mut Ui, cx: &mut Ctx<'_>) {
        let filter = cx.session.filter.clone();
        if filter.ages.is_none() {
            (self.from, self.to) = (None, None);
        }
        ui.add_space(tokens::GAP_SMALL);
        ui.horizontal(|ui| {
            heading(ui, cx.t(Text::FocusPopulation));
            if !filter.is_empty() {
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    if link(ui, cx.t(Text::ClearAll)).clicked() {
                        cx.command(UiCommand::ClearFocus);
                    }
                });
            }
        });
        ui.spacing_mut().item_spacing.y = 1.0;
        let people = cx.session.people.get().cloned();
        if people.as_ref().is_some_and(|people| people.persons == 0) && filter.is_empty() {
            // A list of zeros says nothing: first come people.
            ui.spacing_mut().item_spacing.y = tokens::GAP;
            hint(ui, cx.t(Text::NoPeopleYet));
            let can = commands::is_possible(cx, UiCommand::Import);
            let import = primary(ui, can, cx.t(Text::ImportPeople));
            regions::note(ui, Region::Left, import.id);
            if import.clicked() {
                cx.command(UiCommand::Import);
            }
            rule(ui);
            return;
        }
        for (index, tag) in cx.session.vocabulary.tags.iter().enumerate() {
            let count = people.as_ref().map_or(0, |p| p.tag_counts[index]);
            let label = tag.label(cx.lang);
            let is_on = filter.tags.contains(&index);
            let row = tag_row(ui, is_on, label, count, &tag.colour, index);
            regions::note(ui, Region::Left, row.id);
            if row.clicked() {
                let mut changed = filter.clone();
                changed.toggle_tag(index);
                cx.wishes.push(crate::ui::ctx::Wish::Session(Action::Focus(changed)));
            }
        }
        ui.spacing_mut().item_spacing.y = tokens::GAP_SMALL;
        if filter.tags.len() > 1 {
            let words = [cx.t(Text::AnyTag), cx.t(Text::AllTags)];
            let chosen = usize::from(filter.all_tags);
            if let Some(picked) = segments(ui, cx.t(Text::Tags), chosen, &words) {
                cx.act(Action::Focus(FocusFilter { all_tags: picked == 1, ..filter.clone() }));
            }
        }
        self.ages(ui, cx, &filter);
        Self::kinds(ui, cx, &filter);
        rule(ui);
    }

    fn ages(&mut self, ui: &mut Ui, cx: &mut Ctx<'_>, filter: &FocusFilter) {
        section(ui, cx.t(Text::Age));
        if let Some(people) = cx.session.people.get() {
            let histogram = people.ages;
            age_bars(ui, &histogram, filter.ages.as_ref());
        }
        let (mut from, mut to) =
            (self.from.unwrap_or(*AGES.start()), self.to.unwrap_or(*AGES.end()));
        let changed = ui
            .horizontal_wrapped(|ui| {
                let field = |ui: &mut Ui, value: &mut i16, name: &str| {
                    ui.add(egui::DragValue::new(value).range(AGES).speed(0.3)).accessible_name(name)
                };
                ui.label(cx.t(Text::AgeFrom));
                let name = format!("{} {}", cx.t(Text::Age), cx.t(Text::AgeFrom));
                let a = field(ui, &mut from, &name).changed();
                ui.label(cx.t(Text::AgeTo));
                let name = format!("{} {}", cx.t(Text::Age), cx.t(Text::AgeTo));
                let b = field(ui, &mut to, &name).changed();
                let over_80 = cx.t(Text::Over80);
                let c = ui.button(RichText::new(over_80).size(tokens::SMALL)).clicked();
                if c {
                    (from, to) = (80, *AGES.end());
                }
                a || b || c
            })
            .inner;
        if changed {
            (self.from, self.to) = (Some(from), Some(to.max(from)));
            let is_all = from == *AGES.start() && to == *AGES.end();
            let ages = (!is_all).then(|| from..=to.max(from));
            cx.act(Action::Focus(FocusFilter { ages, ..filter.clone() }));
        }
    }

    fn kinds(ui: &mut Ui, cx: &mut Ctx<'_>, filter: &FocusFilter) {
        let types = [None, Some(key::REGISTERED), Some(key::FLOATING), Some(key::OVERSEAS)];
        let words = [
            cx.t(Text::Everyone),
            cx.t(Text::Registered),
            cx.t(Text::Floating),
            cx.t(Text::Overseas),
        ];
        let chosen = types.iter().position(|t| *t == filter.population_type).unwrap_or(0);
        if let Some(picked) = segments(ui, cx.t(Text::Population), chosen, &words) {
            let population_type = types[picked];
            cx.act(Action::Focus(FocusFilter { population_type, ..filter.clone() }));
        }
        let sexes = [None, Some(key::MALE), Some(key::FEMALE)];
        let words = [cx.t(Text::Everyone), cx.t(Text::Male), cx.t(Text::Female)];
        let chosen = sexes.iter().position(|s| *s == filter.sex).unwrap_or(0);
        if let Some(picked) = segments(ui, cx.t(Text::Sex), chosen, &words) {
            cx.act(Action::Focus(FocusFilter { sex: sexes[picked], ..filter.clone() }));
        }
        let mut alone = filter.lives_alone;
        if ui.checkbox(&mut alone, cx.t(Text::LivesAlone)).changed() {
            cx.act(Action::Focus(FocusFilter { lives_alone: alone, ..filter.clone() }));
        }
    }
}

fn tag_row(
    ui: &mut Ui,
    is_on: bool,
    label: &str,
    count: u64,
    colour: &str,
    index: usize,
) -> egui::Response {
    let c = theme(ui);
    let dark = ui.visuals().dark_mode;
    let size = Vec2::new(ui.available_width(), tokens::ROW_HEIGHT);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let name = format!("{label} {count}");
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, is_on, &name));
    let painter = ui.painter();
    let radius = f32::from(tokens::RADIUS);
    if is_on {
        painter.rect_filled(rect, radius, c.accent_soft);
    } else if response.hovered() {
        painter.rect_filled(rect, radius, c.hover);
    }
    focus_ring(ui, &response, rect);
    let tint = tokens::tag_colour(colour, dark);
    let square =
        Rect::from_center_size(rect.left_center() + Vec2::new(16.0, 0.0), Vec2::splat(12.0));
    if is_on {
        painter.rect_filled(square, 3.0, tint);
    } else {
        painter.rect_stroke(square, 3.0, Stroke::new(1.5, tint), StrokeKind::Inside);
    }
    let font = FontId::proportional(tokens::BODY);
    let number = painter.text(
        rect.right_center() - Vec2::new(8.0, 0.0),
        Align2::RIGHT_CENTER,
        thousands(count),
        FontId::proportional(tokens::SMALL + 1.0),
        c.secondary,
    );
    let text_rect = Rect::from_min_max(
        rect.left_top() + Vec2::new(30.0, 0.0),
        egui::Pos2::new(number.left() - 6.0, rect.bottom()),
    );
    let mut job = egui::text::LayoutJob::simple_singleline(label.to_owned(), font, c.ink);
    job.wrap = egui::text::TextWrapping::truncate_at_width(text_rect.width());
    let galley = painter.layout_job(job);
    let at = text_rect.left_center() - Vec2::new(0.0, galley.size().y / 2.0);
    painter.galley(at, galley, c.ink);
    let hint = if index < 9 { format!("{label} ({})", index + 1) } else { label.to_owned() };
    response.on_hover_text(hint)
}

/// Bars of five years each; the chosen ages stand out.
fn age_bars(ui: &mut Ui, histogram: &[u64; 101], chosen: Option<&std::ops::RangeInclusive<i16>>) {
    const YEARS: usize = 5;
    let c = theme(ui);
    let size = Vec2::new(ui.available_width(), 40.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let bars: Vec<u64> = histogram.chunks(YEARS).map(|years| years.iter().sum()).collect();
    let most = bars.iter().copied().max().unwrap_or(0).max(1) as f32;
    let step = rect.width() / bars.len() as f32;
    for (index, count) in bars.iter().enumerate() {
        let height = (rect.height() - 2.0) * *count as f32 / most;
        let low = (index * YEARS) as i16;
        let is_in =
            chosen.is_none_or(|ages| *ages.start() < low + YEARS as i16 && *ages.end() >= low);
        let x = rect.left() + index as f32 * step;
        let bar = Rect::from_min_max(
            egui::Pos2::new(x + 1.0, rect.bottom() - height),
            egui::Pos2::new(x + step - 1.0, rect.bottom()),
        );
        // 3 : 1 against the panel, chosen or not (WCAG 2.1, 1.4.11).
        let quiet = c.secondary.lerp_to_gamma(c.panel, 0.25);
        let colour = if chosen.is_some() && is_in { c.accent } else { quiet };
        ui.painter().rect_filled(bar, 1.5, colour);
    }
    if let Some(at) = response.hover_pos() {
        let index = (((at.x - rect.left()) / step) as usize).min(bars.len() - 1);
        let low = index * YEARS;
        let text = format!("{low}–{}: {}", low + YEARS - 1, thousands(bars[index]));
        response.on_hover_text_at_pointer(text);
    }
}
