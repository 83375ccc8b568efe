//! What workers keep from one job to the next: each takes one that no other uses, and returns it at the end.

use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, PoisonError};

use crate::core::base::locks::lock_ignoring_poison;
use crate::core::base::memory::push;

/// Values that no worker uses now.
pub struct Idle<T>(Mutex<Vec<T>>);

impl<T> Default for Idle<T> {
    fn default() -> Self {
        Self(Mutex::new(Vec::new()))
    }
}

impl<T> Idle<T> {
    /// Takes a value, which is made if there is none.
    pub fn lease(&self, make: impl FnOnce() -> T) -> Lease<'_, T> {
        let idle = lock_ignoring_poison(&self.0).pop();
        Lease { value: Some(idle.unwrap_or_else(make)), idle: self }
    }

    /// All values.
    pub fn into_all(self) -> Vec<T> {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A value that goes back to the idle ones.
pub struct Lease<'i, T> {
    value: Option<T>,
    idle: &'i Idle<T>,
}

impl<T> Deref for Lease<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.value.as_ref().expect("a value until it goes back")
    }
}

impl<T> DerefMut for Lease<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.value.as_mut().expect("a value until it goes back")
    }
}

impl<T> Drop for Lease<'_, T> {
    fn drop(&mut self) {
        if let Some(value) = self.value.take() {
            push(&mut *lock_ignoring_poison(&self.idle.0), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_used_again() {
        let idle = Idle::default();
        *idle.lease(|| 1) += 1;
        let (first, second) = (idle.lease(|| 5), idle.lease(|| 7));
        assert_eq!((*first, *second), (2, 7));
        drop(first);
        drop(second);
        assert_eq!(idle.into_all(), [2, 7]);
    }
}
