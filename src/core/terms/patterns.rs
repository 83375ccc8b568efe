//! Patterns: what engines search for.
//!
//! A term's **pattern** is the term after the options were applied. It is transformed as documents are, and escapes
//! are resolved. In word and token mode whitespace around it is dropped and whitespace inside becomes one space.
//! Terms with equal patterns are searched for once; each pattern has the columns that it counts in. If terms of one
//! category have the same pattern, it counts once.

use std::hash::BuildHasher;
use std::sync::atomic::{AtomicBool, Ordering};

use bstr::ByteSlice;
use hashbrown::HashTable;

use super::glob;
use super::list::Terms;
use super::options::{Options, Syntax};
use crate::core::base::error::{CountError, TermError};
use crate::core::base::lists::Lists;
use crate::core::base::memory::{self, push};
use crate::core::base::packed_strings::PackedStrings;
use crate::core::text::boundaries::MatchMode;
use crate::core::text::encoding::Text;
use crate::core::text::transform::Transform;
use crate::core::text::unicode::is_space;

/// A pattern that engines search for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pattern<'f> {
    /// These bytes. In word and token mode a space matches any run of whitespace.
    Literal(&'f [u8]),
    /// A glob with wildcards, in canonical spelling.
    Glob(&'f [u8]),
    /// A regular expression, as the user wrote it.
    Regex(&'f [u8]),
}

/// Terms between two checks for cancellation.
const CANCEL_TERMS: usize = 4096;

/// The distinct patterns of a plan's terms, and the columns of each.
#[derive(Debug)]
pub struct PatternSet {
    texts: PackedStrings,
    syntax: Syntax,
    /// By pattern: whether it is a glob with wildcards.
    is_glob: Vec<bool>,
    /// By pattern: the first of its terms.
    firsts: Vec<u32>,
    /// By pattern: its columns, in order.
    columns: Lists<u32>,
}

impl PatternSet {
    #[cfg(feature = "internals")]
    pub fn new(terms: &Terms, options: &Options) -> Result<Self, CountError> {
        Self::unless_cancelled(terms, options, &AtomicBool::new(false))
    }

    pub fn unless_cancelled(terms: &Terms, options: &Options, cancel: &AtomicBool) -> Result<Self, CountError> {
        let transform = options.transform(terms);
        let hasher = foldhash::fast::RandomState::default();
        let mut texts = PackedStrings::default();
        let mut is_glob: Vec<bool> = Vec::new();
        let mut firsts = memory::with_room(terms.len());
        let mut index: HashTable<u32> = HashTable::new();
        let mut pairs: Vec<(u32, u32)> = memory::with_room(terms.len());
        let mut pattern = Vec::new();
        let mut invalid = Vec::new();
        for i in 0..terms.len() {
            let (term, _) = terms.get(i);
            if i % CANCEL_TERMS == 0 && cancel.load(Ordering::Relaxed) {
                return Err(CountError::Cancelled);
            }
            pattern.clear();
            let written = match terms.unusable(i) {
                None => write_pattern(term, options, transform, &mut pattern),
                Some(error) => Err(error.clone()),
            };
            let has_wildcards = match written {
                Ok(has_wildcards) => has_wildcards,
                Err(error) => {
                    invalid.push(terms.invalid(i, error));
                    continue;
                }
            };
            // `a\*` is the literal `a*`, which differs from the glob `a*`.
            let room = index.try_reserve(1, |&known| hasher.hash_one(texts.get(known as usize)));
            room.unwrap_or_else(|_| memory::refuse(size_of::<u32>() * 2 * texts.len()));
            let entry = index.entry(
                hasher.hash_one(&pattern[..]),
                |&known| texts.get(known as usize) == &pattern[..] && is_glob[known as usize] == has_wildcards,
                |&known| hasher.hash_one(texts.get(known as usize)),
            );
            let id = match entry {
                hashbrown::hash_table::Entry::Occupied(known) => *known.get(),
                hashbrown::hash_table::Entry::Vacant(vacant) => {
                    let id = u32::try_from(texts.len())
                        .map_err(|_| CountError::TooManyTerms { reason: "more than 2^32 terms".into() })?;
                    vacant.insert(id);
                    texts.push(&pattern);
                    push(&mut is_glob, has_wildcards);
                    push(&mut firsts, i as u32);
                    id
                }
            };
            pairs.push((id, terms.column_of(i) as u32));
        }
        if !invalid.is_empty() {
            return Err(CountError::Terms(invalid));
        }
        pairs.sort_unstable();
        pairs.dedup();
        let columns = Lists::new(texts.len(), pairs.iter().map(|&(id, column)| (id as usize, column)));
        Ok(Self { texts, syntax: options.syntax, is_glob, firsts, columns })
    }

    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// The length of the longest pattern in bytes.
    pub fn longest(&self) -> usize {
        self.texts.longest()
    }

    pub fn get(&self, pattern: u32) -> Pattern<'_> {
        let text = self.texts.get(pattern as usize);
        match self.syntax {
            Syntax::Regex => Pattern::Regex(text),
            _ if self.is_glob[pattern as usize] => Pattern::Glob(text),
            _ => Pattern::Literal(text),
        }
    }

    /// All patterns, in order of their ids.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Pattern<'_>> + Clone {
        (0..self.len()).map(|pattern| self.get(pattern as u32))
    }

    /// The first term that has this pattern.
    pub fn first_term(&self, pattern: u32) -> usize {
        self.firsts[pattern as usize] as usize
    }

    /// Whether two patterns that share a column can match the same span. Distinct literals cannot.
    pub fn may_coincide(&self, columns: usize) -> bool {
        let mut patterns_of = memory::filled(0u32, columns);
        let patterns = 0..self.len() as u32;
        let all = patterns.clone().flat_map(|pattern| self.columns(pattern));
        all.for_each(|&column| patterns_of[column as usize] += 1);
        patterns.into_iter().any(|pattern| {
            !matches!(self.get(pattern), Pattern::Literal(_))
                && self.columns(pattern).iter().any(|&column| patterns_of[column as usize] > 1)
        })
    }

    /// The columns that a pattern counts in, in order.
    #[inline]
    pub fn columns(&self, pattern: u32) -> &[u32] {
        self.columns.get(pattern as usize)
    }
}

