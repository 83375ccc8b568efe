//! A perfect hash function: it maps distinct hashes to distinct slots. A lookup needs no search, so no branch is
//! mispredicted.
//!
//! The method is hash and displace (Belazzougui, Botelho, Dietzfelbinger 2009). Hashes are grouped into small
//! buckets. For each bucket, the largest first, a *pilot* is searched that maps all its hashes to free slots. A
//! lookup reads the pilot of its bucket and computes the slot. AVX-512 does eight lookups at a time.
//!
//! Construction cannot fail, and the number of trials per hash is bounded for any set of hashes. Equal hashes share a
//! slot, and so may hashes in a bucket without a pilot. The vocabulary keeps all but one of these in its overflow
//! table. In 800,000 sets of 1 to 1,000,000 random hashes there was no bucket without a pilot.

#![allow(unsafe_code)]

use crate::core::base::lists::Lists;
use crate::core::base::simd::Level;
#[cfg(target_arch = "x86_64")]
use crate::core::base::simd::Tier;

/// A perfect hash function for one set of hashes.
pub struct PerfectHash {
    /// By bucket, plus one more, since pilots are read in pairs.
    pilots: Vec<u16>,
    /// Both are less than 2³².
    buckets: u64,
    slots: u64,
}

/// The average number of hashes in a bucket.
const BUCKET: usize = 3;

/// Larger buckets get no pilot. The largest bucket of a million random hashes has about 16.
const LARGEST_BUCKET: usize = 32;

/// The most pilots to try in all: this many per hash, and at least [`TRIALS_AT_LEAST`] for small sets. Random hashes
/// need two.
const TRIALS: usize = 32;
const TRIALS_AT_LEAST: usize = 1 << 17;

/// Multipliers that mix pilots and hashes.
const A: u64 = 0xA24B_AED4_963E_E407;
const B: u64 = 0x9FB2_1C65_1E98_DF25;

impl PerfectHash {
    pub fn new(hashes: &[u64]) -> Self {
        // A quarter of the slots stays free. With fewer free slots, pilots take longer to find.
        let slots = (hashes.len() + hashes.len() / 3 + 1) as u64;
        let buckets = hashes.len().div_ceil(BUCKET).max(1);
        assert!(slots < 1 << 32, "{slots} slots are too many");
        let mut perfect = Self { pilots: vec![0; buckets + 1], buckets: buckets as u64, slots };
        let members = Lists::new(buckets, hashes.iter().map(|&hash| (perfect.bucket(hash), hash)));
        let mut order: Vec<u32> = (0..buckets as u32).collect();
        order.retain(|&i| (1..=LARGEST_BUCKET).contains(&members.get(i as usize).len()));
        order.sort_by_key(|&i| std::cmp::Reverse(members.get(i as usize).len()));
        let mut taken = vec![false; slots as usize];
        let mut trials = TRIALS_AT_LEAST + TRIALS * hashes.len();
        let (mut distinct, mut chosen) = (Vec::new(), Vec::new());
        for i in order {
            distinct.clear();
            members.get(i as usize).iter().for_each(|hash| {
                if !distinct.contains(hash) {
                    distinct.push(*hash);
                }
            });
            let fits = |&pilot: &u16| {
                chosen.clear();
                for &hash in &distinct {
                    let slot = perfect.slot_by_pilot(hash, pilot);
                    if taken[slot] || chosen.contains(&slot) {
                        return false;
                    }
                    chosen.push(slot);
                }
                true
            };
            let most = u16::try_from(trials).unwrap_or(u16::MAX);
            let Some(pilot) = (0..=most).find(fits) else {
                trials -= usize::from(most);
                continue;
            };
            trials = trials.saturating_sub(pilot.into());
            perfect.pilots[i as usize] = pilot;
            chosen.iter().for_each(|&slot| taken[slot] = true);
        }
        perfect
    }

    #[inline(always)]
    fn bucket(&self, hash: u64) -> usize {
        (((hash >> 32) * self.buckets) >> 32) as usize
    }

    #[inline(always)]
    fn slot_by_pilot(&self, hash: u64, pilot: u16) -> usize {
        let mixed = (hash ^ u64::from(pilot).wrapping_mul(A)).wrapping_mul(B);
        (((mixed >> 32) * self.slots) >> 32) as usize
    }

    /// The number of slots.
    pub fn slots(&self) -> usize {
        self.slots as usize
    }

    /// The slot of a hash, less than [`PerfectHash::slots`]. For a hash outside the set, it is the slot of another
    /// one.
    #[inline(always)]
    pub fn slot(&self, hash: u64) -> usize {
        self.slot_by_pilot(hash, self.pilots[self.bucket(hash)])
    }

