//! What each character becomes, by a table that the caller provides: any number of characters.
//!
//! Python's `str.lower` is such a table, but for one letter. The capital sigma U+03A3 becomes U+03C2 at the end of a
//! word and U+03C3 elsewhere (Unicode's SpecialCasing.txt, `Final_Sigma`).

use bstr::ByteSlice;

use super::change_scan::ChangeScan;
use super::char_set::CharSet;
use super::unicode::CodeTable;
use super::utf8::{BLOCK, decode, encode, encode_one, encoded_len};
use crate::core::base::memory::{self, push};
use crate::core::base::packed_strings::PackedStrings;

const CAPITAL_SIGMA: u32 = 0x3A3;
const FINAL_SIGMA: u32 = 0x3C2;

/// Marks a code point that does not become a single one, or whose neighbours decide.
const SPECIAL: u32 = 1 << 31;

/// The characters that decide what a capital sigma becomes.
#[derive(Clone, Debug)]
pub struct SigmaContext {
    pub cased: CharSet,
    pub case_ignorable: CharSet,
}

/// What each character becomes.
pub struct CharMap {
    /// The code point XOR what it becomes. Or [`SPECIAL`] and the number of a text.
    table: CodeTable<u32>,
    texts: PackedStrings,
    scan: ChangeScan,
    lowers_ascii: bool,
    sigma: Option<SigmaContext>,
}

