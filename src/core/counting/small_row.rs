//! The columns of a text's first matches: noted as they are found, sorted and counted at the end.
//!
//! Most short texts have at most 16 matches. AVX-512 sorts and counts that many without branches. More are sorted by
//! the standard library, whose branches are unpredictable.

#![allow(unsafe_code)]

use crate::core::base::memory;
use crate::core::base::simd::Level;
#[cfg(target_arch = "x86_64")]
use crate::core::base::simd::Tier;

/// How many matches can be noted.
pub const CAPACITY: usize = 64;

/// How many are sorted and copied as a vector.
const LANES: usize = 16;

pub struct SmallRow {
    level: Level,
    noted: [u32; CAPACITY],
    len: usize,
    columns: [u32; CAPACITY],
    counts: [u8; CAPACITY],
}

impl SmallRow {
    pub fn new(level: Level) -> Self {
        Self { level, noted: [0; CAPACITY], len: 0, columns: [0; CAPACITY], counts: [0; CAPACITY] }
    }

    /// Notes a match. Returns false if there was no room.
    #[inline(always)]
    pub fn note(&mut self, column: u32) -> bool {
        let room = self.noted.get_mut(self.len);
        let has_room = room.is_some();
        if let Some(noted) = room {
            *noted = column;
            self.len += 1;
        }
        has_room
    }

    /// Notes `count` matches. Returns false if there was no room for all.
    #[inline]
    pub fn note_several(&mut self, column: u32, count: u64) -> bool {
        let has_room = count <= (CAPACITY - self.len) as u64;
        if has_room {
            let end = self.len + count as usize;
            self.noted[self.len..end].fill(column);
            self.len = end;
        }
        has_room
    }

    /// The noted columns, unsorted. Clears the row.
    pub fn take(&mut self) -> impl Iterator<Item = u32> + '_ {
        let len = std::mem::take(&mut self.len);
        self.noted[..len].iter().copied()
    }

    /// The distinct columns in order, and how often each was noted. Clears the row.
    #[inline]
    pub fn count(&mut self) -> CountedColumns<'_> {
        let Self { level, noted, len, columns, counts } = self;
        let len = std::mem::take(len);
        let distinct = match level.tier() {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: a level of this tier is made only where the processor has it.
            Tier::Avx512 if len <= LANES => unsafe { x86::count_avx512(noted, len, columns, counts) },
            _ => count_portable(&mut noted[..len], columns, counts),
        };
        CountedColumns { columns, counts, len: distinct }
    }
}

/// Distinct columns in order, and how often each was noted.
pub struct CountedColumns<'r> {
    columns: &'r [u32; CAPACITY],
    counts: &'r [u8; CAPACITY],
    len: usize,
}

impl CountedColumns<'_> {
    pub fn columns(&self) -> &[u32] {
        &self.columns[..self.len]
    }

    pub fn counts(&self) -> &[u8] {
        &self.counts[..self.len]
    }

    /// Adds them to lists.
    #[inline]
    pub fn append_to(&self, columns: &mut Vec<u32>, counts: &mut Vec<u8>) {
        append(columns, self.columns, self.len);
        append(counts, self.counts, self.len);
    }
}

/// Adds the first `len` items. Copying exactly as many would begin with a branch on their number, which is
/// unpredictable and waits for the sort.
#[inline(always)]
fn append<T: Copy>(list: &mut Vec<T>, items: &[T; CAPACITY], len: usize) {
    if len <= LANES {
        let end = list.len() + len;
        memory::extend(list, &items[..LANES]);
        list.truncate(end);
    } else {
        memory::extend(list, &items[..len]);
    }
}

