//! `menpai bench`: how fast the map of a workspace is drawn on this machine, and how fast questions are
//! answered.

mod query;

use std::path::PathBuf;

use anyhow::Result;

use super::Context;

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Fly over the map without a window and tell how long the frames took
    Map(MapArgs),
    /// Ask the usual questions and tell how long the answers took
    Query(query::QueryArgs),
}

#[derive(clap::Args)]
#[command(after_help = "Examples:
  menpai bench map my.gpkg
  menpai bench map my.gpkg --gpu cpu --format json")]
struct MapArgs {
    /// Workspace to fly over, or GeoJSON buildings
    workspace: PathBuf,
    /// Size of the map (with --window, of the window) in pixels, such as 1600x1000
    #[arg(long, default_value = "1600x1000", value_parser = super::render::parse_size)]
    size: [u32; 2],
    /// Frames of each leg of the flight
    #[arg(long, default_value_t = 120, value_parser = clap::value_parser!(u32).range(5..=10_000))]
    frames: u32,
    /// Fly through the real window: whole frames, with everything around the map
    #[arg(long)]
    window: bool,
    /// text or json
    #[arg(long, default_value = "text", value_parser = ["text", "json"])]
    format: String,
    /// Which graphics driver draws the map: auto, vulkan, dx12, gl or cpu
    #[arg(long, default_value = "auto", value_parser = ["auto", "vulkan", "dx12", "gl", "cpu"])]
    gpu: String,
}

#[cfg(not(feature = "gui"))]
pub(super) fn run(context: &Context, args: &Args) -> Result<()> {
    let map = match &args.what {
        What::Query(args) => return query::run(context, args),
        What::Map(map) => map,
    };
    let _ = (&map.workspace, map.size, map.frames, map.window, &map.format, &map.gpu);
    anyhow::bail!(crate::msg!("this build draws no maps"))
}

#[cfg(feature = "gui")]
pub(super) fn run(context: &Context, args: &Args) -> Result<()> {
    let args = match &args.what {
        What::Query(args) => return query::run(context, args),
        What::Map(args) => args,
    };
    if args.window {
        return flight::fly_window(context, args);
    }
    let report = flight::fly(context, args)?;
    if args.format == "json" {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        report.print(context.lang);
    }
    Ok(())
}

#[cfg(feature = "gui")]
mod flight {
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    use super::MapArgs;
    use crate::cli::{Context, open};
    use crate::gpu::MapView;
    use crate::gpu::offscreen::OffscreenMap;
    use crate::gpu::setup::Backend;
    use crate::import::{Kind, Watch, read_buildings};
    use crate::map::style::{Colouring, Ramp};
    use crate::map::{Camera, Scene, flight};
    use crate::msg;
    use crate::query::{Census, Condition, Filter, Vocabulary};
    use crate::store::OpenMode;
    use crate::text::{Lang, Message, thousands, translated};
    use crate::ui::tokens;
    use anyhow::Result;

    /// Times of a leg, milliseconds.
    #[derive(serde::Serialize)]
    struct Leg {
        leg: &'static str,
        frames: usize,
        median_ms: f64,
        p99_ms: f64,
        max_ms: f64,
    }

    /// What is printed.
    #[derive(serde::Serialize)]
    pub(super) struct FlightReport {
        driver: String,
        size_px: [u32; 2],
        buildings: usize,
        persons: u64,
        /// From before the file is opened until the first full picture is complete.
        first_frame_ms: f64,
        scene_ms: f64,
        legs: Vec<Leg>,
        pick_us: f64,
        resident_mb: Option<f64>,
        peak_mb: Option<f64>,
        chunk_mb: f64,
    }

