//! From Python objects to documents and terms.
//!
//! Every kind of object that api documents is recognised in [`take`] and handed to the file for it. What comes back is a
//! [`Held`](super::buffer::Held): texts in the memory of whoever owns them.
//!
//! | file | takes |
//! | --- | --- |
//! | [`terms`] | terms, by category or not |
//! | [`sequence`] | lists, tuples, iterables of `str`, `bytes` or missing values |
//! | [`array`] | NumPy arrays |
//! | [`pandas`] | Series, Index, Categorical, DataFrame |
//! | [`arrow`] | anything with the Arrow PyCapsule protocol |
//! | [`lines`] | files and buffers, line by line |
//! | [`once`] | knows iterators and streams that were read before |
//! | [`shared`] | rows that share texts: dictionaries and categories |

mod array;
pub mod arrow;
pub mod lines;
mod once;
mod pandas;
mod sequence;
mod shared;
pub mod take;
pub mod terms;
