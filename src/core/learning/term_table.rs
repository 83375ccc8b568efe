//! Terms with their counts, which can be added up.

use std::cmp::Reverse;
use std::convert::Infallible;
use std::sync::atomic::AtomicBool;

use super::intern::{InternTable, NONE};
use super::ngrams::{PairTable, Pairs, pair as pair_of};
use crate::core::base::cancel::{CHECK_EVERY, check, checked, sort_by};
use crate::core::base::error::CountError;
use crate::core::base::memory::{self, collected, push};
use crate::core::base::packed_strings::PackedStrings;
use crate::core::results::totals::Totals;
use crate::core::schedule::run_options::RunOptions;
use crate::core::schedule::workers::WorkerTeam;

/// Terms, with their counts and the number of documents that have them.
#[derive(Clone)]
pub struct TermTable {
    terms: Terms,
    /// By term.
    pub totals: Totals,
    /// The number of documents.
    pub documents: usize,
}

/// Terms by their numbers.
#[derive(Clone)]
enum Terms {
    Ngrams(Ngrams),
    /// In tables, so that more can be added.
    Added(Box<AddedTerms>),
    Strings(PackedStrings),
}

/// N-grams, spelled when they are needed.
#[derive(Clone)]
pub struct Ngrams {
    /// The different words in order.
    words: PackedStrings,
    /// For two words, three words and so on: the different n-grams in order.
    longer: Vec<Pairs>,
    /// The terms in order of their bytes: the number of words, and the place among the n-grams of that length.
    order: Vec<(u32, u32)>,
}

impl Ngrams {
    /// N-grams of at least `least` words. A space sorts before every character of a word.
    pub fn new(words: PackedStrings, longer: Vec<Pairs>, least: usize, cancel: &AtomicBool) -> Self {
        let lengths = std::iter::once(words.len()).chain(longer.iter().map(Vec::len));
        let mut order = memory::with_room(lengths.skip(least - 1).sum());
        let mut next: Vec<usize> = vec![0; longer.len() + 1];
        // The n-gram that was numbered last, and those it begins with, by the number of words.
        let mut path: Vec<u32> = Vec::new();
        for word in 0..words.len() as u32 {
            path.clear();
            path.push(word);
            while let Some(&last) = path.last() {
                check(cancel);
                let n = path.len();
                if next[n - 1] == last as usize {
                    // It is reached for the first time.
                    next[n - 1] += 1;
                    if n >= least {
                        order.push((n as u32, last));
                    }
                }
                match longer.get(n - 1).and_then(|pairs| pairs.get(next[n])) {
                    Some(pair) if pair >> 32 == u64::from(last) => path.push(next[n] as u32),
                    _ => {
                        path.pop();
                    }
                }
            }
        }
        Self { words, longer, order }
    }

    /// The terms in order: the number of words of each, and its place among the n-grams of that length.
    pub fn order(&self) -> &[(u32, u32)] {
        &self.order
    }

    fn parts(&self) -> NgramParts<'_> {
        let longer = self.longer.iter().map(|pairs| &pairs[..]).collect();
        NgramParts { words: &self.words, longer, order: &self.order }
    }
}

/// N-grams by their words, in either form.
struct NgramParts<'n> {
    words: &'n PackedStrings,
    /// For two words, three words and so on: the n-gram without its last word, and that word.
    longer: Vec<&'n [u64]>,
    /// By term: the number of words, and the number of the n-gram among those of that length.
    order: &'n [(u32, u32)],
}

impl NgramParts<'_> {
    fn spell(&self, term: usize, out: &mut Vec<u8>) {
        let (n, mut number) = self.order[term];
        // From the last word to the second.
        let mut rest: Vec<u32> = Vec::with_capacity(n as usize);
        for n in (2..=n).rev() {
            let pair = self.longer[n as usize - 2][number as usize];
            rest.push(pair as u32);
            number = (pair >> 32) as u32;
        }
        memory::extend(out, self.words.get(number as usize));
        for &word in rest.iter().rev() {
            memory::extend(out, b" ");
            memory::extend(out, self.words.get(word as usize));
        }
    }
}

