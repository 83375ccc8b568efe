//! The class `_core.Plan`, which `countgrid.TermCounter` wraps.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString};

use super::documents::{PyDocuments, documents_for_single_use};
use super::errors::{short_repr, unknown_value, with_attribute, wrong_type};
use super::guard::guarded;
use super::input::arrow::Stream;
use super::output::{Int64Array, count_dense, count_sparse, match_arrays};
use super::run::{Runner, check_signals, detach_interruptible, interruptible};
use super::strings::{decode, new_bytes};
use super::terms::terms_of;
use crate::core::documents::rows::Documents;
use crate::core::text::accents;
use crate::core::{
    CountError, MatchMode, Options, Overlap, Plan, StoredMatches, Syntax, Terms, Totals, WordChars, first_changed,
    totals,
};

/// Compiled terms.
#[pyclass(frozen, name = "Plan", module = "countgrid._core")]
pub struct PyPlan {
    plan: Plan,
}

/// Column totals: counts and documents, both of int64.
type TotalArrays<'py> = (Bound<'py, PyArray1<i64>>, Bound<'py, PyArray1<i64>>);

/// Document, column, start and end of each match, and the number of documents.
type MatchArrays<'py> = (Int64Array<'py>, Int64Array<'py>, Int64Array<'py>, Int64Array<'py>, usize);

fn parse_options(
    r#match: &Bound<'_, PyAny>,
    ignore_case: &Bound<'_, PyAny>,
    strip_accents: &Bound<'_, PyAny>,
    word_chars: &Bound<'_, PyAny>,
    syntax: &Bound<'_, PyAny>,
    overlap: &Bound<'_, PyAny>,
) -> PyResult<Options> {
    Ok(Options {
        mode: parse_mode(r#match)?,
        ignore_case: parse_flag("ignore_case", ignore_case)?,
        strip_accents: parse_flag("strip_accents", strip_accents)?,
        word_chars: parse_word_chars(word_chars)?,
        syntax: parse_syntax(syntax)?,
        overlap: parse_overlap(overlap)?,
    })
}

impl PyPlan {
    fn compile(py: Python<'_>, terms: Terms, options: Options) -> PyResult<Self> {
        if options.strip_accents {
            // With the GIL: if the process forked while another thread did this, the child would wait forever.
            accents::accents(options.ignore_case);
        }
        let plan = detach_interruptible(py, |keep_going| Plan::new_cancellable(terms, options, keep_going))?;
        Ok(Self { plan })
    }

    /// A term as the user passed it.
    fn term<'py>(&self, py: Python<'py>, i: usize) -> PyResult<Bound<'py, PyAny>> {
        match self.plan.terms().get(i) {
            (term, true) => decode(py, term, "surrogatepass"),
            (term, false) => new_bytes(py, term),
        }
    }
}

/// A list with an item for each number of a range.
fn build_list<'py>(
    py: Python<'py>,
    range: Range<usize>,
    item: impl Fn(usize) -> PyResult<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyList>> {
    let list = PyList::empty(py);
    for i in range {
        check_signals(py, i)?;
        list.append(item(i)?)?;
    }
    Ok(list)
}

/// The value of a bool option, which may be a NumPy bool.
pub fn parse_flag(option: &str, value: &Bound<'_, PyAny>) -> PyResult<bool> {
    value.extract().map_err(|_| unknown_value(option, value, "True or False"))
}

/// The value of the option `match`.
pub fn parse_mode(name: &Bound<'_, PyAny>) -> PyResult<MatchMode> {
    match name.extract::<&str>() {
        Ok("word") => Ok(MatchMode::Word),
        Ok("substring") => Ok(MatchMode::Substring),
        Ok("token") => Ok(MatchMode::Token),
        _ => Err(unknown_value("match", name, "'word', 'substring' or 'token'")),
    }
}

fn parse_syntax(name: &Bound<'_, PyAny>) -> PyResult<Syntax> {
    match name.extract::<&str>() {
        Ok("literal") => Ok(Syntax::Literal),
        Ok("glob") => Ok(Syntax::Glob),
        Ok("regex") => Ok(Syntax::Regex),
        _ => Err(unknown_value("syntax", name, "'literal', 'glob' or 'regex'")),
    }
}

