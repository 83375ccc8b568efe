//! Objects of any library with the Arrow PyCapsule protocol.
//!
//! <https://arrow.apache.org/docs/format/CDataInterface/PyCapsuleInterface.html>. The arrays are read in the
//! producer's memory, without a copy.
//!
//! Strings are text, and so are extension types that are stored as strings. Plain binary columns are documents of
//! bytes. Binary columns with another meaning (a UUID, a geometry) raise `TypeError`. They are recognised by their
//! extension type. Some libraries export their own types without one; there the Python object's type decides.

use arrow_buffer::NullBuffer;
use arrow_data::ArrayData;
use arrow_schema::{DataType, Field};
use pyo3::exceptions::{PyKeyboardInterrupt, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use super::super::borrowed::{BorrowedDocuments, Owners};
use super::capsule::{ArrowStream, ColumnType, arrow_array, not_text};
use super::dictionary::DictionaryBuilder;
use super::exhausted;
use super::offsets::check_offsets;
use crate::core::Documents;
use crate::core::base::memory;
use crate::core::documents::chunk::{Chunk, Content, Integers, Layout, Missing, Width};

pub fn is_arrow(object: &Bound<'_, PyAny>) -> PyResult<bool> {
    Ok(object.hasattr("__arrow_c_stream__")? || object.hasattr("__arrow_c_array__")?)
}

/// The documents of an object with the protocol.
pub fn documents(object: &Bound<'_, PyAny>, name: &str, owners: &mut Owners) -> PyResult<Documents<'static>> {
    column_of(object, name)?.documents(name, owners)
}

/// The column of an object with the protocol.
pub fn column_of(object: &Bound<'_, PyAny>, name: &str) -> PyResult<Column> {
    if !object.hasattr("__arrow_c_stream__")? {
        let (schema, array): (Bound<'_, PyCapsule>, Bound<'_, PyCapsule>) =
            object.call_method0("__arrow_c_array__")?.extract()?;
        let (array, column) = arrow_array(&schema, &array, &|| dtype_of(object), name)?;
        let is_table = is_table(object, &column.storage)?;
        return Ok(Column { arrays: vec![array], is_table, declared_type: declared_type(object, &column) });
    }
    let mut stream = Stream::open(object, name)?;
    let mut arrays = Vec::new();
    while let Some(array) = stream.next(object.py())? {
        arrays.push(array);
    }
    Ok(Column { arrays, is_table: stream.is_table, declared_type: stream.declared_type })
}

/// Arrays of one column, or of tables with one column.
#[derive(Default)]
pub struct Column {
    pub arrays: Vec<ArrayData>,
    is_table: bool,
    declared_type: Option<String>,
}

impl Column {
    /// Adds more arrays of the column.
    pub fn append(&mut self, more: Self) {
        self.arrays.extend(more.arrays);
        self.is_table |= more.is_table;
        self.declared_type = self.declared_type.take().or(more.declared_type);
    }

    pub fn documents(self, name: &str, owners: &mut Owners) -> PyResult<Documents<'static>> {
        column_documents(self.arrays, self.is_table, self.declared_type.as_deref(), name, owners)
    }
}

/// The type that the producer declares for a column, if it says more than the Arrow type.
fn declared_type(object: &Bound<'_, PyAny>, column: &ColumnType) -> Option<String> {
    let of_producer =
        || is_binary(&column.storage).then(|| producer_type(object)).flatten().filter(|name| !is_bytes(name));
    column.extension.clone().or_else(of_producer)
}

/// The type of a column, or of a table's only column, in polars, narwhals or DuckDB. They export some types as plain
/// binary: polars' `Object` as memory addresses, and DuckDB's `BIT`.
fn producer_type(object: &Bound<'_, PyAny>) -> Option<String> {
    dtype_of(object)
        .or_else(|| str_of(&first(object.getattr("dtypes").ok()?)?))
        .or_else(|| str_of(&first(object.getattr("schema").ok()?.call_method0("values").ok()?)?))
}

fn dtype_of(object: &Bound<'_, PyAny>) -> Option<String> {
    str_of(&object.getattr("dtype").ok()?)
}

fn str_of(object: &Bound<'_, PyAny>) -> Option<String> {
    Some(object.str().ok()?.to_string_lossy().into_owned())
}

/// Whether an object that exports structs is a table, not a column of structs. Only columns have a type, except
/// DuckDB's relations, which also have `columns`. We look at the class, since the columns of a table may be its
/// attributes.
fn is_table(object: &Bound<'_, PyAny>, storage: &DataType) -> PyResult<bool> {
    let class = object.get_type();
    Ok(matches!(storage, DataType::Struct(_))
        && (class.hasattr("columns")? || !(class.hasattr("dtype")? || class.hasattr("type")?)))
}

fn first(items: Bound<'_, PyAny>) -> Option<Bound<'_, PyAny>> {
    items.try_iter().ok()?.next()?.ok()
}

/// Whether a column, or a table's only column, is stored as bytes.
fn is_binary(storage: &DataType) -> bool {
    match storage {
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => true,
        DataType::Dictionary(_, values) => is_binary(values),
        DataType::Struct(fields) => fields.iter().all(|field| is_binary(field.data_type())),
        _ => false,
    }
}

/// Whether a library's type with this name is plain bytes: `Binary`, `BLOB`.
fn is_bytes(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["binary", "blob", "bytes"].iter().any(|bytes| name.contains(bytes))
}

/// A stream of arrays, read one by one.
pub struct Stream {
    stream: ArrowStream,
    is_table: bool,
    declared_type: Option<String>,
    name: String,
    /// The object of a stream that can be read only once, until the first read.
    unread: Option<Py<PyAny>>,
}

impl Stream {
    /// Opens the stream of an object. A table with several columns raises before it is read.
    pub fn open(object: &Bound<'_, PyAny>, name: &str) -> PyResult<Self> {
        let capsule = object.call_method0("__arrow_c_stream__")?.cast_into::<PyCapsule>()?;
        let stream = ArrowStream::new(&capsule, &|| dtype_of(object), name)?;
        let storage = &stream.column().storage;
        let is_table = is_table(object, storage)?;
        if let DataType::Struct(fields) = storage
            && is_table
        {
            only_field(fields, name)?;
        }
        let declared_type = declared_type(object, stream.column());
        // Objects with a size can be read again. We look at the class, since `nbytes` of pyarrow before 19 raises for
        // views.
        let class = object.get_type();
        let is_read_once = !class.hasattr("nbytes")? && !class.hasattr("estimated_size")?;
        Ok(Self {
            stream,
            is_table,
            declared_type,
            name: name.to_string(),
            unread: is_read_once.then(|| object.clone().unbind()),
        })
    }

    /// The next array. Releases the GIL meanwhile, since the producer or its threads may need it.
    pub fn next(&mut self, py: Python<'_>) -> PyResult<Option<ArrayData>> {
        // A producer written in Python may be interrupted. Only the text of its exception reaches us.
        let next = py.detach(|| self.stream.next()).map_err(|error| match error.contains("KeyboardInterrupt") {
            true => PyKeyboardInterrupt::new_err(()),
            false => PyRuntimeError::new_err(format!("the Arrow stream of {} failed: {error}", self.name)),
        })?;
        if let Some(object) = self.unread.take() {
            exhausted::check_and_remember(object.bind(py), next.is_none(), &self.name)?;
        }
        Ok(next)
    }

    /// The documents of the next arrays that have about `bytes` bytes together.
    pub fn next_documents(&mut self, py: Python<'_>, bytes: u64) -> PyResult<Option<BorrowedDocuments>> {
        let mut arrays = Vec::new();
        let mut read = 0;
        while read < bytes
            && let Some(array) = self.next(py)?
        {
            read += array.get_slice_memory_size().unwrap_or(0) as u64;
            arrays.push(array);
        }
        if arrays.is_empty() {
            return Ok(None);
        }
        let mut owners = Owners::default();
        let documents =
            column_documents(arrays, self.is_table, self.declared_type.as_deref(), &self.name, &mut owners)?;
        Ok(Some(BorrowedDocuments::new(documents, owners)))
    }
}

/// The only field of a table.
fn only_field<'f>(fields: &'f [std::sync::Arc<Field>], name: &str) -> PyResult<&'f Field> {
    match fields {
        [field] => Ok(field),
        _ => Err(several_columns(name, fields.iter().map(|field| field.name().as_str()))),
    }
}

