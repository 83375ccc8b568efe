//! Terms with their counts, which can be added up.

use super::intern::{InternTable, NONE};
use super::ngrams::{PairTable, Pairs, pair as pair_of};
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
    /// From several tables of n-grams.
    Added(Box<AddedNgrams>),
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

/// N-grams of several tables, added up by the numbers of their words: spelling each would take five times as long.
#[derive(Clone)]
struct AddedNgrams {
    words: InternTable,
    longer: Vec<PairTable>,
    /// By the number of words, and the number among n-grams of that length: the term, or [`NONE`].
    terms: Vec<Vec<u32>>,
    /// By term: the number of words, and the number among n-grams of that length.
    order: Vec<(u32, u32)>,
}

impl AddedNgrams {
    fn new() -> Self {
        let words = InternTable::new(InternTable::fingerprinter());
        Self { words, longer: Vec::new(), terms: Vec::new(), order: Vec::new() }
    }

    fn parts(&self) -> NgramParts<'_> {
        let longer = self.longer.iter().map(|table| &table.pairs[..]).collect();
        NgramParts { words: self.words.words(), longer, order: &self.order }
    }

    /// Adds n-grams. Returns the term of each.
    fn add(&mut self, other: &NgramParts<'_>) -> Vec<u32> {
        let words: Vec<u32> = collected(other.words.iter().map(|word| self.words.insert(word, |_| true)));
        // By the number of words: the numbers of the other table's n-grams here.
        let mut numbers = vec![words];
        for (n, pairs) in other.longer.iter().enumerate() {
            if self.longer.len() == n {
                push(&mut self.longer, PairTable::default());
            }
            let here = |pair: &u64| pair_of(numbers[n][(pair >> 32) as usize], numbers[0][*pair as u32 as usize]);
            let pairs: Vec<u64> = collected(pairs.iter().map(here));
            let longer = self.longer[n].insert_all(&pairs);
            push(&mut numbers, longer);
        }
        self.terms.resize(numbers.len().max(self.terms.len()), Vec::new());
        let mut terms = memory::with_room(other.order.len());
        for &(n, number) in other.order {
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
            Terms::Added(ngrams) => ngrams.order.len(),
            Terms::Strings(strings) => strings.len(),
            Terms::Interned(table) => table.len(),
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
                (_, Terms::Interned(table)) => memory::extend(&mut spelled, table.words().get(term)),
                _ => unreachable!("n-grams have parts"),
            }
            each(i, &spelled)?;
        }
        Ok(())
    }

    fn parts(&self) -> Option<NgramParts<'_>> {
        match &self.terms {
            Terms::Ngrams(ngrams) => Some(ngrams.parts()),
            Terms::Added(ngrams) => Some(ngrams.parts()),
            _ => None,
        }
    }

    /// All terms, spelled.
    fn strings(&self) -> PackedStrings {
        let mut strings = PackedStrings::default();
        let Ok(()) = self.for_each_term(None, |_, term| {
            strings.push(term);
            Ok::<(), std::convert::Infallible>(())
        });
        strings
    }

    /// The numbers of the terms in order of their bytes.
    pub fn order(&self) -> Vec<u32> {
        let numbers = 0..self.len() as u32;
        match &self.terms {
            // A space sorts before every character of a word, except for control characters.
            Terms::Ngrams(ngrams)
                if ngrams.longer.is_empty() || ngrams.words.bytes().iter().all(|&byte| byte > b' ') =>
            {
                collected(numbers)
            }
            Terms::Ngrams(_) | Terms::Added(_) => self.strings().sorted(numbers),
            Terms::Strings(strings) => strings.sorted(numbers),
            Terms::Interned(table) => table.words().sorted(numbers),
        }
    }

    /// Adds the counts of other documents. New terms get the next numbers, in the other table's order.
    pub fn add(&mut self, other: &Self) {
        let terms = match (&self.terms, other.parts()) {
            (Terms::Added(_) | Terms::Ngrams(_), Some(parts)) => self.added().add(&parts),
            (Terms::Strings(strings), Some(parts)) if strings.is_empty() => self.added().add(&parts),
            _ => {
                let table = self.interned();
                collected(other.strings().iter().map(|term| table.insert(term, |_| true)))
            }
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
    }

    /// These n-grams, so that others can be added.
    fn added(&mut self) -> &mut AddedNgrams {
        if !matches!(self.terms, Terms::Added(_)) {
            let mut added = Box::new(AddedNgrams::new());
            if let Some(parts) = self.parts() {
                added.add(&parts);
            }
            self.terms = Terms::Added(added);
        }
        let Terms::Added(added) = &mut self.terms else { unreachable!("it was made above") };
        added
    }

    /// These terms as strings, so that others can be added.
    fn interned(&mut self) -> &mut InternTable {
        if !matches!(self.terms, Terms::Interned(_)) {
            let mut table = Box::new(InternTable::new(InternTable::fingerprinter()));
            self.strings().iter().for_each(|term| {
                table.insert(term, |_| true);
            });
            self.terms = Terms::Interned(table);
        }
        let Terms::Interned(table) = &mut self.terms else { unreachable!("it was made above") };
        table
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
        table.strings().iter().map(|term| String::from_utf8(term.to_vec()).unwrap()).collect()
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
    #[test]
    fn ngrams_are_added_by_their_words() {
        let counted = |words: &[&str], longer: Vec<Pairs>, least| {
            let ngrams = Ngrams::new(strings(words), longer, least);
            let ones: Vec<u64> = ngrams.order().iter().map(|_| 1).collect();
            TermTable::of_ngrams(ngrams, Totals { counts: ones.clone(), documents: ones }, 1)
        };
        // "a b", "b a", "a b a"; "a c", "b a"
        let first = || counted(&["a", "b"], vec![vec![pair(0, 1), pair(1, 0)], vec![pair(0, 0)]], 1);
        let second = || counted(&["a", "b", "c"], vec![vec![pair(0, 2), pair(1, 0)]], 1);
        let expected = ["a", "a b", "a b a", "b", "b a", "a c", "c"];
        let mut sums = [first(), TermTable::default(), TermTable::default()];
        sums[1].add(&first());
        // Strings that were spelled before.
        sums[2].terms = Terms::Strings(first().strings());
        sums[2].totals = first().totals;
        sums[2].documents = 1;
        for sum in &mut sums {
            sum.add(&second());
            assert_eq!(spelled(sum), expected);
            assert_eq!(sum.totals.counts, [2, 1, 1, 2, 2, 1, 1]);
            assert_eq!((sum.documents, sum.order()), (2, vec![0, 1, 2, 5, 3, 4, 6]));
            let mut twice = sum.clone();
            twice.add(&sum.clone());
            assert_eq!((spelled(&twice), twice.totals.counts[0]), (spelled(sum), 4));
        }
        let control = counted(&["a", "a\x01", "b"], vec![vec![pair(0, 2)]], 1);
        assert_eq!(
            (spelled(&control), control.order()),
            (["a", "a b", "a\x01", "b"].map(String::from).into(), vec![0, 2, 1, 3])
        );
        let mut pairs = counted(&["a", "b"], vec![vec![pair(0, 1)]], 2);
        pairs.add(&counted(&["b"], vec![vec![pair(0, 0)]], 2));
        assert_eq!(spelled(&pairs), ["a b", "b b"]);
        let mut mixed = second();
        let mut other = TermTable::of_strings(strings(&["x y", "a c"]));
        other.totals.counts = vec![5, 7];
        mixed.add(&other);
        assert_eq!(spelled(&mixed), ["a", "a c", "b", "b a", "c", "x y"]);
        assert_eq!(mixed.totals.counts, [1, 8, 1, 1, 1, 5]);
    }
}