fn parse_overlap(name: &Bound<'_, PyAny>) -> PyResult<Overlap> {
    match name.extract::<&str>() {
        Ok("per-term") => Ok(Overlap::PerTerm),
        Ok("all") => Ok(Overlap::All),
        Ok("longest") => Ok(Overlap::Longest),
        _ => Err(unknown_value("overlap", name, "'per-term', 'all' or 'longest'")),
    }
}

fn parse_word_chars(chars: &Bound<'_, PyAny>) -> PyResult<WordChars> {
    let Ok(text) = chars.cast::<PyString>() else {
        return Err(wrong_type(chars, "word_chars", "expected str, the further word characters"));
    };
    let invalid = |reason: &str| {
        let error = PyValueError::new_err(format!("word_chars is {}, which {reason}", short_repr(chars)));
        with_attribute(with_attribute(error, "options", ("word_chars",)), "reason", reason)
    };
    let text = text.to_str().map_err(|_| invalid("contains a lone surrogate; expected valid Unicode"))?;
    WordChars::new(text).map_err(|_| invalid("contains whitespace; expected characters that can be in a word"))
}

fn check_missing(missing: &Bound<'_, PyAny>, documents: &Documents<'_>, rows_before: usize) -> PyResult<()> {
    match missing.extract::<&str>() {
        Ok("zero") => Ok(()),
        Ok("raise") => match interruptible(missing.py(), |keep_going| documents.first_missing(keep_going))? {
            None => Ok(()),
            Some(row) => Err(CountError::Missing { row: rows_before + row }.into()),
        },
        _ => Err(unknown_value("missing", missing, "'zero' or 'raise'")),
    }
}

