//! Compiles one expression.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use regex_automata::util::pool::Pool;
use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind, Repetition};

use super::context::{Context, Expression, InContext, MatchBytes, Neighbours, bytes_of, in_context, is_by_lines};
use super::ends::{Boundary, can_be_empty};
use super::greedy::GreedyScratch;
use super::lazy_dfa::{DfaCaches, LazyDfas, SearchKind};
use super::remedy::remedy;
use super::state_sets::ReverseNfa;
use super::texts::ForTexts;
use crate::core::base::error::TermError;
use crate::core::base::memory;
use crate::core::text::boundaries::Boundaries;
use crate::core::text::unicode::{first_char, last_char};

/// Larger expressions are not searched for in UTF-8, nor those with more characters that can be nearly anything.
/// Automata for ASCII or symbols are smaller by a factor of ten to a hundred.
const SMALL: usize = 256 << 10;
const MOST_WIDE: usize = 16;
/// The most memory for the states of a DFA in bytes.
const CACHE_BYTES: usize = 2 << 20;
/// If all expressions of a plan keep more bytes for all workers, only those that need few keep them between documents.
const KEPT_BYTES: usize = 128 << 20;
const FEW_BYTES: usize = 32 << 10;

/// Memory for `greedy` in bytes: for all expressions that are searched for at the same time together, and for each.
const BUDGET_BYTES: usize = 32 << 20;
const BUDGET_BYTES_EACH: std::ops::RangeInclusive<usize> = 128 << 10..=8 << 20;

pub struct Regex {
    pub pattern: u32,
    pub texts: ForTexts,
    pub boundaries: Boundaries,
    /// Where boundaries are required.
    pub before: Boundary,
    pub after: Boundary,
    /// The expression with context after it, if a boundary may be required there.
    pub at_start: LazyDfas,
    /// The same after a character of context, if a boundary may be required before it.
    pub within: Option<LazyDfas>,
    /// The shortest and the longest match in bytes.
    pub lengths: [usize; 2],
    /// The bytes that a match can contain.
    pub bytes: MatchBytes,
    /// Whether no match contains or looks beyond a line feed, so that text can be split after one.
    pub is_by_lines: bool,
    /// Built for the first text that needs it.
    reverse_nfa: OnceLock<ReverseNfa>,
    /// About how many bytes `greedy` may use for a text, among all expressions.
    pub budget: usize,
    /// What all expressions keep.
    kept: Arc<AtomicUsize>,
    most_kept: usize,
    /// One for each search that runs at the same time.
    pub scratch: Pool<Option<Box<RegexScratch>>>,
}

/// Memory that searches of an expression leave to later ones.
pub struct RegexScratch {
    pub at_start: DfaCaches,
    pub within: Option<DfaCaches>,
    pub greedy: GreedyScratch,
    /// How many bytes of it are counted as kept.
    counted: usize,
}

impl RegexScratch {
    pub fn bytes(&self) -> usize {
        self.at_start.bytes() + self.within.as_ref().map_or(0, DfaCaches::bytes) + self.greedy.kept_bytes()
    }
}

/// What the expressions of a plan have in common.
#[derive(Clone, Debug)]
pub struct RegexOptions {
    pub boundaries: Boundaries,
    pub ignore_case: bool,
    neighbours: Neighbours,
    /// By kind of texts. Built for the first expression.
    contexts: [OnceLock<Arc<Context>>; 3],
    /// Their number. They share the memory for `greedy`.
    expressions: usize,
    /// How many bytes their searches keep between documents, and how many they may keep.
    kept: Arc<AtomicUsize>,
    pub most_kept: usize,
}

impl RegexOptions {
    pub fn new(boundaries: Boundaries, ignore_case: bool, expressions: usize) -> Self {
        Self {
            neighbours: Neighbours::new(&boundaries),
            contexts: Default::default(),
            boundaries,
            ignore_case,
            expressions,
            kept: Arc::default(),
            most_kept: KEPT_BYTES,
        }
    }

    /// The same without adaptive boundaries.
    pub fn not_adaptive(&self) -> Self {
        let boundaries = Boundaries { is_adaptive: false, ..self.boundaries.clone() };
        Self::new(boundaries, self.ignore_case, self.expressions)
    }

