//! An atom as 16 bytes, so that telling it from all others takes a handful of instructions.
//!
//! A short atom is its own [`Key`]: its bytes and its length. A long one's key is its length and a hash of its bytes, with
//! a mark that no short atom has. An [`Image`] is a key after a permutation, so two short atoms never share one; half of
//! it serves as a hash. Images of long atoms tell nearly all of them apart, and the rest is told by comparing bytes.
//!
//! The permutation depends on secret numbers, fresh for each vocabulary. Someone who knows this code but not those numbers
//! can choose atoms, but cannot choose atoms that share a hash:
//!
//! - **By arithmetic**, which every processor has: `low ^ F(high)`, mixed. `F` is strongly universal (multiply-shift of
//!   64 bits in 128, Dietzfelbinger 1996). Two keys with equal `high` halves never share a hash. Any two others do for one
//!   choice of `F` in 2^64.
//! - **By AES**: a secret whitening, then three rounds with secret keys. The hash is two of four columns. They are equal
//!   only if two certain bytes of every column are equal after two rounds. MixColumns lets at most `n - 2` bytes of a
//!   column become equal if `n` bytes that enter it differ. So every column that differs at all after two rounds must
//!   have three bytes that differ before, from three columns of the first round, and the other columns none. Counted
//!   over one, two, three or four such columns, at least eight bytes must cancel. Each does for about one key in 2^8, and
//!   for at most one in 2^6 (the S-box): 2^-64 for nearly any two atoms, at most 2^-48 for the worst. Two rounds would not
//!   do: four bytes on one diagonal cancel for one key in 2^16.
//!
//! Of a million terms, some two then share a hash with a probability of about 2^-25. One of them goes to the vocabulary's
//! overflow, which costs time, never an error.

#![allow(unsafe_code)]

use crate::core::base::hash_seed;
#[cfg(target_arch = "x86_64")]
use crate::core::base::simd::Tier;
use crate::core::base::simd::{Kernel, Level};

/// Bytes of the longest atom that is its own key.
pub const SHORT: usize = 15;

/// A short atom, with zeros after it, and its length in the last byte. For a long one a hash, the lower half of its
/// length and a last byte that no short atom has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Key {
    low: u64,
    high: u64,
}

/// The last byte of a long atom's key.
const LONG: u8 = 0xFF;

const BYTES: usize = size_of::<Key>();

/// A key after a secret permutation; `low` is its hash.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C, align(16))]
pub struct Image {
    pub low: u64,
    high: u64,
}

impl PartialEq for Image {
    /// Without a branch.
    #[inline(always)]
    fn eq(&self, other: &Self) -> bool {
        (self.low ^ other.low) | (self.high ^ other.high) == 0
    }
}

impl Key {
    /// The key of no atom, not even of an empty one.
    pub const NONE: Self = Self { low: 0, high: (LONG as u64 - 1) << 56 };

    /// The key of `text[start..end]`, if that is a short atom.
    #[inline(always)]
    fn at(text: &[u8], start: usize, end: usize) -> Self {
        let bytes = match text.get(start..start + BYTES) {
            Some(bytes) => *bytes.first_chunk().expect("so many bytes were asked for"),
            None => next_to_end(text, start),
        };
        let Frame { mask, len } = frame(end - start);
        let bytes = u128::from_le_bytes(bytes) & u128::from_le_bytes(*mask) | u128::from_le_bytes(*len);
        Self { low: bytes as u64, high: (bytes >> 64) as u64 }
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

/// The frame of a length, which is taken modulo 256: that saves a comparison, and what it makes of a long atom is not used.
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
            frames[len].len[SHORT] = len as u8;
            len += 1;
        }
        frames
    };
    &FRAMES[usize::from(len as u8)]
}

/// What makes a permutation secret.
type Secrets = [u64; 8];

/// Makes images, in the best way of a level.
#[derive(Clone, Copy)]
pub struct Images {
    level: Level,
    secrets: Secrets,
}

impl Images {
    /// Images as nobody has made them before.
    pub fn new(level: Level) -> Self {
        Self { level, secrets: hash_seed::random_numbers() }
    }

