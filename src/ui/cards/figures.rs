//! The overview of everything (一网总览): houses, people, enterprises and events that the filter leaves, in
//! figures; every number leads to what it counts. Grids can stand beside it, and it can be printed.

use eframe::egui::{
    self, Align2, FontId, Pos2, Rect, RichText, Role, ScrollArea, Sense, Stroke, Ui, Vec2,
    WidgetInfo,
};
use egui_plot::{Bar, BarChart, Plot, uniform_grid_spacer};

use crate::app::Action;
use crate::query::summary::{AllFigures, Line, Section, heads, months, pyramid, sections};
use crate::text::{Text, thousands};
use crate::ui::cards::frame::{back_button, waiting};
use crate::ui::ctx::{Ctx, Wish};
use crate::ui::kit::theme::bold;
use crate::ui::kit::tokens;
use crate::ui::kit::widgets::{figure, focus_ring, hint, section, small_link, theme};

/// Lines of a section before the rest is left out.
const MOST_LINES: usize = 12;
/// Grids beside one another.
const MOST_GRIDS: usize = 3;
/// Months that are drawn.
const MOST_MONTHS: usize = 12;

pub(crate) fn show(ui: &mut Ui, cx: &mut Ctx<'_>) {
    let session = cx.session;
    if waiting(ui, cx, &session.figures) {
        return;
    }
    let Some(all) = session.figures.get() else { return };
    let Some(first) = all.first() else { return };
    ui.horizontal(|ui| {
        back_button(ui, cx);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if small_link(ui, cx.t(Text::PrintFigures)).clicked() {
                cx.wishes.push(Wish::PrintFigures);
            }
            compare(ui, cx, first);
            ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                let title = RichText::new(cx.t(Text::AllFigures)).font(bold(tokens::SECTION + 1.0));
                ui.add(egui::Label::new(title.color(theme(ui).ink)).truncate());
            });
        });
    });
    let places: Vec<String> = all.iter().map(|of| place_of(cx, of)).collect();
    if let [only] = &places[..] {
        hint(ui, only);
    }
    let told = sections(all, &session.vocabulary, cx.lang, MOST_LINES);
    let scroll = ScrollArea::vertical().id_salt("figures").auto_shrink([false, false]);
    scroll.show(ui, |ui| {
        if places.len() == 1 {
            head_figures(ui, cx, all);
        } else {
            head_lines(ui, cx, all, &places);
        }
        for section_told in &told {
            show_section(ui, cx, section_told, &places);
            if section_told.title == Text::Ages && places.len() == 1 {
                ages(ui, cx, first);
            }
        }
        if places.len() == 1 {
            by_month(ui, cx, first);
        }
        hint(ui, cx.t(Text::FiguresMean));
        ui.add_space(tokens::GAP);
    });
}

/// What a place is called: its own name, else the filter in words.
fn place_of(cx: &Ctx<'_>, of: &AllFigures) -> String {
    if !of.name.is_empty() {
        return of.name.clone();
    }
    let sentence = of.filter.sentence(&cx.session.vocabulary, cx.lang);
    if sentence.is_empty() { cx.t(Text::WholeWorkspace).to_owned() } else { sentence }
}

