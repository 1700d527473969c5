//! The names of persons, looked through whole while somebody types.
//!
//! Millions of people share some hundred thousand given names, so a line holds a given name with the
//! ways to read it and the surnames it occurs with: three to five bytes a name, and a search looks through
//! a few megabytes. Who bears a name, the index on names knows.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use memchr::memmem;

use crate::domain::names;

/// Begins a line.
const LINE: u8 = b'\n';
/// Before each full reading of the given name.
const FULL: u8 = b'\t';
/// Before the initials of each reading.
const INITIALS: u8 = 0x01;

/// A surname and how it is read: full, initials.
struct Surname {
    text: String,
    readings: Vec<(String, String)>,
}

/// The different names that persons have.
#[derive(Default)]
pub struct Names {
    surnames: Vec<Surname>,
    /// A line for each given name: the name, its full readings, its initials.
    lines: Vec<u8>,
    /// Where each line begins.
    starts: Vec<u32>,
    /// Where the surnames of each line begin; one more than lines.
    groups: Vec<u32>,
    /// Positions of surnames, line by line.
    members: Vec<u16>,
}

/// The surname and the given name; a name that is not Chinese is a given name alone.
fn split(name: &str) -> (&str, &str) {
    let surname = names::surname(name);
    if !names::is_chinese(name) || surname.len() == name.len() {
        return ("", name);
    }
    name.split_at(surname.len())
}

/// Collects names; [`Collector::finish`] orders them.
#[derive(Default)]
pub struct Collector {
    surnames: HashMap<String, u16>,
    /// Given names with the positions of their surnames.
    given: HashMap<String, Vec<u16>>,
}

impl Collector {
    /// Takes a name.
    pub fn add(&mut self, name: &str) {
        let (mut surname, mut given) = split(name);
        if !self.surnames.contains_key(surname) && self.surnames.len() == usize::from(u16::MAX) {
            (surname, given) = ("", name);
        }
        if given.is_empty() || given.bytes().any(|b| b < b' ') {
            return;
        }
        let next = self.surnames.len() as u16;
        let position = match self.surnames.get(surname) {
            Some(position) => *position,
            None => *self.surnames.entry(surname.to_owned()).or_insert(next),
        };
        match self.given.get_mut(given) {
            Some(members) if members.contains(&position) => {}
            Some(members) => members.push(position),
            None => drop(self.given.insert(given.to_owned(), vec![position])),
        }
    }

    /// The names in an order that does not depend on how they came.
    #[must_use]
    pub fn finish(self) -> Names {
        let mut surnames: Vec<(String, u16)> = self.surnames.into_iter().collect();
        surnames.sort_unstable_by_key(|(_, position)| *position);
        let surnames = surnames.into_iter().map(|(text, _)| Surname {
            readings: if text.is_empty() { Vec::new() } else { names::surname_readings(&text) },
            text,
        });
        let mut made = Names { surnames: surnames.collect(), ..Names::default() };
        let sorted: BTreeMap<String, Vec<u16>> = self.given.into_iter().collect();
        for (given, mut members) in sorted {
            members.sort_unstable();
            made.push(&given, &members);
        }
        made.groups.push(made.members.len() as u32);
        made.lines.push(LINE);
        made.lines.shrink_to_fit();
        made.members.shrink_to_fit();
        made
    }
}

/// How well a name answers: the better first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    Whole,
    Beginning,
    GivenWhole,
    GivenBeginning,
}

/// Names that are looked at before a search ends.
const MOST_NAMES: usize = 400;

impl Names {
    fn push(&mut self, given: &str, members: &[u16]) {
        self.starts.push(self.lines.len() as u32);
        self.groups.push(self.members.len() as u32);
        self.members.extend_from_slice(members);
        self.lines.push(LINE);
        self.lines.extend_from_slice(given.as_bytes());
        let readings = names::readings(given);
        for (nth, (full, _)) in readings.iter().enumerate() {
            if readings[..nth].iter().all(|(before, _)| before != full) {
                self.lines.push(FULL);
                self.lines.extend_from_slice(full.as_bytes());
            }
        }
        for (nth, (full, initials)) in readings.iter().enumerate() {
            if initials != full && readings[..nth].iter().all(|(_, before)| before != initials) {
                self.lines.push(INITIALS);
                self.lines.extend_from_slice(initials.as_bytes());
            }
        }
    }

