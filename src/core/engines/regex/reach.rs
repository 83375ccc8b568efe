//! From which states of an expression's automaton a match can still be completed, at each place of a text.
//!
//! That is known when the text is read backwards: a set of states at each place, which follows from the set one byte
//! later. With it a forward search never tries a way that leads nowhere (Frisch and Cardelli, "Greedy regular expression
//! matching", 2004). [`Reach`] is the automaton and does not change; [`Sets`] remembers the sets seen and the steps
//! between them, within a bound. A step that is not remembered costs time in proportion to the automaton.
//!
//! Not here: which sets are kept for a text ([`super::stretch`]), and what they are used for ([`super::greedy`]).

use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use regex_automata::nfa::thompson::{NFA, State};
use regex_automata::util::alphabet::ByteClasses;
use regex_automata::util::look::{Look, LookMatcher, LookSet};
use regex_automata::util::primitives::StateID;

/// What a state does.
pub enum Step {
    /// Reads a byte in one of these ranges and goes on to a state.
    Read(Box<[(u8, u8, u32)]>),
    /// Goes on to one of these, the first ones preferred.
    Choice(Box<[u32]>),
    Look(Look, u32),
    /// The expression itself ends here; what follows is its context.
    End(u32),
    Accept,
    Fail,
}

/// The automaton of an expression, as read backwards.
pub struct Reach {
    pub steps: Vec<Step>,
    pub start: u32,
    accepting: Vec<u32>,
    /// By state: the states that go on to it, by reading a byte of a range, or without reading.
    readers: Lists<(u8, u8, u32)>,
    others: Lists<(Option<Look>, u32)>,
    classes: ByteClasses,
    looks: LookSet,
    matcher: LookMatcher,
}

/// Many short lists, one after another.
struct Lists<T> {
    starts: Vec<u32>,
    items: Vec<T>,
}

impl<T: Copy> Lists<T> {
    /// By pairs of a list and an item of it.
    fn new(count: usize, pairs: &[(u32, T)]) -> Self {
        let mut starts = vec![0; count + 1];
        for (list, _) in pairs {
            starts[*list as usize + 1] += 1;
        }
        for i in 0..count {
            starts[i + 1] += starts[i];
        }
        let mut free = starts.clone();
        let mut items: Vec<T> = pairs.iter().map(|(_, item)| *item).collect();
        for (list, item) in pairs {
            items[free[*list as usize] as usize] = *item;
            free[*list as usize] += 1;
        }
        Self { starts, items }
    }

    fn get(&self, list: usize) -> &[T] {
        &self.items[self.starts[list] as usize..self.starts[list + 1] as usize]
    }
}

impl Reach {
    /// Of the states that an anchored search can be in. The expression itself is group 1.
    pub fn new(nfa: &NFA) -> Self {
        const UNSEEN: u32 = u32::MAX;
        let mut numbers = vec![UNSEEN; nfa.states().len()];
        let mut found = vec![nfa.start_anchored()];
        numbers[nfa.start_anchored()] = 0;
        let mut steps = Vec::new();
        while let Some(&id) = found.get(steps.len()) {
            let mut number = |id: StateID| {
                if numbers[id] == UNSEEN {
                    numbers[id] = found.len() as u32;
                    found.push(id);
                }
                numbers[id]
            };
            steps.push(match nfa.state(id) {
                State::ByteRange { trans } => Step::Read([(trans.start, trans.end, number(trans.next))].into()),
                State::Sparse(sparse) => {
                    Step::Read(sparse.transitions.iter().map(|t| (t.start, t.end, number(t.next))).collect())
                }
                State::Dense(dense) => {
                    let bytes = (0..=u8::MAX).filter_map(|byte| Some((byte, dense.matches_byte(byte)?)));
                    Step::Read(bytes.map(|(byte, next)| (byte, byte, number(next))).collect())
                }
                State::Look { look, next } => Step::Look(*look, number(*next)),
                State::Union { alternates } => Step::Choice(alternates.iter().map(|&next| number(next)).collect()),
                State::BinaryUnion { alt1, alt2 } => Step::Choice([number(*alt1), number(*alt2)].into()),
                State::Capture { next, slot, .. } if slot.as_usize() == 3 => Step::End(number(*next)),
                State::Capture { next, .. } => Step::Choice([number(*next)].into()),
                State::Match { .. } => Step::Accept,
                State::Fail => Step::Fail,
            });
        }
        let (mut readers, mut others, mut accepting) = (Vec::new(), Vec::new(), Vec::new());
        for (from, step) in (0..).zip(&steps) {
            match step {
                Step::Read(ranges) => readers.extend(ranges.iter().map(|&(low, high, to)| (to, (low, high, from)))),
                Step::Choice(choices) => others.extend(choices.iter().map(|&to| (to, (None, from)))),
                Step::Look(look, to) => others.push((*to, (Some(*look), from))),
                Step::End(to) => others.push((*to, (None, from))),
                Step::Accept => accepting.push(from),
                Step::Fail => {}
            }
        }
        Self {
            readers: Lists::new(steps.len(), &readers),
            others: Lists::new(steps.len(), &others),
            steps,
            start: 0,
            accepting,
            classes: *nfa.byte_classes(),
            looks: nfa.look_set_any(),
            matcher: nfa.look_matcher().clone(),
        }
    }

