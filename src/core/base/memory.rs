//! Allocation that reports failure.
//!
//! Rust aborts the process if an allocation fails. So all lists whose length depends on texts, terms or results grow
//! with the functions here. If they get no memory, they unwind with [`NoMemory`] to the nearest
//! [`catch_panics`](super::panics::catch_panics), which makes it an error. Passing a `Result` through every engine
//! would cost time when nothing fails.

use std::hint::black_box;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The payload of the unwinding when memory ran out.
#[derive(Debug)]
pub struct NoMemory {
    /// The size of the failed allocation.
    pub bytes: usize,
}

/// The size that the allocator could not provide before it released its reserve, or 0 while it has the reserve.
static SHORT: AtomicUsize = AtomicUsize::new(0);

/// Whether memory is short. Code that can return an error should do so, since the next allocation may fail.
pub fn shortage() -> Option<NoMemory> {
    match SHORT.load(Ordering::Relaxed) {
        0 => None,
        bytes => Some(NoMemory { bytes }),
    }
}

/// For an allocator with a reserve: reports a failed allocation, or with 0 that the reserve is back.
pub fn set_shortage(bytes: usize) {
    SHORT.store(bytes, Ordering::Relaxed);
}

/// Unwinds if memory is short.
#[inline]
pub fn check_shortage() {
    if let Some(short) = shortage() {
        refuse(short.bytes);
    }
}

/// Unwinds because an allocation of `bytes` bytes failed.
#[cold]
#[inline(never)]
pub fn refuse(bytes: usize) -> ! {
    resume_unwind(Box::new(NoMemory { bytes }))
}

/// Reserves memory for more items, growing like `Vec::reserve`.
#[inline]
pub fn reserve<T>(list: &mut Vec<T>, more: usize) {
    if list.capacity() - list.len() < more {
        grow(list, more);
    }
}

#[cold]
#[inline(never)]
fn grow<T>(list: &mut Vec<T>, more: usize) {
    check_shortage();
    if list.try_reserve(more).is_ok() {
        return;
    }
    // There is no room for twice as many. If the list grew by one item at a time, the allocator would be called for
    // each: 12 million line ends took 11 s instead of 0.1 s.
    let mut step = list.len() / 4;
    while step > more {
        if list.try_reserve_exact(step).is_ok() {
            return;
        }
        step /= 4;
    }
    if list.try_reserve_exact(more).is_err() {
        refuse(list.len().saturating_add(more).saturating_mul(size_of::<T>()));
    }
}

/// Like `Vec::push`.
#[inline(always)]
pub fn push<T>(list: &mut Vec<T>, item: T) {
    if list.len() == list.capacity() {
        grow(list, 1);
    }
    list.push(item);
}

/// Like `Vec::extend_from_slice`.
#[inline]
pub fn extend<T: Copy>(list: &mut Vec<T>, items: &[T]) {
    reserve(list, items.len());
    list.extend_from_slice(items);
}

/// An empty list with capacity for exactly `items` items.
pub fn with_room<T>(items: usize) -> Vec<T> {
    check_shortage();
    let mut list = Vec::new();
    if list.try_reserve_exact(items).is_err() {
        refuse(items.saturating_mul(size_of::<T>()));
    }
    list
}

/// Like `vec![item; items]`.
pub fn filled<T: Clone>(item: T, items: usize) -> Vec<T> {
    let mut list = with_room(items);
    list.resize(items, item);
    list
}

/// Like `vec![0; items]`: memory that the system provides when it is first written to.
pub fn zeros(items: usize) -> Vec<u64> {
    check(items.saturating_mul(size_of::<u64>()));
    vec![0; items]
}

/// The items of an iterator.
pub fn collected<T>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut items = items.into_iter();
    let least = items.size_hint().0;
    let mut list = with_room(least);
    // The memory for these is reserved, so nothing is allocated here.
    list.extend(items.by_ref().take(least));
    items.for_each(|item| push(&mut list, item));
    list
}

/// A copy without spare capacity.
pub fn copied<T: Copy>(items: &[T]) -> Vec<T> {
    let mut list = with_room(items.len());
    list.extend_from_slice(items);
    list
}

/// Moves the items to a list without spare capacity. The list that becomes empty keeps its capacity.
pub fn moved<T: Copy>(list: &mut Vec<T>) -> Vec<T> {
    let moved = copied(list);
    list.clear();
    moved
}

/// Unwinds unless `bytes` bytes can be allocated at once. For code that aborts on a failed allocation. The memory is
/// freed again, so this helps only if no other thread takes it first.
pub fn check(bytes: usize) {
    /// Smaller amounts are left to the allocator's reserve.
    const SMALL: usize = 4 << 20;
    /// Freeing a smaller block would make glibc take larger ones from its heap.
    const LEAST: usize = 36 << 20;

    check_shortage();
    if bytes > SMALL {
        let mut list = Vec::<u8>::new();
        let is_refused = list.try_reserve_exact(bytes.max(LEAST)).is_err();
        // Otherwise the compiler leaves out the allocation, and assumes that it succeeds.
        black_box(list);
        if is_refused {
            refuse(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::base::error::CountError;
    use crate::core::base::panics::catch_panics;

    #[test]
    fn too_large_allocations_are_errors() {
        const TOO_MUCH: usize = 1 << 60;
        let refused = |work: fn()| match catch_panics(work) {
            Err(CountError::NoMemory { bytes }) => bytes,
            other => panic!("{other:?}"),
        };
        // So that the allocations are not left out.
        assert_eq!(refused(|| drop(black_box(filled(0u16, TOO_MUCH)))), 2 * TOO_MUCH);
        assert_eq!(refused(|| drop(black_box(with_room::<u64>(usize::MAX)))), usize::MAX);
        assert_eq!(refused(|| reserve(black_box(&mut vec![0u8]), TOO_MUCH)), TOO_MUCH + 1);
        assert_eq!(refused(|| check(TOO_MUCH)), TOO_MUCH);
    }

    #[test]
    fn lists_equal_those_of_the_standard_library() {
        let mut list = Vec::new();
        (0..100).for_each(|i| push(&mut list, i));
        extend(&mut list, &[7, 8]);
        assert_eq!(list, (0..100).chain([7, 8]).collect::<Vec<_>>());
        assert_eq!((copied(&list), collected(list.iter().copied())), (list.clone(), list));
        assert_eq!(filled('a', 3), ['a'; 3]);
    }
}
