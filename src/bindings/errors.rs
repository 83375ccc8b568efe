//! Where the core's errors become Python's.

use pyo3::exceptions::{
    PyKeyboardInterrupt, PyMemoryError, PyOSError, PyOverflowError, PyRuntimeError, PyTypeError, PyValueError,
};
use pyo3::prelude::*;

use crate::core::CountError;

/// An exception with a further attribute, by which code can tell what it is about.
pub fn with<V>(error: PyErr, name: &str, value: V) -> PyErr
where
    V: for<'py> IntoPyObject<'py>,
{
    // Only when Python is ending is there no GIL to be had; then nobody reads the attribute.
    let set = Python::try_attach(|py| error.value(py).setattr(name, value));
    set.transpose().map_or_else(|problem| problem, |_| error)
}

/// An exception about the item of a sequence that has this name in messages: a document or a term.
pub fn about_item(error: PyErr, name: &str, i: usize) -> PyErr {
    match name {
        "documents" => with(error, "row", i),
        _ if name.starts_with("terms") => with(with(error, "term", i), "category", None::<&str>),
        _ => error,
    }
}

impl From<CountError> for PyErr {
    fn from(error: CountError) -> Self {
        let exception = exception(&error);
        if let Some(place) = error.location() {
            let about = with(exception, "term", place.index.unwrap_or(0));
            let about = with(about, "category", place.category.as_deref());
            return with(about, "reason", error.reason());
        }
        match error {
            CountError::Missing { row } => with(exception, "row", row),
            CountError::Overflow { row, column, count, .. } => {
                with(with(with(exception, "row", row), "column", column), "count", count)
            }
            CountError::Options { first, second, reason } => {
                with(with(exception, "options", (first.name, second.name)), "reason", reason)
            }
            _ => exception,
        }
    }
}

fn exception(error: &CountError) -> PyErr {
    let text = error.to_string();
    match error {
        CountError::Term { .. }
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

/// `OSError` with the file's name, which Python turns into `FileNotFoundError` and its like.
pub fn os_error(error: &std::io::Error, path: &std::path::Path) -> PyErr {
    let number = error.raw_os_error();
    let message = number.and_then(system_message).unwrap_or_else(|| error.to_string());
    // The path as a `str`: pathlib's own repr would stand in the message. The last argument is Windows' own number, from
    // which Python makes `errno` there; other systems ignore it.
    PyOSError::new_err((number, message, path.as_os_str().to_owned(), number))
}

/// What the system says about one of its error numbers.
fn system_message(number: i32) -> Option<String> {
    let (module, function) = if cfg!(windows) { ("ctypes", "FormatError") } else { ("os", "strerror") };
    Python::try_attach(|py| py.import(module)?.call_method1(function, (number,))?.extract()).and_then(Result::ok)
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
