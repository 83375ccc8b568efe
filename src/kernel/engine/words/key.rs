//! An atom as 16 bytes, so that telling it from all others takes a handful of instructions.
//!
//! A short atom is its own [`Key`]. What is kept of it is the key's [`Image`], which is the key as shuffled by a permutation:
//! so no two short atoms have the same, and half of it serves as a hash. Images are made in two ways: by arithmetic that
//! every processor has, and by the AES instructions, which mix 16 bytes at once. They differ, so they never leave the
//! vocabulary that was built with them. Of a longer atom the key is a hash of all its bytes, marked as that of no short one:
//! whoever finds its image has still to compare the atoms.

#![allow(unsafe_code)]

use std::hash::{BuildHasher, Hasher};

use foldhash::fast::FixedState;

use super::super::super::simd::{Kernel, Level};

/// Bytes of the longest atom that is its own key.
pub const SHORT: usize = 15;

/// A short atom, with zeros behind it, and in the last byte how long it is. Of a longer one a hash, and a last byte as no
/// short one has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Key {
    low: u64,
    high: u64,
}

/// The last byte of a long atom's key.
const LONG: u8 = 0xFF;

const BYTES: usize = size_of::<Key>();

/// A key as shuffled by one of the ways, `low` well enough to be its hash.
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
    /// The key of no atom.
    pub const NONE: Self = Self { low: 0, high: 0 };

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

/// Makes images, in the best way of a level.
#[derive(Clone, Copy)]
pub struct Images {
    level: Level,
    seed: u64,
}

impl Images {
    pub fn new(level: Level, seed: u64) -> Self {
        Self { level, seed }
    }

    pub fn of(self, atom: &[u8]) -> Image {
        let mut image = [Image::default()];
        self.of_all(atom, &[0], &[atom.len() as u32], &mut image);
        image[0]
    }

    /// The image that no atom has.
    pub fn of_none(self) -> Image {
        let Self { level, seed } = self;
        #[cfg(target_arch = "x86_64")]
        if level >= Level::Avx2 {
            return x86::Aes::new(level, seed).image(Key::NONE);
        }
        let _ = level;
        Arithmetic { seed }.image(Key::NONE)
    }

    /// The images of a text's atoms.
    pub fn of_all(self, text: &[u8], starts: &[u32], ends: &[u32], images: &mut [Image]) {
        let Self { level, seed } = self;
        #[cfg(target_arch = "x86_64")]
        if level >= Level::Avx2 {
            level.run(Short(x86::Aes::new(level, seed), text, starts, ends, images));
            return level.run(Long(x86::Aes::new(level, seed), text, starts, ends, images));
        }
        level.run(Short(Arithmetic { seed }, text, starts, ends, images));
        level.run(Long(Arithmetic { seed }, text, starts, ends, images));
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

/// By arithmetic.
struct Arithmetic {
    seed: u64,
}

impl Way for Arithmetic {
    /// For each `high` a permutation of `low`, by what a product makes of `high`, whose upper bits depend on all of it, and in
    /// the end the lower ones too.
    #[inline(always)]
    fn image(&self, Key { low, high }: Key) -> Image {
        const A: u64 = 0x9E37_79B9_7F4A_7C15;
        const B: u64 = 0xD1B5_4A32_D192_ED03;
        let product = u128::from(high ^ self.seed) * u128::from(A);
        let mixed = (low ^ product as u64 ^ (product >> 64) as u64).wrapping_mul(B);
        let mixed = (mixed ^ mixed >> 32).wrapping_mul(A);
        Image { low: mixed ^ mixed >> 32, high }
    }

    #[inline(always)]
    fn long(&self, atom: &[u8]) -> Image {
        let mut hasher = FixedState::with_seed(self.seed).build_hasher();
        hasher.write(atom);
        self.image(Key { low: hasher.finish(), high: u64::from(LONG) << 56 | atom.len() as u64 & 0xFFFF_FFFF })
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

    use super::super::super::super::simd::Level;
    use super::{BYTES, Frame, Image, Key, LONG, Way, frame};

    /// By the instructions for AES: two rounds, each a permutation, after which each byte depends on each byte of the key.
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

        #[inline(always)]
        fn put(&self, key: __m128i, image: &mut Image) {
            // SAFETY: the instructions are there, as `new` made sure; an image has 16 bytes and lies at a multiple of 16.
            unsafe {
                let mixed = _mm_aesenc_si128(_mm_aesenc_si128(key, self.seed), self.seed);
                _mm_store_si128(std::ptr::from_mut(image).cast(), mixed);
            }
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

        #[inline(always)]
        fn long(&self, atom: &[u8]) -> Image {
            let mut image = Image::default();
            let (first, rest) = atom.split_first_chunk::<BYTES>().expect("a long atom");
            let last = atom.last_chunk::<BYTES>().expect("a long atom");
            // SAFETY: the instructions are there, as `new` made sure; each load is of 16 bytes, and needs no alignment.
            let key = unsafe {
                let load = |bytes: &[u8; BYTES]| _mm_loadu_si128(bytes.as_ptr().cast());
                let mut mixed = _mm_xor_si128(load(first), _mm_cvtsi64_si128(atom.len() as i64));
                for between in rest.as_chunks::<BYTES>().0 {
                    mixed = _mm_aesenc_si128(mixed, load(between));
                }
                mixed = _mm_aesenc_si128(_mm_xor_si128(_mm_aesenc_si128(mixed, self.seed), load(last)), self.seed);
                let Frame { mask, len } = frame(LONG.into());
                _mm_or_si128(_mm_and_si128(mixed, load(mask)), load(len))
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

#[cfg(test)]
mod tests {
    use super::*;

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
        let text: Vec<u8> = (0..700u32).map(|i| (i * 31 + i / 256) as u8).collect();
        for level in Level::all() {
            let images = Images::new(level, 7);
            for first in 0..40 {
                let starts: Vec<u32> = (first..700).collect();
                let ends: Vec<u32> =
                    starts.iter().map(|&start| start + (start * 7 % 40 + 1).min(700 - start)).collect();
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
            assert!(images.of(b"a") != Images::new(level, 8).of(b"a"));
        }
    }

    #[test]
    fn words_that_differ_in_little_have_hashes_of_their_own() {
        let letters = || b'a'..=b'z';
        let words = letters().flat_map(|a| letters().flat_map(move |b| letters().map(move |c| vec![a, b, c])));
        let longer =
            |word: Vec<u8>| [&word[..], &[&word[..], b"k"].concat(), &[&word[..], b"s"].concat()].map(<[u8]>::to_vec);
        let words: Vec<Vec<u8>> = words.flat_map(longer).collect();
        for (level, seed) in Level::all().into_iter().flat_map(|level| [0, 1].map(|seed| (level, seed))) {
            let images = Images::new(level, seed);
            let hashes: std::collections::HashSet<u64> = words.iter().map(|word| images.of(word).low).collect();
            assert_eq!(hashes.len(), words.len(), "{level:?}");
        }
    }

    #[test]
    fn halves_of_images_are_spread() {
        // Words that differ in little: of 64 sixty-fourths each has about the share that it should have.
        let words: Vec<String> = (0..64_000).map(|i| format!("w{i}")).collect();
        for level in Level::all() {
            let images = Images::new(level, 0);
            for shift in [0, 26, 32, 58] {
                let mut counts = [0; 64];
                words.iter().for_each(|word| counts[(images.of(word.as_bytes()).low >> shift) as usize % 64] += 1);
                assert!(counts.iter().all(|count| (800..1200).contains(count)), "{level:?} {shift} {counts:?}");
            }
        }
    }
}
