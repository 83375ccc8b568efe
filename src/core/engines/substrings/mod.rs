//! Any number of substrings: four ways to find literals, between which the text decides.
//!
//! | matcher | how | is fastest |
//! | --- | --- | --- |
//! | [`filter`] | looks at every place, a vector at a time, for the first bytes of a literal | few literals: 1 to 8 GB/s |
//! | [`grams`] | looks at every second or fourth place for a few bytes of a literal | many rare literals: 1 to 3 GB/s |
//! | [`memo`] | goes through whole pieces of text at once, and remembers what comes of them | common literals, in scripts that part words |
//! | automaton | the crate `daachorse`, byte by byte | common literals, where pieces do not come again |
//! | [`backward`] | the same from behind, instead of these two where terms compete | common literals |
//!
//! No plan knows which it will be, since that depends on the text. So each worker looks at a sample, tries what may serve
//! and times it ([`choice`]); the result never depends on it, as each matcher reports every occurrence. A batch is scanned
//! in one go and not document by document: with documents of 50 bytes, three in four cycles went into beginning and
//! ending (400 against 980 MB/s for ten literals). Matchers are made when they are first needed. Globs have an engine of
//! their own, [`globs`](super::globs).

mod backward;
mod choice;
mod filter;
mod grams;
mod memo;
mod pieces;
mod states;
mod vector;

use std::ops::Range;
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
use backward::{Backward, Begun};
use choice::{Choice, Literals};
pub use choice::{Choosing, Matcher};
use filter::Filter;
use grams::{Candidates, Grams};
use memo::{Memo, Steps};

pub struct Substrings {
    matchers: Arc<Matchers>,
    /// Where terms compete, of the literals that begin at a place only the longest matters.
    literals: Literals,
    /// Whether some literal begins so that a text can hold much of it at place after place, and no more.
    is_repetitive: bool,
    /// By literal.
    may_overlap: Vec<bool>,
}

/// Made when they are first asked for: no text needs all.
struct Matchers {
    literals: PackedStrings,
    level: Level,
    filter: OnceLock<Box<Filter>>,
    sampled: OnceLock<Box<Sampled>>,
    steps: OnceLock<Box<Steps>>,
    /// `None` within if there are too many literals for it.
    automaton: OnceLock<Box<Option<DoubleArrayAhoCorasick<u32>>>>,
    backward: OnceLock<Box<Backward>>,
}

/// Buffers of this engine.
#[derive(Default)]
pub struct Buffers {
    memo: Memo,
    /// What passed the filter, with its buckets.
    suspects: Vec<(u32, u8)>,
    /// What passed a filter of grams.
    candidates: Candidates,
    /// Short literals that wait for long ones before them.
    short: Vec<Occurrence>,
    /// The longest literals of a pass from behind.
    begun: Vec<Begun>,
    choice: Choice,
}

struct Occurrence {
    /// A place in the literal, by which occurrences are ordered.
    at: usize,
    literal: u32,
    start: usize,
    end: usize,
}

/// Where more literals than this may be compared at one place, filters of places are not used: a text could be made of such
/// places.
const MOST_AT_ONCE: usize = 1 << 10;

/// Occurrences that are reported before it is asked whether to go on.
const ASKED: usize = 64 << 10;

/// Text in which a filter looks for places at a time, at least.
const WINDOW: usize = 64 << 10;

/// Whether a literal begins with something long that repeats itself, such as a^100 b. Of others a text can hold a long
/// beginning only so often that comparing it costs a few bytes for each byte of text.
fn is_repetitive(literal: &[u8]) -> bool {
    const LONG: usize = 64;
    const TIMES: usize = 8;
    literal.len() > LONG
        && (1..).zip(borders(literal)).any(|(len, border)| len > LONG && len > TIMES * (len - border))
}

/// Literals of fewer bytes are looked for by themselves, so that the others can be sampled with longer grams.
const SHORT: usize = 4;

/// How short literals and long ones are found where the long ones are sampled.
struct Sampled {
    short: Short,
    long: Grams,
}

impl Sampled {
    /// The most literals that are compared at one place.
    fn most_at_once(&self) -> usize {
        match &self.short {
            Short::Grams(short) => short.most_at_once().max(self.long.most_at_once()),
            Short::Filter(_) => self.long.most_at_once(),
        }
    }
}

enum Short {
    /// In Japanese text, ten pairs of Latin letters among a hundred literals: 3 times as fast as by grams.
    Filter(Box<Filter>),
    Grams(Grams),
}

/// Literals that together have fewer bytes make a matcher in a few milliseconds. Each takes some time however short it is.
const QUICK_BYTES: usize = 64 << 10;
const QUICK_LITERAL: usize = 16;

