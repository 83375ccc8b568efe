//! Memory that others own, borrowed for as long as a [`Held`] lives.
//!
//! Python strings, NumPy arrays, Arrow buffers and mapped files are borrowed, not copied. A slice of such memory is
//! called `'static` inside `bindings`, which is true as long as its owner is kept; [`Held`] keeps documents and owners
//! together and lends the documents out for no longer than it lives itself. So the rule here is one: **whoever makes a
//! `'static` slice gives its owner to the same [`Keeper`]**, and the functions that make slices do so themselves.
//!
//! What is borrowed may be written to by someone else during a count. Nothing read from it is trusted: not UTF-8, not
//! offsets, not lengths of padding.

#![allow(unsafe_code)]

use std::ffi::{c_char, c_int, c_void};
use std::ops::Range;

use arrow_buffer::NullBuffer;
use arrow_data::ArrayData;
use memmap2::Mmap;
use numpy::ndarray::{Dim, Dimension};
use numpy::npyffi::{PY_ARRAY_API, npy_intp};
use numpy::prelude::*;
use numpy::{Element, PyArray, PyUntypedArray};
use pyo3::PyTypeInfo;
use pyo3::buffer::PyUntypedBuffer;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use super::items::{Items, Objects};
use super::overlap::Region;
use super::run::{SIGNAL_ITEMS, check_signals};
use crate::kernel::chunk::Chunk;
use crate::kernel::documents::{Load, Loaded};
use crate::kernel::memory;
use crate::kernel::{CountError, Documents, Text};

/// Owners of borrowed memory.
#[derive(Default)]
pub struct Keeper {
    owners: Vec<Owner>,
    /// The memory that was borrowed or read, of which none may be written to by a count.
    regions: Vec<Region>,
    /// Whether the documents will be counted once, and then no more.
    once: bool,
}

/// What keeps memory alive and in place.
#[expect(dead_code, reason = "owners are kept, not read")]
enum Owner {
    Objects(Objects),
    Buffer(PyUntypedBuffer),
    Arrow(ArrayData),
    Nulls(NullBuffer),
    Map(Mmap),
    Bytes(Vec<u8>),
}

/// Documents and the owners of their memory.
pub struct Held {
    // Dropped first.
    documents: Documents<'static>,
    keeper: Keeper,
}

impl Held {
    /// All memory that the documents borrow is kept by `keeper`.
    pub fn new(documents: Documents<'static>, keeper: Keeper) -> Self {
        Self { documents, keeper }
    }

    /// The documents, for no longer than their memory is kept.
    pub fn documents(&self) -> &Documents<'_> {
        &self.documents
    }

    /// The memory of others that the documents are in.
    pub fn regions(&self) -> &[Region] {
        &self.keeper.regions
    }
}

/// Forgets how long a slice lives.
///
/// # Safety
///
/// The memory must stay alive and in place for as long as the keeper that its owner was given to.
unsafe fn outlive(bytes: &[u8]) -> &'static [u8] {
    // SAFETY: same pointer and length; the caller answers for the lifetime.
    unsafe { std::slice::from_raw_parts(bytes.as_ptr(), bytes.len()) }
}

impl Keeper {
    /// For documents that are counted once.
    pub fn once() -> Self {
        Self { once: true, ..Self::default() }
    }

    /// Keeps what another keeper kept.
    pub fn extend(&mut self, other: Self) {
        self.owners.extend(other.owners);
        self.regions.extend(other.regions);
    }

