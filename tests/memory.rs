//! The peak memory of compiling terms stays below the estimate that is checked before.

// The Python extension has a different allocator.
#![cfg(not(feature = "python"))]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use countgrid::core::engines::substrings::{Matcher, bytes_to_make};
use countgrid::core::plan::bytes_to_build;
use countgrid::core::{Documents, Engines, MatchMode, Options, Plan, RunOptions, Syntax, Terms, Text, totals};

/// The system's allocator, with a counter of the memory in use.
struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

static USED: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

/// The allocation that is tried before something is built, and freed at once. It does not count.
static TRIED: AtomicUsize = AtomicUsize::new(0);

fn counted(layout: Layout) -> usize {
    if layout.size() == TRIED.load(Ordering::Relaxed) { 0 } else { layout.size() }
}

/// The peak memory of `work`. `estimate` is the size that it tries first.
fn peak_of<T>(estimate: usize, work: impl FnOnce() -> T) -> (usize, T) {
    const LEAST_TRIED: usize = 36 << 20;
    TRIED.store(estimate.max(LEAST_TRIED), Ordering::Relaxed);
    let before = USED.load(Ordering::Relaxed);
    PEAK.store(before, Ordering::Relaxed);
    let result = work();
    (PEAK.load(Ordering::Relaxed) - before, result)
}

/// What is left to the allocator's reserve.
const SMALL: usize = 4 << 20;

#[expect(unsafe_code, reason = "an allocator is unsafe")]
// SAFETY: every method does what `System` does.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let size = counted(layout);
        let used = USED.fetch_add(size, Ordering::Relaxed) + size;
        PEAK.fetch_max(used, Ordering::Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        USED.fetch_sub(counted(layout), Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { System.dealloc(memory, layout) }
    }
}

/// A word for a number: letters of a hash, so that words share no prefixes.
fn word(i: usize, length: usize) -> String {
    let mut state = (i as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut letter = || {
        state ^= state >> 29;
        state = state.wrapping_mul(0xBF58_476D_1CE4_E5B9);
        char::from(b'a' + (state >> 40) as u8 % 26)
    };
    (0..length).map(|_| letter()).collect()
}

/// Matchers of substrings are built when a count first needs them.
fn matchers_take_no_more_than_estimated(name: &str, terms: &Terms, plan: &Plan) {
    let text = Documents::from_texts([Some(Text::Str(b"what is looked for is hardly ever here"))]);
    for matcher in Matcher::ALL {
        let plan = Plan::with_engines(terms.clone(), plan.options().clone(), Engines::Matcher(matcher)).unwrap();
        let estimate = bytes_to_make(terms.len(), terms.nbytes());
        let (peak, result) = peak_of(estimate, || totals(&plan, &text, RunOptions::with_workers(1)));
        result.unwrap();
        // The columns of the result are additional.
        let columns = 100 * terms.len();
        println!("{name}: {matcher:?}: {peak} of {estimate}");
        assert!(peak <= estimate + columns + SMALL, "{name}: {matcher:?}: {peak} of {estimate}");
    }
}

#[test]
fn building_takes_no_more_than_estimated() {
    type Make = fn(usize) -> String;
    let kinds: [(&str, MatchMode, Syntax, Make); 14] = [
        ("words", MatchMode::Word, Syntax::Literal, |i| word(i, 8)),
        ("short words", MatchMode::Token, Syntax::Literal, |i| word(i, 4)),
        ("long words", MatchMode::Word, Syntax::Literal, |i| word(i, 100)),
        ("phrases", MatchMode::Word, Syntax::Literal, |i| {
            format!("{} {} {}", word(i, 6), word(i + 7, 5), word(i * 3, 7))
        }),
        ("marks", MatchMode::Word, Syntax::Literal, |i| format!("{}-{}+", word(i, 4), word(i + 1, 4))),
        ("prefixes", MatchMode::Word, Syntax::Glob, |i| word(i, 6) + "*"),
        ("suffixes", MatchMode::Word, Syntax::Glob, |i| format!("*{}", word(i, 6))),
        ("many wildcards", MatchMode::Token, Syntax::Glob, |i| format!("*{}*{}?*", word(i, 3), word(i, 2))),
        ("glob phrases", MatchMode::Word, Syntax::Glob, |i| format!("{}* * {}", word(i, 6), word(i + 7, 5))),
        ("substrings", MatchMode::Substring, Syntax::Literal, |i| word(i, 8)),
        ("short substrings", MatchMode::Substring, Syntax::Literal, |i| word(i, 3)),
        ("long substrings", MatchMode::Substring, Syntax::Literal, |i| word(i, 100)),
        ("substring globs", MatchMode::Substring, Syntax::Glob, |i| format!("{}*{}", word(i, 4), word(i, 4))),
        ("substring suffixes", MatchMode::Substring, Syntax::Glob, |i| format!("?*{}", word(i, 6))),
    ];
    for (name, mode, syntax, make) in kinds {
        for terms in [1000, if name.starts_with("long") { 10_000 } else { 60_000 }] {
            let terms = Terms::each((0..terms).map(|i| (make(i), true)));
            let (count, bytes) = (terms.len(), terms.nbytes());
            let options = Options { mode, syntax, ..Options::default() };
            let estimate = bytes_to_build(&terms, &options);
            let (peak, plan) = peak_of(estimate, || Plan::new(terms, options).unwrap());
            println!("{name}: {count} terms of {bytes} bytes, {peak} of {estimate}");
            assert!(peak <= estimate + SMALL, "{name}: {peak} of {estimate}");
            if mode == MatchMode::Substring && syntax == Syntax::Literal {
                matchers_take_no_more_than_estimated(name, plan.terms(), &plan);
            }
        }
    }
}
