//! The base: what every layer uses.
//!
//! | file | contains |
//! | --- | --- |
//! | [`error`] | all errors of compiling and counting |
//! | [`memory`] | lists whose failed allocations are errors instead of aborting the process |
//! | [`freed_memory`] | returns freed memory to the system |
//! | [`printable`] | text in messages |
//! | [`panics`] | turns panics into errors |
//! | [`cancel`] | ends long loops when their call is cancelled |
//! | [`locks`] | locks that ignore poisoning |
//! | [`background`] | work that cannot be stopped, on a thread that can be abandoned |
//! | [`bytes64`] | 64 bytes in vector registers |
//! | [`simd`] | the level of vector instructions in use, and a few vector functions |
//! | [`hash_seed`] | secret random numbers for hashes |
//! | [`lists`] | many short lists in two vectors |
//! | [`packed_strings`] | many byte strings in one allocation |

pub mod background;
#[cfg_attr(not(any(target_arch = "x86_64", target_arch = "aarch64")), allow(dead_code))]
pub mod bytes64;
pub mod cancel;
pub mod error;
pub mod freed_memory;
pub mod hash_seed;
pub mod lists;
pub mod locks;
pub mod memory;
pub mod packed_strings;
pub mod panics;
pub mod printable;
pub mod simd;
