"""Many strings as one buffer, which the core reads without a Python object for each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def packed_texts(texts: Sequence[str]) -> tuple[bytes, np.ndarray]:
    """The UTF-8 of texts, one after the other, and where each ends. Lone surrogates are kept."""
    joined = "".join(texts)
    if joined.isascii():
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        return joined.encode(), lengths.cumsum()
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    lengths = np.fromiter(map(len, encoded), np.int64, len(encoded))
    return b"".join(encoded), lengths.cumsum()
