//! Cuts text into atoms: where each begins and ends.
//!
//! In word mode an atom is a run of word characters or one *mark*, any other character but white space; in token mode it
//! is a run of anything but white space. Marks that no form contains are left out: they only stand between atoms.
//!
//! Each step is a pass of its own over a window of text: a bit for each byte that is part of a word, then bits where
//! atoms begin and end, then their places. Fused into one loop over characters it took 30 instructions a byte, most of
//! them waiting for the one before; in passes the compiler makes vector code of the first, and the others have few
//! branches.

use super::super::super::runs::{Match, Runs};
use super::super::super::text::Span;
use super::super::super::unicode::{first_char, is_space};

/// A set of marks, by their first byte.
#[derive(Clone)]
pub struct Marks {
    ascii: [bool; 128],
    any_ascii: bool,
    /// Whether marks that are not ASCII are atoms, bytes outside valid UTF-8 among them.
    pub high: bool,
}

impl Marks {
    pub fn all() -> Self {
        Self { ascii: [true; 128], any_ascii: true, high: true }
    }

    pub fn none() -> Self {
        Self { ascii: [false; 128], any_ascii: false, high: false }
    }

    pub fn add(&mut self, first_byte: u8) {
        match self.ascii.get_mut(first_byte as usize) {
            Some(mark) => {
                *mark = true;
                self.any_ascii = true;
            }
            None => self.high = true,
        }
    }
}

/// Cuts text by one rule.
pub struct Atomiser {
    runs: Runs,
    /// Further word characters that are ASCII.
    further: Vec<u8>,
    pub marks: Marks,
}

/// The atoms of a window, and the buffers that they are made with. Places are counted from the window's beginning.
#[derive(Default)]
pub struct Atoms {
    len: usize,
    starts: Vec<u32>,
    ends: Vec<u32>,
    /// A bit for each byte: part of a run; not ASCII; the first and the last of an atom.
    run: Vec<u64>,
    high: Vec<u64>,
    first: Vec<u64>,
    last: Vec<u64>,
}

impl Atoms {
    /// Where each atom begins, in order.
    pub fn starts(&self) -> &[u32] {
        &self.starts[..self.len]
    }

    /// Where each atom ends.
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
    pub fn new(runs: Runs, marks: Marks) -> Self {
        let further = runs.word_chars.iter().filter_map(|c| u8::try_from(c).ok()).filter(u8::is_ascii).collect();
        Self { runs, further, marks }
    }

    pub fn runs(&self) -> &Runs {
        &self.runs
    }

    /// Whether the atom that begins with these bytes is a mark.
    pub fn is_mark(&self, text: &[u8]) -> bool {
        self.class(first_char(text).0) == Class::Mark
    }

    /// What a character is; `None` is a byte outside valid UTF-8.
    pub fn class(&self, c: Option<char>) -> Class {
        match c {
            _ if self.runs.hold(c) => Class::Run,
            Some(c) if is_space(c) => Class::Space,
            _ => Class::Mark,
        }
    }

