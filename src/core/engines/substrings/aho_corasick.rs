//! An Aho-Corasick automaton with visible states: a trie of the literals with suffix links.
//!
//! It is for automata that make few steps: a few arrays, built in a few milliseconds for ten thousand literals. A
//! state is a number, which the transition cache stores, and a search can begin in any state.

/// No literal.
const NONE: u32 = u32::MAX;

/// The state of the empty prefix.
pub const ROOT: u32 = 0;

/// States are prefixes of literals, numbered by length. The children of a state have consecutive numbers.
pub struct AhoCorasick {
    /// By state: its first child. One more entry at the end.
    next: Vec<u32>,
    /// By state: its last byte.
    byte: Vec<u8>,
    /// By state: its longest proper suffix that is a state (the suffix link).
    shorter: Vec<u32>,
    /// By state: the literal that it is.
    literal: Vec<u32>,
    /// By state: the longest of its suffixes, itself included, that is a literal; otherwise the root.
    suffix_literal: Vec<u32>,
    /// For the root and then for each state of one byte: the next state by byte. Most steps begin in these states.
    rows: Vec<[u32; 256]>,
    /// By literal: its length.
    lengths: Vec<u32>,
}

impl AhoCorasick {
    /// The literals must be distinct and not empty.
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
        // By state: the range of sorted literals that begin with it, and its length.
        let mut prefixes = vec![(0, order.len(), 0)];
        let mut state = 0;
        while state < prefixes.len() {
            let (mut first, last, len) = prefixes[state];
            automaton.next.push(prefixes.len() as u32);
            // A literal is sorted before the literals that it is a prefix of.
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
                // All shorter states exist, and so do the children of all states up to this length.
                let shorter = if state == 0 { ROOT } else { automaton.step(automaton.shorter[state], byte) };
                automaton.shorter.push(shorter);
                prefixes.push((first, first + same, len + 1));
                first += same;
            }
            // After the root come the states of one byte.
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

    /// The state after another byte.
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

    /// The longest suffix of a state, itself included, that has a child with such a byte. If the text continues with
    /// such a byte, both have the same matches from there on.
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

    /// The state after a text.
    pub fn state_after(&self, text: &[u8]) -> u32 {
        text.iter().fold(ROOT, |state, &byte| self.step(state, byte))
    }

    /// All matches in a text: literal, start and end, in order of ends.
    #[cfg(test)]
    pub fn matches<'t>(&'t self, text: &'t [u8]) -> impl Iterator<Item = (u32, usize, usize)> + 't {
        let mut state = ROOT;
        (1..).zip(text).flat_map(move |(end, &byte)| {
            state = self.step(state, byte);
            self.literals(state).map(move |literal| (literal, end - self.len(literal), end))
        })
    }

    /// The longest literal that ends at each position: its start and end.
    pub fn longest_matches<'t>(&'t self, text: &'t [u8]) -> impl Iterator<Item = (usize, usize)> + 't {
        let mut state = ROOT;
        (1..).zip(text).filter_map(move |(end, &byte)| {
            state = self.step(state, byte);
            self.literals(state).next().map(|literal| (end - self.len(literal), end))
        })
    }

    /// The length of the longest literal.
    pub fn longest(&self) -> usize {
        self.lengths.iter().copied().max().unwrap_or(0) as usize
    }

    /// The length of a literal.
    #[inline]
    pub fn len(&self, literal: u32) -> usize {
        self.lengths[literal as usize] as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_match_is_found() {
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
    fn a_search_can_begin_in_any_state() {
        let automaton = AhoCorasick::new(&[b"abcd", b"bc"]);
        let state = automaton.step(automaton.state_after(b"xxabc"), b'd');
        assert_eq!(automaton.literals(state).collect::<Vec<_>>(), [0]);
        assert_eq!(automaton.state_after(b"xxabx"), ROOT);
        assert_eq!(automaton.literals(automaton.state_after(b"abc")).collect::<Vec<_>>(), [1]);
    }
}
