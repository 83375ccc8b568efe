//! A batch to be searched, and which occurrences of a form count whatever others find.

use std::ops::Range;
use std::sync::atomic::AtomicBool;

use crate::core::base::memory::filled;
use crate::core::documents::batch::Batch;
use crate::core::plan::Plan;
use crate::core::text::encoding::Text;

/// A batch to be searched.
pub struct BatchJob<'j> {
    pub plan: &'j Plan,
    /// Which of the plan's groups.
    pub groups: Range<usize>,
    pub batch: Batch<'j>,
    /// Each document of the batch as it lies in memory, or the piece of it that is searched.
    pub text: &'j dyn Fn(usize) -> Option<Text<'j>>,
    /// Which bytes of the one document in memory, if it is cut.
    pub section: Option<Range<usize>>,
    /// Bytes that one engine searches before the next does, where occurrences of several must be seen together.
    pub slice: usize,
    pub cancel: &'j AtomicBool,
}

/// Which occurrences of a form count that may overlap one another: left to right, one that begins behind the last.
#[derive(Default)]
pub struct SelfOverlap {
    /// By form: the place before which its last occurrence ended, counted over all batches.
    free_from: Vec<u64>,
    /// Text in all batches before this one.
    passed: u64,
}

impl SelfOverlap {
    pub fn new(plan: &Plan) -> Self {
        Self { free_from: filled(0, plan.overlaps().len()), passed: 0 }
    }

    /// Whether an occurrence counts; those of one form come in order of their starts.
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
