//! The core without the binding, held against tables, models and other engines. One crate, so that what the files
//! share is used as a whole.

mod cases;
mod common;
mod cuts;
mod properties;
mod regexes;
