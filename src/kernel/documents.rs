//! Documents: the texts to search, and which row of the count matrix each one is.
//!
//! Usually row `i` is text `i`. Where rows share texts (a dictionary-encoded column), each text is held once, and `rows`
//! says which text a row has; then a text is scanned once however many rows have it.
//!
//! Documents are borrowed: whoever builds them keeps the memory alive for `'a`. Those that cannot be read where they lie,
//! or must be looked up one by one, are [loaded](Load) portion by portion while they are counted: so they are never there
//! twice as a whole, and are read while they are in the cache.

use std::any::Any;
use std::ops::Range;
use std::sync::Mutex;

use super::chunk::{Chunk, Integers, Layout, Missing, Width};
use super::crew::{Run, locked};
use super::error::CountError;
use super::memory;
use super::raw::PackedText;
use super::text::Text;
use super::tile::Tiling;
use super::transform::Transform;

/// Stands in a row for no text: the document is missing.
pub const MISSING_ROW: u32 = u32::MAX;

/// The documents of one count, in order.
pub struct Documents<'a> {
    texts: Texts<'a>,
    rows: Option<Vec<u32>>,
    /// Where the texts come from, if they are not at hand. Then `texts` is empty, and there are no shared rows.
    source: Option<Box<dyn Load + 'a>>,
}

/// Texts that are not at hand as they are: they must be copied, or looked up one by one. They are loaded in order, on the
/// thread that called for the count.
pub trait Load: Send + Sync {
    /// How many texts there are.
    fn len(&self) -> usize;

    /// Bytes of all texts.
    fn nbytes(&self) -> u64;

    /// Asks `goes_on` now and then.
    fn first_missing(&self, goes_on: &dyn Fn() -> bool) -> Result<Option<usize>, CountError>;

    /// Loads the texts in a range until they are full; at least one. A source may give each text away once only.
    fn load(&self, texts: Range<usize>, to: &mut Loaded) -> Result<(), CountError>;
}

/// What keeps the memory of texts.
pub type Owner = Box<dyn Any + Send + Sync>;

/// Loaded texts: copies, or references and what keeps them.
pub struct Loaded {
    text: Vec<u8>,
    /// Where each text begins, and the last ends: as they lie in memory.
    offsets: Vec<u8>,
    missing: Vec<bool>,
    references: Vec<PackedText<'static>>,
    owner: Option<Owner>,
    /// Bytes of all texts where they come from.
    size: u64,
    /// How many bytes make it full.
    most: usize,
}

impl Loaded {
    fn new(most: usize) -> Self {
        Self {
            text: Vec::new(),
            offsets: 0u64.to_ne_bytes().to_vec(),
            missing: Vec::new(),
            references: Vec::new(),
            owner: None,
            size: 0,
            most,
        }
    }

    /// Makes room for so many texts that may be copied, as far as there is.
    pub fn reserve(&mut self, texts: usize) {
        memory::reserve(&mut self.text, self.most.min(texts.saturating_mul(SHORT)));
    }

    /// Takes a copy of the next text, as UTF-8 of a text document; tells whether there is room for more.
    #[inline]
    pub fn push(&mut self, text: Option<Text<'_>>) -> bool {
        match text {
            None => {}
            Some(Text::Str(bytes)) => memory::extend(&mut self.text, bytes),
            Some(text) => Transform::default().append(text, &mut self.text),
        }
        self.offsets.extend_from_slice(&(self.text.len() as u64).to_ne_bytes());
        self.missing.push(text.is_none());
        self.size += text.map_or(0, |text| text.memory().len() as u64);
        self.bytes() < self.most
    }

    /// Whether the next text, of so many bytes, is worth a copy beside those before: whoever looks up a short one has it in
    /// the cache. Now and then there may be a long one.
    #[inline]
    pub fn is_worth_a_copy(&self, bytes: usize) -> bool {
        self.text.len() + bytes <= SHORT * (self.missing.len() + LONG)
    }

    /// How many references there is room for: of each, what is looked up for it will be in the cache.
    pub fn room_for_references(&self) -> usize {
        let rest = self.most.saturating_sub(self.bytes()) / REFERENCE_BYTES;
        if self.missing.is_empty() { rest.max(1) } else { rest }
    }

    fn bytes(&self) -> usize {
        self.text.len() + self.offsets.len() + self.missing.len()
    }

    /// Takes texts that stay where they are for as long as their owner is kept. They come behind those that were copied.
    pub fn refer(&mut self, references: Vec<PackedText<'static>>, owner: Owner) {
        self.size += references.iter().map(|text| text.size() as u64).sum::<u64>();
        (self.references, self.owner) = (references, Some(owner));
    }

