//! Finds every match that counts: its document, column, start and end.
//!
//! Matches are found in transformed text, but positions refer to the original: characters in text documents, bytes in
//! bytes documents. Matches are collected in a block for each tile until all are known. Then the workers write them to
//! the caller's arrays and free each block when it is written. So a result needs at most three quarters of its size in
//! addition (24 of 32 bytes for each match).

use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use super::count_blocks::SHARED_ROWS;
use crate::core::base::error::CountError;
use crate::core::base::locks::lock_ignoring_poison;
use crate::core::base::memory;
use crate::core::base::panics::catch_panics;
use crate::core::counting::batch_job::BatchJob;
use crate::core::counting::reducer::Reducer;
use crate::core::counting::resolve::{CountedMatch, MatchConsumer, Resolver};
use crate::core::documents::rows::{Documents, MISSING_ROW};
use crate::core::engines::Scratch;
use crate::core::plan::Plan;
use crate::core::schedule::grid::Grid;
use crate::core::schedule::load_blocks::load_blocks;
use crate::core::schedule::run_options::RunOptions;
use crate::core::schedule::workers::WorkerTeam;
use crate::core::text::encoding::{Span, Text};
use crate::core::text::transform::Transform;

/// A match that counts.
#[derive(Clone, Copy, Debug)]
struct Match {
    span: Span,
    column: u32,
    /// The index of its text in the row block.
    text: u32,
}

impl AsMut<Span> for Match {
    fn as_mut(&mut self) -> &mut Span {
        &mut self.span
    }
}

/// Consecutive matches in texts of one row block.
struct MatchBlock {
    /// The first row of the row block, or its first text if rows share texts.
    first: usize,
    /// If the row block's only text was split: where the section begins, in characters or bytes.
    base: usize,
    matches: Vec<Match>,
}

impl MatchBlock {
    /// The row or text of a match.
    fn of(&self, found: &Match) -> usize {
        self.first + found.text as usize
    }
}

/// All matches that count, ready to be written.
pub struct Matches<'d> {
    /// In order.
    blocks: Vec<MatchBlock>,
    /// If rows share texts: ranges of rows, as the texts of the rows, and their numbers of matches.
    shared: Option<Vec<(&'d [u32], usize)>>,
    /// Bytes of text that were searched.
    done: u64,
}

/// Fewer matches than this are written on the calling thread.
const INLINE_MATCHES: usize = 64 << 10;

/// Where terms occur: four lists or slices of one length, in order of document, start, end, column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MatchColumns<L> {
    /// The documents' indices.
    pub documents: L,
    /// The columns' indices.
    pub columns: L,
    /// Where the matches start: in characters of text documents, in bytes of bytes documents.
    pub starts: L,
    /// Where they end.
    pub ends: L,
}

/// Matches in lists.
pub type MatchLists = MatchColumns<Vec<i64>>;

impl<L> MatchColumns<L> {
    /// Makes something of each list.
    pub(crate) fn map<M>(self, mut each: impl FnMut(L) -> M) -> MatchColumns<M> {
        let Self { documents, columns, starts, ends } = self;
        MatchColumns { documents: each(documents), columns: each(columns), starts: each(starts), ends: each(ends) }
    }
}

/// Finds all matches that count. [`Matches::write`] writes them to arrays.
pub fn find<'d>(plan: &Plan, documents: &'d Documents<'_>, run: RunOptions<'_>) -> Result<Matches<'d>, CountError> {
    let mut found = Matches { blocks: Vec::new(), shared: None, done: 0 };
    load_blocks(documents, run, |start, part, run| {
        let grid = Grid::new(plan, part.texts(), run, 0, true)?;
        let row_blocks: Vec<Mutex<Vec<MatchPartial>>> = grid.row_blocks().iter().map(|_| Mutex::default()).collect();
        grid.run(|| FindReducer {
            resolver: Resolver::new(plan),
            part: MatchPartial::default(),
            row_blocks: &row_blocks,
            row_block: 0,
        })?;
        for (row_block, parts) in grid.row_blocks().iter().zip(row_blocks) {
            let (first, mut base) = (start + row_block.start, 0);
            for MatchPartial { matches, units, .. } in std::mem::take(&mut *lock_ignoring_poison(&parts)) {
                if !matches.is_empty() {
                    memory::push(&mut found.blocks, MatchBlock { first, base, matches });
                }
                base += units;
            }
        }
        found.done += grid.bytes_done();
        Ok(())
    })?;
    if let Some(rows) = documents.rows() {
        let team = WorkerTeam::new(run, found.done, rows.len() <= SHARED_ROWS);
        let len = |&text: &u32| found.of_text(text).map(|(_, matches)| matches.len()).sum::<usize>();
        found.shared = Some(team.map(rows.chunks(SHARED_ROWS), |rows| (rows, rows.iter().map(len).sum::<usize>()))?);
    }
    Ok(found)
}

