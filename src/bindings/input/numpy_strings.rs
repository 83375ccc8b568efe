//! Arrays of NumPy's `StringDType`.

#![allow(unsafe_code)]

use std::ffi::{c_char, c_int, c_void};
use std::ops::Range;

use numpy::PyUntypedArray;
use numpy::prelude::*;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use super::super::run::SIGNAL_ITEMS;
use crate::core::documents::load_block::{LoadBlock, TextSource};
use crate::core::{CountError, Text};

/// NumPy's `npy_static_string`.
#[repr(C)]
struct StaticString {
    size: usize,
    buf: *const c_char,
}

/// A one-dimensional array of NumPy's `StringDType`. Its strings may be read only under the lock of its allocator.
///
/// They are copied in load blocks, with the GIL and the lock, and nothing else happens meanwhile. A thread that took
/// the lock without the GIL, or ran Python code under it, could block other users of the array forever.
pub struct NumpyStrings {
    array: Py<PyUntypedArray>,
    len: usize,
    /// Which items are missing in addition to nulls; may be empty.
    mask: Vec<bool>,
    /// False without an `na_object`: then a null is an empty string, as in NumPy.
    nulls_are_missing: bool,
    functions: StringFunctions,
}

type LoadString = unsafe extern "C" fn(*mut c_void, *const c_void, *mut StaticString) -> c_int;
type AcquireAllocator = unsafe extern "C" fn(*const c_void) -> *mut c_void;
type ReleaseAllocator = unsafe extern "C" fn(*mut c_void);

#[derive(Clone, Copy)]
struct StringFunctions {
    load: LoadString,
    acquire: AcquireAllocator,
    release: ReleaseAllocator,
}

/// The lock of an array's strings, released on drop.
struct StringLock {
    allocator: *mut c_void,
    functions: StringFunctions,
}

impl Drop for StringLock {
    fn drop(&mut self) {
        // SAFETY: the allocator was acquired once, when this was created.
        unsafe { (self.functions.release)(self.allocator) }
    }
}

impl NumpyStrings {
    /// `array` must be one-dimensional and of `StringDType`.
    pub fn new(array: &Bound<'_, PyUntypedArray>, mask: Vec<bool>) -> PyResult<Self> {
        const LOAD: usize = 313;
        const ACQUIRE: usize = 316;
        const RELEASE: usize = 318;

        assert!(array.dtype().kind() == b'T' && array.ndim() == 1, "an array of strings");
        let nulls_are_missing = array.dtype().hasattr("na_object")?;
        let module = array.py().import("numpy._core._multiarray_umath")?;
        let capsule = module.getattr("_ARRAY_API")?.cast_into::<PyCapsule>()?;
        let api = capsule.pointer_checked(None)?.cast::<*const c_void>().as_ptr();
        // SAFETY: the dtype exists since NumPy 2.0, and these slots of NumPy's API table have contained these
        // functions ever since. The table exists as long as the process.
        let functions = unsafe {
            StringFunctions {
                load: std::mem::transmute::<*const c_void, LoadString>(*api.add(LOAD)),
                acquire: std::mem::transmute::<*const c_void, AcquireAllocator>(*api.add(ACQUIRE)),
                release: std::mem::transmute::<*const c_void, ReleaseAllocator>(*api.add(RELEASE)),
            }
        };
        Ok(Self { array: array.clone().unbind(), len: array.len(), mask, nulls_are_missing, functions })
    }

    /// Calls `each` with each string in a range, `None` for a missing one, until it returns false.
    ///
    /// `each` must not run Python code, since the strings are locked meanwhile.
    fn each(&self, range: Range<usize>, mut each: impl FnMut(Option<&[u8]>) -> bool) -> Result<(), CountError> {
        let failed = |reason: &str| CountError::NotLoaded { reason: reason.into() };
        let read = Python::try_attach(|py| {
            let array = self.array.bind(py);
            let stride = array.strides().first().copied().unwrap_or(0);
            if array.ndim() != 1 || array.len() < range.end {
                return Err(failed("a StringDType array was given another shape while it was in use"));
            }
            // SAFETY: the array has this dtype, which cannot change: NumPy forbids that for items with references.
            // This thread stays attached to Python until the lock is released.
            let lock = unsafe {
                StringLock {
                    allocator: (self.functions.acquire)(array.dtype().as_ptr().cast()),
                    functions: self.functions,
                }
            };
            for i in range {
                if self.mask.get(i).is_some_and(|&masked| masked) {
                    if !each(None) {
                        break;
                    }
                    continue;
                }
                let mut string = StaticString { size: 0, buf: std::ptr::null() };
                // SAFETY: item `i` is a packed string at `data + i * stride`, since the number of items was checked
                // after this thread attached. Without a GIL, another thread may reshape or resize the array after the
                // check. We accept that risk.
                let loaded = unsafe {
                    let data = (*array.as_array_ptr()).fields.data;
                    (self.functions.load)(lock.allocator, data.offset(stride * i as isize).cast(), &raw mut string)
                };
                let text = match loaded {
                    0 if string.size == 0 => Some(&[][..]),
                    // SAFETY: NumPy returned this address and size. The bytes stay as long as we have the lock, which
                    // writers need too.
                    0 => Some(unsafe { std::slice::from_raw_parts(string.buf.cast(), string.size) }),
                    1 if self.nulls_are_missing => None,
                    1 => Some(&[][..]),
                    _ => return Err(failed("NumPy could not read an item of a StringDType array")),
                };
                if !each(text) {
                    break;
                }
            }
            Ok(())
        });
        // The GIL is unavailable only while Python is finalizing.
        read.unwrap_or(Err(CountError::Cancelled))
    }
}

impl TextSource for NumpyStrings {
    fn first_missing(&self, keep_going: &dyn Fn() -> bool) -> Result<Option<usize>, CountError> {
        let (mut at, mut is_missing) = (0, false);
        while at < self.len() && !is_missing {
            if at > 0 && !keep_going() {
                return Err(CountError::Cancelled);
            }
            self.each(at..self.len().min(at + SIGNAL_ITEMS), |text| {
                is_missing = text.is_none();
                at += usize::from(!is_missing);
                !is_missing
            })?;
        }
        Ok(is_missing.then_some(at))
    }

    fn len(&self) -> usize {
        self.len
    }

    fn nbytes(&self) -> u64 {
        let mut bytes = 0;
        let sum = |text: Option<&[u8]>| {
            bytes += text.map_or(0, |text| text.len() as u64);
            true
        };
        // An error is reported by the count.
        self.each(0..self.len(), sum).map_or(0, |()| bytes)
    }

    fn load(&self, texts: Range<usize>, to: &mut LoadBlock) -> Result<(), CountError> {
        to.reserve(texts.len());
        self.each(texts, |text| to.push(text.map(Text::Str)))
    }
}
