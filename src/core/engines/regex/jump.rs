//! Where the next match can begin at the earliest, by a literal that each match must contain.
//!
//! The literal need not begin the match. What precedes it in the expression is then bounded by its length, or by a byte
//! that it cannot contain. A character of context before all of that is allowed for.

use std::ops::Range;

use regex_automata::MatchKind;
use regex_automata::util::prefilter::Prefilter;
use regex_syntax::hir::literal::Extractor;
use regex_syntax::hir::{Hir, HirKind};

use super::context::{ByteSet, bytes_of};
use super::watch::{Stop, Watch};

/// Literals that begin some part of each match.
pub struct Jump {
    literals: Prefilter,
    /// How long what precedes that part can be, and which bytes it can contain.
    longest: usize,
    bytes: ByteSet,
    /// How many bytes of context can precede all of that.
    context: usize,
    /// Whether each literal is a match, and there are no others.
    pub is_exact: bool,
}

/// What is known of the next match.
pub struct Next {
    /// It begins here or later.
    pub start: usize,
    /// Where the next of the literals begins and ends.
    pub literal: usize,
    pub literal_end: usize,
}

/// Parts of an expression that are looked at for literals.
const PARTS: usize = 8;
/// Bytes that are searched between two looks at whether the count was cancelled.
const AT_ONCE: usize = 1 << 20;
/// Searching for literals is so many times as fast as reading byte by byte.
const FASTER: usize = 8;

impl Jump {
    /// None where no literals are known, or too many to be found fast. `context` says whether the first part of the
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
            // A part by itself says whether there are any, all parts from there on which are best.
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

    /// The next place in a range where a match can begin that lies in the range; none if there is none.
    pub fn find(&self, text: &[u8], range: Range<usize>, watch: &Watch<'_>) -> Result<Option<Next>, Stop> {
        let Range { mut start, end } = range;
        loop {
            let stop = end.min(start.saturating_add(AT_ONCE));
            if let Some(literal) = self.literals.find(text, (start..stop).into()) {
                watch.work(1 + (literal.start - start) / FASTER)?;
                let before = &text[range.start..literal.start];
                let bytes = before.iter().rev().take(self.longest);
                let length = bytes.take_while(|&&byte| self.bytes.contains(byte)).count();
                watch.work(length)?;
                let start = literal.start - before.len().min(length + self.context);
                return Ok(Some(Next { start, literal: literal.start, literal_end: literal.end }));
            }
            watch.work((stop - start) / FASTER)?;
            if stop == end {
                return Ok(None);
            }
            // A literal may lie across the border.
            start = stop - self.literals.max_needle_len().min(AT_ONCE / 2);
        }
    }
}

/// The literals that an expression consists of, where it is nothing else.
fn exact(hir: &Hir) -> Option<Prefilter> {
    let literals = Extractor::new().extract(hir);
    let is_exact = literals.is_exact() && hir.properties().look_set().is_empty();
    Prefilter::new(MatchKind::LeftmostFirst, literals.literals().filter(|_| is_exact)?)
}

/// The parts that an expression consists of, one after another.
fn add_parts(hir: &Hir, parts: &mut Vec<Hir>) {
    match hir.kind() {
        HirKind::Capture(capture) => add_parts(&capture.sub, parts),
        HirKind::Concat(concat) => concat.iter().for_each(|part| add_parts(part, parts)),
        _ => parts.push(hir.clone()),
    }
}