    /// The assertions of the expression that hold at a place.
    pub fn looks_at(&self, text: &[u8], at: usize) -> LookSet {
        let mut holding = LookSet::empty();
        for look in self.looks.iter() {
            if self.matcher.matches(look, text, at) {
                holding = holding.insert(look);
            }
        }
        holding
    }

    pub fn has_looks(&self) -> bool {
        !self.looks.is_empty()
    }

    fn words(&self) -> usize {
        self.steps.len().div_ceil(64)
    }
}

/// The number of a set.
pub type SetId = u32;

const UNKNOWN: SetId = SetId::MAX;

/// What may be kept of a text.
#[derive(Clone, Copy)]
pub struct Room {
    /// Bytes, about. Automata of ordinary expressions have some dozens of sets, which take some kilobytes.
    pub bytes: usize,
    /// Sets in one place, which only tests bound.
    pub sets: usize,
}

/// Steps are remembered for so many ways in which assertions can hold at a place.
const LOOK_SETS: usize = 8;

/// The sets seen, and the steps between them.
#[derive(Default)]
pub struct Sets {
    words: usize,
    /// One set after another, a bit a state.
    bits: Vec<u64>,
    /// By set: whether it contains the start state.
    starts: Vec<bool>,
    /// By set, ways that assertions can hold and class of bytes.
    next: Vec<SetId>,
    looks: Vec<LookSet>,
    classes: usize,
    symbols: usize,
    numbers: HashTable<SetId>,
    /// How many sets are remembered at most.
    most: usize,
    /// The set in the making, and the states of it from which others are still to be found.
    made: Vec<u64>,
    pending: Vec<u32>,
    hasher: RandomState,
}

impl Sets {
    /// Forgets all sets, and is for this automaton from now on.
    pub fn reset(&mut self, reach: &Reach, room: Room) {
        self.words = reach.words();
        self.classes = reach.classes.alphabet_len();
        self.looks.clear();
        self.symbols = self.classes * if reach.has_looks() { LOOK_SETS } else { 1 };
        if !reach.has_looks() {
            self.looks.push(LookSet::empty());
        }
        let each = 8 * self.words + 4 * self.symbols + 16;
        // Vectors grow by doubling.
        self.most = (room.bytes / 4 / each).min(room.sets.saturating_mul(4)).max(16);
        self.clear();
    }

    fn clear(&mut self) {
        self.bits.clear();
        self.starts.clear();
        self.next.clear();
        self.numbers.clear();
    }

    /// Bytes that sets and steps take now.
    pub fn bytes(&self) -> usize {
        8 * self.bits.capacity() + 4 * self.next.capacity()
    }

    pub fn most(&self) -> usize {
        self.most
    }

    /// Makes room for so many sets, so that those numbered from now on keep their numbers.
    pub fn make_room(&mut self, sets: usize) {
        if self.starts.len() + sets > self.most {
            self.clear();
        }
    }

