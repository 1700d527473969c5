//! Addresses: never a panic, not in the reading, not in its print, not in the reading of that. That
//! the print of an address is read as itself is a property test, on texts that are addresses.
#![no_main]

use libfuzzer_sys::fuzz_target;
use menpai::domain::address::{canonical, parse};

fuzz_target!(|text: &str| {
    let printed = canonical(&parse(text));
    let _ = canonical(&parse(&printed));
});
