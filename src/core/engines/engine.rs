//! What an engine is, what takes the occurrences that it finds, and what engines share.

use crate::core::documents::batch::Batch;
use crate::core::text::encoding::Span;

/// What takes the occurrences that an engine finds.
pub trait MatchCallback {
    /// The form stands at `start..end` of the batch's text. Calls for one form come in order of `start`.
    fn on_match(&mut self, pattern: u32, start: usize, end: usize);
    /// Whether the places of a form's occurrences matter; where they do not, [`MatchCallback::hits`] may be called instead.
    fn needs_spans(&self, _form: u32) -> bool {
        true
    }
    /// So many occurrences of the form stand in the document.
    fn on_matches(&mut self, pattern: u32, count: u64);
    /// Every later occurrence starts at or after `place`, so that those before it can be settled.
    fn passed(&mut self, _place: usize) {}
    /// The same; and from where on an occurrence can count, if terms compete.
    fn settle_before(&mut self, place: usize) -> usize {
        self.passed(place);
        0
    }
    /// The batch's next document begins.
    fn end_document(&mut self);
    /// Whether the count was cancelled; asked about every megabyte within a document.
    fn cancelled(&self) -> bool;
}

/// A batch that is scanned in one go, and where the scan has come to: which document is at hand.
pub struct Cursor<'b, S> {
    pub text: &'b [u8],
    spans: &'b [Span],
    /// The document that the scan is in, and the number of the one behind it.
    pub document: Span,
    next: usize,
    pub callback: &'b mut S,
}

impl<'b, S: MatchCallback> Cursor<'b, S> {
    pub fn new(batch: Batch<'b>, callback: &'b mut S) -> Self {
        let document = batch.spans.first().copied().unwrap_or(Span { start: 0, end: 0 });
        Self { text: batch.text, spans: batch.spans, document, next: 1, callback }
    }

    /// Where the document at hand and those behind it begin.
    pub fn starts(&self) -> impl Iterator<Item = usize> + Clone + use<'b, S> {
        self.spans[self.next - 1..].iter().map(|span| span.start)
    }

    /// Goes on to the document that holds the byte at `at`.
    #[inline(always)]
    pub fn go_to(&mut self, at: usize) {
        while at >= self.document.end {
            self.callback.end_document();
            self.document = self.spans[self.next];
            self.next += 1;
        }
    }

    /// Reports an occurrence that holds the byte at `at`, if it does not reach across documents.
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

/// A way to search.
pub trait Engine {
    /// Buffers that a worker lends to the engine, so that they need not be made for each batch.
    type Scratch: Default;

    /// Reports every occurrence in every document of the batch; returns early when the sink says `cancelled`.
    fn scan(&self, batch: Batch<'_>, scratch: &mut Self::Scratch, callback: &mut impl MatchCallback);

    /// How many bytes around a place decide whether a document can be cut there.
    fn split_context(&self) -> usize;

    /// The first place at or after `from` where the text can be cut in two that are counted apart: no occurrence lies
    /// across it, and none begins or ends there that would not stand in the whole. `window` is a part of a document
    /// that goes on on both sides, with [`Engine::split_context`] bytes of it before `from` if there are as many.
    fn split_point(&self, window: &[u8], from: usize) -> Option<usize>;

    /// Whether occurrences of a form may overlap one another.
    fn overlaps_itself(&self, pattern: u32) -> bool;
}

/// How many bytes of one document an engine reads before it asks whether to go on.
pub const CANCEL_BYTES: usize = 1 << 20;

/// The first place at or after `from` that no occurrence lies across, nor touches where `touching` is set.
///
/// `occurrences` are all those of `window`, in order of their ends, and none is longer than `reach` bytes. An occurrence
/// in the way moves the place behind itself; those before it end no later, so they are out of the way for good.
pub fn clean_split(
    occurrences: impl Iterator<Item = (usize, usize)>,
    window: &[u8],
    from: usize,
    reach: usize,
    touching: bool,
) -> Option<usize> {
    let touch = usize::from(touching);
    let mut place = next_char(window, from);
    for (start, end) in occurrences {
        if end > place + reach {
            break;
        }
        if start < place + touch && place < end + touch {
            place = next_char(window, end + touch);
        }
    }
    (place + reach < window.len()).then_some(place)
}

/// The first place at or after `at` where a character may begin.
fn next_char(window: &[u8], at: usize) -> usize {
    let rest = window.get(at..).unwrap_or(&[]);
    at + rest.iter().take_while(|&&byte| byte & 0xC0 == 0x80).count()
}

/// The longest border of each prefix of `pattern`: what both begins and ends it, but for itself. The failure function of
/// Knuth, Morris and Pratt.
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

/// The smallest distance between the starts of two occurrences of `pattern`; if it is less than the form's length, they
/// overlap.
pub fn period(pattern: &[u8]) -> usize {
    pattern.len() - borders(pattern).last().copied().unwrap_or(0)
}

/// Whether two occurrences of `pattern` can overlap.
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
    fn a_cut_avoids_occurrences() {
        let text = b"..aaaaa..aa......";
        let occurrences = [(2, 5), (3, 6), (4, 7), (9, 11)];
        let cut = |from, touching| clean_split(occurrences.into_iter(), text, from, 3, touching);
        assert_eq!([0, 2, 3, 5, 7, 9, 10, 11].map(|from| cut(from, false)), [0, 2, 7, 7, 7, 9, 11, 11].map(Some));
        assert_eq!([0, 2, 7, 8].map(|from| cut(from, true)), [0, 8, 8, 8].map(Some));
        assert_eq!(cut(14, false), None);
    }
}
