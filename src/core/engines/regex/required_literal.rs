//! Finds the earliest position of the next match, by a literal that each match must contain.
//!
//! The literal need not be at the start of a match. The part of the match before it is limited by its length, or by
//! the bytes that it can contain. A character of context may come before all that.

use std::ops::Range;

use regex_automata::MatchKind;
use regex_automata::util::prefilter::Prefilter;
use regex_syntax::hir::literal::Extractor;
use regex_syntax::hir::{Hir, HirKind};

use super::cancel::{CancelCheck, Stop};
use super::context::{MatchBytes, bytes_of};

/// Literals that begin some part of each match.
pub struct RequiredLiteral {
    literals: Prefilter,
    /// The longest text before that part, and the bytes that it can contain.
    longest: usize,
    bytes: MatchBytes,
    /// How many bytes of context can come before all that.
    context: usize,
    /// Whether each literal is a match, and there are no other matches.
    pub is_exact: bool,
}

/// Where the next match may be.
pub struct NextCandidate {
    /// It begins here or later.
    pub start: usize,
    /// The start and end of the next literal.
    pub literal: usize,
    pub literal_end: usize,
}

/// How many parts of an expression are tried.
const PARTS: usize = 8;
/// Bytes between two checks for cancellation.
const CHECK_EVERY: usize = 1 << 20;
/// How many times faster a search for literals is than reading byte by byte.
const FASTER: usize = 8;

impl RequiredLiteral {
    /// `None` if there are no literals, or too many to find them fast. `context` tells whether the first part of the
    /// expression is a character of context.
    pub fn new(hir: &Hir, context: bool) -> Option<Self> {
        if !context && let Some(literals) = exact(hir) {
            return Some(Self { literals, longest: 0, bytes: bytes_of(&Hir::empty()), context: 0, is_exact: true });
        }
        let mut parts = Vec::new();
        add_parts(hir, &mut parts);
        parts.drain(..usize::from(context));
        (0..parts.len().min(PARTS)).find_map(|first| {
            let literals = |hir: &Hir| Prefilter::from_hir_prefix(MatchKind::LeftmostFirst, hir);
            // A single part shows whether there are literals. All parts from there on give the best ones.
            let found = literals(&parts[first])?;
            let literals = literals(&Hir::concat(parts[first..].to_vec())).unwrap_or(found);
            if first > 0 && !literals.is_fast() {
                return None;
            }
            let before = Hir::concat(parts[..first].to_vec());
            Some(Self {
                literals,
                longest: before.properties().maximum_len().unwrap_or(usize::MAX),
                bytes: bytes_of(&before),
                context: if context { char::MAX.len_utf8() } else { 0 },
                is_exact: false,
            })
        })
    }

    /// The next position in a range where a match in the range can begin. No match begins at `starts_end` or later, so
    /// literals that are too far beyond are not looked for.
    pub fn find(
        &self,
        text: &[u8],
        range: Range<usize>,
        starts_end: usize,
        cancel_check: &CancelCheck<'_>,
    ) -> Result<Option<NextCandidate>, Stop> {
        let reach = self.longest.saturating_add(self.context).saturating_add(self.literals.max_needle_len());
        let Range { mut start, end } = range;
        let end = end.min(starts_end.saturating_add(reach));
        if start >= end {
            return Ok(None);
        }
        loop {
            let stop = end.min(start.saturating_add(CHECK_EVERY));
            if let Some(literal) = self.literals.find(text, (start..stop).into()) {
                cancel_check.work(1 + (literal.start - start) / FASTER)?;
                let before = &text[range.start..literal.start];
                let bytes = before.iter().rev().take(self.longest);
                let length = bytes.take_while(|&&byte| self.bytes.contains(byte)).count();
                cancel_check.work(length)?;
                let start = literal.start - before.len().min(length + self.context);
                return Ok(Some(NextCandidate { start, literal: literal.start, literal_end: literal.end }));
            }
            cancel_check.work((stop - start) / FASTER)?;
            if stop == end {
                return Ok(None);
            }
            // A literal may cross the border.
            start = stop - self.literals.max_needle_len().min(CHECK_EVERY / 2);
        }
    }
}

/// The literals, if the expression is nothing but literals.
fn exact(hir: &Hir) -> Option<Prefilter> {
    let literals = Extractor::new().extract(hir);
    let is_exact = literals.is_exact() && hir.properties().look_set().is_empty();
    Prefilter::new(MatchKind::LeftmostFirst, literals.literals().filter(|_| is_exact)?)
}

/// The parts of an expression, in order.
fn add_parts(hir: &Hir, parts: &mut Vec<Hir>) {
    match hir.kind() {
        HirKind::Capture(capture) => add_parts(&capture.sub, parts),
        HirKind::Concat(concat) => concat.iter().for_each(|part| add_parts(part, parts)),
        _ => parts.push(hir.clone()),
    }
}
