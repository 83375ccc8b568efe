//! An expression that is compiled for the first text that needs it, with less work if the text is ASCII or in symbols.

use std::sync::OnceLock;

use regex_syntax::hir::Hir;

use super::nfa_size::NfaSizes;
use crate::core::base::error::TermError;
use crate::core::base::memory;
use crate::core::engines::regex::{ForTexts, Regex, RegexOptions};

pub struct LazyRegex {
    pattern: u32,
    text: Box<str>,
    any: OnceLock<Box<Regex>>,
    ascii: OnceLock<Box<Regex>>,
    symbols: OnceLock<Box<Regex>>,
    /// Whether it can be searched for in symbols. Its assertions must not depend on characters outside ASCII.
    pub serves_symbols: bool,
}

impl LazyRegex {
    /// Only an expression that may be too large is compiled at once, as the error belongs to the terms.
    pub fn new(
        options: &RegexOptions,
        sizes: &mut NfaSizes,
        pattern: u32,
        text: &str,
        hir: &Hir,
    ) -> Result<Self, TermError> {
        let lazy = Self {
            pattern,
            text: text.into(),
            any: OnceLock::new(),
            ascii: OnceLock::new(),
            symbols: OnceLock::new(),
            serves_symbols: !hir.properties().look_set().contains_word_unicode(),
        };
        if !sizes.fit(options, hir) {
            let _ = lazy.any.set(Box::new(lazy.compile(options, &ForTexts::Any)?));
        }
        Ok(lazy)
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn get(&self, options: &RegexOptions, texts: &ForTexts) -> &Regex {
        let cell = match texts {
            ForTexts::Any => &self.any,
            ForTexts::Ascii => &self.ascii,
            ForTexts::Symbols(_) => &self.symbols,
        };
        if cell.get().is_none() {
            let compiled = self.compile(options, texts).expect("it is small enough, as its estimated size");
            // If another worker was faster, its result is used. Nobody waits for a lock: a forked process would wait
            // forever.
            let _ = cell.set(Box::new(compiled));
        }
        cell.get().expect("it was just compiled")
    }

    fn compile(&self, options: &RegexOptions, texts: &ForTexts) -> Result<Regex, TermError> {
        memory::check(options.bytes_to_build(texts));
        Regex::new(options, texts.clone(), self.pattern, self.text.as_bytes())
    }
}
