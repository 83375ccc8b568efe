//! The single engine.
//!
//! - **What it does:** finds one literal pattern by its bytes, then checks the characters next to it.
//! - **Name and source:** `memmem` of the crate `memchr` (a vector search for the two rarest bytes). Frequent patterns:
//!   all bytes compared at 64 positions at once ([`frequent`]), our own.
//! - **Chosen for:** up to three words without inner whitespace, or two substrings, without wildcards; one engine per
//!   pattern. If terms compete, only for one pattern.
//! - **Cost:** one pass per pattern; memory speed (10 GB/s and more) if the pattern is rare, 10 to 18 GB/s for
//!   frequent short ones.
//!
//! `memmem` is much faster than looking at every word, and checks the neighbours only at candidates. If candidates
//! are common, this check is the main cost, so [`frequent`] takes over until they are rare again. Globs and patterns
//! with inner whitespace are not fixed bytes. Outside substring mode, patterns must be valid UTF-8.

mod frequent;

use std::ops::Range;

use memchr::memmem::Finder;

use super::bit_positions::{bit_positions, copy_bit, sparse_bit_positions};
use super::engine::{CANCEL_BYTES, Cursor, Engine, MatchCallback, clean_split, period};
use crate::core::base::simd::{self, Level};
use crate::core::documents::batch::Batch;
use crate::core::terms::patterns::Pattern;
use crate::core::text::boundaries::{Boundaries, MatchMode};
use crate::core::text::encoding::Span;
use frequent::{Frequent, MatchMasks, WindowMatches};

/// How many bytes [`frequent`] compares in the time that `memmem` takes to restart after a candidate. At each
/// position it compares all bytes of the pattern. So a pattern is frequent if it occurs more than once in
/// `FREQUENT / len` positions.
const FREQUENT: usize = 3 << 10;

/// How many candidates of `memmem` decide whether the pattern is frequent.
const JUDGED_CANDIDATES: usize = 8;

pub struct Single {
    pattern: u32,
    boundaries: Boundaries,
    finder: Finder<'static>,
    /// For short patterns.
    frequent: Option<Frequent>,
    /// The smallest distance between the starts of two matches.
    period: usize,
    level: Level,
}

/// A worker's scratch memory.
#[derive(Default)]
pub struct SingleScratch {
    masks: MatchMasks,
    positions: Vec<u32>,
}

impl Single {
    /// The bytes of a pattern, if this engine can serve it.
    pub fn serves(mode: MatchMode, pattern: Pattern<'_>) -> Option<&[u8]> {
        match pattern {
            Pattern::Literal(bytes) if mode == MatchMode::Substring => Some(bytes),
            Pattern::Literal(bytes) => {
                (std::str::from_utf8(bytes).is_ok() && !bytes.contains(&b' ')).then_some(bytes)
            }
            Pattern::Glob(_) | Pattern::Regex(_) => None,
        }
    }

    pub fn new(boundaries: Boundaries, pattern: u32, bytes: &[u8]) -> Self {
        Self::with_level(boundaries, pattern, bytes, simd::level())
    }

    fn with_level(boundaries: Boundaries, pattern: u32, bytes: &[u8], level: Level) -> Self {
        let boundaries = boundaries.for_literal(bytes);
        let frequent = Frequent::new(&boundaries, bytes, level).filter(|_| !boundaries.is_adaptive);
        let finder = Finder::new(bytes).into_owned();
        Self { pattern, boundaries, finder, frequent, period: period(bytes), level }
    }

    fn len(&self) -> usize {
        self.finder.needle().len()
    }

    /// Bytes between two checks for cancellation. At least the length of the pattern, which each slice searches
    /// twice.
    fn slice(&self) -> usize {
        CANCEL_BYTES.max(self.len())
    }

    /// All positions of the bytes, including overlapping ones.
    fn candidates<'t>(&'t self, text: &'t [u8]) -> LiteralMatches<'t> {
        LiteralMatches { finder: &self.finder, period: self.period, text, from: 0, last: None }
    }

    pub fn pattern(&self) -> u32 {
        self.pattern
    }

