//! The level of vector instructions in use.
//!
//! The crate is built for any processor. A kernel that gains by vector instructions is also compiled for each [`Tier`]
//! at which it gains, and chosen at run time. Results never depend on the level: tests run at each of [`Level::all`].
//! The environment variable `COUNTGRID_SIMD` (`portable`, `avx2`, `avx512`, `neon`) chooses a lower level than the
//! processor's.

#![allow(unsafe_code)]

use std::env;
use std::sync::LazyLock;

/// Vector instructions. Each tier includes those before it of the same architecture. All but the lowest include AES.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(dead_code, reason = "each architecture creates only its own")]
pub enum Tier {
    /// Those of every processor of the architecture: SSE2 on x86-64, NEON without AES on aarch64.
    Portable,
    /// NEON and AES: nearly all aarch64 processors. The Raspberry Pi has AES since version 5.
    Neon,
    /// AVX2, AES, BMI1, BMI2, LZCNT, POPCNT: x86-64 processors since about 2015.
    Avx2,
    /// AVX-512 F, BW, CD, DQ, VL, VBMI and VBMI2: Intel's server processors since Ice Lake, AMD's since Zen 4.
    Avx512,
}

/// A tier that this processor has: proof that its instructions may be executed.
///
/// The field is private, and this file creates levels only for instructions that it detected. So unsafe code can rely
/// on a level.
///
/// ```
/// use countgrid::core::base::simd::{Level, Tier};
///
/// assert_eq!(Level::all()[0], Level::PORTABLE);
/// assert_eq!(Level::PORTABLE.tier(), Tier::Portable);
/// ```
///
/// Other code cannot create one:
///
/// ```compile_fail,E0423
/// use countgrid::core::base::simd::{Level, Tier};
///
/// let level = Level(Tier::Avx512);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level(Tier);

/// Portable code that is compiled for each level: the compiler chooses the instructions.
pub trait Kernel {
    type Output;

    /// Must be `#[inline(always)]`. Otherwise it is compiled only for the lowest level.
    fn run(self) -> Self::Output;
}

/// The environment variable that chooses a level.
pub const VARIABLE: &str = "COUNTGRID_SIMD";

impl Level {
    /// The level that every processor has.
    pub const PORTABLE: Self = Self(Tier::Portable);

    /// The levels of this processor, the best last.
    pub fn all() -> Vec<Self> {
        #[allow(unused_mut)]
        let mut levels = vec![Self::PORTABLE];
        #[cfg(target_arch = "x86_64")]
        {
            macro_rules! detected {
                ($($feature:tt),*) => { $(is_x86_feature_detected!($feature))&&* };
            }
            if detected!("avx2", "aes", "bmi1", "bmi2", "lzcnt", "popcnt") {
                levels.push(Self(Tier::Avx2));
                if detected!("avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl", "avx512vbmi", "avx512vbmi2") {
                    levels.push(Self(Tier::Avx512));
                }
            }
        }
        #[cfg(target_arch = "aarch64")]
        if std::arch::is_aarch64_feature_detected!("neon") && std::arch::is_aarch64_feature_detected!("aes") {
            levels.push(Self(Tier::Neon));
        }
        levels
    }

    /// The instructions that may be executed.
    #[inline(always)]
    pub fn tier(self) -> Tier {
        self.0
    }

    /// Whether AES instructions may be executed.
    #[inline(always)]
    pub fn has_aes(self) -> bool {
        self.tier() != Tier::Portable
    }

