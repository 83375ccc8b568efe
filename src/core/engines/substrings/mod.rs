//! The substring engine.
//!
//! - **What it does:** finds any number of literals anywhere in the text, with the matcher that is fastest on this
//!   text.
//! - **Name and source:** Teddy (from Hyperscan, as in the crate `aho-corasick`). q-gram sampling (Fredriksson and
//!   Grabowski, "Average-optimal string matching", 2009). Aho-Corasick (crate `daachorse`), also with a transition
//!   cache, our own.
//! - **Chosen for:** substring mode without wildcards, from three literals on (two if terms compete).
//! - **Cost:** 1 to 3 GB/s for rare literals, 0.1 to 0.5 GB/s for many common ones (one core).
//!
//! | matcher | how | fastest for |
//! | --- | --- | --- |
//! | [`teddy`] | first bytes of literals, at every position, by vectors | few literals: 1 to 8 GB/s |
//! | [`qgrams`] | a few bytes of literals, at every second to fourth position | many rare literals: 1 to 3 GB/s |
//! | [`transition_cache`] | cached steps over whole segments of text | common literals, scripts with spaces |
//! | automaton | byte by byte, with the crate `daachorse` | common literals, text that does not repeat itself |
//! | [`reverse`] | from right to left, instead of these two if terms compete | common literals |
//!
//! The choice depends on the text, so a plan cannot make it. Each worker looks at a sample, and times the matchers
//! that may be fast ([`matcher_choice`]). All matchers report all matches. A batch is scanned in one go. Scanning
//! each document of 50 bytes separately took three of four cycles to begin and end (400 instead of 980 MB/s for ten
//! literals). Matchers are built when they are first needed. Globs have their own engine, [`globs`](super::globs).

mod aho_corasick;
mod byte_set;
mod matcher_choice;
mod qgrams;
mod reverse;
mod sampling;
mod segments;
mod teddy;
mod transition_cache;

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use daachorse::DoubleArrayAhoCorasick;

use super::engine::{Cursor, Engine, MatchCallback, borders, clean_split, overlaps_itself};
use crate::core::base::background::run_in_background;
use crate::core::base::error::CountError;
use crate::core::base::memory;
use crate::core::base::packed_strings::PackedStrings;
use crate::core::base::simd::{Level, level};
use crate::core::documents::batch::Batch;
use crate::core::terms::patterns::Pattern;
use matcher_choice::{ChoiceInput, MatcherChoice};
pub use matcher_choice::{ChoicePolicy, Matcher};
use qgrams::{CandidatePositions, QGrams};
use reverse::{LongestLiteral, ReverseAutomaton};
use teddy::Teddy;
use transition_cache::{SegmentAutomaton, TransitionCache};

pub struct Substrings {
    matchers: Arc<Matchers>,
    /// If terms compete, only the longest of the literals that begin at a position matters.
    literals: ChoiceInput,
    /// Whether some literal has a long repetitive beginning: text can contain it at position after position without a
    /// match.
    is_repetitive: bool,
    /// By literal: whether its matches may overlap each other.
    may_overlap: Vec<bool>,
}

/// The matchers, built when they are first needed. No text needs all.
struct Matchers {
    literals: PackedStrings,
    level: Level,
    /// By matcher: whether all that it needs is built.
    made: [AtomicBool; Matcher::ALL.len()],
    teddy: OnceLock<Box<Teddy>>,
    sampled: OnceLock<Box<SampledLiterals>>,
    segment_automaton: OnceLock<Box<SegmentAutomaton>>,
    /// These contain `None` if there are too many literals for them.
    automaton: OnceLock<Box<Option<DoubleArrayAhoCorasick<u32>>>>,
    reverse: OnceLock<Box<Option<ReverseAutomaton>>>,
}

/// A worker's scratch memory.
#[derive(Default)]
pub struct SubstringsScratch {
    cache: TransitionCache,
    /// Positions that Teddy found, with their buckets.
    teddy_candidates: Vec<(u32, u8)>,
    /// Positions that the q-gram filter found.
    candidates: CandidatePositions,
    /// Matches of short literals, until those of long literals before them are reported.
    short: Vec<LiteralMatch>,
    /// The longest literals that a scan from right to left found.
    longest_literals: Vec<LongestLiteral>,
    choice: MatcherChoice,
}

struct LiteralMatch {
    /// A position in the match, by which matches are ordered.
    at: usize,
    literal: u32,
    start: usize,
    end: usize,
}

