//! Scheduling: who counts what, and when to stop.
//!
//! | file | contains |
//! | --- | --- |
//! | [`run`] | how many workers, how much text at a time, and who is asked whether to go on |
//! | [`portions`] | documents portion by portion: one is loaded while another is counted |
//! | [`pool`] | threads, kept from one count to the next |
//! | [`crew`] | workers that take the next job until none is left |
//! | [`tile`] | where the count matrix is cut, and long documents with it |
//! | [`grid`] | tiles given to workers; each row is written once |

pub mod crew;
pub mod grid;
pub mod pool;
pub mod portions;
pub mod run;
pub mod tile;
