//! One regular expression, with the rule's boundaries inside it.
//!
//! The boundaries take part in the choice of a match, so they must be part of the expression; but neither whitespace
//! nor a set of further word characters is among the assertions of the crate `regex-automata`, and its word boundaries fail
//! next to bytes outside valid UTF-8. So the parsed expression gets a character of context before it and one after it (or
//! the end of the text, or a byte outside valid UTF-8), which are not part of the match. Where a match may begin without a
//! character before it (at the beginning of a document, after such a byte, where the last match ended) the expression
//! without the first context is tried at just that place.
//!
//! A document is searched in time linear in its length. Read `search` first, then `automata`, which serves nearly all
//! texts, then `greedy`, which serves those on which repeated searches would read the same text again and again.

mod automata;
mod compiled;
mod context;
mod greedy;
mod jump;
mod reach;
mod search;
mod stretch;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod twin;
mod watch;

use std::cell::Cell;

use regex_automata::util::pool::PoolGuard;

use super::engine::{Engine, MatchCallback};
use crate::core::documents::batch::Batch;
pub use compiled::Regex;
use compiled::Tools;
use search::{Course, Limits};
use watch::Watch;

type ToolsGuard<'s> = PoolGuard<'s, Option<Box<Tools>>, fn() -> Option<Box<Tools>>>;

/// A search through one document, which can be left and gone on with.
pub struct Search<'s> {
    course: Course<'s>,
    tools: ToolsGuard<'s>,
    work: Cell<usize>,
}

impl Search<'_> {
    /// The next match; none also if `cancelled` says so on the way.
    pub fn next(&mut self, cancelled: &dyn Fn() -> bool) -> Option<(usize, usize)> {
        let tools = self.tools.get_or_insert_with(|| self.course.regex().create_tools());
        self.course.next(tools, &Watch::new(cancelled, &self.work)).ok()?
    }
}

impl Drop for Search<'_> {
    fn drop(&mut self) {
        if let Some(tools) = &mut *self.tools {
            tools.greedy.shrink();
        }
    }
}

impl Regex {
    /// A search through a document.
    pub fn search<'s>(&'s self, text: &'s [u8]) -> Search<'s> {
        Search { course: Course::new(self, text, Limits::default()), tools: self.tools.get(), work: Cell::new(0) }
    }
}

impl Engine for Regex {
    type Scratch = ();

    fn scan(&self, batch: Batch<'_>, _: &mut (), callback: &mut impl MatchCallback) {
        let mut tools = self.tools.get();
        let tools = tools.get_or_insert_with(|| self.create_tools());
        let work = Cell::new(0);
        for (text, document) in batch.documents() {
            let mut course = Course::new(self, text, Limits::default());
            loop {
                match course.next(tools, &Watch::new(&|| callback.cancelled(), &work)) {
                    Ok(Some((start, end))) => {
                        callback.on_match(self.pattern, document + start, document + end);
                        callback.passed(document + end);
                    }
                    Ok(None) => break callback.end_document(),
                    Err(_) => return tools.greedy.shrink(),
                }
            }
        }
        tools.greedy.shrink();
    }

    fn split_context(&self) -> usize {
        1
    }

    /// After a line feed, if no match contains one.
    fn split_point(&self, window: &[u8], from: usize) -> Option<usize> {
        let before = from.saturating_sub(1);
        let place = before + memchr::memchr(b'\n', window.get(before..)?)? + 1;
        (self.is_by_lines && place < window.len()).then_some(place)
    }

    fn overlaps_itself(&self, _: u32) -> bool {
        false
    }
}
