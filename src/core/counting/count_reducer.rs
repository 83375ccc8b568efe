//! Turns matches into rows of counts.
//!
//! Matches that count are added to a worker's [`Row`]. At the end of each document the row goes to a [`RowWriter`]:
//! the writer of the output, or a [`CountBlock`] if it must wait for other counts. Here each match is counted as soon
//! as it is found, which is correct if no pattern's count depends on another pattern. Otherwise `resolve` collects
//! the matches of the document first.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use super::batch_job::BatchJob;
use super::count_block::CountBlock;
use super::reducer::{Begin, Reducer, RowWriter};
use super::resolve::{CountedMatch, MatchConsumer, Resolver};
use super::row::Row;
use super::self_overlap::SelfOverlap;
use super::several::{FEW_COLUMNS, PatternCounts};
use crate::core::base::memory::collected;
use crate::core::engines::{AnyEngine, Engine, MatchCallback, Scratch};
use crate::core::plan::Plan;

/// Counts matches and writes the rows.
///
/// Writers are trait objects, so the code of engines and rows is compiled once for all results and types of cells.
pub struct CountReducer<'o> {
    row: Row,
    several: PatternCounts,
    method: Method,
    begin: &'o Begin<'o>,
    /// The writer of the row block that was begun. Without one, batches belong to a part of a row block.
    writer: Option<Box<dyn RowWriter + 'o>>,
    part: CountBlock,
}

enum Method {
    /// Each match is counted when it is found. For each engine group: the counts of the current batch, if the tile
    /// has several groups, and the rule for matches that overlap.
    Streamed(Vec<(CountBlock, SelfOverlap)>),
    /// All matches of a document are collected first.
    Resolved(Resolver),
}

impl<'o> CountReducer<'o> {
    pub fn new(plan: &Plan, begin: &'o Begin<'o>) -> Self {
        let method = match plan.competes() {
            true => Method::Resolved(Resolver::new(plan)),
            false => Method::Streamed(collected(
                plan.groups().iter().map(|_| (CountBlock::default(), SelfOverlap::new(plan))),
            )),
        };
        Self {
            row: Row::new(plan.columns()),
            several: PatternCounts::default(),
            method,
            begin,
            writer: None,
            part: CountBlock::default(),
        }
    }
}

impl Reducer for CountReducer<'_> {
    type Partial = CountBlock;

    fn begin(&mut self, row_block: usize, texts: Range<usize>) {
        self.writer = Some((self.begin)(row_block, texts));
    }

    fn batch(&mut self, job: &BatchJob<'_>, scratch: &mut Scratch) {
        let Self { row, several, method, writer, part, .. } = self;
        let rows: &mut dyn RowWriter = match writer {
            Some(writer) => &mut **writer,
            None => part,
        };
        match method {
            Method::Streamed(groups) => stream(job, scratch, row, several, &mut groups[job.groups.clone()], rows),
            Method::Resolved(resolver) => resolver.resolve(job, scratch, &mut RowMatchConsumer { row, rows }),
        }
    }

    fn end(&mut self) {
        self.writer.take().expect("a row block was begun").end();
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
        let writer = self.writer.as_mut().expect("a row block was begun");
        CountBlock::sum(&parts, texts, &mut self.row, cancel, |row| writer.row(row));
    }
}

/// Counts the matches that the resolver accepts.
struct RowMatchConsumer<'r> {
    row: &'r mut Row,
    rows: &'r mut dyn RowWriter,
}

impl MatchConsumer for RowMatchConsumer<'_> {
    fn on_match(&mut self, counted: CountedMatch) {
        self.row.add_one(counted.column);
    }

    fn end_document(&mut self) {
        self.rows.row(self.row);
    }
}

/// Counts the matches of a batch as they are found. Each engine group makes a pass of its own.
fn stream(
    job: &BatchJob<'_>,
    scratch: &mut Scratch,
    row: &mut Row,
    several: &mut PatternCounts,
    groups: &mut [(CountBlock, SelfOverlap)],
    rows: &mut dyn RowWriter,
) {
    let mut scan = |engine: &AnyEngine, self_overlap: &mut SelfOverlap, row: &mut Row, rows: &mut dyn RowWriter| {
        let mut callback = CountCallback { plan: job.plan, row, several, rows, self_overlap, cancel: job.cancel };
        engine.scan(job.batch, scratch, &mut callback);
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
            // If the count was cancelled, the blocks are incomplete, and the result is dropped.
            CountBlock::sum(&blocks, job.batch.spans.len(), row, job.cancel, |row| rows.row(row));
        }
    }
}

/// Counts the matches of a batch.
struct CountCallback<'t> {
    plan: &'t Plan,
    row: &'t mut Row,
    several: &'t mut PatternCounts,
    rows: &'t mut dyn RowWriter,
    self_overlap: &'t mut SelfOverlap,
    cancel: &'t AtomicBool,
}

impl MatchCallback for CountCallback<'_> {
    #[inline(always)]
    fn on_match(&mut self, pattern: u32, start: usize, end: usize) {
        if let Some(column) = self.plan.only_column_of(pattern) {
            self.row.add_one(column);
        } else if self.self_overlap.counts(self.plan, pattern, start, end) {
            let columns = self.plan.columns_of(pattern);
            match columns.len() > FEW_COLUMNS {
                true => self.several.add_one(self.plan, pattern),
                false => columns.iter().for_each(|&column| self.row.add_one(column)),
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
        self.several.move_to(self.plan, self.row);
        self.rows.row(self.row);
    }

    fn cancelled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }
}
