//! `menpai stats`: what a filter leaves, in figures.

use std::path::PathBuf;

use anyhow::Result;
use jiff::civil::Date;

use super::asked::{ask, not_found, say};
use super::filter::FilterArgs;
use super::{Context, parse_day};
use crate::msg;
use crate::query::Census;
use crate::query::figures::{By, Figures, FiguresRequest, Of, figures};
use crate::query::table::TableKind;
use crate::store::OpenMode;
use crate::text::thousands;

#[derive(clap::Args)]
#[command(after_help = "Examples:
  menpai stats my.gpkg --tag low_income --by grid
  menpai stats my.gpkg --of rooms --room-status vacant --by estate
  menpai stats my.gpkg --of events --from 2026-11-01 --to 2026-11-30 --format json")]
pub(super) struct Args {
    /// Workspace to ask
    workspace: PathBuf,
    /// What is counted: persons, rooms, enterprises or events
    #[arg(long, default_value = "persons", value_parser = ["persons", "rooms", "enterprises", "events"])]
    of: String,
    #[command(flatten)]
    filter: FilterArgs,
    /// Counts in each grid, estate or building as well
    #[arg(long, value_parser = ["grid", "estate", "building"])]
    by: Option<String>,
    /// Events reported from this day on
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    from: Option<Date>,
    /// Events reported up to this day
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    to: Option<Date>,
    /// text or json
    #[arg(long, default_value = "text", value_parser = ["text", "json"])]
    format: String,
}

pub(super) fn run(context: &Context, args: &Args) -> Result<()> {
    let of = Of::ALL.into_iter().find(|of| of.word() == args.of).unwrap_or(Of::Persons);
    let kind = match of {
        Of::Persons => TableKind::Persons,
        Of::Rooms => TableKind::Rooms,
        Of::Enterprises => TableKind::Enterprises,
        Of::Events => TableKind::Events,
    };
    if let (Some(from), Some(to)) = (args.from, args.to)
        && from > to
    {
        return Err(not_found(msg!(
            "no day lies between {} and {}",
            from.to_string(),
            to.to_string()
        )));
    }
    let asked = ask(context, &args.workspace, OpenMode::ReadOnly)?;
    let (_, condition) = args.filter.condition(context, &asked, kind)?;
    let census = Census::read(&asked.reader, &asked.vocabulary)?;
    let request = FiguresRequest {
        of,
        condition: &condition,
        by: args.by.as_deref().map(|by| match by {
            "grid" => By::Grid,
            "estate" => By::Estate,
            _ => By::Building,
        }),
        from: args.from,
        to: args.to,
        today: context.today,
        now: context.stamp.at,
        vocabulary: &asked.vocabulary,
    };
    let told = figures(&asked.reader, &census, &request)?;
    if args.format == "json" {
        let mut value = serde_json::to_value(&told)?;
        value["of"] = of.word().into();
        say(&serde_json::to_string_pretty(&value)?);
    } else {
        say(&text(of, &told));
    }
    Ok(())
}

fn text(of: Of, told: &Figures) -> String {
    let mut lines = vec![format!("{} {}", of.word(), thousands(told.total))];
    for (name, sum) in &told.sums {
        lines.push(format!("  {name} {}", thousands(*sum as u64)));
    }
    for (name, counts) in &told.counts {
        lines.push((*name).to_owned());
        lines.extend(counts.iter().map(|(code, n)| format!("  {code} {}", thousands(*n))));
    }
    lines.extend(told.by_month.iter().map(|(month, n)| format!("  {month} {}", thousands(*n))));
    for group in &told.groups {
        let code = group.code.as_deref().unwrap_or("–");
        let name = group.name.as_deref().unwrap_or_default();
        lines.push(format!("{code} {name} {}", thousands(group.total)));
    }
    lines.join("\n")
}
