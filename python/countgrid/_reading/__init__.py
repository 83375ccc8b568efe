"""Reads documents from files, in batches. Shared by the command and `count_dataset`.

- `inputs` finds the files, with `remote` by Arrow file systems. `streams` opens them, and `columns` chooses the
  columns; `partitions` finds columns in paths. `parquet_arrow`, `delimited` (with `csv_rows` and `csv_blocks`) and
  `json_rows` read them. `reading` makes batches of documents, and `ahead` does so in a thread while the previous
  batch is counted.
- `errors` names the file in every error. `arrays` makes Arrow arrays.

Nothing here imports click or decides what counts.
"""
