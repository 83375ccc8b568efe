//! The classes of terms that are learned from documents: rules for words, tables of terms, vectorizers.

use std::sync::{Arc, Mutex};

use numpy::{Element, PyArray1, PyArrayMethods, PyReadonlyArray1};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};

use super::arrays::new_array;
use super::documents::{documents_for_single_use, documents_of};
use super::errors::{short_repr, with_attribute};
use super::guard::guarded;
use super::output::{csr_arrays_of, sparse_dtype};
use super::plan::{parse_flag, parse_word_chars};
use super::run::{Runner, SignalTimer, check_signals};
use super::streams::{Opened, count_batches, counted, opened};
use super::strings::{decode, new_bytes};
use crate::core::base::locks::lock_ignoring_poison;
use crate::core::base::memory::collected;
use crate::core::base::packed_strings::PackedStrings;
use crate::core::learning::hashed_rows::{HashedRows, Norm, write_rows};
use crate::core::learning::hashing::{HashColumns, hash, hash_given};
use crate::core::learning::intern::NONE;
use crate::core::learning::learn::{Learned, learn as learn_terms, learn_given};
use crate::core::learning::rules::{KeptWords, NgramRange, TokenRules};
use crate::core::learning::term_table::TermTable;
use crate::core::learning::vectorizer::Vectorizer;
use crate::core::text::accents::accents;
use crate::core::text::char_map::{CharMap, SigmaContext};
use crate::core::text::char_set::CharSet;
use crate::core::text::transform::Transform;
use crate::core::text::unicode::Folding;
use crate::core::{Documents, Index, RunOptions, Sparse};

/// Which words a document has, and how many of them make a term.
#[pyclass(frozen, name = "TokenRules", module = "countgrid._core")]
pub struct PyTokenRules {
    rules: Arc<TokenRules>,
    /// Whether documents that are bytes are read as UTF-8.
    reads_bytes: bool,
}

/// Arrays (data, indices, indptr).
type CsrArrays<'py> = Bound<'py, PyTuple>;

#[pymethods]
impl PyTokenRules {
    /// The library's own words.
    #[staticmethod]
    fn words(
        py: Python<'_>,
        ignore_case: &Bound<'_, PyAny>,
        strip_accents: &Bound<'_, PyAny>,
        word_chars: &Bound<'_, PyAny>,
        across_punctuation: &Bound<'_, PyAny>,
        stop_words: &Bound<'_, PyAny>,
        ngrams: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        guarded(|| {
            let folding = Folding { case: parse_flag("ignore_case", ignore_case)?, punctuation: false };
            let strip_accents = parse_flag("strip_accents", strip_accents)?;
            if strip_accents {
                // With the GIL: if the process forked while another thread did this, the child would wait forever.
                accents(folding);
            } else {
                folding.table();
            }
            let transform = Transform { strip_accents, folding, ..Transform::default() };
            let word_chars = parse_word_chars(word_chars)?;
            let across_punctuation = parse_flag("across_punctuation", across_punctuation)?;
            let stop_words = spelled(py, stop_words)?;
            let stop_words: Vec<&[u8]> = stop_words.iter().collect();
            let ngrams = ngram_range(ngrams)?;
            let rules = TokenRules::of_words(transform, word_chars, across_punctuation, ngrams, &stop_words);
            Ok(Self { rules: Arc::new(rules), reads_bytes: true })
        })
    }