/// Appends the pattern of a term. Returns whether it is a glob with wildcards.
fn write_pattern(term: &[u8], options: &Options, transform: Transform, out: &mut Vec<u8>) -> Result<bool, TermError> {
    let mut text = Vec::with_capacity(term.len());
    transform.append(Text::Bytes(term), &mut text);
    if options.syntax == Syntax::Regex {
        out.append(&mut text);
        return Ok(false);
    }
    if term.is_empty() {
        return Err(TermError::Empty);
    }
    if text.is_empty() {
        return Err(TermError::AccentsAlone);
    }
    if options.syntax == Syntax::Glob {
        text = glob::canonical(&text)?;
    }
    match options.mode {
        MatchMode::Substring => out.append(&mut text),
        MatchMode::Word | MatchMode::Adaptive | MatchMode::Token => {
            for word in text.fields_with(is_space) {
                if !out.is_empty() {
                    out.push(b' ');
                }
                out.extend_from_slice(word);
            }
        }
    }
    if out.is_empty() {
        return Err(TermError::Blank);
    }
    if options.syntax == Syntax::Glob {
        match glob::literal(out) {
            Some(literal) => *out = literal,
            None => return Ok(true),
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patterns(terms: &Terms, mode: MatchMode, ignore_case: bool) -> Vec<(String, Vec<u32>)> {
        let patterns = PatternSet::new(terms, &Options { mode, ignore_case, ..Options::default() }).unwrap();
        let text = |pattern| match pattern {
            Pattern::Literal(text) | Pattern::Glob(text) | Pattern::Regex(text) => {
                String::from_utf8_lossy(text).into_owned()
            }
        };
        (0..patterns.len() as u32)
            .map(|pattern| (text(patterns.get(pattern)), patterns.columns(pattern).to_vec()))
            .collect()
    }

    #[test]
    fn whitespace_matters_only_in_substring_mode() {
        let terms = Terms::each([(" New\t\u{3000}York\n", true), ("New York", true)]);
        for mode in [MatchMode::Word, MatchMode::Adaptive, MatchMode::Token] {
            assert_eq!(patterns(&terms, mode, false), [("New York".to_string(), vec![0, 1])]);
        }
        assert_eq!(patterns(&terms, MatchMode::Substring, false).len(), 2);
    }

    #[test]
    fn equal_patterns_are_searched_for_once() {
        let terms = Terms::each([("The", true), ("a", true), ("the", true), ("a", false)]);
        assert_eq!(patterns(&terms, MatchMode::Word, true), [("the".into(), vec![0, 2]), ("a".into(), vec![1, 3])]);
        assert_eq!(patterns(&terms, MatchMode::Word, false).len(), 3);
    }

    #[test]
    fn an_escaped_wildcard_is_literal() {
        let options = Options { syntax: Syntax::Glob, ..Options::default() };
        let terms = Terms::each([("a*", true), (r"a\*", true), (r"\a**", true), ("a\\ b", true), ("a b", true)]);
        let patterns = PatternSet::new(&terms, &options).unwrap();
        let all: Vec<(Pattern<'_>, &[u32])> =
            (0..).zip(patterns.iter()).map(|(id, pattern)| (pattern, patterns.columns(id))).collect();
        assert_eq!(
            all,
            [
                (Pattern::Glob(&b"a*"[..]), &[0, 2][..]),
                (Pattern::Literal(b"a*"), &[1]),
                (Pattern::Literal(b"a b"), &[3, 4]),
            ]
        );
        let dangling = PatternSet::new(&Terms::each([("a", true), (r"b\", true)]), &options).unwrap_err().to_string();
        assert!(dangling.starts_with(r"terms[1] 'b\' ends with a single backslash"), "{dangling}");
    }

    #[test]
    fn categories_contain_a_pattern_once() {
        let mut terms = Terms::by_category();
        for (name, members) in [("pos", vec!["Good", "good", "fine"]), ("none", vec![]), ("any", vec!["fine"])] {
            members.iter().for_each(|term| terms.push(Text::Str(term.as_bytes())));
            terms.end_category(name.into());
        }
        assert_eq!(terms.columns(), 3);
        assert_eq!(patterns(&terms, MatchMode::Word, true), [("good".into(), vec![0]), ("fine".into(), vec![0, 2])]);
    }

    #[test]
    fn empty_terms_are_located() {
        let error = |terms: &Terms, mode| {
            PatternSet::new(terms, &Options { mode, ignore_case: false, ..Options::default() }).unwrap_err()
        };
        let terms = Terms::each([("a", true), ("", true)]);
        assert!(error(&terms, MatchMode::Substring).to_string().starts_with("terms[1] is empty"));
        let terms = Terms::each([(" \n", true)]);
        assert!(error(&terms, MatchMode::Token).to_string().starts_with("terms[0] contains only whitespace"));
        assert!(
            PatternSet::new(
                &terms,
                &Options { mode: MatchMode::Substring, ignore_case: false, ..Options::default() }
            )
            .is_ok()
        );
        let mut terms = Terms::by_category();
        terms.push(Text::Str(b"a"));
        terms.end_category("first".into());
        terms.push(Text::Str(b"b"));
        terms.push(Text::Str(b""));
        terms.end_category("second".into());
        assert!(error(&terms, MatchMode::Word).to_string().starts_with("terms['second'][1] is empty"));
    }
}
