//! PyO3's word-count example: splits each line at single spaces and counts the parts that equal the token, on one
//! core or with lines in parallel on all cores.
//!
//! Rewritten for the comparison with `countgrid.search`. It takes the text as a `str`, so its time does not include
//! reading the file, which `search` does each time.

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

    /// Counts a token on one core, without the GIL.
    #[pyfunction]
    fn search_sequential(py: Python<'_>, text: &str, token: &str) -> PyResult<usize> {
        Ok(py.detach(|| super::sequential(text, token)))
    }

    /// Counts a token on one core with the GIL, to show how that affects other Python threads.
    #[pyfunction]
    fn search_with_gil(text: &str, token: &str) -> usize {
        super::sequential(text, token)
    }

    /// Counts a token on all cores, without the GIL.
    #[pyfunction]
    fn search(py: Python<'_>, text: &str, token: &str) -> PyResult<usize> {
        Ok(py.detach(|| super::parallel(text, token)))
    }
}
