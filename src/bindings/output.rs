//! Result arrays: made here, or checked if the caller provides one.

use numpy::ndarray::ArrayViewMut2;
use numpy::prelude::*;
use numpy::{Element, PyArray1, PyArray2, PyArrayDescr, PyUntypedArray};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PySlice, PyTuple};

use super::arrays::{as_ndarray, new_array, numpy_ma_if_masked};
use super::borrowed::BorrowedDocuments;
use super::errors::{short_repr, wrong_type};
use super::memory_overlap::check_no_overlap;
use super::run::Runner;
use crate::core::{self, Cell, Documents, Index, Plan, Sparse, dense, find, sparse};

/// Calls a generic function with the cell type of a dtype.
macro_rules! for_cells_of {
    ($dtype:expr, $function:ident($($argument:expr),*)) => {{
        let dtype = $dtype;
        match (dtype.kind(), dtype.itemsize()) {
            (b'b', 1) => $function::<bool>($($argument),*),
            (b'i', 1) => $function::<i8>($($argument),*),
            (b'i', 2) => $function::<i16>($($argument),*),
            (b'i', 4) => $function::<i32>($($argument),*),
            (b'i', 8) => $function::<i64>($($argument),*),
            (b'u', 1) => $function::<u8>($($argument),*),
            (b'u', 2) => $function::<u16>($($argument),*),
            (b'u', 4) => $function::<u32>($($argument),*),
            (b'u', 8) => $function::<u64>($($argument),*),
            (b'f', 2) => $function::<half::f16>($($argument),*),
            (b'f', 4) => $function::<f32>($($argument),*),
            (b'f', 8) => $function::<f64>($($argument),*),
            _ => Err(unsupported("dtype is", &dtype)),
        }
    }};
}

fn unsupported(subject: &str, dtype: &Bound<'_, PyArrayDescr>) -> PyErr {
    PyTypeError::new_err(format!("{subject} {dtype}; expected an integer, float or bool type of at most 64 bits"))
}

/// The dtype that the caller passed, or the default, `int32`.
fn dtype_of<'py>(py: Python<'py>, dtype: Option<&Bound<'py, PyAny>>) -> PyResult<Bound<'py, PyArrayDescr>> {
    match dtype {
        None => Ok(numpy::dtype::<i32>(py)),
        Some(dtype) => PyArrayDescr::new(py, dtype),
    }
}

fn is_foreign_byteorder(dtype: &Bound<'_, PyArrayDescr>) -> bool {
    dtype.is_native_byteorder() == Some(false)
}

/// Counts into a dense array: a new one, or `out`.
pub fn count_dense<'py>(
    py: Python<'py>,
    plan: &Plan,
    borrowed: &BorrowedDocuments,
    dtype: Option<&Bound<'py, PyAny>>,
    out: Option<&Bound<'py, PyAny>>,
    runner: &Runner,
) -> PyResult<Bound<'py, PyAny>> {
    let documents = borrowed.documents();
    let shape = [documents.len(), plan.columns()];
    let Some(out) = out else {
        let dtype = dtype_of(py, dtype)?;
        let native = if is_foreign_byteorder(&dtype) { native(&dtype)? } else { dtype.clone() };
        let counts = for_cells_of!(native, count_new(py, plan, documents, shape, runner))?;
        if !is_foreign_byteorder(&dtype) {
            return Ok(counts);
        }
        let array = py.import("numpy")?.call_method1("empty", (shape, dtype))?;
        copy_rows(&counts, &array, shape[0])?;
        return Ok(array);
    };
    let array = out.cast::<PyUntypedArray>().map_err(|_| wrong_type(out, "out", "expected a NumPy array"))?;
    if numpy_ma_if_masked(array)?.is_some() {
        let hint = "its mask would hide counts; pass out.data";
        return Err(PyTypeError::new_err(format!("out is a masked array; {hint}")));
    }
    let array = &as_ndarray(array)?;
    check_out(array, shape, dtype)?;
    check_no_overlap(array, borrowed.regions())?;
    let own = array.dtype();
    if is_foreign_byteorder(&own) || !array.is_aligned() {
        // Counts are written to another array, and NumPy converts them.
        let counts = for_cells_of!(native(&own)?, count_new(py, plan, documents, shape, runner))?;
        copy_rows(&counts, array.as_any(), shape[0])?;
    } else {
        for_cells_of!(own, count_into(py, plan, documents, array, runner))?;
    }
    Ok(out.clone())
}

