"""Choices of regular expressions for a text, and those that packages contain.

Expressions that are made from words of the text match in only one way from each start and to each end. So Hyperscan,
which reports every end of a match, counts them like the other libraries.
"""

import importlib
import importlib.util
import pkgutil
import re
from collections.abc import Iterable
from pathlib import Path

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


def secrets(text: Text) -> list[str]:
    """The expressions of the package detect-secrets, Apache licence: 33 of 56."""
    if importlib.util.find_spec("detect_secrets") is None:
        raise sources.UnavailableError("the expressions of detect-secrets, which is not installed")
    from detect_secrets import plugins
    from detect_secrets.plugins.base import RegexBasedDetector

    found: list[re.Pattern[str]] = []
    for module in pkgutil.iter_modules(plugins.__path__):
        for thing in vars(importlib.import_module(f"{plugins.__name__}.{module.name}")).values():
            if isinstance(thing, type) and issubclass(thing, RegexBasedDetector) and not thing.__abstractmethods__:
                found += thing().denylist
            elif isinstance(thing, dict):  # those of secrets after keywords
                found += [key for key in thing if isinstance(key, re.Pattern)]
    return _usable(f"(?i){one.pattern}" if one.flags & re.IGNORECASE else one.pattern for one in found)


def grok(text: Text) -> list[str]:
    """The patterns of the package pygrok, MIT licence: 172 of 302. Many have atomic groups."""
    if (package := importlib.util.find_spec("pygrok")) is None or not package.submodule_search_locations:
        raise sources.UnavailableError("the patterns of pygrok, which is not installed")
    named: dict[str, str] = {}
    for file in sorted((Path(package.submodule_search_locations[0]) / "patterns").iterdir()):
        lines = (line.split(maxsplit=1) for line in file.read_text().splitlines() if not line.startswith("#"))
        named |= {line[0]: line[1].strip() for line in lines if line}

    def written_out(pattern: str) -> str:
        """A pattern with those that it refers to in place of their names."""
        return re.sub(r"%\{(\w+)(?::[^}]*)?\}", lambda found: f"(?:{written_out(named[found[1]])})", pattern)

    return _usable(written_out(pattern).replace("(?<", "(?P<") for pattern in named.values())


def _usable(expressions: Iterable[str]) -> list[str]:
    """Those without look-around and back references, which Rust's and RE2's syntax do not have."""

    def is_usable(expression: str) -> bool:
        try:
            cg.TermCounter([expression], syntax="regex", match="substring")
            re.compile(expression)  # the judge
        except (ValueError, re.error):
            return False
        return True

    return [expression for expression in dict.fromkeys(expressions) if is_usable(expression)]
