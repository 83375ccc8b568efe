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
use std::sync::OnceLock;

use regex_automata::util::pool::{Pool, PoolGuard};
use regex_syntax::hir::Hir;

use super::super::batch::Batch;
use super::super::runs::Runs;
use super::{Engine, Scratch, Sink};
use automata::{Automata, Caches, Use};
use context::{ByteSet, bytes_of, is_by_lines, within_context};
use greedy::Buffers;
use reach::Reach;
use search::{Course, Limits};
use watch::Watch;

/// Why a regular expression cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegexError {
    NotUtf8,
    Syntax {
        reason: String,
        /// In characters, from 0.
        position: usize,
    },
    MatchesEmpty,
    TooLarge,
}

/// Bytes that one compiled expression may take: the bound that the crate `regex` sets as well.
pub const SIZE_LIMIT: usize = 10 << 20;

/// Bytes of the states that a search may remember, for all expressions of a plan together, and for one.
const CACHE_BYTES: usize = 64 << 20;
const CACHE_BYTES_EACH: std::ops::RangeInclusive<usize> = 64 << 10..=2 << 20;

/// The same for what `greedy` keeps of the texts that are searched at the same time.
const ROOM_BYTES: usize = 32 << 20;
const ROOM_BYTES_EACH: std::ops::RangeInclusive<usize> = 128 << 10..=8 << 20;

pub struct Regex {
    form: u32,
    runs: Runs,
    /// The expression with context after it; without boundaries the expression itself.
    at_start: Automata,
    /// The expression with context on both sides.
    within: Option<Automata>,
    /// The bytes that a match can contain.
    bytes: ByteSet,
    /// Whether no match contains or looks beyond a line feed, so that a text can be cut after one.
    is_by_lines: bool,
    /// Made for the first text that needs it.
    reach: OnceLock<Reach>,
    /// Bytes that `greedy` may keep of a text, about.
    room: usize,
    /// One for each search at the same time.
    tools: Pool<Option<Box<Tools>>>,
}

/// What the searches of an expression leave to later ones.
struct Tools {
    at_start: Caches,
    within: Option<Caches>,
    greedy: Buffers,
}

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
    /// One of so many expressions of a plan.
    pub fn new(
        runs: &Runs,
        ignore_case: bool,
        form: u32,
        text: &[u8],
        expressions: usize,
    ) -> Result<Self, RegexError> {
        let hir = parse(text, ignore_case)?;
        let cache = (CACHE_BYTES / (3 * expressions)).clamp(*CACHE_BYTES_EACH.start(), *CACHE_BYTES_EACH.end());
        let room = (ROOM_BYTES / expressions).clamp(*ROOM_BYTES_EACH.start(), *ROOM_BYTES_EACH.end());
        let bytes = bytes_of(&hir);
        let is_by_lines = is_by_lines(&hir, &bytes);
        let (at_start, within) = within_context(runs, hir);
        Ok(Self {
            form,
            runs: runs.clone(),
            at_start: Automata::new(
                &at_start,
                if within.is_some() { Use::Anchored } else { Use::Everywhere },
                cache,
            )?,
            within: within.map(|within| Automata::new(&within, Use::Within, cache)).transpose()?,
            bytes,
            is_by_lines,
            reach: OnceLock::new(),
            room,
            tools: Pool::new(|| None),
        })
    }

    pub fn form(&self) -> u32 {
        self.form
    }

    /// A search through a document.
    pub fn search<'s>(&'s self, text: &'s [u8]) -> Search<'s> {
        Search { course: Course::new(self, text, Limits::default()), tools: self.tools.get(), work: Cell::new(0) }
    }

    fn create_tools(&self) -> Box<Tools> {
        Box::new(Tools {
            at_start: self.at_start.caches(),
            within: self.within.as_ref().map(Automata::caches),
            greedy: Buffers::default(),
        })
    }

    fn reach(&self) -> &Reach {
        self.reach.get_or_init(|| Reach::new(self.at_start.nfa()))
    }
}

fn parse(text: &[u8], ignore_case: bool) -> Result<Hir, RegexError> {
    let text = std::str::from_utf8(text).map_err(|_| RegexError::NotUtf8)?;
    let parsed = regex_syntax::ParserBuilder::new().case_insensitive(ignore_case).build().parse(text);
    let hir = parsed.map_err(|error| syntax_error(&error, text))?;
    match hir.properties().minimum_len() {
        Some(0) => Err(RegexError::MatchesEmpty),
        _ => Ok(hir),
    }
}

fn syntax_error(error: &regex_syntax::Error, text: &str) -> RegexError {
    let (reason, span) = match error {
        regex_syntax::Error::Parse(error) => (error.kind().to_string(), *error.span()),
        regex_syntax::Error::Translate(error) => (error.kind().to_string(), *error.span()),
        error => return RegexError::Syntax { reason: error.to_string(), position: 0 },
    };
    let position = text[..span.start.offset].chars().count();
    RegexError::Syntax { reason, position }
}

impl Engine for Regex {
    fn scan(&self, batch: Batch<'_>, _: &mut Scratch, sink: &mut impl Sink) {
        let mut tools = self.tools.get();
        let tools = tools.get_or_insert_with(|| self.create_tools());
        let work = Cell::new(0);
        for (text, document) in batch.documents() {
            let mut course = Course::new(self, text, Limits::default());
            loop {
                match course.next(tools, &Watch::new(&|| sink.cancelled(), &work)) {
                    Ok(Some((start, end))) => {
                        sink.hit(self.form, document + start, document + end);
                        sink.passed(document + end);
                    }
                    Ok(None) => break sink.end_document(),
                    Err(_) => return tools.greedy.shrink(),
                }
            }
        }
        tools.greedy.shrink();
    }

    fn reach(&self) -> usize {
        1
    }

    /// After a line feed, if no match contains one.
    fn cut(&self, window: &[u8], from: usize) -> Option<usize> {
        let before = from.saturating_sub(1);
        let place = before + memchr::memchr(b'\n', window.get(before..)?)? + 1;
        (self.is_by_lines && place < window.len()).then_some(place)
    }

    fn overlaps_itself(&self, _: u32) -> bool {
        false
    }
}
