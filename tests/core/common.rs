//! Shared by the tests of the core: engines, memory layouts, and counting in one call.
//!
//! Layouts are built from plain bytes and own their buffers. [`StoredDocuments::documents`] borrows them as the
//! bindings borrow Python's. Expected results are elsewhere: the table in `cases`, the model in `model`.

use countgrid::core::documents::chunk::{Chunk, Content, Integers, Layout, Missing, Width};
use countgrid::core::documents::rows::MISSING_ROW;

use countgrid::core::engines::globs::Way;
use countgrid::core::engines::single::Single;
use countgrid::core::engines::substrings::Matcher;
use countgrid::core::schedule::run_options::CancelTimer;
use countgrid::core::schedule::tile;
use countgrid::core::terms::patterns::{Pattern, PatternSet};
use countgrid::core::text::encoding::ByteOrder;
use countgrid::core::{
    Cell, CountError, Documents, Engines, Index, MatchColumns, MatchMode, Options, Overlap, Plan, RunOptions, Syntax,
    Terms, Text, TileSizes, Totals, dense, find, sparse, totals,
};
use ndarray::Array2;

pub const MODES: [MatchMode; 4] = [MatchMode::Word, MatchMode::Adaptive, MatchMode::Substring, MatchMode::Token];

/// The number of random cases of a test. `PROPTEST_CASES` can lower it, for emulators and sanitizers.
pub fn cases(usual: u32) -> u32 {
    let most = std::env::var("PROPTEST_CASES").ok().and_then(|most| most.parse().ok());
    usual.min(most.unwrap_or(usual))
}

/// All cases of a table, or every third if random tests try few.
pub fn thinned<I: IntoIterator>(table: I) -> impl Iterator<Item = I::Item> {
    const MANY: u32 = 60;
    table.into_iter().step_by(if cases(MANY) < MANY { 3 } else { 1 })
}

/// The count matrix as rows.
pub type Matrix = Vec<Vec<u64>>;

/// The engines that can search for the terms.
pub fn engines_for(terms: &Terms, options: &Options) -> Vec<Engines> {
    if options.syntax == Syntax::Regex {
        return vec![Engines::Single, Engines::Regexes];
    }
    let patterns = PatternSet::new(terms, options).unwrap();
    let mut kinds = vec![Engines::Best, Engines::Naive];
    if patterns.iter().all(|pattern| Single::serves(options.mode, pattern).is_some()) {
        kinds.push(Engines::Single);
    }
    if options.mode != MatchMode::Substring {
        // Windows of only a word or two, so patterns and words cross many of them.
        kinds.extend([Engines::Words, Engines::WordsBy(8), Engines::WordsBy(21)]);
        return kinds;
    }
    kinds.push(Engines::Substrings);
    if patterns.iter().all(|pattern| matches!(pattern, Pattern::Literal(_))) {
        kinds.extend(Matcher::all(options.overlap == Overlap::Longest).iter().copied().map(Engines::Matcher));
    } else {
        // Globs are searched for in each word, or in the whole text.
        kinds.extend([Way::Words, Way::Documents].map(Engines::GlobsBy));
    }
    kinds.push(Engines::MatchersInTurn);
    kinds
}

/// Each engine that can search for the terms, once, without the naive one. The best is one of them.
pub fn fast_engines(terms: &Terms, options: &Options) -> Vec<Engines> {
    let is_fast = |kind: &Engines| !matches!(kind, Engines::Best | Engines::Naive);
    engines_for(terms, options).into_iter().filter(is_fast).collect()
}

pub fn plan(terms: &Terms, options: &Options, kind: Engines) -> Plan {
    Plan::with_engines(terms.clone(), options.clone(), kind).unwrap()
}

pub fn bytes_terms<T: AsRef<[u8]>>(terms: &[T]) -> Terms {
    Terms::each(terms.iter().map(|term| (term, false)))
}

pub fn bytes_documents<T: AsRef<[u8]>>(documents: &[T]) -> Documents<'_> {
    Documents::from_texts(documents.iter().map(|document| Some(Text::Bytes(document.as_ref()))))
}

/// `workers` workers, and small row blocks, sections and slices.
pub fn run(workers: usize, row_block: usize, section: usize) -> RunOptions<'static> {
    let tile_sizes = TileSizes { row_block, section, slice: row_block.min(64), ..TileSizes::default() };
    RunOptions { tile_sizes, ..RunOptions::with_workers(workers) }
}