/// Returns the number of distinct columns.
fn count_portable(noted: &mut [u32], columns: &mut [u32; CAPACITY], counts: &mut [u8; CAPACITY]) -> usize {
    noted.sort_unstable();
    let mut distinct = 0;
    for same in noted.chunk_by(|a, b| a == b) {
        columns[distinct] = same[0];
        counts[distinct] = same.len() as u8;
        distinct += 1;
    }
    distinct
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::{CAPACITY, LANES};

    /// A step of Batcher's bitonic sort. Compares each lane with the lane whose number differs in bit `NEAR`. Bit
    /// `FAR` of the lane's number decides the direction.
    #[target_feature(enable = "avx512f")]
    fn step<const FAR: usize, const NEAR: usize>(lanes: __m512i) -> __m512i {
        let partners: [i32; LANES] = std::array::from_fn(|lane| (lane ^ NEAR) as i32);
        let takes_greater = (0..LANES).map(|lane| u16::from((lane & NEAR == 0) == (lane & FAR != 0)) << lane).sum();
        // SAFETY: 64 bytes, and the load needs no alignment.
        let partners = unsafe { _mm512_loadu_si512(partners.as_ptr().cast()) };
        let others = _mm512_permutexvar_epi32(partners, lanes);
        _mm512_mask_max_epu32(_mm512_min_epu32(lanes, others), takes_greater, lanes, others)
    }

    /// Sorts the first `len` lanes. All others must have the largest number.
    #[target_feature(enable = "avx512f,avx512bw,avx512vl")]
    fn sorted(lanes: __m512i, len: usize) -> __m512i {
        let lanes = step::<2, 1>(lanes);
        let lanes = step::<4, 1>(step::<4, 2>(lanes));
        let lanes = step::<8, 1>(step::<8, 2>(step::<8, 4>(lanes)));
        if len <= 8 {
            return lanes;
        }
        step::<16, 1>(step::<16, 2>(step::<16, 4>(step::<16, 8>(lanes))))
    }

    /// The first eight columns, loaded one by one. They were stored one by one a moment ago: a load of all of them
    /// would wait until the stores have reached the cache.
    #[target_feature(enable = "avx512f")]
    fn first_eight(noted: &[u32; CAPACITY]) -> __m512i {
        // SAFETY: a reference can be read. The compiler does not combine volatile loads.
        let [a, b, c, d, e, f, g, h] =
            std::array::from_fn(|i| unsafe { (&raw const noted[i]).read_volatile() } as i32);
        _mm512_castsi256_si512(_mm256_set_epi32(h, g, f, e, d, c, b, a))
    }

    /// Sorts and counts up to [`LANES`] columns.
    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt,avx512f,avx512bw,avx512vl")]
    pub fn count_avx512(
        noted: &[u32; CAPACITY],
        len: usize,
        columns: &mut [u32; CAPACITY],
        counts: &mut [u8; CAPACITY],
    ) -> usize {
        let noted_lanes = ((1u32 << len) - 1) as u16;
        let beyond = _mm512_set1_epi32(-1);
        // SAFETY: at most 16 of 64 numbers are read; 64 bytes of 256, and 16 of 64, are written. None needs
        // alignment.
        unsafe {
            let lanes = match len {
                ..=8 => _mm512_mask_mov_epi32(beyond, noted_lanes, first_eight(noted)),
                _ => _mm512_mask_loadu_epi32(beyond, noted_lanes, noted.as_ptr().cast()),
            };
            let lanes = sorted(lanes, len);
            // The last lane of each run of equal columns stands for the run, and its number tells where the run ends.
            let is_last = _mm512_cmpneq_epu32_mask(lanes, _mm512_alignr_epi32::<1>(beyond, lanes));
            let is_last = is_last & noted_lanes | (noted_lanes ^ noted_lanes >> 1);
            let numbers = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
            let ends = _mm512_maskz_compress_epi32(is_last, numbers);
            let lengths = _mm512_sub_epi32(ends, _mm512_alignr_epi32::<15>(ends, beyond));
            _mm512_storeu_si512(columns.as_mut_ptr().cast(), _mm512_maskz_compress_epi32(is_last, lanes));
            _mm_storeu_si128(counts.as_mut_ptr().cast(), _mm512_cvtepi32_epi8(lengths));
            is_last.count_ones() as usize
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::core::base::simd::thinned;

    #[test]
    fn columns_are_sorted_and_counted() {
        for level in Level::all() {
            let mut row = SmallRow::new(level);
            for (len, distinct) in
                thinned(0..=CAPACITY, CAPACITY / 4).flat_map(|len| [1, 3, 10, 1000].map(|distinct| (len, distinct)))
            {
                let mut expected = BTreeMap::new();
                for i in 0..len as u32 {
                    let column = (i * 7919 % distinct).wrapping_mul(0x9E37_79B9);
                    assert!(row.note(column));
                    *expected.entry(column).or_insert(0) += 1;
                }
                if len == CAPACITY {
                    assert!(!row.note(0));
                }
                let counted = row.count();
                let (mut columns, mut counts) = (vec![1], vec![2]);
                counted.append_to(&mut columns, &mut counts);
                assert_eq!((&columns[1..], &counts[1..]), (counted.columns(), counted.counts()));
                let found: Vec<(u32, u8)> = columns.into_iter().zip(counts).skip(1).collect();
                assert_eq!(found, Vec::from_iter(expected), "{level:?}: {len}");
                assert!(row.count().columns().is_empty());
            }
            assert!(row.note(5) && row.note_several(3, 2) && !row.note_several(7, CAPACITY as u64 - 2));
            assert_eq!(row.take().collect::<Vec<_>>(), [5, 3, 3]);
            assert_eq!(row.take().count(), 0);
        }
    }
}
