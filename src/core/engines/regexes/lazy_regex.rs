//! An expression that is compiled for the first text that needs it, with less work if that text is ASCII.

use std::sync::OnceLock;

use regex_syntax::hir::{Class, Hir, HirKind, Repetition};

use crate::core::base::error::TermError;
use crate::core::base::memory;
use crate::core::engines::regex::{ForTexts, Regex, RegexOptions, SIZE_LIMIT};

/// Automata that are larger by this estimate may exceed the limit of their size. So they are compiled at once, as the
/// error belongs to the terms. The estimate is at most four times too low, adaptive boundaries need four times as many
/// states, and there is the context.
const SURELY_SMALL: usize = SIZE_LIMIT / 32;

pub struct LazyRegex {
    pattern: u32,
    text: Box<str>,
    any: OnceLock<Box<Regex>>,
    ascii: OnceLock<Box<Regex>>,
}

impl LazyRegex {
    pub fn new(options: &RegexOptions, pattern: u32, text: &str, hir: &Hir) -> Result<Self, TermError> {
        let lazy = Self { pattern, text: text.into(), any: OnceLock::new(), ascii: OnceLock::new() };
        if estimated_size(hir) > SURELY_SMALL {
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

/// The size of an expression's NFA in bytes, without its context. At most four times too low.
fn estimated_size(hir: &Hir) -> usize {
    const STATE: usize = 40;
    /// States for a range of characters: two sequences of four bytes. Sequences of large classes share states.
    const STATES: usize = 8;
    const SHARED_STATES: usize = 2;
    const LARGE: usize = 64;
    let own = match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 0,
        HirKind::Literal(literal) => literal.0.len(),
        HirKind::Class(Class::Unicode(class)) => match class.ranges().len() {
            ranges if ranges > LARGE => SHARED_STATES * ranges,
            ranges => STATES * ranges,
        },
        HirKind::Class(Class::Bytes(_)) => 1,
        HirKind::Repetition(Repetition { min, max, sub, .. }) => {
            let times = max.unwrap_or(min + 1).max(1) as usize;
            return STATE.saturating_add(estimated_size(sub)).saturating_mul(times);
        }
        HirKind::Capture(capture) => return estimated_size(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            return parts.iter().map(estimated_size).fold(STATE * (1 + parts.len()), usize::saturating_add);
        }
    };
    STATE * (1 + own)
}

#[cfg(test)]
mod tests {
    use regex_automata::nfa::thompson::{Compiler, Config, WhichCaptures};

    use super::*;

    #[test]
    fn estimated_sizes_are_at_most_four_times_too_low() {
        for expression in [
            "password",
            r"\w",
            r"\w+@\w+",
            r"\W{20}",
            ".{50}",
            r"[^a]{1,30}",
            "(?i)straße|kelvin",
            r"\p{Greek}+|\p{Han}{3,}",
            r"[\x{0}-\x{10FFFF}]{40}",
            "[é-ü]{9}",
            "(a|b|c|d|e|f)*",
            "(?:a?){60}",
            r"\S{1,40}",
            r"\p{Lu}{9}",
            r"[\p{L}--[a-z]]{5}",
            r"\p{Lowercase}[^\p{Lowercase}]",
            r"(?i)[^\w\d]{3}\p{Alphabetic}",
            "((a{9}){9}){9}",
            "日本語|[一-龠]{5}",
            "[\u{7F}-\u{80}\u{7FF}-\u{800}\u{FFFF}-\u{10000}]{9}",
        ] {
            let hir = regex_syntax::parse(expression).unwrap();
            for reverse in [false, true] {
                let config = Config::new().utf8(false).reverse(reverse).which_captures(WhichCaptures::None);
                let size = Compiler::new().configure(config).build_from_hir(&hir).unwrap().memory_usage();
                let estimate = estimated_size(&hir);
                // What each NFA has, whatever the expression.
                assert!(size <= 4 * estimate + 4096, "{expression}: {size} bytes, estimated {estimate}");
            }
        }
    }
}
