//! The rule for matches of one pattern that overlap each other.

use crate::core::base::memory::filled;
use crate::core::documents::batch::Batch;
use crate::core::plan::Plan;

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
