//! KML: the text of the document.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../maps.rs"]
mod maps;

fuzz_target!(|bytes: &[u8]| maps::read(&[("f.kml", bytes)]));
