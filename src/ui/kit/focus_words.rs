//! The focus in words, for the legend and the status bar.

use crate::domain::codes::list;
use crate::text::Text;
use crate::ui::ctx::Ctx;

/// The focus in words.
pub(crate) fn filter_words(cx: &Ctx<'_>) -> String {
    let filter = &cx.session.filter;
    let v = &cx.session.vocabulary;
    let mut words: Vec<String> = Vec::new();
    let tags: Vec<&str> =
        filter.tags.iter().filter_map(|t| v.tags.get(*t)).map(|t| t.label(cx.lang)).collect();
    if !tags.is_empty() {
        words.push(tags.join(if filter.all_tags { " + " } else { " / " }));
    }
    if let Some(ages) = &filter.ages {
        words.push(format!("{}–{} {}", ages.start(), ages.end(), cx.t(Text::Years)));
    }
    let lists = &v.lists;
    words.extend(
        filter.population_type.map(|k| lists.label(list::POPULATION_TYPE, k, cx.lang).to_owned()),
    );
    words.extend(filter.sex.map(|k| lists.label(list::SEX, k, cx.lang).to_owned()));
    if filter.lives_alone {
        words.push(cx.t(Text::LivesAlone).to_owned());
    }
    if filter.within.is_some() {
        words.push(cx.t(Text::WithinSelection).to_owned());
    }
    words.join(" · ")
}
