//! From occurrences to counts: which occurrences count, and in which columns.
//!
//! What counts goes into a worker's [`Row`], which at a document's end goes to whatever takes rows: the writer of the
//! output, so that a count is nowhere in between, or a [`CountBlock`] where it must wait for others. Here occurrences are
//! counted as they come, which is right where no form's count depends on another form. Where it does, `resolve` looks at
//! all of a document's occurrences first.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use super::batch_job::{BatchJob, SelfOverlap};
use super::count_block::CountBlock;
use super::reducer::{Reducer, RowConsumer, RowWriter};
use super::resolve::{CountedMatch, MatchConsumer, Resolver};
use super::row::Row;
use crate::core::base::memory::collected;
use crate::core::engines::{AnyEngine, Engine, MatchCallback, Scratch};
use crate::core::plan::Plan;

/// Counts, and writes what comes of it.
///
/// Engines and rows know nothing of what is written, so that their code is there once for all results and types of cells.
pub struct CountReducer<'o> {
    row: Row,
    method: Method,
    writer: Box<dyn RowWriter + 'o>,
    /// Whether a band was begun, or else this is a part of one.
    is_whole: bool,
    part: CountBlock,
}

enum Method {
    /// As occurrences come. By group: what one group of several found in a batch, and which occurrences count.
    Streamed(Vec<(CountBlock, SelfOverlap)>),
    /// When all occurrences of a document are known.
    Resolved(Resolver),
}

impl<'o> CountReducer<'o> {
    pub fn new(plan: &Plan, writer: Box<dyn RowWriter + 'o>) -> Self {
        let method = match plan.competes() {
            true => Method::Resolved(Resolver::new(plan)),
            false => Method::Streamed(collected(
                plan.groups().iter().map(|_| (CountBlock::default(), SelfOverlap::new(plan))),
            )),
        };
        Self { row: Row::new(plan.columns()), method, writer, is_whole: false, part: CountBlock::default() }
    }
}

impl Reducer for CountReducer<'_> {
    type Partial = CountBlock;

    fn begin(&mut self, row_block: usize, texts: Range<usize>) {
        self.is_whole = true;
        self.writer.begin(row_block, texts);
    }

    fn batch(&mut self, job: &BatchJob<'_>, scratch: &mut Scratch) {
        let Self { row, method, writer, is_whole, part } = self;
        let rows: &mut dyn RowConsumer = if *is_whole { &mut **writer } else { part };
        match method {
            Method::Streamed(groups) => stream(job, scratch, row, &mut groups[job.groups.clone()], rows),
            Method::Resolved(resolver) => resolver.resolve(job, scratch, &mut RowMatchConsumer { row, rows }),
        }
    }

    fn end(&mut self) {
        self.writer.end();
        self.is_whole = false;
    }

    fn partial(&mut self) -> CountBlock {
        self.part.take()
    }

    const ADDS_UP: bool = true;

    fn sum(&mut self, parts: Vec<CountBlock>, texts: usize, cancel: &AtomicBool) -> CountBlock {
        let mut sum = CountBlock::default();
        CountBlock::sum(&parts, texts, &mut self.row, cancel, |row| sum.push(row));
        sum.take()
    }

    fn join(&mut self, parts: Vec<CountBlock>, texts: usize, cancel: &AtomicBool) {
        CountBlock::sum(&parts, texts, &mut self.row, cancel, |row| self.writer.row(row));
    }
}

/// Counts the spans that the resolver lets count.
struct RowMatchConsumer<'r> {
    row: &'r mut Row,
    rows: &'r mut dyn RowConsumer,
}

impl MatchConsumer for RowMatchConsumer<'_> {
    fn on_match(&mut self, counted: CountedMatch) {
        self.row.add_one(counted.column);
    }

    fn end_document(&mut self) {
        self.rows.row(self.row);
    }
}

/// Counts the occurrences of a batch as they come, those of each group in a pass of its own.
fn stream(
    job: &BatchJob<'_>,
    scratch: &mut Scratch,
    row: &mut Row,
    groups: &mut [(CountBlock, SelfOverlap)],
    rows: &mut dyn RowConsumer,
) {
    let mut scan = |engine: &AnyEngine, self_overlap: &mut SelfOverlap, row: &mut Row, rows: &mut dyn RowConsumer| {
        engine.scan(
            job.batch,
            scratch,
            &mut CountCallback { plan: job.plan, row, rows, self_overlap, cancel: job.cancel },
        );
        self_overlap.end_batch(job.batch);
    };
    match (&job.plan.groups()[job.groups.clone()], groups) {
        ([engine], [(_, self_overlap)]) => scan(engine, self_overlap, row, rows),
        (engines, groups) => {
            let mut blocks = Vec::with_capacity(engines.len());
            for (engine, (block, self_overlap)) in engines.iter().zip(groups) {
                scan(engine, self_overlap, row, block);
                blocks.push(block.take());
            }
            // A count that is cancelled leaves blocks unfinished; nothing is made of them.
            CountBlock::sum(&blocks, job.batch.spans.len(), row, job.cancel, |row| rows.row(row));
        }
    }
}

/// Takes the occurrences in a batch.
struct CountCallback<'t> {
    plan: &'t Plan,
    row: &'t mut Row,
    rows: &'t mut dyn RowConsumer,
    self_overlap: &'t mut SelfOverlap,
    cancel: &'t AtomicBool,
}

impl MatchCallback for CountCallback<'_> {
    #[inline(always)]
    fn on_match(&mut self, pattern: u32, start: usize, end: usize) {
        if let Some(column) = self.plan.only_column_of(pattern) {
            self.row.add_one(column);
        } else if self.self_overlap.counts(self.plan, pattern, start, end) {
            for &column in self.plan.columns_of(pattern) {
                self.row.add_one(column);
            }
        }
    }

    #[inline]
    fn needs_spans(&self, pattern: u32) -> bool {
        self.plan.overlaps().get(pattern as usize).is_some_and(|&overlaps| overlaps)
    }

    #[inline(always)]
    fn on_matches(&mut self, pattern: u32, count: u64) {
        for &column in self.plan.columns_of(pattern) {
            self.row.add(column, count);
        }
    }

    #[inline]
    fn end_document(&mut self) {
        self.rows.row(self.row);
    }

    fn cancelled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }
}
