//! Locks that a panic does not close.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// A lock whatever became of those who held it: a worker that panics fails the whole count anyway.
pub fn lock_ignoring_poison<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
