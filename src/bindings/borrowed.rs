//! Documents in memory that Python objects, Arrow buffers or mapped files own.
//!
//! Strings, NumPy arrays, Arrow buffers and mapped files are borrowed, not copied. Inside `bindings`, a slice of such
//! memory is called `'static`, which holds as long as its owner is kept. [`BorrowedDocuments`] keeps the documents
//! and the owners together, and lends the documents out for no longer than it exists itself. So there is one rule:
//! **whoever makes a `'static` slice gives its owner to the same [`Owners`]**. The functions that make slices do so.
//!
//! # An accepted risk
//!
//! Others may write to borrowed memory while we read it: Python code on another thread through a `bytearray` or a
//! NumPy array, another process through a mapped file. Then Rust guarantees nothing. A slice promises that its bytes
//! do not change, and the compiler may rely on that. Volatile or atomic loads would prevent this, but they rule out
//! vector loads. So we accept the risk and reduce it:
//!
//! - The documentation tells callers not to write to documents while they are counted.
//! - Nothing that was read is trusted, not even after a check. UTF-8, offsets and padding are checked where they are
//!   used, and that indexing is checked too.
//!
//! With the code that compilers generate today, such a write changes counts but causes no read outside the buffer.
//! `tests/test_races.py` writes to documents while they are counted.

#![allow(unsafe_code)]

use arrow_buffer::NullBuffer;
use arrow_data::ArrayData;
use memmap2::Mmap;
use numpy::PyUntypedArray;
use numpy::prelude::*;
use pyo3::buffer::PyUntypedBuffer;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use super::arrays::data_pointer;
use super::items::{Items, TextObjects};
use super::memory_overlap::Region;
use super::run::{SIGNAL_ITEMS, check_signals};
use crate::core::Documents;
use crate::core::base::memory;
use crate::core::documents::chunk::Chunk;

/// Owners of borrowed memory.
#[derive(Default)]
pub struct Owners {
    owners: Vec<Owner>,
    /// The memory that documents are read from. A count must not write to it.
    regions: Vec<Region>,
    /// Whether the documents will be counted only once.
    is_single_use: bool,
}

/// Keeps memory alive and in place.
#[expect(dead_code, reason = "owners are kept, not read")]
enum Owner {
    Objects(TextObjects),
    Buffer(PyUntypedBuffer),
    Arrow(ArrayData),
    Nulls(NullBuffer),
    Map(Mmap),
}

/// Documents and the owners of their memory.
pub struct BorrowedDocuments {
    // Dropped first.
    documents: Documents<'static>,
    owners: Owners,
}

impl BorrowedDocuments {
    /// `owners` must keep all memory that the documents borrow.
    pub fn new(documents: Documents<'static>, owners: Owners) -> Self {
        Self { documents, owners }
    }

    /// The documents, for no longer than their memory is kept.
    pub fn documents(&self) -> &Documents<'_> {
        &self.documents
    }

    /// The borrowed memory that the documents are read from.
    pub fn regions(&self) -> &[Region] {
        &self.owners.regions
    }
}

/// Extends the lifetime of a slice.
///
/// # Safety
///
/// The memory must stay alive and in place for as long as the [`Owners`] that its owner was given to.
unsafe fn extend_lifetime(bytes: &[u8]) -> &'static [u8] {
    // SAFETY: same pointer and length; the caller guarantees the lifetime.
    unsafe { std::slice::from_raw_parts(bytes.as_ptr(), bytes.len()) }
}

impl Owners {
    /// For documents that are counted only once.
    pub fn for_single_use() -> Self {
        Self { is_single_use: true, ..Self::default() }
    }

    /// Adds the owners of another collection.
    pub fn extend(&mut self, other: Self) {
        self.owners.extend(other.owners);
        self.regions.extend(other.regions);
    }

