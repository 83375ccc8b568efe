//! One form, found by its bytes.
//!
//! `memmem` finds the rarest bytes of a short string at several gigabytes a second, faster by far than anything that
//! looks at every word; a candidate's neighbours are checked only where the bytes are found. One pass for each form, so
//! it serves plans of few forms. Not for globs and forms with white space inside, which are no fixed bytes, nor, outside
//! substring mode, for bytes that are no whole characters.

use memchr::memmem::Finder;

use super::super::batch::Batch;
use super::super::runs::{Match, Runs};
use super::super::terms::Form;
use super::super::text::Span;
use super::{CANCEL_BYTES, Cursor, Engine, Scratch, Sink, clean_cut, has_border};

pub struct Single {
    form: u32,
    runs: Runs,
    finder: Finder<'static>,
    has_border: bool,
}

impl Single {
    /// The bytes of a form that this engine can serve.
    pub fn serves(rule: Match, form: Form<'_>) -> Option<&[u8]> {
        match form {
            Form::Literal(bytes) if rule == Match::Substring => Some(bytes),
            Form::Literal(bytes) => (std::str::from_utf8(bytes).is_ok() && !bytes.contains(&b' ')).then_some(bytes),
            Form::Glob(_) | Form::Regex(_) => None,
        }
    }

    pub fn new(runs: Runs, form: u32, bytes: &[u8]) -> Self {
        Self { form, runs, finder: Finder::new(bytes).into_owned(), has_border: has_border(bytes) }
    }

    fn len(&self) -> usize {
        self.finder.needle().len()
    }

    /// Every place where the bytes stand, overlapping ones too.
    fn candidates<'t>(&'t self, text: &'t [u8]) -> impl Iterator<Item = usize> + 't {
        let step = if self.has_border { 1 } else { self.len() };
        let mut from = 0;
        std::iter::from_fn(move || {
            let at = from + self.finder.find(text.get(from..)?)?;
            from = at + step;
            Some(at)
        })
    }
}

impl Engine for Single {
    fn scan(&self, batch: Batch<'_>, _: &mut Scratch, sink: &mut impl Sink) {
        let mut cursor = Cursor::new(batch, sink);
        let text = batch.text;
        // By stretches; each takes the occurrences that begin in it.
        for stretch in (0..text.len()).step_by(CANCEL_BYTES) {
            let most = (stretch + CANCEL_BYTES + self.len() - 1).min(text.len());
            for at in self.candidates(&text[stretch..most]) {
                let (from, to) = (stretch + at, stretch + at + self.len());
                cursor.go_to(from);
                let Span { start, end } = cursor.document;
                if to <= end && self.runs.allow(&text[start..end], from - start, to - start) {
                    cursor.sink.hit(self.form, from, to);
                }
            }
            if cursor.sink.cancelled() {
                return;
            }
        }
        cursor.finish();
    }

    fn reach(&self) -> usize {
        self.len() + 1
    }

    fn cut(&self, window: &[u8], from: usize) -> Option<usize> {
        let base = from.saturating_sub(self.reach());
        let occurrences = self.candidates(&window[base..]).map(|at| (base + at, base + at + self.len()));
        clean_cut(occurrences, window, from, self.reach(), self.runs.rule != Match::Substring)
    }

    fn overlaps_itself(&self, _: u32) -> bool {
        self.has_border
    }
}
