//! Engines: ways to find every occurrence of many forms in one pass over a text.
//!
//! An engine is built once for the forms that it serves, and is shared by all workers. It reports **every** occurrence
//! that keeps the matching rule's boundaries, those that overlap one another too; which of them count is decided behind
//! it, in `counting`. It also tells where a long document can be cut, because only it knows which forms reach across.
//!
//! | engine | serves | read |
//! | --- | --- | --- |
//! | [`interface`] | what an engine is, and what engines share | first |
//! | [`naive`] | anything, slowly; obviously right, the judge of the others | second |
//! | [`single`] | one form, by searching for its bytes | |
//! | [`words`] | whole words, tokens and phrases, with wildcards or not, by looking words up | |
//! | [`substrings`] | any number of substrings, by what is fastest on the text | |
//! | [`globs`] | any number of substrings, with wildcards, by an automaton | |
//! | [`regex`] | one regular expression | |
//! | [`places`] | the positions of set bits, by vector instructions | |
//! | [`any`] | the choice among the engines | last |

mod any;
pub mod globs;
mod interface;
pub mod naive;
mod places;
pub mod regex;
pub mod single;
pub mod substrings;
pub mod words;

pub use any::{AnyEngine, Scratch, Search};
pub use interface::{Engine, Sink};
