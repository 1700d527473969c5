//! A filter from a heading: the values that a column can be narrowed to.

use super::Column;
use super::columns::Content;
use crate::domain::codes::list;
use crate::query::{Filter, Vocabulary};
use crate::text::Lang;

/// A value of a column, and whether the filter keeps to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Its code, or that of a tag.
    pub code: String,
    /// In words.
    pub label: String,
    /// Whether the filter names it.
    pub is_chosen: bool,
}

/// The words of the filter that a column stands for.
fn words<'a>(column: &Column, filter: &'a mut Filter) -> Option<&'a mut Vec<String>> {
    Some(match column.content {
        Content::Code(list::SEX, _) => &mut filter.sexes,
        Content::Code(list::POPULATION_TYPE, _) => &mut filter.population_types,
        Content::Code(list::RELATION, _) => &mut filter.relations,
        Content::Code(list::RESIDENCY_ROLE, _) => &mut filter.roles,
        Content::Code(list::ROOM_STATUS, _) => &mut filter.room_statuses,
        Content::Code(list::ROOM_KIND, _) => &mut filter.room_kinds,
        Content::Code(list::ORG_KIND, _) => &mut filter.enterprise_kinds,
        Content::Tags => &mut filter.any_tags,
        _ => return None,
    })
}

/// The values that a column can be narrowed to; none where its heading is no filter.
#[must_use]
pub fn choices(column: &Column, filter: &Filter, v: &Vocabulary, lang: Lang) -> Vec<Choice> {
    let mut filter = filter.clone();
    let Some(chosen) = words(column, &mut filter) else { return Vec::new() };
    let choice = |code: &str, label: &str| Choice {
        code: code.to_owned(),
        label: label.to_owned(),
        is_chosen: chosen.iter().any(|own| own == code),
    };
    match column.content {
        Content::Tags => v.tags.iter().map(|tag| choice(&tag.code, tag.label(lang))).collect(),
        Content::Code(of, _) => {
            let entries = v.lists.entries(of);
            entries.map(|entry| choice(&entry.code, v.lists.label(of, entry.key, lang))).collect()
        }
        _ => Vec::new(),
    }
}

/// The filter with a value of a column taken in, or left out where it was in.
#[must_use]
pub fn toggled(column: &Column, filter: &Filter, code: &str) -> Filter {
    let mut filter = filter.clone();
    if let Some(words) = words(column, &mut filter) {
        match words.iter().position(|own| own == code) {
            Some(at) => drop(words.remove(at)),
            None => words.push(code.to_owned()),
        }
    }
    filter
}

/// The filter without any value of a column.
#[must_use]
pub fn cleared(column: &Column, filter: &Filter) -> Filter {
    let mut filter = filter.clone();
    if let Some(words) = words(column, &mut filter) {
        words.clear();
    }
    filter
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::codes::CodeLists;
    use crate::query::table::TableKind;

    #[test]
    fn headings_narrow_and_widen_again() {
        let column = |kind: TableKind, key: &str| {
            kind.columns().iter().find(|column| column.key == key).unwrap()
        };
        let (sex, name) = (column(TableKind::Persons, "sex"), column(TableKind::Persons, "name"));
        let v = Vocabulary { lists: CodeLists::shipped(), ..Vocabulary::default() };
        let women = toggled(sex, &Filter::default(), "female");
        assert_eq!(women.sexes, ["female"]);
        let all = choices(sex, &women, &v, Lang::En);
        assert_eq!(all.iter().filter(|choice| choice.is_chosen).count(), 1);
        assert!(all.len() > 2 && all.iter().any(|c| c.code == "female" && c.is_chosen));
        assert!(toggled(sex, &women, "female").is_empty());
        assert!(cleared(sex, &women).is_empty());
        assert!(choices(name, &women, &v, Lang::En).is_empty());
        assert_eq!(toggled(name, &women, "x"), women);
        let status = column(TableKind::Rooms, "status");
        assert_eq!(toggled(status, &women, "vacant").room_statuses, ["vacant"]);
    }
}
