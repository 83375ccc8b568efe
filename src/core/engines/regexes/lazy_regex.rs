//! An expression that is compiled for the first text that needs it, with less work if that text is ASCII.

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
        let lazy = Self { pattern, text: text.into(), any: OnceLock::new(), ascii: OnceLock::new() };
        if !sizes.fit(options, hir) {
            let _ = lazy.any.set(Box::new(lazy.compile(options, ForTexts::Any)?));
        }
        Ok(lazy)
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// The expression for any text, or for one that is ASCII.
    pub fn get(&self, options: &RegexOptions, is_ascii: bool) -> &Regex {
        let (cell, texts) = match is_ascii {
            true => (&self.ascii, ForTexts::Ascii),
            false => (&self.any, ForTexts::Any),
        };
        if cell.get().is_none() {
            let compiled = self.compile(options, texts).expect("it is small enough, as its estimated size");
            // If another worker was faster, its result is used. Nobody waits for a lock: a forked process would wait
            // forever.
            let _ = cell.set(Box::new(compiled));
        }
        cell.get().expect("it was just compiled")
    }

    fn compile(&self, options: &RegexOptions, texts: ForTexts) -> Result<Regex, TermError> {
        memory::check(options.bytes_to_build(texts));
        Regex::new(options, texts, self.pattern, self.text.as_bytes())
    }
}
