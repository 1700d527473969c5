//! Filters, figures and tables against brute force in SQL.

use std::collections::BTreeMap;

use geo::Intersects as _;
use menpai::derived::Vocabulary;
use menpai::domain::ids::{BuildingId, RoomId};
use menpai::geo::area::circle;
use menpai::geo::lon_lat;
use menpai::query::Census;
use menpai::query::figures::{By, FiguresRequest, Of, figures};
use menpai::query::filter::{
    Area, Class, Condition, Filter, FilterError, Span, Subject, buildings_touching, facets,
};
use menpai::query::table::{Scope, SortBy, TableKind, TableRequest, rows_of, sorted};
use menpai::store::{Connection, features};
use menpai::text::Lang;

use super::{NOW, Numbers, district, today};

/// What filters are made of, by chance, the same in every run.
struct Chance(Numbers);

impl Chance {
    fn below(&mut self, n: u64) -> u64 {
        self.0.below(n)
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    fn some(&mut self, of: &[String], most: u64) -> Vec<String> {
        let mut chosen: Vec<String> = Vec::new();
        for _ in 0..=self.below(most) {
            let word = of[self.below(of.len() as u64) as usize].clone();
            if !chosen.contains(&word) {
                chosen.push(word);
            }
        }
        chosen
    }
}

/// Words that filters are made of.
struct Words<'a> {
    conn: &'a Connection,
    tags: Vec<String>,
    lists: BTreeMap<&'static str, Vec<String>>,
    grids: Vec<String>,
    estates: Vec<String>,
    buildings: Vec<String>,
    events: Vec<String>,
}

const LISTS: [&str; 8] = [
    "sex",
    "population_type",
    "relation",
    "residency_role",
    "room_status",
    "room_kind",
    "org_kind",
    "event_category",
];

impl<'a> Words<'a> {
    fn of(conn: &'a Connection, v: &Vocabulary) -> Self {
        let texts = |sql: &str| -> Vec<String> {
            let mut select = conn.prepare(sql).unwrap();
            select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
        };
        let list = |of: &'static str| (of, v.lists.entries(of).map(|e| e.code.clone()).collect());
        Self {
            conn,
            tags: v.tags.iter().map(|t| t.code.clone()).collect(),
            lists: LISTS.map(list).into(),
            grids: texts("SELECT code FROM grid"),
            estates: texts("SELECT name FROM estate"),
            buildings: texts("SELECT code FROM building"),
            events: texts("SELECT no FROM event WHERE building_id IS NOT NULL"),
        }
    }

    fn filter(&self, chance: &mut Chance, depth: u64) -> Filter {
        let mut filter = Filter::default();
        // One to four conditions.
        for _ in 0..=chance.below(4) {
            let list = |chance: &mut Chance, of: &str| chance.some(&self.lists[of], 3);
            match chance.below(20) {
                0 => filter.any_tags = chance.some(&self.tags, 3),
                1 => filter.all_tags = chance.some(&self.tags, 2),
                2 => filter.no_tags = chance.some(&self.tags, 4),
                3 => {
                    let from = chance.below(90) as i16;
                    let to = from + chance.below(60) as i16;
                    filter.ages = Some(Span {
                        from: (!chance.one_in(4)).then_some(from),
                        to: (!chance.one_in(4)).then_some(to),
                    });
                }
                4 => filter.sexes = list(chance, "sex"),
                5 => filter.population_types = list(chance, "population_type"),
                6 => filter.relations = list(chance, "relation"),
                7 => filter.roles = list(chance, "residency_role"),
                8 | 9 => {
                    let class = Class::ALL[chance.below(8) as usize];
                    filter.classes = vec![class];
                }
                10 => filter.verified_before = Some(day(chance)),
                11 => filter.room_statuses = list(chance, "room_status"),
                12 => filter.room_kinds = list(chance, "room_kind"),
                13 => {
                    let from = chance.below(150) as f64;
                    filter.area_m2 = Some(Span::new(from, from + chance.below(60) as f64));
                }
                14 => filter.room_verified_before = Some(day(chance)),
                15 => filter.grids = chance.some(&self.grids, 2),
                16 => filter.estates = chance.some(&self.estates, 2),
                17 => filter.buildings = Some(chance.some(&self.buildings, 40)),
                18 => {
                    filter.areas = vec![self.area(chance)];
                }
                _ if chance.one_in(2) => filter.enterprise_kinds = list(chance, "org_kind"),
                _ => filter.open_events = list(chance, "event_category"),
            }
        }
        if depth > 0 && chance.one_in(3) {
            filter.inside.push(self.filter(chance, depth - 1));
        }
        if depth > 0 && chance.one_in(3) {
            filter.except.push(self.filter(chance, depth - 1));
        }
        filter
    }

