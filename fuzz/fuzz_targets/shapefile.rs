//! Shapefiles: the lengths of .shp and .shx (16 bits each), the two, and the rest as .dbf.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../maps.rs"]
mod maps;

fuzz_target!(|bytes: &[u8]| {
    let Some((lengths, rest)) = bytes.split_at_checked(4) else { return };
    let length = |at: usize| usize::from(u16::from_le_bytes([lengths[at], lengths[at + 1]]));
    let (shp, rest) = rest.split_at(length(0).min(rest.len()));
    let (shx, dbf) = rest.split_at(length(2).min(rest.len()));
    maps::read(&[("f.shp", shp), ("f.shx", shx), ("f.dbf", dbf)]);
});
