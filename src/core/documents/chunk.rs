//! Consecutive documents in one memory layout, borrowed.
//!
//! Each layout answers the same two questions about document `i`: its text, and about how many bytes that is.
//! Offsets, indices and lengths come from others, so each is checked where it is used: one that leads out of its
//! buffer gives an empty document.
//!
//! Others may also write to the memory during a count. Rust does not define a read of bytes that change meanwhile.
//! That is a risk which whoever borrows such memory accepts (`bindings/buffer.rs` says why). The checks at each use
//! make it a wrong count, with the code that compilers generate today.
//!
//! Not here: who keeps the memory alive (the caller), rows that share a text (`documents`).

use std::ops::Range;

use crate::core::base::error::CountError;
use crate::core::base::memory;
use crate::core::text::encoding::{ByteOrder, Span, Text};
use crate::core::text::packed_text::PackedText;

/// Integers of any width and sign, in native byte order, aligned or not.
#[derive(Clone, Copy, Debug)]
pub struct Integers<'a> {
    bytes: &'a [u8],
    width: Width,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
}

impl<'a> Integers<'a> {
    pub fn new(bytes: &'a [u8], width: Width) -> Self {
        Self { bytes, width }
    }

    pub fn len(&self) -> usize {
        self.bytes.len() / self.width.bytes()
    }

    /// The integer at `i`. `None` if it is negative or `i` is out of range.
    #[inline]
    pub fn get(&self, i: usize) -> Option<usize> {
        match self.width {
            Width::I8 => usize::try_from(i8::from_ne_bytes(self.raw(i)?)).ok(),
            Width::I16 => usize::try_from(i16::from_ne_bytes(self.raw(i)?)).ok(),
            Width::I32 => usize::try_from(i32::from_ne_bytes(self.raw(i)?)).ok(),
            Width::I64 => usize::try_from(i64::from_ne_bytes(self.raw(i)?)).ok(),
            Width::U8 => Some(u8::from_ne_bytes(self.raw(i)?).into()),
            Width::U16 => Some(u16::from_ne_bytes(self.raw(i)?).into()),
            Width::U32 => usize::try_from(u32::from_ne_bytes(self.raw(i)?)).ok(),
            Width::U64 => usize::try_from(u64::from_ne_bytes(self.raw(i)?)).ok(),
        }
    }

    /// Calls `each` with the integers in a range, in order, as returned by [`Integers::get`].
    #[inline]
    pub fn for_each(&self, range: Range<usize>, mut each: impl FnMut(Option<usize>)) {
        // The two widths that text columns use. These loops do not branch on the width for each integer.
        match self.width {
            Width::I32 => self.raw_range(range, |raw| each(usize::try_from(i32::from_ne_bytes(raw)).ok())),
            Width::I64 => self.raw_range(range, |raw| each(usize::try_from(i64::from_ne_bytes(raw)).ok())),
            _ => range.for_each(|i| each(self.get(i))),
        }
    }

    #[inline]
    fn raw_range<const N: usize>(&self, range: Range<usize>, each: impl FnMut([u8; N])) {
        let all = self.bytes.as_chunks().0;
        all.get(range.start..range.end.min(all.len())).unwrap_or(&[]).iter().copied().for_each(each);
    }

    #[inline]
    fn raw<const N: usize>(&self, i: usize) -> Option<[u8; N]> {
        self.bytes.as_chunks().0.get(i).copied()
    }
}

impl Width {
    pub fn bytes(self) -> usize {
        match self {
            Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 => 2,
            Self::I32 | Self::U32 => 4,
            Self::I64 | Self::U64 => 8,
        }
    }
}

/// Which documents are missing.
#[derive(Clone, Debug, Default)]
pub enum Missing<'a> {
    #[default]
    None,
    /// Arrow's validity bitmap: a cleared bit means missing. Document `i` has bit `i + offset`.
    Bitmap { bits: &'a [u8], offset: usize },
    /// True means missing.
    Mask(Box<[bool]>),
}

impl Missing<'_> {
    #[inline]
    fn contains(&self, i: usize) -> bool {
        match self {
            Self::None => false,
            Self::Bitmap { bits, offset } => {
                let bit = i + offset;
                bits.get(bit / 8).is_some_and(|byte| byte >> (bit % 8) & 1 == 0)
            }
            Self::Mask(mask) => mask.get(i).copied().unwrap_or(false),
        }
    }
}

