//! Learns the terms of documents: from documents to counts by term, and to the count matrix.

use super::intern::NONE;
use super::ngrams::number_ngrams;
use super::rules::{NgramRange, TokenRules};
use super::tally::{TermNumbers, tally};
use super::term_table::{Ngrams, TermTable};
use super::word_blocks::AllWords;
use super::word_sums::sum_words;
use crate::core::base::cancel::checked;
use crate::core::base::error::CountError;
use crate::core::base::memory::{filled, push};
use crate::core::counting::count_block::CountBlock;
use crate::core::documents::rows::Documents;
use crate::core::results::sparse::Sparse;
use crate::core::schedule::run_options::{CancelTimer, RunOptions};
use crate::core::schedule::workers::WorkerTeam;

/// The terms of documents.
#[derive(Default)]
pub struct Learned {
    /// In order of their bytes.
    pub table: TermTable,
    rows: Option<Rows>,
}

/// The counts of each document. Terms are numbered by where they occur first.
struct Rows {
    blocks: Vec<CountBlock>,
    /// By number: the place of a term in the table.
    places: Vec<u32>,
    done: u64,
}

/// Learns the terms of documents. With `rows`, keeps the counts of each document.
pub fn learn(
    rules: &TokenRules,
    documents: &Documents<'_>,
    rows: bool,
    run: RunOptions<'_>,
) -> Result<Learned, CountError> {
    if !rows && rules.ngrams == NgramRange::WORDS {
        let (words, totals) = sum_words(rules, documents, run)?;
        let is_small = words.len() < INLINE_TERMS;
        let ngrams = WorkerTeam::one(run, is_small, |cancel| Ngrams::new(words, Vec::new(), 1, cancel))?;
        return Ok(Learned { table: TermTable::of_ngrams(ngrams, totals, documents.len()), rows: None });
    }
    learned(AllWords::read(rules, documents, run)?, rules.ngrams, rows, run)
}

/// Learns given terms: those of document `i` are `terms[ends[i - 1]..ends[i]]`.
pub fn learn_given(
    terms: &Documents<'_>,
    ends: &[i64],
    rows: bool,
    run: RunOptions<'_>,
) -> Result<Learned, CountError> {
    learned(AllWords::of_given(terms, ends, run)?, NgramRange::WORDS, rows, run)
}

fn learned(mut words: AllWords, ngrams: NgramRange, rows: bool, run: RunOptions<'_>) -> Result<Learned, CountError> {
    let NgramRange { least, most } = ngrams;
    // All documents are read.
    let done = words.done;
    let on_progress = |_| (run.on_progress)(done);
    let run = RunOptions { on_progress: &on_progress, ..run };
    let mut longer = Vec::new();
    let mut lengths = vec![words.distinct.len()];
    if most > 1 {
        words.number_by_place(run)?;
    }
    // A few words may have thousands of lengths.
    let timer = CancelTimer::new(run.on_progress);
    while lengths.len() < most {
        timer.check()?;
        let n = lengths.len() + 1;
        let pairs = number_ngrams(&mut words.blocks, n, lengths[n - 2], run)?;
        if pairs.is_empty() {
            break;
        }
        push(&mut lengths, pairs.len());
        push(&mut longer, pairs);
    }
    let AllWords { blocks, distinct, places, first, documents, done } = words;
    let is_small = lengths.iter().sum::<usize>() < INLINE_TERMS;
    let (ngrams, mut numbers) = WorkerTeam::one(run, is_small, |cancel| {
        let numbers = TermNumbers::new(least, lengths.into_iter().skip(least - 1), cancel);
        (Ngrams::new(distinct, longer, least, cancel), numbers)
    })?;
    if rows && most > 1 {
        numbers.number_by_occurrence(&blocks, run)?;
    }
    let places = WorkerTeam::one(run, is_small, |cancel| {
        let order = || checked((0..).zip(ngrams.order()), cancel);
        match rows {
            true if most == 1 => numbers.number_words_by_occurrence(&first, cancel),
            true => {}
            false => order().for_each(|(place, &term)| numbers.set(term, place)),
        }
        if most == 1 {
            numbers.number_by_owner(&places, cancel);
        }
        rows.then(|| {
            let mut places = filled(0, ngrams.order().len());
            order().for_each(|(place, &term)| places[numbers.get(term) as usize] = place);
            places
        })
    })?;
    let (totals, counted) = tally(blocks, &numbers, ngrams.order(), rows, run)?;
    let rows = places.map(|places| Rows { blocks: counted, places, done });
    Ok(Learned { table: TermTable::of_ngrams(ngrams, totals, documents), rows })
}

/// Fewer terms than this are put in order on the calling thread.
const INLINE_TERMS: usize = 64 << 10;

impl Learned {
    /// The count matrix, once. Column `i` is term `kept[i]` of the table; without `kept` it has all terms. With
    /// `binary`, each count is 1. A row has its counts in the order in which terms occur first in all documents.
    /// `None` if the rows were not kept, or were taken before.
    pub fn take_rows(
        &mut self,
        kept: Option<&[u32]>,
        binary: bool,
        run: RunOptions<'_>,
    ) -> Result<Option<Sparse<'static>>, CountError> {
        let Some(Rows { blocks, mut places, done }) = self.rows.take() else { return Ok(None) };
        if let Some(kept) = kept {
            WorkerTeam::one(run, places.len() < INLINE_TERMS, |cancel| {
                let mut columns = filled(NONE, places.len());
                checked((0..).zip(kept), cancel).for_each(|(column, &term)| columns[term as usize] = column);
                checked(&mut places, cancel).for_each(|place| *place = columns[*place as usize]);
            })?;
        }
        let nonzero: usize = blocks.iter().map(CountBlock::nonzero).sum();
        let team = WorkerTeam::new(run, done, nonzero < INLINE_COUNTS);
        let blocks = team.map(blocks, |block| block.renumbered(&places, binary, &team.cancel))?;
        Ok(Some(Sparse::of_blocks(blocks, done).returning_memory()))
    }
}

