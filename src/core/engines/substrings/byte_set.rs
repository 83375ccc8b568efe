//! A set of bytes, tested for a vector of bytes at a time.
//!
//! A shuffle looks up 32 bytes in a table of 16 entries, so a byte is looked up by its lower and its upper half.
//! `benches/substrings.rs` compares this with the portable code. Loads of arrays are `unsafe`, and so are calls after
//! a check of the processor.

#![allow(unsafe_code)]

use crate::core::base::simd::Level;
#[cfg(target_arch = "x86_64")]
use crate::core::base::simd::Tier;

/// A set of bytes.
pub struct ByteSet {
    contains: [bool; 256],
    /// By the lower half of a byte: one bit for each upper half, below 8 and from 8 on.
    #[cfg(target_arch = "x86_64")]
    rows: [[u8; 16]; 2],
    level: Level,
}

impl ByteSet {
    pub fn new(is: &dyn Fn(u8) -> bool, level: Level) -> Self {
        let contains: [bool; 256] = std::array::from_fn(|byte| is(byte as u8));
        Self {
            contains,
            #[cfg(target_arch = "x86_64")]
            rows: [0, 8].map(|high| {
                std::array::from_fn(|low| (0..8).map(|at| u8::from(contains[(high + at) << 4 | low]) << at).sum())
            }),
            level,
        }
    }

    /// Writes one bit for each byte of a text: whether the set contains it.
    pub fn bits(&self, text: &[u8], bits: &mut Vec<u64>) {
        bits.clear();
        match self.level.tier() {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: a level of these tiers is made only where the processor has them.
            Tier::Avx2 | Tier::Avx512 => unsafe { self.bits_avx2(text, bits) },
            _ => self.bits_portable(text, bits),
        }
    }

    fn bits_portable(&self, text: &[u8], bits: &mut Vec<u64>) {
        bits.extend(text.chunks(64).map(|chunk| {
            chunk.iter().rev().fold(0, |bits, &byte| bits << 1 | u64::from(self.contains[byte as usize]))
        }));
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
    fn bits_avx2(&self, text: &[u8], bits: &mut Vec<u64>) {
        use std::arch::x86_64::*;
        // SAFETY: an array of 16 bytes is read.
        let load16 = |bytes: &[u8; 16]| unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) };
        // SAFETY: an array of 32 bytes is read.
        let load = |bytes: &[u8; 32]| unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) };
        let low = _mm256_broadcastsi128_si256(load16(&self.rows[0]));
        let high = _mm256_broadcastsi128_si256(load16(&self.rows[1]));
        let powers = _mm256_broadcastsi128_si256(load16(&[1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128]));
        let half = |bytes: &[u8; 32]| {
            let bytes = load(bytes);
            let sets = _mm256_or_si256(
                _mm256_shuffle_epi8(low, bytes),
                _mm256_shuffle_epi8(high, _mm256_xor_si256(bytes, _mm256_set1_epi8(-128))),
            );
            let positions = _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), _mm256_set1_epi8(15));
            let held = _mm256_and_si256(sets, _mm256_shuffle_epi8(powers, positions));
            !(_mm256_movemask_epi8(_mm256_cmpeq_epi8(held, _mm256_setzero_si256())) as u32)
        };
        let (chunks, rest) = text.as_chunks::<32>();
        let (pairs, single) = chunks.as_chunks::<2>();
        bits.extend(pairs.iter().map(|[a, b]| u64::from(half(a)) | u64::from(half(b)) << 32));
        let mut last = 0;
        let mut len = 0;
        if let [a] = single {
            last = u64::from(half(a));
            len = 32;
        }
        if !rest.is_empty() {
            let mut bytes = [0; 32];
            bytes[..rest.len()].copy_from_slice(rest);
            last |= (u64::from(half(&bytes)) & ((1 << rest.len()) - 1)) << len;
            len += rest.len();
        }
        if len > 0 {
            bits.push(last);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::base::simd::thinned;

    fn text(len: usize) -> Vec<u8> {
        let mut seed = 7u32;
        let next = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 24) as u8
        };
        std::iter::repeat_with(next).take(len).collect()
    }

    #[test]
    fn a_set_contains_its_bytes() {
        let text = text(300);
        let sets: [fn(u8) -> bool; 4] =
            [|byte| byte >= 0x80, |byte| byte % 3 == 0, |byte| byte == b'a', |byte| byte % 16 == byte / 16];
        for level in Level::all() {
            for is in sets {
                let set = ByteSet::new(&is, level);
                for start in thinned(0..70, 23) {
                    for len in thinned(0..140, 29) {
                        let text = &text[start..start + len];
                        let mut bits = vec![9];
                        set.bits(text, &mut bits);
                        assert_eq!(bits.len(), len.div_ceil(64));
                        for at in 0..64 * bits.len() {
                            let expected = text.get(at).is_some_and(|&byte| is(byte));
                            assert_eq!(bits[at / 64] >> (at % 64) & 1 == 1, expected, "{level:?}, {at} of {len}");
                        }
                    }
                }
            }
        }
    }
}
