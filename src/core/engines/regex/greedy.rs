//! Matches in time linear in the text, whatever the expression: no search goes further than the match that it finds.
//!
//! [`super::stretch`] tells at each place from which states a match can be completed. So a match begins at the first place
//! where that holds for the start state, and it is found by following at each place the first choice that can still
//! succeed, which is the match that a backtracking search finds.

use std::ops::Range;

use super::reach::{Reach, Room, SetId, Sets, Step};
use super::stretch::Stretch;
use super::watch::{Stop, Watch};

/// What searches of an expression leave to later ones.
#[derive(Default)]
pub struct Buffers {
    is_ready: bool,
    sets: Sets,
    stretch: Stretch,
    stack: Vec<u32>,
    /// By state: the last place at which its choices were taken.
    seen: Vec<usize>,
}

/// Bytes that are kept between texts.
const KEPT: usize = 256 << 10;

impl Buffers {
    #[cfg(test)]
    pub fn bytes(&self) -> usize {
        self.sets.bytes() + self.stretch.bytes() + 8 * self.seen.capacity()
    }

    /// Gives memory back that the next text will hardly need.
    pub fn shrink(&mut self) {
        self.stretch = Stretch::default();
        if self.sets.bytes() > KEPT {
            *self = Self::default();
        }
    }
}

/// A search in a part of a text.
pub struct Greedy<'g> {
    pub reach: &'g Reach,
    pub text: &'g [u8],
    pub watch: &'g Watch<'g>,
    pub buffers: &'g mut Buffers,
}

impl Greedy<'_> {
    /// Begins with a part of the text, after which no match goes on.
    pub fn begin(&mut self, part: Range<usize>, room: Room) {
        let Buffers { is_ready, sets, stretch, seen, .. } = &mut *self.buffers;
        if !std::mem::replace(is_ready, true) {
            sets.reset(self.reach, room);
        }
        seen.clear();
        seen.resize(self.reach.steps.len(), usize::MAX);
        stretch.begin(self.reach, sets, self.text, part, room);
    }

    /// The first match that begins in a range, which is of the part, where one may begin.
    pub fn next(
        &mut self,
        may_begin: impl Fn(usize) -> bool,
        range: Range<usize>,
    ) -> Result<Option<(usize, usize)>, Stop> {
        let mut at = range.start;
        while at < range.end {
            self.set(at)?;
            let Buffers { sets, stretch, .. } = &*self.buffers;
            let known = stretch.from(at);
            let known = &known[..known.len().min(range.end - at)];
            let mut starts = known.iter().enumerate().filter(|&(_, &set)| sets.starts(set)).map(|(i, _)| at + i);
            let start = starts.find(|&start| may_begin(start));
            self.watch.work(start.map_or(known.len(), |start| start + 1 - at))?;
            match start {
                Some(start) => return Ok(Some((start, self.end(start)?))),
                None => at += known.len(),
            }
        }
        Ok(None)
    }

    /// Where the match ends that begins at a place. There is one.
    pub fn end(&mut self, start: usize) -> Result<usize, Stop> {
        let (mut at, mut state) = (start, self.reach.start);
        loop {
            let set = self.set(at)?;
            let Some(reader) = self.choose(set, state, at)? else { break };
            let Step::Read(ranges) = &self.reach.steps[reader as usize] else { unreachable!("a state that reads") };
            // There is such a range, unless someone has written to the text since it was read backwards.
            let Some(&byte) = self.text.get(at) else { break };
            let Some(&(.., next)) = ranges.get(ranges.partition_point(|&(_, high, _)| high < byte)) else { break };
            state = next;
            at += 1;
        }
        Ok(at.max(start + 1))
    }

    #[inline]
    fn set(&mut self, at: usize) -> Result<SetId, Stop> {
        let Buffers { sets, stretch, .. } = &mut *self.buffers;
        stretch.at(self.reach, sets, self.text, at, self.watch)
    }

    /// The state that reads the next byte on the preferred way from a state to a match; none if the expression ends here.
    fn choose(&mut self, set: SetId, state: u32, at: usize) -> Result<Option<u32>, Stop> {
        let Buffers { sets, stack, seen, .. } = &mut *self.buffers;
        stack.clear();
        stack.push(state);
        while let Some(state) = stack.pop() {
            self.watch.work(1)?;
            if !sets.contains(set, state) {
                continue;
            }
            match &self.reach.steps[state as usize] {
                Step::Read(_) => return Ok(Some(state)),
                // The context behind is found as well, or this state would not be in the set.
                Step::End(_) | Step::Accept => return Ok(None),
                Step::Choice(choices) => {
                    // A loop that reads nothing is not taken twice.
                    if std::mem::replace(&mut seen[state as usize], at) != at {
                        stack.extend(choices.iter().rev());
                    }
                }
                Step::Look(look, next) => {
                    if self.reach.looks_at(self.text, at).contains(*look) {
                        stack.push(*next);
                    }
                }
                Step::Fail => {}
            }
        }
        // Each state of the set leads to a match, unless someone has written to the text: then the match ends here.
        Ok(None)
    }
}
