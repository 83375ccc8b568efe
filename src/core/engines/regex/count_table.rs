//! Counts the matches of expressions in ASCII texts with one table lookup per byte.
//!
//! A search finds the end of a match, then its start, then begins again. Starts are not needed to count. And the search
//! after a match can be part of the table: a transition that ends a match leads to the state of the next search. So
//! matches need no branch, and several expressions are counted side by side, which hides the latency of the lookups.
//!
//! The table is made from a DFA of the crate `regex-automata`. Sometimes it shows only some bytes later where a match
//! ended: `a(bcd)?` in `abce` ends after `a`, which shows at `e`. Then the entry tells how many bytes to go back.
//! Expressions that would go back far, or have many states, are not served.

use std::cell::Cell;
use std::collections::HashMap;

use foldhash::fast::RandomState;
use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::nfa::thompson::{self, Compiler, WhichCaptures};
use regex_automata::util::primitives::StateID;
use regex_automata::util::start;
use regex_automata::{Anchored, MatchKind};
use regex_syntax::hir::Hir;

use super::cancel::{CancelCheck, Stop};
use crate::core::base::memory;
use crate::core::engines::engine::MatchCallback;

/// The number of entries of a state: one for each ASCII character.
const CHARS: usize = 128;
/// States of a table, so that an entry has room for the first index of a state. The other bits are flags.
const MOST_STATES: usize = (1 << u16::BITS) / CHARS;
/// A match ended.
const FOUND: u16 = 1;
/// A match ended some bytes ago. Instead of a state, the entry contains how many bytes must be read again.
const BACK: u16 = 2;
/// The most bytes that are read again after a match.
const MOST_BACK: u8 = 16;
/// Limits in bytes, while a table is built. Few expressions with at most [`MOST_STATES`] need more.
const NFA_BYTES: usize = 256 << 10;
const DFA_BYTES: usize = 256 << 10;
const DETERMINIZE_BYTES: usize = 512 << 10;
/// About how many bytes building needs.
pub const BUILD_BYTES: usize = NFA_BYTES + DFA_BYTES + DETERMINIZE_BYTES;
/// How many expressions are counted side by side.
const LANES: usize = 4;
/// Bytes between two checks for cancellation.
const CHECK_EVERY: usize = 16 << 10;

/// The tables of some expressions.
pub struct CountTable {
    /// By state and character.
    entries: Vec<u16>,
    /// By state: if a match ends at or before the text's end, how many bytes must be read again after it.
    at_end: Vec<Option<u8>>,
    expressions: Vec<Starts>,
}

/// Where the searches for an expression begin.
struct Starts {
    pattern: u32,
    /// At the start of the text, and after each character.
    at_start: u16,
    after: [u16; CHARS],
}

impl Starts {
    /// The state in which a search begins after a match.
    #[inline]
    fn after(&self, text: &[u8], position: usize) -> u16 {
        self.after[char_of(text[position - 1])]
    }
}

#[inline(always)]
fn char_of(byte: u8) -> usize {
    usize::from(byte) % CHARS
}

/// A state of a table: a state of the DFA, and what is known of a match that ended.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct TableState {
    dfa: StateID,
    /// How many bytes ago the match ended that is preferred so far.
    ended: Option<u8>,
    /// The state of a search that begins here.
    start: StateID,
}

impl CountTable {
    /// The table of one expression. `None` if it is not served.
    pub fn new(pattern: u32, hir: &Hir) -> Option<Self> {
        let nfa =
            thompson::Config::new().utf8(false).which_captures(WhichCaptures::None).nfa_size_limit(Some(NFA_BYTES));
        let nfa = Compiler::new().configure(nfa).build_from_hir(hir).ok()?;
        let config = dense::Config::new()
            .accelerate(false)
            .start_kind(StartKind::Unanchored)
            .match_kind(MatchKind::LeftmostFirst)
            .dfa_size_limit(Some(DFA_BYTES))
            .determinize_size_limit(Some(DETERMINIZE_BYTES));
        let dfa = dense::Builder::new().configure(config).build_from_nfa(&nfa).ok()?;
        TableBuilder::new(&dfa)?.build(pattern)
    }

    pub fn bytes(&self) -> usize {
        size_of_val(&*self.entries) + size_of_val(&*self.at_end) + size_of_val(&*self.expressions)
    }

