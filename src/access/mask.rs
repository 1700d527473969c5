//! Personal fields that cannot be shown by accident.

use std::fmt;

use super::AuditEntry;
use crate::domain::names::surname;

/// A personal field that knows how it looks when it must not be read.
pub trait Mask {
    /// The form for lists, exports and logs.
    fn mask(&self) -> String;
    /// The plain form.
    fn plain(&self) -> &str;
    /// What it is called in the audit log.
    const FIELD: &'static str;
}

macro_rules! personal {
    ($(#[$doc:meta])* $name:ident, $field:literal, $mask:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name(pub String);

        impl Mask for $name {
            fn mask(&self) -> String {
                let mask: fn(&str) -> String = $mask;
                mask(&self.0)
            }
            fn plain(&self) -> &str {
                &self.0
            }
            const FIELD: &'static str = $field;
        }
    };
}

personal!(
    /// A person's name: `张**`, `欧阳*`.
    PersonName, "name", mask_name
);
personal!(
    /// A phone number: `138****5678`.
    Phone, "phone", mask_phone
);
personal!(
    /// An ID number: only the last four stay.
    IdNumber, "id_no", mask_id
);
personal!(
    /// A birth date: nothing stays; lists show the age.
    BirthDate, "birth_date", |_| "****-**-**".to_owned()
);

/// `张桂英` → `张**`, `欧阳娜` → `欧阳*`, `Anna Li` → `A******`.
#[must_use]
pub fn mask_name(name: &str) -> String {
    let head = surname(name);
    let hidden = name[head.len()..].chars().count().clamp(1, 6);
    format!("{head}{}", "*".repeat(hidden))
}

/// `13812345678` → `138****5678`; short numbers keep their last two digits; several numbers
/// (`;` between) are masked one by one.
#[must_use]
pub fn mask_phone(phone: &str) -> String {
    phone.split(';').map(mask_one_phone).collect::<Vec<_>>().join("; ")
}

fn mask_one_phone(phone: &str) -> String {
    let chars: Vec<char> = phone.trim().chars().collect();
    let (head, tail) = if chars.len() >= 11 { (3, 4) } else { (0, 2.min(chars.len() / 2)) };
    let masked = chars
        .iter()
        .enumerate()
        .map(|(i, &c)| if i < head || i >= chars.len() - tail { c } else { '*' });
    masked.collect()
}

/// `11010519491231002X` → `**************002X`: all but the last four hidden.
#[must_use]
pub fn mask_id(id_no: &str) -> String {
    let length = id_no.chars().count();
    let keep = if length > 8 { 4 } else { 0 };
    id_no.chars().enumerate().map(|(i, c)| if i + keep < length { '*' } else { c }).collect()
}

/// An example of a column whose meaning is not known: numbers and names in it are hidden, so that it
/// shows what kind of thing stands there and nobody in particular.
#[must_use]
pub fn mask_example(text: &str) -> String {
    /// Characters an example has.
    const LONGEST: usize = 24;
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let is_word = text.is_ascii() && digits == 0;
    let chars: Vec<char> = text.chars().take(LONGEST).collect();
    if is_word || digits <= 6 && text.chars().all(|c| c.is_ascii_digit() || ".-,".contains(c)) {
        return chars.into_iter().collect();
    }
    let keep = if chars.len() <= 2 { 1 } else { 2 };
    let masked = chars
        .iter()
        .enumerate()
        .map(|(i, c)| if i < keep || !c.is_alphanumeric() { *c } else { '*' });
    masked.collect()
}

/// A personal field. It has no `Display` and no `Serialize`, and its `Debug` is masked; the plain
/// text comes out only through [`reveal`] or a [`Reveal`].
#[derive(Clone, PartialEq, Eq)]
pub struct Sensitive<T: Mask>(T);

impl<T: Mask> Sensitive<T> {
    /// Wraps a field read from the workspace.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The masked form.
    #[must_use]
    pub fn masked(&self) -> String {
        self.0.mask()
    }
}

impl<T: Mask> fmt::Debug for Sensitive<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.mask())
    }
}

/// Opens one field. The entry must be written to the audit log before the text is shown.
pub fn reveal<'a, T: Mask>(
    object: &str,
    purpose: &str,
    field: &'a Sensitive<T>,
) -> (&'a str, AuditEntry) {
    let mut opened = Reveal::new(object, purpose);
    let text = opened.open(field);
    (text, opened.finish())
}

