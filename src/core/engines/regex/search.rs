//! The matches of one expression in one document, one after another.
//!
//! Usually `automata` finds the next match. It may read far beyond its end before it knows that no other is preferred, and
//! the next search reads that again: `.*b|a` reads all of `aaaa...` for each `a`. What is read in vain is counted. Where it
//! is more than a multiple of what the search has advanced, `greedy` takes over: up to where no match goes on, but at
//! least for some kilobytes.

use std::ops::Range;

use regex_automata::{Anchored, Input};

use super::automata::Found;
use super::compiled::{Regex, Tools};
use super::greedy::Greedy;
use super::reach::Room;
use super::watch::{Stop, Watch};
use crate::core::text::boundaries::MatchMode;
use crate::core::text::unicode::{first_char, last_char};

/// When to search in which way.
#[derive(Clone, Copy)]
pub struct Limits {
    /// Bytes that may be read in vain, and how many more for each byte that the search advances. A search by `greedy` costs
    /// about three times as much a byte as one by automata that reads nothing in vain.
    pub vain: usize,
    pub times: usize,
    /// How long `greedy` searches at least, where too much was read in vain and where the automata cannot say.
    pub vain_bytes: usize,
    pub quit_bytes: usize,
    /// Sets that `greedy` keeps in one place: see [`Room`].
    pub sets: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { vain: 1 << 10, times: 4, vain_bytes: 16 << 10, quit_bytes: 1 << 10, sets: usize::MAX }
    }
}

/// Bytes that are read between two looks at whether the count was cancelled.
const AT_ONCE: usize = 1 << 18;

/// How far a search has come in a document.
pub struct Course<'s> {
    regex: &'s Regex,
    text: &'s [u8],
    limits: Limits,
    /// Where the next match may begin.
    from: usize,
    /// Up to where the text is valid UTF-8 as far as that matters: under the word rule, and for `automata`.
    valid: usize,
    /// How far the text was searched when bytes read in vain were first counted, and how many these are.
    counted_from: usize,
    vain: usize,
    /// Up to where `greedy` searches.
    greedy_to: Option<usize>,
}

impl<'s> Course<'s> {
    pub fn new(regex: &'s Regex, text: &'s [u8], limits: Limits) -> Self {
        let valid = if regex.boundaries.mode == MatchMode::Word { 0 } else { text.len() };
        Self { regex, text, limits, from: 0, valid, counted_from: 0, vain: 0, greedy_to: None }
    }

    pub fn regex(&self) -> &'s Regex {
        self.regex
    }

    /// The next match. The tools are the same ones each time.
    pub fn next(&mut self, tools: &mut Tools, watch: &Watch<'_>) -> Result<Option<(usize, usize)>, Stop> {
        Step { course: self, tools, watch }.next()
    }
}

/// A course and what it needs for its next step.
struct Step<'c, 's> {
    course: &'c mut Course<'s>,
    tools: &'c mut Tools,
    watch: &'c Watch<'c>,
}

impl Step<'_, '_> {
    /// The next match.
    fn next(&mut self) -> Result<Option<(usize, usize)>, Stop> {
        loop {
            if let Some(to) = self.course.greedy_to {
                if let Some(found) = self.next_greedy(to)? {
                    self.course.from = found.1;
                    return Ok(Some(found));
                }
                self.course.greedy_to = None;
                self.course.from = self.course.from.max(to);
                (self.course.counted_from, self.course.vain) = (self.course.from, 0);
            }
            if self.course.from >= self.course.text.len() {
                return Ok(None);
            }
            if self.course.vain
                >= self
                    .course
                    .limits
                    .vain
                    .saturating_add(self.course.limits.times * (self.course.from - self.course.counted_from))
            {
                self.go_greedy(self.course.limits.vain_bytes)?;
                continue;
            }
            match self.by_automata() {
                Err(Stop::Quit) => self.go_greedy(self.course.limits.quit_bytes)?,
                found => return found,
            }
        }
    }

    /// Lets `greedy` search from here on, for some bytes at least, and up to a byte that no match contains.
    fn go_greedy(&mut self, least: usize) -> Result<(), Stop> {
        let len = self.course.text.len();
        // The search goes on where a character begins.
        let ends_all = |byte: u8| byte & 0xC0 != 0x80 && !self.course.regex.bytes.contains(byte);
        let mut to = len.min(self.course.from.saturating_add(least.max(1)));
        while to < len {
            let ahead = &self.course.text[to..len.min(to + AT_ONCE)];
            match ahead.iter().position(|&byte| ends_all(byte)) {
                Some(place) => {
                    to += place;
                    break;
                }
                None => to += ahead.len(),
            }
            self.watch.work(AT_ONCE)?;
        }
        // The context after a match has up to four bytes.
        let part = self.course.from..len.min(to.saturating_add(4));
        let room = self.room();
        self.greedy().begin(part, room);
        self.course.greedy_to = Some(to);
        Ok(())
    }

