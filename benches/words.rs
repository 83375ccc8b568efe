//! The words engine on several kinds of text and terms, at the level in `COUNTGRID_SIMD`.
//!
//!     cargo bench --bench words
//!     COUNTGRID_SIMD=portable cargo bench --bench words
//!
//! The text is generated from a list of words with Zipf's distribution, so it is the same on every machine.

use std::hint::black_box;

use countgrid::core::documents::batch::Batch;
use countgrid::core::engines::{Engine, MatchCallback, Scratch};
use countgrid::core::text::encoding::Span;
use countgrid::core::{Options, Plan, Terms};
use divan::Bencher;
use divan::counter::BytesCount;

fn main() {
    divan::main();
}

/// A checksum of all matches, so that the compiler cannot drop them.
#[derive(Default)]
struct Checksum(u64);

impl MatchCallback for Checksum {
    #[inline(always)]
    fn on_match(&mut self, pattern: u32, start: usize, _: usize) {
        self.0 = self.0.wrapping_add(u64::from(pattern) ^ start as u64);
    }

    #[inline(always)]
    fn on_matches(&mut self, pattern: u32, count: u64) {
        self.0 = self.0.wrapping_add(u64::from(pattern) ^ count);
    }

    fn end_document(&mut self) {}

    fn cancelled(&self) -> bool {
        false
    }
}

/// Pseudorandom numbers, the same in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

/// Words of one alphabet, by rank.
fn words(letters: &str, count: usize) -> Vec<String> {
    let letters: Vec<char> = letters.chars().collect();
    let mut random = Random(1);
    (0..count)
        .map(|rank| {
            let len = 2 + random.below(4 + (rank + 1).ilog2() as usize / 2);
            (0..len).map(|_| letters[random.below(letters.len())]).collect()
        })
        .collect()
}

/// A batch of documents of about `len` bytes.
struct Texts {
    text: Vec<u8>,
    spans: Vec<Span>,
}

impl Texts {
    fn new(words: &[String], len: usize) -> Self {
        let mut random = Random(2);
        let (mut text, mut spans) = (Vec::new(), Vec::new());
        while text.len() < 64 << 10 {
            let start = text.len();
            while text.len() < start + len {
                // All powers of two are equally likely as limits, and so are all ranks below the limit.
                let most = words.len() >> random.below(words.len().ilog2() as usize);
                text.extend_from_slice(words[random.below(most)].as_bytes());
                text.extend_from_slice([" ", " ", " ", ", ", ".\n", " (", ") "][random.below(7)].as_bytes());
            }
            spans.push(Span { start, end: text.len() });
        }
        Self { text, spans }
    }
}

fn scan(bencher: Bencher, texts: &Texts, terms: &[String]) {
    let plan = Plan::new(Terms::each(terms.iter().map(|term| (term, true))), Options::default()).unwrap();
    let batch = Batch { text: &texts.text, spans: &texts.spans };
    let mut scratch = Scratch::default();
    bencher.counter(BytesCount::of_slice(&texts.text)).bench_local(|| {
        let mut checksum = Checksum::default();
        plan.groups()[0].scan(batch, &mut scratch, &mut checksum);
        black_box(checksum.0)
    });
}

const LATIN: &str = "eeeeettttaaaooiinnsshhrrddllucmwfgypbvk";

#[divan::bench(args = [10, 100, 10_000])]
fn documents_of_400_bytes(bencher: Bencher, terms: usize) {
    let words = words(LATIN, 10_000);
    scan(bencher, &Texts::new(&words, 400), &words[..terms]);
}

#[divan::bench(args = [100, 10_000])]
fn documents_of_50_bytes(bencher: Bencher, terms: usize) {
    let words = words(LATIN, 10_000);
    scan(bencher, &Texts::new(&words, 50), &words[..terms]);
}

#[divan::bench]
fn cyrillic(bencher: Bencher) {
    let words = words("оооеееааиинттссррввллккммддппууяыьгзбч", 10_000);
    scan(bencher, &Texts::new(&words, 400), &words[..1000]);
}

#[divan::bench]
fn kana(bencher: Bencher) {
    let words = words("のにはをたがでてとしれさある", 10_000);
    scan(bencher, &Texts::new(&words, 400), &words[..1000]);
}

#[divan::bench]
fn phrases(bencher: Bencher) {
    let words = words(LATIN, 10_000);
    let pairs = words.windows(2).map(|pair| pair.join(" "));
    let terms: Vec<String> = words.iter().take(1000).cloned().chain(pairs.take(1000)).collect();
    scan(bencher, &Texts::new(&words, 400), &terms);
}

#[divan::bench]
fn emoticons(bencher: Bencher) {
    let words = words(LATIN, 10_000);
    let faces = [":)", ":(", ";-)", ":-d", "(:", "<3", "--<", "n't", "x-d", "=)"].map(String::from);
    let terms: Vec<String> = words.iter().skip(1000).take(1000).cloned().chain(faces).collect();
    scan(bencher, &Texts::new(&words, 400), &terms);
}
