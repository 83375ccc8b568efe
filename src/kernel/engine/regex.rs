//! One regular expression, with the rule's boundaries inside it.
//!
//! The search itself is the crate `regex-automata`'s, and with it the promise of linear time. What is ours are the
//! boundaries. They take part in the choice of a match, so they must stand within the expression; but neither white
//! space nor a set of further word characters is among the crate's assertions, and its word boundaries fail beside bytes
//! outside valid UTF-8. So the parsed expression gets a character of context before it and one behind it (or the end of
//! the text, or a byte outside valid UTF-8), which are taken off the match. Where a match may begin without a character
//! before it - at the beginning of a document, behind such a byte, where the last match ended - the expression without
//! the first context is tried at just that place.

use regex_automata::meta;
use regex_automata::{Anchored, Input};
use regex_syntax::hir::{
    Capture, Class, ClassBytes, ClassBytesRange, ClassUnicode, ClassUnicodeRange, Hir, HirKind, Look, Repetition,
};
use regex_syntax::utf8::{Utf8Range, Utf8Sequences};

use super::super::batch::Batch;
use super::super::runs::{Match, Runs};
use super::super::unicode::{first_char, last_char, spaces, word_chars};
use super::{CANCEL_BYTES, Engine, Scratch, Sink};

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
    within: meta::Regex,
    /// The expression with context behind it alone.
    at_start: Option<meta::Regex>,
    /// Whether no match holds or looks beyond a line feed, so that a text can be cut behind one.
    is_by_lines: bool,
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
        let compile = |hir: &Hir| {
            meta::Builder::new().configure(config.clone()).build_from_hir(hir).map_err(|_| RegexError::TooLarge)
        };
        let is_by_lines = is_by_lines(&hir);
        let (within, at_start) = if runs.rule == Match::Substring {
            (compile(&hir)?, None)
        } else {
            let hir = without_captures(hir);
            let term = Hir::capture(Capture { index: 1, name: None, sub: Box::new(hir) });
            let outside = outside(runs);
            let behind = behind(runs, &outside);
            let at_start = compile(&Hir::concat(vec![term.clone(), behind.clone()]))?;
            (compile(&Hir::concat(vec![Hir::class(Class::Unicode(outside)), term, behind]))?, Some(at_start))
        };
        Ok(Self { form, runs: runs.clone(), within, at_start, is_by_lines })
    }

    /// The first match at `from` or after it.
    fn next_match(&self, text: &[u8], from: usize, is_valid: bool) -> Option<(usize, usize)> {
        let Some(at_start) = &self.at_start else {
            let found = self.within.search(&Input::new(text).range(from..))?;
            return Some((found.start(), found.end()));
        };
        if !self.runs.end_at(text, from)
            && let Some(found) = term(at_start, text, from..text.len(), Anchored::Yes, is_valid)
        {
            return Some(found);
        }
        if is_valid || self.runs.rule == Match::Token {
            return term(&self.within, text, from..text.len(), Anchored::No, is_valid);
        }
        // No match goes across a byte outside valid UTF-8, and one may begin behind each.
        let mut from = from;
        loop {
            let valid = std::str::from_utf8(&text[from..]).map_or_else(|error| error.valid_up_to(), str::len);
            let stop = from + valid;
            // What stands behind a match may be a few bytes that are no character.
            let range = from..text.len().min(stop + 4);
            if let Some(found) = term(&self.within, text, range, Anchored::No, false).filter(|found| found.0 <= stop)
            {
                return Some(found);
            }
            if stop == text.len() {
                return None;
            }
            from = stop + 1;
            if let Some(found) = term(at_start, text, from..text.len(), Anchored::Yes, false) {
                return Some(found);
            }
        }
    }
}

