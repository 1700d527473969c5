//! The floor × unit matrix (楼盘表): where each room stands, given what the rooms say.
//!
//! A pure layout: rooms in, columns out. A room with neither unit nor floor is never dropped;
//! it stands in the "unassigned" strip.

use std::collections::{BTreeMap, BTreeSet};

/// What the layout needs to know of a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatrixRoom<'a> {
    /// Index into the unit list, or `None` when unknown.
    pub unit: Option<usize>,
    /// Lowest floor (physical order), or `None` when unknown.
    pub floor: Option<i32>,
    /// Floors it spans upwards, ≥ 1 (a duplex spans 2).
    pub floor_span: i32,
    /// Column it was given by hand, counted from 0 within its unit.
    pub fixed_col: Option<i32>,
    /// Columns it spans, ≥ 1.
    pub col_span: i32,
    /// The number on the door.
    pub room_no: &'a str,
}

/// Where the rooms stand.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MatrixLayout {
    /// Column of each room within its unit, by the room's index; `None` = unassigned strip.
    pub cols: Vec<Option<i32>>,
    /// Number of columns of each unit (≥ 1).
    pub unit_widths: Vec<i32>,
}

/// Rooms of a unit beyond which spans and stacks are not looked at.
const MOST_WITH_SPANS: usize = 1_000;
/// Columns in which a room may be put by hand.
const MOST_COLUMNS: i32 = 400;

/// Lays the rooms of one building out. `units` is the number of units.
///
/// Within a unit, rooms of one kind of number stand above each other: 501 over 401 over 301,
/// also where 402 is missing. Rooms that share no number with other floors (shops) fill the free
/// columns from the left.
#[must_use]
pub fn layout(units: usize, rooms: &[MatrixRoom<'_>]) -> MatrixLayout {
    let mut cols: Vec<Option<i32>> = vec![None; rooms.len()];
    let mut unit_widths = vec![1; units];
    for (unit, width) in unit_widths.iter_mut().enumerate() {
        let members: Vec<usize> = (0..rooms.len())
            .filter(|&i| rooms[i].unit == Some(unit) && rooms[i].floor.is_some())
            .collect();
        *width = lay_unit(rooms, &members, &mut cols).max(1);
    }
    MatrixLayout { cols, unit_widths }
}

fn lay_unit(rooms: &[MatrixRoom<'_>], members: &[usize], cols: &mut [Option<i32>]) -> i32 {
    let stacks = stack_columns(rooms, members);
    // A unit of thousands of rooms is no house: its rooms are laid side by side.
    let is_crowd = members.len() > MOST_WITH_SPANS;
    let mut first_free: BTreeMap<i32, i32> = BTreeMap::new();
    let mut taken: BTreeSet<(i32, i32)> = BTreeSet::new();
    let mut width = 0;
    let mut waiting: Vec<usize> = Vec::new();
    let mut order = members.to_vec();
    order.sort_by(|&a, &b| natural(rooms[a].room_no).cmp(&natural(rooms[b].room_no)));
    for &index in &order {
        let room = &rooms[index];
        let wanted = room.fixed_col.or_else(|| stacks.get(stem(room)).copied());
        let is_inside = |col: &i32| (0..MOST_COLUMNS).contains(col) && !is_crowd;
        match wanted.filter(is_inside).filter(|&col| is_free(&taken, room, col)) {
            Some(col) => {
                take(&mut taken, room, col);
                cols[index] = Some(col);
                width = width.max(col + room.col_span.clamp(1, 200));
            }
            None => waiting.push(index),
        }
    }
    for index in waiting {
        let room = &rooms[index];
        if is_crowd {
            let next = first_free.entry(room.floor.unwrap_or_default()).or_default();
            cols[index] = Some(*next);
            *next += 1;
            width = width.max(*next);
            continue;
        }
        let col = (0..i32::MAX).find(|&col| is_free(&taken, room, col)).unwrap_or(0);
        take(&mut taken, room, col);
        cols[index] = Some(col);
        width = width.max(col + room.col_span.clamp(1, 200));
    }
    width
}

/// Column of each room-number stem that stands on at least two floors of the unit, or belongs to
/// a number made of floor and door (501 on floor 5), or to a unit with a single floor.
fn stack_columns<'a>(rooms: &[MatrixRoom<'a>], members: &[usize]) -> BTreeMap<&'a str, i32> {
    let mut floors_of: BTreeMap<&str, BTreeSet<i32>> = BTreeMap::new();
    let mut regular: BTreeSet<&str> = BTreeSet::new();
    let mut floors: BTreeSet<i32> = BTreeSet::new();
    for &index in members {
        let (floor, stem) = (rooms[index].floor.unwrap_or_default(), stem(&rooms[index]));
        floors.insert(floor);
        floors_of.entry(stem).or_default().insert(floor);
        let head = &rooms[index].room_no[..rooms[index].room_no.len() - stem.len()];
        if head.parse() == Ok(floor) {
            regular.insert(stem);
        }
    }
    let least = usize::from(floors.len() > 1) + 1;
    let mut stems: Vec<&str> = floors_of
        .into_iter()
        .filter(|(stem, on)| on.len() >= least || regular.contains(stem))
        .map(|(stem, _)| stem)
        .collect();
    stems.sort_by_key(|s| natural(s));
    stems.into_iter().zip(0..).collect()
}

