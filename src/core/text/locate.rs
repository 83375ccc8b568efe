//! Converts positions in transformed text to positions in the original text.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::accents::accents;
use super::encoding::{Span, Text};
use super::transform::Transform;
use super::utf8::{BLOCK, encoded_len};

/// Bytes between two checks for cancellation.
const CHECK_EVERY: usize = 1 << 20;

impl Transform {
    /// How many bytes a code becomes.
    #[inline(always)]
    fn made_len(self, code: u32) -> usize {
        match self {
            Self { strip_accents: true, folding, .. } => accents(folding).made_len(code),
            Self { folding, .. } => encoded_len(folding.table().fold(code)),
        }
    }

    /// Converts spans of the transformed text to spans of the original, in the units of the caller: characters of a
    /// text document, bytes of a bytes document. Returns whether this can change any span.
    ///
    /// `list` has the spans in order of their starts. A span becomes the smallest one that covers it.
    /// If part of a character matches, the span covers all of it. Characters that became nothing are covered if they
    /// follow a covered character. If `cancelled` returns true, the remaining spans are unchanged.
    pub fn locate<S: AsMut<Span>>(self, text: Text<'_>, list: &mut [S], cancelled: &dyn Fn() -> bool) -> bool {
        let memory = text.memory();
        let is_ascii = || memory.chunks(CHECK_EVERY).all(|part| part.is_ascii() && !cancelled());
        let keeps_positions = match text {
            Text::Bytes(_) => self.is_identity() || is_ascii(),
            Text::Str(_) | Text::Latin1(_) => is_ascii(),
            Text::Ucs2(_) | Text::Ucs4(..) => false,
        };
        if list.is_empty() || keeps_positions {
            return false;
        }
        let mut starts = 0;
        // Spans that have begun but not ended, by their ends, and spans that end with the last character that became
        // something.
        let mut open = BinaryHeap::new();
        let mut ended: Vec<usize> = Vec::new();
        let (mut unit, mut position) = (0, 0);
        let mut at = 0;
        let mut codes = [0; BLOCK];
        while at < memory.len() && !(starts == list.len() && open.is_empty() && ended.is_empty()) && !cancelled() {
            let (len, read) = text.codes(at, &mut codes);
            let mut byte = at;
            at += read;
            for &code in &codes[..len] {
                let made = self.made_len(code) + usize::from(self.separates(memory, byte, code));
                position += made;
                byte += encoded_len(code);
                if made > 0 {
                    ended.drain(..).for_each(|i| list[i].as_mut().end = unit);
                }
                while starts < list.len() && list[starts].as_mut().start < position {
                    let span = list[starts].as_mut();
                    span.start = unit;
                    open.push(Reverse((span.end, starts)));
                    starts += 1;
                }
                while let Some(&Reverse((_, i))) = open.peek().filter(|Reverse((end, _))| *end <= position) {
                    ended.push(i);
                    open.pop();
                }
                unit += if text.is_str() { 1 } else { encoded_len(code) };
            }
        }
        ended.into_iter().for_each(|i| list[i].as_mut().end = unit);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::text::unicode::Folding;

    #[test]
    fn positions_are_converted_to_the_original_text() {
        let located = |text: Text<'_>, transform: Transform, spans_in: &[(usize, usize)]| {
            let mut spans: Vec<_> = spans_in.iter().map(|&(start, end)| Span { start, end }).collect();
            transform.locate(text, &mut spans, &|| false);
            spans.iter().map(|span| (span.start, span.end)).collect::<Vec<_>>()
        };
        let (as_is, fold) = (Transform::default(), Transform { folding: Folding::CASE, ..Transform::default() });
        let strip = Transform { strip_accents: true, folding: Folding::CASE, ..Transform::default() };
        let text = "aé€𝄞b".as_bytes();
        assert_eq!(located(Text::Str(text), as_is, &[(0, 1), (1, 3), (3, 11)]), [(0, 1), (1, 2), (2, 5)]);
        assert_eq!(located(Text::Bytes(text), as_is, &[(1, 3), (3, 11)]), [(1, 3), (3, 11)]);
        // A part of a character becomes all of it.
        assert_eq!(located(Text::Str(text), as_is, &[(2, 4)]), [(1, 3)]);
        // These fold to fewer and to more bytes.
        assert_eq!(
            located(Text::Bytes("K\u{212A}x".as_bytes()), fold, &[(0, 2), (1, 2), (2, 3)]),
            [(0, 4), (1, 4), (4, 5)]
        );
        // Dropped accents belong to the character before them, not to the one after. "ﬁ" is one character.
        let text = "\u{301}e\u{301}\u{302}ﬁx\u{301}";
        let spans_in = [(0, 1), (0, 4), (1, 2), (2, 3), (3, 4)];
        assert_eq!(located(Text::Str(text.as_bytes()), strip, &spans_in), [(1, 4), (1, 7), (4, 5), (4, 5), (5, 7)]);
        let ucs2: Vec<u8> = text.encode_utf16().flat_map(u16::to_ne_bytes).collect();
        assert_eq!(located(Text::Ucs2(&ucs2), strip, &spans_in), [(1, 4), (1, 7), (4, 5), (4, 5), (5, 7)]);
        assert_eq!(
            located(Text::Bytes(text.as_bytes()), strip, &spans_in),
            [(2, 7), (2, 13), (7, 10), (7, 10), (10, 13)]
        );
    }
}
