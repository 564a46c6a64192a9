"""Finding in a draft what was taken over from the reporter's own words, which could give him away.

A letter that repeats his phrases tells the one complained of who wrote (检举控告规则 art. 47); the officer is shown the
places and rewrites them.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

SHARED = 6
"""So many characters in a row, outside stock words, are no accident."""
UNITS = "元|块|万|斤|张|瓶|条|个|床|号|天|年|岁"
FIGURE = re.compile(rf"[0-9０-９〇零一二两三四五六七八九十百千万亿]{{2,}}(?:{UNITS})|\d{{3,}}")


class BorrowedWhy(StrEnum):
    """What gives it away: a run of the same words, or the very same figure."""

    WORDS = "words"
    FIGURE = "figure"


@dataclass(frozen=True, slots=True)
class BorrowedSpan:
    """A place in the draft, by code points, and why it is shown."""

    text: str
    start: int
    end: int
    why: BorrowedWhy


def find_borrowed_words(draft_text: str, working_text: str, stock: Iterable[str] = ()) -> tuple[BorrowedSpan, ...]:
    """The places of the draft that share six characters or more, or an exact figure, with the working text (pure).

    Punctuation and spaces are passed over, so that moving a comma hides nothing. Stock words (names of homes, laws,
    categories) break a run: sharing them gives nobody away. Spans are in order and never overlap.
    """
    kept, positions = _fold(draft_text)
    source, _ = _fold(working_text)
    for word in sorted(filter(None, (_fold(word)[0] for word in stock)), key=len, reverse=True):
        kept = kept.replace(word, "\0" * len(word))
    runs = [(positions[start], positions[end - 1] + 1) for start, end in _shared_runs(kept, source)]
    spans = [BorrowedSpan(draft_text[start:end], start, end, BorrowedWhy.WORDS) for start, end in runs]
    for figure in FIGURE.finditer(draft_text):
        inside = any(start <= figure.start() and figure.end() <= end for start, end in runs)
        if not inside and _fold(figure.group())[0] in source:
            spans.append(BorrowedSpan(figure.group(), figure.start(), figure.end(), BorrowedWhy.FIGURE))
    return tuple(sorted(spans, key=lambda span: span.start))


def _fold(text: str) -> tuple[str, list[int]]:
    """Letters and digits only, half-width and lower case, and where each stood."""
    kept, positions = [], []
    for position, character in enumerate(text):
        for folded in unicodedata.normalize("NFKC", character).lower():
            if folded.isalnum():
                kept.append(folded)
                positions.append(position)
    return "".join(kept), positions


def _shared_runs(draft: str, source: str) -> list[tuple[int, int]]:
    """Maximal runs of `draft` that stand in `source`, at least SHARED long; overlapping ones become one."""
    grams = {source[at : at + SHARED] for at in range(len(source) - SHARED + 1)}
    runs: list[tuple[int, int]] = []
    for at in range(len(draft) - SHARED + 1):
        if draft[at : at + SHARED] in grams:
            if runs and at <= runs[-1][1]:
                runs[-1] = (runs[-1][0], at + SHARED)
            else:
                runs.append((at, at + SHARED))
    return runs
