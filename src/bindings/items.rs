//! The items of Python sequences: references on them, and where their texts are.
//!
//! What a sequence holds may change as soon as the GIL is let go, so a reference is taken on each item before. What a `str` holds
//! does not change: it is read where it lies, in the form that it has. How long what is read may be used is the rule of
//! [`buffer`](super::buffer).

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

/// How many items ahead memory is asked for: items that lie in no order take 17 ns each so, not 36.
const AHEAD: usize = 16;

/// Bytes of a cache line.
const CACHE_LINE: usize = 64;

/// References on `str` and `bytes`, nothing where one is missing.
pub struct Objects(Vec<Option<Py<PyAny>>>);

impl Objects {
    /// Asks for the memory of the item that comes some way behind this one, so many cache lines of it.
    #[inline(always)]
    fn prefetch_behind(&self, at: usize, lines: usize) {
        if let Some(Some(object)) = self.0.get(at + AHEAD) {
            (0..lines).for_each(|line| prefetch(object.as_ptr().wrapping_byte_add(line * CACHE_LINE)));
        }
    }

    /// Copies the texts in a range, and lets go of each there and then, up to the first that is not worth it; tells how many.
    fn copy(&mut self, py: Python<'_>, range: Range<usize>, to: &mut LoadBlock) -> usize {
        let len = range.len();
        to.reserve(len);
        for (copied, at) in range.enumerate() {
            self.prefetch_behind(at, 2);
            let object = &mut self.0[at];
            let text = match object {
                None => None,
                // SAFETY: there is a reference on the object, and this thread is attached to Python.
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

    /// The texts, to be kept no longer than the references.
    pub fn texts(&self, _: Python<'_>, range: Range<usize>) -> impl Iterator<Item = Option<Text<'static>>> {
        self.0[range.clone()].iter().zip(range).map(|(object, i)| {
            self.prefetch_behind(i, 1);
            // SAFETY: the caller keeps the references for as long as the texts, and this thread is attached to Python.
            object.as_ref().and_then(|object| unsafe { text(object.as_ptr()) })
        })
    }
}

impl Drop for Objects {
    fn drop(&mut self) {
        // Let go at once: without the GIL each would be written down and let go later, or never when Python is ending.
        Python::try_attach(|py| {
            for at in 0..self.0.len() {
                self.prefetch_behind(at, 1);
                if let Some(object) = self.0[at].take() {
                    object.drop_ref(py);
                }
            }
        });
    }
}

/// The items of a sequence as it was at one moment: what it holds may change as soon as the GIL is let go.
///
/// To take them is to touch one cache line of each. Where the texts are and how long is looked up when they are needed,
/// on a line that may be another.
pub struct Items {
    objects: Mutex<Objects>,
    len: usize,
}

impl Items {
    /// The items of a list, which other threads cannot change meanwhile: without a GIL, its own lock keeps them out.
    pub fn of_list<'py>(items: &Bound<'py, PyList>, other: impl Other<'py>) -> PyResult<Self> {
        with_critical_section(items, || {
            let mut at = 0;
            let next = || {
                if at + AHEAD < items.len() {
                    // SAFETY: the list has so many items, and cannot lose them between the check and here: this thread has the
                    // GIL or the list's lock. `other` may run code that releases it, but has it back before it returns.
                    prefetch(unsafe { ffi::PyList_GET_ITEM(items.as_ptr(), (at + AHEAD) as isize) });
                }
                at += 1;
                items.get_item(at - 1).ok().map(Ok)
            };
            Self::new(items.len(), std::iter::from_fn(next).take(items.len()), other)
        })
    }

    /// The items of a tuple.
    pub fn of_tuple<'py>(items: &Bound<'py, PyTuple>, other: impl Other<'py>) -> PyResult<Self> {
        let mut at = 0;
        let next = || {
            if at + AHEAD < items.len() {
                // SAFETY: the tuple has so many items.
                prefetch(unsafe { ffi::PyTuple_GET_ITEM(items.as_ptr(), (at + AHEAD) as isize) });
            }
            at += 1;
            items.get_item(at - 1).ok().map(Ok)
        };
        Self::new(items.len(), std::iter::from_fn(next), other)
    }

    /// The items of a one-dimensional array of objects.
    pub fn of_array<'py>(array: &Bound<'py, PyUntypedArray>, other: impl Other<'py>) -> PyResult<Self> {
        assert!(array.dtype().kind() == b'O' && array.ndim() == 1, "an array of objects");
        let py = array.py();
        let mut at = 0;
        let next = || {
            // Asked anew for each item: `other` may run code that changes the array.
            let stride = array.strides().first().copied().unwrap_or(0);
            if at >= array.len() {
                return None;
            }
            // SAFETY: item `i` of the array is there: a pointer to an object, or null, which stands for `None`. It need not be
            // aligned. Under the GIL nobody changes the array meanwhile. Without one, nothing keeps another thread from
            // replacing the item, which then may be freed while we take a reference on it. NumPy's own reads have the same
            // race; it is an accepted risk.
            let object = |i: usize| unsafe {
                let data = (*array.as_array_ptr()).fields.data.cast::<u8>();
                data.offset(stride * i as isize).cast::<*mut ffi::PyObject>().read_unaligned()
            };
            if at + AHEAD < array.len() {
                prefetch(object(at + AHEAD));
            }
            // SAFETY: as above.
            let item = unsafe { Bound::from_borrowed_ptr_or_opt(py, object(at)) };
            at += 1;
            Some(Ok(item.unwrap_or_else(|| py.None().into_bound(py))))
        };
        Self::new(array.len(), std::iter::from_fn(next).take(array.len()), other)
    }

    /// Takes a reference on each item; `other` gives the text of an item that is neither `str` nor `bytes`.
    pub fn new<'py>(
        len: usize,
        items: impl Iterator<Item = PyResult<Bound<'py, PyAny>>>,
        mut other: impl Other<'py>,
    ) -> PyResult<Self> {
        let mut objects = Objects(memory::with_room(len));
        for (i, item) in items.enumerate() {
            let item = item?;
            check_signals(item.py(), i)?;
            let text = if is_text(&item) { Some(item) } else { other(i, &item)? };
            memory::push(&mut objects.0, text.map(Bound::unbind));
        }
        Ok(Self { len: objects.0.len(), objects: Mutex::new(objects) })
    }