    /// How many words the bits of a set take.
    pub fn words(&self) -> usize {
        self.words
    }

    pub fn bits(&self, set: SetId) -> &[u64] {
        &self.bits[set as usize * self.words..][..self.words]
    }

    #[inline]
    pub fn contains(&self, set: SetId, state: u32) -> bool {
        self.bits[set as usize * self.words + state as usize / 64] >> (state % 64) & 1 != 0
    }

    #[inline]
    pub fn starts(&self, set: SetId) -> bool {
        self.starts[set as usize]
    }

    /// The number of a set.
    pub fn number(&mut self, reach: &Reach, bits: &[u64]) -> SetId {
        self.made.clear();
        self.made.extend_from_slice(bits);
        self.number_made(reach)
    }

    fn number_made(&mut self, reach: &Reach) -> SetId {
        let Self { words, bits, numbers, made, hasher, .. } = self;
        let range = |set: SetId| set as usize * *words..(set as usize + 1) * *words;
        let hash = hasher.hash_one(&made[..]);
        if let Some(&set) = numbers.find(hash, |&set| bits[range(set)] == made[..]) {
            return set;
        }
        let set = self.starts.len() as SetId;
        bits.extend_from_slice(made);
        self.starts.push(made[reach.start as usize / 64] >> (reach.start % 64) & 1 != 0);
        self.next.resize(self.next.len() + self.symbols, UNKNOWN);
        numbers.insert_unique(hash, set, |&set| hasher.hash_one(&bits[range(set)]));
        set
    }

    /// The set where the text ends for the search.
    pub fn at_end(&mut self, reach: &Reach, holding: LookSet) -> SetId {
        self.make_room(1);
        self.begin();
        self.close(reach, holding);
        self.number_made(reach)
    }

    /// The set before a byte, from the set after it, and how many states were looked at to find it: 0 if the step is
    /// remembered. All sets may be forgotten but those for which room was made.
    #[inline]
    pub fn before(&mut self, reach: &Reach, set: SetId, byte: u8, holding: LookSet) -> (SetId, usize) {
        let way = match self.looks.first() {
            Some(&first) if first == holding => 0,
            _ => self.way(holding),
        };
        if way < LOOK_SETS {
            let symbol = way * self.classes + usize::from(reach.classes.get(byte));
            let next = self.next[set as usize * self.symbols + symbol];
            if next != UNKNOWN {
                return (next, 0);
            }
        }
        self.find_before(reach, set, byte, holding, way)
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
    fn find_before(&mut self, reach: &Reach, set: SetId, byte: u8, holding: LookSet, way: usize) -> (SetId, usize) {
        self.begin();
        let mut work = self.words;
        for word in 0..self.words {
            let mut left = self.bits[set as usize * self.words + word];
            while left != 0 {
                let state = word * 64 + left.trailing_zeros() as usize;
                left &= left - 1;
                let readers = reach.readers.get(state);
                work += 1 + readers.len();
                for &(low, high, from) in readers {
                    if (low..=high).contains(&byte) {
                        self.make(from);
                    }
                }
            }
        }
        work += self.close(reach, holding);
        if self.starts.len() == self.most {
            self.clear();
            return (self.number_made(reach), work);
        }
        let before = self.number_made(reach);
        if way < LOOK_SETS {
            let symbol = way * self.classes + usize::from(reach.classes.get(byte));
            self.next[set as usize * self.symbols + symbol] = before;
        }
        (before, work)
    }

    fn begin(&mut self) {
        self.made.clear();
        self.made.resize(self.words, 0);
        self.pending.clear();
    }

    #[inline]
    fn make(&mut self, state: u32) {
        let word = &mut self.made[state as usize / 64];
        let bit = 1 << (state % 64);
        if *word & bit == 0 {
            *word |= bit;
            self.pending.push(state);
        }
    }

    /// Adds the states that accept, and those that reach any without reading.
    fn close(&mut self, reach: &Reach, holding: LookSet) -> usize {
        reach.accepting.iter().for_each(|&state| self.make(state));
        let mut work = 0;
        while let Some(state) = self.pending.pop() {
            let others = reach.others.get(state as usize);
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
