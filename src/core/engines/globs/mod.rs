//! The globs engine.
//!
//! - **What it does:** finds any number of globs anywhere in the text, and literals among them.
//! - **Name and source:** the matches in each word of the text are cached, our own. For a new word, Aho-Corasick (crate
//!   `daachorse`) finds a glob's first literal; the rest is verified, our own.
//! - **Chosen for:** substring mode if some term has wildcards.
//! - **Cost:** one lookup per word of the text, and a few nanoseconds per match.
//!
//! A wildcard matches only word characters. So each match of a glob without other characters is part of one word of
//! the text, and which matches a word contains does not depend on what is around it. Most words repeat. Their matches
//! are found once ([`word_cache`]).
//!
//! The other patterns, with spaces or punctuation, are searched for in whole documents ([`anywhere`]). If words hardly
//! ever repeat, or the literals are so few and rare that looking at each word takes longer, all patterns are.

mod anywhere;
mod byte_sets;
mod pattern_glob;
mod verify;
mod way_choice;
mod word_cache;
mod words_of_batch;

use std::time::Instant;

use super::engine::{Engine, MatchCallback, overlaps_itself};
use super::words::fingerprint::Fingerprinter;
use super::words::punctuation::Punctuation;
use super::words::tokenizer::Tokenizer;
use super::words::window::WINDOW;
use crate::core::base::error::CountError;
use crate::core::base::simd::level;
use crate::core::documents::batch::Batch;
use crate::core::terms::glob;
use crate::core::terms::patterns::Pattern;
use crate::core::text::boundaries::Boundaries;
use crate::core::text::encoding::Span;
use crate::core::text::unicode::first_char;
use anywhere::{Anywhere, MAX_CHAR_BYTES, Scan};
use pattern_glob::is_within_word;
use verify::GlobsScratch as AnywhereScratch;
use way_choice::WayChoice;
pub use way_choice::{Way, WayPolicy};
use word_cache::{NewWord, WordCache};
use words_of_batch::{Word, WordsOfBatch, WordsScratch};

pub struct Globs {
    boundaries: Boundaries,
    /// The patterns whose matches are part of a word, and the others.
    within: Anywhere,
    across: Anywhere,
    /// By pattern.
    may_overlap: Vec<bool>,
    tokenizer: Tokenizer,
    fingerprinter: Fingerprinter,
    policy: WayPolicy,
    /// The bytes of a window, and the most bytes of a cached word.
    window: usize,
    longest_cached: usize,
}

/// A worker's scratch memory.
#[derive(Default)]
pub struct GlobsScratch {
    within: AnywhereScratch,
    across: AnywhereScratch,
    words: WordsScratch,
    cache: WordCache,
    choice: WayChoice,
}

/// How many words ahead the cache is prefetched.
const AHEAD: usize = 16;

impl Globs {
    /// Patterns get the ids `0..patterns.len()`. With `apart`, a match that overlaps an earlier match of the same glob
    /// does not count, so it need not be reported.
    pub fn new<'f>(
        boundaries: &Boundaries,
        patterns: impl ExactSizeIterator<Item = Pattern<'f>>,
        policy: WayPolicy,
        apart: bool,
    ) -> Result<Self, CountError> {
        let mut may_overlap = Vec::with_capacity(patterns.len());
        let (mut within, mut across) = (Vec::new(), Vec::new());
        for (id, pattern) in (0..).zip(patterns) {
            let is_within = match pattern {
                Pattern::Literal(bytes) => is_within_word(boundaries, bytes),
                Pattern::Glob(text) => glob::literals(text).iter().all(|literal| is_within_word(boundaries, literal)),
                Pattern::Regex(_) => panic!("`globs` does not serve regular expressions"),
            };
            may_overlap.push(match pattern {
                Pattern::Literal(bytes) => overlaps_itself(bytes),
                _ => !apart,
            });
            let list = if is_within { &mut within } else { &mut across };
            list.push((id, pattern));
        }
        // Tests look at each byte of few words.
        let [window, longest_cached] =
            if policy == WayPolicy::InTurn { [8, 3] } else { [WINDOW, word_cache::LONGEST] };
        Ok(Self {
            boundaries: boundaries.clone(),
            within: Anywhere::new(boundaries, within.into_iter(), apart)?,
            across: Anywhere::new(boundaries, across.into_iter(), apart)?,
            may_overlap,
            tokenizer: Tokenizer::new(boundaries.clone(), Punctuation::none(boundaries)),
            fingerprinter: Fingerprinter::new(level()),
            policy,
            window,
            longest_cached,
        })
    }

    /// Searches for all patterns in whole documents. Returns false if it was cancelled.
    fn scan_documents(
        &self,
        batch: Batch<'_>,
        scratch: &mut GlobsScratch,
        callback: &mut impl MatchCallback,
    ) -> bool {
        for (text, base) in batch.documents() {
            let within = self.within.scan(text, base, &mut scratch.within);
            let across = self.across.scan(text, base, &mut scratch.across);
            scan_together(within, &mut Some(across).filter(|_| !self.across.is_empty()), callback);
            if callback.cancelled() {
                return false;
            }
            callback.end_document();
        }
        true
    }

    /// Looks up each word, and searches for the other patterns in whole documents. Returns false if it was cancelled.
    fn scan_words(&self, batch: Batch<'_>, scratch: &mut GlobsScratch, callback: &mut impl MatchCallback) -> bool {
        let GlobsScratch { within, across, words, cache, .. } = scratch;
        cache.prepare();
        let mut words = WordsOfBatch::new(&self.tokenizer, &self.fingerprinter, batch, self.window, words);
        for span in batch.spans {
            let text = &batch.text[span.start..span.end];
            let mut across = (!self.across.is_empty()).then(|| self.across.scan(text, span.start, &mut *across));
            while let Some(word) = words.peek(&|| callback.cancelled())
                && word.start < span.end
            {
                if let Some(across) = &mut across {
                    while !across.is_done() && across.position() <= word.start && !callback.cancelled() {
                        across.step(callback);
                        callback.passed(across.passed.min(word.start));
                    }
                } else if words.is_first() {
                    callback.passed(word.start);
                }
                if let Some(ahead) = words.ahead(AHEAD) {
                    cache.prefetch(ahead);
                }
                words.take();
                self.scan_word(&batch.text[word.start..word.end], word, within, &mut across, cache, callback);
            }
            while let Some(across) = across.as_mut().filter(|across| !across.is_done() && !callback.cancelled()) {
                across.step(callback);
                callback.passed(across.passed);
            }
            if callback.cancelled() {
                return false;
            }
            callback.end_document();
        }
        true
    }

    #[inline(always)]
    fn scan_word(
        &self,
        text: &[u8],
        word: Word,
        scratch: &mut AnywhereScratch,
        across: &mut Option<Scan<'_>>,
        cache: &mut WordCache,
        callback: &mut impl MatchCallback,
    ) {
        match word.fingerprint.filter(|_| text.len() <= self.longest_cached) {
            Some(fingerprint) => match cache.get(&fingerprint, text) {
                Some(place) => {
                    for (pattern, (start, end)) in cache.matches(place) {
                        callback.on_match(pattern, word.start + usize::from(start), word.start + usize::from(end));
                    }
                }
                None => {
                    let new = cache.begin();
                    let mut recorder = Recorder { callback, start: word.start, new };
                    let mut scan = self.within.scan(text, word.start, scratch);
                    while !scan.is_done() && !recorder.cancelled() {
                        scan.step(&mut recorder);
                    }
                    recorder.new.end(&fingerprint, text);
                }
            },
            None => scan_together(self.within.scan(text, word.start, scratch), across, callback),
        }
    }
}