/// The count matrix, written over cells with other content.
pub fn count_dense(plan: &Plan, documents: &Documents<'_>, run: RunOptions<'_>) -> Matrix {
    let mut matrix = Array2::from_elem((documents.len(), plan.columns()), 99u64);
    dense(plan, documents, matrix.view_mut(), true, run).unwrap();
    matrix.outer_iter().map(|row| row.to_vec()).collect()
}

/// Compressed sparse rows.
#[derive(Debug, PartialEq)]
pub struct Csr<T, I> {
    pub indptr: Vec<I>,
    pub indices: Vec<I>,
    pub data: Vec<T>,
}

/// The sparse count matrix, written over cells with other content.
pub fn csr<T: Cell, I: Index>(
    plan: &Plan,
    documents: &Documents<'_>,
    run: RunOptions<'_>,
) -> Result<Csr<T, I>, CountError> {
    let counted = sparse(plan, documents, run)?;
    let nonzero = counted.nonzero();
    let indptr = vec![I::of(77); documents.len() + 1];
    let mut csr = Csr { indptr, indices: vec![I::of(88); nonzero], data: vec![T::from_small(99); nonzero] };
    counted.write(&mut csr.indptr, &mut csr.indices, &mut csr.data, run)?;
    Ok(csr)
}

/// The sparse count matrix, unpacked. Its rows must be in order of columns, without zeros.
pub fn count_sparse(plan: &Plan, documents: &Documents<'_>, run: RunOptions<'_>) -> Matrix {
    let csr = csr::<u64, i64>(plan, documents, run).unwrap();
    assert_eq!(csr.indices.len(), csr.indptr[documents.len()] as usize);
    let rows = csr.indptr.windows(2).map(|ends| ends[0] as usize..ends[1] as usize);
    rows.map(|range| {
        let mut row = vec![0; plan.columns()];
        assert!(csr.indices[range.clone()].is_sorted_by(|a, b| a < b), "columns in order");
        for at in range {
            assert!(csr.data[at] > 0, "zeros are not stored");
            row[csr.indices[at] as usize] = csr.data[at];
        }
        row
    })
    .collect()
}

pub fn count_totals(plan: &Plan, documents: &Documents<'_>, run: RunOptions<'_>) -> Totals {
    totals(plan, documents, run).unwrap()
}

/// All matches, in parallel lists.
#[derive(Debug, PartialEq)]
pub struct Matches {
    pub documents: Vec<i64>,
    pub columns: Vec<i64>,
    pub starts: Vec<i64>,
    pub ends: Vec<i64>,
}

pub fn matches(plan: &Plan, documents: &Documents<'_>, run: RunOptions<'_>) -> Matches {
    let found = find(plan, documents, run).unwrap();
    let list = vec![77; found.len()];
    let mut all = Matches { documents: list.clone(), columns: list.clone(), starts: list.clone(), ends: list };
    let Matches { documents, columns, starts, ends } = &mut all;
    found.write(MatchColumns { documents, columns, starts, ends }, run).unwrap();
    all
}

/// The count matrix, rebuilt from the matches, which must be in order.
pub fn count_found(plan: &Plan, documents: &Documents<'_>, run: RunOptions<'_>) -> Matrix {
    let found = matches(plan, documents, run);
    let mut matrix = vec![vec![0; plan.columns()]; documents.len()];
    let mut places = Vec::new();
    for (i, (&document, &column)) in found.documents.iter().zip(&found.columns).enumerate() {
        matrix[document as usize][column as usize] += 1;
        places.push((document, found.starts[i], found.ends[i], column));
    }
    assert!(places.is_sorted(), "matches in order");
    assert!(places.iter().all(|&(_, start, end, _)| start < end), "matches are not empty");
    matrix
}

/// The tiles of a count.
pub fn tiles_of(plan: &Plan, documents: &Documents<'_>, run: RunOptions<'_>) -> Vec<tile::Tile> {
    let timer = CancelTimer::new(&|_| true);
    let (texts, workers) = (documents.texts(), run.workers.unwrap());
    tile::make_tiles(plan, texts, run.tile_sizes, workers, plan.competes(), &timer).unwrap().tiles
}

/// Whether some tile is a section of a document.
pub fn is_cut(plan: &Plan, documents: &Documents<'_>, run: RunOptions<'_>) -> bool {
    tiles_of(plan, documents, run).iter().any(|tile| tile.section.is_some())
}

/// The totals of a matrix.
pub fn totals_of(matrix: &Matrix, columns: usize) -> Totals {
    let column = |j: usize| matrix.iter().map(move |row| row[j]);
    Totals {
        counts: (0..columns).map(|j| column(j).sum()).collect(),
        documents: (0..columns).map(|j| column(j).filter(|&count| count > 0).count() as u64).collect(),
    }
}

