//! At each position of a text, the set of NFA states from which a match can still be completed.
//!
//! These sets are found from right to left: each follows from the set one byte later. With them, a search from left
//! to right never tries a path that fails (Frisch and Cardelli, "Greedy regular expression matching", 2004).
//! [`ReverseNfa`] is the immutable automaton. [`StateSets`] caches sets and the transitions between them, in limited
//! memory. A missing transition takes time proportional to the automaton.
//!
//! [`super::checkpoints`] decides which sets are kept for a text, and [`super::greedy`] uses them.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use regex_automata::nfa::thompson::{NFA, State};
use regex_automata::util::alphabet::ByteClasses;
use regex_automata::util::look::{Look, LookMatcher, LookSet};
use regex_automata::util::primitives::StateID;

use super::texts::ForTexts;
use crate::core::base::lists::Lists;

/// What a state does.
pub enum NfaState {
    /// Reads a byte of one of these ranges and continues in a state.
    Read(Box<[(u8, u8, u32)]>),
    /// Continues in one of these states, preferably the first.
    Choice(Box<[u32]>),
    Look(Look, u32),
    /// The expression itself ends here. Its context follows.
    End(u32),
    Accept,
    Fail,
}

/// The NFA of an expression, with transitions from right to left.
pub struct ReverseNfa {
    pub states: Vec<NfaState>,
    pub start: u32,
    accepting: Vec<u32>,
    /// By state: the states that lead to it, by reading a byte of a range, or without reading.
    readers: Lists<(u8, u8, u32)>,
    others: Lists<(Option<Look>, u32)>,
    classes: ByteClasses,
    looks: LookSet,
    matcher: LookMatcher,
    texts: ForTexts,
}

impl ReverseNfa {
    /// Contains the states that an anchored search can reach. The expression itself is group 1.
    pub fn new(nfa: &NFA, texts: &ForTexts) -> Self {
        const UNSEEN: u32 = u32::MAX;
        let mut numbers = vec![UNSEEN; nfa.states().len()];
        let mut found = vec![nfa.start_anchored()];
        numbers[nfa.start_anchored()] = 0;
        let mut states = Vec::new();
        while let Some(&id) = found.get(states.len()) {
            let mut number = |id: StateID| {
                if numbers[id] == UNSEEN {
                    numbers[id] = found.len() as u32;
                    found.push(id);
                }
                numbers[id]
            };
            states.push(match nfa.state(id) {
                State::ByteRange { trans } => NfaState::Read([(trans.start, trans.end, number(trans.next))].into()),
                State::Sparse(sparse) => {
                    NfaState::Read(sparse.transitions.iter().map(|t| (t.start, t.end, number(t.next))).collect())
                }
                State::Dense(dense) => {
                    let bytes = (0..=u8::MAX).filter_map(|byte| Some((byte, dense.matches_byte(byte)?)));
                    NfaState::Read(bytes.map(|(byte, next)| (byte, byte, number(next))).collect())
                }
                State::Look { look, next } => NfaState::Look(*look, number(*next)),
                State::Union { alternates } => {
                    NfaState::Choice(alternates.iter().map(|&next| number(next)).collect())
                }
                State::BinaryUnion { alt1, alt2 } => NfaState::Choice([number(*alt1), number(*alt2)].into()),
                State::Capture { next, slot, .. } if slot.as_usize() == 3 => NfaState::End(number(*next)),
                State::Capture { next, .. } => NfaState::Choice([number(*next)].into()),
                State::Match { .. } => NfaState::Accept,
                State::Fail => NfaState::Fail,
            });
        }
        let (mut readers, mut others, mut accepting) = (Vec::new(), Vec::new(), Vec::new());
        for (from, step) in (0..).zip(&states) {
            match step {
                NfaState::Read(ranges) => {
                    readers.extend(ranges.iter().map(|&(low, high, to)| (to as usize, (low, high, from))))
                }
                NfaState::Choice(choices) => others.extend(choices.iter().map(|&to| (to as usize, (None, from)))),
                NfaState::Look(look, to) => others.push((*to as usize, (Some(*look), from))),
                NfaState::End(to) => others.push((*to as usize, (None, from))),
                NfaState::Accept => accepting.push(from),
                NfaState::Fail => {}
            }
        }
        Self {
            readers: Lists::new(states.len(), readers.into_iter()),
            others: Lists::new(states.len(), others.into_iter()),
            states,
            start: 0,
            accepting,
            classes: *nfa.byte_classes(),
            looks: nfa.look_set_any(),
            matcher: nfa.look_matcher().clone(),
            texts: texts.clone(),
        }
    }

