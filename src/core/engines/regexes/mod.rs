//! The engine for many regular expressions.
//!
//! - **What it does:** finds the matches of any number of expressions, each as `regex` finds them.
//! - **Name and source:** one pass finds the literals of which each match of an expression contains one, as in
//!   FilteredRE2 and Hyperscan. An expression is searched only in documents with one of its literals.
//! - **Chosen for:** `syntax="regex"`, from some expressions on.
//! - **Cost:** that of `substrings` for the literals, and that of `regex` in the documents that contain them.
//!   Expressions without rare literals are searched in all documents that they can match by a common automaton.
//!
//! If an expression ignores case, literals and documents are case-folded for the filter, and only for it. Expressions
//! are compiled when they are first needed ([`lazy_regex`]), for documents that are ASCII with ASCII classes
//! ([`for_ascii`](super::regex::for_ascii)).

mod folded;
mod frequent;
mod lazy_regex;
mod nfa_size;
mod required;
#[cfg(test)]
mod tests;
mod together;

use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use foldhash::fast::RandomState;
use regex_syntax::hir::Hir;

use super::engine::{Engine, MatchCallback};
use super::regex::{
    CancelCheck, ForTexts, OwnedSearch, Regex, RegexOptions, Stop, SymbolText, Symbols, add_chars, after_line_feed,
    asserted, bytes_of, for_ascii, is_by_lines, parse,
};
use super::substrings::{ChoicePolicy, Substrings};
use crate::core::base::error::{CountError, TermError};
use crate::core::base::lists::Lists;
use crate::core::documents::batch::{Batch, BatchBuffer};
use crate::core::terms::patterns::Pattern;
use crate::core::text::boundaries::MatchMode;
use crate::core::text::encoding::Span;
use crate::core::text::transform::Transform;
use crate::core::text::unicode::{Folding, word_chars};
use folded::{case_folded, has_cases};
use frequent::{Frequent, Sample};
use lazy_regex::LazyRegex;
use nfa_size::NfaSizes;
use required::{Before, RequiredLiterals};
use together::{FEW, LONGEST, Together};

/// If positions are needed, longer documents are searched for all expressions side by side, in slices of this size.
/// So no more matches wait for others than a slice contains.
const SLICE_BYTES: usize = 64 << 10;

/// Expressions, with ids `0..`.
pub struct Regexes {
    options: RegexOptions,
    expressions: Vec<LazyRegex>,
    filter: Option<Filter>,
    /// The expressions that no filter serves, and those of them that are searched together first.
    unfiltered: Vec<u32>,
    together: Vec<Together>,
    /// Those that are counted with tables, after some documents.
    frequent: OnceLock<Frequent>,
    sample: Sample,
    /// For documents that are not ASCII.
    symbols: Option<Arc<Symbols>>,
    most_frequent: Vec<u32>,
    is_by_lines: bool,
}

/// Finds literals in a batch.
struct Filter {
    literals: Substrings,
    number: usize,
    /// By literal: the expressions that need it, or another one.
    expressions: Lists<u32>,
    /// By expression: what can come before its literals.
    before: Vec<Before>,
    /// What literals and documents have in common.
    transform: Transform,
}

/// A worker's scratch memory.
#[derive(Default)]
pub struct RegexesScratch {
    substrings: <Substrings as Engine>::Scratch,
    folded: BatchBuffer,
    /// The current document, if it is not ASCII.
    symbols: SymbolText,
    found: Found,
    /// The expressions to search for in the current document.
    here: Vec<Candidate>,
    unfiltered: Vec<u32>,
}

/// An expression, and where its first and its last literal in a document begin.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Candidate {
    expression: u32,
    first: u32,
    /// `u32::MAX` if it begins there or later.
    last: u32,
}

impl Candidate {
    fn new(expression: u32, at: usize) -> Self {
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        Self { expression, first: at, last: at }
    }

    /// An expression whose literals could be anywhere.
    fn anywhere(expression: u32) -> Self {
        Self { expression, first: 0, last: u32::MAX }
    }

    fn or(self, other: Self) -> Self {
        Self { first: self.first.min(other.first), last: self.last.max(other.last), ..self }
    }

    /// Where matches can begin in an ASCII document.
    fn starts(self, before: Option<&Before>, text: &[u8]) -> Range<usize> {
        // Before a match may be a character of context.
        let start = before.map_or(0, |before| before.start(text, self.first as usize).saturating_sub(1));
        start..if self.last == u32::MAX { text.len() } else { self.last as usize + 1 }
    }
}

