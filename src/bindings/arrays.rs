//! NumPy arrays: making them, their memory, and their class.

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

/// A new array with undefined cells, which must be written before they are read. NumPy requests huge pages for large
/// arrays. Raises `MemoryError` if memory runs out, where `PyArray::new` would panic.
pub fn new_array<T: Element + Copy, const N: usize>(
    py: Python<'_>,
    shape: [usize; N],
) -> PyResult<Bound<'_, PyArray<T, Dim<[usize; N]>>>>
where
    Dim<[usize; N]>: Dimension,
{
    let mut shape = shape.map(|len| len as npy_intp);
    // SAFETY: `shape` has `N` lengths, and the result is a new object or null. The cells are not references, so NumPy
    // never follows undefined ones.
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

/// The address of the first item of an array.
pub fn data_pointer(array: &Bound<'_, PyUntypedArray>) -> *const u8 {
    // SAFETY: the object is an array.
    unsafe { (*array.as_array_ptr()).fields.data.cast() }
}

/// The owner of an array's memory, if the array does not own it: NumPy's `base`.
pub fn base_of<'py>(array: &Bound<'py, PyUntypedArray>) -> Option<Bound<'py, PyAny>> {
    // SAFETY: the object is an array; its base is null or an object that the array keeps alive.
    unsafe { Bound::from_borrowed_ptr_or_opt(array.py(), (*array.as_array_ptr()).fields.base) }
}

/// An array as a plain `numpy.ndarray`, since a derived class may override what we use.
pub fn as_ndarray<'py>(array: &Bound<'py, PyUntypedArray>) -> PyResult<Bound<'py, PyUntypedArray>> {
    if is_exact_ndarray(array) {
        return Ok(array.clone());
    }
    let class = PyUntypedArray::type_object(array.py());
    Ok(class.call_method1("view", (array, &class))?.cast_into()?)
}

/// Whether the class of an array is exactly `numpy.ndarray`, as it nearly always is.
pub fn is_exact_ndarray(array: &Bound<'_, PyUntypedArray>) -> bool {
    array.get_type().is(PyUntypedArray::type_object(array.py()))
}

/// The module `numpy.ma`, if an array is a masked array.
pub fn numpy_ma_if_masked<'py>(array: &Bound<'py, PyUntypedArray>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let Some(numpy_ma) = (!is_exact_ndarray(array)).then(|| imported(array.py(), "numpy.ma")).flatten() else {
        return Ok(None);
    };
    Ok(array.is_instance(&numpy_ma.getattr("MaskedArray")?)?.then_some(numpy_ma))
}

/// Raises `ValueError` unless the array has one dimension.
pub fn check_one_dimensional(array: &Bound<'_, PyUntypedArray>, name: &str) -> PyResult<()> {
    match array.ndim() {
        1 => Ok(()),
        n => Err(PyValueError::new_err(format!("{name} has {n} dimensions; expected 1"))),
    }
}
