//! The fingerprint of a token: 16 bytes that can be compared and hashed in a few instructions.
//!
//! The [`TokenKey`] of a short token is its bytes and its length. The key of a long token is its length and a hash of
//! its bytes, with a tag that no short token has. A [`Fingerprint`] is a key after a permutation, so short tokens
//! never share one. Half of it serves as a hash. Long tokens with equal fingerprints are rare; their bytes are
//! compared.
//!
//! The permutation depends on secret random numbers, new for each vocabulary. An attacker who knows this code but not
//! the numbers cannot choose tokens that share a hash:
//!
//! - **Multiplications**, on every processor: `low ^ F(high)`, mixed. `F` is strongly universal (multiply-shift of 64
//!   bits in 128, Dietzfelbinger 1996). Two keys with equal `high` halves never share a hash. Any two others do for
//!   one choice of `F` in 2^64.
//! - **AES**: a secret whitening, then three rounds with secret keys. The hash is two of four columns. They are equal
//!   only if two certain bytes of every column are equal after two rounds. MixColumns lets at most `n - 2` bytes of a
//!   column become equal if `n` bytes that enter it differ. So every column that differs at all after two rounds must
//!   have three bytes that differ before, from three columns of the first round, and the other columns none. Counted
//!   over one, two, three or four such columns, at least eight bytes must cancel. Each byte cancels for about one key
//!   in 2^8, and for at most one in 2^6 (the S-box). That is 2^-64 for nearly any two tokens, and at most 2^-48 for
//!   the worst. Two rounds are not enough: four bytes on one diagonal cancel for one key in 2^16.
//!
//! So in a million terms, some two share a hash with a probability of about 2^-25. One of them goes to the
//! vocabulary's overflow table, which costs time but is never an error.

#![allow(unsafe_code)]

use crate::core::base::hash_seed;
use crate::core::base::simd::{Kernel, Level};
use crate::core::engines::engine::padded;

/// The most bytes of a short token.
pub const MAX_SHORT: usize = 15;

/// A short token, padded with zeros, and its length in the last byte. Or the hash of a long token, the lower half of
/// its length, and [`LONG_TAG`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct TokenKey {
    low: u64,
    high: u64,
}

/// The last byte of a long token's key.
const LONG_TAG: u8 = 0xFF;

const KEY_BYTES: usize = size_of::<TokenKey>();

/// A key after a secret permutation. `low` is its hash.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C, align(16))]
pub struct Fingerprint {
    pub low: u64,
    high: u64,
}

impl PartialEq for Fingerprint {
    /// Branch-free.
    #[inline(always)]
    fn eq(&self, other: &Self) -> bool {
        (self.low ^ other.low) | (self.high ^ other.high) == 0
    }
}

impl TokenKey {
    /// Not the key of any token, not even of an empty one.
    pub const NONE: Self = Self { low: 0, high: (LONG_TAG as u64 - 1) << 56 };

    /// The key of `text[start..end]`. Meaningless if that is a long token.
    #[inline(always)]
    fn at(text: &[u8], start: usize, end: usize) -> Self {
        let KeyMask { mask, len } = key_mask(end - start);
        let bytes =
            u128::from_le_bytes(padded(&text[start..])) & u128::from_le_bytes(*mask) | u128::from_le_bytes(*len);
        Self { low: bytes as u64, high: (bytes >> 64) as u64 }
    }
}

/// Makes a key from the bytes at a token's start: the bytes to keep, and the last byte.
#[repr(align(32))]
struct KeyMask {
    mask: [u8; KEY_BYTES],
    len: [u8; KEY_BYTES],
}

