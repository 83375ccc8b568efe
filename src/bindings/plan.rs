//! The class `_core.Plan`, behind `countgrid.TermCounter`.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString};

use super::documents::decode;
use super::errors::{not_texts, short_repr, unknown_value, with};
use super::guard::guarded;
use super::input::arrow::Stream;
use super::input::take::take_once;
use super::input::terms;
use super::items::new_bytes;
use super::output::{Places, count_dense, count_sparse, match_arrays};
use super::run::{Runner, asked, check_signals, watched};
use super::taken::PyDocuments;
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

/// Document, column, start and end of each match; then how many documents there are.
type MatchArrays<'py> = (Places<'py>, Places<'py>, Places<'py>, Places<'py>, usize);

fn options(
    r#match: &Bound<'_, PyAny>,
    ignore_case: &Bound<'_, PyAny>,
    strip_accents: &Bound<'_, PyAny>,
    word_chars: &Bound<'_, PyAny>,
    syntax: &Bound<'_, PyAny>,
    overlap: &Bound<'_, PyAny>,
) -> PyResult<Options> {
    Ok(Options {
        mode: mode(r#match)?,
        ignore_case: flag("ignore_case", ignore_case)?,
        strip_accents: flag("strip_accents", strip_accents)?,
        word_chars: self::word_chars(word_chars)?,
        syntax: self::syntax(syntax)?,
        overlap: self::overlap(overlap)?,
    })
}

impl PyPlan {
    fn compiled(py: Python<'_>, terms: Terms, options: Options) -> PyResult<Self> {
        if options.strip_accents {
            // While the GIL is held: a process that forked while another thread does this would wait for it for ever.
            accents::accents(options.ignore_case);
        }
        let plan = watched(py, |keep_going| Plan::new_cancellable(terms, options, keep_going))?;
        Ok(Self { plan })
    }

    /// A term as it was given.
    fn term<'py>(&self, py: Python<'py>, i: usize) -> PyResult<Bound<'py, PyAny>> {
        match self.plan.terms().get(i) {
            (term, true) => decode(py, term, "surrogatepass"),
            (term, false) => new_bytes(py, term),
        }
    }
}

/// A list of as many objects, or what goes wrong in making one.
fn list_of<'py>(
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

/// The value of an option that is true or false; NumPy's bools are bools too.
pub fn flag(option: &str, value: &Bound<'_, PyAny>) -> PyResult<bool> {
    value.extract().map_err(|_| unknown_value(option, value, "True or False"))
}

/// The matching rule that a word names.
pub fn mode(name: &Bound<'_, PyAny>) -> PyResult<MatchMode> {
    match name.extract::<&str>() {
        Ok("word") => Ok(MatchMode::Word),
        Ok("substring") => Ok(MatchMode::Substring),
        Ok("token") => Ok(MatchMode::Token),
        _ => Err(unknown_value("match", name, "'word', 'substring' or 'token'")),
    }
}

fn syntax(name: &Bound<'_, PyAny>) -> PyResult<Syntax> {
    match name.extract::<&str>() {
        Ok("literal") => Ok(Syntax::Literal),
        Ok("glob") => Ok(Syntax::Glob),
        Ok("regex") => Ok(Syntax::Regex),
        _ => Err(unknown_value("syntax", name, "'literal', 'glob' or 'regex'")),
    }
}

fn overlap(name: &Bound<'_, PyAny>) -> PyResult<Overlap> {
    match name.extract::<&str>() {
        Ok("per-term") => Ok(Overlap::PerTerm),
        Ok("all") => Ok(Overlap::All),
        Ok("longest") => Ok(Overlap::Longest),
        _ => Err(unknown_value("overlap", name, "'per-term', 'all' or 'longest'")),
    }
}

fn word_chars(chars: &Bound<'_, PyAny>) -> PyResult<WordChars> {
    let Ok(text) = chars.cast::<PyString>() else {
        return Err(not_texts(chars, "word_chars", "expected str, the further word characters"));
    };
    let refused = |reason: &str| {
        let error = PyValueError::new_err(format!("word_chars is {}, which {reason}", short_repr(chars)));
        with(with(error, "options", ("word_chars",)), "reason", reason)
    };
    let text = text.to_str().map_err(|_| refused("contains a lone surrogate; expected valid Unicode"))?;
    WordChars::new(text).map_err(|_| refused("contains whitespace; expected characters that can be in a word"))
}

