//! Memory that others own, borrowed for as long as a [`Held`] lives.
//!
//! Python strings, NumPy arrays, Arrow buffers and mapped files are borrowed, not copied. A slice of such memory is
//! called `'static` inside `bindings`, which is true as long as its owner is kept; [`Held`] keeps documents and owners
//! together and lends the documents out for no longer than it lives itself. So the rule here is one: **whoever makes a
//! `'static` slice gives its owner to the same [`Keeper`]**, and the functions that make slices do so themselves.
//!
//! # An accepted risk
//!
//! Others may write to borrowed memory while we read it: Python code on another thread through a `bytearray` or a NumPy array,
//! another process through a mapped file. Rust guarantees nothing then. A slice promises that its bytes do not change, and
//! the compiler may rely on that promise. Volatile or atomic loads would rule this out, and vector loads with it. So we accept
//! the risk, and reduce it:
//!
//! - The documentation tells callers not to write to documents while they are counted.
//! - Nothing read is trusted, not even after a check: UTF-8, offsets and padding are checked where they are used, by indexing
//!   that is itself checked.
//!
//! With the code that compilers generate today, such a write changes counts and causes no read outside the buffer.
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

use super::arrays::data_of;
use super::items::{Items, Objects};
use super::overlap::Region;
use super::run::{SIGNAL_ITEMS, check_signals};
use crate::core::Documents;
use crate::core::base::memory;
use crate::core::documents::chunk::Chunk;

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
        // SAFETY: the mapping is read-only here. Another process may write to the file or truncate it, which Rust does not
        // allow for: the accepted risk above.
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
            // SAFETY: a contiguous buffer has `len_bytes` bytes at `buf_ptr`. Its exporter must not move or free them before
            // the buffer is released, which happens when the keeper is dropped. Others may write to them: see above.
            len => unsafe { std::slice::from_raw_parts(buffer.buf_ptr().cast::<u8>(), len) },
        };
        self.regions.push(Region::flat(slice));
        self.owners.push(Owner::Buffer(buffer));
        Ok(slice)
    }

    /// The buffers of an Arrow array, in the order of its layout.
    pub fn arrow(&mut self, array: &ArrayData) -> Vec<&'static [u8]> {
        // SAFETY: Arrow buffers are reference-counted and stay in place; the clone kept below holds them. Arrow says that they
        // are immutable, which is up to their producer: see above.
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
        // SAFETY: item `i` of an array is at `data + i * stride`, `itemsize` bytes long. The array owns its memory or keeps the
        // owner alive, and is kept. `resize` refuses to move memory while we hold a reference; with `refcheck=False` it does
        // not ask, and the caller answers for that. Others may write to the memory: see above.
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
