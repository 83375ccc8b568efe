//! A batch to search, and what it is searched for.

use std::ops::Range;
use std::sync::atomic::AtomicBool;

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