/// The mask for a length modulo 256. That saves a comparison; the result for a long token is not used.
#[inline(always)]
fn key_mask(len: usize) -> &'static KeyMask {
    static MASKS: [KeyMask; 256] = {
        let mut masks = [const { KeyMask { mask: [0; KEY_BYTES], len: [0; KEY_BYTES] } }; 256];
        let mut len = 0;
        while len < masks.len() {
            let mut at = 0;
            while at < len && at < MAX_SHORT {
                masks[len].mask[at] = 0xFF;
                at += 1;
            }
            masks[len].len[MAX_SHORT] = len as u8;
            len += 1;
        }
        masks
    };
    &MASKS[usize::from(len as u8)]
}

/// The secret numbers of a permutation.
type Secrets = [u64; 8];

/// Makes fingerprints with the permutation that is fastest at a level.
#[derive(Clone, Copy)]
pub struct Fingerprinter {
    level: Level,
    secrets: Secrets,
}

impl Fingerprinter {
    /// With new secrets.
    pub fn new(level: Level) -> Self {
        Self { level, secrets: hash_seed::random_numbers() }
    }

    pub fn of(&self, token: &[u8]) -> Fingerprint {
        let mut fingerprint = [Fingerprint::default()];
        self.of_all(token, &[0], &[token.len() as u32], &mut fingerprint);
        fingerprint[0]
    }

    /// The fingerprint that no token has.
    pub fn of_none(&self) -> Fingerprint {
        #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
        if self.level.has_aes() {
            return aes::AesPermutation::new(self.level, &self.secrets).fingerprint(TokenKey::NONE);
        }
        MultiplyPermutation::new(&self.secrets).fingerprint(TokenKey::NONE)
    }

    /// The fingerprints of a text's tokens. Requires that the tokens are in order.
    pub fn of_all(&self, text: &[u8], starts: &[u32], ends: &[u32], fingerprints: &mut [Fingerprint]) {
        let Self { level, secrets } = self;
        #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
        if level.has_aes() {
            level.run(ShortTokens(aes::AesPermutation::new(*level, secrets), text, starts, ends, fingerprints));
            return level.run(LongTokens(
                aes::AesPermutation::new(*level, secrets),
                text,
                starts,
                ends,
                fingerprints,
            ));
        }
        level.run(ShortTokens(MultiplyPermutation::new(secrets), text, starts, ends, fingerprints));
        level.run(LongTokens(MultiplyPermutation::new(secrets), text, starts, ends, fingerprints));
    }
}

/// A secret permutation of keys.
trait Permutation {
    fn fingerprint(&self, key: TokenKey) -> Fingerprint;

    fn long(&self, token: &[u8]) -> Fingerprint;

    /// The fingerprints of tokens as if all were short.
    fn short(&self, text: &[u8], starts: &[u32], ends: &[u32], fingerprints: &mut [Fingerprint]);
}

/// The kernel that calls [`Permutation::short`].
struct ShortTokens<'a, P>(P, &'a [u8], &'a [u32], &'a [u32], &'a mut [Fingerprint]);

impl<P: Permutation> Kernel for ShortTokens<'_, P> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self(permutation, text, starts, ends, fingerprints) = self;
        permutation.short(text, starts, ends, fingerprints);
    }
}

/// The kernel that replaces the fingerprints of long tokens.
struct LongTokens<'a, P>(P, &'a [u8], &'a [u32], &'a [u32], &'a mut [Fingerprint]);

impl<P: Permutation> Kernel for LongTokens<'_, P> {
    type Output = ();

    /// One English word in a thousand is long, but every third Russian word. A branch per token would be
    /// unpredictable.
    #[inline(always)]
    fn run(self) {
        let Self(permutation, text, starts, ends, fingerprints) = self;
        for (fingerprints, (starts, ends)) in
            fingerprints.chunks_mut(CHUNK).zip(starts.chunks(CHUNK).zip(ends.chunks(CHUNK)))
        {
            let len = |at: usize| ends[at].wrapping_sub(starts[at]) as usize;
            // If all lengths are at most 15, so is their bitwise or.
            if (0..starts.len().min(ends.len())).fold(0, |all, at| all | len(at)) > MAX_SHORT {
                let mut long = [0; CHUNK];
                let mut count = 0;
                for at in 0..starts.len() {
                    long[count] = at;
                    count += usize::from(len(at) > MAX_SHORT);
                }
                for &at in &long[..count] {
                    fingerprints[at] = permutation.long(&text[starts[at] as usize..ends[at] as usize]);
                }
            }
        }
    }
}