    fn clear(&mut self) {
        self.text.clear();
        self.offsets.truncate(size_of::<u64>());
        self.missing.clear();
        self.references.clear();
        self.owner = None;
        self.size = 0;
    }

    /// The documents, whose memory is kept by what they were loaded into.
    fn documents(&mut self) -> Documents<'_> {
        let offsets = Integers::new(&self.offsets, Width::U64);
        let missing = match self.missing.contains(&true) {
            true => Missing::Mask(self.missing.as_slice().into()),
            false => Missing::None,
        };
        let layout = Layout::Offsets { data: &self.text, offsets, is_str: true };
        let copies = Chunk::new(layout, missing, self.missing.len());
        let references = Chunk::from_texts(std::mem::take(&mut self.references));
        Documents::new(vec![copies, references])
    }
}

/// Bytes of a text that is copied rather than referred to.
const SHORT: usize = 128;

/// A text may be longer by so many short ones.
const LONG: usize = 64;

/// Two cache lines of a text, of which the first tells where it is and how long, and the reference itself.
const REFERENCE_BYTES: usize = 2 * 64 + 24;

/// Texts in the order in which they are scanned, chunk after chunk.
pub struct Texts<'a> {
    chunks: Vec<Chunk<'a>>,
    /// Where each chunk ends, counted in texts.
    ends: Vec<usize>,
}

impl<'a> Documents<'a> {
    /// Row `i` is text `i`.
    pub fn new(chunks: Vec<Chunk<'a>>) -> Self {
        Self { texts: Texts::new(chunks), rows: None, source: None }
    }

    /// Row `i` is text `rows[i]`, or missing where that is [`MISSING_ROW`].
    pub fn shared(texts: Vec<Chunk<'a>>, rows: Vec<u32>) -> Self {
        let texts = Texts::new(texts);
        assert!(
            rows.iter().all(|&row| row == MISSING_ROW || (row as usize) < texts.len()),
            "a row's text lies past the {} texts",
            texts.len()
        );
        Self { texts, rows: Some(rows), source: None }
    }

    /// Row `i` is text `i` of the source.
    pub fn loaded(source: Box<dyn Load + 'a>) -> Self {
        Self { texts: Texts::new(Vec::new()), rows: None, source: Some(source) }
    }

    pub fn from_texts(texts: impl IntoIterator<Item = Option<Text<'a>>>) -> Self {
        Self::new(vec![Chunk::from_texts(texts.into_iter().map(PackedText::new).collect())])
    }

    pub fn len(&self) -> usize {
        match (&self.source, &self.rows) {
            (Some(source), _) => source.len(),
            (None, Some(rows)) => rows.len(),
            (None, None) => self.texts.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The documents portion by portion, each with the row that it begins with: all at once, unless they must be loaded.
    pub fn portions(
        &self,
        run: Run<'_>,
        mut each: impl FnMut(usize, &Documents<'_>, Run<'_>) -> Result<(), CountError>,
    ) -> Result<(), CountError> {
        let Some(source) = &self.source else { return each(0, self, run) };
        let (mut start, mut bytes) = (0, 0);
        // The first portions are smaller, since the workers wait for the very first; and bands are, since they wait for one
        // another behind each portion.
        let mut most = run.portion / 8;
        let tiling = Tiling { band: run.tiling.band / 4, ..run.tiling };
        let mut spare = Loaded::new(most);
        let mut next = load(&**source, 0, Loaded::new(most));
        while start < source.len() {
            if start > 0 && !(run.watch)(bytes) {
                return Err(CountError::Cancelled);
            }
            let mut loaded = next?;
            let size = loaded.size;
            let documents = loaded.documents();
            let end = start + documents.len();
            // The next portion is loaded while the workers count this one.
            most = run.portion.min(2 * most);
            spare.most = most;
            let (room, made) = (Mutex::new(Some(spare)), Mutex::new(None));
            let meanwhile = || {
                if let Some(room) = locked(&room).take() {
                    *locked(&made) = Some(load(&**source, end, room));
                }
            };
            // Copies may be longer than what they were made of.
            let watch = |done: u64| (run.watch)(bytes + done.min(size));
            each(start, &documents, Run { tiling, watch: &watch, meanwhile: &meanwhile, ..run })?;
            meanwhile();
            bytes += size;
            start = end;
            next = locked(&made).take().expect("loaded by now");
            drop(documents);
            spare = loaded;
        }
        Ok(())
    }

    /// Whether the texts are not at hand, so that they can only be gone through in order.
    pub fn must_be_loaded(&self) -> bool {
        self.source.is_some()
    }

    /// The texts, unless they must be loaded.
    pub fn texts(&self) -> &Texts<'a> {
        &self.texts
    }

    pub fn into_chunks(self) -> Vec<Chunk<'a>> {
        self.texts.chunks
    }

