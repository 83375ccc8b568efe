//! Greedy matching in time linear in the text, for all expressions: no search reads beyond the match that it finds.
//!
//! [`super::checkpoints`] knows at each position the states from which a match can be completed. A match begins at
//! the first position where the start state is one of them. Its end is found by following, at each position, the
//! first choice that can still succeed. This is the match that a backtracking search finds.

use std::ops::Range;

use super::cancel::{CancelCheck, Stop};
use super::checkpoints::Checkpoints;
use super::state_sets::{MemoryBudget, NfaState, ReverseNfa, StateSetId, StateSets};

/// Memory that searches of an expression leave to later ones.
#[derive(Default)]
pub struct GreedyScratch {
    /// What the sets were prepared for.
    budget: Option<MemoryBudget>,
    sets: StateSets,
    checkpoints: Checkpoints,
    stack: Vec<u32>,
    /// By state: the last step that tried its choices.
    visited: Vec<usize>,
    /// The number of the current step.
    step: usize,
}

/// Bytes that are kept between texts.
const KEPT_BYTES: usize = 8 << 20;

impl GreedyScratch {
    #[cfg(test)]
    pub fn bytes(&self) -> usize {
        self.sets.bytes() + self.checkpoints.bytes() + 8 * self.visited.capacity()
    }

    /// The memory that later searches find.
    pub fn kept_bytes(&self) -> usize {
        self.sets.bytes() + size_of::<usize>() * self.visited.capacity()
    }

    /// Frees memory that the next text probably does not need.
    pub fn shrink(&mut self) {
        self.checkpoints = Checkpoints::default();
        if self.sets.bytes() > KEPT_BYTES {
            *self = Self::default();
        }
    }
}

/// A search in a part of a text.
pub struct Greedy<'g> {
    pub reverse_nfa: &'g ReverseNfa,
    pub text: &'g [u8],
    pub cancel_check: &'g CancelCheck<'g>,
    pub scratch: &'g mut GreedyScratch,
}

impl Greedy<'_> {
    /// Begins a part of the text. No match continues after its end.
    pub fn begin(&mut self, part: Range<usize>, budget: MemoryBudget) {
        let GreedyScratch { budget: prepared, sets, checkpoints, visited, step, .. } = &mut *self.scratch;
        if prepared.replace(budget) != Some(budget) {
            sets.reset(self.reverse_nfa, budget);
        }
        visited.clear();
        visited.resize(self.reverse_nfa.states.len(), 0);
        *step = 0;
        checkpoints.begin(self.reverse_nfa, sets, self.text, part, budget);
    }

    /// The start of the first match that begins in a range of the part, where `may_begin` allows it.
    pub fn next_start(
        &mut self,
        may_begin: impl Fn(usize) -> bool,
        range: Range<usize>,
    ) -> Result<Option<usize>, Stop> {
        let mut at = range.start;
        while at < range.end {
            self.set(at)?;
            let GreedyScratch { sets, checkpoints, .. } = &*self.scratch;
            let known = checkpoints.from(at);
            let known = &known[..known.len().min(range.end - at)];
            let mut starts = known.iter().enumerate().filter(|&(_, &set)| sets.starts(set)).map(|(i, _)| at + i);
            let start = starts.find(|&start| may_begin(start));
            self.cancel_check.work(start.map_or(known.len(), |start| start + 1 - at))?;
            if start.is_some() {
                return Ok(start);
            }
            at += known.len();
        }
        Ok(None)
    }

    /// The end of the match that begins at `start`. There must be one. `None` if it ends after `most`.
    pub fn end(&mut self, start: usize, most: usize) -> Result<Option<usize>, Stop> {
        let (mut at, mut state) = (start, self.reverse_nfa.start);
        loop {
            let set = self.set(at)?;
            let Some(reader) = self.choose(set, state, at)? else { break };
            if at >= most {
                return Ok(None);
            }
            let NfaState::Read(ranges) = &self.reverse_nfa.states[reader as usize] else {
                unreachable!("a state that reads")
            };
            // There is such a range, unless another thread wrote to the text since it was read from right to left.
            let Some(&byte) = self.text.get(at) else { break };
            let Some(&(.., next)) = ranges.get(ranges.partition_point(|&(_, high, _)| high < byte)) else { break };
            state = next;
            at += 1;
        }
        Ok(Some(at.max(start + 1)))
    }

    #[inline]
    fn set(&mut self, at: usize) -> Result<StateSetId, Stop> {
        let GreedyScratch { sets, checkpoints, .. } = &mut *self.scratch;
        checkpoints.at(self.reverse_nfa, sets, self.text, at, self.cancel_check)
    }

    /// The state that reads the next byte on the preferred path from a state to a match. `None` if the expression
    /// ends here.
    fn choose(&mut self, set: StateSetId, state: u32, at: usize) -> Result<Option<u32>, Stop> {
        let GreedyScratch { sets, stack, visited, step, .. } = &mut *self.scratch;
        *step += 1;
        stack.clear();
        stack.push(state);
        while let Some(state) = stack.pop() {
            self.cancel_check.work(1)?;
            if !sets.contains(set, state) {
                continue;
            }
            match &self.reverse_nfa.states[state as usize] {
                NfaState::Read(_) => return Ok(Some(state)),
                // The context after it matches too, or this state would not be in the set.
                NfaState::End(_) | NfaState::Accept => return Ok(None),
                NfaState::Choice(choices) => {
                    // A loop that reads nothing is not taken twice.
                    if std::mem::replace(&mut visited[state as usize], *step) != *step {
                        stack.extend(choices.iter().rev());
                    }
                }
                NfaState::Look(look, next) => {
                    if self.reverse_nfa.looks_at(self.text, at).contains(*look) {
                        stack.push(*next);
                    }
                }
                NfaState::Fail => {}
            }
        }
        // Each state of the set leads to a match, unless another thread wrote to the text. Then the match ends here.
        Ok(None)
    }
}
