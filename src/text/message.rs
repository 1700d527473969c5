//! Sentences with values in them, told apart by codes until somebody reads them.
//!
//! A sentence is written once, in English, where it arises: `msg!("row {} is gone", row)`. The
//! catalogue `data/messages.csv` gives each English template its code and its Chinese, as gettext
//! does with its catalogues. What is stored or leaves the program as JSON carries the code; rewording
//! the English leaves the code as it is.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;

use serde::ser::SerializeStruct as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::domain::Lang;
use crate::domain::ids::{DeedId, MatchJobId, QueueRowId};

/// Code of a text that is no sentence of this program: what the system or a library says.
const VERBATIM: &str = "text";
/// Code of a sentence as an older version stored it.
const LEGACY: &str = "legacy";

#[derive(Deserialize)]
struct Entry {
    code: String,
    en: String,
    zh: String,
}

static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    csv::Reader::from_reader(include_str!("../../data/messages.csv").as_bytes())
        .into_deserialize()
        .filter_map(Result::ok)
        .collect()
});
static BY_CODE: LazyLock<HashMap<&'static str, &'static Entry>> =
    LazyLock::new(|| ENTRIES.iter().map(|entry| (entry.code.as_str(), entry)).collect());
static BY_ENGLISH: LazyLock<HashMap<&'static str, &'static Entry>> =
    LazyLock::new(|| ENTRIES.iter().map(|entry| (entry.en.as_str(), entry)).collect());

/// What a message says, apart from its values.
#[derive(Clone)]
enum Template {
    /// A sentence of the catalogue.
    Known(&'static Entry),
    /// Text as it stands.
    Verbatim(String),
    /// Text that an older version stored.
    Legacy(String),
    /// A code that a newer version stored.
    Unknown(String),
}

/// A sentence that somebody will read: which one, and its values.
///
/// ```
/// use menpai::msg;
/// use menpai::text::Lang;
/// let message = msg!("{} rooms answer to it; add the unit or tell them apart", 3);
/// assert_eq!(message.code(), "several_rooms_answer");
/// assert_eq!(message.to_string(), "3 rooms answer to it; add the unit or tell them apart");
/// assert_eq!(message.text(Lang::Zh), "有 3 间房屋与之相符；请补上单元，或加以区分");
/// ```
#[derive(Clone)]
pub struct Message {
    template: Template,
    args: Box<[Arg]>,
}

/// A value inside a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Arg {
    /// A name, a number, a cell.
    Text(String),
    /// A sentence of its own.
    Message(Message),
}

/// What can stand inside a message.
pub trait Say {
    /// It as a value.
    fn arg(&self) -> Arg;
}

impl<T: Say + ?Sized> Say for &T {
    fn arg(&self) -> Arg {
        (**self).arg()
    }
}

macro_rules! say_by_display {
    ($($kind:ty),*) => {
        $(impl Say for $kind {
            fn arg(&self) -> Arg {
                Arg::Text(self.to_string())
            }
        })*
    };
}
say_by_display!(
    str,
    String,
    char,
    u8,
    u16,
    u32,
    u64,
    usize,
    i16,
    i32,
    i64,
    f32,
    f64,
    Cow<'_, str>,
    std::path::Display<'_>,
    DeedId,
    MatchJobId,
    QueueRowId,
    serde_json::Error,
    csv::Error,
    fmt::Arguments<'_>
);

/// What the system says, or a sentence of this program that came as an error of the system.
impl Say for std::io::Error {
    fn arg(&self) -> Arg {
        match self.get_ref().and_then(|inner| inner.downcast_ref::<Message>()) {
            Some(message) => message.arg(),
            None => said_by_the_system(self.kind())
                .map_or_else(|| Arg::Text(self.to_string()), |said| Message::from(said).arg()),
        }
    }
}

/// What the system says most often, as a sentence of the catalogue.
fn said_by_the_system(kind: std::io::ErrorKind) -> Option<&'static str> {
    use std::io::ErrorKind as Kind;
    Some(match kind {
        Kind::NotFound => "there is no such file or folder",
        Kind::PermissionDenied => "the system does not permit it",
        Kind::StorageFull | Kind::QuotaExceeded => "the disk is full",
        Kind::IsADirectory => "it is a folder",
        Kind::NotADirectory => "a part of the path is not a folder",
        Kind::ReadOnlyFilesystem => "the disk can only be read",
        Kind::InvalidFilename => "the system does not allow such a file name",
        _ => return None,
    })
}

