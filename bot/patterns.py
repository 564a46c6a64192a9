"""Lists of regular expressions from a data file, put together from named kinds of words, compiled once.

A pattern that is wrong stops the start with the file and the entry it stands in.
"""

import re
from collections.abc import Iterable, Mapping

from bot.script import BadScript

Patterns = tuple[re.Pattern[str], ...]

_MACRO = re.compile("<([a-z]+)>")


def compile_patterns(file: str, entry: str, patterns: Iterable[str], macros: Mapping[str, str]) -> Patterns:
    """Compile the patterns of one entry; `<name>` stands for the macro of that name, which may hold others.

    Raises BadScript.
    """
    try:
        return tuple(re.compile(fill_in(pattern, macros)) for pattern in patterns)
    except (re.error, KeyError) as problem:
        raise BadScript(file, entry, str(problem)) from problem


def fill_in(pattern: str, macros: Mapping[str, str]) -> str:
    """The pattern with its macros in place. Raises KeyError for one that isn't there."""
    return _MACRO.sub(lambda hit: fill_in(macros[hit.group(1)], macros), pattern)


def find_any(patterns: Patterns, text: str) -> bool:
    """Whether one of them stands in the text."""
    return any(pattern.search(text) for pattern in patterns)