    /// An expression with the context that its boundaries need, for some texts.
    pub fn in_context(&self, hir: &Hir, texts: &ForTexts) -> InContext {
        let Self { boundaries, neighbours, contexts, .. } = self;
        let context = &contexts[texts.kind()];
        if context.get().is_none() {
            // If another worker was faster, its result is used.
            let _ = context.set(Arc::new(Context::new(boundaries, neighbours, texts)));
        }
        in_context(boundaries, neighbours, context.get().expect("it was just set"), texts, hir)
    }

    /// The characters that must not be next to a match.
    pub fn word_chars(&self) -> &ClassUnicode {
        self.neighbours.inside()
    }

    /// Whether that context is different for an expression than for others.
    pub fn has_marks(&self, hir: &Hir) -> bool {
        self.boundaries.is_adaptive && self.neighbours.before_and_after(hir).contains(&Boundary::AtWords)
    }

    /// The memory to compile an expression whose automata take so many bytes. With adaptive boundaries, two of them
    /// are built twice.
    pub fn bytes_to_build(&self, size: usize) -> usize {
        if self.boundaries.is_adaptive { 12 * size } else { 5 * size }
    }
}

impl Regex {
    /// An expression for all texts, if its automata are small enough to search UTF-8.
    pub fn small(options: &RegexOptions, pattern: u32, text: &[u8]) -> Result<Option<Self>, TermError> {
        if wide_characters(&parse(text, options.ignore_case)?) > MOST_WIDE {
            return Ok(None);
        }
        memory::check(options.bytes_to_build(SMALL));
        match Self::new(options, ForTexts::Any, SMALL, pattern, text) {
            Err(TermError::TooLarge { .. }) => Ok(None),
            found => found.map(Some),
        }
    }

    /// `most` limits the size of each automaton in bytes.
    pub fn new(
        options: &RegexOptions,
        texts: ForTexts,
        most: usize,
        pattern: u32,
        text: &[u8],
    ) -> Result<Self, TermError> {
        let hir = parse(text, options.ignore_case)?;
        let InContext { before, after, at_start, within } = options.in_context(&hir, &texts);
        let hir = texts.expression(hir);
        let each = options.expressions.max(1);
        let budget = (BUDGET_BYTES / each).clamp(*BUDGET_BYTES_EACH.start(), *BUDGET_BYTES_EACH.end());
        let bytes = bytes_of(&hir);
        let is_by_lines = is_by_lines(&hir, &bytes);
        let lengths =
            [hir.properties().minimum_len().unwrap_or(0), hir.properties().maximum_len().unwrap_or(usize::MAX)];
        let dfas = |expression: &Expression, kind| LazyDfas::new(expression, kind, most, CACHE_BYTES);
        let kind = if within.is_some() { SearchKind::Anchored } else { SearchKind::Everywhere };
        Ok(Self {
            pattern,
            texts,
            boundaries: options.boundaries.clone(),
            before,
            after,
            at_start: dfas(&at_start, kind)?,
            within: within.map(|within| dfas(&within, SearchKind::Within)).transpose()?,
            lengths,
            bytes,
            is_by_lines,
            reverse_nfa: OnceLock::new(),
            budget,
            kept: options.kept.clone(),
            most_kept: options.most_kept,
            scratch: Pool::new(|| None),
        })
    }

    pub fn pattern(&self) -> u32 {
        self.pattern
    }

    /// As [`Boundaries::word_ends_at`].
    #[inline]
    pub fn word_ends_at(&self, text: &[u8], at: usize) -> bool {
        match &self.texts {
            ForTexts::Symbols(symbols) => text[..at].last().is_some_and(|&symbol| symbols.is_word(symbol)),
            _ => self.boundaries.word_ends_at(text, at),
        }
    }

    /// As [`Boundaries::word_begins_at`].
    #[inline]
    pub fn word_begins_at(&self, text: &[u8], at: usize) -> bool {
        match &self.texts {
            ForTexts::Symbols(symbols) => text.get(at).is_some_and(|&symbol| symbols.is_word(symbol)),
            _ => self.boundaries.word_begins_at(text, at),
        }
    }

    /// The lengths of the first and the last character.
    pub fn first_length(&self, text: &[u8]) -> usize {
        if self.has_symbols() { 1 } else { first_char(text).1 }
    }

