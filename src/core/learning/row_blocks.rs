//! Documents given to workers, row block by row block.

use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use super::rules::TokenRules;
use crate::core::base::error::CountError;
use crate::core::base::locks::lock_ignoring_poison;
use crate::core::base::memory::collected;
use crate::core::documents::rows::Documents;
use crate::core::documents::texts::Texts;
use crate::core::schedule::idle::Idle;
use crate::core::schedule::load_blocks::load_blocks;
use crate::core::schedule::run_options::{CancelTimer, RunOptions};
use crate::core::schedule::tile::row_blocks;
use crate::core::schedule::workers::WorkerTeam;

/// Below both of these limits, documents are read on the calling thread. If terms may have
/// several numbers of words, bytes count once for each number.
const INLINE_BYTES: u64 = 128 << 10;
const INLINE_TEXTS: usize = 8 << 10;

/// Consecutive documents.
pub struct RowBlock<'t> {
    /// How many row blocks are before this one.
    pub number: u32,
    pub texts: &'t Texts<'t>,
    pub range: Range<usize>,
    pub cancel: &'t AtomicBool,
}

/// Calls `each` with every row block and what its worker keeps, which is taken from `idle`. `each` returns the bytes of
/// text and a result. A worker gets its row blocks in order. Returns the results in order, and the bytes of all.
///
/// Rows that share a text are read one by one.
pub fn for_each_row_block<W: Send, R: Send>(
    documents: &Documents<'_>,
    rules: &TokenRules,
    run: RunOptions<'_>,
    idle: &Idle<W>,
    make: impl Fn() -> W + Sync,
    each: impl Fn(&mut W, RowBlock<'_>) -> (usize, R) + Sync,
) -> Result<(Vec<R>, u64), CountError> {
    let (mut results, mut done) = (Vec::new(), 0);
    let expanded = documents.rows().map(|_| Documents::from_texts(documents.iter()));
    load_blocks(expanded.as_ref().unwrap_or(documents), run, |_, part, run| {
        let texts = part.texts();
        let ranges = row_blocks(texts, run.tile_sizes, &CancelTimer::new(run.on_progress))?;
        let slots: Vec<Mutex<Option<R>>> = collected(ranges.iter().map(|_| Mutex::new(None)));
        let bytes = texts.nbytes().saturating_mul(rules.ngrams.most as u64);
        let team = WorkerTeam::new(run, 0, bytes < INLINE_BYTES && texts.len() < INLINE_TEXTS);
        let before = results.len();
        team.work(
            ranges.len(),
            || idle.lease(&make),
            |worker, i| {
                let range = ranges[i].clone();
                let block = RowBlock { number: (before + i) as u32, texts, range, cancel: &team.cancel };
                let (bytes, result) = each(worker, block);
                *lock_ignoring_poison(&slots[i]) = Some(result);
                team.done.fetch_add(bytes as u64, Ordering::Relaxed);
            },
        )?;
        results.extend(slots.iter().map(|slot| lock_ignoring_poison(slot).take().expect("all jobs are done")));
        done += team.bytes_done();
        Ok(())
    })?;
    Ok((results, done))
}