/// The grids that may stand beside what is told.
fn compare(ui: &mut Ui, cx: &mut Ctx<'_>, first: &AllFigures) {
    // Those in no grid come last; a district has ten thousands of grids.
    let groups = &first.persons.groups;
    let grids = groups.partition_point(|group| group.code.is_some());
    let mut chosen = cx.session.beside.clone();
    if grids < 2 && chosen.is_empty() {
        return;
    }
    let words = RichText::new(cx.t(Text::CompareGrids)).size(tokens::SMALL).color(theme(ui).accent);
    let button = egui::Button::new(words).frame_when_inactive(false);
    let behaviour = egui::containers::menu::MenuConfig::new()
        .close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside);
    egui::containers::menu::MenuButton::from_button(button).config(behaviour).ui(ui, |ui| {
        let id = ui.scope_id().with("sought");
        let mut sought: String = ui.data(|data| data.get_temp(id)).unwrap_or_default();
        let edit = egui::TextEdit::singleline(&mut sought).hint_text(cx.t(Text::Search));
        ui.add(edit.desired_width(160.0)).accessible_name(cx.t(Text::Search));
        let wanted = sought.trim();
        let is_it = |at: &usize| {
            let group = &groups[*at];
            let texts = [&group.name, &group.code];
            wanted.is_empty() || texts.into_iter().flatten().any(|text| text.contains(wanted))
        };
        let found: Vec<usize> = (0..grids).filter(is_it).collect();
        ui.data_mut(|data| data.insert_temp(id, sought.clone()));
        let scroll = ScrollArea::vertical().max_height(320.0);
        scroll.show_rows(ui, tokens::CONTROL_HEIGHT, found.len(), |ui, rows| {
            for at in &found[rows] {
                let group = &groups[*at];
                let Some(code) = &group.code else { continue };
                let name = group.name.as_ref().unwrap_or(code);
                let is_in = chosen.iter().any(|(other, _)| other == code);
                let may = is_in || chosen.len() < MOST_GRIDS;
                if ui.add_enabled(may, egui::Button::selectable(is_in, name)).clicked() {
                    chosen.retain(|(other, _)| other != code);
                    if !is_in {
                        chosen.push((code.clone(), name.clone()));
                    }
                    cx.act(Action::CompareGrids(chosen.clone()));
                }
            }
        });
        if !chosen.is_empty() && ui.button(cx.t(Text::ClearAll)).clicked() {
            cx.act(Action::CompareGrids(Vec::new()));
            ui.close();
        }
    });
}

/// The figures everything begins with, in boxes.
fn head_figures(ui: &mut Ui, cx: &Ctx<'_>, all: &[AllFigures]) {
    ui.add_space(tokens::GAP_SMALL);
    let width = (ui.available_width() / 4.0).floor();
    for row in heads(all).chunks(4) {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            for (label, counts) in row {
                let number = counts.first().copied().unwrap_or_default();
                figure(ui, width, &thousands(number), cx.t(*label), false);
            }
        });
    }
}

/// The same of several places, in lines.
fn head_lines(ui: &mut Ui, cx: &mut Ctx<'_>, all: &[AllFigures], places: &[String]) {
    ui.add_space(tokens::GAP_SMALL);
    place_names(ui, places);
    for (label, counts) in heads(all) {
        let line = Line { word: cx.t(label).to_owned(), counts, leads_to: Vec::new() };
        show_line(ui, cx, &line, &[]);
    }
}

fn show_section(ui: &mut Ui, cx: &mut Ctx<'_>, told: &Section, places: &[String]) {
    section(ui, cx.t(told.title));
    if places.len() > 1 {
        place_names(ui, places);
    }
    let most = |place: usize| {
        told.lines.iter().filter_map(|line| line.counts.get(place)).max().copied().unwrap_or(0)
    };
    let most: Vec<u64> = (0..places.len()).map(|place| most(place).max(1)).collect();
    ui.spacing_mut().item_spacing.y = 1.0;
    for line in &told.lines {
        show_line(ui, cx, line, &most);
    }
    ui.spacing_mut().item_spacing.y = tokens::GAP_SMALL;
    if told.left_out > 0 {
        let more = thousands(told.left_out as u64);
        hint(ui, &cx.t(Text::MoreLines).replace("{}", &more));
    }
    if let Some(note) = &told.note {
        hint(ui, note);
    }
}

/// Width of the words of lines beside so many numbers.
fn word_width(width: f32, places: usize) -> f32 {
    if places == 1 { (width * 0.36).min(150.0) } else { (width * 0.28).min(120.0) }
}

/// The names of places above their numbers.
fn place_names(ui: &mut Ui, places: &[String]) {
    let c = theme(ui);
    let size = Vec2::new(ui.available_width(), 20.0);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    let word = word_width(rect.width(), places.len());
    let cell = (rect.width() - word) / places.len() as f32;
    for (at, place) in places.iter().enumerate() {
        let font = FontId::proportional(tokens::SMALL);
        let mut job = egui::text::LayoutJob::simple_singleline(place.clone(), font, c.secondary);
        job.wrap = egui::text::TextWrapping::truncate_at_width(cell - 8.0);
        let galley = ui.painter().layout_job(job);
        let end = rect.left() + word + cell * (at + 1) as f32 - 6.0;
        let y = rect.center().y - galley.size().y / 2.0;
        ui.painter().galley(Pos2::new(end - galley.size().x, y), galley, c.secondary);
    }
}

