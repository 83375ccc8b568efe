//! Strips accents: each character becomes its compatibility decomposition (NFKD) without combining characters
//! (combining class not zero). A combining accent itself becomes nothing.
//!
//! NFKD also sorts combining characters, but those are dropped, so the text can be transformed character by
//! character. The table is unpacked once from the data of `unicode-normalization`. Its entries are encoded as UTF-8
//! and, if requested, case-folded. Each block of 256 characters with a change takes 16 bytes a character. A Korean
//! syllable, which becomes three characters, costs no more than a letter.

use std::sync::OnceLock;

use unicode_normalization::char::{canonical_combining_class, decompose_compatible};

use super::unicode::{CodeTable, Folding};
use super::utf8::{BLOCK, encode_one, encoded_len};

/// What a character becomes: up to 15 bytes and their number, or [`UNCHANGED`], or [`LONG`].
type Entry = [u8; 16];

/// Instead of a length: the character does not change.
const UNCHANGED: u8 = u8::MAX;

/// Instead of a length: the first two words are the offset in `long` and the length.
const LONG: u8 = u8::MAX - 1;

/// No character from here on decomposes or combines. A test checks all code points.
const END: char = '\u{3_0000}';

/// What characters become.
pub struct Accents {
    entries: CodeTable<Entry>,
    long: Vec<u8>,
}

/// The table for text that is folded afterwards. Few plans need it, so it is unpacked at the first call, which must
/// come before the process may fork.
pub fn accents(folding: Folding) -> &'static Accents {
    ACCENTS[folding.index()].get_or_init(|| Accents::new(folding))
}

/// By [`Folding::index`].
static ACCENTS: [OnceLock<Accents>; 4] = [const { OnceLock::new() }; 4];

/// Calls `each` with the characters that `c` becomes.
fn left_of(c: char, mut each: impl FnMut(char)) {
    decompose_compatible(c, |part| {
        if canonical_combining_class(part) == 0 {
            each(part);
        }
    });
}

impl Accents {
    fn new(folding: Folding) -> Self {
        let mut accents = Self { entries: CodeTable::new(entry(&[], UNCHANGED)), long: Vec::new() };
        let mut made = String::new();
        for c in '\0'..END {
            made.clear();
            left_of(c, |part| made.push(folding.of(part)));
            if !made.chars().eq([c]) {
                let entry = accents.entry_of(made.as_bytes());
                accents.entries.set(c.into(), entry);
            }
        }
        accents
    }

    fn entry_of(&mut self, bytes: &[u8]) -> Entry {
        if bytes.len() < size_of::<Entry>() {
            return entry(bytes, bytes.len() as u8);
        }
        let location = [self.long.len() as u32, bytes.len() as u32].map(u32::to_le_bytes);
        self.long.extend_from_slice(bytes);
        entry(location.as_flattened(), LONG)
    }

    #[inline(always)]
    fn of(&self, code: u32) -> u128 {
        u128::from_le_bytes(self.entries.get(code))
    }

    /// The bytes of a character that becomes more than 15 bytes.
    #[cold]
    fn long(&self, entry: u128) -> &[u8] {
        let (start, len) = (entry as u32 as usize, (entry >> 32) as u32 as usize);
        &self.long[start..start + len]
    }

    /// Appends what codes become, at most a block of them.
    #[inline(always)]
    pub fn append(&self, codes: &[u32], out: &mut Vec<u8>) {
        let mut made = [0; size_of::<Entry>() * (BLOCK + 1)];
        let mut end = 0;
        for &code in codes {
            let entry = self.of(code);
            let length = (entry >> 120) as u8;
            if length == LONG {
                out.extend_from_slice(&made[..end]);
                out.extend_from_slice(self.long(entry));
                end = 0;
                continue;
            }
            // Prepares both cases, since in mixed text a branch would be unpredictable.
            let is_unchanged = length == UNCHANGED;
            let bytes = if is_unchanged { encode_one(code).into() } else { entry };
            let length = if is_unchanged { encoded_len(code) } else { length.into() };
            made[end..end + size_of::<Entry>()].copy_from_slice(&bytes.to_le_bytes());
            end += length;
        }
        out.extend_from_slice(&made[..end]);
    }

    /// How many bytes a code becomes.
    #[inline(always)]
    pub fn made_len(&self, code: u32) -> usize {
        let entry = self.of(code);
        match (entry >> 120) as u8 {
            UNCHANGED => encoded_len(code),
            LONG => self.long(entry).len(),
            length => length.into(),
        }
    }
}

fn entry(bytes: &[u8], length: u8) -> Entry {
    let mut entry = [0; 16];
    entry[..bytes.len()].copy_from_slice(bytes);
    entry[15] = length;
    entry
}

#[cfg(test)]
mod tests {
    use unicode_normalization::UnicodeNormalization;

    use super::*;
    use crate::core::text::utf8::INVALID;

    fn made(table: &Accents, codes: &[u32]) -> Vec<u8> {
        let mut out = Vec::new();
        codes.chunks(BLOCK).for_each(|block| table.append(block, &mut out));
        out
    }

    #[test]
    fn stripping_equals_nfkd_without_combining_characters() {
        for c in '\0'..=char::MAX {
            let left: String = c.nfkd().filter(|&part| canonical_combining_class(part) == 0).collect();
            let folded: String = left.chars().map(|c| Folding::CASE.of(c)).collect();
            for (table, expected) in [(accents(Folding::default()), &left), (accents(Folding::CASE), &folded)] {
                assert_eq!(made(table, &[c.into()]), expected.as_bytes(), "{c:?}");
                assert_eq!(table.made_len(c.into()), expected.len(), "{c:?}");
            }
            // The result does not change again.
            let again: Vec<u32> = left.chars().map(u32::from).collect();
            assert_eq!(made(accents(Folding::default()), &again), left.as_bytes(), "{c:?}");
        }
    }

    #[test]
    fn blocks_are_the_same_as_codes_one_by_one() {
        let codes: Vec<u32> = "aÉ\u{301}한ﷺ語ガ\u{1D400}𐐀\u{20000}Жｱ"
            .chars()
            .map(u32::from)
            .chain([0xD800, INVALID + 0x80, INVALID + 0xFF])
            .collect();
        let mut state = 1u32;
        for len in 0..3 * BLOCK {
            let text: Vec<u32> = (0..len)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    codes[(state >> 16) as usize % codes.len()]
                })
                .collect();
            for table in [accents(Folding::default()), accents(Folding::CASE)] {
                let expected: Vec<u8> = text.iter().flat_map(|&code| made(table, &[code])).collect();
                assert_eq!(made(table, &text), expected);
            }
        }
    }
}
