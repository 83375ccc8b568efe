//! Transforms a text into the UTF-8 that engines search.
//!
//! Terms and documents go through the same [`Transform`] before they are compared.

use std::ops::Range;

use bstr::ByteSlice;

use super::accents::{Accents, accents};
use super::encoding::{Text, code_point, from_ucs2, is_continuation};
use super::unicode::{Folding, PUNCTUATION_LEADS, first_char};
use super::utf8::{BLOCK, INVALID, decode, encode, encoded_len};

/// How terms and documents are transformed before they are compared. The default leaves them unchanged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Transform {
    /// Strips accents, before case folding. See [`accents`](super::accents).
    pub strip_accents: bool,
    /// Replaces characters one to one, after stripping accents.
    pub folding: Folding,
    /// Separates bytes of invalid UTF-8 that would become a character when the accents between them are dropped. It
    /// is a byte that never occurs in UTF-8, and is chosen so that no term contains it.
    pub separator: u8,
}

/// The bytes that never occur in UTF-8.
pub const NEVER_IN_UTF8: [u8; 13] = [0xC0, 0xC1, 0xF5, 0xF6, 0xF7, 0xF8, 0xF9, 0xFA, 0xFB, 0xFC, 0xFD, 0xFE, 0xFF];

impl Transform {
    /// Whether UTF-8 stays unchanged.
    pub fn is_identity(self) -> bool {
        !self.strip_accents && self.folding.is_identity()
    }

    /// Appends the transformed text as UTF-8.
    pub fn append(self, text: Text<'_>, out: &mut Vec<u8>) {
        match text {
            Text::Str(bytes) | Text::Bytes(bytes) if self.is_identity() => out.extend_from_slice(bytes),
            Text::Str(bytes) | Text::Bytes(bytes) => self.append_utf8(bytes, 0..bytes.len(), out),
            Text::Latin1(bytes) => self.append_units(bytes, |&[byte]: &[u8; 1]| byte.into(), out),
            Text::Ucs2(bytes) => self.append_units(bytes, from_ucs2, out),
            Text::Ucs4(bytes, order) => self.append_units(bytes, |&unit: &[u8; 4]| order.read(unit), out),
        }
    }

    /// Appends a part of a text. `part` is a range of bytes in memory.
    pub fn append_part(self, text: Text<'_>, part: Range<usize>, out: &mut Vec<u8>) {
        match text {
            Text::Str(bytes) | Text::Bytes(bytes) if !self.is_identity() => self.append_utf8(bytes, part, out),
            _ => self.append(text.slice(part.start, part.end), out),
        }
    }

