//! The core: documents and a plan go in, counts come out. It knows no Python.
//!
//! ```text
//! Documents ── batch ──> engine ── occurrences ──> tally ── rows ──> dense, sparse, totals, find
//!     │                    │
//!     └──── tile ──── grid (workers) ──── Plan <── Forms <── Terms
//! ```
//!
//! Read in this order: [`text`], [`transform`], [`accents`], [`chunk`], [`documents`], [`narrow`], [`batch`] (what is searched); [`runs`], [`glob`], [`terms`],
//! [`plan`], [`engine`] (what is looked for, and how); [`row`], [`block`], [`tally`], [`resolve`] (what counts); [`tile`],
//! [`crew`], [`grid`] (who does what); [`memory`], [`caught`] (what fails); [`dense`], [`sparse`], [`totals`], [`find`] (what becomes of it).

pub mod accents;
mod apart;
pub mod batch;
pub mod block;
pub mod caught;
pub mod cell;
pub mod changed;
pub mod chunk;
mod collect;
pub mod counts;
pub mod crew;
pub mod dense;
pub mod documents;
pub mod engine;
pub mod error;
mod few;
pub mod find;
pub mod forms;
pub mod glob;
pub mod grid;
pub mod job;
pub mod load;
mod locate;
pub mod memory;
mod merge;
mod narrow;
pub mod options;
mod packed;
mod pages;
pub mod plan;
mod pool;
mod portions;
pub mod raw;
pub mod resolve;
pub mod row;
pub mod run;
pub mod runs;
mod secret;
pub mod simd;
pub mod sparse;
mod strings;
pub mod sync;
pub mod tally;
pub mod terms;
pub mod text;
pub mod texts;
pub mod tile;
pub mod totals;
pub mod transform;
pub mod unicode;
mod utf8;

pub use cell::Cell;
pub use changed::{Known, first_changed};
pub use dense::dense;
pub use documents::Documents;
pub use error::CountError;
pub use find::{Found, Places, find};
pub use options::{Options, Overlap, Syntax};
pub use plan::{Engines, Plan};
pub use run::{Run, Tiling};
pub use runs::{Match, WordChars};
pub use sparse::{Index, Sparse, sparse};
pub use terms::Terms;
pub use text::Text;
pub use totals::{Totals, totals};
