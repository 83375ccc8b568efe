//! Reads Arrow arrays and streams from PyCapsules: the Arrow C data interface.
//!
//! We have to trust a producer's pointers and the lengths of its buffers, since the interface does not include these
//! lengths. Everything else that an array says about itself is checked before it is read.

#![allow(unsafe_code)]

use std::ffi::{CStr, c_char, c_void};

use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_data::ffi::FFI_ArrowArray;
use arrow_data::{ArrayData, layout};
use arrow_schema::ffi::FFI_ArrowSchema;
use arrow_schema::{ArrowError, DataType, Field};
use pyo3::exceptions::{PyRuntimeError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use crate::core::CountError;
use crate::core::base::panics::catch_panics;

/// The type of a column.
pub struct ColumnType {
    /// How values are stored.
    pub storage: DataType,
    /// The extension type of the column, or of a table's only column.
    pub extension: Option<String>,
}

/// Returns the producer's name of a column's type, for types that Arrow does not have.
pub type ProducerType<'t> = &'t dyn Fn() -> Option<String>;

/// A stream of the Arrow C stream interface.
pub struct ArrowStream {
    stream: FFI_ArrowArrayStream,
    column: ColumnType,
}

impl ArrowStream {
    /// Moves the stream out of an `arrow_array_stream` capsule.
    pub fn new(capsule: &Bound<'_, PyCapsule>, producer_type: ProducerType<'_>, name: &str) -> PyResult<Self> {
        let pointer = capsule.pointer_checked(Some(c"arrow_array_stream"))?;
        // SAFETY: a capsule with this name points to such a struct, by the protocol. `from_raw` marks the struct as
        // released.
        let mut stream = unsafe { FFI_ArrowArrayStream::from_raw(pointer.as_ptr().cast()) };
        let mut schema = FFI_ArrowSchema::empty();
        // A stream that was moved elsewhere may still have its other callbacks, which must not be called.
        let get_schema =
            stream.get_schema().filter(|_| stream.release().is_some()).ok_or_else(|| already_read(name))?;
        // SAFETY: the callback is called with its own stream and an empty struct to fill.
        if unsafe { get_schema(&raw mut stream, &raw mut schema) } != 0 {
            return Err(PyRuntimeError::new_err(last_error(&mut stream)));
        }
        Ok(Self { stream, column: type_of(&schema, producer_type, name)? })
    }

    pub fn column(&self) -> &ColumnType {
        &self.column
    }

    /// The next array, or the producer's error message.
    pub fn next(&mut self) -> Result<Option<ArrayData>, String> {
        let mut array = FFI_ArrowArray::empty();
        let get_next = self.stream.get_next().ok_or("it has no get_next")?;
        // SAFETY: as above.
        if unsafe { get_next(&raw mut self.stream, &raw mut array) } != 0 {
            return Err(last_error(&mut self.stream));
        }
        if array.is_released() { Ok(None) } else { import(array, &self.column.storage).map(Some) }
    }
}

fn already_read(name: &str) -> PyErr {
    PyValueError::new_err(format!("the Arrow data of {name} was read before; a capsule can be read only once"))
}

/// The producer's message about its last failure.
fn last_error(stream: &mut FFI_ArrowArrayStream) -> String {
    // SAFETY: the callback is called with its own stream. The producer owns the string, which is copied at once.
    let text = stream.get_last_error().map(|get| unsafe { get(&raw mut *stream) }).filter(|text| !text.is_null());
    // SAFETY: as above.
    text.map_or("no reason given".into(), |text| unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned())
}

fn type_of(schema: &FFI_ArrowSchema, producer_type: ProducerType<'_>, name: &str) -> PyResult<ColumnType> {
    if schema.release().is_none() {
        return Err(already_read(name));
    }
    // The library panics if the format is not text or a child is missing.
    match catch_panics(|| {
        let storage = storage(schema).map_err(|_| unknown_format(schema))?;
        Ok::<_, String>((storage, own_extension(schema), extension(schema)))
    }) {
        // A column of structs, not a table.
        Ok(Ok((storage @ DataType::Struct(_), Some(extension), _))) => {
            Err(not_text(&storage, Some(&extension), name))
        }
        Ok(Ok((storage, _, extension))) => Ok(ColumnType { storage, extension }),
        Ok(Err(format)) => {
            let type_ = producer_type().unwrap_or_else(|| format!("'{format}'"));
            Err(PyTypeError::new_err(format!("{name} has the unknown Arrow type {type_}; pass a column of text")))
        }
        Err(CountError::Panicked { message }) => {
            Err(PyTypeError::new_err(format!("{name} has a malformed Arrow schema: {message}")))
        }
        Err(error) => Err(error.into()),
    }
}

/// How values are stored. The metadata of a table's columns is left out, since it may be invalid UTF-8.
fn storage(schema: &FFI_ArrowSchema) -> Result<DataType, ArrowError> {
    if !is_struct(schema) {
        return DataType::try_from(schema);
    }
    let fields = schema
        .children()
        .map(|child| Ok(Field::new(child.name().unwrap_or(""), DataType::try_from(child)?, child.nullable())));
    Ok(DataType::Struct(fields.collect::<Result<_, ArrowError>>()?))
}

/// The format of the column whose type the library does not know.
fn unknown_format(schema: &FFI_ArrowSchema) -> String {
    let is_unknown = |child: &&FFI_ArrowSchema| is_struct(schema) && DataType::try_from(*child).is_err();
    schema.children().find(is_unknown).unwrap_or(schema).format().to_string()
}

fn is_struct(schema: &FFI_ArrowSchema) -> bool {
    schema.format() == "+s"
}

/// The extension type of a column, of a table's only column, or of a dictionary's values.
fn extension(schema: &FFI_ArrowSchema) -> Option<String> {
    own_extension(schema).or_else(|| match schema.dictionary() {
        Some(values) => extension(values),
        None if is_struct(schema) && schema.children().count() == 1 => extension(schema.child(0)),
        None => None,
    })
}

/// The extension type in the metadata of a schema, with its parameters.
fn own_extension(schema: &FFI_ArrowSchema) -> Option<String> {
    let name = String::from_utf8_lossy(metadata(schema, b"ARROW:extension:name")?);
    let parameters = metadata(schema, b"ARROW:extension:metadata").and_then(|bytes| str::from_utf8(bytes).ok());
    match parameters.filter(|text| !text.is_empty() && !text.contains(char::is_control)) {
        Some(text) => Some(format!("{name} {text}")),
        None => Some(name.into_owned()),
    }
}

/// The first pointers of `ArrowSchema`.
#[repr(C)]
struct RawSchema {
    format: *const c_char,
    name: *const c_char,
    metadata: *const u8,
}

/// A value in the metadata of a schema. [`FFI_ArrowSchema::metadata`] fails if any of it is invalid UTF-8.
fn metadata<'s>(schema: &'s FFI_ArrowSchema, wanted: &[u8]) -> Option<&'s [u8]> {
    // SAFETY: the struct begins with these three pointers.
    let mut at = unsafe { (*std::ptr::from_ref(schema).cast::<RawSchema>()).metadata };
    if at.is_null() {
        return None;
    }
    // SAFETY: by the interface, metadata is the number of pairs, then the keys and values, each after its length.
    unsafe {
        for _ in 0..read_i32(&mut at) {
            let (key, value) = (read_bytes(&mut at)?, read_bytes(&mut at)?);
            if key == wanted {
                return Some(value);
            }
        }
    }
    None
}

