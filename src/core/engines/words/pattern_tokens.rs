//! Tokenizes patterns with the text's tokenizer.
//!
//! `*` and `?` match word characters, so each wildcard belongs to one token. A word of a glob that contains wildcards
//! matches many tokens. [`compile`](super::compile) makes tries of the result.

use super::punctuation::{Neighbour, Punctuation};
use super::tokenizer::{CharClass, Tokenizer, Tokens};
use super::vocabulary::{Builder, Vocabulary};
use super::wildcards::TokenWildcards;
use crate::core::base::error::CountError;
use crate::core::base::simd;
use crate::core::terms::glob::{self, GlobItem};
use crate::core::terms::patterns::Pattern;
use crate::core::text::boundaries::Boundaries;
use crate::core::text::encoding::Span;
use crate::core::text::unicode::first_char;

/// A token of a pattern, or a wildcard for one, and whether whitespace precedes it.
#[derive(Clone, Copy)]
pub struct PatternToken {
    pub id: u32,
    pub spaced: bool,
}

/// The tokens of all patterns.
pub struct TokenizedPatterns {
    pub vocabulary: Vocabulary,
    /// Their ids follow those of the tokens.
    pub wildcards: TokenWildcards,
    /// The wildcard that may match nothing.
    pub optional: Option<u32>,
    pub punctuation: Punctuation,
    /// By token id.
    pub is_punctuation: Vec<bool>,
    /// The tokens of all patterns, concatenated, and the end of each pattern.
    pub pattern_tokens: Vec<PatternToken>,
    pub ends: Vec<usize>,
}

/// Marks the number of a wildcard until tokens and wildcards have their ids.
const WILDCARD: u32 = 1 << 31;

impl TokenizedPatterns {
    pub fn new<'f>(
        boundaries: &Boundaries,
        patterns: impl ExactSizeIterator<Item = Pattern<'f>>,
    ) -> Result<Self, CountError> {
        let mut tokenizer = PatternTokenizer {
            tokenizer: Tokenizer::new(boundaries.clone(), Punctuation::all()),
            tokens: Tokens::default(),
            vocabulary: Builder::with_capacity(patterns.len()),
            wildcards: TokenWildcards::new(boundaries.clone()),
            optional: None,
            punctuation: Punctuation::none(boundaries),
            punctuation_numbers: Vec::new(),
            pattern_tokens: Vec::with_capacity(patterns.len()),
        };
        let mut ends = Vec::with_capacity(patterns.len());
        for pattern in patterns {
            match pattern {
                Pattern::Literal(text) => tokenizer.add_literal(text),
                Pattern::Glob(text) => tokenizer.add_glob(text),
                Pattern::Regex(_) => panic!("the words engine has no regular expressions"),
            }
            ends.push(tokenizer.pattern_tokens.len());
        }
        let PatternTokenizer {
            vocabulary,
            mut wildcards,
            mut optional,
            punctuation,
            punctuation_numbers,
            mut pattern_tokens,
            ..
        } = tokenizer;
        wildcards.compile()?;
        let (vocabulary, ids) = vocabulary.build(simd::level());
        let numbers = pattern_tokens.iter_mut().map(|token| &mut token.id).chain(&mut optional);
        numbers.for_each(|number| {
            *number = match *number & WILDCARD {
                0 => ids[*number as usize],
                _ => vocabulary.len() + (*number & !WILDCARD),
            }
        });
        let mut is_punctuation = vec![false; vocabulary.len() as usize];
        punctuation_numbers.into_iter().for_each(|number| is_punctuation[ids[number as usize] as usize] = true);
        Ok(Self { vocabulary, wildcards, optional, punctuation, is_punctuation, pattern_tokens, ends })
    }
}

struct PatternTokenizer {
    tokenizer: Tokenizer,
    tokens: Tokens,
    vocabulary: Builder,
    wildcards: TokenWildcards,
    optional: Option<u32>,
    punctuation: Punctuation,
    /// Numbers of the tokens that are punctuation.
    punctuation_numbers: Vec<u32>,
    pattern_tokens: Vec<PatternToken>,
}

