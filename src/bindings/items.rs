//! The items of Python sequences: references to them, and the memory of their texts.
//!
//! A sequence may change as soon as the GIL is released, so we take a reference to each item first. A `str` never
//! changes: its text is read in place, in the encoding that it has. [`borrowed`](super::borrowed) says how long the
//! memory may be used.

#![allow(unsafe_code)]

use std::ffi::c_void;
use std::ops::Range;
use std::sync::Mutex;

use numpy::PyUntypedArray;
use numpy::prelude::*;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::critical_section::with_critical_section;
use pyo3::types::{PyByteArray, PyBytes, PyList, PyMemoryView, PyString, PyTuple};

use super::run::check_signals;
use crate::core::base::locks::lock_ignoring_poison;
use crate::core::base::memory;
use crate::core::base::simd::prefetch;
use crate::core::documents::load_block::{LoadBlock, TextSource};
use crate::core::text::encoding::ByteOrder;
use crate::core::{CountError, Text};

/// How many items ahead memory is prefetched: enough that the processor looks up the addresses of many pages at once.
/// DESIGN.md has figures for other numbers.
const AHEAD: usize = 48;

/// The cache lines of a text that are prefetched before it is copied: its header and 64 to 128 bytes.
const COPIED_LINES: usize = 3;

/// Bytes of a cache line.
const CACHE_LINE: usize = 64;

/// References to `str` and `bytes` objects; `None` for a missing item.
pub struct TextObjects(Vec<Option<Py<PyAny>>>);

impl TextObjects {
    /// Prefetches the first cache lines of the item [`AHEAD`] items after this one.
    #[inline(always)]
    fn prefetch_ahead(&self, at: usize, lines: usize) {
        if let Some(Some(object)) = self.0.get(at + AHEAD) {
            (0..lines).for_each(|line| prefetch(object.as_ptr().wrapping_byte_add(line * CACHE_LINE)));
        }
    }

    /// Copies texts from the start of a range and releases each, up to the first that is not worth a copy. Returns
    /// how many were copied.
    fn copy(&mut self, py: Python<'_>, range: Range<usize>, to: &mut LoadBlock) -> usize {
        let len = range.len();
        to.reserve(len);
        for (copied, at) in range.enumerate() {
            self.prefetch_ahead(at, COPIED_LINES);
            let object = &mut self.0[at];
            let text = match object {
                None => None,
                // SAFETY: we have a reference to the object, and this thread is attached to Python.
                Some(object) => match unsafe { exact_str(object.as_ptr()) } {
                    Some(text) if to.is_worth_a_copy(text.memory().len()) => Some(text),
                    _ => return copied,
                },
            };
            let has_room = to.push(text);
            if let Some(object) = object.take() {
                object.drop_ref(py);
            }
            if !has_room {
                return copied + 1;
            }
        }
        len
    }

    /// The texts in a range. They must not be used after the references were dropped.
    pub fn texts(&self, _: Python<'_>, range: Range<usize>) -> impl Iterator<Item = Option<Text<'static>>> {
        self.0[range.clone()].iter().zip(range).map(|(object, i)| {
            self.prefetch_ahead(i, 1);
            // SAFETY: the caller keeps the references for as long as the texts, and this thread is attached to
            // Python.
            object.as_ref().and_then(|object| unsafe { text(object.as_ptr()) })
        })
    }
}

impl Drop for TextObjects {
    fn drop(&mut self) {
        // With the GIL, references are released at once. Without it, PyO3 would queue each one for later, and never
        // release it if Python is finalizing.
        Python::try_attach(|py| {
            while let Some(object) = self.0.pop() {
                if let Some(Some(ahead)) = self.0.len().checked_sub(AHEAD).map(|at| &self.0[at]) {
                    prefetch(ahead.as_ptr());
                }
                if let Some(object) = object {
                    object.drop_ref(py);
                }
            }
        });
    }
}

/// References to the items that a sequence had at one moment; it may change as soon as the GIL is released.
///
/// Taking the references touches one cache line per item. Address and length of a text are looked up when they are
/// needed, often in another cache line.
pub struct Items {
    objects: Mutex<TextObjects>,
    len: usize,
    first_bytes: Option<usize>,
}

impl Items {
    /// The items of a list. Other threads cannot change it meanwhile: without a GIL, the list is locked.
    pub fn of_list<'py>(items: &Bound<'py, PyList>, convert: impl Convert<'py>) -> PyResult<Self> {
        with_critical_section(items, || {
            // SAFETY: `indexed` checks the index.
            let item = |i: usize| unsafe { ffi::PyList_GET_ITEM(items.as_ptr(), i as isize) };
            // SAFETY: the list cannot change between the index check and the access: this thread has the GIL or the
            // list's lock. `convert` may run code that releases either, but only until it returns.
            let taken = unsafe { indexed(items.py(), || items.len(), item) };
            Self::new(items.len(), taken.take(items.len()), convert)
        })
    }

