//! The class `Documents`, and the documents of any other object.

use std::sync::Arc;

use numpy::PyArray1;
use pyo3::exceptions::{PyIndexError, PyTypeError};
use pyo3::prelude::*;

use super::borrowed::{BorrowedDocuments, Owners};
use super::errors::type_name;
use super::guard::guarded;
use super::input::{extract, lines, offsets};
use super::run::check_signals;
use super::strings::{decode, new_bytes};
use crate::core::Text;
use crate::core::base::memory;
use crate::core::text::transform::Transform;
use crate::core::text::unicode::first_symbol;

/// The documents of an object, called `name` in messages. Those of a `Documents` object are shared.
pub fn documents_of(object: &Bound<'_, PyAny>, name: &str) -> PyResult<Arc<BorrowedDocuments>> {
    documents_kept_by(Owners::default(), object, name)
}

/// The documents of an object for a single count.
pub fn documents_for_single_use(object: &Bound<'_, PyAny>, name: &str) -> PyResult<Arc<BorrowedDocuments>> {
    documents_kept_by(Owners::for_single_use(), object, name)
}

fn documents_kept_by(mut owners: Owners, object: &Bound<'_, PyAny>, name: &str) -> PyResult<Arc<BorrowedDocuments>> {
    if let Ok(documents) = object.cast_exact::<PyDocuments>() {
        return Ok(documents.get().borrowed.clone());
    }
    let documents = extract::documents(object, name, &mut owners)?;
    Ok(Arc::new(BorrowedDocuments::new(documents, owners)))
}

/// Documents read once and counted many times.
///
/// Parameters
/// ----------
/// obj : sequence of str, bytes or missing values; array or column of them
///     List, tuple, iterable, NumPy, pandas, polars, pyarrow or anything with the Arrow PyCapsule protocol. Texts are
///     read in place, and their owner is kept alive. The strings of a NumPy `StringDType` are copied in small batches
///     while they are counted.
///
/// Raises
/// ------
/// TypeError
///     A single str or bytes, a mapping or a set; an item or a column that is not text.
/// ValueError
///     A table or DataFrame with several columns; an array with more than one dimension.
///
/// Notes
/// -----
/// Do not write to the documents' memory while they are counted: the counts may be wrong. Every access is checked
/// against the bounds of its buffer, but Rust does not define what reading memory does while it changes. If a
/// memory-mapped file is truncated during a count, the process ends.
///
/// Examples
/// --------
/// >>> import countgrid as cg
/// >>> documents = cg.Documents(["the cat sat", None, b"the the"])
/// >>> len(documents), documents.nbytes, documents[0], documents[1], documents[-1]
/// (3, 18, 'the cat sat', None, b'the the')
/// >>> documents.missing
/// array([False,  True, False])
/// >>> cg.count(documents, ["the"])
/// array([[1],
///        [0],
///        [2]], dtype=int32)
#[pyclass(frozen, name = "Documents", module = "countgrid")]
pub struct PyDocuments {
    pub(super) borrowed: Arc<BorrowedDocuments>,
}

impl PyDocuments {
    pub fn len(&self) -> usize {
        self.borrowed.documents().len()
    }

    /// The document in a row, as `str`, `bytes` or `None`.
    pub fn item<'py>(&self, py: Python<'py>, row: usize) -> PyResult<Bound<'py, PyAny>> {
        let text = self.borrowed.documents().with_text(row, |text| {
            text.map(|text| match text {
                Text::Bytes(bytes) => (memory::copied(bytes), false),
                text => {
                    // UTF-8 takes at most twice the memory of the other encodings.
                    let mut utf8 = memory::with_room(2 * text.memory().len());
                    Transform::default().append(text, &mut utf8);
                    (utf8, true)
                }
            })
        })?;
        match text {
            None => Ok(py.None().into_bound(py)),
            Some((bytes, false)) => new_bytes(py, &bytes),
            Some((utf8, true)) => {
                decode(py, &utf8, "surrogatepass").or_else(|_| decode(py, &surrogate_escaped(&utf8), "surrogatepass"))
            }
        }
    }
}

