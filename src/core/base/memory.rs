//! Memory that may run out.
//!
//! Rust ends the process when an allocation fails. So lists whose length depends on texts, terms or results grow by the
//! functions here. What they cannot get unwinds as [`NoMemory`] to the nearest [`panics`](super::panics::catch_panics), which makes
//! it an error: to pass a `Result` through every engine would cost time where nothing fails.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What unwinds when memory ran out.
#[derive(Debug)]
pub struct NoMemory {
    /// How much was wanted.
    pub bytes: usize,
}

/// What the allocator could not get before it gave away its reserve; 0 while it has one.
static SHORT: AtomicUsize = AtomicUsize::new(0);

/// Whether little memory is left. Whoever can end with an error should do so: a failed allocation may be the next.
pub fn shortage() -> Option<NoMemory> {
    match SHORT.load(Ordering::Relaxed) {
        0 => None,
        bytes => Some(NoMemory { bytes }),
    }
}

/// For an allocator with a reserve: tells of a failed allocation, or that the reserve is there again.
pub fn set_shortage(bytes: usize) {
    SHORT.store(bytes, Ordering::Relaxed);
}

/// Unwinds if little memory is left.
#[inline]
pub fn check_shortage() {
    if let Some(short) = shortage() {
        refuse(short.bytes);
    }
}

/// Unwinds: so many bytes cannot be had.
#[cold]
#[inline(never)]
pub fn refuse(bytes: usize) -> ! {
    resume_unwind(Box::new(NoMemory { bytes }))
}

/// Makes room for more items. It grows as `Vec::reserve` does.
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
    if list.try_reserve(more).is_err() && list.try_reserve_exact(more).is_err() {
        refuse(list.len().saturating_add(more).saturating_mul(size_of::<T>()));
    }
}

/// As `Vec::push`.
#[inline(always)]
pub fn push<T>(list: &mut Vec<T>, item: T) {
    if list.len() == list.capacity() {
        grow(list, 1);
    }
    list.push(item);
}

/// As `Vec::extend_from_slice`.
#[inline]
pub fn extend<T: Copy>(list: &mut Vec<T>, items: &[T]) {
    reserve(list, items.len());
    list.extend_from_slice(items);
}

/// An empty list with room for so many items and no more.
pub fn with_room<T>(items: usize) -> Vec<T> {
    check_shortage();
    let mut list = Vec::new();
    if list.try_reserve_exact(items).is_err() {
        refuse(items.saturating_mul(size_of::<T>()));
    }
    list
}

/// As `vec![item; items]`.
pub fn filled<T: Clone>(item: T, items: usize) -> Vec<T> {
    let mut list = with_room(items);
    list.resize(items, item);
    list
}

/// The items of an iterator.
pub fn collected<T>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut items = items.into_iter();
    let least = items.size_hint().0;
    let mut list = with_room(least);
    // For those there is room, so nothing is allocated here.
    list.extend(items.by_ref().take(least));
    items.for_each(|item| push(&mut list, item));
    list
}

/// A copy without spare room.
pub fn copied<T: Copy>(items: &[T]) -> Vec<T> {
    let mut list = with_room(items.len());
    list.extend_from_slice(items);
    list
}

/// Unwinds unless so many bytes could be had at once. For work that cannot be told of a failed allocation: the memory
/// is given back, and is there if nobody else takes it meanwhile.
pub fn check(bytes: usize) {
    /// Left to the allocator's reserve.
    const SMALL: usize = 4 << 20;
    /// To free a smaller block would teach glibc to take larger ones from its heap.
    const LEAST: usize = 36 << 20;

    check_shortage();
    if bytes > SMALL && Vec::<u8>::new().try_reserve_exact(bytes.max(LEAST)).is_err() {
        refuse(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::base::error::CountError;
    use crate::core::base::panics::catch_panics;

    #[test]
    fn too_much_is_an_error() {
        const TOO_MUCH: usize = 1 << 60;
        let refused = |work: fn()| match catch_panics(work) {
            Err(CountError::NoMemory { bytes }) => bytes,
            other => panic!("{other:?}"),
        };
        assert_eq!(refused(|| drop(filled(0u16, TOO_MUCH))), 2 * TOO_MUCH);
        assert_eq!(refused(|| drop(with_room::<u64>(usize::MAX))), usize::MAX);
        assert_eq!(refused(|| reserve(&mut vec![0u8], TOO_MUCH)), TOO_MUCH + 1);
        assert_eq!(refused(|| check(TOO_MUCH)), TOO_MUCH);
    }

    #[test]
    fn lists_are_as_those_of_the_standard_library() {
        let mut list = Vec::new();
        (0..100).for_each(|i| push(&mut list, i));
        extend(&mut list, &[7, 8]);
        assert_eq!(list, (0..100).chain([7, 8]).collect::<Vec<_>>());
        assert_eq!((copied(&list), collected(list.iter().copied())), (list.clone(), list));
        assert_eq!(filled('a', 3), ['a'; 3]);
    }
}
