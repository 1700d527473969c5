//! Addresses: never a panic, and the canonical print is read as itself.
#![no_main]

use libfuzzer_sys::fuzz_target;
use menpai::domain::address::{canonical, parse};

fuzz_target!(|text: &str| {
    let read = parse(text);
    let printed = canonical(&read);
    if !printed.is_empty() {
        let again = canonical(&parse(&printed));
        assert_eq!(canonical(&parse(&again)), again, "{text:?} -> {printed:?} -> {again:?}");
    }
});
