//! Text lists through the whole import of persons: every row is accounted for.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../lists.rs"]
mod lists;

fuzz_target!(|bytes: &[u8]| lists::import(bytes, "f.csv"));
