//! The trait of engines, the trait of their callbacks, and what engines share.

use crate::core::documents::batch::Batch;
use crate::core::text::encoding::{Span, is_continuation};

/// Takes the matches that an engine finds.
pub trait MatchCallback {
    /// The pattern matches at `start..end` of the batch's text. Calls for one pattern come in order of `start`.
    fn on_match(&mut self, pattern: u32, start: usize, end: usize);
    /// Whether the positions of a pattern's matches are needed. If not, the engine may call
    /// [`MatchCallback::on_matches`] instead.
    fn needs_spans(&self, _pattern: u32) -> bool {
        true
    }
    /// The pattern has `count` matches in the document.
    fn on_matches(&mut self, pattern: u32, count: u64);
    /// All later matches start at or after `position`, so the matches before it can be settled.
    fn passed(&mut self, _position: usize) {}
    /// As [`MatchCallback::passed`]. If terms compete, returns the position from which on a match can count.
    fn settle_before(&mut self, position: usize) -> usize {
        self.passed(position);
        0
    }
    /// The document ends, and the batch's next document begins.
    fn end_document(&mut self);
    /// Whether the count was cancelled. Called about once for each megabyte of a document.
    fn cancelled(&self) -> bool;
}

/// A batch that is scanned as one text, and the document that the scan has reached.
pub struct Cursor<'b, S> {
    pub text: &'b [u8],
    spans: &'b [Span],
    /// The current document, and the index of the next.
    pub document: Span,
    next: usize,
    pub callback: &'b mut S,
}

impl<'b, S: MatchCallback> Cursor<'b, S> {
    pub fn new(batch: Batch<'b>, callback: &'b mut S) -> Self {
        let document = batch.spans.first().copied().unwrap_or(Span { start: 0, end: 0 });
        Self { text: batch.text, spans: batch.spans, document, next: 1, callback }
    }

    /// The starts of the current document and those after it.
    pub fn starts(&self) -> impl Iterator<Item = usize> + Clone + use<'b, S> {
        self.spans[self.next - 1..].iter().map(|span| span.start)
    }

    /// Advances to the document with the byte at `at`.
    #[inline(always)]
    pub fn go_to(&mut self, at: usize) {
        while at >= self.document.end {
            self.callback.end_document();
            self.document = self.spans[self.next];
            self.next += 1;
        }
    }

    /// Reports a match that contains the byte at `at`, unless it crosses documents.
    #[inline(always)]
    pub fn report(&mut self, at: usize, pattern: u32, start: usize, end: usize) {
        self.go_to(at);
        if start >= self.document.start && end <= self.document.end {
            self.callback.on_match(pattern, start, end);
        }
    }

    pub fn finish(self) {
        (self.next..self.spans.len() + 1).for_each(|_| self.callback.end_document());
    }
}

/// A way to find all matches of many patterns.
pub trait Engine {
    /// A worker's memory for the engine, which need not be allocated for each batch.
    type Scratch: Default;

    /// Reports all matches in all documents of the batch. Returns early if the callback's `cancelled` returns true.
    fn scan(&self, batch: Batch<'_>, scratch: &mut Self::Scratch, callback: &mut impl MatchCallback);

    /// How many bytes on both sides of a position decide whether a document can be split there.
    fn split_context(&self) -> usize;

    /// The first position at or after `from` where the text can be split into two parts that are counted separately.
    /// No match crosses it, and no match begins or ends there in a part that is not a match in the whole. `window` is
    /// a part of a document that continues on both sides. It has [`Engine::split_context`] bytes before `from`, or
    /// all there are.
    fn split_point(&self, window: &[u8], from: usize) -> Option<usize>;

    /// Whether matches of a pattern may overlap each other.
    fn overlaps_itself(&self, pattern: u32) -> bool;
}

/// How many bytes of a document an engine reads between two checks for cancellation.
pub const CANCEL_BYTES: usize = 1 << 20;

/// The first position at or after `from` that no match crosses. With `touching`, no match begins or ends there
/// either.
///
/// `matches` are all matches of `window`, in order of their ends, and none is longer than `context` bytes. A match
/// that crosses the position moves it to the match's end. Earlier matches end no later, so they need not be checked
/// again.
pub fn clean_split(
    matches: impl Iterator<Item = (usize, usize)>,
    window: &[u8],
    from: usize,
    context: usize,
    touching: bool,
) -> Option<usize> {
    let touch = usize::from(touching);
    let mut position = next_char(window, from);
    for (start, end) in matches {
        if end > position + context {
            break;
        }
        if start < position + touch && position < end + touch {
            position = next_char(window, end + touch);
        }
    }
    (position + context < window.len()).then_some(position)
}

/// The first position at or after `at` where a character may begin.
fn next_char(window: &[u8], at: usize) -> usize {
    let rest = window.get(at..).unwrap_or(&[]);
    at + rest.iter().take_while(|&&byte| is_continuation(byte)).count()
}

/// The first bytes of a text, padded with zeros.
#[inline(always)]
pub fn padded<const N: usize>(text: &[u8]) -> [u8; N] {
    text.first_chunk().copied().unwrap_or_else(|| {
        let mut bytes = [0; N];
        bytes[..text.len()].copy_from_slice(text);
        bytes
    })
}

/// The length of the longest border of each prefix of `pattern`: a proper prefix that is also a suffix. This is the
/// failure function of Knuth, Morris and Pratt.
pub fn borders(pattern: &[u8]) -> Vec<usize> {
    let mut borders = vec![0; pattern.len()];
    for i in 1..pattern.len() {
        let mut border = borders[i - 1];
        while border > 0 && pattern[i] != pattern[border] {
            border = borders[border - 1];
        }
        borders[i] = border + usize::from(pattern[i] == pattern[border]);
    }
    borders
}

/// The smallest distance between the starts of two matches of `pattern`. If it is less than the pattern's length,
/// they overlap.
pub fn period(pattern: &[u8]) -> usize {
    pattern.len() - borders(pattern).last().copied().unwrap_or(0)
}

/// Whether two matches of `pattern` can overlap.
pub fn overlaps_itself(pattern: &[u8]) -> bool {
    period(pattern) < pattern.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods() {
        for (pattern, expected) in
            [("a", 1), ("ab", 2), ("aa", 1), ("aba", 2), ("abcab", 3), ("aab", 3), ("abababa", 2), ("aabaa", 3)]
        {
            assert_eq!(period(pattern.as_bytes()), expected, "{pattern}");
        }
    }

    #[test]
    fn a_split_avoids_matches() {
        let text = b"..aaaaa..aa......";
        let matches = [(2, 5), (3, 6), (4, 7), (9, 11)];
        let cut = |from, touching| clean_split(matches.into_iter(), text, from, 3, touching);
        assert_eq!([0, 2, 3, 5, 7, 9, 10, 11].map(|from| cut(from, false)), [0, 2, 7, 7, 7, 9, 11, 11].map(Some));
        assert_eq!([0, 2, 7, 8].map(|from| cut(from, true)), [0, 8, 8, 8].map(Some));
        assert_eq!(cut(14, false), None);
    }
}
