//! Documents: the texts to search, and the text of each row of the count matrix.
//!
//! Usually row `i` is text `i`. If rows share texts (a dictionary-encoded column), each text is stored and searched
//! once, and `rows` has the text of each row.
//!
//! Documents are borrowed: the caller keeps the memory alive for `'a`. Texts that cannot be read in place, or must be
//! looked up one by one, are loaded while counting ([`TextSource`]). So there is never a second copy of all texts,
//! and each text is counted while it is in the cache.

use super::chunk::Chunk;
use super::load_block::{LOAD_BLOCK_BYTES, LoadBlock, TextSource};
use super::texts::Texts;
use crate::core::base::error::CountError;
use crate::core::text::encoding::Text;

/// The entry of a row whose document is missing.
pub const MISSING_ROW: u32 = u32::MAX;

/// The documents of one count, in order.
pub struct Documents<'a> {
    texts: Texts<'a>,
    rows: Option<Vec<u32>>,
    /// The source of texts that must be loaded. Then `texts` is empty, and rows do not share texts.
    source: Option<Box<dyn TextSource + 'a>>,
}

impl<'a> Documents<'a> {
    /// Row `i` is text `i`.
    #[cfg_attr(feature = "internals", visibility::make(pub))]
    pub(crate) fn new(chunks: Vec<Chunk<'a>>) -> Self {
        Self { texts: Texts::new(chunks), rows: None, source: None }
    }

    /// Row `i` is text `rows[i]`, or missing if that is [`MISSING_ROW`].
    #[cfg_attr(feature = "internals", visibility::make(pub))]
    pub(crate) fn shared(texts: Vec<Chunk<'a>>, rows: Vec<u32>) -> Self {
        let texts = Texts::new(texts);
        assert!(
            rows.iter().all(|&row| row == MISSING_ROW || (row as usize) < texts.len()),
            "a row's text lies past the {} texts",
            texts.len()
        );
        Self { texts, rows: Some(rows), source: None }
    }

    /// Row `i` is text `i` of the source.
    #[cfg_attr(feature = "internals", visibility::make(pub))]
    pub(crate) fn loaded(source: Box<dyn TextSource + 'a>) -> Self {
        Self { texts: Texts::new(Vec::new()), rows: None, source: Some(source) }
    }

    /// Row `i` is text `i`; `None` is a missing document, which counts 0.
    ///
    /// ```
    /// use countgrid::{Documents, Text};
    ///
    /// let documents = Documents::from_texts([Some(Text::from("the cat")), None, Some(Text::Bytes(b"\xFF"))]);
    /// assert_eq!((documents.len(), documents.nbytes()), (3, 8));
    /// ```
    pub fn from_texts(texts: impl IntoIterator<Item = Option<Text<'a>>>) -> Self {
        Self::new(vec![Chunk::from_texts(texts.into_iter().collect())])
    }

    /// Each line of `data` is a bytes document, without its `\n` or `\r\n`. A last line without one counts.
    ///
    /// ```
    /// assert_eq!(countgrid::Documents::from_lines(b"one\r\n\ntwo").len(), 3);
    /// ```
    pub fn from_lines(data: &'a [u8]) -> Self {
        Self::new(vec![Chunk::from_lines(data)])
    }

    /// The number of documents.
    pub fn len(&self) -> usize {
        match (&self.source, &self.rows) {
            (Some(source), _) => source.len(),
            (None, Some(rows)) => rows.len(),
            (None, None) => self.texts.len(),
        }
    }

    /// Whether there are no documents.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The source of the texts, if they must be loaded, and so can only be read in order.
    pub(crate) fn source(&self) -> Option<&dyn TextSource> {
        self.source.as_deref().map(|source| source as &dyn TextSource)
    }