    /// Words by tables with one bit for each code point.
    #[staticmethod]
    #[expect(clippy::too_many_arguments, reason = "the tables, one by one")]
    fn of_tables(
        py: Python<'_>,
        token_class: &[u8],
        whole_class: Option<&[u8]>,
        min_chars: usize,
        max_chars: Option<usize>,
        mapped_codes: PyReadonlyArray1<'_, u32>,
        mapped_texts: &Bound<'_, PyAny>,
        sigma: Option<(&[u8], &[u8])>,
        stop_words: &Bound<'_, PyAny>,
        ngrams: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        guarded(|| {
            let set = |bits: &[u8]| {
                CharSet::from_bits(bits)
                    .ok_or_else(|| PyValueError::new_err("a class of characters needs one bit for each code point"))
            };
            let (codes, texts) = (mapped_codes.as_slice()?, spelled(py, mapped_texts)?);
            if codes.len() != texts.len() {
                return Err(PyValueError::new_err("mapped_codes and mapped_texts have different lengths"));
            }
            let sigma = match sigma {
                Some((cased, case_ignorable)) => {
                    Some(SigmaContext { cased: set(cased)?, case_ignorable: set(case_ignorable)? })
                }
                None => None,
            };
            let map = CharMap::new(codes.iter().copied().zip(texts.iter()), sigma)
                .ok_or_else(|| PyValueError::new_err("ASCII characters can only become lower case, or all stay"))?;
            let class = set(token_class)?;
            let ngrams = ngram_range(ngrams)?;
            if ngrams.most > 1 && (0..=0x20).any(|code| class.contains(code)) {
                return Err(PyValueError::new_err("words of n-grams cannot contain spaces and control characters"));
            }
            let stop_words = spelled(py, stop_words)?;
            let kept = KeptWords {
                least: min_chars,
                most: max_chars.unwrap_or(usize::MAX),
                class: whole_class.map(set).transpose()?,
                stop_words: stop_words.iter().map(Into::into).collect(),
            };
            let rules = TokenRules::of_class(map, &class, kept, ngrams);
            Ok(Self { rules: Arc::new(rules), reads_bytes: false })
        })
    }
}

impl PyTokenRules {
    /// Raises if a document is bytes, unless they are read as UTF-8.
    fn check(&self, documents: &Documents<'_>, rows_before: usize) -> PyResult<()> {
        match documents.first_bytes().filter(|_| !self.reads_bytes) {
            None => Ok(()),
            Some(row) => {
                let row = rows_before + row;
                let error = PyTypeError::new_err(format!("documents[{row}] is bytes; expected str"));
                Err(with_attribute(error, "row", row))
            }
        }
    }
}

/// The strings of a sequence of `str`, as UTF-8.
fn spelled(py: Python<'_>, strings: &Bound<'_, PyAny>) -> PyResult<PackedStrings> {
    let borrowed = documents_of(strings, "strings")?;
    let mut spelled = PackedStrings::default();
    let mut result = Ok(());
    borrowed.documents().for_each_text(|i, text| {
        spelled.push_with(|bytes| {
            if let Some(text) = text {
                Transform::default().append(text, bytes);
            }
        });
        result = check_signals(py, i);
        result.is_ok()
    })?;
    result.map(|()| spelled)
}

fn ngram_range(ngrams: &Bound<'_, PyAny>) -> PyResult<NgramRange> {
    match ngrams.extract() {
        Ok((least, most)) if 1 <= least && least <= most => Ok(NgramRange { least, most }),
        _ => Err(PyValueError::new_err(format!(
            "ngrams is {}; expected (least, most), the numbers of words, with 1 <= least <= most",
            short_repr(ngrams)
        ))),
    }
}

/// Terms with their counts.
#[pyclass(frozen, name = "TermTable", module = "countgrid._core")]
pub struct PyTermTable {
    /// Shared with whoever reads it, so that it is locked for a moment only, or while terms are added.
    table: Mutex<Arc<TermTable>>,
}

impl PyTermTable {
    fn of(table: TermTable) -> Self {
        Self { table: Mutex::new(Arc::new(table)) }
    }

    /// Whoever adds terms holds the lock and may wait for the GIL. So nobody waits for the lock with the GIL.
    fn get(&self, py: Python<'_>) -> Arc<TermTable> {
        match self.table.try_lock() {
            Ok(table) => table.clone(),
            Err(_) => py.detach(|| lock_ignoring_poison(&self.table).clone()),
        }
    }
}

