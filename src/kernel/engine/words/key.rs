//! A short atom as 16 bytes, so that hashing and comparing it takes a handful of instructions.
//!
//! Keys are made and hashed in two ways: by arithmetic that every processor has, and by the AES instructions, which mix 16
//! bytes at once (14 instructions an atom instead of 30). Equal atoms have equal keys either way; hashes differ, so they
//! never leave the vocabulary that was built with them.

#![allow(unsafe_code)]

/// Bytes of the longest atom that is a key.
pub const SHORT: usize = 15;

/// An atom of up to 15 bytes, with zeros behind them, and in the last byte how many there are. Of a longer atom the first
/// 15 bytes, and a last byte as no short one has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Key {
    low: u64,
    high: u64,
}

const BYTES: usize = size_of::<Key>();

impl Key {
    /// The key of no atom.
    pub const NONE: Self = Self { low: 0, high: 0 };

    /// The key of `text[start..end]`.
    #[inline(always)]
    pub fn new(text: &[u8], start: usize, end: usize) -> Self {
        let bytes = match text.get(start..start + BYTES) {
            Some(bytes) => *bytes.first_chunk().expect("so many bytes were asked for"),
            None => next_to_end(text, start),
        };
        let Frame { mask, len } = frame(end - start);
        let bytes = u128::from_le_bytes(bytes) & u128::from_le_bytes(*mask) | u128::from_le_bytes(*len);
        Self { low: bytes as u64, high: (bytes >> 64) as u64 }
    }

    /// Whether this is the key of a short atom.
    pub fn is_short(self) -> bool {
        (1..=SHORT as u64).contains(&(self.high >> 56))
    }

    /// A product of two halves, folded: plain multiplication leaves too much of a short word in few bits.
    #[inline(always)]
    pub fn hash(self, seed: u64) -> u64 {
        const A: u64 = 0x9E37_79B9_7F4A_7C15;
        const B: u64 = 0xD1B5_4A32_D192_ED03;
        let product = u128::from(self.low ^ A ^ seed) * u128::from(self.high ^ B);
        product as u64 ^ (product >> 64) as u64
    }
}

/// The bytes at `start`, with zeros behind the text's end.
#[cold]
fn next_to_end(text: &[u8], start: usize) -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    let rest = &text[start..];
    bytes[..rest.len()].copy_from_slice(rest);
    bytes
}

/// What makes a key of bytes: those that are kept, and the last one.
#[repr(align(32))]
struct Frame {
    mask: [u8; BYTES],
    len: [u8; BYTES],
}

/// The frame of a length, which is taken modulo 256: that saves a comparison, and the key of a long atom only has to be
/// always the same.
#[inline(always)]
fn frame(len: usize) -> &'static Frame {
    static FRAMES: [Frame; 256] = {
        let mut frames = [const { Frame { mask: [0; BYTES], len: [0; BYTES] } }; 256];
        let mut len = 0;
        while len < frames.len() {
            let mut at = 0;
            while at < len && at < SHORT {
                frames[len].mask[at] = 0xFF;
                at += 1;
            }
            frames[len].len[SHORT] = if len <= SHORT { len as u8 } else { 0xFF };
            len += 1;
        }
        frames
    };
    &FRAMES[usize::from(len as u8)]
}

/// One of the ways to make keys and hashes.
pub trait Keys {
    type Key: Copy;

    /// The key of `text[start..end]`.
    fn key(&self, text: &[u8], start: usize, end: usize) -> Self::Key;
    fn from(&self, key: &Key) -> Self::Key;
    fn hash(&self, key: Self::Key) -> u64;
    fn are_equal(&self, key: Self::Key, other: &Key) -> bool;
}

/// By arithmetic.
pub struct Arithmetic {
    pub seed: u64,
}

impl Keys for Arithmetic {
    type Key = Key;

    #[inline(always)]
    fn key(&self, text: &[u8], start: usize, end: usize) -> Key {
        Key::new(text, start, end)
    }

    #[inline(always)]
    fn from(&self, key: &Key) -> Key {
        *key
    }

    #[inline(always)]
    fn hash(&self, key: Key) -> u64 {
        key.hash(self.seed)
    }

    #[inline(always)]
    fn are_equal(&self, key: Key, other: &Key) -> bool {
        (key.low ^ other.low) | (key.high ^ other.high) == 0
    }
}

