//! Any number of substrings with wildcards in one pass: a double-array Aho-Corasick automaton.
//!
//! The crate `daachorse` is fast at any number of literals, if not always the fastest (12 bytes a state); it reports every
//! occurrence, also those inside and across others. Of a glob the automaton finds the first literal, from which the rest
//! is matched: see [`rest`]. Only for substring mode, where some form has wildcards: without any, `substrings` is faster.

mod rest;

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
use rest::{FormGlob, InDocument};

/// Text that is gone through at a time, at least: few enough that what begins in it can wait.
const STRETCH: usize = 2 << 10;

/// Literals that are found before it is asked whether to go on.
const ASKED: usize = 4 << 10;

/// In a longer run, globs that begin with a gap are looked for at once, not when what they begin with is found: so what was
/// found since the run began need not wait for them.
const LONG_RUN: usize = 64 << 10;

/// Bytes of a character, at most.
const MOST_BYTES: usize = 4;

/// A form that is a literal, in place of one.
const NONE: u32 = u32::MAX;

pub struct Globs {
    boundaries: Boundaries,
    /// Finds literals, each with its number.
    automaton: Option<DoubleArrayAhoCorasick<u32>>,
    /// By literal.
    uses: Vec<Uses>,
    globs: Vec<FormGlob>,
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
struct Literals<'f> {
    numbers: HashMap<Cow<'f, [u8]>, u32, RandomState>,
    uses: Vec<Uses>,
}

impl<'f> Literals<'f> {
    fn uses_of(&mut self, literal: Cow<'f, [u8]>) -> &mut Uses {
        let next = self.uses.len() as u32;
        let number = *self.numbers.entry(literal).or_insert(next);
        if number == next {
            self.uses.push(Uses { pattern: NONE, globs: Vec::new() });
        }
        &mut self.uses[number as usize]
    }
}

/// What a literal is good for.
struct Uses {
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
        let mut literals = Literals::default();
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
                    let glob = FormGlob::new(boundaries, number, id, text);
                    match glob.first_literal() {
                        Some(literal) => literals.uses_of(Cow::Owned(literal)).globs.push(number),
                        None => without_literal.push(number),
                    }
                    globs.push(glob);
                }
                Pattern::Regex(_) => panic!("`globs` knows no regular expressions"),
            }
        }
        let Literals { numbers, uses } = literals;
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
        let most_ones = globs.iter().map(FormGlob::ones).max().unwrap_or(0);
        let most_before = longest + MOST_BYTES * most_ones;
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
    fn stretch(&self) -> usize {
        STRETCH.max(4 * self.longest)
    }

    /// Reports the globs in a stretch of a document, and the literals among them.
    fn scan_stretch(
        &self,
        globs: &mut InDocument<'_>,
        document: Document<'_>,
        stretch: Range<usize>,
        callback: &mut impl MatchCallback,
    ) {
        let Document { text, base } = document;
        globs.go_on_all(stretch.end, callback);
        if let Some(automaton) = &self.automaton {
            // As far back as one of them can reach.
            let first = stretch.start.saturating_sub(self.longest - 1);
            for (count, literal) in automaton.find_overlapping_iter(&text[first..stretch.end]).enumerate() {
                let (start, end) = (first + literal.start(), first + literal.end());
                if end <= stretch.start {
                    continue;
                }
                let Uses { pattern, globs: begun } = &self.uses[literal.value() as usize];
                if *pattern != NONE {
                    callback.on_match(*pattern, base + start, base + end);
                }
                begun.iter().for_each(|&glob| globs.report_from_literal(glob, start, stretch.end, callback));
                if count % ASKED == ASKED - 1 && callback.cancelled() {
                    return;
                }
            }
        }
        for &glob in &self.without_literal {
            globs.everywhere(glob, stretch.start, stretch.end, callback);
        }
    }

    fn scan_document(&self, globs: &mut InDocument<'_>, document: Document<'_>, callback: &mut impl MatchCallback) {
        let Document { text, base } = document;
        // Globs that begin with a gap may begin where a run does, though what they begin with stands at its end. No literal
        // that is still to come begins before `place`; the run that reaches it begins at `run_start`.
        let (mut place, mut run_start) = (0, 0);
        // In runs that begin before this place they are all reported as far as the stretch goes.
        let mut done = 0;
        for start in (0..text.len()).step_by(self.stretch()) {
            let stretch = start..text.len().min(start + self.stretch());
            self.scan_stretch(globs, document, stretch.clone(), callback);
            if callback.cancelled() {
                return;
            }
            let mut passed = stretch.end.saturating_sub(self.most_before);
            if !self.gap_led.is_empty() {
                let before = std::mem::replace(&mut place, stretch.end.saturating_sub(self.longest));
                run_start = self.last_break(text, before..place).unwrap_or(run_start);
                if place - run_start > LONG_RUN && done <= run_start {
                    done = place;
                    self.gap_led.iter().for_each(|&glob| globs.in_run(glob, run_start, stretch.end, callback));
                }
                if done <= run_start {
                    passed = passed.min(run_start);
                }
            }
            callback.passed(base + passed);
        }
    }

    /// The place behind the last character of a stretch that is in no run.
    fn last_break(&self, text: &[u8], stretch: Range<usize>) -> Option<usize> {
        let mut at = stretch.end;
        while splits_symbol(text, at) {
            at -= 1;
        }
        while at > stretch.start {
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
    type Scratch = rest::Buffers;

    fn scan(&self, batch: Batch<'_>, buffers: &mut rest::Buffers, callback: &mut impl MatchCallback) {
        for (text, base) in batch.documents() {
            let mut globs = InDocument::new(&self.boundaries, &self.globs, text, base, buffers);
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
            let occurrences = self
                .automaton
                .iter()
                .flat_map(|automaton| automaton.find_overlapping_no_suffix_iter(&window[base..]))
                .map(|found| (base + found.start(), base + found.end()));
            clean_split(occurrences, window, from, self.longest, false)
        };
        // A glob goes over characters of runs and those that it holds: it ends at a character that is neither.
        let mut at = from;
        loop {
            let place = literals_cut(at)?;
            let (c, len) = first_char(&window[place..]);
            if len == 0 {
                return None;
            }
            if !self.boundaries.is_word_char(c)
                && self.globs.iter().all(|glob| !glob.holds(&window[place..place + len]))
            {
                return Some(place);
            }
            at = place + len;
        }
    }

    fn overlaps_itself(&self, pattern: u32) -> bool {
        self.may_overlap[pattern as usize]
    }
}
