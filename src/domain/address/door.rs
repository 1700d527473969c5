//! Room numbers as doors: how they look, and which floor they tell.

/// The floor a room number tells, and whether by an alias (3A01 is on floor 4).
pub(super) fn floor_of(room: &str) -> (Option<i32>, bool) {
    let digits = room.bytes().take_while(u8::is_ascii_digit).count();
    let number = |n: usize| room[..n].parse::<i32>().ok().filter(|floor| *floor > 0);
    match (digits, &room.as_bytes()[digits..]) {
        (3, [] | [b'A'..=b'Z' | b'-', ..]) => (number(1), false),
        (4, [] | [b'A'..=b'Z' | b'-', ..]) => (number(2), false),
        (1 | 2, [b'A'..=b'Z']) => (number(digits), false),
        (1 | 2, [b'A'..=b'Z', rest @ ..])
            if rest.len() == 2 && rest.iter().all(u8::is_ascii_digit) =>
        {
            // 3A01 and 13A01 stand in for the fourth, 12A01 for the thirteenth; 18C08 is on the 18th.
            let is_alias = room.as_bytes()[digits] == b'A'
                && number(digits).is_some_and(|floor| floor % 10 == 3 || floor == 12);
            (number(digits).map(|floor| floor + i32::from(is_alias)), is_alias)
        }
        (0, [b'A'..=b'Z', rest @ ..])
            if rest.iter().all(u8::is_ascii_digit) && (3..=4).contains(&rest.len()) =>
        {
            (floor_of(&room[1..]).0, false)
        }
        _ => (None, false),
    }
}

pub(super) fn digits(text: &str) -> usize {
    if text.bytes().all(|b| b.is_ascii_digit()) { text.len() } else { 0 }
}

/// A door as people number it: three or four digits, or with a letter (501A, 3A01).
pub(super) fn is_door(text: &str) -> bool {
    digits(text) >= 3
        || text.len() >= 3 && text.bytes().any(|b| b.is_ascii_digit()) && floor_of(text).0.is_some()
}
