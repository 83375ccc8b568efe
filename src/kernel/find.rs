//! Where terms occur: every span that counts, with its document and column.
//!
//! Spans are found in transformed text, and told in the text that the caller has: in characters of text documents and
//! bytes of bytes documents.

use std::ops::Range;
use std::sync::Mutex;

use super::crew::{Run, locked};
use super::documents::{Documents, MISSING_ROW};
use super::engine::Scratch;
use super::error::CountError;
use super::grid::Grid;
use super::plan::Plan;
use super::resolve::{Counted, Resolver};
use super::tally::{Job, Tally};
use super::text::Span;

/// Every occurrence that counts, in order of document, start, end, column: parallel lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matches {
    pub documents: Vec<i64>,
    pub columns: Vec<i64>,
    pub starts: Vec<i64>,
    pub ends: Vec<i64>,
}

impl Matches {
    fn reserve(&mut self, more: usize) {
        let Self { documents, columns, starts, ends } = self;
        [documents, columns, starts, ends].into_iter().for_each(|list| list.reserve(more));
    }

    fn push(&mut self, document: usize, found: &Counted) {
        self.documents.push(document as i64);
        self.columns.push(found.column.into());
        self.starts.push(found.start as i64);
        self.ends.push(found.end as i64);
    }
}

/// Finds every occurrence that counts.
pub fn find(plan: &Plan, documents: &Documents<'_>, run: Run<'_>) -> Result<Matches, CountError> {
    let mut matches = Matches::default();
    documents.portions(run, |start, part, run| find_in_portion(plan, start, part, run, &mut matches))?;
    Ok(matches)
}

/// Adds the matches in documents of which the first is that of row `start`.
fn find_in_portion(
    plan: &Plan,
    start: usize,
    documents: &Documents<'_>,
    run: Run<'_>,
    matches: &mut Matches,
) -> Result<(), CountError> {
    let grid = Grid::new(plan, documents.texts(), run, true);
    let bands: Vec<Mutex<Found>> = grid.bands().iter().map(|_| Mutex::default()).collect();
    grid.run(|| Located { resolver: Resolver::new(plan), found: Found::default(), bands: &bands, band: 0 })?;
    let bands: Vec<Found> = bands.into_iter().map(|band| std::mem::take(&mut *locked(&band))).collect();
    match documents.rows() {
        None => {
            matches.reserve(bands.iter().map(|band| band.spans.len()).sum());
            let mut row = start;
            // Each band is freed as soon as it is copied.
            for band in bands {
                for text in 0..band.ends.len() {
                    band.of(text).iter().for_each(|found| matches.push(row, found));
                    row += 1;
                }
            }
        }
        Some(rows) => {
            let texts: Vec<&[Counted]> =
                bands.iter().flat_map(|band| (0..band.ends.len()).map(|text| band.of(text))).collect();
            let of = |text: u32| if text == MISSING_ROW { &[][..] } else { texts[text as usize] };
            matches.reserve(rows.iter().map(|&text| of(text).len()).sum());
            for (row, &text) in (start..).zip(rows) {
                of(text).iter().for_each(|found| matches.push(row, found));
            }
        }
    }
    Ok(())
}

/// What was found in consecutive texts, or in a piece of one.
#[derive(Debug, Default)]
struct Found {
    spans: Vec<Counted>,
    /// Where the spans of each text end.
    ends: Vec<usize>,
    /// Where the piece begins in memory, and how many characters or bytes it has.
    piece_start: usize,
    units: usize,
}

impl Found {
    fn of(&self, text: usize) -> &[Counted] {
        let start = if text == 0 { 0 } else { self.ends[text - 1] };
        &self.spans[start..self.ends[text]]
    }
}

/// Keeps the spans that count.
struct Located<'b> {
    resolver: Resolver,
    found: Found,
    /// Where what was found in each band goes, and which band this is about.
    bands: &'b [Mutex<Found>],
    band: usize,
}

impl Tally for Located<'_> {
    type Part = Found;

    fn begin(&mut self, band: usize, _: Range<usize>) {
        self.band = band;
    }

    fn batch(&mut self, job: &Job<'_>, scratch: &mut Scratch) {
        let transform = job.plan.options().transform();
        self.found.piece_start = job.piece.as_ref().map_or(0, |piece| piece.start);
        let mut spans = Vec::new();
        let end_document = |found: &mut Found, document: usize| {
            let own = found.ends.last().map_or(0, |&end| end)..found.spans.len();
            if let Some(text) = (job.text)(document) {
                let own = &mut found.spans[own];
                spans.clear();
                spans.extend(own.iter().map(|&Counted { start, end, .. }| Span { start, end }));
                transform.locate(text, &mut spans);
                for (counted, span) in own.iter_mut().zip(&spans) {
                    *counted = Counted { start: span.start, end: span.end, ..*counted };
                }
                // Different spans of transformed text may be one of the text's own.
                own.sort_unstable_by_key(|counted| (counted.start, counted.end, counted.column));
                if job.piece.is_some() {
                    found.units += text.units();
                }
            }
            found.ends.push(found.spans.len());
        };
        let counted = |found: &mut Found, counted| found.spans.push(counted);
        self.resolver.resolve(job, scratch, &mut self.found, counted, end_document);
    }

    fn end(&mut self) {
        *locked(&self.bands[self.band]) = self.part();
    }

    fn part(&mut self) -> Found {
        std::mem::take(&mut self.found)
    }

    /// Puts the pieces of one text together.
    fn join(&mut self, mut pieces: Vec<Found>, _: usize) {
        pieces.sort_unstable_by_key(|piece| piece.piece_start);
        let whole = &mut self.found;
        for piece in pieces {
            let base = whole.units;
            let moved = |found: &Counted| Counted { start: base + found.start, end: base + found.end, ..*found };
            whole.spans.extend(piece.spans.iter().map(moved));
            whole.units += piece.units;
        }
        whole.ends.push(whole.spans.len());
    }
}
