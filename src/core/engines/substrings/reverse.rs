//! Reverse automaton, if terms compete: finds the longest literal that begins at each position, from right to left.
//!
//! An automaton of the reversed literals reads the text from right to left. At each position it knows the longest
//! literal that begins there. This takes one step for each byte, no matter how many other literals begin there or
//! partly match. By contrast, a leftmost-longest automaton from left to right looks ahead after each match. For `a`
//! and a^1000 b in a text of `a`, it reads a thousand bytes each time. The leftmost match wins, and the next one
//! begins at or after its end.

use std::ops::Range;

use daachorse::DoubleArrayAhoCorasick;

use crate::core::base::packed_strings::PackedStrings;
use crate::core::engines::engine::{Cursor, MatchCallback};

pub struct ReverseAutomaton {
    automaton: DoubleArrayAhoCorasick<u32>,
    longest: usize,
}

/// The longest literal that begins at a position, relative to the left end of the scan.
pub struct LongestLiteral {
    at: u32,
    literal: u32,
    len: u32,
}

impl ReverseAutomaton {
    /// `None` if there are too many literals.
    pub fn new(literals: &PackedStrings) -> Option<Self> {
        let reversed = literals.iter().map(|literal| literal.iter().rev().copied().collect::<Vec<u8>>());
        let automaton = DoubleArrayAhoCorasick::with_values(reversed.zip(0..)).ok()?;
        Some(Self { automaton, longest: literals.longest() })
    }

    /// Reports the winners in a slice. Near the slice's end, where longer literals may cross it, it reports the
    /// longest literal at each position that ends in the slice. Returns 0, since it has no filter.
    pub fn scan<S: MatchCallback>(
        &self,
        cursor: &mut Cursor<'_, S>,
        slice: Range<usize>,
        longest_literals: &mut Vec<LongestLiteral>,
    ) -> usize {
        cursor.go_to(slice.start);
        let base = slice.start.saturating_sub(self.longest - 1).max(cursor.document.start);
        let mut start = base;
        while start < slice.end {
            cursor.go_to(start.max(slice.start));
            let document = cursor.document;
            let end = document.end.min(slice.end);
            let text = cursor.text[start..end].iter().rev().copied();
            longest_literals.clear();
            longest_literals.extend(self.automaton.find_overlapping_no_suffix_iter_from_iter(text).map(|found| {
                let len = found.end() - found.start();
                LongestLiteral { at: (end - start - found.end()) as u32, literal: found.value(), len: len as u32 }
            }));
            // Matches that begin before this position end in the slice, however long they are.
            let known = if end == document.end { end } else { (end + 1).saturating_sub(self.longest) };
            let mut free_from = cursor.callback.settle_before(start);
            for (count, found) in longest_literals.iter().rev().enumerate() {
                let at = start + found.at as usize;
                if at < free_from {
                    continue;
                }
                cursor.callback.on_match(found.literal, at, at + found.len as usize);
                if at < known {
                    free_from = at + found.len as usize;
                }
                if count % (64 << 10) == 0 && cursor.callback.cancelled() {
                    return 0;
                }
            }
            start = end;
        }
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::documents::batch::Batch;
    use crate::core::text::encoding::Span;

    /// Counts matches, and settles them as if each won.
    #[derive(Default)]
    struct Reported {
        count: usize,
        free_from: usize,
    }

    impl MatchCallback for Reported {
        fn on_match(&mut self, _: u32, _: usize, end: usize) {
            self.count += 1;
            self.free_from = self.free_from.max(end);
        }

        fn on_matches(&mut self, _: u32, _: u64) {
            unreachable!("positions are needed")
        }

        fn settle_before(&mut self, position: usize) -> usize {
            self.free_from.min(position)
        }

        fn end_document(&mut self) {}

        fn cancelled(&self) -> bool {
            false
        }
    }

    #[test]
    fn few_matches_but_winners_are_reported() {
        let mut literals = PackedStrings::default();
        (1..=100).for_each(|len| literals.push("a".repeat(len).as_bytes()));
        let backward = ReverseAutomaton::new(&literals).unwrap();
        let text = b"a".repeat(100_000);
        let (mut reported, mut longest_literals) = (Reported::default(), Vec::new());
        let spans = [Span { start: 0, end: text.len() }];
        let mut cursor = Cursor::new(Batch { text: &text, spans: &spans }, &mut reported);
        for start in (0..text.len()).step_by(10_000) {
            backward.scan(&mut cursor, start..start + 10_000, &mut longest_literals);
        }
        // A thousand win; ten million exist. At the end of each slice a hundred may still be longer.
        assert!((1000..4000).contains(&reported.count), "{}", reported.count);
    }
}