/// The number of tokens that are checked for long ones at a time.
const CHUNK: usize = 64;

/// A long token's first block, the whole blocks after it, and its last 16 bytes, which may overlap another block.
#[inline(always)]
fn blocks(token: &[u8]) -> (&[u8; KEY_BYTES], &[[u8; KEY_BYTES]], &[u8; KEY_BYTES]) {
    let (first, rest) = token.split_first_chunk().expect("a long token");
    (first, rest.as_chunks().0, token.last_chunk().expect("a long token"))
}

/// A permutation by multiplications.
struct MultiplyPermutation {
    factor: u128,
    addend: u128,
    /// Only for long tokens.
    mask: u64,
    other_mask: u64,
}

impl MultiplyPermutation {
    const A: u64 = 0x9E37_79B9_7F4A_7C15;
    const B: u64 = 0xD1B5_4A32_D192_ED03;

    fn new(&[a, b, c, d, mask, other_mask, ..]: &Secrets) -> Self {
        let both = |high: u64, low: u64| u128::from(high) << 64 | u128::from(low);
        Self { factor: both(a, b), addend: both(c, d), mask, other_mask }
    }

    #[inline(always)]
    fn universal(&self, high: u64) -> u64 {
        (u128::from(high).wrapping_mul(self.factor).wrapping_add(self.addend) >> 64) as u64
    }
}

impl Permutation for MultiplyPermutation {
    #[inline(always)]
    fn fingerprint(&self, TokenKey { low, high }: TokenKey) -> Fingerprint {
        // Keeps hashes of tokens in an arithmetic progression from being one, too. It is invertible, so it adds no
        // collisions.
        let mixed = (low ^ self.universal(high)).wrapping_mul(Self::B);
        let mixed = (mixed ^ mixed >> 32).wrapping_mul(Self::A);
        Fingerprint { low: mixed ^ mixed >> 32, high }
    }

    /// Multiplies the masked halves of each block and folds the product into the hash.
    #[inline(always)]
    fn long(&self, token: &[u8]) -> Fingerprint {
        let (first, between, last) = blocks(token);
        let mut hash = self.mask;
        for block in [first].into_iter().chain(between).chain([last]) {
            let [low, high] = [0, 8].map(|at| u64::from_le_bytes(*block[at..].first_chunk().expect("eight bytes")));
            let product = u128::from(low ^ hash) * u128::from(high ^ self.other_mask);
            hash = product as u64 ^ (product >> 64) as u64;
        }
        self.fingerprint(TokenKey { low: hash, high: u64::from(LONG_TAG) << 56 | token.len() as u64 & 0xFFFF_FFFF })
    }

    #[inline(always)]
    fn short(&self, text: &[u8], starts: &[u32], ends: &[u32], fingerprints: &mut [Fingerprint]) {
        for ((&start, &end), fingerprint) in starts.iter().zip(ends).zip(fingerprints) {
            *fingerprint = self.fingerprint(TokenKey::at(text, start as usize, end as usize));
        }
    }
}

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
mod aes {
    use super::block::{self, Block};
    use super::{Fingerprint, KEY_BYTES, KeyMask, LONG_TAG, Permutation, Secrets, TokenKey, blocks, key_mask};
    use crate::core::base::simd::Level;

    /// A permutation by AES instructions.
    pub struct AesPermutation {
        keys: [Block; 4],
    }

