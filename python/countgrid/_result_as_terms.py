"""What to pass if a caller passes the result of `frequencies` or `totals` as terms."""

from __future__ import annotations

from collections.abc import Iterable

from countgrid._totals import Totals


def advice_about_result(terms: object) -> str | None:
    """The error if these terms are a table of counts; None if they are not."""
    if isinstance(terms, Totals):
        return f"terms is Totals; pass its .{'terms' if terms._are_terms else 'columns'}"
    # A LazyFrame has no length. Its columns would run its plan.
    columns = getattr(terms, "columns", ()) if hasattr(terms, "__len__") else ()
    names = [name for name in columns if isinstance(name, str)] if isinstance(columns, Iterable) else []
    if names == ["term", "count", "documents"]:
        return "terms is a table of counts; pass its column 'term'"
    if names == ["count", "documents"] and getattr(getattr(terms, "index", None), "name", None) == "term":
        return "terms is a DataFrame of counts whose index contains the terms; pass its .index"
    return None
