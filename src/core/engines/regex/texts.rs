//! Which texts an expression is compiled for, and what it becomes for them.

use std::sync::Arc;

use regex_syntax::hir::{Class, Hir, Look};

use super::rewrite::{Rewrite, for_ascii, rewritten};
use super::symbols::Symbols;

/// Which texts a compiled expression is for.
#[derive(Clone)]
pub enum ForTexts {
    Any,
    /// Those without other characters. Classes are as small as they are there.
    Ascii,
    /// Those in symbols.
    Symbols(Arc<Symbols>),
}

impl ForTexts {
    /// An expression that matches the same in these texts.
    pub fn expression(&self, hir: Hir) -> Hir {
        match self {
            Self::Any => hir,
            Self::Ascii => for_ascii(&hir),
            Self::Symbols(symbols) => symbols.rewrite(&hir),
        }
    }

    /// The same for context, which can be invalid UTF-8.
    pub fn context(&self, hir: Hir) -> Hir {
        match self {
            Self::Symbols(symbols) => rewritten(&hir, &ContextInSymbols(symbols)),
            _ => self.expression(hir),
        }
    }

    /// The index of the kind of texts, of three.
    pub fn kind(&self) -> usize {
        match self {
            Self::Any => 0,
            Self::Ascii => 1,
            Self::Symbols(_) => 2,
        }
    }
}

struct ContextInSymbols<'s>(&'s Symbols);

impl Rewrite for ContextInSymbols<'_> {
    fn literal(&self, bytes: &[u8]) -> Hir {
        self.0.literal(bytes)
    }

    fn class(&self, class: &Class) -> Hir {
        Hir::class(Class::Bytes(self.0.context_class(class)))
    }

    fn look(&self, look: Look) -> Look {
        look
    }
}
