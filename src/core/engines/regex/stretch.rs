//! The sets of [`super::reach`] at every place of a part of a text, within little memory.
//!
//! Sets are found from the end backwards, but wanted from the beginning on. So the part is read once and the set at every
//! so many bytes is kept; between two of these the sets are found again when the search comes there. Where even that is
//! too far to keep a set for each place, it is divided in the same way. Each level reads the text once, and there are
//! two for a gigabyte of text and an ordinary expression.

use std::ops::Range;

use super::reach::{Reach, Room, SetId, Sets};
use super::watch::{Stop, Watch};

/// How many places are known at once at most.
const PLACES: usize = 32 << 10;
/// Which part of the room one level may take. There are rarely more than two.
const LEVEL: usize = 8;

/// Sets at every so many places.
struct Level {
    range: Range<usize>,
    step: usize,
    /// One after another: the sets at `range.start + step`, twice that, ..., `range.end`.
    sets: Vec<u64>,
}

/// What is known of a part of a text.
#[derive(Default)]
pub struct Stretch {
    levels: Vec<Level>,
    /// The sets at the places from one on, as far as they are known.
    start: usize,
    ids: Vec<SetId>,
    /// How many places are known at once, and how many sets a level keeps.
    places: usize,
    kept: usize,
}

impl Stretch {
    /// Begins with a part of the text, after which no match goes on.
    pub fn begin(&mut self, reach: &Reach, sets: &mut Sets, text: &[u8], range: Range<usize>, room: Room) {
        let end = sets.at_end(reach, reach.looks_at(text, range.end));
        let bits = sets.bits(end).to_vec();
        self.places = PLACES.min(sets.most() / 2).min(room.sets);
        self.kept = (room.bytes / LEVEL / (8 * bits.len())).max(8).min(room.sets);
        self.levels.clear();
        self.ids.clear();
        self.levels.push(Level { step: range.len(), range, sets: bits });
    }

    #[cfg(test)]
    pub fn bytes(&self) -> usize {
        self.levels.iter().map(|level| 8 * level.sets.capacity()).sum::<usize>() + 4 * self.ids.capacity()
    }

    /// The set at a place of the part; places never fall.
    #[inline]
    pub fn at(
        &mut self,
        reach: &Reach,
        sets: &mut Sets,
        text: &[u8],
        at: usize,
        watch: &Watch<'_>,
    ) -> Result<SetId, Stop> {
        if let Some(&set) = self.ids.get(at.wrapping_sub(self.start)) {
            return Ok(set);
        }
        self.go_to(reach, sets, text, at, watch)?;
        Ok(self.ids[at - self.start])
    }

    /// The sets from a place on, as far as they are known.
    pub fn from(&self, at: usize) -> &[SetId] {
        &self.ids[at - self.start..]
    }

    fn go_to(
        &mut self,
        reach: &Reach,
        sets: &mut Sets,
        text: &[u8],
        at: usize,
        watch: &Watch<'_>,
    ) -> Result<(), Stop> {
        // The set at the end of the whole part is known with the places before it.
        let at = at.min(self.levels[0].range.end - 1);
        while self.levels.len() > 1 && self.levels.last().is_some_and(|level| level.range.end <= at) {
            self.levels.pop();
        }
        loop {
            let words = sets.words();
            let level = self.levels.last().expect("there is one level at least");
            let number = (at - level.range.start) / level.step;
            let start = level.range.start + number * level.step;
            let part = start..(start + level.step).min(level.range.end);
            let end = level.sets[number * words..][..words].to_vec();
            if part.len() <= self.places {
                return self.learn(reach, sets, text, part, &end, watch);
            }
            let level = self.divide(reach, sets, text, part, &end, watch)?;
            self.levels.push(level);
        }
    }

    /// Keeps sets at places of a part.
    fn divide(
        &self,
        reach: &Reach,
        sets: &mut Sets,
        text: &[u8],
        range: Range<usize>,
        end: &[u64],
        watch: &Watch<'_>,
    ) -> Result<Level, Stop> {
        let step = range.len().div_ceil(self.kept).max(self.places);
        let words = end.len();
        let mut kept = vec![0; range.len().div_ceil(step) * words];
        let last = kept.len() - words;
        kept[last..].copy_from_slice(end);
        sets.make_room(1);
        let mut set = sets.number(reach, end);
        read(reach, sets, text, range.clone(), &mut set, watch, |sets, at, set| {
            if (at - range.start).is_multiple_of(step) && at > range.start {
                let number = (at - range.start) / step - 1;
                kept[number * words..][..words].copy_from_slice(sets.bits(set));
            }
        })?;
        Ok(Level { range, step, sets: kept })
    }

    /// Finds the set at each place of a part.
    fn learn(
        &mut self,
        reach: &Reach,
        sets: &mut Sets,
        text: &[u8],
        part: Range<usize>,
        end: &[u64],
        watch: &Watch<'_>,
    ) -> Result<(), Stop> {
        sets.make_room(part.len() + 1);
        let mut set = sets.number(reach, end);
        self.start = part.start;
        self.ids.clear();
        self.ids.resize(part.len() + 1, set);
        let ids = &mut self.ids;
        read(reach, sets, text, part.clone(), &mut set, watch, |_, at, set| ids[at - part.start] = set)
    }
}

/// Reads a part backwards and says which set is at each place.
fn read(
    reach: &Reach,
    sets: &mut Sets,
    text: &[u8],
    part: Range<usize>,
    set: &mut SetId,
    watch: &Watch<'_>,
    mut each: impl FnMut(&Sets, usize, SetId),
) -> Result<(), Stop> {
    const AT_ONCE: usize = 16 << 10;
    let has_looks = reach.has_looks();
    let mut end = part.end;
    while end > part.start {
        let start = part.start.max(end.saturating_sub(AT_ONCE));
        for at in (start..end).rev() {
            let holding = match has_looks {
                true => reach.looks_at(text, at),
                false => regex_automata::util::look::LookSet::empty(),
            };
            let (before, work) = sets.before(reach, *set, text[at], holding);
            *set = before;
            each(sets, at, before);
            if work > 0 {
                watch.work(work)?;
            }
        }
        watch.work(end - start)?;
        end = start;
    }
    Ok(())
}
