//! Where walks start in a window, and the report of matches that need no walk.

use super::vocabulary::TokenMatch;
use super::window::Window;
use crate::core::engines::engine::MatchCallback;

/// The matches at which the walks through one trie start.
pub struct WalkStarts<'f> {
    pub matches: &'f [TokenMatch],
    /// Indices into `matches`.
    pub selected: &'f [u32],
    /// The first token that no walk has read. Walks through earlier tokens need not start again.
    pub first_unwalked: u32,
}

impl<'f> WalkStarts<'f> {
    /// The start of the next walk, or `usize::MAX`.
    #[inline(always)]
    pub fn start(&self, window: &Window<'_>) -> usize {
        self.selected.first().map_or(usize::MAX, |&first| window.start_of(self.matches[first as usize].token))
    }

    /// The matches from the next start on, if it is in the current document.
    #[inline(always)]
    pub fn next(&mut self, window: &Window<'_>) -> Option<&'f [TokenMatch]> {
        while let Some((&first, rest)) = self.selected.split_first() {
            let matches = &self.matches[first as usize..];
            if window.start_of(matches[0].token) >= window.document.end {
                return None;
            }
            self.selected = rest;
            if matches[0].token >= self.first_unwalked {
                return Some(matches);
            }
        }
        None
    }
}

/// Reports the patterns of one token that begin before `until`.
pub fn report_single_tokens(
    single_token: &mut &[TokenMatch],
    window: &Window<'_>,
    until: usize,
    callback: &mut impl MatchCallback,
) {
    while let Some((&first, rest)) =
        single_token.split_first().filter(|(first, _)| window.start_of(first.token) < until)
    {
        let (start, end) = window.token(first.token);
        callback.on_match(first.id, start, end);
        *single_token = rest;
    }
}
