r"""scikit-learn's CountVectorizer with a fixed vocabulary, on one core.

Its tokens are `\w+`, since the default leaves out words of one letter. This is the `\w` of Python's `re`: no
combining marks, but more kinds of digits. If there are phrases, it counts n-grams, which reach across punctuation.
"""

from sklearn.feature_extraction.text import CountVectorizer
from texts import Text

from .question import Bind, Engine, Question, Run


def build(question: Question) -> Bind:
    terms = [term.lower() for term in question.terms] if question.ignore_case else list(question.terms)
    vectorizer = CountVectorizer(
        vocabulary={term: column for column, term in enumerate(terms)},
        lowercase=question.ignore_case,
        token_pattern=r"(?u)\b\w+\b",
        ngram_range=(1, max(len(term.split()) for term in terms) if question.phrases else 1),
    )

    def bind(text: Text) -> Run:
        return lambda: vectorizer.transform(text.documents)

    return bind


ENGINES = [Engine("CountVectorizer", "scikit-learn", build, r"words of `re`'s \w, n-grams across punctuation")]
