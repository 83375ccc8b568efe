//! One document as it lies in memory, and how it becomes the UTF-8 that engines search.
//!
//! A [`Text`] is borrowed and never trusted: its bytes may be no valid UTF-8, and someone may write to them while they
//! are read, which gives wrong counts but never a bad read. [`Transform`] is what is done to terms and documents alike
//! before they are compared.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::{IndexMut, Range};

use bstr::ByteSlice;

use super::accents::{Accents, accents};
use super::unicode::folds;
use super::utf8::{BLOCK, INVALID, decode, encode, encoded_len};

/// A part of a text, by its places.
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

/// The order of the bytes of a code unit, against this machine's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteOrder {
    Native,
    Swapped,
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

impl<'a> Text<'a> {
    /// The bytes as they lie in memory.
    pub fn memory(self) -> &'a [u8] {
        match self {
            Self::Str(bytes)
            | Self::Bytes(bytes)
            | Self::Latin1(bytes)
            | Self::Ucs2(bytes)
            | Self::Ucs4(bytes, _) => bytes,
        }
    }

    /// Whether this is text (a Python `str`) or bytes.
    pub fn is_str(self) -> bool {
        !matches!(self, Self::Bytes(_))
    }

    /// The bytes of one code unit.
    pub fn unit(self) -> usize {
        match self {
            Self::Str(_) | Self::Bytes(_) | Self::Latin1(_) => 1,
            Self::Ucs2(_) => 2,
            Self::Ucs4(..) => 4,
        }
    }

    /// The part from byte `start` to byte `end` of memory, both whole units.
    pub fn slice(self, start: usize, end: usize) -> Self {
        match self {
            Self::Str(bytes) => Self::Str(&bytes[start..end]),
            Self::Bytes(bytes) => Self::Bytes(&bytes[start..end]),
            Self::Latin1(bytes) => Self::Latin1(&bytes[start..end]),
            Self::Ucs2(bytes) => Self::Ucs2(&bytes[start..end]),
            Self::Ucs4(bytes, order) => Self::Ucs4(&bytes[start..end], order),
        }
    }

    /// The UTF-8, where memory holds it already.
    pub fn utf8(self) -> Option<&'a [u8]> {
        match self {
            Self::Str(bytes) | Self::Bytes(bytes) => Some(bytes),
            Self::Latin1(_) | Self::Ucs2(_) | Self::Ucs4(..) => None,
        }
    }

    /// The codes of the next characters from byte `at` on: how many, and how many bytes of memory they have. A lone surrogate of
    /// a text document is one character, a byte outside valid UTF-8 too.
    fn codes(self, at: usize, codes: &mut [u32; BLOCK]) -> (usize, usize) {
        let memory = &self.memory()[at..];
        let len = BLOCK.min(memory.len() / self.unit());
        match self {
            Self::Str(_) | Self::Bytes(_) => return decode(memory, self.is_str(), codes),
            Self::Latin1(_) => codes.iter_mut().zip(memory).for_each(|(code, &unit)| *code = unit.into()),
            Self::Ucs2(_) => {
                codes.iter_mut().zip(memory.as_chunks().0).for_each(|(code, unit)| *code = from_ucs2(unit))
            }
            Self::Ucs4(_, order) => {
                for (code, &unit) in codes.iter_mut().zip(memory.as_chunks().0) {
                    let unit = u32::from_ne_bytes(unit);
                    *code = code_point(if order == ByteOrder::Native { unit } else { unit.swap_bytes() });
                }
            }
        }
        (len, len * self.unit())
    }

    /// How many of its owner's units it has: characters of a text document, bytes of a bytes document.
    pub fn units(self) -> usize {
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

    /// The first place at or after byte `at` of memory where a character begins, or the end.
    pub fn char_start(self, at: usize) -> usize {
        let bytes = self.memory();
        match self.utf8() {
            Some(_) => at + bytes[at..].iter().take_while(|&&byte| is_continuation(byte)).count(),
            None => at.next_multiple_of(self.unit()).min(bytes.len()),
        }
    }
}

/// Bytes that are looked at before it is asked whether to go on.
const STRETCH: usize = 1 << 20;

fn from_ucs2(unit: &[u8; 2]) -> u32 {
    u16::from_ne_bytes(*unit).into()
}

/// The code point of a unit; U+FFFD for a number that is too large.
fn code_point(unit: u32) -> u32 {
    if unit < INVALID { unit } else { 0xFFFD }
}

