//! Persons, by their name in any part and by its sound, by numbers.

use jiff::civil::Date;

use super::{MOST_HITS, range_end};
use crate::derived::{Vocabulary, Words};
use crate::domain::half_width;
use crate::domain::ids::{PersonId, RoomId};
use crate::domain::names;
use crate::query::statistics::{PersonLine, person_lines};
use crate::store::{Connection, Result};

/// Digits a part of a number must have to be searched from its beginning.
pub(super) const LEAST_DIGITS: usize = 6;
/// Digits of its end by which a number is found.
const TAIL_DIGITS: usize = 4;

/// The part of a phone or ID number that a query is, in capitals; `None` for any other query.
/// Searches by one are written down and limited, as reveals are.
#[must_use]
pub fn part_of_number(text: &str) -> Option<String> {
    let text: String =
        text.trim().chars().map(half_width).filter(|c| !c.is_whitespace() && *c != '-').collect();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let is_one =
        digits >= 3 && text.bytes().all(|b| b.is_ascii_alphanumeric()) && digits + 1 >= text.len();
    is_one.then(|| text.to_uppercase())
}

/// Persons in the order in which they were found, each once, [`MOST_HITS`] at most.
struct Found<'c> {
    conn: &'c Connection,
    ids: Vec<PersonId>,
}

impl Found<'_> {
    fn is_full(&self) -> bool {
        self.ids.len() >= MOST_HITS
    }

    fn take(&mut self, sql: &str, values: impl rusqlite::Params) -> Result<()> {
        if self.is_full() {
            return Ok(());
        }
        let mut select = self.conn.prepare_cached(sql)?;
        for person_id in select.query_map(values, |row| row.get::<_, PersonId>(0))? {
            let person_id = person_id?;
            if !self.ids.contains(&person_id) {
                self.ids.push(person_id);
            }
        }
        self.ids.truncate(MOST_HITS);
        Ok(())
    }

    fn named(&mut self, name: &str) -> Result<()> {
        self.take(
            "SELECT person_id FROM person WHERE name = ?1 AND deleted_at IS NULL
             ORDER BY person_id LIMIT ?2",
            (name, MOST_HITS as i64),
        )
    }

    fn beginning(&mut self, name: &str) -> Result<()> {
        self.take(
            "SELECT person_id FROM person WHERE name >= ?1 AND name < ?2 AND deleted_at IS NULL
             ORDER BY name, person_id LIMIT ?3",
            (name, range_end(name), MOST_HITS as i64),
        )
    }

    /// By the part of a number.
    fn numbered(&mut self, number: &str) -> Result<()> {
        if number.len() >= LEAST_DIGITS {
            for sql in [
                "SELECT person_id FROM person WHERE phone >= ?1 AND phone < ?2
                   AND deleted_at IS NULL ORDER BY phone, person_id LIMIT ?3",
                "SELECT person_id FROM person WHERE id_no >= ?1 AND id_no < ?2
                   AND deleted_at IS NULL ORDER BY id_no, person_id LIMIT ?3",
            ] {
                self.take(sql, (number, range_end(number), MOST_HITS as i64))?;
            }
            return Ok(());
        }
        // A number cannot be felt for digit by digit: below six digits only its end is known.
        if number.len() != TAIL_DIGITS {
            return Ok(());
        }
        // Each has an index of its own; several numbers in one cell are few.
        for sql in [
            "SELECT person_id FROM person WHERE substr(id_no, -4) = ?1 AND id_no IS NOT NULL
               AND deleted_at IS NULL ORDER BY person_id LIMIT ?2",
            "SELECT person_id FROM person WHERE substr(phone, -4) = ?1 AND phone IS NOT NULL
               AND deleted_at IS NULL ORDER BY person_id LIMIT ?2",
            "SELECT person_id FROM person WHERE instr(phone, ';') > 0
               AND instr(phone, ?1 || ';') > 0 AND deleted_at IS NULL
             ORDER BY person_id LIMIT ?2",
        ] {
            self.take(sql, (number, MOST_HITS as i64))?;
        }
        Ok(())
    }

    /// By a name in signs: what is it, what begins with it, what has it inside.
    fn in_signs(&mut self, words: &Words, text: &str) -> Result<()> {
        let name = names::tidy(text);
        self.named(&name)?;
        self.beginning(&name)?;
        for other in words.names_holding(&name) {
            if self.is_full() {
                break;
            }
            self.named(&other)?;
        }
        Ok(())
    }

    /// By the sound of a name, whole or in initials.
    fn by_sound(&mut self, words: &Words, text: &str) -> Result<()> {
        let query: String =
            text.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_lowercase();
        let sounding = words.names_sounding(&query);
        for name in &sounding.names {
            if self.is_full() {
                break;
            }
            self.named(name)?;
        }
        for surname in &sounding.surnames {
            if self.is_full() {
                break;
            }
            self.beginning(surname)?;
        }
        Ok(())
    }
}

pub(super) fn persons(
    conn: &Connection,
    words: &Words,
    vocabulary: &Vocabulary,
    text: &str,
    on: Date,
) -> Result<Vec<PersonLine>> {
    let mut found = Found { conn, ids: Vec::new() };
    let is_latin =
        text.chars().all(|c| c.is_ascii_alphabetic() || c == ' ' || c == '\'' || c == '-');
    if let Some(number) = part_of_number(text) {
        found.numbered(&number)?;
    } else {
        found.in_signs(words, text)?;
        if is_latin {
            found.by_sound(words, text)?;
        }
    }
    let mut home = conn.prepare_cached(
        "SELECT room_id FROM residency WHERE person_id = ?1 AND end_date IS NULL
         ORDER BY residency_id LIMIT 1",
    )?;
    let mut pairs = Vec::with_capacity(found.ids.len());
    for person_id in found.ids {
        let room_id: Option<RoomId> =
            home.query_map([person_id], |row| row.get(0))?.next().transpose()?;
        pairs.push((person_id, room_id));
    }
    person_lines(conn, vocabulary, &pairs, on)
}
