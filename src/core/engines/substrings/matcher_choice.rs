//! Chooses the matcher for the next slice of text: the one that was fastest so far.
//!
//! This depends on how common the literals are, on how often the text repeats itself, and on the machine. So each
//! worker measures, and keeps measuring. A sample shows whether literals are so rare that no trial is needed.
//! Otherwise each matcher is timed in a short trial. Results never depend on the choice.

use std::ops::Range;
use std::time::Duration;

/// A way to find literals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matcher {
    Teddy,
    QGrams,
    TransitionCache,
    AhoCorasick,
    /// Only if terms compete.
    Reverse,
}

impl Matcher {
    pub const ALL: [Self; 5] = [Self::Teddy, Self::QGrams, Self::TransitionCache, Self::AhoCorasick, Self::Reverse];

    /// The matchers that can serve.
    pub fn all(competes: bool) -> &'static [Self] {
        if competes { &Self::ALL } else { &Self::ALL[..4] }
    }

    /// The matcher for rare literals. Teddy is faster up to 16 literals, two in each of its eight buckets. With 100
    /// rare ones too many positions pass.
    pub fn for_rare(literals: usize) -> Self {
        if literals <= 16 { Self::Teddy } else { Self::QGrams }
    }

    /// The matchers for common literals, in the order in which they are tried.
    fn for_common(competes: bool) -> &'static [Self] {
        if competes { &[Self::Reverse] } else { &[Self::TransitionCache, Self::AhoCorasick] }
    }
}

/// How to choose the matcher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChoicePolicy {
    /// The fastest on the text.
    Best,
    /// For tests: always the same.
    Always(Matcher),
    /// For tests: one after another, a few bytes each.
    InTurn,
}

/// What the choice depends on, besides the text.
#[derive(Clone, Copy)]
pub struct ChoiceInput {
    pub choosing: ChoicePolicy,
    /// Whether terms compete.
    pub competes: bool,
    /// The length of the longest literal.
    pub longest: usize,
}

/// Bytes that one matcher scans before the next choice. Slices are longer if literals are long, since each slice
/// rescans the length of a literal.
const SLICE_BYTES: usize = 64 << 10;

/// By how much a matcher's time may have grown from one slice to the next. The worker may just have been interrupted,
/// but text can also become slow for the matcher that was fast.
const GROWTH: f64 = 1.25;

/// Bytes of a sample, and bytes between two samples.
const SAMPLE: usize = 4 << 10;
const BETWEEN_SAMPLES: usize = 4 << 20;

/// If fewer positions of a kilobyte pass, nothing is faster. With q-grams each passing position costs more.
const FEW_PASS: usize = 100;
const FEW_GRAMS_PASS: usize = 20;

/// Bytes after which the transition cache has learnt the text.
const LEARNT: usize = 512 << 10;

/// Bytes of a trial, and the fewest bytes that are timed.
const TRIAL: usize = 16 << 10;
const TIMED: usize = 8 << 10;

/// What a worker has measured.
#[derive(Default)]
pub struct MatcherChoice {
    /// Bytes until the next sample.
    left: usize,
    /// Whether literals were so rare in the last sample that no trial is needed.
    is_rare: bool,
    /// Whether the sample was in a script without spaces between words. There each character is a segment, so the
    /// transition cache is never worth it.
    is_wide: bool,
    /// Bytes that the transition cache has learnt from.
    learnt: usize,
    /// By matcher: nanoseconds per byte, the best so far, since a worker may be interrupted.
    times: [f64; 5],
    /// By matcher: whether it was timed since the last sample.
    is_timed: [bool; 5],
    /// Counts slices if matchers take turns.
    turn: usize,
}

impl MatcherChoice {
    /// The next slice of a text, from `start` on, and its matcher. `rare` returns the matcher for rare literals, if
    /// there is one that no text makes slow.
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

    /// `rare` is the matcher for rare literals, if there is one that no text makes slow. `common` are the others.
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

    /// Records how long a matcher took for `len` bytes, and how many positions passed its filter.
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
            // Old measurements count less and less.
            *known = if *known == 0.0 { time } else { time.min(*known * GROWTH) };
            self.is_timed[matcher as usize] = true;
        }
        self.left = self.left.saturating_sub(len);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scans `text` bytes with matchers of the given times per byte. Returns each matcher's share.
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
    fn rare_literals_need_no_trial_and_are_sampled_again() {
        let mut choice = MatcherChoice::default();
        assert!(shares(&mut choice, [9, 5, 2, 3], 1, 20 << 20)[1] > 0.999);
        assert!(shares(&mut choice, [9, 5, 2, 3], 150, 100 << 20)[2] > 0.9);
        assert!(shares(&mut choice, [9, 5, 2, 3], 1, 100 << 20)[1] > 0.9);
    }
}
