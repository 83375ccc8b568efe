//! A [`Text`] in 16 bytes.
//!
//! A column of a million Python strings is stored as a million references to their memory. `Option<Text>` takes 24
//! bytes. Packed it takes 16, or 24 together with the reference that keeps the string alive.

#![allow(unsafe_code)]

use std::marker::PhantomData;

use super::encoding::{ByteOrder, Text};
use crate::core::base::simd::prefetch;

/// A packed `Option<Text<'a>>`: the address, then length and kind in one word.
#[derive(Clone, Copy)]
pub struct PackedText<'a> {
    start: *const u8,
    /// The length in bytes, shifted left by [`KIND_BITS`], and the kind in the lower bits.
    length_and_kind: usize,
    borrowed: PhantomData<&'a [u8]>,
}

const KIND_BITS: u32 = 3;
const MISSING: usize = 0;
const STR: usize = 1;
const BYTES: usize = 2;
const LATIN1: usize = 3;
const UCS2: usize = 4;
const UCS4: usize = 5;
const UCS4_SWAPPED: usize = 6;

// SAFETY: a `PackedText<'a>` is a `&'a [u8]` and a tag, and can be sent and shared as these can.
unsafe impl Send for PackedText<'_> {}
// SAFETY: as above.
unsafe impl Sync for PackedText<'_> {}

impl<'a> PackedText<'a> {
    pub fn new(text: Option<Text<'a>>) -> Self {
        let (kind, bytes): (usize, &'a [u8]) = match text {
            None => (MISSING, &[]),
            Some(Text::Str(bytes)) => (STR, bytes),
            Some(Text::Bytes(bytes)) => (BYTES, bytes),
            Some(Text::Latin1(bytes)) => (LATIN1, bytes),
            Some(Text::Ucs2(bytes)) => (UCS2, bytes),
            Some(Text::Ucs4(bytes, ByteOrder::Native)) => (UCS4, bytes),
            Some(Text::Ucs4(bytes, ByteOrder::Swapped)) => (UCS4_SWAPPED, bytes),
        };
        // No length is lost: an allocation has at most `isize::MAX` bytes, and none comes near 2^61.
        assert!(bytes.len() <= usize::MAX >> KIND_BITS, "a text of {} bytes", bytes.len());
        Self { start: bytes.as_ptr(), length_and_kind: bytes.len() << KIND_BITS | kind, borrowed: PhantomData }
    }

    /// Bytes in memory.
    #[inline]
    pub fn size(self) -> usize {
        self.length_and_kind >> KIND_BITS
    }

    /// Prefetches the text.
    #[inline(always)]
    pub fn prefetch(self) {
        prefetch(self.start);
    }

    #[inline]
    pub fn get(self) -> Option<Text<'a>> {
        // SAFETY: both parts come from one `&'a [u8]` in `new`; they are private and nothing changes them.
        let bytes: &'a [u8] = unsafe { std::slice::from_raw_parts(self.start, self.size()) };
        match self.length_and_kind & ((1 << KIND_BITS) - 1) {
            STR => Some(Text::Str(bytes)),
            BYTES => Some(Text::Bytes(bytes)),
            LATIN1 => Some(Text::Latin1(bytes)),
            UCS2 => Some(Text::Ucs2(bytes)),
            UCS4 => Some(Text::Ucs4(bytes, ByteOrder::Native)),
            UCS4_SWAPPED => Some(Text::Ucs4(bytes, ByteOrder::Swapped)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unpacking_gives_the_packed_text() {
        let bytes = b"some bytes, twenty..";
        let texts = [
            None,
            Some(Text::Str(bytes)),
            Some(Text::Str(b"")),
            Some(Text::Bytes(bytes)),
            Some(Text::Latin1(bytes)),
            Some(Text::Ucs2(bytes)),
            Some(Text::Ucs4(bytes, ByteOrder::Native)),
            Some(Text::Ucs4(bytes, ByteOrder::Swapped)),
        ];
        for text in texts {
            assert_eq!(PackedText::new(text).get(), text);
            assert_eq!(PackedText::new(text).size(), text.map_or(0, |text| text.memory().len()));
        }
        assert_eq!(size_of::<PackedText>(), 16);
    }
}
