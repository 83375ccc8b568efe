//! An expression that is compiled for the first text that needs it, with less work if the text is ASCII or in symbols.

use std::sync::{Arc, OnceLock};

use super::nfa_size::{NfaSizes, SizeInSymbols};
use crate::core::base::error::TermError;
use crate::core::base::memory;
use crate::core::engines::regex::{ForTexts, Regex, RegexOptions, SIZE_LIMIT, Symbols, parse};

/// The most bytes of an automaton in symbols, unless it is smaller than [`SIZE_LIMIT`] in UTF-8 too. A larger one would
/// make a search slow.
const MOST_IN_SYMBOLS: usize = 1 << 20;

pub struct LazyRegex {
    pattern: u32,
    text: Box<str>,
    size: SizeInSymbols,
    /// By kind of texts.
    compiled: [OnceLock<Box<Regex>>; 3],
}

impl LazyRegex {
    pub fn new(pattern: u32, text: &str, size: SizeInSymbols) -> Self {
        Self { pattern, text: text.into(), size, compiled: Default::default() }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// An error if its automata are too large. If they may be, it is compiled at once. Without symbols, all documents
    /// that are not ASCII are searched in UTF-8.
    pub fn accept(
        &self,
        options: &RegexOptions,
        symbols: Option<&Arc<Symbols>>,
        sizes: &mut NfaSizes,
    ) -> Result<(), TermError> {
        if let Some(symbols) = symbols {
            let texts = ForTexts::Symbols(symbols.clone());
            if self.size.bytes(symbols.len()) <= MOST_IN_SYMBOLS
                || self.compile_now(options, &texts, MOST_IN_SYMBOLS).is_ok()
            {
                return Ok(());
            }
        }
        let hir = parse(self.text.as_bytes(), options.ignore_case).expect("it was parsed before");
        if sizes.fit(options, &hir) || self.compile_now(options, &ForTexts::Any, SIZE_LIMIT).is_ok() {
            return Ok(());
        }
        let is_adaptive = options.has_marks(&hir) && {
            let (options, mut sizes) = (options.not_adaptive(), NfaSizes::default());
            let size = sizes.in_symbols(&options, &hir);
            Self::new(self.pattern, &self.text, size).accept(&options, symbols, &mut sizes).is_ok()
        };
        Err(TermError::TooLarge { limit: SIZE_LIMIT, is_adaptive })
    }

    pub fn pattern(&self) -> u32 {
        self.pattern
    }

    fn compile_now(&self, options: &RegexOptions, texts: &ForTexts, most: usize) -> Result<(), TermError> {
        memory::check(options.bytes_to_build(most));
        let regex = Regex::new(options, texts.clone(), most, self.pattern, self.text.as_bytes())?;
        let _ = self.compiled[texts.kind()].set(Box::new(regex));
        Ok(())
    }

    pub fn get(&self, options: &RegexOptions, texts: &ForTexts) -> &Regex {
        /// It was small enough for the kind of texts that was checked, so it is for others.
        const NO_LIMIT: usize = 16 * SIZE_LIMIT;
        let cell = &self.compiled[texts.kind()];
        if cell.get().is_none() {
            memory::check(self.bytes_to_build(options, texts));
            let regex = Regex::new(options, texts.clone(), NO_LIMIT, self.pattern, self.text.as_bytes());
            // If another worker was faster, its result is used. Nobody waits for a lock: a forked process would wait
            // forever.
            let _ = cell.set(Box::new(regex.expect("it is small enough")));
        }
        cell.get().expect("it was just compiled")
    }

    fn bytes_to_build(&self, options: &RegexOptions, texts: &ForTexts) -> usize {
        let size = match texts {
            ForTexts::Any => SIZE_LIMIT,
            ForTexts::Ascii => self.size.bytes(0),
            ForTexts::Symbols(symbols) => self.size.bytes(symbols.len()),
        };
        options.bytes_to_build(size.min(SIZE_LIMIT))
    }
}