    /// Bytes in memory, about.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.lines.len() + 8 * self.starts.len() + 2 * self.members.len()
    }

    fn line_at(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start as usize <= at).saturating_sub(1)
    }

    fn given(&self, line: usize) -> &str {
        let rest = &self.lines[self.starts[line] as usize + 1..];
        let end = rest.iter().position(|b| *b < b' ').unwrap_or(rest.len());
        std::str::from_utf8(&rest[..end]).unwrap_or_default()
    }

    fn members(&self, line: usize) -> &[u16] {
        &self.members[self.groups[line] as usize..self.groups[line + 1] as usize]
    }

    /// Names that have a text in them, but do not begin with it.
    #[must_use]
    pub fn holding(&self, text: &str) -> Vec<String> {
        let mut found = Vec::new();
        if text.is_empty() || text.bytes().any(|b| b < b' ') {
            return found;
        }
        let mut last = usize::MAX;
        for at in memmem::find_iter(&self.lines, text.as_bytes()) {
            let line = self.line_at(at);
            let begins = at == self.starts[line] as usize + 1;
            // A Latin text may stand in a reading, which is searched by its beginning.
            if line == last || at >= self.starts[line] as usize + 1 + self.given(line).len() {
                continue;
            }
            last = line;
            for member in self.members(line) {
                let surname = &self.surnames[usize::from(*member)].text;
                if !(begins && surname.is_empty()) {
                    found.push(format!("{surname}{}", self.given(line)));
                }
            }
            if found.len() >= MOST_NAMES {
                break;
            }
        }
        found
    }

    /// Names that a query in pinyin may mean, the best first: zhangguiying, zgy, zhanggui, guiying, gy.
    /// Also surnames that a query begins or is, as beginnings of names.
    #[must_use]
    pub fn sounding(&self, query: &str) -> Sounding {
        let mut found: BTreeSet<(Fit, String)> = BTreeSet::new();
        let mut surnames = Vec::new();
        for surname in &self.surnames {
            let begins =
                |(full, initials): &(String, String)| full.starts_with(query) || initials == query;
            if surname.readings.iter().any(begins) {
                surnames.push(surname.text.clone());
            }
        }
        surnames.sort_unstable();
        for mark in [FULL, INITIALS] {
            for end in 1..query.len() {
                let (head, rest) = query.split_at(end);
                let is_read = |(full, initials): &(String, String)| {
                    head == if mark == FULL { full } else { initials }
                };
                let mut is_meant = vec![false; self.surnames.len()];
                for (meant, surname) in is_meant.iter_mut().zip(&self.surnames) {
                    *meant = surname.readings.iter().any(is_read);
                }
                if is_meant.contains(&true) {
                    self.collect(mark, rest, &is_meant, false, &mut found);
                }
            }
            let all = vec![true; self.surnames.len()];
            self.collect(mark, query, &all, true, &mut found);
        }
        Sounding { names: found.into_iter().map(|(_, name)| name).collect(), surnames }
    }

    /// Adds the names whose given name is read as `rest` begins, of the surnames that are meant.
    fn collect(
        &self,
        mark: u8,
        rest: &str,
        is_meant: &[bool],
        is_given: bool,
        found: &mut BTreeSet<(Fit, String)>,
    ) {
        let needle = [&[mark], rest.as_bytes()].concat();
        let most = found.len() + MOST_NAMES;
        for at in memmem::find_iter(&self.lines, &needle) {
            let line = self.line_at(at);
            let is_whole = self.lines[at + needle.len()] < b' ';
            for member in self.members(line) {
                if !is_meant[usize::from(*member)] {
                    continue;
                }
                let surname = &self.surnames[usize::from(*member)].text;
                let fit = match (is_given && !surname.is_empty(), is_whole) {
                    (false, true) => Fit::Whole,
                    (false, false) => Fit::Beginning,
                    (true, true) => Fit::GivenWhole,
                    (true, false) => Fit::GivenBeginning,
                };
                found.insert((fit, format!("{surname}{}", self.given(line))));
            }
            if found.len() >= most {
                break;
            }
        }
    }
}

/// What a query in pinyin may mean.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sounding {
    /// Whole names, the best first.
    pub names: Vec<String>,
    /// Surnames: any name that begins so.
    pub surnames: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(all: &[&str]) -> Names {
        let mut collector = Collector::default();
        all.iter().for_each(|name| collector.add(name));
        collector.finish()
    }

    #[test]
    fn names_are_found_by_parts_and_by_sound() {
        let names = names(&[
            "张桂英",
            "王桂英",
            "张桂英",
            "单雄飞",
            "曾广贤",
            "任长江",
            "欧阳娜",
            "Anna Rossi",
            "阿依古丽·买买提",
            "李",
            "张英",
        ]);
        assert_eq!(names.holding("桂英"), ["张桂英", "王桂英"]);
        assert_eq!(names.holding("英"), ["张桂英", "王桂英", "张英"]);
        assert_eq!(names.holding("买提"), ["阿依古丽·买买提"]);
        assert!(names.holding("张").is_empty() && names.holding("龘").is_empty());
        assert!(names.holding("Anna").is_empty(), "it begins so");
        assert_eq!(names.holding("Rossi"), ["Anna Rossi"]);
        let sounding = |query: &str| names.sounding(query).names;
        assert_eq!(sounding("zhangguiying"), ["张桂英"]);
        assert_eq!(sounding("zgy"), ["张桂英"]);
        assert_eq!(sounding("zg"), ["张桂英", "曾广贤"]);
        assert_eq!(sounding("guiying"), ["张桂英", "王桂英"]);
        assert_eq!(sounding("gy"), ["张桂英", "王桂英"]);
        assert_eq!(sounding("sxf"), ["单雄飞"]);
        assert_eq!(sounding("danxiong"), ["单雄飞"], "every reading of a sign");
        assert_eq!(sounding("renzhangjiang"), ["任长江"]);
        assert_eq!(sounding("ouyangn"), ["欧阳娜"]);
        assert_eq!(sounding("oyn"), ["欧阳娜"]);
        assert_eq!(sounding("annarossi"), ["Anna Rossi"]);
        assert_eq!(sounding("li"), ["李"]);
        assert_eq!(names.sounding("zhang").surnames, ["张"]);
        assert_eq!(names.sounding("z").surnames, ["张", "曾"]);
    }
}
