//! The globs engine.
//!
//! - **What it does:** finds any number of globs anywhere in the text, and literals among them.
//! - **Name and source:** Aho-Corasick (crate `daachorse`) finds a glob's first literal; the rest is verified
//!   ([`verify`]), our own.
//! - **Chosen for:** substring mode if some term has wildcards.
//! - **Cost:** one pass, and one comparison per match. Two cores, 10,000 to 10 terms: 40 to 540 MB/s with `word*`, 10
//!   to 240 MB/s with `*word`.

mod verify;

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use daachorse::DoubleArrayAhoCorasick;
use foldhash::fast::RandomState;

use super::engine::{Engine, MatchCallback, clean_split, overlaps_itself};
use crate::core::base::error::CountError;
use crate::core::documents::batch::Batch;
use crate::core::terms::patterns::Pattern;
use crate::core::text::boundaries::Boundaries;
use crate::core::text::unicode::{first_char, last_symbol_len, splits_symbol};
use verify::{DocumentGlobs, PatternGlob};

/// The fewest bytes of a slice. Small, since matches that begin in it may have to wait for its end.
const SLICE_BYTES: usize = 2 << 10;

/// Literals between two checks for cancellation.
const CHECK_EVERY: usize = 4 << 10;

/// In longer words, globs that begin with a gap are searched immediately, not when their literal is found. So the
/// matches since the word's start need not wait for them.
const LONG_WORD: usize = 64 << 10;

/// The most bytes of a character.
const MAX_CHAR_BYTES: usize = 4;

/// Instead of a pattern: the literal is only part of globs.
const NO_PATTERN: u32 = u32::MAX;

pub struct Globs {
    boundaries: Boundaries,
    /// Finds literals. The value of a literal is its number.
    automaton: Option<DoubleArrayAhoCorasick<u32>>,
    /// By literal.
    uses: Vec<LiteralUses>,
    globs: Vec<PatternGlob>,
    /// Globs that have only wildcards.
    without_literal: Vec<u32>,
    /// By pattern.
    may_overlap: Vec<bool>,
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
    /// The globs with this first literal.
    globs: Vec<u32>,
}

