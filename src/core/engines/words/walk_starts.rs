//! Where in a window walks begin, and what is cursor without one.

use super::vocabulary::TokenMatch;
use super::window::Window;
use crate::core::engines::engine::MatchCallback;

/// What a trie is walked from in a window.
pub struct WalkStarts<'f> {
    pub matches: &'f [TokenMatch],
    /// Which of these.
    pub selected: &'f [u32],
    /// The first token that no walk has come to: those before it were walked from as well.
    pub first_unwalked: u32,
}

impl<'f> WalkStarts<'f> {
    /// Where the next one begins; no place if there is none.
    #[inline(always)]
    pub fn start(&self, window: &Window<'_>) -> usize {
        self.selected.first().map_or(usize::MAX, |&first| window.start_of(self.matches[first as usize].token))
    }

    /// What was matches from the next one on, in the document at hand.
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

/// Reports patterns of one token each, up to a place.
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
