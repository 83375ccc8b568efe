//! A window of the text, as walks see it.

use std::collections::VecDeque;

use super::step_counter;
use crate::core::text::boundaries::Boundaries;
use crate::core::text::encoding::Span;
use crate::core::text::unicode::{first_char, is_space};

/// The length of a window, in bytes. With its masks and positions, it stays in the second-level cache.
pub const WINDOW: usize = 16 << 10;

/// The tokens of a part of a batch, and the document that the walks have reached.
pub struct Window<'w> {
    pub boundaries: &'w Boundaries,
    /// The text of the batch.
    pub text: &'w [u8],
    /// The end of the window in `text`.
    pub end: usize,
    /// The start of each token relative to `start`, and its end relative to `end_base`. Both are the start of the
    /// window, except if one token is longer than a window: then its end may not fit into 32 bits.
    pub starts: &'w [u32],
    pub ends: &'w [u32],
    pub start: usize,
    pub end_base: usize,
    pub document: Span,
}

impl Window<'_> {
    /// The number of tokens.
    #[inline]
    pub fn len(&self) -> u32 {
        self.starts.len() as u32
    }

    /// The span of a token in `text`.
    #[inline]
    pub fn token(&self, token: u32) -> (usize, usize) {
        (self.start_of(token), self.end_base + self.ends[token as usize] as usize)
    }

    #[inline]
    pub fn start_of(&self, token: u32) -> usize {
        self.start + self.starts[token as usize] as usize
    }

    /// Whether a word character ends at `start`.
    #[inline(never)]
    pub fn is_after_word_char(&self, start: usize) -> bool {
        let before = &self.text[self.document.start..start];
        self.boundaries.word_ends_at(before, before.len())
    }

    /// Whether a word character begins at `end`.
    #[inline(never)]
    pub fn is_before_word_char(&self, end: usize) -> bool {
        self.boundaries.word_begins_at(&self.text[..self.document.end], end)
    }

    /// Whether there is whitespace between two positions. `None` if there is anything else, or the document ends.
    #[inline(always)]
    fn is_spaced(&self, from: usize, to: usize) -> Option<bool> {
        if to >= self.document.end {
            return None;
        }
        // Nearly all gaps are like this.
        if to == from || to == from + 1 && self.text[from] == b' ' {
            return Some(to > from);
        }
        is_spaced(&self.text[from..to])
    }
}

/// Whether the gap between two tokens is whitespace (`true`) or empty (`false`). `None` if it contains anything else.
pub fn is_spaced(mut gap: &[u8]) -> Option<bool> {
    step_counter::add(gap.len());
    let spaced = !gap.is_empty();
    while !gap.is_empty() {
        let (c, len) = first_char(gap);
        if !c.is_some_and(is_space) {
            return None;
        }
        gap = &gap[len..];
    }
    Some(spaced)
}

/// What a walk remembers of earlier windows.
#[derive(Default)]
pub struct Trail {
    /// The text has been read up to here. `spaced` tells whether there was whitespace since the last token.
    end: usize,
    spaced: bool,
    /// The starts of the last tokens of earlier windows: as many as a match may still contain.
    starts: VecDeque<usize>,
}

impl Trail {
    /// Sets the end of the last token.
    #[inline(always)]
    pub fn pass(&mut self, end: usize) {
        self.end = end;
        self.spaced = false;
    }

    /// Whether there is whitespace between the last token and `to`. `None` if there is anything else, or the document
    /// ends.
    #[inline(always)]
    pub fn gap(&self, window: &Window<'_>, to: usize) -> Option<bool> {
        Some(window.is_spaced(self.end, to)? | self.spaced)
    }

    /// The start of a match that ends with `token` and has `tokens` tokens.
    #[inline]
    pub fn start(&self, window: &Window<'_>, token: u32, tokens: u32) -> usize {
        match (token + 1).checked_sub(tokens) {
            Some(first) => window.start_of(first),
            None => self.starts[self.starts.len() - (tokens - token - 1) as usize],
        }
    }

    /// Leaves a window, and keeps the starts of its last `tokens` tokens. Returns the first of these, or `None` if no
    /// match can continue after the window.
    pub fn leave(&mut self, window: &Window<'_>, tokens: u32) -> Option<usize> {
        let Some(spaced) = (if tokens == 0 { None } else { self.gap(window, window.end) }) else {
            self.starts.clear();
            return None;
        };
        self.end = window.end;
        self.spaced = spaced;
        let new = tokens.min(window.len());
        self.starts.extend((window.len() - new..window.len()).map(|token| window.start_of(token)));
        self.starts.drain(..self.starts.len() - tokens as usize);
        self.starts.front().copied()
    }
}
