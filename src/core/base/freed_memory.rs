//! Memory that is free for the program, but not for the system.

#![allow(unsafe_code)]

/// Gives freed memory back to the system. glibc keeps most of it, so a result would be allocated on top.
pub fn return_freed_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        // SAFETY: glibc has this function, with this signature.
        unsafe extern "C" {
            // It takes any number, from any thread.
            safe fn malloc_trim(pad: usize) -> std::ffi::c_int;
        }
        malloc_trim(0);
    }
}
