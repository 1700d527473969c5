//! The bundled sample: Xindu sub-district, four estates, all synthetic.

use crate::text::Message;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use jiff::civil::Date;

use super::sample_work;
use crate::access::Stamp;
use crate::import::{self, Kind, Request, Watch};
use crate::store::Workspace;

/// The sample's files, in the order in which they are imported.
const FILES: [(Kind, &str, &[u8]); 8] = [
    (Kind::Buildings, "buildings.geojson", include_bytes!("../../data/sample/buildings.geojson")),
    (Kind::Grids, "grids.geojson", include_bytes!("../../data/sample/grids.geojson")),
    (Kind::Rooms, "rooms.csv", include_bytes!("../../data/sample/rooms.csv")),
    (Kind::Persons, "persons.csv", include_bytes!("../../data/sample/persons.csv")),
    (Kind::Enterprises, "enterprises.csv", include_bytes!("../../data/sample/enterprises.csv")),
    (Kind::Events, "events.csv", include_bytes!("../../data/sample/events.csv")),
    (Kind::Devices, "devices.csv", include_bytes!("../../data/sample/devices.csv")),
    (Kind::Basemap, "basemap.geojson", include_bytes!("../../data/sample/basemap.geojson")),
];

/// Where the sample's workspace lies: the user's data folder.
///
/// # Errors
/// A sentence when there is no home folder.
pub fn path() -> Result<PathBuf, Message> {
    use etcetera::BaseStrategy as _;
    let base = etcetera::choose_base_strategy().map_err(Message::of)?;
    Ok(base.data_dir().join("menpai").join("sample.gpkg"))
}

/// Makes the sample's workspace. Half-made files are removed.
///
/// # Errors
/// A sentence that says what failed.
pub fn create(
    at: &Path,
    stamp: &Stamp,
    today: Date,
    cancel: &AtomicBool,
    progress: &(dyn Fn(f32) + Sync),
) -> Result<(), Message> {
    let folder = at.parent().ok_or("the sample has no folder")?;
    std::fs::create_dir_all(folder)
        .map_err(|e| Message::verbatim(format!("{}: {e}", folder.display())))?;
    let partial = at.with_extension(format!("{}.partial", std::process::id()));
    let made = fill(&partial, stamp, today, cancel, progress)
        .and_then(|()| std::fs::rename(&partial, at).map_err(Message::of));
    if made.is_err() {
        let _ = std::fs::remove_file(&partial);
    }
    made
}

fn fill(
    at: &Path,
    stamp: &Stamp,
    today: Date,
    cancel: &AtomicBool,
    progress: &(dyn Fn(f32) + Sync),
) -> Result<(), Message> {
    let workspace = Workspace::create(at, None, stamp).map_err(|e| e.message())?;
    let source = at.with_extension("source");
    std::fs::create_dir_all(&source).map_err(Message::of)?;
    let imported = FILES.iter().enumerate().try_for_each(|(done, (kind, name, bytes))| {
        progress(done as f32 / FILES.len() as f32);
        let path = source.join(name);
        std::fs::write(&path, bytes).map_err(Message::of)?;
        let request = Request::new(*kind, path, today);
        let watch = Watch { cancel, progress: &|_, _| {}, found: &|_| {} };
        import::run(&workspace, &request, stamp, &watch).map(|_| ()).map_err(|e| e.message())
    });
    let _ = std::fs::remove_dir_all(&source);
    imported?;
    sample_work::add(&workspace, stamp, today).map_err(|e| e.message())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Actor;

    #[test]
    fn the_sample_imports_whole() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path().join("sample.gpkg");
        let stamp = Stamp { actor: Actor::new("test"), at: 1_790_000_000 };
        create(&at, &stamp, jiff::civil::date(2026, 11, 23), &AtomicBool::new(false), &|_| {})
            .unwrap();
        let workspace = Workspace::open(&at, None, crate::store::OpenMode::ReadOnly).unwrap();
        let totals = crate::derived::Totals::read(&workspace.reader().unwrap()).unwrap().counts;
        assert_eq!(totals.buildings, 400);
        assert!((11_000..13_000).contains(&totals.persons), "{totals:?}");
        drop(workspace);
        let _ = Workspace::open(&at, None, crate::store::OpenMode::ReadWrite).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left over");
    }
}
