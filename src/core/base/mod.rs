//! What every layer uses.
//!
//! | file | contains |
//! | --- | --- |
//! | [`error`] | every way in which compiling or counting can fail |
//! | [`memory`] | lists that grow until memory runs out, which is an error and not the end of the process |
//! | [`caught`] | panics, turned into errors |
//! | [`sync`] | locks |
//! | [`apart`] | work that cannot be stopped, on a thread that may be left behind |
//! | [`simd`] | the level of vector instructions in use, and small kernels that everything needs |
//! | [`secret`] | the random numbers that hashes begin with |
//! | [`strings`] | many byte strings in one allocation |
//! | [`pages`] | a long list in pieces |

pub mod apart;
pub mod caught;
pub mod error;
pub mod memory;
pub mod pages;
pub mod secret;
pub mod simd;
pub mod strings;
pub mod sync;
