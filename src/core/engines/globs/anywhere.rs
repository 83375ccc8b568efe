//! Finds globs and literals anywhere in a text, from a literal of each.
//!
//! Aho-Corasick (crate `daachorse`) finds a glob's first literal. Then the rest is verified ([`verify`](super::verify)).

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use daachorse::DoubleArrayAhoCorasick;
use foldhash::fast::RandomState;

use super::pattern_glob::{PatternGlob, Rest};
use super::verify::{DocumentGlobs, GlobsScratch};
use crate::core::base::error::CountError;
use crate::core::engines::engine::{MatchCallback, clean_split};
use crate::core::terms::glob;
use crate::core::terms::patterns::Pattern;
use crate::core::text::boundaries::Boundaries;
use crate::core::text::unicode::{last_symbol_len, splits_symbol};

/// The fewest bytes of a slice. Small, since matches that begin in it may have to wait for its end.
const SLICE_BYTES: usize = 2 << 10;

/// Literals between two checks for cancellation.
const CHECK_EVERY: usize = 4 << 10;

/// In longer words, globs that begin with a gap are searched immediately, not when their literal is found. So the
/// matches since the word's start need not wait for them.
const LONG_WORD: usize = 64 << 10;

/// The most bytes of a character.
pub const MAX_CHAR_BYTES: usize = 4;

/// Instead of a pattern: the literal is only part of globs.
const NO_PATTERN: u32 = u32::MAX;

/// Some of a plan's patterns.
pub struct Anywhere {
    boundaries: Boundaries,
    /// Whether a match that overlaps an earlier match of the same glob is left out.
    apart: bool,
    /// Finds literals. The value of a literal is its number.
    automaton: Option<DoubleArrayAhoCorasick<u32>>,
    /// By literal.
    uses: Vec<LiteralUses>,
    globs: Vec<PatternGlob>,
    /// Globs that have only wildcards.
    without_literal: Vec<u32>,
    /// The length of the longest literal.
    longest: usize,
    /// Globs that begin with a gap and have a literal.
    gap_led: Vec<u32>,
    /// How far before a literal's end a match of another glob may begin.
    most_before: usize,
}

/// The distinct literals, numbered in order.
#[derive(Default)]
struct LiteralTable<'f> {
    numbers: HashMap<Cow<'f, [u8]>, u32, RandomState>,
    uses: Vec<LiteralUses>,
}

impl<'f> LiteralTable<'f> {
    fn uses_of(&mut self, literal: Cow<'f, [u8]>) -> &mut LiteralUses {
        let next = self.uses.len() as u32;
        let number = *self.numbers.entry(literal).or_insert(next);
        if number == next {
            self.uses.push(LiteralUses { pattern: NO_PATTERN, globs: Vec::new() });
        }
        &mut self.uses[number as usize]
    }
}

/// What a literal is used for.
struct LiteralUses {
    /// The pattern that is this literal.
    pattern: u32,
    /// The globs with this first literal, and what must follow it.
    globs: Vec<(u32, Rest)>,
}

/// The scan of a text, slice by slice.
pub struct Scan<'t> {
    engine: &'t Anywhere,
    globs: DocumentGlobs<'t>,
    text: &'t [u8],
    /// The text's start in the batch.
    base: usize,
    /// The start of the next slice.
    next: usize,
    /// All later matches start at or after this position.
    pub passed: usize,
    /// A glob that begins with a gap may match from the start of a word, though its literal is at the word's end. No
    /// later literal begins before `position`. The word at `position` begins at `word_start`.
    position: usize,
    word_start: usize,
    /// In words that begin before this position, all such globs are reported up to the slice's end.
    done: usize,
}

impl Anywhere {
    /// Each pattern comes with its id.
    pub fn new<'f>(
        boundaries: &Boundaries,
        patterns: impl Iterator<Item = (u32, Pattern<'f>)>,
        apart: bool,
    ) -> Result<Self, CountError> {
        let mut literals = LiteralTable::default();
        let mut globs = Vec::new();
        let mut without_literal = Vec::new();
        for (id, pattern) in patterns {
            match pattern {
                Pattern::Literal(bytes) => literals.uses_of(Cow::Borrowed(bytes)).pattern = id,
                Pattern::Glob(text) => {
                    let number = globs.len() as u32;
                    let glob = PatternGlob::new(boundaries, number, id, &glob::items(text));
                    match glob.first_literal() {
                        Some(literal) => {
                            let rest = glob.rest(boundaries);
                            literals.uses_of(Cow::Owned(literal.to_vec())).globs.push((number, rest));
                        }
                        None => without_literal.push(number),
                    }
                    globs.push(glob);
                }
                Pattern::Regex(_) => panic!("`globs` does not serve regular expressions"),
            }
        }
        let LiteralTable { numbers, uses } = literals;
        let longest = numbers.keys().map(|literal| literal.len()).max().unwrap_or(0);
        let automaton = match numbers.is_empty() {
            true => None,
            false => Some(
                DoubleArrayAhoCorasick::with_values(numbers)
                    .map_err(|error| CountError::TooManyTerms { reason: error.to_string() })?,
            ),
        };
        let gap_led =
            |number: &u32| globs[*number as usize].begins_with_gap && without_literal.binary_search(number).is_err();
        let gap_led: Vec<u32> = (0..globs.len() as u32).filter(gap_led).collect();
        let most_ones = globs.iter().map(|glob| glob.ones).max().unwrap_or(0);
        let most_before = longest + MAX_CHAR_BYTES * most_ones;
        Ok(Self {
            boundaries: boundaries.clone(),
            apart,
            automaton,
            uses,
            globs,
            without_literal,
            longest,
            gap_led,
            most_before,
        })
    }

