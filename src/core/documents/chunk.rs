//! Consecutive documents in one memory layout, borrowed.
//!
//! A layout answers two questions about document `i`: which bytes it has in memory, and how many these are. Its
//! [`Content`] says how to read them. Offsets, indices and lengths come from others, so each is checked where it is
//! used: one that leads out of its buffer gives an empty document.
//!
//! Others may also write to the memory during a count. Rust does not define a read of bytes that change meanwhile.
//! Whoever borrows such memory accepts that risk (`bindings/borrowed.rs` says why). With the code that compilers
//! generate today, the checks at each use make it a wrong count.
//!
//! Not here: who keeps the memory alive (the caller), rows that share a text (`documents`).

use std::borrow::Cow;
use std::ops::Range;

use crate::core::base::error::CountError;
use crate::core::base::memory;
use crate::core::base::simd::prefetch;
use crate::core::text::encoding::{ByteOrder, Span, Text};
use crate::core::text::utf32::length_without_zeros;

/// Integers of any width and sign, in native byte order, aligned or not.
#[derive(Clone, Debug)]
pub struct Integers<'a> {
    bytes: Cow<'a, [u8]>,
    width: Width,
}

/// The width of an integer in bytes (1, 2, 4 or 8), and whether it has a sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Width {
    pub bytes: usize,
    pub signed: bool,
}

impl Width {
    pub const I32: Self = Self { bytes: 4, signed: true };
    pub const I64: Self = Self { bytes: 8, signed: true };
}

impl<'a> Integers<'a> {
    pub fn new(bytes: impl Into<Cow<'a, [u8]>>, width: Width) -> Self {
        Self { bytes: bytes.into(), width }
    }

    pub fn len(&self) -> usize {
        self.bytes.len() / self.width.bytes
    }

