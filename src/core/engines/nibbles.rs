//! Tables for vector shuffles, which look up a byte by its two halves.
//!
//! A shuffle looks up 32 bytes in a table of 16 entries. The lower half of a byte selects the entry; from 0x80 on, the
//! result is zero. An entry has one bit for each upper half, so two tables describe any set of bytes.

#[cfg(target_arch = "x86_64")]
pub use x86::*;

/// A set of bytes, by their lower halves: one bit for each upper half, below 8 and from 8 on.
#[cfg(target_arch = "x86_64")]
pub fn rows(contains: impl Fn(u8) -> bool) -> [[u8; 16]; 2] {
    let row = |first: u8, low| (0..8).map(|high| u8::from(contains((first + high) << 4 | low as u8)) << high).sum();
    [0, 8].map(|first| std::array::from_fn(|low| row(first, low)))
}

#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code)]
mod x86 {
    use std::arch::x86_64::*;

    /// A table for [`_mm256_shuffle_epi8`], which looks up each half of a vector separately.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub fn table(entries: &[u8; 16]) -> __m256i {
        // SAFETY: an array of 16 bytes is read, and the load needs no alignment.
        _mm256_broadcastsi128_si256(unsafe { _mm_loadu_si128(entries.as_ptr().cast()) })
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub fn load(bytes: &[u8; 32]) -> __m256i {
        // SAFETY: an array of 32 bytes is read, and the load needs no alignment.
        unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub fn upper_halves(bytes: __m256i) -> __m256i {
        _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), _mm256_set1_epi8(15))
    }

    /// The bit of each byte's upper half in an entry of [`rows`](super::rows).
    #[inline]
    #[target_feature(enable = "avx2")]
    pub fn row_bits(bytes: __m256i) -> __m256i {
        let bits = table(&[1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128]);
        _mm256_shuffle_epi8(bits, upper_halves(bytes))
    }

    /// Selects the other half of the bytes: those below 0x80 instead of those from 0x80 on.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub fn flipped(bytes: __m256i) -> __m256i {
        _mm256_xor_si256(bytes, _mm256_set1_epi8(-128))
    }

    /// One bit for each byte that is not zero.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub fn nonzero(bytes: __m256i) -> u32 {
        !_mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, _mm256_setzero_si256())) as u32
    }
}
