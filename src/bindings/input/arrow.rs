//! Anything with the Arrow PyCapsule protocol, through which no library is special.
//!
//! <https://arrow.apache.org/docs/format/CDataInterface/PyCapsuleInterface.html>. The arrays come as they lie in the
//! producer's memory; nothing is copied.
//!
//! Strings are text, and so are extension types that are stored as strings. Plain binary columns are bytes documents. Binary
//! columns that mean something else (a UUID, a geometry) raise `TypeError`: by their extension type, or where a library
//! exports its own types without one, by the type that the library's object declares.

use arrow_buffer::NullBuffer;
use arrow_data::ArrayData;
use arrow_schema::{DataType, Field};
use pyo3::exceptions::{PyKeyboardInterrupt, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use super::super::buffer::{Held, Keeper};
use super::super::capsule::{ArrowStream, Type, arrow_array, not_text};
use super::once;
use super::shared::Shared;
use crate::core::Documents;
use crate::core::documents::chunk::{Chunk, Content, Integers, Layout, Missing, Width};

pub fn is_arrow(object: &Bound<'_, PyAny>) -> PyResult<bool> {
    Ok(object.hasattr("__arrow_c_stream__")? || object.hasattr("__arrow_c_array__")?)
}

/// Takes all arrays of an object.
pub fn documents(object: &Bound<'_, PyAny>, name: &str, keeper: &mut Keeper) -> PyResult<Documents<'static>> {
    if !object.hasattr("__arrow_c_stream__")? {
        let (schema, array): (Bound<'_, PyCapsule>, Bound<'_, PyCapsule>) =
            object.call_method0("__arrow_c_array__")?.extract()?;
        let (array, column) = arrow_array(&schema, &array, &|| own_type_of_column(object), name)?;
        let is_table = is_table(object, &column.storage)?;
        return columns(vec![array], is_table, declared(object, &column).as_deref(), name, keeper);
    }
    let mut stream = Stream::open(object, name)?;
    let mut arrays = Vec::new();
    while let Some(array) = stream.next(object.py())? {
        arrays.push(array);
    }
    columns(arrays, stream.is_table, stream.declared.as_deref(), name, keeper)
}

/// The type that a column's values have for their producer, if Arrow's type does not tell.
fn declared(object: &Bound<'_, PyAny>, column: &Type) -> Option<String> {
    let own = || is_binary(&column.storage).then(|| own_type(object)).flatten().filter(|name| !is_bytes(name));
    column.extension.clone().or_else(own)
}

/// The name of the type that polars, narwhals or DuckDB gives to a column, or to the one column of a table. They export some
/// types as plain binary: polars' `Object` as addresses in memory, DuckDB's `BIT`.
fn own_type(object: &Bound<'_, PyAny>) -> Option<String> {
    own_type_of_column(object)
        .or_else(|| text_of(&first(object.getattr("dtypes").ok()?)?))
        .or_else(|| text_of(&first(object.getattr("schema").ok()?.call_method0("values").ok()?)?))
}

fn own_type_of_column(object: &Bound<'_, PyAny>) -> Option<String> {
    text_of(&object.getattr("dtype").ok()?)
}

fn text_of(dtype: &Bound<'_, PyAny>) -> Option<String> {
    Some(dtype.str().ok()?.to_string_lossy().into_owned())
}

/// Whether an object that exports structs is a table, and not a column of structs. Only a column's class has a type, but
/// DuckDB's relations have a `type` and columns. The class is asked, since the columns of a table may be its attributes.
fn is_table(object: &Bound<'_, PyAny>, storage: &DataType) -> PyResult<bool> {
    let class = object.get_type();
    Ok(matches!(storage, DataType::Struct(_))
        && (class.hasattr("columns")? || !(class.hasattr("dtype")? || class.hasattr("type")?)))
}

fn first(items: Bound<'_, PyAny>) -> Option<Bound<'_, PyAny>> {
    items.try_iter().ok()?.next()?.ok()
}

/// Whether a column, or the one column of a table, is stored as bytes.
fn is_binary(storage: &DataType) -> bool {
    match storage {
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => true,
        DataType::Dictionary(_, values) => is_binary(values),
        DataType::Struct(fields) => fields.iter().all(|field| is_binary(field.data_type())),
        _ => false,
    }
}

/// Whether a library's type of this name is plain bytes: `Binary`, `BLOB`.
fn is_bytes(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["binary", "blob", "bytes"].iter().any(|bytes| name.contains(bytes))
}

/// A stream of arrays, read one by one.
pub struct Stream {
    stream: ArrowStream,
    is_table: bool,
    declared: Option<String>,
    name: String,
    /// What it comes from, until something came.
    unread: Option<Py<PyAny>>,
}

impl Stream {
    /// Opens the stream of an object. A stream of tables with several columns is refused before it is read.
    pub fn open(object: &Bound<'_, PyAny>, name: &str) -> PyResult<Self> {
        let capsule = object.call_method0("__arrow_c_stream__")?.cast_into::<PyCapsule>()?;
        let stream = ArrowStream::new(&capsule, &|| own_type_of_column(object), name)?;
        let storage = &stream.column().storage;
        let is_table = is_table(object, storage)?;
        if let DataType::Struct(fields) = storage
            && is_table
        {
            only_field(fields, name)?;
        }
        let declared = declared(object, stream.column());
        // What tells its size can be read again.
        // The class is asked: pyarrow before 19 cannot tell the bytes of views, and raises.
        let class = object.get_type();
        let is_read_once = !class.hasattr("nbytes")? && !class.hasattr("estimated_size")?;
        Ok(Self {
            stream,
            is_table,
            declared,
            name: name.to_string(),
            unread: is_read_once.then(|| object.clone().unbind()),
        })
    }

    /// The next array. The GIL is released meanwhile: the producer may need it, or other threads that do.
    pub fn next(&mut self, py: Python<'_>) -> PyResult<Option<ArrayData>> {
        // A producer written in Python may be interrupted; what reaches us of its exception is its text.
        let next = py.detach(|| self.stream.next()).map_err(|error| match error.contains("KeyboardInterrupt") {
            true => PyKeyboardInterrupt::new_err(()),
            false => PyRuntimeError::new_err(format!("the Arrow stream of {} failed: {error}", self.name)),
        })?;
        if let Some(object) = self.unread.take() {
            once::note(object.bind(py), next.is_none(), &self.name)?;
        }
        Ok(next)
    }

    /// The documents of the next arrays, until they hold about so much text.
    pub fn next_documents(&mut self, py: Python<'_>, bytes: u64) -> PyResult<Option<Held>> {
        let mut arrays = Vec::new();
        let mut taken = 0;
        while taken < bytes
            && let Some(array) = self.next(py)?
        {
            taken += array.get_slice_memory_size().unwrap_or(0) as u64;
            arrays.push(array);
        }
        if arrays.is_empty() {
            return Ok(None);
        }
        let mut keeper = Keeper::default();
        let documents = columns(arrays, self.is_table, self.declared.as_deref(), &self.name, &mut keeper)?;
        Ok(Some(Held::new(documents, keeper)))
    }
}

/// The one field of a table or DataFrame.
fn only_field<'f>(fields: &'f [std::sync::Arc<Field>], name: &str) -> PyResult<&'f Field> {
    match fields {
        [field] => Ok(field),
        _ => Err(several_columns(name, fields.iter().map(|field| field.name().as_str()))),
    }
}

/// For a table of which one column must be chosen.
pub fn several_columns<'n>(name: &str, columns: impl ExactSizeIterator<Item = &'n str>) -> PyErr {
    let count = columns.len();
    if count == 0 {
        return PyValueError::new_err(format!("{name} has no columns; pass a column of text"));
    }
    let columns = columns.map(|column| format!("'{column}'")).collect::<Vec<_>>().join(", ");
    PyValueError::new_err(format!("{name} has {count} columns ({columns}); pass one of them"))
}

