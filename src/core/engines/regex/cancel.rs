//! Counts the work of a search, and checks for cancellation.

use std::cell::Cell;

/// Why a search stopped early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    Cancelled,
    /// The lazy DFAs gave up: a Unicode word boundary next to a character outside ASCII, or too many states.
    Quit,
}

/// Work between two checks for cancellation: about a millisecond.
const CHECK_EVERY: usize = 1 << 17;

pub struct CancelCheck<'w> {
    cancelled: &'w dyn Fn() -> bool,
    /// All work so far.
    done: &'w Cell<usize>,
}

impl<'w> CancelCheck<'w> {
    pub fn new(cancelled: &'w dyn Fn() -> bool, done: &'w Cell<usize>) -> Self {
        Self { cancelled, done }
    }

    /// Adds bytes read, or states visited.
    #[inline]
    pub fn work(&self, amount: usize) -> Result<(), Stop> {
        let before = self.done.get();
        let done = before.wrapping_add(amount);
        self.done.set(done);
        if before / CHECK_EVERY != done / CHECK_EVERY && (self.cancelled)() { Err(Stop::Cancelled) } else { Ok(()) }
    }
}
