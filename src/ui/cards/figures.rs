//! The overview of everything (一网总览): houses, people, enterprises and events that the filter leaves, in
//! figures; every number leads to what it counts.

use eframe::egui::{
    self, Align2, FontId, Pos2, Rect, RichText, Role, ScrollArea, Sense, Ui, Vec2, WidgetInfo,
};

use crate::app::Action;
use crate::app::asks::figures::AllFigures;
use crate::domain::codes::list;
use crate::query::Filter;
use crate::query::figures::{Age, Counts};
use crate::text::{Text, thousands};
use crate::ui::cards::frame::{back_button, waiting};
use crate::ui::ctx::Ctx;
use crate::ui::kit::theme::bold;
use crate::ui::kit::tokens;
use crate::ui::kit::widgets::{figure, focus_ring, hint, section, theme};

/// Rows of a list of bars before the rest is left out.
const MOST_BARS: usize = 12;

/// A row of a list of bars: its word, its number, and the filter it leads to.
struct Bar {
    word: String,
    count: u64,
    leads_to: Option<Filter>,
}

pub(crate) fn show(ui: &mut Ui, cx: &mut Ctx<'_>) {
    let session = cx.session;
    if waiting(ui, cx, &session.figures) {
        return;
    }
    let Some(all) = session.figures.get() else { return };
    ui.horizontal(|ui| {
        back_button(ui, cx);
        let title = RichText::new(cx.t(Text::AllFigures)).font(bold(tokens::TITLE));
        ui.label(title.color(theme(ui).ink));
    });
    let sentence = all.filter.sentence(&session.vocabulary, cx.lang);
    hint(ui, if sentence.is_empty() { cx.t(Text::WholeWorkspace) } else { &sentence });
    let scroll = ScrollArea::vertical().id_salt("figures").auto_shrink([false, false]);
    scroll.show(ui, |ui| {
        heads(ui, cx, all);
        people(ui, cx, all);
        houses(ui, cx, all);
        events(ui, cx, all);
        enterprises(ui, cx, all);
        grids(ui, cx, all);
        ui.add_space(tokens::GAP);
    });
}

