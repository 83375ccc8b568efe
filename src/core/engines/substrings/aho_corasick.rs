//! An Aho-Corasick automaton that shows its states: a trie of the literals, and from each prefix the way back.
//!
//! Built for what is stepped seldom: it is a few arrays, made in a few milliseconds for ten thousand literals. What it has
//! to offer is that a state is a number, which the memo keeps, and that it can be taken up anywhere.

/// No literal.
const NONE: u32 = u32::MAX;

/// The state in which nothing has begun.
pub const ROOT: u32 = 0;

/// States are prefixes of literals, numbered by length: those that add a byte to one state lie next to one another.
pub struct AhoCorasick {
    /// By state, with one more behind: the first of the states that go on from it.
    next: Vec<u32>,
    /// By state: its last byte.
    byte: Vec<u8>,
    /// By state: the longest other one that it ends with.
    shorter: Vec<u32>,
    /// By state: the literal that it is.
    literal: Vec<u32>,
    /// By state: itself or the longest other one that it ends with, whichever is a literal; else the root.
    suffix_literal: Vec<u32>,
    /// By byte, for the root and then for each state of one byte: the state behind it. Most steps are taken from these.
    rows: Vec<[u32; 256]>,
    /// By literal: how long it is.
    lengths: Vec<u32>,
}

impl AhoCorasick {
    /// For distinct literals that are not empty.
    pub fn new(literals: &[&[u8]]) -> Self {
        let mut order: Vec<u32> = (0..literals.len() as u32).collect();
        order.sort_unstable_by_key(|&literal| literals[literal as usize]);
        let mut automaton = Self {
            next: Vec::new(),
            byte: vec![0],
            shorter: vec![ROOT],
            literal: vec![NONE],
            suffix_literal: vec![ROOT],
            rows: Vec::new(),
            lengths: literals.iter().map(|literal| literal.len() as u32).collect(),
        };
        // By state: the literals in order that begin with it, and its length.
        let mut prefixes = vec![(0, order.len(), 0)];
        let mut state = 0;
        while state < prefixes.len() {
            let (mut first, last, len) = prefixes[state];
            automaton.next.push(prefixes.len() as u32);
            // A literal comes before those that go on from it.
            if first < last && literals[order[first] as usize].len() == len {
                automaton.literal[state] = order[first];
                first += 1;
            }
            automaton.suffix_literal[state] = match automaton.literal[state] {
                NONE => automaton.suffix_literal[automaton.shorter[state] as usize],
                _ => state as u32,
            };
            while first < last {
                let byte = literals[order[first] as usize][len];
                let same = order[first..last].partition_point(|&literal| literals[literal as usize][len] == byte);
                automaton.byte.push(byte);
                automaton.literal.push(NONE);
                automaton.suffix_literal.push(ROOT);
                // All shorter states are there, and what goes on from those of this length and less.
                let shorter = if state == 0 { ROOT } else { automaton.step(automaton.shorter[state], byte) };
                automaton.shorter.push(shorter);
                prefixes.push((first, first + same, len + 1));
                first += same;
            }
            // Behind the root come the states of one byte.
            if len < 2 {
                let mut row = automaton.rows.first().copied().unwrap_or([ROOT; 256]);
                for next in automaton.next[state]..prefixes.len() as u32 {
                    row[automaton.byte[next as usize] as usize] = next;
                }
                automaton.rows.push(row);
            }
            state += 1;
        }
        automaton.next.push(prefixes.len() as u32);
        automaton
    }

    /// The state behind another byte.
    #[inline]
    pub fn step(&self, mut state: u32, byte: u8) -> u32 {
        while state as usize >= self.rows.len() {
            let (first, last) = (self.next[state as usize], self.next[state as usize + 1]);
            let bytes = &self.byte[first as usize..last as usize];
            if let Some(at) = bytes.iter().position(|&known| known == byte) {
                return first + at as u32;
            }
            state = self.shorter[state as usize];
        }
        self.rows[state as usize][byte as usize]
    }

