//! The focus panel: tags with counts, age, population type, sex; clear all.

use eframe::egui::{
    self, Align2, FontId, Rect, RichText, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo,
};

use crate::app::{Action, UiCommand};
use crate::domain::codes::{key, list};
use crate::domain::verified::VERIFIED_FOR_DAYS;
use crate::query::filter::{Class, Facets, Filter, Span, toggle};
use crate::text::{Text, thousands};
use crate::ui::commands;
use crate::ui::ctx::Ctx;
use crate::ui::kit::regions::{self, Region};
use crate::ui::kit::theme::bold;
use crate::ui::kit::tokens;
use crate::ui::kit::widgets::{
    chip_toggle, focus_ring, heading, hint, link, primary, rule, section, segments, theme,
};

/// Draft of the age fields, and of a filter's name.
#[derive(Default)]
pub(crate) struct FocusPanel {
    /// The name that is being typed for a filter that is to be kept.
    name: Option<String>,
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
        let facets = cx.session.focused().and_then(|focused| focused.facets.clone());
        let facets = facets.as_deref();
        for (index, tag) in cx.session.vocabulary.tags.iter().enumerate() {
            let all = people.as_ref().and_then(|p| p.tag_counts.get(index).copied());
            let count = facets.and_then(|f| f.tags.get(index).copied()).or(all);
            let label = tag.label(cx.lang);
            let state = match (filter.has_tag(&tag.code), filter.no_tags.contains(&tag.code)) {
                (true, _) => Asked::With,
                (_, true) => Asked::Without,
                _ => Asked::No,
            };
            let row = tag_row(ui, state, label, count, &tag.colour, index);
            regions::note(ui, Region::Left, row.id);
            let mut changed = filter.clone();
            if row.clicked() && !ui.input(|i| i.modifiers.alt) {
                changed.toggle_tag(&tag.code);
            } else if row.secondary_clicked() || row.clicked() {
                changed.toggle_without_tag(&tag.code);
            } else {
                row.on_hover_text(cx.t(Text::TagHint));
                continue;
            }
            cx.act(Action::Focus(Box::new(changed)));
        }
        ui.spacing_mut().item_spacing.y = tokens::GAP_SMALL;
        if filter.tags().count() > 1 {
            let words = [cx.t(Text::AnyTag), cx.t(Text::AllTags)];
            let chosen = usize::from(filter.wants_all_tags());
            if let Some(picked) = segments(ui, cx.t(Text::Tags), chosen, &words) {
                let mut changed = filter.clone();
                changed.set_all_tags(picked == 1);
                cx.act(Action::Focus(Box::new(changed)));
            }
        }
        self.kept(ui, cx, &filter);
        self.ages(ui, cx, &filter, facets);
        Self::kinds(ui, cx, &filter);
        Self::more(ui, cx, &filter, facets);
        rule(ui);
    }

    /// Filters that are kept: to be taken up, and this one to be kept.
    fn kept(&mut self, ui: &mut Ui, cx: &mut Ctx<'_>, filter: &Filter) {
        let is_writable =
            cx.session.workspace.as_ref().is_some_and(|w| w.read_only_reason().is_none());
        let kept = cx.session.lists.get().map(|lists| lists.filters.clone()).unwrap_or_default();
        if filter.is_empty() {
            self.name = None;
        }
        if kept.is_empty() && filter.is_empty() {
            return;
        }
        ui.horizontal(|ui| {
            if !kept.is_empty() {
                ui.menu_button(cx.t(Text::KeptFilters), |ui| {
                    for one in &kept {
                        ui.horizontal(|ui| {
                            if ui.button(&one.name).clicked()
                                && let Ok(filter) = Filter::of_json(&one.filter)
                            {
                                cx.act(Action::Focus(Box::new(filter)));
                            }
                            let forget = ui.small_button("×").on_hover_text(cx.t(Text::Forget));
                            if is_writable && forget.clicked() {
                                cx.act(Action::ForgetFilter(one.name.clone()));
                            }
                        });
                    }
                });
            }
            if !filter.is_empty() && is_writable && self.name.is_none() {
                let keep = link(ui, cx.t(Text::KeepFilter));
                regions::note(ui, Region::Left, keep.id);
                if keep.clicked() {
                    let words = filter.sentence(&cx.session.vocabulary, cx.lang);
                    self.name = Some(words.chars().take(40).collect());
                }
            }
        });
        let Some(name) = &mut self.name else { return };
        let mut is_done = false;
        ui.horizontal(|ui| {
            let width = (ui.available_width() - 72.0).max(80.0);
            let edit = egui::TextEdit::singleline(name).desired_width(width);
            let field = ui.add(edit).accessible_name(cx.t(Text::KeepFilter));
            let is_entered = field.lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter));
            is_done = ui.button(cx.t(Text::Ok)).clicked() || is_entered;
        });
        if is_done {
            let name = name.trim().to_owned();
            if !name.is_empty() {
                cx.act(Action::KeepFilter(name, Box::new(filter.clone())));
            }
            self.name = None;
        }
    }

    fn ages(&mut self, ui: &mut Ui, cx: &mut Ctx<'_>, filter: &Filter, facets: Option<&Facets>) {
        section(ui, cx.t(Text::Age));
        if let Some(people) = cx.session.people.get() {
            let mut histogram = people.ages;
            if let Some(facets) = facets.filter(|facets| facets.ages.len() == histogram.len()) {
                histogram.iter_mut().zip(&facets.ages).for_each(|(bar, of)| *bar = of[2]);
            }
            age_bars(ui, &histogram, filter.ages.as_ref());
        }
        let asked = filter.ages.unwrap_or(Span { from: None, to: None });
        let mut from = self.from.or(asked.from).unwrap_or(*AGES.start());
        let mut to = self.to.or(asked.to).unwrap_or(*AGES.end());
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
            let ages = Span {
                from: (from > *AGES.start()).then_some(from),
                to: (to < *AGES.end()).then_some(to.max(from)),
            };
            let ages = (ages.from.is_some() || ages.to.is_some()).then_some(ages);
            cx.act(Action::Focus(Box::new(Filter { ages, ..filter.clone() })));
        }
    }

    fn kinds(ui: &mut Ui, cx: &mut Ctx<'_>, filter: &Filter) {
        let one = |key: Option<i64>, of: &str| -> Vec<String> {
            let code = key.map(|key| cx.session.vocabulary.lists.code(of, key).to_owned());
            code.into_iter().collect()
        };
        let types = [None, Some(key::REGISTERED), Some(key::FLOATING), Some(key::OVERSEAS)]
            .map(|key| one(key, list::POPULATION_TYPE));
        let sexes = [None, Some(key::MALE), Some(key::FEMALE)].map(|key| one(key, list::SEX));
        let words = [
            cx.t(Text::Everyone),
            cx.t(Text::Registered),
            cx.t(Text::Floating),
            cx.t(Text::Overseas),
        ];
        let chosen = types.iter().position(|t| *t == filter.population_types).unwrap_or(0);
        if let Some(picked) = segments(ui, cx.t(Text::Population), chosen, &words) {
            let population_types = types[picked].clone();
            cx.act(Action::Focus(Box::new(Filter { population_types, ..filter.clone() })));
        }
        let words = [cx.t(Text::Everyone), cx.t(Text::Male), cx.t(Text::Female)];
        let chosen = sexes.iter().position(|s| *s == filter.sexes).unwrap_or(0);
        if let Some(picked) = segments(ui, cx.t(Text::Sex), chosen, &words) {
            cx.act(Action::Focus(Box::new(Filter {
                sexes: sexes[picked].clone(),
                ..filter.clone()
            })));
        }
    }

    /// What is asked for less often: folded away until it is wanted, or in force.
    fn more(ui: &mut Ui, cx: &mut Ctx<'_>, filter: &Filter, facets: Option<&Facets>) {
        let is_used = !(filter.classes.is_empty()
            && filter.roles.is_empty()
            && filter.room_statuses.is_empty()
            && filter.room_verified_before.is_none());
        let title = RichText::new(cx.t(Text::MoreConditions)).font(bold(tokens::BODY));
        let folded = egui::CollapsingHeader::new(title.color(theme(ui).ink))
            .id_salt("more conditions")
            .default_open(is_used);
        folded.show_unindented(ui, |ui| {
            let picked = chips(
                ui,
                Class::ALL
                    .map(|class| (class.label().text(cx.lang), filter.classes.contains(&class))),
            );
            if let Some(at) = picked {
                let mut changed = filter.clone();
                changed.toggle_class(Class::ALL[at]);
                cx.act(Action::Focus(Box::new(changed)));
            }
            section(ui, cx.t(Text::RoomState));
            let counts = facets.map(|facets| facets.room_statuses.as_slice());
            if let Some(code) = code_chips(ui, cx, list::ROOM_STATUS, &filter.room_statuses, counts)
            {
                let mut changed = filter.clone();
                toggle(&mut changed.room_statuses, &code);
                cx.act(Action::Focus(Box::new(changed)));
            }
            let mut is_old = filter.room_verified_before.is_some();
            if ui.checkbox(&mut is_old, cx.t(Text::NotVerified)).changed() {
                let ago = jiff::Span::new().days(VERIFIED_FOR_DAYS);
                let day = cx.session.today().checked_sub(ago).ok().filter(|_| is_old);
                cx.act(Action::Focus(Box::new(Filter {
                    room_verified_before: day,
                    ..filter.clone()
                })));
            }
            section(ui, cx.t(Text::RoleInRoom));
            let counts = facets.map(|facets| facets.roles.as_slice());
            if let Some(code) = code_chips(ui, cx, list::RESIDENCY_ROLE, &filter.roles, counts) {
                let mut changed = filter.clone();
                toggle(&mut changed.roles, &code);
                cx.act(Action::Focus(Box::new(changed)));
            }
        });
    }
}