    fn area(&self, chance: &mut Chance) -> Area {
        let radius_m = 20.0 + chance.below(400) as f64;
        let code = self.buildings[chance.below(self.buildings.len() as u64) as usize].clone();
        match chance.below(3) {
            0 if !self.events.is_empty() => {
                let no = self.events[chance.below(self.events.len() as u64) as usize].clone();
                Area::AroundEvent { no, radius_m }
            }
            _ => {
                let (lon, lat) = self
                    .conn
                    .query_row("SELECT lon, lat FROM building WHERE code = ?1", [code], |row| {
                        Ok((row.get(0)?, row.get(1)?))
                    })
                    .unwrap();
                Area::Around { lon, lat, radius_m }
            }
        }
    }

    fn keys(&self, list: &str, codes: &[String]) -> String {
        let key = |code: &String| -> String {
            let sql = "SELECT key FROM code WHERE list = ?1 AND code = ?2";
            let key: i64 = self.conn.query_row(sql, [list, code], |row| row.get(0)).unwrap();
            key.to_string()
        };
        codes.iter().map(key).collect::<Vec<_>>().join(",")
    }

    /// Buildings that touch an area, by looking at every one.
    fn buildings_in(&self, area: &Area) -> String {
        let shape = match area {
            Area::Around { lon, lat, radius_m } => circle(lon_lat(*lon, *lat), *radius_m),
            Area::AroundEvent { no, radius_m } => {
                let sql = "SELECT event_id FROM event WHERE no = ?1";
                let id: i64 = self.conn.query_row(sql, [no], |row| row.get(0)).unwrap();
                let point = features::event_point_of(self.conn, id.into()).unwrap().unwrap();
                circle(point.at, *radius_m)
            }
            _ => unreachable!(),
        };
        let all = features::footprints(self.conn).unwrap();
        let hit = (0..all.len()).filter(|f| all.outline(*f).intersects(&shape));
        hit.map(|f| all.id(f).to_string()).collect::<Vec<_>>().join(",")
    }

