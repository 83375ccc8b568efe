//! One regular expression, with the rule's boundaries inside it.
//!
//! The search itself is the crate `regex-automata`'s, and with it the promise of linear time. What is ours are the
//! boundaries. They take part in the choice of a match, so they must stand within the expression; but neither white
//! space nor a set of further word characters is among the crate's assertions, and its word boundaries fail beside bytes
//! outside valid UTF-8. So the parsed expression gets a character of context before it and one behind it (or the end of
//! the text, or a byte outside valid UTF-8), which are taken off the match. Where a match may begin without a character
//! before it - at the beginning of a document, behind such a byte, where the last match ended - the expression without
//! the first context is tried at just that place.

mod context;
mod long;

use std::ops::Range;

use regex_automata::{Anchored, Input, meta};
use regex_syntax::hir::Hir;

use super::super::batch::Batch;
use super::super::runs::{Match, Runs};
use super::super::unicode::{first_char, last_char};
use super::{CANCEL_BYTES, Engine, Scratch, Sink};
use context::{is_by_lines, within_context};
use long::{Stepwise, Stop};

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

/// Bytes of the states that a search may remember, for all expressions of a plan together. One expression gets no more
/// than the crate would give it.
const CACHE_BYTES: usize = 64 << 20;
const CACHE_BYTES_EACH: std::ops::RangeInclusive<usize> = 64 << 10..=2 << 20;

pub struct Regex {
    form: u32,
    runs: Runs,
    /// The expression with context on both sides; without boundaries the expression itself.
    within: Compiled,
    /// The expression with context behind it alone.
    at_start: Option<Compiled>,
    /// Whether no match holds or looks beyond a line feed, so that a text can be cut behind one.
    is_by_lines: bool,
}

/// An expression, and what it was compiled from.
struct Compiled {
    hir: Hir,
    regex: meta::Regex,
    /// Which of the two of its engine it is.
    number: usize,
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
        let text = std::str::from_utf8(text).map_err(|_| RegexError::NotUtf8)?;
        let parsed = regex_syntax::ParserBuilder::new().case_insensitive(ignore_case).build().parse(text);
        let hir = parsed.map_err(|error| syntax_error(&error, text))?;
        if hir.properties().minimum_len() == Some(0) {
            return Err(RegexError::MatchesEmpty);
        }
        let cache = (CACHE_BYTES / expressions).clamp(*CACHE_BYTES_EACH.start(), *CACHE_BYTES_EACH.end());
        let config = meta::Config::new()
            .utf8_empty(false)
            .nfa_size_limit(Some(SIZE_LIMIT))
            .onepass_size_limit(Some(1 << 20))
            .hybrid_cache_capacity(cache);
        // The only way to fail for an expression that was parsed is to be too large.
        let compile = |number, hir| match meta::Builder::new().configure(config.clone()).build_from_hir(&hir) {
            Ok(regex) => Ok(Compiled { hir, regex, number }),
            Err(_) => Err(RegexError::TooLarge),
        };
        let is_by_lines = is_by_lines(&hir);
        let (within, at_start) = if runs.rule == Match::Substring {
            (compile(0, hir)?, None)
        } else {
            let (within, at_start) = within_context(runs, hir);
            (compile(0, within)?, Some(compile(1, at_start)?))
        };
        Ok(Self { form, runs: runs.clone(), within, at_start, is_by_lines })
    }

    pub fn form(&self) -> u32 {
        self.form
    }

    /// A search through a document.
    pub fn search<'s>(&'s self, text: &'s [u8]) -> Search<'s> {
        Search::new(self, text, LONG)
    }
}

/// Longer documents are searched step by step, which is slower, but can be cancelled on the way.
const LONG: usize = 16 << 20;

/// A search through one document.
pub struct Search<'s> {
    regex: &'s Regex,
    text: &'s [u8],
    /// Where the next match may begin.
    from: usize,
    /// Up to where the text is valid UTF-8, if that matters.
    valid: usize,
    /// Of a long document, by number of the expression.
    stepwise: Vec<Option<Stepwise>>,
}

impl<'s> Search<'s> {
    /// Through a document that is long if it has more bytes than `long`.
    fn new(regex: &'s Regex, text: &'s [u8], long: usize) -> Self {
        let mut search = Self { regex, text, from: 0, valid: text.len(), stepwise: Vec::new() };
        if text.len() > long {
            let expressions = std::iter::once(&regex.within).chain(&regex.at_start);
            search.stepwise = expressions.map(|compiled| Stepwise::new(&compiled.hir)).collect();
        }
        if regex.runs.rule == Match::Word {
            search.valid = search.valid_from(0);
        }
        search
    }

    fn valid_from(&self, from: usize) -> usize {
        from + std::str::from_utf8(&self.text[from..]).map_or_else(|error| error.valid_up_to(), str::len)
    }