fn is_continuation(byte: u8) -> bool {
    byte & 0xC0 == 0x80
}

/// What happens to terms and documents before they are compared. The default leaves them as they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Transform {
    /// Accents dropped: see [`accents`](super::accents). Comes first.
    pub strip_accents: bool,
    /// Unicode simple case folding.
    pub fold: bool,
    /// Stands where dropped accents would let bytes outside UTF-8 become a character: a byte that UTF-8 never has, chosen
    /// so that no term has it.
    pub separator: u8,
}

/// The bytes that UTF-8 never has.
pub const NEVER_IN_UTF8: [u8; 13] = [0xC0, 0xC1, 0xF5, 0xF6, 0xF7, 0xF8, 0xF9, 0xFA, 0xFB, 0xFC, 0xFD, 0xFE, 0xFF];

impl Transform {
    /// Whether UTF-8 goes through unchanged.
    pub fn is_identity(self) -> bool {
        !self.strip_accents && !self.fold
    }

    /// Appends `text`, transformed, as UTF-8.
    pub fn append(self, text: Text<'_>, out: &mut Vec<u8>) {
        match text {
            Text::Str(bytes) | Text::Bytes(bytes) if self.is_identity() => out.extend_from_slice(bytes),
            Text::Str(bytes) | Text::Bytes(bytes) => self.append_utf8(bytes, 0..bytes.len(), out),
            Text::Latin1(bytes) => self.append_units(bytes, |&[byte]: &[u8; 1]| byte.into(), out),
            Text::Ucs2(bytes) => self.append_units(bytes, from_ucs2, out),
            Text::Ucs4(bytes, ByteOrder::Native) => {
                self.append_units(bytes, |&unit: &[u8; 4]| u32::from_ne_bytes(unit), out);
            }
            Text::Ucs4(bytes, ByteOrder::Swapped) => {
                self.append_units(bytes, |&unit: &[u8; 4]| u32::from_ne_bytes(unit).swap_bytes(), out);
            }
        }
    }

    /// Appends a part of a text, from byte to byte of memory.
    pub fn append_part(self, text: Text<'_>, part: Range<usize>, out: &mut Vec<u8>) {
        match text {
            Text::Str(bytes) | Text::Bytes(bytes) if !self.is_identity() => self.append_utf8(bytes, part, out),
            _ => self.append(text.slice(part.start, part.end), out),
        }
    }

    /// Appends a part of a text in UTF-8: runs of ASCII at once, other characters and bytes outside valid UTF-8 by blocks.
    fn append_utf8(self, text: &[u8], part: Range<usize>, out: &mut Vec<u8>) {
        let mut bytes = &text[part.clone()];
        while !bytes.is_empty() {
            let ascii = bytes.find_non_ascii_byte().unwrap_or(bytes.len());
            match self.fold {
                true => out.extend(bytes[..ascii].iter().map(u8::to_ascii_lowercase)),
                false => out.extend_from_slice(&bytes[..ascii]),
            }
            bytes = &bytes[ascii..];
            // Letters of other scripts and the spaces between them, up to a stretch of ASCII.
            while bytes.iter().take(2 * size_of::<u64>()).any(|byte| !byte.is_ascii()) {
                let mut codes = [0; BLOCK];
                // A lone surrogate is written as it was read, whatever it is taken for.
                let (len, read) = decode(bytes, true, &mut codes);
                if self.strip_accents && codes[..len].iter().fold(0, |most, &code| code.max(most)) >= INVALID {
                    self.append_apart(text, part.end - bytes.len(), &codes[..len], out);
                } else {
                    self.append_codes(&mut codes, len, out);
                }
                bytes = &bytes[read..];
            }
        }
    }

    /// Appends codes without accents, bytes outside UTF-8 among them, that stand at byte `at` of a text.
    #[cold]
    fn append_apart(self, text: &[u8], mut at: usize, codes: &[u32], out: &mut Vec<u8>) {
        for &code in codes {
            out.extend(self.separates(text, at, code).then_some(self.separator));
            accents(self.fold).append(&[code], out);
            at += encoded_len(code);
        }
    }

    /// Whether the code at byte `at` of a text needs a separator before it: a byte outside UTF-8 that would make a character
    /// with such bytes before it, once the accents between them are dropped.
    #[inline(always)]
    fn separates(self, text: &[u8], at: usize, code: u32) -> bool {
        self.strip_accents && code >= INVALID && joins(text, at, accents(self.fold))
    }