impl Matches<'_> {
    /// The number of matches.
    pub fn len(&self) -> usize {
        match &self.shared {
            None => self.blocks.iter().map(|block| block.matches.len()).sum(),
            Some(row_ranges) => row_ranges.iter().map(|(_, len)| len).sum(),
        }
    }

    /// Whether there are no matches.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The matches in a text that rows share, block by block.
    fn of_text(&self, text: u32) -> impl Iterator<Item = (&MatchBlock, &[Match])> {
        let is_before = move |block: &MatchBlock, found: &Match| block.of(found) < text as usize;
        let first =
            self.blocks.partition_point(|block| block.matches.last().is_some_and(|last| is_before(block, last)));
        let blocks = if text == MISSING_ROW { &[] } else { &self.blocks[first..] };
        blocks.iter().map_while(move |block| {
            let start = block.matches.partition_point(|found| is_before(block, found));
            let rest = &block.matches[start..];
            let found = &rest[..rest.partition_point(|found| block.of(found) == text as usize)];
            (!found.is_empty()).then_some((block, found))
        })
    }

    /// All matches, in new lists.
    ///
    /// # Errors
    ///
    /// The caller cancelled, memory ran out, or the system could not start a thread.
    pub fn into_lists(self, run: RunOptions<'_>) -> Result<MatchLists, CountError> {
        let len = self.len();
        let mut lists = catch_panics(|| MatchLists::default().map(|_| memory::filled(0, len)))?;
        self.write(lists.slices(), run)?;
        Ok(lists)
    }

    /// Writes all matches.
    #[cfg_attr(feature = "internals", visibility::make(pub))]
    pub(crate) fn write(self, mut outputs: MatchColumns<&mut [i64]>, run: RunOptions<'_>) -> Result<(), CountError> {
        let len = self.len();
        let team = WorkerTeam::new(run, self.done, len < INLINE_MATCHES);
        let Some(row_ranges) = &self.shared else {
            let parts = self.blocks.into_iter().map(|block| (outputs.take(block.matches.len()), block));
            team.map(parts, |(outputs, block)| outputs.write(&block, &block.matches, None))?;
            return Ok(());
        };
        let parts = row_ranges.iter().enumerate().map(|(i, &(rows, len))| (i * SHARED_ROWS, rows, outputs.take(len)));
        team.map(parts, |(first, rows, mut outputs)| {
            for (row, &text) in (first..).zip(rows) {
                for (block, found) in self.of_text(text).take_while(|_| !team.is_cancelled()) {
                    outputs.take(found.len()).write(block, found, Some(row));
                }
            }
        })?;
        Ok(())
    }
}

impl MatchLists {
    fn slices(&mut self) -> MatchColumns<&mut [i64]> {
        let Self { documents, columns, starts, ends } = self;
        MatchColumns { documents, columns, starts, ends }.map(Vec::as_mut_slice)
    }
}

impl<'p> MatchColumns<&'p mut [i64]> {
    /// Takes the first `len` items.
    fn take(&mut self, len: usize) -> Self {
        let Self { documents, columns, starts, ends } = self;
        let first = |list: &mut &'p mut [i64]| list.split_off_mut(..len).expect("an item for each match");
        MatchColumns { documents, columns, starts, ends }.map(first)
    }

    /// Writes matches of a block. `row` replaces the row that the block tells.
    fn write(self, block: &MatchBlock, matches: &[Match], row: Option<usize>) {
        let Self { documents, columns, starts, ends } = self;
        let outputs = documents.iter_mut().zip(columns).zip(starts).zip(ends);
        for (found, (((document, column), start), end)) in matches.iter().zip(outputs) {
            *document = row.unwrap_or_else(|| block.of(found)) as i64;
            *column = found.column.into();
            *start = (block.base + found.span.start) as i64;
            *end = (block.base + found.span.end) as i64;
        }
    }
}

