//! The overview of everything (一网总览) as it is shown and printed: houses, people, public order, events and
//! enterprises of one place, or of several beside one another, in sections of counted words.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::figures::{Age, By, Counts, Figures, FiguresRequest, Group, Of, figures};
use super::{Census, Condition, Filter, Vocabulary};
use crate::domain::codes::{CodeEntry, list};
use crate::store::{Connection, Result};
use crate::text::{Lang, Text};

/// Figures of everything that a filter leaves.
#[derive(Debug, Clone, Default)]
pub struct AllFigures {
    /// Under which filter.
    pub filter: Filter,
    /// What it is called; empty where the filter's own words serve.
    pub name: String,
    /// People, told apart by grid.
    pub persons: Figures,
    /// Rooms.
    pub rooms: Figures,
    /// Enterprises.
    pub enterprises: Figures,
    /// Events, told apart by grid.
    pub events: Figures,
}

/// Of when figures are.
#[derive(Debug, Clone, Copy)]
pub struct AsOf {
    /// The day ages are counted on.
    pub today: Date,
    /// UTC second as of which an event is overdue.
    pub now: i64,
    /// Events reported from this day on.
    pub from: Option<Date>,
    /// Events reported up to this day.
    pub to: Option<Date>,
}

impl AllFigures {
    /// Counts what a filter leaves; people and rooms, which are counted at once, are told before the rest.
    ///
    /// # Errors
    /// SQLite's errors.
    pub fn of(
        conn: &Connection,
        census: &Census,
        vocabulary: &Vocabulary,
        (filter, condition): (Filter, &Condition),
        as_of: AsOf,
        tell: &dyn Fn(&Self),
    ) -> Result<Self> {
        let of = |of: Of, by: Option<By>| {
            let AsOf { today, now, from, to } = as_of;
            let request = FiguresRequest { of, condition, by, from, to, today, now, vocabulary };
            figures(conn, census, &request)
        };
        let mut all = Self {
            filter,
            persons: of(Of::Persons, Some(By::Grid))?,
            rooms: of(Of::Rooms, None)?,
            ..Self::default()
        };
        tell(&all);
        all.enterprises = of(Of::Enterprises, None)?;
        all.events = of(Of::Events, Some(By::Grid))?;
        Ok(all)
    }
}

/// A counted word: its numbers, one for each place, and the filters they lead to.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// What is counted.
    pub word: String,
    /// How many, by place.
    pub counts: Vec<u64>,
    /// What leaves just these, by place; empty where no filter does.
    pub leads_to: Vec<Filter>,
}

/// Words that belong together.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// What it is about.
    pub title: Text,
    /// The words.
    pub lines: Vec<Line>,
    /// How many more there are.
    pub left_out: usize,
    /// What must be known of it.
    pub note: Option<String>,
}

/// The figures that everything begins with: what they count, and their number in each place.
#[must_use]
pub fn heads(all: &[AllFigures]) -> [(Text, Vec<u64>); 8] {
    let each = |count: &dyn Fn(&AllFigures) -> u64| all.iter().map(count).collect();
    let sum =
        |figures: &Figures, key: &str| figures.sums.get(key).copied().unwrap_or_default() as u64;
    [
        (Text::Population, each(&|of| of.persons.total)),
        (Text::Rooms, each(&|of| of.rooms.total)),
        (Text::Enterprises, each(&|of| of.enterprises.total)),
        (Text::Events, each(&|of| of.events.total)),
        (Text::Inhabited, each(&|of| sum(&of.rooms, "inhabited"))),
        (Text::WithoutResidents, each(&|of| sum(&of.rooms, "without_residents"))),
        (Text::OpenEvents, each(&|of| sum(&of.events, "open"))),
        (Text::Overdue, each(&|of| sum(&of.events, "overdue"))),
    ]
}

/// Categories of events that disturb public order and safety (治安).
const PUBLIC_ORDER: [&str; 6] =
    ["public_order", "dispute", "street_order", "fire_hazard", "falling_object", "emergency"];

/// Years of age that people are told apart by, the last ones included: infants, school children, the
/// young, those at work, the old, the very old.
pub const AGE_BANDS: [(u8, u8); 6] = [(0, 5), (6, 17), (18, 34), (35, 59), (60, 79), (80, 100)];

