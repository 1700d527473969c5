//! `menpai work`: what waits for somebody.

use std::path::PathBuf;

use anyhow::Result;
use serde_json::{Map, json};

use super::asked::{ask, say};
use super::{Context, staff};
use crate::derived::kept;
use crate::domain::codes::list;
use crate::domain::workflow::clock::Clock;
use crate::msg;
use crate::query::event_json::state_word;
use crate::query::instant_text;
use crate::query::work::work;
use crate::store::visits::plans;
use crate::store::{OpenMode, events};
use crate::text::thousands;
use crate::text::workflow::{label, minute_text};

#[derive(clap::Args)]
#[command(after_help = "Examples:
  menpai work my.gpkg
  menpai work my.gpkg --as 王芳 --format json")]
pub(super) struct Args {
    /// Workspace
    workspace: PathBuf,
    /// Hand everything open that this person has in hand over to another one
    #[arg(long, value_name = "NAME", requires = "to")]
    hand_over: Option<String>,
    /// To whom
    #[arg(long, value_name = "NAME", requires = "hand_over")]
    to: Option<String>,
    /// text or json
    #[arg(long, default_value = "text", value_parser = ["text", "json"])]
    format: String,
}

pub(super) fn run(context: &Context, args: &Args) -> Result<()> {
    let writes = args.hand_over.is_some();
    let mode = if writes { OpenMode::ReadWrite } else { OpenMode::ReadOnly };
    let asked = ask(context, &args.workspace, mode)?;
    staff::check_actor(context, &asked)?;
    if let (Some(from), Some(to)) = (&args.hand_over, &args.to) {
        staff::check_name(context, &asked, to)?;
        let count = asked.workspace.write(&context.stamp, |tx| events::hand_over(tx, from, to))?;
        if args.format == "json" {
            return super::print_json(context, &json!({ "handed_over": count }));
        }
        let told = msg!("{} events were handed over to {}", count, to);
        say(&format!("{}\n", told.text(context.lang)));
        return Ok(());
    }
    let v = &asked.vocabulary;
    let has_plans = !plans(&asked.reader)?.is_empty();
    let census = has_plans.then(|| kept::census(&asked.reader, v)).transpose()?;
    let of = context.is_named.then_some(context.stamp.actor.name.as_str());
    let now = (context.stamp.at, context.today);
    let work = work(&asked.reader, (v, census.as_ref()), now, of)?;
    if args.format == "json" {
        let mut value = Map::new();
        for section in &work.events {
            let next: Vec<_> = section
                .next
                .iter()
                .map(|line| {
                    let due = line.next.as_ref().and_then(|clock| clock.due);
                    json!({ "no": line.no, "title": line.title, "state": state_word(line.state),
                            "handler": line.handler, "due": due.map(instant_text),
                            "minutes_left": line.next.as_ref().and_then(Clock::minutes_left) })
                })
                .collect();
            value.insert(section.word.to_owned(), json!({ "count": section.count, "next": next }));
        }
        let visits: Vec<_> = work
            .visits
            .iter()
            .map(|t| json!({ "plan": t.plan, "name": t.name.masked(), "due_on": t.due_on.to_string() }))
            .collect();
        value.insert("visits_due".to_owned(), json!({ "count": work.visits_due, "next": visits }));
        value.insert("visits_missed".to_owned(), json!({ "count": work.visits_missed }));
        value.insert("rows_waiting".to_owned(), json!({ "count": work.rows }));
        value.insert("tags_to_review".to_owned(), json!({ "count": work.tags }));
        return super::print_json(context, &value);
    }
    let mut text = String::new();
    let mut line = |word: &str, count: u64| {
        let name = label("work", word, context.lang);
        text += &format!("{name}  {}\n", thousands(count));
    };
    for section in &work.events {
        line(section.word, section.count);
    }
    line("visits_due", work.visits_due);
    line("visits_missed", work.visits_missed);
    line("rows_waiting", work.rows);
    line("tags_to_review", work.tags);
    for section in work.events.iter().filter(|s| matches!(s.word, "overdue" | "due_today")) {
        for event in &section.next {
            let due = event.next.as_ref().and_then(|c| c.due).map(minute_text).unwrap_or_default();
            let state = v.lists.label(list::EVENT_STATE, event.state, context.lang);
            text += &format!("  {due}  {}  {state}  {}\n", event.no, event.title);
        }
    }
    say(&text);
    Ok(())
}
