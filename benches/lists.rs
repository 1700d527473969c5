//! The parts of reading lists: `cargo bench --bench lists`.
//!
//! `addresses` reads the collected cases; `copy` only copies the same text, the physical limit.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use menpai::domain::address::parse;

fn main() {
    divan::main();
}

fn cases() -> Vec<String> {
    let file: serde_json::Value =
        serde_json::from_str(include_str!("../tests/data/addresses.json")).unwrap();
    let cases = file["cases"].as_array().unwrap();
    cases.iter().map(|case| case["input"].as_str().unwrap().to_owned()).collect()
}

#[divan::bench]
fn addresses(bencher: Bencher<'_, '_>) {
    let cases = cases();
    bencher.counter(ItemsCount::new(cases.len())).bench(|| {
        for case in &cases {
            black_box(parse(black_box(case)));
        }
    });
}

#[divan::bench]
fn copy(bencher: Bencher<'_, '_>) {
    let cases = cases();
    bencher.counter(ItemsCount::new(cases.len())).bench(|| {
        for case in &cases {
            black_box(black_box(case).clone());
        }
    });
}
