"""Count many terms in many documents at once.

>>> import countgrid as cg
>>> cg.count(["the cat sat", "the the", None], ["the", "at"])
array([[1, 0],
       [2, 0],
       [0, 0]], dtype=int32)
"""

from countgrid._api import TermCounter, count, search
from countgrid._core import Documents
from countgrid._core import __version__ as __version__
from countgrid._lexicon import read_lexicon
from countgrid._lexicon.lexicon import Lexicon
from countgrid._matches import Matches
from countgrid._totals import Totals

__all__ = ["Documents", "Lexicon", "Matches", "TermCounter", "Totals", "count", "read_lexicon", "search"]

# Where users find them, which is also what pickles and error messages should name.
for _public in (Lexicon, Matches, TermCounter, Totals, count, read_lexicon, search):
    _public.__module__ = __name__
