//! Finds where each token of a text begins and ends.
//!
//! In word mode, a token is a sequence of word characters, or one *punctuation* character: any other character but
//! whitespace. A set of characters can replace the word characters. In token mode, it is a sequence of characters other
//! than whitespace. Punctuation that no pattern can contain is left out (see [`punctuation`](super::punctuation)): it
//! only separates tokens.
//!
//! Each step is one pass over a window of text. The first sets a bit for each byte of a word. The second sets bits
//! where tokens begin and end, and the third lists their positions. The passes have few branches, and the first and
//! the last use vector instructions. A single loop over characters took 30 instructions per byte, and most of them
//! waited for the one before.

use std::borrow::Cow;

use super::byte_masks::{ByteClassifier, ByteMasks};
use super::punctuation::Punctuation;
use crate::core::base::simd::{self, Level};
use crate::core::engines::bit_positions::{bit_positions, copy_bit};
use crate::core::text::boundaries::{Boundaries, MatchMode};
use crate::core::text::char_set::CharSet;
use crate::core::text::encoding::{Span, is_continuation};
use crate::core::text::unicode::{first_char, first_symbol, is_space, last_symbol_len, word_blocks};

/// Tokenizes text of one match mode.
pub struct Tokenizer {
    boundaries: Boundaries,
    classifier: ByteClassifier,
    punctuation: Punctuation,
    /// One bit per code point below U+10000, set for word characters, in blocks of 64.
    word_blocks_bmp: Box<[u64; BLOCKS]>,
    /// The same for all code points. `None` in token mode, or if a character from U+10000 on was made a word
    /// character.
    all_blocks: Option<Cow<'static, [u64]>>,
    /// Whether `all_blocks` replaces the word characters of `boundaries`.
    is_custom: bool,
    /// Whether [`Tokenizer::tokenize_needed`] leaves out tokens of one byte.
    skips_single_bytes: bool,
    level: Level,
}

/// The number of 64-bit blocks for the code points below U+10000.
const BLOCKS: usize = 1024;

/// The tokens of a window, with the buffers to compute them. Positions are relative to the window.
#[derive(Default)]
pub struct Tokens {
    len: usize,
    starts: Vec<u32>,
    ends: Vec<u32>,
    masks: ByteMasks,
    /// One bit per byte, set for the first and the last byte of a token.
    first: Vec<u64>,
    last: Vec<u64>,
}

impl Tokens {
    /// The start of each token, in order.
    #[inline]
    pub fn starts(&self) -> &[u32] {
        &self.starts[..self.len]
    }