    /// Which text each row has, where that is not its own.
    pub fn rows(&self) -> Option<&[u32]> {
        self.rows.as_deref()
    }

    /// Calls `each` with the text of a row, `None` where it is missing.
    pub fn with_text<R>(&self, row: usize, each: impl FnOnce(Option<Text<'_>>) -> R) -> Result<R, CountError> {
        let Some(source) = &self.source else { return Ok(each(self.get(row))) };
        let mut loaded = Loaded::new(0);
        source.load(row..row + 1, &mut loaded)?;
        Ok(each(loaded.documents().get(0)))
    }

    /// Calls `each` with the texts of all rows, in order, until it has enough.
    pub fn for_each_text(&self, mut each: impl FnMut(usize, Option<Text<'_>>) -> bool) -> Result<(), CountError> {
        let mut goes_on = true;
        self.portions(Run::default(), |start, documents, _| {
            for (i, text) in documents.iter().enumerate() {
                goes_on = goes_on && each(start + i, text);
                if !goes_on {
                    return Err(CountError::Cancelled);
                }
            }
            Ok(())
        })
        .or_else(|error| if goes_on { Err(error) } else { Ok(()) })
    }

    /// The text of a row of documents that need not be loaded.
    pub fn get(&self, row: usize) -> Option<Text<'a>> {
        match &self.rows {
            None => self.texts.get(row),
            Some(rows) if rows[row] == MISSING_ROW => None,
            Some(rows) => self.texts.get(rows[row] as usize),
        }
    }

    /// The texts of all rows of documents that need not be loaded, in order.
    pub fn iter(&self) -> impl Iterator<Item = Option<Text<'a>>> + '_ {
        (0..self.len()).map(|row| self.get(row))
    }

    /// The first row without a text, looked for as long as `goes_on` says so.
    pub fn first_missing(&self, goes_on: &dyn Fn() -> bool) -> Result<Option<usize>, CountError> {
        /// Rows that are looked at before it is asked.
        const ROWS: usize = 64 << 10;

        if let Some(source) = &self.source {
            return source.first_missing(goes_on);
        }
        for start in (0..self.len()).step_by(ROWS) {
            if start > 0 && !goes_on() {
                return Err(CountError::Cancelled);
            }
            let mut rows = start..self.len().min(start + ROWS);
            if let Some(row) = rows.find(|&row| self.get(row).is_none()) {
                return Ok(Some(row));
            }
        }
        Ok(None)
    }

    /// Bytes of text that a count goes through, as they lie in memory.
    pub fn nbytes(&self) -> u64 {
        match &self.source {
            None => self.texts.nbytes(),
            Some(source) => source.nbytes(),
        }
    }
}

/// The next portion, if there is one.
fn load(source: &dyn Load, start: usize, mut room: Loaded) -> Result<Loaded, CountError> {
    room.clear();
    if start < source.len() {
        source.load(start..source.len(), &mut room)?;
    }
    Ok(room)
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
        let documents = Documents::shared(vec![Chunk::from_texts(texts.to_vec())], vec![1, MISSING_ROW, 0, 1, 2]);
        let found: Vec<_> = documents.iter().map(|text| text.map(Text::memory)).collect();
        assert_eq!(found, [Some(&b"bb"[..]), None, Some(b"a"), Some(b"bb"), None]);
        assert_eq!((documents.len(), documents.nbytes(), documents.first_missing(&|| true)), (5, 3, Ok(Some(1))));
    }

    #[test]
    fn chunks_follow_one_another() {
        let chunk = |text: &'static str| Chunk::from_lines(text.as_bytes());
        let documents = Documents::new(vec![chunk(""), chunk("a\nb"), chunk(""), chunk("c"), chunk("")]);
        let found: Vec<_> = documents.iter().map(|text| text.unwrap().memory()).collect();
        assert_eq!(found, [b"a", b"b", b"c"]);
    }

    struct Strings(Vec<Option<String>>);

    impl Load for Strings {
        fn first_missing(&self, _: &dyn Fn() -> bool) -> Result<Option<usize>, CountError> {
            Ok(self.0.iter().position(Option::is_none))
        }

        fn len(&self) -> usize {
            self.0.len()
        }

        fn nbytes(&self) -> u64 {
            self.0.iter().flatten().map(|text| text.len() as u64).sum()
        }