/// Copies `rows` rows to an array with another dtype, in batches, since a call of NumPy cannot be interrupted.
fn copy_rows<'py>(from: &Bound<'py, PyAny>, to: &Bound<'py, PyAny>, rows: usize) -> PyResult<()> {
    const CELLS: usize = 4 << 20;

    let py = from.py();
    let copyto = py.import("numpy")?.getattr("copyto")?;
    let cells: usize = from.getattr("size")?.extract()?;
    let step = (CELLS * rows / cells.max(1)).clamp(1, rows.max(1));
    for start in (0..rows).step_by(step) {
        py.check_signals()?;
        let some = PySlice::new(py, start as isize, rows.min(start + step) as isize, 1);
        copyto.call1((to.get_item(&some)?, from.get_item(&some)?))?;
    }
    Ok(())
}

fn native<'py>(dtype: &Bound<'py, PyArrayDescr>) -> PyResult<Bound<'py, PyArrayDescr>> {
    Ok(dtype.call_method1("newbyteorder", ("=",))?.cast_into()?)
}

fn count_new<'py, T: Cell + Element>(
    py: Python<'py>,
    plan: &Plan,
    documents: &Documents<'_>,
    shape: [usize; 2],
    runner: &Runner,
) -> PyResult<Bound<'py, PyAny>> {
    check_memory(py, shape, size_of::<T>())?;
    let array = new_array::<T, 2>(py, shape)?;
    fill(py, plan, documents, &array, runner)?;
    Ok(array.into_any())
}

fn count_into<T: Cell + Element>(
    py: Python<'_>,
    plan: &Plan,
    documents: &Documents<'_>,
    array: &Bound<'_, PyUntypedArray>,
    runner: &Runner,
) -> PyResult<()> {
    fill(py, plan, documents, array.cast::<PyArray2<T>>()?, runner)
}

fn fill<T: Cell + Element>(
    py: Python<'_>,
    plan: &Plan,
    documents: &Documents<'_>,
    array: &Bound<'_, PyArray2<T>>,
    runner: &Runner,
) -> PyResult<()> {
    let mut array =
        array.try_readwrite().map_err(|error| PyValueError::new_err(format!("out cannot be written to: {error}")))?;
    let shape = [array.shape()[0], array.shape()[1]];
    let matrix = match array.is_empty() {
        // The strides of a NumPy array without cells may look as if cells overlap, which ndarray rejects.
        true => ArrayViewMut2::from_shape(shape, &mut []).expect("a shape without cells"),
        false => array.as_array_mut(),
    };
    runner.run(py, |run| dense(plan, documents, matrix, true, run))
}

/// Raises `MemoryError` for a dense matrix that does not fit into this machine's memory, before it is allocated.
fn check_memory(py: Python<'_>, shape: [usize; 2], cell: usize) -> PyResult<()> {
    const ALWAYS_FITS: u128 = 256 << 20;
    if shape[0] as u128 * shape[1] as u128 * cell as u128 > ALWAYS_FITS {
        py.import("countgrid._memory")?.call_method1("check", (shape[0], shape[1], cell))?;
    }
    Ok(())
}

/// Checks `out` completely before a cell is written.
fn check_out(out: &Bound<'_, PyUntypedArray>, shape: [usize; 2], dtype: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
    let own = out.dtype();
    if let Some(dtype) = dtype {
        let dtype = PyArrayDescr::new(out.py(), dtype)?;
        if !dtype.is_equiv_to(&own) {
            return Err(PyTypeError::new_err(format!("dtype is {dtype}, but out has dtype {own}; pass one of them")));
        }
    }
    if !(matches!(own.kind(), b'b' | b'i' | b'u' | b'f') && own.itemsize() <= 8) {
        return Err(unsupported("out has dtype", &own));
    }
    if out.shape() != shape {
        return Err(PyValueError::new_err(format!(
            "out has shape {}; expected {} for {} documents and {} columns",
            PyTuple::new(out.py(), out.shape())?,
            PyTuple::new(out.py(), shape)?,
            shape[0],
            shape[1]
        )));
    }
    if !out.getattr("flags")?.getattr("writeable")?.is_truthy()? {
        return Err(PyValueError::new_err("out is read-only; expected an array that can be written to"));
    }
    if overlaps_itself(out) {
        return Err(PyValueError::new_err("out has cells that share memory; expected one place for each cell"));
    }
    Ok(())
}

/// Whether two cells of an array may share memory. They cannot if each stride steps over all cells along the smaller
/// strides.
fn overlaps_itself(array: &Bound<'_, PyUntypedArray>) -> bool {
    let mut axes: Vec<(usize, usize)> = array
        .strides()
        .iter()
        .zip(array.shape())
        .filter(|&(_, &len)| len > 1)
        .map(|(stride, &len)| (stride.unsigned_abs(), len))
        .collect();
    axes.sort_unstable();
    let mut reach = array.dtype().itemsize();
    array.len() > 1
        && axes.into_iter().any(|(stride, len)| {
            let overlaps = stride < reach;
            reach += stride * (len - 1);
            overlaps
        })
}

