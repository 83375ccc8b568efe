//! The class `_core.Plan`, which `countgrid.TermCounter` wraps.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;
use std::sync::OnceLock;

use numpy::{PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyTuple};

use super::arrays::new_array;
use super::documents::{PyDocuments, documents_for_single_use};
use super::errors::{short_repr, unknown_value, with_attribute, wrong_type};
use super::guard::guarded;
use super::output::{Int64Array, count_dense, count_sparse, match_arrays};
use super::run::{Runner, check_signals, detach_interruptible, interruptible};
use super::streams::{Opened, count_batches, counted, documents_for, opened};
use super::strings::{decode, new_bytes};
use super::terms::terms_of;
use crate::core::documents::rows::Documents;
use crate::core::text::accents::accents;
use crate::core::{
    CountError, MatchColumns, MatchMode, Options, Overlap, Plan, RunOptions, Syntax, Terms, Totals, WordChars, costs,
    first_changed, grouped_totals, score, totals,
};

/// Compiled terms.
#[pyclass(frozen, name = "Plan", module = "countgrid._core")]
pub struct PyPlan {
    plan: Plan,
    /// The names of the columns, made when they are first read: 25 ms for 286,000.
    columns: OnceLock<Py<PyTuple>>,
}

/// Totals: counts and documents, both of int64; then the number of words, by group, if it was asked for.
type TotalArrays<'py> = (Bound<'py, PyArray1<i64>>, Bound<'py, PyArray1<i64>>, Option<Bound<'py, PyArray1<i64>>>);

/// Document, column, start and end of each match, and the number of documents.
type MatchArrays<'py> = (Int64Array<'py>, Int64Array<'py>, Int64Array<'py>, Int64Array<'py>, usize);

fn parse_options(
    r#match: &Bound<'_, PyAny>,
    ignore_case: &Bound<'_, PyAny>,
    strip_accents: &Bound<'_, PyAny>,
    fold_punctuation: &Bound<'_, PyAny>,
    word_chars: &Bound<'_, PyAny>,
    syntax: &Bound<'_, PyAny>,
    overlap: &Bound<'_, PyAny>,
) -> PyResult<Options> {
    Ok(Options {
        mode: parse_mode(r#match)?,
        ignore_case: parse_flag("ignore_case", ignore_case)?,
        strip_accents: parse_flag("strip_accents", strip_accents)?,
        fold_punctuation: parse_flag("fold_punctuation", fold_punctuation)?,
        word_chars: parse_word_chars(word_chars)?,
        syntax: parse_syntax(syntax)?,
        overlap: parse_overlap(overlap)?,
    })
}

impl PyPlan {
    fn new_of(plan: Plan) -> Self {
        Self { plan, columns: OnceLock::new() }
    }

    fn compile(py: Python<'_>, terms: Terms, options: Options) -> PyResult<Self> {
        if options.strip_accents {
            // With the GIL: if the process forked while another thread did this, the child would wait forever.
            accents(options.folding());
        } else {
            options.folding().table();
        }
        let plan = detach_interruptible(py, |keep_going| Plan::new_cancellable(terms, options, keep_going))?;
        Ok(Self::new_of(plan))
    }

    fn column_names<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let terms = self.plan.terms();
        if let Some(categories) = terms.categories() {
            return PyTuple::new(py, categories.map(|(name, _)| name).collect::<Vec<_>>());
        }
        let names = build_list(py, 0..terms.len(), |i| match terms.get(i) {
            (term, true) => decode(py, term, "surrogatepass"),
            (term, false) => decode(py, term, "backslashreplace"),
        })?;
        Ok(names.to_tuple())
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
        Ok("adaptive") => Ok(MatchMode::Adaptive),
        Ok("substring") => Ok(MatchMode::Substring),
        Ok("token") => Ok(MatchMode::Token),
        _ => Err(unknown_value("match", name, "'word', 'adaptive', 'substring' or 'token'")),
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
        Ok("first") => Ok(Overlap::First),
        _ => Err(unknown_value("overlap", name, "'per-term', 'all', 'longest' or 'first'")),
    }
}

