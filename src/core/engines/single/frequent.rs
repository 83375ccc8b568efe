//! Searches for a short, frequent pattern: compares all of its bytes and both neighbours at 64 positions at once.
//!
//! The bytes of a common word also occur in longer words, unpredictably, so a branch on the neighbours would cost
//! more than everything else. Bits tell where the bytes are, and at which of these positions no ASCII neighbour
//! forbids a match. Neighbours outside ASCII are only flagged, and documents are ignored; the caller checks both
//! position by position.
//!
//! There are vector kernels, one for AVX2 and NEON and one for AVX-512, compiled for each length, and portable code.

#![allow(unsafe_code)]

use std::ops::Range;

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
use crate::core::base::bytes64;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
use crate::core::base::simd::Tier;
use crate::core::base::simd::{Level, nonzero};
use crate::core::text::boundaries::{Boundaries, MatchMode};

/// The length of the longest pattern. Each byte adds to the cost, and longer words are seldom frequent.
const LONGEST: usize = 8;

/// Words in the masks of a window.
const WORDS: usize = 64;

/// The kind of a neighbour: an ASCII word character, or outside ASCII.
const WORD_CHAR: u8 = 1;
const HIGH: u8 = 2;

pub struct Frequent {
    /// The pattern's bytes, and their number.
    pattern: [u8; LONGEST],
    len: usize,
    /// The kind of each byte as a neighbour. Zero if it does not matter.
    kinds: [u8; 256],
    /// The ASCII word characters, for AVX2 and NEON.
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    word_row: [u8; 16],
    level: Level,
}

/// One bit for each position of a window.
pub struct MatchMasks {
    /// The pattern's bytes are at this position.
    pub matches: [u64; WORDS],
    /// Those of `matches` where no ASCII neighbour forbids a match.
    pub open: [u64; WORDS],
}

impl Default for MatchMasks {
    fn default() -> Self {
        Self { matches: [0; WORDS], open: [0; WORDS] }
    }
}

/// The content of a window's masks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WindowMatches {
    /// Words of the masks, 64 positions each.
    pub words: usize,
    pub matches: u32,
    pub open: u32,
    /// Whether any neighbour is outside ASCII.
    pub is_doubtful: bool,
}

/// The masks of 64 positions, and the positions with a neighbour outside ASCII.
#[derive(Clone, Copy, Default)]
struct MatchMasks64 {
    matches: u64,
    open: u64,
    high: u64,
}

impl Frequent {
    /// `None` if the pattern is empty or too long.
    pub fn new(boundaries: &Boundaries, pattern: &[u8], level: Level) -> Option<Self> {
        if !(1..=LONGEST).contains(&pattern.len()) {
            return None;
        }
        let mut bytes = [0; LONGEST];
        bytes[..pattern.len()].copy_from_slice(pattern);
        let is_bounded = boundaries.mode != MatchMode::Substring;
        let kinds: [u8; 256] = std::array::from_fn(|byte| match byte as u8 {
            _ if !is_bounded => 0,
            byte if byte.is_ascii() => WORD_CHAR * u8::from(boundaries.is_word_char(Some(byte.into()))),
            _ => HIGH,
        });
        Some(Self {
            pattern: bytes,
            len: pattern.len(),
            kinds,
            #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
            word_row: bytes64::rows(|byte| kinds[usize::from(byte)] == WORD_CHAR)[0],
            level,
        })
    }

    /// Searches the first positions of a slice, a multiple of 64. `None` if there are fewer, or if the text ends
    /// before the neighbours of the first 64 positions.
    #[inline]
    pub fn find(&self, text: &[u8], slice: Range<usize>, masks: &mut MatchMasks) -> Option<WindowMatches> {
        let end = slice.end.min(text.len().saturating_sub(self.len));
        let words = (end.saturating_sub(slice.start) / 64).min(WORDS);
        let before = slice.start.checked_sub(1)?;
        if words == 0 {
            return None;
        }
        let near = &text[before..slice.start + 64 * words + self.len];
        Some(match self.len {
            1 => self.find_of::<1>(near, words, masks),
            2 => self.find_of::<2>(near, words, masks),
            3 => self.find_of::<3>(near, words, masks),
            4 => self.find_of::<4>(near, words, masks),
            5 => self.find_of::<5>(near, words, masks),
            6 => self.find_of::<6>(near, words, masks),
            7 => self.find_of::<7>(near, words, masks),
            _ => self.find_of::<LONGEST>(near, words, masks),
        })
    }

    /// For a pattern of `N` bytes, so that the loop over them is unrolled.
    fn find_of<const N: usize>(&self, near: &[u8], words: usize, masks: &mut MatchMasks) -> WindowMatches {
        match self.level.tier() {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: a level of this tier is made only where the processor has it.
            Tier::Avx512 => unsafe { x86::find_avx512::<N>(self, near, words, masks) },
            #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
            // SAFETY: as above.
            Tier::Avx2 | Tier::Neon => unsafe { find_by_halves::<N>(self, near, words, masks) },
            _ => masks.fill::<N>(near, words, |near| self.portable::<N>(near)),
        }
    }

