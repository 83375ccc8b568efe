//! 64 bytes in vector registers: two of AVX2, or four of NEON. Kernels that use them are written once.
//!
//! Bytes are looked up in tables of 16 entries, by one of their halves. If an entry has one bit for each upper half,
//! two tables describe any set of bytes ([`rows`]).
//!
//! Each function is defined once for each architecture. It can only be called by code compiled for these instructions,
//! so a kernel has the same attributes. A mask (`u64`) has one bit for each byte.

#[cfg(target_arch = "aarch64")]
pub use neon::*;
#[cfg(target_arch = "x86_64")]
pub use x86::*;

/// A set of bytes, by their lower halves: one bit for each upper half, below 8 and from 8 on.
pub fn rows(contains: impl Fn(u8) -> bool) -> [[u8; 16]; 2] {
    let row = |first: u8, low| (0..8).map(|high| u8::from(contains((first + high) << 4 | low as u8)) << high).sum();
    [0, 8].map(|first| std::array::from_fn(|low| row(first, low)))
}

/// Bit `i % 8` at `i`: the bit of an upper half in an entry of [`rows`], or of a byte in a mask.
const BITS: [u8; 16] = [1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128];

#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code)]
mod x86 {
    use std::arch::x86_64::*;

    use super::BITS;

    #[derive(Clone, Copy)]
    pub struct Bytes64([__m256i; 2]);

    /// A table of 16 entries, repeated in both halves of a vector, since a shuffle looks up each half separately.
    #[derive(Clone, Copy)]
    pub struct Table(__m256i);

    #[inline]
    #[target_feature(enable = "avx2")]
    pub fn table(entries: &[u8; 16]) -> Table {
        // SAFETY: an array of 16 bytes is read, and the load needs no alignment.
        Table(_mm256_broadcastsi128_si256(unsafe { _mm_loadu_si128(entries.as_ptr().cast()) }))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub fn load(bytes: &[u8; 64]) -> Bytes64 {
        let start = bytes.as_ptr();
        // SAFETY: both halves of the array have 32 bytes, and the loads need no alignment.
        Bytes64(unsafe { [_mm256_loadu_si256(start.cast()), _mm256_loadu_si256(start.add(32).cast())] })
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub fn store(Bytes64([low, high]): Bytes64, bytes: &mut [u8; 64]) {
        let start = bytes.as_mut_ptr();
        // SAFETY: both halves of the array have 32 bytes, and the stores need no alignment.
        unsafe {
            _mm256_storeu_si256(start.cast(), low);
            _mm256_storeu_si256(start.add(32).cast(), high);
        }
    }

    /// The same byte 64 times.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub fn splat(byte: u8) -> Bytes64 {
        Bytes64([_mm256_set1_epi8(byte as i8); 2])
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub fn and(Bytes64(a): Bytes64, Bytes64(b): Bytes64) -> Bytes64 {
        Bytes64([_mm256_and_si256(a[0], b[0]), _mm256_and_si256(a[1], b[1])])
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub fn or(Bytes64(a): Bytes64, Bytes64(b): Bytes64) -> Bytes64 {
        Bytes64([_mm256_or_si256(a[0], b[0]), _mm256_or_si256(a[1], b[1])])
    }

    /// 0xFF where the bytes are equal, otherwise 0.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub fn equal(Bytes64(a): Bytes64, Bytes64(b): Bytes64) -> Bytes64 {
        Bytes64([_mm256_cmpeq_epi8(a[0], b[0]), _mm256_cmpeq_epi8(a[1], b[1])])
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub fn lower_halves(bytes: Bytes64) -> Bytes64 {
        and(bytes, splat(15))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub fn upper_halves(Bytes64([low, high]): Bytes64) -> Bytes64 {
        and(Bytes64([_mm256_srli_epi16::<4>(low), _mm256_srli_epi16::<4>(high)]), splat(15))
    }

    /// Looks up numbers below 16.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub fn look_up(Table(table): Table, Bytes64([low, high]): Bytes64) -> Bytes64 {
        Bytes64([_mm256_shuffle_epi8(table, low), _mm256_shuffle_epi8(table, high)])
    }

    /// Looks up bytes by their lower halves. From 0x80 on, the result is zero.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub fn look_up_ascii(table: Table, bytes: Bytes64) -> Bytes64 {
        look_up(table, bytes)
    }

    /// Looks up bytes by their lower halves. Below 0x80, the result is zero.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub fn look_up_high(table: Table, Bytes64([low, high]): Bytes64) -> Bytes64 {
        let flip = _mm256_set1_epi8(-128);
        look_up(table, Bytes64([_mm256_xor_si256(low, flip), _mm256_xor_si256(high, flip)]))
    }

    /// The bit of each byte's upper half in an entry of [`rows`](super::rows).
    #[inline]
    #[target_feature(enable = "avx2")]
    pub fn row_bits(bytes: Bytes64) -> Bytes64 {
        look_up(table(&BITS), upper_halves(bytes))
    }

    /// Whether all bytes are below 0x80.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub fn is_ascii(Bytes64([low, high]): Bytes64) -> bool {
        _mm256_movemask_epi8(_mm256_or_si256(low, high)) == 0
    }

