//! Compiles one expression.

use std::sync::{Arc, OnceLock};

use regex_automata::util::pool::Pool;
use regex_syntax::hir::{ClassUnicode, Hir};

use super::context::{Expression, InContext, MatchBytes, Neighbours, bytes_of, in_context, is_by_lines};
use super::ends::{Boundary, can_be_empty};
use super::greedy::GreedyScratch;
use super::lazy_dfa::{DfaCaches, LazyDfas, SearchKind};
use super::rewrite::for_ascii;
use super::state_sets::ReverseNfa;
use super::symbols::Symbols;
use crate::core::base::error::TermError;
use crate::core::text::boundaries::Boundaries;
use crate::core::text::unicode::{first_char, last_char};

/// Memory for DFA states in bytes: for all expressions of a plan together, and for each.
const CACHE_BYTES: usize = 64 << 20;
const CACHE_BYTES_EACH: std::ops::RangeInclusive<usize> = 64 << 10..=2 << 20;

/// Memory for `greedy` in bytes, during searches at the same time: for all expressions together, and for each.
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
    /// About how many bytes `greedy` may use for a text.
    pub budget: usize,
    /// One for each search that runs at the same time.
    pub scratch: Pool<Option<Box<RegexScratch>>>,
}

/// Memory that searches of an expression leave to later ones.
pub struct RegexScratch {
    pub at_start: DfaCaches,
    pub within: Option<DfaCaches>,
    pub greedy: GreedyScratch,
}

/// What the expressions of a plan have in common.
#[derive(Clone, Debug)]
pub struct RegexOptions {
    pub boundaries: Boundaries,
    pub ignore_case: bool,
    neighbours: Neighbours,
    /// Their number. They share the memory for states.
    expressions: usize,
}

/// Which texts a compiled expression is for.
#[derive(Clone)]
pub enum ForTexts {
    Any,
    /// Those without other characters. Classes are as small as they are there.
    Ascii,
    /// Those in symbols.
    Symbols(Arc<Symbols>),
}

impl RegexOptions {
    pub fn new(boundaries: Boundaries, ignore_case: bool, expressions: usize) -> Self {
        Self { neighbours: Neighbours::new(&boundaries), boundaries, ignore_case, expressions }
    }

    /// An expression with the context that its boundaries need.
    pub fn in_context(&self, hir: &Hir) -> InContext {
        in_context(&self.boundaries, &self.neighbours, hir)
    }

    /// The characters that must not be next to a match.
    pub fn word_chars(&self) -> [&ClassUnicode; 1] {
        [self.neighbours.inside()]
    }

    /// Whether that context is different for an expression than for others.
    pub fn has_marks(&self, hir: &Hir) -> bool {
        self.boundaries.is_adaptive && self.neighbours.before_and_after(hir).contains(&Boundary::AtWords)
    }

    /// The memory to compile one expression: several times the limit of its compiled size. With adaptive boundaries,
    /// two automata are built twice.
    pub fn bytes_to_build(&self, texts: &ForTexts) -> usize {
        match (texts, self.boundaries.is_adaptive) {
            (ForTexts::Ascii | ForTexts::Symbols(_), _) => 1 << 20,
            (ForTexts::Any, false) => 48 << 20,
            (ForTexts::Any, true) => 112 << 20,
        }
    }
}

impl Regex {
    pub fn new(options: &RegexOptions, texts: ForTexts, pattern: u32, text: &[u8]) -> Result<Self, TermError> {
        let &RegexOptions { ref boundaries, ignore_case, expressions, .. } = options;
        let mut hir = parse(text, ignore_case)?;
        let InContext { before, after, mut at_start, mut within } = options.in_context(&hir);
        let rewrite = |hir: &Hir| match &texts {
            ForTexts::Any => hir.clone(),
            ForTexts::Ascii => for_ascii(hir),
            ForTexts::Symbols(symbols) => symbols.rewrite(hir),
        };
        at_start.hir = rewrite(&at_start.hir);
        within = within.map(|within| Expression { hir: rewrite(&within.hir), ..within });
        if let ForTexts::Symbols(symbols) = &texts {
            hir = symbols.rewrite(&hir);
        }
        let each = expressions.max(1);
        let cache = (CACHE_BYTES / (3 * each)).clamp(*CACHE_BYTES_EACH.start(), *CACHE_BYTES_EACH.end());
        let budget = (BUDGET_BYTES / each).clamp(*BUDGET_BYTES_EACH.start(), *BUDGET_BYTES_EACH.end());
        let bytes = bytes_of(&hir);
        let is_by_lines = is_by_lines(&hir, &bytes);
        let lengths =
            [hir.properties().minimum_len().unwrap_or(0), hir.properties().maximum_len().unwrap_or(usize::MAX)];
        Ok(Self {
            pattern,
            texts,
            boundaries: boundaries.clone(),
            before,
            after,
            at_start: LazyDfas::new(
                &at_start,
                if within.is_some() { SearchKind::Anchored } else { SearchKind::Everywhere },
                cache,
            )?,
            within: within.map(|within| LazyDfas::new(&within, SearchKind::Within, cache)).transpose()?,
            lengths,
            bytes,
            is_by_lines,
            reverse_nfa: OnceLock::new(),
            budget,
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
        })
    }

    pub fn reverse_nfa(&self) -> &ReverseNfa {
        self.reverse_nfa.get_or_init(|| ReverseNfa::new(self.at_start.nfa()))
    }
}

pub fn parse(text: &[u8], ignore_case: bool) -> Result<Hir, TermError> {
    let text = std::str::from_utf8(text).map_err(|_| TermError::NotUtf8)?;
    let parsed = regex_syntax::ParserBuilder::new().case_insensitive(ignore_case).build().parse(text);
    let hir = parsed.map_err(|error| syntax_error(&error, text))?;
    if can_be_empty(&hir) { Err(TermError::MatchesEmpty) } else { Ok(hir) }
}

fn syntax_error(error: &regex_syntax::Error, text: &str) -> TermError {
    let (reason, span) = match error {
        regex_syntax::Error::Parse(error) => (error.kind().to_string(), *error.span()),
        regex_syntax::Error::Translate(error) => (error.kind().to_string(), *error.span()),
        error => return TermError::Syntax { reason: error.to_string(), position: 0 },
    };
    let position = text[..span.start.offset].chars().count();
    TermError::Syntax { reason, position }
}