/// The matches in a row block, or in a section of its only text.
#[derive(Default)]
struct MatchPartial {
    matches: Vec<Match>,
    /// The number of texts that were searched.
    texts: u32,
    /// Where the section begins in memory, and its length in characters or bytes.
    section_start: usize,
    units: usize,
}

/// Keeps the matches that count.
struct FindReducer<'b> {
    resolver: Resolver,
    part: MatchPartial,
    /// The matches of each row block, and the index of the current one.
    row_blocks: &'b [Mutex<Vec<MatchPartial>>],
    row_block: usize,
}

impl Reducer for FindReducer<'_> {
    type Partial = MatchPartial;

    fn begin(&mut self, row_block: usize, _: Range<usize>) {
        self.row_block = row_block;
    }

    fn batch(&mut self, job: &BatchJob<'_>, scratch: &mut Scratch) {
        let Self { resolver, part, .. } = self;
        part.section_start = job.section.as_ref().map_or(0, |section| section.start);
        let first = part.matches.len();
        resolver.resolve(job, scratch, &mut FindMatchConsumer { job, part, first, document: 0 });
    }

    fn end(&mut self) {
        let part = self.partial();
        lock_ignoring_poison(&self.row_blocks[self.row_block]).push(part);
    }

    fn partial(&mut self) -> MatchPartial {
        let mut part = std::mem::take(&mut self.part);
        part.matches.shrink_to_fit();
        part
    }

    const ADDS_UP: bool = false;

    fn sum(&mut self, _: Vec<MatchPartial>, _: usize, _: &AtomicBool) -> MatchPartial {
        unreachable!("matches do not add up")
    }

    /// Puts the sections of a text in order.
    fn join(&mut self, mut sections: Vec<MatchPartial>, _: usize, _: &AtomicBool) {
        sections.sort_unstable_by_key(|section| section.section_start);
        lock_ignoring_poison(&self.row_blocks[self.row_block]).extend(sections);
    }
}

/// Takes the matches of a batch that count.
struct FindMatchConsumer<'f, 'j> {
    job: &'f BatchJob<'j>,
    part: &'f mut MatchPartial,
    /// The first match in the current document.
    first: usize,
    /// The index of the current document in the batch.
    document: usize,
}

impl MatchConsumer for FindMatchConsumer<'_, '_> {
    fn on_match(&mut self, CountedMatch { column, start, end }: CountedMatch) {
        let MatchPartial { matches, texts, .. } = &mut *self.part;
        memory::push(matches, Match { span: Span { start, end }, column, text: *texts });
    }

    fn end_document(&mut self) {
        let Self { job, part, first, document } = self;
        let matches = &mut part.matches[*first..];
        let text = if matches.is_empty() && job.section.is_none() { None } else { (job.text)(*document) };
        if let Some(text) = text {
            let cancelled = || job.cancel.load(Ordering::Relaxed);
            locate(job.plan.transform(), text, matches, &cancelled);
            if job.section.is_some() {
                part.units += units(text, &cancelled);
            }
        }
        *first = part.matches.len();
        part.texts += 1;
        *document += 1;
    }
}

/// Converts positions from transformed text to the original. Matches stay in order.
fn locate(transform: Transform, text: Text<'_>, matches: &mut [Match], cancelled: &dyn Fn() -> bool) {
    if transform.locate(text, matches, cancelled) {
        // Different spans of transformed text may be the same span of the original.
        let same_start = matches.chunk_by_mut(|a, b| a.span.start == b.span.start);
        for matches in same_start.take_while(|matches| matches.len() == 1 || !cancelled()) {
            matches.sort_unstable_by_key(|found| (found.span.end, found.column));
        }
    }
}

/// The length of a text in characters or bytes.
fn units(text: Text<'_>, cancelled: &dyn Fn() -> bool) -> usize {
    const CHECK_EVERY: usize = 1 << 20;
    let (mut at, mut units) = (0, 0);
    let len = text.memory().len();
    while at < len && !cancelled() {
        let next = text.char_start(len.min(at + CHECK_EVERY));
        units += text.slice(at, next).units();
        at = next;
    }
    units
}