/// The memory layout of a chunk's documents.
pub enum Layout<'a> {
    /// No text: every document is missing.
    Null,
    /// Arrow's `utf8`, `binary` and their large variants: document `i` is `data[offsets[i]..offsets[i + 1]]`.
    Offsets { data: &'a [u8], offsets: Integers<'a>, is_str: bool },
    /// Arrow's views: 16 bytes for each document, with a short text or the location of a long one.
    Views { views: &'a [u8], buffers: Vec<&'a [u8]>, is_str: bool },
    /// Documents of `width` bytes, `stride` bytes apart; the first begins at `first`.
    Fixed { data: &'a [u8], first: usize, stride: isize, width: usize, content: Content },
    /// Documents anywhere in memory.
    Texts(Vec<PackedText<'a>>),
    /// Lines: document `i` ends before `ends[i]`. Its `\n` or `\r\n` is not part of it.
    Lines { data: &'a [u8], ends: Vec<usize> },
}

/// How to read a document of fixed width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// All bytes are the document (Arrow's `fixed_size_binary`).
    Bytes,
    /// NumPy's `S`: zeros at the end are padding.
    PaddedBytes,
    /// NumPy's `U`: four bytes for each code point; zeros at the end are padding.
    PaddedUcs4(ByteOrder),
}

/// Consecutive documents in one layout.
pub struct Chunk<'a> {
    layout: Layout<'a>,
    missing: Missing<'a>,
    len: usize,
}

impl<'a> Chunk<'a> {
    pub fn new(layout: Layout<'a>, missing: Missing<'a>, len: usize) -> Self {
        Self { layout, missing, len }
    }

    pub fn from_texts(texts: Vec<PackedText<'a>>) -> Self {
        let len = texts.len();
        Self::new(Layout::Texts(texts), Missing::None, len)
    }

    /// The lines of `data`, as `str::lines` splits them: a last line without a line feed counts.
    pub fn from_lines(data: &'a [u8]) -> Self {
        Self::from_lines_while(data, &|| true).expect("nothing stops it")
    }

    /// As [`Chunk::from_lines`], until `keep_going` returns false.
    pub fn from_lines_while(data: &'a [u8], keep_going: &dyn Fn() -> bool) -> Result<Self, CountError> {
        /// A few milliseconds, or more if the file must be read from a disk.
        const CHECK_EVERY: usize = 4 << 20;

        let mut ends: Vec<usize> = Vec::new();
        for (i, part) in data.chunks(CHECK_EVERY).enumerate() {
            if i > 0 && !keep_going() {
                return Err(CountError::Cancelled);
            }
            memchr::memchr_iter(b'\n', part).for_each(|at| memory::push(&mut ends, i * CHECK_EVERY + at + 1));
        }
        if ends.last().copied().unwrap_or(0) < data.len() {
            memory::push(&mut ends, data.len());
        }
        let len = ends.len();
        Ok(Self::new(Layout::Lines { data, ends }, Missing::None, len))
    }

    pub fn len(&self) -> usize {
        self.len
    }

    /// Marks the documents that are not `used` as missing.
    pub fn only(mut self, used: &[bool]) -> Self {
        if used.contains(&false) {
            let missing = used.iter().enumerate().map(|(i, used)| !used || self.missing.contains(i));
            self.missing = Missing::Mask(memory::collected(missing).into());
        }
        self
    }

    /// If the documents are contiguous UTF-8 and none is missing: the bytes and the offsets.
    pub fn contiguous(&self) -> Option<(&'a [u8], Integers<'a>)> {
        match (&self.layout, &self.missing) {
            (&Layout::Offsets { data, offsets, .. }, Missing::None) => Some((data, offsets)),
            _ => None,
        }
    }