    /// The end of each token.
    #[inline]
    pub fn ends(&self) -> &[u32] {
        &self.ends[..self.len]
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CharClass {
    WordChar,
    Space,
    Punctuation,
}

impl Tokenizer {
    pub fn new(boundaries: Boundaries, punctuation: Punctuation) -> Self {
        let extra = boundaries.word_chars.iter().filter_map(|c| u8::try_from(c).ok()).filter(u8::is_ascii).collect();
        let mut word_blocks_bmp = Box::new([!0; BLOCKS]);
        match boundaries.mode {
            MatchMode::Token => {
                let spaces = ('\0'..='\u{FFFF}').take_while(|&c| c <= LAST_SPACE).filter(|&c| is_space(c));
                spaces.for_each(|c| word_blocks_bmp[c as usize / 64] &= !(1 << (c as usize % 64)));
            }
            _ => {
                word_blocks_bmp.copy_from_slice(&word_blocks()[..BLOCKS]);
                let extra = boundaries.word_chars.iter().map(|c| c as usize).filter(|code| code / 64 < BLOCKS);
                extra.for_each(|code| word_blocks_bmp[code / 64] |= 1 << (code % 64));
            }
        }
        let has_extra = boundaries.word_chars.iter().any(|c| c > '\u{FFFF}');
        let all_blocks = (boundaries.mode != MatchMode::Token && !has_extra).then(|| Cow::Borrowed(word_blocks()));
        let mut classifier =
            ByteClassifier::new(boundaries.mode == MatchMode::Token, extra, word_leads(&word_blocks_bmp));
        punctuation.ascii().for_each(|byte| classifier.add_punctuation(byte));
        let level = simd::level();
        Self {
            boundaries,
            classifier,
            punctuation,
            word_blocks_bmp,
            all_blocks,
            is_custom: false,
            skips_single_bytes: false,
            level,
        }
    }

    /// Tokens are sequences of these characters, as long as possible. With `skips_single_bytes`, tokens of one byte may
    /// be missing.
    pub fn of_class(class: &CharSet, skips_single_bytes: bool) -> Self {
        let boundaries = Boundaries::default();
        let mut word_blocks_bmp = Box::new([0; BLOCKS]);
        word_blocks_bmp.copy_from_slice(&class.blocks()[..BLOCKS]);
        let ascii = std::array::from_fn(|byte| class.contains(byte as u32));
        Self {
            classifier: ByteClassifier::of_class(ascii, word_leads(&word_blocks_bmp)),
            punctuation: Punctuation::none(&boundaries),
            boundaries,
            word_blocks_bmp,
            all_blocks: Some(Cow::Owned(class.blocks().to_vec())),
            is_custom: true,
            skips_single_bytes,
            level: simd::level(),
        }
    }

    /// Whether a word character begins at `at`.
    pub fn word_begins_at(&self, text: &[u8], at: usize) -> bool {
        match &self.all_blocks {
            Some(blocks) if self.is_custom => at < text.len() && holds(blocks, &text[at..]),
            _ => self.boundaries.word_begins_at(text, at),
        }
    }

    /// Whether a word character ends at `at`.
    pub fn word_ends_at(&self, text: &[u8], at: usize) -> bool {
        match &self.all_blocks {
            Some(blocks) if self.is_custom => holds(blocks, &text[at - last_symbol_len(&text[..at])..at]),
            _ => self.boundaries.word_ends_at(text, at),
        }
    }

    pub fn boundaries(&self) -> &Boundaries {
        &self.boundaries
    }

    /// Whether the text begins with punctuation.
    pub fn is_punctuation(&self, text: &[u8]) -> bool {
        self.class(first_char(text).0) == CharClass::Punctuation
    }

    /// The class of a character. `None` is a byte outside valid UTF-8.
    pub fn class(&self, c: Option<char>) -> CharClass {
        match c {
            _ if self.boundaries.is_word_char(c) => CharClass::WordChar,
            Some(c) if is_space(c) => CharClass::Space,
            _ => CharClass::Punctuation,
        }
    }

    /// Tokenizes a window. `documents` are the spans, relative to the window, of the documents that overlap it. A
    /// token ends with its document.
    pub fn tokenize(&self, window: &[u8], documents: impl Iterator<Item = Span> + Clone, tokens: &mut Tokens) {
        self.mark_tokens(window, documents, tokens);
        self.list_tokens(tokens);
    }

    /// As [`Tokenizer::tokenize`], without tokens of one byte if nobody needs them. The last byte of the window may be
    /// the start of a longer token, so it is always a token.
    pub fn tokenize_needed(&self, window: &[u8], documents: impl Iterator<Item = Span> + Clone, tokens: &mut Tokens) {
        self.mark_tokens(window, documents, tokens);
        if self.skips_single_bytes {
            let mut kept = window.len().saturating_sub(1);
            for (first, last) in tokens.first.iter_mut().zip(&mut tokens.last) {
                let mut single = *first & *last;
                if kept < 64 {
                    single &= !(1 << kept);
                }
                kept = kept.wrapping_sub(64);
                *first &= !single;
                *last &= !single;
            }
        }
        self.list_tokens(tokens);
    }

    /// Sets the bits of the first and the last byte of each token.
    fn mark_tokens(&self, window: &[u8], documents: impl Iterator<Item = Span> + Clone, tokens: &mut Tokens) {
        self.classify(window, documents.clone(), tokens);
        let Tokens { masks, first, last, .. } = tokens;
        // A word begins at a byte whose predecessor is outside words, and ends at a byte whose successor is.
        let word_bytes = &masks.word_bytes[..];
        let mut before = 0;
        for (at, (first, last)) in first.iter_mut().zip(&mut *last).enumerate() {
            let after = word_bytes.get(at + 1).map_or(0, |next| next << 63);
            *first |= word_bytes[at] & !(word_bytes[at] << 1 | before);
            *last |= word_bytes[at] & !(word_bytes[at] >> 1 | after);
            before = word_bytes[at] >> 63;
        }
        for document in documents.filter(|document| document.start < document.end) {
            copy_bit(word_bytes, first, document.start);
            copy_bit(word_bytes, last, document.end - 1);
        }
    }

    /// Lists the positions of the bits.
    fn list_tokens(&self, Tokens { len, starts, ends, first, last, .. }: &mut Tokens) {
        *len = bit_positions(self.level, first, 0, starts);
        let ended = bit_positions(self.level, last, 1, ends);
        // Another thread may write to the text between two passes. If starts and ends do not pair up then, the window
        // has no tokens.
        let pairs = starts[..*len].iter().zip(&ends[..ended]);
        if *len != ended || !pairs.fold(true, |all, (start, end)| all & (start < end)) {
            *len = 0;
        }
    }

    /// Marks the first byte of each word of a window, one bit per byte. `documents` as for [`Tokenizer::tokenize`].
    pub fn mark_words<'t>(
        &self,
        window: &[u8],
        documents: impl Iterator<Item = Span> + Clone,
        tokens: &'t mut Tokens,
    ) -> &'t mut [u64] {
        self.classify(window, documents.clone(), tokens);
        let Tokens { masks, first, .. } = tokens;
        let mut before = 0;
        for (first, &word_bytes) in first.iter_mut().zip(&masks.word_bytes) {
            *first = word_bytes & !(word_bytes << 1 | before);
            before = word_bytes >> 63;
        }
        for document in documents.filter(|document| document.start < document.end) {
            copy_bit(&masks.word_bytes, first, document.start);
        }
        first
    }

