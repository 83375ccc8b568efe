//! From Python objects to documents.
//!
//! [`extract`] recognises every kind of object that the documentation lists and calls the file for it. The texts stay
//! in the memory of their owners: see [`borrowed`](super::borrowed).
//!
//! | file | objects |
//! | --- | --- |
//! | [`sequence`] | lists, tuples and iterables of `str`, `bytes` or missing values |
//! | [`array`], [`numpy_strings`] | NumPy arrays; those of `StringDType` |
//! | [`pandas`] | Series, Index, Categorical, DataFrame |
//! | [`arrow`], [`capsule`] | objects with the Arrow PyCapsule protocol; reading the capsules |
//! | [`batches`] | iterables of Arrow arrays, record batches or tables |
//! | [`hugging_face`] | datasets of Hugging Face and their columns |
//! | [`lines`] | files and buffers, line by line |
//! | [`offsets`] | buffers with offsets |
//! | [`dictionary`] | dictionary-encoded columns |
//! | [`exhausted`] | iterators and streams that were read before |

mod array;
pub mod arrow;
pub mod batches;
mod capsule;
mod dictionary;
mod exhausted;
pub mod extract;
mod hugging_face;
pub mod lines;
mod numpy_strings;
pub mod offsets;
mod pandas;
pub mod sequence;
