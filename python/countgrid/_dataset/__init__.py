"""Counts many files into a directory of Parquet files, unit by unit, so that a later run can continue.

- `units` divides the files. `store` writes results and records to the directory, which can be in an object store.
- `counting` counts batches into tables, `groups` into totals by group, `parquet_sink` writes tables.
- `plan` compares a run with the directory: what is done, what is left over, whether terms and options are the same.
- `run` counts the units of one machine. `result` is what `count_dataset` returns.
"""
