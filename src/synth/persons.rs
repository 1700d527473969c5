//! Households of a plausible shape, and the people in them.
//!
//! Shares follow the 2020 census of China in round numbers: one in four households is a single
//! person, one in five residents is 60 or over, one in five is registered elsewhere.

use jiff::civil::Date;

use super::rng::Rng;
use super::words::Words;
use crate::domain::codes::key;
use crate::domain::ids::PersonId;
use crate::domain::records::{EnterpriseRecord, PersonRecord};
use crate::domain::{credit_code, id_number};
use crate::synth::enterprise::enterprise;
use crate::synth::site::PeopleOptions;

/// Numbers that differ within one birth date and sex: 10,000 places × 500 sequence numbers.
const ID_NUMBERS: u64 = 5_000_000;

/// A household in a room.
pub(super) struct Household {
    /// Position of the room.
    pub(super) room: usize,
    pub(super) register_no: Option<String>,
    /// The head first.
    pub(super) residents: Vec<Resident>,
}

/// A person in a household.
pub(super) struct Resident {
    pub(super) person: PersonRecord,
    /// Key of `relation`.
    pub(super) relation: i64,
    /// Key of `residency_role`.
    pub(super) role: i64,
    pub(super) since: Date,
    /// Codes of tags.
    pub(super) tags: Vec<&'static str>,
}

/// Makes people one after another; each gets a new number.
pub(super) struct PersonMaker<'w> {
    words: &'w Words,
    rng: Rng,
    on: Date,
    number: u64,
    /// Number the run began with.
    first: u64,
    /// People made per birth date and sex: within one such pair, ID numbers count up.
    born: std::collections::HashMap<(Date, i64), u64>,
}

#[derive(Clone, Copy)]
enum Shape {
    OldSingle,
    YoungSingle,
    OldCouple,
    Couple,
    OneChild,
    TwoChildren,
    ThreeGenerations,
    GrandparentsAndChild,
    Sharing,
}

const SHAPES: [(Shape, f64); 9] = [
    (Shape::OldSingle, 9.0),
    (Shape::YoungSingle, 14.0),
    (Shape::OldCouple, 14.0),
    (Shape::Couple, 11.0),
    (Shape::OneChild, 22.0),
    (Shape::TwoChildren, 10.0),
    (Shape::ThreeGenerations, 13.0),
    (Shape::GrandparentsAndChild, 2.0),
    (Shape::Sharing, 5.0),
];

const SPOUSE: i64 = 1;
const SON: i64 = 2;
const DAUGHTER: i64 = 3;
const GRANDCHILD: i64 = 4;
const PARENT: i64 = 5;

