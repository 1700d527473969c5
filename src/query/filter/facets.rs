//! What a filter leaves, counted by every choice one could make next: each under the other choices.

use std::collections::HashSet;

use jiff::civil::Date;

use super::resolve::Condition;
use super::scan::Scan;
use crate::derived::Census;
use crate::derived::census::{Bits, Chunk, NO_AGE, ages_by_birth};
use crate::domain::ids::{EstateId, GridId, PersonId, RowId};

/// Ages that are told apart: 0 to 99, and 100 and over.
pub const AGES: usize = 101;

/// Distinct persons (and rooms) by what they could be filtered by next.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facets {
    /// By tag of the vocabulary.
    pub tags: Vec<u64>,
    /// By completed years (the last one: 100 and over), women and men and everybody.
    pub ages: Vec<[u64; 3]>,
    /// By key of `sex` (3 stands for "not stated").
    pub sexes: Vec<u64>,
    /// By key of `population_type`.
    pub population_types: Vec<u64>,
    /// By key of `relation`.
    pub relations: Vec<u64>,
    /// By key of `residency_role`.
    pub roles: Vec<u64>,
    /// Rooms that match, or in which somebody does, by key of `room_status`.
    pub room_statuses: Vec<u64>,
    /// By grid, those with none left out, by row id.
    pub grids: Vec<(GridId, u64)>,
    /// By estate, those with none left out, by row id.
    pub estates: Vec<(EstateId, u64)>,
}

/// Counts distinct persons by a number.
struct Tally {
    counts: Vec<u64>,
    /// Who has several homes, by what they were counted under.
    counted: HashSet<(usize, PersonId)>,
}

impl Tally {
    fn new(len: usize) -> Self {
        Self { counts: vec![0; len], counted: HashSet::new() }
    }

    /// Counts who has one home only.
    fn add(&mut self, under: usize, count: usize) {
        self.counts[under] += count as u64;
    }

    /// Counts somebody with several homes, once.
    fn add_once(&mut self, under: usize, person_id: PersonId) {
        self.counted.insert((under, person_id));
    }

    fn merge(&mut self, other: Self) {
        self.counts.iter_mut().zip(other.counts).for_each(|(sum, more)| *sum += more);
        self.counted.extend(other.counted);
    }

    fn ended(mut self) -> Vec<u64> {
        for (under, _) in &self.counted {
            self.counts[*under] += 1;
        }
        self.counts
    }
}

/// Keys of code lists, and the byte for none.
const KEYS: usize = 256;
/// Somebody's age and sex as one number: women, men, others of each age; unknown ages last.
const AGE_CELLS: usize = AGES * 3 + 1;

/// What is counted, each with the others' choices in force and its own not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Facet {
    Tags,
    Ages,
    Sexes,
    PopulationTypes,
    Relations,
    Roles,
    RoomStatuses,
    Grids,
    Estates,
}

const FACETS: [Facet; 9] = [
    Facet::Tags,
    Facet::Ages,
    Facet::Sexes,
    Facet::PopulationTypes,
    Facet::Relations,
    Facet::Roles,
    Facet::RoomStatuses,
    Facet::Grids,
    Facet::Estates,
];

impl Facet {
    /// The condition without this choice; `None` where there is no such choice.
    fn without(self, c: &Condition) -> Option<Condition> {
        let mut other = c.clone();
        let is_chosen = match self {
            Self::Tags => !std::mem::take(&mut other.any_tags).is_empty(),
            Self::Ages => other.births.take().is_some(),
            Self::Sexes => other.sexes.take().is_some(),
            Self::PopulationTypes => other.population_types.take().is_some(),
            Self::Relations => other.relations.take().is_some(),
            Self::Roles => other.roles.take().is_some(),
            Self::RoomStatuses => other.room_statuses.take().is_some(),
            Self::Grids => other.grids.take().is_some(),
            Self::Estates => other.estates.take().is_some(),
        };
        is_chosen.then_some(other)
    }
}

/// What places buildings belong to, numbered.
struct Places<I> {
    known: Vec<I>,
    of_building: Vec<u32>,
}

impl<I: RowId> Places<I> {
    fn of(places: &[I]) -> Self {
        let mut known: Vec<I> = places.to_vec();
        known.sort_unstable();
        known.dedup();
        let number = |place: &I| known.binary_search(place).unwrap_or_default() as u32;
        Self { of_building: places.iter().map(number).collect(), known }
    }
}

struct Counting<'a> {
    tags: usize,
    age_of: &'a [u8],
    grids: &'a Places<GridId>,
    estates: &'a Places<EstateId>,
}

