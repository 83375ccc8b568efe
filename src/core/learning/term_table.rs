//! Terms with their counts, which can be added up.

use super::intern::InternTable;
use super::ngrams::Pairs;
use crate::core::base::memory::{self, collected, push};
use crate::core::base::packed_strings::PackedStrings;
use crate::core::results::totals::Totals;

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
    Strings(PackedStrings),
    /// In a table, so that more can be added.
    Interned(Box<InternTable>),
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
    pub fn new(words: PackedStrings, longer: Vec<Pairs>, least: usize) -> Self {
        let lengths = std::iter::once(words.len()).chain(longer.iter().map(Vec::len));
        let mut order = memory::with_room(lengths.skip(least - 1).sum());
        let mut next: Vec<usize> = vec![0; longer.len() + 1];
        // The n-gram that was numbered last, and those it begins with, by the number of words.
        let mut path: Vec<u32> = Vec::new();
        for word in 0..words.len() as u32 {
            path.clear();
            path.push(word);
            while let Some(&last) = path.last() {
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

    fn spell(&self, (n, mut place): (u32, u32), out: &mut Vec<u8>) {
        // From the last word to the second.
        let mut rest: Vec<u32> = Vec::with_capacity(n as usize);
        for n in (2..=n).rev() {
            let pair = self.longer[n as usize - 2][place as usize];
            rest.push(pair as u32);
            place = (pair >> 32) as u32;
        }
        memory::extend(out, self.words.get(place as usize));
        for &word in rest.iter().rev() {
            memory::extend(out, b" ");
            memory::extend(out, self.words.get(word as usize));
        }
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
            Terms::Strings(strings) => strings.len(),
            Terms::Interned(table) => table.len(),
        }
    }

    /// Appends a term.
    pub fn append(&self, term: usize, out: &mut Vec<u8>) {
        match &self.terms {
            Terms::Ngrams(ngrams) => ngrams.spell(ngrams.order[term], out),
            Terms::Strings(strings) => memory::extend(out, strings.get(term)),
            Terms::Interned(table) => memory::extend(out, table.words().get(term)),
        }
    }

    /// The numbers of the terms in order of their bytes.
    pub fn order(&self) -> Vec<u32> {
        let numbers = 0..self.len() as u32;
        match &self.terms {
            Terms::Ngrams(_) => collected(numbers),
            Terms::Strings(strings) => strings.sorted(numbers),
            Terms::Interned(table) => table.words().sorted(numbers),
        }
    }

    /// Adds the counts of other documents. New terms get the next numbers, in the other table's order.
    pub fn add(&mut self, other: &Self) {
        let mut spelled = Vec::new();
        let mut intern = |all: &Self, table: &mut InternTable, each: &mut dyn FnMut(usize, usize)| {
            for term in 0..all.len() {
                spelled.clear();
                all.append(term, &mut spelled);
                each(term, table.insert(&spelled, |_| true) as usize);
            }
        };
        if !matches!(self.terms, Terms::Interned(_)) {
            let mut table = Box::new(InternTable::new(InternTable::fingerprinter()));
            intern(self, &mut table, &mut |_, _| ());
            self.terms = Terms::Interned(table);
        }
        let Terms::Interned(table) = &mut self.terms else { unreachable!("it was made above") };
        let Totals { counts, documents } = &mut self.totals;
        intern(other, table, &mut |from, to| {
            if to == counts.len() {
                push(counts, 0);
                push(documents, 0);
            }
            counts[to] += other.totals.counts[from];
            documents[to] += other.totals.documents[from];
        });
        self.documents += other.documents;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::learning::ngrams::pair;

    fn strings(all: &[&str]) -> PackedStrings {
        let mut strings = PackedStrings::default();
        all.iter().for_each(|string| strings.push(string.as_bytes()));
        strings
    }

    fn spelled(table: &TermTable) -> Vec<String> {
        let term = |term| {
            let mut out = Vec::new();
            table.append(term, &mut out);
            String::from_utf8(out).unwrap()
        };
        (0..table.len()).map(term).collect()
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
            let ngrams = Ngrams::new(words.clone(), longer.clone(), least);
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
        sum.add(&counted(&["a", "c"], &[1, 10]));
        sum.add(&counted(&["a"], &[5]));
        assert_eq!(spelled(&sum), ["b", "c", "a"]);
        assert_eq!(sum.totals, Totals { counts: vec![3, 14, 6], documents: vec![1, 2, 2] });
        assert_eq!((sum.documents, sum.order()), (6, vec![2, 0, 1]));
    }
}