    /// Cuts a window into atoms. `documents` are those that reach into the window, at places of the window; an atom
    /// ends with its document.
    pub fn cut(&self, window: &[u8], documents: impl Iterator<Item = Span> + Clone, atoms: &mut Atoms) {
        let words = window.len().div_ceil(64);
        let Atoms { len, starts, ends, run, high, first, last } = atoms;
        for mask in [&mut *run, &mut *high, &mut *first, &mut *last] {
            mask.clear();
            mask.resize(words, 0);
        }
        let any_high = self.classify(window, run, high);
        if self.runs.rule == Match::Word && self.marks.any_ascii {
            for (at, &byte) in window.iter().enumerate() {
                let is_mark =
                    byte.is_ascii() && self.marks.ascii[byte as usize] && !bit(run, at) && !is_space(byte as char);
                first[at / 64] |= u64::from(is_mark) << (at % 64);
            }
            last.copy_from_slice(first);
        }
        if any_high {
            for document in documents.clone() {
                self.classify_high(window, document, run, high, first, last);
            }
        }
        // A run begins where the byte before is in none, and ends where the byte behind is in none.
        for at in 0..words {
            let before = if at == 0 { 0 } else { run[at - 1] >> 63 };
            let behind = run.get(at + 1).map_or(0, |next| next << 63);
            first[at] |= run[at] & !(run[at] << 1 | before);
            last[at] |= run[at] & !(run[at] >> 1 | behind);
        }
        for document in documents {
            if document.start < document.end && bit(run, document.start) {
                set(first, document.start);
            }
            if document.start < document.end && bit(run, document.end - 1) {
                set(last, document.end - 1);
            }
        }
        *len = places(first, 0, starts);
        let ended = places(last, 1, ends);
        debug_assert_eq!(*len, ended);
    }

    /// Sets the bits of ASCII runs and those of bytes that are not ASCII; tells whether there are any of the latter.
    fn classify(&self, window: &[u8], run: &mut [u64], high: &mut [u64]) -> bool {
        let is_token = self.runs.rule == Match::Token;
        let mut any_high = 0;
        for ((bytes, run), high) in window.chunks(64).zip(run).zip(high) {
            // A full chunk is copied with a length known to the compiler, which makes vector code of what follows.
            let mut chunk = [b' '; 64];
            match bytes.first_chunk::<64>() {
                Some(full) => chunk = *full,
                None => chunk[..bytes.len()].copy_from_slice(bytes),
            }
            *run = if is_token { bits(&chunk, is_token_byte) } else { bits(&chunk, is_word_byte) };
            for &further in &self.further {
                *run |= bits(&chunk, |byte| u8::from(byte == further));
            }
            *high = bits(&chunk, |byte| byte >> 7);
            any_high |= *high;
        }
        any_high != 0
    }

    /// Decides about the characters of a document that are not ASCII.
    fn classify_high(
        &self,
        window: &[u8],
        document: Span,
        run: &mut [u64],
        high: &[u64],
        first: &mut [u64],
        last: &mut [u64],
    ) {
        let mut at = document.start;
        while let Some(next) = next_bit(high, at, document.end) {
            let (c, len) = first_char(&window[next..document.end]);
            match self.class(c) {
                Class::Run => (next..next + len).for_each(|byte| set(run, byte)),
                Class::Mark if self.marks.high => {
                    set(first, next);
                    set(last, next + len - 1);
                }
                Class::Mark | Class::Space => {}
            }
            at = next + len;
        }
    }
}

/// 1 for an ASCII word character, without a branch.
#[inline(always)]
fn is_word_byte(byte: u8) -> u8 {
    let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
    let digit = byte.wrapping_sub(b'0') < 10;
    u8::from(letter | digit | (byte == b'_'))
}

/// 1 for an ASCII character that is no white space.
#[inline(always)]
fn is_token_byte(byte: u8) -> u8 {
    u8::from(byte.is_ascii() & (byte != b' ') & (byte.wrapping_sub(b'\t') >= 5))
}

/// A bit for each byte, from a flag of 0 or 1 for each.
#[inline(always)]
fn bits(chunk: &[u8; 64], flag: impl Fn(u8) -> u8) -> u64 {
    let flags = chunk.map(flag);
    let mut bits = 0;
    for (at, eight) in flags.as_chunks::<8>().0.iter().enumerate() {
        // The product has flag `i` at bit `56 + i`.
        bits |= (u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * at);
    }
    bits
}

fn bit(mask: &[u64], at: usize) -> bool {
    mask[at / 64] >> (at % 64) & 1 == 1
}

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