/// Terms of several tables, added up. N-grams are added by the numbers of their words: spelling each would take five
/// times as long.
#[derive(Clone)]
struct AddedTerms {
    /// If terms are spelled, each is one word here.
    is_spelled: bool,
    /// There may be words, and n-grams, that are in no term.
    words: InternTable,
    longer: Vec<PairTable>,
    /// By the number of words, and the number among n-grams of that length: the term, or [`NONE`].
    terms: Vec<Vec<u32>>,
    /// By term: the number of words, and the number among n-grams of that length.
    order: Vec<(u32, u32)>,
}

impl AddedTerms {
    fn new(is_spelled: bool) -> Self {
        let words = InternTable::new(InternTable::fingerprinter());
        Self { is_spelled, words, longer: Vec::new(), terms: Vec::new(), order: Vec::new() }
    }

    fn parts(&self) -> NgramParts<'_> {
        let longer = self.longer.iter().map(|table| &table.pairs[..]).collect();
        NgramParts { words: self.words.words(), longer, order: &self.order }
    }

    /// Inserts the words and n-grams of other terms. If it is cancelled, there are no more terms than before. Returns
    /// the numbers of the other n-grams here, by the number of words.
    fn insert(&mut self, words: &PackedStrings, longer: &[&[u64]], cancel: &AtomicBool) -> Vec<Vec<u32>> {
        let words: Vec<u32> = collected(checked(words.iter(), cancel).map(|word| self.words.insert(word, |_| true)));
        let mut numbers = vec![words];
        for (n, pairs) in longer.iter().enumerate() {
            if self.longer.len() == n {
                push(&mut self.longer, PairTable::default());
            }
            let here = |pair: &u64| pair_of(numbers[n][(pair >> 32) as usize], numbers[0][*pair as u32 as usize]);
            let pairs: Vec<u64> = collected(checked(*pairs, cancel).map(here));
            let longer = self.longer[n].insert_all(&pairs, cancel);
            push(&mut numbers, longer);
        }
        numbers
    }

    /// Makes n-grams terms, unless they are. Returns the term of each.
    fn make_terms(&mut self, numbers: &[Vec<u32>], order: impl ExactSizeIterator<Item = (u32, u32)>) -> Vec<u32> {
        self.terms.resize(numbers.len().max(self.terms.len()), Vec::new());
        let mut terms = memory::with_room(order.len());
        for (n, number) in order {
            let number = numbers[n as usize - 1][number as usize];
            let list = &mut self.terms[n as usize - 1];
            if list.len() <= number as usize {
                memory::reserve(list, number as usize + 1 - list.len());
                list.resize(number as usize + 1, NONE);
            }
            if list[number as usize] == NONE {
                list[number as usize] = self.order.len() as u32;
                push(&mut self.order, (n, number));
            }
            terms.push(list[number as usize]);
        }
        terms
    }

    /// Adds n-grams. Returns the term of each.
    fn add(&mut self, other: &NgramParts<'_>, cancel: &AtomicBool) -> Vec<u32> {
        let numbers = self.insert(other.words, &other.longer, cancel);
        self.make_terms(&numbers, other.order.iter().copied())
    }

    /// Adds spelled terms. Returns the term of each.
    fn add_spelled(&mut self, terms: &PackedStrings, cancel: &AtomicBool) -> Vec<u32> {
        let numbers = self.insert(terms, &[], cancel);
        self.make_terms(&numbers, (0..terms.len() as u32).map(|number| (1, number)))
    }
}

impl Default for TermTable {
    fn default() -> Self {
        Self::of_strings(PackedStrings::default())
    }
}

impl TermTable {
    pub fn of_ngrams(ngrams: Ngrams, totals: Totals, documents: usize) -> Self {
        Self { terms: Terms::Ngrams(ngrams), totals, documents }
    }

    /// Terms that were not counted.
    pub fn of_strings(terms: PackedStrings) -> Self {
        Self { totals: Totals::new(terms.len()), terms: Terms::Strings(terms), documents: 0 }
    }