/// Scans a text, which may be part of the text of another scan. Stops if it was cancelled.
fn scan_together(mut scan: Scan<'_>, other: &mut Option<Scan<'_>>, callback: &mut impl MatchCallback) {
    while !scan.is_done() && !callback.cancelled() {
        scan.step(callback);
        let mut passed = scan.passed;
        if let Some(other) = other {
            while !other.is_done() && other.position() < scan.position() && !callback.cancelled() {
                other.step(callback);
            }
            passed = passed.min(other.passed);
        }
        callback.passed(passed);
    }
}

/// Reports the matches in a word, and records them.
struct Recorder<'c, C> {
    callback: &'c mut C,
    /// The start of the word.
    start: usize,
    new: NewWord<'c>,
}

impl<C: MatchCallback> MatchCallback for Recorder<'_, C> {
    fn on_match(&mut self, pattern: u32, start: usize, end: usize) {
        self.callback.on_match(pattern, start, end);
        self.new.push((pattern, ((start - self.start) as u8, (end - self.start) as u8)));
    }

    fn on_matches(&mut self, _: u32, _: u64) {
        unreachable!("positions are recorded")
    }

    fn end_document(&mut self) {
        unreachable!("a word is part of a document")
    }

    fn cancelled(&self) -> bool {
        self.callback.cancelled()
    }
}

impl Engine for Globs {
    type Scratch = GlobsScratch;

    fn scan(&self, batch: Batch<'_>, scratch: &mut GlobsScratch, callback: &mut impl MatchCallback) {
        let Batch { text, spans } = batch;
        let mut first = 0;
        while let Some(&Span { start, .. }) = spans.get(first) {
            let (bytes, mut way) = scratch.choice.next(self.policy);
            if self.within.is_empty() {
                way = Way::Documents;
            }
            let count = spans[first..].iter().take_while(|span| span.start < start + bytes).count();
            let documents = &spans[first..first + count];
            let end = documents[count - 1].end;
            let part = Batch { text: &text[..end], spans: documents };
            let (since, found) = (Instant::now(), scratch.within.literals + scratch.across.literals);
            let done = match way {
                Way::Words => self.scan_words(part, scratch, callback),
                Way::Documents => self.scan_documents(part, scratch, callback),
            };
            if !done {
                return;
            }
            let literals = scratch.within.literals + scratch.across.literals - found;
            scratch.choice.record(way, end - start, since.elapsed(), literals);
            first += count;
        }
    }

    fn split_context(&self) -> usize {
        self.across.longest().max(MAX_CHAR_BYTES)
    }

    fn split_point(&self, window: &[u8], from: usize) -> Option<usize> {
        // A glob matches only word characters and the characters of its literals. So no match crosses another
        // character.
        let mut at = from;
        loop {
            let position = self.across.literals_split(window, at)?;
            if position + MAX_CHAR_BYTES > window.len() {
                return None;
            }
            let (c, len) = first_char(&window[position..]);
            if !self.boundaries.is_word_char(c) && !self.across.globs_contain(&window[position..position + len]) {
                return Some(position);
            }
            at = position + len;
        }
    }

    fn overlaps_itself(&self, pattern: u32) -> bool {
        self.may_overlap[pattern as usize]
    }
}