    /// If the documents of a range are contiguous views, as in columns that were written in one go: their bytes in
    /// the buffer. Their positions go to `spans`.
    pub fn contiguous_views(&self, range: Range<usize>, spans: &mut Vec<Span>) -> Option<&'a [u8]> {
        let Layout::Views { views, buffers, .. } = &self.layout else { return None };
        let views = views.as_chunks::<16>().0;
        let mut first: Option<ViewTarget> = None;
        let mut length = 0;
        spans.clear();
        for i in range {
            let start = length;
            if !self.missing.contains(i) {
                match View::of(views.get(i)?) {
                    View::Inline([]) => {}
                    View::Inline(_) => return None,
                    View::Long(target, long) => {
                        let first = *first.get_or_insert(target);
                        if target != (ViewTarget { at: first.at.checked_add(length)?, ..first }) {
                            return None;
                        }
                        length += long;
                    }
                }
            }
            spans.push(Span { start, end: length });
        }
        let ViewTarget { buffer, at } = first?;
        buffers.get(buffer)?.get(at..)?.get(..length)
    }

    /// The text of document `i`, or `None` if it is missing.
    #[inline]
    pub fn text(&self, i: usize) -> Option<Text<'a>> {
        if self.missing.contains(i) {
            return None;
        }
        match &self.layout {
            Layout::Null => None,
            Layout::Offsets { data, offsets, is_str } => {
                let bounds = offsets.get(i).zip(offsets.get(i + 1));
                Some(str_or_bytes(bounds.and_then(|(start, end)| data.get(start..end)).unwrap_or(&[]), *is_str))
            }
            Layout::Views { views, buffers, is_str } => {
                Some(str_or_bytes(viewed(views, buffers, i).unwrap_or(&[]), *is_str))
            }
            Layout::Fixed { content, .. } => {
                let cell = self.cell(i);
                Some(match content {
                    Content::Bytes => Text::Bytes(cell),
                    Content::PaddedBytes => Text::Bytes(without_padding::<1>(cell)),
                    Content::PaddedUcs4(order) => Text::Ucs4(without_padding::<4>(cell), *order),
                })
            }
            Layout::Texts(texts) => texts[i].get(),
            Layout::Lines { data, ends } => {
                let start = if i == 0 { 0 } else { ends[i - 1] };
                let line = &data[start..ends[i]];
                let line = match line.strip_suffix(b"\n") {
                    Some(line) => line.strip_suffix(b"\r").unwrap_or(line),
                    None => line,
                };
                Some(Text::Bytes(line))
            }
        }
    }

    /// All bytes of document `i` of fixed width, including padding.
    #[inline(always)]
    fn cell(&self, i: usize) -> &'a [u8] {
        let &Layout::Fixed { data, first, stride, width, .. } = &self.layout else { return &[] };
        let start = first.checked_add_signed(stride.wrapping_mul(i as isize));
        start.and_then(|start| data.get(start..)?.get(..width)).unwrap_or(&[])
    }

    /// The byte order, if documents are padded and have four bytes for each code point.
    pub fn padded_ucs4(&self) -> Option<ByteOrder> {
        match self.layout {
            Layout::Fixed { content: Content::PaddedUcs4(order), .. } => Some(order),
            _ => None,
        }
    }

    /// The code points of document `i` with padding, or `None` if it is missing.
    #[inline(always)]
    pub fn padded(&self, i: usize) -> Option<&'a [u8]> {
        (!self.missing.contains(i)).then(|| self.cell(i))
    }

    /// Prefetches document `i` if documents are scattered in memory. `i` may be out of range.
    #[inline]
    pub fn prefetch(&self, i: usize) {
        if let Layout::Texts(texts) = &self.layout
            && let Some(text) = texts.get(i)
        {
            text.prefetch();
        }
    }

    /// About how many bytes document `i` has in memory. Does not read the text.
    #[inline]
    pub fn size(&self, i: usize) -> usize {
        match &self.layout {
            Layout::Null => 0,
            Layout::Fixed { width, .. } => *width,
            Layout::Lines { .. } => self.distance(i, i + 1).unwrap_or(0),
            _ if self.missing.contains(i) => 0,
            Layout::Offsets { .. } => self.distance(i, i + 1).unwrap_or(0),
            Layout::Views { views, .. } => view_length(views, i).unwrap_or(0),
            Layout::Texts(texts) => texts[i].size(),
        }
    }

    /// The distance between the starts of documents `from` and `to`, if the layout has it.
    #[inline]
    fn distance(&self, from: usize, to: usize) -> Option<usize> {
        match &self.layout {
            Layout::Null => Some(0),
            Layout::Fixed { width, .. } => Some(width * (to - from)),
            // Decreasing offsets were rejected. If another thread writes to them later, the size is wrong, which is
            // harmless.
            Layout::Offsets { offsets, .. } => Some(offsets.get(to)?.saturating_sub(offsets.get(from)?)),
            Layout::Lines { ends, .. } => {
                let start = |i: usize| if i == 0 { 0 } else { ends[i - 1] };
                Some(start(to) - start(from))
            }
            Layout::Views { .. } | Layout::Texts(_) => None,
        }
    }

    /// About how many bytes the documents in a range have in memory.
    pub fn size_of(&self, range: Range<usize>) -> usize {
        match (&self.layout, &self.missing) {
            (Layout::Views { .. } | Layout::Texts(_), _)
            | (Layout::Offsets { .. }, Missing::Bitmap { .. } | Missing::Mask(_)) => {
                range.map(|i| self.size(i)).sum()
            }
            _ => self.distance(range.start, range.end).unwrap_or(0),
        }
    }

    /// Returns the end of the documents from `start` on that have at most `bytes` bytes together, and their bytes.
    /// Considers at most `documents` documents. The result may be empty.
    pub fn within(&self, start: usize, documents: usize, bytes: usize) -> (usize, usize) {
        let most = self.len.min(start.saturating_add(documents));
        if self.distance(start, start).is_none() {
            let (mut end, mut sum) = (start, 0);
            while end < most {
                let size = self.size(end);
                if size > bytes - sum {
                    break;
                }
                sum += size;
                end += 1;
            }
            return (end, sum);
        }
        // Starts of documents increase, so a binary search finds the end. The bytes of missing documents count too.
        let size = |end: usize| self.distance(start, end).unwrap_or(0);
        let (mut low, mut high) = (start, most);
        while low < high {
            let middle = low + (high - low).div_ceil(2);
            if size(middle) <= bytes { low = middle } else { high = middle - 1 }
        }
        (low, size(low).min(bytes))
    }
}

