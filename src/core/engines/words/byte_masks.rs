//! Classifies the bytes of a text: one bit per byte, 64 to a word, lowest bit first.
//!
//! AVX2 and NEON share their vector code, AVX-512 has its own, and there is a portable version. Only the lead byte of a
//! character is looked at. For some lead bytes that is enough, because all their characters are word characters
//! (Cyrillic, most Chinese characters, Korean syllables). The tokenizer classifies the other characters outside ASCII.

#![allow(unsafe_code)]

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
use crate::core::base::bytes64;
use crate::core::base::simd::Level;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
use crate::core::base::simd::Tier;

/// The class of each ASCII byte: word character, punctuation that some pattern contains, or neither. Also the lead
/// bytes whose characters are all word characters.
#[derive(Clone)]
pub struct ByteClassifier {
    base: Base,
    /// Characters that were made word characters.
    extra: Vec<u8>,
    word_bytes: [bool; 128],
    punctuation: [bool; 128],
    any_punctuation: bool,
    /// For each lead byte from 0xC0 on: the length of its characters if all of them are word characters, otherwise 0.
    word_leads: [u8; 64],
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    rows: ByteRows,
}

/// How portable code finds the word characters, besides the extra ones.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Base {
    /// By arithmetic.
    Word,
    Token,
    /// By the table.
    Class,
}

/// The classes as AVX2 and NEON look them up.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
#[derive(Clone)]
struct ByteRows {
    word_bytes: [u8; 16],
    punctuation: [u8; 16],
    word_lead2: [u8; 16],
    word_lead3: [u8; 16],
}

impl ByteClassifier {
    pub fn new(is_token: bool, extra: Vec<u8>, word_leads: [u8; 64]) -> Self {
        let is_word_char = |byte: u8| {
            let base = if is_token { is_token_byte(byte) } else { is_word_byte(byte) };
            base == 1 || extra.contains(&byte)
        };
        let word_bytes = std::array::from_fn(|byte| is_word_char(byte as u8));
        let base = if is_token { Base::Token } else { Base::Word };
        Self { base, extra, ..Self::of_class(word_bytes, word_leads) }
    }

    /// The word characters are those of a table.
    pub fn of_class(word_bytes: [bool; 128], word_leads: [u8; 64]) -> Self {
        Self {
            base: Base::Class,
            #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
            rows: {
                let lead = |len| bytes64::rows(|byte| byte >= 0xC0 && word_leads[usize::from(byte & 63)] == len)[1];
                ByteRows {
                    word_bytes: bytes64::rows(|byte| word_bytes.get(usize::from(byte)) == Some(&true))[0],
                    punctuation: [0; 16],
                    word_lead2: lead(2),
                    word_lead3: lead(3),
                }
            },
            extra: Vec::new(),
            word_bytes,
            punctuation: [false; 128],
            any_punctuation: false,
            word_leads,
        }
    }

    /// Makes a byte punctuation, unless it is a word character or whitespace.
    pub fn add_punctuation(&mut self, byte: u8) {
        if !self.word_bytes[byte as usize] && is_token_byte(byte) == 1 {
            self.punctuation[byte as usize] = true;
            self.any_punctuation = true;
            #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
            {
                self.rows.punctuation[usize::from(byte & 15)] |= 1 << (byte >> 4);
            }
        }
    }
}

/// 1 for an ASCII word character, otherwise 0, without a branch.
#[inline(always)]
fn is_word_byte(byte: u8) -> u8 {
    let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
    let digit = byte.wrapping_sub(b'0') < 10;
    u8::from(letter | digit | (byte == b'_'))
}

/// 1 for an ASCII character other than whitespace, otherwise 0.
#[inline(always)]
fn is_token_byte(byte: u8) -> u8 {
    u8::from(byte.is_ascii() & (byte != b' ') & (byte.wrapping_sub(b'\t') >= 5))
}

