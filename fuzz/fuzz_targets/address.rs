//! Addresses: never a panic, and the canonical print is read as itself.
#![no_main]

use libfuzzer_sys::fuzz_target;
use menpai::domain::address::{Match, canonical, parse};

fuzz_target!(|text: &str| {
    let read = parse(text);
    let printed = canonical(&read);
    // What is no address, or has marks in the middle of its names, may be cut differently the
    // second time.
    let is_plain = printed.chars().all(|c| c.is_alphanumeric() || "-、/".contains(c));
    if read.quality == Match::Full && !printed.is_empty() && is_plain {
        let again = canonical(&parse(&printed));
        assert_eq!(canonical(&parse(&again)), again, "{text:?} -> {printed:?} -> {again:?}");
    }
});