/// Puts the places of all set bits, plus `add`, at the beginning of `places`, which only grows; returns how many.
///
/// Sixteen places are written for each word, whether it has as many bits or not: a branch for each bit would often be
/// mispredicted, and few words have more.
fn places(mask: &[u64], add: u32, places: &mut Vec<u32>) -> usize {
    const AT_ONCE: usize = 16;
    let mut len = 0;
    for (word, at) in mask.iter().zip((add..).step_by(64)) {
        let mut rest = *word;
        let end = len + rest.count_ones() as usize;
        if places.len() < len + 64 {
            places.resize(2 * len + 64, 0);
        }
        let mut written = len;
        while written < end {
            for place in &mut places[written..written + AT_ONCE] {
                *place = at + rest.trailing_zeros();
                rest &= rest.wrapping_sub(1);
            }
            written += AT_ONCE;
        }
        len = end;
    }
    len
}

#[cfg(test)]
mod tests {
    use super::super::super::super::runs::WordChars;
    use super::super::super::super::unicode::is_word;
    use super::*;

    fn runs(rule: Match) -> Runs {
        Runs { rule, ..Runs::default() }
    }

    fn cut(rule: Match, marks: Marks, text: &str) -> Vec<&str> {
        cut_by(Atomiser::new(runs(rule), marks), text)
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
        assert_eq!(cut(Match::Word, Marks::all(), text), marked);
        assert_eq!(cut(Match::Word, Marks::none(), text), ["a_1", "C", "naïve", "日本\u{300}e"]);
        let mut plus = Marks::none();
        plus.add(b'+');
        assert_eq!(cut(Match::Word, plus, text), ["a_1", "C", "+", "+", "naïve", "日本\u{300}e"]);
        assert_eq!(cut(Match::Token, Marks::none(), text), ["a_1", "C++,", "»naïve«", "日本\u{300}e"]);
    }

    #[test]
    fn further_word_characters_join_atoms() {
        let word_chars = WordChars::new("-’'").unwrap();
        let atomiser = Atomiser::new(Runs { rule: Match::Word, word_chars }, Marks::all());
        let text = "state-of don't don’t 'tis a–b - ".repeat(3);
        let once = ["state-of", "don't", "don’t", "'tis", "a", "–", "b", "-"];
        assert_eq!(cut_by(atomiser, &text), once.repeat(3));
    }

    #[test]
    fn every_byte_is_classified_as_its_character() {
        for byte in 0..=127u8 {
            assert_eq!(is_word_byte(byte) == 1, is_word(byte as char), "{byte}");
            assert_eq!(is_token_byte(byte) == 1, !is_space(byte as char), "{byte}");
        }
        assert!((128..=255).all(|byte| is_word_byte(byte) == 0 && is_token_byte(byte) == 0));
    }

    #[test]
    fn atoms_at_every_edge() {
        for lead in 0..140 {
            for word in ["w", "Ж", "日", "𝒳", "ab", "+"] {
                let text = format!("{}{word}{}", " ".repeat(lead), ".".repeat(lead % 7));
                let mut marks = Marks::none();
                marks.add(b'+');
                assert_eq!(cut(Match::Word, marks, &text), [word], "{lead}");
            }
        }
    }

    #[test]
    fn documents_end_atoms() {
        let mut atoms = Atoms::default();
        let spans = [(0, 3), (3, 3), (3, 6), (6, 8)].map(|(start, end)| Span { start, end });
        Atomiser::new(runs(Match::Word), Marks::none()).cut("abcde é".as_bytes(), spans.into_iter(), &mut atoms);
        assert_eq!((atoms.starts(), atoms.ends()), (&[0, 3, 6][..], &[3, 5, 8][..]));
        // A character cut by a document's end is no character.
        let spans = [(0, 1), (1, 2)].map(|(start, end)| Span { start, end });
        Atomiser::new(runs(Match::Word), Marks::all()).cut("é".as_bytes(), spans.into_iter(), &mut atoms);
        assert_eq!((atoms.starts(), atoms.ends()), (&[0, 1][..], &[1, 2][..]));
    }
}