    impl AesPermutation {
        /// Panics at the portable level, where AES instructions may be missing.
        pub fn new(level: Level, secrets: &Secrets) -> Self {
            assert!(level.has_aes(), "AES needs a higher level than {}", level.name());
            let key = |i: usize| {
                let [low, high] = [secrets[2 * i], secrets[2 * i + 1]].map(u64::to_le_bytes);
                block::load(&std::array::from_fn(|at| if at < 8 { low[at] } else { high[at - 8] }))
            };
            Self { keys: [key(0), key(1), key(2), key(3)] }
        }

        #[inline(always)]
        fn permute(&self, key: Block) -> Block {
            // SAFETY: `new` checked that the processor has these instructions.
            unsafe { block::permute(key, &self.keys) }
        }

        #[inline(always)]
        fn store(&self, key: Block, fingerprint: &mut Fingerprint) {
            // SAFETY: a fingerprint has 16 bytes, and any 16 bytes are a fingerprint.
            let bytes = unsafe { &mut *std::ptr::from_mut(fingerprint).cast() };
            block::store(self.permute(key), bytes);
        }
    }

    #[cfg(test)]
    impl AesPermutation {
        /// The inverse of the permutation.
        pub fn key(&self, fingerprint: Fingerprint) -> TokenKey {
            let mut bytes = (u128::from(fingerprint.high) << 64 | u128::from(fingerprint.low)).to_le_bytes();
            // SAFETY: `new` checked that the processor has these instructions.
            let key = unsafe { block::undo(block::load(&bytes), &self.keys) };
            block::store(key, &mut bytes);
            let bytes = u128::from_le_bytes(bytes);
            TokenKey { low: bytes as u64, high: (bytes >> 64) as u64 }
        }
    }

    impl Permutation for AesPermutation {
        #[inline(always)]
        fn fingerprint(&self, TokenKey { low, high }: TokenKey) -> Fingerprint {
            let mut fingerprint = Fingerprint::default();
            self.store(block::load(&(u128::from(high) << 64 | u128::from(low)).to_le_bytes()), &mut fingerprint);
            fingerprint
        }

        /// CBC-MAC: each block is added to the sum of those before, and the sum is permuted. Then the length replaces
        /// the last four bytes, so tokens of different lengths have different keys.
        #[inline(always)]
        fn long(&self, token: &[u8]) -> Fingerprint {
            let mut fingerprint = Fingerprint::default();
            let (first, between, last) = blocks(token);
            let length = u32::from(LONG_TAG) << 24 | token.len() as u32 & 0xFF_FFFF;
            let add = |sum: Block, bytes: &[u8; KEY_BYTES]| self.permute(block::xor(sum, block::load(bytes)));
            let sum = add(between.iter().fold(self.permute(block::load(first)), add), last);
            self.store(block::with_last(sum, length), &mut fingerprint);
            fingerprint
        }

        #[inline(always)]
        fn short(&self, text: &[u8], starts: &[u32], ends: &[u32], fingerprints: &mut [Fingerprint]) {
            // Tokens are in order, so tokens with fewer than 16 bytes from their start to the text's end come last.
            let inner = starts.partition_point(|&start| start as usize + KEY_BYTES <= text.len());
            let furthest = starts[..inner].iter().fold(0, |most, &start| start.max(most)) as usize;
            assert!(inner == 0 || furthest + KEY_BYTES <= text.len(), "the tokens are not in order");
            for ((&start, &end), fingerprint) in starts[..inner].iter().zip(ends).zip(&mut *fingerprints) {
                let KeyMask { mask, len } = key_mask(end.wrapping_sub(start) as usize);
                // SAFETY: no start is after `furthest`, which is followed by 16 bytes.
                let bytes = block::load(unsafe { &*text.as_ptr().add(start as usize).cast() });
                self.store(block::key(bytes, block::load(mask), block::load(len)), fingerprint);
            }
            for ((&start, &end), fingerprint) in starts.iter().zip(ends).zip(fingerprints).skip(inner) {
                *fingerprint = self.fingerprint(TokenKey::at(text, start as usize, end as usize));
            }
        }
    }
}

