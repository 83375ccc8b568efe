//! From all occurrences of a document to the spans that count in each column.
//!
//! Needed where an occurrence of one form can decide whether one of another counts: where terms compete (leftmost, then
//! longest), and where several terms of a column may match the same span, which counts once there. Also where the spans
//! themselves are wanted, in order.
//!
//! Occurrences wait until the engine has passed their start ([`MatchCallback::passed`]); then they are settled and dropped. Of
//! those that wait, the ones that cannot win any more are dropped too. So memory depends on how far an engine looks back,
//! not on the length of a document. [`merge`](super::merge) does the same for plans with several engines.

use std::cmp::Reverse;
use std::sync::atomic::Ordering;

use super::job::{Alone, Job};
use super::merge::Merge;
use crate::core::base::memory;
use crate::core::engines::{Engine, MatchCallback, Scratch};
use crate::core::plan::Plan;
use crate::core::terms::options::Overlap;

/// A form found, by places of the batch's text.
#[derive(Clone, Copy)]
struct Occurrence {
    start: usize,
    end: usize,
    pattern: u32,
}

/// A span that counts in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    pub column: u32,
    pub start: usize,
    pub end: usize,
}

/// Takes the spans that count, document by document, by places of the document. In each document they come in order of
/// start, end, column.
pub trait Spans {
    fn counted(&mut self, counted: Counted);
    fn end_document(&mut self);
}

/// So many occurrences, for the bytes of a stretch, wait before it is worth a look which of them are settled.
const WAITING_OF_STRETCH: usize = 64;

/// Finds out what counts, batch by batch.
pub struct Resolver {
    waiting: Waiting,
    alone: Alone,
    merge: Merge,
}

impl Resolver {
    pub fn new(plan: &Plan) -> Self {
        Self { waiting: Waiting::default(), alone: Alone::new(plan), merge: Merge::default() }
    }

    /// Hands what counts in each document of the batch to `spans`. All groups of the plan must be in the job.
    pub fn resolve(&mut self, job: &Job<'_>, scratch: &mut Scratch, spans: &mut dyn Spans) {
        let Self { waiting, alone, merge } = self;
        waiting.clear((job.stretch / WAITING_OF_STRETCH).max(1));
        let competes = job.plan.options().overlap == Overlap::Longest;
        let mut settling = Settling { waiting, alone, spans, job, competes, document: 0 };
        match &job.plan.groups()[job.groups.clone()] {
            [engine] => engine.scan(job.batch, scratch, &mut settling),
            engines => merge.scan(engines, job.batch, job.stretch, scratch, &mut settling),
        }
        alone.end_batch(job.batch);
    }
}

/// Occurrences of which it is not yet known whether they count.
#[derive(Default)]
struct Waiting {
    occurrences: Vec<Occurrence>,
    /// Those before this one are settled.
    first: usize,
    /// So many are in order.
    sorted: usize,
    /// With so many it is time to look which are settled: at least so many more than before.
    most: usize,
    least: usize,
    /// Every later occurrence starts here or after.
    passed: usize,
    /// Where terms compete: the end of the last one that won.
    free_from: usize,
    columns: Vec<u32>,
}

impl Waiting {
    fn clear(&mut self, least: usize) {
        self.occurrences.clear();
        (self.first, self.sorted, self.most, self.least) = (0, 0, least, least);
        (self.passed, self.free_from) = (0, 0);
    }

    /// Puts them in order, and drops those that are settled or cannot win any more.
    fn sort(&mut self, competes: bool) {
        let Self { occurrences, first, sorted, free_from, .. } = self;
        if *sorted == occurrences.len() {
            return;
        }
        occurrences.drain(..std::mem::take(first));
        if competes {
            occurrences.sort_unstable_by_key(|found| (found.start, Reverse(found.end)));
            let mut longest = (usize::MAX, 0);
            occurrences.retain(|found| {
                if found.start != longest.0 {
                    longest = (found.start, found.end);
                }
                found.start >= *free_from && found.end == longest.1
            });
        } else {
            occurrences.sort_unstable_by_key(|found| (found.start, found.end));
        }
        *sorted = occurrences.len();
    }
}

/// The sink of an engine: settles what the engine has passed.
struct Settling<'s, 'j> {
    waiting: &'s mut Waiting,
    alone: &'s mut Alone,
    spans: &'s mut dyn Spans,
    job: &'s Job<'j>,
    competes: bool,
    /// The document at hand, by its number in the batch.
    document: usize,
}

impl Settling<'_, '_> {
    /// Settles the occurrences that start before `place`, all of which are known.
    fn settle(&mut self, place: usize) {
        let Self { waiting, spans, job, competes, .. } = self;
        waiting.sort(*competes);
        let base = job.batch.spans[self.document].start;
        let Waiting { occurrences, first, sorted, most, least, free_from, columns, .. } = &mut **waiting;
        for same in occurrences[*first..].chunk_by(|a, b| (a.start, a.end) == (b.start, b.end)) {
            let Occurrence { start, end, .. } = same[0];
            if start >= place {
                break;
            }
            *first += same.len();
            if *competes {
                if start < *free_from {
                    continue;
                }
                *free_from = end;
            }
            columns.clear();
            same.iter().for_each(|found| memory::extend(columns, job.plan.columns_of(found.pattern)));
            if columns.len() > 1 {
                columns.sort_unstable();
                columns.dedup();
            }
            for &column in &*columns {
                spans.counted(Counted { column, start: start - base, end: end - base });
            }
        }
        if *first == occurrences.len() {
            occurrences.clear();
            (*first, *sorted) = (0, 0);
        }
        *most = occurrences.len() + (*least).max(occurrences.len() - *first);
    }
}

impl MatchCallback for Settling<'_, '_> {
    #[inline]
    fn on_match(&mut self, pattern: u32, start: usize, end: usize) {
        if self.competes && start < self.waiting.free_from || !self.alone.counts(self.job.plan, pattern, start, end) {
            return;
        }
        memory::push(&mut self.waiting.occurrences, Occurrence { start, end, pattern });
        if self.waiting.occurrences.len() >= self.waiting.most {
            self.settle(self.waiting.passed);
        }
    }

    fn on_matches(&mut self, _: u32, _: u64) {
        unreachable!("places matter here")
    }

    #[inline]
    fn passed(&mut self, place: usize) {
        self.waiting.passed = place;
    }

    fn settle_before(&mut self, place: usize) -> usize {
        self.waiting.passed = place;
        if !self.waiting.occurrences.is_empty() {
            self.settle(place);
        }
        self.waiting.free_from
    }

    fn end_document(&mut self) {
        if !self.waiting.occurrences.is_empty() {
            self.settle(self.job.batch.spans[self.document].end);
        }
        self.spans.end_document();
        self.document += 1;
    }

    fn cancelled(&self) -> bool {
        self.job.cancel.load(Ordering::Relaxed)
    }
}
