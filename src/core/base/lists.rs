//! Many short lists in two vectors: all items one after another, and where each list begins.

use super::memory::{collected, filled};

#[derive(Debug)]
pub struct Lists<T> {
    starts: Vec<u32>,
    items: Vec<T>,
}

impl<T: Copy> Lists<T> {
    /// From pairs of a list and an item. The items of a list keep their order.
    pub fn new(count: usize, pairs: impl Iterator<Item = (usize, T)> + Clone) -> Self {
        let mut starts = filled(0, count + 1);
        for (list, _) in pairs.clone() {
            starts[list + 1] += 1;
        }
        for i in 0..count {
            starts[i + 1] += starts[i];
        }
        let mut free: Vec<u32> = collected(starts.iter().copied());
        let mut items = collected(pairs.clone().map(|(_, item)| item));
        for (list, item) in pairs {
            items[free[list] as usize] = item;
            free[list] += 1;
        }
        Self { starts, items }
    }

    #[inline(always)]
    pub fn get(&self, list: usize) -> &[T] {
        &self.items[self.starts[list] as usize..self.starts[list + 1] as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_keep_their_items_in_order() {
        let lists = Lists::new(4, [(2, 'a'), (0, 'b'), (2, 'c'), (2, 'd')].into_iter());
        assert_eq!([0, 1, 2, 3].map(|list| lists.get(list)), [&['b'][..], &[], &['a', 'c', 'd'], &[]]);
    }
}