/// If more literals than this may be compared at one position, Teddy and q-grams are not used: a text could consist
/// of such positions.
const MOST_AT_ONCE: usize = 1 << 10;

/// How much of the first text a matcher gets as a sample when it is built.
const SAMPLE_BYTES: usize = 64 << 10;

/// Matches between two checks for cancellation.
const CHECK_EVERY: usize = 64 << 10;

/// The fewest bytes that a filter scans at a time.
const WINDOW: usize = 64 << 10;

/// Whether a literal begins with something long and repetitive, such as a^100 b. The long beginnings of other
/// literals occur so seldom, in any text, that comparing them costs a few bytes for each byte of text.
fn is_repetitive(literal: &[u8]) -> bool {
    const LONG: usize = 64;
    const TIMES: usize = 8;
    literal.len() > LONG
        && (1..).zip(borders(literal)).any(|(len, border)| len > LONG && len > TIMES * (len - border))
}

/// Shorter literals are searched for separately, so that the q-grams of the others can be longer.
const SHORT: usize = 4;

/// The matchers for short and long literals, if the long ones are found by q-grams.
struct SampledLiterals {
    short: ShortLiterals,
    long: QGrams,
}

impl SampledLiterals {
    /// The most literals that are compared at one position.
    fn most_at_once(&self) -> usize {
        match &self.short {
            ShortLiterals::QGrams(short) => short.most_at_once().max(self.long.most_at_once()),
            ShortLiterals::Teddy(_) => self.long.most_at_once(),
        }
    }
}

enum ShortLiterals {
    /// 3x faster than q-grams for ten pairs of Latin letters among a hundred literals, in Japanese text.
    Teddy(Box<Teddy>),
    QGrams(QGrams),
}

/// A matcher for literals with fewer bytes is built within a few milliseconds. Each literal takes some time however
/// short it is.
const QUICK_BYTES: usize = 64 << 10;
const QUICK_LITERAL: usize = 16;

/// At least the peak memory of building any matcher, in bytes. `tests/memory.rs` compares the estimate with
/// measurements.
pub fn bytes_to_make(literals: usize, bytes: usize) -> usize {
    literals.saturating_mul(600).saturating_add(bytes.saturating_mul(220))
}

/// The content of a cell, which is built if it is empty.
///
/// Two workers may build it at the same time; then one result is dropped. So nobody waits for a lock while it is
/// built: a forked process would wait forever.
fn get_or_make<'c, T>(cell: &'c OnceLock<Box<T>>, literals: &PackedStrings, make: impl FnOnce() -> T) -> &'c T {
    if cell.get().is_none() {
        memory::check(bytes_to_make(literals.len(), literals.nbytes()));
        // If another worker was faster, its result is used.
        let _ = cell.set(Box::new(make()));
    }
    cell.get().expect("it was just built")
}