/// An expression to search for in a document, and where its matches can begin.
pub struct ExpressionHere<'r> {
    regex: &'r Regex,
    starts: Range<usize>,
}

impl<'r> ExpressionHere<'r> {
    pub fn search<'s>(&self, text: &'s [u8]) -> OwnedSearch<'s>
    where
        'r: 's,
    {
        self.regex.search_from(text, self.starts.clone())
    }

    pub fn pattern(&self) -> u32 {
        self.regex.pattern()
    }

    /// Reports the matches. `base` is the document's start in the batch.
    pub fn scan(
        &self,
        text: &[u8],
        base: usize,
        work: &Cell<usize>,
        callback: &mut impl MatchCallback,
    ) -> Result<(), Stop> {
        let mut guard = self.regex.scratch.get();
        let scratch = guard.get_or_insert_with(|| self.regex.create_scratch());
        let done = self.regex.scan_document((text, self.starts.clone()), base, false, scratch, work, callback);
        self.regex.settle(&mut guard, true);
        done
    }
}

/// All expressions that may match a document.
pub struct ExpressionsHere<'e, 'r> {
    /// Those to search for.
    pub searched: &'e [ExpressionHere<'r>],
    /// Those that are counted with tables, because the callback needs no positions of them.
    pub counted: Option<&'r Frequent>,
}

/// The expressions with a literal in each document of a batch.
#[derive(Default)]
struct Found {
    /// All of them, document by document, and where those of each document end.
    candidates: Vec<Candidate>,
    ends: Vec<usize>,
    /// By expression: the index of its last candidate.
    last: Vec<u32>,
}

impl Found {
    fn clear(&mut self, expressions: usize) {
        self.candidates.clear();
        self.ends.clear();
        self.last.resize(expressions, 0);
    }

    #[inline]
    fn add(&mut self, candidate: Candidate) {
        let last = &mut self.last[candidate.expression as usize];
        let begin = self.ends.last().copied().unwrap_or(0);
        let known = self.candidates[begin..].get_mut((*last as usize).wrapping_sub(begin));
        match known.filter(|known| known.expression == candidate.expression) {
            Some(known) => *known = known.or(candidate),
            None => {
                // An index that does not fit only leads to a second candidate.
                *last = self.candidates.len() as u32;
                self.candidates.push(candidate);
            }
        }
    }

    fn end_document(&mut self) {
        self.ends.push(self.candidates.len());
    }
}

