//! Counts many terms in many documents at once.
//!
//! Two halves: [`core`] is a plain Rust library that knows no Python; `bindings` (feature `python`) hands it
//! Python's documents and gives back NumPy arrays. Read [`core`] first.
//!
//! ```
//! use countgrid::core::{Documents, Match, Options, Plan, Run, Terms, Text, totals};
//!
//! let terms = Terms::each([("the", true), ("at", true)]);
//! let plan = Plan::new(terms, Options { rule: Match::Word, ignore_case: false, ..Options::default() }).unwrap();
//! let documents = Documents::from_texts([Some(Text::Str(b"the cat sat")), Some(Text::Str(b"the the")), None]);
//! let totals = totals(&plan, &documents, Run::default()).unwrap();
//! assert_eq!(totals.counts, [3, 0]);
//! assert_eq!(totals.documents, [2, 0]);
//! ```
#![deny(unsafe_code)]

#[cfg(feature = "python")]
mod bindings;
pub mod core;
