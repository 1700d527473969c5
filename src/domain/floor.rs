//! Floors: the nominal label people say (3, B1, 3A, M) and the physical order they stack in.

/// A floor label, tidied: `B1`, `-1`, `负一` and `地下1层` are all `B1`; `5层`, `5F` are `5`.
#[must_use]
pub fn tidy_label(text: &str) -> String {
    let mut label: String = text
        .chars()
        .map(super::half_width)
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_uppercase)
        .collect();
    for suffix in ["楼", "层", "F", "L"] {
        if let Some(cut) = label.strip_suffix(suffix)
            && !cut.is_empty()
        {
            label = cut.to_owned();
        }
    }
    let below = ["负", "地下", "-", "B"].iter().find_map(|p| label.strip_prefix(p));
    match below {
        Some(rest) if rest.bytes().all(|b| b.is_ascii_digit()) && !rest.is_empty() => {
            format!("B{}", rest.trim_start_matches('0'))
        }
        Some(rest) if chinese_digit(rest).is_some() => {
            format!("B{}", chinese_digit(rest).unwrap_or(1))
        }
        _ => chinese_digit(&label).map_or_else(|| strip_zeros(&label), |n| n.to_string()),
    }
}

fn strip_zeros(label: &str) -> String {
    let cut = label.trim_start_matches('0');
    if cut.starts_with(|c: char| c.is_ascii_digit()) { cut.to_owned() } else { label.to_owned() }
}

fn chinese_digit(text: &str) -> Option<u32> {
    let mut chars = text.chars();
    let only = chars.next()?;
    if chars.next().is_some() {
        return None;
    }
    "一二三四五六七八九十".chars().position(|c| c == only).map(|i| i as u32 + 1)
}

/// How a tidied label sorts: number, then plain before `A`, `B`…; `M` is the mezzanine over 1.
/// `None` for text that names no floor.
fn sort_key(label: &str) -> Option<(i32, u32)> {
    if let Some(depth) = label.strip_prefix('B') {
        return depth.parse::<i32>().ok().filter(|d| *d > 0).map(|d| (-d, 0));
    }
    match label {
        "M" => return Some((1, 50)),
        "G" | "GF" => return Some((1, 0)),
        "RF" | "顶" => return Some((i32::MAX, 0)),
        _ => {}
    }
    let digits = label.find(|c: char| !c.is_ascii_digit()).unwrap_or(label.len());
    let number: i32 = label[..digits].parse().ok().filter(|n| (1..=300).contains(n))?;
    match label[digits..].chars().collect::<Vec<_>>()[..] {
        [] => Some((number, 0)),
        ['M'] => Some((number, 50)),
        [letter @ 'A'..='Z'] => Some((number, letter as u32 - 'A' as u32 + 1)),
        _ => None,
    }
}

/// Whether a tidied label names a floor.
#[must_use]
pub fn is_label(label: &str) -> bool {
    sort_key(label).is_some()
}

/// Physical order (… −2 −1 1 2 …) for all floor labels of one building, sorted from the lowest.
///
/// Numbers keep their value where they can (floor 5 alone is 5). `3A` takes the place of an
/// avoided 4: it is 4 when the building has no floor 4, otherwise a floor of its own, and all
/// above move up. Labels that name no floor are left out.
#[must_use]
pub fn physical_order<'a>(labels: impl IntoIterator<Item = &'a str>) -> Vec<(i32, String)> {
    let mut known: Vec<((i32, u32), &str)> =
        labels.into_iter().filter_map(|l| sort_key(l).map(|k| (k, l))).collect();
    known.sort_unstable();
    known.dedup();
    let mut out: Vec<(i32, String)> = Vec::with_capacity(known.len());
    let mut shift = 0;
    for (index, &((number, suffix), label)) in known.iter().enumerate() {
        let last = out.last().map_or(i32::MIN, |(ord, _)| *ord);
        let wanted = if number < 0 {
            number
        } else if number == i32::MAX {
            last.max(0) + 1
        } else if suffix == 0 {
            number + shift
        } else {
            let next = known.get(index + 1).map(|((n, _), _)| *n);
            if next == Some(number + 1) || next == Some(number) || suffix == 50 {
                shift += 1;
                number + shift
            } else {
                number + 1 + shift
            }
        };
        let mut ord = wanted.max(last.saturating_add(1));
        if ord == 0 {
            ord = 1;
        }
        out.push((ord, label.to_owned()));
    }
    out
}

/// The floor label a room number implies: three digits → the first, four → the first two.
/// `None` for anything else.
#[must_use]
pub fn label_from_room_no(room_no: &str) -> Option<String> {
    let digits = room_no.bytes().all(|b| b.is_ascii_digit());
    match (digits, room_no.len()) {
        (true, 3) => Some(room_no[..1].to_owned()).filter(|l| l != "0"),
        (true, 4) => Some(strip_zeros(&room_no[..2])).filter(|l| l != "00"),
        _ => None,
    }
}

/// The usual label of a physical floor that has no name of its own: 5 → `5`, −1 → `B1`.
#[must_use]
pub fn default_label(ord: i32) -> String {
    if ord < 0 { format!("B{}", -ord) } else { ord.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tidy_cases() {
        let check = |text: &str, expect: &str| assert_eq!(tidy_label(text), expect, "{text}");
        check("3", "3");
        check("03", "3");
        check("5层", "5");
        check("5F", "5");
        check("B1", "B1");
        check("-1", "B1");
        check("负一楼", "B1");
        check("地下2层", "B2");
        check("３Ａ", "3A");
        check("二层", "2");
        check("M", "M");
    }

    #[test]
    fn order_cases() {
        let check = |labels: &[&str], expect: &[(i32, &str)]| {
            let order = physical_order(labels.iter().copied());
            let order: Vec<(i32, &str)> = order.iter().map(|(o, l)| (*o, l.as_str())).collect();
            assert_eq!(order, expect, "{labels:?}");
        };
        check(&["2", "1", "B1", "B2"], &[(-2, "B2"), (-1, "B1"), (1, "1"), (2, "2")]);
        check(&["5"], &[(5, "5")]);
        check(&["3", "3A", "5"], &[(3, "3"), (4, "3A"), (5, "5")]);
        check(&["3", "3A", "4"], &[(3, "3"), (4, "3A"), (5, "4")]);
        check(&["1", "M", "2"], &[(1, "1"), (2, "M"), (3, "2")]);
        check(&["12", "13A", "15"], &[(12, "12"), (14, "13A"), (15, "15")]);
        check(&["nonsense", "1"], &[(1, "1")]);
    }

    #[test]
    fn room_number_cases() {
        let check = |no: &str, expect: Option<&str>| {
            assert_eq!(label_from_room_no(no).as_deref(), expect, "{no}");
        };
        check("501", Some("5"));
        check("1203", Some("12"));
        check("0301", Some("3"));
        check("12", None);
        check("10101", None);
        check("A01", None);
    }
}
