//! What stands behind the estate: building, unit, floor, room.

use super::head::{self, Head};
use super::pieces::{Kind, Piece, Sep, is_tail};
use super::{Address, Flag, Match, PlaceKind, Reading, remarks};
use crate::domain::address::door::{digits, floor_of, is_door};
use crate::domain::address::settle::settle;
use crate::domain::address::token::token;

pub(super) struct Reader<'a> {
    s: &'a [char],
    pub(super) a: &'a mut Address,
    /// A shop, so that 号 is a door and the floor is the first.
    pub(super) is_shop: bool,
    pub(super) is_parking: bool,
    pub(super) is_unsure: bool,
    annex: Option<String>,
}

/// Reads the pieces into the address.
pub(super) fn read(s: &[char], pieces: &[Piece], a: &mut Address) {
    let start = tail_start(s, pieces);
    let (before, tail) = pieces.split_at(start);
    let house_follows = tail.first().is_some_and(|p| p.kind == Kind::Hao);
    let mut head = head::read(s, before, house_follows);
    let is_shop = pieces.iter().any(|p| matches!(p.kind, Kind::Shop | Kind::ShopNo));
    let is_parking = pieces.iter().any(|p| p.kind == Kind::Parking);
    let mut reader = Reader { s, a, is_shop, is_parking, is_unsure: false, annex: None };
    let rest = reader.tail(tail, &head);
    reader.texts_behind(&rest, &mut head);
    let (annex, is_unsure) = (reader.annex.take(), reader.is_unsure);
    settle(a, head, pieces, annex);
    if is_unsure {
        a.quality = Match::Ambiguous;
    }
}

/// Index of the first piece that belongs to the tail.
fn tail_start(s: &[char], pieces: &[Piece]) -> usize {
    for (index, piece) in pieces.iter().enumerate() {
        let before = index.checked_sub(1).map(|i| &pieces[i]);
        let next = pieces.get(index + 1);
        let later = &pieces[index + 1..];
        let tail_later =
            || later.iter().any(|p| is_tail(p.kind) || matches!(p.kind, Kind::Hao | Kind::Bare));
        let text_follows =
            next.is_some_and(|n| n.kind == Kind::Text && n.from == piece.end && n.to - n.from >= 2);
        let after_road =
            before.is_some_and(|b| b.kind == Kind::Text && head::ends_as_road(&s[b.from..b.to]));
        let starts = match piece.kind {
            // 三层楼小区: a storey at the very front is part of a name.
            Kind::Lou | Kind::Floor if text_follows && index == 0 => {
                !later.iter().any(|p| p.kind == Kind::Building)
            }
            Kind::Hao => {
                let is_road_no = after_road
                    || before.is_some_and(|b| b.kind == Kind::Bare && piece.sep == Sep::Dash);
                let explicit = later.iter().any(|p| {
                    matches!(p.kind, Kind::Building | Kind::Hash | Kind::Row | Kind::HaoYuan)
                });
                let names_road = next.is_some_and(|n| {
                    n.kind == Kind::Text
                        && n.from == piece.end
                        && matches!(s[n.from], '路' | '街' | '线' | '桥')
                });
                !(is_road_no
                    || names_road
                    || explicit
                    || text_follows && tail_later() && !before.is_some_and(|b| is_tail(b.kind)))
            }
            Kind::Bare => {
                let to_road_no = after_road
                    && next.is_some_and(|n| {
                        n.sep == Sep::Dash && matches!(n.kind, Kind::Hao | Kind::HaoYuan)
                    })
                    || after_road && text_follows && tail_later();
                !(to_road_no || text_follows && tail_later())
            }
            kind => is_tail(kind),
        };
        if starts {
            return index;
        }
    }
    pieces.len()
}

