//! The map's legend: what the colours mean, and how many buildings have each.

use eframe::egui::{Align2, Color32, FontId, Painter, Pos2, Rect, Stroke, StrokeKind, Theme, Vec2};

use crate::app::settings::Layers;
use crate::domain::codes::list;
use crate::map::style::{self, Colouring, MapTheme};
use crate::text::{Text, thousands};
use crate::ui::ctx::Ctx;
use crate::ui::kit::focus_words::filter_unit;
use crate::ui::kit::theme::bold;
use crate::ui::kit::tokens::{self, Colours};
use crate::ui::map::overlay::{Overlay, plate};

/// Height of a row and width of the colour with its margins, points.
const ROW: f32 = 20.0;
const SIGN: f32 = 32.0;

enum Sign {
    Square(Color32),
    Round(Color32),
}

struct Row {
    sign: Sign,
    text: String,
    /// How many buildings; nothing for events.
    count: Option<u32>,
}

/// The name of a theme.
pub(crate) const fn theme_name(theme: MapTheme) -> Text {
    match theme {
        MapTheme::Plain => Text::ThemePlain,
        MapTheme::Use => Text::ThemeUse,
        MapTheme::Floors => Text::ThemeFloors,
        MapTheme::Persons => Text::ThemePersons,
        MapTheme::OpenEvents => Text::OpenEvents,
        MapTheme::Unverified => Text::ThemeUnverified,
        MapTheme::Vacant => Text::ThemeVacant,
    }
}

fn title(cx: &Ctx<'_>, colouring: &Colouring<'_>) -> String {
    match colouring {
        Colouring::Plain => String::new(),
        Colouring::Use => cx.t(Text::ThemeUse).to_owned(),
        Colouring::Floors => cx.t(Text::ThemeFloors).to_owned(),
        Colouring::Focus(_) => crate::ui::kit::focus_words::filter_words(cx),
        Colouring::Measure(theme, _) => cx.t(theme_name(*theme)).to_owned(),
    }
}

fn rows(cx: &Ctx<'_>, o: &Overlay<'_>, colouring: &Colouring<'_>, dark: bool) -> Vec<Row> {
    let palette = tokens::map_palette(dark, colouring.ramp());
    let row = |class: u8, text: String| {
        let [r, g, b, _] = palette[usize::from(class)].fill;
        let count = Some(o.counts[usize::from(class)]);
        Row { sign: Sign::Square(Color32::from_rgb(r, g, b)), text, count }
    };
    if matches!(colouring, Colouring::Use) {
        let lists = &cx.session.vocabulary.lists;
        return style::USE_KINDS
            .iter()
            .enumerate()
            .map(|(group, kind)| {
                let text = match kind {
                    0 => cx.t(Text::OtherUse).to_owned(),
                    kind => lists.label(list::BUILDING_KIND, i64::from(*kind), cx.lang).to_owned(),
                };
                row(style::USE_FIRST + group as u8, text)
            })
            .filter(|row| row.count != Some(0))
            .collect();
    }
    let breaks = colouring.breaks();
    let unit = match colouring {
        Colouring::Focus(_) | Colouring::Measure(MapTheme::Persons, _) => {
            format!(" {}", cx.t(filter_unit(cx)))
        }
        Colouring::Floors => format!(" {}", cx.t(Text::Floors)),
        Colouring::Measure(MapTheme::OpenEvents, _) => String::new(),
        _ => " %".to_owned(),
    };
    let mut low = 1;
    let mut rows: Vec<Row> = Vec::new();
    for end in &breaks {
        let range = match *end {
            u32::MAX => format!("≥ {low}"),
            end if low >= end => end.to_string(),
            end => format!("{low}–{end}"),
        };
        let counts_people =
            matches!(colouring, Colouring::Focus(_) | Colouring::Measure(MapTheme::Persons, _))
                && filter_unit(cx) == Text::LegendPersons;
        let unit = if counts_people && range == "1" {
            format!(" {}", cx.t(Text::LegendPerson))
        } else {
            unit.clone()
        };
        rows.push(row(style::ramp_class(*end, &breaks), format!("{range}{unit}")));
        low = end.saturating_add(1);
    }
    if !breaks.is_empty() {
        let none = match colouring {
            Colouring::Focus(_) if filter_unit(cx) == Text::LegendRooms => Text::LegendNoRooms,
            Colouring::Focus(_) => Text::LegendNone,
            Colouring::Floors => Text::LegendUnknown,
            _ => Text::LegendZero,
        };
        rows.push(row(style::RAMP_NONE, cx.t(none).to_owned()));
    }
    rows
}