impl CharMap {
    /// `changes` are code points and what they become, in UTF-8. With `sigma`, a capital sigma becomes a final one at
    /// the end of a word. `None` if an ASCII character becomes anything but itself, or if some but not all capital
    /// ASCII letters become small ones.
    pub fn new<'c>(changes: impl Iterator<Item = (u32, &'c [u8])>, sigma: Option<SigmaContext>) -> Option<Self> {
        let mut table = CodeTable::new(0);
        let mut texts = PackedStrings::default();
        let (mut changed, mut lowered) = (Vec::new(), 0);
        for (code, text) in changes {
            if code < 0x80 {
                let lower = u8::try_from(code).ok().filter(u8::is_ascii_uppercase)?.to_ascii_lowercase();
                if text != [lower] {
                    return None;
                }
                lowered += 1;
                table.set(code, code ^ u32::from(lower));
                continue;
            }
            push(&mut changed, code);
            match text.to_str().ok().map(|text| (text.chars().next(), text.chars().count())) {
                Some((Some(c), 1)) if code != CAPITAL_SIGMA || sigma.is_none() => {
                    table.set(code, code ^ u32::from(c))
                }
                _ => {
                    table.set(code, SPECIAL | texts.len() as u32);
                    texts.push(text);
                }
            }
        }
        let scan = ChangeScan::new(changed.into_iter());
        (lowered == 0 || lowered == 26).then_some(Self { table, texts, scan, lowers_ascii: lowered > 0, sigma })
    }

    /// Appends a text in which only ASCII may change.
    pub fn append_ascii(&self, text: &[u8], out: &mut Vec<u8>) {
        if self.lowers_ascii {
            memory::reserve(out, text.len());
            out.extend(text.iter().map(u8::to_ascii_lowercase));
        } else {
            memory::extend(out, text);
        }
    }

    /// Appends what a document becomes. Bytes of invalid UTF-8 and lone surrogates do not change.
    pub fn append(&self, document: &[u8], out: &mut Vec<u8>) {
        let mut at = 0;
        while at < document.len() {
            let rest = &document[at..];
            let unchanged = self.scan.unchanged(rest);
            self.append_ascii(&rest[..unchanged], out);
            at += unchanged;
            // Letters of other scripts and the spaces between them, until only ASCII follows.
            while document[at..].iter().take(2 * size_of::<u64>()).any(|byte| !byte.is_ascii()) {
                let mut codes = [0; BLOCK];
                let (len, read) = decode(&document[at..], true, &mut codes);
                let mut made = [0; BLOCK];
                let mut all = 0;
                for (made, &code) in made.iter_mut().zip(&codes[..len]) {
                    let change = self.table.get(code);
                    *made = code ^ change;
                    all |= change;
                }
                memory::reserve(out, 4 * BLOCK);
                if all & SPECIAL == 0 {
                    encode(&made[..len], out);
                } else {
                    self.append_each(document, at, &codes[..len], out);
                }
                at += read;
            }
        }
    }

    /// Appends what the codes at byte `at` become, one by one.
    fn append_each(&self, document: &[u8], mut at: usize, codes: &[u32], out: &mut Vec<u8>) {
        for &code in codes {
            let change = self.table.get(code);
            let end = at + encoded_len(code);
            if change & SPECIAL == 0 {
                let made = code ^ change;
                memory::extend(out, &encode_one(made).to_le_bytes()[..encoded_len(made)]);
            } else if code == CAPITAL_SIGMA && self.is_final(&document[..at], &document[end..]) {
                memory::extend(out, &encode_one(FINAL_SIGMA).to_le_bytes()[..encoded_len(FINAL_SIGMA)]);
            } else {
                memory::extend(out, self.texts.get((change & !SPECIAL) as usize));
            }
            at = end;
        }
    }

    /// Whether a capital sigma between these texts ends a word: a cased letter is before it and none after it, apart
    /// from case-ignorable characters.
    fn is_final(&self, before: &[u8], after: &[u8]) -> bool {
        let Some(SigmaContext { cased, case_ignorable }) = &self.sigma else { return false };
        let is_cased = |c: Option<char>| c.is_some_and(|c| cased.contains(c.into()));
        let decides = |c: &Option<char>| !c.is_some_and(|c| case_ignorable.contains(c.into()));
        let mut rest = before;
        let previous = std::iter::from_fn(|| {
            let (c, len) = bstr::decode_last_utf8(rest);
            rest = &rest[..rest.len() - len];
            (len > 0).then_some(c)
        })
        .find(decides);
        let mut rest = after;
        let next = std::iter::from_fn(|| {
            let (c, len) = bstr::decode_utf8(rest);
            rest = &rest[len..];
            (len > 0).then_some(c)
        })
        .find(decides);
        previous.is_some_and(is_cased) && !next.is_some_and(is_cased)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::text::unicode::first_char;

    fn set_of(is_in: impl Fn(char) -> bool) -> CharSet {
        let mut bits = vec![0u8; 0x11_0000 / 8];
        for c in ('\0'..=char::MAX).filter(|&c| is_in(c)) {
            bits[c as usize / 8] |= 1 << (c as usize % 8);
        }
        CharSet::from_bits(&bits).unwrap()
    }

    /// `str::to_lowercase` of the standard library.
    fn lower() -> CharMap {
        let changes: Vec<(u32, String)> =
            ('\0'..=char::MAX).map(|c| (c.into(), c.to_lowercase().collect())).collect();
        let changed = changes.iter().filter(|(code, lower)| first_char(lower.as_bytes()).0 != char::from_u32(*code));
        let sigma = SigmaContext {
            cased: set_of(|c| c.is_lowercase() || c.is_uppercase()),
            case_ignorable: set_of(|c| matches!(c, '\'' | '\u{2019}' | '\u{301}' | '.')),
        };
        CharMap::new(changed.map(|(code, lower)| (*code, lower.as_bytes())), Some(sigma)).unwrap()
    }

    #[test]
    fn lower_case_is_that_of_the_standard_library() {
        let map = lower();
        let words =
            ["", "ΑΣ", "ΑΣ.", "Σ", "ΣΑΣ Σ", "Α\u{301}Σ'Α", "Α'Σ\u{301}' Β", "İX", "ǅ", "ΌΣΟΣ, ΌΣΟΣ", "K\u{212A}"];
        for before in ["", "a", "Word ", "日本", &"Ж".repeat(40)] {
            for word in words {
                for after in ["", " ", "x", "ΣΣ", "\u{10400}"] {
                    let text = format!("{before}{word}{after}");
                    let mut out = b"x".to_vec();
                    map.append(text.as_bytes(), &mut out);
                    assert_eq!(std::str::from_utf8(&out[1..]), Ok(&*text.to_lowercase()), "{text:?}");
                }
            }
        }
    }

    #[test]
    fn characters_become_texts() {
        let changes: [(u32, &str); 3] = [(0xE9, "e"), (0x301, ""), (0xFDFA, "a long text")];
        let map = CharMap::new(changes.map(|(code, text)| (code, text.as_bytes())).into_iter(), None).unwrap();
        let mut out = Vec::new();
        map.append("Éé\u{301}A\u{FDFA}Σ ".repeat(20).as_bytes(), &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), "ÉeAa long textΣ ".repeat(20));
        out = Vec::new();
        map.append(b"\xFF\xED\xA0\x80\xC3", &mut out);
        assert_eq!(out, b"\xFF\xED\xA0\x80\xC3");
    }

    #[test]
    fn ascii_is_all_lower_case_or_unchanged() {
        let map = |changes: &[(u32, &'static [u8])]| CharMap::new(changes.iter().copied(), None).is_some();
        assert!(map(&[]) && map(&[(0xC0, b"")]));
        assert!(!map(&[(65, b"a")]) && !map(&[(48, b"1")]) && !map(&[(65, b"b")]));
    }
}
