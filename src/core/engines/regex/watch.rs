//! How much work a search has done, and whether to go on with it.

use std::cell::Cell;

/// Why a search ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    Cancelled,
    /// The lazily built automata cannot say, or only slowly: a Unicode word boundary beside a character that is not
    /// ASCII, or too many states.
    Quit,
}

/// Work between two looks at whether the count was cancelled: about a millisecond.
const LOOK: usize = 1 << 17;

pub struct Watch<'w> {
    cancelled: &'w dyn Fn() -> bool,
    /// All work so far.
    done: &'w Cell<usize>,
}

impl<'w> Watch<'w> {
    pub fn new(cancelled: &'w dyn Fn() -> bool, done: &'w Cell<usize>) -> Self {
        Self { cancelled, done }
    }

    /// So many bytes were read, or states looked at.
    #[inline]
    pub fn work(&self, amount: usize) -> Result<(), Stop> {
        let before = self.done.get();
        let done = before.wrapping_add(amount);
        self.done.set(done);
        if before / LOOK != done / LOOK && (self.cancelled)() { Err(Stop::Cancelled) } else { Ok(()) }
    }
}
