//! Bits for the bytes of a text: what each byte is, 64 to a word, the first byte's lowest.
//!
//! A kernel with vector code of its own for AVX2 and AVX-512, and a portable twin. Of a character of several bytes
//! only the first is seen here, which tells what it is where that holds for all that begin so (Cyrillic, most Chinese
//! characters, Korean syllables); about others `atoms` decides.

#![allow(unsafe_code)]

use crate::core::base::simd::Level;
#[cfg(target_arch = "x86_64")]
use crate::core::base::simd::Tier;

/// What each ASCII byte is: part of a run, a mark that some form holds, or neither; and which bytes begin nothing but
/// characters of runs.
#[derive(Clone)]
pub struct Classes {
    /// Whether runs are of anything but white space, not of word characters.
    is_token: bool,
    /// Further characters of runs.
    further: Vec<u8>,
    run: [bool; 128],
    mark: [bool; 128],
    any_mark: bool,
    /// For each first byte of a character, from 0xC0 on: its length, if all that it begins are part of runs, or 0.
    full: [u8; 64],
    #[cfg(target_arch = "x86_64")]
    rows: x86::Rows,
}

impl Classes {
    pub fn new(is_token: bool, further: Vec<u8>, full: [u8; 64]) -> Self {
        let is_run = |byte: u8| {
            let base = if is_token { is_token_byte(byte) } else { is_word_byte(byte) };
            base == 1 || further.contains(&byte)
        };
        let run = std::array::from_fn(|byte| is_run(byte as u8));
        let mark = [false; 128];
        Self {
            is_token,
            further,
            run,
            mark,
            any_mark: false,
            full,
            #[cfg(target_arch = "x86_64")]
            rows: x86::Rows::new(&run, &mark, &full),
        }
    }

    /// Makes a byte a mark, unless it is part of runs or white space.
    pub fn add_mark(&mut self, byte: u8) {
        if !self.run[byte as usize] && is_token_byte(byte) == 1 {
            self.mark[byte as usize] = true;
            self.any_mark = true;
            #[cfg(target_arch = "x86_64")]
            {
                self.rows = x86::Rows::new(&self.run, &self.mark, &self.full);
            }
        }
    }
}

/// 1 for an ASCII word character, without a branch.
#[inline(always)]
fn is_word_byte(byte: u8) -> u8 {
    let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
    let digit = byte.wrapping_sub(b'0') < 10;
    u8::from(letter | digit | (byte == b'_'))
}

/// 1 for an ASCII character that is no white space.
#[inline(always)]
fn is_token_byte(byte: u8) -> u8 {
    u8::from(byte.is_ascii() & (byte != b' ') & (byte.wrapping_sub(b'\t') >= 5))
}

/// A bit for each byte of a window.
#[derive(Default)]
pub struct Masks {
    /// ASCII, and part of a run.
    pub run: Vec<u64>,
    /// ASCII, and a mark.
    pub mark: Vec<u64>,
    /// Not ASCII.
    pub high: Vec<u64>,
    /// Not ASCII, and no continuation: the first of a character, or outside valid UTF-8.
    pub lead: Vec<u64>,
    /// Of these, what begins characters of runs alone, of two or of three bytes.
    pub full2: Vec<u64>,
    pub full3: Vec<u64>,
}

/// The masks of 64 bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Masks64 {
    run: u64,
    mark: u64,
    high: u64,
    lead: u64,
    full2: u64,
    full3: u64,
}