    /// The number of terms.
    pub fn len(&self) -> usize {
        match &self.terms {
            Terms::Ngrams(ngrams) => ngrams.order.len(),
            Terms::Added(added) => added.order.len(),
            Terms::Strings(strings) => strings.len(),
        }
    }

    /// Calls `each` with every term, or with those that have the numbers `kept`.
    pub fn for_each_term<E>(
        &self,
        kept: Option<&[u32]>,
        mut each: impl FnMut(usize, &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let parts = self.parts();
        let mut spelled = Vec::new();
        for i in 0..kept.map_or(self.len(), <[u32]>::len) {
            let term = kept.map_or(i, |kept| kept[i] as usize);
            spelled.clear();
            match (&parts, &self.terms) {
                (Some(parts), _) => parts.spell(term, &mut spelled),
                (_, Terms::Strings(strings)) => memory::extend(&mut spelled, strings.get(term)),
                _ => unreachable!("others have parts"),
            }
            each(i, &spelled)?;
        }
        Ok(())
    }

    fn parts(&self) -> Option<NgramParts<'_>> {
        match &self.terms {
            Terms::Ngrams(ngrams) => Some(ngrams.parts()),
            Terms::Added(added) => Some(added.parts()),
            Terms::Strings(_) => None,
        }
    }

    /// The terms by the numbers of their words, unless they are spelled.
    fn ngrams(&self) -> Option<NgramParts<'_>> {
        self.parts().filter(|_| !matches!(&self.terms, Terms::Added(added) if added.is_spelled))
    }

    /// All terms, spelled.
    fn strings(&self, cancel: &AtomicBool) -> PackedStrings {
        let mut strings = PackedStrings::default();
        let Ok(()) = self.for_each_term(None, |_, term| {
            check(cancel);
            strings.push(term);
            Ok::<(), Infallible>(())
        });
        strings
    }

    /// Terms by number, or all: one after another, and where each ends.
    pub fn packed(&self, kept: Option<&[u32]>, run: RunOptions<'_>) -> Result<(Vec<u8>, Vec<u64>), CountError> {
        let is_small = kept.map_or(self.len(), <[u32]>::len) < INLINE_TERMS;
        WorkerTeam::one(run, is_small, |cancel| {
            let (mut text, mut ends) = (Vec::new(), Vec::new());
            let Ok(()) = self.for_each_term(kept, |_, term| {
                check(cancel);
                memory::extend(&mut text, term);
                push(&mut ends, text.len() as u64);
                Ok::<(), Infallible>(())
            });
            (text, ends)
        })
    }

    fn is_small(&self) -> bool {
        self.len() < INLINE_TERMS
    }

    /// The numbers of the terms in order of their bytes.
    pub fn order(&self, run: RunOptions<'_>) -> Result<Vec<u32>, CountError> {
        WorkerTeam::one(run, self.is_small(), |cancel| {
            let numbers = 0..self.len() as u32;
            let is_above_space = |bytes: &[u8]| {
                check(cancel);
                bytes.iter().all(|&byte| byte > b' ')
            };
            match &self.terms {
                // A space sorts before every character of a word, except for control characters.
                Terms::Ngrams(Ngrams { longer, words, .. })
                    if longer.is_empty() || words.bytes().chunks(CHECK_EVERY).all(is_above_space) =>
                {
                    collected(numbers)
                }
                Terms::Ngrams(_) | Terms::Added(_) => self.strings(cancel).sorted(numbers, cancel),
                Terms::Strings(strings) => strings.sorted(numbers, cancel),
            }
        })
    }

    /// The numbers of the terms that enough documents have: the most frequent first, and those with equal counts in
    /// order of their bytes. With `top`, at most so many.
    pub fn ranking(
        &self,
        top: Option<usize>,
        min_documents: u64,
        run: RunOptions<'_>,
    ) -> Result<Vec<u32>, CountError> {
        let order = self.order(run)?;
        let Totals { counts, documents } = &self.totals;
        WorkerTeam::one(run, self.is_small(), |cancel| {
            let terms = checked((0u32..).zip(order), cancel);
            let terms = terms.filter(|&(_, term)| documents[term as usize] >= min_documents);
            let mut ranked = collected(terms.map(|(place, term)| (Reverse(counts[term as usize]), place, term)));
            if let Some(top) = top.filter(|&top| top < ranked.len()) {
                ranked.select_nth_unstable_by(top, |a, b| {
                    check(cancel);
                    a.cmp(b)
                });
                ranked.truncate(top);
            }
            sort_by(&mut ranked, cancel, Ord::cmp);
            collected(ranked.into_iter().map(|(_, _, term)| term))
        })
    }

    /// Adds the counts of other documents. New terms get the next numbers, in the other table's order. After an error,
    /// nothing was added.
    pub fn add(&mut self, other: &Self, run: RunOptions<'_>) -> Result<(), CountError> {
        let is_small = self.is_small() && other.is_small();
        WorkerTeam::one(run, is_small, |cancel| {
            let is_empty = matches!(&self.terms, Terms::Strings(strings) if strings.is_empty());
            let ngrams = other.ngrams().filter(|_| is_empty || self.ngrams().is_some());
            let spelled = if ngrams.is_some() { PackedStrings::default() } else { other.strings(cancel) };
            let added = self.added(ngrams.is_none(), cancel);
            let terms = match ngrams {
                Some(ngrams) => added.add(&ngrams, cancel),
                None => added.add_spelled(&spelled, cancel),
            };
            let Totals { counts, documents } = &mut self.totals;
            for (from, &to) in terms.iter().enumerate() {
                if to as usize == counts.len() {
                    push(counts, 0);
                    push(documents, 0);
                }
                counts[to as usize] += other.totals.counts[from];
                documents[to as usize] += other.totals.documents[from];
            }
            self.documents += other.documents;
        })
    }

    /// These terms, so that others can be added.
    fn added(&mut self, is_spelled: bool, cancel: &AtomicBool) -> &mut AddedTerms {
        if !matches!(&self.terms, Terms::Added(added) if added.is_spelled == is_spelled) {
            let mut added = Box::new(AddedTerms::new(is_spelled));
            match self.ngrams().filter(|_| !is_spelled) {
                Some(ngrams) => added.add(&ngrams, cancel),
                None => added.add_spelled(&self.strings(cancel), cancel),
            };
            self.terms = Terms::Added(added);
        }
        let Terms::Added(added) = &mut self.terms else { unreachable!("it was made above") };
        added
    }
}

