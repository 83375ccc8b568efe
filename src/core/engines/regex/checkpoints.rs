//! Provides the sets of [`super::state_sets`] at each position of a part of a text, in little memory.
//!
//! Sets are found from right to left, but needed from left to right. So the part is read once, and the sets at
//! regular checkpoints are kept. Between two checkpoints the sets are found again when the search gets there. If two
//! checkpoints are too far apart for this, the text between them gets checkpoints of its own. Each level reads the
//! text once. There are two levels for a gigabyte of text and a usual expression.

use std::ops::Range;

use super::cancel::{CancelCheck, Stop};
use super::state_sets::{MemoryBudget, ReverseNfa, StateSetId, StateSets};

/// The most positions whose sets are known at the same time.
const POSITIONS_AT_ONCE: usize = 32 << 10;
/// The divisor for the budget of one level. There are rarely more than two.
const LEVEL_SHARE: usize = 8;

/// Sets at regular positions.
struct CheckpointLevel {
    range: Range<usize>,
    step: usize,
    /// The sets at `range.start + step`, at twice that, ..., and at `range.end`.
    sets: Vec<u64>,
}

/// The known sets of a part of a text.
#[derive(Default)]
pub struct Checkpoints {
    levels: Vec<CheckpointLevel>,
    /// The sets of consecutive positions from `start` on.
    start: usize,
    ids: Vec<StateSetId>,
    /// The number of positions whose sets are known at the same time, and the number of sets in a level.
    positions_at_once: usize,
    kept: usize,
}

impl Checkpoints {
    /// Begins a part of the text. No match continues after its end.
    pub fn begin(
        &mut self,
        reverse_nfa: &ReverseNfa,
        sets: &mut StateSets,
        text: &[u8],
        range: Range<usize>,
        budget: MemoryBudget,
    ) {
        let end = sets.at_end(reverse_nfa, reverse_nfa.looks_at(text, range.end));
        let bits = sets.bits(end).to_vec();
        self.positions_at_once = POSITIONS_AT_ONCE.min(sets.most() / 2).min(budget.sets);
        self.kept = (budget.bytes / LEVEL_SHARE / (8 * bits.len())).max(8).min(budget.sets);
        self.levels.clear();
        self.ids.clear();
        self.levels.push(CheckpointLevel { step: range.len(), range, sets: bits });
    }

    #[cfg(test)]
    pub fn bytes(&self) -> usize {
        self.levels.iter().map(|level| 8 * level.sets.capacity()).sum::<usize>() + 4 * self.ids.capacity()
    }

    /// The set at a position of the part. Positions must not decrease.
    #[inline]
    pub fn at(
        &mut self,
        reverse_nfa: &ReverseNfa,
        sets: &mut StateSets,
        text: &[u8],
        at: usize,
        cancel_check: &CancelCheck<'_>,
    ) -> Result<StateSetId, Stop> {
        if let Some(&set) = self.ids.get(at.wrapping_sub(self.start)) {
            return Ok(set);
        }
        self.go_to(reverse_nfa, sets, text, at, cancel_check)?;
        Ok(self.ids[at - self.start])
    }

    /// The known sets from a position on.
    pub fn from(&self, at: usize) -> &[StateSetId] {
        &self.ids[at - self.start..]
    }

    fn go_to(
        &mut self,
        reverse_nfa: &ReverseNfa,
        sets: &mut StateSets,
        text: &[u8],
        at: usize,
        cancel_check: &CancelCheck<'_>,
    ) -> Result<(), Stop> {
        // The set at the end of the part becomes known together with those before it.
        let at = at.min(self.levels[0].range.end - 1);
        while self.levels.len() > 1 && self.levels.last().is_some_and(|level| level.range.end <= at) {
            self.levels.pop();
        }
        loop {
            let words = sets.words();
            let level = self.levels.last().expect("there is at least one level");
            let number = (at - level.range.start) / level.step;
            let start = level.range.start + number * level.step;
            let part = start..(start + level.step).min(level.range.end);
            let end = level.sets[number * words..][..words].to_vec();
            if part.len() <= self.positions_at_once {
                return self.learn(reverse_nfa, sets, text, part, &end, cancel_check);
            }
            let level = self.divide(reverse_nfa, sets, text, part, &end, cancel_check)?;
            self.levels.push(level);
        }
    }

    /// Keeps the sets at regular positions of a part.
    fn divide(
        &self,
        reverse_nfa: &ReverseNfa,
        sets: &mut StateSets,
        text: &[u8],
        range: Range<usize>,
        end: &[u64],
        cancel_check: &CancelCheck<'_>,
    ) -> Result<CheckpointLevel, Stop> {
        let step = range.len().div_ceil(self.kept).max(self.positions_at_once);
        let words = end.len();
        let mut kept = vec![0; range.len().div_ceil(step) * words];
        let last = kept.len() - words;
        kept[last..].copy_from_slice(end);
        sets.reserve(1);
        let mut set = sets.intern(reverse_nfa, end);
        read(reverse_nfa, sets, text, range.clone(), &mut set, cancel_check, |sets, at, set| {
            if (at - range.start).is_multiple_of(step) && at > range.start {
                let number = (at - range.start) / step - 1;
                kept[number * words..][..words].copy_from_slice(sets.bits(set));
            }
        })?;
        Ok(CheckpointLevel { range, step, sets: kept })
    }

    /// Finds the set at each position of a part.
    fn learn(
        &mut self,
        reverse_nfa: &ReverseNfa,
        sets: &mut StateSets,
        text: &[u8],
        part: Range<usize>,
        end: &[u64],
        cancel_check: &CancelCheck<'_>,
    ) -> Result<(), Stop> {
        sets.reserve(part.len() + 1);
        let mut set = sets.intern(reverse_nfa, end);
        self.start = part.start;
        self.ids.clear();
        self.ids.resize(part.len() + 1, set);
        let ids = &mut self.ids;
        read(reverse_nfa, sets, text, part.clone(), &mut set, cancel_check, |_, at, set| ids[at - part.start] = set)
    }
}

/// Reads a part from right to left, and calls `each` with the set at each position.
fn read(
    reverse_nfa: &ReverseNfa,
    sets: &mut StateSets,
    text: &[u8],
    part: Range<usize>,
    set: &mut StateSetId,
    cancel_check: &CancelCheck<'_>,
    mut each: impl FnMut(&StateSets, usize, StateSetId),
) -> Result<(), Stop> {
    const CHECK_EVERY: usize = 16 << 10;
    let has_looks = reverse_nfa.has_looks();
    let mut end = part.end;
    while end > part.start {
        let start = part.start.max(end.saturating_sub(CHECK_EVERY));
        for at in (start..end).rev() {
            let holding = match has_looks {
                true => reverse_nfa.looks_at(text, at),
                false => regex_automata::util::look::LookSet::empty(),
            };
            let (before, work) = sets.before(reverse_nfa, *set, text[at], holding);
            *set = before;
            each(sets, at, before);
            if work > 0 {
                cancel_check.work(work)?;
            }
        }
        cancel_check.work(end - start)?;
        end = start;
    }
    Ok(())
}
