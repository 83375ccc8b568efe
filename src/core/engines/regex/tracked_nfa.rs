//! The NFA of an expression with marks ([`super::ends`]), in which each state knows the class of the last character.
//!
//! It is the product of the expression's NFA and a small automaton that reads the marks. The order of choices stays
//! the same. So a search prefers the same matches as without marks, among those that the boundaries allow.

use regex_automata::nfa::thompson::{BuildError, Builder, NFA, State, Transition};
use regex_automata::util::primitives::StateID;

use super::ends::{AFTER_OTHER, AFTER_WORD, OTHER, TERM, WORD, WORD_BEFORE};
use super::size_limit::TOO_LARGE;
use super::state_sets::{NfaState, ReverseNfa};
use super::texts::ForTexts;
use crate::core::base::error::TermError;

/// Building an NFA only fails if it would be too large.
impl From<BuildError> for TermError {
    fn from(_: BuildError) -> Self {
        TOO_LARGE
    }
}

/// The last character that was read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    /// None, or one after which any match may begin.
    Free,
    /// A word character before the match.
    WordBefore,
    Word,
    Other,
}

const LAST: usize = 4;

/// Follows the marks and removes them, except for the group of the expression itself.
pub fn tracked(nfa: &NFA, size_limit: usize) -> Result<NFA, TermError> {
    let numbers = vec![StateID::MAX; LAST * nfa.states().len()];
    let mut tracking = Tracking { nfa, builder: builder(size_limit)?, numbers, found: Vec::new() };
    let [anchored, unanchored] =
        [nfa.start_anchored(), nfa.start_unanchored()].map(|start| tracking.number(start, Last::Free));
    let mut built = 0;
    while let Some(&(state, last)) = tracking.found.get(built) {
        let number = tracking.state(state, last)?;
        debug_assert_eq!(number.as_usize(), built);
        built += 1;
    }
    let mut builder = tracking.builder;
    builder.finish_pattern(anchored)?;
    Ok(builder.build(anchored, unanchored)?)
}

/// The NFA for the reverse of all texts that an anchored search for the NFA accepts.
pub fn reversed(nfa: &NFA, size_limit: usize) -> Result<NFA, TermError> {
    let nfa = ReverseNfa::new(nfa, &ForTexts::Any);
    let mut builder = builder(size_limit)?;
    builder.set_reverse(true);
    // A state becomes a choice of all states that lead to it. The builder numbers these first.
    let mut numbers = Vec::with_capacity(nfa.states.len());
    let mut built = 0;
    for state in 0..nfa.states.len() {
        let looks = nfa.others(state).iter().filter(|(look, _)| look.is_some()).count();
        built += nfa.readers(state).len() + looks + usize::from(state == nfa.start as usize);
        numbers.push(StateID::must(built));
        built += 1;
    }
    for (state, &number) in numbers.iter().enumerate() {
        let mut choices = Vec::new();
        for &(start, end, from) in nfa.readers(state) {
            choices.push(builder.add_range(Transition { start, end, next: numbers[from as usize] })?);
        }
        for &(look, from) in nfa.others(state) {
            choices.push(match look {
                Some(look) => builder.add_look(numbers[from as usize], look.reversed())?,
                None => numbers[from as usize],
            });
        }
        if state == nfa.start as usize {
            choices.push(builder.add_match()?);
        }
        let union = builder.add_union(choices)?;
        debug_assert_eq!(union, number);
    }
    let accepting = nfa.states.iter().zip(&numbers).filter(|(state, _)| matches!(state, NfaState::Accept));
    let start = builder.add_union(accepting.map(|(_, &number)| number).collect())?;
    builder.finish_pattern(start)?;
    Ok(builder.build(start, start)?)
}

fn builder(size_limit: usize) -> Result<Builder, TermError> {
    let mut builder = Builder::new();
    builder.set_utf8(false);
    builder.set_size_limit(Some(size_limit))?;
    builder.start_pattern()?;
    Ok(builder)
}

/// A product that is being built.
struct Tracking<'n> {
    nfa: &'n NFA,
    builder: Builder,
    /// By state and last character: the number in the product.
    numbers: Vec<StateID>,
    /// By number. States are built in this order, so the builder gives them the same numbers.
    found: Vec<(StateID, Last)>,
}

impl Tracking<'_> {
    fn number(&mut self, state: StateID, last: Last) -> StateID {
        let number = &mut self.numbers[LAST * state.as_usize() + last as usize];
        if *number == StateID::MAX {
            *number = StateID::must(self.found.len());
            self.found.push((state, last));
        }
        *number
    }

    /// Builds one state.
    fn state(&mut self, state: StateID, last: Last) -> Result<StateID, TermError> {
        let nfa = self.nfa;
        Ok(match nfa.state(state) {
            State::ByteRange { trans } => self.read([*trans], last)?,
            State::Sparse(sparse) => self.read(sparse.transitions.iter().copied(), last)?,
            State::Dense(dense) => {
                let read = |byte| dense.matches_byte(byte).map(|next| Transition { start: byte, end: byte, next });
                self.read((0..=u8::MAX).filter_map(read), last)?
            }
            State::Look { look, next } => {
                let next = self.number(*next, last);
                self.builder.add_look(next, *look)?
            }
            State::Union { alternates } => self.choice(alternates, last)?,
            State::BinaryUnion { alt1, alt2 } => self.choice(&[*alt1, *alt2], last)?,
            State::Capture { next, group_index, slot, .. } => {
                let is_start = slot.as_usize().is_multiple_of(2);
                self.mark(group_index.as_u32(), is_start, *next, last)?
            }
            State::Match { .. } => self.builder.add_match()?,
            State::Fail => self.builder.add_fail()?,
        })
    }

    fn read(&mut self, ranges: impl IntoIterator<Item = Transition>, last: Last) -> Result<StateID, TermError> {
        let ranges = ranges.into_iter();
        let ranges = ranges.map(|range| Transition { next: self.number(range.next, last), ..range }).collect();
        Ok(self.builder.add_sparse(ranges)?)
    }

    fn choice(&mut self, choices: &[StateID], last: Last) -> Result<StateID, TermError> {
        let choices = choices.iter().map(|&next| self.number(next, last)).collect();
        Ok(self.builder.add_union(choices)?)
    }

    /// The start or end of a group.
    fn mark(&mut self, group: u32, is_start: bool, next: StateID, last: Last) -> Result<StateID, TermError> {
        let last_after = match group {
            WORD if is_start => (last != Last::WordBefore).then_some(Last::Word),
            OTHER if is_start => Some(Last::Other),
            WORD_BEFORE if is_start => Some(Last::WordBefore),
            AFTER_WORD if is_start => (last == Last::Word).then_some(last),
            AFTER_OTHER if is_start => (last == Last::Other).then_some(last),
            _ => Some(last),
        };
        let Some(last_after) = last_after else { return Ok(self.builder.add_fail()?) };
        let next = self.number(next, last_after);
        Ok(match (group, is_start) {
            (TERM, true) => self.builder.add_capture_start(next, TERM, None)?,
            (TERM, false) => self.builder.add_capture_end(next, TERM)?,
            _ => {
                let goto = self.builder.add_empty()?;
                self.builder.patch(goto, next)?;
                goto
            }
        })
    }
}