/// # Safety
///
/// `at` must point to an `i32`, aligned or not.
unsafe fn read_i32(at: &mut *const u8) -> i32 {
    // SAFETY: the caller's promise.
    unsafe {
        let number = at.cast::<i32>().read_unaligned();
        *at = at.add(size_of::<i32>());
        number
    }
}

/// # Safety
///
/// `at` must point to a length as an `i32`, followed by as many bytes.
unsafe fn read_bytes<'s>(at: &mut *const u8) -> Option<&'s [u8]> {
    // SAFETY: the caller's promise.
    unsafe {
        let len = usize::try_from(read_i32(at)).ok()?;
        let bytes = std::slice::from_raw_parts(*at, len);
        *at = at.add(len);
        Some(bytes)
    }
}

/// For a column that is not text. `declared` is the type that its producer declares, if it says more than the
/// storage.
pub fn not_text(storage: &DataType, declared: Option<&str>, name: &str) -> PyErr {
    let type_ = declared.map_or_else(|| storage.to_string(), |declared| format!("{declared}, stored as {storage}"));
    let expected = match storage {
        DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(..) => {
            "text; join the tokens of each document by spaces, and pass match=\"token\""
        }
        DataType::Struct(_) => "text; pass one of its fields",
        // A polars column of Python objects.
        _ if declared == Some("Object") => "text; pass a list of its values, such as series.to_list()",
        _ => "text: a string type, or a binary type without another meaning; cast it to text first",
    };
    PyTypeError::new_err(format!("{name} is an Arrow column of type {type_}; expected {expected}"))
}

