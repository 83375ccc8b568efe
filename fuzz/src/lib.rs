//! Fuzz targets that compare answers: a byte string becomes documents, terms and options, and every engine must count
//! what the naive one counts.
//!
//! The same checks run under libFuzzer (`cargo fuzz run engines`, coverage-guided, with AddressSanitizer) and on the
//! stable toolchain with random bytes (`cargo run --release --bin random`). A difference is a panic that shows the input.
//!
//! | target | compares |
//! | --- | --- |
//! | [`engines`] | engines, tilings, results and memory layouts with the naive engine |
//! | [`regexes`] | regular expressions with the crate `regex`, tried at every position |
//! | [`layouts`] | documents whose offsets, views and indices may lie: no panic, no bad read |

#[path = "../../tests/core/common.rs"]
pub mod common;
pub mod engines;
pub mod input;
pub mod layouts;
pub mod regexes;

use std::sync::atomic::{AtomicU64, Ordering};

use arbitrary::Unstructured;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    Engines,
    Regexes,
    Layouts,
}

impl Target {
    pub const ALL: [Self; 3] = [Self::Engines, Self::Regexes, Self::Layouts];

    pub fn name(self) -> &'static str {
        match self {
            Self::Engines => "engines",
            Self::Regexes => "regexes",
            Self::Layouts => "layouts",
        }
    }
}

/// Cells compared, and inputs that were tried, by this process.
pub static CELLS: AtomicU64 = AtomicU64::new(0);
pub static INPUTS: AtomicU64 = AtomicU64::new(0);

/// After so many inputs the numbers are printed.
const REPORT: u64 = 1 << 17;

/// Checks what the bytes stand for; panics where two answers differ.
pub fn run(target: Target, data: &[u8]) {
    let mut source = Unstructured::new(data);
    let checked = match target {
        Target::Engines => engines::check(&mut source),
        Target::Regexes => regexes::check(&mut source),
        Target::Layouts => layouts::check(&mut source),
    };
    // Too few bytes for an input: nothing is compared.
    let cells = CELLS.fetch_add(checked.unwrap_or(0), Ordering::Relaxed);
    let inputs = INPUTS.fetch_add(1, Ordering::Relaxed) + 1;
    if inputs.is_multiple_of(REPORT) {
        eprintln!("{}: {inputs} inputs, {cells} cells compared", target.name());
    }
}
