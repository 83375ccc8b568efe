//! What each regular expression costs in some documents, so that users find those that are worth rewriting.
//!
//! The documents are counted as usual, once to compile expressions and build the states of their automata, and once
//! more to measure. Times are wall times, added up over workers. How many documents an expression is searched in, and
//! how many it matches, is exact and always the same.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::core::base::error::CountError;
use crate::core::base::locks::lock_ignoring_poison;
use crate::core::base::memory::filled;
use crate::core::counting::batch_job::BatchJob;
use crate::core::counting::reducer::Reducer;
use crate::core::documents::rows::Documents;
use crate::core::engines::{AnyEngine, Engine, MatchCallback, Scratch};
use crate::core::plan::Plan;
use crate::core::schedule::grid::Grid;
use crate::core::schedule::load_blocks::load_blocks;
use crate::core::schedule::run_options::{RunOptions, TileSizes};

/// What an expression costs.
#[derive(Clone, Debug, Default)]
pub struct Cost {
    /// The time to search for it.
    pub time: Duration,
    /// How many documents were searched for it. The others contain none of its literals.
    pub searched: u64,
    /// How many documents it matches.
    pub matched: u64,
}

/// What the expressions of a plan cost. Its text is a table of the slowest.
pub struct Costs<'p> {
    plan: &'p Plan,
    /// The number of documents. Equal values of a dictionary-encoded column are one document.
    pub documents: u64,
    /// The whole time, of all workers together.
    pub time: Duration,
    /// By pattern. Empty if the plan has no regular expressions: then one pass finds all terms.
    pub patterns: Vec<Cost>,
}

/// Measures what each expression costs.
pub fn costs<'p>(plan: &'p Plan, documents: &Documents<'_>, run: RunOptions<'_>) -> Result<Costs<'p>, CountError> {
    measured(plan, documents, run)?;
    measured(plan, documents, run)
}

fn measured<'p>(plan: &'p Plan, documents: &Documents<'_>, run: RunOptions<'_>) -> Result<Costs<'p>, CountError> {
    // Sections of a document would count as documents.
    let tile_sizes = TileSizes { section: usize::MAX / 4, ..run.tile_sizes };
    let are_regexes = matches!(plan.groups().first(), Some(AnyEngine::Regex(_) | AnyEngine::Regexes(_)));
    let patterns = filled(Cost::default(), if are_regexes { plan.patterns() } else { 0 });
    let costs = Mutex::new(Costs { plan, documents: 0, time: Duration::ZERO, patterns });
    if are_regexes {
        load_blocks(documents, RunOptions { tile_sizes, ..run }, |_, part, run| {
            Grid::counting(plan, part.texts(), run, 0)?.run(|| Meter { costs: &costs })
        })?;
    }
    Ok(costs.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner()))
}

/// Measures batches.
struct Meter<'c, 'p> {
    costs: &'c Mutex<Costs<'p>>,
}

impl Reducer for Meter<'_, '_> {
    type Partial = ();

    fn begin(&mut self, _: usize, _: Range<usize>) {}

    fn batch(&mut self, job: &BatchJob<'_>, scratch: &mut Scratch) {
        let start = Instant::now();
        let mut found = Vec::new();
        for engine in &job.plan.groups()[job.groups.clone()] {
            measure(engine, job, scratch, &mut |pattern, cost| found.push((pattern, cost)));
        }
        let mut costs = lock_ignoring_poison(self.costs);
        costs.time += start.elapsed();
        if job.groups.start == 0 {
            costs.documents += job.batch.spans.len() as u64;
        }
        for (pattern, Cost { time, searched, matched }) in found {
            let cost = &mut costs.patterns[pattern as usize];
            cost.time += time;
            cost.searched += searched;
            cost.matched += matched;
        }
    }

    fn end(&mut self) {}

    fn partial(&mut self) {}

    const ADDS_UP: bool = true;

    fn sum(&mut self, _: Vec<()>, _: usize, _: &AtomicBool) {}

