//! Counting: which of the occurrences that engines find count, and in which columns.
//!
//! | file | contains |
//! | --- | --- |
//! | [`row`] | a count for each column, of one text |
//! | [`small_row`] | the first occurrences of a text, where there are very many columns |
//! | [`count_block`] | the nonzero counts of many texts |
//! | [`batch_job`] | a batch to be searched; occurrences of one form that overlap each other |
//! | [`reducer`] | what workers make of occurrences, and where rows go |
//! | [`interleave`] | several engines through one text |
//! | [`resolve`] | occurrences that compete, or that share a column and a span |
//! | [`count_reducer`] | from occurrences to rows |

pub mod batch_job;
pub mod count_block;
pub mod count_reducer;
pub mod interleave;
pub mod reducer;
pub mod resolve;
pub mod row;
pub mod small_row;
