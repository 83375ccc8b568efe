//! Engines: ways to find all matches of many patterns in one pass over a text.
//!
//! An engine is built once for its patterns and is shared by all workers. It reports **all** matches that the match
//! mode allows, including those that overlap each other. `counting` decides which of them count. An engine also
//! decides where a long document can be split, since only the engine knows which matches might cross that position.
//!
//! | file | contains | read |
//! | --- | --- | --- |
//! | [`engine`] | the trait of engines, and what they share | first |
//! | [`naive`] | any patterns, slowly but obviously correct: the reference for the other engines | second |
//! | [`single`] | one pattern, by a search for its bytes | |
//! | [`words`] | whole words, tokens and phrases, with or without wildcards, by lookup of each token | |
//! | [`substrings`] | any number of substrings, by the fastest of several matchers | |
//! | [`globs`] | any number of substrings with wildcards, once per distinct word | |
//! | [`regex`] | one regular expression, by lazy DFAs | |
//! | [`regexes`] | many regular expressions, each only where its literals occur | |
//! | [`word_count`] | the words of each document, by counting bits | |
//! | [`bit_positions`] | the positions of set bits, by vector instructions | |
//! | [`byte_rates`] | about how often a literal occurs | |
//! | [`any_engine`] | any of the engines, as plans store them | last |

mod any_engine;
mod bit_positions;
mod byte_rates;
mod engine;
pub mod globs;
pub mod naive;
pub mod regex;
pub mod regexes;
pub mod single;
pub mod substrings;
pub mod word_count;
pub mod words;

pub use any_engine::{AnyEngine, Scratch};
pub use engine::{Engine, MatchCallback};
