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
pub mod crew;
pub mod dense;
pub mod documents;
pub mod engine;
pub mod error;
mod few;
pub mod find;
pub mod glob;
pub mod grid;
mod locate;
pub mod memory;
mod merge;
mod narrow;
mod packed;
mod pages;
pub mod plan;
mod pool;
pub mod raw;
pub mod resolve;
pub mod row;
pub mod runs;
mod secret;
pub mod simd;
pub mod sparse;
pub mod tally;
pub mod terms;
pub mod text;
pub mod tile;
pub mod totals;
pub mod transform;
pub mod unicode;
mod utf8;

pub use cell::Cell;
pub use changed::{Known, first_changed};
pub use crew::Run;
pub use dense::dense;
pub use documents::Documents;
pub use error::CountError;
pub use find::{Found, Places, find};
pub use plan::{Engines, Options, Overlap, Plan, Syntax};
pub use runs::{Match, WordChars};
pub use sparse::{Index, Sparse, sparse};
pub use terms::Terms;
pub use text::Text;
pub use tile::Tiling;
pub use totals::{Totals, totals};
