//! The core: documents and a plan go in, counts come out. It knows no Python.
//!
//! ```text
//! Documents ── batch ──> engine ── occurrences ──> tally ── blocks ──> dense, sparse, totals, find
//!     │                    │
//!     └──── tile ──── grid (workers) ──── Plan <── Forms <── Terms
//! ```
//!
//! Read in this order: [`text`], [`chunk`], [`documents`], [`batch`] (what is searched); [`runs`], [`glob`], [`terms`],
//! [`plan`], [`engine`] (what is looked for, and how); [`tally`], [`resolve`], [`tile`], [`grid`] (what counts, and who
//! does what); [`dense`], [`sparse`], [`totals`], [`find`] (what becomes of it).

pub mod batch;
pub mod cell;
pub mod chunk;
pub mod dense;
pub mod documents;
pub mod engine;
pub mod error;
pub mod find;
pub mod glob;
pub mod grid;
pub mod plan;
mod pool;
pub mod raw;
pub mod resolve;
pub mod runs;
pub mod simd;
pub mod sparse;
pub mod tally;
pub mod terms;
pub mod text;
pub mod tile;
pub mod totals;
pub mod unicode;

pub use cell::Cell;
pub use dense::dense;
pub use documents::Documents;
pub use error::CountError;
pub use find::{Matches, find};
pub use grid::Run;
pub use plan::{Engines, Options, Overlap, Plan, Syntax};
pub use runs::{Match, WordChars};
pub use sparse::{Csr, sparse};
pub use terms::Terms;
pub use text::Text;
pub use tile::Tiling;
pub use totals::{Totals, totals};