/// 16 bytes in a vector register. Each architecture's AES instructions compute the same permutation.
#[cfg(target_arch = "x86_64")]
mod block {
    use std::arch::x86_64::*;

    pub type Block = __m128i;

    #[inline(always)]
    pub fn load(bytes: &[u8; 16]) -> Block {
        // SAFETY: every x86-64 processor has SSE2. The load needs no alignment.
        unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }
    }

    #[inline(always)]
    pub fn store(block: Block, bytes: &mut [u8; 16]) {
        // SAFETY: every x86-64 processor has SSE2. The store needs no alignment.
        unsafe { _mm_storeu_si128(bytes.as_mut_ptr().cast(), block) };
    }

    #[inline(always)]
    pub fn xor(a: Block, b: Block) -> Block {
        // SAFETY: every x86-64 processor has SSE2.
        unsafe { _mm_xor_si128(a, b) }
    }

    /// The bytes of a mask, and those of a length.
    #[inline(always)]
    pub fn key(bytes: Block, mask: Block, len: Block) -> Block {
        // SAFETY: every x86-64 processor has SSE2.
        unsafe { _mm_or_si128(_mm_and_si128(bytes, mask), len) }
    }

    /// Replaces the last four bytes.
    #[inline(always)]
    pub fn with_last(block: Block, last: u32) -> Block {
        let kept = (u128::MAX >> 32).to_le_bytes();
        let last = (u128::from(last) << 96).to_le_bytes();
        key(block, load(&kept), load(&last))
    }

    /// A whitening and three rounds.
    #[inline]
    #[target_feature(enable = "aes")]
    pub fn permute(block: Block, &[whitening, first, second, third]: &[Block; 4]) -> Block {
        let mixed = _mm_aesenc_si128(_mm_xor_si128(block, whitening), first);
        _mm_aesenc_si128(_mm_aesenc_si128(mixed, second), third)
    }

    /// The inverse of [`permute`].
    #[cfg(test)]
    #[target_feature(enable = "aes")]
    pub fn undo(block: Block, &[whitening, first, second, third]: &[Block; 4]) -> Block {
        let round = |mixed, key| _mm_aesdeclast_si128(_mm_aesimc_si128(xor(mixed, key)), _mm_setzero_si128());
        xor(round(round(round(block, third), second), first), whitening)
    }
}

#[cfg(target_arch = "aarch64")]
mod block {
    use std::arch::aarch64::*;

    pub type Block = uint8x16_t;

    #[inline(always)]
    pub fn load(bytes: &[u8; 16]) -> Block {
        // SAFETY: every aarch64 processor that Rust supports has NEON. An array of 16 bytes is read.
        unsafe { vld1q_u8(bytes.as_ptr()) }
    }

    #[inline(always)]
    pub fn store(block: Block, bytes: &mut [u8; 16]) {
        // SAFETY: every aarch64 processor that Rust supports has NEON. An array of 16 bytes is written.
        unsafe { vst1q_u8(bytes.as_mut_ptr(), block) };
    }

    #[inline(always)]
    pub fn xor(a: Block, b: Block) -> Block {
        // SAFETY: every aarch64 processor that Rust supports has NEON.
        unsafe { veorq_u8(a, b) }
    }

    /// The bytes of a mask, and those of a length.
    #[inline(always)]
    pub fn key(bytes: Block, mask: Block, len: Block) -> Block {
        // SAFETY: every aarch64 processor that Rust supports has NEON.
        unsafe { vorrq_u8(vandq_u8(bytes, mask), len) }
    }