fn check_missing(missing: &Bound<'_, PyAny>, documents: &Documents<'_>, rows_before: usize) -> PyResult<()> {
    match missing.extract::<&str>() {
        Ok("zero") => Ok(()),
        Ok("raise") => match asked(missing.py(), |keep_going| documents.first_missing(keep_going))? {
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
            let options = options(r#match, ignore_case, strip_accents, word_chars, syntax, overlap)?;
            Self::compiled(py, terms::terms(terms)?, options)
        })
    }

    /// The plan of terms that [`PyPlan::packed`] gave.
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
            let options = options(r#match, ignore_case, strip_accents, word_chars, syntax, overlap)?;
            let terms = py.detach(|| Terms::unpacked(packed)).ok_or_else(|| {
                PyValueError::new_err("the terms of a pickled TermCounter are damaged; make it from the terms again")
            })?;
            Self::compiled(py, terms, options)
        })
    }

    /// The terms in one piece, to be pickled.
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
            let sparse = flag("sparse", sparse)?;
            if sparse && out.is_some() {
                return Err(PyValueError::new_err("out is for dense results; pass sparse=True or out, not both"));
            }
            let held = take_once(documents, "documents")?;
            let documents = held.documents();
            check_missing(missing, documents, 0)?;
            let total = progress.as_ref().map(|_| documents.nbytes());
            let runner = Runner::new(py, workers, progress, total)?;
            runner.tell(py, 0)?;
            let counts = if sparse {
                count_sparse(py, &self.plan, documents, dtype, &runner)?
            } else {
                count_dense(py, &self.plan, &held, dtype, out, &runner)?
            };
            runner.tell(py, total.unwrap_or(0))?;
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
                runner.tell(py, 0)?;
                let mut rows = 0;
                while let Some(held) = stream.next_documents(py, STREAM_BYTES)? {
                    py.check_signals()?;
                    let documents = held.documents();
                    check_missing(missing, documents, rows)?;
                    sum.add(&runner.run(py, |run| totals(&self.plan, documents, run))?);
                    rows += documents.len();
                    runner.before += documents.nbytes();
                    runner.tell(py, 0)?;
                }
            } else {
                let held = take_once(documents, "documents")?;
                let documents = held.documents();
                check_missing(missing, documents, 0)?;
                let total = progress.as_ref().map(|_| documents.nbytes());
                let runner = Runner::new(py, workers, progress, total)?;
                runner.tell(py, 0)?;
                sum = runner.run(py, |run| totals(&self.plan, documents, run))?;
                runner.tell(py, total.unwrap_or(0))?;
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
            let held = take_once(documents, "documents")?;
            let documents = held.documents();
            check_missing(missing, documents, 0)?;
            let runner = Runner::new(py, workers, None, None)?;
            let [rows, columns, starts, ends] = match_arrays(py, &self.plan, documents, &runner)?;
            Ok((rows, columns, starts, ends, documents.len()))
        })
    }

    /// The document of the first match that is not a match there, if there is one.
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
            let [rows, columns, starts, ends] = [document, column, start, end].map(places);
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
            let held = &documents.get().held;
            let runner = Runner::new(py, None, None, None)?;
            runner.run(py, |run| first_changed(&self.plan, held.documents(), known, run))
        })
    }

    /// The columns' names, in order.
    fn columns<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        guarded(|| {
            let terms = self.plan.terms();
            if let Some(categories) = terms.categories() {
                return PyList::new(py, categories.map(|(name, _)| name).collect::<Vec<_>>());
            }
            list_of(py, 0..terms.len(), |i| match terms.get(i) {
                (term, true) => decode(py, term, "surrogatepass"),
                (term, false) => decode(py, term, "backslashreplace"),
            })
        })
    }

    /// The terms as they were given: a list, or a dict of lists by category.
    fn terms<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guarded(|| {
            let terms = self.plan.terms();
            let list = |range| list_of(py, range, |i| self.term(py, i));
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
            asked(py, |keep_going| {
                let mut hasher = ByStretches { hasher: DefaultHasher::new(), keep_going, is_cancelled: false };
                self.plan.hash(&mut hasher);
                if hasher.is_cancelled { Err(CountError::Cancelled) } else { Ok(hasher.finish()) }
            })
        })
    }
}

/// Hashes long stretches in parts, between which it asks whether to go on.
struct ByStretches<'g> {
    hasher: DefaultHasher,
    keep_going: &'g dyn Fn() -> bool,
    is_cancelled: bool,
}

impl Hasher for ByStretches<'_> {
    fn write(&mut self, bytes: &[u8]) {
        const STRETCH: usize = 16 << 20;

        for stretch in bytes.chunks(STRETCH) {
            self.is_cancelled |= stretch.len() == STRETCH && !(self.keep_going)();
            if !self.is_cancelled {
                self.hasher.write(stretch);
            }
        }
    }

    fn finish(&self) -> u64 {
        self.hasher.finish()
    }
}

/// A stream is counted by portions of so much text, enough for all workers and little memory.
const STREAM_BYTES: u64 = 16 << 20;

/// Places of matches, which need not be in the arrays that they came in.
fn places<'py>(array: &Bound<'py, PyAny>) -> PyResult<PyReadonlyArray1<'py, i64>> {
    let numpy = array.py().import("numpy")?;
    numpy.call_method1("ascontiguousarray", (array, numpy.getattr("int64")?))?.extract()
}

/// Whether documents come as an Arrow stream that need not be in memory: what is tells its size.
fn is_stream(documents: &Bound<'_, PyAny>) -> PyResult<bool> {
    // pandas would export the index of a DataFrame too.
    Ok(documents.hasattr("__arrow_c_stream__")?
        && !documents.get_type().hasattr("nbytes")?
        && !documents.get_type().hasattr("memory_usage")?
        && !documents.hasattr("estimated_size")?)
}
