//! What PyO3's word-count example does: each line is split at single spaces, and the pieces that equal the token are
//! counted, on one core or, line by line, on all of them.
//!
//! Written anew for the benchmarks, where `countgrid.search` is timed beside it. It takes the text as a `str`, so that
//! reading the file, which `search` does each time, is not in its time.

use pyo3::prelude::*;
use rayon::prelude::*;

fn in_line(line: &str, token: &str) -> usize {
    line.split(' ').filter(|piece| *piece == token).count()
}

fn sequential(text: &str, token: &str) -> usize {
    text.lines().map(|line| in_line(line, token)).sum()
}

fn parallel(text: &str, token: &str) -> usize {
    text.par_lines().map(|line| in_line(line, token)).sum()
}

#[pymodule]
mod word_count {
    use super::{PyResult, Python, pyfunction};

    /// Occurrences of the token, on one core, with the GIL free.
    #[pyfunction]
    fn search_sequential(py: Python<'_>, text: &str, token: &str) -> PyResult<usize> {
        Ok(py.detach(|| super::sequential(text, token)))
    }

    /// The same with the GIL held, to show what that costs other Python threads.
    #[pyfunction]
    fn search_with_gil(text: &str, token: &str) -> usize {
        super::sequential(text, token)
    }

    /// Occurrences of the token, on all cores, with the GIL free.
    #[pyfunction]
    fn search(py: Python<'_>, text: &str, token: &str) -> PyResult<usize> {
        Ok(py.detach(|| super::parallel(text, token)))
    }
}
