//! Splits text into segments that are likely to repeat: words, and what is between them.
//!
//! The segments decide how often the cache knows them, never which matches are found, so bytes are enough to split
//! the text. Bytes that occur in no literal belong to no segment: no match crosses them. Each step is a separate pass
//! over a window: bits for the starts and ends of segments, their positions, then keys of two integers.

use std::ops::Range;

use super::byte_set::ByteSet;
use crate::core::base::hash_seed::PairHash;
use crate::core::base::simd::Level;
use crate::core::engines::bit_positions::bit_positions;
use crate::core::engines::engine::padded;

/// The length of the longest segment. The 16th byte of its key has the length and the class of the next byte.
pub const LONGEST: usize = 15;

/// The class of a byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ByteClass {
    /// In no literal.
    Unused,
    /// Between words.
    Separator,
    /// Part of a word.
    Word,
}

/// The class of each byte, for some literals.
pub struct Segmenter {
    classes: [ByteClass; 256],
    used: ByteSet,
    word: ByteSet,
    /// The first bytes of characters of three or four bytes, in scripts without spaces between words.
    wide: ByteSet,
    level: Level,
    /// Hashes segments with a secret, so that an adversary cannot write a text whose segments have equal hashes.
    pair_hash: PairHash,
}

impl Segmenter {
    pub fn new<'l>(literals: impl Iterator<Item = &'l [u8]>, level: Level) -> Self {
        let mut classes = [ByteClass::Unused; 256];
        for &byte in literals.flatten() {
            classes[byte as usize] = if is_word(byte) { ByteClass::Word } else { ByteClass::Separator };
        }
        let set = |is: &dyn Fn(u8) -> bool| ByteSet::new(is, level);
        Self {
            used: set(&|byte| classes[byte as usize] != ByteClass::Unused),
            word: set(&is_word),
            wide: set(&|byte| byte >= 0xE3 && classes[byte as usize] != ByteClass::Unused),
            classes,
            level,
            pair_hash: PairHash::default(),
        }
    }

    #[inline(always)]
    pub fn of(&self, byte: u8) -> ByteClass {
        self.classes[byte as usize]
    }

    #[inline(always)]
    pub fn hash(&self, key: SegmentKey) -> u32 {
        self.pair_hash.hash(key.low, key.high) as u32
    }
}

/// Whether a byte is an ASCII letter or digit, or a part of another character.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || !byte.is_ascii()
}

/// A segment: its bytes, padded with zeros; the last byte has its length and the class of the next byte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SegmentKey {
    pub low: u64,
    pub high: u64,
}

impl SegmentKey {
    /// The key of no segment.
    pub const NONE: Self = Self { low: 0, high: 0 };

    #[inline(always)]
    fn new(bytes: [u8; 16], len: usize, next: ByteClass) -> Self {
        let bytes = u128::from_le_bytes(bytes) & MASKS[len & 15];
        let about = (len as u64 | (next as u64) << 4) << 56;
        Self { low: bytes as u64, high: (bytes >> 64) as u64 | about }
    }

    /// The length of the segment.
    pub fn len(self) -> usize {
        (self.high >> 56 & 15) as usize
    }

    /// The class of the byte after it.
    pub fn next(self) -> ByteClass {
        match self.high >> 60 {
            0 => ByteClass::Unused,
            1 => ByteClass::Separator,
            _ => ByteClass::Word,
        }
    }

    pub fn bytes(self) -> [u8; 16] {
        (u128::from(self.high) << 64 | u128::from(self.low)).to_le_bytes()
    }
}

/// By length: a mask of that many lower bytes. A shift of 128 bits takes three times the instructions.
static MASKS: [u128; LONGEST + 1] = {
    let mut masks = [0; LONGEST + 1];
    let mut len = 1;
    while len <= LONGEST {
        masks[len] = u128::MAX >> (128 - 8 * len);
        len += 1;
    }
    masks
};

/// The segments of a window, and the buffers to find them.
#[derive(Default)]
pub struct Segments {
    used: Vec<u64>,
    word: Vec<u64>,
    wide: Vec<u64>,
    begins: Vec<u32>,
    ends: Vec<u32>,
    /// The start and length of each segment.
    bounds: Vec<(u32, u32)>,
    /// The start of each segment in the window.
    pub starts: Vec<u32>,
    pub keys: Vec<SegmentKey>,
    pub hashes: Vec<u32>,
}