    /// A search through a document.
    pub fn search<'s>(&'s self, text: &'s [u8]) -> SingleSearch<'s> {
        SingleSearch { single: self, text, start: 0, next: 0, candidates: self.candidates(&[]) }
    }

    /// Reports the matches that begin in a slice, until the bytes are frequent. Returns where to continue.
    fn scan_rare<S: MatchCallback>(&self, slice: Range<usize>, cursor: &mut Cursor<'_, S>) -> usize {
        let Range { start, end } = slice;
        let most = (end + self.len() - 1).min(cursor.text.len());
        let (mut seen, mut since) = (0, start);
        for at in self.candidates(&cursor.text[start..most]) {
            let at = start + at;
            self.report(at, cursor);
            seen += 1;
            cursor.callback.passed(at);
            if seen == JUDGED_CANDIDATES {
                if (at - since) * self.len() < JUDGED_CANDIDATES * FREQUENT && self.frequent.is_some() {
                    return at + self.period;
                }
                (seen, since) = (0, at);
            }
        }
        end
    }

    /// Reports the matches that begin in a slice, until the bytes are rare. Returns where to continue.
    fn scan_frequent<S: MatchCallback>(
        &self,
        frequent: &Frequent,
        slice: Range<usize>,
        scratch: &mut SingleScratch,
        cursor: &mut Cursor<'_, S>,
    ) -> usize {
        let Range { mut start, end } = slice;
        let needs_spans = cursor.callback.needs_spans(self.pattern);
        while let Some(found) = frequent.find(cursor.text, start..end, &mut scratch.masks) {
            let window = start..start + 64 * found.words;
            start = window.end;
            cursor.go_to(window.start);
            cursor.callback.passed(window.start);
            let Span { start: first, end: last } = cursor.document;
            let is_inside = first < window.start && window.end + self.len() <= last;
            if is_inside && !needs_spans && !found.is_doubtful {
                cursor.callback.on_matches(self.pattern, found.open.into());
            } else {
                self.report_all(&window, found, scratch, cursor);
            }
            if found.matches as usize * FREQUENT < window.len() * self.len() {
                break;
            }
        }
        start
    }

    /// Reports the matches of a window one by one.
    fn report_all<S: MatchCallback>(
        &self,
        window: &Range<usize>,
        found: WindowMatches,
        scratch: &mut SingleScratch,
        cursor: &mut Cursor<'_, S>,
    ) {
        let SingleScratch { masks: MatchMasks { matches, open }, positions: at } = scratch;
        if found.open < found.matches {
            // At borders of documents, the neighbours in the masks belong to another document.
            let documents = cursor.starts();
            for edge in documents.take_while(|&edge| edge <= window.end + self.len()) {
                for position in [edge.wrapping_sub(window.start), edge.wrapping_sub(window.start + self.len())] {
                    if position < 64 * matches.len() {
                        copy_bit(matches, open, position);
                    }
                }
            }
        }
        let open = &open[..found.words];
        let len = match found.open as usize > found.words {
            true => bit_positions(self.level, open, 0, at),
            false => sparse_bit_positions(open, 0, at),
        };
        at[..len].iter().for_each(|&position| self.report(window.start + position as usize, cursor));
    }

    /// Reports the bytes at a position if they are a match.
    #[inline(always)]
    fn report<S: MatchCallback>(&self, from: usize, cursor: &mut Cursor<'_, S>) {
        cursor.go_to(from);
        let to = from + self.len();
        let Span { start, end } = cursor.document;
        if to <= end && self.boundaries.allows(&cursor.text[start..end], from - start, to - start) {
            cursor.callback.on_match(self.pattern, from, to);
        }
    }
}

/// The positions of a pattern's bytes.
struct LiteralMatches<'t> {
    finder: &'t Finder<'static>,
    period: usize,
    text: &'t [u8],
    /// Where to continue, unless `last` is set.
    from: usize,
    last: Option<usize>,
}

