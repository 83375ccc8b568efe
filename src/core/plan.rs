//! A plan: terms compiled once for the options they are matched with, immutable, shared by all workers.
//!
//! The plan groups the forms of its terms by the engine that serves each best. A group is one side of the grid (runs of
//! documents are the other), so an engine that costs a pass for each form can still keep all cores busy.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicBool, Ordering};

use super::engines::globs::Globs;
use super::engines::regex::Regex;
use super::engines::substrings::{Choosing, Matcher};
use super::engines::{AnyEngine, Engine, naive::Naive, single::Single, substrings::Substrings, words::Words};
use crate::core::base::background::run_in_background;
use crate::core::base::error::CountError;
use crate::core::base::memory;
use crate::core::terms::list::Terms;
use crate::core::terms::options::{Options, Overlap, Syntax};
use crate::core::terms::patterns::{Pattern, PatternSet};
use crate::core::text::boundaries::MatchMode;
use crate::core::text::transform::Transform;

/// Which engines a plan uses: the best ones, or for tests one kind for all forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engines {
    Best,
    Naive,
    Single,
    Words,
    /// By windows of so many bytes.
    WordsBy(usize),
    Substrings,
    /// Substrings, by one way to find literals.
    Matcher(Matcher),
    MatchersInTurn,
}

/// Compiled terms.
pub struct Plan {
    terms: Terms,
    options: Options,
    transform: Transform,
    patterns: PatternSet,
    groups: Vec<AnyEngine>,
    /// By form: whether its occurrences may overlap one another and must not. Empty if none need be asked.
    overlaps: Vec<bool>,
    /// By form: its column, if that is the only one and each of its occurrences counts; or else [`SEVERAL`]. Empty if each
    /// form has only the column of its own number.
    only_columns: Vec<u32>,
    competes: bool,
    effort: usize,
}

/// Stands for a form that has no only column.
const SEVERAL: u32 = u32::MAX;

/// So many forms are faster searched for one by one, at 10 GB/s and more where the bytes are rare. Measured dense on one
/// core with documents of 50 bytes: two of the commonest substrings are as fast by `single`, three at 620 against 810 MB/s
/// by `substrings`; whole words at about the same by `single` and `words` from four on.
const SINGLE_SUBSTRINGS: usize = 2;
const SINGLE_WORDS: usize = 3;

/// Whether terms are compiled in some milliseconds, whatever they are. Each takes some time however short it is, and a glob ten
/// times as long as a literal. An expression of a few bytes may take a second.
fn is_quick(terms: &Terms, syntax: Syntax) -> bool {
    const BYTES: usize = 256 << 10;
    const A_TERM: usize = 16;
    let times = match syntax {
        Syntax::Literal => 1,
        Syntax::Glob => 10,
        Syntax::Regex => return false,
    };
    (terms.nbytes() + A_TERM * terms.len()).saturating_mul(times) < BYTES
}

/// A regular expression takes about so many times as long for a text as the other engines.
const REGEX_EFFORT: usize = 8;

/// So many forms may end at one place without a text taking much longer; at most as many can as the longest has bytes.
const USUAL_NESTED: usize = 64;

impl Plan {
    pub fn new(terms: Terms, options: Options) -> Result<Self, CountError> {
        Self::with_engines(terms, options, Engines::Best)
    }

    /// The same, as long as `goes_on` says so, which is asked on the calling thread.
    ///
    /// What may take long is done on another thread, since most of it cannot be stopped: see [`run_in_background`].
    pub fn watched(terms: Terms, options: Options, goes_on: impl Fn() -> bool) -> Result<Self, CountError> {
        if is_quick(&terms, options.syntax) {
            return Self::new(terms, options);
        }
        run_in_background(move |cancel| Self::compile(terms, options, Engines::Best, cancel), goes_on)?
    }

    /// Panics if the one kind of engine asked for cannot serve the forms.
    pub fn with_engines(terms: Terms, options: Options, engines: Engines) -> Result<Self, CountError> {
        Self::compile(terms, options, engines, &AtomicBool::new(false))
    }

