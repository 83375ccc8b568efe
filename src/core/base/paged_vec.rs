//! A list in pages. Growing does not copy its items, and each page can be freed separately.

use std::ops::{Index, IndexMut};

use super::memory;

/// Items in a page.
#[cfg(not(test))]
pub const PAGE: usize = 64 << 10;
#[cfg(test)]
pub const PAGE: usize = 8;

/// All pages but the last are full.
#[derive(Debug)]
pub struct PagedVec<T> {
    full: Vec<Vec<T>>,
    last: Vec<T>,
}

impl<T> Default for PagedVec<T> {
    fn default() -> Self {
        Self { full: Vec::new(), last: Vec::new() }
    }
}

impl<T> PagedVec<T> {
    pub fn len(&self) -> usize {
        self.full.len() * PAGE + self.last.len()
    }

    #[inline]
    pub fn push(&mut self, item: T) {
        if self.last.len() == PAGE {
            memory::push(&mut self.full, std::mem::take(&mut self.last));
        }
        memory::push(&mut self.last, item);
    }

    /// Takes the pages, in order. None is empty or has spare capacity.
    pub fn take(&mut self) -> Vec<Vec<T>> {
        let mut pages = std::mem::take(&mut self.full);
        let mut last = std::mem::take(&mut self.last);
        last.shrink_to_fit();
        if !last.is_empty() {
            memory::push(&mut pages, last);
        }
        pages
    }
}

impl<T> Index<usize> for PagedVec<T> {
    type Output = T;

    fn index(&self, i: usize) -> &T {
        self.full.get(i / PAGE).map_or_else(|| &self.last[i % PAGE], |page| &page[i % PAGE])
    }
}

impl<T> IndexMut<usize> for PagedVec<T> {
    fn index_mut(&mut self, i: usize) -> &mut T {
        let Self { full, last } = self;
        match full.get_mut(i / PAGE) {
            Some(page) => &mut page[i % PAGE],
            None => &mut last[i % PAGE],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_stay_in_order() {
        for len in 0..3 * PAGE + 2 {
            let mut list = PagedVec::default();
            (0..len).for_each(|i| list.push(i));
            (0..len).for_each(|i| list[i] += 1);
            assert_eq!(list.len(), len);
            assert!((0..len).all(|i| list[i] == i + 1));
            let pages = list.take();
            assert!(pages.iter().all(|page| (1..=PAGE).contains(&page.len())));
            assert_eq!(pages.concat(), Vec::from_iter(1..=len));
            assert_eq!(list.len(), 0);
        }
    }
}