#[pymethods]
impl PyTermTable {
    #[new]
    fn new() -> PyResult<Self> {
        guarded(|| Ok(Self::of(TermTable::default())))
    }

    /// Terms that were not counted: all as UTF-8, and where each ends.
    #[staticmethod]
    fn unpacked(py: Python<'_>, text: &[u8], ends: PyReadonlyArray1<'_, i64>) -> PyResult<Self> {
        guarded(|| {
            let mut strings = PackedStrings::default();
            let mut start = 0;
            for (i, &end) in ends.as_slice()?.iter().enumerate() {
                check_signals(py, i)?;
                let term = usize::try_from(end).ok().and_then(|end| text.get(start..end));
                let term = term.ok_or_else(|| PyValueError::new_err("ends must rise, up to the length of text"))?;
                strings.push(term);
                start += term.len();
            }
            Ok(Self::of(TermTable::of_strings(strings)))
        })
    }

    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        guarded(|| Ok(self.get(py).len()))
    }

    #[getter]
    fn n_documents(&self, py: Python<'_>) -> PyResult<usize> {
        guarded(|| Ok(self.get(py).documents))
    }

    #[getter]
    fn counts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<i64>>> {
        guarded(|| int64(py, &self.get(py).totals.counts))
    }

    #[getter]
    fn documents<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<i64>>> {
        guarded(|| int64(py, &self.get(py).totals.documents))
    }

    /// Adds the counts of other documents. New terms get the next numbers. After an error, nothing was added.
    fn add(&self, py: Python<'_>, other: &Bound<'_, Self>) -> PyResult<()> {
        guarded(|| {
            let other = other.get().get(py);
            let runner = Runner::new(py, None, None, None)?;
            runner.run(py, |run| Arc::make_mut(&mut lock_ignoring_poison(&self.table)).add(&other, run))
        })
    }

    /// The numbers of the terms in order of their code points.
    fn order<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<i64>>> {
        guarded(|| {
            let table = self.get(py);
            let order = Runner::new(py, None, None, None)?.run(py, |run| table.order(run))?;
            int64_by(py, order.len(), |i| i64::from(order[i]))
        })
    }

    /// The numbers of the terms that enough documents have, the most frequent first: at most `top`.
    fn ranking<'py>(
        &self,
        py: Python<'py>,
        top: Option<usize>,
        min_documents: u64,
    ) -> PyResult<Bound<'py, PyArray1<i64>>> {
        guarded(|| {
            let table = self.get(py);
            let ranking = Runner::new(py, None, None, None)?.run(py, |run| table.ranking(top, min_documents, run))?;
            int64_by(py, ranking.len(), |i| i64::from(ranking[i]))
        })
    }

    /// Terms by number, or all.
    fn terms<'py>(&self, py: Python<'py>, kept: Option<PyReadonlyArray1<'py, i64>>) -> PyResult<Bound<'py, PyList>> {
        guarded(|| {
            let table = self.get(py);
            let kept = checked(kept, &table)?;
            let list = PyList::empty(py);
            let mut signals = SignalTimer::default();
            table.for_each_term(kept.as_deref(), |_, term| {
                signals.check(py, term.len())?;
                list.append(new_term(py, term)?)
            })?;
            Ok(list)
        })
    }

    /// Adds all terms and their numbers to a dict. It may be of a subclass, whose methods are not called.
    fn fill(&self, py: Python<'_>, vocabulary: &Bound<'_, PyDict>) -> PyResult<()> {
        guarded(|| {
            let mut signals = SignalTimer::default();
            self.get(py).for_each_term(None, |i, term| {
                signals.check(py, term.len())?;
                vocabulary.set_item(new_term(py, term)?, i)
            })
        })
    }

    /// Terms by number, or all: as UTF-8, and where each ends.
    fn packed<'py>(
        &self,
        py: Python<'py>,
        kept: Option<PyReadonlyArray1<'py, i64>>,
    ) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyArray1<i64>>)> {
        guarded(|| {
            let table = self.get(py);
            let kept = checked(kept, &table)?;
            let runner = Runner::new(py, None, None, None)?;
            let (text, ends) = runner.run(py, |run| table.packed(kept.as_deref(), run))?;
            Ok((new_bytes(py, &text)?, int64(py, &ends)?))
        })
    }
}