    /// The next match; none if `cancelled` says so on the way.
    pub fn next(&mut self, cancelled: &dyn Fn() -> bool) -> Option<(usize, usize)> {
        let Regex { within, at_start, runs, .. } = self.regex;
        let end = self.text.len();
        let found = match at_start {
            None => self.find(within, self.from..end, Anchored::No, cancelled)?,
            Some(at_start) => 'found: {
                if !runs.end_at(self.text, self.from)
                    && let Some(found) = self.term(at_start, self.from..end, Anchored::Yes, cancelled)
                {
                    break 'found found;
                }
                loop {
                    // No match goes across a byte outside valid UTF-8, but what stands behind one may be such bytes.
                    let range = self.from..end.min(self.valid + 4);
                    let found = self.term(within, range, Anchored::No, cancelled);
                    if let Some(found) = found.filter(|found| found.0 <= self.valid) {
                        break 'found found;
                    }
                    if self.valid == end || cancelled() {
                        return None;
                    }
                    // A match may begin behind each such byte.
                    self.from = self.valid + 1;
                    self.valid = self.valid_from(self.from);
                    if let Some(found) = self.term(at_start, self.from..end, Anchored::Yes, cancelled) {
                        break 'found found;
                    }
                }
            }
        };
        self.from = found.1;
        Some(found)
    }

    /// The match of an expression, without its context.
    fn term(
        &mut self,
        compiled: &Compiled,
        range: Range<usize>,
        anchored: Anchored,
        cancelled: &dyn Fn() -> bool,
    ) -> Option<(usize, usize)> {
        let (start, end) = self.find(compiled, range, anchored, cancelled)?;
        let before = match anchored {
            Anchored::Yes => 0,
            _ => first_char(&self.text[start..]).1,
        };
        // Within valid text one character stands behind a match. At its end there may be none; then it takes the group.
        if end <= self.valid && end < self.text.len() {
            return Some((start + before, end - last_char(&self.text[..end]).map_or(0, char::len_utf8)));
        }
        let mut captures = compiled.regex.create_captures();
        compiled
            .regex
            .search_captures(&Input::new(self.text).range(start..end).anchored(Anchored::Yes), &mut captures);
        captures.get_group(1).map(|group| (group.start, group.end))
    }

    /// The match of an expression with its context.
    fn find(
        &mut self,
        compiled: &Compiled,
        range: Range<usize>,
        anchored: Anchored,
        cancelled: &dyn Fn() -> bool,
    ) -> Option<(usize, usize)> {
        let input = Input::new(self.text).range(range).anchored(anchored);
        if let Some(Some(stepwise)) = self.stepwise.get_mut(compiled.number) {
            match stepwise.find(&input, cancelled) {
                Ok(found) => return found,
                Err(Stop::Cancelled) => return None,
                // The crate's own search knows other ways, but cannot be cancelled.
                Err(Stop::Quit) => {}
            }
        }
        compiled.regex.search(&input).map(|found| (found.start(), found.end()))
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
        for (text, document) in batch.documents() {
            let mut search = self.search(text);
            let mut look = CANCEL_BYTES;
            while let Some((start, end)) = search.next(&|| sink.cancelled()) {
                sink.hit(self.form, document + start, document + end);
                if end >= look {
                    look = end + CANCEL_BYTES;
                    if sink.cancelled() {
                        return;
                    }
                }
            }
            if sink.cancelled() {
                return;
            }
            sink.end_document();
        }
    }

    fn reach(&self) -> usize {
        1
    }

    /// Behind a line feed, if no match holds one.
    fn cut(&self, window: &[u8], from: usize) -> Option<usize> {
        let before = from.saturating_sub(1);
        let place = before + memchr::memchr(b'\n', window.get(before..)?)? + 1;
        (self.is_by_lines && place < window.len()).then_some(place)
    }

    fn overlaps_itself(&self, _: u32) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::super::super::runs::WordChars;
    use super::*;

    fn matches(regex: &Regex, text: &[u8], long: usize) -> Vec<(usize, usize)> {
        let mut search = Search::new(regex, text, long);
        std::iter::from_fn(|| search.next(&|| false)).collect()
    }

    #[test]
    fn step_by_step_the_same_is_found() {
        let texts: [&[u8]; 8] = [
            b"",
            b"the fox jumped\nover the fox's den, the end",
            "Füchse, ein Füchs\u{301}lein — der Fuchs fox".as_bytes(),
            b"a\xFFab \xC3 ab\xFF\xFFab ab\xE2\x82",
            b"aaaa aaa aa a",
            b"xx yy x\ny x",
            b"ab-ab ab--ab -ab-",
            b"\xFF",
        ];
        let expressions = [
            "fox",
            "f.x",
            "a|ab",
            "ab|a",
            "a+?",
            "a+",
            "(?s)x.*y",
            "x.*y",
            r"\w+",
            "[^a]+",
            "(?i)FÜCHSE",
            "^the|end$",
            r"\bab",
            "a{2}",
            "-",
            "(?m)^.",
            r"\S+\s+\S+",
        ];
        for rule in [Match::Word, Match::Token, Match::Substring] {
            for chars in ["", "-"].iter().take(if rule == Match::Word { 2 } else { 1 }) {
                let runs = Runs { rule, word_chars: WordChars::new(chars).unwrap() };
                for expression in expressions {
                    let regex = Regex::new(&runs, false, 0, expression.as_bytes(), 1).unwrap();
                    for text in texts {
                        let once = matches(&regex, text, usize::MAX);
                        assert_eq!(matches(&regex, text, 0), once, "{rule:?} {chars:?} {expression} {text:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_search_without_a_match_can_be_cancelled() {
        let text = b"x and so on ".repeat(1 << 18);
        for (rule, expression) in
            [(Match::Substring, "(?s)x.*y"), (Match::Word, "(?s)x.*yy"), (Match::Token, "[^y]+y")]
        {
            let regex = Regex::new(&Runs { rule, ..Runs::default() }, false, 0, expression.as_bytes(), 1).unwrap();
            let asked = Cell::new(0);
            let cancelled = || {
                asked.set(asked.get() + 1);
                true
            };
            assert_eq!(Search::new(&regex, &text, 0).next(&cancelled), None);
            assert!((1..=3).contains(&asked.get()), "{expression}: {}", asked.get());
        }
    }
}