/// For a table that does not have exactly one column.
pub fn several_columns<'n>(name: &str, columns: impl ExactSizeIterator<Item = &'n str>) -> PyErr {
    let count = columns.len();
    if count == 0 {
        return PyValueError::new_err(format!("{name} has no columns; pass a column of text"));
    }
    let columns = columns.map(|column| format!("'{column}'")).collect::<Vec<_>>().join(", ");
    PyValueError::new_err(format!("{name} has {count} columns ({columns}); pass one of them"))
}

/// The documents of the arrays of one column.
fn column_documents(
    arrays: Vec<ArrayData>,
    is_table: bool,
    declared: Option<&str>,
    name: &str,
    owners: &mut Owners,
) -> PyResult<Documents<'static>> {
    let column = |array| if is_table { out_of_struct(array, name) } else { Ok(with_nulls(array)) };
    let arrays = arrays.into_iter().map(column).collect::<PyResult<Vec<_>>>()?;
    if arrays.iter().any(|(array, _)| matches!(array.data_type(), DataType::Dictionary(..))) {
        return dictionary(&arrays, declared, name, owners);
    }
    let chunks = arrays.iter().map(|(array, nulls)| chunk(array, nulls.as_ref(), declared, name, owners));
    Ok(Documents::new(chunks.collect::<PyResult<_>>()?))
}