fn new_term<'py>(py: Python<'py>, term: &[u8]) -> PyResult<Bound<'py, PyAny>> {
    decode(py, term, "surrogatepass").or_else(|_| decode(py, term, "backslashreplace"))
}

/// Numbers of terms, which must be terms of the table.
fn checked(kept: Option<PyReadonlyArray1<'_, i64>>, table: &TermTable) -> PyResult<Option<Vec<u32>>> {
    let Some(kept) = kept else { return Ok(None) };
    let kept = kept.as_slice()?;
    match kept.iter().find(|&&term| usize::try_from(term).map_or(true, |term| term >= table.len())) {
        Some(term) => Err(PyValueError::new_err(format!("term {term} is not below {}", table.len()))),
        None => Ok(Some(collected(kept.iter().map(|&term| term as u32)))),
    }
}

fn int64<'py>(py: Python<'py>, numbers: &[u64]) -> PyResult<Bound<'py, PyArray1<i64>>> {
    int64_by(py, numbers.len(), |i| numbers[i] as i64)
}

/// So many cells take about a millisecond to write.
const INT64_CELLS: usize = 1 << 20;

fn int64_by(py: Python<'_>, len: usize, number: impl Fn(usize) -> i64) -> PyResult<Bound<'_, PyArray1<i64>>> {
    let array = new_array::<i64, 1>(py, [len])?;
    for (part, cells) in array.try_readwrite()?.as_slice_mut()?.chunks_mut(INT64_CELLS).enumerate() {
        py.check_signals()?;
        (part * INT64_CELLS..).zip(cells).for_each(|(i, cell)| *cell = number(i));
    }
    Ok(array)
}

/// The terms of documents, and their count matrix.
#[pyclass(frozen, name = "Learned", module = "countgrid._core")]
pub struct PyLearned {
    #[pyo3(get)]
    table: Py<PyTermTable>,
    learned: Mutex<Learned>,
    documents: usize,
}

impl PyLearned {
    fn of(py: Python<'_>, mut learned: Learned) -> PyResult<Self> {
        let table = std::mem::take(&mut learned.table);
        let documents = table.documents;
        Ok(Self { table: Py::new(py, PyTermTable::of(table))?, learned: Mutex::new(learned), documents })
    }
}

#[pymethods]
impl PyLearned {
    /// The count matrix, once. Column `i` is term `kept[i]`. A row has its counts in the order in which terms occur
    /// first in all documents.
    fn csr<'py>(
        &self,
        py: Python<'py>,
        kept: Option<PyReadonlyArray1<'py, i64>>,
        dtype: Option<&Bound<'py, PyAny>>,
        binary: bool,
        workers: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<CsrArrays<'py>> {
        guarded(|| {
            let dtype = sparse_dtype(py, dtype)?;
            let table = self.table.get().get(py);
            let kept = checked(kept, &table)?;
            let columns = kept.as_ref().map_or(table.len(), Vec::len);
            let runner = Runner::new(py, workers, None, None)?;
            let rows = runner.run(py, |run| {
                // Only this call holds the lock, and it does not wait for Python meanwhile.
                lock_ignoring_poison(&self.learned).take_rows(kept.as_deref(), binary, run)
            })?;
            let rows = rows.ok_or_else(|| PyValueError::new_err("the rows were not kept, or were taken before"))?;
            csr_arrays_of(py, &dtype, rows, self.documents, columns, &runner)
        })
    }
}