    /// The assertions of the expression that are true at a position.
    pub fn looks_at(&self, text: &[u8], at: usize) -> LookSet {
        let mut holding = LookSet::empty();
        for look in self.looks.iter() {
            let is_true = match &self.texts {
                ForTexts::Symbols(symbols) => in_symbols(look, symbols.words_around(text, at)),
                _ => None,
            };
            if is_true.unwrap_or_else(|| self.matcher.matches(look, text, at)) {
                holding = holding.insert(look);
            }
        }
        holding
    }

    pub fn has_looks(&self) -> bool {
        !self.looks.is_empty()
    }

    /// The states that lead to a state by reading a byte of a range.
    pub fn readers(&self, state: usize) -> &[(u8, u8, u32)] {
        self.readers.get(state)
    }

    /// The states that lead to a state without reading.
    pub fn others(&self, state: usize) -> &[(Option<Look>, u32)] {
        self.others.get(state)
    }

    fn words(&self) -> usize {
        self.states.len().div_ceil(64)
    }
}

/// Whether an assertion is true between two characters, as the crate has it for UTF-8. `None` if it is about ASCII.
fn in_symbols(look: Look, around: [Option<bool>; 2]) -> Option<bool> {
    let [before, after] = around;
    let [word_before, word_after] = around.map(|is_word| is_word == Some(true));
    Some(match look {
        Look::WordUnicode => word_before != word_after,
        Look::WordUnicodeNegate => before.is_some() && before == after,
        Look::WordStartUnicode => !word_before && word_after,
        Look::WordEndUnicode => word_before && !word_after,
        Look::WordStartHalfUnicode => before == Some(false),
        Look::WordEndHalfUnicode => after == Some(false),
        _ => return None,
    })
}

/// The id of a set.
pub type StateSetId = u32;

const UNKNOWN: StateSetId = StateSetId::MAX;

/// Limits of the memory for a text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct MemoryBudget {
    /// About how many bytes. Usual expressions have some dozens of sets, which take a few kilobytes.
    pub bytes: usize,
    /// Sets at the same time. Only tests limit this.
    pub sets: usize,
}

/// Transitions are cached for this many different sets of true assertions.
const LOOK_SETS: usize = 8;

/// The cached sets, and the transitions between them.
#[derive(Default)]
pub struct StateSets {
    words: usize,
    /// All sets one after another, one bit for each state.
    bits: Vec<u64>,
    /// By set: whether it contains the start state.
    starts: Vec<bool>,
    /// By set, set of true assertions, and class of bytes.
    next: Vec<StateSetId>,
    looks: Vec<LookSet>,
    classes: usize,
    symbols: usize,
    numbers: HashTable<StateSetId>,
    /// The largest number of cached sets.
    most: usize,
    /// The set being built, and its states whose predecessors are still to be added.
    new_set: Vec<u64>,
    pending: Vec<u32>,
    hasher: RandomState,
}

impl StateSets {
    /// Clears the cache, and prepares it for an automaton.
    pub fn reset(&mut self, reverse_nfa: &ReverseNfa, budget: MemoryBudget) {
        self.words = reverse_nfa.words();
        self.classes = reverse_nfa.classes.alphabet_len();
        self.looks.clear();
        self.symbols = self.classes * if reverse_nfa.has_looks() { LOOK_SETS } else { 1 };
        if !reverse_nfa.has_looks() {
            self.looks.push(LookSet::empty());
        }
        let each = 8 * self.words + 4 * self.symbols + 16;
        // Vectors grow by doubling.
        self.most = (budget.bytes / 4 / each).min(budget.sets.saturating_mul(4)).max(16);
        self.clear();
    }

    fn clear(&mut self) {
        self.bits.clear();
        self.starts.clear();
        self.next.clear();
        self.numbers.clear();
    }

    /// Bytes of all sets and transitions.
    pub fn bytes(&self) -> usize {
        8 * self.bits.capacity() + 4 * self.next.capacity()
    }

    pub fn most(&self) -> usize {
        self.most
    }

    /// Makes room for new sets. Sets added from now on keep their ids.
    pub fn reserve(&mut self, sets: usize) {
        if self.starts.len() + sets > self.most {
            self.clear();
        }
    }

    /// The number of words of a set.
    pub fn words(&self) -> usize {
        self.words
    }

    pub fn bits(&self, set: StateSetId) -> &[u64] {
        &self.bits[set as usize * self.words..][..self.words]
    }

    #[inline]
    pub fn contains(&self, set: StateSetId, state: u32) -> bool {
        self.bits[set as usize * self.words + state as usize / 64] >> (state % 64) & 1 != 0
    }

    #[inline]
    pub fn starts(&self, set: StateSetId) -> bool {
        self.starts[set as usize]
    }

