//! `menpai make-rooms`: rooms of houses from units × floors × doors.

use crate::domain::ids::BuildingId;
use crate::msg;
use crate::text::Message;
use std::path::PathBuf;

use anyhow::Result;

use super::{Context, NotFound, open};
use crate::domain::room_plan::RoomPlan;
use crate::import::kinds::make_rooms;
use crate::store::{OpenMode, Reader, lookup};
use crate::text::thousands;

#[derive(clap::Args)]
#[command(after_help = "Examples:
  menpai make-rooms my.gpkg --building B0042 --units 2 --floors 1-6 --doors 2
  menpai make-rooms my.gpkg --estate 橡树湾 --units 2 --doors 01-04 --dry-run")]
pub(super) struct Args {
    /// Workspace
    workspace: PathBuf,
    /// Code of a building; may be given several times
    #[arg(long, value_name = "CODE", required_unless_present = "estate")]
    building: Vec<String>,
    /// All buildings of this estate
    #[arg(long, value_name = "NAME", conflicts_with = "building")]
    estate: Option<String>,
    /// Units: 2 (how many), or names such as 甲,乙; left out for houses without
    #[arg(long, value_name = "UNITS", default_value = "")]
    units: String,
    /// Floors: 6 (how many), or B1,1-3,3A,5-18; left out for as many as each building has
    #[arg(long, value_name = "FLOORS", default_value = "", allow_hyphen_values = true)]
    floors: String,
    /// Doors of a floor and unit: 2 (how many), 01-04 or A-C
    #[arg(long, value_name = "DOORS")]
    doors: String,
    /// Doors are counted on from unit to unit: unit 2 begins with 03
    #[arg(long)]
    count_on: bool,
    /// Tell what would happen and write nothing
    #[arg(long)]
    dry_run: bool,
    /// text or json
    #[arg(long, default_value = "text", value_parser = ["text", "json"])]
    format: String,
}

pub(super) fn run(context: &Context, args: &Args) -> Result<()> {
    let plan = RoomPlan::parse(&args.units, &args.floors, &args.doors, args.count_on)?;
    let mode = if args.dry_run { OpenMode::ReadOnly } else { OpenMode::ReadWrite };
    let workspace = open::open(context, &args.workspace, mode)?;
    let reader = workspace.reader()?;
    let buildings = buildings(&reader, args)?;
    let made = if args.dry_run {
        make_rooms::preview(&reader, &plan, &buildings)?
    } else {
        make_rooms::make(&workspace, &context.stamp, &plan, &buildings)?
    };
    if args.format == "json" {
        println!("{}", serde_json::to_string_pretty(&made)?);
        return Ok(());
    }
    let tell = |line: &Message| println!("{}", super::for_terminal(&line.text(context.lang)));
    tell(&msg!(
        "{} rooms are made in {} buildings; {} of the plan are there already",
        thousands(made.added),
        thousands(made.buildings),
        thousands(made.known)
    ));
    if !made.sample.is_empty() {
        println!("  {}", super::for_terminal(&made.sample.join(" ")));
    }
    if made.left_out_count > 0 {
        tell(&msg!("{} buildings get none:", thousands(made.left_out_count)));
    }
    for (title, why) in &made.left_out {
        println!("  {}: {}", super::for_terminal(title), why.text(context.lang));
    }
    if args.dry_run {
        tell(&"nothing was written (--dry-run)".into());
    }
    Ok(())
}

fn buildings(reader: &Reader, args: &Args) -> Result<Vec<BuildingId>> {
    if let Some(estate) = &args.estate {
        let found = lookup::buildings_of_estate(reader, estate)?;
        if found.is_empty() {
            return Err(NotFound(msg!("no building belongs to an estate {}", estate)).into());
        }
        return Ok(found);
    }
    let find = |code: &String| match lookup::building_id(reader, code)? {
        Some(id) => Ok(id),
        None => Err(NotFound(msg!("no building has the code {}", code)).into()),
    };
    args.building.iter().map(find).collect()
}