    /// The items of a tuple.
    pub fn of_tuple<'py>(items: &Bound<'py, PyTuple>, convert: impl Convert<'py>) -> PyResult<Self> {
        // SAFETY: `indexed` checks the index.
        let item = |i: usize| unsafe { ffi::PyTuple_GET_ITEM(items.as_ptr(), i as isize) };
        // SAFETY: a tuple does not change.
        let taken = unsafe { indexed(items.py(), || items.len(), item) };
        Self::new(items.len(), taken, convert)
    }

    /// The items of a one-dimensional array of objects.
    pub fn of_array<'py>(array: &Bound<'py, PyUntypedArray>, convert: impl Convert<'py>) -> PyResult<Self> {
        assert!(array.dtype().kind() == b'O' && array.ndim() == 1, "an array of objects");
        // SAFETY: `indexed` checks the index. Item `i` is a pointer to an object, or null, which means `None`. It may
        // be unaligned. Its address is computed for each item, since `convert` may run code that changes the array.
        let item = |i: usize| unsafe {
            let stride = array.strides().first().copied().unwrap_or(0);
            let data = (*array.as_array_ptr()).fields.data.cast::<u8>();
            let object = data.offset(stride * i as isize).cast::<*mut ffi::PyObject>().read_unaligned();
            if object.is_null() { ffi::Py_None() } else { object }
        };
        // SAFETY: with the GIL, nobody changes the array meanwhile. Without one, another thread may replace the item,
        // which may then be freed while we take a reference to it. NumPy's own reads have the same race; we accept
        // the risk.
        let taken = unsafe { indexed(array.py(), || array.len(), item) };
        Self::new(array.len(), taken.take(array.len()), convert)
    }

    /// Takes a reference to each item. `convert` is called for items that are neither `str` nor `bytes`.
    pub fn new<'py>(
        len: usize,
        items: impl Iterator<Item = PyResult<Bound<'py, PyAny>>>,
        mut convert: impl Convert<'py>,
    ) -> PyResult<Self> {
        let mut objects = TextObjects(memory::with_room(len));
        let mut first_bytes = None;
        for (i, item) in items.enumerate() {
            let item = item?;
            check_signals(item.py(), i)?;
            if item.is_exact_instance_of::<PyString>() {
                memory::push(&mut objects.0, Some(item.unbind()));
                continue;
            }
            let text = if is_text(&item) { Some(item) } else { convert(i, &item)? };
            if first_bytes.is_none() && text.as_ref().is_some_and(|text| text.is_instance_of::<PyBytes>()) {
                first_bytes = Some(i);
            }
            memory::push(&mut objects.0, text.map(Bound::unbind));
        }
        Ok(Self { len: objects.0.len(), objects: Mutex::new(objects), first_bytes })
    }

    pub fn len(&self) -> usize {
        self.len
    }

    /// Removes and returns the references to the items in a range.
    pub fn remove(&self, range: Range<usize>) -> TextObjects {
        TextObjects(memory::collected(lock_ignoring_poison(&self.objects).0[range].iter_mut().map(Option::take)))
    }
}

impl TextSource for Items {
    fn len(&self) -> usize {
        self.len
    }

    fn nbytes(&self) -> u64 {
        let sizes = |py: Python<'_>| {
            lock_ignoring_poison(&self.objects)
                .texts(py, 0..self.len)
                .flatten()
                .map(|text| text.memory().len() as u64)
                .sum()
        };
        Python::try_attach(sizes).unwrap_or(0)
    }

    fn first_missing(&self, _: &dyn Fn() -> bool) -> Result<Option<usize>, CountError> {
        Ok(lock_ignoring_poison(&self.objects).0.iter().position(Option::is_none))
    }

    fn first_bytes(&self) -> Option<usize> {
        self.first_bytes
    }

    fn load(&self, items: Range<usize>, to: &mut LoadBlock) -> Result<(), CountError> {
        let loaded = Python::try_attach(|py| {
            let start = items.start + lock_ignoring_poison(&self.objects).copy(py, items.clone(), to);
            let objects = self.remove(start..items.end.min(start.saturating_add(to.room_for_references())));
            to.refer(objects.texts(py, 0..objects.0.len()).collect(), Box::new(objects));
        });
        // The GIL is unavailable only while Python is finalizing.
        loaded.ok_or(CountError::Cancelled)
    }
}