/// Arrays of one type, which follow one another.
fn columns(
    arrays: Vec<ArrayData>,
    is_table: bool,
    declared: Option<&str>,
    name: &str,
    keeper: &mut Keeper,
) -> PyResult<Documents<'static>> {
    let column = |array| if is_table { out_of_struct(array, name) } else { Ok(with_nulls(array)) };
    let arrays = arrays.into_iter().map(column).collect::<PyResult<Vec<_>>>()?;
    if matches!(arrays.first(), Some((array, _)) if matches!(array.data_type(), DataType::Dictionary(..))) {
        return dictionary(&arrays, declared, name, keeper);
    }
    let chunks = arrays.iter().map(|(array, nulls)| chunk(array, nulls.as_ref(), declared, name, keeper));
    Ok(Documents::new(chunks.collect::<PyResult<_>>()?))
}

fn with_nulls(array: ArrayData) -> (ArrayData, Option<NullBuffer>) {
    let nulls = array.nulls().cloned();
    (array, nulls)
}

/// The one column of a table's batch, and which rows of it are null: a row that is null as a whole has no text.
fn out_of_struct(array: ArrayData, name: &str) -> PyResult<(ArrayData, Option<NullBuffer>)> {
    let DataType::Struct(fields) = array.data_type() else { return Ok(with_nulls(array)) };
    only_field(fields, name)?;
    let child = array.child_data()[0].slice(array.offset(), array.len());
    let nulls = NullBuffer::union(array.nulls(), child.nulls());
    Ok((child, nulls))
}

