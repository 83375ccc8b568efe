"""flashtext2: the longest keyword at each of the words of UAX #29, as a list for each document."""

from collections import Counter

from flashtext2 import KeywordProcessor
from scipy import sparse
from texts import Text

from .question import Bind, Engine, Question, Run


def build(question: Question) -> Bind:
    processor = KeywordProcessor(case_sensitive=not question.ignore_case)
    for term in question.terms:
        processor.add_keyword(term, term)
    columns = {term: column for column, term in enumerate(question.terms)}

    def bind(text: Text) -> Run:
        shape = (len(text.documents), len(question.terms))

        def run() -> sparse.csr_array:
            starts, indices, counts = [0], list[int](), list[int]()
            for document in text.documents:
                found = Counter(processor.extract_keywords(document))
                indices += [columns[term] for term in found]
                counts += found.values()
                starts.append(len(indices))
            return sparse.csr_array((counts, indices, starts), shape=shape)

        return run

    return bind


ENGINES = [Engine("flashtext2", "flashtext2", build, "words of UAX #29, the longest term at a place")]