    /// The id of a set.
    pub fn intern(&mut self, reverse_nfa: &ReverseNfa, bits: &[u64]) -> StateSetId {
        self.new_set.clear();
        self.new_set.extend_from_slice(bits);
        self.intern_new(reverse_nfa)
    }

    fn intern_new(&mut self, reverse_nfa: &ReverseNfa) -> StateSetId {
        let Self { words, bits, numbers, new_set, hasher, .. } = self;
        let range = |set: StateSetId| set as usize * *words..(set as usize + 1) * *words;
        let hash = hasher.hash_one(&new_set[..]);
        if let Some(&set) = numbers.find(hash, |&set| bits[range(set)] == new_set[..]) {
            return set;
        }
        let set = self.starts.len() as StateSetId;
        bits.extend_from_slice(new_set);
        self.starts.push(new_set[reverse_nfa.start as usize / 64] >> (reverse_nfa.start % 64) & 1 != 0);
        self.next.resize(self.next.len() + self.symbols, UNKNOWN);
        numbers.insert_unique(hash, set, |&set| hasher.hash_one(&bits[range(set)]));
        set
    }

    /// The set at the end of the part that is searched.
    pub fn at_end(&mut self, reverse_nfa: &ReverseNfa, holding: LookSet) -> StateSetId {
        self.reserve(1);
        self.begin();
        self.close(reverse_nfa, holding);
        self.intern_new(reverse_nfa)
    }

    /// The set before a byte, from the set after it, and the work as a number of visited states: 0 if the transition
    /// is cached. May clear all sets except those for which room was made.
    #[inline]
    pub fn before(
        &mut self,
        reverse_nfa: &ReverseNfa,
        set: StateSetId,
        byte: u8,
        holding: LookSet,
    ) -> (StateSetId, usize) {
        let way = match self.looks.first() {
            Some(&first) if first == holding => 0,
            _ => self.way(holding),
        };
        if way < LOOK_SETS {
            let symbol = way * self.classes + usize::from(reverse_nfa.classes.get(byte));
            let next = self.next[set as usize * self.symbols + symbol];
            if next != UNKNOWN {
                return (next, 0);
            }
        }
        self.find_before(reverse_nfa, set, byte, holding, way)
    }

    fn way(&mut self, holding: LookSet) -> usize {
        let known = self.looks.iter().position(|&looks| looks == holding);
        known.unwrap_or_else(|| {
            if self.looks.len() < LOOK_SETS {
                self.looks.push(holding);
                return self.looks.len() - 1;
            }
            LOOK_SETS
        })
    }

    #[inline(never)]
    fn find_before(
        &mut self,
        reverse_nfa: &ReverseNfa,
        set: StateSetId,
        byte: u8,
        holding: LookSet,
        way: usize,
    ) -> (StateSetId, usize) {
        self.begin();
        let mut work = self.words;
        for word in 0..self.words {
            let mut left = self.bits[set as usize * self.words + word];
            while left != 0 {
                let state = word * 64 + left.trailing_zeros() as usize;
                left &= left - 1;
                let readers = reverse_nfa.readers.get(state);
                work += 1 + readers.len();
                for &(low, high, from) in readers {
                    if (low..=high).contains(&byte) {
                        self.make(from);
                    }
                }
            }
        }
        work += self.close(reverse_nfa, holding);
        if self.starts.len() == self.most {
            self.clear();
            return (self.intern_new(reverse_nfa), work);
        }
        let before = self.intern_new(reverse_nfa);
        if way < LOOK_SETS {
            let symbol = way * self.classes + usize::from(reverse_nfa.classes.get(byte));
            self.next[set as usize * self.symbols + symbol] = before;
        }
        (before, work)
    }

    fn begin(&mut self) {
        self.new_set.clear();
        self.new_set.resize(self.words, 0);
        self.pending.clear();
    }

    #[inline]
    fn make(&mut self, state: u32) {
        let word = &mut self.new_set[state as usize / 64];
        let bit = 1 << (state % 64);
        if *word & bit == 0 {
            *word |= bit;
            self.pending.push(state);
        }
    }

    /// Adds the accepting states, and states that lead to states of the set without reading.
    fn close(&mut self, reverse_nfa: &ReverseNfa, holding: LookSet) -> usize {
        reverse_nfa.accepting.iter().for_each(|&state| self.make(state));
        let mut work = 0;
        while let Some(state) = self.pending.pop() {
            let others = reverse_nfa.others.get(state as usize);
            work += 1 + others.len();
            for &(look, from) in others {
                if look.is_none_or(|look| holding.contains(look)) {
                    self.make(from);
                }
            }
        }
        work
    }
}