    /// Appends code units, block by block.
    fn append_units<const N: usize>(self, bytes: &[u8], code: impl Fn(&[u8; N]) -> u32, out: &mut Vec<u8>) {
        let (units, _) = bytes.as_chunks::<N>();
        out.reserve(units.len());
        let (blocks, rest) = units.as_chunks::<BLOCK>();
        blocks.iter().for_each(|block| self.append_block(block, BLOCK, &code, out));
        if !rest.is_empty() {
            // Filled up with zeros, so that the rest goes at once too: short documents are no more than that.
            let mut block = [[0; N]; BLOCK];
            block[..rest.len()].copy_from_slice(rest);
            self.append_block(&block, rest.len(), &code, out);
        }
    }

    /// Appends the first `len` units of a block. In loops without a branch: the compiler makes vector code of those for
    /// ASCII, and in text of other scripts no branch could tell letters from spaces beforehand.
    #[inline(always)]
    fn append_block<const N: usize>(
        self,
        block: &[[u8; N]; BLOCK],
        len: usize,
        code: &impl Fn(&[u8; N]) -> u32,
        out: &mut Vec<u8>,
    ) {
        if block.iter().fold(0, |all, unit| all | code(unit)) < 0x80 {
            let mut ascii = [0; BLOCK];
            ascii.iter_mut().zip(block).for_each(|(byte, unit)| *byte = code(unit) as u8);
            if self.fold {
                ascii.make_ascii_lowercase();
            }
            out.extend_from_slice(&ascii[..len]);
            return;
        }
        let mut codes = [0; BLOCK];
        codes.iter_mut().zip(block).for_each(|(to, unit)| *to = code_point(code(unit)));
        self.append_codes(&mut codes, len, out);
    }

    /// Appends the first `len` codes of a block.
    #[inline(always)]
    fn append_codes(self, codes: &mut [u32; BLOCK], len: usize, out: &mut Vec<u8>) {
        if self.strip_accents {
            return accents(self.fold).append(&codes[..len], out);
        }
        if self.fold {
            let folds = folds();
            codes.iter_mut().for_each(|code| *code = folds.fold(*code));
        }
        encode(&codes[..len], out);
    }

    /// How many bytes a code becomes.
    #[inline(always)]
    fn made_len(self, code: u32) -> usize {
        match self {
            Self { strip_accents: true, fold, .. } => accents(fold).made_len(code),
            Self { fold: true, .. } => encoded_len(folds().fold(code)),
            _ => encoded_len(code),
        }
    }

    /// Turns places in the transformed text into places in the text itself, counted in what its owner counts in:
    /// characters of a text document, bytes of a bytes document. Tells whether that can change any.
    ///
    /// `range` of the list are spans in order of their starts. A span becomes the smallest one that covers it: a character
    /// of which only a part lies in it is covered whole, and characters that left nothing are covered where they follow it.
    /// If `cancelled` says so on the way, the rest is left as it is.
    pub fn locate<L>(self, text: Text<'_>, range: Range<usize>, list: &mut L, cancelled: &dyn Fn() -> bool) -> bool
    where
        L: IndexMut<usize, Output: AsMut<Span>> + ?Sized,
    {
        let memory = text.memory();
        let is_ascii = || memory.chunks(STRETCH).all(|stretch| stretch.is_ascii() && !cancelled());
        let keeps_places = match text {
            Text::Bytes(_) => self.is_identity() || is_ascii(),
            Text::Str(_) | Text::Latin1(_) => is_ascii(),
            Text::Ucs2(_) | Text::Ucs4(..) => false,
        };
        if range.is_empty() || keeps_places {
            return false;
        }
        let mut starts = range.start;
        // Those that began and have not ended, by their ends; and those that end with the last character that left
        // something.
        let mut open = BinaryHeap::new();
        let mut ended: Vec<usize> = Vec::new();
        let (mut unit, mut place) = (0, 0);
        let mut at = 0;
        let mut codes = [0; BLOCK];
        while at < memory.len() && !(starts == range.end && open.is_empty() && ended.is_empty()) && !cancelled() {
            let (len, read) = text.codes(at, &mut codes);
            let mut byte = at;
            at += read;
            for &code in &codes[..len] {
                let made = self.made_len(code) + usize::from(self.separates(memory, byte, code));
                place += made;
                byte += encoded_len(code);
                if made > 0 {
                    ended.drain(..).for_each(|i| list[i].as_mut().end = unit);
                }
                while starts < range.end && list[starts].as_mut().start < place {
                    let span = list[starts].as_mut();
                    span.start = unit;
                    open.push(Reverse((span.end, starts)));
                    starts += 1;
                }
                while let Some(&Reverse((_, i))) = open.peek().filter(|Reverse((end, _))| *end <= place) {
                    ended.push(i);
                    open.pop();
                }
                unit += if text.is_str() { 1 } else { encoded_len(code) };
            }
        }
        ended.into_iter().for_each(|i| list[i].as_mut().end = unit);
        true
    }
}

/// Whether the byte outside UTF-8 at `at`, with those after it, would make a character with such bytes before it if the
/// accents between them were dropped.
#[cold]
fn joins(text: &[u8], at: usize, accents: &Accents) -> bool {
    let after = &text[at..text.len().min(at + 3)];
    if !is_continuation(after[0]) {
        return false;
    }
    let is_dropped = |c: char| accents.made_len(c.into()) == 0;
    if !bstr::decode_last_utf8(&text[..at]).0.is_some_and(is_dropped) {
        return false;
    }
    // The last three bytes before the accents, from behind. Each accent is passed three times at most.
    let (mut before, mut count, mut end) = ([0; 3], 0, at);
    while count < before.len() && end > 0 {
        match bstr::decode_last_utf8(&text[..end]) {
            (None, _) => {
                count += 1;
                before[3 - count] = text[end - 1];
                end -= 1;
            }
            (Some(c), len) if is_dropped(c) => end -= len,
            (Some(_), _) => break,
        }
    }
    (1..=count).any(|taken| {
        let mut bytes = [0; 6];
        bytes[..taken].copy_from_slice(&before[3 - taken..]);
        bytes[taken..taken + after.len()].copy_from_slice(after);
        matches!(bstr::decode_utf8(&bytes[..taken + after.len()]), (Some(_), len) if len > taken)
    })
}

#[cfg(test)]
mod tests {
    use unicode_normalization::UnicodeNormalization;
    use unicode_normalization::char::canonical_combining_class;