impl Iterator for LiteralMatches<'_> {
    type Item = usize;

    /// Linear in the text: bytes that the next match shares with the last one are not compared again.
    #[inline]
    fn next(&mut self) -> Option<usize> {
        if let Some(last) = self.last {
            let pattern = self.finder.needle();
            let end = last + pattern.len();
            let wanted = &pattern[pattern.len() - self.period..];
            let shared = self.text[end..].iter().zip(wanted).take_while(|(a, b)| a == b).count();
            if shared == self.period {
                self.last = Some(last + self.period);
                return self.last;
            }
            // The first different byte ends the repetition. A match that contains it starts less than a period before
            // it.
            self.from = end + shared + 1 - self.period;
        }
        self.last = self.finder.find(self.text.get(self.from..)?).map(|at| self.from + at);
        if self.last.is_none() {
            self.text = &[];
        }
        self.last
    }
}

/// A search through one document.
pub struct SingleSearch<'s> {
    single: &'s Single,
    text: &'s [u8],
    /// The starts of the current slice and the next one.
    start: usize,
    next: usize,
    candidates: LiteralMatches<'s>,
}

impl SingleSearch<'_> {
    /// The next match. `None` at the end, or if `cancelled` returns true.
    pub fn next(&mut self, cancelled: &dyn Fn() -> bool) -> Option<(usize, usize)> {
        let Single { boundaries, finder, .. } = self.single;
        let len = finder.needle().len();
        loop {
            for at in &mut self.candidates {
                let (start, end) = (self.start + at, self.start + at + len);
                if boundaries.allows(self.text, start, end) {
                    return Some((start, end));
                }
            }
            if self.next >= self.text.len() || cancelled() {
                return None;
            }
            self.start = self.next;
            self.next = self.start + self.single.slice();
            let most = (self.next + len - 1).min(self.text.len());
            self.candidates = self.single.candidates(&self.text[self.start..most]);
        }
    }
}

impl Engine for Single {
    type Scratch = SingleScratch;

    fn scan(&self, batch: Batch<'_>, scratch: &mut SingleScratch, callback: &mut impl MatchCallback) {
        let mut cursor = Cursor::new(batch, callback);
        let mut at = 0;
        while at < batch.text.len() {
            let end = (at + self.slice()).min(batch.text.len());
            while at < end {
                at = self.scan_rare(at..end, &mut cursor);
                if let Some(frequent) = &self.frequent {
                    at = self.scan_frequent(frequent, at..end, scratch, &mut cursor);
                }
            }
            if cursor.callback.cancelled() {
                return;
            }
        }
        cursor.finish();
    }

    fn split_context(&self) -> usize {
        self.len() + 1
    }

    fn split_point(&self, window: &[u8], from: usize) -> Option<usize> {
        let base = from.saturating_sub(self.split_context());
        let matches = self.candidates(&window[base..]).map(|at| (base + at, base + at + self.len()));
        clean_split(matches, window, from, self.split_context(), self.boundaries.mode != MatchMode::Substring)
    }

