//! Any of the engines, as plans store them.

use super::engine::{Engine, MatchCallback};
use super::globs::Globs;
use super::naive::Naive;
use super::regex::{self, Regex};
use super::regexes::Regexes;
use super::single::{self, Single};
use super::substrings::Substrings;
use super::word_count::WordCount;
use super::words::Words;
use crate::core::documents::batch::Batch;

/// Any of the engines.
pub enum AnyEngine {
    Naive(Naive),
    Single(Box<Single>),
    Words(Box<Words>),
    Substrings(Box<Substrings>),
    Globs(Box<Globs>),
    Regex(Box<Regex>),
    Regexes(Box<Regexes>),
    WordCount(Box<WordCount>),
}

/// The scratch memory of all engines.
#[derive(Default)]
pub struct Scratch {
    single: <Single as Engine>::Scratch,
    words: <Words as Engine>::Scratch,
    substrings: <Substrings as Engine>::Scratch,
    globs: <Globs as Engine>::Scratch,
    pub regexes: <Regexes as Engine>::Scratch,
    word_count: <WordCount as Engine>::Scratch,
}

/// A search that returns the matches of one pattern in a document one by one.
pub struct PatternSearch<'s> {
    pattern: u32,
    by: SearchBy<'s>,
}

enum SearchBy<'s> {
    Single(single::SingleSearch<'s>),
    Regex(regex::OwnedSearch<'s>),
}

impl PatternSearch<'_> {
    pub fn pattern(&self) -> u32 {
        self.pattern
    }

    /// The next match, in order of starts. `None` at the end, or if `cancelled` returns true.
    pub fn next(&mut self, cancelled: &dyn Fn() -> bool) -> Option<(usize, usize)> {
        match &mut self.by {
            SearchBy::Single(search) => search.next(cancelled),
            SearchBy::Regex(search) => search.next(cancelled),
        }
    }
}

impl AnyEngine {
    /// A search for the engine's only pattern. Only plans of such engines have several engines.
    pub fn search<'s>(&'s self, document: &'s [u8]) -> PatternSearch<'s> {
        let (pattern, by) = match self {
            Self::Single(engine) => (engine.pattern(), SearchBy::Single(engine.search(document))),
            Self::Regex(engine) => (engine.pattern(), SearchBy::Regex(engine.search(document))),
            _ => unreachable!("an engine of several patterns is the only one of its plan"),
        };
        PatternSearch { pattern, by }
    }
}

macro_rules! each {
    ($any:expr, $engine:ident => $call:expr) => {
        match $any {
            AnyEngine::Naive($engine) => $call,
            AnyEngine::Single($engine) => $call,
            AnyEngine::Words($engine) => $call,
            AnyEngine::Substrings($engine) => $call,
            AnyEngine::Globs($engine) => $call,
            AnyEngine::Regex($engine) => $call,
            AnyEngine::Regexes($engine) => $call,
            AnyEngine::WordCount($engine) => $call,
        }
    };
}

impl AnyEngine {
    /// Builds what [`Engine::split_point`] needs, until `keep_going` returns false. Returns whether it is complete.
    pub fn prepare_split(&self, keep_going: impl Fn() -> bool) -> bool {
        match self {
            Self::Substrings(engine) => engine.prepare_split(keep_going),
            _ => true,
        }
    }
}

impl Engine for AnyEngine {
    type Scratch = Scratch;

    fn scan(&self, batch: Batch<'_>, scratch: &mut Scratch, callback: &mut impl MatchCallback) {
        match self {
            Self::Naive(engine) => engine.scan(batch, &mut (), callback),
            Self::Single(engine) => engine.scan(batch, &mut scratch.single, callback),
            Self::Words(engine) => engine.scan(batch, &mut scratch.words, callback),
            Self::Substrings(engine) => engine.scan(batch, &mut scratch.substrings, callback),
            Self::Globs(engine) => engine.scan(batch, &mut scratch.globs, callback),
            Self::Regex(engine) => engine.scan(batch, &mut (), callback),
            Self::Regexes(engine) => engine.scan(batch, &mut scratch.regexes, callback),
            Self::WordCount(engine) => engine.scan(batch, &mut scratch.word_count, callback),
        }
    }

    fn split_context(&self) -> usize {
        each!(self, engine => engine.split_context())
    }

    fn split_point(&self, window: &[u8], from: usize) -> Option<usize> {
        each!(self, engine => engine.split_point(window, from))
    }

    fn overlaps_itself(&self, pattern: u32) -> bool {
        each!(self, engine => engine.overlaps_itself(pattern))
    }
}
