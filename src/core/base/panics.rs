//! Turns panics into errors.
//!
//! A panic is a bug in countgrid. It fails the call but not the process, and prints nothing: the error contains the
//! message and the source location. Running out of memory unwinds too ([`memory`](super::memory)), and so does
//! cancelled work ([`cancel`](super::cancel)). They have their own errors.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook, take_hook};

use super::cancel::Cancelled;
use super::error::CountError;
use super::memory::NoMemory;

thread_local! {
    /// How many calls of [`catch_panics`] this thread is in.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    /// The source location of this thread's last panic.
    static LOCATION: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Does `work` and turns a panic into an error. The caller must drop whatever the work left half-done.
pub fn catch_panics<T>(work: impl FnOnce() -> T) -> Result<T, CountError> {
    DEPTH.set(DEPTH.get() + 1);
    let result = catch_unwind(AssertUnwindSafe(work));
    DEPTH.set(DEPTH.get() - 1);
    result.map_err(error)
}

/// The error for a panic's payload.
fn error(panic: Box<dyn Any + Send>) -> CountError {
    let location = LOCATION.take();
    if panic.is::<Cancelled>() {
        return CountError::Cancelled;
    }
    let message = match panic.downcast::<NoMemory>() {
        Ok(no_memory) => return CountError::NoMemory { bytes: no_memory.bytes },
        Err(panic) => match panic.downcast::<String>() {
            Ok(message) => *message,
            Err(panic) => panic.downcast_ref::<&str>().map_or("a panic without a message", |text| text).to_string(),
        },
    };
    let location = location.map(|location| format!(" ({location})")).unwrap_or_default();
    CountError::Panicked { message: message + &location }
}

/// Stops panics inside [`catch_panics`] from being printed; others are printed as before. Only for libraries that are
/// linked separately, such as extension modules: the hook belongs to the whole program otherwise.
pub fn silence_caught_panics() {
    let before = take_hook();
    set_hook(Box::new(move |info: &PanicHookInfo<'_>| {
        if DEPTH.get() == 0 {
            return before(info);
        }
        let location = info.location().map(|location| format!("{}:{}", file_name(location.file()), location.line()));
        LOCATION.set(location);
    }));
}

/// The source file's path within its crate. The build directory means nothing to a reader.
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