impl Say for Message {
    fn arg(&self) -> Arg {
        // A text inside a sentence is a value.
        match &self.template {
            Template::Verbatim(text) => Arg::Text(text.clone()),
            _ => Arg::Message(self.clone()),
        }
    }
}

/// A message: its English template, whose values are written `{}`, and the values.
#[macro_export]
macro_rules! msg {
    ($template:literal $(, $arg:expr)* $(,)?) => {
        $crate::text::Message::new($template, vec![$($crate::text::Say::arg(&$arg)),*])
    };
}

impl Message {
    /// A sentence of the catalogue by its English, and its values. One that the catalogue does not
    /// know stays English.
    #[must_use]
    pub fn new(english: &str, args: Vec<Arg>) -> Self {
        match BY_ENGLISH.get(english) {
            Some(entry) => Self { template: Template::Known(entry), args: args.into() },
            None => Self::verbatim(filled(english, &args, Lang::En)),
        }
    }

    /// Text that is no sentence of this program: what the system says, a name.
    #[must_use]
    pub fn verbatim(text: impl Into<String>) -> Self {
        Self { template: Template::Verbatim(text.into()), args: Box::default() }
    }

    /// What an error of the system or a library says.
    #[must_use]
    pub fn of(error: impl fmt::Display) -> Self {
        Self::verbatim(error.to_string())
    }

    /// A message that was stored: its code and values.
    #[must_use]
    pub fn stored(code: &str, args: Vec<Arg>) -> Self {
        let text = |args: &[Arg]| filled("{}", args, Lang::En);
        match (code, BY_CODE.get(code)) {
            (_, Some(entry)) => Self { template: Template::Known(entry), args: args.into() },
            (VERBATIM, _) => Self::verbatim(text(&args)),
            (LEGACY, _) => Self { template: Template::Legacy(text(&args)), args: Box::default() },
            _ => Self { template: Template::Unknown(code.to_owned()), args: args.into() },
        }
    }

    /// What tells this sentence from all others, whatever its wording.
    #[must_use]
    pub fn code(&self) -> &str {
        match &self.template {
            Template::Known(entry) => &entry.code,
            Template::Verbatim(_) => VERBATIM,
            Template::Legacy(_) => LEGACY,
            Template::Unknown(code) => code,
        }
    }

    /// Its values, in their order.
    #[must_use]
    pub fn args(&self) -> Vec<Arg> {
        match &self.template {
            Template::Verbatim(text) | Template::Legacy(text) => vec![Arg::Text(text.clone())],
            _ => self.args.to_vec(),
        }
    }

    /// Whether there is nothing to read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(&self.template, Template::Verbatim(text) if text.is_empty())
    }

    /// The sentence in a language.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        match &self.template {
            Template::Known(entry) => {
                let template = if lang == Lang::Zh { &entry.zh } else { &entry.en };
                filled(template, &self.args, lang)
            }
            Template::Verbatim(text) => text.clone(),
            Template::Legacy(text) => translated(text, lang).to_owned(),
            Template::Unknown(code) => {
                let values = self.args.iter().map(|arg| arg.text(lang)).collect::<Vec<_>>();
                format!("{code}: {}", values.join(", "))
            }
        }
    }
}

impl Arg {
    fn text(&self, lang: Lang) -> Cow<'_, str> {
        match self {
            Self::Text(text) => text.into(),
            Self::Message(message) => message.text(lang).into(),
        }
    }
}

fn filled(template: &str, args: &[Arg], lang: Lang) -> String {
    let mut out = String::with_capacity(template.len() + 16 * args.len());
    let mut args = args.iter();
    for (index, part) in template.split("{}").enumerate() {
        if index > 0
            && let Some(arg) = args.next()
        {
            out.push_str(&arg.text(lang));
        }
        out.push_str(part);
    }
    out
}

/// A word or sentence of this program without values, in a language; one that the catalogue does not
/// know stays as it is.
#[must_use]
pub fn translated(english: &str, lang: Lang) -> &str {
    match BY_ENGLISH.get(english) {
        Some(entry) if lang == Lang::Zh => &entry.zh,
        _ => english,
    }
}

