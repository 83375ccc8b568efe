//! The NFA of an expression with marks ([`super::ends`]), in which each state knows the class of the last character.
//!
//! It is the product of the expression's NFA and a small automaton that reads the marks. The order of choices stays
//! the same. So a search prefers the same matches as without marks, among those that the boundaries allow.

use regex_automata::nfa::thompson::{BuildError, Builder, NFA, State, Transition};
use regex_automata::util::primitives::StateID;

use super::ends::{AFTER_OTHER, AFTER_WORD, OTHER, TERM, WORD, WORD_BEFORE};
use super::state_sets::{NfaState, ReverseNfa};

/// The NFA would be larger than the limit.
pub struct TooLarge;

impl From<BuildError> for TooLarge {
    fn from(_: BuildError) -> Self {
        Self
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
pub fn tracked(nfa: &NFA, size_limit: usize) -> Result<NFA, TooLarge> {
    let mut tracking = Tracking {
        nfa,
        builder: builder(size_limit)?,
        numbers: vec![StateID::MAX; LAST * nfa.states().len()],
        pending: Vec::new(),
    };
    let [anchored, unanchored] =
        [nfa.start_anchored(), nfa.start_unanchored()].map(|start| tracking.number(start, Last::Free));
    let (anchored, unanchored) = (anchored?, unanchored?);
    while let Some((state, last, number)) = tracking.pending.pop() {
        let built = tracking.state(state, last)?;
        tracking.builder.patch(number, built)?;
    }
    let mut builder = tracking.builder;
    builder.finish_pattern(anchored)?;
    Ok(builder.build(anchored, unanchored)?)
}

/// The NFA for the reverse of all texts that an anchored search for the NFA accepts.
pub fn reversed(nfa: &NFA, size_limit: usize) -> Result<NFA, TooLarge> {
    let nfa = ReverseNfa::new(nfa);
    let mut builder = builder(size_limit)?;
    builder.set_reverse(true);
    let numbers = nfa.states.iter().map(|_| Ok(builder.add_empty()?)).collect::<Result<Vec<_>, TooLarge>>()?;
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
        builder.patch(number, union)?;
    }
    let accepting = nfa.states.iter().zip(&numbers).filter(|(state, _)| matches!(state, NfaState::Accept));
    let start = accepting.map(|(_, &number)| number).collect();
    let start = builder.add_union(start)?;
    builder.finish_pattern(start)?;
    Ok(builder.build(start, start)?)
}

fn builder(size_limit: usize) -> Result<Builder, TooLarge> {
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
    /// The states that are not built yet.
    pending: Vec<(StateID, Last, StateID)>,
}

impl Tracking<'_> {
    fn number(&mut self, state: StateID, last: Last) -> Result<StateID, TooLarge> {
        let index = LAST * state.as_usize() + last as usize;
        if self.numbers[index] == StateID::MAX {
            // The builder removes it in the end.
            self.numbers[index] = self.builder.add_empty()?;
            self.pending.push((state, last, self.numbers[index]));
        }
        Ok(self.numbers[index])
    }

    fn state(&mut self, state: StateID, last: Last) -> Result<StateID, TooLarge> {
        let nfa = self.nfa;
        match nfa.state(state) {
            State::ByteRange { trans } => self.read([*trans], last),
            State::Sparse(sparse) => self.read(sparse.transitions.iter().copied(), last),
            State::Dense(dense) => self.read(
                (0..=u8::MAX).filter_map(|byte| {
                    dense.matches_byte(byte).map(|next| Transition { start: byte, end: byte, next })
                }),
                last,
            ),
            State::Look { look, next } => {
                let next = self.number(*next, last)?;
                Ok(self.builder.add_look(next, *look)?)
            }
            State::Union { alternates } => self.choice(alternates, last),
            State::BinaryUnion { alt1, alt2 } => self.choice(&[*alt1, *alt2], last),
            State::Capture { next, group_index, slot, .. } => {
                let (group, is_start) = (group_index.as_u32(), slot.as_usize() % 2 == 0);
                if group == TERM {
                    let next = self.number(*next, last)?;
                    return Ok(match is_start {
                        true => self.builder.add_capture_start(next, TERM, None)?,
                        false => self.builder.add_capture_end(next, TERM)?,
                    });
                }
                let last = match group {
                    _ if !is_start => Some(last),
                    WORD => Some(Last::Word).filter(|_| last != Last::WordBefore),
                    OTHER => Some(Last::Other),
                    WORD_BEFORE => Some(Last::WordBefore),
                    AFTER_WORD => Some(last).filter(|&last| last == Last::Word),
                    AFTER_OTHER => Some(last).filter(|&last| last == Last::Other),
                    _ => Some(last),
                };
                match last {
                    Some(last) => self.number(*next, last),
                    None => Ok(self.builder.add_fail()?),
                }
            }
            State::Match { .. } => Ok(self.builder.add_match()?),
            State::Fail => Ok(self.builder.add_fail()?),
        }
    }

    fn read(&mut self, ranges: impl IntoIterator<Item = Transition>, last: Last) -> Result<StateID, TooLarge> {
        let ranges = ranges.into_iter().map(|range| Ok(Transition { next: self.number(range.next, last)?, ..range }));
        let ranges = ranges.collect::<Result<_, TooLarge>>()?;
        Ok(self.builder.add_sparse(ranges)?)
    }

    fn choice(&mut self, choices: &[StateID], last: Last) -> Result<StateID, TooLarge> {
        let choices = choices.iter().map(|&next| self.number(next, last)).collect::<Result<_, _>>()?;
        Ok(self.builder.add_union(choices)?)
    }
}