    use super::super::unicode::fold;
    use super::*;

    fn transformed(text: Text<'_>, fold: bool) -> Vec<u8> {
        let mut out = b"before".to_vec();
        Transform { fold, ..Transform::default() }.append(text, &mut out);
        out.split_off(6)
    }

    #[test]
    fn every_layout_gives_the_same_utf8() {
        for string in ["", "The quick brown FOX", "Ünïcode LÄßt", "Ж𝄞 aSTRAL mixed with ascii, long enough"] {
            let codes: Vec<u32> = string.chars().map(u32::from).collect();
            let ucs4: Vec<u8> = codes.iter().flat_map(|code| code.to_ne_bytes()).collect();
            let swapped: Vec<u8> = codes.iter().flat_map(|code| code.swap_bytes().to_ne_bytes()).collect();
            for fold in [false, true] {
                let expected = transformed(Text::Str(string.as_bytes()), fold);
                assert_eq!(transformed(Text::Ucs4(&ucs4, ByteOrder::Native), fold), expected);
                assert_eq!(transformed(Text::Ucs4(&swapped, ByteOrder::Swapped), fold), expected);
                if codes.iter().all(|&code| code <= 0xFFFF) {
                    let ucs2: Vec<u8> = codes.iter().flat_map(|&code| (code as u16).to_ne_bytes()).collect();
                    assert_eq!(transformed(Text::Ucs2(&ucs2), fold), expected);
                }
                if codes.iter().all(|&code| code <= 0xFF) {
                    let latin1: Vec<u8> = codes.iter().map(|&code| code as u8).collect();
                    assert_eq!(transformed(Text::Latin1(&latin1), fold), expected);
                }
            }
        }
    }