impl Segments {
    /// Splits a window of a text. A segment ends where one of `documents` begins.
    pub fn split(
        &mut self,
        classes: &Segmenter,
        text: &[u8],
        window: Range<usize>,
        documents: impl Iterator<Item = usize> + Clone,
    ) {
        let Self { used, word, wide, begins, ends, bounds, starts, keys, hashes } = self;
        classes.used.bits(&text[window.clone()], used);
        classes.word.bits(&text[window.clone()], word);
        classes.wide.bits(&text[window.clone()], wide);
        // From classes of bytes to starts of segments, in `wide`, and positions after their ends, in `word`.
        let (mut used_before, mut word_before) = (0, 0);
        for ((used, word), wide) in used.iter().zip(word.iter_mut()).zip(wide.iter_mut()) {
            let before = used << 1 | used_before;
            let turns = *word ^ (*word << 1 | word_before) | *wide | !before | !used;
            (used_before, word_before) = (used >> 63, *word >> 63);
            *wide = turns & used;
            *word = turns & before;
        }
        for at in documents {
            let at = at - window.start;
            let is_used = |at: usize| used[at / 64] >> (at % 64) & 1;
            wide[at / 64] |= is_used(at) << (at % 64);
            if at > 0 {
                word[at / 64] |= is_used(at - 1) << (at % 64);
            }
        }
        let segments = bit_positions(classes.level, wide, 0, begins);
        let ended = bit_positions(classes.level, word, 0, ends);
        if ended < segments {
            ends.truncate(ended);
            ends.push(window.len() as u32);
        }
        // Longer segments are split.
        bounds.clear();
        for (&start, &end) in begins[..segments].iter().zip(ends.iter()) {
            let mut start = start;
            while end - start > LONGEST as u32 {
                bounds.push((start, LONGEST as u32));
                start += LONGEST as u32;
            }
            bounds.push((start, end - start));
        }
        let text = &text[window.start..];
        starts.resize(bounds.len(), 0);
        keys.resize(bounds.len(), SegmentKey::NONE);
        hashes.resize(bounds.len(), 0);
        let positions = starts.iter_mut().zip(keys.iter_mut()).zip(hashes.iter_mut());
        for (&(start, len), ((position, key), hash)) in bounds.iter().zip(positions) {
            let (rest, len) = (&text[start as usize..], len as usize & 15);
            let next = rest.get(len).map_or(ByteClass::Unused, |&byte| classes.of(byte));
            *key = SegmentKey::new(padded(rest), len, next);
            *hash = classes.hash(*key);
            *position = start;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::base::simd::Level;

    #[test]
    fn segments_are_all_bytes_of_literals_in_order() {
        let literals: [&[u8]; 4] = [b"ab_", "é".as_bytes(), " 本".as_bytes(), b"0\0"];
        let text = "xab_ab_  bacabababababababababababab é本 aé 本本x0__0 \0".repeat(7);
        let text = text.as_bytes();
        for level in Level::all() {
            let classes = Segmenter::new(literals.into_iter(), level);
            let mut segments = Segments::default();
            for start in 0..80 {
                for end in [start + 1, start + 63, start + 64, start + 65, text.len() - 1, text.len()] {
                    let documents = [start + 5, start + 9, start + 64].into_iter().filter(|&at| at < end);
                    segments.split(&classes, text, start..end, documents.clone());
                    let mut at = start;
                    for (&segment, key) in segments.starts.iter().zip(&segments.keys) {
                        let segment = start + segment as usize;
                        assert!(text[at..segment].iter().all(|&byte| classes.of(byte) == ByteClass::Unused));
                        at = segment + key.len();
                        assert_eq!(&key.bytes()[..key.len()], &text[segment..at]);
                        assert!(text[segment..at].iter().all(|&byte| classes.of(byte) != ByteClass::Unused));
                        assert_eq!(key.next(), text.get(at).map_or(ByteClass::Unused, |&byte| classes.of(byte)));
                        assert!(documents.clone().all(|document| document <= segment || at <= document));
                    }
                    assert!(text[at..end].iter().all(|&byte| classes.of(byte) == ByteClass::Unused));
                    assert_eq!(segments.hashes.len(), segments.keys.len());
                }
            }
        }
    }

    #[test]
    fn segments_end_with_words() {
        let classes = Segmenter::new([&b"abcdefghij_. "[..]].into_iter(), Level::PORTABLE);
        let text = b"abc.de_f  gh";
        let mut segments = Segments::default();
        segments.split(&classes, text, 0..text.len(), std::iter::empty());
        assert_eq!(segments.starts, [0, 3, 4, 6, 7, 8, 10]);
    }
}
