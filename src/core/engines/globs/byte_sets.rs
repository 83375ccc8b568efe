//! Which bytes a text may contain, and which pairs of bytes: two small Bloom filters with one hash function each.

/// The bytes of texts, and their pairs of consecutive bytes, as one bit each. Others may share the bit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ByteSets {
    bytes: u64,
    pairs: u64,
}

/// The bits of longer texts would nearly all be set.
const LONG: usize = 256;

impl ByteSets {
    pub fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// These bytes, and those of a text. If the text is long, all bytes.
    pub fn with(mut self, text: &[u8]) -> Self {
        if text.len() > LONG {
            return Self { bytes: !0, pairs: !0 };
        }
        text.iter().for_each(|byte| self.bytes |= 1 << (byte % 64));
        text.windows(2).for_each(|pair| self.pairs |= 1 << (pair[0].wrapping_mul(11).wrapping_add(pair[1]) % 64));
        self
    }

    /// Whether a text with these bytes may contain texts with those bytes.
    #[inline(always)]
    pub fn contains(&self, others: &Self) -> bool {
        (others.bytes & !self.bytes) | (others.pairs & !self.pairs) == 0
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
        assert!(of(&"a".repeat(300)).contains(&of("xyz")), "long texts may contain anything");
    }
}