    /// Adds another table, or returns it if it does not fit.
    pub fn add(&mut self, other: Self) -> Result<(), Self> {
        let states = self.at_end.len();
        if states + other.at_end.len() > MOST_STATES {
            return Err(other);
        }
        let shifted = |entry: u16| if entry & BACK == 0 { entry + (states * CHARS) as u16 } else { entry };
        memory::reserve(&mut self.entries, other.entries.len());
        self.entries.extend(other.entries.into_iter().map(shifted));
        self.at_end.extend(other.at_end);
        self.expressions.extend(other.expressions.into_iter().map(|starts| Starts {
            at_start: shifted(starts.at_start),
            after: starts.after.map(shifted),
            ..starts
        }));
        Ok(())
    }

    /// Reports how many matches each expression has in an ASCII text. `work` counts the bytes that are read.
    pub fn count(&self, text: &[u8], work: &Cell<usize>, callback: &mut impl MatchCallback) -> Result<(), Stop> {
        for group in self.expressions.chunks(LANES) {
            match group {
                [a, b, c, d] => self.count_side_by_side([a, b, c, d], text, work, callback)?,
                [a, b, c] => self.count_side_by_side([a, b, c], text, work, callback)?,
                [a, b] => self.count_side_by_side([a, b], text, work, callback)?,
                group => group.iter().try_for_each(|one| self.count_side_by_side([one], text, work, callback))?,
            }
        }
        Ok(())
    }

    fn count_side_by_side<const N: usize>(
        &self,
        expressions: [&Starts; N],
        text: &[u8],
        work: &Cell<usize>,
        callback: &mut impl MatchCallback,
    ) -> Result<(), Stop> {
        let mut counts = [0; N];
        let mut states = expressions.map(|starts| starts.at_start);
        for start in (0..text.len()).step_by(CHECK_EVERY) {
            let end = text.len().min(start + CHECK_EVERY);
            CancelCheck::new(&|| callback.cancelled(), work).work(N * (end - start))?;
            self.read_side_by_side(expressions, &mut states, &text[..end], start, &mut counts);
        }
        for ((starts, mut state), mut count) in expressions.into_iter().zip(states).zip(counts) {
            while let Some(back) = self.at_end[usize::from(state) / CHARS] {
                count += 1;
                state = self.read(starts, text.len() - usize::from(back), text, &mut count);
            }
            if count > 0 {
                callback.on_matches(starts.pattern, count);
            }
        }
        Ok(())
    }

    /// Reads a text from a position on, at most [`CHECK_EVERY`] bytes.
    #[inline(never)]
    fn read_side_by_side<const N: usize>(
        &self,
        expressions: [&Starts; N],
        states: &mut [u16; N],
        text: &[u8],
        from: usize,
        counts: &mut [u64; N],
    ) {
        let mut found = [0u16; N];
        let mut now = *states;
        for (end, &byte) in (from + 1..).zip(&text[from..]) {
            let mut flags = 0;
            for i in 0..N {
                now[i] = self.next(now[i], byte);
                found[i] += now[i] & FOUND;
                flags |= now[i];
            }
            if flags & BACK != 0 {
                for ((state, starts), count) in now.iter_mut().zip(expressions).zip(&mut *counts) {
                    if *state & BACK != 0 {
                        *state = self.read_again(starts, *state, &text[..end], count);
                    }
                }
            }
        }
        *states = now;
        counts.iter_mut().zip(found).for_each(|(count, found)| *count += u64::from(found));
    }

    #[inline(always)]
    fn next(&self, state: u16, byte: u8) -> u16 {
        self.entries[usize::from(state) / CHARS * CHARS + char_of(byte)]
    }

    /// Reads the last bytes of a text again, as an entry tells. Returns the state at its end.
    #[inline(never)]
    fn read_again(&self, starts: &Starts, entry: u16, text: &[u8], count: &mut u64) -> u16 {
        self.read(starts, text.len() - usize::from(entry) / CHARS, text, count)
    }

    /// Begins a search at a position of a text. Returns the state at its end.
    fn read(&self, starts: &Starts, from: usize, text: &[u8], count: &mut u64) -> u16 {
        let (mut at, mut state) = (from, starts.after(text, from));
        while let Some(&byte) = text.get(at) {
            state = self.next(state, byte);
            at += 1;
            *count += u64::from(state & FOUND);
            if state & BACK != 0 {
                at -= usize::from(state) / CHARS;
                state = starts.after(text, at);
            }
        }
        state
    }
}