/// One array as a chunk.
fn chunk(
    array: &ArrayData,
    nulls: Option<&NullBuffer>,
    declared: Option<&str>,
    name: &str,
    keeper: &mut Keeper,
) -> PyResult<Chunk<'static>> {
    let (len, offset) = (array.len(), array.offset());
    let data_type = array.data_type();
    let null_count = nulls.map_or(0, NullBuffer::null_count);
    let missing = match nulls {
        None => Missing::None,
        Some(nulls) => {
            let (bits, offset) = keeper.arrow_nulls(nulls);
            Missing::Bitmap { bits, offset }
        }
    };
    let content = Content::utf8(!is_binary(data_type));
    let layout = match data_type {
        _ if *data_type == DataType::Null || null_count == len || is_all_nan(array) => Layout::Null,
        _ if declared.is_some() && is_binary(data_type) => return Err(not_text(data_type, declared, name)),
        DataType::Utf8 | DataType::Binary => offsets(array, Width::I32, content, name, keeper)?,
        DataType::LargeUtf8 | DataType::LargeBinary => offsets(array, Width::I64, content, name, keeper)?,
        DataType::Utf8View | DataType::BinaryView => {
            let buffers = keeper.arrow(array);
            let views = buffers[0].get(16 * offset..).unwrap_or(&[]);
            Layout::Views { views, buffers: buffers[1..].to_vec(), content }
        }
        DataType::FixedSizeBinary(width) => {
            let width = usize::try_from(*width).unwrap_or(0);
            let data = keeper.arrow(array)[0];
            Layout::Fixed { data, first: offset * width, stride: width as isize, width, content: Content::Bytes }
        }
        _ => return Err(not_text(data_type, declared, name)),
    };
    Ok(Chunk::new(layout, missing, len))
}

/// A layout with offsets, which are checked once here, and again where they are used.
fn offsets(
    array: &ArrayData,
    width: Width,
    content: Content,
    name: &str,
    keeper: &mut Keeper,
) -> PyResult<Layout<'static>> {
    let buffers = keeper.arrow(array);
    let (start, end) = (array.offset() * width.bytes, (array.offset() + array.len() + 1) * width.bytes);
    let bytes = buffers[0].get(start..end).ok_or_else(|| {
        PyValueError::new_err(format!("{name} has fewer offsets than documents: a malformed Arrow array"))
    })?;
    let offsets = Integers::new(bytes, width);
    Python::attach(|py| super::lines::check_offsets(py, &offsets, buffers[1].len(), name))?;
    Ok(Layout::Offsets { data: buffers[1], offsets, content })
}

/// A column of floats that are all NaN, as pandas makes of one that is empty of text.
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

/// Dictionary-encoded arrays. A dictionary that several of them share is taken once.
fn dictionary(
    arrays: &[(ArrayData, Option<NullBuffer>)],
    declared: Option<&str>,
    name: &str,
    keeper: &mut Keeper,
) -> PyResult<Documents<'static>> {
    let mut shared = Shared::default();
    let mut current: Option<&ArrayData> = None;
    for (array, nulls) in arrays {
        let values = &array.child_data()[0];
        if !current.is_some_and(|known| known.ptr_eq(values)) {
            shared.begin(Documents::new(vec![chunk(values, values.nulls(), declared, name, keeper)?]));
            current = Some(values);
        }
        let width = key_width(array.data_type()).ok_or_else(|| not_text(array.data_type(), declared, name))?;
        let buffers = keeper.arrow(array);
        let bytes = buffers[0].get(array.offset() * width.bytes..).unwrap_or(&[]);
        let is_null = |i| nulls.as_ref().is_some_and(|nulls| nulls.is_null(i));
        Python::attach(|py| shared.extend(py, &Integers::new(bytes, width), array.len(), is_null, name))?;
    }
    Ok(shared.documents())
}

fn key_width(data_type: &DataType) -> Option<Width> {
    let DataType::Dictionary(keys, _) = data_type else { return None };
    keys.is_dictionary_key_type().then(|| Width {
        bytes: keys.primitive_width().expect("integers have a width"),
        signed: keys.is_signed_integer(),
    })
}
