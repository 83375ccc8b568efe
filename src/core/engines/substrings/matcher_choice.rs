//! Which matcher goes through a stretch of text: the one that was fastest on the text so far.
//!
//! Which is fastest depends on how common the literals are, on whether pieces of text come again, and on the machine: a
//! worker finds out by trying, and goes on finding out. A sample tells at once where literals are so rare that nothing else
//! need be tried; else each matcher is timed on a short trial. What is found never depends on the choice.

use std::ops::Range;
use std::time::Duration;

/// A way to find literals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matcher {
    Teddy,
    QGrams,
    TransitionCache,
    AhoCorasick,
    /// Only where terms compete.
    Reverse,
}

impl Matcher {
    pub const ALL: [Self; 5] = [Self::Teddy, Self::QGrams, Self::TransitionCache, Self::AhoCorasick, Self::Reverse];

    /// Those that can serve, where terms compete or not.
    pub fn all(competes: bool) -> &'static [Self] {
        if competes { &Self::ALL } else { &Self::ALL[..4] }
    }

    /// The one for so many literals where they are rare. Up to 16 the filter is faster, whose eight buckets then hold two
    /// each; with 100 rare ones it lets too much pass.
    pub fn for_rare(literals: usize) -> Self {
        if literals <= 16 { Self::Teddy } else { Self::QGrams }
    }

    /// Those for literals where they are common, in the order in which they are tried.
    fn for_common(competes: bool) -> &'static [Self] {
        if competes { &[Self::Reverse] } else { &[Self::TransitionCache, Self::AhoCorasick] }
    }
}

/// How a matcher is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChoicePolicy {
    /// By what is fastest on the text.
    Best,
    /// For tests, always one.
    Always(Matcher),
    /// For tests, one after another, a few bytes each.
    InTurn,
}

/// What is to be chosen for.
#[derive(Clone, Copy)]
pub struct ChoiceInput {
    pub choosing: ChoicePolicy,
    /// Whether terms compete.
    pub competes: bool,
    /// Bytes of the longest.
    pub longest: usize,
}

/// Text that one matcher goes through before the choice is made again; more where literals are so long that what is
/// gone through twice, as far back as one of them can reach, would weigh.
const SLICE_BYTES: usize = 64 << 10;

/// By how much a matcher's time is taken to have grown at most, from one stretch to the next: a worker may have been held up,
/// but text may also be made to become slow for the matcher that was fast.
const GROWTH: f64 = 1.25;

/// Text that tells how many literals there are, and how much of it is between two samples.
const SAMPLE: usize = 4 << 10;
const BETWEEN_SAMPLES: usize = 4 << 20;

/// Where fewer places of a kilobyte pass the filter, or the one of grams, each of which costs more, nothing is faster.
const FEW_PASS: usize = 100;
const FEW_GRAMS_PASS: usize = 20;

/// Text from which a memo has learnt what it is good for.
const LEARNT: usize = 512 << 10;

/// Text of a trial, and the least that is timed.
const TRIAL: usize = 16 << 10;
const TIMED: usize = 8 << 10;

/// What a worker has seen of the text.
#[derive(Default)]
pub struct MatcherChoice {
    /// Text until the next sample.
    left: usize,
    /// Whether the last sample held so few literals that nothing else need be tried.
    is_rare: bool,
    /// Whether it was of a script that does not part words: there every character is a piece, and the memo never pays.
    is_wide: bool,
    /// Text that the memo has learnt from.
    learnt: usize,
    /// By matcher: nanoseconds a byte at its best, since a worker may have been held up.
    times: [f64; 5],
    /// By matcher: whether it was timed since the last sample.
    is_timed: [bool; 5],
    /// Counts stretches where matchers take turns.
    turn: usize,
}

impl MatcherChoice {
    /// The next stretch of a text, from `start` on, and the matcher for it. `rare` tells the one for literals that are
    /// rare, if there is one that no text makes slow.
    pub fn next(
        &mut self,
        literals: ChoiceInput,
        rare: impl FnOnce() -> Option<Matcher>,
        text: &[u8],
        start: usize,
    ) -> (Range<usize>, Matcher) {
        let slice = (4 * literals.longest).max(SLICE_BYTES);
        let (len, matcher) = match literals.choosing {
            ChoicePolicy::Best => self.best(rare(), Matcher::for_common(literals.competes), slice),
            ChoicePolicy::Always(matcher) => (slice, matcher),
            ChoicePolicy::InTurn => {
                self.turn += 1;
                let all = Matcher::all(literals.competes);
                (self.turn % 7 + 1, all[self.turn % all.len()])
            }
        };
        let slice = start..text.len().min(start + len);
        if self.left == 0 {
            let wide = text[slice.clone()].iter().filter(|&&byte| byte >= 0xE3).count();
            self.is_wide = 6 * wide > slice.len();
        }
        (slice, matcher)
    }

