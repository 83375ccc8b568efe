//! Counts many regular expressions as a user of these crates would: a set tells which expressions match a document,
//! and each of these is counted with `find_iter`. Documents are searched in parallel on all cores.
//!
//! `regex_filtered::Regexes` is FilteredRE2 over the crate `regex`: it finds literals with Aho-Corasick, then tries the
//! expressions that need them. `regex::RegexSet` is one automaton of all expressions.

use pyo3::prelude::*;
use rayon::prelude::*;

/// Document, expression and count of each nonzero cell.
type Cells = (Vec<i64>, Vec<i64>, Vec<i64>);

fn cells(documents: &[String], count: impl Fn(&str) -> Vec<(usize, usize)> + Sync) -> Cells {
    let found: Vec<_> = documents.par_iter().map(|document| count(document)).collect();
    let mut cells = Cells::default();
    for (document, counts) in (0..).zip(found) {
        for (expression, count) in counts {
            cells.0.push(document);
            cells.1.push(expression as i64);
            cells.2.push(count as i64);
        }
    }
    cells
}

#[pymodule]
mod regex_sets {
    use numpy::{IntoPyArray, PyArray1};
    use pyo3::exceptions::PyValueError;

    use super::*;

    type Array<'py> = Bound<'py, PyArray1<i64>>;

    fn arrays<'py>(
        py: Python<'py>,
        texts: &Texts,
        count: impl Fn(&str) -> Vec<(usize, usize)> + Send + Sync,
    ) -> (Array<'py>, Array<'py>, Array<'py>) {
        let (documents, expressions, counts) = py.detach(|| cells(&texts.0, count));
        (documents.into_pyarray(py), expressions.into_pyarray(py), counts.into_pyarray(py))
    }

    fn invalid(error: impl ToString) -> PyErr {
        PyValueError::new_err(error.to_string())
    }

    /// Documents, stored for Rust.
    #[pyclass(frozen)]
    struct Texts(Vec<String>);

    #[pymethods]
    impl Texts {
        #[new]
        fn new(documents: Vec<String>) -> Self {
            Self(documents)
        }
    }

    /// The crate regex-filtered.
    #[pyclass(frozen)]
    struct Filtered(regex_filtered::Regexes);

    #[pymethods]
    impl Filtered {
        #[new]
        fn new(expressions: Vec<String>) -> PyResult<Self> {
            let builder = regex_filtered::Builder::new().push_all(expressions).map_err(invalid)?;
            Ok(Self(builder.build().map_err(invalid)?))
        }

        fn count<'py>(&self, py: Python<'py>, texts: &Texts) -> (Array<'py>, Array<'py>, Array<'py>) {
            arrays(py, texts, |text| {
                let matching = self.0.matching(text);
                matching.map(|(expression, regex)| (expression, regex.find_iter(text).count())).collect()
            })
        }
    }

    /// The crate regex.
    #[pyclass(frozen)]
    struct Set {
        set: regex::RegexSet,
        regexes: Vec<regex::Regex>,
    }

    #[pymethods]
    impl Set {
        /// The set needs more memory than the default limits allow.
        #[new]
        fn new(expressions: Vec<String>) -> PyResult<Self> {
            const SIZE: usize = 1 << 30;
            let set = regex::RegexSetBuilder::new(&expressions).size_limit(SIZE).dfa_size_limit(SIZE).build();
            let regexes =
                expressions.iter().map(|expression| regex::Regex::new(expression)).collect::<Result<_, _>>();
            Ok(Self { set: set.map_err(invalid)?, regexes: regexes.map_err(invalid)? })
        }

        fn count<'py>(&self, py: Python<'py>, texts: &Texts) -> (Array<'py>, Array<'py>, Array<'py>) {
            arrays(py, texts, |text| {
                let matching = self.set.matches(text);
                matching.iter().map(|i| (i, self.regexes[i].find_iter(text).count())).collect()
            })
        }
    }
}