/// A word with its numbers and bars; a click on a number takes up the filter behind it.
fn show_line(ui: &mut Ui, cx: &mut Ctx<'_>, line: &Line, most: &[u64]) {
    let c = theme(ui);
    let size = Vec2::new(ui.available_width(), 24.0);
    let (rect, row) = ui.allocate_exact_size(size, Sense::hover());
    let places = line.counts.len().max(1);
    let word = word_width(rect.width(), places);
    let cell = (rect.width() - word) / places as f32;
    let font = FontId::proportional(tokens::SMALL + 1.0);
    for (at, count) in line.counts.iter().enumerate() {
        let left = if places == 1 { rect.left() } else { rect.left() + word + cell * at as f32 };
        let right = rect.left() + word + cell * (at + 1) as f32;
        let own = Rect::from_x_y_ranges(left..=right, rect.y_range());
        let leads_to = line.leads_to.get(at).filter(|_| *count > 0);
        let sense = if leads_to.is_some() { Sense::click() } else { Sense::hover() };
        let response = ui.interact(own, row.id.with(at), sense);
        if let Some(filter) = leads_to {
            let name = format!("{} {}", line.word, thousands(*count));
            response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
            if response.hovered() {
                ui.painter().rect_filled(own, f32::from(tokens::RADIUS), c.hover);
            }
            focus_ring(ui, &response, own);
            if response.clicked() {
                cx.act(Action::Focus(Box::new(filter.clone())));
            }
        }
        if let Some(most) = most.get(at).filter(|_| *count > 0) {
            let share = *count as f32 / *most as f32;
            let bar = if places == 1 {
                let start = Pos2::new(rect.left() + word, rect.center().y - 5.0);
                let number = thousands(*most).len() as f32 * 8.0 + 16.0;
                let length = ((cell - number).max(20.0) * share).max(2.0);
                Rect::from_min_size(start, Vec2::new(length, 10.0))
            } else {
                // Below its number: the share is what is compared.
                let length = ((cell - 14.0) * share).max(1.0);
                let start = Pos2::new(right - 6.0 - length, rect.bottom() - 4.0);
                Rect::from_min_size(start, Vec2::new(length, 3.0))
            };
            ui.painter().rect_filled(bar, 1.5, c.accent);
        }
        let end = Pos2::new(right - 6.0, rect.center().y - if places == 1 { 0.0 } else { 2.0 });
        let ink = if *count > 0 { c.ink } else { c.secondary };
        ui.painter().text(end, Align2::RIGHT_CENTER, thousands(*count), font.clone(), ink);
    }
    let mut job = egui::text::LayoutJob::simple_singleline(line.word.clone(), font, c.ink);
    job.wrap = egui::text::TextWrapping::truncate_at_width(word - 8.0);
    let galley = ui.painter().layout_job(job);
    let at = Pos2::new(rect.left() + 4.0, rect.center().y - galley.size().y / 2.0);
    ui.painter().galley(at, galley, c.ink);
}

