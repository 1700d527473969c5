//! `menpai bench query`: how fast questions of a workspace are answered on this machine, beside what
//! SQLite takes for the same in the same run.

use std::hint::black_box;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::json;

use crate::cli::asked::{ask, say};
use crate::cli::{Context, open};
use crate::derived::Totals;
use crate::derived::kept::Kept;
use crate::domain::ids::{BuildingId, RoomId};
use crate::query::filter::{Class, Condition, Filter, Span, buildings_touching, facets};
use crate::query::search::{Index, search_in};
use crate::query::{self, Census, Vocabulary};
use crate::store::{Connection, OpenMode};
use crate::text::translated;

#[derive(clap::Args)]
#[command(after_help = "Examples:
  menpai bench query my.gpkg
  menpai bench query my.gpkg --rounds 9 --format json")]
pub(super) struct QueryArgs {
    /// Workspace to ask
    workspace: PathBuf,
    /// How often each question is asked; the median is told
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    rounds: u32,
    /// text or json
    #[arg(long, default_value = "text", value_parser = ["text", "json"])]
    format: String,
}

/// Times of a question, milliseconds.
#[derive(serde::Serialize)]
struct Row {
    question: &'static str,
    median_ms: f64,
    worst_ms: f64,
    /// What SQLite takes for the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    sqlite_ms: Option<f64>,
}

fn timed(rounds: u32, mut ask: impl FnMut(usize)) -> Vec<Duration> {
    let round = |nth: usize| {
        let began = Instant::now();
        ask(nth);
        began.elapsed()
    };
    let mut times: Vec<Duration> = (0..rounds as usize).map(round).collect();
    times.sort_unstable();
    times
}

fn ms(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}

/// Which questions are asked, and their times.
struct Bench<'a> {
    rounds: u32,
    conn: &'a Connection,
    rows: Vec<Row>,
}

impl Bench<'_> {
    fn ask(&mut self, question: &'static str, sqlite: Option<&str>, ask: impl FnMut(usize)) {
        let times = timed(self.rounds, ask);
        let sqlite_ms = sqlite.map(|sql| {
            let all = |_| {
                let Ok(mut select) = self.conn.prepare_cached(sql) else { return };
                let Ok(mut rows) = select.query([]) else { return };
                while let Ok(Some(row)) = rows.next() {
                    let _ = black_box(row.get_ref(0));
                }
            };
            ms(timed(self.rounds, all)[self.rounds as usize / 2])
        });
        self.rows.push(Row {
            question,
            median_ms: ms(times[times.len() / 2]),
            worst_ms: ms(times[times.len() - 1]),
            sqlite_ms,
        });
    }
}

