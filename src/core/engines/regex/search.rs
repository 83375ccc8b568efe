//! Finds the matches of one expression in one document, one after another.
//!
//! Usually `lazy_dfa` finds the next match. It may read far beyond the match's end before it knows that no other
//! match is preferred, and the next search reads this again: `.*b|a` reads all of `aaaa...` for each `a`. Such wasted
//! bytes are counted. If they are more than a multiple of the progress, `greedy` takes over for some kilobytes, up to
//! a byte that no match contains.
//!
//! If terms compete, a search may continue before the end of a match that did not win. What it read of that match is
//! wasted too. `greedy` finds the start of a match without its end.

use std::ops::Range;

use regex_automata::{Anchored, Input};

use super::cancel::{CancelCheck, Stop};
use super::compile::{Regex, RegexScratch};
use super::ends::Boundary;
use super::greedy::Greedy;
use super::lazy_dfa::DfaMatch;
use super::state_sets::MemoryBudget;
use super::texts::ForTexts;
use crate::core::text::boundaries::MatchMode;
use crate::core::text::encoding::is_continuation;

/// When to use which kind of search.
#[derive(Clone, Copy)]
pub struct SearchLimits {
    /// Bytes that may be wasted, and how many more for each byte of progress. `greedy` takes about three times as
    /// long for a byte as lazy DFAs that waste nothing.
    pub wasted: usize,
    pub wasted_per_byte: usize,
    /// The fewest bytes that `greedy` searches, after too many wasted bytes and after lazy DFAs gave up.
    pub greedy_bytes: usize,
    pub quit_bytes: usize,
    /// The largest number of sets that `greedy` keeps: see [`MemoryBudget`].
    pub sets: usize,
    /// Whether no other expression is searched for at the same time.
    pub is_alone: bool,
}

impl Default for SearchLimits {
    fn default() -> Self {
        Self {
            wasted: 1 << 10,
            wasted_per_byte: 4,
            greedy_bytes: 16 << 10,
            quit_bytes: 1 << 10,
            sets: usize::MAX,
            is_alone: false,
        }
    }
}

/// Bytes between two checks for cancellation.
const CHECK_EVERY: usize = 1 << 18;

/// The state of a search in a document.
pub struct RegexSearch<'s> {
    regex: &'s Regex,
    text: &'s [u8],
    limits: SearchLimits,
    /// Where the next match may begin. None begins at `starts_end` or later.
    from: usize,
    starts_end: usize,
    /// The text is valid UTF-8 up to here, as far as that matters: in word mode, and for lazy DFAs.
    valid: usize,
    /// Where counting of wasted bytes began, and their number.
    counted_from: usize,
    wasted: usize,
    /// `greedy` searches up to here.
    greedy_to: Option<usize>,
    /// The match that was found last.
    found: Option<FoundMatch>,
}

#[derive(Clone, Copy)]
struct FoundMatch {
    start: usize,
    /// `None` if `greedy` found the start.
    end: Option<usize>,
}

impl<'s> RegexSearch<'s> {
    pub fn new(regex: &'s Regex, text: &'s [u8], limits: SearchLimits) -> Self {
        let checks = regex.boundaries.mode == MatchMode::Word && matches!(regex.texts, ForTexts::Any);
        let valid = if checks { 0 } else { text.len() };
        let starts_end = text.len();
        Self {
            regex,
            text,
            limits,
            from: 0,
            starts_end,
            valid,
            counted_from: 0,
            wasted: 0,
            greedy_to: None,
            found: None,
        }
    }

    /// The same search, if all matches are known to begin in this range of an ASCII text.
    pub fn starting_in(mut self, starts: Range<usize>) -> Self {
        self.from = starts.start;
        self.counted_from = starts.start;
        self.starts_end = starts.end.min(self.text.len());
        self
    }

    /// The same search in another document.
    pub fn of(&self, text: &'s [u8]) -> Self {
        Self::new(self.regex, text, self.limits)
    }

