//! A plan: terms compiled once for their options, immutable, shared by all workers.
//!
//! The plan gives each pattern to an engine. An engine with its patterns is an engine group, one dimension of the
//! grid (row blocks are the other). So engines that search for one pattern in each pass can still use all cores.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicBool, Ordering};

use super::engines::globs::{Globs, Way, WayPolicy};
use super::engines::regex::{ForTexts, Regex, RegexOptions, SIZE_LIMIT};
use super::engines::regexes::{Regexes, RegexesError};
use super::engines::substrings::{ChoicePolicy, Matcher};
use super::engines::{
    AnyEngine, Engine, naive::Naive, single::Single, substrings::Substrings, word_count::WordCount, words::Words,
};
use crate::core::base::background::run_in_background;
use crate::core::base::error::{CountError, TermLocation};
use crate::core::base::memory;
use crate::core::base::panics::catch_panics;
use crate::core::base::printable::Printable;
use crate::core::terms::list::Terms;
use crate::core::terms::options::{Options, Overlap, Syntax};
use crate::core::terms::patterns::{Pattern, PatternSet};
use crate::core::text::boundaries::MatchMode;
use crate::core::text::transform::Transform;

/// Which engines a plan uses: the best ones, or in tests one kind for all patterns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "internals"), expect(dead_code, reason = "only tests choose the engines"))]
pub enum Engines {
    Best,
    Naive,
    Single,
    Words,
    /// With windows of this many bytes.
    WordsBy(usize),
    Substrings,
    /// Of expressions, those with a filter of literals.
    Regexes,
    /// Substrings, with one matcher.
    Matcher(Matcher),
    MatchersInTurn,
    /// Globs in substring mode, searched in one way.
    GlobsBy(Way),
}

/// Compiled terms.
pub struct Plan {
    terms: Terms,
    options: Options,
    transform: Transform,
    patterns: PatternSet,
    groups: Vec<AnyEngine>,
    /// By pattern: whether its matches may overlap each other, so that some do not count. Empty if none may.
    overlaps: Vec<bool>,
    /// By pattern: its column, if it has only one and all of its matches count; otherwise [`SEVERAL`]. Empty if each
    /// pattern has only the column of its own id.
    only_columns: Vec<u32>,
    competes: bool,
    cost_factor: usize,
}

/// The entry of a pattern without an only column.
const SEVERAL: u32 = u32::MAX;

/// Up to this many patterns are faster to search for one by one, at 10 GB/s and more if their bytes are rare. The
/// limits come from the worst case, measured on one core with documents of 50 bytes. Two of the most common
/// substrings are as fast with `single` as with `substrings`; three run at 620 instead of 810 MB/s. Whole words are
/// about as fast with `single` as with `words` from four on.
const SINGLE_SUBSTRINGS: usize = 2;
const SINGLE_WORDS: usize = 3;

/// Whether any such terms compile within a few milliseconds. Each term takes some time however short it is, and a
/// glob takes ten times as long as a literal. A regular expression of a few bytes may take a second.
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

/// A regular expression takes about this many times as long for a text as other engines.
const REGEX_COST_FACTOR: usize = 8;

/// Up to this many patterns may end at one position without slowing a search noticeably. Their number is at most the
/// length of the longest.
const USUAL_NESTED: usize = 64;

impl Plan {
    /// Compiles terms.
    ///
    /// # Errors
    ///
    /// A term that is empty or contains only whitespace, an invalid glob or expression, options that exclude each
    /// other, or too little memory. Errors about a term say which one.
    ///
    /// ```
    /// use countgrid::{CountError, Options, Plan, Syntax, Terms};
    ///
    /// let plan = Plan::new(Terms::each([("happi*", true)]), Options { syntax: Syntax::Glob, ..Options::default() })?;
    /// assert_eq!(plan.columns(), 1);
    ///
    /// let error = Plan::new(Terms::each([("fine", true), ("", true)]), Options::default()).unwrap_err();
    /// assert!(error.to_string().starts_with("terms[1] is empty"));
    /// # Ok::<(), CountError>(())
    /// ```
    pub fn new(terms: Terms, options: Options) -> Result<Self, CountError> {
        catch_panics(|| Self::compile(terms, options, Engines::Best, &AtomicBool::new(false)))?
    }

    /// As [`Plan::new`], but stops if `keep_going` returns false. It is called on the calling thread.
    ///
    /// Compilation that may take long runs on another thread, since most of it cannot be stopped: see
    /// `run_in_background`.
    ///
    /// # Errors
    ///
    /// As [`Plan::new`], and [`CountError::Cancelled`] if the function returned `false`.
    pub fn new_cancellable(
        terms: Terms,
        options: Options,
        keep_going: impl Fn() -> bool,
    ) -> Result<Self, CountError> {
        if is_quick(&terms, options.syntax) {
            return Self::new(terms, options);
        }
        run_in_background(move |cancel| Self::compile(terms, options, Engines::Best, cancel), keep_going)?
    }