    pub fn last_length(&self, text: &[u8]) -> usize {
        if self.has_symbols() { text.len().min(1) } else { last_char(text).map_or(0, char::len_utf8) }
    }

    pub fn has_symbols(&self) -> bool {
        matches!(self.texts, ForTexts::Symbols(_))
    }

    pub fn create_scratch(&self) -> Box<RegexScratch> {
        Box::new(RegexScratch {
            at_start: self.at_start.caches(),
            within: self.within.as_ref().map(LazyDfas::caches),
            greedy: GreedyScratch::default(),
            counted: 0,
        })
    }

    /// The memory for `greedy` if no other expression is searched for at the same time.
    pub fn budget_alone(&self) -> usize {
        *BUDGET_BYTES_EACH.end()
    }

    /// Counts the memory that a search leaves, and frees it if all searches together leave too much. Lazy DFAs build
    /// their states again. `is_done` tells whether the search does not continue.
    pub fn settle(&self, scratch: &mut Option<Box<RegexScratch>>, is_done: bool) {
        let Some(used) = scratch else { return };
        if is_done {
            used.greedy.shrink();
        }
        let bytes = used.bytes();
        let has_grown = bytes > used.counted;
        let kept =
            if bytes == used.counted { self.kept.load(Ordering::Relaxed) } else { self.count_kept(used, bytes) };
        if kept > self.most_kept && bytes > FEW_BYTES {
            if is_done {
                self.count_kept(used, 0);
                *scratch = None;
            } else if has_grown {
                let RegexScratch { at_start, within, .. } = *self.create_scratch();
                (used.at_start, used.within) = (at_start, within);
                self.count_kept(used, used.bytes());
            }
        }
    }

    /// Returns how many bytes all searches keep.
    fn count_kept(&self, scratch: &mut RegexScratch, bytes: usize) -> usize {
        // A difference below zero wraps around, as the sum does.
        let added = bytes.wrapping_sub(std::mem::replace(&mut scratch.counted, bytes));
        self.kept.fetch_add(added, Ordering::Relaxed).wrapping_add(added)
    }

    pub fn reverse_nfa(&self) -> &ReverseNfa {
        self.reverse_nfa.get_or_init(|| ReverseNfa::new(self.at_start.nfa(), &self.texts))
    }
}

pub fn parse(text: &[u8], ignore_case: bool) -> Result<Hir, TermError> {
    if text.is_empty() {
        return Err(TermError::Empty);
    }
    let text = std::str::from_utf8(text).map_err(|_| TermError::NotUtf8)?;
    let parsed = regex_syntax::ParserBuilder::new().case_insensitive(ignore_case).build().parse(text);
    let hir = parsed.map_err(|error| syntax_error(&error, text))?;
    if can_be_empty(&hir) { Err(TermError::MatchesEmpty) } else { Ok(hir) }
}

/// How many characters of the longest match, without repetitions that have no limit, can be one of many outside ASCII.
fn wide_characters(hir: &Hir) -> usize {
    /// Classes such as `[kK\u{212A}]` are small.
    const MANY: usize = 100;
    match hir.kind() {
        HirKind::Class(Class::Unicode(class)) => {
            usize::from(class.ranges().iter().map(ClassUnicodeRange::len).sum::<usize>() > MANY)
        }
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => 0,
        HirKind::Repetition(Repetition { min, max, sub, .. }) => {
            wide_characters(sub).saturating_mul(max.unwrap_or(*min).max(1) as usize)
        }
        HirKind::Capture(capture) => wide_characters(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().map(wide_characters).fold(0, usize::saturating_add)
        }
    }
}

fn syntax_error(error: &regex_syntax::Error, text: &str) -> TermError {
    let (reason, span) = match error {
        regex_syntax::Error::Parse(error) => {
            let span = *error.span();
            let reason = match remedy(error.kind(), &text[span.start.offset..]) {
                Some(remedy) => format!("{}: {remedy}", error.kind()),
                None => error.kind().to_string(),
            };
            (reason, span)
        }
        regex_syntax::Error::Translate(error) => (error.kind().to_string(), *error.span()),
        error => return TermError::Syntax { reason: error.to_string(), position: 0 },
    };
    let position = text[..span.start.offset].chars().count();
    TermError::Syntax { reason, position }
}