    /// Runs a kernel, compiled for this level.
    pub fn run<K: Kernel>(self, kernel: K) -> K::Output {
        #[cfg(target_arch = "x86_64")]
        {
            #[target_feature(enable = "avx2,aes,bmi1,bmi2,lzcnt,popcnt")]
            fn avx2<K: Kernel>(kernel: K) -> K::Output {
                kernel.run()
            }
            #[target_feature(
                enable = "avx2,aes,bmi1,bmi2,lzcnt,popcnt,avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx512vbmi,avx512vbmi2"
            )]
            fn avx512<K: Kernel>(kernel: K) -> K::Output {
                kernel.run()
            }
            match self.tier() {
                // SAFETY: the processor has the instructions of each level that this file creates.
                Tier::Avx2 => return unsafe { avx2(kernel) },
                // SAFETY: as above.
                Tier::Avx512 => return unsafe { avx512(kernel) },
                Tier::Portable | Tier::Neon => {}
            }
        }
        #[cfg(target_arch = "aarch64")]
        {
            #[target_feature(enable = "neon,aes")]
            fn neon<K: Kernel>(kernel: K) -> K::Output {
                kernel.run()
            }
            if self.tier() == Tier::Neon {
                // SAFETY: the processor has the instructions of each level that this file creates.
                return unsafe { neon(kernel) };
            }
        }
        kernel.run()
    }

    pub fn name(self) -> &'static str {
        match self.tier() {
            Tier::Portable => "portable",
            Tier::Neon => "neon",
            Tier::Avx2 => "avx2",
            Tier::Avx512 => "avx512",
        }
    }
}

/// Prefetches the cache line at an address that will be read soon. The address need not be valid.
#[inline(always)]
pub fn prefetch<T>(address: *const T) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a prefetch has no visible effect and does not fault, whatever the address.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(address.cast()) };
    }
    #[cfg(target_arch = "aarch64")]
    // SAFETY: as above. It changes neither memory nor flags.
    unsafe {
        std::arch::asm!("prfm pldl1keep, [{}]", in(reg) address, options(nostack, readonly, preserves_flags));
    };
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    let _ = address;
}

/// A bit for each byte that is not zero.
#[inline(always)]
pub fn nonzero(bytes: &[u8; 64]) -> u64 {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_mm_cmpeq_epi8, _mm_loadu_si128, _mm_movemask_epi8, _mm_setzero_si128};
        let quarter = |i: usize| {
            // SAFETY: every x86-64 processor has SSE2. The load is within the 64 bytes and needs no alignment.
            let zeros = unsafe {
                _mm_movemask_epi8(_mm_cmpeq_epi8(
                    _mm_loadu_si128(bytes[16 * i..].as_ptr().cast()),
                    _mm_setzero_si128(),
                ))
            };
            u64::from(zeros as u32) << (16 * i)
        };
        !(quarter(0) | quarter(1) | quarter(2) | quarter(3))
    }
    #[cfg(target_arch = "aarch64")]
    {
        use super::bytes64::{common_bits, load};
        // SAFETY: every aarch64 processor that Rust supports has NEON.
        unsafe {
            let bytes = load(bytes);
            common_bits(bytes, bytes)
        }
    }
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    nonzero_portable(bytes)
}

