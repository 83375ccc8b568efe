//! Checks that the array for the counts does not share memory with the documents.

use std::ops::Range;

use numpy::PyUntypedArray;
use numpy::prelude::*;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::arrays::{as_ndarray, base_of, data_pointer};

/// Memory that documents are read from.
pub enum Region {
    /// A range of addresses.
    Bytes(Range<usize>),
    /// The items of an array, which may have gaps. The array is kept alive.
    Array(Py<PyUntypedArray>),
}

impl Region {
    pub fn bytes(bytes: &[u8]) -> Self {
        let start = bytes.as_ptr().addr();
        Self::Bytes(start..start + bytes.len())
    }

    /// All addresses from the lowest byte to the highest.
    fn bounds(&self, py: Python<'_>) -> Range<usize> {
        match self {
            Self::Bytes(bytes) => bytes.clone(),
            Self::Array(array) => bounds(array.bind(py)),
        }
    }
}

/// Raises `ValueError` if a cell of `out` shares memory with the documents. On Linux, two mappings of one file count
/// as shared memory too: see [`mapped`].
pub fn check_no_overlap(out: &Bound<'_, PyUntypedArray>, regions: &[Region]) -> PyResult<()> {
    let py = out.py();
    let out_bounds = bounds(out);
    if out_bounds.is_empty() || regions.is_empty() {
        return Ok(());
    }
    for region in regions {
        if overlap(&out_bounds, &region.bounds(py)) && shares(out, region)? {
            return Err(overlap_error());
        }
    }
    if may_be_mapped(out) && mapped::share_a_file(&out_bounds, regions.iter().map(|region| region.bounds(py))) {
        return Err(overlap_error());
    }
    Ok(())
}

/// Whether something other than an array owns the memory of an array, as for a mapped file.
fn may_be_mapped(array: &Bound<'_, PyUntypedArray>) -> bool {
    let mut owner = base_of(array);
    while let Some(Ok(array)) = owner.as_ref().map(|owner| owner.cast::<PyUntypedArray>()) {
        owner = base_of(array);
    }
    owner.is_some()
}

fn overlap_error() -> PyErr {
    PyValueError::new_err("out shares memory with the documents, which counting would overwrite; pass another array")
}

fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

/// All addresses of an array from its lowest byte to its highest.
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
    data_pointer(array).addr()
}

/// Whether `out` has a cell in a region whose bounds overlap with those of `out`.
fn shares(out: &Bound<'_, PyUntypedArray>, region: &Region) -> PyResult<bool> {
    let py = out.py();
    match region {
        Region::Bytes(bytes) => Ok(has_cell_in(out, bytes)),
        Region::Array(array) => {
            let numpy = py.import("numpy")?;
            // Exact, unless that takes too long. Then we assume that memory is shared.
            let keywords = PyDict::new(py);
            keywords.set_item("max_work", 100_000)?;
            match numpy.call_method("shares_memory", (out, as_ndarray(array.bind(py))?), Some(&keywords)) {
                Ok(shares) => shares.is_truthy(),
                Err(error) if error.is_instance(py, &numpy.getattr("exceptions")?.getattr("TooHardError")?) => {
                    Ok(true)
                }
                Err(error) => Err(error),
            }
        }
    }
}

/// Whether a two-dimensional array has a cell in a range of addresses. Checks row by row.
fn has_cell_in(out: &Bound<'_, PyUntypedArray>, bytes: &Range<usize>) -> bool {
    let (&[rows, columns], &[row_stride, stride]) = (out.shape(), out.strides()) else { return true };
    let (first, cell) = (first_byte(out) as i128, out.dtype().itemsize() as i128);
    let (low, high) = (bytes.start as i128, bytes.end as i128);
    (0..rows as i128).any(|row| {
        let start = first + row * row_stride as i128;
        let (stride, last) = (stride as i128, columns as i128 - 1);
        // Cell `i`, from the lowest address on, overlaps if `low - cell < lowest + i * step < high`.
        let (lowest, step) = if stride < 0 { (start + stride * last, -stride) } else { (start, stride) };
        let next = if step == 0 { 0 } else { (low - cell - lowest).div_euclid(step) + 1 }.clamp(0, last);
        let place = lowest + next * step;
        place + cell > low && place < high
    })
}

/// Files mapped into memory. Two mappings of one file have different addresses.
mod mapped {
    use std::ops::Range;

    /// A range of addresses where a part of a file is mapped.
    struct Mapping<'m> {
        addresses: Range<usize>,
        offset: usize,
        file: (&'m str, &'m str),
    }

    /// Whether a part of a file is mapped at some addresses and at others too. Always false except on Linux.
    pub fn share_a_file(addresses: &Range<usize>, mut others: impl Iterator<Item = Range<usize>>) -> bool {
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap_or_default();
        let mappings: Vec<Mapping<'_>> = maps.lines().filter_map(parse).collect();
        let own = parts(&mappings, addresses);
        !own.is_empty()
            && others.any(|other| {
                parts(&mappings, &other).iter().any(|(file, part)| {
                    own.iter().any(|(own_file, own)| file == own_file && super::overlap(part, own))
                })
            })
    }

    /// The parts of files that are mapped at some addresses.
    fn parts<'m>(mappings: &[Mapping<'m>], range: &Range<usize>) -> Vec<((&'m str, &'m str), Range<usize>)> {
        let shown = mappings.iter().filter(|mapping| super::overlap(&mapping.addresses, range));
        shown
            .map(|Mapping { addresses, offset, file }| {
                let offset_of =
                    |address: usize| offset + (address.clamp(addresses.start, addresses.end) - addresses.start);
                (*file, offset_of(range.start)..offset_of(range.end))
            })
            .collect()
    }

    /// Parses a line such as `7f2c-7f2f rw-s 00001000 08:01 131 /a/file`. Returns `None` for memory without a file.
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