impl PatternTokenizer {
    fn add_literal(&mut self, pattern: &[u8]) {
        let Self { tokenizer, tokens, .. } = self;
        tokenizer.tokenize(pattern, std::iter::once(Span { start: 0, end: pattern.len() }), tokens);
        let mut before = 0;
        for (&start, &end) in tokens.starts().iter().zip(tokens.ends()) {
            let (start, end) = (start as usize, end as usize);
            let id = self.vocabulary.insert(&pattern[start..end]);
            if tokenizer.is_punctuation(&pattern[start..]) {
                let neighbour = |at: usize| match pattern.get(at) {
                    None => Neighbour::Outside,
                    Some(b' ') => Neighbour::Space,
                    Some(&byte) => Neighbour::Byte(byte),
                };
                match start.checked_sub(1) {
                    None => self.punctuation.add_first(pattern[start], (end..).map(neighbour)),
                    Some(_) => {
                        let before = (0..=start).rev().map(|at| neighbour(at.wrapping_sub(1)));
                        self.punctuation.add_inner(pattern[start], before, (end..).map(neighbour));
                    }
                }
                self.punctuation_numbers.push(id);
            }
            self.pattern_tokens.push(PatternToken { id, spaced: start > before });
            before = end;
        }
    }

    fn add_glob(&mut self, pattern: &[u8]) {
        let items = glob::items(pattern);
        let mut word: Vec<GlobItem> = Vec::new();
        let mut spaced = false;
        let mut at = 0;
        while at < items.len() {
            let bytes: Vec<u8> = items[at..]
                .iter()
                .take(4)
                .map_while(|item| if let GlobItem::Byte(byte) = item { Some(*byte) } else { None })
                .collect();
            let (c, len) = first_char(&bytes);
            let class = if bytes.is_empty() { CharClass::WordChar } else { self.tokenizer.class(c) };
            let end = at + len.max(1);
            match class {
                CharClass::WordChar => word.extend_from_slice(&items[at..end]),
                CharClass::Space => {
                    self.end_word(&mut word, &mut spaced);
                    spaced = true;
                }
                CharClass::Punctuation => {
                    self.end_word(&mut word, &mut spaced);
                    let neighbour = |at: usize| match items.get(at) {
                        None => Neighbour::Outside,
                        Some(GlobItem::Byte(b' ')) => Neighbour::Space,
                        Some(&GlobItem::Byte(byte)) => Neighbour::Byte(byte),
                        Some(GlobItem::One | GlobItem::Star { .. }) => Neighbour::Any,
                    };
                    // A star may match nothing, so punctuation after it may or may not be the pattern's first
                    // character.
                    if at == 0 || matches!(items[at - 1], GlobItem::Star { .. }) {
                        self.punctuation.add_first(bytes[0], (end..).map(neighbour));
                    }
                    let before = (0..=at).rev().map(|at| neighbour(at.wrapping_sub(1)));
                    self.punctuation.add_inner(bytes[0], before, (end..).map(neighbour));
                    let id = self.vocabulary.insert(&bytes[..len]);
                    self.punctuation_numbers.push(id);
                    self.pattern_tokens.push(PatternToken { id, spaced: std::mem::take(&mut spaced) });
                }
            }
            at = end;
        }
        self.end_word(&mut word, &mut spaced);
    }

    /// Ends the word of a glob that has begun, if any.
    fn end_word(&mut self, word: &mut Vec<GlobItem>, spaced: &mut bool) {
        if word.is_empty() {
            return;
        }
        let literal: Option<Vec<u8>> =
            word.iter().map(|item| if let GlobItem::Byte(byte) = item { Some(*byte) } else { None }).collect();
        let id = match literal {
            Some(token) => self.vocabulary.insert(&token),
            None => WILDCARD | self.wildcards.insert(word),
        };
        if word[..] == [GlobItem::Star { least: 0 }] {
            self.optional = Some(id);
        }
        self.pattern_tokens.push(PatternToken { id, spaced: std::mem::take(spaced) });
        word.clear();
    }
}
