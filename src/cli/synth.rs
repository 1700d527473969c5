//! `menpai synth`: made districts and people.

use crate::msg;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use indicatif::{ProgressBar, ProgressStyle};

use super::{Context, open};
use crate::derived::{Vocabulary, kept};
use crate::store::{OpenMode, Workspace};
use crate::synth::{self, PeopleOptions, Progress};
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
  menpai synth people --into tokyo.gpkg --persons 1000000
  menpai synth people --into big.gpkg --rooms 31870000 --persons 20000000")]
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
    /// About how many rooms (default: what the persons need); with --persons, the rest stays empty
    #[arg(long)]
    rooms: Option<u64>,
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
    let options = PeopleOptions {
        seed: args.seed,
        on: context.today,
        persons: args.persons,
        rooms: args.rooms,
    };
    let mode = if args.export.is_some() { OpenMode::ReadOnly } else { OpenMode::ReadWrite };
    let workspace = open::open(context, &args.into, mode)?;
    let totals = if let Some(folder) = &args.export {
        synth::write_people(&*workspace.reader()?, &options, folder)?
    } else {
        let mut told = Told::new(context);
        let made = synth::make_people(&workspace, &options, &context.stamp, |progress| {
            told.tell(progress);
            Ok(())
        });
        told.finish();
        let made = made?;
        if made.rooms as usize >= kept::WORTH_KEEPING {
            let vocabulary = Vocabulary::read(&*workspace.reader()?)?;
            kept::make(&workspace, &vocabulary, &context.stamp)?;
        }
        made
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

/// Tells how far the making is: a bar in a terminal, elsewhere a line from time to time.
struct Told<'c> {
    context: &'c Context,
    bar: ProgressBar,
    next: Instant,
}

impl<'c> Told<'c> {
    /// Between two lines.
    const PAUSE: Duration = Duration::from_secs(10);

    fn new(context: &'c Context) -> Self {
        let bar = ProgressBar::new(0);
        bar.set_style(
            ProgressStyle::with_template("{bar:30} {percent:>3} % {human_pos}/{human_len} {eta}")
                .unwrap_or_else(|_| ProgressStyle::default_bar()),
        );
        Self { context, bar, next: Instant::now() + Self::PAUSE }
    }

    fn tell(&mut self, progress: Progress) {
        let (done, total) = match progress {
            Progress::Rooms(done, total) => (done, total),
            Progress::Indexes(done, total) => (done as u64, total as u64),
        };
        self.bar.set_length(total);
        self.bar.set_position(done);
        let is_index = matches!(progress, Progress::Indexes(..));
        if !self.bar.is_hidden() || (!is_index && Instant::now() < self.next) {
            return;
        }
        self.next = Instant::now() + Self::PAUSE;
        let line = if is_index {
            msg!("indexes: {} of {}", thousands(done + 1), thousands(total))
        } else {
            msg!("rooms: {} of about {}", thousands(done), thousands(total))
        };
        eprintln!("{}", super::for_terminal(&line.text(self.context.lang)));
    }

    fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