    #[test]
    fn blocks_are_the_same_as_characters_one_by_one() {
        let one_by_one = |string: &str, transform: Transform| {
            let mut out = Vec::new();
            for c in string.chars() {
                let keep = |part: &char| !transform.strip_accents || canonical_combining_class(*part) == 0;
                let parts: Vec<char> = if transform.strip_accents { c.nfkd().collect() } else { vec![c] };
                let folded = |part: char| if transform.fold { fold(part) } else { part };
                out.extend(parts.into_iter().filter(keep).map(folded).collect::<String>().bytes());
            }
            out
        };
        let characters: Vec<char> =
            "a Zé\u{7FF}\u{800}ЖñſK\u{212A}Ⱥ語\u{FFFF}𝄞𐐀ǅ\u{301}한ﷺガ\u{2F800}".chars().collect();
        let mut random = 1u32;
        for length in 0..200 {
            // Of the first few characters alone, then of ever more of them.
            let most = 2 + length % (characters.len() - 1);
            let string: String = (0..length)
                .map(|_| {
                    random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    characters[(random >> 16) as usize % most]
                })
                .collect();
            let ucs4: Vec<u8> = string.chars().flat_map(|c| u32::from(c).to_ne_bytes()).collect();
            let swapped: Vec<u8> = string.chars().flat_map(|c| u32::from(c).swap_bytes().to_ne_bytes()).collect();
            let ucs2: Option<Vec<u8>> = string
                .chars()
                .map(|c| u16::try_from(u32::from(c)).ok().map(u16::to_ne_bytes))
                .collect::<Option<Vec<_>>>()
                .map(|units| units.concat());
            for fold in [false, true] {
                for strip_accents in [false, true] {
                    let transform = Transform { fold, strip_accents, ..Transform::default() };
                    let expected = one_by_one(&string, transform);
                    let texts = [
                        Some(Text::Str(string.as_bytes())),
                        Some(Text::Ucs4(&ucs4, ByteOrder::Native)),
                        Some(Text::Ucs4(&swapped, ByteOrder::Swapped)),
                        ucs2.as_deref().map(Text::Ucs2),
                    ];
                    for text in texts.into_iter().flatten() {
                        let mut out = Vec::new();
                        transform.append(text, &mut out);
                        assert_eq!(out, expected, "{string:?} {transform:?} {text:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn bytes_outside_utf8_stay_as_they_are_wherever_they_stand() {
        let fold = Transform { fold: true, ..Transform::default() };
        let bad: [&[u8]; 9] = [
            b"\xFF",
            b"\x80",
            b"\xC3",
            b"\xE2\x82",
            b"\xC0\x80",
            b"\xE0\x80\x80",
            b"\xED\xA0\x80",
            b"\xF0\x9D\x84",
            b"\xE2\x28\xA1",
        ];
        for bytes in bad {
            for before in 0..70 {
                for after in ["", "x", "Ж", "語", "AЖ and so on"] {
                    let text = [&"Ж ".repeat(before).into_bytes()[..], bytes, after.as_bytes()].concat();
                    let expected =
                        [&"ж ".repeat(before).into_bytes()[..], bytes, after.to_lowercase().as_bytes()].concat();
                    let mut out = Vec::new();
                    fold.append(Text::Bytes(&text), &mut out);
                    assert_eq!(out, expected, "{text:?}");
                }
            }
        }
    }

    #[test]
    fn surrogates_pass_and_garbage_is_replaced() {
        assert_eq!(transformed(Text::Ucs2(&0xD800u16.to_ne_bytes()), true), [0xED, 0xA0, 0x80]);
        assert_eq!(
            transformed(Text::Ucs4(&0x11_0000u32.to_ne_bytes(), ByteOrder::Native), false),
            "\u{FFFD}".as_bytes()
        );
    }

    #[test]
    fn folding_keeps_bytes_outside_utf8() {
        assert_eq!(transformed(Text::Bytes(b"A\xFFB\xE2\x82C"), true), b"a\xFFb\xE2\x82c");
    }

    #[test]
    fn accents_go_before_case() {
        let strip = |text: &str, fold| {
            let mut out = Vec::new();
            Transform { strip_accents: true, fold, ..Transform::default() }
                .append(Text::Str(text.as_bytes()), &mut out);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(strip("Ĥéllo e\u{301}́ ﬁ ½ 한", false), "Hello e fi 1\u{2044}2 \u{1112}\u{1161}\u{11AB}");
        assert_eq!(strip("İSTANBUL \u{212B}", true), "istanbul a");
    }

    #[test]
    fn dropped_accents_leave_bytes_outside_utf8_apart() {
        let strip = Transform { strip_accents: true, separator: 0xF5, ..Transform::default() };
        let cases: [(&[u8], &[u8]); 12] = [
            (b"\xC3\xCC\x81\xA6", b"\xC3\xF5\xA6"),
            (b"\xC3\xCC\x81\xCC\x82\xA6\xA6", b"\xC3\xF5\xA6\xA6"),
            (b"\xE2\xCC\x81\x82\xAC", b"\xE2\xF5\x82\xAC"),
            (b"\xE2\x82\xCC\x81\xAC", b"\xE2\x82\xF5\xAC"),
            (b"\xE2\xCC\x81\x82\xCC\x81\xAC", b"\xE2\x82\xF5\xAC"),
            (b"\xF0\x9F\xCC\x81\x98\x80", b"\xF0\x9F\xF5\x98\x80"),
            // These are no character together either.
            (b"\xE2\xCC\x81\x82x", b"\xE2\x82x"),
            (b"\xC3\xCC\x81x", b"\xC3x"),
            (b"\xCC\x81\xA6", b"\xA6"),
            (b"\xFF\xCC\x81\xA6", b"\xFF\xA6"),
            ("é\u{301}".as_bytes(), b"e"),
            (b"\xC3\xA9\xCC\x81\xA6", b"e\xA6"),
        ];
        for (text, expected) in cases {
            // What is before the text does not matter.
            let mut out = b"\xC3".to_vec();
            strip.append(Text::Bytes(text), &mut out);
            assert_eq!(&out[1..], expected, "{text:?}");
            // Nor does it matter where a text is cut between characters.
            for cut in 0..=text.len() {
                let cut = Text::Bytes(text).char_start(cut);
                let mut out = Vec::new();
                strip.append_part(Text::Bytes(text), 0..cut, &mut out);
                strip.append_part(Text::Bytes(text), cut..text.len(), &mut out);
                assert_eq!(out, expected, "{text:?} {cut}");
            }
            // Every place leads back to a byte.
            let mut spans: Vec<Span> = (0..expected.len()).map(|start| Span { start, end: start + 1 }).collect();
            strip.locate(Text::Bytes(text), 0..spans.len(), &mut spans[..], &|| false);
            assert!(spans.is_sorted_by_key(|span| span.start) && spans.iter().all(|span| span.end <= text.len()));
            assert_eq!(spans.last().map(|span| span.end), Some(text.len()), "{text:?}");
        }
    }

    #[test]
    fn places_in_transformed_text_are_found_in_the_text() {
        let located = |text: Text<'_>, transform: Transform, places: &[(usize, usize)]| {
            let mut spans: Vec<_> = places.iter().map(|&(start, end)| Span { start, end }).collect();
            transform.locate(text, 0..places.len(), &mut spans, &|| false);
            spans.iter().map(|span| (span.start, span.end)).collect::<Vec<_>>()
        };
        let (as_is, fold) = (Transform::default(), Transform { fold: true, ..Transform::default() });
        let strip = Transform { strip_accents: true, fold: true, ..Transform::default() };
        let text = "aé€𝄞b".as_bytes();
        assert_eq!(located(Text::Str(text), as_is, &[(0, 1), (1, 3), (3, 11)]), [(0, 1), (1, 2), (2, 5)]);
        assert_eq!(located(Text::Bytes(text), as_is, &[(1, 3), (3, 11)]), [(1, 3), (3, 11)]);
        // A part of a character is all of it.
        assert_eq!(located(Text::Str(text), as_is, &[(2, 4)]), [(1, 3)]);
        // Folds to fewer and to more bytes.
        assert_eq!(
            located(Text::Bytes("K\u{212A}x".as_bytes()), fold, &[(0, 2), (1, 2), (2, 3)]),
            [(0, 4), (1, 4), (4, 5)]
        );
        // Dropped marks belong to what they follow, not to what follows them; "fi" is one character.
        let text = "\u{301}e\u{301}\u{302}ﬁx\u{301}";
        let places = [(0, 1), (0, 4), (1, 2), (2, 3), (3, 4)];
        assert_eq!(located(Text::Str(text.as_bytes()), strip, &places), [(1, 4), (1, 7), (4, 5), (4, 5), (5, 7)]);
        let ucs2: Vec<u8> = text.encode_utf16().flat_map(u16::to_ne_bytes).collect();
        assert_eq!(located(Text::Ucs2(&ucs2), strip, &places), [(1, 4), (1, 7), (4, 5), (4, 5), (5, 7)]);
        assert_eq!(
            located(Text::Bytes(text.as_bytes()), strip, &places),
            [(2, 7), (2, 13), (7, 10), (7, 10), (10, 13)]
        );
    }

    #[test]
    fn a_cut_finds_the_next_character() {
        let text = Text::Str("a€b".as_bytes());
        assert_eq!([0, 1, 2, 3, 4, 5].map(|at| text.char_start(at)), [0, 1, 4, 4, 4, 5]);
        assert_eq!(Text::Ucs4(&[0; 12], ByteOrder::Native).char_start(5), 8);
    }
}