/// A plot that is looked at and not moved about.
fn still_plot<'a>(name: &str, height: f32) -> Plot<'a> {
    Plot::new(name)
        .height(height)
        .allow_drag(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_double_click_reset(false)
        .show_crosshair(false)
        .show_background(false)
        .set_margin_fraction(Vec2::new(0.02, 0.04))
}

/// The greatest round number that is no greater than a length.
fn round_step(length: f64) -> f64 {
    let power = 10f64.powf(length.max(1.0).log10().floor());
    [8.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0]
        .into_iter()
        .map(|n| n * power)
        .find(|step| *step <= length)
        .unwrap_or(power)
}

/// Men on the left, women on the right, five years a row, the old on top.
fn ages(ui: &mut Ui, cx: &Ctx<'_>, of: &AllFigures) {
    let bands = pyramid(&of.persons.by_age);
    if bands.iter().flatten().all(|count| *count == 0) {
        return;
    }
    let c = theme(ui);
    ui.add_space(tokens::GAP_SMALL);
    let (male, female) = (cx.t(Text::Male), cx.t(Text::Female));
    let side = |side: usize, sign: f64| -> Vec<Bar> {
        let bar = |(band, counts): (usize, &[u64; 2])| {
            let years = (band * 5) as f64 + 2.5;
            let last = if band == 20 { "+".to_owned() } else { format!("–{}", band * 5 + 4) };
            let word = if side == 0 { male } else { female };
            let name = format!("{}{last} {word} {}", band * 5, thousands(counts[side]));
            let colour = if side == 0 { c.secondary } else { c.accent };
            let bar = Bar::new(years, sign * counts[side] as f64).width(4.2).name(name);
            bar.fill(colour).stroke(Stroke::NONE)
        };
        bands.iter().enumerate().map(bar).collect()
    };
    let named = || Box::new(|bar: &Bar, _: &BarChart| bar.name.clone());
    let men = BarChart::new(male, side(0, -1.0)).horizontal().color(c.secondary);
    let women = BarChart::new(female, side(1, 1.0)).horizontal().color(c.accent);
    ui.horizontal(|ui| {
        ui.label(RichText::new(male).size(tokens::SMALL).color(c.secondary));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            ui.label(RichText::new(female).size(tokens::SMALL).color(c.accent));
        });
    });
    let most = bands.iter().flatten().copied().max().unwrap_or(1);
    let step = round_step(most as f64);
    still_plot("ages", 176.0)
        .show_grid([false, true])
        .x_grid_spacer(uniform_grid_spacer(move |_| [step; 3]))
        .y_grid_spacer(uniform_grid_spacer(|_| [20.0; 3]))
        .include_x(-1.0)
        .include_x(1.0)
        .center_x_axis(true)
        .x_axis_formatter(|mark, _| thousands(mark.value.abs() as u64))
        .y_axis_formatter(|mark, _| format!("{:.0}", mark.value))
        .show(ui, |plot| {
            plot.bar_chart(men.element_formatter(named()));
            plot.bar_chart(women.element_formatter(named()));
        });
}

/// Events by month.
fn by_month(ui: &mut Ui, cx: &Ctx<'_>, of: &AllFigures) {
    let months = months(&of.events, MOST_MONTHS);
    if months.len() < 2 {
        return;
    }
    let c = theme(ui);
    section(ui, cx.t(Text::EventsByMonth));
    let bar = |(at, (month, count)): (usize, &(String, u64))| {
        let name = format!("{month}: {}", thousands(*count));
        let bar = Bar::new(at as f64, *count as f64).width(0.7).name(name);
        bar.fill(c.accent).stroke(Stroke::NONE)
    };
    let bars = months.iter().enumerate().map(bar).collect();
    let chart = BarChart::new(cx.t(Text::EventsByMonth), bars).color(c.accent);
    let chart = chart.element_formatter(Box::new(|bar: &Bar, _: &BarChart| bar.name.clone()));
    let words: Vec<String> = months.iter().map(|(month, _)| month[2..].to_owned()).collect();
    let most = months.iter().map(|(_, count)| *count).max().unwrap_or(0);
    let step = round_step(most.max(2) as f64 / 2.0).max(1.0);
    still_plot("months", 130.0)
        .show_grid([false, true])
        .include_y(0.0)
        .include_y(most.max(4) as f64)
        .x_grid_spacer(uniform_grid_spacer(|_| [1.0; 3]))
        .y_grid_spacer(uniform_grid_spacer(move |_| [step; 3]))
        .x_axis_formatter(move |mark, _| {
            let at = mark.value.round();
            let is_whole = (mark.value - at).abs() < 1e-6 && at >= 0.0;
            let word = if is_whole { words.get(at as usize) } else { None };
            word.cloned().unwrap_or_default()
        })
        .y_axis_formatter(|mark, _| {
            if mark.value.fract() == 0.0 { thousands(mark.value as u64) } else { String::new() }
        })
        .show(ui, |plot| plot.bar_chart(chart));
}
