//! Secret random numbers for the hashes of user data.
//!
//! If a hash function is known completely, an adversary can write a million terms with the same hash. So each hash
//! function depends on numbers from here. Results do not: a hash decides where to look, not what is equal.

use std::hash::{BuildHasher, RandomState};

/// Fresh random numbers: SipHash of a counter, with the key that the standard library gets from the operating system.
pub fn random_numbers<const N: usize>() -> [u64; N] {
    let state = RandomState::new();
    std::array::from_fn(|i| state.hash_one(i))
}

/// A hash of a pair of integers, for tables that are built once. Both integers are XORed with a secret, and then
/// multiplied.
///
/// The two halves of the product are XORed. Without the secrets, an adversary can neither make the product zero nor
/// find pairs that share bits of the result.
#[derive(Clone, Copy, Debug)]
pub struct PairHash {
    low: u64,
    high: u64,
}

impl PairHash {
    #[inline(always)]
    pub fn hash(self, low: u64, high: u64) -> u64 {
        let product = u128::from(low ^ self.low) * u128::from(high ^ self.high);
        product as u64 ^ (product >> 64) as u64
    }
}

impl Default for PairHash {
    /// The same for all tables that a thread makes. New numbers for each table would cost 3% of a count of a few
    /// short texts.
    fn default() -> Self {
        thread_local! {
            static NUMBERS: [u64; 2] = random_numbers();
        }
        let [low, high] = NUMBERS.with(|&numbers| numbers);
        Self { low, high }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_numbers_are_distinct() {
        let mut all: Vec<u64> = (0..1000).flat_map(|_| random_numbers::<8>()).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 8000);
    }

    #[test]
    fn pairs_are_distributed_evenly() {
        let fold = PairHash::default();
        let mut counts = [0; 64];
        (0..64_000).for_each(|i| counts[(fold.hash(i % 320, i / 320) % 64) as usize] += 1);
        assert!(counts.iter().all(|count| (700..1300).contains(count)), "{counts:?}");
    }
}
