//! Footprints: whatever the file holds, every feature is read or told.
#![no_main]

use std::sync::atomic::AtomicBool;

use libfuzzer_sys::fuzz_target;
use menpai::import::{Watch, read_buildings};

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir_in("/dev/shm").unwrap();
    let path = folder.path().join("f.geojson");
    std::fs::write(&path, bytes).unwrap();
    let cancel = AtomicBool::new(false);
    let watch = Watch { cancel: &cancel, progress: &|_, _| {}, found: &|_| {} };
    let _ = read_buildings(&path, &watch);
});
