//! `menpai synth`: made districts and people.

use crate::msg;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::{Context, open};
use crate::store::{OpenMode, Workspace};
use crate::synth::{self, PeopleOptions};
use crate::text::thousands;

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// A district: estates, streets, grids, devices, events
    City(CityArgs),
    /// Rooms, households, residents, tags and enterprises for any workspace
    People(PeopleArgs),
}

#[derive(clap::Args)]
#[command(after_help = "Examples:
  menpai synth city --buildings 400 --seed 1 --to city.gpkg
  menpai synth city --buildings 1000000 --export big/")]
struct CityArgs {
    /// How many buildings
    #[arg(long)]
    buildings: usize,
    /// Seed; the same seed and day make the same district
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Workspace to make
    #[arg(long, value_name = "WORKSPACE", required_unless_present = "export")]
    to: Option<PathBuf>,
    /// Write GeoJSON and CSV into this folder instead
    #[arg(long, value_name = "FOLDER")]
    export: Option<PathBuf>,
}

#[derive(clap::Args)]
#[command(after_help = "Examples:
  menpai synth people --into city.gpkg --seed 1
  menpai synth people --into tokyo.gpkg --persons 1000000")]
struct PeopleArgs {
    /// Workspace whose buildings get people
    #[arg(long, value_name = "WORKSPACE")]
    into: PathBuf,
    /// Seed; the same seed and day make the same people
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// About how many persons (default: what the floor area suggests)
    #[arg(long)]
    persons: Option<u64>,
    /// Write CSV into this folder instead
    #[arg(long, value_name = "FOLDER")]
    export: Option<PathBuf>,
}

pub(super) fn run(context: &Context, args: &Args) -> Result<()> {
    match &args.what {
        What::City(args) => city(context, args),
        What::People(args) => people(context, args),
    }
}

fn city(context: &Context, args: &CityArgs) -> Result<()> {
    const MOST_BUILDINGS: usize = 20_000_000;
    if args.buildings > MOST_BUILDINGS {
        bail!(msg!("at most {} buildings can be made at once", MOST_BUILDINGS));
    }
    let made = synth::city(args.buildings, args.seed, context.today);
    if let Some(folder) = &args.export {
        synth::write_city(&made, folder)?;
        told(context, made.buildings.len() as u64, folder);
        return Ok(());
    }
    let Some(path) = &args.to else {
        bail!(msg!("say where to: --to WORKSPACE or --export FOLDER"))
    };
    let passphrase = open::passphrase(context)?;
    let workspace = Workspace::create(path, passphrase.as_ref(), &context.stamp)?;
    synth::city::store_city(&workspace, &made, &context.stamp)?;
    told(context, made.buildings.len() as u64, path);
    Ok(())
}

fn told(context: &Context, buildings: u64, path: &Path) {
    let line = msg!("made {} buildings in {}", thousands(buildings), path.display());
    eprintln!("{}", super::for_terminal(&line.text(context.lang)));
}

fn people(context: &Context, args: &PeopleArgs) -> Result<()> {
    let options = PeopleOptions { seed: args.seed, on: context.today, persons: args.persons };
    let mode = if args.export.is_some() { OpenMode::ReadOnly } else { OpenMode::ReadWrite };
    let workspace = open::open(context, &args.into, mode)?;
    let totals = if let Some(folder) = &args.export {
        synth::write_people(&*workspace.reader()?, &options, folder)?
    } else {
        let bar = indicatif::ProgressBar::new(0);
        let made = synth::make_people(&workspace, &options, &context.stamp, |done, total| {
            bar.set_length(total as u64);
            bar.set_position(done as u64);
            Ok(())
        });
        bar.finish_and_clear();
        made?
    };
    let line = msg!(
        "made {} persons, {} rooms and {} enterprises in {} buildings",
        thousands(totals.persons),
        thousands(totals.rooms),
        thousands(totals.enterprises),
        thousands(totals.buildings)
    );
    eprintln!("{}", super::for_terminal(&line.text(context.lang)));
    Ok(())
}