    pub fn is_empty(&self) -> bool {
        self.globs.is_empty() && self.automaton.is_none()
    }

    /// The length of the longest literal.
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// A scan of a text that begins at `base` in the batch.
    pub fn scan<'t>(&'t self, text: &'t [u8], base: usize, scratch: &'t mut GlobsScratch) -> Scan<'t> {
        let globs = DocumentGlobs::new(&self.boundaries, &self.globs, text, base, scratch, self.apart);
        Scan { engine: self, globs, text, base, next: 0, passed: base, position: 0, word_start: 0, done: 0 }
    }

    /// The first position at or after `from` that no match of a literal crosses.
    pub fn literals_split(&self, window: &[u8], from: usize) -> Option<usize> {
        let base = from.saturating_sub(self.longest);
        let matches = self
            .automaton
            .iter()
            .flat_map(|automaton| automaton.find_overlapping_no_suffix_iter(&window[base..]))
            .map(|found| (base + found.start(), base + found.end()));
        clean_split(matches, window, from, self.longest, false)
    }

    /// Whether a literal of a glob contains the first byte of a character.
    pub fn globs_contain(&self, character: &[u8]) -> bool {
        self.globs.iter().any(|glob| glob.contains(character))
    }

    /// The position after the last character in a range that is not a word character.
    fn last_word_break(&self, text: &[u8], slice: Range<usize>) -> Option<usize> {
        let mut at = slice.end;
        while splits_symbol(text, at) {
            at -= 1;
        }
        while at > slice.start {
            if !self.boundaries.word_ends_at(text, at) {
                return Some(at);
            }
            at -= last_symbol_len(&text[..at]);
        }
        None
    }
}

impl Scan<'_> {
    pub fn is_done(&self) -> bool {
        self.next >= self.text.len()
    }

    /// Where the next slice begins in the batch.
    pub fn position(&self) -> usize {
        self.base + self.next
    }

    /// Reports the globs in the next slice, and the literals.
    pub fn step(&mut self, callback: &mut impl MatchCallback) {
        let engine = self.engine;
        // Longer if literals are long, since each slice rescans the length of a literal.
        let end = self.text.len().min(self.next + SLICE_BYTES.max(4 * engine.longest));
        let slice = self.next..end;
        self.scan_slice(slice, callback);
        if callback.cancelled() {
            return;
        }
        let mut passed = end.saturating_sub(engine.most_before);
        if !engine.gap_led.is_empty() {
            let before = std::mem::replace(&mut self.position, end.saturating_sub(engine.longest));
            self.word_start = engine.last_word_break(self.text, before..self.position).unwrap_or(self.word_start);
            if self.position - self.word_start > LONG_WORD && self.done <= self.word_start {
                self.done = self.position;
                engine.gap_led.iter().for_each(|&glob| self.globs.in_word(glob, self.word_start, end, callback));
            }
            if self.done <= self.word_start {
                passed = passed.min(self.word_start);
            }
        }
        self.next = end;
        self.passed = self.base + if self.is_done() { end } else { passed };
    }

    fn scan_slice(&mut self, slice: Range<usize>, callback: &mut impl MatchCallback) {
        let Self { engine, globs, text, base, .. } = self;
        globs.continue_all(slice.end, callback);
        if let Some(automaton) = &engine.automaton {
            // Begins earlier, by the length of a literal.
            let first = slice.start.saturating_sub(engine.longest - 1);
            for (count, literal) in automaton.find_overlapping_iter(&text[first..slice.end]).enumerate() {
                let (start, end) = (first + literal.start(), first + literal.end());
                if end <= slice.start {
                    continue;
                }
                let LiteralUses { pattern, globs: begun } = &engine.uses[literal.value() as usize];
                globs.count_literal();
                if *pattern != NO_PATTERN {
                    callback.on_match(*pattern, *base + start, *base + end);
                }
                for (glob, rest) in begun {
                    if globs.may_follow(rest, start..end, callback) {
                        globs.report_from_literal(*glob, start, slice.end, callback);
                    }
                }
                if count % CHECK_EVERY == CHECK_EVERY - 1 && callback.cancelled() {
                    return;
                }
            }
        }
        for &glob in &engine.without_literal {
            globs.report_everywhere(glob, slice.start, slice.end, callback);
        }
    }
}
