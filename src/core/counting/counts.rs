//! From occurrences to counts: which occurrences count, and in which columns.
//!
//! What counts goes into a worker's [`Row`], which at a document's end goes to whatever takes rows: the writer of the
//! output, so that a count is nowhere in between, or a [`Block`] where it must wait for others. Here occurrences are
//! counted as they come, which is right where no form's count depends on another form. Where it does, `resolve` looks at
//! all of a document's occurrences first.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use super::block::Block;
use super::job::{Alone, Job};
use super::resolve::{Counted, Resolver, Spans};
use super::row::Row;
use super::tally::{Rows, Tally, Writer};
use crate::core::base::memory::collected;
use crate::core::engines::{AnyEngine, Engine, MatchCallback, Scratch};
use crate::core::plan::Plan;

/// Counts, and writes what comes of it.
///
/// Engines and rows know nothing of what is written, so that their code is there once for all results and types of cells.
pub struct Counts<'o> {
    row: Row,
    method: Method,
    writer: Box<dyn Writer + 'o>,
    /// Whether a band was begun, or else this is a part of one.
    is_whole: bool,
    part: Block,
}

enum Method {
    /// As occurrences come. By group: what one group of several found in a batch, and which occurrences count.
    Streamed(Vec<(Block, Alone)>),
    /// When all occurrences of a document are known.
    Resolved(Resolver),
}

impl<'o> Counts<'o> {
    pub fn new(plan: &Plan, writer: Box<dyn Writer + 'o>) -> Self {
        let method = match plan.competes() {
            true => Method::Resolved(Resolver::new(plan)),
            false => Method::Streamed(collected(plan.groups().iter().map(|_| (Block::default(), Alone::new(plan))))),
        };
        Self { row: Row::new(plan.columns()), method, writer, is_whole: false, part: Block::default() }
    }
}

impl Tally for Counts<'_> {
    type Part = Block;

    fn begin(&mut self, band: usize, texts: Range<usize>) {
        self.is_whole = true;
        self.writer.begin(band, texts);
    }

    fn batch(&mut self, job: &Job<'_>, scratch: &mut Scratch) {
        let Self { row, method, writer, is_whole, part } = self;
        let rows: &mut dyn Rows = if *is_whole { &mut **writer } else { part };
        match method {
            Method::Streamed(groups) => stream(job, scratch, row, &mut groups[job.groups.clone()], rows),
            Method::Resolved(resolver) => resolver.resolve(job, scratch, &mut InRow { row, rows }),
        }
    }

    fn end(&mut self) {
        self.writer.end();
        self.is_whole = false;
    }

    fn part(&mut self) -> Block {
        self.part.take()
    }

    const ADDS_UP: bool = true;

    fn sum(&mut self, parts: Vec<Block>, texts: usize, cancel: &AtomicBool) -> Block {
        let mut sum = Block::default();
        Block::sum(&parts, texts, &mut self.row, cancel, |row| sum.push(row));
        sum.take()
    }

    fn join(&mut self, parts: Vec<Block>, texts: usize, cancel: &AtomicBool) {
        Block::sum(&parts, texts, &mut self.row, cancel, |row| self.writer.row(row));
    }
}

/// Counts the spans that the resolver lets count.
struct InRow<'r> {
    row: &'r mut Row,
    rows: &'r mut dyn Rows,
}

impl Spans for InRow<'_> {
    fn counted(&mut self, counted: Counted) {
        self.row.add_one(counted.column);
    }

    fn end_document(&mut self) {
        self.rows.row(self.row);
    }
}

/// Counts the occurrences of a batch as they come, those of each group in a pass of its own.
fn stream(job: &Job<'_>, scratch: &mut Scratch, row: &mut Row, groups: &mut [(Block, Alone)], rows: &mut dyn Rows) {
    let mut scan = |engine: &AnyEngine, alone: &mut Alone, row: &mut Row, rows: &mut dyn Rows| {
        engine.scan(job.batch, scratch, &mut Counting { plan: job.plan, row, rows, alone, cancel: job.cancel });
        alone.end_batch(job.batch);
    };
    match (&job.plan.groups()[job.groups.clone()], groups) {
        ([engine], [(_, alone)]) => scan(engine, alone, row, rows),
        (engines, groups) => {
            let mut blocks = Vec::with_capacity(engines.len());
            for (engine, (block, alone)) in engines.iter().zip(groups) {
                scan(engine, alone, row, block);
                blocks.push(block.take());
            }
            // A count that is cancelled leaves blocks unfinished; nothing is made of them.
            Block::sum(&blocks, job.batch.spans.len(), row, job.cancel, |row| rows.row(row));
        }
    }
}

/// Takes the occurrences in a batch.
struct Counting<'t> {
    plan: &'t Plan,
    row: &'t mut Row,
    rows: &'t mut dyn Rows,
    alone: &'t mut Alone,
    cancel: &'t AtomicBool,
}

impl MatchCallback for Counting<'_> {
    #[inline(always)]
    fn on_match(&mut self, pattern: u32, start: usize, end: usize) {
        if let Some(column) = self.plan.only_column_of(pattern) {
            self.row.add_one(column);
        } else if self.alone.counts(self.plan, pattern, start, end) {
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