pub fn parse_word_chars(chars: &Bound<'_, PyAny>) -> PyResult<WordChars> {
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
        fold_punctuation: &Bound<'_, PyAny>,
        word_chars: &Bound<'_, PyAny>,
        syntax: &Bound<'_, PyAny>,
        overlap: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        guarded(|| {
            let options =
                parse_options(r#match, ignore_case, strip_accents, fold_punctuation, word_chars, syntax, overlap)?;
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
        fold_punctuation: &Bound<'_, PyAny>,
        word_chars: &Bound<'_, PyAny>,
        syntax: &Bound<'_, PyAny>,
        overlap: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        guarded(|| {
            let options =
                parse_options(r#match, ignore_case, strip_accents, fold_punctuation, word_chars, syntax, overlap)?;
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
            counted(&borrowed, 0, workers, missing, progress, |documents, runner| match sparse {
                true => count_sparse(py, &self.plan, documents, dtype, runner),
                false => count_dense(py, &self.plan, &borrowed, dtype, out, runner),
            })
        })
    }

    /// The plan of one column that counts words, in the text as this plan sees it.
    fn words(&self) -> PyResult<Self> {
        guarded(|| Ok(Self::new_of(Plan::words(self.plan.options().clone())?)))
    }

    /// Totals by column, and the total of `words`, a plan of one column, if there is one. A stream is read once.
    fn totals<'py>(
        &self,
        py: Python<'py>,
        documents: &Bound<'py, PyAny>,
        workers: Option<&Bound<'py, PyAny>>,
        missing: &Bound<'py, PyAny>,
        progress: Option<Py<PyAny>>,
        words: Option<&Self>,
    ) -> PyResult<TotalArrays<'py>> {
        guarded(|| {
            let (mut sum, mut word_sum) = (None, None);
            let mut add = |documents: &Documents<'_>, runner: &Runner, read_ahead: &(dyn Fn() + Sync)| {
                let run = |plan, runner: &Runner| {
                    runner.run(py, |run| totals(plan, documents, RunOptions { while_running: read_ahead, ..run }))
                };
                add_totals(&mut sum, run(&self.plan, runner)?);
                if let Some(words) = words {
                    add_totals(&mut word_sum, run(&words.plan, &runner.quiet())?);
                }
                PyResult::Ok(())
            };
            match opened(documents, words.is_some())? {
                Opened::Documents(borrowed) => {
                    let add = |documents: &Documents<'_>, runner: &Runner| add(documents, runner, &|| ());
                    counted(&borrowed, 0, workers, missing, progress, add)?;
                }
                Opened::Batches(source) => {
                    let runner = Runner::new(py, workers, progress, None)?;
                    count_batches(py, source, missing, runner, add)?;
                }
            }
            let of = |sum: Option<Totals>, columns| sum.unwrap_or_else(|| Totals::new(columns));
            total_arrays(py, of(sum, self.plan.columns()), words.map(|_| of(word_sum, 1)))
        })
    }

    /// Totals by group and column, flat, and those of `words` by group. Document `i` belongs to group `groups[i]`, and
    /// is row `rows_before + i` in errors.
    #[expect(clippy::too_many_arguments, reason = "the result options, one by one")]
    fn grouped_totals<'py>(
        &self,
        py: Python<'py>,
        documents: &Bound<'py, PyAny>,
        groups: PyReadonlyArray1<'py, u32>,
        n_groups: usize,
        rows_before: usize,
        workers: Option<&Bound<'py, PyAny>>,
        missing: &Bound<'py, PyAny>,
        progress: Option<Py<PyAny>>,
        words: Option<&Self>,
    ) -> PyResult<TotalArrays<'py>> {
        guarded(|| {
            let groups = groups.as_slice()?;
            let borrowed = documents_for(documents, words.is_some())?;
            let (labels, documents) = (groups.len(), borrowed.documents().len());
            if labels != documents {
                let message = format!("by has {labels} labels for {documents} documents; expected one for each");
                return Err(PyValueError::new_err(message));
            }
            if let Some(group) = groups.iter().find(|&&group| group as usize >= n_groups) {
                return Err(PyValueError::new_err(format!("group {group} is not below {n_groups}")));
            }
            counted(&borrowed, rows_before, workers, missing, progress, |documents, runner| {
                let add = |runner: &Runner, plan| {
                    runner.run(py, |run| grouped_totals(plan, documents, groups, n_groups, run))
                };
                let sum = add(runner, &self.plan)?;
                let words = words.map(|words| add(&runner.quiet(), &words.plan)).transpose()?;
                total_arrays(py, sum, words)
            })
        })
    }

    /// Scores, of shape (documents, columns of `weights`), for weights of shape (columns, ...).
    fn score<'py>(
        &self,
        py: Python<'py>,
        documents: &Bound<'py, PyAny>,
        weights: PyReadonlyArray2<'py, f64>,
        workers: Option<&Bound<'py, PyAny>>,
        missing: &Bound<'py, PyAny>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Bound<'py, PyArray2<f64>>> {
        guarded(|| {
            let weights = weights.as_array();
            if weights.nrows() != self.plan.columns() {
                return Err(PyValueError::new_err("weights and columns have different lengths"));
            }
            let borrowed = documents_for_single_use(documents, "documents")?;
            counted(&borrowed, 0, workers, missing, progress, |documents, runner| {
                let scores = new_array::<f64, 2>(py, [documents.len(), weights.ncols()])?;
                if !scores.is_empty() {
                    let mut scores = scores.try_readwrite()?;
                    let scores = scores.as_array_mut();
                    runner.run(py, |run| score(&self.plan, documents, weights, scores, run))?;
                }
                Ok(scores)
            })
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
            counted(&borrowed, 0, workers, missing, None, |documents, runner| {
                let [rows, columns, starts, ends] = match_arrays(py, &self.plan, documents, runner)?;
                Ok((rows, columns, starts, ends, documents.len()))
            })
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
            let known = MatchColumns {
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

    /// The names of the columns, in order. Always the same tuple.
    fn columns<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        guarded(|| {
            // Made without the lock: a process that forks meanwhile would leave it locked.
            if self.columns.get().is_none() {
                let names = self.column_names(py)?;
                let _ = self.columns.set(names.unbind());
            }
            Ok(self.columns.get().expect("it was set").bind(py).clone())
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

    /// The text of `explain()`, with what each expression costs in documents if there are any.
    fn explain<'py>(
        &self,
        py: Python<'py>,
        documents: Option<&Bound<'py, PyAny>>,
        workers: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyString>> {
        guarded(|| {
            let runner = Runner::new(py, workers, None, None)?;
            let mut text = self.plan.to_string();
            if let Some(documents) = documents {
                let borrowed = documents_for(documents, true)?;
                let costs = runner.run(py, |run| costs(&self.plan, borrowed.documents(), run))?;
                text.push_str(&costs.to_string());
            }
            Ok(PyString::new(py, text.trim_end()))
        })
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

fn add_totals(sum: &mut Option<Totals>, more: Totals) {
    match sum {
        None => *sum = Some(more),
        Some(sum) => sum.add(&more),
    }
}

fn total_arrays<'py>(py: Python<'py>, sum: Totals, words: Option<Totals>) -> PyResult<TotalArrays<'py>> {
    // A view, since most pages of a long array were never written.
    let array = |sums: Vec<u64>| -> PyResult<Bound<'py, PyArray1<i64>>> {
        Ok(PyArray1::from_vec(py, sums).call_method1("view", ("int64",))?.cast_into()?)
    };
    let words = words.map(|words| array(words.counts)).transpose()?;
    Ok((array(sum.counts)?, array(sum.documents)?, words))
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

/// A column of `Matches` as a contiguous array of int64, copied if necessary.
fn int64_array<'py>(array: &Bound<'py, PyAny>) -> PyResult<PyReadonlyArray1<'py, i64>> {
    let numpy = array.py().import("numpy")?;
    numpy.call_method1("ascontiguousarray", (array, numpy.getattr("int64")?))?.extract()
}