#[pymethods]
impl PyPlan {
    #[new]
    #[expect(clippy::too_many_arguments, reason = "the matching options, one by one")]
    fn new(
        py: Python<'_>,
        terms: &Bound<'_, PyAny>,
        r#match: &Bound<'_, PyAny>,
        ignore_case: &Bound<'_, PyAny>,
        strip_accents: &Bound<'_, PyAny>,
        word_chars: &Bound<'_, PyAny>,
        syntax: &Bound<'_, PyAny>,
        overlap: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        guarded(|| {
            let options = parse_options(r#match, ignore_case, strip_accents, word_chars, syntax, overlap)?;
            Self::compile(py, terms_of(terms)?, options)
        })
    }

    /// A plan for terms that [`PyPlan::packed`] returned.
    #[staticmethod]
    #[expect(clippy::too_many_arguments, reason = "the matching options, one by one")]
    fn unpacked(
        py: Python<'_>,
        packed: &[u8],
        r#match: &Bound<'_, PyAny>,
        ignore_case: &Bound<'_, PyAny>,
        strip_accents: &Bound<'_, PyAny>,
        word_chars: &Bound<'_, PyAny>,
        syntax: &Bound<'_, PyAny>,
        overlap: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        guarded(|| {
            let options = parse_options(r#match, ignore_case, strip_accents, word_chars, syntax, overlap)?;
            let terms = py.detach(|| Terms::unpacked(packed)).ok_or_else(|| {
                PyValueError::new_err("the terms of a pickled TermCounter are damaged; make it from the terms again")
            })?;
            Self::compile(py, terms, options)
        })
    }

    /// The terms as one byte string, for pickling.
    fn packed<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guarded(|| new_bytes(py, &py.detach(|| self.plan.terms().packed())))
    }

    #[expect(clippy::too_many_arguments, reason = "the result options, one by one")]
    fn count<'py>(
        &self,
        py: Python<'py>,
        documents: &Bound<'py, PyAny>,
        dtype: Option<&Bound<'py, PyAny>>,
        out: Option<&Bound<'py, PyAny>>,
        sparse: &Bound<'py, PyAny>,
        workers: Option<&Bound<'py, PyAny>>,
        missing: &Bound<'py, PyAny>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        guarded(|| {
            let sparse = parse_flag("sparse", sparse)?;
            if sparse && out.is_some() {
                return Err(PyValueError::new_err("out is for dense results; pass sparse=True or out, not both"));
            }
            let borrowed = documents_for_single_use(documents, "documents")?;
            let documents = borrowed.documents();
            check_missing(missing, documents, 0)?;
            let total = progress.as_ref().map(|_| documents.nbytes());
            let runner = Runner::new(py, workers, progress, total)?;
            runner.report(py, 0)?;
            let counts = if sparse {
                count_sparse(py, &self.plan, documents, dtype, &runner)?
            } else {
                count_dense(py, &self.plan, &borrowed, dtype, out, &runner)?
            };
            runner.report(py, total.unwrap_or(0))?;
            Ok(counts)
        })
    }

    fn totals<'py>(
        &self,
        py: Python<'py>,
        documents: &Bound<'py, PyAny>,
        workers: Option<&Bound<'py, PyAny>>,
        missing: &Bound<'py, PyAny>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<TotalArrays<'py>> {
        guarded(|| {
            let mut sum = Totals::new(self.plan.columns());
            if is_stream(documents)? {
                let mut stream = Stream::open(documents, "documents")?;
                let mut runner = Runner::new(py, workers, progress, None)?;
                runner.report(py, 0)?;
                let mut rows = 0;
                while let Some(borrowed) = stream.next_documents(py, STREAM_BYTES)? {
                    py.check_signals()?;
                    let documents = borrowed.documents();
                    check_missing(missing, documents, rows)?;
                    sum.add(&runner.run(py, |run| totals(&self.plan, documents, run))?);
                    rows += documents.len();
                    runner.bytes_before += documents.nbytes();
                    runner.report(py, 0)?;
                }
            } else {
                let borrowed = documents_for_single_use(documents, "documents")?;
                let documents = borrowed.documents();
                check_missing(missing, documents, 0)?;
                let total = progress.as_ref().map(|_| documents.nbytes());
                let runner = Runner::new(py, workers, progress, total)?;
                runner.report(py, 0)?;
                sum = runner.run(py, |run| totals(&self.plan, documents, run))?;
                runner.report(py, total.unwrap_or(0))?;
            }
            // In place: the array takes over the list's memory.
            let array = |sums: Vec<u64>| PyArray1::from_vec(py, sums.into_iter().map(|sum| sum as i64).collect());
            Ok((array(sum.counts), array(sum.documents)))
        })
    }

    fn find<'py>(
        &self,
        py: Python<'py>,
        documents: &Bound<'py, PyAny>,
        workers: Option<&Bound<'py, PyAny>>,
        missing: &Bound<'py, PyAny>,
    ) -> PyResult<MatchArrays<'py>> {
        guarded(|| {
            let borrowed = documents_for_single_use(documents, "documents")?;
            let documents = borrowed.documents();
            check_missing(missing, documents, 0)?;
            let runner = Runner::new(py, workers, None, None)?;
            let [rows, columns, starts, ends] = match_arrays(py, &self.plan, documents, &runner)?;
            Ok((rows, columns, starts, ends, documents.len()))
        })
    }

    /// The document of the first stored match that these documents do not have.
    fn first_changed(
        &self,
        py: Python<'_>,
        documents: &Bound<'_, PyDocuments>,
        document: &Bound<'_, PyAny>,
        column: &Bound<'_, PyAny>,
        start: &Bound<'_, PyAny>,
        end: &Bound<'_, PyAny>,
    ) -> PyResult<Option<i64>> {
        guarded(|| {
            let [rows, columns, starts, ends] = [document, column, start, end].map(int64_array);
            let (rows, columns, starts, ends) = (rows?, columns?, starts?, ends?);
            let known = StoredMatches {
                documents: rows.as_slice()?,
                columns: columns.as_slice()?,
                starts: starts.as_slice()?,
                ends: ends.as_slice()?,
            };
            let lens = [known.columns.len(), known.starts.len(), known.ends.len()];
            if lens != [known.documents.len(); 3] {
                return Err(PyValueError::new_err("document, column, start and end have different lengths"));
            }
            let borrowed = &documents.get().borrowed;
            let runner = Runner::new(py, None, None, None)?;
            runner.run(py, |run| first_changed(&self.plan, borrowed.documents(), known, run))
        })
    }

    /// The names of the columns, in order.
    fn columns<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        guarded(|| {
            let terms = self.plan.terms();
            if let Some(categories) = terms.categories() {
                return PyList::new(py, categories.map(|(name, _)| name).collect::<Vec<_>>());
            }
            build_list(py, 0..terms.len(), |i| match terms.get(i) {
                (term, true) => decode(py, term, "surrogatepass"),
                (term, false) => decode(py, term, "backslashreplace"),
            })
        })
    }

    /// The terms as the user passed them: a list, or a dict of lists by category.
    fn terms<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guarded(|| {
            let terms = self.plan.terms();
            let list = |range| build_list(py, range, |i| self.term(py, i));
            let Some(categories) = terms.categories() else { return Ok(list(0..terms.len())?.into_any()) };
            let by_category = PyDict::new(py);
            for (i, (name, range)) in categories.enumerate() {
                check_signals(py, i)?;
                by_category.set_item(name, list(range)?)?;
            }
            Ok(by_category.into_any())
        })
    }

    #[getter]
    fn n_terms(&self) -> PyResult<usize> {
        guarded(|| Ok(self.plan.terms().len()))
    }

    #[getter]
    fn n_columns(&self) -> PyResult<usize> {
        guarded(|| Ok(self.plan.columns()))
    }

    #[getter]
    fn has_categories(&self) -> PyResult<bool> {
        guarded(|| Ok(self.plan.terms().categories().is_some()))
    }

    fn explain<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        guarded(|| Ok(PyString::new(py, self.plan.to_string().trim_end())))
    }

    fn __eq__(&self, other: &Bound<'_, Self>) -> PyResult<bool> {
        guarded(|| Ok(self.plan == other.get().plan))
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<u64> {
        guarded(|| {
            interruptible(py, |keep_going| {
                let mut hasher =
                    InterruptibleHasher { hasher: DefaultHasher::new(), keep_going, is_cancelled: false };
                self.plan.hash(&mut hasher);
                if hasher.is_cancelled { Err(CountError::Cancelled) } else { Ok(hasher.finish()) }
            })
        })
    }
}

