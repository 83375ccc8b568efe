//! Whole words, tokens and phrases: the text's words are looked up, one lookup a word whatever the number of terms.
//!
//! Text and patterns are read as **tokens** (see [`tokens`]). Boundaries make an occurrence a sequence of whole tokens: those
//! of a pattern, with whitespace just where the pattern has it. So `C++` is three tokens, `New York` two with whitespace
//! between, `happi*` one that a wildcard describes, and no term is a special case: patterns make a trie over tokens and
//! wildcards, which is walked from every token that some pattern begins with. A pattern that begins or ends with a punctuation has one
//! thing more to check: that no character of a run adjoins it.
//!
//! Forms are cut as text is, by [`cut`]. A window of text at a time goes through its passes ([`scan`]): [`tokens`] finds its
//! tokens (by [`masks`], and by [`punctuation`] and [`around`] for those that are not words), [`vocabulary`] and [`wildcards`] those
//! that some pattern has (by [`key`], [`filter`] and [`perfect`]), and [`walk`] the patterns of several tokens, through the
//! [`trie`] (with [`steps`]); where there are wildcards, [`sets`] does. Where terms compete, [`chain`] finds the longest patterns
//! instead of all.

mod bloom;
mod byte_masks;
mod compile;
mod fingerprint;
mod longest;
mod pattern_tokens;
mod perfect_hash;
mod punctuation;
mod punctuation_filter;
mod scan;
mod step_counter;
pub mod tokenizer;
mod transitions;
mod trie;
mod trie_walk;
pub mod vocabulary;
mod walk_starts;
mod wildcard_walk;
pub mod wildcards;
mod window;

use super::engine::{Engine, MatchCallback};
use crate::core::documents::batch::Batch;
use crate::core::text::encoding::Span;
use crate::core::text::unicode::is_space;
pub use compile::Words;
pub use scan::WordsScratch;
use tokenizer::Tokens;
use vocabulary::NONE;
use wildcards::WildcardLookup;
use window::is_spaced;

/// Tokens at a window's end that may be other than they look, because the window ends within a character.
const DOUBTFUL: usize = 4;

impl Engine for Words {
    type Scratch = WordsScratch;

    fn scan(&self, batch: Batch<'_>, buffers: &mut WordsScratch, callback: &mut impl MatchCallback) {
        self.scan_windows(batch, buffers, callback);
    }

    fn split_context(&self) -> usize {
        0
    }

    /// A place before a token with which no pattern goes on, after something that is no character of a run and that, if a
    /// run follows at once, is not the end of a pattern: then both sides see a boundary where the single_token does.
    fn split_point(&self, window: &[u8], from: usize) -> Option<usize> {
        let text = &window[from..];
        let mut tokens = Tokens::default();
        self.tokenizer.tokenize(text, std::iter::once(Span { start: 0, end: text.len() }), &mut tokens);
        let mut lookup = WildcardLookup::default();
        let any_inner_wildcard =
            self.is_inner[self.vocabulary.len() as usize..].iter().any(|inner| *inner != [false; 2]);
        let bounds = |i: usize| (tokens.starts()[i] as usize, tokens.ends()[i] as usize);
        let mut cuts_cleanly = |i: &usize| {
            let ((start_before, end_before), (start, end)) = (bounds(i - 1), bounds(*i));
            let (before, token) = (&text[start_before..end_before], &text[start..end]);
            let may_end_with = |punctuation: &[u8]| {
                let punctuation = self.vocabulary.find(punctuation);
                punctuation != NONE && self.is_last[punctuation as usize]
            };
            let gap = &text[end_before..start];
            let Some(spaced) = is_spaced(gap) else {
                // Behind a punctuation that is in no pattern here, nothing goes on; but it might end one if nothing stood after it.
                let (last, len) = bstr::decode_last_utf8(gap);
                return last.is_some_and(is_space)
                    || self.tokenizer.is_punctuation(token)
                    || !may_end_with(&gap[gap.len() - len..]);
            };
            let joined = !spaced
                && match (self.tokenizer.is_punctuation(before), self.tokenizer.is_punctuation(token)) {
                    (false, _) => true,
                    (true, false) => may_end_with(before),
                    (true, true) => false,
                };
            let is_inner = |id: u32| self.is_inner[id as usize][usize::from(spaced)];
            let id = self.vocabulary.find(token);
            let continues = id != NONE && is_inner(id)
                || any_inner_wildcard
                    && self
                        .wildcards
                        .find(token, &mut lookup, || false)
                        .iter()
                        .any(|wildcard| is_inner(self.vocabulary.len() + wildcard));
            !joined && !continues
        };
        // The first token may be the rest of one, the last the beginning of one.
        let candidates = 1..tokens.starts().len().saturating_sub(DOUBTFUL);
        candidates.into_iter().find(&mut cuts_cleanly).map(|i| from + tokens.starts()[i] as usize)
    }

    fn overlaps_itself(&self, pattern: u32) -> bool {
        self.is_sequence[pattern as usize]
    }
}