/// Makes the table of one expression.
struct TableBuilder<'d> {
    dfa: &'d dense::DFA<Vec<u32>>,
    /// The states of the DFA after each character.
    after: [StateID; CHARS],
    /// The states of the table, with the index of their first entries. `None` if no match can follow.
    indices: HashMap<Option<TableState>, u16, RandomState>,
    states: Vec<Option<TableState>>,
}

impl<'d> TableBuilder<'d> {
    fn new(dfa: &'d dense::DFA<Vec<u32>>) -> Option<Self> {
        let mut after = [StateID::ZERO; CHARS];
        for (byte, after) in (0..).zip(&mut after) {
            *after = start_state(dfa, Some(byte))?;
        }
        Some(Self { dfa, after, indices: HashMap::default(), states: Vec::new() })
    }

    fn build(mut self, pattern: u32) -> Option<CountTable> {
        let search = |start| Some(TableState { dfa: start, ended: None, start });
        let at_start = self.index(search(start_state(self.dfa, None)?))?;
        let mut after = [0; CHARS];
        for (index, start) in after.iter_mut().zip(self.after) {
            *index = self.index(search(start))?;
        }
        let (mut entries, mut at_end) = (Vec::new(), Vec::new());
        while let Some(&state) = self.states.get(at_end.len()) {
            for char in 0..CHARS as u8 {
                entries.push(self.entry(state, char)?);
            }
            at_end.push(state.and_then(|state| match self.matches_at_end(state.dfa) {
                true => Some(0),
                false => state.ended,
            }));
        }
        entries.shrink_to_fit();
        Some(CountTable { entries, at_end, expressions: vec![Starts { pattern, at_start, after }] })
    }

    /// The first entry of a state. `None` if there are too many states.
    fn index(&mut self, state: Option<TableState>) -> Option<u16> {
        if let Some(&index) = self.indices.get(&state) {
            return Some(index);
        }
        let index = u16::try_from(self.states.len() * CHARS).ok()?;
        self.states.push(state);
        self.indices.insert(state, index);
        Some(index)
    }

    /// `None` if the expression is not served.
    fn entry(&mut self, state: Option<TableState>, char: u8) -> Option<u16> {
        let Some(TableState { dfa: from, ended, start }) = state else { return self.index(None) };
        let next = self.dfa.next_state(from, char);
        // The DFA reports a match one byte late.
        let ended = if self.dfa.is_match_state(next) { Some(1) } else { ended.map(|bytes| bytes + 1) };
        let after = self.after[usize::from(char)];
        match ended {
            None if self.dfa.is_dead_state(next) => self.index(None),
            Some(1) if self.is_last(next) => {
                // The next search begins before this character.
                let next = self.dfa.next_state(start, char);
                if self.dfa.is_match_state(next) {
                    return None;
                }
                let search = TableState { dfa: next, ended: None, start: after };
                Some(self.index((!self.dfa.is_dead_state(next)).then_some(search))? | FOUND)
            }
            Some(bytes) if self.dfa.is_dead_state(next) => {
                let bytes = u16::from(bytes) * CHARS as u16;
                Some(bytes | FOUND | BACK)
            }
            Some(bytes) if bytes >= MOST_BACK => None,
            _ => self.index(Some(TableState { dfa: next, ended, start: after })),
        }
    }

    /// Whether nothing can follow a state but the end of the search.
    fn is_last(&self, state: StateID) -> bool {
        let is_dead = |byte| self.dfa.is_dead_state(self.dfa.next_state(state, byte));
        (0..CHARS as u8).all(is_dead) && !self.matches_at_end(state)
    }

    fn matches_at_end(&self, state: StateID) -> bool {
        self.dfa.is_match_state(self.dfa.next_eoi_state(state))
    }
}

/// The state in which a search begins after a byte, or at the start of the text.
fn start_state(dfa: &dense::DFA<Vec<u32>>, after: Option<u8>) -> Option<StateID> {
    dfa.start_state(&start::Config::new().anchored(Anchored::No).look_behind(after)).ok()
}
