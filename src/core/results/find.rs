//! Finds every match that counts: its document, column, start and end.
//!
//! Matches are found in transformed text, but positions refer to the original: characters in text documents, bytes in
//! bytes documents. Matches are collected in pages until all are known. Then the workers write them to the caller's
//! arrays and free each page when it is written. So a result needs at most three quarters of its size in addition (24
//! of 32 bytes for each match).

use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::core::base::error::CountError;
use crate::core::base::locks::lock_ignoring_poison;
use crate::core::base::memory;
use crate::core::base::paged_vec::PagedVec;
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
struct MatchPage {
    /// The first row of the row block, or its first text if rows share texts.
    first: usize,
    /// If the row block's only text was split: where the section begins, in characters or bytes.
    base: usize,
    matches: Vec<Match>,
}

impl MatchPage {
    /// The row or text of a match.
    fn of(&self, found: &Match) -> usize {
        self.first + found.text as usize
    }
}

/// All matches that count, ready to be written.
pub struct Matches<'d> {
    /// In order.
    pages: Vec<MatchPage>,
    /// If rows share texts: the text of each row, and ranges of rows with their numbers of matches.
    shared: Option<(&'d [u32], RowRanges)>,
    len: usize,
    /// Bytes of text that were searched.
    done: u64,
}

type RowRanges = Vec<(Range<usize>, usize)>;

/// Where to write matches, in order of document, start, end, column: four slices with an item for each match.
pub struct MatchColumns<'p> {
    pub documents: &'p mut [i64],
    pub columns: &'p mut [i64],
    pub starts: &'p mut [i64],
    pub ends: &'p mut [i64],
}

/// How many rows a worker writes at a time if rows share texts.
const SHARED_ROWS: usize = 16 << 10;

/// Fewer matches than this are written on the calling thread.
const INLINE_MATCHES: usize = 64 << 10;

/// Where terms occur: four lists of one length, in order of document, start, end, column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MatchLists {
    /// The documents' indices.
    pub documents: Vec<i64>,
    /// The columns' indices.
    pub columns: Vec<i64>,
    /// Where the matches start: in characters of text documents, in bytes of bytes documents.
    pub starts: Vec<i64>,
    /// Where they end.
    pub ends: Vec<i64>,
}

/// Finds all matches that count. [`Matches::write`] writes them to arrays.
pub fn find<'d>(plan: &Plan, documents: &'d Documents<'_>, run: RunOptions<'_>) -> Result<Matches<'d>, CountError> {
    let mut found = Matches { pages: Vec::new(), shared: None, len: 0, done: 0 };
    load_blocks(documents, run, |start, part, run| {
        let grid = Grid::new(plan, part.texts(), run, true)?;
        let row_blocks: Vec<Mutex<Vec<MatchPartial>>> = grid.row_blocks().iter().map(|_| Mutex::default()).collect();
        grid.run(|| FindReducer::new(plan, &row_blocks))?;
        for (row_block, parts) in grid.row_blocks().iter().zip(row_blocks) {
            let mut base = 0;
            for part in std::mem::take(&mut *lock_ignoring_poison(&parts)) {
                let pages = part.matches.into_iter().map(|matches| MatchPage {
                    first: start + row_block.start,
                    base,
                    matches,
                });
                pages.for_each(|page| memory::push(&mut found.pages, page));
                base += part.units;
            }
        }
        found.done += grid.into_team().bytes_done();
        Ok(())
    })?;
    found.len = found.pages.iter().map(|page| page.matches.len()).sum();
    if let Some(rows) = documents.rows() {
        let row_ranges = found.row_ranges(rows, run)?;
        found.len = row_ranges.iter().map(|(_, matches)| matches).sum();
        found.shared = Some((rows, row_ranges));
    }
    Ok(found)
}