    /// The integer at `i`. `None` if it is negative or `i` is out of range.
    #[inline]
    pub fn get(&self, i: usize) -> Option<usize> {
        let Width { bytes, signed } = self.width;
        let value: u64 = match bytes {
            1 => u8::from_ne_bytes(self.raw(i)?).into(),
            2 => u16::from_ne_bytes(self.raw(i)?).into(),
            4 => u32::from_ne_bytes(self.raw(i)?).into(),
            _ => u64::from_ne_bytes(self.raw(i)?),
        };
        let is_negative = signed && value >> (8 * bytes - 1) != 0;
        usize::try_from(value).ok().filter(|_| !is_negative)
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
    /// Document `i` is `data[offsets[i]..offsets[i + 1]]`: Arrow's `utf8`, `binary` and their large variants, and
    /// lines.
    Offsets { data: &'a [u8], offsets: Integers<'a>, content: Content },
    /// Arrow's views: 16 bytes for each document, with a short text or the location of a long one.
    Views { views: &'a [u8], buffers: Vec<&'a [u8]>, content: Content },
    /// Documents of `width` bytes, `stride` bytes apart; the first begins at `first`.
    Fixed { data: &'a [u8], first: usize, stride: isize, width: usize, content: Content },
    /// Documents anywhere in memory.
    Texts(Vec<Option<Text<'a>>>),
}

/// How to read the bytes of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// UTF-8 of a text document.
    Str,
    /// A bytes document.
    Bytes,
    /// A bytes document and, unless it is the last line, `\n` or `\r\n` after it.
    Line,
    /// NumPy's `S`: zeros at the end are padding.
    PaddedBytes,
    /// NumPy's `U`: four bytes for each code point; zeros at the end are padding.
    PaddedUcs4(ByteOrder),
}

impl Content {
    /// UTF-8 of text documents or of bytes documents.
    pub fn utf8(is_str: bool) -> Self {
        if is_str { Self::Str } else { Self::Bytes }
    }

    #[inline]
    fn read(self, bytes: &[u8]) -> Text<'_> {
        let without_padding = |unit| &bytes[..length_without_zeros(bytes).next_multiple_of(unit)];
        match self {
            Self::Str => Text::Str(bytes),
            Self::Bytes => Text::Bytes(bytes),
            Self::Line => Text::Bytes(match bytes.strip_suffix(b"\n") {
                Some(line) => line.strip_suffix(b"\r").unwrap_or(line),
                None => bytes,
            }),
            Self::PaddedBytes => Text::Bytes(without_padding(1)),
            Self::PaddedUcs4(order) => Text::Ucs4(without_padding(4), order),
        }
    }
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

    pub fn from_texts(texts: Vec<Option<Text<'a>>>) -> Self {
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

        let mut offsets = Vec::new();
        let mut add = |offset: usize| memory::extend(&mut offsets, &(offset as i64).to_ne_bytes());
        add(0);
        for (i, part) in data.chunks(CHECK_EVERY).enumerate() {
            if i > 0 && !keep_going() {
                return Err(CountError::Cancelled);
            }
            memchr::memchr_iter(b'\n', part).for_each(|at| add(i * CHECK_EVERY + at + 1));
        }
        if !data.is_empty() && !data.ends_with(b"\n") {
            add(data.len());
        }
        let offsets = Integers::new(offsets, Width::I64);
        let len = offsets.len() - 1;
        Ok(Self::new(Layout::Offsets { data, offsets, content: Content::Line }, Missing::None, len))
    }

    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether the layout has no bytes documents.
    pub fn is_text(&self) -> bool {
        match &self.layout {
            Layout::Null => true,
            Layout::Texts(_) => false,
            Layout::Offsets { content, .. } | Layout::Views { content, .. } | Layout::Fixed { content, .. } => {
                matches!(content, Content::Str | Content::PaddedUcs4(_))
            }
        }
    }

    /// Marks the documents that are not `used` as missing.
    pub fn only(mut self, used: &[bool]) -> Self {
        if used.contains(&false) {
            let missing = used.iter().enumerate().map(|(i, used)| !used || self.missing.contains(i));
            self.missing = Missing::Mask(memory::collected(missing).into());
        }
        self
    }

    /// If the texts of a range are contiguous in one buffer, as UTF-8: their bytes. Their positions go to `spans`.
    pub fn contiguous(&self, range: Range<usize>, spans: &mut Vec<Span>) -> Option<&'a [u8]> {
        let buffers = match &self.layout {
            Layout::Offsets { data, content: Content::Str | Content::Bytes, .. } => std::slice::from_ref(data),
            Layout::Views { buffers, .. } => buffers,
            _ => return None,
        };
        spans.clear();
        spans.reserve(range.len());
        // The most common columns. Looking at each text would take 140 more instructions, a tenth of those
        // for a short one.
        if let (Layout::Offsets { data, offsets, .. }, Missing::None) = (&self.layout, &self.missing) {
            let first = offsets.get(range.start)?;
            let slice = data.get(first..offsets.get(range.end)?)?;
            let (mut start, mut rises) = (0, true);
            offsets.for_each(range.start + 1..range.end + 1, |end| {
                let end = end.map_or(usize::MAX, |end| end.wrapping_sub(first));
                rises &= start <= end && end <= slice.len();
                spans.push(Span { start, end });
                start = end;
            });
            // Offsets were checked, so they can decrease or be out of range only if another thread wrote to them. Then
            // each document is read separately, with checks.
            return (rises && start == slice.len() && spans.len() == range.len()).then_some(slice);
        }
        let mut first: Option<&[u8]> = None;
        let mut length = 0;
        for i in range {
            let (start, bytes) = (length, self.bytes(i));
            if !bytes.is_empty() {
                let first = first.get_or_insert(bytes);
                if bytes.as_ptr() != first.as_ptr().wrapping_add(length) {
                    return None;
                }
                length += bytes.len();
            }
            spans.push(Span { start, end: length });
        }
        let address = first?.as_ptr().addr();
        buffers.iter().find_map(|buffer| {
            let start = address.checked_sub(buffer.as_ptr().addr())?;
            buffer.get(start..)?.get(..length)
        })
    }

