//! Documents taken once: what the class `Documents` holds.

use std::sync::Arc;

use pyo3::prelude::*;

use super::buffer::Held;

/// Documents taken once, counted many times.
///
/// Parameters
/// ----------
/// obj : sequence of str, bytes or missing values; array or column of them
///     List, tuple, iterable, NumPy, pandas, polars, pyarrow or anything with the Arrow PyCapsule protocol. Texts stay
///     in the memory of their owner, which is kept alive; the strings of a NumPy `StringDType` are copied a portion at a
///     time while they are counted.
///
/// Raises
/// ------
/// TypeError
///     A single str or bytes, a mapping or a set; an item or a column that is not text.
/// ValueError
///     A table or DataFrame of several columns; an array of more than one dimension.
///
/// Notes
/// -----
/// Do not write to the documents' memory while they are counted: the counts may be wrong. Every access is checked
/// against the bounds of its buffer, but Rust does not define reads of memory that changes meanwhile. Truncating a
/// memory-mapped file under a count ends the process.
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
    pub held: Arc<Held>,
}
