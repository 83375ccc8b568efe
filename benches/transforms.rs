//! The transformation of text before a search, with text in many scripts and adversarial text.
//!
//!     cargo bench --bench transforms
//!
//! Speeds are per byte of the text in memory.

use std::hint::black_box;

use countgrid::core::Text;
use countgrid::core::text::encoding::ByteOrder;
use countgrid::core::text::transform::Transform;
use countgrid::core::text::unicode::Folding;
use divan::Bencher;
use divan::counter::BytesCount;

fn main() {
    divan::main();
}

/// A batch of random words, with the characters of some ranges.
fn text(kind: &str) -> String {
    let ranges: &[(u32, u32)] = match kind {
        "ascii" => &[(0x61, 0x7A)],
        "latin" => &[(0x61, 0x7A), (0x61, 0x7A), (0xC0, 0xFF)],
        "cyrillic" => &[(0x410, 0x44F)],
        "chinese" => &[(0x4E00, 0x9FA5)],
        "japanese" => &[(0x3041, 0x3096), (0x30A1, 0x30FA), (0x4E00, 0x5E00)],
        "hangul" => &[(0xAC00, 0xD7A3)],
        "long_decompositions" => &[(0xFDFA, 0xFDFA)],
        "marks" => &[(0x300, 0x34E)],
        "deseret" => &[(0x1_0400, 0x1_044F)],
        "extension_b" => &[(0x2_0000, 0x2_A6D6)],
        "all_lengths" => &[(0x61, 0x7A), (0x410, 0x44F), (0x4E00, 0x9FA5), (0x1_0400, 0x1_044F), (0xAC00, 0xD7A3)],
        _ => panic!("{kind} is not a kind of text"),
    };
    let mut state = 1u64;
    let mut below = |limit: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % limit
    };
    let mut text = String::new();
    while text.len() < 64 << 10 {
        for _ in 0..2 + below(8) {
            let (first, last) = ranges[below(ranges.len())];
            text.push(char::from_u32(first + below((last - first) as usize + 1) as u32).unwrap());
        }
        text.push(' ');
    }
    text
}

const KINDS: [&str; 11] = [
    "ascii",
    "latin",
    "cyrillic",
    "chinese",
    "japanese",
    "hangul",
    "long_decompositions",
    "marks",
    "deseret",
    "extension_b",
    "all_lengths",
];

const FOLD: Transform = Transform { strip_accents: false, folding: Folding::CASE, separator: 0xFF };
const STRIP: Transform =
    Transform { strip_accents: true, folding: Folding { case: false, punctuation: false }, separator: 0xFF };
const BOTH: Transform = Transform { strip_accents: true, folding: Folding::CASE, separator: 0xFF };

fn run(bencher: Bencher<'_, '_>, text: Text<'_>, transform: Transform) {
    let mut out = Vec::with_capacity(16 << 20);
    bencher.counter(BytesCount::new(text.memory().len())).bench_local(|| {
        out.clear();
        transform.append(black_box(text), &mut out);
        out.len()
    });
}

#[divan::bench(args = KINDS)]
fn folded(bencher: Bencher<'_, '_>, kind: &str) {
    run(bencher, Text::Str(text(kind).as_bytes()), FOLD);
}

#[divan::bench(args = KINDS)]
fn stripped(bencher: Bencher<'_, '_>, kind: &str) {
    run(bencher, Text::Str(text(kind).as_bytes()), STRIP);
}

#[divan::bench(args = KINDS)]
fn stripped_and_folded(bencher: Bencher<'_, '_>, kind: &str) {
    run(bencher, Text::Str(text(kind).as_bytes()), BOTH);
}

#[divan::bench(args = KINDS)]
fn ucs4(bencher: Bencher<'_, '_>, kind: &str) {
    let memory: Vec<u8> = text(kind).chars().flat_map(|c| u32::from(c).to_ne_bytes()).collect();
    run(bencher, Text::Ucs4(&memory, ByteOrder::Native), Transform::default());
}

#[divan::bench(args = KINDS)]
fn ucs4_stripped(bencher: Bencher<'_, '_>, kind: &str) {
    let memory: Vec<u8> = text(kind).chars().flat_map(|c| u32::from(c).to_ne_bytes()).collect();
    run(bencher, Text::Ucs4(&memory, ByteOrder::Native), STRIP);
}

/// Invalid UTF-8, by itself and after each letter.
#[divan::bench(args = ["\\xFF", "a\\xFF", "\\xE4\\xB8", "\u{44F}\\xFF"])]
fn invalid_folded(bencher: Bencher<'_, '_>, kind: &str) {
    let one: &[u8] = match kind {
        "\\xFF" => b"\xFF",
        "a\\xFF" => b"a\xFF",
        "\\xE4\\xB8" => b"\xE4\xB8",
        _ => b"\xD1\x8F\xFF",
    };
    run(bencher, Text::Bytes(&one.repeat((64 << 10) / one.len())), FOLD);
}
