//! The message catalogue: English sentences with `{}` for values, and their Chinese.

use std::sync::OnceLock;

use crate::domain::Lang;

#[derive(serde::Deserialize)]
struct Entry {
    en: String,
    zh: String,
}

struct Message {
    /// The fixed parts of the English sentence; values stand between them.
    parts: Vec<String>,
    zh: String,
}

fn catalogue() -> &'static [Message] {
    static CATALOGUE: OnceLock<Vec<Message>> = OnceLock::new();
    CATALOGUE.get_or_init(|| {
        let mut messages: Vec<Message> =
            csv::Reader::from_reader(include_str!("../../data/messages.csv").as_bytes())
                .into_deserialize()
                .filter_map(Result::ok)
                .map(|entry: Entry| Message {
                    parts: entry.en.split("{}").map(str::to_owned).collect(),
                    zh: entry.zh,
                })
                .collect();
        // The most specific sentence first: the one with the most fixed text.
        messages.sort_by_key(|m| std::cmp::Reverse(m.parts.iter().map(String::len).sum::<usize>()));
        messages
    })
}

/// A sentence in a language. One that the catalogue does not know stays English; values inside a
/// known one are translated in turn when they are sentences themselves.
#[must_use]
pub fn localise(sentence: &str, lang: Lang) -> String {
    match lang {
        Lang::En => sentence.to_owned(),
        Lang::Zh => to_chinese(sentence, 0),
    }
}

fn to_chinese(sentence: &str, depth: u8) -> String {
    if depth > 3 || sentence.is_empty() {
        return sentence.to_owned();
    }
    for message in catalogue() {
        if let Some(values) = values_of(&message.parts, sentence) {
            let mut out = String::with_capacity(message.zh.len() + sentence.len());
            let mut values = values.into_iter();
            for (index, part) in message.zh.split("{}").enumerate() {
                if index > 0
                    && let Some(value) = values.next()
                {
                    out.push_str(&to_chinese(value, depth + 1));
                }
                out.push_str(part);
            }
            return out;
        }
    }
    sentence.to_owned()
}

/// The values between the fixed parts, when the sentence has exactly this form.
fn values_of<'a>(parts: &[String], sentence: &'a str) -> Option<Vec<&'a str>> {
    let (first, rest) = parts.split_first()?;
    let mut left = sentence.strip_prefix(first.as_str())?;
    let Some((last, middle)) = rest.split_last() else {
        return left.is_empty().then(Vec::new);
    };
    let mut values = Vec::with_capacity(rest.len());
    for part in middle {
        let at = left.find(part.as_str())?;
        values.push(&left[..at]);
        left = &left[at + part.len()..];
    }
    values.push(left.strip_suffix(last.as_str())?);
    Some(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_with_values() {
        let check = |en: &str, zh: &str| assert_eq!(localise(en, Lang::Zh), zh);
        check("no building has this code", "没有这个编码的楼栋");
        check(
            "3 rooms answer to it; add the unit or tell them apart",
            "有 3 间房屋与之相符；请补上单元，或加以区分",
        );
        check("never heard of this", "never heard of this");
        assert_eq!(localise("no building has this code", Lang::En), "no building has this code");
    }

    #[test]
    fn catalogue_is_sound() {
        for message in catalogue() {
            let values = message.zh.matches("{}").count();
            assert_eq!(values, message.parts.len() - 1, "{:?}", message.parts);
            assert!(!message.zh.is_empty());
        }
        let lines = include_str!("../../data/messages.csv").lines().count();
        assert_eq!(catalogue().len(), lines - 1, "a line of the catalogue cannot be read");
    }
}