/// Learns the terms of documents. With `rows` it keeps the count matrix; else documents may be a stream.
#[pyfunction]
pub fn learn(
    py: Python<'_>,
    documents: &Bound<'_, PyAny>,
    rules: &Bound<'_, PyTokenRules>,
    rows: bool,
    missing: &Bound<'_, PyAny>,
    workers: Option<&Bound<'_, PyAny>>,
    progress: Option<Py<PyAny>>,
) -> PyResult<PyLearned> {
    guarded(|| {
        let rules = rules.get();
        let source = match rows {
            true => Opened::Documents(documents_for_single_use(documents, "documents")?),
            false => opened(documents, false)?,
        };
        let learned = match source {
            Opened::Documents(borrowed) => counted(&borrowed, 0, workers, missing, progress, |documents, runner| {
                rules.check(documents, 0)?;
                runner.run(py, |run| learn_terms(&rules.rules, documents, rows, run))
            })?,
            Opened::Batches(source) => {
                let runner = Runner::new(py, workers, progress, None)?;
                let mut sum: Option<Learned> = None;
                count_batches(py, source, missing, runner, |documents, runner, read_ahead| {
                    rules.check(documents, sum.as_ref().map_or(0, |sum| sum.table.documents))?;
                    let learned = runner.run(py, |run| {
                        learn_terms(&rules.rules, documents, false, RunOptions { while_running: read_ahead, ..run })
                    })?;
                    match &mut sum {
                        None => sum = Some(learned),
                        Some(sum) => runner.run(py, |run| sum.table.add(&learned.table, run))?,
                    }
                    Ok(())
                })?;
                sum.unwrap_or_default()
            }
        };
        PyLearned::of(py, learned)
    })
}

/// Learns given terms: those of document `i` are `tokens[ends[i - 1]:ends[i]]`.
#[pyfunction]
pub fn learn_tokens(
    py: Python<'_>,
    tokens: &Bound<'_, PyAny>,
    ends: PyReadonlyArray1<'_, i64>,
    rows: bool,
    workers: Option<&Bound<'_, PyAny>>,
    progress: Option<Py<PyAny>>,
) -> PyResult<PyLearned> {
    guarded(|| {
        let borrowed = documents_for_single_use(tokens, "tokens")?;
        let ends = checked_ends(&ends, borrowed.documents())?;
        let runner = Runner::new(py, workers, progress, None)?;
        let learned = runner.run(py, |run| learn_given(borrowed.documents(), ends, rows, run))?;
        PyLearned::of(py, learned)
    })
}

fn checked_ends<'e>(ends: &'e PyReadonlyArray1<'_, i64>, tokens: &Documents<'_>) -> PyResult<&'e [i64]> {
    let ends = ends.as_slice()?;
    let rises = ends.is_sorted() && ends.first().is_none_or(|&first| first >= 0);
    if !rises || ends.last().copied().unwrap_or(0) != tokens.len() as i64 {
        return Err(PyValueError::new_err("ends must rise from 0 to the number of tokens"));
    }
    Ok(ends)
}

/// Counts the terms of a fixed vocabulary.
#[pyclass(frozen, name = "Vectorizer", module = "countgrid._core")]
pub struct PyVectorizer {
    vectorizer: Vectorizer,
    rules: Option<Py<PyTokenRules>>,
    columns: usize,
}