    fn join(&mut self, _: Vec<()>, _: usize, _: &AtomicBool) {}
}

/// Searches a batch, and calls `add` with patterns and what they cost.
fn measure(engine: &AnyEngine, job: &BatchJob<'_>, scratch: &mut Scratch, add: &mut dyn FnMut(u32, Cost)) {
    let matched = Matched { documents: Cell::new(0), in_document: Cell::new(false), cancel: job.cancel };
    match engine {
        AnyEngine::Regex(regex) => {
            let start = Instant::now();
            regex.scan(job.batch, &mut (), &mut &matched);
            let searched = job.batch.spans.len() as u64;
            add(regex.pattern(), Cost { time: start.elapsed(), searched, matched: matched.documents.get() });
        }
        AnyEngine::Regexes(regexes) => {
            let work = Cell::new(0);
            let add = RefCell::new(add);
            regexes.each_document(
                job.batch,
                &mut scratch.regexes,
                &mut &matched,
                |text, base, expressions, callback| {
                    let mut start = Instant::now();
                    if let Some(frequent) = expressions.counted {
                        let mut found = FoundPatterns { patterns: Vec::new(), cancel: job.cancel };
                        frequent.count(text, &work, &mut found)?;
                        let end = Instant::now();
                        let each = (end - start) / frequent.counted.len().max(1) as u32;
                        for &pattern in &frequent.counted {
                            let matched = found.patterns.contains(&pattern).into();
                            add.borrow_mut()(pattern, Cost { time: each, searched: 1, matched });
                        }
                        start = end;
                    }
                    for expression in expressions.searched {
                        expression.scan(text, base, &work, callback)?;
                        let end = Instant::now();
                        let is_match = matched.in_document.take();
                        add.borrow_mut()(
                            expression.pattern(),
                            Cost { time: end - start, searched: 1, matched: is_match.into() },
                        );
                        start = end;
                    }
                    Ok(())
                },
            );
        }
        _ => unreachable!("only plans of expressions are measured"),
    }
}

/// Notes which expressions have matches in a document, if they are counted together.
struct FoundPatterns<'c> {
    patterns: Vec<u32>,
    cancel: &'c AtomicBool,
}

impl MatchCallback for FoundPatterns<'_> {
    fn on_match(&mut self, pattern: u32, _: usize, _: usize) {
        self.patterns.push(pattern);
    }

    fn on_matches(&mut self, pattern: u32, _: u64) {
        self.patterns.push(pattern);
    }

    fn end_document(&mut self) {}

    fn cancelled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }
}

/// Notes whether there are matches.
struct Matched<'c> {
    /// How many documents have matches.
    documents: Cell<u64>,
    in_document: Cell<bool>,
    cancel: &'c AtomicBool,
}

impl MatchCallback for &Matched<'_> {
    fn on_match(&mut self, _: u32, _: usize, _: usize) {
        self.in_document.set(true);
    }

    fn needs_spans(&self, _: u32) -> bool {
        false
    }

    fn on_matches(&mut self, _: u32, _: u64) {
        self.in_document.set(true);
    }

    fn end_document(&mut self) {
        self.documents.set(self.documents.get() + u64::from(self.in_document.take()));
    }

    fn cancelled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }
}

