//! One total for each group of documents and each column, without the matrix.

use std::sync::Mutex;

use super::totals::Totals;
use crate::core::base::error::CountError;
use crate::core::base::locks::lock_ignoring_poison;
use crate::core::base::memory::{collected, filled, push};
use crate::core::counting::reducer::RowWriter;
use crate::core::counting::row::Row;
use crate::core::documents::rows::{Documents, MISSING_ROW};
use crate::core::plan::Plan;
use crate::core::schedule::grid::Grid;
use crate::core::schedule::load_blocks::load_blocks;
use crate::core::schedule::run_options::RunOptions;

/// A worker adds its counts to the result when it has this many. Workers take turns at that, so each turn should be
/// long; and the counts should stay in the second-level cache.
const PENDING: usize = 16 << 10;

/// Adds up the counts for each group and column. Document `i` belongs to group `groups[i]`, below `n_groups`. The
/// totals of group `g` and column `c` have index `g * columns + c`.
///
/// # Errors
///
/// The caller cancelled, memory ran out, or the system could not start a thread.
///
/// # Panics
///
/// There is not one group for each document, or a group is not below `n_groups`.
pub fn grouped_totals(
    plan: &Plan,
    documents: &Documents<'_>,
    groups: &[u32],
    n_groups: usize,
    run: RunOptions<'_>,
) -> Result<Totals, CountError> {
    assert_eq!(groups.len(), documents.len(), "one group for each document");
    assert!(groups.iter().all(|&group| (group as usize) < n_groups), "a group is not below {n_groups}");
    let columns = plan.columns();
    let totals = Mutex::new(Totals::new(n_groups.saturating_mul(columns)));
    load_blocks(documents, run, |start, part, run| {
        let groups = &groups[start..start + part.len()];
        let groups_of_texts = match part.rows() {
            None => GroupsOfTexts::Same(groups),
            Some(texts) => GroupsOfTexts::shared(texts, groups, part.texts().len()),
        };
        Grid::counting(plan, part.texts(), run, 0)?.count(&|_, texts| {
            Box::new(GroupedWriter {
                totals: &totals,
                groups_of_texts: &groups_of_texts,
                columns,
                next: texts.start,
                pending: Vec::new(),
            })
        })
    })?;
    Ok(std::mem::take(&mut lock_ignoring_poison(&totals)))
}

/// The groups of the documents that have a text.
enum GroupsOfTexts<'g> {
    /// Text `i` is document `i`.
    Same(&'g [u32]),
    /// Text `i` is the text of documents of the groups `groups[starts[i]..starts[i + 1]]`.
    Shared { starts: Vec<usize>, groups: Vec<u32> },
}

impl<'g> GroupsOfTexts<'g> {
    /// Sorts the documents' groups by text, by counting.
    fn shared(texts: &[u32], groups: &'g [u32], n_texts: usize) -> Self {
        let present = || texts.iter().zip(groups).filter(|&(&text, _)| text != MISSING_ROW);
        let mut starts = filled(0, n_texts + 1);
        present().for_each(|(&text, _)| starts[text as usize + 1] += 1);
        (0..n_texts).for_each(|text| starts[text + 1] += starts[text]);
        let mut next = collected(starts.iter().copied());
        let mut sorted = filled(0, starts[n_texts]);
        for (&text, &group) in present() {
            sorted[next[text as usize]] = group;
            next[text as usize] += 1;
        }
        Self::Shared { starts, groups: sorted }
    }

    fn of(&self, text: usize) -> &[u32] {
        match self {
            Self::Same(groups) => &groups[text..=text],
            Self::Shared { starts, groups } => &groups[starts[text]..starts[text + 1]],
        }
    }
}

/// Collects counts, which it adds to the result from time to time. So memory does not grow with the workers.
struct GroupedWriter<'o> {
    totals: &'o Mutex<Totals>,
    groups_of_texts: &'o GroupsOfTexts<'o>,
    columns: usize,
    /// The index of the next text.
    next: usize,
    /// Indices into the result, and counts.
    pending: Vec<(usize, u64)>,
}

impl RowWriter for GroupedWriter<'_> {
    fn row(&mut self, row: &mut Row) {
        let Self { groups_of_texts, columns, next, pending, .. } = self;
        let groups = groups_of_texts.of(*next);
        *next += 1;
        row.drain(|part| {
            part.for_each(|column, count| {
                groups.iter().for_each(|&group| push(pending, (group as usize * *columns + column, count)));
            });
        });
        if pending.len() >= PENDING {
            self.end();
        }
    }

    fn end(&mut self) {
        let Totals { counts, documents } = &mut *lock_ignoring_poison(self.totals);
        for (cell, count) in self.pending.drain(..) {
            counts[cell] += count;
            documents[cell] += 1;
        }
    }
}
