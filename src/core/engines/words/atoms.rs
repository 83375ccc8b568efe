//! Cuts text into atoms: where each begins and ends.
//!
//! In word mode an atom is a run of word characters or one *mark*, any other character but white space; in token mode it
//! is a run of anything but white space. Marks that can be part of no form are left out (see [`marks`](super::marks)): they
//! only stand between atoms.
//!
//! Each step is a pass of its own over a window of text: a bit for each byte that is part of a word, then bits where
//! atoms begin and end, then their places. Fused into one loop over characters it took 30 instructions a byte, most of
//! them waiting for the one before; the passes have few branches, and [`masks`](super::masks) does the first and the
//! last of them with vector instructions.

use super::marks::Marks;
use super::masks::{Classes, Masks};
use crate::core::base::simd::{self, Level};
use crate::core::engines::bit_positions::{bit_positions, copy_bit};
use crate::core::text::boundaries::{Boundaries, MatchMode};
use crate::core::text::encoding::Span;
use crate::core::text::unicode::{first_char, is_space, word_blocks};

/// Cuts text by one rule.
pub struct Atomiser {
    boundaries: Boundaries,
    classes: Classes,
    marks: Marks,
    /// A bit for each code point below U+10000: whether it is part of runs. 64 to a block.
    blocks: Box<[u64; BLOCKS]>,
    /// The same for all code points, where that is a matter of word characters.
    all_blocks: Option<&'static [u64]>,
    level: Level,
}

/// Blocks of 64 code points below U+10000.
const BLOCKS: usize = 1024;

/// The atoms of a window, and the buffers that they are made with. Places are counted from the window's beginning.
#[derive(Default)]
pub struct Atoms {
    len: usize,
    starts: Vec<u32>,
    ends: Vec<u32>,
    masks: Masks,
    /// A bit for each byte: the first and the last of an atom.
    first: Vec<u64>,
    last: Vec<u64>,
}

impl Atoms {
    /// Where each atom begins, in order.
    #[inline]
    pub fn starts(&self) -> &[u32] {
        &self.starts[..self.len]
    }

    /// Where each atom ends.
    #[inline]
    pub fn ends(&self) -> &[u32] {
        &self.ends[..self.len]
    }
}

/// What a character is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    Run,
    Space,
    Mark,
}

impl Atomiser {
    pub fn new(boundaries: Boundaries, marks: Marks) -> Self {
        let further =
            boundaries.word_chars.iter().filter_map(|c| u8::try_from(c).ok()).filter(u8::is_ascii).collect();
        let mut blocks = Box::new([!0; BLOCKS]);
        match boundaries.mode {
            MatchMode::Token => {
                let spaces = ('\0'..='\u{FFFF}').take_while(|&c| c <= LAST_SPACE).filter(|&c| is_space(c));
                spaces.for_each(|c| blocks[c as usize / 64] &= !(1 << (c as usize % 64)));
            }
            MatchMode::Word | MatchMode::Substring => {
                blocks.copy_from_slice(&word_blocks()[..BLOCKS]);
                let further = boundaries.word_chars.iter().map(|c| c as usize).filter(|code| code / 64 < BLOCKS);
                further.for_each(|code| blocks[code / 64] |= 1 << (code % 64));
            }
        }
        let is_further = boundaries.word_chars.iter().any(|c| c > '\u{FFFF}');
        let all_blocks = (boundaries.mode != MatchMode::Token && !is_further).then(word_blocks);
        let mut classes = Classes::new(boundaries.mode == MatchMode::Token, further, full(&blocks));
        marks.ascii().for_each(|byte| classes.add_mark(byte));
        Self { boundaries, classes, marks, blocks, all_blocks, level: simd::level() }
    }

    pub fn boundaries(&self) -> &Boundaries {
        &self.boundaries
    }

    /// Whether the atom that begins with these bytes is a mark.
    pub fn is_mark(&self, text: &[u8]) -> bool {
        self.class(first_char(text).0) == Class::Mark
    }

    /// What a character is; `None` is a byte outside valid UTF-8.
    pub fn class(&self, c: Option<char>) -> Class {
        match c {
            _ if self.boundaries.is_word_char(c) => Class::Run,
            Some(c) if is_space(c) => Class::Space,
            _ => Class::Mark,
        }
    }

