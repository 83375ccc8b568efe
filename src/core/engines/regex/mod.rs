//! The regex engine.
//!
//! - **What it does:** finds the matches of one regular expression, leftmost-first like Perl, with the word boundaries
//!   as part of it, in linear time.
//! - **Name and source:** lazy DFAs (crate `regex-automata`) with our own search loop. If they reread too much text:
//!   Frisch and Cardelli, "Greedy regular expression matching", 2004.
//! - **Chosen for:** `syntax="regex"`, one engine per expression.
//! - **Cost:** one pass per expression: 0.6 to 11 GB/s on source code, fastest with a literal in each match. About 30
//!   MB/s if every byte is a match.
//!
//! The boundaries of the match mode take part in the choice of a match, so they must be part of the expression. The
//! assertions of `regex-automata` have neither whitespace nor additional word characters, and its word boundaries
//! fail next to invalid UTF-8. So the parsed expression gets a character of context before and after it, or the end
//! of the text, or a byte of invalid UTF-8. Context is not part of the match. A match can also begin without a
//! character before it. This can be at the start of a document, after a byte of invalid UTF-8, or where the last
//! match ended. There the expression without the first context is tried.
//!
//! With adaptive boundaries, the ends of the match decide whether it needs context (`ends`). If all matches begin and
//! end alike, the context is left out or always required. Otherwise the automata know the class of the last character
//! (`tracked_nfa`).
//!
//! Read `search` first. Then `lazy_dfa`, which serves nearly all texts, and `greedy` for texts that repeated searches
//! would read again and again.

mod asserted;
mod cancel;
mod checkpoints;
mod compile;
mod context;
mod count_table;
mod ends;
mod greedy;
mod lazy_dfa;
#[cfg(test)]
pub mod reference;
mod remedy;
mod required_literal;
mod rewrite;
mod search;
mod size_limit;
mod state_sets;
mod symbols;
#[cfg(test)]
mod tests;
mod texts;
mod tracked_nfa;

use std::cell::Cell;
use std::ops::Range;

use regex_automata::util::pool::PoolGuard;

use super::engine::{Engine, MatchCallback};
use crate::core::documents::batch::Batch;
pub use asserted::asserted;
pub use cancel::{CancelCheck, Stop};
use compile::RegexScratch;
pub use compile::{Regex, RegexOptions, parse};
pub use context::{Expression, InContext, bytes_of, is_by_lines};
pub use count_table::{BUILD_BYTES, CountTable};
pub use ends::is_mark;
pub use rewrite::{Rewrite, ascii_of, for_ascii, rewritten};
use search::RegexSearch;
pub use search::SearchLimits;
pub use size_limit::SIZE_LIMIT;
pub use symbols::{SymbolText, Symbols, add_chars};
pub use texts::ForTexts;
#[cfg(test)]
pub use tracked_nfa::{reversed, tracked};

type ScratchGuard<'s> = PoolGuard<'s, Option<Box<RegexScratch>>, fn() -> Option<Box<RegexScratch>>>;

/// A search through one document that can be interrupted and resumed.
pub struct OwnedSearch<'s> {
    search: RegexSearch<'s>,
    scratch: ScratchGuard<'s>,
    work: Cell<usize>,
}

impl<'s> OwnedSearch<'s> {
    pub fn pattern(&self) -> u32 {
        self.search.regex().pattern()
    }

    /// The next match. `None` at the end, or if `cancelled` returns true.
    pub fn next(&mut self, cancelled: &dyn Fn() -> bool) -> Option<(usize, usize)> {
        let scratch = self.scratch.get_or_insert_with(|| self.search.regex().create_scratch());
        self.search.next(scratch, &CancelCheck::new(cancelled, &self.work)).ok()?
    }

    /// The next match.
    pub fn next_match(&mut self, cancel_check: &CancelCheck<'_>) -> Result<Option<(usize, usize)>, Stop> {
        let regex = self.search.regex();
        let scratch = self.scratch.get_or_insert_with(|| regex.create_scratch());
        let found = self.search.next(scratch, cancel_check);
        regex.settle(&mut self.scratch, false);
        found
    }

