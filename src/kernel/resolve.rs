//! From all occurrences of a document to the spans that count in each column.
//!
//! Needed where an occurrence of one form can decide whether one of another counts: where terms compete (leftmost, then
//! longest), and where several terms of a column may match the same span, which counts once there. Also where the spans
//! themselves are wanted, in order.

use std::cmp::Reverse;
use std::sync::atomic::{AtomicBool, Ordering};

use super::engine::{Engine, Scratch, Sink};
use super::plan::{Overlap, Plan};
use super::tally::{Alone, Job};

/// A form found, by places of the batch's text.
#[derive(Clone, Copy)]
struct Occurrence {
    start: usize,
    end: usize,
    form: u32,
}

/// A span that counts in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    pub column: u32,
    pub start: usize,
    pub end: usize,
}

/// Finds out what counts, batch by batch.
pub struct Resolver {
    occurrences: Vec<Occurrence>,
    alone: Alone,
    columns: Vec<u32>,
}

impl Resolver {
    pub fn new(plan: &Plan) -> Self {
        Self { occurrences: Vec::new(), alone: Alone::new(plan), columns: Vec::new() }
    }

    /// Calls `counted` for each span and column, document by document, and in each in order of start, end, column but
    /// for spans that compete, and `end_document` behind each document. All groups of the plan must be in the job.
    pub fn resolve<S>(
        &mut self,
        job: &Job<'_>,
        scratch: &mut Scratch,
        state: &mut S,
        mut counted: impl FnMut(&mut S, Counted),
        mut end_document: impl FnMut(&mut S, usize),
    ) {
        let Self { occurrences, alone, columns } = self;
        let Job { plan, batch, cancel, .. } = *job;
        let overlap = plan.options().overlap;
        occurrences.clear();
        for engine in &plan.groups()[job.groups.clone()] {
            engine.scan(batch, scratch, &mut Gathering { occurrences, cancel });
        }
        // Documents lie side by side, so places are in order of documents.
        if overlap == Overlap::Longest {
            occurrences.sort_unstable_by_key(|found| (found.start, Reverse(found.end)));
        } else {
            occurrences.sort_unstable_by_key(|found| (found.start, found.end));
        }
        let mut spans = occurrences.chunk_by(|a, b| (a.start, a.end) == (b.start, b.end)).peekable();
        let mut free_from = 0;
        for (document, span) in batch.spans.iter().enumerate() {
            while let Some(same) = spans.next_if(|same| same[0].start < span.end) {
                let Occurrence { start, end, .. } = same[0];
                if overlap == Overlap::Longest {
                    if start < free_from {
                        continue;
                    }
                    free_from = end;
                }
                columns.clear();
                for &Occurrence { form, .. } in same {
                    if alone.counts(plan, form, start, end) {
                        columns.extend_from_slice(plan.columns_of(form));
                    }
                }
                if columns.len() > 1 {
                    columns.sort_unstable();
                    columns.dedup();
                }
                for &column in &*columns {
                    counted(state, Counted { column, start: start - span.start, end: end - span.start });
                }
            }
            end_document(state, document);
        }
        alone.end_batch(batch);
    }
}

/// Keeps what an engine finds.
struct Gathering<'g> {
    occurrences: &'g mut Vec<Occurrence>,
    cancel: &'g AtomicBool,
}

impl Sink for Gathering<'_> {
    #[inline]
    fn hit(&mut self, form: u32, start: usize, end: usize) {
        self.occurrences.push(Occurrence { start, end, form });
    }

    fn hits(&mut self, _: u32, _: u64) {
        unreachable!("places matter here")
    }

    fn end_document(&mut self) {}

    fn cancelled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }
}