fn with_nulls(array: ArrayData) -> (ArrayData, Option<NullBuffer>) {
    let nulls = array.nulls().cloned();
    (array, nulls)
}

/// The only column of a record batch, and its nulls. A row that is null as a whole is missing too.
fn out_of_struct(array: ArrayData, name: &str) -> PyResult<(ArrayData, Option<NullBuffer>)> {
    let DataType::Struct(fields) = array.data_type() else { return Ok(with_nulls(array)) };
    only_field(fields, name)?;
    let child = array.child_data()[0].slice(array.offset(), array.len());
    let nulls = NullBuffer::union(array.nulls(), child.nulls());
    Ok((child, nulls))
}

/// An array as a chunk.
fn chunk(
    array: &ArrayData,
    nulls: Option<&NullBuffer>,
    declared: Option<&str>,
    name: &str,
    owners: &mut Owners,
) -> PyResult<Chunk<'static>> {
    let (len, offset) = (array.len(), array.offset());
    let data_type = array.data_type();
    let null_count = nulls.map_or(0, NullBuffer::null_count);
    let missing = match nulls {
        None => Missing::None,
        Some(nulls) => {
            let (bits, offset) = owners.arrow_nulls(nulls);
            Missing::Bitmap { bits, offset }
        }
    };
    let content = Content::utf8(!is_binary(data_type));
    let layout = match data_type {
        _ if *data_type == DataType::Null || null_count == len || is_all_nan(array) => Layout::Null,
        _ if declared.is_some() && is_binary(data_type) => return Err(not_text(data_type, declared, name)),
        DataType::Utf8 | DataType::Binary => offsets(array, Width::I32, content, name, owners)?,
        DataType::LargeUtf8 | DataType::LargeBinary => offsets(array, Width::I64, content, name, owners)?,
        DataType::Utf8View | DataType::BinaryView => {
            let buffers = owners.arrow_buffers(array);
            let views = buffers[0].get(16 * offset..).unwrap_or(&[]);
            Layout::Views { views, buffers: buffers[1..].to_vec(), content }
        }
        DataType::FixedSizeBinary(width) => {
            let width = usize::try_from(*width).unwrap_or(0);
            let data = owners.arrow_buffers(array)[0];
            Layout::Fixed { data, first: offset * width, stride: width as isize, width, content: Content::Bytes }
        }
        _ => return Err(not_text(data_type, declared, name)),
    };
    Ok(Chunk::new(layout, missing, len))
}