/// Moves the array out of an `arrow_array` capsule. Its type is in an `arrow_schema` capsule.
pub fn arrow_array(
    schema: &Bound<'_, PyCapsule>,
    array: &Bound<'_, PyCapsule>,
    producer_type: ProducerType<'_>,
    name: &str,
) -> PyResult<(ArrayData, ColumnType)> {
    let schema = schema.pointer_checked(Some(c"arrow_schema"))?;
    let array = array.pointer_checked(Some(c"arrow_array"))?;
    // SAFETY: a capsule with this name points to such a struct and keeps it, by the protocol.
    let column = type_of(unsafe { schema.cast::<FFI_ArrowSchema>().as_ref() }, producer_type, name)?;
    // SAFETY: as above; `from_raw` marks the struct as released.
    let array = unsafe { FFI_ArrowArray::from_raw(array.as_ptr().cast()) };
    if array.is_released() {
        return Err(already_read(name));
    }
    let array = import(array, &column.storage).map_err(|error| PyValueError::new_err(format!("{name}: {error}")))?;
    Ok((array, column))
}

fn import(array: FFI_ArrowArray, data_type: &DataType) -> Result<ArrayData, String> {
    let malformed = |problem| format!("a malformed Arrow array of type {data_type}: {problem}");
    // If a malformed array passes the checks, the library panics at worst.
    match catch_panics(|| import_checked(array, data_type)) {
        Ok(imported) => imported.map_err(malformed),
        Err(CountError::Panicked { message }) => Err(malformed(message)),
        Err(error) => Err(error.to_string()),
    }
}

fn import_checked(array: FFI_ArrowArray, data_type: &DataType) -> Result<ArrayData, String> {
    // SAFETY: the array was not released, so the producer guarantees that it follows the interface.
    unsafe { RawArray::of(&array).check(data_type)? };
    // Some producers give a null array a buffer, which `from_ffi` rejects. There is nothing to import from it.
    let is_null = |data_type: &DataType| *data_type == DataType::Null;
    if is_null(data_type)
        || matches!(data_type, DataType::Struct(fields) if fields.len() == 1 && is_null(fields[0].data_type()))
    {
        return Ok(ArrayData::new_null(&DataType::Null, array.len()));
    }
    // SAFETY: the producer guarantees that an array matches its schema, and `check` has checked what can be checked.
    // Later we rely only on the lengths of buffers: offsets, indices and UTF-8 are checked where they are used.
    unsafe { arrow_array::ffi::from_ffi_and_data_type(array, data_type.clone()) }.map_err(|error| error.to_string())
}

/// `ArrowArray` of the interface, before it was checked.
#[repr(C)]
struct RawArray {
    length: i64,
    null_count: i64,
    offset: i64,
    n_buffers: i64,
    n_children: i64,
    buffers: *const *const c_void,
    children: *const *const RawArray,
    dictionary: *const RawArray,
    release: *const c_void,
    private_data: *const c_void,
}

/// No column has more rows, since its offsets would not fit into the address space.
const MOST_ROWS: i64 = i64::MAX >> 8;

impl RawArray {
    fn of(array: &FFI_ArrowArray) -> &Self {
        const { assert!(size_of::<RawArray>() == size_of::<FFI_ArrowArray>()) };
        // SAFETY: both types are this struct of the interface.
        unsafe { &*std::ptr::from_ref(array).cast() }
    }