/// Fewer terms than this are handled on the calling thread.
const INLINE_TERMS: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::learning::ngrams::pair;

    static GOES_ON: AtomicBool = AtomicBool::new(false);

    fn strings(all: &[&str]) -> PackedStrings {
        let mut strings = PackedStrings::default();
        all.iter().for_each(|string| strings.push(string.as_bytes()));
        strings
    }

    fn spelled(table: &TermTable) -> Vec<String> {
        table.strings(&GOES_ON).iter().map(|term| String::from_utf8(term.to_vec()).unwrap()).collect()
    }

    #[test]
    fn ngrams_are_in_order() {
        let words = strings(&["a", "ab", "b"]);
        // "a a", "a b", "b a"; "a b a", "b a a"
        let longer = vec![vec![pair(0, 0), pair(0, 2), pair(2, 0)], vec![pair(1, 0), pair(2, 0)]];
        for (least, expected) in [
            (1, &["a", "a a", "a b", "a b a", "ab", "b", "b a", "b a a"][..]),
            (2, &["a a", "a b", "a b a", "b a", "b a a"]),
            (3, &["a b a", "b a a"]),
        ] {
            let ngrams = Ngrams::new(words.clone(), longer.clone(), least, &GOES_ON);
            let totals = Totals::new(ngrams.order().len());
            let table = TermTable::of_ngrams(ngrams, totals, 0);
            assert_eq!(spelled(&table), expected);
        }
    }

    #[test]
    fn tables_are_added_up() {
        let counted = |terms: &[&str], counts: &[u64]| {
            let mut table = TermTable::of_strings(strings(terms));
            table.totals = Totals { counts: counts.to_vec(), documents: counts.iter().map(|_| 1).collect() };
            table.documents = 2;
            table
        };
        let mut sum = counted(&["b", "c"], &[3, 4]);
        sum.add(&counted(&["a", "c"], &[1, 10]), RunOptions::default()).unwrap();
        sum.add(&counted(&["a"], &[5]), RunOptions::default()).unwrap();
        assert_eq!(spelled(&sum), ["b", "c", "a"]);
        assert_eq!(sum.totals, Totals { counts: vec![3, 14, 6], documents: vec![1, 2, 2] });
        assert_eq!((sum.documents, sum.order(RunOptions::default()).unwrap()), (6, vec![2, 0, 1]));
        let ranking = |top, min_documents| sum.ranking(top, min_documents, RunOptions::default()).unwrap();
        assert_eq!([ranking(None, 0), ranking(None, 2), ranking(None, 3)], [vec![1, 2, 0], vec![1, 2], vec![]]);
        assert_eq!([ranking(Some(0), 0), ranking(Some(2), 0), ranking(Some(9), 2)], [vec![], vec![1, 2], vec![1, 2]]);
    }
    #[test]
    fn ngrams_are_added_by_their_words() {
        let counted = |words: &[&str], longer: Vec<Pairs>, least| {
            let ngrams = Ngrams::new(strings(words), longer, least, &GOES_ON);
            let ones: Vec<u64> = ngrams.order().iter().map(|_| 1).collect();
            TermTable::of_ngrams(ngrams, Totals { counts: ones.clone(), documents: ones }, 1)
        };
        // "a b", "b a", "a b a"; "a c", "b a"
        let first = || counted(&["a", "b"], vec![vec![pair(0, 1), pair(1, 0)], vec![pair(0, 0)]], 1);
        let second = || counted(&["a", "b", "c"], vec![vec![pair(0, 2), pair(1, 0)]], 1);
        let expected = ["a", "a b", "a b a", "b", "b a", "a c", "c"];
        let mut sums = [first(), TermTable::default(), TermTable::default()];
        sums[1].add(&first(), RunOptions::default()).unwrap();
        // Strings that were spelled before.
        sums[2].terms = Terms::Strings(first().strings(&GOES_ON));
        sums[2].totals = first().totals;
        sums[2].documents = 1;
        for sum in &mut sums {
            sum.add(&second(), RunOptions::default()).unwrap();
            assert_eq!(spelled(sum), expected);
            assert_eq!(sum.totals.counts, [2, 1, 1, 2, 2, 1, 1]);
            assert_eq!((sum.documents, sum.order(RunOptions::default()).unwrap()), (2, vec![0, 1, 2, 5, 3, 4, 6]));
            let mut twice = sum.clone();
            twice.add(&sum.clone(), RunOptions::default()).unwrap();
            assert_eq!((spelled(&twice), twice.totals.counts[0]), (spelled(sum), 4));
        }
        let control = counted(&["a", "a\x01", "b"], vec![vec![pair(0, 2)]], 1);
        assert_eq!(
            (spelled(&control), control.order(RunOptions::default()).unwrap()),
            (["a", "a b", "a\x01", "b"].map(String::from).into(), vec![0, 2, 1, 3])
        );
        let mut pairs = counted(&["a", "b"], vec![vec![pair(0, 1)]], 2);
        pairs.add(&counted(&["b"], vec![vec![pair(0, 0)]], 2), RunOptions::default()).unwrap();
        assert_eq!(spelled(&pairs), ["a b", "b b"]);
        let mut mixed = second();
        let mut other = TermTable::of_strings(strings(&["x y", "a c"]));
        other.totals.counts = vec![5, 7];
        mixed.add(&other, RunOptions::default()).unwrap();
        assert_eq!(spelled(&mixed), ["a", "a c", "b", "b a", "c", "x y"]);
        assert_eq!(mixed.totals.counts, [1, 8, 1, 1, 1, 5]);
    }
}