/// A layout with offsets. They are checked here for the error message, and again where they are used.
fn offsets(
    array: &ArrayData,
    width: Width,
    content: Content,
    name: &str,
    owners: &mut Owners,
) -> PyResult<Layout<'static>> {
    let buffers = owners.arrow_buffers(array);
    let (start, end) = (array.offset() * width.bytes, (array.offset() + array.len() + 1) * width.bytes);
    let bytes = buffers[0].get(start..end).ok_or_else(|| {
        PyValueError::new_err(format!("{name} has fewer offsets than documents: a malformed Arrow array"))
    })?;
    let offsets = Integers::new(bytes, width);
    Python::attach(|py| check_offsets(py, &offsets, buffers[1].len(), name))?;
    Ok(Layout::Offsets { data: buffers[1], offsets, content })
}

/// Whether all values are NaN. pandas makes such a column of floats if all texts are missing.
fn is_all_nan(array: &ArrayData) -> bool {
    let bytes = || array.buffers()[0].as_slice();
    let (offset, len) = (array.offset(), array.len());
    match array.data_type() {
        DataType::Float64 => {
            let values = &bytes().as_chunks::<8>().0[offset..offset + len];
            values.iter().enumerate().all(|(i, value)| array.is_null(i) || f64::from_ne_bytes(*value).is_nan())
        }
        DataType::Float32 => {
            let values = &bytes().as_chunks::<4>().0[offset..offset + len];
            values.iter().enumerate().all(|(i, value)| array.is_null(i) || f32::from_ne_bytes(*value).is_nan())
        }
        _ => false,
    }
}

/// The documents of arrays of which some are dictionary-encoded. A dictionary that consecutive arrays share is read
/// once.
fn dictionary(
    arrays: &[(ArrayData, Option<NullBuffer>)],
    declared: Option<&str>,
    name: &str,
    owners: &mut Owners,
) -> PyResult<Documents<'static>> {
    let mut builder = DictionaryBuilder::default();
    let mut current: Option<&ArrayData> = None;
    for (array, nulls) in arrays {
        if !matches!(array.data_type(), DataType::Dictionary(..)) {
            // Each row has a value of its own.
            builder.start(Documents::new(vec![chunk(array, nulls.as_ref(), declared, name, owners)?]));
            current = None;
            let keys = memory::collected((0..array.len() as u64).flat_map(u64::to_ne_bytes));
            Python::attach(|py| {
                builder.add_rows(py, &Integers::new(keys, Width::I64), array.len(), |_| false, name)
            })?;
            continue;
        }
        let values = &array.child_data()[0];
        if !current.is_some_and(|known| known.ptr_eq(values)) {
            builder.start(Documents::new(vec![chunk(values, values.nulls(), declared, name, owners)?]));
            current = Some(values);
        }
        let width = key_width(array.data_type()).ok_or_else(|| not_text(array.data_type(), declared, name))?;
        let buffers = owners.arrow_buffers(array);
        let bytes = buffers[0].get(array.offset() * width.bytes..).unwrap_or(&[]);
        let is_null = |i| nulls.as_ref().is_some_and(|nulls| nulls.is_null(i));
        Python::attach(|py| builder.add_rows(py, &Integers::new(bytes, width), array.len(), is_null, name))?;
    }
    Ok(builder.finish())
}

fn key_width(data_type: &DataType) -> Option<Width> {
    let DataType::Dictionary(keys, _) = data_type else { return None };
    keys.is_dictionary_key_type().then(|| Width {
        bytes: keys.primitive_width().expect("integers have a width"),
        signed: keys.is_signed_integer(),
    })
}
