//! A coarse filter that rejects most punctuation by the bytes around it, 64 bytes at a time.
//!
//! Punctuation characters are divided into eight groups. For each byte, tables contain the groups in which it is a
//! punctuation character. Other tables contain the groups in which it may occur at certain distances from one. A
//! punctuation character is a candidate if some group agrees at all distances. Then
//! [`punctuation`](super::punctuation) checks the character itself. Punctuation in an underline (repeated at least
//! three times on both sides) is a candidate only if a pattern contains such a sequence. Underlines have dozens of
//! characters, and hardly any pattern has one.
//!
//! The filter needs AVX-512, which looks up any ASCII byte in one instruction. At lower levels, and near bytes
//! outside ASCII, all punctuation is a candidate.

#![allow(unsafe_code)]

use crate::core::base::simd::Level;
#[cfg(target_arch = "x86_64")]
use crate::core::base::simd::Tier;

/// Where in a pattern a punctuation character occurs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum PatternPosition {
    First,
    Inner,
}

/// By [`PatternPosition`]: the offsets of the bytes that are looked at, relative to the punctuation character.
pub const NEAR_OFFSETS: [[isize; 4]; 2] = [[-1, 1, 2, 3], [-2, -1, 1, 2]];
/// A punctuation character that is repeated this often on both sides is part of an underline.
pub const UNDERLINE: usize = 3;

/// By ASCII byte, one bit per group.
type Groups = [u8; 128];

#[derive(Clone)]
pub struct PunctuationFilter {
    punctuation: Groups,
    /// Only punctuation that may be part of an underline.
    underlined: Groups,
    /// By [`PatternPosition`] and index in [`NEAR_OFFSETS`].
    near: [[Groups; 4]; 2],
}

impl Default for PunctuationFilter {
    fn default() -> Self {
        Self { punctuation: [0; 128], underlined: [0; 128], near: [[[0; 128]; 4]; 2] }
    }
}

fn group(punctuation: u8) -> u8 {
    1 << ((punctuation ^ punctuation >> 4) % 8)
}

impl PunctuationFilter {
    pub fn add_punctuation(&mut self, punctuation: u8, may_be_underlined: bool) {
        self.punctuation[usize::from(punctuation)] |= group(punctuation);
        if may_be_underlined {
            self.underlined[usize::from(punctuation)] |= group(punctuation);
        }
    }

    /// Allows a byte at the `i`-th offset of [`NEAR_OFFSETS`].
    pub fn add_neighbour(&mut self, punctuation: u8, position: PatternPosition, i: usize, byte: u8) {
        if byte.is_ascii() {
            self.near[position as usize][i][usize::from(byte)] |= group(punctuation);
        }
    }