/// Fewer counts than this are renumbered on the calling thread.
const INLINE_COUNTS: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::core::results::totals::Totals;
    use crate::core::text::boundaries::WordChars;
    use crate::core::text::encoding::Text;
    use crate::core::text::transform::Transform;

    /// Documents of random words, some of them long.
    fn documents(count: usize, words: usize) -> Vec<String> {
        let mut random = 7u32;
        let mut next = |below: usize| {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (random >> 8) as usize % below
        };
        let word = |i: usize| format!("{}{}", ["w", "é", "antidisestablishment", "Ж"][i % 4], i / 4);
        (0..count)
            .map(|_| {
                let length = next(40) * next(3);
                let words: Vec<String> = (0..length).map(|_| word(next(words) * next(words) / words)).collect();
                words.join([" ", ", ", "\n"][next(3)])
            })
            .collect()
    }

    fn expected(documents: &[String], least: usize, most: usize) -> (Vec<String>, Vec<Vec<String>>) {
        let mut order = Vec::new();
        let mut rows = Vec::new();
        let mut seen = std::collections::HashSet::new();
        for document in documents {
            let words: Vec<&str> = document.split([' ', ',', '\n']).filter(|word| !word.is_empty()).collect();
            let mut row = Vec::new();
            for n in least..=most {
                row.extend(words.windows(n).map(|words| words.join(" ")));
            }
            order.extend(row.iter().filter(|term| seen.insert((*term).clone())).cloned());
            rows.push(row);
        }
        (order, rows)
    }

    #[test]
    fn terms_and_rows_are_those_of_a_slow_count() {
        for (count, words) in [(0, 5), (1, 3), (200, 50), (3000, 400)] {
            let texts = documents(count, words);
            for (least, most) in [(1, 1), (1, 2), (2, 2), (1, 4), (3, 5)] {
                let transform = Transform::default();
                let range = NgramRange { least, most };
                let rules = TokenRules::of_words(transform, WordChars::default(), true, range, &[]);
                let (order, rows) = expected(&texts, least, most);
                let documents = Documents::from_texts(texts.iter().map(|text| Some(Text::Str(text.as_bytes()))));
                for workers in [1, 3] {
                    let mut run = RunOptions::with_workers(workers);
                    run.tile_sizes.row_block = 4 << 10;
                    let mut learned = learn(&rules, &documents, true, run).unwrap();
                    let mut totals: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
                    for row in &rows {
                        let distinct: std::collections::HashSet<&String> = row.iter().collect();
                        distinct.iter().for_each(|term| totals.entry(term).or_default().1 += 1);
                        row.iter().for_each(|term| totals.entry(term).or_default().0 += 1);
                    }
                    let table = &learned.table;
                    let mut terms: Vec<String> = Vec::new();
                    let Ok(()) = table.for_each_term(None, |_, term| {
                        terms.push(String::from_utf8(term.to_vec()).unwrap());
                        Ok::<(), std::convert::Infallible>(())
                    });
                    assert_eq!(terms, totals.keys().copied().collect::<Vec<_>>());
                    assert_eq!(table.totals.counts, totals.values().map(|total| total.0).collect::<Vec<_>>());
                    assert_eq!(table.totals.documents, totals.values().map(|total| total.1).collect::<Vec<_>>());
                    assert_eq!(table.documents, count);
                    let without = learn(&rules, &documents, false, run).unwrap();
                    assert_eq!(without.table.totals, table.totals);
                    let sparse = learned.take_rows(None, false, run).unwrap().unwrap();
                    let mut indptr = vec![0i64; count + 1];
                    let (mut indices, mut data) = (vec![0i64; sparse.nonzero()], vec![0u32; sparse.nonzero()]);
                    sparse.write(&mut indptr, &mut indices, &mut data, run).unwrap();
                    let place: BTreeMap<&String, usize> = order.iter().zip(0..).collect();
                    for (row, bounds) in rows.iter().zip(indptr.windows(2)) {
                        let mut counts: BTreeMap<usize, u32> = BTreeMap::new();
                        row.iter().for_each(|term| *counts.entry(place[term]).or_default() += 1);
                        let found = (bounds[0] as usize..bounds[1] as usize)
                            .map(|at| (place[&terms[indices[at] as usize]], data[at]));
                        assert_eq!(found.collect::<Vec<_>>(), counts.into_iter().collect::<Vec<_>>());
                    }
                    assert!(learned.take_rows(None, false, run).unwrap().is_none());
                }
            }
        }
    }

    #[test]
    fn given_terms_are_counted() {
        let terms = ["b", "a b", "", "b", "c"].map(|term| Some(Text::from(term)));
        let documents = Documents::from_texts(terms);
        let run = RunOptions::with_workers(1);
        let learned = learn_given(&documents, &[0, 4, 4, 5], true, run).unwrap();
        assert_eq!(learned.table.totals, Totals { counts: vec![1, 1, 2, 1], documents: vec![1, 1, 1, 1] });
        assert_eq!(learned.table.documents, 4);
    }
}
