//! Many byte strings in one allocation.

use super::memory::{self, push};

/// Many byte strings in one allocation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PackedStrings {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl PackedStrings {
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Bytes of all strings.
    pub fn nbytes(&self) -> usize {
        self.bytes.len()
    }

    /// The length of the longest string, or 0 if there are none.
    pub fn longest(&self) -> usize {
        let mut start = 0;
        self.ends.iter().fold(0, |longest, &end| longest.max(end - std::mem::replace(&mut start, end)))
    }

    pub fn get(&self, i: usize) -> &[u8] {
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        &self.bytes[start..self.ends[i]]
    }

    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u8]> + Clone {
        (0..self.len()).map(|i| self.get(i))
    }

    /// The bytes of all strings, one after another.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Adds a string: whatever `write` appends.
    pub fn push_with(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        write(&mut self.bytes);
        push(&mut self.ends, self.bytes.len());
    }

    pub fn push(&mut self, string: &[u8]) {
        self.push_with(|bytes| memory::extend(bytes, string));
    }
}