#[pymethods]
impl PyVectorizer {
    /// `columns` has the column of each term, or -1. `order` has all terms, frequent ones first. Without rules, only
    /// given terms can be counted.
    #[new]
    fn new(
        py: Python<'_>,
        table: &Bound<'_, PyTermTable>,
        columns: PyReadonlyArray1<'_, i64>,
        order: Option<PyReadonlyArray1<'_, i64>>,
        rules: Option<Py<PyTokenRules>>,
    ) -> PyResult<Self> {
        guarded(|| {
            let (table, columns) = (table.get().get(py), columns.as_slice()?);
            let order = checked(order, &table)?;
            if columns.len() != table.len() || order.as_ref().is_some_and(|order| order.len() != table.len()) {
                return Err(PyValueError::new_err("columns, order and terms have different lengths"));
            }
            if let Some(column) = columns.iter().find(|&&column| !(-1..i64::from(NONE)).contains(&column)) {
                return Err(PyValueError::new_err(format!("column {column} is out of range")));
            }
            let count = columns.iter().max().map_or(0, |&last| (last + 1) as usize);
            let columns: Vec<u32> = collected(columns.iter().map(|&column| u32::try_from(column).unwrap_or(NONE)));
            let token_rules = rules.as_ref().map(|rules| rules.get().rules.clone());
            let runner = Runner::new(py, None, None, None)?;
            let vectorizer = runner
                .run(py, |run| Vectorizer::new(&table, &columns, order.as_deref(), token_rules.as_deref(), run))?;
            Ok(Self { vectorizer, rules, columns: count })
        })
    }

    #[expect(clippy::too_many_arguments, reason = "the result options, one by one")]
    fn csr<'py>(
        &self,
        py: Python<'py>,
        documents: &Bound<'py, PyAny>,
        dtype: Option<&Bound<'py, PyAny>>,
        binary: bool,
        missing: &Bound<'py, PyAny>,
        workers: Option<&Bound<'py, PyAny>>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<CsrArrays<'py>> {
        guarded(|| {
            let dtype = sparse_dtype(py, dtype)?;
            let rules = self.rules.as_ref().ok_or_else(|| PyValueError::new_err("this vectorizer has no rules"))?;
            let rules = rules.get();
            let borrowed = documents_for_single_use(documents, "documents")?;
            counted(&borrowed, 0, workers, missing, progress, |documents, runner| {
                rules.check(documents, 0)?;
                let rows = runner.run(py, |run| self.vectorizer.count(&rules.rules, documents, binary, run))?;
                self.arrays(py, &dtype, rows, documents.len(), runner)
            })
        })
    }

    /// As `csr`, for given terms: those of document `i` are `tokens[ends[i - 1]:ends[i]]`.
    #[expect(clippy::too_many_arguments, reason = "the result options, one by one")]
    fn csr_of_tokens<'py>(
        &self,
        py: Python<'py>,
        tokens: &Bound<'py, PyAny>,
        ends: PyReadonlyArray1<'py, i64>,
        dtype: Option<&Bound<'py, PyAny>>,
        binary: bool,
        workers: Option<&Bound<'py, PyAny>>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<CsrArrays<'py>> {
        guarded(|| {
            let dtype = sparse_dtype(py, dtype)?;
            let borrowed = documents_for_single_use(tokens, "tokens")?;
            let ends = checked_ends(&ends, borrowed.documents())?;
            let runner = Runner::new(py, workers, progress, None)?;
            let rows = runner.run(py, |run| self.vectorizer.count_given(borrowed.documents(), ends, binary, run))?;
            self.arrays(py, &dtype, rows, ends.len(), &runner)
        })
    }
}

impl PyVectorizer {
    fn arrays<'py>(
        &self,
        py: Python<'py>,
        dtype: &Bound<'py, numpy::PyArrayDescr>,
        rows: Sparse<'_>,
        documents: usize,
        runner: &Runner,
    ) -> PyResult<CsrArrays<'py>> {
        csr_arrays_of(py, dtype, rows, documents, self.columns, runner)
    }
}

