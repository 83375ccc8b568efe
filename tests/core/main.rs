//! Tests of the core, without the binding, against tables, models and other engines. All files are one crate, so that
//! unused shared code is flagged.

mod agreement;
mod cases;
mod common;
mod cuts;
mod inputs;
mod laws;
mod model;
mod regexes;
