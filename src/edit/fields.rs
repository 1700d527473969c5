//! Which fields can be changed by hand, and how what is typed into them is read: with the checks of an
//! import, in the same sentences.

use std::sync::LazyLock;

use jiff::civil::Date;

use crate::domain::codes::CodeLists;
use crate::domain::object::Cell;
use crate::domain::{Lang, age, cell, credit_code, floor, half_width, id_number, phone, room_key};
use crate::import::kinds::identity;
use crate::msg;
use crate::text::Message;

/// A field of a record.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
pub struct Field {
    /// Word of the record: `person`, `room` …
    pub object: String,
    /// Name on the command line and in JSON.
    pub field: String,
    /// The column; empty where more than one follows from it.
    pub column: String,
    check: String,
    zh: String,
    en: String,
}

static FIELDS: LazyLock<Vec<Field>> = LazyLock::new(|| {
    csv::Reader::from_reader(include_str!("../../data/edit_fields.csv").as_bytes())
        .into_deserialize()
        .filter_map(Result::ok)
        .collect()
});

/// The fields of a kind of record, in their order.
pub fn of_object(word: &str) -> impl Iterator<Item = &'static Field> {
    FIELDS.iter().filter(move |field| field.object == word)
}

/// A field by its name or label.
#[must_use]
pub fn field_of(word: &str, name: &str) -> Option<&'static Field> {
    let name = crate::domain::fold(name);
    of_object(word)
        .find(|f| [&f.field, &f.zh, &f.en].into_iter().any(|n| crate::domain::fold(n) == name))
}

/// How a field is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// In a line of text.
    Line,
    /// A day.
    Day,
    /// A number.
    Number,
    /// A choice of a code list, by its name; whether it can be left open.
    Code(&'static str, bool),
}

/// What is read with.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    /// The code lists of the workspace.
    pub lists: &'a CodeLists,
    /// The day it is.
    pub today: Date,
}

/// What was typed, read: the value, and what is odd about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Read {
    /// The value.
    pub cell: Cell,
    /// What should be looked at, though it is taken.
    pub warning: Option<Message>,
}

impl From<Cell> for Read {
    fn from(cell: Cell) -> Self {
        Self { cell, warning: None }
    }
}

impl Field {
    /// The label in a language.
    #[must_use]
    pub fn label(&self, lang: Lang) -> &str {
        match lang {
            Lang::Zh => &self.zh,
            Lang::En => &self.en,
        }
    }

    /// How it is typed.
    #[must_use]
    pub fn input(&'static self) -> Input {
        let check = self.check.trim_end_matches('!');
        match check.split_once(':') {
            Some(("code", list)) => Input::Code(list, !self.is_needed()),
            Some(("count" | "number", _)) => Input::Number,
            _ if matches!(check, "birth" | "day" | "date" | "visited") => Input::Day,
            _ => Input::Line,
        }
    }

    /// Whether it cannot be left empty.
    #[must_use]
    pub fn is_needed(&self) -> bool {
        self.check.ends_with('!') || matches!(self.check.as_str(), "name" | "room_no")
    }

    /// What stands in the field as it is typed: a code by its label in a language, a day as a day.
    #[must_use]
    pub fn shown(&self, cell: &Cell, lists: &CodeLists, lang: Lang) -> String {
        let check = self.check.trim_end_matches('!');
        match (cell, check.split_once(':')) {
            (Cell::Empty, _) => String::new(),
            (Cell::Int(key), Some(("code", list))) => lists.label(list, *key, lang).to_owned(),
            (Cell::Int(at), _) if check == "visited" => {
                crate::domain::clock::day_of(*at).map(|day| day.to_string()).unwrap_or_default()
            }
            (Cell::Int(n), _) => n.to_string(),
            (Cell::Real(x), _) => format!("{x}"),
            (Cell::Text(text), _) => text.clone(),
        }
    }

    /// Reads what was typed.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn read(&self, text: &str, by: Reading<'_>) -> Result<Read, Message> {
        let clean = cell::visible(text);
        let text = clean.trim();
        if text.is_empty() {
            return match self.is_needed() {
                true => Err("this cannot be left empty".into()),
                false if self.check == "text*" => Ok(Cell::Text(String::new()).into()),
                false if self.check == "code:sex" => Ok(Cell::Int(0).into()),
                false => Ok(Cell::Empty.into()),
            };
        }
        let check = self.check.trim_end_matches('!');
        match check.split_once(':') {
            Some(("code", list)) => match by.lists.parse(list, text) {
                Some(key) => Ok(Cell::Int(key).into()),
                None => {
                    let known: Vec<&str> =
                        by.lists.entries(list).map(|e| e.code.as_str()).collect();
                    Err(msg!("{} is not one of {}", text, known.join(" ")))
                }
            },
            Some((kind, range)) => number(text, kind == "count", range),
            None => read_plain(check, text, by),
        }
    }
}