pub(super) fn run(context: &Context, args: &QueryArgs) -> Result<()> {
    let began = Instant::now();
    let asked = ask(context, &args.workspace, OpenMode::ReadOnly)?;
    let opened = began.elapsed();
    let (conn, v) = (&asked.reader, &asked.vocabulary);
    let counts = Totals::read(conn)?.counts;
    let mut bench = Bench { rounds: args.rounds, conn, rows: Vec::new() };
    bench.rows.push(Row {
        question: "open",
        median_ms: ms(opened),
        worst_ms: ms(opened),
        sqlite_ms: None,
    });
    bench.ask("totals", None, |_| drop(black_box(Totals::read(conn))));
    let mut census = Census::default();
    let scanner = open::open(context, &args.workspace, OpenMode::ReadOnly)?.scanner()?;
    bench.ask("rooms and residents read", None, |_| {
        if let Ok(read) = Census::read(&scanner, v) {
            census = read;
        }
    });
    drop(scanner);
    if let Some(mut loaded) = kept_census(conn, v)? {
        bench.ask("rooms and residents as they are kept", None, |_| {
            if let Ok(Some(census)) = kept_census(conn, v) {
                loaded = census;
            }
        });
        bench.ask("totals as they are kept", None, |_| {
            drop(black_box(Kept::find(conn, v).map(|kept| kept.map(|kept| kept.totals(conn)))));
        });
        census = loaded;
    }
    filters(&mut bench, context, conn, v, &census)?;
    let mut index = Index::default();
    let scanner = asked.workspace.scanner()?;
    bench.ask("what searches look through read", None, |_| {
        if let Ok(read) = Index::read(&scanner) {
            index = read;
        }
    });
    drop(scanner);
    cards(&mut bench, context, conn, v, &index)?;
    let megabytes = (census.bytes() as f64 / 1e5).round() / 10.0;
    let words = (index.bytes() as f64 / 1e5).round() / 10.0;
    let a_resident = census.bytes() as f64 / census.persons().max(1) as f64;
    if args.format == "json" {
        let told = json!({
            "buildings": counts.buildings,
            "rooms": counts.rooms,
            "persons": counts.persons,
            "encrypted": asked.workspace.is_encrypted(),
            "memory_mb": megabytes,
            "search_mb": words,
            "bytes_a_resident": (a_resident * 10.0).round() / 10.0,
            "questions": bench.rows,
        });
        say(&serde_json::to_string_pretty(&told)?);
        return Ok(());
    }
    for row in &bench.rows {
        let question = translated(row.question, context.lang);
        print!("{question:<44}{:>9.2} ms", row.median_ms);
        if let Some(sqlite) = row.sqlite_ms {
            print!("\tSQLite\t{sqlite:.1}\t{:.3}", row.median_ms / sqlite.max(1e-3));
        }
        println!();
    }
    println!("{megabytes} + {words} MB, {a_resident:.1} B");
    Ok(())
}

fn kept_census(conn: &Connection, v: &Vocabulary) -> Result<Option<Census>> {
    let Some(kept) = Kept::find(conn, v)? else { return Ok(None) };
    Ok(kept.census(conn, v)?)
}

fn condition(
    context: &Context,
    conn: &Connection,
    v: &Vocabulary,
    filter: &Filter,
) -> Result<Condition> {
    let find = |area: &geo::MultiPolygon| buildings_touching(conn, area);
    Condition::of(conn, v, filter, context.today, &find)
        .map_err(|error| anyhow::anyhow!(error.message()))
}

fn filters(
    bench: &mut Bench<'_>,
    context: &Context,
    conn: &Connection,
    v: &Vocabulary,
    census: &Census,
) -> Result<()> {
    let code = |at: usize| v.tags.get(at).map(|tag| tag.code.clone());
    let of_tag = |at: usize| {
        let filter = Filter { any_tags: code(at).into_iter().collect(), ..Filter::default() };
        condition(context, conn, v, &filter)
    };
    let tags = (0..v.tags.len().min(12)).map(of_tag).collect::<Result<Vec<_>>>()?;
    let one = v.tags.get(4).or(v.tags.first()).map_or_else(String::new, |tag| {
        format!(
            "SELECT m.building_id, count(DISTINCT t.person_id) FROM person_tag t
               JOIN residency s ON s.person_id = t.person_id AND s.end_date IS NULL
               JOIN room m ON m.room_id = s.room_id
             WHERE t.tag_id = {} AND t.until IS NULL GROUP BY m.building_id",
            tag.tag_id
        )
    });
    if !tags.is_empty() {
        bench.ask("one tag, counts per building", Some(&one), |nth| {
            drop(black_box(census.focus(&tags[nth % tags.len()])));
        });
    }
    let filter = Filter {
        any_tags: (0..3).filter_map(code).collect(),
        no_tags: code(5).into_iter().collect(),
        ages: Some(Span { from: Some(60), to: Some(90) }),
        sexes: vec!["female".to_owned()],
        population_types: vec!["registered".to_owned(), "floating".to_owned()],
        relations: vec!["head".to_owned(), "spouse".to_owned(), "parent".to_owned()],
        room_statuses: vec!["owner_occupied".to_owned(), "rented".to_owned()],
        room_verified_before: Some(context.today),
        ..Filter::default()
    };
    let compound = condition(context, conn, v, &filter)?;
    bench.ask("compound filter", None, |_| drop(black_box(census.focus(&compound))));
    let broad = Filter { classes: vec![Class::LivingNotRegistered], ..Filter::default() };
    let broad = condition(context, conn, v, &broad)?;
    bench.ask("filter that most pass by", None, |_| drop(black_box(census.focus(&broad))));
    let all = Condition::default();
    bench.ask("everybody, counts per building", None, |_| drop(black_box(census.focus(&all))));
    bench.ask("facet counts under a compound filter", None, |_| {
        drop(black_box(facets(census, &compound, v.tags.len(), context.today)));
    });
    bench.ask("facet counts of everybody", None, |_| {
        drop(black_box(facets(census, &all, v.tags.len(), context.today)));
    });
    Ok(())
}