    fn compile(terms: Terms, options: Options, engines: Engines, cancel: &AtomicBool) -> Result<Self, CountError> {
        options.check()?;
        memory::check(bytes_to_build(&terms, &options));
        let patterns = PatternSet::unless_cancelled(&terms, &options, cancel)?;
        let groups = groups(&terms, &patterns, &options, engines, cancel)?;
        let mut overlaps = Vec::new();
        if options.overlap == Overlap::PerTerm {
            let overlaps_itself = |pattern: usize| {
                let group = if groups.len() > 1 { pattern } else { 0 };
                groups[group].overlaps_itself(pattern as u32)
            };
            overlaps = memory::collected((0..patterns.len()).map(overlaps_itself));
            if !overlaps.contains(&true) {
                overlaps = Vec::new();
            }
        }
        let competes = options.overlap == Overlap::Longest
            || options.syntax != Syntax::Literal && patterns.may_coincide(terms.columns());
        let only_column = |pattern: u32| match patterns.columns(pattern) {
            &[column] if !overlaps.get(pattern as usize).is_some_and(|&overlaps| overlaps) => column,
            _ => SEVERAL,
        };
        let mut only_columns: Vec<u32> = memory::collected((0..patterns.len() as u32).map(only_column));
        if only_columns.iter().enumerate().all(|(pattern, &column)| column as usize == pattern) {
            only_columns = Vec::new();
        }
        let effort = match groups.first() {
            Some(AnyEngine::Regex(_)) => REGEX_EFFORT * groups.len(),
            _ => (patterns.len().min(patterns.longest()) / USUAL_NESTED).max(1),
        };
        let transform = options.transform(&terms);
        Ok(Self { terms, options, transform, patterns, groups, overlaps, only_columns, competes, effort })
    }

    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    pub fn options(&self) -> &Options {
        &self.options
    }

    /// What is done to documents before they are searched.
    pub fn transform(&self) -> Transform {
        self.transform
    }

    /// Columns of the count matrix.
    pub fn columns(&self) -> usize {
        self.terms.columns()
    }

    /// The engines, each of which serves a group of the forms: one all of them, or each one form.
    pub fn groups(&self) -> &[AnyEngine] {
        &self.groups
    }

    /// About how many times as long as usual a text may take, at least 1.
    pub fn effort(&self) -> usize {
        self.effort
    }

    /// The columns that a form counts in.
    #[inline]
    pub fn columns_of(&self, pattern: u32) -> &[u32] {
        self.patterns.columns(pattern)
    }

    /// The column of a form that has but one, and of which each occurrence counts by itself.
    #[inline(always)]
    pub fn only_column_of(&self, pattern: u32) -> Option<u32> {
        if self.only_columns.is_empty() {
            return Some(pattern);
        }
        Some(self.only_columns[pattern as usize]).filter(|&column| column != SEVERAL)
    }

    /// By form, whether its occurrences may overlap one another and must not; empty if none need be asked.
    pub fn overlaps(&self) -> &[bool] {
        &self.overlaps
    }

    /// Whether an occurrence of one form can decide whether one of another counts, so that a document's occurrences
    /// must be seen together.
    pub fn competes(&self) -> bool {
        self.competes
    }
}

/// At least so many bytes as it takes at its highest to compile terms, without the expressions of [`Syntax::Regex`]: crates
/// that build automata cannot be told that memory ran out. `tests/memory.rs` compares it with what is used.
pub fn bytes_to_build(terms: &Terms, options: &Options) -> usize {
    let (a_term, a_byte) = match (options.mode, options.syntax) {
        (_, Syntax::Regex) => (200, 4),
        (MatchMode::Substring, Syntax::Glob) => (1200, 100),
        (MatchMode::Substring, Syntax::Literal) => (200, 20),
        (_, Syntax::Glob) => (1200, 60),
        (_, Syntax::Literal) => (350, 20),
    };
    terms.len().saturating_mul(a_term).saturating_add(terms.nbytes().saturating_mul(a_byte))
}

/// While one expression is compiled: several times the bound on what it compiles to.
const REGEX_BUILDS_IN: usize = 48 << 20;