/// Reads what is neither a code nor a number.
fn read_plain(check: &str, text: &str, by: Reading<'_>) -> Result<Read, Message> {
    /// Longest text that a line of a card holds.
    const MOST_SIGNS: usize = 2_000;
    match check {
        "name" | "name?" => match identity::name(Some(text)) {
            Ok(name) => Ok(Cell::Text(name).into()),
            Err(refusal) => Err(refusal.reason),
        },
        "id_no" => id_no(text),
        "uscc" => {
            let code: String = text.chars().map(half_width).flat_map(char::to_uppercase).collect();
            let warning = (!credit_code::is_valid(&code))
                .then(|| "the credit code is not well formed; kept".into());
            Ok(Read { cell: Cell::Text(code), warning })
        }
        "phones" => phones(text),
        "birth" | "day" | "visited" | "date" => day(check, text, by.today),
        "room_no" => Ok(Cell::Text(room_key::token(text)).into()),
        "unit" => Ok(Cell::Text(room_key::unit_token(text)).into()),
        "floor" => {
            let label = floor::tidy_label(text);
            if floor::is_label(&label) {
                Ok(Cell::Text(label).into())
            } else {
                Err(msg!("“{}” is not a floor (3, B1, 3A …)", text))
            }
        }
        _ if text.chars().count() > MOST_SIGNS => Err(msg!("longer than {} signs", MOST_SIGNS)),
        _ => Ok(Cell::Text(text.to_owned()).into()),
    }
}

fn number(text: &str, is_whole: bool, range: &str) -> Result<Read, Message> {
    let (least, most) = range.split_once("..").unwrap_or(("0", "0"));
    let bound = |text: &str| text.parse::<f64>().unwrap_or_default();
    let (least, most) = (bound(least), bound(most));
    let plain: String = text.chars().map(half_width).filter(|c| *c != ',').collect();
    let value = plain.trim().parse::<f64>().ok().filter(|v| (least..=most).contains(v));
    match value {
        Some(value) if is_whole && value.fract() == 0.0 => Ok(Cell::Int(value as i64).into()),
        Some(value) if !is_whole => Ok(Cell::Real(value).into()),
        _ => Err(msg!("not a number from {} to {}", least, most)),
    }
}

fn id_no(text: &str) -> Result<Read, Message> {
    let number = id_number::normalise(text.trim_start_matches(['\'', '‘', '’']));
    if identity::is_placeholder(&number) {
        return Err("a number that stands for none; leave it empty".into());
    }
    Ok(Cell::Text(number).into())
}

fn phones(text: &str) -> Result<Read, Message> {
    let mut numbers = phone::split(text);
    if numbers.iter().any(|number| phone::is_placeholder(number)) {
        return Err("a number that stands for none; leave it empty".into());
    }
    numbers.retain(|number| !number.is_empty());
    if numbers.is_empty() {
        return Err("does not look like a telephone number".into());
    }
    let is_odd = numbers.iter().any(|number| !phone::is_plausible(number));
    let warning = is_odd.then(|| "does not look like a telephone number; kept".into());
    Ok(Read { cell: Cell::Text(numbers.join(";")), warning })
}

fn day(check: &str, text: &str, today: Date) -> Result<Read, Message> {
    let Some(date) = age::date_as_typed(text, today).or_else(|| age::parse_date(text)) else {
        return Err("not a date (2026-03-05)".into());
    };
    if check != "date" && date > today {
        return Err("this day is still to come".into());
    }
    if check == "birth" && date.year() < 1850 {
        return Err("not a day of birth (1962-03-05)".into());
    }
    if check == "visited" {
        let zone = crate::domain::clock::shanghai();
        let midnight = date.at(0, 0, 0, 0).to_zoned(zone).map(|z| z.timestamp().as_second());
        return Ok(Cell::Int(midnight.unwrap_or_default()).into());
    }
    Ok(Cell::Text(date.to_string()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(field: (&str, &str), text: &str) -> Result<String, String> {
        let lists = CodeLists::shipped();
        let by = Reading { lists: &lists, today: jiff::civil::date(2026, 11, 23) };
        let field = field_of(field.0, field.1).unwrap();
        match field.read(text, by) {
            Ok(read) => Ok(field.shown(&read.cell, &lists, Lang::En)),
            Err(message) => Err(message.to_string()),
        }
    }

    #[test]
    fn fields_are_read_as_an_import_reads_them() {
        let check = |field, text, expect: Result<&str, &str>| {
            let got = read(field, text);
            assert_eq!(got.as_deref().map_err(String::as_str), expect, "{field:?} {text}");
        };
        check(("person", "phone"), "138 1234 5678、0515-12345678", Ok("13812345678;0515-12345678"));
        check(("person", "联系电话"), "", Ok(""));
        check(("person", "name"), "", Err("this cannot be left empty"));
        check(("person", "name"), "同上", Err("this is no name"));
        check(("person", "birth_date"), "1962年3月5日", Ok("1962-03-05"));
        check(("person", "birth_date"), "2062-03-05", Err("this day is still to come"));
        check(("person", "sex"), "女", Ok("Female"));
        check(("person", "sex"), "", Ok("Unknown"));
        check(("room", "floor"), "负一层", Ok("B1"));
        check(("room", "area_m2"), "-3", Err("not a number from 0 to 1000000"));
        check(("room", "status"), "空置", Ok("Vacant"));
        check(("room", "unit"), "二单元", Ok("2"));
        check(("tag", "review_due"), "2027-01-01", Ok("2027-01-01"));
        check(
            ("staff", "duty_phone"),
            "11111111111",
            Err("a number that stands for none; leave it empty"),
        );
    }

    #[test]
    fn every_field_is_sound() {
        let lists = CodeLists::shipped();
        for field in FIELDS.iter() {
            assert!(!field.zh.is_empty() && !field.en.is_empty(), "{field:?}");
            if let Input::Code(list, _) = field.input() {
                assert!(lists.entries(list).next().is_some(), "{field:?}");
            }
        }
        assert!(FIELDS.len() > 90);
    }
}
