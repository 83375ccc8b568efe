//! Each matcher of the substring engine: `cargo bench --bench substrings`.
//!
//! The text is generated from a vocabulary in which few words are frequent, as in natural languages, so literals can
//! be chosen by frequency. `COUNTGRID_SIMD` selects the level of vector instructions.

use countgrid::core::documents::batch::BatchBuffer;
use countgrid::core::engines::substrings::Matcher;
use countgrid::core::engines::{Engine, MatchCallback, Scratch};
use countgrid::core::text::transform::Transform;
use countgrid::core::{Documents, Engines, MatchMode, Options, Plan, Terms, Text};
use divan::Bencher;
use divan::counter::BytesCount;

const ENGINES: [Engines; 5] = [
    Engines::Substrings,
    Engines::Matcher(Matcher::Teddy),
    Engines::Matcher(Matcher::QGrams),
    Engines::Matcher(Matcher::TransitionCache),
    Engines::Matcher(Matcher::AhoCorasick),
];

fn main() {
    divan::main();
}

/// Pseudorandom numbers.
fn random(seed: u64) -> impl Iterator<Item = u64> {
    let mut state = seed;
    std::iter::repeat_with(move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    })
}

/// Words of syllables, the most frequent first.
fn vocabulary() -> Vec<String> {
    let mut numbers = random(1);
    let mut next = |below: u64| numbers.next().unwrap_or(0) % below;
    let syllables = ["re", "in", "se", "lf", "ta", "con", "er", "de", "st", "ar", "me", "th", "ing", "o", "pa", "x"];
    (0..40_000).map(|i| (0..2 + (next(2) + i / 5000) / 2).map(|_| syllables[next(16) as usize]).collect()).collect()
}

/// Documents of about `size` bytes, 4 MB in total.
fn documents(vocabulary: &[String], size: usize) -> Vec<String> {
    let mut numbers = random(2);
    let mut next = || numbers.next().unwrap_or(0) as f64 / (1u64 << 31) as f64;
    let mut document = || {
        let mut text = String::new();
        while text.len() < size {
            // Zipf's law: the n-th most frequent word is n times rarer than the first.
            let rank = (vocabulary.len() as f64).powf(next()) - 1.0;
            text += &vocabulary[rank as usize];
            text += [" ", " ", ", ", "(", ").", "\n        ", "_", " = "][(8.0 * next()) as usize % 8];
        }
        text
    };
    (0..(4 << 20) / size).map(|_| document()).collect()
}

struct Discard;

impl MatchCallback for Discard {
    fn on_match(&mut self, pattern: u32, start: usize, end: usize) {
        divan::black_box((pattern, start, end));
    }

    fn needs_spans(&self, _: u32) -> bool {
        false
    }

    fn on_matches(&mut self, pattern: u32, count: u64) {
        divan::black_box((pattern, count));
    }

    fn end_document(&mut self) {}

    fn cancelled(&self) -> bool {
        false
    }
}

fn scan(bencher: Bencher<'_, '_>, engines: Engines, terms: &[String], documents: &[String]) {
    let terms = Terms::each(terms.iter().map(|term| (term, true)));
    let plan =
        Plan::with_engines(terms, Options { mode: MatchMode::Substring, ..Options::default() }, engines).unwrap();
    let bytes: usize = documents.iter().map(String::len).sum();
    let mut buffer = BatchBuffer::default();
    let documents = Documents::from_texts(documents.iter().map(|text| Some(Text::Str(text.as_bytes()))));
    bencher.counter(BytesCount::new(bytes)).bench_local(|| {
        let mut scratch = Scratch::default();
        let mut at = 0;
        while at < documents.len() {
            let all = at..documents.len();
            let (batch, taken, _) = buffer.batch(documents.texts(), all, Transform::default());
            plan.groups()[0].scan(batch, &mut scratch, &mut Discard);
            at += taken;
        }
    });
}

/// Short documents, ten very common words.
#[divan::bench(args = ENGINES)]
fn short_10_common(bencher: Bencher<'_, '_>, engines: Engines) {
    let words = vocabulary();
    scan(bencher, engines, &words[20..30], &documents(&words, 50));
}

#[divan::bench(args = ENGINES)]
fn long_1000_common(bencher: Bencher<'_, '_>, engines: Engines) {
    let words = vocabulary();
    scan(bencher, engines, &words[..1000], &documents(&words, 12_000));
}

/// Words that occur in no document.
#[divan::bench(args = ENGINES)]
fn long_1000_rare(bencher: Bencher<'_, '_>, engines: Engines) {
    let words = vocabulary();
    let rare: Vec<String> = words[..1000].iter().enumerate().map(|(i, word)| format!("{word}{i}")).collect();
    scan(bencher, engines, &rare, &documents(&words, 12_000));
}