/// Paints the legend; gives where it is.
pub(crate) fn show(
    painter: &Painter,
    cx: &Ctx<'_>,
    o: &Overlay<'_>,
    c: &Colours,
    layers: Layers,
) -> Option<Rect> {
    let dark = painter.ctx().theme() == Theme::Dark;
    let colouring = cx.session.colouring();
    let mut rows = if layers.buildings { rows(cx, o, &colouring, dark) } else { Vec::new() };
    let title = if rows.is_empty() { String::new() } else { title(cx, &colouring) };
    if layers.events && !o.scene.events.is_empty() {
        let event = |colour, text| Row {
            sign: Sign::Round(colour),
            text: cx.t(text).to_owned(),
            count: None,
        };
        rows.push(event(c.danger, Text::OpenEvent));
        if cx.session.settings.events.closed_too {
            rows.push(event(c.ok, Text::ClosedEvent));
        }
    }
    (!rows.is_empty()).then(|| paint(painter, o.rect, c, &title, &rows))
}

fn paint(painter: &Painter, map: Rect, c: &Colours, title: &str, rows: &[Row]) -> Rect {
    let font = FontId::proportional(tokens::SMALL);
    let text = |text: String, colour| painter.layout_no_wrap(text, font.clone(), colour);
    let lines: Vec<_> = rows
        .iter()
        .map(|row| {
            let count = row.count.map(|n| thousands(n.into())).unwrap_or_default();
            (text(row.text.clone(), c.ink), text(count, c.secondary))
        })
        .collect();
    let heading = painter.layout(title.to_owned(), bold(tokens::SMALL), c.ink, 180.0);
    let head = if title.is_empty() { 0.0 } else { heading.size().y + 6.0 };
    let widest = lines
        .iter()
        .map(|(a, b)| a.size().x + if b.size().x > 0.0 { b.size().x + 20.0 } else { 0.0 })
        .fold(heading.size().x - SIGN + 12.0, f32::max);
    let size = Vec2::new(SIGN + widest + 12.0, head + rows.len() as f32 * ROW + 12.0);
    let min = Pos2::new(map.left() + 12.0, map.bottom() - 12.0 - size.y);
    let frame = Rect::from_min_size(min, size);
    plate(painter, frame, c);
    if !title.is_empty() {
        painter.galley(min + Vec2::new(12.0, 8.0), heading, c.ink);
    }
    for (index, (row, (label, count))) in rows.iter().zip(lines).enumerate() {
        let y = min.y + 6.0 + head + (index as f32 + 0.5) * ROW;
        let square = Rect::from_center_size(Pos2::new(min.x + 18.0, y), Vec2::splat(13.0));
        match row.sign {
            Sign::Square(colour) => {
                let edge = Stroke::new(1.0, c.secondary.gamma_multiply(0.5));
                painter.rect(square, 2.0, colour, edge, StrokeKind::Inside);
            }
            Sign::Round(colour) => {
                painter.circle(square.center(), 6.0, colour, Stroke::NONE);
            }
        }
        painter.galley(Pos2::new(min.x + SIGN, y - label.size().y / 2.0), label, c.ink);
        let at = Align2::RIGHT_CENTER.anchor_size(Pos2::new(frame.right() - 12.0, y), count.size());
        painter.galley(at.min, count, c.secondary);
    }
    frame
}