    /// The text of document `i`, or `None` if it is missing.
    #[inline]
    pub fn text(&self, i: usize) -> Option<Text<'a>> {
        match &self.layout {
            _ if self.missing.contains(i) => None,
            Layout::Null => None,
            Layout::Texts(texts) => texts[i],
            Layout::Offsets { content, .. } | Layout::Views { content, .. } | Layout::Fixed { content, .. } => {
                Some(content.read(self.bytes(i)))
            }
        }
    }

    /// The bytes of document `i` in memory, including its padding or line feed. Empty if the document is missing.
    #[inline(always)]
    pub fn bytes(&self, i: usize) -> &'a [u8] {
        let bytes = match &self.layout {
            _ if self.missing.contains(i) => None,
            Layout::Null => None,
            Layout::Offsets { data, offsets, .. } => {
                offsets.get(i).zip(offsets.get(i + 1)).and_then(|(start, end)| data.get(start..end))
            }
            Layout::Views { views, buffers, .. } => viewed(views, buffers, i),
            Layout::Fixed { data, first, stride, width, .. } => first
                .checked_add_signed(stride.wrapping_mul(i as isize))
                .and_then(|start| data.get(start..)?.get(..*width)),
            Layout::Texts(texts) => texts[i].map(Text::memory),
        };
        bytes.unwrap_or(&[])
    }

    /// The byte order, if documents are padded and have four bytes for each code point.
    pub fn padded_ucs4(&self) -> Option<ByteOrder> {
        match self.layout {
            Layout::Fixed { content: Content::PaddedUcs4(order), .. } => Some(order),
            _ => None,
        }
    }

    /// Prefetches document `i` if documents are scattered in memory. `i` may be out of range.
    #[inline]
    pub fn prefetch(&self, i: usize) {
        if let Layout::Texts(texts) = &self.layout
            && let Some(Some(text)) = texts.get(i)
        {
            prefetch(text.memory().as_ptr());
        }
    }

    /// About how many bytes document `i` has in memory. Does not read the text.
    #[inline]
    pub fn size(&self, i: usize) -> usize {
        match &self.layout {
            Layout::Fixed { width, .. } => *width,
            _ => self.bytes(i).len(),
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
            Layout::Views { .. } | Layout::Texts(_) => None,
        }
    }

    /// About how many bytes the documents have in memory.
    pub fn nbytes(&self) -> usize {
        let sum = || (0..self.len).map(|i| self.size(i)).sum();
        match (&self.layout, &self.missing) {
            (Layout::Offsets { .. }, Missing::Bitmap { .. } | Missing::Mask(_)) => sum(),
            _ => self.distance(0, self.len).unwrap_or_else(sum),
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

/// The text of an Arrow view: inside the view if it is short, otherwise in one of the buffers.
#[inline]
fn viewed<'a>(views: &'a [u8], buffers: &[&'a [u8]], i: usize) -> Option<&'a [u8]> {
    let view: &[u8; 16] = views.as_chunks().0.get(i)?;
    let word = |at: usize| u32::from_ne_bytes([view[at], view[at + 1], view[at + 2], view[at + 3]]) as usize;
    let length = word(0);
    view[4..].get(..length).or_else(|| buffers.get(word(8))?.get(word(12)..)?.get(..length))
}

#[cfg(test)]
mod tests {
    use super::*;

    const U8: Width = Width { bytes: 1, signed: false };

    fn all(chunk: &Chunk<'_>) -> Vec<Option<Vec<u8>>> {
        (0..chunk.len()).map(|i| chunk.text(i).map(|text| text.memory().to_vec())).collect()
    }

    #[test]
    fn within_returns_as_many_documents_as_fit() {
        let texts = ["", "abc", "", "de", "fghijklmnopqrst", "", ""];
        let data = texts.concat();
        let offsets: Vec<u8> = (0..=texts.len()).map(|i| texts[..i].concat().len() as u8).collect();
        let layout =
            || Layout::Offsets { data: data.as_bytes(), offsets: Integers::new(&offsets, U8), content: Content::Str };
        let scattered = texts.iter().map(|text| Some(Text::Str(text.as_bytes())));
        let lines = texts.join("\n");
        for (chunk, line_feed) in [
            (Chunk::new(layout(), Missing::None, texts.len()), 0),
            (Chunk::new(layout(), Missing::Mask(vec![false; texts.len()].into()), texts.len()), 0),
            (Chunk::from_texts(scattered.collect()), 0),
            (Chunk::from_lines(lines.as_bytes()), 1),
        ] {
            let sizes: Vec<usize> = (0..chunk.len()).map(|i| chunk.size(i)).collect();
            assert!(sizes.iter().zip(texts).all(|(&size, text)| size <= text.len() + line_feed), "{sizes:?}");
            assert_eq!(chunk.nbytes(), sizes.iter().sum::<usize>());
            for start in 0..=chunk.len() {
                for documents in [0, 1, 2, 100] {
                    for bytes in 0..40 {
                        let fits = |end: &usize| sizes[start..*end].iter().sum::<usize>() <= bytes;
                        let most = chunk.len().min(start + documents);
                        let end = (start..=most).rev().find(fits).unwrap();
                        let expected = (end, sizes[start..end].iter().sum());
                        assert_eq!(chunk.within(start, documents, bytes), expected);
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
        fn layout(bytes: &[u8], width: Width) -> Layout<'_> {
            Layout::Offsets { data: b"abc", offsets: Integers::new(bytes, width), content: Content::Str }
        }
        assert_eq!(all(&Chunk::new(layout(&offsets32, Width::I32), Missing::None, 3)), some(&["a", "bc", ""]));
        assert_eq!(all(&Chunk::new(layout(&[0, 1, 3, 3], U8), Missing::None, 3)), some(&["a", "bc", ""]));
        // Decreasing, negative, out of range: empty, not a bad read.
        assert_eq!(
            all(&Chunk::new(layout(&[2, 1, 255, 3], Width { signed: true, ..U8 }), Missing::None, 3)),
            some(&["", "", ""])
        );
        assert_eq!(all(&Chunk::new(layout(&[0, 200], U8), Missing::None, 1)), some(&[""]));
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
        let chunk =
            Chunk::new(Layout::Views { views: &views, buffers: vec![long], content: Content::Str }, Missing::None, 5);
        assert_eq!(all(&chunk), some(&["abc", "more than twelve bytes", "", "", ""]));
    }

    #[test]
    fn contiguous_views_are_one_slice() {
        let view = |words: [u32; 4]| words.iter().flat_map(|word| word.to_ne_bytes()).collect::<Vec<u8>>();
        let long = |buffer, at| view([13, 0, buffer, at]);
        let (short, empty) = (view([1, 97, 0, 0]), view([0, 0, 0, 0]));
        let data: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";
        let check = |views: &[&Vec<u8>], missing: &[bool], expected: Option<&[u8]>| {
            let views = views.iter().copied().flatten().copied().collect::<Vec<u8>>();
            let layout = Layout::Views { views: &views, buffers: vec![data, data], content: Content::Str };
            let chunk = Chunk::new(layout, Missing::Mask(missing.into()), missing.len());
            let mut spans = Vec::new();
            let bytes = chunk.contiguous(0..chunk.len(), &mut spans);
            assert_eq!(bytes, expected);
            for (i, span) in spans.iter().enumerate().filter(|_| bytes.is_some()) {
                let text = chunk.text(i).map_or(&[][..], Text::memory);
                assert_eq!(&bytes.unwrap()[span.start..span.end], text);
            }
            assert!(bytes.is_none() || spans.len() == chunk.len());
        };
        for (views, expected) in [
            ([&empty, &long(0, 5), &empty, &long(0, 18)], Some(&data[5..31])),
            ([&empty, &long(1, 5), &empty, &long(1, 18)], Some(&data[5..31])),
            ([&empty, &long(0, 5), &empty, &long(0, 19)], None),
            ([&empty, &long(0, 5), &empty, &long(0, 17)], None),
            ([&empty, &long(0, 5), &empty, &long(1, 5)], None),
            ([&empty, &long(0, 5), &short, &long(0, 18)], None),
            ([&empty, &empty, &empty, &empty], None),
            // Views that lead out of a buffer are empty.
            ([&empty, &long(0, 20), &empty, &long(0, 33)], Some(&data[20..33])),
            ([&empty, &long(2, 5), &empty, &long(2, 18)], None),
            ([&empty, &long(0, u32::MAX), &empty, &long(0, 12)], Some(&data[12..25])),
        ] {
            check(&views, &[false; 4], expected);
        }
        check(&[&long(0, 5), &short, &long(0, 18)], &[false, true, false], Some(&data[5..31]));
        check(&[&long(0, 5), &long(0, 18)], &[false, false, true], Some(&data[5..31]));
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
            assert_eq!(length_without_zeros(&bytes), 0);
            for last in 0..len {
                bytes[last] = 1 + last as u8;
                assert_eq!(Content::PaddedBytes.read(&bytes), Text::Bytes(&bytes[..=last]));
                if len % 4 == 0 {
                    let text = &bytes[..(last + 1).next_multiple_of(4)];
                    let order = ByteOrder::Native;
                    assert_eq!(Content::PaddedUcs4(order).read(&bytes), Text::Ucs4(text, order));
                }
                bytes[last] = 0;
            }
        }
    }

    #[test]
    fn missing_by_bitmap_and_mask() {
        let layout =
            || Layout::Offsets { data: b"abc", offsets: Integers::new(&[0, 1, 2, 3], U8), content: Content::Str };
        let bitmap = Missing::Bitmap { bits: &[0b10_1000], offset: 3 };
        let expected = vec![Some(b"a".to_vec()), None, Some(b"c".to_vec())];
        assert_eq!(all(&Chunk::new(layout(), bitmap, 3)), expected);
        assert_eq!(all(&Chunk::new(layout(), Missing::Mask([false, true, false].into()), 3)), expected);
        assert_eq!(all(&Chunk::new(Layout::Null, Missing::None, 3)), [None, None, None]);
    }
}