impl Matches<'_> {
    /// The number of matches.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no matches.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Ranges of rows that share texts, with their numbers of matches.
    fn row_ranges(&self, rows: &[u32], run: RunOptions<'_>) -> Result<RowRanges, CountError> {
        let row_ranges = (0..rows.len()).step_by(SHARED_ROWS).map(|start| start..rows.len().min(start + SHARED_ROWS));
        let row_ranges: Vec<_> = row_ranges.map(|run| (run, Mutex::new(0))).collect();
        self.team(run, rows.len()).work(
            row_ranges.len(),
            || (),
            |(), job| {
                let (run, matches) = &row_ranges[job];
                *lock_ignoring_poison(matches) =
                    rows[run.clone()].iter().flat_map(|&text| self.of_text(text)).map(|(_, found)| found.len()).sum();
            },
        )?;
        Ok(row_ranges.into_iter().map(|(run, matches)| (run, *lock_ignoring_poison(&matches))).collect())
    }

    /// A team for `work` steps, which are little compared to the search.
    fn team<'r>(&self, run: RunOptions<'r>, work: usize) -> WorkerTeam<'r> {
        WorkerTeam::new(run, work < INLINE_MATCHES)
    }

    /// The matches in a text that rows share, page by page.
    fn of_text(&self, text: u32) -> impl Iterator<Item = (&MatchPage, &[Match])> {
        let is_before = move |page: &MatchPage, found: &Match| page.of(found) < text as usize;
        let first = self.pages.partition_point(|page| page.matches.last().is_some_and(|last| is_before(page, last)));
        let pages = if text == MISSING_ROW { &[] } else { &self.pages[first..] };
        pages.iter().map_while(move |page| {
            let start = page.matches.partition_point(|found| is_before(page, found));
            let rest = &page.matches[start..];
            let found = &rest[..rest.partition_point(|found| page.of(found) == text as usize)];
            (!found.is_empty()).then_some((page, found))
        })
    }

    /// All matches, in new lists.
    ///
    /// # Errors
    ///
    /// The caller cancelled, memory ran out, or the system could not start a thread.
    pub fn into_lists(self, run: RunOptions<'_>) -> Result<MatchLists, CountError> {
        let len = self.len;
        let mut lists = catch_panics(|| {
            let list = || memory::filled(0, len);
            MatchLists { documents: list(), columns: list(), starts: list(), ends: list() }
        })?;
        let MatchLists { documents, columns, starts, ends } = &mut lists;
        self.write(MatchColumns { documents, columns, starts, ends }, run)?;
        Ok(lists)
    }

    /// Writes all matches.
    #[cfg_attr(feature = "internals", visibility::make(pub))]
    pub(crate) fn write(self, outputs: MatchColumns<'_>, run: RunOptions<'_>) -> Result<(), CountError> {
        let MatchColumns { documents, columns, starts, ends } = &outputs;
        let lens = [documents.len(), columns.len(), starts.len(), ends.len()];
        assert_eq!(lens, [self.len; 4], "the lengths of the lists");
        let on_progress = |_| (run.on_progress)(self.done);
        let team = self.team(RunOptions { on_progress: &on_progress, ..run }, self.len);
        match &self.shared {
            None => {
                let lens: Vec<usize> = self.pages.iter().map(|page| page.matches.len()).collect();
                let outputs = split(outputs, lens.into_iter());
                let pages: Vec<_> = self.pages.into_iter().zip(outputs).map(|work| Mutex::new(Some(work))).collect();
                team.work(
                    pages.len(),
                    || (),
                    |(), job| {
                        let (page, mut outputs) =
                            lock_ignoring_poison(&pages[job]).take().expect("a page is written once");
                        outputs.write(&page, &page.matches, None);
                    },
                )
            }
            Some((rows, row_ranges)) => {
                let outputs = split(outputs, row_ranges.iter().map(|(_, matches)| *matches));
                let outputs: Vec<_> = outputs.map(|outputs| Mutex::new(Some(outputs))).collect();
                team.work(
                    row_ranges.len(),
                    || (),
                    |(), job| {
                        let mut outputs =
                            lock_ignoring_poison(&outputs[job]).take().expect("a range of rows is written once");
                        let run = row_ranges[job].0.clone();
                        for (row, &text) in run.clone().zip(&rows[run]) {
                            for (page, found) in self.of_text(text).take_while(|_| !team.is_cancelled()) {
                                outputs.write(page, found, Some(row));
                            }
                        }
                    },
                )
            }
        }
    }
}

/// Splits the slices into parts of the given lengths.
fn split<'p>(outputs: MatchColumns<'p>, lens: impl Iterator<Item = usize>) -> impl Iterator<Item = MatchColumns<'p>> {
    let mut rest = Some(outputs);
    lens.map(move |len| {
        let mut whole = rest.take().expect("the rest of the columns");
        let part = whole.take(len);
        rest = Some(whole);
        part
    })
}

impl<'p> MatchColumns<'p> {
    /// Takes the first `len` items.
    fn take(&mut self, len: usize) -> Self {
        let Self { documents, columns, starts, ends } = self;
        let first = |list: &mut &'p mut [i64]| list.split_off_mut(..len).expect("an item for each match");
        Self { documents: first(documents), columns: first(columns), starts: first(starts), ends: first(ends) }
    }

