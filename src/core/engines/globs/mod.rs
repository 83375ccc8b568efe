//! Any number of substrings with wildcards in one pass: a double-array Aho-Corasick automaton.
//!
//! The crate `daachorse` is fast at any number of literals, if not always the fastest (12 bytes a state); it reports every
//! occurrence, also those inside and across others. Of a glob the automaton finds the first literal, from which the rest
//! is matched: see [`verify`]. Only for substring mode, where some form has wildcards: without any, `substrings` is faster.

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

/// Text that is gone through at a time, at least: few enough that what begins in it can wait.
const SLICE_BYTES: usize = 2 << 10;

/// Literals that are found before it is asked whether to go on.
const CHECK_EVERY: usize = 4 << 10;

/// In a longer run, globs that begin with a gap are looked for at once, not when what they begin with is found: so what was
/// found since the run began need not wait for them.
const LONG_WORD: usize = 64 << 10;

/// Bytes of a character, at most.
const MAX_CHAR_BYTES: usize = 4;

/// A form that is a literal, in place of one.
const NO_PATTERN: u32 = u32::MAX;

pub struct Globs {
    boundaries: Boundaries,
    /// Finds literals, each with its number.
    automaton: Option<DoubleArrayAhoCorasick<u32>>,
    /// By literal.
    uses: Vec<LiteralUses>,
    globs: Vec<PatternGlob>,
    /// Globs of wildcards alone.
    without_literal: Vec<u32>,
    /// Indexed by form.
    may_overlap: Vec<bool>,
    /// Bytes of the longest literal.
    longest: usize,
    /// Globs that begin with a gap.
    gap_led: Vec<u32>,
    /// How far before a literal's end an occurrence of another glob may begin.
    most_before: usize,
}

/// The literals to be found, numbered in the order in which they came.
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

/// What a literal is good for.
struct LiteralUses {
    /// The form that it is.
    pattern: u32,
    /// The globs of which it is the first literal.
    globs: Vec<u32>,
}

impl Globs {
    /// For the forms with ids `0..patterns.len()`.
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
                Pattern::Regex(_) => panic!("`globs` knows no regular expressions"),
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

    /// Text that is gone through at a time: more where literals are so long that what is gone through twice would weigh.
    fn slice_bytes(&self) -> usize {
        SLICE_BYTES.max(4 * self.longest)
    }

    /// Reports the globs in a stretch of a document, and the literals among them.
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
            // As far back as one of them can reach.
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
        // Globs that begin with a gap may begin where a run does, though what they begin with stands at its end. No literal
        // that is still to come begins before `position`; the run that reaches it begins at `word_start`.
        let (mut position, mut word_start) = (0, 0);
        // In runs that begin before this place they are all reported as far as the stretch goes.
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

    /// The place behind the last character of a stretch that is in no run.
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

/// A document, and where it begins in its batch.
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
        // A glob goes over characters of runs and those that it holds: it ends at a character that is neither.
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