        fn load(&self, texts: Range<usize>, to: &mut Loaded) -> Result<(), CountError> {
            let _ = self.0[texts].iter().all(|text| to.push(text.as_deref().map(|text| Text::Str(text.as_bytes()))));
            Ok(())
        }
    }

    /// Short texts are copied, from Latin-1, and what follows a long one is referred to.
    struct Mixed(Vec<&'static [u8]>);

    impl Load for Mixed {
        fn len(&self) -> usize {
            self.0.len()
        }

        fn nbytes(&self) -> u64 {
            self.0.iter().map(|text| text.len() as u64).sum()
        }

        fn first_missing(&self, _: &dyn Fn() -> bool) -> Result<Option<usize>, CountError> {
            Ok(None)
        }

        fn load(&self, texts: Range<usize>, to: &mut Loaded) -> Result<(), CountError> {
            let mut start = texts.start;
            while start < texts.end && to.is_worth_a_copy(self.0[start].len()) {
                start += 1;
                if !to.push(Some(Text::Latin1(self.0[start - 1]))) {
                    return Ok(());
                }
            }
            let end = texts.end.min(start + to.room_for_references());
            let references = self.0[start..end].iter().map(|text| PackedText::new(Some(Text::Latin1(text))));
            to.refer(references.collect(), Box::new(()));
            Ok(())
        }
    }

    #[test]
    fn copies_and_references_are_loaded_in_order() {
        static LONG_TEXT: [u8; 20_000] = [0xE9; 20_000];
        let texts: Vec<&[u8]> =
            (0..1000).map(|i| &LONG_TEXT[..if i % 300 == 299 { 20_000 } else { i % 90 }]).collect();
        let expected: Vec<String> = texts.iter().map(|text| "é".repeat(text.len())).collect();
        for portion in [0, 5_000, 100_000, 1 << 20] {
            let documents = Documents::loaded(Box::new(Mixed(texts.clone())));
            let told = std::sync::Mutex::new(vec![0]);
            let watch = |bytes| {
                told.lock().unwrap().push(bytes);
                true
            };
            let mut found = Vec::new();
            let mut kinds = [false; 2];
            documents
                .portions(Run { portion, watch: &watch, ..Run::default() }, |start, part, run| {
                    assert_eq!(start, found.len());
                    for text in part.iter().flatten() {
                        kinds[usize::from(matches!(text, Text::Str(_)))] = true;
                        let mut utf8 = Vec::new();
                        Transform::default().append(text, &mut utf8);
                        found.push(String::from_utf8(utf8).unwrap());
                    }
                    (run.watch)(part.nbytes());
                    Ok(())
                })
                .unwrap();
            assert_eq!(found, expected);
            assert_eq!(kinds, [true, true]);
            let told = told.into_inner().unwrap();
            assert!(told.is_sorted() && told.last() == Some(&documents.nbytes()), "{told:?}");
        }
    }

    #[test]
    fn loaded_documents_come_portion_by_portion() {
        let strings: Vec<Option<String>> = (0..100).map(|i| (i % 7 != 3).then(|| "x".repeat(i))).collect();
        for portion in [0, 100, 1000, 1 << 20] {
            let documents = Documents::loaded(Box::new(Strings(strings.clone())));
            let told = std::sync::Mutex::new(Vec::new());
            let watch = |bytes| {
                told.lock().unwrap().push(bytes);
                true
            };
            let (mut found, mut portions) = (Vec::new(), 0);
            let run = Run { portion, watch: &watch, ..Run::default() };
            documents
                .portions(run, |start, part, run| {
                    assert_eq!(start, found.len());
                    found.extend(part.iter().map(|text| text.map(|text| text.memory().to_vec())));
                    portions += 1;
                    (run.watch)(part.nbytes());
                    Ok(())
                })
                .unwrap();
            let expected: Vec<_> = strings.iter().map(|text| text.clone().map(String::into_bytes)).collect();
            assert_eq!(found, expected);
            assert_eq!(portions == 1, portion == 1 << 20, "{portions}");
            let told = told.into_inner().unwrap();
            assert!(told.is_sorted() && told.last() == Some(&documents.nbytes()), "{told:?}");
            assert_eq!((documents.len(), documents.first_missing(&|| true)), (100, Ok(Some(3))));
            assert_eq!(documents.with_text(5, |text| text.map(|text| text.memory().len())), Ok(Some(5)));
            assert_eq!(documents.with_text(10, |text| text.is_none()), Ok(true));
        }
        let documents = Documents::loaded(Box::new(Strings(strings)));
        let run = Run { portion: 100, watch: &|_| false, ..Run::default() };
        assert_eq!(documents.portions(run, |_, _, _| Ok(())), Err(CountError::Cancelled));
    }
}
