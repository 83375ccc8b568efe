//! Results: what callers get.
//!
//! | file | contains |
//! | --- | --- |
//! | [`dense`] | the count matrix, written to the caller's array |
//! | [`cell`] | the types of cells, and the error for counts that do not fit |
//! | [`sparse`] | the count matrix in CSR format |
//! | [`totals`] | one total for each column |
//! | [`grouped_totals`] | one total for each group of documents and each column |
//! | [`score`] | the count matrix times a matrix of weights |
//! | [`find`] | where terms match |
//! | [`check_matches`] | whether stored matches are still matches |
//! | [`costs`] | what each regular expression costs |
//! | [`count_blocks`] | the counts of all texts, if rows cannot be written immediately |

pub mod cell;
pub mod check_matches;
pub mod costs;
pub mod count_blocks;
pub mod dense;
pub mod find;
pub mod grouped_totals;
pub mod score;
pub mod sparse;
pub mod totals;