    /// Returns an error if the array cannot be one of this type.
    ///
    /// # Safety
    ///
    /// Pointers must be null or valid by the interface, for the numbers of items that the array has.
    unsafe fn check(&self, data_type: &DataType) -> Result<(), String> {
        let &Self { length, offset, n_buffers, n_children, .. } = self;
        if length < 0 || offset < 0 || length > MOST_ROWS - offset.min(MOST_ROWS) {
            return Err(format!("length {length} at offset {offset}"));
        }
        let rows = (length + offset) as usize;
        if n_children < 0 || (n_children > 0 && self.children.is_null()) {
            return Err(format!("{n_children} children, of which there are none"));
        }
        if *data_type == DataType::Null {
            return Ok(());
        }
        let layout = layout(data_type);
        let null_masks = usize::from(layout.can_contain_null_mask);
        // A view layout has any number of text buffers, then a buffer with their lengths.
        let expected = null_masks + layout.buffers.len() + usize::from(layout.variadic);
        let buffers = usize::try_from(n_buffers).unwrap_or(0);
        if buffers < expected || (buffers > expected && !layout.variadic) {
            return Err(format!("{n_buffers} buffers; expected {expected}"));
        }
        if buffers > 0 && self.buffers.is_null() {
            return Err(format!("{n_buffers} buffers, of which there are none"));
        }
        // SAFETY: all calls are with `i` below `buffers`, the number of buffers.
        let buffer = |i: usize| unsafe { *self.buffers.add(i) };
        if rows > 0 && !layout.buffers.is_empty() && buffer(null_masks).is_null() {
            return Err(format!("buffer {null_masks} is null"));
        }
        match data_type {
            // SAFETY: a column has one more offset than rows.
            DataType::Utf8 | DataType::Binary if rows > 0 => unsafe {
                check_end(buffer(1).cast::<i32>().add(rows).read_unaligned().into(), buffer(2))?;
            },
            // SAFETY: as above.
            DataType::LargeUtf8 | DataType::LargeBinary if rows > 0 => unsafe {
                check_end(buffer(1).cast::<i64>().add(rows).read_unaligned(), buffer(2))?;
            },
            DataType::Utf8View | DataType::BinaryView => {
                let lengths = buffer(buffers - 1).cast::<i64>();
                if buffers > expected && lengths.is_null() {
                    return Err("the lengths of its buffers are null".into());
                }
                for i in 0..buffers - expected {
                    // SAFETY: each text buffer has a length.
                    check_end(unsafe { lengths.add(i).read_unaligned() }, buffer(2 + i))?;
                }
            }
            DataType::FixedSizeBinary(width) if *width < 0 || rows.checked_mul(*width as usize).is_none() => {
                return Err(format!("{rows} rows of {width} bytes"));
            }
            DataType::Dictionary(_, values) => {
                // SAFETY: it is null or an array, as the caller guarantees.
                let dictionary = unsafe { self.dictionary.as_ref() }.ok_or("its dictionary is null")?;
                // SAFETY: as above.
                unsafe { dictionary.check(values) }.map_err(|problem| format!("its dictionary: {problem}"))?;
            }
            DataType::Struct(fields) => {
                if n_children as usize != fields.len() {
                    return Err(format!("{n_children} columns; expected {}", fields.len()));
                }
                for (i, field) in fields.iter().enumerate() {
                    // SAFETY: `i` is below the number of children, and each is null or an array.
                    let child = unsafe { (*self.children.add(i)).as_ref() }.ok_or("a column is null")?;
                    if child.length < length + offset {
                        return Err(format!("a column of {} rows; expected {}", child.length, length + offset));
                    }
                    // SAFETY: as above.
                    unsafe { child.check(field.data_type()) }?;
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// Checks the end of the text in a buffer.
fn check_end(end: i64, buffer: *const c_void) -> Result<(), String> {
    match end {
        0 => Ok(()),
        ..0 => Err(format!("its text ends at {end}")),
        _ if buffer.is_null() => Err("a buffer of text is null".into()),
        _ => Ok(()),
    }
}