    /// Sets the bits of word characters in `masks`, and those of punctuation tokens in `first` and `last`.
    fn classify(&self, window: &[u8], documents: impl Iterator<Item = Span> + Clone, tokens: &mut Tokens) {
        let Tokens { masks, first, last, .. } = tokens;
        let any_high = masks.classify(self.level, &self.classifier, window);
        self.punctuation.likely(self.level, window, documents.clone(), &masks.punctuation, last, first);
        last.clear();
        last.extend_from_slice(first);
        if any_high {
            let splits_character =
                |document: Span| window.get(document.start).is_some_and(|&byte| is_continuation(byte));
            if self.punctuation.any_high() || documents.clone().any(splits_character) {
                for document in documents {
                    self.classify_each(window, document, masks, first, last);
                }
            } else {
                self.classify_high(window, masks);
            }
        }
    }

    /// Finds the word characters outside ASCII. Requires that no document ends within a character, and that no
    /// punctuation outside ASCII is a token.
    fn classify_high(&self, window: &[u8], masks: &mut ByteMasks) {
        // In token mode, bytes outside valid UTF-8 are word characters. So all high bytes are set first, and
        // whitespace is cleared.
        let is_token = self.boundaries.mode == MatchMode::Token;
        if is_token {
            masks.word_bytes.iter_mut().zip(&masks.high).for_each(|(word_bytes, high)| *word_bytes |= high);
        }
        let ByteMasks { word_bytes, high, lead, word_lead2, word_lead3, .. } = masks;
        // Bits of a character that began in the previous 64 bytes and continues here.
        let mut carried = 0;
        for i in 0..lead.len() {
            // Continuation bytes, shifted to the byte before them and to the second byte before them.
            let tail = [i, i + 1].map(|i| high.get(i).map_or(0, |high| high & !lead[i]));
            let [next, second] = [1, 2].map(|by| tail[0] >> by | tail[1] << (64 - by));
            let (word_lead2, word_lead3) = (word_lead2[i] & next, word_lead3[i] & next & second);
            let mut decided = match is_token {
                true => 0,
                false => spread(word_lead2, 2) | spread(word_lead3, 3),
            };
            // A lead byte without a continuation is outside valid UTF-8, like all bytes that this loop skips.
            let mut leads = lead[i] & next & !(word_lead2 | word_lead3);
            while leads != 0 {
                let bit = leads.trailing_zeros();
                leads &= leads - 1;
                let (len, is_word) = self.high_char(&window[64 * i + bit as usize..]);
                decided |= (u128::from(is_word != is_token) * ((1 << len) - 1)) << bit;
            }
            let here = decided as u64 | carried;
            carried = (decided >> 64) as u64;
            if is_token {
                word_bytes[i] &= !here;
            } else {
                word_bytes[i] |= here;
            }
        }
    }

