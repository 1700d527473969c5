//! Numbers with marks between them: 3-2-501, 3#501, 501-502. What each of them numbers is told by how
//! many there are, how long they are, and what is known already.

use super::pieces::{Kind, Piece, Sep};
use super::tail::Reader;
use super::{Flag, Reading};
use crate::domain::address::door::{digits, floor_of, is_door};

/// What stands around a chain.
struct Around {
    /// The piece behind it.
    next: Option<Kind>,
    /// A dash stands before it.
    starts_with_dash: bool,
    /// Its last number has the word 号.
    ends_with_hao: bool,
}

impl Reader<'_> {
    /// A run of numbers with marks between; returns how many pieces it takes.
    pub(super) fn chain(&mut self, tail: &[Piece]) -> usize {
        let mut count = 1;
        while let Some(piece) = tail.get(count) {
            let joined = piece.sep != Sep::None;
            // 3-2单元501: a number with its word ends the chain, a door belongs to it.
            if joined && piece.kind == Kind::Bare && count < 6 {
                count += 1;
                continue;
            }
            if joined && matches!(piece.kind, Kind::Room | Kind::Hao | Kind::ShopNo) {
                count += 1;
            }
            break;
        }
        let parts: Vec<String> = tail[..count].iter().map(|p| self.token(p)).collect();
        let seps: Vec<Sep> = tail[1..count].iter().map(|p| p.sep).collect();
        if seps.contains(&Sep::ChineseOne) {
            self.a.flags.add(Flag::TypoFixed);
        }
        let is_list = |i: usize| seps.get(i).is_some_and(|s| *s == Sep::List);
        let next = tail.get(count).map(|p| p.kind);
        let around = Around {
            next,
            starts_with_dash: tail[0].sep == Sep::Dash,
            ends_with_hao: count > 1 && tail[count - 1].kind == Kind::Hao,
        };
        self.numbers(&parts, &around);
        let odd = seps.iter().enumerate().any(|(i, s)| {
            *s == Sep::Odd || (*s == Sep::List && !(is_door(&parts[i]) && is_door(&parts[i + 1])))
        });
        if odd || is_list(0) && !self.a.flags.has(Flag::MultiRoom) {
            self.a.flags.add(Flag::OddSeparator);
        }
        count
    }

    fn numbers(&mut self, parts: &[String], around: &Around) {
        let Around { next, starts_with_dash, ends_with_hao } = *around;
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let (has_building, has_unit) = (self.a.building.is_some(), self.a.unit.is_some());
        let set = |slot: &mut Option<String>, text: &str| *slot = Some(text.to_owned());
        match (has_building, has_unit, &parts[..]) {
            (false, _, [a]) if matches!(next, Some(Kind::Unit)) && digits(a) < 5 => {
                set(&mut self.a.building, a);
            }
            (false, false, [a, b]) if matches!(next, Some(Kind::Unit)) && !is_door(b) => {
                set(&mut self.a.building, &format!("{a}-{b}"));
            }
            (true, false, [a])
                if matches!(next, Some(Kind::Unit | Kind::Floor | Kind::Lou)) && digits(a) < 3 =>
            {
                set(&mut self.a.unit, a);
            }
            (false, false, [a]) => self.lone(a),
            // B2-156 of a car park is on the second storey below ground.
            (false, false, [a, b]) if self.is_parking && below_ground(a).is_some() => {
                self.a.floor = below_ground(a);
                self.door(b);
            }
            (true, _, [a, b]) if self.is_parking && below_ground(a).is_some() => {
                self.a.floor = below_ground(a);
                self.door(b);
            }
            (false, false, [a, b]) if is_door(b) && !is_door(a) => {
                set(&mut self.a.building, a);
                self.door(b);
            }
            // 129-1347: house and flat. Two doors are neighbours: 501-502.
            (false, false, [a, b]) if is_door(a) && is_door(b) && !are_neighbours(a, b) => {
                self.a.alternatives.push(Reading {
                    building: None,
                    unit: None,
                    room: Some((*a).to_owned()),
                });
                set(&mut self.a.building, a);
                self.door(b);
            }
            (false, false, [a, b]) if is_door(a) => self.doors(a, b),
            (false, false, [a, b]) => {
                self.is_unsure = true;
                set(&mut self.a.building, a);
                self.door(b);
                self.a.alternatives.push(Reading {
                    building: Some((*a).to_owned()),
                    unit: Some((*b).to_owned()),
                    room: None,
                });
            }
            (false, false, [a, b, rest @ ..]) if is_door(b) && !is_door(a) => {
                set(&mut self.a.building, a);
                if rest.is_empty() {
                    self.door(b);
                } else {
                    self.all_doors(&parts[1..]);
                }
            }
            (false, false, [a, b, rest @ ..]) => {
                set(&mut self.a.building, a);
                set(&mut self.a.unit, b);
                self.behind_unit(rest);
            }
            (true, false, [a]) => self.behind_building(a),
            (true, false, [a, b]) if is_door(a) => self.doors(a, b),
            (true, false, [a, b]) if is_door(b) => {
                set(&mut self.a.unit, a);
                if floor_of(b).0.is_some_and(|f| f.to_string() == *a) {
                    // 3幢5-501: unit 5, or floor 5.
                    self.a.alternatives.push(Reading {
                        building: self.a.building.clone(),
                        unit: None,
                        room: Some((*b).to_owned()),
                    });
                }
                self.door(b);
            }
            // 16栋9-12号: shops of a market, numbered within their row.
            (true, false, [a, b]) if ends_with_hao => {
                self.is_unsure = true;
                set(&mut self.a.unit, a);
                self.door(b);
            }
            (true, false, [a, b]) => {
                // 3幢5-1: unit 5, or floor 5.
                self.is_unsure = true;
                let composed = a.parse::<u32>().ok().zip(b.parse::<u32>().ok());
                let composed = composed.filter(|(floor, door)| *floor > 0 && *door < 100);
                self.a.alternatives.push(Reading {
                    building: self.a.building.clone(),
                    unit: None,
                    room: composed.map(|(floor, door)| (floor * 100 + door).to_string()),
                });
                set(&mut self.a.unit, a);
                self.door(b);
            }
            (true, false, [a, rest @ ..]) => {
                if self.a.floor.is_none() && is_door(a) {
                    self.all_doors(&parts);
                } else {
                    set(&mut self.a.unit, a);
                    self.behind_unit(rest);
                }
            }
            (_, true, rest) => {
                // 1单元-101: a flat behind a dash, or a cellar below ground.
                let is_low = |room: &&str| {
                    room.len() == 3 && room.starts_with(['1', '2']) && digits(room) == 3
                };
                self.is_unsure |= starts_with_dash && rest.len() == 1 && rest.iter().all(is_low);
                self.behind_unit(rest);
            }
            (_, _, []) => {}
        }
    }

    /// Numbers behind the unit: [floor-]room, rooms, sub-rooms.
    fn behind_unit(&mut self, parts: &[&str]) {
        match parts {
            [] => {}
            [room] => self.door(room),
            [a, b] if is_door(a) => self.doors(a, b),
            [a, b] if is_door(b) => {
                self.a.floor = a.parse().ok().filter(|f| *f != 0);
                self.door(b);
            }
            [a, b] => self.floor_and_door(a, b),
            [a, b, c, ..] => {
                if parts.iter().all(|part| is_door(part)) {
                    self.all_doors(parts);
                } else if is_door(b) {
                    self.a.floor = a.parse().ok().filter(|f| *f != 0);
                    self.doors(b, c);
                } else {
                    self.doors(a, b);
                    self.room((*c).to_owned());
                }
            }
        }
    }

    /// 5-1: floor 5, door 1.
    fn floor_and_door(&mut self, a: &str, b: &str) {
        match (a.parse::<i32>(), b.parse::<i32>()) {
            (Ok(floor), Ok(_)) if floor > 0 => {
                self.a.floor = Some(floor);
                self.room(b.to_owned());
            }
            _ => {
                self.is_unsure = true;
                self.room(format!("{a}-{b}"));
            }
        }
    }

    /// 501/502/503.
    fn all_doors(&mut self, parts: &[&str]) {
        if parts.len() > 2 && parts.iter().all(|part| is_door(part)) {
            parts.iter().for_each(|part| self.door(part));
        } else {
            self.doors(parts[0], parts[1]);
        }
    }

    /// 501-502 are two rooms, 501-1 is a part of one.
    fn doors(&mut self, a: &str, b: &str) {
        if is_door(b) {
            self.door(a);
            self.a.flags.add(Flag::MultiRoom);
            self.a.extra_rooms.push(b.to_owned());
        } else {
            self.door(&format!("{a}-{b}"));
        }
    }

    fn door(&mut self, room: &str) {
        self.room(room.to_owned());
    }

    /// One number behind an estate that names no building.
    fn lone(&mut self, text: &str) {
        let letters = text.bytes().take_while(u8::is_ascii_uppercase).count();
        let rest = &text[letters..];
        if letters > 0 && (3..=4).contains(&digits(rest)) && !self.is_shop {
            // A1203: block A, or a room A1203.
            self.is_unsure = true;
            self.a.alternatives.push(Reading {
                building: None,
                unit: None,
                room: Some(text.to_owned()),
            });
            self.a.building = Some(text[..letters].to_owned());
            self.door(rest);
            return;
        }
        if let Some((house, letter, door)) = house_letter_door(text) {
            // 8B1304: house 8B, or block B of house 8, or the door B1304 in it.
            self.is_unsure = true;
            for (unit, room) in [(Some(letter), door), (None, &text[house.len()..])] {
                self.a.alternatives.push(Reading {
                    building: Some(house.to_owned()),
                    unit: unit.map(str::to_owned),
                    room: Some(room.to_owned()),
                });
            }
            self.a.building = Some(format!("{house}{letter}"));
            self.door(door);
            return;
        }
        if (5..=7).contains(&digits(text)) && !self.is_shop {
            self.is_unsure = true;
            self.a.alternatives.extend(splits(text));
            return;
        }
        if digits(text) < 3 {
            self.is_unsure = true;
            self.a.alternatives.push(Reading {
                building: Some(text.to_owned()),
                unit: None,
                room: None,
            });
        }
        self.door(text);
    }

    /// One number behind the building.
    fn behind_building(&mut self, text: &str) {
        let building = self.a.building.clone();
        let letters = text.bytes().take_while(u8::is_ascii_uppercase).count();
        let split = |at: usize| Reading {
            building: building.clone(),
            unit: Some(text[..at].to_owned()),
            room: Some(text[at..].to_owned()),
        };
        if letters > 0 && digits(&text[letters..]) >= 3 {
            // 3幢B501: unit B, or a room B501.
            self.a.alternatives.push(split(letters));
        }
        let count = digits(text);
        if (4..=5).contains(&count) {
            // 3幢2501: floor 25, or unit 2 and room 501.
            self.a.alternatives.push(split(1));
        }
        self.door(text);
    }
}