    /// Cuts a window into atoms. `documents` are those that reach into the window, at places of the window; an atom
    /// ends with its document.
    pub fn cut(&self, window: &[u8], documents: impl Iterator<Item = Span> + Clone, atoms: &mut Atoms) {
        let Atoms { len, starts, ends, masks, first, last } = atoms;
        let any_high = masks.classify(self.level, &self.classes, window);
        self.marks.likely(self.level, window, documents.clone(), &masks.mark, last, first);
        last.clear();
        last.extend_from_slice(first);
        if any_high {
            let cuts_character = |document: Span| window.get(document.start).is_some_and(|byte| byte & 0xC0 == 0x80);
            if self.marks.any_high() || documents.clone().any(cuts_character) {
                for document in documents.clone() {
                    self.classify_each(window, document, masks, first, last);
                }
            } else {
                self.classify_high(window, masks);
            }
        }
        // A run begins where the byte before is in none, and ends where the byte behind is in none.
        let run = &masks.run[..];
        let mut before = 0;
        for (at, (first, last)) in first.iter_mut().zip(&mut *last).enumerate() {
            let behind = run.get(at + 1).map_or(0, |next| next << 63);
            *first |= run[at] & !(run[at] << 1 | before);
            *last |= run[at] & !(run[at] >> 1 | behind);
            before = run[at] >> 63;
        }
        for document in documents.filter(|document| document.start < document.end) {
            copy_bit(run, first, document.start);
            copy_bit(run, last, document.end - 1);
        }
        *len = bit_positions(self.level, first, 0, starts);
        let ended = bit_positions(self.level, last, 1, ends);
        // Someone may write to the text between two passes. Then places need not pair, and nothing is found here.
        let pairs = starts[..*len].iter().zip(&ends[..ended]);
        if *len != ended || !pairs.fold(true, |all, (start, end)| all & (start < end)) {
            *len = 0;
        }
    }

    /// Decides which characters that are not ASCII are part of runs, where no document ends within a character and no
    /// mark that is not ASCII is looked for.
    fn classify_high(&self, window: &[u8], masks: &mut Masks) {
        // Under the rule of tokens bytes outside valid UTF-8 are part of runs: what is not is taken away, not added.
        let is_token = self.boundaries.mode == MatchMode::Token;
        if is_token {
            masks.run.iter_mut().zip(&masks.high).for_each(|(run, high)| *run |= high);
        }
        let Masks { run, high, lead, full2, full3, .. } = masks;
        // What is part of runs, or what is not, that began in the word before.
        let mut begun = 0;
        for i in 0..lead.len() {
            // Continuations, moved to the byte before them, and to the one before that.
            let tail = [i, i + 1].map(|i| high.get(i).map_or(0, |high| high & !lead[i]));
            let [next, second] = [1, 2].map(|by| tail[0] >> by | tail[1] << (64 - by));
            let (full2, full3) = (full2[i] & next, full3[i] & next & second);
            let mut settled = match is_token {
                true => 0,
                false => spread(full2, 2) | spread(full3, 3),
            };
            // A byte that no continuation follows is outside valid UTF-8, as all are that are not looked at.
            let mut leads = lead[i] & next & !(full2 | full3);
            while leads != 0 {
                let place = leads.trailing_zeros();
                leads &= leads - 1;
                let (len, holds) = self.high_char(&window[64 * i + place as usize..]);
                settled |= (u128::from(holds != is_token) * ((1 << len) - 1)) << place;
            }
            let here = settled as u64 | begun;
            begun = (settled >> 64) as u64;
            if is_token {
                run[i] &= !here;
            } else {
                run[i] |= here;
            }
        }
    }