/// Masks with one bit per byte of a window.
#[derive(Default)]
pub struct ByteMasks {
    /// ASCII word characters.
    pub word_bytes: Vec<u64>,
    /// ASCII punctuation.
    pub punctuation: Vec<u64>,
    /// Bytes outside ASCII.
    pub high: Vec<u64>,
    /// Bytes from 0xC0 on: they begin a character or are outside valid UTF-8.
    pub lead: Vec<u64>,
    /// Lead bytes whose characters have two (or three) bytes and are all word characters.
    pub word_lead2: Vec<u64>,
    pub word_lead3: Vec<u64>,
}

/// The masks of 64 bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct ByteMasks64 {
    word_bytes: u64,
    punctuation: u64,
    high: u64,
    lead: u64,
    word_lead2: u64,
    word_lead3: u64,
}

impl ByteMasks {
    /// Classifies a window. Returns whether any byte is outside ASCII.
    pub fn classify(&mut self, level: Level, classifier: &ByteClassifier, window: &[u8]) -> bool {
        let words = window.len().div_ceil(64);
        let Self { word_bytes, punctuation, high, lead, word_lead2, word_lead3 } = self;
        for mask in [word_bytes, punctuation, high, lead, word_lead2, word_lead3] {
            mask.resize(words, 0);
        }
        let any_high = match level.tier() {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: a level of this tier is made only where the processor has it.
            Tier::Avx512 => unsafe { x86::classify_avx512(classifier, window, self) },
            #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
            // SAFETY: as above.
            Tier::Avx2 | Tier::Neon => unsafe { classify_by_halves(classifier, window, self) },
            _ => self.fill(window, |chunk| portable(classifier, chunk)),
        };
        // The padding may be in a custom class.
        if let Some(last) = self.word_bytes.last_mut() {
            *last &= u64::MAX >> (64 * words - window.len());
        }
        any_high
    }

    /// Computes the masks of a window, which is padded with spaces.
    #[inline(always)]
    fn fill(&mut self, window: &[u8], masks_of: impl Fn(&[u8; 64]) -> ByteMasks64) -> bool {
        let Self { word_bytes, punctuation, high, lead, word_lead2, word_lead3 } = self;
        let masks = word_bytes.iter_mut().zip(punctuation).zip(high).zip(lead).zip(word_lead2).zip(word_lead3);
        let mut any_high = 0;
        let (chunks, rest) = window.as_chunks::<64>();
        let mut last = [b' '; 64];
        last[..rest.len()].copy_from_slice(rest);
        for (chunk, (((((word_bytes, punctuation), high), lead), word_lead2), word_lead3)) in
            chunks.iter().chain([&last]).zip(masks)
        {
            let masks = masks_of(chunk);
            (*word_bytes, *punctuation, *high, *lead) = (masks.word_bytes, masks.punctuation, masks.high, masks.lead);
            (*word_lead2, *word_lead3) = (masks.word_lead2, masks.word_lead3);
            any_high |= masks.high;
        }
        any_high != 0
    }
}

/// The compiler vectorizes the arithmetic. Only punctuation needs a table, and few plans have any.
fn portable(classifier: &ByteClassifier, chunk: &[u8; 64]) -> ByteMasks64 {
    let in_table = |table: &[bool; 128], byte: u8| u8::from(byte < 128) & u8::from(table[usize::from(byte & 127)]);
    let mut word_bytes = match classifier.base {
        Base::Word => bits(chunk, is_word_byte),
        Base::Token => bits(chunk, is_token_byte),
        Base::Class => bits(chunk, |byte| in_table(&classifier.word_bytes, byte)),
    };
    for &extra in &classifier.extra {
        word_bytes |= bits(chunk, |byte| u8::from(byte == extra));
    }
    let is_punctuation = |byte: u8| in_table(&classifier.punctuation, byte);
    let is_full =
        |byte: u8, len| u8::from(byte >= 0xC0) & u8::from(classifier.word_leads[(byte & 63) as usize] == len);
    let high = bits(chunk, |byte| byte >> 7);
    ByteMasks64 {
        word_bytes,
        punctuation: if classifier.any_punctuation { bits(chunk, is_punctuation) } else { 0 },
        high,
        lead: if high == 0 { 0 } else { bits(chunk, |byte| u8::from(byte >= 0xC0)) },
        word_lead2: if high == 0 { 0 } else { bits(chunk, |byte| is_full(byte, 2)) },
        word_lead3: if high == 0 { 0 } else { bits(chunk, |byte| is_full(byte, 3)) },
    }
}

