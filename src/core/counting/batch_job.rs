//! A batch to search, and the rule for matches of one pattern that overlap each other.

use std::ops::Range;
use std::sync::atomic::AtomicBool;

use crate::core::base::memory::filled;
use crate::core::documents::batch::Batch;
use crate::core::plan::Plan;
use crate::core::text::encoding::Text;

/// A batch to search.
pub struct BatchJob<'j> {
    pub plan: &'j Plan,
    /// The range of the plan's engine groups to search with.
    pub groups: Range<usize>,
    pub batch: Batch<'j>,
    /// The stored text of each document of the batch, or the section of it that is searched.
    pub text: &'j dyn Fn(usize) -> Option<Text<'j>>,
    /// If the batch is a section of one long document: its bytes in the stored text.
    pub section: Option<Range<usize>>,
    /// Where matches of several engines are merged: the bytes that one engine searches before the next takes its
    /// turn.
    pub slice: usize,
    pub cancel: &'j AtomicBool,
}

/// Decides which matches of a pattern count if they may overlap each other. From left to right, a match counts if it
/// starts at or after the end of the last match that counted.
#[derive(Default)]
pub struct SelfOverlap {
    /// By pattern: where its last counted match ended. Positions run through all batches.
    free_from: Vec<u64>,
    /// Bytes of text in all batches before this one.
    passed: u64,
}

impl SelfOverlap {
    pub fn new(plan: &Plan) -> Self {
        Self { free_from: filled(0, plan.overlaps().len()), passed: 0 }
    }

    /// Whether a match counts. Matches of one pattern must come in order of their starts.
    #[inline(always)]
    pub fn counts(&mut self, plan: &Plan, pattern: u32, start: usize, end: usize) -> bool {
        if !plan.overlaps().get(pattern as usize).is_some_and(|&overlaps| overlaps) {
            return true;
        }
        let free_from = &mut self.free_from[pattern as usize];
        if self.passed + (start as u64) < *free_from {
            return false;
        }
        *free_from = self.passed + end as u64;
        true
    }

    pub fn end_batch(&mut self, batch: Batch<'_>) {
        self.passed += batch.text.len() as u64;
    }
}
