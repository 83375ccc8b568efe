//! Any number of substrings in one pass: a double-array Aho-Corasick automaton.
//!
//! The crate `daachorse` is fast at any number of terms, if not always the fastest (12 bytes a state); it reports every
//! occurrence, also those inside and across others. Only for substring mode: with boundaries, `words` is faster.

use daachorse::DoubleArrayAhoCorasick;

use super::super::batch::Batch;
use super::super::error::CountError;
use super::{CANCEL_BYTES, Engine, Scratch, Sink, clean_cut, has_border};

pub struct Substrings {
    automaton: DoubleArrayAhoCorasick<u32>,
    /// Indexed by form.
    has_border: Vec<bool>,
    longest: usize,
}

impl Substrings {
    /// For the forms with ids `0..forms.len()`.
    pub fn new<'f>(forms: impl ExactSizeIterator<Item = &'f [u8]> + Clone) -> Result<Self, CountError> {
        Ok(Self {
            has_border: forms.clone().map(has_border).collect(),
            longest: forms.clone().map(<[u8]>::len).max().unwrap_or(0),
            automaton: DoubleArrayAhoCorasick::with_values(forms.zip(0..))
                .map_err(|error| CountError::TooManyTerms { reason: error.to_string() })?,
        })
    }
}

impl Engine for Substrings {
    fn scan(&self, batch: Batch<'_>, _: &mut Scratch, sink: &mut impl Sink) {
        let overhang = self.longest - 1;
        for (text, start) in batch.documents() {
            // A long document goes by stretches; each takes the occurrences that end in it, and reads as far back as
            // one of them can reach.
            for stretch in (0..text.len()).step_by(CANCEL_BYTES) {
                let base = stretch.saturating_sub(overhang);
                let most = (stretch + CANCEL_BYTES).min(text.len());
                for found in self.automaton.find_overlapping_iter(&text[base..most]) {
                    if base + found.end() > stretch {
                        sink.hit(found.value(), start + base + found.start(), start + base + found.end());
                    }
                }
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
        let base = from.saturating_sub(self.longest);
        let occurrences = self
            .automaton
            .find_overlapping_iter(&window[base..])
            .map(|found| (base + found.start(), base + found.end()));
        clean_cut(occurrences, window, from, self.longest, false)
    }

    fn overlaps_itself(&self, form: u32) -> bool {
        self.has_border[form as usize]
    }
}
