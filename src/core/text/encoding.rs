//! One document as it is stored in memory.
//!
//! A [`Text`] is borrowed and never trusted: its bytes may be invalid UTF-8, and another thread may write to them
//! while they are read. That gives wrong counts, but never a read out of bounds.

use super::utf8::{BLOCK, INVALID, decode};

/// A range of a text, as positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub start: usize,
    pub end: usize,
}

impl AsMut<Self> for Span {
    fn as_mut(&mut self) -> &mut Self {
        self
    }
}

/// The byte order of a code unit, compared to the processor's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteOrder {
    /// The order of this machine.
    Native,
    /// The other order.
    Swapped,
}

impl ByteOrder {
    /// A code unit of four bytes as a number.
    #[inline(always)]
    pub(crate) fn read(self, unit: [u8; 4]) -> u32 {
        let unit = u32::from_ne_bytes(unit);
        if self == Self::Native { unit } else { unit.swap_bytes() }
    }
}

/// One document, borrowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text<'a> {
    /// UTF-8 of a text document; lone surrogates are encoded as if they were characters (`surrogatepass`).
    Str(&'a [u8]),
    /// A bytes document, searched as UTF-8 whether it is valid or not.
    Bytes(&'a [u8]),
    /// A text document of one byte a character: code points up to U+00FF.
    Latin1(&'a [u8]),
    /// A text document of two bytes a character: code points up to U+FFFF, lone surrogates among them.
    Ucs2(&'a [u8]),
    /// A text document of four bytes a character.
    Ucs4(&'a [u8], ByteOrder),
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Self::Str(text.as_bytes())
    }
}

impl<'a> From<&'a [u8]> for Text<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Bytes(bytes)
    }
}

impl<'a> Text<'a> {
    /// The bytes as stored in memory.
    #[cfg_attr(feature = "internals", visibility::make(pub))]
    pub(crate) fn memory(self) -> &'a [u8] {
        match self {
            Self::Str(bytes)
            | Self::Bytes(bytes)
            | Self::Latin1(bytes)
            | Self::Ucs2(bytes)
            | Self::Ucs4(bytes, _) => bytes,
        }
    }

    /// Whether this is text (a Python `str`) or bytes.
    pub(crate) fn is_str(self) -> bool {
        !matches!(self, Self::Bytes(_))
    }

    /// The number of bytes in a code unit.
    pub(crate) fn unit(self) -> usize {
        match self {
            Self::Str(_) | Self::Bytes(_) | Self::Latin1(_) => 1,
            Self::Ucs2(_) => 2,
            Self::Ucs4(..) => 4,
        }
    }

    /// The bytes from `start` to `end`, which must be boundaries of code units.
    pub(crate) fn slice(self, start: usize, end: usize) -> Self {
        match self {
            Self::Str(bytes) => Self::Str(&bytes[start..end]),
            Self::Bytes(bytes) => Self::Bytes(&bytes[start..end]),
            Self::Latin1(bytes) => Self::Latin1(&bytes[start..end]),
            Self::Ucs2(bytes) => Self::Ucs2(&bytes[start..end]),
            Self::Ucs4(bytes, order) => Self::Ucs4(&bytes[start..end], order),
        }
    }

    /// The UTF-8, if memory contains it.
    pub(crate) fn utf8(self) -> Option<&'a [u8]> {
        match self {
            Self::Str(bytes) | Self::Bytes(bytes) => Some(bytes),
            Self::Latin1(_) | Self::Ucs2(_) | Self::Ucs4(..) => None,
        }
    }

    /// Decodes the next characters from byte `at` on. Returns their number and their bytes of memory. A lone
    /// surrogate of a text document is one character, and so is a byte of invalid UTF-8.
    pub(crate) fn codes(self, at: usize, codes: &mut [u32; BLOCK]) -> (usize, usize) {
        let memory = &self.memory()[at..];
        let len = BLOCK.min(memory.len() / self.unit());
        match self {
            Self::Str(_) | Self::Bytes(_) => return decode(memory, self.is_str(), codes),
            Self::Latin1(_) => codes.iter_mut().zip(memory).for_each(|(code, &unit)| *code = unit.into()),
            Self::Ucs2(_) => {
                codes.iter_mut().zip(memory.as_chunks().0).for_each(|(code, unit)| *code = from_ucs2(unit))
            }
            Self::Ucs4(_, order) => {
                let units = codes.iter_mut().zip(memory.as_chunks().0);
                units.for_each(|(code, &unit)| *code = code_point(order.read(unit)));
            }
        }
        (len, len * self.unit())
    }

    /// The length in the units of the caller: characters of a text document, bytes of a bytes document.
    pub(crate) fn units(self) -> usize {
        let Self::Str(bytes) = self else { return self.memory().len() / self.unit() };
        let (mut at, mut units) = (0, 0);
        while at < bytes.len() {
            let rest = &bytes[at..];
            let valid = std::str::from_utf8(rest).map_or_else(|error| error.valid_up_to(), str::len);
            units += rest[..valid].iter().filter(|&&byte| !is_continuation(byte)).count();
            at += valid;
            if valid < rest.len() {
                let (len, read) = decode(&bytes[at..], true, &mut [0; BLOCK]);
                (units, at) = (units + len, at + read);
            }
        }
        units
    }

    /// The first position at or after byte `at` of memory where a character begins, or the end.
    #[cfg_attr(feature = "internals", visibility::make(pub))]
    pub(crate) fn char_start(self, at: usize) -> usize {
        let bytes = self.memory();
        match self.utf8() {
            Some(_) => at + bytes[at..].iter().take_while(|&&byte| is_continuation(byte)).count(),
            None => at.next_multiple_of(self.unit()).min(bytes.len()),
        }
    }
}

pub fn from_ucs2(unit: &[u8; 2]) -> u32 {
    u16::from_ne_bytes(*unit).into()
}

/// The code point of a unit, or U+FFFD if the number is too large.
pub fn code_point(unit: u32) -> u32 {
    if unit < INVALID { unit } else { 0xFFFD }
}

/// Whether a byte continues a character.
pub fn is_continuation(byte: u8) -> bool {
    byte & 0xC0 == 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn char_start_finds_the_next_character() {
        let text = Text::Str("a€b".as_bytes());
        assert_eq!([0, 1, 2, 3, 4, 5].map(|at| text.char_start(at)), [0, 1, 4, 4, 4, 5]);
        assert_eq!(Text::Ucs4(&[0; 12], ByteOrder::Native).char_start(5), 8);
    }
}
