//! FlatGeobuf: the file as it is.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../maps.rs"]
mod maps;

fuzz_target!(|bytes: &[u8]| maps::read(&[("f.fgb", bytes)]));