    impl FlightReport {
        pub(super) fn print(&self, lang: Lang) {
            let say = |text: &Message| println!("{}", text.text(lang));
            let count = |n: u64| thousands(n);
            println!("{} · {} × {}", self.driver, self.size_px[0], self.size_px[1]);
            say(&msg!(
                "{} buildings, {} persons; read in {} ms, first full frame after {} ms",
                count(self.buildings as u64),
                count(self.persons),
                format!("{:.0}", self.scene_ms),
                format!("{:.0}", self.first_frame_ms)
            ));
            print_legs(&self.legs, lang);
            let (pick, chunks) = (self.pick_us, self.chunk_mb);
            say(&msg!(
                "building under the pointer: {} µs; {} MB of outlines",
                format!("{:.2}", pick),
                format!("{:.1}", chunks)
            ));
            if let (Some(now), Some(peak)) = (self.resident_mb, self.peak_mb) {
                say(&msg!(
                    "memory: {} MB resident, {} MB at most",
                    format!("{:.0}", now),
                    format!("{:.0}", peak)
                ));
            }
        }
    }

    fn print_legs(legs: &[Leg], lang: Lang) {
        println!("{:>46} {:>12} {:>12}", "median", "p99", "max");
        for leg in legs {
            println!(
                "{:<4} {:>38.2} ms {:>9.2} ms {:>9.2} ms  {}",
                leg.frames,
                leg.median_ms,
                leg.p99_ms,
                leg.max_ms,
                translated(leg.leg, lang)
            );
        }
    }

    /// Draws a frame over the light ground.
    fn frame(map: &mut OffscreenMap, camera: Camera, to_the_end: bool) -> Duration {
        let ground = tokens::colours(false).ground.to_array();
        let view = MapView { camera, pixels_per_point: 1.0, ground, buildings: true, base: true };
        map.frame(&view, to_the_end)
    }

    fn ms(duration: Duration) -> f64 {
        duration.as_secs_f64() * 1e3
    }

    fn leg(leg: &'static str, mut times: Vec<Duration>) -> Leg {
        times.sort_unstable();
        let at = |part: f64| ms(times[((times.len() - 1) as f64 * part).round() as usize]);
        Leg { leg, frames: times.len(), median_ms: at(0.5), p99_ms: at(0.99), max_ms: at(1.0) }
    }

