//! A window of the text, as walks read it.

use std::collections::VecDeque;

use super::step_counter;
use crate::core::text::boundaries::Boundaries;
use crate::core::text::encoding::Span;
use crate::core::text::unicode::{first_char, is_space};

/// Text of a window: with the bits and places of its tokens it stays in the second-level cache.
pub const WINDOW: usize = 16 << 10;

/// The tokens of a part of a batch, with the document that walks have come to.
pub struct Window<'w> {
    pub boundaries: &'w Boundaries,
    /// The batch's text.
    pub text: &'w [u8],
    /// Where the window ends in it.
    pub end: usize,
    /// Where each token begins and ends, counted from `start` and from `end_base`. Both are where the window begins, but for
    /// a token that is longer than a window: its end may be farther away than 32 bits can tell.
    pub starts: &'w [u32],
    pub ends: &'w [u32],
    pub start: usize,
    pub end_base: usize,
    pub document: Span,
}

impl Window<'_> {
    /// How many tokens there are.
    #[inline]
    pub fn len(&self) -> u32 {
        self.starts.len() as u32
    }

    /// Where a token is in the batch's text.
    #[inline]
    pub fn token(&self, token: u32) -> (usize, usize) {
        (self.start_of(token), self.end_base + self.ends[token as usize] as usize)
    }

    #[inline]
    pub fn start_of(&self, token: u32) -> usize {
        self.start + self.starts[token as usize] as usize
    }

    /// Whether a character of a run ends at `start`.
    #[inline(never)]
    pub fn is_after_word_char(&self, start: usize) -> bool {
        let before = &self.text[self.document.start..start];
        self.boundaries.word_ends_at(before, before.len())
    }

    /// Whether a character of a run begins at `end`.
    #[inline(never)]
    pub fn is_before_word_char(&self, end: usize) -> bool {
        self.boundaries.word_begins_at(&self.text[..self.document.end], end)
    }

    /// Whether there is whitespace from `from` to `to`, and nothing else; `None` if there is something else or the
    /// document's end.
    #[inline(always)]
    fn is_spaced(&self, from: usize, to: usize) -> Option<bool> {
        if to >= self.document.end {
            return None;
        }
        // As nearly all gaps are.
        if to == from || to == from + 1 && self.text[from] == b' ' {
            return Some(to > from);
        }
        is_spaced(&self.text[from..to])
    }
}

/// Whether what stands between two tokens is whitespace, and not nothing; `None` if there is something else.
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

/// What a walk keeps of the text after it, which goes on in the next window.
#[derive(Default)]
pub struct Trail {
    /// The text has been looked at up to here, and whether whitespace was seen since the last token.
    seen: usize,
    spaced: bool,
    /// Where the last tokens of earlier windows begin: as many as the walk may still have to tell.
    starts: VecDeque<usize>,
}

impl Trail {
    /// An token that ends here is the last one.
    #[inline(always)]
    pub fn pass(&mut self, end: usize) {
        self.seen = end;
        self.spaced = false;
    }

    /// Whether whitespace leads from the last token to `to`; `None` if there is something else or the document's end.
    #[inline(always)]
    pub fn gap(&self, window: &Window<'_>, to: usize) -> Option<bool> {
        Some(window.is_spaced(self.seen, to)? | self.spaced)
    }

    /// Where an occurrence of so many tokens begins that ends with `token`.
    #[inline]
    pub fn start(&self, window: &Window<'_>, token: u32, tokens: u32) -> usize {
        match (token + 1).checked_sub(tokens) {
            Some(first) => window.start_of(first),
            None => self.starts[self.starts.len() - (tokens - token - 1) as usize],
        }
    }

    /// Goes on to the next window with so many tokens to remember. Tells where the first of them begins, or `None` if nothing
    /// can go on there: then the trail ends.
    pub fn leave(&mut self, window: &Window<'_>, tokens: u32) -> Option<usize> {
        let Some(spaced) = (if tokens == 0 { None } else { self.gap(window, window.end) }) else {
            self.starts.clear();
            return None;
        };
        self.seen = window.end;
        self.spaced = spaced;
        let new = tokens.min(window.len());
        self.starts.extend((window.len() - new..window.len()).map(|token| window.start_of(token)));
        self.starts.drain(..self.starts.len() - tokens as usize);
        self.starts.front().copied()
    }
}
