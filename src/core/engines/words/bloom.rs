//! A Bloom filter with one bit per token: the tokens of a text that may be in the vocabulary.
//!
//! Most words of most texts are in no pattern. The filter rejects them with a look at a few kilobytes, before the
//! table is read. No branch depends on the text. AVX-512 looks up eight tokens at a time.

#![allow(unsafe_code)]

use super::fingerprint::Fingerprint;
use crate::core::base::simd::Level;
#[cfg(target_arch = "x86_64")]
use crate::core::base::simd::Tier;

/// The filter's size. One bit per token is set, so at most one in 16 of the other tokens passes.
const BITS_PER_TOKEN: usize = 16;

pub struct BloomFilter {
    /// The length is a power of two.
    words: Vec<u64>,
}

/// Tokens that pass the filter, as numbers in their window, and their hashes. Only the first entries are valid:
/// [`BloomFilter::candidates`] returns how many.
#[derive(Default)]
pub struct CandidateTokens {
    pub tokens: Vec<u32>,
    pub hashes: Vec<u64>,
}

impl BloomFilter {
    pub fn new(hashes: &[u64]) -> Self {
        let mut filter = Self { words: vec![0; (BITS_PER_TOKEN * hashes.len() / 64).next_power_of_two()] };
        for &hash in hashes {
            let (word, bit) = filter.position(hash);
            filter.words[word] |= 1 << bit;
        }
        filter
    }

    /// The index of the word and of the bit in it.
    #[inline(always)]
    fn position(&self, hash: u64) -> (usize, u32) {
        (hash as usize & (self.words.len() - 1), (hash >> 58) as u32)
    }

    /// Writes the tokens that pass to `candidates`, which only grow, and returns how many there are.
    pub fn candidates(&self, level: Level, fingerprints: &[Fingerprint], candidates: &mut CandidateTokens) -> usize {
        let CandidateTokens { tokens, hashes } = candidates;
        // Eight are written at a time, even at the last position.
        let room = fingerprints.len() + 8;
        if tokens.len() < room {
            tokens.resize(room, 0);
            hashes.resize(room, 0);
        }
        match level.tier() {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: a level of this tier is made only where the processor has it. There is room.
            Tier::Avx512 => unsafe { x86::candidates_avx512(self, fingerprints, tokens, hashes) },
            _ => self.candidates_portable(0, fingerprints, tokens, hashes),
        }
    }

    /// Numbers the tokens from `first` on.
    fn candidates_portable(
        &self,
        first: u32,
        fingerprints: &[Fingerprint],
        tokens: &mut [u32],
        hashes: &mut [u64],
    ) -> usize {
        let mut kept = 0;
        for (token, fingerprint) in (first..).zip(fingerprints) {
            tokens[kept] = token;
            hashes[kept] = fingerprint.low;
            let (word, bit) = self.position(fingerprint.low);
            kept += (self.words[word] >> bit & 1) as usize;
        }
        kept
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::{BloomFilter, Fingerprint};

    /// `tokens` and `hashes` need room for eight more entries than there are fingerprints.
    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt,avx512f,avx512bw,avx512vl,avx512vbmi2")]
    pub fn candidates_avx512(
        filter: &BloomFilter,
        fingerprints: &[Fingerprint],
        tokens: &mut [u32],
        hashes: &mut [u64],
    ) -> usize {
        assert!(tokens.len().min(hashes.len()) >= fingerprints.len() + 8);
        let (eights, rest) = fingerprints.as_chunks::<8>();
        let lows = _mm512_set_epi64(14, 12, 10, 8, 6, 4, 2, 0);
        let within = _mm512_set1_epi64(filter.words.len() as i64 - 1);
        let one = _mm512_set1_epi64(1);
        let mut numbers = _mm256_set_epi32(7, 6, 5, 4, 3, 2, 1, 0);
        let mut kept = 0;
        for eight in eights {
            let first: *const Fingerprint = eight.as_ptr();
            // SAFETY: eight fingerprints are 128 bytes. The number of words is a power of two and indices are masked
            // with one less, so each word read is in the filter. `kept` is at most the number of fingerprints before
            // these eight, and both buffers have room for eight more than all fingerprints.
            unsafe {
                let hash = _mm512_permutex2var_epi64(
                    _mm512_loadu_si512(first.cast()),
                    lows,
                    _mm512_loadu_si512(first.add(4).cast()),
                );
                let words = _mm512_i64gather_epi64::<8>(_mm512_and_si512(hash, within), filter.words.as_ptr().cast());
                let through = _mm512_test_epi64_mask(words, _mm512_sllv_epi64(one, _mm512_srli_epi64::<58>(hash)));
                _mm512_storeu_si512(hashes.as_mut_ptr().add(kept).cast(), _mm512_maskz_compress_epi64(through, hash));
                _mm256_storeu_si256(
                    tokens.as_mut_ptr().add(kept).cast(),
                    _mm256_maskz_compress_epi32(through, numbers),
                );
                kept += through.count_ones() as usize;
            }
            numbers = _mm256_add_epi32(numbers, _mm256_set1_epi32(8));
        }
        let first = (fingerprints.len() - rest.len()) as u32;
        kept + filter.candidates_portable(first, rest, &mut tokens[kept..], &mut hashes[kept..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::engines::words::fingerprint::Fingerprinter;

    #[test]
    fn inserted_tokens_pass_at_every_level() {
        for level in Level::all() {
            let fingerprinter = Fingerprinter::new(level);
            let all = if cfg!(miri) { 100 } else { 1000 };
            let fingerprints: Vec<Fingerprint> =
                (0..all).map(|i| fingerprinter.of(format!("{i}").as_bytes())).collect();
            for known in [0, 1, 10, 100, all] {
                let hashes: Vec<u64> = fingerprints[..known].iter().map(|fingerprint| fingerprint.low).collect();
                let filter = BloomFilter::new(&hashes);
                let mut candidates = CandidateTokens::default();
                for count in [all, 0, 1, 7, 8, 9, 63, all / 2] {
                    let kept = filter.candidates(level, &fingerprints[..count], &mut candidates);
                    let (tokens, hashes) = (&candidates.tokens[..kept], &candidates.hashes[..kept]);
                    assert!(tokens.is_sorted_by(|a, b| a < b));
                    assert!((0..known.min(count)).all(|token| tokens.binary_search(&(token as u32)).is_ok()));
                    assert!(
                        tokens.iter().zip(hashes).all(|(&token, &hash)| fingerprints[token as usize].low == hash)
                    );
                    assert!(kept <= known.min(count) + 7 + count / 8);
                    let mut expected = CandidateTokens { tokens: vec![0; count + 8], hashes: vec![0; count + 8] };
                    let CandidateTokens { tokens: wanted, hashes: with } = &mut expected;
                    assert_eq!(filter.candidates_portable(0, &fingerprints[..count], wanted, with), kept);
                    assert_eq!((&wanted[..kept], &with[..kept]), (tokens, hashes));
                }
            }
        }
    }
}