impl Reader<'_> {
    pub(super) fn token(&self, piece: &Piece) -> String {
        let text = &self.s[piece.from..piece.to];
        // Parking spaces are painted with their zeros: 023.
        if self.is_parking && text.len() >= 3 && text.iter().all(char::is_ascii_digit) {
            return text.iter().collect();
        }
        token(self.s, piece)
    }

    /// Reads the tail; returns the texts between and behind.
    fn tail<'p>(&mut self, tail: &'p [Piece], head: &Head) -> Vec<&'p Piece> {
        let mut rest = Vec::new();
        let mut i = 0;
        while i < tail.len() {
            let piece = &tail[i];
            let next = tail.get(i + 1);
            if piece.mended || piece.sep == Sep::ChineseOne {
                self.a.flags.add(Flag::TypoFixed);
            }
            if self.is_second(piece) {
                self.is_unsure = true;
                self.a.flags.add(Flag::SecondAddress);
                let end = tail.last().map_or(piece.end, |last| last.end);
                let text: String = self.s[piece.from..end].iter().collect();
                remarks::add(self.a, &text);
                break;
            }
            match piece.kind {
                Kind::Text => rest.push(piece),
                // 3-5幢: two houses, or house 5 of part 3.
                Kind::Bare
                    if self.a.building.is_none()
                        && next.is_some_and(|n| n.kind == Kind::Building && n.sep == Sep::Dash)
                        && digits(&self.token(piece)) > 0 =>
                {
                    let (first, last) = (self.token(piece), self.token(&tail[i + 1]));
                    self.is_unsure = true;
                    for building in [&first, &last] {
                        let building = Some(building.clone());
                        self.a.alternatives.push(Reading { building, unit: None, room: None });
                    }
                    self.a.building = Some(format!("{first}-{last}"));
                    i += 2;
                    continue;
                }
                Kind::Bare => {
                    // 沿街商铺1-101: a house of shops that has the number, or house 1.
                    let before = self.s[..piece.from].last();
                    if self.is_shop
                        && self.a.building.is_none()
                        && before.is_some_and(|c| matches!(c, '铺' | '面' | '店' | '房'))
                        && next.is_some()
                    {
                        self.is_unsure = true;
                    }
                    i += self.chain(&tail[i..]);
                    continue;
                }
                Kind::Building => {
                    if self.s[..piece.end].ends_with(&['别', '墅']) {
                        self.a.kind = PlaceKind::Villa;
                    }
                    self.building(piece);
                }
                Kind::Hash => {
                    if self.a.building.is_none() {
                        self.building(piece);
                    } else if self.a.unit.is_none() && next.is_some() {
                        self.a.unit = Some(self.token(piece));
                    } else {
                        self.room(self.token(piece));
                    }
                }
                Kind::Lou => self.lou(piece, next),
                Kind::Unit => self.a.unit = Some(self.token(piece)),
                Kind::Floor => self.floor(piece),
                Kind::Row => {
                    self.a.building = Some(self.token(piece) + "排");
                    self.a.kind = PlaceKind::Bungalow;
                    self.a.floor = Some(1);
                }
                Kind::Hao | Kind::HaoYuan => self.hao(piece, &tail[i + 1..], head),
                Kind::Room | Kind::ShopNo => self.room_or_part(piece),
                Kind::Side => {
                    let side: String = self.s[piece.from..piece.to].iter().collect();
                    let storey = self.storey_before(tail, i);
                    if storey.is_some() {
                        self.a.floor = storey;
                        self.a.room = Some(side + "户");
                    } else if self.a.room.is_none() {
                        self.a.room = Some(side + "户");
                    } else {
                        remarks::add(self.a, &side);
                    }
                }
                Kind::TopFloor => self.a.flags.add(Flag::FloorRelative),
                Kind::GroundFloor => self.a.floor = Some(1),
                Kind::Cellar => {
                    self.a.floor = self.a.floor.or(Some(-1));
                    self.a.kind = PlaceKind::Basement;
                }
                Kind::Parking => self.a.kind = PlaceKind::Parking,
                Kind::Annex => {
                    let annex = self.token(piece);
                    // 5号之二402: the annex of the house, and not of the flat.
                    let before_door = next.is_some_and(|n| {
                        matches!(n.kind, Kind::Room | Kind::Bare) && is_door(&self.token(n))
                    });
                    match &mut self.a.building {
                        Some(building) if before_door && self.a.room.is_none() => {
                            building.push('附');
                            building.push_str(&annex);
                        }
                        _ => self.annex = Some(annex),
                    }
                }
                Kind::Villa => self.a.kind = PlaceKind::Villa,
                Kind::Bungalow => self.a.kind = PlaceKind::Bungalow,
                Kind::Zone | Kind::Group | Kind::Lane | Kind::Shop => {
                    if piece.kind == Kind::Zone && self.a.zone.is_none() && head.zone.is_empty() {
                        let word: String = self.s[piece.to..piece.end].iter().collect();
                        self.a.zone = Some(self.token(piece) + &word);
                    }
                }
            }
            i += 1;
        }
        rest
    }

    /// A830号, H1090室: a block by its letter and a flat, or a door A830. Returns whether it is one.
    fn block_and_door(&mut self, number: &str) -> bool {
        let letters = number.bytes().take_while(u8::is_ascii_uppercase).count();
        let door = &number[letters..];
        if letters != 1 || !(3..=4).contains(&digits(door)) || self.is_shop || self.is_parking {
            return false;
        }
        self.is_unsure = true;
        let room = Some(number.to_owned());
        self.a.alternatives.push(Reading { building: None, unit: None, room });
        self.a.building = Some(number[..letters].to_owned());
        self.room(door.to_owned());
        true
    }

    /// 501室3号房间 is a part of the flat 501, and not a second one.
    fn room_or_part(&mut self, piece: &Piece) {
        let number = self.token(piece);
        let is_part = self.s[..piece.end].ends_with(&['房', '间'])
            || self.s[..piece.end].ends_with(&['号', '房']);
        if let Some(known) = &mut self.a.room
            && is_part
            && is_door(known)
            && !known.contains('-')
            && (1..=2).contains(&digits(&number))
        {
            known.push('-');
            known.push_str(&number);
            return;
        }
        let is_bare = self.a.building.is_none() && self.a.unit.is_none() && self.a.room.is_none();
        if is_bare && self.block_and_door(&number) {
            return;
        }
        self.room(number);
    }

    /// 3-2-5东: the number before a side is the storey.
    fn storey_before(&self, tail: &[Piece], at: usize) -> Option<i32> {
        let before = at.checked_sub(1).map(|i| &tail[i])?;
        let room = self.a.room.as_deref()?;
        let is_storey = before.kind == Kind::Bare
            && before.end == tail[at].from
            && self.a.floor.is_none()
            && (1..=2).contains(&digits(room));
        room.parse().ok().filter(|floor| is_storey && *floor > 0)
    }

    /// A second building, or another unit, behind a finished door: a second place, which is not
    /// read.
    fn is_second(&self, piece: &Piece) -> bool {
        let token = self.token(piece);
        let differs = |known: &Option<String>| known.as_ref().is_some_and(|k| *k != token);
        match piece.kind {
            Kind::Building => self.a.building.is_some() && self.a.room.is_some(),
            Kind::Unit => differs(&self.a.unit),
            _ => false,
        }
    }

    fn building(&mut self, piece: &Piece) {
        let token = self.token(piece);
        match &self.a.building {
            None => self.a.building = Some(token),
            Some(known) if *known == token => {}
            // A栋1座: a part of the house.
            Some(_) if self.a.unit.is_none() && self.a.room.is_none() && !piece.mended => {
                self.is_unsure = true;
                self.a.unit = Some(token);
            }
            Some(_) => self.is_unsure = true,
        }
        if self.a.room.is_some() {
            self.a.flags.add(Flag::Reordered);
        }
    }

    /// N楼: a building before a unit, else a storey.
    fn lou(&mut self, piece: &Piece, next: Option<&Piece>) {
        let number = self.token(piece);
        let is_building = self.a.building.is_none()
            && next.is_some_and(|n| match n.kind {
                Kind::Unit | Kind::Hash => true,
                // 3楼501 cannot be on the third floor.
                Kind::Bare | Kind::Room | Kind::Hao => {
                    let room = self.token(n);
                    floor_of(&room).0.is_some_and(|floor| floor.to_string() != number)
                }
                _ => false,
            });
        if is_building {
            self.a.flags.add(Flag::LouAsBuilding);
            if next.is_some_and(|n| n.kind != Kind::Unit && n.kind != Kind::Hash) {
                self.is_unsure = true;
            }
            self.a.building = Some(number);
        } else {
            self.floor(piece);
        }
    }

    fn floor(&mut self, piece: &Piece) {
        let label = self.token(piece);
        let number = label.bytes().take_while(u8::is_ascii_digit).count();
        let Ok(mut floor) = label[..number].parse::<i32>() else {
            if let Some(below) = label.strip_prefix('B').and_then(|n| n.parse::<i32>().ok()) {
                self.a.floor = Some(-below);
            }
            return;
        };
        if floor == 0 || floor > 200 {
            return;
        }
        if label.len() > number {
            floor += 1;
            self.a.flags.add(Flag::FloorAlias);
        }
        self.a.floor = Some(if piece.below { -floor } else { floor });
        if piece.below {
            self.a.kind = PlaceKind::Basement;
        }
    }

    /// N号 in the tail.
    fn hao(&mut self, piece: &Piece, later: &[Piece], head: &Head) {
        let number = self.token(piece);
        let next = later.first();
        let behind_road = !head.road.is_empty()
            && head.estate.is_empty()
            && !head.road_no.contains('弄')
            && head.road_no.is_empty();
        let next_is_door = next.is_some_and(|n| match n.kind {
            Kind::Room | Kind::Bare | Kind::Hao => is_door(&self.token(n)),
            Kind::Floor
            | Kind::Unit
            | Kind::Hash
            | Kind::Side
            | Kind::Cellar
            | Kind::GroundFloor
            | Kind::Lou => true,
            _ => false,
        });
        let has_room = self.a.room.is_some();
        let (no_building, no_unit) = (self.a.building.is_none(), self.a.unit.is_none());
        let before_door = next_is_door && !is_door(&number) && !has_room;
        // 99弄101号: the house of a lane. 128号501: a flat is behind it.
        let is_lane = head.road_no.ends_with(['弄', '巷']) || head.zone.ends_with('巷');
        let before_flat = (3..=4).contains(&digits(&number))
            && next.is_some_and(|n| {
                let token = self.token(n);
                let is_flat = is_door(&token) && token != number || n.kind == Kind::Room;
                // 212号5-1076: a unit and a flat are behind it.
                let is_chain = n.kind == Kind::Bare
                    && later.get(1).is_some_and(|p| p.sep == Sep::Dash && is_door(&self.token(p)));
                matches!(n.kind, Kind::Room | Kind::Bare)
                    && matches!(n.sep, Sep::None | Sep::Dash)
                    && (is_flat || is_chain)
                    || n.kind == Kind::Unit
            });
        // 42栋135号1312, 7幢2号-11: the entrance, and the flat behind it.
        let is_entrance = self.a.building.is_some()
            && self.a.unit.is_none()
            && self.a.room.is_none()
            && !self.is_shop
            && next.is_some_and(|n| {
                let token = self.token(n);
                matches!(n.kind, Kind::Bare | Kind::Room)
                    && token != number
                    && (is_door(&token) && (n.sep == Sep::None || n.kind == Kind::Room)
                        || n.sep == Sep::Dash && digits(&token) > 0)
            });
        let is_house = no_building
            && !has_room
            && (head.village
                || head.villa
                || self.a.kind == PlaceKind::Villa
                || is_lane
                || before_flat && !behind_road);
        if self.a.kind == PlaceKind::Bungalow || self.is_shop && !next_is_door {
            self.room(number);
        } else if is_entrance {
            if next.is_some_and(|n| n.sep == Sep::Dash) {
                self.is_unsure = true;
            }
            self.a.unit = Some(number);
        } else if no_building && !has_room && next.is_none() && self.block_and_door(&number) {
        } else if is_house || no_building && self.a.floor.is_none() && before_door {
            self.a.building = Some(number);
        } else if !no_building && no_unit && before_door {
            self.a.unit = Some(number);
        } else if no_building
            && no_unit
            && self.a.floor.is_none()
            && !is_door(&number)
            && !behind_road
        {
            // 橡树湾12号: the house, or a door; somebody must say.
            let door = Reading { building: None, unit: None, room: Some(number.clone()) };
            self.a.alternatives.push(door);
            self.a.building = Some(number);
        } else {
            self.room(number);
        }
    }

    pub(super) fn room(&mut self, room: String) {
        match &self.a.room {
            None => self.a.room = Some(room),
            Some(known) if *known == room => {}
            Some(_) => {
                self.a.flags.add(Flag::MultiRoom);
                self.a.extra_rooms.push(room);
            }
        }
    }

    /// Texts between and behind: the estate when nothing stood in front, else a remark.
    fn texts_behind(&mut self, rest: &[&Piece], head: &mut Head) {
        for piece in rest {
            let text = &self.s[piece.from..piece.to];
            let found = head::read(self.s, std::slice::from_ref(*piece), false);
            let is_place =
                !found.admin.is_empty() || !found.road.is_empty() || looks_like_estate(text);
            // 新都街道9号楼701室聚龙城: what stood in front was a division and no estate.
            if is_place && head.admin.is_empty() && head.estate.ends_with("街道") {
                head.admin = std::mem::take(&mut head.estate);
            }
            let nothing_yet = head.estate.is_empty() && head.road_no.is_empty();
            if head.estate.is_empty()
                && (is_place || nothing_yet && text.len() >= 3 && !head.village)
            {
                self.a.flags.add(Flag::Reordered);
                let keep = |slot: &mut String, value: String| {
                    if slot.is_empty() {
                        *slot = value;
                    }
                };
                keep(&mut head.admin, found.admin);
                keep(&mut head.road, found.road);
                keep(&mut head.zone, found.zone);
                keep(&mut head.estate, found.estate);
                continue;
            }
            let text: String = text.iter().collect();
            if !matches!(text.as_str(), "号" | "室" | "内" | "的" | "第" | "楼" | "层") {
                remarks::add(self.a, &text);
            }
        }
    }
}

fn looks_like_estate(text: &[char]) -> bool {
    const ENDINGS: [&str; 22] = [
        "花园", "小区", "公寓", "家园", "新村", "花苑", "苑", "大厦", "广场", "新城", "城", "社区",
        "宿舍", "华庭", "府", "湾", "庭", "居", "园", "公馆", "名邸", "轩",
    ];
    text.len() >= 3
        && ENDINGS.iter().any(|ending| {
            let n = ending.chars().count();
            text.len() > n && ending.chars().zip(&text[text.len() - n..]).all(|(a, b)| a == *b)
        })
}
