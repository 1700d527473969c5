//! Files of footprints through the reading of an import: whatever they hold, they are read or refused.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use menpai::import::{Watch, read_buildings};

/// Writes the files into a folder and reads the first.
pub fn read(files: &[(&str, &[u8])]) {
    let folder = tempfile::tempdir_in("/dev/shm").unwrap();
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    let path: &Path = &folder.path().join(files[0].0);
    let cancel = AtomicBool::new(false);
    let watch = Watch { cancel: &cancel, progress: &|_, _| {}, found: &|_| {} };
    let _ = read_buildings(path, &watch);
}