    /// Appends a part of a UTF-8 text: all at once what does not change, or is ASCII, and the rest in blocks.
    fn append_utf8(self, text: &[u8], part: Range<usize>, out: &mut Vec<u8>) {
        let mut bytes = &text[part.clone()];
        if self.is_only_punctuation() {
            return self.append_punctuation(bytes, out);
        }
        while !bytes.is_empty() {
            let unchanged = match self.strip_accents {
                true => bytes.find_non_ascii_byte().unwrap_or(bytes.len()),
                false => self.folding.table().scan.unchanged(bytes),
            };
            match self.folding.case {
                true => out.extend(bytes[..unchanged].iter().map(u8::to_ascii_lowercase)),
                false => out.extend_from_slice(&bytes[..unchanged]),
            }
            bytes = &bytes[unchanged..];
            // Letters of other scripts and the spaces between them, until only ASCII follows.
            while bytes.iter().take(2 * size_of::<u64>()).any(|byte| !byte.is_ascii()) {
                let mut codes = [0; BLOCK];
                // A lone surrogate is written unchanged, whether it counts as one character or as three bytes.
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

    fn is_only_punctuation(self) -> bool {
        !self.strip_accents && !self.folding.case
    }

    /// Appends a UTF-8 text in which only typographic punctuation changes. All else is copied at once, so this costs
    /// little more than a copy.
    fn append_punctuation(self, mut bytes: &[u8], out: &mut Vec<u8>) {
        let [a, b, c] = PUNCTUATION_LEADS;
        while let Some(at) = memchr::memchr3(a, b, c, bytes) {
            let (before, rest) = bytes.split_at(at);
            out.extend_from_slice(before);
            let (found, len) = first_char(rest);
            match found.map(|found| self.folding.of(found)).filter(char::is_ascii) {
                Some(ascii) => out.push(ascii as u8),
                None => out.extend_from_slice(&rest[..len]),
            }
            bytes = &rest[len..];
        }
        out.extend_from_slice(bytes);
    }

    /// Appends the codes at byte `at` of a text without accents. Some of them are bytes of invalid UTF-8.
    #[cold]
    fn append_apart(self, text: &[u8], mut at: usize, codes: &[u32], out: &mut Vec<u8>) {
        for &code in codes {
            out.extend(self.separates(text, at, code).then_some(self.separator));
            accents(self.folding).append(&[code], out);
            at += encoded_len(code);
        }
    }

    /// Whether the code at byte `at` needs a separator before it. This is the case for a byte of invalid UTF-8 if
    /// dropping the accents before it would join it with earlier such bytes to a character.
    #[inline(always)]
    pub fn separates(self, text: &[u8], at: usize, code: u32) -> bool {
        self.strip_accents && code >= INVALID && joins(text, at, accents(self.folding))
    }

    /// Appends code units, block by block.
    fn append_units<const N: usize>(self, bytes: &[u8], code: impl Fn(&[u8; N]) -> u32, out: &mut Vec<u8>) {
        let (units, _) = bytes.as_chunks::<N>();
        out.reserve(units.len());
        let (blocks, rest) = units.as_chunks::<BLOCK>();
        blocks.iter().for_each(|block| self.append_block(block, BLOCK, &code, out));
        if !rest.is_empty() {
            // The last block is filled up with zeros, so that it is processed like the others. Short documents have
            // only this block.
            let mut block = [[0; N]; BLOCK];
            block[..rest.len()].copy_from_slice(rest);
            self.append_block(&block, rest.len(), &code, out);
        }
    }

    /// Appends the first `len` units of a block. The loops have no branches. The compiler vectorizes those for ASCII;
    /// for other scripts a branch between letters and spaces would be unpredictable.
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
            if self.folding.case {
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
            return accents(self.folding).append(&codes[..len], out);
        }
        if !self.folding.is_identity() {
            let folds = self.folding.table();
            codes.iter_mut().for_each(|code| *code = folds.fold(*code));
        }
        encode(&codes[..len], out);
    }
}

/// Whether dropping the accents before `at` would join the byte of invalid UTF-8 there, and those after it, with
/// earlier such bytes to a character.
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
    // The last three bytes before the accents, from right to left. Each accent is visited at most three times.
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

    use super::*;
    use crate::core::text::encoding::{ByteOrder, Span};

    fn transformed(text: Text<'_>, fold: bool) -> Vec<u8> {
        let mut out = b"before".to_vec();
        Transform { folding: Folding { case: fold, punctuation: false }, ..Transform::default() }
            .append(text, &mut out);
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
                let folded = |part: char| transform.folding.of(part);
                out.extend(parts.into_iter().filter(keep).map(folded).collect::<String>().bytes());
            }
            out
        };
        let characters: Vec<char> =
            "a Z’é\u{2BC}\u{7FF}“\u{800}\u{FF0D}ЖñſK\u{212A}Ⱥ語\u{FFFF}𝄞𐐀ǅ\u{301}한ﷺガ\u{2F800}".chars().collect();
        let mut random = 1u32;
        for length in 0..200 {
            // Uses only the first few characters at first, then more and more.
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
            for (case, punctuation) in [(false, false), (false, true), (true, false), (true, true)] {
                for strip_accents in [false, true] {
                    let folding = Folding { case, punctuation };
                    let transform = Transform { folding, strip_accents, ..Transform::default() };
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
    fn invalid_utf8_is_unchanged_at_any_position() {
        let fold = Transform { folding: Folding::CASE, ..Transform::default() };
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
    fn surrogates_are_kept_and_invalid_codes_replaced() {
        assert_eq!(transformed(Text::Ucs2(&0xD800u16.to_ne_bytes()), true), [0xED, 0xA0, 0x80]);
        assert_eq!(
            transformed(Text::Ucs4(&0x11_0000u32.to_ne_bytes(), ByteOrder::Native), false),
            "\u{FFFD}".as_bytes()
        );
    }

    #[test]
    fn folding_keeps_invalid_utf8() {
        assert_eq!(transformed(Text::Bytes(b"A\xFFB\xE2\x82C"), true), b"a\xFFb\xE2\x82c");
    }

    #[test]
    fn accents_are_stripped_before_folding() {
        let strip = |text: &str, fold| {
            let mut out = Vec::new();
            let folding = Folding { case: fold, punctuation: false };
            Transform { strip_accents: true, folding, ..Transform::default() }
                .append(Text::Str(text.as_bytes()), &mut out);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(strip("Ĥéllo e\u{301}́ ﬁ ½ 한", false), "Hello e fi 1\u{2044}2 \u{1112}\u{1161}\u{11AB}");
        assert_eq!(strip("İSTANBUL \u{212B}", true), "istanbul a");
    }

    #[test]
    fn dropped_accents_do_not_join_invalid_utf8() {
        let strip = Transform { strip_accents: true, separator: 0xF5, ..Transform::default() };
        let cases: [(&[u8], &[u8]); 12] = [
            (b"\xC3\xCC\x81\xA6", b"\xC3\xF5\xA6"),
            (b"\xC3\xCC\x81\xCC\x82\xA6\xA6", b"\xC3\xF5\xA6\xA6"),
            (b"\xE2\xCC\x81\x82\xAC", b"\xE2\xF5\x82\xAC"),
            (b"\xE2\x82\xCC\x81\xAC", b"\xE2\x82\xF5\xAC"),
            (b"\xE2\xCC\x81\x82\xCC\x81\xAC", b"\xE2\x82\xF5\xAC"),
            (b"\xF0\x9F\xCC\x81\x98\x80", b"\xF0\x9F\xF5\x98\x80"),
            // These do not become a character either.
            (b"\xE2\xCC\x81\x82x", b"\xE2\x82x"),
            (b"\xC3\xCC\x81x", b"\xC3x"),
            (b"\xCC\x81\xA6", b"\xA6"),
            (b"\xFF\xCC\x81\xA6", b"\xFF\xA6"),
            ("é\u{301}".as_bytes(), b"e"),
            (b"\xC3\xA9\xCC\x81\xA6", b"e\xA6"),
        ];
        for (text, expected) in cases {
            // The text before does not matter.
            let mut out = b"\xC3".to_vec();
            strip.append(Text::Bytes(text), &mut out);
            assert_eq!(&out[1..], expected, "{text:?}");
            // Nor does it matter where a text is split between characters.
            for cut in 0..=text.len() {
                let cut = Text::Bytes(text).char_start(cut);
                let mut out = Vec::new();
                strip.append_part(Text::Bytes(text), 0..cut, &mut out);
                strip.append_part(Text::Bytes(text), cut..text.len(), &mut out);
                assert_eq!(out, expected, "{text:?} {cut}");
            }
            // Every position leads back to a byte.
            let mut spans: Vec<Span> = (0..expected.len()).map(|start| Span { start, end: start + 1 }).collect();
            strip.locate(Text::Bytes(text), &mut spans, &|| false);
            assert!(spans.is_sorted_by_key(|span| span.start) && spans.iter().all(|span| span.end <= text.len()));
            assert_eq!(spans.last().map(|span| span.end), Some(text.len()), "{text:?}");
        }
    }
}