    /// A plan of one column, which counts the words of each document: maximal sequences of word characters. Of the
    /// options, it uses `word_chars` and those that transform documents.
    ///
    /// ```
    /// use countgrid::{CountError, Documents, Options, Plan, RunOptions, count};
    ///
    /// let documents = Documents::from_texts(["It's fine.", ""].map(|text| Some(text.into())));
    /// let words = count::<u32>(&Plan::words(Options::default())?, &documents, RunOptions::default())?;
    /// assert_eq!(words, ndarray::array![[3], [0]]);
    /// # Ok::<(), CountError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Too little memory.
    pub fn words(options: Options) -> Result<Self, CountError> {
        let options = Options {
            mode: MatchMode::Word,
            ignore_case: false,
            syntax: Syntax::Literal,
            overlap: Overlap::PerTerm,
            ..options
        };
        let engine = AnyEngine::WordCount(Box::new(WordCount::new(options.boundaries())));
        let terms = Terms::each([("words", true)]);
        let patterns = PatternSet::unless_cancelled(&terms, &options, &AtomicBool::new(false))?;
        Ok(Self::with_groups(terms, options, patterns, vec![engine]))
    }

    /// For tests. Panics if the engine cannot serve the patterns.
    #[cfg(feature = "internals")]
    pub fn with_engines(terms: Terms, options: Options, engines: Engines) -> Result<Self, CountError> {
        Self::compile(terms, options, engines, &AtomicBool::new(false))
    }

    fn compile(terms: Terms, options: Options, engines: Engines, cancel: &AtomicBool) -> Result<Self, CountError> {
        options.check()?;
        memory::check(bytes_to_build(&terms, &options));
        let patterns = PatternSet::unless_cancelled(&terms, &options, cancel)?;
        let groups = groups(&terms, &patterns, &options, engines, cancel)?;
        Ok(Self::with_groups(terms, options, patterns, groups))
    }

    fn with_groups(terms: Terms, options: Options, patterns: PatternSet, groups: Vec<AnyEngine>) -> Self {
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
        let competes =
            options.overlap.competes() || options.syntax != Syntax::Literal && patterns.may_coincide(terms.columns());
        let only_column = |pattern: u32| match patterns.columns(pattern) {
            &[column] if !overlaps.get(pattern as usize).is_some_and(|&overlaps| overlaps) => column,
            _ => SEVERAL,
        };
        let mut only_columns: Vec<u32> = memory::collected((0..patterns.len() as u32).map(only_column));
        if only_columns.iter().enumerate().all(|(pattern, &column)| column as usize == pattern) {
            only_columns = Vec::new();
        }
        let cost_factor = match groups.first() {
            Some(AnyEngine::Regex(_)) => REGEX_COST_FACTOR * groups.len(),
            Some(AnyEngine::Regexes(regexes)) => REGEX_COST_FACTOR * (1 + regexes.unfiltered().len()),
            _ => (patterns.len().min(patterns.longest()) / USUAL_NESTED).max(1),
        };
        let transform = options.transform(&terms);
        Self { terms, options, transform, patterns, groups, overlaps, only_columns, competes, cost_factor }
    }

    /// The terms, as they were given.
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// The options that the terms were compiled with.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The transformation of documents before a search.
    #[cfg_attr(feature = "internals", visibility::make(pub))]
    pub(crate) fn transform(&self) -> Transform {
        self.transform
    }

    /// The number of columns of the count matrix.
    pub fn columns(&self) -> usize {
        self.terms.columns()
    }

    /// The engine groups: one engine for all patterns, or one for each pattern.
    #[cfg_attr(feature = "internals", visibility::make(pub))]
    pub(crate) fn groups(&self) -> &[AnyEngine] {
        &self.groups
    }

    /// The number of distinct patterns.
    pub(crate) fn patterns(&self) -> usize {
        self.patterns.len()
    }

    /// The beginning of a regular expression on one line, and the location of its first term.
    pub(crate) fn expression(&self, pattern: u32) -> (String, TermLocation) {
        const LONGEST: usize = 100;

        let Pattern::Regex(text) = self.patterns.get(pattern) else { unreachable!("the patterns are expressions") };
        let location = self.terms.location(self.patterns.first_term(pattern));
        let mut text = Printable(&String::from_utf8_lossy(text)).to_string();
        if let Some((end, _)) = text.char_indices().nth(LONGEST) {
            text.replace_range(end.., "...");
        }
        (text, location)
    }

    /// About how many times as long as usual a search may take, at least 1.
    #[cfg_attr(feature = "internals", visibility::make(pub))]
    pub(crate) fn cost_factor(&self) -> usize {
        self.cost_factor
    }

