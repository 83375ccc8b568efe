//! Rules for words.

use std::sync::Arc;

use numpy::PyReadonlyArray1;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;

use crate::bindings::documents::documents_of;
use crate::bindings::errors::{short_repr, with_attribute};
use crate::bindings::guard::guarded;
use crate::bindings::plan::{parse_flag, parse_word_chars};
use crate::bindings::run::check_signals;
use crate::core::Documents;
use crate::core::base::packed_strings::PackedStrings;
use crate::core::learning::rules::{KeptWords, NgramRange, TokenRules};
use crate::core::text::accents::accents;
use crate::core::text::char_map::{CharMap, SigmaContext};
use crate::core::text::char_set::CharSet;
use crate::core::text::transform::Transform;
use crate::core::text::unicode::Folding;

/// Which words a document has, and how many of them make a term.
#[pyclass(frozen, name = "TokenRules", module = "countgrid._core")]
pub struct PyTokenRules {
    pub(super) rules: Arc<TokenRules>,
    /// Whether documents that are bytes are read as UTF-8.
    pub(super) reads_bytes: bool,
}

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
    pub(super) fn check(&self, documents: &Documents<'_>, rows_before: usize) -> PyResult<()> {
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

pub(super) fn ngram_range(ngrams: &Bound<'_, PyAny>) -> PyResult<NgramRange> {
    match ngrams.extract() {
        Ok((least, most)) if 1 <= least && least <= most => Ok(NgramRange { least, most }),
        _ => Err(PyValueError::new_err(format!(
            "ngrams is {}; expected (least, most), the numbers of words, with 1 <= least <= most",
            short_repr(ngrams)
        ))),
    }
}
