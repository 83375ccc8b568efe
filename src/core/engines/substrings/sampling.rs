//! Chooses the q-grams of literals that [`super::qgrams`] looks for, and at how many positions of the text.
//!
//! The longer the step, the fewer positions, but the more q-grams of each literal, and the shorter they are. A literal
//! that is too short for a step may enter with 256 q-grams, one for each byte before or after it. So a few short
//! literals do not make the step short for all.
//!
//! Each literal enters its rarest q-grams. How rare they are is estimated from a sample of the text, from the
//! frequencies of single bytes, and from the literals that share them: bytes that many literals share will be common
//! in the text too.

use crate::core::engines::byte_rates::rate;
use crate::core::engines::engine::padded;

/// The largest step.
const MOST_STEPS: usize = 4;

/// Up to this many literals, q-grams of four bytes are long enough.
const FEW_LITERALS: usize = 300;

/// How many q-grams may be added for literals that are too short for a step, and how many more for each literal.
const ADDED: usize = 8 << 10;
const ADDED_EACH: usize = 1;

/// The positions of a text that are looked at, and how many bytes there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sampling {
    pub step: usize,
    /// The length of a q-gram.
    pub size: usize,
    /// Whether positions are those where characters outside ASCII begin, instead of every `step`th position.
    pub by_char: bool,
}

impl Sampling {
    pub fn new<'l>(literals: impl Iterator<Item = &'l [u8]> + Clone) -> Self {
        let number = literals.clone().count();
        let shortest = literals.clone().map(<[u8]>::len).min().unwrap_or(1);
        // Shorter q-grams allow a longer step, but match at more positions. For 1,000 literals of at least six bytes,
        // four bytes at every third position gave 1.3 GB/s, five at every second 1.45. For 100 literals it was 2.8
        // and 2.2. In Japanese, where five bytes are more than one character, it was 0.8 and 1.0.
        let least = if number <= FEW_LITERALS && literals.clone().all(<[u8]>::is_ascii) { 4 } else { 5 };
        let step = (shortest + 1).saturating_sub(least).clamp(1, MOST_STEPS);
        let begins_wide = |literal: &[u8]| literal.first().is_some_and(|&byte| byte >= 0xE0);
        if step <= 3 && literals.clone().all(begins_wide) {
            return Self { step: 1, size: shortest.min(8), by_char: true };
        }
        let added = |step: usize| {
            literals
                .clone()
                .map(|literal| Self { step, size: least, by_char: false }.added(literal))
                .sum::<Option<usize>>()
        };
        let is_worth_it = |&step: &usize| added(step).is_some_and(|added| added <= ADDED + ADDED_EACH * number);
        match (step + 1..=MOST_STEPS).rev().find(is_worth_it) {
            Some(step) => Self { step, size: least, by_char: false },
            None => Self { step, size: (shortest - step + 1).min(8), by_char: false },
        }
    }

    /// How many q-grams of a literal begin before it or end after it.
    fn outside(self, literal: &[u8]) -> usize {
        (self.size + self.step - 1).saturating_sub(literal.len())
    }

    /// The number of q-grams for those. `None` if one byte before or after the literal is not enough.
    fn added(self, literal: &[u8]) -> Option<usize> {
        let outside = self.outside(literal);
        (outside <= 2 && literal.len() + 1 >= self.size).then_some(256 * outside)
    }

    /// The position of the first q-gram in a literal. It has `step` of them, one after another. The first position can
    /// be -1.
    pub fn first_offset(self, literal: &[u8], rarity: &Rarity) -> isize {
        let Self { step, size, by_char } = self;
        match self.outside(literal) {
            0 => {}
            1 => return 0,
            _ => return -1,
        }
        let cost = |at: usize| (at..at + step).map(|at| rarity.cost(&literal[at..at + size])).sum::<u64>();
        (0..(literal.len() + 2 - size - step).min(64 - step))
            .filter(|&at| !by_char || literal[at] >= 0xC0)
            .min_by_key(|&at| cost(at))
            .unwrap_or(0) as isize
    }
}

/// How often q-grams occur, as far as this is known.
pub struct Rarity {
    counts: Vec<u32>,
    factor: u64,
    shift: u32,
}

