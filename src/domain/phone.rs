//! Telephone numbers as people write them into a cell.

/// The numbers in a cell, in order, tidied; digit groups (`138 1234 5678`) are joined.
#[must_use]
pub fn split(cell: &str) -> Vec<String> {
    cell.chars()
        .map(super::half_width)
        .collect::<String>()
        .split([';', ',', '、', '/'])
        .map(|part| part.chars().filter(|c| !c.is_whitespace()).collect::<String>())
        .map(|part| without_country(&part))
        .filter(|part| !part.is_empty())
        .collect()
}

/// 86-138…, (+86)138…, 0086138…: a mainland number without the code of the country.
fn without_country(number: &str) -> String {
    let bare = number.trim_start_matches(['(', '+']);
    let rest = ["0086", "86"].iter().find_map(|code| bare.strip_prefix(code));
    let rest = rest.map(|rest| rest.trim_start_matches([')', '-']));
    match rest {
        Some(rest) if is_mobile(rest) => rest.replace('-', ""),
        _ => number.to_owned(),
    }
}

/// Whether a number is what people type where there is none: 11111111111, 12345678901, 18999999999,
/// 13800138000 (a company's hotline).
#[must_use]
pub fn is_placeholder(number: &str) -> bool {
    let digits: Vec<u8> = number.bytes().filter(u8::is_ascii_digit).collect();
    let tail = digits.get(digits.len().saturating_sub(8)..).unwrap_or_default();
    let is_same = tail.len() == 8 && tail.iter().all(|d| *d == tail[0]);
    let text = String::from_utf8_lossy(&digits).into_owned();
    is_same || ["12345678901", "12345678910", "13800138000", "12345678"].contains(&&*text)
}

/// Whether it is a mainland mobile number: `1[3-9]` and nine digits, perhaps after +86.
#[must_use]
pub fn is_mobile(number: &str) -> bool {
    let digits: Vec<u8> = number.trim_start_matches("+86").bytes().filter(|b| *b != b'-').collect();
    digits.len() == 11
        && digits[0] == b'1'
        && (b'3'..=b'9').contains(&digits[1])
        && digits.iter().all(u8::is_ascii_digit)
}

/// Whether it could be rung at all: a mobile number or a landline of 7 to 12 digits.
#[must_use]
pub fn is_plausible(number: &str) -> bool {
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    is_mobile(number)
        || ((7..=12).contains(&digits)
            && number.bytes().all(|b| b.is_ascii_digit() || b"-()+".contains(&b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn split_cases() {
        let check = |cell: &str, expect: &[&str]| assert_eq!(split(cell), expect, "{cell}");
        check("138 1234 5678", &["13812345678"]);
        check("13812345678；0515-88881234", &["13812345678", "0515-88881234"]);
        check("13812345678、13912345678/", &["13812345678", "13912345678"]);
        check("86-13912340046", &["13912340046"]);
        check("(+86)13912340047", &["13912340047"]);
        check("0086 139 1234 0047", &["13912340047"]);
        check("  ", &[]);
    }

    #[test]
    fn placeholders() {
        for number in ["11111111111", "12345678901", "18999999999", "00000000000", "13800138000"] {
            assert!(is_placeholder(number), "{number}");
        }
        assert!(!is_placeholder("13912340047"));
    }

    #[test]
    fn mobile_cases() {
        assert!(is_mobile("13812345678"));
        assert!(is_mobile("+8613812345678"));
        assert!(!is_mobile("12812345678"));
        assert!(is_plausible("0515-88881234"));
        assert!(!is_plausible("无"));
    }
}