/// Each byte of invalid UTF-8 as a lone surrogate, as Python's `surrogateescape` decodes it: one character each,
/// which is how they are counted. Surrogates of the `str` itself are kept.
fn surrogate_escaped(bytes: &[u8]) -> Vec<u8> {
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

#[pymethods]
impl PyDocuments {
    #[new]
    fn new(obj: &Bound<'_, PyAny>) -> PyResult<Self> {
        guarded(|| Ok(Self { borrowed: documents_of(obj, "documents")? }))
    }

    /// Make documents from one buffer and offsets, without a copy.
    ///
    /// Parameters
    /// ----------
    /// data : object with the buffer protocol, contiguous
    ///     bytes, bytearray, memoryview, mmap, NumPy array, pyarrow.Buffer ...
    /// offsets : array of integers, length n_documents + 1
    ///     Document ``i`` is ``data[offsets[i]:offsets[i + 1]]``, as in Arrow. Offsets are in bytes.
    ///
    /// Returns
    /// -------
    /// Documents
    ///     Its documents are bytes.
    ///
    /// Raises
    /// ------
    /// ValueError
    ///     Decreasing or out-of-range offsets.
    ///
    /// Examples
    /// --------
    /// >>> import countgrid as cg
    /// >>> list(cg.Documents.from_buffer(b"onetwothree", [0, 3, 6, 11]))
    /// [b'one', b'two', b'three']
    #[staticmethod]
    fn from_buffer(data: &Bound<'_, PyAny>, offsets: &Bound<'_, PyAny>) -> PyResult<Self> {
        guarded(|| Ok(Self { borrowed: Arc::new(offsets::from_buffer(data, offsets)?) }))
    }

    /// Make a bytes document of each line of a file or a buffer.
    ///
    /// A byte-order mark is dropped. UTF-16 and UTF-32 are recognised by their mark and decoded. gzip, zstd, bzip2
    /// and lz4 are recognised by their first bytes and decompressed.
    ///
    /// Parameters
    /// ----------
    /// source : str, os.PathLike, or object with the buffer protocol
    ///     The path of a file or a pipe, or the content of a file. A compressed buffer is decompressed too.
    /// encoding : str, optional
    ///     The encoding of text without a byte-order mark, such as ``"cp1252"`` or ``"utf-16-le"``. Default: UTF-8,
    ///     valid or not.
    ///
    /// Returns
    /// -------
    /// Documents
    ///     Its documents are bytes in UTF-8, without the ``\n`` or ``\r\n`` that ends each line. The last line may lack
    ///     it.
    ///
    /// Raises
    /// ------
    /// OSError
    ///     The file cannot be opened or read.
    /// TypeError
    ///     A source that is neither a path nor a contiguous buffer.
    /// ValueError
    ///     Other binary files, such as xz, ZIP, Parquet, Arrow, images, or text full of NULs. The message says what the
    ///     file is and what to do. Bytes that are invalid in the encoding; damaged or truncated compressed data; an
    ///     unknown encoding.
    /// ImportError
    ///     lz4, or zstd before Python 3.14, without pyarrow: ``pip install 'countgrid[pyarrow]'``.
    ///
    /// Notes
    /// -----
    /// Files and buffers in UTF-8 are searched in place; files are memory-mapped. Text that was decompressed or
    /// decoded, or came through a pipe, is kept in memory.
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
        guarded(|| Ok(Self { borrowed: Arc::new(lines::from_lines(source, encoding)?) }))
    }

    /// Bytes of all texts, in their encoding in memory. A text that several rows share counts once.
    #[getter]
    fn nbytes(&self) -> PyResult<u64> {
        guarded(|| Ok(self.borrowed.documents().nbytes()))
    }

    /// Which documents are missing: ndarray of bool, of shape (n_documents,).
    #[getter]
    fn missing<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<bool>>> {
        guarded(|| {
            let mut missing = memory::with_room(self.len());
            let mut result = Ok(());
            self.borrowed.documents().for_each_text(|i, text| {
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
                PyTypeError::new_err(format!("Documents are indexed by integers, not {}", type_name(index)))
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
            Ok(format!(
                "<countgrid.Documents: {} documents, {} bytes>",
                self.len(),
                self.borrowed.documents().nbytes()
            ))
        })
    }
}
