//! Everything a user reads, in Chinese and English.
//!
//! Fixed texts (buttons, headings) are the enum [`Text`]. Sentences with values in them (errors,
//! import findings, what a command tells) are a [`Message`] from where they arise to where somebody
//! reads them; JSON carries their codes, so that programs can rely on them.

mod errors;
mod fixed;
pub mod fonts;
pub mod message;
pub mod workflow;

pub use fixed::Text;
pub use message::{Arg, Message, Say, say_in, translated};

pub use crate::domain::Lang;
use crate::domain::building_name::{BuildingName, is_running_number};

impl Lang {
    /// The language of the system: Chinese when `LC_ALL`, `LC_MESSAGES` or `LANG` begins with
    /// `zh`, English otherwise.
    #[must_use]
    pub fn of_system() -> Self {
        let set = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
        if set.is_some_and(|value| value.to_lowercase().starts_with("zh")) {
            Self::Zh
        } else {
            Self::En
        }
    }

    /// A fixed text in this language.
    #[must_use]
    pub const fn t(self, text: Text) -> &'static str {
        text.get(self)
    }
}

/// A count with thousands separators: `12,034`.
#[must_use]
pub fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

impl BuildingName<'_> {
    /// The building in words: `橡树湾小区 3幢`, else its name, its address, its code; one without any
    /// of these is a building without a name.
    ///
    /// ```
    /// use menpai::domain::building_name::BuildingName;
    /// use menpai::text::Lang;
    /// let house = BuildingName { code: "B0042", ..BuildingName::default() };
    /// assert_eq!(house.title(Lang::En), "B0042");
    /// let found = BuildingName { code: "way/4711", ..house };
    /// assert_eq!(found.title(Lang::En), "Building without a name");
    /// let found = BuildingName { address: Some("福州路123号"), ..found };
    /// assert_eq!(found.title(Lang::Zh), "福州路123号");
    /// ```
    #[must_use]
    pub fn title(&self, lang: Lang) -> String {
        let address = self.address.filter(|address| !address.trim().is_empty());
        let code = Some(self.code).filter(|code| !is_running_number(code));
        match (self.estate, self.number, self.name) {
            (Some(estate), Some(no), _) => format!("{estate} {}", building_no_label(lang, no)),
            (_, _, Some(name)) => name.to_owned(),
            (None, Some(no), None) => building_no_label(lang, no),
            (Some(estate), None, None) => match address.or(code) {
                Some(text) => format!("{estate} {text}"),
                None => estate.to_owned(),
            },
            (None, None, None) => match address.or(code) {
                Some(text) => text.to_owned(),
                None => lang.t(Text::NoName).to_owned(),
            },
        }
    }
}

/// `3幢` or `Bldg 3`.
#[must_use]
pub fn building_no_label(lang: Lang, no: &str) -> String {
    match lang {
        Lang::Zh => format!("{no}{}", Text::BuildingSuffix.get(lang)),
        Lang::En => format!("{} {no}", Text::BuildingSuffix.get(lang)),
    }
}

/// `2单元501室` or `Unit 2 · 501`.
#[must_use]
pub fn room_title(lang: Lang, unit: Option<&str>, room_no: &str) -> String {
    let unit = unit.filter(|u| !u.is_empty());
    let is_number = room_no.ends_with(|c: char| c.is_ascii_alphanumeric());
    match (lang, unit) {
        (Lang::Zh, unit) => {
            let unit = unit.map(|u| unit_label(lang, u)).unwrap_or_default();
            format!("{unit}{room_no}{}", if is_number { Text::RoomSuffix.get(lang) } else { "" })
        }
        (Lang::En, Some(u)) => format!("{} · {room_no}", unit_label(lang, u)),
        (Lang::En, None) => room_no.to_owned(),
    }
}

/// `2单元` or `Unit 2`; a unit that is named and not numbered stays as it is.
#[must_use]
pub fn unit_label(lang: Lang, unit: &str) -> String {
    if !unit.ends_with(|c: char| c.is_ascii_alphanumeric()) {
        return unit.to_owned();
    }
    match lang {
        Lang::Zh => format!("{unit}{}", Text::UnitSuffix.get(lang)),
        Lang::En => format!("{} {unit}", Text::UnitSuffix.get(lang)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(room_title(Lang::Zh, Some("2"), "501"), "2单元501室");
        assert_eq!(room_title(Lang::En, Some("2"), "501"), "Unit 2 · 501");
        assert_eq!(room_title(Lang::Zh, None, "东户"), "东户");
        let none = BuildingName { code: "x", ..BuildingName::default() };
        let house = BuildingName { estate: Some("橡树湾"), number: Some("3"), ..none };
        assert_eq!(house.title(Lang::Zh), "橡树湾 3幢");
        assert_eq!(house.plain(), "橡树湾 3");
        assert_eq!(none.title(Lang::En), "x");
        for code in ["4711", "way/4711", "g0123456789ab"] {
            let nameless = BuildingName { code, ..none };
            assert_eq!(nameless.title(Lang::En), "Building without a name", "{code}");
        }
    }
}