fn heads(ui: &mut Ui, cx: &Ctx<'_>, all: &AllFigures) {
    let sum = |sums: &std::collections::BTreeMap<&'static str, f64>, key: &str| {
        sums.get(key).copied().unwrap_or_default() as u64
    };
    ui.add_space(tokens::GAP_SMALL);
    let width = (ui.available_width() / 4.0).floor();
    let rows = [
        [
            (all.persons.total, Text::Population),
            (all.rooms.total, Text::Rooms),
            (all.enterprises.total, Text::Enterprises),
            (all.events.total, Text::Events),
        ],
        [
            (sum(&all.rooms.sums, "inhabited"), Text::Inhabited),
            (sum(&all.rooms.sums, "without_residents"), Text::WithoutResidents),
            (sum(&all.events.sums, "open"), Text::OpenEvents),
            (sum(&all.events.sums, "overdue"), Text::Overdue),
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

/// Counts of a code list as bars, in the list's order; each leads to the filter that `choose` makes.
fn of_codes(
    cx: &Ctx<'_>,
    all: &AllFigures,
    of: &str,
    counts: Option<&Counts>,
    choose: impl Fn(&mut Filter, &str),
) -> Vec<Bar> {
    let lists = &cx.session.vocabulary.lists;
    let counts = counts.cloned().unwrap_or_default();
    let bar = |entry: &crate::domain::codes::CodeEntry| {
        let count = counts.get(&entry.code).copied().filter(|count| *count > 0)?;
        let mut filter = all.filter.clone();
        choose(&mut filter, &entry.code);
        Some(Bar {
            word: lists.label(of, entry.key, cx.lang).to_owned(),
            count,
            leads_to: Some(filter),
        })
    };
    lists.entries(of).filter_map(bar).collect()
}

fn people(ui: &mut Ui, cx: &mut Ctx<'_>, all: &AllFigures) {
    if all.persons.total == 0 {
        return;
    }
    section(ui, cx.t(Text::Population));
    let counts = all.persons.counts.get("by_population_type");
    let types = of_codes(cx, all, list::POPULATION_TYPE, counts, |filter, code| {
        filter.population_types = vec![code.to_owned()];
    });
    bars(ui, cx, types);
    pyramid(ui, cx, &all.persons.by_age);
    section(ui, cx.t(Text::FocusPopulation));
    let empty = Counts::new();
    let counts = all.persons.counts.get("by_tag").unwrap_or(&empty);
    let tags = cx.session.vocabulary.tags.iter().filter_map(|tag| {
        let count = counts.get(&tag.code).copied()?;
        let leads_to = Some(with_tag(&all.filter, &tag.code));
        Some(Bar { word: tag.label(cx.lang).to_owned(), count, leads_to })
    });
    let tags = tags.collect();
    bars(ui, cx, tags);
}

/// Those of a filter who carry a tag as well.
fn with_tag(filter: &Filter, code: &str) -> Filter {
    let mut narrow = filter.clone();
    if narrow.any_tags.len() <= 1 {
        narrow.all_tags.append(&mut narrow.any_tags);
        if !narrow.all_tags.iter().any(|tag| tag == code) {
            narrow.all_tags.push(code.to_owned());
        }
        narrow.set_all_tags(narrow.all_tags.len() > 1);
        return narrow;
    }
    Filter { any_tags: vec![code.to_owned()], inside: vec![narrow], ..Filter::default() }
}

fn houses(ui: &mut Ui, cx: &mut Ctx<'_>, all: &AllFigures) {
    if all.rooms.total == 0 {
        return;
    }
    section(ui, cx.t(Text::Rooms));
    let counts = all.rooms.counts.get("by_status");
    let statuses = of_codes(cx, all, list::ROOM_STATUS, counts, |filter, code| {
        filter.room_statuses = vec![code.to_owned()];
    });
    bars(ui, cx, statuses);
    let verified = all.rooms.sums.get("verified_in_180_days").copied().unwrap_or_default();
    let percent = 100.0 * verified / all.rooms.total as f64;
    hint(ui, &cx.t(Text::VerifiedShare).replace("{}", &format!("{percent:.0}")));
}

fn events(ui: &mut Ui, cx: &mut Ctx<'_>, all: &AllFigures) {
    let counts = all.events.counts.get("open_by_category");
    let mut open = of_codes(cx, all, list::EVENT_CATEGORY, counts, |filter, code| {
        filter.open_events = vec![code.to_owned()];
    });
    if open.is_empty() {
        return;
    }
    section(ui, cx.t(Text::OpenEvents));
    open.sort_by_key(|bar| std::cmp::Reverse(bar.count));
    bars(ui, cx, open);
}

fn enterprises(ui: &mut Ui, cx: &mut Ctx<'_>, all: &AllFigures) {
    let counts = all.enterprises.counts.get("by_kind");
    let kinds = of_codes(cx, all, list::ORG_KIND, counts, |filter, code| {
        filter.enterprise_kinds = vec![code.to_owned()];
    });
    if !kinds.is_empty() {
        section(ui, cx.t(Text::Enterprises));
        bars(ui, cx, kinds);
    }
}

fn grids(ui: &mut Ui, cx: &mut Ctx<'_>, all: &AllFigures) {
    let bar = |group: &crate::query::figures::Group| {
        let code = group.code.clone()?;
        let filter = Filter { grids: vec![code.clone()], ..all.filter.clone() };
        let word = group.name.clone().unwrap_or(code);
        Some(Bar { word, count: group.total, leads_to: Some(filter) })
    };
    let rows: Vec<Bar> = all.persons.groups.iter().filter_map(bar).collect();
    if rows.len() > 1 {
        section(ui, cx.t(Text::PeopleByGrid));
        bars(ui, cx, rows);
    }
}

/// Words with bars and numbers; a click takes up the filter behind it.
fn bars(ui: &mut Ui, cx: &mut Ctx<'_>, rows: Vec<Bar>) {
    let most = rows.iter().map(|bar| bar.count).max().unwrap_or(1).max(1);
    ui.spacing_mut().item_spacing.y = 1.0;
    let left_out = rows.len().saturating_sub(MOST_BARS);
    for bar in rows.into_iter().take(MOST_BARS) {
        let c = theme(ui);
        let size = Vec2::new(ui.available_width(), 24.0);
        let (rect, response) = ui.allocate_exact_size(size, Sense::click());
        let name = format!("{} {}", bar.word, thousands(bar.count));
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
        if response.hovered() {
            ui.painter().rect_filled(rect, f32::from(tokens::RADIUS), c.hover);
        }
        focus_ring(ui, &response, rect);
        let word_width = (rect.width() * 0.36).min(150.0);
        let font = FontId::proportional(tokens::SMALL + 1.0);
        let mut job = egui::text::LayoutJob::simple_singleline(bar.word, font.clone(), c.ink);
        job.wrap = egui::text::TextWrapping::truncate_at_width(word_width - 8.0);
        let galley = ui.painter().layout_job(job);
        let at = Pos2::new(rect.left() + 4.0, rect.center().y - galley.size().y / 2.0);
        ui.painter().galley(at, galley, c.ink);
        let number_width = 64.0;
        let room = (rect.width() - word_width - number_width).max(20.0);
        let length = (room * bar.count as f32 / most as f32).max(2.0);
        let start = Pos2::new(rect.left() + word_width, rect.center().y - 5.0);
        let shape = Rect::from_min_size(start, Vec2::new(length, 10.0));
        ui.painter().rect_filled(shape, 2.0, c.accent);
        let end = Pos2::new(rect.right() - 6.0, rect.center().y);
        ui.painter().text(end, Align2::RIGHT_CENTER, thousands(bar.count), font, c.secondary);
        if response.clicked()
            && let Some(filter) = bar.leads_to
        {
            cx.act(Action::Focus(Box::new(filter)));
        }
    }
    if left_out > 0 {
        hint(ui, &format!("+ {left_out}"));
    }
    ui.spacing_mut().item_spacing.y = tokens::GAP_SMALL;
}

/// Men on the left, women on the right, five years a row, the old on top.
fn pyramid(ui: &mut Ui, cx: &Ctx<'_>, ages: &[Age]) {
    const YEARS: usize = 5;
    const BANDS: usize = 20;
    let mut bands = [[0u64; 2]; BANDS + 1];
    for age in ages {
        let band = &mut bands[(usize::from(age.age) / YEARS).min(BANDS)];
        band[0] += age.male;
        band[1] += age.female;
    }
    let most = bands.iter().flatten().copied().max().unwrap_or(0);
    if most == 0 {
        return;
    }
    let c = theme(ui);
    let step = 7.0;
    ui.add_space(tokens::GAP_SMALL);
    let size = Vec2::new(ui.available_width(), step * bands.len() as f32 + 18.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let (middle, gap) = (rect.center().x, 16.0);
    let room = rect.width() / 2.0 - gap - 4.0;
    let font = FontId::proportional(tokens::SMALL);
    for (band, counts) in bands.iter().enumerate() {
        let y = rect.bottom() - 18.0 - step * (band + 1) as f32;
        for (side, count) in counts.iter().enumerate() {
            let length = room * *count as f32 / most as f32;
            let x = if side == 0 { middle - gap - length } else { middle + gap };
            let bar = Rect::from_min_size(Pos2::new(x, y), Vec2::new(length, step - 1.5));
            let colour = if side == 0 { c.secondary } else { c.accent };
            ui.painter().rect_filled(bar, 1.0, colour);
        }
        if band % 4 == 0 {
            let at = Pos2::new(middle, y + step / 2.0);
            let text = (band * YEARS).to_string();
            ui.painter().text(at, Align2::CENTER_CENTER, text, font.clone(), c.secondary);
        }
    }
    for (x, align, text) in [
        (middle - gap, Align2::RIGHT_BOTTOM, Text::Male),
        (middle + gap, Align2::LEFT_BOTTOM, Text::Female),
    ] {
        let at = Pos2::new(x, rect.bottom());
        ui.painter().text(at, align, cx.t(text), font.clone(), c.secondary);
    }
    if let Some(at) = response.hover_pos() {
        let band = ((rect.bottom() - 18.0 - at.y) / step).clamp(0.0, BANDS as f32) as usize;
        let [male, female] = bands[band];
        let low = band * YEARS;
        let text = format!(
            "{low}–{}: {} {} · {} {}",
            low + YEARS - 1,
            cx.t(Text::Male),
            thousands(male),
            cx.t(Text::Female),
            thousands(female)
        );
        response.on_hover_text_at_pointer(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_narrows_what_is_asked_for() {
        let one = with_tag(&Filter::default(), "a");
        assert_eq!((one.any_tags.as_slice(), one.all_tags.len()), (&["a".to_owned()][..], 0));
        let both = with_tag(&one, "b");
        assert_eq!((both.any_tags.len(), both.all_tags.len()), (0, 2));
        assert_eq!(with_tag(&both, "b"), both);
        let any = Filter { any_tags: vec!["a".to_owned(), "b".to_owned()], ..Filter::default() };
        assert_eq!(with_tag(&any, "c").inside, [any]);
    }
}
