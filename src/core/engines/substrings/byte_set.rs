//! A set of bytes, tested for a vector of bytes at a time.
//!
//! AVX2 and NEON look up bytes by their halves ([`bytes64`](crate::core::base::bytes64)).

#![allow(unsafe_code)]

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
use crate::core::base::bytes64;
use crate::core::base::simd::Level;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
use crate::core::base::simd::Tier;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
use crate::core::engines::engine::padded;

/// A set of bytes.
pub struct ByteSet {
    contains: [bool; 256],
    /// By the lower half of a byte: one bit for each upper half, below 8 and from 8 on.
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    rows: [[u8; 16]; 2],
    level: Level,
}

impl ByteSet {
    pub fn new(is: &dyn Fn(u8) -> bool, level: Level) -> Self {
        let contains: [bool; 256] = std::array::from_fn(|byte| is(byte as u8));
        Self {
            contains,
            #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
            rows: bytes64::rows(is),
            level,
        }
    }

    /// Writes one bit for each byte of a text: whether the set contains it.
    pub fn bits(&self, text: &[u8], bits: &mut Vec<u64>) {
        bits.clear();
        match self.level.tier() {
            #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
            // SAFETY: a level of these tiers is made only where the processor has them.
            Tier::Avx2 | Tier::Avx512 | Tier::Neon => unsafe { self.bits_by_halves(text, bits) },
            _ => self.bits_portable(text, bits),
        }
    }

    fn bits_portable(&self, text: &[u8], bits: &mut Vec<u64>) {
        bits.extend(text.chunks(64).map(|chunk| {
            chunk.iter().rev().fold(0, |bits, &byte| bits << 1 | u64::from(self.contains[byte as usize]))
        }));
    }

    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    #[cfg_attr(target_arch = "x86_64", target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt"))]
    #[cfg_attr(target_arch = "aarch64", target_feature(enable = "neon"))]
    fn bits_by_halves(&self, text: &[u8], bits: &mut Vec<u64>) {
        let [low, high] = [bytes64::table(&self.rows[0]), bytes64::table(&self.rows[1])];
        let word = |bytes: &[u8; 64]| {
            let bytes = bytes64::load(bytes);
            let rows = bytes64::or(bytes64::look_up_ascii(low, bytes), bytes64::look_up_high(high, bytes));
            bytes64::common_bits(rows, bytes64::row_bits(bytes))
        };
        let (chunks, rest) = text.as_chunks();
        bits.extend(chunks.iter().map(word));
        if !rest.is_empty() {
            bits.push(word(&padded(rest)) & ((1 << rest.len()) - 1));
        }
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::core::base::simd::thinned;

    /// Pseudorandom bytes.
    pub fn text(len: usize) -> Vec<u8> {
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
