//! The methods of the class `Documents`.

use std::sync::Arc;

use numpy::PyArray1;
use pyo3::exceptions::{PyIndexError, PyTypeError};
use pyo3::prelude::*;

use super::guard::guarded;
use super::input::{lines, take::take};
use super::items::{new_bytes, new_str};
use super::run::check_signals;
use super::taken::PyDocuments;
use crate::core::Text;
use crate::core::base::memory;
use crate::core::text::transform::Transform;
use crate::core::text::unicode::first_symbol;

impl PyDocuments {
    pub fn len(&self) -> usize {
        self.held.documents().len()
    }

    /// The document in a row, as `str`, `bytes` or `None`.
    pub fn item<'py>(&self, py: Python<'py>, row: usize) -> PyResult<Bound<'py, PyAny>> {
        let own = self.held.documents().with_text(row, |text| {
            text.map(|text| match text {
                Text::Bytes(bytes) => (memory::copied(bytes), false),
                text => {
                    // A unit of memory is at most so many bytes of UTF-8.
                    let mut utf8 = memory::with_room(2 * text.memory().len());
                    Transform::default().append(text, &mut utf8);
                    (utf8, true)
                }
            })
        })?;
        match own {
            None => Ok(py.None().into_bound(py)),
            Some((bytes, false)) => new_bytes(py, &bytes),
            Some((utf8, true)) => {
                decode(py, &utf8, "surrogatepass").or_else(|_| decode(py, &with_escapes(&utf8), "surrogatepass"))
            }
        }
    }
}

/// Each byte outside valid UTF-8 as a lone surrogate, as Python's `surrogateescape` has it: one character for each, which
/// is how they are counted. Surrogates that a `str` came with stay.
fn with_escapes(bytes: &[u8]) -> Vec<u8> {
    let mut escaped = memory::with_room(3 * bytes.len());
    let mut rest = bytes;
    while let Some(&first) = rest.first() {
        let (c, len) = first_symbol(rest);
        match (c, len) {
            (None, 1) => escaped.extend([0xED, 0xB0 | first >> 6 & 0x03, 0x80 | first & 0x3F]),
            _ => escaped.extend_from_slice(&rest[..len]),
        }
        rest = &rest[len..];
    }
    escaped
}

/// UTF-8 as a `str`, with one of Python's error handlers.
pub fn decode<'py>(py: Python<'py>, utf8: &[u8], errors: &str) -> PyResult<Bound<'py, PyAny>> {
    match std::str::from_utf8(utf8) {
        Ok(text) => new_str(py, text),
        Err(_) => new_bytes(py, utf8)?.call_method1("decode", ("utf-8", errors)),
    }
}

#[pymethods]
impl PyDocuments {
    #[new]
    fn new(obj: &Bound<'_, PyAny>) -> PyResult<Self> {
        guarded(|| Ok(Self { held: take(obj, "documents")? }))
    }

    /// Documents in one buffer, without a copy.
    ///
    /// Parameters
    /// ----------
    /// data : object with the buffer protocol, contiguous
    ///     bytes, bytearray, memoryview, mmap, NumPy array, pyarrow.Buffer ...
    /// offsets : array of integers, length n_documents + 1
    ///     Document ``i`` is ``data[offsets[i]:offsets[i + 1]]``, as in Arrow; counted in bytes.
    ///
    /// Returns
    /// -------
    /// Documents
    ///     Bytes documents.
    ///
    /// Raises
    /// ------
    /// ValueError
    ///     Offsets that fall or pass the buffer's end.
    ///
    /// Examples
    /// --------
    /// >>> import countgrid as cg
    /// >>> list(cg.Documents.from_buffer(b"onetwothree", [0, 3, 6, 11]))
    /// [b'one', b'two', b'three']
    #[staticmethod]
    fn from_buffer(data: &Bound<'_, PyAny>, offsets: &Bound<'_, PyAny>) -> PyResult<Self> {
        guarded(|| Ok(Self { held: Arc::new(lines::from_buffer(data, offsets)?) }))
    }