    pub fn regex(&self) -> &'s Regex {
        self.regex
    }

    /// The next match. Pass the same scratch memory each time.
    pub fn next(
        &mut self,
        scratch: &mut RegexScratch,
        cancel_check: &CancelCheck<'_>,
    ) -> Result<Option<(usize, usize)>, Stop> {
        let Some(start) = self.next_start(scratch, cancel_check)? else { return Ok(None) };
        let end = self.end(usize::MAX, scratch, cancel_check)?.expect("there is no limit");
        self.skip_to(end);
        Ok(Some((start, end)))
    }

    /// The start of the next match. Then [`Self::skip_to`] must be called.
    pub fn next_start(
        &mut self,
        scratch: &mut RegexScratch,
        cancel_check: &CancelCheck<'_>,
    ) -> Result<Option<usize>, Stop> {
        self.found = SearchStep { search: self, scratch, cancel_check }.next()?;
        Ok(self.found.map(|found| found.start))
    }

    /// The end of the match that was found last, unless it is after `most`.
    pub fn end(
        &mut self,
        most: usize,
        scratch: &mut RegexScratch,
        cancel_check: &CancelCheck<'_>,
    ) -> Result<Option<usize>, Stop> {
        let FoundMatch { start, end } = self.found.expect("a match was found");
        match end {
            Some(end) => Ok(Some(end).filter(|&end| end <= most)),
            None => SearchStep { search: self, scratch, cancel_check }.greedy().end(start, most),
        }
    }

    /// Continues at a position, at or after the start of the match that was found last.
    pub fn skip_to(&mut self, position: usize) {
        if let Some(FoundMatch { end: Some(end), .. }) = self.found.take() {
            self.wasted += end.saturating_sub(position);
        }
        self.from = position;
    }
}

/// A search, with what its next step needs.
struct SearchStep<'c, 's> {
    search: &'c mut RegexSearch<'s>,
    scratch: &'c mut RegexScratch,
    cancel_check: &'c CancelCheck<'c>,
}

impl SearchStep<'_, '_> {
    /// The next match.
    fn next(&mut self) -> Result<Option<FoundMatch>, Stop> {
        loop {
            if let Some(to) = self.search.greedy_to {
                if let Some(start) = self.next_greedy(to)? {
                    return Ok(Some(FoundMatch { start, end: None }));
                }
                self.search.greedy_to = None;
                self.search.from = self.search.from.max(to);
                (self.search.counted_from, self.search.wasted) = (self.search.from, 0);
            }
            if self.search.from >= self.search.starts_end {
                return Ok(None);
            }
            if self.search.wasted
                >= self.search.limits.wasted.saturating_add(
                    self.search.limits.wasted_per_byte * (self.search.from - self.search.counted_from),
                )
            {
                self.start_greedy(self.search.limits.greedy_bytes)?;
                continue;
            }
            match self.by_dfas() {
                Err(Stop::Quit) => self.start_greedy(self.search.limits.quit_bytes)?,
                found => return Ok(found?.map(|(start, end)| FoundMatch { start, end: Some(end) })),
            }
        }
    }

    /// Lets `greedy` search at least `least` bytes, up to a byte that no match contains.
    fn start_greedy(&mut self, least: usize) -> Result<(), Stop> {
        let len = self.search.text.len();
        // The search must continue at the start of a character.
        let regex = self.search.regex;
        let ends_all = |byte: u8| (regex.has_symbols() || !is_continuation(byte)) && !regex.bytes.contains(byte);
        let mut to = len.min(self.search.from.saturating_add(least.max(1)));
        while to < len {
            let ahead = &self.search.text[to..len.min(to + CHECK_EVERY)];
            match ahead.iter().position(|&byte| ends_all(byte)) {
                Some(position) => {
                    to += position;
                    break;
                }
                None => to += ahead.len(),
            }
            self.cancel_check.work(CHECK_EVERY)?;
        }
        // The context after a match has up to four bytes.
        let part = self.search.from..len.min(to.saturating_add(4));
        let budget = self.budget();
        self.greedy().begin(part, budget);
        self.search.greedy_to = Some(to);
        Ok(())
    }

    fn next_greedy(&mut self, to: usize) -> Result<Option<usize>, Stop> {
        let RegexSearch { regex, text, from, .. } = *self.search;
        self.greedy().next_start(|start| may_begin(regex, text, start), from..to)
    }