#[cfg(target_arch = "x86_64")]
pub use x86::Aes;

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::super::super::super::simd::Level;
    use super::{BYTES, Frame, Key, Keys, frame, next_to_end};

    /// By the instructions for AES: two rounds, after which each byte of the hash depends on each byte of the key.
    pub struct Aes {
        seed: __m128i,
    }

    impl Aes {
        /// For kernels that run at a level that has the instructions.
        pub fn new(level: Level, seed: u64) -> Self {
            assert!(level >= Level::Avx2, "AES at the level {}", level.name());
            // SAFETY: every x86-64 processor has SSE2.
            Self { seed: unsafe { _mm_set_epi64x(0x5A82_7999_6ED9_EBA1, seed as i64) } }
        }
    }

    impl Keys for Aes {
        type Key = __m128i;

        #[inline(always)]
        fn key(&self, text: &[u8], start: usize, end: usize) -> __m128i {
            let Frame { mask, len } = frame(end - start);
            let copy;
            let bytes = match text.get(start..start + BYTES) {
                Some(bytes) => bytes.as_ptr(),
                None => {
                    copy = next_to_end(text, start);
                    copy.as_ptr()
                }
            };
            // SAFETY: every x86-64 processor has SSE2; 16 bytes may be read from each of the three.
            unsafe {
                let kept = _mm_and_si128(_mm_loadu_si128(bytes.cast()), _mm_load_si128(mask.as_ptr().cast()));
                _mm_or_si128(kept, _mm_load_si128(len.as_ptr().cast()))
            }
        }

        #[inline(always)]
        fn from(&self, key: &Key) -> __m128i {
            // SAFETY: a key has 16 bytes, and the load needs no alignment.
            unsafe { _mm_loadu_si128(std::ptr::from_ref(key).cast()) }
        }

        #[inline(always)]
        fn hash(&self, key: __m128i) -> u64 {
            // SAFETY: the instructions are there, as `new` made sure.
            unsafe { _mm_cvtsi128_si64(_mm_aesenc_si128(_mm_aesenc_si128(key, self.seed), self.seed)) as u64 }
        }

        #[inline(always)]
        fn are_equal(&self, key: __m128i, other: &Key) -> bool {
            // SAFETY: every x86-64 processor has SSE2.
            unsafe { _mm_movemask_epi8(_mm_cmpeq_epi8(key, self.from(other))) == 0xFFFF }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::super::simd::Level;
    use super::*;

    #[test]
    fn a_key_is_the_atom_and_its_length() {
        let text: Vec<u8> = (1..=255).cycle().take(600).collect();
        for start in [0, 1, 7, 580, 590, 599] {
            for len in 1..=(600 - start).min(255) {
                let key = Key::new(&text, start, start + len);
                let mut expected = [0; BYTES];
                let kept = len.min(SHORT);
                expected[..kept].copy_from_slice(&text[start..start + kept]);
                expected[SHORT] = len as u8;
                let found = u128::from(key.high) << 64 | u128::from(key.low);
                if len <= SHORT {
                    assert_eq!(found.to_le_bytes(), expected);
                    assert!(key.is_short());
                }
                // Nothing behind the atom matters.
                let alone = &text[start..start + len];
                assert_eq!(Key::new(alone, 0, len), key);
            }
        }
        assert!(!Key::NONE.is_short());
        assert!(!Key::new(&text, 0, 16).is_short());
    }

    #[test]
    #[cfg(target_arch = "x86_64")]
    fn both_ways_make_the_same_keys() {
        let text: Vec<u8> = (0..700u32).map(|i| (i * 31 + i / 256) as u8).collect();
        for level in Level::all().into_iter().filter(|&level| level >= Level::Avx2) {
            let aes = Aes::new(level, 7);
            for (start, len) in (0..700).map(|i| (i, (i * 7 % 40 + 1).min(700 - i))) {
                let (key, bytes) = (Key::new(&text, start, start + len), aes.key(&text, start, start + len));
                assert!(aes.are_equal(bytes, &key));
                assert!(!aes.are_equal(bytes, &Key::NONE));
                assert_eq!(aes.hash(bytes), aes.hash(aes.from(&key)));
            }
        }
    }
}
