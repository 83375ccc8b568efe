//! Any number of substrings in one pass.

mod filter;
mod grams;
mod memo;
mod pieces;
mod states;
mod vector;

use std::ops::Range;
use std::sync::OnceLock;

use daachorse::DoubleArrayAhoCorasick;

use super::super::batch::Batch;
use super::super::error::CountError;
use super::super::simd::{Level, level};
use super::super::terms::{Form, Strings};
use super::super::text::Span;
use super::{Engine, Scratch, Sink, clean_cut, has_border};
use filter::Filter;
use grams::Grams;
use memo::Memo;
use pieces::Classes;
use states::States;

/// The ways to find literals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matcher {
    /// [`filter`] or [`grams`].
    Sparse,
    Memo,
    Automaton,
}

/// Which matcher serves a stretch of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choosing {
    /// The one that is fastest on the text.
    Best,
    /// For tests, one.
    Always(Matcher),
    /// For tests, one after another, a few bytes each.
    InTurn,
}

impl Matcher {
    const ALL: [Self; 3] = [Self::Sparse, Self::Memo, Self::Automaton];
}

pub struct Substrings {
    literals: Strings,
    level: Level,
    choosing: Choosing,
    /// Made when they are first asked for: no text needs all.
    sparse: OnceLock<Sparse>,
    states: OnceLock<(States, Classes)>,
    automaton: OnceLock<DoubleArrayAhoCorasick<u32>>,
    /// By literal.
    may_overlap: Vec<bool>,
    longest: usize,
}

/// Matchers for text in which literals are rare.
enum Sparse {
    Filter(Filter),
    Grams(Vec<Grams>),
}

/// Buffers of this engine.
#[derive(Default)]
pub struct Buffers {
    memo: Memo,
    candidates: Vec<u32>,
    found: Vec<Occurrence>,
    choice: Choice,
}

struct Occurrence {
    /// A place in the literal, by which occurrences are ordered.
    at: usize,
    literal: u32,
    start: usize,
    end: usize,
}

/// What a worker has seen of the text.
#[derive(Default)]
struct Choice {
    /// What serves best.
    matcher: Option<Matcher>,
    /// Text until the next sample.
    left: usize,
    /// Counts stretches where matchers take turns.
    turn: usize,
}

const FILTERED: usize = 16;
const STRETCH: usize = 64 << 10;
const SAMPLE: usize = 4 << 10;
const BETWEEN_SAMPLES: usize = 2 << 20;
const SPARSE_CANDIDATES: usize = 60;
const MEMO_MISSES: u64 = 20;

/// A batch and where its scan has come to.
pub struct Cursor<'b, S> {
    pub text: &'b [u8],
    pub spans: &'b [Span],
    /// The document that the scan is in, and the number of the one behind it.
    pub document: Span,
    pub next: usize,
    pub sink: &'b mut S,
}

impl<'b, S: Sink> Cursor<'b, S> {
    fn new(batch: Batch<'b>, sink: &'b mut S) -> Self {
        let document = batch.spans.first().copied().unwrap_or(Span { start: 0, end: 0 });
        Self { text: batch.text, spans: batch.spans, document, next: 1, sink }
    }

    /// Goes on to the document that holds the byte at `at`.
    #[inline(always)]
    pub fn go_to(&mut self, at: usize) {
        while at >= self.document.end {
            self.sink.end_document();
            self.document = self.spans[self.next];
            self.next += 1;
        }
    }

    /// Reports a literal that holds the byte at `at`, if it does not reach across documents.
    #[inline(always)]
    fn report(&mut self, at: usize, literal: u32, start: usize, end: usize) {
        self.go_to(at);
        if start >= self.document.start && end <= self.document.end {
            self.sink.hit(literal, start, end);
        }
    }

    fn finish(self) {
        (self.next..self.spans.len() + 1).for_each(|_| self.sink.end_document());
    }
}