    /// The first and the last byte are compared at all positions, which the compiler vectorizes. Where both are
    /// equal, the other bytes and the neighbours are looked up.
    #[inline(always)]
    fn portable<const N: usize>(&self, near: &[u8]) -> MatchMasks64 {
        let (first, last) = (&near[1..][..64], &near[N..][..64]);
        let (first_byte, last_byte) = (self.pattern[0], self.pattern[N - 1]);
        let likely = std::array::from_fn(|i| u8::from((first[i] == first_byte) & (last[i] == last_byte)));
        let mut rest = nonzero(&likely);
        let mut masks = MatchMasks64::default();
        while rest != 0 {
            let position = rest.trailing_zeros() as usize;
            rest &= rest - 1;
            let bytes = &near[position..][..N + 2];
            let matches = (0..N).fold(true, |matches, i| matches & (bytes[i + 1] == self.pattern[i]));
            let kind = self.kinds[bytes[0] as usize] | self.kinds[bytes[N + 1] as usize];
            masks.matches |= u64::from(matches) << position;
            masks.open |= u64::from(matches & (kind != WORD_CHAR)) << position;
            masks.high |= u64::from(kind & HIGH != 0) << position;
        }
        masks
    }
}

impl MatchMasks {
    /// Fills `words` words. Each is made from the bytes of its positions, with one byte before them and the pattern's
    /// length after. `near` contains all of these.
    #[inline(always)]
    fn fill<const N: usize>(
        &mut self,
        near: &[u8],
        words: usize,
        masks_of: impl Fn(&[u8]) -> MatchMasks64,
    ) -> WindowMatches {
        let mut found = WindowMatches { words, ..WindowMatches::default() };
        let mut doubtful = 0;
        for (i, (matches, open)) in self.matches.iter_mut().zip(&mut self.open).take(words).enumerate() {
            let masks = masks_of(&near[64 * i..][..64 + N + 1]);
            (*matches, *open) = (masks.matches, masks.open);
            found.matches += masks.matches.count_ones();
            found.open += masks.open.count_ones();
            doubtful |= masks.open & masks.high;
        }
        found.is_doubtful = doubtful != 0;
        found
    }
}

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
#[cfg_attr(target_arch = "x86_64", target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt"))]
#[cfg_attr(target_arch = "aarch64", target_feature(enable = "neon"))]
fn find_by_halves<const N: usize>(
    frequent: &Frequent,
    near: &[u8],
    words: usize,
    masks: &mut MatchMasks,
) -> WindowMatches {
    let matter = if frequent.kinds[0x80] == HIGH { u64::MAX } else { 0 };
    let word_chars = bytes64::table(&frequent.word_row);
    let pattern: [bytes64::Bytes64; N] = std::array::from_fn(|i| bytes64::splat(frequent.pattern[i]));
    masks.fill::<N>(near, words, |near| {
        let load = |at: usize| bytes64::load(near[at..].first_chunk().expect("64 bytes"));
        let matches = (1..N)
            .map(|i| bytes64::equal(load(i + 1), pattern[i]))
            .fold(bytes64::equal(load(1), pattern[0]), |all, is| bytes64::and(all, is));
        let matches = bytes64::true_bits(matches);
        // The neighbours take 80 of NEON's 144 instructions.
        if cfg!(target_arch = "aarch64") && matches == 0 {
            return MatchMasks64::default();
        }
        let word_char_bits =
            |bytes| bytes64::and(bytes64::look_up_ascii(word_chars, bytes), bytes64::row_bits(bytes));
        let (before, after) = (load(0), load(N + 1));
        let near_word_char = bytes64::or(word_char_bits(before), word_char_bits(after));
        let is_free = bytes64::equal(near_word_char, bytes64::splat(0));
        let free = bytes64::true_bits(is_free);
        let high = bytes64::high_bits(bytes64::or(before, after)) & matter;
        MatchMasks64 { matches, open: matches & (free | high), high }
    })
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;
    use std::array::from_fn;

    use super::{Frequent, HIGH, MatchMasks, MatchMasks64, WindowMatches};

    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt,avx512f,avx512bw,avx512vl,avx512vbmi")]
    pub fn find_avx512<const N: usize>(
        frequent: &Frequent,
        near: &[u8],
        words: usize,
        masks: &mut MatchMasks,
    ) -> WindowMatches {
        let load = |bytes: &[u8], at: usize| {
            let bytes = &bytes[at..][..64];
            // SAFETY: 64 bytes, and the load needs no alignment.
            unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
        };
        let matter = if frequent.kinds[0x80] == HIGH { u64::MAX } else { 0 };
        let (low, high) = (load(&frequent.kinds, 0), load(&frequent.kinds, 64));
        let pattern: [__m512i; N] = from_fn(|i| _mm512_set1_epi8(frequent.pattern[i] as i8));
        masks.fill::<N>(near, words, |near| {
            let matches =
                (0..N).fold(u64::MAX, |matches, i| matches & _mm512_cmpeq_epi8_mask(load(near, i + 1), pattern[i]));
            let (before, after) = (load(near, 0), load(near, N + 1));
            // For a byte outside ASCII this is the kind of another byte.
            let kind = |bytes| _mm512_permutex2var_epi8(low, bytes, high);
            let kinds = _mm512_or_si512(kind(before), kind(after));
            let is_word_char = _mm512_test_epi8_mask(kinds, kinds);
            let high = _mm512_movepi8_mask(_mm512_or_si512(before, after)) & matter;
            MatchMasks64 { matches, open: matches & (!is_word_char | high), high }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::base::simd::thinned;
    use crate::core::text::boundaries::WordChars;

    /// The masks, position by position.
    fn naive(
        boundaries: &Boundaries,
        pattern: &[u8],
        text: &[u8],
        start: usize,
        words: usize,
    ) -> (WindowMatches, MatchMasks) {
        let (mut found, mut masks) = (WindowMatches { words, ..WindowMatches::default() }, MatchMasks::default());
        for position in 0..64 * words {
            let at = start + position;
            if !text[at..].starts_with(pattern) {
                continue;
            }
            let neighbours = [text[at - 1], text[at + pattern.len()]];
            let is_bounded = boundaries.mode != MatchMode::Substring;
            let is_high = is_bounded && !neighbours.is_ascii();
            let is_open =
                is_high || !is_bounded || !neighbours.iter().any(|&byte| boundaries.is_word_char(Some(byte.into())));
            found.matches += 1;
            masks.matches[position / 64] |= 1 << (position % 64);
            found.open += u32::from(is_open);
            masks.open[position / 64] |= u64::from(is_open) << (position % 64);
            found.is_doubtful |= is_high;
        }
        (found, masks)
    }

    #[test]
    fn every_level_finds_the_same() {
        let word_chars = |chars| WordChars::new(chars).unwrap();
        let modes =
            [(MatchMode::Word, ""), (MatchMode::Word, "-\u{7F}"), (MatchMode::Token, ""), (MatchMode::Substring, "")];
        for (len, (mode, chars)) in thinned(1..=LONGEST, LONGEST - 1).flat_map(|len| modes.map(|mode| (len, mode))) {
            let boundaries = Boundaries::new(mode, word_chars(chars));
            let pattern: Vec<u8> = b"a-aa-a\xC3a"[..len].to_vec();
            // The pattern with all kinds of neighbours, at all distances, and near misses.
            let mut text = Vec::new();
            for byte in thinned(0..=255u8, 5) {
                text.extend(
                    [&[byte][..], &pattern, &[byte.wrapping_mul(7)], &pattern[byte as usize % len..]].concat(),
                );
                text.extend(vec![byte.wrapping_mul(31); byte as usize % 11]);
            }
            for level in Level::all() {
                let frequent = Frequent::new(&boundaries, &pattern, level).unwrap();
                let most = if cfg!(miri) { 200 } else { 3000 };
                let windows =
                    (1..70).map(|start| (start, start + most)).chain((1..400).map(|len| (len % 67 + 1, len)));
                let windows = windows.chain((0..150).map(|left| (text.len() - 190, text.len() - left)));
                for (start, end) in thinned(windows, 151) {
                    let text = &text[..end.max(start).min(text.len())];
                    let mut masks = MatchMasks { matches: [7; WORDS], open: [7; WORDS] };
                    let words = (text.len() - start).saturating_sub(len).min(64 * WORDS) / 64;
                    let Some(found) = frequent.find(text, start..text.len(), &mut masks) else {
                        assert_eq!(words, 0);
                        continue;
                    };
                    let (expected, expected_masks) = naive(&boundaries, &pattern, text, start, words);
                    assert_eq!(found, expected, "{level:?} {mode:?} {len} {start}..{end}");
                    assert_eq!(masks.matches[..words], expected_masks.matches[..words], "{level:?} {mode:?} {len}");
                    assert_eq!(masks.open[..words], expected_masks.open[..words], "{level:?} {mode:?} {len}");
                }
            }
        }
    }

    #[test]
    fn only_the_slice_is_searched() {
        let frequent = Frequent::new(&Boundaries::default(), b"a", Level::PORTABLE).unwrap();
        let mut masks = MatchMasks::default();
        let text = b" a".repeat(10_000);
        let mut words = |slice| frequent.find(&text, slice, &mut masks).map(|found| found.words);
        assert_eq!([words(0..20_000), words(1..64), words(20_000..20_000)], [None; 3]);
        assert_eq!([words(1..65), words(1..192), words(1..20_000)], [Some(1), Some(2), Some(WORDS)]);
        // The last position of a word needs one more byte after it.
        assert_eq!([words(19_935..20_000), words(19_936..20_000)], [Some(1), None]);
        assert!(Frequent::new(&Boundaries::default(), b"", Level::PORTABLE).is_none());
        assert!(Frequent::new(&Boundaries::default(), b"123456789", Level::PORTABLE).is_none());
    }
}
