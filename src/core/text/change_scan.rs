//! Finds the first character that a table changes. All before it can be copied at once, with ASCII.
//!
//! Most texts with other characters than ASCII have only some that change: dashes and box-drawing characters never do,
//! nor do Japanese letters, nor the small letters of Russian.

use bstr::ByteSlice;

use super::encoding::is_continuation;
use super::utf8::encode_one;

/// The characters beyond ASCII that change.
pub struct ChangeScan {
    /// A bit for each pair of bytes: whether a character that begins with them changes.
    pairs: Box<[u64]>,
}

impl ChangeScan {
    /// `codes` are the code points that change. Those of ASCII are ignored.
    pub fn new(codes: impl Iterator<Item = u32>) -> Self {
        let mut pairs = vec![0; (1 << 16) / 64].into_boxed_slice();
        for code in codes.filter(|&code| code >= 0x80) {
            let pair = encode_one(code) as u16;
            pairs[usize::from(pair >> 6)] |= 1 << (pair & 63);
        }
        Self { pairs }
    }

    /// The length of a text's beginning in which nothing but ASCII changes.
    ///
    /// Each byte that can begin a character is tried, so invalid UTF-8 needs no attention.
    pub fn unchanged(&self, text: &[u8]) -> usize {
        let mut at = 0;
        loop {
            let Some(found) = text[at..].find_non_ascii_byte() else { return text.len() };
            at += found;
            while text.get(at).is_some_and(|byte| !byte.is_ascii()) {
                let next = text.get(at + 1).copied().unwrap_or(0);
                let pair = u16::from_le_bytes([text[at], next]);
                if self.pairs[usize::from(pair >> 6)] >> (pair & 63) & 1 == 1 {
                    return at;
                }
                // A byte that continues a character begins none.
                at += 1 + usize::from(is_continuation(next));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scan_stops_at_characters_that_may_change() {
        let scan = ChangeScan::new("AÉЖ\u{1F600}".chars().map(u32::from));
        for (text, expected) in [
            ("", 0),
            ("ASCII A", 7),
            ("é", 2),
            ("É", 0),
            ("├── 日本 д", 19),
            ("├── 日本 Ж", 17),
            ("x日\u{1F600}", 4),
            ("日本", 6),
        ] {
            assert_eq!(scan.unchanged(text.as_bytes()), expected, "{text}");
        }
        // Bytes of invalid UTF-8 before a character that changes, and half of one at the end.
        for before in [&b"\xE2"[..], b"\xE2\x94", b"\xF0\x90", b"\x80", b"\xED\xA0\x80", b"\xFF"] {
            let text = [before, "Ж".as_bytes()].concat();
            assert_eq!(scan.unchanged(&text), before.len(), "{before:?}");
        }
        assert_eq!(scan.unchanged(b"a\xD0"), 2);
    }
}
