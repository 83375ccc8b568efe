r"""chDB, the engine of ClickHouse, in its own process: an in-memory table, all cores.

Substrings are counted by `countSubstrings` for each term. Words are tokens, joined with the terms and grouped. Its
regular expressions are RE2's, so word characters are listed by Unicode category.
"""

import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.feather as feather
from chdb.session import Session
from texts import Text

from .question import Bind, Engine, Question, Run

WORD = r"[\\p{L}\\p{M}\\p{Nd}\\p{Nl}\\p{Pc}]+"


def substrings(question: Question) -> Bind:
    function = "countSubstringsCaseInsensitiveUTF8" if question.ignore_case else "countSubstrings"
    counts = [f"{function}(text, {_quoted(term)}) AS `{j}`" for j, term in enumerate(question.terms)]

    def bind(text: Text) -> Run:
        session = _session(text)
        return lambda: session.query(f"SELECT document, {', '.join(counts)} FROM documents", "ArrowTable")

    return bind


def tokens(question: Question) -> Bind:
    terms = [term.lower() if question.ignore_case else term for term in question.terms]
    text_of = "lowerUTF8(text)" if question.ignore_case else "text"
    query = f"""
        SELECT document, column, count() AS count
        FROM (SELECT document, arrayJoin(extractAll({text_of}, '{WORD}')) AS term FROM documents) AS found
        INNER JOIN terms USING (term)
        GROUP BY document, column
    """

    def bind(text: Text) -> Run:
        session = _session(text)
        _load(session, "terms", pa.table({"term": terms, "column": pa.array(range(len(terms)), pa.int32())}))
        return lambda: session.query(query, "ArrowTable")

    return bind


def _session(text: Text) -> Session:
    session = Session()
    session.query("CREATE DATABASE IF NOT EXISTS texts ENGINE = Atomic")
    session.query("USE texts")
    _load(session, "documents", pa.table({"document": pa.array(range(len(text.documents))), "text": text.column}))
    return session


def _load(session: Session, name: str, table: pa.Table) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "table.arrow"
        feather.write_feather(table, file, compression="uncompressed")
        session.query(f"DROP TABLE IF EXISTS {name}")
        session.query(f"CREATE TABLE {name} ENGINE = Memory AS SELECT * FROM file('{file}', 'Arrow')")


def _quoted(term: str) -> str:
    return "'" + term.replace("\\", "\\\\").replace("'", "\\'") + "'"


ENGINES = [
    Engine("chDB countSubstrings per term", "chDB", substrings, apart=True),
    Engine("chDB tokens, join, group", "chDB", tokens, "only terms that are one word", apart=True),
]