impl Masks {
    /// Classifies a window; tells whether any byte is not ASCII.
    pub fn classify(&mut self, level: Level, classes: &Classes, window: &[u8]) -> bool {
        let words = window.len().div_ceil(64);
        let Self { run, mark, high, lead, full2, full3 } = self;
        for mask in [run, mark, high, lead, full2, full3] {
            mask.resize(words, 0);
        }
        match level.tier() {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: a level of this tier is made only where the processor has it.
            Tier::Avx512 => unsafe { x86::classify_avx512(classes, window, self) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Tier::Avx2 => unsafe { x86::classify_avx2(classes, window, self) },
            _ => self.fill(window, |chunk| portable(classes, chunk)),
        }
    }

    /// Goes through a window, with spaces behind its end.
    #[inline(always)]
    fn fill(&mut self, window: &[u8], masks_of: impl Fn(&[u8; 64]) -> Masks64) -> bool {
        let Self { run, mark, high, lead, full2, full3 } = self;
        let masks = run.iter_mut().zip(mark).zip(high).zip(lead).zip(full2).zip(full3);
        let mut any_high = 0;
        let (chunks, rest) = window.as_chunks::<64>();
        let mut last = [b' '; 64];
        last[..rest.len()].copy_from_slice(rest);
        for (chunk, (((((run, mark), high), lead), full2), full3)) in chunks.iter().chain([&last]).zip(masks) {
            let masks = masks_of(chunk);
            (*run, *mark, *high, *lead) = (masks.run, masks.mark, masks.high, masks.lead);
            (*full2, *full3) = (masks.full2, masks.full3);
            any_high |= masks.high;
        }
        any_high != 0
    }
}

/// By arithmetic, of which the compiler makes vector code; marks, which few plans have, by a table.
fn portable(classes: &Classes, chunk: &[u8; 64]) -> Masks64 {
    let mut run = if classes.is_token { bits(chunk, is_token_byte) } else { bits(chunk, is_word_byte) };
    for &further in &classes.further {
        run |= bits(chunk, |byte| u8::from(byte == further));
    }
    let is_mark = |byte: u8| u8::from(byte < 128) & u8::from(classes.mark[(byte & 127) as usize]);
    let is_full = |byte: u8, len| u8::from(byte >= 0xC0) & u8::from(classes.full[(byte & 63) as usize] == len);
    let high = bits(chunk, |byte| byte >> 7);
    Masks64 {
        run,
        mark: if classes.any_mark { bits(chunk, is_mark) } else { 0 },
        high,
        lead: if high == 0 { 0 } else { bits(chunk, |byte| u8::from(byte >= 0xC0)) },
        full2: if high == 0 { 0 } else { bits(chunk, |byte| is_full(byte, 2)) },
        full3: if high == 0 { 0 } else { bits(chunk, |byte| is_full(byte, 3)) },
    }
}

/// A bit for each byte, from a flag of 0 or 1 for each.
#[inline(always)]
fn bits(chunk: &[u8; 64], flag: impl Fn(u8) -> u8) -> u64 {
    let flags = chunk.map(flag);
    let mut bits = 0;
    for (at, eight) in flags.as_chunks::<8>().0.iter().enumerate() {
        // The product has flag `i` at bit `56 + i`.
        bits |= (u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * at);
    }
    bits
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::{Classes, Masks, Masks64};

    /// How AVX2 looks a byte up: for each lower half of a byte, a bit for each upper half with which it is in a class.
    #[derive(Clone)]
    pub struct Rows {
        run: [u8; 16],
        mark: [u8; 16],
        /// Bytes that begin two or three bytes of a run. From 0xC0 on, upper halves are 0xC to 0xF.
        full2: [u8; 16],
        full3: [u8; 16],
    }

    impl Rows {
        pub fn new(run: &[bool; 128], mark: &[bool; 128], full: &[u8; 64]) -> Self {
            let ascii = |set: &[bool; 128]| {
                std::array::from_fn(|low| (0..8).map(|high| u8::from(set[high << 4 | low]) << high).sum())
            };
            let lead = |len| {
                std::array::from_fn(|low| {
                    (0..4).map(|high| u8::from(full[high << 4 | low] == len) << (high + 4)).sum()
                })
            };
            Self { run: ascii(run), mark: ascii(mark), full2: lead(2), full3: lead(3) }
        }
    }

    #[target_feature(enable = "avx2")]
    pub fn classify_avx2(classes: &Classes, window: &[u8], masks: &mut Masks) -> bool {
        let twice = |half: &[u8; 16]| _mm256_broadcastsi128_si256(load128(half));
        let rows = twice(&[1, 2, 4, 8, 16, 32, 64, 128, 0, 0, 0, 0, 0, 0, 0, 0]);
        let high_rows = twice(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16, 32, 64, 128]);
        let (run, mark) = (twice(&classes.rows.run), twice(&classes.rows.mark));
        let (full2, full3) = (twice(&classes.rows.full2), twice(&classes.rows.full3));
        masks.fill(window, |chunk| {
            let (low, high) = chunk.split_at(32);
            let half = |bytes: &[u8]| {
                // SAFETY: a half has 32 bytes, and the load needs no alignment.
                let bytes = unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) };
                let upper = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), _mm256_set1_epi8(15));
                let row = _mm256_shuffle_epi8(rows, upper);
                // Of a byte that is not ASCII a shuffle gives zero, which is in no row.
                let is = |set| {
                    let found = _mm256_and_si256(_mm256_shuffle_epi8(set, bytes), row);
                    !_mm256_movemask_epi8(_mm256_cmpeq_epi8(found, _mm256_setzero_si256())) as u32
                };
                let any_high = _mm256_movemask_epi8(bytes) as u32;
                if any_high == 0 {
                    return [is(run), is(mark), 0, 0, 0, 0];
                }
                let lead = _mm256_and_si256(bytes, _mm256_cmpgt_epi8(bytes, _mm256_set1_epi8(0xBFu8 as i8)));
                let high_row = _mm256_shuffle_epi8(high_rows, upper);
                let lower = _mm256_and_si256(bytes, _mm256_set1_epi8(15));
                let is_full = |set| {
                    let found = _mm256_and_si256(_mm256_shuffle_epi8(set, lower), high_row);
                    !_mm256_movemask_epi8(_mm256_cmpeq_epi8(found, _mm256_setzero_si256())) as u32
                };
                [is(run), is(mark), any_high, _mm256_movemask_epi8(lead) as u32, is_full(full2), is_full(full3)]
            };
            let (low, high) = (half(low), half(high));
            let [run, mark, high, lead, full2, full3] =
                std::array::from_fn(|i| u64::from(high[i]) << 32 | u64::from(low[i]));
            Masks64 { run, mark, high, lead, full2, full3 }
        })
    }

    #[target_feature(enable = "avx2,avx512f,avx512bw,avx512vbmi")]
    pub fn classify_avx512(classes: &Classes, window: &[u8], masks: &mut Masks) -> bool {
        let kinds: [u8; 128] =
            std::array::from_fn(|byte| u8::from(classes.run[byte]) | u8::from(classes.mark[byte]) << 1);
        let (low, high) = kinds.split_at(64);
        // SAFETY: each half has 64 bytes, and the loads need no alignment.
        let (low, high) =
            unsafe { (_mm512_loadu_si512(low.as_ptr().cast()), _mm512_loadu_si512(high.as_ptr().cast())) };
        // SAFETY: 64 bytes, and the load needs no alignment.
        let full = unsafe { _mm512_loadu_si512(classes.full.as_ptr().cast()) };
        masks.fill(window, |chunk| {
            // SAFETY: a chunk has 64 bytes, and the load needs no alignment.
            let bytes = unsafe { _mm512_loadu_si512(chunk.as_ptr().cast()) };
            let kind = _mm512_permutex2var_epi8(low, bytes, high);
            let is_high = _mm512_movepi8_mask(bytes);
            let run = _mm512_mask_test_epi8_mask(!is_high, kind, _mm512_set1_epi8(1));
            let mark = _mm512_mask_test_epi8_mask(!is_high, kind, _mm512_set1_epi8(2));
            if is_high == 0 {
                return Masks64 { run, mark, ..Masks64::default() };
            }
            let lead = _mm512_cmpge_epu8_mask(bytes, _mm512_set1_epi8(0xC0u8 as i8));
            let full_len = _mm512_permutexvar_epi8(bytes, full);
            let full2 = _mm512_mask_cmpeq_epi8_mask(lead, full_len, _mm512_set1_epi8(2));
            let full3 = _mm512_mask_cmpeq_epi8_mask(lead, full_len, _mm512_set1_epi8(3));
            Masks64 { run, mark, high: is_high, lead, full2, full3 }
        })
    }

    #[target_feature(enable = "avx2")]
    fn load128(bytes: &[u8; 16]) -> __m128i {
        // SAFETY: 16 bytes, and the load needs no alignment.
        unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::base::simd::thinned;
    use crate::core::text::unicode::{is_space, is_word};

    /// Bytes of all kinds at all distances from one another.
    fn text(len: usize) -> Vec<u8> {
        (0..len).map(|i| (i * 167 + i / 256 * 31 + i / 7) as u8).collect()
    }

    fn classes() -> [Classes; 3] {
        let with_marks = |is_token, further: &[u8]| {
            let full = std::array::from_fn(|lead| [0, 2, 3, 0, 3, 2, 2][lead % 7]);
            let mut classes = Classes::new(is_token, further.to_vec(), full);
            b"+#(@\0\x7Fa \t".iter().for_each(|&mark| classes.add_mark(mark));
            classes
        };
        [Classes::new(false, Vec::new(), [0; 64]), with_marks(false, b"-'"), with_marks(true, b"")]
    }

    #[test]
    fn every_byte_is_classified_as_its_character() {
        let [word, further, token] = classes();
        for byte in 0..=127u8 {
            let c = byte as char;
            assert_eq!(word.run[byte as usize], is_word(c), "{byte}");
            assert_eq!(further.run[byte as usize], is_word(c) || "-'".contains(c), "{byte}");
            assert_eq!(further.mark[byte as usize], "+#(@\0\x7F".contains(c), "{byte}");
            assert_eq!(token.run[byte as usize], !is_space(c), "{byte}");
        }
        assert!(!word.any_mark && further.any_mark && !token.any_mark);
    }

    #[test]
    fn every_level_classifies_alike() {
        for classes in classes() {
            let texts = (0..130).map(|len| (len % 67, len)).chain([(0, 4096), (1, 4095)]);
            for (from, len) in thinned(texts, 17) {
                let text = &text(from + len)[from..];
                let bit = |set: &[bool; 128], byte: u8| set.get(byte as usize) == Some(&true);
                for level in Level::all() {
                    let mut masks = Masks::default();
                    // What was there before is gone.
                    masks.classify(level, &classes, &[b'a'; 200]);
                    let any_high = masks.classify(level, &classes, text);
                    assert_eq!(any_high, !text.is_ascii());
                    assert_eq!(masks.run.len(), len.div_ceil(64));
                    for at in 0..64 * len.div_ceil(64) {
                        let byte = text.get(at).copied().unwrap_or(b' ');
                        let expected =
                            [bit(&classes.run, byte), bit(&classes.mark, byte), byte >= 0x80, byte >= 0xC0];
                        let found = [&masks.run, &masks.mark, &masks.high, &masks.lead]
                            .map(|mask| mask[at / 64] >> (at % 64) & 1 == 1);
                        assert_eq!(found, expected, "{level:?}: byte {byte} at {at} of {len}");
                    }
                }
            }
        }
    }
}