/// The match of the expression within its context.
fn term(
    regex: &meta::Regex,
    text: &[u8],
    range: std::ops::Range<usize>,
    anchored: Anchored,
    is_valid: bool,
) -> Option<(usize, usize)> {
    let input = Input::new(text).range(range).anchored(anchored);
    let found = regex.search(&input)?;
    let before = match anchored {
        Anchored::Yes => 0,
        _ => first_char(&text[found.start()..]).1,
    };
    let start = found.start() + before;
    // Behind a match in valid text there is one character; at its end there may be none, and then it takes the group.
    if is_valid && found.end() < text.len() {
        return Some((start, found.end() - last_char(&text[..found.end()]).map_or(1, char::len_utf8)));
    }
    let mut captures = regex.create_captures();
    regex.search_captures(&input.range(found.start()..found.end()), &mut captures);
    captures.get_group(1).map(|group| (group.start, group.end))
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

/// The expression without its groups' numbers: there is one group, which is ours.
fn without_captures(hir: Hir) -> Hir {
    let all = |parts: Vec<Hir>| parts.into_iter().map(without_captures).collect();
    match hir.into_kind() {
        HirKind::Empty => Hir::empty(),
        HirKind::Literal(literal) => Hir::literal(literal.0),
        HirKind::Class(class) => Hir::class(class),
        HirKind::Look(look) => Hir::look(look),
        HirKind::Repetition(Repetition { min, max, greedy, sub }) => {
            Hir::repetition(Repetition { min, max, greedy, sub: Box::new(without_captures(*sub)) })
        }
        HirKind::Capture(capture) => without_captures(*capture.sub),
        HirKind::Concat(parts) => Hir::concat(all(parts)),
        HirKind::Alternation(parts) => Hir::alternation(all(parts)),
    }
}

/// The characters that may stand beside a match.
fn outside(runs: &Runs) -> ClassUnicode {
    if runs.rule == Match::Token {
        return spaces();
    }
    let mut outside = word_chars();
    outside.union(&ClassUnicode::new(runs.word_chars.iter().map(|c| ClassUnicodeRange::new(c, c))));
    outside.negate();
    outside
}

/// What may stand behind a match: one of these characters, the end of the text, under the word rule also a byte outside
/// valid UTF-8, which is told by what follows it.
fn behind(runs: &Runs, outside: &ClassUnicode) -> Hir {
    let mut choices = vec![Hir::class(Class::Unicode(outside.clone())), Hir::look(Look::End)];
    if runs.rule == Match::Word {
        let sequences: Vec<_> = Utf8Sequences::new('\0', char::MAX).collect();
        let mut no_lead = ClassBytes::empty();
        for sequence in &sequences {
            let lead = sequence.as_slice()[0];
            no_lead.push(ClassBytesRange::new(lead.start, lead.end));
        }
        no_lead.negate();
        choices.push(Hir::class(Class::Bytes(no_lead)));
        choices.extend(sequences.iter().filter(|sequence| sequence.len() > 1).map(|sequence| {
            let (lead, rest) = sequence.as_slice().split_first().expect("a sequence has a byte");
            Hir::concat(vec![bytes(*lead, false), cut_off(rest)])
        }));
    }
    Hir::alternation(choices)
}

/// Anything but the continuation bytes that should follow.
fn cut_off(continuation: &[Utf8Range]) -> Hir {
    let Some((next, rest)) = continuation.split_first() else { return Hir::fail() };
    let goes_on = Hir::concat(vec![bytes(*next, false), cut_off(rest)]);
    Hir::alternation(vec![Hir::look(Look::End), bytes(*next, true), goes_on])
}

fn bytes(range: Utf8Range, negated: bool) -> Hir {
    let mut class = ClassBytes::new([ClassBytesRange::new(range.start, range.end)]);
    if negated {
        class.negate();
    }
    Hir::class(Class::Bytes(class))
}

/// Whether matches are within lines, and the same ones whether a line is seen with the others or alone.
fn is_by_lines(hir: &Hir) -> bool {
    let looks = hir.properties().look_set();
    !looks.contains(Look::Start) && !looks.contains(Look::End) && !may_hold_line_feed(hir)
}

fn may_hold_line_feed(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => false,
        HirKind::Literal(literal) => literal.0.contains(&b'\n'),
        HirKind::Class(Class::Unicode(class)) => {
            class.ranges().iter().any(|range| (range.start()..=range.end()).contains(&'\n'))
        }
        HirKind::Class(Class::Bytes(class)) => {
            class.ranges().iter().any(|range| (range.start()..=range.end()).contains(&b'\n'))
        }
        HirKind::Repetition(repetition) => may_hold_line_feed(&repetition.sub),
        HirKind::Capture(capture) => may_hold_line_feed(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().any(may_hold_line_feed),
    }
}

impl Engine for Regex {
    fn scan(&self, batch: Batch<'_>, _: &mut Scratch, sink: &mut impl Sink) {
        for (text, document) in batch.documents() {
            let is_valid = std::str::from_utf8(text).is_ok();
            let mut at = 0;
            let mut look = CANCEL_BYTES;
            while let Some((start, end)) = self.next_match(text, at, is_valid) {
                sink.hit(self.form, document + start, document + end);
                at = end;
                if at >= look {
                    look = at + CANCEL_BYTES;
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
        0
    }

    /// Behind a line feed, if no match holds one.
    fn cut(&self, window: &[u8], from: usize) -> Option<usize> {
        let place = from + memchr::memchr(b'\n', window.get(from..)?)? + 1;
        (self.is_by_lines && place < window.len()).then_some(place)
    }

    fn overlaps_itself(&self, _: u32) -> bool {
        false
    }
}
