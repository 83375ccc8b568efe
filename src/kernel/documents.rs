//! Documents: the texts to search, and which row of the count matrix each one is.
//!
//! Usually row `i` is text `i`. Where rows share texts (a dictionary-encoded column), each text that some row uses is
//! held once, and `rows` says which text a row has; then a text is scanned once however many rows have it.
//!
//! Documents are borrowed: whoever builds them keeps the memory alive for `'a`.

use super::chunk::Chunk;
use super::raw::PackedText;
use super::text::Text;

/// Stands in a row for no text: the document is missing.
pub const MISSING_ROW: u32 = u32::MAX;

/// The documents of one count, in order.
pub struct Documents<'a> {
    texts: Texts<'a>,
    rows: Option<Vec<u32>>,
}

/// Texts in the order in which they are scanned, chunk after chunk.
pub struct Texts<'a> {
    chunks: Vec<Chunk<'a>>,
    /// Where each chunk ends, counted in texts.
    ends: Vec<usize>,
}

impl<'a> Documents<'a> {
    /// Row `i` is text `i`.
    pub fn new(chunks: Vec<Chunk<'a>>) -> Self {
        Self { texts: Texts::new(chunks), rows: None }
    }

    /// Row `i` is text `rows[i]`, or missing where that is [`MISSING_ROW`].
    pub fn shared(texts: Vec<PackedText<'a>>, rows: Vec<u32>) -> Self {
        assert!(
            rows.iter().all(|&row| row == MISSING_ROW || (row as usize) < texts.len()),
            "a row's text lies past the {} texts",
            texts.len()
        );
        Self { texts: Texts::new(vec![Chunk::from_texts(texts)]), rows: Some(rows) }
    }

    pub fn from_texts(texts: impl IntoIterator<Item = Option<Text<'a>>>) -> Self {
        Self::new(vec![Chunk::from_texts(texts.into_iter().map(PackedText::new).collect())])
    }

    pub fn len(&self) -> usize {
        self.rows.as_ref().map_or(self.texts.len(), Vec::len)
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn texts(&self) -> &Texts<'a> {
        &self.texts
    }

    /// Which text each row has, where that is not its own.
    pub fn rows(&self) -> Option<&[u32]> {
        self.rows.as_deref()
    }

    /// The text of a row, `None` where it is missing.
    pub fn get(&self, row: usize) -> Option<Text<'a>> {
        match &self.rows {
            None => self.texts.get(row),
            Some(rows) if rows[row] == MISSING_ROW => None,
            Some(rows) => self.texts.get(rows[row] as usize),
        }
    }

    /// The texts of all rows, in order.
    pub fn iter(&self) -> impl Iterator<Item = Option<Text<'a>>> + '_ {
        (0..self.len()).map(|row| self.get(row))
    }

    pub fn first_missing(&self) -> Option<usize> {
        self.iter().position(|text| text.is_none())
    }

    /// Bytes of text that a count goes through, as they lie in memory.
    pub fn nbytes(&self) -> u64 {
        self.texts.nbytes()
    }
}

impl<'a> Texts<'a> {
    fn new(chunks: Vec<Chunk<'a>>) -> Self {
        let ends = chunks
            .iter()
            .scan(0, |end, chunk| {
                Some({
                    *end += chunk.len();
                    *end
                })
            })
            .collect();
        Self { chunks, ends }
    }

    pub fn len(&self) -> usize {
        self.ends.last().copied().unwrap_or(0)
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn chunks(&self) -> &[Chunk<'a>] {
        &self.chunks
    }

    /// The chunk that text `i` is in, and where that chunk begins.
    pub fn chunk_of(&self, i: usize) -> (&Chunk<'a>, usize) {
        let at = self.ends.partition_point(|&end| end <= i);
        (&self.chunks[at], self.ends[at] - self.chunks[at].len())
    }

    pub fn get(&self, i: usize) -> Option<Text<'a>> {
        let (chunk, start) = self.chunk_of(i);
        chunk.text(i - start)
    }

    pub fn nbytes(&self) -> u64 {
        self.chunks.iter().map(|chunk| chunk.size_of(0..chunk.len()) as u64).sum()
    }

    pub fn is_larger_than(&self, bytes: usize) -> bool {
        let mut rest = bytes;
        self.chunks.iter().any(|chunk| {
            let (end, size) = chunk.within(0, chunk.len(), rest);
            rest -= size;
            end < chunk.len()
        })
    }

    /// About how many bytes text `i` has in memory.
    pub fn size(&self, i: usize) -> usize {
        let (chunk, start) = self.chunk_of(i);
        chunk.size(i - start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_may_share_texts() {
        let texts = [Some(Text::Str(b"a")), Some(Text::Str(b"bb")), None].map(PackedText::new);
        let documents = Documents::shared(texts.to_vec(), vec![1, MISSING_ROW, 0, 1, 2]);
        let found: Vec<_> = documents.iter().map(|text| text.map(Text::memory)).collect();
        assert_eq!(found, [Some(&b"bb"[..]), None, Some(b"a"), Some(b"bb"), None]);
        assert_eq!((documents.len(), documents.nbytes(), documents.first_missing()), (5, 3, Some(1)));
    }

    #[test]
    fn chunks_follow_one_another() {
        let chunk = |text: &'static str| Chunk::from_lines(text.as_bytes());
        let documents = Documents::new(vec![chunk(""), chunk("a\nb"), chunk(""), chunk("c"), chunk("")]);
        let found: Vec<_> = documents.iter().map(|text| text.unwrap().memory()).collect();
        assert_eq!(found, [b"a", b"b", b"c"]);
    }
}
