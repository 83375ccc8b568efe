//! The choice among the engines, made when a plan is compiled.

use super::globs::Globs;
use super::interface::{Engine, Sink};
use super::naive::Naive;
use super::regex::{self, Regex};
use super::single::{self, Single};
use super::substrings::Substrings;
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
}

/// The buffers of all engines.
#[derive(Default)]
pub struct Scratch {
    single: <Single as Engine>::Scratch,
    words: <Words as Engine>::Scratch,
    substrings: <Substrings as Engine>::Scratch,
    globs: <Globs as Engine>::Scratch,
}

/// A search for the occurrences of one form in a document, one after another.
pub struct Search<'s> {
    form: u32,
    by: SearchBy<'s>,
}

enum SearchBy<'s> {
    Single(single::Search<'s>),
    Regex(regex::Search<'s>),
}

impl Search<'_> {
    pub fn form(&self) -> u32 {
        self.form
    }

    /// The next occurrence, in order of starts; `None` if there is none, or if `cancelled` says so on the way.
    pub fn next(&mut self, cancelled: &dyn Fn() -> bool) -> Option<(usize, usize)> {
        match &mut self.by {
            SearchBy::Single(search) => search.next(cancelled),
            SearchBy::Regex(search) => search.next(cancelled),
        }
    }
}

impl AnyEngine {
    /// A search for the one form that the engine serves. Only plans of such engines have several.
    pub fn search<'s>(&'s self, document: &'s [u8]) -> Search<'s> {
        let (form, by) = match self {
            Self::Single(engine) => (engine.form(), SearchBy::Single(engine.search(document))),
            Self::Regex(engine) => (engine.form(), SearchBy::Regex(engine.search(document))),
            _ => unreachable!("an engine of several forms is the only one of its plan"),
        };
        Search { form, by }
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
        }
    };
}

impl AnyEngine {
    /// Makes what [`Engine::cut`] needs, for as long as `goes_on` says so; tells whether it is there.
    pub fn ready_to_cut(&self, goes_on: impl Fn() -> bool) -> bool {
        match self {
            Self::Substrings(engine) => engine.ready_to_cut(goes_on),
            _ => true,
        }
    }
}

impl Engine for AnyEngine {
    type Scratch = Scratch;

    fn scan(&self, batch: Batch<'_>, scratch: &mut Scratch, sink: &mut impl Sink) {
        match self {
            Self::Naive(engine) => engine.scan(batch, &mut (), sink),
            Self::Single(engine) => engine.scan(batch, &mut scratch.single, sink),
            Self::Words(engine) => engine.scan(batch, &mut scratch.words, sink),
            Self::Substrings(engine) => engine.scan(batch, &mut scratch.substrings, sink),
            Self::Globs(engine) => engine.scan(batch, &mut scratch.globs, sink),
            Self::Regex(engine) => engine.scan(batch, &mut (), sink),
        }
    }

    fn reach(&self) -> usize {
        each!(self, engine => engine.reach())
    }

    fn cut(&self, window: &[u8], from: usize) -> Option<usize> {
        each!(self, engine => engine.cut(window, from))
    }

    fn overlaps_itself(&self, form: u32) -> bool {
        each!(self, engine => engine.overlaps_itself(form))
    }
}