/// Everything in sections of so many lines at most; those that count nothing are left out. Of grids, those with the
/// most are told where not all of them are.
#[must_use]
pub fn sections(
    all: &[AllFigures],
    vocabulary: &Vocabulary,
    lang: Lang,
    most: usize,
) -> Vec<Section> {
    let t = Telling { all, vocabulary, lang };
    let (events_by_grid, more_events) = t.grids(|of| &of.events, most);
    let (people_by_grid, more_people) = t.grids(|of| &of.persons, most);
    let persons = |key: &'static str| move |of: &AllFigures| counts(&of.persons, key);
    let rooms = |key: &'static str| move |of: &AllFigures| counts(&of.rooms, key);
    let events = |key: &'static str| move |of: &AllFigures| counts(&of.events, key);
    let orgs = |of: &AllFigures| counts(&of.enterprises, "by_kind");
    let disturbing = |of: &AllFigures| {
        let mut counts = counts(&of.events, "by_category");
        counts.retain(|code, _| PUBLIC_ORDER.contains(&code.as_str()));
        counts
    };
    let mut open = t.of_codes(list::EVENT_CATEGORY, &events("open_by_category"), |filter, code| {
        filter.open_events = vec![code.to_owned()];
    });
    open.sort_by_key(|line| std::cmp::Reverse(line.counts.first().copied()));
    let all_sections = [
        (
            Text::PopulationTypes,
            t.of_codes(list::POPULATION_TYPE, &persons("by_population_type"), |filter, code| {
                filter.population_types = vec![code.to_owned()];
            }),
        ),
        (Text::Ages, t.ages()),
        (Text::FocusPopulation, t.tags()),
        (
            Text::RoomState,
            t.of_codes(list::ROOM_STATUS, &rooms("by_status"), |filter, code| {
                filter.room_statuses = vec![code.to_owned()];
            }),
        ),
        (
            Text::RoomUse,
            t.of_codes(list::ROOM_KIND, &rooms("by_kind"), |filter, code| {
                filter.room_kinds = vec![code.to_owned()];
            }),
        ),
        (Text::OpenEvents, open),
        (Text::PublicOrder, t.plain_codes(list::EVENT_CATEGORY, &disturbing)),
        (Text::EventsByGrid, events_by_grid),
        (Text::EventStates, t.plain_codes(list::EVENT_STATE, &events("by_state"))),
        (
            Text::Enterprises,
            t.of_codes(list::ORG_KIND, &orgs, |filter, code| {
                filter.enterprise_kinds = vec![code.to_owned()];
            }),
        ),
        (Text::PeopleByGrid, people_by_grid),
    ];
    let mut sections: Vec<Section> = all_sections
        .into_iter()
        .filter(|(_, lines)| !lines.is_empty())
        .map(|(title, mut lines)| {
            let cut = lines.len().saturating_sub(most);
            lines.truncate(most);
            let left_out = match title {
                Text::EventsByGrid => more_events,
                Text::PeopleByGrid => more_people,
                _ => cut,
            };
            Section { title, lines, left_out, note: None }
        })
        .collect();
    if let Some(rooms) = sections.iter_mut().find(|section| section.title == Text::RoomState) {
        rooms.note = t.freshness();
    }
    sections
}

/// Events by month of their report, all places together, the last months only and none between them left out:
/// `YYYY-MM` and how many.
#[must_use]
pub fn months(of: &Figures, most: usize) -> Vec<(String, u64)> {
    let number = |month: &str| -> Option<u32> {
        let (year, month) = month.split_once('-')?;
        Some(year.parse::<u32>().ok()? * 12 + month.parse::<u32>().ok()?.checked_sub(1)?)
    };
    let known: BTreeMap<u32, u64> =
        of.by_month.iter().filter_map(|(month, count)| Some((number(month)?, *count))).collect();
    let (Some(first), Some(last)) = (known.keys().next(), known.keys().next_back()) else {
        return Vec::new();
    };
    let first = (*first).max((last + 1).saturating_sub(most as u32));
    let told = |month: u32| {
        let count = known.get(&month).copied().unwrap_or_default();
        (format!("{:04}-{:02}", month / 12, month % 12 + 1), count)
    };
    (first..=*last).map(told).collect()
}