    /// Replaces the last four bytes.
    #[inline(always)]
    pub fn with_last(block: Block, last: u32) -> Block {
        // SAFETY: every aarch64 processor that Rust supports has NEON.
        unsafe { vreinterpretq_u8_u32(vsetq_lane_u32::<3>(last, vreinterpretq_u32_u8(block))) }
    }

    /// A whitening and three rounds. `vaeseq_u8` adds a key before its round; x86's instruction adds it after.
    #[inline]
    #[target_feature(enable = "neon,aes")]
    pub fn permute(block: Block, &[whitening, first, second, third]: &[Block; 4]) -> Block {
        let mixed = vaesmcq_u8(vaeseq_u8(block, whitening));
        let mixed = vaesmcq_u8(vaeseq_u8(mixed, first));
        veorq_u8(vaesmcq_u8(vaeseq_u8(mixed, second)), third)
    }

    /// The inverse of [`permute`].
    #[cfg(test)]
    #[target_feature(enable = "neon,aes")]
    pub fn undo(block: Block, &[whitening, first, second, third]: &[Block; 4]) -> Block {
        let round = |mixed, key| vaesdq_u8(vaesimcq_u8(xor(mixed, key)), vdupq_n_u8(0));
        xor(round(round(round(block, third), second), first), whitening)
    }
}

/// Only possible for someone who knows the secrets.
#[cfg(test)]
impl Fingerprinter {
    /// Distinct short tokens with this hash.
    pub fn colliding(&self, hash: u64, count: usize) -> Vec<[u8; MAX_SHORT]> {
        let key = |high: u64| {
            let fingerprint = Fingerprint { low: hash, high };
            #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
            if self.level.has_aes() {
                return aes::AesPermutation::new(self.level, &self.secrets).key(fingerprint);
            }
            // The halves of a key are not mixed, so the last byte can be chosen.
            let length = (MAX_SHORT as u64) << 56;
            MultiplyPermutation::new(&self.secrets).key(Fingerprint { high: high >> 8 | length, ..fingerprint })
        };
        let keys = (0..).map(|i: u64| key(i.wrapping_mul(0x9E37_79B9_7F4A_7C15)));
        let bytes = keys.map(|key| (u128::from(key.high) << 64 | u128::from(key.low)).to_le_bytes());
        let tokens = bytes.filter(|bytes| usize::from(bytes[MAX_SHORT]) == MAX_SHORT);
        tokens.map(|bytes| *bytes.first_chunk().expect("15 of 16 bytes")).take(count).collect()
    }
}