/// The items `0..len()` of a sequence. Each is prefetched some items ahead.
///
/// # Safety
///
/// `item` is called with indices below `len()`. It must return an object that exists until other code of Python runs.
unsafe fn indexed<'py>(
    py: Python<'py>,
    len: impl Fn() -> usize,
    item: impl Fn(usize) -> *mut ffi::PyObject,
) -> impl Iterator<Item = PyResult<Bound<'py, PyAny>>> {
    (0..).map_while(move |at| {
        let len = len();
        if at + AHEAD < len {
            prefetch(item(at + AHEAD));
        }
        // SAFETY: the caller's promise; the index is checked.
        (at < len).then(|| Ok(unsafe { Bound::from_borrowed_ptr(py, item(at)) }))
    })
}

/// Returns the text of an item that is neither `str` nor `bytes`, `None` if it is missing, or an error.
pub trait Convert<'py>: FnMut(usize, &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {}

impl<'py, F: FnMut(usize, &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>>> Convert<'py> for F {}

/// Whether an object is a `str` or `bytes`.
pub fn is_text(object: &Bound<'_, PyAny>) -> bool {
    object.is_instance_of::<PyString>() || object.is_instance_of::<PyBytes>()
}

/// Whether an object is a buffer of bytes that may change. Such a buffer is not accepted as a text.
pub fn is_buffer(object: &Bound<'_, PyAny>) -> bool {
    object.is_instance_of::<PyByteArray>() || object.is_instance_of::<PyMemoryView>()
}

/// The text of an object whose class is exactly `str`, otherwise `None`. Objects of subclasses may run code when they
/// are released.
///
/// # Safety
///
/// As for [`text`].
unsafe fn exact_str(object: *mut ffi::PyObject) -> Option<Text<'static>> {
    // SAFETY: the caller's promise.
    unsafe { if ffi::PyUnicode_CheckExact(object) != 0 { text(object) } else { None } }
}

/// The text of a `str` or `bytes`, `None` for any other object.
///
/// # Safety
///
/// `object` must be a Python object that exists as long as the text is used, and this thread must be attached to
/// Python.
unsafe fn text(object: *mut ffi::PyObject) -> Option<Text<'static>> {
    // SAFETY: each function is called on an object of its own type. The memory of a `str` or `bytes` does not move or
    // change while the object exists. A `str` that gets a UTF-8 copy later keeps its own characters.
    unsafe {
        if ffi::PyUnicode_Check(object) != 0 {
            let len = ffi::PyUnicode_GET_LENGTH(object) as usize;
            let data = ffi::PyUnicode_DATA(object);
            if is_compact_ascii(object, data) {
                return Some(Text::Str(slice(data, len)));
            }
            if let Some(utf8) = cached_utf8(object) {
                return Some(Text::Str(utf8));
            }
            return Some(match ffi::PyUnicode_KIND(object) {
                ffi::PyUnicode_1BYTE_KIND => Text::Latin1(slice(data, len)),
                ffi::PyUnicode_2BYTE_KIND => Text::Ucs2(slice(data, 2 * len)),
                _ => Text::Ucs4(slice(data, 4 * len), ByteOrder::Native),
            });
        }
        if ffi::PyBytes_Check(object) != 0 {
            let len = ffi::PyBytes_Size(object) as usize;
            return Some(Text::Bytes(slice(ffi::PyBytes_AsString(object).cast(), len)));
        }
        None
    }
}

/// # Safety
///
/// `len` bytes at `data` must be readable for as long as the slice is used.
unsafe fn slice(data: *const c_void, len: usize) -> &'static [u8] {
    // SAFETY: the caller's promise.
    unsafe { std::slice::from_raw_parts(data.cast(), len) }
}

/// Whether a `str` with its characters at `data` contains only ASCII and is stored in one block.
///
/// Only such a `str` has the short header [`ffi::PyASCIIObject`], with its characters directly after it. All others
/// have a longer header and their characters after that or, for subclasses of `str`, in a block of their own. So this
/// needs no flag of the header, whose layout PyO3 does not know from Python 3.14 on.
fn is_compact_ascii(object: *mut ffi::PyObject, data: *const c_void) -> bool {
    data == object.cast::<ffi::PyASCIIObject>().wrapping_add(1).cast()
}

/// The UTF-8 copy that a `str` keeps in addition to its characters, if someone has requested one.
///
/// # Safety
///
/// `object` must be a `str` that exists as long as the slice is used, and this thread must be attached to Python.
unsafe fn cached_utf8(object: *mut ffi::PyObject) -> Option<&'static [u8]> {
    // Without a GIL another thread may be writing the two fields.
    if cfg!(Py_GIL_DISABLED) {
        return None;
    }
    // SAFETY: every `str` that is not compact ASCII begins with this struct. Its UTF-8 stays until the `str` is
    // freed. The GIL keeps other threads from writing the two fields between the two reads.
    unsafe {
        let object = object.cast::<ffi::PyCompactUnicodeObject>();
        let utf8 = (*object).utf8;
        (!utf8.is_null()).then(|| slice(utf8.cast(), (*object).utf8_length as usize))
    }
}
