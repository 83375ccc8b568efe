//! Counting: which of the occurrences that engines find count, and in which columns.
//!
//! | file | contains |
//! | --- | --- |
//! | [`row`] | a count for each column, of one text |
//! | [`few`] | the first occurrences of a text, where there are very many columns |
//! | [`block`] | the nonzero counts of many texts |
//! | [`job`] | a batch to be searched; occurrences of one form that overlap each other |
//! | [`tally`] | what workers make of occurrences, and where rows go |
//! | [`merge`] | several engines through one text |
//! | [`resolve`] | occurrences that compete, or that share a column and a span |
//! | [`counts`] | from occurrences to rows |

pub mod block;
pub mod counts;
pub mod few;
pub mod job;
pub mod merge;
pub mod resolve;
pub mod row;
pub mod tally;
