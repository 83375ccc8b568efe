"""Files in partitions, and where their results go."""

from pathlib import Path

import pytest
from lakes import TEXTS, WRITERS, table


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """Nine files of three formats in partitions."""
    for i in range(9):
        folder = tmp_path / "lake" / f"year={2024 + i // 3}" / f"month={i % 3}"
        folder.mkdir(parents=True)
        texts = TEXTS[i % 4 :] * (i + 1)
        name = ["a.parquet", "a.csv", "a.jsonl"][i % 3]
        WRITERS[name](table(texts), folder / name.replace("a", f"part{i}", 1))
    return tmp_path / "lake"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def small_units(monkeypatch):
    """Units of a few row groups, as if files were large."""
    from countgrid._dataset import units

    monkeypatch.setattr(units, "_MOST", 3000)