    /// The columns that a pattern counts in.
    #[inline]
    #[cfg_attr(feature = "internals", visibility::make(pub))]
    pub(crate) fn columns_of(&self, pattern: u32) -> &[u32] {
        self.patterns.columns(pattern)
    }

    /// The column of a pattern, if it has only one and all of its matches count.
    #[inline(always)]
    #[cfg_attr(feature = "internals", visibility::make(pub))]
    pub(crate) fn only_column_of(&self, pattern: u32) -> Option<u32> {
        if self.only_columns.is_empty() {
            return Some(pattern);
        }
        Some(self.only_columns[pattern as usize]).filter(|&column| column != SEVERAL)
    }

    /// By pattern: whether its matches may overlap each other, so that some do not count. Empty if none may.
    #[cfg_attr(feature = "internals", visibility::make(pub))]
    pub(crate) fn overlaps(&self) -> &[bool] {
        &self.overlaps
    }

    /// Whether a match of one pattern can decide whether a match of another counts. Then all matches of a document
    /// must be collected first.
    #[cfg_attr(feature = "internals", visibility::make(pub))]
    pub(crate) fn competes(&self) -> bool {
        self.competes
    }
}

/// At least the peak memory of compiling terms, in bytes, without the expressions of [`Syntax::Regex`]. The crates
/// that build automata abort if memory runs out, so it is checked before. `tests/memory.rs` compares the estimate
/// with measurements.
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

/// Fewer expressions are searched for one by one, on all cores even if there is only one document. Large ones are not:
/// their automata for UTF-8 would be slow.
const FILTERED_REGEXES: usize = 12;

fn regex_groups(
    terms: &Terms,
    patterns: &PatternSet,
    options: RegexOptions,
    engines: Engines,
    cancel: &AtomicBool,
) -> Result<Vec<AnyEngine>, CountError> {
    let cancelled = || cancel.load(Ordering::Relaxed);
    if engines == Engines::Single || engines == Engines::Best && patterns.len() < FILTERED_REGEXES {
        let compile = |(id, pattern)| {
            let Pattern::Regex(text) = pattern else { unreachable!("all patterns have the plan's syntax") };
            let regex = match engines {
                Engines::Single => Regex::new(&options, ForTexts::Any, SIZE_LIMIT, id, text).map(Some),
                _ => Regex::small(&options, id, text),
            };
            regex.ok().flatten().filter(|_| !cancelled()).map(|regex| AnyEngine::Regex(Box::new(regex)))
        };
        if let Some(regexes) = (0..).zip(patterns.iter()).map(compile).collect() {
            return Ok(regexes);
        }
    }
    let regexes = Regexes::new(options, patterns.iter(), cancelled).map_err(|error| match error {
        RegexesError::Patterns(errors) => {
            let term = |(id, error)| terms.invalid(patterns.first_term(id), error);
            CountError::Terms(errors.into_iter().map(term).collect())
        }
        RegexesError::Plan(error) => error,
    })?;
    Ok(vec![AnyEngine::Regexes(Box::new(regexes))])
}