fn str_or_bytes(bytes: &[u8], is_str: bool) -> Text<'_> {
    if is_str { Text::Str(bytes) } else { Text::Bytes(bytes) }
}

fn view_length(views: &[u8], i: usize) -> Option<usize> {
    let view = views.as_chunks::<16>().0.get(i)?;
    Some(u32::from_ne_bytes(*view.first_chunk()?) as usize)
}

fn viewed<'a>(views: &'a [u8], buffers: &[&'a [u8]], i: usize) -> Option<&'a [u8]> {
    match View::of(views.as_chunks::<16>().0.get(i)?) {
        View::Inline(text) => Some(text),
        View::Long(ViewTarget { buffer, at }, length) => buffers.get(buffer)?.get(at..)?.get(..length),
    }
}

/// An Arrow view: a short text, or the location and length of a long one.
enum View<'v> {
    Inline(&'v [u8]),
    Long(ViewTarget, usize),
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct ViewTarget {
    buffer: usize,
    at: usize,
}

impl<'v> View<'v> {
    #[inline]
    fn of(view: &'v [u8; 16]) -> Self {
        let word = |at: usize| u32::from_ne_bytes([view[at], view[at + 1], view[at + 2], view[at + 3]]) as usize;
        let length = word(0);
        match view[4..].get(..length) {
            Some(text) => Self::Inline(text),
            None => Self::Long(ViewTarget { buffer: word(8), at: word(12) }, length),
        }
    }
}

/// Removes units of `N` zero bytes from the end: 64 bytes at a time, then eight.
fn without_padding<const N: usize>(bytes: &[u8]) -> &[u8] {
    let mut end = bytes.len();
    while let Some(block) = bytes[..end].last_chunk::<64>()
        && block.iter().fold(0, |all, byte| all | byte) == 0
    {
        end -= 64;
    }
    while let Some(word) = bytes[..end].last_chunk::<8>() {
        let zeros = u64::from_le_bytes(*word).leading_zeros() as usize / 8;
        end -= zeros;
        if zeros < 8 {
            return &bytes[..end.next_multiple_of(N)];
        }
    }
    let kept = bytes[..end].iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    &bytes[..kept.next_multiple_of(N)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(chunk: &Chunk<'_>) -> Vec<Option<Vec<u8>>> {
        (0..chunk.len()).map(|i| chunk.text(i).map(|text| text.memory().to_vec())).collect()
    }

    #[test]
    fn within_returns_as_many_documents_as_fit() {
        let texts = ["", "abc", "", "de", "fghijklmnopqrst", "", ""];
        let data = texts.concat();
        let offsets: Vec<u8> = (0..=texts.len()).map(|i| texts[..i].concat().len() as u8).collect();
        let layout =
            || Layout::Offsets { data: data.as_bytes(), offsets: Integers::new(&offsets, Width::U8), is_str: true };
        let packed = || texts.iter().map(|text| PackedText::new(Some(Text::Str(text.as_bytes()))));
        let lines = texts.join("\n");
        for (chunk, line_feed) in [
            (Chunk::new(layout(), Missing::None, texts.len()), 0),
            (Chunk::new(layout(), Missing::Mask(vec![false; texts.len()].into()), texts.len()), 0),
            (Chunk::from_texts(packed().collect()), 0),
            (Chunk::from_lines(lines.as_bytes()), 1),
        ] {
            let sizes: Vec<usize> = (0..chunk.len()).map(|i| chunk.size(i)).collect();
            assert!(sizes.iter().zip(texts).all(|(&size, text)| size <= text.len() + line_feed), "{sizes:?}");
            for start in 0..=chunk.len() {
                for documents in [0, 1, 2, 100] {
                    for bytes in 0..40 {
                        let fits = |end: &usize| sizes[start..*end].iter().sum::<usize>() <= bytes;
                        let most = chunk.len().min(start + documents);
                        let end = (start..=most).rev().find(fits).unwrap();
                        let expected = (end, sizes[start..end].iter().sum());
                        assert_eq!(chunk.within(start, documents, bytes), expected);
                        assert_eq!(chunk.size_of(start..end), expected.1);
                    }
                }
            }
        }
    }

    fn some(texts: &[&str]) -> Vec<Option<Vec<u8>>> {
        texts.iter().map(|text| Some(text.as_bytes().to_vec())).collect()
    }

    #[test]
    fn lines_equal_those_of_str_lines() {
        for text in ["", "\n", "a", "a\n", "a\r\nb", "a\rb\n", "a\r", "\r\n\r\n", "a\n\nb\r\n\r", "\r\r\n"] {
            assert_eq!(all(&Chunk::from_lines(text.as_bytes())), some(&text.lines().collect::<Vec<_>>()), "{text:?}");
        }
    }

    #[test]
    fn offsets_of_every_width_and_invalid_offsets() {
        let offsets32: Vec<u8> = [0i32, 1, 3, 3].iter().flat_map(|offset| offset.to_ne_bytes()).collect();
        let layout =
            |bytes, width| Layout::Offsets { data: b"abc", offsets: Integers::new(bytes, width), is_str: true };
        assert_eq!(all(&Chunk::new(layout(&offsets32, Width::I32), Missing::None, 3)), some(&["a", "bc", ""]));
        assert_eq!(all(&Chunk::new(layout(&[0, 1, 3, 3], Width::U8), Missing::None, 3)), some(&["a", "bc", ""]));
        // Decreasing, negative, out of range: empty, not a bad read.
        assert_eq!(all(&Chunk::new(layout(&[2, 1, 255, 3], Width::I8), Missing::None, 3)), some(&["", "", ""]));
        assert_eq!(all(&Chunk::new(layout(&[0, 200], Width::U8), Missing::None, 1)), some(&[""]));
    }

    #[test]
    fn views_inline_and_long_and_invalid() {
        let view = |words: [u32; 4]| words.iter().flat_map(|word| word.to_ne_bytes()).collect::<Vec<u8>>();
        let long: &[u8] = b"...more than twelve bytes...";
        let inline = u32::from_ne_bytes(*b"abcd");
        let views = [
            view([3, inline, 0, 0]),
            view([22, 0, 0, 3]),
            view([22, 0, 1, 3]),
            view([100, 0, 0, 3]),
            view([22, 0, 0, u32::MAX]),
        ]
        .concat();
        let chunk = Chunk::new(Layout::Views { views: &views, buffers: vec![long], is_str: true }, Missing::None, 5);
        assert_eq!(all(&chunk), some(&["abc", "more than twelve bytes", "", "", ""]));
    }

    #[test]
    fn contiguous_views_are_one_slice() {
        let view = |words: [u32; 4]| words.iter().flat_map(|word| word.to_ne_bytes()).collect::<Vec<u8>>();
        let long = |buffer, at| view([13, 0, buffer, at]);
        let (short, empty) = (view([1, 97, 0, 0]), view([0, 0, 0, 0]));
        let data: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";
        let whole = [(0, 0), (0, 13), (13, 13), (13, 26)];
        for (views, expected) in [
            ([&empty, &long(0, 5), &empty, &long(0, 18)], Some(&whole)),
            ([&empty, &long(1, 5), &empty, &long(1, 18)], Some(&whole)),
            ([&empty, &long(0, 5), &empty, &long(0, 19)], None),
            ([&empty, &long(0, 5), &empty, &long(0, 17)], None),
            ([&empty, &long(0, 5), &empty, &long(1, 18)], None),
            ([&empty, &long(0, 5), &short, &long(0, 18)], None),
            ([&empty, &long(0, 20), &empty, &long(0, 33)], None),
            ([&empty, &long(2, 5), &empty, &long(2, 18)], None),
            ([&empty, &long(0, u32::MAX), &empty, &long(0, 12)], None),
            ([&empty, &empty, &empty, &empty], None),
        ] {
            let views = views.map(Vec::as_slice).concat();
            let layout = Layout::Views { views: &views, buffers: vec![data, data], is_str: true };
            let chunk = Chunk::new(layout, Missing::None, 4);
            let mut spans = Vec::new();
            let bytes = chunk.contiguous_views(0..4, &mut spans);
            assert_eq!(bytes, expected.map(|_| &data[5..31]));
            if let Some(expected) = expected {
                assert_eq!(spans, expected.map(|(start, end)| Span { start, end }));
            }
        }
        let views = [long(0, 5), short, long(0, 18)].concat();
        let layout = Layout::Views { views: &views, buffers: vec![data], is_str: true };
        let chunk = Chunk::new(layout, Missing::Mask([false, true, false].into()), 3);
        assert_eq!(chunk.contiguous_views(0..3, &mut Vec::new()), Some(&data[5..31]));
        assert_eq!(chunk.contiguous_views(0..4, &mut Vec::new()), None);
    }

    #[test]
    fn fixed_widths_strides_and_padding() {
        let data = b"ab\0\0c\0d\0....";
        let fixed = |first, stride, content| {
            all(&Chunk::new(Layout::Fixed { data, first, stride, width: 4, content }, Missing::None, 2))
        };
        assert_eq!(fixed(0, 4, Content::PaddedBytes), some(&["ab", "c\0d"]));
        assert_eq!(fixed(4, -4, Content::PaddedBytes), some(&["c\0d", "ab"]));
        assert_eq!(fixed(0, 4, Content::Bytes), some(&["ab\0\0", "c\0d\0"]));
        assert_eq!(fixed(0, 0, Content::PaddedBytes), some(&["ab", "ab"]));
        // Out of range: empty.
        assert_eq!(fixed(0, -4, Content::PaddedBytes), some(&["ab", ""]));
        assert_eq!(fixed(10, 4, Content::PaddedBytes), some(&["", ""]));
    }

    #[test]
    fn only_zeros_at_the_end_are_padding() {
        for len in 0..150 {
            let mut bytes = vec![0; len];
            assert_eq!(without_padding::<1>(&bytes), b"");
            for last in 0..len {
                bytes[last] = 1 + last as u8;
                assert_eq!(without_padding::<1>(&bytes), &bytes[..=last]);
                if len % 4 == 0 {
                    assert_eq!(without_padding::<4>(&bytes), &bytes[..(last + 1).next_multiple_of(4)]);
                }
                bytes[last] = 0;
            }
        }
    }

    #[test]
    fn missing_by_bitmap_and_mask() {
        let layout =
            || Layout::Offsets { data: b"abc", offsets: Integers::new(&[0, 1, 2, 3], Width::U8), is_str: true };
        let bitmap = Missing::Bitmap { bits: &[0b10_1000], offset: 3 };
        let expected = vec![Some(b"a".to_vec()), None, Some(b"c".to_vec())];
        assert_eq!(all(&Chunk::new(layout(), bitmap, 3)), expected);
        assert_eq!(all(&Chunk::new(layout(), Missing::Mask([false, true, false].into()), 3)), expected);
    }
}
