//! Chooses how the next documents are searched: word by word, or in one go for the literals of all globs.
//!
//! Looking up a word takes about as long as finding the literals in it with an automaton, if no literal occurs there.
//! But the words of a text may never repeat, and an automaton of a few literals is faster. So each worker measures, as
//! for [`substrings`](crate::core::engines::substrings). Results never depend on the choice.

use std::time::Duration;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Words,
    Documents,
}

/// How to choose the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WayPolicy {
    /// The fastest on the text.
    Best,
    /// For tests: always the same.
    Always(Way),
    /// For tests: one after another.
    InTurn,
}

/// Bytes of documents that are searched in one way before the next choice.
const SLICE_BYTES: usize = 64 << 10;

/// Bytes of a sample, and bytes between two samples.
const SAMPLE: usize = 4 << 10;
const BETWEEN_SAMPLES: usize = 4 << 20;

/// If the automaton finds fewer literals in a kilobyte, it is fastest, or nearly.
const FEW_LITERALS: usize = 4;

/// Bytes after which most words are cached.
const LEARNT: usize = 512 << 10;

/// Bytes of a trial, and the fewest bytes that are timed.
const TRIAL: usize = 16 << 10;
const TIMED: usize = 8 << 10;

/// By how much the time of a way may have grown from one slice to the next.
const GROWTH: f64 = 1.25;

/// What a worker has measured.
#[derive(Default)]
pub struct WayChoice {
    /// Bytes until the next sample.
    left: usize,
    /// Whether literals were rare in the last sample.
    is_rare: bool,
    /// Bytes of which words were cached.
    learnt: usize,
    /// By way: nanoseconds per byte, the best so far, and whether it was timed since the last sample.
    times: [f64; 2],
    is_timed: [bool; 2],
    /// Counts slices if ways take turns.
    turn: usize,
}

impl WayChoice {
    /// The way for the next documents, and about how many bytes of them.
    pub fn next(&mut self, policy: WayPolicy) -> (usize, Way) {
        match policy {
            WayPolicy::Best => self.best(),
            WayPolicy::Always(way) => (SLICE_BYTES, way),
            WayPolicy::InTurn => {
                self.turn += 1;
                (self.turn % 7 + 1, [Way::Words, Way::Documents][self.turn % 2])
            }
        }
    }

    fn best(&self) -> (usize, Way) {
        if self.left == 0 {
            return (SAMPLE, Way::Documents);
        }
        if self.is_rare {
            return (SLICE_BYTES, Way::Documents);
        }
        if self.learnt < LEARNT {
            return (SLICE_BYTES, Way::Words);
        }
        if let Some(untimed) = [Way::Words, Way::Documents].into_iter().find(|&way| !self.is_timed[way as usize]) {
            return (TRIAL, untimed);
        }
        let [words, documents] = self.times;
        (SLICE_BYTES, if words < documents { Way::Words } else { Way::Documents })
    }

    /// Records how long `bytes` bytes took, and how many literals were found in documents.
    pub fn record(&mut self, way: Way, bytes: usize, time: Duration, literals: usize) {
        let is_sample = self.left == 0;
        if is_sample {
            self.left = BETWEEN_SAMPLES;
            self.is_timed = [false; 2];
        }
        if way == Way::Words {
            self.learnt += bytes;
        } else if is_sample || bytes >= SAMPLE {
            self.is_rare = literals * 1024 < FEW_LITERALS * bytes;
        }
        if bytes >= TIMED && (way == Way::Documents || self.learnt >= LEARNT) {
            let (known, time) = (&mut self.times[way as usize], time.as_nanos() as f64 / bytes as f64);
            // Old measurements count less and less.
            *known = if *known == 0.0 { time } else { time.min(*known * GROWTH) };
            self.is_timed[way as usize] = true;
        }
        self.left = self.left.saturating_sub(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The share of the bytes that were searched word by word. `times` are nanoseconds per byte.
    fn share_of_words(choice: &mut WayChoice, times: [u64; 2], literals_of_a_kilobyte: usize, text: usize) -> f64 {
        let (mut done, mut words) = (0, 0);
        while done < text {
            let (bytes, way) = choice.next(WayPolicy::Best);
            let time = Duration::from_nanos(times[way as usize] * bytes as u64);
            choice.record(way, bytes, time, literals_of_a_kilobyte * bytes / 1024);
            words += if way == Way::Words { bytes } else { 0 };
            done += bytes;
        }
        words as f64 / done as f64
    }

    #[test]
    fn the_faster_way_gets_nearly_all() {
        let mut choice = WayChoice::default();
        assert!(share_of_words(&mut choice, [5, 100], 500, 100 << 20) > 0.99);
        assert!(share_of_words(&mut choice, [9, 5], 500, 100 << 20) < 0.1);
        assert!(share_of_words(&mut choice, [5, 9], 500, 100 << 20) > 0.9);
        assert!(share_of_words(&mut WayChoice::default(), [9, 5], 500, 100 << 20) < 0.02);
    }

    #[test]
    fn rare_literals_need_no_trial() {
        let mut choice = WayChoice::default();
        assert!(share_of_words(&mut choice, [2, 5], 1, 20 << 20) == 0.0);
        assert!(share_of_words(&mut choice, [2, 5], 500, 50 << 20) > 0.8);
    }
}