fn cards(
    bench: &mut Bench<'_>,
    context: &Context,
    conn: &Connection,
    v: &Vocabulary,
    index: &Index,
) -> Result<()> {
    let today = context.today;
    let search = |text: &str| drop(black_box(search_in(index, conn, v, text, today)));
    let name: Option<(String, Option<String>, Option<String>)> = conn
        .query_row(
            "SELECT name, id_no, phone FROM person WHERE id_no IS NOT NULL AND phone IS NOT NULL
             LIMIT 1",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .ok();
    if let Some((name, Some(id_no), Some(phone))) = &name {
        let like = |text: &str| {
            let text = text.replace('\'', "''");
            format!("SELECT person_id FROM person WHERE name LIKE '%{text}%' LIMIT 50")
        };
        let last: String = name.chars().skip(1).collect();
        bench.ask("search: part of a name", Some(&like(&last)), |_| search(&last));
        let first: String = name.chars().take(1).collect();
        bench.ask("search: one sign", Some(&like(&first)), |_| search(&first));
        bench.ask("search: a word that nobody has", Some(&like("龘龘")), |_| search("龘龘"));
        bench.ask("search: initials", None, |_| search("zgy"));
        bench.ask("search: pinyin", None, |_| search("zhangguiy"));
        bench.ask("search: given name in pinyin", None, |_| search("guiying"));
        bench.ask("search: one letter", None, |_| search("z"));
        bench.ask("search: letters that nobody has", None, |_| search("qqxzj"));
        let exact = format!(
            "SELECT person_id FROM person WHERE id_no = '{id_no}'
               AND deleted_at IS NULL"
        );
        bench.ask("search: whole ID number", Some(&exact), |_| search(id_no));
        let exact = format!("SELECT person_id FROM person WHERE phone = '{phone}'");
        bench.ask("search: whole phone number", Some(&exact), |_| search(phone));
        let end: String = id_no.chars().skip(id_no.chars().count().saturating_sub(4)).collect();
        let like = format!("SELECT person_id FROM person WHERE id_no LIKE '%{end}' LIMIT 50");
        bench.ask("search: last four of an ID number", Some(&like), |_| search(&end));
    }
    let some = |sql: &str| -> Result<Vec<i64>> {
        let mut select = conn.prepare(sql)?;
        let ids = select.query_map([], |row| row.get(0))?;
        Ok(ids.collect::<std::result::Result<_, _>>()?)
    };
    let buildings = some("SELECT building_id FROM building ORDER BY building_id % 97 LIMIT 200")?;
    if !buildings.is_empty() {
        bench.ask("overview of a building", None, |nth| {
            let id = BuildingId(buildings[nth * 7 % buildings.len()]);
            drop(black_box(query::overview(conn, v, id)));
        });
    }
    let rooms = some("SELECT room_id FROM room WHERE room_id % 911 = 1 LIMIT 200")?;
    if !rooms.is_empty() {
        bench.ask("household card", None, |nth| {
            let id = RoomId(rooms[nth * 7 % rooms.len()]);
            drop(black_box(query::household(conn, v, id, today)));
        });
    }
    Ok(())
}