    /// The length of the first character, which must be outside ASCII, and whether it is a word character.
    #[inline(always)]
    fn high_char(&self, text: &[u8]) -> (usize, bool) {
        let is_word = |code: usize| self.word_blocks_bmp[code / 64] >> (code % 64) & 1 == 1;
        let tail = |byte: u8| (byte & 63) as usize;
        match *text {
            [lead @ 0xC2..=0xDF, b, ..] if is_continuation(b) => (2, is_word((lead as usize & 31) << 6 | tail(b))),
            // The excluded ranges are overlong encodings and surrogates. A custom class may contain surrogates.
            [lead @ 0xE0..=0xEF, b, c, ..]
                if is_continuation(b)
                    & is_continuation(c)
                    & (lead != 0xE0 || b >= 0xA0)
                    & (lead != 0xED || b < 0xA0 || self.is_custom) =>
            {
                (3, is_word((lead as usize & 15) << 12 | tail(b) << 6 | tail(c)))
            }
            // The excluded ranges are overlong encodings and code points above U+10FFFF.
            [lead @ 0xF0..=0xF4, b, c, d, ..]
                if is_continuation(b)
                    & is_continuation(c)
                    & is_continuation(d)
                    & (lead != 0xF0 || b >= 0x90)
                    & (lead != 0xF4 || b < 0x90) =>
            {
                let code = (lead as usize & 7) << 18 | tail(b) << 12 | tail(c) << 6 | tail(d);
                let is_word = match &self.all_blocks {
                    Some(blocks) => blocks[code / 64] >> (code % 64) & 1 == 1,
                    None => self.boundaries.is_word_char(char::from_u32(code as u32)),
                };
                (4, is_word)
            }
            _ => (1, self.boundaries.mode == MatchMode::Token),
        }
    }

    /// Classifies the characters outside ASCII of one document, one by one.
    fn classify_each(
        &self,
        window: &[u8],
        document: Span,
        masks: &mut ByteMasks,
        first: &mut [u64],
        last: &mut [u64],
    ) {
        let mut at = document.start;
        while let Some(next) = next_bit(&masks.high, at, document.end) {
            let text = &window[next..document.end];
            let (len, is_word) = self.high_char(text);
            if is_word {
                (next..next + len).for_each(|byte| set(&mut masks.word_bytes, byte));
            } else if self.punctuation.any_high()
                && !(is_as_long_as_space(len) && first_char(text).0.is_some_and(is_space))
            {
                set(first, next);
                set(last, next + len - 1);
            }
            at = next + len;
        }
    }
}

/// Whether a set of code points contains the first character, which may be a lone surrogate.
fn holds(blocks: &[u64], text: &[u8]) -> bool {
    let code = match (first_symbol(text), text) {
        ((Some(c), _), _) => c as usize,
        ((None, 3), &[_, b, c, ..]) => 0xD000 | (b as usize & 63) << 6 | (c as usize & 63),
        _ => return false,
    };
    blocks[code / 64] >> (code % 64) & 1 == 1
}

/// Extends each bit to the `len` bytes of its character.
fn spread(bits: u64, len: u32) -> u128 {
    (0..len).map(|by| u128::from(bits) << by).fold(0, |all, bits| all | bits)
}

/// For each lead byte from 0xC0 on: the length of its characters if all of them are word characters, otherwise 0.
fn word_leads(word_blocks_bmp: &[u64; BLOCKS]) -> [u8; 64] {
    std::array::from_fn(|lead| match lead {
        0x02..=0x1F if word_blocks_bmp[lead] == !0 => 2,
        // Skips surrogates and overlong encodings.
        0x21..=0x2C | 0x2E..=0x2F if word_blocks_bmp[(lead & 15) << 6..][..64].iter().all(|&block| block == !0) => 3,
        _ => 0,
    })
}

/// Whether a whitespace character outside ASCII can have this length in bytes.
fn is_as_long_as_space(len: usize) -> bool {
    len == 2 || len == 3
}

/// The whitespace character with the highest code point.
const LAST_SPACE: char = '\u{3000}';

fn set(mask: &mut [u64], at: usize) {
    mask[at / 64] |= 1 << (at % 64);
}

