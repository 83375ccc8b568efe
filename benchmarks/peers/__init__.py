"""countgrid and its peers, one file a library, behind the signature of `question.py`.

A library that this Python does not have is left out: `ENGINES` holds what there is, `MISSING` why the rest is not.
A peer is added by a file with a list `ENGINES`, a line here, its requirement in pyproject.toml, and its name in the
rows of `workloads.py` that it can do.
"""

import importlib

from .question import Engine

# By the name of the distribution, the file.
LIBRARIES = {
    "countgrid": "countgrid",
    "polars": "polars",
    "chdb": "chdb",
    "duckdb": "duckdb",
    "daachorse": "daachorse",
    "ahocorasick-rs": "ahocorasick_rs",
    "hyperscan": "hyperscan",
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
