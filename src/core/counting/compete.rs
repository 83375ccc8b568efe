//! Searches documents with several engines, of one pattern each, whose patterns compete.
//!
//! Each engine knows its next match. The leftmost wins, then the one of the earlier pattern. An engine whose next match
//! overlaps the winner continues after the winner, so each engine reads a document once, apart from what it reads
//! ahead.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::core::documents::batch::Batch;
use crate::core::engines::{AnyEngine, MatchCallback};

/// Winners between two checks for cancellation.
const CHECK_EVERY: usize = 1 << 10;

/// Reports the winners in a batch, document by document, in order.
pub fn compete(engines: &[AnyEngine], batch: Batch<'_>, callback: &mut impl MatchCallback) {
    for (text, base) in batch.documents() {
        let mut searches: Vec<_> = engines.iter().map(|engine| engine.search(text)).collect();
        // Starts, the numbers of the searches, and ends.
        let mut next = BinaryHeap::new();
        for (i, search) in searches.iter_mut().enumerate() {
            next.extend(search.next(&|| callback.cancelled()).map(|(start, end)| Reverse((start, i, end))));
        }
        let (mut free_from, mut winner) = (0, (0, 0));
        let mut winners = 0usize;
        while let Some(Reverse((start, i, end))) = next.pop() {
            let search = &mut searches[i];
            if start >= free_from || (start, end) == winner {
                if (start, end) != winner {
                    callback.passed(base + start);
                }
                callback.on_match(search.pattern(), base + start, base + end);
                (free_from, winner) = (end, (start, end));
                winners += 1;
                if winners % CHECK_EVERY == 0 && callback.cancelled() {
                    return;
                }
            }
            search.skip_to(free_from);
            next.extend(search.next(&|| callback.cancelled()).map(|(start, end)| Reverse((start, i, end))));
        }
        if callback.cancelled() {
            return;
        }
        callback.end_document();
    }
}