#[cfg(test)]
impl MultiplyPermutation {
    fn key(&self, Fingerprint { low, high }: Fingerprint) -> TokenKey {
        let inverse = |odd: u64| {
            (0..6).fold(odd, |inverse, _| inverse.wrapping_mul(2u64.wrapping_sub(odd.wrapping_mul(inverse))))
        };
        let shifted = |mixed: u64| mixed ^ mixed >> 32;
        let mixed = shifted(shifted(low).wrapping_mul(inverse(Self::A))).wrapping_mul(inverse(Self::B));
        TokenKey { low: mixed ^ self.universal(high), high }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::base::simd::thinned;

    #[test]
    fn tokens_with_equal_hashes_have_different_fingerprints() {
        for level in Level::all() {
            let fingerprinter = Fingerprinter::new(level);
            for hash in [0, 0x0123_4567_89AB_CDEF] {
                let tokens = fingerprinter.colliding(hash, if cfg!(miri) { 5 } else { 100 });
                let all: Vec<Fingerprint> = tokens.iter().map(|token| fingerprinter.of(token)).collect();
                for (i, fingerprint) in all.iter().enumerate() {
                    assert_eq!(fingerprint.low, hash, "{level:?}");
                    assert!(!all[..i].contains(fingerprint));
                }
                // With other secrets, their hashes differ.
                let others = Fingerprinter::new(level);
                let hashes: std::collections::HashSet<u64> =
                    tokens.iter().map(|token| others.of(token).low).collect();
                assert_eq!(hashes.len(), tokens.len());
            }
        }
    }

    #[test]
    fn a_key_is_the_token_and_its_length() {
        let text: Vec<u8> = (1..=255).cycle().take(600).collect();
        for start in [0, 1, 7, 580, 590, 599] {
            for len in 1..=(600 - start).min(MAX_SHORT) {
                let mut expected = [0; KEY_BYTES];
                expected[..len].copy_from_slice(&text[start..start + len]);
                expected[MAX_SHORT] = len as u8;
                let key = TokenKey::at(&text, start, start + len);
                assert_eq!((u128::from(key.high) << 64 | u128::from(key.low)).to_le_bytes(), expected);
                // The bytes after the token do not matter.
                assert_eq!(TokenKey::at(&text[start..start + len], 0, len), key);
            }
        }
    }

    #[test]
    fn fingerprints_differ_at_every_level() {
        let size = if cfg!(miri) { 100 } else { 700 };
        let text: Vec<u8> = (0..size).map(|i| (i * 31 + i / 256) as u8).collect();
        for level in Level::all() {
            let fingerprinter = Fingerprinter::new(level);
            for first in thinned(0..40, 39) {
                let starts: Vec<u32> = (first..size).collect();
                let ends: Vec<u32> =
                    starts.iter().map(|&start| start + (start * 7 % 40 + 1).min(size - start)).collect();
                let mut actual = vec![Fingerprint::default(); starts.len()];
                fingerprinter.of_all(&text, &starts, &ends, &mut actual);
                for (i, fingerprint) in actual.iter().enumerate() {
                    let token = &text[starts[i] as usize..ends[i] as usize];
                    assert_eq!(*fingerprint, fingerprinter.of(token), "{level:?}");
                    assert!(*fingerprint != fingerprinter.of_none());
                    for other in i.saturating_sub(3)..i {
                        let is_same = *token == text[starts[other] as usize..ends[other] as usize];
                        assert_eq!(*fingerprint == actual[other], is_same);
                    }
                }
            }
            // A byte that looks like padding or a length must not be taken for one.
            for (one, other) in [(&b"a"[..], &b"a\0"[..]), (&[1; 15], &[1; 16]), (&[2; 255], &[2; 256])] {
                assert!(fingerprinter.of(one) != fingerprinter.of(other));
            }
            assert!(fingerprinter.of(b"a").low != Fingerprinter::new(level).of(b"a").low);
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "needs many words")]
    fn similar_words_have_different_hashes() {
        let letters = || b'a'..=b'z';
        let words = letters().flat_map(|a| letters().flat_map(move |b| letters().map(move |c| vec![a, b, c])));
        let longer =
            |word: Vec<u8>| [&word[..], &[&word[..], b"k"].concat(), &[&word[..], b"s"].concat()].map(<[u8]>::to_vec);
        let words: Vec<Vec<u8>> = words.flat_map(longer).collect();
        for level in Level::all() {
            let fingerprinter = Fingerprinter::new(level);
            let hashes: std::collections::HashSet<u64> =
                words.iter().map(|word| fingerprinter.of(word).low).collect();
            assert_eq!(hashes.len(), words.len(), "{level:?}");
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "needs many words")]
    fn hashes_are_spread_evenly() {
        // 64,000 similar words in 64 bins: each bin must get about a thousand.
        let words: Vec<String> = (0..64_000).map(|i| format!("w{i}")).collect();
        for level in Level::all() {
            let fingerprinter = Fingerprinter::new(level);
            for shift in [0, 26, 32, 58] {
                let mut counts = [0; 64];
                words
                    .iter()
                    .for_each(|word| counts[(fingerprinter.of(word.as_bytes()).low >> shift) as usize % 64] += 1);
                assert!(counts.iter().all(|count| (750..1250).contains(count)), "{level:?} {shift} {counts:?}");
            }
        }
    }
}