/// The first set bit in `from..until`.
fn next_bit(mask: &[u64], from: usize, until: usize) -> Option<usize> {
    let mut at = from;
    while at < until {
        let rest = mask[at / 64] >> (at % 64);
        if rest != 0 {
            return Some(at + rest.trailing_zeros() as usize).filter(|&at| at < until);
        }
        at = (at / 64 + 1) * 64;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::text::boundaries::WordChars;

    fn boundaries(mode: MatchMode) -> Boundaries {
        Boundaries { mode, ..Boundaries::default() }
    }

    fn tokenize(mode: MatchMode, punctuation: Punctuation, text: &str) -> Vec<&str> {
        tokenize_with(Tokenizer::new(boundaries(mode), punctuation), text)
    }

    fn tokenize_with(tokenizer: Tokenizer, text: &str) -> Vec<&str> {
        let mut tokens = Tokens::default();
        let single_token = Span { start: 0, end: text.len() };
        tokenizer.tokenize(text.as_bytes(), std::iter::once(single_token), &mut tokens);
        tokens.starts().iter().zip(tokens.ends()).map(|(&start, &end)| &text[start as usize..end as usize]).collect()
    }

    #[test]
    fn tokens_of_each_mode() {
        let text = "a_1 C++, »naïve«\u{3000}日本\u{300}e";
        let punctuation_numbers = ["a_1", "C", "+", "+", ",", "»", "naïve", "«", "日本\u{300}e"];
        assert_eq!(tokenize(MatchMode::Word, Punctuation::all(), text), punctuation_numbers);
        assert_eq!(
            tokenize(MatchMode::Word, Punctuation::none(&boundaries(MatchMode::Word)), text),
            ["a_1", "C", "naïve", "日本\u{300}e"]
        );
        let mut plus = Punctuation::none(&boundaries(MatchMode::Word));
        plus.add_inner(b'+', std::iter::empty(), std::iter::empty());
        assert_eq!(tokenize(MatchMode::Word, plus, text), ["a_1", "C", "+", "+", "naïve", "日本\u{300}e"]);
        assert_eq!(
            tokenize(MatchMode::Token, Punctuation::none(&boundaries(MatchMode::Word)), text),
            ["a_1", "C++,", "»naïve«", "日本\u{300}e"]
        );
    }

    #[test]
    fn extra_word_characters_join_tokens() {
        let word_chars = WordChars::new("-’'").unwrap();
        let tokenizer = Tokenizer::new(Boundaries::new(MatchMode::Word, word_chars), Punctuation::all());
        let text = "state-of don't don’t 'tis a–b - ".repeat(3);
        let once = ["state-of", "don't", "don’t", "'tis", "a", "–", "b", "-"];
        assert_eq!(tokenize_with(tokenizer, &text), once.repeat(3));
    }

    #[test]
    fn tokens_at_every_edge() {
        for lead in 0..140 {
            for word in ["w", "Ж", "日", "𝒳", "ab", "+"] {
                let text = format!("{}{word}{}", " ".repeat(lead), ".".repeat(lead % 7));
                let mut punctuation = Punctuation::none(&boundaries(MatchMode::Word));
                punctuation.add_inner(b'+', std::iter::empty(), std::iter::empty());
                assert_eq!(tokenize(MatchMode::Word, punctuation, &text), [word], "{lead}");
            }
        }
    }

    /// Finds words by the definition, character by character.
    fn slow_words(boundaries: &Boundaries, text: &[u8]) -> Vec<(u32, u32)> {
        let mut words: Vec<(u32, u32)> = Vec::new();
        let mut at = 0;
        while at < text.len() {
            let (c, len) = first_char(&text[at..]);
            if boundaries.is_word_char(c) {
                match words.last_mut().filter(|(_, end)| *end as usize == at) {
                    Some((_, end)) => *end += len as u32,
                    None => words.push((at as u32, (at + len) as u32)),
                }
            }
            at += len;
        }
        words
    }

    #[test]
    fn characters_of_all_scripts_at_every_position() {
        let samples: Vec<&[u8]> =
            ["a", " ", "-", "é", "×", "Ж", "ы", "«", "\u{482}", "日", "本", "。", "か", "・", "한", "𝒳", "😀"]
                .iter()
                .chain(&[
                    "\u{300}",
                    "\u{A0}",
                    "\u{3000}",
                    "\u{2009}",
                    "เ",
                    "\u{FFFF}",
                    "\u{20000}",
                    "\u{2A6DF}\u{2A6DE}",
                    "\u{10FFFF}",
                    "\u{10000}",
                    "longer_ascii_text",
                    "Русский текст",
                ])
                .map(|sample| sample.as_bytes())
                .chain([
                    &b"\xD0"[..],
                    b"\x80",
                    b"\xE6\x97",
                    b"\xED\xA0\x80",
                    b"\xE0\x80\x80",
                    b"\xC1\xA1",
                    b"\xF5",
                    b"\xFF\x80",
                    b"\xF0\x9F",
                    b"\xF0\x8F\xBF\xBF",
                    b"\xF4\x90\x80\x80",
                    b"\xF0\xA0\x80",
                ])
                .collect();
        let mut state = 1u64;
        let mut random = |below: usize| {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 33) as usize % below
        };
        for mode in [MatchMode::Word, MatchMode::Token] {
            for chars in ["", "-·か𝒳"] {
                let word_chars = WordChars::new(if mode == MatchMode::Token { "" } else { chars }).unwrap();
                let boundaries = Boundaries::new(mode, word_chars);
                for level in Level::all() {
                    let mut tokenizer = Tokenizer::new(boundaries.clone(), Punctuation::none(&boundaries));
                    tokenizer.level = level;
                    for _ in 0..300 {
                        let few = 1 + random(6);
                        let chosen: Vec<&[u8]> = (0..few).map(|_| samples[random(samples.len())]).collect();
                        let text: Vec<u8> = (0..random(120)).flat_map(|_| chosen[random(few)]).copied().collect();
                        let mut tokens = Tokens::default();
                        tokenizer.tokenize(&text, std::iter::once(Span { start: 0, end: text.len() }), &mut tokens);
                        let words: Vec<_> =
                            tokens.starts().iter().copied().zip(tokens.ends().iter().copied()).collect();
                        assert_eq!(
                            words,
                            slow_words(&boundaries, &text),
                            "{level:?} {mode:?} {:?}",
                            text.escape_ascii().to_string()
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn tokens_of_one_byte_are_left_out() {
        let mut bits = vec![0u8; 0x11_0000 / 8];
        "abcé日".chars().for_each(|c| bits[c as usize / 8] |= 1 << (c as usize % 8));
        let class = CharSet::from_bits(&bits).unwrap();
        let spans = |tokens: &Tokens| -> Vec<(u32, u32)> {
            tokens.starts().iter().copied().zip(tokens.ends().iter().copied()).collect()
        };
        for lead in 0..140 {
            for text in ["a bc é a", "a", "bc", "a é日b c ab", "a c ", ""] {
                let text = format!("{}{text}", " a".repeat(lead / 2) + &" "[..lead % 2]);
                let documents = [(0, text.len() / 2), (text.len() / 2, text.len())];
                let documents = documents.into_iter().map(|(start, end)| Span { start, end });
                let mut tokens = Tokens::default();
                Tokenizer::of_class(&class, false).tokenize_needed(text.as_bytes(), documents.clone(), &mut tokens);
                let mut expected = spans(&tokens);
                expected.retain(|(start, end)| end - start > 1 || *end as usize == text.len());
                let tokenizer = Tokenizer::of_class(&class, true);
                tokenizer.tokenize_needed(text.as_bytes(), documents, &mut tokens);
                assert_eq!(spans(&tokens), expected, "{text:?}");
            }
        }
    }

    #[test]
    fn documents_end_tokens() {
        let mut tokens = Tokens::default();
        let spans = [(0, 3), (3, 3), (3, 6), (6, 8)].map(|(start, end)| Span { start, end });
        Tokenizer::new(boundaries(MatchMode::Word), Punctuation::none(&boundaries(MatchMode::Word))).tokenize(
            "abcde é".as_bytes(),
            spans.into_iter(),
            &mut tokens,
        );
        assert_eq!((tokens.starts(), tokens.ends()), (&[0, 3, 6][..], &[3, 5, 8][..]));
        // A document that ends within a character ends with an invalid byte.
        let spans = [(0, 1), (1, 2)].map(|(start, end)| Span { start, end });
        Tokenizer::new(boundaries(MatchMode::Word), Punctuation::all()).tokenize(
            "é".as_bytes(),
            spans.into_iter(),
            &mut tokens,
        );
        assert_eq!((tokens.starts(), tokens.ends()), (&[0, 1][..], &[1, 2][..]));
    }
}
