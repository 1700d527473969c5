//! Numbers with marks between them: 3-2-501, 3#501, 501-502. What each of them numbers is told by how
//! many there are, how long they are, and what is known already.

use super::pieces::{Kind, Piece, Sep};
use super::settle::{digits, floor_of, is_door};
use super::tail::Reader;
use super::{Flag, Reading};

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
        self.numbers(&parts, next, tail[0].sep == Sep::Dash);
        let odd = seps.iter().enumerate().any(|(i, s)| {
            *s == Sep::Odd || (*s == Sep::List && !(is_door(&parts[i]) && is_door(&parts[i + 1])))
        });
        if odd || is_list(0) && !self.a.flags.has(Flag::MultiRoom) {
            self.a.flags.add(Flag::OddSeparator);
        }
        count
    }

    fn numbers(&mut self, parts: &[String], next: Option<Kind>, starts_with_dash: bool) {
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let (has_building, has_unit) = (self.a.building.is_some(), self.a.unit.is_some());
        let set = |slot: &mut Option<String>, text: &str| *slot = Some(text.to_owned());
        match (has_building, has_unit, &parts[..]) {
            (false, _, [a]) if matches!(next, Some(Kind::Unit)) && digits(a) < 3 => {
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
            (false, false, [a, b]) if is_door(a) => self.doors(a, b),
            (false, false, [a, b]) => {
                self.is_unsure = true;
                set(&mut self.a.building, a);
                set(&mut self.a.unit, b);
                self.a.alternatives.push(Reading {
                    building: Some((*a).to_owned()),
                    unit: None,
                    room: Some((*b).to_owned()),
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
            (true, false, [a, b]) => {
                self.is_unsure = true;
                self.a.alternatives.push(Reading {
                    building: self.a.building.clone(),
                    unit: Some((*a).to_owned()),
                    room: Some((*b).to_owned()),
                });
                self.floor_and_door(a, b);
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