    fn next_greedy(&mut self, to: usize) -> Result<Option<(usize, usize)>, Stop> {
        let (regex, text, from) = (self.course.regex, self.course.text, self.course.from);
        // Without boundaries, matches begin anywhere.
        let anywhere = regex.within.is_none();
        self.greedy().next(|start| anywhere || !regex.boundaries.word_ends_at(text, start), from..to)
    }

    fn greedy(&mut self) -> Greedy<'_> {
        let Course { regex, text, .. } = *self.course;
        Greedy { reach: regex.reached(), text, watch: self.watch, buffers: &mut self.tools.greedy }
    }

    fn room(&self) -> Room {
        Room { bytes: self.course.regex.room, sets: self.course.limits.sets }
    }

    fn by_automata(&mut self) -> Result<Option<(usize, usize)>, Stop> {
        let len = self.course.text.len();
        let found = if self.course.regex.within.is_none() {
            self.find(false, self.course.from..len, Anchored::No)?
        } else {
            self.by_context()?
        };
        if let Some((_, end)) = found {
            self.course.from = end;
        }
        Ok(found)
    }

    fn by_context(&mut self) -> Result<Option<(usize, usize)>, Stop> {
        let len = self.course.text.len();
        if self.course.valid <= self.course.from {
            self.course.valid = self.valid_from(self.course.from)?;
        }
        if !self.course.regex.boundaries.word_ends_at(self.course.text, self.course.from)
            && let Some(found) = self.try_here()?
        {
            return Ok(Some(found));
        }
        loop {
            // No match goes across a byte outside valid UTF-8, but its context after it may consist of such bytes.
            let range = self.course.from..len.min(self.course.valid + 4);
            if self.course.from < self.course.valid
                && let Some((start, end)) = self.find(true, range, Anchored::No)?
                && start <= self.course.valid
            {
                let start = start + first_char(&self.course.text[start..]).1;
                return self.without_context(start, end).map(Some);
            }
            if self.course.valid == len {
                return Ok(None);
            }
            // A match may begin after each such byte.
            self.course.from = self.course.valid + 1;
            self.course.valid = self.valid_from(self.course.from)?;
            if let Some(found) = self.try_here()? {
                return Ok(Some(found));
            }
        }
    }

    /// The match that begins just where the search is.
    fn try_here(&mut self) -> Result<Option<(usize, usize)>, Stop> {
        if self.course.from == self.course.valid {
            return Ok(None);
        }
        match self.find(false, self.course.from..self.course.text.len(), Anchored::Yes)? {
            Some((start, end)) => self.without_context(start, end).map(Some),
            None => Ok(None),
        }
    }

    /// A match without its context after it.
    fn without_context(&mut self, start: usize, end: usize) -> Result<(usize, usize), Stop> {
        if end > self.course.valid {
            return Ok((start, self.course.valid));
        }
        let text = &self.course.text[..end];
        if end < self.course.text.len() {
            return Ok((start, end - last_char(text).map_or(0, char::len_utf8)));
        }
        // At the end of the text the last character is the context or a part of the match.
        if self.course.regex.boundaries.word_ends_at(text, end) {
            return Ok((start, end));
        }
        let room = self.room();
        let mut greedy = self.greedy();
        greedy.begin(start..end, room);
        Ok((start, greedy.end(start)?))
    }

    /// A match with its context: of the expression with context before it as well, or of the one without.
    fn find(
        &mut self,
        within: bool,
        range: Range<usize>,
        anchored: Anchored,
    ) -> Result<Option<(usize, usize)>, Stop> {
        let start = range.start;
        let input = Input::new(self.course.text).range(range).anchored(anchored);
        let Found { span, read } = match (&self.course.regex.within, &mut self.tools.within) {
            (Some(automata), Some(caches)) if within => automata.find(caches, &input, self.watch)?,
            _ => self.course.regex.at_start.find(&mut self.tools.at_start, &input, self.watch)?,
        };
        self.course.vain += match span {
            Some((_, end)) => read - end,
            None if anchored == Anchored::Yes => read - start,
            None => 0,
        };
        Ok(span)
    }

    /// The first place from one on that is not valid UTF-8.
    fn valid_from(&self, from: usize) -> Result<usize, Stop> {
        let mut at = from;
        loop {
            let ahead = &self.course.text[at..self.course.text.len().min(at + AT_ONCE)];
            let valid = match std::str::from_utf8(ahead) {
                Ok(_) => ahead.len(),
                // What is cut off only here is read again.
                Err(error) if error.error_len().is_none() && at + ahead.len() < self.course.text.len() => {
                    error.valid_up_to()
                }
                Err(error) => return Ok(at + error.valid_up_to()),
            };
            at += valid;
            self.watch.work(1 + valid / 8)?;
            if at == self.course.text.len() {
                return Ok(at);
            }
        }
    }
}
