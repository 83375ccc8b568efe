//! Ends long loops when their call is cancelled.
//!
//! Loops look at a flag, which the calling thread sets. If it is set, they unwind with [`Cancelled`] to the nearest
//! [`catch_panics`](super::panics::catch_panics), as when memory runs out. So half-done results are dropped, and no
//! function has to return them.

use std::cmp::Ordering;
use std::panic::resume_unwind;
use std::sync::atomic::{self, AtomicBool};

/// The payload of the unwinding when a call was cancelled.
#[derive(Debug)]
pub struct Cancelled;

/// Items between two checks. They take at most a few milliseconds, even if each one misses the caches.
pub const CHECK_EVERY: usize = 64 << 10;

/// Unwinds if the flag is set.
#[inline(always)]
pub fn check(cancel: &AtomicBool) {
    if cancel.load(atomic::Ordering::Relaxed) {
        unwind();
    }
}

#[cold]
#[inline(never)]
fn unwind() -> ! {
    resume_unwind(Box::new(Cancelled))
}

/// The items, with a check before every [`CHECK_EVERY`]th.
#[inline]
pub fn checked<'c, I: IntoIterator>(items: I, cancel: &'c AtomicBool) -> impl Iterator<Item = I::Item> + use<'c, I> {
    let mut number = 0;
    items.into_iter().inspect(move |_| {
        if number % CHECK_EVERY == 0 {
            check(cancel);
        }
        number += 1;
    })
}

/// Sorts a list. A check at each comparison of a long list costs no measurable time.
#[inline]
pub fn sort_by<T>(list: &mut [T], cancel: &AtomicBool, compare: impl Fn(&T, &T) -> Ordering) {
    if list.len() < CHECK_EVERY {
        return list.sort_unstable_by(compare);
    }
    list.sort_unstable_by(|a, b| {
        check(cancel);
        compare(a, b)
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::base::error::CountError;
    use crate::core::base::panics::catch_panics;

    #[test]
    fn loops_end_when_the_flag_is_set() {
        let cancel = AtomicBool::new(false);
        let mut list: Vec<usize> = (0..3 * CHECK_EVERY).map(|i| i * 7919 % (3 * CHECK_EVERY)).collect();
        sort_by(&mut list, &cancel, Ord::cmp);
        assert!(list.is_sorted());
        let seen = atomic::AtomicUsize::new(0);
        let result = catch_panics(|| {
            for item in checked(&list, &cancel) {
                seen.fetch_add(1, atomic::Ordering::Relaxed);
                cancel.fetch_or(*item == CHECK_EVERY + 5, atomic::Ordering::Relaxed);
            }
        });
        assert_eq!((result, seen.into_inner()), (Err(CountError::Cancelled), 2 * CHECK_EVERY));
        assert_eq!(catch_panics(|| sort_by(&mut list, &cancel, Ord::cmp)), Err(CountError::Cancelled));
        assert_eq!(catch_panics(|| sort_by(&mut [3, 1, 2], &cancel, Ord::cmp)), Ok(()));
    }
}
