//! The words of a batch, one after another, with their fingerprints.

use crate::core::documents::batch::Batch;
use crate::core::engines::words::fingerprint::{Fingerprint, Fingerprinter};
use crate::core::engines::words::tokenizer::{Tokenizer, Tokens};
use crate::core::engines::words::window_end::WindowEnd;

/// The buffers.
#[derive(Default)]
pub struct WordsScratch {
    tokens: Tokens,
    fingerprints: Vec<Fingerprint>,
}

/// A word, by its position in the batch.
#[derive(Clone, Copy)]
pub struct Word {
    pub start: usize,
    pub end: usize,
    /// `None` if the word is longer than a window.
    pub fingerprint: Option<Fingerprint>,
}

pub struct WordsOfBatch<'b> {
    tokenizer: &'b Tokenizer,
    fingerprinter: &'b Fingerprinter,
    batch: Batch<'b>,
    /// The length of a window.
    window: usize,
    scratch: &'b mut WordsScratch,
    /// Where the window begins, how many words it has, and which word is next.
    start: usize,
    words: usize,
    next: usize,
    /// The start of the next window, and the first document that overlaps it.
    next_window: usize,
    first: usize,
    long: Option<Word>,
}

impl<'b> WordsOfBatch<'b> {
    pub fn new(
        tokenizer: &'b Tokenizer,
        fingerprinter: &'b Fingerprinter,
        batch: Batch<'b>,
        window: usize,
        scratch: &'b mut WordsScratch,
    ) -> Self {
        let start = batch.spans.first().map_or(0, |span| span.start);
        Self {
            tokenizer,
            fingerprinter,
            batch,
            window,
            scratch,
            start,
            words: 0,
            next: 0,
            next_window: start,
            first: 0,
            long: None,
        }
    }

    /// The next word, without taking it.
    #[inline(always)]
    pub fn peek(&mut self, cancelled: &dyn Fn() -> bool) -> Option<Word> {
        while self.next == self.words {
            if let Some(long) = self.long {
                return Some(long);
            }
            if !self.read_window(cancelled) {
                return None;
            }
        }
        let WordsScratch { tokens, fingerprints } = &*self.scratch;
        let [start, end] = [tokens.starts()[self.next], tokens.ends()[self.next]].map(|at| self.start + at as usize);
        Some(Word { start, end, fingerprint: Some(fingerprints[self.next]) })
    }

    /// Takes the word that `peek` returned.
    #[inline(always)]
    pub fn take(&mut self) {
        match self.next < self.words {
            true => self.next += 1,
            false => self.long = None,
        }
    }

    /// Whether the next word is the first of a window.
    pub fn is_first(&self) -> bool {
        self.next == 0
    }

    /// The fingerprint of a word of the same window, some words later.
    #[inline(always)]
    pub fn ahead(&self, words: usize) -> Option<&Fingerprint> {
        self.scratch.fingerprints[..self.words].get(self.next + words)
    }

    /// Returns false at the end of the text, or if `cancelled` returns true.
    #[inline(never)]
    fn read_window(&mut self, cancelled: &dyn Fn() -> bool) -> bool {
        let Self { tokenizer, batch: Batch { text, spans }, window, first, .. } = *self;
        let start = self.next_window;
        if start >= text.len() || cancelled() {
            return false;
        }
        let first = first + spans[first..].iter().take_while(|span| span.end <= start).count();
        let overlapping = spans[first..].iter().take_while(|span| span.start < start + window).count();
        let overlapping = &spans[first..first + overlapping];
        let WordsScratch { tokens, fingerprints } = &mut *self.scratch;
        let WindowEnd { tokens: words, mut end, is_long } =
            tokenizer.window_end(text, start, window, overlapping, tokens);
        if is_long {
            let document = &text[..overlapping.last().map_or(0, |last| last.end)];
            end = tokenizer.word_end(document, end, window, tokens, cancelled);
            self.long = Some(Word { start, end, fingerprint: None });
        } else {
            if fingerprints.len() < words {
                fingerprints.resize(words, Fingerprint::default());
            }
            let (starts, ends) = (&tokens.starts()[..words], &tokens.ends()[..words]);
            self.fingerprinter.of_all(&text[start..end], starts, ends, &mut fingerprints[..words]);
        }
        (self.start, self.words, self.next) = (start, if is_long { 0 } else { words }, 0);
        (self.next_window, self.first) = (end, first);
        true
    }
}
