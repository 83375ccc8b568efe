"""countgrid and other libraries, one file each, with the interface of `question.py`.

`ENGINES` contains the engines of installed libraries. `MISSING` says why the others are left out. To add a library,
add a file with a list `ENGINES`, a line here, a requirement in pyproject.toml, and its engines to rows of
`workloads.py`.
"""

import importlib

from .question import Engine

# The file of each library, by name of the distribution.
LIBRARIES = {
    "countgrid": "countgrid",
    "polars": "polars",
    "chdb": "chdb",
    "duckdb": "duckdb",
    "daachorse": "daachorse",
    "ahocorasick-rs": "ahocorasick_rs",
    "hyperscan": "hyperscan",
    "google-re2": "expressions",
    "regex_sets": "regex_sets",
    "pyahocorasick": "pyahocorasick",
    "flashtext2": "flashtext2",
    "scikit-learn": "sklearn",
    "pyarrow": "pyarrow",
    "pandas": "pandas",
}
ENGINES: dict[str, Engine] = {}
MISSING: dict[str, str] = {}
for _library, _file in LIBRARIES.items():
    try:
        ENGINES |= {engine.name: engine for engine in importlib.import_module(f".{_file}", __name__).ENGINES}
    except ImportError as error:
        MISSING[_library] = str(error)
