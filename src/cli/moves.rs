//! `menpai move`: who lives where.

use std::path::PathBuf;

use anyhow::Result;
use jiff::civil::Date;
use serde_json::json;

use super::asked::{ask, not_found, say};
use super::{Context, parse_day, records, staff};
use crate::domain::codes::list;
use crate::edit::living;
use crate::msg;
use crate::store::OpenMode;
use crate::store::living::MoveIn;
use crate::text::Message;

/// person_status: moved away
const MOVED_AWAY: i64 = 2;
/// person_status: deceased
const DEAD: i64 = 3;

#[derive(clap::Args)]
#[command(after_help = "Examples:
  menpai move my.gpkg 990101196203050023 --to B0042,2,501 --since 2026-11-01
  menpai move my.gpkg B0042,2,501,张桂英 --to B0043,1,302 --since 2026-11-01 --second-home
  menpai move my.gpkg 990101196203050023 --out --since 2026-11-20")]
pub(super) struct Args {
    /// Workspace
    workspace: PathBuf,
    /// Who: an ID number, a name, or CODE,UNIT,ROOM,NAME
    person: String,
    /// Where to
    #[arg(long, value_name = "CODE,UNIT,ROOM", required_unless_present_any = ["out", "deceased"])]
    to: Option<String>,
    /// First day there, or last day here (default: today)
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    since: Option<Date>,
    /// What they have stays their home too
    #[arg(long, requires = "to")]
    second_home: bool,
    /// Number of the household there
    #[arg(long, value_name = "NUMBER", requires = "to")]
    household: Option<String>,
    /// Relation to the head there, by code or label
    #[arg(long, value_name = "WORD", requires = "to")]
    relation: Option<String>,
    /// Role in the room there, by code or label
    #[arg(long, value_name = "WORD", requires = "to")]
    role: Option<String>,
    /// They have moved away
    #[arg(long, conflicts_with = "to")]
    out: bool,
    /// They have died
    #[arg(long, conflicts_with = "to")]
    deceased: bool,
    /// Only out of this room
    #[arg(long, value_name = "CODE,UNIT,ROOM", requires = "out")]
    from: Option<String>,
    /// text or json
    #[arg(long, default_value = "text", value_parser = ["text", "json"])]
    format: String,
}

pub(super) fn run(context: &Context, args: &Args) -> Result<()> {
    let asked = ask(context, &args.workspace, OpenMode::ReadWrite)?;
    staff::check_actor(context, &asked)?;
    let v = &asked.vocabulary;
    let person_id = records::person_of(&asked, &args.person)?;
    let since = args.since.unwrap_or(context.today);
    let key = |list: &str, text: &Option<String>| {
        text.as_ref().map(|text| super::event::key_of(v, list, text)).transpose()
    };
    let deed_id = match &args.to {
        Some(to) => {
            let to = MoveIn {
                room_id: records::room_of_text(&asked, to)?,
                since,
                household_no: args.household.clone(),
                relation: key(list::RELATION, &args.relation)?,
                role: key(list::RESIDENCY_ROLE, &args.role)?,
                is_second_home: args.second_home,
            };
            living::move_in(&asked.workspace, &context.stamp, person_id, &to)?
        }
        None => {
            let room_id =
                args.from.as_ref().map(|text| records::room_of_text(&asked, text)).transpose()?;
            let status = if args.deceased { DEAD } else { MOVED_AWAY };
            let what = (person_id, room_id);
            living::move_out(&asked.workspace, &context.stamp, what, (since, Some(status)))?
        }
    };
    if !deed_id.is_some() {
        return Err(not_found(Message::from("nothing was changed")));
    }
    if args.format == "json" {
        return super::print_json(context, &json!({ "deed": deed_id }));
    }
    say(&format!("{}\n", msg!("saved as deed {}", deed_id).text(context.lang)));
    Ok(())
}