impl Globs {
    /// Patterns get the ids `0..patterns.len()`.
    pub fn new<'f>(
        boundaries: &Boundaries,
        patterns: impl ExactSizeIterator<Item = Pattern<'f>>,
    ) -> Result<Self, CountError> {
        let mut literals = LiteralTable::default();
        let mut globs = Vec::new();
        let mut without_literal = Vec::new();
        let mut may_overlap = Vec::with_capacity(patterns.len());
        for (id, pattern) in (0..).zip(patterns) {
            match pattern {
                Pattern::Literal(bytes) => {
                    may_overlap.push(overlaps_itself(bytes));
                    literals.uses_of(Cow::Borrowed(bytes)).pattern = id;
                }
                Pattern::Glob(text) => {
                    may_overlap.push(true);
                    let number = globs.len() as u32;
                    let glob = PatternGlob::new(boundaries, number, id, text);
                    match glob.first_literal() {
                        Some(literal) => literals.uses_of(Cow::Owned(literal)).globs.push(number),
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
        let gap_led = |number: &u32| {
            globs[*number as usize].begins_with_gap() && without_literal.binary_search(number).is_err()
        };
        let gap_led: Vec<u32> = (0..globs.len() as u32).filter(gap_led).collect();
        let most_ones = globs.iter().map(PatternGlob::ones).max().unwrap_or(0);
        let most_before = longest + MAX_CHAR_BYTES * most_ones;
        Ok(Self {
            boundaries: boundaries.clone(),
            automaton,
            uses,
            globs,
            without_literal,
            may_overlap,
            longest,
            gap_led,
            most_before,
        })
    }

    /// The bytes of a slice. Longer if literals are long, since each slice rescans the length of a literal.
    fn slice_bytes(&self) -> usize {
        SLICE_BYTES.max(4 * self.longest)
    }

    /// Reports the globs in a slice of a document, and the literals.
    fn scan_slice(
        &self,
        globs: &mut DocumentGlobs<'_>,
        document: Document<'_>,
        slice: Range<usize>,
        callback: &mut impl MatchCallback,
    ) {
        let Document { text, base } = document;
        globs.continue_all(slice.end, callback);
        if let Some(automaton) = &self.automaton {
            // Begins earlier, by the length of a literal.
            let first = slice.start.saturating_sub(self.longest - 1);
            for (count, literal) in automaton.find_overlapping_iter(&text[first..slice.end]).enumerate() {
                let (start, end) = (first + literal.start(), first + literal.end());
                if end <= slice.start {
                    continue;
                }
                let LiteralUses { pattern, globs: begun } = &self.uses[literal.value() as usize];
                if *pattern != NO_PATTERN {
                    callback.on_match(*pattern, base + start, base + end);
                }
                begun.iter().for_each(|&glob| globs.report_from_literal(glob, start, slice.end, callback));
                if count % CHECK_EVERY == CHECK_EVERY - 1 && callback.cancelled() {
                    return;
                }
            }
        }
        for &glob in &self.without_literal {
            globs.report_everywhere(glob, slice.start, slice.end, callback);
        }
    }

    fn scan_document(
        &self,
        globs: &mut DocumentGlobs<'_>,
        document: Document<'_>,
        callback: &mut impl MatchCallback,
    ) {
        let Document { text, base } = document;
        // A glob that begins with a gap may match from the start of a word, though its literal is at the word's end.
        // No later literal begins before `position`. The word at `position` begins at `word_start`.
        let (mut position, mut word_start) = (0, 0);
        // In words that begin before this position, all of them are reported up to the slice's end.
        let mut done = 0;
        for start in (0..text.len()).step_by(self.slice_bytes()) {
            let slice = start..text.len().min(start + self.slice_bytes());
            self.scan_slice(globs, document, slice.clone(), callback);
            if callback.cancelled() {
                return;
            }
            let mut passed = slice.end.saturating_sub(self.most_before);
            if !self.gap_led.is_empty() {
                let before = std::mem::replace(&mut position, slice.end.saturating_sub(self.longest));
                word_start = self.last_word_break(text, before..position).unwrap_or(word_start);
                if position - word_start > LONG_WORD && done <= word_start {
                    done = position;
                    self.gap_led.iter().for_each(|&glob| globs.in_word(glob, word_start, slice.end, callback));
                }
                if done <= word_start {
                    passed = passed.min(word_start);
                }
            }
            callback.passed(base + passed);
        }
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

/// A document, and its start in the batch.
#[derive(Clone, Copy)]
struct Document<'t> {
    text: &'t [u8],
    base: usize,
}

impl Engine for Globs {
    type Scratch = verify::GlobsScratch;

    fn scan(&self, batch: Batch<'_>, scratch: &mut verify::GlobsScratch, callback: &mut impl MatchCallback) {
        for (text, base) in batch.documents() {
            let mut globs = DocumentGlobs::new(&self.boundaries, &self.globs, text, base, scratch);
            self.scan_document(&mut globs, Document { text, base }, callback);
            if callback.cancelled() {
                return;
            }
            callback.end_document();
        }
    }

    fn split_context(&self) -> usize {
        self.longest
    }

    fn split_point(&self, window: &[u8], from: usize) -> Option<usize> {
        let literals_cut = |from: usize| {
            let base = from.saturating_sub(self.longest);
            let matches = self
                .automaton
                .iter()
                .flat_map(|automaton| automaton.find_overlapping_no_suffix_iter(&window[base..]))
                .map(|found| (base + found.start(), base + found.end()));
            clean_split(matches, window, from, self.longest, false)
        };
        // A glob matches only word characters and the characters of its literals. So no match crosses another
        // character.
        let mut at = from;
        loop {
            let position = literals_cut(at)?;
            let (c, len) = first_char(&window[position..]);
            if len == 0 {
                return None;
            }
            if !self.boundaries.is_word_char(c)
                && self.globs.iter().all(|glob| !glob.contains(&window[position..position + len]))
            {
                return Some(position);
            }
            at = position + len;
        }
    }

    fn overlaps_itself(&self, pattern: u32) -> bool {
        self.may_overlap[pattern as usize]
    }
}
