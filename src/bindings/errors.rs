//! Where the core's errors become Python's.

use pyo3::exceptions::{
    PyKeyboardInterrupt, PyMemoryError, PyOSError, PyOverflowError, PyRuntimeError, PyTypeError, PyValueError,
};
use pyo3::prelude::*;

use crate::core::CountError;

impl From<CountError> for PyErr {
    fn from(error: CountError) -> Self {
        let text = error.to_string();
        match error {
            CountError::EmptyTerm { .. }
            | CountError::BlankTerm { .. }
            | CountError::AccentsAlone { .. }
            | CountError::DanglingEscape { .. }
            | CountError::Regex { .. }
            | CountError::Options { .. }
            | CountError::TooManyTerms { .. }
            | CountError::Missing { .. } => PyValueError::new_err(text),
            CountError::Overflow { .. } => PyOverflowError::new_err(text),
            CountError::NoMemory { .. } => PyMemoryError::new_err(text),
            // Whoever cancels has an exception of its own, which goes first.
            CountError::Cancelled => PyKeyboardInterrupt::new_err(text),
            CountError::NoThreads { .. } | CountError::NotLoaded { .. } | CountError::Panicked { .. } => {
                PyRuntimeError::new_err(text)
            }
        }
    }
}

/// `OSError` with the file's name, which Python turns into `FileNotFoundError` and its like.
pub fn os_error(error: &std::io::Error, path: &std::path::Path) -> PyErr {
    let number = error.raw_os_error();
    let message = match number {
        // Rust writes the number behind the text, Python before it.
        Some(number) => error.to_string().replace(&format!(" (os error {number})"), ""),
        None => error.to_string(),
    };
    // The path as a `str`: pathlib's own repr would stand in the message. The last argument is Windows' own number, from
    // which Python makes `errno` there; other systems ignore it.
    PyOSError::new_err((number, message, path.as_os_str().to_owned(), number))
}

/// The type of an object, as error messages name it.
pub fn type_name(object: &Bound<'_, PyAny>) -> String {
    object.get_type().name().map_or_else(|_| "an object".into(), |name| name.to_string())
}

/// The beginning of an object's `repr`, on one line.
pub fn short_repr(object: &Bound<'_, PyAny>) -> String {
    const MOST: usize = 60;
    let text = object.repr().map_or_else(|_| "no repr".into(), |text| text.to_string_lossy().into_owned());
    let text = if text.contains('\n') { text.split_whitespace().collect::<Vec<_>>().join(" ") } else { text };
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

/// For an object that is no collection of texts.
pub fn not_texts(object: &Bound<'_, PyAny>, name: &str, hint: &str) -> PyErr {
    PyTypeError::new_err(format!("{name} is {} ({}); {hint}", type_name(object), short_repr(object)))
}

/// For an option that takes one of a few values.
pub fn unknown_value(option: &str, value: &Bound<'_, PyAny>, expected: &str) -> PyErr {
    PyValueError::new_err(format!("{option} is {}; expected {expected}", short_repr(value)))
}
