//! Many byte strings in one allocation.

use std::sync::atomic::AtomicBool;

use super::cancel::{checked, sort_by};
use super::memory::{self, collected, push};

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

    /// Sorts the numbers of some strings by their bytes.
    pub fn sorted(&self, numbers: impl IntoIterator<Item = u32>, cancel: &AtomicBool) -> Vec<u32> {
        let get = |number: u32| self.get(number as usize);
        // Most comparisons are decided by the first eight bytes.
        let prefix = |number: u32| {
            let string = get(number);
            let mut bytes = [0; 8];
            let len = string.len().min(bytes.len());
            bytes[..len].copy_from_slice(&string[..len]);
            u64::from_be_bytes(bytes)
        };
        let mut keyed = collected(checked(numbers, cancel).map(|number| (prefix(number), number)));
        sort_by(&mut keyed, cancel, |a, b| a.0.cmp(&b.0).then_with(|| get(a.1).cmp(get(b.1))));
        collected(keyed.into_iter().map(|(_, number)| number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_sorted_by_their_strings() {
        let all = ["b", "", "a", "aaaaaaaab", "aaaaaaaa", "\0", "aaaaaaaaa", "é"];
        let mut strings = PackedStrings::default();
        all.iter().for_each(|string| strings.push(string.as_bytes()));
        let cancel = AtomicBool::new(false);
        assert_eq!(strings.sorted(0..8, &cancel), [1, 5, 2, 4, 6, 3, 0, 7]);
        assert_eq!(strings.sorted([7, 0], &cancel), [0, 7]);
    }
}