    /// Bytes of our own.
    pub fn bytes(&mut self, bytes: Vec<u8>) -> &'static [u8] {
        // SAFETY: a vector's memory stays in place when the vector moves, and nothing changes this one.
        let slice = unsafe { outlive(&bytes) };
        self.owners.push(Owner::Bytes(bytes));
        slice
    }

    /// A mapped file. If it is truncated while it is read, the process gets SIGBUS: documented, and not to be helped.
    pub fn map(&mut self, file: &std::fs::File) -> std::io::Result<&'static [u8]> {
        // SAFETY: read-only; that another process may write to the file is as with every borrowed buffer.
        let map = unsafe { Mmap::map(file)? };
        // SAFETY: the mapping stays in place when its handle moves.
        let slice = unsafe { outlive(&map) };
        self.regions.push(Region::flat(slice));
        self.owners.push(Owner::Map(map));
        Ok(slice)
    }

    /// The memory of an object with the buffer protocol, which must be contiguous.
    pub fn buffer(&mut self, object: &Bound<'_, PyAny>, name: &str) -> PyResult<&'static [u8]> {
        let buffer = PyUntypedBuffer::get(object)?;
        if !buffer.is_c_contiguous() {
            return Err(PyValueError::new_err(format!("{name} is a buffer with gaps; expected a contiguous one")));
        }
        let slice = match buffer.len_bytes() {
            0 => &[],
            // SAFETY: a contiguous buffer has `len_bytes` bytes at `buf_ptr`, and its exporter may neither move nor free
            // them before the buffer is released, which the keeper does.
            len => unsafe { std::slice::from_raw_parts(buffer.buf_ptr().cast::<u8>(), len) },
        };
        self.regions.push(Region::flat(slice));
        self.owners.push(Owner::Buffer(buffer));
        Ok(slice)
    }

    /// The buffers of an Arrow array, in the order of its layout.
    pub fn arrow(&mut self, array: &ArrayData) -> Vec<&'static [u8]> {
        // SAFETY: Arrow buffers are reference-counted and stay in place; the clone kept below holds them.
        let slices: Vec<_> = array.buffers().iter().map(|buffer| unsafe { outlive(buffer) }).collect();
        self.regions.extend(slices.iter().copied().map(Region::flat));
        self.owners.push(Owner::Arrow(array.clone()));
        slices
    }

    /// An Arrow validity bitmap and where it begins, in bits.
    pub fn arrow_nulls(&mut self, nulls: &NullBuffer) -> (&'static [u8], usize) {
        // SAFETY: as in `arrow`.
        let bits = unsafe { outlive(nulls.validity()) };
        self.regions.push(Region::flat(bits));
        self.owners.push(Owner::Nulls(nulls.clone()));
        (bits, nulls.offset())
    }

    /// The memory of a one-dimensional array, from its lowest byte to its highest, and where its first item lies.
    pub fn array(&mut self, array: &Bound<'_, PyUntypedArray>) -> (&'static [u8], usize) {
        let (len, stride) = (array.len(), array.strides().first().copied().unwrap_or(0));
        if len == 0 {
            return (&[], 0);
        }
        let reach = stride.unsigned_abs() * (len - 1);
        let first = if stride < 0 { reach } else { 0 };
        // SAFETY: NumPy guarantees that item `i` of an array lies at `data + i * stride`, `itemsize` bytes long. The
        // array owns or keeps that memory, and is kept.
        let memory =
            unsafe { std::slice::from_raw_parts(data_of(array).sub(first), reach + array.dtype().itemsize()) };
        self.read(array);
        (memory, first)
    }

    /// Notes that documents are read from the memory of an array, and keeps it.
    pub fn read(&mut self, array: &Bound<'_, PyUntypedArray>) {
        self.regions.push(Region::Array(array.clone().unbind()));
    }

    /// The documents that items are. For one count they are looked up portion by portion, and each let go soon behind its
    /// count, while it is in the cache.
    pub fn items(&mut self, py: Python<'_>, items: Items) -> PyResult<Documents<'static>> {
        if self.once {
            return Ok(Documents::loaded(Box::new(items)));
        }
        let objects = items.take(0..items.len());
        let mut texts = memory::with_room(items.len());
        for start in (0..items.len()).step_by(SIGNAL_ITEMS) {
            check_signals(py, start + SIGNAL_ITEMS - 1)?;
            texts.extend(objects.texts(py, start..items.len().min(start + SIGNAL_ITEMS)));
        }
        self.owners.push(Owner::Objects(objects));
        Ok(Documents::new(vec![Chunk::from_texts(texts)]))
    }
}

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

