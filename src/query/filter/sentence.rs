//! A filter read aloud.

use super::{Area, Class, Filter, Span};
use crate::derived::Vocabulary;
use crate::domain::codes::list;
use crate::msg;
use crate::text::{Lang, Message};

impl Class {
    /// What it is called.
    #[must_use]
    pub fn label(self) -> Message {
        match self {
            Self::Alone => msg!("60 and over, living alone"),
            Self::Over80 => msg!("80 and over"),
            Self::MinorAlone => msg!("minors without an adult in the room"),
            Self::RegisteredNotLiving => msg!("registered, not living here"),
            Self::LivingNotRegistered => msg!("living here, registered elsewhere"),
            Self::ReviewOverdue => msg!("tag review overdue"),
            Self::Crowded => msg!("crowded rooms"),
            Self::Empty => msg!("rooms without residents"),
        }
    }
}

impl Area {
    fn sentence(&self) -> Message {
        match self {
            Self::Around { lon, lat, radius_m } => {
                msg!("within {} m of {}", radius_m.round(), format!("{lon:.5}, {lat:.5}"))
            }
            Self::AroundBuilding { code, radius_m } => {
                msg!("within {} m of building {}", radius_m.round(), code)
            }
            Self::AroundEvent { no, radius_m } => {
                msg!("within {} m of event {}", radius_m.round(), no)
            }
            Self::Shapes(_) => msg!("in the drawn area"),
        }
    }
}

/// How many words of a list are read out; of more, the number is told.
const MOST_WORDS: usize = 6;

impl Filter {
    /// The filter as people would say it: its conditions one after the other, an empty text where
    /// there is none.
    ///
    /// ```
    /// use menpai::derived::Vocabulary;
    /// use menpai::query::filter::{Class, Filter};
    /// use menpai::text::Lang;
    /// let filter = Filter { classes: vec![Class::Over80], ..Filter::default() };
    /// assert_eq!(filter.sentence(&Vocabulary::default(), Lang::En), "80 and over");
    /// ```
    #[must_use]
    pub fn sentence(&self, vocabulary: &Vocabulary, lang: Lang) -> String {
        let parts = self.parts(vocabulary, lang);
        parts.join(" · ")
    }

    /// The sentence's parts, one for each condition.
    #[must_use]
    pub fn parts(&self, vocabulary: &Vocabulary, lang: Lang) -> Vec<String> {
        let say = |message: Message| message.text(lang);
        let or = lang.t(crate::text::Text::OrWord);
        let tag = |code: &String| {
            vocabulary.find_tag(code).map_or_else(|| code.clone(), |tag| tag.label(lang).to_owned())
        };
        let tags = |codes: &[String], by: &str| codes.iter().map(tag).collect::<Vec<_>>().join(by);
        let words = |of: &str, codes: &[String]| {
            let word = |code: &String| {
                let key = vocabulary.lists.parse(of, code);
                key.map_or_else(
                    || code.clone(),
                    |key| vocabulary.lists.label(of, key, lang).to_owned(),
                )
            };
            codes.iter().map(word).collect::<Vec<_>>().join(or)
        };
        let named = |codes: &[String]| {
            if codes.len() > MOST_WORDS { codes.len().to_string() } else { codes.join(or) }
        };
        let mut parts = Vec::new();
        if !self.any_tags.is_empty() {
            parts.push(tags(&self.any_tags, or));
        }
        if !self.all_tags.is_empty() {
            parts.push(tags(&self.all_tags, lang.t(crate::text::Text::AndWord)));
        }
        if !self.no_tags.is_empty() {
            parts.push(say(msg!("not {}", tags(&self.no_tags, or))));
        }
        parts.extend(self.ages.map(|ages| say(span(ages, &AGE_WORDS))));
        for (of, codes) in [
            (list::SEX, &self.sexes),
            (list::POPULATION_TYPE, &self.population_types),
            (list::RELATION, &self.relations),
            (list::RESIDENCY_ROLE, &self.roles),
        ] {
            if !codes.is_empty() {
                parts.push(words(of, codes));
            }
        }
        parts.extend(self.classes.iter().map(|class| say(class.label())));
        if let Some(day) = self.verified_before {
            parts.push(say(msg!("not verified since {}", day.to_string())));
        }
        for (of, codes) in
            [(list::ROOM_STATUS, &self.room_statuses), (list::ROOM_KIND, &self.room_kinds)]
        {
            if !codes.is_empty() {
                parts.push(say(msg!("room: {}", words(of, codes))));
            }
        }
        parts.extend(self.area_m2.map(|area| say(span(area, &AREA_WORDS))));
        if let Some(day) = self.room_verified_before {
            parts.push(say(msg!("room not verified since {}", day.to_string())));
        }
        if !self.grids.is_empty() {
            parts.push(say(msg!("grid {}", named(&self.grids))));
        }
        if !self.estates.is_empty() {
            parts.push(named(&self.estates));
        }
        if let Some(codes) = &self.buildings {
            parts.push(say(msg!("in {} buildings", codes.len())));
        }
        if !self.areas.is_empty() {
            let areas: Vec<String> = self.areas.iter().map(|area| say(area.sentence())).collect();
            parts.push(areas.join(or));
        }
        if !self.enterprise_kinds.is_empty() {
            let kinds = words(list::ORG_KIND, &self.enterprise_kinds);
            parts.push(say(msg!("with an enterprise: {}", kinds)));
        }
        if !self.open_events.is_empty() {
            let categories = words(list::EVENT_CATEGORY, &self.open_events);
            parts.push(say(msg!("with an open event: {}", categories)));
        }
        for filter in &self.inside {
            parts.push(format!("({})", filter.sentence(vocabulary, lang)));
        }
        for filter in &self.except {
            parts.push(say(msg!("not ({})", filter.sentence(vocabulary, lang))));
        }
        parts
    }
}

/// What a span is read as: from, up to, both, one value.
type SpanWords<T> = [fn(T, T) -> Message; 4];

const AGE_WORDS: SpanWords<i16> = [
    |from, _| msg!("{} and over", from),
    |_, to| msg!("up to {} years", to),
    |from, to| msg!("{} to {} years", from, to),
    |from, _| msg!("{} years", from),
];
const AREA_WORDS: SpanWords<f64> = [
    |from, _| msg!("{} m² and more", from),
    |_, to| msg!("up to {} m²", to),
    |from, to| msg!("{} to {} m²", from, to),
    |from, _| msg!("{} m²", from),
];

fn span<T: PartialEq + Copy + Default>(span: Span<T>, words: &SpanWords<T>) -> Message {
    let (from, to) = (span.from.unwrap_or_default(), span.to.unwrap_or_default());
    let nth = match (span.from, span.to) {
        (Some(from), Some(to)) if from == to => 3,
        (Some(_), Some(_)) => 2,
        (None, Some(_)) => 1,
        _ => 0,
    };
    words[nth](from, to)
}