/// Hashes long byte strings in parts, and calls `keep_going` between them.
struct InterruptibleHasher<'g> {
    hasher: DefaultHasher,
    keep_going: &'g dyn Fn() -> bool,
    is_cancelled: bool,
}

impl Hasher for InterruptibleHasher<'_> {
    fn write(&mut self, bytes: &[u8]) {
        const PART: usize = 16 << 20;

        for part in bytes.chunks(PART) {
            self.is_cancelled |= part.len() == PART && !(self.keep_going)();
            if !self.is_cancelled {
                self.hasher.write(part);
            }
        }
    }

    fn finish(&self) -> u64 {
        self.hasher.finish()
    }
}

/// A stream is counted in batches of about this many bytes: enough for all workers, but little memory.
const STREAM_BYTES: u64 = 16 << 20;

/// A column of `Matches` as a contiguous array of int64, copied if necessary.
fn int64_array<'py>(array: &Bound<'py, PyAny>) -> PyResult<PyReadonlyArray1<'py, i64>> {
    let numpy = array.py().import("numpy")?;
    numpy.call_method1("ascontiguousarray", (array, numpy.getattr("int64")?))?.extract()
}

/// Whether documents are an Arrow stream without a known size, which may not be in memory.
fn is_stream(documents: &Bound<'_, PyAny>) -> PyResult<bool> {
    // pandas is excluded, since it would export the index of a DataFrame too.
    Ok(documents.hasattr("__arrow_c_stream__")?
        && !documents.get_type().hasattr("nbytes")?
        && !documents.get_type().hasattr("memory_usage")?
        && !documents.hasattr("estimated_size")?)
}
