//! Where in a window walks begin, and what is reported without one.

use super::vocabulary::Found;
use super::window::Window;
use crate::core::engines::engine::MatchCallback;

/// What a trie is walked from in a window.
pub struct Walkers<'f> {
    pub found: &'f [Found],
    /// Which of these.
    pub chosen: &'f [u32],
    /// The first atom that no walk has come to: those before it were walked from as well.
    pub free: u32,
}

impl<'f> Walkers<'f> {
    /// Where the next one begins; no place if there is none.
    #[inline(always)]
    pub fn start(&self, window: &Window<'_>) -> usize {
        self.chosen.first().map_or(usize::MAX, |&first| window.start_of(self.found[first as usize].atom))
    }

    /// What was found from the next one on, in the document at hand.
    #[inline(always)]
    pub fn next(&mut self, window: &Window<'_>) -> Option<&'f [Found]> {
        while let Some((&first, rest)) = self.chosen.split_first() {
            let found = &self.found[first as usize..];
            if window.start_of(found[0].atom) >= window.document.end {
                return None;
            }
            self.chosen = rest;
            if found[0].atom >= self.free {
                return Some(found);
            }
        }
        None
    }
}

/// Reports forms of one atom each, up to a place.
pub fn report_whole(whole: &mut &[Found], window: &Window<'_>, until: usize, callback: &mut impl MatchCallback) {
    while let Some((&first, rest)) = whole.split_first().filter(|(first, _)| window.start_of(first.atom) < until) {
        let (start, end) = window.atom(first.atom);
        callback.on_match(first.id, start, end);
        *whole = rest;
    }
}
