//! The citizen identity number of GB 11643-1999: 17 digits and a check character.

use jiff::civil::Date;

const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECK: &[u8; 11] = b"10X98765432";

/// What an identity number says by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdFacts {
    /// Digits 7‥14.
    pub birth: Date,
    /// Whether the 17th digit is odd.
    pub is_male: bool,
}

/// Why a number is no identity number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Neither 18 nor 15 characters of the right kind.
    Shape,
    /// Digits 7‥14 are not a day that existed.
    Date,
    /// The last character does not fit the others.
    Check,
}

/// The check character for the first 17 digits (ISO 7064 MOD 11-2).
#[must_use]
pub fn check_char(digits: &[u8; 17]) -> char {
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(d, w)| u32::from(d - b'0') * w).sum();
    char::from(CHECK[(sum % 11) as usize])
}

/// Brings a number into its 18-character form: blanks cut, `x` to `X`, 15 digits converted.
#[must_use]
pub fn normalise(text: &str) -> String {
    let tidy: String = text
        .chars()
        .map(super::half_width)
        .filter(|c| !c.is_whitespace())
        .map(|c| c.to_ascii_uppercase())
        .collect();
    if tidy.len() == 15 && tidy.bytes().all(|b| b.is_ascii_digit()) {
        let mut digits = [0u8; 17];
        digits[..6].copy_from_slice(&tidy.as_bytes()[..6]);
        digits[6..8].copy_from_slice(b"19");
        digits[8..].copy_from_slice(&tidy.as_bytes()[6..]);
        let mut long: String = digits.iter().map(|&b| char::from(b)).collect();
        long.push(check_char(&digits));
        return long;
    }
    tidy
}

/// Checks an 18-character number (see [`normalise`]) and reads birth date and sex from it.
///
/// # Errors
/// [`IdError`] names the first thing that is wrong: shape, date, check character.
pub fn check(number: &str) -> Result<IdFacts, IdError> {
    let bytes = number.as_bytes();
    if bytes.len() != 18 || !bytes[..17].iter().all(u8::is_ascii_digit) {
        return Err(IdError::Shape);
    }
    let digits: &[u8; 17] = bytes[..17].try_into().map_err(|_| IdError::Shape)?;
    let birth = super::age::parse_date(&number[6..14]).ok_or(IdError::Date)?;
    if char::from(bytes[17]) != check_char(digits) {
        return Err(IdError::Check);
    }
    Ok(IdFacts { birth, is_male: (digits[16] - b'0') % 2 == 1 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standard_cases() {
        // The two examples printed in GB 11643-1999, and a well-checked impossible date.
        let first = check("11010519491231002X").unwrap();
        assert_eq!((first.birth.to_string().as_str(), first.is_male), ("1949-12-31", false));
        let second = check("440524188001010014").unwrap();
        assert_eq!((second.birth.to_string().as_str(), second.is_male), ("1880-01-01", true));
        assert_eq!(check("110101190002290011"), Err(IdError::Date));
        assert_eq!(check("110105194912310021"), Err(IdError::Check));
        assert_eq!(check("1101051949"), Err(IdError::Shape));
        assert_eq!(check("１1010519491231002X"), Err(IdError::Shape));
    }

    #[test]
    fn fifteen_digits_become_eighteen() {
        let long = normalise(" 110105491231002 ");
        assert_eq!(long, "11010519491231002X");
        assert_eq!(normalise("１１０１０５19491231002x"), "11010519491231002X");
    }
}
