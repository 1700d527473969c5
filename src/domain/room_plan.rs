//! A house's rooms from its shape: units × floors × doors, as its doors are numbered.
//!
//! `1-3` stands for 1, 2, 3; a single number is a count (`3` = `1-3`); parts are joined by commas:
//! `B1,1-3,3A,5-18`. A door of floor 5 with the ending `01` reads 501.

use super::{floor, half_width, room_key};

/// Most rooms of one house: a tower of 60 floors and 24 doors has some 1,400.
pub const MOST_ROOMS: usize = 3_000;
/// Most units, floors or doors that are read.
const MOST_PARTS: u32 = 300;

/// Why a plan cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// A part that is no number, range or name.
    Part(String),
    /// A floor that is none.
    Floor(String),
    /// Doors are needed.
    NoDoors,
    /// More rooms than a house has.
    TooMany,
}

/// Which rooms a house has.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RoomPlan {
    /// Units; empty for a house without.
    pub units: Vec<String>,
    /// Labels of the floors, tidied; empty for as many as the house is known to have.
    pub floors: Vec<String>,
    /// Endings of the doors' numbers: `01`, `02`, `A`.
    pub doors: Vec<String>,
    /// Whether the doors of a floor are counted on from unit to unit: unit 2 begins with 03.
    pub counts_on: bool,
}

/// A room of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedRoom {
    /// Unit.
    pub unit: Option<String>,
    /// Label of its floor.
    pub floor: String,
    /// Number on the door.
    pub room_no: String,
}

