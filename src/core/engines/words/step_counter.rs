//! Counts the steps of walks, for tests of how they grow with the text. Does nothing outside tests.

#[cfg(test)]
thread_local! {
    static DONE: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Adds to this thread's count.
#[inline(always)]
pub fn add(_more: usize) {
    #[cfg(test)]
    DONE.set(DONE.get() + _more);
}

/// Returns this thread's count and resets it.
#[cfg(test)]
pub fn take() -> usize {
    DONE.replace(0)
}
