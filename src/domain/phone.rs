//! Telephone numbers as people write them into a cell.

/// The numbers in a cell, in order, tidied; digit groups (`138 1234 5678`) are joined.
#[must_use]
pub fn split(cell: &str) -> Vec<String> {
    cell.chars()
        .map(super::half_width)
        .collect::<String>()
        .split([';', ',', '、', '/'])
        .map(|part| part.chars().filter(|c| !c.is_whitespace()).collect::<String>())
        .filter(|part| !part.is_empty())
        .collect()
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
        check("  ", &[]);
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