/// One engine for all forms, or for a kind of engine that serves one form, one each.
fn groups(
    terms: &Terms,
    patterns: &PatternSet,
    options: &Options,
    engines: Engines,
    cancel: &AtomicBool,
) -> Result<Vec<AnyEngine>, CountError> {
    let (mode, boundaries) = (options.mode, options.boundaries());
    if patterns.len() == 0 {
        return Ok(Vec::new());
    }
    if options.syntax == Syntax::Regex {
        assert!(engines == Engines::Best, "regular expressions have one engine");
        let regex = |(id, pattern): (u32, Pattern<'_>)| {
            if cancel.load(Ordering::Relaxed) {
                return Err(CountError::Cancelled);
            }
            memory::check(REGEX_BUILDS_IN);
            let Pattern::Regex(text) = pattern else { unreachable!("all forms are of the plan's syntax") };
            let engine = Regex::new(&boundaries, options.ignore_case, id, text, patterns.len())
                .map_err(|error| CountError::Regex { place: terms.place(patterns.first_term(id)), error })?;
            Ok(AnyEngine::Regex(Box::new(engine)))
        };
        return (0..).zip(patterns.iter()).map(regex).collect();
    }
    let most = match (options.overlap, mode) {
        // The occurrences of several engines would have to wait for one another.
        (Overlap::Longest, _) => 1,
        (_, MatchMode::Substring) => SINGLE_SUBSTRINGS,
        _ => SINGLE_WORDS,
    };
    let few = patterns.len() <= most && patterns.iter().all(|pattern| Single::serves(mode, pattern).is_some());
    let kind = match engines {
        Engines::Best if few => Engines::Single,
        Engines::Best if mode == MatchMode::Substring => Engines::Substrings,
        Engines::Best => Engines::Words,
        kind => kind,
    };
    let engine = match kind {
        Engines::Naive => AnyEngine::Naive(Naive::new(boundaries, (0..).zip(patterns.iter()))),
        Engines::Single => {
            let single = |(id, pattern)| {
                let bytes = Single::serves(mode, pattern).expect("a form that `single` can serve");
                AnyEngine::Single(Box::new(Single::new(boundaries.clone(), id, bytes)))
            };
            return Ok((0..).zip(patterns.iter()).map(single).collect());
        }
        Engines::Substrings | Engines::Matcher(_) | Engines::MatchersInTurn => {
            assert!(mode == MatchMode::Substring, "`substrings` knows no boundaries");
            if patterns.iter().any(|pattern| matches!(pattern, Pattern::Glob(_))) {
                AnyEngine::Globs(Box::new(Globs::new(&boundaries, patterns.iter())?))
            } else {
                AnyEngine::Substrings(Box::new(Substrings::new(
                    patterns.iter(),
                    match kind {
                        Engines::Matcher(matcher) => Choosing::Always(matcher),
                        Engines::MatchersInTurn => Choosing::InTurn,
                        _ => Choosing::Best,
                    },
                    options.overlap == Overlap::Longest,
                )?))
            }
        }
        Engines::Words | Engines::WordsBy(_) | Engines::Best => {
            assert!(mode != MatchMode::Substring, "`words` needs boundaries");
            let words = Words::new(&boundaries, patterns.iter(), options.overlap == Overlap::Longest)?;
            AnyEngine::Words(Box::new(if let Engines::WordsBy(bytes) = kind {
                words.with_window(bytes)
            } else {
                words
            }))
        }
    };
    Ok(vec![engine])
}

/// Plans of equal terms and options are equal: they count the same.
impl PartialEq for Plan {
    fn eq(&self, other: &Self) -> bool {
        self.options == other.options && self.terms == other.terms
    }
}

impl Eq for Plan {}

impl Hash for Plan {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.options.hash(state);
        self.terms.hash(state);
    }
}

/// Which engine serves which terms, and why.
impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { terms, options, patterns, .. } = self;
        let count = |n: usize, noun: &str| format!("{n} {noun}{}", if n == 1 { "" } else { "s" });
        let (terms, distinct) = (count(terms.len(), "term"), count(patterns.len(), "distinct form"));
        writeln!(f, "{terms} in {}, {distinct} to look for", count(self.columns(), "column"))?;
        if options.strip_accents {
            writeln!(f, "each document loses its accents (NFKD without combining characters) before it is searched")?;
        }
        match options.syntax {
            _ if !options.ignore_case => {}
            Syntax::Regex => writeln!(f, "each expression ignores case, unless it says otherwise itself")?,
            _ => writeln!(f, "each document is folded (Unicode simple case folding) before it is searched")?,
        }
        match options.overlap {
            Overlap::PerTerm if self.competes => writeln!(
                f,
                "each term counts as if it were alone; a column counts a span once that several of its terms match"
            )?,
            Overlap::PerTerm => {}
            Overlap::All => writeln!(f, "every occurrence counts, also one that overlaps another of its term")?,
            Overlap::Longest => writeln!(f, "terms compete: the leftmost occurrence counts, of these the longest")?,
        }
        let globs = patterns.iter().filter(|pattern| matches!(pattern, Pattern::Glob(_))).count();
        let wildcards = if globs > 0 { format!(", {globs} of them with wildcards") } else { String::new() };
        let (name, why) = match self.groups.first() {
            None => return Ok(()),
            Some(AnyEngine::Naive(_)) => ("naive", "asked for, to judge the other engines"),
            Some(AnyEngine::Single(_)) => ("single", "so few are fastest searched for one by one, by their bytes"),
            Some(AnyEngine::Words(_)) if globs > 0 => {
                ("words", "one lookup for each word of the text serves any number, wildcards are matched once a word")
            }
            Some(AnyEngine::Words(_)) => ("words", "one lookup for each word of the text serves any number of them"),
            Some(AnyEngine::Globs(_)) => {
                ("globs", "one pass of an Aho-Corasick automaton serves any number, wildcards from a literal on")
            }
            Some(AnyEngine::Substrings(engine)) => ("substrings", engine.why()),
            Some(AnyEngine::Regex(_)) => ("regex", "each is searched for by itself, in time linear in the text"),
        };
        writeln!(f, "engine {name}: {terms} as {}{wildcards}; {why}", count(patterns.len(), "form"))
    }
}
