#![doc = include_str!("../docs/rust.md")]
#![deny(unsafe_code)]
#![deny(missing_docs)]

#[cfg(feature = "python")]
mod bindings;
// To read the code, begin at `core/mod.rs`. The feature `internals` makes the core public, for the crate's own tests,
// benchmarks and fuzz targets. Without the binding, the parts of the core that only the binding uses are dead code.
#[cfg(feature = "internals")]
#[doc(hidden)]
pub mod core;
#[cfg(not(feature = "internals"))]
#[cfg_attr(not(feature = "python"), allow(dead_code, unused_imports))]
mod core;

mod facade;

pub use crate::core::base::error::{ChosenOption, CountError, InvalidTerm, TermError, TermLocation};
pub use crate::core::documents::rows::Documents;
pub use crate::core::plan::Plan;
pub use crate::core::results::cell::Cell;
pub use crate::core::results::find::{MatchColumns, MatchLists, Matches};
pub use crate::core::results::sparse::{Index, Sparse};
pub use crate::core::results::totals::Totals;
pub use crate::core::schedule::run_options::RunOptions;
pub use crate::core::terms::list::Terms;
pub use crate::core::terms::options::{Options, Overlap, Syntax};
pub use crate::core::text::boundaries::{MatchMode, WordChars};
pub use crate::core::text::encoding::{ByteOrder, Text};
pub use facade::{count, dense, find, sparse, totals};
