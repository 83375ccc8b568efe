//! Equal numbers next to each other in a sorted list.
//!
//! There are no branches, since they would not be predictable. AVX-512 handles sixteen numbers at a time.

#![allow(unsafe_code)]

use crate::core::base::memory;
use crate::core::base::simd::Level;
#[cfg(target_arch = "x86_64")]
use crate::core::base::simd::Tier;

/// The different numbers of a sorted list, and how often each occurs.
#[derive(Default)]
pub struct Runs {
    len: usize,
    numbers: Vec<u32>,
    counts: Vec<u32>,
    /// How many numbers of the sorted list are before the end of each run. The first item is 0.
    ends: Vec<u32>,
}

/// Lists have room for so many numbers more than they need.
const ROOM: usize = 16;

impl Runs {
    /// Replaces the content by that of a sorted list.
    #[inline]
    pub fn find(&mut self, level: Level, sorted: &[u32]) {
        let Self { len, numbers, counts, ends } = self;
        let room = 1 + sorted.len() + ROOM;
        if numbers.len() < room {
            for list in [&mut *numbers, counts, ends] {
                memory::reserve(list, room - list.len());
                list.resize(room, 0);
            }
        }
        *len = find_ends(level, sorted, numbers, &mut ends[1..]);
        let bounds = ends[1..=*len].iter().zip(&ends[..*len]);
        counts[..*len].iter_mut().zip(bounds).for_each(|(count, (end, start))| *count = end - start);
    }

    /// Adds up neighbouring runs whose numbers have the same `key`. `add` gets the number and count of two runs.
    pub fn join(&mut self, key: impl Fn(u32) -> u32, add: impl Fn([u32; 2], [u32; 2]) -> [u32; 2]) {
        let is_joined = |pair: &[u32]| key(pair[0]) == key(pair[1]);
        if !self.numbers().windows(2).fold(false, |any, pair| any | is_joined(pair)) {
            return;
        }
        let mut len = 0;
        for i in 0..self.len {
            let mut run = [self.numbers[i], self.counts[i]];
            if len > 0 && is_joined(&[self.numbers[len - 1], run[0]]) {
                len -= 1;
                run = add([self.numbers[len], self.counts[len]], run);
            }
            [self.numbers[len], self.counts[len]] = run;
            len += 1;
        }
        self.len = len;
    }

    pub fn numbers(&self) -> &[u32] {
        &self.numbers[..self.len]
    }

    pub fn counts(&self) -> &[u32] {
        &self.counts[..self.len]
    }

    /// Sets all counts to 1.
    pub fn flatten(&mut self) {
        self.counts[..self.len].fill(1);
    }
}

/// Lists the number of each run, and where it ends. Returns how many runs there are.
#[inline]
fn find_ends(level: Level, sorted: &[u32], numbers: &mut [u32], ends: &mut [u32]) -> usize {
    #[cfg(target_arch = "x86_64")]
    if level.tier() == Tier::Avx512 {
        // SAFETY: a level of this tier is made only where the processor has it.
        return unsafe { x86::find_ends_avx512(sorted, numbers, ends) };
    }
    let _ = level;
    let Some((&last, others)) = sorted.split_last() else { return 0 };
    let mut len = 0;
    for (i, (&number, &next)) in others.iter().zip(&sorted[1..]).enumerate() {
        (numbers[len], ends[len]) = (number, i as u32 + 1);
        len += usize::from(number != next);
    }
    (numbers[len], ends[len]) = (last, sorted.len() as u32);
    len + 1
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::ROOM;

    /// Numbers in a vector.
    const LANES: usize = 16;

    #[target_feature(enable = "avx512f,popcnt")]
    pub fn find_ends_avx512(sorted: &[u32], numbers: &mut [u32], ends: &mut [u32]) -> usize {
        const { assert!(ROOM >= LANES) };
        assert!(numbers.len().min(ends.len()) >= sorted.len() + ROOM, "room for a vector more");
        let after = _mm512_setr_epi32(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
        let mut len = 0;
        for at in (0..sorted.len()).step_by(LANES) {
            let rest = &sorted[at..];
            let (own, next) = (first_lanes(rest.len()), first_lanes(rest.len() - 1));
            // SAFETY: only numbers of the list are loaded, and the loads need no alignment.
            let (values, followers) = unsafe {
                let start = rest.as_ptr().cast();
                (_mm512_maskz_loadu_epi32(own, start), _mm512_maskz_loadu_epi32(next, start.add(1)))
            };
            let is_end = _mm512_mask_cmpneq_epi32_mask(next, values, followers) | (own & !next);
            let end = _mm512_add_epi32(after, _mm512_set1_epi32(at as i32));
            // SAFETY: at most as many runs have ended as there are numbers before, and both lists have room for a
            // vector more than there are numbers. The stores need no alignment.
            unsafe {
                let values = _mm512_maskz_compress_epi32(is_end, values);
                _mm512_storeu_si512(numbers.as_mut_ptr().add(len).cast(), values);
                _mm512_storeu_si512(ends.as_mut_ptr().add(len).cast(), _mm512_maskz_compress_epi32(is_end, end));
            }
            len += is_end.count_ones() as usize;
        }
        len
    }

    /// As many lanes as there are numbers, at most all.
    fn first_lanes(numbers: usize) -> u16 {
        if numbers >= LANES { u16::MAX } else { !(u16::MAX << numbers) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::base::simd::thinned;

    #[test]
    fn runs_of_sorted_lists() {
        let mut runs = Runs::default();
        for level in Level::all() {
            for (sorted, numbers, counts) in [
                (&[4, 4, 4, 7, 9, 9][..], &[4, 7, 9][..], &[3, 1, 2][..]),
                (&[], &[], &[]),
                (&[0], &[0], &[1]),
                (&[u32::MAX; 300], &[u32::MAX], &[300]),
            ] {
                runs.find(level, sorted);
                assert_eq!((runs.numbers(), runs.counts()), (numbers, counts));
            }
            runs.flatten();
            assert_eq!(runs.counts(), [1]);
        }
    }

    #[test]
    fn all_levels_find_the_same_runs() {
        let mut random = 1u32;
        let mut runs = Runs::default();
        for len in thinned(0..100, 7) {
            for shift in [8, 26, 29, 31] {
                let mut sorted: Vec<u32> = Vec::new();
                for _ in 0..len {
                    random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    sorted.push(random >> shift);
                }
                sorted.sort_unstable();
                let expected: Vec<(u32, u32)> =
                    sorted.chunk_by(u32::eq).map(|run| (run[0], run.len() as u32)).collect();
                for level in Level::all() {
                    runs.find(level, &sorted);
                    let found: Vec<(u32, u32)> =
                        runs.numbers().iter().copied().zip(runs.counts().iter().copied()).collect();
                    assert_eq!(found, expected, "{level:?} {len}");
                }
            }
        }
    }

    #[test]
    fn runs_with_the_same_key_are_joined() {
        let mut runs = Runs::default();
        for (sorted, numbers, counts) in [
            (&[2, 3, 3, 6, 8, 9][..], &[3, 6, 9][..], &[3, 1, 2][..]),
            (&[0, 1], &[1], &[2]),
            (&[1, 2, 5, 5], &[1, 2, 5], &[1, 1, 2]),
            (&[], &[], &[]),
        ] {
            runs.find(Level::PORTABLE, sorted);
            runs.join(|number| number / 2, |[_, count], [number, more]| [number, count + more]);
            assert_eq!((runs.numbers(), runs.counts()), (numbers, counts));
        }
    }
}