    pub fn of(&self, atom: &[u8]) -> Image {
        let mut image = [Image::default()];
        self.of_all(atom, &[0], &[atom.len() as u32], &mut image);
        image[0]
    }

    /// The image that no atom has.
    pub fn of_none(&self) -> Image {
        #[cfg(target_arch = "x86_64")]
        if self.level.tier() >= Tier::Avx2 {
            return x86::Aes::new(self.level, &self.secrets).image(Key::NONE);
        }
        Arithmetic::new(&self.secrets).image(Key::NONE)
    }

    /// The images of a text's atoms.
    pub fn of_all(&self, text: &[u8], starts: &[u32], ends: &[u32], images: &mut [Image]) {
        let Self { level, secrets } = self;
        #[cfg(target_arch = "x86_64")]
        if level.tier() >= Tier::Avx2 {
            level.run(Short(x86::Aes::new(*level, secrets), text, starts, ends, images));
            return level.run(Long(x86::Aes::new(*level, secrets), text, starts, ends, images));
        }
        level.run(Short(Arithmetic::new(secrets), text, starts, ends, images));
        level.run(Long(Arithmetic::new(secrets), text, starts, ends, images));
    }
}

/// One of the ways to make images.
trait Way {
    fn image(&self, key: Key) -> Image;

    /// The image of a long atom.
    fn long(&self, atom: &[u8]) -> Image;

    /// The images of atoms as if all were short.
    fn short(&self, text: &[u8], starts: &[u32], ends: &[u32], images: &mut [Image]);
}

/// The images of all atoms as if they were short.
struct Short<'a, W>(W, &'a [u8], &'a [u32], &'a [u32], &'a mut [Image]);

impl<W: Way> Kernel for Short<'_, W> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self(way, text, starts, ends, images) = self;
        way.short(text, starts, ends, images);
    }
}

/// The images of the long ones among them.
struct Long<'a, W>(W, &'a [u8], &'a [u32], &'a [u32], &'a mut [Image]);

impl<W: Way> Kernel for Long<'_, W> {
    type Output = ();

    /// Of English words one in a thousand is long, of Russian ones a third: nobody can foretell which.
    #[inline(always)]
    fn run(self) {
        let Self(way, text, starts, ends, images) = self;
        for (images, (starts, ends)) in images.chunks_mut(SOME).zip(starts.chunks(SOME).zip(ends.chunks(SOME))) {
            let len = |at: usize| ends[at].wrapping_sub(starts[at]) as usize;
            // The bits of lengths up to 15 make no greater one.
            if (0..starts.len().min(ends.len())).fold(0, |all, at| all | len(at)) > SHORT {
                let mut long = [0; SOME];
                let mut count = 0;
                for at in 0..starts.len() {
                    long[count] = at;
                    count += usize::from(len(at) > SHORT);
                }
                for &at in &long[..count] {
                    images[at] = way.long(&text[starts[at] as usize..ends[at] as usize]);
                }
            }
        }
    }
}

/// Atoms among which long ones are looked for at once.
const SOME: usize = 64;

/// The blocks of a long atom: the first, the whole ones after it, and the last 16 bytes, wherever they begin.
#[inline(always)]
fn blocks(atom: &[u8]) -> (&[u8; BYTES], &[[u8; BYTES]], &[u8; BYTES]) {
    let (first, rest) = atom.split_first_chunk().expect("a long atom");
    (first, rest.as_chunks().0, atom.last_chunk().expect("a long atom"))
}

/// By arithmetic.
struct Arithmetic {
    factor: u128,
    addend: u128,
    /// For long atoms.
    mask: u64,
    other_mask: u64,
}

impl Arithmetic {
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

impl Way for Arithmetic {
    #[inline(always)]
    fn image(&self, Key { low, high }: Key) -> Image {
        // The rest is invertible. Without it, atoms in arithmetic progression would have hashes in one.
        let mixed = (low ^ self.universal(high)).wrapping_mul(Self::B);
        let mixed = (mixed ^ mixed >> 32).wrapping_mul(Self::A);
        Image { low: mixed ^ mixed >> 32, high }
    }

