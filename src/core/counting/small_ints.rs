//! Integers that are nearly all small, in one byte each. Larger ones are stored separately.

use crate::core::base::memory::{moved, push};

/// A list of integers.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct SmallInts {
    /// The integers, or [`LARGE`]. Others may add bytes less than that.
    pub bytes: Vec<u8>,
    /// The integers from [`LARGE`] on, with their indexes, in order.
    pub large: Vec<(usize, u64)>,
}

/// Marks an integer that is stored in `large`.
pub const LARGE: u8 = u8::MAX;

impl SmallInts {
    #[inline]
    pub fn push(&mut self, number: u64) {
        match u8::try_from(number) {
            Ok(byte) if byte != LARGE => push(&mut self.bytes, byte),
            _ => self.push_large(number),
        }
    }

    #[cold]
    fn push_large(&mut self, number: u64) {
        push(&mut self.large, (self.bytes.len(), number));
        push(&mut self.bytes, LARGE);
    }

    #[inline]
    pub fn get(&self, i: usize) -> u64 {
        match self.bytes[i] {
            LARGE => self.large(i),
            byte => byte.into(),
        }
    }

    #[cold]
    fn large(&self, i: usize) -> u64 {
        let at = self.large.partition_point(|&(index, _)| index < i);
        self.large[at].1
    }

    /// Moves the content to a copy without spare capacity. This one becomes empty and keeps its capacity.
    pub fn take(&mut self) -> Self {
        Self { bytes: moved(&mut self.bytes), large: moved(&mut self.large) }
    }
}