/// The parts of `1-3、5, A`: ranges spelled out, in the order written, each once.
fn parts(text: &str) -> Result<Vec<String>, PlanError> {
    let mut tidy = String::with_capacity(text.len());
    for c in text.chars().map(half_width).filter(|c| !c.is_whitespace()) {
        match c {
            '、' | ',' | ';' => tidy.push(','),
            '—' | '–' | '~' | '至' | '到' => tidy.push('-'),
            c => tidy.extend(c.to_uppercase()),
        }
    }
    let mut all: Vec<String> = Vec::new();
    let written: Vec<&str> = tidy.split(',').filter(|part| !part.is_empty()).collect();
    for part in &written {
        let unknown = || PlanError::Part((*part).to_owned());
        // -1 and -2--1 are basements.
        let cut = part.char_indices().skip(1).find(|(_, c)| *c == '-').map(|(at, _)| at);
        let Some(cut) = cut else {
            // 6层 and 2个单元 standing alone say how many.
            let count = bare(part).parse::<u32>().ok().filter(|_| written.len() == 1);
            match count {
                Some(count) if (1..=MOST_PARTS).contains(&count) => {
                    all.extend((1..=count).map(|n| n.to_string()));
                }
                Some(_) => return Err(unknown()),
                None => all.push((*part).to_owned()),
            }
            continue;
        };
        let (first, last) = (bare(&part[..cut]), bare(&part[cut + 1..]));
        let numbers = first.parse::<i32>().ok().zip(last.parse::<i32>().ok());
        let letters = first.chars().next().zip(last.chars().next()).filter(|(a, b)| {
            a.is_ascii_alphabetic() && b.is_ascii_alphabetic() && first.len() + last.len() == 2
        });
        match (numbers, letters) {
            (Some((first, last)), _) if first <= last && last - first < MOST_PARTS as i32 => {
                all.extend((first..=last).filter(|n| *n != 0).map(|n| n.to_string()));
            }
            (_, Some((first, last))) if first <= last => {
                all.extend((first..=last).map(|c| c.to_string()));
            }
            _ => return Err(unknown()),
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    all.retain(|part| seen.insert(part.clone()));
    Ok(all)
}

/// A number without the word that says what it counts: 6层, 2个单元, 04室.
fn bare(part: &str) -> &str {
    const WORDS: [&str; 8] = ["个单元", "单元", "层", "楼", "户", "个", "室", "F"];
    let found = WORDS.iter().find_map(|word| part.strip_suffix(word));
    found.filter(|rest| rest.ends_with(|c: char| c.is_ascii_digit())).unwrap_or(part)
}

impl RoomPlan {
    /// Reads a plan as it is typed. Units and floors may be empty.
    ///
    /// # Errors
    /// [`PlanError`].
    pub fn parse(
        units: &str,
        floors: &str,
        doors: &str,
        counts_on: bool,
    ) -> Result<Self, PlanError> {
        let units = parts(units)?.iter().map(|unit| room_key::unit_token(unit)).collect();
        let floors = parts(floors)?
            .iter()
            .map(|label| {
                let tidy = floor::tidy_label(label);
                if floor::is_label(&tidy) { Ok(tidy) } else { Err(PlanError::Floor(label.clone())) }
            })
            .collect::<Result<Vec<_>, _>>()?;
        let doors: Vec<String> = parts(doors)?
            .into_iter()
            .map(|door| match door.parse::<u32>() {
                Ok(number) => Ok(format!("{number:02}")),
                Err(_) if door.len() <= 3 && door.bytes().all(|b| b.is_ascii_alphanumeric()) => {
                    Ok(door)
                }
                Err(_) => Err(PlanError::Part(door)),
            })
            .collect::<Result<_, _>>()?;
        if doors.is_empty() {
            return Err(PlanError::NoDoors);
        }
        let plan = Self { units, floors, doors, counts_on };
        if plan.rooms_a_floor() * plan.floors.len().max(1) > MOST_ROOMS {
            return Err(PlanError::TooMany);
        }
        Ok(plan)
    }

    fn rooms_a_floor(&self) -> usize {
        self.units.len().max(1) * self.doors.len()
    }

    /// The rooms of a house that is known to have `floors_above` floors. `None` when neither the
    /// plan nor the house says how many floors there are, or when they are too many.
    #[must_use]
    pub fn rooms(&self, floors_above: Option<i32>) -> Option<Vec<PlannedRoom>> {
        let floors = if self.floors.is_empty() {
            let top = floors_above.filter(|top| (1..=300).contains(top))?;
            (1..=top).map(|floor| floor.to_string()).collect()
        } else {
            self.floors.clone()
        };
        if floors.len() * self.rooms_a_floor() > MOST_ROOMS {
            return None;
        }
        let units: Vec<Option<&String>> = match &self.units[..] {
            [] => vec![None],
            units => units.iter().map(Some).collect(),
        };
        let mut rooms = Vec::with_capacity(floors.len() * self.rooms_a_floor());
        for (nth, unit) in units.into_iter().enumerate() {
            for floor in &floors {
                for door in &self.doors {
                    let on = if self.counts_on { nth * self.doors.len() } else { 0 };
                    let ending = match door.parse::<usize>() {
                        Ok(number) => format!("{:02}", number + on),
                        Err(_) => door.clone(),
                    };
                    rooms.push(PlannedRoom {
                        unit: unit.cloned(),
                        floor: floor.clone(),
                        room_no: format!("{floor}{ending}"),
                    });
                }
            }
        }
        Some(rooms)
    }

    /// The plan in a line: `1-2 × 1-6 × 01-04`, what is left open as `–`.
    #[must_use]
    pub fn title(&self) -> String {
        [&self.units, &self.floors, &self.doors].map(|parts| span(parts)).join(" × ")
    }
}

fn span(parts: &[String]) -> String {
    match parts {
        [] => "–".to_owned(),
        [only] => only.clone(),
        [first, .., last] => format!("{first}-{last}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn numbers(plan: &RoomPlan, floors: Option<i32>) -> Vec<String> {
        let title = |r: PlannedRoom| match r.unit {
            Some(unit) => format!("{unit}-{}", r.room_no),
            None => r.room_no,
        };
        plan.rooms(floors).unwrap_or_default().into_iter().map(title).collect()
    }

    #[test]
    fn plans_are_read_as_people_write_them() {
        let check = |units, floors, doors, expect: &[&str]| {
            let plan = RoomPlan::parse(units, floors, doors, false).unwrap();
            assert_eq!(numbers(&plan, Some(2)), expect, "{units} × {floors} × {doors}");
        };
        check("", "", "2", &["101", "102", "201", "202"]);
        check("2", "1", "1", &["1-101", "2-101"]);
        check("甲、乙", "1", "１", &["甲-101", "乙-101"]);
        check("", "B1，1", "01", &["B101", "101"]);
        check("", "-1-1", "1", &["B101", "101"]);
        check("", "3,3A,5", "1", &["301", "3A01", "501"]);
        check("", "1", "A-C", &["1A", "1B", "1C"]);
        check("", "1层至2层", "01-02室", &["101", "102", "201", "202"]);
        check("1-2单元", "1F~1F", "1户", &["1-101", "2-101"]);
        check(
            "3单元,一单元",
            "2层",
            "2,4",
            &["3-102", "3-104", "3-202", "3-204", "1-102", "1-104", "1-202", "1-204"],
        );
    }

    #[test]
    fn doors_may_be_counted_on() {
        let plan = RoomPlan::parse("2", "10", "2", true).unwrap();
        let all = numbers(&plan, None);
        assert_eq!((all.len(), all[0].as_str(), all[20].as_str()), (40, "1-101", "2-103"));
        assert_eq!(all[39], "2-1004");
    }

    #[test]
    fn what_is_not_understood_is_told() {
        let check = |units, floors, doors, error| {
            assert_eq!(RoomPlan::parse(units, floors, doors, false), Err(error));
        };
        check("", "1-6", "", PlanError::NoDoors);
        check("", "9-2", "1", PlanError::Part("9-2".to_owned()));
        check("", "夹层", "1", PlanError::Floor("夹层".to_owned()));
        check("", "1-6", "东户左手", PlanError::Part("东户左手".to_owned()));
        check("", "1-60", "100", PlanError::TooMany);
        check("", "1000000000", "1", PlanError::Part("1000000000".to_owned()));
        assert_eq!(RoomPlan::parse("", "", "4", false).unwrap().rooms(None), None);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(units in ".{0,12}", floors in ".{0,12}", doors in ".{0,12}") {
            if let Ok(plan) = RoomPlan::parse(&units, &floors, &doors, true) {
                let rooms = plan.rooms(Some(6)).unwrap_or_default();
                prop_assert!(rooms.len() <= MOST_ROOMS);
            }
        }

        #[test]
        fn no_two_rooms_of_a_plan_are_the_same(units in 0..6u32, floors in 1..40u32, doors in 1..9u32, on: bool) {
            let units = if units == 0 { String::new() } else { units.to_string() };
            let plan = RoomPlan::parse(&units, &floors.to_string(), &doors.to_string(), on).unwrap();
            let rooms = plan.rooms(None).unwrap();
            let unique: std::collections::BTreeSet<_> =
                rooms.iter().map(|r| (&r.unit, &r.room_no)).collect();
            prop_assert_eq!(unique.len(), rooms.len());
        }
    }
}
