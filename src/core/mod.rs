//! The core: documents and a plan go in, counts come out. It knows nothing about Python.
//!
//! Its folders are its layers. Each imports only from itself and from the layers before it in this list, and no files
//! import each other in a cycle. `tests/layers.py` reads the list and checks it.
//!
//! 1. [`base`]: errors, allocation failures, vector instructions, locks
//! 2. [`text`]: encodings, Unicode, case folding, accents, word boundaries
//! 3. [`documents`]: memory layouts, loading, batches
//! 4. [`terms`]: options, terms, globs, and the patterns that engines search for
//! 5. [`engines`]: ways to find all matches of many patterns, and the choice among them
//! 6. [`plan`]: terms compiled once, each pattern with the best engine for it
//! 7. [`counting`]: which matches count, in which columns
//! 8. [`schedule`]: tiles, workers, cancellation
//! 9. [`results`]: the dense matrix, the sparse matrix, totals, scores, matches
//! 10. [`learning`]: the documents' own words and n-grams, for callers without terms
//!
//! ```text
//! Documents ── batch ──> engine ── matches ──> counting ── rows ──> dense, sparse, totals, score, find
//!     │                    │
//!     └──── tile ──── grid (workers) ──── Plan <── PatternSet <── Terms
//! ```

pub mod base;
pub mod counting;
pub mod documents;
pub mod engines;
pub mod learning;
pub mod plan;
pub mod results;
pub mod schedule;
pub mod terms;
pub mod text;

// For users of the core. Files inside the core import from the file that defines a type.
pub use base::error::{CountError, InvalidTerm, TermError};
pub use documents::rows::Documents;
#[cfg(feature = "internals")]
pub use plan::Engines;
pub use plan::Plan;
pub use results::cell::Cell;
pub use results::check_matches::first_changed;
pub use results::costs::costs;
pub use results::dense::dense;
pub use results::find::{MatchColumns, find};
pub use results::grouped_totals::grouped_totals;
pub use results::score::score;
pub use results::sparse::{Index, Sparse, sparse};
pub use results::totals::{Totals, totals};
pub use schedule::run_options::RunOptions;
#[cfg(feature = "internals")]
pub use schedule::run_options::TileSizes;
pub use terms::list::Terms;
pub use terms::options::{Options, Overlap, Syntax};
pub use text::boundaries::{MatchMode, WordChars};
pub use text::encoding::Text;
