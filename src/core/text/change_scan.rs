//! Finds the first character that a table changes. All before it can be copied at once, with ASCII.
//!
//! Most texts with other characters than ASCII have only some that change: dashes and box-drawing characters never do,
//! nor do Japanese letters, nor the small letters of Russian.

use bstr::ByteSlice;

use super::utf8::encode_one;

/// The characters beyond ASCII that change.
pub struct ChangeScan {
    /// By byte: 1 if a character that begins with it changes.
    leads: Box<[u8; 256]>,
    /// A bit for each pair of bytes: whether a character that begins with them changes.
    pairs: Box<[u64]>,
}

/// Bytes that are tried together, independently of each other. Steps from one character to the next would wait for
/// each other.
const BLOCK: usize = 8;

impl ChangeScan {
    /// `codes` are the code points that change. Those of ASCII are ignored.
    pub fn new(codes: impl Iterator<Item = u32>) -> Self {
        let (mut leads, mut pairs) = (Box::new([0; 256]), vec![0; (1 << 16) / 64].into_boxed_slice());
        for code in codes.filter(|&code| code >= 0x80) {
            let pair = encode_one(code) as u16;
            leads[usize::from(pair & 0xFF)] = 1;
            pairs[usize::from(pair >> 6)] |= 1 << (pair & 63);
        }
        Self { leads, pairs }
    }

    /// The length of a text's beginning in which nothing but ASCII changes.
    ///
    /// Each byte is tried as the first of a character, so invalid UTF-8 needs no attention. A byte that continues a
    /// character begins none that changes.
    pub fn unchanged(&self, text: &[u8]) -> usize {
        let mut at = 0;
        while let Some(found) = text[at..].find_non_ascii_byte() {
            at += found;
            let begins = |at: usize| {
                let pair = u16::from_le_bytes([text[at], text.get(at + 1).copied().unwrap_or(0)]);
                self.pairs[usize::from(pair >> 6)] >> (pair & 63) & 1 == 1
            };
            let Some(block) = text[at..].first_chunk::<BLOCK>() else {
                return (at..text.len()).find(|&at| begins(at)).unwrap_or(text.len());
            };
            let may_begin = block.iter().fold(0, |any, &byte| any | self.leads[usize::from(byte)]) == 1;
            if may_begin && let Some(first) = (at..at + BLOCK).find(|&at| begins(at)) {
                return first;
            }
            at += BLOCK;
        }
        text.len()
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