impl fmt::Display for Costs<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LISTED: usize = 20;

        let Self { plan, documents, time, patterns } = self;
        if patterns.is_empty() {
            return writeln!(f, "no term has a cost of its own: each document is searched for all of them together");
        }
        let percent = |part: f64, whole: f64| if whole > 0.0 { 100.0 * part / whole } else { 0.0 };
        let of_time = |part: Duration| percent(part.as_secs_f64(), time.as_secs_f64());
        let of_documents = |part: u64| percent(part as f64, *documents as f64);
        let searches: Duration = patterns.iter().map(|cost| cost.time).sum();
        writeln!(
            f,
            "measured in {documents} document{}: {:.0}% of the time is for the expressions below, {:.0}% to find the \
             documents to search for them",
            if *documents == 1 { "" } else { "s" },
            of_time(searches),
            of_time(time.saturating_sub(searches)),
        )?;
        let mut order: Vec<u32> =
            (0..).zip(patterns).filter(|(_, cost)| cost.searched > 0).map(|(id, _)| id).collect();
        let cost = |&id: &u32| &patterns[id as usize];
        order.sort_by_key(|id| std::cmp::Reverse(cost(id).time));
        writeln!(f, "   time  searched   matched  expression")?;
        for id in order.iter().take(LISTED) {
            let Cost { time, searched, matched } = cost(id);
            let (text, location) = plan.expression(*id);
            writeln!(
                f,
                "{:6.1}% {:8.2}% {:8.2}%  {location} {text}",
                of_time(*time),
                of_documents(*searched),
                of_documents(*matched)
            )?;
        }
        let others = order.iter().skip(LISTED);
        if others.len() > 0 {
            let (count, sum) = (others.len(), others.map(|id| cost(id).time).sum());
            writeln!(f, "{:6.1}%                      {count} others", of_time(sum))?;
        }
        match patterns.len() - order.len() {
            0 => Ok(()),
            never => writeln!(f, "expressions not searched for in any of these documents: {never}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::terms::list::Terms;
    use crate::core::terms::options::{Options, Overlap, Syntax};
    use crate::core::text::boundaries::MatchMode;
    use crate::core::text::encoding::Text;

    const TEXTS: [&str; 6] = ["password 1", "the password: 22", "é password", "", "one 5", "nothing"];
    /// Expressions, and in how many texts they have a literal and a match.
    const EXPRESSIONS: [(&str, u64, u64); 4] =
        [(r"password \d", 1, 1), (r"password", 3, 3), (r"\d\d", 6, 1), ("(?i)NOTHING", 1, 1)];

    /// Searched and matched documents by expression, with `more` expressions that no text needs.
    fn exact(more: usize, overlap: Overlap, workers: usize) -> Vec<(u64, u64)> {
        let more = (0..more).map(|i| format!("unseen{i}"));
        let terms =
            Terms::each(EXPRESSIONS.iter().map(|each| each.0.to_string()).chain(more).map(|term| (term, true)));
        let options = Options { syntax: Syntax::Regex, mode: MatchMode::Substring, overlap, ..Options::default() };
        let plan = Plan::new(terms, options).unwrap();
        let long = "x ".repeat(3 << 20);
        let texts = TEXTS.iter().copied().chain([&*long]).map(|text| Some(Text::Str(text.as_bytes())));
        let documents = Documents::from_texts(texts);
        let found = costs(&plan, &documents, RunOptions::with_workers(workers)).unwrap();
        assert_eq!(found.documents, 7);
        assert!(found.patterns.iter().all(|cost| cost.searched > 0 || cost.time == Duration::ZERO));
        assert!(found.to_string().contains("terms[1] password\n"), "{found}");
        found.patterns.iter().map(|cost| (cost.searched, cost.matched)).collect()
    }

    #[test]
    fn documents_are_counted_exactly() {
        for overlap in [Overlap::PerTerm, Overlap::First] {
            for workers in [1, 2] {
                let few = exact(0, overlap, workers);
                assert_eq!(few, EXPRESSIONS.map(|(_, _, matched)| (7, matched)));
                let many = exact(20, overlap, workers);
                // `\d\d` is searched for with others first, except in long and in other than ASCII documents.
                let expected = EXPRESSIONS
                    .map(|(text, searched, matched)| (if text == r"\d\d" { 3 } else { searched }, matched));
                assert_eq!(many[..4], expected);
                assert_eq!(many[4..], [(0, 0); 20]);
            }
        }
    }

    #[test]
    fn literals_have_no_costs() {
        let plan = Plan::new(Terms::each([("a", true)]), Options::default()).unwrap();
        let found = costs(&plan, &Documents::from_texts([]), RunOptions::default()).unwrap();
        assert!(found.patterns.is_empty() && found.to_string().starts_with("no term has a cost"));
    }
}
