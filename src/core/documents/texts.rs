//! All texts of a column, chunk after chunk.

use super::chunk::Chunk;
use crate::core::text::encoding::Text;

/// All texts of a column, in the order in which they are searched.
pub struct Texts<'a> {
    chunks: Vec<Chunk<'a>>,
    /// The end of each chunk, as a number of texts.
    ends: Vec<usize>,
}

impl<'a> Texts<'a> {
    pub fn new(chunks: Vec<Chunk<'a>>) -> Self {
        let mut end = 0;
        let end_of = |chunk: &Chunk<'_>| {
            end += chunk.len();
            end
        };
        Self { ends: chunks.iter().map(end_of).collect(), chunks }
    }

    pub fn len(&self) -> usize {
        self.ends.last().copied().unwrap_or(0)
    }

    pub fn into_chunks(self) -> Vec<Chunk<'a>> {
        self.chunks
    }

    pub fn chunks(&self) -> &[Chunk<'a>] {
        &self.chunks
    }

    /// The chunk with text `i`, and the index of the chunk's first text.
    pub fn chunk_of(&self, i: usize) -> (&Chunk<'a>, usize) {
        let at = self.ends.partition_point(|&end| end <= i);
        (&self.chunks[at], self.ends[at] - self.chunks[at].len())
    }

    pub fn get(&self, i: usize) -> Option<Text<'a>> {
        let (chunk, start) = self.chunk_of(i);
        chunk.text(i - start)
    }

    pub fn nbytes(&self) -> u64 {
        self.chunks.iter().map(|chunk| chunk.nbytes() as u64).sum()
    }

    /// About how many bytes text `i` has in memory.
    pub fn size(&self, i: usize) -> usize {
        let (chunk, start) = self.chunk_of(i);
        chunk.size(i - start)
    }
}
