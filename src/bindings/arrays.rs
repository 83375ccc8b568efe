//! NumPy arrays: how one is made, where its memory is, and which class it is of.

#![allow(unsafe_code)]

use std::ffi::c_int;

use numpy::ndarray::{Dim, Dimension};
use numpy::npyffi::{PY_ARRAY_API, npy_intp};
use numpy::prelude::*;
use numpy::{Element, PyArray, PyUntypedArray};
use pyo3::PyTypeInfo;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use super::modules::imported;

/// A new array whose cells may hold anything, to be written before they are read. NumPy asks for huge pages where it is large.
pub fn new_array<T: Element + Copy, const N: usize>(
    py: Python<'_>,
    shape: [usize; N],
) -> PyResult<Bound<'_, PyArray<T, Dim<[usize; N]>>>>
where
    Dim<[usize; N]>: Dimension,
{
    let mut shape = shape.map(|len| len as npy_intp);
    // SAFETY: there are as many lengths as are said, and what comes is a new object or null. Cells own nothing, as references would.
    // `PyArray::new` would panic where memory runs out.
    let array = unsafe {
        let class = PyUntypedArray::type_object_raw(py);
        let (dtype, none) = (T::get_dtype(py).into_dtype_ptr(), std::ptr::null_mut());
        let lens = shape.as_mut_ptr();
        let array =
            PY_ARRAY_API.PyArray_NewFromDescr(py, class, dtype, N as c_int, lens, none, none.cast(), 0, none.cast());
        Bound::from_owned_ptr_or_err(py, array)?
    };
    Ok(array.cast_into()?)
}

/// Where the first item of an array is.
pub fn data_of(array: &Bound<'_, PyUntypedArray>) -> *const u8 {
    // SAFETY: the object is an array.
    unsafe { (*array.as_array_ptr()).fields.data.cast() }
}

/// Whose memory an array shows, if it is not its own.
pub fn owner_of<'py>(array: &Bound<'py, PyUntypedArray>) -> Option<Bound<'py, PyAny>> {
    // SAFETY: the object is an array; its base is null or an object that it keeps.
    unsafe { Bound::from_borrowed_ptr_or_opt(array.py(), (*array.as_array_ptr()).fields.base) }
}

/// An array as NumPy's own class sees it: a class derived from it may answer for itself.
pub fn plain<'py>(array: &Bound<'py, PyUntypedArray>) -> PyResult<Bound<'py, PyUntypedArray>> {
    if is_plain(array) {
        return Ok(array.clone());
    }
    let class = PyUntypedArray::type_object(array.py());
    Ok(class.call_method1("view", (array, &class))?.cast_into()?)
}

/// Whether an array is of NumPy's own class, as nearly all are.
pub fn is_plain(array: &Bound<'_, PyUntypedArray>) -> bool {
    array.get_type().is(PyUntypedArray::type_object(array.py()))
}

/// The module of masked arrays, if an array is one.
pub fn masked<'py>(array: &Bound<'py, PyUntypedArray>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let Some(numpy_ma) = (!is_plain(array)).then(|| imported(array.py(), "numpy.ma")).flatten() else {
        return Ok(None);
    };
    Ok(array.is_instance(&numpy_ma.getattr("MaskedArray")?)?.then_some(numpy_ma))
}

/// Refuses arrays with another number of dimensions than one.
pub fn one_dimension(array: &Bound<'_, PyUntypedArray>, name: &str) -> PyResult<()> {
    match array.ndim() {
        1 => Ok(()),
        n => Err(PyValueError::new_err(format!("{name} has {n} dimensions; expected 1"))),
    }
}
