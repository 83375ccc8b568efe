//! A short atom as integers, so that hashing and comparing it takes a handful of instructions.

/// Bytes of an atom that is kept as integers.
pub const SHORT: usize = 16;

/// An atom of up to 16 bytes: the bytes, with zeros behind them, and how many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    low: u64,
    high: u64,
    pub len: u32,
}

impl Key {
    /// The key of no atom.
    pub const NONE: Self = Self { low: 0, high: 0, len: 0 };

    /// The key of `text[start..end]`, which is short.
    #[inline(always)]
    pub fn new(text: &[u8], start: usize, end: usize) -> Self {
        debug_assert!(end - start <= SHORT);
        Self::of_any(text, start, end)
    }

    /// The key of `text[start..end]`, of which the beginning alone is looked at if it is long: no short one's, but that
    /// of others too.
    #[inline(always)]
    pub fn of_any(text: &[u8], start: usize, end: usize) -> Self {
        let all = end - start;
        let len = all.min(SHORT);
        let bytes = match text[start..].first_chunk::<SHORT>() {
            Some(bytes) => *bytes,
            // Next to the text's end.
            None => {
                let mut bytes = [0; SHORT];
                bytes[..len].copy_from_slice(&text[start..start + len]);
                bytes
            }
        };
        let bytes = u128::from_le_bytes(bytes) & MASKS[len];
        Self { low: bytes as u64, high: (bytes >> 64) as u64, len: all as u32 }
    }

    /// Equality, without a branch.
    #[inline(always)]
    pub fn is(self, other: Self) -> bool {
        (self.low ^ other.low) | (self.high ^ other.high) | u64::from(self.len ^ other.len) == 0
    }

    /// A product of two halves, folded: plain multiplication leaves too much of a short word in few bits.
    #[inline(always)]
    pub fn hash(self, seed: u64) -> u64 {
        const A: u64 = 0x9E37_79B9_7F4A_7C15;
        const B: u64 = 0xD1B5_4A32_D192_ED03;
        let product = u128::from(self.low ^ A ^ seed) * u128::from((self.high ^ B).wrapping_add(u64::from(self.len)));
        product as u64 ^ (product >> 64) as u64
    }
}

/// The lowest so many bytes.
static MASKS: [u128; SHORT + 1] = {
    let mut masks = [0; SHORT + 1];
    let mut len = 1;
    while len <= SHORT {
        masks[len] = masks[len - 1] << 8 | 0xFF;
        len += 1;
    }
    masks
};
