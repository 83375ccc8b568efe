//! Which bytes a text may contain, and which pairs of bytes: two small Bloom filters with one hash function each.

/// The bytes of texts, and their pairs of consecutive bytes, as one bit each. Others may share the bit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ByteSets {
    bytes: u64,
    pairs: u64,
}

impl ByteSets {
    pub fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// These bytes, and those of a text.
    pub fn with(self, text: &[u8]) -> Self {
        (0..text.len()).rev().fold(self, |sets, at| sets.with_first(&text[at..]))
    }

    /// These bytes, and the first byte and pair of a text.
    fn with_first(mut self, text: &[u8]) -> Self {
        if let [first, rest @ ..] = text {
            self.bytes |= 1 << (first % 64);
            if let [second, ..] = rest {
                self.pairs |= 1 << (first.wrapping_mul(11).wrapping_add(*second) % 64);
            }
        }
        self
    }

    /// Whether a text with these bytes may contain texts with those bytes.
    #[inline(always)]
    pub fn contains(&self, others: &Self) -> bool {
        (others.bytes & !self.bytes) | (others.pairs & !self.pairs) == 0
    }
}

/// The bytes of each rest of a word.
#[derive(Default)]
pub struct Rests {
    /// By the length of the rest. Empty if the word is long: the bits of most rests would nearly all be set.
    sets: Vec<ByteSets>,
}

/// A longer word is long.
const LONG: usize = 256;

impl Rests {
    pub fn clear(&mut self) {
        self.sets.clear();
    }

    pub fn is_empty(&self) -> bool {
        self.sets.is_empty()
    }

    /// Replaces the content by the rests of a word.
    pub fn find(&mut self, word: &[u8]) {
        self.sets.clear();
        self.sets.push(ByteSets::default());
        if word.len() <= LONG {
            for at in (0..word.len()).rev() {
                self.sets.push(self.sets[self.sets.len() - 1].with_first(&word[at..]));
            }
        }
    }

    /// Whether the rest of this length may contain texts with these bytes.
    #[inline(always)]
    pub fn may_contain(&self, length: usize, bytes: &ByteSets) -> bool {
        self.sets.get(length).is_none_or(|sets| sets.contains(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> ByteSets {
        ByteSets::default().with(text.as_bytes())
    }

    #[test]
    fn parts_are_contained() {
        let whole = of("wonderful");
        for part in ["", "w", "nde", "ful", "wonderful"] {
            assert!(whole.contains(&of(part)), "{part}");
        }
        assert!(whole.contains(&of("won").with(b"ful")));
        assert!(!whole.contains(&of("x")));
        assert!(!whole.contains(&of("ow")), "the letters occur, but not this pair");
        assert!(of("").is_empty() && !of("a").is_empty());
    }

    #[test]
    fn rests_of_a_word() {
        let mut rests = Rests::default();
        rests.find(b"wonderful");
        let may_follow = |rests: &Rests, rest: &str, bytes: &str| rests.may_contain(rest.len(), &of(bytes));
        for (rest, bytes) in [("wonderful", "won"), ("derful", "ful"), ("l", "l"), ("", "")] {
            assert!(may_follow(&rests, rest, bytes), "{rest} {bytes}");
        }
        for (rest, bytes) in [("onderful", "w"), ("ful", "er"), ("l", "ul"), ("", "l")] {
            assert!(!may_follow(&rests, rest, bytes), "{rest} {bytes}");
        }
        rests.find("a".repeat(300).as_bytes());
        assert!(rests.may_contain(299, &of("xyz")), "long words may contain anything");
        assert!(!rests.may_contain(0, &of("a")) && !rests.is_empty());
    }
}