#[cfg_attr(any(target_arch = "x86_64", target_arch = "aarch64"), cfg(test))]
fn nonzero_portable(bytes: &[u8; 64]) -> u64 {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    // Sets the high bit of each byte that is not zero. A multiplication then gathers these bits in one byte.
    bytes.as_chunks::<8>().0.iter().rev().fold(0, |mask, bytes| {
        let word = u64::from_le_bytes(*bytes);
        let high = (((word & !HIGH) + !HIGH) | word) & HIGH;
        mask << 8 | (high >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
    })
}

/// Byte `AT` (0 or 3) of each of 16 code points. The compiler does not vectorize this for NEON.
#[cfg(all(target_arch = "aarch64", target_endian = "little"))]
#[inline(always)]
pub fn every_fourth<const AT: usize>(units: &[[u8; 4]; 16]) -> [u8; 16] {
    use std::arch::aarch64::*;
    let mut bytes = [0; 16];
    // SAFETY: every aarch64 processor that Rust supports has NEON. A quarter of the code points is read each time, and
    // an array of 16 bytes written.
    unsafe {
        let quarter = |i: usize| vld1q_u8(units.as_flattened()[16 * i..][..16].as_ptr());
        let [a, b, c, d] = [0, 1, 2, 3].map(|i| vreinterpretq_u16_u8(quarter(i)));
        let every = match AT {
            0 => vuzp1q_u8(vreinterpretq_u8_u16(vuzp1q_u16(a, b)), vreinterpretq_u8_u16(vuzp1q_u16(c, d))),
            _ => vuzp2q_u8(vreinterpretq_u8_u16(vuzp2q_u16(a, b)), vreinterpretq_u8_u16(vuzp2q_u16(c, d))),
        };
        vst1q_u8(bytes.as_mut_ptr(), every);
    }
    bytes
}

/// A bit for each byte from 0xC0 on: the first of a character outside ASCII, or a byte of invalid UTF-8.
#[inline(always)]
pub fn leads(bytes: &[u8; 64]) -> u64 {
    nonzero(&bytes.map(|byte| (byte >= 0xC0).into()))
}

static CHOSEN: LazyLock<Result<Level, String>> = LazyLock::new(|| {
    let asked = env::var_os(VARIABLE).map(|value| value.to_string_lossy().into_owned());
    choose(asked.as_deref(), &Level::all())
});

fn choose(asked: Option<&str>, here: &[Level]) -> Result<Level, String> {
    let Some(asked) = asked.filter(|asked| !asked.is_empty()) else {
        return Ok(*here.last().expect("every processor has the lowest level"));
    };
    here.iter().copied().find(|level| level.name() == asked).ok_or_else(|| {
        let names: Vec<&str> = here.iter().map(|level| level.name()).collect();
        format!("{VARIABLE} is {asked:?}; expected one of those that this processor has: {}", names.join(", "))
    })
}

/// The level to use: the one that the environment variable names, or the processor's best. Fails if the processor
/// does not have the named level.
pub fn chosen() -> Result<Level, &'static str> {
    CHOSEN.as_ref().map(|&level| level).map_err(String::as_str)
}

/// The level to use. If [`chosen`] fails, which the binding reports when it is loaded, the portable level.
#[inline]
pub fn level() -> Level {
    chosen().unwrap_or(Level::PORTABLE)
}

/// All cases of a test, or every `step`-th under Miri, which is a thousand times slower.
#[cfg(test)]
pub fn thinned<I: IntoIterator>(cases: I, step: usize) -> impl Iterator<Item = I::Item> {
    cases.into_iter().step_by(if cfg!(miri) { step } else { 1 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_that_are_not_zero() {
        for i in thinned(0..64, 5) {
            for j in thinned(0..64, 3) {
                let mut bytes = [0; 64];
                (bytes[i], bytes[j]) = (1 << (j % 8), 255);
                assert_eq!((nonzero(&bytes), nonzero_portable(&bytes)), (1 << i | 1 << j, 1 << i | 1 << j));
            }
        }
    }

    #[test]
    fn the_first_bytes_of_characters() {
        for first in thinned(0..=255u8, 7) {
            let bytes: [u8; 64] = std::array::from_fn(|i| first.wrapping_add((i * 37) as u8));
            let expected = (0..64).filter(|&i| bytes[i] >= 0xC0).map(|i| 1u64 << i).sum::<u64>();
            assert_eq!(leads(&bytes), expected);
        }
    }

    #[test]
    fn levels_are_those_of_the_architecture() {
        let names: Vec<&str> = Level::all().into_iter().map(Level::name).collect();
        let expected: &[&str] = match std::env::consts::ARCH {
            "x86_64" => &["portable", "avx2", "avx512"],
            "aarch64" => &["portable", "neon"],
            _ => &["portable"],
        };
        assert!(!names.is_empty() && expected.starts_with(&names), "{names:?}");
    }

    #[test]
    fn a_level_is_chosen_by_name() {
        let here = [Tier::Portable, Tier::Avx2].map(Level);
        assert_eq!(choose(None, &here), Ok(here[1]));
        assert_eq!(choose(Some(""), &here), Ok(here[1]));
        assert_eq!(choose(Some("portable"), &here), Ok(here[0]));
        for bad in ["avx512", "neon", "AVX2", "none"] {
            let error = choose(Some(bad), &here).unwrap_err();
            assert!(error.starts_with(&format!("COUNTGRID_SIMD is {bad:?}; expected one of")), "{error}");
        }
    }
}