    /// From 0x80 on.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub fn high_bits(Bytes64([low, high]): Bytes64) -> u64 {
        u64::from(_mm256_movemask_epi8(low) as u32) | u64::from(_mm256_movemask_epi8(high) as u32) << 32
    }

    /// From 0xC0 on.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub fn lead_bits(Bytes64([low, high]): Bytes64) -> u64 {
        let last_continuation = _mm256_set1_epi8(0xBFu8 as i8);
        let from_0xc0 = |bytes| _mm256_and_si256(bytes, _mm256_cmpgt_epi8(bytes, last_continuation));
        high_bits(Bytes64([from_0xc0(low), from_0xc0(high)]))
    }

    /// Where two vectors have a bit in common.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub fn common_bits(a: Bytes64, b: Bytes64) -> u64 {
        !high_bits(equal(and(a, b), splat(0)))
    }

    /// Where a comparison is true. Each byte must be 0 or 0xFF.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub fn true_bits(comparison: Bytes64) -> u64 {
        high_bits(comparison)
    }
}

#[cfg(target_arch = "aarch64")]
#[allow(unsafe_code)]
mod neon {
    use std::arch::aarch64::*;
    use std::array::from_fn;

    use super::BITS;

    /// An instruction of two vectors. LLVM 22 replaces `vpaddq_u8` and `vtstq_u8` in [`true_bits`] and [`common_bits`]
    /// by three and two times as many instructions.
    macro_rules! instruction {
        ($name:literal, $a:expr, $b:expr) => {{
            let (a, b): (uint8x16_t, uint8x16_t) = ($a, $b);
            let result: uint8x16_t;
            // SAFETY: these instructions of NEON only compute their result.
            unsafe {
                std::arch::asm!(
                    concat!($name, " {:v}.16b, {:v}.16b, {:v}.16b"),
                    lateout(vreg) result, in(vreg) a, in(vreg) b,
                    options(pure, nomem, nostack, preserves_flags)
                );
            }
            result
        }};
    }

    #[derive(Clone, Copy)]
    pub struct Bytes64([uint8x16_t; 4]);

    /// A table of 16 entries.
    #[derive(Clone, Copy)]
    pub struct Table(uint8x16_t);

    #[inline]
    #[target_feature(enable = "neon")]
    pub fn table(entries: &[u8; 16]) -> Table {
        // SAFETY: an array of 16 bytes is read.
        Table(unsafe { vld1q_u8(entries.as_ptr()) })
    }

    #[inline]
    #[target_feature(enable = "neon")]
    pub fn load(bytes: &[u8; 64]) -> Bytes64 {
        // SAFETY: each quarter of the array has 16 bytes.
        Bytes64(from_fn(|i| unsafe { vld1q_u8(bytes.as_ptr().add(16 * i)) }))
    }

    #[inline]
    #[target_feature(enable = "neon")]
    pub fn store(Bytes64(quarters): Bytes64, bytes: &mut [u8; 64]) {
        for (quarter, bytes) in quarters.iter().zip(bytes.as_chunks_mut::<16>().0) {
            // SAFETY: an array of 16 bytes is written.
            unsafe { vst1q_u8(bytes.as_mut_ptr(), *quarter) };
        }
    }

    /// The same byte 64 times.
    #[inline]
    #[target_feature(enable = "neon")]
    pub fn splat(byte: u8) -> Bytes64 {
        Bytes64([vdupq_n_u8(byte); 4])
    }

    #[inline]
    #[target_feature(enable = "neon")]
    pub fn and(Bytes64(a): Bytes64, Bytes64(b): Bytes64) -> Bytes64 {
        Bytes64(from_fn(|i| vandq_u8(a[i], b[i])))
    }