/// Documents in one memory layout, with their buffers.
pub struct StoredDocuments {
    pub name: String,
    buffers: Buffers,
    /// The document of each row, `None` for a missing one.
    pub rows: Vec<Option<usize>>,
}

/// Encodes bytes as a text.
type Encoding = fn(&[u8]) -> Text<'_>;

enum Buffers {
    Texts(Vec<Vec<u8>>, Encoding),
    /// Stores each text once, with the text of each row.
    Shared(Vec<Vec<u8>>, Vec<u32>),
    /// Every second document missing, by bitmap.
    Offsets {
        data: Vec<u8>,
        offsets: Vec<u8>,
        width: Width,
        is_str: bool,
        bits: Option<Vec<u8>>,
    },
    Views {
        views: Vec<u8>,
        long: [Vec<u8>; 2],
    },
    /// Each document in a slot of `width` bytes, in reverse order.
    Padded {
        data: Vec<u8>,
        width: usize,
        content: Content,
    },
    /// Each document a chunk of its own.
    Chunks(Vec<Vec<u8>>),
    Lines(Vec<u8>),
}

impl StoredDocuments {
    pub fn documents(&self) -> Documents<'_> {
        let len = self.rows.len();
        match &self.buffers {
            Buffers::Texts(texts, encoding) => Documents::from_texts(texts.iter().map(|text| Some(encoding(text)))),
            Buffers::Shared(texts, rows) => {
                let texts = texts.iter().map(|text| Some(Text::Bytes(text))).collect();
                Documents::shared(vec![Chunk::from_texts(texts)], rows.clone())
            }
            Buffers::Offsets { data, offsets, width, is_str, bits } => {
                let layout = Layout::Offsets {
                    data,
                    offsets: Integers::new(&offsets[..], *width),
                    content: Content::utf8(*is_str),
                };
                let missing = match bits {
                    None => Missing::None,
                    Some(bits) => Missing::Bitmap { bits, offset: 3 },
                };
                Documents::new(vec![Chunk::new(layout, missing, len)])
            }
            Buffers::Views { views, long } => {
                let layout = Layout::Views { views, buffers: vec![&long[0], &long[1]], content: Content::Bytes };
                Documents::new(vec![Chunk::new(layout, Missing::None, len)])
            }
            Buffers::Padded { data, width, content } => {
                let first = data.len().saturating_sub(*width);
                let stride = -(*width as isize);
                let layout = Layout::Fixed { data, first, stride, width: *width, content: *content };
                Documents::new(vec![Chunk::new(layout, Missing::None, len)])
            }
            Buffers::Chunks(texts) => {
                let chunk = |data| {
                    let layout =
                        Layout::Fixed { data, first: 0, stride: 1, width: data.len(), content: Content::Bytes };
                    Chunk::new(layout, Missing::None, 1)
                };
                Documents::new(texts.iter().map(|text| chunk(&text[..])).collect())
            }
            Buffers::Lines(data) => Documents::new(vec![Chunk::from_lines(data)]),
        }
    }
}

