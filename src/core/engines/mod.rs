//! Engines: ways to find every occurrence of many forms in one pass over a text.
//!
//! An engine is built once for the forms that it serves, and is shared by all workers. It reports **every** occurrence
//! that keeps the matching rule's boundaries, those that overlap one another too; which of them count is decided behind
//! it, in `counting`. It also tells where a long document can be cut, because only it knows which forms reach across.
//!
//! | engine | serves | read |
//! | --- | --- | --- |
//! | [`engine`] | what an engine is, and what engines share | first |
//! | [`naive`] | anything, slowly; obviously right, the judge of the others | second |
//! | [`single`] | one form, by searching for its bytes | |
//! | [`words`] | whole words, tokens and phrases, with wildcards or not, by looking words up | |
//! | [`substrings`] | any number of substrings, by what is fastest on the text | |
//! | [`globs`] | any number of substrings, with wildcards, by an automaton | |
//! | [`regex`] | one regular expression | |
//! | [`bit_positions`] | the positions of set bits, by vector instructions | |
//! | [`any_engine`] | the choice among the engines | last |

mod any_engine;
mod bit_positions;
mod engine;
pub mod globs;
pub mod naive;
pub mod regex;
pub mod single;
pub mod substrings;
pub mod words;

pub use any_engine::{AnyEngine, Scratch, Search};
pub use engine::{Engine, MatchCallback};
