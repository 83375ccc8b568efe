"""Writes a sparse matrix, part by part, for `scipy.sparse.load_npz`.

The file is a ZIP of arrays. Their lengths are known only at the end, so they are collected in temporary files. An
additional array ``columns`` contains the columns' names.
"""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any, BinaryIO

import numpy as np

_BLOCK = 1 << 20


class SparseFile:
    def __init__(self, file: BinaryIO, columns: Sequence[str], dtype: np.dtype[Any], folder: str | None) -> None:
        self._file, self._columns, self._dtype = file, columns, dtype
        with ExitStack() as closing:
            self._indices, self._data, self._row_ends = (
                closing.enter_context(tempfile.TemporaryFile(dir=folder)) for _ in range(3)
            )
            self._closing = closing.pop_all()
        self._rows = self._counts = 0

    def write(self, counts: Any) -> None:
        """Write rows, given as a `csr_array`."""
        self._indices.write(counts.indices.astype(np.int32, copy=False))
        self._data.write(counts.data)
        self._row_ends.write(counts.indptr[1:].astype(np.int64) + self._counts)
        self._rows += counts.shape[0]
        self._counts += counts.nnz

    def close(self) -> None:
        # Column indices fit in int32. scipy widens them if row ends need int64.
        wide = self._counts > np.iinfo(np.int32).max
        with self._closing, zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            self._copy(archive, "indices", self._indices, self._counts, np.dtype(np.int32))
            self._row_ends_into(archive, np.dtype(np.int64 if wide else np.int32))
            self._copy(archive, "data", self._data, self._counts, self._dtype)
            for name, array in (
                ("format", np.array(b"csr")),
                ("shape", np.array([self._rows, len(self._columns)])),
                ("_is_array", np.array(True)),
                ("columns", np.array(self._columns, dtype=np.str_)),
            ):
                with archive.open(f"{name}.npy", "w") as member:
                    np.lib.format.write_array(member, array, allow_pickle=False)

    def abandon(self) -> None:
        self._closing.close()

    def _copy(self, archive: zipfile.ZipFile, name: str, spool: Any, length: int, dtype: np.dtype[Any]) -> None:
        spool.seek(0)
        with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
            _write_header(member, length, dtype)
            shutil.copyfileobj(spool, member, _BLOCK)

    def _row_ends_into(self, archive: zipfile.ZipFile, dtype: np.dtype[Any]) -> None:
        self._row_ends.seek(0)
        with archive.open("indptr.npy", "w", force_zip64=True) as member:
            _write_header(member, self._rows + 1, dtype)
            member.write(np.zeros(1, dtype).tobytes())
            while some := self._row_ends.read(_BLOCK):
                member.write(np.frombuffer(some, np.int64).astype(dtype).tobytes())


def _write_header(member: Any, length: int, dtype: np.dtype[Any]) -> None:
    described = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": (length,)}
    np.lib.format.write_array_header_1_0(member, described)
