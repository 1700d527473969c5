//! The key by which two rows mean the same room: building / unit / room number / kind.

use super::address::{chinese_number, is_chinese_numeral};
use crate::domain::ids::BuildingId;

/// Tidies a unit, room or building token: full-width to half-width, blanks cut, upper case,
/// a trailing 单元, 室 or 号 cut, leading zeros cut (`01` → `1`, `0` stays).
#[must_use]
pub fn token(text: &str) -> String {
    let tidy: String = text
        .chars()
        .map(super::half_width)
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_uppercase)
        .collect();
    let mut core = tidy.as_str();
    for suffix in ["单元", "室", "号", "户", "房"] {
        if let Some(cut) = core.strip_suffix(suffix)
            && cut.ends_with(|c: char| c.is_ascii_alphanumeric())
        {
            core = cut;
        }
    }
    let trimmed = core.trim_start_matches('0');
    if trimmed.starts_with(|c: char| c.is_ascii_digit()) {
        trimmed.to_owned()
    } else if core.starts_with('0') {
        format!("0{trimmed}")
    } else {
        core.to_owned()
    }
}

/// A unit as it is stored: 一单元, 1单元 and １ are 1; 东, 甲 and A stay.
#[must_use]
pub fn unit_token(text: &str) -> String {
    // 第一单元, 1#, 1.0 as a spreadsheet writes a 1.
    let token = token(text);
    let token = token.strip_prefix('第').unwrap_or(&token);
    // As the English window writes it.
    let token = token.strip_prefix("UNIT").filter(|rest| !rest.is_empty()).unwrap_or(token);
    let token = token.strip_suffix(['#', '＃']).or(token.strip_suffix(".0")).unwrap_or(token);
    let bare = ["单元", "号门", "门", "梯"].iter().find_map(|word| token.strip_suffix(word));
    let core: Vec<char> = bare.filter(|b| !b.is_empty()).unwrap_or(token).chars().collect();
    let is_number = !core.is_empty() && core.iter().all(|c| is_chinese_numeral(*c));
    match chinese_number(&core).filter(|_| is_number) {
        Some(number) => number,
        None if bare.is_some() => core.into_iter().collect(),
        None => token.to_owned(),
    }
}

/// The unique key of a room. Its kind is part of it: flat 1 is not parking space 1.
#[must_use]
pub fn match_key(building_id: BuildingId, unit: &str, room_no: &str, kind: i64) -> String {
    let mut key = stem(building_id, unit, room_no);
    key.push_str(&kind.to_string());
    key
}

/// The part of [`match_key`] before the kind: all rooms of that number, whatever their kind.
#[must_use]
pub fn stem(building_id: BuildingId, unit: &str, room_no: &str) -> String {
    format!("{building_id}/{}/{}/", token(unit), token(room_no))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_cases() {
        let check = |text: &str, expect: &str| assert_eq!(token(text), expect, "{text}");
        check("２单元", "2");
        check(" 0501 室", "501");
        check("3a01", "3A01");
        check("东户", "东户");
        check("000", "0");
        check("0A", "0A");
        check("", "");
        check("甲单元", "甲单元");
    }

    #[test]
    fn unit_cases() {
        let check = |text: &str, expect: &str| assert_eq!(unit_token(text), expect, "{text}");
        check("Unit 1", "1");
        check("unit A", "A");
        check("Unit", "UNIT");
        check("一单元", "1");
        check("十二", "12");
        check("2单元", "2");
        check("第一单元", "1");
        check("1#", "1");
        check("1.0", "1");
        check("东单元", "东");
        check("甲", "甲");
        check("B门", "B");
        check("", "");
    }

    #[test]
    fn kind_is_part_of_the_key() {
        assert_ne!(match_key(BuildingId(7), "1", "1", 1), match_key(BuildingId(7), "1", "1", 5));
        assert_eq!(
            match_key(BuildingId(7), "01", "0501", 1),
            match_key(BuildingId(7), "1", "501室", 1)
        );
    }
}