    /// A filter as a condition on `p`, `s`, `m`, `b`: person, residency, room, building.
    fn sql(&self, f: &Filter) -> String {
        let mut all = vec!["1".to_owned()];
        let quoted =
            |words: &[String]| words.iter().map(|w| format!("'{w}'")).collect::<Vec<_>>().join(",");
        let has = |words: &[String]| {
            format!(
                "EXISTS (SELECT 1 FROM person_tag t JOIN tag USING (tag_id)
                 WHERE t.person_id = p.person_id AND t.until IS NULL AND tag.code IN ({}))",
                quoted(words)
            )
        };
        if !f.any_tags.is_empty() {
            all.push(has(&f.any_tags));
        }
        all.extend(f.all_tags.iter().map(|tag| has(std::slice::from_ref(tag))));
        if !f.no_tags.is_empty() {
            all.push(format!("NOT {}", has(&f.no_tags)));
        }
        let years = |n: i16| format!("'{:04}-11-23'", 2026 - n);
        if let Some(ages) = f.ages {
            all.push("p.birth_date IS NOT NULL AND p.birth_date <= '2026-11-23'".to_owned());
            all.extend(ages.from.map(|n| format!("p.birth_date <= {}", years(n))));
            all.extend(ages.to.map(|n| format!("p.birth_date > {}", years(n + 1))));
        }
        for (list, column, words) in [
            ("sex", "p.sex", &f.sexes),
            ("population_type", "p.population_type", &f.population_types),
            ("relation", "s.relation", &f.relations),
            ("residency_role", "s.role", &f.roles),
            ("room_status", "m.status", &f.room_statuses),
            ("room_kind", "m.kind", &f.room_kinds),
        ] {
            if !words.is_empty() {
                all.push(format!("{column} IN ({})", self.keys(list, words)));
            }
        }
        let heads =
            "(SELECT count(DISTINCT x.person_id) FROM residency x JOIN person y USING (person_id)
             WHERE x.room_id = m.room_id AND x.end_date IS NULL AND y.deleted_at IS NULL)";
        for class in &f.classes {
            all.push(match class {
                Class::Alone => format!("{heads} = 1 AND p.birth_date <= {}", years(60)),
                Class::Over80 => format!("p.birth_date <= {}", years(80)),
                Class::MinorAlone => format!(
                    "p.birth_date > {0} AND NOT EXISTS (SELECT 1 FROM residency x
                       JOIN person y USING (person_id) WHERE x.room_id = m.room_id
                       AND x.end_date IS NULL AND y.deleted_at IS NULL
                       AND (y.birth_date IS NULL OR y.birth_date <= {0}))",
                    years(18)
                ),
                Class::RegisteredNotLiving => {
                    "p.population_type = 1 AND s.household_match = 2".to_owned()
                }
                Class::LivingNotRegistered => "p.population_type <> 1".to_owned(),
                Class::ReviewOverdue => "EXISTS (SELECT 1 FROM person_tag t
                     WHERE t.person_id = p.person_id AND t.until IS NULL
                     AND t.review_due < '2026-11-23')"
                    .to_owned(),
                Class::Crowded => format!("{heads} > 0 AND m.area_m2 < 5.0 * {heads}"),
                Class::Empty => format!("{heads} = 0"),
            });
        }
        let before = |column: &str, day: &jiff::civil::Date| {
            format!("({column} IS NULL OR date({column} + 28800, 'unixepoch') < '{day}')")
        };
        all.extend(f.verified_before.map(|day| before("p.verified_at", &day)));
        all.extend(f.room_verified_before.map(|day| before("m.verified_at", &day)));
        if let Some(area) = f.area_m2 {
            let (from, to) = (area.from.unwrap(), area.to.unwrap());
            all.push(format!("m.area_m2 BETWEEN {from} AND {to}"));
        }
        if !f.grids.is_empty() {
            let codes = quoted(&f.grids);
            all.push(format!("b.grid_id IN (SELECT grid_id FROM grid WHERE code IN ({codes}))"));
        }
        if !f.estates.is_empty() {
            let names = quoted(&f.estates);
            all.push(format!(
                "b.estate_id IN (SELECT estate_id FROM estate WHERE name IN ({names}))"
            ));
        }
        if let Some(codes) = &f.buildings {
            all.push(format!("b.code IN ({})", quoted(codes)));
        }
        for area in &f.areas {
            all.push(format!("b.building_id IN ({})", self.buildings_in(area)));
        }
        if !f.enterprise_kinds.is_empty() {
            let kinds = self.keys("org_kind", &f.enterprise_kinds);
            all.push(format!(
                "EXISTS (SELECT 1 FROM enterprise e WHERE e.building_id = b.building_id
                 AND e.deleted_at IS NULL AND e.kind IN ({kinds}))"
            ));
        }
        if !f.open_events.is_empty() {
            let categories = self.keys("event_category", &f.open_events);
            all.push(format!(
                "EXISTS (SELECT 1 FROM event e WHERE e.building_id = b.building_id
                 AND e.state NOT IN (3, 10) AND e.category IN ({categories}))"
            ));
        }
        all.extend(f.inside.iter().map(|f| self.sql(f)));
        all.extend(f.except.iter().map(|f| format!("NOT coalesce({}, 0)", self.sql(f))));
        format!("({})", all.join(" AND "))
    }
}

fn day(chance: &mut Chance) -> jiff::civil::Date {
    today().checked_sub(jiff::Span::new().days(chance.below(700) as i64)).unwrap()
}

const LIVING: &str = "FROM residency s JOIN person p USING (person_id) JOIN room m USING (room_id)
     JOIN building b USING (building_id)
     WHERE s.end_date IS NULL AND p.deleted_at IS NULL AND m.deleted_at IS NULL
       AND b.deleted_at IS NULL";
const ROOMS: &str = "FROM room m JOIN building b USING (building_id)
     WHERE m.deleted_at IS NULL AND b.deleted_at IS NULL";