    fn greedy(&mut self) -> Greedy<'_> {
        let RegexSearch { regex, text, .. } = *self.search;
        Greedy {
            reverse_nfa: regex.reverse_nfa(),
            text,
            cancel_check: self.cancel_check,
            scratch: &mut self.scratch.greedy,
        }
    }

    fn budget(&self) -> MemoryBudget {
        let RegexSearch { regex, limits, .. } = *self.search;
        MemoryBudget { bytes: if limits.is_alone { regex.budget_alone() } else { regex.budget }, sets: limits.sets }
    }

    fn by_dfas(&mut self) -> Result<Option<(usize, usize)>, Stop> {
        let RegexSearch { regex, text, from, .. } = *self.search;
        if regex.before == Boundary::Never && regex.after == Boundary::Never {
            return self.find(false, from..text.len(), Anchored::No);
        }
        if self.search.valid <= from {
            self.search.valid = self.valid_from(from)?;
        }
        if may_begin(regex, text, from)
            && let Some(found) = self.try_here()?
        {
            return Ok(Some(found));
        }
        loop {
            // No match contains a byte of invalid UTF-8, but its context may consist of such bytes.
            let range = self.search.from..text.len().min(self.search.valid + 4);
            if self.search.from < self.search.valid
                && let Some((start, end)) = self.find(regex.within.is_some(), range, Anchored::No)?
                && start < self.search.valid
            {
                let context = if regex.within.is_some() { regex.first_length(&text[start..]) } else { 0 };
                return self.without_context(start + context, end).map(Some);
            }
            if self.search.valid == text.len() {
                return Ok(None);
            }
            // A match may begin after each such byte.
            self.search.from = self.search.valid + 1;
            self.search.valid = self.valid_from(self.search.from)?;
            if let Some(found) = self.try_here()? {
                return Ok(Some(found));
            }
        }
    }

    /// The match that begins at the current position, if matches need context before them elsewhere.
    fn try_here(&mut self) -> Result<Option<(usize, usize)>, Stop> {
        if self.search.from == self.search.valid || self.search.regex.within.is_none() {
            return Ok(None);
        }
        match self.find(false, self.search.from..self.search.text.len(), Anchored::Yes)? {
            Some((start, end)) => self.without_context(start, end).map(Some),
            None => Ok(None),
        }
    }

    /// Removes the context after a match.
    fn without_context(&mut self, start: usize, end: usize) -> Result<(usize, usize), Stop> {
        let RegexSearch { regex, text, valid, .. } = *self.search;
        if regex.after == Boundary::Never {
            return Ok((start, end));
        }
        if end > valid {
            return Ok((start, valid));
        }
        let before = end - regex.last_length(&text[..end]);
        if end < text.len() {
            return Ok((start, before));
        }
        // At the end of the text, the last character is either context or part of the match.
        let [shortest, longest] = regex.lengths;
        // A word character is context only after another character, if the boundary depends on that.
        let is_word = |at| regex.word_ends_at(text, at);
        let is_part = is_word(end) && (regex.after == Boundary::Always || is_word(before));
        if is_part || before < start + shortest {
            return Ok((start, end));
        }
        if end - start > longest {
            return Ok((start, before));
        }
        let budget = self.budget();
        let mut greedy = self.greedy();
        greedy.begin(start..end, budget);
        Ok((start, greedy.end(start, end)?.unwrap_or(end)))
    }

    /// A match with its context. With `within`, of the expression that has context before it too.
    fn find(
        &mut self,
        within: bool,
        range: Range<usize>,
        anchored: Anchored,
    ) -> Result<Option<(usize, usize)>, Stop> {
        let (start, starts_end) = (range.start, self.search.starts_end);
        let input = Input::new(self.search.text).range(range).anchored(anchored);
        let DfaMatch { span, read } = match (&self.search.regex.within, &mut self.scratch.within) {
            (Some(dfas), Some(caches)) if within => dfas.find(caches, &input, starts_end, self.cancel_check)?,
            _ => {
                self.search.regex.at_start.find(&mut self.scratch.at_start, &input, starts_end, self.cancel_check)?
            }
        };
        self.search.wasted += match span {
            Some((_, end)) => read - end,
            None if anchored == Anchored::Yes => read - start,
            None => 0,
        };
        Ok(span)
    }

    /// The first position from `from` on that is not valid UTF-8.
    fn valid_from(&self, from: usize) -> Result<usize, Stop> {
        let mut at = from;
        loop {
            let ahead = &self.search.text[at..self.search.text.len().min(at + CHECK_EVERY)];
            let valid = match std::str::from_utf8(ahead) {
                Ok(_) => ahead.len(),
                // A character that is only cut off here is read again.
                Err(error) if error.error_len().is_none() && at + ahead.len() < self.search.text.len() => {
                    error.valid_up_to()
                }
                Err(error) => return Ok(at + error.valid_up_to()),
            };
            at += valid;
            self.cancel_check.work(1 + valid / 8)?;
            if at == self.search.text.len() {
                return Ok(at);
            }
        }
    }
}

/// Whether the text before a position allows a match to begin there.
#[inline]
fn may_begin(regex: &Regex, text: &[u8], at: usize) -> bool {
    match regex.before {
        Boundary::Never => true,
        Boundary::Always => !regex.word_ends_at(text, at),
        Boundary::AtWords => !regex.word_ends_at(text, at) || !regex.word_begins_at(text, at),
    }
}
