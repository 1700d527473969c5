//! The unified social credit code of GB 32100-2015: 17 characters and a check character.

const CHARSET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// The check character for the first 17 characters; `None` if one is outside the charset.
#[must_use]
pub fn check_char(head: &str) -> Option<char> {
    if head.len() != 17 {
        return None;
    }
    let mut weight = 1usize;
    let mut sum = 0usize;
    for byte in head.bytes() {
        let value = CHARSET.iter().position(|&c| c == byte)?;
        sum += value * weight;
        weight = weight * 3 % 31;
    }
    Some(char::from(CHARSET[(31 - sum % 31) % 31]))
}

/// Whether the code is well formed. Some codes in use fail, so a failure only warns.
#[must_use]
pub fn is_valid(code: &str) -> bool {
    code.len() == 18
        && code.is_ascii()
        && check_char(&code[..17]).is_some_and(|expected| code.ends_with(expected))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standard_cases() {
        assert!(is_valid("91110000101623741K"));
        assert!(is_valid("92440300MA50000060"));
        assert!(!is_valid("92440300MA50000061"));
        assert!(!is_valid("91110000I01623741K"), "I is not in the charset");
        assert!(!is_valid(""));
    }
}