    /// Begins another document.
    pub fn restart(&mut self, text: &'s [u8]) {
        self.search = self.search.of(text);
    }

    /// The start of the next match. Then [`Self::skip_to`] must be called.
    pub fn next_start(&mut self, cancel_check: &CancelCheck<'_>) -> Result<Option<usize>, Stop> {
        let scratch = self.scratch.get_or_insert_with(|| self.search.regex().create_scratch());
        let found = self.search.next_start(scratch, cancel_check);
        self.search.regex().settle(&mut self.scratch, false);
        found
    }

    /// The end of the match that was found last, unless it is after `most`.
    pub fn end(&mut self, most: usize, cancel_check: &CancelCheck<'_>) -> Result<Option<usize>, Stop> {
        let scratch = self.scratch.get_or_insert_with(|| self.search.regex().create_scratch());
        self.search.end(most, scratch, cancel_check)
    }

    /// Continues at a position, at or after the start of the match that was found last.
    pub fn skip_to(&mut self, position: usize) {
        self.search.skip_to(position);
    }
}

impl Drop for OwnedSearch<'_> {
    fn drop(&mut self) {
        self.search.regex().settle(&mut self.scratch, true);
    }
}

impl Regex {
    /// A search through a document.
    pub fn search<'s>(&'s self, text: &'s [u8]) -> OwnedSearch<'s> {
        self.search_within(text, SearchLimits::default())
    }

    /// A search through a document in which all matches begin in a range. The document must be ASCII, unless the range
    /// is all of it.
    pub fn search_from<'s>(&'s self, text: &'s [u8], starts: Range<usize>) -> OwnedSearch<'s> {
        let search = RegexSearch::new(self, text, SearchLimits::default()).starting_in(starts);
        OwnedSearch { search, scratch: self.scratch.get(), work: Cell::new(0) }
    }

    pub fn search_within<'s>(&'s self, text: &'s [u8], limits: SearchLimits) -> OwnedSearch<'s> {
        OwnedSearch { search: RegexSearch::new(self, text, limits), scratch: self.scratch.get(), work: Cell::new(0) }
    }

    /// Reports the matches in one document, whose start in the batch is `base`. All of them begin in a range, as for
    /// [`Regex::search_from`]. `is_alone` tells whether no other expression is searched for.
    pub fn scan_document(
        &self,
        (text, starts): (&[u8], Range<usize>),
        base: usize,
        is_alone: bool,
        scratch: &mut RegexScratch,
        work: &Cell<usize>,
        callback: &mut impl MatchCallback,
    ) -> Result<(), Stop> {
        let limits = SearchLimits { is_alone: true, ..SearchLimits::default() };
        let mut search = RegexSearch::new(self, text, limits).starting_in(starts);
        while let Some((start, end)) = search.next(scratch, &CancelCheck::new(&|| callback.cancelled(), work))? {
            callback.on_match(self.pattern, base + start, base + end);
            if is_alone {
                callback.passed(base + end);
            }
        }
        Ok(())
    }
}

/// The position after the next line feed, from the one before `from` on, if the text continues there.
pub fn after_line_feed(window: &[u8], from: usize) -> Option<usize> {
    let before = from.saturating_sub(1);
    let position = before + memchr::memchr(b'\n', window.get(before..)?)? + 1;
    (position < window.len()).then_some(position)
}

impl Engine for Regex {
    type Scratch = ();

    fn scan(&self, batch: Batch<'_>, _: &mut (), callback: &mut impl MatchCallback) {
        let mut guard = self.scratch.get();
        let scratch = guard.get_or_insert_with(|| self.create_scratch());
        let work = Cell::new(0);
        for (text, base) in batch.documents() {
            if self.scan_document((text, 0..text.len()), base, true, scratch, &work, callback).is_err() {
                break;
            }
            callback.end_document();
        }
        self.settle(&mut guard, true);
    }

    fn split_context(&self) -> usize {
        1
    }

    /// After a line feed, if no match contains one.
    fn split_point(&self, window: &[u8], from: usize) -> Option<usize> {
        after_line_feed(window, from).filter(|_| self.is_by_lines)
    }

    fn overlaps_itself(&self, _: u32) -> bool {
        false
    }
}
