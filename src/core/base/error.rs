//! Every way in which compiling terms or counting can fail, with the places as fields.
//!
//! Not here: what can be wrong with Python objects (the binding says that) and which exception an error becomes.

use std::fmt;

/// Where a term stands in what the caller gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TermLocation {
    /// The category that the term belongs to, if terms came by category.
    pub category: Option<String>,
    /// The term's index among all terms, or within its category; `None` for the only term there can be.
    pub index: Option<usize>,
}

impl TermLocation {
    /// The place of a term that was given alone.
    pub const SINGLE: Self = Self { category: None, index: None };
}

impl fmt::Display for TermLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.category, self.index) {
            (Some(category), Some(index)) => write!(f, "terms['{category}'][{index}]"),
            (None, Some(index)) => write!(f, "terms[{index}]"),
            (_, None) => write!(f, "term"),
        }
    }
}

/// Why a regular expression cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegexError {
    /// It is not valid UTF-8.
    NotUtf8,
    /// It cannot be parsed.
    Syntax {
        /// What the parser says.
        reason: String,
        /// In characters, from 0.
        position: usize,
    },
    /// It can match the empty string.
    MatchesEmpty,
    /// It compiles to more bytes than this limit.
    TooLarge {
        /// In bytes.
        limit: usize,
    },
}

/// An option of matching with the value that was chosen; a value of its own is not told.
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

/// Why there is no plan or no count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CountError {
    /// A term without a character.
    EmptyTerm {
        /// Which term.
        location: TermLocation,
    },
    /// A term of white space alone, under a rule that drops white space around a term.
    BlankTerm {
        /// Which term.
        location: TermLocation,
    },
    /// A term of which nothing is left without accents, or white space alone.
    AccentsAlone {
        /// Which term.
        location: TermLocation,
    },
    /// A glob that ends with the character that escapes the next.
    DanglingEscape {
        /// Which term.
        location: TermLocation,
    },
    /// A regular expression that cannot be used.
    Regex {
        /// Which term.
        location: TermLocation,
        /// What is wrong with it.
        error: RegexError,
    },
    /// Options that exclude one another.
    Options {
        /// One of them.
        first: ChosenOption,
        /// The other.
        second: ChosenOption,
        /// What went wrong.
        reason: &'static str,
    },
    /// More terms, or longer ones, than an automaton can hold.
    TooManyTerms {
        /// What went wrong.
        reason: String,
    },
    /// A missing document where the caller wants none.
    Missing {
        /// The document's index.
        row: usize,
    },
    /// A count that the cells' type cannot hold exactly.
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
    /// The system gives no thread at all.
    NoThreads {
        /// What went wrong.
        reason: String,
    },
    /// A text could not be read from where it lies.
    NotLoaded {
        /// What went wrong.
        reason: String,
    },
    /// The caller's watch ended the count.
    Cancelled,
    /// So much memory could not be had.
    NoMemory {
        /// How many bytes were asked for.
        bytes: usize,
    },
    /// A bug in countgrid, reported as an error instead of ending the process.
    Panicked {
        /// The message, with its place in the source.
        message: String,
    },
}

impl CountError {
    /// The same of documents before which there are so many others.
    #[cfg_attr(feature = "internals", visibility::make(pub))]
    pub(crate) fn after_rows(mut self, rows: usize) -> Self {
        if let Self::Missing { row } | Self::Overflow { row, .. } = &mut self {
            *row += rows;
        }
        self
    }
}

impl CountError {
    /// The term that it is about, if it is about one.
    pub fn location(&self) -> Option<&TermLocation> {
        match self {
            Self::EmptyTerm { location }
            | Self::BlankTerm { location }
            | Self::AccentsAlone { location }
            | Self::DanglingEscape { location }
            | Self::Regex { location, .. } => Some(location),
            _ => None,
        }
    }

    /// What is wrong, without the place of a term or the names of options.
    pub fn reason(&self) -> String {
        match self {
            Self::EmptyTerm { .. } => "is empty; a term needs at least one character".into(),
            Self::BlankTerm { .. } => "contains only whitespace; in word and token mode whitespace around a term is \
                                       dropped, so a term needs at least one other character"
                .into(),
            Self::AccentsAlone { .. } => "contains only accents, which strip_accents removes; a term needs at least one \
                                          other character"
                .into(),
            Self::DanglingEscape { .. } => "ends with a single backslash; in a glob it escapes the next character, so \
                                            write two for a backslash"
                .into(),
            Self::Regex { error, .. } => match error {
                RegexError::NotUtf8 => "is invalid UTF-8; a regular expression must be valid UTF-8".into(),
                RegexError::Syntax { reason, position } => {
                    format!("is not a valid regular expression: {reason}, at position {position}")
                }
                RegexError::MatchesEmpty => "can match the empty string; a match needs at least one character".into(),
                RegexError::TooLarge { limit } => format!(
                    "compiles to more than {} MB, the limit for one regular expression; repeat less in it",
                    limit >> 20
                ),
            },
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
        if let Some(location) = self.location() {
            write!(f, "{location} ")?;
        }
        if let Self::Options { first, second, .. } = self {
            write!(f, "{first} is not allowed with {second}: ")?;
        }
        f.write_str(&self.reason())
    }
}

impl std::error::Error for CountError {}

/// Bytes as a reader takes them in.
struct Size(usize);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            bytes if bytes < 10_000_000 => write!(f, "{bytes} bytes"),
            bytes => write!(f, "{} MB", bytes / 1_000_000),
        }
    }
}
