"""Turning findings into evidence: the words as the writer wrote them, where they stand, and why they count.

A piece of evidence never begins or ends inside a longer word, or it would show an officer a word nobody wrote.
"""

from collections.abc import Sequence

from triage.features import CLOSING, ENTRY, MEETING, OPENING, PAIR, WORD
from triage.matching import Hit, cuts_any
from triage.patterns import Pattern
from triage.reading import Reading
from triage.types import Evidence

LEARNED = "同类来件中常见的说法"
_MOST_PATTERNS, _MOST_FROM_LEXICON, _MOST_LEARNED, _LEARNED_TRIED = 3, 4, 3, 24


def evidence_of(reading: Reading, hit: Hit, *, excluded: str = "") -> Evidence:
    """A lexicon hit as evidence in the original text."""
    start, end = reading.source.locate(hit.start, hit.end)
    why = excluded or hit.entry.why or "词库中的说法"
    return Evidence(reading.source.original[start:end], start, end, why, excluded=bool(excluded))


def evidence_at(reading: Reading, start: int, end: int, *, why: str) -> Evidence:
    """A place of the normalised text as evidence in the original, widened to whole words."""
    start, end = widen(reading, start, end)
    left, right = reading.source.locate(start, end)
    return Evidence(reading.source.original[left:right], left, right, why)


def widen(reading: Reading, start: int, end: int) -> tuple[int, int]:
    """The place, widened to the words it touches."""
    while start not in reading.boundaries:
        start -= 1
    while end not in reading.boundaries:
        end += 1
    return start, end


def evidence_for(reading: Reading, question: str) -> tuple[Evidence, ...]:
    """What speaks for a category: its patterns, its entries, then the words that weighed most in the learned part."""
    of_topic = reading.of_topic(question)
    entries = [hit for hit in of_topic if not isinstance(hit.entry, Pattern)]
    hits = _patterns_apart(of_topic) + entries[:_MOST_FROM_LEXICON]
    shown = [evidence_of(reading, hit) for hit in hits]
    taken = [(hit.start, hit.end) for hit in hits]
    for name in reading.verdict.top_features(question, _LEARNED_TRIED):
        place = _place(reading, name)
        if place is None or any(place[0] < end and start < place[1] for start, end in taken):
            continue
        shown.append(evidence_at(reading, *place, why=LEARNED))
        taken.append(place)
        if len(shown) == len(hits) + _MOST_LEARNED:
            break
    return tuple(shown)


def _patterns_apart(hits: Sequence[Hit]) -> list[Hit]:
    """The first patterns that overlap none before them, those first to which an office gave a weight."""
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda hit: not hit.entry.weight):
        if len(kept) == _MOST_PATTERNS:
            break
        if isinstance(hit.entry, Pattern) and all(hit.end <= each.start or each.end <= hit.start for each in kept):
            kept.append(hit)
    return kept


def _place(reading: Reading, name: str) -> tuple[int, int] | None:
    """A feature's first place in the text, widened to whole words; None where it has no place worth showing."""
    if name.startswith((OPENING, CLOSING, ENTRY, MEETING)):
        return None
    plain = name.removeprefix(WORD).removeprefix(PAIR).replace(" ", "")
    text = reading.source.text
    start = text.find(plain) if len(plain) > 1 and "0" not in plain else -1
    if start < 0:
        return None
    start, end = widen(reading, start, start + len(plain))
    if cuts_any(start, end, reading.traps) or not any(map(str.isalnum, text[start:end])):
        return None
    return start, end