    /// Computes the mask of candidates, which may include bytes that are not punctuation. All bits of the first and
    /// the last words are set.
    pub fn candidates(&self, level: Level, window: &[u8], candidates: &mut Vec<u64>) {
        candidates.clear();
        candidates.resize(window.len().div_ceil(64), !0);
        #[cfg(target_arch = "x86_64")]
        if level.tier() == Tier::Avx512 {
            // SAFETY: a level of this tier is made only where the processor has it.
            unsafe { x86::candidates_avx512(self, window, candidates) };
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = level;
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::{Groups, NEAR_OFFSETS, PunctuationFilter, UNDERLINE};

    #[target_feature(enable = "avx2,avx512f,avx512bw,avx512vbmi")]
    pub fn candidates_avx512(filter: &PunctuationFilter, window: &[u8], candidates: &mut [u64]) {
        let load = |bytes: &[u8]| {
            assert!(bytes.len() >= 64);
            // SAFETY: 64 bytes, and the load needs no alignment.
            unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
        };
        let both = |groups: &Groups| (load(groups), load(&groups[64..]));
        let look = |(low, high): (__m512i, __m512i), bytes| _mm512_permutex2var_epi8(low, bytes, high);
        let (groups, underlined) = (both(&filter.punctuation), both(&filter.underlined));
        let near = filter.near.each_ref().map(|position| position.each_ref().map(both));
        for (i, candidates) in candidates.iter_mut().enumerate().skip(1) {
            let Some(surroundings) = window.get(64 * i - UNDERLINE..64 * (i + 1) + UNDERLINE) else { return };
            let at = |by: isize| load(&surroundings[UNDERLINE.wrapping_add_signed(by)..]);
            if _mm512_movepi8_mask(_mm512_or_si512(at(-(UNDERLINE as isize)), at(UNDERLINE as isize))) != 0 {
                continue;
            }
            let bytes = at(0);
            let is_underlined =
                [-3, -2, -1, 1, 2, 3].into_iter().fold(!0, |all, by| all & _mm512_cmpeq_epi8_mask(bytes, at(by)));
            let own = _mm512_mask_mov_epi8(look(groups, bytes), is_underlined, look(underlined, bytes));
            let [first, inner]: [__m512i; 2] = std::array::from_fn(|position| {
                let [a, b, c, d]: [__m512i; 4] =
                    std::array::from_fn(|i| look(near[position][i], at(NEAR_OFFSETS[position][i])));
                _mm512_ternarylogic_epi64::<0x80>(_mm512_and_si512(a, b), c, d)
            });
            // The groups that agree at all offsets.
            let agreed = _mm512_and_si512(own, _mm512_or_si512(first, inner));
            *candidates = _mm512_test_epi8_mask(agreed, agreed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::base::simd::Tier;

    #[test]
    fn the_filter_keeps_all_punctuation_that_patterns_contain() {
        let mut filter = PunctuationFilter::default();
        let patterns: [(u8, PatternPosition, [&[u8]; 4]); 3] = [
            (b':', PatternPosition::First, [b" )", b")", b"xo ", b"xo "]),
            (b'-', PatternPosition::Inner, [b"fo", b"f", b"o", b"fo"]),
            (b'"', PatternPosition::Inner, [b"<>", b"<", b">", b":-"]),
        ];
        for (punctuation, position, near) in patterns {
            filter.add_punctuation(punctuation, false);
            for (i, bytes) in near.iter().enumerate() {
                bytes.iter().for_each(|&byte| filter.add_neighbour(punctuation, position, i, byte));
            }
        }
        let alphabet = b" :)-fo\"<>xx:-";
        let mut text: Vec<u8> =
            (0..3000u32).map(|i| alphabet[(i * i / 7 + i / 3) as usize % alphabet.len()]).collect();
        let samples: [&[u8]; 4] = [b" :)xo", b"ff-oo", b"<<\">:", b" :)x "];
        (100..2900)
            .step_by(61)
            .zip(samples.iter().cycle())
            .for_each(|(at, sample)| text[at..at + 5].copy_from_slice(sample));
        text[1000] = 0xE9;
        for level in Level::all() {
            for len in [0, 1, 63, 64, 65, 128, 129, 130, 131, 132, 3000] {
                let text = &text[..len];
                let mut candidates = Vec::new();
                filter.candidates(level, text, &mut candidates);
                assert_eq!(candidates.len(), len.div_ceil(64));
                let mut in_patterns = 0;
                for at in 0..len {
                    let byte = |by: isize| at.checked_add_signed(by).and_then(|at| text.get(at));
                    let is_in_pattern = patterns.iter().any(|(punctuation, position, near)| {
                        let agrees =
                            |(&by, bytes): (&isize, &&[u8])| byte(by).is_some_and(|byte| bytes.contains(byte));
                        text[at] == *punctuation && NEAR_OFFSETS[*position as usize].iter().zip(near).all(agrees)
                    });
                    in_patterns += u32::from(is_in_pattern);
                    assert!(!is_in_pattern || candidates[at / 64] >> (at % 64) & 1 == 1, "{level:?}: {at} of {len}");
                }
                if level.tier() == Tier::Avx512 && len == 3000 {
                    let inside = [&candidates[1..15], &candidates[16..45]].concat();
                    let candidates: u32 = inside.iter().map(|word| word.count_ones()).sum();
                    assert!(in_patterns > 20 && candidates < 3 * in_patterns, "{candidates}, {in_patterns}");
                }
            }
        }
    }
}
