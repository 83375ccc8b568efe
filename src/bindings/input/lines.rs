//! The lines of files and buffers.

use std::fs::File;
use std::path::PathBuf;

use pyo3::prelude::*;
use pyo3::types::PyString;

use super::super::borrowed::{BorrowedDocuments, Owners};
use super::super::errors::os_error;
use super::super::run::detach_interruptible;
use crate::core::Documents;
use crate::core::documents::chunk::Chunk;

/// The lines of a file (`str` or `os.PathLike`) or a buffer, as documents.
pub fn from_lines(source: &Bound<'_, PyAny>, encoding: Option<&Bound<'_, PyAny>>) -> PyResult<BorrowedDocuments> {
    let mut owners = Owners::default();
    let data = utf8_of(source, encoding, &mut owners)?;
    let chunk = detach_interruptible(source.py(), |keep_going| Chunk::from_lines_while(data, keep_going))?;
    Ok(BorrowedDocuments::new(Documents::new(vec![chunk]), owners))
}

/// The text of a file or a buffer in UTF-8, mapped or borrowed. `countgrid._opening` decompresses and decodes it if
/// necessary.
pub fn utf8_of(
    source: &Bound<'_, PyAny>,
    encoding: Option<&Bound<'_, PyAny>>,
    owners: &mut Owners,
) -> PyResult<&'static [u8]> {
    let opening = source.py().import("countgrid._opening")?;
    let (place, start): (Bound<'_, PyAny>, usize) = opening.call_method1("located", (source, encoding))?.extract()?;
    let text = if place.is_instance_of::<PyString>() {
        let path: PathBuf = place.extract()?;
        File::open(&path).and_then(|file| owners.map_file(&file)).map_err(|error| os_error(&error, &path))?
    } else {
        owners.buffer(&place, "source")?
    };
    Ok(text.get(start..).unwrap_or_default())
}
