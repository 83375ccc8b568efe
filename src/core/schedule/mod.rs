//! Scheduling: divides the work among workers, and stops it when the caller cancels.
//!
//! | file | contains |
//! | --- | --- |
//! | [`run_options`] | the number of workers, the sizes of tiles and load blocks, progress and cancellation |
//! | [`default_workers`] | the number of workers if the caller gives none |
//! | [`load_blocks`] | documents in load blocks: one is loaded while another is counted |
//! | [`pool`] | thread pools, kept from one count to the next |
//! | [`share`] | how many threads a count uses while others run |
//! | [`idle`] | what workers keep from one job to the next |
//! | [`workers`] | the worker team: takes jobs until none are left |
//! | [`tile`] | where to split the count matrix and long documents |
//! | [`grid`] | tiles given to workers; each row is written once |

pub mod default_workers;
pub mod grid;
pub mod idle;
pub mod load_blocks;
pub mod pool;
pub mod run_options;
pub mod share;
pub mod tile;
pub mod workers;
