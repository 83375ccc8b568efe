//! Whether an array that counts are written to shares memory with the documents that are counted.

use std::ops::Range;

use numpy::PyUntypedArray;
use numpy::prelude::*;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::arrays::{data_of, owner_of, plain};

/// Memory that documents are read from.
pub enum Region {
    /// A run of bytes, by their addresses.
    Flat(Range<usize>),
    /// The items of an array, which may have gaps. The array is kept.
    Array(Py<PyUntypedArray>),
}

impl Region {
    pub fn flat(bytes: &[u8]) -> Self {
        let start = bytes.as_ptr().addr();
        Self::Flat(start..start + bytes.len())
    }

    /// The addresses from the lowest byte to the highest.
    fn bounds(&self, py: Python<'_>) -> Range<usize> {
        match self {
            Self::Flat(bytes) => bytes.clone(),
            Self::Array(array) => bounds(array.bind(py)),
        }
    }
}

/// Refuses an `out` of which a cell shares memory with the documents. Two mappings of one file are told where the
/// system tells them apart: see [`mapped`].
pub fn check(out: &Bound<'_, PyUntypedArray>, regions: &[Region]) -> PyResult<()> {
    let py = out.py();
    let own = bounds(out);
    if own.is_empty() || regions.is_empty() {
        return Ok(());
    }
    for region in regions {
        if overlap(&own, &region.bounds(py)) && shares(out, region)? {
            return Err(shared());
        }
    }
    if may_be_mapped(out) && mapped::share_a_file(&own, regions.iter().map(|region| region.bounds(py))) {
        return Err(shared());
    }
    Ok(())
}

/// Whether the memory of an array is that of something other than an array, as a mapped file is.
fn may_be_mapped(array: &Bound<'_, PyUntypedArray>) -> bool {
    let mut owner = owner_of(array);
    while let Some(Ok(array)) = owner.as_ref().map(|owner| owner.cast::<PyUntypedArray>()) {
        owner = owner_of(array);
    }
    owner.is_some()
}

fn shared() -> PyErr {
    PyValueError::new_err("out shares memory with the documents, which counting would overwrite; pass another array")
}

fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

/// Where the lowest byte of an array is, and where the highest ends.
fn bounds(array: &Bound<'_, PyUntypedArray>) -> Range<usize> {
    if array.is_empty() {
        return 0..0;
    }
    let start = first_byte(array);
    let (mut low, mut high) = (start, start + array.dtype().itemsize());
    for (&stride, &len) in array.strides().iter().zip(array.shape()) {
        let reach = stride.unsigned_abs() * (len - 1);
        if stride < 0 { low -= reach } else { high += reach }
    }
    low..high
}

fn first_byte(array: &Bound<'_, PyUntypedArray>) -> usize {
    data_of(array).addr()
}

/// Whether a cell of `out` lies in a region within whose bounds it may lie.
fn shares(out: &Bound<'_, PyUntypedArray>, region: &Region) -> PyResult<bool> {
    let py = out.py();
    match region {
        Region::Flat(bytes) => Ok(has_cell_in(out, bytes)),
        Region::Array(array) => {
            let numpy = py.import("numpy")?;
            // Exact, unless that would take long: then whatever may share memory is taken to do so.
            let keywords = PyDict::new(py);
            keywords.set_item("max_work", 100_000)?;
            match numpy.call_method("shares_memory", (out, plain(array.bind(py))?), Some(&keywords)) {
                Ok(shares) => shares.is_truthy(),
                Err(error) if error.is_instance(py, &numpy.getattr("exceptions")?.getattr("TooHardError")?) => {
                    Ok(true)
                }
                Err(error) => Err(error),
            }
        }
    }
}

/// Whether a cell of an array of two dimensions lies in a run of bytes: row by row.
fn has_cell_in(out: &Bound<'_, PyUntypedArray>, bytes: &Range<usize>) -> bool {
    let (&[rows, columns], &[row_stride, stride]) = (out.shape(), out.strides()) else { return true };
    let (first, cell) = (first_byte(out) as i128, out.dtype().itemsize() as i128);
    let (low, high) = (bytes.start as i128, bytes.end as i128);
    (0..rows as i128).any(|row| {
        let start = first + row * row_stride as i128;
        let (stride, last) = (stride as i128, columns as i128 - 1);
        // From the cell with the lowest address on: cell `i` overlaps if `low - cell < lowest + i * step < high`.
        let (lowest, step) = if stride < 0 { (start + stride * last, -stride) } else { (start, stride) };
        let next = if step == 0 { 0 } else { (low - cell - lowest).div_euclid(step) + 1 }.clamp(0, last);
        let place = lowest + next * step;
        place + cell > low && place < high
    })
}

/// Mappings of files into memory: two of one file are at different addresses.
mod mapped {
    use std::ops::Range;

    /// A run of addresses that shows a part of a file.
    struct Mapping<'m> {
        addresses: Range<usize>,
        offset: usize,
        file: (&'m str, &'m str),
    }

    /// Whether a run of addresses shows a part of a file that one of the others shows too. Known on Linux.
    pub fn share_a_file(own: &Range<usize>, mut others: impl Iterator<Item = Range<usize>>) -> bool {
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap_or_default();
        let mappings: Vec<Mapping<'_>> = maps.lines().filter_map(parse).collect();
        let own = parts(&mappings, own);
        !own.is_empty()
            && others.any(|other| {
                parts(&mappings, &other)
                    .iter()
                    .any(|(file, part)| own.iter().any(|(of, own)| file == of && super::overlap(part, own)))
            })
    }

    /// The parts of files at a run of addresses.
    fn parts<'m>(mappings: &[Mapping<'m>], run: &Range<usize>) -> Vec<((&'m str, &'m str), Range<usize>)> {
        let shown = mappings.iter().filter(|mapping| super::overlap(&mapping.addresses, run));
        shown
            .map(|Mapping { addresses, offset, file }| {
                let place =
                    |address: usize| offset + (address.clamp(addresses.start, addresses.end) - addresses.start);
                (*file, place(run.start)..place(run.end))
            })
            .collect()
    }

    /// A line such as `7f2c-7f2f rw-s 00001000 08:01 131 /a/file`; nothing for memory that is of no file.
    fn parse(line: &str) -> Option<Mapping<'_>> {
        let mut fields = line.split_ascii_whitespace();
        let (start, end) = fields.next()?.split_once('-')?;
        let hex = |number| usize::from_str_radix(number, 16).ok();
        let addresses = hex(start)?..hex(end)?;
        let offset = hex(fields.nth(1)?)?;
        let file = (fields.next()?, fields.next()?);
        (file.1 != "0").then_some(Mapping { addresses, offset, file })
    }
}
