//! Storeys and heights as map files and surveys write them.

use super::address::chinese_number;
use super::half_width;

/// More storeys than any building has: a placeholder such as 9999.
const MOST_STOREYS: f64 = 300.0;
/// Higher than any building, metres.
const MOST_METRES: f64 = 2_000.0;
/// Metres of a foot and of an inch.
const FOOT_M: f64 = 0.3048;

fn folded(text: &str) -> String {
    text.chars().map(half_width).flat_map(char::to_lowercase).collect()
}

/// Parts of a list: `3;5`, `3、5`.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split([';', ',', '、', '，', '；', '/', '|']).map(str::trim).filter(|p| !p.is_empty())
}

/// The number of storeys above ground: `6`, `6层`, `18F`, `六层`, `砼6` (structure in front, as map
/// sheets 1:500 have it), `3;5` and `5-6` (the highest), `6+1` (with a loft). `None` for what is no
/// number, for negative ones and for placeholders such as 9999.
///
/// ```
/// use menpai::domain::quantity::storeys;
/// assert_eq!(storeys("砼6"), Some(6));
/// assert_eq!(storeys("3;5"), Some(5));
/// assert_eq!(storeys("9999"), None);
/// ```
#[must_use]
pub fn storeys(text: &str) -> Option<i32> {
    let text = folded(text);
    parts(&text).filter_map(storeys_of).max()
}

fn storeys_of(part: &str) -> Option<i32> {
    // 地上18层地下2层, 6(局部7): what is said first.
    let part = part.split("地下").next().unwrap_or(part);
    let part = part.split(['(', '[']).next().unwrap_or(part).trim();
    const ENDINGS: [&str; 10] =
        ["storeys", "stories", "floors", "levels", "层", "楼", "f", "l", "层楼", "layers"];
    let part = ENDINGS.iter().find_map(|e| part.strip_suffix(e)).unwrap_or(part).trim();
    let part = part.trim_start_matches(['地', '上', '共', '约']);
    if part.starts_with('-') || part.starts_with('b') || part.starts_with('负') {
        return None;
    }
    // Structure and use stand before the number: 砼 混 砖 框架 钢 木 …
    let at = part.find(|c: char| c.is_ascii_digit());
    let Some(at) = at else {
        // 混三: the numeral at the end.
        let chars: Vec<char> = part.chars().collect();
        return (0..chars.len().min(4))
            .find_map(|start| chinese_number(&chars[start..]))
            .and_then(|digits| digits.parse().ok())
            .filter(|n| f64::from(*n) <= MOST_STOREYS);
    };
    if part[..at].chars().count() > 4 {
        return None;
    }
    let digits = &part[at..];
    // 5-6 is up to six; 6+1 is six and a loft.
    let value = match (digits.split_once(['-', '~']), digits.split_once('+')) {
        (Some((low, high)), _) => number(low)?.max(number(high)?),
        (_, Some((low, loft))) => number(low)? + number(loft)?,
        _ => number(digits)?,
    };
    (0.0..=MOST_STOREYS).contains(&value).then(|| value.round() as i32)
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|v: &f64| v.is_finite())
}

/// A height in metres: `22`, `22 m`, `22米`, `72'`, `72'6"`, `72 ft`; the highest of a list. `None` for
/// what is no height.
///
/// ```
/// use menpai::domain::quantity::metres;
/// assert_eq!(metres("22 m"), Some(22.0));
/// assert!((metres("72'6\"").unwrap() - 22.098).abs() < 1e-9);
/// ```
#[must_use]
pub fn metres(text: &str) -> Option<f64> {
    let text = folded(text).replace(['’', '′'], "'").replace(['”', '″'], "\"");
    parts(&text).filter_map(metres_of).max_by(f64::total_cmp)
}

fn metres_of(part: &str) -> Option<f64> {
    let with = |endings: &[&str]| endings.iter().find_map(|e| part.strip_suffix(e));
    let value = if let Some((feet, inches)) = part.split_once('\'') {
        let inches = inches.trim_end_matches('"').trim();
        let inches = if inches.is_empty() { 0.0 } else { number(inches)? };
        (number(feet)? + inches / 12.0) * FOOT_M
    } else if let Some(feet) = with(&["feet", "foot", "ft."]).or_else(|| with(&["ft"])) {
        number(feet)? * FOOT_M
    } else {
        let bare = with(&["metres", "meters", "公尺", "米"])
            .or_else(|| with(&["m."]))
            .or_else(|| with(&["m"]));
        number(bare.unwrap_or(part))?
    };
    (value > 0.0 && value < MOST_METRES).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn storeys_as_they_are_written() {
        let check = |text: &str, expect: Option<i32>| assert_eq!(storeys(text), expect, "{text}");
        for (text, expect) in [
            ("6", 6),
            ("6.5", 7),
            ("3;5", 5),
            ("3,5", 5),
            ("5-6", 6),
            ("６层", 6),
            ("18F", 18),
            ("砼6", 6),
            ("混3", 3),
            ("框架18", 18),
            ("六层", 6),
            ("十八", 18),
            ("二", 2),
            ("混三", 3),
            ("6+1", 7),
            ("地上12层", 12),
            ("0", 0),
            ("地上18层地下2层", 18),
            ("6（局部7）", 6),
        ] {
            check(text, Some(expect));
        }
        for text in ["", "-1", "9999", "B1", "很高", "nan", "负一层"] {
            check(text, None);
        }
    }

    #[test]
    fn heights_as_they_are_written() {
        let check = |text: &str, expect: Option<f64>| {
            let got = metres(text).map(|m| (m * 100.0).round() / 100.0);
            assert_eq!(got, expect, "{text}");
        };
        check("22 m", Some(22.0));
        check("22m", Some(22.0));
        check("22.5米", Some(22.5));
        check("72'", Some(21.95));
        check("72'6\"", Some(22.1));
        check("72 ft", Some(21.95));
        check("12;18", Some(18.0));
        check("0", None);
        check("-3", None);
        check("99999", None);
        check("tall", None);
    }
}