    /// The longest state that a state is or ends with and that goes on with some such byte: for what follows these are
    /// the same, if it begins so.
    pub fn reduced(&self, mut state: u32, keep_going: impl Fn(u8) -> bool) -> u32 {
        let next = |state: u32| self.next[state as usize] as usize..self.next[state as usize + 1] as usize;
        while state != ROOT && !self.byte[next(state)].iter().any(|&byte| keep_going(byte)) {
            state = self.shorter[state as usize];
        }
        state
    }

    /// The literals that end in a state, the longest first.
    #[inline]
    pub fn literals(&self, state: u32) -> impl Iterator<Item = u32> + '_ {
        let mut state = self.suffix_literal[state as usize];
        std::iter::from_fn(move || {
            let literal = (state != ROOT).then(|| self.literal[state as usize]);
            state = self.suffix_literal[self.shorter[state as usize] as usize];
            literal
        })
    }

    /// The state behind a text.
    pub fn state_after(&self, text: &[u8]) -> u32 {
        text.iter().fold(ROOT, |state, &byte| self.step(state, byte))
    }

    /// Every occurrence in a text: its literal, start and end, in order of ends.
    #[cfg(test)]
    pub fn matches<'t>(&'t self, text: &'t [u8]) -> impl Iterator<Item = (u32, usize, usize)> + 't {
        let mut state = ROOT;
        (1..).zip(text).flat_map(move |(end, &byte)| {
            state = self.step(state, byte);
            self.literals(state).map(move |literal| (literal, end - self.len(literal), end))
        })
    }

    /// At each place the longest literal that ends there: its start and end.
    pub fn longest_matches<'t>(&'t self, text: &'t [u8]) -> impl Iterator<Item = (usize, usize)> + 't {
        let mut state = ROOT;
        (1..).zip(text).filter_map(move |(end, &byte)| {
            state = self.step(state, byte);
            self.literals(state).next().map(|literal| (end - self.len(literal), end))
        })
    }

    /// Bytes of the longest literal.
    pub fn longest(&self) -> usize {
        self.lengths.iter().copied().max().unwrap_or(0) as usize
    }

    /// How long a literal is.
    #[inline]
    pub fn len(&self, literal: u32) -> usize {
        self.lengths[literal as usize] as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_occurrence_is_found() {
        let literals: [&[u8]; 8] = [b"a", b"ab", b"bab", b"abab", b"c", b"bc", b"aa", b"caab"];
        let automaton = AhoCorasick::new(&literals);
        for text in ["", "ababab", "aaabc", "caabcaab", "xaxbabcx", "abacababacaab"] {
            let text = text.as_bytes();
            let mut expected = Vec::new();
            for end in 0..=text.len() {
                for start in 0..end {
                    let known = literals.iter().position(|literal| *literal == &text[start..end]);
                    expected.extend(known.map(|literal| (literal as u32, start, end)));
                }
            }
            assert_eq!(automaton.matches(text).collect::<Vec<_>>(), expected);
            let longest = expected.chunk_by(|a, b| a.2 == b.2).map(|same| (same[0].1, same[0].2));
            assert_eq!(automaton.longest_matches(text).collect::<Vec<_>>(), Vec::from_iter(longest));
        }
    }

    #[test]
    fn a_state_can_be_taken_up() {
        let automaton = AhoCorasick::new(&[b"abcd", b"bc"]);
        let state = automaton.step(automaton.state_after(b"xxabc"), b'd');
        assert_eq!(automaton.literals(state).collect::<Vec<_>>(), [0]);
        assert_eq!(automaton.state_after(b"xxabx"), ROOT);
        assert_eq!(automaton.literals(automaton.state_after(b"abc")).collect::<Vec<_>>(), [1]);
    }
}