    /// A mapped file. If the file is truncated while it is read, the process gets SIGBUS. The documentation says so;
    /// it cannot be prevented.
    pub fn map_file(&mut self, file: &std::fs::File) -> std::io::Result<&'static [u8]> {
        // SAFETY: the mapping is read-only here. Another process may write to the file or truncate it: the accepted
        // risk above.
        let map = unsafe { Mmap::map(file)? };
        // SAFETY: the mapping stays in place when its handle moves.
        let slice = unsafe { extend_lifetime(&map) };
        self.regions.push(Region::bytes(slice));
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
            // SAFETY: a contiguous buffer has `len_bytes` bytes at `buf_ptr`. Its exporter must not move or free them
            // before the buffer is released, which happens when the owners are dropped. Others may write to them: the
            // accepted risk above.
            len => unsafe { std::slice::from_raw_parts(buffer.buf_ptr().cast::<u8>(), len) },
        };
        self.regions.push(Region::bytes(slice));
        self.owners.push(Owner::Buffer(buffer));
        Ok(slice)
    }

    /// The buffers of an Arrow array, in the order of its layout.
    pub fn arrow_buffers(&mut self, array: &ArrayData) -> Vec<&'static [u8]> {
        // SAFETY: Arrow buffers are reference-counted and stay in place; the clone below keeps them. Arrow defines
        // them as immutable, but that is up to their producer: the accepted risk above.
        let slices: Vec<_> = array.buffers().iter().map(|buffer| unsafe { extend_lifetime(buffer) }).collect();
        self.regions.extend(slices.iter().copied().map(Region::bytes));
        self.owners.push(Owner::Arrow(array.clone()));
        slices
    }

    /// An Arrow validity bitmap, and the bit where it begins.
    pub fn arrow_nulls(&mut self, nulls: &NullBuffer) -> (&'static [u8], usize) {
        // SAFETY: as in `arrow_buffers`.
        let bits = unsafe { extend_lifetime(nulls.validity()) };
        self.regions.push(Region::bytes(bits));
        self.owners.push(Owner::Nulls(nulls.clone()));
        (bits, nulls.offset())
    }

    /// The memory of a one-dimensional array from its lowest byte to its highest, and the position of its first item.
    pub fn array(&mut self, array: &Bound<'_, PyUntypedArray>) -> (&'static [u8], usize) {
        let (len, stride) = (array.len(), array.strides().first().copied().unwrap_or(0));
        if len == 0 {
            return (&[], 0);
        }
        let reach = stride.unsigned_abs() * (len - 1);
        let first = if stride < 0 { reach } else { 0 };
        // SAFETY: item `i` of an array is at `data + i * stride` and has `itemsize` bytes. The array owns its memory
        // or keeps the owner alive, and we keep the array. `resize` does not move memory while we hold a reference,
        // unless the caller passes `refcheck=False`. Others may write to the memory: the accepted risk above.
        let memory =
            unsafe { std::slice::from_raw_parts(data_pointer(array).sub(first), reach + array.dtype().itemsize()) };
        self.keep_array(array);
        (memory, first)
    }

    /// Keeps an array that documents are read from.
    pub fn keep_array(&mut self, array: &Bound<'_, PyUntypedArray>) {
        self.regions.push(Region::Array(array.clone().unbind()));
    }

    /// The items as documents. For a single count they are looked up in load blocks, and each item is released soon
    /// after it was counted, while it is still in the cache.
    pub fn items(&mut self, py: Python<'_>, items: Items) -> PyResult<Documents<'static>> {
        if self.is_single_use {
            return Ok(Documents::loaded(Box::new(items)));
        }
        let objects = items.remove(0..items.len());
        let mut texts = memory::with_room(items.len());
        for start in (0..items.len()).step_by(SIGNAL_ITEMS) {
            check_signals(py, start + SIGNAL_ITEMS - 1)?;
            texts.extend(objects.texts(py, start..items.len().min(start + SIGNAL_ITEMS)));
        }
        self.owners.push(Owner::Objects(objects));
        Ok(Documents::new(vec![Chunk::from_texts(texts)]))
    }
}
