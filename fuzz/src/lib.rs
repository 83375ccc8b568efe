//! Fuzz targets that compare results. Each makes documents, terms and options from bytes and checks the counts with
//! an independent implementation.
//!
//! The same checks run under libFuzzer (`cargo fuzz run engines`: guided by coverage, with AddressSanitizer) and on
//! the stable toolchain with random bytes (`cargo run --release --bin random`). A difference panics and prints the
//! input.
//!
//! | target | compares |
//! | --- | --- |
//! | [`engines`] | engines, tilings, results and memory layouts with the naive engine |
//! | [`regexes`] | regular expressions with the crate `regex`, tried at every position |
//! | [`layouts`] | results for documents with invalid offsets, views and indices: no panic, no read out of bounds |

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

/// Cells that this process compared, and inputs that it tried.
pub static CELLS: AtomicU64 = AtomicU64::new(0);
pub static INPUTS: AtomicU64 = AtomicU64::new(0);

/// Progress is printed after this many inputs.
const REPORT: u64 = 1 << 17;

/// Checks the input that the bytes encode. Panics if two results differ.
pub fn run(target: Target, data: &[u8]) {
    let mut source = Unstructured::new(data);
    let checked = match target {
        Target::Engines => engines::check(&mut source),
        Target::Regexes => regexes::check(&mut source),
        Target::Layouts => layouts::check(&mut source),
    };
    // An error means too few bytes for an input.
    let cells = CELLS.fetch_add(checked.unwrap_or(0), Ordering::Relaxed);
    let inputs = INPUTS.fetch_add(1, Ordering::Relaxed) + 1;
    if inputs.is_multiple_of(REPORT) {
        eprintln!("{}: {inputs} inputs, {cells} cells compared", target.name());
    }
}
