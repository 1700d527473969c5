//! The answers as text for a terminal.

use std::fmt::Write as _;

use crate::domain::codes::list;
use crate::domain::ids::BuildingId;
use crate::query::Subject;
use crate::query::overview::{Cell, Overview};
use crate::query::search::SearchAnswer;
use crate::query::{HouseholdCard, Vocabulary};
use crate::text::{Lang, Text, room_title, thousands, unit_label};

/// Width on a terminal: Chinese characters take two columns.
fn width(text: &str) -> usize {
    text.chars().map(|c| if c as u32 >= 0x1100 { 2 } else { 1 }).sum()
}

fn pad(text: &str, to: usize) -> String {
    format!("{text}{}", " ".repeat(to.saturating_sub(width(text))))
}

pub(super) fn overview(lang: Lang, v: &Vocabulary, o: &Overview) -> String {
    let t = |text: Text| lang.t(text);
    let b = &o.building;
    let mut out = String::new();
    let title = b.names().title(lang);
    let _ = writeln!(out, "{title}  [{}]", b.code);
    if let Some(address) = &b.address {
        let _ = writeln!(out, "{address}");
    }
    let number = |n: Option<i32>| n.map_or_else(|| "–".to_owned(), |n| n.to_string());
    let _ = writeln!(
        out,
        "{} {}  {} {}  {} {}  {} {}",
        t(Text::FloorsAbove),
        number(b.floors_above),
        t(Text::FloorsBelow),
        number(b.floors_below),
        t(Text::Units),
        b.units,
        t(Text::Grid),
        b.grid_name.as_deref().or(b.grid.as_deref()).unwrap_or("–"),
    );
    let c = o.counts;
    let figures = [
        (Text::Rooms, c.rooms),
        (Text::Households, c.households),
        (Text::Persons, c.persons),
        (Text::Registered, c.registered),
        (Text::Floating, c.floating),
        (Text::Overseas, c.overseas),
        (Text::Enterprises, c.enterprises),
        (Text::OpenEvents, c.open_events),
        (Text::Devices, c.devices),
    ];
    let line: Vec<String> =
        figures.iter().map(|(text, n)| format!("{} {}", t(*text), thousands(*n))).collect();
    let _ = writeln!(out, "{}", line.join("  "));
    if !o.tags.is_empty() {
        let tags: Vec<String> = o
            .tags
            .iter()
            .map(|tag| {
                let entry = v.find_tag(&tag.code);
                let label = entry.map_or(tag.label.as_str(), |e| e.label(lang));
                format!("{label} {}", tag.persons)
            })
            .collect();
        let _ = writeln!(out, "{}", tags.join("  "));
    }
    matrix(lang, v, o, &mut out);
    for e in &o.enterprises {
        let room = e.room_no.as_deref().map(|no| room_title(lang, e.unit.as_deref(), no));
        let label = v.lists.label(list::ENTERPRISE_STATUS, e.status_key, lang);
        let _ = writeln!(
            out,
            "■ {} {} {} {label}",
            e.name,
            e.uscc.as_deref().unwrap_or(""),
            room.unwrap_or_default()
        );
    }
    for e in &o.events {
        let _ = writeln!(
            out,
            "● {} {} {} · {} · {}",
            e.no,
            v.lists.label(list::EVENT_CATEGORY, e.category_key, lang),
            e.title,
            v.lists.label(list::EVENT_STATE, e.state_key, lang),
            e.reported_at.as_deref().unwrap_or("–")
        );
    }
    out
}

