//! Results: what callers get.
//!
//! | file | contains |
//! | --- | --- |
//! | [`dense`] | the count matrix, written to the array of the caller |
//! | [`cell`] | its types of cells; a count that does not fit is an error |
//! | [`sparse`] | the count matrix in CSR form |
//! | [`totals`] | a total for each column |
//! | [`find`] | where terms occur |
//! | [`check_matches`] | whether matches found before are still there |
//! | [`count_blocks`] | the counts of all texts, where rows cannot be written at once |

pub mod cell;
pub mod check_matches;
pub mod count_blocks;
pub mod dense;
pub mod find;
pub mod sparse;
pub mod totals;
