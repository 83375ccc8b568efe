//! All errors of compiling terms and counting, with locations as fields.
//!
//! The bindings add errors about Python objects, and decide which exception an error becomes.

use std::fmt;

use super::printable::{Beginning, Printable};

/// The location of a term in the caller's input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TermLocation {
    /// The category that the term belongs to, if there are categories.
    pub category: Option<String>,
    /// The term's index among all terms, or within its category. `None` if the caller gave a single term.
    pub index: Option<usize>,
}

impl TermLocation {
    /// The location of a single term.
    pub const SINGLE: Self = Self { category: None, index: None };
}

impl fmt::Display for TermLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.category, self.index) {
            (Some(category), Some(index)) => write!(f, "terms['{}'][{index}]", Printable(category)),
            (None, Some(index)) => write!(f, "terms[{index}]"),
            (_, None) => write!(f, "term"),
        }
    }
}

/// Why a term cannot be used. The text says what is wrong with it, without its location.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TermError {
    /// The caller passed a missing value.
    Missing,
    /// The caller passed something else than text.
    NotText {
        /// What it is, and what is expected.
        reason: String,
    },
    /// It has no characters.
    Empty,
    /// It is only whitespace, in a mode that drops whitespace around terms.
    Blank,
    /// It is empty, or only whitespace, without its accents.
    AccentsAlone,
    /// A glob that ends with `\`, which escapes nothing.
    DanglingEscape,
    /// A regular expression that is invalid UTF-8.
    NotUtf8,
    /// A regular expression that cannot be parsed.
    Syntax {
        /// The parser's message.
        reason: String,
        /// In characters, from 0.
        position: usize,
    },
    /// A regular expression that can match the empty string.
    MatchesEmpty,
    /// A regular expression whose compiled size exceeds this limit.
    TooLarge {
        /// In bytes.
        limit: usize,
        /// Whether it would be small enough if boundaries were not adaptive.
        is_adaptive: bool,
    },
}

impl fmt::Display for TermError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "is missing; leave missing terms out, in pandas with .dropna()",
            Self::NotText { reason } => reason,
            Self::Empty => "is empty; a term needs at least one character",
            Self::Blank => {
                "contains only whitespace; in word and token mode whitespace around a term is dropped, so a term \
                 needs at least one other character"
            }
            Self::AccentsAlone => {
                "contains only accents, which strip_accents removes; a term needs at least one other character"
            }
            Self::DanglingEscape => {
                "ends with a single backslash; in a glob it escapes the next character, so write two for a backslash"
            }
            Self::NotUtf8 => "is invalid UTF-8; a regular expression must be valid UTF-8",
            Self::Syntax { reason, position } => {
                return write!(f, "is not a valid regular expression: {reason}, at position {position}");
            }
            Self::MatchesEmpty => "can match the empty string; a match needs at least one character",
            Self::TooLarge { limit, is_adaptive } => {
                write!(
                    f,
                    "compiles to more than {} MB, the limit for one regular expression; repeat less in it",
                    limit >> 20
                )?;
                return f.write_str(match is_adaptive {
                    true => ", or pass another match: match=\"adaptive\" makes it several times as large",
                    false => "",
                });
            }
        })
    }
}

/// A term that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidTerm {
    /// Which term.
    pub location: TermLocation,
    /// Its beginning; empty if it is blank or not text.
    pub beginning: String,
    /// What is wrong with it.
    pub error: TermError,
}

impl InvalidTerm {
    pub(crate) fn new(location: TermLocation, term: &[u8], error: TermError) -> Self {
        let text = String::from_utf8_lossy(term);
        let beginning = if text.trim().is_empty() { String::new() } else { Beginning(&text).to_string() };
        Self { location, beginning, error }
    }
}

impl fmt::Display for InvalidTerm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.beginning[..] {
            "" => write!(f, "{} {}", self.location, self.error),
            text => write!(f, "{} '{text}' {}", self.location, self.error),
        }
    }
}

/// An option, with its value if that is one of a few words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChosenOption {
    /// As users write it.
    pub name: &'static str,
    /// The value as Python writes it.
    pub value: Option<&'static str>,
}

impl fmt::Display for ChosenOption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.value {
            Some(value) => write!(f, "{}={value}", self.name),
            None => f.write_str(self.name),
        }
    }
}

