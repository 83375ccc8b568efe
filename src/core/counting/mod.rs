//! Counting: decides which matches count, and in which columns.
//!
//! | file | contains |
//! | --- | --- |
//! | [`row`] | the counts of one text, one for each column |
//! | [`small_row`] | the columns of a text's first matches, for plans with very many columns |
//! | [`several`] | the matches of patterns with many columns |
//! | [`sort`] | sorts short lists |
//! | [`runs`] | equal numbers next to each other in a sorted list |
//! | [`small_ints`] | integers that are nearly all small |
//! | [`count_block`] | the nonzero counts of several texts |
//! | [`batch_job`] | a batch to search |
//! | [`self_overlap`] | matches of one pattern that overlap each other |
//! | [`reducer`] | the traits for what workers do with matches, and for what takes rows |
//! | [`interleave`] | one text searched with several engines |
//! | [`compete`] | one text searched with several expressions that compete |
//! | [`resolve`] | matches that compete, or that share a column and a span |
//! | [`count_reducer`] | from matches to rows |

pub mod batch_job;
pub mod compete;
pub mod count_block;
pub mod count_reducer;
pub mod interleave;
pub mod reducer;
pub mod resolve;
pub mod row;
pub mod runs;
pub mod self_overlap;
pub mod several;
pub mod small_ints;
pub mod small_row;
pub mod sort;
