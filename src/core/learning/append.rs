//! Appends numbers to a list, without those that are left out.
//!
//! There are no branches, since they would not be predictable. AVX-512 handles sixteen numbers at a time.

#![allow(unsafe_code)]

use super::intern::{NONE, is_dropped};
use crate::core::base::memory;
use crate::core::base::simd::Level;
#[cfg(target_arch = "x86_64")]
use crate::core::base::simd::Tier;

/// The list has room for so many numbers more than it needs.
const ROOM: usize = 16;

/// Appends the words that are not left out.
#[inline]
pub fn append_kept(level: Level, words: &[u32], list: &mut Vec<u32>) {
    append(list, words.len(), |room| {
        #[cfg(target_arch = "x86_64")]
        if level.tier() == Tier::Avx512 {
            // SAFETY: a level of this tier is made only where the processor has it.
            return unsafe { x86::kept_avx512(words, room) };
        }
        let _ = level;
        let mut len = 0;
        for &word in words {
            room[len] = word;
            len += usize::from(!is_dropped(word));
        }
        len
    });
}

/// Appends what `map` has for each word, unless it has [`NONE`]. Words without an item there have the last one.
#[inline]
pub fn append_mapped(level: Level, words: &[u32], map: &[u32], list: &mut Vec<u32>) {
    append(list, words.len(), |room| {
        #[cfg(target_arch = "x86_64")]
        if level.tier() == Tier::Avx512 {
            // SAFETY: a level of this tier is made only where the processor has it.
            return unsafe { x86::mapped_avx512(words, map, room) };
        }
        let _ = level;
        let mut len = 0;
        for &word in words {
            let mapped = map[(word as usize).min(map.len() - 1)];
            room[len] = mapped;
            len += usize::from(mapped != NONE);
        }
        len
    });
}

/// Appends what `fill` writes: at most so many numbers. It returns how many.
#[inline(always)]
fn append(list: &mut Vec<u32>, most: usize, fill: impl FnOnce(&mut [u32]) -> usize) {
    let before = list.len();
    memory::reserve(list, most + ROOM);
    list.resize(before + most + ROOM, 0);
    let len = fill(&mut list[before..]);
    list.truncate(before + len);
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::super::intern::{DROPPED, NONE};
    use super::ROOM;

    /// Numbers in a vector.
    const LANES: usize = 16;

    #[target_feature(enable = "avx512f,popcnt")]
    pub fn kept_avx512(words: &[u32], room: &mut [u32]) -> usize {
        let (dropped, none) = (_mm512_set1_epi32(DROPPED as i32), _mm512_set1_epi32(NONE as i32));
        compressed(words, room, |words| {
            (words, _mm512_cmplt_epu32_mask(words, dropped) | _mm512_cmpeq_epi32_mask(words, none))
        })
    }

    #[target_feature(enable = "avx512f,popcnt")]
    pub fn mapped_avx512(words: &[u32], map: &[u32], room: &mut [u32]) -> usize {
        let last =
            map.len().checked_sub(1).filter(|&last| last < DROPPED as usize).expect("a map with less than 2^31");
        let (last, none) = (_mm512_set1_epi32(last as i32), _mm512_set1_epi32(NONE as i32));
        compressed(words, room, |words| {
            // SAFETY: no index is after the last item, and all are positive numbers of 32 bits.
            let mapped = unsafe { _mm512_i32gather_epi32::<4>(_mm512_min_epu32(words, last), map.as_ptr().cast()) };
            (mapped, _mm512_cmpneq_epi32_mask(mapped, none))
        })
    }

    /// What `look` makes of the words, without the lanes that it does not choose.
    #[target_feature(enable = "avx512f,popcnt")]
    #[inline]
    fn compressed(words: &[u32], room: &mut [u32], look: impl Fn(__m512i) -> (__m512i, u16)) -> usize {
        const { assert!(ROOM >= LANES) };
        assert!(room.len() >= words.len() + ROOM, "room for a vector more");
        let mut len = 0;
        for words in words.chunks(LANES) {
            let own = u16::MAX >> (LANES - words.len());
            // SAFETY: only the words are loaded, and the load needs no alignment.
            let (made, chosen) = look(unsafe { _mm512_maskz_loadu_epi32(own, words.as_ptr().cast()) });
            let chosen = chosen & own;
            // SAFETY: there are at most as many numbers as words before, and room for a vector more than there are
            // words. The store needs no alignment.
            unsafe {
                let to = room.as_mut_ptr().add(len).cast();
                _mm512_storeu_si512(to, _mm512_maskz_compress_epi32(chosen, made));
            }
            len += chosen.count_ones() as usize;
        }
        len
    }
}

#[cfg(test)]
mod tests {
    use super::super::intern::DROPPED;
    use super::*;

    #[test]
    fn all_levels_leave_out_the_same() {
        let (mut random, map) = (1u32, [7, NONE, 0, DROPPED, 4, NONE, 9, NONE]);
        for len in 0..70 {
            let words: Vec<u32> = (0..len)
                .map(|_| {
                    random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    [NONE, DROPPED, DROPPED + 3, NONE - 1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 100]
                        [(random >> 8) as usize % 14]
                })
                .collect();
            let kept = words.iter().copied().filter(|&word| word < DROPPED || word == NONE);
            let mapped = words.iter().map(|&word| map[(word as usize).min(7)]).filter(|&mapped| mapped != NONE);
            let expected = [[5].into_iter().chain(kept).collect::<Vec<_>>(), [5].into_iter().chain(mapped).collect()];
            for level in Level::all() {
                let [mut kept, mut mapped] = [vec![5], vec![5]];
                append_kept(level, &words, &mut kept);
                append_mapped(level, &words, &map, &mut mapped);
                assert_eq!([kept, mapped], expected, "{level:?} {len}");
            }
        }
    }
}