/// Some facts that the generator leaves out: second homes, old reviews, verification, differences.
fn varied(conn: &Connection) {
    conn.execute_batch(
        "INSERT INTO residency (person_id, room_id, relation, role)
           SELECT person_id, (room_id * 7919) % (SELECT max(room_id) FROM room) + 1, 4, 2
           FROM residency WHERE person_id % 37 = 0 AND end_date IS NULL;
         INSERT INTO residency (person_id, room_id, relation, role)
           SELECT person_id, room_id + 1, 8, 9 FROM residency
           WHERE person_id % 41 = 0 AND end_date IS NULL
             AND room_id < (SELECT max(room_id) FROM room);
         UPDATE person_tag SET review_due = date('2026-11-23', (person_id % 400 - 200) || ' days')
           WHERE person_id % 3 = 0;
         UPDATE person SET verified_at = 1795406400 - person_id * 36000 WHERE person_id % 4 > 0;
         UPDATE room SET verified_at = 1795406400 - room_id * 86400 / 3 WHERE room_id % 5 > 0;
         UPDATE room SET area_m2 = NULL WHERE room_id % 11 = 0;
         UPDATE room SET area_m2 = 9 WHERE room_id % 13 = 0;
         UPDATE residency SET household_match = residency_id % 3 WHERE residency_id % 2 = 0;
         UPDATE residency SET household_match = NULL WHERE household_match = 0;
         UPDATE person SET birth_date = NULL WHERE person_id % 29 = 0;
         UPDATE person SET birth_date = '2024-02-29' WHERE person_id % 97 = 0;
         UPDATE residency SET end_date = '2026-01-01' WHERE residency_id % 23 = 0;",
    )
    .unwrap();
}

#[test]
fn a_thousand_filters_agree_with_sql() {
    let (folder, workspace) = district(150);
    drop(workspace);
    let conn = Connection::open(folder.path().join("w.gpkg")).unwrap();
    super::without_triggers(&conn);
    varied(&conn);
    let vocabulary = Vocabulary::read(&conn).unwrap();
    let census = Census::read(&conn, &vocabulary).unwrap();
    let words = Words::of(&conn, &vocabulary);
    assert!(!words.events.is_empty() && words.estates.len() > 1);
    let mut chance = Chance(Numbers(14));
    let (mut some, mut of_rooms) = (0, 0);
    for nth in 0..1_000 {
        let filter = words.filter(&mut chance, 2);
        let find = |area: &geo::MultiPolygon| buildings_touching(&conn, area);
        let condition = match Condition::of(&conn, &vocabulary, &filter, today(), &find) {
            Ok(condition) => condition,
            // A tag that must and must not be there.
            Err(FilterError::Wrong(_)) => continue,
            Err(error) => panic!("{}", error.message()),
        };
        let answer = census.focus(&condition);
        let condition_sql = words.sql(&filter);
        let (count, rows) = match answer.subject {
            Subject::Persons => ("DISTINCT p.person_id", LIVING),
            Subject::Rooms => ("DISTINCT m.room_id", ROOMS),
        };
        let mut select = conn
            .prepare(&format!(
                "SELECT b.building_id, count({count}) {rows} AND {condition_sql}
                 GROUP BY b.building_id ORDER BY b.building_id"
            ))
            .unwrap();
        let expected: Vec<(BuildingId, u32)> = select
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert_eq!(answer.buildings, expected, "{nth}: {}", filter.json());
        let sql = format!("SELECT DISTINCT m.room_id {rows} AND {condition_sql} ORDER BY 1");
        let mut select = conn.prepare(&sql).unwrap();
        let expected: Vec<RoomId> =
            select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        let mut rooms: Vec<RoomId> = census.rooms_of(&answer).collect();
        rooms.sort_unstable();
        assert_eq!(rooms, expected, "{nth}: {}", filter.json());
        if answer.subject == Subject::Persons {
            let sql = format!("SELECT count(DISTINCT p.person_id) {LIVING} AND {condition_sql}");
            let persons: i64 = conn.query_row(&sql, [], |row| row.get(0)).unwrap();
            assert_eq!(answer.persons as i64, persons, "{nth}: {}", filter.json());
            some += usize::from(persons > 0);
        } else {
            of_rooms += 1;
        }
        // One building by itself, and a filter read back from its file, say the same.
        if let Some((building_id, _)) = answer.buildings.first() {
            let (people, rooms) = census.in_building(&condition, *building_id);
            let here: Vec<RoomId> = census.rooms_of(&answer).take(rooms.len()).collect();
            assert_eq!(rooms, here, "{nth}");
            assert!(answer.subject == Subject::Rooms || !people.is_empty());
        }
        // Degrees come back to the last bit but one.
        if !filter.json().contains("lon") {
            assert_eq!(Filter::of_json(&filter.json()).unwrap(), filter);
        }
        assert!(!filter.sentence(&vocabulary, Lang::Zh).is_empty());
    }
    assert!(some > 300 && of_rooms > 30, "{some} with people, {of_rooms} of rooms");
}