/// The documents in every layout that can store them.
pub fn layouts(documents: &[Vec<u8>]) -> Vec<StoredDocuments> {
    let mut all = Vec::new();
    let each: Vec<Option<usize>> = (0..documents.len()).map(Some).collect();
    let mut add = |name: &str, buffers, rows: &[Option<usize>]| {
        all.push(StoredDocuments { name: name.into(), buffers, rows: rows.to_vec() });
    };
    add("bytes", Buffers::Texts(documents.to_vec(), |bytes| Text::Bytes(bytes)), &each);

    let shared: Vec<u32> =
        (0..documents.len() as u32).rev().chain([MISSING_ROW]).chain(0..documents.len() as u32).collect();
    let shared_rows: Vec<_> = shared.iter().map(|&row| (row != MISSING_ROW).then_some(row as usize)).collect();
    add("shared", Buffers::Shared(documents.to_vec(), shared), &shared_rows);

    add("offsets of 32 bits", offsets(documents, Width::I32, true, false), &each);
    add("offsets of 64 bits", offsets(documents, Width::I64, false, false), &each);
    let holed: Vec<_> = each.iter().flat_map(|&row| [row, None]).collect();
    let doubled: Vec<_> = documents.iter().flat_map(|document| [document.clone(), b"a the".to_vec()]).collect();
    add("offsets with missing documents", offsets(&doubled, Width { bytes: 4, signed: false }, true, true), &holed);

    add("views", views(documents), &each);
    add("chunks", Buffers::Chunks(documents.to_vec()), &each);
    if documents.iter().all(|document| !document.contains(&b'\n') && !document.ends_with(b"\r")) {
        let line = |document: &Vec<u8>| [&document[..], b"\r\n"].concat();
        add("lines", Buffers::Lines(documents.iter().flat_map(line).collect()), &each);
    }
    let backwards: Vec<_> = each.iter().rev().copied().collect();
    if documents.iter().all(|document| !document.ends_with(b"\0")) {
        add("padded bytes", padded(documents, Content::PaddedBytes), &backwards);
    }

    let strings: Option<Vec<&str>> = documents.iter().map(|document| std::str::from_utf8(document).ok()).collect();
    let Some(strings) = strings else { return all };
    let most = strings.iter().flat_map(|string| string.chars()).max().unwrap_or('\0');
    let encoded = |encode: fn(char) -> Vec<u8>| -> Vec<Vec<u8>> {
        strings.iter().map(|string| string.chars().flat_map(encode).collect()).collect()
    };
    let ucs4 = encoded(|c| (c as u32).to_ne_bytes().to_vec());
    let swapped = encoded(|c| (c as u32).swap_bytes().to_ne_bytes().to_vec());
    add("str", Buffers::Texts(documents.to_vec(), |bytes| Text::Str(bytes)), &each);
    if most <= '\u{FF}' {
        add("latin1", Buffers::Texts(encoded(|c| vec![c as u8]), |bytes| Text::Latin1(bytes)), &each);
    }
    if most <= '\u{FFFF}' {
        let ucs2 = encoded(|c| (c as u16).to_ne_bytes().to_vec());
        add("ucs2", Buffers::Texts(ucs2, |bytes| Text::Ucs2(bytes)), &each);
    }
    if strings.iter().all(|string| !string.ends_with('\0')) {
        add("padded ucs4", padded(&ucs4, Content::PaddedUcs4(ByteOrder::Native)), &backwards);
        add("padded ucs4, swapped", padded(&swapped, Content::PaddedUcs4(ByteOrder::Swapped)), &backwards);
    }
    add("ucs4", Buffers::Texts(ucs4, |bytes| Text::Ucs4(bytes, ByteOrder::Native)), &each);
    add("ucs4, swapped", Buffers::Texts(swapped, |bytes| Text::Ucs4(bytes, ByteOrder::Swapped)), &each);
    all
}

/// Contiguous documents, with other bytes before the first and after the last.
fn offsets(documents: &[Vec<u8>], width: Width, is_str: bool, holed: bool) -> Buffers {
    let mut data = b"a b".to_vec();
    let mut offsets = Vec::new();
    let mut offset = |at: usize| match width.bytes {
        4 => offsets.extend((at as u32).to_ne_bytes()),
        _ => offsets.extend((at as u64).to_ne_bytes()),
    };
    offset(data.len());
    for document in documents {
        data.extend_from_slice(document);
        offset(data.len());
    }
    data.extend_from_slice(b"b a");
    // Bit `i + 3` belongs to document `i`. Documents with an odd index are missing.
    let bits = holed.then(|| vec![0b1010_1010; (documents.len() + 3).div_ceil(8)]);
    Buffers::Offsets { data, offsets, width, is_str, bits }
}

/// Short documents inside their views, long ones alternating between two buffers.
fn views(documents: &[Vec<u8>]) -> Buffers {
    let mut views = Vec::new();
    let mut long = [b"a b".to_vec(), Vec::new()];
    for (i, document) in documents.iter().enumerate() {
        views.extend((document.len() as u32).to_ne_bytes());
        if document.len() <= 12 {
            views.extend_from_slice(document);
            views.resize(16 * (i + 1), 0);
        } else {
            let buffer = &mut long[i % 2];
            views.extend_from_slice(&document[..4]);
            views.extend(((i % 2) as u32).to_ne_bytes());
            views.extend((buffer.len() as u32).to_ne_bytes());
            buffer.extend_from_slice(document);
        }
    }
    Buffers::Views { views, long }
}

fn padded(documents: &[Vec<u8>], content: Content) -> Buffers {
    let width = documents.iter().map(Vec::len).max().unwrap_or(0);
    let pad = |document: &Vec<u8>| {
        let mut slot = document.clone();
        slot.resize(width, 0);
        slot
    };
    Buffers::Padded { data: documents.iter().flat_map(pad).collect(), width, content }
}