impl Substrings {
    /// With `competes`, at least the longest of the literals that begin at a position are reported.
    pub fn new<'f>(
        patterns: impl ExactSizeIterator<Item = Pattern<'f>>,
        choosing: ChoicePolicy,
        competes: bool,
    ) -> Result<Self, CountError> {
        let mut literals = PackedStrings::default();
        for pattern in patterns {
            let Pattern::Literal(bytes) = pattern else { panic!("`substrings` serves only literals") };
            literals.push(bytes);
        }
        let may_overlap = literals.iter().map(overlaps_itself).collect();
        let longest = literals.longest();
        let is_repetitive = literals.iter().any(is_repetitive);
        let matchers = Matchers {
            literals,
            level: level(),
            made: Default::default(),
            teddy: OnceLock::new(),
            sampled: OnceLock::new(),
            segment_automaton: OnceLock::new(),
            automaton: OnceLock::new(),
            reverse: OnceLock::new(),
        };
        let literals = ChoiceInput { choosing, competes, longest };
        Ok(Self { matchers: Arc::new(matchers), literals, is_repetitive, may_overlap })
    }

    /// Builds a matcher, unless it exists, for texts like this one. Returns false if `keep_going` returned false first.
    fn prepare(&self, matcher: Matcher, text: &[u8], keep_going: impl Fn() -> bool) -> bool {
        let matchers = &self.matchers;
        if matchers.made[matcher as usize].load(Ordering::Acquire) {
            return true;
        }
        let sample = &text[..text.len().min(SAMPLE_BYTES)];
        if matchers.literals.nbytes() + QUICK_LITERAL * matchers.literals.len() < QUICK_BYTES {
            matchers.make(matcher, sample);
            return true;
        }
        // For many literals this takes seconds and cannot be stopped. An abandoned result is kept for the next count.
        let (own, sample) = (matchers.clone(), sample.to_vec());
        match run_in_background(move |_| own.make(matcher, &sample), keep_going) {
            Ok(()) => true,
            Err(CountError::Cancelled) => false,
            Err(CountError::NoMemory { bytes }) => memory::refuse(bytes),
            Err(error) => panic!("{error}"),
        }
    }

    /// Builds what [`Engine::split_point`] needs, like [`Substrings::prepare`].
    pub fn prepare_split(&self, keep_going: impl Fn() -> bool) -> bool {
        self.prepare(Matcher::TransitionCache, &[], keep_going)
    }

    /// The matcher for rare literals. `None` if a text could make it slow, with many comparisons at many positions.
    fn rare_matcher(&self) -> Option<Matcher> {
        match Matcher::for_rare(self.matchers.literals.len()) {
            _ if self.is_repetitive => None,
            Matcher::QGrams if self.matchers.sampled(&[]).most_at_once() > MOST_AT_ONCE => None,
            rare_matcher => Some(rare_matcher),
        }
    }

    /// The part of `explain()` about the matchers.
    pub fn explanation(&self) -> &'static str {
        match Matcher::for_rare(self.matchers.literals.len()) {
            _ if self.literals.competes => {
                "a filter of a few bytes where they are rare; otherwise an Aho-Corasick automaton from right to left, which \
                 knows the longest match at each position"
            }
            Matcher::Teddy => {
                "Teddy (a vector filter of the first three bytes) where they are rare; otherwise the fastest of Teddy, a \
                 transition cache and an Aho-Corasick automaton, measured on the text"
            }
            _ => {
                "a q-gram filter where they are rare; otherwise the fastest of the filter, a transition cache and an \
                 Aho-Corasick automaton, measured on the text"
            }
        }
    }

    /// Reports the literals that end in a slice, found with Teddy. Returns how many positions passed.
    fn scan_teddy<S: MatchCallback>(
        &self,
        slice: Range<usize>,
        teddy_candidates: &mut Vec<(u32, u8)>,
        cursor: &mut Cursor<'_, S>,
    ) -> usize {
        let (teddy, text) = (self.matchers.teddy(), cursor.text);
        let mut passed = 0;
        for window in windows(&slice, self.literals.longest) {
            teddy.candidates(text, window.clone(), teddy_candidates);
            passed += teddy_candidates.len();
            for &(at, buckets) in &*teddy_candidates {
                teddy.verify(
                    &self.matchers.literals,
                    text,
                    window.start + at as usize,
                    buckets,
                    |literal, start, end| {
                        if slice.start < end && end <= slice.end {
                            cursor.report(start, literal, start, end);
                        }
                    },
                );
            }
            cursor.callback.passed(window.end.saturating_sub(self.literals.longest));
            if cursor.callback.cancelled() {
                break;
            }
        }
        passed
    }

    /// Reports the literals that end in a slice; long ones are found by q-grams. Returns how many positions passed.
    fn scan_qgrams<S: MatchCallback>(
        &self,
        slice: Range<usize>,
        scratch: (&mut Vec<(u32, u8)>, &mut CandidatePositions, &mut Vec<LiteralMatch>),
        cursor: &mut Cursor<'_, S>,
    ) -> usize {
        let (teddy_candidates, candidates, found) = scratch;
        let (SampledLiterals { short, long }, text) = (self.matchers.sampled(&[]), cursor.text);
        let is_here = |end: usize| slice.start < end && end <= slice.end;
        let mut passed = 0;
        for window in windows(&slice, long.reach().max(SHORT)) {
            passed += match short {
                ShortLiterals::Teddy(teddy) => {
                    teddy.candidates(text, window.clone(), teddy_candidates);
                    for &(at, buckets) in &*teddy_candidates {
                        let at = window.start + at as usize;
                        teddy.verify(&self.matchers.literals, text, at, buckets, |literal, start, end| {
                            found.extend(is_here(end).then_some(LiteralMatch { at, literal, start, end }));
                        });
                    }
                    teddy_candidates.len()
                }
                ShortLiterals::QGrams(qgrams) => {
                    qgrams.candidates(text, window.clone(), candidates);
                    qgrams.verify(&self.matchers.literals, text, candidates, |at, literal, start, end| {
                        found.extend(is_here(end).then_some(LiteralMatch { at, literal, start, end }));
                    });
                    candidates.passed()
                }
            };
            // Both kinds are in order of their positions.
            let mut short = found.drain(..).peekable();
            long.candidates(text, window.clone(), candidates);
            passed += candidates.passed();
            long.verify(&self.matchers.literals, text, candidates, |at, literal, start, end| {
                while let Some(LiteralMatch { at, literal, start, end }) = short.next_if(|short| short.at <= at) {
                    cursor.report(at, literal, start, end);
                }
                if is_here(end) {
                    // A q-gram may begin one byte before its literal.
                    cursor.report(at.max(start), literal, start, end);
                }
            });
            short.for_each(|LiteralMatch { at, literal, start, end }| cursor.report(at, literal, start, end));
            cursor.callback.passed(window.end.saturating_sub(self.literals.longest));
            if cursor.callback.cancelled() {
                break;
            }
        }
        passed
    }

    /// Reports the literals that end in a slice, found with the automaton. Returns 0, since it has no filter.
    fn scan_automaton<S: MatchCallback>(
        &self,
        automaton: &DoubleArrayAhoCorasick<u32>,
        slice: Range<usize>,
        cursor: &mut Cursor<'_, S>,
    ) -> usize {
        let base = slice.start.saturating_sub(self.literals.longest - 1);
        for (count, found) in automaton.find_overlapping_iter(&cursor.text[base..slice.end]).enumerate() {
            let (start, end) = (base + found.start(), base + found.end());
            if end > slice.start {
                cursor.report(end - 1, found.value(), start, end);
            }
            if count % CHECK_EVERY == CHECK_EVERY - 1 {
                cursor.callback.passed(end.saturating_sub(self.literals.longest));
                if cursor.callback.cancelled() {
                    break;
                }
            }
        }
        0
    }
}