/// The part of a room number that repeats from floor to floor: its last two characters, when the
/// number is longer than that (501 → 01), else the whole.
fn stem<'a>(room: &MatrixRoom<'a>) -> &'a str {
    let no = room.room_no;
    let cut = no.char_indices().rev().nth(1).map_or(0, |(at, _)| at);
    if no.len() > 2 && no[cut..].bytes().all(|b| b.is_ascii_digit()) { &no[cut..] } else { no }
}

/// Numbers inside text compare as numbers: 2 before 10.
#[must_use]
pub fn natural(text: &str) -> Vec<(u64, String)> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let word = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let (head, tail) = rest.split_at(word);
        let end = tail.find(|c: char| !c.is_ascii_digit()).unwrap_or(tail.len());
        let (digits, next) = tail.split_at(end);
        parts.push((digits.parse().unwrap_or(0), head.to_owned()));
        rest = next;
    }
    parts.iter_mut().for_each(|p| p.1.make_ascii_lowercase());
    parts
}

fn cells(room: &MatrixRoom<'_>, col: i32) -> impl Iterator<Item = (i32, i32)> {
    let floor = room.floor.unwrap_or_default();
    let floors = floor..floor + room.floor_span.clamp(1, 200);
    let span = room.col_span.clamp(1, 200);
    floors.flat_map(move |f| (col..col + span).map(move |c| (f, c)))
}

fn is_free(taken: &BTreeSet<(i32, i32)>, room: &MatrixRoom<'_>, col: i32) -> bool {
    cells(room, col).all(|cell| !taken.contains(&cell))
}

fn take(taken: &mut BTreeSet<(i32, i32)>, room: &MatrixRoom<'_>, col: i32) {
    taken.extend(cells(room, col));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn room(unit: usize, floor: i32, room_no: &str) -> MatrixRoom<'_> {
        MatrixRoom {
            unit: Some(unit),
            floor: Some(floor),
            floor_span: 1,
            fixed_col: None,
            col_span: 1,
            room_no,
        }
    }

    fn check(rooms: &[MatrixRoom<'_>], cols: &[i32], width: i32) {
        let out = layout(1, rooms);
        let got: Vec<i32> = out.cols.iter().map(|c| c.unwrap_or(-1)).collect();
        assert_eq!((got.as_slice(), out.unit_widths[0]), (cols, width));
    }

    #[test]
    fn odd_columns_and_crowds_end() {
        let odd = MatrixRoom { fixed_col: Some(2_000_000_000), ..room(0, 1, "101") };
        assert_eq!(layout(1, &[odd]).unit_widths, [1]);
        let names: Vec<String> = (0..5_000).map(|n| n.to_string()).collect();
        let crowd: Vec<MatrixRoom<'_>> = names
            .iter()
            .map(|name| MatrixRoom { floor_span: 200, col_span: 200, ..room(0, 1, name) })
            .collect();
        assert_eq!(layout(1, &crowd).unit_widths, [5_000]);
    }

    #[test]
    fn stacks_stay_above_each_other() {
        check(&[room(0, 1, "101"), room(0, 1, "102"), room(0, 2, "202")], &[0, 1, 1], 2);
    }

    #[test]
    fn shops_fill_from_the_left() {
        let shops = [room(0, 1, "铺1"), room(0, 1, "铺2"), room(0, 1, "铺3")];
        let flats = [room(0, 2, "201"), room(0, 2, "202"), room(0, 3, "301"), room(0, 3, "302")];
        let all: Vec<_> = shops.into_iter().chain(flats).collect();
        check(&all, &[0, 1, 2, 0, 1, 0, 1], 3);
    }

    #[test]
    fn a_duplex_blocks_the_cell_above() {
        let duplex = MatrixRoom { floor_span: 2, ..room(0, 5, "501") };
        check(&[duplex, room(0, 6, "601"), room(0, 4, "401")], &[0, 1, 0], 2);
    }

    #[test]
    fn unknown_unit_or_floor_is_unassigned() {
        let lost = MatrixRoom { unit: None, ..room(0, 1, "101") };
        let floating = MatrixRoom { floor: None, ..room(0, 1, "102") };
        assert_eq!(layout(1, &[lost, floating]).cols, [None, None]);
    }

    proptest! {
        #[test]
        fn no_two_rooms_share_a_cell(
            numbers in prop::collection::vec((1..8i32, 1..9u8, 1..3i32, 1..3i32), 0..60),
        ) {
            let names: Vec<String> =
                numbers.iter().map(|(f, n, ..)| format!("{f}{n:02}")).collect();
            let rooms: Vec<_> = numbers
                .iter()
                .zip(&names)
                .map(|(&(floor, _, floor_span, col_span), name)| MatrixRoom {
                    floor_span, col_span, ..room(0, floor, name)
                })
                .collect();
            let out = layout(1, &rooms);
            let mut seen = BTreeSet::new();
            for (index, r) in rooms.iter().enumerate() {
                let col = out.cols[index].expect("every room with a floor has a column");
                prop_assert!(col + r.col_span <= out.unit_widths[0]);
                for cell in cells(r, col) {
                    prop_assert!(seen.insert(cell), "two rooms in {cell:?}");
                }
            }
        }
    }
}