/// A cell of a list, masked where its field is personal: name, ID number, phones, date of birth.
#[must_use]
pub fn mask_cell(field: &str, cell: &str) -> String {
    match field {
        "name" | "contact" | "leader_name" => mask_name(cell),
        "id_no" => mask_id(cell),
        "phone" | "leader_phone" => {
            let numbers = crate::domain::phone::split(cell);
            numbers.iter().map(|n| mask_phone(n)).collect::<Vec<_>>().join("; ")
        }
        "birth_date" => {
            // 1962-03-05, 1962年3月; a bare number may be anything.
            let year: String = cell.chars().take_while(char::is_ascii_digit).collect();
            let is_year = year.len() == 4 && cell.len() > 4;
            match cell {
                "" => String::new(),
                _ if is_year => format!("{year}-**-**"),
                _ => "****".to_owned(),
            }
        }
        "address" => mask_address(cell),
        _ => mask_numbers(cell),
    }
}

/// An address without what stands beside it, which may be somebody's name.
fn mask_address(cell: &str) -> String {
    use crate::domain::address;
    let read = address::parse(cell);
    let Some(remark) = &read.remark else { return mask_numbers(cell) };
    let mut shown = cell.to_owned();
    for part in remark.split("; ") {
        if !shown.contains(part) {
            return format!("{} …", mask_numbers(&address::canonical(&read)));
        }
        shown = shown.replace(part, "…");
    }
    mask_numbers(&shown)
}

/// Free text with the telephone and identity numbers in it masked: an address with a phone behind.
fn mask_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut number = String::new();
    for c in text.chars().chain(['\n']) {
        if c.is_ascii_digit() || c.eq_ignore_ascii_case(&'x') && number.len() == 17 {
            number.push(c);
            continue;
        }
        match number.len() {
            0 => {}
            // Decimals are no number of somebody.
            _ if out.ends_with('.') => out.push_str(&number),
            11 if number.starts_with('1') => out.push_str(&mask_phone(&number)),
            15..=18 => out.push_str(&mask_id(&number)),
            _ => out.push_str(&number),
        }
        number.clear();
        out.push(c);
    }
    out.pop();
    out
}

/// Opens many fields for one purpose and one audit entry (a household card, an export).
pub struct Reveal {
    object: String,
    purpose: String,
    fields: std::collections::BTreeMap<&'static str, usize>,
}

impl Reveal {
    /// Starts a reveal of `object` (such as `room/12`) for a purpose; the write that stores the
    /// entry says who.
    #[must_use]
    pub fn new(object: &str, purpose: &str) -> Self {
        Self {
            object: object.to_owned(),
            purpose: purpose.to_owned(),
            fields: std::collections::BTreeMap::new(),
        }
    }

    /// The plain text of a field; counted.
    pub fn open<'a, T: Mask>(&mut self, field: &'a Sensitive<T>) -> &'a str {
        *self.fields.entry(T::FIELD).or_default() += 1;
        field.0.plain()
    }

    /// The entry that says who opened what, and how much of it.
    pub fn finish(self) -> AuditEntry {
        let counts: Vec<String> = self.fields.iter().map(|(f, n)| format!("{f}×{n}")).collect();
        AuditEntry::done("reveal", self.object)
            .with_fields(counts.join(" "))
            .with_purpose(self.purpose)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_of_lists() {
        let check = |field: &str, cell: &str, expect: &str| {
            assert_eq!(mask_cell(field, cell), expect, "{field}");
        };
        check("name", "张桂英", "张**");
        check("phone", "14000000001 / 14000000002", "140****0001; 140****0002");
        check("birth_date", "1962-03-05", "1962-**-**");
        check("birth_date", "22710", "****");
        check("address", "橡树湾3幢", "橡树湾3幢");
        check("address", "橡树湾3幢501 14000000001", "橡树湾3幢501 …");
        check("address", "橡树湾3幢501(户主司马相如)", "橡树湾3幢501(…)");
        check("text", "电话 14000000001", "电话 140****0001");
        check("text", "身份证99010119620305002X", "身份证**************002X");
    }

    #[test]
    fn mask_cases() {
        assert_eq!(mask_name("张桂英"), "张**");
        assert_eq!(mask_name("欧阳娜"), "欧阳*");
        assert_eq!(mask_name("李"), "李*");
        assert_eq!(mask_phone("13812345678"), "138****5678");
        assert_eq!(mask_phone("13812345678;13900001111"), "138****5678; 139****1111");
        assert_eq!(mask_phone("12"), "*2");
        assert_eq!(mask_id("11010519491231002X"), "**************002X");
        assert_eq!(mask_id("E123"), "****");
    }

    #[test]
    fn debug_is_masked_and_reveal_is_told() {
        let name = Sensitive::new(PersonName("张桂英".into()));
        assert_eq!(format!("{name:?}"), "张**");
        let (text, entry) = reveal("room/1", "visit", &name);
        assert_eq!(text, "张桂英");
        assert_eq!(entry.fields, "name×1");
        assert!(!format!("{entry:?}").contains("桂英"));
    }
}