    fn overlaps_itself(&self, _: u32) -> bool {
        self.period < self.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::engines::naive::Naive;
    use crate::core::text::boundaries::WordChars;

    /// For each document: the starts of matches, and the number of matches that were counted without positions.
    struct Seen {
        needs_spans: bool,
        documents: Vec<(Vec<usize>, u64)>,
    }

    impl MatchCallback for Seen {
        fn on_match(&mut self, pattern: u32, start: usize, _: usize) {
            assert_eq!(pattern, 3);
            self.documents.last_mut().unwrap().0.push(start);
        }

        fn needs_spans(&self, _: u32) -> bool {
            self.needs_spans
        }

        fn on_matches(&mut self, pattern: u32, count: u64) {
            assert!(pattern == 3 && !self.needs_spans);
            self.documents.last_mut().unwrap().1 += count;
        }

        fn end_document(&mut self) {
            self.documents.push(Default::default());
        }

        fn cancelled(&self) -> bool {
            false
        }
    }

    fn seen(engine: &impl Engine, batch: Batch<'_>, needs_spans: bool) -> Vec<(Vec<usize>, u64)> {
        let mut seen = Seen { needs_spans, documents: vec![Default::default()] };
        engine.scan(batch, &mut Default::default(), &mut seen);
        seen.documents
    }

    #[test]
    fn repetitive_patterns_are_found_at_every_position() {
        let letters = |mut number: usize, len: usize| -> Vec<u8> {
            let letter = |_| {
                number /= 2;
                b"ab"[number % 2]
            };
            (0..len).map(letter).collect()
        };
        for (number, len) in (1..9).flat_map(|len| (0..2usize << len).step_by(2).map(move |number| (number, len))) {
            let pattern = letters(number, len);
            let single = Single::new(Boundaries { mode: MatchMode::Substring, ..Boundaries::default() }, 0, &pattern);
            for seed in [0, 0b10, 0b1110, 0xAAAA, 0xB6DB6, 0x12345, 0x7FFF7F, 0xCCCCC] {
                // Several periods of the pattern, then other letters.
                let text = [&pattern.repeat(3)[..], &letters(seed, 20), &pattern[1..], &pattern, &pattern].concat();
                let expected: Vec<usize> = (0..text.len()).filter(|&at| text[at..].starts_with(&pattern)).collect();
                assert_eq!(single.candidates(&text).collect::<Vec<_>>(), expected, "{pattern:?} {text:?}");
                let mut search = single.search(&text);
                let found = std::iter::from_fn(|| search.next(&|| false)).map(|found| found.0);
                assert_eq!(found.collect::<Vec<_>>(), expected);
            }
        }
    }

    /// Splits the text into documents of the given lengths, repeated.
    fn spans(text: &[u8], lens: &[usize]) -> Vec<Span> {
        let mut spans = vec![Span { start: 0, end: 0 }];
        for len in lens.iter().cycle() {
            let start = spans.last().unwrap().end;
            if start == text.len() {
                break;
            }
            spans.push(Span { start, end: text.len().min(start + len) });
        }
        spans
    }

    #[test]
    fn every_match_is_found_frequent_or_rare() {
        // The neighbours change from one repetition to the next.
        let mixed = |parts: &[&str], count: usize| -> String {
            (0..count).map(|i| parts[i * i % 83 % parts.len()]).collect()
        };
        let frequent = mixed(&["the ", "other", " the", " ", "-the", "theé", "\u{A0}", "a", "\n", "thethe "], 4000);
        let rare = mixed(&["once upon a ", "time ", "the"], 30) + &"and nothing of the kind ".repeat(200);
        let text = [&rare[..], &frequent, &rare, &frequent[..700], &rare, "the"].concat();
        let modes =
            [(MatchMode::Word, ""), (MatchMode::Word, "-"), (MatchMode::Token, ""), (MatchMode::Substring, "")];
        let mut counts_at_once = false;
        for (pattern, (mode, chars)) in
            ["the", "a", "thethe", "é", "e t", "upon"].map(|pattern| modes.map(|r| (pattern, r))).concat()
        {
            if pattern.contains(' ') && mode != MatchMode::Substring {
                continue;
            }
            let boundaries = Boundaries::new(mode, WordChars::new(chars).unwrap());
            let naive = Naive::new(boundaries.clone(), [(3, Pattern::Literal(pattern.as_bytes()))].into_iter());
            for lens in [&[usize::MAX / 2][..], &[9000, 0, 1, 64, 200], &[53], &[0, 5, 1, 2, 3, 7, 4]] {
                let spans = spans(text.as_bytes(), lens);
                let batch = Batch { text: text.as_bytes(), spans: &spans };
                let expected = seen(&naive, batch, true);
                let total = |seen: &[(Vec<usize>, u64)]| -> Vec<u64> {
                    seen.iter().map(|(positions, count)| positions.len() as u64 + count).collect()
                };
                for level in Level::all() {
                    let single = Single::with_level(boundaries.clone(), 3, pattern.as_bytes(), level);
                    assert_eq!(seen(&single, batch, true), expected, "{level:?} {mode:?} {pattern:?} {lens:?}");
                    let counted = seen(&single, batch, false);
                    assert_eq!(total(&counted), total(&expected), "{level:?} {mode:?} {pattern:?} {lens:?}");
                    counts_at_once |= counted.iter().any(|(_, count)| *count > 0);
                }
            }
        }
        assert!(counts_at_once, "some windows are counted without positions");
    }
}