/// Why terms could not be compiled, or documents not be counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CountError {
    /// The terms that cannot be used, in their order. Of several equal terms, only the first.
    Terms(Vec<InvalidTerm>),
    /// Options that exclude each other.
    Options {
        /// One of them.
        first: ChosenOption,
        /// The other.
        second: ChosenOption,
        /// Why.
        reason: &'static str,
    },
    /// The terms are too many or too long for an automaton.
    TooManyTerms {
        /// What went wrong.
        reason: String,
    },
    /// A missing document, which the caller does not allow.
    Missing {
        /// The document's index.
        row: usize,
    },
    /// A count that does not fit the type of the cells.
    Overflow {
        /// The document's index.
        row: usize,
        /// The column's index.
        column: usize,
        /// The exact count.
        count: u64,
        /// NumPy's name of the type.
        dtype: &'static str,
    },
    /// The system refused to start any thread.
    NoThreads {
        /// What went wrong.
        reason: String,
    },
    /// An environment variable that should be a number of workers.
    Environment {
        /// Its name.
        name: &'static str,
        /// Its value.
        value: String,
        /// The largest number of workers.
        most: usize,
    },
    /// A text could not be read.
    NotLoaded {
        /// What went wrong.
        reason: String,
    },
    /// The caller cancelled the count.
    Cancelled,
    /// An allocation failed.
    NoMemory {
        /// Its size in bytes.
        bytes: usize,
    },
    /// A bug in countgrid, reported as an error instead of aborting the process.
    Panicked {
        /// The message, with the location in the source.
        message: String,
    },
}

impl CountError {
    /// The same error, for documents that come after `rows` others.
    pub(crate) fn after_rows(mut self, rows: usize) -> Self {
        if let Self::Missing { row } | Self::Overflow { row, .. } = &mut self {
            *row += rows;
        }
        self
    }

    /// The terms that the error is about.
    pub fn terms(&self) -> &[InvalidTerm] {
        if let Self::Terms(terms) = self { terms } else { &[] }
    }

    /// What is wrong, without the location of the first term or the names of options.
    pub fn reason(&self) -> String {
        match self {
            Self::Terms(terms) => terms.first().map_or_else(String::new, |term| term.error.to_string()),
            Self::Options { reason, .. } => (*reason).into(),
            Self::TooManyTerms { reason } => format!("the terms cannot be compiled together: {reason}"),
            Self::Missing { row } => {
                format!("documents[{row}] is missing; pass missing=\"zero\" to count it as zeros")
            }
            Self::Overflow { row, column, count, dtype } => format!(
                "the count {count} in row {row}, column {column} is not exactly representable as {dtype}; pass a \
                 wider dtype"
            ),
            Self::NoThreads { reason } => format!("could not start a worker thread: {reason}"),
            Self::Environment { name, value, most } => {
                format!("the environment variable {name} is {value:?}; expected a number of workers from 1 to {most}")
            }
            Self::NotLoaded { reason } => reason.clone(),
            Self::Cancelled => "the count was cancelled".into(),
            Self::NoMemory { bytes } => format!(
                "out of memory: {} could not be allocated; pass fewer documents or terms at a time",
                Size(*bytes)
            ),
            Self::Panicked { message } => format!("internal error in countgrid, please report it: {message}"),
        }
    }
}

impl fmt::Display for CountError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// More invalid terms are not listed.
        const LISTED: usize = 10;

        match self.terms() {
            [] => {}
            [term] => return term.fmt(f),
            terms => {
                write!(f, "{} terms are invalid:", terms.len())?;
                terms.iter().take(LISTED).try_for_each(|term| write!(f, "\n{term}"))?;
                return match terms.len().saturating_sub(LISTED) {
                    0 => Ok(()),
                    more => write!(f, "\nand {more} more"),
                };
            }
        }
        if let Self::Options { first, second, .. } = self {
            write!(f, "{first} is not allowed with {second}: ")?;
        }
        f.write_str(&self.reason())
    }
}

impl std::error::Error for CountError {}

/// A number of bytes in a readable unit.
struct Size(usize);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            bytes if bytes < 10_000_000 => write!(f, "{bytes} bytes"),
            bytes => write!(f, "{} MB", bytes / 1_000_000),
        }
    }
}
