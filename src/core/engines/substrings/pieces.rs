//! Cuts text into pieces that come again and again: words, and what stands between them.
//!
//! Where pieces begin and end decides how often they are known, never what is found; so it goes by bytes alone. Bytes
//! that are in no literal are in no piece: whatever had begun before them has ended behind them. Each step is a pass of
//! its own over a window: bits where pieces begin and end, their places, then keys of two integers.

use std::ops::Range;

use super::vector::ByteSet;
use crate::core::base::hash_seed::PairHash;
use crate::core::base::simd::Level;
use crate::core::engines::bit_positions::bit_positions;

/// Bytes of the longest piece. The sixteenth of its key tells how many it has and what follows.
pub const LONGEST: usize = 15;

/// What a byte is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Class {
    /// In no literal.
    Dead,
    /// Between words.
    Between,
    /// Of a word.
    Word,
}

/// What each byte is, for some literals.
pub struct Classes {
    classes: [Class; 256],
    alive: ByteSet,
    word: ByteSet,
    /// With these a character of three or four bytes begins, of scripts that do not part words.
    wide: ByteSet,
    level: Level,
    /// Hashes pieces: secret, so that nobody can write a text whose pieces all have the same hash.
    fold: PairHash,
}

impl Classes {
    pub fn new<'l>(literals: impl Iterator<Item = &'l [u8]>, level: Level) -> Self {
        let mut classes = [Class::Dead; 256];
        for &byte in literals.flatten() {
            classes[byte as usize] = if is_word(byte) { Class::Word } else { Class::Between };
        }
        let set = |is: &dyn Fn(u8) -> bool| ByteSet::new(is, level);
        Self {
            alive: set(&|byte| classes[byte as usize] != Class::Dead),
            word: set(&is_word),
            wide: set(&|byte| byte >= 0xE3 && classes[byte as usize] != Class::Dead),
            classes,
            level,
            fold: PairHash::default(),
        }
    }

    #[inline(always)]
    pub fn of(&self, byte: u8) -> Class {
        self.classes[byte as usize]
    }

    #[inline(always)]
    pub fn hash(&self, key: Key) -> u32 {
        self.fold.hash(key.low, key.high) as u32
    }
}

/// Whether a byte is an ASCII letter or digit, or a part of another character.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || !byte.is_ascii()
}

/// A piece: its bytes with zeros behind them, in the last one its length and the class of what follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Key {
    pub low: u64,
    pub high: u64,
}

impl Key {
    /// What no piece has.
    pub const NONE: Self = Self { low: 0, high: 0 };

    #[inline(always)]
    fn new(bytes: [u8; 16], len: usize, next: Class) -> Self {
        let bytes = u128::from_le_bytes(bytes) & MASKS[len & 15];
        let about = (len as u64 | (next as u64) << 4) << 56;
        Self { low: bytes as u64, high: (bytes >> 64) as u64 | about }
    }

    /// How many bytes the piece has.
    pub fn len(self) -> usize {
        (self.high >> 56 & 15) as usize
    }

    /// The class of the byte behind it.
    pub fn next(self) -> Class {
        match self.high >> 60 {
            0 => Class::Dead,
            1 => Class::Between,
            _ => Class::Word,
        }
    }

    pub fn bytes(self) -> [u8; 16] {
        (u128::from(self.high) << 64 | u128::from(self.low)).to_le_bytes()
    }
}

/// The lowest so many bytes.
static MASKS: [u128; LONGEST + 1] = {
    let mut masks = [0; LONGEST + 1];
    let mut len = 1;
    while len <= LONGEST {
        masks[len] = u128::MAX >> (128 - 8 * len);
        len += 1;
    }
    masks
};

/// The pieces of a window, and the buffers that they are made with.
#[derive(Default)]
pub struct Pieces {
    alive: Vec<u64>,
    word: Vec<u64>,
    wide: Vec<u64>,
    begins: Vec<u32>,
    ends: Vec<u32>,
    /// Where each piece begins, and how many bytes it has.
    bounds: Vec<(u32, u32)>,
    /// Where each piece begins in the window.
    pub starts: Vec<u32>,
    pub keys: Vec<Key>,
    pub hashes: Vec<u32>,
}

