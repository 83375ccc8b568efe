//! Documents with arbitrary offsets, views, widths and indices. Nothing may panic, and no byte outside the buffers
//! may be read, which AddressSanitizer checks. All results must agree on the documents that `Documents` reads from
//! the buffers.

use arbitrary::{Arbitrary, Result, Unstructured};
use countgrid::core::documents::chunk::{Chunk, Content, Integers, Layout, Missing, Width};
use countgrid::core::documents::rows::MISSING_ROW;
use countgrid::core::text::encoding::ByteOrder;
use countgrid::core::{Documents, Engines, MatchMode, Options, Overlap, Terms};

use crate::common::{count_dense, count_found, count_sparse, count_totals, plan, run, totals_of};

/// One of the eight widths: 1, 2, 4 or 8 bytes, with or without a sign.
fn width_of(number: u8) -> Width {
    Width { bytes: 1 << (number % 4), signed: number < 4 }
}

/// The buffers of one chunk.
#[derive(Debug)]
struct Buffers {
    data: Vec<u8>,
    other: Vec<u8>,
    places: Vec<u8>,
    bits: Vec<u8>,
    len: usize,
    kind: u8,
    width: u8,
    stride: i16,
    first: u16,
    cell: u8,
    missing: u8,
}

pub fn check(source: &mut Unstructured<'_>) -> Result<u64> {
    let mode = *source.choose(&[MatchMode::Word, MatchMode::Substring, MatchMode::Token])?;
    let overlap = *source.choose(&[Overlap::PerTerm, Overlap::All, Overlap::Longest, Overlap::First])?;
    let options = Options {
        mode,
        overlap,
        ignore_case: source.arbitrary()?,
        strip_accents: source.arbitrary()?,
        fold_punctuation: source.arbitrary()?,
        ..Options::default()
    };
    let all = (0..source.int_in_range(1..=3)?).map(|_| buffers(source)).collect::<Result<Vec<_>>>()?;
    let texts: usize = all.iter().map(|buffers| buffers.len).sum();
    let mut chunks: Vec<Chunk<'_>> = all.iter().map(chunk).collect();
    let documents = match source.ratio(1, 4)? {
        false => Documents::new(std::mem::take(&mut chunks)),
        true => {
            let rows = (0..source.int_in_range(0..=20)?).map(|_| row(source, texts)).collect::<Result<Vec<_>>>()?;
            Documents::shared(std::mem::take(&mut chunks), rows)
        }
    };
    let terms = Terms::each([("a", true), ("the", true), ("a b", true), ("é", true), ("aa", true)]);
    let naive = plan(&terms, &options, Engines::Naive);
    let best = plan(&terms, &options, Engines::Best);
    let whole = run(1, usize::MAX / 4, usize::MAX / 4);
    let expected = count_dense(&naive, &documents, whole);
    assert_eq!(count_dense(&best, &documents, whole), expected, "{all:?}");
    assert_eq!(count_sparse(&best, &documents, run(1, 16, 16)), expected, "{all:?}");
    assert_eq!(count_totals(&best, &documents, run(2, 16, 16)), totals_of(&expected, best.columns()), "{all:?}");
    assert_eq!(count_found(&best, &documents, run(1, 16, 16)), expected, "{all:?}");
    Ok(3 * (documents.len() * best.columns()) as u64)
}

fn row(source: &mut Unstructured<'_>, texts: usize) -> Result<u32> {
    Ok(match texts {
        0 => MISSING_ROW,
        _ if source.ratio(1, 5)? => MISSING_ROW,
        _ => source.int_in_range(0..=texts as u32 - 1)?,
    })
}

fn buffers(source: &mut Unstructured<'_>) -> Result<Buffers> {
    let letters = [&b"a"[..], b" ", b"the ", b"a b", "é".as_bytes(), b"\xC3", b"\xFF", b"\0", b"A", b"\n"];
    let mut text = |most: usize| -> Result<Vec<u8>> {
        let mut text = Vec::new();
        for _ in 0..source.int_in_range(0..=most)? {
            text.extend_from_slice(source.choose(&letters)?);
        }
        Ok(text)
    };
    let (data, other) = (text(40)?, text(8)?);
    let len = source.int_in_range(0..=12)?;
    let kind = source.int_in_range(0..=4)?;
    let width = source.int_in_range(0..=7)?;
    let mut places = Vec::new();
    for _ in 0..=len {
        match kind {
            // Mostly valid offsets.
            0 => {
                let bytes = width_of(width).bytes;
                let offset = if source.ratio(4, 5)? {
                    source.int_in_range(0..=data.len() as i64)?
                } else {
                    source.arbitrary()?
                };
                places.extend_from_slice(&offset.to_ne_bytes()[..bytes]);
            }
            1 => places.extend_from_slice(&view(source, data.len())?),
            _ => {}
        }
    }
    Ok(Buffers {
        data,
        other,
        places,
        bits: Vec::arbitrary(source)?,
        len,
        kind,
        width,
        stride: source.arbitrary()?,
        first: source.arbitrary()?,
        cell: source.int_in_range(0..=24)?,
        missing: source.int_in_range(0..=3)?,
    })
}

fn view(source: &mut Unstructured<'_>, len: usize) -> Result<[u8; 16]> {
    let mut view: [u8; 16] = source.arbitrary()?;
    if source.ratio(4, 5)? {
        let length = source.int_in_range(0..=30u32)?;
        view[..4].copy_from_slice(&length.to_ne_bytes());
        view[8..12].copy_from_slice(&source.int_in_range(0..=2u32)?.to_ne_bytes());
        view[12..].copy_from_slice(&source.int_in_range(0..=len as u32 + 2)?.to_ne_bytes());
    }
    Ok(view)
}

fn chunk(buffers: &Buffers) -> Chunk<'_> {
    let Buffers { data, other, places, bits, len, kind, width, stride, first, cell, missing } = buffers;
    let fixed = |content| Layout::Fixed {
        data,
        first: usize::from(*first) % (data.len() + 2),
        stride: isize::from(*stride) % 64,
        // The binding never passes a width that is not a multiple of four bytes.
        width: if let Content::PaddedUcs4(_) = content { usize::from(*cell) & !3 } else { usize::from(*cell) },
        content,
    };
    let (layout, len) = match kind {
        0 => {
            let offsets = Integers::new(places, width_of(*width));
            (Layout::Offsets { data, offsets, content: Content::utf8(width % 2 == 0) }, *len)
        }
        1 => (
            Layout::Views { views: places, buffers: vec![data, other], content: Content::utf8(width % 2 == 0) },
            *len,
        ),
        2 => (fixed(Content::PaddedBytes), *len),
        3 => (fixed(Content::PaddedUcs4(if width % 2 == 0 { ByteOrder::Native } else { ByteOrder::Swapped })), *len),
        _ => (fixed(Content::Bytes), *len),
    };
    let missing = match missing {
        0 => Missing::Bitmap { bits, offset: usize::from(*cell) },
        1 => Missing::Mask(bits.iter().map(|bit| bit % 2 == 1).collect()),
        _ => Missing::None,
    };
    Chunk::new(layout, missing, len)
}
