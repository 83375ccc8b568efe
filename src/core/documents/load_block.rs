//! Texts that must be loaded: the trait of their sources, and the load blocks that they are loaded into.

use std::any::Any;
use std::ops::Range;

use super::chunk::{Chunk, Content, Integers, Layout, Missing, Width};
use crate::core::base::error::CountError;
use crate::core::base::memory;
use crate::core::text::encoding::Text;
use crate::core::text::transform::Transform;

/// Large enough that starting the workers costs little in comparison. Small enough that two load blocks, the one
/// being counted and the one being loaded, stay in the shared cache.
pub const LOAD_BLOCK_BYTES: usize = 4 << 20;

/// Texts that cannot be read in place: they must be copied, or looked up one by one. They are loaded in order, on the
/// thread that called for the count.
pub trait TextSource: Send + Sync {
    /// The number of texts.
    fn len(&self) -> usize;

    /// Bytes of all texts.
    fn nbytes(&self) -> u64;

    /// The first missing text. Calls `keep_going` now and then, and stops if it returns false.
    fn first_missing(&self, keep_going: &dyn Fn() -> bool) -> Result<Option<usize>, CountError>;

    /// The first text that is bytes.
    fn first_bytes(&self) -> Option<usize> {
        None
    }

    /// Loads texts of a range, at least one, until `to` is full. A source may allow only one load of each text.
    fn load(&self, texts: Range<usize>, to: &mut LoadBlock) -> Result<(), CountError>;
}

/// Keeps the memory of texts alive.
pub type MemoryOwner = Box<dyn Any + Send + Sync>;

/// Loaded texts: copies, or references and their owner.
#[derive(Default)]
pub struct LoadBlock {
    text: Vec<u8>,
    /// The start of each text and the end of the last, in native byte order.
    offsets: Vec<u8>,
    missing: Vec<bool>,
    references: Vec<Option<Text<'static>>>,
    owner: Option<MemoryOwner>,
    /// Bytes of all texts in the source's encoding.
    size: u64,
    /// The block is full with this many bytes.
    capacity: usize,
}

impl LoadBlock {
    /// Reserves memory for copies of `texts` texts, up to the capacity.
    pub fn reserve(&mut self, texts: usize) {
        memory::reserve(&mut self.text, self.capacity.min(texts.saturating_mul(COPIED_BYTES)));
    }

    /// Copies the next text as UTF-8. Returns false if the block is full.
    #[inline(always)]
    pub fn push(&mut self, text: Option<Text<'_>>) -> bool {
        match text {
            None => {}
            Some(Text::Str(bytes)) => memory::extend(&mut self.text, bytes),
            Some(text) => self.push_decoded(text),
        }
        self.offsets.extend_from_slice(&(self.text.len() as i64).to_ne_bytes());
        self.missing.push(text.is_none());
        self.size += text.map_or(0, |text| text.memory().len() as u64);
        self.bytes() < self.capacity
    }

    #[inline(never)]
    fn push_decoded(&mut self, text: Text<'_>) {
        Transform::default().append(text, &mut self.text);
    }

    /// Whether to copy the next text, of `bytes` bytes. Short texts are copied, since looking them up has put them in
    /// the cache. A long text now and then is copied too.
    #[inline]
    pub fn is_worth_a_copy(&self, bytes: usize) -> bool {
        self.text.len() + bytes <= COPIED_BYTES * (self.missing.len() + SPARE_COPIES)
    }

    /// How many references still fit, so that everything that was read to look them up stays in the cache.
    pub fn room_for_references(&self) -> usize {
        let rest = self.capacity.saturating_sub(self.bytes()) / REFERENCE_BYTES;
        if self.missing.is_empty() { rest.max(1) } else { rest }
    }

    fn bytes(&self) -> usize {
        self.text.len() + self.offsets.len() + self.missing.len()
    }

    /// Adds references after the copies. The texts stay in place as long as the owner is kept.
    pub fn refer(&mut self, references: Vec<Option<Text<'static>>>, owner: MemoryOwner) {
        self.size += references.iter().flatten().map(|text| text.memory().len() as u64).sum::<u64>();
        (self.references, self.owner) = (references, Some(owner));
    }

    /// Bytes of all texts in the source's encoding.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Replaces the content with texts of a source, from `start` on, until it has `capacity` bytes.
    pub fn fill(&mut self, source: &dyn TextSource, start: usize, capacity: usize) -> Result<(), CountError> {
        let Self { mut text, mut offsets, mut missing, .. } = std::mem::take(self);
        text.clear();
        offsets.clear();
        missing.clear();
        offsets.extend_from_slice(&0i64.to_ne_bytes());
        *self = Self { text, offsets, missing, capacity, ..Self::default() };
        if start < source.len() { source.load(start..source.len(), self) } else { Ok(()) }
    }

    /// The texts. They borrow from this block.
    pub fn chunks(&mut self) -> Vec<Chunk<'_>> {
        let offsets = Integers::new(&self.offsets[..], Width::I64);
        let missing = match self.missing.contains(&true) {
            true => Missing::Mask(self.missing.as_slice().into()),
            false => Missing::None,
        };
        let layout = Layout::Offsets { data: &self.text, offsets, content: Content::Str };
        let copies = Chunk::new(layout, missing, self.missing.len());
        let references = Chunk::from_texts(std::mem::take(&mut self.references));
        vec![copies, references]
    }
}

/// The average length up to which texts are copied.
const COPIED_BYTES: usize = 128;

/// Copies may exceed the average by this many short texts.
const SPARE_COPIES: usize = 64;

/// A reference, and two cache lines of the text. The first has its location and length.
const REFERENCE_BYTES: usize = 2 * 64 + 32;