    /// Resident and peak memory, megabytes; `None` where the system does not say.
    fn memory_mb() -> (Option<f64>, Option<f64>) {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let field = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name))?;
            Some(line.split_whitespace().nth(1)?.parse::<f64>().ok()? / 1024.0)
        };
        (field("VmRSS:"), field("VmHWM:"))
    }

    pub(super) fn fly(context: &Context, args: &MapArgs) -> Result<FlightReport> {
        let backend = Backend::parse(&args.gpu).unwrap_or_default();
        let palette = tokens::map_palette(false, Ramp::Orange);
        let mut map = OffscreenMap::new(backend, None, (&palette, tokens::base_colours(false)))
            .map_err(|error| {
                anyhow::anyhow!(msg!("no graphics driver could be used: {}", error))
            })?;
        let start = Instant::now();
        let (scene, people, tags) = if Kind::guess(&args.workspace) == Some(Kind::Buildings) {
            let cancel = std::sync::atomic::AtomicBool::new(false);
            let watch = Watch { cancel: &cancel, progress: &|_, _| {}, found: &|_| {} };
            let buildings = read_buildings(&args.workspace, &watch)?;
            (Scene::of_buildings(buildings), None, Vec::new())
        } else {
            let workspace = open::open(context, &args.workspace, OpenMode::ReadOnly)?;
            let scene = Scene::read(&workspace)?;
            let reader = workspace.reader()?;
            let vocabulary = Vocabulary::read(&reader)?;
            let of_tag = |tag: &crate::derived::Tag| {
                let filter = Filter { any_tags: vec![tag.code.clone()], ..Filter::default() };
                let none = |_: &geo::MultiPolygon| Ok(Vec::new());
                Condition::of(&reader, &vocabulary, &filter, context.today, &none)
                    .map_err(|error| anyhow::anyhow!(error.message()))
            };
            let tags = vocabulary.tags.iter().take(8).map(of_tag).collect::<Result<Vec<_>>>()?;
            (scene, Some((workspace, vocabulary)), tags)
        };
        let scene = Arc::new(scene);
        let scene_ms = ms(start.elapsed());
        map.set_scene(scene.clone(), scene.states(&Colouring::Plain));
        let whole = flight::whole(&scene, args.size.map(f64::from));
        frame(&mut map, whole, false);
        let first_frame_ms = ms(start.elapsed());
        let people = match people {
            None => Census::default(),
            Some((workspace, vocabulary)) => Census::read(&*workspace.scanner()?, &vocabulary)?,
        };
        let mut legs = flight(&mut map, args, &scene);
        let recolour = tags.iter().map(|tag| {
            let start = Instant::now();
            let answer = people.focus(tag);
            map.set_states(scene.states(&Colouring::Focus(&answer.buildings)));
            frame(&mut map, whole, false);
            start.elapsed()
        });
        let recolour: Vec<Duration> = recolour.collect();
        if !recolour.is_empty() {
            legs.push(leg("focus change to frame, full extent", recolour));
        }
        let (resident_mb, peak_mb) = memory_mb();
        Ok(FlightReport {
            driver: map.driver(),
            size_px: args.size,
            buildings: scene.footprints().len(),
            persons: people.persons(),
            first_frame_ms,
            scene_ms,
            legs,
            pick_us: pick_us(&scene),
            resident_mb,
            peak_mb,
            chunk_mb: map.renderer.chunk_bytes() as f64 / 1e6,
        })
    }

    fn flight(map: &mut OffscreenMap, args: &MapArgs, scene: &Scene) -> Vec<Leg> {
        let mut legs = Vec::new();
        for part in flight::legs(scene, args.size.map(f64::from), args.frames) {
            let times = part.cameras.iter().map(|camera| frame(map, *camera, false)).collect();
            legs.push(leg(part.name, times));
            if part.name == "pan, 4 km"
                && let Some(camera) = part.cameras.last()
            {
                legs.push(leg("at rest, 4 km, complete", vec![frame(map, *camera, true)]));
            }
        }
        legs
    }

    /// Flies through the real window: whole frames, panels, labels and signs with them.
    pub(super) fn fly_window(context: &Context, args: &MapArgs) -> Result<()> {
        use crate::cli::window::{NO_DISPLAY, has_display};
        if !has_display() {
            anyhow::bail!(Message::from(NO_DISPLAY));
        }
        let log = crate::ui::map::flight::FlightLog::default();
        let options = crate::ui::StartOptions {
            workspace: Some(args.workspace.clone()),
            passphrase: open::passphrase(context)?,
            lang: context.given_lang,
            actor: context.stamp.actor.clone(),
            today: context.today,
            clock: || jiff::Timestamp::now().as_second(),
            backend: Backend::parse(&args.gpu).unwrap_or_default(),
            guard: None,
            flight: Some(crate::ui::map::flight::Plan {
                log: log.clone(),
                frames: args.frames,
                window: args.size.map(|px| px as f32),
            }),
        };
        crate::ui::run(options).map_err(|error| {
            anyhow::anyhow!(msg!("no graphics driver could be used: {}", error))
        })?;
        let times = log.lock().map(|mut log| std::mem::take(&mut *log)).unwrap_or_default();
        let legs: Vec<Leg> =
            times.into_iter().filter(|(_, t)| !t.is_empty()).map(|(n, t)| leg(n, t)).collect();
        if args.format == "json" {
            println!("{}", serde_json::to_string_pretty(&legs)?);
        } else {
            print_legs(&legs, context.lang);
            if let (Some(now), Some(peak)) = memory_mb() {
                let told = msg!(
                    "memory: {} MB resident, {} MB at most",
                    format!("{:.0}", now),
                    format!("{:.0}", peak)
                );
                println!("{}", told.text(context.lang));
            }
        }
        Ok(())
    }

    /// Microseconds a look-up of the building under the pointer takes, median of 4,096.
    fn pick_us(scene: &Scene) -> f64 {
        let count = scene.footprints().len();
        let mut times: Vec<Duration> = (0..4096)
            .map(|n| {
                let at = scene.label(n * 7919 % count.max(1)).at;
                let start = Instant::now();
                std::hint::black_box(scene.pick(at));
                start.elapsed()
            })
            .collect();
        times.sort_unstable();
        times[times.len() / 2].as_secs_f64() * 1e6
    }
}
