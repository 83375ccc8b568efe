"""Arrow arrays with any content, valid or not, built field by field as in the C data interface."""

import ctypes
from ctypes import POINTER, c_char_p, c_int64, c_void_p

import numpy as np


class Schema(ctypes.Structure):
    pass


class Array(ctypes.Structure):
    pass


_release_schema = ctypes.CFUNCTYPE(None, POINTER(Schema))
_release_array = ctypes.CFUNCTYPE(None, POINTER(Array))
Schema._fields_ = [
    ("format", c_char_p),
    ("name", c_char_p),
    ("metadata", c_char_p),
    ("flags", c_int64),
    ("n_children", c_int64),
    ("children", POINTER(POINTER(Schema))),
    ("dictionary", POINTER(Schema)),
    ("release", _release_schema),
    ("private_data", c_void_p),
]
Array._fields_ = [
    ("length", c_int64),
    ("null_count", c_int64),
    ("offset", c_int64),
    ("n_buffers", c_int64),
    ("n_children", c_int64),
    ("buffers", POINTER(c_void_p)),
    ("children", POINTER(POINTER(Array))),
    ("dictionary", POINTER(Array)),
    ("release", _release_array),
    ("private_data", c_void_p),
]

_new_capsule = ctypes.pythonapi.PyCapsule_New
_new_capsule.restype, _new_capsule.argtypes = ctypes.py_object, [c_void_p, c_char_p, c_void_p]


@_release_schema
def _schema_released(schema):
    schema.contents.release = _release_schema()


@_release_array
def _array_released(array):
    array.contents.release = _release_array()


class Column:
    """An object with the Arrow PyCapsule protocol that exports any given structs."""

    def __init__(self, schema, array, names=(b"arrow_schema", b"arrow_array")):
        self.schema, self.array, self.names = schema, array, names

    def __arrow_c_array__(self, requested_schema=None):
        pair = zip((self.schema, self.array), self.names, strict=True)
        return tuple(_new_capsule(ctypes.addressof(struct), name, None) for struct, name in pair)


def schema(kind, children=(), dictionary=None, **lies):
    made = Schema(format=kind, name=b"", n_children=len(children), release=_schema_released)
    if children:
        made.children = (POINTER(Schema) * len(children))(*map(ctypes.pointer, children))
    if dictionary is not None:
        made.dictionary = ctypes.pointer(dictionary)
    return _with(made, lies)


def array(length, *buffers, children=(), dictionary=None, **lies):
    """Buffers are NumPy arrays, bytes or None. The struct keeps their memory alive."""
    kept = [None if data is None else np.frombuffer(data, np.uint8) for data in buffers]
    addresses = [None if data is None or not data.size else data.ctypes.data for data in kept]
    made = Array(length=length, null_count=-1, n_buffers=len(buffers), release=_array_released)
    made.buffers = (c_void_p * max(len(buffers), 1))(*addresses)
    made.n_children = len(children)
    if children:
        made.children = (POINTER(Array) * len(children))(*map(ctypes.pointer, children))
    if dictionary is not None:
        made.dictionary = ctypes.pointer(dictionary)
    made.kept = kept
    return _with(made, lies)


def _with(struct, lies):
    for field, value in lies.items():
        setattr(struct, field, value)
    return struct
