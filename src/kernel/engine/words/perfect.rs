//! A perfect hash: distinct hashes go to distinct places, without a search and so without a mispredicted branch.
//!
//! Hash and displace (Belazzougui, Botelho, Dietzfelbinger 2009): the hashes are dealt into small buckets, and for each
//! bucket, the largest first, a *pilot* is found that takes all its hashes to places that are free. A lookup reads the
//! pilot of its bucket, and then the one place.

/// Where each of a set of hashes belongs.
#[derive(Default)]
pub struct Perfect {
    pilots: Vec<u16>,
    places: u64,
}

/// Hashes of a bucket, on average.
const BUCKET: usize = 3;

impl Perfect {
    /// For these hashes; `None` if two are equal.
    pub fn new(hashes: &[u64]) -> Option<Self> {
        // A quarter of the places stays free: the fewer, the longer is a pilot searched for.
        let places = (hashes.len() + hashes.len() / 3 + 1) as u64;
        let mut perfect = Self { pilots: vec![0; hashes.len().div_ceil(BUCKET).max(1)], places };
        let (members, ends) = perfect.dealt(hashes);
        let bucket = |i: usize| &members[if i == 0 { 0 } else { ends[i - 1] as usize }..ends[i] as usize];
        let mut order: Vec<u32> = (0..perfect.pilots.len() as u32).collect();
        order.sort_by_key(|&i| std::cmp::Reverse(bucket(i as usize).len()));
        let mut taken = vec![false; places as usize];
        let mut chosen = Vec::new();
        for i in order {
            let members = bucket(i as usize);
            let fits = |&pilot: &u16| {
                chosen.clear();
                for &hash in members {
                    let place = perfect.place_by(hash, pilot);
                    if taken[place] || chosen.contains(&place) {
                        return false;
                    }
                    chosen.push(place);
                }
                true
            };
            let pilot = (0..=u16::MAX).find(fits)?;
            perfect.pilots[i as usize] = pilot;
            chosen.iter().for_each(|&place| taken[place] = true);
        }
        Some(perfect)
    }

    /// The hashes in order of their buckets, and where each bucket ends.
    fn dealt(&self, hashes: &[u64]) -> (Vec<u64>, Vec<u32>) {
        let mut ends = vec![0u32; self.pilots.len() + 1];
        hashes.iter().for_each(|&hash| ends[self.bucket(hash) + 1] += 1);
        for i in 1..ends.len() {
            ends[i] += ends[i - 1];
        }
        let mut members = vec![0; hashes.len()];
        for &hash in hashes {
            let next = &mut ends[self.bucket(hash)];
            members[*next as usize] = hash;
            *next += 1;
        }
        (members, ends)
    }

    #[inline(always)]
    fn bucket(&self, hash: u64) -> usize {
        (((hash >> 32) * self.pilots.len() as u64) >> 32) as usize
    }

    #[inline(always)]
    fn place_by(&self, hash: u64, pilot: u16) -> usize {
        const A: u64 = 0xA24B_AED4_963E_E407;
        const B: u64 = 0x9FB2_1C65_1E98_DF25;
        let mixed = (hash ^ u64::from(pilot).wrapping_mul(A)).wrapping_mul(B);
        (((mixed >> 32) * self.places) >> 32) as usize
    }

    /// How many places there are.
    pub fn places(&self) -> usize {
        self.places as usize
    }

    /// The place of a hash, less than [`Perfect::places`]; that of another if it is not of the set.
    #[inline(always)]
    pub fn place(&self, hash: u64) -> usize {
        self.place_by(hash, self.pilots[self.bucket(hash)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sequence without repeats (Weyl's).
    fn hashes(count: u64) -> Vec<u64> {
        (1..=count).map(|i| i.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ i.rotate_left(40)).collect()
    }

    #[test]
    fn each_hash_has_a_place_of_its_own() {
        for count in [0, 1, 2, 3, 100, 1_000, 50_000] {
            let hashes = hashes(count);
            let perfect = Perfect::new(&hashes).unwrap();
            let mut places: Vec<usize> = hashes.iter().map(|&hash| perfect.place(hash)).collect();
            places.sort_unstable();
            places.dedup();
            assert_eq!(places.len(), hashes.len());
            assert!(places.iter().all(|&place| place < perfect.places()));
            assert!(perfect.place(12_345) < perfect.places());
        }
    }

    #[test]
    fn equal_hashes_have_none() {
        assert!(Perfect::new(&[1, 2, 3, 2]).is_none());
    }
}