impl Pieces {
    /// Cuts a window of a text. A piece ends where one of `documents` begins.
    pub fn cut(
        &mut self,
        classes: &Classes,
        text: &[u8],
        window: Range<usize>,
        documents: impl Iterator<Item = usize> + Clone,
    ) {
        let Self { alive, word, wide, begins, ends, bounds, starts, keys, hashes } = self;
        classes.alive.bits(&text[window.clone()], alive);
        classes.word.bits(&text[window.clone()], word);
        classes.wide.bits(&text[window.clone()], wide);
        // From bits of what bytes are to those where pieces begin, in `wide`, and those behind which they end, in `word`.
        let (mut alive_before, mut word_before) = (0, 0);
        for ((alive, word), wide) in alive.iter().zip(word.iter_mut()).zip(wide.iter_mut()) {
            let before = alive << 1 | alive_before;
            let turns = *word ^ (*word << 1 | word_before) | *wide | !before | !alive;
            (alive_before, word_before) = (alive >> 63, *word >> 63);
            *wide = turns & alive;
            *word = turns & before;
        }
        for at in documents {
            let at = at - window.start;
            let is_alive = |at: usize| alive[at / 64] >> (at % 64) & 1;
            wide[at / 64] |= is_alive(at) << (at % 64);
            if at > 0 {
                word[at / 64] |= is_alive(at - 1) << (at % 64);
            }
        }
        let pieces = bit_positions(classes.level, wide, 0, begins);
        let ended = bit_positions(classes.level, word, 0, ends);
        if ended < pieces {
            ends.truncate(ended);
            ends.push(window.len() as u32);
        }
        // Longer ones become several.
        bounds.clear();
        for (&start, &end) in begins[..pieces].iter().zip(ends.iter()) {
            let mut start = start;
            while end - start > LONGEST as u32 {
                bounds.push((start, LONGEST as u32));
                start += LONGEST as u32;
            }
            bounds.push((start, end - start));
        }
        // Sixteen bytes are read of each and one behind, where there are as many.
        let text = &text[window.start..];
        starts.resize(bounds.len(), 0);
        keys.resize(bounds.len(), Key::NONE);
        hashes.resize(bounds.len(), 0);
        let places = starts.iter_mut().zip(keys.iter_mut()).zip(hashes.iter_mut());
        for (&(start, len), ((place, key), hash)) in bounds.iter().zip(places) {
            let (rest, len) = (&text[start as usize..], len as usize & 15);
            *key = match rest.first_chunk::<17>() {
                Some([bytes @ .., _]) => Key::new(*bytes, len, classes.of(rest[len])),
                None => {
                    let mut bytes = [0; 16];
                    bytes[..len].copy_from_slice(&rest[..len]);
                    Key::new(bytes, len, rest.get(len).map_or(Class::Dead, |&byte| classes.of(byte)))
                }
            };
            *hash = classes.hash(*key);
            *place = start;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::base::simd::Level;

    #[test]
    fn pieces_are_all_bytes_of_literals_in_order() {
        let literals: [&[u8]; 4] = [b"ab_", "é".as_bytes(), " 本".as_bytes(), b"0\0"];
        let text = "xab_ab_  bacabababababababababababab é本 aé 本本x0__0 \0".repeat(7);
        let text = text.as_bytes();
        for level in Level::all() {
            let classes = Classes::new(literals.into_iter(), level);
            let mut pieces = Pieces::default();
            for start in 0..80 {
                for end in [start + 1, start + 63, start + 64, start + 65, text.len() - 1, text.len()] {
                    let documents = [start + 5, start + 9, start + 64].into_iter().filter(|&at| at < end);
                    pieces.cut(&classes, text, start..end, documents.clone());
                    let mut at = start;
                    for (&piece, key) in pieces.starts.iter().zip(&pieces.keys) {
                        let piece = start + piece as usize;
                        assert!(text[at..piece].iter().all(|&byte| classes.of(byte) == Class::Dead));
                        at = piece + key.len();
                        assert_eq!(&key.bytes()[..key.len()], &text[piece..at]);
                        assert!(text[piece..at].iter().all(|&byte| classes.of(byte) != Class::Dead));
                        assert_eq!(key.next(), text.get(at).map_or(Class::Dead, |&byte| classes.of(byte)));
                        assert!(documents.clone().all(|document| document <= piece || at <= document));
                    }
                    assert!(text[at..end].iter().all(|&byte| classes.of(byte) == Class::Dead));
                    assert_eq!(pieces.hashes.len(), pieces.keys.len());
                }
            }
        }
    }

    #[test]
    fn pieces_end_where_words_do() {
        let classes = Classes::new([&b"abcdefghij_. "[..]].into_iter(), Level::PORTABLE);
        let text = b"abc.de_f  gh";
        let mut pieces = Pieces::default();
        pieces.cut(&classes, text, 0..text.len(), std::iter::empty());
        assert_eq!(pieces.starts, [0, 3, 4, 6, 7, 8, 10]);
    }
}