/// At least so many bytes as it takes at its highest to make any matcher. `tests/memory.rs` compares it with what is used.
pub fn bytes_to_make(literals: usize, bytes: usize) -> usize {
    literals.saturating_mul(600).saturating_add(bytes.saturating_mul(220))
}

/// What is in a cell, made if it is not there yet.
///
/// Two workers may both make it, and one of the two is dropped: while it is made nobody waits for it, for a process that
/// is forked meanwhile would wait for ever.
fn made<'c, T>(cell: &'c OnceLock<Box<T>>, literals: &PackedStrings, make: impl FnOnce() -> T) -> &'c T {
    if cell.get().is_none() {
        memory::check(bytes_to_make(literals.len(), literals.nbytes()));
        // Another worker's, if there is one by now, is as good.
        let _ = cell.set(Box::new(make()));
    }
    cell.get().expect("it is there now")
}

impl Substrings {
    /// With `competes`, at least the longest of the literals that begin at a place are reported.
    pub fn new<'f>(
        patterns: impl ExactSizeIterator<Item = Pattern<'f>>,
        choosing: Choosing,
        competes: bool,
    ) -> Result<Self, CountError> {
        let mut literals = PackedStrings::default();
        for pattern in patterns {
            let Pattern::Literal(bytes) = pattern else { panic!("`substrings` knows literals alone") };
            literals.push(bytes);
        }
        let may_overlap = literals.iter().map(overlaps_itself).collect();
        let longest = literals.iter().map(<[u8]>::len).max().unwrap_or(0);
        let is_repetitive = literals.iter().any(is_repetitive);
        let matchers = Matchers {
            literals,
            level: level(),
            filter: OnceLock::new(),
            sampled: OnceLock::new(),
            steps: OnceLock::new(),
            automaton: OnceLock::new(),
            backward: OnceLock::new(),
        };
        let literals = Literals { choosing, competes, longest };
        Ok(Self { matchers: Arc::new(matchers), literals, is_repetitive, may_overlap })
    }

    /// Makes a matcher, if it is not there yet; tells whether it is. It is not, if `goes_on` says no before it is made.
    fn ready(&self, matcher: Matcher, goes_on: impl Fn() -> bool) -> bool {
        let matchers = &self.matchers;
        if matchers.has(matcher) {
            return true;
        }
        if matchers.literals.nbytes() + QUICK_LITERAL * matchers.literals.len() < QUICK_BYTES {
            matchers.make(matcher);
            return true;
        }
        // Of many literals it takes seconds, in which nobody can stop it. What is made after that is there for the next count.
        let own = matchers.clone();
        match run_in_background(move |_| own.make(matcher), goes_on) {
            Ok(()) => true,
            Err(CountError::Cancelled) => false,
            Err(CountError::NoMemory { bytes }) => memory::refuse(bytes),
            Err(error) => panic!("{error}"),
        }
    }

    /// Makes what [`Engine::split_point`] needs, as [`Substrings::ready`] does.
    pub fn prepare_split(&self, goes_on: impl Fn() -> bool) -> bool {
        self.ready(Matcher::Memo, goes_on)
    }

    /// The matcher for literals where they are rare. `None` if a text could be made in which too much is compared in vain at
    /// too many places.
    fn sparse(&self) -> Option<Matcher> {
        match Matcher::of_sparse(self.matchers.literals.len()) {
            _ if self.is_repetitive => None,
            Matcher::Grams if self.matchers.sampled().most_at_once() > MOST_AT_ONCE => None,
            sparse => Some(sparse),
        }
    }

    /// What stands by, and what decides.
    pub fn why(&self) -> &'static str {
        match Matcher::of_sparse(self.matchers.literals.len()) {
            _ if self.literals.competes => {
                "a filter of a few of their bytes where they are rare, else an Aho-Corasick automaton from behind, which knows \
                 the longest at each place"
            }
            Matcher::Filter => {
                "a vector filter of their first bytes where they are rare, else the fastest of it, a memo of pieces of text and \
                 an Aho-Corasick automaton, tried on the text"
            }
            _ => {
                "a filter of sampled grams where they are rare, else the fastest of it, a memo of pieces of text and an \
                 Aho-Corasick automaton, tried on the text"
            }
        }
    }

    /// Reports the literals that end in a stretch, by their first bytes; returns how many places passed the filter.
    fn scan_filter<S: MatchCallback>(
        &self,
        stretch: Range<usize>,
        suspects: &mut Vec<(u32, u8)>,
        cursor: &mut Cursor<'_, S>,
    ) -> usize {
        let (filter, text) = (self.matchers.filter(), cursor.text);
        let mut passed = 0;
        for window in windows(&stretch, self.literals.longest) {
            filter.candidates(text, window.clone(), suspects);
            passed += suspects.len();
            for &(at, buckets) in &*suspects {
                filter.verify(
                    &self.matchers.literals,
                    text,
                    window.start + at as usize,
                    buckets,
                    |literal, start, end| {
                        if stretch.start < end && end <= stretch.end {
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

    /// Reports the literals that end in a stretch, the long ones by grams; returns how many places passed the filters.
    fn scan_grams<S: MatchCallback>(
        &self,
        stretch: Range<usize>,
        buffers: (&mut Vec<(u32, u8)>, &mut Candidates, &mut Vec<Occurrence>),
        cursor: &mut Cursor<'_, S>,
    ) -> usize {
        let (suspects, candidates, found) = buffers;
        let (Sampled { short, long }, text) = (self.matchers.sampled(), cursor.text);
        let is_here = |end: usize| stretch.start < end && end <= stretch.end;
        let mut passed = 0;
        for window in windows(&stretch, long.longest().max(SHORT - 1)) {
            passed += match short {
                Short::Filter(filter) => {
                    filter.candidates(text, window.clone(), suspects);
                    for &(at, buckets) in &*suspects {
                        let at = window.start + at as usize;
                        filter.verify(&self.matchers.literals, text, at, buckets, |literal, start, end| {
                            found.extend(is_here(end).then_some(Occurrence { at, literal, start, end }));
                        });
                    }
                    suspects.len()
                }
                Short::Grams(grams) => {
                    grams.candidates(text, window.clone(), candidates);
                    for &at in candidates.get() {
                        let at = window.start + at as usize;
                        grams.verify(&self.matchers.literals, text, at, |literal, start, end| {
                            found.extend(is_here(end).then_some(Occurrence { at, literal, start, end }));
                        });
                    }
                    candidates.get().len()
                }
            };
            // Both come in order of their places.
            let mut short = found.drain(..).peekable();
            long.candidates(text, window.clone(), candidates);
            passed += candidates.get().len();
            for &at in candidates.get() {
                let at = window.start + at as usize;
                while let Some(Occurrence { at, literal, start, end }) = short.next_if(|short| short.at <= at) {
                    cursor.report(at, literal, start, end);
                }
                long.verify(&self.matchers.literals, text, at, |literal, start, end| {
                    if is_here(end) {
                        cursor.report(at, literal, start, end);
                    }
                });
            }
            short.for_each(|Occurrence { at, literal, start, end }| cursor.report(at, literal, start, end));
            cursor.callback.passed(window.end.saturating_sub(self.literals.longest));
            if cursor.callback.cancelled() {
                break;
            }
        }
        passed
    }

    /// Reports the literals that end in a stretch, byte by byte.
    fn scan_automaton<S: MatchCallback>(
        &self,
        automaton: &DoubleArrayAhoCorasick<u32>,
        stretch: Range<usize>,
        cursor: &mut Cursor<'_, S>,
    ) -> usize {
        let base = stretch.start.saturating_sub(self.literals.longest - 1);
        for (count, found) in automaton.find_overlapping_iter(&cursor.text[base..stretch.end]).enumerate() {
            let (start, end) = (base + found.start(), base + found.end());
            if end > stretch.start {
                cursor.report(end - 1, found.value(), start, end);
            }
            if count % ASKED == ASKED - 1 {
                cursor.callback.passed(end.saturating_sub(self.literals.longest));
                if cursor.callback.cancelled() {
                    break;
                }
            }
        }
        0
    }
}

/// The windows of a stretch and of what is before it, as far back as a literal can reach.
fn windows(stretch: &Range<usize>, longest: usize) -> impl Iterator<Item = Range<usize>> + use<> {
    let (base, end) = (stretch.start.saturating_sub(longest.saturating_sub(1)), stretch.end);
    let step = WINDOW + longest.min(WINDOW);
    (base..end).step_by(step).map(move |start| start..end.min(start + step))
}

impl Matchers {
    fn has(&self, matcher: Matcher) -> bool {
        match matcher {
            Matcher::Filter => self.filter.get().is_some(),
            Matcher::Grams => self.sampled.get().is_some(),
            Matcher::Memo => self.steps.get().is_some(),
            Matcher::Automaton => match self.automaton.get().map(|made| made.is_some()) {
                Some(false) => self.has(Matcher::Memo),
                made => made.is_some(),
            },
            Matcher::Backward => match self.backward.get().map(|made| made.is_there()) {
                Some(false) => self.has(Matcher::Memo),
                made => made.is_some(),
            },
        }
    }

    fn make(&self, matcher: Matcher) {
        match matcher {
            Matcher::Filter => drop(self.filter()),
            Matcher::Grams => drop(self.sampled()),
            Matcher::Memo => drop(self.steps()),
            // Without it there is the memo.
            Matcher::Automaton => {
                if self.automaton().is_none() {
                    self.steps();
                }
            }
            Matcher::Backward => {
                if !self.backward().is_there() {
                    self.steps();
                }
            }
        }
    }

    fn filter(&self) -> &Filter {
        made(&self.filter, &self.literals, || {
            let all: Vec<u32> = (0..self.literals.len() as u32).collect();
            Filter::new(&self.literals, &all, self.level)
        })
    }

    fn sampled(&self) -> &Sampled {
        made(&self.sampled, &self.literals, || {
            let is_short = |&literal: &u32| self.literals.get(literal as usize).len() < SHORT;
            let (short, long): (Vec<u32>, Vec<u32>) = (0..self.literals.len() as u32).partition(is_short);
            Sampled {
                short: match Matcher::of_sparse(short.len()) {
                    Matcher::Filter => Short::Filter(Box::new(Filter::new(&self.literals, &short, self.level))),
                    _ => Short::Grams(Grams::new(&self.literals, &short, self.level)),
                },
                long: Grams::new(&self.literals, &long, self.level),
            }
        })
    }

    fn steps(&self) -> &Steps {
        made(&self.steps, &self.literals, || Steps::new(&self.literals, self.level))
    }

    fn backward(&self) -> &Backward {
        made(&self.backward, &self.literals, || Backward::new(&self.literals))
    }

    fn automaton(&self) -> Option<&DoubleArrayAhoCorasick<u32>> {
        made(&self.automaton, &self.literals, || {
            DoubleArrayAhoCorasick::with_values(self.literals.iter().zip(0..)).ok()
        })
        .as_ref()
    }
}

impl Engine for Substrings {
    type Scratch = Buffers;

    fn scan(&self, batch: Batch<'_>, buffers: &mut Buffers, callback: &mut impl MatchCallback) {
        let mut cursor = Cursor::new(batch, callback);
        let Buffers { memo, suspects, candidates, short, begun, choice } = buffers;
        // Which grams there are tells whether they can be used.
        let sparse = Matcher::of_sparse(self.matchers.literals.len());
        let is_asked = self.literals.choosing == Choosing::Best && !self.is_repetitive;
        let mut start = 0;
        while start < batch.text.len() {
            if is_asked && !self.ready(sparse, || !cursor.callback.cancelled()) {
                return;
            }
            let (stretch, matcher) = choice.next(self.literals, || self.sparse(), batch.text, start);
            start = stretch.end;
            if !self.ready(matcher, || !cursor.callback.cancelled()) {
                return;
            }
            let (len, since) = (stretch.len(), Instant::now());
            let automaton = if matcher == Matcher::Automaton { self.matchers.automaton() } else { None };
            let passed = match (matcher, automaton) {
                (Matcher::Filter, _) => self.scan_filter(stretch, suspects, &mut cursor),
                (Matcher::Grams, _) => self.scan_grams(stretch, (suspects, candidates, short), &mut cursor),
                (Matcher::Backward, _) if self.matchers.backward().is_there() => {
                    self.matchers.backward().scan(&mut cursor, stretch, begun);
                    0
                }
                (_, Some(automaton)) => self.scan_automaton(automaton, stretch, &mut cursor),
                (_, None) => memo.scan(self.matchers.steps(), &mut cursor, stretch),
            };
            cursor.callback.passed(start.saturating_sub(self.literals.longest));
            choice.seen(matcher, len, since.elapsed(), passed);
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
        let occurrences = self
            .matchers
            .steps()
            .states
            .longest_occurrences(&window[base..])
            .map(|(start, end)| (base + start, base + end));
        clean_split(occurrences, window, from, self.literals.longest, false)
    }

    fn overlaps_itself(&self, pattern: u32) -> bool {
        self.may_overlap[pattern as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_repeats_itself_is_known() {
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
    fn filters_stand_aside_where_a_text_could_make_them_slow() {
        let engine = |literals: Vec<String>, competes: bool| {
            let patterns: Vec<Pattern<'_>> =
                literals.iter().map(|literal| Pattern::Literal(literal.as_bytes())).collect();
            Substrings::new(patterns.into_iter(), Choosing::Best, competes).unwrap()
        };
        let rare = |i: usize| format!("{}word{i}", (b'a' + (i % 26) as u8) as char);
        assert_eq!(engine((0..10).map(rare).collect(), false).sparse(), Some(Matcher::Filter));
        assert_eq!(engine((0..100).map(rare).collect(), false).sparse(), Some(Matcher::Grams));
        let repetitive = (0..10).map(rare).chain(["-".repeat(1000) + "+"]).collect();
        assert_eq!(engine(repetitive, false).sparse(), None);
        // Literals that differ behind all grams that are looked at.
        let alike = (0..2000).map(|i| format!("{}{i}", "a".repeat(64))).collect();
        assert_eq!(engine(alike, true).sparse(), None);
    }
}