    /// The texts. Empty if they must be loaded.
    #[cfg_attr(feature = "internals", visibility::make(pub))]
    pub(crate) fn texts(&self) -> &Texts<'a> {
        &self.texts
    }

    #[cfg_attr(feature = "internals", visibility::make(pub))]
    pub(crate) fn into_chunks(self) -> Vec<Chunk<'a>> {
        self.texts.into_chunks()
    }

    /// The text of each row, if rows share texts.
    pub(crate) fn rows(&self) -> Option<&[u32]> {
        self.rows.as_deref()
    }

    /// Calls `each` with the text of a row, or `None` if it is missing.
    #[cfg_attr(feature = "internals", visibility::make(pub))]
    pub(crate) fn with_text<R>(&self, row: usize, each: impl FnOnce(Option<Text<'_>>) -> R) -> Result<R, CountError> {
        let Some(source) = &self.source else { return Ok(each(self.get(row))) };
        let mut loaded = LoadBlock::default();
        loaded.fill(&**source, row, 0)?;
        Ok(each(Documents::new(loaded.chunks()).get(0)))
    }

    /// Calls `each` with the texts of all rows, in order, until it returns false.
    #[cfg_attr(feature = "internals", visibility::make(pub))]
    pub(crate) fn for_each_text(
        &self,
        mut each: impl FnMut(usize, Option<Text<'_>>) -> bool,
    ) -> Result<(), CountError> {
        let Some(source) = &self.source else {
            let _ = self.iter().enumerate().all(|(i, text)| each(i, text));
            return Ok(());
        };
        let mut loaded = LoadBlock::default();
        let mut start = 0;
        while start < source.len() {
            loaded.fill(&**source, start, LOAD_BLOCK_BYTES)?;
            let documents = Documents::new(loaded.chunks());
            if !documents.iter().enumerate().all(|(i, text)| each(start + i, text)) {
                break;
            }
            start += documents.len();
        }
        Ok(())
    }

    /// The text of a row. The documents must not need loading.
    pub(crate) fn get(&self, row: usize) -> Option<Text<'a>> {
        match &self.rows {
            None => self.texts.get(row),
            Some(rows) if rows[row] == MISSING_ROW => None,
            Some(rows) => self.texts.get(rows[row] as usize),
        }
    }

    /// The texts of all rows, in order. The documents must not need loading.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Option<Text<'a>>> + '_ {
        (0..self.len()).map(|row| self.get(row))
    }

    /// The first missing row. Stops with an error if `keep_going` returns false.
    #[cfg_attr(feature = "internals", visibility::make(pub))]
    pub(crate) fn first_missing(&self, keep_going: &dyn Fn() -> bool) -> Result<Option<usize>, CountError> {
        /// Rows between two calls of `keep_going`.
        const ROWS: usize = 64 << 10;

        if let Some(source) = &self.source {
            return source.first_missing(keep_going);
        }
        for start in (0..self.len()).step_by(ROWS) {
            if start > 0 && !keep_going() {
                return Err(CountError::Cancelled);
            }
            let mut rows = start..self.len().min(start + ROWS);
            if let Some(row) = rows.find(|&row| self.get(row).is_none()) {
                return Ok(Some(row));
            }
        }
        Ok(None)
    }

    /// The first row whose document is bytes.
    #[cfg_attr(feature = "internals", visibility::make(pub))]
    pub(crate) fn first_bytes(&self) -> Option<usize> {
        match &self.source {
            Some(source) => source.first_bytes(),
            None if self.rows.is_none() && self.texts.chunks().iter().all(Chunk::is_text) => None,
            None => self.iter().position(|text| text.is_some_and(|text| !text.is_str())),
        }
    }

    /// Bytes of text to search, as stored in memory.
    pub fn nbytes(&self) -> u64 {
        match &self.source {
            None => self.texts.nbytes(),
            Some(source) => source.nbytes(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_may_share_texts() {
        let texts = [Some(Text::Str(b"a")), Some(Text::Str(b"bb")), None];
        let documents = Documents::shared(vec![Chunk::from_texts(texts.to_vec())], vec![1, MISSING_ROW, 0, 1, 2]);
        let found: Vec<_> = documents.iter().map(|text| text.map(Text::memory)).collect();
        assert_eq!(found, [Some(&b"bb"[..]), None, Some(b"a"), Some(b"bb"), None]);
        assert_eq!((documents.len(), documents.nbytes(), documents.first_missing(&|| true)), (5, 3, Ok(Some(1))));
    }

    #[test]
    fn bytes_are_found() {
        let texts = [Some(Text::Str(b"a")), None, Some(Text::Bytes(b"b"))];
        assert_eq!(Documents::from_texts(texts).first_bytes(), Some(2));
        assert_eq!(Documents::from_texts(texts[..2].to_vec()).first_bytes(), None);
        assert_eq!(Documents::from_lines(b"a\nb").first_bytes(), Some(0));
        let shared = Documents::shared(vec![Chunk::from_texts(texts.to_vec())], vec![0, MISSING_ROW, 2]);
        assert_eq!(shared.first_bytes(), Some(2));
    }

    #[test]
    fn chunks_are_in_order() {
        let chunk = |text: &'static str| Chunk::from_lines(text.as_bytes());
        let documents = Documents::new(vec![chunk(""), chunk("a\nb"), chunk(""), chunk("c"), chunk("")]);
        let found: Vec<_> = documents.iter().map(|text| text.unwrap().memory()).collect();
        assert_eq!(found, [b"a", b"b", b"c"]);
    }
}
