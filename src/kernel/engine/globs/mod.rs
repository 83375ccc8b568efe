//! Any number of substrings with wildcards in one pass: a double-array Aho-Corasick automaton.
//!
//! The crate `daachorse` is fast at any number of literals, if not always the fastest (12 bytes a state); it reports every
//! occurrence, also those inside and across others. Of a glob the automaton finds the first literal, from which the rest
//! is matched: see [`rest`]. Only for substring mode, where some form has wildcards: without any, `substrings` is faster.

pub mod rest;

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use daachorse::DoubleArrayAhoCorasick;
use foldhash::fast::RandomState;

use super::super::batch::Batch;
use super::super::error::CountError;
use super::super::runs::Runs;
use super::super::terms::Form;
use super::super::unicode::first_char;
use super::{CANCEL_BYTES, Engine, Scratch, Sink, clean_cut, overlaps_itself};
use rest::{FormGlob, InDocument};

/// A form that is a literal, in place of one.
const NONE: u32 = u32::MAX;

pub struct Globs {
    runs: Runs,
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
            self.uses.push(Uses { form: NONE, globs: Vec::new() });
        }
        &mut self.uses[number as usize]
    }
}

/// What a literal is good for.
struct Uses {
    /// The form that it is.
    form: u32,
    /// The globs of which it is the first literal.
    globs: Vec<u32>,
}

impl Globs {
    /// For the forms with ids `0..forms.len()`.
    pub fn new<'f>(runs: &Runs, forms: impl ExactSizeIterator<Item = Form<'f>>) -> Result<Self, CountError> {
        let mut literals = Literals::default();
        let mut globs = Vec::new();
        let mut without_literal = Vec::new();
        let mut may_overlap = Vec::with_capacity(forms.len());
        for (id, form) in (0..).zip(forms) {
            match form {
                Form::Literal(bytes) => {
                    may_overlap.push(overlaps_itself(bytes));
                    literals.uses_of(Cow::Borrowed(bytes)).form = id;
                }
                Form::Glob(text) => {
                    may_overlap.push(true);
                    let number = globs.len() as u32;
                    let glob = FormGlob::new(number, id, text);
                    match glob.first_literal() {
                        Some(literal) => literals.uses_of(Cow::Owned(literal)).globs.push(number),
                        None => without_literal.push(number),
                    }
                    globs.push(glob);
                }
                Form::Regex(_) => panic!("`globs` knows no regular expressions"),
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
        Ok(Self { runs: runs.clone(), automaton, uses, globs, without_literal, may_overlap, longest })
    }

    /// Calls `found` with each literal that ends in a stretch of a document: its number, start and end, in order of ends.
    #[inline(always)]
    fn literals(&self, text: &[u8], stretch: Range<usize>, mut found: impl FnMut(u32, usize, usize)) {
        let Some(automaton) = &self.automaton else { return };
        // As far back as one of them can reach.
        let base = stretch.start.saturating_sub(self.longest - 1);
        for literal in automaton.find_overlapping_iter(&text[base..stretch.end]) {
            if base + literal.end() > stretch.start {
                found(literal.value(), base + literal.start(), base + literal.end());
            }
        }
    }

    /// Reports the globs in a stretch of a document, and the literals among them.
    fn scan_globs(
        &self,
        globs: &mut InDocument<'_>,
        text: &[u8],
        stretch: Range<usize>,
        mut hit: impl FnMut(u32, usize, usize),
    ) {
        self.literals(text, stretch.clone(), |literal, start, end| {
            let Uses { form, globs: begun } = &self.uses[literal as usize];
            if *form != NONE {
                hit(*form, start, end);
            }
            begun.iter().for_each(|&glob| globs.from_literal(glob, start, &mut hit));
        });
        for &glob in &self.without_literal {
            globs.everywhere(glob, stretch.start, stretch.end, &mut hit);
        }
    }
}

impl Engine for Globs {
    fn scan(&self, batch: Batch<'_>, scratch: &mut Scratch, sink: &mut impl Sink) {
        for (text, document) in batch.documents() {
            let mut globs = InDocument::new(&self.runs, &self.globs, text, &mut scratch.globs);
            // A long document goes by stretches; each takes the literals that end in it.
            for stretch in (0..text.len()).step_by(CANCEL_BYTES) {
                let stretch = stretch..text.len().min(stretch + CANCEL_BYTES);
                let hit = |form, start, end| sink.hit(form, document + start, document + end);
                self.scan_globs(&mut globs, text, stretch, hit);
                if sink.cancelled() {
                    return;
                }
            }
            sink.end_document();
        }
    }

    fn reach(&self) -> usize {
        self.longest
    }

    fn cut(&self, window: &[u8], from: usize) -> Option<usize> {
        let literals_cut = |from: usize| {
            let base = from.saturating_sub(self.longest);
            let occurrences = self
                .automaton
                .iter()
                .flat_map(|automaton| automaton.find_overlapping_iter(&window[base..]))
                .map(|found| (base + found.start(), base + found.end()));
            clean_cut(occurrences, window, from, self.longest, false)
        };
        // A glob goes over characters of runs and those that it holds: it ends at a character that is neither.
        let mut at = from;
        loop {
            let place = literals_cut(at)?;
            let (c, len) = first_char(&window[place..]);
            if len == 0 {
                return None;
            }
            if !self.runs.hold(c) && self.globs.iter().all(|glob| !glob.holds(&window[place..place + len])) {
                return Some(place);
            }
            at = place + len;
        }
    }

    fn overlaps_itself(&self, form: u32) -> bool {
        self.may_overlap[form as usize]
    }
}
