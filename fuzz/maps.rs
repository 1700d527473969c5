//! Files of footprints through the reading of an import: whatever they hold, they are read or refused.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use menpai::import::{Watch, read_buildings};

/// A panic of a library that is told as a broken file is no finding.
fn let_guarded_panics_be() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !menpai::import::is_guarded() {
                before(info);
            }
        }));
    });
}

/// Writes the files into a folder and reads the first.
pub fn read(files: &[(&str, &[u8])]) {
    let_guarded_panics_be();
    let folder = tempfile::tempdir_in("/dev/shm").unwrap();
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    let path: &Path = &folder.path().join(files[0].0);
    let cancel = AtomicBool::new(false);
    let watch = Watch { cancel: &cancel, progress: &|_, _| {}, found: &|_| {} };
    let _ = read_buildings(path, &watch);
}
