//! Turns every failure inside the extension into an exception.
//!
//! Every function that Python can call does its work in [`guarded`]. A panic becomes a `RuntimeError` that asks to be
//! reported. PyO3 would raise a `PanicException`, which `except Exception` does not catch. A failed allocation
//! becomes a `MemoryError`.
//!
//! Rust aborts the process if an allocation fails, unless the caller checked in advance ([`memory`]). Large
//! allocations are checked. For all others there is a [reserve](Allocator), which is freed when the system has no
//! memory left. Then small allocations succeed again, and the call has time to notice the shortage and end.

#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Mutex;
use std::sync::atomic::{AtomicPtr, Ordering};

use pyo3::exceptions::PyMemoryError;
use pyo3::prelude::*;

use crate::core::CountError;
use crate::core::base::locks::lock_ignoring_poison;
use crate::core::base::memory;
use crate::core::base::panics::{catch_panics, silence_caught_panics};

/// Does the work of a function that Python calls.
pub fn guarded<T>(work: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    if memory::shortage().is_some() {
        ALLOCATOR.refill();
    }
    match catch_panics(work) {
        Ok(result) => result,
        // If Python has raised an exception, it is the cause: PyO3 panics if it cannot create an object.
        Err(error) => Err(Python::attach(PyErr::take).unwrap_or_else(|| match (error, memory::shortage()) {
            (CountError::Panicked { message }, _) if message.starts_with(NO_OBJECT) => {
                PyMemoryError::new_err("out of memory: Python could not make an object")
            }
            (CountError::Panicked { .. }, Some(short)) => CountError::NoMemory { bytes: short.bytes }.into(),
            (error, _) => error.into(),
        })),
    }
}

/// The start of PyO3's panic message if Python could not create an object. PyO3 has fetched Python's exception before.
const NO_OBJECT: &str = "PyObject pointer is null";

/// Must be called once, when the module is created.
pub fn init() {
    silence_caught_panics();
    ALLOCATOR.refill();
}

/// The system's allocator, with a reserve.
struct Allocator {
    /// Memory that is never written to, so that it costs only address space. Null after it was freed.
    reserve: AtomicPtr<u8>,
    /// Locked while the reserve is freed or allocated, so that a second thread finds the memory that the first freed.
    lock: Mutex<()>,
}

#[global_allocator]
static ALLOCATOR: Allocator = Allocator { reserve: AtomicPtr::new(std::ptr::null_mut()), lock: Mutex::new(()) };

/// More than all workers together allocate in small pieces before they notice that memory is short. It also exceeds
/// 32 MB: when a smaller block is freed, glibc starts to allocate larger blocks from its heap.
const RESERVE: Layout = match Layout::from_size_align(36 << 20, 16) {
    Ok(layout) => layout,
    Err(_) => unreachable!(),
};

impl Allocator {
    fn refill(&self) {
        let _lock = lock_ignoring_poison(&self.lock);
        if self.reserve.load(Ordering::Relaxed).is_null() {
            // SAFETY: the layout is not of size zero.
            let reserve = unsafe { System.alloc(RESERVE) };
            if !reserve.is_null() {
                self.reserve.store(reserve, Ordering::Relaxed);
                memory::set_shortage(0);
            }
        }
    }

    #[inline(always)]
    fn get(&self, bytes: usize, allocate: impl Fn() -> *mut u8) -> *mut u8 {
        let memory = allocate();
        if memory.is_null() { self.retry(bytes, &allocate) } else { memory }
    }

    /// Frees the reserve and tries again.
    #[cold]
    #[inline(never)]
    fn retry(&self, bytes: usize, again: &dyn Fn() -> *mut u8) -> *mut u8 {
        // Callers check in advance for allocations that do not fit into the reserve.
        if bytes > RESERVE.size() / 2 {
            return std::ptr::null_mut();
        }
        let _lock = lock_ignoring_poison(&self.lock);
        let reserve = self.reserve.swap(std::ptr::null_mut(), Ordering::Relaxed);
        if !reserve.is_null() {
            memory::set_shortage(bytes.max(1));
            // SAFETY: it was allocated by `System` with this layout, and only the thread that swaps it out frees it.
            unsafe { System.dealloc(reserve, RESERVE) };
        }
        again()
    }
}

// SAFETY: every method does what `System` does with the same arguments, or returns null.
unsafe impl GlobalAlloc for Allocator {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.get(layout.size(), || {
            // SAFETY: the caller's promise, here and below.
            unsafe { System.alloc(layout) }
        })
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        self.get(layout.size(), || {
            // SAFETY: as above.
            unsafe { System.alloc_zeroed(layout) }
        })
    }

    #[inline]
    unsafe fn realloc(&self, old: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        self.get(size, || {
            // SAFETY: as above; if it fails, the old memory is unchanged.
            unsafe { System.realloc(old, layout, size) }
        })
    }

    #[inline]
    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(memory, layout) };
    }
}