    /// Folded products of masked halves, one after the other.
    #[inline(always)]
    fn long(&self, atom: &[u8]) -> Image {
        let (first, between, last) = blocks(atom);
        let mut hash = self.mask;
        for block in [first].into_iter().chain(between).chain([last]) {
            let [low, high] = [0, 8].map(|at| u64::from_le_bytes(*block[at..].first_chunk().expect("eight bytes")));
            let product = u128::from(low ^ hash) * u128::from(high ^ self.other_mask);
            hash = product as u64 ^ (product >> 64) as u64;
        }
        self.image(Key { low: hash, high: u64::from(LONG) << 56 | atom.len() as u64 & 0xFFFF_FFFF })
    }

    #[inline(always)]
    fn short(&self, text: &[u8], starts: &[u32], ends: &[u32], images: &mut [Image]) {
        for ((&start, &end), image) in starts.iter().zip(ends).zip(images) {
            *image = self.image(Key::at(text, start as usize, end as usize));
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::{BYTES, Frame, Image, Key, LONG, Secrets, Way, blocks, frame};
    use crate::core::base::simd::{Level, Tier};

    /// By the instructions for AES.
    pub struct Aes {
        keys: [__m128i; 4],
    }

    impl Aes {
        /// For kernels that run at a level that has the instructions.
        pub fn new(level: Level, secrets: &Secrets) -> Self {
            assert!(level.tier() >= Tier::Avx2, "AES at the level {}", level.name());
            let keys = secrets.as_chunks::<2>().0;
            // SAFETY: every x86-64 processor has SSE2.
            let key = |i: usize| unsafe { _mm_set_epi64x(keys[i][0] as i64, keys[i][1] as i64) };
            Self { keys: [key(0), key(1), key(2), key(3)] }
        }

        #[inline(always)]
        fn permuted(&self, key: __m128i) -> __m128i {
            let [white, first, second, third] = self.keys;
            // SAFETY: the instructions are there, as `new` made sure.
            unsafe {
                let mixed = _mm_aesenc_si128(_mm_xor_si128(key, white), first);
                _mm_aesenc_si128(_mm_aesenc_si128(mixed, second), third)
            }
        }

        #[inline(always)]
        fn put(&self, key: __m128i, image: &mut Image) {
            // SAFETY: every x86-64 processor has SSE2; an image has 16 bytes and lies at a multiple of 16.
            unsafe { _mm_store_si128(std::ptr::from_mut(image).cast(), self.permuted(key)) };
        }
    }

    #[cfg(test)]
    impl Aes {
        /// The key that has an image: each round undone.
        pub fn key(&self, image: Image) -> Key {
            #[target_feature(enable = "aes")]
            fn undone(mixed: __m128i, key: __m128i) -> __m128i {
                _mm_aesdeclast_si128(_mm_aesimc_si128(_mm_xor_si128(mixed, key)), _mm_setzero_si128())
            }
            let [white, first, second, third] = self.keys;
            let mut key = Key::NONE;
            // SAFETY: the instructions are there, as `new` made sure; image and key have 16 bytes each.
            unsafe {
                let mixed = _mm_loadu_si128(std::ptr::from_ref(&image).cast());
                let mixed = undone(undone(undone(mixed, third), second), first);
                _mm_storeu_si128(std::ptr::from_mut(&mut key).cast(), _mm_xor_si128(mixed, white));
            }
            key
        }
    }

    impl Way for Aes {
        #[inline(always)]
        fn image(&self, key: Key) -> Image {
            let mut image = Image::default();
            // SAFETY: a key has 16 bytes, and the load needs no alignment.
            self.put(unsafe { _mm_loadu_si128(std::ptr::from_ref(&key).cast()) }, &mut image);
            image
        }

        /// CBC-MAC: each block is added to the sum of those before, and the sum permuted. Then the length takes the place of
        /// the last four bytes, so atoms of different lengths have different keys.
        #[inline(always)]
        fn long(&self, atom: &[u8]) -> Image {
            let mut image = Image::default();
            let (first, between, last) = blocks(atom);
            let length = u32::from(LONG) << 24 | atom.len() as u32 & 0xFF_FFFF;
            // SAFETY: the instructions are there, as `new` made sure; each load is of 16 bytes, and needs no alignment.
            let key = unsafe {
                let load = |bytes: &[u8; BYTES]| _mm_loadu_si128(bytes.as_ptr().cast());
                let add = |sum: __m128i, block: &[u8; BYTES]| self.permuted(_mm_xor_si128(sum, load(block)));
                let sum = add(between.iter().fold(self.permuted(load(first)), add), last);
                _mm_insert_epi32::<3>(sum, length as i32)
            };
            self.put(key, &mut image);
            image
        }

        #[inline(always)]
        fn short(&self, text: &[u8], starts: &[u32], ends: &[u32], images: &mut [Image]) {
            // Atoms come in order, so those with too few bytes behind their start are the last.
            let inner = starts.partition_point(|&start| start as usize + BYTES <= text.len());
            let furthest = starts[..inner].iter().fold(0, |most, &start| start.max(most)) as usize;
            assert!(inner == 0 || furthest + BYTES <= text.len(), "atoms in no order");
            for ((&start, &end), image) in starts[..inner].iter().zip(ends).zip(&mut *images) {
                let Frame { mask, len } = frame(end.wrapping_sub(start) as usize);
                // SAFETY: every x86-64 processor has SSE2. No start is beyond the furthest, so there are 16 bytes; the two
                // parts of a frame have 16 each, at multiples of 16.
                let key = unsafe {
                    let bytes = _mm_loadu_si128(text.as_ptr().add(start as usize).cast());
                    let kept = _mm_and_si128(bytes, _mm_load_si128(mask.as_ptr().cast()));
                    _mm_or_si128(kept, _mm_load_si128(len.as_ptr().cast()))
                };
                self.put(key, image);
            }
            for ((&start, &end), image) in starts.iter().zip(ends).zip(images).skip(inner) {
                *image = self.image(Key::at(text, start as usize, end as usize));
            }
        }
    }
}

/// What only someone who knows the secrets can do.
#[cfg(test)]
impl Images {
    /// So many short atoms that all have this hash.
    pub fn colliding(&self, hash: u64, count: usize) -> Vec<[u8; SHORT]> {
        let key = |high: u64| {
            let image = Image { low: hash, high };
            #[cfg(target_arch = "x86_64")]
            if self.level.tier() >= Tier::Avx2 {
                return x86::Aes::new(self.level, &self.secrets).key(image);
            }
            // The halves of a key are not mixed, so the last byte can be chosen.
            let length = (SHORT as u64) << 56;
            Arithmetic::new(&self.secrets).key(Image { high: high >> 8 | length, ..image })
        };
        let keys = (0..).map(|i: u64| key(i.wrapping_mul(0x9E37_79B9_7F4A_7C15)));
        let bytes = keys.map(|key| (u128::from(key.high) << 64 | u128::from(key.low)).to_le_bytes());
        let atoms = bytes.filter(|bytes| usize::from(bytes[SHORT]) == SHORT);
        atoms.map(|bytes| *bytes.first_chunk().expect("15 of 16 bytes")).take(count).collect()
    }
}

#[cfg(test)]
impl Arithmetic {
    fn key(&self, Image { low, high }: Image) -> Key {
        let inverse = |odd: u64| {
            (0..6).fold(odd, |inverse, _| inverse.wrapping_mul(2u64.wrapping_sub(odd.wrapping_mul(inverse))))
        };
        let shifted = |mixed: u64| mixed ^ mixed >> 32;
        let mixed = shifted(shifted(low).wrapping_mul(inverse(Self::A))).wrapping_mul(inverse(Self::B));
        Key { low: mixed ^ self.universal(high), high }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::base::simd::thinned;

    #[test]
    fn atoms_of_one_hash_have_images_of_their_own() {
        for level in Level::all() {
            let images = Images::new(level);
            for hash in [0, 0x0123_4567_89AB_CDEF] {
                let atoms = images.colliding(hash, if cfg!(miri) { 5 } else { 100 });
                let all: Vec<Image> = atoms.iter().map(|atom| images.of(atom)).collect();
                for (i, image) in all.iter().enumerate() {
                    assert_eq!(image.low, hash, "{level:?}");
                    assert!(!all[..i].contains(image));
                }
                // Other secrets part them.
                let others = Images::new(level);
                let hashes: std::collections::HashSet<u64> = atoms.iter().map(|atom| others.of(atom).low).collect();
                assert_eq!(hashes.len(), atoms.len());
            }
        }
    }

    #[test]
    fn a_key_is_the_atom_and_its_length() {
        let text: Vec<u8> = (1..=255).cycle().take(600).collect();
        for start in [0, 1, 7, 580, 590, 599] {
            for len in 1..=(600 - start).min(SHORT) {
                let mut expected = [0; BYTES];
                expected[..len].copy_from_slice(&text[start..start + len]);
                expected[SHORT] = len as u8;
                let key = Key::at(&text, start, start + len);
                assert_eq!((u128::from(key.high) << 64 | u128::from(key.low)).to_le_bytes(), expected);
                // Nothing behind the atom matters.
                assert_eq!(Key::at(&text[start..start + len], 0, len), key);
            }
        }
    }

    #[test]
    fn images_tell_atoms_apart_at_every_level() {
        let size = if cfg!(miri) { 100 } else { 700 };
        let text: Vec<u8> = (0..size).map(|i| (i * 31 + i / 256) as u8).collect();
        for level in Level::all() {
            let images = Images::new(level);
            for first in thinned(0..40, 39) {
                let starts: Vec<u32> = (first..size).collect();
                let ends: Vec<u32> =
                    starts.iter().map(|&start| start + (start * 7 % 40 + 1).min(size - start)).collect();
                let mut found = vec![Image::default(); starts.len()];
                images.of_all(&text, &starts, &ends, &mut found);
                for (i, image) in found.iter().enumerate() {
                    let atom = &text[starts[i] as usize..ends[i] as usize];
                    assert_eq!(*image, images.of(atom), "{level:?}");
                    assert!(*image != images.of_none());
                    for other in i.saturating_sub(3)..i {
                        let is_same = *atom == text[starts[other] as usize..ends[other] as usize];
                        assert_eq!(*image == found[other], is_same);
                    }
                }
            }
            // What is no byte of an atom, but looks like one of a key.
            for (one, other) in [(&b"a"[..], &b"a\0"[..]), (&[1; 15], &[1; 16]), (&[2; 255], &[2; 256])] {
                assert!(images.of(one) != images.of(other));
            }
            assert!(images.of(b"a").low != Images::new(level).of(b"a").low);
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "needs many words")]
    fn words_that_differ_in_little_have_hashes_of_their_own() {
        let letters = || b'a'..=b'z';
        let words = letters().flat_map(|a| letters().flat_map(move |b| letters().map(move |c| vec![a, b, c])));
        let longer =
            |word: Vec<u8>| [&word[..], &[&word[..], b"k"].concat(), &[&word[..], b"s"].concat()].map(<[u8]>::to_vec);
        let words: Vec<Vec<u8>> = words.flat_map(longer).collect();
        for level in Level::all() {
            let images = Images::new(level);
            let hashes: std::collections::HashSet<u64> = words.iter().map(|word| images.of(word).low).collect();
            assert_eq!(hashes.len(), words.len(), "{level:?}");
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "needs many words")]
    fn halves_of_images_are_spread() {
        // Words that differ in little: of 64 sixty-fourths each has about the share that it should have.
        let words: Vec<String> = (0..64_000).map(|i| format!("w{i}")).collect();
        for level in Level::all() {
            let images = Images::new(level);
            for shift in [0, 26, 32, 58] {
                let mut counts = [0; 64];
                words.iter().for_each(|word| counts[(images.of(word.as_bytes()).low >> shift) as usize % 64] += 1);
                assert!(counts.iter().all(|count| (750..1250).contains(count)), "{level:?} {shift} {counts:?}");
            }
        }
    }
}
