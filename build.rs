//! Lets the binding ask which Python it is built for (`Py_GIL_DISABLED`); nothing to do for the core alone.

fn main() {
    #[cfg(feature = "python")]
    pyo3_build_config::use_pyo3_cfgs();
}