impl Regexes {
    /// Calls `cancelled` now and then.
    pub fn new<'f>(
        options: RegexOptions,
        patterns: impl ExactSizeIterator<Item = Pattern<'f>>,
        cancelled: impl Fn() -> bool,
    ) -> Result<Self, RegexesError> {
        let mut expressions = Vec::with_capacity(patterns.len());
        let (mut found, mut folded) = (Vec::new(), Vec::new());
        let mut folds = false;
        let mut by_lines = true;
        let mut sizes = NfaSizes::default();
        let mut chars = HashSet::default();
        let mut has_looks = false;
        let mut invalid = Vec::new();
        for (id, pattern) in (0..).zip(patterns) {
            if cancelled() {
                return Err(RegexesError::Plan(CountError::Cancelled));
            }
            let Pattern::Regex(text) = pattern else { panic!("`regexes` serves only regular expressions") };
            let hir = match parse(text, options.ignore_case) {
                Ok(hir) => hir,
                Err(error) => {
                    invalid.push((id, error));
                    continue;
                }
            };
            let text = std::str::from_utf8(text).expect("it was parsed");
            expressions.push(LazyRegex::new(id, text, sizes.in_symbols(&options, &hir)));
            add_chars(&hir, &mut chars);
            has_looks |= hir.properties().look_set().contains_word_unicode();
            by_lines &= is_by_lines(&hir, &bytes_of(&hir));
            let has_cases = has_cases(&hir);
            folds |= has_cases;
            // If there are cases, the literals are not needed: documents are folded.
            let exact = if has_cases { None } else { RequiredLiterals::of(&hir) };
            folded.push(match &exact {
                Some(exact) if exact.is_ascii() => Some(exact.clone().folded()),
                None if !has_cases => None,
                _ => RequiredLiterals::of(&case_folded(&hir)),
            });
            found.push(exact);
        }
        let boundaries = options.boundaries.mode != MatchMode::Substring;
        let words = [boundaries.then(|| options.word_chars().clone()), has_looks.then(word_chars)];
        let classes = sizes.classes().chain(words.iter().flatten());
        let symbols = Symbols::new(&options.boundaries, classes, &chars).map(Arc::new);
        for expression in &expressions {
            if cancelled() {
                return Err(RegexesError::Plan(CountError::Cancelled));
            }
            let accepted = expression.accept(&options, symbols.as_ref(), &mut sizes);
            invalid.extend(accepted.err().map(|error| (expression.pattern(), error)));
        }
        if !invalid.is_empty() {
            invalid.sort_unstable_by_key(|&(id, _)| id);
            return Err(RegexesError::Patterns(invalid));
        }
        let required = if folds { folded } else { found };
        let most_frequent = most_frequent(&required);
        let (filter, unfiltered) = Filter::new(required, folds).map_err(RegexesError::Plan)?;
        let together = Together::groups(&unfiltered, FEW);
        let sample = Sample::new(expressions.len());
        let frequent = OnceLock::new();
        Ok(Self {
            options,
            expressions,
            filter,
            unfiltered,
            together,
            frequent,
            sample,
            symbols,
            most_frequent,
            is_by_lines: by_lines,
        })
    }

    /// The number of literals of the other expressions.
    pub fn literals(&self) -> usize {
        self.filter.as_ref().map_or(0, |filter| filter.number)
    }

    /// The ids of the expressions that are searched in every document.
    pub fn unfiltered(&self) -> &[u32] {
        &self.unfiltered
    }

    /// Some expressions whose literals are probably the most frequent, in this order.
    pub fn most_frequent(&self) -> &[u32] {
        &self.most_frequent
    }

    /// Finds the expressions to search for in each document. Returns false if `cancelled` returned true.
    fn find(&self, batch: Batch<'_>, scratch: &mut RegexesScratch, cancelled: &dyn Fn() -> bool) -> bool {
        let RegexesScratch { substrings, folded, found, .. } = scratch;
        found.clear(self.expressions.len());
        match &self.filter {
            Some(filter) => {
                let text = folded.transform(batch, filter.transform);
                let mut callback = FilterCallback { filter, spans: text.spans, found, cancelled };
                filter.literals.scan(text, substrings, &mut callback);
            }
            None => batch.spans.iter().for_each(|_| found.end_document()),
        }
        found.ends.len() == batch.spans.len() && !cancelled()
    }

    fn hir(&self, id: u32) -> Hir {
        let text = self.expressions[id as usize].text().as_bytes();
        parse(text, self.options.ignore_case).expect("it was parsed before")
    }

    /// The tables that count frequent expressions, if the callback needs no positions of them.
    fn frequent(&self, callback: &impl MatchCallback) -> Option<&Frequent> {
        // A search for all positions leaves the choice to the first count.
        let may_count = || self.unfiltered.iter().any(|&id| !callback.needs_spans(id));
        if self.frequent.get().is_none() && may_count() && self.sample.take() {
            let frequent = Frequent::new(
                &self.unfiltered,
                |id| self.sample.is_frequent(id) && !callback.needs_spans(id),
                |id| asserted(&self.options.boundaries, &self.hir(id)),
                &|| callback.cancelled(),
            );
            match frequent {
                Some(frequent) => _ = self.frequent.set(frequent),
                None => self.sample.give_back(),
            }
        }
        self.frequent.get().filter(|frequent| frequent.counted.iter().all(|&id| !callback.needs_spans(id)))
    }

    /// Adds the expressions without literals that may match a document, apart from those that are counted. Returns
    /// false if `cancelled` returned true.
    fn add_unfiltered(
        &self,
        text: &[u8],
        frequent: Option<&Frequent>,
        here: &mut Vec<u32>,
        cancelled: &dyn Fn() -> bool,
    ) -> bool {
        let (expressions, together) = match frequent {
            Some(frequent) => (&frequent.rest, &frequent.together),
            None => (&self.unfiltered, &self.together),
        };
        if text.len() > LONGEST {
            here.extend_from_slice(expressions);
        } else {
            let parsed = |id| for_ascii(&self.hir(id));
            let is_done = together.iter().all(|together| {
                together.add_matching(text, &parsed, here);
                !cancelled()
            });
            if !is_done {
                return false;
            }
        }
        if self.frequent.get().is_none() {
            self.sample.add(text, here);
        }
        true
    }

    /// Calls `each` with a document, its start in the batch, and the expressions to search for there, until it returns
    /// an error. Automata are built here, so cancellation is checked after each.
    pub fn each_document<'r, C: MatchCallback>(
        &'r self,
        batch: Batch<'_>,
        scratch: &mut RegexesScratch,
        callback: &mut C,
        mut each: impl FnMut(&[u8], usize, &ExpressionsHere<'_, 'r>, &mut InSymbols<'_, C>) -> Result<(), Stop>,
    ) {
        if !self.find(batch, scratch, &|| callback.cancelled()) {
            return;
        }
        let RegexesScratch { found: Found { candidates, ends, .. }, here, unfiltered, symbols, .. } = scratch;
        let is_ascii = batch.text.is_ascii();
        let ascii = ForTexts::Ascii;
        let others = self.symbols.clone().map_or(ForTexts::Any, ForTexts::Symbols);
        let mut regexes = Vec::new();
        let mut start = 0;
        for ((text, base), &end) in batch.documents().zip(&*ends) {
            let candidates = &candidates[std::mem::replace(&mut start, end)..end];
            if candidates.is_empty() && self.unfiltered.is_empty() {
                callback.end_document();
                continue;
            }
            let is_ascii = is_ascii || text.is_ascii();
            here.clear();
            here.extend_from_slice(candidates);
            unfiltered.clear();
            let counted = if is_ascii { self.frequent(callback) } else { None };
            if !is_ascii {
                unfiltered.extend_from_slice(&self.unfiltered);
            } else if !text.is_empty() && !self.add_unfiltered(text, counted, unfiltered, &|| callback.cancelled()) {
                return;
            }
            here.extend(unfiltered.iter().map(|&id| Candidate::anywhere(id)));
            here.sort_unstable();
            let texts = if is_ascii || here.is_empty() { &ascii } else { &others };
            if let ForTexts::Symbols(all) = texts
                && !symbols.read(all, text, || callback.cancelled())
            {
                return;
            }
            regexes.clear();
            for &candidate in &*here {
                let id = candidate.expression as usize;
                let before = self.filter.as_ref().map(|filter| &filter.before[id]);
                // Folding changes the positions in other documents.
                let starts = if is_ascii { candidate.starts(before, text) } else { 0..usize::MAX };
                regexes.push(ExpressionHere { regex: self.expressions[id].get(&self.options, texts), starts });
                if callback.cancelled() {
                    return;
                }
            }
            let (searched, symbols) = match texts {
                ForTexts::Symbols(_) => (&*symbols.symbols, Some(&*symbols)),
                _ => (text, None),
            };
            let counted = counted.filter(|frequent| !frequent.counted.is_empty());
            let all = ExpressionsHere { searched: &regexes, counted };
            let done = regexes.is_empty() && counted.is_none()
                || each(searched, base, &all, &mut InSymbols { callback, symbols, text, base }).is_ok();
            if !done {
                return;
            }
            callback.end_document();
        }
    }
}