/// JSON whose messages are to be read in a language: wherever `code`, `args` and `reason` stand beside
/// each other, the reason is said in it.
pub fn say_in(value: &mut Value, lang: Lang) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(|value| say_in(value, lang)),
        Value::Object(fields) => {
            let message = match (fields.get("code"), fields.get("args")) {
                (Some(Value::String(code)), Some(args)) if fields.contains_key("reason") => {
                    let args = serde_json::from_value(args.clone()).unwrap_or_default();
                    Some(Message::stored(code, args))
                }
                _ => None,
            };
            if let Some(message) = message {
                fields.insert("reason".to_owned(), message.text(lang).into());
            }
            fields.values_mut().for_each(|value| say_in(value, lang));
        }
        _ => {}
    }
}

/// In English.
impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Lang::En))
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.text(Lang::En))
    }
}

impl std::error::Error for Message {}

impl PartialEq for Message {
    fn eq(&self, other: &Self) -> bool {
        self.code() == other.code() && self.args() == other.args()
    }
}

impl Eq for Message {}

/// A sentence of the catalogue without values, else the text as it stands.
impl From<&'static str> for Message {
    fn from(english: &'static str) -> Self {
        Self::new(english, Vec::new())
    }
}

/// `{code, args, reason}`; the reason is English (see [`say_in`]).
impl Serialize for Message {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Message", 3)?;
        fields.serialize_field("code", self.code())?;
        fields.serialize_field("args", &self.args())?;
        fields.serialize_field("reason", &self.text(Lang::En))?;
        fields.end()
    }
}

/// From `{code, args}`, or from the sentence that older versions stored.
impl<'de> Deserialize<'de> for Message {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Stored {
            Text(String),
            Fields { code: String, args: Vec<Arg> },
        }
        Ok(match Stored::deserialize(deserializer)? {
            Stored::Text(text) => Self::stored(LEGACY, vec![Arg::Text(text)]),
            Stored::Fields { code, args } => Self::stored(&code, args),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_with_values() {
        let check = |message: Message, zh: &str| assert_eq!(message.text(Lang::Zh), zh);
        check("no building has this code".into(), "没有这个编码的楼栋");
        check(
            msg!("{} rooms answer to it; add the unit or tell them apart", 3),
            "有 3 间房屋与之相符；请补上单元，或加以区分",
        );
        check("never heard of this".into(), "never heard of this");
        // A sentence inside a sentence; braces in a value stay.
        let inner: Message = "the document is not an object".into();
        let outer = msg!("{}. Nothing was imported", inner);
        check(outer, "文档不是对象。没有导入任何内容");
        check(msg!("nothing found for {}", "{}"), "没有找到 {}");
    }

    #[test]
    fn messages_survive_storage() {
        let inner: Message = "the document is not an object".into();
        for message in [
            msg!("{}. Nothing was imported", inner),
            Message::verbatim("os error 2"),
            Message::stored(LEGACY, vec![Arg::Text("as it was".to_owned())]),
            Message::stored("from_the_future", vec![Arg::Text("7".to_owned())]),
        ] {
            let json = serde_json::to_string(&message).unwrap();
            assert_eq!(serde_json::from_str::<Message>(&json).unwrap(), message, "{json}");
        }
        let old: Message = serde_json::from_str("\"no building has this code\"").unwrap();
        assert_eq!((old.code(), old.to_string().as_str()), (LEGACY, "no building has this code"));
    }

    #[test]
    fn json_is_said_in_a_language() {
        let mut json = serde_json::json!({ "issues": [{ "row": 3,
            "code": "no_building_with_code", "args": [], "reason": "no building has this code" }] });
        say_in(&mut json, Lang::Zh);
        assert_eq!(json["issues"][0]["reason"], "没有这个编码的楼栋");
    }

    #[test]
    fn catalogue_is_sound() {
        for entry in ENTRIES.iter() {
            assert_eq!(
                entry.zh.matches("{}").count(),
                entry.en.matches("{}").count(),
                "{}",
                entry.en
            );
            assert!(!entry.zh.is_empty());
            let is_code = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            assert!(!entry.code.is_empty() && entry.code.chars().all(is_code), "{}", entry.code);
        }
        let lines = include_str!("../../data/messages.csv").lines().count();
        assert_eq!(ENTRIES.len(), lines - 1, "a line of the catalogue cannot be read");
        assert_eq!(BY_CODE.len(), ENTRIES.len(), "a code stands for two sentences");
        assert_eq!(BY_ENGLISH.len(), ENTRIES.len(), "a sentence stands twice");
    }
}
