"""What `count_dataset` returns."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, repr=False)
class DatasetCounts:
    """What a run of `count_dataset` did.

    Attributes
    ----------
    units : int
        Units that were counted: files, or parts of large Parquet files.
    skipped : int
        Units that an earlier run had counted.
    others : int
        Results in the directory of inputs that this call did not name. They stay.
    documents : int
        Documents that were counted, missing ones included.
    bytes : int
        Bytes of the files that were counted, as they are stored.
    """

    units: int
    skipped: int
    others: int
    documents: int
    bytes: int

    def __repr__(self) -> str:
        others = f", {self.others:,} of other inputs" if self.others else ""
        read = f"{self.documents:,} documents, {self.bytes / 1e6:,.1f} MB"
        return f"DatasetCounts: {self.units:,} counted ({read}), {self.skipped:,} skipped{others}"
