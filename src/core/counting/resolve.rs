//! From all occurrences of a document to the spans that count in each column.
//!
//! Needed where an occurrence of one form can decide whether one of another counts: where terms compete (leftmost, then
//! longest), and where several terms of a column may match the same span, which counts once there. Also where the spans
//! themselves are wanted, in order.
//!
//! Occurrences wait until the engine has passed their start ([`MatchCallback::passed`]); then they are settled and dropped. Of
//! those that wait, the ones that cannot win any more are dropped too. So memory depends on how far an engine looks back,
//! not on the length of a document. [`interleave`](super::interleave) does the same for plans with several engines.

use std::cmp::Reverse;
use std::sync::atomic::Ordering;

use super::batch_job::{BatchJob, SelfOverlap};
use super::interleave::Interleaver;
use crate::core::base::memory;
use crate::core::engines::{Engine, MatchCallback, Scratch};
use crate::core::plan::Plan;
use crate::core::terms::options::Overlap;

/// A form found, by places of the batch's text.
#[derive(Clone, Copy)]
struct PatternMatch {
    start: usize,
    end: usize,
    pattern: u32,
}

/// A span that counts in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountedMatch {
    pub column: u32,
    pub start: usize,
    pub end: usize,
}

/// Takes the spans that count, document by document, by places of the document. In each document they come in order of
/// start, end, column.
pub trait MatchConsumer {
    fn on_match(&mut self, counted: CountedMatch);
    fn end_document(&mut self);
}

/// So many occurrences, for the bytes of a stretch, wait before it is worth a look which of them are settled.
const BYTES_PER_PENDING_MATCH: usize = 64;

/// Finds out what counts, batch by batch.
pub struct Resolver {
    pending: PendingMatches,
    self_overlap: SelfOverlap,
    interleaver: Interleaver,
}

impl Resolver {
    pub fn new(plan: &Plan) -> Self {
        Self {
            pending: PendingMatches::default(),
            self_overlap: SelfOverlap::new(plan),
            interleaver: Interleaver::default(),
        }
    }

    /// Hands what counts in each document of the batch to `consumer`. All groups of the plan must be in the job.
    pub fn resolve(&mut self, job: &BatchJob<'_>, scratch: &mut Scratch, consumer: &mut dyn MatchConsumer) {
        let Self { pending, self_overlap, interleaver } = self;
        pending.clear((job.slice / BYTES_PER_PENDING_MATCH).max(1));
        let competes = job.plan.options().overlap == Overlap::Longest;
        let mut callback = ResolverCallback { pending, self_overlap, consumer, job, competes, document: 0 };
        match &job.plan.groups()[job.groups.clone()] {
            [engine] => engine.scan(job.batch, scratch, &mut callback),
            engines => interleaver.scan(engines, job.batch, job.slice, scratch, &mut callback),
        }
        self_overlap.end_batch(job.batch);
    }
}

/// Occurrences of which it is not yet known whether they count.
#[derive(Default)]
struct PendingMatches {
    matches: Vec<PatternMatch>,
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

impl PendingMatches {
    fn clear(&mut self, least: usize) {
        self.matches.clear();
        (self.first, self.sorted, self.most, self.least) = (0, 0, least, least);
        (self.passed, self.free_from) = (0, 0);
    }

    /// Puts them in order, and drops those that are settled or cannot win any more.
    fn sort(&mut self, competes: bool) {
        let Self { matches, first, sorted, free_from, .. } = self;
        if *sorted == matches.len() {
            return;
        }
        matches.drain(..std::mem::take(first));
        if competes {
            matches.sort_unstable_by_key(|found| (found.start, Reverse(found.end)));
            let mut longest = (usize::MAX, 0);
            matches.retain(|found| {
                if found.start != longest.0 {
                    longest = (found.start, found.end);
                }
                found.start >= *free_from && found.end == longest.1
            });
        } else {
            matches.sort_unstable_by_key(|found| (found.start, found.end));
        }
        *sorted = matches.len();
    }
}

/// The sink of an engine: settles what the engine has passed.
struct ResolverCallback<'s, 'j> {
    pending: &'s mut PendingMatches,
    self_overlap: &'s mut SelfOverlap,
    consumer: &'s mut dyn MatchConsumer,
    job: &'s BatchJob<'j>,
    competes: bool,
    /// The document at hand, by its number in the batch.
    document: usize,
}

impl ResolverCallback<'_, '_> {
    /// Settles the occurrences that start before `position`, all of which are known.
    fn settle(&mut self, position: usize) {
        let Self { pending, consumer, job, competes, .. } = self;
        pending.sort(*competes);
        let base = job.batch.spans[self.document].start;
        let PendingMatches { matches, first, sorted, most, least, free_from, columns, .. } = &mut **pending;
        for same in matches[*first..].chunk_by(|a, b| (a.start, a.end) == (b.start, b.end)) {
            let PatternMatch { start, end, .. } = same[0];
            if start >= position {
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
                consumer.on_match(CountedMatch { column, start: start - base, end: end - base });
            }
        }
        if *first == matches.len() {
            matches.clear();
            (*first, *sorted) = (0, 0);
        }
        *most = matches.len() + (*least).max(matches.len() - *first);
    }
}

impl MatchCallback for ResolverCallback<'_, '_> {
    #[inline]
    fn on_match(&mut self, pattern: u32, start: usize, end: usize) {
        if self.competes && start < self.pending.free_from
            || !self.self_overlap.counts(self.job.plan, pattern, start, end)
        {
            return;
        }
        memory::push(&mut self.pending.matches, PatternMatch { start, end, pattern });
        if self.pending.matches.len() >= self.pending.most {
            self.settle(self.pending.passed);
        }
    }

    fn on_matches(&mut self, _: u32, _: u64) {
        unreachable!("places matter here")
    }

    #[inline]
    fn passed(&mut self, position: usize) {
        self.pending.passed = position;
    }

    fn settle_before(&mut self, position: usize) -> usize {
        self.pending.passed = position;
        if !self.pending.matches.is_empty() {
            self.settle(position);
        }
        self.pending.free_from
    }

    fn end_document(&mut self) {
        if !self.pending.matches.is_empty() {
            self.settle(self.job.batch.spans[self.document].end);
        }
        self.consumer.end_document();
        self.document += 1;
    }

    fn cancelled(&self) -> bool {
        self.job.cancel.load(Ordering::Relaxed)
    }
}
