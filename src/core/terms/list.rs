//! Terms as the caller gave them: one column for each, or for each category of several terms.

use crate::core::base::error::{InvalidTerm, TermError, TermLocation};
use crate::core::base::memory::{self, push};
use crate::core::base::packed_strings::PackedStrings;
use crate::core::text::encoding::Text;
use crate::core::text::transform::Transform;
use crate::core::text::unicode::first_symbol;

/// The terms of a plan, by column. Equality and hash are by value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Terms {
    /// The terms as UTF-8, or as bytes if given as bytes.
    texts: PackedStrings,
    /// Whether each term was given as text.
    is_str: Vec<bool>,
    /// The categories' names, and where the terms of each end. Without categories each term is a column.
    categories: Option<Categories>,
    /// The terms that are not text, by index. They cannot be compiled.
    unusable: Vec<(usize, TermError)>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Categories {
    names: Vec<String>,
    ends: Vec<usize>,
}

impl Terms {
    /// One column for each term. Each item is a term, and whether it is text.
    ///
    /// ```
    /// let terms = countgrid::Terms::each([("cat", true), ("the", true)]);
    /// assert_eq!((terms.len(), terms.columns()), (2, 2));
    /// ```
    pub fn each<T: AsRef<[u8]>>(terms: impl IntoIterator<Item = (T, bool)>) -> Self {
        let mut all = Self::default();
        for (term, is_str) in terms {
            all.push(if is_str { Text::Str(term.as_ref()) } else { Text::Bytes(term.as_ref()) });
        }
        all
    }

    /// Terms by category, without columns at first. Each [`Terms::end_category`] completes one.
    ///
    /// ```
    /// use countgrid::Terms;
    ///
    /// let mut terms = Terms::by_category();
    /// terms.push("good".into());
    /// terms.push("great".into());
    /// terms.end_category("praise".into());
    /// assert_eq!((terms.len(), terms.columns()), (2, 1));
    /// ```
    pub fn by_category() -> Self {
        Self { categories: Some(Categories::default()), ..Self::default() }
    }

    /// Adds a term: as a column, or to the next category.
    pub fn push(&mut self, term: Text<'_>) {
        let start = self.texts.nbytes();
        self.texts.push_with(|bytes| {
            // Each byte of memory becomes at most two bytes of UTF-8.
            memory::reserve(bytes, 2 * term.memory().len());
            Transform::default().append(term, bytes);
        });
        // Text that is invalid UTF-8 (Arrow producers may pass it) could not be returned as text.
        push(&mut self.is_str, term.is_str() && is_text(&self.texts.bytes()[start..]));
    }

    /// Adds a term that is not text, so that compiling the terms reports it together with the invalid ones.
    pub fn push_unusable(&mut self, error: TermError) {
        let at = self.len();
        push(&mut self.unusable, (at, error));
        self.push(Text::Str(b""));
    }

    /// Why the term at `i` is not text, if it is not.
    pub(crate) fn unusable(&self, i: usize) -> Option<&TermError> {
        let at = self.unusable.binary_search_by_key(&i, |(at, _)| *at).ok()?;
        Some(&self.unusable[at].1)
    }

    /// The term at `i` with what is wrong with it.
    pub(crate) fn invalid(&self, i: usize, error: TermError) -> InvalidTerm {
        InvalidTerm::new(self.location(i), self.texts.get(i), error)
    }

    /// Completes a category: the terms pushed since the last one.
    pub fn end_category(&mut self, name: String) {
        let categories = self.categories.get_or_insert_default();
        categories.names.push(name);
        categories.ends.push(self.texts.len());
    }

    /// Whether any term contains this byte.
    #[cfg_attr(feature = "internals", visibility::make(pub))]
    pub(crate) fn have(&self, byte: u8) -> bool {
        memchr::memchr(byte, self.texts.bytes()).is_some()
    }

    /// The number of terms.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether there are no terms.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// Bytes of all terms.
    pub fn nbytes(&self) -> usize {
        self.texts.nbytes()
    }

    /// The number of columns of the count matrix.
    pub fn columns(&self) -> usize {
        self.categories.as_ref().map_or(self.len(), |categories| categories.names.len())
    }

    /// The term at `i`, and whether it was given as text.
    pub fn get(&self, i: usize) -> (&[u8], bool) {
        (self.texts.get(i), self.is_str[i])
    }

    /// The categories in order, each with the range of its terms.
    pub fn categories(&self) -> Option<impl Iterator<Item = (&str, std::ops::Range<usize>)>> {
        self.categories.as_ref().map(|categories| {
            categories.names.iter().enumerate().map(|(i, name)| {
                let start = if i == 0 { 0 } else { categories.ends[i - 1] };
                (name.as_str(), start..categories.ends[i])
            })
        })
    }

    /// The column of the term at `i`.
    #[cfg_attr(feature = "internals", visibility::make(pub))]
    pub(crate) fn column_of(&self, i: usize) -> usize {
        self.categories.as_ref().map_or(i, |categories| categories.ends.partition_point(|&end| end <= i))
    }

    /// The location of the term at `i` in the caller's input.
    #[cfg_attr(feature = "internals", visibility::make(pub))]
    pub(crate) fn location(&self, i: usize) -> TermLocation {
        match &self.categories {
            None => TermLocation { category: None, index: Some(i) },
            Some(categories) => {
                let column = self.column_of(i);
                let start = if column == 0 { 0 } else { categories.ends[column - 1] };
                TermLocation { category: Some(categories.names[column].clone()), index: Some(i - start) }
            }
        }
    }
}

/// Whether bytes are UTF-8, lone surrogates included.
pub fn is_text(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    bytes.is_ascii() || std::str::from_utf8(bytes).is_ok() || {
        while let (c, len) = first_symbol(rest)
            && (c.is_some() || len == 3)
        {
            rest = &rest[len..];
        }
        rest.is_empty()
    }
}