/// Words to be switched on and off; the place of the one that was clicked.
fn chips(ui: &mut Ui, words: impl IntoIterator<Item = (String, bool)>) -> Option<usize> {
    let mut picked = None;
    let accent = theme(ui).accent;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = Vec2::splat(tokens::GAP_SMALL);
        for (at, (word, is_on)) in words.into_iter().enumerate() {
            let chip = chip_toggle(ui, &word, accent, is_on);
            regions::note(ui, Region::Left, chip.id);
            if chip.clicked() {
                picked = Some(at);
            }
        }
    });
    picked
}

/// The entries of a code list to be switched on and off, with how many people each would leave; the
/// code of the one that was clicked.
fn code_chips(
    ui: &mut Ui,
    cx: &Ctx<'_>,
    of: &str,
    chosen: &[String],
    counts: Option<&[u64]>,
) -> Option<String> {
    let lists = &cx.session.vocabulary.lists;
    let entries: Vec<_> = lists.entries(of).collect();
    let words = entries.iter().map(|entry| {
        let label = lists.label(of, entry.key, cx.lang);
        let count = counts.and_then(|counts| counts.get(usize::try_from(entry.key).ok()?));
        let word = match count {
            Some(count) => format!("{label} {}", thousands(*count)),
            None => label.to_owned(),
        };
        (word, chosen.contains(&entry.code))
    });
    chips(ui, words).map(|at| entries[at].code.clone())
}