/// Counts terms in columns that are chosen by a hash: arrays (data, indices, indptr) of float64 and int32 or int64.
/// With the `norm` "l1" or "l2", each row is divided by its sum or its length.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "the result options, one by one")]
pub fn hash_csr<'py>(
    py: Python<'py>,
    documents: &Bound<'py, PyAny>,
    rules: &Bound<'py, PyTokenRules>,
    n_features: u32,
    alternate_sign: bool,
    norm: Option<&str>,
    missing: &Bound<'py, PyAny>,
    workers: Option<&Bound<'py, PyAny>>,
    progress: Option<Py<PyAny>>,
) -> PyResult<CsrArrays<'py>> {
    guarded(|| {
        let (columns, norm) = (hash_columns(n_features, alternate_sign)?, parse_norm(norm)?);
        let rules = rules.get();
        let borrowed = documents_for_single_use(documents, "documents")?;
        counted(&borrowed, 0, workers, missing, progress, |documents, runner| {
            rules.check(documents, 0)?;
            let rows = runner.run(py, |run| hash(&rules.rules, documents, columns, run))?;
            hashed_arrays(py, rows, norm, runner)
        })
    })
}

/// As `hash_csr`, for given terms: those of document `i` are `tokens[ends[i - 1]:ends[i]]`.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "the result options, one by one")]
pub fn hash_csr_of_tokens<'py>(
    py: Python<'py>,
    tokens: &Bound<'py, PyAny>,
    ends: PyReadonlyArray1<'py, i64>,
    n_features: u32,
    alternate_sign: bool,
    norm: Option<&str>,
    workers: Option<&Bound<'py, PyAny>>,
    progress: Option<Py<PyAny>>,
) -> PyResult<CsrArrays<'py>> {
    guarded(|| {
        let (columns, norm) = (hash_columns(n_features, alternate_sign)?, parse_norm(norm)?);
        let borrowed = documents_for_single_use(tokens, "tokens")?;
        let ends = checked_ends(&ends, borrowed.documents())?;
        let runner = Runner::new(py, workers, progress, None)?;
        let rows = runner.run(py, |run| hash_given(borrowed.documents(), ends, columns, run))?;
        hashed_arrays(py, rows, norm, &runner)
    })
}

fn hash_columns(columns: u32, alternate_sign: bool) -> PyResult<HashColumns> {
    match columns {
        1..=0x7FFF_FFFF => Ok(HashColumns { columns, alternate_sign }),
        _ => Err(PyValueError::new_err(format!("n_features is {columns}; expected 1 to 2147483647"))),
    }
}

fn parse_norm(norm: Option<&str>) -> PyResult<Option<Norm>> {
    match norm {
        None => Ok(None),
        Some("l1") => Ok(Some(Norm::L1)),
        Some("l2") => Ok(Some(Norm::L2)),
        Some(other) => Err(PyValueError::new_err(format!("norm is {other:?}; expected \"l1\", \"l2\" or None"))),
    }
}

fn hashed_arrays<'py>(
    py: Python<'py>,
    parts: Vec<HashedRows>,
    norm: Option<Norm>,
    runner: &Runner,
) -> PyResult<CsrArrays<'py>> {
    let nonzero: usize = parts.iter().map(HashedRows::nonzero).sum();
    match nonzero <= i32::MAX as usize {
        true => hashed_arrays_by::<i32>(py, parts, norm, nonzero, runner),
        false => hashed_arrays_by::<i64>(py, parts, norm, nonzero, runner),
    }
}

fn hashed_arrays_by<'py, I: Index + Element>(
    py: Python<'py>,
    parts: Vec<HashedRows>,
    norm: Option<Norm>,
    nonzero: usize,
    runner: &Runner,
) -> PyResult<CsrArrays<'py>> {
    let rows: usize = parts.iter().map(HashedRows::len).sum();
    let data = new_array::<f64, 1>(py, [nonzero])?;
    let indices = new_array::<I, 1>(py, [nonzero])?;
    let indptr = new_array::<I, 1>(py, [rows + 1])?;
    {
        let (mut data, mut indices, mut indptr) =
            (data.try_readwrite()?, indices.try_readwrite()?, indptr.try_readwrite()?);
        let (data, indices, indptr) = (data.as_slice_mut()?, indices.as_slice_mut()?, indptr.as_slice_mut()?);
        runner.quiet().run(py, |run| write_rows(parts, norm, data, indices, indptr, run))?;
    }
    (data, indices, indptr).into_pyobject(py)
}
