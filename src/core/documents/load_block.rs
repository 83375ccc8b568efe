//! Texts that are not at hand: what loads them, and what they are loaded into, portion by portion.

use std::any::Any;
use std::ops::Range;

use super::chunk::{Chunk, Integers, Layout, Missing, Width};
use crate::core::base::error::CountError;
use crate::core::base::memory;
use crate::core::text::encoding::Text;
use crate::core::text::packed_text::PackedText;
use crate::core::text::transform::Transform;

/// Enough to keep all workers busy beside what it takes to begin, and little enough that two of them, the one that is
/// counted and the one that is loaded, stay in the cache that cores share.
pub const LOAD_BLOCK_BYTES: usize = 4 << 20;

/// Texts that are not at hand as they are: they must be copied, or looked up one by one. They are loaded in order, on the
/// thread that called for the count.
pub trait TextSource: Send + Sync {
    /// How many texts there are.
    fn len(&self) -> usize;

    /// Bytes of all texts.
    fn nbytes(&self) -> u64;

    /// Asks `keep_going` now and then.
    fn first_missing(&self, keep_going: &dyn Fn() -> bool) -> Result<Option<usize>, CountError>;

    /// Loads the texts in a range until they are full; at least one. A source may give each text away once only.
    fn load(&self, texts: Range<usize>, to: &mut LoadBlock) -> Result<(), CountError>;
}

/// What keeps the memory of texts.
pub type MemoryOwner = Box<dyn Any + Send + Sync>;

/// Loaded texts: copies, or references and what keeps them.
pub struct LoadBlock {
    text: Vec<u8>,
    /// Where each text begins, and the last ends: as they lie in memory.
    offsets: Vec<u8>,
    missing: Vec<bool>,
    references: Vec<PackedText<'static>>,
    owner: Option<MemoryOwner>,
    /// Bytes of all texts where they come from.
    size: u64,
    /// How many bytes make it full.
    capacity: usize,
}

impl LoadBlock {
    /// Is full with so many bytes.
    pub fn new(capacity: usize) -> Self {
        Self {
            text: Vec::new(),
            offsets: 0u64.to_ne_bytes().to_vec(),
            missing: Vec::new(),
            references: Vec::new(),
            owner: None,
            size: 0,
            capacity,
        }
    }

    /// Makes room for so many texts that may be copied, as far as there is.
    pub fn reserve(&mut self, texts: usize) {
        memory::reserve(&mut self.text, self.capacity.min(texts.saturating_mul(COPIED_BYTES)));
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
        self.bytes() < self.capacity
    }

    /// Whether the next text, of so many bytes, is worth a copy beside those before: whoever looks up a short one has it in
    /// the cache. Now and then there may be a long one.
    #[inline]
    pub fn is_worth_a_copy(&self, bytes: usize) -> bool {
        self.text.len() + bytes <= COPIED_BYTES * (self.missing.len() + SPARE_COPIES)
    }

    /// How many references there is room for: of each, what is looked up for it will be in the cache.
    pub fn room_for_references(&self) -> usize {
        let rest = self.capacity.saturating_sub(self.bytes()) / REFERENCE_BYTES;
        if self.missing.is_empty() { rest.max(1) } else { rest }
    }

    fn bytes(&self) -> usize {
        self.text.len() + self.offsets.len() + self.missing.len()
    }

    /// Takes texts that stay where they are for as long as their owner is kept. They come behind those that were copied.
    pub fn refer(&mut self, references: Vec<PackedText<'static>>, owner: MemoryOwner) {
        self.size += references.iter().map(|text| text.size() as u64).sum::<u64>();
        (self.references, self.owner) = (references, Some(owner));
    }

    /// Bytes of all texts where they come from.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Loads the texts of a source from one on, instead of what is here, until so many bytes make it full.
    pub fn fill(&mut self, source: &dyn TextSource, start: usize, capacity: usize) -> Result<(), CountError> {
        self.clear();
        self.capacity = capacity;
        if start < source.len() {
            source.load(start..source.len(), self)?;
        }
        Ok(())
    }

    fn clear(&mut self) {
        self.text.clear();
        self.offsets.truncate(size_of::<u64>());
        self.missing.clear();
        self.references.clear();
        self.owner = None;
        self.size = 0;
    }

    /// The texts, whose memory is kept by what they were loaded into.
    pub fn chunks(&mut self) -> Vec<Chunk<'_>> {
        let offsets = Integers::new(&self.offsets, Width::U64);
        let missing = match self.missing.contains(&true) {
            true => Missing::Mask(self.missing.as_slice().into()),
            false => Missing::None,
        };
        let layout = Layout::Offsets { data: &self.text, offsets, is_str: true };
        let copies = Chunk::new(layout, missing, self.missing.len());
        let references = Chunk::from_texts(std::mem::take(&mut self.references));
        vec![copies, references]
    }
}

/// Bytes of a text that is copied rather than referred to.
const COPIED_BYTES: usize = 128;

/// A text may be longer by so many short ones.
const SPARE_COPIES: usize = 64;

/// Two cache lines of a text, of which the first tells where it is and how long, and the reference itself.
const REFERENCE_BYTES: usize = 2 * 64 + 24;