    /// The length of the first character, which is not ASCII, and whether it is part of runs.
    #[inline(always)]
    fn high_char(&self, text: &[u8]) -> (usize, bool) {
        let holds = |code: usize| self.blocks[code / 64] >> (code % 64) & 1 == 1;
        let tail = |byte: u8| (byte & 63) as usize;
        let is_tail = |byte: u8| byte & 0xC0 == 0x80;
        match *text {
            [lead @ 0xC2..=0xDF, b, ..] if is_tail(b) => (2, holds((lead as usize & 31) << 6 | tail(b))),
            // Below and beyond these are no characters: overlong forms, and surrogates.
            [lead @ 0xE0..=0xEF, b, c, ..]
                if is_tail(b) & is_tail(c) & (lead != 0xE0 || b >= 0xA0) & (lead != 0xED || b < 0xA0) =>
            {
                (3, holds((lead as usize & 15) << 12 | tail(b) << 6 | tail(c)))
            }
            // The same, and beyond U+10FFFF.
            [lead @ 0xF0..=0xF4, b, c, d, ..]
                if is_tail(b)
                    & is_tail(c)
                    & is_tail(d)
                    & (lead != 0xF0 || b >= 0x90)
                    & (lead != 0xF4 || b < 0x90) =>
            {
                let code = (lead as usize & 7) << 18 | tail(b) << 12 | tail(c) << 6 | tail(d);
                let holds = match self.all_blocks {
                    Some(blocks) => blocks[code / 64] >> (code % 64) & 1 == 1,
                    None => self.boundaries.is_word_char(char::from_u32(code as u32)),
                };
                (4, holds)
            }
            _ => (1, self.boundaries.mode == MatchMode::Token),
        }
    }

    /// Decides about the characters of a document that are not ASCII, one by one.
    fn classify_each(&self, window: &[u8], document: Span, masks: &mut Masks, first: &mut [u64], last: &mut [u64]) {
        let mut at = document.start;
        while let Some(next) = next_bit(&masks.high, at, document.end) {
            let text = &window[next..document.end];
            let (len, holds) = self.high_char(text);
            if holds {
                (next..next + len).for_each(|byte| set(&mut masks.run, byte));
            } else if self.marks.any_high() && !(is_as_long_as_space(len) && first_char(text).0.is_some_and(is_space))
            {
                set(first, next);
                set(last, next + len - 1);
            }
            at = next + len;
        }
    }
}

/// The bits, and for each those of the bytes behind it that its character has.
fn spread(bits: u64, len: u32) -> u128 {
    (0..len).map(|by| u128::from(bits) << by).fold(0, |all, bits| all | bits)
}

/// For each byte from 0xC0 on: the length of the characters that it begins if all of them are part of runs, or 0.
fn full(blocks: &[u64; BLOCKS]) -> [u8; 64] {
    std::array::from_fn(|lead| match lead {
        0x02..=0x1F if blocks[lead] == !0 => 2,
        // A surrogate is no character, nor what is written longer than it must be.
        0x21..=0x2C | 0x2E..=0x2F if blocks[(lead & 15) << 6..][..64].iter().all(|&block| block == !0) => 3,
        _ => 0,
    })
}

/// Whether some white space that is not ASCII has so many bytes.
fn is_as_long_as_space(len: usize) -> bool {
    len == 2 || len == 3
}

/// The last of the white space, by code point.
const LAST_SPACE: char = '\u{3000}';

fn set(mask: &mut [u64], at: usize) {
    mask[at / 64] |= 1 << (at % 64);
}