    /// Writes matches of a page and removes their items. `row` replaces the row that the page tells.
    fn write(&mut self, page: &MatchPage, matches: &[Match], row: Option<usize>) {
        let Self { documents, columns, starts, ends } = self.take(matches.len());
        let outputs = documents.iter_mut().zip(columns).zip(starts).zip(ends);
        for (found, (((document, column), start), end)) in matches.iter().zip(outputs) {
            *document = row.unwrap_or_else(|| page.of(found)) as i64;
            *column = found.column.into();
            *start = (page.base + found.span.start) as i64;
            *end = (page.base + found.span.end) as i64;
        }
    }
}

/// The matches in a row block, or in a section of its only text.
#[derive(Default)]
struct MatchPartial {
    matches: Vec<Vec<Match>>,
    /// Where the section begins in memory, and its length in characters or bytes.
    section_start: usize,
    units: usize,
}

/// Keeps the matches that count.
struct FindReducer<'b> {
    resolver: Resolver,
    found: PagedVec<Match>,
    /// The number of texts of the row block that were searched.
    texts: u32,
    /// Where the section begins in memory, and its length in characters or bytes.
    section_start: usize,
    units: usize,
    /// The matches of each row block, and the index of the current one.
    row_blocks: &'b [Mutex<Vec<MatchPartial>>],
    row_block: usize,
}

impl<'b> FindReducer<'b> {
    fn new(plan: &Plan, row_blocks: &'b [Mutex<Vec<MatchPartial>>]) -> Self {
        let (resolver, found) = (Resolver::new(plan), PagedVec::default());
        Self { resolver, found, texts: 0, section_start: 0, units: 0, row_blocks, row_block: 0 }
    }
}

impl Reducer for FindReducer<'_> {
    type Partial = MatchPartial;

    fn begin(&mut self, row_block: usize, _: Range<usize>) {
        self.row_block = row_block;
    }

    fn batch(&mut self, job: &BatchJob<'_>, scratch: &mut Scratch) {
        let Self { resolver, found, units, texts, .. } = self;
        self.section_start = job.section.as_ref().map_or(0, |section| section.start);
        let first = found.len();
        resolver.resolve(job, scratch, &mut FindMatchConsumer { job, found, first, units, texts, document: 0 });
    }

    fn end(&mut self) {
        let part = self.partial();
        lock_ignoring_poison(&self.row_blocks[self.row_block]).push(part);
    }

    fn partial(&mut self) -> MatchPartial {
        let Self { found, units, texts, section_start, .. } = self;
        *texts = 0;
        MatchPartial { matches: found.take(), section_start: *section_start, units: std::mem::take(units) }
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
    found: &'f mut PagedVec<Match>,
    /// The first match in the current document.
    first: usize,
    units: &'f mut usize,
    /// The number of texts of the row block before the current document.
    texts: &'f mut u32,
    /// The index of the current document in the batch.
    document: usize,
}

impl MatchConsumer for FindMatchConsumer<'_, '_> {
    fn on_match(&mut self, CountedMatch { column, start, end }: CountedMatch) {
        self.found.push(Match { span: Span { start, end }, column, text: *self.texts });
    }

    fn end_document(&mut self) {
        let Self { job, found, first, .. } = self;
        let matches = *first..found.len();
        let text = if matches.is_empty() && job.section.is_none() { None } else { (job.text)(self.document) };
        if let Some(text) = text {
            let cancelled = || job.cancel.load(Ordering::Relaxed);
            locate(job.plan.transform(), text, matches, found, &cancelled);
            if job.section.is_some() {
                *self.units += units(text, &cancelled);
            }
        }
        *first = found.len();
        *self.texts += 1;
        self.document += 1;
    }
}

/// Converts positions from transformed text to the original. Matches stay in order.
fn locate(
    transform: Transform,
    text: Text<'_>,
    matches: Range<usize>,
    found: &mut PagedVec<Match>,
    cancelled: &dyn Fn() -> bool,
) {
    if !transform.locate(text, matches.clone(), found, cancelled) {
        return;
    }
    // Different spans of transformed text may be the same span of the original.
    let mut same_start: Vec<Match> = Vec::new();
    let mut first = matches.start;
    for i in matches.start + 1..=matches.end {
        if i < matches.end && found[i].span.start == found[first].span.start {
            continue;
        }
        if i - first > 1 {
            same_start.clear();
            (first..i).for_each(|i| memory::push(&mut same_start, found[i]));
            same_start.sort_unstable_by_key(|found| (found.span.end, found.column));
            same_start.iter().zip(first..i).for_each(|(&sorted, i)| found[i] = sorted);
            if cancelled() {
                return;
            }
        }
        first = i;
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