fn matrix(lang: Lang, v: &Vocabulary, o: &Overview, out: &mut String) {
    let m = &o.matrix;
    if m.cells.is_empty() && m.unassigned.is_empty() {
        return;
    }
    let text = |cell: &Cell| {
        let glyphs: String = cell
            .tags
            .iter()
            .filter_map(|code| v.find_tag(code))
            .take(3)
            .map(|tag| tag.glyph.as_str())
            .collect();
        let dot = if cell.open_events > 0 { "!" } else { "" };
        format!("{}:{}{glyphs}{dot}", cell.room_no, cell.persons)
    };
    let column = m.cells.iter().map(|c| width(&text(c))).max().unwrap_or(4) + 1;
    let mut head = " ".repeat(6);
    for (unit, span) in m.units.iter().zip(&m.unit_widths) {
        let label = if unit.is_empty() { String::new() } else { unit_label(lang, unit) };
        head.push_str(&pad(&label, column * *span as usize + 2));
    }
    let _ = writeln!(out, "{}", head.trim_end());
    for floor in &m.floors {
        let mut line = pad(&floor.label, 6);
        for (index, (unit, span)) in m.units.iter().zip(&m.unit_widths).enumerate() {
            for col in 0..*span {
                let found = m.cells.iter().find(|c| {
                    (c.unit.as_deref() == Some(unit) || (c.unit.is_none() && index == 0))
                        && c.floor == Some(floor.ord)
                        && c.col == Some(col)
                });
                line.push_str(&pad(&found.map(text).unwrap_or_default(), column));
            }
            line.push_str("  ");
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
    if !m.unassigned.is_empty() {
        let rooms: Vec<String> = m.unassigned.iter().map(text).collect();
        let _ = writeln!(out, "{}: {}", lang.t(Text::UnassignedUnit), rooms.join(" "));
    }
}

pub(super) fn household(
    lang: Lang,
    v: &Vocabulary,
    card: &HouseholdCard,
    shown: &serde_json::Value,
) -> String {
    let p = &card.place;
    let mut out = format!(
        "{} {}\n{} · {}\n",
        p.building().title(lang),
        room_title(lang, p.unit.as_deref(), &p.room_no),
        v.lists.label(list::ROOM_KIND, card.kind, lang),
        v.lists.label(list::ROOM_STATUS, card.status, lang),
    );
    let text = |value: &serde_json::Value| value.as_str().unwrap_or("").to_owned();
    for (member, m) in card.members.iter().zip(shown["members"].as_array().into_iter().flatten()) {
        let tags: Vec<&str> = member.tags.iter().map(|&t| v.tags[t].label(lang)).collect();
        let relation =
            member.relation.map_or("", |r| v.lists.label(list::RELATION, r, lang)).to_owned();
        let _ = writeln!(
            out,
            "  {} {} {} {} {} {}  {}",
            pad(&relation, 8),
            pad(&text(&m["name"]), 10),
            v.lists.label(list::SEX, member.sex, lang),
            member.age.map_or_else(|| "–".to_owned(), |a| a.to_string()),
            text(&m["phone"]),
            text(&m["id_no"]),
            tags.join(" ")
        );
    }
    if card.members.is_empty() {
        let _ = writeln!(out, "  {}", lang.t(Text::NobodyRegistered));
    }
    for e in &card.enterprises {
        let _ = writeln!(out, "■ {} {}", e.name, e.uscc.as_deref().unwrap_or(""));
    }
    for f in shown["history"].as_array().into_iter().flatten() {
        let _ = writeln!(
            out,
            "  {}: {} {} – {}",
            lang.t(Text::History),
            text(&f["name"]),
            text(&f["start"]),
            text(&f["end"])
        );
    }
    out
}

pub(super) fn focus(
    lang: Lang,
    (subject, total): (Subject, u64),
    buildings: &[(String, BuildingId, u32)],
) -> String {
    let mut out = format!(
        "{} {} · {} {}\n",
        lang.t(match subject {
            Subject::Persons => Text::Persons,
            Subject::Rooms => Text::Rooms,
        }),
        thousands(total),
        lang.t(Text::Buildings),
        thousands(buildings.len() as u64)
    );
    for (code, _, count) in buildings {
        let _ = writeln!(out, "  {} {count}", pad(code, 20));
    }
    out
}

pub(super) fn search(lang: Lang, found: &SearchAnswer, persons: &[serde_json::Value]) -> String {
    let mut out = String::new();
    for e in &found.estates {
        let _ = writeln!(out, "{}  {}", lang.t(Text::Estate), e.estate.as_deref().unwrap_or(""));
    }
    for b in &found.buildings {
        let code = b.code.as_deref().unwrap_or("");
        let title = b.building().title(lang);
        let _ = writeln!(out, "{}  {title}  [{code}]", lang.t(Text::Building));
    }
    for r in &found.rooms {
        let title = r.building().title(lang);
        let room = room_title(lang, r.unit.as_deref(), &r.room_no);
        let _ = writeln!(out, "{}  {title} {room}", lang.t(Text::Room));
    }
    for (line, p) in found.persons.iter().zip(persons) {
        let home = line.place.as_ref().map(|r| {
            let title = r.building().title(lang);
            format!("{title} {}", room_title(lang, r.unit.as_deref(), &r.room_no))
        });
        let _ = writeln!(
            out,
            "{}  {} {}  {}",
            lang.t(Text::Person),
            p["name"].as_str().unwrap_or(""),
            p["age"],
            home.unwrap_or_default()
        );
    }
    for e in &found.enterprises {
        let code = e.code.as_deref().unwrap_or("");
        let _ = writeln!(out, "{}  {}  {code}", lang.t(Text::Enterprise), e.name);
    }
    for e in &found.events {
        let code = e.code.as_deref().unwrap_or("");
        let _ = writeln!(out, "{}  {code}  {}", lang.t(Text::Event), e.name);
    }
    for (word, hits) in [(Text::Grid, &found.grids), (Text::Devices, &found.devices)] {
        for hit in hits {
            let code = hit.code.as_deref().unwrap_or("");
            let _ = writeln!(out, "{}  {code}  {}", lang.t(word), hit.name);
        }
    }
    out
}