/// Packs a flag (0 or 1) per byte into one word.
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

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
#[cfg_attr(target_arch = "x86_64", target_feature(enable = "avx2"))]
#[cfg_attr(target_arch = "aarch64", target_feature(enable = "neon"))]
fn classify_by_halves(classifier: &ByteClassifier, window: &[u8], masks: &mut ByteMasks) -> bool {
    let rows = &classifier.rows;
    let (word_bytes, punctuation) = (bytes64::table(&rows.word_bytes), bytes64::table(&rows.punctuation));
    let (word_lead2, word_lead3) = (bytes64::table(&rows.word_lead2), bytes64::table(&rows.word_lead3));
    masks.fill(window, |chunk| {
        let bytes = bytes64::load(chunk);
        let row_bits = bytes64::row_bits(bytes);
        let is_in = |row| bytes64::common_bits(bytes64::look_up_ascii(row, bytes), row_bits);
        let word_bytes = is_in(word_bytes);
        let punctuation = if classifier.any_punctuation { is_in(punctuation) } else { 0 };
        if bytes64::is_ascii(bytes) {
            return ByteMasks64 { word_bytes, punctuation, ..ByteMasks64::default() };
        }
        let is_full = |row| bytes64::common_bits(bytes64::look_up_high(row, bytes), row_bits);
        ByteMasks64 {
            word_bytes,
            punctuation,
            high: bytes64::high_bits(bytes),
            lead: bytes64::lead_bits(bytes),
            word_lead2: is_full(word_lead2),
            word_lead3: is_full(word_lead3),
        }
    })
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::{ByteClassifier, ByteMasks, ByteMasks64};

    #[target_feature(enable = "avx2,avx512f,avx512bw,avx512vbmi")]
    pub fn classify_avx512(classifier: &ByteClassifier, window: &[u8], masks: &mut ByteMasks) -> bool {
        let kinds: [u8; 128] = std::array::from_fn(|byte| {
            u8::from(classifier.word_bytes[byte]) | u8::from(classifier.punctuation[byte]) << 1
        });
        let (low, high) = kinds.split_at(64);
        // SAFETY: each half has 64 bytes, and the loads need no alignment.
        let (low, high) =
            unsafe { (_mm512_loadu_si512(low.as_ptr().cast()), _mm512_loadu_si512(high.as_ptr().cast())) };
        // SAFETY: 64 bytes, and the load needs no alignment.
        let word_leads = unsafe { _mm512_loadu_si512(classifier.word_leads.as_ptr().cast()) };
        masks.fill(window, |chunk| {
            // SAFETY: a chunk has 64 bytes, and the load needs no alignment.
            let bytes = unsafe { _mm512_loadu_si512(chunk.as_ptr().cast()) };
            let kind = _mm512_permutex2var_epi8(low, bytes, high);
            let is_high = _mm512_movepi8_mask(bytes);
            let word_bytes = _mm512_mask_test_epi8_mask(!is_high, kind, _mm512_set1_epi8(1));
            let punctuation = _mm512_mask_test_epi8_mask(!is_high, kind, _mm512_set1_epi8(2));
            if is_high == 0 {
                return ByteMasks64 { word_bytes, punctuation, ..ByteMasks64::default() };
            }
            let lead = _mm512_cmpge_epu8_mask(bytes, _mm512_set1_epi8(0xC0u8 as i8));
            let full_len = _mm512_permutexvar_epi8(bytes, word_leads);
            let word_lead2 = _mm512_mask_cmpeq_epi8_mask(lead, full_len, _mm512_set1_epi8(2));
            let word_lead3 = _mm512_mask_cmpeq_epi8_mask(lead, full_len, _mm512_set1_epi8(3));
            ByteMasks64 { word_bytes, punctuation, high: is_high, lead, word_lead2, word_lead3 }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::base::simd::thinned;
    use crate::core::text::unicode::{is_space, is_word};

    /// All byte values, with every distance between them.
    fn text(len: usize) -> Vec<u8> {
        (0..len).map(|i| (i * 167 + i / 256 * 31 + i / 7) as u8).collect()
    }

    fn classifier() -> [ByteClassifier; 4] {
        let with_punctuation = |is_token, extra: &[u8]| {
            let word_leads = std::array::from_fn(|lead| [0, 2, 3, 0, 3, 2, 2][lead % 7]);
            let mut classifier = ByteClassifier::new(is_token, extra.to_vec(), word_leads);
            b"+#(@\0\x7Fa \t".iter().for_each(|&punctuation| classifier.add_punctuation(punctuation));
            classifier
        };
        let odd = ByteClassifier::of_class(std::array::from_fn(|byte| byte % 3 == 1), [0; 64]);
        [
            ByteClassifier::new(false, Vec::new(), [0; 64]),
            with_punctuation(false, b"-'"),
            with_punctuation(true, b""),
            odd,
        ]
    }

    #[test]
    fn every_byte_is_classified_as_its_character() {
        let [word, extra, token, odd] = classifier();
        for byte in 0..=127u8 {
            let c = byte as char;
            assert_eq!(word.word_bytes[byte as usize], is_word(c), "{byte}");
            assert_eq!(extra.word_bytes[byte as usize], is_word(c) || "-'".contains(c), "{byte}");
            assert_eq!(extra.punctuation[byte as usize], "+#(@\0\x7F".contains(c), "{byte}");
            assert_eq!(token.word_bytes[byte as usize], !is_space(c), "{byte}");
            assert_eq!(odd.word_bytes[byte as usize], byte % 3 == 1, "{byte}");
        }
        assert!(!word.any_punctuation && extra.any_punctuation && !token.any_punctuation);
    }

    #[test]
    fn all_levels_classify_alike() {
        for classifier in classifier() {
            let texts = (0..130).map(|len| (len % 67, len)).chain([(0, 4096), (1, 4095)]);
            for (from, len) in thinned(texts, 17) {
                let text = &text(from + len)[from..];
                let bit = |set: &[bool; 128], byte: u8| set.get(byte as usize) == Some(&true);
                let is_full = |byte: u8, len| byte >= 0xC0 && classifier.word_leads[usize::from(byte & 63)] == len;
                for level in Level::all() {
                    let mut masks = ByteMasks::default();
                    // The masks must not depend on what they contained before.
                    masks.classify(level, &classifier, &[b'a'; 200]);
                    let any_high = masks.classify(level, &classifier, text);
                    assert_eq!(any_high, !text.is_ascii());
                    assert_eq!(masks.word_bytes.len(), len.div_ceil(64));
                    for at in 0..64 * len.div_ceil(64) {
                        let byte = text.get(at).copied().unwrap_or(b' ');
                        let expected = [
                            at < len && bit(&classifier.word_bytes, byte),
                            bit(&classifier.punctuation, byte),
                            byte >= 0x80,
                            byte >= 0xC0,
                            is_full(byte, 2),
                            is_full(byte, 3),
                        ];
                        let ByteMasks { word_bytes, punctuation, high, lead, word_lead2, word_lead3 } = &masks;
                        let actual = [word_bytes, punctuation, high, lead, word_lead2, word_lead3]
                            .map(|mask| mask[at / 64] >> (at % 64) & 1 == 1);
                        assert_eq!(actual, expected, "{level:?}: byte {byte} at {at} of {len}");
                    }
                }
            }
        }
    }
}