impl Counting<'_> {
    fn len(&self, facet: Facet) -> usize {
        match facet {
            Facet::Tags => self.tags,
            Facet::Ages => AGE_CELLS,
            Facet::Grids => self.grids.known.len(),
            Facet::Estates => self.estates.known.len(),
            _ => KEYS,
        }
    }

    /// Counts the matching residents of a chunk.
    fn count(&self, facet: Facet, start: usize, chunk: &Chunk, bits: &Bits, tally: &mut Tally) {
        let people = &chunk.residents;
        let (mut one, mut several) = (bits.clone(), bits.clone());
        one.and_not(&people.has_homes);
        several.and(&people.has_homes);
        let by_column = |column: &[u8], tally: &mut Tally| {
            one.rows().for_each(|row| tally.add(column[row].into(), 1));
            several.rows().for_each(|row| tally.add_once(column[row].into(), people.ids.get(row)));
        };
        match facet {
            Facet::Tags => {
                let tags = people.tags.iter().filter(|(tag, _)| usize::from(*tag) < self.tags);
                for (tag, carriers) in tags {
                    tally.add(usize::from(*tag), carriers.count_both(&one));
                    let mut both = carriers.clone();
                    both.and(&several);
                    both.rows()
                        .for_each(|row| tally.add_once(usize::from(*tag), people.ids.get(row)));
                }
            }
            Facet::Ages => {
                let cell = |row: usize| match self.age_of[usize::from(people.births[row])] {
                    NO_AGE => AGE_CELLS - 1,
                    age => {
                        let sex = match people.sexes[row] {
                            2 => 0,
                            1 => 1,
                            _ => 2,
                        };
                        usize::from(age).min(AGES - 1) * 3 + sex
                    }
                };
                one.rows().for_each(|row| tally.add(cell(row), 1));
                several.rows().for_each(|row| tally.add_once(cell(row), people.ids.get(row)));
            }
            Facet::Sexes => by_column(&people.sexes, tally),
            Facet::PopulationTypes => by_column(&people.population_types, tally),
            Facet::Relations => by_column(&people.relations, tally),
            Facet::Roles => by_column(&people.roles, tally),
            // Counted by rooms, elsewhere.
            Facet::RoomStatuses => {}
            Facet::Grids => {
                Self::by_place(&self.grids.of_building[start..], chunk, [&one, &several], tally);
            }
            Facet::Estates => {
                Self::by_place(&self.estates.of_building[start..], chunk, [&one, &several], tally);
            }
        }
    }

    fn by_place(places: &[u32], chunk: &Chunk, of: [&Bits; 2], tally: &mut Tally) {
        let [one, several] = of;
        let mut before = 0;
        for (building, sum) in one.counts_before(chunk.residents_ends()).enumerate() {
            if sum > before {
                tally.add(places[building] as usize, sum - before);
            }
            before = sum;
        }
        several.rows().for_each(|row| {
            let building = chunk.building_of_resident(row);
            tally.add_once(places[building] as usize, chunk.residents.ids.get(row));
        });
    }
}

/// Counts what a filter leaves: of so many tags, ages as of `on`. Each choice is counted as if nothing
/// had been chosen of its own kind.
#[must_use]
pub fn facets(census: &Census, condition: &Condition, tags: usize, on: Date) -> Facets {
    let age_of = ages_by_birth(on);
    let (grids, estates) = (Places::of(census.grid_ids()), Places::of(census.estate_ids()));
    let counting = Counting { tags, age_of: &age_of, grids: &grids, estates: &estates };
    let others: Vec<Option<Condition>> =
        FACETS.iter().map(|facet| facet.without(condition)).collect();
    let whole = Scan::new(census, condition);
    let scans: Vec<Option<Scan<'_>>> =
        others.iter().map(|other| other.as_ref().map(|c| Scan::new(census, c))).collect();
    let parts = census.in_parts(|starts, chunks| {
        let mut tallies: Vec<Tally> =
            FACETS.iter().map(|facet| Tally::new(counting.len(*facet))).collect();
        for (start, chunk) in starts.iter().map(|start| *start as usize).zip(chunks) {
            let all = whole.matching(start, chunk);
            for ((facet, scan), tally) in FACETS.iter().zip(&scans).zip(&mut tallies) {
                if *facet == Facet::RoomStatuses {
                    let rooms = scan.as_ref().unwrap_or(&whole).rooms(start, chunk);
                    rooms.rows().for_each(|r| tally.add(chunk.rooms.statuses[r].into(), 1));
                    continue;
                }
                let own = scan.as_ref().map(|scan| scan.matching(start, chunk));
                let bits = own.as_ref().unwrap_or(&all);
                if !bits.is_empty() {
                    counting.count(*facet, start, chunk, bits, tally);
                }
            }
        }
        tallies
    });
    let mut tallies: Vec<Tally> =
        FACETS.iter().map(|facet| Tally::new(counting.len(*facet))).collect();
    for part in parts {
        tallies.iter_mut().zip(part).for_each(|(tally, more)| tally.merge(more));
    }
    let mut counts: Vec<Vec<u64>> = tallies.into_iter().map(Tally::ended).collect();
    let mut taken = |facet: Facet| {
        FACETS.iter().position(|f| *f == facet).map(|at| std::mem::take(&mut counts[at]))
    };
    let mut of = |facet| taken(facet).unwrap_or_default();
    fn by_place<I: RowId + Default>(places: Places<I>, counts: Vec<u64>) -> Vec<(I, u64)> {
        let pairs = places.known.into_iter().zip(counts);
        pairs.filter(|(id, count)| *id != I::default() && *count > 0).collect()
    }
    let ages = of(Facet::Ages);
    let (of_grids, of_estates) = (of(Facet::Grids), of(Facet::Estates));
    Facets {
        tags: of(Facet::Tags),
        ages: ages.chunks_exact(3).map(|s| [s[0], s[1], s[0] + s[1] + s[2]]).collect(),
        sexes: of(Facet::Sexes),
        population_types: of(Facet::PopulationTypes),
        relations: of(Facet::Relations),
        roles: of(Facet::Roles),
        room_statuses: of(Facet::RoomStatuses),
        grids: by_place(grids, of_grids),
        estates: by_place(estates, of_estates),
    }
}