/// A callback for matches in a document that may be searched in symbols.
pub struct InSymbols<'c, C> {
    callback: &'c mut C,
    symbols: Option<&'c SymbolText>,
    /// The document, and its start in the batch.
    text: &'c [u8],
    base: usize,
}

impl<C> InSymbols<'_, C> {
    fn position(&self, at: usize) -> usize {
        self.symbols.map_or(at, |symbols| self.base + symbols.position(self.text, at - self.base))
    }
}

impl<C: MatchCallback> MatchCallback for InSymbols<'_, C> {
    #[inline]
    fn on_match(&mut self, pattern: u32, start: usize, end: usize) {
        match self.needs_spans(pattern) {
            true => self.callback.on_match(pattern, self.position(start), self.position(end)),
            false => self.callback.on_matches(pattern, 1),
        }
    }

    fn needs_spans(&self, pattern: u32) -> bool {
        self.callback.needs_spans(pattern)
    }

    fn on_matches(&mut self, pattern: u32, count: u64) {
        self.callback.on_matches(pattern, count);
    }

    fn passed(&mut self, position: usize) {
        self.callback.passed(self.position(position));
    }

    fn end_document(&mut self) {
        self.callback.end_document();
    }

    fn cancelled(&self) -> bool {
        self.callback.cancelled()
    }
}

fn most_frequent(required: &[Option<RequiredLiterals>]) -> Vec<u32> {
    const SHOWN: usize = 3;
    let mut rates: Vec<_> = (0..).zip(required).filter_map(|(id, found)| Some((found.as_ref()?.rate, id))).collect();
    rates.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    rates.into_iter().take(SHOWN).map(|(_, id)| id).collect()
}

/// Why expressions could not be compiled.
pub enum RegexesError {
    /// Because of the patterns with these ids.
    Patterns(Vec<(u32, TermError)>),
    Plan(CountError),
}