/// Men and women in bands of five years, the last one of a hundred and over.
#[must_use]
pub fn pyramid(ages: &[Age]) -> Vec<[u64; 2]> {
    let mut bands = vec![[0; 2]; 21];
    for age in ages {
        let band = &mut bands[usize::from(age.age / 5).min(20)];
        band[0] += age.male;
        band[1] += age.female;
    }
    bands
}

fn counts(figures: &Figures, key: &str) -> Counts {
    figures.counts.get(key).cloned().unwrap_or_default()
}

struct Telling<'a> {
    all: &'a [AllFigures],
    vocabulary: &'a Vocabulary,
    lang: Lang,
}

type CountsOf<'a> = &'a dyn Fn(&AllFigures) -> Counts;

impl Telling<'_> {
    fn lines(
        &self,
        (of, counts): (&str, CountsOf<'_>),
        choose: Option<&dyn Fn(&mut Filter, &str)>,
    ) -> Vec<Line> {
        let lists = &self.vocabulary.lists;
        let counts: Vec<Counts> = self.all.iter().map(counts).collect();
        let line = |entry: &CodeEntry| {
            let own: Vec<u64> =
                counts.iter().map(|of| of.get(&entry.code).copied().unwrap_or_default()).collect();
            let narrowed = |of: &AllFigures| {
                let mut filter = of.filter.clone();
                if let Some(choose) = choose {
                    choose(&mut filter, &entry.code);
                }
                filter
            };
            own.iter().any(|count| *count > 0).then(|| Line {
                word: lists.label(of, entry.key, self.lang).to_owned(),
                counts: own,
                leads_to: choose.map_or(Vec::new(), |_| self.all.iter().map(narrowed).collect()),
            })
        };
        lists.entries(of).filter_map(line).collect()
    }

    /// Counts of a code list, in the list's order; each leads to the filter that `choose` makes.
    fn of_codes(
        &self,
        of: &str,
        counts: CountsOf<'_>,
        choose: impl Fn(&mut Filter, &str),
    ) -> Vec<Line> {
        self.lines((of, counts), Some(&choose))
    }

    fn plain_codes(&self, of: &str, counts: CountsOf<'_>) -> Vec<Line> {
        self.lines((of, counts), None)
    }

    fn ages(&self) -> Vec<Line> {
        let line = |(from, to): &(u8, u8)| {
            let own = |of: &AllFigures| {
                let ages = of.persons.by_age.iter();
                ages.filter(|age| (*from..=*to).contains(&age.age)).map(|age| age.total).sum()
            };
            let counts: Vec<u64> = self.all.iter().map(own).collect();
            let open = *to >= 100;
            let narrowed = |of: &AllFigures| Filter {
                ages: Some(super::filter::Span {
                    from: Some(i16::from(*from)),
                    to: (!open).then_some(i16::from(*to)),
                }),
                ..of.filter.clone()
            };
            counts.iter().any(|count| *count > 0).then(|| Line {
                word: if open { format!("{from}+") } else { format!("{from}–{to}") },
                leads_to: self.all.iter().map(narrowed).collect(),
                counts,
            })
        };
        AGE_BANDS.iter().filter_map(line).collect()
    }

    fn tags(&self) -> Vec<Line> {
        let counts: Vec<Counts> = self.all.iter().map(|of| counts(&of.persons, "by_tag")).collect();
        let line = |tag: &super::Tag| {
            let own: Vec<u64> =
                counts.iter().map(|of| of.get(&tag.code).copied().unwrap_or_default()).collect();
            own.iter().any(|count| *count > 0).then(|| Line {
                word: tag.label(self.lang).to_owned(),
                counts: own,
                leads_to: self.all.iter().map(|of| with_tag(&of.filter, &tag.code)).collect(),
            })
        };
        self.vocabulary.tags.iter().filter_map(line).collect()
    }

    /// Counts by grid, so many at most, and how many more there are: of one place alone, and where there is more than
    /// one grid.
    fn grids(&self, figures: impl Fn(&AllFigures) -> &Figures, most: usize) -> (Vec<Line>, usize) {
        let [all] = self.all else { return (Vec::new(), 0) };
        let mut groups: Vec<&Group> =
            figures(all).groups.iter().filter(|group| group.code.is_some()).collect();
        let left_out = groups.len().saturating_sub(most);
        if left_out > 0 {
            groups.select_nth_unstable_by_key(most, |group| std::cmp::Reverse(group.total));
            groups.truncate(most);
            groups.sort_by_key(|group| std::cmp::Reverse(group.total));
        }
        let line = |group: &Group| {
            let code = group.code.clone()?;
            Some(Line {
                word: group.name.clone().unwrap_or_else(|| code.clone()),
                counts: vec![group.total],
                leads_to: vec![Filter { grids: vec![code], ..all.filter.clone() }],
            })
        };
        let lines: Vec<Line> = groups.into_iter().filter_map(line).collect();
        if lines.len() > 1 { (lines, left_out) } else { (Vec::new(), 0) }
    }

    /// How many of the rooms were verified lately.
    fn freshness(&self) -> Option<String> {
        let share = |of: &AllFigures| {
            let verified = of.rooms.sums.get("verified_in_180_days").copied().unwrap_or_default();
            (of.rooms.total > 0).then(|| format!("{:.0}", 100.0 * verified / of.rooms.total as f64))
        };
        let shares: Vec<String> =
            self.all.iter().map(|of| share(of).unwrap_or_else(|| "–".to_owned())).collect();
        Some(self.lang.t(Text::VerifiedShare).replace("{}", &shares.join(" / ")))
    }
}