/// Splits a slice into windows. The first one begins earlier, by the length of a literal.
fn windows(slice: &Range<usize>, longest: usize) -> impl Iterator<Item = Range<usize>> + use<> {
    let (base, end) = (slice.start.saturating_sub(longest.saturating_sub(1)), slice.end);
    let step = WINDOW + longest.min(WINDOW);
    (base..end).step_by(step).map(move |start| start..end.min(start + step))
}

impl Matchers {
    fn make(&self, matcher: Matcher, sample: &[u8]) {
        let uses_cache = match matcher {
            Matcher::Teddy => {
                self.teddy();
                false
            }
            Matcher::QGrams => {
                self.sampled(sample);
                false
            }
            Matcher::TransitionCache => true,
            // It replaces automata if there are too many literals for them.
            Matcher::AhoCorasick => self.automaton().is_none(),
            Matcher::Reverse => self.reverse().is_none(),
        };
        if uses_cache {
            self.segment_automaton();
        }
        self.made[matcher as usize].store(true, Ordering::Release);
    }

    fn teddy(&self) -> &Teddy {
        get_or_make(&self.teddy, &self.literals, || {
            let all: Vec<u32> = (0..self.literals.len() as u32).collect();
            Teddy::new(&self.literals, &all, self.level)
        })
    }

    /// The sample only matters if they are built now.
    fn sampled(&self, sample: &[u8]) -> &SampledLiterals {
        get_or_make(&self.sampled, &self.literals, || {
            let is_short = |&literal: &u32| self.literals.get(literal as usize).len() < SHORT;
            let (short, long): (Vec<u32>, Vec<u32>) = (0..self.literals.len() as u32).partition(is_short);
            SampledLiterals {
                short: match Matcher::for_rare(short.len()) {
                    Matcher::Teddy => ShortLiterals::Teddy(Box::new(Teddy::new(&self.literals, &short, self.level))),
                    _ => ShortLiterals::QGrams(QGrams::new(&self.literals, &short, self.level, sample)),
                },
                long: QGrams::new(&self.literals, &long, self.level, sample),
            }
        })
    }

    fn segment_automaton(&self) -> &SegmentAutomaton {
        get_or_make(&self.segment_automaton, &self.literals, || SegmentAutomaton::new(&self.literals, self.level))
    }

    fn reverse(&self) -> Option<&ReverseAutomaton> {
        get_or_make(&self.reverse, &self.literals, || ReverseAutomaton::new(&self.literals)).as_ref()
    }

    fn automaton(&self) -> Option<&DoubleArrayAhoCorasick<u32>> {
        get_or_make(&self.automaton, &self.literals, || {
            DoubleArrayAhoCorasick::with_values(self.literals.iter().zip(0..)).ok()
        })
        .as_ref()
    }
}

