//! Whole words, tokens and phrases: the text's words are looked up, one lookup a word whatever the number of terms.
//!
//! Text and forms are read as **atoms** (see [`atoms`]). Boundaries make an occurrence a sequence of whole atoms: those
//! of a form, with white space just where the form has it. So `C++` is three atoms, `New York` two with white space
//! between, `happi*` one that a pattern describes, and no term is a special case: forms make a trie over atoms and
//! patterns, which is walked from every atom that some form begins with. A form that begins or ends with a mark has one
//! thing more to check: that no character of a run adjoins it.
//!
//! Forms are cut as text is, by [`cut`]. A window of text at a time goes through its passes ([`scan`]): [`atoms`] finds its
//! atoms (by [`masks`], and by [`marks`] and [`around`] for those that are not words), [`vocabulary`] and [`patterns`] those
//! that some form has (by [`key`], [`filter`] and [`perfect`]), and [`walk`] the forms of several atoms, through the
//! [`trie`] (with [`steps`]); where there are patterns, [`sets`] does. Where terms compete, [`chain`] finds the longest forms
//! instead of all.

mod around;
pub mod atoms;
mod chain;
mod compiled;
mod cut;
mod effort;
mod filter;
mod key;
mod marks;
mod masks;
pub mod patterns;
mod perfect;
mod scan;
mod sets;
mod steps;
mod trie;
pub mod vocabulary;
mod walk;
mod walkers;
mod window;

use super::engine::{Engine, MatchCallback};
use crate::core::documents::batch::Batch;
use crate::core::text::encoding::Span;
use crate::core::text::unicode::is_space;
use atoms::Atoms;
pub use compiled::Words;
use patterns::Matching;
pub use scan::Buffers;
use vocabulary::NONE;
use window::is_spaced;

/// Atoms at a window's end that may be other than they look, because the window ends within a character.
const DOUBTFUL: usize = 4;

impl Engine for Words {
    type Scratch = Buffers;

    fn scan(&self, batch: Batch<'_>, buffers: &mut Buffers, callback: &mut impl MatchCallback) {
        self.scan_windows(batch, buffers, callback);
    }

    fn split_context(&self) -> usize {
        0
    }

    /// A place before an atom with which no form goes on, behind something that is no character of a run and that, if a
    /// run follows at once, is not the end of a form: then both sides see a boundary where the whole does.
    fn split_point(&self, window: &[u8], from: usize) -> Option<usize> {
        let text = &window[from..];
        let mut atoms = Atoms::default();
        self.atomiser.cut(text, std::iter::once(Span { start: 0, end: text.len() }), &mut atoms);
        let mut matching = Matching::default();
        let any_inner_pattern =
            self.is_inner[self.vocabulary.len() as usize..].iter().any(|inner| *inner != [false; 2]);
        let bounds = |i: usize| (atoms.starts()[i] as usize, atoms.ends()[i] as usize);
        let mut cuts_cleanly = |i: &usize| {
            let ((start_before, end_before), (start, end)) = (bounds(i - 1), bounds(*i));
            let (before, atom) = (&text[start_before..end_before], &text[start..end]);
            let may_end_with = |mark: &[u8]| {
                let mark = self.vocabulary.find(mark);
                mark != NONE && self.is_last[mark as usize]
            };
            let gap = &text[end_before..start];
            let Some(spaced) = is_spaced(gap) else {
                // Behind a mark that is in no form here, nothing goes on; but it might end one if nothing stood behind it.
                let (last, len) = bstr::decode_last_utf8(gap);
                return last.is_some_and(is_space)
                    || self.atomiser.is_mark(atom)
                    || !may_end_with(&gap[gap.len() - len..]);
            };
            let joined = !spaced
                && match (self.atomiser.is_mark(before), self.atomiser.is_mark(atom)) {
                    (false, _) => true,
                    (true, false) => may_end_with(before),
                    (true, true) => false,
                };
            let is_inner = |id: u32| self.is_inner[id as usize][usize::from(spaced)];
            let id = self.vocabulary.find(atom);
            let goes_on = id != NONE && is_inner(id)
                || any_inner_pattern
                    && self
                        .patterns
                        .find(atom, &mut matching, || false)
                        .iter()
                        .any(|pattern| is_inner(self.vocabulary.len() + pattern));
            !joined && !goes_on
        };
        // The first atom may be the rest of one, the last the beginning of one.
        let places = 1..atoms.starts().len().saturating_sub(DOUBTFUL);
        places.into_iter().find(&mut cuts_cleanly).map(|i| from + atoms.starts()[i] as usize)
    }

    fn overlaps_itself(&self, form: u32) -> bool {
        self.is_sequence[form as usize]
    }
}
