//! From all matches of a document to the spans that count in each column.
//!
//! This is needed if a match of one pattern can decide whether a match of another counts. There are two cases: terms
//! compete (leftmost, then longest), or several terms of a column may match the same span, which counts once. `find`
//! uses it too, since it needs the spans in order.
//!
//! A match is pending until the engine has passed its start ([`MatchCallback::passed`]). Then it is settled and
//! dropped. Pending matches that can no longer win are dropped too. So memory depends on how far an engine looks
//! back, not on the length of a document. [`interleave`](super::interleave) ensures the same for plans with several
//! engines. If expressions compete, [`compete`](super::compete) reports only the winners.

use std::cmp::Reverse;
use std::sync::atomic::Ordering;

use super::batch_job::BatchJob;
use super::compete::{compete, compete_filtered};
use super::interleave::Interleaver;
use super::self_overlap::SelfOverlap;
use crate::core::base::memory;
use crate::core::engines::{AnyEngine, Engine, MatchCallback, Scratch};
use crate::core::plan::Plan;
use crate::core::terms::options::Overlap;

/// A match of a pattern. Positions are those of the batch's text.
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

/// Takes the spans that count, document by document, in order of start, end, column. Positions are those of the
/// document.
pub trait MatchConsumer {
    fn on_match(&mut self, counted: CountedMatch);
    fn end_document(&mut self);
}

/// One match may be pending for this many bytes of a slice. If there are more, they are settled.
const BYTES_PER_PENDING_MATCH: usize = 64;

/// Finds the spans that count, batch by batch.
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

    /// Passes the spans that count in each document of the batch to `consumer`. The job must have all groups of the
    /// plan.
    pub fn resolve(&mut self, job: &BatchJob<'_>, scratch: &mut Scratch, consumer: &mut dyn MatchConsumer) {
        let Self { pending, self_overlap, interleaver } = self;
        pending.clear((job.slice / BYTES_PER_PENDING_MATCH).max(1));
        let overlap = job.plan.options().overlap;
        let mut callback = ResolverCallback { pending, self_overlap, consumer, job, overlap, document: 0 };
        match &job.plan.groups()[job.groups.clone()] {
            [AnyEngine::Regexes(regexes)] if overlap.competes() => {
                compete_filtered(regexes, job.batch, &mut scratch.regexes, &mut callback);
            }
            [engine] => engine.scan(job.batch, scratch, &mut callback),
            engines @ [AnyEngine::Regex(_), ..] if overlap.competes() => compete(engines, job.batch, &mut callback),
            engines => interleaver.scan(engines, job.batch, job.slice, scratch, &mut callback),
        }
        self_overlap.end_batch(job.batch);
    }
}

/// Matches that may still count or not.
#[derive(Default)]
struct PendingMatches {
    matches: Vec<PatternMatch>,
    /// The number of matches at the front that are settled.
    first: usize,
    /// The number of matches at the front that are in order.
    sorted: usize,
    /// The number of matches at which to settle. It grows by at least `least`.
    most: usize,
    least: usize,
    /// All later matches start at or after this position.
    passed: usize,
    /// If terms compete: the end of the last match that won.
    free_from: usize,
    columns: Vec<u32>,
}

impl PendingMatches {
    fn clear(&mut self, least: usize) {
        self.matches.clear();
        (self.first, self.sorted, self.most, self.least) = (0, 0, least, least);
        (self.passed, self.free_from) = (0, 0);
    }

    /// Sorts the matches, and drops those that are settled or can no longer win.
    fn sort(&mut self, overlap: Overlap) {
        let Self { matches, first, sorted, free_from, .. } = self;
        if *sorted == matches.len() {
            return;
        }
        matches.drain(..std::mem::take(first));
        match overlap {
            Overlap::Longest => matches.sort_unstable_by_key(|found| (found.start, Reverse(found.end))),
            // Patterns are in order of their first terms.
            Overlap::First => matches.sort_unstable_by_key(|found| (found.start, found.pattern)),
            Overlap::PerTerm | Overlap::All => matches.sort_unstable_by_key(|found| (found.start, found.end)),
        }
        if overlap == Overlap::Longest {
            // Of the matches with the same start, the longest wins. A longer one may still come, so only shorter ones
            // go.
            let mut longest = (usize::MAX, 0);
            matches.retain(|found| {
                if found.start != longest.0 {
                    longest = (found.start, found.end);
                }
                found.start >= *free_from && found.end == longest.1
            });
        }
        *sorted = matches.len();
    }
}

/// The callback for the engine. It settles matches that the engine has passed.
struct ResolverCallback<'s, 'j> {
    pending: &'s mut PendingMatches,
    self_overlap: &'s mut SelfOverlap,
    consumer: &'s mut dyn MatchConsumer,
    job: &'s BatchJob<'j>,
    overlap: Overlap,
    /// The index of the current document in the batch.
    document: usize,
}

impl ResolverCallback<'_, '_> {
    /// Settles the matches that start before `position`. The engine has reported all of these.
    fn settle(&mut self, position: usize) {
        let Self { pending, consumer, job, overlap, .. } = self;
        pending.sort(*overlap);
        let base = job.batch.spans[self.document].start;
        let PendingMatches { matches, first, sorted, most, least, free_from, columns, .. } = &mut **pending;
        let competes = overlap.competes();
        let is_together = |a: &PatternMatch, b: &PatternMatch| a.start == b.start && (competes || a.end == b.end);
        for together in matches[*first..].chunk_by(is_together) {
            let PatternMatch { start, end, .. } = together[0];
            if start >= position {
                break;
            }
            *first += together.len();
            if competes {
                if start < *free_from {
                    continue;
                }
                *free_from = end;
            }
            columns.clear();
            for found in together.iter().filter(|found| found.end == end) {
                memory::extend(columns, job.plan.columns_of(found.pattern));
            }
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
        if self.overlap.competes() && start < self.pending.free_from
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
        unreachable!("positions are needed here")
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