    pub fn len(&self) -> usize {
        self.len
    }

    /// The references on the items in a range, which are given away.
    pub fn take(&self, range: Range<usize>) -> Objects {
        Objects(memory::collected(lock_ignoring_poison(&self.objects).0[range].iter_mut().map(Option::take)))
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

    fn load(&self, items: Range<usize>, to: &mut LoadBlock) -> Result<(), CountError> {
        let loaded = Python::try_attach(|py| {
            let start = items.start + lock_ignoring_poison(&self.objects).copy(py, items.clone(), to);
            let objects = self.take(start..items.end.min(start.saturating_add(to.room_for_references())));
            to.refer(objects.texts(py, 0..objects.0.len()).collect(), Box::new(objects));
        });
        // Only when Python is ending can this thread not have the GIL.
        loaded.ok_or(CountError::Cancelled)
    }
}

/// Gives the text of an item that is neither `str` nor `bytes`, nothing if it is missing, or says what is wrong with it.
pub trait Other<'py>: FnMut(usize, &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {}

impl<'py, F: FnMut(usize, &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>>> Other<'py> for F {}

/// Whether an object is a `str` or `bytes`.
pub fn is_text(object: &Bound<'_, PyAny>) -> bool {
    object.is_instance_of::<PyString>() || object.is_instance_of::<PyBytes>()
}

/// Whether an object is a buffer of bytes that may change, which is not taken for a text.
pub fn is_buffer(object: &Bound<'_, PyAny>) -> bool {
    object.is_instance_of::<PyByteArray>() || object.is_instance_of::<PyMemoryView>()
}

/// The text of a `str`, and of no class derived from it, whose objects run code when they are let go.
///
/// # Safety
///
/// As of [`text`].
unsafe fn exact_str(object: *mut ffi::PyObject) -> Option<Text<'static>> {
    // SAFETY: the caller's promise.
    unsafe { if ffi::PyUnicode_CheckExact(object) != 0 { text(object) } else { None } }
}

/// A new `str`, or the exception that Python raises; `PyString::new` would panic where memory runs out.
pub fn new_str<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyAny>> {
    // SAFETY: there are so many bytes of UTF-8, and what comes is a new object or null.
    unsafe {
        Bound::from_owned_ptr_or_err(py, ffi::PyUnicode_FromStringAndSize(text.as_ptr().cast(), text.len() as isize))
    }
}

/// New `bytes`, or the exception that Python raises.
pub fn new_bytes<'py>(py: Python<'py>, bytes: &[u8]) -> PyResult<Bound<'py, PyAny>> {
    // SAFETY: as above.
    unsafe {
        Bound::from_owned_ptr_or_err(py, ffi::PyBytes_FromStringAndSize(bytes.as_ptr().cast(), bytes.len() as isize))
    }
}

/// The text of a `str` or `bytes`, `None` for any other object.
///
/// # Safety
///
/// `object` must be a Python object that lives as long as the text is used, and this thread must be attached to Python.
unsafe fn text(object: *mut ffi::PyObject) -> Option<Text<'static>> {
    // SAFETY: each function is called on an object of the type that it is for. The memory of a `str` or `bytes` does not
    // move or change while the object lives; a `str` that gets a UTF-8 copy of itself later keeps its own characters.
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
/// Only such a `str` has a header as short as [`ffi::PyASCIIObject`], with its characters directly after it. All others have a
/// longer header, inside which no characters can begin: those in one block have them after it, those in two blocks (subclasses of
/// `str`) elsewhere. So this needs no flag of the header, whose layout PyO3 does not know from Python 3.14 on.
fn is_compact_ascii(object: *mut ffi::PyObject, data: *const c_void) -> bool {
    data == object.cast::<ffi::PyASCIIObject>().wrapping_add(1).cast()
}

/// The UTF-8 that a `str` holds beside its characters, if someone has asked it for that.
///
/// # Safety
///
/// `object` must be a `str` that lives as long as the slice is used, and this thread must be attached to Python.
unsafe fn cached_utf8(object: *mut ffi::PyObject) -> Option<&'static [u8]> {
    // Without a GIL another thread may be writing the two fields.
    if cfg!(Py_GIL_DISABLED) {
        return None;
    }
    // SAFETY: every `str` that is not compact ASCII begins with this struct. Its UTF-8, once there, stays until the `str` is
    // freed. The GIL keeps other threads from writing the two fields between the two reads.
    unsafe {
        let object = object.cast::<ffi::PyCompactUnicodeObject>();
        let utf8 = (*object).utf8;
        (!utf8.is_null()).then(|| slice(utf8.cast(), (*object).utf8_length as usize))
    }
}