    #[inline]
    #[target_feature(enable = "neon")]
    pub fn or(Bytes64(a): Bytes64, Bytes64(b): Bytes64) -> Bytes64 {
        Bytes64(from_fn(|i| vorrq_u8(a[i], b[i])))
    }

    /// 0xFF where the bytes are equal, otherwise 0.
    #[inline]
    #[target_feature(enable = "neon")]
    pub fn equal(Bytes64(a): Bytes64, Bytes64(b): Bytes64) -> Bytes64 {
        Bytes64(from_fn(|i| vceqq_u8(a[i], b[i])))
    }

    #[inline]
    #[target_feature(enable = "neon")]
    pub fn lower_halves(bytes: Bytes64) -> Bytes64 {
        and(bytes, splat(15))
    }

    #[inline]
    #[target_feature(enable = "neon")]
    pub fn upper_halves(Bytes64(bytes): Bytes64) -> Bytes64 {
        Bytes64(from_fn(|i| vshrq_n_u8::<4>(bytes[i])))
    }

    /// Looks up numbers below 16. From 16 on, the result is zero.
    #[inline]
    #[target_feature(enable = "neon")]
    pub fn look_up(Table(table): Table, Bytes64(bytes): Bytes64) -> Bytes64 {
        Bytes64(from_fn(|i| vqtbl1q_u8(table, bytes[i])))
    }

    /// Looks up bytes by their lower halves. From 0x80 on, the result is zero.
    #[inline]
    #[target_feature(enable = "neon")]
    pub fn look_up_ascii(table: Table, bytes: Bytes64) -> Bytes64 {
        look_up(table, and(bytes, splat(0x8F)))
    }

    /// Looks up bytes by their lower halves. Below 0x80, the result is zero.
    #[inline]
    #[target_feature(enable = "neon")]
    pub fn look_up_high(table: Table, bytes: Bytes64) -> Bytes64 {
        let Bytes64(bytes) = and(bytes, splat(0x8F));
        look_up(table, Bytes64(from_fn(|i| veorq_u8(bytes[i], vdupq_n_u8(0x80)))))
    }

    /// The bit of each byte's upper half in an entry of [`rows`](super::rows).
    #[inline]
    #[target_feature(enable = "neon")]
    pub fn row_bits(bytes: Bytes64) -> Bytes64 {
        look_up(table(&BITS), upper_halves(bytes))
    }

    /// Whether all bytes are below 0x80.
    #[inline]
    #[target_feature(enable = "neon")]
    pub fn is_ascii(Bytes64([a, b, c, d]): Bytes64) -> bool {
        vmaxvq_u8(vorrq_u8(vorrq_u8(a, b), vorrq_u8(c, d))) < 0x80
    }

    /// From 0x80 on.
    #[inline]
    #[target_feature(enable = "neon")]
    pub fn high_bits(Bytes64(bytes): Bytes64) -> u64 {
        true_bits(Bytes64(from_fn(|i| vcltzq_s8(vreinterpretq_s8_u8(bytes[i])))))
    }

    /// From 0xC0 on.
    #[inline]
    #[target_feature(enable = "neon")]
    pub fn lead_bits(Bytes64(bytes): Bytes64) -> u64 {
        true_bits(Bytes64(from_fn(|i| vcgeq_u8(bytes[i], vdupq_n_u8(0xC0)))))
    }

    /// Where two vectors have a bit in common.
    #[inline]
    #[target_feature(enable = "neon")]
    pub fn common_bits(Bytes64(a): Bytes64, Bytes64(b): Bytes64) -> u64 {
        true_bits(Bytes64(from_fn(|i| instruction!("cmtst", a[i], b[i]))))
    }

    /// Where a comparison is true. Each byte must be 0 or 0xFF.
    ///
    /// NEON has no instruction for this. Three sums of neighbours gather the bits of eight bytes in one.
    #[inline]
    #[target_feature(enable = "neon")]
    pub fn true_bits(Bytes64(comparison): Bytes64) -> u64 {
        let Table(bits) = table(&BITS);
        let [a, b, c, d] = comparison.map(|quarter| vandq_u8(quarter, bits));
        let sums = instruction!("addp", instruction!("addp", a, b), instruction!("addp", c, d));
        vgetq_lane_u64::<0>(vreinterpretq_u64_u8(instruction!("addp", sums, sums)))
    }
}
