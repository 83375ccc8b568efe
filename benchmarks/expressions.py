"""Choices of regular expressions for a text, and those that packages contain.

Expressions that are made from words of the text match in only one way from each start and to each end. So Hyperscan,
which reports every end of a match, counts them like the other libraries.
"""

import importlib.util
import re
from collections.abc import Iterable

import countgrid as cg
import sources
from terms import Terms, common
from texts import Text

#: `{a}` and `{b}` become words, `{c}` a letter.
SHAPES = [
    r"{a} (?:of|in|to|for|{b}) {c}",
    r"[A-Za-z]+ {a}[.,;:]",
    r"{a}\([a-z]",
    r"(?:the|an?) {a} {c}",
    r"{a}[ -]{b}",
    r"\d+ {a}\.",
    r"{a} (?:is|are|was|were) [a-z]{{3}} ",
    r"['`\x22]{a}['`\x22]",
    r"{a}(?:_[a-z]{{2}}|={c})",
    r"{a}:? \d",
]
#: These contain no literal that few documents contain. Each match begins with a character that it has only there, so
#: matches of an expression do not overlap.
LARGE = ["[A-Z]", "[a-z]", "[0-9a-f]", "[A-Za-z]", r"[^ ('=\n-]"]
SETS = [*LARGE, r"\d", "[aeiou]", "[.,;:]"]
JOINED = [r" {x}{{3}}{y}", r"-{x}{y}{{2}}", r"\({x}{{2}}{y}", r"={x}{y}", r"'{x}{y}{x}"]


def with_words(count: int) -> Terms:
    """Expressions around words of medium rank by frequency."""

    def terms(text: Text) -> list[str]:
        words = [word for word in common(1_000, 40_000)(text) if re.fullmatch("[A-Za-z]{4,}", word)]
        step = max(1, len(words) // count)
        words = words[::step]

        def expression(i: int) -> str:
            a, b = words[i % len(words)], words[(i + 7) % len(words)]
            return SHAPES[(i + i // len(words)) % len(SHAPES)].format(a=a, b=b, c=words[(i + 3) % len(words)][0])

        return list(dict.fromkeys(map(expression, range(count))))

    return terms


def without_words(text: Text) -> list[str]:
    """80 expressions of only classes and punctuation."""
    pairs = [(x, y) for x in LARGE for y in SETS if x != y]
    return [JOINED[(i + i // len(pairs)) % len(JOINED)].format(x=x, y=y) for i, (x, y) in enumerate(pairs * 3)][:80]


def crawlers(text: Text) -> list[str]:
    """The expressions of the package crawler-user-agents, MIT licence."""
    if importlib.util.find_spec("crawleruseragents") is None:
        raise sources.UnavailableError("the expressions of crawler-user-agents, which is not installed")
    import crawleruseragents

    return _usable(entry["pattern"] for entry in crawleruseragents.CRAWLER_USER_AGENTS_DATA)


def browsers(text: Text) -> list[str]:
    """The expressions of the package ua-parser, Apache licence."""
    if importlib.util.find_spec("ua_parser") is None:
        raise sources.UnavailableError("the expressions of ua-parser, which is not installed")
    import ua_parser

    rules = [rule for kind in ua_parser.load_builtins() for rule in kind]
    return _usable(f"(?i){rule.regex}" if rule.flags & re.IGNORECASE else rule.regex for rule in rules)


def _usable(expressions: Iterable[str]) -> list[str]:
    """Those without look-around and back references, which Rust's and RE2's syntax do not have."""

    def is_usable(expression: str) -> bool:
        try:
            cg.TermCounter([expression], syntax="regex", match="substring")
        except ValueError:
            return False
        return True

    return [expression for expression in dict.fromkeys(expressions) if is_usable(expression)]