    /// `rare` is for literals that are rare, if there is one that no text makes slow; `common` are for others.
    fn best(&self, rare: Option<Matcher>, common: &[Matcher], slice: usize) -> (usize, Matcher) {
        let tried = || {
            let for_common =
                common.iter().copied().filter(|&matcher| matcher != Matcher::TransitionCache || !self.is_wide);
            rare.into_iter().chain(for_common)
        };
        let first = tried().next().unwrap_or(Matcher::AhoCorasick);
        if self.left == 0 {
            return (SAMPLE, first);
        }
        if self.is_rare {
            return (slice, first);
        }
        if self.learnt < LEARNT && tried().any(|matcher| matcher == Matcher::TransitionCache) {
            return (slice, Matcher::TransitionCache);
        }
        if let Some(untimed) = tried().find(|&matcher| !self.is_timed[matcher as usize]) {
            return (TRIAL, untimed);
        }
        let faster = |a: Matcher, b: Matcher| if self.times[b as usize] < self.times[a as usize] { b } else { a };
        (slice, tried().fold(first, faster))
    }

    /// Takes in how long a matcher took for so much text, and how many places passed its filter.
    pub fn record(&mut self, matcher: Matcher, len: usize, time: Duration, passed: usize) {
        let is_sample = self.left == 0;
        if is_sample {
            self.left = BETWEEN_SAMPLES;
            self.is_timed = [false; 5];
        }
        match matcher {
            Matcher::Teddy if is_sample || len >= SAMPLE => self.is_rare = passed * 1024 < FEW_PASS * len,
            Matcher::QGrams if is_sample || len >= SAMPLE => self.is_rare = passed * 1024 < FEW_GRAMS_PASS * len,
            Matcher::TransitionCache => self.learnt += len,
            _ => {}
        }
        if len >= TIMED && (matcher != Matcher::TransitionCache || self.learnt >= LEARNT) {
            let (known, time) = (&mut self.times[matcher as usize], time.as_nanos() as f64 / len as f64);
            // What was measured long ago is trusted less and less.
            *known = if *known == 0.0 { time } else { time.min(*known * GROWTH) };
            self.is_timed[matcher as usize] = true;
        }
        self.left = self.left.saturating_sub(len);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goes through so much text of which each matcher takes some time a byte; returns how much of it each got.
    fn shares(choice: &mut MatcherChoice, times: [u64; 4], passed_of_a_kilobyte: usize, text: usize) -> [f64; 4] {
        let mut shares = [0.0; 4];
        let common = [Matcher::TransitionCache, Matcher::AhoCorasick];
        let mut done = 0;
        while done < text {
            let (len, matcher) = choice.best(Some(Matcher::QGrams), &common, SLICE_BYTES);
            let time = Duration::from_nanos(times[matcher as usize] * len as u64);
            choice.record(matcher, len, time, passed_of_a_kilobyte * len / 1024);
            shares[matcher as usize] += len as f64 / text as f64;
            done += len;
        }
        shares
    }

    #[test]
    fn the_fastest_gets_nearly_all() {
        for (times, fastest) in [([9, 5, 2, 3], 2), ([9, 5, 3, 2], 3), ([9, 2, 5, 3], 1)] {
            assert!(shares(&mut MatcherChoice::default(), times, 150, 100 << 20)[fastest] > 0.97);
        }
        let mut choice = MatcherChoice { is_wide: true, ..MatcherChoice::default() };
        assert_eq!(shares(&mut choice, [9, 5, 2, 3], 150, 10 << 20)[2], 0.0);
    }

    #[test]
    fn what_is_sparse_needs_no_trial_and_is_looked_at_again() {
        let mut choice = MatcherChoice::default();
        assert!(shares(&mut choice, [9, 5, 2, 3], 1, 20 << 20)[1] > 0.999);
        assert!(shares(&mut choice, [9, 5, 2, 3], 150, 100 << 20)[2] > 0.9);
        assert!(shares(&mut choice, [9, 5, 2, 3], 1, 100 << 20)[1] > 0.9);
    }
}
