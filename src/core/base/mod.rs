//! What every layer uses.
//!
//! | file | contains |
//! | --- | --- |
//! | [`error`] | every way in which compiling or counting can fail |
//! | [`memory`] | lists that grow until memory runs out, which is an error and not the end of the process |
//! | [`panics`] | panics, turned into errors |
//! | [`locks`] | locks |
//! | [`background`] | work that cannot be stopped, on a thread that may be left behind |
//! | [`simd`] | the level of vector instructions in use, and small kernels that everything needs |
//! | [`hash_seed`] | the random numbers that hashes begin with |
//! | [`packed_strings`] | many byte strings in one allocation |
//! | [`paged_vec`] | a long list in pieces |

pub mod background;
pub mod error;
pub mod hash_seed;
pub mod locks;
pub mod memory;
pub mod packed_strings;
pub mod paged_vec;
pub mod panics;
pub mod simd;