/// Whether two doors stand beside each other: 501-502, 501-504.
fn are_neighbours(a: &str, b: &str) -> bool {
    match (a.parse::<i32>(), b.parse::<i32>()) {
        (Ok(first), Ok(second)) => {
            a.len() == b.len() && first / 100 == second / 100 && (second - first).abs() <= 10
        }
        // 501A-501B.
        _ => a.len() == b.len(),
    }
}

/// 8B1304: one to three digits, a letter, three or four digits.
fn house_letter_door(text: &str) -> Option<(&str, &str, &str)> {
    let at = text.find(|c: char| c.is_ascii_uppercase()).filter(|at| (1..=3).contains(at))?;
    let (house, rest) = text.split_at(at);
    let (letter, door) = rest.split_at(1);
    let is_one = digits(house) > 0 && (3..=4).contains(&digits(door));
    is_one.then_some((house, letter, door))
}

/// The ways to read 32501: building 3, unit 2, room 501.
fn splits(text: &str) -> impl Iterator<Item = Reading> + '_ {
    [(1, 1), (2, 1), (1, 2)].into_iter().filter_map(|(b, u)| {
        let room = text.get(b + u..)?;
        let plain = |part: &str| !part.starts_with('0');
        let good = (3..=4).contains(&room.len())
            && plain(room)
            && plain(&text[..b])
            && plain(&text[b..b + u]);
        good.then(|| Reading {
            building: Some(text[..b].to_owned()),
            unit: Some(text[b..b + u].to_owned()),
            room: Some(room.to_owned()),
        })
    })
}

/// B2 → −2.
fn below_ground(text: &str) -> Option<i32> {
    let number = text.strip_prefix('B').filter(|n| n.len() == 1)?;
    number.parse::<i32>().ok().filter(|n| *n > 0).map(|n| -n)
}