    /// The slots of many hashes.
    #[inline]
    pub fn slots_of(&self, level: Level, hashes: &[u64], slots: &mut [u32]) {
        assert_eq!(hashes.len(), slots.len());
        let done = match level.tier() {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: a level of this tier is made only where the processor has it.
            Tier::Avx512 => unsafe { x86::slots_avx512(self, hashes, slots) },
            _ => 0,
        };
        for (&hash, slot) in hashes[done..].iter().zip(&mut slots[done..]) {
            *slot = self.slot(hash) as u32;
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::{A, B, PerfectHash};

    /// Handles whole groups of eight hashes and returns how many hashes that is.
    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt,avx512f,avx512bw,avx512dq,avx512vl")]
    pub fn slots_avx512(perfect: &PerfectHash, hashes: &[u64], slots: &mut [u32]) -> usize {
        let (eights, _) = hashes.as_chunks::<8>();
        let buckets = _mm512_set1_epi64(perfect.buckets as i64);
        let all_slots = _mm512_set1_epi64(perfect.slots as i64);
        for (eight, slots) in eights.iter().zip(slots.as_chunks_mut::<8>().0) {
            // SAFETY: eight hashes are 64 bytes, and eight slots 32. A bucket is the upper half of a product of 32-bit
            // numbers, one of which is the number of buckets, so it is less than that number. Each lookup reads the
            // pilots of two buckets, and there is one pilot more than buckets.
            unsafe {
                let hash = _mm512_loadu_si512(eight.as_ptr().cast());
                let upper = _mm512_srli_epi64::<32>(hash);
                let bucket = _mm512_srli_epi64::<32>(_mm512_mul_epu32(upper, buckets));
                let pair = _mm512_i64gather_epi32::<2>(bucket, perfect.pilots.as_ptr().cast());
                let pilot = _mm512_and_si512(_mm512_cvtepu32_epi64(pair), _mm512_set1_epi64(0xFFFF));
                let steered = _mm512_xor_si512(hash, _mm512_mullo_epi64(pilot, _mm512_set1_epi64(A as i64)));
                let mixed = _mm512_mullo_epi64(steered, _mm512_set1_epi64(B as i64));
                let product = _mm512_mul_epu32(_mm512_srli_epi64::<32>(mixed), all_slots);
                let slot = _mm512_cvtepi64_epi32(_mm512_srli_epi64::<32>(product));
                _mm256_storeu_si256(slots.as_mut_ptr().cast(), slot);
            }
        }
        8 * eights.len()
    }
}

#[cfg(test)]
mod tests {
    use crate::core::base::simd::thinned;
    use std::collections::HashSet;

    use super::*;
    use crate::core::base::hash_seed;

    /// A sequence without repeats (Weyl's).
    fn hashes(count: u64) -> Vec<u64> {
        (1..=count).map(|i| i.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ i.rotate_left(40)).collect()
    }

    #[test]
    fn each_hash_has_its_own_slot() {
        for count in [0, 1, 2, 3, 100, 1_000, if cfg!(miri) { 0 } else { 50_000 }] {
            let hashes = hashes(count);
            let perfect = PerfectHash::new(&hashes);
            let mut slots: Vec<usize> = hashes.iter().map(|&hash| perfect.slot(hash)).collect();
            slots.sort_unstable();
            slots.dedup();
            assert_eq!(slots.len(), hashes.len());
            assert!(slots.iter().all(|&slot| slot < perfect.slots()));
            assert!(perfect.slot(12_345) < perfect.slots());
            for level in Level::all() {
                for count in (0..20).chain([hashes.len()]).filter(|&count| count <= hashes.len()) {
                    let mut found = vec![0; count];
                    perfect.slots_of(level, &hashes[..count], &mut found);
                    assert!(found.iter().zip(&hashes).all(|(&found, &hash)| found as usize == perfect.slot(hash)));
                }
            }
        }
    }

    #[test]
    fn any_number_of_random_hashes_have_their_own_slots() {
        for count in thinned((1..200).chain([1_000; 20]), 17) {
            let hashes: Vec<u64> = (0..count).map(|_| hash_seed::random_numbers::<1>()[0]).collect();
            let perfect = PerfectHash::new(&hashes);
            let slots: HashSet<usize> = hashes.iter().map(|&hash| perfect.slot(hash)).collect();
            assert_eq!(slots.len(), hashes.len());
        }
    }

    #[test]
    fn colliding_hashes_are_accepted() {
        let same_bucket = |i: u64| 7 << 40 | i;
        let small_buckets = |i: u64| ((i / 24).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32 << 32) + i % 24;
        let pairs = |i: u64| (i / 2).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let same = |_: u64| 5u64;
        for hash in [&same as &dyn Fn(u64) -> u64, &same_bucket, &small_buckets, &pairs] {
            let hashes: Vec<u64> = (0..if cfg!(miri) { 100 } else { 100_000 }).map(hash).collect();
            let perfect = PerfectHash::new(&hashes);
            assert!(hashes.iter().all(|&hash| perfect.slot(hash) < perfect.slots()));
        }
        // Equal hashes must not cost the others their slots.
        let perfect = PerfectHash::new(&[1, 2, 3, 2]);
        let slots: HashSet<usize> = [1, 2, 3].into_iter().map(|hash| perfect.slot(hash)).collect();
        assert_eq!(slots.len(), 3);
    }
}
