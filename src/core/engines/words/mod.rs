//! The words engine.
//!
//! - **What it does:** finds whole words, tokens and phrases, with wildcards or not, by looking up each token of the
//!   text once.
//! - **Name and source:** tokenizing with bitmaps, as in simdjson (Langdale and Lemire 2019). Bloom filter and
//!   perfect hash (hash and displace: Belazzougui, Botelho and Dietzfelbinger 2009). Aho-Corasick over tokens for
//!   phrases, a lazy DFA for wildcards.
//! - **Chosen for:** word and token mode, unless the single engine or the regex engine serves the plan.
//! - **Cost:** one lookup per token for any number of terms: 1.2 GB/s with 100 common words, 0.6 GB/s with 286,000
//!   words (one core).
//!
//! Text and patterns are read as **tokens**: words and single punctuation characters. In token mode, tokens are
//! separated by whitespace. Matches respect word boundaries, so a match is a sequence of whole tokens. It has
//! whitespace exactly where its pattern has it. For example, `C++` is three tokens, `New York` is two with whitespace
//! between them, and `happi*` is one token that a wildcard describes. No term is a special case: patterns form a trie
//! over tokens and wildcards. A pattern that begins or ends with punctuation needs one more check: no word character
//! may be next to it.
//!
//! The passes over a window of text, in order:
//!
//! | file | what it does |
//! | --- | --- |
//! | [`scan`], [`window`], [`window_end`] | go through a batch, window by window |
//! | [`tokenizer`], [`byte_masks`] | find where tokens begin and end |
//! | [`punctuation`], [`punctuation_filter`] | leave out punctuation that no pattern has next to the same bytes |
//! | [`vocabulary`], [`fingerprint`], [`bloom`], [`perfect_hash`] | find the tokens that some pattern contains |
//! | [`wildcards`] | find the wildcards that match a token |
//! | [`walk_starts`] | report single tokens, and begin walks |
//! | [`trie_walk`], [`trie`], [`transitions`] | find patterns of several tokens without wildcards |
//! | [`wildcard_walk`] | the same for patterns with wildcards |
//! | [`longest`] | if terms compete, find only the longest pattern at each token |
//!
//! [`compile`] builds all of this from the patterns. [`pattern_tokens`] tokenizes them with the text's tokenizer.

mod bloom;
mod byte_masks;
mod compile;
pub mod fingerprint;
mod longest;
mod pattern_tokens;
mod perfect_hash;
pub mod punctuation;
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
pub mod window;
pub mod window_end;

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

/// If a window ends within a character, its last tokens may change when the rest of that character is read.
const DOUBTFUL: usize = 4;

impl Engine for Words {
    type Scratch = WordsScratch;

    fn scan(&self, batch: Batch<'_>, scratch: &mut WordsScratch, callback: &mut impl MatchCallback) {
        self.scan_windows(batch, scratch, callback);
    }

    fn split_context(&self) -> usize {
        0
    }

    /// Finds the start of a token at which no pattern continues. The character before the token must not be a word
    /// character. If a word follows directly, that character must not end a pattern. Then both parts have the same
    /// boundaries as the whole text.
    fn split_point(&self, window: &[u8], from: usize) -> Option<usize> {
        let text = &window[from..];
        let mut tokens = Tokens::default();
        self.tokenizer.tokenize(text, std::iter::once(Span { start: 0, end: text.len() }), &mut tokens);
        let mut lookup = WildcardLookup::default();
        let any_inner_wildcard =
            self.is_inner[self.vocabulary.len() as usize..].iter().any(|inner| *inner != [false; 2]);
        let bounds = |i: usize| (tokens.starts()[i] as usize, tokens.ends()[i] as usize);
        let mut splits_cleanly = |i: &usize| {
            let ((start_before, end_before), (start, end)) = (bounds(i - 1), bounds(*i));
            let (before, token) = (&text[start_before..end_before], &text[start..end]);
            let may_end_with = |punctuation: &[u8]| {
                let punctuation = self.vocabulary.find(punctuation);
                punctuation != NONE && self.is_last[punctuation as usize]
            };
            let gap = &text[end_before..start];
            let Some(spaced) = is_spaced(gap) else {
                // The gap contains punctuation that is in no pattern here, so no pattern continues. But its last
                // character might end a pattern if the text ended there.
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
        // The first token may lack its beginning, and the last one its end.
        let candidates = 1..tokens.starts().len().saturating_sub(DOUBTFUL);
        candidates.into_iter().find(&mut splits_cleanly).map(|i| from + tokens.starts()[i] as usize)
    }

    fn overlaps_itself(&self, pattern: u32) -> bool {
        self.is_sequence[pattern as usize]
    }
}
