r"""DuckDB on an in-memory table, on all cores.

Words are tokens, joined with the terms and grouped. Its regular expressions are RE2's, so word characters are listed
by Unicode category. Substrings are counted by splitting a document, or by how much shorter it is without them.
"""

import duckdb
from texts import Text

from .question import Bind, Engine, Question, Run

WORD = r"[\p{L}\p{M}\p{Nd}\p{Nl}\p{Pc}]+"


def tokens(question: Question) -> Bind:
    terms = [term.lower() if question.ignore_case else term for term in question.terms]
    text = "lower(text)" if question.ignore_case else "text"
    query = f"""
        SELECT document, "column", count(*) AS count
        FROM (SELECT document, unnest(regexp_extract_all({text}, '{WORD}')) AS term FROM documents)
        JOIN terms USING (term)
        GROUP BY document, "column"
    """

    def bind(text: Text) -> Run:
        connection = _connection(text)
        connection.execute(
            "CREATE TABLE terms AS SELECT unnest(?) AS term, unnest(range(?)) AS column", [terms, len(terms)]
        )
        return lambda: connection.sql(query).to_arrow_table()

    return bind


def split(question: Question) -> Bind:
    return _substrings(question, "len(string_split(text, {term})) - 1")


def replace(question: Question) -> Bind:
    return _substrings(question, "(length(text) - length(replace(text, {term}, ''))) // {length}")


def expressions(question: Question) -> Bind:
    return _substrings(question, "len(regexp_extract_all(text, {term}))")


def _substrings(question: Question, expression: str) -> Bind:
    quoted = ["'" + term.replace("'", "''") + "'" for term in question.terms]
    counts = [
        f'{expression.format(term=term, length=len(question.terms[j]))} AS "{j}"' for j, term in enumerate(quoted)
    ]
    query = f"SELECT {', '.join(counts)} FROM documents"

    def bind(text: Text) -> Run:
        connection = _connection(text)
        return lambda: connection.sql(query).to_arrow_table()

    return bind


def _connection(text: Text) -> duckdb.DuckDBPyConnection:
    import pyarrow as pa

    connection = duckdb.connect()
    given = pa.table({"document": range(len(text.documents)), "text": text.column})
    connection.register("given", given)
    connection.execute("CREATE TABLE documents AS SELECT * FROM given")
    connection.execute("SET preserve_insertion_order = true")
    return connection


ENGINES = [
    Engine("DuckDB tokens, join, group", "DuckDB", tokens, "only terms that are one word"),
    Engine("DuckDB string_split per term", "DuckDB", split),
    Engine("DuckDB replace per term", "DuckDB", replace),
    Engine("DuckDB regexp_extract_all per term", "DuckDB", expressions),
]