/// How a tag is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    No,
    With,
    Without,
}

fn tag_row(
    ui: &mut Ui,
    state: Asked,
    label: &str,
    count: Option<u64>,
    colour: &str,
    index: usize,
) -> egui::Response {
    let c = theme(ui);
    let dark = ui.visuals().dark_mode;
    let size = Vec2::new(ui.available_width(), tokens::ROW_HEIGHT);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let name = format!("{label} {}", count.map_or_else(String::new, |count| count.to_string()));
    // Before anything is counted there is no number, and not none of them.
    let count = count.map_or_else(|| "…".to_owned(), thousands);
    let is_on = state != Asked::No;
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
    if state == Asked::With {
        painter.rect_filled(square, 3.0, tint);
    } else {
        painter.rect_stroke(square, 3.0, Stroke::new(1.5, tint), StrokeKind::Inside);
    }
    if state == Asked::Without {
        let stroke = Stroke::new(1.5, tint);
        painter.line_segment([square.left_bottom(), square.right_top()], stroke);
        painter.line_segment([square.left_top(), square.right_bottom()], stroke);
    }
    let font = FontId::proportional(tokens::BODY);
    let number = painter.text(
        rect.right_center() - Vec2::new(8.0, 0.0),
        Align2::RIGHT_CENTER,
        count,
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
fn age_bars(ui: &mut Ui, histogram: &[u64; 101], chosen: Option<&Span<i16>>) {
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
            chosen.is_none_or(|ages| (low..low + YEARS as i16).any(|age| ages.contains(age)));
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
