//! Addresses: never a panic, and the canonical print is read as itself.
#![no_main]

use libfuzzer_sys::fuzz_target;
use menpai::domain::address::{Match, canonical, parse};

fuzz_target!(|text: &str| {
    let read = parse(text);
    let printed = canonical(&read);
    // What is no address may be cut differently the second time.
    if read.quality == Match::Full && !printed.is_empty() {
        let again = canonical(&parse(&printed));
        assert_eq!(canonical(&parse(&again)), again, "{text:?} -> {printed:?} -> {again:?}");
    }
});