/// # Safety
///
/// `len` bytes at `data` must be readable for as long as the slice is used.
pub unsafe fn slice(data: *const c_void, len: usize) -> &'static [u8] {
    // SAFETY: the caller's promise.
    unsafe { std::slice::from_raw_parts(data.cast(), len) }
}

/// NumPy's `npy_static_string`.
#[repr(C)]
struct StaticString {
    size: usize,
    buf: *const c_char,
}

/// A one-dimensional array of NumPy's `StringDType`, whose strings may be read only under the lock of its allocator.
///
/// They are copied a portion at a time, with the GIL and the lock held, and nothing else is done meanwhile: whoever held
/// the lock without the GIL, or ran Python code under it, could stop other threads that touch the array for good.
pub struct NumpyStrings {
    array: Py<PyUntypedArray>,
    len: usize,
    /// What is missing beside the nulls; empty if nothing is.
    mask: Vec<bool>,
    /// A null without an `na_object` is an empty string, as it is to NumPy.
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

/// The lock of an array's strings, released when this is dropped.
struct StringLock {
    allocator: *mut c_void,
    functions: StringFunctions,
}

impl Drop for StringLock {
    fn drop(&mut self) {
        // SAFETY: the allocator was acquired, once, when this was made.
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
        // SAFETY: NumPy 2.0 and later, the only ones with this dtype, have these functions at these slots of their API
        // table, which is there as long as NumPy is.
        let functions = unsafe {
            StringFunctions {
                load: std::mem::transmute::<*const c_void, LoadString>(*api.add(LOAD)),
                acquire: std::mem::transmute::<*const c_void, AcquireAllocator>(*api.add(ACQUIRE)),
                release: std::mem::transmute::<*const c_void, ReleaseAllocator>(*api.add(RELEASE)),
            }
        };
        Ok(Self { array: array.clone().unbind(), len: array.len(), mask, nulls_are_missing, functions })
    }

    /// Calls `each` with the strings in a range, until it has enough; `None` for what is missing.
    ///
    /// `each` must not run Python code: the strings are locked meanwhile.
    fn each(&self, range: Range<usize>, mut each: impl FnMut(Option<&[u8]>) -> bool) -> Result<(), CountError> {
        let failed = |reason: &str| CountError::NotLoaded { reason: reason.into() };
        let read = Python::try_attach(|py| {
            let array = self.array.bind(py);
            let stride = array.strides().first().copied().unwrap_or(0);
            if array.ndim() != 1 || array.len() < range.end {
                return Err(failed("a StringDType array was given another shape while it was in use"));
            }
            // SAFETY: the array is of this dtype, and the GIL is held from here until the lock is released.
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
                // SAFETY: item `i`, of which the array has so many, is a packed string at `data + i * stride`.
                let loaded = unsafe {
                    let data = (*array.as_array_ptr()).fields.data;
                    (self.functions.load)(lock.allocator, data.offset(stride * i as isize).cast(), &raw mut string)
                };
                let text = match loaded {
                    0 if string.size == 0 => Some(&[][..]),
                    // SAFETY: NumPy says that so many bytes lie there; they stay as long as the lock is held.
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
        // Only when Python is ending can this thread not have the GIL.
        read.unwrap_or(Err(CountError::Cancelled))
    }
}

impl Load for NumpyStrings {
    fn first_missing(&self, goes_on: &dyn Fn() -> bool) -> Result<Option<usize>, CountError> {
        let (mut at, mut is_missing) = (0, false);
        while at < self.len() && !is_missing {
            if at > 0 && !goes_on() {
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
        // What cannot be read has no size; a count says so.
        self.each(0..self.len(), sum).map_or(0, |()| bytes)
    }

    fn load(&self, texts: Range<usize>, to: &mut Loaded) -> Result<(), CountError> {
        to.reserve(texts.len());
        self.each(texts, |text| to.push(text.map(Text::Str)))
    }
}