impl Rarity {
    /// The bits of the table of counts. Few q-grams of a sample share an entry.
    const BITS: u32 = 18;
    const MOST_BITS: u32 = 20;
    /// An occurrence in a sample of this many bytes costs more than another literal with the q-gram, which is
    /// compared only where the q-gram occurs.
    const SAMPLE: usize = 64 << 10;
    const OCCURRENCE: usize = 128;
    /// The cost of a q-gram that occurs at each position by the frequencies of its bytes. In a sample it would be half
    /// of that.
    const EVERYWHERE: f64 = (2 * Self::SAMPLE * Self::OCCURRENCE) as f64;

    /// For q-grams of literals. `odd` is a random odd number.
    pub fn new<'l>(literals: impl Iterator<Item = &'l [u8]> + Clone, size: usize, odd: u64, sample: &[u8]) -> Self {
        let qgrams = literals.clone().map(|literal| literal.len().min(64)).sum::<usize>();
        let bits = (2 * qgrams).next_power_of_two().trailing_zeros().clamp(Self::BITS, Self::MOST_BITS);
        let mut rarity = Self { counts: vec![0; 1 << bits], factor: odd << (64 - 8 * size), shift: 64 - bits };
        for literal in literals {
            literal.windows(size).take(64).for_each(|qgram| rarity.add(u64::from_le_bytes(padded(qgram)), 1));
        }
        let weight = Self::OCCURRENCE * Self::SAMPLE / sample.len().max(Self::SAMPLE / 16);
        for qgram in sample.windows(8) {
            rarity.add(u64::from_le_bytes(*qgram.first_chunk().expect("eight bytes")), weight as u32);
        }
        rarity
    }

    fn slot(&self, qgram: u64) -> usize {
        (qgram.wrapping_mul(self.factor) >> self.shift) as usize
    }

    fn add(&mut self, qgram: u64, weight: u32) {
        let slot = self.slot(qgram);
        let count = &mut self.counts[slot];
        *count = count.saturating_add(weight);
    }

    fn cost(&self, qgram: &[u8]) -> u64 {
        u64::from(self.counts[self.slot(u64::from_le_bytes(padded(qgram)))]) + (rate(qgram) * Self::EVERYWHERE) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sampling(literals: &[&str]) -> (usize, usize, bool) {
        let Sampling { step, size, by_char } = Sampling::new(literals.iter().map(|literal| literal.as_bytes()));
        (step, size, by_char)
    }

    #[test]
    fn short_literals_shorten_the_step_only_if_they_are_many() {
        let long: Vec<String> = (0..1000).map(|i| format!("literal number {i}")).collect();
        let mut all: Vec<&str> = long.iter().map(String::as_str).collect();
        assert_eq!(sampling(&all), (4, 8, false));
        all.push("seven b");
        assert_eq!(sampling(&all), (4, 5, false));
        all.push("four");
        assert_eq!(sampling(&all), (2, 5, false));
        all.push("abc");
        assert_eq!(sampling(&all), (1, 3, false));
        let five: Vec<String> = (0..1000).map(|i| format!("{i:05}")).collect();
        assert_eq!(sampling(&five.iter().map(String::as_str).collect::<Vec<_>>()), (1, 5, false));
        assert_eq!(sampling(&["日本", "カキ"]), (1, 6, true));
    }

    #[test]
    fn the_rarest_q_grams_are_chosen() {
        let literals: [&[u8]; 2] = [b"equation:", b"function xyzzy"];
        let sampling = Sampling { step: 1, size: 5, by_char: false };
        let first = |literal: &[u8], sample: &str| {
            let rarity = Rarity::new(literals.into_iter(), 5, 0x9E37_79B9_7F4A_7C15, sample.as_bytes());
            sampling.first_offset(literal, &rarity) as usize
        };
        assert_eq!(&literals[1][first(literals[1], "")..], b"xyzzy");
        // A text may be unlike others.
        assert_eq!(&literals[1][first(literals[1], &"xyzzy! ".repeat(100))..][..5], b"n xyz");
        assert_eq!(&literals[0][first(literals[0], &"equate ".repeat(100))..][..5], b"quati");
    }
}
