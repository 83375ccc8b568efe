//! Panics end here: one that unwinds out of [`catch_panics`] becomes an error.
//!
//! A panic is a bug in countgrid. It fails the call, never the process, and nothing is printed: the error says what
//! happened and where. Memory that ran out unwinds too ([`memory`](super::memory)), and is an error of its own.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook, take_hook};

use super::error::CountError;
use super::memory::NoMemory;

thread_local! {
    /// How many calls of [`catch_panics`] this thread is in.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    /// Where the last panic of this thread happened.
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Does `work`. A panic in it becomes an error, and what it left half-done must be dropped.
pub fn catch_panics<T>(work: impl FnOnce() -> T) -> Result<T, CountError> {
    DEPTH.set(DEPTH.get() + 1);
    let result = catch_unwind(AssertUnwindSafe(work));
    DEPTH.set(DEPTH.get() - 1);
    result.map_err(error)
}

/// The error for what a panic carried.
fn error(panic: Box<dyn Any + Send>) -> CountError {
    let place = PLACE.take();
    let message = match panic.downcast::<NoMemory>() {
        Ok(no_memory) => return CountError::NoMemory { bytes: no_memory.bytes },
        Err(panic) => match panic.downcast::<String>() {
            Ok(message) => *message,
            Err(panic) => panic.downcast_ref::<&str>().map_or("a panic without a message", |text| text).to_string(),
        },
    };
    let place = place.map(|place| format!(" ({place})")).unwrap_or_default();
    CountError::Panicked { message: message + &place }
}

/// Makes panics that [`catch_panics`] ends print nothing; others are reported as before. A library has a hook of its own
/// only if it is linked by itself, as an extension module is.
pub fn silence_caught_panics() {
    let before = take_hook();
    set_hook(Box::new(move |info: &PanicHookInfo<'_>| {
        if DEPTH.get() == 0 {
            return before(info);
        }
        let place = info.location().map(|place| format!("{}:{}", file_name(place.file()), place.line()));
        PLACE.set(place);
    }));
}

/// The path of a source file within its crate: where the crate was built says nothing to a reader.
fn file_name(path: &str) -> &str {
    path.rfind("src").map_or(path, |at| &path[at..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error() {
        assert_eq!(catch_panics(|| 3), Ok(3));
        let message = |work: fn()| match catch_panics(work) {
            Err(CountError::Panicked { message }) => message,
            other => panic!("{other:?}"),
        };
        assert!(message(|| panic!("one")).starts_with("one"));
        assert!(message(|| panic!("{}", 2)).starts_with('2'));
        assert!(message(|| std::panic::panic_any(3)).starts_with("a panic without a message"));
        assert_eq!(
            catch_panics(|| std::panic::resume_unwind(Box::new(NoMemory { bytes: 7 }))),
            Err::<(), _>(CountError::NoMemory { bytes: 7 })
        );
        assert_eq!(file_name("/home/a/x-1.0/src/b.rs"), "src/b.rs");
    }
}