/// One engine for all patterns, or one for each if the engine serves only one pattern.
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
        let options = RegexOptions::new(boundaries, options.ignore_case, patterns.len());
        return regex_groups(terms, patterns, options, engines, cancel);
    }
    let most = match (options.overlap, mode) {
        // The matches of several engines would have to be merged.
        (overlap, _) if overlap.competes() => 1,
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
        Engines::Regexes => unreachable!("these are for expressions"),
        Engines::Naive => AnyEngine::Naive(Naive::new(boundaries, (0..).zip(patterns.iter()))),
        Engines::Single => {
            let single = |(id, pattern)| {
                let bytes = Single::serves(mode, pattern).expect("a pattern that `single` can serve");
                AnyEngine::Single(Box::new(Single::new(boundaries.clone(), id, bytes)))
            };
            return Ok((0..).zip(patterns.iter()).map(single).collect());
        }
        Engines::Substrings | Engines::Matcher(_) | Engines::MatchersInTurn | Engines::GlobsBy(_) => {
            assert!(mode == MatchMode::Substring, "`substrings` has no boundaries");
            if patterns.iter().any(|pattern| matches!(pattern, Pattern::Glob(_))) {
                let policy = match kind {
                    Engines::GlobsBy(way) => WayPolicy::Always(way),
                    Engines::MatchersInTurn => WayPolicy::InTurn,
                    _ => WayPolicy::Best,
                };
                let apart = options.overlap == Overlap::PerTerm;
                AnyEngine::Globs(Box::new(Globs::new(&boundaries, patterns.iter(), policy, apart)?))
            } else {
                AnyEngine::Substrings(Box::new(Substrings::new(
                    patterns.iter(),
                    match kind {
                        Engines::Matcher(matcher) => ChoicePolicy::Always(matcher),
                        Engines::MatchersInTurn => ChoicePolicy::InTurn,
                        _ => ChoicePolicy::Best,
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

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plan")
            .field("columns", &self.columns())
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

/// Plans are equal if their terms and options are, since they count the same.
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

/// Which engine serves which terms, and why: the text of `explain()`.
impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { terms, options, patterns, .. } = self;
        let count = |n: usize, noun: &str| format!("{n} {noun}{}", if n == 1 { "" } else { "s" });
        let (terms, distinct) = (count(terms.len(), "term"), count(patterns.len(), "distinct pattern"));
        writeln!(f, "{terms} in {}, {distinct} to search for", count(self.columns(), "column"))?;
        if options.strip_accents {
            writeln!(
                f,
                "accents are stripped from each document (NFKD without combining characters) before the search"
            )?;
        }
        if options.fold_punctuation {
            writeln!(f, "typographic punctuation of each document becomes ASCII before the search")?;
        }
        match options.syntax {
            _ if !options.ignore_case => {}
            Syntax::Regex => writeln!(f, "each expression ignores case, unless it contains (?-i)")?,
            _ => writeln!(f, "each document is case-folded (Unicode simple case folding) before the search")?,
        }
        match options.overlap {
            Overlap::PerTerm if self.competes => writeln!(
                f,
                "terms are counted independently; if several terms of a column match the same span, it counts once"
            )?,
            Overlap::PerTerm => {}
            Overlap::All => writeln!(f, "all matches count, including those that overlap a match of the same term")?,
            Overlap::Longest => writeln!(f, "terms compete: the leftmost match counts, of several the longest")?,
            Overlap::First => {
                writeln!(f, "terms compete: the leftmost match counts, of several that of the earliest term")?;
            }
        }
        let globs = patterns.iter().filter(|pattern| matches!(pattern, Pattern::Glob(_))).count();
        let wildcards = if globs > 0 { format!(", {globs} of them with wildcards") } else { String::new() };
        let (name, why) = match self.groups.first() {
            None => return Ok(()),
            Some(AnyEngine::Naive(_)) => ("naive", "the reference for the other engines"),
            Some(AnyEngine::Single(_)) => ("single", "so few are fastest one by one, by a search for their bytes"),
            Some(AnyEngine::Words(_)) if globs > 0 => (
                "words",
                "one lookup per word of the text serves any number; wildcards are matched once per distinct word",
            ),
            Some(AnyEngine::Words(_)) => ("words", "one lookup per word of the text serves any number"),
            Some(AnyEngine::Globs(_)) => {
                let why = "an Aho-Corasick automaton finds a literal of each; then the rest is verified. If that is faster \
                           on the text, it is done once per distinct word, for patterns of only word characters";
                ("globs", why)
            }
            Some(AnyEngine::Substrings(engine)) => ("substrings", engine.explanation()),
            Some(AnyEngine::WordCount(_)) => ("word_count", "the starts of words are counted, whatever the words"),
            Some(AnyEngine::Regexes(_)) => (
                "regexes",
                "one pass finds literals that each match must contain; each is searched for only in documents with one of \
                 its literals",
            ),
            Some(AnyEngine::Regex(_)) => ("regex", "each is searched for separately, in time linear in the text"),
        };
        writeln!(f, "engine {name}: {terms} as {}{wildcards}; {why}", count(patterns.len(), "pattern"))?;
        if let Some(AnyEngine::Regexes(regexes)) = self.groups.first() {
            self.write_filtered(f, regexes)?;
        }
        Ok(())
    }
}

impl Plan {
    /// Which expressions have literals. The others take most of the time, so they are listed.
    fn write_filtered(&self, f: &mut fmt::Formatter<'_>, regexes: &Regexes) -> fmt::Result {
        const SHOWN: usize = 30;
        let everywhere = regexes.unfiltered();
        let filtered = self.patterns() - everywhere.len();
        writeln!(
            f,
            "{filtered} of {} patterns have rare literals ({} in all): each is estimated to be in fewer than half of \
             documents of 400 bytes",
            self.patterns(),
            regexes.literals()
        )?;
        let shown =
            |ids: &[u32]| ids.iter().take(SHOWN).map(|&id| self.expression(id).0).collect::<Vec<_>>().join("  ");
        if filtered > regexes.most_frequent().len() {
            let frequent = shown(regexes.most_frequent());
            writeln!(f, "of these, the ones with the most frequent literals are, by an estimate: {frequent}")?;
        }
        if everywhere.is_empty() {
            return Ok(());
        }
        let more = if everywhere.len() > SHOWN { "  ..." } else { "" };
        writeln!(
            f,
            "{} have only frequent literals or none, and each takes time in most documents: {}{more}",
            everywhere.len(),
            shown(everywhere)
        )
    }
}
