//! Scheduling: who counts what, and when to stop.
//!
//! | file | contains |
//! | --- | --- |
//! | [`run_options`] | how many workers, how much text at a time, and who is asked whether to go on |
//! | [`load_blocks`] | documents portion by portion: one is loaded while another is counted |
//! | [`pool`] | threads, kept from one count to the next |
//! | [`workers`] | workers that take the next job until none is left |
//! | [`tile`] | where the count matrix is cut, and long documents with it |
//! | [`grid`] | tiles given to workers; each row is written once |

pub mod grid;
pub mod load_blocks;
pub mod pool;
pub mod run_options;
pub mod tile;
pub mod workers;
