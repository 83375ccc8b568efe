//! Counts what walks do, for tests of how it grows with the text. Elsewhere nothing is counted.

#[cfg(test)]
thread_local! {
    static DONE: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Adds to the count of this thread.
#[inline(always)]
pub fn add(_more: usize) {
    #[cfg(test)]
    DONE.set(DONE.get() + _more);
}

/// The count, which begins at zero again.
#[cfg(test)]
pub fn take() -> usize {
    DONE.replace(0)
}