#[test]
fn facets_count_what_each_choice_would_leave() {
    let (folder, workspace) = district(100);
    drop(workspace);
    let conn = Connection::open(folder.path().join("w.gpkg")).unwrap();
    super::without_triggers(&conn);
    varied(&conn);
    let v = Vocabulary::read(&conn).unwrap();
    let census = Census::read(&conn, &v).unwrap();
    let of = |filter: &Filter| census.focus(&super::condition(&conn, &v, filter)).persons;
    let base = Filter {
        ages: Some(Span { from: Some(40), to: None }),
        sexes: vec!["female".to_owned()],
        room_statuses: vec!["owner_occupied".to_owned(), "rented".to_owned()],
        ..Filter::default()
    };
    let counted = facets(&census, &super::condition(&conn, &v, &base), v.tags.len(), today());
    for (place, tag) in v.tags.iter().enumerate() {
        let chosen = Filter { any_tags: vec![tag.code.clone()], ..base.clone() };
        assert_eq!(counted.tags[place], of(&chosen), "{}", tag.code);
    }
    for (key, code) in [(1, "male"), (2, "female"), (0, "unknown")] {
        let chosen = Filter { sexes: vec![code.to_owned()], ..base.clone() };
        assert_eq!(counted.sexes[key], of(&chosen), "{code}");
    }
    for age in [0, 17, 40, 63, 88] {
        let chosen = Filter { ages: Some(Span::new(age, age)), ..base.clone() };
        assert_eq!(counted.ages[age as usize][2], of(&chosen), "{age}");
    }
    for entry in v.lists.entries("room_status") {
        let chosen = Filter { room_statuses: vec![entry.code.clone()], ..base.clone() };
        let answer = census.focus(&super::condition(&conn, &v, &chosen));
        let rooms = census.rooms_of(&answer).count() as u64;
        assert_eq!(counted.room_statuses[entry.key as usize], rooms, "{}", entry.code);
    }
    for (grid_id, count) in &counted.grids {
        let sql = "SELECT code FROM grid WHERE grid_id = ?1";
        let code: String = conn.query_row(sql, [grid_id], |row| row.get(0)).unwrap();
        assert_eq!(*count, of(&Filter { grids: vec![code], ..base.clone() }));
    }
    assert!(!counted.grids.is_empty());
}

#[test]
fn figures_agree_with_sql() {
    let (_folder, workspace) = district(100);
    let conn = workspace.reader().unwrap();
    let v = Vocabulary::read(&conn).unwrap();
    let census = Census::read(&conn, &v).unwrap();
    let one = |sql: &str| -> u64 {
        conn.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap().unsigned_abs()
    };
    let told = |of, filter: &Filter, by| {
        let condition = super::condition(&conn, &v, filter);
        let request = FiguresRequest {
            of,
            condition: &condition,
            by,
            from: None,
            to: None,
            today: today(),
            now: NOW,
            vocabulary: &v,
        };
        figures(&conn, &census, &request).unwrap()
    };
    let all = Filter::default();
    let persons = told(Of::Persons, &all, Some(By::Grid));
    assert_eq!(persons.total, one(&format!("SELECT count(DISTINCT p.person_id) {LIVING}")));
    assert_eq!(persons.counts["by_sex"].values().sum::<u64>(), persons.total);
    assert_eq!(persons.by_age.iter().map(|age| age.total).sum::<u64>(), persons.total);
    for group in &persons.groups {
        let condition = match &group.code {
            Some(code) => {
                format!("(SELECT code FROM grid g WHERE g.grid_id = b.grid_id) = '{code}'")
            }
            None => "b.grid_id IS NULL".to_owned(),
        };
        let sql = format!("SELECT count(DISTINCT p.person_id) {LIVING} AND {condition}");
        assert_eq!(group.total, one(&sql), "{group:?}");
    }
    // What is chosen is counted inside the choice, and not beside it.
    let women = told(Of::Persons, &Filter { sexes: vec!["female".into()], ..all.clone() }, None);
    assert_eq!(women.counts["by_sex"].keys().collect::<Vec<_>>(), ["female"]);
    assert_eq!(women.total, persons.counts["by_sex"]["female"]);
    let rooms = told(Of::Rooms, &all, Some(By::Estate));
    assert_eq!(rooms.total, one("SELECT count(*) FROM room"));
    assert_eq!(
        rooms.counts["by_status"]["vacant"],
        one("SELECT count(*) FROM room WHERE status = 3")
    );
    assert_eq!(rooms.groups.iter().map(|group| group.total).sum::<u64>(), rooms.total);
    let events = told(Of::Events, &all, Some(By::Building));
    assert_eq!(events.total, one("SELECT count(*) FROM event"));
    assert_eq!(
        events.sums["open"] as u64,
        one("SELECT count(*) FROM event WHERE state NOT IN (3,10)")
    );
    let fire = Filter { open_events: vec!["fire_hazard".into()], ..all.clone() };
    assert_eq!(
        told(Of::Events, &fire, None).total,
        one("SELECT count(*) FROM event WHERE state NOT IN (3, 10) AND category = 6")
    );
    let enterprises = told(Of::Enterprises, &all, None);
    assert_eq!(enterprises.total, one("SELECT count(*) FROM enterprise"));
    assert_eq!(enterprises.counts["by_kind"].values().sum::<u64>(), enterprises.total);
}

