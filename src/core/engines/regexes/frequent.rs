//! Expressions without literals that match many documents: their matches are counted with tables.
//!
//! Which these are shows in the first documents. To find out first which of them match a document would be in vain,
//! and a table counts all matches in about half the time of a search that finds one.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use regex_syntax::hir::Hir;

use super::together::{MANY, Together};
use crate::core::base::memory;
use crate::core::engines::engine::MatchCallback;
use crate::core::engines::regex::{BUILD_BYTES, CountTable, Stop};

/// How many documents and bytes show which expressions match many documents.
const SAMPLE_DOCUMENTS: u32 = 64;
const SAMPLE_BYTES: u32 = 64 << 10;
/// An expression is frequent if it matches one of so many documents.
const ONE_OF: u32 = 4;
/// Memory for all tables of a plan in bytes.
const TABLE_BYTES: usize = 16 << 20;

/// The tables of frequent expressions, and what is done with the others.
pub struct Frequent {
    tables: Vec<CountTable>,
    /// Their ids, and those of the others without literals.
    pub counted: Vec<u32>,
    pub rest: Vec<u32>,
    pub together: Vec<Together>,
}

impl Frequent {
    /// Builds tables for some of the expressions. `asserted` returns an expression with its boundaries. Returns `None`
    /// if `cancelled` returned true.
    pub fn new(
        unfiltered: &[u32],
        is_frequent: impl Fn(u32) -> bool,
        asserted: impl Fn(u32) -> Option<Hir>,
        cancelled: &dyn Fn() -> bool,
    ) -> Option<Self> {
        let (mut tables, mut counted, mut rest) = (Vec::<CountTable>::new(), Vec::new(), Vec::new());
        let mut bytes = 0;
        for &id in unfiltered {
            if cancelled() {
                return None;
            }
            let table = if is_frequent(id) && bytes < TABLE_BYTES { asserted(id) } else { None }.and_then(|hir| {
                memory::check(BUILD_BYTES);
                CountTable::new(id, &hir)
            });
            let Some(table) = table else {
                rest.push(id);
                continue;
            };
            bytes += table.bytes();
            counted.push(id);
            let left = match tables.last_mut() {
                Some(last) => last.add(table),
                None => Err(table),
            };
            tables.extend(left.err());
        }
        Some(Self { tables, counted, together: Together::groups(&rest, MANY), rest })
    }

    /// Reports how many matches each counted expression has in an ASCII text.
    pub fn count(&self, text: &[u8], work: &Cell<usize>, callback: &mut impl MatchCallback) -> Result<(), Stop> {
        self.tables.iter().try_for_each(|table| table.count(text, work, callback))
    }
}

/// Counts in how many documents expressions may match.
pub struct Sample {
    documents: AtomicU32,
    bytes: AtomicU32,
    /// By expression.
    matched: Box<[AtomicU32]>,
    /// Whether somebody builds tables.
    is_used: AtomicBool,
}

impl Sample {
    pub fn new(expressions: usize) -> Self {
        Self {
            documents: AtomicU32::new(0),
            bytes: AtomicU32::new(0),
            matched: (0..expressions).map(|_| AtomicU32::new(0)).collect(),
            is_used: AtomicBool::new(false),
        }
    }

    pub fn add(&self, text: &[u8], matching: &[u32]) {
        matching.iter().for_each(|&id| _ = self.matched[id as usize].fetch_add(1, Ordering::Relaxed));
        self.bytes.fetch_add(text.len().min(SAMPLE_BYTES as usize) as u32, Ordering::Relaxed);
        self.documents.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether the caller should use the sample: it is complete, and nobody else does.
    pub fn take(&self) -> bool {
        self.documents.load(Ordering::Relaxed) >= SAMPLE_DOCUMENTS
            && self.bytes.load(Ordering::Relaxed) >= SAMPLE_BYTES
            && !self.is_used.swap(true, Ordering::Relaxed)
    }

    /// Lets others use the sample.
    pub fn give_back(&self) {
        self.is_used.store(false, Ordering::Relaxed);
    }

    pub fn is_frequent(&self, id: u32) -> bool {
        let matched = self.matched[id as usize].load(Ordering::Relaxed);
        matched.saturating_mul(ONE_OF) >= self.documents.load(Ordering::Relaxed)
    }
}