impl Engine for Substrings {
    type Scratch = SubstringsScratch;

    fn scan(&self, batch: Batch<'_>, scratch: &mut SubstringsScratch, callback: &mut impl MatchCallback) {
        let mut cursor = Cursor::new(batch, callback);
        let SubstringsScratch { cache, teddy_candidates, candidates, short, longest_literals, choice } = scratch;
        // Whether q-grams can be used is known only after they are built.
        let rare_matcher = Matcher::for_rare(self.matchers.literals.len());
        let is_asked = self.literals.choosing == ChoicePolicy::Best && !self.is_repetitive;
        let mut start = 0;
        while start < batch.text.len() {
            if is_asked && !self.prepare(rare_matcher, batch.text, || !cursor.callback.cancelled()) {
                return;
            }
            let (slice, matcher) = choice.next(self.literals, || self.rare_matcher(), batch.text, start);
            start = slice.end;
            if !self.prepare(matcher, batch.text, || !cursor.callback.cancelled()) {
                return;
            }
            let (len, since) = (slice.len(), Instant::now());
            let automaton = if matcher == Matcher::AhoCorasick { self.matchers.automaton() } else { None };
            let reverse = if matcher == Matcher::Reverse { self.matchers.reverse() } else { None };
            let passed = match (matcher, automaton, reverse) {
                (Matcher::Teddy, ..) => self.scan_teddy(slice, teddy_candidates, &mut cursor),
                (Matcher::QGrams, ..) => self.scan_qgrams(slice, (teddy_candidates, candidates, short), &mut cursor),
                (_, Some(automaton), _) => self.scan_automaton(automaton, slice, &mut cursor),
                (_, _, Some(reverse)) => reverse.scan(&mut cursor, slice, longest_literals),
                _ => cache.scan(self.matchers.segment_automaton(), &mut cursor, slice),
            };
            cursor.callback.passed(start.saturating_sub(self.literals.longest));
            choice.record(matcher, len, since.elapsed(), passed);
            if cursor.callback.cancelled() {
                return;
            }
        }
        cursor.finish();
    }

    fn split_context(&self) -> usize {
        self.literals.longest
    }

    fn split_point(&self, window: &[u8], from: usize) -> Option<usize> {
        let base = from.saturating_sub(self.literals.longest);
        let matches = self
            .matchers
            .segment_automaton()
            .aho_corasick
            .longest_matches(&window[base..])
            .map(|(start, end)| (base + start, base + end));
        clean_split(matches, window, from, self.literals.longest, false)
    }

    fn overlaps_itself(&self, pattern: u32) -> bool {
        self.may_overlap[pattern as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repetitive_literals_are_detected() {
        let cases = [
            ("a".repeat(100) + "b", true),
            ("ab".repeat(40) + "c", true),
            ("a".repeat(60) + "b", false),
            ("abcdefghijklmnop".repeat(5), false),
            ("the quick brown fox jumps over the lazy dog ".repeat(3), false),
            ("x".to_string() + &"a".repeat(1000), false),
        ];
        for (literal, expected) in cases {
            assert_eq!(is_repetitive(literal.as_bytes()), expected, "{literal}");
        }
    }

    #[test]
    fn filters_are_not_used_if_a_text_could_make_them_slow() {
        let engine = |literals: Vec<String>, competes: bool| {
            let patterns: Vec<Pattern<'_>> =
                literals.iter().map(|literal| Pattern::Literal(literal.as_bytes())).collect();
            Substrings::new(patterns.into_iter(), ChoicePolicy::Best, competes).unwrap()
        };
        let rare = |i: usize| format!("{}word{i}", (b'a' + (i % 26) as u8) as char);
        assert_eq!(engine((0..10).map(rare).collect(), false).rare_matcher(), Some(Matcher::Teddy));
        assert_eq!(engine((0..100).map(rare).collect(), false).rare_matcher(), Some(Matcher::QGrams));
        let repetitive = (0..10).map(rare).chain(["-".repeat(1000) + "+"]).collect();
        assert_eq!(engine(repetitive, false).rare_matcher(), None);
        // Literals that differ only after their first 64 bytes, where no q-grams are taken.
        let alike = (0..2000).map(|i| format!("{}{i}", "a".repeat(64))).collect();
        assert_eq!(engine(alike, true).rare_matcher(), None);
    }
}