#[test]
fn tables_are_sorted_by_several_columns() {
    let (_folder, workspace) = district(60);
    let conn = workspace.reader().unwrap();
    let v = Vocabulary::read(&conn).unwrap();
    let kind = TableKind::Persons;
    let column = |key: &str| kind.columns().iter().find(|c| c.key == key).unwrap();
    let columns = [column("age"), column("sex"), column("room_no")];
    let request = TableRequest {
        kind,
        columns: &columns,
        scope: &Scope::All,
        vocabulary: &v,
        lang: Lang::En,
        is_coded: false,
        today: today(),
        is_open: false,
    };
    let by = [
        SortBy { column: column("age"), is_down: true },
        SortBy { column: column("room_no"), is_down: false },
    ];
    let ids = sorted(&conn, &request, &by).unwrap();
    let rows = rows_of(&conn, &request, &ids[..200]).unwrap();
    let ages: Vec<i64> = rows.iter().map(|(_, cells)| cells[0].text.parse().unwrap()).collect();
    assert!(ages.is_sorted_by(|a, b| a >= b) && ages[0] > 80, "{ages:?}");
    assert_eq!(rows.iter().map(|(id, _)| *id).collect::<Vec<_>>(), ids[..200]);
    for pair in rows.windows(2).filter(|pair| pair[0].1[0] == pair[1].1[0]) {
        let number = |row: &(i64, Vec<menpai::query::table::Cell>)| {
            menpai::domain::matrix::natural(&row.1[2].text)
        };
        let (a, b) = (number(&pair[0]), number(&pair[1]));
        assert!(a <= b || pair[1].1[2].text.is_empty());
    }
    // Rows without the cell come last either way.
    let none = ids.len() as i64;
    assert_eq!(
        none,
        conn.query_row("SELECT count(*) FROM person", [], |row| row.get::<_, i64>(0)).unwrap()
    );
}

#[test]
fn what_a_filter_cannot_mean_is_said() {
    let (_folder, workspace) = district(20);
    let conn = workspace.reader().unwrap();
    let v = Vocabulary::read(&conn).unwrap();
    let said = |json: &str| {
        let filter = Filter::of_json(json).unwrap();
        let find = |area: &geo::MultiPolygon| buildings_touching(&conn, area);
        Condition::of(&conn, &v, &filter, today(), &find).unwrap_err().message().text(Lang::En)
    };
    assert!(said(r#"{"any_tags":["no_such"]}"#).starts_with("no tag no_such; tags: low_income"));
    assert!(said(r#"{"all_tags":["low_income"],"no_tags":["低保"]}"#).contains("low_income"));
    assert!(said(r#"{"any_tags":["low_income"],"no_tags":["低保"]}"#).contains("low_income"));
    assert!(said(r#"{"ages":{"from":60,"to":20}}"#).contains("at least 60 and at most 20"));
    assert!(said(r#"{"grids":["nowhere"]}"#).contains("nowhere"));
    assert!(said(r#"{"estates":["nowhere"]}"#).contains("nowhere"));
    assert!(said(r#"{"room_statuses":["blue"]}"#).contains("vacant"));
    assert!(
        said(r#"{"areas":[{"around":{"lon":200.0,"lat":33.0,"radius_m":9.0}}]}"#).contains("200")
    );
    assert!(
        said(r#"{"areas":[{"around":{"lon":120.0,"lat":33.0,"radius_m":0.0}}]}"#).contains('0')
    );
    assert!(said(r#"{"areas":[{"shapes":[[[[0.0,0.0],[1.0,1.0]]]]}]}"#).contains("closed"));
    let mut deep = Filter { sexes: vec!["male".to_owned()], ..Filter::default() };
    for _ in 0..20 {
        deep = Filter { inside: vec![deep], ..Filter::default() };
    }
    assert!(said(&deep.json()).contains("too deep"));
}
