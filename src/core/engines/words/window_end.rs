//! Cuts a text into windows between its tokens.
//!
//! A window ends between characters. A token that continues after its end is left to the next window, which begins
//! with it. A token longer than a window gets a window of its own, in which only its end is searched for.

use super::tokenizer::{Tokenizer, Tokens};
use crate::core::text::encoding::{Span, is_continuation};
use crate::core::text::unicode::first_symbol;

/// Where a window ends.
pub struct WindowEnd {
    /// The number of tokens that end in the window, and its end, where the next window begins.
    pub tokens: usize,
    pub end: usize,
    /// Whether the window's first token continues after its end.
    pub is_long: bool,
}

impl Tokenizer {
    /// Tokenizes the text from `start` on, up to the end of a window of `window` bytes. `overlapping` are the documents
    /// that overlap it.
    pub fn window_end(
        &self,
        text: &[u8],
        start: usize,
        window: usize,
        overlapping: &[Span],
        tokens: &mut Tokens,
    ) -> WindowEnd {
        let mut end = text.len().min(start + window);
        let document = overlapping.last().copied().unwrap_or(Span { start, end: start });
        let continues = document.end > end;
        if continues {
            end = char_start(&text[..document.end], end, document.start.max(start));
        }
        let within = |span: &Span| Span { start: span.start.max(start) - start, end: span.end.min(end) - start };
        self.tokenize_needed(&text[start..end], overlapping.iter().map(within), tokens);
        let (starts, ends) = (tokens.starts(), tokens.ends());
        let is_open = continues
            && ends.last().is_some_and(|&last| start + last as usize == end)
            && self.word_begins_at(&text[..document.end], end)
            && self.word_ends_at(&text[document.start..end], end - document.start);
        match starts.split_last() {
            Some((0, _)) if is_open => WindowEnd { tokens: 0, end, is_long: true },
            Some((&last, before)) if is_open => {
                WindowEnd { tokens: before.len(), end: start + last as usize, is_long: false }
            }
            _ => WindowEnd { tokens: starts.len(), end, is_long: false },
        }
    }

    /// The end of a word that continues after `at`, unless `cancelled`.
    pub fn word_end(
        &self,
        document: &[u8],
        mut at: usize,
        window: usize,
        tokens: &mut Tokens,
        cancelled: &dyn Fn() -> bool,
    ) -> usize {
        while self.word_begins_at(document, at) && !cancelled() {
            let end = char_start(document, document.len().min(at + window), at);
            self.tokenize(&document[at..end], std::iter::once(Span { start: 0, end: end - at }), tokens);
            // There is no token if another thread writes to the text.
            let Some(&len) = tokens.ends().first() else { break };
            at += len as usize;
            if at < end {
                break;
            }
        }
        at
    }
}

/// The start of the character that contains `at`, or else `at`. It does not begin before `from`.
fn char_start(text: &[u8], at: usize, from: usize) -> usize {
    let before = text[from..at].iter().rev().take(3).position(|&byte| !is_continuation(byte));
    let start = before.map_or(at, |continuations| at - continuations - 1);
    if start + first_symbol(&text[start..]).1 > at { start } else { at }
}