impl Substrings {
    pub fn new<'f>(forms: impl ExactSizeIterator<Item = Form<'f>>, choosing: Choosing) -> Result<Self, CountError> {
        let mut literals = Strings::default();
        for form in forms {
            let Form::Literal(bytes) = form else { panic!("`substrings` knows literals alone") };
            literals.push(bytes);
        }
        let may_overlap = literals.iter().map(has_border).collect();
        let longest = literals.iter().map(<[u8]>::len).max().unwrap_or(0);
        Ok(Self {
            literals,
            level: level(),
            choosing,
            sparse: OnceLock::new(),
            states: OnceLock::new(),
            automaton: OnceLock::new(),
            may_overlap,
            longest,
        })
    }

    fn sparse(&self) -> &Sparse {
        self.sparse.get_or_init(|| {
            let all: Vec<u32> = (0..self.literals.len() as u32).collect();
            if all.len() <= FILTERED {
                return Sparse::Filter(Filter::new(&self.literals, &all, self.level));
            }
            let (short, long): (Vec<u32>, Vec<u32>) =
                all.into_iter().partition(|&literal| self.literals.get(literal as usize).len() < 4);
            Sparse::Grams(
                [short, long]
                    .iter()
                    .filter(|some| !some.is_empty())
                    .map(|some| Grams::new(&self.literals, some))
                    .collect(),
            )
        })
    }

    fn states(&self) -> &(States, Classes) {
        self.states.get_or_init(|| {
            let literals: Vec<&[u8]> = self.literals.iter().collect();
            (States::new(&literals), Classes::new(self.literals.iter(), self.level))
        })
    }

    fn automaton(&self) -> &DoubleArrayAhoCorasick<u32> {
        self.automaton.get_or_init(|| DoubleArrayAhoCorasick::with_values(self.literals.iter().zip(0..)).unwrap())
    }

    /// Reports the literals that end in a stretch, by the matcher for text in which they are rare; returns how many
    /// places were looked at more closely.
    fn scan_sparse<S: Sink>(
        &self,
        stretch: Range<usize>,
        buffers: &mut Buffers,
        cursor: &mut Cursor<'_, S>,
    ) -> usize {
        let Buffers { candidates, found, .. } = buffers;
        let text = cursor.text;
        let ends = |end: usize| stretch.start < end && end <= stretch.end;
        match self.sparse() {
            Sparse::Filter(filter) => {
                let base = stretch.start.saturating_sub(filter.longest() - 1);
                filter.candidates(text, base..stretch.end, candidates);
                for &candidate in &*candidates {
                    let (at, buckets) = (base + (candidate >> 8) as usize, candidate as u8);
                    filter.verify(&self.literals, text, at, buckets, |literal, start, end| {
                        if ends(end) {
                            cursor.report(start, literal, start, end);
                        }
                    });
                }
                candidates.len()
            }
            Sparse::Grams(all) => {
                let mut looked_at = 0;
                for grams in all {
                    let base = stretch.start.saturating_sub(grams.longest() - 1);
                    grams.candidates(text, base..stretch.end, candidates);
                    for &candidate in &*candidates {
                        let at = base + candidate as usize;
                        grams.verify(&self.literals, text, at, |literal, start, end| {
                            if ends(end) {
                                match all.len() {
                                    1 => cursor.report(at, literal, start, end),
                                    _ => found.push(Occurrence { at, literal, start, end }),
                                }
                            }
                        });
                    }
                    looked_at += candidates.len();
                }
                found.sort_by_key(|found| found.at);
                found
                    .drain(..)
                    .for_each(|Occurrence { at, literal, start, end }| cursor.report(at, literal, start, end));
                looked_at
            }
        }
    }

    fn scan_automaton<S: Sink>(&self, stretch: Range<usize>, cursor: &mut Cursor<'_, S>) {
        let base = stretch.start.saturating_sub(self.longest - 1);
        for found in self.automaton().find_overlapping_iter(&cursor.text[base..stretch.end]) {
            let (start, end) = (base + found.start(), base + found.end());
            if end > stretch.start {
                cursor.report(end - 1, found.value(), start, end);
            }
        }
    }

    /// How much text to go through next, and by what.
    fn choose(&self, choice: &mut Choice, left: usize) -> (usize, Matcher) {
        match self.choosing {
            Choosing::Best => {}
            Choosing::Always(matcher) => return (left.min(STRETCH), matcher),
            Choosing::InTurn => {
                choice.turn += 1;
                return (left.min(choice.turn % 7 + 1), Matcher::ALL[choice.turn % 3]);
            }
        }
        match choice.matcher {
            Some(matcher) if choice.left > 0 => (left.min(STRETCH), matcher),
            _ => (left.min(SAMPLE), Matcher::Sparse),
        }
    }
}

impl Engine for Substrings {
    fn scan(&self, batch: Batch<'_>, scratch: &mut Scratch, sink: &mut impl Sink) {
        let mut cursor = Cursor::new(batch, sink);
        let buffers = &mut scratch.substrings;
        let mut start = 0;
        while start < batch.text.len() {
            let (len, matcher) = self.choose(&mut buffers.choice, batch.text.len() - start);
            let stretch = start..start + len;
            match matcher {
                Matcher::Sparse => {
                    let looked_at = self.scan_sparse(stretch, buffers, &mut cursor);
                    let choice = &mut buffers.choice;
                    if choice.left == 0 || choice.matcher == Some(Matcher::Sparse) && len >= SAMPLE {
                        let matcher =
                            if looked_at * 1024 > SPARSE_CANDIDATES * len { Matcher::Memo } else { Matcher::Sparse };
                        choice.matcher = Some(matcher);
                        choice.left = BETWEEN_SAMPLES;
                    }
                }
                Matcher::Memo => {
                    let (states, classes) = self.states();
                    buffers.memo.scan(states, classes, &mut cursor, stretch.start, stretch.end);
                }
                Matcher::Automaton => self.scan_automaton(stretch, &mut cursor),
            }
            buffers.choice.left = buffers.choice.left.saturating_sub(len);
            start += len;
            if cursor.sink.cancelled() {
                return;
            }
        }
        cursor.finish();
    }

    fn reach(&self) -> usize {
        self.longest
    }

    fn cut(&self, window: &[u8], from: usize) -> Option<usize> {
        let base = from.saturating_sub(self.longest);
        let occurrences =
            self.states().0.occurrences(&window[base..]).map(|(_, start, end)| (base + start, base + end));
        clean_cut(occurrences, window, from, self.longest, false)
    }

    fn overlaps_itself(&self, form: u32) -> bool {
        self.may_overlap[form as usize]
    }
}
