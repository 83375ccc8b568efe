//! Sorts short lists of numbers.
//!
//! With AVX-512, lists of up to 256 numbers go through a bitonic sorting network (Batcher 1968), without branches.
//! Other lists are left to the standard library. The terms of a document of 400 bytes are sorted in a fourth of the
//! standard library's time.

#![allow(unsafe_code)]

use std::sync::atomic::AtomicBool;

use crate::core::base::cancel::sort_by;
use crate::core::base::simd::Level;
#[cfg(target_arch = "x86_64")]
use crate::core::base::simd::Tier;

/// Sorts numbers. Long lists check for cancellation.
#[inline]
pub fn sort(level: Level, numbers: &mut [u32], cancel: &AtomicBool) {
    #[cfg(target_arch = "x86_64")]
    if level.tier() == Tier::Avx512 && numbers.len() <= x86::MOST {
        // SAFETY: a level of this tier is made only where the processor has it.
        return unsafe { x86::sort_avx512(numbers) };
    }
    let _ = level;
    sort_by(numbers, cancel, Ord::cmp);
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    /// Numbers in a vector.
    const LANES: usize = 16;

    /// The longest list that is sorted here.
    pub const MOST: usize = 16 * LANES;

    #[target_feature(enable = "avx512f")]
    pub fn sort_avx512(numbers: &mut [u32]) {
        match numbers.len().div_ceil(LANES) {
            0 => {}
            1 => sort_vectors::<1>(numbers),
            2 => sort_vectors::<2>(numbers),
            3..=4 => sort_vectors::<4>(numbers),
            5..=8 => sort_vectors::<8>(numbers),
            _ => sort_vectors::<16>(numbers),
        }
    }

    /// Sorts at most `N` vectors. `N` is a power of two.
    #[target_feature(enable = "avx512f")]
    #[inline]
    fn sort_vectors<const N: usize>(numbers: &mut [u32]) {
        // The padding sorts to the end.
        let mut vectors = [_mm512_set1_epi32(-1); N];
        for (vector, lanes) in vectors.iter_mut().zip(numbers.chunks(LANES)) {
            // SAFETY: only as many numbers as there are lanes are loaded, and the load needs no alignment.
            *vector = unsafe { _mm512_mask_loadu_epi32(*vector, first_lanes(lanes.len()), lanes.as_ptr().cast()) };
        }
        let every = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
        // Sequences of `size` numbers are sorted, up and down in turn, by comparing numbers `step` apart.
        let mut size = 2;
        while size <= LANES * N {
            let mut step = size / 2;
            while step >= LANES {
                let apart = step / LANES;
                for at in (0..N).filter(|at| at & apart == 0) {
                    let (low, high) = (
                        _mm512_min_epu32(vectors[at], vectors[at + apart]),
                        _mm512_max_epu32(vectors[at], vectors[at + apart]),
                    );
                    let is_up = (LANES * at) & size == 0;
                    (vectors[at], vectors[at + apart]) = if is_up { (low, high) } else { (high, low) };
                }
                step /= 2;
            }
            while step > 0 {
                let partner = _mm512_xor_si512(every, _mm512_set1_epi32(step as i32));
                // The lanes that take the larger number where a sequence is sorted up.
                let upper = lanes_with(step);
                for (at, vector) in vectors.iter_mut().enumerate() {
                    let other = _mm512_permutexvar_epi32(partner, *vector);
                    let down = match size < LANES {
                        true => lanes_with(size),
                        false if (LANES * at) & size == 0 => 0,
                        false => !0,
                    };
                    let low = _mm512_min_epu32(*vector, other);
                    *vector = _mm512_mask_max_epu32(low, upper ^ down, *vector, other);
                }
                step /= 2;
            }
            size *= 2;
        }
        for (vector, lanes) in vectors.iter().zip(numbers.chunks_mut(LANES)) {
            // SAFETY: only as many numbers as there are lanes are stored, and the store needs no alignment.
            unsafe { _mm512_mask_storeu_epi32(lanes.as_mut_ptr().cast(), first_lanes(lanes.len()), *vector) };
        }
    }

    /// As many lanes as there are numbers, at most 16.
    const fn first_lanes(numbers: usize) -> u16 {
        u16::MAX >> (LANES - numbers)
    }

    /// The lanes whose number has this bit.
    const fn lanes_with(bit: usize) -> u16 {
        match bit {
            1 => 0xAAAA,
            2 => 0xCCCC,
            4 => 0xF0F0,
            _ => 0xFF00,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::base::simd::thinned;

    #[test]
    fn all_levels_sort_alike() {
        let mut random = 1u32;
        let mut next = || {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            random
        };
        for len in thinned(0..600, 7) {
            for shift in [0, 8, 24, 30] {
                let numbers: Vec<u32> = (0..len).map(|_| next() >> shift).collect();
                let mut expected = numbers.clone();
                expected.sort_unstable();
                for level in Level::all() {
                    let mut sorted = numbers.clone();
                    sort(level, &mut sorted, &AtomicBool::new(false));
                    assert_eq!(sorted, expected, "{level:?} {len}");
                }
            }
        }
        let mut most = vec![u32::MAX, 0, u32::MAX, 5];
        sort(*Level::all().last().unwrap(), &mut most, &AtomicBool::new(false));
        assert_eq!(most, [0, 5, u32::MAX, u32::MAX]);
    }
}