/// The first set bit at or after `from` and before `until`.
fn next_bit(mask: &[u64], from: usize, until: usize) -> Option<usize> {
    let mut at = from;
    while at < until {
        let rest = mask[at / 64] >> (at % 64);
        if rest != 0 {
            return Some(at + rest.trailing_zeros() as usize).filter(|&found| found < until);
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

    fn cut(mode: MatchMode, marks: Marks, text: &str) -> Vec<&str> {
        cut_by(Atomiser::new(boundaries(mode), marks), text)
    }

    fn cut_by(atomiser: Atomiser, text: &str) -> Vec<&str> {
        let mut atoms = Atoms::default();
        let whole = Span { start: 0, end: text.len() };
        atomiser.cut(text.as_bytes(), std::iter::once(whole), &mut atoms);
        atoms.starts().iter().zip(atoms.ends()).map(|(&start, &end)| &text[start as usize..end as usize]).collect()
    }

    #[test]
    fn atoms_by_rule() {
        let text = "a_1 C++, »naïve«\u{3000}日本\u{300}e";
        let marked = ["a_1", "C", "+", "+", ",", "»", "naïve", "«", "日本\u{300}e"];
        assert_eq!(cut(MatchMode::Word, Marks::all(), text), marked);
        assert_eq!(
            cut(MatchMode::Word, Marks::none(&boundaries(MatchMode::Word)), text),
            ["a_1", "C", "naïve", "日本\u{300}e"]
        );
        let mut plus = Marks::none(&boundaries(MatchMode::Word));
        plus.add_inner(b'+', std::iter::empty(), std::iter::empty());
        assert_eq!(cut(MatchMode::Word, plus, text), ["a_1", "C", "+", "+", "naïve", "日本\u{300}e"]);
        assert_eq!(
            cut(MatchMode::Token, Marks::none(&boundaries(MatchMode::Word)), text),
            ["a_1", "C++,", "»naïve«", "日本\u{300}e"]
        );
    }

    #[test]
    fn further_word_characters_join_atoms() {
        let word_chars = WordChars::new("-’'").unwrap();
        let atomiser = Atomiser::new(Boundaries { mode: MatchMode::Word, word_chars }, Marks::all());
        let text = "state-of don't don’t 'tis a–b - ".repeat(3);
        let once = ["state-of", "don't", "don’t", "'tis", "a", "–", "b", "-"];
        assert_eq!(cut_by(atomiser, &text), once.repeat(3));
    }

    #[test]
    fn atoms_at_every_edge() {
        for lead in 0..140 {
            for word in ["w", "Ж", "日", "𝒳", "ab", "+"] {
                let text = format!("{}{word}{}", " ".repeat(lead), ".".repeat(lead % 7));
                let mut marks = Marks::none(&boundaries(MatchMode::Word));
                marks.add_inner(b'+', std::iter::empty(), std::iter::empty());
                assert_eq!(cut(MatchMode::Word, marks, &text), [word], "{lead}");
            }
        }
    }

    /// Runs by the definition, character by character.
    fn slow_runs(boundaries: &Boundaries, text: &[u8]) -> Vec<(u32, u32)> {
        let mut found: Vec<(u32, u32)> = Vec::new();
        let mut at = 0;
        while at < text.len() {
            let (c, len) = first_char(&text[at..]);
            if boundaries.is_word_char(c) {
                match found.last_mut().filter(|(_, end)| *end as usize == at) {
                    Some((_, end)) => *end += len as u32,
                    None => found.push((at as u32, (at + len) as u32)),
                }
            }
            at += len;
        }
        found
    }

    #[test]
    fn characters_of_all_scripts_at_every_place() {
        let pieces: Vec<&[u8]> =
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
                .map(|piece| piece.as_bytes())
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
                let boundaries = Boundaries { mode, word_chars };
                for level in Level::all() {
                    let mut atomiser = Atomiser::new(boundaries.clone(), Marks::none(&boundaries));
                    atomiser.level = level;
                    for _ in 0..300 {
                        let few = 1 + random(6);
                        let chosen: Vec<&[u8]> = (0..few).map(|_| pieces[random(pieces.len())]).collect();
                        let text: Vec<u8> = (0..random(120)).flat_map(|_| chosen[random(few)]).copied().collect();
                        let mut atoms = Atoms::default();
                        atomiser.cut(&text, std::iter::once(Span { start: 0, end: text.len() }), &mut atoms);
                        let found: Vec<_> =
                            atoms.starts().iter().copied().zip(atoms.ends().iter().copied()).collect();
                        assert_eq!(
                            found,
                            slow_runs(&boundaries, &text),
                            "{level:?} {mode:?} {:?}",
                            text.escape_ascii().to_string()
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn documents_end_atoms() {
        let mut atoms = Atoms::default();
        let spans = [(0, 3), (3, 3), (3, 6), (6, 8)].map(|(start, end)| Span { start, end });
        Atomiser::new(boundaries(MatchMode::Word), Marks::none(&boundaries(MatchMode::Word))).cut(
            "abcde é".as_bytes(),
            spans.into_iter(),
            &mut atoms,
        );
        assert_eq!((atoms.starts(), atoms.ends()), (&[0, 3, 6][..], &[3, 5, 8][..]));
        // A character cut by a document's end is no character.
        let spans = [(0, 1), (1, 2)].map(|(start, end)| Span { start, end });
        Atomiser::new(boundaries(MatchMode::Word), Marks::all()).cut("é".as_bytes(), spans.into_iter(), &mut atoms);
        assert_eq!((atoms.starts(), atoms.ends()), (&[0, 1][..], &[1, 2][..]));
    }
}