    /// Each line of a file or of a buffer is a bytes document.
    ///
    /// A byte-order mark is dropped. UTF-16 and UTF-32 are recognised by their mark and decoded. gzip, zstd, bzip2 and
    /// lz4 are recognised by their first bytes and decompressed.
    ///
    /// Parameters
    /// ----------
    /// source : str, os.PathLike, or object with the buffer protocol
    ///     A path names a file or a pipe. Anything else is treated as the bytes of a file: a compressed buffer is
    ///     decompressed.
    /// encoding : str, optional
    ///     The encoding of text without a byte-order mark, such as ``"cp1252"`` or ``"utf-16-le"``. Default: UTF-8,
    ///     valid or not.
    ///
    /// Returns
    /// -------
    /// Documents
    ///     Bytes documents in UTF-8, without the ``\n`` or ``\r\n`` that ends a line. A last line without one counts.
    ///
    /// Raises
    /// ------
    /// OSError
    ///     The file cannot be opened or read.
    /// TypeError
    ///     A source that is neither a path nor a contiguous buffer.
    /// ValueError
    ///     Other binary files, such as xz, ZIP, Parquet, Arrow, images, or text full of NULs: says what the file is and
    ///     what to do. Bytes that are not of the encoding; compressed data that is damaged or ends too early; an
    ///     unknown encoding.
    /// ImportError
    ///     lz4, or zstd before Python 3.14, without pyarrow: ``pip install 'countgrid[pyarrow]'``.
    ///
    /// Notes
    /// -----
    /// Files and buffers in UTF-8 are searched in place; files are memory-mapped. Text that had to be decompressed or
    /// decoded, or came through a pipe, is held in memory.
    ///
    /// Examples
    /// --------
    /// >>> import countgrid as cg
    /// >>> list(cg.Documents.from_lines(b"one\r\n\ntwo"))
    /// [b'one', b'', b'two']
    /// >>> list(cg.Documents.from_lines("one\ntwo".encode("utf-16")))
    /// [b'one', b'two']
    #[staticmethod]
    #[pyo3(signature = (source, *, encoding=None))]
    fn from_lines(source: &Bound<'_, PyAny>, encoding: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        guarded(|| Ok(Self { held: Arc::new(lines::from_lines(source, encoding)?) }))
    }

    /// Bytes of text that a count goes through, as they lie in memory; a text that rows share counts once.
    #[getter]
    fn nbytes(&self) -> PyResult<u64> {
        guarded(|| Ok(self.held.documents().nbytes()))
    }

    /// Which documents are missing: ndarray of bool, of shape (n_documents,).
    #[getter]
    fn missing<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<bool>>> {
        guarded(|| {
            let mut missing = memory::with_room(self.len());
            let mut result = Ok(());
            self.held.documents().for_each_text(|i, text| {
                missing.push(text.is_none());
                result = check_signals(py, i);
                result.is_ok()
            })?;
            result?;
            Ok(PyArray1::from_vec(py, missing))
        })
    }

    fn __len__(&self) -> PyResult<usize> {
        guarded(|| Ok(self.len()))
    }

    fn __getitem__<'py>(&self, py: Python<'py>, index: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        guarded(|| {
            let index: isize = index.extract().map_err(|_| {
                PyTypeError::new_err(format!(
                    "Documents are indexed by integers, not {}",
                    super::errors::type_name(index)
                ))
            })?;
            let row = if index < 0 { self.len().checked_add_signed(index) } else { Some(index as usize) };
            match row.filter(|&row| row < self.len()) {
                Some(row) => self.item(py, row),
                None => {
                    Err(PyIndexError::new_err(format!("index {index} is out of range for {} documents", self.len())))
                }
            }
        })
    }

    fn __repr__(&self) -> PyResult<String> {
        guarded(|| {
            Ok(format!("<countgrid.Documents: {} documents, {} bytes>", self.len(), self.held.documents().nbytes()))
        })
    }
}
