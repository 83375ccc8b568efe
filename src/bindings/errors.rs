//! Python exceptions for the core's errors and for invalid arguments.

use pyo3::exceptions::{
    PyKeyboardInterrupt, PyMemoryError, PyOSError, PyOverflowError, PyRuntimeError, PyTypeError, PyValueError,
};
use pyo3::prelude::*;

use crate::core::{CountError, InvalidTerm, TermError};

/// An exception with a further attribute, for code that handles it.
pub fn with_attribute<V>(error: PyErr, name: &str, value: V) -> PyErr
where
    V: for<'py> IntoPyObject<'py>,
{
    // The GIL is unavailable only while Python is finalizing; then nobody reads the attribute.
    let set = Python::try_attach(|py| error.value(py).setattr(name, value));
    set.transpose().map_or_else(|problem| problem, |_| error)
}

/// An exception about item `i` of the documents or terms that are called `name` in messages.
pub fn about_item(error: PyErr, name: &str, i: usize) -> PyErr {
    match name {
        "documents" => with_attribute(error, "row", i),
        _ if name.starts_with("terms") => with_attribute(with_attribute(error, "term", i), "category", None::<&str>),
        _ => error,
    }
}

impl From<CountError> for PyErr {
    fn from(error: CountError) -> Self {
        let exception = exception(&error);
        if let [first, ..] = error.terms() {
            let parts = |term: &InvalidTerm| {
                let InvalidTerm { location, error, .. } = term;
                (location.category.clone(), location.index.unwrap_or(0), error.to_string())
            };
            let (category, term, reason) = parts(first);
            let about = with_attribute(with_attribute(exception, "term", term), "category", category);
            let all: Vec<_> = error.terms().iter().map(parts).collect();
            return with_attribute(with_attribute(about, "reason", reason), "invalid", all);
        }
        match error {
            CountError::Missing { row } => with_attribute(exception, "row", row),
            CountError::Overflow { row, column, count, .. } => with_attribute(
                with_attribute(with_attribute(exception, "row", row), "column", column),
                "count",
                count,
            ),
            CountError::Options { first, second, reason } => {
                with_attribute(with_attribute(exception, "options", (first.name, second.name)), "reason", reason)
            }
            _ => exception,
        }
    }
}

fn exception(error: &CountError) -> PyErr {
    let text = error.to_string();
    let is_not_text = |term: &InvalidTerm| matches!(term.error, TermError::NotText { .. });
    match error {
        CountError::Terms(terms) if terms.iter().any(is_not_text) => PyTypeError::new_err(text),
        CountError::Terms(_)
        | CountError::Options { .. }
        | CountError::TooManyTerms { .. }
        | CountError::Missing { .. }
        | CountError::Environment { .. } => PyValueError::new_err(text),
        CountError::Overflow { .. } => PyOverflowError::new_err(text),
        CountError::NoMemory { .. } => PyMemoryError::new_err(text),
        // The exception that cancelled the count is raised instead.
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
    // The path as a `str`, since the message would contain the repr of a `pathlib.Path`. The last argument is the
    // error number of Windows, which Python translates to `errno` there; other systems ignore it.
    PyOSError::new_err((number, message, path.as_os_str().to_owned(), number))
}

/// The system's message for an error number.
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

/// For an object of the wrong type; `hint` says what to pass.
pub fn wrong_type(object: &Bound<'_, PyAny>, name: &str, hint: &str) -> PyErr {
    PyTypeError::new_err(format!("{name} is {} ({}); {hint}", type_name(object), short_repr(object)))
}

/// For an option that takes one of a few values.
pub fn unknown_value(option: &str, value: &Bound<'_, PyAny>, expected: &str) -> PyErr {
    PyValueError::new_err(format!("{option} is {}; expected {expected}", short_repr(value)))
}