impl Filter {
    /// Returns also the expressions that it does not serve.
    fn new(required: Vec<Option<RequiredLiterals>>, folds: bool) -> Result<(Option<Self>, Vec<u32>), CountError> {
        let unfiltered = (0..).zip(&required).filter(|(_, found)| found.is_none()).map(|(id, _)| id).collect();
        let mut numbers: HashMap<&[u8], usize, RandomState> = HashMap::default();
        let mut literals: Vec<&[u8]> = Vec::new();
        let mut uses = Vec::new();
        for (id, found) in (0u32..).zip(&required) {
            for literal in found.iter().flat_map(|found| &found.literals) {
                let number = *numbers.entry(literal).or_insert_with(|| {
                    literals.push(literal);
                    literals.len() - 1
                });
                uses.push((number, id));
            }
        }
        if literals.is_empty() {
            return Ok((None, unfiltered));
        }
        let expressions = Lists::new(literals.len(), uses.into_iter());
        let before = required.iter().map(|found| found.as_ref().map_or(Before::default(), |found| found.before));
        let before = before.map(|before| if folds { before.any_case() } else { before }).collect();
        let patterns = literals.iter().map(|literal| Pattern::Literal(literal));
        let folding = if folds { Folding::CASE } else { Folding::default() };
        let filter = Self {
            number: literals.len(),
            literals: Substrings::new(patterns, ChoicePolicy::Best, false)?,
            expressions,
            before,
            transform: Transform { folding, ..Transform::default() },
        };
        Ok((Some(filter), unfiltered))
    }
}

/// Notes the expressions of the literals that are found.
struct FilterCallback<'f> {
    filter: &'f Filter,
    /// The documents in the text that is searched for literals.
    spans: &'f [Span],
    found: &'f mut Found,
    cancelled: &'f dyn Fn() -> bool,
}

impl MatchCallback for FilterCallback<'_> {
    #[inline]
    fn on_match(&mut self, literal: u32, start: usize, _: usize) {
        let at = start - self.spans[self.found.ends.len()].start;
        let expressions = self.filter.expressions.get(literal as usize);
        expressions.iter().for_each(|&expression| self.found.add(Candidate::new(expression, at)));
    }

    fn on_matches(&mut self, literal: u32, _: u64) {
        let expressions = self.filter.expressions.get(literal as usize);
        expressions.iter().for_each(|&expression| self.found.add(Candidate::anywhere(expression)));
    }

    fn end_document(&mut self) {
        self.found.end_document();
    }

    fn cancelled(&self) -> bool {
        (self.cancelled)()
    }
}

impl Engine for Regexes {
    type Scratch = RegexesScratch;

    fn scan(&self, batch: Batch<'_>, scratch: &mut RegexesScratch, callback: &mut impl MatchCallback) {
        let work = Cell::new(0);
        self.each_document(batch, scratch, callback, |text, base, expressions, callback| {
            let &ExpressionsHere { searched, counted } = expressions;
            if let Some(frequent) = counted {
                frequent.count(text, &work, callback)?;
            }
            if text.len() > SLICE_BYTES && callback.needs_spans(0) {
                return side_by_side(searched, text, base, &work, callback);
            }
            searched.iter().try_for_each(|expression| expression.scan(text, base, &work, callback))
        });
    }

    fn split_context(&self) -> usize {
        1
    }

    fn split_point(&self, window: &[u8], from: usize) -> Option<usize> {
        after_line_feed(window, from).filter(|_| self.is_by_lines)
    }

    fn overlaps_itself(&self, _: u32) -> bool {
        false
    }
}

/// Searches a document for several expressions, slice by slice.
fn side_by_side(
    expressions: &[ExpressionHere<'_>],
    text: &[u8],
    base: usize,
    work: &Cell<usize>,
    callback: &mut impl MatchCallback,
) -> Result<(), Stop> {
    let mut searches = Vec::new();
    for expression in expressions {
        let mut search = expression.search(text);
        let first = search.next_match(&CancelCheck::new(&|| callback.cancelled(), work))?;
        searches.extend(first.map(|found| (search, Some(found))));
    }
    for end in (0..text.len()).step_by(SLICE_BYTES).map(|start| start + SLICE_BYTES) {
        for (search, found) in &mut searches {
            while let Some((from, to)) = found.take_if(|(from, _)| *from < end) {
                callback.on_match(search.pattern(), base + from, base + to);
                *found = search.next_match(&CancelCheck::new(&|| callback.cancelled(), work))?;
            }
        }
        callback.passed(base + end.min(text.len()));
    }
    Ok(())
}
