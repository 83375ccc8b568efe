//! One expression, compiled.

use std::sync::OnceLock;

use regex_automata::util::pool::Pool;
use regex_syntax::hir::Hir;

use super::automata::{Automata, Caches, Use};
use super::context::{ByteSet, bytes_of, is_by_lines, within_context};
use super::greedy::Buffers;
use super::reach::Reach;
use crate::core::base::error::RegexError;
use crate::core::text::boundaries::Boundaries;

/// Bytes of the states that a search may remember, for all expressions of a plan together, and for one.
const CACHE_BYTES: usize = 64 << 20;
const CACHE_BYTES_EACH: std::ops::RangeInclusive<usize> = 64 << 10..=2 << 20;

/// The same for what `greedy` keeps of the texts that are searched at the same time.
const ROOM_BYTES: usize = 32 << 20;
const ROOM_BYTES_EACH: std::ops::RangeInclusive<usize> = 128 << 10..=8 << 20;

pub struct Regex {
    pub pattern: u32,
    pub boundaries: Boundaries,
    /// The expression with context after it; without boundaries the expression itself.
    pub at_start: Automata,
    /// The expression with context on both sides.
    pub within: Option<Automata>,
    /// The bytes that a match can contain.
    pub bytes: ByteSet,
    /// Whether no match contains or looks beyond a line feed, so that a text can be cut after one.
    pub is_by_lines: bool,
    /// Made for the first text that needs it.
    reach: OnceLock<Reach>,
    /// Bytes that `greedy` may keep of a text, about.
    pub room: usize,
    /// One for each search at the same time.
    pub tools: Pool<Option<Box<Tools>>>,
}

/// What the searches of an expression leave to later ones.
pub struct Tools {
    pub at_start: Caches,
    pub within: Option<Caches>,
    pub greedy: Buffers,
}

impl Regex {
    /// One of so many expressions of a plan.
    pub fn new(
        boundaries: &Boundaries,
        ignore_case: bool,
        pattern: u32,
        text: &[u8],
        expressions: usize,
    ) -> Result<Self, RegexError> {
        let hir = parse(text, ignore_case)?;
        let cache = (CACHE_BYTES / (3 * expressions)).clamp(*CACHE_BYTES_EACH.start(), *CACHE_BYTES_EACH.end());
        let room = (ROOM_BYTES / expressions).clamp(*ROOM_BYTES_EACH.start(), *ROOM_BYTES_EACH.end());
        let bytes = bytes_of(&hir);
        let is_by_lines = is_by_lines(&hir, &bytes);
        let (at_start, within) = within_context(boundaries, hir);
        Ok(Self {
            pattern,
            boundaries: boundaries.clone(),
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

    pub fn pattern(&self) -> u32 {
        self.pattern
    }

    pub fn create_tools(&self) -> Box<Tools> {
        Box::new(Tools {
            at_start: self.at_start.caches(),
            within: self.within.as_ref().map(Automata::caches),
            greedy: Buffers::default(),
        })
    }

    pub fn reached(&self) -> &Reach {
        self.reach.get_or_init(|| Reach::new(self.at_start.nfa()))
    }
}

pub fn parse(text: &[u8], ignore_case: bool) -> Result<Hir, RegexError> {
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