impl<'w> PersonMaker<'w> {
    pub(super) fn new(words: &'w Words, options: &PeopleOptions, last: PersonId) -> Self {
        Self {
            words,
            rng: Rng::new(options.seed, 3),
            on: options.on,
            number: last.0.unsigned_abs(),
            first: last.0.unsigned_abs(),
            born: std::collections::HashMap::new(),
        }
    }

    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.rng.chance(probability)
    }

    /// A day at most `days` before `on`.
    pub(super) fn recent_day(&mut self, on: Date, days: i64) -> Date {
        let back = self.rng.int(0, days);
        on.checked_sub(jiff::Span::new().days(back)).unwrap_or(on)
    }

    fn born(&mut self, age: i64) -> Date {
        let days = age * 365 + age / 4 + self.rng.int(1, 364);
        self.on.checked_sub(jiff::Span::new().days(days)).unwrap_or(self.on)
    }

    /// A household for the room at a position.
    pub(super) fn household(&mut self, room: usize) -> Household {
        let weights = SHAPES.map(|(_, w)| w);
        let shape = SHAPES[self.rng.weighted(&weights)].0;
        let is_tenant = match shape {
            Shape::Sharing => true,
            Shape::YoungSingle => self.chance(0.6),
            Shape::OldSingle | Shape::OldCouple | Shape::ThreeGenerations => self.chance(0.04),
            _ => self.chance(0.2),
        };
        let members = self.members(shape);
        let surname = self.words.draw("surname", &mut self.rng).to_owned();
        let since = self.move_in_day(is_tenant);
        let mut residents = Vec::with_capacity(members.len());
        for (position, (age, sex, relation)) in members.iter().copied().enumerate() {
            let keeps_name = position == 0 || matches!(relation, SON | DAUGHTER | GRANDCHILD);
            let own = self.words.draw("surname", &mut self.rng).to_owned();
            let surname = if keeps_name { &surname } else { &own };
            let person = self.person(surname, age, sex, is_tenant);
            let role = if is_tenant {
                3
            } else if position == 0 {
                1
            } else {
                2
            };
            let tags = self.tags(age, shape, relation);
            let since = since.max(person.birth_date.unwrap_or(since));
            residents.push(Resident { person, relation, role, since, tags });
        }
        let register_no = (!is_tenant).then(|| format!("H{:08}", self.number));
        Household { room, register_no, residents }
    }

    fn move_in_day(&mut self, is_tenant: bool) -> Date {
        let years = if is_tenant { self.rng.unit() * 4.0 } else { self.rng.unit() * 25.0 };
        let days = (years * 365.0) as i64 + 10;
        self.on.checked_sub(jiff::Span::new().days(days)).unwrap_or(self.on)
    }

    /// `(age, sex, relation to the head)` of each member.
    fn members(&mut self, shape: Shape) -> Vec<(i64, i64, i64)> {
        let rng = &mut self.rng;
        let old = |rng: &mut Rng| 60 + (rng.unit() * rng.unit() * 38.0) as i64;
        let pair = |rng: &mut Rng, age: i64| {
            let head = if rng.chance(0.75) { key::MALE } else { key::FEMALE };
            let other = if head == key::MALE { key::FEMALE } else { key::MALE };
            vec![(age, head, key::HEAD), ((age - rng.int(-2, 5)).max(20), other, SPOUSE)]
        };
        let child = |rng: &mut Rng, parent: i64| {
            let age = (parent - rng.int(24, 32)).clamp(0, 24);
            if rng.chance(0.52) { (age, key::MALE, SON) } else { (age, key::FEMALE, DAUGHTER) }
        };
        match shape {
            Shape::OldSingle => {
                let age = (old(rng) + 6).min(99);
                vec![(age, if rng.chance(0.3) { key::MALE } else { key::FEMALE }, key::HEAD)]
            }
            Shape::YoungSingle => {
                let sex = if rng.chance(0.55) { key::MALE } else { key::FEMALE };
                vec![(rng.int(20, 58), sex, key::HEAD)]
            }
            Shape::OldCouple => {
                let age = old(rng) + 1;
                pair(rng, age)
            }
            Shape::Couple => {
                let age = rng.int(24, 58);
                pair(rng, age)
            }
            Shape::OneChild | Shape::TwoChildren => {
                let age = rng.int(27, 52);
                let mut all = pair(rng, age);
                all.push(child(rng, age));
                if matches!(shape, Shape::TwoChildren) {
                    all.push(child(rng, age - 3));
                }
                all
            }
            Shape::ThreeGenerations => {
                let age = rng.int(28, 48);
                let mut all = pair(rng, age);
                all.push(child(rng, age));
                let parent = age + rng.int(24, 30);
                all.push((parent, key::FEMALE, PARENT));
                if rng.chance(0.6) {
                    all.push((parent + rng.int(0, 4), key::MALE, PARENT));
                }
                all
            }
            Shape::GrandparentsAndChild => {
                let age = old(rng);
                let mut all = pair(rng, age);
                let sex = if rng.chance(0.5) { key::MALE } else { key::FEMALE };
                all.push((rng.int(3, 15), sex, GRANDCHILD));
                all
            }
            Shape::Sharing => (0..rng.int(3, 5))
                .map(|position| {
                    let sex = if rng.chance(0.6) { key::MALE } else { key::FEMALE };
                    let relation = if position == 0 { key::HEAD } else { key::RELATION_OTHER };
                    (rng.int(19, 45), sex, relation)
                })
                .collect(),
        }
    }

    fn person(&mut self, surname: &str, age: i64, sex: i64, is_tenant: bool) -> PersonRecord {
        self.number += 1;
        let birth = self.born(age);
        let cohort = match (sex == key::FEMALE, age) {
            (true, 55..) => "given_f_old",
            (false, 55..) => "given_m_old",
            (true, 20..) => "given_f_mid",
            (false, 20..) => "given_m_mid",
            (true, _) => "given_f_new",
            (false, _) => "given_m_new",
        };
        let given = self.words.draw(cohort, &mut self.rng);
        let is_overseas = self.rng.chance(0.006);
        let (id_type, id_no) = if is_overseas {
            (414, format!("E{:08}", self.number % 100_000_000))
        } else {
            (key::ID_CARD, self.id_number(birth, sex))
        };
        let population_type = if is_overseas {
            key::OVERSEAS
        } else if self.rng.chance(if is_tenant { 0.75 } else { 0.06 }) {
            key::FLOATING
        } else {
            key::REGISTERED
        };
        let has_phone = age >= 12 && self.rng.chance(0.93);
        PersonRecord {
            id_type,
            id_no: Some(id_no),
            name: format!("{surname}{given}"),
            sex: Some(sex),
            birth_date: Some(birth),
            is_birth_month: false,
            phone: has_phone.then(|| format!("140{:08}", self.rng.int(0, 99_999_999))),
            population_type: Some(population_type),
            residency: None,
            tag_ids: Vec::new(),
            verified_on: None,
        }
    }

    /// 00, four free digits, the birth date, a sequence number of the right parity, the check.
    fn id_number(&mut self, birth: Date, sex: i64) -> String {
        // Counted per pair and not over all: 31 million people have more than five million
        // numbers between them, but no day has that many births.
        let twins = self.born.entry((birth, sex)).or_default();
        let n = (self.first + *twins) % ID_NUMBERS;
        *twins += 1;
        let sequence = n % 500 * 2 + u64::from(sex == key::MALE);
        let head = format!("00{:04}{}{sequence:03}", n / 500, birth.strftime("%Y%m%d"));
        let mut digits = [b'0'; 17];
        digits.copy_from_slice(&head.as_bytes()[..17]);
        format!("{head}{}", id_number::check_char(&digits))
    }

    fn tags(&mut self, age: i64, shape: Shape, relation: i64) -> Vec<&'static str> {
        let mut tags = Vec::new();
        let rng = &mut self.rng;
        let mut maybe = |probability: f64, tag: &'static str| {
            if rng.chance(probability) {
                tags.push(tag);
            }
        };
        maybe(0.014, "low_income");
        maybe(if age >= 60 { 0.05 } else { 0.014 }, "disabled");
        if age >= 60 {
            maybe(0.006, "extreme_poverty");
            if matches!(shape, Shape::OldSingle) {
                maybe(0.92, "living_alone");
            }
            if matches!(shape, Shape::OldCouple) {
                maybe(0.7, "empty_nest");
            }
        }
        if age >= 75 {
            maybe(0.06, "dependent");
            maybe(0.14, "mobility");
            maybe(0.08, "evacuation_help");
        }
        if age < 16 {
            maybe(0.006, "child_in_need");
            if relation == GRANDCHILD {
                maybe(0.5, "left_behind_child");
            }
        }
        if age >= 22 {
            maybe(0.018, "veteran");
            maybe(0.03, "volunteer");
        }
        tags
    }

    fn uscc(&mut self, first_two: &str) -> String {
        self.number += 1;
        let head = format!("{first_two}000000{:09}", self.number % 1_000_000_000);
        let check = credit_code::check_char(&head).unwrap_or('0');
        format!("{head}{check}")
    }

    fn with_contact(&mut self, mut made: EnterpriseRecord, most: i64) -> EnterpriseRecord {
        let surname = self.words.draw("surname", &mut self.rng);
        let given = self.words.draw("given_m_mid", &mut self.rng);
        made.contact = Some(format!("{surname}{given}"));
        made.phone = Some(format!("140{:08}", self.rng.int(0, 99_999_999)));
        made.employees = Some(self.rng.int(1, most));
        made
    }

    /// A shop of a sole trader.
    pub(super) fn shop(&mut self) -> EnterpriseRecord {
        let head = self.words.draw("shop_head", &mut self.rng).to_owned();
        let tail = self.words.draw("shop", &mut self.rng).to_owned();
        let industry = self.words.draw("industry_shop", &mut self.rng).to_owned();
        let uscc = self.uscc("92");
        let made = enterprise(format!("{head}{tail}"), uscc, 3, &industry);
        self.with_contact(made, 8)
    }

    /// A company.
    pub(super) fn company(&mut self) -> EnterpriseRecord {
        let head = self.words.draw("company_head", &mut self.rng).to_owned();
        let tail = self.words.draw("company", &mut self.rng).to_owned();
        let industry = self.words.draw("industry_company", &mut self.rng).to_owned();
        let uscc = self.uscc("91");
        let made = enterprise(format!("{head}{tail}"), uscc, 1, &industry);
        self.with_contact(made, 60)
    }

    /// A public body.
    pub(super) fn public_body(&mut self) -> EnterpriseRecord {
        let name = self.words.draw("public", &mut self.rng).to_owned();
        let uscc = self.uscc("12");
        let made = enterprise(name, uscc, 9, "");
        self.with_contact(EnterpriseRecord { industry: None, ..made }, 120)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::age;

    #[test]
    fn people_are_plausible_and_never_anybody() {
        let on = jiff::civil::date(2026, 11, 23);
        let words = Words::shipped();
        let options = PeopleOptions { seed: 4, on, persons: None, rooms: None };
        let mut maker = PersonMaker::new(&words, &options, PersonId(0));
        let mut ids = std::collections::BTreeSet::new();
        let (mut all, mut old, mut floating) = (0.0, 0.0, 0.0);
        for room in 0..4_000 {
            for resident in maker.household(room).residents {
                let p = resident.person;
                let id_no = p.id_no.unwrap();
                if p.id_type == key::ID_CARD {
                    let facts = id_number::check(&id_no).expect("a valid check digit");
                    assert!(id_no.starts_with("00"));
                    assert_eq!(Some(facts.birth), p.birth_date);
                    assert_eq!(facts.is_male, p.sex == Some(key::MALE));
                }
                assert!(ids.insert(id_no), "an ID number twice");
                let years = age::years(p.birth_date.unwrap(), on).unwrap();
                all += 1.0;
                old += if years >= 60 { 1.0 } else { 0.0 };
                floating += if p.population_type == Some(key::FLOATING) { 1.0 } else { 0.0 };
                assert!(p.phone.is_none_or(|t| t.starts_with("140") && t.len() == 11));
            }
        }
        assert!((2.2..3.2).contains(&(all / 4_000.0)), "{}", all / 4_000.0);
        assert!((0.12..0.32).contains(&(old / all)), "{}", old / all);
        assert!((0.1..0.35).contains(&(floating / all)), "{}", floating / all);
        assert!(credit_code::is_valid(&maker.shop().uscc.unwrap()));
    }
}