/// Counts into a `scipy.sparse.csr_array`.
pub fn count_sparse<'py>(
    py: Python<'py>,
    plan: &Plan,
    documents: &Documents<'_>,
    dtype: Option<&Bound<'py, PyAny>>,
    runner: &Runner,
) -> PyResult<Bound<'py, PyAny>> {
    let scipy = py.import("countgrid._optional")?.call_method1("scipy_sparse", ())?;
    let dtype = sparse_dtype(py, dtype)?;
    let counted = runner.run(py, |run| sparse(plan, documents, run))?;
    let arrays = csr_arrays_of(py, &dtype, counted, documents.len(), plan.columns(), runner)?;
    let keywords = PyDict::new(py);
    keywords.set_item("shape", (documents.len(), plan.columns()))?;
    let matrix = scipy.getattr("csr_array")?.call((arrays,), Some(&keywords))?;
    // True by construction, so SciPy need not check.
    matrix.setattr("has_sorted_indices", true)?;
    matrix.setattr("has_canonical_format", true)?;
    Ok(matrix)
}

/// The dtype that the caller passed, if SciPy's sparse arrays can hold it.
pub fn sparse_dtype<'py>(py: Python<'py>, dtype: Option<&Bound<'py, PyAny>>) -> PyResult<Bound<'py, PyArrayDescr>> {
    let dtype = dtype_of(py, dtype)?;
    if (dtype.kind(), dtype.itemsize()) == (b'f', 2) {
        return Err(PyTypeError::new_err("dtype is float16, which scipy's sparse arrays cannot hold; pass float32"));
    }
    if is_foreign_byteorder(&dtype) {
        return Err(PyTypeError::new_err(format!(
            "dtype is {}, which scipy's sparse arrays cannot hold; pass a type in native byte order",
            short_repr(dtype.as_any())
        )));
    }
    Ok(dtype)
}

/// The arrays (data, indices, indptr) of a dtype that [`sparse_dtype`] returned.
pub fn csr_arrays_of<'py>(
    py: Python<'py>,
    dtype: &Bound<'py, PyArrayDescr>,
    counted: Sparse<'_>,
    rows: usize,
    columns: usize,
    runner: &Runner,
) -> PyResult<Bound<'py, PyTuple>> {
    for_cells_of!(dtype.clone(), csr_arrays(py, counted, rows, columns, runner))
}

/// The arrays (data, indices, indptr), with 32-bit indices if they suffice.
fn csr_arrays<'py, T: Cell + Element>(
    py: Python<'py>,
    counted: Sparse<'_>,
    rows: usize,
    columns: usize,
    runner: &Runner,
) -> PyResult<Bound<'py, PyTuple>> {
    match counted.nonzero().max(columns) <= i32::MAX as usize {
        true => csr_arrays_by::<T, i32>(py, counted, rows, runner),
        false => csr_arrays_by::<T, i64>(py, counted, rows, runner),
    }
}

fn csr_arrays_by<'py, T: Cell + Element, I: Index + Element>(
    py: Python<'py>,
    counted: Sparse<'_>,
    rows: usize,
    runner: &Runner,
) -> PyResult<Bound<'py, PyTuple>> {
    let nonzero = counted.nonzero();
    let data = new_array::<T, 1>(py, [nonzero])?;
    let indices = new_array::<I, 1>(py, [nonzero])?;
    let indptr = new_array::<I, 1>(py, [rows + 1])?;
    {
        let (mut data, mut indices, mut indptr) =
            (data.try_readwrite()?, indices.try_readwrite()?, indptr.try_readwrite()?);
        let (data, indices, indptr) = (data.as_slice_mut()?, indices.as_slice_mut()?, indptr.as_slice_mut()?);
        runner.run(py, |run| counted.write(indptr, indices, data, run))?;
    }
    (data, indices, indptr).into_pyobject(py)
}

/// Positions, or indices of documents or columns.
pub type Int64Array<'py> = Bound<'py, PyArray1<i64>>;

/// Document, column, start and end of each match.
pub fn match_arrays<'py>(
    py: Python<'py>,
    plan: &Plan,
    documents: &Documents<'_>,
    runner: &Runner,
) -> PyResult<[Int64Array<'py>; 4]> {
    let found = runner.run(py, |run| find(plan, documents, run))?;
    let list = || new_array::<i64, 1>(py, [found.len()]);
    let arrays = [list()?, list()?, list()?, list()?];
    {
        let [mut documents, mut columns, mut starts, mut ends] = arrays.each_ref().map(|array| array.readwrite());
        let places = core::MatchColumns {
            documents: documents.as_slice_mut()?,
            columns: columns.as_slice_mut()?,
            starts: starts.as_slice_mut()?,
            ends: ends.as_slice_mut()?,
        };
        runner.run(py, |run| found.write(places, run))?;
    }
    Ok(arrays)
}