/// Those of a filter who carry a tag as well.
fn with_tag(filter: &Filter, code: &str) -> Filter {
    let mut narrow = filter.clone();
    if narrow.any_tags.len() <= 1 {
        narrow.all_tags.append(&mut narrow.any_tags);
        if !narrow.all_tags.iter().any(|tag| tag == code) {
            narrow.all_tags.push(code.to_owned());
        }
        narrow.set_all_tags(narrow.all_tags.len() > 1);
        return narrow;
    }
    Filter { any_tags: vec![code.to_owned()], inside: vec![narrow], ..Filter::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_narrows_what_is_asked_for() {
        let one = with_tag(&Filter::default(), "a");
        assert_eq!((one.any_tags.as_slice(), one.all_tags.len()), (&["a".to_owned()][..], 0));
        let both = with_tag(&one, "b");
        assert_eq!((both.any_tags.len(), both.all_tags.len()), (0, 2));
        assert_eq!(with_tag(&both, "b"), both);
        let any = Filter { any_tags: vec!["a".to_owned(), "b".to_owned()], ..Filter::default() };
        assert_eq!(with_tag(&any, "c").inside, [any]);
    }

    #[test]
    fn of_many_grids_those_with_the_most_are_told() {
        let group =
            |n: u64| Group { code: Some(format!("G{n:03}")), name: None, total: n * 7 % 101 };
        let groups: Vec<Group> = (1..=100).map(group).collect();
        let persons = Figures { groups, ..Figures::default() };
        let all = [AllFigures { persons, ..AllFigures::default() }];
        let told = |most| {
            let all = sections(&all, &Vocabulary::default(), Lang::En, most);
            all.into_iter().find(|section| section.title == Text::PeopleByGrid).unwrap()
        };
        let few = told(5);
        let counts: Vec<u64> = few.lines.iter().map(|line| line.counts[0]).collect();
        assert_eq!((counts.as_slice(), few.left_out), (&[100, 99, 98, 97, 96][..], 95));
        let all = told(500);
        assert_eq!((all.lines.len(), all.left_out), (100, 0));
        assert!(all.lines.is_sorted_by_key(|line| line.word.clone()));
    }

    #[test]
    fn months_without_events_are_told_as_well() {
        let by_month = [("2025-11", 3), ("2026-02", 5)].map(|(m, n)| (m.to_owned(), n));
        let of = Figures { by_month: by_month.into(), ..Figures::default() };
        let told = months(&of, 12);
        let words: Vec<&str> = told.iter().map(|(month, _)| month.as_str()).collect();
        assert_eq!(words, ["2025-11", "2025-12", "2026-01", "2026-02"]);
        assert_eq!(told.iter().map(|(_, n)| n).sum::<u64>(), 8);
        assert_eq!(months(&of, 2).len(), 2);
        assert!(months(&Figures::default(), 12).is_empty());
    }
}
